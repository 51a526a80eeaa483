"""The task in modelx: one cells per variable, arrays over the points; runs that keep or clear past years."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import modelx
import numpy as np

from benches.peers.task import VARIABLES, YEARS, Task

FORMULAS = {
    "heads": "lambda t: opening_heads if t == 0 else heads(t - 1) * (1.0 - death_prob[age + (t - 1)])",
    "wage": "lambda t: wage_index * average_wage if t == 0 else wage(t - 1) * (1.0 + wage_growth)",
    "at_work": "lambda t: 1.0 - retired(t)",
    "retired": "lambda t: retirement_prob[age] if t == 0 else "
    "retired(t - 1) + at_work(t - 1) * retirement_prob[age + t]",
    "service": "lambda t: opening_service if t == 0 else service(t - 1) + at_work(t - 1)",
    "credited": "lambda t: account_share * wage(t) * at_work(t)",
    "account": "lambda t: opening_account if t == 0 else "
    "(account(t - 1) * (1.0 - retired(t - 1) / divisor) + credited(t - 1)) * (1.0 + interest)",
    "contribution": "lambda t: contribution_rate * heads(t) * wage(t) * at_work(t)",
    "pension": "lambda t: heads(t) * retired(t) * (accrual * service(t) * wage(t) + account(t) / divisor)",
    "fund": "lambda t: (opening_heads * opening_account if t == 0 else fund(t - 1)) * (1.0 + interest) "
    "+ contribution(t) - pension(t)",
}
"""Formulas of the cells; the names in them are cells and references of the space."""

OPENING = ("heads", "account", "service")
STEP = 400
"""Nodes that are computed before the next clearing: about 22 years of all cells. Smaller steps took longer."""


def space_of(task: Task) -> Any:
    """A model of one space with all cells, and the task as its references."""
    space = modelx.new_model().new_space()
    for name, formula in FORMULAS.items():
        space.new_cells(name, formula=formula)
    for name in VARIABLES:
        space.new_cells(f"total_{name}", formula=f"lambda t: {name}(t).sum()")
    for name, value in {**task.points._asdict(), **task.assumptions._asdict()}.items():
        setattr(space, f"opening_{name}" if name in OPENING else name, value)
    return space


def prepare(task: Task) -> Callable[[], np.ndarray]:
    """Build the model; a run computes all cells and clears them."""
    space = space_of(task)
    cells = [getattr(space, f"total_{name}") for name in VARIABLES]

    def run() -> np.ndarray:
        totals = np.array([[cell(t) for cell in cells] for t in range(YEARS)]).T
        space.clear_all()
        return totals

    return run


def prepare_steps(task: Task) -> Callable[[], np.ndarray]:
    """Build the model and let modelx find out what can be cleared when, not timed; a run follows these actions."""
    space = space_of(task)
    cells = [getattr(space, f"total_{name}") for name in VARIABLES]
    nodes = [cell.node(t) for t in range(YEARS) for cell in cells]
    with warnings.catch_warnings(action="ignore"):
        actions = space.model.generate_actions(nodes, step_size=STEP)

    def run() -> np.ndarray:
        space.model.execute_actions(actions)
        totals = np.array([[cell(t) for t in range(YEARS)] for cell in cells])
        space.clear_all()
        return totals

    return run
