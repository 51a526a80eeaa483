"""From what a file says about a record to the numbers of the formula: deemed months, months before accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simengine.cases.fields import Record
from simengine.cases.law import LawUse
from simengine.cases.sheet import Sheet

SMALLEST_MONTHLY_CREDIT = 1.0
"""Yuan of account a paid month below which a balance is taken for one in 万元."""

SLIP = 10_000.0
"""Yuan in a 万元."""

SCHEME_KEYS = {
    "enterprise": {"coefficient": "pension/transition_coefficient", "start": "pension/account_start"},
    "public": {"coefficient": "public/transition_coefficient", "start": "public/reform_month"},
}
"""Law keys that differ between the two schemes of employees."""


COUNTED_UNTIL = {"all_years_to_1995": 12 * 1996, "all_years_to_1997": 12 * 1998}
"""Codes of the years that earn the transition pension -> first month after them [month index]."""


@dataclass(frozen=True)
class Numbers:
    """A record as the formula takes it.

    Attributes
    ----------
    paid, deemed, before : months paid, deemed, and those that earn the transition pension
    index, deemed_index, before_index : their mean indexes
    later : those of the deemed months that lie after the accounts began
    apart, apart_index : those of them that earn the transition pension beside all years before the accounts
    account : balance at the award month [yuan]
    former : transition pension by the former method [yuan/month]; None where it is not known
    deemed_law : law behind the index of the deemed months
    """

    paid: int
    index: float
    deemed: int
    deemed_index: float
    before: int
    before_index: float
    account: float
    apart: int = 0
    apart_index: float = 0.0
    former: float | None = None
    later: int = 0
    deemed_law: tuple[LawUse, ...] = ()

    @property
    def recognised(self) -> int:
        """Months that count, paid and deemed."""
        return self.paid + self.deemed


def deemed_index(sheet: Sheet, scheme: str, index: float, month: int) -> tuple[float, tuple[LawUse, ...]]:
    """Index of deemed months where the file states none, and the law behind it (schemes.md 1.5, 3)."""
    if scheme == "public":
        use = sheet.use("public/deemed_index", month)
        return use.number, (use,)
    rule = sheet.use("pension/deemed_index_rule", month)
    if rule.value == "fixed":
        fixed = sheet.use("pension/deemed_index_fixed", month)
        return fixed.number, (rule, fixed)
    return (index if rule.value == "actual_average" else 1.0), (rule,)


def counted_until(sheet: Sheet, scheme: str, month: int) -> int | None:
    """First month whose years no longer earn the transition pension [month index]; None where deemed ones alone do.

    Read in the first month of the pension: a rule counts for pensions first paid from its day on.
    """
    if scheme != "enterprise":
        return None
    counts = str(sheet.use("pension/transition_counts", month + 1).value)
    if counts in COUNTED_UNTIL:
        return COUNTED_UNTIL[counts]
    return int(sheet.use("pension/account_start", month).number) if counts == "all_years_before_accounts" else None


def numbers_of(
    sheet: Sheet, record: Record, scheme: str, month: int, *keys: str, deemed: LawUse | None = None
) -> Numbers:
    """Numbers of a record that the file summarises; slips are noted as errors of the sheet.

    Parameters
    ----------
    keys : where the record stands in the case
    deemed : index of the deemed months by rank, where the case names one
    """
    check_record(sheet, record, *keys)
    law: tuple[LawUse, ...] = ()
    rest = record.deemed_index
    if rest is None and deemed is not None:
        rest, law = deemed.number, (deemed,)
    elif rest is None:
        rest, law = deemed_index(sheet, scheme, record.index, month) if record.deemed_months else (record.index, ())
    before, before_index, apart = record.deemed_months, rest, 0
    if counted_until(sheet, scheme, month) is not None:
        apart = record.deemed_after_accounts
        before -= apart
        if record.months_before_accounts is None:
            sheet.note("months_before_unstated")
        else:
            before = record.months_before_accounts
        before_index = record.index_before_accounts if record.index_before_accounts is not None else rest
    return Numbers(
        record.paid_months,
        record.index,
        record.deemed_months,
        rest,
        before,
        before_index,
        record.account if record.account is not None else 0.0,
        apart,
        rest,
        record.former_transition,
        record.deemed_after_accounts,
        law,
    )


def check_record(sheet: Sheet, record: Record, *keys: str) -> None:
    """Slips of unit and contradictions in a summary: an index of 30, a balance in 万元, too many months before."""
    for name in ("index", "deemed_index", "index_before_accounts"):
        value = getattr(record, name)
        if value is not None and not (name == "index" and record.paid_months == 0):
            check_index(sheet, value, *keys, name)
    check_account(sheet, record.account, record.paid_months, *keys, "account")
    before, apart = record.months_before_accounts, record.deemed_after_accounts
    if apart > record.deemed_months:
        sheet.fail("case_deemed_after", *keys, "deemed_after_accounts", value=apart, deemed=record.deemed_months)
    elif before is not None:
        low, high = record.deemed_months - apart, record.paid_months + record.deemed_months - apart
        if not low <= before <= high:
            sheet.fail("case_months_before", *keys, "months_before_accounts", value=before, low=low, high=high)


def index_limits(sheet: Sheet) -> tuple[float, float]:
    """Lowest and highest mean index, those the law tree allows for an index."""
    return sheet.law.tree["pension/deemed_index_fixed"].limits


def index_said(key: str, value: float, low: float, high: float) -> dict[str, Any]:
    """What is said of an index out of range; 30 is meant as 3.0 or 0.30."""
    meant = [f"{value / factor:g}" for factor in (10.0, 100.0) if value > high and low <= value / factor <= high]
    return {"key": key, "value": f"{value:g}", "low": low, "high": high, "meant": " / ".join(meant)}


def account_said(account: float, paid: float) -> dict[str, Any]:
    """What is said of a balance that paid months cannot have: 9.65 for 96500, written in 万元."""
    return {"value": f"{account:g}", "months": f"{paid:z.0f}", "meant": f"{account * SLIP:z.0f}"}


def check_index(sheet: Sheet, value: float, *keys: str) -> None:
    """Refuse an index out of range; a slip of the decimal point is told as one."""
    low, high = index_limits(sheet)
    if not low <= value <= high:
        said = index_said(keys[-1], value, low, high)
        sheet.fail("case_index_slip" if said["meant"] else "case_index", *keys, **said)


def check_account(sheet: Sheet, account: float | None, paid: int, *keys: str) -> None:
    """Doubt a balance that is too small for the paid months."""
    if account and account < SMALLEST_MONTHLY_CREDIT * paid:
        sheet.doubt("case_account_slip", *keys, **account_said(account, paid))
