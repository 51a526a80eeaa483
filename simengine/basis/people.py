"""Tables of people that a lever brings in the place of the basis' own: form, completeness, and values at years."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.basis.files import BOM, Table, knot_columns, table_of
from simengine.basis.grids import AGES, at_years, fertility_at
from simengine.common.errors import BasisError
from simengine.common.messages import words
from simengine.registry.axes import SEX

MOTHERS = (15, 49)
"""First and last age of the mothers that a table of fertility states."""

MOST_BIRTHS = 2.0
"""Births per woman-year above which a table of fertility cannot be meant; per 1,000 women its values are larger."""

EXAMPLES = {
    "fertility": "age,2025,2035 / 15,0.0004,0.0003",
    "death_prob": "sex,age,2025,2035 / male,0,0.0052,0.0041",
    "net_migration": "sex,age,2025,2035 / male,0,-120,-80",
}
"""Head and first row of each table."""

SEPARATORS = {";": "semicolon", "\t": "tab", "，": "wide_comma", "；": "wide_semicolon"}
"""Signs between cells that stand in the place of a comma, with the word for each."""


@lru_cache(maxsize=16)
def people_table(name: str, path: Path, raw: bytes) -> Table:
    """A table of fertility, death probabilities or net migrants from the bytes of its file, in the form of a basis.

    Every cell must be there once: ages 15 to 49 of fertility, both sexes and ages 0 to 100 of the others. Births per
    woman-year are below 2, probabilities of dying above 0 and below 1, net migrants any number of persons.

    Raises
    ------
    BasisError naming file and line
    """
    keys = ("age",) if name == "fertility" else ("sex", "age")
    _refuse_form(path, raw, keys, name)
    table = table_of(name, path, raw)
    years, others = knot_columns(table)
    if others != keys:
        raise BasisError("table_columns", where=f"{path}, line 1", found=", ".join(others), known=", ".join(keys))
    _refuse_cells(table, name)
    for year in map(int, years):
        values = table.numbers(str(year), signed=name == "net_migration")
        wrong = np.zeros(len(table), dtype=bool)
        if name == "fertility":
            wrong = values >= MOST_BIRTHS
        elif name == "death_prob":
            wrong = (values <= 0.0) | (values >= 1.0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            where, value = table.where(row), f"{values[row]:g}"
            if name == "fertility":
                raise BasisError("table_births", where=where, year=year, value=value, limit=f"{MOST_BIRTHS:g}")
            raise BasisError("table_probability", where=where, year=year, value=value)
    return table


def _refuse_form(path: Path, raw: bytes, keys: tuple[str, ...], name: str) -> None:
    """Refuse a file that is no table of cells between commas under a head of years, with what it should look like."""
    told: dict[str, Any] = {"columns": ", ".join(keys), "example": EXAMPLES[name]}
    try:
        text = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 holds a zero beside every letter
        raise BasisError("people_encoding", where=str(path), **told)
    rows = [line for line in text.splitlines() if line.strip()]
    if len(rows) < 2:
        raise BasisError("people_empty", where=str(path), count=len(rows), **told)
    sign = next((sign for sign in SEPARATORS if sign in rows[0]), None)
    if sign is not None:
        said = words(f"separator.{SEPARATORS[sign]}")
        raise BasisError("people_separator", where=f"{path}, line 1", sign=said, **told)
    if not any(cell.strip().isdigit() for cell in rows[0].split(",")):
        raise BasisError("people_years", where=f"{path}, line 1", **told)
    try:
        list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BasisError("people_form", where=str(path), reason=error, **told) from error


def _refuse_cells(table: Table, name: str) -> None:
    """Refuse a table in which a cell is missing, stands twice, or is none of those wanted."""
    ages = [int(age) for age in table.integers("age")]
    if name == "fertility":
        found = [("", age) for age in ages]
        wanted = [("", age) for age in range(MOTHERS[0], MOTHERS[1] + 1)]
    else:
        found = list(zip(table.text("sex"), ages, strict=True))
        wanted = [(sex, age) for sex in SEX for age in range(AGES)]
    seen: set[tuple[str, int]] = set()
    for row, cell in enumerate(found):
        if cell not in wanted or cell in seen:
            raise BasisError("table_cell_wrong", where=table.where(row), cell=_named(cell), known=_range(wanted))
        seen.add(cell)
    missing = [cell for cell in wanted if cell not in seen]
    if missing:
        stated = {"name": name, "cell": _named(missing[0]), "known": _range(wanted)}
        raise BasisError("table_cell_missing", where=str(table.path), count=len(missing), **stated)


def _named(cell: tuple[str, int]) -> str:
    return f"{cell[0]} {cell[1]}".strip()


def _range(wanted: list[tuple[str, int]]) -> str:
    return f"{_named(wanted[0])} ... {_named(wanted[-1])}"


def people_at(table: Table, years: np.ndarray) -> np.ndarray:
    """Values of such a table at years from its first one on: [year, age] of fertility, else [year, sex, age].

    Between the years of its columns as the basis does: linear, of probabilities log-linear; the last column is held.
    """
    if table.name == "fertility":
        return fertility_at(table, years)
    return at_years(table, years, log=table.name == "death_prob", flows=table.name == "net_migration")
