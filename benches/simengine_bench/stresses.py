"""Speed of stress and reverse stress, each with a digest of its numbers."""

from __future__ import annotations

import time
from functools import partial

import numpy as np

from simengine.common.progress import Progress
from simengine.decide.stress.reverse import reverse_stress
from simengine.decide.stress.run import stress
from simengine_bench.sizes import Measured, Prepare, timed

REGIONS = tuple(f"{name}/baseline" for name in ("haiyan", "china", "jiangxi", "hubei", "jingdezhen", "xuzhou"))
MOST = 2
"""Rounds that count, of a work that takes many seconds."""

BROKEN = ("jiangxi/baseline", "JX-22-03", "layoff_wave")


def heat(regions: tuple[str, ...]) -> list[np.ndarray]:
    """Every stress on every target and fund of some regions."""
    return [stress(regions).cells["value"].to_numpy(dtype=float)]


def smallest() -> list[np.ndarray]:
    """The smallest shock of one stress that misses one row of a plan, and the levers tried against it."""
    return [reverse_stress(*BROKEN).rows["shock"].to_numpy(dtype=float)]


def stress_figures(regions: tuple[str, ...], rounds: int, progress: Progress) -> list[Measured]:
    """All stresses on some regions, and one reverse stress, in time that passes."""
    progress(f"stresses of {len(regions)} regions")
    works: dict[str, Prepare] = {"heat": lambda: partial(heat, regions), "smallest": lambda: smallest}
    found = timed(works, min(rounds, MOST), time.perf_counter)
    goal = "<= 15" if len(regions) == len(REGIONS) else ""
    name = f"all stresses on {len(regions)} region(s), with verdicts"
    return [
        Measured(name, found["heat"].median, "s", goal, found["heat"].digest),
        Measured("smallest shock of one stress", found["smallest"].median, "s", "", found["smallest"].digest),
    ]
