"""The close of the funds, account by account: every payment is an item, and the balance is what the items leave."""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.branches.funds import entrust
from tests.oracle.year import Year

RETURN = {
    at.FUND_ENTERPRISE: "return_enterprise_pension",
    at.FUND_PUBLIC: "return_public_pension",
    at.FUND_RESIDENT: "return_resident",
    at.FUND_UNEMPLOYMENT: "return_unemployment",
    at.FUND_INJURY: "return_work_injury",
}
"""Rate on the money a fund keeps itself; the annuity books its return in its accounts."""
ENTRUSTED = {at.FUND_ENTERPRISE: 0, at.FUND_RESIDENT: 1}
ADJUSTED = {at.FUND_PUBLIC: "public", at.FUND_UNEMPLOYMENT: "unemployment", at.FUND_INJURY: "injury"}
"""Funds with a provincial adjustment fund, and the first word of its terms."""

Items = list[float]


def balance(opening: float, items: Items) -> float:
    """Opening and all items of income less all items of outgo [yuan]."""
    return opening + sum(items[: at.OUT_BENEFITS]) - sum(items[at.OUT_BENEFITS :])


def pay_up(year: Year, fund: int, items: Items) -> None:
    """A part of the contributions goes to the province, where the money of a province stays its own."""
    up = year.path[f"{ADJUSTED[fund]}_adjustment_fund_rate"] * items[at.IN_CONTRIBUTIONS]
    items[at.OUT_TO_ABOVE] += up
    if year.constant["runs_adjustment_fund"] == 1.0:
        items[at.IN_FROM_BELOW] += up


def receive(year: Year, fund: int, opening: float, spending: float, items: Items) -> None:
    """Part of what the year took out of the balance comes back, while the balance is below so many months."""
    branch, now = ADJUSTED[fund], balance(opening, items)
    lacking = spending * year.path[f"{branch}_adjustment_fund_months"] / 12.0 - now
    if now >= opening or lacking <= 0.0:
        return
    down = min(lacking, year.path[f"{branch}_adjustment_fund_share"] * (opening - now))
    items[at.IN_FROM_ABOVE] += down
    if year.constant["runs_adjustment_fund"] == 1.0:
        items[at.OUT_TO_BELOW] += down


def invest(year: Year, fund: int, opening: float, items: Items) -> None:
    """Returns: a year on what was there, half a year on what came and went."""
    rate = year.path[RETURN[fund]]
    handed = float(year.stock.entrusted[ENTRUSTED[fund]]) if fund in ENTRUSTED else 0.0
    handed = max(0.0, min(handed, opening))
    net = balance(0.0, items)
    items[at.IN_INTEREST] += rate * (opening - handed) + net * ((1.0 + rate) ** 0.5 - 1.0)
    items[at.IN_INVESTMENT] += year.path["return_entrusted"] * handed


def ask_pool(year: Year, account: int, opening: float, spending: float, items: Items) -> None:
    """The national pool meets part of a deficit and takes part of a surplus, within the region's limits."""
    if account == at.UNAIDED:
        return
    gain = balance(opening, items) - opening
    if gain < 0.0:
        most = year.path["pool_receipt_limit"] * spending
        items[at.IN_FROM_ABOVE] += min(most, year.path["pool_take_share"] * -gain)
    else:
        items[at.OUT_TO_ABOVE] += min(year.path["pool_payment_limit"] * spending, year.path["pool_give_share"] * gain)


def aid_paid(year: Year, opening: float, spending: float) -> float:
    """Subsidy of the enterprise fund: all of it, or what lifts the own account to its months, found by halving."""
    whole = float(year.work.ledger[at.FUND_ENTERPRISE, at.IN_FISCAL])
    most = spending * year.path["subsidy_reserve_months"] / 12.0

    def closing(aid: float) -> float:
        items: Items = year.work.ledger[at.FUND_ENTERPRISE].tolist()
        items[at.IN_FISCAL] = aid
        invest(year, at.FUND_ENTERPRISE, opening, items)
        return balance(opening, items)

    if closing(whole) <= most:
        return whole
    low, high = 0.0, whole
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if closing(middle) <= most else (low, middle)
    return low


def close_funds(year: Year) -> None:
    """All accounts of all funds, then the principal entrusted for the next year."""
    aid = aid_paid(
        year, float(year.stock.funds[at.OWN, at.FUND_ENTERPRISE]),
        sum(year.work.ledger[at.FUND_ENTERPRISE, at.OUT_BENEFITS :].tolist()),
    )  # fmt: skip
    for fund in range(at.FUNDS):
        for account in range(at.ACCOUNTS):
            items: Items = year.work.ledger[fund].tolist()
            spending = sum(items[at.OUT_BENEFITS :])
            opening = float(year.stock.funds[account, fund])
            if fund == at.FUND_ENTERPRISE:
                items[at.IN_FISCAL] = aid
            if account == at.UNAIDED and fund in (at.FUND_ENTERPRISE, at.FUND_PUBLIC):
                items[at.IN_FISCAL] = 0.0
            adjusted = fund in ADJUSTED and account != at.UNAIDED
            if adjusted:
                pay_up(year, fund, items)
            if fund in RETURN:
                invest(year, fund, opening, items)
            if adjusted:
                receive(year, fund, opening, spending, items)
            if fund == at.FUND_ENTERPRISE:
                ask_pool(year, account, opening, spending, items)
            if account == at.FINANCED and fund in RETURN:
                least = spending * year.path["emergency_months"] / 12.0
                items[at.IN_FISCAL] += max(0.0, least - balance(opening, items))
            year.stock.funds[account, fund] = year.out.balance[account, fund, year.t + 1] = balance(opening, items)
            year.out.ledger[account, fund, :, year.t] = items
    entrust(year.t, year.paths, year.state, year.out)
