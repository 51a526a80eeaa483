"""Run scenarios: spin-up, alignment, projection of every lane; results as labelled variables.

Lanes are region x scenario x draw. Positions of the kernels become labels again here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values, overlay
from simengine.common.errors import ModelError, ScenarioError
from simengine.common.processors import processors
from simengine.engine.compile import LaneInputs, compile_lane
from simengine.engine.compile.law_keys import refuse_unread
from simengine.engine.opening import Factor, align, scale_to_child, stationary_state
from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from simengine.kernels.layout import Output, State, copy_years, new_output, new_scratch, new_state, unpack
from simengine.kernels.warm import prepare
from simengine.law import LawTree, load_law
from simengine.registry import axes
from simengine.registry.results import REGISTRY
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[str], None]


@dataclass
class SpinUp:
    """One region's history: its inputs, its results from 1992 to the opening, and the state it ends in."""

    basis: Basis
    inputs: LaneInputs
    output: Output
    state: State


@dataclass
class Lane:
    """One region of one scenario: its opening, its factors, its inputs and its results."""

    scenario: Scenario
    basis: Basis
    inputs: LaneInputs
    opening: State
    factors: list[Factor]
    spin_up: SpinUp
    output: Output | None = None
    closing: State | None = None


@dataclass
class Result:
    """What a run gives: the dataset, the lanes behind it, and the histories they opened from.

    Attributes
    ----------
    lanes : opened and projected, in the order of the scenarios and their areas
    spin_ups : the histories they opened from, by name of the basis
    """

    lanes: list[Lane] = field(repr=False)
    spin_ups: Mapping[str, SpinUp] = field(repr=False)
    law: LawTree = field(repr=False)

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All variables of the registry on scenario, draw, region and their own axes; labelled when first used."""
        return label_lanes(self.lanes)

    @cached_property
    def histories(self) -> dict[str, xr.Dataset]:
        """One dataset a spun-up basis, from 1992 to its opening, before any alignment; labelled when first used."""
        return {name: label_history(known) for name, known in self.spin_ups.items()}

    def __repr__(self) -> str:
        return f"Result(dataset={self.dataset!r})"

    @property
    def factors(self) -> list[tuple[str, str, Factor]]:
        """Alignment factors with scenario and region."""
        return [(lane.scenario.key, lane.basis.region, factor) for lane in self.lanes for factor in lane.factors]


def copy_state(state: State) -> State:
    """An independent copy."""
    copied = new_state()
    copied.fill(state)
    return copied


def run_lane(inputs: LaneInputs, state: State, first: int, last: int, output: Output | None = None) -> Output:
    """Step one lane through the years first..last-1 of its inputs; the state moves on in place.

    `output`: results of earlier years, to which these are added; new ones by default.
    """
    prepare()
    written = new_output()
    project_lane(inputs.paths, inputs.constants, inputs.packed, state, new_scratch(), written, first, last)
    result = unpack(written, inputs.years.size)
    if output is None:
        return result
    copy_years(result, output, first, last)
    return output


def refuse_not_finite(output: Output, what: str) -> None:
    """Stop where a result is infinite or not a number: the kernels do not check each division."""
    for name, array in zip(Output._fields, output, strict=True):
        if not np.isfinite(array).all():
            count = int(array.size - np.isfinite(array).sum())
            raise ModelError(
                f"{count} results are not finite numbers",
                where=f"{what}: {name}",
                hint="Check the levers and the basis",
            )


def spin_up(basis: Basis, law: LawTree, last: int | None = None, known_until: int | None = None) -> SpinUp:
    """Run a region from 31 December 1992 on history alone: no lever, no alignment.

    Parameters
    ----------
    last : last year; the base year by default. Beyond it the run goes on unaligned.
    known_until : information date of the basis; later values are not known and extension rules take their place. The
        law is used as given (`LawTree.known_on`).
    """
    years = np.arange(axes.SPIN_UP_START + 1, (basis.base_year if last is None else last) + 1)
    inputs = compile_lane(basis, law, years, None, known_until)
    state = stationary_state(basis, inputs)
    output = run_lane(inputs, state, 0, years.size)
    return SpinUp(basis, inputs, output, state)


class Histories:
    """Spin-ups of one run, each computed once."""

    def __init__(self, law: LawTree, progress: Progress) -> None:
        self._law = law
        self._progress = progress
        self.known: dict[str, SpinUp] = {}

    def of(self, basis: Basis) -> SpinUp:
        """The spin-up a basis opens from: its own, or its parent's."""
        source = basis.spinup_parent or basis
        if source.name not in self.known:
            self._progress(f"spin-up {source.name}")
            self.known[source.name] = spin_up(source, self._law)
        return self.known[source.name]


def scenario_law(scenario: Scenario, law: LawTree) -> LawTree:
    """The law a scenario lives under: as known at its opening where it says so, then its levers."""
    if scenario.information == "opening":
        law = law.known_on(f"{scenario.base_year}-12-31")
    for change in scenario.settings.law:
        law = law.with_changes({change.key: change.values}, origin=change.where, region=change.region)
    refuse_unread(scenario.settings.law)
    return law


def open_lane(scenario: Scenario, basis: Basis, law: LawTree, histories: Histories) -> Lane:
    """Inputs of one lane (the opening year first) and its aligned opening state."""
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    inputs = compile_lane(basis, scenario_law(scenario, law), years, scenario)
    source = histories.of(basis)
    state = copy_state(source.state)
    if basis.spinup_parent is not None:
        child = new_state()
        scale_to_child(child, state, basis.population())
        state = child
    factors = align(state, basis, inputs)
    return Lane(scenario, basis, inputs, state, factors, source)


def lane_bases(scenario: Scenario, values: Mapping[str, Values] | None = None) -> list[Basis]:
    """The bases of a scenario's lanes: its areas where the basis is partitioned, else the region itself."""
    basis = load_basis(scenario.basis)
    parts = [load_basis(name) for name in basis.partition] if basis.partition else [basis]
    return [overlay(part, values or {}) for part in parts]


class Openings:
    """What scenarios opened together share: one reading of the law, every basis once, every history once."""

    def __init__(self, progress: Progress | None = None, values: Mapping[str, Values] | None = None) -> None:
        self.law = load_law()
        self.histories = Histories(self.law, progress or (lambda text: None))
        self._values = values
        self._bases: dict[str, list[Basis]] = {}

    def bases(self, scenario: Scenario) -> list[Basis]:
        """`lane_bases` of a scenario, each basis loaded once."""
        if scenario.basis not in self._bases:
            self._bases[scenario.basis] = lane_bases(scenario, self._values)
        return self._bases[scenario.basis]

    def lanes(self, scenario: Scenario) -> list[Lane]:
        """The opened lanes of a scenario, one an area where its basis is partitioned."""
        return [open_lane(scenario, basis, self.law, self.histories) for basis in self.bases(scenario)]


def open_lanes(scenarios: Iterable[Scenario], progress: Progress | None = None) -> Iterator[Lane]:
    """The lanes of many scenarios, each opened when it is asked for: what `simengine.engine.batch.run_opened` takes.

    What does not depend on the levers (files, histories, tables of equal inputs) is read and computed once.
    """
    openings = Openings(progress)
    for scenario in scenarios:
        yield from openings.lanes(scenario)


def project(
    scenarios: Sequence[Scenario] | Scenario,
    threads: int | None = None,
    progress: Progress | None = None,
    values: Mapping[str, Values] | None = None,
) -> Result:
    """Project scenarios and label the results.

    Parameters
    ----------
    scenarios : one or more scenarios; their horizons may differ by region, not by scenario of one region
    threads : threads over lanes; the results do not depend on it
    progress : called with a short text before each longer step
    values : values put over bases, by name of the basis, in history and projection (a draw, a moved assumption)

    Raises
    ------
    SimengineError for anything wrong in scenario, law or basis, before a number is computed
    """
    scenarios = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    if not scenarios:
        raise ScenarioError("no scenario to project", hint="Name one, for example jiangxi/baseline")
    if any(scenario.draws != 1 for scenario in scenarios):
        raise ScenarioError("draws above 1 are not modelled yet", allowed="draws: 1", hint="Set draws: 1")
    say = progress or (lambda text: None)
    openings = Openings(say, values)
    lanes = [lane for scenario in scenarios for lane in openings.lanes(scenario)]
    refuse_different_years(lanes)
    say(f"projecting {len(lanes)} lanes")

    def work(lane: Lane) -> None:
        state = copy_state(lane.opening)
        lane.output = run_lane(lane.inputs, state, 1, lane.inputs.years.size)
        refuse_not_finite(lane.output, f"{lane.scenario.key}, {lane.basis.region}")
        lane.closing = state

    with ThreadPoolExecutor(max_workers=threads or processors()) as pool:
        list(pool.map(work, lanes))
    return Result(lanes, openings.histories.known, openings.law)


# --- labels -----------------------------------------------------------------------------------------------------------

_RENAMED_STOCKS = {
    "resident_contributors": "resident_paying",
    "resident_paused": "resident_not_paying",
}
_PATH_VARIABLES = {
    "wage": "average_wage",
    "previous_wage": "previous_wage",
    "benefit_base": "benefit_base",
    "minimum_wage": "minimum_wage",
    "unemployment_benefit": "unemployment_benefit",
    "basic_pension_standard": "basic_pension",
    "surveyed_unemployment_rate": "surveyed_unemployment_rate",
    "registered_unemployment_rate": "registered_unemployment_rate",
    "price_index": "price_index",
    "adjustment_ratio": "adjustment_ratio",
    "account_interest": "account_interest",
    "urban_income": "urban_income",
    "rural_income": "rural_income",
    "published_other": "published_other",
}


def lane_variables(inputs: LaneInputs, output: Output, first: int) -> dict[str, np.ndarray]:
    """All variables of one lane: stocks at positions first.., flows of the years first.. ."""
    stocks, flows, paths = output.stocks[:, first:], output.flows[:, first:], inputs.paths
    at_stock = {name: stocks[position] for position, name in enumerate(at.STOCK_NAMES)}
    at_flow = {name: flows[position] for position, name in enumerate(at.FLOW_NAMES)}
    values: dict[str, np.ndarray] = {name: at_stock[name] for name in REGISTRY if name in at_stock}
    values |= {name: at_flow[name] for name in REGISTRY if name in at_flow}
    values |= {name: at_stock[source] for name, source in _RENAMED_STOCKS.items()}
    values |= {name: paths[at.PATH_NAMES.index(series), first:] for name, series in _PATH_VARIABLES.items()}
    values["members"] = np.array([at_stock[f"members_{status}"] for status in axes.STATUS])
    values["population"] = np.moveaxis(output.population[first:], 0, -1)
    values["members_by_age"] = np.moveaxis(output.members[first:], 0, -1)
    values["pensioners_by_age"] = np.moveaxis(output.pensioners[first:], 0, -1)
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
    values["enterprise_gross_enlargement"] = at_flow["entries_enterprise"] + at_flow["switches_to_enterprise"]
    # The denominators of coverage rates are ratios of the year to a stock of the same year end.
    ratio = paths[at.PATH_NAMES.index("coverage_population_ratio")]
    obliged = paths[at.PATH_NAMES.index("ui_obliged_ratio")]
    year_of_stock = np.maximum(np.arange(first, output.stocks.shape[1]) - 1, 0)
    values["coverage_population"] = at_stock["coverable_population"] * ratio[year_of_stock]
    values["ui_obliged_population"] = at_stock["members_enterprise"] * obliged[year_of_stock]
    return values


_AXIS_LABELS: dict[str, Any] = {
    "sex": list(axes.SEX),
    "age": list(axes.AGE),
    "working_age": list(axes.WORKING_AGE),
    "status": list(axes.STATUS),
    "scheme": list(axes.SCHEME),
    "fund": list(axes.FUND),
    "income_item": list(axes.INCOME_ITEM),
    "outgo_item": list(axes.OUTGO_ITEM),
}


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
    for name, variable in REGISTRY.items():
        if not by_age and any(axis.endswith("age") for axis in variable.axes):
            continue
        time = "year_end" if variable.kind == "stock" else "year"
        dims = ("scenario", "draw", "region", *variable.axes, time)
        sample = next(iter(cells.values()))[name]
        block = np.full((len(names), 1, len(regions), *sample.shape), np.nan)
        for (scenario, region), values in cells.items():
            block[names.index(scenario), 0, regions.index(region)] = values[name]
        attrs = {
            "units": variable.unit,
            "kind": variable.kind,
            "long_name": variable.doc,
            "long_name_zh": variable.local,
        }
        data[name] = (dims, block, attrs)
    coords = {
        "scenario": list(names),
        "draw": [0],
        "region": list(regions),
        "year_end": np.concatenate([years[:1] - 1, years]),
        "year": years,
        **_AXIS_LABELS,
    }
    return xr.Dataset(data, coords=coords)


def add_partition(
    cells: dict[tuple[str, str], dict[str, np.ndarray]], scenario: str, city: str, areas: list[str]
) -> None:
    """The city of a partition: sums of its areas; per-head measures and rates stay those they share."""
    summed: dict[str, np.ndarray] = {}
    for name, variable in REGISTRY.items():
        parts = [cells[scenario, area][name] for area in areas]
        additive = variable.unit in ("person", "yuan", "year") or name.endswith("_mass")
        if additive and variable.unit != "1":
            summed[name] = np.sum(parts, axis=0)
        else:
            summed[name] = parts[0].copy()
    cells[scenario, city] = summed


def refuse_different_years(lanes: list[Lane]) -> None:
    """Scenarios of one dataset must share their years."""
    for lane in lanes:
        if lane.inputs.years[0] != lanes[0].inputs.years[0] or lane.inputs.years[-1] != lanes[0].inputs.years[-1]:
            raise ScenarioError(
                f"{lanes[0].scenario.key} and {lane.scenario.key} have different years",
                allowed="scenarios of one run share their years",
                hint="Run them one after the other",
            )


def label_lanes(lanes: list[Lane]) -> xr.Dataset:
    """All lanes of a run in one dataset; scenarios must share their years."""
    refuse_different_years(lanes)
    years = lanes[0].inputs.years[1:]
    cells: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for lane in lanes:
        if lane.output is None:
            raise ModelError(f"{lane.scenario.key}: region {lane.basis.region} has not been projected")
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
