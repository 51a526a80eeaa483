"""Ages: cover by age and birth cohort, and new pensions by factor (notes/ages.md).

Limits are those of ``ranges.yaml``. A value outside is reported and nothing is repaired.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.engine.project import Result
from simengine.judge.checks.lanes import datasets
from simengine.judge.checks.plausibility import ROUNDING, Range, last_known, ranges
from simengine.judge.checks.retirement import ADDED, TERMS, factor_move, factors, law_steps
from simengine.judge.indicators import registry
from simengine.judge.indicators.ages import YOUNG, covered_share, member_share, retirements
from simengine.judge.indicators.by_age import SPAN, by_age
from simengine.judge.indicators.sums import total
from simengine.judge.time import ratio, time_of
from simengine.law.regions import load_regions
from simengine.registry.axes import CAREER, SEX_OF_CAREER, WORKING_AGE, same_labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

AFTER = 3
SHOWN = (2030, 2035, 2040, 2050, 2060)
"""Years shown beside the last known one and the third after it."""

COLUMNS = (
    *("scenario", "region", "part", "measure", "group", "unit", "known_year", "known", "after_3"),
    *(str(year) for year in SHOWN),
    *("extreme", "extreme_year", "limit", "verdict"),
)
LEVELS = "enterprise_payers"
"""Series whose last known value is the last known year of coverage."""

MEMBER_AGES = tuple((first, first + 4) for first in range(20, 60, 5))
COVERED_AGES = tuple((first, first + 4) for first in range(45, 75, 5))
BORN = tuple(range(1950, 2010, SPAN))
"""First birth years of the cohorts shown, five years each."""

GROUPS = (*dict.fromkeys(SEX_OF_CAREER), *CAREER[1:])
"""Groups of new pensions beside all: sexes, and the careers of women."""

MEASURES = (
    *("member_share", "covered_share", "members_to_working_age", "pensioners_60_64", "pensioners_past_age"),
    *("new_pensions_reaching", "cohort_share", "cohort_fall", "people_reaching", "insured_share", "minimum_share"),
    *(*TERMS, "awards", "residual", "below_ten_years", "below_fewer_years", "left_ten_years", "left_fewer_years"),
)
"""Measures of the table."""

LIMITS = {
    "insured_share": "insured_share_growth",
    "minimum_share": "minimum_share_growth",
    "early_leaving": "early_leaving_move",
}
"""Range that limits the move of a factor; the other terms have that of all other ways together."""

INSIDE, OUTSIDE = "inside", "outside"


# --- the table --------------------------------------------------------------------------------------------------------


@same_labels()
def ages_table(result: Result) -> pd.DataFrame:
    """Cover by age and cohort, new pensions by factor, and who is below the minimum, of every region of a run.

    Returns
    -------
    `COLUMNS`: values in the last known year of coverage, three years later and in `SHOWN`; the largest yearly move (of
    who is below the minimum the highest level) after the last known year with its year, its limit where it has one, and
    the verdict ``inside`` or ``outside``. Moves of factors are those outside dated steps of law (`law_steps`)
    """
    import pandas as pd

    levels = {key: region.level for key, region in load_regions().items()}
    scenarios = {lane.scenario.key: lane.scenario for lane in result.lanes}
    rows: list[tuple[Any, ...]] = []
    for name, basis, data in datasets(result):
        known = last_known(basis, LEVELS)
        steps = law_steps(scenarios[name], result.law, basis.region)
        limits = {item.measure: item for item in ranges() if levels[basis.region] in (item.levels or levels.values())}
        for row in _rows(data, known, steps, limits):
            rows.append((name, basis.region, *row))
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(data: xr.Dataset, known: int, steps: frozenset[int], limits: dict[str, Range]) -> Iterator[tuple[Any, ...]]:
    """Cells after scenario and region."""
    yield from _age_rows(data, known, limits.get("covered_25_29"))
    yield from _cohort_rows(data, known)
    yield from _factor_rows(data, known, steps, limits)
    yield from _below_rows(data, known, limits)


def _age_rows(data: xr.Dataset, known: int, young: Range | None) -> Iterator[tuple[Any, ...]]:
    settled = known + AFTER
    for span in MEMBER_AGES:
        values = member_share(data, *span)
        limit = young.step if young is not None and span == YOUNG else math.nan
        yield _row("ages", "member_share", _span(span), "1", values, known, _move(values, settled), limit)
    for span in COVERED_AGES:
        values = covered_share(data, *span)
        yield _row("ages", "covered_share", _span(span), "1", values, known, _move(values, settled))
    for name in ("members_to_working_age", "pensioners_60_64", "pensioners_past_age", "new_pensions_reaching"):
        values = registry()[name](data)
        yield _row("ages", name, "", "1", values, known, _move(values, settled))
    awarded = sum((data[name] for name in ADDED.values()), data["awards_at_month"])
    for group in GROUPS:
        careers = [one for one, sex in zip(CAREER, SEX_OF_CAREER, strict=True) if group in (one, sex)]
        parts = (total(values.sel(career=careers)) for values in (awarded, data["people_reaching_month"]))
        values = ratio(*parts)
        yield _row("ages", "new_pensions_reaching", group, "1", values, known, _move(values, settled))


def _cohort_rows(data: xr.Dataset, known: int) -> Iterator[tuple[Any, ...]]:
    import xarray as xr

    people = by_age(data)
    for first in BORN:
        values = xr.DataArray(people.cohort(first), coords={"year_end": people.year_ends}, dims="year_end")
        group = f"{first}-{first + SPAN - 1}"
        yield _row("cohorts", "cohort_share", group, "1", values, known, _move(values, known + 1))
    fall, explained = people.falls()
    judged = np.where(np.isfinite(fall) & (people.years > known), fall, -math.inf)
    age, place = np.unravel_index(int(judged.argmax()), judged.shape)
    if math.isfinite(judged[age, place]):
        year = int(people.years[place])
        worst, limit = float(fall[age, place]), float(explained[age, place])
        beyond = np.where(np.isfinite(judged), fall - explained, 0.0).max()
        empty = (math.nan,) * (2 + len(SHOWN))
        verdict = INSIDE if beyond <= ROUNDING else OUTSIDE
        born = str(year - WORKING_AGE[1] - int(age))
        yield "cohorts", "cohort_fall", born, "1", known, *empty, worst, year, limit, verdict


def _factor_rows(
    data: xr.Dataset, known: int, steps: frozenset[int], limits: dict[str, Range]
) -> Iterator[tuple[Any, ...]]:
    found = factors(data)
    for name, values in found.items():
        if name in ("awards", "residual"):
            move, limit = (math.nan, math.nan), math.nan
        else:
            moves = abs(factor_move(name, found))
            outside = moves.where((moves.year > known) & ~moves.year.isin(list(steps)))
            move = _highest(outside)
            judged = limits.get(LIMITS.get(name, "other_ways_move"))
            limit = math.nan if name == "people_reaching" or judged is None else judged.high
        unit = "1" if name.endswith("share") or name == "residual" else "person"
        yield _row("factors", name, "", unit, values, known, move, limit)


def _below_rows(data: xr.Dataset, known: int, limits: dict[str, Range]) -> Iterator[tuple[Any, ...]]:
    whole = retirements(data)
    for name, variable in (
        ("below_ten_years", "below_minimum_ten_years"),
        ("below_fewer_years", "below_minimum_fewer_years"),
        ("left_ten_years", "left_ten_years"),
        ("left_fewer_years", "left_fewer_years"),
    ):
        values = ratio(total(data[variable]), whole)
        highest = _highest(values.where(values.year > known))
        judged = limits.get(f"{name}_share")
        limit = math.nan if judged is None else judged.high
        yield _row("below", name, "", "1", values, known, highest, limit)


def _row(
    part: str,
    measure: str,
    group: str,
    unit: str,
    values: xr.DataArray,
    known: int,
    extreme: tuple[float, float],
    limit: float = math.nan,
) -> tuple[Any, ...]:
    """Cells of one measure after scenario and region, in the order of `COLUMNS`."""
    of_year = dict(zip(values[time_of(values)].values.tolist(), values.values.reshape(-1).tolist(), strict=True))
    shown = tuple(of_year.get(year, math.nan) for year in (known, known + AFTER, *SHOWN))
    verdict = "" if math.isnan(limit) or math.isnan(extreme[0]) else INSIDE if extreme[0] <= limit else OUTSIDE
    return part, measure, group, unit, known, *shown, *extreme, limit, verdict


def _span(ages: tuple[int, int]) -> str:
    return f"{ages[0]}-{ages[1]}"


def _move(values: xr.DataArray, first: int) -> tuple[float, float]:
    """Largest yearly move into a year from `first` on, and that year."""
    moves = abs(values.diff(time_of(values)))
    return _highest(moves.where(moves[time_of(moves)] >= first))


def _highest(values: xr.DataArray) -> tuple[float, float]:
    """Highest finite value and its year; not a number where there is none."""
    found = np.where(np.isfinite(values.values), values.values, -math.inf)
    place = int(found.argmax()) if found.size else 0
    if not found.size or not math.isfinite(found[place]):
        return math.nan, math.nan
    return float(found[place]), float(values[time_of(values)].values[place])
