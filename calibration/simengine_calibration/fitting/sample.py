"""Sampling of the posterior with emcee (extra ``calibrate``), resumable: the chain lies in a file.

Foreman-Mackey, Hogg, Lang, Goodman (2013), emcee: The MCMC Hammer, PASP 125, 306.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from simengine.common.errors import BasisError, ModelError
from simengine_calibration.fitting.model import Model

Say = Callable[[int, int], None]


def log_posterior(model: Model, x: np.ndarray) -> float:
    """-½ Σ r² inside the bounds, minus infinity outside or where the run fails a bound of the model."""
    if (x < model.low).any() or (x > model.high).any():
        return -np.inf
    try:
        residuals = model.residuals(x)
    except ModelError:
        return -np.inf
    return float(-0.5 * residuals @ residuals)


def sample(
    model: Model,
    start: np.ndarray,
    covariance: np.ndarray,
    steps: int,
    chain: Path,
    threads: int = 2,
    say: Say | None = None,
    seed: int = 7,
) -> np.ndarray:
    """Draws of the posterior [draw, parameter], the first half of the chain left out.

    Parameters
    ----------
    steps : of every walker; there are twice as many walkers as parameters and two more
    chain : file of the chain; one that is there is gone on with

    Raises
    ------
    BasisError
        when emcee is not installed or the chain belongs to other parameters
    """
    try:
        import emcee
    except ImportError:
        raise BasisError("sample_needs_emcee", where="--sample") from None
    walkers, width = 2 * start.size + 2, start.size
    backend = emcee.backends.HDFBackend(str(chain))
    try:
        done = int(backend.iteration)
    except (OSError, KeyError):  # no chain yet
        done = 0
    if done and backend.shape != (walkers, width):
        raise BasisError("chain_of_other_fit", where=str(chain), count=backend.shape[1], width=width)
    if done:
        first = backend.get_last_sample()  # with the state of the random numbers
    else:
        backend.reset(walkers, width)
        generator = np.random.Generator(np.random.Philox(key=seed))
        spread = np.linalg.cholesky(covariance) * 0.5
        margin = 1e-6 * (model.high - model.low)
        drawn = start + generator.standard_normal((walkers, width)) @ spread.T
        first = np.clip(drawn, model.low + margin, model.high - margin)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        sampler = emcee.EnsembleSampler(walkers, width, lambda x: log_posterior(model, x), pool=pool, backend=backend)
        sampler.random_state = np.random.RandomState(seed).get_state()
        for step, _ in enumerate(sampler.sample(first, iterations=max(0, steps - done)), start=done + 1):
            if say is not None:
                say(step, steps)
    return np.asarray(backend.get_chain(discard=steps // 2, flat=True))


def thin(draws: np.ndarray, count: int, seed: int = 7) -> np.ndarray:
    """A set of `count` draws without repetition, the same for the same seed."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    chosen = np.sort(generator.choice(len(draws), size=min(count, len(draws)), replace=False))
    return draws[chosen]
