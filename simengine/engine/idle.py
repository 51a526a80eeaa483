"""Levers that moved nothing: told after the run, where no rule could have told it before.

A lever may meet a bound that the engine reaches (a ceiling of coverage, a fund without money to entrust). Every lever
of a scenario is taken away once and the lanes are run again, until one lane gives another number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.errors import SimengineError
from simengine.common.messages import Words, words
from simengine.engine.compile import compile_scenario
from simengine.engine.label import lane_variables
from simengine.engine.project import Lane, Openings, copy_state, open_lane, run_lane
from simengine.scenario.scenario import without_lever

if TYPE_CHECKING:
    from simengine.scenario.combine import Lever
    from simengine.scenario.scenario import Scenario

ROUNDING = 1e-12
"""Part of a variable's largest value below which two runs are the same."""


def idle_levers(scenario: Scenario, lanes: Sequence[Lane], openings: Openings) -> list[Words]:
    """A remark for every lever, and for every series, constant and law parameter in one, that moves no number.

    Parameters
    ----------
    lanes : projected lanes of the scenario
    openings : what they were opened with
    """
    remarks: list[Words] = []
    for lever in scenario.levers:
        if not _moves(lanes, without_lever(scenario, lever.key), openings):
            remarks.append(words("remark.idle", where=lever.where(), lever=lever.key))
            continue
        items = list(_items(scenario, lever))
        if len(items) + _sections(lever) > 1:
            remarks += [told for told, other in items if not _moves(lanes, other, openings)]
    own = [
        *((("paths", name), scenario.without_change(name)) for name in scenario.content.paths),
        *((("constants", name), scenario.without_constant(name)) for name in scenario.content.constants),
    ]
    for keys, other in own:
        if not _moves(lanes, other, openings):
            remarks.append(words("remark.idle_item", where=scenario.where(*keys), name=keys[1]))
    return remarks


def _items(scenario: Scenario, lever: Lever) -> Iterator[tuple[Words, Scenario]]:
    """Law parameters, series and constants of a lever: what is told of an idle one, and the scenario without it."""
    for change in scenario.settings.law:
        if change.lever == lever.key:
            yield words("remark.idle_item", where=change.where, name=change.key), scenario.without_law(change)
    for name in lever.content.paths:
        told = words("remark.idle_item", where=lever.where("paths", name), name=name)
        yield told, scenario.without_change(name)
    for name in lever.content.constants:
        told = words("remark.idle_item", where=lever.where("constants", name), name=name)
        yield told, scenario.without_constant(name)


def _sections(lever: Lever) -> int:
    """Number of a lever's other sections: each is one matter."""
    named = {"name", "reason", "source", "region", "checked", "changes", "paths", "constants"}
    return sum(bool(getattr(lever.content, section)) for section in type(lever.content).model_fields.keys() - named)


def _moves(lanes: Sequence[Lane], other: Scenario, openings: Openings) -> bool:
    """Whether another scenario gives another number in any of the lanes, beyond rounding."""
    try:
        compiled = compile_scenario(other, [lane.basis for lane in lanes], openings.law)
    except SimengineError:
        return True  # without it the rest is refused: it is needed (one of five shares that add to one)
    for lane, inputs in zip(lanes, compiled, strict=True):
        twin = open_lane(other, lane.basis, openings.law, openings.histories, inputs)
        output = run_lane(inputs, copy_state(twin.opening), 1, inputs.years.size)
        if lane.output is None:
            raise ValueError(f"{lane.scenario.key}: region {lane.basis.region} has not been projected")
        own, without = lane_variables(lane.inputs, lane.output, 1), lane_variables(inputs, output, 1)
        if any(_differs(own[name], without[name]) for name in own):
            return True
    return False


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two results differ by more than rounding leaves of equal ones."""
    if np.array_equal(one, other, equal_nan=True):
        return False
    scale = np.nanmax(np.abs(other), initial=0.0)
    return bool(np.nanmax(np.abs(one - other), initial=0.0) > ROUNDING * scale) or bool(
        (np.isnan(one) != np.isnan(other)).any()
    )
