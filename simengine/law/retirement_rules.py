"""Parameters of the retirement-age law: the age path of each career, flexible choice, minimum years.

Filled from dated law parameters elsewhere; this module reads no file. The law itself is in `retirement`, its rule and
sources in notes/retirement.md. All months are whole numbers; a calendar month is ``12·year + month - 1``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from simengine.common.errors import LawError
from simengine.common.messages import near
from simengine.law.divisor import DivisorRule
from simengine.registry.axes import CAREER, WORKING_AGE

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Months = TypeVar("Months", int, IntArray)

LAST_MEMBER_AGE = WORKING_AGE[-1]


def month_index(year: Months, month: int) -> Months:
    """Index of a calendar month: ``12·year + month - 1``.

    >>> month_index(2025, 1)
    24300
    """
    return 12 * year + month - 1


FIRST_AFFECTED_MONTH = month_index(2025, 1)
"""The decision of 2024-09-13 enters into force; the first old-age month that is moved."""

FIRST_CHOICE_LIMIT = 36.0
"""Months of choice either way of that decision: for a lever that opens it under a law that does not know it yet."""


@dataclass(frozen=True)
class YearTable:
    """One value per calendar year from `first_year` on; the first and the last value hold beyond both ends."""

    first_year: int
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or not np.all(np.isfinite(self.values)):
            raise LawError("retirement_by_year", year=self.first_year)

    @classmethod
    def of(cls, first_year: int, values: Sequence[float] | FloatArray) -> YearTable:
        """Build from any sequence, one entry per consecutive year."""
        return cls(int(first_year), tuple(float(value) for value in values))

    @classmethod
    def constant(cls, value: float) -> YearTable:
        """The same value in every year."""
        return cls(0, (float(value),))

    def at(self, year: int | IntArray) -> FloatArray:
        """Values of the given years, in their shape."""
        position = np.clip(np.asarray(year) - self.first_year, 0, len(self.values) - 1)
        return np.asarray(np.asarray(self.values, dtype=np.float64)[position])


@dataclass(frozen=True)
class AgePath:
    """Statutory age of one career and how it rises (annexes 1-3).

    Parameters
    ----------
    old_age_months : age before the reform [months]; 720 men, 660 and 600 women
    step : birth months that share one step (k); 4, for women with old age 50 it is 2
    cap : largest delay [months]; 36, for women with old age 50 it is 60; 0 switches the reform off
    first_affected_month : first month index in which reaching the old age no longer suffices
    delay_per_step : delay added at each step [months]; 1 in the enacted law, a lever otherwise
    """

    old_age_months: int
    step: int
    cap: int
    first_affected_month: int = FIRST_AFFECTED_MONTH
    delay_per_step: int = 1

    def __post_init__(self) -> None:
        wrong = [name for name in ("old_age_months", "step", "delay_per_step") if getattr(self, name) <= 0]
        wrong += ["cap"] if self.cap < 0 else []
        for field in fields(self):
            if not isinstance(getattr(self, field.name), (int, np.integer)):
                wrong.append(field.name)
        if wrong:
            raise LawError("retirement_age", name=wrong[0], value=getattr(self, wrong[0]))

    def without_reform(self) -> AgePath:
        """The old age for ever."""
        return replace(self, cap=0)


@dataclass(frozen=True)
class CareerRules:
    """Everything that differs between the three careers.

    Parameters
    ----------
    path : statutory age
    early_share, late_share : share of persons choosing early or late retirement, by year of the statutory month [1]
    arduous_age_months : age of retirement from arduous work [months]; 660 men, 540 women
    arduous_share : share of a birth month retiring on that ground [1]
    early_hazard : yearly probability of leaving in the years of age before the old age, by calendar year [1/year]
    """

    path: AgePath
    early_share: YearTable
    late_share: YearTable
    arduous_age_months: int
    arduous_share: float
    early_hazard: YearTable

    def __post_init__(self) -> None:
        shares = (*self.early_share.values, *self.late_share.values, *self.early_hazard.values, self.arduous_share)
        for share in shares:
            if not 0.0 <= share <= 1.0:
                raise LawError("retirement_share", value=share)
        years = np.arange(
            min(self.early_share.first_year, self.late_share.first_year),
            max(t.first_year + len(t.values) for t in (self.early_share, self.late_share)),
        )
        total = self.early_share.at(years) + self.late_share.at(years)
        if np.any(total > 1.0 + 1e-12):
            raise LawError("retirement_sum", value=f"{total.max():.6g}", year=int(years[total.argmax()]))


@dataclass(frozen=True)
class RetirementRules:
    """The retirement-age law of one scenario; filled from dated law parameters outside this module.

    Parameters
    ----------
    careers : one `CareerRules` for each of `axes.CAREER`, in that order
    minimum : minimum contribution months by year of the statutory month (annex 4) [months]
    divisor : personal-account divisor
    earliest_share : part of the early choosers who leave in their earliest month [1]
    early_limit, late_limit : widest lawful distance from the statutory month, by its year [months]
    early_window : whole ages before the old age exposed to `early_hazard`, by calendar year [years]
    chosen_minimum : 1 where an early retiree needs the minimum of the chosen month's year, 0 where that of the
        statutory month's, by year of the chosen month
    flexible_from : first month index of flexible choice; None closes it
    arduous_from : first month index of the arduous-work row
    undated_month : calendar month assigned to awards whose month is not scheduled [1..12]
    after_last_age_offset : months added to the whole age for the divisor of awards after the last scheduled month
    """

    careers: tuple[CareerRules, ...]
    minimum: YearTable
    divisor: DivisorRule
    earliest_share: float
    early_limit: YearTable
    late_limit: YearTable
    early_window: YearTable
    chosen_minimum: YearTable
    flexible_from: int | None = FIRST_AFFECTED_MONTH
    arduous_from: int = FIRST_AFFECTED_MONTH
    undated_month: int = 6
    after_last_age_offset: int = 6

    def __post_init__(self) -> None:
        if len(self.careers) != len(CAREER):
            raise ValueError(f"{len(self.careers)} careers given, not one for each of {', '.join(CAREER)}")
        bounds = {
            "earliest_share": (0, 1),
            "early_limit": (0, 240),
            "late_limit": (0, 240),
            "early_window": (0, 40),
            "undated_month": (1, 12),
            "after_last_age_offset": (0, 11),
        }
        for name, (low, high) in bounds.items():
            stated = getattr(self, name)
            values = stated.values if isinstance(stated, YearTable) else (stated,)
            for value in values:
                if not low <= value <= high:
                    raise LawError("retirement_limit", name=name, value=f"{value:g}", low=low, high=high)
                if isinstance(stated, YearTable) and value != round(value):
                    raise LawError("retirement_whole", name=name, value=f"{value:g}", low=low, high=high)
        for year, value in enumerate(self.minimum.values, self.minimum.first_year):
            if value != round(value) or not 0 <= value <= 540:
                raise LawError("retirement_minimum", year=year, value=f"{value:g}")
        for name, career in zip(CAREER, self.careers, strict=True):
            oldest = career.path.old_age_months + career.path.cap + int(max(self.late_limit.values))
            window = int(max(self.early_window.values))
            youngest = min(career.path.old_age_months - 12 * window, career.arduous_age_months)
            if oldest // 12 >= LAST_MEMBER_AGE or youngest < 12 * WORKING_AGE[0]:
                ends: dict[str, Any] = {"low": 12 * WORKING_AGE[0], "high": 12 * LAST_MEMBER_AGE - 1}
                raise LawError("retirement_reach", career=name, youngest=youngest, oldest=oldest, **ends)

    def without_reform(self) -> RetirementRules:
        """Old ages for ever, no flexible choice. Minimum years and the arduous-work row stay: they are own levers."""
        careers = tuple(replace(career, path=career.path.without_reform()) for career in self.careers)
        return replace(self, careers=careers, flexible_from=None)

    def career(self, name: str) -> CareerRules:
        """Rules of a career by name."""
        return self.careers[career_position(name)]


def career_position(name: str) -> int:
    """Position of a career name on the axis."""
    if name not in CAREER:
        raise LawError("law_career", near=near(name, CAREER), name=name, known=", ".join(CAREER))
    return CAREER.index(name)
