"""Workbooks of users, read with care: nothing is unpacked without a limit, and a cell is text or a plain number."""

from __future__ import annotations

import importlib
import importlib.util
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import SimengineError

if TYPE_CHECKING:
    import pandas as pd

EXCEL_READER = "python_calamine"
EXCEL_WRITER = "xlsxwriter"
UNPACKED_LIMIT = 2_000_000_000
"""Bytes a workbook may hold unpacked."""


def read_sheets(
    path: Path,
    problem: type[SimengineError],
    *,
    sheet: int | None = None,
    header: int | None = None,
    limit: int = UNPACKED_LIMIT,
) -> dict[str | int, pd.DataFrame]:
    """Sheets of a workbook as frames of cells (objects), by name; or one of them under its number.

    Parameters
    ----------
    problem : class of the errors, of codes ``file_absent``, ``file_empty``, ``workbook_other``,
        ``case_excel_missing`` and ``case_workbook``
    sheet : place of the only sheet wanted; header : row of the names of the columns, None for none
    limit : bytes the workbook may hold unpacked

    Raises
    ------
    SimengineError
        of that class: no file, an empty one, no workbook, no reader installed, too large, damaged.
    """
    import pandas as pd

    _check(path, problem, limit)
    try:
        options: dict[str, Any] = {"engine": "calamine", "dtype": object, "keep_default_na": False}
        found = pd.read_excel(path, sheet_name=sheet, header=header, **options)
    except Exception as error:  # whatever a damaged workbook makes the reader raise
        raise _damaged(path, problem, error) from error
    return found if isinstance(found, dict) else {sheet or 0: found}


def sheet_rows(path: Path, problem: type[SimengineError], *, limit: int = UNPACKED_LIMIT) -> list[list[Any]]:
    """Rows of the first sheet of a workbook as cells; arguments and errors as of `read_sheets`.

    It goes past pandas, whose cell by cell conversion takes as long as the reading itself.
    """
    _check(path, problem, limit)
    try:
        calamine = importlib.import_module(EXCEL_READER)
        book = calamine.CalamineWorkbook.from_path(str(path))
        found: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:  # whatever a damaged workbook makes the reader raise
        raise _damaged(path, problem, error) from error
    return found


def _check(path: Path, problem: type[SimengineError], limit: int) -> None:
    """No file, no reader installed, or a workbook that unpacks to more than the limit."""
    if not path.is_file():
        raise problem("file_absent", name=path)
    if importlib.util.find_spec(EXCEL_READER) is None:
        raise problem("case_excel_missing", name=path.name, package="python-calamine")
    if not path.stat().st_size:
        raise problem("file_empty", where=str(path))
    if not zipfile.is_zipfile(path):
        raise problem("workbook_other", where=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except Exception as error:  # no archive at all, or a damaged one
        raise _damaged(path, problem, error) from error
    if unpacked > limit:
        raise problem("workbook_large", where=str(path), count=f"{unpacked:_}", limit=f"{limit:_}")


def _damaged(path: Path, problem: type[SimengineError], error: Exception) -> SimengineError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return problem("case_workbook", where=str(path), reason=reason)


def cell_text(value: Any) -> str:
    """A cell as text; a whole number without a decimal point.

    >>> cell_text(12.0), cell_text(None), cell_text(" 3 ")
    ('12', '', '3')
    """
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def plain_number(text: str) -> float:
    """A number as a table writes it; not a number for everything else, such as 1,000, nan or 1_000.

    Digits of full width, as Chinese keyboards write them, are digits.

    >>> plain_number("12.5"), plain_number("１２．５"), plain_number("1,000")
    (12.5, 12.5, nan)
    """
    text = half_width(text)
    if not text or "_" in text or text[-1] not in "0123456789." or text[0] not in "+-.0123456789":
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return float("nan")


_WIDE = str.maketrans("０１２３４５６７８９．－＋％　／", "0123456789.-+% /")


def half_width(text: str) -> str:
    """Digits and signs of full width as plain ones.

    >>> half_width("２０２４年"), half_width("－３．５")
    ('2024年', '-3.5')
    """
    return text.translate(_WIDE)


def column_letters(place: int) -> str:
    """Letters of a column counted from nought.

    >>> column_letters(2), column_letters(26)
    ('C', 'AA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# --- cells in which a formula has failed ------------------------------------------------------------------------------

_SHEET = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ERROR = re.compile(rb'<c\b(?=[^>]*\st="e")[^>]*\sr="([A-Z]+[0-9]+)"|<c\s+r="([A-Z]+[0-9]+)"(?=[^>]*\st="e")')


def failed_cells(path: Path) -> dict[str, set[str]]:
    """Cells that show an error (#DIV/0!, #REF!) by sheet: readers give them as empty, which would mean not known.

    The workbook has been read before, so its size is known to be within limits.
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        targets = {
            _attribute(tag, b"Id"): _attribute(tag, b"Target")
            for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
        }
        found: dict[str, set[str]] = {}
        for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
            target = targets.get(_attribute(tag, b"r:id"), "")
            file = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if file in names:
                cells = _ERROR.findall(archive.read(file))
                found[_attribute(tag, b"name")] = {(first or second).decode() for first, second in cells}
    return found


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + re.escape(name) + rb'="([^"]*)"', tag)
    return found[1].decode("utf-8", "replace") if found is not None else ""
