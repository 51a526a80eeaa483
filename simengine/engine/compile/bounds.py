"""Bounds on series that a scenario changes: what their kind allows, whatever was meant."""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.registry.inputs import LEVER_ROWS, SERIES
from simengine.scenario.scenario import Scenario


def check_change(name: str, before: np.ndarray, after: np.ndarray, years: np.ndarray, scenario: Scenario) -> None:
    """Refuse a changed series that leaves what its kind allows (`simengine.registry.inputs.BOUNDS`).

    NaN means not known. Slips of unit within these bounds: `simengine.engine.compile.slips`.

    Raises
    ------
    ScenarioError naming series, value, year and the line that states it
    """
    moved = ~((after == before) | (np.isnan(after) & np.isnan(before)))
    if not moved.any():
        return
    row = SERIES[name]
    low, high = row.bounds

    def refuse(code: str, position: int, **limits: str) -> None:
        stated: dict[str, Any] = {"name": name, "value": f"{float(after[position]):g}", "year": int(years[position])}
        where = scenario.where_changed(name, int(years[position]))
        raise ScenarioError(code, where=where, **stated, **limits)

    for position in map(int, np.flatnonzero(moved)):
        value = after[position]
        if row.kind in ("flag", "whole") and (not low <= value <= high or value != np.floor(value)):
            refuse("path_flag" if row.kind == "flag" else "path_whole", position)
        elif row.kind == "share" and not low <= value <= high:
            refuse("path_share", position, low=f"{low:g}", high=f"{high:g}")
        elif row.kind == "rate" and not low <= value <= high:
            refuse("path_rate", position, low=f"{low:g}", high=f"{high:g}")
        elif not value >= low:
            refuse("path_sign", position)
        elif value == 0.0 and name in LEVER_ROWS and LEVER_ROWS[name].positive:
            refuse("path_positive", position)
