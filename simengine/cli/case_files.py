"""Write the results of cases: CSV or workbook, whole or not at all, no text that runs as a formula."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import CaseError
from simengine.common.files import file_set, write_table

if TYPE_CHECKING:
    import pandas as pd

EXCEL_WRITER = "xlsxwriter"
SHEET_ROWS = 1_048_575
"""Rows of a sheet under its header."""


def write_frames(frames: Mapping[Path, pd.DataFrame]) -> None:
    """Write tables by file name, .csv or .xlsx; all appear together or none does."""
    with file_set() as files:
        for path, frame in frames.items():
            if path.suffix.lower() == ".xlsx":
                _check_workbook(path, frame)
                files.add(path, lambda temporary, frame=frame: _workbook({"cases": frame}, temporary))  # type: ignore[misc]
            else:
                files.add(path, lambda temporary, frame=frame: write_table(frame, temporary))  # type: ignore[misc]
        files.commit()


def write_workbook(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as sheets of one workbook, by the name of the sheet."""
    for frame in frames.values():
        _check_workbook(path, frame)
    with file_set() as files:
        files.add(path, lambda temporary: _workbook(frames, temporary))
        files.commit()


def _check_workbook(path: Path, frame: pd.DataFrame) -> None:
    if importlib.util.find_spec(EXCEL_WRITER) is None:
        raise CaseError("case_excel_missing", name=path.name, package="XlsxWriter")
    if len(frame) > SHEET_ROWS:
        raise CaseError("case_workbook", where=str(path), reason=f"{len(frame):_} > {SHEET_ROWS:_}")


def _workbook(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Sheets with a frozen header, row by row; equal tables give equal bytes. Texts never run as a formula."""
    xlsxwriter = importlib.import_module(EXCEL_WRITER)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        for name, frame in frames.items():
            _sheet(book.add_worksheet(name), frame, bold)


def _sheet(sheet: Any, frame: pd.DataFrame, bold: Any) -> None:
    """One table; what is no number and absent stays blank."""
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [str(name) for name in frame.columns], bold)
    columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
    for row, cells in enumerate(zip(*columns, strict=True), 1):
        for column, value in enumerate(cells):
            if isinstance(value, int | float) and not isinstance(value, bool):
                if math.isfinite(value):
                    sheet.write_number(row, column, value)
            elif value is not None:
                sheet.write_string(row, column, str(value))
