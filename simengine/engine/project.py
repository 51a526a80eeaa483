"""Run scenarios: spin-up, alignment, projection of every lane; results as labelled variables.

Lanes are region x scenario x draw. Positions of the kernels become labels again here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values, overlay
from simengine.basis.own_level import history_inputs
from simengine.common.errors import ModelError, ScenarioError
from simengine.common.processors import processors
from simengine.engine.actuals import Settled, enter, settle
from simengine.engine.actuals.totals import Stocks, with_totals
from simengine.engine.compile import LaneInputs, compile_lane, compile_scenario, known_law
from simengine.engine.label import label_history, label_lanes
from simengine.engine.opening import Factor, align, scale_to_child, stationary_state
from simengine.kernels.compiler.warm import prepare
from simengine.kernels.lane import project_lane
from simengine.kernels.layout import Output, State, copy_years, new_output, new_scratch, new_state, unpack
from simengine.law import LawTree, load_law
from simengine.registry import axes
from simengine.registry.variables import STOCK_NAMES
from simengine.scenario.combine import Settings
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
    openings : what the scenarios of the run shared when they were opened
    """

    lanes: list[Lane] = field(repr=False)
    openings: Openings = field(repr=False)

    @property
    def spin_ups(self) -> Mapping[str, SpinUp]:
        """The histories of regions with a history of their own, by name of the basis."""
        return self.openings.histories.known

    def history(self, basis: Basis) -> xr.Dataset:
        """The labelled history of a basis, or of its parent as the parent itself had it."""
        source = basis.spin_up
        if source.name not in self.histories:
            self.histories[source.name] = label_history(self.openings.histories.of(source))
        return self.histories[source.name]

    @property
    def law(self) -> LawTree:
        """The law as enacted, before what any scenario makes of it."""
        return self.openings.law

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
            raise ModelError("not_finite_results", where=f"{what}, {name}", count=count)


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
    """Spin-ups of one run, each computed once.

    Attributes
    ----------
    known : of regions that have a history of their own, by name of the basis
    borrowed : of places that run on their parent's inputs at their own level, by name of the basis of the place
    """

    def __init__(self, law: LawTree, progress: Progress) -> None:
        self._law = law
        self._progress = progress
        self.known: dict[str, SpinUp] = {}
        self.borrowed: dict[str, SpinUp] = {}

    def of(self, basis: Basis) -> SpinUp:
        """The spin-up a basis opens from: on its own inputs, or on its parent's at its own level."""
        plain = basis.plain
        kept = self.known if plain.spinup_parent is None else self.borrowed
        if plain.name not in kept:
            self._progress(f"spin_up {plain.name}")
            kept[plain.name] = spin_up(history_inputs(plain), self._law)
        return kept[plain.name]


def open_lane(
    scenario: Scenario, basis: Basis, law: LawTree, histories: Histories, inputs: LaneInputs | None = None
) -> Lane:
    """One lane with its aligned opening state; `inputs` are compiled where they are not given."""
    if inputs is None:
        (inputs,) = compile_scenario(scenario, [basis], law)
    source = histories.of(basis)
    state = copy_state(source.state)
    if basis.spinup_parent is not None:
        child = new_state()
        scale_to_child(child, state, basis.population())
        state = child
    factors = align(state, basis, inputs)
    return Lane(scenario, basis, inputs, state, factors, source)


def lane_bases(
    scenario: Scenario, values: Mapping[str, Values] | None = None, settled: Settled | None = None
) -> list[Basis]:
    """The bases of a scenario's lanes: its areas where the basis is partitioned, else the region itself.

    The actuals of the scenario are in them, but for totals of several series, which only a run can part
    (`Openings.bases`).

    Parameters
    ----------
    settled : the actuals where they have been settled
    """
    basis = load_basis(scenario.basis)
    parts = [load_basis(name) for name in basis.partition] if basis.partition else [basis]
    settled = settle(scenario) if settled is None else settled
    return enter([overlay(part, values or {}) for part in parts], settled)


def _key(scenario: Scenario) -> tuple[str, str]:
    """What tells the bases of one scenario from another's: the basis and, with actuals, all that they rest on.

    Levers are not among it, so scenarios of a sweep share their bases.
    """
    if not scenario.actuals:
        return scenario.basis, ""
    rests_on = (scenario.information, scenario.content.years, scenario.actuals.stated(), dict(scenario.definitions))
    return scenario.basis, repr((*rests_on, sorted(map(str, scenario.target_files.values()))))


class Openings:
    """What scenarios opened together share: one reading of the law, every basis once, every history once."""

    def __init__(self, progress: Progress | None = None, values: Mapping[str, Values] | None = None) -> None:
        self.law = load_law()
        self.histories = Histories(self.law, progress or (lambda text: None))
        self._values = values
        self._bases: dict[tuple[str, str], list[Basis]] = {}
        self._settled: dict[tuple[str, str], Settled] = {}

    def bases(self, scenario: Scenario) -> list[Basis]:
        """`lane_bases` of a scenario with the totals among its actuals solved, each basis loaded once."""
        key = _key(scenario)
        if key not in self._bases:
            settled = settle(scenario)
            bases = lane_bases(scenario, self._values, settled)
            if settled.totals:
                region = load_basis(scenario.basis).region
                bases, settled = with_totals(bases, settled, region, self._stocks_of(scenario))
            self._bases[key], self._settled[key] = bases, settled
        return self._bases[key]

    def settled(self, scenario: Scenario) -> Settled:
        """The actuals of a scenario, and what the run says of them."""
        self.bases(scenario)
        return self._settled[_key(scenario)]

    def _stocks_of(self, scenario: Scenario) -> Stocks:
        """Runs lanes of a scenario without its levers up to the end of one year."""
        content = scenario.content.model_copy(update={"paths": {}, "constants": {}})
        bare = replace(scenario, content=content, levers=(), settings=Settings())

        def stocks(basis: Basis, year: int) -> dict[str, np.ndarray]:
            years = np.arange(scenario.base_year, year + 1)
            inputs = compile_lane(basis, known_law(scenario, self.law), years, bare)
            lane = open_lane(bare, basis, self.law, self.histories, inputs)
            output = run_lane(inputs, lane.opening, 1, years.size)
            return dict(zip(STOCK_NAMES, output.stocks[:, 1 : years.size + 1], strict=True))

        return stocks

    def lanes(self, scenario: Scenario) -> list[Lane]:
        """The opened lanes of a scenario, one an area where its basis is partitioned."""
        bases = self.bases(scenario)
        inputs = compile_scenario(scenario, bases, self.law)
        pairs = zip(bases, inputs, strict=True)
        return [open_lane(scenario, basis, self.law, self.histories, given) for basis, given in pairs]


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
        raise ScenarioError("no_scenario")
    tell = progress or (lambda text: None)
    openings = Openings(tell, values)
    lanes = [lane for scenario in scenarios for lane in openings.lanes(scenario)]
    refuse_different_years(lanes)
    tell("project")

    def work(lane: Lane) -> None:
        state = copy_state(lane.opening)
        lane.output = run_lane(lane.inputs, state, 1, lane.inputs.years.size)
        refuse_not_finite(lane.output, f"{lane.scenario.key}, {lane.basis.region}")
        lane.closing = state

    with ThreadPoolExecutor(max_workers=threads or processors()) as pool:
        list(pool.map(work, lanes))
    return Result(lanes, openings)


def refuse_different_years(lanes: list[Lane]) -> None:
    """Scenarios of one dataset must share their years."""
    for lane in lanes:
        if lane.inputs.years[0] != lanes[0].inputs.years[0] or lane.inputs.years[-1] != lanes[0].inputs.years[-1]:
            raise ScenarioError("different_years", first=lanes[0].scenario.key, second=lane.scenario.key)
