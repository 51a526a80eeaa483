"""Positions of the kernels become labels: results of lanes as one dataset of the registry's variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simengine.basis.basis import load_basis
from simengine.engine.compile import LaneInputs
from simengine.kernels import layout as at
from simengine.kernels.layout import Output
from simengine.registry import axes
from simengine.registry.inputs import PATH_NAMES
from simengine.registry.variables import (
    FLOW_NAMES,
    LARGEST,
    SERIES_SHOWN,
    STOCK_NAMES,
    VARIABLES,
    Variable,
    rounding,
)

if TYPE_CHECKING:
    import xarray as xr

    from simengine.engine.project import Lane, SpinUp


def lane_variables(inputs: LaneInputs, output: Output, first: int) -> dict[str, np.ndarray]:
    """All variables of one lane: stocks at positions first.., flows of the years first.. ."""
    stocks, flows, paths = output.stocks[:, first:], output.flows[:, first:], inputs.paths
    at_stock = {name: stocks[position] for position, name in enumerate(STOCK_NAMES)}
    at_flow = {name: flows[position] for position, name in enumerate(FLOW_NAMES)}
    values: dict[str, np.ndarray] = {name: kept for name, kept in (at_stock | at_flow).items() if name in VARIABLES}
    values |= {name: paths[PATH_NAMES.index(series), first:] for name, series in SERIES_SHOWN.items()}
    values["members"] = np.array([at_stock[f"members_{status}"] for status in axes.STATUS])
    values["population"] = np.moveaxis(output.population[first:], 0, -1)
    values["members_by_age"] = np.moveaxis(output.members[first:], 0, -1)
    values["pensioners_by_age"] = np.moveaxis(output.pensioners[first:], 0, -1)
    values["pension_mass_by_age"] = np.moveaxis(output.pension_mass[first:], 0, -1)
    values["service_by_age"] = np.moveaxis(output.service[first:], 0, -1)
    values["insurable_earnings_by_age"] = _earnings_by_age(inputs, output, first)
    values["members_25_29"] = of_ages(values["members_by_age"], 25, 29, axes.WORKING_AGE[0])
    values["population_25_29"] = of_ages(values["population"], 25, 29)
    values["pensioners_60_64"] = of_ages(values["pensioners_by_age"], 60, 64)
    values["population_60_64"] = of_ages(values["population"], 60, 64)
    values["resident_by_age"] = np.moveaxis(output.resident[first:], 0, -1)
    values["beneficiaries_by_age"] = np.moveaxis(output.beneficiaries[first:], 0, -1)
    values["fund_balance"] = output.balance[at.OWN, :, first:]
    values["fund_balance_financed"] = output.balance[at.FINANCED, :, first:]
    values["fund_balance_unaided"] = output.balance[at.UNAIDED, :, first:]
    entrusted = np.zeros((len(axes.FUND), stocks.shape[1]))
    entrusted[at.FUND_ENTERPRISE] = at_stock["entrusted_enterprise"]
    entrusted[at.FUND_RESIDENT] = at_stock["entrusted_resident"]
    values["entrusted_principal"] = entrusted
    ledger = output.ledger[at.OWN, :, :, first:]
    values["income"] = ledger[:, : len(axes.INCOME_ITEM)]
    values["outgo"] = ledger[:, len(axes.INCOME_ITEM) :]
    values["financing_need"] = output.ledger[at.FINANCED, :, at.IN_FISCAL, first:] - ledger[:, at.IN_FISCAL]
    earnings = np.zeros((len(axes.FUND), flows.shape[1]))
    earnings[at.FUND_ENTERPRISE] = at_flow["insurable_earnings_enterprise"] + at_flow["insurable_earnings_flexible"]
    earnings[at.FUND_PUBLIC] = at_flow["insurable_earnings_public"]
    values["insurable_earnings"] = earnings
    values["awards"] = at_flow["awards_enterprise"] + at_flow["awards_public"]
    values["new_award_mass"] = at_flow["new_award_mass_enterprise"] + at_flow["new_award_mass_public"]
    values |= _retirements(inputs, output, first)
    values["enterprise_gross_enlargement"] = at_flow["entries_enterprise"] + at_flow["switches_to_enterprise"]
    # The denominators of coverage rates are ratios of the year to a stock of the same year end.
    ratio = paths[at.PATH_COVERAGE_POPULATION_RATIO]
    obliged = paths[at.PATH_UI_OBLIGED_RATIO]
    year_of_stock = np.maximum(np.arange(first, output.stocks.shape[1]) - 1, 0)
    values["coverage_population"] = at_stock["coverable_population"] * ratio[year_of_stock]
    values["ui_obliged_population"] = at_stock["members_enterprise"] * obliged[year_of_stock]
    return values


def _earnings_by_age(inputs: LaneInputs, output: Output, first: int) -> np.ndarray:
    """Contribution base of the year by scheme, sex and age reached [yuan; scheme, sex, age, year].

    The base of a status is parted as the mean heads of the year times the index of the age stand.
    """
    members = output.members[first:]
    index = inputs.tables.index[first : first + len(members) - 1]
    grown = np.zeros_like(members[:-1])
    grown[..., 1:] = members[:-1, ..., :-1]
    grown[..., -1] += members[:-1, ..., -1]
    earned = np.zeros((2, 2, at.AGES, index.shape[0]))
    for status, name in enumerate(axes.PAYER_STATUS):
        weight = 0.5 * (grown[:, status] + members[1:, status]) * index[:, status]  # [year, sex, working age]
        whole = weight.sum(axis=(1, 2), keepdims=True)
        part = np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0.0)
        base = output.flows[FLOW_NAMES.index(f"insurable_earnings_{name}"), first:]
        scheme = at.SCHEME_PUBLIC if status == at.PUBLIC else at.SCHEME_ENTERPRISE
        last = at.FIRST_AGE + at.WORKING_AGES
        earned[scheme, :, at.FIRST_AGE : last] += np.moveaxis(part * base[:, None, None], 0, -1)
    return earned


def of_ages(values: np.ndarray, first: int, last: int, youngest: int = 0) -> np.ndarray:
    """Persons of an age span, both ends included: the last axis but one counts ages from `youngest` [..., age, time].

    Examples
    --------
    >>> of_ages(np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]), 17, 18, 16).tolist()
    [6.0, 60.0]
    """
    part = values[..., first - youngest : last - youngest + 1, :]
    return np.asarray(part.sum(axis=tuple(range(part.ndim - 1))))


COUNTS = {
    "awards_early_leaving": at.WENT_EARLY,
    "awards_special_jobs": at.WENT_SPECIAL,
    "awards_ahead": at.WENT_AHEAD,
    "awards_at_month": at.WENT_AT_MONTH,
    "awards_later": at.WENT_LATER,
    "awards_paid_up": at.PAID_UP,
    "deferred_at_month": at.DEFERRED,
    "below_minimum_ten_years": at.BELOW_NEAR,
    "below_minimum_fewer_years": at.BELOW_FAR,
    "left_ten_years": at.LEFT_NEAR,
    "left_fewer_years": at.LEFT_FAR,
}
"""Variables by career that the kernel counts, and their positions."""

REACHED = ("awards_at_month", "deferred_at_month", "below_minimum_ten_years", "below_minimum_fewer_years")
"""What members who reach their statutory month do: an award, an award later, or a choice below the minimum."""


def _retirements(inputs: LaneInputs, output: Output, first: int) -> dict[str, np.ndarray]:
    """Who retires by career, and people and members who reach their statutory month [career, year]."""
    counted = np.moveaxis(output.retirements[first:], 0, -1)
    values = {name: counted[position] for name, position in COUNTS.items()}
    values["insured_reaching_month"] = np.sum([values[name] for name in REACHED], axis=0)
    reaching = inputs.tables.retirement[first:, ..., at.RET_REACHING]
    share = inputs.constants[at.CONSTANT_WOMEN_55_SHARE_ENTERPRISE]
    of_career = np.array([1.0, share, 1.0 - share])
    people = output.population[first + 1 :, [axes.SEX.index(sex) for sex in axes.SEX_OF_CAREER]]
    values["people_reaching_month"] = of_career[:, None] * (people * reaching).sum(axis=-1).T
    values["departures_by_age"] = np.moveaxis(output.departures[first:], 0, -1)
    return values


def label_dataset(
    cells: dict[tuple[str, str], dict[str, np.ndarray]],
    years: np.ndarray,
    names: Sequence[str],
    regions: Sequence[str],
    by_age: bool = True,
) -> xr.Dataset:
    """A dataset on scenario, draw, region and time from the variables of each (scenario, region)."""
    import xarray as xr

    data = {}
    at = {(scenario, region): (names.index(scenario), 0, regions.index(region)) for scenario, region in cells}
    for name, variable in VARIABLES.items():
        if not by_age and any(axis.endswith("age") for axis in variable.axes):
            continue
        dims = ("scenario", "draw", "region", *variable.axes, variable.time)
        sample = next(iter(cells.values()))[name]
        block = np.full((len(names), 1, len(regions), *sample.shape), np.nan)
        for (scenario, region), values in cells.items():
            block[at[scenario, region]] = values[name]
        without_dust_of(block, variable)
        attrs = {
            "units": variable.unit,
            "kind": variable.kind,
            "long_name": variable.en,
            "long_name_zh": variable.zh,
        }
        data[name] = (dims, block, attrs)
    coords = {
        "scenario": list(names),
        "draw": [0],
        "region": list(regions),
        "year_end": np.concatenate([years[:1] - 1, years]),
        "year": years,
        **axes.LABELS,
    }
    return xr.Dataset(data, coords=coords)


def without_dust(values: np.ndarray, variable: Variable) -> np.ndarray:
    """The same values without -0.0, and without rounding below zero where nothing below zero is possible.

    Examples
    --------
    >>> without_dust(np.array([-1e-8, -1e-3, -0.0, 5e3]), VARIABLES["deaths"]).tolist()
    [0.0, -0.001, 0.0, 5000.0]
    """
    settled = values + 0.0
    if not variable.signed and settled.size and settled.min() < 0.0:
        settled[(settled < 0.0) & (settled >= -rounding(np.abs(settled).max(), variable.unit))] = 0.0
    return settled


def without_dust_of(block: np.ndarray, variable: Variable) -> None:
    """`without_dust` of every lane of a block [scenario, draw, region, ...], in place; lanes may be not a number."""
    block += 0.0
    if variable.signed or not block.size or not np.nanmin(block, initial=0.0) < 0.0:
        return
    for place in np.ndindex(*block.shape[:3]):
        block[place] = without_dust(block[place], variable)


def add_partition(
    cells: dict[tuple[str, str], dict[str, np.ndarray]], scenario: str, city: str, areas: list[str]
) -> None:
    """The city of a partition, each variable as the registry says: the sum of its areas, the largest, or their mean."""
    cells[scenario, city] = {}
    for name, variable in VARIABLES.items():
        parts = np.array([cells[scenario, area][name] for area in areas])
        if variable.additive:
            cells[scenario, city][name] = np.sum(parts, axis=0)
        elif variable.city == LARGEST:
            cells[scenario, city][name] = np.max(parts, axis=0)
        else:
            weights = np.array([cells[scenario, area][variable.city] for area in areas])
            cells[scenario, city][name] = common_or_mean(parts, weights[:, -parts.shape[1] :])


def common_or_mean(parts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What all areas share by law or basis, to the bit; where they differ, their mean [..., year].

    Parameters
    ----------
    parts : amounts a head, rates or indices [area, year]
    weights : persons or money behind each, of a stock at the end of the year [area, year]; where all are zero, every
        area counts alike

    Examples
    --------
    >>> common_or_mean(np.array([[0.1, 1.0], [0.1, 4.0]]), np.array([[1.0, 2.0], [3.0, 1.0]])).tolist()
    [0.1, 2.0]
    """
    shared = (parts == parts[0]) | (np.isnan(parts) & np.isnan(parts[0]))
    whole = weights.sum(axis=0)
    counted = np.where(whole > 0.0, weights, 1.0)
    mean = (parts * counted).sum(axis=0) / counted.sum(axis=0)
    return np.asarray(np.where(shared.all(axis=0), parts[0], mean))


def label_lanes(lanes: list[Lane]) -> xr.Dataset:
    """All lanes of a run in one dataset; scenarios must share their years."""
    years = lanes[0].inputs.years[1:]
    cells: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for lane in lanes:
        if lane.output is None:
            raise ValueError(f"{lane.scenario.key}: region {lane.basis.region} has not been projected")
        cells[lane.scenario.key, lane.basis.region] = lane_variables(lane.inputs, lane.output, 1)
    names = list(dict.fromkeys(lane.scenario.key for lane in lanes))
    regions = list(dict.fromkeys(lane.basis.region for lane in lanes))
    for name in names:
        scenario = next(lane.scenario for lane in lanes if lane.scenario.key == name)
        basis = load_basis(scenario.basis)
        if basis.partition:
            add_partition(cells, name, basis.region, [load_basis(part).region for part in basis.partition])
            if basis.region not in regions:
                regions.insert(0, basis.region)
    return label_dataset(cells, years, names, regions)


def label_history(known: SpinUp, by_age: bool = True) -> xr.Dataset:
    """The free run of one basis from 1992 to its opening, before alignment; without variables by age if not wanted."""
    values = lane_variables(known.inputs, known.output, 0)
    region = known.basis.region
    return label_dataset({("history", region): values}, known.inputs.years, ["history"], [region], by_age)
