"""The task in cashflower with `array=True`: a variable of one model point is an array over the years.

An array variable may not depend on its own last value, so account and fund are written in closed form as in
`lifeflow_grids`.
"""

# mypy: disable-error-code="import-not-found, untyped-decorator"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cashflower import variable

from benches.peers.cashflower_model import BASIS, main, prepared
from benches.peers.task import VARIABLES, YEARS, Task

GROWTH = 1.0 + BASIS.interest
INTEREST = GROWTH ** np.arange(1.0, YEARS + 1.0)
WAGE = BASIS.average_wage * (1.0 + BASIS.wage_growth) ** np.arange(YEARS)


@variable(array=True)
def heads() -> Any:
    age = int(main.get("age"))
    return main.get("heads") * before(np.cumprod(1.0 - BASIS.death_prob[age : age + YEARS]), 1.0)


@variable(array=True)
def wage() -> Any:
    return main.get("wage_index") * WAGE


@variable(array=True)
def retired() -> Any:
    age = int(main.get("age"))
    return 1.0 - np.cumprod(1.0 - BASIS.retirement_prob[age : age + YEARS])


@variable(array=True)
def service() -> Any:
    return main.get("service") + before(np.cumsum(1.0 - retired()), 0.0)


@variable(array=True)
def account() -> Any:
    factor = np.cumprod((1.0 - retired() / BASIS.divisor) * GROWTH)
    credited = np.cumsum(BASIS.account_share * wage() * (1.0 - retired()) * GROWTH / factor)
    return before(factor, 1.0) * (main.get("account") + before(credited, 0.0))


@variable(array=True)
def contribution() -> Any:
    return BASIS.contribution_rate * heads() * wage() * (1.0 - retired())


@variable(array=True)
def pension() -> Any:
    return heads() * retired() * (BASIS.accrual * service() * wage() + account() / BASIS.divisor)


@variable(array=True)
def fund() -> Any:
    opening = main.get("heads") * main.get("account")
    return INTEREST * (opening + np.cumsum((contribution() - pension()) / INTEREST))


AS_ARRAYS = {name: globals()[name] for name in VARIABLES}


def before(running: np.ndarray, start: float) -> np.ndarray:
    """A running sum or product up to, but without, each year."""
    shifted = np.empty_like(running)
    shifted[0], shifted[1:] = start, running[:-1]
    return shifted


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Variables as arrays over the years."""
    return prepared(task, AS_ARRAYS)
