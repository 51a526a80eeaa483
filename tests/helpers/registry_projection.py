"""A made-up projection of many regions: every variable of the registry, from one real run, moved at random."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np
import xarray as xr

from simengine.engine.project import project
from simengine.judge.targets.files import region_scale
from simengine.registry.variables import VARIABLES
from simengine.scenario.scenario import load_scenario

REGIONS = (
    *("jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan"),
    *(f"xuzhou_{area}" for area in ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")),
)
SCENARIOS = ("baseline", "as_planned")
PATTERN = "jiangxi"
BY_AGE = {name for name, variable in VARIABLES.items() if {"age", "working_age"} & {*variable.axes}} - {"population"}
PER_HEAD = {name for name, variable in VARIABLES.items() if variable.additive}
"""Variables that grow with the population of the region; the others are rates, and money a head."""


@cache
def pattern(last: int | None = None) -> xr.Dataset:
    """One lane of the engine, without the variables by age but the population; with them up to another last year."""
    if last is None:
        dataset = project(load_scenario(f"{PATTERN}/baseline")).dataset
        return dataset.isel(scenario=0, draw=0, region=0, drop=True).drop_vars(BY_AGE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "longer.yaml"
        path.write_text(f"extends: {PATTERN}/baseline\nyears: [2021, {last}]\n", encoding="utf-8")
        return project(load_scenario(path)).dataset.isel(scenario=0, draw=0, region=0, drop=True)


def synthetic(
    start: int = 2020,
    end: int = 2030,
    *,
    regions: tuple[str, ...] = REGIONS,
    draws: int = 3,
    seed: int = 7,
    last: int | None = None,
) -> xr.Dataset:
    """Year ends `start` to `end`, labelled anew; shapes (scenario 2, draw, region, [axis], time).

    Each variable of each scenario, draw and region is that of the real lane, scaled to the population of the region
    and moved by a factor near one and a drift of about a hundredth a year. With `last` the lane runs to another year
    and the variables by age are among them.
    """
    lane = pattern(last).isel(year_end=slice(0, end - start + 1), year=slice(0, end - start))
    heads = np.array([region_scale()[region] for region in regions]) / region_scale()[PATTERN]
    dims, shape = ("scenario", "draw", "region"), (len(SCENARIOS), draws, len(regions))
    data = {}
    for name, variable in lane.data_vars.items():
        rng = np.random.default_rng([seed, crc32(str(name).encode())])
        factor = np.exp(rng.normal(0.0, 0.05, shape)) * (heads if name in PER_HEAD else 1.0)
        steps = np.arange(variable.shape[-1]) * rng.normal(0.0, 0.01, shape)[..., None]
        moved = xr.DataArray(factor[..., None] * np.exp(steps), dims=(*dims, variable.dims[-1]))
        data[name] = (moved * variable.drop_vars(variable.coords)).transpose(*dims, *variable.dims)
    labels = {name: coordinate for name, coordinate in lane.coords.items() if not str(name).startswith("year")}
    years = np.arange(start, end + 1)
    own = {"scenario": list(SCENARIOS), "draw": np.arange(draws), "region": list(regions)}
    return xr.Dataset(data, coords={**own, **labels, "year_end": years, "year": years[1:]})
