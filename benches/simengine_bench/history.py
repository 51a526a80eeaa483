"""Records of earlier benchmarks, and the machine a benchmark runs on.

The records of the releases are kept in ``history.csv`` beside this file and are never written by the command; a run
appends its figures to a file that the user names.
"""

from __future__ import annotations

import csv
import datetime
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from simengine import __version__
from simengine.common.processors import processors
from simengine.kernels.jit import source_digest
from simengine_bench.sizes import Measured

RECORDS = Path(__file__).with_name("history.csv")
COLUMNS = ("date", "version", "kernels", "processor", "measure", "value", "unit", "digest")


def processor() -> str:
    """The name of the processor, as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load() -> str:
    """How many processes wanted a processor on average over the last minute; "unknown" where no system call tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def machine() -> str:
    """Date, processor and Python of a run, in one line."""
    today = datetime.date.today().isoformat()
    return f"{today}, {processor()}, {processors()} processors, Python {platform.python_version()}"


def last_value(measure: str, path: Path = RECORDS) -> float | None:
    """The latest recorded value of a measure on a processor of this name, in its unit; None without one."""
    here = processor()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["measure"], row["processor"]) == (measure, here)]
    return float(rows[-1]["value"]) if rows else None


def refusal(path: Path) -> str | None:
    """Why figures cannot be appended to a file, in one sentence; None when they can."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}: create it first"
    if not path.exists():
        return None
    if not path.is_file():
        return f"{path} is not a file"
    with path.open(encoding="utf-8", newline="") as file:
        head = next(csv.reader(file), [])
    return None if tuple(head) == COLUMNS else f"the first line of {path} is not {','.join(COLUMNS)}"


def append(path: Path, found: Sequence[Measured]) -> None:
    """Append the figures of a run to a CSV file; a new file begins with the names of the columns."""
    new = not path.exists()
    head = (datetime.date.today().isoformat(), __version__, source_digest(), processor())
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        for one in found:
            writer.writerow((*head, one.name, f"{one.value:.6g}", one.unit, one.digest[:16]))
