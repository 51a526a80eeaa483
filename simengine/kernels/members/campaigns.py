"""Campaigns: the heads a year must add, and the one source they are drawn from at a time (model.md, section 6)."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel
from simengine.kernels.members.coverage import career_share


@kernel
def restrict_pools(source, scratch):
    """Leave in the pools only one source of a campaign; `restore_pools` brings the rest back."""
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            registered = scratch.pool_resident[sex, i]
            if source == at.POOL_RESIDENT:
                scratch.pool_aside[sex, i] = scratch.pool[sex, i] - registered
                scratch.pool[sex, i] = registered
            else:
                scratch.pool_aside[sex, i] = registered
                scratch.pool[sex, i] -= registered
                scratch.pool_resident[sex, i] = 0.0


@kernel
def restore_pools(source, scratch):
    """Undo `restrict_pools`; what was drawn meanwhile stays drawn."""
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            scratch.pool[sex, i] += scratch.pool_aside[sex, i]
            if source == at.POOL_NONE:
                scratch.pool_resident[sex, i] = scratch.pool_aside[sex, i]


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
def branch_campaign(gross, additional, ordinary, backlog, state):
    """Insured a campaign adds to the level of the unemployment or injury branch in a year [persons].

    Parameters
    ----------
    gross, additional : heads of the year; ordinary : growth of the level without the campaign
    backlog : position of what earlier years of a gross campaign still lack
    """
    return campaign_top_up(gross, max(ordinary, 0.0), backlog, state) + additional


@kernel
def weigh_campaign(t, status, ages, tables, constants, scratch):
    """Entry weights of a campaign: the people who can enter, alike at every age of its profile [persons].

    Parameters
    ----------
    ages : first age, last age, and 1 if it takes only who can still reach the minimum years by the statutory month
    """
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        share = career_share(status, career, constants)
        for i in range(at.WORKING_AGES):
            age = at.FIRST_AGE + i
            weight = 0.0
            if ages[0] <= age <= ages[1] and can_enter(t, career, i, ages[2], tables):
                weight = share * scratch.pool[sex, i]
            scratch.weight[career, i] = weight
            total += weight
    return total


@inlined
def can_enter(t, career, i, reaching, tables):
    """Whether a campaign takes people of an age: before the statutory month, and in time for the minimum if it asks."""
    table = tables.retirement[t, career, at.FIRST_AGE + i]
    least = table[at.RET_THRESHOLD] if reaching > 0.5 else 0.0
    return table[at.RET_YEARS_TO_STATUTORY] > least


@kernel
def sum_entries_in_time(t, tables, scratch):
    """Entrants of `scratch.entry` who can still reach the minimum years by their statutory month [persons]."""
    heads = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if can_enter(t, career, i, 1.0, tables):
                heads += scratch.entry[career, i]
    return heads


@kernel
def count_returns_in_time(t, factor, tables, state, scratch):
    """Paused members who return at a factor and have, or can still reach, the minimum years [persons].

    A bin counts whole, by its mean service: s + years to the statutory month >= minimum. `scratch.return_weights` hold
    the weights of the year.
    """
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            if scratch.may_return[career, i] <= 0.0:
                continue
            table = tables.retirement[t, career, at.FIRST_AGE + i]
            row = state.members[career, at.PAUSED, i]
            for k in range(at.BINS):
                heads = row[at.HEADS, k]
                if heads <= 0.0:
                    continue
                reached = row[at.SERVICE, k] / heads + table[at.RET_YEARS_TO_STATUTORY]
                if reached >= table[at.RET_THRESHOLD] - at.LEAST_SERVICE:
                    total += heads * min(at.MOST_OF_CELL, factor * scratch.return_weights[career, i, k])
    return total


@kernel
def note_in_time(t, status, heads, out):
    """Book heads of a campaign who can still reach the minimum years, and the flexible payers among them."""
    out.flows[at.FLOW_CAMPAIGN_IN_TIME, t] += heads
    if status == at.FLEXIBLE:
        out.flows[at.FLOW_CAMPAIGN_FLEXIBLE_IN_TIME, t] += heads


@kernel
def note_brought(t, status, source, heads, out):
    """Book heads of a campaign by their pool, and the flexible payers among them."""
    place = source - at.POOL_PAUSED
    out.flows[at.FLOW_CAMPAIGN_FROM_PAUSED + place, t] += heads
    if status == at.FLEXIBLE:
        out.flows[at.FLOW_CAMPAIGN_FLEXIBLE_FROM_PAUSED + place, t] += heads


@kernel
def drawn_members(t, status, source, out):
    """Heads that the campaigns of a status have drawn from a pool so far this year [persons]."""
    place = source - at.POOL_PAUSED
    flexible = out.flows[at.FLOW_CAMPAIGN_FLEXIBLE_FROM_PAUSED + place, t]
    if status == at.FLEXIBLE:
        return flexible
    return out.flows[at.FLOW_CAMPAIGN_FROM_PAUSED + place, t] - flexible
