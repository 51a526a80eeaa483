"""numba beside C on one lane: processor time in turns, and the digests of what both computed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benches.twin.build import EXACT, FAST, gcc_version, lane_twin
from simengine.engine.project import Lane, copy_state
from simengine.kernels import layout
from simengine.kernels.lane import project_lane
from simengine_bench.lanes import opened
from simengine_bench.sizes import Call, timed

YEARS = 75

Kernel = Callable[..., Any]


def prepared(lane: Lane, years: int, kernel: Kernel) -> Call:
    """A run of a lane by one kernel, from a copy of its opening; it returns the closing state and the output."""
    inputs, state, output = lane.inputs, copy_state(lane.opening), layout.new_output()
    tables = (inputs.paths, inputs.constants, inputs.packed)
    arguments = (*tables, state, layout.new_scratch(), output, 1, 1 + years)

    def call() -> list[np.ndarray]:
        kernel(*arguments)
        return [state[name] for name in layout.State.SHAPES] + [output[name] for name in layout.LaneOutput.SHAPES]

    return call


def largest_difference(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    """Largest difference of two results [1], each array on its own scale."""
    return max(float(np.abs(b - a).max() / (np.abs(a).max() or 1.0)) for a, b in zip(one, other, strict=True))


@dataclass(frozen=True)
class Report:
    """Compilers by name: median processor time [s], numba's over it, digest, largest difference from numba [1]."""

    compiler: str
    seconds: dict[str, float]
    numba_over: dict[str, float]
    digest: dict[str, str]
    difference: dict[str, float]


def compare(rounds: int = 9, years: int = YEARS, fast: bool = True) -> Report:
    """Processor time of the lane compiled by numba and by gcc, in turns within each round.

    Parameters
    ----------
    rounds : rounds after one to warm up
    years : years of the lane
    fast : also the C code compiled without exactness (``-ffast-math``)
    """
    kernels: dict[str, Kernel] = {"numba": project_lane}
    for name, flags in ({"gcc": EXACT} | ({"gcc_fast": FAST} if fast else {})).items():
        kernels[name] = partial(lane_twin(flags).call, "project_lane")
    works = {name: partial(prepared, opened(), years, kernel) for name, kernel in kernels.items()}
    found = timed(works, rounds, time.thread_time)
    results = {name: list(work()()) for name, work in works.items()}
    seconds = {name: one.median for name, one in found.items()}
    return Report(
        compiler=gcc_version(),
        seconds=seconds,
        numba_over={name: seconds["numba"] / second for name, second in seconds.items()},
        digest={name: one.digest for name, one in found.items()},
        difference={name: largest_difference(results["numba"], arrays) for name, arrays in results.items()},
    )
