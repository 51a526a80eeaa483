"""What a parameter vector makes of the free run: values over the basis, the measured series, the residuals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.bureau import Bureau
from simengine.basis.overlay import Values, overlay
from simengine.common.errors import BasisError, ModelError
from simengine.common.messages import near
from simengine.engine.label import label_history
from simengine.engine.project import spin_up
from simengine.judge.checks.free_run import RATIOS, RECALLED, SERIES, Reference, by_year, references
from simengine.law import LawTree
from simengine_calibration.fitting.bureau import FittedTables
from simengine_calibration.fitting.spec import FitSpec, ParameterFile

FITTED = "fitted"
"""Table of a frozen basis that keeps what stood there before a fit."""

Measured = dict[str, dict[int, float]]
"""Series to year to value, in base units."""


@dataclass(frozen=True)
class Observation:
    """One figure the free run is held against: `spread` is the standard deviation of ln(engine / value) [1]."""

    series: str
    year: int
    value: float
    spread: float
    unit: str
    evidence: str
    source: str

    @property
    def recalled(self) -> bool:
        """Whether the figure rests on memory."""
        return self.evidence in RECALLED


def unfitted(basis: Basis) -> Basis:
    """The basis as it stood before the fits of the region that carries its history; a nation's under it stays."""
    return overlay(basis, undo(basis))


def undo(basis: Basis) -> dict[str, Values]:
    """What stood in the bases of the region that carries the history before their frozen fits, by name of the basis."""
    region = basis.spin_up.region
    return {one.name: _before(one) for one in basis.sources() if FITTED in one.tables and one.region == region}


def _before(basis: Basis) -> Values:
    table = basis.tables[FITTED]
    names, kinds, texts = table.text("name"), table.text("kind"), table.text("before")
    series: dict[str, dict[int, float | None]] = {}
    constants: dict[str, float] = {}
    for row, (name, kind, year) in enumerate(zip(names, kinds, table.text("year"), strict=True)):
        if kind == "constant":
            constants[name] = float(texts[row])
        else:
            series.setdefault(name, {})[int(year)] = float(texts[row]) if texts[row] else None
    inherited = {name for name, cells in series.items() if basis.inherits and not any(map(_known, cells.values()))}
    return Values({name: None if name in inherited else cells for name, cells in series.items()}, constants)


def _known(value: float | None) -> bool:
    return value is not None


def carrier(basis: Basis) -> Basis:
    """The basis whose history is run: the spin-up parent of a city or of the first area of a partition, or itself."""
    first = load_basis(basis.partition[0]) if basis.partition else basis
    return first.spin_up


class Model:
    """The free run of one basis as a function of the parameters.

    Parameters
    ----------
    observations : figures to meet; by default those the file names, from the references of the basis
    basis : carrier of the history; by default that of the file, as it stood before any fit
    tables : a bureau's own figures: its levels are put over the carrier, its observations go before the references

    Attributes
    ----------
    tables : the bureau's figures on this carrier, or None
    before : known values of every cell a parameter scales
    """

    def __init__(
        self, spec: FitSpec, law: LawTree, observations: Sequence[Observation] | None = None,
        basis: Basis | None = None, tables: Bureau | FittedTables | None = None,
    ) -> None:  # fmt: skip
        self.spec = spec
        self.law = law
        self.basis = unfitted(carrier(load_basis(spec.content.basis))) if basis is None else basis
        self.tables = FittedTables(tables, self.basis, spec) if isinstance(tables, Bureau) else tables
        if self.tables is not None and basis is None:
            self.basis = self.tables.over(self.basis)
        self.parameters = dict(spec.content.parameters)
        self.names = spec.names
        self.before = {name: self._scaled(name, one) for name, one in self.parameters.items()}
        self.observations = tuple(self._published() if observations is None else observations)
        self.last = max((one.year for one in self.observations), default=spec.until)
        parts = list(self.parameters.values())
        self.mean = np.array([one.prior.mean for one in parts])
        self.sd = np.array([one.prior.sd for one in parts])
        self.low = np.array([one.bounds[0] for one in parts])
        self.high = np.array([one.bounds[1] for one in parts])

    def _scaled(self, name: str, one: ParameterFile) -> dict[str, dict[int, float]]:
        found: dict[str, dict[int, float]] = {}
        owner = self._owner(name, one)
        for series, (first, last) in one.scale.items():
            known = owner.owner(series).own_series[series]
            pairs = zip(known.years.tolist(), known.values.tolist(), strict=True)
            found[series] = {int(year): float(value) for year, value in pairs if first <= year <= last}
            if not found[series]:
                raise BasisError(
                    "fit_scale_empty", where=str(self.spec.file), parameter=name, series=series, first=first, last=last
                )
        return found

    def _owner(self, name: str, one: ParameterFile) -> Basis:
        wanted = one.on or self.basis.name
        found = next((part for part in self.basis.sources() if part.name == wanted), None)
        if found is None:
            known = [part.name for part in self.basis.sources()]
            raise BasisError(
                "fit_on_other_basis",
                where=str(self.spec.file),
                near=near(wanted, known),
                parameter=name,
                wanted=wanted,
                basis=self.basis.name,
                known=", ".join(known),
            )
        return found

    def references(self) -> list[Reference]:
        """Figures the free run can be held against: a bureau's own over those of the basis, where they are its own."""
        known = references(self.basis)
        return known if self.tables is None else self.tables.references(known)

    def _published(self) -> list[Observation]:
        known = self.references()
        if self.tables is not None:
            self.tables.refuse_absent(known)
        found: list[Observation] = []
        for one in self.spec.content.observations:
            years = range(one.years[0], one.years[1] + 1)
            if one.value is not None:
                found += [
                    Observation(one.series, year, one.value, one.spread, "1", "assumption", one.why) for year in years
                ]
                continue
            rows = [item for item in known if item.series == one.series and item.year in years]
            if not rows:
                raise BasisError(
                    "fit_no_reference",
                    where=str(self.spec.file),
                    series=one.series,
                    basis=self.basis.name,
                    first=years[0],
                    last=years[-1],
                )
            found += [_observation(item, one.spread) for item in _one_a_year(rows)]
        return found

    def values(self, x: np.ndarray) -> dict[str, Values]:
        """What a parameter vector puts over the bases, by name of the basis."""
        series: dict[str, dict[str, dict[int, float | None]]] = {}
        constants: dict[str, dict[str, float]] = {}
        for value, (name, one) in zip(x.tolist(), self.parameters.items(), strict=True):
            on = one.on or self.basis.name
            if one.constant:
                constants.setdefault(on, {})[one.constant] = value
            rows = {key: dict(row) for key, row in one.value.items()}
            for key, row in rows.items():
                cells = series.setdefault(on, {}).setdefault(key, {})
                cells |= {int(year): value * factor for year, factor in row.items()}
            for key, known in self.before[name].items():
                cells = series.setdefault(on, {}).setdefault(key, {})
                cells |= {year: value * before for year, before in known.items()}
        return {on: Values(series.get(on, {}), constants.get(on, {}), "computed") for on in {*series, *constants}}

    def measured(self, x: np.ndarray | None, last: int | None = None, names: Collection[str] | None = None) -> Measured:
        """Series of the free run under a parameter vector (None: as it stands), 1993 to `last`; all or `names`."""
        basis = self.basis if x is None else overlay(self.basis, self.values(x))
        run = spin_up(basis, self.law, self.last if last is None else last)
        data = label_history(run, by_age=False).isel(scenario=0, draw=0, region=0)
        every = {**SERIES, **RATIOS}
        found = {name: by_year(data, every[name]) for name in (every if names is None else names)}
        return found if self.tables is None else self.tables.sized(found)

    def gaps(self, measured: Measured) -> np.ndarray:
        """ln(engine / reference) of every observation [1]."""
        found = np.array([measured[one.series][one.year] / one.value for one in self.observations])
        if not (found > 0.0).all():
            one = self.observations[int(np.argmin(found))]
            raise ModelError("fit_not_above_zero", series=one.series, year=one.year)
        return np.asarray(np.log(found))

    @property
    def spreads(self) -> np.ndarray:
        """Standard deviations of the observations [1]."""
        return np.array([one.spread for one in self.observations])

    def residuals(self, x: np.ndarray) -> np.ndarray:
        """Standardised residuals: observations first, then the priors."""
        measured = self.measured(x, names={one.series for one in self.observations})
        return np.concatenate([self.gaps(measured) / self.spreads, (x - self.mean) / self.sd])


def _observation(item: Reference, spread: float) -> Observation:
    return Observation(item.series, item.year, item.value, spread, item.unit, item.evidence, item.source)


def _one_a_year(rows: Sequence[Reference]) -> list[Reference]:
    """One figure a year: what was read somewhere goes before what is recalled."""
    best: dict[int, Reference] = {}
    for row in rows:
        if row.year not in best or best[row.year].evidence in RECALLED:
            best[row.year] = row
    return [best[year] for year in sorted(best)]
