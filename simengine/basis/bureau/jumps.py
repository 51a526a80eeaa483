"""Figures that stand apart from the other years of their row."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from simengine.basis.bureau.scale import between
from simengine.basis.bureau.units import HEADS, STOCK


@dataclass(frozen=True)
class Jump:
    """A figure apart from its row.

    Attributes
    ----------
    factor : figure over what the other years lead to expect
    other : year it was held against
    """

    factor: float
    other: int


@dataclass(frozen=True)
class Reach:
    """How far a figure may stand from the years around it.

    Attributes
    ----------
    inside : factor, either way, from a straight line of logarithms between two years
    up, down : factors from the nearest year where there is none on one side
    growth, fall : by how much these widen with each further year between
    """

    inside: float
    up: float
    down: float
    growth: float
    fall: float


REACHES = {HEADS: Reach(2.6, 3.0, 1 / 3.0, 1.18, 0.87), STOCK: Reach(4.0, 4.5, 0.125, 1.3, 0.8)}
OTHERS = Reach(2.6, 3.2, 1 / 3.2, 1.22, 0.9)
"""Reach of money of a year and of amounts a head."""


def find_jumps(
    values: Mapping[int, float], kind: str, launch: int, middles: Mapping[int, float], right: Collection[int] = ()
) -> dict[int, Jump]:
    """Years whose figure stands apart, the farthest taken out first and the others judged again without it.

    Parameters
    ----------
    values : positive figures by year
    launch : first year that is judged
    middles : how far each figure is from the middle of its range, which decides between two figures alone
    right : years whose figure is not in doubt: others are held against it
    """
    left = {year: value for year, value in values.items() if year >= launch}
    found: dict[int, Jump] = {}
    while len(left) >= 2:
        excess = {year: _excess(left, year, REACHES.get(kind, OTHERS)) for year in left}
        doubted = [year for year in left if year not in right]
        if not doubted:
            break
        worst = max(doubted, key=lambda year: (excess[year][0], middles.get(year, 0.0)))
        if len(left) == 2 and excess[worst][0] > 0.0:
            worst = max(doubted, key=lambda year: middles.get(year, 0.0))
        amount, jump = excess[worst]
        if amount <= 0.0:
            break
        found[worst] = jump
        del left[worst]
    return found


def expected(others: Mapping[int, float], year: int) -> float:
    """What other figures of a row lead to expect in a year: between two of them, else the nearest one.

    >>> round(expected({2020: 100.0, 2022: 121.0}, 2021), 6), expected({2020: 100.0, 2022: 121.0}, 2024)
    (110.0, 121.0)
    """
    nearest = min(others, key=lambda at: abs(at - year))
    return between(others, year, 200) or others[nearest]


def _excess(values: Mapping[int, float], year: int, reach: Reach) -> tuple[float, Jump]:
    """By how much, in logarithms, a figure leaves its reach (0 inside it)."""
    others = {at: value for at, value in values.items() if at != year}
    nearest = min(others, key=lambda at: abs(at - year))
    factor = values[year] / expected(others, year)
    further = abs(nearest - year) - 1
    if min(others) < year < max(others):
        high = reach.inside * 1.06**further
        low = 1.0 / high
    elif year > nearest:
        high, low = reach.up * reach.growth**further, reach.down * reach.fall**further
    else:
        high, low = 1.0 / (reach.down * reach.fall**further), 1.0 / (reach.up * reach.growth**further)
    amount = max(math.log(factor / high), math.log(low / factor), 0.0)
    return amount, Jump(factor, nearest)
