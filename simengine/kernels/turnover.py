"""One row of members (career, status, age) through a year: who dies, retires, chooses, moves or stays.

All bins of a row take the same steps, written as short loops over the bins; what a step needs of the whole row are
sums. A group that leaves a bin takes its mean moments, split at the minimum years where the law splits it.
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.awards import eligible_share
from simengine.kernels.coverage import pause_weight
from simengine.kernels.exits import (
    add_exposure,
    award_row,
    choose_row,
    fund_of,
    retire_unable,
    send_group,
    take_movers,
)
from simengine.kernels.jit import kernel
from simengine.kernels.members import fill_row
from simengine.kernels.rows import bins_after, clear_row, set_climbing, sum_bins, sum_movers, whole_vectors
from simengine.kernels.rules import months_within


@kernel
def take_means(row, n, scratch):
    """Mean service and mean account of every bin; zero where nobody is."""
    bins = scratch.bins
    for k in range(n):
        heads = row[at.HEADS, k]
        inverse = 1.0 / heads if heads > 0.0 else 0.0
        bins[at.V_SERVICE, k] = row[at.SERVICE, k] * inverse
        bins[at.V_ACCOUNT, k] = row[at.ACCOUNT, k] * inverse


@kernel
def settle_deaths(t, career, status, i, n, row, paths, scratch, out):
    """Deaths of one row: half a year of exposure, the account to heirs, survivor benefits [persons, yuan].

    Below the stated years funeral grant and compensation together are at most the own payments, for which the account
    stands (人社部发〔2021〕18号, schemes.md 1.9). `scratch.months`: compensation by whole years of contributions; in a
    bin service is spread evenly over one year around its mean, as in `rules.compensation_spread`.
    """
    shared = scratch.row
    rate = shared[at.ROW_DEATH]
    dying = scratch.heads[career, status, i] * rate
    account = scratch.accounts[career, status, i] * rate
    credit = 0.5 * shared[at.ROW_CREDIT]
    interest = 0.5 * shared[at.ROW_INTEREST]
    flows = out.flows
    flows[at.FLOW_MEMBER_DEATHS, t] += dying
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
    months = scratch.months
    bins = scratch.bins
    fund = fund_of(status)
    for k in range(n):
        place = min(bins[at.V_SERVICE, k] + 0.5, float(at.ROW))
        whole = int(place)
        first = months[whole]
        bins[at.V_TERM, k] = first + (place - whole) * (months[whole + 1] - first)
    for k in range(n):
        paid = (funeral + factor * bins[at.V_TERM, k]) * income
        short = min(1.0, max(0.0, limit - bins[at.V_SERVICE, k]))
        over = max(0.0, least - bins[at.V_ACCOUNT, k] * (1.0 + interest))
        scratch.survivor_sums[fund, k] += rate * row[at.HEADS, k] * (paid - short * over)


@kernel
def fill_months(t, paths, tables, scratch):
    """Months of compensation inside each year of service, the first entry before service begins (schemes.md 1.9)."""
    count_up = paths[at.PATH_COMPENSATION_COUNT_UP, t]
    for k in range(at.ROW + 2):
        scratch.months[k] = months_within(k - 1, tables.compensation[t], count_up)
    scratch.death_months[0] = tables.compensation[t, 0]


@kernel
def split_at_minimum(n, row, scratch):
    """Share of every bin that has the minimum at its award, and mean service of both parts over that of the bin.

    A bin is spread evenly over one year of service, so the upper part lies above the mean of the bin, the lower below.
    """
    bins = scratch.bins
    later = row[at.ROW_GAIN] * row[at.ROW_MONTH]
    threshold = row[at.ROW_THRESHOLD]
    for k in range(n):
        s = bins[at.V_SERVICE, k]
        share = eligible_share(s + later, threshold)
        inverse = 1.0 / s if s > at.LEAST_SERVICE else 0.0
        bins[at.V_SHARE, k] = share
        bins[at.V_UPPER, k] = 1.0 + 0.5 * (1.0 - share) * inverse
        bins[at.V_LOWER, k] = max(0.0, 1.0 - 0.5 * share * inverse)


@kernel
def keep_all(n, alive, scratch):
    """Nobody of the row is awarded or has to choose: the living stay."""
    bins = scratch.bins
    for k in range(n):
        bins[at.V_KEEP_HEADS, k] = alive
        bins[at.V_KEEP_MOMENTS, k] = alive


@kernel
def keep_rest(n, alive, hazard, choice, scratch):
    """Who stays after awards (share x hazard) and choices (the others x choice), heads and moments apart.

    Both as parts of the opening bin. The mean service of who stays moves with the parts that left.
    """
    bins = scratch.bins
    for k in range(n):
        awarded = bins[at.V_SHARE, k] * hazard
        chosen = (1.0 - bins[at.V_SHARE, k]) * choice
        heads = 1.0 - awarded - chosen
        moments = 1.0 - awarded * bins[at.V_UPPER, k] - chosen * bins[at.V_LOWER, k]
        some = alive * heads > 1e-12
        bins[at.V_KEEP_HEADS, k] = alive * heads if some else 0.0
        bins[at.V_KEEP_MOMENTS, k] = alive * moments if some else 0.0
        bins[at.V_SERVICE, k] *= moments / heads if some else 0.0


@kernel
def share_movers(n, row, constants, scratch):
    """Parts of who stays that pause, switch, leave the region and stay on, by bin."""
    bins = scratch.bins
    threshold = row[at.ROW_THRESHOLD]
    years_left = row[at.ROW_YEARS_LEFT]
    pressing = constants[at.CONSTANT_PRESSING_YEARS]
    pausing = row[at.ROW_PAUSE]
    stopping = row[at.ROW_STOP]
    switching = row[at.ROW_SWITCH]
    leaving = row[at.ROW_LEAVE]
    for k in range(n):
        s = bins[at.V_SERVICE, k]
        hazard = pausing * pause_weight(s, threshold, years_left, pressing)
        pause = min(0.95, hazard + stopping * eligible_share(s, threshold))
        switch = max(0.0, min(0.95 - pause, switching))
        leave = leaving * (1.0 - pause - switch)
        bins[at.V_PAUSE, k] = pause
        bins[at.V_SWITCH, k] = switch
        bins[at.V_LEAVE, k] = leave
        bins[at.V_STAY, k] = 1.0 - pause - switch - leave


@kernel
def share_leavers(n, leave, scratch):
    """As `share_movers` where nobody pauses or switches."""
    bins = scratch.bins
    for k in range(n):
        bins[at.V_PAUSE, k] = 0.0
        bins[at.V_SWITCH, k] = 0.0
        bins[at.V_LEAVE, k] = leave
        bins[at.V_STAY, k] = 1.0 - leave


@kernel
def add_kept(n, kept, scratch):
    """Who leaves the region but keeps the account there (a share of the enterprise payers) pauses."""
    bins = scratch.bins
    for k in range(n):
        moved = bins[at.V_LEAVE, k] * kept
        bins[at.V_PAUSE, k] += moved
        bins[at.V_LEAVE, k] -= moved


@kernel
def send_away(t, status, n, row, scratch, out):
    """Members who leave the region with their account: half a year of exposure, a transfer out [persons, yuan]."""
    shared = scratch.row
    bins = scratch.bins
    for k in range(n):
        left = bins[at.V_LEAVE, k]
        bins[at.V_WEIGHT, k] = row[at.HEADS, k] * bins[at.V_KEEP_HEADS, k] * left
        bins[at.V_TERM, k] = row[at.ACCOUNT, k] * bins[at.V_KEEP_MOMENTS, k] * left
    heads = sum_bins(bins, at.V_WEIGHT, n)
    account = sum_bins(bins, at.V_TERM, n)
    credit = 0.5 * shared[at.ROW_CREDIT] * heads
    interest = 0.5 * shared[at.ROW_INTEREST] * account
    out.flows[at.FLOW_MEMBERS_OUT, t] += heads
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += credit
    out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += interest
    out.flows[at.FLOW_ACCOUNT_TRANSFERRED_OUT, t] += account + credit + interest
    scratch.ledger[fund_of(status), at.OUT_TRANSFERS] += account + credit + interest
    add_exposure(status, 0.5 * heads, shared, scratch.payer_base)


@kernel
def settle_movers(t, career, status, i, used, row, deemed, constants, scratch, out):
    """Pauses, switches and out-migration of those of a row who are still here; `scratch.bins` says who stays on."""
    shared = scratch.row
    flows = out.flows
    n = whole_vectors(used)
    leave = shared[at.ROW_LEAVE]
    gain = 0.5 * shared[at.ROW_GAIN]
    index = gain * shared[at.ROW_INDEX]
    growth = 1.0 + shared[at.ROW_INTEREST]
    credit = 0.5 * shared[at.ROW_CREDIT] * shared[at.ROW_CREDIT_FACTOR]
    pausing = shared[at.ROW_PAUSE] > 0.0 or shared[at.ROW_STOP] > 0.0
    if pausing or shared[at.ROW_SWITCH] > 0.0:
        share_movers(n, shared, constants, scratch)
    else:
        share_leavers(n, leave, scratch)
    keeps = constants[at.CONSTANT_LEAVE_PAUSED] if status == at.ENTERPRISE else 0.0
    if leave * keeps > 0.0:
        add_kept(n, keeps, scratch)
    if pausing or leave * keeps > 0.0:
        take_movers(n, at.V_PAUSE, row, deemed, gain, index, growth, credit, scratch)
        heads = send_group(t, career, status, at.PAUSED, i, used, deemed, scratch, out)
        flows[at.FLOW_PAUSES_ENTERPRISE if status == at.ENTERPRISE else at.FLOW_PAUSES_FLEXIBLE, t] += heads
    if shared[at.ROW_SWITCH] > 0.0:
        other = at.FLEXIBLE if status == at.ENTERPRISE else at.ENTERPRISE
        take_movers(n, at.V_SWITCH, row, deemed, gain, index, growth, credit, scratch)
        heads = send_group(t, career, status, other, i, used, deemed, scratch, out)
        to_flexible = status == at.ENTERPRISE
        flows[at.FLOW_SWITCHES_TO_FLEXIBLE if to_flexible else at.FLOW_SWITCHES_TO_ENTERPRISE, t] += heads
    if leave > 0.0:
        send_away(t, status, n, row, scratch, out)


@kernel
def settle_stayers(t, career, status, i, used, row, deemed, before, state, scratch, out):
    """A full year in the status: service, index-years and account grow; the density's share climbs one bin.

    They take the place of the age reached, which held a row of extent `before`.
    """
    shared = scratch.row
    n = whole_vectors(used)
    gain = shared[at.ROW_GAIN]
    credit = shared[at.ROW_CREDIT]
    credited = credit * shared[at.ROW_CREDIT_FACTOR]
    growth = 1.0 + shared[at.ROW_INTEREST]
    take_movers(n, at.V_STAY, row, deemed, gain, gain * shared[at.ROW_INDEX], growth, credited, scratch)
    heads = sum_movers(scratch, at.HEADS, n)
    account = (sum_movers(scratch, at.ACCOUNT, n) - credited * heads) / growth
    out.flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit
    out.flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += account * shared[at.ROW_INTEREST] + heads * (credited - credit)
    add_exposure(status, heads, shared, scratch.payer_base)
    set_climbing(scratch, used, gain, deemed, before, state.members[career, status, i])
    scratch.extent[career, status, i] = bins_after(used, gain)
    scratch.deemed[career, status, i] = deemed
    scratch.heads[career, status, i] = heads


@kernel
def settle_row(t, career, status, i, paths, constants, tables, state, scratch, out):
    """One row through the year: it is read at the age before and written at the age reached.

    Rows are taken from the oldest down, so that the place of the age reached is free.
    """
    before = whole_vectors(int(scratch.extent[career, status, i]))
    if scratch.heads[career, status, i] <= 0.0:
        clear_row(state.members[career, status, i], before)
        scratch.extent[career, status, i] = 0.0
        return
    deemed = scratch.deemed[career, status, i - 1]
    used = int(scratch.extent[career, status, i - 1])
    n = whole_vectors(used)
    shared = scratch.row
    row = state.members[career, status, i - 1]
    take_means(row, n, scratch)
    dying = shared[at.ROW_DEATH]
    if dying > 0.0:
        settle_deaths(t, career, status, i, n, row, paths, scratch, out)
    alive = 1.0 - dying
    if shared[at.ROW_INVALID] > 0.0:
        unable = alive * shared[at.ROW_INVALID]
        retire_unable(t, career, status, i, n, unable, row, deemed, paths, constants, tables, state, scratch, out)
        alive -= unable
    opening = scratch.heads[career, status, i]
    awarded = 0.0
    if shared[at.ROW_HAZARD] > 0.0 or shared[at.ROW_CHOICE] > 0.0:
        split_at_minimum(n, shared, scratch)
        if shared[at.ROW_HAZARD] > 0.0:
            awarded = award_row(t, career, status, i, n, alive, row, deemed, paths, constants, tables, scratch, out)
        chosen = 0.0
        if shared[at.ROW_CHOICE] > 0.0:
            chosen = choose_row(t, career, status, i, used, alive, row, deemed, paths, constants, tables, scratch, out)
        keep_rest(n, alive, shared[at.ROW_HAZARD], shared[at.ROW_CHOICE] * chosen, scratch)
    else:
        keep_all(n, alive, scratch)
    if status == at.PUBLIC:
        scratch.public_share[0, career, i] += opening * dying
        scratch.public_share[1, career, i] += awarded
        scratch.public_share[2, career, i] += opening
    settle_movers(t, career, status, i, used, row, deemed, constants, scratch, out)
    settle_stayers(t, career, status, i, used, row, deemed, before, state, scratch, out)


@kernel
def settle_members(t, paths, constants, tables, state, scratch, out):
    """Every row of members, from its opening state; movers wait in the arrivals buffer."""
    scratch.public_share[:, :, :] = 0.0
    scratch.payer_base[:, :] = 0.0
    scratch.resident_in[:, :, :] = 0.0
    scratch.survivor_sums[:, :] = 0.0
    fill_months(t, paths, tables, scratch)
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES - 1, -1, -1):
            for status in range(at.STATUSES):
                fill_row(t, career, status, i, paths, constants, tables, scratch)
                settle_row(t, career, status, i, paths, constants, tables, state, scratch, out)
    for fund in range(2):
        benefits = sum_bins(scratch.survivor_sums, fund, at.ROW)
        out.flows[at.FLOW_SURVIVOR_BENEFITS, t] += benefits
        scratch.ledger[fund, at.OUT_BENEFITS] += benefits


@kernel
def refund_oldest(t, state, scratch, out):
    """Whoever is still a member at 79 receives the account and leaves (unclaimed accounts, model.md section 6)."""
    last = at.WORKING_AGES - 1
    for career in range(at.CAREERS):
        for status in range(at.STATUSES):
            members = state.members[career, status, last]
            arrivals = scratch.arrivals[career, status, last]
            account = sum_bins(members, at.ACCOUNT, at.ROW) + sum_bins(arrivals, at.ACCOUNT, at.ROW)
            heads = sum_bins(members, at.HEADS, at.ROW) + sum_bins(arrivals, at.HEADS, at.ROW)
            out.flows[at.FLOW_FINAL_REFUNDS, t] += heads
            out.flows[at.FLOW_ACCOUNT_REFUNDED, t] += account
            scratch.ledger[fund_of(status), at.OUT_BENEFITS] += account
            clear_row(members, at.ROW)
            clear_row(arrivals, at.ROW)
            scratch.heads[career, status, last] = 0.0
            scratch.extent[career, status, last] = 0.0
            scratch.arrived[career, status, last] = 0.0
            scratch.arrived_extent[career, status, last] = 0.0
