"""Pyramids by birth cohort at a year end: from mid-year groups, by reverse survival."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from simengine.common.errors import BasisError
from simengine.kernels.people.population import (
    count_births,
    enter_births,
    split_births,
    survive_population,
)
from simengine_calibration.people.mortality import AGES

FIRST_YEAR_END = 1992
"""Year end at which the spin-up of every basis opens."""
GROUPS = 20
"""Closed five-year groups, 0-4 to 95-99."""


@dataclass(frozen=True)
class DeathTable:
    """Label death probabilities by calendar year [1; year, sex, age]."""

    first_year: int
    prob: np.ndarray

    def at(self, year: int) -> np.ndarray:
        position = year - self.first_year
        if not 0 <= position < len(self.prob):
            last = self.first_year + len(self.prob) - 1
            raise BasisError("deaths_year_absent", year=year, first=self.first_year, last=last)
        return self.prob[position]

    def scaled(self, factor: Sequence[float] | np.ndarray) -> DeathTable:
        """The table after the force of mortality of each sex is multiplied by its factor."""
        power = np.asarray(factor, dtype=float)[None, :, None]
        return DeathTable(self.first_year, -np.expm1(power * np.log1p(-self.prob)))


# Year-end cohorts from mid-year five-year groups


def cohort_survival(deaths: DeathTable, sex: int, born: int, first: int, last: int) -> dict[int, float]:
    """Share of a cohort alive at each year end `first`..`last`, ages 0-99.

    One stands for the births of the cohort, or for its number at `first` if it was born by then.
    """
    alive = 1.0
    shares = {}
    for year in range(max(first, born), last + 1):
        age = year - born
        if age >= AGES - 1:
            break
        if year > first:
            alive *= 1.0 - deaths.at(year)[sex, age]
        shares[year] = alive
    return shares


def expected_cohorts(
    born: np.ndarray, births: Mapping[int, float], ages_in: np.ndarray, first_mid_year: int
) -> np.ndarray:
    """First guess of cohort sizes: births where known, else a monotone split of the first mid-year's groups."""
    cumulative = PchipInterpolator(np.append(np.arange(0, 5 * GROUPS + 1, 5), 106), np.append(0.0, np.cumsum(ages_in)))
    guess = np.empty(len(born))
    for i, year in enumerate(born):
        upper = first_mid_year + 0.5 - year
        guess[i] = births.get(int(year)) or float(cumulative(upper) - cumulative(upper - 1.0))
    return guess


def fit_cohorts(
    counts: Mapping[int, np.ndarray],
    births: Mapping[int, float],
    deaths: DeathTable,
    sex: int,
    year_end: int,
    mid_years: range,
    roughness: float = 1e-4,
    half_life: float = 1.0,
) -> tuple[np.ndarray, float]:
    """Numbers by single age at one year end, and at age 99 one year before, from mid-year groups of several years.

    A published mid-year group is the mean of the two year ends around it, so over the years a group is a window
    sliding over the birth cohorts. Cohorts = guess x ratio; the ratios solve a least-squares problem in which the
    groups are met with weights that halve with each year's distance and the second difference of the ratio is
    small. The jump of the births (the small cohorts of 1959-61) thus stays a jump; ages are never averaged.

    Parameters
    ----------
    counts : population on 1 July by year [persons; sex, group]
    births : births of this sex by calendar year, as far back as known [persons]
    mid_years : years of the groups used
    roughness : weight of the squared second differences against the squared relative group errors
    half_life : years of distance at which a group counts half
    """
    first, last = mid_years[0] - 1, mid_years[-1]
    born = np.arange(first - (AGES - 2), last + 1)
    guess = expected_cohorts(born, births, counts[mid_years[0]][sex], mid_years[0])
    alive = [cohort_survival(deaths, sex, int(year), first, last) for year in born]
    equations, targets = [], []
    for year in mid_years:
        weight = 0.5 ** (abs(year - 0.5 - year_end) / half_life)
        for group in range(GROUPS):
            row = np.zeros(len(born))
            for end in (year - 1, year):
                for age in range(5 * group, 5 * group + 5):
                    i = end - age - born[0]
                    row[i] += 0.5 * guess[i] * alive[i].get(end, 0.0)
            equations.append(weight * row / counts[year][sex, group])
            targets.append(weight)
    known = np.array([int(year) in births for year in born])
    for i in range(1, len(born) - 1):
        if known[i - 1] == known[i + 1]:  # the guess changes its kind where births become known
            row = np.zeros(len(born))
            row[i - 1 : i + 2] = np.sqrt(roughness) * np.array([1.0, -2.0, 1.0])
            equations.append(row)
            targets.append(0.0)
    ratio = np.linalg.lstsq(np.array(equations), np.array(targets), rcond=None)[0]
    size = guess * ratio

    def number_at(end: int, age: int) -> float:
        i = end - age - born[0]
        return float(size[i] * alive[i][end])

    return np.array([number_at(year_end, age) for age in range(AGES - 1)]), number_at(year_end - 1, AGES - 2)


def year_end_pyramid(
    counts: Mapping[int, np.ndarray],
    births: Mapping[int, np.ndarray],
    deaths: DeathTable,
    year_end: int,
    mid_years: range,
) -> np.ndarray:
    """National pyramid at a year end by single age [persons; sex, age].

    The open cell X solves: its mean with the year before equals the published mid-year 100+, and
    X = (those of 99 a year ago + the open cell a year ago) x (1 - q).
    """
    pyramid = np.empty((2, AGES))
    for sex in range(2):
        of_sex = {year: float(value[sex]) for year, value in births.items()}
        closed, reaching = fit_cohorts(counts, of_sex, deaths, sex, year_end, mid_years)
        keep = 1.0 - deaths.at(year_end)[sex, -1]
        before = (2.0 * counts[year_end][sex, -1] - reaching * keep) / (1.0 + keep)
        pyramid[sex, :-1] = closed
        pyramid[sex, -1] = (reaching + max(before, 0.0)) * keep
    return pyramid


# Margins of a census


@dataclass(frozen=True)
class Margins:
    """Census totals of a region on the census day."""

    by_group: np.ndarray
    """Both sexes by broad age 0-14, 15-59, 60-64, 65+ [persons]."""
    by_sex: np.ndarray
    """Male, female [persons]; same total."""


# Reverse survival and forward runs


def survivors_in_open_cell(old: np.ndarray, first_age: int, deaths: DeathTable, year_end: int) -> np.ndarray:
    """Of those of `first_age` and over at the first year end, those in the open cell at `year_end` [persons; sex]."""
    people = np.where(np.arange(AGES) >= first_age, old, 0.0)
    none, closing = np.zeros((2, AGES)), np.empty((2, AGES))
    for year in range(FIRST_YEAR_END + 1, year_end + 1):
        survive_population(people, deaths.at(year), none, closing)
        people, closing = closing, people
    return people[:, -1]


def reverse_survive(
    pyramid: np.ndarray, year_end: int, deaths: DeathTable, old_shape: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pyramid of 31 December 1992 and births since, from which a run without migration lands on `pyramid`.

    Cohorts that stand in the open cell at `year_end` cannot be told apart; at the first year end they take the
    shape of `old_shape`, times one factor per sex so that their survivors fill the open cell.

    Returns
    -------
    pyramid of the first year end [persons; sex, age], births [persons; year, sex], factor on the old shape [1; sex]
    """
    opening = np.zeros((2, AGES))
    births = np.zeros((year_end - FIRST_YEAR_END, 2))
    for age in range(AGES - 1):
        born = year_end - age
        people = pyramid[:, age].copy()
        for year in range(year_end, max(FIRST_YEAR_END, born - 1), -1):
            people /= 1.0 - deaths.at(year)[:, year - born]
        if born > FIRST_YEAR_END:
            births[born - FIRST_YEAR_END - 1] = people
        else:
            opening[:, FIRST_YEAR_END - born] = people
    first_old = AGES - 1 - (year_end - FIRST_YEAR_END)
    factor = pyramid[:, -1] / survivors_in_open_cell(old_shape, first_old, deaths, year_end)
    opening[:, first_old:] = old_shape[:, first_old:] * factor[:, None]
    return opening, births, factor


def run_with_births(opening: np.ndarray, births: np.ndarray, deaths: DeathTable) -> dict[int, np.ndarray]:
    """Year-end pyramids from 1992 on with given births [persons; year, sex] and no migration."""
    none = np.zeros((2, AGES))
    pyramids = {FIRST_YEAR_END: opening}
    for i, (boys, girls) in enumerate(births):
        year = FIRST_YEAR_END + 1 + i
        closing = np.empty((2, AGES))
        survive_population(pyramids[year - 1], deaths.at(year), none, closing)
        enter_births(boys, girls, deaths.at(year), none, closing)
        pyramids[year] = closing
    return pyramids


def run_with_fertility(
    opening: np.ndarray,
    year_end: int,
    years: range,
    deaths: DeathTable,
    fertility: Mapping[int, np.ndarray],
    sex_ratio: Mapping[int, float],
    migration: Mapping[int, np.ndarray],
) -> tuple[dict[int, np.ndarray], dict[int, float]]:
    """Year-end pyramids and births of a projection; a year without migrants has none."""
    none = np.zeros((2, AGES))
    pyramids, births = {year_end: opening}, {}
    for year in years:
        prob, migrants = deaths.at(year), migration.get(year, none)
        closing = np.empty((2, AGES))
        survive_population(pyramids[year - 1], prob, migrants, closing)
        births[year] = count_births(pyramids[year - 1], closing, fertility[year], 15)
        boys, girls = split_births(births[year], sex_ratio[year])
        enter_births(boys, girls, prob, migrants, closing)
        pyramids[year] = closing
    return pyramids, births
