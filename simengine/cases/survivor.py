"""Grants after a death not caused by work (人社部发〔2021〕18号; schemes.md 1.9)."""

from __future__ import annotations

import numpy as np

from simengine.cases.law import LawUse, new_year
from simengine.cases.models import SurvivorCase
from simengine.cases.sheet import Sheet
from simengine.common.messages import month_text
from simengine.kernels.rules.death import compensation_at, retiree_compensation


def survivor(sheet: Sheet, case: SurvivorCase) -> None:
    """Funeral grant, compensation, the limit below five years, the account to the heirs."""
    pension_years = _pension_years(sheet, case)
    sheet.stop()
    law: tuple[LawUse, ...] = ()
    if case.income is not None:
        income = case.income
        known = sheet.law.find("economy/urban_income", new_year(case.died // 12 - 1))
        if known is not None:
            sheet.check_slip(income, known.number / 12.0, "income")
            sheet.stop()
        sheet.put("income_month", income, variant="stated")
    else:
        use = sheet.use("economy/urban_income", new_year(case.died // 12 - 1))
        income, law = use.number / 12.0, (use,)
        sheet.put("income_month", income, use, income=use.value)
    months = sheet.use("pension/funeral_months", case.died)
    grant = 0.0 if case.funeral_elsewhere else months.number * income
    variant = "elsewhere" if case.funeral_elsewhere else ""
    funeral = sheet.put("funeral_grant", grant, months, *law, variant=variant, n=months.value, U=income)
    count = _compensation_months(sheet, case, pension_years)
    compensation = sheet.put("compensation", count * income, *law, n=count, U=income)
    total = sheet.put("survivor_grants", funeral + compensation, funeral=funeral, compensation=compensation)
    _paid_in_limit(sheet, case, total)
    if case.account is not None:
        sheet.put("account_to_heirs", case.account, variant="stated", A=case.account)


def _pension_years(sheet: Sheet, case: SurvivorCase) -> int:
    """Completed years of pension of a pensioner."""
    if case.status == "in_service":
        for name in ("pension_years", "pension_from"):
            if getattr(case, name) is not None:
                sheet.fail("case_not_retired", name, key=name)
        return 0
    if case.pension_years is not None:
        return case.pension_years
    if case.pension_from is None:
        sheet.fail("case_pension_years")
        return 0
    if case.pension_from > case.died:
        first, died = month_text(case.pension_from), month_text(case.died)
        sheet.fail("case_pension_after_death", "pension_from", first=first, died=died)
        return 0
    return (case.died - case.pension_from) // 12


def _compensation_months(sheet: Sheet, case: SurvivorCase, pension_years: int) -> float:
    """Months of income by years of contributions, less one for each completed year of pension."""
    table = sheet.use("pension/compensation_months", case.died)
    part_year = sheet.use("pension/compensation_part_year", case.died)
    since = sheet.use("pension/compensation_part_year_from", case.died)
    count_up = 1.0 if part_year.value == "count_up" else 0.0
    years = case.months / 12.0
    months = float(compensation_at(years, np.array(table.value, dtype=np.float64), count_up, since.number))
    if case.status == "in_service":
        sheet.put("compensation_months", months, table, part_year, since, years=f"{years:z.2f}")
        return months
    minimum = sheet.use("pension/compensation_minimum_retired", case.died)
    less = sheet.use("pension/compensation_decrement", case.died)
    left = float(retiree_compensation(months, float(pension_years), less.number, minimum.number))
    numbers = {"months": months, "years": pension_years, "less": less.value, "minimum": minimum.value}
    sheet.put("compensation_months", left, table, part_year, since, less, minimum, variant="retired", **numbers)
    return left


def _paid_in_limit(sheet: Sheet, case: SurvivorCase, total: float) -> None:
    """Below the years of the law both grants together may not exceed what the person paid."""
    limit = sheet.use("pension/compensation_paid_in_limit_years", case.died)
    if case.months >= 12 * limit.number:
        return
    if case.paid_in is None:
        sheet.fail("case_paid_in", "months", years=f"{limit.number:g}")
        sheet.stop()
        return
    sheet.put("grants_within_limit", min(total, case.paid_in), limit, total=total, paid_in=case.paid_in)
