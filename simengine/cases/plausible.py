"""Slips of unit in any field of any case: an amount by the month against the average wage, months typed as years.

Which fields are held against the wage, and how many times it each may be, stands in `field_words.yaml` as `most`. The
law of the region is asked here without the values that the file replaces: they may be what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simengine.cases.describe import stated_fields
from simengine.cases.fields import Record, month_of
from simengine.cases.kinds import kind_of
from simengine.cases.law import CaseLaw, new_year
from simengine.cases.models import AdjustmentCase, SurvivorCase
from simengine.cases.models_branches import UnemploymentCase
from simengine.cases.sheet import Sheet
from simengine.cases.words import shown
from simengine.common.errors import SimengineError

DATES = ("month", "retires", "died", "claims", "since", "year", "start")
"""Fields that date a case, the first that is stated."""

LEAST = 0.01
"""Part of the average wage below which an amount by the month is taken for one in 万元."""

WAN = 10_000.0

MOST_YEARS = 75
"""No career has more years: a count of months up to it, of who must have more months, is taken for years."""

TOO_MUCH = 1.5
"""An account so many times above what the paid months give at the cap of the base was not paid in so few months."""

MEAN_PENSION = 0.5
"""A mean pension as part of the average wage; the mean increase of a year is the overall ratio on it."""

PART_OF_INCREASE = 2.0
"""A part of the increase by a notice so many times above the mean increase of the year is taken for a yearly amount."""

RULE_YEARS = {"fixed": 1.0, "tilt": 1.0, "below": 20.0, "above": 20.0}
"""Years by which an amount of the notice is multiplied in an ordinary case."""


def check_amounts(sheet: Sheet) -> None:
    """Note a doubt for every amount that looks like a slip of unit; `checked` overrules each."""
    content, data = sheet.case.content, sheet.case.data
    law = CaseLaw(sheet.law.tree, sheet.case.region)
    year = _year_of(sheet, data if isinstance(data, Mapping) else {})
    if isinstance(data, Mapping):
        for path, _, entry, value in stated_fields(kind_of(content).model, data):
            if "most" in entry:
                _by_month(sheet, law, path, value, float(entry["most"]), _ends(data, path, year))
    record = getattr(content, "record", None)
    if isinstance(record, Record):
        _paid_months(sheet, law, record, year)
    if isinstance(content, AdjustmentCase | SurvivorCase):
        pensioner = isinstance(content, AdjustmentCase) or content.status == "retired"
        if pensioner and 0 < content.months <= MOST_YEARS:
            _years(sheet, "months", content.months)
    if isinstance(content, AdjustmentCase) and content.rule is not None:
        _notice(sheet, law, content)
    whole = content.career_months if isinstance(content, UnemploymentCase) else None
    if isinstance(content, UnemploymentCase) and whole is not None and whole < content.paid_months:
        sheet.fail("case_career_months", "career_months", value=whole, paid=content.paid_months)


def _year_of(sheet: Sheet, data: Mapping[str, Any]) -> int:
    """Calendar year of a case, that of the review of the law where it states none."""
    for name in DATES:
        stated = data.get(name)
        if isinstance(stated, int):
            return stated
        month = month_of(stated)
        if month is not None:
            return month // 12
    day = sheet.law.tree.information_date
    return 2025 if day is None else day.year


def _ends(data: Mapping[str, Any], path: tuple[Any, ...], year: int) -> int:
    """Last year of the stretch of a career that an item stands in, the year of the case for any other item."""
    if path[0] != "career" or len(path) < 2:
        return year
    end = month_of(data["career"][path[1]].get("to"))
    return year if end is None else end // 12


def _number(law: CaseLaw, key: str, year: int) -> float | None:
    """Number of a parameter on 1 January; None where the law has none."""
    try:
        found = law.find(key, new_year(year))
    except SimengineError:
        return None
    return None if found is None or not isinstance(found.value, int | float) else found.number


def _by_month(sheet: Sheet, law: CaseLaw, path: tuple[Any, ...], value: Any, most: float, year: int) -> None:
    """Amounts by the month, one number or by year, against the average wage of the year before."""
    for here, amount in value.items() if isinstance(value, Mapping) else [(None, value)]:
        wage = _number(law, "economy/average_wage", (here or year) - 1)
        if wage is None or not isinstance(amount, int | float) or amount <= 0.0:
            continue
        keys = path if here is None else (*path, here)
        said = {"key": path[-1], "value": shown(amount), "wage": shown(round(wage, 2))}
        if amount > most * wage:
            sheet.doubt("case_month_high", *keys, **said, most=f"{most:g}", meant=shown(round(amount / 12.0, 2)))
        elif amount < LEAST * wage:
            sheet.doubt("case_month_low", *keys, **said, meant=f"{amount * WAN:z.0f}")


def _years(sheet: Sheet, *keys: str | int) -> None:
    """A count of months that looks like one of years: the keys of the item, then the number."""
    *path, value = keys
    sheet.doubt("case_months_years", *path, key=path[-1], value=value, meant=12 * int(value))


def _paid_months(sheet: Sheet, law: CaseLaw, record: Record, year: int) -> None:
    """Paid months that cannot have filled the account."""
    wage, cap, rate = (
        _number(law, key, day)
        for key, day in (
            ("economy/average_wage", year - 1),
            ("pension/base_cap_share", year),
            ("pension/account_credit_rate", year),
        )
    )
    if not record.account or not 0 < record.paid_months <= MOST_YEARS or None in (wage, cap, rate):
        return
    assert wage is not None and cap is not None and rate is not None  # noqa: S101
    if record.account > TOO_MUCH * record.paid_months * wage * cap * rate:
        _years(sheet, "record", "paid_months", record.paid_months)


def _notice(sheet: Sheet, law: CaseLaw, case: AdjustmentCase) -> None:
    """Amounts of a notice against the mean increase of the year."""
    ratio = _number(law, "pension/adjustment_ratio", case.year)
    wage = _number(law, "economy/average_wage", case.year - 1)
    if not ratio or not wage:
        return
    mean = ratio * MEAN_PENSION * wage
    for name, years in RULE_YEARS.items():
        value = getattr(case.rule, name)
        if value * years > PART_OF_INCREASE * mean:
            said = {"key": name, "value": shown(value), "mean": shown(round(mean, 2))}
            sheet.doubt("case_notice_yearly", "rule", name, **said, meant=shown(round(value / 12.0, 2)))
