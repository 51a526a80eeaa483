"""Unemployment benefit of one person (schemes.md 5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.cases.law import LawUse, new_year
from simengine.cases.models_branches import UnemploymentCase
from simengine.cases.retirement import put_window, window_of
from simengine.cases.sheet import Sheet
from simengine.common.messages import month_text
from simengine.kernels.rules.bounds import step_reached
from simengine.kernels.rules.rounding import paid_out
from simengine.kernels.rules.unemployment import (
    claim_months,
    minimum_wage_benefit,
    own_base_benefit,
    own_base_bounds,
    pension_refund,
    price_subsidy,
)

INVOLUNTARY, QUIT = "involuntary", "quit"
REFUND = ("unemployment/pension_refund_rate", "unemployment/pension_refund_base_share")


def step_of(table: LawUse, amount: float) -> float:
    """Value of a table "from so much on"; nothing below its first label."""
    marks = sorted(table.value, key=float)
    reached = int(step_reached(float(amount), np.array(marks, dtype=np.float64)))
    return float(table.value[marks[reached]]) if reached >= 0 else 0.0


def unemployment(sheet: Sheet, case: UnemploymentCase) -> None:
    """Reason, months, amount, last month, extension and refunded pension contributions."""
    months = _months(sheet, case) if _involuntary(sheet, case) else 0
    if months == 0:
        return
    amount = _amount(sheet, case)
    sheet.stop()
    _price_subsidy(sheet, case)
    last = case.claims + months - 1
    if case.person is not None:
        last = _near_retirement(sheet, case, months, last)
    else:
        sheet.put("last_benefit_month", last, claims=month_text(case.claims), months=months)
    second = sheet.use("unemployment/second_stage_share", case.claims)
    if second.number < 1.0:
        sheet.put("second_stage_benefit", amount * second.number, second, amount=amount, share=second)


def _involuntary(sheet: Sheet, case: UnemploymentCase) -> bool:
    """Whether work was lost without the own will; without it nothing is due."""
    if case.reason is None:
        sheet.note("reason_unstated")
    reason = case.reason or INVOLUNTARY
    sheet.put("loss_of_work", reason, variant="" if reason != QUIT else QUIT)
    if reason == QUIT:
        sheet.put("benefit_months", 0, sheet.use("unemployment/eligible_months", case.claims), variant=QUIT)
    return reason != QUIT


def _price_subsidy(sheet: Sheet, case: UnemploymentCase) -> None:
    """Subsidy of a month in which prices have grown by the stated rate over a year."""
    if case.price_growth is None:
        return
    trigger = sheet.use("unemployment/price_trigger", case.claims)
    standard = sheet.use("economy/urban_living_standard", case.claims)
    subsidy = price_subsidy(standard.number, case.price_growth, trigger.number)
    numbers = {"standard": standard, "growth": f"{100.0 * case.price_growth:g}%", "trigger": trigger}
    sheet.put("price_subsidy", subsidy, standard, trigger, variant="" if subsidy else "none", **numbers)


def _months(sheet: Sheet, case: UnemploymentCase) -> int:
    """Longest duration: by paid months, unused months added, capped; the unused ones alone after a short return."""
    needed = sheet.use("unemployment/eligible_months", case.claims)
    ladder = sheet.use("unemployment/duration_months", case.claims)
    cap = sheet.use("unemployment/duration_cap", case.claims)
    own = int(step_of(ladder, case.paid_months)) if case.paid_months >= needed.number else 0
    laws = [needed, ladder, cap]
    variant, unused = "" if own else "none", case.unused_months
    numbers: dict[str, Any] = {"paid": case.paid_months, "own": own, "unused": unused, "cap": cap.value}
    worked = _worked(sheet, case)
    if not own and unused:
        within = sheet.use("unemployment/continued_within_months", case.claims)
        numbers |= {"worked": worked, "within": within.value}
        variant, laws = ("continued" if worked < within.number else "late"), [*laws, within]
    due = own or variant == "continued"
    total = int(claim_months(float(own), float(unused), cap.number)) if due else 0
    sheet.put("benefit_months", total, *laws, variant=variant, needed=needed.value, **numbers)
    return total


def _worked(sheet: Sheet, case: UnemploymentCase) -> int:
    """Months in work since the claim before: as stated, else the paid months."""
    if case.worked_months is None:
        if case.unused_months:
            sheet.note("worked_unstated", months=case.paid_months)
        return case.paid_months
    if not case.unused_months:
        sheet.note("worked_idle")
    elif case.worked_months < case.paid_months:
        values = {"worked": case.worked_months, "paid": case.paid_months}
        sheet.doubt("case_worked_months", "worked_months", **values)
    sheet.stop()
    return case.worked_months


def minimum_wage_key(sheet: Sheet, month: int) -> str:
    """Parameter of the minimum wage of the class that applies in the region."""
    level = sheet.use("economy/minimum_wage_class", month)
    return f"economy/minimum_wage_class_{int(level.number)}"


def minimum_wage(sheet: Sheet, month: int) -> LawUse:
    """Minimum wage of the class that applies in the region."""
    return sheet.use(minimum_wage_key(sheet, month), month)


def _amount(sheet: Sheet, case: UnemploymentCase) -> float:
    """Monthly benefit by the rule of the region."""
    rule = sheet.use("unemployment/benefit_rule", case.claims)
    wage_key = minimum_wage_key(sheet, case.claims)
    if rule.value == "minimum_wage_share":
        share, wage = sheet.together(case.claims, "unemployment/benefit_share", wage_key)
        benefit = minimum_wage_benefit(share.number, wage.number)
        return float(sheet.put("unemployment_benefit", benefit, rule, share, wage, share=share, W=wage))
    if case.average_base is None:
        sheet.fail("case_average_base")
        return 0.0
    shares = sheet.use("unemployment/own_base_share", case.claims)
    high, wage = sheet.together(case.claims, "unemployment/own_base_cap", wage_key)
    low, standard = sheet.together(case.claims, "unemployment/own_base_floor", "economy/urban_living_standard")
    paid = case.career_months if case.career_months is not None else case.paid_months
    part = step_of(shares, paid / 12.0)
    floor, cap = own_base_bounds(low.number, standard.number, high.number, wage.number)
    amount = float(own_base_benefit(part, float(case.average_base), floor, cap))
    numbers: dict[str, Any] = {"share": f"{100.0 * part:g}%", "base": case.average_base, "low": floor, "high": cap}
    laws = (rule, shares, low, standard, high, wage)
    return float(sheet.put("unemployment_benefit", amount, *laws, variant="own", **numbers))


def _near_retirement(sheet: Sheet, case: UnemploymentCase, months: int, last: int) -> int:
    """Benefit stops in the statutory month; one that ends less than a year before it goes on to it."""
    assert case.person is not None  # noqa: S101
    window = window_of(sheet, case.person)
    put_window(sheet, window)
    statutory = window.statutory
    near = sheet.use("unemployment/near_retirement_months", case.claims)
    if case.claims > statutory:
        sheet.fail("case_past_statutory", "claims", month=month_text(case.claims), statutory=month_text(statutory))
        sheet.stop()
    if last >= statutory:
        paid = statutory - case.claims + 1
        sheet.put("last_benefit_month", statutory, variant="stopped", statutory=month_text(statutory), months=paid)
        sheet.put("months_until_statutory", paid, claims=month_text(case.claims), statutory=month_text(statutory))
        last = statutory
    else:
        sheet.put("last_benefit_month", last, claims=month_text(case.claims), months=months)
        left = statutory - last
        extended = left if left < near.number else 0
        values = {"left": left, "near": near.value}
        sheet.put("extension_months", extended, near, last=month_text(last), statutory=month_text(statutory), **values)
        if extended:
            last = statutory
            sheet.put("extended_until", last, near, statutory=month_text(statutory))
    _refund(sheet, case, last, statutory, int(near.number))
    return last


def _refund(sheet: Sheet, case: UnemploymentCase, last: int, statutory: int, near: int) -> None:
    """Pension contributions at the lowest flexible standard, refunded in the last months before the statutory one."""
    first = max(case.claims, statutory - near + 1)
    paid: list[tuple[int, LawUse, LawUse]] = []
    for month in range(first, last + 1):
        rate, share = sheet.together(month, *REFUND)
        if rate.value:
            paid.append((month, rate, share))
    if not paid:
        return
    needed = sheet.use("unemployment/pension_refund_paid_months", case.claims)
    if case.paid_months < needed.number and not case.unused_months:
        sheet.put("refund_months", 0, needed, variant="none", paid=case.paid_months, needed=needed.value)
        return
    total = 0.0
    for month, rate, share in paid:
        wage = sheet.use("economy/average_wage", new_year(month // 12 - 1))
        refund = pension_refund(share.number, rate.number, wage.number)
        total += float(paid_out(refund, int(sheet.rounding)))
    span = f"{month_text(paid[0][0])} .. {month_text(paid[-1][0])}"
    sheet.put("refund_months", len(paid), rate, needed, span=span)
    sheet.put("pension_refund", total, share, wage, rate, span=span, share=share, W=wage.value, rate=rate)
