"""Clean tables of a bureau, filled from a packaged basis in the units of the template, and files made of them."""

from __future__ import annotations

import copy
import csv
from pathlib import Path

from simengine.basis.basis import Basis, load_basis
from simengine.basis.bureau.grid import heading_key
from simengine.basis.bureau.rows import ABOUT, LEVELS, OBSERVATIONS, OPENING, row_of
from simengine.basis.bureau.template import Rows, csv_bytes, template_rows, workbook_bytes
from simengine.basis.bureau.units import UNITS
from simengine.common.resources import bases_root

FIRST, LAST = 2005, 2024
PRINTED = ("published", "seed", "secondary")

Tables = dict[str, Rows]


def rows_of(basis: Basis, table: str) -> list[dict[str, str]]:
    path = bases_root() / basis.name / f"{table}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def column(rows: Rows, key: str) -> int:
    return [heading_key(str(cell)) for cell in rows[0]].index(key)


def place(rows: Rows, key: str) -> int:
    return [row[0] for row in rows].index(key)


def put(tables: Tables, table: str, key: str, where: str, value: str | float | None) -> None:
    """Write one cell."""
    rows = tables[table]
    rows[place(rows, key)][column(rows, where)] = value


def take(tables: Tables, table: str, key: str, where: str) -> float:
    """Number of one cell."""
    rows = tables[table]
    return float(str(rows[place(rows, key)][column(rows, where)]))


def filled(name: str, first: int = FIRST, last: int = LAST) -> Tables:
    """Tables of a basis: references, known levels and openings; printed figures before recalled ones."""
    basis = load_basis(name)
    tables = template_rows(basis.region, (first, last))
    parent = next((b.name for b in basis.chain() if b.name != name), name)
    about = {"name_zh": "某地", "name_en": basis.region, "parent": parent, "base_year": basis.base_year}
    for key, value in {**about, "population": round(float(basis.population().sum()) / 1e4, 2)}.items():
        put(tables, ABOUT, key, "value", value)
    for table, file in ((OBSERVATIONS, "references"), (LEVELS, "paths")):
        for row in sorted(rows_of(basis, file), key=lambda found: found["evidence"] in PRINTED):
            if first <= int(row["year"]) <= last and row_of(table, row["series"]) is not None:
                _fill(tables, table, row["series"], row["year"], row)
    for row in rows_of(basis, "openings"):
        if row_of(OPENING, row["indicator"]) is not None:
            _fill(tables, OPENING, row["indicator"], "value", row)
    return tables


def _fill(tables: Tables, table: str, key: str, where: str, row: dict[str, str]) -> None:
    kind = row_of(table, key)
    assert kind is not None
    value = float(row["value"]) / next(iter(UNITS[kind.kind].values()))
    if value == 0.0 and not kind.zero:
        return
    put(tables, table, key, where, float(f"{value:.10g}"))
    put(tables, table, key, "source", row["source"].replace("\n", " ") or "-")
    put(tables, table, key, "evidence", row["evidence"])


def copied(tables: Tables) -> Tables:
    return copy.deepcopy(tables)


def write_folder(tables: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(rows))
    return folder


def write_workbook(tables: Tables, path: Path) -> Path:
    path.write_bytes(workbook_bytes(tables))
    return path
