"""What campaigns asked for and what they found: heads that no pool could give, or that a ceiling kept out.

A campaign of the employees' scheme takes its heads after the ordinary entries, and what it lacks is asked for again
among the entries of later years; so what is still lacking in its last year was not found. A campaign of a branch raises
a level, which stops at the people who can be insured (notes/coverage.md, section 1; unemployment.md; injury.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.engine.label import lane_variables
from simengine.engine.project import Lane, Result
from simengine.kernels import layout as at
from simengine.registry.axes import STATUS
from simengine.scenario.levers import Campaign

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "status", "campaigns", "first", "last", "wanted", "found", "missing", "first_missing")
BRANCHES = ("unemployment", "injury")
ONE_HEAD = 0.5
"""Persons below which nothing is lacking: half a head."""

AT_CEILING = 1e-9
"""Relative distance from a ceiling within which a level stands at it."""


def campaign_table(result: Result) -> pd.DataFrame:
    """Campaigns of the scenarios of a run, one row a scenario and status; areas of a city are added up.

    Returns
    -------
    `COLUMNS`: names of the campaigns, their first and last projected year, the persons wanted beyond ordinary entries,
    found, and missing in the last year, and the first year in which some were missing (empty where none are)
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for scenario in dict.fromkeys(lane.scenario.key for lane in result.lanes):
        lanes = [lane for lane in result.lanes if lane.scenario.key == scenario]
        campaigns = lanes[0].scenario.settings.campaigns
        for status in dict.fromkeys(campaign.status for campaign in campaigns):
            row = _of_status(lanes, status, [one for one in campaigns if one.status == status])
            rows += [] if row is None else [(scenario, *row)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"first_missing": "Int64"})


def _of_status(lanes: list[Lane], status: str, campaigns: Iterable[Campaign]) -> tuple[Any, ...] | None:
    """Cells of one status after the scenario; None where no year of its campaigns is projected."""
    years = lanes[0].inputs.years[1:]
    active = np.zeros(years.size, dtype=bool)
    for campaign in campaigns:
        active |= (years >= campaign.years[0]) & (years <= campaign.years[1])
    if not active.any():
        return None
    first, last = (int(year) for year in years[active][[0, -1]])
    parts = [_wanted_and_missing(lane, status, active) for lane in lanes]
    wanted = float(sum(asked.sum() for asked, _ in parts))
    missing = np.sum([lacking for _, lacking in parts], axis=0)
    lacking = float(missing[years == last][0])
    lacking = 0.0 if lacking < ONE_HEAD else lacking
    short = years[active & (missing >= ONE_HEAD) & (lacking > 0.0)]
    names = ", ".join(str(campaign.id) for campaign in campaigns)
    return status, names, first, last, wanted, wanted - lacking, lacking, int(short[0]) if short.size else None


def _wanted_and_missing(lane: Lane, status: str, active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heads wanted beyond ordinary entries, and of all those so far the ones not found [persons; year]."""
    if lane.output is None:
        raise ValueError(f"the lane of {lane.basis.region} has not been projected")
    values = lane_variables(lane.inputs, lane.output, 1)
    wanted = np.where(active, values[f"campaign_top_up_{status}"], 0.0)
    so_far = wanted.cumsum()
    if status in BRANCHES:
        level = values[f"{status}_insured"]
        grown = np.maximum(level[1:] - level[int(active.argmax())], 0.0)  # since the year end before the first campaign
        at_top = level[1:] >= _ceiling(lane, status, values) * (1.0 - AT_CEILING)
        return wanted, np.where(at_top, np.maximum(so_far - grown, 0.0), 0.0)
    # ordinary entries come first, so what a status lacks is what its campaigns lack
    return wanted, np.clip(values[f"shortfall_{status}"], 0.0, so_far)


def _ceiling(lane: Lane, status: str, values: dict[str, np.ndarray]) -> np.ndarray:
    """Most persons a branch can insure at the year ends of the projection, as its kernel limits its level."""
    injury = values["injury_insured"][1:]
    if status == "unemployment":
        payers = values["members"][STATUS.index("enterprise")] + values["members"][STATUS.index("public")]
        return np.asarray(np.minimum(payers[1:], injury))
    project = lane.inputs.paths[at.PATH_INJURY_PROJECT_SHARE, 1:]
    return np.asarray(values["employed"] / (1.0 - project))
