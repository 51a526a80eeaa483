"""The mildest value of a lever that meets a goal, or how near the best one comes (scipy.optimize)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simengine.decide.solve.goals import Reached
from simengine.decide.solve.levers import Solved

Evaluate = Callable[[Sequence[float]], list[Reached]]
"""Values of a lever -> how a goal stands at each, run in one batch."""

Status = Literal["found", "everywhere", "none", "untouched"]
STATUSES: tuple[Status, ...] = ("found", "everywhere", "none", "untouched")
UP, DOWN = SIDES = ("up", "down")
DIRECTIONS = ("rising", "falling", "mixed", "flat")
MESH = 11
"""Values on which an interval is searched; what happens between two of them is not seen."""

MOST_WHOLE = 41
"""Whole numbers that are all run, where a lever has no others."""

PRECISION = 1e-11
"""Precision of a root, over the length of the interval."""

STILL = 1e-12
"""Change of a margin that counts as none."""

ROOM = 8
"""Steps beyond the one at which the goal should be met that are tried."""


@dataclass(frozen=True)
class Answer:
    """What a search found.

    Attributes
    ----------
    status : ``found``; ``everywhere``: every value of the mesh meets the goal; ``none``: no value does; ``untouched``:
        the lever does not move the goal
    side : ``up``: met from `value` on upwards; ``down``: met up to `value`
    value : the mildest value on the grid that meets the goal; not a number where there is none
    exact : where the goal is just met, unrounded; reached_exact : the figure there
    reached : the figure at `value`, or at the best value where there is none
    best : value of the interval with the largest margin; low, high : the interval
    spells : parts of the interval in which the goal is met, from below
    direction : how the margin moves along the mesh: ``rising``, ``falling``, ``mixed`` or ``flat``
    slope : of the margin at `exact` [1 over the unit of the lever]
    """

    status: Status
    side: str
    value: float
    exact: float
    reached: float
    reached_exact: float
    best: float
    low: float
    high: float
    spells: tuple[tuple[float, float], ...]
    direction: str
    slope: float = float("nan")

    @property
    def met(self) -> bool:
        """Whether a value of the interval meets the goal."""
        return self.value == self.value

    @property
    def again(self) -> bool:
        """Whether the goal is met, missed and met again along the interval."""
        return len(self.spells) > 1


def mesh_of(lever: Solved, points: int = MESH) -> list[float]:
    """The values on which the interval of a lever is searched; of whole numbers all, where they are few."""
    if not lever.whole:
        inside = np.linspace(lever.low, lever.high, points)[1:-1].tolist()
        return [lever.low, *(float(f"{value:.12g}") for value in inside), lever.high]
    step = int(lever.step)
    grid = [float(value) for value in range(int(lever.low), int(lever.high) + 1, step)]
    if len(grid) <= MOST_WHOLE:
        return grid
    places = np.unique(np.rint(np.linspace(0, len(grid) - 1, points)).astype(int))
    return [grid[place] for place in places]


def search(evaluate: Evaluate, lever: Solved, points: int = MESH) -> Answer:
    """The mildest value of an interval that meets a goal.

    The interval is searched on a mesh first: neither rise nor a single root is taken for granted. Where the lower end
    misses the goal, the answer is the smallest value that meets it; where it meets it and some value above does not,
    the largest one up to which it is met without a break. The answer is a multiple of the lever's step and meets the
    goal as it is judged; the value one step milder does not.
    """
    values = mesh_of(lever, points)
    found = evaluate(values)
    margins = np.array([one.margin for one in found])
    direction = _direction(margins, np.array([one.figure for one in found]))
    place = int(np.argmax(margins))
    told: dict[str, Any] = {"low": lever.low, "high": lever.high, "direction": direction}
    nothing = float("nan")
    if direction == "flat":
        met = found[0].met
        spells = ((lever.low, lever.high),) if met else ()
        value = lever.low if met else nothing
        figure = found[0].figure
        return Answer("untouched", UP, value, value, figure, figure, lever.low, spells=spells, **told)
    met_at = [one.met for one in found]
    if all(met_at):
        side = UP if margins[-1] >= margins[0] else DOWN
        end = 0 if side == UP else -1
        figure, value = found[end].figure, values[end]
        slope = float(margins[-1] - margins[0]) / (values[-1] - values[0])
        spells = ((values[0], values[-1]),)
        return Answer(
            "everywhere", side, value, value, figure, figure, values[place], spells=spells, slope=slope, **told
        )
    if not any(met_at):
        best, there = _best(evaluate, lever, values, margins, place, found)
        if not there.met:
            return Answer("none", UP, nothing, nothing, there.figure, nothing, best, spells=(), **told)
        inside = int(np.searchsorted(values, best))  # met between two values of the mesh alone
        values, met_at = [*values[:inside], best, *values[inside:]], [*met_at[:inside], True, *met_at[inside:]]
        found = [*found[:inside], there, *found[inside:]]
        place = inside
    return _edge(evaluate, lever, values, found, met_at, place, told)


def _edge(
    evaluate: Evaluate,
    lever: Solved,
    values: Sequence[float],
    found: Sequence[Reached],
    met_at: Sequence[bool],
    place: int,
    told: dict[str, Any],
) -> Answer:
    """The answer where some values of the mesh meet the goal and some do not."""
    changes = [at for at in range(1, len(values)) if met_at[at] != met_at[at - 1]]
    edges = {at: _root(evaluate, lever, (values[at - 1], values[at]), (found[at - 1], found[at])) for at in changes}
    side = DOWN if met_at[0] else UP
    first = changes[0]
    exact = edges[first]
    slope = (found[first].margin - found[first - 1].margin) / (values[first] - values[first - 1])
    value = _on_grid(evaluate, lever, exact, side, (values[first - 1], values[first]))
    spells = []
    begin = values[0] if met_at[0] else None
    for at in changes:
        if begin is None:
            begin = edges[at]
        else:
            spells.append((begin, edges[at]))
            begin = None
    if begin is not None:
        spells.append((begin, values[-1]))
    at_value, at_exact = evaluate([value, exact])
    return Answer(
        "found", side, value, exact, at_value.figure, at_exact.figure, values[place], spells=tuple(spells),
        slope=slope, **told,
    )  # fmt: skip


def _root(evaluate: Evaluate, lever: Solved, ends: tuple[float, float], at_ends: tuple[Reached, Reached]) -> float:
    """Where a goal begins or ceases to be met between two values: a value at which it is met.

    Between whole numbers the last that meets it; else the root of the margin, met to rounding of numbers.
    """
    low, high = ends
    upward = at_ends[1].met
    if lever.whole:
        step = int(lever.step)
        while high - low > step:
            middle = low + step * round((high - low) / (2 * step))
            if evaluate([middle])[0].met == upward:
                high = middle
            else:
                low = middle
        return high if upward else low
    if at_ends[0].margin * at_ends[1].margin >= 0.0:  # an end on the goal itself
        return low if at_ends[0].met else high
    from scipy.optimize import brentq

    known = {low: at_ends[0].margin, high: at_ends[1].margin}

    def margin(value: float) -> float:
        return known[value] if value in known else evaluate([value])[0].margin

    span = lever.high - lever.low
    root = float(brentq(margin, low, high, xtol=PRECISION * span, rtol=1e-14))
    towards = 1.0 if upward else -1.0
    hair = PRECISION * span
    while margin(root) < 0.0 and low < root + towards * hair < high:
        root, hair = root + towards * hair, 4.0 * hair
    return root


def _on_grid(evaluate: Evaluate, lever: Solved, exact: float, side: str, cell: tuple[float, float]) -> float:
    """The mildest multiple of the step that meets the goal as it is judged; the end of the cell where none does."""
    if lever.whole:
        return exact
    sign = 1.0 if side == UP else -1.0
    step = float(lever.step)
    value = lever.on_grid(exact, side == UP)
    milder = lever.on_grid(value - sign * step, side == UP)
    here, before = evaluate([value, milder])
    for _ in range(ROOM):
        if here.met and before.met and milder != value:
            value, here = milder, before
            milder = lever.on_grid(value - sign * step, side == UP)
            before = evaluate([milder])[0]
        elif not here.met:
            milder, before = value, here
            value = lever.on_grid(value + sign * step, side == UP)
            here = evaluate([value])[0]
        else:
            break
    return value if here.met else cell[1] if side == UP else cell[0]


def _best(
    evaluate: Evaluate,
    lever: Solved,
    values: Sequence[float],
    margins: np.ndarray,
    place: int,
    found: Sequence[Reached],
) -> tuple[float, Reached]:
    """Value with the largest margin, sought between the neighbours of the best one of the mesh."""
    if lever.whole or not 0 < place < len(values) - 1:
        return values[place], found[place]
    from scipy.optimize import minimize_scalar

    ends = (values[place - 1], values[place + 1])
    tolerance = {"xatol": max(float(lever.step) / 2.0, 1e-6 * (lever.high - lever.low))}
    done = minimize_scalar(lambda x: -evaluate([float(x)])[0].margin, bounds=ends, method="bounded", options=tolerance)
    inside = evaluate([float(done.x)])[0]
    if inside.margin > margins[place]:
        return float(done.x), inside
    return values[place], found[place]


def _direction(margins: np.ndarray, figures: np.ndarray) -> str:
    """How the margin moves; where it stands still, the figure, for the margin may be held by another year."""
    for moved in (margins, figures):
        steps = np.diff(np.nan_to_num(moved))
        size = STILL * max(1.0, float(np.abs(moved[np.isfinite(moved)]).max(initial=0.0)))
        up, down = bool((steps > size).any()), bool((steps < -size).any())
        if up or down:
            return "mixed" if up and down else "rising" if up else "falling"
    return "flat"
