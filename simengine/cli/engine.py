"""The judged run of a command: it says that kernels are being compiled, projects, and checks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from simengine.common.messages import say

if TYPE_CHECKING:
    from simengine.common.progress import Reporter
    from simengine.judge.run import JudgedRun
    from simengine.scenario.scenario import Scenario


def execute(scenarios: Sequence[Scenario], threads: int, reporter: Reporter) -> JudgedRun:
    """`judge_scenarios` with its progress told on standard error; what decides is computed, the rest when asked for."""
    from simengine.kernels.compiler import jit

    tell: Callable[[str], None] = reporter
    if jit.JIT_ENABLED and not jit.is_warm("lane.project_lane"):
        first = say("progress.compile", reporter.lang)
        tell = lambda stage: reporter(f"{reporter.words(stage)}; {first}")  # noqa: E731
        tell("read")
    from simengine.judge.run import judge_scenarios

    run = judge_scenarios(scenarios, threads=threads, progress=tell)
    reporter("check")
    _ = run.identities, run.bounds
    return run
