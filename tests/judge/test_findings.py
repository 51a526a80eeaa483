"""Measures that leave their range in a shipped baseline: each is known, and each reason is a tested cause."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pytest

from simengine.judge.checks.plausibility import MEASURES, ranges
from simengine.law.regions import load_regions
from tests.helpers.findings import (
    CAUSES,
    COLUMNS,
    FINDINGS,
    HALF,
    LAST_RESORT,
    MONEY,
    MOVES,
    NO_MOVE,
    NO_REASON,
    NOT_EXPLAINED,
    REGIONS,
    baseline,
    excess,
    listed,
    outside,
    run_of,
    table_of,
    taken_away,
    value_of,
)

SLACK = 0.02
"""Part of a known value by which a run may be worse before the test fails."""

UNEXPLAINED = 11
"""Findings for which no cause is known; lower it with each one that is found, never raise it without a reason."""

KEY = ["region", "measure", "leaves"]


def beyond(found: float, known: float, side: str) -> bool:
    """Whether a finding lies further out than the known one."""
    room = SLACK * abs(known)
    return found < known - room if side == "below" else found > known + room


# --- the list ---------------------------------------------------------------------------------------------------------


def test_list__names_known_regions_measures_sides_and_causes_once() -> None:
    known = listed()
    assert tuple(known.columns) == COLUMNS
    assert not known[KEY].duplicated().any() and not known.isna().any().any()
    assert set(known["measure"]) <= set(MEASURES) - set(MONEY)
    assert set(known["leaves"]) <= set(MOVES)
    assert {run_of(name) for name in known["region"]} == set(REGIONS)
    assert set(known["region"]) <= set(load_regions())
    assert set(known["cause"]) - {NOT_EXPLAINED} == set(CAUSES), "a cause of nothing is no cause"


def test_list__says_the_reason_of_the_cause_and_its_sign() -> None:
    """Reasons in words are those of the tested causes: no other text stands in the list."""
    for row in listed().to_dict("records"):
        why = CAUSES[row["cause"]].why if row["cause"] in CAUSES else NO_REASON
        moves = MOVES[row["leaves"]] if row["cause"] in CAUSES else NO_MOVE
        assert (row["why"], row["moves"]) == (why, moves), (row["region"], row["measure"])


def test_list__counts_what_is_not_explained() -> None:
    assert (listed()["cause"] == NOT_EXPLAINED).sum() == UNEXPLAINED


def test_list__a_measure_below_its_range_lies_below_and_one_above_it_above() -> None:
    """The false reason of before excused a surplus as a deficit: the side stands in the list and is looked at here."""
    bounds = {item.measure: item for item in ranges()}
    for row in listed().to_dict("records"):
        bound = bounds[row["measure"]]
        past = {
            "below": bound.low - row["value"],
            "above": row["value"] - bound.high,
            "change": row["value"] - bound.step,
        }
        assert past[row["leaves"]] > -1e-3 * abs(row["value"]), row


def test_list__a_part_has_the_cause_of_the_region_above_it() -> None:
    """Counties and cities leave a range with the region they lie in for the same cause, where both leave it."""
    known, regions = listed().set_index(KEY)["cause"].to_dict(), load_regions()
    pairs = 0
    for (region, measure, side), cause in known.items():
        above = known.get((regions[region].parent, measure, side))
        if above is not None and NOT_EXPLAINED not in (above, cause) and LAST_RESORT not in (above, cause):
            assert cause == above, (region, measure, side)
            pairs += 1
    assert pairs > 30


# --- the baselines ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_baseline__leaves_no_range_but_those_known(region: str) -> None:
    table = table_of(region).reset_index()
    regions = 8 if region == "xuzhou" else 1
    level = load_regions()[region].level
    judged_here = [item for item in ranges() if not item.levels or level in item.levels]
    assert len(table) == regions * len(judged_here)
    assert set(table["verdict"]) <= {"inside", "level", "change", "level and change"}
    assert not table[["lowest", "highest", "change"]].isna().any().any()
    money = table[table["measure"].isin(MONEY)]
    assert (money["verdict"] == "inside").all(), money.loc[money["verdict"] != "inside", "measure"].tolist()
    known = listed()
    known = known[known["region"].map(run_of) == region].set_index(KEY)["value"].to_dict()
    found = outside(region)
    assert {key[:2] for key in found} == set(
        map(tuple, table.loc[table["verdict"] != "inside", ["region", "measure"]].values.tolist())
    )
    new = {key: value for key, value in found.items() if key not in known}
    assert not new, f"not known before, run python -m tests.helpers.findings and read what it finds: {new}"
    worse = {key: (value, known[key]) for key, value in found.items() if beyond(value, known[key], key[2])}
    assert not worse, f"worse than known: {worse}"
    mended = [key for key in known if key not in found]
    assert not mended, f"inside their range now, take them out of {FINDINGS.name}: {mended}"


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_finding__goes_by_half_or_more_when_its_cause_is_taken_away(region: str) -> None:
    """On the real engine, row by row: the value moves to the side that the list says, over half of what lies beyond."""
    rows = [row for row in listed().to_dict("records") if run_of(row["region"]) == region]
    assert rows
    for row in rows:
        if row["cause"] == NOT_EXPLAINED:
            continue
        key, side = (row["region"], row["measure"]), row["leaves"]
        before, after = (value_of(table.loc[key], side) for table in (table_of(region), table_of(region, row["cause"])))
        assert row["moves"] == ("up" if after > before else "smaller" if side == "change" else "down"), row
        assert after != before and taken_away(*key, side, row["cause"]) >= HALF, row


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_finding__is_not_explained_only_where_no_cause_of_the_list_holds(region: str) -> None:
    for row in listed().to_dict("records"):
        if run_of(row["region"]) == region and row["cause"] == NOT_EXPLAINED:
            parts = {cause: taken_away(row["region"], row["measure"], row["leaves"], cause) for cause in CAUSES}
            assert max(parts.values()) < HALF, (row, parts)


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_finding__has_the_widest_cause_only_where_no_narrower_one_holds(region: str) -> None:
    """The widest cause takes away counts, returns and law at once: it says little.

    A measure that leaves its range by less than a thousandth of its value goes with nearly anything: not asked of it.
    """
    for row in listed().to_dict("records"):
        if run_of(row["region"]) == region and row["cause"] == LAST_RESORT:
            narrow = [cause for cause in CAUSES if cause != LAST_RESORT]
            parts = {cause: taken_away(row["region"], row["measure"], row["leaves"], cause) for cause in narrow}
            assert max(parts.values()) < HALF or barely(row), (row, parts)


def barely(row: Mapping[Hashable, Any]) -> bool:
    """Whether a measure leaves its range by less than a thousandth of its value."""
    key, side = (row["region"], row["measure"]), row["leaves"]
    return excess(table_of(run_of(row["region"])).loc[key], side) < 1e-3 * abs(row["value"])


@pytest.mark.slow
def test_cause__that_is_none_takes_nothing_away() -> None:
    """A wrong reason does not pass: premiums of work injury have nothing to do with pensions."""
    assert taken_away("china", "replacement_ratio", "below", "injury premiums") == pytest.approx(0.0, abs=1e-9)
    assert taken_away("hubei", "enterprise_months", "below", "injury premiums") == pytest.approx(0.0, abs=1e-9)
    assert taken_away("haiyan", "injury_months", "below", "half-wage indexation") < HALF


@pytest.mark.slow
def test_baseline__money_moves_in_every_single_year_after_the_data() -> None:
    """Looked at once more without ranges: no nominal series stands still."""
    for region in REGIONS:
        data = baseline(region).dataset.isel(scenario=0, draw=0).sel(region=region)
        for name in ("wage", "benefit_base", "minimum_wage", "unemployment_benefit", "basic_pension_standard"):
            moved = np.diff(data[name].sel(year=slice(2027, None)).values)
            assert (moved > 0.0).all(), (region, name)
        mean = (data.enterprise_pension_mass / data.enterprise_pensioners).values
        assert (np.diff(mean) > 0.0).all(), region


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_finding__of_the_dependency_ratio_comes_from_the_people(region: str) -> None:
    """The old per person of working age move by more than the 0.036 of the range; beyond it, they pass 1.45."""
    known = listed()
    known = known[(known["measure"] == "dependency_ratio") & (known["region"].map(run_of) == region)]
    (bound,) = [item for item in ranges() if item.measure == "dependency_ratio"]
    assert len(known) > 0 and "at most 1.45" in bound.source and "0.036 more in a year" in bound.source
    data = baseline(region).dataset.isel(scenario=0, draw=0)
    for row in known.itertuples():
        here = data.sel(region=row.region)
        people = (MEASURES["dependency_ratio"](here) / MEASURES["dependency_to_demography"](here)).values
        assert np.diff(people).max() > 0.036, row.region
        assert people.max() > 1.45 or row.leaves != "above", row.region
