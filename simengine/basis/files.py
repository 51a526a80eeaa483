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
from simengine.common.errors import BasisError, InputFileError, SimengineError, raise_all

IDENTITY = "basis.yaml"
IDENTITY_KEYS = ("basis", "region", "base_year", "inherits", "spinup_parent", "partition", "name")
CARD_KEYS = ("table", "unit", "source", "method", "evidence", "accessed", "sha256", "fitted_by")
OWN_ONLY = (
    *("population", "population_1992", "births", "net_migration", "net_migration_as_planned", "openings"),
    "official_people",
)
"""Tables that belong to one region and one year and are therefore never inherited."""
SIGNED = ("net_migration", "net_migration_as_planned")
"""Tables in which negative numbers are meant."""
BOM = b"\xef\xbb\xbf"
"""Mark that some programs put before the first character of a file in UTF-8."""


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
        raise BasisError("not_a_mapping", where=doc.where(), key=IDENTITY, value=str(data)[:40])
    missing = [key for key in IDENTITY_KEYS if key not in data]
    if missing:
        known = ", ".join(IDENTITY_KEYS)
        raise BasisError("basis_keys", where=doc.where(), missing=", ".join(missing), known=known)
    if data["basis"] != folder.name:
        raise BasisError("basis_folder", where=doc.where("basis"), name=data["basis"], folder=folder.name)
    if not isinstance(data["base_year"], int):
        raise BasisError("basis_year", where=doc.where("base_year"), value=data["base_year"])
    names = data["name"]
    return Identity(
        data["basis"], data["region"], data["base_year"], data["inherits"], data["spinup_parent"],
        tuple(data["partition"] or ()), names["en"], names["local"], doc.where(),
    )  # fmt: skip


def _yaml(path: Path) -> strict_yaml.Doc:
    try:
        return strict_yaml.load(path)
    except InputFileError as error:
        raise error.as_kind(BasisError) from error


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
            known = ", ".join(self.columns)
            raise BasisError("table_column", where=str(self.path), name=column, known=known)
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
            raise BasisError("table_fraction", where=self.where(int(broken[0])), column=column)
        return values.astype(np.int64)

    def _number(self, cell: str, column: str, row: int, signed: bool) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise BasisError("table_number", where=self.where(row), column=column, value=cell)
        if value < 0.0 and not signed:
            raise BasisError("table_negative", where=self.where(row), column=column, value=cell)
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
            errors.append(BasisError("card_alone", where=str(path), name=f"{path.stem}.csv"))
    raise_all(errors)
    return tables


def read_table(path: Path) -> Table:
    """One table and its card; the sha256 of the card must be that of the table's bytes."""
    card_path = path.with_suffix(".yaml")
    if not card_path.is_file():
        raise BasisError("card_absent", where=str(path), name=card_path.name)
    card = _read_card(card_path, path.name)
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != card["sha256"]:
        raise BasisError("table_changed", where=str(path), found=found[:12], stated=str(card["sha256"])[:12])
    digest = hashlib.sha256(raw + b"\0" + card_path.read_bytes()).hexdigest()
    return Table(path.stem, path, _columns(raw, path), card, digest)


def table_of(name: str, path: Path, raw: bytes) -> Table:
    """A table without a card, from its bytes: what a lever puts in the place of the basis' table of that name."""
    return Table(name, path, _columns(raw.removeprefix(BOM), path), {}, hashlib.sha256(raw).hexdigest())


def _read_card(path: Path, table: str) -> Mapping[str, Any]:
    doc = _yaml(path)
    if not isinstance(doc.data, dict):
        raise BasisError("not_a_mapping", where=doc.where(), key=path.name, value=str(doc.data)[:40])
    missing = [key for key in CARD_KEYS if key not in doc.data]
    if missing:
        raise BasisError("basis_keys", where=doc.where(), missing=", ".join(missing), known=", ".join(CARD_KEYS))
    if doc.data["table"] != table:
        raise BasisError("card_other", where=doc.where("table"), value=doc.data["table"], name=table)
    return doc.data


def _columns(raw: bytes, path: Path) -> dict[str, tuple[str, ...]]:
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BasisError("table_form", where=str(path), reason=error) from error
    if len(rows) < 2:
        raise BasisError("table_empty", where=str(path))
    header = rows[0]
    if len(set(header)) != len(header):
        raise BasisError("table_columns_twice", where=f"{path}, line 1")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise BasisError("table_cells", where=f"{path}, line {line}", count=len(row), wanted=len(header))
    return dict(zip(header, zip(*rows[1:], strict=True), strict=True))


def knot_columns(table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    """Years that head columns of a wide table, ascending, and the other columns."""
    years = [int(name) for name in table.columns if name.isdigit()]
    others = tuple(name for name in table.columns if not name.isdigit())
    if not years or years != sorted(years):
        raise BasisError("table_years", where=f"{table.path}, line 1")
    return np.array(years), others


def wide_values(table: Table, keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Knot years and values (knots, rows) of a wide table; `keys` must be its other columns."""
    years, others = knot_columns(table)
    if others != tuple(keys):
        raise BasisError("table_columns", where=f"{table.path}, line 1", found=", ".join(others), known=", ".join(keys))
    signed = table.name in SIGNED
    return years, np.array([table.numbers(str(year), signed) for year in years])
