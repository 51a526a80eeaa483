"""The smallest value of a lever that meets a goal, or how near the best one comes (scipy.optimize)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Reached = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Values of a lever -> quantity of the goal, margin over it; arrays of the length of the values."""

Status = Literal["found", "at_bound", "none", "untouched"]
STATUSES: tuple[Status, ...] = ("found", "at_bound", "none", "untouched")
DIRECTIONS = ("rising", "falling", "mixed", "flat")
MESH = 301
"""Values on which the interval is searched before a root is found between two of them."""

PRECISION = 1e-15
"""Precision asked of the root, in the unit of the lever over the length of the interval."""


@dataclass(frozen=True)
class Answer:
    """What a search found.

    Attributes
    ----------
    status : ``found``; ``at_bound``: the lowest value meets the goal already; ``none``: no value of the interval does;
        ``untouched``: the lever does not move the goal
    value : smallest value that meets the goal; not a number where there is none
    reached : quantity of the goal at `value`, or at the best value where there is none
    best : value of the interval with the largest margin; low, high : the interval
    fails_again : first value above `value` at which the goal is missed again; not a number where it is met to `high`
    direction : how the margin moves with the lever: ``rising``, ``falling``, ``mixed`` or ``flat``
    """

    status: Status
    value: float
    reached: float
    best: float
    low: float
    high: float
    fails_again: float
    direction: str

    @property
    def met(self) -> bool:
        """Whether a value of the interval meets the goal."""
        return self.value == self.value


def smallest(reached: Reached, low: float, high: float) -> Answer:
    """The smallest value of [low, high] at which the margin of a goal is not below zero.

    The interval is searched on a mesh first, since neither rise nor a single root is taken for granted. The value
    returned meets the goal when it is put back.
    """
    values = np.linspace(low, high, MESH)
    quantity, margin = reached(values)
    best, quantity_best, margin_best = _best(reached, values, quantity, margin)
    direction = _direction(margin)
    if direction == "flat":  # the margin may be held by a year before the mend while the quantity moves
        direction = _direction(quantity)
    if direction == "flat":
        met = bool(margin[0] >= 0.0)
        value = low if met else np.nan
        return Answer("untouched", value, float(quantity[0]), best, low, high, np.nan, "flat")
    if margin_best < 0.0:
        return Answer("none", np.nan, quantity_best, best, low, high, np.nan, direction)
    if margin[0] >= 0.0:
        again = _fails_after(reached, values, margin, 0)
        return Answer("at_bound", low, float(quantity[0]), best, low, high, again, direction)
    if not (margin >= 0.0).any():  # met between two values of the mesh alone, which the best one shows
        inside = int(np.searchsorted(values, best))
        values, margin = np.insert(values, inside, best), np.insert(margin, inside, margin_best)
    place = int(np.flatnonzero(margin >= 0.0)[0])
    value = _root(reached, float(values[place - 1]), float(values[place]))
    again = _fails_after(reached, values, margin, place)
    return Answer("found", value, float(reached(np.array([value]))[0][0]), best, low, high, again, direction)


def _best(reached: Reached, values: np.ndarray, quantity: np.ndarray, margin: np.ndarray) -> tuple[float, float, float]:
    """Value with the largest margin, sought between the neighbours of the best one of the mesh."""
    place = int(np.argmax(margin))
    best, found, most = float(values[place]), float(quantity[place]), float(margin[place])
    if most < 0.0 and 0 < place < len(values) - 1:
        from scipy.optimize import minimize_scalar

        ends = (float(values[place - 1]), float(values[place + 1]))
        done = minimize_scalar(lambda x: -float(reached(np.array([x]))[1][0]), bounds=ends, method="bounded")
        again, inside = reached(np.array([float(done.x)]))
        if inside[0] > most:
            best, found, most = float(done.x), float(again[0]), float(inside[0])
    return best, found, most


def _root(reached: Reached, lower: float, upper: float) -> float:
    """Where the margin passes zero between a value that misses the goal and one that meets it: a value that meets."""
    from scipy.optimize import brentq

    def margin(value: float) -> float:
        return float(reached(np.array([value]))[1][0])

    step = PRECISION * max(upper - lower, abs(upper))
    value = float(brentq(margin, lower, upper, xtol=max(step, 5e-324), rtol=4 * np.finfo(float).eps, maxiter=500))
    while margin(value) < 0.0 and value < upper:
        value, step = min(value + step, upper), 2.0 * step
    return value + 0.0


def _fails_after(reached: Reached, values: np.ndarray, margin: np.ndarray, place: int) -> float:
    """First value beyond a place of the mesh at which the goal is missed again; not a number where none is."""
    missed = np.flatnonzero(margin[place:] < 0.0)
    if not missed.size:
        return float("nan")
    from scipy.optimize import brentq

    at = place + int(missed[0])
    ends = (float(values[at - 1]), float(values[at]))
    if margin[at - 1] == 0.0:
        return ends[0]
    return float(brentq(lambda x: float(reached(np.array([x]))[1][0]), *ends))


def _direction(margin: np.ndarray) -> str:
    steps = np.diff(margin)
    size = 1e-12 * max(1.0, float(np.abs(margin).max()))
    up, down = bool((steps > size).any()), bool((steps < -size).any())
    return "mixed" if up and down else "rising" if up else "falling" if down else "flat"
