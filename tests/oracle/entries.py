"""Who enters the scheme: entrants placed among the arrivals, groups beside the rule, the order of the year.

The rule itself is `tests/oracle/rule.py`. How the history and campaigns spread entrants over ages is a table of people,
not of cells: their weights are those of the engine.
"""

from __future__ import annotations

import math
from dataclasses import replace

from simengine.kernels import layout as at
from simengine.kernels.members.campaigns import weigh_campaign
from simengine.kernels.members.coverage import spread_entries, weigh_catch_up, weigh_entries
from simengine.kernels.members.enrolment import count_everyone
from simengine.kernels.members.groups import spread_admission
from tests.oracle import rule, settle
from tests.oracle.cells import TOP, Mean
from tests.oracle.coverage import (
    factor_of,
    pausable,
    pause_payers,
    returners,
    take_back,
)
from tests.oracle.rule import Asked, count, is_known
from tests.oracle.year import MEMORY, Year, fund_of, sex_of

NAMES = rule.STATUSES
PAYERS = (at.ENTERPRISE, at.FLEXIBLE)
POOLS = {at.POOL_PAUSED: "paused", at.POOL_NONE: "none", at.POOL_RESIDENT: "resident"}


# --- one entrant ------------------------------------------------------------------------------------------------------


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
    for item in (at.R_PAYING, at.R_NOT_PAYING, at.R_PAID_YEARS, at.R_ACCOUNT, at.R_BEYOND, at.R_RESUMED):
        resident[item] *= 1.0 - share
    for flow in ("entries_from_resident", "resident_to_employees"):
        year.book(flow, leaving)
    for flow in ("resident_account_out", "account_transferred_in"):
        year.book(flow, account)
    year.settle(at.FUND_RESIDENT, at.OUT_TRANSFERS, account)
    year.settle(fund_of(status), at.IN_TRANSFERS, account)
    return account


def admit(year: Year, status: int, kind: int, entrants: Asked) -> float:
    """Entrants by career and age take their place among the arrivals and pay for what they buy; returns their sum."""
    for (career, i), heads in entrants.items():
        if heads <= 0.0:
            continue
        row = (career, status, i)
        account = take_from_pool(year, status, sex_of(career), i, heads)
        left = year.retiring(row)[at.RET_YEARS_TO_STATUTORY]
        mean, bought = entrant(year, at.FIRST_AGE + i, left, kind)
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
    return sum(entrants.values())


def spread(year: Year) -> Asked:
    """Entrants as the engine has spread them over careers and ages by weight."""
    entry = year.work.entry.tolist()
    return {(c, i): entry[c][i] for c in range(at.CAREERS) for i in range(at.WORKING_AGES) if entry[c][i] > 0.0}


# --- groups beside the rule -------------------------------------------------------------------------------------------


def admit_public(year: Year, need: float) -> float:
    """A group admitted to the public sector together, at most what it lacks [persons]."""
    heads = min(year.path["admitted_public_actives"], max(need, 0.0))
    if heads <= 0.0 or spread_admission(year.t, heads, year.constants, year.tables, year.scratch) <= 0.0:
        return 0.0
    placed = admit(year, at.PUBLIC, at.ENTRY_ADMISSION, spread(year))
    year.book("admitted_actives", placed)
    return placed


def catch_up(year: Year, most: float) -> float:
    """Entrants who buy the missing years, at most so many [persons]."""
    heads = min(year.path["catch_up_entrants"], max(most, 0.0))
    if heads <= 0.0 or weigh_catch_up(year.t, year.tables, year.constants, year.scratch) <= 0.0:
        return 0.0
    spread_entries(heads, year.scratch)
    placed = admit(year, at.FLEXIBLE, at.ENTRY_CATCH_UP, spread(year))
    year.book("catch_up_entries", placed)
    return placed


def lay_off(year: Year) -> float:
    """A change of the unemployment rate where the enterprise level is not known: pauses, or returns below zero."""
    before, now = float(year.stock.memory[MEMORY["unemployment_rate"]]), year.path["surveyed_unemployment_rate"]
    year.stock.memory[MEMORY["unemployment_rate"]] = now
    if is_known(year, at.ENTERPRISE) or before <= 0.0:
        return 0.0
    moved = year.constant["layoff_share"] * (now - before) * year.members.count(at.ENTERPRISE)
    if moved > 0.0:
        able = sum(cell.heads for _, _, cell in pausable(year, at.ENTERPRISE))
        share = min(0.9, moved / able) if able > 0.0 else 0.0
        moved = pause_payers(year, share, 0.0) if able > 0.0 else moved
    elif moved < 0.0:
        moved = -take_back(year, factor_of(year, -moved), 1.0)
    year.book("layoffs", moved)
    return moved


def book_campaign(year: Year, status: int, what: str, heads: float) -> None:
    """Heads of a campaign, those of flexible payers apart."""
    year.book(f"campaign_{what}", heads)
    if status == at.FLEXIBLE:
        year.book(f"campaign_flexible_{what}", heads)


def drawn(year: Year, status: int, what: str) -> float:
    """Heads of a source that campaigns of the status have drawn this year [persons]."""
    flexible = year.flow(f"campaign_flexible_{what}")
    return flexible if status == at.FLEXIBLE else year.flow(f"campaign_{what}") - flexible


def from_source(year: Year, status: int, source: int, wanted: float) -> float:
    """Heads of a campaign out of one of its sources [persons]."""
    if source == at.POOL_PAUSED:
        factor = factor_of(year, wanted)
        for row, _, cell, weight in returners(year):
            table = year.retiring(row)
            if cell.mean().service + table[at.RET_YEARS_TO_STATUTORY] >= table[at.RET_THRESHOLD]:
                book_campaign(year, status, "in_time", cell.heads * min(0.9, factor * weight))
        return take_back(year, factor, 1.0 if status == at.ENTERPRISE else 0.0)
    work, ages = year.work, year.tables.campaign_ages[year.t, status]
    pool, listed = work.pool.copy(), work.pool_resident.copy()
    work.pool[...] = listed if source == at.POOL_RESIDENT else pool - listed
    work.pool_resident[...] = listed if source == at.POOL_RESIDENT else 0.0
    aside = pool - work.pool
    brought = 0.0
    if weigh_campaign(year.t, status, ages, year.tables, year.constants, year.scratch) > 0.0:
        spread_entries(wanted, year.scratch)
        entrants = spread(year)
        brought = admit(year, status, at.ENTRY_ORDINARY, entrants)
        for (career, i), heads in entrants.items():
            table = year.retiring((career, status, i))
            if table[at.RET_YEARS_TO_STATUTORY] > table[at.RET_THRESHOLD]:
                book_campaign(year, status, "in_time", heads)
        year.book(f"entries_{NAMES[status]}", brought)
    work.pool[...] += aside
    if source == at.POOL_NONE:
        work.pool_resident[...] = listed
    return brought


def campaign(year: Year, status: int, heads: float) -> None:
    """Heads of a campaign, drawn from its pools in their order, each up to its limit; the rest is missing."""
    if heads <= 0.0:
        return
    name, left = NAMES[status], heads
    year.book(f"campaign_top_up_{name}", heads)
    for source, limit in year.tables.campaign[year.t, status].tolist():
        if source == 0:
            continue
        what = f"from_{POOLS[int(source)]}"
        wanted = min(left, limit - drawn(year, status, what))
        if wanted <= 0.0:
            continue
        brought = from_source(year, status, int(source), wanted)
        book_campaign(year, status, what, brought)
        left -= brought
    year.book(f"campaign_missing_{name}", max(left, 0.0))


def top_up(year: Year, status: int, ordinary: float) -> None:
    """What ordinary entries and switches leave of the number of a gross campaign; a known level contains it.

    Additional campaigns are none of it, unless the level that contains them is known.
    """
    name = NAMES[status]
    entered = year.flow(f"entries_{name}") if is_known(year, status) else ordinary
    planned = year.path[f"campaign_gross_{name}"]
    behind = MEMORY[f"backlog_{name}"]
    if planned <= 0.0:
        year.stock.memory[behind] = 0.0
        return
    missing = float(year.stock.memory[behind]) + planned - entered - year.flow(f"switches_to_{name}")
    heads = 0.0 if is_known(year, status) else max(0.0, missing)
    year.stock.memory[behind] = missing - heads
    campaign(year, status, heads)


# --- the history before the rule --------------------------------------------------------------------------------------


def enter_by_pattern(year: Year, status: int, heads: float, target: float) -> float:
    """Place ordinary entrants by the pattern of the history; the odds that would have brought as many are kept."""
    odds = rule.solve_odds(year, status, max(heads, 0.0))
    rule.keep_odds(year, status, odds)
    year.book(f"entry_odds_{NAMES[status]}", odds)
    weights = (year.t, status, target, year.constants, year.tables, year.scratch)
    if heads <= 0.0 or weigh_entries(*weights) <= 0.0:
        return 0.0
    spread_entries(heads, year.scratch)
    return admit(year, status, at.ENTRY_ORDINARY, spread(year))


def enrol_by_pattern(year: Year, targets: list[float]) -> None:
    """Public payers, enterprise payers, flexible payers, each up to its level."""
    for status in (at.PUBLIC, at.ENTERPRISE, at.FLEXIBLE):
        need = targets[status] - count(year, status)
        if status == at.PUBLIC:
            need -= admit_public(year, need)
        if status == at.FLEXIBLE:
            need -= catch_up(year, need)
        placed = enter_by_pattern(year, status, need, targets[status])
        year.book(f"entries_{NAMES[status]}", placed)
        year.book(f"shortfall_{NAMES[status]}", need - placed)


# --- the rule ---------------------------------------------------------------------------------------------------------


def ask_at_path(year: Year, status: int, returned: bool) -> Asked:
    """Entrants at the pressure of the path, and the growth that a lever adds to the heads they make.

    Where `returned` is false it is a first guess, before paused members return; nothing of it is booked.
    """
    name = NAMES[status]
    odds = rule.odds_on_path(year, status)
    asked = rule.ask(year, status, odds)
    growth = year.path[f"{name}_growth"]
    if growth != 0.0:
        ordinary = sum(asked.values())
        wanted = ordinary + growth * (count(year, status) + ordinary)
        odds, asked = rule.ask_wanted(year, status, wanted)
        year.book(f"shortfall_{name}", returned * (wanted - sum(asked.values())))
    year.book(f"entry_odds_{name}", returned * odds)
    return asked


def ask_for_posts(year: Year, need: float) -> Asked:
    """Entrants who bring what the public sector lacks."""
    odds, asked = rule.ask_wanted(year, at.PUBLIC, need)
    year.book("entry_odds_public", odds)
    return asked


def meet_level(year: Year, status: int, targets: list[float], remembers: bool) -> tuple[float, Asked]:
    """Payers above a level pause, else entrants bring what it lacks; growth of a lever comes on top, unremembered."""
    need = targets[status] - count(year, status)
    if need < 0.0 and math.isnan(targets[at.PAUSED]):
        able = sum(cell.heads for _, _, cell in pausable(year, status))
        share = min(0.9, -need / able) if able > 0.0 else 0.0
        pause_payers(year, share if status == at.ENTERPRISE else 0.0, share if status == at.FLEXIBLE else 0.0)
        need = targets[status] - count(year, status)
    odds, asked = rule.ask_wanted(year, status, need)
    if remembers:
        settle.keep_level(year, status, odds)
    growth = year.path[f"{NAMES[status]}_growth"]
    if growth != 0.0 and not rule.is_known(year, status):
        ordinary = sum(asked.values())
        need = ordinary + growth * (count(year, status) + ordinary)
        odds, asked = rule.ask_wanted(year, status, need)
    year.book(f"entry_odds_{NAMES[status]}", odds)
    return need, asked


def enrol_by_rule(year: Year, targets: list[float], remembers: bool) -> dict[int, Asked]:
    """Groups first, then what paths ask for, returns, what levels ask for; nobody beyond nine tenths of an age.

    Returns the ordinary entrants by status.
    """
    asked: dict[int, Asked] = {status: {} for status in (at.PUBLIC, *PAYERS)}
    needs: dict[int, float] = {}
    moved = lay_off(year)
    if not is_known(year, at.ENTERPRISE):
        targets[at.ENTERPRISE] -= moved
        targets[at.PAUSED] += moved
    admit_public(year, rule.public_need(year, targets[at.PUBLIC]))
    bought = catch_up(year, math.inf)
    targets[at.FLEXIBLE] += 0.0 if is_known(year, at.FLEXIBLE) else bought
    for status in PAYERS:
        if not is_known(year, status):
            before = {one: count(year, one) for one in (status, at.PAUSED)}
            campaign(year, status, year.path[f"campaign_additional_{NAMES[status]}"])
            for one, heads in before.items():
                if not is_known(year, one):
                    targets[one] += count(year, one) - heads
    for status in PAYERS:
        if math.isnan(targets[status]):
            asked[status] = ask_at_path(year, status, returned=False)
    needs[at.PUBLIC] = rule.public_need(year, targets[at.PUBLIC])
    asked[at.PUBLIC] = ask_for_posts(year, needs[at.PUBLIC])
    settle.settle_paused(year, targets, asked, remembers)
    for status in PAYERS:
        if math.isnan(targets[status]):
            asked[status] = ask_at_path(year, status, returned=True)
            continue
        needs[status], asked[status] = meet_level(year, status, targets, remembers)
    year.book("entries_cut", rule.cut(year, asked))
    for status, entrants in asked.items():
        placed = admit(year, status, at.ENTRY_ORDINARY, entrants)
        year.book(f"entries_{NAMES[status]}", placed)
        if status in needs:
            year.book(f"shortfall_{NAMES[status]}", needs[status] - placed)
    if is_known(year, at.PUBLIC):
        rule.keep_posts(year)
    return asked


def enrol(year: Year) -> None:
    """Returns, pauses and entries of the year; before the rule's first year the pattern of the history."""
    levels = rule.carried_on(year, [year.path[name] for name in rule.LEVELS])
    for status in PAYERS:
        if math.isnan(levels[status]):
            year.stock.memory[MEMORY[f"unsolved_{NAMES[status]}"]] += 1.0
    count_everyone(year.state, year.scratch)
    rule.fill_pools(year)
    late = year.constant["first_year"] + year.t >= year.constant["entry_rule_year"]
    by_rule = late or not all(is_known(year, status) for status in range(at.STATUSES))
    remembers = not (by_rule and settle.is_moved(year, levels))
    if not remembers:
        settle.remember(year, levels)
    targets = rule.shifted(year, levels)
    asked: dict[int, Asked] = {}
    if by_rule:
        asked = enrol_by_rule(year, targets, remembers)
    else:
        lay_off(year)
        settle.settle_paused(year, targets, {}, remembers)
        enrol_by_pattern(year, targets)
        rule.keep_posts(year)
    for status in PAYERS:
        top_up(year, status, sum(asked.get(status, {}).values()))
    if by_rule:
        settle.hold_rate(year)
