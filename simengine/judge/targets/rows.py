"""The rows of a target file: printed figures, plan period, source and flags of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simengine.common.errors import TargetError


@dataclass(frozen=True)
class Figure:
    """One printed figure: its text, its decimals, its year and, where a sign is printed, the operator."""

    printed: str
    decimals: int
    year: int
    operator: str | None = None
    operator_printed: str = ""

    @property
    def exact(self) -> Decimal:
        """The number exactly as printed."""
        return Decimal(self.printed)


@dataclass(frozen=True)
class Plan:
    """Plan period: its label and first and last year."""

    period: str
    start: int
    end: int


@dataclass(frozen=True)
class Target:
    """One row of a target file.

    Attributes
    ----------
    name_en, name_local : what the plan calls it
    source : part, file, line and quote of the printed plan, or free text
    area : names and code as printed, apart from the engine's region key
    table, value_kind : annex table and kind of cell, for annual tables
    superseded_by : ids of later official targets that replace this one
    where : file and line of the row
    """

    id: str
    region: str
    record_kind: str
    indicator: str
    unit: str
    where: str
    scheme: str = ""
    fund: str | None = None
    name_en: str = ""
    name_local: str = ""
    base: Figure | None = None
    previous: Figure | None = None
    target: Figure | None = None
    actual: Figure | None = None
    cumulative: bool = False
    attribute: str = ""
    attribute_printed: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    duplicate_of: str | None = None
    restates: str | None = None
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    conflict: str = ""
    remarks: str = ""
    flags: tuple[str, ...] = ()
    plan: Plan | None = None
    document: str = ""
    area: Mapping[str, str] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)
    value_kind: str = ""

    @property
    def year(self) -> int:
        """Year the row speaks of."""
        figure = self.target or self.actual or self.base
        if figure is None:  # refused on reading
            raise TargetError("target_figure", where=self.where, name=self.id)
        return figure.year

    def source_text(self) -> str:
        """File and line of the printed plan, or the free text."""
        if "line" in self.source:
            return f"{self.source.get('file', '')}:{self.source['line']}"
        return str(self.source.get("text", ""))
