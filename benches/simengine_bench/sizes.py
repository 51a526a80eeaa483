"""What ``simengine bench`` measures: lanes and batches at named sizes, each with a digest of what was computed."""

from __future__ import annotations

import gc
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from simengine.common.processors import processors
from simengine.common.progress import Progress
from simengine.engine.batch import run_batch, run_opened
from simengine.engine.project import Lane, copy_state, open_lanes, project, run_lane
from simengine.kernels.lane import project_lane
from simengine.scenario.scenario import load_scenario
from simengine_bench.digests import dataset_arrays, exact_digest
from simengine_bench.lanes import GRID, OUTPUTS, REGIONS, lanes_of, levers_of, opened

PROVINCES = [REGIONS[1 + place % 4] for place in range(31)]
"""As many lanes as the country has provinces: four regions in turn."""

PERSONS = 100_000
RANGED = "jiangxi/baseline"
"""Scenario whose run is timed with its ranges over the closures."""
SMALL = 64
"""Lanes of the measurements of threads, memory and overhead; fewer when the batch is smaller."""

Call = Callable[[], Iterable[np.ndarray]]
Prepare = Callable[[], Call]
"""Makes the call that is timed. Its own work is not timed. What the call returns goes into the digest."""


@dataclass(frozen=True)
class Measured:
    """One figure of a run, its goal (a text; empty where there is none), and the digest of what was computed."""

    name: str
    value: float
    unit: str
    goal: str
    digest: str


@dataclass(frozen=True)
class Timed:
    """Seconds of every round, and the digest that all rounds share."""

    seconds: list[float]
    digest: str

    @property
    def median(self) -> float:
        """Median of the rounds [seconds]."""
        return statistics.median(self.seconds)


def timed(
    works: Mapping[str, Prepare], rounds: int, clock: Callable[[], float] = time.perf_counter, warm_up: bool = True
) -> dict[str, Timed]:
    """Time several works in turns: within a round each of them runs once, so that their ratios bear a busy machine.

    Parameters
    ----------
    works : what is timed, by name
    rounds : rounds that count
    clock : gives seconds; wall time by default
    warm_up : begin with a round that does not count

    Raises
    ------
    RuntimeError : two rounds of one work compute different bits
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    digests: dict[str, str] = {}
    for place in range(rounds + warm_up):
        for name, prepare in works.items():
            call = prepare()
            start = clock()
            computed = call()
            taken = clock() - start
            digest = exact_digest(computed)
            if digests.setdefault(name, digest) != digest:
                raise RuntimeError(f"{name}: two rounds of equal input differ. The speed of such a run says nothing.")
            if place >= warm_up:
                seconds[name].append(taken)
    return {name: Timed(times, digests[name]) for name, times in seconds.items()}


# --- what is timed ----------------------------------------------------------------------------------------------------


def prepared_lanes(lanes: Sequence[Lane], years: int | None = None) -> Call:
    """The compiled lanes side by side on all processors, each from a copy of its opening; all years, or the first."""
    states = [copy_state(lane.opening) for lane in lanes]

    def one(lane: Lane, place: int) -> np.ndarray:
        last = lane.inputs.years.size if years is None else 1 + years
        return np.asarray(run_lane(lane.inputs, states[place], 1, last).stocks)

    def call() -> list[np.ndarray]:
        with ThreadPoolExecutor(max_workers=min(len(lanes), processors())) as pool:
            return list(pool.map(one, lanes, range(len(lanes))))

    return call


def prepared_batch(count: int, threads: int) -> Call:
    """A batch of lanes; its series are made before."""
    batch = lanes_of(count)
    return lambda: [run_batch(batch, threads=threads)]


def run_sweep(count: int) -> list[np.ndarray]:
    """State, open and run lever scenarios in one call on all processors."""
    return [run_opened(open_lanes(levers_of(count)), OUTPUTS, processors())]


def prepared_openings(count: int) -> Call:
    """Open lever scenarios of a region, of which one is open already."""
    lanes = open_lanes(levers_of(count + 1))
    next(lanes)
    return lambda: [lane.inputs.paths for lane in lanes]


def prepared_table(path: Path) -> Call:
    """A table of persons, from its file to the awards."""
    from simengine.cases.table import award_table

    def call() -> list[np.ndarray]:
        frame = award_table(path).frame
        return [frame[name].to_numpy() for name in frame.select_dtypes("number").columns]

    return call


def prepared_book(path: Path, out: Path) -> Call:
    """A workbook of persons, from its file to the written file of their awards."""
    from simengine.cases.table import award_table
    from simengine.cli.case_files import write_frames

    def call() -> list[np.ndarray]:
        done = award_table(path)
        write_frames({out: done.written("en")})
        return [done.frame[name].to_numpy() for name in done.frame.select_dtypes("number").columns]

    return call


def prepared_command(folder: Path) -> Call:
    """``simengine run jiangxi/baseline`` in a process of its own, from its start to the files on the disk."""

    def call() -> list[np.ndarray]:
        import pandas as pd

        command = [sys.executable, "-m", "simengine", "run", RANGED, "--out", str(folder), "--lang", "en"]
        subprocess.run(command, check=True, capture_output=True)
        ranges = pd.read_csv(folder / RANGED / "ranges.csv", encoding="utf-8-sig")
        return [ranges[name].to_numpy() for name in ("baseline", "low", "high")]

    return call


def children_time() -> float:
    """Processor time of the processes this one has started and seen end [seconds]; zero on systems that do not tell."""
    times = os.times()
    return times.children_user + times.children_system


# --- figures ----------------------------------------------------------------------------------------------------------


def memory_of(count: int) -> list[Measured]:
    """How far a batch raises the peak of the process beyond its series and its results.

    Call it first of all: later measurements raise the peak themselves. No figure on systems that do not tell the peak.
    """
    if sys.platform == "win32":
        return []
    import resource

    batch = lanes_of(count)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = run_batch(batch)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    grown *= 1 if sys.platform == "darwin" else 1024  # macOS tells bytes, the others tell units of 1024 bytes
    beyond = max(0, grown - results.nbytes)
    name = f"memory beyond results, {count} lanes"
    return [Measured(name, beyond / 1e6, "MB", "<= 1000", exact_digest([results]))]


def lane_figures(rounds: int, progress: Progress) -> list[Measured]:
    """Single lanes: one region, six and 31 of them on all processors, few years beside many."""
    progress("opening six regions")
    one, six, many = ([opened(name) for name in names] for names in (["jiangxi"], REGIONS, PROVINCES))
    progress("lanes of one region, of six and of 31")
    works: dict[str, Prepare] = {
        "one": partial(prepared_lanes, one),
        "six": partial(prepared_lanes, six),
        "many": partial(prepared_lanes, many),
        "quarter": partial(prepared_lanes, one, 25),
    }
    found = timed(works, rounds)
    ratio = found["quarter"].median / found["one"].median
    return [
        Measured("one region, 75 years, warm", 1e3 * found["one"].median, "ms", "<= 50", found["one"].digest),
        Measured("six regions", found["six"].median, "s", "<= 0.2", found["six"].digest),
        Measured("31 regions", found["many"].median, "s", "<= 1", found["many"].digest),
        Measured("time of 25 years over 75", ratio, "x", "0.33 and a start", found["quarter"].digest),
    ]


def batch_figures(lanes: int, rounds: int, progress: Progress) -> list[Measured]:
    """Batches: the one asked for on all processors, and threads, overhead and growth on a small one."""
    progress(f"batch of {lanes} lanes")
    whole = timed({"": lambda: prepared_batch(lanes, processors())}, rounds, warm_up=False)[""]
    small = min(SMALL, lanes)
    progress(f"threads, {small} lanes")
    works: dict[str, Prepare] = {
        f"{count} threads": partial(prepared_batch, small, count) for count in (1, min(2, processors()))
    }
    threads = list(timed(works, rounds).values())
    if threads[0].digest != threads[-1].digest:
        raise RuntimeError("The number of threads changes a digit of a batch.")
    progress(f"overhead and growth of a batch, up to {2 * small} lanes")
    goal = f"<= {120 * lanes / 10_000:g}"
    name = f"{lanes} lanes, {opened().inputs.years.size - 1} years, all processors"
    return [
        Measured(name, whole.median, "s", goal, whole.digest),
        Measured("speed-up of two threads", threads[0].median / threads[-1].median, "x", ">= 1.8", threads[0].digest),
        outside_kernel(small),
        slope([max(1, small // 4), max(2, small // 2), small, 2 * small]),
    ]


def outside_kernel(count: int) -> Measured:
    """The share of the processor time of a batch, run on one thread, that is not spent in the kernel."""
    inside = 0.0

    def watched(*arguments: object) -> None:
        nonlocal inside
        start = time.thread_time()
        project_lane(*arguments)
        inside += time.thread_time() - start

    with patch("simengine.engine.batch.project_lane", watched):
        call = prepared_batch(count, 1)
        start = time.process_time()
        results = call()
        whole = time.process_time() - start
    name = f"share outside the kernel, {count} lanes"
    return Measured(name, 100.0 * (1.0 - inside / whole), "%", "<= 10", exact_digest(results))


def slope(counts: Sequence[int]) -> Measured:
    """The slope of the logarithm of the processor time over that of the number of lanes, on one thread."""
    found = [
        timed({"": partial(prepared_batch, count, 1)}, 1, time.process_time, warm_up=False)[""] for count in counts
    ]
    value = float(np.polyfit(np.log(counts), np.log([one.median for one in found]), 1)[0])
    name = f"slope of time over lanes ({counts[0]} to {counts[-1]})"
    return Measured(name, value, "", "0.95 to 1.05", found[-1].digest)


def scenario_figures(scenarios: int, rounds: int, progress: Progress) -> list[Measured]:
    """Scenarios: a further one opened, a sweep opened and run, and one run with reading and labels."""
    count = 2 * GRID
    progress(f"opening {count} lever scenarios")
    opening = timed({"": lambda: prepared_openings(count)}, rounds, time.process_time)[""]
    progress(f"sweep of {scenarios} lever scenarios")
    sweep = timed({"": lambda: partial(run_sweep, scenarios)}, rounds, warm_up=False)[""]
    progress("whole runs of one scenario")
    whole = timed(
        {"": lambda: lambda: dataset_arrays(project(load_scenario("jiangxi/baseline")).dataset)},
        rounds,
        time.process_time,
    )[""]
    further = f"opening a further lever scenario, {count} of {GRID} retirement ages"
    goal = f"<= {0.1 * scenarios:g}"
    return [
        Measured(f"{scenarios} lever scenarios, opened and run", sweep.median, "s", goal, sweep.digest),
        Measured(further, 1e3 * opening.median / count, "ms", "<= 60", opening.digest),
        Measured("one scenario, read, opened, run and labelled", whole.median, "s", "", whole.digest),
    ]


def command_figures(rounds: int, progress: Progress) -> list[Measured]:
    """One run as a user starts it, with its ranges over the closures; the first round keeps those of the nation."""
    progress("the command run, with its ranges")
    with tempfile.TemporaryDirectory() as name:
        whole = timed({"": lambda: prepared_command(Path(name))}, rounds, children_time)[""]
    return [Measured(f"run {RANGED} with ranges, processor time", whole.median, "s", "<= 4", whole.digest)]


def table_figures(rounds: int, progress: Progress) -> list[Measured]:
    """A table of persons for ``simengine case``: a CSV and, where workbooks can be read and made, a workbook."""
    from simengine_bench.persons import write_persons

    progress(f"awards of {PERSONS} persons")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_persons(folder / "persons.csv", PERSONS)
        works: dict[str, Prepare] = {"from their file to their awards": lambda: prepared_table(folder / "persons.csv")}
        if all(importlib.util.find_spec(package) for package in ("python_calamine", "xlsxwriter")):
            book = folder / "persons.xlsx"
            write_persons(book, PERSONS)
            works |= {
                "from a workbook to a CSV": lambda: prepared_book(book, folder / "awards.csv"),
                "from a workbook to a workbook": lambda: prepared_book(book, folder / "awards.xlsx"),
            }
        found = timed(works, rounds)
    return [
        Measured(f"{PERSONS} persons, {what}", one.median, "s", "<= 6" if "workbook" in what else "", one.digest)
        for what, one in found.items()
    ]


def measure(lanes: int, scenarios: int, rounds: int, progress: Progress) -> list[Measured]:
    """Every figure of the command.

    Parameters
    ----------
    lanes : lanes of the batch, at least 4
    scenarios : scenarios of the sweep over levers
    rounds : rounds of every time; the median counts
    progress : told of every stage
    """
    progress("compiled kernels, opening one region")
    run_batch(lanes_of(2))
    return [
        *memory_of(min(SMALL, lanes)),
        *lane_figures(rounds, progress),
        *batch_figures(lanes, rounds, progress),
        *scenario_figures(scenarios, rounds, progress),
        *command_figures(rounds, progress),
        *table_figures(rounds, progress),
    ]
