"""Limits of this machine, and how much of them the lane kernel uses."""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benches.twin.build import KERNELS, compile_text, lane_twin
from benches.twin.kinds import Work
from benches.twin.lanes import Run, opened_lane
from simengine.kernels import layout

FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-mprefer-vector-width=512")
CHAINS, WIDTH = 12, 8
WORKING_SETS = {"16 KiB": 16 << 10, "256 KiB": 256 << 10, "4 MiB": 4 << 20, "128 MiB": 128 << 20}
"""Sizes that lie in the first, second and third cache of most processors, and in none."""


@functools.cache
def library() -> ctypes.CDLL:
    """The compiled loops of `limits.c`."""
    text = Path(__file__).with_name("limits.c").read_text(encoding="utf-8")
    loaded = ctypes.CDLL(str(compile_text(text, FLAGS)))
    for name in ("fused", "apart"):
        getattr(loaded, name).restype = ctypes.c_double
        getattr(loaded, name).argtypes = [ctypes.c_long, ctypes.c_double, ctypes.c_double]
    return loaded


def best(call: Callable[[], object], rounds: int) -> float:
    """Shortest processor time of several calls [seconds]."""
    times = []
    for _ in range(rounds):
        start = time.thread_time_ns()
        call()
        times.append(1e-9 * (time.thread_time_ns() - start))
    return min(times)


def peaks(rounds: int = 7) -> dict[str, float]:
    """Gflop/s of one core: fused products, and products and sums that are not fused."""
    times = 2_000_000
    fused = best(lambda: library().fused(times, 0.999, 1e-3), rounds)
    apart = best(lambda: library().apart(times, 1.0, 1e-3), rounds)
    flops = times * CHAINS * WIDTH * 1e-9
    return {"fused": 2.0 * flops / fused, "apart": flops / apart}


def bandwidths(rounds: int = 7) -> dict[str, dict[str, float]]:
    """GB/s of one core by working set: a triad (24 bytes an element) and an update in place (16 bytes)."""
    found: dict[str, dict[str, float]] = {}
    for label, size in WORKING_SETS.items():
        times = max(1, (256 << 20) // size)
        double, long = ctypes.c_double, ctypes.c_long
        n = size // 24
        arrays = [np.ones(n) for _ in range(3)]
        given = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        triad = functools.partial(library().triad, long(n), long(times), *given, double(0.5))
        m = size // 8
        held = np.ones(m)
        address = ctypes.c_void_p(held.ctypes.data)
        update = functools.partial(library().update, long(m), long(times), address, double(0.5), double(0.5))
        found[label] = {
            "triad": 24e-9 * n * times / best(triad, rounds),
            "update": 16e-9 * m * times / best(update, rounds),
        }
    return found


def counted_work(years: int, package: str = KERNELS) -> Work:
    """Operations of a lane, counted one by one."""
    twin = lane_twin(("-O1",), counted=True, package=package)
    Run(opened_lane(), years).time(lambda *arguments: twin.call("project_lane", *arguments))
    return twin.work()


def flops(work: Work) -> int:
    """Sums, products, quotients and roots; comparisons are not counted."""
    return work.add + work.mul + work.div + work.root


def used(seconds: Mapping[str, float], work: Work, years: int, rounds: int = 7) -> dict[str, Any]:
    """Share of the limits a lane uses that takes so many seconds, by compiler."""
    most, streams = peaks(rounds), bandwidths(rounds)
    first = next(iter(streams.values()))["triad"]
    touched = 8 * (work.load + work.store)
    # Once a year every row is read and written, among members and arrivals; the rest is small.
    rows = 8 * (np.prod(layout.State.SHAPES["members"]) + np.prod(layout.Scratch.SHAPES["arrivals"]))
    return {
        "flops": flops(work),
        "work": work._asdict(),
        "bytes_loaded_and_stored": touched,
        "bytes_of_rows": int(2 * rows * years),
        "peak_gflops": most,
        "bandwidth": streams,
        "by_compiler": {
            name: {
                "gflops": 1e-9 * flops(work) / second,
                "of_fused_peak": 1e-9 * flops(work) / second / most["fused"],
                "of_unfused_peak": 1e-9 * flops(work) / second / most["apart"],
                "gbytes": 1e-9 * touched / second,
                "of_first_cache": 1e-9 * touched / second / first,
            }
            for name, second in seconds.items()
        },
    }
