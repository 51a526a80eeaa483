"""Another value for any parameter of the law on a day: within its range, and with the sum its table must have."""

from __future__ import annotations

import datetime
from typing import Any

from simengine.law import LawTree


def has_values(law: LawTree, key: str, region: str) -> bool:
    """Whether a parameter has values in a region: some are stated for single regions alone."""
    return law[key].stated_in(region)


def other_value(law: LawTree, key: str, day: datetime.date, region: str) -> Any:
    """A value that differs from the law's: ten per cent less, another code, or one where nothing is in force."""
    parameter = law[key]
    value = parameter.at(day, region)
    if parameter.unit.symbol == "code":
        return next(code for code in parameter.allowed if code != value)
    low, high = parameter.limits
    some = low + 0.5 * min(1.0, high - low)
    if value is None:
        return some
    if key == "retirement/first_delayed_birth" and isinstance(value, dict):
        return {career: month + 12 for career, month in value.items()}
    if key == "pension/account_divisor" and isinstance(value, dict):
        return {age: months - 1 for age, months in value.items()}
    if parameter.ragged and isinstance(value, list):
        return value[:-1]
    if parameter.total is not None and isinstance(value, dict):
        first, second, *_ = value
        return {**value, first: 0.9 * value[first], second: value[second] + 0.1 * value[first]}
    if isinstance(value, dict) and parameter.unit.symbol in ("month", "year"):
        return {label: cell - 1 if cell > 1 else cell for label, cell in value.items()}
    if isinstance(value, dict):
        return {label: 0.9 * cell if cell else some for label, cell in value.items()}
    if isinstance(value, list):
        return [0.9 * cell if cell else some for cell in value]
    if isinstance(value, str):
        raise TypeError(f"{key} is a text without codes")
    if parameter.unit.symbol in ("month", "year") and float(value).is_integer() and value > 1:
        return value - 1
    return 0.9 * value if value else some
