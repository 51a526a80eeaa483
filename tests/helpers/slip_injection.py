"""Slips of unit put into sound levers on real regions, by class: how many are told, and how many sound levers are.

A sound lever states a value within half of what the region has anyway. The slip is put on top of it. Nothing here knows
the limits of the finder; a draw whose sound lever is refused for another reason (it acts nowhere in that region) is
drawn again. Lanes are compiled, none is run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from simengine.basis.basis import load_basis
from simengine.common.errors import SimengineError, each_error
from simengine.engine.compile import compile_scenario, known_law
from simengine.engine.compile.book import PathBook
from simengine.engine.compile.paths import fill_paths
from simengine.engine.project import lane_bases
from simengine.law import load_law
from simengine.registry.inputs import CONSTANTS, FIXED, LEVER_KEYS, LEVER_ROWS, SERIES
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
TEXTS = {"name": {"en": "Try", "local": "试"}, "reason": "a test of slips"}
YEAR, WAN, PERCENT = 12.0, 1e4, 100.0

Draw = tuple[str, dict[str, Any], dict[str, Any]]
"""Class of a slip, the sound lever, and the lever with the slip."""


@cache
def scenario_of(region: str) -> Scenario:
    return load_scenario(f"{region}/baseline")


@cache
def books_of(region: str) -> list[PathBook]:
    """Series of each lane: of a city's areas."""
    scenario = scenario_of(region)
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    return [fill_paths(basis, known_law(scenario, load_law()), years, scenario) for basis in lane_bases(scenario)]


def errors_of(region: str, content: dict[str, Any]) -> list[SimengineError]:
    """What reading and compiling a lever on a region refuses."""
    scenario = scenario_of(region)
    try:
        changed = with_levers(scenario, f"{region}/try", {"try": {**TEXTS, **content}})
        compile_scenario(changed, lane_bases(changed), load_law())
    except SimengineError as error:
        return each_error(error)
    return []


def of_slip(error: SimengineError) -> bool:
    return error.code.startswith(("slip_", "campaign_"))


# --- sound values -----------------------------------------------------------------------------------------------------


def own(region: str, name: str, year: int) -> float:
    """Value of a series in a year, or the last known one before it; what areas share is that of the city."""
    shared = name in LEVER_ROWS and bool(LEVER_ROWS[name].shared_by)
    total = 0.0
    for book in books_of(region) if shared else books_of(region)[:1]:
        known = book.values[name] if name in book.values else book.economy.read(name)
        known = known[: year - int(book.years[0]) + 1]
        known = known[np.isfinite(known)]
        total += float(known[-1]) if known.size else 0.0
    return total


def near(rng: np.random.Generator, value: float) -> float:
    return float(f"{value * rng.uniform(0.5, 1.5):.6g}")


def changed(content: dict[str, Any], factor: float, *keys: Any) -> dict[str, Any]:
    """A lever with one of its numbers multiplied."""
    if len(keys) == 0:
        raise ValueError("no number is named")
    copy = {key: dict(item) if isinstance(item, dict) else item for key, item in content.items()}
    if len(keys) == 1:
        copy[keys[0]] = float(f"{content[keys[0]] * factor:.6g}")
    else:
        copy[keys[0]] = changed(content[keys[0]], factor, *keys[1:])
    return copy


SCALES: dict[str, tuple[float, ...]] = {
    "yuan/month": (YEAR, 1.0 / WAN),
    "yuan/year": (1.0 / YEAR, 1.0 / WAN),
    "yuan": (1.0 / WAN, WAN),
    "month": (YEAR, 1.0 / YEAR),
    "year": (YEAR,),
    "multiple": (YEAR,),
    "person": (1.0 / WAN, WAN),
}
SHARES = (PERCENT, 1.0 / PERCENT)


def named(factor: float) -> str:
    return f"x {factor:g}" if factor >= 1.0 else f"/ {1.0 / factor:g}"


def draw_series(rng: np.random.Generator, region: str, operation: str = "set") -> Draw | None:
    year = int(rng.integers(2026, 2051))
    takes = [name for name in SERIES if name not in LEVER_ROWS or LEVER_ROWS[name].takes(operation)]
    name = str(rng.choice(takes))
    row, value = SERIES[name], own(region, str(name), year)
    if row.kind in ("flag", "whole", "signed", "age") or value <= 0.0:
        return None
    factors = SCALES.get(row.unit, SHARES if row.kind in ("share", "rate") else (PERCENT,))
    factor = float(rng.choice(factors))
    sound = {"paths": {name: {operation: {year: near(rng, value)}}}}
    return f"series {row.kind}, {named(factor)}", sound, changed(sound, factor, "paths", name, operation, year)


def draw_added(rng: np.random.Generator, region: str) -> Draw | None:
    year = int(rng.integers(2026, 2051))
    name = str(rng.choice([name for name, row in SERIES.items() if row.unit in ("yuan/month", "person")]))
    value = own(region, name, year)
    if (name in LEVER_ROWS and not LEVER_ROWS[name].takes("add")) or value <= 0.0:
        return None
    factor = YEAR if SERIES[name].kind == "amount" else WAN
    sound = {"paths": {name: {"add": {year: float(f"{value * rng.uniform(0.25, 0.5):.6g}")}}}}
    return f"added {SERIES[name].kind}, {named(factor)}", sound, changed(sound, factor, "paths", name, "add", year)


def draw_factor(rng: np.random.Generator, region: str) -> Draw | None:
    year = int(rng.integers(2026, 2051))
    takes = [name for name in SERIES if name not in LEVER_ROWS or LEVER_ROWS[name].takes("multiply")]
    name = str(rng.choice(takes))
    if SERIES[name].kind in ("flag", "whole", "signed", "age"):
        return None
    timed = SERIES[name].unit in ("yuan/month", "yuan/year")
    factor = float(rng.choice([YEAR, 1.0 / YEAR, PERCENT] if timed else [PERCENT]))
    sound = {"paths": {name: {"multiply": {year: near(rng, 1.0)}}}}
    return f"factor, {named(factor)}", sound, changed(sound, factor, "paths", name, "multiply", year)


def draw_growth(rng: np.random.Generator, region: str) -> Draw | None:
    year = int(rng.integers(2026, 2051))
    name = str(rng.choice(["average_wage", "urban_income", "rural_income", "benefit_base", "medical_cost"]))
    factor = float(rng.choice(SHARES))
    sound = {"paths": {name: {"growth": {year: near(rng, 0.045)}}}}
    return f"growth, {named(factor)}", sound, changed(sound, factor, "paths", name, "growth", year)


def draw_law(rng: np.random.Generator, region: str) -> Draw | None:
    law, key = load_law(), str(rng.choice(sorted(LEVER_KEYS)))
    day = f"{int(rng.integers(2026, 2041))}-{rng.choice(['01-01', '07-01'])}"
    parameter = law[key]
    place = lane_bases(scenario_of(region))[0].region
    try:
        value = parameter.at(day, place)
    except SimengineError:
        return None
    factors = SCALES.get(parameter.unit.symbol, SHARES if parameter.unit.symbol == "1" else ())
    if not factors or (parameter.table is None and parameter.extension.rule == "indexed" and not value):
        return None
    factor = float(rng.choice(factors))
    kind = f"law {parameter.unit.symbol}, {named(factor)}"
    if isinstance(value, dict):
        label = list(value)[int(rng.integers(len(value)))]
        if not value[label]:
            return None
        sound: dict[str, Any] = {"changes": {key: {day: {label: _law_value(rng, parameter.unit.symbol, value[label])}}}}
        return kind, sound, changed(sound, factor, "changes", key, day, label)
    if isinstance(value, list) or not value:
        return None
    sound = {"changes": {key: {day: _law_value(rng, parameter.unit.symbol, float(value))}}}
    return kind, sound, changed(sound, factor, "changes", key, day)


def _law_value(rng: np.random.Generator, unit: str, value: float) -> float:
    near_it = near(rng, value)
    return float(max(1, round(near_it))) if unit in ("month", "year") else near_it


def draw_constant(rng: np.random.Generator, region: str) -> Draw | None:
    basis = lane_bases(scenario_of(region))[0]
    name = str(rng.choice([name for name in CONSTANTS if name not in FIXED and name in basis.constants]))
    row, value = CONSTANTS[name], basis.constant(name)
    if row.kind not in ("share", "factor") or value <= 0.0:
        return None
    factor = float(rng.choice(SCALES.get(row.unit, SHARES if row.kind == "share" else (PERCENT,))))
    sound = {"constants": {name: near(rng, value)}}
    return f"constant {row.kind}, {named(factor)}", sound, changed(sound, factor, "constants", name)


def draw_campaign(rng: np.random.Generator, region: str) -> Draw:
    status = str(rng.choice(["enterprise", "flexible", "unemployment", "injury"]))
    first = int(rng.integers(2026, 2030))
    level = f"{status}_payers" if status in ("enterprise", "flexible") else f"{status}_insured"
    members = load_basis(scenario_of(region).basis).opening(level)
    sound: dict[str, Any] = {
        "status": status,
        "kind": str(rng.choice(["gross", "additional"])),
        "total": float(round(members * rng.uniform(0.01, 0.2))),
        "years": [first, first + int(rng.integers(1, 4))],
        "reason": "a test",
    }
    if level.endswith("payers"):
        sound["pools"] = ["paused", "none", "resident"]
    factor = float(rng.choice([WAN, 1.0 / WAN]))
    slipped = {**sound, "total": sound["total"] * factor}
    return f"campaign, {named(factor)}", {"campaigns": [sound]}, {"campaigns": [slipped]}


def draw_rates(rng: np.random.Generator, region: str) -> Draw:
    year = int(rng.integers(2026, 2041))
    which = int(rng.integers(3))
    if which == 0:
        sound: dict[str, Any] = {"indexation": {"rate": {year: near(rng, 0.03)}}}
        return "indexation, x 100", sound, changed(sound, PERCENT, "indexation", "rate", year)
    if which == 1:
        sound = {"payment_rate": {year: float(rng.uniform(0.7, 0.95))}}
        factor = float(rng.choice(SHARES))
        return f"payment rate, {named(factor)}", sound, changed(sound, factor, "payment_rate", year)
    sound = {"coverage_growth": {"enterprise_payers": {year: near(rng, 0.006)}}}
    return "coverage growth, x 100", sound, changed(sound, PERCENT, "coverage_growth", "enterprise_payers", year)


DRAWS: tuple[tuple[Callable[[np.random.Generator, str], Draw | None], int], ...] = (
    (draw_series, 8),
    (draw_law, 5),
    (draw_constant, 2),
    (draw_campaign, 2),
    (draw_factor, 1),
    (draw_growth, 1),
    (draw_added, 1),
    (draw_rates, 1),
)
"""Draws and how often each is taken."""


@dataclass
class Outcome:
    """Slips put in and told, by class, those that passed, and sound levers that were called in question."""

    made: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        classes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for name, count in self.made.items():
            classes[name] = [self.told[name], count]
        return [f"{name:28s} {told} of {made}" for name, (told, made) in sorted(classes.items())]


def inject(count: int, seed: int) -> Outcome:
    """Put slips into sound levers, over all classes and regions in turn, until so many are made."""
    rng, outcome = np.random.default_rng(seed), Outcome()
    turns = [draw for draw, often in DRAWS for _ in range(often)]
    while outcome.made.total() < count:
        at = outcome.made.total()
        region, draw = str(rng.choice(REGIONS)), turns[at % len(turns)]
        made = draw(rng, region)
        if made is None:
            continue
        name, sound, slipped = made
        errors = errors_of(region, sound)
        outcome.alarms += [f"{region}: {sound}: {error}" for error in errors if of_slip(error)]
        if errors:
            continue
        outcome.made[name] += 1
        if errors_of(region, slipped):
            outcome.told[name] += 1
        else:
            outcome.passed.append(f"{region}: {slipped} for {sound}")
    return outcome
