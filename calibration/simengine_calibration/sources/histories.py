"""Yearly figures with their origin: typed ones (``figures/*.yaml``), collected ones, and arithmetic on both.

A `History` keeps, for every year, the value, the evidence tag and the source. Arithmetic keeps the weaker tag: a number
computed from a recalled one is ``computed`` and says from what.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.common import strict_yaml
from simengine.common.errors import BasisError
from simengine.registry.units import EVIDENCE
from simengine_calibration.resources import data_root
from simengine_calibration.sources.files import MACRO, RECALLED, read_rows

FIGURES = data_root() / "figures"
STATISTICS = "social_insurance/social_insurance_statistics.csv"

FACTORS = {
    "persons": 1.0, "10k persons": 1e4, "yuan": 1.0, "100m yuan": 1e8, "1": 1.0, "1/year": 1.0, "1/month": 1.0,
    "month": 1.0, "year": 1.0, "yuan per month": 1.0, "yuan per year": 1.0, "yuan per head": 1.0,
}  # fmt: skip
"""Units in which figures may be typed, and what one of them is in base units (persons, yuan, shares)."""
BASE_UNIT = {"10k persons": "persons", "100m yuan": "yuan"}
SCALED = (("10k persons", 1e4), ("100m yuan", 1e8))
"""Beginnings of the collected files' unit texts that are brought to persons and yuan; others stay as they are."""


@dataclass(frozen=True)
class Figure:
    """One number with its origin, in base units."""

    value: float
    evidence: str
    source: str


@dataclass(frozen=True)
class History:
    """Figures by calendar year in one base unit."""

    figures: Mapping[int, Figure]
    unit: str

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self.figures))

    @property
    def last(self) -> int:
        return self.years[-1]

    def __contains__(self, year: int) -> bool:
        return year in self.figures

    def __getitem__(self, year: int) -> float:
        """The value of a year that has one."""
        return self.figures[year].value

    def at(self, year: float, log: bool = False) -> float:
        """The value of any year: linear (or log-linear) between known years, the end values held outside."""
        years = np.array(self.years, dtype=float)
        values = np.array([self.figures[int(known)].value for known in years])
        if log:
            return float(np.exp(np.interp(year, years, np.log(values))))
        return float(np.interp(year, years, values))

    def over(self, other: History) -> History:
        """These years and, where this history is silent, the other's."""
        return History({**other.figures, **self.figures}, self.unit)

    def only(self, keep: Callable[[int], bool]) -> History:
        """The years for which `keep` is true."""
        return History({year: figure for year, figure in self.figures.items() if keep(year)}, self.unit)

    def mapped(
        self, change: Callable[[int, float], float], evidence: str, source: str, unit: str | None = None
    ) -> History:
        """Every value changed by ``change(year, value)``; the result has its own tag and source."""
        figures = {year: Figure(change(year, known.value), evidence, source) for year, known in self.figures.items()}
        return History(figures, unit or self.unit)


def history(unit: str, evidence: str, source: str, values: Mapping[int, float]) -> History:
    """Figures of one origin; the unit is brought to base units."""
    if unit not in FACTORS:
        raise BasisError("figure_unit", where=source, unit=unit, known=", ".join(FACTORS))
    if evidence not in EVIDENCE:
        raise BasisError("evidence_unknown", where=source, evidence=evidence, known=", ".join(EVIDENCE))
    if not source.strip():
        raise BasisError("figure_without_source")
    factor = FACTORS[unit]
    figures = {int(year): Figure(factor * float(value), evidence, source) for year, value in values.items()}
    for year, figure in figures.items():
        if not math.isfinite(figure.value):
            raise BasisError("figure_no_number", where=source, year=year)
    return History(figures, BASE_UNIT.get(unit, unit))


@cache
def typed(file: str) -> dict[str, Any]:
    """One file of typed figures as plain data."""
    doc = strict_yaml.load(FIGURES / f"{file}.yaml")
    if not isinstance(doc.data, dict):
        raise BasisError("figures_form", where=doc.where())
    return doc.data


def typed_history(file: str, *keys: str) -> History:
    """One typed series, ``typed_history("provinces", "jiangxi", "benefit_base")``."""
    entry: Any = typed(file)
    for key in keys:
        if key not in entry:
            raise BasisError("figures_key_absent", where=str(FIGURES / f"{file}.yaml"), key=".".join(keys))
        entry = entry[key]
    return history(entry["unit"], entry["evidence"], entry["source"], entry["values"])


def has_typed(file: str, *keys: str) -> bool:
    """Whether a typed series exists."""
    entry: Any = typed(file)
    for key in keys:
        if key not in entry:
            return False
        entry = entry[key]
    return True


def anchor(region: str, measure: str) -> Figure:
    """One figure of the end of 2024 in base units."""
    data = typed("anchors")
    unit = 1e8 if measure in MONEY_ANCHORS else 1e4
    return Figure(unit * float(data["regions"][region][measure]), data["evidence"], data["source"])


MONEY_ANCHORS = (
    "revenue", "expenditure", "balance", "resident_revenue", "resident_expenditure", "resident_balance",
)  # fmt: skip


class Statistics:
    """The collected statistics, recalled rows and macro series of one sources folder.

    Regions are named as in the files ("China", "Jiangxi" ...). Published rows go before recalled ones.
    """

    def __init__(self, root: Path) -> None:
        self._found: dict[tuple[str, str, str], dict[int, Figure]] = {}
        for name, tag in ((RECALLED, "recalled"), (STATISTICS, "published")):
            for row in read_rows(root / name):
                self._add(row, row.get("scheme") or row.get("topic") or "", tag)
        for row in read_rows(root / MACRO):
            self._add(row, "macro", "published")

    def _add(self, row: Mapping[str, str], scheme: str, tag: str) -> None:
        try:
            year, value = int(row["year"]), float(row["value"])
        except ValueError:  # dated classes such as "2021-04" are no yearly figure
            return
        factor = next((size for unit, size in SCALED if row["unit"].startswith(unit)), 1.0)
        source = f"{scheme} {row['measure']} {year}: {_first_words(row['source'])}"
        self._found.setdefault((scheme, row["region"], row["measure"]), {})[year] = Figure(value * factor, tag, source)

    def get(self, scheme: str, region: str, measure: str, unit: str) -> History:
        """One series; an error names what is missing."""
        found = self._found.get((scheme, region, measure))
        if not found:
            raise BasisError(
                "source_row_absent", where=f"{STATISTICS}, {RECALLED}, {MACRO}", wanted=f"{scheme}, {region}, {measure}"
            )
        return History(found, unit)

    def has(self, scheme: str, region: str, measure: str) -> bool:
        return (scheme, region, measure) in self._found


def _first_words(text: str) -> str:
    """The beginning of a source: enough to find it, short enough for every row."""
    head = text.split(", http")[0].split(" https://")[0]
    return head if len(head) <= 90 else head[:87] + "..."
