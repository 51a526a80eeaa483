"""Deaths, moves and stayers of one cell: half a year in the old status, or the whole."""

from __future__ import annotations

from simengine.kernels import layout as at
from tests.oracle.cells import Mean
from tests.oracle.rates import Rates, compensation_months, eligible_share, pause_weight
from tests.oracle.year import Year, fund_of


def bury(year: Year, rates: Rates, heads: float, mean: Mean) -> None:
    """Deaths after half a year: the account to heirs, funeral grant and compensation to survivors (schemes.md 1.9).

    Below the stated years the two together are at most what was paid in, for which the account stands.
    """
    path = year.path
    credit = 0.5 * rates.credit
    interest = 0.5 * rates.interest * mean.account
    own = mean.account + credit + interest
    income = path["previous_urban_income"] / 12.0
    full = path["funeral_months"] + path["compensation_factor"] * compensation_months(year, mean.service)
    least = path["funeral_months"] + path["compensation_factor"] * year.compensation[0]
    short = 1.0 - eligible_share(mean.service, path["compensation_limit_years"])
    benefit = full * income - short * max(0.0, least * income - own)
    fund = fund_of(rates.status)
    year.book("member_deaths", heads)
    year.depart(rates.row, heads)
    year.book("account_credits", heads * credit)
    year.book("account_interest_credited", heads * interest)
    year.book("account_inherited", heads * own)
    year.book("survivor_benefits", heads * benefit)
    year.settle(fund, at.OUT_BENEFITS, heads * (own + benefit))
    year.expose(rates.status, 0.5 * heads, rates.base)


def move(year: Year, rates: Rates, target: int, bin_: int, heads: float, mean: Mean) -> None:
    """Movers within the scheme: half a year in the old status, then they wait among the arrivals of the new one."""
    career, status, i = rates.row
    half = 0.5 * rates.credit
    credited = half * rates.credit_factor
    then = mean.later(0.5 * rates.gain, rates.index, rates.growth, credited)
    year.book("account_credits", heads * half)
    year.book("account_interest_credited", heads * (mean.account * rates.interest + credited - half))
    year.expose(status, 0.5 * heads, rates.base)
    year.arrivals.add((career, target, i), bin_, 0.5 * rates.gain, heads, then)


def leave_region(year: Year, rates: Rates, heads: float, mean: Mean) -> None:
    """Members who leave with their account after half a year: a transfer out."""
    credit = 0.5 * rates.credit
    interest = 0.5 * rates.interest * mean.account
    balance = mean.account + credit + interest
    year.book("members_out", heads)
    year.depart(rates.row, heads)
    year.book("account_credits", heads * credit)
    year.book("account_interest_credited", heads * interest)
    year.book("account_transferred_out", heads * balance)
    year.settle(fund_of(rates.status), at.OUT_TRANSFERS, heads * balance)
    year.expose(rates.status, 0.5 * heads, rates.base)


def stay(year: Year, rates: Rates, bin_: int, heads: float, mean: Mean) -> None:
    """A full year in the status: service, index-years and account grow; the density's share climbs one bin."""
    credited = rates.credit * rates.credit_factor
    year.book("account_credits", heads * rates.credit)
    year.book("account_interest_credited", heads * (mean.account * rates.interest + credited - rates.credit))
    year.expose(rates.status, heads, rates.base)
    then = mean.later(rates.gain, rates.index, rates.growth, credited)
    year.members.add(rates.row, bin_, rates.gain, heads, then)


def settle_rest(year: Year, rates: Rates, bin_: int, heads: float, mean: Mean) -> None:
    """Those neither dead, awarded nor gone by choice: some pause, switch or leave the region, the others stay on.

    Part of the enterprise payers who leave the region keep their account there and pause.
    """
    weight = pause_weight(mean.service, rates, year.constant["pressing_years"])
    stop = rates.stop * eligible_share(mean.service, rates.planned_threshold)
    pause = min(0.95, rates.pause * weight + stop)
    switch = max(0.0, min(0.95 - pause, rates.switch))
    leave = rates.leave * (1.0 - pause - switch)
    kept = leave * year.constant["leave_paused"] if rates.status == at.ENTERPRISE else 0.0
    enterprise = rates.status == at.ENTERPRISE
    if pause + kept > 0.0:
        year.book("pauses_enterprise" if enterprise else "pauses_flexible", heads * (pause + kept))
        move(year, rates, at.PAUSED, bin_, heads * (pause + kept), mean)
    if switch > 0.0:
        year.book("switches_to_flexible" if enterprise else "switches_to_enterprise", heads * switch)
        move(year, rates, at.FLEXIBLE if enterprise else at.ENTERPRISE, bin_, heads * switch, mean)
    if leave - kept > 0.0:
        leave_region(year, rates, heads * (leave - kept), mean)
    stay(year, rates, bin_, heads * (1.0 - pause - switch - leave), mean)
