"""Frozen assumption tables of one region and opening year, with inheritance, checksums and the origin of every value.

A basis is a folder of tables under ``calibration/bases``. What it lacks it takes from the basis it ``inherits``; a
city, county or area takes its history before the opening from its ``spinup_parent``. Notes: simengine/notes/basis.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.basis.files import IDENTITY, OWN_ONLY, Identity, Table, read_identity, read_tables
from simengine.basis.grids import AGES, at_years, fertility_at, fill, profile
from simengine.basis.paths import Other, Rule, Series, read_rules, run
from simengine.basis.values import Constant, Opening, Origin, read_constants, read_openings, read_series
from simengine.basis.vital import Vital, force_by_age, levels_at
from simengine.common import elementwise, resources
from simengine.common.errors import BasisError
from simengine.common.messages import near
from simengine.registry.axes import PAYER_STATUS, RISK_CLASS, SEX

HEADS = "persons"
"""Unit of head counts: they belong to one region and are never inherited by another."""


@dataclass(frozen=True)
class Basis:
    """One frozen basis.

    Attributes
    ----------
    inherits : basis that fills what this one lacks, or None
    spinup_parent : basis on which the history before the opening runs, or None for its own
    changes : values set in memory over the tables (`simengine.basis.overlay`), for the digest; empty as loaded
    without_actuals : the basis that actuals were entered over (`simengine.basis.actuals`); None where none were
    """

    identity: Identity
    folder: Path
    tables: Mapping[str, Table] = field(repr=False)
    inherits: Basis | None = field(repr=False)
    spinup_parent: Basis | None = field(repr=False)
    changes: str = field(default="", repr=False)
    without_actuals: Basis | None = field(default=None, repr=False)

    # --- who it is --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Name of the basis, such as ``jiangxi-2020``."""
        return self.identity.basis

    @property
    def region(self) -> str:
        """Key of the region."""
        return self.identity.region

    @property
    def base_year(self) -> int:
        """Year at whose end the projection opens."""
        return self.identity.base_year

    @property
    def plain(self) -> Basis:
        """The basis without entered actuals: what history and opening rest on."""
        return self.without_actuals or self

    @property
    def partition(self) -> tuple[str, ...]:
        """Names of the bases whose regions add up to this one; empty for most."""
        return self.identity.partition

    @property
    def title(self) -> dict[str, str]:
        """Name in English and in the local language."""
        return {"en": self.identity.name_en, "local": self.identity.name_local}

    @property
    def spin_up(self) -> Basis:
        """The basis on which the spin-up runs: the parent, or itself."""
        return self.spinup_parent or self

    def chain(self) -> Iterator[Basis]:
        """This basis, then those it inherits from, nearest first."""
        here: Basis | None = self
        while here is not None:
            yield here
            here = here.inherits

    # --- tables -----------------------------------------------------------------------------------------------------

    def find_table(self, name: str) -> Table:
        """A table of this basis or, if it may be inherited, of the nearest basis above that has it."""
        for basis in self.chain():
            if name in basis.tables:
                return basis.tables[name]
            if name in OWN_ONLY:
                break
        known = sorted({table for basis in self.chain() for table in basis.tables})
        code = "basis_table_own" if name in OWN_ONLY else "basis_table"
        raise BasisError(code, where=str(self.folder), near=near(name, known), basis=self.name, name=name)

    def has_table(self, name: str) -> bool:
        """Whether `find_table` would find the table."""
        return any(name in basis.tables for basis in self.chain()) if name not in OWN_ONLY else name in self.tables

    def table(self, name: str) -> np.ndarray:
        """A table as a structured array with one field a column (whole numbers, decimals or text)."""
        return self.find_table(name).array()

    def by_sex_and_age(self, name: str) -> np.ndarray:
        """A table of columns sex, age, value as an array [sex, age 0..100]; missing ages are zero."""
        table = self.find_table(name)
        result = np.zeros((len(SEX), AGES))
        fill(result, table, table.numbers("value"))
        return result

    # --- population -------------------------------------------------------------------------------------------------

    def population(self) -> np.ndarray:
        """Residents at the opening [persons; sex, age]."""
        return self.by_sex_and_age("population")

    def population_1992(self) -> np.ndarray:
        """Residents at the end of 1992 [persons; sex, age]."""
        return self.by_sex_and_age("population_1992")

    def births(self, years: Iterable[int]) -> np.ndarray:
        """Births of the spin-up years [persons/year; year, sex]."""
        wanted = _years(years)
        table = self.find_table("births")
        known = {
            (sex, int(year)): value
            for sex, year, value in zip(table.text("sex"), table.integers("year"), table.numbers("value"), strict=True)
        }
        missing = [year for year in wanted if ("male", int(year)) not in known]
        if missing:
            raise BasisError("basis_births", where=str(table.path), year=missing[0])
        return np.array([[known[sex, int(year)] for sex in SEX] for year in wanted])

    def knots(self, name: str, years: Iterable[int], log: bool = False) -> np.ndarray:
        """A wide table of columns sex, age and knot years at every year asked for [year, sex, age 0..100].

        Linear between knots, or log-linear; held after the last knot. Before the first knot a flow is zero and a
        rate is an error.
        """
        return at_years(self.find_table(name), _years(years), log, flows=name.startswith("net_migration"))

    def vital_levels(self, years: Iterable[int], known_until: int | None = None) -> Vital:
        """Levels of births and deaths over the rates of the tables, by what is known; one where none are stated [t]."""
        if not self.has_table("vital_levels"):
            return Vital.neutral(_years(years).size)
        return levels_at(self.find_table("vital_levels"), _years(years), known_until)

    def death_prob(self, years: Iterable[int], known_until: int | None = None) -> np.ndarray:
        """Probability that a person who would reach the age by the end of the year dies in it [year, sex, age].

        National table, log-linear between knots, with the region's factor on the force of mortality of each sex and
        the levels of the years whose deaths are known (`vital_levels`).
        """
        prob = self.knots("death_prob", years, log=True)
        factor = self.find_table("mortality_factor")
        by_sex = dict(zip(factor.text("sex"), factor.numbers("value"), strict=True))
        level = self.vital_levels(years, known_until)
        power = np.array([by_sex[sex] for sex in SEX])[None, :, None] * force_by_age(level.young, level.old)[:, None, :]
        return np.asarray(-elementwise.expm1(power * elementwise.log1p(-prob)))

    def fertility(self, years: Iterable[int], known_until: int | None = None) -> np.ndarray:
        """Births per woman-year [year, age 0..100], with the region's factor and the levels of known births.

        Where no year after the opening is known, the factor is the one that could be stated then.
        """
        rates = fertility_at(self.find_table("fertility"), _years(years))
        factor = self.constant("fertility_factor")
        if self._planned(known_until):
            factor *= self._planned_fertility()
        return np.asarray(rates * (factor * self.vital_levels(years, known_until).births)[:, None])

    def _planned(self, known_until: int | None) -> bool:
        """Whether nothing after the opening is known."""
        return known_until is not None and known_until <= self.base_year

    def _planned_fertility(self) -> float:
        """The fertility factor that could be stated at the opening, over that of today; one where none is stated."""
        for basis in self.chain():
            table = basis.tables.get("fertility_factor")
            if table is not None:
                rows = dict(zip(table.text("name"), table.numbers("value"), strict=True))
                return float(rows.get("as_planned", rows["fertility_factor"]) / rows["fertility_factor"])
        return 1.0

    def net_migration(self, years: Iterable[int], known_until: int | None = None) -> np.ndarray:
        """Net migrants [persons/year; year, sex, age]; what was expected at the opening if nothing later is known."""
        name = (
            "net_migration_as_planned"
            if self._planned(known_until) and self.has_table("net_migration_as_planned")
            else "net_migration"
        )
        return self.knots(name, years)

    # --- profiles ---------------------------------------------------------------------------------------------------

    def shape(self, kind: str, status: str = "all") -> np.ndarray:
        """One age profile of age_shapes.csv [sex, age 0..100]; ages without a row are zero."""
        return profile(self.find_table("age_shapes"), kind, status)

    def wage_profile(self) -> np.ndarray:
        """Relative contribution wage [payer status, sex, age 0..100]; ages outside 16..79 are zero."""
        table = self.find_table("wage_profile")
        result = np.zeros((len(PAYER_STATUS), len(SEX), AGES))
        statuses, values = table.text("status"), table.numbers("value")
        for position, status in enumerate(PAYER_STATUS):
            fill(result[position], table, values, [row for row in range(len(table)) if statuses[row] == status])
        return result

    def injury_classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Mix [1] and incidence [cases per insured-year] of the eight risk classes."""
        table = self.find_table("injury_classes")
        if tuple(table.integers("risk_class")) != RISK_CLASS:
            raise BasisError("basis_risk_classes", where=str(table.path))
        mix = table.numbers("mix")
        if abs(mix.sum() - 1.0) > 1e-6:
            raise BasisError("basis_mix", where=str(table.path), value=f"{mix.sum():.6f}")
        return mix, table.numbers("incidence") / 1000.0

    # --- series -----------------------------------------------------------------------------------------------------

    @cached_property
    def own_series(self) -> dict[str, Series]:
        """Series of this basis's own paths.csv."""
        return read_series(self.tables["paths"]) if "paths" in self.tables else {}

    @cached_property
    def own_rules(self) -> dict[str, Rule]:
        """Rules of this basis's own paths.yaml."""
        table = self.tables.get("paths")
        if table is None or "series" not in table.card or not table.card["series"]:
            return {}
        return read_rules(table.card["series"], str(table.path.with_suffix(".yaml")))

    def series_names(self) -> tuple[str, ...]:
        """All series this basis can give, sorted."""
        return tuple(sorted({name for basis in self.chain() for name in basis.own_series}))

    def rule(self, series: str) -> Rule:
        """Rule of a series: the nearest in the chain."""
        for basis in self.chain():
            if series in basis.own_rules:
                return basis.own_rules[series]
        raise BasisError("rule_absent", where=f"{self.folder}/paths.yaml", near=self._near(series), name=series)

    def owner(self, series: str) -> Basis:
        """The nearest basis in the chain whose paths.csv has the series; head counts of another region are refused."""
        for basis in self.chain():
            if series in basis.own_series:
                if basis.own_series[series].unit == HEADS and basis.region != self.region:
                    stated = {"basis": self.name, "name": series, "other": basis.name}
                    raise BasisError("series_of_another", where=f"{self.folder}/paths.csv", **stated)
                return basis
        suggestion = self._near(series)
        raise BasisError("basis_series", where=str(self.folder), near=suggestion, basis=self.name, name=series)

    def _near(self, series: str) -> str:
        return near(series, self.series_names())

    def path(
        self, series: str, years: Iterable[int], known_until: int | None = None, heard: Other | None = None
    ) -> np.ndarray:
        """One series at every year asked for.

        Parameters
        ----------
        years : calendar years, shape (t,)
        known_until : information date; later values are not known, the rule after the last known value takes their
            place (series whose rule has no information date keep all values)
        heard : the series that this one may follow, at calendar years; those of the basis by default
            (`simengine.basis.economy` puts levers in). The ratio to them is that of the last known year in the basis

        Returns
        -------
        values, shape (t,), in the unit of the series. Not a number where the rule says so: the kernel carries on the
        last share. Before the opening a basis with a spin-up parent gives the parent's history.
        """
        wanted = _years(years)
        owner, rule = self.owner(series), self.rule(series)
        result = np.empty(wanted.size)
        parent = owner.spinup_parent
        early = wanted < owner.base_year if parent is not None else np.zeros(wanted.size, dtype=bool)
        if parent is not None and early.any():
            result[early] = parent.path(series, wanted[early], known_until)
        if not early.all():
            known = owner.own_series[series].known_by(known_until if rule.information == "dated" else None)

            def own(name: str, at: np.ndarray) -> np.ndarray:
                return self.path(name, at, known_until)

            result[~early] = run(known, rule, wanted[~early], heard or own, own)
        return result

    def origin(self, series: str, year: int, known_until: int | None = None) -> Origin:
        """Where the value of a series in one year comes from."""
        owner, rule = self.owner(series), self.rule(series)
        if owner.spinup_parent is not None and year < owner.base_year:
            return owner.spinup_parent.origin(series, year, known_until)
        known = owner.own_series[series].known_by(known_until if rule.information == "dated" else None)
        value = float(self.path(series, [year], known_until)[0])
        position = int(np.searchsorted(known.years, year, side="right")) - 1
        where = known.place(max(0, position))
        if position >= 0 and known.years[position] == year:
            return Origin(
                value, known.unit, known.evidence[position], known.source[position], owner.name, where, "value"
            )
        if position < 0:
            return Origin(
                value, known.unit, known.evidence[0], known.source[0], owner.name, where, "before the first value"
            )
        if year < known.years[-1]:
            nearest = known.evidence[position]
            return Origin(
                value,
                known.unit,
                nearest,
                known.source[position],
                owner.name,
                where,
                f"between values ({rule.between})",
            )
        return Origin(value, known.unit, "assumption", rule.reason, owner.name, where, rule.text())

    # --- constants --------------------------------------------------------------------------------------------------

    @cached_property
    def own_constants(self) -> dict[str, Constant]:
        """Constants of this basis's own tables."""
        found = read_constants(self.tables["constants"], self.name) if "constants" in self.tables else {}
        if "fertility_factor" in self.tables:
            table = self.tables["fertility_factor"]
            value = float(table.numbers("value")[0])
            card = table.card
            found["fertility_factor"] = Constant(
                value, "1", str(card["evidence"]), str(card["source"]), value, value, self.name, table.where(0)
            )
        return found

    @cached_property
    def constants(self) -> dict[str, float]:
        """All constants by name, the nearest in the chain each."""
        return {name: self.find_constant(name).value for basis in self.chain() for name in basis.own_constants}

    def find_constant(self, name: str) -> Constant:
        """One constant with its origin."""
        for basis in self.chain():
            if name in basis.own_constants:
                return basis.own_constants[name]
        known = {known for basis in self.chain() for known in basis.own_constants}
        raise BasisError("constant_unknown", where=str(self.folder), near=near(name, known), name=name, basis=self.name)

    def constant(self, name: str) -> float:
        """Value of one constant."""
        return self.find_constant(name).value

    # --- openings ---------------------------------------------------------------------------------------------------

    @cached_property
    def openings(self) -> dict[str, Opening]:
        """Figures of the opening position by indicator."""
        return read_openings(self.find_table("openings"))

    def opening(self, indicator: str) -> float:
        """Value of one opening figure."""
        if indicator not in self.openings:
            suggestion, file = near(indicator, self.openings), f"{self.folder}/openings.csv"
            raise BasisError("basis_opening", where=file, near=suggestion, basis=self.name, name=indicator)
        return self.openings[indicator].value

    # --- digest -----------------------------------------------------------------------------------------------------

    def sources(self) -> Iterator[Basis]:
        """Every basis this one draws on, itself first, each once."""
        seen: dict[str, Basis] = {}
        queue: list[Basis] = [self]
        while queue:
            here = queue.pop(0)
            if here.name not in seen:
                seen[here.name] = here
                queue += [basis for basis in (here.inherits, here.spinup_parent) if basis is not None]
        yield from seen.values()

    def digest(self) -> str:
        """sha256 over every table and card it draws on; equal digests mean equal assumptions."""
        total = hashlib.sha256()
        for basis in self.sources():
            total.update(f"{basis.name}\n".encode())
            total.update((basis.folder / IDENTITY).read_bytes())
            for name in sorted(basis.tables):
                total.update(f"{name} {basis.tables[name].digest}\n".encode())
            total.update(basis.changes.encode())
        return total.hexdigest()


# --- loading --------------------------------------------------------------------------------------------------------


def basis_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of the bases that can be loaded, sorted."""
    if root is None:
        return tuple(sorted(resources.basis_folders()))
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{IDENTITY}")))


def load_basis(name: str, root: Path | None = None) -> Basis:
    """Load a basis, those it inherits from and its spin-up parent; every table is checked against its card.

    Parameters
    ----------
    name : folder name, such as ``jiangxi-2020``
    root : folder of the bases; by default the one SIMENGINE_BASES names, then the packaged one

    Raises
    ------
    BasisError
        if a basis, table or card is missing, a table was changed, or bases refer to each other in a circle.
    """
    roots = resources.bases_roots() if root is None else (root,)
    return _read_once(name, roots, _stamp(roots))


def _stamp(roots: tuple[Path, ...]) -> tuple[tuple[str, int, int], ...]:
    """Path, time and size of every file of the bases: what has not changed is not read again."""
    found: list[tuple[str, int, int]] = []
    for folder in (entry for root in roots if root.is_dir() for entry in os.scandir(root) if entry.is_dir()):
        states = [(entry.path, entry.stat()) for entry in os.scandir(folder.path) if entry.is_file()]
        found += [(path, state.st_mtime_ns, state.st_size) for path, state in states]
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def _read_once(name: str, roots: tuple[Path, ...], stamp: tuple[tuple[str, int, int], ...]) -> Basis:
    return _load(name, roots, {}, ())


def _load(name: str, roots: tuple[Path, ...], loaded: dict[str, Basis], path: tuple[str, ...]) -> Basis:
    searched = ", ".join(str(root) for root in roots)
    if name in path:
        raise BasisError("basis_circle", where=searched, chain=" -> ".join((*path, name)))
    if name in loaded:
        return loaded[name]
    folder = next((root / name for root in roots if (root / name / IDENTITY).is_file()), None)
    if folder is None:
        known = sorted({known for root in roots for known in basis_names(root)})
        suggestion = near(name, known)
        raise BasisError("basis_unknown", where=searched, near=suggestion, name=name, known=", ".join(known) or "-")
    identity = read_identity(folder)
    here = (*path, name)
    inherits = _load(identity.inherits, roots, loaded, here) if identity.inherits else None
    parent = _load(identity.spinup_parent, roots, loaded, here) if identity.spinup_parent else None
    if parent is not None and parent.base_year != identity.base_year:
        stated: dict[str, Any] = {"year": identity.base_year, "other": parent.base_year}
        raise BasisError("basis_parent_year", where=identity.where, name=name, parent=parent.name, **stated)
    basis = Basis(identity, folder, read_tables(folder), inherits, parent)
    loaded[name] = basis
    return basis


# --- reading --------------------------------------------------------------------------------------------------------


def _years(years: Iterable[int]) -> np.ndarray:
    return np.atleast_1d(np.asarray(list(years) if not isinstance(years, np.ndarray) else years)).astype(np.int64)
