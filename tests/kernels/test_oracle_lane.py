"""A real region through the kernels and through the oracle (`tests/oracle`), which takes every cell by itself.

Jiangxi's history, when late entrants bought years and the public sector was admitted, and its projection: the first
years, those in which retirement ages and minimum years rise, and the last. Largest difference measured: 2.0e-13 of the
scale of its item (75 years in one go: 8.8e-14). Five other regions over twelve years: at most 3.2e-12 (Jingdezhen),
where each year from the state of the kernels is within 1.7e-14.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simengine.engine.compile import LaneInputs
from simengine.engine.opening import stationary_state
from simengine.engine.project import copy_state
from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from simengine_bench.lanes import opened
from tests.oracle import lane as oracle
from tests.oracle.compare import Run, differences

LIMIT = 1e-11
SPANS = {"history": (2011, 2016), "opening": (2021, 2023), "reform": (2029, 2032), "end": (2094, 2095)}


def opening_of(span: str) -> tuple[LaneInputs, at.State, int]:
    """Inputs of a span, the state they begin with, and the position of their first year."""
    lane = opened()
    if span == "history":
        return lane.spin_up.inputs, stationary_state(lane.spin_up.basis, lane.spin_up.inputs), 0
    return lane.inputs, copy_state(lane.opening), 1


def run_of(project: Callable[..., Any], inputs: LaneInputs, opening: at.State, first: int, last: int) -> Run:
    """The years first..last-1 from a state, which is left as it is."""
    run = Run(copy_state(opening), at.new_scratch(), at.new_output())
    project(inputs.paths, inputs.constants, inputs.packed, run.state, run.scratch, run.out, first, last)
    return run


@pytest.mark.parametrize("span", SPANS)
def test_oracle__gives_what_the_kernels_give(span: str) -> None:
    inputs, opening, begin = opening_of(span)
    years = inputs.years.tolist()
    first, last = (years.index(year) for year in SPANS[span])
    before = run_of(project_lane, inputs, opening, begin, first)
    kernels, plain = (
        run_of(project, inputs, before.state, first, last + 1) for project in (project_lane, oracle.project_lane)
    )
    gap, name = max((gap, name) for name, gap in differences(kernels, plain).items())
    print(f"{span}: {gap:.1e} ({name})")
    assert gap < LIMIT, f"{name}: {gap:.1e}"
    assert kernels.out.flows[at.FLOW_AWARDS_ENTERPRISE, first : last + 1].min() > 0.0
