"""Compare the engine's kernel style with other tools on one light task: ``python -m benches.peers``."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benches.peers.task import VARIABLES, YEARS, relative_gap, sample_task
from benches.peers.tools import BASELINE, TOOLS, PeerError, Prepare, Run, Tool, check, require
from simengine.kernels.jit import JIT_ENABLED
from simengine_bench.history import load, machine
from simengine_bench.sizes import Call, timed

EPILOG = """\
The task: N model points, 75 years, 8 variables (formulas: benches/peers/task.py). Every tool must first meet a plain
Python reference; then the tools run in turns in one process. A number of the table is million variable-cell-years per
second of processor time, median of the rounds; the ratio is that of numba over that of the tool at the largest N.

A tool that is not installed is left out. How to install the tools, and what they do differently:
benches/peers/README.md.
"""


@dataclass(frozen=True)
class Measurement:
    """One tool at one size: cells per second of processor time, largest relative gap to NumPy [1], digest."""

    rate: float
    gap: float
    digest: str


def positive(text: str) -> int:
    """A whole number above zero."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number above zero")
    return value


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [tool.name for tool in TOOLS]
    made = argparse.ArgumentParser(
        prog="python -m benches.peers",
        description="Times of tools for cash-flow projection on one common task.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--points", nargs="+", type=positive, default=[1_000, 10_000, 100_000], metavar="N", help="sizes")
    made.add_argument("--rounds", type=positive, default=5, help="turns of each tool at each size (5)")
    made.add_argument("--only", nargs="+", choices=names, metavar="TOOL", help=f"these beside {BASELINE}: {names}")
    return made


def say(line: str) -> None:
    """Progress goes to the error stream, so that the table can be redirected."""
    print(line, file=sys.stderr, flush=True)


def installed(only: Sequence[str] | None) -> dict[Tool, Prepare]:
    """The wanted tools that are installed; each of them computes the task."""
    tools: dict[Tool, Prepare] = {}
    for tool in TOOLS:
        if only is not None and tool.name not in (BASELINE, "numpy", *only):
            continue
        if tool.version() is None:
            say(f"{tool.name}: {tool.package} is not installed; see benches/peers/README.md")
            continue
        prepare = tool.load()
        say(f"{tool.name}: meets the reference, largest gap {check(tool, prepare):.0e}")
        tools[tool] = prepare
    return tools


def turn(run: Run) -> Call:
    """One run; the garbage of earlier runs is collected before the clock starts."""
    gc.collect()
    return lambda: [run()]


def measure(tools: Mapping[Tool, Prepare], points: int, rounds: int) -> dict[str, Measurement]:
    """All tools at one size, in turns."""
    say(f"{points} points, {rounds} rounds")
    task = sample_task(points)
    runs = {tool: prepare(task) for tool, prepare in tools.items()}
    expected = next(run for tool, run in runs.items() if tool.name == "numpy")()
    gaps = {tool: relative_gap(run(), expected) for tool, run in runs.items()}
    for tool, gap in gaps.items():
        require(tool, gap)
    times = timed({tool.name: lambda run=run: turn(run) for tool, run in runs.items()}, rounds, time.process_time)
    cells = points * YEARS * len(VARIABLES)
    return {
        tool.name: Measurement(cells / times[tool.name].median, gap, times[tool.name].digest)
        for tool, gap in gaps.items()
    }


def table(tools: Mapping[Tool, Prepare], found: Mapping[int, Mapping[str, Measurement]]) -> str:
    """Rates by tool and size as a table in Markdown; the last columns tell of the largest size."""
    sizes = sorted(found)
    head = ["tool", "version", *(f"N={size:,}" for size in sizes), f"{BASELINE}/tool", "gap to numpy", "digest"]
    lines = [head, ["---", "---", *["---:"] * (len(sizes) + 2), "---"]]
    largest = found[sizes[-1]]
    for tool in tools:
        last = largest[tool.name]
        rates = [f"{found[size][tool.name].rate / 1e6:,.0f}" for size in sizes]
        ratio = f"{largest[BASELINE].rate / last.rate:.2g}"
        lines.append([tool.name, str(tool.version()), *rates, ratio, f"{last.gap:.0e}", last.digest[:12]])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, measure, print."""
    options = parser().parse_args(arguments)
    if not JIT_ENABLED:
        say("SIMENGINE_JIT=0 is set: the kernel would run as plain Python. Unset it.")
        return 2
    before = load()
    try:
        tools = installed(options.only)
        found = {points: measure(tools, points, options.rounds) for points in sorted(set(options.points))}
    except PeerError as error:
        say(str(error))
        return 1
    print(f"{machine()}, median of {options.rounds} rounds, load {before} at the start and {load()} at the end\n")
    print(table(tools, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
