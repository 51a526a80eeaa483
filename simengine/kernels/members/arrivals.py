"""Arrivals of the year: insured in-migrants, then everyone who moved, entered or returned joins the members."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel, over_bins
from simengine.kernels.members.members import fill_status
from simengine.kernels.members.rows import add_climbing, clear_row, scale_row, set_climb, sum_bins, sum_row


@over_bins
def take_arrivals(arrivals, gain, index, credit, deemed, scratch):
    """A row of arrivals into `scratch.movers`; service, index-years and account grow by so much a head."""
    movers = scratch.movers
    for k in range(at.ROW):
        heads = arrivals[at.HEADS, k]
        movers[at.HEADS, k + at.LEAD] = heads
        movers[at.SERVICE, k + at.LEAD] = arrivals[at.SERVICE, k] + gain * heads
        movers[at.INDEX, k + at.LEAD] = arrivals[at.INDEX, k] + index * heads
        movers[at.ACCOUNT, k + at.LEAD] = arrivals[at.ACCOUNT, k] + credit * heads
    if deemed > 0.0:
        for k in range(at.ROW):
            movers[at.DEEMED, k + at.LEAD] = arrivals[at.DEEMED, k]
            movers[at.DEEMED_INDEX, k + at.LEAD] = arrivals[at.DEEMED_INDEX, k]


@kernel
def join_row(t, career, status, i, gain, index, credit, factor, state, scratch, out):
    """Arrivals of one row: half a year in the new status earns service, index and credits; then they are members.

    Parameters
    ----------
    gain : years of service of the half year; index : contribution base over W(t-1)
    credit : credited to the account [yuan per head]; factor : what the interest of the year makes of it [1]
    """
    arrivals = scratch.arrivals[career, status, i]
    deemed = scratch.arrived_deemed[career, status, i]
    heads = sum_bins(arrivals, at.HEADS, scratch)
    if heads > 0.0:
        out.flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
        out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * credit * (factor - 1.0)
        if status != at.PAUSED:
            scratch.payer_base[status, 0] += 0.5 * heads
            scratch.payer_base[status, 1] += heads * gain * index
        take_arrivals(arrivals, gain, gain * index, credit * factor, deemed, scratch)
        set_climb(scratch, at.HALF, gain)
        add_climbing(scratch, at.HALF, deemed, state.members[career, status, i])
        scratch.held[career, status, i] = 1.0
        scratch.deemed[career, status, i] = max(scratch.deemed[career, status, i], deemed)
    clear_row(arrivals, deemed)
    scratch.arrived_deemed[career, status, i] = 0.0
    scratch.arrived[career, status, i] = 0.0
    scratch.waiting[career, status, i] = 0.0


@kernel
def merge_arrivals(t, paths, constants, tables, state, scratch, out):
    """Every row of arrivals joins the members; afterwards the sums by row are those of the year end."""
    shared = scratch.row
    for status in range(at.STATUSES):
        for career in range(at.CAREERS):
            fill_status(t, career, status, paths, constants, scratch)
            sex = at.MALE if career == 0 else at.FEMALE
            for i in range(at.WORKING_AGES):
                if scratch.waiting[career, status, i] <= 0.0:
                    sum_row(career, status, i, state, scratch)
                    continue
                index = tables.index[t, status, sex, i] if status != at.PAUSED else 0.0
                gain = 0.5 * shared[at.ROW_DENSITY]
                if at.FIRST_AGE + i > shared[at.ROW_OLD_AGE] and status != at.PUBLIC:
                    gain *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
                credit = gain * shared[at.ROW_YEARLY_WAGE] * index * shared[at.ROW_ACCOUNT_SHARE]
                factor = shared[at.ROW_CREDIT_FACTOR]
                join_row(t, career, status, i, gain, index, credit, factor, state, scratch, out)
                sum_row(career, status, i, state, scratch)


@kernel
def receive_migrants(t, constants, tables, state, scratch, out):
    """Insured in-migrants: a share of net in-migration arrives as enterprise payers with the mean moments of
    their sex and age, accounts as a transfer in; all others arrive without insurance (model.md section 6)."""
    share = constants[at.CONSTANT_ARRIVE_INSURED]
    for sex in range(2):
        first = 0 if sex == at.MALE else 1
        last = 1 if sex == at.MALE else at.CAREERS
        for i in range(at.WORKING_AGES):
            arriving = share * max(0.0, tables.migration[t, sex, at.FIRST_AGE + i])
            if arriving <= 0.0:
                continue
            heads = 0.0
            for career in range(first, last):
                heads += scratch.heads[career, at.ENTERPRISE, i]
            if heads <= 0.0:
                continue
            growth = min(at.MOST_GROWTH, arriving / heads)
            out.flows[at.FLOW_MEMBERS_IN, t] += growth * heads
            for career in range(first, last):
                row = state.members[career, at.ENTERPRISE, i]
                account = sum_bins(row, at.ACCOUNT, scratch) * growth
                out.flows[at.FLOW_ACCOUNT_TRANSFERRED_IN, t] += account
                scratch.ledger[at.FUND_ENTERPRISE, at.IN_TRANSFERS] += account
                scale_row(row, scratch.deemed[career, at.ENTERPRISE, i], 1.0 + growth)
                scratch.heads[career, at.ENTERPRISE, i] *= 1.0 + growth
