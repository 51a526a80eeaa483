"""Reads the tables of this room: one row a quantity, each checked when it is read.

A file names its columns in the first row. Cells that hold several words separate them by blanks; an empty cell is the
default of the field.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from simengine.registry.units import UNITS

HERE = Path(__file__).parent
Row = TypeVar("Row")


def read_rows(file: str, row: type[Row], folder: Path = HERE) -> Mapping[str, Row]:
    """Rows of one file by the name in their first column, in the order of the file.

    Parameters
    ----------
    file : name of a CSV file in `folder`
    row : dataclass whose fields are the columns; a field of type ``tuple`` takes words, ``bool`` takes ``yes``

    Raises
    ------
    ValueError for another set of columns, a name given twice, an unknown unit, or what the row itself refuses; a row
    is part of the program, so the text names file and line for its author
    """
    fields = {field.name: str(field.type) for field in dataclasses.fields(row)}  # type: ignore[arg-type]
    found: dict[str, Row] = {}
    with (folder / file).open(encoding="utf-8", newline="") as handle:
        table = csv.DictReader(handle, strict=True)
        if set(table.fieldnames or ()) != set(fields):
            raise ValueError(f"{file}: columns {sorted(set(fields) ^ set(table.fieldnames or ()))} differ from the row")
        for cells in table:
            where = f"{file}, line {table.line_num}"
            values = {name: _value(cell, fields[name]) for name, cell in cells.items()}
            name = str(next(iter(values.values())))
            if name in found:
                raise ValueError(f"{where}: {name} stands twice")
            if "unit" in values and values["unit"] not in UNITS:
                raise ValueError(f"{where}: unit {values['unit']} is not in the table of units")
            try:
                found[name] = row(**values)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
    return found


def _value(cell: str, kind: str) -> Any:
    if kind == "bool":
        return cell == "yes"
    return tuple(cell.split()) if kind.startswith("tuple") else cell
