"""What is wrong with a table: which rows, which column, said for as many cells as can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simengine.common.errors import CaseError, localised
from simengine.common.messages import Language

if TYPE_CHECKING:
    import pandas as pd

CAP = 20
"""Errors said one by one; the rest is counted."""

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


@dataclass
class Faults:
    """Every error of a table.

    Attributes
    ----------
    lines : row of the file of every person; names : header by name of the column
    bad : rows with at least one error
    """

    path: str
    lines: npt.NDArray[np.int64]
    names: Mapping[str, str] = field(default_factory=dict)
    found: list[Fault] = field(default_factory=list)
    bad: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.lines.size, dtype=bool)

    def note(
        self, code: str, column: str, mask: npt.NDArray[np.bool_], values: Values | None = None, **same: Any
    ) -> None:
        """Note an error of the rows in a mask.

        Parameters
        ----------
        values : what the message names in braces, by row, with `near` a near word; same : what it names for every row
        """
        if mask.any():
            self.bad |= mask
            of_row = (lambda row: same | values(row)) if values is not None else (lambda row: same)
            self.found.append(Fault(code, column, np.flatnonzero(mask), of_row))

    @property
    def count(self) -> int:
        """Errors in all."""
        return sum(fault.rows.size for fault in self.found)

    def drop(self, mask: npt.NDArray[np.bool_], columns: Sequence[str]) -> None:
        """Forget the errors of some rows in some columns, as another error says the same better."""
        for fault in self.found:
            if fault.column in columns:
                fault.rows = fault.rows[~mask[fault.rows]]
        self.found = [fault for fault in self.found if fault.rows.size]

    def rows_of(self, column: str) -> npt.NDArray[np.bool_]:
        """Rows with an error in a column."""
        found = np.zeros(self.lines.size, dtype=bool)
        for fault in self.found:
            if fault.column == column:
                found[fault.rows] = True
        return found

    def problem(self, fault: Fault, row: int) -> CaseError:
        """One error as it is said."""
        where = f"{self.path}, row {self.lines[row]}"
        if fault.column:
            where += f", column {self.names.get(fault.column, fault.column)}"
        return CaseError(fault.code, where=where, **fault.values(row))

    def refusal(self) -> CaseError:
        """The whole table refused: its first errors by row, and how many there are."""
        first = sorted((int(row), place) for place, fault in enumerate(self.found) for row in fault.rows[:CAP])[:CAP]
        said = [self.problem(self.found[place], row) for row, place in first]
        if self.count == 1:
            return said[0]
        rows = int(self.bad.sum())
        return TableRefused(said, count=self.count, rows=rows, total=self.lines.size, shown=len(said))

    def frame(self, lang: Language) -> pd.DataFrame:
        """Every error as a row of the file of refusals, by row and column."""
        import pandas as pd

        rows = []
        for fault in self.found:
            name = self.names.get(fault.column, fault.column)
            for row in map(int, fault.rows):
                parts = zip(("message", "allowed", "hint"), self.problem(fault, row).parts(lang), strict=True)
                value = fault.values(row).get("value", "")
                rows.append({"row": int(self.lines[row]), "column": name, "value": value} | dict(parts))
        return pd.DataFrame(rows).sort_values(["row", "column"], kind="stable")
