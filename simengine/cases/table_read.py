"""Read a table of persons into arrays, every bad cell and header noted with its row and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simengine.cases.table_cells import is_serial, month_word, number_and_unit, number_of, one_line, plain_text, span_of
from simengine.cases.table_columns import (
    BY_NAME,
    COLUMNS,
    MONEY_UNITS,
    UNCLEAR_TOTALS,
    Column,
    Header,
    read_header,
    with_unit,
)
from simengine.cases.table_faults import Faults, Values
from simengine.cases.table_grid import Grid, read_grid
from simengine.common.errors import CaseError, SimengineError
from simengine.common.messages import Words
from simengine.common.workbook import cell_text, column_letters

if TYPE_CHECKING:
    import pandas as pd

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ABSENT = -1
"""Position of a word, or month, of an empty cell."""
BAD = -2
"""Position of a word or month that could not be read."""

YEARS_KEPT = 0.0601
"""Months by which a number of years may miss a whole month: years are printed with two decimals."""


@dataclass
class Table:
    """A table as arrays over its rows.

    Attributes
    ----------
    words : positions by column: ABSENT for an empty cell, BAD for an unknown word
    months : month indexes by column, ABSENT and BAD alike
    numbers : numbers by column in the unit of the engine, not a number for an empty or bad cell
    texts : texts by column; labels : word behind each position of a free word column (region, city)
    lines : row of the file of every person
    headers : columns of the file by name; errors : what is wrong with the header
    outside : numbers of a column with those that are out of range, where there are some
    """

    path: str
    rows: int
    lines: IntArray
    faults: Faults
    words: dict[str, IntArray] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    months: dict[str, IntArray] = field(default_factory=dict)
    numbers: dict[str, FloatArray] = field(default_factory=dict)
    texts: dict[str, pd.Series] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: dict[str, Header] = field(default_factory=dict)
    errors: list[SimengineError] = field(default_factory=list)
    outside: dict[str, FloatArray] = field(default_factory=dict)

    def stated(self, name: str) -> FloatArray:
        """Numbers of a column as the file states them, also those out of range."""
        return self.outside.get(name, self.numbers[name])

    @property
    def checked(self) -> BoolArray:
        """Rows for whose numbers the office vouches."""
        return np.asarray(self.words["checked"] == 1)


def read_table(path: Path) -> Table:
    """Read a table of persons.

    Parameters
    ----------
    path : a CSV in UTF-8 (GB 18030 is recognised), or the first sheet of a workbook

    Raises
    ------
    CaseError
        where it is no table, or no column of its header can be read; other errors of the header are noted in
        `Table.errors`, bad cells in `Table.faults`.
    """
    grid = read_grid(path)
    headers, errors = _headers(grid, str(path))
    if not grid.lines.size:
        raise CaseError("case_table_empty", where=str(path)) if not errors else _all(errors)
    names = {name: header.written for name, header in headers.items()}
    faults = Faults(str(path), grid.lines, names)
    table = Table(str(path), grid.lines.size, grid.lines, faults, notes=grid.notes, headers=headers, errors=errors)
    _note_grid(table, grid)
    for header in headers.values():
        _take(table, header, grid.columns[header.place])
    for column in COLUMNS:
        _fill_absent(table, column.name)
    _paid_months(table)
    return table


def _all(errors: list[SimengineError]) -> SimengineError:
    """Several errors as one."""
    from simengine.common.errors import ErrorList

    return errors[0] if len(errors) == 1 else ErrorList(errors)


def _note_grid(table: Table, grid: Grid) -> None:
    """Rows longer than the header, and cells whose formula has failed."""
    long_rows = np.isin(grid.lines, grid.long_rows)
    table.faults.note("case_row_long", "", long_rows, count=len(grid.columns) + 1, most=len(grid.columns))
    for header in table.headers.values():
        failed = np.isin(grid.lines, grid.failed.get(header.place, []))
        table.faults.note("case_cell_formula", header.column.name, failed)


# --- header ---------------------------------------------------------------------------------------------------------


def _headers(grid: Grid, path: str) -> tuple[dict[str, Header], list[SimengineError]]:
    """Columns of the file by name, and unknown, repeated and missing ones together."""
    where = f"{path}, row {grid.header_line}"
    errors: list[SimengineError] = []
    headers: dict[str, Header] = {}
    idle: list[str] = []
    for place, series in enumerate(grid.columns):
        cell = grid.headers[place] if place < len(grid.headers) else ""
        if not cell:
            if series.notna().any():
                errors.append(CaseError("case_column_unnamed", where=where, name=column_letters(place)))
            continue
        found = _with_units(read_header(cell, where, place), grid, path)
        if found is None:
            idle.append(one_line(cell))
        elif isinstance(found, CaseError):
            errors.append(found)
        elif (name := found.column.name) in headers:
            said = {"name": name, "first": headers[name].written, "second": found.written}
            errors.append(CaseError("case_column_twice", where=where, **said))
        else:
            headers[name] = found
    if idle:
        grid.notes.append(("case.idle_columns", {"names": ", ".join(idle)}))
    errors += [CaseError("case_column_missing", where=where, name=_both_names(name)) for name in _missing(headers)]
    return headers, errors


def _both_names(name: str) -> Words:
    """Name of a column in both languages."""
    return Words(name, BY_NAME[name].names[0])


def _missing(headers: dict[str, Header]) -> list[str]:
    """Columns without which no award can be computed."""
    instead = {"region": "city", "paid_months": "total_months"}
    found = [
        column.name
        for column in COLUMNS
        if column.required and not {column.name, instead.get(column.name, column.name)} & headers.keys()
    ]
    return found if {"sex", "career"} & headers.keys() else [*found, "sex"]


def _with_units(found: Header | CaseError | None, grid: Grid, path: str) -> Header | CaseError | None:
    """A header with the unit of the row of units, or with that of money in the title."""
    if not isinstance(found, Header):
        return found
    unit, where = "", f"{path}, row {grid.header_line}"
    if grid.units and found.place < len(grid.units):
        unit, where = grid.units[found.place], f"{path}, row {grid.header_line + 1}"
    elif grid.money_unit and found.column.units is MONEY_UNITS and not found.unit:
        unit = grid.money_unit
    if not unit:
        return found
    return with_unit(found.column, found.written, unit, where, found.place, found.key)


# --- columns --------------------------------------------------------------------------------------------------------


def _take(table: Table, header: Header, series: pd.Series) -> None:
    """One column of the file as an array; what cannot be read is noted."""
    column = header.column
    if column.kind == "text":
        table.texts[column.name] = series.astype(object)
        return
    if series.dtype.kind in "iuf" and column.kind in ("number", "whole"):
        _read_numbers(table, header, series.to_numpy(dtype=np.float64))
        return
    series = series.astype("category")
    codes = series.cat.codes.to_numpy().astype(np.int64)
    texts = [cell_text(value) for value in series.cat.categories]
    empty = np.array([text == "" for text in texts] or [True])
    missing = (codes < 0) | empty[np.clip(codes, 0, None)]
    _note_missing(table, header, missing)
    if column.kind == "word":
        _positions(table, column, codes, texts, missing)
    elif column.kind == "month":
        _read_months(table, column, codes, texts, missing)
    else:
        _numbers(table, header, codes, texts, missing)


def _note_missing(table: Table, header: Header, missing: BoolArray) -> None:
    """An empty cell of a required column, and a column in another unit."""
    column = header.column
    if column.required and column.name not in ("region", "paid_months"):
        allowed = f"{column.name} [{column.unit}]"
        table.faults.note("case_cell_missing", column.name, missing, allowed=allowed)
    if header.factor != 1.0:
        table.notes.append(("case.converted", {"name": header.written, "unit": header.unit}))


def _read_months(table: Table, column: Column, codes: IntArray, texts: list[str], missing: BoolArray) -> None:
    """Months of a column; a date whose format was lost stands as a serial day, and the reader is told."""
    parsed = np.array([month_word(text) for text in texts] or [BAD], dtype=np.int64)
    found = parsed[np.clip(codes, 0, None)]
    bad = (found < 0) & ~missing
    table.faults.note("case_cell_month", column.name, bad, lambda row: {"value": texts[codes[row]]})
    table.months[column.name] = np.where(missing, ABSENT, np.where(bad, BAD, found))
    serial = np.array([is_serial(text) for text in texts] or [False])[np.clip(codes, 0, None)] & ~missing
    if serial.any():
        row = int(np.flatnonzero(serial)[0])
        said = {"name": table.headers[column.name].written, "count": int(serial.sum()), "value": texts[codes[row]]}
        table.notes.append(("case.serial_days", said | {"row": int(table.lines[row])}))


def _read_numbers(table: Table, header: Header, values: FloatArray) -> None:
    """A column that pandas has read as numbers."""
    missing = np.isnan(values)
    _note_missing(table, header, missing)
    _check_numbers(table, header, values * header.factor, missing, lambda row: {"value": f"{values[row]:z.12g}"})


def _positions(table: Table, column: Column, codes: IntArray, texts: list[str], missing: BoolArray) -> None:
    """Positions of words; a column without a stated list keeps its own words."""
    found = codes
    if column.words:
        known = {word.lower(): position for word, position in column.words.items()}
        parsed = np.array([known.get(plain_text(text).lower(), BAD) for text in texts] or [BAD], dtype=np.int64)
        found = parsed[np.clip(codes, 0, None)]
        said = lambda row: {"value": texts[codes[row]], "known": ", ".join(column.words)}  # noqa: E731
        table.faults.note("case_cell_word", column.name, (found < 0) & ~missing, said)
    else:
        table.labels[column.name] = texts
    table.words[column.name] = np.where(missing, ABSENT, found)


def cell_number(text: str, header: Header) -> float:
    """Number of a cell in the unit of the engine; a unit behind it counts before that of the header."""
    column = header.column
    value = number_of(text)
    if value == value:
        return value * header.factor
    if column.kind == "whole":
        span = span_of(text)
        if span == span:
            return span
    value, unit = number_and_unit(text)
    return value * column.units[unit] if unit in column.units else float("nan")


def _numbers(table: Table, header: Header, codes: IntArray, texts: list[str], missing: BoolArray) -> None:
    """Numbers of a column that holds something else beside them."""
    values = np.array([cell_number(text, header) for text in texts] or [np.nan])
    found = values[np.clip(codes, 0, None)]
    unread = np.isnan(found) & ~missing
    said = lambda row: {"value": texts[codes[row]]}  # noqa: E731
    table.faults.note("case_cell_number", header.column.name, unread, said, **header.column.limits)
    _check_numbers(table, header, found, missing | unread, said)


def _check_numbers(table: Table, header: Header, values: FloatArray, out: BoolArray, said: Values) -> None:
    """Range and whole months of the numbers that were read; kept in the unit of the engine.

    Parameters
    ----------
    out : rows without a number; said : a cell as the file has it
    """
    column = header.column
    if column.kind == "whole":
        near = np.rint(np.where(np.isfinite(values), values, 0.0))
        kept = YEARS_KEPT if header.factor == 12.0 else 1e-6  # 29.83 years are 358 months
        values = np.where(np.abs(values - near) < kept, near, values)
    outside = ~out & ~((values >= column.low) & (values <= column.high))
    months = outside & (header.factor == 12.0) & (values <= 12.0 * column.high)
    table.faults.note("case_cell_months", column.name, months, said, name=header.written)
    table.faults.note("case_cell_range", column.name, outside & ~months, said, **column.limits)
    if column.kind == "whole":
        part = ~out & ~outside & (values != np.rint(values))
        table.faults.note("case_cell_whole", column.name, part, said, **column.limits)
    table.numbers[column.name] = np.where(out | outside, np.nan, values)
    if outside.any():
        table.outside[column.name] = np.where(out, np.nan, values)


def _fill_absent(table: Table, name: str) -> None:
    """An optional column that the file does not have: empty in every row."""
    kind = BY_NAME[name].kind
    if kind == "word":
        table.words.setdefault(name, np.full(table.rows, ABSENT, dtype=np.int64))
        table.labels.setdefault(name, [])
    elif kind == "month":
        table.months.setdefault(name, np.full(table.rows, ABSENT, dtype=np.int64))
    elif kind in ("number", "whole"):
        table.numbers.setdefault(name, np.full(table.rows, np.nan))


# --- all months -----------------------------------------------------------------------------------------------------


def _paid_months(table: Table) -> None:
    """Paid months where the table has all months: the rest beside the deemed ones, or held against the sum."""
    paid, total = table.numbers["paid_months"], table.numbers["total_months"]
    deemed = np.nan_to_num(table.numbers["deemed_months"])
    header = table.headers.get("total_months")
    stated = "paid_months" in table.headers
    unread = np.zeros(table.rows, dtype=bool)
    for name in ("paid_months", "total_months"):
        unread |= table.faults.rows_of(name)
    if stated or header is not None:
        missing = np.isnan(paid) & np.isnan(total) & ~unread
        name = "paid_months" if stated else "total_months"
        table.faults.note("case_cell_missing", name, missing, allowed="paid_months [month]")
    if header is None:
        return
    if not stated and header.key in UNCLEAR_TOTALS and (deemed > 0.0).any():
        where = f"{table.path}, column {header.written}"
        table.errors.append(CaseError("case_total_unclear", where=where, name=header.written))
        table.numbers["paid_months"] = np.where(np.isnan(paid), total, paid)
        return
    known = ~np.isnan(total) & ~np.isnan(paid)
    said = lambda row: {"value": f"{total[row]:g}", "paid": f"{paid[row]:g}", "deemed": f"{deemed[row]:g}"}  # noqa: E731
    table.faults.note("case_total_months", "total_months", known & (total != paid + deemed), said)
    filled = np.isnan(paid) & ~np.isnan(total)
    less = lambda row: {"value": f"{total[row]:g}", "deemed": f"{deemed[row]:g}"}  # noqa: E731
    table.faults.note("case_total_below", "total_months", filled & (total < deemed), less)
    table.numbers["paid_months"] = np.where(filled, np.maximum(total - deemed, 0.0), paid)
    if filled.any():
        table.notes.append(("case.paid_from_total", {"name": header.written, "count": int(filled.sum())}))
