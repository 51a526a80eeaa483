"""Sampling with emcee: the chain lies in a file, a second call goes on with it, draws keep to the bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.common.errors import BasisError, ModelError
from simengine_calibration.fitting.model import Model
from simengine_calibration.fitting.sample import log_posterior, sample, thin
from tests.helpers.tiny_fit import linear_model, posterior, tiny_model

pytest.importorskip("emcee")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def test_log_posterior__half_the_squares_inside_and_nothing_outside() -> None:
    model = linear_model()
    x = np.array([1.2, 0.8])
    assert log_posterior(model, x) == pytest.approx(-0.5 * (model.residuals(x) ** 2).sum())
    assert log_posterior(model, np.array([1.2, 3.1])) == log_posterior(model, np.array([-1.1, 1.0])) == -np.inf

    def fails(x: np.ndarray) -> np.ndarray:
        raise ModelError("a bound of the model")

    model.residuals = fails
    assert log_posterior(model, x) == -np.inf


def test_sample__of_a_linear_model_has_the_closed_form(tmp_path: Path) -> None:
    model = linear_model()
    mean, covariance = posterior(model)
    drawn = sample(model, mean, covariance, 800, tmp_path / "chain.h5")
    assert drawn.shape == (400 * 6, 2)
    errors = np.sqrt(np.diag(covariance))
    assert np.abs((drawn.mean(axis=0) - mean) / errors).max() < 0.25
    assert drawn.std(axis=0) / errors == pytest.approx([1.0, 1.0], abs=0.2)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(covariance[0, 1] / errors.prod(), abs=0.2)


def test_sample__of_the_engine_goes_on_from_its_chain(tiny: Model, tmp_path: Path) -> None:
    covariance = np.diag((0.3 * tiny.sd) ** 2)
    heard: list[tuple[int, int]] = []

    def run(steps: int) -> np.ndarray:
        return sample(tiny, tiny.mean, covariance, steps, tmp_path / "chain.h5", say=lambda *told: heard.append(told))

    short = run(2)
    assert heard == [(1, 2), (2, 2)] and short.shape == (6, 2)
    longer = run(4)
    assert heard[2:] == [(3, 4), (4, 4)] and longer.shape == (12, 2)
    assert (longer >= tiny.low).all() and (longer <= tiny.high).all()
    calls = count(tiny)
    again = run(4)
    assert calls() == 0 and again.tobytes() == longer.tobytes()


def count(model: Any) -> Any:
    """How often the model has been run since."""
    runs = [0]
    whole = model.residuals

    def residuals(x: np.ndarray) -> np.ndarray:
        runs[0] += 1
        return whole(x)

    model.residuals = residuals
    return lambda: runs[0]


def test_sample__draws_keep_to_tight_bounds(tmp_path: Path) -> None:
    model = linear_model()
    mean, covariance = posterior(model)
    model.low, model.high = mean - 0.03, mean + 0.02
    drawn = sample(model, mean, covariance, 60, tmp_path / "chain.h5")
    assert (drawn >= model.low).all() and (drawn <= model.high).all()
    assert np.ptp(drawn, axis=0).min() > 0.0


def test_sample__the_same_seed_gives_the_same_chain_for_any_thread_count(tmp_path: Path) -> None:
    mean, covariance = posterior(linear_model())
    drawn = [
        sample(linear_model(), mean, covariance, 20, tmp_path / f"{threads}.h5", threads=threads) for threads in (1, 2)
    ]
    assert drawn[0].tobytes() == drawn[1].tobytes()


def test_sample__a_chain_gone_on_with_is_the_unbroken_one(tmp_path: Path) -> None:
    mean, covariance = posterior(linear_model())
    whole = sample(linear_model(), mean, covariance, 20, tmp_path / "whole.h5")
    for steps in (3, 11, 20):
        broken = sample(linear_model(), mean, covariance, steps, tmp_path / "broken.h5")
    assert broken.tobytes() == whole.tobytes()


def test_sample__a_chain_of_other_parameters_is_refused(tmp_path: Path) -> None:
    mean, covariance = posterior(linear_model())
    sample(linear_model(), mean, covariance, 2, tmp_path / "chain.h5")
    with pytest.raises(BasisError, match="the chain has 2 parameters, the fit 3"):
        sample(linear_model(), np.ones(3), np.eye(3), 4, tmp_path / "chain.h5")


def test_thin__draws_without_repetition_and_the_same_again() -> None:
    draws = np.arange(40.0).reshape(20, 2)
    few = thin(draws, 7)
    assert few.shape == (7, 2) and len({tuple(one) for one in few}) == 7
    assert few.tobytes() == thin(draws, 7).tobytes() and thin(draws, 50).tobytes() == draws.tobytes()
