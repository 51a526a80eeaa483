"""Slips of unit and of the decimal point: which factor explains that a figure is off, by kind of quantity.

A figure is held against one that is known: the bureau's tables against residents and wages, a lever against the value
that it changes, a person's amount against the law's. Where the two are further apart than a real change is, the usual
slip nearest to their ratio is named. Kinds, limits and where they come from: notes/scenarios.md, section 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from simengine.common.messages import Words, words

YEAR, WAN, YI, PERCENT, DECIMAL = 12.0, 1e4, 1e8, 100.0, 10.0
"""Months of a year; 万 and 亿; per cent; one place of the decimal point."""

HEADS, MONEY, TIMED, SPAN, SHARE, NUMBER = "heads", "money", "timed", "span", "share", "number"
"""Persons; an amount of money; an amount by the month or the year; months or years; a part of one; any other number."""

SLIPS: Mapping[str, tuple[float, ...]] = {
    HEADS: (WAN, PERCENT, DECIMAL),
    MONEY: (YI, WAN, PERCENT, DECIMAL),
    TIMED: (YI, WAN, PERCENT, YEAR, DECIMAL),
    SPAN: (YEAR, PERCENT, DECIMAL),
    SHARE: (PERCENT,),
    NUMBER: (PERCENT, DECIMAL),
}
"""Factors by which figures of a kind are usually off, one way or the other."""

LIMITS: Mapping[str, float] = {HEADS: 20.0, MONEY: 20.0, TIMED: 6.0, SPAN: 6.0, SHARE: 50.0, NUMBER: 20.0}
"""Ratio of a changed value to its own beyond which a change is not plausible: half of the smallest slip of unit
of the kind, or 20 where that is smaller. No amount of a packaged region moves from one year to the next by more than a
factor of 3."""

ADDED = 3.0
"""An added amount so many times the value it is added to is not plausible: a quarter of it by twelve."""

FACTOR, LEAST_FACTOR = 6.0, 0.02
"""A factor of `multiply` above which it is not plausible, whatever it acts on, and one below which it is not. For what
is told by the month or the year the second is the inverse of the first: a twelfth is a slip."""

RATE = 0.2
"""A yearly rate beyond this, up or down, is not plausible: 0.5 is written for half a per cent."""

SPREAD = 2.0
"""A unit slip explains a ratio within this factor of it: the rest is the change that was meant."""


@dataclass(frozen=True)
class Doubt:
    """A ratio that is no plausible change.

    Attributes
    ----------
    ratio : stated value over the known one
    off : usual slip that explains it, above one where the value is too large; None where none does
    """

    ratio: float
    off: float | None


def both_ways(sizes: Iterable[float]) -> list[float]:
    """Factors and their inverses.

    >>> both_ways((12.0, 4.0))
    [12.0, 4.0, 0.08333333333333333, 0.25]
    """
    listed = list(sizes)
    return [*listed, *(1.0 / size for size in listed)]


def nearest(ratio: float, sizes: Iterable[float], spread: float) -> float | None:
    """Factor, one way or the other, nearest to a ratio; None where none lies within `spread` of it.

    >>> nearest(11_000.0, (1e4, 100.0), 1.5), nearest(0.09, (12.0,), 1.5), nearest(3.0, (12.0,), 1.5)
    (10000.0, 0.08333333333333333, None)
    """
    best = min(both_ways(sizes), key=lambda off: max(ratio / off, off / ratio))
    return best if max(ratio / best, best / ratio) < spread else None


def kind_of(kind: str, unit: str) -> str | None:
    """Kind of slip of a series or a constant (`simengine.registry.inputs.BOUNDS`); None where none can be told.

    >>> kind_of("amount", "yuan/month"), kind_of("factor", "month"), kind_of("flag", "1")
    ('timed', 'span', None)
    """
    if kind == "amount":
        return TIMED if "/" in unit else MONEY
    if unit in ("month", "year") and kind != "heads":
        return SPAN
    plain = {"share": SHARE, "rate": SHARE, "heads": HEADS, "factor": NUMBER, "index": NUMBER}
    return plain.get(kind)


def kind_of_law(unit: str) -> str | None:
    """Kind of slip of a parameter of the law by its unit; a multiple counts months or years of a base.

    >>> kind_of_law("yuan/month"), kind_of_law("multiple"), kind_of_law("code")
    ('timed', 'span', None)
    """
    if unit.startswith("yuan/"):
        return TIMED
    if unit in ("code", "calendar month", "calendar year"):
        return None
    known = {"yuan": MONEY, "month": SPAN, "year": SPAN, "multiple": SPAN, "1": SHARE, "person": HEADS}
    return known.get(unit, NUMBER)


def doubt(value: float, known: float, kind: str) -> Doubt | None:
    """What is doubtful in a value that stands for a known one; None where the change is plausible or cannot be judged.

    Zero is meant, and says nothing where it is the known value. A share is doubted only where hundred explains it:
    shares may move from any value to any other.

    >>> doubt(84_300.0, 7_025.0, "timed"), doubt(9_000.0, 7_025.0, "timed"), doubt(0.0016, 0.16, "share").off
    (Doubt(ratio=12.0, off=12.0), None, 0.01)
    """
    if value == 0.0 or known == 0.0 or not math.isfinite(value) or not math.isfinite(known):
        return None
    ratio = abs(value / known)
    if 1.0 / LIMITS[kind] < ratio < LIMITS[kind]:
        return None
    off = explained(ratio, kind)
    return None if kind == SHARE and off is None else Doubt(ratio, off)


def explained(ratio: float, kind: str) -> float | None:
    """Usual slip of a kind that explains a ratio: one between two units where there is one, else the decimal point."""
    sizes = SLIPS[kind]
    units = [size for size in sizes if size in (YEAR, WAN, YI) or kind == SHARE]
    found = nearest(ratio, units, 1.0001 * SPREAD) if units else None
    return found or nearest(ratio, sizes, 1.0001 * SPREAD)


def doubt_added(value: float, known: float, kind: str) -> Doubt | None:
    """What is doubtful in a value that is added to a known one.

    >>> doubt_added(1_200.0, 200.0, "timed").off, doubt_added(100.0, 200.0, "timed")
    (12.0, None)
    """
    if value == 0.0 or known == 0.0 or not math.isfinite(known):
        return None
    share = abs(value / known)
    if kind == SHARE:
        return Doubt(share, PERCENT) if abs(value) >= RATE and share >= ADDED else None
    most = ADDED if kind in (TIMED, SPAN) else LIMITS[kind]
    if share <= most:
        return None
    units = [size for size in SLIPS[kind] if size in (YEAR, WAN, YI)]
    return Doubt(share, next((size for size in sorted(units) if share <= size), None))


def doubt_factor(factor: float, kind: str) -> Doubt | None:
    """What is doubtful in a factor on a series; per cent for parts of one is a slip of every kind.

    >>> doubt_factor(97.0, "heads").off, doubt_factor(12.0, "timed").off, doubt_factor(0.0, "share")
    (100.0, 12.0, None)
    """
    if factor == 0.0 or least_factor(kind) < factor < FACTOR:
        return None
    units = (YEAR, PERCENT) if kind in (TIMED, SPAN) else (PERCENT,)
    return Doubt(factor, nearest(factor, units, 1.0001 * SPREAD))


def least_factor(kind: str) -> float:
    """Smallest plausible factor on a series of a kind, zero apart."""
    return 1.0 / FACTOR if kind in (TIMED, SPAN) else LEAST_FACTOR


def doubt_rate(rate: float, known: float) -> Doubt | None:
    """What is doubtful in a yearly rate; `known` is the rate without it, not a number where there is none.

    >>> doubt_rate(0.5, 0.05).off, doubt_rate(0.0005, 0.05).off, doubt_rate(0.08, 0.05)
    (100.0, 0.01, None)
    """
    if abs(rate) > RATE:
        return Doubt(abs(rate), PERCENT)
    return doubt(rate, known, SHARE) if abs(known) >= 0.01 else None


def meaning(kind: str, off: float | None) -> Words:
    """What seems to have happened, in both languages."""
    if off is None:
        return words("off.none")
    large = off > 1.0
    size = round(off if large else 1.0 / off)
    if size == YEAR:
        if kind == TIMED:
            return words("off.year_for_month") if large else words("off.month_for_year")
        return words("off.months_for_years") if large else words("off.years_for_months")
    if size == PERCENT and kind in (SHARE, NUMBER):
        return words("off.percent_for_part") if large else words("off.percent_twice")
    if size == WAN and kind == HEADS:
        return words("off.persons_twice") if large else words("off.wan_for_persons")
    if size in (WAN, YI) and kind in (MONEY, TIMED):
        if large:
            return words("off.yuan_twice", times=f"{size:,}")
        return words("off.wan_for_yuan") if size == WAN else words("off.yi_for_yuan")
    return words("off.large", times=f"{size:,}") if large else words("off.small", times=f"{size:,}")


def times(ratio: float) -> str:
    """A ratio in three digits, written out: 9580, 0.0000152."""
    return str(np.format_float_positional(ratio, precision=3, fractional=False, trim="-"))
