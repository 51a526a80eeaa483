"""numba beside C on one lane: processor time in interleaved rounds, and the digests of what both computed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from benches.digests import exact_digest
from benches.twin.box import box_package
from benches.twin.build import EXACT, FAST, KERNELS, gcc_version, lane_twin
from benches.twin.lanes import SCENARIO, Kernel, Run, opened_lane

YEARS = 75


def kernels_of(package: str, fast: bool) -> dict[str, Kernel]:
    """The lane kernel of a package: compiled by numba, by gcc, and by gcc without exactness."""
    kernels: dict[str, Kernel] = {"numba": importlib.import_module(f"{package}.lane").project_lane}
    for name, flags in {"gcc": EXACT, "gcc_fast": FAST}.items():
        if name == "gcc" or fast:
            twin = lane_twin(flags, package=package)
            kernels[name] = partial(twin.call, "project_lane")
    return kernels


def largest_difference(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> float:
    """Largest difference of two results, each array on its own scale."""
    scales = {name: np.abs(array).max() or 1.0 for name, array in one.items()}
    return max(float(np.abs(other[name] - array).max() / scales[name]) for name, array in one.items())


def interleaved(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each run in every round, one after the other within a round; one round to warm up is not kept."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            seconds[name].append(run())
    return {name: times[1:] for name, times in seconds.items()}


def compare(rounds: int = 9, years: int = YEARS, box: bool = True, fast: bool = True) -> dict[str, Any]:
    """Processor time of the lane by numba and by gcc.

    Parameters
    ----------
    rounds : interleaved rounds after one to warm up
    years : years of the lane
    box : also with every row over all its bins (compiles the copied kernels on first use, one to two minutes)
    fast : also the C code compiled without exactness

    Returns
    -------
    by variant (`as_is`, `full_box`): median and all seconds by compiler, ratios to gcc, digests, whether they are equal
    """
    run = Run(opened_lane(), years)
    packages = {"as_is": KERNELS} | ({"full_box": box_package()} if box else {})
    kernels = {
        f"{variant} {name}": kernel
        for variant, package in packages.items()
        for name, kernel in kernels_of(package, fast).items()
    }
    results: dict[str, dict[str, np.ndarray]] = {}
    for name, kernel in kernels.items():
        run.time(kernel)
        results[name] = run.results()
    times = interleaved({name: partial(run.time, kernel) for name, kernel in kernels.items()}, rounds)
    report: dict[str, Any] = {"scenario": SCENARIO, "years": years, "rounds": rounds, "compiler": gcc_version()}
    for variant in packages:
        chosen = {name.split()[1]: name for name in kernels if name.startswith(variant)}
        medians = {name: float(np.median(times[key])) for name, key in chosen.items()}
        digests = {name: exact_digest(results[key].values()) for name, key in chosen.items()}
        report[variant] = {
            "seconds": medians,
            "all_seconds": {name: times[key] for name, key in chosen.items()},
            "numba_over": {name: medians["numba"] / second for name, second in medians.items()},
            "sha256_exact": digests,
            "bits_equal": digests["numba"] == digests["gcc"],
            "largest_difference": {
                name: largest_difference(results[chosen["numba"]], results[key]) for name, key in chosen.items()
            },
        }
    return report
