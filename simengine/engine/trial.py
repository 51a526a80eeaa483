"""Trial runs: the lanes of a scenario once more with one amount moved, to see what rests on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from simengine.engine.compile import LaneInputs, compile_lane
from simengine.engine.label import label_lanes
from simengine.engine.project import Lane, Openings, copy_state, open_lane, run_lane

if TYPE_CHECKING:
    import xarray as xr

    from simengine.law import LawTree

Moved = Callable[[Lane, LaneInputs], LaneInputs]
"""Inputs of a lane with a series moved."""


def trial(lanes: Sequence[Lane], openings: Openings, law: LawTree, moved: Moved | None = None) -> xr.Dataset:
    """Labelled results of the same lanes under another law, each opened and run anew.

    Parameters
    ----------
    lanes : projected lanes of one scenario
    openings : what they were opened with
    law : what the lanes live under, levers applied
    moved : what becomes of the inputs beside the law; None for nothing
    """
    twins = []
    for lane in lanes:
        inputs = compile_lane(lane.basis, law, lane.inputs.years, lane.scenario)
        inputs = inputs if moved is None else moved(lane, inputs)
        twin = open_lane(lane.scenario, lane.basis, openings.law, openings.histories, inputs)
        output = run_lane(inputs, copy_state(twin.opening), 1, inputs.years.size)
        twins.append(replace(twin, output=output))
    return label_lanes(twins)
