"""The public sector's ten-year transition and its annuity (国发〔2015〕2号, 国办发〔2015〕18号; schemes.md 3)."""

from __future__ import annotations

from simengine.cases.models import AnnuityCase, AwardCase, ComparisonCase
from simengine.cases.retirement import put_divisor
from simengine.cases.sheet import Sheet
from simengine.common.messages import month_text
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.pension import compared_pension

GAIN = "public/transition_gain_share"
REFORM = "public/reform_month"


def comparison(sheet: Sheet, case: ComparisonCase) -> None:
    """Old and new pension compared by the month of retirement."""
    _compare(sheet, case.retires, case.old, case.new)


def _compare(sheet: Sheet, month: int, old: float, new: float) -> float:
    """Write the share of the gain and the pension of the transition."""
    reform = sheet.use(REFORM, month)
    share = sheet.use(GAIN, month)
    sheet.put("old_pension", old)
    sheet.put("new_pension", new)
    if month < int(reform.number):
        written: float = sheet.put("compared_pension", old, reform, variant="before", old=old)
        return written
    if share.since is not None and share.value == share.parameter.null_value and _ended(sheet, month):
        written = sheet.put("compared_pension", new, share, variant="after", new=new)
        return written
    sheet.put("gain_share", share.number, share, month=month_text(month))
    variant = "kept" if new <= old else ""
    amount = compared_pension(old, new, share.number)
    written = sheet.put("compared_pension", amount, share, variant=variant, old=old, new=new, x=share)
    return written


def _ended(sheet: Sheet, month: int) -> bool:
    """Whether the transition has ended by a dated null."""
    if GAIN in sheet.case.replaced:
        return False
    from simengine.cases.law import first_day
    from simengine.law.parameter import value_in_force

    found = value_in_force(sheet.law.tree[GAIN].timeline(sheet.case.region), first_day(month))
    return found is not None and found.value is None


def put_comparison(sheet: Sheet, case: AwardCase, month: int, age: int, pension: float) -> None:
    """The annuity beside a public pension, and the ten-year transition where the old amount is stated."""
    new = pension
    if case.annuity_balance is not None:
        new += put_annuity_payment(sheet, case.annuity_balance, month, age)
    if case.old_formula is not None:
        _compare(sheet, month, case.old_formula, new)
    elif int(sheet.use(REFORM, month).number) <= month and not _ended(sheet, month):
        sheet.note("old_formula_unstated")


def put_annuity_payment(sheet: Sheet, balance: float, month: int, age: int) -> float:
    """Monthly payment of an annuity balance until it is used up."""
    divisor = next((line.value for line in sheet.result.components if line.entry == "divisor"), None)
    if divisor is None:
        divisor = put_divisor(sheet, month, age)
    written: float = sheet.put("annuity_payment", account_pension(balance, divisor), A=balance, D=divisor)
    return written


def annuity(sheet: Sheet, case: AnnuityCase) -> None:
    """Contributions to the occupational annuity and its monthly payment."""
    if case.base is not None:
        for payer in ("employer", "employee"):
            rate = sheet.use(f"public/annuity_rate_{payer}", case.month)
            amount = case.base * rate.number * case.months
            sheet.put(f"annuity_{payer}", amount, rate, base=case.base, rate=rate, months=case.months)
        cash = sheet.use("public/annuity_cash_share", case.month)
        if cash.number < 1.0:
            sheet.note("annuity_recorded")
    if case.balance is not None and case.born is not None:
        if case.born >= case.month:
            sheet.fail("case_birth_after", "born", born=month_text(case.born), month=month_text(case.month))
            sheet.stop()
        put_annuity_payment(sheet, case.balance, case.month, case.month - case.born)
