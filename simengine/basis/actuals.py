"""Entered actuals over a basis: known years are replaced, growth goes on from the last one. Notes: notes/actuals.md.

An actual is a value of a series in a year after the opening, with its source. It stands where the basis keeps its own
values, so what follows the series follows it, levers act on top of it, and a run that knows nothing after its
information date does not see it. History and opening are those of the basis without actuals (`Basis.plain`).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.paths import Series
from simengine.common import elementwise
from simengine.registry.actuals import GROWING
from simengine.registry.inputs import SERIES

MADE = ("computed", "assumption")
"""Evidence of values that a rule has made: an entered year moves those after it. Others stand as they are."""


@dataclass(frozen=True)
class Statement:
    """A figure as a bureau writes it: in a table, or in the scenario file.

    Attributes
    ----------
    item : series, row of a plan, or measure of one
    area : key or local name of the region it is of; empty for the region of the scenario
    month : month whose figure it is; None for that of the year
    value : in the unit as written; a unit of None is the base unit of the series
    compared : whether the run is only held against it
    checked : whether the bureau vouches for its size
    where, unit_where, item_where, area_where : cells, or file and line
    origin : name of the table or scenario that states it
    """

    item: str
    area: str
    year: int
    month: int | None
    value: float
    unit: str | None
    evidence: str
    source: str
    compared: bool
    checked: bool
    where: str
    unit_where: str
    item_where: str
    area_where: str
    origin: str

    @property
    def when(self) -> str:
        """Year, or year and month, as it is written."""
        return str(self.year) if self.month is None else f"{self.year}-{self.month:02d}"


@dataclass(frozen=True)
class Actual:
    """One value of a series of one basis, in base units.

    Attributes
    ----------
    where : file and line, or cell, it was entered at
    """

    series: str
    year: int
    value: float
    evidence: str
    source: str
    where: str


def at_year_end(value: float, growth: float, month: int | None) -> float:
    """A month's figure at the end of its year, along the growth of the year: a·g^((12 - m)/12).

    >>> round(at_year_end(100.0, 1.12, 6), 4), at_year_end(100.0, 1.12, 12), at_year_end(100.0, 1.12, None)
    (105.8301, 100.0, 100.0)
    """
    months = 12 - (month or 12)
    return value if not months else value * float(elementwise.exp(months / 12.0 * elementwise.log(growth)))


def with_actuals(basis: Basis, actuals: Sequence[Actual]) -> Basis:
    """A basis in which the entered years are known; the basis itself where nothing is entered.

    Parameters
    ----------
    actuals : of years after the base year; one a series and year

    Raises
    ------
    BasisError for a series that the basis does not have
    """
    if not actuals:
        return basis
    plain = basis.plain
    own = dict(basis.own_series)
    for name in dict.fromkeys(actual.series for actual in actuals):
        entered = sorted((one for one in actuals if one.series == name), key=lambda one: one.year)
        own[name] = _entered(plain, name, entered)
    told = json.dumps([[one.series, one.year, one.value, one.evidence, one.source] for one in actuals])
    changed = dataclasses.replace(basis, changes=basis.changes + told, without_actuals=plain)
    changed.__dict__.update({"own_series": own, "own_constants": basis.own_constants})
    return changed


Row = tuple[float, str, str, int]
"""Value, evidence, source and line of one year."""


def _entered(basis: Basis, name: str, entered: Sequence[Actual]) -> Series:
    """A series with the entered years among its values, and those after them moved as its kind asks."""
    owner = basis.owner(name)
    known = owner.own_series[name]
    rows: dict[int, Row] = {
        int(year): (float(value), tag, source, line)
        for year, value, tag, source, line in zip(
            known.years, known.values, known.evidence, known.source, known.lines, strict=True
        )
    }
    first, last_known = entered[0].year, max(rows)
    opening = basis.base_year
    span = np.arange(min(opening, last_known + 1) - 1, max(entered[-1].year, last_known) + 1)
    plain = dict(zip(span.tolist(), basis.path(name, span).tolist(), strict=True))
    files: dict[int, str] = {}
    for year in (opening - 1, opening, *range(min(last_known + 1, first - 1), first)):  # years that stay what they are
        if year > min(rows) and np.isfinite(plain[year]):
            rows.setdefault(year, (plain[year], "computed", OF_BASIS, known.lines[-1]))
    if SERIES[name].kind in GROWING:
        stands = {year for year, row in rows.items() if row[1] not in MADE and owner.region == basis.region}
        later = {year: value for year, value in plain.items() if year > opening}
        unknown = _grown(rows, later, entered, stands, files)
    else:
        unknown = ()
    for one in entered:
        rows[one.year], files[one.year] = (one.value, one.evidence, one.source, 0), one.where
    years = sorted(rows)
    numbers, tags, sources, lines = zip(*(rows[year] for year in years), strict=True)
    return dataclasses.replace(
        known, years=np.array(years, dtype=known.years.dtype), values=np.array(numbers), evidence=tags, source=sources,
        lines=lines, entered=files, unknown=unknown,
    )  # fmt: skip


def _grown(
    rows: dict[int, Row], plain: dict[int, float], entered: Sequence[Actual], stands: set[int], files: dict[int, str]
) -> tuple[int, ...]:
    """Move the years after an entered one by the growth of the basis, up to the next value that stands; in place.

    `plain`: the series without actuals in the years after the opening.

        v'(t) = a(k)·v(t)/v(k)         k: last entered year up to t

    Returns
    -------
    years before the last entered one that are not known: the engine carries the last share on in them
    """
    by_year = {one.year: one for one in entered}
    unknown: list[int] = []
    at: Actual | None = None
    for year in sorted(plain):
        own = plain[year]
        if year in by_year:
            at = by_year[year]
        elif not np.isfinite(own):
            if year < entered[-1].year:
                unknown.append(year)
        elif year in stands:
            at = None
        elif at is not None and np.isfinite(plain[at.year]) and plain[at.year] != 0.0:
            moved = at.value * (own / plain[at.year])
            rows[year], files[year] = (moved, "computed", f"{OF_GROWTH} {at.year}: {at.source}", 0), at.where
    return tuple(unknown)


OF_BASIS = "value of the basis before the first entered year"
OF_GROWTH = "growth of the basis from the entered year"
