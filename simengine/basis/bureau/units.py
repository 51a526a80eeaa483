"""Units a bureau may write, by kind of figure, each with the factor to the unit of the engine's tables."""

from __future__ import annotations

from collections.abc import Mapping

from simengine.registry import slips

HEADS, FLOW, STOCK, MONTHLY, YEARLY, SHARE = "heads", "flow", "stock", "monthly", "yearly", "share"
KINDS = (HEADS, FLOW, STOCK, MONTHLY, YEARLY, SHARE)
"""Heads at a year end; money of a year; money at a year end; an amount a month; an amount a year; a share."""

_HEADS = {"万人": 1e4, "人": 1.0, "10k persons": 1e4, "persons": 1.0, "person": 1.0}
_MONEY = {"亿元": 1e8, "万元": 1e4, "元": 1.0, "100m yuan": 1e8, "10k yuan": 1e4, "yuan": 1.0}
_MONTHLY = {
    **{"元/月": 1.0, "yuan/month": 1.0, "yuan per month": 1.0},
    **{"元/年": 1.0 / 12.0, "yuan/year": 1.0 / 12.0, "yuan per year": 1.0 / 12.0},
}

UNITS: Mapping[str, Mapping[str, float]] = {
    HEADS: _HEADS,
    FLOW: _MONEY,
    STOCK: _MONEY,
    MONTHLY: _MONTHLY,
    YEARLY: {name: 12.0 * factor for name, factor in sorted(_MONTHLY.items(), key=lambda item: item[1])},
    SHARE: {"%": 0.01, "1": 1.0},
}
"""Units as written -> factor to the base unit, the one of the template first."""

BASE: Mapping[str, str] = {
    HEADS: "persons", FLOW: "yuan", STOCK: "yuan", MONTHLY: "yuan per month", YEARLY: "yuan per year", SHARE: "1",
}  # fmt: skip
"""Units of the engine's tables (references.csv, paths.csv, openings.csv)."""

_SLIPS_AS = {
    HEADS: slips.HEADS,
    FLOW: slips.MONEY,
    STOCK: slips.MONEY,
    MONTHLY: slips.TIMED,
    YEARLY: slips.TIMED,
    SHARE: slips.MONEY,
}
"""Kind of a figure -> kind of slip; a share may be written in any of a column's units."""


def slips_of(kind: str) -> tuple[float, ...]:
    """Factors by which figures of a kind are off when a unit is taken for another, or the decimal point has slipped."""
    return slips.SLIPS[_SLIPS_AS[kind]]


def template_unit(kind: str) -> str:
    """Unit the template is filled with."""
    return next(iter(UNITS[kind]))


def factor_of(kind: str, written: str) -> float | None:
    """Factor of a unit to the base unit of a kind; None where the kind has no such unit.

    >>> factor_of("heads", "万人"), factor_of("monthly", "亿元")
    (10000.0, None)
    """
    name = written.strip().lower().replace(" / ", "/").replace("／", "/")
    return UNITS[kind].get(name)


def meant_unit(kind: str, written: str, off: float) -> str:
    """Unit the figures seem to be in when they are too large by a factor under the written one; empty where none fits.

    >>> meant_unit("heads", "万人", 1e4), meant_unit("monthly", "元/月", 12.0), meant_unit("heads", "人", 10.0)
    ('人', '元/年', '')
    """
    factor = factor_of(kind, written)
    if factor is None:
        return ""
    wanted = factor / off
    chinese = any(ord(letter) > 127 for letter in written)
    for name, size in UNITS[kind].items():
        if abs(size / wanted - 1.0) < 1e-6 and any(ord(letter) > 127 for letter in name) == chinese:
            return name
    return ""
