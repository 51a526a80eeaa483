"""An answer over the closures: what the same goal needs where the world is another one that can be defended."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simengine.decide.solve.goals import Reached
from simengine.decide.solve.levers import Solved
from simengine.decide.solve.search import UP, Answer
from simengine.scenario.closures import BASELINE

Beside = Callable[[Sequence[tuple[str, float]]], list[Reached]]
"""Closures with values of a lever -> how a goal stands in each, run in one batch."""

NEAR = 0.05
NEAR_AT_FIRST = 0.25
"""Part of the spread of the estimates within which the ends of the range are solved; of estimates that rest on the
slope of the baseline alone a larger one."""

ROUNDS = 12
JUMPS = 20
"""Parts of an interval by which a goal that jumps is followed."""

FINE = 0.02
"""Precision of a needed value beside the baseline, over the lever's step."""


@dataclass(frozen=True)
class Needed:
    """What one closure needs.

    Attributes
    ----------
    value : on the grid of the lever; infinite where no value of the interval meets the goal
    settled : whether it was solved; else it is an estimate well inside the range
    """

    beside: str
    value: float
    settled: bool


@dataclass
class _Line:
    """The margin of one closure along the lever, as far as it is known: two points, and a bracket once there is one."""

    beside: str
    points: list[tuple[float, float]]
    estimate: float = math.nan
    settled: bool = False

    def bracket(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """The nearest pair of points between which the margin passes zero."""
        known = sorted(self.points)
        pairs = [pair for pair in zip(known, known[1:], strict=False) if (pair[0][1] >= 0.0) != (pair[1][1] >= 0.0)]
        return min(pairs, key=lambda pair: pair[1][0] - pair[0][0], default=None)


def needed_beside(beside: Beside, names: Sequence[str], lever: Solved, answer: Answer) -> list[Needed]:
    """What every closure needs, the ends of the range solved to the lever's step.

    The search starts at the baseline's answer and goes outwards along the slope found there; a closure whose estimate
    lies well inside the range keeps its estimate. Where a goal is met in several spells, the one found is that nearest
    to the baseline's answer.
    """
    if not answer.met or answer.status == "untouched":
        return []
    if lever.whole or not math.isfinite(answer.slope) or answer.slope == 0.0:
        return _walked(beside, names, lever, answer)
    at_answer = beside([(name, answer.exact) for name in names])
    lines = [_Line(name, [(answer.exact, one.margin)]) for name, one in zip(names, at_answer, strict=True)]
    for line in lines:
        line.estimate = _inside(lever, answer.exact - line.points[0][1] / answer.slope)
        line.settled = line.estimate == answer.exact  # as at the baseline, or past the mildest value already
    for _ in range(ROUNDS):
        todo = _at_the_ends(lines)
        if not todo:
            break
        _settle(beside, todo, lever, answer)
    return [Needed(line.beside, _told(line, lever, answer), line.settled) for line in lines]


def _inside(lever: Solved, value: float) -> float:
    return min(max(value, lever.low), lever.high)


def _measure(beside: Beside, lines: Sequence[_Line]) -> None:
    """Run every line at its estimate."""
    fresh = [line for line in lines if math.isfinite(line.estimate)]
    found = beside([(line.beside, line.estimate) for line in fresh]) if fresh else []
    for line, one in zip(fresh, found, strict=True):
        line.points.append((line.estimate, one.margin))


def _improve(line: _Line, lever: Solved, answer: Answer) -> None:
    """A better estimate: the secant of the bracket or of the last two points; infinite where the interval ends first."""
    found = line.bracket()
    (one, at_one), (two, at_two) = found if found is not None else (line.points[-2], line.points[-1])
    if found is None and any(value in (lever.low, lever.high) and value == line.estimate for value, _ in line.points):
        end, margin = next(point for point in line.points if point[0] == line.estimate)
        line.settled = True  # the whole way to the end of the interval meets the goal, or misses it
        missed = math.inf if answer.side == UP else -math.inf
        line.estimate = end if margin >= 0.0 else missed
        return
    if at_one == at_two:
        line.settled = True
        return
    secant = two - at_two * (two - one) / (at_two - at_one)
    if found is not None:
        line.estimate = min(max(secant, one), two)
    else:
        line.estimate = _inside(lever, secant + 0.25 * (secant - two))


def _at_the_ends(lines: Sequence[_Line]) -> list[_Line]:
    """Lines that may be an end of the range and are not solved yet."""
    finite = [line.estimate for line in lines if math.isfinite(line.estimate)]
    if not finite:
        return []
    low, high = min(finite), max(finite)


    def near(line: _Line) -> bool:
        room = (NEAR if len(line.points) > 1 else NEAR_AT_FIRST) * (high - low)
        return line.estimate <= low + room or line.estimate >= high - room

    return [line for line in lines if math.isfinite(line.estimate) and not line.settled and near(line)]


def _settle(beside: Beside, lines: Sequence[_Line], lever: Solved, answer: Answer) -> None:
    """One more run of every line; it is settled once its bracket is narrower than a part of the step, or its slope says so."""
    before = {line.beside: line.estimate for line in lines}
    _measure(beside, lines)
    fine = FINE * float(lever.step)
    for line in lines:
        _improve(line, lever, answer)
        if math.isfinite(line.estimate) and abs(line.estimate - before[line.beside]) <= fine:
            line.settled = line.settled or line.bracket() is not None


def _told(line: _Line, lever: Solved, answer: Answer) -> float:
    """What a line needs, on the grid."""
    return lever.on_grid(line.estimate, answer.side == UP) if math.isfinite(line.estimate) else line.estimate


def _walked(beside: Beside, names: Sequence[str], lever: Solved, answer: Answer) -> list[Needed]:
    """Whole numbers, and goals that jump: step by step from the baseline's answer."""
    sign = 1.0 if answer.side == UP else -1.0
    step = float(lever.step) if lever.whole else (lever.high - lever.low) / JUMPS
    mild, hard = (lever.low, lever.high) if answer.side == UP else (lever.high, lever.low)
    place = dict.fromkeys(names, answer.value)
    met: dict[str, bool] = {}
    found: dict[str, float] = {}
    while len(found) < len(place):
        active = [name for name in place if name not in found]
        for name, one in zip(active, beside([(name, place[name]) for name in active]), strict=True):
            at = place[name]
            if one.met and (met.get(name) is False or at == mild):
                found[name] = at
            elif not one.met and met.get(name) is True:
                found[name] = at + sign * step
            elif not one.met and at == hard:
                found[name] = sign * math.inf
            else:
                place[name] = min(max(at + (-sign if one.met else sign) * step, lever.low), lever.high)
            met[name] = one.met
    return [Needed(name, found[name], True) for name in names]


@dataclass(frozen=True)
class Spread:
    """The range of an answer over the closures, the baseline inside.

    Attributes
    ----------
    low, high : needed values; infinite where no value of the interval meets the goal under some closure
    low_by, high_by : the closure and its value, or the name of an extreme, that gives each
    """

    low: float = math.nan
    high: float = math.nan
    low_by: str = ""
    high_by: str = ""


def spread_of(answer: Answer, needed: Sequence[Needed]) -> Spread:
    """The range of an answer; empty where there is none."""
    if not answer.met or not needed:
        return Spread()
    every = [Needed(BASELINE, answer.value, True), *needed]
    low = min(every, key=lambda one: one.value)
    high = max(every, key=lambda one: one.value)
    return Spread(low.value, high.value, low.beside, high.beside)
