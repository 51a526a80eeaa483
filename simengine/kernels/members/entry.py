"""The one rule of entry into the employees' scheme: who can enter, and how strongly (model.md, section 6).

    entries = λ·open·P,     λ = m·q / (1 - q + m·q)

P : people of a sex and age who can enter (`fill_pools`)     q : age shape of a status and career, stated
m : odds factor of a status and year; its logarithm is the pressure. A year whose level is known is solved for it
(`solve_odds`); afterwards it follows its path and the heads are an output. Notes: notes/coverage.md.
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel


@inlined
def entry_intensity(q, odds):
    """Share of the people who can enter that enters in a year [1].

    Examples
    --------
    >>> entry_intensity(0.2, 1.0), round(entry_intensity(0.2, 2.0), 4)
    (0.2, 0.3333)
    """
    return odds * q / (1.0 - q + odds * q)


@kernel
def fill_pools(constants, tables, state, scratch):
    """Who can enter the employees' scheme, by sex and age [persons]: nobody's members and resident contributors.

    P = max(0, outside - ν·people), outside = max(0, people - students - everyone with a main status + registered):
    `scratch.count` holds everyone with a main status. Who lives elsewhere and is registered here cannot enter here:
    where the registered are more than the people of an age outside the employees' scheme, these are the pool. So it
    does not depend on how many of them are registered. A resident contributor with a dormant employees' account is a
    returner, not an entrant. Those who never enter are among both groups alike.
    """
    never = constants[at.CONSTANT_NEVER_ENTERS]
    for sex in range(2):
        for i in range(at.WORKING_AGES):
            age = at.FIRST_AGE + i
            people = scratch.population_survived[sex, age]
            free = people * (1.0 - tables.student_share[age]) - scratch.count[sex, age]
            registered = max(
                0.0,
                state.resident[at.R_PAYING, sex, age]
                + state.resident[at.R_NOT_PAYING, sex, age]
                - state.resident[at.R_DUAL, sex, age],
            )
            outside = max(0.0, free + registered)
            pool = max(0.0, outside - never * max(0.0, people))
            scratch.pool[sex, i] = pool
            scratch.pool_resident[sex, i] = min(registered, outside) * (pool / outside) if outside > 0.0 else 0.0


@kernel
def sum_entries(t, status, odds, tables, scratch):
    """Entrants of a status at an odds factor, and how fast they grow with it [persons]."""
    entries = 0.0
    growing = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            reached = tables.entry_open[t, status, career, i] * scratch.pool[sex, i]
            if reached <= 0.0:
                continue
            q = tables.entry_shape[status, career, i]
            below = 1.0 / (1.0 - q + odds * q)
            entries += reached * (odds * q) * below
            growing += reached * (q * (1.0 - q)) * below * below
    return entries, growing


@kernel
def solve_odds(t, status, wanted, tables, scratch):
    """Odds factor at which `wanted` people enter, between its two bounds [1].

    Entries grow with the factor and ever more slowly, so that a step along the slope from below never passes the
    root. What the bounds leave is the caller's shortfall.
    """
    odds = at.LEAST_ODDS
    for _ in range(at.MOST_ROUNDS):
        entries, growing = sum_entries(t, status, odds, tables, scratch)
        if wanted - entries <= at.NO_PART * wanted or growing <= 0.0:
            break
        odds = min(at.MOST_ODDS, odds + (wanted - entries) / growing)
        if odds >= at.MOST_ODDS:
            break
    return odds


@kernel
def ask_entries(t, status, odds, tables, scratch):
    """Entrants of a status by career and age into `scratch.asked`; returns their sum [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        sex = at.MALE if career == 0 else at.FEMALE
        for i in range(at.WORKING_AGES):
            reached = tables.entry_open[t, status, career, i] * scratch.pool[sex, i]
            asked = 0.0
            if reached > 0.0:
                asked = reached * entry_intensity(tables.entry_shape[status, career, i], odds)
            scratch.asked[status, career, i] = asked
            total += asked
    return total


@kernel
def ask_wanted(t, status, wanted, tables, scratch):
    """Entrants of a status into `scratch.asked` so that `wanted` people enter; returns odds factor and sum.

    Fewer people than enter at the lower bound are a part of those, alike at every age.
    """
    wanted = max(wanted, 0.0)
    odds = solve_odds(t, status, wanted, tables, scratch)
    asked = ask_entries(t, status, odds, tables, scratch)
    if asked > wanted:
        part = wanted / asked
        for career in range(at.CAREERS):
            for i in range(at.WORKING_AGES):
                scratch.asked[status, career, i] *= part
        asked = wanted
    return odds, asked


@kernel
def cut_entries(scratch):
    """Cut `scratch.asked` of the three statuses in proportion where they ask for more than nine tenths of a cell.

    Returns the entrants cut [persons].
    """
    cut = 0.0
    for sex in range(2):
        first = 0 if sex == at.MALE else 1
        last = 1 if sex == at.MALE else at.CAREERS
        for i in range(at.WORKING_AGES):
            asked = 0.0
            for status in range(at.PAUSED):
                for career in range(first, last):
                    asked += scratch.asked[status, career, i]
            most = at.MOST_OF_CELL * scratch.pool[sex, i]
            if asked <= most:
                continue
            cut += asked - most
            for status in range(at.PAUSED):
                for career in range(first, last):
                    scratch.asked[status, career, i] *= most / asked
    return cut


@kernel
def mean_kept(kept, row, without):
    """Mean of the kept years of one row, a year below zero holding nothing; `without` where no year is kept."""
    total = 0.0
    count = 0
    for k in range(at.KEPT_YEARS):
        if kept[row, k] >= 0.0:
            total += kept[row, k]
            count += 1
    return total / count if count > 0 else without


@kernel
def note_odds(t, status, odds, least, paths, state):
    """Keep the odds factor of a solved year over the path of the basis, for the years after; of five years.

    At least the part `least` of the mean of those kept before.
    """
    if status == at.PUBLIC:
        return
    ratio = odds / paths[at.PATH_ENTRY_ODDS_ENTERPRISE + status, t]
    ratio = max(ratio, least * mean_kept(state.odds, status, 0.0))
    state.memory[at.MEMORY_ODDS_ENTERPRISE + status] = ratio
    state.memory[at.MEMORY_UNSOLVED_ENTERPRISE + status] = 0.0
    for k in range(at.KEPT_YEARS - 1):
        state.odds[status, k] = state.odds[status, k + 1]
    state.odds[status, at.KEPT_YEARS - 1] = ratio


@kernel
def path_odds(t, status, paths, state):
    """Odds factor of a year without a target [1]: the last one solved, moved as its path moves.

    What the last year of the lane had beside the path gives way, in ten years, to the mean of its last five solved
    years: one year is a poor witness. The factor stays between the bounds of those that are solved; zero where none is.
    """
    last = state.memory[at.MEMORY_ODDS_ENTERPRISE + status]
    if last <= 0.0:
        return 0.0
    mean = mean_kept(state.odds, status, last)
    part = min(1.0, state.memory[at.MEMORY_UNSOLVED_ENTERPRISE + status] / at.SETTLING_YEARS)
    odds = (last + (mean - last) * part) * paths[at.PATH_ENTRY_ODDS_ENTERPRISE + status, t]
    return min(at.MOST_ODDS, max(at.LEAST_ODDS, odds))


@kernel
def is_known(t, status, paths):
    """Whether the level of a status is known in a year: published, entered, stated, or grown with the nation's."""
    return not math.isnan(paths[at.PATH_ENTERPRISE_PAYERS + status, t])


@kernel
def has_returns(state):
    """Whether a known year of this lane says how many paused members return."""
    return state.returns[0, at.KEPT_YEARS - 1] >= 0.0


@kernel
def mean_returns(item, state):
    """Mean of the last five known years; `item`: 0 the share that returned, 1 the part of it to enterprises [1]."""
    return mean_kept(state.returns, item, 0.0)


@kernel
def note_returns(rate, to_enterprise, state):
    """Keep the share of paused members who returned in a known year, and that of them to enterprises, of five years.

    Of both, and of the part to flexible work, at least the stated part of the mean of the years kept before.
    """
    if has_returns(state):
        mean = mean_returns(1, state)
        rate = max(rate, at.LEAST_OF_MEAN * mean_returns(0, state))
        to_enterprise = max(to_enterprise, at.LEAST_OF_MEAN * mean)
        to_enterprise = min(to_enterprise, 1.0 - at.LEAST_OF_MEAN * (1.0 - mean))
    for k in range(at.KEPT_YEARS - 1):
        for item in range(2):
            state.returns[item, k] = state.returns[item, k + 1]
    state.returns[0, at.KEPT_YEARS - 1] = rate
    state.returns[1, at.KEPT_YEARS - 1] = to_enterprise
