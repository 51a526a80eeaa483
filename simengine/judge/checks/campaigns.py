"""What campaigns asked for and what they found: heads by pool, heads in time for a pension, heads that are missing.

A campaign of a pension scheme asks for the heads of its year, beyond ordinary entries, and takes them from its pools.
What no pool can give is missing in that year, and nothing of it is asked for again. Years with a known level contain
their campaigns: a gross one only counts ordinary entries up to it, and asks in later years for what they lack. A
campaign of a branch raises a level, which stops at the people who can be insured (notes/campaigns.md; unemployment.md;
injury.md). How many more draw a pension is found by a second run of the lanes without the campaigns of the status.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from simengine.engine.label import lane_variables
from simengine.engine.project import Lane, Result, copy_state, run_lane
from simengine.kernels import layout as at
from simengine.registry.axes import STATUS
from simengine.registry.inputs import PATH_NAMES
from simengine.scenario.levers import Campaign

if TYPE_CHECKING:
    import pandas as pd

BRANCHES = ("unemployment", "injury")
POOLS = ("paused", "none", "resident", "elderly")
KINDS = ("gross", "additional")
PENSIONERS = ("enterprise_pensioners", "public_pensioners")
ONE_HEAD = 0.5
"""Persons below which nothing is lacking: half a head."""

AT_CEILING = 1e-9
"""Relative distance from a ceiling within which a level stands at it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One status of a scenario with campaigns; all heads in persons, over the projected years of the campaigns.

    Attributes
    ----------
    campaigns : their names; first, last : their first and last projected year
    planned : heads stated
    ordinary : ordinary entries, registrations and switches, which count towards a gross campaign; of a branch none
    wanted : heads asked for beyond them
    paused, none, resident, elderly : heads found by pool; none for a branch
    found, missing : what they add up to, and the rest of `wanted`
    first_missing : first year in which some are missing
    in_time : of the found, who have the minimum years or can still reach them by their statutory month; employees alone
    contained : heads that known levels hold: those of additional campaigns in such years, and what a gross campaign
        still lacks because its last years have one
    pension_year : year at whose end most more people draw a pension of the scheme than without the campaigns
    pensions, resident_pensions : people who draw an employees' and a residents' pension then, less those without them
    """

    scenario: str
    status: str
    campaigns: str
    first: int
    last: int
    planned: float
    ordinary: float
    wanted: float
    paused: float
    none: float
    resident: float
    elderly: float
    found: float
    missing: float
    first_missing: int | None
    in_time: float
    contained: float
    pension_year: int | None
    pensions: float
    resident_pensions: float


COLUMNS = tuple(field.name for field in fields(Row))


def campaign_table(result: Result) -> pd.DataFrame:
    """Campaigns of the scenarios of a run, one row a scenario and status; areas of a city are added up.

    Returns
    -------
    the fields of `Row`; not a number where a field has no meaning for the status
    """
    import pandas as pd

    rows: list[Row] = []
    for scenario in dict.fromkeys(lane.scenario.key for lane in result.lanes):
        lanes = [lane for lane in result.lanes if lane.scenario.key == scenario]
        campaigns = lanes[0].scenario.settings.campaigns
        for status in dict.fromkeys(campaign.status for campaign in campaigns):
            row = _of_status(scenario, lanes, status, [one for one in campaigns if one.status == status])
            rows += [] if row is None else [row]
    frame = pd.DataFrame([astuple(row) for row in rows], columns=list(COLUMNS))
    return frame.astype({"first_missing": "Int64", "pension_year": "Int64"})


def _of_status(scenario: str, lanes: list[Lane], status: str, campaigns: Iterable[Campaign]) -> Row | None:
    """The row of one status; None where no year of its campaigns is projected."""
    years = lanes[0].inputs.years[1:]
    active = np.zeros(years.size, dtype=bool)
    for campaign in campaigns:
        active |= (years >= campaign.years[0]) & (years <= campaign.years[1])
    if not active.any():
        return None
    first, last = (int(year) for year in years[active][[0, -1]])
    parts = [_account(lane, status, active) for lane in lanes]
    heads = {name: np.sum([part[name] for part in parts], axis=0) for name in parts[0]}
    sums = {name: float(heads[name].sum()) for name in heads if name != "missing"}
    missing = heads["missing"]
    lacking = float(missing[years == last][0]) if status in BRANCHES else float(missing.sum())
    lacking = 0.0 if lacking < ONE_HEAD else lacking
    short = years[active & (missing >= ONE_HEAD) & (lacking > 0.0)]
    beyond = sums["planned_gross"] - sums["ordinary"] - (sums["wanted"] - sums["planned_additional"] + sums["within"])
    gross_known = sums["planned_gross"] > 0.0 and beyond >= ONE_HEAD and status not in BRANCHES
    nobody = status in BRANCHES or sums["wanted"] - lacking < ONE_HEAD
    pensions = (None, np.nan, np.nan) if nobody else _pensions(lanes, status)
    return Row(
        scenario=scenario, status=status, campaigns=", ".join(str(campaign.id) for campaign in campaigns),
        first=first, last=last, planned=sums["planned_gross"] + sums["planned_additional"],
        ordinary=sums["ordinary"], wanted=sums["wanted"],
        paused=sums["paused"], none=sums["none"], resident=sums["resident"], elderly=sums["elderly"],
        found=sums["wanted"] - lacking, missing=lacking, first_missing=int(short[0]) if short.size else None,
        in_time=sums["in_time"], contained=sums["within"] + (beyond if gross_known else 0.0),
        pension_year=pensions[0], pensions=pensions[1], resident_pensions=pensions[2],
    )  # fmt: skip


def _account(lane: Lane, status: str, active: np.ndarray) -> dict[str, np.ndarray]:
    """Heads of the active years of one lane by meaning [persons; year]; `missing` of a branch is what lacks so far."""
    if lane.output is None:
        raise ValueError(f"the lane of {lane.basis.region} has not been projected")
    values = lane_variables(lane.inputs, lane.output, 1)
    nothing, unknown = np.zeros(active.size), np.full(active.size, np.nan)
    account = dict.fromkeys((*POOLS, "in_time", "ordinary"), unknown)
    account["wanted"] = np.where(active, values[f"campaign_top_up_{status}"], 0.0)
    for kind in KINDS:
        account[f"planned_{kind}"] = lane.inputs.paths[PATH_NAMES.index(f"campaign_{kind}_{status}"), 1:]
    account["within"] = nothing
    if f"{status}_payers" in PATH_NAMES:
        known = ~np.isnan(lane.inputs.paths[PATH_NAMES.index(f"{status}_payers"), 1:])
        account["within"] = np.where(known & active, account["planned_additional"], 0.0)
    if status in BRANCHES:
        return account | {"missing": _missing_of_branch(lane, status, values, account["wanted"], active)}
    account["missing"] = values[f"campaign_missing_{status}"]
    if status == "resident":
        account |= {pool: values[f"campaign_resident_from_{pool}"] for pool in ("elderly", "paused", "none")}
        account["ordinary"] = values["resident_entries"] + values["resident_admitted"]
        account["ordinary"] = account["ordinary"] - account["elderly"] - account["none"]
    else:
        for name in ("from_paused", "from_none", "from_resident", "in_time"):
            part = values[f"campaign_flexible_{name}"]
            own = part if status == "flexible" else values[f"campaign_{name}"] - part
            account[name.removeprefix("from_")] = own
        entered = values[f"entries_{status}"] + values[f"switches_to_{status}"]
        account["ordinary"] = entered - account["none"] - account["resident"]
    account["ordinary"] = np.where(active, account["ordinary"], nothing)
    return account


def _pensions(lanes: list[Lane], status: str) -> tuple[int, float, float]:
    """Year of most more pensions of the scheme than without the campaigns of a status; of both then [persons]."""
    parts = [_more_drawing(lane, status) for lane in lanes]
    employees, residents = (np.sum([part[scheme] for part in parts], axis=0) for scheme in range(2))
    most = int(np.argmax(residents if status == "resident" else employees))
    return int(lanes[0].inputs.years[most]), float(employees[most]), float(residents[most])


def _more_drawing(lane: Lane, status: str) -> tuple[np.ndarray, np.ndarray]:
    """Who draws an employees' and a residents' pension, less those of the lane without the campaigns [year end]."""
    if lane.output is None:
        raise ValueError(f"the lane of {lane.basis.region} has not been projected")
    paths = lane.inputs.paths.copy()
    for kind in KINDS:
        paths[PATH_NAMES.index(f"campaign_{kind}_{status}")] = 0.0
    inputs = replace(lane.inputs, paths=paths)
    output = run_lane(inputs, copy_state(lane.opening), 1, inputs.years.size)
    own, without = lane_variables(lane.inputs, lane.output, 1), lane_variables(inputs, output, 1)
    more = {name: own[name] - without[name] for name in (*PENSIONERS, "resident_beneficiaries")}
    return sum((more[name] for name in PENSIONERS), np.zeros(1)), more["resident_beneficiaries"]


def _missing_of_branch(
    lane: Lane, status: str, values: dict[str, np.ndarray], wanted: np.ndarray, active: np.ndarray
) -> np.ndarray:
    """Of all heads wanted so far the least a branch cannot hold: its level stands at a ceiling [persons; year]."""
    level = values[f"{status}_insured"]
    grown = np.maximum(level[1:] - level[int(active.argmax())], 0.0)  # since the year end before the first campaign
    at_top = level[1:] >= _ceiling(lane, status, values) * (1.0 - AT_CEILING)
    return np.where(at_top, np.maximum(wanted.cumsum() - grown, 0.0), 0.0)


def _ceiling(lane: Lane, status: str, values: dict[str, np.ndarray]) -> np.ndarray:
    """Most persons a branch can insure at the year ends of the projection, as its kernel limits its level."""
    injury = values["injury_insured"][1:]
    if status == "unemployment":
        payers = values["members"][STATUS.index("enterprise")] + values["members"][STATUS.index("public")]
        return np.asarray(np.minimum(payers[1:], injury))
    project = lane.inputs.paths[at.PATH_INJURY_PROJECT_SHARE, 1:]
    return np.asarray(values["employed"] / (1.0 - project))
