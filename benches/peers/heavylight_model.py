"""The task in heavylight: one method per variable, arrays over the points; two classes that keep or drop past years."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import heavylight
import numpy as np

from benches.peers.task import VARIABLES, YEARS, Task


class Formulas:
    """The variables; `points` and `basis` are set on the instance, heavylight caches each method by t."""

    points: Any
    basis: Any

    def heads(self, t: int) -> Any:
        if t == 0:
            return self.points.heads
        return self.heads(t - 1) * (1.0 - self.basis.death_prob[self.points.age + (t - 1)])

    def wage(self, t: int) -> Any:
        if t == 0:
            return self.points.wage_index * self.basis.average_wage
        return self.wage(t - 1) * (1.0 + self.basis.wage_growth)

    def retired(self, t: int) -> Any:
        hazard = self.basis.retirement_prob[self.points.age + t]
        return hazard if t == 0 else self.retired(t - 1) + self.at_work(t - 1) * hazard

    def at_work(self, t: int) -> Any:
        return 1.0 - self.retired(t)

    def service(self, t: int) -> Any:
        return self.points.service if t == 0 else self.service(t - 1) + self.at_work(t - 1)

    def account(self, t: int) -> Any:
        if t == 0:
            return self.points.account
        paid = self.retired(t - 1) / self.basis.divisor
        credited = self.basis.account_share * self.wage(t - 1) * self.at_work(t - 1)
        return (self.account(t - 1) * (1.0 - paid) + credited) * (1.0 + self.basis.interest)

    def contribution(self, t: int) -> Any:
        return self.basis.contribution_rate * self.heads(t) * self.wage(t) * self.at_work(t)

    def pension(self, t: int) -> Any:
        earned = self.basis.accrual * self.service(t) * self.wage(t)
        return self.heads(t) * self.retired(t) * (earned + self.account(t) / self.basis.divisor)

    def fund(self, t: int) -> Any:
        opening = self.points.heads * self.points.account if t == 0 else self.fund(t - 1)
        return opening * (1.0 + self.basis.interest) + self.contribution(t) - self.pension(t)


class KeptModel(Formulas, heavylight.Model):  # type: ignore[misc]
    """Every variable of every year stays in memory until the model goes."""


class LightModel(Formulas, heavylight.LightModel):  # type: ignore[misc]
    """Sums are kept; after one full run the model knows when an array is no longer needed and drops it."""


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """heavylight.Model: an instance runs once, so each run makes one."""

    def run() -> np.ndarray:
        model = KeptModel(proj_len=YEARS, points=task.points, basis=task.assumptions)
        return np.array([[cells.sum() for cells in getattr(model, name).values] for name in VARIABLES])

    return run


def prepare_light(task: Task) -> Callable[[], np.ndarray]:
    """heavylight.LightModel: the full run that finds what can be dropped is not timed, optimised runs are."""
    model = LightModel()
    model.points, model.basis = task.points, task.assumptions
    model.RunModel(YEARS - 1)

    def run() -> np.ndarray:
        model.RunOptimized()
        return np.array([[model.cache_agg[name][(t,)] for t in range(YEARS)] for name in VARIABLES])

    return run
