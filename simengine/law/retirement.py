"""Retirement age, exact to the month: when each birth month may, must and does retire, reduced to calendar years.

Law: decision of the Standing Committee of the National People's Congress of 2024-09-13 on the gradual raising of the
statutory retirement age with the State Council measures (annexes 1-3 ages, annex 4 minimum years), and the interim
measures on flexible retirement, 人社部发〔2024〕94号. Rule, order of events, worked example: notes/retirement.md.

A month is one integer, ``12·year + month - 1``; the day of birth is ignored. A person contributes up to and including
the award month and draws the pension from the month after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simengine.common.errors import LawError
from simengine.law.divisor import divisor_by_month
from simengine.law.retirement_rules import (
    FIRST_AFFECTED_MONTH,
    FIRST_CHOICE_LIMIT,
    LAST_MEMBER_AGE,
    AgePath,
    CareerRules,
    FloatArray,
    IntArray,
    Months,
    RetirementRules,
    YearTable,
    career_position,
    month_index,
)
from simengine.law.yearly_tables import AWARD_PARTS, AWARD_SUMS, RetirementTables
from simengine.registry.axes import AGE, CAREER

__all__ = [
    "AWARD_PARTS",
    "AWARD_SUMS",
    "FIRST_AFFECTED_MONTH",
    "FIRST_CHOICE_LIMIT",
    "AgePath",
    "AwardGrid",
    "CareerRules",
    "RetirementRules",
    "RetirementTables",
    "YearTable",
    "award_grid",
    "award_weights",
    "career_position",
    "earliest_month",
    "latest_month",
    "minimum_months",
    "month_index",
    "retirement_month",
    "retirement_tables",
    "statutory_delay",
]

N_AGE = len(AGE)
WAYS = ("ahead", "month", "later", "special")
"""Ways of a scheduled award: a month chosen before the statutory one, that month, one after it, arduous work."""

ROUNDING = 1e-12
"""Distance from one within which a part is the whole."""

BIRTH_MONTHS = np.arange(12, dtype=np.int64)


# --- one person ------------------------------------------------------------------------------------------------------


def statutory_delay(birth_mi: Months, rule: AgePath) -> Months:
    """Months by which the statutory age exceeds the old age, for a birth month (annexes 1-3).

    With n the months from the first affected month to the month of reaching the old age:

        delay = 0                                  for n < 0
        delay = min(cap, (floor(n / k) + 1)·d)     otherwise

    >>> statutory_delay(month_index(1967, 5), AgePath(720, 4, 36))
    8
    """
    n = np.asarray(birth_mi, dtype=np.int64) + rule.old_age_months - rule.first_affected_month
    delay = np.where(n < 0, 0, np.minimum(rule.cap, (n // rule.step + 1) * rule.delay_per_step))
    return int(delay) if np.ndim(birth_mi) == 0 else delay  # type: ignore[return-value]


def retirement_month(birth_mi: Months, rule: AgePath) -> Months:
    """Statutory retirement month: birth + old age + delay [month index]. The pension starts the month after."""
    return birth_mi + rule.old_age_months + statutory_delay(birth_mi, rule)


def earliest_month(birth_mi: Months, rule: AgePath, early_limit: int | IntArray) -> Months:
    """First month of a voluntary early retirement: at most `early_limit` months ahead, never below the old age."""
    ahead = np.maximum(0, np.asarray(statutory_delay(birth_mi, rule)) - early_limit)
    month = birth_mi + rule.old_age_months + ahead
    return int(month) if np.ndim(birth_mi) == 0 else month  # type: ignore[return-value]


def latest_month(birth_mi: Months, rule: AgePath, late_limit: int | IntArray) -> Months:
    """Last month of an agreed late retirement: `late_limit` months after the statutory month."""
    return retirement_month(birth_mi, rule) + late_limit  # type: ignore[return-value]


def minimum_months(year: int | IntArray, table: YearTable) -> int | IntArray:
    """Contribution months needed for a pension, by year of the statutory month (annex 4) [months].

    A late retiree keeps the number of the statutory month's year; an early one needs that of the chosen year.
    """
    months = np.rint(table.at(year)).astype(np.int64)
    return int(months) if np.ndim(year) == 0 else months


# --- one cohort ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AwardGrid:
    """Scheduled awards of cohorts: every birth month x every month that can be chosen.

    Arrays are [cohort, birth month, choice]; choices are the early months, farthest first, the statutory month, the
    late months and the arduous-work month. Weights add to one over the last two axes.
    """

    month: IntArray
    weight: FloatArray
    age_months: IntArray
    threshold_months: FloatArray
    way: IntArray
    """[choice], position in `WAYS`"""
    statutory_month: IntArray
    """[cohort, birth month]"""


def _early_weights(span: IntArray, share: FloatArray, rules: RetirementRules) -> FloatArray:
    """Spread early choosers over the months ahead: a part at the earliest month, the rest evenly between.

    `span` [cohort, birth month] counts the months from earliest to statutory. With one month only, all take it.
    """
    ahead = np.arange(int(max(rules.early_limit.values)), 0, -1)
    span_, share_ = span[..., None], share[..., None]
    at_earliest = np.where(span_ == 1, 1.0, rules.earliest_share)
    between = (1.0 - rules.earliest_share) / np.maximum(span_ - 1, 1)
    return share_ * np.where(ahead == span_, at_earliest, np.where(ahead < span_, between, 0.0))


def award_grid(cohorts: IntArray, career: int, rules: RetirementRules) -> AwardGrid:
    """Scheduled award months of birth cohorts in one career, with weights.

    Births fall evenly on twelve months. An early chooser leaves between the earliest month and the one before the
    statutory month, a late one in the months after it that the law allows, evenly; arduous work is a row of its own.
    Choices exist from `flexible_from`; where the law leaves no room for one, its share retires in the statutory month.
    """
    law, path = rules.careers[career], rules.careers[career].path
    birth = 12 * cohorts[:, None] + BIRTH_MONTHS
    statutory = np.asarray(retirement_month(birth, path))
    statutory_year = statutory // 12
    widest_early, widest_late = (int(max(limit.values)) for limit in (rules.early_limit, rules.late_limit))
    late_limit = rules.late_limit.at(statutory_year)
    if rules.flexible_from is None:
        span, late_open = np.zeros_like(birth), np.zeros(birth.shape, dtype=bool)
    else:
        early_limit = rules.early_limit.at(statutory_year).astype(np.int64)
        earliest = np.maximum(earliest_month(birth, path, early_limit), rules.flexible_from)
        span, late_open = np.maximum(statutory - earliest, 0), (statutory >= rules.flexible_from) & (late_limit > 0.0)
    early = np.where(span > 0, law.early_share.at(statutory_year), 0.0)
    late = np.where(late_open, law.late_share.at(statutory_year), 0.0)
    arduous_month = birth + law.arduous_age_months
    arduous = np.where((arduous_month >= rules.arduous_from) & (arduous_month < statutory), law.arduous_share, 0.0)

    shape = (*birth.shape, widest_early + widest_late + 2)
    month, weight = np.empty(shape, dtype=np.int64), np.empty(shape)
    offsets = np.arange(-widest_early, widest_late + 1)
    month[..., :-1] = statutory[..., None] + offsets
    month[..., -1] = arduous_month
    weight[..., :widest_early] = _early_weights(span, early, rules)
    weight[..., widest_early] = 1.0 - early - late
    each = (late / np.maximum(late_limit, 1.0))[..., None]
    weight[..., widest_early + 1 : -1] = np.where(offsets[widest_early + 1 :] <= late_limit[..., None], each, 0.0)
    weight[..., :-1] *= (1.0 - arduous)[..., None]
    weight[..., -1] = arduous
    weight /= 12.0

    own_year = rules.minimum.at(month // 12)
    threshold = np.broadcast_to(rules.minimum.at(statutory_year)[..., None], shape).copy()
    early_year = month[..., :widest_early] // 12
    by_choice = rules.chosen_minimum.at(early_year) > 0.0
    threshold[..., :widest_early] = np.where(by_choice, own_year[..., :widest_early], threshold[..., :widest_early])
    threshold[..., -1] = own_year[..., -1]
    way = np.append(np.sign(offsets) + WAYS.index("month"), WAYS.index("special"))
    return AwardGrid(month, weight, month - birth[..., None], threshold, way, statutory)


def award_weights(cohort_year: int, career: str, rules: RetirementRules) -> dict[int, float]:
    """Weight of each scheduled award month of one cohort, in order of time; the weights add to one.

    The early hazard of the years before flexible retirement is not part of it: `retirement_tables` adds it.

    Returns
    -------
    {month index: weight}, without months of weight zero
    """
    grid = award_grid(np.array([cohort_year], dtype=np.int64), career_position(career), rules)
    first = int(grid.month.min())
    total = np.bincount((grid.month - first).ravel(), weights=grid.weight.ravel())
    return {first + int(offset): float(total[offset]) for offset in np.flatnonzero(total)}


# --- calendar years --------------------------------------------------------------------------------------------------


def _undated_sums(month: float, inverse_divisor: FloatArray) -> dict[str, FloatArray]:
    """The seven award sums of an award in one calendar month, for a vector of 1/D by age."""
    paid, pension = np.full(N_AGE, month / 12.0), np.full(N_AGE, (12.0 - month) / 12.0)
    products = (paid, inverse_divisor, paid * inverse_divisor, pension)
    with_pension = (paid * pension, inverse_divisor * pension, paid * inverse_divisor * pension)
    return dict(zip(AWARD_SUMS, (*products, *with_pension), strict=False))


def _undated_inverse_divisors(rules: RetirementRules) -> tuple[FloatArray, FloatArray]:
    """1/D by age of an undated award: mean over twelve birth months in that month, and after the last month [age]."""
    inverse = 1.0 / divisor_by_month(rules.divisor)
    whole = 12 * np.arange(N_AGE)
    in_month = np.clip(whole[:, None] + rules.undated_month - 1 - BIRTH_MONTHS, 0, None)
    return inverse[in_month].mean(axis=1), inverse[whole + rules.after_last_age_offset]


def _scheduled_sums(
    grid: AwardGrid, cohorts: IntArray, rules: RetirementRules
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Weight and weighted award sums of the scheduled awards, each [cohort, age reached in the award year]."""
    taken = grid.weight > 0.0
    cohort_of = np.broadcast_to(np.arange(len(cohorts))[:, None, None], grid.weight.shape)[taken]
    month, weight = grid.month[taken], grid.weight[taken]
    cell = cohort_of * N_AGE + month // 12 - cohorts[cohort_of]
    paid = (month % 12 + 1) / 12.0
    pension = 1.0 - paid
    inverse = 1.0 / divisor_by_month(rules.divisor)[grid.age_months[taken]]
    terms = (paid, inverse, paid * inverse, pension, paid * pension, inverse * pension, paid * inverse * pension)

    def collect(values: FloatArray) -> FloatArray:
        flat = np.bincount(cell, weights=values, minlength=len(cohorts) * N_AGE)
        return np.asarray(flat, dtype=np.float64).reshape(len(cohorts), N_AGE)

    sums = {name: collect(weight * term) for name, term in zip(AWARD_SUMS, terms, strict=False)}
    sums["threshold_years"] = collect(weight * grid.threshold_months[taken] / 12.0)
    return collect(weight), sums


def _hazard_of_weights(weight: FloatArray) -> FloatArray:
    """Weight of a year over the weight of that year and later; 0 where nothing is left [cohort, age]."""
    left = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    return np.divide(weight, left, out=np.zeros_like(weight), where=left > 0.0)


def _after_last(weight: FloatArray) -> npt.NDArray[np.bool_]:
    """Cells later than the last year with weight [cohort, age]."""
    last = N_AGE - 1 - np.argmax(weight[:, ::-1] > 0.0, axis=1)
    return np.asarray(np.arange(N_AGE) > last[:, None])


def _statutory_counts(statutory_month: IntArray, cohorts: IntArray) -> FloatArray:
    """Share of a cohort's birth months whose statutory month falls at each age [cohort, age]."""
    counts = np.zeros((len(cohorts), N_AGE))
    rows = np.broadcast_to(np.arange(len(cohorts))[:, None], statutory_month.shape)
    np.add.at(counts, (rows, statutory_month // 12 - cohorts[:, None]), 1.0 / 12.0)
    return counts


def _choice_hazard(statutory_share: FloatArray, stay_share: FloatArray) -> FloatArray:
    """Probability of choosing for a member below the minimum who may or may not have chosen before [cohort, age].

    With u the share of birth months reaching their statutory month in a year and q the share of choosers who stay,
    those present at the start of year t are the fresh, Σ u(s) for s >= t, and the stayers, Σ u(s)·q(s) for s < t:

        c(t) = u(t) / (Σ_{s>=t} u(s) + Σ_{s<t} u(s)·q(s))

    so that c times those present is u(t): everybody chooses once.
    """
    fresh = np.cumsum(statutory_share[:, ::-1], axis=1)[:, ::-1]
    stayers = np.zeros_like(fresh)
    stayers[:, 1:] = np.cumsum(statutory_share * stay_share, axis=1)[:, :-1]
    present = fresh + stayers
    return np.divide(statutory_share, present, out=np.zeros_like(present), where=statutory_share > 0.0)


def _early_hazard(cohorts: IntArray, career: int, rules: RetirementRules) -> FloatArray:
    """Hazard of leaving at the ages just below the old one: special jobs, illness, restructuring."""
    law = rules.careers[career]
    old_age = law.path.old_age_months // 12
    ages = np.arange(N_AGE)
    year = cohorts[:, None] + ages
    exposed = (ages >= old_age - rules.early_window.at(year)) & (ages < old_age)
    return np.where(exposed, law.early_hazard.at(year), 0.0)


def _award_parts(
    grid: AwardGrid, cohorts: IntArray, weight: FloatArray, early_part: FloatArray, hazard: FloatArray
) -> dict[str, FloatArray]:
    """Parts of the awards of every cell by the way they come about, `AWARD_PARTS` [cohort, age].

    An award of a year after the last scheduled month is a late one: the member has reached the minimum afterwards.
    """
    alone = early_part >= 1.0 - ROUNDING  # nothing is scheduled there: what is left is the last bit of a ratio
    early = np.where(alone, 1.0, early_part)
    parts = {"early_part": np.where(hazard > 0.0, early, 0.0)}
    scheduled = np.where(hazard > 0.0, 1.0 - early, 0.0)
    for position, way in enumerate(WAYS):
        own = np.where(grid.way == position, grid.weight, 0.0)
        share = np.divide(_by_year(grid.month, own, cohorts), weight, out=np.zeros_like(weight), where=weight > 0.0)
        parts[f"{way}_part"] = scheduled * share
    parts["later_part"] += np.where(weight > 0.0, 0.0, scheduled)
    return parts


def _deferred_hazard(grid: AwardGrid, cohorts: IntArray, weight: FloatArray, early: FloatArray) -> FloatArray:
    """Weight of those who reach the statutory month in a year and go later, over that of the year and later.

    The early hazard of the year acts first, as on the awards [cohort, age].
    """
    later = np.where(grid.way == WAYS.index("later"), grid.weight, 0.0).sum(axis=-1)
    left = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    reached = _by_year(grid.statutory_month, later, cohorts)
    return (1.0 - early) * np.divide(reached, left, out=np.zeros_like(left), where=left > 0.0)


def _by_year(month: IntArray, weight: FloatArray, cohorts: IntArray) -> FloatArray:
    """Weights of months [cohort, ...] summed by the age reached in the year of the month [cohort, age]."""
    first = cohorts.reshape(-1, *([1] * (month.ndim - 1)))
    cell = (np.arange(len(cohorts)).reshape(first.shape) * N_AGE + month // 12 - first)[weight > 0.0]
    found = np.bincount(cell, weights=weight[weight > 0.0], minlength=len(cohorts) * N_AGE)
    return np.asarray(found, dtype=np.float64).reshape(len(cohorts), N_AGE)


def _career_cells(
    cohorts: IntArray, career: int, rules: RetirementRules, stay_share: FloatArray
) -> tuple[dict[str, FloatArray], FloatArray]:
    """All tables of one career, each [cohort, age], and the mean statutory age [cohort].

    Hazards are built forward in time. In a year of both the early hazard acts first and the scheduled one on those it
    leaves, h = 1 - (1-h0)·(1-h1); the award sums blend in the same two parts. As the scheduled hazard is 1 in
    the last scheduled year, the weights of every cohort add to one.
    """
    grid = award_grid(cohorts, career, rules)
    weight, sums = _scheduled_sums(grid, cohorts, rules)
    scheduled, early = _hazard_of_weights(weight), _early_hazard(cohorts, career, rules)
    after = _after_last(weight)
    hazard = np.where(after, 1.0, 1.0 - (1.0 - early) * (1.0 - scheduled))
    early_part = np.divide(early, hazard, out=np.zeros_like(hazard), where=hazard > 0.0)

    mid_year, after_last = _undated_inverse_divisors(rules)
    undated, late = _undated_sums(rules.undated_month, mid_year), _undated_sums(rules.undated_month, after_last)
    dated = weight > 0.0
    cells: dict[str, FloatArray] = {}
    for name in AWARD_SUMS[:-1]:
        mean = np.divide(sums[name], weight, out=np.where(after, late[name], undated[name]), where=dated)
        cells[name] = early_part * undated[name] + (1.0 - early_part) * mean
    year = cohorts[:, None] + np.arange(N_AGE)
    statutory_minimum = rules.minimum.at(grid.statutory_month // 12).mean(axis=1)[:, None] / 12.0
    no_award = np.broadcast_to(statutory_minimum, weight.shape).copy()
    threshold = np.divide(sums["threshold_years"], weight, out=no_award, where=dated)
    cells["threshold_years"] = early_part * rules.minimum.at(year) / 12.0 + (1.0 - early_part) * threshold

    share = _statutory_counts(grid.statutory_month, cohorts)
    cells["hazard"] = np.where(np.arange(N_AGE) <= LAST_MEMBER_AGE, hazard, 0.0)
    cells |= _award_parts(grid, cohorts, weight, early_part, cells["hazard"])
    cells["deferred_hazard"] = _deferred_hazard(grid, cohorts, weight, early)
    cells["statutory_share"] = share
    cells["statutory_hazard"] = _hazard_of_weights(share)
    cells["choice_hazard"] = _choice_hazard(share, stay_share)
    mean_month = grid.statutory_month.mean(axis=1)
    cells["years_to_statutory"] = mean_month[:, None] / 12.0 - year
    old = rules.careers[career].path.old_age_months
    before = 12 * cohorts[:, None] + BIRTH_MONTHS + old
    below = np.arange(N_AGE) < old // 12
    old_minimum = rules.minimum.at(before // 12).mean(axis=1)[:, None] / 12.0
    old_years = before.mean(axis=1)[:, None] / 12.0 - year
    cells["planned_years"] = np.where(below, old_years, cells["years_to_statutory"])
    cells["planned_threshold"] = np.where(below, old_minimum, statutory_minimum)
    birth_mean = 12 * cohorts + BIRTH_MONTHS.mean()
    return cells, (mean_month - birth_mean) / 12.0


def _checked_years(years: Sequence[int] | IntArray) -> IntArray:
    labels = np.asarray(years, dtype=np.int64)
    if labels.ndim != 1 or len(labels) == 0 or np.any(np.diff(labels) != 1):
        raise ValueError(f"retirement tables need consecutive years, not {list(years)[:5]}")
    return labels


def _stay_by_cell(stay_share: float | FloatArray, years: IntArray, cohorts: IntArray) -> FloatArray:
    """Stay share in the year of every cell, the ends of `years` held [career, cohort, age]."""
    given = np.asarray(stay_share, dtype=np.float64)
    if given.ndim == 1:
        given = given[:, None]
    try:
        by_year = np.broadcast_to(given, (len(years), len(CAREER)))
    except ValueError:
        wanted = f"one number, [year] ({len(years)}) or [year, career] ({len(years)}, {len(CAREER)})"
        raise ValueError(f"stay_share has the shape {np.shape(stay_share)}, not {wanted}") from None
    if not np.all((by_year >= 0.0) & (by_year <= 1.0)):
        raise LawError("stay_share_range", low=f"{by_year.min():.6g}", high=f"{by_year.max():.6g}")
    position = np.clip(cohorts[:, None] + np.arange(N_AGE) - years[0], 0, len(years) - 1)
    return np.moveaxis(by_year[position], -1, 0)


def retirement_tables(
    rules: RetirementRules,
    years: Sequence[int] | IntArray,
    stay_share: float | FloatArray = 0.0,
    stay_years: Sequence[int] | IntArray | None = None,
) -> RetirementTables:
    """Reduce the monthly law to tables by calendar year, career and age.

    Parameters
    ----------
    rules : law and choices of the scenario
    years : consecutive calendar years
    stay_share : probability that a member below the minimum who has chosen stays in the state (continues or leaves the
        pension unclaimed): one number, [year] or [year, career]; the first and last year hold outside its years [1]
    stay_years : consecutive years of `stay_share`, by default `years`; who stayed earlier is among those present

    Returns
    -------
    `RetirementTables`, arrays [year, career, age 0..100]
    """
    labels = _checked_years(years)
    cohorts = np.arange(labels[0] - AGE[-1], labels[-1] + 1, dtype=np.int64)
    stay = _stay_by_cell(stay_share, labels if stay_years is None else _checked_years(stay_years), cohorts)
    ages = np.arange(N_AGE)
    cohort_of_cell = labels[:, None] - ages - cohorts[0]
    tables: dict[str, FloatArray] = {}
    statutory_age = np.empty((len(CAREER), len(cohorts)))
    for career in range(len(CAREER)):
        cells, statutory_age[career] = _career_cells(cohorts, career, rules, stay[career])
        for name, cell in cells.items():
            table = tables.setdefault(name, np.empty((len(labels), len(CAREER), N_AGE)))
            table[:, career, :] = cell[cohort_of_cell, ages]
    return RetirementTables(years=labels, cohorts=cohorts, statutory_age=statutory_age, **tables)
