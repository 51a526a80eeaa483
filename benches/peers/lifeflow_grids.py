"""The task in lifeflow: grids of points by years, without a loop over the years.

lifeflow has words for decrements (`Inforce`), tables by age (`Hypothesis`) and amounts that are a formula of t and of
the points (`Flow`). It has none for a balance that depends on last year's balance: account and fund are written in
closed form with NumPy on the grids (retirement, which is no exit, is a running product),

    x(t) = x(t-1)·f(t-1) + y(t-1)   ⇔   x(t) = F(t)·(x(0) + Σ_{u<t} y(u)/F(u+1)),   F(t) = Π_{u<t} f(u)
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars
from lifeflow import Flow, Hypothesis, Inforce, Portfolio, Timeline

from benches.peers.task import YEARS, Task


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Put the points into a portfolio."""
    columns = polars.DataFrame({**task.points._asdict(), "last": np.full(len(task.points.age), YEARS - 1)})
    portfolio = Portfolio(columns)
    return lambda: totals(portfolio, task.assumptions)


def totals(portfolio: Any, basis: Any) -> np.ndarray:
    """All grids, then their sums over the points."""
    timeline = Timeline("last")

    def flow(formula: Callable[..., Any]) -> np.ndarray:
        return np.asarray(Flow(formula, timeline).grid(portfolio, include_present=True))

    growth = 1.0 + basis.interest
    columns = {name: column[:, None] for name, column in portfolio.cols.items()}
    deaths = Hypothesis(basis.death_prob, timeline, index_var="age")
    heads = columns["heads"] * Inforce([deaths]).compute_all(portfolio)[0]
    wage = flow(lambda t, wage_index: wage_index * basis.average_wage * (1.0 + basis.wage_growth) ** t)
    at_work = np.cumprod(flow(lambda t, age: 1.0 - basis.retirement_prob[age + t]), axis=1)
    retired = 1.0 - at_work
    service = columns["service"] + before(np.cumsum(at_work, axis=1), 0.0)
    factor = np.cumprod((1.0 - retired / basis.divisor) * growth, axis=1)
    credited = np.cumsum(basis.account_share * wage * at_work * growth / factor, axis=1)
    account = before(factor, 1.0) * (columns["account"] + before(credited, 0.0))
    contribution = basis.contribution_rate * heads * wage * at_work
    pension = heads * retired * (basis.accrual * service * wage + account / basis.divisor)
    interest = growth ** np.arange(1.0, YEARS + 1.0)
    opening = columns["heads"] * columns["account"]
    fund = interest * (opening + np.cumsum((contribution - pension) / interest, axis=1))
    grids = (heads, wage, retired, service, account, contribution, pension, fund)
    return np.array([grid.sum(axis=0) for grid in grids])


def before(running: np.ndarray, start: float) -> np.ndarray:
    """A running sum or product up to, but without, each year."""
    shifted = np.empty_like(running)
    shifted[:, 0], shifted[:, 1:] = start, running[:, :-1]
    return shifted
