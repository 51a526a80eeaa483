"""Runs of moved scenarios: one that is refused or impossible does not end the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simengine.common.errors import SimengineError, each_error
from simengine.decide.runs import Runs
from simengine.engine.project import Result
from simengine.judge.checks.bounds import bounds_table
from simengine.judge.indicators import Definitions
from simengine.judge.quantities.catalogue import Quantity
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simengine.common.progress import Progress


class MovedRuns(Runs):
    """Runs of a scenario, the first, and of others beside it in which drivers are moved.

    Attributes
    ----------
    refused : what refused a scenario, by its key
    impossible : scenarios with a result that cannot be, each with the measures that pass their bound
    """

    stage = "sensitivity"
    takes_impossible = True

    def __init__(self, quantities: Sequence[Quantity], threads: int, progress: Progress | None, total: int) -> None:
        self.refused: dict[str, SimengineError] = {}
        self.impossible: dict[str, tuple[str, ...]] = {}
        super().__init__(quantities, threads, progress, total)

    def _refuse_first(self, scenarios: Sequence[Scenario]) -> None:
        """Open the scenario itself: what refuses it ends the analysis."""
        self.openings.lanes(scenarios[0])

    def passes_over(self, scenario: Scenario, error: SimengineError) -> bool:
        """Keep why a moved scenario was refused."""
        self.refused[scenario.key] = each_error(error)[0]
        return True

    def _sound(self, result: Result, definitions: Definitions, first: int) -> list[bool]:
        """Which scenarios of a block are possible; of the others the measures are kept."""
        possible = super()._sound(result, definitions, first)
        for key, sound in zip(map(str, result.dataset.scenario.values), possible, strict=True):
            if not sound:
                table = bounds_table(result.dataset.sel(scenario=[key]), key, definitions)
                self.impossible[key] = tuple(dict.fromkeys(table[~table["ok"].astype(bool)]["measure"]))
        return possible
