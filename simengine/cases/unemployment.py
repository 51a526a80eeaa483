"""Unemployment benefit and the stabilisation refund of one person or firm (schemes.md 5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.cases.law import LawUse, new_year
from simengine.cases.models_branches import StabilisationCase, UnemploymentCase
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


def step_of(table: LawUse, amount: float) -> float:
    """Value of a table "from so much on"; nothing below its first label."""
    marks = sorted(table.value, key=float)
    reached = int(step_reached(float(amount), np.array(marks, dtype=np.float64)))
    return float(table.value[marks[reached]]) if reached >= 0 else 0.0


def unemployment(sheet: Sheet, case: UnemploymentCase) -> None:
    """Months, amount, last month, extension and refunded pension contributions."""
    months = _months(sheet, case)
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
    """Longest duration: by paid months, unused months added, capped."""
    needed = sheet.use("unemployment/eligible_months", case.claims)
    ladder = sheet.use("unemployment/duration_months", case.claims)
    cap = sheet.use("unemployment/duration_cap", case.claims)
    own = int(step_of(ladder, case.paid_months)) if case.paid_months >= needed.number else 0
    total = int(claim_months(float(own), float(case.unused_months), cap.number)) if own else 0
    numbers: dict[str, Any] = {"paid": case.paid_months, "own": own, "unused": case.unused_months, "cap": cap.value}
    variant = "" if own else "none"
    if not own and case.unused_months:
        sheet.note("unused_alone", months=case.unused_months)
    sheet.put("benefit_months", total, needed, ladder, cap, variant=variant, needed=needed.value, **numbers)
    return total


def minimum_wage(sheet: Sheet, month: int) -> LawUse:
    """Minimum wage of the class that applies in the region."""
    level = sheet.use("economy/minimum_wage_class", month)
    return sheet.use(f"economy/minimum_wage_class_{int(level.number)}", month)


def _amount(sheet: Sheet, case: UnemploymentCase) -> float:
    """Monthly benefit by the rule of the region."""
    rule = sheet.use("unemployment/benefit_rule", case.claims)
    wage = minimum_wage(sheet, case.claims)
    if rule.value == "minimum_wage_share":
        share = sheet.use("unemployment/benefit_share", case.claims)
        benefit = minimum_wage_benefit(share.number, wage.number)
        return float(sheet.put("unemployment_benefit", benefit, rule, share, wage, share=share, W=wage))
    if case.average_base is None:
        sheet.fail("case_average_base")
        return 0.0
    shares = sheet.use("unemployment/own_base_share", case.claims)
    high = sheet.use("unemployment/own_base_cap", case.claims)
    low = sheet.use("unemployment/own_base_floor", case.claims)
    standard = sheet.use("economy/urban_living_standard", case.claims)
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
    _refund(sheet, case.claims, last, statutory, int(near.number))
    return last


def _refund(sheet: Sheet, claims: int, last: int, statutory: int, near: int) -> None:
    """Pension contributions at the lowest flexible standard, refunded in the last months before the statutory one."""
    first = max(claims, statutory - near + 1)
    rows = [sheet.use("unemployment/pension_refund_rate", month) for month in range(first, last + 1)]
    months = [month for month, rate in zip(range(first, last + 1), rows, strict=True) if rate.value]
    if not months:
        return
    total = 0.0
    wage = rate = share = None
    for month in months:
        rate = sheet.use("unemployment/pension_refund_rate", month)
        share = sheet.use("unemployment/pension_refund_base_share", month)
        wage = sheet.use("economy/average_wage", new_year(month // 12 - 1))
        refund = pension_refund(share.number, rate.number, wage.number)
        total += float(paid_out(refund, int(sheet.rounding)))
    span = f"{month_text(months[0])} .. {month_text(months[-1])}"
    sheet.put("refund_months", len(months), *(use for use in (rate,) if use is not None), span=span)
    laws = [use for use in (share, wage, rate) if use is not None]
    sheet.put("pension_refund", total, *laws, span=span, share=laws[0], W=laws[1].value, rate=laws[2])


def stabilisation(sheet: Sheet, case: StabilisationCase) -> None:
    """Refund of last year's premiums to a firm whose layoffs stay within the limit."""
    small = sheet.use("unemployment/refund_small_firm_size", case.month)
    few = case.staff_before <= small.number
    limit = sheet.use(f"unemployment/refund_layoff_limit{'_small' if few else ''}", case.month)
    lost = max(0, case.staff_before - case.staff_after) / case.staff_before
    numbers: dict[str, Any] = {"before": case.staff_before, "after": case.staff_after, "limit": limit}
    sheet.put("layoff_rate", round(100.0 * lost, 4), limit, small, **numbers)
    rate = sheet.use(f"unemployment/refund_rate_{case.size}", case.month)
    within = lost <= limit.number
    amount = case.premiums * rate.number if within else 0.0
    variant = "" if within else "none"
    sheet.put("stabilisation_refund", amount, rate, variant=variant, premiums=case.premiums, rate=rate, limit=limit)
    reserve = sheet.use("unemployment/refund_reserve_months", case.month)
    if case.payable_months is None or case.payable_months <= reserve.number:
        sheet.note("refund_reserve", months=f"{reserve.number:g}")
