"""Write the results of cases: CSV or workbook, whole or not at all, no text that runs as a formula."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
                files.add(path, lambda temporary, frame=frame: _workbook(frame, temporary))  # type: ignore[misc]
            else:
                files.add(path, lambda temporary, frame=frame: write_table(frame, temporary))  # type: ignore[misc]
        files.commit()


def _check_workbook(path: Path, frame: pd.DataFrame) -> None:
    if importlib.util.find_spec(EXCEL_WRITER) is None:
        raise CaseError("case_excel_missing", name=path.name, package="XlsxWriter")
    if len(frame) > SHEET_ROWS:
        raise CaseError("case_workbook", where=str(path), reason=f"{len(frame):_} > {SHEET_ROWS:_}")


def _workbook(frame: pd.DataFrame, path: Path) -> None:
    """One sheet with a frozen header; equal tables give equal bytes."""
    import pandas as pd

    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(path, engine=EXCEL_WRITER, engine_kwargs=options) as writer:
        frame.to_excel(writer, sheet_name="cases", index=False, freeze_panes=(1, 0))
        writer.book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
