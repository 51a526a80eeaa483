"""The lanes of a result by scenario and region, and cities that are the sum of the lanes of their areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simengine.basis.basis import Basis, load_basis
from simengine.engine.project import Lane, Result

if TYPE_CHECKING:
    import xarray as xr


def of_scenario(result: Result, scenario: str) -> Result:
    """The part of a result that belongs to one scenario; its dataset still holds the others."""
    return replace(result, lanes=[lane for lane in result.lanes if lane.scenario.key == scenario])


def key_of(lane: Lane) -> tuple[str, str]:
    """Scenario and region of a lane."""
    return lane.scenario.key, lane.basis.region


def partitioned(result: Result) -> Iterator[tuple[str, Basis, list[str]]]:
    """Scenario, basis and areas of every city that is the sum of its areas."""
    lanes: dict[str, list[Lane]] = {}
    for lane in result.lanes:
        lanes.setdefault(lane.scenario.key, []).append(lane)
    for name, own in lanes.items():
        if own[0].basis.name != own[0].scenario.basis:
            yield name, load_basis(own[0].scenario.basis), [lane.basis.region for lane in own]


def bases_of(result: Result) -> list[tuple[str, Basis]]:
    """Scenario and basis of every lane, then of every partitioned city."""
    bases = [(lane.scenario.key, lane.basis) for lane in result.lanes]
    return bases + [(scenario, city) for scenario, city, _ in partitioned(result)]


def datasets(result: Result) -> Iterator[tuple[str, Basis, xr.Dataset]]:
    """Scenario, basis and dataset (first draw) of every region of the lanes, then of every partitioned city."""
    for scenario, basis in bases_of(result):
        yield scenario, basis, result.dataset.sel(scenario=scenario, region=basis.region, draw=0)


def datasets_in_order(result: Result) -> Iterator[tuple[str, str, xr.Dataset]]:
    """Scenario, region and dataset (first draw) of the same regions, in the order of the result's dataset."""
    known = {(scenario, basis.region) for scenario, basis in bases_of(result)}
    for scenario in map(str, result.dataset.scenario.values):
        for region in map(str, result.dataset.region.values):
            if (scenario, region) in known:
                yield scenario, region, result.dataset.sel(scenario=scenario, region=region, draw=0)
