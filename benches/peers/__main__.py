"""Compare the engine's kernel style with other tools on one light task: ``python -m benches.peers``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numba

from benches.peers.measure import measure
from benches.peers.table import heading, markdown, record
from benches.peers.tools import BASELINE, TOOLS, PeerError, Prepare, Tool, check
from simengine.kernels.jit import JIT_ENABLED

EPILOG = """\
The task: N model points, 75 years, 8 variables (formulas: benches/peers/task.py). Every tool must first meet a plain
Python reference, then the tools run in turns in one process. A number of the table is million variable-cell-years per
CPU second, median of the rounds; the ratio is that of numba over that of the tool at the largest N the tool ran.

tools: {tools}

examples:
  python -m benches.peers                                      all installed tools; takes a few minutes
  python -m benches.peers --only numpy modelx --points 10000   two tools beside numba, one size, seconds
  python -m benches.peers --rounds 9 --json peers.json         more rounds, and every round in a file

A tool that is not installed is left out, with the line that installs it. How to make the environment, what the tools
do differently, and measured numbers: benches/peers/README.md.
"""


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [tool.name for tool in TOOLS]
    made = argparse.ArgumentParser(
        prog="python -m benches.peers",
        description="Times of tools for cash-flow projection on one common task.",
        epilog=EPILOG.format(tools=", ".join(names)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--points", nargs="+", type=positive, default=[1_000, 10_000, 100_000], metavar="N", help="sizes")
    made.add_argument("--rounds", type=positive, default=3, help="turns of each tool at each size (3)")
    made.add_argument("--only", nargs="+", choices=names, metavar="TOOL", help=f"these tools beside {BASELINE}")
    made.add_argument(
        "--limit",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="leave out a size that takes a tool longer (60)",
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="also write every round to this file")
    return made


def positive(text: str) -> int:
    """A whole number above zero."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number above zero")
    return value


def say(line: str) -> None:
    """Progress goes to the error stream, so that the table can be redirected."""
    print(line, file=sys.stderr, flush=True)


def loaded(only: Sequence[str] | None) -> dict[Tool, Prepare]:
    """The wanted tools that are installed and compute the task."""
    tools: dict[Tool, Prepare] = {}
    for tool in TOOLS:
        if only is not None and tool.name not in (BASELINE, *only):
            continue
        if tool.version() is None:
            say(f"{tool.name}: {tool.package} is not installed; python -m pip install {tool.install}")
            continue
        prepare = tool.load()
        say(f"{tool.name}: meets the reference, largest gap {check(tool, prepare):.0e}")
        tools[tool] = prepare
    return tools


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, measure, print."""
    options = parser().parse_args(arguments)
    if not JIT_ENABLED:
        say("SIMENGINE_JIT=0 is set: the kernel would run as plain Python. Unset it.")
        return 2
    if options.json is not None and not options.json.absolute().parent.is_dir():
        say(f"--json {options.json}: there is no folder {options.json.absolute().parent}. Create it first.")
        return 2
    numba.set_num_threads(1)  # lifeflow has a parallel kernel; every tool gets one thread
    try:
        found = measure(loaded(options.only), sorted(set(options.points)), options.rounds, options.limit, say)
    except PeerError as error:
        say(str(error))
        return 1
    print(heading(options.rounds), markdown(found), sep="\n\n")
    if options.json is not None:
        options.json.write_text(json.dumps(record(found, options.rounds), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
