"""Values a case must give, as a file states them: compared to the cent, the month, or the decimals printed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from simengine.cases.sheet import CaseResult

CENT = 0.005


@dataclass(frozen=True)
class Check:
    """One expected value beside the computed one.

    Attributes
    ----------
    known : names of the components, where the case has none of this name
    """

    name: str
    expected: Any
    found: Any
    agrees: bool
    known: tuple[str, ...] = ()


def checks_of(result: CaseResult) -> list[Check]:
    """Every expected value of a case beside what it gives."""
    values = result.values
    found = []
    for name, expected in result.case.content.expected.items():
        if name not in values:
            found.append(Check(name, expected, None, expected is None, () if expected is None else tuple(values)))
        else:
            found.append(Check(name, expected, values[name], agrees(expected, values[name])))
    return found


def agrees(expected: Any, found: Any) -> bool:
    """Whether a computed value is the expected one.

    A number agrees within half a cent; text that is a number at the decimals it prints; other text and true or false
    when they are equal.

    Examples
    --------
    >>> agrees(1780.26, 1780.2571), agrees("4311.5", 4311.514), agrees("2028-01", "2028-01"), agrees(1, True)
    (True, True, True, False)
    """
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None or found is None:
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(expected - found) < CENT
    if isinstance(expected, str) and isinstance(found, int | float):
        try:
            printed = Decimal(expected)
        except InvalidOperation:
            return False
        exponent = printed.as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) else 0
        return abs(float(printed) - found) <= 0.5 * 10.0**-decimals * (1.0 + 1e-9)
    return str(expected) == str(found)
