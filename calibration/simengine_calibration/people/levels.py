"""Births, deaths and net migration of the years with published counts: what makes the model's equal to them.

Levels are factors on the national rates of the UN: one on births a year, and on the force of mortality a year one from
65 on and one up to 55, between them a straight line by age. They stand in ``vital_levels.csv`` of a basis; what follows
after the last known year is said in its card and done by the engine (`simengine.basis.vital`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.basis.vital import force_by_age
from simengine.common.errors import BasisError
from simengine.kernels.people.population import (
    count_births,
    count_deaths,
    enter_births,
    split_births,
    survive_population,
)
from simengine_calibration.people.basis import Levels, Nation
from simengine_calibration.people.cohorts import DeathTable
from simengine_calibration.people.migration import migrant_shape
from simengine_calibration.people.mortality import AGES
from simengine_calibration.sources.files import Published

ROUNDS = 60
LEVEL_DECIMALS = 6
"""Stored decimals of a level; births and deaths of a nation of 1.4 billion are met within twenty persons."""
OLD_AGE = 65
PATH = (2021, 2026)
"""Years of the UN's rates before and after the epidemic that it has in the years between."""


@dataclass(frozen=True)
class Counts:
    """Published counts of a region by year [persons]; a year without a count is absent."""

    population: Mapping[int, float]
    births: Mapping[int, float]
    deaths: Mapping[int, float]
    old: Mapping[int, float]
    """People of 65 and over at the year end."""

    def last(self) -> int:
        """Last year with any count of events or people."""
        return max((year for known in (self.population, self.births, self.deaths) for year in known), default=0)


def values(
    counts: Mapping[str, Mapping[int, Published]], base_year: int, share: float = 1.0, totals: Mapping[int, float] = {}
) -> Counts:
    """Counts after the base year.

    Parameters
    ----------
    share : part of the births that is the region's own, where they are those of a wider region
    totals : year-end totals beside the published ones
    """
    population, births, deaths, old = (
        {year: figure.value for year, figure in counts[measure].items() if year > base_year}
        for measure in ("population", "births", "deaths", "population_65_plus")
    )
    return Counts(population | dict(totals), {year: share * value for year, value in births.items()}, deaths, old)


@dataclass(frozen=True)
class KnownYears:
    """What was found for the known years of a region."""

    fertility_factor: float
    levels: Levels
    migration: Mapping[int, float]
    """Net migrants of the years up to the last published total [persons/year]."""
    own_births: Sequence[int]
    own_deaths: Sequence[int]


@dataclass
class _Step:
    """One year of a region: opening pyramid, death probabilities without level, rates, migrants."""

    nation: Nation
    deaths: DeathTable

    def year(
        self, year: int, people: np.ndarray, births: float | None, rate: float, young: float, old: float, flow: float
    ) -> tuple[np.ndarray, float, float]:
        """Closing pyramid, births over those of `rate` 1, and deaths.

        Parameters
        ----------
        births : published births; None where `rate` times the national fertility gives them
        """
        prob = np.asarray(-np.expm1(force_by_age(young, old) * np.log1p(-self.deaths.at(year))))
        migrants = flow * migrant_shape()
        closing = np.empty((2, AGES))
        survive_population(people, prob, migrants, closing)
        plain = count_births(people, closing, self.nation.fertility[year], 15)
        born = rate * plain if births is None else births
        boys, girls = split_births(born, self.nation.sex_ratio[year])
        enter_births(boys, girls, prob, migrants, closing)
        by_age = np.empty((2, AGES))
        count_deaths(people, boys, girls, prob, by_age)
        return closing, born / plain, float(by_age.sum())

    def level_of_deaths(
        self, year: int, people: np.ndarray, births: float | None, rate: float, wanted: float, young_over_old: float,
        flow: float,
    ) -> float:  # fmt: skip
        """Level from 65 on at which the deaths are those wanted."""
        level = 1.0
        for _ in range(ROUNDS):
            found = self.year(year, people, births, rate, level * young_over_old, level, flow)[2]
            level *= wanted / found
            if abs(found / wanted - 1.0) < 1e-13:
                return level
        raise BasisError("deaths_level_unmet", year=year, target=f"{wanted:,.0f}")


def national_levels(nation: Nation, pyramid: np.ndarray, base_year: int, counts: Counts) -> KnownYears:
    """Levels of the nation: births and deaths of each year, and one ratio of the young level to the old one.

    The ratio is that at which people of 65 and over in the last known year number what was counted: nearly all of them
    had reached 60 at the census, so that only deaths stand between the two counts. The accounts of the nation leave
    no migration: population changes by births less deaths.
    """
    last = max(counts.old)
    step = _Step(nation, nation.deaths)

    def run(ratio: float) -> tuple[float, Levels]:
        births, old, above = {}, {}, {}
        people = pyramid
        for year in range(base_year + 1, last + 1):
            born = counts.births[year]
            above[year] = above_path(nation.deaths, people, year)
            level = step.level_of_deaths(year, people, born, 1.0, counts.deaths[year], ratio, 0.0)
            people, births[year], _ = step.year(year, people, born, 1.0, level * ratio, level, 0.0)
            old[year] = level
        young = {year: level * ratio for year, level in old.items()}
        return float(people[:, OLD_AGE:].sum()), Levels(births, young, old, above)

    low, high = 0.5, 3.0
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if run(middle)[0] < counts.old[last] else (low, middle)
    _, levels = run(low)
    years = tuple(levels.births)
    return KnownYears(1.0, _rounded(levels), dict.fromkeys(years, 0.0), years, years)


def above_path(deaths: DeathTable, people: np.ndarray, year: int) -> float:
    """Deaths of a year at its rates over those on the path between the years of `PATH`, log-linear, same people [1]."""
    first, last = PATH
    weight = min(max((year - first) / (last - first), 0.0), 1.0)
    path = np.exp((1.0 - weight) * np.log(deaths.at(first)) + weight * np.log(deaths.at(last)))
    found, by_age = [], np.empty((2, AGES))
    for prob in (deaths.at(year), path):
        count_deaths(people, 0.0, 0.0, prob, by_age)
        found.append(float(by_age.sum()))
    return found[0] / found[1]


def regional_levels(
    nation: Nation, pyramid: np.ndarray, base_year: int, deaths: DeathTable, national: Levels, counts: Counts
) -> KnownYears:
    """Levels, fertility factor and net migration of a region with some published counts.

    A year without births takes the nation's level times the region's fertility factor, one without deaths the nation's
    levels times the mean ratio of the region's own to the nation's. Migrants are equal in the years between two totals.
    """
    step = _Step(nation, deaths)
    last = max([counts.last(), *national.births])
    ratio, factor = 1.0, 1.0
    for _ in range(12):
        births, over, flows = _run_region(
            step, pyramid, range(base_year + 1, last + 1), counts, national, ratio, factor
        )
        known = [year for year in over if year in counts.deaths]
        before = ratio, factor
        ratio = float(np.mean([over[year] for year in known])) if known else 1.0
        seen = [year for year in births if year in counts.births]
        if seen:
            model = sum(counts.births[year] / births[year] * national.births.get(year, 1.0) for year in seen)
            factor = sum(counts.births[year] for year in seen) / model
        if abs(ratio / before[0] - 1.0) < 1e-12 and abs(factor / before[1] - 1.0) < 1e-12:
            break
    factor = round(factor, 4)
    own_births = {
        year: births[year] / factor if year in seen else national.births[year] for year in births
        if year in seen or year in national.births
    }  # fmt: skip
    level = {year: over[year] for year in over if year in national.old}
    levels = Levels(
        {year: own_births[year] for year in level},
        {year: share * national.young[year] for year, share in level.items()},
        {year: share * national.old[year] for year, share in level.items()},
        national.above,
    )
    return KnownYears(factor, _rounded(levels), flows, seen, known)


def _run_region(
    step: _Step,
    pyramid: np.ndarray,
    years: range,
    counts: Counts,
    national: Levels,
    ratio: float,
    factor: float,
) -> tuple[dict[int, float], dict[int, float], dict[int, float]]:
    """Births over those of national fertility, level of deaths over the nation's, and net migrants, by year."""
    births: dict[int, float] = {}
    over: dict[int, float] = {}
    flows: dict[int, float] = {}

    def run(people: np.ndarray, span: range, flow: float) -> np.ndarray:
        for year in span:
            born, rate = counts.births.get(year), factor * national.births.get(year, 1.0)
            young, old = national.young.get(year, 1.0), national.old.get(year, 1.0)
            share = ratio if year in national.old else 1.0
            if year in counts.deaths:
                share = step.level_of_deaths(year, people, born, rate, counts.deaths[year], young / old, flow) / old
            people, births[year], _ = step.year(year, people, born, rate, share * young, share * old, flow)
            over[year] = share
        return people

    people, start = pyramid, years[0] - 1
    for end in sorted(counts.population):
        span = range(start + 1, end + 1)
        flow, unit = 0.0, 1000.0
        for _ in range(4):
            here = float(run(people, span, flow).sum())
            slope = (float(run(people, span, flow + unit).sum()) - here) / unit
            flow += (counts.population[end] - here) / slope
        people = run(people, span, flow)
        flows |= dict.fromkeys(span, flow)
        start = end
    run(people, range(start + 1, years[-1] + 1), 0.0)
    return births, over, flows


def _rounded(levels: Levels) -> Levels:
    """Levels as they are stored."""
    births, young, old, above = (
        {year: round(level, LEVEL_DECIMALS) for year, level in known.items()}
        for known in (levels.births, levels.young, levels.old, levels.above)
    )
    return Levels(births, young, old, above)
