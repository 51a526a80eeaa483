"""The numbers behind each picture, as tidy tables: what is drawn is what the CSV beside it holds, and nothing else.

One table for all pictures, so that the files can be put under each other: `COLUMNS`. Values are in base units (persons,
yuan, shares, years), unrounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.common.messages import near
from simengine.judge.checks.crossings import crossings
from simengine.judge.indicators import PLAN_UNITS, Definitions, find_indicator
from simengine.judge.indicators.sums import passed_inside
from simengine.judge.targets.compare import Options, rounded, satisfies, tolerance_of
from simengine.judge.targets.rows import Figure, Target
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM, SEX
from simengine.report.figures.background import Ages, finite, lane
from simengine.report.figures.fund_words import ENGINE, PRINTED, PRINTED_UNIT, RANGED, UNAIDED

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = ("scenario", "region", "series", "year", "sex", "age", "value", "unit", "sign", "precision", "row")
"""The last three are those of the plan, for its printed figures: sign, size of the last printed digit, row."""

BRANCHES = {
    "pension": "pension_participants",
    "pension_rate": "pension_coverage_rate",
    "employees": "uebps_participants",
    "resident": "resident_participants",
    "unemployment": "ui_participants",
    "injury": "wi_participants",
}
"""Branch of a coverage picture -> indicator it shows."""

SPAN = 30
"""Least number of years in a picture of money."""

MONEY = ("nominal", "prices")


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a table with every column, absent cells empty."""
    import pandas as pd

    return pd.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], columns=list(COLUMNS))


def _years(values: Sequence[int], first: int | None, last: int | None) -> list[int]:
    """Labels between two years, both included."""
    chosen = [year for year in values if (first is None or year >= first) and (last is None or year <= last)]
    if not chosen:
        ends: dict[str, Any] = {"low": min(values), "high": max(values)}
        raise ScenarioError("years_absent", first=first or "-", last=last or "-", **ends)
    return chosen


def labels(projection: xr.Dataset | xr.DataArray, time: str) -> list[int]:
    """Years on one of the two time axes."""
    return [int(year) for year in projection[time].values]


# --- population -------------------------------------------------------------------------------------------------------


def population_table(
    projection: xr.Dataset, scenario: str, region: str, years: Sequence[int], ages: Ages | None = None
) -> pd.DataFrame:
    """Residents by sex and single age at some year ends, and the statutory ages of those years.

    Series ``population`` [persons] and ``statutory_age:<career>`` [years].
    """
    own = lane(projection, scenario, region)
    known = labels(projection, "year_end")
    common = {"scenario": scenario, "region": region}
    rows: list[dict[str, Any]] = []
    for year in years:
        if year not in known:
            raise ScenarioError("years_absent", first=year, last=year, low=known[0], high=known[-1])
        people = own.population.sel(year_end=year).squeeze(["scenario", "region"]).transpose("sex", "age")
        values = finite(people.values, "population", region)
        rows += [
            {
                **common,
                "series": "population",
                "year": year,
                "sex": sex,
                "age": int(age),
                "value": value,
                "unit": "person",
            }
            for sex, line in zip(SEX, values, strict=True)
            for age, value in zip(people.age.values, line.tolist(), strict=True)
        ]
        for career, age in (ages or {}).get(year, {}).items():
            sex = "male" if career == "men" else "female"
            rows.append(
                {**common, "series": f"statutory_age:{career}", "year": year, "sex": sex, "value": age, "unit": "year"}
            )
    return frame(rows)


# --- coverage ---------------------------------------------------------------------------------------------------------


def coverage_table(
    projection: xr.Dataset,
    scenario: str,
    region: str,
    branch: str,
    *,
    targets: Iterable[Target] = (),
    history: xr.Dataset | None = None,
    actuals: Mapping[int, float] | None = None,
    definitions: Definitions | None = None,
    against: str | None = None,
    first: int | None = None,
    last: int | None = None,
) -> pd.DataFrame:
    """The path of one branch beside the plan.

    Series ``projected``, ``against``, ``backcast``, ``actual``, and of the plan ``base``, ``step`` (a yearly task),
    ``met``, ``missed``, ``target`` (not judged) and ``superseded``.
    """
    if branch not in BRANCHES:
        raise ScenarioError("branch_unknown", near=near(branch, BRANCHES), name=branch, known=", ".join(BRANCHES))
    measure = find_indicator(BRANCHES[branch])
    definitions = definitions or Definitions()
    common = {"region": region, "unit": measure.unit}

    def path(dataset: xr.Dataset, name: str) -> dict[int, float]:
        values = measure(lane(dataset, name, region), definitions).squeeze(["scenario", "region"])
        return dict(zip(labels(dataset, "year_end"), map(float, values.values), strict=True))

    own = path(projection, scenario)
    plan = list(_plan_rows(own, targets, region, measure.id, definitions))
    drawn = _window(own, plan, first, last)
    paths = {"projected": (scenario, own)}
    if against is not None:
        paths["against"] = (against, path(projection, against))
    if history is not None:
        paths["backcast"] = ("history", path(history, str(history.scenario.values[0])))
    rows: list[dict[str, Any]] = []
    for series, (name, values) in paths.items():
        chosen = [year for year in values if drawn[0] <= year <= drawn[1]]
        if series == "backcast" and len(chosen) < 2:
            continue
        finite(np.array([values[year] for year in chosen]) if chosen else np.zeros(1), measure.id, region)
        rows += [{**common, "scenario": name, "series": series, "year": year, "value": values[year]} for year in chosen]
    rows += [{**common, **row} for row in plan if drawn[0] <= row["year"] <= drawn[1]]
    rows += [
        {**common, "series": "actual", "year": year, "value": value}
        for year, value in (actuals or {}).items()
        if drawn[0] <= year <= drawn[1]
    ]
    return frame(rows)


def _window(
    own: Mapping[int, float], plan: Sequence[Mapping[str, Any]], first: int | None, last: int | None
) -> tuple[int, int]:
    """Years to draw: from the first figure of the plan to ten years after its last, at least fifteen of the run."""
    years = sorted(own)
    marked = [row["year"] for row in plan]
    start = min([years[0], *marked]) if first is None else first
    end = min(years[-1], max([years[0] + 15, *(year + 10 for year in marked)])) if last is None else last
    _years(years, start, end)
    return start, end


def _plan_rows(
    own: Mapping[int, float], targets: Iterable[Target], region: str, measure: str, definitions: Definitions
) -> Iterable[dict[str, Any]]:
    """Printed figures of one measure in base units; repetitions left out."""
    options = Options(definitions=definitions)
    known: set[tuple[str, int, float]] = set()
    for row in targets:
        if row.indicator != measure or row.region != region or row.duplicate_of or row.restates or row.cumulative:
            continue
        kinds = (("base", row.base), (_target_series(own, row, options), row.target), ("actual", row.actual))
        for series, figure in kinds:
            if figure is None:
                continue
            factor = PLAN_UNITS[row.unit][1]
            value = float(figure.exact) * factor
            precision = factor * 10.0**-figure.decimals
            if (series, figure.year, value) in known:
                continue
            known.add((series, figure.year, value))
            printed = {"sign": figure.operator, "precision": precision, "row": row.id}
            yield {"series": series, "year": figure.year, "value": value, **printed}


def _target_series(own: Mapping[int, float], row: Target, options: Options) -> str:
    """How a target stands: superseded, not judged, a yearly task, met or missed by the projection."""
    goal = row.target
    if goal is None:
        return "target"
    if row.superseded_by:
        return "superseded"
    if row.record_kind != "target" or goal.operator is None or goal.year not in own or goal.year <= min(own):
        return "target"
    if row.value_kind == "annual_task":
        return "step"
    return "met" if is_met(own[goal.year], row, goal, options) else "missed"


def is_met(value: float, row: Target, goal: Figure, options: Options) -> bool:
    """Whether a value in base units satisfies a printed target, rounded as the plan prints it."""
    text = rounded(value / PLAN_UNITS[row.unit][1], goal.decimals)
    return satisfies(text, str(goal.operator), goal.exact, tolerance_of(row, goal, options))


# --- fund -------------------------------------------------------------------------------------------------------------


def fund_table(
    projection: xr.Dataset,
    scenario: str,
    region: str,
    fund: str,
    *,
    against: str | None = None,
    money: str = "nominal",
    first: int | None = None,
    last: int | None = None,
    ranges: pd.DataFrame | None = None,
    anchors: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Income, outgo and balance of one fund on its own account, and what becomes of it.

    Series ``income``, ``outgo`` (of a year), ``balance`` (at its end), and where they occur the years ``first_deficit``
    and ``exhaustion`` (first year end below zero), each with its ends over the closures, ``_low`` and ``_high``, and
    ``unaided``, the first year end at which the judged unaided account is below zero. Without their ends in `ranges`
    none of this is told; ``ranged`` marks that they are there. ``recovers`` marks a balance that comes back
    to zero or above, and ``times`` is how often it falls below zero. The same with ``against:`` in front for a second
    scenario. In ``prices`` the money is that of the first year of the run. A region that misses its anchors has these
    in the place of what becomes of the fund: ``anchor:NAME`` is the engine's figure, ``printed:NAME`` the printed one.

    Parameters
    ----------
    ranges : ranges of the scenarios over the closures (`Judged.ranges`)
    anchors : what was printed beside the runs of the scenarios (`Judged.anchors`)
    """
    funds = [str(name) for name in projection.fund.values]
    if fund not in funds:
        raise ScenarioError("fund_unknown", near=near(fund, funds), name=fund, known=", ".join(funds))
    if money not in MONEY:
        raise ScenarioError("money_unknown", near=near(money, MONEY), name=money, known=", ".join(MONEY))
    rows: list[dict[str, Any]] = []
    for name, mark in ((scenario, ""), (against, "against:")):
        if name is not None:
            missed = list(_missed(anchors, name, region, mark))
            known = {} if missed else _year_ends(ranges, name, region, fund)
            rows += _fund_rows(projection, name, region, fund, money, mark, (first, last), known)
            rows += missed
    return frame(rows)


def _missed(anchors: pd.DataFrame | None, scenario: str, region: str, mark: str) -> Iterable[dict[str, Any]]:
    """Anchors that a region misses, the farthest first: engine's and printed figure."""
    if anchors is None:
        return
    rows = anchors[(anchors["scenario"] == scenario) & (anchors["region"] == region) & ~anchors["ok"].astype(bool)]
    for row in rows.sort_values("gap", key=abs, ascending=False).to_dict("records"):
        common = {"scenario": scenario, "region": region, "year": row["year"], "unit": PRINTED_UNIT + row["unit"]}
        for name, value in ((ENGINE, row["engine"]), (PRINTED, row["printed"])):
            yield {**common, "series": f"{mark}{name}{row['series']}", "value": value}


def _fund_rows(
    projection: xr.Dataset,
    scenario: str,
    region: str,
    fund: str,
    money: str,
    mark: str,
    shown: tuple[int | None, int | None],
    known: Mapping[str, tuple[float, float, float]],
) -> Iterable[dict[str, Any]]:
    first, last = shown
    own = lane(projection, scenario, region)
    of_fund = own.sel(fund=fund).squeeze(["scenario", "region"])
    inside = passed_inside(of_fund)
    flows = {
        "income": of_fund.income.sel(income_item=list(INCOME_ITEM)).sum("income_item", skipna=False) - inside,
        "outgo": of_fund.outgo.sel(outgo_item=list(OUTGO_ITEM)).sum("outgo_item", skipna=False) - inside,
    }
    events = {}
    for series, (measure, _) in EVENTS.items():
        events[series] = float(find_indicator(measure)(own).sel(fund=fund).squeeze(["scenario", "region"]))
    balance = of_fund.fund_balance
    recovered = (balance >= 0) & (balance.year_end > events["exhaustion"])
    back = float(balance.year_end.where(recovered).min())
    if last is None:
        happened = [int(year) for year in (*events.values(), back) if known and np.isfinite(year)]
        last = max([labels(projection, "year_end")[0] + SPAN, *(year + 10 for year in happened)])
    deflator = _deflator(of_fund, money)
    common = {"scenario": scenario, "region": region}
    unit = "yuan" if money == "nominal" else f"yuan of {labels(projection, 'year')[0]}"
    for series, values in (*flows.items(), ("balance", of_fund.fund_balance)):
        time = "year_end" if series == "balance" else "year"
        years = _years(labels(projection, time), first, last)
        drawn = finite(values.sel({time: years}).values, f"{series} of {fund}", region)
        for year, value in zip(years, drawn.tolist(), strict=True):
            real = value / deflator.get(year, 1.0)
            yield {**common, "series": mark + series, "year": year, "value": real, "unit": unit}
    if known:
        yield from _becomes(balance, events | {UNAIDED: known.get(UNAIDED, NOT_KNOWN)[0]}, back, known, common, mark)


def _becomes(
    balance: xr.DataArray,
    events: Mapping[str, float],
    back: float,
    known: Mapping[str, tuple[float, float, float]],
    common: Mapping[str, Any],
    mark: str,
) -> Iterable[dict[str, Any]]:
    """What becomes of a fund whose years are known with their ends."""
    yield {**common, "series": mark + RANGED, "value": 1.0, "unit": "1"}
    for series, when in events.items():
        _, low, high = known.get(series, NOT_KNOWN)
        if np.isfinite(low) or (series == UNAIDED and series in known):
            for name, of in ((series, when), (f"{series}_low", low), (f"{series}_high", high)):
                label = int(of) if np.isfinite(of) else None
                yield {**common, "series": mark + name, "year": label, "value": of, "unit": "year"}
    if np.isfinite(back):
        yield {**common, "series": f"{mark}recovers", "value": 1.0, "unit": "1"}
    times = sum(one.below for one in crossings(balance, labels(balance, "year_end")[0]))
    if times > 1:
        yield {**common, "series": f"{mark}times", "value": float(times), "unit": "1"}


NOT_KNOWN = (np.nan, np.nan, np.nan)
EVENTS = {
    "first_deficit": ("first_deficit_year", "first_deficit_year"),
    "exhaustion": ("exhaustion_year", "exhaustion_year"),
}
"""Series of a year -> its indicator, and its measure over the closures."""
UNAIDED_MEASURE = "no_subsidy"
"""Measure over the closures of the year in which the unaided account falls below zero."""


def _year_ends(
    ranges: pd.DataFrame | None, scenario: str, region: str, fund: str
) -> dict[str, tuple[float, float, float]]:
    """Baseline, earliest and latest of each year of a fund over the closures; none where they are not known."""
    if ranges is None:
        return {}
    rows = ranges[(ranges["scenario"] == scenario) & (ranges["region"] == region) & (ranges["fund"] == fund)]
    ends = {
        row["measure"]: (float(row.get("baseline", np.nan)), float(row["low"]), float(row["high"]))
        for row in rows.to_dict("records")
    }
    measures = {series: measure for series, (_, measure) in EVENTS.items()} | {UNAIDED: UNAIDED_MEASURE}
    return {series: ends[measure] for series, measure in measures.items() if measure in ends}


def _deflator(of_fund: xr.Dataset, money: str) -> dict[int, float]:
    """Price level of each year over that of the first year of the run; the opening takes that of the first year."""
    if money == "nominal":
        return {}
    level = of_fund.price_index.values / of_fund.price_index.values[0]
    years = [int(year) for year in of_fund.year.values]
    return {years[0] - 1: 1.0, **dict(zip(years, map(float, level), strict=True))}


# --- dependency -------------------------------------------------------------------------------------------------------


def dependency_table(
    projection: xr.Dataset,
    scenario: str,
    region: str,
    *,
    against: str | None = None,
    first: int | None = None,
    last: int | None = None,
) -> pd.DataFrame:
    """Pensioners over payers of the employees' scheme, and residents of 60 and over those of 16 to 59 [1]."""
    rows: list[dict[str, Any]] = []
    for name, mark in ((scenario, ""), (against, "against:")):
        if name is None:
            continue
        own = lane(projection, name, region)
        system = find_indicator("system_dependency_ratio")(own)
        old_age = (own.population_60 / own.population_16_59).where(own.population_16_59 > 0)
        years = _years(labels(projection, "year_end"), first, last)
        for series, values in (("system", system), ("old_age", old_age)):
            drawn = finite(values.squeeze(["scenario", "region"]).sel(year_end=years).values, series, region)
            rows += [
                {"scenario": name, "region": region, "series": mark + series, "year": year, "value": value, "unit": "1"}
                for year, value in zip(years, drawn.tolist(), strict=True)
            ]
    return frame(rows)
