"""Whether a projection holds anything impossible: persons below zero, no number, a share above one without a reason.

What a variable may be stands in its row of the registry (`sign`, `beyond_one`), what an indicator may be in its
decorator. ``beyond.yaml`` lists what shipped scenarios hold all the same, each with its reason: that is told and fails
nothing. Everything else that is found ends a run before a file is written (notes/checks.md, section 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common import strict_yaml
from simengine.judge.indicators import Definitions, registry
from simengine.judge.time import time_of
from simengine.law.regions import load_regions
from simengine.registry.axes import same_labels
from simengine.registry.variables import ANY, POSITIVE, VARIABLES, rounding

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

KNOWN = Path(__file__).with_name("beyond.yaml")
KEYS = {"region", "measure", "high", "en", "zh"}
COLUMNS = (
    *("scenario", "region", "measure", "unit", "fault", "year", "cell", "value", "limit", "cells", "since", "ok"),
    *("reason", "reason_zh"),
)
NOT_FINITE, BELOW_ZERO, NOT_POSITIVE, ABOVE_ONE = FAULTS = ("not_finite", "below_zero", "not_positive", "above_one")
AREA = "area"
"""Level of a part of a city, for which the entry of the city speaks."""

OWN = ("region", "year", "year_end")
"""Axes of a value that are columns of their own; the others name its cell."""


@dataclass(frozen=True)
class Bounds:
    """What the values of a measure may be.

    Attributes
    ----------
    sign : as in the registry: empty, ``any``, ``positive``, or the labels that may have any sign
    share : whether no value may exceed one
    """

    unit: str
    sign: tuple[str, ...]
    share: bool


@dataclass(frozen=True)
class Known:
    """A rate of a region that exceeds one, up to `high`, for a reason that can be told."""

    region: str
    measure: str
    high: float
    en: str
    zh: str


@cache
def known() -> Mapping[tuple[str, str], Known]:
    """Every entry of ``beyond.yaml`` by region and measure."""
    return read_known(KNOWN)


def read_known(path: Path) -> Mapping[tuple[str, str], Known]:
    """Read a list of known rates above one.

    Raises
    ------
    ValueError for an entry with other keys, of an unknown region, of what is no share, or without a reason; the list is
    part of the program, so the text is for its author
    """
    found: dict[tuple[str, str], Known] = {}
    for entry in strict_yaml.load(path).data["rates"]:
        if set(entry) != KEYS:
            raise ValueError(f"{path.name}: {entry} needs the keys {', '.join(sorted(KEYS))}")
        one = Known(**entry)
        if one.region not in load_regions():
            raise ValueError(f"{path.name}: no region is called {one.region}")
        if one.measure not in registry() or not of_indicator(one.measure).share or not one.high > 1.0:
            raise ValueError(f"{path.name}: {one.measure} of {one.region} is no share that may not exceed one")
        if not one.en.strip() or not one.zh.strip() or (one.region, one.measure) in found:
            raise ValueError(f"{path.name}: {one.measure} of {one.region} stands twice or has no reason")
        found[one.region, one.measure] = one
    return found


def explanation(region: str, measure: str) -> Known | None:
    """What is listed for a rate of a region, or of the city of an area; None where nothing is."""
    place = load_regions()[region]
    city = place.parent if place.level == AREA else None
    return known().get((region, measure)) or known().get((str(city), measure))


def of_variable(name: str) -> Bounds:
    """The bounds of a variable, as its row of the registry states them."""
    row = VARIABLES[name]
    return Bounds(row.unit, row.sign, row.unit == "1" and not row.beyond_one)


def of_indicator(name: str) -> Bounds:
    """The bounds of an indicator, as its decorator states them."""
    entry = registry()[name]
    return Bounds(entry.unit, (ANY,) if entry.signed else (), entry.unit == "1" and not entry.beyond_one)


@same_labels()
def bounds_table(projection: xr.Dataset, scenario: str, definitions: Definitions) -> pd.DataFrame:
    """Everything of one scenario that its bounds do not allow, by region, measure and kind of fault.

    Parameters
    ----------
    projection : variables of the scenario on its own regions (`simengine.engine.results.part_of`)
    definitions : readings of the scenario

    Returns
    -------
    `COLUMNS`, empty where nothing is found: the worst value with its year and its cell, the limit it passes, how many
    values of the region pass it, the first year with one, and whether ``beyond.yaml`` explains it (``ok``, reasons)
    """
    import pandas as pd

    own = projection.isel(scenario=0, draw=0)
    rows: list[tuple[Any, ...]] = []
    for name in VARIABLES:
        rows += _rows(name, of_variable(name), own[name])
    for name, entry in registry().items():
        values = entry(projection, definitions).isel(scenario=0, draw=0)
        if {"year", "year_end"} & {*values.dims}:
            # an indicator is not a number where it is not defined: no denominator, no earlier year
            rows += _rows(name, of_indicator(name), values.fillna(0.0))
    return pd.DataFrame([(scenario, *row) for row in rows], columns=COLUMNS)


@same_labels()
def beyond_bounds(projection: xr.Dataset, definitions: Definitions) -> set[str]:
    """Scenarios of a projection with a value that no bound and no reason on file allows: `bounds_table`, many at once.

    Parameters
    ----------
    projection : variables of several scenarios on one set of regions, which all of them run
    definitions : readings of all of them
    """
    names = [str(name) for name in projection.scenario.values]
    regions = [str(name) for name in projection.region.values]
    found: set[str] = set()

    def judge(name: str, bounds: Bounds, values: xr.DataArray) -> None:
        """Lanes stand in the place of regions: scenario by scenario, each with all regions."""
        values = values.transpose("scenario", "region", ...)
        numbers = values.values.reshape(-1, *values.shape[2:])
        for place, fault, wrong in faults(numbers, bounds, values.isel(scenario=0)):
            explained = explanation(regions[place % len(regions)], name) if fault == ABOVE_ONE else None
            if explained is None or float(numbers[place][wrong].max()) > explained.high:
                found.add(names[place // len(regions)])

    for name in VARIABLES:
        judge(name, of_variable(name), projection[name].isel(draw=0))
    for name, entry in registry().items():
        values = entry(projection, definitions).isel(draw=0)
        if {"year", "year_end"} & {*values.dims}:
            judge(name, of_indicator(name), values.fillna(0.0))
    return found


def _rows(name: str, bounds: Bounds, values: xr.DataArray) -> Iterator[tuple[Any, ...]]:
    """Cells of every fault of one measure, after the scenario, in the order of `COLUMNS`."""
    values = values.transpose("region", ...)
    for place, fault, wrong in faults(values.values, bounds, values):
        region, own = str(values.region.values[place]), values.isel(region=place)
        worst = _worst(own.values, wrong, fault)
        value = float(own.values[worst])
        labels = {str(dim): own[dim].values[at] for dim, at in zip(own.dims, worst, strict=True)}
        time = time_of(own)
        cell = "; ".join(f"{dim}={label}" for dim, label in labels.items() if dim not in OWN)
        explained = explanation(region, name) if fault == ABOVE_ONE else None
        limit = explained.high if explained else 1.0 if fault == ABOVE_ONE else 0.0
        ok = explained is not None and value <= limit
        wrong = own.values > limit if explained and not ok else wrong
        along = tuple(axis for axis, dim in enumerate(own.dims) if dim != time)
        since = int(own[time].values[wrong.any(axis=along)][0])
        reasons = (explained.en, explained.zh) if explained else ("", "")
        tail = (limit, int(wrong.sum()), since, ok, *reasons)
        yield region, name, bounds.unit, fault, int(labels[time]), cell, value, *tail


def faults(values: np.ndarray, bounds: Bounds, labelled: xr.DataArray) -> Iterator[tuple[int, str, np.ndarray]]:
    """Regions with a fault: position, kind, and which values have it.

    Parameters
    ----------
    values : [region, own axes ..., time]
    labelled : the same values with their labels
    """
    inner = tuple(range(1, values.ndim))
    low, high = values.min(axis=inner), values.max(axis=inner)
    unsigned = _unsigned(bounds, labelled)
    for place in range(values.shape[0]):
        if not np.isfinite(low[place]) or not np.isfinite(high[place]):
            yield place, NOT_FINITE, ~np.isfinite(values[place])
        dust = rounding(max(abs(low[place]), abs(high[place])), bounds.unit)
        if low[place] < 0.0 and unsigned is not None:
            wrong = (values[place] < -dust) & unsigned
            if wrong.any():
                yield place, BELOW_ZERO, wrong
        if bounds.sign == (POSITIVE,) and low[place] == 0.0:
            yield place, NOT_POSITIVE, values[place] == 0.0
        if bounds.share and high[place] > 1.0 + dust and np.isfinite(high[place]):
            yield place, ABOVE_ONE, values[place] > 1.0 + dust


def _unsigned(bounds: Bounds, labelled: xr.DataArray) -> Any:
    """Which values of a region may not be below zero, to be spread over its axes; None where all may."""
    if not bounds.sign or bounds.sign == (POSITIVE,):
        return True
    if bounds.sign == (ANY,):
        return None
    for axis, dim in enumerate(labelled.dims[1:]):
        free = np.isin(labelled[dim].values.astype(str), bounds.sign)
        if free.any():
            return np.expand_dims(~free, tuple(range(1, labelled.ndim - 1 - axis)))
    raise ValueError(f"{labelled.name}: none of its axes has the labels {', '.join(bounds.sign)}")


def _worst(values: np.ndarray, wrong: np.ndarray, fault: str) -> tuple[int, ...]:
    """Position of the value farthest beyond its bound; of values that are no number, of the first in time."""
    if fault == NOT_FINITE:
        years = np.moveaxis(wrong, -1, 0)
        year, *cell = np.argwhere(years)[0]
        return (*map(int, cell), int(year))
    size = np.where(wrong, -values if fault != ABOVE_ONE else values, -np.inf)
    return tuple(map(int, np.unravel_index(int(size.argmax()), size.shape)))
