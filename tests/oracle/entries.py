"""Who enters the scheme: targets of the year, returns and pauses that meet them, entrants placed among the arrivals.

Where entrants come from and how they spread over ages is a table of people, not of cells: pools, weights and targets
are those of the engine.
"""

from __future__ import annotations

from dataclasses import replace

from simengine.kernels import layout as at
from simengine.kernels.members.campaigns import campaign_top_up, restore_pools, restrict_pools
from simengine.kernels.members.coverage import fill_pools, spread_entries, weigh_catch_up, weigh_entries
from simengine.kernels.members.enrolment import count_everyone, shift_layoffs, spread_admission, status_targets
from tests.oracle.cells import TOP, Mean
from tests.oracle.coverage import pausable, pause_payers, return_for_campaign, return_members
from tests.oracle.year import MEMORY, Year, fund_of, sex_of

NAMES = {at.ENTERPRISE: "enterprise", at.FLEXIBLE: "flexible"}
POOLS = {at.POOL_PAUSED: "paused", at.POOL_NONE: "none", at.POOL_RESIDENT: "resident"}


def entrant(year: Year, age: int, left: float, kind: int) -> tuple[Mean, float]:
    """Moments of an entrant and of them the years bought [years].

    Ordinary entrants of 35 and over bring deemed years before a stated year; catch-up entrants reach the minimum with
    deemed years (a share, before that year) and with bought ones; of a group admitted together all years are deemed.
    """
    constant = year.constant
    early = constant["first_year"] + year.t < constant["deemed_entry_before"]
    share = constant["deemed_entry_share"] if early else 0.0
    deemed, bought = 0.0, 0.0
    index = constant["deemed_index"]
    if kind == at.ENTRY_CATCH_UP:
        missing = max(0.0, constant["catch_up_minimum_years"] + 0.5 - max(left - 0.5, 0.0))
        deemed = missing * share
        bought = missing - deemed
    elif kind == at.ENTRY_ADMISSION:
        deemed = max(0.0, age - constant["admission_entry_age"])
        index = constant["public_deemed_index"]
    elif age >= 35:
        deemed = share * (age - 20.0)
    return Mean(bought + deemed, bought * constant["flexible_buy_index"], deemed, deemed * index, 0.0), bought


def take_from_pool(year: Year, status: int, sex: int, i: int, heads: float) -> float:
    """Entrants come from nobody's members and resident contributors alike; returns the accounts they bring [yuan]."""
    work, resident = year.work, year.stock.resident[:, sex, at.FIRST_AGE + i]
    pool, registered = float(work.pool[sex, i]), float(resident[at.R_PAYING] + resident[at.R_NOT_PAYING])
    if pool <= 0.0:
        return 0.0
    listed = float(work.pool_resident[sex, i])
    leaving = min(listed, heads * listed / pool)
    work.pool[sex, i] = max(0.0, pool - heads)
    if leaving <= 0.0 or registered <= 0.0:
        return 0.0
    work.pool_resident[sex, i] -= leaving
    share = min(1.0, leaving / registered)
    account = share * float(resident[at.R_ACCOUNT])
    for item in (at.R_PAYING, at.R_NOT_PAYING, at.R_PAID_YEARS, at.R_ACCOUNT):
        resident[item] *= 1.0 - share
    for flow in ("entries_from_resident", "resident_to_employees"):
        year.book(flow, leaving)
    for flow in ("resident_account_out", "account_transferred_in"):
        year.book(flow, account)
    year.settle(at.FUND_RESIDENT, at.OUT_TRANSFERS, account)
    year.settle(fund_of(status), at.IN_TRANSFERS, account)
    return account


def admit_entries(year: Year, status: int, kind: int) -> None:
    """Entrants as spread over careers and ages take their place among the arrivals and pay for what they buy."""
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            heads = float(year.work.entry[career, i])
            if heads <= 0.0:
                continue
            row = (career, status, i)
            account = take_from_pool(year, status, sex_of(career), i, heads)
            mean, bought = entrant(year, at.FIRST_AGE + i, year.years_left(row), kind)
            if kind == at.ENTRY_CATCH_UP:
                price = bought * year.yearly_wage() * year.constant["flexible_buy_index"]
                income, credit = price * year.path["catch_up_price_rate"], price * year.path["flexible_account_share"]
                account += heads * credit
                year.book("catch_up_income", heads * income)
                year.book("account_credits", heads * credit)
                year.settle(at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS, heads * income)
            bin_ = min(int(mean.service + at.LEAST_SERVICE), TOP)  # whole years, to a millionth
            year.arrivals.add(row, bin_, 0.0, heads, replace(mean, account=account / heads))
    year.publish()


def enter(year: Year, status: int, heads: float, kind: int, target: float) -> float:
    """Place `heads` entrants of one status and kind; returns those that found a place [persons]."""
    if heads <= 0.0:
        return 0.0
    if kind == at.ENTRY_CATCH_UP:
        total = weigh_catch_up(year.t, year.tables, year.constants, year.scratch)
    else:
        total = weigh_entries(year.t, status, target, year.constants, year.tables, year.scratch)
    if total <= 0.0:
        return 0.0
    placed = float(spread_entries(heads, year.scratch))
    admit_entries(year, status, kind)
    return placed


def enter_public(year: Year, target: float, need: float) -> None:
    """Public payers: first the group admitted together, then ordinary entrants."""
    admitted = min(year.path["admitted_public_actives"], max(need, 0.0))
    placed = 0.0
    if admitted > 0.0:
        placed = float(spread_admission(year.t, admitted, year.constants, year.tables, year.scratch))
        admit_entries(year, at.PUBLIC, at.ENTRY_ADMISSION)
        year.book("admitted_actives", placed)
    ordinary = enter(year, at.PUBLIC, max(need, 0.0) - placed, at.ENTRY_ORDINARY, target)
    year.book("entries_public", ordinary)
    year.book("shortfall_public", need - placed - ordinary)


def campaign(year: Year, status: int, ordinary: float, target: float) -> None:
    """Heads of a campaign, drawn from its pools in their order, each up to its limit; the rest is a shortfall."""
    name, offset = NAMES[status], status - at.ENTERPRISE
    switched = year.flow(f"switches_to_{name}")
    gross = year.path[f"campaign_gross_{name}"]
    backlog = MEMORY[f"backlog_{name}"]
    left = float(campaign_top_up(gross, max(ordinary, 0.0) + switched, backlog, year.state))
    left += year.path[f"campaign_additional_{name}"]
    if left <= 0.0:
        return
    year.stock.memory[MEMORY[f"extra_{name}"]] += left
    year.book(f"campaign_top_up_{name}", left)
    for source, limit in year.tables.campaign[year.t, offset].tolist():
        wanted = min(left, limit)
        if source == 0 or wanted <= 0.0:
            continue
        if source == at.POOL_PAUSED:
            brought = return_for_campaign(year, status, wanted)
        else:
            restrict_pools(int(source), year.scratch)
            brought = enter(year, status, wanted, at.ENTRY_ORDINARY, target)
            restore_pools(int(source), year.scratch)
            year.book(f"entries_{name}", brought)
        year.book(f"campaign_from_{POOLS[int(source)]}", brought)
        left -= brought
    year.book(f"campaign_missing_{name}", max(left, 0.0))
    year.book(f"shortfall_{name}", left)


def meet_paused(year: Year, needs: list[float]) -> None:
    """The year's net pausing: payers pause at year end, or paused members return where payers are wanted."""
    if needs[at.PAUSED] > 0.0:
        payers = [sum(cell.heads for _, _, cell in pausable(year, s)) for s in (at.ENTERPRISE, at.FLEXIBLE)]
        if sum(payers) > 0.0:
            share = min(0.9, needs[at.PAUSED] / sum(payers))
            needs[at.PAUSED] -= pause_payers(year, share)
            needs[at.ENTERPRISE] += payers[0] * share
            needs[at.FLEXIBLE] += payers[1] * share
    wants = [max(needs[status], 0.0) for status in (at.ENTERPRISE, at.FLEXIBLE)]
    wanted = min(max(0.0, -needs[at.PAUSED]), sum(wants))
    returning = 0.0
    if wanted > 0.0:
        to_enterprise = wants[0] / sum(wants)
        returning = return_members(year, wanted, to_enterprise)
        needs[at.ENTERPRISE] -= returning * to_enterprise
        needs[at.FLEXIBLE] -= returning * (1.0 - to_enterprise)
    year.book("shortfall_paused", needs[at.PAUSED] + returning)


def enrol(year: Year) -> None:
    """Returns, pauses and entries so that payers and paused members meet their targets; the rest is a shortfall."""
    t, state, scratch = year.t, year.state, year.scratch
    status_targets(t, year.paths, year.constants, year.tables, state, scratch, scratch.targets)
    shift_layoffs(t, year.paths, year.constants, state, year.out, scratch.targets)
    targets: list[float] = scratch.targets.tolist()
    needs = [targets[s] - year.members.count(s) - year.arrivals.count(s) for s in range(at.STATUSES)]
    meet_paused(year, needs)
    count_everyone(state, scratch)
    fill_pools(year.tables, state, scratch)
    enter_public(year, targets[at.PUBLIC], needs[at.PUBLIC])
    enterprise, flexible = needs[at.ENTERPRISE], needs[at.FLEXIBLE]
    placed = enter(year, at.ENTERPRISE, max(enterprise, 0.0), at.ENTRY_ORDINARY, targets[at.ENTERPRISE])
    year.book("entries_enterprise", placed)
    year.book("shortfall_enterprise", enterprise - placed)
    late = min(year.path["catch_up_entrants"], max(flexible, 0.0))
    caught = enter(year, at.FLEXIBLE, late, at.ENTRY_CATCH_UP, targets[at.FLEXIBLE])
    year.book("catch_up_entries", caught)
    placed = enter(year, at.FLEXIBLE, max(flexible, 0.0) - caught, at.ENTRY_ORDINARY, targets[at.FLEXIBLE])
    year.book("entries_flexible", placed)
    year.book("shortfall_flexible", flexible - caught - placed)
    campaign(year, at.ENTERPRISE, enterprise, targets[at.ENTERPRISE])
    campaign(year, at.FLEXIBLE, flexible, targets[at.FLEXIBLE])
