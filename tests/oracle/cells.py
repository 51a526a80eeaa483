"""Members of the employees' scheme cell by cell: plain numbers, no vectors, no sums kept beside them.

The independent reference of the whole lane. It is written from the rules (notes/order.md, pension.md, coverage.md)
with the mean moments of one cell at a time, and never looks at how the kernels arrange their arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simengine.kernels import layout as at

Row = tuple[int, int, int]  # career, status, age reached - 16
TOP = at.BINS - 1  # 45 years and more
MOMENTS = {
    "heads": at.HEADS,
    "service": at.SERVICE,
    "index": at.INDEX,
    "deemed": at.DEEMED,
    "deemed_index": at.DEEMED_INDEX,
    "account": at.ACCOUNT,
}
"""Where the sums of a cell stand in `State.members`."""


@dataclass(frozen=True, slots=True)
class Mean:
    """Moments per head: recognised years, index-years, deemed years, deemed index-years, account [yuan]."""

    service: float
    index: float
    deemed: float
    deemed_index: float
    account: float

    def times(self, factor: float) -> Mean:
        """All moments moved in proportion, as for one part of a split cell."""
        return Mean(
            factor * self.service,
            factor * self.index,
            factor * self.deemed,
            factor * self.deemed_index,
            factor * self.account,
        )

    def later(self, years: float, index: float, growth: float, credit: float) -> Mean:
        """After `years` of paying at the contribution base `index`; the account times `growth`, plus `credit`."""
        return Mean(
            self.service + years,
            self.index + years * index,
            self.deemed,
            self.deemed_index,
            self.account * growth + credit,
        )


@dataclass(slots=True)
class Cell:
    """Sums over the heads of one service bin."""

    heads: float = 0.0
    service: float = 0.0
    index: float = 0.0
    deemed: float = 0.0
    deemed_index: float = 0.0
    account: float = 0.0

    def mean(self) -> Mean:
        """Moments per head of a cell with people in it."""
        n = self.heads
        return Mean(self.service / n, self.index / n, self.deemed / n, self.deemed_index / n, self.account / n)

    def add(self, heads: float, mean: Mean) -> None:
        """So many heads with these mean moments join."""
        self.heads += heads
        self.service += heads * mean.service
        self.index += heads * mean.index
        self.deemed += heads * mean.deemed
        self.deemed_index += heads * mean.deemed_index
        self.account += heads * mean.account

    def scale(self, factor: float) -> None:
        """Heads and sums in proportion."""
        self.heads *= factor
        self.service *= factor
        self.index *= factor
        self.deemed *= factor
        self.deemed_index *= factor
        self.account *= factor


class Members:
    """Cells by row (career, status, age) and service bin; a cell exists once somebody is in it."""

    def __init__(self) -> None:
        self.rows: dict[Row, dict[int, Cell]] = {}

    def add(self, row: Row, bin_: int, climbing: float, heads: float, mean: Mean) -> None:
        """A group joins a bin, the share `climbing` of it the next one; the top bin takes everybody above it."""
        bins = self.rows.setdefault(row, {})
        for k, part in ((bin_, 1.0 - climbing), (bin_ + 1, climbing)):
            if part > 0.0:
                bins.setdefault(min(k, TOP), Cell()).add(part * heads, mean)

    def cells_of(self, row: Row) -> list[tuple[int, Cell]]:
        """Bins of a row with people in them."""
        return [(k, cell) for k, cell in self.rows.get(row, {}).items() if cell.heads > 0.0]

    def heads_of(self, row: Row) -> float:
        """Heads of one row."""
        return sum(cell.heads for _, cell in self.cells_of(row))

    def count(self, status: int) -> float:
        """Heads of one status."""
        return sum(self.heads_of(row) for row in self.rows if row[1] == status)

    def clear(self, row: Row) -> None:
        """Nobody is left in a row."""
        self.rows.pop(row, None)

    def grow_older(self) -> None:
        """Every row is labelled by the age reached in the year; nobody is left at 79 (refunded a year before)."""
        last = at.WORKING_AGES - 1
        self.rows = {(c, s, i + 1): bins for (c, s, i), bins in self.rows.items() if i < last}


def read_members(array: np.ndarray) -> Members:
    """Cells with people of `State.members` [career, status, age, moment, bin]."""
    members = Members()
    heads = np.moveaxis(array, 3, 0)[at.HEADS]
    for career, status, i, k in zip(*np.nonzero(heads), strict=True):
        row = (int(career), int(status), int(i))
        sums = array[career, status, i, :, k].tolist()
        members.rows.setdefault(row, {})[int(k)] = Cell(**{name: sums[place] for name, place in MOMENTS.items()})
    return members


def write_members(members: Members, array: np.ndarray) -> None:
    """Put the cells back into `State.members`; everything else is zero."""
    array[...] = 0.0
    for (career, status, i), k, cell in all_cells(members):
        for name, place in MOMENTS.items():
            array[career, status, i, place, k] = getattr(cell, name)


def all_cells(members: Members) -> Iterator[tuple[Row, int, Cell]]:
    """Every cell with people, with its row and bin."""
    for row in members.rows:
        for k, cell in members.cells_of(row):
            yield row, k, cell
