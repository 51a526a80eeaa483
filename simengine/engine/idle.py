"""Levers that moved nothing: told after the run, where no rule could have told it before.

A lever may meet a bound that the engine reaches (a ceiling of coverage, a fund without money to entrust). Every lever
of a scenario is taken away once and the lanes are run again, until one lane gives another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.messages import Words, words
from simengine.engine.compile import compile_scenario
from simengine.engine.label import lane_variables
from simengine.engine.project import Lane, Openings, copy_state, open_lane, run_lane
from simengine.scenario.scenario import without_lever

if TYPE_CHECKING:
    from simengine.scenario.scenario import Scenario


def idle_levers(scenario: Scenario, lanes: Sequence[Lane], openings: Openings) -> list[Words]:
    """A remark for every lever of a scenario without which every result would be the same, to the last bit.

    Single parameters of the law that no lane of the region hears are told too (the other rule of unemployment benefit).

    Parameters
    ----------
    lanes : projected lanes of the scenario
    openings : what they were opened with
    """
    remarks: list[Words] = []
    whole: set[str] = set()
    for lever in scenario.levers:
        if not _moves(lanes, without_lever(scenario, lever.key), openings):
            whole.add(lever.key)
            remarks.append(words("remark.idle", where=lever.where(), lever=lever.key))
    for change in scenario.settings.law:
        if change.lever not in whole and not _compiles_otherwise(lanes, scenario.without_law(change), openings):
            remarks.append(words("remark.idle_law", where=change.where, key=change.key))
    if scenario.content.paths or scenario.content.constants:
        plain = scenario.content.model_copy(update={"paths": {}, "constants": {}})
        if not _moves(lanes, replace(scenario, content=plain), openings):
            remarks.append(words("remark.idle_paths", where=str(scenario.file)))
    return remarks


def _compiles_otherwise(lanes: Sequence[Lane], other: Scenario, openings: Openings) -> bool:
    """Whether another scenario gives the kernels of any lane another input."""
    bases = [lane.basis for lane in lanes]
    for lane, inputs in zip(lanes, compile_scenario(other, bases, openings.law), strict=True):
        own = (lane.inputs.paths, lane.inputs.constants, *lane.inputs.tables)
        without = (inputs.paths, inputs.constants, *inputs.tables)
        if any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(own, without, strict=True)):
            return True
    return False


def _moves(lanes: Sequence[Lane], other: Scenario, openings: Openings) -> bool:
    """Whether another scenario gives another number in any of the lanes."""
    bases = [lane.basis for lane in lanes]
    for lane, inputs in zip(lanes, compile_scenario(other, bases, openings.law), strict=True):
        twin = open_lane(other, lane.basis, openings.law, openings.histories, inputs)
        output = run_lane(inputs, copy_state(twin.opening), 1, inputs.years.size)
        if lane.output is None:
            raise ValueError(f"{lane.scenario.key}: region {lane.basis.region} has not been projected")
        own, without = lane_variables(lane.inputs, lane.output, 1), lane_variables(inputs, output, 1)
        if any(not np.array_equal(own[name], without[name], equal_nan=True) for name in own):
            return True
    return False
