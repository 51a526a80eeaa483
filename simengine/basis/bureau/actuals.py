"""Table of entered actuals: read with the cells of a bureau's tables, and written as a template (notes/actuals.md)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simengine.basis.actuals import Statement
from simengine.basis.bureau.grid import Grid, heading_key, read_grid
from simengine.basis.bureau.read import YES, columns_of, number_of
from simengine.basis.bureau.records import About, Reading
from simengine.basis.bureau.template import Rows, csv_bytes, heading, workbook_bytes
from simengine.common.errors import BasisError, SimengineError
from simengine.common.messages import near
from simengine.common.workbook import EXCEL_WRITER
from simengine.registry.units import EVIDENCE

TABLE = "actuals"
"""Name of the table: sheet of a workbook, file of a template."""

WANTED = ("item", "unit", "source")
"""Columns without which nothing can be read."""

USES = {"": False, "enter": False, "填入": False, "compare": True, "比较": True}
"""Words of the column ``use`` -> whether the run is only held against the figure."""


def read_actuals(path: Path, origin: str, region: str = "") -> tuple[list[Statement], list[SimengineError]]:
    """Figures of a table of actuals, and everything that is wrong with its form, each with its cell.

    Parameters
    ----------
    path : CSV in UTF-8 or GB 18030, or a workbook with a sheet ``actuals`` (else its first one)
    origin : what the table is called
    region : key of the region whose template a message names; empty for none
    """
    reading = Reading(path, About("", "", "", "", 0, float("nan"), None))
    try:
        grid = read_grid(path, TABLE)
    except BasisError as error:
        return [], [error]
    grid = _renamed(grid)
    template = f"{TABLE} --region {region}" if region else TABLE
    columns = columns_of(reading, grid, WANTED, years=True, months=True, template=template)
    found: list[Statement] = []
    if columns is not None:
        periods = {key: place for key, place in columns.items() if key[0].isdigit()}
        for row, cells in enumerate(grid.cells[1:], 1):
            if any(cells[place] for place in periods.values()):
                found += _row(reading, grid, row, columns, periods, origin)
        if not found and not reading.errors:
            reading.fail("actuals_empty", str(path))
    return found, reading.errors


def _renamed(grid: Grid) -> Grid:
    """A table whose items stand under the heading of another table of a bureau (指标, 序列), under its own heading."""
    keys = [heading_key(text) for text in grid.cells[0]]
    other = next((key for key in ("indicator", "series") if key in keys), "")
    if "item" in keys or not other:
        return grid
    first = tuple("item" if key == other else text for key, text in zip(keys, grid.cells[0], strict=True))
    return replace(grid, cells=(first, *grid.cells[1:]))


def _row(
    reading: Reading, grid: Grid, row: int, columns: dict[str, int], periods: dict[str, int], origin: str
) -> list[Statement]:
    """Figures of one row."""
    cells = grid.cells[row]
    text = {key: cells[place] for key, place in columns.items()}
    at = {key: grid.where(row, place) for key, place in columns.items()}
    evidence, checked, use = (text.get(key, "").lower() for key in ("evidence", "checked", "use"))
    if evidence and evidence not in EVIDENCE:
        known = ", ".join(EVIDENCE)
        reading.fail("bureau_evidence", at["evidence"], near(evidence, EVIDENCE), name=evidence, known=known)
    if not text["item"]:
        reading.fail("actual_unnamed", at["item"])
    if not text["source"]:
        reading.fail("actual_source", at["source"], name=text["item"])
    if checked not in YES:
        reading.fail("bureau_checked", at["checked"], value=checked)
    if use not in USES:
        known = ", ".join(word for word in USES if word)
        reading.fail("actual_use", at["use"], near(use, USES), value=use, known=known)
    found: list[Statement] = []
    for period, place in periods.items():
        value = number_of(reading, cells[place], grid.where(row, place))
        if value is not None and text["item"]:
            year, _, month = period.partition("-")
            found.append(
                Statement(
                    text["item"], text.get("area", ""), int(year), int(month) if month else None, value, text["unit"],
                    evidence or "published", text["source"], USES.get(use, False), YES.get(checked, False),
                    grid.where(row, place), at["unit"], at["item"], at.get("area", at["item"]), origin,
                )
            )  # fmt: skip
    return found


# --- template ---------------------------------------------------------------------------------------------------------


def template_rows(items: Sequence[tuple[str, str, str, str, str]], years: tuple[int, int]) -> Rows:
    """Rows of an empty table, the header first.

    Parameters
    ----------
    items : key, name in Chinese and in English, area, unit of every row
    """
    span = [str(year) for year in range(years[0], years[1] + 1)]
    before, after = ("item", "name", "english", "area", "unit"), ("source", "evidence", "checked", "use")
    head: Rows = [[*map(heading, before), *span, *map(heading, after)]]
    return head + [[*item, *[None] * len(span), None, "published", None, None] for item in items]


def template_files(items: Sequence[tuple[str, str, str, str, str]], years: tuple[int, int]) -> dict[str, bytes]:
    """Files of an empty table by name: a CSV, and a workbook where XlsxWriter is installed."""
    rows = template_rows(items, years)
    files = {f"{TABLE}.csv": csv_bytes(rows)}
    if importlib.util.find_spec(EXCEL_WRITER) is not None:
        files[f"{TABLE}.xlsx"] = workbook_bytes({TABLE: rows}, README_KEYS, fixed=4)
    return files


README_KEYS = ("actuals_fill", "empty", "units", "actuals_source", "actuals_month", "actuals_area", "actuals_use")
