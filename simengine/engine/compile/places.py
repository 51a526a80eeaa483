"""File and line of a refusal that only the compiled lane can tell: the entry without which it is not raised.

What a table is made of is known there as numbers alone. So the entries of a scenario that may be the cause are taken
away one after the other, until the refusal is gone: the last one taken is the cause, or one of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simengine.common.errors import BasisError, LawError, SimengineError, each_error
from simengine.scenario.scenario import Scenario

Without = Callable[[Scenario], Scenario]


def placed(error: SimengineError, scenario: Scenario, compiled: Callable[[Scenario], object]) -> list[SimengineError]:
    """The single errors of one, each with the place of the entry of the scenario that it comes from.

    An error that names a file of the law or of the basis, or none, says where it was found out, not who brought it.

    Parameters
    ----------
    compiled : compiles the lanes of a scenario; what it raised for this one is `error`
    """
    found = each_error(error)
    known = {where for where, _ in _entries(scenario)}
    for one in found:
        if not one.where or (isinstance(one, LawError | BasisError) and one.where not in known):
            one.where = _place(one.code, scenario, compiled) or one.where
    return found


def _place(code: str, scenario: Scenario, compiled: Callable[[Scenario], object]) -> str:
    """File and line of the entry that a refusal of this code comes from; empty where it comes from none."""
    left = scenario
    for where, without in _entries(scenario):
        left = without(left)
        if code not in _refusals(left, compiled):
            return where
    return ""


def _refusals(scenario: Scenario, compiled: Callable[[Scenario], object]) -> set[str]:
    try:
        compiled(scenario)
    except SimengineError as error:
        return {one.code for one in each_error(error)}
    return set()


def _entries(scenario: Scenario) -> Iterator[tuple[str, Without]]:
    """Place of every entry that tables are made of, and what takes it out of a scenario: law, sections, series."""
    for change in scenario.settings.law:
        yield change.where, lambda left, change=change: left.without_law(change)  # type: ignore[misc]
    for lever in scenario.levers:
        if lever.content.retirement is not None:
            yield lever.where("retirement"), _without_retirement
    for series in scenario.changed_series():
        where = scenario.where_changed(series, scenario.years[-1])
        yield where, lambda left, series=series: left.without_change(series)  # type: ignore[misc]


def _without_retirement(scenario: Scenario) -> Scenario:
    return replace(scenario, settings=replace(scenario.settings, retirement=None))
