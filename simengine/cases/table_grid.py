"""The cells of a table of persons: its encoding, where its header stands, and which rows are no persons.

Offices put a title above the header, blank rows between, totals and signatures below. Rows above the header are told as
a title; totals, notes and repeated headers are left out and named; a row without any filled cell says nothing.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simengine.cases.table_cells import month_word, plain_text, tight
from simengine.cases.table_columns import BY_NAME, alias_table, is_header, is_unit, split_header
from simengine.common.errors import CaseError
from simengine.common.workbook import cell_text, column_letters, failed_cells, sheet_rows

if TYPE_CHECKING:
    import pandas as pd

IntArray = npt.NDArray[np.int64]
Notes = list[tuple[str, dict[str, Any]]]

SEARCHED = 30
"""First rows of a file among which the header is looked for."""
SHOWN = 5
"""Rows or cells that a remark names one by one."""

TOTAL = re.compile(
    r"(本页|本表|全部|其中|人数|人员)?[（(]?[合小总共累汇][计总](数|额|人|人数|金额)*[)）]?[:：]?.{0,12}|(sub|grand)?total.{0,12}|sum"
)
NOTE_WORDS = (
    *(
        "制表",
        "填表",
        "填报",
        "审核",
        "复核",
        "审批",
        "经办",
        "负责",
        "单位负责",
        "主管",
        "备注",
        "注",
        "说明",
        "打印",
        "日期",
        "联系",
    ),
    *("note", "prepared", "checkedby"),
)
NOTE = re.compile(rf"({'|'.join(NOTE_WORDS)})[^:：]{{0,10}}[:：].*")
LEFT_OUT = {"total": "case.left_out_total", "note": "case.left_out_note", "header": "case.left_out_header"}
"""Remark on rows that are left out, by what they are."""
UNIT_SAID = re.compile(r"单位[:：]\s*(万元|元)")


@dataclass
class Grid:
    """A table as columns of cells.

    Attributes
    ----------
    headers : header cells, one a column; units : cells of a row of units beneath; empty where there is none
    columns : cells of the rows of persons, one series a column
    lines : row of the file of every person; header_line : of the header
    failed : cells whose formula has failed, by column
    money_unit : unit of money that the title states; empty where none is
    """

    headers: list[str]
    header_line: int
    columns: list[pd.Series]
    lines: IntArray
    units: list[str] = field(default_factory=list)
    notes: Notes = field(default_factory=list)
    long_rows: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    failed: dict[int, IntArray] = field(default_factory=dict)
    money_unit: str = ""


def read_grid(path: Path) -> Grid:
    """Cells of a CSV or of the first sheet of a workbook.

    Raises
    ------
    CaseError
        where the file is absent or no table.
    """
    if not path.is_file():
        raise CaseError("file_absent", name=path)
    return _workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path)


# --- header ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """Where a table begins: place of its header and of its first person among the rows, and what stands above."""

    place: int
    first: int
    headers: list[str]
    units: list[str]
    title: list[str]


def find_head(rows: Sequence[Sequence[str]]) -> Head:
    """The header: the first row with most names of columns; cells it leaves empty take a name that stands above them.

    No row above the header may hold a month of birth: a header that is repeated further down takes no person away.
    """
    below, best = len(rows), 0
    while True:
        filled = [_filled_header(rows, row) for row in range(below)]
        scores = [sum(is_header(cell) for cell in headers) for headers, _ in filled]
        best = max(range(below), key=lambda row: (scores[row], -row))
        if scores[best] < 2:
            best = next((place for place, row in enumerate(rows[:below]) if any(row)), 0)
        headers, used = filled[best]
        born = [place for place, text in enumerate(headers) if alias_table().get(split_header(text)[0]) == "born"]
        if not any(month_word(row[place]) >= 0 for row in rows[:best] for place in born if place < len(row)):
            break
        below = best
    title = [plain_text(cell) for row in range(best) if row not in used for cell in rows[row] if cell.strip()]
    first, units = best + 1, []
    if first < len(rows) and any(rows[first]) and all(is_unit(plain_text(cell)) for cell in rows[first]):
        units, first = [plain_text(cell) for cell in rows[first]], first + 1
    return Head(best, first, headers, units, title)


def _filled_header(rows: Sequence[Sequence[str]], row: int) -> tuple[list[str], set[int]]:
    """Cells of a row as a header, empty ones filled with names from above, and the rows these were taken from."""
    headers, used = [plain_text(cell) for cell in rows[row]], set()
    for column, text in enumerate(headers):
        above = [at for at in range(row) if not text and column < len(rows[at]) and is_header(rows[at][column])]
        if above:
            headers[column] = plain_text(rows[above[-1]][column])
            used.add(above[-1])
    return headers, used


def _said_title(grid: Grid, title: Sequence[str]) -> None:
    """A remark on what stands above the header, and the unit of money it states."""
    if not title:
        return
    grid.notes.append(("case.title", {"row": grid.header_line, "text": " | ".join(title[:SHOWN])}))
    found = [unit[1] for text in title if (unit := UNIT_SAID.search(text)) is not None]
    grid.money_unit = found[-1] if found else ""


# --- CSV ------------------------------------------------------------------------------------------------------------


def _decoded(path: Path) -> tuple[str, str]:
    """Text of a file and how it was encoded: UTF-8, UTF-16 with its mark, or GB 18030, of which GBK is a part."""
    content = path.read_bytes()
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise CaseError("case_table_form", where=str(path), reason="neither UTF-8 nor GB 18030")


def _records(text: io.StringIO, separator: str) -> Iterator[tuple[list[str], int]]:
    """Rows of a CSV and where in the text each ends."""
    for row in csv.reader(iter(text.readline, ""), delimiter=separator):
        yield row, text.tell()


def _top(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """First rows of a CSV, and where each ends."""
    rows, ends = [], []
    for row, end in _records(io.StringIO(text, newline=""), separator):
        rows.append([cell.strip() for cell in row])
        ends.append(end)
        if len(rows) == SEARCHED:
            break
    return rows, ends


def _csv(path: Path) -> Grid:
    """Cells of a CSV; numbers are parsed as such where a whole column is plain numbers."""
    import pandas as pd

    text, encoding = _decoded(path)
    if not text.strip():
        raise CaseError("case_table_form", where=str(path), reason="No columns to parse from file")
    separator = max(",\t;", key=lambda sign: sum(is_header(c) for row in _top(text, sign)[0] for c in row))
    rows, ends = _top(text, separator)
    head = find_head(rows)
    width = max(len(row) for row in rows[: head.first])
    body = io.StringIO(text, newline="")
    body.seek(ends[head.first - 1])
    kinds = {place: kind for place in range(width) if (kind := _dtype(head, place)) is not None}
    options: dict[str, Any] = {"keep_default_na": False, "na_values": [""], "low_memory": False}
    options |= {"header": None, "names": range(width + 1), "index_col": False, "skip_blank_lines": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.read_csv(body, sep=separator, dtype=kinds, **options)
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=range(width + 1))
    except pd.errors.ParserError as error:
        reason = str(error).splitlines()[0]
        found = re.search(r"line (\d+), saw (\d+)", reason)
        if found is not None:
            row = int(found[1]) + head.first
            raise CaseError("case_row_long", where=f"{path}, row {row}", count=int(found[2]), most=width) from error
        raise CaseError("case_table_form", where=str(path), reason=reason) from error
    lines = np.arange(len(frame), dtype=np.int64) + head.first + 1
    grid = Grid(head.headers, head.place + 1, [frame[place] for place in range(width)], lines, head.units)
    grid.long_rows = lines[frame[width].notna().to_numpy()]
    if encoding == "gb18030":
        grid.notes.append(("case.encoding", {}))
    _said_title(grid, head.title)
    _without_others(grid)
    return grid


def _dtype(head: Head, place: int) -> Any:
    """How pandas reads a column: words and months once each, texts as they are, numbers as it finds them."""
    name = alias_table().get(split_header(head.headers[place])[0]) if place < len(head.headers) else None
    kind = BY_NAME[name].kind if name is not None else "text"
    return "category" if kind in ("word", "month") else str if kind == "text" else None


# --- workbook -------------------------------------------------------------------------------------------------------


def _workbook(path: Path) -> Grid:
    """Cells of the first sheet of a workbook."""
    rows = sheet_rows(path, CaseError)
    top = [[cell_text(cell) for cell in row] for row in rows[:SEARCHED]]
    if not any(any(row) for row in top):
        raise CaseError("case_table_empty", where=str(path))
    head = find_head(top)
    body = rows[head.first :]
    lines = np.arange(len(body), dtype=np.int64) + head.first + 1
    cells: Iterator[Sequence[Any]] = zip(*body, strict=True) if body else iter([()] * len(head.headers))
    grid = Grid(head.headers, head.place + 1, [_series(column) for column in cells], lines, head.units)
    failed = next(iter(failed_cells(path).values()), set())
    for cell in failed:
        found = re.fullmatch(r"([A-Z]+)(\d+)", cell)
        letters = {column_letters(place): place for place in range(len(head.headers))}
        if found is not None and found[1] in letters and int(found[2]) > head.first:
            place = letters[found[1]]
            before = grid.failed.get(place, np.empty(0, dtype=np.int64))
            grid.failed[place] = np.append(before, int(found[2]))
    _said_title(grid, head.title)
    _without_others(grid)
    return grid


def _series(cells: Sequence[Any]) -> pd.Series:
    """A column of a sheet as words, each text once."""
    import pandas as pd

    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    codes, unique = pd.factorize(values)
    texts = [cell_text(value) for value in unique]
    known: dict[str, int] = {}
    place = np.array([known.setdefault(text, len(known)) if text else -1 for text in texts] + [-1], dtype=np.int64)
    return pd.Series(pd.Categorical.from_codes(place[codes], list(known)))


# --- rows that are no persons ---------------------------------------------------------------------------------------


def _without_others(grid: Grid) -> None:
    """Leave out blank rows, totals, notes and repeated headers; all but the blank ones are named."""
    if not len(grid.lines):
        return
    keep = np.zeros(len(grid.lines), dtype=bool)
    for series in grid.columns:
        keep |= series.notna().to_numpy()
    left: dict[str, list[tuple[int, str]]] = {kind: [] for kind in LEFT_OUT}
    for row in np.flatnonzero(keep & _without_birth(grid)):
        cells = [cell_text(series.iloc[row]) for series in grid.columns]
        kind, text = _kind_of(cells, grid.headers)
        if kind:
            keep[row] = False
            left[kind].append((int(grid.lines[row]), text))
    for kind, found in left.items():
        if found:
            rows = ", ".join(str(line) for line, _ in found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
            grid.notes.append((LEFT_OUT[kind], {"count": len(found), "rows": rows, "text": found[0][1]}))
    if not keep.all():
        grid.columns = [series[keep].reset_index(drop=True) for series in grid.columns]
        grid.lines = grid.lines[keep]


def _without_birth(grid: Grid) -> npt.NDArray[np.bool_]:
    """Rows that may be no persons: their month of birth is empty or no month at all."""
    aliases = alias_table()
    for header, series in zip(grid.headers, grid.columns, strict=True):
        if aliases.get(split_header(header)[0]) == "born" and series.dtype == "category":
            bare = [not re.search(r"\d", str(text)) for text in series.cat.categories]
            return np.asarray(np.array([*bare, True])[series.cat.codes.to_numpy()])
    return np.ones(len(grid.lines), dtype=bool)


def _kind_of(cells: Sequence[str], headers: Sequence[str]) -> tuple[str, str]:
    """What a row is that is no person: total, note, header or nothing of these; and its first filled cell."""
    texts = [plain_text(cell) for cell in cells if cell.strip()]
    first = texts[0] if texts else ""
    if [tight(cell) for cell in cells if cell] == [tight(header) for header in headers if header]:
        return "header", first
    lowered = tight(first)
    if TOTAL.fullmatch(lowered) is not None:
        return "total", first
    if NOTE.fullmatch(lowered) is not None and len(texts) <= max(3, len(headers) // 3):
        return "note", first
    return "", first
