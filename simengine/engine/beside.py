"""Scenarios beside one that was run: opened with what the run shared, run, and read; their results are not kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from simengine.common.processors import processors
from simengine.engine.project import Lane, Openings, copy_state, refuse_not_finite, run_lane
from simengine.kernels.layout import Output
from simengine.scenario.scenario import Scenario

Read = TypeVar("Read")


def run_beside(
    scenarios: Sequence[Scenario],
    openings: Openings,
    read: Callable[[Lane, Output], Read],
    threads: int | None = None,
) -> list[list[Read]]:
    """Run the lanes of many scenarios, each scenario by itself, and keep what `read` takes from each.

    Lanes share nothing that is written, so the threads cannot change a digit; each lane equals the same scenario run
    alone to the last bit.

    Parameters
    ----------
    openings : of the run that the scenarios stand beside: law, bases and histories are read once
    read : takes from a lane and its results what is kept; the results go with the lane

    Returns
    -------
    what was read, by scenario and, in it, by lane
    """

    def work(lane: Lane) -> Read:
        output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
        refuse_not_finite(output, f"{lane.scenario.key}, {lane.basis.region}")
        return read(lane, output)

    with ThreadPoolExecutor(max_workers=threads or processors()) as pool:
        running = [[pool.submit(work, lane) for lane in openings.lanes(scenario)] for scenario in scenarios]
        return [[one.result() for one in lanes] for lanes in running]
