"""The common task: cash flows of N model points over 75 years in eight variables, light enough for every tool.

A model point is a group of persons of one age. It carries five numbers into the first year: age x, heads, account
(per head), service (years) and index (own wage over the average wage). There are no transitions between points. In year
t = 0 .. 74 a point has the age x + t, and

    heads         l(t) = l(t-1)·(1 - q(x+t-1))                                  l(0) given     [persons]
    wage          w(t) = w(t-1)·(1 + g)                                         w(0) = index·W [currency/year]
    retired       r(t) = r(t-1) + (1 - r(t-1))·h(x+t)                           r(0) = h(x)    [share]
    service       s(t) = s(t-1) + 1 - r(t-1)                                    s(0) given     [years]
    account       a(t) = (a(t-1)·(1 - r(t-1)/D) + k·w(t-1)·(1 - r(t-1)))·(1+i)  a(0) given     [currency]
    contribution  c(t) = γ·l(t)·w(t)·(1 - r(t))                                                [currency/year]
    pension       b(t) = l(t)·r(t)·(β·s(t)·w(t) + a(t)/D)                                      [currency/year]
    fund          v(t) = v(t-1)·(1+i) + c(t) - b(t)                             v(-1) = l(0)·a(0)  [currency]

with the death probability q and the hazard of retirement h by age (h is 0 below the retirement age and 1 from it on),
wage growth g, average wage W, divisor D [years], share k of the wage credited to the account, interest i, contribution
rate γ and accrual β. All stocks stand at the start of the year, the fund at its end. Wage, retired, service and account
are per head; the fund is that of the point.

The result is the sum of each variable over the points in each year, (8, 75) numbers. Sums of wages per head mean
nothing to a planner; here they tell whether a tool computed the variable. With one point the sums are its cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

VARIABLES = ("heads", "wage", "retired", "service", "account", "contribution", "pension", "fund")
YEARS = 75
YOUNGEST, OLDEST = 20, 75
AGES = OLDEST + YEARS
"""Length of the tables by age: the oldest point in its last year is AGES - 1 years old."""


class Points(NamedTuple):
    """The model points, one number a point."""

    age: np.ndarray
    heads: np.ndarray
    account: np.ndarray
    service: np.ndarray
    wage_index: np.ndarray


class Assumptions(NamedTuple):
    """What all points share."""

    death_prob: np.ndarray
    retirement_prob: np.ndarray
    wage_growth: float
    average_wage: float
    divisor: float
    account_share: float
    interest: float
    contribution_rate: float
    accrual: float


class Task(NamedTuple):
    """One portfolio and its assumptions."""

    points: Points
    assumptions: Assumptions


def sample_assumptions() -> Assumptions:
    """Round numbers, no country's: Gompertz deaths, retirement at 60."""
    age = np.arange(AGES)
    return Assumptions(
        death_prob=np.minimum(1.0, 0.0004 * np.exp(0.09 * (age - YOUNGEST))),
        retirement_prob=np.where(age >= 60, 1.0, 0.0),
        wage_growth=0.03,
        average_wage=60_000.0,
        divisor=139.0 / 12.0,
        account_share=0.08,
        interest=0.025,
        contribution_rate=0.24,
        accrual=0.01,
    )


def sample_task(count: int, seed: int = 7) -> Task:
    """A portfolio of `count` points aged 20 to 75, the same in every run."""
    rng = np.random.default_rng(seed)
    age = rng.integers(YOUNGEST, OLDEST + 1, count)
    service = np.minimum(age - YOUNGEST, 40) * rng.uniform(0.4, 1.0, count)
    wage_index = rng.uniform(0.6, 3.0, count)
    points = Points(
        age=age,
        heads=rng.uniform(1.0, 500.0, count),
        account=service * wage_index * rng.uniform(2_000.0, 5_000.0, count),
        service=service,
        wage_index=wage_index,
    )
    return Task(points, sample_assumptions())


def single_points(task: Task) -> Iterator[Task]:
    """The points of a task, each as a task of its own: the sums over one point are its cells."""
    for place in range(len(task.points.age)):
        yield Task(Points(*(column[place : place + 1] for column in task.points)), task.assumptions)


def plain_totals(task: Task) -> np.ndarray:
    """The reference: the formulas above, one number at a time, in plain Python."""
    totals = [[0.0] * YEARS for _ in VARIABLES]
    assumptions = task.assumptions._replace(
        death_prob=task.assumptions.death_prob.tolist(), retirement_prob=task.assumptions.retirement_prob.tolist()
    )
    for point in zip(*(column.tolist() for column in task.points), strict=True):
        for t, cells in enumerate(plain_point(assumptions, *point)):
            for sums, cell in zip(totals, cells, strict=True):
                sums[t] += cell
    return np.array(totals)


def plain_point(
    basis: Assumptions, age: int, heads: float, account: float, service: float, wage_index: float
) -> Iterator[tuple[float, ...]]:
    """The eight cells of one point, year by year."""
    wage, retired = wage_index * basis.average_wage, basis.retirement_prob[age]
    fund = heads * account
    for t in range(YEARS):
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
        yield heads, wage, retired, service, account, contribution, pension, fund


def relative_gap(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference of two results, each variable in units of its largest year.

    A cell close to zero (the last survivors, a fund that changes sign) is so compared with the size of its variable.
    """
    scale = np.abs(expected).max(axis=1, keepdims=True)
    gap = np.abs(found - expected) / np.where(scale > 0.0, scale, 1.0)
    return float(gap.max()) if np.isfinite(found).all() else float("inf")
