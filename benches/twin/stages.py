"""Time of every stage of the year, numba beside C: `lane.step_year` run as plain Python over timed stages."""

from __future__ import annotations

import ast
import ctypes
import importlib
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from benches.twin.build import EXACT, KERNELS, Twin, compile_text, lane_kinds
from benches.twin.kinds import FLOAT, Array, Kind
from benches.twin.lanes import Run
from simengine.kernels import layout as at
from simengine.kernels.jit import kernel

Stage = Callable[..., Any]
Call = Callable[[], Any]


@kernel
def nothing(*arguments: Any) -> float:
    """A kernel that only receives its arguments: the cost of a call from Python."""
    return 0.0


def numba_calls(function: Stage, *arguments: Any) -> tuple[Call, Call]:
    """A kernel with its arguments, and a call that does nothing with them."""
    return partial(function, *arguments), partial(nothing, *arguments)


def twin_calls(twin: Twin, empty: Any, name: str, *arguments: Any) -> tuple[Call, Call]:
    """As `numba_calls`, of the C twin."""
    call = twin.bound(name, *arguments)
    return call, partial(empty, *call.args)


def stage_kinds() -> dict[str, Kind]:
    """Kinds of the arguments of every stage, by name."""
    kinds = lane_kinds()
    for name in ("employed", "target", "mean_index", "enterprise_payers", "public_payers", "injury_insured"):
        kinds[name] = FLOAT
    for name in ("pop_open", "q", "mig", "pop_close", "population", "relabelled"):
        kinds[name] = Array((2, at.AGES), name)
    kinds["heads"] = Array((at.CAREERS, at.STATUSES, at.WORKING_AGES), "heads")
    return kinds


def stage_names() -> dict[str, str]:
    """Stages of the year in their order, with the module of each."""
    lane = importlib.import_module(f"{KERNELS}.lane")
    tree = ast.parse(inspect.getsource(lane))
    step = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "step_year")
    called = [node.func.id for node in ast.walk(step) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {name: plain(getattr(lane, name)).__module__ for name in called}


def plain(kernel: Any) -> Any:
    """The Python function behind a kernel."""
    return getattr(kernel, "py_func", kernel)


class Fields:
    """A group whose arrays are read by name alone: as a record of numpy, `base` and the like mean something else."""

    def __init__(self, group: Any) -> None:
        self.group = group

    def __getattr__(self, name: str) -> Any:
        return self.group[name]

    def warm(self) -> float:
        """Read everything."""
        return float(np.frombuffer(self.group.data).sum())


@dataclass
class Clock:
    """Seconds of processor time by stage, summed over the years of a lane."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timed(self, name: str, prepare: Callable[..., tuple[Call, Call]]) -> Stage:
        """A stage, prepared outside the clock; an empty call with the same arguments is taken off.

        Its groups are read once before, as Python between two stages drives them out of the caches.
        """

        def stage(*arguments: Any) -> Any:
            call, empty = prepare(*(part.group if isinstance(part, Fields) else part for part in arguments))
            for part in arguments:
                if isinstance(part, Fields):
                    part.warm()
            start = time.thread_time_ns()
            result = call()
            middle = time.thread_time_ns()
            empty()
            self.seconds[name] += 1e-9 * (2 * middle - start - time.thread_time_ns())
            return result

        return stage


def lane_by_stages(run: Run, stages: Mapping[str, Stage]) -> None:
    """A whole lane, its order of events taken from `step_year` as it stands."""
    lane = importlib.import_module(f"{KERNELS}.lane")
    step = plain(lane.step_year)
    year = FunctionType(step.__code__, {**step.__globals__, **stages}, step.__name__, step.__defaults__)
    paths, constants, tables, state, scratch, out, first, last = run.arguments()
    lane.project_lane(paths, constants, tables, state, scratch, out, first, first)  # opens the rows, no year
    for t in range(first, last):
        year(t, paths, constants, *(Fields(group) for group in (tables, state, scratch, out)))


def middle(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Median of both sides."""
    one, other = np.median(pairs, axis=0).tolist()
    return one, other


def stage_times(run: Run, rounds: int, flags: tuple[str, ...] = EXACT) -> dict[str, tuple[float, float]]:
    """Median seconds of each stage over a lane: numba, C. Calls from Python are taken off."""
    names = stage_names()
    kernels = vars(importlib.import_module(f"{KERNELS}.lane"))
    twin = Twin([(module, name) for name, module in names.items()], stage_kinds(), flags)
    empty = ctypes.CDLL(str(compile_text("void nothing(void)\n{\n}\n"))).nothing
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(rounds + 1):
        numba, gcc = Clock(), Clock()
        lane_by_stages(run, {name: numba.timed(name, partial(numba_calls, kernels[name])) for name in names})
        lane_by_stages(run, {name: gcc.timed(name, partial(twin_calls, twin, empty, name)) for name in names})
        for name in names:
            seen[name].append((numba.seconds[name], gcc.seconds[name]))
    return {name: middle(pairs[1:]) for name, pairs in seen.items()}
