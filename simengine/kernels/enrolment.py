"""The year's enrolment of the employees' scheme: both level targets met by solved flows (model.md, section 6)."""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.coverage import (
    admit_entries,
    anchor,
    count_pausable,
    count_returnable,
    count_status,
    fill_pools,
    level_target,
    pause_payers,
    return_members,
    spread_entries,
    weigh_catch_up,
    weigh_entries,
    working_age_population,
)
from simengine.kernels.jit import kernel


@kernel
def count_employees(state, scratch):
    """Everyone in the employees' scheme in the middle of the year's events, by sex and age, into `scratch.count`."""
    scratch.count[:, :] = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            heads = 0.0
            for status in range(at.STATUSES):
                for k in range(at.BINS):
                    heads += state.members[at.HEADS, career, status, i, k]
                    heads += scratch.arrivals[at.HEADS, career, status, i, k]
            for branch in range(3):
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
def status_targets(t, paths, tables, state, scratch, targets):
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
    targets[0] += memory[at.MEMORY_EXTRA_ENTERPRISE] + paths[at.PATH_CAMPAIGN_ADDITIONAL_ENTERPRISE, t]
    targets[1] += memory[at.MEMORY_EXTRA_FLEXIBLE] + paths[at.PATH_CAMPAIGN_ADDITIONAL_FLEXIBLE, t]
    targets[3] += memory[at.MEMORY_EXTRA_PAUSED]
    rate = paths[at.PATH_PAYMENT_RATE, t]
    if not math.isnan(rate):
        paying = targets[0] + targets[1]
        moved = targets[3] - (1.0 - rate) * (paying + targets[2] + targets[3])
        moved = min(max(moved, -0.9 * paying), targets[3])
        targets[3] -= moved
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
    targets[3] += moved


@kernel
def enter_status(t, status, heads, kind, target, paths, constants, tables, state, scratch, out):
    """Place `heads` entrants of one status and kind; returns those that found a place [persons]."""
    if heads <= 0.0:
        return 0.0
    if kind == at.ENTRY_CATCH_UP:
        total = weigh_catch_up(t, tables, constants, scratch)
    else:
        total = weigh_entries(t, status, target, constants, tables, state, scratch)
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
        placed = spread_admission(t, admitted, target, constants, tables, state, scratch)
        admit_entries(t, at.PUBLIC, at.ENTRY_ADMISSION, paths, constants, tables, state, scratch, out)
        out.flows[at.FLOW_ADMITTED_ACTIVES, t] += placed
    rest = max(need, 0.0) - placed
    ordinary = enter_status(
        t, at.PUBLIC, rest, at.ENTRY_ORDINARY, target, paths, constants, tables, state, scratch, out
    )
    out.flows[at.FLOW_ENTRIES_PUBLIC, t] += ordinary
    out.flows[at.FLOW_SHORTFALL_PUBLIC, t] = need - placed - ordinary


@kernel
def spread_admission(t, heads, target, constants, tables, state, scratch):
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
def campaign_top_up(planned, ordinary, backlog, state):
    """Entrants a gross campaign must add so that its cumulative number is reached [persons].

    The campaign counts ordinary entrants and switches first; what earlier years brought beyond the plan counts
    for later ones. Without a campaign in the year nothing is carried and nothing is added.
    """
    if planned <= 0.0:
        state.memory[backlog] = 0.0
        return 0.0
    missing = state.memory[backlog] + planned - ordinary
    top_up = max(0.0, missing)
    state.memory[backlog] = missing - top_up
    return top_up


@kernel
def enrol(t, paths, constants, tables, state, scratch, out):
    """Solve the year's returns and entries so that payers and paused members meet their two targets.

    The year's net pausing is fixed by the paused target: returns = paused as predicted - target. Entries of a
    status are what its target still lacks. What cannot be met is reported as a shortfall, never forced.
    """
    targets = scratch.targets
    status_targets(t, paths, tables, state, scratch, targets)
    shift_layoffs(t, paths, constants, state, out, targets)
    flows = out.flows
    needs = scratch.needs
    for status in range(at.STATUSES):
        needs[status] = targets[status] - count_status(state.members, status) - count_status(scratch.arrivals, status)
    if needs[3] > 0.0:
        enterprise = count_pausable(t, tables, state, at.ENTERPRISE)
        flexible = count_pausable(t, tables, state, at.FLEXIBLE)
        if enterprise + flexible > 0.0:
            share = min(0.9, needs[3] / (enterprise + flexible))
            needs[3] -= pause_payers(t, share, tables, state, scratch, out)
            needs[0] += enterprise * share
            needs[1] += flexible * share
    wants_enterprise = max(needs[0], 0.0)
    wants_flexible = max(needs[1], 0.0)
    wants = wants_enterprise + wants_flexible
    returnable = count_returnable(t, tables, state)
    returning = min(max(0.0, -needs[3]), wants, 0.9 * returnable)
    if returning > 0.0:
        to_enterprise = wants_enterprise / wants
        return_members(t, returning / returnable, to_enterprise, paths, tables, state, scratch, out)
        needs[0] -= returning * to_enterprise
        needs[1] -= returning * (1.0 - to_enterprise)
    flows[at.FLOW_SHORTFALL_PAUSED, t] = needs[3] + returning
    count_everyone(state, scratch)
    fill_pools(t, constants, tables, state, scratch)
    enter_public(t, targets[2], needs[2], paths, constants, tables, state, scratch, out)

    top_up = campaign_top_up(
        paths[at.PATH_CAMPAIGN_GROSS_ENTERPRISE, t],
        max(needs[0], 0.0) + flows[at.FLOW_SWITCHES_TO_ENTERPRISE, t],
        at.MEMORY_BACKLOG_ENTERPRISE,
        state,
    )
    state.memory[at.MEMORY_EXTRA_ENTERPRISE] += top_up
    flows[at.FLOW_CAMPAIGN_TOP_UP_ENTERPRISE, t] = top_up
    wanted = max(needs[0], 0.0) + top_up
    placed = enter_status(
        t, at.ENTERPRISE, wanted, at.ENTRY_ORDINARY, targets[0], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_ENTRIES_ENTERPRISE, t] += placed
    flows[at.FLOW_SHORTFALL_ENTERPRISE, t] = needs[0] + top_up - placed

    top_up = campaign_top_up(
        paths[at.PATH_CAMPAIGN_GROSS_FLEXIBLE, t],
        max(needs[1], 0.0) + flows[at.FLOW_SWITCHES_TO_FLEXIBLE, t],
        at.MEMORY_BACKLOG_FLEXIBLE,
        state,
    )
    state.memory[at.MEMORY_EXTRA_FLEXIBLE] += top_up
    flows[at.FLOW_CAMPAIGN_TOP_UP_FLEXIBLE, t] = top_up
    wanted = max(needs[1], 0.0) + top_up
    catch_up = min(paths[at.PATH_CATCH_UP_ENTRANTS, t], wanted)
    caught = enter_status(
        t, at.FLEXIBLE, catch_up, at.ENTRY_CATCH_UP, targets[1], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_CATCH_UP_ENTRIES, t] += caught
    placed = enter_status(
        t, at.FLEXIBLE, wanted - caught, at.ENTRY_ORDINARY, targets[1], paths, constants, tables, state, scratch, out
    )
    flows[at.FLOW_ENTRIES_FLEXIBLE, t] += placed
    flows[at.FLOW_SHORTFALL_FLEXIBLE, t] = needs[1] + top_up - caught - placed
