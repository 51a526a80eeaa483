"""Write the results of cases: CSV or workbook, whole or not at all, no text that runs as a formula."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simengine.cases.problems import CaseProblem
from simengine.engine import results as io

if TYPE_CHECKING:
    import pandas as pd

EXCEL_WRITER = "xlsxwriter"
MANY = 10_000
"""Different numbers of a column above which they are not looked up one by one."""

SHEET_ROWS = 1_048_575
"""Rows of a sheet under its header."""


def write_frames(frames: Mapping[Path, pd.DataFrame]) -> None:
    """Write tables by file name, .csv or .xlsx; all appear together or none does."""
    with io.batch() as files:
        for path, frame in frames.items():
            if path.suffix.lower() == ".xlsx":
                _check_workbook(path, frame)
                files.add(path, lambda temporary, frame=frame: _workbook(frame, temporary))  # type: ignore[misc]
            else:
                files.add(path, lambda temporary, frame=frame: _csv(frame, temporary))  # type: ignore[misc]
        files.commit()


def _csv(frame: pd.DataFrame, path: Path) -> None:
    """CSV as UTF-8 with a byte order mark; each different number is put into words once, as tables are long."""
    columns = [_texts(frame.iloc[:, place]) for place in range(frame.shape[1])]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*columns, strict=True))


def _texts(series: pd.Series) -> list[str]:
    """A column as text: numbers to the cent where that is all they have, empty cells empty, nothing like a formula."""
    if series.dtype == "category":
        words = np.array([_safe(word) for word in series.cat.categories] + [""], dtype=object)
        return list(words[series.cat.codes.to_numpy()])
    if series.dtype.kind not in "iuf":
        return [_safe(value) for value in series]
    values = series.to_numpy()
    unique, place = np.unique(values, return_inverse=True)
    if series.dtype.kind == "f" and unique.size > MANY:
        return _cents(values)
    words = np.array(["" if value != value else repr(value) for value in (unique + 0).tolist()], dtype=object)
    return list(words[place])


def _cents(values: np.ndarray) -> list[str]:
    """Numbers of at most two decimals, whole part and cents looked up apart; others as they are."""
    filled = np.where(np.isnan(values), 0.0, values)
    cents = np.rint(filled * 100.0)
    if (filled < 0.0).any() or (np.abs(cents) > 1e15).any() or (cents / 100.0 != filled).any():
        return ["" if value != value else repr(value) for value in values.tolist()]
    whole, rest = np.divmod(cents.astype(np.int64), 100)
    unique, place = np.unique(whole, return_inverse=True)
    heads = np.array([str(number) for number in unique.tolist()], dtype=object)
    tails = np.array([f".{number:02d}" for number in range(100)], dtype=object)
    texts = heads[place] + tails[rest]
    texts[np.isnan(values)] = ""
    return list(texts)


def _safe(value: object) -> str:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe; no value is empty."""
    text = "" if value is None or value != value else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_workbook(path: Path, frame: pd.DataFrame) -> None:
    if importlib.util.find_spec(EXCEL_WRITER) is None:
        raise CaseProblem("case_excel_missing", name=path.name, package="XlsxWriter")
    if len(frame) > SHEET_ROWS:
        raise CaseProblem("case_workbook", where=str(path), reason=f"{len(frame):_} > {SHEET_ROWS:_}")


def _workbook(frame: pd.DataFrame, path: Path) -> None:
    """One sheet with a frozen header; equal tables give equal bytes."""
    import pandas as pd

    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(path, engine=EXCEL_WRITER, engine_kwargs=options) as writer:
        frame.to_excel(writer, sheet_name="cases", index=False, freeze_panes=(1, 0))
        writer.book.set_properties({"created": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
