"""Slips of the kinds people make, put into clean tables at random: units of a row or a cell, decimal points, text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from simengine.basis.bureau.read import read_tables
from simengine.basis.bureau.rows import LEVELS, OBSERVATIONS, OPENING, row_of
from simengine.basis.bureau.slips import find_slips
from simengine.basis.bureau.units import UNITS, factor_of
from tests.helpers.bureau_tables import Tables, column, copied, place, put, take, write_folder

KINDS = ("unit of a row", "figures of a row", "unit of a cell", "decimal point", "text")
TEXTS = ("{:,.2f}元", "约{:.0f}", "{:.0f}万", "—", "{:,.0f}.0,", "n/a")


@dataclass(frozen=True)
class Slip:
    """One slip: what kind, and the table, row and column it stands in; the unit's column for a whole row."""

    kind: str
    table: str
    row: str
    column: str
    what: str


def filled_rows(tables: Tables) -> list[tuple[str, str, list[str]]]:
    """Table, key and filled columns of every row with figures."""
    found = []
    for table in (OBSERVATIONS, LEVELS, OPENING):
        rows = tables[table]
        inputs = [("value", column(rows, "value"))] if table == OPENING else []
        inputs += [(str(cell), at) for at, cell in enumerate(rows[0]) if str(cell).isdigit()]
        for row in rows[1:]:
            known = [name for name, at in inputs if row[at] not in (None, 0.0)]
            if known:
                found.append((table, str(row[0]), known))
    return found


def inject(clean: Tables, chance: random.Random) -> tuple[Tables, Slip]:
    """Tables with one slip, and which it is."""
    tables = copied(clean)
    table, key, known = chance.choice(filled_rows(tables))
    row = row_of(table, key)
    assert row is not None
    kind = chance.choice(KINDS)
    unit = str(tables[table][place(tables[table], key)][column(tables[table], "unit")])
    others = [name for name in UNITS[row.kind] if factor_of(row.kind, name) != factor_of(row.kind, unit)]
    other = chance.choice(others)
    off = (factor_of(row.kind, unit) or 1.0) / (factor_of(row.kind, other) or 1.0)
    cell = chance.choice(known)
    if kind == "unit of a row":
        put(tables, table, key, "unit", other)
        return tables, Slip(kind, table, key, "unit", f"{unit} -> {other}")
    if kind == "figures of a row":
        for name in known:
            put(tables, table, key, name, take(tables, table, key, name) * off)
        return tables, Slip(kind, table, key, "unit", f"x {off:g}")
    if kind == "text":
        text = chance.choice(TEXTS).format(take(tables, table, key, cell))
        put(tables, table, key, cell, text)
        return tables, Slip(kind, table, key, cell, text)
    factor = off if kind == "unit of a cell" else chance.choice((10.0, 0.1, 100.0, 0.01))
    put(tables, table, key, cell, take(tables, table, key, cell) * factor)
    return tables, Slip(kind, table, key, cell, f"x {factor:g}")


def told(tables: Tables, slip: Slip, folder: Path) -> tuple[bool, bool]:
    """Whether any error is told, and whether one names the cell (or the unit of its row)."""
    reading = read_tables(write_folder(tables, folder))
    errors = [*reading.errors, *find_slips(reading)]
    line = place(tables[slip.table], slip.row) + 1
    places = [f"{slip.table}.csv, line {line}, column {name}" for name in (slip.column, "unit")]
    if slip.column == "unit":
        return bool(errors), any(f"{slip.table}.csv, line {line}, " in error.where for error in errors)
    return bool(errors), any(error.where.endswith(tuple(places)) for error in errors)
