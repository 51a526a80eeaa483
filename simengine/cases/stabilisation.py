"""Stabilisation refund of one firm (schemes.md 5.5)."""

from __future__ import annotations

from typing import Any

from simengine.cases.law import LawUse
from simengine.cases.models_branches import StabilisationCase
from simengine.cases.sheet import Sheet


def stabilisation(sheet: Sheet, case: StabilisationCase) -> None:
    """Refund of last year's premiums to a firm that paid long enough and whose layoffs stay within the limit."""
    small = sheet.use("unemployment/refund_small_firm_size", case.month)
    few = case.staff_before <= small.number
    limit = sheet.use(f"unemployment/refund_layoff_limit{'_small' if few else ''}", case.month)
    lost = max(0, case.staff_before - case.staff_after) / case.staff_before
    numbers: dict[str, Any] = {"before": case.staff_before, "after": case.staff_after, "limit": limit}
    sheet.put("layoff_rate", round(100.0 * lost, 4), limit, small, **numbers)
    needed = sheet.use("unemployment/refund_paid_months", case.month)
    if case.paid_months is None:
        sheet.note("refund_paid_unstated", months=f"{needed.number:g}")
    rate, laws, variant = _rate(sheet, case)
    if case.paid_months is not None and case.paid_months < needed.number:
        variant, laws = "unpaid", [needed]
    elif lost > limit.number:
        variant, laws = "none", [rate]
    amount = case.premiums * rate.number if variant in ("", "reserve") else 0.0
    numbers = {"premiums": case.premiums, "rate": rate, "limit": limit, "paid": case.paid_months}
    numbers |= {"needed": needed.value, "covers": case.payable_months, "reserve": laws[-1].value}
    sheet.put("stabilisation_refund", amount, *laws, variant=variant, **numbers)


def _rate(sheet: Sheet, case: StabilisationCase) -> tuple[LawUse, list[LawUse], str]:
    """Rate of the firm, what it rests on, and how: the lower one where the fund covers less than the reserve."""
    reserve = sheet.use("unemployment/refund_reserve_months", case.month)
    rate = sheet.use(f"unemployment/refund_rate_{case.size}", case.month)
    if case.payable_months is None:
        sheet.note("refund_reserve", months=f"{reserve.number:g}")
        return rate, [rate], ""
    if case.payable_months >= reserve.number:
        return rate, [rate, reserve], ""
    low = sheet.use(f"unemployment/refund_low_rate_{case.size}", case.month)
    if low.number >= rate.number:
        return rate, [rate, reserve], ""
    return low, [low, reserve], "reserve" if low.number > 0.0 else "no_reserve"
