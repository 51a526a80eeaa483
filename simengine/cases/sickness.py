"""Allowance for total incapacity before the statutory age (人社部发〔2024〕72号; schemes.md 1.10)."""

from __future__ import annotations

from simengine.cases.award import check_city
from simengine.cases.doubts import check_scale, check_service
from simengine.cases.models import SicknessCase
from simengine.cases.pension import award_law, put_base_part, put_pension, record_row
from simengine.cases.record import numbers_of
from simengine.cases.retirement import put_divisor, put_window, window_of
from simengine.cases.sheet import Sheet
from simengine.common.messages import age_words, month_text
from simengine.kernels.cases import base_part
from simengine.kernels.rules.disability import BASE, FULL, LIMITED, sickness_branch, sickness_months
from simengine.kernels.rules.rounding import paid_out

BRANCHES = {FULL: "full", BASE: "base", LIMITED: "limited"}
"""Branches of the allowance by the code of the rule."""


def sickness(sheet: Sheet, case: SicknessCase) -> None:
    """Branch, amount, limited months or month of recomputation of the allowance for lost working capacity."""
    window = window_of(sheet, case.person)
    month = case.since
    if month >= window.statutory:
        sheet.fail("case_past_statutory", "since", month=month_text(month), statutory=month_text(window.statutory))
    if month <= case.person.born:
        sheet.fail("case_birth_after", "person", "born", born=month_text(window.born), month=month_text(month))
    force = sheet.use("pension/sickness_in_force", month)
    if force.number == 0.0:
        first = next(v.date for v in force.parameter.national if v.value)
        sheet.fail("case_sickness_early", "since", month=month_text(month), first=first)
    numbers = numbers_of(sheet, case.record, "enterprise", month, "record")
    check_service(sheet, numbers, case.person.born, month, "enterprise", "record")
    check_scale(sheet, numbers, month)
    check_city(sheet, case.city)
    sheet.stop()
    put_window(sheet, window)
    left = window.statutory - month
    sheet.put("months_to_statutory", left, statutory=month_text(window.statutory), month=month_text(month))
    minimum = sheet.use("retirement/minimum_months", month)
    near = sheet.use("pension/sickness_near_months", month)
    sheet.put("minimum_months", int(minimum.number), minimum, year=month // 12)
    sheet.put("recognised_months", numbers.recognised, paid=numbers.paid, deemed=numbers.deemed)
    reached = numbers.recognised >= minimum.number
    branch = BRANCHES[int(sickness_branch(reached, float(left), near.number))]
    sheet.put("sickness_branch", branch, minimum, near, force, months=numbers.recognised, left=left, near=near.value)
    law = award_law(sheet, "enterprise", month, case.city)
    sheet.put("benefit_base", law.base.number, law.base, year=month // 12)
    if branch == "full":
        if case.record.account is None:
            sheet.fail("case_account_missing", "record")
            sheet.stop()
        age = month - window.born
        amount = put_pension(sheet, law, numbers, put_divisor(sheet, month, age))
        sheet.put("sickness_allowance", amount, variant="full", parts=amount, age=age_words(age))
        return
    row = law.row(sheet.rounding)
    part = base_part(record_row(numbers, 1.0), row)
    amount = put_base_part(sheet, law, numbers, row, float(paid_out(part, int(sheet.rounding))))
    sheet.put("sickness_allowance", amount, variant="base", parts=amount)
    if branch == "base":
        again = window.statutory - int(near.number)
        sheet.put("recomputation_month", again, near, statutory=month_text(window.statutory), near=near.value)
    else:
        _limited(sheet, numbers.recognised, month)


def _limited(sheet: Sheet, months: int, month: int) -> None:
    """Months the allowance is paid below the minimum months."""
    short = sheet.use("pension/sickness_short_months", month)
    longer = sheet.use("pension/sickness_longer_from_months", month)
    low, base, further = (float(short.value[label]) for label in ("below_60_months", "base", "per_further_year"))
    limit = float(sickness_months(float(months), longer.number, low, base, further))
    sheet.put("limited_months", limit, short, longer, months=months, base=base, further=further, low=low)
