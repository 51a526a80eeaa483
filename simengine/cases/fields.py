"""Types that the case files share: months, money, indexes, values by year. Meanings and units: `field_words.yaml`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from simengine.common.fields import Frozen, Growth, LawKey, LawValue, Name, Text, as_tuple
from simengine.registry.axes import CAREER, SEX_OF_CAREER
from simengine.registry.units import month_index

FIRST_MONTH, LAST_MONTH = 12 * 1900, 12 * 2151 - 1
EVERY_YEAR = 0
"""Year under which a number stated without a year is kept: it holds in every year."""

SEXES = {"man": "man", "male": "man", "男": "man", "woman": "woman", "female": "woman", "女": "woman"}
SEX_WORDS = {"male": "man", "female": "woman"}
SWITCH = {"on": True, "off": False}


def month_of(value: Any) -> int | None:
    """Month index of ``1965-05``, or of a whole date, whose day is dropped; None for anything else."""
    if isinstance(value, datetime.date):
        return 12 * value.year + value.month - 1
    found = month_index(value.strip()) if isinstance(value, str) else None
    return found if found is not None and FIRST_MONTH <= found <= LAST_MONTH else None


def _month(value: Any) -> int:
    found = month_of(value)
    if found is None:
        raise PydanticCustomError("case_month", "not a month", {"value": str(value)})
    return found


def _by_year(value: Any) -> Any:
    return {EVERY_YEAR: value} if isinstance(value, int | float) and not isinstance(value, bool) else value


def _sex(value: Any) -> Any:
    return SEXES.get(value.lower(), value) if isinstance(value, str) else value


def _switch(value: Any) -> Any:
    return SWITCH.get(value, value) if isinstance(value, str) else value


Month = Annotated[int, BeforeValidator(_month)]
Months = Annotated[int, Field(strict=True, ge=0, le=900)]
Years = Annotated[int, Field(strict=True, ge=0, le=75)]
CalendarYear = Annotated[int, Field(strict=True, ge=1950, le=2150)]
YearKey = Annotated[int, Field(strict=True, ge=0, le=2150)]
Yuan = Annotated[float, Field(strict=True, ge=0.0, le=1_000_000_000.0)]
Money = Annotated[float, Field(strict=True, ge=0.0, le=1e15)]
Count = Annotated[float, Field(strict=True, ge=0.0, le=2_000_000_000.0)]
Index = Annotated[float, Field(strict=True, ge=0.0, le=1_000.0)]
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Rate = Annotated[float, Field(strict=True, ge=-0.5, le=0.5)]
Switch = Annotated[bool, Field(strict=True), BeforeValidator(_switch)]
Sex = Annotated[Literal["man", "woman"], BeforeValidator(_sex)]
Career = Literal["men", "women_55", "women_50"]
YuanByYear = Annotated[dict[YearKey, Yuan], BeforeValidator(_by_year), Field(min_length=1)]
IndexByYear = Annotated[dict[YearKey, Index], BeforeValidator(_by_year), Field(min_length=1)]
Expected = Annotated[Any, Field()]
INDICES = Literal["wage", "benefit_base", "price", "minimum_wage", "urban_income"]


def in_year(values: dict[int, float], year: int) -> float | None:
    """The number stated for a year, or for every year; None where neither is stated."""
    return values.get(year, values.get(EVERY_YEAR))


class CaseFile(Frozen):
    """What every case may say, whatever its kind."""

    kind: Text
    name: Text = ""
    example: Text = ""
    remark: Text = ""
    region: Text = "china"
    law: dict[LawKey, Any] = Field(default_factory=dict)
    growth: dict[INDICES, Growth] = Field(default_factory=dict)
    rounding: Switch = True
    expected: dict[Name, Expected] = Field(default_factory=dict)
    checked: Annotated[tuple[Text, ...], BeforeValidator(as_tuple)] = ()


class Person(Frozen):
    """Who: birth month, sex, and for women the path of the retirement law."""

    born: Month
    sex: Sex | None = None
    career: Career | None = None
    special_job: Switch = False

    @model_validator(mode="after")
    def _known(self) -> Person:
        if self.sex is None and self.career is None:
            raise PydanticCustomError("case_sex", "sex or career", {})
        if self.sex is not None and self.career is not None and self._sex_of(self.career) != self.sex:
            raise PydanticCustomError("case_sex_career", "contradiction", {"sex": self.sex, "career": self.career})
        return self

    @staticmethod
    def _sex_of(career: str) -> str:
        return SEX_WORDS[SEX_OF_CAREER[CAREER.index(career)]]


class Record(Frozen):
    """A summary of a career up to the award month."""

    paid_months: Months
    index: Index
    deemed_months: Months = 0
    deemed_index: Index | None = None
    account: Yuan | None = None
    months_before_accounts: Months | None = None
    index_before_accounts: Index | None = None
    deemed_after_accounts: Months = 0
    former_transition: Yuan | None = None
    first_insured: Month | None = None


class _Span(Frozen):
    """A stretch of months; its first one stands under ``from``, a word Python keeps for itself."""

    to: Month | None = None

    @property
    def first(self) -> int:
        """First month, the one under ``from`` [month index]."""
        return int(getattr(self, "from"))


class SegmentFields(_Span):
    """One stretch of a career, both months included; exactly one of index, base and wage for paid months."""

    kind: Literal["enterprise", "flexible", "public", "deemed", "none"]
    index: IndexByYear | None = None
    base: YuanByYear | None = None
    wage: YuanByYear | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> SegmentFields:
        stated = [name for name in ("index", "base", "wage") if getattr(self, name) is not None]
        paid = self.kind in ("enterprise", "flexible", "public")
        if paid and len(stated) != 1:
            raise PydanticCustomError("case_measure", "one measure", {"given": ", ".join(stated) or "-"})
        if not paid and [name for name in stated if name != "index" or self.kind == "none"]:
            raise PydanticCustomError("case_no_measure", "no measure", {"given": ", ".join(stated), "kind": self.kind})
        return self


class YearSpanFields(Frozen):
    """Resident contributions of consecutive years; the first stands under ``from``."""

    to: CalendarYear
    tier: Annotated[float, Field(strict=True, ge=0.0, le=100_000.0)]
    subsidy: Annotated[float, Field(strict=True, ge=0.0, le=100_000.0)] | None = None
    collective: Annotated[float, Field(strict=True, ge=0.0, le=100_000.0)] = 0.0
    made_up: Switch = False

    @property
    def first(self) -> int:
        """First year, the one under ``from``."""
        return int(getattr(self, "from"))


if TYPE_CHECKING:

    class Segment(SegmentFields):
        """`SegmentFields` with its first month."""

    class YearSpan(YearSpanFields):
        """`YearSpanFields` with its first year."""

else:
    Segment = create_model("Segment", __base__=SegmentFields, **{"from": (Month, ...)})
    YearSpan = create_model("YearSpan", __base__=YearSpanFields, **{"from": (CalendarYear, ...)})

Segments = Annotated[tuple[Segment, ...], BeforeValidator(as_tuple), Field(min_length=1)]
YearSpans = Annotated[tuple[YearSpan, ...], BeforeValidator(as_tuple), Field(min_length=1)]

__all__ = [
    "EVERY_YEAR",
    "CalendarYear",
    "Career",
    "CaseFile",
    "Count",
    "Frozen",
    "Index",
    "IndexByYear",
    "LawKey",
    "LawValue",
    "Money",
    "Month",
    "Months",
    "Person",
    "Rate",
    "Record",
    "Segment",
    "Segments",
    "Sex",
    "Share",
    "Switch",
    "Text",
    "YearSpan",
    "YearSpans",
    "Years",
    "Yuan",
    "YuanByYear",
    "in_year",
    "month_of",
]
