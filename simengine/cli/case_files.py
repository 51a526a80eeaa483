"""Write the results of cases: CSV or workbook, whole or not at all, no text that runs as a formula."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from simengine.common.errors import CaseError
from simengine.common.files import file_set, write_table

if TYPE_CHECKING:
    import pandas as pd

SHEET_ROWS = 1_048_575
"""Rows of a sheet under its header."""
CELL_LETTERS = 32_767
"""Letters that a cell holds."""
BLOCK = 10_000
"""Rows written at a time."""


def write_frames(frames: Mapping[Path, pd.DataFrame]) -> None:
    """Write tables by file name, .csv or .xlsx; all appear together or none does."""
    with file_set() as files:
        for path, frame in frames.items():
            if path.suffix.lower() == ".xlsx":
                if len(frame) > SHEET_ROWS:
                    raise CaseError("case_workbook", where=str(path), reason=f"{len(frame):_} > {SHEET_ROWS:_}")
                files.add(path, lambda temporary, frame=frame: write_sheet(frame, temporary))  # type: ignore[misc]
            else:
                files.add(path, lambda temporary, frame=frame: write_table(frame, temporary))  # type: ignore[misc]
        files.commit()


# --- workbook -------------------------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="cases" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/>'
    '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/>'
    "</cellXfs></styleSheet>",
}
"""Parts of a workbook of one sheet, its cells apart."""

_SHEET = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_sheet(frame: pd.DataFrame, path: Path) -> None:
    """One sheet with a frozen header; equal tables give equal bytes. Texts are texts and never run as a formula.

    The cells are written as text of their own, column by column: a general writer takes six times as long.
    """
    head = "".join(_text(name, style=1) for name in frame.columns)
    columns = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in PARTS.items():
            archive.writestr(_entry(name), _XML + content)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(f"{_XML}{_SHEET}<row>{head}</row>".encode())
            for first in range(0, len(frame), BLOCK):
                rows = zip(*(cells[first : first + BLOCK] for cells in columns), strict=True)
                sheet.write("".join([f"<row>{''.join(row)}</row>" for row in rows]).encode())
            sheet.write(b"</sheetData></worksheet>")


def _entry(name: str) -> zipfile.ZipInfo:
    """A part with the date that all files of equal content share."""
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _cells(series: pd.Series) -> Sequence[str]:
    """Cells of a column; each different text or number is put into words once."""
    import numpy as np
    import pandas as pd

    codes, unique = pd.factorize(series)
    words = np.array([*(_cell(value) for value in unique), "<c/>"], dtype=object)
    found: list[str] = words[codes].tolist()
    return found


def _cell(value: Any) -> str:
    """One cell: a number as such, everything else as text."""
    import numpy as np

    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and np.isfinite(value):
        return f"<c><v>{float(value) + 0.0!r}</v></c>" if value != int(value) else f"<c><v>{int(value)}</v></c>"
    return _text(value)


def _text(value: Any, style: int = 0) -> str:
    shown = escape(_UNPRINTABLE.sub("", str(value))[:CELL_LETTERS])
    mark = f' s="{style}"' if style else ""
    return f'<c{mark} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
