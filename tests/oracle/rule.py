"""The rule of entry in plain Python: pools, pressures, who is asked for, who is cut (model.md section 6).

    entries = λ·open·P,     λ = m·q / (1 - q + m·q)

Written from the formula; nothing of it is taken from the kernels. The odds factor m is found by halving an interval of
its logarithm, the pressure.
"""

from __future__ import annotations

import math

import numpy as np

from simengine.kernels import layout as at
from tests.oracle.year import MEMORY, OLD_AGE, Year, sex_of

MOST_PRESSURE = 3.0
MOST_OF_CELL = 0.9
HALVINGS = 90
STATUSES = {at.ENTERPRISE: "enterprise", at.FLEXIBLE: "flexible", at.PUBLIC: "public"}
LEVELS = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
Asked = dict[tuple[int, int], float]
"""Entrants by career and working age [persons]."""


# --- levels -----------------------------------------------------------------------------------------------------------


def is_known(year: Year, status: int) -> bool:
    """Whether the level of a status is stated in the year."""
    return not math.isnan(year.path[LEVELS[status]])


def carried_on(year: Year, wanted: list[float]) -> list[float]:
    """Levels of a first year that knows none: those of the opening, grown once more as its history grew."""
    found = list(wanted)
    for status, name in ((at.ENTERPRISE, "enterprise"), (at.FLEXIBLE, "flexible")):
        if math.isnan(found[status]) and year.stock.memory[MEMORY[f"odds_{name}"]] <= 0.0:
            found[status] = opening_level(year, LEVELS[status]) * year.constant[f"trend_{name}"]
    if math.isnan(found[at.PAUSED]) and year.stock.returns[0][-1] < 0.0:
        found[at.PAUSED] = opening_level(year, "paused_members") * year.constant["trend_paused"]
    return found


def opening_level(year: Year, name: str) -> float:
    """A level in the first year of the lane, that of the opening [persons]."""
    return float(year.paths[at.PATH_NAMES.index(name), 0])


def shifted(year: Year, levels: list[float]) -> list[float]:
    """Targets of the four statuses; a payment rate moves heads between paying and paused, never their sum.

    Without a target of payers the rate itself says how many are paused.
    """
    enterprise, flexible, public, paused = levels
    rate = year.path["payment_rate"]
    if math.isnan(rate):
        return [enterprise, flexible, public, paused]
    if any(map(math.isnan, (enterprise, flexible, paused))):
        return [enterprise, flexible, public, math.nan]
    staff = count(year, at.PUBLIC) + max(0.0, public_need(year, public)) if math.isnan(public) else public
    both = enterprise + flexible
    moved = paused - (1.0 - rate) * (both + staff + paused)
    moved = min(paused, max(-MOST_OF_CELL * both, moved))
    grown = 1.0 + moved / both if both > 0.0 else 1.0
    return [enterprise * grown, flexible * grown, public, paused - moved]


def count(year: Year, status: int) -> float:
    """Members of a status as they stand, arrivals among them [persons]."""
    return year.members.count(status) + year.arrivals.count(status)


def count_below_old_age(year: Year, status: int) -> float:
    """The same below the retirement ages before the reform [persons]."""
    return sum(
        group.heads_of(row)
        for group in (year.members, year.arrivals)
        for row in group.rows
        if row[1] == status and at.FIRST_AGE + row[2] < year.constant[OLD_AGE[row[0]]]
    )


# --- the people who can enter -----------------------------------------------------------------------------------------


def fill_pools(year: Year) -> None:
    """People who live here, are not in school and outside the employees' scheme; less those who never enter.

    Everyone with a main status stands in `work.count`, resident contributors among them, wherever they live: they are
    added again, and those beyond the people of an age live elsewhere. A dormant employees' account is not counted.
    """
    work, resident = year.work, year.stock.resident
    for sex in (at.MALE, at.FEMALE):
        for i in range(at.WORKING_AGES):
            age = at.FIRST_AGE + i
            people = float(work.population_survived[sex, age])
            free = people * (1.0 - float(year.tables.student_share[age])) - float(work.count[sex, age])
            listed = sum(float(resident[item, sex, age]) for item in (at.R_PAYING, at.R_NOT_PAYING))
            listed = max(0.0, listed - float(resident[at.R_DUAL, sex, age]))
            outside = max(0.0, free + listed)
            able = max(0.0, outside - year.constant["never_enters"] * people)
            work.pool[sex, i] = able
            work.pool_resident[sex, i] = able * min(1.0, listed / outside) if outside > 0.0 else 0.0


# --- pressures --------------------------------------------------------------------------------------------------------


def reached(year: Year, status: int) -> list[tuple[int, int, float, float]]:
    """Career, working age, the people entry is open to and the age shape q of one status."""
    found = []
    for career in range(at.CAREERS):
        pool = year.work.pool[sex_of(career)].tolist()
        part, shape = year.tables.entry_open[year.t, status, career], year.tables.entry_shape[status, career]
        cells = zip(pool, part.tolist(), shape.tolist(), strict=True)
        found += [(career, i, share * people, q) for i, (people, share, q) in enumerate(cells) if share * people > 0.0]
    return found


def ask(year: Year, status: int, odds: float) -> Asked:
    """Entrants of a status at an odds factor."""
    return {(c, i): people * odds * q / (1.0 - q + odds * q) for c, i, people, q in reached(year, status)}


def solve_odds(year: Year, status: int, wanted: float) -> float:
    """Odds factor at which `wanted` people enter, pressure from -3 to 3; the lower end where nobody can enter."""
    cells = [(people, q) for _, _, people, q in reached(year, status)]

    def entries(pressure: float) -> float:
        odds = math.exp(pressure)
        return sum(people * odds * q / (1.0 - q + odds * q) for people, q in cells)

    low, high = -MOST_PRESSURE, MOST_PRESSURE
    if not cells or wanted <= entries(low):
        return math.exp(low)
    if wanted >= entries(high):
        return math.exp(high)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if entries(middle) < wanted else (low, middle)
    return math.exp(low)


def ask_wanted(year: Year, status: int, wanted: float) -> tuple[float, Asked]:
    """Odds factor and entrants so that `wanted` people enter; fewer than at the lower bound are a part of those."""
    odds = solve_odds(year, status, max(0.0, wanted))
    asked = ask(year, status, odds)
    total = sum(asked.values())
    part = min(1.0, max(0.0, wanted) / total) if total > 0.0 else 1.0
    return odds, {cell: part * heads for cell, heads in asked.items()}


def keep_odds(year: Year, status: int, odds: float) -> None:
    """Odds of a solved year over its path, for the years after; posts of the public sector follow residents instead."""
    if status == at.PUBLIC:
        return
    name, memory, kept = STATUSES[status], year.stock.memory, year.stock.odds
    memory[MEMORY[f"odds_{name}"]] = odds / year.path[f"entry_odds_{name}"]
    memory[MEMORY[f"unsolved_{name}"]] = 0.0
    kept[status] = [*kept[status, 1:].tolist(), odds / year.path[f"entry_odds_{name}"]]


def odds_on_path(year: Year, status: int) -> float:
    """The last odds beside the path, giving way over ten years to the mean of the kept ones, times the path."""
    name = STATUSES[status]
    last = float(year.stock.memory[MEMORY[f"odds_{name}"]])
    kept = [value for value in year.stock.odds[status].tolist() if value >= 0.0]
    mean = sum(kept) / len(kept) if kept else last
    part = min(1.0, float(year.stock.memory[MEMORY[f"unsolved_{name}"]]) / 10.0)
    odds = (last + part * (mean - last)) * year.path[f"entry_odds_{name}"]
    return min(math.exp(MOST_PRESSURE), max(math.exp(-MOST_PRESSURE), odds)) if last > 0.0 else 0.0


def cut(year: Year, asked: dict[int, Asked]) -> float:
    """Where the three statuses ask for more than nine tenths of a sex and age, all are cut in proportion [persons]."""
    missing = 0.0
    for sex, careers in ((at.MALE, (0,)), (at.FEMALE, (1, 2))):
        for i in range(at.WORKING_AGES):
            cells = [(status, (career, i)) for status in asked for career in careers if (career, i) in asked[status]]
            total = sum(asked[status][cell] for status, cell in cells)
            most = MOST_OF_CELL * float(year.work.pool[sex, i])
            if total <= most:
                continue
            missing += total - most
            for status, cell in cells:
                asked[status][cell] *= most / total
    return missing


# --- posts of the public sector ---------------------------------------------------------------------------------------


def residents(year: Year) -> float:
    """People of all ages [persons]."""
    return float(np.sum(year.work.population_survived))


def public_need(year: Year, target: float) -> float:
    """What the public sector lacks: of its level, or of its posts for each resident below the old ages [persons]."""
    if not math.isnan(target):
        return target - count(year, at.PUBLIC)
    posts = float(year.stock.memory[MEMORY["ratio_public"]]) * year.path["public_index"] * residents(year)
    return posts - count_below_old_age(year, at.PUBLIC)


def keep_posts(year: Year) -> None:
    """Posts for each resident, kept over their index."""
    people = residents(year) * year.path["public_index"]
    if people > 0.0:
        year.stock.memory[MEMORY["ratio_public"]] = count_below_old_age(year, at.PUBLIC) / people
