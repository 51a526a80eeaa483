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
