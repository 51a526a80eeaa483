"""The opening position held against its figures, and the alignment factors that brought it there.

Nothing is repaired here: a table gives the engine's figure, the figure it is held against, and whether they agree.
Rules and readings: notes/opening.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.values import Opening
from simengine.common.errors import BasisError
from simengine.common.messages import near
from simengine.engine.label import add_partition, common_or_mean, label_dataset, lane_variables
from simengine.engine.opening import Factor
from simengine.engine.project import Lane, Result
from simengine.judge.checks.lanes import bases_of, key_of, partitioned
from simengine.judge.indicators import registry, to_plan_unit
from simengine.judge.indicators.sums import registered
from simengine.judge.targets.compare import rounded
from simengine.judge.time import ratio, time_of
from simengine.kernels import layout as at
from simengine.registry.axes import FUND, LEVEL_OF_STATUS, same_labels
from simengine.registry.variables import VARIABLES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Measure = Callable[[Any], Any]

# --- the opening as the indicators see it -----------------------------------------------------------------------------

INPUT_SHARES = ("resident_entrusted_share",)
"""Inputs of the opening year that no variable of a projection holds."""


def opening_view(result: Result) -> xr.Dataset:
    """The opening year end of every lane, and of a partitioned city, with the inputs of the opening year.

    Stocks have their value at the opening year end alone. Of the flows only those that are inputs (wages, standards,
    rates) have a value in the opening year; what a run computes begins a year later and is not a number here.
    """
    cells: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    shares: dict[tuple[str, str], list[float]] = {}
    for lane in result.lanes:
        cells[key_of(lane)] = _opening_values(lane)
        shares[key_of(lane)] = [float(lane.inputs.paths[at.PATH_NAMES.index(name), 0]) for name in INPUT_SHARES]
    for scenario, city, areas in partitioned(result):
        add_partition(cells, scenario, city.region, areas)
        parts = np.array([shares[scenario, area] for area in areas])
        money = [cells[scenario, area]["fund_balance"][FUND.index("resident"), -1] for area in areas]
        weights = np.repeat(np.maximum(money, 0.0)[:, None], parts.shape[1], axis=1)
        shares[scenario, city.region] = common_or_mean(parts, weights).tolist()
    names = list(dict.fromkeys(scenario for scenario, _ in cells))
    regions = list(dict.fromkeys(region for _, region in cells))
    data = label_dataset(cells, result.lanes[0].inputs.years[:1], names, regions)
    absent = [math.nan] * len(INPUT_SHARES)
    block = np.array([[shares.get((scenario, region), absent) for region in regions] for scenario in names])
    for position, name in enumerate(INPUT_SHARES):
        data[name] = (("scenario", "draw", "region", "year"), block[:, None, :, position, None])
    return data


def _opening_values(lane: Lane) -> dict[str, np.ndarray]:
    """Variables of one lane at its opening: two year ends, the first empty, and the opening year without its flows."""
    if lane.output is None:
        raise ValueError(f"the lane of {lane.basis.region} has not been projected")
    flows, ledger = lane.output.flows.copy(), lane.output.ledger.copy()
    flows[:, 0] = math.nan
    ledger[..., 0] = math.nan
    values = lane_variables(lane.inputs, lane.output._replace(flows=flows, ledger=ledger), 0)
    cut = {}
    for name, variable in VARIABLES.items():
        stock = variable.kind == "stock"
        cut[name] = values[name][..., : 2 if stock else 1].copy()
        if stock:
            cut[name][..., 0] = math.nan
    return cut


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


def _status(name: str) -> Measure:
    return lambda data: data.members.sel(status=name, drop=True)


def _fund(name: str) -> Measure:
    return lambda data: data.fund_balance.sel(fund=name, drop=True)


def _variable(name: str) -> Measure:
    return lambda data: data[name]


STOCKS: Mapping[str, Measure] = {
    **{item: _status(status) for status, item in LEVEL_OF_STATUS.items() if status != "paused"},
    **{f"fund_balance_{fund}": _fund(fund) for fund in FUND},
    **{name: _variable(name) for name in (
        "enterprise_pensioners", "public_pensioners", "dual_members", "injury_annuitants", "platform_insured",
        "coverage_population", "ui_obliged_population", "resident_entrusted_share",
    )},
    "resident_registered": registered,
    "resident_paying_share": lambda data: ratio(data.resident_contributors, registered(data)),
    "resident_account_pension": lambda data: ratio(
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
        raise BasisError("opening_measure", near=near(item, known), name=item, known=", ".join(sorted(known)))
    return lambda data: registry()[name](data)


OPENING_COLUMNS = (
    *("scenario", "region", "item", "list", "kind", "evidence", "unit", "opening", "engine", "low", "high"),
    *("ok", "targets", "source"),
)


@same_labels()
def opening_table(result: Result) -> pd.DataFrame:
    """Every row of the openings of a run's bases, beside the engine's figure at the opening.

    A row is either on the list ``equal`` (kind plan: equal to the printed figure at its printed decimals, rounded half
    up) or on the list ``band`` (every other kind: inside the plausibility band of the row). There is no third list.

    Returns
    -------
    columns scenario, region, item, list, kind, evidence, unit, opening, engine, low, high, ok, targets, source. The
    figures of ``equal`` are in the unit of the plan, the others in base units (persons, yuan, shares).
    """
    import pandas as pd

    view = opening_view(result)
    values: dict[str, xr.DataArray] = {}
    rows: list[tuple[Any, ...]] = []
    for scenario, basis in bases_of(result):
        for item, figure in basis.openings.items():
            if item not in values:
                values[item] = measure_of(item)(view)
            own = values[item].sel(scenario=scenario, region=basis.region, drop=True)
            found = own.isel({time_of(own): -1}).values.item()
            rows.append((scenario, basis.region, item, *_compared(figure, found)))
    return pd.DataFrame(rows, columns=OPENING_COLUMNS)


def _compared(figure: Opening, found: float) -> tuple[Any, ...]:
    """One opening figure beside the engine's: the cells of `OPENING_COLUMNS` after the item."""
    opening, (low, high), unit = figure.value, figure.band, figure.unit
    if figure.kind == "plan" and figure.decimals is not None:
        unit = figure.plan_unit
        opening, low, high, found = (to_plan_unit(value, unit) for value in (opening, low, high, found))
        same = math.isfinite(found) and rounded(found, figure.decimals) == rounded(opening, figure.decimals)
        listed, ok = "equal", same
    else:
        slack = 1e-9 * max(abs(low), abs(high))
        listed, ok = "band", low - slack <= found <= high + slack
    targets = "|".join(figure.target_ids)
    return listed, figure.kind, figure.evidence, unit, opening, found, low, high, ok, targets, figure.source


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
    for scenario, city, areas in partitioned(result):
        by_region[scenario, city.region] = _summed([by_region[scenario, area] for area in areas])
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
