"""Named sizes of the lane kernel and of batches: time, threads, memory, share outside the kernel, digests."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from benches.digests import exact_digest
from simengine.common.processors import processors
from simengine.engine.batch import Base, Batch, make_batch, run_batch, run_opened
from simengine.engine.project import Histories, Lane, copy_state, lane_bases, open_lane, open_lanes, run_lane
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
OUTPUTS = ("members_enterprise", "enterprise_pensioners", "pension_paid_enterprise", "fund_balance:enterprise_pension")
SIZES = {
    "one_region": 1,
    "six_regions": 6,
    "31_regions": 31,
    "1000_lanes": 1_000,
    "10000_lanes": 10_000,
    "1000_lever_scenarios": 1_000,
}
"""Lanes by size; each runs 75 years or to the horizon of its scenario. Lever scenarios are opened, too."""
GRID = 10
"""Settings of the retirement age, and of the other levers, in a sweep of a thousand."""


@dataclass(frozen=True)
class Measured:
    """One figure of a run, its goal, and what was computed."""

    name: str
    value: float
    unit: str
    goal: str
    digest: str = ""


@cache
def opened(region: str) -> Lane:
    """The first lane of a region's baseline, opened and aligned."""
    scenario = load_scenario(f"{region}/baseline")
    law = load_law()
    return open_lane(scenario, lane_bases(scenario)[0], law, Histories(law, lambda text: None))


def base_of(region: str) -> Base:
    """What the lanes of a region share."""
    lane = opened(region)
    return Base(lane.inputs, lane.opening)


def lanes_of(count: int, region: str = "jiangxi") -> Batch:
    """So many lanes of one region, each with wages of its own (a fixed spread of growth rates)."""
    base = base_of(region)
    years = base.inputs.years.size
    step = (np.arange(count) - 0.5 * (count - 1)) / max(1, count)
    growth = np.exp(0.01 * step[:, None] * np.arange(years)[None, :])
    series = {name: base.inputs.paths[at.PATH_NAMES.index(name)] * growth for name in ("average_wage", "benefit_base")}
    series["previous_wage"] = base.inputs.paths[at.PATH_PREVIOUS_WAGE] * np.roll(growth, 1, axis=1)
    return make_batch([base], OUTPUTS, np.zeros(count, dtype=np.int64), series)


def levers_of(count: int, region: str = "jiangxi") -> list[Scenario]:
    """So many scenarios of one region on a grid: pace of the retirement age, pensions in payment, coverage, a rate.

    A scenario has four levers. Ten settings of the retirement age stand outermost; inside them the other three take
    values that no two scenarios share.
    """
    base = load_scenario(f"{region}/baseline")
    name = {"en": "sweep", "local": "扫描"}

    def lever(**changes: object) -> dict[str, object]:
        return {"name": name, "reason": "Values on a grid, for a benchmark.", **changes}

    found = []
    for place in range(count):
        pace = 2 + GRID * place // count
        other = (place + 0.5) / count
        retirement = {
            "reform": "custom",
            "start": "2025-01",
            "step_months": {"men": 2 * pace, "women_55": 2 * pace, "women_50": pace},
            "cap_months": {"men": 36, "women_55": 36, "women_50": 60},
        }
        growth = {"enterprise_payers": {2027: 0.01 * (place % GRID) / GRID}, "flexible_payers": {2027: 0.005 * other}}
        levers = {
            "pace": lever(retirement=retirement),
            "rise": lever(indexation={"rate": {2028: 0.01 + 0.03 * (place * 7 % count) / count}}),
            "cover": lever(coverage_growth=growth),
            "rate": lever(changes={"pension/rate_employer": {"2028-01-01": 0.14 + 0.06 * other}}),
        }
        found.append(with_levers(base, f"sweep_{place}", levers))
    return found


def time_scenarios(count: int, threads: int) -> tuple[float, float, str]:
    """Wall seconds, processor seconds and digest of so many lever scenarios, stated, opened and run in one call."""
    wall, used = time.perf_counter(), time.process_time()
    results = run_opened(open_lanes(levers_of(count)), OUTPUTS, threads)
    return time.perf_counter() - wall, time.process_time() - used, exact_digest([results])


def time_opening(count: int) -> tuple[float, float]:
    """Processor seconds of opening a first lever scenario of a process and, on average, of a further one."""
    scenarios = levers_of(count + 1)
    marks = [time.process_time()]
    for _ in open_lanes(scenarios):
        marks.append(time.process_time())
    return marks[1] - marks[0], (marks[-1] - marks[1]) / count


def time_regions(regions: Sequence[str], rounds: int) -> tuple[float, str]:
    """Wall seconds of one lane of each region on all processors, best of the rounds, and the digest of the results."""
    from concurrent.futures import ThreadPoolExecutor

    lanes = [opened(region) for region in regions]

    def work(lane: Lane) -> np.ndarray:
        return run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size).stocks

    best, digests = np.inf, set()
    with ThreadPoolExecutor(max_workers=processors()) as pool:
        list(pool.map(work, lanes))
        for _ in range(rounds):
            start = time.perf_counter()
            done = list(pool.map(work, lanes))
            best = min(best, time.perf_counter() - start)
            digests.add(exact_digest(done))
    assert len(digests) == 1, "rounds of equal input differ"
    return best, digests.pop()


def time_batch(count: int, threads: int) -> tuple[float, float, str]:
    """Wall seconds, processor seconds and digest of a batch of so many lanes."""
    batch = lanes_of(count)
    wall, used = time.perf_counter(), time.process_time()
    results = run_batch(batch, threads=threads)
    return time.perf_counter() - wall, time.process_time() - used, exact_digest([results])


def peak_memory(count: int) -> float:
    """Growth of the peak of the process by a batch of so many lanes, beyond its series and results [MB]."""
    batch = lanes_of(count)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = run_batch(batch)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024.0
    return max(0.0, grown - results.nbytes) / 1e6


def outside_kernel(count: int) -> float:
    """Share of the processor time of a batch that is not the kernel [1], on one thread."""
    from simengine.engine import batch as batches

    inside = 0.0
    kernel = batches.project_lane

    def timed(*arguments: object) -> None:
        nonlocal inside
        start = time.thread_time()
        kernel(*arguments)
        inside += time.thread_time() - start

    batches.project_lane = timed
    try:
        start = time.process_time()
        run_batch(lanes_of(count), threads=1)
        whole = time.process_time() - start
    finally:
        batches.project_lane = kernel
    return 1.0 - inside / whole


def slope(counts: Sequence[int]) -> float:
    """Slope of log processor time over log lanes."""
    times = [time_batch(count, 1)[1] for count in counts]
    return float(np.polyfit(np.log(counts), np.log(times), 1)[0])


def time_years(years: int, rounds: int) -> float:
    """Processor seconds of the kernel over so many years of one region, best of the rounds."""
    lane = opened("jiangxi")
    best = np.inf
    for _ in range(rounds):
        state = copy_state(lane.opening)
        start = time.thread_time()
        run_lane(lane.inputs, state, 1, 1 + years)
        best = min(best, time.thread_time() - start)
    return best


def measure(lanes: int, rounds: int, scenarios: int) -> list[Measured]:
    """Every figure of this page; `lanes` of the batch that is timed, `scenarios` of the sweep over levers."""
    run_batch(lanes_of(2))
    memory = peak_memory(64)  # first of all: later steps raise the peak of the process themselves
    one, digest_one = time_regions(["jiangxi"], rounds)
    six, digest_six = time_regions(REGIONS, rounds)
    many = [REGIONS[1 + place % 4] for place in range(31)]
    thirty, digest_many = time_regions(many, max(1, rounds // 3))
    quarter = time_years(25, rounds) / time_years(75, rounds)
    single, _, digest_single = time_batch(64, 1)
    double, _, digest_double = time_batch(64, min(2, processors()))
    assert digest_single == digest_double, "the number of threads changes a digit"
    batch, _, digest_batch = time_batch(lanes, processors())
    _, further = time_opening(2 * GRID)
    sweep, _, digest_sweep = time_scenarios(scenarios, processors())
    return [
        Measured("one region, 75 years, warm", 1e3 * one, "ms", "<= 50", digest_one),
        Measured("six regions", six, "s", "<= 0.2", digest_six),
        Measured("31 regions", thirty, "s", "<= 1", digest_many),
        Measured(f"{lanes} lanes, 75 years, all processors", batch, "s", f"<= {120 * lanes / 10_000:g}", digest_batch),
        Measured(f"{scenarios} lever scenarios, opened and run", sweep, "s", f"<= {0.1 * scenarios:g}", digest_sweep),
        Measured(
            f"opening a further lever scenario, {2 * GRID} of {GRID} retirement ages", 1e3 * further, "ms", "<= 60"
        ),
        Measured("speed-up of two threads", single / double, "x", ">= 1.8", digest_single),
        Measured("time of 25 years over 75", quarter, "x", "0.33 and a start"),
        Measured("memory beyond results, 64 lanes", memory, "MB", "<= 1000"),
        Measured("share outside the kernel, 64 lanes", 100.0 * outside_kernel(64), "%", "<= 10"),
        Measured("slope of time over lanes (16 to 128)", slope((16, 32, 64, 128)), "", "0.95 to 1.05"),
    ]
