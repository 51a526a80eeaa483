"""Employees' and resident scheme joined at old age (人社部发〔2014〕17号; schemes.md 7.5)."""

from __future__ import annotations

import math
from dataclasses import replace

from simengine.cases.award import check_city
from simengine.cases.doubts import check_scale, check_service
from simengine.cases.models import SwitchCase
from simengine.cases.pension import award_law, put_pension
from simengine.cases.record import numbers_of
from simengine.cases.resident import put_resident_estimate
from simengine.cases.retirement import check_month, minimum_of, put_divisor, put_window, window_of
from simengine.cases.sheet import Sheet
from simengine.common.messages import month_text


def switch(sheet: Sheet, case: SwitchCase) -> None:
    """Which scheme pays, with which account and years; years paid twice are refunded once."""
    window = window_of(sheet, case.person)
    month = case.retires if case.retires is not None else window.statutory
    check_month(sheet, window, month, "retires" if case.retires is not None else "person")
    force = sheet.use("resident/switch_in_force", month)
    if force.number == 0.0:
        sheet.fail("case_switch_early", "retires", month=month_text(month))
    numbers = numbers_of(sheet, case.record, "enterprise", month, "record")
    check_service(sheet, numbers, case.person.born, month, "enterprise", "record")
    check_scale(sheet, numbers, month)
    check_city(sheet, case.city)
    if case.record.account is None:
        sheet.fail("case_account_missing", "record")
    other = case.resident
    if other.overlap_paid > other.balance:
        values = {"value": f"{other.overlap_paid:g}", "balance": f"{other.balance:g}"}
        sheet.fail("case_overlap_paid", "resident", "overlap_paid", **values)
    sheet.stop()
    put_window(sheet, window)
    refund = sheet.put("overlap_refund", other.overlap_paid, months=other.overlap_months)
    moved = sheet.put("resident_account_moved", other.balance - refund, balance=other.balance, refund=refund)
    account = sheet.put("account_joined", numbers.account + moved, force, own=numbers.account, moved=moved)
    minimum = minimum_of(sheet, window, month)
    sheet.put("minimum_months", int(minimum.number), minimum, year=month // 12)
    sheet.put("recognised_months", numbers.recognised, paid=numbers.paid, deemed=numbers.deemed)
    if numbers.recognised >= minimum.number:
        sheet.put("paying_scheme", "employees", minimum, months=numbers.recognised, minimum=minimum.value)
        sheet.note("resident_years_not_counted")
        age = month - window.born
        sheet.put("award_age", age, born=month_text(window.born), month=month_text(month))
        divisor = put_divisor(sheet, month, age)
        law = award_law(sheet, "enterprise", month, case.city)
        sheet.put("benefit_base", law.base.number, law.base, year=month // 12)
        put_pension(sheet, law, replace(numbers, account=float(account)), divisor)
        return
    sheet.put("paying_scheme", "residents", minimum, months=numbers.recognised, minimum=minimum.value)
    paid = numbers.recognised + 12 * other.paid_years - other.overlap_months
    joined = {"own": numbers.recognised, "other": 12 * other.paid_years, "twice": other.overlap_months}
    sheet.put("paid_years", round(paid / 12.0, 2), variant="joined", **joined)
    needed = sheet.use("resident/minimum_months", month)
    missing = max(0, math.ceil((needed.number - paid) / 12.0))
    sheet.put("missing_years", missing, needed, required=int(needed.number) // 12, years=round(paid / 12.0, 2))
    put_resident_estimate(sheet, "joined_resident_pension", float(account), case.person.born, month)
