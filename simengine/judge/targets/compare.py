"""Compare a projected figure with a printed one: rounding, signs, margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

from simengine.judge.indicators import Definitions
from simengine.judge.targets.rows import Figure, Target

SIGNIFICANT = "z.12g"
"""Digits a projected figure is taken to before rounding, so that 23.725 is not 23.7249999…"""

APPROXIMATE = {"%": Decimal("0.3"), "%/年": Decimal("0.3"), "percent": Decimal("0.3")}
APPROXIMATE |= {"‰": Decimal("0.5"), "per mille": Decimal("0.5")}
"""Half-width of "左右" (about) by printed unit, in that unit [assumed]; half a unit of the last digit elsewhere."""


@dataclass(frozen=True)
class Options:
    """How targets are judged.

    Attributes
    ----------
    definitions : readings of what the plans leave open
    approximate : half-width of "about" by printed unit, in that unit
    central_draw : label of the draw without shocks; the first draw when the label is absent
    """

    definitions: Definitions = field(default_factory=Definitions)
    approximate: Mapping[str, Decimal] = field(default_factory=lambda: dict(APPROXIMATE))
    central_draw: int = 0


def rounded(value: float, decimals: int) -> Decimal:
    """A projected figure rounded half up to the printed decimals.

    >>> rounded(23.725, 2), rounded(374.5, 0), rounded(-0.04, 1)
    (Decimal('23.73'), Decimal('375'), Decimal('0.0'))
    """
    exact = Decimal(format(value, SIGNIFICANT))
    result = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=Context(prec=400))
    return abs(result) if result == 0 else result


def satisfies(value: Decimal, operator: str, target: Decimal, tolerance: Decimal = Decimal(0)) -> bool:
    """Whether a rounded figure satisfies a printed sign; `tolerance` counts for ``≈`` alone."""
    if operator == ">=":
        return value >= target
    if operator == "<=":
        return value <= target
    if operator == ">":
        return value > target
    if operator == "<":
        return value < target
    if operator == "≈":
        return abs(value - target) <= tolerance
    if operator == "=":
        return value == target
    raise ValueError(f'unknown operator "{operator}"')


def margin(value: Decimal, operator: str, target: Decimal, tolerance: Decimal = Decimal(0)) -> Decimal:
    """Distance on the good side of the target; negative when the target is missed."""
    if operator in (">=", ">"):
        return value - target
    if operator in ("<=", "<"):
        return target - value
    return (tolerance if operator == "≈" else Decimal(0)) - abs(value - target)


def tolerance_of(target: Target, figure: Figure, options: Options) -> Decimal:
    """Half-width of "about" for one row [unit of the plan]."""
    half_digit = Decimal(5).scaleb(-figure.decimals - 1)
    return options.approximate.get(target.unit, half_digit)


def printed_outcome(target: Target, options: Options) -> bool | None:
    """Whether the printed actual satisfies the printed target; None when one of them is missing.

    An actual printed as a bound ("<3.5") satisfies a bound in the same direction that is not tighter.
    """
    goal, actual = target.target, target.actual
    if goal is None or actual is None or goal.operator is None:
        return None
    if actual.operator is not None and actual.operator[0] == goal.operator[0] and actual.operator[0] in "<>":
        strict = ">=" if goal.operator[0] == ">" else "<="
        return satisfies(actual.exact, strict, goal.exact)
    return satisfies(actual.exact, goal.operator, goal.exact, tolerance_of(target, goal, options))
