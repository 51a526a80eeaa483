"""Single-age, single-year death probabilities from abridged rates.

Three steps: rates between their dates (log scale, monotone), single ages inside the groups (log scale, monotone,
every group rate met), one scalar a year and sex so that the life table meets the published life expectancy.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from simengine.common.errors import BasisError
from simengine.registry.axes import SEX
from simengine_calibration.sources.files import Sources

AGES = 101
CLOSED_GROUPS = ((1, 5), *((start, start + 5) for start in range(5, 100, 5)))
"""Ages [first, end) of the closed groups above infancy."""
GROUP_CENTRES = np.array([0.5 * (first + end) for first, end in CLOSED_GROUPS])
SIGNIFICANT_DIGITS = 5


def infant_years(rate: float, sex: str) -> float:
    """Mean years lived in the first year by those who die in it, from the infant death rate [years].

    Piecewise linear in the rate; Andreev and Kingkade (2015), Demographic Research 33(13).
    """
    if sex == "male":
        if rate < 0.02300:
            return 0.14929 - 1.99545 * rate
        return 0.02832 + 3.26021 * rate if rate < 0.08307 else 0.29915
    if rate < 0.01724:
        return 0.14903 - 2.05527 * rate
    return 0.04667 + 3.88089 * rate if rate < 0.06891 else 0.31411


def person_years(rates: np.ndarray, sex: str) -> np.ndarray:
    """Person-years lived by a birth in each year of age, 100 = 100 and over [years; age].

    Deaths fall in the middle of a year of age, in infancy earlier; from 100 on the rate is constant.
    """
    lived = np.full(AGES, 0.5)
    lived[0] = infant_years(rates[0], sex)
    dying = rates / (1.0 + (1.0 - lived) * rates)
    alive = np.concatenate(([1.0], np.cumprod(1.0 - dying[:-1])))
    years = alive * (1.0 - (1.0 - lived) * dying)
    years[-1] = alive[-1] / rates[-1]
    return years


def graduate(abridged: np.ndarray, sex: str) -> np.ndarray:
    """Death rates by single age whose group rates are the abridged ones.

    The logarithm is a monotone cubic through one knot per group, moved until each group's deaths over its
    person-years equal the given rate. Infancy and the open group are taken as given; age 1 leans towards infancy
    on a logarithmic age scale, and ages 98 and 99 continue the last slope.

    Parameters
    ----------
    abridged : rates of 0, 1-4, 5-9 ... 95-99, 100+ [1/year]
    sex : for the shape of infancy

    Returns
    -------
    rates of ages 0, 1 ... 99, 100+ [1/year]
    """
    target = np.log(abridged)
    knots = target[1:-1].copy()
    centres = np.arange(1, AGES - 1) + 0.5
    young, old = centres < GROUP_CENTRES[0], centres > GROUP_CENTRES[-1]
    weight = np.log(3.0 / (centres[young] + 0.5)) / np.log(3.0 / 0.6)
    for _ in range(200):
        logs = PchipInterpolator(GROUP_CENTRES, knots)(centres)
        logs[young] = knots[0] + (target[0] - knots[0]) * weight
        logs[old] = knots[-1] + (knots[-1] - knots[-2]) / 5.0 * (centres[old] - GROUP_CENTRES[-1])
        rates = np.exp(np.concatenate((target[:1], logs, target[-1:])))
        years = person_years(rates, sex)
        fitted = [rates[a:b] @ years[a:b] / years[a:b].sum() for a, b in CLOSED_GROUPS]
        gap = target[1:-1] - np.log(fitted)
        if np.abs(gap).max() < 1e-11:
            return rates
        knots += gap
    raise BasisError("single_ages_unsettled", where=sex)


def label_death_prob(years: np.ndarray) -> np.ndarray:
    """Death probability by the age that would have been reached at the end of the calendar year [1; age].

    With person-years L of a birth, births of the year survive it with L(0), those who would reach age a with
    L(a)/L(a-1): half of a cohort's year is lived below the birthday and half above. The open cell holds those who
    reach 100 and those already there, and survives with T(100)/(L(99) + T(100)).
    """
    prob = np.empty(AGES)
    prob[0] = 1.0 - years[0]
    prob[1:-1] = 1.0 - years[1:-1] / years[:-2]
    prob[-1] = 1.0 - years[-1] / (years[-2] + years[-1])
    return prob


def life_expectancy(prob: np.ndarray) -> np.ndarray | float:
    """Life expectancy at birth implied by label death probabilities: the inverse of `label_death_prob` [years].

    Parameters
    ----------
    prob : death probabilities, age on the last axis [1; ..., age]
    """
    closed = np.cumprod(1.0 - prob[..., :-1], axis=-1)
    beyond = closed[..., -1] * (1.0 - prob[..., -1]) / prob[..., -1]
    return closed.sum(axis=-1) + beyond


def rounded(values: np.ndarray, digits: int = SIGNIFICANT_DIGITS) -> np.ndarray:
    """Values as they are stored: so many significant digits."""
    return np.array([float(f"{value:.{digits}g}") for value in values.ravel()]).reshape(values.shape)


def fit_level(abridged: np.ndarray, sex: str, target: float) -> np.ndarray:
    """Single-age rates of one year whose life expectancy is the target; all rates are multiplied by one number."""
    shift = 0.0
    for _ in range(40):
        rates = graduate(abridged * np.exp(shift), sex)
        gap = person_years(rates, sex).sum() - target
        if abs(gap) < 1e-9:
            return rates
        nudged = person_years(graduate(abridged * np.exp(shift + 1e-4), sex), sex).sum() - target
        shift -= gap * 1e-4 / (nudged - gap)
    raise BasisError("deaths_level_absent", where=sex, target=target)


def national_death_prob(sources: Sources, years: range) -> np.ndarray:
    """Death probabilities of the nation, rounded as stored [1; year, sex, age]."""
    published = sources.life_expectancy()
    prob = np.empty((len(years), len(SEX), AGES))
    for s, sex in enumerate(SEX):
        dates, rates = sources.abridged_rates(sex)
        between = PchipInterpolator(dates, np.log(rates), axis=0)
        for i, year in enumerate(years):
            abridged = np.exp(between(min(year + 0.5, dates[-1])))
            prob[i, s] = label_death_prob(person_years(fit_level(abridged, sex, published[year][s]), sex))
    return rounded(prob)


def mortality_factor(prob: np.ndarray, target: float) -> float:
    """Factor on the force of mortality, -ln(1-q), at which a table of one sex has the life expectancy `target`.

    Parameters
    ----------
    prob : national label death probabilities of the reference year [1; age]
    target : life expectancy of the region in that year [years]
    """
    low, high = 0.2, 5.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if life_expectancy(-np.expm1(middle * np.log1p(-prob))) > target:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
