"""What an entered actual may name: yearly series, and measures of a plan that series say (`actuals.csv`)."""

from __future__ import annotations

from dataclasses import dataclass

from simengine.registry.inputs import LEVEL_SERIES, LEVER_ROWS, PRESSURES, SERIES
from simengine.registry.rows import read_rows

READING = "."
"""Sign between a measure and the reading of its definition, where there is more than one."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a plan that can be entered.

    Attributes
    ----------
    name : indicator, or indicator and reading of its open definition
    kind : kind of the figure, by which units are read (`simengine.basis.bureau.units`)
    series : the series it is; of a total, all that it is made of and that can be entered; none where it is a result
        of the run that figures are only compared with
    rest : of a total, results of the run that belong to it as well; a minus before one that is taken off
    stocks : of a total, the results at year end that each of `series` comes to; a plus between two of one series
    """

    name: str
    kind: str
    series: tuple[str, ...]
    rest: tuple[str, ...]
    stocks: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(name not in SERIES for name in self.series) or len(self.stocks) not in (0, len(self.series)):
            raise ValueError(f"{self.name}: series {' '.join(self.series)} and stocks {' '.join(self.stocks)}")
        if (len(self.series) > 1 or self.rest) and not self.stocks:
            raise ValueError(f"{self.name}: a total names the results that its series come to")

    @property
    def total(self) -> bool:
        """Whether it is made of several series or of results of the run."""
        return bool(self.stocks)


MEASURES = read_rows("actuals.csv", Measure)
"""Measures of plans that can be entered, by name."""

REFUSED = {"law": "law", "previous": "previous", "lever": "lever"}
"""Source of a series that nobody can enter -> why; reasons of single series: `refusal`."""

GROWING = ("amount", "heads", "index")
"""Kinds of series whose growth goes on from an entered value; of the others the path of the basis stands."""


def refusal(series: str) -> str:
    """Why a series takes no actual; empty where it takes one.

    >>> refusal("average_wage"), refusal("employer_rate"), refusal("births_male"), refusal("unemployment_index")
    ('', 'law', 'births', 'index')
    """
    row = SERIES[series]
    if series in PRESSURES:
        return "pressure"
    why = LEVER_ROWS[series].refused if series in LEVER_ROWS else ""
    if why in ("births", "campaign", "index", "reference"):
        return why
    if row.source in ("derived", "region") and row.law:
        return "" if series in STATED_BY_BASIS else "law"
    return REFUSED.get(row.source, "")


STATED_BY_BASIS = (
    "basic_pension", "unemployment_benefit", "stabilisation_share", "settled_pension_years",
    "settled_contribution_years",
)  # fmt: skip
"""Series that rest on the law beyond what the basis publishes: what the basis publishes can be entered."""

ENTERED = tuple(name for name in SERIES if not refusal(name))
"""Series that take an actual where the basis of a region has them."""


def by_month(series: tuple[str, ...]) -> bool:
    """Whether a figure is one of a day, so that a month's may stand for the year end: heads that are counted.

    >>> by_month(("unemployment_insured",)), by_month(("average_wage",))
    (True, False)
    """
    return all(name in LEVEL_SERIES for name in series)
