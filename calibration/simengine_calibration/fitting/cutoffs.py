"""The fit as it could have been made at the end of an earlier year: what a backtest may use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from simengine.basis.basis import load_basis
from simengine.basis.overlay import Values
from simengine.common.errors import ModelError
from simengine.law import load_law
from simengine_calibration.backtest.information import enacted_by, known_at
from simengine_calibration.fitting.model import Model, undo, unfitted
from simengine_calibration.fitting.solve import CHECKPOINT, laplace_draws, solve, uncertainty
from simengine_calibration.fitting.spec import read_fit
from simengine_calibration.resources import data_root

DRAWS = 40
NATION = data_root() / "china.yaml"
KEPT = Path("out") / "calibrate" / "cutoffs"
STEPS = 60

Drawn = Mapping[str, Values]
Cells = Mapping[int, float | None]


@lru_cache(maxsize=32)
def fit_at(cutoff: int, file: Path = NATION, folder: Path = KEPT, threads: int = 2) -> tuple[Drawn, tuple[Drawn, ...]]:
    """Estimate and draws of the national fit with figures up to a year, as values over the frozen bases.

    Parameters of later years are left out and what the kept fit has set is taken back first. The law is that known
    at the end of the year. Steps are kept in `folder`, so that the second call is quick.

    Returns
    -------
    values by name of the basis: the best estimate, and `DRAWS` draws of the normal approximation
    """
    spec = read_fit(file, cutoff)
    begun = known_at(unfitted(load_basis(spec.content.basis)), cutoff)
    model = Model(spec, enacted_by(load_law(), cutoff), basis=begun)
    path = folder / f"{spec.key}-{cutoff}" / CHECKPOINT
    path.parent.mkdir(parents=True, exist_ok=True)
    solution = solve(model, starts=1, threads=threads, checkpoint=path, max_steps=STEPS)
    if not solution.converged:
        raise ModelError("fit_cutoff_unconverged", year=cutoff, steps=STEPS)
    known = uncertainty(model, solution)
    back = undo(load_basis(model.basis.name))
    drawn = laplace_draws(model, solution, known, DRAWS, seed=cutoff)
    return _over(back, model.values(solution.x)), tuple(_over(back, model.values(x)) for x in drawn)


def _over(under: Drawn, values: Drawn) -> Drawn:
    """Values with others under them: where both name a cell, `values` has it."""
    made: dict[str, Values] = {}
    for name in {*under, *values}:
        below, above = under.get(name, Values()), values.get(name, Values())
        series = {**below.series, **{key: _cells(below.series.get(key), row) for key, row in above.series.items()}}
        made[name] = Values(series, {**below.constants, **above.constants}, above.evidence)
    return made


def _cells(below: Cells | None, above: Cells | None) -> Cells | None:
    """Years of a series with others under them; a series taken away altogether gives way to what is set."""
    return above if above is None or below is None else {**below, **above}
