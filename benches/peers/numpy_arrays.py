"""The task in NumPy: one array over the points per variable, moved on year by year."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benches.peers.task import VARIABLES, YEARS, Task


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Nothing to prepare: the points are arrays already."""
    return lambda: totals(task)


def totals(task: Task) -> np.ndarray:
    """Sums over the points by variable and year; only one year of the cells is held."""
    points, basis = task
    found = np.empty((len(VARIABLES), YEARS))
    age, heads, account, service = points.age, points.heads, points.account, points.service
    wage, retired = points.wage_index * basis.average_wage, basis.retirement_prob[age]
    fund = heads * account
    for t in range(YEARS):
        if t > 0:
            at_work = 1.0 - retired
            heads = heads * (1.0 - basis.death_prob[age + (t - 1)])
            service = service + at_work
            credited = basis.account_share * wage * at_work
            account = (account * (1.0 - retired / basis.divisor) + credited) * (1.0 + basis.interest)
            wage = wage * (1.0 + basis.wage_growth)
            retired = retired + at_work * basis.retirement_prob[age + t]
        contribution = basis.contribution_rate * heads * wage * (1.0 - retired)
        pension = heads * retired * (basis.accrual * service * wage + account / basis.divisor)
        fund = fund * (1.0 + basis.interest) + contribution - pension
        for place, cells in enumerate((heads, wage, retired, service, account, contribution, pension, fund)):
            found[place, t] = cells.sum()
    return found
