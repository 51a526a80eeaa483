"""The lane both kernels run: a scenario of the repository, opened and aligned, its arguments fresh for every run."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simengine.engine.project import Histories, Lane, copy_state, lane_bases, open_lane
from simengine.kernels import layout
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

SCENARIO = "jiangxi/baseline"

Kernel = Callable[..., Any]


@functools.cache
def opened_lane(scenario: str = SCENARIO) -> Lane:
    """The lane of a scenario, opened and aligned."""
    known = load_scenario(scenario)
    law = load_law()
    return open_lane(known, lane_bases(known)[0], law, Histories(law, lambda text: None))


@dataclass
class Run:
    """One lane over a number of years (at most those of its scenario)."""

    lane: Lane
    years: int
    state: Any = None
    output: Any = None

    def arguments(self) -> tuple[Any, ...]:
        """Arguments of the lane kernel, with a state and an output of their own."""
        inputs = self.lane.inputs
        self.state = copy_state(self.lane.opening)
        self.output = layout.new_output()
        return (
            *(inputs.paths, inputs.constants, inputs.packed),
            *(self.state, layout.new_scratch(), self.output, 1, 1 + self.years),
        )

    def time(self, kernel: Kernel) -> float:
        """Processor time of one run of this thread [seconds]; what it computed stays in `state` and `output`."""
        arguments = self.arguments()
        start = time.thread_time_ns()
        kernel(*arguments)
        return 1e-9 * (time.thread_time_ns() - start)

    def results(self) -> dict[str, np.ndarray]:
        """Every array of the closing state and of the output of the last run, by name."""
        state = {f"state.{name}": self.state[name] for name in layout.State.SHAPES}
        return state | {f"out.{name}": self.output[name] for name in layout.LaneOutput.SHAPES}
