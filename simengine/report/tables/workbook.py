"""Tables as a workbook: a sheet that says what they are, then one sheet a table, numbers as numbers."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ScenarioError
from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.common.workbook import EXCEL_WRITER
from simengine.judge.indicators import registry
from simengine.judge.quantities.catalogue import INDICATOR, Quantity
from simengine.judge.quantities.sources import Source

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.sweep import Swept
    from simengine.scenario.scenario import Scenario

ROWS, COLUMNS = 1_048_575, 16_384
"""Rows of a sheet under its head, and columns."""

MADE = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Date of making in every workbook, so that equal tables give equal bytes."""

FORMATS = {"number": "#,##0.00##", "whole": "0"}


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet: a table, and how many of its first columns stay in sight.

    Attributes
    ----------
    above : lines above the table that say what it is, with its unit and source
    """

    name: str
    frame: pd.DataFrame = field(repr=False)
    keys: int = 1
    above: Sequence[str] = ()


def read_me(sources: Sequence[Source], quantities: Sequence[Quantity], base: bool, lang: Language) -> list[list[str]]:
    """Lines of the first sheet: what the numbers are, where they come from, and what each quantity means."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    heads = [say(f"workbook.{name}", lang) for name in ("scenario", "name", "run", "basis", "years")]
    lines.append(heads)
    for one in sources:
        ends = one.data.year_end.values
        years = say("years", lang, first=int(ends[0]), last=int(ends[-1]))
        marks = one.marks
        lines.append([one.key, one.title[lang], str(marks.get("run_id", "")), str(marks.get("basis", "")), years])
    return [*lines, [""], *_meanings(quantities, base, lang)]


def about_sweep(found: Swept, lang: Language) -> list[list[str]]:
    """Lines of the first sheet of a sweep: its scenarios, what varies, and what each quantity means."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    lines.append([say(f"workbook.{name}", lang) for name in ("scenario", "name", "basis", "years")])
    for one in found.scenarios:
        years = say("years", lang, first=one.years[0], last=one.years[-1])
        lines.append([one.key, one.title(lang), one.basis, years])
    lines += [[""], [say("workbook.varies", lang), *found.axes], [""]]
    return [*lines, *_meanings(found.quantities, found.reading.base, lang)]


def about(scenarios: Sequence[Scenario], quantities: Sequence[Quantity], base: bool, lang: Language) -> list[list[str]]:
    """Lines of the first sheet of an analysis: its scenarios, and what each quantity means."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    lines.append([say(f"workbook.{name}", lang) for name in ("scenario", "name", "basis", "years")])
    for one in scenarios:
        years = say("years", lang, first=one.years[0], last=one.years[-1])
        lines.append([one.key, one.title(lang), one.basis, years])
    return [*lines, [""], *_meanings(quantities, base, lang)]


def _meanings(quantities: Sequence[Quantity], base: bool, lang: Language) -> list[list[str]]:
    """Key, name, unit and definition of each quantity, under headings."""
    lines = [[say(f"workbook.{name}", lang) for name in ("key", "name", "unit", "definition")]]
    for quantity in quantities:
        indicator = registry().get(quantity.source) if quantity.kind == INDICATOR else None
        meaning = indicator.definition(lang) if indicator is not None else ""
        lines.append([quantity.key, quantity.name(lang), quantity.printed(base).word(lang), meaning])
    return lines


def refuse_workbook(path: Path, sheets: Sequence[Sheet] = ()) -> None:
    """End where no workbook can be written: the library is absent, or a table is too long for a sheet.

    Raises
    ------
    ScenarioError
    """
    if importlib.util.find_spec(EXCEL_WRITER) is None:
        raise ScenarioError("quantity_excel_missing", name=path.name, package="XlsxWriter")
    for sheet in sheets:
        rows, columns = sheet.frame.shape
        if rows + len(sheet.above) + 1 > ROWS or columns > COLUMNS:
            raise ScenarioError(
                "quantity_too_long", where=str(path), name=sheet.name, rows=f"{rows:_}", limit=f"{ROWS:_}"
            )


def write_workbook(path: Path, about: Sequence[Sequence[str]], sheets: Sequence[Sheet], lang: Language) -> None:
    """Write a workbook; equal tables give equal bytes, and no text runs as a formula or opens an address.

    Parameters
    ----------
    about : lines of the first sheet (`read_me`)
    """
    xlsxwriter = importlib.import_module(EXCEL_WRITER)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = {name: book.add_format({"num_format": text}) for name, text in FORMATS.items()}
        first = book.add_worksheet(say("workbook.about", lang))
        first.set_column(0, 1, 34)
        first.set_column(2, 4, 20)
        for row, cells in enumerate(about):
            for column, text in enumerate(cells):
                first.write_string(row, column, text, bold if row == 0 else None)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, bold, formats)


def _write_sheet(page: Any, sheet: Sheet, bold: Any, formats: Mapping[str, Any]) -> None:
    top = len(sheet.above)
    for row, text in enumerate(sheet.above):
        page.write_string(row, 0, text)
    page.freeze_panes(top + 1, sheet.keys)
    page.set_column(0, max(sheet.keys - 1, 0), 18)
    page.set_column(sheet.keys, max(sheet.frame.shape[1] - 1, sheet.keys), 12)
    for column, name in enumerate(sheet.frame.columns):
        if isinstance(name, int):
            page.write_number(top, column, name, bold)  # a year
        else:
            page.write_string(top, column, str(name), bold)
    columns = [sheet.frame.iloc[:, place].tolist() for place in range(sheet.frame.shape[1])]
    for row, cells in enumerate(zip(*columns, strict=True), top + 1):
        for column, value in enumerate(cells):
            _write_cell(page, row, column, value, formats)


def _write_cell(page: Any, row: int, column: int, value: Any, formats: Mapping[str, Any]) -> None:
    """One cell: a finite number as a number, nothing for what is absent, everything else as text."""
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            whole = isinstance(value, int)
            page.write_number(row, column, value + 0.0, formats["whole" if whole else "number"])
    elif value is not None and str(value) not in ("", "<NA>"):
        page.write_string(row, column, str(value))
