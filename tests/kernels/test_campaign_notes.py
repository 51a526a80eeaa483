"""Every number of the worked examples of notes/campaigns.md comes out of the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from tests.helpers.branch_builder import Branch, neutral, resident_year
from tests.helpers.lane_builder import build_lane
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables
from tests.kernels.test_campaign_kernels import NONE, PAUSED, RESIDENT, of_all_ages, participants, town

ELDERLY = at.POOL_ELDERLY


def test_note__pools_of_the_employees() -> None:
    lane = town(2, campaign_additional_enterprise=[500.0, 0.0])
    lane.pools("enterprise", (RESIDENT, 120.0), NONE, PAUSED).step(1)
    values = {
        "residents": lane.flow("campaign_from_resident"),
        "people without a scheme": lane.flow("campaign_from_none"),
        "paused members who come back": lane.flow("campaign_from_paused"),
        "missing": lane.flow("campaign_missing_enterprise"),
        "enterprise payers": lane.heads("enterprise"),
        "paused members": lane.heads("paused"),
        "participants of both schemes": participants(lane),
    }
    later = town(2, campaign_additional_enterprise=[500.0, 0.0])
    later.pools("enterprise", (RESIDENT, 120.0), NONE, PAUSED).step(2)
    values["enterprise payers a year later"] = later.heads("enterprise")
    assert_rows(note_tables("campaigns", "4.1")[0], values)


PROFILES = {"not stated": (35.0, 79.0, 1.0), "[35, 60]": (35.0, 60.0, 0.0), "[46, 60]": (46.0, 60.0, 0.0)}


@pytest.mark.parametrize("row", note_tables("campaigns", "4.2")[0], ids=lambda row: row["ages"])
def test_note__ages(row: dict[str, str]) -> None:
    lane = of_all_ages(campaign_additional_flexible=26.0)
    lane.tables.campaign_ages[:, at.CAMPAIGN_FLEXIBLE] = PROFILES[row["ages"]]
    lane.step()
    found, in_time = lane.flow("campaign_from_none"), lane.flow("campaign_in_time")
    assert_printed(row["found"], found, "found")
    assert_printed(row["in time"], in_time, "in time")
    assert_printed(row["too late"], found - in_time, "too late")
    assert lane.flow("campaign_flexible_from_none") == found and lane.flow("campaign_flexible_in_time") == in_time


def test_in_time__of_paused_members_counts_the_years_they_have() -> None:
    """Men of 50, 9.5 years to go, a minimum of 15: of the 80 who come back the half with seven years is in time."""
    lane = build_lane().path(campaign_additional_enterprise=80.0).pools("enterprise", PAUSED)
    lane.members("paused", 50, 100.0, 3.0).members("paused", 50, 100.0, 7.0).people(at.MALE, 50, 200.0).step()
    assert lane.flow("campaign_from_paused") == pytest.approx(80.0)
    assert lane.flow("campaign_in_time") == pytest.approx(40.0)
    assert lane.flow("campaign_flexible_in_time") == 0.0


def village(years: int = 3, women: float = 500.0, **series: float | list[float]) -> Branch:
    """The village of the notes: men of 40, women of 70, nobody dies."""
    given: dict[str, float | list[float]] = {
        "resident_paying_share": 0.5,
        "resident_rollout": 1.0,
        "resident_takeup": 0.6,
        "resident_pension_age": 60.0,
        "basic_pension": 100.0,
        "resident_contribution": 200.0,
        "resident_registered": [600.0, np.nan, np.nan],
    }
    case = neutral(years).path(**(given | series))
    case.scratch.population_survived[at.MALE, 40] = 1_000.0
    case.scratch.population_survived[at.FEMALE, 70] = women
    case.state.resident[[at.R_PAYING, at.R_NOT_PAYING], at.MALE, 39] = 300.0
    case.state.beneficiaries[at.B_HEADS, at.FEMALE, 69] = 0.6 * women
    return case


def years_of(case: Branch) -> None:
    for t in range(case.years):
        if t:
            people = case.scratch.population_survived
            people[:, 1:] = people[:, :-1].copy()
        resident_year(case, t)


@pytest.mark.parametrize(("which", "heads"), [(0, 260.0), (1, 0.0)])
def test_note__residents(which: int, heads: float) -> None:
    index = [1.0, 620.0 / 600.0, 640.0 / 600.0]
    case = village(campaign_additional_resident=[0.0, heads, 0.0], resident_index=index)
    case.tables.campaign[:, at.CAMPAIGN_RESIDENT] = [(ELDERLY, 100.0), (PAUSED, 60.0), (NONE, np.inf)]
    years_of(case)
    rows = note_tables("campaigns", "4.3")[which]
    assert len(rows) == case.years
    for t, row in enumerate(rows):
        found = {
            "year": t + 1.0,
            "asked": case.flow("campaign_top_up_resident", t),
            "elderly": case.flow("campaign_resident_from_elderly", t),
            "paused": case.flow("campaign_resident_from_paused", t),
            "none": case.flow("campaign_resident_from_none", t),
            "registrations": case.flow("resident_entries", t),
            "registered": case.stock("resident_contributors", t + 1) + case.stock("resident_paused", t + 1),
            "paying": case.stock("resident_contributors", t + 1),
            "drawing": case.stock("resident_beneficiaries", t + 1),
            "paid in": case.flow("resident_credits", t),
            "base pensions": case.flow("resident_base_paid", t),
        }
        assert list(row) == list(found)
        for name, value in found.items():
            assert_printed(row[name], value, f"year {t + 1}, {name}")


def test_note__gross_campaign_of_residents() -> None:
    case = village(women=0.0, campaign_gross_resident=[0.0, 70.0, 70.0], resident_index=[1.0, 1.2, 1.2])
    case.tables.campaign[:, at.CAMPAIGN_RESIDENT, 0] = NONE, np.inf
    years_of(case)
    for t, row in enumerate(note_tables("campaigns", "4.4")[0]):
        added = case.flow("campaign_resident_from_none", t)
        found = {
            "year": t + 1.0,
            "promised": case.value("campaign_gross_resident", t),
            "ordinary": case.flow("resident_entries", t) - added,
            "added": added,
            "registered": case.stock("resident_contributors", t + 1) + case.stock("resident_paused", t + 1),
        }
        assert list(row) == list(found)
        for name, value in found.items():
            assert_printed(row[name], value, f"year {t + 1}, {name}")
