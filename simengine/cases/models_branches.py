"""What a case file may say about unemployment and work injury."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simengine.cases.fields import CalendarYear, CaseFile, Money, Month, Months, Person, Switch, Yuan

Reason = Literal[
    "involuntary", "contract_ended", "dismissed", "agreed", "discharged", "forced_to_leave", "other_by_law", "quit"
]
"""Why work was lost: the reasons of 人社部令第13号 (2011) art. 13, all of them together, or the own will."""


class UnemploymentCase(CaseFile):
    """Unemployment benefit: months, amount, and what follows near the statutory month."""

    kind: Literal["unemployment"]
    claims: Month
    paid_months: Months
    unused_months: Months = 0
    worked_months: Months | None = None
    reason: Reason | None = None
    career_months: Months | None = None
    average_base: Yuan | None = None
    person: Person | None = None
    price_growth: Annotated[float, Field(strict=True, ge=-0.2, le=0.5)] | None = None


class StabilisationCase(CaseFile):
    """Refund of last year's premiums to a firm that keeps its staff."""

    kind: Literal["stabilisation"]
    month: Month
    size: Literal["large", "small"]
    staff_before: Annotated[int, Field(strict=True, ge=1, le=5_000_000)]
    staff_after: Annotated[int, Field(strict=True, ge=0, le=5_000_000)]
    premiums: Money
    payable_months: Annotated[float, Field(strict=True, ge=0.0, le=600.0)] | None = None
    paid_months: Months | None = None


class InjuryPremiumCase(CaseFile):
    """Premium of an employer: class rate times its floating level."""

    kind: Literal["injury_premium"]
    month: Month
    payroll: Money
    risk_class: Annotated[int, Field(strict=True, ge=1, le=8)]
    level: Annotated[float, Field(strict=True, gt=0.0, le=3.0)] = 1.0
    payable_months: Annotated[float, Field(strict=True, ge=0.0, le=600.0)] | None = None


class InjuryCase(CaseFile):
    """Benefits of an injured worker by grade."""

    kind: Literal["injury"]
    month: Month
    grade: Annotated[int, Field(strict=True, ge=1, le=10)]
    wage: Yuan
    leaves: Switch = False
    years_left: Annotated[float, Field(strict=True, ge=0.0, le=60.0)] | None = None
    nursing: Literal["full", "most", "part"] | None = None


class InjuryDeathCase(CaseFile):
    """Grants after a death at work and the monthly pensions of survivors."""

    kind: Literal["injury_death"]
    month: Month
    wage: Yuan
    spouse: Switch = False
    others: Annotated[int, Field(strict=True, ge=0, le=20)] = 0
    lonely: Annotated[int, Field(strict=True, ge=0, le=20)] = 0
    after_stop_work: Switch = False


class InjuryPreventionCase(CaseFile):
    """Highest prevention spending on last year's premium income [yuan]."""

    kind: Literal["injury_prevention"]
    year: CalendarYear
    premiums: Money
