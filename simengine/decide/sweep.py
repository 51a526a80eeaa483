"""Many scenarios in one call, with labels: what a lever does over a range of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simengine.engine.batch import run_opened
from simengine.engine.project import Lane, open_lanes
from simengine.registry.variables import ALL
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


def sweep(
    scenarios: Sequence[Scenario],
    outputs: Sequence[str],
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> xr.DataArray:
    """Run every lane of many scenarios and keep the outputs asked for.

    Scenarios need no files: `simengine.scenario.scenario.with_levers` states levers in memory. Each lane equals the
    same scenario run alone to the last bit. Memory beyond the results is that of a few lanes.

    Parameters
    ----------
    scenarios : of equal years; scenarios that share a retirement age should follow one another
    outputs : names of flows and stocks, ``fund_balance:<fund>``, ``income:<fund>:<item>``, ``outgo:<fund>:<item>``
    threads : threads over lanes; the results do not depend on it
    progress : called with a short text before each longer step

    Returns
    -------
    values on output, year and lane, in the units of the coordinate ``unit``; the coordinates ``scenario`` and
    ``region`` name each lane; a stock stands at the year whose end it is of

    Raises
    ------
    ScenarioError for unknown outputs, lanes of different years, or none; ModelError for results that are not finite
    """
    import xarray as xr

    names: list[tuple[str, str]] = []
    years: list[np.ndarray] = []

    def opened() -> Iterator[Lane]:
        for lane in open_lanes(scenarios, progress):
            names.append((lane.scenario.key, lane.basis.region))
            years[:] = [lane.inputs.years[1:]]
            yield lane

    values = run_opened(opened(), outputs, threads)
    coords = {
        "output": list(outputs),
        "unit": ("output", [ALL[name].unit if name in ALL else "yuan" for name in outputs]),
        "year": years[0],
        "scenario": ("lane", [scenario for scenario, _ in names]),
        "region": ("lane", [region for _, region in names]),
    }
    return xr.DataArray(values, coords=coords, dims=("output", "year", "lane"), name="sweep")
