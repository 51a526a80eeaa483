"""Groups that move outside the rule of entry: catch-up, admissions, layoffs, campaigns (model.md, section 6)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import (
    count_returns_in_time,
    drawn_members,
    note_brought,
    note_in_time,
    restore_pools,
    restrict_pools,
    sum_entries_in_time,
    weigh_campaign,
)
from simengine.kernels.members.coverage import (
    admit_entries,
    career_share,
    count_pausable,
    pause_payers,
    spread_entries,
    weigh_catch_up,
)
from simengine.kernels.members.entry import is_known
from simengine.kernels.members.returns import return_members, solve_returns
from simengine.kernels.members.rows import count_status


@kernel
def catch_up(t, most, paths, constants, tables, state, scratch, out):
    """Entrants who buy the missing years, at most what the flexible level lacks; returns them [persons]."""
    heads = min(paths[at.PATH_CATCH_UP_ENTRANTS, t], max(most, 0.0))
    if heads <= 0.0 or weigh_catch_up(t, tables, constants, scratch) <= 0.0:
        return 0.0
    placed = spread_entries(heads, scratch)
    admit_entries(t, at.FLEXIBLE, at.ENTRY_CATCH_UP, paths, constants, tables, state, scratch, out)
    out.flows[at.FLOW_CATCH_UP_ENTRIES, t] += placed
    return placed


@kernel
def admit_public(t, need, paths, constants, tables, state, scratch, out):
    """A group that enters the public sector together with deemed years, at most what its level lacks [persons]."""
    admitted = min(paths[at.PATH_ADMITTED_PUBLIC_ACTIVES, t], max(need, 0.0))
    if admitted <= 0.0:
        return 0.0
    placed = spread_admission(t, admitted, constants, tables, scratch)
    admit_entries(t, at.PUBLIC, at.ENTRY_ADMISSION, paths, constants, tables, state, scratch, out)
    out.flows[at.FLOW_ADMITTED_ACTIVES, t] += placed
    return placed


@kernel
def spread_admission(t, heads, constants, tables, scratch):
    """A group admitted together has the age profile of its status: no entry limit by years left [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = career_share(at.PUBLIC, career, constants)
        for i in range(at.WORKING_AGES):
            left = tables.retirement[t, career, at.FIRST_AGE + i, at.RET_YEARS_TO_STATUTORY]
            people = scratch.population_survived[sex, at.FIRST_AGE + i]
            weight = tables.level_shape[at.PUBLIC, sex, i] * people * share if left > 0.0 else 0.0
            scratch.weight[career, i] = weight
            total += weight
    if total <= 0.0:
        return 0.0
    return spread_entries(heads, scratch)


@kernel
def lay_off(t, paths, constants, tables, state, scratch, out):
    """A change of the unemployment rate after the last known level: `layoff_share` of it pauses, or returns.

    A known level contains what a change of the rate did. A rise takes its part of the enterprise payers into pauses; a
    fall brings as many back as enterprise payers. Returns who paused, below zero who came back [persons].
    """
    before = state.memory[at.MEMORY_UNEMPLOYMENT_RATE]
    rise = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t] - before
    state.memory[at.MEMORY_UNEMPLOYMENT_RATE] = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t]
    if is_known(t, at.ENTERPRISE, paths) or before <= 0.0 or rise == 0.0:
        return 0.0
    moved = constants[at.CONSTANT_LAYOFF_SHARE] * rise * count_status(scratch.heads, at.ENTERPRISE)
    if moved > 0.0:
        able = count_pausable(t, tables, scratch, at.ENTERPRISE)
        if able > 0.0:
            moved = pause_payers(t, min(at.MOST_OF_CELL, moved / able), 0.0, tables, state, scratch, out)
    else:
        factor = solve_returns(t, -moved, constants, tables, state, scratch)
        moved = -return_members(t, factor, 1.0, state, scratch, out)
    out.flows[at.FLOW_LAYOFFS, t] += moved
    return moved


@kernel
def campaign(t, status, heads, paths, constants, tables, state, scratch, out):
    """Heads of a campaign of the year, drawn from its pools in their order, each up to its limit.

    What no pool can give is missing: it is reported, and nothing of it is asked for again. A limit holds for both kinds
    of campaigns of the year together.
    """
    if heads <= 0.0:
        return
    flows = out.flows
    offset = status - at.ENTERPRISE
    flows[at.FLOW_CAMPAIGN_TOP_UP_ENTERPRISE + offset, t] += heads
    left = heads
    for order in range(at.CAMPAIGN_SOURCES):
        source = int(tables.campaign[t, offset, order, 0])
        if source == 0:
            continue
        wanted = min(left, tables.campaign[t, offset, order, 1] - drawn_members(t, status, source, out))
        if wanted <= 0.0:
            continue
        if source == at.POOL_PAUSED:
            factor = solve_returns(t, wanted, constants, tables, state, scratch)
            to_enterprise = 1.0 if status == at.ENTERPRISE else 0.0
            brought = 0.0
            if factor > 0.0:
                note_in_time(t, status, count_returns_in_time(t, factor, tables, state, scratch), out)
                brought = return_members(t, factor, to_enterprise, state, scratch, out)
        else:
            brought = enter_for_campaign(t, status, source, wanted, paths, constants, tables, state, scratch, out)
        note_brought(t, status, source, brought, out)
        left -= brought
    flows[at.FLOW_CAMPAIGN_MISSING_ENTERPRISE + offset, t] += max(left, 0.0)


@kernel
def enter_for_campaign(t, status, source, wanted, paths, constants, tables, state, scratch, out):
    """People from one pool whom a campaign brings in, alike at every age of its profile [persons].

    Who can still reach the minimum years by the statutory month is counted apart.
    """
    offset = status - at.ENTERPRISE
    ages = tables.campaign_ages[t, offset]
    restrict_pools(source, scratch)
    brought = 0.0
    if weigh_campaign(t, status, ages, tables, constants, scratch) > 0.0:
        brought = spread_entries(wanted, scratch)
        note_in_time(t, status, sum_entries_in_time(t, tables, scratch), out)
        admit_entries(t, status, at.ENTRY_ORDINARY, paths, constants, tables, state, scratch, out)
        out.flows[at.FLOW_ENTRIES_ENTERPRISE + offset, t] += brought
    restore_pools(source, scratch)
    return brought
