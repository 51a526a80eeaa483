"""Entered actuals beside the run: what was put in is met, and what was not shows how far the run is from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.actuals import at_year_end
from simengine.common.messages import Words, words
from simengine.engine.actuals import Resolved, Settled
from simengine.engine.actuals.months import area_said
from simengine.engine.actuals.resolved import base_unit
from simengine.engine.project import Lane
from simengine.judge.indicators import Definitions, registry
from simengine.judge.indicators.sums import members_of, registered
from simengine.registry.actuals import MEASURES, READING
from simengine.registry.inputs import LEVER_ROWS, PATH_NAMES
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataArray, Dataset

COLUMNS = (
    *("scenario", "region", "item", "measure", "when", "value", "year", "year_end_value", "run", "gap", "use"),
    *("evidence", "source", "where", "unit", "base_units"),
)
MET = 1e-4
"""Distance from an entered figure within which it is met [1]."""

OF_AREAS = {
    "remark.actual_missed": "remark.actual_missed_areas",
    "remark.actual_exceeded": "remark.actual_exceeded_areas",
}
"""What is said of one figure -> of several areas at once."""

USES = ("entered", "solved", "compared", "unseen")
"""What becomes of a figure."""

STATUS_OF = {
    "enterprise_payers": "enterprise", "flexible_payers": "flexible", "public_payers": "public",
    "paused_members": "paused",
}  # fmt: skip
"""Level that is entered -> status of the members it comes to."""


def actuals_table(
    settled: Settled, scenario: Scenario, data: Dataset, lanes: Sequence[Lane], definitions: Definitions
) -> pd.DataFrame:
    """Every figure of the scenario's actuals beside the run, one row each.

    Parameters
    ----------
    settled : the actuals in the places they take
    data : projection of the scenario
    lanes : its lanes

    Returns
    -------
    `COLUMNS`: `value` as of `when` and `year_end_value` as of the end of the year, both in base units; a month's figure
    is carried there along the growth of the year, of a figure that is not entered along that of the run. `run` is the
    result of the run, not a number where it has none; `gap` is run over `year_end_value` less one. `use` is
    ``entered``, ``solved`` (a total), ``compared``, or ``unseen`` (the scenario knows only its opening). `where` names
    the file without its folder; `unit` is as written, of `base_units` base units
    """
    import pandas as pd

    unseen = scenario.information == "opening"
    rows: list[tuple[Any, ...]] = []
    for row in settled.rows:
        one = row.statement
        by_year = _values(row, data, lanes, definitions)
        run = by_year.get(one.year, np.nan)
        use = "compared" if row.compared else "unseen" if unseen else "solved" if row.measure.total else "entered"
        end = settled.carried.get(one.where, row.value)
        if one.month is not None and use in ("compared", "unseen"):
            before = by_year.get(one.year - 1, np.nan)
            end = at_year_end(row.value, run / before, one.month) if before > 0.0 and run > 0.0 else row.value
        gap = run / end - 1.0 if end else np.nan
        said = (scenario.key, row.region, one.item, row.measure.name, one.when, row.value, one.year, end, run, gap, use)
        place = _named(one.where, scenario)
        rows.append((*said, one.evidence, one.source, place, one.unit or base_unit(row.measure), row.factor))
    return pd.DataFrame(rows, columns=COLUMNS)


def _named(where: str, scenario: Scenario) -> str:
    """A place whose file is named without the folder it lies in."""
    for source in scenario.sources:
        where = where.replace(str(source.file), source.file.name)
    return where


def missed_remarks(table: pd.DataFrame) -> list[Words]:
    """A remark for every entered figure that the run does not meet: levers act on top, or too few people are left."""
    missed = table[table["use"].isin(("entered", "solved")) & (table["gap"].abs() > MET)]
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for row in missed.itertuples():
        key = "remark.actual_missed" if row.run < row.year_end_value else "remark.actual_exceeded"
        groups.setdefault((key, row.item, row.when), []).append(row)
    told: list[Words] = []
    for (key, name, when), rows in groups.items():
        said = [{"value": _written(row, row.year_end_value), "run": _written(row, row.run)} for row in rows]
        if len(rows) == 1:
            told.append(words(key, where=rows[0].where, name=name, when=when, **said[0]))
            continue
        parts = [words("missed.part", area=area_said(row.region), **one) for row, one in zip(rows, said, strict=True)]
        listed = Words("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
        told.append(words(OF_AREAS[key], name=name, when=when, count=len(rows), parts=listed))
    return told


def _written(row: Any, value: float) -> str:
    """A value in base units as the table of the bureau writes it, with the unit."""
    return f"{value / row.base_units:z,.7g} {row.unit}".rstrip()


def _values(row: Resolved, data: Dataset, lanes: Sequence[Lane], definitions: Definitions) -> dict[int, float]:
    """Results of the run by year for what a figure measures; empty where the run has none."""
    found = _result(row, data, definitions)
    if found is not None:
        time = "year_end" if "year_end" in found.dims else "year"
        values = found.sel(region=row.region).isel(scenario=0, draw=0)
        return dict(zip(values[time].values.tolist(), values.values.tolist(), strict=True))
    if row.series not in PATH_NAMES:
        return {}
    own = [lane for lane in lanes if lane.basis.region == row.region] or list(lanes)
    at = PATH_NAMES.index(row.series)
    parts = [lane.inputs.paths[at] for lane in own]
    shared = row.series in LEVER_ROWS and LEVER_ROWS[row.series].shared_by
    path = np.sum(parts, axis=0) if shared else parts[0]
    return dict(zip(own[0].inputs.years.tolist(), path.tolist(), strict=True))


def _result(row: Resolved, data: Dataset, definitions: Definitions) -> DataArray | None:
    """The variable or indicator of a figure; None for a series that is an input of the run as it stands."""
    name, _, reading = row.measure.name.partition(READING)
    if row.series in STATUS_OF:
        return members_of(data, STATUS_OF[row.series])
    if row.series == "resident_registered":
        return registered(data)
    if row.series and row.series in data:
        return data[row.series]
    if row.measure.name not in MEASURES or name not in registry() or row.series:
        return None
    read = definitions.with_reading("pension_scope", reading) if reading else definitions
    return registry()[name](data, read)
