"""The year's enrolment of the employees' scheme: both level targets met by solved flows (model.md, section 6)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import kernel
from simengine.kernels.members.campaigns import campaign_top_up, restore_pools, restrict_pools
from simengine.kernels.members.coverage import (
    admit_entries,
    anchor,
    count_pausable,
    fill_pools,
    level_target,
    pause_payers,
    spread_entries,
    weigh_catch_up,
    weigh_entries,
    working_age_population,
)
from simengine.kernels.members.returns import return_members, solve_returns
from simengine.kernels.members.rows import count_status


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
def saturate(t, paths, constants, state, targets):
    """Growth of coverage slows down towards the ceiling of members over people of working age [model.md section 6].

    g' = g / √(1 + (g/h)²),  h = ceiling - share at the last known level;  nothing when a level is known
    """
    before = 0.0
    grown = 0.0
    for status in range(at.STATUSES):
        if not math.isnan(paths[at.PATH_ENTERPRISE_PAYERS + status, t]):
            return
        ratio = state.memory[at.MEMORY_RATIO_ENTERPRISE + status]
        before += ratio
        grown += ratio * paths[at.PATH_ENTERPRISE_INDEX + status, t]
    growth = grown - before
    if growth <= 0.0:
        return
    room = max(0.0, constants[at.CONSTANT_MEMBER_CEILING] - before)
    kept = growth * room / math.sqrt(room * room + growth * growth)
    for status in range(at.STATUSES):
        targets[status] *= (before + kept) / grown


@kernel
def status_targets(t, paths, constants, tables, state, scratch, targets):
    """Level targets of enterprise, flexible, public payers and paused members into `targets` [persons].

    A payment-rate lever shifts heads between paying and paused; it never moves the sum of the two.
    """
    base = working_age_population(t, tables, scratch.population_survived)
    memory = state.memory
    for status in range(at.STATUSES):  # levels, indices and ratios of the four stand in the order of the statuses
        level = paths[at.PATH_ENTERPRISE_PAYERS + status, t]
        index = paths[at.PATH_ENTERPRISE_INDEX + status, t]
        position = at.MEMORY_RATIO_ENTERPRISE + status
        targets[status] = level_target(level, index, memory[position], base)
        anchor(level, index, targets[status], base, memory, position)
    saturate(t, paths, constants, state, targets)
    targets[0] += memory[at.MEMORY_EXTRA_ENTERPRISE]
    targets[1] += memory[at.MEMORY_EXTRA_FLEXIBLE]
    targets[at.PAUSED] += memory[at.MEMORY_EXTRA_PAUSED]
    rate = paths[at.PATH_PAYMENT_RATE, t]
    if not math.isnan(rate):
        paying = targets[0] + targets[1]
        moved = targets[at.PAUSED] - (1.0 - rate) * (paying + targets[at.PUBLIC] + targets[at.PAUSED])
        moved = min(max(moved, -at.MOST_OF_CELL * paying), targets[at.PAUSED])
        targets[at.PAUSED] -= moved
        if paying > 0.0:
            factor = 1.0 + moved / paying
            targets[0] *= factor
            targets[1] *= factor


@kernel
def shift_layoffs(t, paths, constants, state, out, targets):
    """A rise of the unemployment rate takes `layoff_share` of it out of enterprise payers (model.md section 6)."""
    before = state.memory[at.MEMORY_UNEMPLOYMENT_RATE]
    rise = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t] - before
    state.memory[at.MEMORY_UNEMPLOYMENT_RATE] = paths[at.PATH_SURVEYED_UNEMPLOYMENT_RATE, t]
    known = not math.isnan(paths[at.PATH_ENTERPRISE_PAYERS, t])
    if known or before <= 0.0:
        return
    moved = constants[at.CONSTANT_LAYOFF_SHARE] * rise * targets[0]
    state.memory[at.MEMORY_EXTRA_ENTERPRISE] -= moved
    state.memory[at.MEMORY_EXTRA_PAUSED] += moved
    out.flows[at.FLOW_LAYOFFS, t] += moved
    targets[0] -= moved
    targets[at.PAUSED] += moved


@kernel
def enter_status(t, status, heads, kind, target, paths, constants, tables, state, scratch, out):
    """Place `heads` entrants of one status and kind; returns those that found a place [persons]."""
    if heads <= 0.0:
        return 0.0
    if kind == at.ENTRY_CATCH_UP:
        total = weigh_catch_up(t, tables, constants, scratch)
    else:
        total = weigh_entries(t, status, target, constants, tables, scratch)
    if total <= 0.0:
        return 0.0
    placed = spread_entries(heads, scratch)
    admit_entries(t, status, kind, paths, constants, tables, state, scratch, out)
    return placed


@kernel
def enter_public(t, target, need, paths, constants, tables, state, scratch, out):
    """Public payers: an admission of a group first (deemed service), then ordinary entrants."""
    admitted = min(paths[at.PATH_ADMITTED_PUBLIC_ACTIVES, t], max(need, 0.0))
    placed = 0.0
    if admitted > 0.0:
        placed = spread_admission(t, admitted, constants, tables, scratch)
        admit_entries(t, at.PUBLIC, at.ENTRY_ADMISSION, paths, constants, tables, state, scratch, out)
        out.flows[at.FLOW_ADMITTED_ACTIVES, t] += placed
    rest = max(need, 0.0) - placed
    ordinary = enter_status(
        t, at.PUBLIC, rest, at.ENTRY_ORDINARY, target, paths, constants, tables, state, scratch, out
    )
    out.flows[at.FLOW_ENTRIES_PUBLIC, t] += ordinary
    out.flows[at.FLOW_SHORTFALL_PUBLIC, t] = need - placed - ordinary


@kernel
def spread_admission(t, heads, constants, tables, scratch):
    """A group admitted together has the age profile of its status: no entry limit by years left [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = 1.0
        if career > 0:
            share = constants[at.CONSTANT_WOMEN_55_SHARE_PUBLIC]
            if career == 2:
                share = 1.0 - share
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
def return_for_campaign(t, status, heads, constants, tables, state, scratch, out):
    """Paused members a campaign brings back to one status [persons]; the paused target falls with them for good."""
    factor = solve_returns(t, heads, constants, tables, state, scratch)
    if factor <= 0.0:
        return 0.0
    to_enterprise = 1.0 if status == at.ENTERPRISE else 0.0
    brought = return_members(t, factor, to_enterprise, state, scratch, out)
    state.memory[at.MEMORY_EXTRA_PAUSED] -= brought
    return brought


@kernel
def campaign(t, status, ordinary, targets, paths, constants, tables, state, scratch, out):
    """A campaign of the year: its heads are drawn from its pools in their order, each up to its limit.

    The target of the status stays higher by what was planned; what no pool can give is the year's shortfall and is
    asked for again next year among the ordinary entries.
    """
    flows = out.flows
    offset = status - at.ENTERPRISE
    switched = flows[at.FLOW_SWITCHES_TO_ENTERPRISE, t] if offset == 0 else flows[at.FLOW_SWITCHES_TO_FLEXIBLE, t]
    heads = campaign_top_up(
        paths[at.PATH_CAMPAIGN_GROSS_ENTERPRISE + offset, t],
        max(ordinary, 0.0) + switched,
        at.MEMORY_BACKLOG_ENTERPRISE + offset,
        state,
    )
    heads += paths[at.PATH_CAMPAIGN_ADDITIONAL_ENTERPRISE + offset, t]
    if heads <= 0.0:
        return
    state.memory[at.MEMORY_EXTRA_ENTERPRISE + offset] += heads
    flows[at.FLOW_CAMPAIGN_TOP_UP_ENTERPRISE + offset, t] = heads
    left = heads
    for order in range(at.CAMPAIGN_SOURCES):
        source = int(tables.campaign[t, offset, order, 0])
        wanted = min(left, tables.campaign[t, offset, order, 1])
        if source == 0 or wanted <= 0.0:
            continue
        if source == at.POOL_PAUSED:
            brought = return_for_campaign(t, status, wanted, constants, tables, state, scratch, out)
        else:
            restrict_pools(source, scratch)
            brought = enter_status(
                t, status, wanted, at.ENTRY_ORDINARY, targets[status], paths, constants, tables, state, scratch, out
            )
            restore_pools(source, scratch)
            flows[at.FLOW_ENTRIES_ENTERPRISE + offset, t] += brought
        flows[at.FLOW_CAMPAIGN_FROM_PAUSED + source - at.POOL_PAUSED, t] += brought
        left -= brought
    flows[at.FLOW_CAMPAIGN_MISSING_ENTERPRISE + offset, t] = max(left, 0.0)
    flows[at.FLOW_SHORTFALL_ENTERPRISE + offset, t] += left


@kernel
def enrol(t, paths, constants, tables, state, scratch, out):
    """Solve the year's returns and entries so that payers and paused members meet their two targets.

    The year's net pausing is fixed by the paused target: returns = paused as predicted - target. Entries of a
    status are what its target still lacks. What cannot be met is reported as a shortfall, never forced.
    """
    targets = scratch.targets
    status_targets(t, paths, constants, tables, state, scratch, targets)
    shift_layoffs(t, paths, constants, state, out, targets)
    flows = out.flows
    needs = scratch.needs
    for status in range(at.STATUSES):
        needs[status] = targets[status] - count_status(scratch.heads, status) - count_status(scratch.arrived, status)
    if needs[at.PAUSED] > 0.0:
        enterprise = count_pausable(t, tables, scratch, at.ENTERPRISE)
        flexible = count_pausable(t, tables, scratch, at.FLEXIBLE)
        if enterprise + flexible > 0.0:
            share = min(at.MOST_OF_CELL, needs[at.PAUSED] / (enterprise + flexible))
            needs[at.PAUSED] -= pause_payers(t, share, tables, state, scratch, out)
            needs[0] += enterprise * share
            needs[1] += flexible * share
    wants_enterprise = max(needs[0], 0.0)
    wants_flexible = max(needs[1], 0.0)
    wants = wants_enterprise + wants_flexible
    returning = 0.0
    wanted = min(max(0.0, -needs[at.PAUSED]), wants)
    if wanted > 0.0:
        to_enterprise = wants_enterprise / wants
        factor = solve_returns(t, wanted, constants, tables, state, scratch)
        returning = return_members(t, factor, to_enterprise, state, scratch, out)
        needs[0] -= returning * to_enterprise
        needs[1] -= returning * (1.0 - to_enterprise)
    flows[at.FLOW_SHORTFALL_PAUSED, t] = needs[at.PAUSED] + returning
    count_everyone(state, scratch)
    fill_pools(tables, state, scratch)
    enter_public(t, targets[at.PUBLIC], needs[at.PUBLIC], paths, constants, tables, state, scratch, out)

    wanted = max(needs[0], 0.0)
    placed = enter_status(
        t, at.ENTERPRISE, wanted, at.ENTRY_ORDINARY, targets[0], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_ENTRIES_ENTERPRISE, t] += placed
    flows[at.FLOW_SHORTFALL_ENTERPRISE, t] = needs[0] - placed
    catch_up = min(paths[at.PATH_CATCH_UP_ENTRANTS, t], max(needs[1], 0.0))
    caught = enter_status(
        t, at.FLEXIBLE, catch_up, at.ENTRY_CATCH_UP, targets[1], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_CATCH_UP_ENTRIES, t] += caught
    placed = enter_status(
        t, at.FLEXIBLE, max(needs[1], 0.0) - caught, at.ENTRY_ORDINARY, targets[1], paths, constants, tables, state,
        scratch, out,
    )  # fmt: skip
    flows[at.FLOW_ENTRIES_FLEXIBLE, t] += placed
    flows[at.FLOW_SHORTFALL_FLEXIBLE, t] = needs[1] - caught - placed
    campaign(t, at.ENTERPRISE, needs[0], targets, paths, constants, tables, state, scratch, out)
    campaign(t, at.FLEXIBLE, needs[1], targets, paths, constants, tables, state, scratch, out)
