"""The flag of a verdict that rests on an amount fixed in law whose real value has fallen.

What rests on an amount is found by trial, not from a list: the lanes of the scenario are run once more with the amount
moved by one per cent, and every row of the plan is judged again. A row whose figure moves rests on the amount.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simengine.common.errors import LeverError
from simengine.engine.compile import scenario_law
from simengine.engine.trial import Moved, trial
from simengine.judge.checks.erosion import Place, eroded_at
from simengine.law.parameter import value_in_force
from simengine.registry.inputs import PATH_NAMES

if TYPE_CHECKING:
    import xarray as xr

    from simengine.engine.compile import LaneInputs
    from simengine.engine.project import Lane, Result
    from simengine.judge.targets.verdicts import Verdict
    from simengine.law import LawTree
    from simengine.law.parameter import Value

ERODED = "eroded_amount"
"""Flag of a verdict that rests on an eroded amount."""

NUDGE = 1.01
"""Factor by which an amount is moved in a trial [1]."""

MOVED = 1e-10
"""Part of a figure beyond which it counts as moved; the last bits of a sum move less [1]."""

Judge = Callable[["xr.Dataset"], "list[Verdict]"]


def flag_eroded(verdicts: Sequence[Verdict], result: Result, places: Sequence[Place], judge: Judge) -> list[Verdict]:
    """Verdicts with the flag and the amounts where a figure rests on an amount eroded by the year of the row.

    Parameters
    ----------
    result : run of one scenario
    judge : judges the same rows beside another projection, in the same order
    """
    eroded = [
        {amount.key: amount.kind for amount in eroded_at(places, row.scenario, row.region, row.year)}
        if row.projected is not None
        else {}
        for row in verdicts
    ]
    kinds = {key: kind for found in eroded for key, kind in found.items()}
    moved = {key: rows_moved(verdicts, result, key, kind, judge) for key, kind in kinds.items()}
    flagged = []
    for place, row in enumerate(verdicts):
        keys = tuple(sorted(key for key in eroded[place] if place in moved[key]))
        flags = tuple(sorted({*row.flags, ERODED})) if keys else row.flags
        flagged.append(replace(row, flags=flags, eroded=keys))
    return flagged


def rows_moved(verdicts: Sequence[Verdict], result: Result, key: str, kind: str, judge: Judge) -> Collection[int]:
    """Places of the rows whose figure moves when an amount is moved.

    Parameters
    ----------
    key, kind : a parameter of the law (``law``) or a series (``series``)
    """
    scenario = result.lanes[0].scenario
    law = scenario_law(scenario, result.law)
    moved: Moved | None = None
    if kind == "law":
        law = nudged_law(law, key, result.lanes)
    else:
        moved = _nudged_series(key)
    again = judge(trial(result.lanes, result.openings, law, moved))
    pairs = zip(verdicts, again, strict=True)
    return {place for place, (row, other) in enumerate(pairs) if _differs(row.projected, other.projected)}


def _differs(one: float | None, other: float | None) -> bool:
    """Whether two figures differ beyond rounding, or only one of them is a number."""
    if one is None or other is None:
        return one is not other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) != math.isnan(other)
    return abs(one - other) > MOVED * max(abs(one), abs(other))


def nudged_law(law: LawTree, key: str, lanes: Sequence[Lane]) -> LawTree:
    """The law with one amount moved from the first projected year on, in the region of every lane.

    An amount that the law allows no more of is moved down.
    """
    for lane in lanes:
        region, day = lane.basis.region, datetime.date(int(lane.inputs.years[1]), 1, 1)
        timeline = law[key].timeline(region)
        begun = value_in_force(timeline, day)
        values: dict[datetime.date, Value] = {} if begun is None else {day: begun.value}
        values |= {dated.date: dated.value for dated in timeline if dated.date > day}
        try:
            law = law.with_changes({key: _scaled(values, NUDGE)}, origin="trial", region=region)
        except LeverError:
            law = law.with_changes({key: _scaled(values, 1.0 / NUDGE)}, origin="trial", region=region)
    return law


def _scaled(values: Mapping[datetime.date, Value], factor: float) -> dict[datetime.date, Any]:
    """Dated values times a factor, tables leaf by leaf."""
    return {day: _times(value, factor) for day, value in values.items()}


def _times(value: Value, factor: float) -> Any:
    if isinstance(value, dict):
        return {label: factor * leaf for label, leaf in value.items()}
    if isinstance(value, list):
        return [factor * leaf for leaf in value]
    return factor * value if isinstance(value, int | float) else value


def _nudged_series(name: str) -> Moved:
    """What moves a series of a lane in every projected year."""

    def moved(lane: Lane, inputs: LaneInputs) -> LaneInputs:
        paths = inputs.paths.copy()
        paths[PATH_NAMES.index(name), 1:] *= NUDGE
        return replace(inputs, paths=paths)

    return moved
