"""Tables of a bureau as cells of text, each with the place a user finds it at: line and column, or sheet and cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simengine.basis.bureau.rows import TABLES
from simengine.common.errors import BasisError, SimengineError
from simengine.common.messages import near
from simengine.common.workbook import cell_text, column_letters, failed_cells, half_width, read_sheets

WORKBOOK = "basis.xlsx"
"""Workbook that a template writes beside its CSV files."""

SIZE_LIMIT = 50_000_000
"""Bytes of a file, or of a workbook unpacked."""

HEADINGS = {
    "series": "序列", "indicator": "指标", "item": "项目", "name": "名称", "english": "English", "value": "数值",
    "unit": "单位", "source": "来源", "evidence": "依据", "checked": "已核对", "area": "地区", "use": "用途",
}  # fmt: skip
"""Columns that are no years, and what they are called in Chinese."""

README = "说明 ReadMe"
"""Sheet of a template that says what to do."""

FAILED = "#"
"""Text of a cell whose formula has failed."""

SPELLINGS = {
    "区县": "area", "县区": "area", "地区名称": "area", "region": "area", "计量单位": "unit", "单位名称": "unit",
    "数据来源": "source", "资料来源": "source", "来源文件": "source", "中文名称": "name", "英文名称": "english",
    "核对": "checked",
}  # fmt: skip
"""Other words for the headings that are taken as well."""

YEAR = re.compile(r"(\d{4})\s*年?末?")
MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?末?")
COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])")
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*[-/.月]\s*(?:0?[1-9]|[12]\d|3[01])\s*日?(?:[ T]00:00(?::00)?)?"
)
NAMED = re.compile(r"([a-z]{3})[a-z]*\.?[-\s/]*((?:19|20)?\d{2})", re.IGNORECASE)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Grid:
    """One table.

    Attributes
    ----------
    places : line of each row of a CSV; empty for a sheet
    cells : rows of text, the header first; every row as long as the header
    """

    table: str
    file: str
    places: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]

    def where(self, row: int, column: int) -> str:
        """Place of a cell: file, line and column of a CSV; file, sheet and cell of a workbook."""
        if not self.places:
            return f"{self.file}, sheet {self.table}, cell {column_letters(column)}{row + 1}"
        line = f"{self.file}, line {self.places[row]}"
        return f"{line}, column {heading_key(self.cells[0][column])}" if row else f"{line}, column {column + 1}"


def heading_key(text: str) -> str:
    """Key of a header cell (``单位 unit``, ``unit`` or ``单位``), the year of a year, or the text itself.

    >>> heading_key("单位 unit"), heading_key("2015年"), heading_key("2022年8月"), heading_key("else")
    ('unit', '2015', '2022-08', 'else')
    """
    period = period_of(text)
    if period:
        return period
    return _spelt().get(text.lower(), SPELLINGS.get(text.lower(), text))


def _spelt() -> dict[str, str]:
    """Every way to write a heading of the template -> its key."""
    return {spelt: key for key, local in HEADINGS.items() for spelt in (key, local, f"{local} {key}".lower())}


def meant_heading(text: str) -> str:
    """Heading that a misspelt one is nearest to, in the language of that one; empty where none is near."""
    known = _spelt() | SPELLINGS
    key = known.get(near(text, known), "")
    return key if text.isascii() else HEADINGS.get(key, "")


def period_of(text: str) -> str:
    """Year, or year and month, of a header cell in any form that a spreadsheet makes of one; empty for other texts.

    A day stands for its month: spreadsheets turn 2024-08 into the first of August.

    >>> [period_of(text) for text in ("2024年", "202408", "2024-08-01 00:00:00", "Aug-24", "２０２４年８月", "unit")]
    ['2024', '2024-08', '2024-08', '2024-08', '2024-08', '']
    """
    text = half_width(text).strip()
    year = YEAR.fullmatch(text)
    if year is not None:
        return year[1]
    month = MONTH.fullmatch(text) or COMPACT.fullmatch(text) or DAY.fullmatch(text)
    if month is not None:
        return f"{month[1]}-{int(month[2]):02d}"
    named = NAMED.fullmatch(text)
    if named is not None and named[1].lower() in MONTHS:
        return f"{named[2] if len(named[2]) == 4 else f'20{named[2]}'}-{MONTHS.index(named[1].lower()) + 1:02d}"
    return ""


def read_grids(path: Path) -> tuple[dict[str, Grid], list[SimengineError]]:
    """Tables of a folder of CSV files, or of a workbook, by name; and what is wrong with the files.

    Raises
    ------
    BasisError
        where there is neither, or the workbook cannot be read.
    """
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() == ".xlsx":
        return _sheets(path)
    if not path.exists():
        raise BasisError("file_absent", name=path)
    raise BasisError("bureau_path", where=str(path))


def read_grid(path: Path, table: str) -> Grid:
    """One table: a CSV file, or the sheet of a workbook that is called so or, where none is, its first one.

    Raises
    ------
    BasisError
        where the file is absent, no table, empty or cannot be read.
    """
    if not path.is_file():
        raise BasisError("file_absent", name=path)
    if path.suffix.lower() == ".csv":
        return _csv(path, table)
    if path.suffix.lower() != ".xlsx":
        raise BasisError("actuals_path", where=str(path))
    frames = read_sheets(path, BasisError, limit=SIZE_LIMIT)
    sheets = {str(name).strip().lower(): name for name in frames}
    filled = [name for name in frames if len(frames[name])]
    name = sheets.get(table) or next((each for each in filled if str(each) != README), None)
    if name is None or not len(frames[name]):
        raise BasisError("file_empty", where=str(path))
    return _sheet(path, str(name), frames[name], failed_cells(path).get(str(name), set()))


def _folder(path: Path) -> tuple[dict[str, Grid], list[SimengineError]]:
    grids: dict[str, Grid] = {}
    errors: list[SimengineError] = []
    files = {file.stem.lower(): file for file in sorted(path.iterdir()) if file.suffix.lower() == ".csv"}
    for table in TABLES:
        if table in files:
            try:
                grids[table] = _csv(files[table], table)
            except BasisError as error:
                errors.append(error)
    errors += _misnamed({name: str(file) for name, file in files.items()})
    return grids, errors


def _misnamed(found: dict[str, str]) -> list[SimengineError]:
    """Files or sheets whose name is nearly that of a table that is absent."""
    return [
        BasisError("bureau_table_unknown", where=where, near=meant, name=name)
        for name, where in found.items()
        if name not in TABLES and (meant := near(name, TABLES)) and meant not in found
    ]


def _csv(path: Path, table: str) -> Grid:
    """Cells of a CSV in UTF-8 or, as spreadsheets save it in China, GB 18030."""
    if path.stat().st_size > SIZE_LIMIT:
        raise BasisError("bureau_form", where=str(path), reason=f"{path.stat().st_size:_} bytes")
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for line, cells in _with_lines(reader):
            if any(cell.strip() for cell in cells):
                rows.append(tuple(cell.strip() for cell in cells))
                lines.append(line)
    except csv.Error as error:
        raise BasisError("bureau_form", where=f"{path}, line {reader.line_num}", reason=str(error)) from error
    if not rows:
        raise BasisError("file_empty", where=str(path))
    for place, row in enumerate(rows):
        if any(row[len(rows[0]) :]):
            reason = f"{len(row)} > {len(rows[0])}"
            raise BasisError("bureau_long_row", where=f"{path}, line {lines[place]}", reason=reason)
    return Grid(table, str(path), tuple(lines), _even(rows))


def _with_lines(reader: csv._reader) -> list[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Rows with the line on which each begins; a quoted cell may run over several."""
    found, before = [], 0
    for cells in reader:
        found.append((before + 1, cells))
        before = reader.line_num
    return found


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        if b"\0" in content:
            break
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BasisError("bureau_encoding", where=str(path))


def _sheets(path: Path) -> tuple[dict[str, Grid], list[SimengineError]]:
    frames = read_sheets(path, BasisError, limit=SIZE_LIMIT)
    failed = failed_cells(path)
    grids: dict[str, Grid] = {}
    for name, frame in frames.items():
        table = str(name).strip().lower()
        if table not in TABLES:
            continue
        if len(frame):
            sheet = _sheet(path, str(name), frame, failed.get(str(name), set()))
            grids[table] = Grid(table, sheet.file, (), sheet.cells)
    found = {str(name).strip().lower(): f"{path}, sheet {name}" for name in frames}
    return grids, _misnamed(found)


def _sheet(path: Path, name: str, frame: Any, failed: Collection[str]) -> Grid:
    """Cells of one sheet as text; `failed` are those whose formula has failed."""
    rows = [
        tuple(
            FAILED if f"{column_letters(column)}{row + 1}" in failed else cell_text(value)
            for column, value in enumerate(values)
        )
        for row, values in enumerate(frame.itertuples(index=False, name=None))
    ]
    return Grid(name, str(path), (), _even(rows))


def _even(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Rows filled up to the width of the widest."""
    width = max(len(row) for row in rows)
    return tuple(row + ("",) * (width - len(row)) for row in rows)
