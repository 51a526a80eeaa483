"""Mortality, births and migration of one lane: tables of the basis, and what the levers of the scenario make of them.

Rules and a worked example: notes/scenarios.md, section 3. Only years after the opening move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.people import MOTHERS, people_at, people_table
from simengine.common import elementwise
from simengine.common.errors import LeverError
from simengine.common.messages import words
from simengine.engine.compile.book import PathBook
from simengine.registry.axes import SEX
from simengine.scenario.demography import DemographyLever, Fertility, Migration, Mortality
from simengine.scenario.levers import PathChange
from simengine.scenario.scenario import Scenario

MOST_CHILDREN = 8.0
"""Largest total fertility rate that is taken for meant."""

LEAST_FORCE, MOST_FORCE = 0.2, 5.0
"""Bounds on the product of all factors on the force of mortality of a cell."""

FEWEST_MIGRANTS, MOST_MIGRANTS = 1e-5, 0.1
"""Share of the residents that a lever may move in a year: below it a slip of unit, above it not meant."""

PROFILE_YEARS = 80
"""Years after the opening whose migrants of the basis, by sex and age, are the profile of added ones."""

ROUNDING = 1e-9


@dataclass
class People:
    """Tables of one lane: probabilities of dying and net migrants [t, sex, age], births per woman-year [t, 15..49]."""

    death_prob: np.ndarray
    birth_rate: np.ndarray
    migration: np.ndarray


def fill_people(basis: Basis, book: PathBook, scenario: Scenario | None) -> People:
    """The tables of the basis with the demography of the scenario's levers applied.

    Order: whether the published counts are used, tables of levers, held years, factors on the force of mortality,
    fertility, migration. Each step touches what it names and no other bit; factors of one and additions of nothing
    change no bit at all.

    Raises
    ------
    BasisError for a wrong table; LeverError for a result out of bounds, at the line of the lever
    """
    years = book.years
    levers = scenario.settings.demography if scenario is not None else ()
    known = people_known(basis, book, levers)
    people = People(
        basis.death_prob(years, known),
        basis.fertility(years, known)[:, MOTHERS[0] : MOTHERS[1] + 1],
        basis.net_migration(years, known),
    )
    if scenario is None or not levers:
        return people
    change = _Change(basis, load_basis(scenario.basis), scenario.base_year, book, known)
    for lever in levers:
        change.put_tables(people, lever)
    for lever in levers:
        change.hold(people, lever)
    change.scale_force(people, levers)
    for lever in levers:
        if lever.content.fertility is not None:
            change.bear(people, lever, lever.content.fertility)
    for lever in levers:
        if lever.content.migration is not None:
            change.move(people, lever, lever.content.migration)
    return people


def people_known(basis: Basis, book: PathBook, levers: tuple[DemographyLever, ...]) -> int | None:
    """Information date of the people: that of the lane, or the opening where a lever ignores the published counts."""
    ignored = any(lever.content.published_counts == "ignored" for lever in levers)
    return basis.base_year if ignored else book.known_until


def yearly(knots: Mapping[int, float], shape: str, years: np.ndarray, neutral: float) -> np.ndarray:
    """Stated values by year in the shapes of `PathChange`, `neutral` where they do not act [t]."""
    values, acts = PathChange.model_validate({"set": dict(knots), "shape": shape}).profile(years)
    return np.where(acts, values, neutral)


def with_factor(death_prob: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Probabilities of dying after the force of mortality is multiplied by a factor [1; any shape].

        q' = 1 - (1 - q)^c

    A factor of one leaves every bit.

    Examples
    --------
    >>> with_factor(np.array([0.19]), np.array([0.5])).round(12).tolist()
    [0.1]
    """
    moved = -elementwise.expm1(factor * elementwise.log1p(-death_prob))
    return np.where(factor == 1.0, death_prob, moved)


def net_reproduction(birth_rate: np.ndarray, death_prob: np.ndarray, sex_ratio: np.ndarray) -> np.ndarray:
    """Girls that a girl born under the rates of one year would bear [1; t].

        R(t) = Σ f(a, t)·L(a, t)/(1 + r(t)),   L(a, t) = Π (1 - q(women, x, t)),  x = 0..a

    With rates that stay, R = 1 keeps the births of the engine's population constant: mothers of age a are the mean of
    two year ends, and both are L(a) times the girls of a year.

    Parameters
    ----------
    birth_rate : births per woman-year of ages 15..49 [1/year; t, age]
    death_prob : probability of dying by the age that would have been reached [1; t, sex, age]
    sex_ratio : boys per girl at birth [1; t]
    """
    alive = np.cumprod(1.0 - death_prob[:, SEX.index("female")], axis=1)[:, MOTHERS[0] : MOTHERS[1] + 1]
    return np.asarray((birth_rate * alive).sum(axis=1) / (1.0 + sex_ratio))


@dataclass(frozen=True)
class _Change:
    """What the levers of one lane are measured by.

    Attributes
    ----------
    basis, region : of the lane, and of the scenario: a city and its area, else the same
    base_year : year of the opening, which does not move
    known : information date of the people
    """

    basis: Basis
    region: Basis
    base_year: int
    book: PathBook
    known: int | None

    @property
    def years(self) -> np.ndarray:
        return self.book.years

    # --- tables and held years ----------------------------------------------------------------------------------------

    def put_tables(self, people: People, lever: DemographyLever) -> None:
        """Tables of the lever in the place of the basis' from their first year on; a city's migrants are shared."""
        for name, brought in lever.tables.items():
            table = people_table(name, brought.path, brought.raw)
            acts = (self.years > self.base_year) & (self.years >= (brought.first_year or 0))
            if not acts.any():
                continue
            values = people_at(table, self.years[acts])
            if name == "death_prob":
                people.death_prob[acts] = values
            elif name == "fertility":
                people.birth_rate[acts] = values[:, MOTHERS[0] : MOTHERS[1] + 1]
                self._check_fertility(people, lever, "tables", name)
            else:
                moved = np.abs(values).sum(axis=(1, 2))
                self._check_migrants({int(self.years[acts][moved.argmax()]): float(moved.max())}, lever, name)
                people.migration[acts] = values * self._share()

    def hold(self, people: People, lever: DemographyLever) -> None:
        """Rates of a held year in all later years."""
        for one in lever.content.mortality:
            if one.hold is not None:
                self._hold(people.death_prob, one.hold, one.touched())
        if lever.content.fertility is not None and lever.content.fertility.hold is not None:
            self._hold(people.birth_rate, lever.content.fertility.hold, (slice(None),))

    def _hold(self, values: np.ndarray, year: int, cells: tuple[slice, ...]) -> None:
        place = min(year - int(self.years[0]), self.years.size - 1)
        values[(slice(place + 1, None), *cells)] = values[(slice(place, place + 1), *cells)]

    # --- mortality ----------------------------------------------------------------------------------------------------

    def scale_force(self, people: People, levers: tuple[DemographyLever, ...]) -> None:
        """All factors and paces of the levers on the force of mortality."""
        for lever in levers:
            factor = np.ones_like(people.death_prob)
            for one in lever.content.mortality:
                factor[(slice(None), *one.touched())] *= self._force(one)[:, None, None]
            outside = (factor < LEAST_FORCE * (1.0 - ROUNDING)) | (factor > MOST_FORCE * (1.0 + ROUNDING))
            if outside.any():
                t, sex, age = (int(place) for place in np.argwhere(outside)[0])
                raise LeverError(
                    "demography_mortality",
                    where=lever.where("demography", "mortality"),
                    lever=lever.lever,
                    value=f"{factor[t, sex, age]:.4g}",
                    year=int(self.years[t]),
                    low=f"{LEAST_FORCE:g}",
                    high=f"{MOST_FORCE:g}",
                )
            people.death_prob = with_factor(people.death_prob, factor)
            certain = np.argwhere((people.death_prob >= 1.0) & (factor != 1.0))
            if certain.size:
                t, sex, age = (int(place) for place in certain[0])
                cell = words("demography.cell", sex=words(f"demography.{SEX[sex]}"), age=age)
                where = lever.where("demography", "mortality")
                raise LeverError(
                    "demography_certain", where=where, lever=lever.lever, cell=cell, year=int(self.years[t])
                )

    def _force(self, one: Mortality) -> np.ndarray:
        """Factor of one entry on the force of mortality [1; t]: c(t), or the product of 1 - pace(s) up to t."""
        if one.multiply is not None:
            return yearly(one.multiply, one.shape, self.years, 1.0)
        if one.pace is not None:
            return np.cumprod(1.0 - yearly(one.pace, one.shape, self.years, 0.0))
        return np.ones(self.years.size)

    # --- fertility ----------------------------------------------------------------------------------------------------

    def bear(self, people: People, lever: DemographyLever, change: Fertility) -> None:
        """The change of fertility of one lever."""
        total = people.birth_rate.sum(axis=1)
        if change.multiply is not None:
            factor = yearly(change.multiply, change.shape, self.years, 1.0)
        elif change.add is not None:
            added = yearly(change.add, change.shape, self.years, 0.0)
            factor = 1.0 + self._spread(added, total, added != 0.0, lever)
        elif change.set is not None:
            wanted = yearly(change.set, change.shape, self.years, np.nan)
            factor = np.where(np.isnan(wanted), 1.0, self._spread(wanted, total, ~np.isnan(wanted), lever))
        elif change.replacement is not None:
            acts = self.years >= change.replacement
            ratio = net_reproduction(people.birth_rate, people.death_prob, self.book.values["sex_ratio_at_birth"])
            factor = np.where(acts, self._spread(np.ones(total.size), ratio, acts, lever), 1.0)
        else:
            return
        people.birth_rate = np.where((factor == 1.0)[:, None], people.birth_rate, people.birth_rate * factor[:, None])
        self._check_fertility(people, lever, "fertility")

    def _spread(self, level: np.ndarray, own: np.ndarray, acts: np.ndarray, lever: DemographyLever) -> np.ndarray:
        """A level over the region's own, by which its rates are multiplied [1; t]."""
        empty = acts & (own <= 0.0)
        if empty.any():
            where, year = lever.where("demography", "fertility"), int(self.years[empty][0])
            raise LeverError("demography_pattern", where=where, lever=lever.lever, year=year)
        return np.asarray(np.where(acts, level, 0.0) / np.where(acts, own, 1.0))

    def _check_fertility(self, people: People, lever: DemographyLever, *keys: str) -> None:
        total = people.birth_rate.sum(axis=1)
        outside = (people.birth_rate < 0.0).any(axis=1) | (total > MOST_CHILDREN * (1.0 + ROUNDING))
        if outside.any():
            t = int(np.flatnonzero(outside)[0])
            before = float(self.basis.fertility(self.years[t : t + 1], self.known).sum())
            raise LeverError(
                "demography_fertility",
                where=lever.where("demography", *keys),
                lever=lever.lever,
                value=f"{total[t]:.4g}",
                year=int(self.years[t]),
                region=self.basis.region,
                limit=f"{MOST_CHILDREN:g}",
                before=f"{before:.4g}",
            )

    # --- migration ----------------------------------------------------------------------------------------------------

    def move(self, people: People, lever: DemographyLever, change: Migration) -> None:
        """The change of net migration of one lever: the factor, then the added persons."""
        cells = (slice(None), *change.touched())
        if change.multiply is not None:
            factor = yearly(change.multiply, change.shape, self.years, 1.0)[:, None, None]
            people.migration[cells] = np.where(factor == 1.0, people.migration[cells], people.migration[cells] * factor)
        if change.add is not None:
            self._check_migrants(change.add, lever)
            added = yearly(change.add, change.shape, self.years, 0.0) * self._share()
            spread = added[:, None, None] * self._profile(change, lever)
            people.migration = np.where(spread == 0.0, people.migration, people.migration + spread)

    def _share(self) -> float:
        """Part of a city's persons that falls to the lane's area, by residents at the opening [1]."""
        parts = [load_basis(name).population().sum() for name in self.region.partition]
        return float(self.basis.population().sum() / sum(parts)) if parts else 1.0

    def _profile(self, change: Migration, lever: DemographyLever) -> np.ndarray:
        """Shares of added persons by cell, in all areas of a city the same [1; sex, age]; they add up to one."""
        if change.by == "residents":
            people = self.region.population()
        else:
            later = np.arange(self.base_year + 1, self.base_year + 1 + PROFILE_YEARS)
            people = np.abs(self.region.net_migration(later, self.known)).sum(axis=0)
        chosen = np.zeros_like(people)
        chosen[change.touched()] = people[change.touched()]
        if not chosen.sum() > 0.0:
            profile, where = words(f"demography.{change.by}"), lever.where("demography", "migration")
            raise LeverError("demography_profile", where=where, lever=lever.lever, profile=profile)
        return np.asarray(chosen / chosen.sum())

    def _check_migrants(self, moved: Mapping[int, float], lever: DemographyLever, table: str = "") -> None:
        """Persons moved in a year against the residents of the scenario's region."""
        residents = float(self.region.population().sum())
        for year, value in moved.items():
            share = abs(value) / residents
            if value != 0.0 and not FEWEST_MIGRANTS <= share <= MOST_MIGRANTS:
                keys = ("tables", table) if table else ("migration", "add", year)
                raise LeverError(
                    "demography_migrants",
                    where=lever.where("demography", *keys),
                    lever=lever.lever,
                    value=f"{value:,.0f}",
                    year=year,
                    share=f"{share:.2g}",
                    low=f"{FEWEST_MIGRANTS:g}",
                    high=f"{MOST_MIGRANTS:g}",
                    residents=f"{residents:,.0f}",
                )
