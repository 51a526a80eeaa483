"""What a case file may say, kind by kind: the pension schemes, retirement, funds. Other branches: `models_branches`.

What each field means, with its unit, stands in `field_words.yaml` alone.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from simengine.cases.fields import (
    CalendarYear,
    CaseFile,
    Count,
    Frozen,
    LawKey,
    Money,
    Month,
    Months,
    Person,
    Rate,
    Record,
    Segments,
    Share,
    Switch,
    Text,
    Years,
    YearSpans,
    Yuan,
    YuanByYear,
)

Scheme = Literal["enterprise", "public"]
Status = Literal["enterprise", "flexible", "public"]


class RetirementCase(CaseFile):
    """Statutory month of one person, the earliest and latest month, the minimum months."""

    kind: Literal["retirement"]
    person: Person


class KnownAccount(Frozen):
    """A balance of the account that is known: at the end of a year; crediting starts from it."""

    year: CalendarYear
    balance: Yuan


class AwardCase(CaseFile):
    """First pension of an employee or public servant."""

    kind: Literal["award"]
    scheme: Scheme = "enterprise"
    person: Person
    retires: Month | None = None
    record: Record | None = None
    career: Segments | None = None
    known_account: KnownAccount | None = None
    city: Text | None = None
    rank: Text | None = None
    local_average_pension: Yuan | None = None
    floor_variant: Switch = False
    former_transition: Yuan | None = None
    purchase_base: Yuan | None = None
    old_formula: Yuan | None = None
    annuity_balance: Yuan | None = None

    @model_validator(mode="after")
    def _one_source(self) -> AwardCase:
        if (self.record is None) == (self.career is None):
            raise PydanticCustomError("case_record_or_career", "record or career", {})
        return self


class ContributionCase(CaseFile):
    """Contributions of one month: base between floor and cap, employer, employee, account."""

    kind: Literal["contribution"]
    status: Status = "enterprise"
    month: Month
    wage: Yuan | None = None
    base: Yuan | None = None
    at: Literal["floor", "cap"] | None = None
    city: Text | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=600)] = 1

    @model_validator(mode="after")
    def _one_measure(self) -> ContributionCase:
        stated = [name for name in ("wage", "base", "at") if getattr(self, name) is not None]
        if len(stated) != 1:
            raise PydanticCustomError("case_contribution", "one of three", {"given": ", ".join(stated) or "-"})
        return self


class AccountCase(CaseFile):
    """Balance of an individual account: crediting year by year."""

    kind: Literal["account"]
    scheme: Literal["enterprise", "public", "annuity", "resident"] = "enterprise"
    year: CalendarYear
    balance: Yuan
    credits: YuanByYear | None = None
    monthly: YuanByYear | None = None
    until: Month | None = None


class SurvivorCase(CaseFile):
    """Grants after a death not caused by work."""

    kind: Literal["survivor"]
    died: Month
    status: Literal["in_service", "retired"]
    months: Months
    pension_years: Years | None = None
    pension_from: Month | None = None
    income: Yuan | None = None
    paid_in: Yuan | None = None
    account: Yuan | None = None
    funeral_elsewhere: Switch = False


class SicknessCase(CaseFile):
    """Allowance for total incapacity before the statutory age."""

    kind: Literal["sickness"]
    person: Person
    since: Month
    record: Record
    city: Text | None = None


class AdjustmentRule(Frozen):
    """The provincial notice: fixed amount, yuan for each year up to and above a number of years, share, tilt."""

    fixed: Yuan
    tier_years: Annotated[float, Field(strict=True, ge=0.0, le=60.0)]
    below: Annotated[float, Field(strict=True, ge=0.0, le=1_000.0)]
    above: Annotated[float, Field(strict=True, ge=0.0, le=1_000.0)]
    level: Annotated[float, Field(strict=True, ge=0.0, le=0.2)]
    tilt: Yuan = 0.0
    reference: Text = ""


class AdjustmentCase(CaseFile):
    """Yearly increase of one pension on 1 January; without a rule the overall ratio of the year."""

    kind: Literal["adjustment"]
    year: CalendarYear
    pension: Yuan
    months: Months
    born: Month | None = None
    rule: AdjustmentRule | None = None


class ComparisonCase(CaseFile):
    """Ten-year transition of the public sector: the old pension beside the new one [yuan/month]."""

    kind: Literal["comparison"]
    retires: Month
    old: Yuan
    new: Yuan


class AnnuityCase(CaseFile):
    """Occupational annuity: contributions on a base, monthly payment of a balance, or both."""

    kind: Literal["annuity"]
    month: Month
    base: Yuan | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=600)] = 1
    balance: Yuan | None = None
    born: Month | None = None

    @model_validator(mode="after")
    def _something(self) -> AnnuityCase:
        if self.base is None and self.balance is None:
            raise PydanticCustomError("case_annuity", "base or balance", {})
        if self.balance is not None and self.born is None:
            raise PydanticCustomError("case_annuity_born", "born", {})
        return self


class ResidentCase(CaseFile):
    """Resident pension from contributions year by year, or from a balance with its paid years."""

    kind: Literal["resident"]
    born: Month
    claims: Month | None = None
    balance: Yuan | None = None
    paid_years: Years | None = None
    contributions: YearSpans | None = None
    scheme_start: Month | None = None
    make_up_tier: Yuan | None = None
    on: Month | None = None
    died: Month | None = None

    @model_validator(mode="after")
    def _one_source(self) -> ResidentCase:
        if (self.balance is None) == (self.contributions is None):
            raise PydanticCustomError("case_balance_or_contributions", "one source", {})
        if self.balance is not None and self.paid_years is None:
            raise PydanticCustomError("case_paid_years", "paid years", {})
        return self


class ResidentAccount(Frozen):
    """A resident account that meets an employees' one."""

    paid_years: Years
    balance: Yuan
    overlap_months: Months = 0
    overlap_paid: Yuan = 0.0


class SwitchCase(CaseFile):
    """Employees' and resident scheme joined at old age (人社部发〔2014〕17号)."""

    kind: Literal["switch"]
    person: Person
    retires: Month | None = None
    record: Record
    resident: ResidentAccount
    city: Text | None = None


class EntrustedCase(CaseFile):
    """Share of a year's new surplus of the resident fund to be entrusted [亿元]."""

    kind: Literal["entrusted"]
    year: CalendarYear
    income: Money
    expenditure: Money
    principal: Money | None = None
    return_rate: Rate = 0.0


class GrowthCase(CaseFile):
    """A standard of the law grown at a yearly rate, beside the one listed for the last year."""

    kind: Literal["growth_of_standard"]
    key: LawKey = "resident/basic_pension_minimum"
    start: CalendarYear
    end: CalendarYear
    rate: Rate
    standard: Yuan | None = None

    @model_validator(mode="after")
    def _forward(self) -> GrowthCase:
        if self.end < self.start:
            raise PydanticCustomError("case_span_reversed", "reversed", {"first": self.start, "last": self.end})
        return self


class CentralAdjustmentCase(CaseFile):
    """Central adjustment fund: paid up on wages and insured persons, received for pensioners."""

    kind: Literal["central_adjustment"]
    year: CalendarYear
    wage: Money
    insured: Count
    retirees: Count
    per_retiree: Money


class CoverableCase(CaseFile):
    """Legally coverable population behind a coverage rate, and the heads of another rate on it [万人]."""

    kind: Literal["coverage"]
    measure: Literal["coverable"]
    participants: Count
    rate: Share
    target_rate: Share | None = None


class EnlargementCase(CaseFile):
    """Gross enlargement against net growth [万人]: the difference left inside the total."""

    kind: Literal["coverage"]
    measure: Literal["enlargement"]
    net: Annotated[float, Field(strict=True)]
    gross: Annotated[float, Field(strict=True)]


class PayableMonthsCase(CaseFile):
    """Months of spending that a balance covers [亿元]."""

    kind: Literal["coverage"]
    measure: Literal["payable_months"]
    balance: Money
    expenditure: Annotated[float, Field(strict=True, gt=0.0, le=1e15)]


class AverageBenefitCase(CaseFile):
    """Mean monthly benefit from yearly spending [亿元] and recipients [万人]."""

    kind: Literal["coverage"]
    measure: Literal["average_benefit"]
    expenditure: Money
    recipients: Annotated[float, Field(strict=True, gt=0.0, le=2_000_000.0)]
    target: Yuan | None = None
