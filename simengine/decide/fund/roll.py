"""The recursion of one fund, for many variants of its flows and returns at once."""

from __future__ import annotations

from typing import Literal

import numpy as np

Timing = Literal["start", "middle", "end"]
TIMINGS: tuple[Timing, ...] = ("start", "middle", "end")
"""When the flows of a year are paid: all on its first day, on average in its middle, all on its last day."""


def growth_of_flows(returns: np.ndarray, timing: Timing) -> np.ndarray:
    """What one yuan of a year's flows is at the end of that year [1]: 1 + i, (1 + i)^½ or 1.

    >>> [float(growth_of_flows(np.array(0.21), timing)) for timing in TIMINGS]
    [1.21, 1.1, 1.0]
    """
    if timing == "end":
        return np.ones_like(returns)
    return 1.0 + returns if timing == "start" else np.sqrt(1.0 + returns)


def roll(opening: float, net: np.ndarray, returns: np.ndarray, timing: Timing) -> np.ndarray:
    """Balances of a fund at every year end, the opening first.

        V(t+1) = V(t)·(1 + i) + N(t)·(1 + i)^h        h = 1, ½, 0 for flows at the start, in the middle, at the end

    Parameters
    ----------
    opening : V(0) [yuan]
    net : N, income without return less outgo [yuan/year], n years first; further axes are variants
    returns : i [1/year], n years first; axes beyond the first as in `net`, or one that is broadcast

    Returns
    -------
    V [yuan], n + 1 year ends first; a balance below zero is debt and bears the return of the year
    """
    net, returns = np.broadcast_arrays(net, returns)
    whole, flow = 1.0 + returns, growth_of_flows(returns, timing)
    balance = np.empty((net.shape[0] + 1, *net.shape[1:]))
    balance[0] = opening
    for year in range(net.shape[0]):
        balance[year + 1] = balance[year] * whole[year] + net[year] * flow[year]
    return balance


def over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotient along the first axis; not a number where the denominator is not above zero."""
    shape = (whole.shape[0], *(1,) * (part.ndim - 1))
    bottom = whole.reshape(shape)
    return np.where(bottom > 0.0, part / np.where(bottom > 0.0, bottom, 1.0), np.nan)
