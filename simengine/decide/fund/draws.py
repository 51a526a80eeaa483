"""Uncertain returns: draws from counted random numbers, quantiles of the fund ratio, and when a fund is used up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.elementwise import exp
from simengine.decide.fund.roll import Timing, over, roll

if TYPE_CHECKING:
    import pandas as pd

WORDS = 256
"""Random words set aside for each draw, one a year, so that no draw depends on the number of years."""

COUNTED = 4
"""Words that one step of the counter gives."""

SMALLEST = float.fromhex("0x1p-53")
"""Distance of the numbers between 0 and 1 that 53 bits of a word make."""

BLOCK = 4096
"""Draws made at a time."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 100_000
"""Most draws."""

Progress = Callable[[str, int, int], None]


def shocks(seed: int, first: int, count: int, years: int) -> np.ndarray:
    """Standard normal numbers of some draws, (draw, year) [1].

    Word d·256 + t of the Philox stream of the seed is that of draw d and year t, whatever else is drawn; it becomes
    a normal number by the inverse of the distribution function.
    """
    from scipy.special import ndtri

    stream = np.random.Philox(key=seed, counter=first * WORDS // COUNTED)
    words = stream.random_raw(count * WORDS).reshape(count, WORDS)[:, :years]
    return np.asarray(ndtri(((words >> np.uint64(11)) + 0.5) * SMALLEST))


def drawn_returns(returns: np.ndarray, volatility: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Returns of draws [1/year], (year, draw): 1 + R = (1 + i)·exp(σ·Z - σ²/2), whose mean is 1 + i.

    Parameters
    ----------
    returns : i [1/year]; volatility : σ [1]; both by year; normal : Z, (draw, year)
    """
    spread = volatility * normal - 0.5 * volatility * volatility
    return np.asarray(((1.0 + returns) * exp(spread) - 1.0).T)


def simulate(
    opening: float,
    net: np.ndarray,
    outgo: np.ndarray,
    returns: np.ndarray,
    volatility: np.ndarray,
    timing: Timing,
    draws: int,
    seed: int,
    progress: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fund ratios and years to exhaustion of every draw.

    Returns
    -------
    fund ratio (year, draw) [1], minus infinity once a year end before has lain below zero, not a number where nothing
    is paid out; and place of the first year end below zero by draw, 0 for the opening, n + 1 where there is none
    """
    years = len(net)
    ratio, gone = np.empty((years, draws)), np.empty(draws, dtype=np.int64)
    for first, count in _blocks(draws):
        part = slice(first, first + count)
        drawn = drawn_returns(returns, volatility, shocks(seed, first, count, years))
        balance = roll(opening, net[:, None], drawn, timing)
        below = np.maximum.accumulate(balance < 0.0, axis=0)
        ratio[:, part] = np.where(below[:-1], -np.inf, over(balance[:-1], outgo))
        gone[part] = years + 1 - below.sum(axis=0)
        if progress is not None:
            progress("fund_draws", first + count, draws)
    ratio[outgo <= 0.0] = np.nan
    return ratio, gone


def _blocks(draws: int) -> Iterator[tuple[int, int]]:
    for first in range(0, draws, BLOCK):
        yield first, min(BLOCK, draws - first)


def quantile(values: np.ndarray, share: float) -> np.ndarray:
    """Value that at least a share of the draws does not exceed, along the last axis: always that of a draw.

    >>> quantile(np.array([3.0, 1.0, 2.0, 4.0]), 0.5).item()
    2.0
    """
    ordered = np.sort(values, axis=-1)
    place = max(int(np.ceil(share * values.shape[-1] - 1e-9)) - 1, 0)
    return np.asarray(ordered[..., place])


def quantile_table(years: np.ndarray, ratio: np.ndarray, gone: np.ndarray) -> pd.DataFrame:
    """By year: share of the draws that are used up by its end, its standard error, quantiles of the fund ratio.

    A quantile is not a number where that draw has been used up before the year.
    """
    import pandas as pd

    draws = ratio.shape[1]
    used_up = np.array([(gone <= place + 1).mean() for place in range(len(years))])
    table = {
        "year": years,
        "probability_exhausted": used_up,
        "standard_error": np.sqrt(used_up * (1.0 - used_up) / draws),
    }
    for share in QUANTILES:
        found = quantile(ratio, share)
        table[f"fund_ratio_p{round(100 * share):02d}"] = np.where(np.isfinite(found), found, np.nan)
    return pd.DataFrame(table)
