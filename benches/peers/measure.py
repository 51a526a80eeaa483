"""Times of the tools, taken in turns: within a round every tool runs once before any runs again."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benches.digests import exact_digest
from benches.peers.numpy_arrays import totals as array_totals
from benches.peers.task import VARIABLES, YEARS, relative_gap, sample_task
from benches.peers.tools import PeerError, Prepare, Run, Tool, require

SHORT_SECONDS, REPEATS = 0.1, 5
"""A turn repeats a run until it has taken this many CPU seconds, at most so often; the median counts."""

MEMORY_SECONDS = 3.0
"""A run that takes longer is not repeated to see its memory: tracing makes it several times slower."""


@dataclass
class Measurement:
    """One tool at one size."""

    tool: Tool
    points: int
    gap: float = 0.0
    sha256_exact: str = ""
    seconds: list[float] = field(default_factory=list)
    peak_bytes: int | None = None

    @property
    def median(self) -> float:
        """CPU seconds of one run, median of the rounds."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Variable-cell-years per CPU second."""
        return self.points * YEARS * len(VARIABLES) / self.median

    def add(self, seconds: float, found: np.ndarray, expected: np.ndarray) -> None:
        """Note one turn; equal input must give equal bits, and those of the task."""
        digest = exact_digest([found])
        if self.sha256_exact not in ("", digest):
            raise PeerError(f"{self.tool.name}: two runs over the same {self.points} points differ")
        self.sha256_exact, self.gap = digest, relative_gap(found, expected)
        require(self.tool, self.gap)
        self.seconds.append(seconds)


def turn(run: Run) -> tuple[float, np.ndarray]:
    """CPU seconds of one run and its result. Garbage of earlier runs is collected before the clock starts."""
    taken: list[float] = []
    while True:
        gc.collect()
        start = time.process_time()
        found = run()
        taken.append(time.process_time() - start)
        if sum(taken) >= SHORT_SECONDS or len(taken) == REPEATS:
            return statistics.median(taken), found


def peak_memory(run: Run) -> int:
    """Most bytes that Python and NumPy held at once during one run, the input apart."""
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure_size(tools: dict[Tool, Prepare], points: int, rounds: int) -> list[Measurement]:
    """All tools at one size, in turns."""
    task = sample_task(points)
    expected = array_totals(task)
    runs = {tool: prepare(task) for tool, prepare in tools.items()}
    found = {tool: Measurement(tool, points) for tool in tools}
    gc.collect()
    gc.freeze()  # objects that only exist because many tools share the process cost no tool any time
    try:
        for _ in range(rounds):
            for tool, run in runs.items():
                found[tool].add(*turn(run), expected)
        for tool, run in runs.items():
            if found[tool].median <= MEMORY_SECONDS:
                found[tool].peak_bytes = peak_memory(run)
    finally:
        gc.unfreeze()
    return list(found.values())


def measure(
    tools: dict[Tool, Prepare],
    sizes: Sequence[int],
    rounds: int,
    limit: float,
    say: Callable[[str], None] = lambda line: None,
) -> list[Measurement]:
    """All tools at all sizes, small ones first; a tool that the last size predicts too slow leaves."""
    found: list[Measurement] = []
    left = dict(tools)
    for points in sorted(sizes):
        for past in found:
            expected = rounds * past.median * points / past.points
            if past.tool in left and past.points < points and expected > limit:
                del left[past.tool]
                say(
                    f"{past.tool.name}: not run with {points} points; {rounds} rounds would take about "
                    f"{expected:.0f} s of CPU time, --limit is {limit:.0f}"
                )
        say(f"{points} points, {rounds} rounds: {', '.join(tool.name for tool in left)}")
        found += measure_size(left, points, rounds)
    return found
