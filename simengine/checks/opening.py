"""The opening position held against its figures, and the free run that leads to it held against the past.

Nothing is repaired here: every table gives the engine's figure, the figure it is held against, and what follows.
Rules and readings: notes/opening.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.axes import FUND, INCOME_ITEM, OUTGO_ITEM, STATUS
from simengine.basis import Basis, load_basis
from simengine.checks.compare import rounded
from simengine.errors import BasisError, closest
from simengine.indicators import PENSION_FUND, PLAN_UNITS, Definitions, registry, to_plan_unit
from simengine.kernels import layout as at
from simengine.opening import OPENING_OF_STATUS, Factor
from simengine.project import Lane, Result, add_partition, label_dataset, lane_variables

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Measure = Callable[[Any], Any]

# --- the opening as the indicators see it -----------------------------------------------------------------------------

INPUT_SHARES = ("resident_entrusted_share",)
"""Inputs of the opening year that no variable of a projection holds."""


def opening_view(result: Result) -> xr.Dataset:
    """The opening year end of every lane, and of a partitioned city, with the inputs of the opening year.

    Stocks carry the opening year end. Of the flows only those that are inputs (wages, standards, rates) have a value in
    the opening year; what a run computes starts a year later and is not a number here.
    """
    cells: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    shares: dict[tuple[str, str], dict[str, float]] = {}
    for lane in result.lanes:
        cells[key_of(lane)] = lane_variables(lane.inputs, _without_flows(lane), 0)
        shares[key_of(lane)] = {
            name: float(lane.inputs.paths[at.PATH_NAMES.index(name), 0]) for name in INPUT_SHARES
        }  # fmt: skip
    for scenario, city in partitioned(result):
        areas = [load_basis(part).region for part in city.partition]
        add_partition(cells, scenario, city.region, areas)
        shares[scenario, city.region] = shares[scenario, areas[0]]
    names = list(dict.fromkeys(scenario for scenario, _ in cells))
    regions = list(dict.fromkeys(region for _, region in cells))
    years = result.lanes[0].inputs.years
    data = label_dataset(cells, years, names, regions).sel(year_end=years[:1], year=years[:1])
    for name in INPUT_SHARES:
        block = [[shares.get((scenario, region), {}).get(name, math.nan) for region in regions] for scenario in names]
        data[name] = (("scenario", "draw", "region", "year"), np.array(block)[:, None, :, None])
    return data


def _without_flows(lane: Lane) -> at.Output:
    """A lane's results without the flows of the opening year, which nothing computed."""
    assert lane.output is not None
    flows, ledger = lane.output.flows.copy(), lane.output.ledger.copy()
    flows[:, 0] = math.nan
    ledger[..., 0] = math.nan
    return lane.output._replace(flows=flows, ledger=ledger)


def key_of(lane: Lane) -> tuple[str, str]:
    """Scenario and region of a lane."""
    return lane.scenario.key, lane.basis.region


def partitioned(result: Result) -> Iterator[tuple[str, Basis]]:
    """Scenario and basis of every city that is the sum of its areas."""
    for name in dict.fromkeys(lane.scenario.key for lane in result.lanes):
        scenario = next(lane.scenario for lane in result.lanes if lane.scenario.key == name)
        basis = load_basis(scenario.basis)
        if basis.partition:
            yield name, basis


# --- opening figures --------------------------------------------------------------------------------------------------

SAME_MEASURE = {
    "unemployment_insured": "ui_participants",
    "unemployment_claimants": "ui_claimants",
    "injury_insured": "wi_participants",
    "registered_unemployment_rate": "registered_unemp_rate",
    "surveyed_unemployment_rate": "surveyed_unemp_rate",
    "average_enterprise_pension": "avg_enterprise_pension",
    "average_public_pension": "avg_public_pension",
    "basic_pension": "basic_pension_avg",
    "minimum_wage": "min_wage",
    "unemployment_benefit": "ui_benefit_month",
    "occupational_annuity": "oa_fund_size",
    "entrusted_resident": "delegated_investment_stock",
    "resident_average_benefit": "resident_benefit_avg",
    "paused_members": "uebps_paused",
    "uebps_participants_alternative": "uebps_participants",
}
"""Opening figures that an indicator of another name measures."""


def _ratio(numerator: xr.DataArray, denominator: xr.DataArray) -> xr.DataArray:
    return (numerator / denominator).where(denominator > 0)


def _registered(data: xr.Dataset) -> xr.DataArray:
    return data.resident_contributors + data.resident_paused


def _status(name: str) -> Measure:
    return lambda data: data.members.sel(status=name, drop=True)


def _fund(name: str) -> Measure:
    return lambda data: data.fund_balance.sel(fund=name, drop=True)


def _variable(name: str) -> Measure:
    return lambda data: data[name]


STOCKS: Mapping[str, Measure] = {
    **{item: _status(status) for status, item in OPENING_OF_STATUS.items() if status != "paused"},
    **{f"fund_balance_{fund}": _fund(fund) for fund in FUND},
    **{name: _variable(name) for name in (
        "enterprise_pensioners", "public_pensioners", "dual_members", "injury_annuitants", "platform_insured",
        "coverage_population", "ui_obliged_population", "resident_entrusted_share",
    )},
    "resident_registered": _registered,
    "resident_paying_share": lambda data: _ratio(data.resident_contributors, _registered(data)),
    "resident_account_pension": lambda data: _ratio(
        data.resident_pension_mass - data.resident_base_mass, data.resident_beneficiaries
    ),
    "entrusted_enterprise": lambda data: data.entrusted_principal.sel(fund="enterprise_pension", drop=True),
    "delegated_share_new_surplus": lambda data: data.resident_entrusted_share,
}  # fmt: skip
"""Opening figures that no indicator measures, and the share that enters the opening year as an input."""


def measure_of(item: str) -> Measure:
    """The function that measures one opening figure in a projection."""
    if item in STOCKS:
        return STOCKS[item]
    name = SAME_MEASURE.get(item, item)
    if name not in registry():
        known = (*STOCKS, *SAME_MEASURE, *registry())
        raise BasisError(
            f'opening figure "{item}" has no measure in the engine', allowed=", ".join(sorted(known)),
            hint=closest(item, known) or "Name its measure in simengine/checks/opening.py",
        )  # fmt: skip
    return lambda data: registry()[name](data, Definitions())


def opening_table(result: Result) -> pd.DataFrame:
    """Every row of the openings of the bases in a run, beside the engine's figure at the opening.

    A row is either on the list ``equal`` (kind plan: equal to the printed figure at its printed decimals, rounded half
    up) or on the list ``band`` (every other kind: inside the plausibility band of the row). There is no third list.

    Returns
    -------
    columns scenario, region, item, list, kind, evidence, unit, opening, engine, low, high, ok, targets, source. The
    figures of ``equal`` are in the unit of the plan, the others in base units (persons, yuan, shares).
    """
    import pandas as pd

    view = opening_view(result)
    bases = [(lane.scenario.key, lane.basis) for lane in result.lanes] + list(partitioned(result))
    values: dict[str, xr.DataArray] = {}
    rows = []
    for scenario, basis in bases:
        for item, figure in basis.openings.items():
            if item not in values:
                values[item] = measure_of(item)(view)
            found = float(values[item].sel(scenario=scenario, region=basis.region, drop=True).values.reshape(-1)[0])
            printed = figure.kind == "plan"
            assert figure.decimals is not None or not printed
            if printed:
                unit, decimals = figure.plan_unit, int(figure.decimals or 0)
                opening, low, high = (to_plan_unit(value, unit) for value in (figure.value, *figure.band))
                engine = to_plan_unit(found, unit)
                ok = math.isfinite(engine) and rounded(engine, decimals) == rounded(opening, decimals)
            else:
                unit, opening, (low, high), engine = figure.unit, figure.value, figure.band, found
                slack = 1e-9 * max(abs(low), abs(high))
                ok = low - slack <= engine <= high + slack
            rows.append((
                scenario, basis.region, item, "equal" if printed else "band", figure.kind, figure.evidence, unit, opening,
                engine, low, high, bool(ok), "|".join(figure.target_ids), figure.source,
            ))  # fmt: skip
    columns = [
        *("scenario", "region", "item", "list", "kind", "evidence", "unit", "opening", "engine", "low", "high"),
        *("ok", "targets", "source"),
    ]
    return pd.DataFrame(rows, columns=columns)


# --- alignment factors ------------------------------------------------------------------------------------------------

WEIGHT_OF_MEAN = {
    "average_enterprise_pension": "enterprise_pensioners",
    "average_public_pension": "public_pensioners",
    "resident_account_pension": "resident_beneficiaries",
    "resident_paying_share": "resident_registered",
}
"""Factors on a mean, and the heads by which the areas of a city are weighted."""


def factor_table(result: Result) -> pd.DataFrame:
    """Alignment factors of every lane; for a partitioned city those of the sums of its areas.

    Returns
    -------
    columns scenario, region, item, spun_up, opening, factor, large
    """
    import pandas as pd

    by_region: dict[tuple[str, str], list[Factor]] = {}
    for scenario, region, factor in result.factors:
        by_region.setdefault((scenario, region), []).append(factor)
    for scenario, city in partitioned(result):
        areas = [by_region[scenario, load_basis(part).region] for part in city.partition]
        by_region[scenario, city.region] = _summed(areas)
    rows = [
        (*key, factor.item, factor.before, factor.opening, factor.factor, factor.large)
        for key, factors in by_region.items()
        for factor in factors
    ]
    return pd.DataFrame(rows, columns=["scenario", "region", "item", "spun_up", "opening", "factor", "large"])


def _summed(areas: list[list[Factor]]) -> list[Factor]:
    """Factors of a city: sums of its areas, means weighted by their opening heads."""
    summed = []
    for parts in zip(*areas, strict=True):
        item = parts[0].item
        weights = [1.0] * len(parts)
        if item in WEIGHT_OF_MEAN:
            heads = [next(f.opening for f in area if f.item == WEIGHT_OF_MEAN[item]) for area in areas]
            weights = [head / sum(heads) for head in heads]
        before = sum(weight * part.before for weight, part in zip(weights, parts, strict=True))
        opening = sum(weight * part.opening for weight, part in zip(weights, parts, strict=True))
        summed.append(Factor(item, before, opening))
    return summed


# --- the free run against the past ------------------------------------------------------------------------------------

PRINTED = ("verified", "published", "secondary", "seed", "computed", "derived")
RECALLED = ("recalled", "memory", "assumption")
"""Evidence of figures that were read somewhere, and of those that rest on memory: shown apart."""


def _paid(data: xr.Dataset, *funds: str) -> xr.DataArray:
    """Expenditure without payments between levels of government."""
    items = [item for item in OUTGO_ITEM if item not in ("to_below", "to_above")]
    return data.outgo.sel(fund=list(funds), outgo_item=items).sum(("fund", "outgo_item"))


def _received(data: xr.Dataset, *funds: str) -> xr.DataArray:
    """Revenue without payments between levels of government."""
    items = [item for item in INCOME_ITEM if item not in ("from_above", "from_below")]
    return data.income.sel(fund=list(funds), income_item=items).sum(("fund", "income_item"))


def _contributions(data: xr.Dataset) -> xr.DataArray:
    """Contributions of the employees' scheme, purchased years and arrears included."""
    collected = data.income.sel(fund=list(PENSION_FUND), income_item=INCOME_ITEM[0], drop=True).sum("fund")
    return collected + data.arrears


SERIES: Mapping[str, Measure] = {
    "participants": lambda data: registry()["uebps_participants"](data),
    "members": lambda data: data.members.sum("status"),
    "pensioners": lambda data: data.enterprise_pensioners + data.public_pensioners,
    "contributions": _contributions,
    "expenditure": lambda data: _paid(data, *PENSION_FUND),
    "balance": lambda data: data.fund_balance.sel(fund=list(PENSION_FUND)).sum("fund"),
    "recorded_accounts": lambda data: data.account_balance,
    "mean_enterprise_pension": lambda data: registry()["avg_enterprise_pension"](data),
    "mean_enterprise_pension_growth": lambda data: registry()["avg_enterprise_pension_growth"](data),
    "resident_participants": lambda data: _registered(data) + data.resident_beneficiaries,
    "resident_registered": _registered,
    "resident_recipients": lambda data: data.resident_beneficiaries,
    "resident_expenditure": lambda data: _paid(data, "resident"),
    "unemployment_insured": lambda data: data.unemployment_insured,
    "unemployment_revenue": lambda data: _received(data, "unemployment"),
    "unemployment_expenditure": lambda data: _paid(data, "unemployment"),
    "injury_insured": lambda data: data.injury_insured,
    "injury_revenue": lambda data: _received(data, "work_injury"),
    "injury_expenditure": lambda data: _paid(data, "work_injury"),
}
"""Series of references.csv as the engine measures them, in the order of the table."""

GIVEN = ("members", "resident_registered", "unemployment_insured", "injury_insured")
"""Series whose level the history is given year by year: they agree by construction, up to what could not be placed."""

FREE_RUN = "free run"


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
            raise BasisError(
                f'series "{series}" has no measure in the engine', where=table.where(row), allowed=", ".join(SERIES)
            )
        found.append(Reference(series, int(year), float(value), *texts))
    return found


def by_year(data: xr.Dataset, measure: Measure) -> dict[int, float]:
    """Finite values of a measure in a dataset of one scenario, draw and region, by year or year end."""
    values = measure(data)
    time = "year_end" if "year_end" in values.dims else "year"
    pairs = zip(values[time].values, values.values.reshape(-1), strict=True)
    return {int(year): float(value) for year, value in pairs if math.isfinite(value)}


def runs(result: Result) -> Iterator[tuple[Basis, str, xr.Dataset]]:
    """Every history once, then every lane: basis, name of the run, dataset of that region alone."""
    seen: set[str] = set()
    for lane in result.lanes:
        source = lane.spin_up.basis
        if source.name not in seen:
            seen.add(source.name)
            yield source, FREE_RUN, result.histories[source.name].isel(scenario=0, draw=0, region=0)
    for lane in result.lanes:
        scenario, region = key_of(lane)
        yield lane.basis, scenario, result.dataset.sel(scenario=scenario, region=region).isel(draw=0)


def gap_table(result: Result) -> pd.DataFrame:
    """The free run before any alignment against printed and recalled figures; after the opening, the projection.

    Returns
    -------
    columns region, basis, run, series, year, unit, engine, reference, evidence, ratio, source; `run` is ``free run`` up
    to the opening and the scenario after it, `ratio` is engine over reference [1]
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
                engine / item.value, item.source,
            ))  # fmt: skip
    columns = [
        *("region", "basis", "run", "series", "year", "unit", "engine", "reference", "evidence", "ratio", "source"),
    ]
    return pd.DataFrame(rows, columns=columns)


def ratios_by_year(gap: pd.DataFrame, evidence: tuple[str, ...]) -> pd.DataFrame:
    """Ratios of one region against figures of the stated evidence: years in rows, series in columns."""
    chosen = gap[gap["evidence"].isin(evidence)]
    table = chosen.pivot_table(index="year", columns="series", values="ratio", aggfunc="first")
    return table[[series for series in SERIES if series in table.columns]]


# --- checks of the free run -------------------------------------------------------------------------------------------

LAST_KNOWN = 2024


@dataclass(frozen=True)
class Bound:
    """One check of the free run: a series of the gap table may lie between two ratios in a range of years."""

    check: str
    series: str
    years: tuple[int, int]
    low: float
    high: float


BOUNDS = (
    Bound("pensioners", "pensioners", (2005, LAST_KNOWN), 0.90, 1.10),
    Bound("pensioners, last years", "pensioners", (2018, LAST_KNOWN), 0.97, 1.03),
    Bound("expenditure", "expenditure", (2005, LAST_KNOWN), 0.95, 1.05),
    Bound("recorded accounts", "recorded_accounts", (1993, LAST_KNOWN), 0.84, 1.16),
)
RESIDENT_RATIO = ("resident ratio", (2012, LAST_KNOWN), 0.91, 0.95)
"""Resident recipients over people of 60 and over who draw no employees' pension, once the scheme runs everywhere."""


def resident_ratio(data: xr.Dataset, hukou: float = 1.0) -> xr.DataArray:
    """Recipients over (registered people of 60 and over less employees' pensioners of 60 and over) [1]."""
    return _ratio(data.resident_beneficiaries, data.population_60 * hukou - data.pensioners_60)


def free_run_checks(result: Result, gap: pd.DataFrame | None = None) -> pd.DataFrame:
    """What the free run must show, with the worst value measured: reported, neither repaired nor a failure of the run.

    The bounds are meant for the nation; regions with references are listed beside it.

    Returns
    -------
    columns region, scenario, check, first, last, measured, year, low, high, verdict (``inside`` or ``outside``);
    `scenario` is the run after the opening, empty where only a history is known
    """
    import pandas as pd

    gap = gap_table(result) if gap is None else gap
    everything = list(runs(result))
    late: dict[tuple[str, str], xr.Dataset] = {
        (basis.region, run): data for basis, run, data in everything if run != FREE_RUN
    }
    rows = []
    for basis, run, data in everything:
        if run != FREE_RUN:
            continue
        scenarios = [name for region, name in late if region == basis.region] or [""]
        for scenario in scenarios:
            own = gap[(gap["region"] == basis.region) & gap["run"].isin((FREE_RUN, scenario))]
            for bound in BOUNDS:
                first, last = bound.years
                seen = own[(own["series"] == bound.series) & own["year"].between(first, last)]
                values = {(int(y), n): float(r) for n, (y, r) in enumerate(zip(seen["year"], seen["ratio"], strict=True))}
                found = {year: value for (year, _), value in values.items()} | {}
                worst = _worst(values, bound.low, bound.high)
                if worst is not None and found:
                    span = (min(found), max(found))
                    rows.append((basis.region, scenario, bound.check, *span, *worst, bound.low, bound.high))
            check, (first, last), low, high = RESIDENT_RATIO
            hukou = basis.constant("hukou_ratio")
            measured = by_year(data, lambda part, ratio=hukou: resident_ratio(part, ratio))
            if scenario:
                measured |= by_year(late[basis.region, scenario], lambda part, ratio=hukou: resident_ratio(part, ratio))
            spanned = {(year, 0): value for year, value in measured.items() if first <= year <= last}
            worst = _worst(spanned, low, high)
            if worst is not None:
                years = [year for year, _ in spanned]
                rows.append((basis.region, scenario, check, min(years), max(years), *worst, low, high))
    columns = ["region", "scenario", "check", "first", "last", "measured", "year", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    inside = table["measured"].between(table["low"], table["high"])
    return table.assign(verdict=np.where(inside, "inside", "outside"))


def _worst(values: Mapping[tuple[int, int], float], low: float, high: float) -> tuple[float, int] | None:
    """The value farthest from the middle of its bounds, with its year."""
    if not values:
        return None
    middle = 0.5 * (low + high)
    key = max(values, key=lambda at_year: abs(values[at_year] - middle))
    return values[key], key[0]


STATUSES = STATUS
