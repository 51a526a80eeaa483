"""The tables a bureau fills, empty: CSV files and one workbook. Text and numbers only, never a formula."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from simengine.basis.bureau.grid import HEADINGS, README, WORKBOOK
from simengine.basis.bureau.rows import ABOUT, ITEMS, LEVELS, OBSERVATIONS, OPENING, ROWS
from simengine.basis.bureau.units import UNITS, template_unit
from simengine.common.messages import say
from simengine.common.workbook import EXCEL_WRITER
from simengine.registry.units import EVIDENCE

Cell = str | float | int | None
Rows = list[list[Cell]]

PALE_YELLOW = "#FFF9D6"
GREY = "#EDEDED"
LISTS = {"evidence": list(EVIDENCE), "checked": ["yes", "no"], "use": ["enter", "compare"]}
"""Words offered in a column."""

NUMBER_WANTED = {"error_title": "数值 number", "error_message": "请填数字；未知则留空。A number; empty if not known."}
README_KEYS = ("fill", "empty", "units", "evidence", "checked", "parent", "check")


def template_files(
    region: str, years: tuple[int, int], *, measured: Collection[str] | None = None, parent: str = "china-2020"
) -> dict[str, bytes]:
    """Files of an empty template by name: one CSV a table, and the workbook where XlsxWriter is installed.

    Parameters
    ----------
    region : key of the region; years : first and last year of the yearly tables
    measured : series of observations to ask for; all known ones by default
    parent : basis to borrow from, written into the table about the region
    """
    tables = template_rows(region, years, measured=measured, parent=parent)
    files = {f"{name}.csv": csv_bytes(rows) for name, rows in tables.items()}
    if importlib.util.find_spec(EXCEL_WRITER) is not None:
        files[WORKBOOK] = workbook_bytes(tables)
    return files


def template_rows(
    region: str, years: tuple[int, int], *, measured: Collection[str] | None = None, parent: str = "china-2020"
) -> dict[str, Rows]:
    """Rows of each table, the header first; arguments as of `template_files`."""
    span = [str(year) for year in range(years[0], years[1] + 1)]
    tables: dict[str, Rows] = {ABOUT: _about(region, parent)}
    for table in (OBSERVATIONS, LEVELS, OPENING):
        places = ["value"] if table == OPENING else span
        key = "indicator" if table == OPENING else "series"
        before, after = (key, "name", "english", "unit"), ("source", "evidence", "checked")
        header: list[Cell] = [*map(heading, before), *(heading(place) for place in places), *map(heading, after)]
        rows: Rows = [header]
        for row in ROWS[table]:
            if table != OBSERVATIONS or measured is None or row.key in measured:
                empty: list[Cell] = [None] * (len(places) + len(after))
                rows.append([row.key, row.name, row.english, template_unit(row.kind), *empty])
        tables[table] = rows
    return tables


def heading(key: str) -> str:
    """Header cell in both languages; a year is itself."""
    return f"{HEADINGS[key]} {key}" if key in HEADINGS and HEADINGS[key] != "English" else key


def _about(region: str, parent: str) -> Rows:
    filled: dict[str, Cell] = {"region": region, "parent": parent, "base_year": parent.rpartition("-")[2]}
    header: list[Cell] = [heading(key) for key in ("item", "name", "english", "value", "unit", "source")]
    return [header, *([i.key, i.name, i.english, filled.get(i.key), i.unit or None, None] for i in ITEMS)]


def csv_bytes(rows: Rows) -> bytes:
    """A table as CSV in UTF-8 with a byte order mark, by which spreadsheets know the encoding."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


# --- workbook ---------------------------------------------------------------------------------------------------------


def workbook_bytes(tables: dict[str, Rows], readme: Sequence[str] = README_KEYS, fixed: int = 3) -> bytes:
    """The tables as sheets of one workbook, with what to do on the first; equal tables give equal bytes.

    Inputs are pale yellow; units, evidence and vouching are chosen from lists; header and names stay in sight.

    Parameters
    ----------
    readme : keys of what the first sheet says; fixed : columns at the left that are no inputs
    """
    xlsxwriter = importlib.import_module(EXCEL_WRITER)
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    styles = {
        "head": book.add_format({"bold": True, "bg_color": GREY, "border": 1, "text_wrap": True, "valign": "top"}),
        "fixed": book.add_format({"bg_color": GREY, "border": 1, "text_wrap": True, "valign": "top"}),
        "input": book.add_format({"bg_color": PALE_YELLOW, "border": 1, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    _readme(book.add_worksheet(README), styles, readme)
    for name, rows in tables.items():
        _sheet(book.add_worksheet(name), name, rows, styles, fixed)
    book.close()
    return content.getvalue()


def _readme(sheet: Any, styles: dict[str, Any], keys: Sequence[str]) -> None:
    sheet.set_column(0, 1, 70)
    sheet.write_row(0, 0, ["说明", "Read me"], styles["head"])
    for place, key in enumerate(keys, 1):
        for column, lang in enumerate(("zh", "en")):
            sheet.write_string(place, column, say(f"bureau.readme_{key}", lang), styles["text"])  # type: ignore[arg-type]


def _sheet(sheet: Any, name: str, rows: Rows, styles: dict[str, Any], fixed: int) -> None:
    """One table: header, fixed names, yellow inputs with their lists."""
    keys = [str(cell).split()[-1] for cell in rows[0]]
    sheet.freeze_panes(1, fixed)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 2, 34)
    sheet.set_column(fixed, len(keys) - 1, 12)
    sheet.write_row(0, 0, rows[0], styles["head"])
    for place, row in enumerate(rows[1:], 1):
        for column, cell in enumerate(row):
            style = styles["fixed" if column < fixed else "input"]
            if isinstance(cell, str):
                sheet.write_string(place, column, cell, style)
            elif cell is None:
                sheet.write_blank(place, column, None, style)
            else:
                sheet.write_number(place, column, cell, style)
        _offer(sheet, name, place, keys, row)


def _offer(sheet: Any, name: str, place: int, keys: Sequence[str], row: Sequence[Cell]) -> None:
    """Lists and the demand for numbers of one row."""
    of_units = row[0] == heading("unit")  # a row of units below the headings
    for column, key in enumerate(keys):
        words = _units_like(row[column]) if key == "unit" or (of_units and column) else LISTS.get(key, [])
        if words:
            sheet.data_validation(place, column, place, column, {"validate": "list", "source": words})
        elif name != ABOUT and (key.isdigit() or key == "value"):
            bounds = {"validate": "decimal", "criteria": "between", "minimum": -1e18, "maximum": 1e18}
            sheet.data_validation(place, column, place, column, bounds | NUMBER_WANTED)


def _units_like(unit: Cell) -> list[str]:
    """Units that may stand in place of one."""
    return next((list(known) for known in UNITS.values() if unit in known), [])
