"""Parameter uncertainty: one projection for each draw of a calibration, on the axis `draw` of one dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from simengine.basis.overlay import Values
from simengine.common.errors import ScenarioError
from simengine.engine.project import project
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[str, int, int], None]
"""Called with a stage, the draws done and the draws in all."""


def project_draws(
    scenario: Scenario,
    draws: Sequence[Mapping[str, Values]],
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Project one scenario under each draw, history included.

    Parameters
    ----------
    draws : values over the bases, by name of the basis; one mapping a draw
    threads : draws in work at a time; the results do not depend on it

    Returns
    -------
    the variables of the engine that have no age axis, on draw 0..n-1 [draw, region, ..., year or year_end]
    """
    import xarray as xr

    if not draws:
        raise ScenarioError("no_draw")
    done = [0]

    def one(values: Mapping[str, Values]) -> xr.Dataset:
        data = project(scenario, threads=1, values=values).dataset
        by_age = [name for name in data.data_vars if any(str(dim).endswith("age") for dim in data[name].dims)]
        done[0] += 1
        if progress is not None:
            progress("draws", done[0], len(draws))
        return data.drop_vars(by_age)

    with ThreadPoolExecutor(max_workers=threads or 2) as pool:
        parts = list(pool.map(one, draws))
    return xr.concat(parts, dim="draw").assign_coords(draw=list(range(len(parts))))
