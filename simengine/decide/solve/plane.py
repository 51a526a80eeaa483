"""The cheapest point on two levers that meets a goal: the line of points that just meet it, and its cheapest one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simengine.decide.solve.costs import Cost
from simengine.decide.solve.goals import Reached
from simengine.decide.solve.levers import Solved
from simengine.decide.solve.search import MESH, Answer, Evaluate, mesh_of, search

Pairs = Callable[[Sequence[tuple[float, float]]], list[Reached]]
"""Values of both levers -> how a goal stands at each, run in one batch."""
Priced = Callable[[tuple[float, float]], Cost]

COLUMNS, ROWS = 9, 7
"""Values of the first lever, and of the second one under each, that are run."""

ALIKE = 1e-3
"""Part of the lowest cost within which another point costs the same."""

SIDES_AT = 5
"""Values on which the side of a lever that mends is looked for."""

TURNS = 14
"""Values of the first lever that are tried between two of its mesh."""


@dataclass(frozen=True)
class Corner:
    """One point of the line: a value of the first lever, and the mildest one of the second that meets the goal."""

    first: float
    answer: Answer
    cost: Cost | None

    @property
    def total(self) -> float:
        """The whole cost; infinite where no value meets the goal."""
        return math.inf if self.cost is None else self.cost.total


@dataclass(frozen=True)
class Plane:
    """What a search over two levers found.

    Attributes
    ----------
    line : points that just meet the goal, by the first lever
    cheapest : on the grids of both levers; None where no point meets the goal
    best : values of both levers with the largest margin, and how the goal stands there
    moved : whether each lever moves the goal somewhere on the mesh
    """

    line: tuple[Corner, ...]
    cheapest: Corner | None
    best: tuple[tuple[float, float], Reached]
    moved: tuple[bool, bool]

    @property
    def tied(self) -> tuple[Corner, ...]:
        """Points that cost what the cheapest does, that one among them; they are no reason to prefer it."""
        if self.cheapest is None:
            return ()
        room = ALIKE * abs(self.cheapest.total)
        return tuple(one for one in self.line if one.total <= self.cheapest.total + room)

    @property
    def again(self) -> bool:
        """Whether the goal is met, missed and met again along the second lever somewhere."""
        return any(corner.answer.again for corner in self.line)


def cheapest(pairs: Pairs, price: Priced, levers: tuple[Solved, Solved], points: int = MESH) -> Plane:
    """The cheapest point of two intervals that meets a goal.

    Under every value of a mesh of the first lever the mildest value of the second one is found (`search`); what is more
    than needed of it is not looked at. Around the cheapest of these points the first lever is refined by the bounded
    minimum of scipy; both values end on the grids of their levers.
    """
    one, two = levers
    columns = mesh_of(one, min(points, COLUMNS))
    rows = min(points, ROWS)
    nodes = mesh_of(two, rows)
    found = pairs([(x, y) for x in columns for y in nodes])  # one batch; the searches below find it done
    table = np.array([each.margin for each in found]).reshape(len(columns), len(nodes))
    moved = bool((np.ptp(table, axis=0) > 0.0).any()), bool((np.ptp(table, axis=1) > 0.0).any())

    def corner(x: float) -> Corner:
        answer = search(_along(pairs, x), two, rows)
        return Corner(x, answer, price((x, answer.value)) if answer.met else None)

    line = [corner(x) for x in columns]
    at = divmod(int(np.argmax(table)), len(nodes))
    best = (columns[at[0]], nodes[at[1]]), found[at[0] * len(nodes) + at[1]]
    if all(part.cost is None for part in line):
        return Plane(tuple(line), None, best, moved)

    def smooth(x: float) -> float:
        answer = search(_along(pairs, x), two, rows)
        if not answer.met:
            return math.inf
        return price((x, answer.value if math.isnan(answer.exact) else answer.exact)).total

    met = {
        part.first: part for part in (*_refined(corner, smooth, line, one), *line)
    }  # each value of the first lever once
    line = [met[x] for x in sorted(met)]
    return Plane(tuple(line), min(line, key=lambda part: part.total), best, moved)


def mending(
    alone: Callable[[int, Sequence[float]], list[Reached]], as_is: Reached, levers: tuple[Solved, Solved]
) -> tuple[Solved, Solved]:
    """The levers with their intervals cut to the side that mends: that of values which, alone, do not worsen the goal.

    A value on the other side gives something away; a point that holds one is no mend, however cheap. Where a lever
    bends, or all of its values lie on one side, its interval stays.

    Parameters
    ----------
    alone : number of a lever and values of it -> how the goal stands at each without the other lever
    as_is : how it stands without both
    """
    one, two = levers
    return _mending(partial(alone, 0), as_is, one), _mending(partial(alone, 1), as_is, two)


def _mending(evaluate: Evaluate, as_is: Reached, lever: Solved) -> Solved:
    values = mesh_of(lever, SIDES_AT)
    above = [one.margin - as_is.margin for one in evaluate(values)]
    still = 1e-9 * max(1.0, abs(as_is.margin))
    good = [margin >= -still for margin in above]
    changes = [at for at in range(1, len(good)) if good[at] != good[at - 1]]
    if len(changes) != 1:
        return lever
    at = changes[0]
    low, high = values[at - 1], values[at]
    upward = good[at]
    if not lever.whole and abs(above[at] if upward else above[at - 1]) > still:
        from scipy.optimize import brentq

        step = float(lever.step)
        edge = float(brentq(lambda x: evaluate([x])[0].margin - as_is.margin, low, high, xtol=1e-3 * step))
        edge = step * round(edge / step) if abs(edge / step - round(edge / step)) < 0.01 else edge
    else:
        edge = high if upward else low
    return replace(lever, low=edge) if upward else replace(lever, high=edge)


def _along(pairs: Pairs, x: float) -> Evaluate:
    return lambda values: pairs([(x, y) for y in values])


def _refined(
    corner: Callable[[float], Corner], smooth: Callable[[float], float], line: Sequence[Corner], lever: Solved
) -> list[Corner]:
    """The points around the cheapest one: of whole numbers none is left between; else the minimum, on the grid.

    Parameters
    ----------
    smooth : whole cost at the second value that just meets the goal, off its grid: the grid makes a saw of the cost, in
        whose teeth a search for the minimum would stop
    """
    place = min(range(len(line)), key=lambda at: line[at].total)
    low, high = (line[min(max(place + way, 0), len(line) - 1)].first for way in (-1, 1))
    if lever.whole:
        grid = range(int(low) + int(lever.step), int(high), int(lever.step))
        return [corner(float(x)) for x in grid if x != line[place].first]
    from scipy.optimize import minimize_scalar

    size = max(abs(part.total) for part in line if part.cost is not None) or 1.0

    def total(x: float) -> float:
        return min(smooth(float(x)) / size, 1e6)

    done = minimize_scalar(
        total, bounds=(low, high), method="bounded", options={"xatol": float(lever.step), "maxiter": TURNS}
    )
    near = float(done.x)
    return [corner(x) for x in dict.fromkeys((lever.on_grid(near, False), lever.on_grid(near, True)))]
