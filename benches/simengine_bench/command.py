"""`simengine bench`: how fast the engine is here, beside its goals and beside the same kernels compiled from C."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simengine.common.progress import Progress
    from simengine_bench.sizes import Measured

TWIN = "benches.twin.compare"
"""Module of the repository that compares the kernels with C; it is not part of what is installed."""

RATIO = "numba over its C twin, as it is"
SLOWER = 1.10
"""A kernel this much slower against its C twin than at the last record fails the benchmark."""


def has_twin() -> bool:
    """Whether the comparison with C lies beside this package, as it does in a checkout.

    Another checkout on the path does not count: its kernels are not those that are timed here.
    """
    try:
        found = importlib.util.find_spec(TWIN)
    except ModuleNotFoundError:
        return False
    own = Path(__file__).resolve().parents[1]
    return found is not None and found.origin is not None and Path(found.origin).resolve().parents[1] == own


def twin_figures(rounds: int, progress: Progress) -> list[Measured]:
    """The time of the lane over that of its C twin; no figure, and a line that says why, where there is no twin."""
    if not has_twin():
        typer.echo("The comparison with C is left out: only a checkout of the repository has it.", err=True)
        return []
    if shutil.which("gcc") is None:
        typer.echo("The comparison with C is left out: gcc is not on the PATH.", err=True)
        return []
    from simengine_bench.sizes import Measured

    progress("the same kernels in C: translating, compiling, running")
    report = importlib.import_module(TWIN).compare(rounds, fast=False)
    return [Measured(RATIO, report.numba_over["gcc"], "x", "<= 1.5", report.digest["numba"])]


def table(found: Sequence[Measured]) -> str:
    """The figures as a table in Markdown, with the first twelve characters of each digest."""
    rows = [
        f"| {one.name} | {f'{one.value:.3g} {one.unit}'.rstrip()} | {one.goal} | {one.digest[:12]} |" for one in found
    ]
    return "\n".join(["| measure | value | goal | digest |", "|---|---:|---|---|", *rows])


def bench(
    lanes: Annotated[int, typer.Option(help="Lanes of the batch.", min=4)] = 200,
    scenarios: Annotated[int, typer.Option(help="Lever scenarios of the sweep.", min=1)] = 100,
    rounds: Annotated[int, typer.Option(help="Rounds of every time; the median counts.", min=1)] = 5,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append the figures to this CSV file; a new one is created.")
    ] = None,
) -> None:
    """Time the engine, each figure beside its goal, with a digest of the result.

    Sizes of what is timed:
    - one region over 75 years; six regions; 31 lanes, one for each province;
    - a batch of --lanes lanes (a lane is one region in one scenario with one
    set of assumptions);
    - a sweep of --scenarios scenarios, each with four levers, opened and run;
    - one scenario as a user runs it, and the command itself with its ranges
    over the closures; a table of 100,000 persons;
    - a table of every quantity, a comparison, and a sweep of --scenarios
    combinations with verdicts beside its bare lanes;
    - all stresses on six regions (on --scenarios of them, if fewer), and the
    smallest shock of one stress.

    With the defaults this takes three to four minutes. Ten thousand lanes and a
    thousand scenarios: --lanes 10000 --scenarios 1000 --rounds 1.

    Times are wall times, so name the load beside them (the first line does).
    Times of opening, of one scenario and of the command are processor times. What enters a
    ratio runs in turns. Two equal digests mean equal bits.

    A checkout of the repository also times the kernel against itself compiled
    from C. The exit code is 1 when that ratio is more than a tenth above the
    last record of the same processor.
    """
    from simengine.common.progress import reporting
    from simengine_bench.history import append, last_value, load, machine, refusal
    from simengine_bench.monitor import monitor_figures
    from simengine_bench.quantities import quantity_figures
    from simengine_bench.sizes import measure
    from simengine_bench.stresses import REGIONS, stress_figures

    if save is not None and (why := refusal(save)) is not None:
        raise typer.BadParameter(why, param_hint="--save")
    before = load()
    with reporting() as progress:
        found = measure(lanes, scenarios, rounds, progress)
        found += quantity_figures(scenarios, rounds, progress)
        found += monitor_figures(rounds, progress)
        found += stress_figures(REGIONS[:scenarios], rounds, progress)
        found += twin_figures(rounds, progress)
    typer.echo(f"{machine()}, median of {rounds} rounds, load {before} at the start and {load()} at the end\n")
    typer.echo(table(found))
    if save is not None:
        append(save, found)
    ratio = next((one.value for one in found if one.name == RATIO), None)
    recorded = last_value(RATIO)
    if ratio is not None and recorded is not None and ratio > SLOWER * recorded:
        told = f"The kernel takes {ratio:.2f} times as long as its C twin; at the last record {recorded:.2f} times."
        typer.echo(told, err=True)
        raise typer.Exit(1)
