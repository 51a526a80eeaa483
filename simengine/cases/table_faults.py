"""What is wrong with a table: which rows, which column, said for as many cells as can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from simengine.common.errors import CaseError, localised
from simengine.common.messages import Language

CAP = 20
"""Errors said one by one; the rest is counted."""

Cells = tuple[npt.NDArray[np.int64], list[str]] | None
Values = Callable[[int], dict[str, Any]]


class TableRefused(CaseError):
    """Every error of a table as one: the first of them said in full, the others counted.

    Parameters
    ----------
    errors : those said in full
    """

    def __init__(self, errors: list[CaseError], **values: Any) -> None:
        self.errors = errors
        super().__init__("case_table_refused", **values)

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """The errors, one a line, and the count; nothing allowed or advised beyond them."""
        message, _, hint = super().parts(lang)
        lines = [localised(error, lang) for error in self.errors]
        return "\n".join([*lines, message]), "", hint


@dataclass
class Fault:
    """One kind of error in one column: the rows that have it and how to say it of a row."""

    code: str
    column: str
    rows: npt.NDArray[np.int64]
    values: Values
    near: Callable[[int], str] | None = None


@dataclass
class Faults:
    """Every error of a table.

    Attributes
    ----------
    bad : rows with at least one error
    """

    path: str
    first_row: int
    total: int
    found: list[Fault] = field(default_factory=list)
    bad: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.total, dtype=bool)

    def note(
        self,
        code: str,
        column: str,
        mask: npt.NDArray[np.bool_],
        cells: Cells = None,
        values: Values | None = None,
        near: Callable[[int], str] | None = None,
        **same: Any,
    ) -> None:
        """Note an error of the rows in a mask.

        Parameters
        ----------
        cells : codes and texts of the column, from which the text of the cell is taken
        values : what the message names in braces, by row; same : what it names for every row
        """
        if not mask.any():
            return
        self.bad |= mask

        def of_row(row: int) -> dict[str, Any]:
            said = dict(same)
            if cells is not None:
                said["value"] = cells[1][cells[0][row]]
            return said | (values(row) if values is not None else {})

        self.found.append(Fault(code, column, np.flatnonzero(mask), of_row, near))

    @property
    def count(self) -> int:
        """Errors in all."""
        return sum(fault.rows.size for fault in self.found)

    def problem(self, fault: Fault, row: int) -> CaseError:
        """One error as it is said."""
        where = f"{self.path}, row {row + self.first_row}, column {fault.column}"
        near = fault.near(row) if fault.near is not None else ""
        return CaseError(fault.code, where=where, near=near, **fault.values(row))

    def refusal(self) -> CaseError:
        """The whole table refused: its first errors by row, and how many there are."""
        first = sorted((int(row), place) for place, fault in enumerate(self.found) for row in fault.rows[:CAP])[:CAP]
        said = [self.problem(self.found[place], row) for row, place in first]
        if self.count == 1:
            return said[0]
        rows = int(self.bad.sum())
        return TableRefused(said, count=self.count, rows=rows, total=self.total, shown=len(said))

    def rows(self, lang: Language) -> Iterator[dict[str, Any]]:
        """Every error as a row of the file of refusals, in the order of the columns."""
        for fault in self.found:
            for row in fault.rows:
                problem = self.problem(fault, int(row))
                message, allowed, hint = problem.parts(lang)
                values = fault.values(int(row))
                yield {
                    "row": int(row) + self.first_row,
                    "column": fault.column,
                    "value": values.get("value", ""),
                    "message": message,
                    "allowed": allowed,
                    "hint": hint,
                }
