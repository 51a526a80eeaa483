"""People, births and deaths of a projection held against the official counts of the known years.

Counts stand in ``official_people.csv`` of the basis of a region, each with its source; a limit is the relative gap that
is taken for agreement. It reports and repairs nothing. A region without counts has no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import Basis
from simengine.common import strict_yaml
from simengine.common.errors import BasisError
from simengine.common.messages import LANGUAGES, Language, say
from simengine.engine.project import Result
from simengine.judge.checks.free_run import Measure, by_year
from simengine.judge.checks.lanes import datasets
from simengine.law.regions import NATION
from simengine.registry.axes import same_labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TABLE = "official_people"
REASONS = Path(__file__).with_name("official_people.yaml")


def _old(first: int, data: xr.Dataset) -> xr.DataArray:
    """Residents from an age on."""
    return data["population"].sel(age=slice(first, None)).sum(("sex", "age"))


MEASURES: Mapping[str, Measure] = {
    "population": partial(_old, 0),
    "births": lambda data: data["births"],
    "deaths": lambda data: data["deaths"],
    "population_60_plus": partial(_old, 60),
    "population_65_plus": partial(_old, 65),
}
"""Measures of the counts as the engine has them, in the order of the table."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "population": (0.002, 0.01),
    "births": (0.02, 0.03),
    "deaths": (0.02, 0.03),
    "population_60_plus": (0.005, 0.015),
    "population_65_plus": (0.005, 0.015),
}
"""Largest relative gap that is taken for agreement, of the nation and of a region [1]."""

COLUMNS = (
    *("scenario", "region", "measure", "year", "engine", "official", "gap", "limit", "verdict", "evidence", "source"),
    *("why_en", "why_zh"),
)


def official_counts(basis: Basis) -> list[tuple[str, int, float, str, str]]:
    """Published counts of the region of a basis: measure, year, persons, evidence, source; empty where none are known.

    They are those of the nearest basis of the same region.
    """
    owner = next((one for one in basis.chain() if one.region == basis.region and TABLE in one.tables), None)
    if owner is None:
        return []
    table = owner.tables[TABLE]
    columns = (
        table.text("measure"), table.integers("year"), table.numbers("value"), table.text("evidence"),
        table.text("source"),
    )  # fmt: skip
    found = []
    for row, (measure, year, value, evidence, source) in enumerate(zip(*columns, strict=True)):
        if measure not in MEASURES:
            raise BasisError("reference_series", where=table.where(row), name=measure, known=", ".join(MEASURES))
        found.append((measure, int(year), float(value), evidence, source))
    return found


@cache
def reasons() -> Mapping[str, Mapping[str, Any]]:
    """Why a region misses some of its counts although they are used (``official_people.yaml``)."""
    found: Mapping[str, Mapping[str, Any]] = strict_yaml.load(REASONS).data
    return found


def _why(region: str, measure: str, blind: bool, lang: Language) -> str:
    """Why a count is missed: it is not used, or what the file of reasons says; empty where nobody knows."""
    if blind:
        return say("people.blind", lang)
    entry = reasons().get(region, {})
    return str(entry[lang]) if measure in entry.get("measures", ()) else ""


def _blind(result: Result) -> set[str]:
    """Scenarios that do not use the counts: as known at the opening, by a lever, or because the basis has no levels."""
    return {
        lane.scenario.key
        for lane in result.lanes
        if lane.scenario.information == "opening"
        or any(lever.content.published_counts for lever in lane.scenario.settings.demography)
        or bool((lane.basis.vital_levels(lane.inputs.years).old == 1.0).all())
    }


@same_labels()
def people_table(result: Result) -> pd.DataFrame:
    """Every official count of the projected years beside the engine's figure.

    Returns
    -------
    columns scenario, region, measure, year, engine, official [persons], gap and limit [1], verdict (``inside`` or
    ``outside``), evidence, source, why_en and why_zh (why it is outside)
    """
    import pandas as pd

    blind = _blind(result)
    rows: list[tuple[Any, ...]] = []
    for scenario, basis, data in datasets(result):
        known = official_counts(basis)
        measured = {measure: by_year(data, MEASURES[measure]) for measure in dict.fromkeys(row[0] for row in known)}
        for measure, year, official, evidence, source in known:
            engine = measured[measure].get(year)
            if engine is None:
                continue
            gap, limit = engine / official - 1.0, LIMITS[measure][0 if basis.region == NATION else 1]
            verdict = "inside" if abs(gap) <= limit else "outside"
            why = [_why(basis.region, measure, scenario in blind, lang) for lang in LANGUAGES]
            rows.append((
                scenario, basis.region, measure, year, engine, official, gap, limit, verdict, evidence, source,
                *(text if verdict == "outside" else "" for text in why),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)
