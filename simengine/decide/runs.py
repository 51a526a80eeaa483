"""Runs of many scenarios in blocks, checked and released together, and what is decided on the funds of their base."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from simengine.common.errors import SimengineError, each_error, raise_all
from simengine.engine.project import Lane, Openings, Result, copy_state, refuse_not_finite, run_lane
from simengine.judge.checks.anchors import FundVerdict, fund_verdicts
from simengine.judge.checks.bounds import beyond_bounds
from simengine.judge.checks.identities import run_checks
from simengine.judge.indicators import Definitions
from simengine.judge.quantities.catalogue import Quantity
from simengine.judge.quantities.tidy import needs
from simengine.judge.run import IdentityError, ImpossibleError
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

    from simengine.common.progress import Progress

TOGETHER = 16
"""Lanes that are run, checked and released together."""

SAID = 3
"""Combinations that an error names."""


def run_through(lane: Lane) -> None:
    """Run an opened lane to its last year, and refuse what is no number."""
    lane.output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
    refuse_not_finite(lane.output, f"{lane.scenario.key}, {lane.basis.region}")


def own_run(scenario: Scenario, openings: Openings) -> list[Lane]:
    """The lanes of a scenario with their output."""
    lanes = openings.lanes(scenario)
    for lane in lanes:
        run_through(lane)
    return lanes


def decided_of(scenario: Scenario, openings: Openings, threads: int) -> dict[str, FundVerdict]:
    """Whether the funds of a scenario's regions are judged, decided on its own run (`fund_verdicts`)."""
    return fund_verdicts(Result(own_run(scenario, openings), openings), scenario, threads)


class Runs:
    """Runs scenarios block by block and keeps what the figures and the verdicts need."""

    stage = "sweep"
    """Stage that is told while they run."""

    def __init__(self, quantities: Sequence[Quantity], threads: int, progress: Progress | None, total: int) -> None:
        self.openings = Openings()
        self.names = needs(quantities)
        self.threads = threads
        self.progress = progress
        self.done, self.total = 0, total
        self.tell()

    def tell(self) -> None:
        if self.progress is not None:
            self.progress(self.stage, self.done, self.total)

    def of(
        self, scenarios: Sequence[Scenario], names: set[str], definitions: Definitions
    ) -> tuple[xr.Dataset, list[bool]]:
        """The variables named and those of the figures, of some scenarios of one region; and which are possible.

        A block is checked while the next one is opened, so that no more than two are held.
        """
        import xarray as xr

        self._refuse_first(scenarios)
        per = max(1, self.together(scenarios[0]) // len(self.openings.bases(scenarios[0])))
        found: list[tuple[xr.Dataset, list[bool]]] = []
        waiting: Future[tuple[xr.Dataset, list[bool]]] | None = None

        def take() -> None:
            nonlocal waiting
            if waiting is not None:
                found.append(waiting.result())
                waiting = None
                self.done += len(found[-1][1])
                self.tell()

        with ThreadPoolExecutor(self.threads) as pool, ThreadPoolExecutor(1) as checker:
            for first in range(0, len(scenarios), per):
                result = self._run(pool, scenarios[first : first + per])
                take()
                if result.lanes:
                    waiting = checker.submit(self._checked, result, names | self.names, definitions, first)
            take()
        possible = [each for _, some in found for each in some]
        if not any(possible) and not (found and self.takes_impossible):
            raise ImpossibleError("sweep_impossible", names=", ".join(one.key for one in scenarios[:SAID]))
        parts = [data for data, _ in found]
        return xr.concat(parts, "scenario", coords="minimal", compat="override", join="exact"), possible

    def _checked(
        self, result: Result, names: set[str], definitions: Definitions, first: int
    ) -> tuple[xr.Dataset, list[bool]]:
        """What is kept of a block, and which of its scenarios are possible."""
        possible = self._sound(result, definitions, first) if self.checks else [True] * result.dataset.scenario.size
        return result.dataset[[name for name in result.dataset.data_vars if name in names]], possible

    def _refuse_first(self, scenarios: Sequence[Scenario]) -> None:
        """Open the last combination before all others are run, so that a wrong end of an axis is told at once."""
        self.openings.lanes(scenarios[-1])

    def _run(self, pool: ThreadPoolExecutor, block: Sequence[Scenario]) -> Result:
        """Open the lanes of some scenarios here while those already opened run; every refusal is raised at once."""
        errors: dict[str, SimengineError] = {}
        lanes: list[Lane] = []
        running: list[Future[None]] = []

        for scenario in block:
            try:
                opened = self.openings.lanes(scenario)
            except SimengineError as error:
                if not self.passes_over(scenario, error):
                    errors |= {str(each): each for each in each_error(error)}
                continue
            lanes += opened
            running += [pool.submit(run_through, lane) for lane in opened]
        for one in running:
            one.result()
        raise_all(list(errors.values()))
        result = Result(lanes, self.openings)
        _ = result.dataset if lanes else None
        for lane in lanes:  # the labelled results hold copies; what made them is the greater part of the memory
            self.note(lane)
            del lane.inputs, lane.opening, lane.output
        return result

    checks = True
    """Whether results are checked for identities and bounds."""

    takes_impossible = False
    """Whether some scenarios that are all impossible are a result."""

    def together(self, scenario: Scenario) -> int:
        """Lanes like those of a scenario that are run, checked and released together."""
        return TOGETHER

    def passes_over(self, scenario: Scenario, error: SimengineError) -> bool:
        """Whether a scenario that cannot be opened is left out, and the error with it: never in a sweep."""
        return False

    def note(self, lane: Lane) -> None:
        """Keep what is wanted of a lane beside its labelled results, before it is released: nothing of a sweep."""

    def _sound(self, result: Result, definitions: Definitions, first: int) -> list[bool]:
        """Which scenarios of a block are possible; a broken identity is an error of the engine and ends the sweep."""
        names = [str(name) for name in result.dataset.scenario.values]
        checks = run_checks(result)
        broken = {*checks[~checks["ok"].astype(bool)]["scenario"]}
        if broken:
            told = [f"{place} ({name})" for place, name in enumerate(names, first + 1) if name in broken]
            raise IdentityError("sweep_identities", names=", ".join(told))
        wrong = beyond_bounds(result.dataset, definitions)
        return [name not in wrong for name in names]
