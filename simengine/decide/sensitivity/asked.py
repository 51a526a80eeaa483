"""What a sensitivity is asked: results, a row of the plan as the goal, and everything that does not go together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ScenarioError, SimengineError, each_error
from simengine.common.messages import near
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.indicators import PLAN_UNITS, registry
from simengine.judge.quantities.catalogue import Quantity
from simengine.judge.quantities.select import Selection
from simengine.judge.quantities.table import asked
from simengine.judge.quantities.tidy import Reading
from simengine.judge.targets.files import read_targets
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simengine.judge.targets.rows import Target

MOST_POINTS = 25
"""Points of a map to each axis, at most."""


@dataclass(frozen=True)
class Goal:
    """Value at which a result is just enough, in the unit in which it is shown."""

    value: float
    text: str
    target: str = ""


def outputs(
    scenario: Scenario, output: str | Iterable[str], selection: tuple[Any, ...], target: str | None, errors: list[Any]
) -> tuple[list[Quantity], Selection]:
    """Results and what part of them is shown; of a target row, where one is named."""
    names = [output] if isinstance(output, str) else list(output)
    years, regions, schemes = selection
    before = len(errors)
    if target is not None:
        row = _row(scenario, target)
        if isinstance(row, SimengineError):
            errors.append(row)
        elif names and names != [row.indicator]:
            errors.append(ScenarioError("sensitivity_output_and_target", where="--output", name=target))
        else:
            names, years, regions = [row.indicator], row.year, [row.region]
            schemes = row.fund or None
    elif not names:
        errors.append(ScenarioError("sensitivity_no_output", where="--output"))
    if not names or len(errors) > before:
        return [], Selection()
    try:
        quantities, chosen = asked(names, years, regions, None, None, schemes)
    except SimengineError as error:
        errors += each_error(error)
        return [], Selection()
    errors += [
        ScenarioError("compare_event", where="--output", name=one.key)
        for one in quantities
        if one.key in INDICATOR_YEARS
    ]
    return quantities, chosen


def _row(scenario: Scenario, target: str) -> Target | SimengineError:
    """A row of the plan that can be a goal, or why it cannot."""
    rows = read_targets(scenario.target_files.values()) if scenario.target_files else []
    known = {row.id: row for row in rows}
    row = known.get(target)
    if row is None:
        return ScenarioError(
            "sensitivity_target_unknown", where="--target", near=near(target, known), name=target, scenario=scenario.key
        )
    if row.indicator not in registry():
        return ScenarioError("sensitivity_target_unmodelled", where="--target", name=target)
    if row.target is None:
        return ScenarioError("sensitivity_target_no_goal", where="--target", name=target)
    if row.year > scenario.content.years[1] or row.year < scenario.content.years[0]:
        first, last = scenario.content.years
        return ScenarioError(
            "sensitivity_target_year", where="--target", name=target, year=row.year, first=first, last=last
        )
    return row


def goal_of(
    scenario: Scenario, target: str | None, goal: float | None, quantities: Sequence[Quantity], reading: Reading
) -> Goal | None:
    """Value at which the result is just enough, in the unit in which it is shown."""
    if goal is not None:
        unit = quantities[0].printed(reading.base).word(reading.lang)
        return Goal(goal, f"{goal:g} {unit}")
    if target is None:
        return None
    row = _row(scenario, target)
    if isinstance(row, SimengineError) or row.target is None:
        return None
    base = float(row.target.exact) * PLAN_UNITS[row.unit][1]
    factor = quantities[0].printed(reading.base).factor
    text = f"{row.target.operator or ''} {row.target.printed} {row.unit}".strip()
    return Goal(base / factor, text, target)


def form_faults(
    scenario: Scenario,
    since: int | None,
    names: tuple[str, str] | None,
    points: int | None,
    reach: float | None,
    target: str | None,
    goal: float | None,
) -> Iterable[SimengineError]:
    """What is wrong with options that only make sense together."""
    first, last = scenario.content.years
    if since is not None and not first <= since <= last:
        yield ScenarioError("sensitivity_since", where="--from", year=since, first=first, last=last)
    if names is not None and (len(names) != 2 or names[0] == names[1]):
        yield ScenarioError("sensitivity_map_two", where="--map", name=",".join(names))
    if names is None:
        for option, given in (("--points", points), ("--reach", reach), ("--goal", goal)):
            if given is not None:
                yield ScenarioError("sensitivity_without_map", where=option)
    if points is not None and not 2 <= points <= MOST_POINTS:
        yield ScenarioError("sensitivity_points", where="--points", value=points, limit=MOST_POINTS)
    if reach is not None and not reach > 0.0:
        yield ScenarioError("sensitivity_reach", where="--reach", value=reach)
    if target is not None and goal is not None:
        yield ScenarioError("sensitivity_two_goals", where="--goal", name=target)
