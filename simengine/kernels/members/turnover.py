"""One row of members (career, status, age) through a year: who dies, retires, chooses, moves or stays.

All bins of a row take the same steps, written as short loops over the bins; what a step needs of the whole row are
sums. A group that leaves a bin takes its mean moments, split at the minimum years where the law splits it.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel, over_bins
from simengine.kernels.members.counts import count_deferred, depart
from simengine.kernels.members.coverage import pause_weight
from simengine.kernels.members.exits import (
    add_exposure,
    award_row,
    choose_row,
    fund_of,
    retire_unable,
    send_group,
    take_movers,
)
from simengine.kernels.members.members import fill_row, fill_status
from simengine.kernels.members.rows import (
    clear_row,
    is_empty,
    set_climb,
    set_climbing,
    sum_bins,
    sum_movers,
    sum_part,
    vacate,
)
from simengine.kernels.rules.death import months_within
from simengine.kernels.rules.pension import eligible_share


@over_bins
def take_means(row, scratch):
    """Mean service and mean account of every bin; zero where nobody is."""
    bins = scratch.bins
    for k in range(at.ROW):
        heads = row[at.HEADS, k]
        inverse = 1.0 / heads if heads > at.LEAST_SUM else 0.0
        bins[at.V_SERVICE, k] = row[at.SERVICE, k] * inverse
        bins[at.V_ACCOUNT, k] = row[at.ACCOUNT, k] * inverse


@over_bins
def add_bends(scratch, first):
    """Add to V_TERM what three bends of the line of months contribute at the mean service of every bin."""
    bins = scratch.bins
    bends = scratch.bends
    a = bends[0, first]
    b = bends[0, first + 1]
    c = bends[0, first + 2]
    by_a = bends[1, first]
    by_b = bends[1, first + 1]
    by_c = bends[1, first + 2]
    for k in range(at.ROW):
        s = bins[at.V_SERVICE, k]
        bins[at.V_TERM, k] += (by_a * max(s, a) + by_b * max(s, b)) + by_c * max(s, c)


@over_bins
def settle_deaths(t, career, status, i, row, paths, scratch, out):
    """Deaths of one row: half a year of exposure, the account to heirs, survivor benefits [persons, yuan].

    Below the stated years funeral grant and compensation together are at most the own payments, for which the account
    stands (人社部发〔2021〕18号, schemes.md 1.9). Compensation goes by whole years of contributions; in a bin service
    is spread evenly over one year around its mean, as in `death.compensation_spread` (`fill_months`).
    """
    shared = scratch.row
    rate = shared[at.ROW_DEATH]
    dying = scratch.heads[career, status, i] * rate
    account = scratch.accounts[career, status, i] * rate
    credit = 0.5 * shared[at.ROW_CREDIT]
    interest = 0.5 * shared[at.ROW_INTEREST]
    flows = out.flows
    flows[at.FLOW_MEMBER_DEATHS, t] += dying
    depart(t, career, at.FIRST_AGE + i, dying, out)
    flows[at.FLOW_ACCOUNT_CREDITS, t] += dying * credit
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += account * interest
    flows[at.FLOW_ACCOUNT_INHERITED, t] += account * (1.0 + interest) + dying * credit
    scratch.ledger[fund_of(status), at.OUT_BENEFITS] += account * (1.0 + interest) + dying * credit
    add_exposure(status, 0.5 * dying, shared, scratch.payer_base)
    income = shared[at.ROW_INCOME_MONTH]
    funeral = paths[at.PATH_FUNERAL_MONTHS, t]
    factor = paths[at.PATH_COMPENSATION_FACTOR, t]
    limit = paths[at.PATH_COMPENSATION_LIMIT_YEARS, t] + 0.5
    least = (funeral + factor * scratch.death_months[0]) * income - credit
    bins = scratch.bins
    fund = fund_of(status)
    for k in range(at.ROW):
        bins[at.V_TERM, k] = scratch.bends_from[0]
    for block in range(int(scratch.bend_blocks[0])):
        add_bends(scratch, block * at.BENDS)
    for k in range(at.ROW):
        paid = (funeral + factor * bins[at.V_TERM, k]) * income
        short = min(1.0, max(0.0, limit - bins[at.V_SERVICE, k]))
        over = max(0.0, least - bins[at.V_ACCOUNT, k] * (1.0 + interest))
        scratch.survivor_sums[fund, k] += rate * row[at.HEADS, k] * (paid - short * over)


@kernel
def fill_months(t, paths, tables, scratch):
    """Months of compensation inside each year of service, the first entry before service begins (schemes.md 1.9).

    A bin is spread evenly over one year around its mean service, so between two years they are read along a straight
    line, bends_from + sum of by·max(s, at) over its bends: a row needs no look-up.
    """
    months = scratch.months
    bends = scratch.bends
    count_up = paths[at.PATH_COMPENSATION_COUNT_UP, t]
    counted_from = paths[at.PATH_COMPENSATION_COUNTED_FROM, t]
    for k in range(at.ROW + 2):
        months[k] = months_within(k - 1, tables.compensation[t], count_up, counted_from)
    scratch.death_months[0] = tables.compensation[t, 0]
    bends[:, :] = 0.0
    scratch.bends_from[0] = months[0]
    found = 0
    slope = 0.0
    for k in range(at.ROW + 1):
        change = months[k + 1] - months[k] - slope
        if change != 0.0:
            bends[0, found] = k - 0.5
            bends[1, found] = change
            slope += change
            found += 1
        scratch.bends_from[0] -= change * (k - 0.5)
    scratch.bend_blocks[0] = (found + at.BENDS - 1) // at.BENDS


@over_bins
def split_at_minimum(row, scratch):
    """Share of every bin that has the minimum at its award, and mean service of both parts over that of the bin.

    A bin is spread evenly over one year of service, so the upper part lies above the mean of the bin, the lower below.
    """
    bins = scratch.bins
    later = row[at.ROW_GAIN] * row[at.ROW_MONTH]
    threshold = row[at.ROW_THRESHOLD]
    for k in range(at.ROW):
        s = bins[at.V_SERVICE, k]
        share = eligible_share(s + later, threshold)
        inverse = 1.0 / s if s > at.LEAST_SERVICE else 0.0
        bins[at.V_SHARE, k] = share
        bins[at.V_UPPER, k] = 1.0 + 0.5 * (1.0 - share) * inverse
        bins[at.V_LOWER, k] = max(0.0, 1.0 - 0.5 * share * inverse)


@over_bins
def keep_rest(alive, hazard, choice, scratch):
    """Who stays after awards (share x hazard) and choices (the others x choice), heads and moments apart.

    Both as parts of the opening bin. The mean service of who stays moves with the parts that left.
    """
    bins = scratch.bins
    for k in range(at.ROW):
        awarded = bins[at.V_SHARE, k] * hazard
        chosen = (1.0 - bins[at.V_SHARE, k]) * choice
        heads = 1.0 - awarded - chosen
        moments = 1.0 - awarded * bins[at.V_UPPER, k] - chosen * bins[at.V_LOWER, k]
        some = alive * heads > at.NO_PART
        bins[at.V_KEEP_HEADS, k] = alive * heads if some else 0.0
        bins[at.V_KEEP_MOMENTS, k] = alive * moments if some else 0.0
        bins[at.V_SERVICE, k] *= moments / heads if some else 0.0


@over_bins
def share_movers(row, scratch):
    """Parts of who stays that pause, switch, leave the region and stay on, by bin."""
    bins = scratch.bins
    threshold = row[at.ROW_PLANNED_THRESHOLD]
    years_left = row[at.ROW_PLANNED_YEARS]
    per_pressing = row[at.ROW_PER_PRESSING]
    pausing = row[at.ROW_PAUSE]
    stopping = row[at.ROW_STOP]
    switching = row[at.ROW_SWITCH]
    leaving = row[at.ROW_LEAVE]
    for k in range(at.ROW):
        s = bins[at.V_SERVICE, k]
        hazard = pausing * pause_weight(s, threshold, years_left, per_pressing)
        pause = min(at.MOST_OF_POOL, hazard + stopping * eligible_share(s, threshold))
        switch = max(0.0, min(at.MOST_OF_POOL - pause, switching))
        leave = leaving * (1.0 - pause - switch)
        bins[at.V_PAUSE, k] = pause
        bins[at.V_SWITCH, k] = switch
        bins[at.V_LEAVE, k] = leave
        bins[at.V_STAY, k] = 1.0 - pause - switch - leave


@over_bins
def share_leavers(leave, scratch):
    """As `share_movers` where nobody pauses or switches."""
    bins = scratch.bins
    for k in range(at.ROW):
        bins[at.V_PAUSE, k] = 0.0
        bins[at.V_SWITCH, k] = 0.0
        bins[at.V_LEAVE, k] = leave
        bins[at.V_STAY, k] = 1.0 - leave


@over_bins
def add_kept(kept, scratch):
    """Some enterprise payers leave the region but keep their account; they become paused members."""
    bins = scratch.bins
    for k in range(at.ROW):
        moved = bins[at.V_LEAVE, k] * kept
        bins[at.V_PAUSE, k] += moved
        bins[at.V_LEAVE, k] -= moved


@over_bins
def part_kept(part, scratch):
    """A part of who is still here, as parts of the opening heads (V_WEIGHT) and moments (V_TERM)."""
    bins = scratch.bins
    for k in range(at.ROW):
        bins[at.V_WEIGHT, k] = bins[at.V_KEEP_HEADS, k] * bins[part, k]
        bins[at.V_TERM, k] = bins[at.V_KEEP_MOMENTS, k] * bins[part, k]


@inlined
def send_away(t, career, status, i, kept, row, scratch, out):
    """Members who leave the region with their account: half a year of exposure, a transfer out [persons, yuan]."""
    shared = scratch.row
    if kept >= 0.0:
        heads = kept * sum_part(row, at.HEADS, at.V_LEAVE, scratch)
        account = kept * sum_part(row, at.ACCOUNT, at.V_LEAVE, scratch)
    else:
        part_kept(at.V_LEAVE, scratch)
        heads = sum_part(row, at.HEADS, at.V_WEIGHT, scratch)
        account = sum_part(row, at.ACCOUNT, at.V_TERM, scratch)
    credit = 0.5 * shared[at.ROW_CREDIT] * heads
    interest = 0.5 * shared[at.ROW_INTEREST] * account
    out.flows[at.FLOW_MEMBERS_OUT, t] += heads
    depart(t, career, at.FIRST_AGE + i, heads, out)
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += credit
    out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += interest
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += account + credit + interest
    scratch.ledger[fund_of(status), at.OUT_TRANSFERS] += account + credit + interest
    add_exposure(status, 0.5 * heads, shared, scratch.payer_base)


@inlined
def settle_movers(t, career, status, i, kept, row, deemed, constants, scratch, out):
    """Pauses, switches and out-migration of those of a row who are still here; `scratch.bins` says who stays on."""
    shared = scratch.row
    flows = out.flows
    leave = shared[at.ROW_LEAVE]
    gain = 0.5 * shared[at.ROW_GAIN]
    index = gain * shared[at.ROW_INDEX]
    growth = 1.0 + shared[at.ROW_INTEREST]
    credit = 0.5 * shared[at.ROW_CREDIT] * shared[at.ROW_CREDIT_FACTOR]
    pausing = shared[at.ROW_PAUSE] > 0.0 or shared[at.ROW_STOP] > 0.0
    if pausing or shared[at.ROW_SWITCH] > 0.0:
        share_movers(shared, scratch)
    else:
        share_leavers(leave, scratch)
    keeps = constants[at.CONSTANT_LEAVE_PAUSED] if status == at.ENTERPRISE else 0.0
    if leave * keeps > 0.0:
        add_kept(keeps, scratch)
    if pausing or leave * keeps > 0.0:
        take_movers(at.V_PAUSE, kept, row, deemed, gain, index, growth, credit, scratch)
        heads = send_group(t, career, status, at.PAUSED, i, deemed, scratch, out)
        flows[at.FLOW_PAUSES_ENTERPRISE if status == at.ENTERPRISE else at.FLOW_PAUSES_FLEXIBLE, t] += heads
    if shared[at.ROW_SWITCH] > 0.0:
        other = at.FLEXIBLE if status == at.ENTERPRISE else at.ENTERPRISE
        take_movers(at.V_SWITCH, kept, row, deemed, gain, index, growth, credit, scratch)
        heads = send_group(t, career, status, other, i, deemed, scratch, out)
        to_flexible = status == at.ENTERPRISE
        flows[at.FLOW_SWITCHES_TO_FLEXIBLE if to_flexible else at.FLOW_SWITCHES_TO_ENTERPRISE, t] += heads
    if leave > 0.0:
        send_away(t, career, status, i, kept, row, scratch, out)


@inlined
def settle_stayers(t, career, status, i, kept, row, deemed, state, scratch, out):
    """A full year in the status: service, index-years and account grow; the density's share climbs one bin.

    They take the place of the age reached.
    """
    shared = scratch.row
    gain = shared[at.ROW_GAIN]
    credit = shared[at.ROW_CREDIT]
    credited = credit * shared[at.ROW_CREDIT_FACTOR]
    growth = 1.0 + shared[at.ROW_INTEREST]
    take_movers(at.V_STAY, kept, row, deemed, gain, gain * shared[at.ROW_INDEX], growth, credited, scratch)
    heads = sum_movers(scratch, at.HEADS)
    account = (sum_movers(scratch, at.ACCOUNT) - credited * heads) / growth
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += account * shared[at.ROW_INTEREST] + heads * (credited - credit)
    add_exposure(status, heads, shared, scratch.payer_base)
    set_climbing(scratch, at.FULL, deemed, scratch.deemed[career, status, i], state.members[career, status, i])
    scratch.held[career, status, i] = 1.0
    scratch.deemed[career, status, i] = deemed
    scratch.heads[career, status, i] = heads


@kernel
def settle_row(t, career, status, i, paths, constants, tables, state, scratch, out):
    """One row through the year: it is read at the age before and written at the age reached.

    Rows are taken from the oldest down, so that the place of the age reached is free.
    """
    if is_empty(scratch.heads[career, status, i]):
        vacate(career, status, i, state, scratch)
        return
    deemed = scratch.deemed[career, status, i - 1]
    shared = scratch.row
    row = state.members[career, status, i - 1]
    set_climb(scratch, at.FULL, shared[at.ROW_GAIN])
    set_climb(scratch, at.HALF, 0.5 * shared[at.ROW_GAIN])
    take_means(row, scratch)
    dying = shared[at.ROW_DEATH]
    if dying > 0.0:
        settle_deaths(t, career, status, i, row, paths, scratch, out)
    alive = 1.0 - dying
    if shared[at.ROW_INVALID] > 0.0:
        unable = alive * shared[at.ROW_INVALID]
        retire_unable(t, career, status, i, unable, row, deemed, paths, constants, tables, state, scratch, out)
        alive -= unable
    opening = scratch.heads[career, status, i]
    awarded = 0.0
    if shared[at.ROW_HAZARD] > 0.0 or shared[at.ROW_CHOICE] > 0.0:
        split_at_minimum(shared, scratch)
        count_deferred(t, career, i, alive, row, tables, scratch, out)
        if shared[at.ROW_HAZARD] > 0.0:
            awarded = award_row(t, career, status, i, alive, row, deemed, paths, constants, tables, scratch, out)
        chosen = 0.0
        if shared[at.ROW_CHOICE] > 0.0:
            chosen = choose_row(t, career, status, i, alive, row, deemed, paths, constants, tables, scratch, out)
        keep_rest(alive, shared[at.ROW_HAZARD], shared[at.ROW_CHOICE] * chosen, scratch)
        alive = -1.0  # goes by bin from here on
    if status == at.PUBLIC:
        scratch.public_share[0, career, i] += opening * dying
        scratch.public_share[1, career, i] += awarded
        scratch.public_share[2, career, i] += opening
    settle_movers(t, career, status, i, alive, row, deemed, constants, scratch, out)
    settle_stayers(t, career, status, i, alive, row, deemed, state, scratch, out)


@kernel
def settle_members(t, paths, constants, tables, state, scratch, out):
    """Every row of members, from its opening state; movers wait in the arrivals buffer."""
    scratch.public_share[:, :, :] = 0.0
    scratch.payer_base[:, :] = 0.0
    scratch.resident_in[:, :, :] = 0.0
    scratch.survivor_sums[:, :] = 0.0
    fill_months(t, paths, tables, scratch)
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            fill_status(t, career, status, paths, constants, scratch)
            for i in range(at.WORKING_AGES - 1, 0, -1):
                fill_row(t, career, status, i, paths, constants, tables, scratch)
                settle_row(t, career, status, i, paths, constants, tables, state, scratch, out)
            vacate(career, status, 0, state, scratch)
    for fund in range(2):
        benefits = sum_bins(scratch.survivor_sums, fund, scratch)
        out.flows[at.FLOW_SURVIVOR_BENEFITS, t] += benefits
        scratch.ledger[fund, at.OUT_BENEFITS] += benefits


@kernel
def refund_row(t, career, status, row, deemed, scratch, out):
    """Everyone of a row receives the account and leaves."""
    heads = sum_bins(row, at.HEADS, scratch)
    account = sum_bins(row, at.ACCOUNT, scratch)
    out.flows[at.FLOW_FINAL_REFUNDS, t] += heads
    depart(t, career, at.FIRST_AGE + at.WORKING_AGES - 1, heads, out)
    out.flows[at.FLOW_ACCOUNT_REFUNDED, t] += account
    scratch.ledger[fund_of(status), at.OUT_BENEFITS] += account
    clear_row(row, deemed)


@kernel
def refund_oldest(t, state, scratch, out):
    """Whoever is still a member at 79 receives the account and leaves (unclaimed accounts, model.md section 6)."""
    last = at.WORKING_AGES - 1
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            deemed = scratch.deemed[career, status, last]
            refund_row(t, career, status, state.members[career, status, last], deemed, scratch, out)
            deemed = scratch.arrived_deemed[career, status, last]
            refund_row(t, career, status, scratch.arrivals[career, status, last], deemed, scratch, out)
            scratch.heads[career, status, last] = 0.0
            scratch.held[career, status, last] = 0.0
            scratch.arrived[career, status, last] = 0.0
            scratch.waiting[career, status, last] = 0.0
            scratch.deemed[career, status, last] = 0.0
            scratch.arrived_deemed[career, status, last] = 0.0
