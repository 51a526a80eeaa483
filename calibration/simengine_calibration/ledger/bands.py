"""Spreads of assumed series, rules and law values, typed in `figures/bands.yaml` with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from simengine.common import strict_yaml
from simengine.common.errors import BasisError
from simengine.common.messages import near
from simengine.registry.units import EVIDENCE
from simengine_calibration.resources import data_root

FILE = data_root() / "figures" / "bands.yaml"
SECTIONS = ("series", "rules", "law_values", "law_after")
KEYS = ("low", "high", "rows", "since", "balance", "rest", "evidence", "source")
Operation = Literal["factor", "shift", "value"]
OPERATIONS: tuple[Operation, ...] = ("factor", "shift", "value")


@dataclass(frozen=True)
class Step:
    """One side of a band: what is done to a value."""

    operation: Operation
    amount: float

    def of(self, value: float) -> float:
        """The moved value, in the unit of the figure."""
        if self.operation == "factor":
            return value * self.amount
        return value + self.amount if self.operation == "shift" else self.amount

    def text(self) -> str:
        """How the step is printed: ``x0.9``, ``+0.01``, ``=0.5``."""
        if self.operation == "factor":
            return f"x{self.amount:g}"
        return f"{self.amount:+zg}" if self.operation == "shift" else f"={self.amount:g}"


@dataclass(frozen=True)
class Band:
    """Spread of one figure.

    Attributes
    ----------
    low, high : the two sides; None where a side cannot move
    all_rows : whether rows of every evidence move, not the assumed and recalled alone
    since : first year whose rows move
    balance : other series that give way so that the sum stays
    rest : label of a table that takes what the others leave of one
    still : why the figure is not moved; empty for one that is
    """

    low: Step | None
    high: Step | None
    source: str
    all_rows: bool = False
    since: int = 0
    balance: tuple[str, ...] = ()
    rest: str = ""
    still: str = ""

    def sides(self) -> dict[str, Step]:
        """The sides that move, by name."""
        return {name: step for name, step in (("low", self.low), ("high", self.high)) if step is not None}


@dataclass(frozen=True)
class Bands:
    """All typed bands by section and name."""

    sections: Mapping[str, Mapping[str, Band]]
    file: str

    def of(self, section: str, name: str, where: str) -> Band:
        """The band of one figure; its absence is an error that names the figure."""
        known = self.sections[section]
        if name not in known:
            raise BasisError(
                "band_missing", where=where, near=near(name, known), name=name, section=section, file=self.file
            )
        return known[name]


@cache
def read_bands(file: Path = FILE) -> Bands:
    """The typed bands.

    Raises
    ------
    BasisError for an unknown section, key or operation, a band without a reason or without a side
    """
    doc = strict_yaml.load(file)
    unknown = sorted(set(doc.data) - set(SECTIONS))
    if unknown or not isinstance(doc.data, dict):
        raise BasisError("band_sections", where=doc.where(), names=", ".join(unknown), known=", ".join(SECTIONS))
    sections = {
        section: {name: _band(entry, f"{name} ({doc.where(section, name)})") for name, entry in content.items()}
        for section, content in doc.data.items()
    }
    return Bands({section: sections.get(section, {}) for section in SECTIONS}, file.name)


def _band(entry: Any, where: str) -> Band:
    if not isinstance(entry, dict):
        raise BasisError("band_form", where=where, known=", ".join(KEYS))
    if set(entry) == {"still"} and str(entry["still"]).strip():
        return Band(None, None, "", still=str(entry["still"]))
    unknown = sorted(set(entry) - set(KEYS))
    if unknown:
        raise BasisError("band_key", where=where, key=unknown[0], known=", ".join(KEYS))
    if entry.get("evidence") not in EVIDENCE or not str(entry.get("source", "")).strip():
        raise BasisError("band_without_source", where=where)
    if entry.get("rows", "assumed") not in ("assumed", "all"):
        raise BasisError("band_rows", where=where, value=entry["rows"])
    low, high = (_step(entry.get(side), where) for side in ("low", "high"))
    if low is None and high is None:
        raise BasisError("band_without_side", where=where)
    return Band(
        low, high, str(entry["source"]), entry.get("rows") == "all", int(entry.get("since", 0)),
        tuple(entry.get("balance", ())), str(entry.get("rest", "")),
    )  # fmt: skip


def _step(side: Any, where: str) -> Step | None:
    if side is None:
        return None
    if not isinstance(side, dict) or len(side) != 1 or next(iter(side)) not in OPERATIONS:
        raise BasisError("band_side", where=where, side=side)
    operation, amount = next(iter(side.items()))
    return Step(operation, float(amount))
