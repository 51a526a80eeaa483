"""Single-age fertility from five-year shares; total fertility of every year is met exactly."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from simengine_calibration.sources.files import FERTILE_GROUP_START, Sources

FIRST_AGE, LAST_AGE = 15, 49
DECIMALS = 7


def single_age_shares(group_shares: np.ndarray) -> np.ndarray:
    """Share of total fertility by completed age 15..49 [1].

    Monotone cubic on the cumulative share at the group borders 10, 15 ... 55, so every group keeps its share;
    births below 15 count at 15 and births from 50 on at 49.
    """
    start = FERTILE_GROUP_START[0]
    borders = np.array([*FERTILE_GROUP_START, FERTILE_GROUP_START[-1] + 5])
    cumulative = PchipInterpolator(borders, np.append(0.0, np.cumsum(group_shares)))
    single = np.diff(cumulative(np.arange(start, borders[-1] + 1)))
    shares = single[FIRST_AGE - start : LAST_AGE + 1 - start].copy()
    shares[0] += single[: FIRST_AGE - start].sum()
    shares[-1] += single[LAST_AGE + 1 - start :].sum()
    return shares


def national_fertility(sources: Sources, years: range) -> dict[int, np.ndarray]:
    """Births per woman-year by completed age 15..49, rounded as stored [1/year; age].

    What rounding takes away is given to the age with the highest rate.
    """
    total, shares = sources.total_fertility(), sources.fertility_shares()
    rates = {}
    for year in years:
        rate = np.round(single_age_shares(shares[year]) * total[year], DECIMALS)
        top = int(rate.argmax())
        rate[top] = round(float(rate[top] + total[year] - rate.sum()), DECIMALS)
        rates[year] = rate
    return rates
