"""Files of one frozen basis: ``basis.yaml``, tables and the card beside each, verified before anything is read."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simengine.common import strict_yaml
from simengine.common.errors import BasisError, InputFileError, SimengineError

IDENTITY = "basis.yaml"
IDENTITY_KEYS = ("basis", "region", "base_year", "inherits", "spinup_parent", "partition", "name")
CARD_KEYS = ("table", "unit", "source", "method", "evidence", "accessed", "sha256", "fitted_by")
EVIDENCE = (
    "verified", "secondary", "memory", "assumption", "seed", "published", "recalled", "computed", "derived",
)  # fmt: skip

OWN_ONLY = ("population", "population_1992", "births", "net_migration", "net_migration_as_planned", "openings")
"""Tables that belong to one region and one year and are therefore never inherited."""
SIGNED = ("net_migration", "net_migration_as_planned")
"""Tables in which negative numbers are meant."""

REBUILD = "Restore the folder from version control, or rebuild all bases with python -m simengine_calibration.build"


@dataclass(frozen=True)
class Identity:
    """Content of ``basis.yaml``."""

    basis: str
    region: str
    base_year: int
    inherits: str | None
    spinup_parent: str | None
    partition: tuple[str, ...]
    name_en: str
    name_local: str
    where: str


def read_identity(folder: Path) -> Identity:
    """Read ``basis.yaml`` of a folder; its ``basis`` must be the folder's name."""
    doc = _yaml(folder / IDENTITY)
    data = doc.data
    if not isinstance(data, dict):
        raise BasisError("not a mapping", where=doc.where())
    missing = [key for key in IDENTITY_KEYS if key not in data]
    if missing:
        raise BasisError(f"keys missing: {', '.join(missing)}", where=doc.where(), allowed=", ".join(IDENTITY_KEYS))
    if data["basis"] != folder.name:
        raise BasisError(
            f'basis "{data["basis"]}" lies in a folder named "{folder.name}"', where=doc.where("basis"),
            hint="Rename the folder or the basis",
        )  # fmt: skip
    if not isinstance(data["base_year"], int):
        raise BasisError(f"base_year {data['base_year']!r} is no year", where=doc.where("base_year"))
    names = data["name"]
    return Identity(
        data["basis"], data["region"], data["base_year"], data["inherits"], data["spinup_parent"],
        tuple(data["partition"] or ()), names["en"], names["local"], doc.where(),
    )  # fmt: skip


def _yaml(path: Path) -> strict_yaml.Doc:
    try:
        return strict_yaml.load(path)
    except InputFileError as error:
        raise BasisError(error.message, where=error.where, allowed=error.allowed, hint=error.hint or REBUILD) from error


@dataclass(frozen=True)
class Table:
    """One verified table of one basis.

    Attributes
    ----------
    columns : column name to the texts of its cells
    card : content of the card
    digest : sha256 over table and card
    made : what follows from the cells alone and costs time (`simengine.basis.grids`); cells never change
    """

    name: str
    path: Path
    columns: Mapping[str, tuple[str, ...]]
    card: Mapping[str, Any]
    digest: str
    _parsed: dict[tuple[str, bool], np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    made: dict[Any, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def where(self, row: int) -> str:
        """File and line of a data row (from 0)."""
        return f"{self.path}, line {row + 2}"

    def text(self, column: str) -> tuple[str, ...]:
        """Cells of a column as text."""
        if column not in self.columns:
            raise BasisError(f'column "{column}" is missing', where=str(self.path), allowed=", ".join(self.columns))
        return self.columns[column]

    def numbers(self, column: str, signed: bool = False) -> np.ndarray:
        """Cells of a column as float64; a cell that is no finite number, or negative unless `signed`, is an error."""
        key = (column, signed)
        if key not in self._parsed:  # texts are read once; every caller gets a copy
            self._parsed[key] = self._numbers(column, signed)
        return self._parsed[key].copy()

    def _numbers(self, column: str, signed: bool) -> np.ndarray:
        cells = self.text(column)
        try:
            values = np.array(list(map(float, cells)))
        except ValueError:
            values = np.full(len(self), np.nan)
        if not np.isfinite(values).all() or (not signed and (values < 0.0).any()):
            for row, cell in enumerate(cells):
                self._number(cell, column, row, signed)  # tells the first that is wrong
        return values

    def integers(self, column: str) -> np.ndarray:
        """Cells of a column as whole numbers."""
        values = self.numbers(column, signed=True)
        broken = np.flatnonzero(values != np.round(values))
        if broken.size:
            raise BasisError(f'column "{column}" has a fraction', where=self.where(int(broken[0])))
        return values.astype(np.int64)

    def _number(self, cell: str, column: str, row: int, signed: bool) -> float:
        try:
            value = float(cell)
        except ValueError:
            raise BasisError(f'"{cell}" in column "{column}" is no number', where=self.where(row)) from None
        if not math.isfinite(value):
            raise BasisError(f'"{cell}" in column "{column}" is not finite', where=self.where(row))
        if value < 0.0 and not signed:
            raise BasisError(f'{cell} in column "{column}" is negative', where=self.where(row), allowed="zero or more")
        return value

    def array(self) -> np.ndarray:
        """All columns as one structured array: whole numbers, decimals, or text where a cell is no number."""
        signed = self.name in SIGNED
        fields: list[tuple[str, Any]] = []
        parts: list[np.ndarray] = []
        for column, cells in self.columns.items():
            part: np.ndarray
            if all(_is_number(cell) for cell in cells):
                part = self.numbers(column, signed)
                if all("." not in cell and "e" not in cell.lower() for cell in cells):
                    part = part.astype(np.int64)
            else:
                part = np.array(cells)
            fields.append((column, part.dtype))
            parts.append(part)
        table = np.empty(len(self), dtype=fields)
        for (column, _), part in zip(fields, parts, strict=True):
            table[column] = part
        return table


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def read_tables(folder: Path) -> dict[str, Table]:
    """Every table of a folder, checked against its card; all that is wrong is reported at once."""
    tables: dict[str, Table] = {}
    errors: list[SimengineError] = []
    for path in sorted(folder.glob("*.csv")):
        try:
            tables[path.stem] = read_table(path)
        except SimengineError as error:
            errors.append(error)
    for path in sorted(folder.glob("*.yaml")):
        if path.name != IDENTITY and not path.with_suffix(".csv").is_file():
            errors.append(
                BasisError("the card has no table", where=str(path), allowed=f"{path.stem}.csv", hint=REBUILD)
            )
    if errors:
        first = errors[0]
        if len(errors) == 1:
            raise first
        raise BasisError("\n".join(str(error) for error in errors))
    return tables


def read_table(path: Path) -> Table:
    """One table and its card; the sha256 of the card must be that of the table's bytes."""
    card_path = path.with_suffix(".yaml")
    if not card_path.is_file():
        raise BasisError("the table has no card", where=str(path), allowed=card_path.name, hint=REBUILD)
    card = _read_card(card_path, path.name)
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != card["sha256"]:
        raise BasisError(
            f"the table was changed: its sha256 is {found[:12]}..., the card says {str(card['sha256'])[:12]}...",
            where=str(path), hint=REBUILD,
        )  # fmt: skip
    digest = hashlib.sha256(raw + b"\0" + card_path.read_bytes()).hexdigest()
    return Table(path.stem, path, _columns(raw, path), card, digest)


def _read_card(path: Path, table: str) -> Mapping[str, Any]:
    doc = _yaml(path)
    if not isinstance(doc.data, dict):
        raise BasisError("the card is not a mapping", where=doc.where())
    missing = [key for key in CARD_KEYS if key not in doc.data]
    if missing:
        raise BasisError(f"the card lacks {', '.join(missing)}", where=doc.where(), allowed=", ".join(CARD_KEYS))
    if doc.data["table"] != table:
        raise BasisError(f'the card is of "{doc.data["table"]}"', where=doc.where("table"), allowed=table)
    return doc.data


def _columns(raw: bytes, path: Path) -> dict[str, tuple[str, ...]]:
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BasisError(f"not a readable CSV ({error})", where=str(path), hint=REBUILD) from error
    if len(rows) < 2:
        raise BasisError("the table has no rows", where=str(path), hint=REBUILD)
    header = rows[0]
    if len(set(header)) != len(header):
        raise BasisError("a column name is repeated", where=f"{path}, line 1")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise BasisError(f"{len(row)} cells instead of {len(header)}", where=f"{path}, line {line}")
    return dict(zip(header, zip(*rows[1:], strict=True), strict=True))


def knot_columns(table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    """Years that head columns of a wide table, ascending, and the other columns."""
    years = [int(name) for name in table.columns if name.isdigit()]
    others = tuple(name for name in table.columns if not name.isdigit())
    if not years or years != sorted(years):
        raise BasisError("no ascending year columns", where=f"{table.path}, line 1")
    return np.array(years), others


def wide_values(table: Table, keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Knot years and values (knots, rows) of a wide table; `keys` must be its other columns."""
    years, others = knot_columns(table)
    if others != tuple(keys):
        raise BasisError(f"columns {', '.join(others)}", where=f"{table.path}, line 1", allowed=", ".join(keys))
    signed = table.name in SIGNED
    return years, np.array([table.numbers(str(year), signed) for year in years])
