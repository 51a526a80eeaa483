"""Divisor months of the personal account (计发月数): account balance / divisor = first monthly account pension.

Source: annex of 国发〔2005〕38号, one number for each whole age 40 to 70. The annex is silent on ages between two
birthdays, which are the norm since the retirement age moves by single months; `DivisorRule.method` names the reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simengine.common.errors import LawError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Months = TypeVar("Months", int, IntArray)

METHODS = ("interpolate", "floor")
LAST_AGE_MONTHS = 12 * 101
"""Length of the lookup by age in months: ages 0 years 0 months to 100 years 11 months."""


@dataclass(frozen=True)
class DivisorRule:
    """The annex and the reading of it for ages between two birthdays.

    Parameters
    ----------
    first_age : whole age of the first entry [years]
    months : divisor at `first_age`, `first_age + 1`, ... [months]
    method : `interpolate` is linear in the age in months, rounded half-up to 0.1; `floor` takes the completed age

    Below the first age the first entry holds, from the last age on the last one.
    """

    first_age: int
    months: tuple[int, ...]
    method: str = "interpolate"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise LawError("divisor_method", value=self.method, known=", ".join(METHODS))
        if not self.months:
            raise LawError("divisor_empty")
        for age, month in enumerate(self.months, self.first_age):
            if not isinstance(month, int) or month <= 0:
                raise LawError("divisor_months", age=age, value=month)
        for age, (young, old) in enumerate(zip(self.months, self.months[1:], strict=False), self.first_age + 1):
            if old > young:
                raise LawError("divisor_rises", age=age, value=old, before=young)

    @classmethod
    def from_mapping(cls, months_by_age: Mapping[int, int], method: str = "interpolate") -> DivisorRule:
        """Build the rule from `{age: months}`; every age between the first and the last must be present."""
        if not months_by_age:
            raise LawError("divisor_empty")
        ages = sorted(int(age) for age in months_by_age)
        missing = sorted(set(range(ages[0], ages[-1] + 1)) - set(ages))
        if missing:
            raise LawError("divisor_gap", age=missing[0], first=ages[0], last=ages[-1])
        table = {int(age): months for age, months in months_by_age.items()}
        return cls(ages[0], tuple(table[age] for age in ages), method)


def divisor_at(age_months: Months, rule: DivisorRule) -> float | FloatArray:
    """Divisor months at an age in months.

    `interpolate`, with a completed years and r months, D half-up to a tenth in whole-number arithmetic:

        D = floor((120·D(a) + 10·r·(D(a+1) - D(a)) + 6) / 12) / 10

    Parameters
    ----------
    age_months : age at the award month [months]; a number or an array of any shape
    rule : annex and method (国发〔2005〕38号)

    Returns
    -------
    divisor [months], of the shape of `age_months`

    Examples
    --------
    >>> divisor_at(12 * 60 + 3, DivisorRule(60, (139, 132)))
    137.3
    >>> divisor_at(12 * 60 + 3, DivisorRule(60, (139, 132), "floor"))
    139.0
    """
    age = np.asarray(age_months, dtype=np.int64)
    table = np.asarray(rule.months, dtype=np.int64)
    since_first = np.clip(age - 12 * rule.first_age, 0, 12 * (len(table) - 1))
    whole, rest = np.divmod(since_first, 12)
    lower = table[whole]
    if rule.method == "floor":
        found = lower.astype(np.float64)
    else:
        upper = table[np.minimum(whole + 1, len(table) - 1)]
        found = np.floor_divide(120 * lower + 10 * rest * (upper - lower) + 6, 12) / 10.0
    return float(found) if np.ndim(age_months) == 0 else found


@lru_cache(maxsize=64)
def divisor_by_month(rule: DivisorRule) -> FloatArray:
    """Divisor for every age in months 0..1211 [months]; read-only, for vectorised look-ups."""
    table = np.asarray(divisor_at(np.arange(LAST_AGE_MONTHS), rule))
    table.flags.writeable = False
    return table
