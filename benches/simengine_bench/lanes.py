"""What the benchmarks run: lanes of packaged scenarios, a batch of lanes, a sweep over levers."""

from __future__ import annotations

from functools import cache

import numpy as np

from simengine.engine.batch import Base, Batch, make_batch
from simengine.engine.project import Lane, open_lanes
from simengine.kernels import layout as at
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
OUTPUTS = ("members_enterprise", "enterprise_pensioners", "pension_paid_enterprise", "fund_balance:enterprise_pension")
"""What a batch keeps of each lane."""

GRID = 10
"""How many settings of the retirement age a sweep has, and how many of each other lever."""


@cache
def opened(region: str = "jiangxi") -> Lane:
    """The lane of a region's baseline, opened and aligned."""
    return next(open_lanes([load_scenario(f"{region}/baseline")]))


def lanes_of(count: int, region: str = "jiangxi") -> Batch:
    """A batch of lanes of one region, each with wages of its own.

    The growth rates of wages differ by lane, evenly from half a percentage point below the region's to half a point
    above. The series of the batch are [lane, year].
    """
    inputs = opened(region).inputs
    step = (np.arange(count) - 0.5 * (count - 1)) / count
    growth = np.exp(0.01 * step[:, None] * np.arange(inputs.years.size)[None, :])
    series = {name: inputs.paths[at.PATH_NAMES.index(name)] * growth for name in ("average_wage", "benefit_base")}
    series["previous_wage"] = inputs.paths[at.PATH_PREVIOUS_WAGE] * np.roll(growth, 1, axis=1)
    return make_batch([Base(inputs, opened(region).opening)], OUTPUTS, np.zeros(count, dtype=np.int64), series)


def levers_of(count: int, region: str = "jiangxi") -> list[Scenario]:
    """Scenarios of one region on a grid of four levers: retirement age, pensions in payment, coverage, a rate.

    A scenario has all four levers. The retirement age has ten settings, one after the other; within a setting the
    other three levers take values that no two scenarios share.
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
