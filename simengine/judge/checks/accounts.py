"""The unaided account as it is judged: from the last printed balance on (notes/fund.md, section 1).

A run counts the unaided account from its opening, so that by the last printed balance it lacks the aid of the years
between, which has been paid and stands in the print. The judged account begins with the printed balance and goes on
with the flows of the unaided account. Aid is left out of the two funds of the employees' scheme alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simengine.judge.indicators import PENSION_FUND
from simengine.registry.axes import FUND
from simengine.registry.inputs import PATH_NAMES

if TYPE_CHECKING:
    from simengine.engine.project import Lane

AIDED = tuple(FUND.index(fund) for fund in PENSION_FUND)
"""Positions of the funds whose unaided account lacks what budgets and the pool give."""


@dataclass(frozen=True)
class Start:
    """Year end at which the judgement of a fund starts.

    Attributes
    ----------
    year : of the last printed balance, never before the opening
    on : ``printed`` or ``opening``
    source : where the balance is printed, empty for the opening
    balance : the printed balance [yuan], of both employees' funds together; not a number for the opening
    """

    year: int
    on: str
    source: str = ""
    balance: float = math.nan


def returns_of(lane: Lane) -> np.ndarray:
    """Return of each fund's own money in the projected years [1; fund, year]."""
    return np.array([lane.inputs.paths[PATH_NAMES.index(f"return_{fund}"), 1:] for fund in FUND])


def unaided_from_print(
    unaided: np.ndarray, own: np.ndarray, returns: np.ndarray, first: int, starts: Mapping[str, Start]
) -> np.ndarray:
    """The unaided balances with those of the employees' funds counted from the printed balance P of the year end L.

        U*(t) = U(t) + (P_f - U(L))·(1+i)^(t-L),   P_f = V_f(L) + (P - Σ V(L))·|V_f(L)| / Σ |V(L)|,   t >= L

    The printed balance is that of both funds. It is parted as their own accounts V stand, and what these miss of it is
    parted by their size; where both are above zero, P_f = P·V_f / Σ V. Year ends before L, and funds without a printed
    balance, stay as they are.

    Parameters
    ----------
    unaided, own : balances of a run [yuan; fund, year_end]; the own accounts of the baseline, wherever others are moved
    returns : return i of each fund's own money [1; fund, year]
    first : first of the year ends
    starts : where the judgement of each fund starts

    Examples
    --------
    Two years at 10 %, 60 and 40 on the own accounts and 200 printed: the enterprise fund starts at 120.

    >>> funds = np.zeros((len(FUND), 3))
    >>> own, unaided = funds.copy(), funds.copy()
    >>> own[:2, 0], unaided[0] = (60.0, 40.0), (50.0, 45.0, 30.0)
    >>> start = Start(2024, "printed", "", 200.0)
    >>> judged = unaided_from_print(unaided, own, np.full((len(FUND), 2), 0.1), 2024, {PENSION_FUND[0]: start})
    >>> judged[0].round(6).tolist()
    [120.0, 122.0, 114.7]
    """
    judged = np.array(unaided, dtype=np.float64)
    for fund in AIDED:
        start = starts.get(FUND[fund])
        if start is None or math.isnan(start.balance):
            continue
        at = start.year - first
        held = own[list(AIDED), at]
        size = float(np.abs(held).sum())
        part = abs(own[fund, at]) / size if size > 0.0 else 1.0 / len(AIDED)
        missing = own[fund, at] + (start.balance - float(held.sum())) * part - unaided[fund, at]
        growth = np.concatenate([[1.0], np.cumprod(1.0 + returns[fund, at:])])
        judged[fund, at:] += missing * growth
    return judged
