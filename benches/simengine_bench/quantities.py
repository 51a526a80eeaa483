"""Speed of tables, comparisons, sweeps and sensitivities, each with a digest of its numbers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

import numpy as np

from simengine.common.progress import Progress
from simengine.decide.compare import compare
from simengine.decide.design import Design, designed
from simengine.decide.sensitivity import sensitivity
from simengine.decide.solve import solve
from simengine.decide.sweep import INDICATORS, sweep
from simengine.engine.batch import run_opened
from simengine.engine.project import open_lanes
from simengine.engine.what_if import what_if
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.quantities.table import tabulate
from simengine.judge.run import JudgedRun, judge_scenarios
from simengine_bench.lanes import OUTPUTS
from simengine_bench.sizes import Call, Measured, Prepare, timed

BASE, OTHER = "jiangxi/baseline", "jiangxi/as_planned"


def design_of(count: int) -> Design:
    """Combinations on three levers: growth of wages, a share and a rate in law; so many points of a Halton sequence."""
    values = ["layoff_share=0.3..0.8", "pension/rate_employer=2028-01-01:15%..18%"]
    return designed(growth=["average_wage=1%..4%"], set=values, design="halton", points=max(2, count))


def bare(count: int) -> Iterable[np.ndarray]:
    """The scenarios of the design stated, opened and run, and nothing else."""
    stated = (one.stated for one in design_of(count).combinations)
    made = [what_if(BASE, levers=one["lever"], set=one["set"], growth=one["growth"]) for one in stated]
    return [run_opened(open_lanes(made), OUTPUTS)]


def swept(count: int) -> Iterable[np.ndarray]:
    """The same design with figures, checks and a verdict on every row of the plan."""
    found = sweep(BASE, design=design_of(count), indicators=INDICATORS)
    return [found.rows["value"].to_numpy(), found.verdicts["projected"].to_numpy(dtype=float)]


def solved() -> Iterable[np.ndarray]:
    """One lever and one condition on a fund: mesh, root, grid, cost, and the range over the closures."""
    found = solve("china/baseline", lever="pension/rate_employer=16%..30%", goal="reserve_months=9@2050")
    columns = ["value", "exact", "reached", "low_value", "high_value", "cost"]
    return [found.answers[columns].to_numpy(dtype=float)]


def prepared_table(run: JudgedRun) -> Call:
    """Every quantity of one region and every year, by sex and single age."""
    names = [name for name in quantities() if name not in INDICATOR_YEARS]
    return lambda: [tabulate(run[BASE], names, sexes="all", ages="all").rows["value"].to_numpy()]


def prepared_comparison(run: JudgedRun) -> Call:
    """Two judged scenarios beside each other."""

    def call() -> list[np.ndarray]:
        found = compare([run[BASE], run[OTHER]])
        return [found.rows["difference"].to_numpy(), found.balances["difference"].to_numpy()]

    return call


def analysed() -> list[np.ndarray]:
    """The tornado of the nation's actuarial balance over every driver and lever of the file of sizes."""
    found = sensitivity("china/baseline", "actuarial_balance_75", schemes="enterprise_pension")
    return [found.rows[name].to_numpy(dtype=float) for name in ("base", "low", "high")]


def quantity_figures(combinations: int, rounds: int, progress: Progress) -> list[Measured]:
    """A table of everything, a comparison, a sweep beside its bare lanes, in processor time; a solve by the clock."""
    progress("tables and comparisons of two scenarios")
    run = judge_scenarios([BASE, OTHER])
    works: dict[str, Prepare] = {
        "table": partial(prepared_table, run),
        "comparison": partial(prepared_comparison, run),
    }
    found = timed(works, rounds, time.process_time)
    progress(f"sweep of {combinations} combinations, and its bare lanes")
    lanes: dict[str, Prepare] = {
        "bare": lambda: partial(bare, combinations),
        "sweep": lambda: partial(swept, combinations),
    }
    found |= timed(lanes, rounds, time.process_time)
    progress("a solve on one lever, with its range")
    one_lever = timed({"": lambda: solved}, rounds)[""]
    progress("tornado over drivers and levers")
    found |= timed({"sensitivity": lambda: analysed}, rounds, time.process_time)
    ratio = found["sweep"].median / found["bare"].median
    name = f"sweep of {combinations} combinations with verdicts"
    return [
        Measured("table of every quantity, by sex and age", found["table"].median, "s", "", found["table"].digest),
        Measured("comparison of two scenarios", found["comparison"].median, "s", "", found["comparison"].digest),
        Measured("tornado over drivers and levers", found["sensitivity"].median, "s", "", found["sensitivity"].digest),
        Measured(name, found["sweep"].median, "s", "", found["sweep"].digest),
        Measured("one lever solved, with its range over the closures", one_lever.median, "s", "<= 3", one_lever.digest),
        Measured(f"{name}, over its bare lanes", ratio, "x", "<= 1.3", found["sweep"].digest),
    ]
