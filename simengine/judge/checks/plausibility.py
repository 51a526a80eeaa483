"""Whether a projection stays within what a practitioner expects: levels, yearly changes, money that keeps moving.

Ranges stand in ``ranges.yaml``, each with its evidence and source; notes/opening.md says how to read them. A value
outside is reported and nothing is repaired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common import strict_yaml
from simengine.common.errors import InputFileError
from simengine.common.messages import near
from simengine.engine.project import Result
from simengine.judge.checks.lanes import datasets
from simengine.judge.checks.retirement import OTHER_WAYS, factor_move, factors, law_steps, with_other_ways
from simengine.judge.indicators import registry
from simengine.judge.indicators.benefits import resident_average
from simengine.judge.indicators.sums import members_of, outgo_of
from simengine.judge.time import closing, growth, ratio, time_of
from simengine.law.regions import LEVELS, load_regions
from simengine.registry.axes import same_labels
from simengine.registry.units import EVIDENCE

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

RANGES = Path(__file__).with_name("ranges.yaml")
KEYS = {"en", "zh", "unit", "low", "high", "step", "evidence", "source"}
OPTIONAL = {"since", "until", "from", "series", "breaks", "settled", "levels", "except"}
FROM_DATA = "data"
LAW_STEPS = "law_steps"
ROUNDING = 1e-9
"""What the last bits of a sum may add to a value at the edge of its range."""
SMALLEST_FREE = 0.10
"""Share of the registered of 60 and over without an employees' pension below which their take-up is not judged."""

Measure = Callable[[Any], Any]


# --- measures ---------------------------------------------------------------------------------------------------------


def _indicator(name: str, data: xr.Dataset) -> xr.DataArray:
    return registry()[name](data)


def _months(fund: str, data: xr.Dataset) -> xr.DataArray:
    return _indicator("payable_months", data).sel(fund=fund, drop=True)


def _growth_of(name: str, data: xr.Dataset) -> xr.DataArray:
    return growth(data[name])


def _take_up(data: xr.Dataset) -> xr.DataArray:
    """Recipients over registered people of 60 and over without an employees' pension, where these are many enough."""
    free = data["registered_60"] - data["pensioners_60"]
    return ratio(data["resident_beneficiaries"], free).where(free >= SMALLEST_FREE * data["registered_60"])


def _to_demography(data: xr.Dataset) -> xr.DataArray:
    """Dependency of the scheme over that of the people: beyond the statutory age, per person of 16 to that age."""
    working = data["working_age_population"]
    return _indicator("system_dependency_ratio", data) / ratio(data["population_16"] - working, working)


def _outside(data: xr.Dataset) -> xr.DataArray:
    """Nobody below 16 is in a scheme: who is outside less the children are the people of 16 and over outside."""
    children = data["population"].sum(("sex", "age")) - data["population_16"]
    return ratio(data["uncovered"] + data["students"] - children, data["population_16"])


def _participants(data: xr.Dataset) -> xr.DataArray:
    """Everyone in either pension scheme, counted once."""
    return _indicator("pension_coverage_rate", data) * data["coverage_population"]


def _without_pension(data: xr.Dataset) -> xr.DataArray:
    """Members who end without an employees' pension at old age (model.md section 7), over new pensions."""
    left = data["choice_resident"] + data["choice_refund"] + data["choice_unclaimed"]
    return ratio(left, data["awards"])


def _public_months(data: xr.Dataset) -> xr.DataArray:
    """Payable months of the public-sector fund in the financed account, which budgets keep from running dry."""
    spending = outgo_of(data).sel(fund="public_pension", drop=True)
    return ratio(12.0 * closing(data["fund_balance_financed"].sel(fund="public_pension", drop=True)), spending)


def _contribution_base(data: xr.Dataset) -> xr.DataArray:
    heads = data["exposure_enterprise"] + data["exposure_flexible"]
    base = data["insurable_earnings"].sel(fund="enterprise_pension", drop=True)
    return ratio(ratio(base, heads) / 12.0, data["previous_wage"])


def _move_of(name: str, data: xr.Dataset) -> xr.DataArray:
    """Yearly move of a factor of the new pensions."""
    return factor_move(name, with_other_ways(factors(data)))


def _new_over_old(data: xr.Dataset) -> xr.DataArray:
    """Mean new enterprise pension of a year over the mean in payment at its end."""
    new = ratio(data["new_award_mass_enterprise"], data["awards_enterprise"])
    return ratio(new, closing(_indicator("avg_enterprise_pension", data)))


MEASURES: Mapping[str, Measure] = {
    "dependency_ratio": partial(_indicator, "system_dependency_ratio"),
    "dependency_to_demography": _to_demography,
    "coverage_rate": partial(_indicator, "pension_coverage_rate"),
    "employees_share": lambda data: ratio(_indicator("uebps_participants", data), data.population_16),
    "non_resident_share": lambda data: ratio(data.non_resident_members, _participants(data)),
    "outside_share": _outside,
    "paused_share": lambda data: ratio(members_of(data, "paused"), data.members.sum("status")),
    "unemployment_insured_ratio": lambda data: ratio(
        data.unemployment_insured, members_of(data, "enterprise", "public")
    ),
    "injury_insured_ratio": lambda data: ratio(closing(data.injury_insured), data.employed),
    "resident_take_up": _take_up,
    "below_minimum_share": _without_pension,
    "covered_25_29": partial(_indicator, "covered_25_29"),
    "below_ten_years_share": partial(_indicator, "below_ten_years_share"),
    "left_ten_years_share": partial(_indicator, "left_ten_years_share"),
    "insured_share_growth": partial(_move_of, "insured_share"),
    "minimum_share_growth": partial(_move_of, "minimum_share"),
    "early_leaving_move": partial(_move_of, "early_leaving"),
    "other_ways_move": partial(_move_of, OTHER_WAYS),
    "award_years": partial(_indicator, "award_years"),
    "replacement_ratio": partial(_indicator, "replacement_ratio_average"),
    "new_replacement_ratio": partial(_indicator, "replacement_ratio_new_awards"),
    "new_over_old_pension": _new_over_old,
    "public_replacement_ratio": lambda data: ratio(closing(_indicator("avg_public_pension", data)), data.wage),
    "resident_benefit_ratio": lambda data: ratio(12.0 * closing(resident_average(data)), data.rural_income),
    "contribution_base_ratio": _contribution_base,
    "claimants_ratio": lambda data: ratio(data.unemployment_claimants, data.unemployment_insured),
    "injury_incidence": partial(_indicator, "injury_incidence"),
    "enterprise_cost_rate": lambda data: _indicator("payg_cost_rate", data).sel(fund="enterprise_pension", drop=True),
    "enterprise_months": partial(_months, "enterprise_pension"),
    "public_months": _public_months,
    "resident_months": partial(_months, "resident"),
    "unemployment_months": partial(_months, "unemployment"),
    "injury_months": partial(_months, "work_injury"),
    "annuity_months": partial(_months, "occupational_annuity"),
    "wage_growth": partial(_growth_of, "wage"),
    "benefit_base_growth": partial(_growth_of, "benefit_base"),
    "minimum_wage_growth": partial(_growth_of, "minimum_wage"),
    "price_growth": partial(_growth_of, "price_index"),
    "unemployment_benefit_growth": partial(_growth_of, "unemployment_benefit"),
    "basic_pension_growth": partial(_growth_of, "basic_pension_standard"),
    "urban_income_growth": partial(_growth_of, "urban_income"),
    "rural_income_growth": partial(_growth_of, "rural_income"),
    "adjustment": lambda data: data.adjustment_ratio,
    "pension_growth": lambda data: growth(_indicator("avg_enterprise_pension", data)),
    "resident_benefit_growth": lambda data: growth(resident_average(data)),
}
"""The function behind each range of ``ranges.yaml``, on a dataset of one scenario, draw and region."""


# --- ranges -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    """What is expected of one measure.

    Attributes
    ----------
    low, high : level, in `unit`
    step : largest change from one year to the next, in `unit`
    since, until : first and last year judged, None for all
    breaks : years in which a definition changes: the step into them is not judged
    series : series of the basis after whose last known value the range begins, empty for the whole projection
    settled : years after that last known value in which the first step is judged
    levels : administrative levels of the regions judged, empty for all
    law_steps : whether years are left out into which a parameter of retirement moves (`judge.checks.ages.law_steps`)
    """

    measure: str
    en: str
    zh: str
    unit: str
    low: float
    high: float
    step: float
    since: int | None
    until: int | None
    breaks: tuple[int, ...]
    series: str
    evidence: str
    source: str
    settled: int = 1
    levels: tuple[str, ...] = ()
    law_steps: bool = False


@cache
def ranges() -> tuple[Range, ...]:
    """Every range of ``ranges.yaml``, in its order."""
    return read_ranges(RANGES)


def read_ranges(path: Path) -> tuple[Range, ...]:
    """Read a file of ranges; each must have a measure, and each measure a range."""
    doc = strict_yaml.load(path)
    stated: Mapping[str, Mapping[str, Any]] = doc.data["measures"]
    found = []
    for name, entry in stated.items():
        where = doc.where("measures", name)
        if name not in MEASURES:
            raise InputFileError("range_measure", where=where, near=near(name, MEASURES), name=name)
        keys = set(entry)
        if not KEYS <= keys <= KEYS | OPTIONAL or ("from" in keys) != ("series" in keys):
            odd = sorted((KEYS - keys) | (keys - KEYS - OPTIONAL)) or ["from", "series"]
            known = ", ".join(sorted(KEYS | OPTIONAL))
            raise InputFileError("range_keys", where=where, name=name, odd=", ".join(odd), known=known)
        if entry["evidence"] not in EVIDENCE or not str(entry["source"]).strip():
            raise InputFileError("range_source", where=where, name=name, known=", ".join(EVIDENCE))
        if entry.get("from", FROM_DATA) != FROM_DATA:
            raise InputFileError("range_from", where=where, name=name, value=entry["from"], known=FROM_DATA)
        _check_words(name, entry, where)
        if not entry["low"] < entry["high"] or not entry["step"] > 0.0:
            raise InputFileError("range_empty", where=where, name=name)
        bounds = (float(entry["low"]), float(entry["high"]), float(entry["step"]))
        found.append(
            Range(
                *(name, entry["en"], entry["zh"], entry["unit"]),
                *bounds,
                since=entry.get("since"),
                until=entry.get("until"),
                breaks=tuple(entry.get("breaks", ())),
                series=entry.get("series", ""),
                evidence=entry["evidence"],
                source=entry["source"],
                settled=int(entry.get("settled", 1)),
                levels=tuple(entry.get("levels", ())),
                law_steps=entry.get("except") == LAW_STEPS,
            )
        )
    absent = sorted(set(MEASURES) - set(stated))
    if absent:
        raise InputFileError("range_absent", where=str(path), names=", ".join(absent))
    return tuple(found)


def _check_words(name: str, entry: Mapping[str, Any], where: str) -> None:
    """Refuse a level that no region has, and years left out in another way than by the steps of law."""
    stated = (("levels", entry.get("levels", ()), LEVELS), ("except", [entry.get("except", LAW_STEPS)], (LAW_STEPS,)))
    for key, words, known in stated:
        for word in words:
            if word not in known:
                said = {"name": name, "key": key, "value": word, "known": ", ".join(known)}
                raise InputFileError("range_word", where=where, near=near(str(word), known), **said)


# --- the table --------------------------------------------------------------------------------------------------------

COLUMNS = (
    *("scenario", "region", "measure", "unit", "first", "last", "lowest", "lowest_year", "highest", "highest_year"),
    *("low", "high", "change", "change_year", "step", "verdict", "evidence", "source"),
)


@same_labels()
def plausibility_table(result: Result) -> pd.DataFrame:
    """Every measure of every region of a run against its range.

    Returns
    -------
    `COLUMNS`: extremes of the judged years with their years, the largest yearly change with its year, the range, and
    the verdict: ``inside``, ``level``, ``change``, ``level and change``, or ``no value``
    """
    import pandas as pd

    known_regions = load_regions()
    rows = []
    for scenario, basis, data in datasets(result):
        steps: list[int] | None = None
        for expected in ranges():
            if expected.levels and known_regions[basis.region].level not in expected.levels:
                continue
            known = last_known(basis, expected.series) if expected.series else None
            first = expected.since or -math.inf if known is None else known + 1
            years, values = judged(MEASURES[expected.measure](data), first, expected.until or math.inf)
            if expected.law_steps:
                steps = _steps_of(result, scenario, basis.region) if steps is None else steps
                kept = ~np.isin(years, steps)
                years, values = years[kept], values[kept]
            settled = -math.inf if known is None else known + expected.settled
            rows.append((scenario, basis.region, *compared(expected, years, values, settled)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _steps_of(result: Result, key: str, region: str) -> list[int]:
    """Dated steps of the law of a scenario of a run."""
    scenario = next(lane.scenario for lane in result.lanes if lane.scenario.key == key)
    return sorted(law_steps(scenario, result.law, region))


def last_known(basis: Basis, series: str) -> int:
    """Last year for which a series of the basis holds a value of its own."""
    return int(basis.owner(series).own_series[series].years[-1])


def judged(values: xr.DataArray, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Years and finite values of a measure from `first` to `last`."""
    years, found = values[time_of(values)].values, values.values.reshape(-1)
    kept = np.isfinite(found) & (years >= first) & (years <= last)
    return years[kept], found[kept]


def compared(expected: Range, years: np.ndarray, values: np.ndarray, settled: float = -math.inf) -> tuple[Any, ...]:
    """Cells of one measure after scenario and region, in the order of `COLUMNS`; steps are judged from `settled` on."""
    tail = (expected.evidence, expected.source)
    head = (expected.measure, expected.unit)
    bounds = (expected.low, expected.high)
    if not years.size:
        empty = (math.nan,) * 6
        return *head, *empty, *bounds, math.nan, math.nan, expected.step, "no value", *tail
    low, high = int(values.argmin()), int(values.argmax())
    steps = np.abs(np.diff(values))
    steps[(np.diff(years) != 1) | np.isin(years[1:], expected.breaks) | (years[1:] < settled)] = 0.0
    at = int(steps.argmax()) if steps.size else -1
    change, change_year = (float(steps[at]), int(years[at + 1])) if steps.size else (0.0, int(years[0]))
    found = []
    if values[low] < expected.low - ROUNDING or values[high] > expected.high + ROUNDING:
        found.append("level")
    if change > expected.step:
        found.append("change")
    extremes = (float(values[low]), int(years[low]), float(values[high]), int(years[high]))
    verdict = " and ".join(found) or "inside"
    span = (int(years[0]), int(years[-1]))
    return *head, *span, *extremes, *bounds, change, change_year, expected.step, verdict, *tail
