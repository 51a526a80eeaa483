"""The free run before any alignment held against printed and recalled figures of the past, year by year.

It reports and repairs nothing; what lies outside a bound is the work of the fit, not a failure of the run. After the
opening the projection takes the place of the free run. Rules and readings: notes/opening.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.errors import BasisError
from simengine.engine.project import Result
from simengine.judge.indicators import PENSION_FUND, registry
from simengine.judge.indicators.sums import of_funds, registered
from simengine.judge.time import ratio, time_of
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM, same_labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Measure = Callable[[Any], Any]

# --- series -----------------------------------------------------------------------------------------------------------

RECALLED = ("recalled", "memory", "assumption")
"""Evidence of figures that rest on memory; the others were read somewhere, and both are shown apart."""


def _paid(data: xr.Dataset, *funds: str) -> xr.DataArray:
    """Expenditure without payments between levels of government."""
    items = [item for item in OUTGO_ITEM if item not in ("to_below", "to_above")]
    paid = data["outgo"].sel(fund=list(funds), outgo_item=items).sum(("fund", "outgo_item"))
    return paid - (-_published_other(data)).clip(min=0.0) if PENSION_FUND[0] in funds else paid


def _received(data: xr.Dataset, *funds: str) -> xr.DataArray:
    """Revenue without payments between levels of government."""
    items = [item for item in INCOME_ITEM if item not in ("from_above", "from_below")]
    received = data["income"].sel(fund=list(funds), income_item=items).sum(("fund", "income_item"))
    return received - _published_other(data).clip(min=0.0) if PENSION_FUND[0] in funds else received


def _published_other(data: xr.Dataset) -> xr.DataArray:
    """The item that closes published balances; it is part of neither revenue nor expenditure."""
    return data["published_other"]


def _contributions(data: xr.Dataset) -> xr.DataArray:
    """Contributions of the employees' scheme, purchased years and arrears included."""
    collected = data["income"].sel(fund=list(PENSION_FUND), income_item=INCOME_ITEM[0], drop=True).sum("fund")
    return collected + data["arrears"] + data["settled_contributions"]


SERIES: Mapping[str, Measure] = {
    "participants": lambda data: registry()["uebps_participants"](data),
    "members": lambda data: data.members.sum("status"),
    "pensioners": lambda data: data.enterprise_pensioners + data.public_pensioners,
    "contributions": _contributions,
    "revenue": lambda data: _received(data, *PENSION_FUND),
    "expenditure": lambda data: _paid(data, *PENSION_FUND),
    "balance": lambda data: of_funds(data.fund_balance, *PENSION_FUND),
    "enterprise_revenue": lambda data: _received(data, PENSION_FUND[0]),
    "enterprise_expenditure": lambda data: _paid(data, PENSION_FUND[0]),
    "enterprise_balance": lambda data: data.fund_balance.sel(fund=PENSION_FUND[0]),
    "recorded_accounts": lambda data: data.account_balance,
    "mean_enterprise_pension": lambda data: registry()["avg_enterprise_pension"](data),
    "mean_enterprise_pension_growth": lambda data: registry()["avg_enterprise_pension_growth"](data),
    "resident_participants": lambda data: registered(data) + data.resident_beneficiaries,
    "resident_registered": registered,
    "resident_recipients": lambda data: data.resident_beneficiaries,
    "resident_revenue": lambda data: _received(data, "resident"),
    "resident_expenditure": lambda data: _paid(data, "resident"),
    "resident_balance": lambda data: data.fund_balance.sel(fund="resident"),
    "unemployment_insured": lambda data: data.unemployment_insured,
    "unemployment_claimants": lambda data: data.unemployment_claimants,
    "unemployment_revenue": lambda data: _received(data, "unemployment"),
    "unemployment_expenditure": lambda data: _paid(data, "unemployment"),
    "unemployment_balance": lambda data: data.fund_balance.sel(fund="unemployment"),
    "injury_insured": lambda data: data.injury_insured,
    "injury_revenue": lambda data: _received(data, "work_injury"),
    "injury_expenditure": lambda data: _paid(data, "work_injury"),
    "injury_balance": lambda data: data.fund_balance.sel(fund="work_injury"),
}
"""Series of references.csv as the engine measures them, in the order of the table."""

GIVEN = ("members", "resident_registered", "unemployment_insured", "injury_insured")
"""Series whose level the history is given year by year: they agree by construction, up to what could not be placed."""

FREE_RUN = "free run"
"""Name of the run up to the opening: history alone, no lever, no alignment."""


@dataclass(frozen=True)
class Reference:
    """One figure of references.csv, in base units."""

    series: str
    year: int
    value: float
    unit: str
    evidence: str
    source: str


def references(basis: Basis) -> list[Reference]:
    """Figures that a basis of this region can be held against; empty where none are collected."""
    owner = next((b for b in basis.chain() if b.region == basis.region and "references" in b.tables), None)
    if owner is None:
        return []
    table = owner.tables["references"]
    columns = (
        table.text("series"), table.integers("year"), table.numbers("value"), table.text("unit"),
        table.text("evidence"), table.text("source"),
    )  # fmt: skip
    found = []
    for row, (series, year, value, *texts) in enumerate(zip(*columns, strict=True)):
        if series not in SERIES:
            raise BasisError("reference_series", where=table.where(row), name=series, known=", ".join(SERIES))
        found.append(Reference(series, int(year), float(value), *texts))
    return found


def by_year(data: xr.Dataset, measure: Measure) -> dict[int, float]:
    """Finite values of a measure in a dataset of one scenario, draw and region, by year or year end."""
    values = measure(data)
    pairs = zip(values[time_of(values)].values, values.values.reshape(-1), strict=True)
    return {int(year): float(value) for year, value in pairs if math.isfinite(value)}


def runs(result: Result) -> Iterator[tuple[Basis, str, xr.Dataset]]:
    """Every history once, then every lane: basis, name of the run, dataset of that region alone."""
    seen: set[str] = set()
    for lane in result.lanes:
        source = lane.basis.spin_up.plain
        if source.name not in seen:
            seen.add(source.name)
            yield source, FREE_RUN, result.history(source).isel(scenario=0, draw=0, region=0)
    for lane in result.lanes:
        scenario, region = lane.scenario.key, lane.basis.region
        yield lane.basis, scenario, result.dataset.sel(scenario=scenario, region=region, draw=0)


GAP_COLUMNS = (
    *("region", "basis", "run", "series", "year", "unit", "engine", "reference", "evidence", "kind", "ratio"),
    "source",
)


@same_labels()
def gap_table(result: Result) -> pd.DataFrame:
    """The free run before any alignment against printed and recalled figures; after the opening, the projection.

    Returns
    -------
    columns region, basis, run, series, year, unit, engine, reference, evidence, kind, ratio, source; `run` is ``free
    run`` up to the opening and the scenario after it, `kind` is ``printed`` or ``recalled``, `ratio` is engine over
    reference [1]
    """
    import pandas as pd

    rows = []
    for basis, run, data in runs(result):
        known = references(basis)
        measured = {series: by_year(data, SERIES[series]) for series in dict.fromkeys(item.series for item in known)}
        for item in known:
            late = item.year > basis.base_year
            engine = measured[item.series].get(item.year)
            if engine is None or late != (run != FREE_RUN):
                continue
            rows.append((
                basis.region, basis.name, run, item.series, item.year, item.unit, engine, item.value, item.evidence,
                "recalled" if item.evidence in RECALLED else "printed", engine / item.value, item.source,
            ))  # fmt: skip
    regions, order = list(dict.fromkeys(row[0] for row in rows)), list(SERIES)
    rows.sort(key=lambda row: (regions.index(row[0]), row[1], order.index(row[3]), row[4], row[2]))
    return pd.DataFrame(rows, columns=GAP_COLUMNS)


# --- checks -----------------------------------------------------------------------------------------------------------

LAST_KNOWN = 2024


@dataclass(frozen=True)
class Bound:
    """One check: the ratio of a series to its references may lie between two values in a range of years."""

    check: str
    series: str
    first: int
    low: float
    high: float


BOUNDS = (
    Bound("pensioners", "pensioners", 2005, 0.90, 1.10),
    Bound("pensioners, last years", "pensioners", 2018, 0.97, 1.03),
    Bound("expenditure", "expenditure", 2005, 0.95, 1.05),
    Bound("recorded accounts", "recorded_accounts", 2005, 0.84, 1.16),
)
RESIDENT_RATIO = Bound("resident ratio", "", 2012, 0.91, 0.95)
"""Resident recipients over people of 60 and over without an employees' pension, once the scheme runs everywhere."""

Point = tuple[int, float]


def resident_ratio(data: xr.Dataset) -> xr.DataArray:
    """Recipients over (registered people of 60 and over less employees' pensioners of 60 and over) [1]."""
    free = data["registered_60"] - data["pensioners_60"]
    return ratio(data["resident_beneficiaries"], free)


RATIOS: Mapping[str, Measure] = {"resident_ratio": resident_ratio}
"""Ratios that a check bounds and nobody publishes."""


def free_run_checks(result: Result, gap: pd.DataFrame | None = None) -> pd.DataFrame:
    """What a free run must show, with the value farthest from the middle of its bounds.

    The bounds are meant for the nation; regions with references are listed beside it.

    Parameters
    ----------
    gap : the gap table of the result, when it is at hand

    Returns
    -------
    columns region, scenario, check, first, last, measured, year, low, high, verdict (``inside`` or ``outside``);
    `scenario` is the run after the opening, empty where only the history is known
    """
    import pandas as pd

    gap = gap_table(result) if gap is None else gap
    everything = list(runs(result))
    late = {(basis.region, run): data for basis, run, data in everything if run != FREE_RUN}
    rows: list[tuple[Any, ...]] = []
    for basis, run, data in everything:
        if run != FREE_RUN:
            continue
        for scenario in [name for region, name in late if region == basis.region] or [""]:
            own = gap[(gap["region"] == basis.region) & gap["run"].isin((FREE_RUN, scenario))]
            found = [_span(bound, _points(own, bound.series)) for bound in BOUNDS]
            parts = [data] + ([late[basis.region, scenario]] if scenario else [])
            ratios = [by_year(part, resident_ratio) for part in parts]
            found.append(_span(RESIDENT_RATIO, [point for part in ratios for point in part.items()]))
            rows += [(basis.region, scenario, *row) for row in found if row is not None]
    columns = ["region", "scenario", "check", "first", "last", "measured", "year", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    inside = table["measured"].between(table["low"], table["high"])
    return table.assign(verdict=np.where(inside, "inside", "outside"))


def _points(gap: pd.DataFrame, series: str) -> list[Point]:
    chosen = gap[gap["series"] == series]
    return [(int(year), float(ratio)) for year, ratio in zip(chosen["year"], chosen["ratio"], strict=True)]


def _span(bound: Bound, points: Iterable[Point]) -> tuple[Any, ...] | None:
    """Check, first and last year, worst value and its year, low, high; None without a value in the years."""
    inside = [(year, value) for year, value in points if bound.first <= year <= LAST_KNOWN]
    if not inside:
        return None
    middle = 0.5 * (bound.low + bound.high)
    year, worst = max(inside, key=lambda point: abs(point[1] - middle))
    years = [year for year, _ in inside]
    return bound.check, min(years), max(years), worst, year, bound.low, bound.high
