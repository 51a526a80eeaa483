"""Campaigns: how many heads, of which ages, from which pools, in which order, and what becomes of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simengine.kernels import layout as at
from tests.helpers.lane_builder import Lane, build_lane

PAUSED, NONE, RESIDENT = at.POOL_PAUSED, at.POOL_NONE, at.POOL_RESIDENT
FLOW_OF = {PAUSED: "campaign_from_paused", NONE: "campaign_from_none", RESIDENT: "campaign_from_resident"}


def town(years: int = 1, **series: float | list[float]) -> Lane:
    """Men of 40: 100 payers and 200 paused members. Men of 30: 200 without a scheme, 200 registered residents.

    No level is known and no odds are kept: nobody enters, returns or pauses unless a campaign asks for it.
    """
    lane = build_lane(years).path(**series)
    lane.members("enterprise", 40, 100.0, 10.0).members("paused", 40, 200.0, 10.0, account=500.0)
    lane.people(at.MALE, 40, 300.0).people(at.MALE, 30, 400.0).residents(at.MALE, 30, 200.0, account=1200.0)
    return lane


def from_pools(lane: Lane, t: int = 0) -> dict[int, float]:
    return {pool: lane.flow(name, t) for pool, name in FLOW_OF.items()}


def registered(lane: Lane) -> float:
    return float(lane.state.resident[[at.R_PAYING, at.R_NOT_PAYING]].sum())


def participants(lane: Lane) -> float:
    """Everyone in either scheme, counted once [persons]."""
    return float(lane.cells[at.HEADS].sum()) + registered(lane) - float(lane.state.resident[at.R_DUAL].sum())


def test_campaign__pools_in_numbers() -> None:
    """500 heads: 120 residents by the limit, nine tenths of 200 without a scheme, of 200 paused; 20 are missing."""
    lane = town(2, campaign_additional_enterprise=[500.0, 0.0])
    lane.pools("enterprise", (RESIDENT, 120.0), NONE, PAUSED).step(2)
    assert from_pools(lane) == pytest.approx({RESIDENT: 120.0, NONE: 180.0, PAUSED: 180.0})
    assert lane.flow("campaign_missing_enterprise") == pytest.approx(20.0)
    assert [lane.stock("members_enterprise", e) for e in (1, 2)] == pytest.approx([580.0, 580.0])
    assert [lane.stock("members_paused", e) for e in (1, 2)] == pytest.approx([20.0, 20.0])
    assert participants(lane) == pytest.approx(500.0 + 180.0)
    assert lane.flow("entries_enterprise", 1) == 0.0


# --- pools -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations((PAUSED, NONE, RESIDENT))))
def test_campaign_pools__are_drawn_in_their_order(order: tuple[int, ...]) -> None:
    """Nine tenths of 200 can be had from each: 250 are 180 of the first and 70 of the second."""
    lane = town(campaign_additional_enterprise=250.0).pools("enterprise", *order).step()
    assert [from_pools(lane)[pool] for pool in order] == pytest.approx([180.0, 70.0, 0.0])
    assert lane.flow("campaign_top_up_enterprise") == pytest.approx(250.0)
    assert lane.flow("campaign_missing_enterprise") == pytest.approx(0.0, abs=1e-9)
    assert lane.heads("enterprise") == pytest.approx(350.0)


@pytest.mark.parametrize("pool", [PAUSED, NONE, RESIDENT])
def test_campaign_pools__one_not_named_gives_nobody(pool: int) -> None:
    lane = town(campaign_additional_enterprise=400.0).pools("enterprise", pool).step()
    assert from_pools(lane) == {other: pytest.approx(180.0 if other == pool else 0.0) for other in FLOW_OF}
    assert lane.flow("campaign_missing_enterprise") == pytest.approx(220.0)


def test_campaign_pools__heads_leave_the_pool_they_come_from() -> None:
    for pool, residents, paused, uncovered in (
        (PAUSED, 200.0, 100.0, 200.0), (NONE, 200.0, 200.0, 100.0), (RESIDENT, 100.0, 200.0, 200.0),
    ):  # fmt: skip
        lane = town(campaign_additional_enterprise=100.0).pools("enterprise", pool).step()
        assert registered(lane) == pytest.approx(residents)
        assert lane.heads("paused") == pytest.approx(paused)
        assert 700.0 - participants(lane) == pytest.approx(uncovered)


@pytest.mark.parametrize(("limit", "first"), [(30.0, 30.0), (180.0, 180.0), (1e6, 180.0)])
def test_campaign_limits__are_the_most_a_year(limit: float, first: float) -> None:
    lane = town(2, campaign_additional_enterprise=[200.0, 10.0]).pools("enterprise", (NONE, limit), RESIDENT).step(2)
    assert from_pools(lane) == {PAUSED: 0.0, NONE: pytest.approx(first), RESIDENT: pytest.approx(200.0 - first)}
    left = min(limit, 10.0, 0.9 * (200.0 - first))
    assert from_pools(lane, 1)[NONE] == pytest.approx(left)


def test_campaign_limits__of_the_last_pool_leave_a_shortfall() -> None:
    lane = town(campaign_additional_enterprise=100.0).pools("enterprise", (NONE, 30.0), (RESIDENT, 20.0)).step()
    assert lane.flow("campaign_missing_enterprise") == pytest.approx(50.0)


def busy(years: int = 1, **series: float | list[float]) -> Lane:
    """The town where every fourth person who can enter does: 100 of 400, half of them residents."""
    lane = town(years, **series)
    lane.tables.entry_shape[:] = 0.25
    lane.state.memory[at.MEMORY_ODDS_ENTERPRISE] = 1.0
    return lane


def test_campaign_pools__ordinary_entries_come_first_and_from_everywhere() -> None:
    """100 ordinary entries, half of each pool; a gross campaign then finds 150 people without a scheme, not 200."""
    lane = busy(campaign_gross_enterprise=300.0).pools("enterprise", NONE).step()
    assert lane.flow("entries_from_resident") == pytest.approx(50.0)
    assert lane.flow("campaign_from_none") == pytest.approx(0.9 * 150.0)
    assert lane.flow("entries_enterprise") == pytest.approx(100.0 + 135.0)


def test_campaign_pools__an_additional_campaign_comes_before_ordinary_entries() -> None:
    """It takes 180 of those without a scheme; a quarter of the 220 who are left enters beside it."""
    lane = busy(campaign_additional_enterprise=200.0).pools("enterprise", NONE).step()
    assert lane.flow("campaign_from_none") == pytest.approx(180.0)
    assert lane.flow("entries_enterprise") == pytest.approx(180.0 + 55.0)


def test_campaign_pools__the_flexible_draw_on_what_enterprises_left() -> None:
    lane = town(campaign_additional_enterprise=100.0, campaign_additional_flexible=100.0)
    lane.pools("enterprise", NONE).pools("flexible", NONE).step()
    assert lane.flow("campaign_missing_enterprise") == pytest.approx(0.0, abs=1e-9)
    assert lane.heads("flexible") == pytest.approx(90.0)
    assert lane.flow("campaign_missing_flexible") == pytest.approx(10.0)


@pytest.mark.parametrize("status", ["enterprise", "flexible"])
def test_campaign_pools__paused_members_come_back_to_the_status_of_the_campaign(status: str) -> None:
    lane = town(**{f"campaign_additional_{status}": 60.0}).pools(status, PAUSED).step()
    assert lane.flow(f"returns_{status}") == pytest.approx(60.0)
    assert lane.flow("entries_enterprise") == lane.flow("entries_flexible") == 0.0
    assert lane.flow(f"campaign_top_up_{status}") == pytest.approx(60.0)


def test_campaign_pools__pressed_members_come_back_first() -> None:
    """Half of the paused are 52 with 6.5 years, 8.5 to go: four times the weight of those at ease."""
    lane = town(campaign_additional_enterprise=50.0).members("paused", 52, 200.0, 6.5)
    lane.constant(return_urgency=3.0, pressing_years=10.0).pools("enterprise", PAUSED).step()
    assert float(lane.moments("paused", 52)[at.HEADS]) == pytest.approx(160.0)
    assert float(lane.moments("paused", 40)[at.HEADS]) == pytest.approx(190.0)


# --- what becomes of them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", [NONE, RESIDENT])
def test_campaign__a_switch_from_the_residents_leaves_the_total_of_both_schemes(pool: int) -> None:
    before = participants(town())
    lane = town(campaign_additional_enterprise=100.0).pools("enterprise", pool).step()
    assert participants(lane) == pytest.approx(before + (100.0 if pool == NONE else 0.0))


def test_campaign__residents_bring_their_account_and_paused_members_keep_theirs() -> None:
    lane = town(campaign_additional_enterprise=100.0).pools("enterprise", (RESIDENT, 40.0), PAUSED).step()
    assert lane.flow("account_transferred_in") == pytest.approx(40.0 * 1200.0)
    assert lane.moments("enterprise", 30)[at.ACCOUNT] == pytest.approx(40.0 * 1200.0)
    assert lane.moments("enterprise", 40)[at.ACCOUNT] == pytest.approx(60.0 * 500.0)


def test_campaign__the_paused_target_falls_for_good() -> None:
    """60 paused members came back in the first year: nobody pauses to fill the gap in the second and third."""
    lane = town(3, campaign_additional_enterprise=[60.0, 0.0, 0.0]).pools("enterprise", PAUSED).step(3)
    assert lane.heads("paused") == pytest.approx(140.0)
    assert lane.heads("enterprise") == pytest.approx(160.0)
    assert lane.out.flows[at.FLOW_PAUSES_ENTERPRISE, :3].tolist() == [0.0] * 3
    assert lane.out.flows[at.FLOW_SHORTFALL_PAUSED, :3] == pytest.approx([0.0] * 3, abs=1e-9)


def test_campaign__leaves_no_memory_in_later_entries() -> None:
    """The campaign of the second year takes 60 paused members; in the third as many enter as without it."""
    unknown = float("nan")
    known = {"enterprise_payers": [100.0, unknown, unknown], "paused_members": [200.0, unknown, unknown]}
    plain = town(3, **known).step(3)
    lane = town(3, campaign_additional_enterprise=[0.0, 60.0, 0.0], **known).pools("enterprise", PAUSED).step(3)
    assert plain.flow("entries_enterprise", 2) > 0.0
    for name in ("entries_enterprise", "entry_odds_enterprise"):
        assert lane.flow(name, 2) == pytest.approx(plain.flow(name, 2))
    assert lane.heads("paused") == pytest.approx(plain.heads("paused") - 60.0)
    assert lane.heads("enterprise") == pytest.approx(plain.heads("enterprise") + 60.0)


def test_campaign__a_shortfall_is_not_asked_for_again() -> None:
    """120 of 300 find no place in the pool: they are missing, and the next year asks for nobody."""
    lane = town(2, campaign_additional_enterprise=[300.0, 0.0]).pools("enterprise", NONE).step(2)
    assert lane.flow("campaign_missing_enterprise", 0) == pytest.approx(120.0)
    assert sum(from_pools(lane, 1).values()) == lane.flow("entries_enterprise", 1) == 0.0
    assert lane.heads("enterprise") == pytest.approx(280.0)


def test_campaign__a_gross_one_that_was_missing_is_behind_until_it_ends() -> None:
    """Of 300 promised for the first year 180 came; 120 are brought with the second year's 10 by what is left."""
    lane = town(3, campaign_gross_enterprise=[300.0, 10.0, 0.0]).pools("enterprise", NONE, RESIDENT)
    lane.tables.campaign[0, 0, 1] = 0.0
    lane.step(3)
    assert from_pools(lane)[NONE] == pytest.approx(180.0)
    assert lane.flow("campaign_missing_enterprise", 0) == pytest.approx(120.0)
    assert lane.flow("campaign_top_up_enterprise", 1) == pytest.approx(10.0)
    assert lane.flow("campaign_top_up_enterprise", 2) == 0.0


def test_campaign__additional_heads_of_every_year_add_up() -> None:
    lane = town(3, campaign_additional_enterprise=[50.0, 20.0, 0.0]).pools("enterprise", NONE).step(3)
    assert [lane.stock("members_enterprise", e) for e in (1, 2, 3)] == pytest.approx([150.0, 170.0, 170.0])
    assert [lane.flow("campaign_top_up_enterprise", t) for t in range(3)] == pytest.approx([50.0, 20.0, 0.0])


def test_campaign__flexible_payers_have_pools_of_their_own() -> None:
    lane = town(campaign_additional_flexible=40.0).pools("flexible", NONE).step()
    assert lane.flow("campaign_top_up_flexible") == pytest.approx(40.0)
    assert lane.flow("campaign_top_up_enterprise") == 0.0
    assert lane.heads("flexible") == pytest.approx(40.0)


def test_campaign__gross_and_additional_of_one_year_stand_beside_each_other() -> None:
    """25 come on top; a quarter of the 375 left enters, and 100 promised are topped up with what is missing."""
    lane = busy(campaign_gross_enterprise=100.0, campaign_additional_enterprise=25.0)
    lane.pools("enterprise", NONE).step()
    assert lane.flow("campaign_top_up_enterprise") == pytest.approx(25.0 + 100.0 - 0.25 * 375.0)
    assert lane.heads("enterprise") == pytest.approx(100.0 + 25.0 + 100.0)


def test_campaign__without_heads_its_pools_change_nothing() -> None:
    plain, named = town().step(), town().pools("enterprise", (NONE, 5.0), PAUSED).pools("flexible", RESIDENT).step()
    assert np.array_equal(plain.state.members, named.state.members)
    assert np.array_equal(plain.out.flows, named.out.flows)


# --- ages ------------------------------------------------------------------------------------------------------------


def of_all_ages(**series: float) -> Lane:
    """Ten men of every age from 20 to 62, nobody insured."""
    lane = build_lane().path(**series)
    for age in range(20, 63):
        lane.people(at.MALE, age, 10.0)
    return lane.pools("flexible", NONE)


def test_campaign_ages__alike_at_every_age_between_the_two() -> None:
    lane = of_all_ages(campaign_additional_flexible=33.0)
    lane.tables.campaign_ages[:, at.FLEXIBLE] = 30.0, 40.0, 0.0
    lane.step()
    heads = {age: float(lane.moments("flexible", age)[at.HEADS]) for age in range(20, 63)}
    assert heads == pytest.approx({age: 3.0 if 30 <= age <= 40 else 0.0 for age in heads})


def test_campaign_ages__nobody_who_cannot_reach_the_minimum_unless_stated() -> None:
    """Men with a minimum of 15: who reaches 45 has 15.5 years left, who reaches 46 has 14.5."""
    last = {}
    for reaching in (0.0, 1.0):
        lane = of_all_ages(campaign_additional_flexible=10.0)
        lane.tables.campaign_ages[:, at.FLEXIBLE] = 35.0, 79.0, reaching
        lane.step()
        last[reaching] = max(age for age in range(20, 63) if lane.moments("flexible", age)[at.HEADS] > 0.0)
    assert last == {1.0: 45, 0.0: 60}


def test_campaign_in_time__counts_who_can_still_reach_the_minimum() -> None:
    """Ages 35 to 60, alike: eleven of 26 ages are in time."""
    lane = of_all_ages(campaign_additional_flexible=26.0)
    lane.tables.campaign_ages[:, at.FLEXIBLE] = 35.0, 60.0, 0.0
    lane.step()
    assert lane.flow("entries_flexible") == pytest.approx(26.0)
    assert lane.flow("campaign_in_time") == pytest.approx(11.0)
