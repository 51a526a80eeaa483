"""Who is awarded a pension or, below the minimum years, chooses; one cell and one award formula at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simengine.kernels import layout as at
from tests.oracle.cells import Mean
from tests.oracle.rates import Rates
from tests.oracle.turnover import move
from tests.oracle.year import Year, fund_of, sex_of

GAIN_GRID = at.GAIN_FIRST + at.GAIN_STEP * np.arange(at.GAIN_POINTS)


class Pool(NamedTuple):
    """Pooled part of a monthly pension per head: at the opening, and what a full year of paying adds [yuan/month]."""

    opening: float
    year: float


def deemed_index_years(service: float, index: float, deemed: float, carried: float, average: bool) -> float:
    """Deemed years at the average index of the paid years, where the rule says so; else as carried."""
    paid = service - deemed
    return deemed * index / paid if average and paid > 1e-9 * service else carried


def pooled(year: Year, public: bool, mean: Mean, deemed_index: float) -> float:
    """Base pension, transition part and provincial extras by the formula, times the award factor [yuan/month]."""
    path = year.path
    base = path["benefit_base"]
    coefficient = path["public_transition_coefficient" if public else "transition_coefficient"]
    average = base * path["accrual_rate"] / 2.0 * (mean.service + mean.index + deemed_index)
    extras = path["addon_fixed"] + path["addon_index_years"] * (mean.index + deemed_index)
    factor = year.award_level(public)
    return factor * (average + base * coefficient * deemed_index + extras)


def pooled_year(year: Year, public: bool, rates: Rates) -> float:
    """What a full year of paying adds to the pooled part [yuan/month]."""
    path = year.path
    factor = year.award_level(public)
    pooled = path["benefit_base"] * path["accrual_rate"] / 2.0 * (rates.gain + rates.base)
    return factor * (pooled + path["addon_index_years"] * rates.base)


def compared(year: Year, rates: Rates, new: float) -> float:
    """What the comparison with the old formula adds to a new public pension [yuan/month] (国发〔2015〕2号).

    The old amount is kept where it is higher, of a gain a share is paid; gains spread around their mean (the table).
    """
    part = year.path["public_compared_share"]
    old = year.path["public_old_share"] * year.path["previous_wage"] * rates.index
    if part <= 0.0 or old <= 0.0:
        return 0.0
    annuity = float(year.work.annuity_month[rates.row[0], rates.row[2]])
    ratio = (new + annuity) / old
    gain = ratio - 1.0
    if ratio <= GAIN_GRID[0]:
        gain = 0.0
    elif ratio < GAIN_GRID[-1]:
        gain = float(np.interp(ratio, GAIN_GRID, year.tables.transition_gain))
    paid = old * (1.0 + year.path["public_gain_share"] * gain)
    return part * (paid - new - annuity)


def award(year: Year, rates: Rates, heads: float, mean: Mean) -> None:
    """Award `heads` members of mean moments `mean` (at the opening) their pensions.

    Award month m has weight w; service, index and account grow linearly to m, so the sums over m give it exactly.
    """
    public = rates.status == at.PUBLIC
    table = year.retiring(rates.row)
    month = rates.month
    average = year.constant["deemed_index_actual_average"] > 0.5 and not public  # public: by rank and post
    then = mean.later(rates.gain * month, rates.index, 1.0, 0.0)
    deemed_index = deemed_index_years(then.service, then.index, mean.deemed, mean.deemed_index, average)
    pool = Pool(pooled(year, public, mean, deemed_index), pooled_year(year, public, rates))
    growth = mean.account * rates.interest + rates.credit * rates.credit_factor
    account = mean.account * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR]
    if public:
        formula = pool.opening + pool.year * month + account
        pool = Pool(pool.opening + compared(year, rates, formula), pool.year)
    mass = pool.opening + pool.year * month + account
    from_account = 12.0 * (
        mean.account * table[at.RET_INVERSE_DIVISOR_PENSION_SHARE]
        + growth * table[at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE]
    )
    paid = from_account + 12.0 * (
        pool.opening * table[at.RET_PENSION_SHARE] + pool.year * table[at.RET_MONTH_PENSION_SHARE]
    )
    balance = mean.account + growth * month
    later = rates.interest * (mean.account * table[at.RET_PENSION_SHARE] + growth * table[at.RET_MONTH_PENSION_SHARE])
    drawn = min(from_account, balance + later)
    join_awarded(year, rates, heads, (mass, account, then.service, balance + later - drawn))
    year.expose(rates.status, heads * month, rates.base)
    year.book("account_credits", heads * rates.credit * month)
    year.book("account_interest_credited", heads * (growth - rates.credit) * month)
    year.book("account_to_pension", heads * balance)
    year.book("pension_account_in", heads * balance)
    year.book("pension_account_interest", heads * later)
    year.book("pension_account_drawn", heads * drawn)
    year.book("award_service", heads * then.service)
    scheme = "public" if public else "enterprise"
    year.book(f"awards_{scheme}", heads)
    year.book(f"new_award_mass_{scheme}", heads * mass)
    year.book(f"pension_paid_{scheme}", heads * paid)


def join_awarded(year: Year, rates: Rates, heads: float, means: tuple[float, float, float, float]) -> None:
    """New pensioners wait until the year end: heads, pension, of it from the account, service, account left."""
    career, status, i = rates.row
    cell = year.work.new_pensioners[:, career, int(status == at.PUBLIC), at.FIRST_AGE + i]
    cell[at.P_HEADS] += heads
    for item, mean in zip((at.P_MASS, at.P_ACCOUNT_MASS, at.P_SERVICE, at.P_ACCOUNT), means, strict=True):
        cell[item] += heads * mean


def choose(year: Year, rates: Rates, bin_: int, heads: float, few: float, mean: Mean) -> float:
    """Members below the minimum at the statutory month choose once; returns the heads that leave the cell.

    Some pay up, move to the resident scheme or take their account back. A paused member who continues becomes a
    flexible payer, a payer who does not claim pauses; the others stay. After five years of continuing: pay up or
    resident scheme. `few` of the heads have fewer than ten years.
    """
    path = year.path
    buying = heads * path["pay_up_share"]
    resident = heads * path["resident_share"]
    refund = heads * path["refund_share"]
    moved = 0.0
    unclaimed = 0.0
    if rates.years_left < -4.0:
        resident, refund = heads - buying, 0.0
    else:
        year.book("below_minimum", heads)
        year.book("choice_continue", heads * path["continue_share"])
        unclaimed = heads * path["unclaimed_share"]
        year.book("choice_unclaimed", unclaimed)
        year.retire(at.BELOW_NEAR, rates.row, heads - few)
        year.retire(at.BELOW_FAR, rates.row, few)
        paused = rates.status == at.PAUSED
        moved = heads * path["continue_share" if paused else "unclaimed_share"]
        move(year, rates, at.FLEXIBLE if paused else at.PAUSED, bin_, moved, mean)
    left = (resident + refund + unclaimed) / heads
    year.retire(at.LEFT_NEAR, rates.row, left * (heads - few))
    year.retire(at.LEFT_FAR, rates.row, left * few)
    if buying > 0.0:
        pay_up(year, rates, buying, mean)
    if resident + refund > 0.0:
        leave_scheme(year, rates, resident, refund, mean)
    return buying + resident + refund + moved


def pay_up(year: Year, rates: Rates, heads: float, mean: Mean) -> None:
    """Members buy the years missing at the award month at once and are awarded (人社部令第13号)."""
    index = year.constant["flexible_buy_index"]
    missing = max(0.0, rates.threshold - mean.service - rates.gain * rates.month)
    price = missing * year.yearly_wage() * index * year.path["catch_up_price_rate"]
    credit = missing * year.yearly_wage() * index * year.path["flexible_account_share"]
    year.book("pay_up_awards", heads)
    year.retire(at.PAID_UP, rates.row, heads)
    year.book("pay_up_income", heads * price)
    year.book("account_credits", heads * credit)
    year.settle(fund_of(rates.status), at.IN_CONTRIBUTIONS, heads * price)
    award(year, rates, heads, mean.later(missing, index, 1.0, credit))


def leave_scheme(year: Year, rates: Rates, resident: float, refund: float, mean: Mean) -> None:
    """Heads who take the account, with the year's part of credits and interest, to the resident scheme or home."""
    career, status, i = rates.row
    sex, age, fund = sex_of(career), at.FIRST_AGE + i, fund_of(status)
    credit = rates.credit * rates.month
    interest = mean.account * rates.interest * rates.month
    balance = mean.account + credit + interest
    year.book("account_credits", (resident + refund) * credit)
    year.book("account_interest_credited", (resident + refund) * interest)
    year.expose(status, (resident + refund) * rates.month, rates.base)
    year.book("choice_refund", refund)
    year.depart(rates.row, resident + refund)
    year.book("account_refunded", refund * balance)
    year.settle(fund, at.OUT_BENEFITS, refund * balance)
    for flow in ("choice_resident", "resident_from_employees"):
        year.book(flow, resident)
    for flow in ("account_transferred_out", "resident_account_in"):
        year.book(flow, resident * balance)
    year.settle(fund, at.OUT_TRANSFERS, resident * balance)
    year.settle(at.FUND_RESIDENT, at.IN_TRANSFERS, resident * balance)
    waiting = year.work.resident_in[:, sex, age]
    waiting += np.array([resident, resident * balance, resident * mean.service])
