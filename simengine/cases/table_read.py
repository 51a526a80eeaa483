"""Read a table of persons from CSV or a workbook into arrays, every bad cell noted with its row and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simengine.cases.table_columns import BY_NAME, COLUMNS, Column, Header, is_unit, month_word, read_header, with_unit
from simengine.cases.table_faults import Faults, Values
from simengine.common.errors import CaseError, SimengineError, raise_all
from simengine.common.workbook import cell_text, plain_number, read_sheets

if TYPE_CHECKING:
    import pandas as pd

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

ABSENT = -1
"""Position of a word, or month, of an empty cell."""
BAD = -2
"""Position of a word or month that could not be read."""


@dataclass
class Table:
    """A table as arrays over its rows.

    Attributes
    ----------
    words : positions by column: ABSENT for an empty cell, BAD for an unknown word
    months : month indexes by column, ABSENT and BAD alike
    numbers : numbers by column in the unit of the engine, not a number for an empty or bad cell
    texts : texts by column; labels : word behind each position of a free word column (region, city)
    first_row : row of the file in which the first person stands
    """

    path: str
    rows: int
    first_row: int
    faults: Faults
    words: dict[str, IntArray] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    months: dict[str, IntArray] = field(default_factory=dict)
    numbers: dict[str, FloatArray] = field(default_factory=dict)
    texts: dict[str, pd.Series] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def read_table(path: Path) -> Table:
    """Read a table of persons.

    Parameters
    ----------
    path : a CSV in UTF-8 (GB 18030 is recognised) with one header row, or the first sheet of a workbook

    Raises
    ------
    CaseError
        where it is no table, or its header cannot be read; bad cells are noted in `Table.faults`.
    """
    notes: list[tuple[str, dict[str, Any]]] = []
    if path.suffix.lower() == ".xlsx":
        frame = _workbook(path)
        headers, first_row = _headed(frame, str(path))
        frame = frame.iloc[first_row - 2 :].reset_index(drop=True)
    else:
        frame, headers, first_row = _csv(path, notes)
    frame = _without_empty_end(frame)
    if frame.empty:
        raise CaseError("case_table_empty", where=str(path))
    table = Table(str(path), len(frame), first_row, Faults(str(path), first_row, len(frame)), notes=notes)
    for place, header in enumerate(headers):
        _take(table, header, frame.iloc[:, place])
    for column in COLUMNS:
        _fill_absent(table, column.name)
    return table


# --- files ----------------------------------------------------------------------------------------------------------


def _csv(path: Path, notes: list[tuple[str, dict[str, Any]]]) -> tuple[pd.DataFrame, list[Header], int]:
    """Cells, headers and first row of a CSV; numbers are parsed as such where a whole column is numbers."""
    import pandas as pd

    options: dict[str, Any] = {"keep_default_na": False, "na_values": [""], "low_memory": False}
    try:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                head = pd.read_csv(path, encoding=encoding, dtype=str, nrows=1, **options)
                if not isinstance(head.index, pd.RangeIndex):
                    reason = "a row has more cells than the header"
                    raise CaseError("case_table_form", where=str(path), reason=reason)
                headers, first_row = _headed(head, str(path))
                kinds = {header.written: kind for header in headers if (kind := _dtype(header)) is not None}
                skipped = range(1, first_row - 1)
                frame = pd.read_csv(path, encoding=encoding, dtype=kinds, skiprows=skipped, **options)
            except UnicodeDecodeError:
                continue
            if encoding != "utf-8-sig":
                notes.append(("case.encoding", {}))
            return frame, headers, first_row
    except FileNotFoundError:
        raise CaseError("file_absent", name=path) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).splitlines()[0]
        raise CaseError("case_table_form", where=str(path), reason=reason) from error
    raise CaseError("case_table_form", where=str(path), reason="neither UTF-8 nor GB 18030")


def _dtype(header: Header) -> Any:
    """How pandas reads a column: words and months once each, texts as they are, numbers as it finds them."""
    if header.column.kind in ("word", "month") or header.column.name == "city":
        return "category"
    return str if header.column.kind == "text" else None


def _headed(head: pd.DataFrame, path: str) -> tuple[list[Header], int]:
    """Headers, with the units of a second row where there is one, and the row of the first person."""
    headers = _headers(head, path)
    if len(head) and all(is_unit(cell_text(value)) for value in head.iloc[0]):
        return _units_row(head, headers, path), 3
    return headers, 2


def _workbook(path: Path) -> pd.DataFrame:
    frame = read_sheets(path, CaseError, sheet=0, header=0)[0]
    for name in frame.columns:
        text = frame[name].map(cell_text)
        frame[name] = text.mask(text == "").astype("category")
    return frame


def _without_empty_end(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows up to the last one with a filled cell."""
    filled = frame.notna().any(axis=1).to_numpy()
    last = int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else 0
    return frame.iloc[:last]


# --- header ---------------------------------------------------------------------------------------------------------


def _headers(frame: pd.DataFrame, path: str) -> list[Header]:
    """Meaning of every header cell; unknown, repeated and missing columns are told together."""
    where = f"{path}, row 1"
    errors: list[SimengineError] = []
    headers: list[Header] = []
    first: dict[str, str] = {}
    for cell in frame.columns:
        found = read_header(str(cell), where)
        if isinstance(found, CaseError):
            errors.append(found)
            continue
        name = found.column.name
        if name in first:
            errors.append(
                CaseError("case_column_twice", where=where, name=name, first=first[name], second=found.written)
            )
        first.setdefault(name, found.written)
        headers.append(found)
    errors += [
        CaseError("case_column_missing", where=where, name=column.name)
        for column in COLUMNS
        if column.required and column.name not in first
    ]
    if not {"sex", "career"} & first.keys():
        errors.append(CaseError("case_column_missing", where=where, name="sex"))
    raise_all(errors)
    return headers


def _units_row(frame: pd.DataFrame, headers: list[Header], path: str) -> list[Header]:
    """Headers with the units of the second row."""
    found = [
        with_unit(header.column, header.written, cell_text(cell) or header.unit, f"{path}, row 2")
        for header, cell in zip(headers, frame.iloc[0], strict=True)
    ]
    raise_all([problem for problem in found if isinstance(problem, CaseError)])
    return [header for header in found if isinstance(header, Header)]


# --- columns --------------------------------------------------------------------------------------------------------


def _take(table: Table, header: Header, series: pd.Series) -> None:
    """One column of the file as an array; what cannot be read is noted."""
    column = header.column
    if column.kind == "text" and column.name != "city":
        table.texts[column.name] = series
        return
    if series.dtype.kind in "iuf":
        _read_numbers(table, header, series.to_numpy(dtype=np.float64))
        return
    series = series.astype("category")
    codes = series.cat.codes.to_numpy().astype(np.int64)
    texts = [cell_text(value) for value in series.cat.categories]
    empty = np.array([text == "" for text in texts] or [True])
    missing = (codes < 0) | empty[np.clip(codes, 0, None)]
    _note_missing(table, header, missing)
    if column.kind == "word" or column.name == "city":
        _positions(table, column, codes, texts, missing)
    elif column.kind == "month":
        parsed = np.array([month_word(text) for text in texts] or [BAD], dtype=np.int64)
        found = parsed[np.clip(codes, 0, None)]
        bad = (found < 0) & ~missing
        table.faults.note("case_cell_month", column.name, bad, lambda row: {"value": texts[codes[row]]})
        table.months[column.name] = np.where(missing, ABSENT, np.where(bad, BAD, found))
    else:
        _numbers(table, header, codes, texts, missing)


def _note_missing(table: Table, header: Header, missing: npt.NDArray[np.bool_]) -> None:
    """An empty cell of a required column, and a column in another unit."""
    column = header.column
    if column.required:
        allowed = f"{column.name} [{column.unit}]"
        table.faults.note("case_cell_missing", column.name, missing, allowed=allowed)
    if header.factor != 1.0:
        table.notes.append(("case.converted", {"name": column.name, "unit": header.unit}))


def _read_numbers(table: Table, header: Header, values: FloatArray) -> None:
    """A column that pandas has read as numbers."""
    missing = np.isnan(values)
    _note_missing(table, header, missing)
    _check_numbers(table, header, values * header.factor, missing, lambda row: {"value": f"{values[row]:z.12g}"})


def _positions(table: Table, column: Column, codes: IntArray, texts: list[str], missing: npt.NDArray[np.bool_]) -> None:
    """Positions of words; a column without a stated list keeps its own words."""
    found = codes
    if column.words:
        known = {word.lower(): position for word, position in column.words.items()}
        parsed = np.array([known.get(text.lower(), BAD) for text in texts] or [BAD], dtype=np.int64)
        found = parsed[np.clip(codes, 0, None)]
        said = lambda row: {"value": texts[codes[row]], "known": ", ".join(column.words)}  # noqa: E731
        table.faults.note("case_cell_word", column.name, (found < 0) & ~missing, said)
    else:
        table.labels[column.name] = texts
    table.words[column.name] = np.where(missing, ABSENT, found)


def _numbers(table: Table, header: Header, codes: IntArray, texts: list[str], missing: npt.NDArray[np.bool_]) -> None:
    """Numbers of a column that holds something else beside them."""
    values = np.array([plain_number(text) for text in texts] or [np.nan]) * header.factor
    found = values[np.clip(codes, 0, None)]
    unread = np.isnan(found) & ~missing
    said = lambda row: {"value": texts[codes[row]]}  # noqa: E731
    table.faults.note("case_cell_number", header.column.name, unread, said, **header.column.limits)
    _check_numbers(table, header, found, missing | unread, said)


def _check_numbers(table: Table, header: Header, values: FloatArray, out: npt.NDArray[np.bool_], said: Values) -> None:
    """Range and whole months of the numbers that were read; kept in the unit of the engine.

    Parameters
    ----------
    out : rows without a number; said : a cell as the file has it
    """
    column = header.column
    if column.kind == "whole":
        near = np.rint(np.where(np.isfinite(values), values, 0.0))
        values = np.where(np.abs(values - near) < 1e-6, near, values)
    outside = ~out & ~((values >= column.low) & (values <= column.high))
    table.faults.note("case_cell_range", column.name, outside, said, **column.limits)
    if column.kind == "whole":
        part = ~out & ~outside & (values != np.rint(values))
        table.faults.note("case_cell_whole", column.name, part, said, **column.limits)
    table.numbers[column.name] = np.where(out, np.nan, values)


def _fill_absent(table: Table, name: str) -> None:
    """An optional column that the file does not have: empty in every row."""
    kind = BY_NAME[name].kind
    if kind == "word" or name == "city":
        table.words.setdefault(name, np.full(table.rows, ABSENT, dtype=np.int64))
        table.labels.setdefault(name, [])
    elif kind == "month":
        table.months.setdefault(name, np.full(table.rows, ABSENT, dtype=np.int64))
    elif kind in ("number", "whole"):
        table.numbers.setdefault(name, np.full(table.rows, np.nan))
