"""A bureau's own tables in a fit: its observations before the references, its levels over the history that is run.

A region with a history of its own takes the levels as they stand. Any other region runs on the history of the basis it
borrows from: its heads and money are brought to the size of that basis by the ratio of their populations, and years
its levels do not tell follow that basis. Whatever is reported is in the region's own size. Rule: notes/bureau.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.bureau import Bureau, Figure
from simengine.basis.bureau.grid import heading_key, read_grids
from simengine.basis.bureau.rows import ABOUT, OBSERVATIONS, row_of
from simengine.basis.bureau.units import FLOW, HEADS, STOCK
from simengine.basis.overlay import Values, overlay
from simengine.basis.paths import Series
from simengine.common import strict_yaml
from simengine.common.errors import BasisError, SimengineError, raise_all
from simengine.common.messages import Language
from simengine.judge.checks.free_run import RATIOS, Reference
from simengine_calibration.fitting.words import say

if TYPE_CHECKING:
    from simengine_calibration.fitting.spec import FitSpec, ObservationFile

ADDITIVE = ("persons", "yuan")
"""Units of what grows with the size of a region."""

POPULATION_GAP = 0.10
"""Largest gap of the population stated to that of the region's existing basis [1]."""

Cell = tuple[float, str, str]
"""Value, evidence and source of one year."""


class TablesProblem(BasisError):
    """What is wrong with tables in a fit: which cell, what, what to do next; said in the words of words.yaml."""

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """Message, nothing, hint."""
        message, hint = (say(f"{part}_{self.code}", lang, **self.values) for part in ("error", "hint"))
        return message, "", hint


class FittedTables:
    """The tables of a bureau on the carrier of a fit.

    Parameters
    ----------
    carrier : basis whose history is run

    Attributes
    ----------
    own : whether the carrier is the region's own history
    size : population of the carrier over that of the region; 1 for the region's own [1]

    Raises
    ------
    BasisError
        everything at which region, base year, basis borrowed from and calibration file disagree, all at once.
    """

    def __init__(self, bureau: Bureau, carrier: Basis, spec: FitSpec) -> None:
        self.bureau = bureau
        self.spec = spec
        self.carrier = carrier
        about = bureau.about
        self.own = carrier.region == about.region
        raise_all(self._own_faults() if self.own else self._parent_faults())
        self.size = 1.0 if self.own else float(carrier.population().sum()) / about.population

    @property
    def basis_name(self) -> str:
        """Name of the basis the tables make."""
        return f"{self.bureau.about.region}-{self.bureau.about.base_year}"

    def about(self, item: str) -> str:
        """Cell of an item of the table ``about``."""
        grid = read_grids(self.bureau.path)[0][ABOUT]
        column = [heading_key(cell) for cell in grid.cells[0]].index("value")
        row = next(place for place, cells in enumerate(grid.cells) if item in cells)
        return grid.where(row, column)

    def _own_faults(self) -> list[SimengineError]:
        about, carrier = self.bureau.about, self.carrier
        faults: list[SimengineError] = []
        if carrier.base_year != about.base_year:
            faults.append(self._year_fault(carrier))
        people = float(carrier.population().sum())
        if not abs(about.population / people - 1.0) <= POPULATION_GAP:
            stated = f"{about.population:z_.0f}"
            values: dict[str, Any] = {"stated": stated, "known": f"{people:z_.0f}", "basis": carrier.name}
            faults.append(TablesProblem("own_population", where=about.population_where, **values))
        return faults

    def _parent_faults(self) -> list[SimengineError]:
        about, carrier = self.bureau.about, self.carrier
        faults: list[SimengineError] = []
        parent = load_basis(about.parent)
        name = self.basis_name
        if name in basis_names() and load_basis(name).spinup_parent is None and not load_basis(name).partition:
            file = str(self.spec.file)
            return [TablesProblem("own_history", where=file, basis=name, named=self.spec.content.basis)]
        if parent.base_year != about.base_year:
            faults.append(self._year_fault(parent))
        if parent.partition or parent.spinup_parent is not None:
            spinup = parent.spin_up.name if not parent.partition else load_basis(parent.partition[0]).spin_up.name
            faults.append(TablesProblem("no_history", where=self.about("parent"), parent=parent.name, spinup=spinup))
        elif parent.name != carrier.name:
            values: dict[str, Any] = {"named": self.spec.content.basis, "carrier": carrier.name, "parent": parent.name}
            faults.append(TablesProblem("other_carrier", where=str(self.spec.file), **values))
        return faults

    def _year_fault(self, basis: Basis) -> TablesProblem:
        about = self.bureau.about
        known = [name for name in basis_names() if name.endswith(f"-{about.base_year}")] or ["-"]
        values: dict[str, Any] = {
            "basis": basis.name,
            "opens": basis.base_year,
            "year": about.base_year,
            "known": ", ".join(known),
        }
        return TablesProblem("base_year", where=self.about("base_year"), **values)

    # --- levels -----------------------------------------------------------------------------------------------------

    def levels(self) -> dict[str, dict[int, Cell]]:
        """Levels on the carrier, by series and year: value in the unit of the series at the carrier's size, evidence,
        source. For a region without a history of its own every year of the carrier's series is told."""
        found: dict[str, dict[int, Cell]] = {}
        for figure in self.bureau.levels:
            known = series_of(self.carrier, figure)
            scaled = figure.unit in ADDITIVE and not self.own
            text = f" x {self.size:z.6g}, population of {self.carrier.name} over the region's" if scaled else ""
            cell = (figure.value * (self.size if scaled else 1.0), figure.evidence, source_of(figure) + text)
            found.setdefault(known.name, {})[figure.year] = cell
        if self.own:
            return found
        return {name: carried(series_of(self.carrier, name), row) for name, row in found.items()}

    def over(self, basis: Basis) -> Basis:
        """The carrier with the levels as known values, each under its evidence."""
        by_tag: dict[str, dict[str, dict[int, float | None]]] = {}
        for name, row in self.levels().items():
            for year, (value, tag, _) in row.items():
                by_tag.setdefault(tag, {}).setdefault(name, {})[year] = value
        for tag, series in sorted(by_tag.items()):
            basis = overlay(basis, {basis.name: Values(series, {}, tag)})
        return basis

    # --- observations -----------------------------------------------------------------------------------------------

    def references(self, known: Sequence[Reference]) -> list[Reference]:
        """The bureau's positive figures, in its own size, and those of the basis it does not give.

        The basis lends none where it is another region's: its heads and money are not those of the bureau.
        """
        own = [
            Reference(one.series, one.year, one.value, one.unit, one.evidence, source_of(one))
            for one in self.bureau.observations
            if one.value > 0.0
        ]
        taken = {(one.series, one.year) for one in own}
        return own + [one for one in known if self.own and (one.series, one.year) not in taken]

    def refuse_absent(self, known: Iterable[Reference]) -> None:
        """Series of the calibration file that nothing is known of, and figures no logarithm can be taken of.

        Raises
        ------
        BasisError
            each at its line or cell, all at once.
        """
        years = {(one.series, one.year) for one in known}
        faults: list[SimengineError] = []
        for one in self.spec.content.observations:
            wanted = range(one.years[0], one.years[1] + 1)
            for figure in self.bureau.observations:
                if figure.series == one.series and figure.year in wanted and figure.value <= 0.0:
                    told: dict[str, Any] = {"series": one.series, "year": figure.year, "value": f"{figure.value:g}"}
                    faults.append(TablesProblem("no_logarithm", where=figure.where, **told))
            if one.series not in RATIOS and not any((one.series, year) in years for year in wanted):
                values: dict[str, Any] = {
                    "series": one.series,
                    "first": wanted[0],
                    "last": wanted[-1],
                    "path": self.bureau.path,
                }
                faults.append(TablesProblem("no_figure", where=self._line(one), basis=self.carrier.name, **values))
        raise_all(faults)

    def _line(self, one: ObservationFile) -> str:
        """File and line of an observation."""
        doc = strict_yaml.load(self.spec.file)
        for place, row in enumerate(doc.data.get("observations", ())):
            if row["series"] == one.series and row["years"][0] == one.years[0]:
                return doc.where("observations", place)
        return str(self.spec.file)

    def sized(self, measured: Mapping[str, dict[int, float]]) -> dict[str, dict[int, float]]:
        """Series of a run of the carrier, heads and money brought to the size of the region."""
        made: dict[str, dict[int, float]] = {}
        for name, row in measured.items():
            asked = row_of(OBSERVATIONS, name)
            grows = asked is not None and asked.kind in (HEADS, FLOW, STOCK)
            made[name] = {year: value / self.size for year, value in row.items()} if grows else dict(row)
        return made


def source_of(figure: Figure) -> str:
    """Source of a figure in words; a bureau may leave that of an assumption empty."""
    return figure.source or "assumption of the bureau, no source stated"


def series_of(basis: Basis, wanted: Figure | str) -> Series:
    """Series of a basis that a level goes into; its unit must be that of the figure."""
    name = wanted if isinstance(wanted, str) else wanted.series
    known = basis.owner(name).own_series[name]
    if isinstance(wanted, Figure) and known.unit != wanted.unit:
        raise BasisError(
            "fit_unit_differs", where=wanted.where, series=name, unit=wanted.unit, basis=basis.name, expected=known.unit
        )
    return known


def carried(known: Series, given: Mapping[int, Cell]) -> dict[int, Cell]:
    """A series at the given years and, at its other years, in the ratio of the given ones to it.

    The ratio runs straight between given years and is held before the first and after the last. Given years at which
    the series is zero lend no ratio.
    """
    years, values = known.years.astype(float), known.values
    at = {year: float(np.interp(year, years, values)) for year in sorted(given)}
    ratios = {year: given[year][0] / value for year, value in at.items() if value > 0.0}
    found = dict(given)
    if ratios:
        for year, value in zip(known.years.tolist(), values.tolist(), strict=True):
            ratio = float(np.interp(year, list(ratios), list(ratios.values())))
            text = f"series borrowed from x {ratio:z.4g}, ratio of the bureau's figures"
            found.setdefault(int(year), (value * ratio, "computed", text))
    return dict(sorted(found.items()))
