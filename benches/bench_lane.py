"""Time of one region: its compiled lane, the whole run around it, and the first call of all. See README.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benches.digests import dataset_arrays, digests, exact_digest
from simengine.engine.project import Histories, Lane, copy_state, lane_bases, open_lane, project, run_lane, spin_up
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

ROOT = Path(__file__).parents[1]
SCENARIO = "jiangxi/baseline"
LANE_YEARS = {"one_region_25_years": 25, "one_region_75_years": 75}
"""Sizes by name."""

WHOLE = "one_region_75_years_with_history"
FIRST_CALL_LIMIT = 1200
"""Seconds after which the first call is given up."""


@pytest.fixture(scope="module")
def lane() -> Lane:
    """The lane of the scenario, opened and aligned."""
    scenario = load_scenario(SCENARIO)
    law = load_law()
    return open_lane(scenario, lane_bases(scenario)[0], law, Histories(law, lambda text: None))


def note(benchmark: Any, size: str, arrays: list[np.ndarray], **more: Any) -> None:
    """Put the size and the digests of what was computed into the record."""
    benchmark.extra_info.update(scenario=SCENARIO, size=size, numbers=sum(array.size for array in arrays), **more)
    benchmark.extra_info.update(digests(arrays))


def opened(lane: Lane, years: int) -> Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]:
    """Arguments of a fresh round: the kernel moves the state on in place, so every round gets its own copy."""

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (lane.inputs, copy_state(lane.opening), 1, 1 + years), {}

    return setup


@pytest.mark.parametrize("size", LANE_YEARS)
def test_lane_kernel(benchmark: Any, lane: Lane, size: str) -> None:
    """The compiled lane alone: no reading, no labels."""
    years = LANE_YEARS[size]
    seen: list[str] = []
    kept: list[np.ndarray] = []

    def once(*arguments: Any) -> None:
        output = run_lane(*arguments)
        kept[:] = list(output)

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        if kept:
            seen.append(exact_digest(kept))
        return opened(lane, years)()

    benchmark.pedantic(once, setup=setup, rounds=9, iterations=1, warmup_rounds=1)
    seen.append(exact_digest(kept))
    assert len(set(seen)) == 1, "rounds of equal input differ"
    assert all(np.isfinite(array).all() for array in kept)
    per_second = years / benchmark.stats.stats.median if benchmark.stats else None
    note(benchmark, size, kept, lane_years=years, lane_years_per_second=per_second)


def test_lane_kernel_is_what_the_run_computes(lane: Lane) -> None:
    """The kernel that is timed above gives, bit for bit, what `project` gives."""
    arguments, _ = opened(lane, lane.inputs.years.size - 1)()
    output = run_lane(*arguments)
    (whole,) = project(load_scenario(SCENARIO)).lanes
    assert whole.output is not None
    assert exact_digest(output) == exact_digest(whole.output)


def test_spin_up(benchmark: Any, lane: Lane) -> None:
    """History from 1992 to the opening: inputs, stationary start, and the years themselves."""
    law = load_law()
    known = benchmark.pedantic(lambda: spin_up(lane.basis, law), rounds=3, iterations=1, warmup_rounds=1)
    note(benchmark, "history_of_one_region", list(known.output), lane_years=int(known.inputs.years.size))
    assert exact_digest(known.output) == exact_digest(lane.spin_up.output)


def test_whole_run(benchmark: Any) -> None:
    """What a user waits for: read, spin up, align, project, label."""
    result = benchmark.pedantic(lambda: project(load_scenario(SCENARIO)), rounds=3, iterations=1, warmup_rounds=1)
    arrays = dataset_arrays(result.dataset)
    note(benchmark, WHOLE, arrays)
    single = dataset_arrays(project(load_scenario(SCENARIO), threads=1).dataset)
    assert exact_digest(single) == exact_digest(arrays), "the number of threads changes a digit"


def test_first_call(benchmark: Any, tmp_path: Path) -> None:
    """A process without compiled kernels: imports, compilation and the first run, apart from the second one."""
    environment = {**os.environ, "SIMENGINE_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT), "SIMENGINE_JIT": "1"}
    command = [sys.executable, "-m", "benches.first_call", SCENARIO]

    def once() -> dict[str, Any]:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=FIRST_CALL_LIMIT
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    told = benchmark.pedantic(once, rounds=1, iterations=1)
    assert told["kernels_on_disk_before"] is False
    assert told["second_seconds"] < told["first_seconds"]
    arrays = dataset_arrays(project(load_scenario(SCENARIO)).dataset)
    note(benchmark, WHOLE + "_first_call", arrays, **{key: told[key] for key in told if key.endswith("_seconds")})
    assert told["sha256_exact"] == benchmark.extra_info["sha256_exact"], "freshly compiled kernels compute otherwise"
    again = once()
    assert again["kernels_on_disk_before"] is True
    benchmark.extra_info["warm_process_seconds"] = again["import_seconds"] + again["first_seconds"]
