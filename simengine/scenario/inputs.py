"""Series and constants that a scenario or a lever names: what the registry refuses, before any basis is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from simengine.common.errors import LeverError, SimengineError
from simengine.common.messages import near
from simengine.registry.inputs import (
    CONSTANTS,
    COVERAGE_GROWTH,
    COVERAGE_INDEX,
    FIXED,
    GROWN,
    LEVER_ROWS,
    LEVER_SERIES,
    SERIES,
)

if TYPE_CHECKING:
    from simengine.scenario.levers import LeverFile
    from simengine.scenario.scenario import Scenario, ScenarioFile

SERIES_CODES = {
    "level": "series_level",
    "paused": "series_paused",
    "rate": "series_rate",
    "source": "series_source",
    "births": "series_births",
    "campaign": "series_campaign",
    "index": "series_index",
    "growth": "series_index",
    "pressure": "series_pressure",
    "reference": "series_reference",
    "rest": "series_rest",
}
"""Reason for which a series takes no operation, or not this one -> error that says so."""


def series_faults(content: LeverFile | ScenarioFile, where: Callable[..., str]) -> Iterator[SimengineError]:
    """An error for every series of `paths` and `coverage_growth` that no lever may move so.

    Parameters
    ----------
    content : a scenario or lever file as read
    where : file and line of the item reached by the given keys of that file
    """
    for name, change in content.paths.items():
        row, place = LEVER_ROWS.get(name), where("paths", name)
        if row is not None and not row.takes(change.operation):
            follows = " ".join(SERIES[name].follows) if name in SERIES else ""
            carried = {**COVERAGE_INDEX, **COVERAGE_GROWTH}
            source = next((level for level, carrier in carried.items() if carrier == name), follows)
            stated = {"name": name, "operation": change.operation, "source": source}
            yield LeverError(SERIES_CODES[row.refused], where=place, **stated)
        elif name not in SERIES:
            yield LeverError("series_unknown", where=place, near=near(name, LEVER_SERIES), name=name)
    for name in getattr(content, "coverage_growth", ()):
        if name not in GROWN:
            known = ", ".join(GROWN)
            place = where("coverage_growth", name)
            yield LeverError("coverage_unknown", where=place, near=near(name, GROWN), name=name, known=known)


FIXED_CODES = {
    "history": "constant_of_history",
    "basis": "constant_of_basis",
    "given": "constant_given",
    "law": "constant_of_law",
}
"""Reason for which a constant is fixed -> error that says so."""


def fixed_constants(names: Iterable[str], where: Callable[..., str]) -> Iterator[SimengineError]:
    """An error for every named constant that no scenario can change.

    Parameters
    ----------
    names : constants that a scenario or lever file states
    where : file and line of the item reached by the given keys of that file
    """
    for name in names:
        if name in FIXED:
            law = {"law": ", ".join(CONSTANTS[name].law)} if FIXED[name] == "law" else {}
            yield LeverError(FIXED_CODES[FIXED[name]], where=where("constants", name), name=name, **law)


def input_faults(scenario: Scenario) -> Iterator[SimengineError]:
    """An error for every series and constant that the scenario or one of its levers cannot change, or not so."""
    yield from series_faults(scenario.content, scenario.where)
    yield from fixed_constants(scenario.content.constants, scenario.where)
    for lever in scenario.levers:
        yield from series_faults(lever.content, lever.where)
        yield from fixed_constants(lever.content.constants, lever.where)
