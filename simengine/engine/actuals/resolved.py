"""A figure that is known by what it says: its measure, its region, its value in base units."""

from __future__ import annotations

from dataclasses import dataclass

from simengine.basis.actuals import Statement
from simengine.basis.bureau.units import BASE, HEADS, MONTHLY, SHARE, STOCK, YEARLY
from simengine.registry.actuals import Measure
from simengine.registry.inputs import SERIES

KIND_OF_UNIT = {"yuan/month": MONTHLY, "yuan/year": YEARLY, "yuan": STOCK, "person": HEADS}
"""Unit of a series -> kind of figure, by which units as written are read."""


@dataclass(frozen=True)
class Resolved:
    """One figure, known by what it says.

    Attributes
    ----------
    measure : what it measures; of a series without a measure one of that name
    region : key of the region it is of
    value : in base units, as of its year or month
    compared : the run is only held against it
    factor : base units in one unit as written
    """

    statement: Statement
    measure: Measure
    region: str
    value: float
    compared: bool
    factor: float = 1.0

    def said(self, value: float) -> str:
        """A value in base units as the table writes it: 3,690,000 persons are 369 万人."""
        return f"{value / self.factor:,.6g} {self.statement.unit or base_unit(self.measure)}".rstrip()

    @property
    def series(self) -> str:
        """The series that it is; empty for a total and for what is only compared."""
        return self.measure.series[0] if self.measure.series and not self.measure.total else ""


def kind_of(measure: Measure) -> str:
    """Kind of figure, by which units are read; empty where the figure has no unit of a bureau."""
    if measure.kind:
        return measure.kind
    row = SERIES[measure.series[0]]
    return SHARE if row.kind in ("share", "rate") else KIND_OF_UNIT.get(row.unit, "")


def base_unit(measure: Measure) -> str:
    """Unit of the values of a measure."""
    if not measure.series:
        return BASE.get(measure.kind, "")
    return SERIES[measure.series[0]].unit
