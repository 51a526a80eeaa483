"""Returns and pauses that settle the paused members of a year, and what its levels leave to later years (model.md 6).

A known level of the paused members, or a stated payment rate, says how many return; else the last known years do. What
levers do in a year with a level (a payment rate, layoffs, campaigns, bought years) is none of what the year says of
later ones: such a year is solved once more as it would be without them (`remember_year`).
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.coverage import count_pausable, pause_payers
from simengine.kernels.members.entry import (
    has_returns,
    is_known,
    mean_returns,
    note_odds,
    note_returns,
    solve_odds,
)
from simengine.kernels.members.returns import (
    return_members,
    return_rate,
    solve_rate,
    solve_returns,
    weigh_returns,
)
from simengine.kernels.members.rows import count_status


@kernel
def count_payers(status, scratch):
    """Members of a status in the middle of the year's events, arrivals counted [persons]."""
    return count_status(scratch.heads, status) + count_status(scratch.arrived, status)


@kernel
def sum_asked(status, scratch):
    """Ordinary entrants of a status in `scratch.asked` [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            total += scratch.asked[status, career, i]
    return total


# --- how many return ----------------------------------------------------------------------------------------------


@kernel
def excess_payers(status, targets, scratch):
    """Payers of a status beyond its level; they pause where no level of the paused members is known [persons]."""
    if math.isnan(targets[status]):
        return 0.0
    return max(0.0, count_payers(status, scratch) - targets[status])


@kernel
def wanted_returns(rate, targets, scratch):
    """Paused members who must return so that their known level, or a payment rate, is met; below zero: who must pause.

    A payment rate leaves paused what it takes off all members, the entrants asked for counted in; payers beyond a known
    level join the paused members. Not a number where neither is stated.
    """
    paused = count_payers(at.PAUSED, scratch)
    if not math.isnan(targets[at.PAUSED]):
        return paused - targets[at.PAUSED]
    if math.isnan(rate):
        return math.nan
    members = paused
    for status in range(at.PAUSED):
        heads = count_payers(status, scratch)
        target = targets[status]
        members += heads + sum_asked(status, scratch) if math.isnan(target) else max(heads, target)
    paused += excess_payers(at.ENTERPRISE, targets, scratch) + excess_payers(at.FLEXIBLE, targets, scratch)
    paying = targets[at.ENTERPRISE] + targets[at.FLEXIBLE]
    if math.isnan(paying) or rate <= 0.0:
        return paused - (1.0 - rate) * members
    public = targets[at.PUBLIC]
    if math.isnan(public):
        public = count_payers(at.PUBLIC, scratch) + sum_asked(at.PUBLIC, scratch)
    return paused - (1.0 - rate) / rate * (paying + public)  # both levels stand, whoever returns


@kernel
def taken_back(status, heads, targets, scratch):
    """Of `heads` who would return to a status those whom its level lets in: at most what it lacks [persons]."""
    if math.isnan(targets[status]):
        return heads
    return min(heads, max(0.0, targets[status] - count_payers(status, scratch)))


@kernel
def mean_share(state, scratch):
    """Part of the returners that goes to enterprises [1]: of the last known years; without any, that of the payers."""
    if has_returns(state):
        return mean_returns(1, state)
    enterprise = count_payers(at.ENTERPRISE, scratch)
    payers = enterprise + count_payers(at.FLEXIBLE, scratch)
    return enterprise / payers if payers > 0.0 else 0.0


@kernel
def plan_usual_returns(t, share, targets, constants, tables, state, scratch):
    """Returns at the share of the last known years: factor on the weights, share that returns, part to enterprises.

    A status takes no more than its level lacks; whom it does not take stays paused, and the other status gets its own
    part as ever.
    """
    rate = mean_returns(0, state)
    factor = solve_rate(t, rate, constants, tables, state, scratch)
    if math.isnan(targets[at.ENTERPRISE]) and math.isnan(targets[at.FLEXIBLE]):
        return factor, rate, share
    found, _ = weigh_returns(factor, at.RETURNS_ABOVE, state, scratch)
    enterprise = taken_back(at.ENTERPRISE, share * found, targets, scratch)
    flexible = taken_back(at.FLEXIBLE, (1.0 - share) * found, targets, scratch)
    if enterprise >= share * found and flexible >= (1.0 - share) * found:
        return factor, rate, share
    back = enterprise + flexible
    factor = solve_returns(t, back, constants, tables, state, scratch)
    return factor, return_rate(factor, state, scratch), enterprise / back if back > 0.0 else share


@kernel
def plan_returns(t, wanted, share, targets, constants, tables, state, scratch):
    """As `plan_usual_returns`, for a wanted number: known levels of payers bound the returns and say where they go.

    Where only one is known, it takes at most what it lacks, and the other status the rest.
    """
    enterprise = taken_back(at.ENTERPRISE, wanted, targets, scratch)
    flexible = taken_back(at.FLEXIBLE, wanted, targets, scratch)
    if not (math.isnan(targets[at.ENTERPRISE]) or math.isnan(targets[at.FLEXIBLE])):
        enterprise = max(0.0, targets[at.ENTERPRISE] - count_payers(at.ENTERPRISE, scratch))
        flexible = max(0.0, targets[at.FLEXIBLE] - count_payers(at.FLEXIBLE, scratch))
        wanted = min(wanted, enterprise + flexible)
        if wanted > 0.0:
            share = enterprise / (enterprise + flexible)
    elif wanted > 0.0:
        share = min(enterprise / wanted, max(1.0 - flexible / wanted, share))
    if wanted <= 0.0:
        return 0.0, 0.0, share
    factor = solve_returns(t, wanted, constants, tables, state, scratch)
    return factor, return_rate(factor, state, scratch), share


# --- a year settles its paused members ----------------------------------------------------------------------------


@kernel
def pause_evenly(t, heads, of_enterprise, of_flexible, tables, state, scratch, out):
    """Pause `heads` payers, the same share of every cell of the groups that count (1) and none of the others (0)."""
    able = of_enterprise * count_pausable(t, tables, scratch, at.ENTERPRISE)
    able += of_flexible * count_pausable(t, tables, scratch, at.FLEXIBLE)
    if able > 0.0:
        share = min(at.MOST_OF_CELL, heads / able)
        pause_payers(t, share * of_enterprise, share * of_flexible, tables, state, scratch, out)


@kernel
def settle_paused(t, targets, remembers, paths, constants, tables, state, scratch, out):
    """Returns of the year: solved where the paused members are known, else those of the last known years.

    Extra pauses come evenly out of both groups of payers; for a payment rate, out of the one without a level, if only
    one has none. What stays is the shortfall of the paused members. `remembers`: whether later years go on from it.
    """
    share = mean_share(state, scratch)
    wanted = wanted_returns(paths[at.PATH_PAYMENT_RATE, t], targets, scratch)
    known = not math.isnan(targets[at.PAUSED])
    if math.isnan(wanted):
        factor, rate, share = plan_usual_returns(t, share, targets, constants, tables, state, scratch)
        return_members(t, factor, share, state, scratch, out)
        out.flows[at.FLOW_RETURN_RATE, t] = rate
        return
    rate = 0.0
    if wanted < 0.0:
        one = math.isnan(targets[at.ENTERPRISE]) != math.isnan(targets[at.FLEXIBLE])
        of_enterprise = 0.0 if one and not known and not math.isnan(targets[at.ENTERPRISE]) else 1.0
        of_flexible = 0.0 if one and not known and not math.isnan(targets[at.FLEXIBLE]) else 1.0
        pause_evenly(t, -wanted, of_enterprise, of_flexible, tables, state, scratch, out)
    else:
        factor, rate, share = plan_returns(t, wanted, share, targets, constants, tables, state, scratch)
        if factor > 0.0:
            return_members(t, factor, share, state, scratch, out)
    out.flows[at.FLOW_RETURN_RATE, t] = rate
    if known:
        if remembers:
            note_returns(rate, share, state)
        out.flows[at.FLOW_SHORTFALL_PAUSED, t] = targets[at.PAUSED] - count_payers(at.PAUSED, scratch)


@kernel
def hold_rate(t, paths, constants, tables, state, scratch, out):
    """Meet a stated payment rate after all who entered: campaigns and groups pay, and the rate counts them.

    Members return to, or pause out of, the statuses whose level is not known. Where all levels are known, they have
    been shifted, and what cannot be met is their shortfall.
    """
    rate = paths[at.PATH_PAYMENT_RATE, t]
    of_enterprise = 0.0 if is_known(t, at.ENTERPRISE, paths) else 1.0
    of_flexible = 0.0 if is_known(t, at.FLEXIBLE, paths) else 1.0
    if math.isnan(rate) or of_enterprise + of_flexible <= 0.0:
        return
    paused = count_payers(at.PAUSED, scratch)
    members = paused
    for status in range(at.PAUSED):
        members += count_payers(status, scratch)
    wanted = paused - (1.0 - rate) * members
    if abs(wanted) <= at.NO_HEADS * members:
        return
    if wanted < 0.0:
        pause_evenly(t, -wanted, of_enterprise, of_flexible, tables, state, scratch, out)
        return
    share = mean_share(state, scratch) if of_enterprise == of_flexible else of_enterprise
    factor = solve_returns(t, wanted, constants, tables, state, scratch)
    more = return_rate(factor, state, scratch)  # of those who have not returned yet
    return_members(t, factor, share, state, scratch, out)
    out.flows[at.FLOW_RETURN_RATE, t] += more * (1.0 - out.flows[at.FLOW_RETURN_RATE, t])


# --- what later years go on from ----------------------------------------------------------------------------------


@kernel
def note_level(t, status, odds, paths, state):
    """Keep the odds of a level (`note_odds`), at least the stated part of the mean of those kept before.

    Where a level lacks hardly anybody, or has too many payers, the odds that meet it say nothing of who enters. The
    bound makes a lower level never leave more entries to later years than a higher one.
    """
    note_odds(t, status, odds, at.LEAST_OF_MEAN, paths, state)


@kernel
def is_moved(t, targets, paths, state):
    """Whether levers move people in a year with levels, beside what the levels say."""
    if not math.isnan(paths[at.PATH_PAYMENT_RATE, t]):
        return True
    if math.isnan(targets[at.ENTERPRISE]) and math.isnan(targets[at.FLEXIBLE]):
        return False
    moved = paths[at.PATH_CATCH_UP_ENTRANTS, t] > 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        heads = paths[at.PATH_CAMPAIGN_ADDITIONAL_ENTERPRISE + status, t]
        moved = moved or (heads > 0.0 and not is_known(t, status, paths))
    before = state.memory[at.MEMORY_UNEMPLOYMENT_RATE]
    rise = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t] - before
    return moved or (rise != 0.0 and before > 0.0 and not is_known(t, at.ENTERPRISE, paths))


@kernel
def level_without_rate(t, status, targets, paths, out):
    """Level of a status as a stated payment rate of the years before leaves it [persons].

    The heads that the rate had moved by the end of the last year are none of what this year asks for:
    L(t) + heads(t-1) - L(t-1).
    """
    level = targets[status]
    if t == 0 or math.isnan(paths[at.PATH_PAYMENT_RATE, t - 1]):
        return level
    before = paths[at.PATH_ENTERPRISE_PAYERS + status, t - 1]
    return level if math.isnan(before) else level + out.stocks[at.STOCK_MEMBERS_ENTERPRISE + status, t] - before


@kernel
def remember_year(t, targets, levels, paths, constants, tables, state, scratch, out):
    """Keep the odds and returns that the levels of a year would have without levers; nobody moves here.

    `targets`: levels of the year before a lever shifts them; `levels`: room for those without a payment rate.
    """
    for status in range(at.STATUSES):
        levels[status] = level_without_rate(t, status, targets, paths, out)
    share = mean_share(state, scratch)
    wanted = wanted_returns(math.nan, levels, scratch)
    able = 0.0
    if math.isnan(wanted):
        factor, rate, share = plan_usual_returns(t, share, levels, constants, tables, state, scratch)
    else:
        factor, rate, share = plan_returns(t, wanted, share, levels, constants, tables, state, scratch)
        if wanted < 0.0:
            able = count_pausable(t, tables, scratch, at.ENTERPRISE)
            able += count_pausable(t, tables, scratch, at.FLEXIBLE)
    back = 0.0
    if factor > 0.0:
        back, _ = weigh_returns(factor, at.RETURNS_ABOVE, state, scratch)
    pausing = min(at.MOST_OF_CELL, -wanted / able) if able > 0.0 else 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if not math.isnan(levels[status]):
            heads = count_payers(status, scratch) - pausing * count_pausable(t, tables, scratch, status)
            heads += back * (share if status == at.ENTERPRISE else 1.0 - share)
            odds = solve_odds(t, status, max(0.0, levels[status] - heads), tables, scratch)
            note_level(t, status, odds, paths, state)
    if not math.isnan(levels[at.PAUSED]):
        note_returns(rate, share, state)
