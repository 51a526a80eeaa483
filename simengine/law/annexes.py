"""The annexes of the retirement-age law, month by month and cohort by cohort, as anybody can check them by hand.

Source: decision of the Standing Committee of 2024-09-13 with the State Council measures, annexes 1 to 3 (ages) and 4
(minimum contribution years). Rule and symbols: notes/retirement.md, sections 1 and 2. Nothing here enters a projection:
the yearly tables come from the same functions (`retirement_tables`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simengine.law.retirement import (
    BIRTH_MONTHS,
    earliest_month,
    latest_month,
    minimum_months,
    retirement_month,
    statutory_delay,
)
from simengine.law.retirement_rules import AgePath, FloatArray, IntArray, RetirementRules


@dataclass(frozen=True)
class Annex:
    """One annex: a row a birth month, all arrays [birth month].

    Attributes
    ----------
    birth : birth month [month index]
    delay : months by which the statutory age exceeds the old one [months]
    age_months : new statutory age [months]
    statutory, earliest, latest : statutory month, first and last month of a flexible choice [month index]
    minimum_months : contribution months needed by who retires in the statutory month or later [months]
    """

    birth: IntArray
    delay: IntArray
    age_months: IntArray
    statutory: IntArray
    earliest: IntArray
    latest: IntArray
    minimum_months: IntArray


def annex(
    births: Sequence[int] | IntArray,
    career: str,
    rules: RetirementRules,
) -> Annex:
    """Annex of one career for any birth months, exact to the month.

        s        = b + A0 + delay(b)
        earliest = max(b + A0 + max(0, delay(b) - e), first month of flexible choice), never after s
        latest   = s + l

    Parameters
    ----------
    births : birth months [month index]
    rules : e and l are its `early_limit` and `late_limit`; where it closes flexible choice both are nothing

    Returns
    -------
    `Annex`, rows in the order of `births`
    """
    path = rules.career(career).path
    birth = np.asarray(births, dtype=np.int64)
    delay, statutory = np.asarray(statutory_delay(birth, path)), np.asarray(retirement_month(birth, path))
    year = statutory // 12
    earliest, latest = statutory, statutory
    if rules.flexible_from is not None:
        early = rules.early_limit.at(year).astype(np.int64)
        late = np.where(statutory >= rules.flexible_from, rules.late_limit.at(year).astype(np.int64), 0)
        opened = np.maximum(np.asarray(earliest_month(birth, path, early)), rules.flexible_from)
        earliest, latest = np.minimum(opened, statutory), np.asarray(latest_month(birth, path, late))
    needed = np.asarray(minimum_months(year, rules.minimum))
    return Annex(birth, delay, statutory - birth, statutory, earliest, latest, needed)


def annex_span(path: AgePath) -> tuple[int, int]:
    """First birth month that is delayed and first one with the final age [month index].

        first = first affected month - A0        last = first + k·(ceil(cap / d) - 1)

    With a cap of 0 nobody is delayed and both are the first.

    >>> annex_span(AgePath(720, 4, 36))
    (23580, 23720)
    """
    first = path.first_affected_month - path.old_age_months
    steps = -(-path.cap // path.delay_per_step)
    return first, first + path.step * max(steps - 1, 0)


@dataclass(frozen=True)
class CohortYear:
    """Birth months of one birth year whose statutory month lies in one calendar year.

    Attributes
    ----------
    birth_months : their number, of twelve
    share : part of the birth year, births falling evenly [1]
    pension_year_share : part of the calendar year after the statutory month, their mean of (12 - m)/12 [1]
    """

    cohort: int
    year: int
    birth_months: int
    share: float
    pension_year_share: float


def cohort_years(cohort: int, path: AgePath) -> list[CohortYear]:
    """Calendar years in which a birth year reaches the statutory age, in order.

    With c the birth year, s(b) the statutory month and m = s mod 12 + 1 its place in the year y:

        f(c, y) = #{b in c: year(s(b)) = y} / 12

    A mean delay is no retirement date: a birth year is split over up to two calendar years (notes/retirement.md).

    >>> [(row.year, row.birth_months) for row in cohort_years(1965, AgePath(720, 4, 36))]
    [(2025, 9), (2026, 3)]
    """
    month = np.asarray(retirement_month(12 * cohort + BIRTH_MONTHS, path))
    after: FloatArray = (11 - month % 12) / 12.0
    found = []
    for year in np.unique(month // 12):
        inside = month // 12 == year
        count = int(inside.sum())
        found.append(CohortYear(cohort, int(year), count, count / 12.0, float(after[inside].mean())))
    return found


def mean_delay(cohort: int, path: AgePath) -> float:
    """Mean delay over the twelve birth months of a birth year [months].

    >>> mean_delay(1965, AgePath(720, 4, 36))
    2.0
    """
    return float(np.mean(statutory_delay(12 * cohort + BIRTH_MONTHS, path)))


def months_of_year(year: int, path: AgePath) -> int:
    """Birth months, of any birth year, whose statutory month lies in a calendar year; 12 without a reform.

    >>> [months_of_year(year, AgePath(720, 4, 36)) for year in (2024, 2025, 2026, 2040)]
    [12, 9, 10, 12]
    """
    last = 12 * year + 11 - path.old_age_months
    births = np.arange(last - 11 - path.cap, last + 1)
    return int(np.count_nonzero(np.asarray(retirement_month(births, path)) // 12 == year))
