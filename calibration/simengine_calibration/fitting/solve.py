"""Bounded least squares from several starts, resumable: the same kernel at every step (scipy.optimize.least_squares).

A step is kept on the disk as soon as it is accepted; a run that was killed goes on from there. What is kept belongs to
one file, basis, law and version: anything else starts anew.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import norm, qmc

from simengine import __version__
from simengine.common.errors import BasisError, ModelError
from simengine.common.files import file_set
from simengine.kernels.compiler import jit
from simengine_calibration.fitting.model import Model

STEP = 1e-3
"""Difference step of the Jacobian in prior standard deviations: the run is exact to 1e-9, its bounds are not smooth."""
TOLERANCE = 1e-6
CHECKPOINT = "checkpoint.json"

Say = Callable[..., None]
"""Called with a key of words.yaml and its values."""


@dataclass(frozen=True)
class Start:
    """Where one start ended: estimate, half the sum of squares, evaluations, how it ended, and whether it is an end."""

    x: tuple[float, ...]
    cost: float
    evaluations: int
    message: str
    converged: bool


@dataclass(frozen=True)
class Solution:
    """The best of all starts.

    Attributes
    ----------
    jacobian : of the standardised residuals [observation and prior rows, parameter]
    residuals : standardised, observations first
    """

    x: np.ndarray
    cost: float
    residuals: np.ndarray
    jacobian: np.ndarray
    starts: tuple[Start, ...] = field(repr=False)
    converged: bool = True


class Checkpoint:
    """Starts that ended and the last accepted step of the one in hand, on the disk after each step."""

    def __init__(self, path: Path | None, key: str) -> None:
        self.path = path
        self.key = key
        self.ended: dict[int, Start] = {}
        self.at: dict[int, list[float]] = {}
        if path is not None and path.is_file():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept.get("key") == key:
                self.ended = {
                    int(place): Start(**{**one, "x": tuple(one["x"])}) for place, one in kept["ended"].items()
                }
                self.at = {int(place): one for place, one in kept["at"].items()}

    @property
    def resumed(self) -> bool:
        """Whether there is something to go on from."""
        return bool(self.ended or self.at)

    def step(self, place: int, x: np.ndarray) -> None:
        """Keep an accepted step."""
        self.at[place] = x.tolist()
        self._write()

    def end(self, place: int, start: Start) -> None:
        """Keep the end of a start."""
        self.ended[place] = start
        self.at.pop(place, None)
        self._write()

    def _write(self) -> None:
        if self.path is None:
            return
        ended = {place: vars(one) for place, one in self.ended.items()}
        text = json.dumps({"key": self.key, "ended": ended, "at": self.at}, indent=1) + "\n"
        with file_set() as files:
            files.text(self.path, text)
            files.commit()


def run_key(model: Model, more: Mapping[str, Any] | None = None) -> str:
    """What a checkpoint belongs to: file, basis, law, kernels, observations, version."""
    figures = [[one.series, one.year, one.value, one.spread] for one in model.observations]
    inputs = [model.spec.digest(), model.basis.digest(), model.law.digest(), jit.kernel_sources_digest(), __version__]
    return hashlib.sha256(json.dumps([inputs, figures, dict(more or {})], sort_keys=True).encode()).hexdigest()


def refuse_too_many(model: Model) -> None:
    """More parameters than figures cannot be told apart (model.md, section 11)."""
    width, count = len(model.names), len(model.observations)
    if width > count:
        raise BasisError("fit_too_many", where=str(model.spec.file), width=width, count=count)
    if not width:
        raise BasisError("fit_nothing_free", where=str(model.spec.file))


def start_points(model: Model, count: int) -> np.ndarray:
    """Starts [start, parameter]: the prior means, then a Latin hypercube of the priors, inside the bounds."""
    points = [model.mean]
    if count > 1:
        uniform = qmc.LatinHypercube(model.mean.size, rng=7).random(count - 1)
        drawn = norm.ppf(np.clip(uniform, 0.02, 0.98)) * model.sd + model.mean
        points += list(drawn)
    margin = 1e-3 * (model.high - model.low)
    return np.clip(np.array(points), model.low + margin, model.high - margin)


class Differences:
    """Residuals and their Jacobian by forward differences, the columns spread over threads."""

    def __init__(self, model: Model, threads: int) -> None:
        self.model = model
        self.pool = ThreadPoolExecutor(max_workers=threads)
        self.count = 0
        self._lock = threading.Lock()
        self._last: tuple[bytes, np.ndarray] | None = None

    def residuals(self, x: np.ndarray) -> np.ndarray:
        """Residuals at x."""
        with self._lock:
            self.count += 1
        found = self.model.residuals(x)
        self._last = (x.tobytes(), found)
        return found

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Jacobian at x [residual, parameter]; steps turn inward at an upper bound."""
        kept = self._last
        here = kept[1] if kept is not None and kept[0] == x.tobytes() else self.model.residuals(x)
        steps = np.where(x + STEP * self.model.sd > self.model.high, -STEP, STEP) * self.model.sd

        def column(place: int) -> np.ndarray:
            moved = x.copy()
            moved[place] += steps[place]
            return (self.model.residuals(moved) - here) / (moved[place] - x[place])

        with self._lock:
            self.count += x.size
        return np.column_stack(list(self.pool.map(column, range(x.size))))


def solve(
    model: Model,
    starts: int = 4,
    threads: int = 2,
    checkpoint: Path | None = None,
    say: Say | None = None,
    max_steps: int = 30,
) -> Solution:
    """Fit a model.

    Parameters
    ----------
    starts : number of starts; the first is the prior mean
    checkpoint : file in which progress is kept; None keeps none
    say : called after each accepted step with a key of words.yaml and its values
    """
    kept = Checkpoint(checkpoint, run_key(model, {"starts": starts, "steps": max_steps}))
    told = say or (lambda key, **values: None)
    if kept.resumed:
        told("going_on", ended=len(kept.ended), starts=starts)
    work = Differences(model, threads)
    for place, first in enumerate(start_points(model, starts)):
        if place not in kept.ended:
            kept.end(place, _one_start(work, place, starts, first, kept, told, max_steps))
    best = min(kept.ended.values(), key=lambda one: one.cost)
    x = np.array(best.x)
    residuals = work.residuals(x)
    jacobian = work.jacobian(x)
    work.pool.shutdown()
    ended = tuple(kept.ended[place] for place in sorted(kept.ended))
    return Solution(x, best.cost, residuals, jacobian, ended, best.converged)


def _one_start(
    work: Differences, place: int, starts: int, first: np.ndarray, kept: Checkpoint, told: Say, max_steps: int
) -> Start:
    model, begun = work.model, work.count
    step = [0]

    def callback(intermediate_result: Any) -> None:
        step[0] += 1
        kept.step(place, intermediate_result.x)
        rms = float(np.sqrt(2.0 * intermediate_result.cost / max(1, len(model.observations))))
        told("step", place=place + 1, starts=starts, step=step[0], rms=f"{rms:z.3f}")

    found = least_squares(
        work.residuals,
        np.array(kept.at.get(place, first.tolist())),
        jac=work.jacobian,
        bounds=(model.low, model.high),
        x_scale=model.sd,
        xtol=TOLERANCE,
        ftol=TOLERANCE,
        gtol=1e-8,
        max_nfev=max_steps,
        callback=callback,
    )
    spent = work.count - begun
    return Start(tuple(found.x.tolist()), float(found.cost), spent, str(found.message), bool(found.status > 0))


# --- what the data say ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Uncertainty:
    """Laplace approximation at the estimate.

    Attributes
    ----------
    covariance : of the parameters, data and priors together
    shrinkage : 1 - variance after over variance before the data [1]; near 1 the data decide, near 0 the prior does
    singular : singular values of the data's Jacobian, in units of the prior standard deviations
    """

    covariance: np.ndarray
    errors: np.ndarray
    correlation: np.ndarray
    shrinkage: np.ndarray
    singular: np.ndarray

    def decided_by(self, place: int) -> str:
        """Who decides on a parameter: ``data``, ``both`` or ``prior``."""
        share = self.shrinkage[place]
        return "data" if share > 0.9 else "both" if share > 0.5 else "prior"


def uncertainty(model: Model, solution: Solution) -> Uncertainty:
    """Standard errors, correlations and who decides, from the Jacobian at the estimate."""
    count = len(model.observations)
    covariance = np.linalg.inv(solution.jacobian.T @ solution.jacobian)
    errors = np.sqrt(np.diag(covariance))
    singular = np.linalg.svd(solution.jacobian[:count] * model.sd, compute_uv=False)
    return Uncertainty(
        covariance, errors, covariance / np.outer(errors, errors), 1.0 - (errors / model.sd) ** 2, singular
    )


def laplace_centre(x: np.ndarray, residuals: np.ndarray, jacobian: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Where the normal approximation would peak without bounds: the estimate itself unless it lies on one."""
    return np.asarray(x - covariance @ (jacobian.T @ residuals))


def box_draws(
    centre: np.ndarray,
    covariance: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    count: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draws of a normal distribution inside a box [draw, parameter]: drawn anew where they fall outside.

    Raises
    ------
    ModelError
        when less than one draw in ten thousand falls inside
    """
    root = np.linalg.cholesky(covariance)
    found: list[np.ndarray] = []
    for _ in range(10_000):
        drawn = centre + generator.standard_normal((count, centre.size)) @ root.T
        inside = ((drawn >= low) & (drawn <= high)).all(axis=1)
        found += list(drawn[inside])
        if len(found) >= count:
            return np.array(found[:count])
    raise ModelError("fit_draws_outside")


FAR = 3.0
"""Standard errors beyond a bound from which on a parameter is held there."""


def laplace_draws(model: Model, solution: Solution, known: Uncertainty, count: int, seed: int) -> np.ndarray:
    """Draws of the normal approximation inside the bounds [draw, parameter]; the same seed gives the same draws.

    A parameter whose peak lies far beyond a bound is held at the bound, and the others are drawn given that.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    centre = laplace_centre(solution.x, solution.residuals, solution.jacobian, known.covariance)
    far = FAR * known.errors
    free = (centre > model.low - far) & (centre < model.high + far)
    draws = np.tile(solution.x, (count, 1))
    if free.any():
        jacobian = solution.jacobian[:, free]
        covariance = np.linalg.inv(jacobian.T @ jacobian)
        peak = laplace_centre(solution.x[free], solution.residuals, jacobian, covariance)
        draws[:, free] = box_draws(peak, covariance, model.low[free], model.high[free], count, generator)
    return draws
