"""The year's enrolment of the employees' scheme: who returns, who enters, in which order (model.md, section 6).

A known year meets its levels: the factor on returns is solved for the paused members, the odds factor of entry for the
payers of a status. Afterwards both are carried on and the heads are an output; the public sector alone keeps a level.
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import campaign_top_up
from simengine.kernels.members.coverage import (
    admit_entries,
    count_pausable,
    pause_payers,
    spread_entries,
    weigh_entries,
)
from simengine.kernels.members.entry import (
    ask_entries,
    ask_wanted,
    cut_entries,
    fill_pools,
    has_returns,
    is_known,
    note_odds,
    path_odds,
    solve_odds,
)
from simengine.kernels.members.groups import admit_public, campaign, catch_up, lay_off
from simengine.kernels.members.settle import (
    count_payers,
    hold_rate,
    is_moved,
    note_level,
    remember_year,
    settle_paused,
    sum_asked,
)


@kernel
def count_employees(state, scratch):
    """Everyone in the employees' scheme in the middle of the year's events, by sex and age, into `scratch.count`."""
    scratch.count[:, :] = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            heads = 0.0
            for status in range(at.STATUSES):
                heads += scratch.heads[career, status, i] + scratch.arrived[career, status, i]
            for branch in range(at.INVALID_BRANCHES):
                heads += state.invalidity[at.I_HEADS, branch, career, i]
            scratch.count[sex, at.FIRST_AGE + i] += heads
        for scheme in range(2):
            for age in range(at.AGES):
                scratch.count[sex, age] += state.pensioners[at.P_HEADS, career, scheme, age]
                scratch.count[sex, age] += scratch.new_pensioners[at.P_HEADS, career, scheme, age]


@kernel
def count_everyone(state, scratch):
    """As `count_employees`, plus the resident scheme (a dormant employees' account counted once)."""
    count_employees(state, scratch)
    for sex in range(2):
        for age in range(at.AGES):
            scratch.count[sex, age] += (
                state.resident[at.R_PAYING, sex, age]
                + state.resident[at.R_NOT_PAYING, sex, age]
                - state.resident[at.R_DUAL, sex, age]
                + state.beneficiaries[at.B_HEADS, sex, age]
                + scratch.resident_in[0, sex, age]
            )


@kernel
def count_below_old_age(status, constants, scratch):
    """As `count_payers`, below the retirement ages before the reform [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        old_age = constants[at.CONSTANT_OLD_AGE_MEN + career]
        for i in range(at.WORKING_AGES):
            if at.FIRST_AGE + i < old_age:
                total += scratch.heads[career, status, i] + scratch.arrived[career, status, i]
    return total


@kernel
def sum_population(scratch):
    """Residents of every age [persons]."""
    total = 0.0
    for sex in range(2):
        for age in range(at.AGES):
            total += scratch.population_survived[sex, age]
    return total


@kernel
def level_targets(t, paths, targets):
    """Known levels of enterprise, flexible, public payers and paused members [persons]; not a number where none is.

    Returns whether all four are known.
    """
    known = True
    for status in range(at.STATUSES):  # the levels of the four stand in the order of the statuses
        targets[status] = paths[at.PATH_ENTERPRISE_PAYERS + status, t]
        known = known and not math.isnan(targets[status])
    return known


@kernel
def carry_on(paths, constants, state, targets):
    """Targets of the year after an aligned opening that knows no level: one more year of the growth of its history.

    Neither odds nor returns are taken over from the history, so this one year is solved in their place.
    """
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if math.isnan(targets[status]) and state.memory[at.MEMORY_ODDS_ENTERPRISE + status] <= 0.0:
            growth = constants[at.CONSTANT_TREND_ENTERPRISE + status]
            targets[status] = paths[at.PATH_ENTERPRISE_PAYERS + status, 0] * growth
    if math.isnan(targets[at.PAUSED]) and not has_returns(state):
        targets[at.PAUSED] = paths[at.PATH_PAUSED_MEMBERS, 0] * constants[at.CONSTANT_TREND_PAUSED]


@kernel
def shift_payment(t, paths, constants, state, scratch, targets):
    """A payment rate moves heads of the targets between paying and paused, never their sum.

    Where a status of payers has no target, the paused members have none either: the rate itself says how many there are
    (`wanted_returns`).
    """
    rate = paths[at.PATH_PAYMENT_RATE, t]
    if math.isnan(rate):
        return
    paying = targets[at.ENTERPRISE] + targets[at.FLEXIBLE]
    if math.isnan(paying + targets[at.PAUSED]):
        targets[at.PAUSED] = math.nan
        return
    public = targets[at.PUBLIC]
    if math.isnan(public):
        need = public_need(t, public, paths, constants, state, scratch)
        public = count_payers(at.PUBLIC, scratch) + max(0.0, need)
    moved = targets[at.PAUSED] - (1.0 - rate) * (paying + public + targets[at.PAUSED])
    moved = min(max(moved, -at.MOST_OF_CELL * paying), targets[at.PAUSED])
    targets[at.PAUSED] -= moved
    if paying > 0.0:
        factor = 1.0 + moved / paying
        targets[at.ENTERPRISE] *= factor
        targets[at.FLEXIBLE] *= factor


# --- the history before the rule ----------------------------------------------------------------------------------


@kernel
def enter_by_pattern(t, status, heads, target, paths, constants, tables, state, scratch, out):
    """Place `heads` ordinary entrants of one status by the pattern of the history; returns those with a place.

    The odds factor that would have brought as many is kept, so that the rule can go on from any year.
    """
    odds = solve_odds(t, status, max(heads, 0.0), tables, scratch)
    note_odds(t, status, odds, 0.0, paths, state)
    out.flows[at.FLOW_ENTRY_ODDS_ENTERPRISE + status, t] = odds
    if heads <= 0.0:
        return 0.0
    if weigh_entries(t, status, target, constants, tables, scratch) <= 0.0:
        return 0.0
    placed = spread_entries(heads, scratch)
    admit_entries(t, status, at.ENTRY_ORDINARY, paths, constants, tables, state, scratch, out)
    return placed


@kernel
def enrol_by_pattern(t, targets, paths, constants, tables, state, scratch, out):
    """Entries of a known year before the rule: the pattern of the history, status after status (notes/coverage.md)."""
    flows = out.flows
    need = targets[at.PUBLIC] - count_payers(at.PUBLIC, scratch)
    placed = admit_public(t, need, paths, constants, tables, state, scratch, out)
    ordinary = enter_by_pattern(
        t, at.PUBLIC, need - placed, targets[at.PUBLIC], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_ENTRIES_PUBLIC, t] += ordinary
    flows[at.FLOW_SHORTFALL_PUBLIC, t] = need - placed - ordinary
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        need = targets[status] - count_payers(status, scratch)
        if status == at.FLEXIBLE:
            need -= catch_up(t, need, paths, constants, tables, state, scratch, out)
        placed = enter_by_pattern(t, status, need, targets[status], paths, constants, tables, state, scratch, out)
        flows[at.FLOW_ENTRIES_ENTERPRISE + status, t] += placed
        flows[at.FLOW_SHORTFALL_ENTERPRISE + status, t] = need - placed


# --- the rule -----------------------------------------------------------------------------------------------------


@kernel
def anchor_public(t, paths, constants, state, scratch):
    """Keep public payers below the old retirement ages over residents while their level is known."""
    people = sum_population(scratch) * paths[at.PATH_PUBLIC_INDEX, t]
    if people > 0.0:
        state.memory[at.MEMORY_RATIO_PUBLIC] = count_below_old_age(at.PUBLIC, constants, scratch) / people


@kernel
def public_need(t, target, paths, constants, state, scratch):
    """Public payers the establishment lacks: of the known level, or of the last ratio to residents x index [persons].

    After the last known level it counts payers below the old retirement ages: who stays on longer blocks no post.
    """
    if not math.isnan(target):
        return target - count_payers(at.PUBLIC, scratch)
    posts = state.memory[at.MEMORY_RATIO_PUBLIC] * paths[at.PATH_PUBLIC_INDEX, t] * sum_population(scratch)
    return posts - count_below_old_age(at.PUBLIC, constants, scratch)


@kernel
def ask_at_path(t, status, paths, tables, state, scratch, out):
    """Ordinary entrants of a status without a known level, with the growth of heads that a lever adds to them."""
    odds = path_odds(t, status, paths, state)
    asked = ask_entries(t, status, odds, tables, scratch)
    growth = paths[at.PATH_ENTERPRISE_GROWTH + status, t]
    if growth != 0.0:
        wanted = asked + growth * (count_payers(status, scratch) + asked)
        odds, asked = ask_wanted(t, status, wanted, tables, scratch)
        out.flows[at.FLOW_SHORTFALL_ENTERPRISE + status, t] = wanted - asked
    out.flows[at.FLOW_ENTRY_ODDS_ENTERPRISE + status, t] = odds


@kernel
def ask_for_level(t, status, need, tables, scratch, out):
    """Ordinary entrants of a status who bring what its level lacks; returns the odds factor [1]."""
    odds, _ = ask_wanted(t, status, need, tables, scratch)
    out.flows[at.FLOW_ENTRY_ODDS_ENTERPRISE + status, t] = odds
    return odds


@kernel
def admit_asked(t, status, paths, constants, tables, state, scratch, out):
    """The entrants asked for of one status become arrivals; returns them [persons]."""
    placed = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            scratch.entry[career, i] = scratch.asked[status, career, i]
            placed += scratch.entry[career, i]
    admit_entries(t, status, at.ENTRY_ORDINARY, paths, constants, tables, state, scratch, out)
    out.flows[at.FLOW_ENTRIES_ENTERPRISE + status, t] += placed
    return placed


@kernel
def meet_level(t, status, targets, remembers, paths, tables, state, scratch, out):
    """Ask for what a level lacks, and keep the odds that bring it; payers above a level pause. Returns the need.

    Where the level is carried on, the growth that a lever adds is asked for on top and leaves no memory.
    """
    need = targets[status] - count_payers(status, scratch)
    if need < 0.0 and math.isnan(targets[at.PAUSED]):
        able = count_pausable(t, tables, scratch, status)
        share = min(at.MOST_OF_CELL, -need / able) if able > 0.0 else 0.0
        of_enterprise = share if status == at.ENTERPRISE else 0.0
        pause_payers(t, of_enterprise, share - of_enterprise, tables, state, scratch, out)
        need = targets[status] - count_payers(status, scratch)
    odds = ask_for_level(t, status, need, tables, scratch, out)
    if remembers:
        note_level(t, status, odds, paths, state)
    growth = paths[at.PATH_ENTERPRISE_GROWTH + status, t]
    if growth != 0.0 and not is_known(t, status, paths):
        asked = sum_asked(status, scratch)
        need = asked + growth * (count_payers(status, scratch) + asked)
        ask_for_level(t, status, need, tables, scratch, out)
    return need


@kernel
def move_groups(t, targets, paths, constants, tables, state, scratch, out):
    """Layoffs, the group admitted to the public sector, bought years and additional campaigns, before the rule.

    A known level contains them. One that is carried on knows of none: they come on top, in every status they touch.
    """
    moved = lay_off(t, paths, constants, tables, state, scratch, out)
    if not is_known(t, at.ENTERPRISE, paths):  # what is carried on knows of no layoffs
        targets[at.ENTERPRISE] -= moved
        targets[at.PAUSED] += moved
    need = public_need(t, targets[at.PUBLIC], paths, constants, state, scratch)
    admit_public(t, need, paths, constants, tables, state, scratch, out)
    bought = catch_up(t, paths[at.PATH_CATCH_UP_ENTRANTS, t], paths, constants, tables, state, scratch, out)
    if not is_known(t, at.FLEXIBLE, paths):
        targets[at.FLEXIBLE] += bought
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if not is_known(t, status, paths):
            heads = paths[at.PATH_CAMPAIGN_ADDITIONAL_ENTERPRISE + status, t]
            paying = count_payers(status, scratch)
            paused = count_payers(at.PAUSED, scratch)
            campaign(t, status, heads, paths, constants, tables, state, scratch, out)
            targets[status] += count_payers(status, scratch) - paying
            if math.isnan(paths[at.PATH_PAUSED_MEMBERS, t]):
                targets[at.PAUSED] += count_payers(at.PAUSED, scratch) - paused


@kernel
def enrol_by_rule(t, targets, remembers, paths, constants, tables, state, scratch, out):
    """Returns and entries by the one rule: solved for known levels, at the pressure of its path elsewhere."""
    flows = out.flows
    needs = scratch.needs
    move_groups(t, targets, paths, constants, tables, state, scratch, out)
    scratch.asked[:, :, :] = 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if math.isnan(targets[status]):
            ask_at_path(t, status, paths, tables, state, scratch, out)
    needs[at.PUBLIC] = public_need(t, targets[at.PUBLIC], paths, constants, state, scratch)
    ask_for_level(t, at.PUBLIC, needs[at.PUBLIC], tables, scratch, out)
    settle_paused(t, targets, remembers, paths, constants, tables, state, scratch, out)
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if not math.isnan(targets[status]):
            needs[status] = meet_level(t, status, targets, remembers, paths, tables, state, scratch, out)
        elif paths[at.PATH_ENTERPRISE_GROWTH + status, t] != 0.0:
            ask_at_path(t, status, paths, tables, state, scratch, out)  # once more: those who returned count
    flows[at.FLOW_ENTRIES_CUT, t] = cut_entries(scratch)
    for status in (at.PUBLIC, at.ENTERPRISE, at.FLEXIBLE):
        placed = admit_asked(t, status, paths, constants, tables, state, scratch, out)
        if status == at.PUBLIC or not math.isnan(targets[status]):
            flows[at.FLOW_SHORTFALL_ENTERPRISE + status, t] = needs[status] - placed
    if is_known(t, at.PUBLIC, paths):
        anchor_public(t, paths, constants, state, scratch)


@kernel
def top_up(t, status, paths, constants, tables, state, scratch, out):
    """A gross campaign adds what ordinary entries and switches of the year leave of its number (`campaign_top_up`).

    A known level contains whatever campaigns brought: they only count up to it. Heads of an additional campaign are
    none of the gross one.
    """
    offset = status - at.ENTERPRISE
    switched = out.flows[at.FLOW_SWITCHES_TO_ENTERPRISE if offset == 0 else at.FLOW_SWITCHES_TO_FLEXIBLE, t]
    planned = paths[at.PATH_CAMPAIGN_GROSS_ENTERPRISE + offset, t]
    backlog = at.MEMORY_BACKLOG_ENTERPRISE + offset
    if is_known(t, status, paths) and planned > 0.0:
        state.memory[backlog] += planned - out.flows[at.FLOW_ENTRIES_ENTERPRISE + offset, t] - switched
        return
    heads = campaign_top_up(planned, sum_asked(status, scratch) + switched, backlog, state)
    campaign(t, status, heads, paths, constants, tables, state, scratch, out)


@kernel
def enrol(t, paths, constants, tables, state, scratch, out):
    """The year's returns and entries; before the rule's first year, known levels are met by the pattern of the history.

    What cannot be met is reported as a shortfall, never forced.
    """
    targets = scratch.targets
    known = level_targets(t, paths, targets)
    carry_on(paths, constants, state, targets)
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        if math.isnan(targets[status]):
            state.memory[at.MEMORY_UNSOLVED_ENTERPRISE + status] += 1.0
    count_everyone(state, scratch)
    fill_pools(constants, tables, state, scratch)
    by_rule = constants[at.CONSTANT_FIRST_YEAR] + t >= constants[at.CONSTANT_ENTRY_RULE_YEAR] or not known
    remembers = not (by_rule and is_moved(t, targets, paths, state))
    if not remembers:
        remember_year(t, targets, scratch.needs, paths, constants, tables, state, scratch, out)
    shift_payment(t, paths, constants, state, scratch, targets)
    if by_rule:
        enrol_by_rule(t, targets, remembers, paths, constants, tables, state, scratch, out)
    else:
        lay_off(t, paths, constants, tables, state, scratch, out)
        settle_paused(t, targets, remembers, paths, constants, tables, state, scratch, out)
        enrol_by_pattern(t, targets, paths, constants, tables, state, scratch, out)
        anchor_public(t, paths, constants, state, scratch)
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        top_up(t, status, paths, constants, tables, state, scratch, out)
    if by_rule:
        hold_rate(t, paths, constants, tables, state, scratch, out)
