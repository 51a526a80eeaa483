"""Every listed series x operation on one region over ten years: what a lever moves, or why it is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import SimengineError, each_error
from simengine.engine.label import lane_variables
from simengine.engine.project import Lane, Openings, copy_state, run_lane
from simengine.registry.inputs import LEVER_ROWS, LEVER_SERIES, PATH_NAMES, SERIES
from simengine.registry.variables import SERIES_SHOWN
from simengine.scenario.levers import OPERATIONS
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan")
FIRST, LAST = 2027, 2036
"""First year of every lever, and last year of the runs."""

JUDGED = ("registered_unemployment_rate",)
"""Series that a plan has a target for as they are: their printed copy is the result."""

MOVED, REFUSED, IDLE = "moved", "refused", "idle"


@dataclass(frozen=True)
class Trial:
    """One series x operation in one region: what came of it, and the codes of a refusal."""

    region: str
    series: str
    operation: str
    outcome: str
    codes: tuple[str, ...] = ()


def pairs() -> list[tuple[str, str]]:
    """Every name that a lever file may write under `paths`, with every operation."""
    return [(name, operation) for name in (*SERIES, "adjustment_level") for operation in OPERATIONS]


@cache
def openings() -> Openings:
    """What all regions share: the law and the histories."""
    return Openings()


def shortened(region: str) -> Scenario:
    """The packaged baseline of a region to 2036."""
    scenario = load_scenario(f"{region}/baseline")
    years = (scenario.content.years[0], LAST)
    return dataclasses.replace(scenario, content=scenario.content.model_copy(update={"years": years}))


Numbers = list[dict[str, np.ndarray]]


def projected(lanes: Sequence[Lane]) -> Iterator[dict[str, np.ndarray]]:
    """All variables of each lane."""
    for lane in lanes:
        output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
        yield lane_variables(lane.inputs, output, 1)


@cache
def unlevered(region: str) -> tuple[list[Lane], Numbers]:
    """The lanes of a region without the lever, and their numbers."""
    lanes = openings().lanes(shortened(region))
    return lanes, list(projected(lanes))


def stated(series: str, operation: str, own: float, basis: Basis) -> float:
    """A value that a planner might try: ten per cent less, or a little of what is not there."""
    row = SERIES.get(series)
    if operation == "multiply":
        return 0.9 if row is None or row.kind != "whole" else 2.0
    if operation == "growth":
        return -0.01
    level = LEVER_ROWS[series].shared_by if series in LEVER_ROWS else ""
    least = {"share": 0.05, "rate": 0.01, "amount": 100.0, "index": 1.1, "age": 60.0}
    value = 0.9 * own if np.isfinite(own) and own != 0.0 else least.get(row.kind, 1.0) if row else 0.05
    if level and not (np.isfinite(own) and own != 0.0):
        value = 0.9 * basis.opening(level) if series == level else 0.01 * basis.opening(level)
        if row is not None and row.kind == "amount":
            value *= 100_000.0  # a sum of money for all of them: a thousand yuan a head
    if row is not None and row.kind in ("flag", "whole"):
        value = 1.0 - own if row.kind == "flag" else own + 1.0
    if series == "price_trigger":
        value = 0.01  # below the growth of prices, which it is there to be compared with
    if operation == "set":
        return value
    if row is not None and row.kind in ("flag", "whole"):
        return value - own
    return -0.1 * value if np.isfinite(own) and own != 0.0 else value


def tried(region: str, series: str, operation: str) -> Trial:
    """One lever on one region: the lanes it compiles are run and compared with those without it, to the last bit.

    A series' own printed copy is no result of it, unless the registry judges just that.
    """
    base, numbers = unlevered(region)
    scenario, basis = shortened(region), load_basis(shortened(region).basis)
    value = stated(series, operation, _own(series, base, basis), basis)
    change = {series: {operation: {FIRST: value}}}
    lever = {"name": {"en": "trial", "local": "试算"}, "reason": "A trial.", "paths": change}
    try:
        lanes = openings().lanes(with_levers(scenario, "trial", {"trial": lever}))
    except SimengineError as error:
        return Trial(region, series, operation, REFUSED, tuple(one.code for one in each_error(error)))
    copies = {name for name, shown in SERIES_SHOWN.items() if shown == series and series not in JUDGED}
    for plain, moved in zip(numbers, projected(lanes), strict=True):
        if any(not np.array_equal(plain[name], moved[name], equal_nan=True) for name in plain if name not in copies):
            return Trial(region, series, operation, MOVED)
    return Trial(region, series, operation, IDLE)


def dormant(region: str) -> dict[str, float]:
    """Series that are zero in some lane of a region from the first year of a lever on, with a value above zero."""
    lanes, basis = unlevered(region)[0], load_basis(shortened(region).basis)
    at = FIRST - int(lanes[0].inputs.years[0])
    names = [
        name
        for place, name in enumerate(PATH_NAMES)
        if name in LEVER_SERIES and any(not lane.inputs.paths[place, at:].any() for lane in lanes)
    ]
    return {name: stated(name, "set", _own(name, lanes, basis), basis) for name in names}


def _own(series: str, lanes: Sequence[Lane], basis: Basis) -> float:
    """Value of a series in the first year of the lever; of a city's shared figures the sum over its areas."""
    if series not in SERIES:
        return float("nan")
    if series not in PATH_NAMES:
        return float(basis.path(series, [FIRST])[0])
    at = FIRST - int(lanes[0].inputs.years[0])
    values = [float(lane.inputs.paths[PATH_NAMES.index(series), at]) for lane in lanes]
    shared = series in LEVER_ROWS and LEVER_ROWS[series].shared_by
    return sum(values) if shared else values[0]
