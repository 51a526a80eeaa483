"""Flows that move existing members towards the level targets: in-migrants, pauses at year end, returns."""

from __future__ import annotations

from simengine.kernels import layout as at
from tests.oracle.cells import Cell, Row
from tests.oracle.year import OLD_AGE, Year

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
    """Cells of payers of one status with at least a year to their statutory month, as they plan by it."""
    rows = [row for row in year.members.rows if row[1] == status and year.retiring(row)[at.RET_PLANNED_YEARS] >= 1.0]
    return [(row, bin_, cell) for row in rows for bin_, cell in year.members.cells_of(row)]


def pause_payers(year: Year, of_enterprise: float, of_flexible: float) -> float:
    """A share of every cell of payers with a year to the statutory month pauses at year end, by status [persons]."""
    moved = 0.0
    for status, share in ((at.ENTERPRISE, of_enterprise), (at.FLEXIBLE, of_flexible)):
        if share <= 0.0:
            continue
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
    table = year.retiring(row)
    missing = table[at.RET_PLANNED_THRESHOLD] - service
    slack = table[at.RET_PLANNED_YEARS] - missing
    if missing <= at.LEAST_SERVICE or slack < -at.LEAST_SERVICE:
        return year.constant["return_without_need"]
    return 1.0 + year.constant["return_urgency"] * max(0.0, 1.0 - slack / year.constant["pressing_years"])


def returners(year: Year, below: bool = False) -> list[tuple[Row, int, Cell, float]]:
    """Cells of paused members who may return, each with its weight; `below`: under the old retirement ages alone."""
    return [
        (row, bin_, cell, return_weight(year, row, cell.mean().service))
        for row, bin_, cell in pausable(year, at.PAUSED)
        if not below or at.FIRST_AGE + row[2] < year.constant[OLD_AGE[row[0]]]
    ]


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


def factor_of(year: Year, wanted: float, below: bool = False) -> float:
    """Factor on the weights at which so many return, of all or of those below the old retirement ages."""
    return solve_factor([(cell.heads, weight) for _, _, cell, weight in returners(year, below)], wanted)


def return_heads(year: Year) -> float:
    """Paused members below the old retirement ages who may return [persons]."""
    return sum(cell.heads for _, _, cell, _ in returners(year, below=True))


def return_share(year: Year, factor: float) -> float:
    """Share of them that returns at a factor on the weights."""
    heads = return_heads(year)
    found = sum(cell.heads * min(MOST, factor * weight) for _, _, cell, weight in returners(year, below=True))
    return found / heads if heads > 0.0 else 0.0


def take_back(year: Year, factor: float, to_enterprise: float) -> float:
    """Paused members before the statutory month take up paying again: factor x weight of every cell [persons].

    They stand in the paused cells with the year's interest already added; half a year of paying follows with the other
    arrivals. Returns the heads that return.
    """
    total = 0.0
    for (career, _, i), bin_, cell, weight in returners(year):
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
