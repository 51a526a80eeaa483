"""Bounds on series that a scenario changes: a slip of unit is an error before a number is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.registry.inputs import LEVER_ROWS, SERIES, SLIP
from simengine.scenario.scenario import Scenario


def own(before: np.ndarray, position: int) -> float:
    """Value of the unchanged series at a position, or the last one known before it; zero when there is none."""
    known = before[: position + 1]
    known = known[np.isfinite(known)]
    return float(known[-1]) if known.size else 0.0


def check_change(name: str, before: np.ndarray, after: np.ndarray, years: np.ndarray, scenario: Scenario) -> None:
    """Refuse a changed series that leaves what its kind allows (`simengine.registry.inputs.BOUNDS`).

    What has no upper bound also stays within a factor of 20 of its own value (万人 for persons, 亿元 for yuan, a year
    for a month). NaN means not known.

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
        value, unchanged = after[position], own(before, position)
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
        elif not np.isfinite(high) and value != 0.0 and not 1.0 / SLIP <= value / (unchanged or value) <= SLIP:
            refuse("path_slip", position, factor=f"{SLIP:g}", before=f"{unchanged:g}")
