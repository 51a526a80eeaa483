"""What was measured, as a Markdown table and as JSON."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.peers.measure import Measurement
from benches.peers.task import VARIABLES, YEARS
from benches.peers.tools import BASELINE

MEGA = 1e6


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def heading(rounds: int) -> str:
    """One line that says where and how the numbers were taken."""
    return (
        f"{datetime.date.today()}, {processor()}, Python {platform.python_version()}, one thread, "
        f"median of {rounds} rounds, CPU time. {YEARS} years, {len(VARIABLES)} variables."
    )


def markdown(found: Sequence[Measurement]) -> str:
    """Million variable-cell-years per CPU second by size; the other columns tell of the largest size a tool ran."""
    sizes = sorted({each.points for each in found})
    by_tool: dict[str, dict[int, Measurement]] = {}
    for each in found:
        by_tool.setdefault(each.tool.name, {})[each.points] = each
    head = ["tool", "version", *(f"N={size:,}" for size in sizes)]
    head += [f"{BASELINE}/tool", "peak memory, MB", "gap to numpy", "digest"]
    lines = [head, ["---"] * 2 + ["---:"] * (len(head) - 3) + ["---"]]
    for name, rows in by_tool.items():
        last = rows[max(rows)]
        ratio = by_tool[BASELINE][last.points].rate / last.rate
        peak = "-" if last.peak_bytes is None else number(last.peak_bytes / MEGA)
        cells = [name, last.tool.version() or "-"]
        cells += [number(rows[size].rate / MEGA) if size in rows else "-" for size in sizes]
        lines.append([*cells, number(ratio), peak, f"{last.gap:.0e}", last.sha256_exact[:8]])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    """Two digits below ten, whole numbers with separators from there on."""
    return f"{value:.2g}" if value < 10.0 else f"{value:,.0f}"


def record(found: Sequence[Measurement], rounds: int) -> dict[str, Any]:
    """Everything that was measured, with every round."""
    return {
        "date": str(datetime.date.today()),
        "processor": processor(),
        "python": platform.python_version(),
        "rounds": rounds,
        "years": YEARS,
        "variables": list(VARIABLES),
        "measurements": [
            {
                "tool": each.tool.name,
                "package": each.tool.package,
                "version": each.tool.version(),
                "points": each.points,
                "cpu_seconds": each.seconds,
                "cells_per_cpu_second": each.rate,
                "relative_gap": each.gap,
                "tolerance": each.tool.tolerance,
                "peak_bytes": each.peak_bytes,
                "sha256_exact": each.sha256_exact,
            }
            for each in found
        ],
    }
