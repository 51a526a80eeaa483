"""Every cell of members through a year: death, lost capacity, award, choice, moves, another year."""

from __future__ import annotations

from simengine.kernels import layout as at
from tests.oracle.awards import award, choose, deemed_index_years, pooled
from tests.oracle.cells import Cell, Mean, Members, all_cells
from tests.oracle.rates import Rates, eligible_share, rates_of, split_factors
from tests.oracle.turnover import bury, settle_rest
from tests.oracle.year import Year, fund_of

LAST = at.WORKING_AGES - 1  # 79


def settle_members(year: Year) -> None:
    """Every cell, from its opening; who moves waits among the arrivals, who stays is counted among the members."""
    for name in ("public_share", "payer_base", "resident_in"):
        getattr(year.work, name)[...] = 0.0
    opening = year.members
    year.members = Members()
    for row in opening.rows:
        rates = rates_of(year, row)
        for bin_, cell in opening.cells_of(row):
            settle_cell(year, rates, bin_, cell)
    year.publish()


def settle_cell(year: Year, rates: Rates, bin_: int, cell: Cell) -> None:
    """One cell: rates act one after the other, groups that leave take its mean moments along.

    The minimum years split a cell at the award month: who is above it can be awarded, who is below has to choose.
    The mean of who stays moves with the parts that left.
    """
    mean = cell.mean()
    dying = cell.heads * rates.death
    bury(year, rates, dying, mean)
    alive = cell.heads - dying
    unable = alive * rates.invalid
    if unable > 0.0:
        retire_unable(year, rates, unable, mean)
    alive -= unable
    share = eligible_share(mean.service + rates.gain * rates.month, rates.threshold)
    upper, lower = split_factors(mean.service, share)
    awarded = alive * share * rates.hazard
    if awarded > 0.0:
        award(year, rates, awarded, mean.times(upper))
        for way in range(at.WAYS):
            year.retire(at.WENT_EARLY + way, rates.row, awarded * year.retiring(rates.row)[at.RET_EARLY_PART + way])
    year.retire(at.DEFERRED, rates.row, alive * share * year.retiring(rates.row)[at.RET_DEFERRED])
    choosing = alive * (1.0 - share) * rates.choice
    ten_years = eligible_share(mean.service + rates.gain * rates.month, 10.0)
    few = min(choosing, alive * (1.0 - ten_years) * rates.choice)
    chosen = choose(year, rates, bin_, choosing, few, mean.times(lower)) if choosing > 0.0 else 0.0
    if rates.status == at.PUBLIC:
        for item, heads in enumerate((dying, awarded, cell.heads)):
            year.work.public_share[item, rates.row[0], rates.row[2]] += heads
    rest = alive - awarded - chosen
    if rest > 1e-12 * cell.heads:
        settle_rest(year, rates, bin_, rest, mean.times((alive - awarded * upper - chosen * lower) / rest))


def retire_unable(year: Year, rates: Rates, heads: float, mean: Mean) -> None:
    """New recipients of the allowance for lost capacity, 人社部发〔2024〕72号 (schemes.md 1.10).

    Above the minimum years branch 0 (near old age: full formula) or 1 (base part), below it branch 2 (base part for
    a limited time).
    """
    share = eligible_share(mean.service, rates.threshold)
    upper, lower = split_factors(mean.service, share, 0.0)
    near = rates.years_left <= year.path["sickness_near_years"]
    for branch, part, factor in ((0 if near else 1, share, upper), (2, 1.0 - share, lower)):
        if part > 0.0:
            enter_branch(year, rates, branch, heads * part, mean.times(factor))
    year.expose(rates.status, 0.5 * heads, rates.base)


def enter_branch(year: Year, rates: Rates, branch: int, heads: float, mean: Mean) -> None:
    """A group enters one branch of the allowance: its account goes along, half a year is paid."""
    career, _, i = rates.row
    average = year.constant["deemed_index_actual_average"] > 0.5
    deemed_index = deemed_index_years(mean.service, mean.index, mean.deemed, mean.deemed_index, average)
    credit = 0.5 * rates.credit
    interest = rates.interest * mean.account
    balance = mean.account + credit + interest
    base = year.award_level(False) * year.path["benefit_base"] * year.path["accrual_rate"] / 2.0
    pool = base * (mean.service + mean.index + deemed_index)
    from_account = 0.0
    if branch == 0:
        pool = pooled(year, False, mean, deemed_index)
        from_account = balance * year.retiring(rates.row)[at.RET_INVERSE_DIVISOR]
    drawn = min(6.0 * from_account, balance)
    year.book("new_invalids", heads)
    year.depart(rates.row, heads)
    year.book("account_credits", heads * credit)
    year.book("account_interest_credited", heads * interest)
    year.book("account_transferred_out", heads * balance)
    year.book("pension_account_in", heads * balance)
    year.book("pension_account_drawn", heads * drawn)
    year.book("pension_paid_enterprise", 6.0 * heads * (pool + from_account))
    for item, value in (
        (at.I_HEADS, 1.0),
        (at.I_MASS, pool + from_account),
        (at.I_ACCOUNT, balance - drawn),
        (at.I_SERVICE, mean.service),
        (at.I_INDEX, mean.index),
        (at.I_DEEMED_INDEX, deemed_index),
        (at.I_ACCOUNT_MASS, from_account),
    ):
        year.stock.invalidity[item, branch, career, i] += heads * value


def refund_oldest(year: Year) -> None:
    """Whoever is still a member at 79 receives the account and leaves."""
    for group in (year.members, year.arrivals):
        for career in range(at.CAREERS):
            for status in range(at.STATUSES):
                row = (career, status, LAST)
                for _, cell in group.cells_of(row):
                    year.book("final_refunds", cell.heads)
                    year.depart(row, cell.heads)
                    year.book("account_refunded", cell.account)
                    year.settle(fund_of(status), at.OUT_BENEFITS, cell.account)
                group.clear(row)
    year.publish()


def merge_arrivals(year: Year) -> None:
    """Half a year in the new status earns service, index-years and credits; then the arrivals are members."""
    factor = year.credit_factor()
    for row, bin_, cell in all_cells(year.arrivals):
        gain, index, credit = year.paying(row)
        half = 0.5 * credit
        year.book("account_credits", cell.heads * half)
        year.book("account_interest_credited", cell.heads * half * (factor - 1.0))
        year.expose(row[1], 0.5 * cell.heads, gain * index)
        then = cell.mean().later(0.5 * gain, index, 1.0, half * factor)
        year.members.add(row, bin_, 0.5 * gain, cell.heads, then)
    year.arrivals = Members()
    year.publish()
