"""A finished fit: what was found, and what the engine measures before and after it."""

from __future__ import annotations

from dataclasses import dataclass

from simengine_calibration.fitting.model import Measured, Model
from simengine_calibration.fitting.solve import Solution, Uncertainty


@dataclass(frozen=True)
class Fit:
    """A finished fit with what the engine measures before and after it, 1993 to the last reference."""

    model: Model
    solution: Solution
    known: Uncertainty
    before: Measured
    after: Measured


def finish(model: Model, solution: Solution, known: Uncertainty) -> Fit:
    """Run the history once as it stood and once as fitted, to the last year of any reference."""
    last = max([item.year for item in model.references()], default=model.last)
    return Fit(model, solution, known, model.measured(None, last), model.measured(solution.x, last))
