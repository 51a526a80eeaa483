"""Rows of a table of actuals for one region: everything that can be entered, the heads of each area of a city too."""

from __future__ import annotations

from collections.abc import Iterator

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.bureau.units import template_unit
from simengine.common.errors import ScenarioError
from simengine.common.messages import near
from simengine.engine.actuals.items import SCOPED, TOTALS, reading_of
from simengine.engine.actuals.resolved import kind_of
from simengine.law.regions import load_regions
from simengine.registry.actuals import ENTERED, MEASURES, READING, Measure
from simengine.registry.inputs import LEVEL_SERIES, SERIES

Item = tuple[str, str, str, str, str]
"""Key, Chinese name, English name, area, unit."""


def basis_of(region: str) -> Basis:
    """The latest basis of a region.

    Raises
    ------
    ScenarioError where there is none
    """
    found = sorted(name for name in basis_names() if name.rpartition("-")[0] == region)
    if not found:
        known = sorted({name.rpartition("-")[0] for name in basis_names()})
        raise ScenarioError("template_region", near=near(region, known), name=region, known=", ".join(known))
    return load_basis(found[-1])


def template_items(basis: Basis) -> Iterator[Item]:
    """Rows of the table: coverage, totals, the areas of a city, then every other series that the basis has."""
    have = set(basis.series_names())
    series = [name for name in ENTERED if name in have]
    levels = [name for name in LEVEL_SERIES if name in have]
    for name in levels:
        yield _series(name, "")
    regions = load_regions()
    reading = reading_of(basis.region, regions, {})
    for key, (zh, en) in TOTALS.items():
        name, _, scope = key.partition(READING)
        first = next(known for known in TOTALS if known.partition(READING)[0] == name)
        if not scope or key == (f"{name}{READING}{reading}" if reading else first):
            yield name, zh, en, "", template_unit(MEASURES[key].kind)
    for part in basis.partition:
        region = load_basis(part).region
        area = regions[region].local_name if region in regions else region
        for name in levels:
            yield _series(name, area)
    for name in series:
        if name not in levels:
            yield _series(name, "")


def _series(name: str, area: str) -> Item:
    row = SERIES[name]
    zh, en = SCOPED.get(name, (row.zh, row.en))
    kind = kind_of(Measure(name, "", (name,), (), ()))
    return name, zh, en, area, template_unit(kind) if kind else row.unit
