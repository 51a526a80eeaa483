"""`simengine bench`: how fast the core is here, beside its goals and beside the same kernels compiled from C."""

from __future__ import annotations

import csv
import datetime
import platform
import shutil
from pathlib import Path
from typing import Annotated

import typer

HISTORY = Path(__file__).parent / "history.csv"
COLUMNS = ("date", "version", "kernels", "processor", "measure", "value", "unit", "digest")
TWIN = "numba over its C twin, as it is"
BOX = "numba over its C twin, full box"
SLOWER = 1.10
"""A kernel this much slower against its C twin than at the last record fails the benchmark."""


def processor() -> str:
    """Name of the processor, as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def last_ratio(path: Path = HISTORY) -> float | None:
    """Ratio against the C twin at the last record, if there is one."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["measure"] == TWIN]
    return float(rows[-1]["value"]) if rows else None


def bench(
    lanes: Annotated[int, typer.Option(help="Lanes of the batch that is timed.", min=1)] = 200,
    scenarios: Annotated[int, typer.Option(help="Lever scenarios that are opened and run.", min=1)] = 100,
    rounds: Annotated[int, typer.Option(help="Rounds of the short measurements.", min=1)] = 5,
    save: Annotated[bool, typer.Option("--save", help="Append the figures to benches/history.csv.")] = False,
) -> None:
    """Time the core at named sizes and beside its C twin, with digests.

    Sizes: one region, six, 31, a batch of lanes, a sweep of lever scenarios that are opened and run. Exit code 1 when
    the kernel is more than a tenth slower against its C twin than at the last record. Ten thousand lanes and a thousand
    scenarios: simengine bench --lanes 10000 --scenarios 1000 (minutes). The parts alone: python -m benches.twin,
    python -m benches.peers.
    """
    from benches.sizes import Measured, measure

    found = measure(lanes, rounds, scenarios)
    before = last_ratio()
    ratio = None
    if shutil.which("gcc") is None:
        typer.echo("gcc is not on the PATH: the comparison with C is left out.", err=True)
    else:
        from benches.twin.compare import compare

        report = compare(rounds, fast=False)
        for variant, name, goal in (("as_is", TWIN, "<= 1.5"), ("full_box", BOX, "<= 1.25")):
            part = report[variant]
            found.append(Measured(name, part["numba_over"]["gcc"], "x", goal, part["sha256_exact"]["numba"]))
        ratio = report["as_is"]["numba_over"]["gcc"]
    typer.echo("| measure | value | goal | digest |\n|---|---:|---|---|")
    for one in found:
        typer.echo(f"| {one.name} | {one.value:.3g} {one.unit} | {one.goal} | {one.digest[:12]} |")
    if save:
        _append(found)
    if ratio is not None and before is not None and ratio > SLOWER * before:
        typer.echo(
            f"The kernel takes {ratio:.2f} x the time of its C twin; at the last record {before:.2f} x.", err=True
        )
        raise typer.Exit(1)


def _append(found: list) -> None:  # type: ignore[type-arg]
    from simengine import __version__
    from simengine.kernels.jit import source_digest

    new = not HISTORY.exists()
    with HISTORY.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        head = (datetime.date.today().isoformat(), __version__, source_digest(), processor())
        for one in found:
            writer.writerow((*head, one.name, f"{one.value:.6g}", one.unit, one.digest[:16]))
