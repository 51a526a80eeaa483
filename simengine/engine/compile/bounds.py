"""Bounds on series that a scenario changes: a slip of unit is an error before a number is computed."""

from __future__ import annotations

import numpy as np

from simengine.common.errors import ScenarioError
from simengine.scenario.scenario import Scenario

SHARE_ENDINGS = ("_rate", "_share", "_prob", "_share_due")
SHARE_STARTS = ("pause_", "switch_", "stop_at_minimum_", "density_", "transition_", "public_transition_")
SHARE_NAMES = (
    "account_interest",
    "annuity_recorded_interest",
    "resident_takeup",
    "resident_rollout",
    "invalidity_hazard",
)
SIGNED_STARTS = ("return_", "adjustment_")
SLIP = 20.0
"""A changed amount or head count beyond this factor of its own value is taken for a slip of unit."""


def is_share(name: str) -> bool:
    """Whether a series is a share, rate or probability: from 0 to 1."""
    return name.endswith(SHARE_ENDINGS) or name.startswith(SHARE_STARTS) or name in SHARE_NAMES


def own(before: np.ndarray, position: int) -> float:
    """Value of the unchanged series at a position, or the last one known before it; zero when there is none."""
    known = before[: position + 1]
    known = known[np.isfinite(known)]
    return float(known[-1]) if known.size else 0.0


def check_change(name: str, before: np.ndarray, after: np.ndarray, years: np.ndarray, scenario: Scenario) -> None:
    """Refuse a changed series that leaves what its kind allows.

    Shares stay within 0 and 1, returns and adjustments within -0.5 and 0.5, everything else at or above zero and
    within a factor of 20 of its own value (万人 for persons, 亿元 for yuan, a year for a month). NaN means not known.

    Raises
    ------
    ScenarioError naming series, value, year and the line that states it
    """
    moved = ~((after == before) | (np.isnan(after) & np.isnan(before)))
    if not moved.any():
        return
    where = scenario.where("paths", name)

    def refuse(position: int, allowed: str, hint: str) -> None:
        value, year = float(after[position]), int(years[position])
        raise ScenarioError(f"{name} is {value:g} in {year}", where=where, allowed=allowed, hint=hint)

    for position in map(int, np.flatnonzero(moved)):
        value = after[position]
        if is_share(name):
            if not 0.0 <= value <= 1.0:
                refuse(position, "a share from 0 to 1", "Write 16 percent as 0.16")
        elif name.startswith(SIGNED_STARTS):
            if not -0.5 <= value <= 0.5:
                refuse(position, "a yearly rate from -0.5 to 0.5", "Write 2 percent as 0.02")
        elif not value >= 0.0:
            refuse(position, "zero or more", "Correct the sign")
        elif value > 0.0 and not 1.0 / SLIP <= value / (own(before, position) or value) <= SLIP:
            refuse(
                position,
                f"within a factor of {SLIP:g} of {own(before, position):g}, its last value without the change",
                "Check the unit: persons, not 万人; yuan, not 亿元; a month, not a year",
            )
