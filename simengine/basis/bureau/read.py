"""Read the tables of a bureau into plain records in base units; every error at once, each with its cell."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from simengine.basis.basis import basis_names
from simengine.basis.bureau.grid import (
    FAILED,
    HEADINGS,
    WORKBOOK,
    YEAR,
    Grid,
    heading_key,
    meant_heading,
    period_of,
    read_grids,
)  # fmt: skip
from simengine.basis.bureau.records import About, Bureau, Figure, Line, OpeningFigure, Reading
from simengine.basis.bureau.rows import ABOUT, ITEMS, LEVELS, OBSERVATIONS, OPENING, ROWS, Row, row_of
from simengine.basis.bureau.slips import find_slips
from simengine.basis.bureau.units import BASE, HEADS, UNITS, factor_of
from simengine.common.errors import BasisError, SimengineError, raise_all
from simengine.common.messages import near, words
from simengine.common.workbook import EXCEL_READER, plain_number
from simengine.registry.units import EVIDENCE

YEAR_DIGITS = 4
FIRST_YEAR, LAST_YEAR = 1993, 2100
"""Base years that are read."""

SMALLEST, LARGEST = 1e-9, 1e16
"""Size of numbers that are read, in any unit."""

YES = {"yes": True, "y": True, "1": True, "是": True, "": False, "no": False, "0": False, "否": False}
REGION = re.compile(r"[a-z][a-z0-9_]*")


def read_bureau(path: str | Path) -> Bureau:
    """Read and check the tables of a bureau.

    Parameters
    ----------
    path : folder with ``about.csv``, ``observations.csv``, ``levels.csv`` and ``opening.csv``, or a workbook with
        sheets of these names

    Raises
    ------
    BasisError
        one for each error of form and each slip of unit, all at once (`ErrorList`), each naming its cell.
    """
    reading = read_tables(Path(path))
    raise_all([*reading.errors, *find_slips(reading)])
    figures = {
        table: tuple(
            Figure(line.row.key, year, value, BASE[line.row.kind], line.evidence, line.source, where)
            for line in reading.lines
            if line.table == table
            for year, (value, _, where) in line.figures.items()
        )
        for table in (OBSERVATIONS, LEVELS, OPENING)
    }
    opening = tuple(
        OpeningFigure(item.series, item.value, item.unit, item.evidence, item.source, item.where)
        for item in figures[OPENING]
    )
    return Bureau(reading.path, reading.about, figures[OBSERVATIONS], figures[LEVELS], opening)


def read_tables(path: Path) -> Reading:
    """Read the tables; errors of form are noted, slips of unit are not looked for.

    Raises
    ------
    BasisError
        where the path holds no tables at all.
    """
    grids, errors = read_grids(path)
    reading = _read(path, grids, errors)
    beside = path / WORKBOOK
    if path.is_dir() and beside.is_file() and importlib.util.find_spec(EXCEL_READER) is not None:
        twin = _read(beside, *read_grids(beside))
        if twin.lines and reading.lines:
            reading.fail("bureau_both", str(path), name=WORKBOOK)
        elif twin.lines:
            reading.errors = [BasisError("bureau_empty", where=str(path))]
    return reading


def _read(path: Path, grids: dict[str, Grid], errors: list[SimengineError]) -> Reading:
    """Tables as rows of figures."""
    reading = Reading(path, About("", "", "", "", 0, float("nan"), None), errors=errors)
    if ABOUT in grids:
        reading.about = _about(reading, grids[ABOUT])
    elif not any(str(path / f"{ABOUT}.csv") in error.where for error in errors):
        reading.fail("bureau_table_missing", str(path), name=ABOUT)
    for table in (OBSERVATIONS, LEVELS, OPENING):
        if table in grids:
            _table(reading, grids[table])
    if not reading.lines and not reading.errors:
        reading.fail("bureau_empty", str(path))
    return reading


# --- header -----------------------------------------------------------------------------------------------------------


def columns_of(
    reading: Reading, grid: Grid, wanted: tuple[str, ...], years: bool, months: bool = False, template: str = "basis"
) -> dict[str, int] | None:
    """Places of the columns by key, years and months among them; None where one lacks that nothing is read without.

    `template`: what ``simengine template`` is told to write a table with every column.
    """
    periods = words("columns.months" if months else "columns.years")
    found: dict[str, int] = {}
    last = ""
    for place, text in enumerate(grid.cells[0]):
        if not text:
            if any(row[place] for row in grid.cells[1:]):
                reading.fail("bureau_column_unnamed", grid.where(0, place))
            continue
        key = heading_key(text)
        period = period_of(text)
        is_year = (years and len(period) == YEAR_DIGITS) or (months and len(period) > YEAR_DIGITS)
        if key not in HEADINGS and not is_year:
            reading.fail("bureau_column_unknown", grid.where(0, place), meant_heading(text), name=text, known=periods)
        elif key in found:
            reading.fail("bureau_column_twice", grid.where(0, place), name=key)
        else:
            found[key] = place
        if is_year:
            if key < last:
                reading.fail("bureau_years_order", grid.where(0, place), year=key, before=last)
            last = key
    missing = [key for key in wanted if key not in found]
    for key in missing:
        said = {"name": key, "local": HEADINGS[key], "template": template}
        reading.fail("bureau_column_missing", grid.where(0, 0), **said)
    if years and not last:
        reading.fail("bureau_no_year", grid.where(0, 0), known=periods)
    return None if missing else found


# --- about ------------------------------------------------------------------------------------------------------------


def _about(reading: Reading, grid: Grid) -> About:
    columns = columns_of(reading, grid, ("item", "value", "unit"), years=False)
    if columns is None:
        return reading.about
    places = _items(reading, grid, columns)
    text = {key: grid.cells[row][columns["value"]] for key, row in places.items()}
    where = {key: grid.where(row, columns["value"]) for key, row in places.items()}
    for item in ITEMS:
        if item.required and not text.get(item.key):
            reading.fail("bureau_item_empty", where.get(item.key, grid.file), name=item.key, local=item.name)
    unit = grid.cells[places["population"]][columns["unit"]] if "population" in places else ""
    of = {item.key: (text.get(item.key, ""), where.get(item.key, "")) for item in ITEMS}
    return About(
        _region(reading, *of["region"]),
        text.get("name_zh", ""),
        text.get("name_en", ""),
        _parent(reading, *of["parent"]),
        _base_year(reading, *of["base_year"]),
        _population(reading, *of["population"], unit),
        _population_file(reading, *of["population_file"]),
        where.get("population", ""),
    )


def _items(reading: Reading, grid: Grid, columns: dict[str, int]) -> dict[str, int]:
    """Row of every item; unknown and repeated ones are noted."""
    known = [item.key for item in ITEMS]
    places: dict[str, int] = {}
    for row, cells in enumerate(grid.cells[1:], 1):
        key, at = cells[columns["item"]], grid.where(row, columns["item"])
        if key in places:
            reading.fail("bureau_twice", at, name=key, first=_row_name(grid, places[key]))
        elif key in known:
            places[key] = row
        elif key or cells[columns["value"]]:
            reading.fail("bureau_item_unknown", at, near(key, known), name=key)
    return places


def _row_name(grid: Grid, row: int) -> str:
    """A row as it is named in a message: its line, or its number on the sheet."""
    return str(grid.places[row] if grid.places else row + 1)


def _region(reading: Reading, text: str, where: str) -> str:
    if text and REGION.fullmatch(text) is None:
        reading.fail("bureau_region", where, name=text)
    return text


def _parent(reading: Reading, text: str, where: str) -> str:
    known = basis_names()
    if text and text not in known:
        reading.fail("basis_unknown", where, near(text, known), name=text, known=", ".join(known))
        return ""
    return text


def _base_year(reading: Reading, text: str, where: str) -> int:
    value = plain_number(text)
    if not text:
        return 0
    if value != value or not value.is_integer() or not FIRST_YEAR <= value <= LAST_YEAR:
        reading.fail("bureau_base_year", where, value=text, first=FIRST_YEAR, last=LAST_YEAR)
        return 0
    return int(value)


def _population(reading: Reading, text: str, where: str, unit: str) -> float:
    if not text:
        return float("nan")
    value, factor = plain_number(text), factor_of(HEADS, unit)
    if not sized(value) or value <= 0.0:
        reading.fail("bureau_number", where, value=text)
        return float("nan")
    if factor is None:
        reading.fail("bureau_unit", where, unit=unit, name="population", known=", ".join(UNITS[HEADS]))
        return float("nan")
    return value * factor


def _population_file(reading: Reading, text: str, where: str) -> Path | None:
    if not text:
        return None
    folder = reading.path if reading.path.is_dir() else reading.path.parent
    path = folder / text
    if not path.is_file():
        reading.fail("file_absent", where, name=text)
    return path


# --- rows of figures --------------------------------------------------------------------------------------------------


def _table(reading: Reading, grid: Grid) -> None:
    """Rows of one table; a row without a figure is one the bureau does not know."""
    key = "indicator" if grid.table == OPENING else "series"
    value = ("value",) if grid.table == OPENING else ()
    columns = columns_of(reading, grid, (key, "unit", "source", "evidence", *value), years=grid.table != OPENING)
    if columns is None:
        return
    if grid.table == OPENING:
        cells_of = {reading.about.base_year: columns["value"]}
    else:
        cells_of = {int(name): place for name, place in columns.items() if YEAR.fullmatch(name)}
    first: dict[str, int] = {}
    for place, cells in enumerate(grid.cells[1:], 1):
        name = cells[columns[key]]
        filled = any(cells[column] for column in cells_of.values())
        if name in first:
            reading.fail("bureau_twice", grid.where(place, columns[key]), name=name, first=_row_name(grid, first[name]))
            continue
        row = row_of(grid.table, name)
        if row is None:
            if name or filled:
                reading.fail("bureau_series", grid.where(place, columns[key]), _nearest(name, grid.table), name=name)
            continue
        first[name] = place
        if filled:
            reading.lines.append(_line(reading, grid, place, row, columns, cells_of))


def _nearest(name: str, table: str) -> str:
    """Key nearest to a misspelt one, or to a Chinese name written in its place."""
    rows = ROWS[table]
    local = {row.name: row.key for row in rows}
    return near(name, [row.key for row in rows]) or local.get(near(name, local), "")


def _line(
    reading: Reading, grid: Grid, place: int, row: Row, columns: dict[str, int], cells_of: dict[int, int]
) -> Line:
    """One row of figures in base units."""
    cells = grid.cells[place]
    text = {name: cells[column] for name, column in columns.items()}
    at = {name: grid.where(place, column) for name, column in columns.items()}
    factor = factor_of(row.kind, text["unit"])
    if factor is None:
        reading.fail("bureau_unit", at["unit"], unit=text["unit"], name=row.key, known=", ".join(UNITS[row.kind]))
    if text["evidence"] not in EVIDENCE:
        nearest = near(text["evidence"], EVIDENCE)
        reading.fail("bureau_evidence", at["evidence"], nearest, name=text["evidence"], known=", ".join(EVIDENCE))
    if not text["source"] and text["evidence"] != "assumption":
        reading.fail("bureau_source", at["source"], name=row.key)
    checked = text.get("checked", "").lower()
    if checked not in YES:
        reading.fail("bureau_checked", at["checked"], value=checked)
    figures: dict[int, tuple[float, str, str]] = {}
    for year, column in cells_of.items():
        value = _value(reading, row, cells[column], grid.where(place, column))
        if value is not None and factor is not None:
            figures[year] = (value * factor, cells[column], grid.where(place, column))
    vouched = YES.get(checked, False)
    return Line(grid.table, row, text["unit"], at["unit"], vouched, figures, text["source"], text["evidence"])


def sized(value: float) -> bool:
    """Whether a number could be a figure at all: none of any unit has as many digits as these bounds."""
    return value == 0.0 or SMALLEST <= abs(value) <= LARGEST


def number_of(reading: Reading, text: str, where: str) -> float | None:
    """Number of a cell; None where it is empty, which means not known, or wrong."""
    if not text:
        return None
    value = plain_number(text)
    if text == FAILED:
        reading.fail("bureau_formula", where)
    elif not sized(value):
        reading.fail("bureau_number", where, value=text)
    else:
        return value
    return None


def _value(reading: Reading, row: Row, text: str, where: str) -> float | None:
    """Number of a cell that its row allows; None where it is empty or wrong."""
    value = number_of(reading, text, where)
    if value is None:
        return None
    if value < 0.0 and not row.negative:
        reading.fail("bureau_sign", where, value=text, name=row.key)
    elif value == 0.0 and not row.zero:
        reading.fail("bureau_zero", where, name=row.key)
    else:
        return value
    return None
