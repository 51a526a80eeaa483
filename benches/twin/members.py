"""The heavy part of the year by the kernels beside vectorised NumPy: the same results, and how long each takes."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benches.twin import members_numpy
from benches.twin.build import KERNELS
from benches.twin.lanes import Run, opened_lane
from benches.twin.stages import lane_by_stages, stage_names
from simengine.kernels import layout

STAGES = ("settle_members", "merge_arrivals")
UNKNOWN = (
    "held", "waiting", "deemed", "arrived_deemed", "bins", "movers", "row", "climb", "climbing", "bends", "bends_from",
    "bend_blocks", "partial",
)  # fmt: skip
"""Of the working arrays, what NumPy does not keep: how far rows extend, and what one row needs for itself."""

GROUPS: tuple[Any, ...] = (layout.State, layout.Scratch, layout.LaneOutput)
Call = tuple[str, tuple[Any, ...]]


def copied(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of a stage with groups of their own; tables and constants are only read."""
    return tuple(part.copy() if type(part) in GROUPS else part for part in arguments)


def calls_of(run: Run, every: int) -> list[Call]:
    """Arguments the heavy stages receive on a lane, of every so manieth year."""
    kernels = vars(importlib.import_module(f"{KERNELS}.lane"))
    calls: list[Call] = []

    def passed(name: str, *arguments: Any) -> Any:
        given = [getattr(part, "group", part) for part in arguments]
        if name in STAGES and given[0] % every == 1:
            calls.append((name, copied(tuple(given))))
        return kernels[name](*given)

    lane_by_stages(run, {name: partial(passed, name) for name in stage_names()})
    return calls


def difference(call: Call) -> dict[str, float]:
    """Largest difference of every array after a stage, kernel against NumPy, on the scale of the array."""
    name, arguments = call
    one, other = copied(arguments), copied(arguments)
    vars(importlib.import_module(f"{KERNELS}.lane"))[name](*one)
    getattr(members_numpy, name)(*other)
    found = {}
    for group in GROUPS:
        mine, theirs = (next(part for part in parts if isinstance(part, group)) for parts in (one, other))
        for field in group.SHAPES.keys() - set(UNKNOWN):
            found[f"{group.__name__}.{field}"] = apart(mine[field], theirs[field], field == "flows")
    return found


def apart(one: np.ndarray, other: np.ndarray, each: bool) -> float:
    """Largest difference on the scale of the array, or of each number where they have different units."""
    scale = np.abs(one) if each else np.abs(one).max()
    return float((np.abs(other - one) / np.where(scale > 0.0, scale, 1.0)).max())


def clocked(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """Processor time of one call on arguments of its own [seconds]."""
    given = copied(arguments)
    start = time.thread_time_ns()
    function(*given)
    return 1e-9 * (time.thread_time_ns() - start)


def compare_members(rounds: int = 5, every: int = 15, years: int = 75) -> dict[str, Any]:
    """Kernels beside NumPy for `settle_members` and `merge_arrivals`, on years spread over a lane.

    Returns
    -------
    by stage: median seconds of a year by kernel and by NumPy, and how many times faster the kernel is; and the largest
    difference of any array on its own scale
    """
    kernels = vars(importlib.import_module(f"{KERNELS}.lane"))
    calls = calls_of(Run(opened_lane(), years), every)
    largest: dict[str, float] = {}
    for call in calls:
        for name, value in difference(call).items():
            largest[name] = max(value, largest.get(name, 0.0))
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in STAGES}
    for _ in range(rounds):
        for name, arguments in calls:
            kernel = clocked(kernels[name], arguments)
            seconds[name].append((kernel, clocked(getattr(members_numpy, name), arguments)))
    medians = {name: np.median(pairs, axis=0).tolist() for name, pairs in seconds.items()}
    medians["both"] = np.sum([medians[name] for name in STAGES], axis=0).tolist()
    report: dict[str, Any] = {
        name: {"kernel": kernel, "numpy": numpy, "numpy_over_kernel": numpy / kernel}
        for name, (kernel, numpy) in medians.items()
    }
    report["largest_difference"] = max(largest.values())
    report["differences"] = largest
    return report
