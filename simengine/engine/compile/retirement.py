"""Retirement rules of one lane, from the law tree and a lever, and their yearly tables for the kernels."""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import Any

import numpy as np

from simengine.kernels import layout as at
from simengine.law import LawTree
from simengine.law.divisor import DivisorRule
from simengine.law.retirement import (
    AWARD_PARTS,
    AWARD_SUMS,
    FIRST_CHOICE_LIMIT,
    AgePath,
    CareerRules,
    RetirementRules,
    RetirementTables,
    YearTable,
    month_index,
    retirement_tables,
)
from simengine.registry.axes import CAREER
from simengine.registry.inputs import REFORM_DAY, TABLES
from simengine.scenario.levers import Retirement

LAST_TABLE_YEAR = 2110
TABLE_YEARS = range(1993, LAST_TABLE_YEAR + 1)


class _Yearly:
    """Parameters of the retirement law of one region, by career, as one number or year by year."""

    def __init__(self, law: LawTree, region: str) -> None:
        self.law, self.region = law, region

    def column(self, key: str, career: str, year: int = LAST_TABLE_YEAR) -> float:
        """Value for a career at the end of a year."""
        return float(self.law.value(key, datetime.date(year, 12, 31), self.region)[career])

    def table(self, key: str, career: str | None = None) -> YearTable:
        """Values year by year."""
        if career is None:
            return YearTable.of(TABLE_YEARS[0], self.law.annual(key, TABLE_YEARS, self.region))
        values = self.law.annual(key, TABLE_YEARS, self.region, table=True)
        return YearTable.of(TABLE_YEARS[0], values[:, self.law.labels(key).index(career)])


def _age_path(known: _Yearly, career: str, lever: Retirement | None) -> AgePath:
    """Path of the statutory age of one career: as enacted, or as a lever states it."""
    cap = max(known.column("retirement/delay_cap", career, year) for year in (2024, LAST_TABLE_YEAR))
    step = known.column("retirement/births_per_step", career)
    old_age = int(known.column("retirement/old_age", career))
    first = int(known.column("retirement/first_delayed_birth", career)) + old_age
    if lever is not None and lever.reform == "custom":
        if lever.start_month is None:
            raise ValueError("a custom reform of the retirement age has no start")
        first = month_index(*lever.start_month)
        step = getattr(lever.step_months, career)
        cap = getattr(lever.cap_months, career)
    return AgePath(old_age_months=old_age, step=int(step), cap=int(cap), first_affected_month=first)


def _career_rules(known: _Yearly, career: str, lever: Retirement | None) -> CareerRules:
    flexible = lever.flexible if lever is not None else None
    early = known.table("retirement/early_share", career)
    late = known.table("retirement/late_share", career)
    if flexible is not None and flexible.early_share is not None:
        early = YearTable.constant(flexible.early_share)
    if flexible is not None and flexible.late_share is not None:
        late = YearTable.constant(flexible.late_share)
    return CareerRules(
        path=_age_path(known, career, lever),
        early_share=early,
        late_share=late,
        arduous_age_months=int(known.column("retirement/special_jobs_age", career)),
        arduous_share=known.column("retirement/special_jobs_share", career),
        early_hazard=known.table("retirement/early_hazard"),
    )


def _choice_limit(known: _Yearly, key: str, choices: bool) -> YearTable:
    """Widest distance from the statutory month by its year [months].

    A lever may open flexible choice under a law that knows none yet: the distance of the first law on it counts.
    """
    limit = known.table(key)
    return YearTable.constant(FIRST_CHOICE_LIMIT) if choices and not any(limit.values) else limit


def retirement_rules(law: LawTree, region: str, lever: Retirement | None, divisor_year: int) -> RetirementRules:
    """Rules of the three careers as enacted, switched off, or as a lever states them.

    Parameters
    ----------
    divisor_year : year whose account divisors count, as they stand at its end
    """
    known = _Yearly(law, region)
    divisors, method = _divisors(law, region, divisor_year)
    choices = lever is not None and lever.flexible is not None
    codes = law.codes("retirement/early_minimum_test", TABLE_YEARS, region)
    result = RetirementRules(
        careers=tuple(_career_rules(known, career, lever) for career in CAREER),
        minimum=known.table("retirement/minimum_months"),
        early_limit=_choice_limit(known, "retirement/early_months_max", choices),
        late_limit=_choice_limit(known, "retirement/late_months_max", choices),
        early_window=known.table("retirement/early_window"),
        chosen_minimum=YearTable.of(TABLE_YEARS[0], [float(code == "chosen_month") for code in codes]),
        divisor=DivisorRule.from_mapping({int(age): _whole(months) for age, months in divisors.items()}, method),
        earliest_share=float(law.value("retirement/early_share_at_earliest", datetime.date(2025, 12, 31), region)),
        after_last_age_offset=0,
    )
    if lever is not None and lever.reform == "none":
        result = result.without_reform()
    return result


_SUMS = (
    *("hazard", *AWARD_SUMS, "choice_hazard", "years_to_statutory"),
    *("planned_years", "planned_threshold"),
    *(*AWARD_PARTS, "deferred_hazard", "statutory_share"),
)


LAW_KEYS = TABLES["retirement"].law
"""Law parameters that the tables of retirement follow from."""

YEARLY = (
    *("retirement/early_hazard", "retirement/early_share", "retirement/late_share", "retirement/minimum_months"),
    *("retirement/early_minimum_test", "retirement/early_months_max", "retirement/early_window"),
    "retirement/late_months_max",
)
"""Of them, those read year by year."""

DIVISOR = ("pension/account_divisor", "pension/divisor_method")


def retirement_table(
    law: LawTree, region: str, lever: Retirement | None, years: np.ndarray, stay_share: np.ndarray
) -> np.ndarray:
    """Sums over award months by year, career and age reached [t, career, age, item], items as in the kernel layout.

    Made once for equal parameters, lever, years and stay shares (`LawTree.once`).

    Parameters
    ----------
    stay_share : share of those below the minimum who stay (continue or do not claim) once they have chosen [t]
    """
    wanted, stay = np.asarray(years), np.asarray(stay_share)
    for key in YEARLY:
        law.note_extension(key, TABLE_YEARS, region)
    what = ("retirement", region, lever, wanted.tobytes(), stay.tobytes())
    made = law.once(LAW_KEYS, what, lambda part: _table(part, region, lever, wanted, stay))
    return np.array(made)


def _table(law: LawTree, region: str, lever: Retirement | None, wanted: np.ndarray, stay: np.ndarray) -> np.ndarray:
    parts = []

    def seen(t: int) -> tuple[Any, ...]:
        """What years must share to be made together: the divisors, the parameters as seen, and whether a lever acts."""
        year = int(wanted[t])
        parameters = (id(law[key].seen_in(year, region)) for key in LAW_KEYS)
        return (_divisors(law, region, year), acts_in(lever, year), *parameters)

    for _, group in groupby(range(wanted.size), key=seen):
        span = list(group)
        year = int(wanted[span[0]])
        rules = retirement_rules(law.seen_in(year, region), region, lever if acts_in(lever, year) else None, year)
        tables: RetirementTables = retirement_tables(rules, wanted[span].tolist(), stay, wanted)
        parts.append(np.stack([np.asarray(getattr(tables, name)) for name in _SUMS], axis=-1))
    return np.ascontiguousarray(np.concatenate(parts, axis=0))


def acts_in(lever: Retirement | None, year: int) -> bool:
    """Whether a lever on the rise of the retirement age acts in a year: from the enacted rise on, or its own start."""
    if lever is None:
        return False
    first = REFORM_DAY.year
    if lever.reform == "custom" and lever.start_month is not None:
        first = min(first, lever.start_month[0])
    return year >= first


def _whole(months: Any) -> Any:
    """Months as a whole number where they are one; the rule of the divisor refuses others."""
    return int(months) if months == int(months) else months


def _divisors(law: LawTree, region: str, year: int) -> tuple[Any, Any]:
    """Account divisors and their reading at the end of a year."""
    divisors, method = (law.value(key, datetime.date(year, 12, 31), region) for key in DIVISOR)
    return divisors, method


def working_weight(retirement: np.ndarray, women_55_share: float) -> np.ndarray:
    """Share of an age that stands before its statutory month at year end [t, sex, age].

    The years left on 1 January are a mean over twelve birth months; a month later than December is still to come.

    Women are weighed over their two careers by `women_55_share`. Ages below 16 count zero.
    """
    left = retirement[..., at.RET_YEARS_TO_STATUTORY]
    before = np.clip(left - 0.5 + 1.0 / 24.0, 0.0, 1.0)
    before[:, :, : at.FIRST_AGE] = 0.0
    women = women_55_share * before[:, 1] + (1.0 - women_55_share) * before[:, 2]
    return np.ascontiguousarray(np.stack([before[:, 0], women], axis=1))
