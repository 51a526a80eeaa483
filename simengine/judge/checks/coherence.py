"""Regions beside the region they lie in: what remains of the parent once the runs of its parts are taken out.

Jingdezhen is not run as a part of Jiangxi, nor a province as a part of the nation: each opens from its own figures and
moves on its own. Nothing is claimed to add up; the table prints the difference, and the share of the parts beside their
share of the population, so that a part that outgrows its parent is seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simengine.engine.project import Result
from simengine.judge.checks.lanes import datasets
from simengine.judge.indicators import PENSION_FUND, registry
from simengine.judge.indicators.sums import of_funds
from simengine.law.regions import load_regions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = (
    *("scenario", "parent", "children", "measure", "unit", "year", "parent_value", "children_value", "difference"),
    *("share", "population_share"),
)
NO_LANE = frozenset({"area"})
"""Levels whose regions add up to their parent by construction: no comparison."""


def _stocks(data: xr.Dataset) -> dict[str, tuple[str, xr.DataArray]]:
    """Measures that could add up, with their unit, on ``year_end``."""
    named = registry()
    heads = (
        "uebps_participants",
        "uebps_payers",
        "uebps_pensioners",
        "resident_participants",
        "resident_beneficiaries",
    )
    found = {"population": ("person", named["population"](data))}
    found |= {name: ("person", named[name](data)) for name in (*heads, "ui_participants", "wi_participants")}
    found["pension_balance"] = ("yuan", of_funds(data["fund_balance"], *PENSION_FUND))
    found["resident_balance"] = ("yuan", data["fund_balance"].sel(fund="resident", drop=True))
    return found


def by_region(results: Iterable[Result]) -> dict[str, dict[str, xr.Dataset]]:
    """Kind of scenario (the last part of its name) -> region -> its projection, areas of a city left out."""
    regions = load_regions()
    found: dict[str, dict[str, xr.Dataset]] = {}
    for result in results:
        for scenario, basis, data in datasets(result):
            if regions[basis.region].level not in NO_LANE:
                found.setdefault(scenario.rsplit("/", 1)[-1], {})[basis.region] = data
    return found


def coherence_table(results: Iterable[Result], years: Iterable[int] | None = None) -> pd.DataFrame:
    """Every region of the runs that has parts among the runs, at the year ends both reach.

    Parameters
    ----------
    results : runs of several regions, one or more scenarios of each; scenarios of the same name are compared
    years : year ends wanted; all common ones when left out

    Returns
    -------
    `COLUMNS`: value of the parent, sum of its parts in the runs, parent less parts, parts over parent, and the same of
    the population; persons and yuan
    """
    import pandas as pd

    regions = load_regions()
    wanted = None if years is None else set(years)
    rows: list[tuple[Any, ...]] = []
    for scenario, by_name in by_region(results).items():
        measured = {region: _values(data) for region, data in by_name.items()}
        for parent in by_name:
            children = [region for region in by_name if regions[region].parent == parent]
            for child_set in [[child] for child in children] + ([children] if len(children) > 1 else []):
                rows += [
                    (scenario, parent, "+".join(child_set), *row)
                    for row in _compared(measured[parent], [measured[child] for child in child_set])
                    if wanted is None or row[2] in wanted
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


Values = Mapping[str, tuple[str, Mapping[int, float]]]


def _values(data: xr.Dataset) -> Values:
    return {
        name: (unit, {int(y): float(v) for y, v in zip(values.year_end.values, values.values, strict=True)})
        for name, (unit, values) in _stocks(data).items()
    }


def _compared(parent: Values, children: list[Values]) -> Iterable[tuple[Any, ...]]:
    """Measure, unit, year, parent, parts, difference, share and share of the population, for every common year."""
    people = parent["population"][1]
    common = [year for year in people if all(year in child["population"][1] for child in children)]
    for measure, (unit, whole) in parent.items():
        for year in common:
            parts = sum(child[measure][1][year] for child in children)
            share = parts / whole[year] if whole[year] else math.nan
            inhabitants = sum(child["population"][1][year] for child in children) / people[year]
            yield measure, unit, year, whole[year], parts, whole[year] - parts, share, inhabitants
