"""Does a fit find what is known? Data made by the engine from drawn parameters, fitted, ranked (Talts et al. 2018).

    Talts, Betancourt, Simpson, Vehtari, Gelman (2018), Validating Bayesian inference algorithms with simulation-based
    calibration, arXiv:1804.06788.

Parameters are drawn from the priors, the engine makes the figures, noise of the stated spreads is added, the fit runs,
and the rank of the true value among draws of the fit's normal approximation is kept. Ranks are uniform if estimates and
errors are right. Replicates are kept one by one: a run that was killed goes on.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import chisquare

from simengine_calibration.fitting.model import Model, Observation
from simengine_calibration.fitting.solve import STEP, box_draws, laplace_centre, run_key

if TYPE_CHECKING:
    import pandas as pd

RANKS = 99
"""Draws of a replicate; the rank is 0..99."""
BINS = 10
LEAST = 0.01
"""Smallest p of the rank test that passes (reliability goal R13)."""
COLUMNS = ("parameter", "replicates", "mean_error", "rms_error", "covered_80", "p_rank", "passes")

Say = Callable[[int, int], None]


def stream(seed: int, number: int) -> np.random.Generator:
    """Random numbers of one replicate; those of two replicates never meet (the highest word of the counter differs)."""
    return np.random.Generator(np.random.Philox(key=seed, counter=np.array([0, 0, 0, number], dtype=np.uint64)))


def truth(model: Model, generator: np.random.Generator) -> np.ndarray:
    """Parameters drawn from the priors inside their bounds."""
    x = model.mean + model.sd * generator.standard_normal(model.mean.size)
    while (outside := (x <= model.low) | (x >= model.high)).any():
        x = np.where(outside, model.mean + model.sd * generator.standard_normal(model.mean.size), x)
    return x


def made_up(model: Model, x: np.ndarray, generator: np.random.Generator) -> list[Observation]:
    """The observations a world with parameters `x` would publish, noise of the stated spreads added."""
    measured = model.measured(x)
    return [
        dataclasses.replace(
            one, value=measured[one.series][one.year] * float(np.exp(one.spread * generator.standard_normal()))
        )
        for one in model.observations
    ]


def replicate(model: Model, number: int, jacobian: np.ndarray, seed: int) -> dict[str, Any]:
    """One replicate: truth, estimate, error and rank of every parameter.

    The Jacobian at the prior mean serves as the first one and is brought up to date by Broyden's rule; one taken afresh
    near the end serves for the last steps and for the errors. A tenth of the runs of a full fit.
    """
    generator = stream(seed, number)
    x_true = truth(model, generator)
    world = Model(model.spec, model.law, made_up(model, x_true, generator), model.basis, model.tables)
    x, residuals, final = _fit(world, jacobian)
    errors = np.linalg.inv(final.T @ final)
    centre = laplace_centre(x, residuals, final, errors)
    drawn = box_draws(centre, errors, world.low, world.high, RANKS, generator)
    ranks = (drawn < x_true).sum(axis=0)
    return {
        "number": number, "truth": x_true.tolist(), "estimate": x.tolist(),
        "error": np.sqrt(np.diag(errors)).tolist(), "rank": ranks.tolist(),
    }  # fmt: skip


def _jacobian(model: Model, x: np.ndarray, here: np.ndarray) -> np.ndarray:
    steps = np.where(x + STEP * model.sd > model.high, -STEP, STEP) * model.sd
    columns = []
    for place in range(x.size):
        moved = x.copy()
        moved[place] += steps[place]
        columns.append((model.residuals(moved) - here) / (moved[place] - x[place]))
    return np.column_stack(columns)


def _fit(world: Model, jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounded least squares with Broyden's Jacobian, then with a fresh one: estimate, residuals, that Jacobian.

    Steps are counted in prior standard deviations: Broyden's rule weighs all parameters alike.
    """
    seen: dict[bytes, np.ndarray] = {}
    held = {"jacobian": jacobian * world.sd, "u": np.zeros(world.mean.size)}

    def at(u: np.ndarray) -> np.ndarray:
        key = u.tobytes()
        if key not in seen:
            seen[key] = world.residuals(np.clip(world.mean + u * world.sd, world.low, world.high))
        return seen[key]

    def broyden(u: np.ndarray) -> np.ndarray:
        step = u - held["u"]
        if step.any():
            miss = at(u) - at(held["u"]) - held["jacobian"] @ step
            held["jacobian"] = held["jacobian"] + np.outer(miss, step) / (step @ step)
            held["u"] = u.copy()
        return held["jacobian"]

    bounds = ((world.low - world.mean) / world.sd, (world.high - world.mean) / world.sd)
    found = least_squares(at, held["u"], jac=broyden, bounds=bounds, ftol=1e-6, xtol=1e-6, max_nfev=20)
    x = np.clip(world.mean + found.x * world.sd, world.low, world.high)
    fresh = _jacobian(world, x, world.residuals(x))
    found = least_squares(at, found.x, jac=lambda u: fresh * world.sd, bounds=bounds, ftol=1e-7, xtol=1e-7, max_nfev=10)
    x = np.clip(world.mean + found.x * world.sd, world.low, world.high)
    return x, found.fun, fresh


_SHARED: dict[str, Any] = {}
"""What the processes of one call share; they are forked, so that nothing is copied or sent but numbers."""


def _shared(number: int) -> dict[str, Any]:
    return replicate(_SHARED["model"], number, _SHARED["jacobian"], _SHARED["seed"])


def _replicates(
    model: Model, wanted: Sequence[int], jacobian: np.ndarray, seed: int, workers: int
) -> Iterator[dict[str, Any]]:
    """Replicates in order, spread over processes where the system can fork, else over threads."""
    pool: Executor
    if workers > 1 and "fork" in multiprocessing.get_all_start_methods():
        pool = ProcessPoolExecutor(max_workers=workers, mp_context=multiprocessing.get_context("fork"))
    else:
        pool = ThreadPoolExecutor(max_workers=workers)
    _SHARED.update(model=model, jacobian=jacobian, seed=seed)
    try:
        with pool:
            yield from pool.map(_shared, wanted)
    finally:
        _SHARED.clear()


def recover(
    model: Model, count: int, folder: Path, threads: int = 2, say: Say | None = None, seed: int = 11
) -> pd.DataFrame:
    """Run replicates not yet kept in ``recovery.jsonl`` of the folder, then test the ranks.

    Returns
    -------
    one row a parameter: mean and root mean square error in standard errors, share of 80 % intervals that hold the
    truth, p of the chi-square test of the ranks on ten bins
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, key = folder / "recovery.jsonl", run_key(model, {"seed": seed, "ranks": RANKS, "streams": "apart"})
    kept = _kept(path, key)
    jacobian = _jacobian(model, model.mean, model.residuals(model.mean))
    wanted = [number for number in range(count) if number not in kept]
    with path.open("a", encoding="utf-8") as file:
        if path.stat().st_size == 0:
            file.write(json.dumps({"key": key}) + "\n")
            file.flush()
        for one in _replicates(model, wanted, jacobian, seed, threads):
            kept[one["number"]] = one
            file.write(json.dumps(one) + "\n")
            file.flush()
            if say is not None:
                say(len(kept), count)
    return rank_table(model, [kept[number] for number in sorted(kept)])


def _kept(path: Path, key: str) -> dict[int, dict[str, Any]]:
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    *lines, cut = text.split("\n")  # the line in hand when the run was killed has no end
    if not lines or json.loads(lines[0]).get("key") != key:
        path.unlink()
        return {}
    if cut:
        path.write_text(text[: -len(cut)], encoding="utf-8", newline="\n")
    return {one["number"]: one for one in map(json.loads, lines[1:])}


def rank_table(model: Model, replicates: list[dict[str, Any]]) -> pd.DataFrame:
    """Errors, coverage and rank test of every parameter."""
    import pandas as pd

    truths, estimates, errors, ranks = (
        np.array([one[part] for one in replicates]) for part in ("truth", "estimate", "error", "rank")
    )
    rows = []
    for place, name in enumerate(model.names):
        gaps = (estimates[:, place] - truths[:, place]) / errors[:, place]
        counts = np.bincount(ranks[:, place] * BINS // (RANKS + 1), minlength=BINS)
        p_rank = float(chisquare(counts).pvalue)
        covered = float((np.abs(gaps) < 1.2816).mean())
        rms = float(np.sqrt((gaps**2).mean()))
        rows.append((name, len(replicates), float(gaps.mean()), rms, covered, p_rank, p_rank > LEAST))
    return pd.DataFrame(rows, columns=COLUMNS)
