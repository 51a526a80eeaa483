"""Small fits for the tests of the calibration: three parameters of the nation's first years, and a linear model.

A run of the history to 2000 takes a twentieth of a second; figures are made by the engine itself from parameters that
are known, so that a fit has something to find.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.law import LawTree, load_law
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.solve import Solution
from simengine_calibration.fitting.spec import FitSpec, read_fit

HEAD = """\
name: {en: Tiny, local: 小例}
basis: china-2020
description: three parameters of the first years
borrowed: everything else
"""
PARAMETERS = """\
parameters:
  award:
    label: {en: level of new awards, local: 新计发水平}
    value: {award_factor: {1998: 1, 2004: 1}}
    prior: {mean: 1.1, sd: 0.2}
    bounds: [0.5, 2.5]
    evidence: assumption
    source: by hand
  base:
    label: {en: contribution base, local: 缴费基数水平}
    scale: {compliance_enterprise: [1995, 2004]}
    prior: {mean: 1.0, sd: 0.1}
    bounds: [0.6, 1.5]
    evidence: computed
    source: a share of revenue
"""
THIRD = """\
  late:
    label: {en: late entrants, local: 补缴参保}
    scale: {catch_up_entrants: [2000, 2004]}
    prior: {mean: 1.0, sd: 0.3}
    bounds: [0.2, 3.0]
    evidence: assumption
    source: by hand
"""
OBSERVATIONS = """\
observations:
  - {series: expenditure, years: [1996, 2000], spread: 0.015, why: final accounts}
  - {series: revenue, years: [1995, 2000], spread: 0.025, why: final accounts}
  - {series: contributions, years: [2000, 2000], spread: 0.025, why: recalled}
"""
TINY = HEAD + PARAMETERS + OBSERVATIONS
WIDE = HEAD + PARAMETERS + THIRD + OBSERVATIONS
TRUTH = np.array([1.28, 0.93])
"""Known parameters of the tiny fit: nine tenths and seven tenths of a prior standard deviation from the priors."""


@cache
def law() -> LawTree:
    """The packaged law, read once."""
    return load_law()


def spec_of(folder: Path, text: str = TINY, name: str = "tiny") -> FitSpec:
    """A calibration file written and read."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return read_fit(path)


def tiny_model(folder: Path, text: str = TINY) -> Model:
    """The tiny fit to published figures."""
    return Model(spec_of(folder, text), law())


def known_world(model: Model, truth: np.ndarray = TRUTH, spread: float | None = None) -> Model:
    """The same fit to figures the engine makes of known parameters, without noise."""
    measured = model.measured(truth)
    made = [
        dataclasses.replace(one, value=measured[one.series][one.year], spread=spread or one.spread)
        for one in model.observations
    ]
    return Model(model.spec, model.law, made, model.basis)


class Said:
    """What stands for a file, a basis or a law in the key of a run."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.file = Path(text)

    def digest(self) -> str:
        return self.text


class LinearModel:
    """Residuals linear in the parameters, as if an engine had made them: weights and priors are known."""

    def __init__(self, design: np.ndarray, figures: np.ndarray, spread: float = 0.1, text: str = "linear") -> None:
        self.design, self.figures, self.spread = design, figures, spread
        width = design.shape[1]
        self.mean, self.sd = np.ones(width), np.full(width, 0.5)
        self.low, self.high = np.full(width, -1.0), np.full(width, 3.0)
        self.names = tuple(f"p{place}" for place in range(width))
        self.spec, self.basis, self.law = Said(text), Said("basis"), Said("law")
        self.observations = tuple(_figure(place, float(value), spread) for place, value in enumerate(figures))
        self.runs = 0
        self.bend: Callable[[np.ndarray], np.ndarray] = lambda made: made

    def residuals(self, x: np.ndarray) -> np.ndarray:
        self.runs += 1
        gaps = self.bend(self.design @ x) - self.figures
        return np.concatenate([gaps / self.spread, (x - self.mean) / self.sd])


@dataclasses.dataclass(frozen=True)
class _Figure:
    series: str
    year: int
    value: float
    spread: float


def _figure(place: int, value: float, spread: float) -> _Figure:
    return _Figure("made", 2000 + place, value, spread)


def linear_model(text: str = "linear") -> Any:
    """Two parameters seen by four figures."""
    design = np.array([[1.0, 0.0], [1.0, 1.0], [0.5, -1.0], [2.0, 0.3]])
    return LinearModel(design, design @ np.array([1.4, 0.7]) + np.array([0.02, -0.03, 0.01, 0.04]), text=text)


def posterior(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and covariance of a linear model in closed form."""
    weight = np.eye(len(model.figures)) / model.spread**2
    prior = np.diag(1.0 / model.sd**2)
    covariance = np.linalg.inv(model.design.T @ weight @ model.design + prior)
    return covariance @ (model.design.T @ weight @ model.figures + prior @ model.mean), covariance


def at(model: Any, x: np.ndarray, jacobian: np.ndarray) -> Solution:
    """A solution at x with a stated Jacobian."""
    residuals = model.residuals(x)
    return Solution(x, float(0.5 * residuals @ residuals), residuals, jacobian, ())
