"""Returns, pauses and the payment rate of a year, and what its levels leave to later years, in plain Python.

Written from notes/coverage.md: how many return, where they go, who pauses; a year with levers is solved once more as it
would be without them, and only that is kept.
"""

from __future__ import annotations

import math

from simengine.kernels import layout as at
from tests.oracle import rule
from tests.oracle.coverage import (
    factor_of,
    pausable,
    pause_payers,
    return_heads,
    return_share,
    returners,
    take_back,
)
from tests.oracle.rule import Asked, count, is_known
from tests.oracle.year import MEMORY, Year

PAYERS = (at.ENTERPRISE, at.FLEXIBLE)
NAMES = rule.STATUSES
LEAST_OF_MEAN = 0.5
STOCKS = ("members_enterprise", "members_flexible", "members_public", "members_paused")


def kept_returns(year: Year) -> tuple[list[float], list[float]]:
    """Kept shares of the paused who returned, and of them to enterprises."""
    share, part = ([value for value in values if value >= 0.0] for values in year.stock.returns.tolist())
    return share, part


def part_to_enterprise(year: Year) -> float:
    """Part of returners to enterprises: mean of the kept years, else that of the payers."""
    _, kept = kept_returns(year)
    if kept:
        return sum(kept) / len(kept)
    payers = [count(year, status) for status in PAYERS]
    return payers[0] / sum(payers) if sum(payers) > 0.0 else 0.0


def lacking(year: Year, status: int, targets: list[float]) -> float:
    """What a known level lacks, without end where none is known [persons]."""
    return math.inf if math.isnan(targets[status]) else max(0.0, targets[status] - count(year, status))


def back_to_work(year: Year, wanted: float, targets: list[float]) -> tuple[float, float]:
    """Of `wanted` returners how many go to enterprises and to flexible work."""
    part = part_to_enterprise(year)
    rooms = [lacking(year, status, targets) for status in PAYERS]
    if not any(map(math.isinf, rooms)):
        back = max(0.0, min(wanted, sum(rooms)))
        parts = (rooms[0] / sum(rooms), rooms[1] / sum(rooms)) if back > 0.0 else (part, 1.0 - part)
        return back * parts[0], back * parts[1]
    wanted = max(0.0, wanted)
    if math.isinf(rooms[1]):
        enterprise = min(part * wanted, rooms[0])
        return enterprise, wanted - enterprise
    flexible = min((1.0 - part) * wanted, rooms[1])
    return wanted - flexible, flexible


def able_to_return(year: Year, factor: float) -> float:
    """Paused members who return at a factor on the weights, nine tenths of a cell at most [persons]."""
    return sum(cell.heads * min(0.9, factor * weight) for _, _, cell, weight in returners(year))


def usual_returns(year: Year, targets: list[float]) -> tuple[float, float, float]:
    """Returners to both groups at the share of the last known years, and this share; none beyond a level."""
    kept, _ = kept_returns(year)
    rate = sum(kept) / len(kept) if kept else 0.0
    part = part_to_enterprise(year)
    factor = factor_of(year, rate * return_heads(year), below=True)
    found = able_to_return(year, factor)
    wished = (part * found, (1.0 - part) * found)
    taken = [min(wish, lacking(year, status, targets)) for wish, status in zip(wished, PAYERS, strict=True)]
    if sum(taken) < sum(wished):
        rate = return_share(year, factor_of(year, sum(taken)))
    return taken[0], taken[1], rate


def wanted_returns(year: Year, rate: float, targets: list[float], asked: dict[int, Asked]) -> float:
    """Who must return so that the paused level or a payment rate is met; below zero who must pause."""
    paused = count(year, at.PAUSED)
    if not math.isnan(targets[at.PAUSED]):
        return paused - targets[at.PAUSED]
    if math.isnan(rate):
        return math.nan
    paying = 0.0
    for status in (at.PUBLIC, *PAYERS):
        heads, level = count(year, status), targets[status]
        if math.isnan(level):
            paying += heads + sum(asked.get(status, {}).values())
        elif status == at.PUBLIC:
            paying += max(heads, level)
        else:
            paying += level if not math.isnan(sum(targets[one] for one in PAYERS)) else max(heads, level)
    beyond = [max(0.0, count(year, one) - targets[one]) for one in PAYERS if not math.isnan(targets[one])]
    left = paused + sum(beyond)
    if math.isnan(targets[at.ENTERPRISE] + targets[at.FLEXIBLE]):
        return left - (1.0 - rate) * (paying + paused)
    public = targets[at.PUBLIC]
    if math.isnan(public):
        public = count(year, at.PUBLIC) + sum(asked.get(at.PUBLIC, {}).values())
    return left - (1.0 - rate) / rate * (targets[at.ENTERPRISE] + targets[at.FLEXIBLE] + public)


def pause(year: Year, heads: float, groups: tuple[int, ...]) -> None:
    """The same share of every cell of some groups of payers pauses."""
    able = sum(cell.heads for status in groups for _, _, cell in pausable(year, status))
    share = min(0.9, heads / able) if able > 0.0 else 0.0
    pause_payers(year, share if at.ENTERPRISE in groups else 0.0, share if at.FLEXIBLE in groups else 0.0)


def bring_back(year: Year, enterprise: float, flexible: float) -> float:
    """So many return to the two groups; the share of the paused below the old ages that does."""
    wanted = enterprise + flexible
    if wanted <= 0.0:
        return 0.0
    factor = factor_of(year, wanted)
    rate = return_share(year, factor)
    take_back(year, factor, enterprise / wanted)
    return rate


def settle_paused(year: Year, targets: list[float], asked: dict[int, Asked], remembers: bool) -> None:
    """Returns, or pauses of payers, so that the paused members are met; else as many as in the last known years."""
    wanted = wanted_returns(year, year.path["payment_rate"], targets, asked)
    if math.isnan(wanted):
        enterprise, flexible, rate = usual_returns(year, targets)
        bring_back(year, enterprise, flexible)
        year.book("return_rate", rate)
        return
    known = not math.isnan(targets[at.PAUSED])
    part, rate = part_to_enterprise(year), 0.0
    if wanted < 0.0:
        unknown = tuple(status for status in PAYERS if math.isnan(targets[status]))
        pause(year, -wanted, PAYERS if known or not unknown else unknown)
    else:
        enterprise, flexible = back_to_work(year, wanted, targets)
        part = enterprise / (enterprise + flexible) if enterprise + flexible > 0.0 else part
        rate = bring_back(year, enterprise, flexible)
    year.book("return_rate", rate)
    if known:
        if remembers:
            keep_returns(year, rate, part)
        year.book("shortfall_paused", targets[at.PAUSED] - count(year, at.PAUSED))


def hold_rate(year: Year) -> None:
    """A stated payment rate counts all who entered in the year, where some level of payers is not known."""
    rate = year.path["payment_rate"]
    groups = tuple(status for status in PAYERS if not is_known(year, status))
    if math.isnan(rate) or not groups:
        return
    members = sum(count(year, status) for status in range(at.STATUSES))
    wanted = count(year, at.PAUSED) - (1.0 - rate) * members
    if abs(wanted) <= 1e-9 * members:
        return
    if wanted < 0.0:
        pause(year, -wanted, groups)
        return
    part = part_to_enterprise(year) if len(groups) == 2 else float(at.ENTERPRISE in groups)
    more = bring_back(year, part * wanted, (1.0 - part) * wanted)
    year.book("return_rate", more * (1.0 - year.flow("return_rate")))


# --- what later years go on from --------------------------------------------------------------------------------------


def keep_returns(year: Year, rate: float, part: float) -> None:
    """Share that returned and part to enterprises of a known year; each part at least half the mean before."""
    shares, parts = kept_returns(year)
    if shares:
        rate = max(rate, LEAST_OF_MEAN * sum(shares) / len(shares))
        mean = sum(parts) / len(parts)
        part = min(max(part, LEAST_OF_MEAN * mean), 1.0 - LEAST_OF_MEAN * (1.0 - mean))
    for item, value in enumerate((rate, part)):
        year.stock.returns[item] = [*year.stock.returns[item, 1:].tolist(), value]


def keep_level(year: Year, status: int, odds: float) -> None:
    """Odds of a level, over their path at least half the mean of those kept before."""
    kept = [value for value in year.stock.odds[status].tolist() if value >= 0.0]
    if kept:
        path = year.path[f"entry_odds_{NAMES[status]}"]
        odds = path * max(odds / path, LEAST_OF_MEAN * sum(kept) / len(kept))
    rule.keep_odds(year, status, odds)


def is_moved(year: Year, targets: list[float]) -> bool:
    """Whether levers move people in a year that has a level of payers, or a payment rate is stated."""
    if not math.isnan(year.path["payment_rate"]):
        return True
    if all(math.isnan(targets[status]) for status in PAYERS):
        return False
    unknown = [status for status in PAYERS if not is_known(year, status)]
    called = any(year.path[f"campaign_additional_{NAMES[status]}"] > 0.0 for status in unknown)
    before = float(year.stock.memory[MEMORY["unemployment_rate"]])
    risen = before > 0.0 and year.path["surveyed_unemployment_rate"] != before
    return called or year.path["catch_up_entrants"] > 0.0 or (risen and at.ENTERPRISE in unknown)


def levels_without_rate(year: Year, targets: list[float]) -> list[float]:
    """Levels, moved by the heads that a payment rate of the year before had moved by its end."""
    t, rate = year.t, at.PATH_NAMES.index("payment_rate")
    if t == 0 or math.isnan(year.paths[rate, t - 1]):
        return list(targets)
    found = []
    for status, level in enumerate(targets):
        before = float(year.paths[at.PATH_NAMES.index(rule.LEVELS[status]), t - 1])
        heads = float(year.out.stocks[at.STOCK_NAMES.index(STOCKS[status]), t])
        found.append(level if math.isnan(before) else level + heads - before)
    return found


def remember(year: Year, targets: list[float]) -> None:
    """Odds and returns of the levels as they would be without levers; nobody moves."""
    levels = levels_without_rate(year, targets)
    wanted = wanted_returns(year, math.nan, levels, {})
    part, rate, gone = part_to_enterprise(year), 0.0, 0.0
    if math.isnan(wanted):
        enterprise, flexible, rate = usual_returns(year, levels)
    else:
        enterprise, flexible = back_to_work(year, wanted, levels)
        if enterprise + flexible > 0.0:
            rate = return_share(year, factor_of(year, enterprise + flexible))
            part = enterprise / (enterprise + flexible)
            found = able_to_return(year, factor_of(year, enterprise + flexible))
            enterprise, flexible = part * found, (1.0 - part) * found
        able = sum(cell.heads for status in PAYERS for _, _, cell in pausable(year, status))
        gone = min(0.9, -wanted / able) if wanted < 0.0 and able > 0.0 else 0.0
    for status, back in zip(PAYERS, (enterprise, flexible), strict=True):
        if math.isnan(levels[status]):
            continue
        left = count(year, status) - gone * sum(cell.heads for _, _, cell in pausable(year, status))
        keep_level(year, status, rule.solve_odds(year, status, max(0.0, levels[status] - left - back)))
    if not math.isnan(levels[at.PAUSED]):
        keep_returns(year, rate, part)
