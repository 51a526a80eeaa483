"""Speed of the plan monitor, with a digest of its numbers."""

from __future__ import annotations

import time

import numpy as np

from simengine.common.progress import Progress
from simengine.judge.monitor import monitor
from simengine.judge.run import judge_scenarios
from simengine_bench.sizes import Call, Measured, timed

PLAN, DAY = "jiangxi/baseline", "2022-09"


def prepared() -> Call:
    """A plan beside a run that is there already: actuals, bases, paths, projections, ranks, points."""
    run = judge_scenarios([PLAN])
    _ = run[PLAN].verdicts

    def call() -> list[np.ndarray]:
        found = monitor(PLAN, as_of=DAY, run=lambda scenarios: run)
        return [found.rows[name].to_numpy(dtype=float) for name in ("pace", "time_distance", "projected")]

    return call


def monitor_figures(rounds: int, progress: Progress) -> list[Measured]:
    """The review of a plan without its run, in processor time."""
    progress("plan monitor")
    found = timed({"monitor": prepared}, rounds, time.process_time)["monitor"]
    return [Measured("plan monitor beside a run", found.median, "s", "", found.digest)]
