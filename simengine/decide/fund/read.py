"""Read the cash flows of a fund from a CSV or a workbook, as an office keeps them; every error with its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simengine.basis.bureau.grid import FAILED, Grid, period_of, read_grid
from simengine.basis.bureau.units import FLOW, UNITS, factor_of
from simengine.common.errors import BasisError, FundError, SimengineError, raise_all
from simengine.common.messages import Words, near, words
from simengine.common.workbook import column_letters, half_width, plain_number
from simengine.decide.fund.flows import AMOUNTS, COLUMNS, RATES, REQUIRED, SMALLEST_PERCENT, Flows, build, faults_of

TABLE = "fund"
"""Sheet of a workbook that is read; where none is called so, the first one with cells."""

HEADINGS = {
    "year": "年份", "opening": "年初结余", "contributions": "缴费收入", "other": "其他收入", "benefits": "待遇支出",
    "other_outgo": "其他支出", "base": "缴费基数总额", "return": "收益率", "volatility": "波动率", "note": "备注",
}  # fmt: skip
"""Columns by key, and what they are called in Chinese; of these year, opening and the required ones must stand."""

SPELLINGS = {
    "年度": "year", "期初余额": "opening", "期初结余": "opening", "上年结余": "opening", "年初余额": "opening",
    "opening balance": "opening", "保险费收入": "contributions", "征缴收入": "contributions",
    "基金征缴收入": "contributions", "社会保险费收入": "contributions", "养老金支出": "benefits",
    "保险待遇支出": "benefits", "社会保险待遇支出": "benefits", "其他收支净额": "other", "other income": "other",
    "other outgo": "other_outgo", "缴费基数": "base", "工资总额": "base", "contribution base": "base",
    "投资收益率": "return", "基金收益率": "return", "收益波动率": "volatility", "说明": "note",
}  # fmt: skip
"""Other words for these headings that are taken as well."""

UNIT_ROW = ("单位", "计量单位", "unit", "units", "单位 unit")
TOTALS = ("合计", "总计", "小计", "total", "sum")
RATE_UNITS = {"%": 0.01, "1": 1.0}
BRACKETS = re.compile(r"^(.*?)\s*[（(]\s*([^（）()]*?)\s*[）)]\s*(.*)$", re.DOTALL)
YEAR_DIGITS = 4
CORNERS = ("年份", "年度", "项目", "指标", "year", "item", "Year", "Item")
"""What stands in the corner of a table whose years stand side by side."""

HEADER_ROWS = 12
"""Rows among which the header is sought: offices put a title above it."""

FIRST, LAST = 1900, 2300
LARGEST = 1e16


@dataclass
class _Table:
    """One table while it is read.

    Attributes
    ----------
    factors : of a column to base units; None where its unit cannot be read, so that no figure of it is taken
    units : unit of a column as written, and its cell; rows : row by year
    meant : columns of rates with a figure that carries its own sign (3%)
    cells : what is read, with the years below each other
    turned : first row of a table whose years stand side by side; None where they stand below each other
    """

    grid: Grid
    cells: tuple[tuple[str, ...], ...] = ()
    turned: int | None = None
    header: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    factors: dict[str, float | None] = field(default_factory=dict)
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    meant: set[str] = field(default_factory=set)
    errors: list[SimengineError] = field(default_factory=list)
    remarks: list[Words] = field(default_factory=list)

    def where(self, row: int, column: int) -> str:
        """Place of a cell: line and column of a CSV, sheet and cell of a workbook."""
        if self.turned is not None:
            row, column = self.turned + column, row
        if not self.grid.places:
            return f"{self.grid.file}, sheet {self.grid.table}, cell {column_letters(column)}{row + 1}"
        keys = {} if self.turned is not None else {place: key for key, place in self.columns.items()}
        return f"{self.grid.file}, line {self.grid.places[row]}, column {keys.get(column, column + 1)}"

    def place(self, column: str, year: int) -> str:
        """Place of a figure by column and year."""
        return self.where(self.rows[year], self.columns.get(column, 0))


def read_flows(path: str | Path) -> Flows:
    """Read the cash flows of a fund.

    The header names the columns in Chinese, English or both; the unit of a column stands in brackets behind its name
    or in a row of units below the header. One row a year; years may be left out, cells may not. ``年初结余 opening``
    stands in the first row alone. A table whose years stand side by side is read sideways.

    Parameters
    ----------
    path : CSV in UTF-8 or GB 18030, or a workbook (sheet ``fund``, else its first one)

    Raises
    ------
    FundError
        all that is wrong at once, each with its cell.
    """
    path = Path(path)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise FundError("fund_file_kind", where=str(path))
    try:
        table = _upright(read_grid(path, TABLE))
    except BasisError as error:
        raise error.as_kind(FundError) from error
    written = _header(table)
    if "year" not in table.columns:
        raise_all(table.errors)
    row = _unit_row(table)
    _years(table, table.header + 1 if row is None else row + 1)
    _leave_empty_columns(table)
    _units(table, written, row)
    knots = {column: dict(_figures(table, column)) for column in COLUMNS if column in table.columns}
    opening = _opening(table)
    if not table.rows and not table.errors:
        table.errors.append(FundError("fund_no_rows", where=str(path)))
    _percent(table, knots)
    raise_all([*table.errors, *faults_of(knots, table.place)])
    unit = table.units["contributions"][0]
    return build(
        knots, opening, table.place,
        unit=unit, unit_size=table.factors["contributions"] or 1.0, name=path.name, remarks=tuple(table.remarks),
    )  # fmt: skip


# --- header and units -------------------------------------------------------------------------------------------------


def _upright(grid: Grid) -> _Table:
    """A table with its years below each other: a header with two years or more is turned, corner and units included."""
    for row, line in enumerate(grid.cells[:HEADER_ROWS]):
        if sum(_year(text) > 0 for text in line) > 1:
            corner = next((column for column, text in enumerate(line) if text in CORNERS), None)
            named = [column for column in range(len(line)) if _names(grid.cells[row + 1 :], column)]
            if corner is None and not named:
                break
            place = corner if corner is not None else named[0]
            first = tuple("年份" if column == place else text for column, text in enumerate(line))
            cells = tuple(zip(*(first, *grid.cells[row + 1 :]), strict=True))
            table = _Table(grid, cells, turned=row)
            table.remarks.append(words("fund.turned", where=table.where(0, 0)))
            return table
    return _Table(grid, grid.cells)


def _year(text: str) -> int:
    """The year that a cell holds; 0 for everything else."""
    period = period_of(text)
    return int(period) if len(period) == YEAR_DIGITS and FIRST <= int(period) <= LAST else 0


def _names(lines: tuple[tuple[str, ...], ...], column: int) -> bool:
    """Whether a column of a table holds the name of what must be stated."""
    return any(heading_key(_split(line[column])[0]) in REQUIRED for line in lines)


def heading_key(text: str) -> str:
    """Key of a heading in any of its forms; empty for other texts.

    >>> heading_key("待遇支出 benefits"), heading_key("Benefits"), heading_key("养老金支出"), heading_key("人数")
    ('benefits', 'benefits', 'benefits', '')
    """
    text = re.sub(r"\s+", " ", text).strip().lower()
    spelt = {form: key for key, local in HEADINGS.items() for form in (key, local, f"{local} {key}", f"{local}{key}")}
    return spelt.get(text, SPELLINGS.get(text, ""))


def _split(text: str) -> tuple[str, str]:
    """Name and unit of a heading such as ``缴费收入（亿元） contributions``; the unit is empty where none stands."""
    found = BRACKETS.match(text)
    return (f"{found[1]} {found[3]}".strip(), found[2]) if found else (text.strip(), "")


def _header(table: _Table) -> dict[str, str]:
    """Find the header and the places of its columns; returns the units that stand in it."""
    cells = table.cells
    rows = [
        row
        for row, line in enumerate(cells[:HEADER_ROWS])
        if any(heading_key(_split(text)[0]) == "year" for text in line)
    ]
    if not rows:
        table.errors.append(FundError("fund_header", where=table.where(0, 0)))
        return {}
    table.header = rows[0]
    written: dict[str, str] = {}
    known = [*HEADINGS, *HEADINGS.values(), *SPELLINGS]
    for column, text in enumerate(cells[table.header]):
        name, unit = _split(text)
        key, where = heading_key(name), table.where(table.header, column)
        if not text and any(line[column] for line in cells[table.header + 1 :]):
            table.errors.append(FundError("bureau_column_unnamed", where=where))
        elif text and not key:
            table.errors.append(FundError("fund_heading", where=where, near=near(name, known), name=name))
        elif key in table.columns:
            table.errors.append(FundError("bureau_column_twice", where=where, name=key))
        elif text:
            table.columns[key] = column
            written[key] = unit
    for key in ("year", "opening", *REQUIRED):
        if key not in table.columns:
            where = table.where(table.header, 0)
            table.errors.append(FundError("fund_column_missing", where=where, name=_named(key)))
    if table.header and table.turned is None:
        table.remarks.append(words("fund.title_skipped", where=table.where(table.header, 0)))
    return written


def _named(key: str) -> Words:
    """A column in both languages."""
    return Words(key, f"{HEADINGS[key]}（{key}）")


def _unit_row(table: _Table) -> int | None:
    """The row of units, the first below the header that is not blank; None where there is none."""
    cells, row = table.cells, table.header + 1
    while row < len(cells) and not any(cells[row]):
        row += 1
    below = row < len(cells) and cells[row][table.columns["year"]].strip().lower() in UNIT_ROW
    return row if below else None


def _leave_empty_columns(table: _Table) -> None:
    """A column that need not stand and in which no year has a figure counts as not stated."""
    for column in [key for key in table.columns if key in COLUMNS and key not in REQUIRED]:
        place = table.columns[column]
        if not any(table.cells[row][place] for row in table.rows.values()):
            del table.columns[column]


def _units(table: _Table, written: dict[str, str], row: int | None) -> None:
    """Factors of the columns, by the unit in the header or in the row of units."""
    for column in ("opening", *AMOUNTS, *RATES):
        if column not in table.columns:
            continue
        place = table.columns[column]
        unit = written[column] or ("" if row is None else table.cells[row][place].strip())
        where = table.where(table.header if written[column] or row is None else row, place)
        known = ", ".join(RATE_UNITS if column in RATES else UNITS[FLOW])
        factor = RATE_UNITS.get(half_width(unit)) if column in RATES else factor_of(FLOW, unit)
        if not unit:
            table.errors.append(FundError("fund_unit_missing", where=where, name=_named(column), known=known))
        elif factor is None:
            said = {"name": _named(column), "unit": unit, "known": known}
            table.errors.append(FundError("fund_unit", where=where, near=near(unit, known.split(", ")), **said))
        table.factors[column] = factor
        table.units[column] = (unit, where)


# --- rows -------------------------------------------------------------------------------------------------------------


def _years(table: _Table, first: int) -> None:
    """Rows by year; totals are left out and said, everything else that is no year is an error."""
    column = table.columns["year"]
    used = {place for key, place in table.columns.items() if key != "note"}
    filled = used - {column}
    before = 0
    blank: list[SimengineError] = []
    for row in range(first, len(table.cells)):
        cells = table.cells[row]
        text = cells[column].strip()
        if not any(cells[place] for place in used):
            continue
        where, year = table.where(row, column), _year(text)
        if text.replace(" ", "").lower() in TOTALS:
            table.remarks.append(words("fund.total_skipped", where=where, text=text))
        elif not year:
            table.errors.append(FundError("fund_year", where=where, value=text))
        elif year <= before:
            table.errors.append(FundError("fund_year_order", where=where, year=year, before=before))
        else:
            before = year
            if any(cells[place] for place in filled):
                table.rows[before] = row
            else:
                blank.append(FundError("fund_row_blank", where=where, year=before))
    if table.rows:  # a table in which nothing is filled is told once
        table.errors += blank


def _figures(table: _Table, column: str) -> Iterator[tuple[int, float]]:
    """Figures of a column in base units; blank cells and what is no number are noted."""
    for year, row in table.rows.items():
        text, where = table.cells[row][table.columns[column]], table.where(row, table.columns[column])
        if not text:
            table.errors.append(FundError("fund_blank", where=where, name=_named(column), year=year))
            continue
        value = _number(table, column, text, where)
        if value is not None:
            yield year, value


def _number(table: _Table, column: str, text: str, where: str) -> float | None:
    """Number of a cell in base units; ``3%`` is a rate whatever the unit of its column says."""
    plain = half_width(text)
    percent = column in RATES and plain.endswith("%")
    value = plain_number(plain.removesuffix("%").strip() if percent else plain)
    if text == FAILED:
        table.errors.append(FundError("bureau_formula", where=where))
    elif not abs(value) <= LARGEST:
        table.errors.append(FundError("fund_number", where=where, value=text))
    elif percent:
        table.meant.add(column)
        return value / 100.0
    else:
        factor = table.factors[column]
        if factor is not None:  # a division where it is exact: 3 % is 0.03
            return value / 100.0 if factor == RATE_UNITS["%"] else value * factor
    return None


def _opening(table: _Table) -> float:
    """Opening balance [yuan], from the row of the first year; figures below it are refused."""
    column = table.columns.get("opening")
    found = 0.0
    if column is None:
        return found
    for place, (year, row) in enumerate(table.rows.items()):
        text, where = table.cells[row][column], table.where(row, column)
        if place and text:
            table.errors.append(FundError("fund_opening_later", where=where, year=year))
        elif not place and not text:
            table.errors.append(FundError("fund_opening_missing", where=where))
        elif not place:
            found = _number(table, "opening", text, where) or 0.0
    return found


def _percent(table: _Table, knots: dict[str, dict[int, float]]) -> None:
    """A column of rates in per cent whose figures are all parts of one: 0.03 under % would be 0.03 %."""
    for column in RATES:
        values = [abs(value) for value in knots.get(column, {}).values()]
        if (
            values
            and column not in table.meant
            and table.factors[column] == RATE_UNITS["%"]
            and 0.0 < max(values) < SMALLEST_PERCENT
        ):
            said = f"{100.0 * max(values):z.6g}"
            table.errors.append(FundError("fund_parts", where=table.units[column][1], name=_named(column), value=said))
