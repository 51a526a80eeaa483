"""An answer over the closures: what the same goal needs where the world is another one that can be defended."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.decide.solve.goals import Reached
from simengine.decide.solve.levers import Solved
from simengine.decide.solve.search import UP, Answer
from simengine.scenario.closures import BASELINE

Beside = Callable[[Sequence[tuple[str, float]]], list[Reached]]
"""Closures with values of a lever -> how a goal stands in each, run in one batch."""

BEYOND = 1.3
"""Part of the way to an estimate that is gone to have the goal met on one side and missed on the other."""

FINE = 0.01
"""Precision of a needed value beside the baseline, over the lever's step."""

JUMPS = 20
"""Parts of an interval by which a goal that jumps is followed."""


@dataclass(frozen=True)
class Needed:
    """What one closure needs.

    Attributes
    ----------
    value : on the grid of the lever; infinite where no value of the interval meets the goal; not a number where it was
        not solved
    settled : whether it was solved; else it lies inside the range of those that were
    """

    beside: str
    value: float
    settled: bool


def needed_beside(beside: Beside, names: Sequence[str], lever: Solved, answer: Answer) -> list[Needed]:
    """What every closure needs, the ends of the range solved.

    Each is run at the baseline's answer, and what it needs is estimated by the slope found there. The two that stand
    best and worst there are solved. Of the others those that meet the goal at the answer are run a step milder than the
    mildest value found, those that miss it at the hardest one; one that turns out to lie beyond is solved as well; the
    rest lie inside. The search goes outwards from the baseline's answer: where a goal is met in several
    spells, the one found is that nearest to it.
    """
    if not answer.met or answer.status == "untouched":
        return []
    if lever.whole or not math.isfinite(answer.slope) or answer.slope == 0.0:
        return _walked(beside, names, lever, answer)
    line = _Lines(beside, lever, answer)
    at_answer = beside([(name, answer.exact) for name in names])
    line.margin = {name: one.margin for name, one in zip(names, at_answer, strict=True)}
    line.guess = {
        name: min(max(answer.exact - margin / answer.slope, lever.low), lever.high)
        for name, margin in line.margin.items()
    }
    line.solve([max(line.margin, key=line.margin.__getitem__), min(line.margin, key=line.margin.__getitem__)])
    line.solve(line.outside())
    return [Needed(name, line.found.get(name, math.nan), name in line.found) for name in names]


class _Lines:
    """The closures along the lever: their margins at the baseline's answer, estimates, and what was solved."""

    def __init__(self, beside: Beside, lever: Solved, answer: Answer) -> None:
        self.beside, self.lever, self.answer = beside, lever, answer
        self.margin: dict[str, float] = {}
        self.guess: dict[str, float] = {}
        self.found: dict[str, float] = {}
        self.mild, self.hard = (lever.low, lever.high) if answer.side == UP else (lever.high, lever.low)

    def solve(self, names: Sequence[str]) -> None:
        """What some closures need, all of them in lockstep; infinite where the whole interval misses the goal."""
        start = self.answer.exact
        brackets: dict[str, tuple[float, float]] = {}
        first = {name: self._inside(start + BEYOND * (self.guess[name] - start)) for name in names}
        at_first = dict(zip(names, self.beside(list(first.items())), strict=True)) if names else {}
        further: dict[str, float] = {}
        for name in names:
            if (at_first[name].margin >= 0.0) != (self.margin[name] >= 0.0):
                brackets[name] = (start, first[name])
            else:
                further[name] = self.mild if self.margin[name] >= 0.0 else self.hard
        ends = self.beside(list(further.items())) if further else []
        for (name, end), one in zip(further.items(), ends, strict=True):
            if (one.margin >= 0.0) != (self.margin[name] >= 0.0):
                brackets[name] = (first[name], end)
            else:
                beyond = math.inf if self.answer.side == UP else -math.inf
                self.found[name] = end if one.margin >= 0.0 else beyond
        if brackets:
            self._roots(brackets)

    def _roots(self, brackets: Mapping[str, tuple[float, float]]) -> None:
        """Where the margin passes zero in each bracket (Chandrupatla's method of scipy, over all brackets at once)."""
        from scipy.optimize.elementwise import find_root

        names = list(brackets)
        ends = np.sort(np.array([brackets[name] for name in names]), axis=1)

        def margins(values: np.ndarray, places: np.ndarray) -> np.ndarray:
            asked = [(names[int(place)], float(value)) for value, place in zip(values, places, strict=True)]
            return np.array([one.margin for one in self.beside(asked)])

        done = find_root(
            margins, (ends[:, 0], ends[:, 1]), args=(np.arange(len(names)),),
            tolerances={"xatol": FINE * float(self.lever.step), "xrtol": 0.0},
        )  # fmt: skip
        for name, root in zip(names, done.x.tolist(), strict=True):
            self.found[name] = self.lever.on_grid(root, self.answer.side == UP)

    def outside(self) -> list[str]:
        """Closures that were not solved and lie outside the range of those that were, found by running them there."""
        rest = [name for name in self.guess if name not in self.found]
        known = [*self.found.values(), self.answer.value]
        sign = 1.0 if self.answer.side == UP else -1.0
        mildest = min(known) if sign > 0 else max(known)
        hardest = max(known) if sign > 0 else min(known)
        wrong: list[str] = []
        milder = mildest - sign * float(self.lever.step)
        for at, met in ((milder, True), (hardest, False)):
            names = [name for name in rest if (self.margin[name] >= 0.0) == met]
            if names and self.lever.low <= at <= self.lever.high:
                found = self.beside([(name, at) for name in names])
                wrong += [name for name, one in zip(names, found, strict=True) if one.met == met]
        return wrong

    def _inside(self, value: float) -> float:
        return min(max(value, self.lever.low), self.lever.high)


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
    every = [Needed(BASELINE, answer.value, True), *(one for one in needed if one.settled)]
    low = min(every, key=lambda one: one.value)
    high = max(every, key=lambda one: one.value)
    return Spread(low.value, high.value, low.beside, high.beside)
