"""Values of a basis as records: series, constants and opening figures, each with evidence, source and line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from simengine.basis.files import Table
from simengine.basis.paths import Series
from simengine.common.errors import BasisError
from simengine.registry.units import EVIDENCE

SIGNED_SERIES = ("return_", "published_other", "entry_pressure_")
"""Beginnings of series that may be negative."""
KINDS = ("plan", "published", "estimated", "assumed")
"""Kinds of opening figures."""


@dataclass(frozen=True)
class Origin:
    """Where one number comes from.

    Attributes
    ----------
    how : "value", "between values", "before the first value" or the rule after the last value
    where : file and line
    """

    value: float
    unit: str
    evidence: str
    source: str
    basis: str
    where: str
    how: str


@dataclass(frozen=True)
class Constant:
    """One constant with its origin and plausible band."""

    value: float
    unit: str
    evidence: str
    source: str
    low: float
    high: float
    basis: str
    where: str


@dataclass(frozen=True)
class Opening:
    """One figure of the opening position, in base units.

    Attributes
    ----------
    kind : plan, published, estimated or assumed
    decimals : printed decimals in `plan_unit`; None when nothing is printed
    target_ids : rows of the plan that print it
    """

    indicator: str
    value: float
    unit: str
    kind: str
    evidence: str
    source: str
    decimals: int | None
    plan_unit: str
    target_ids: tuple[str, ...]
    band: tuple[float, float]
    where: str


def _evidence(table: Table) -> tuple[str, ...]:
    tags, sources = table.text("evidence"), table.text("source")
    for row, (tag, source) in enumerate(zip(tags, sources, strict=True)):
        if tag not in EVIDENCE:
            raise BasisError("table_evidence", where=table.where(row), value=tag, known=", ".join(EVIDENCE))
        if not source.strip():
            raise BasisError("table_source", where=table.where(row))
    return tags


def read_series(table: Table) -> dict[str, Series]:
    names, units, sources = table.text("series"), table.text("unit"), table.text("source")
    years, values, tags = table.integers("year"), table.numbers("value", signed=True), _evidence(table)
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        if values[row] < 0.0 and not name.startswith(SIGNED_SERIES):
            raise BasisError("series_negative", where=table.where(row), name=name, year=years[row])
        rows.setdefault(name, []).append(row)
    found: dict[str, Series] = {}
    for name, own in rows.items():
        own.sort(key=lambda row: int(years[row]))
        for before, row in pairwise(own):
            if years[before] == years[row]:
                raise BasisError("table_twice", where=table.where(row), name=f"{name} {years[row]}")
        if len({units[row] for row in own}) > 1:
            raise BasisError("series_units", where=table.where(own[0]), name=name)
        found[name] = Series(
            name, units[own[0]], years[own], values[own], tuple(tags[row] for row in own),
            tuple(sources[row] for row in own), tuple(row + 2 for row in own), str(table.path),
        )  # fmt: skip
    return found


def read_constants(table: Table, basis: str) -> dict[str, Constant]:
    values, lows, highs = table.numbers("value"), table.numbers("low", signed=True), table.numbers("high")
    units, sources, tags = table.text("unit"), table.text("source"), _evidence(table)
    found: dict[str, Constant] = {}
    for row, name in enumerate(table.text("name")):
        if name in found:
            raise BasisError("table_twice", where=table.where(row), name=name)
        if not lows[row] <= values[row] <= highs[row]:
            raise BasisError("table_band", where=table.where(row), name=name)
        found[name] = Constant(
            float(values[row]), units[row], tags[row], sources[row], float(lows[row]), float(highs[row]), basis,
            table.where(row),
        )  # fmt: skip
    return found


def read_openings(table: Table) -> dict[str, Opening]:
    values, lows, highs = table.numbers("value"), table.numbers("band_low"), table.numbers("band_high")
    tags, kinds, decimals = _evidence(table), table.text("kind"), table.text("decimals")
    found: dict[str, Opening] = {}
    for row, indicator in enumerate(table.text("indicator")):
        if indicator in found:
            raise BasisError("table_twice", where=table.where(row), name=indicator)
        if kinds[row] not in KINDS:
            raise BasisError("opening_kind", where=table.where(row), value=kinds[row], known=", ".join(KINDS))
        if not lows[row] <= values[row] <= highs[row]:
            raise BasisError("table_band", where=table.where(row), name=indicator)
        ids = tuple(part for part in table.text("target_id")[row].split("|") if part)
        if (kinds[row] == "plan") != bool(ids):
            stated = {"name": indicator, "kind": kinds[row], "rows": ", ".join(ids) or "-"}
            raise BasisError("opening_rows", where=table.where(row), **stated)
        found[indicator] = Opening(
            indicator, float(values[row]), table.text("unit")[row], kinds[row], tags[row], table.text("source")[row],
            int(decimals[row]) if decimals[row] else None, table.text("plan_unit")[row], ids,
            (float(lows[row]), float(highs[row])), table.where(row),
        )  # fmt: skip
    return found
