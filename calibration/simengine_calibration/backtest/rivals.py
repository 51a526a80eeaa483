"""Two naive rivals that need no engine: the growth of the last years goes on; or shares of the population stay.

Both start from the published level of the cut-off year and use nothing dated later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from simengine_calibration.backtest.run import Figure

WINDOW = 5
"""Years before the cut-off over which the drift is measured."""

ROLLOUT = 2012
"""First year in which the resident scheme ran everywhere; a drift across the roll-out would be no rival."""

CARRIED_BY: Mapping[str, tuple[str, ...]] = {
    "participants": ("population_16",),
    "members": ("population_16_59",),
    "pensioners": ("population_60",),
    "contributions": ("population_16_59", "wage"),
    "revenue": ("population_16_59", "wage"),
    "expenditure": ("population_60", "wage"),
    "balance": ("population_60", "wage"),
    "enterprise_revenue": ("population_16_59", "wage"),
    "enterprise_expenditure": ("population_60", "wage"),
    "enterprise_balance": ("population_60", "wage"),
    "recorded_accounts": ("population_16_59", "wage"),
    "mean_enterprise_pension": ("wage",),
    "resident_participants": ("population_16",),
    "resident_registered": ("population_16_59",),
    "resident_recipients": ("population_60",),
    "resident_revenue": ("population_16_59", "wage"),
    "resident_expenditure": ("population_60", "wage"),
    "resident_balance": ("population_60", "wage"),
    "unemployment_insured": ("population_16_59",),
    "unemployment_claimants": ("population_16_59",),
    "unemployment_revenue": ("population_16_59", "wage"),
    "unemployment_expenditure": ("population_16_59", "wage"),
    "unemployment_balance": ("population_16_59", "wage"),
    "injury_insured": ("population_16_59",),
    "injury_revenue": ("population_16_59", "wage"),
    "injury_expenditure": ("population_16_59", "wage"),
    "injury_balance": ("population_16_59", "wage"),
}
"""What each series keeps its last ratio to: heads to people, money to people times wage, a balance as its spending."""


def drift(known: Mapping[int, Figure], cutoff: int, years: Iterable[int], first: int = 0) -> dict[int, float]:
    """Random walk with drift in the logarithm: the last level grows as it did over the years before the cut-off.

        x(c+h) = x(c) * exp(h * g),   g = (ln x(c) - ln x(b)) / (c - b),   b the first year known within the window

    Parameters
    ----------
    first : earliest year of the window

    Returns
    -------
    level by year in the unit of the series; empty with less than two years to measure the drift over
    """
    past = [year for year in known if max(first, cutoff - WINDOW) <= year <= cutoff - 2 and known[year].value > 0.0]
    if cutoff not in known or not past:
        return {}
    start, level = min(past), known[cutoff].value
    rate = (math.log(level) - math.log(known[start].value)) / (cutoff - start)
    return {year: level * math.exp(rate * (year - cutoff)) for year in years}


def constant_shares(
    series: str, level: float, cutoff: int, drivers: Mapping[str, Mapping[int, float]], years: Iterable[int]
) -> dict[int, float]:
    """The last ratio to its drivers is kept: x(c+h) = x(c) * product of driver(c+h) / driver(c).

    Parameters
    ----------
    drivers : population and wage as expected at the cut-off, by year from the cut-off on
    """
    names = CARRIED_BY[series]
    return {year: level * math.prod(drivers[name][year] / drivers[name][cutoff] for name in names) for year in years}
