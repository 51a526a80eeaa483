"""Flows that move existing members towards the level targets: in-migrants, pauses at year end, returns."""

from __future__ import annotations

from simengine.kernels import layout as at
from tests.oracle.cells import Cell, Row
from tests.oracle.year import MEMORY, Year

MOST = 0.9  # of a cell of paused members returns, in one year
PAUSES = {at.ENTERPRISE: "pauses_enterprise", at.FLEXIBLE: "pauses_flexible"}


def receive_migrants(year: Year) -> None:
    """Insured in-migrants: a share of net in-migration arrives as enterprise payers with the moments of their age.

    At most a fifth of the payers of their sex and age; their accounts are a transfer in.
    """
    for sex, careers in ((at.MALE, (0,)), (at.FEMALE, (1, 2))):
        for i in range(at.WORKING_AGES):
            arriving = float(year.tables.migration[year.t, sex, at.FIRST_AGE + i])
            arriving = year.constant["arrive_insured"] * max(0.0, arriving)
            cells = [cell for career in careers for _, cell in year.members.cells_of((career, at.ENTERPRISE, i))]
            heads = sum(cell.heads for cell in cells)
            if arriving <= 0.0 or heads <= 0.0:
                continue
            growth = min(0.2, arriving / heads)
            account = growth * sum(cell.account for cell in cells)
            year.book("members_in", growth * heads)
            year.book("account_transferred_in", account)
            year.settle(at.FUND_ENTERPRISE, at.IN_TRANSFERS, account)
            for cell in cells:
                cell.scale(1.0 + growth)
    year.publish()


def pausable(year: Year, status: int) -> list[tuple[Row, int, Cell]]:
    """Cells of payers of one status with at least a year to their statutory month."""
    rows = [row for row in year.members.rows if row[1] == status and year.years_left(row) >= 1.0]
    return [(row, bin_, cell) for row in rows for bin_, cell in year.members.cells_of(row)]


def pause_payers(year: Year, share: float) -> float:
    """The share `share` of every cell of payers with a year to the statutory month pauses at year end [persons]."""
    moved = 0.0
    for status in (at.ENTERPRISE, at.FLEXIBLE):
        for (career, _, i), bin_, cell in pausable(year, status):
            heads = share * cell.heads
            year.arrivals.add((career, at.PAUSED, i), bin_, 0.0, heads, cell.mean())
            cell.scale(1.0 - share)
            year.book(PAUSES[status], heads)
            moved += heads
    year.publish()
    return moved


def return_weight(year: Year, row: Row, service: float) -> float:
    """How likely a paused member takes up paying again, relative to one with ample time.

    Who still needs most of the years left is pressed; who has the minimum, or cannot reach it, has less reason.
    """
    missing = year.retiring(row)[at.RET_THRESHOLD] - service
    slack = year.years_left(row) - missing
    if missing <= at.LEAST_SERVICE or slack < -at.LEAST_SERVICE:
        return year.constant["return_without_need"]
    return 1.0 + year.constant["return_urgency"] * max(0.0, 1.0 - slack / year.constant["pressing_years"])


def solve_factor(cells: list[tuple[float, float]], wanted: float) -> float:
    """Factor on the weights at which `wanted` heads return, as far as nine tenths of each cell reach.

    `cells`: heads and weight of each. The heads that return grow in straight pieces; a piece ends where the next cell
    meets its cap, so the cells are taken in the order in which they do.
    """
    capped = 0.0
    free = sorted(((MOST / weight, heads, heads * weight) for heads, weight in cells if weight > 0.0), reverse=True)
    growing = sum(slope for _, _, slope in free)
    factor = 0.0
    while free:
        factor = (wanted - capped) / growing
        end, heads, _ = free[-1]
        if factor <= end:
            return max(0.0, factor)
        free.pop()
        capped += MOST * heads
        growing = sum(slope for _, _, slope in free)
        factor = end
    return factor


def return_members(year: Year, wanted: float, to_enterprise: float) -> float:
    """Paused members before the statutory month take up paying again: factor x weight of every cell [persons].

    They stand in the paused cells with the year's interest already added; half a year of paying follows with the other
    arrivals. Returns the heads that return.
    """
    paused = [
        (row, bin_, cell, return_weight(year, row, cell.mean().service))
        for row, bin_, cell in pausable(year, at.PAUSED)
    ]
    factor = solve_factor([(cell.heads, weight) for _, _, cell, weight in paused], wanted)
    total = 0.0
    for (career, _, i), bin_, cell, weight in paused:
        share = min(MOST, factor * weight)
        heads, mean = share * cell.heads, cell.mean()
        year.arrivals.add((career, at.ENTERPRISE, i), bin_, 0.0, heads * to_enterprise, mean)
        year.arrivals.add((career, at.FLEXIBLE, i), bin_, 0.0, heads * (1.0 - to_enterprise), mean)
        cell.scale(1.0 - share)
        total += heads
    year.book("returns_enterprise", total * to_enterprise)
    year.book("returns_flexible", total * (1.0 - to_enterprise))
    year.publish()
    return total


def return_for_campaign(year: Year, status: int, wanted: float) -> float:
    """Paused members a campaign brings back to one status; the paused target falls with them for good [persons]."""
    brought = return_members(year, wanted, 1.0 if status == at.ENTERPRISE else 0.0)
    year.stock.memory[MEMORY["extra_paused"]] -= brought
    return brought
