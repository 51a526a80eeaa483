"""What is left in an account in payment: interest on the balance, less what was paid out (schemes.md 1.7)."""

from __future__ import annotations

from simengine.cases.law import new_year
from simengine.cases.sheet import Sheet
from simengine.kernels.rules.accounts import pay_account


def remaining(sheet: Sheet, balance: float, monthly: float, first: int, last: int, interest: str) -> float:
    """Balance after the months from the first to the last paid [yuan]; an empty account stays empty.

    Parameters
    ----------
    monthly : account part of the pension [yuan/month]; increases of later years are left out
    first, last : months paid, both included [month index]
    interest : law key of the crediting rate
    """
    left = balance
    for year in range(first // 12, last // 12 + 1):
        months = min(last, 12 * year + 11) - max(first, 12 * year) + 1
        rate = sheet.use(interest, new_year(year)).number
        closing, *_ = pay_account(left, monthly * months / 12.0, 0.0, rate * months / 12.0)
        left = float(closing)
    return left
