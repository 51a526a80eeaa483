"""The task as a kernel of the engine: explicit loops, exact arithmetic, one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benches.peers.task import VARIABLES, YEARS, Task
from simengine.kernels.compiler.jit import kernel


@kernel
def add_point(age: Any, heads: Any, account: Any, service: Any, wage: Any, basis: Any, totals: Any) -> None:
    """Carry one point through all years and add its cells to the totals, [year, variable]."""
    retired = basis.retirement_prob[age]
    fund = heads * account
    for t in range(totals.shape[0]):
        if t > 0:
            at_work = 1.0 - retired
            heads *= 1.0 - basis.death_prob[age + t - 1]
            service += at_work
            credited = basis.account_share * wage * at_work
            account = (account * (1.0 - retired / basis.divisor) + credited) * (1.0 + basis.interest)
            wage *= 1.0 + basis.wage_growth
            retired += at_work * basis.retirement_prob[age + t]
        contribution = basis.contribution_rate * heads * wage * (1.0 - retired)
        pension = heads * retired * (basis.accrual * service * wage + account / basis.divisor)
        fund = fund * (1.0 + basis.interest) + contribution - pension
        totals[t, 0] += heads
        totals[t, 1] += wage
        totals[t, 2] += retired
        totals[t, 3] += service
        totals[t, 4] += account
        totals[t, 5] += contribution
        totals[t, 6] += pension
        totals[t, 7] += fund


@kernel
def add_points(points: Any, basis: Any, totals: Any) -> None:
    """Add all points, one after the other."""
    for j in range(points.age.shape[0]):
        wage = points.wage_index[j] * basis.average_wage
        add_point(points.age[j], points.heads[j], points.account[j], points.service[j], wage, basis, totals)


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """The kernel is compiled by the first call."""

    def run() -> np.ndarray:
        totals = np.zeros((YEARS, len(VARIABLES)))
        add_points(task.points, task.assumptions, totals)
        return totals.T

    return run
