"""Targets, returns, entries and the named flows beside them; every number of notes/coverage.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.members.coverage import spread_entries, weigh_entries
from simengine.kernels.members.enrolment import level_targets, shift_payment
from simengine.kernels.members.entry import ask_entries
from tests.helpers.lane_builder import Lane, build_lane
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables, pitfalls_named

LEVELS = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
STATUS_NAMES = ("enterprise", "flexible", "public", "paused")


def targets_of(lane: Lane, t: int = 0) -> np.ndarray:
    targets = np.zeros(at.STATUSES)
    level_targets(t, lane.paths, targets)
    shift_payment(t, lane.paths, lane.constants, lane.state, lane.scratch, targets)
    return targets


# --- the note --------------------------------------------------------------------------------------------------------


def test_note__payment_rate() -> None:
    rows = note_tables("coverage", "4.2")[0]
    lane = build_lane().path(**dict(zip(LEVELS, (1000.0, 300.0, 100.0, 250.0), strict=True)))
    before = targets_of(lane)
    after = targets_of(lane.path(payment_rate=0.9))
    for row, old, new in zip(rows, [*before, before.sum()], [*after, after.sum()], strict=True):
        assert_printed(row["before"], old, row["status"])
        assert_printed(row["after"], new, row["status"])
    assert after[:3].sum() / after.sum() == pytest.approx(0.9)


def enrolment_lane() -> Lane:
    """The men of section 4.3."""
    lane = build_lane().path(**dict(zip(LEVELS, (1000.0, 270.0, 0.0, 260.0), strict=True)))
    lane.members("enterprise", 40, 900.0, 10.0).members("flexible", 40, 250.0, 10.0).members("paused", 40, 300.0, 10.0)
    lane.people(at.MALE, 40, 1450.0).people(at.MALE, 30, 1000.0).residents(at.MALE, 30, 300.0, account=1200.0)
    lane.tables.student_share[30] = 0.1
    return lane.constant(entry_blend=0.5)


def test_note__returns_and_entries() -> None:
    lane = enrolment_lane().step()
    flow = lane.flow
    entered = flow("entries_enterprise") + flow("entries_flexible")
    left = float(lane.scratch.pool[at.MALE, 30 - at.FIRST_AGE])
    assert_rows(
        note_tables("coverage", "4.3")[0],
        {
            "lacking, enterprise": flow("returns_enterprise") + flow("entries_enterprise"),
            "lacking, flexible": flow("returns_flexible") + flow("entries_flexible"),
            "paused above the target": 300.0 - lane.heads("paused"),
            "returns to enterprise": flow("returns_enterprise"),
            "returns to flexible": flow("returns_flexible"),
            "pool of men of 30": left + entered,
            "entries to enterprise": flow("entries_enterprise"),
            "entries to flexible": flow("entries_flexible"),
            "of them from the resident scheme": flow("entries_from_resident"),
            "accounts they bring": flow("account_transferred_in"),
            "left in the pool": left,
        },
    )


def entrant_lane(kind: str) -> Lane:
    """One kind of entrant of section 4.4, 100 heads; density 0 so that the half-year afterwards adds nothing."""
    lane = build_lane().path(previous_wage=6000.0, catch_up_price_rate=0.2, flexible_account_share=0.08)
    lane.path(density_enterprise=0.0, density_flexible=0.0, density_public=0.0)
    lane.constant(flexible_buy_index=0.6, catch_up_minimum_years=15.0, admission_entry_age=22.0)
    lane.constant(public_deemed_index=1.3, deemed_entry_share=0.5)
    row = next(row for row in note_tables("coverage", "4.4")[0] if row["entrant"] == kind)
    lane.people(at.MALE, int(row["age reached"]), 1000.0)
    if kind == "catch-up":
        lane.path(flexible_payers=100.0, catch_up_entrants=100.0)
    elif kind == "admitted":
        lane.path(public_payers=100.0, admitted_public_actives=100.0)
    else:
        lane.path(enterprise_payers=100.0)
        lane.constant(deemed_entry_before=2021.0 if kind == "deemed entry" else 0.0)
    return lane


@pytest.mark.parametrize("kind", ["ordinary", "catch-up", "deemed entry", "admitted"])
def test_note__years_that_entrants_bring(kind: str) -> None:
    rows = note_tables("coverage", "4.4")[0]
    assert {row["entrant"] for row in rows} == {"ordinary", "catch-up", "deemed entry", "admitted"}
    row = next(row for row in rows if row["entrant"] == kind)
    lane = entrant_lane(kind).step()
    age = int(row["age reached"])
    sums = lane.cells[:, 0, :, age - at.FIRST_AGE].sum(axis=(1, 2))
    assert sums[at.HEADS] == pytest.approx(100.0)
    found = {
        "entrant": kind,
        "age reached": age,
        "years left": lane.tables.retirement[0, 0, age, at.RET_YEARS_TO_STATUTORY],
        "service": sums[at.SERVICE] / 100.0,
        "deemed": sums[at.DEEMED] / 100.0,
        "deemed index-years": sums[at.DEEMED_INDEX] / 100.0,
        "paid": lane.ledger(at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS) / 100.0,
        "account": sums[at.ACCOUNT] / 100.0,
    }
    assert list(row) == list(found)
    for column in list(found)[1:]:
        assert_printed(row[column], float(found[column]), f"{kind}, {column}")


def test_note__layoffs() -> None:
    assert_rows(note_tables("coverage", "4.5")[0], {"laid off": layoff_lane(known=False).step().flow("layoffs")})


def test_pitfalls_are_tests() -> None:
    names = ("test_coverage_kernels", "test_coverage_weights_kernels", "test_campaign_kernels", "test_entry_kernels")
    source = "".join(Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8") for name in names)
    named = pitfalls_named("coverage")
    assert named
    assert {name for name in named if f"def {name}(" not in source} == set()


# --- both targets ----------------------------------------------------------------------------------------------------


def populated(seed: int) -> Lane:
    """Members of all statuses at random working ages, deaths, moves, and a population with ample pools."""
    rng = np.random.default_rng(seed)
    lane = build_lane().path(
        pause_enterprise=0.06,
        pause_flexible=0.12,
        switch_enterprise_flexible=0.03,
        switch_flexible_enterprise=0.05,
        density_enterprise=0.95,
        density_flexible=0.8,
        unclaimed_share=1.0,
    )
    lane.constant(entry_blend=0.5, mortality_other_max=4.0).open_entries(enterprise=0.35)
    lane.tables.entry_hazard[:] = rng.uniform(0.1, 1.0, lane.tables.entry_hazard.shape)
    for age in range(20, 56):
        lane.people(at.MALE, age, rng.uniform(300, 500), 0.004).people(at.FEMALE, age, rng.uniform(300, 500), 0.002)
    for _ in range(12):
        career = ("men", "women_55", "women_50")[rng.integers(3)]
        age = int(rng.integers(22, {"men": 55, "women_55": 50, "women_50": 45}[career]))
        for status in ("enterprise", "flexible", "public", "paused"):
            if (career, status) != ("women_50", "public"):
                lane.members(status, age, rng.uniform(5, 30), rng.uniform(0.5, 20.0), career=career)
    return lane


@pytest.mark.parametrize("first", [2000.0, 3000.0], ids=["by the rule", "by the pattern"])
@pytest.mark.parametrize("seed", range(4))
def test_enrolment__both_targets_are_met_when_pools_suffice(seed: int, first: float) -> None:
    lane = populated(seed).constant(entry_rule_year=first)
    payers = [1.1 * lane.heads(status) for status in STATUS_NAMES[:3]]
    wanted = [*payers, 0.9 * lane.heads("paused")]
    lane.path(**dict(zip(LEVELS, wanted, strict=True))).step()
    assert [lane.heads(status) for status in STATUS_NAMES] == pytest.approx(wanted, rel=1e-9)
    for status in STATUS_NAMES:
        assert lane.flow(f"shortfall_{status}") == pytest.approx(0.0, abs=1e-6)


def test_enrolment__movers_count_before_anybody_enters() -> None:
    """A tenth of enterprise switches to flexible: flexible needs nobody, enterprise refills exactly what left."""
    lane = build_lane().path(enterprise_payers=1000.0, flexible_payers=100.0, switch_enterprise_flexible=0.1)
    lane.members("enterprise", 40, 1000.0, 10.0).people(at.MALE, 40, 1000.0).people(at.MALE, 30, 1000.0).step()
    assert lane.flow("entries_enterprise") == pytest.approx(100.0)
    assert lane.flow("entries_flexible") == pytest.approx(0.0, abs=1e-9)


def test_enrolment__too_many_payers_are_a_negative_shortfall() -> None:
    """Where the paused members are known too, nobody can leave."""
    lane = build_lane().path(enterprise_payers=900.0, paused_members=0.0).members("enterprise", 40, 1000.0, 10.0).step()
    assert lane.heads("enterprise") == 1000.0
    assert lane.flow("shortfall_enterprise") == -100.0
    assert lane.flow("entries_enterprise") == 0.0


@pytest.mark.parametrize("status", ["enterprise", "flexible"])
@pytest.mark.parametrize("level", [0.0, 333.3, 900.0])
def test_enrolment__payers_above_a_level_pause(status: str, level: float) -> None:
    """At most nine tenths of them: the rest is told."""
    lane = build_lane().path(**{f"{status}_payers": level}).members(status, 40, 1000.0, 10.0).step()
    left = max(level, 100.0)
    assert lane.heads(status) == pytest.approx(left, rel=1e-12)
    assert lane.heads("paused") == lane.flow(f"pauses_{status}") == pytest.approx(1000.0 - left, rel=1e-12)
    assert lane.flow(f"shortfall_{status}") == pytest.approx(level - left, abs=1e-9)
    assert lane.flow(f"entries_{status}") == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("status", ["enterprise", "flexible"])
def test_enrolment__payers_who_pause_count_as_half_of_the_odds_before(status: str) -> None:
    """Whatever the last digit of the heads is once they have paused.

    The first year keeps r, the second, with too many payers, r/2; in the third a tenth of the way from r/2 to their
    mean 3r/4 is gone: 0.525 r.
    """
    for level in np.linspace(700.0, 900.0, 21):
        lane = build_lane(3).path(**{f"{status}_payers": [1100.0, level, np.nan]}).people(at.MALE, 30, 2000.0)
        lane.people(at.MALE, 40, 1000.0).members(status, 40, 1000.0, 10.0)
        lane.tables.entry_shape[:] = 0.1
        lane.step(3)
        first = lane.flow(f"entry_odds_{status}", 0)
        assert lane.flow(f"entry_odds_{status}", 2) == pytest.approx(0.525 * first, rel=1e-12)


def test_enrolment__small_pools_leave_a_reported_shortfall() -> None:
    """At the upper bound of the pressure 95 of a hundred would enter; nine tenths is the most."""
    lane = build_lane().path(enterprise_payers=100.0).people(at.MALE, 30, 50.0).step()
    assert lane.flow("entries_enterprise") == pytest.approx(45.0)
    assert lane.flow("shortfall_enterprise") == pytest.approx(55.0)
    assert lane.flow("entries_cut") == pytest.approx(50.0 * np.exp(3.0) / (1.0 + np.exp(3.0)) - 45.0)


@pytest.mark.parametrize("level", LEVELS)
def test_enrolment__before_the_rule_a_missing_level_is_no_pattern(level: str) -> None:
    """Where one of the four levels is not known, the others are met by the rule; nothing is undefined."""
    lane = populated(1).constant(entry_rule_year=3000.0)
    wanted = {name: 1.1 * lane.heads(status) for name, status in zip(LEVELS, STATUS_NAMES, strict=True)}
    lane.path(**(wanted | {level: np.nan})).step()
    assert np.isfinite(lane.out.flows[:, 0]).all()
    for name, status in zip(LEVELS[:3], STATUS_NAMES[:3], strict=True):
        if name != level:
            assert lane.heads(status) == pytest.approx(wanted[name], rel=1e-9)


# --- entries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_entries__never_above_nine_tenths_of_a_pool(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scratch = at.new_scratch()
    scratch.pool[:] = rng.uniform(0.0, 100.0, scratch.pool.shape) * (rng.random(scratch.pool.shape) < 0.6)
    scratch.weight[:] = rng.uniform(0.0, 1.0, scratch.weight.shape) ** 3
    room = 0.9 * scratch.pool.sum()
    for wanted in (0.1 * room, 0.8 * room, 2.0 * room):
        placed = spread_entries(wanted, scratch)
        entry = scratch.entry
        assert np.all(entry >= 0.0)
        assert np.all(entry[0] <= 0.9 * scratch.pool[at.MALE] + 1e-9)
        assert np.all(entry[1] + entry[2] <= 0.9 * scratch.pool[at.FEMALE] + 1e-9)
        assert entry.sum() == pytest.approx(placed, rel=1e-9)
        assert placed <= wanted * (1.0 + 1e-12)
        if wanted < room:
            assert placed == pytest.approx(wanted, rel=1e-8)


def test_entries__follow_the_weights_when_there_is_room() -> None:
    scratch = at.new_scratch()
    scratch.pool[:] = 1000.0
    scratch.weight[0, 10], scratch.weight[1, 20], scratch.weight[2, 20] = 1.0, 2.0, 5.0
    assert spread_entries(80.0, scratch) == pytest.approx(80.0)
    assert (scratch.entry[0, 10], scratch.entry[1, 20], scratch.entry[2, 20]) == pytest.approx((10.0, 20.0, 50.0))


def test_entries__women_of_both_careers_share_one_pool() -> None:
    scratch = at.new_scratch()
    scratch.pool[at.FEMALE, 10] = 100.0
    scratch.weight[1, 10], scratch.weight[2, 10] = 1.0, 3.0
    assert spread_entries(1000.0, scratch) == pytest.approx(90.0)
    assert scratch.entry[1, 10] + scratch.entry[2, 10] == pytest.approx(90.0)


def test_entries__careers_of_women_by_status() -> None:
    """All public and flexible women enter with the old age 55; of enterprise women the stated share."""
    for status, share in ((at.ENTERPRISE, 0.35), (at.FLEXIBLE, 1.0), (at.PUBLIC, 1.0)):
        lane = build_lane().open_entries(enterprise=0.35)
        lane.scratch.pool[at.FEMALE, 5] = 100.0
        weigh_entries(0, status, 50.0, lane.constants, lane.tables, lane.scratch)
        weight = lane.scratch.weight[:, 5]
        assert weight[0] == 0.0
        assert weight[1] / weight.sum() == pytest.approx(share)


def test_entries__blend_of_hazard_and_gap() -> None:
    """Two ages: the hazard pattern wants one of them, the missing profile the other; the blend decides."""
    lane = build_lane().constant(entry_blend=0.25)
    lane.tables.entry_hazard[:], lane.tables.level_shape[:] = 0.0, 0.0
    lane.tables.entry_hazard[at.ENTERPRISE, at.MALE, 5] = 0.1
    lane.tables.level_shape[at.ENTERPRISE, at.MALE, 15] = 1.0
    lane.scratch.pool[at.MALE] = lane.scratch.population_survived[:] = 1000.0
    total = weigh_entries(0, at.ENTERPRISE, 40.0, lane.constants, lane.tables, lane.scratch)
    assert total == pytest.approx(1.0)
    assert (lane.scratch.weight[0, 5], lane.scratch.weight[0, 15]) == pytest.approx((0.75, 0.25))


@pytest.mark.parametrize(("age", "open_share"), [(38, 1.0), (43, 0.5), (44, 0.3), (46, 0.0), (59, 0.0)])
def test_entries__closed_when_the_years_left_do_not_suffice(age: int, open_share: float) -> None:
    """Flexible men, minimum 15: closed from 45.5, open in full until 40.5, fading in between; by the pattern too.

    Enterprises and the public sector take them in until the statutory month.
    """
    lane = build_lane()
    lane.tables.level_shape[:] = 0.0
    lane.scratch.pool[at.MALE, age - at.FIRST_AGE] = 10.0
    lane.scratch.pool[at.MALE, 4] = 10.0
    for status, expected in ((at.ENTERPRISE, 1.0), (at.FLEXIBLE, open_share), (at.PUBLIC, 1.0)):
        weigh_entries(0, status, 5.0, lane.constants, lane.tables, lane.scratch)
        ask_entries(0, status, 1.0, lane.tables, lane.scratch)
        for found in (lane.scratch.weight[0], lane.scratch.asked[status, 0]):
            assert found[age - at.FIRST_AGE] / found[4] == pytest.approx(expected)


def test_entries__the_gap_of_the_pattern_fades_for_every_status() -> None:
    """A gap to the profile at 46 is closed by nobody, at 43 it weighs half."""
    lane = build_lane().constant(entry_blend=1.0)
    lane.tables.level_shape[:] = 0.0
    ages = np.array([30, 43, 46]) - at.FIRST_AGE
    lane.tables.level_shape[at.ENTERPRISE, at.MALE, ages] = 0.2
    lane.scratch.pool[at.MALE] = lane.scratch.population_survived[at.MALE] = 1000.0
    weigh_entries(0, at.ENTERPRISE, 60.0, lane.constants, lane.tables, lane.scratch)
    assert lane.scratch.weight[0, ages] / lane.scratch.weight[0, ages[0]] == pytest.approx([1.0, 0.5, 0.0])


@pytest.mark.parametrize("heads", [0.7, 1.4, 1.9, 2.8, 6.1, 100.0])
def test_entries__whole_years_of_an_entrant_are_whole_whatever_the_heads(heads: float) -> None:
    """Heads times twelve years bought, over the heads, may lie a last bit below twelve; the bin is that of twelve."""
    lane = entrant_lane("catch-up").constant(catch_up_minimum_years=14.5)
    lane.path(flexible_payers=heads, catch_up_entrants=heads).step()
    assert lane.moments("flexible", 57)[at.SERVICE] == pytest.approx(12.0 * heads, rel=1e-12)
    assert lane.cell("flexible", 57)[at.HEADS, 12] == pytest.approx(heads, rel=1e-12)
    assert lane.flow("catch_up_entries") == pytest.approx(heads, rel=1e-12)


def test_entries__residents_take_their_account_along_once() -> None:
    """Heads and money leave the resident scheme and arrive in the employees' scheme, fund by fund."""
    lane = enrolment_lane()
    before = lane.state.resident.sum(axis=(1, 2))
    lane.step()
    after = lane.state.resident.sum(axis=(1, 2))
    moved = lane.flow("entries_from_resident")
    heads = before[at.R_PAYING] + before[at.R_NOT_PAYING] - after[at.R_PAYING] - after[at.R_NOT_PAYING]
    assert heads == pytest.approx(moved)
    assert before[at.R_ACCOUNT] - after[at.R_ACCOUNT] == pytest.approx(1200.0 * moved)
    assert lane.cells[at.ACCOUNT].sum() == pytest.approx(1200.0 * moved)
    assert lane.ledger(at.FUND_RESIDENT, at.OUT_TRANSFERS) == pytest.approx(1200.0 * moved)
    assert lane.ledger(at.FUND_ENTERPRISE, at.IN_TRANSFERS) == pytest.approx(1200.0 * moved)


# --- pools -----------------------------------------------------------------------------------------------------------


def test_pool__students_and_the_covered_are_no_pool() -> None:
    lane = build_lane().path(enterprise_payers=1000.0)
    lane.people(at.MALE, 20, 500.0).people(at.MALE, 30, 500.0)
    lane.tables.student_share[20] = 1.0
    lane.members("paused", 30, 300.0, 5.0).members("public", 30, 100.0, 5.0)
    lane.path(paused_members=300.0, public_payers=100.0).step()
    assert float(lane.cells[at.HEADS, 0, :, 20 - at.FIRST_AGE].sum()) == 0.0
    assert lane.flow("entries_enterprise") == pytest.approx(0.9 * 100.0)


def test_pool__a_dormant_account_is_no_entrant() -> None:
    """100 paused members who are registered residents at once: counted once, and none of them is in the pool."""
    lane = build_lane().path(enterprise_payers=1000.0, paused_members=100.0)
    lane.people(at.MALE, 30, 100.0).members("paused", 30, 100.0, 5.0).residents(at.MALE, 30, 100.0)
    lane.state.resident[at.R_DUAL, at.MALE, 29] = 100.0
    lane.step()
    assert lane.flow("entries_enterprise") == 0.0
    assert lane.stock("resident_contributors") + lane.stock("resident_paused") == 100.0


def test_returns__not_after_the_statutory_month() -> None:
    lane = build_lane().path(enterprise_payers=100.0, paused_members=0.0)
    lane.members("paused", 62, 100.0, 10.0).members("paused", 55, 100.0, 10.0, career="women_50").step()
    assert lane.flow("returns_enterprise") == 0.0
    assert lane.heads("paused") == 200.0


# --- levers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.80, 0.85, 0.90, 0.95, 1.0])
def test_payment_rate__moves_no_level(rate: float) -> None:
    lane = build_lane().path(**dict(zip(LEVELS, (1000.0, 300.0, 100.0, 250.0), strict=True)))
    before = targets_of(lane)
    after = targets_of(lane.path(payment_rate=rate))
    assert after.sum() == pytest.approx(before.sum(), rel=1e-14)
    assert after[2] == before[2]
    assert after[3] == pytest.approx((1.0 - rate) * before.sum(), abs=1e-9)
    assert after[0] / after[1] == pytest.approx(before[0] / before[1])


@pytest.mark.parametrize("rate", [0.86, 0.90])
def test_payment_rate__a_higher_rate_is_reached_by_returns(rate: float) -> None:
    lane = enrolment_lane()
    plain = enrolment_lane().step()
    lane.path(payment_rate=rate).step()
    level = sum(map(plain.heads, STATUS_NAMES))
    assert sum(map(lane.heads, STATUS_NAMES)) == pytest.approx(level, rel=1e-12)
    assert 1.0 - lane.heads("paused") / level == pytest.approx(rate, rel=1e-9)


def test_payment_rate__the_present_rate_changes_nothing() -> None:
    plain = enrolment_lane().step()
    lane = enrolment_lane().path(payment_rate=(1000.0 + 270.0) / 1530.0).step()
    assert lane.state.members == pytest.approx(plain.state.members, rel=1e-9, abs=1e-9)


def test_payment_rate__that_of_the_residents_changes_nothing_here() -> None:
    plain = enrolment_lane().step()
    lane = enrolment_lane().path(resident_payment_rate=0.5).step()
    assert np.array_equal(lane.state.members, plain.state.members)


def free_lane(**series: float | list[float]) -> Lane:
    """The men of section 4.3 without a known level: half of the people who can enter take up work in enterprises."""
    lane = enrolment_lane().path(**dict.fromkeys(LEVELS, np.nan)).path(**series)
    lane.state.memory[at.MEMORY_ODDS_ENTERPRISE] = 1.0
    return lane


def test_campaign__gross_is_inert_below_ordinary_entries() -> None:
    plain, campaign = free_lane().step(), free_lane(campaign_gross_enterprise=60.0).step()
    assert plain.flow("entries_enterprise") == pytest.approx(450.0)
    assert campaign.flow("campaign_top_up_enterprise") == 0.0
    assert np.array_equal(plain.state.members, campaign.state.members)


def test_campaign__a_known_level_contains_it() -> None:
    """What the level lacks enters, whatever the campaign promises; the rest of its number waits."""
    plain, campaign = enrolment_lane().step(), enrolment_lane().path(campaign_gross_enterprise=60.0 + 100.0).step()
    assert campaign.flow("campaign_top_up_enterprise") == 0.0
    assert np.array_equal(plain.state.members, campaign.state.members)
    waiting = 160.0 - campaign.flow("entries_enterprise")
    assert campaign.state.memory[at.MEMORY_BACKLOG_ENTERPRISE] == pytest.approx(waiting)


def test_campaign__additional_heads_are_inside_a_known_level() -> None:
    plain = enrolment_lane().step()
    lane = enrolment_lane().path(campaign_additional_enterprise=50.0).pools("enterprise", at.POOL_NONE).step()
    assert lane.flow("campaign_top_up_enterprise") == lane.flow("campaign_from_none") == 0.0
    assert lane.heads("enterprise") == pytest.approx(1000.0)
    assert np.array_equal(plain.state.members, lane.state.members)
    assert lane.flow("shortfall_enterprise") == pytest.approx(0.0, abs=1e-9)


def test_campaign__a_top_up_stays_in_later_years() -> None:
    lane = build_lane(2).path(campaign_gross_enterprise=[30.0, 0.0])
    lane.members("enterprise", 40, 100.0, 10.0).people(at.MALE, 40, 100.0).people(at.MALE, 30, 1000.0).step(2)
    assert [lane.stock("members_enterprise", e) for e in (1, 2)] == pytest.approx([130.0, 130.0])
    assert lane.flow("entries_enterprise", 1) == pytest.approx(0.0, abs=1e-9)


def test_campaign__additional_heads_come_on_top() -> None:
    lane = build_lane().path(campaign_additional_enterprise=50.0)
    lane.members("enterprise", 40, 100.0, 10.0).people(at.MALE, 40, 100.0).people(at.MALE, 30, 1000.0).step()
    assert lane.stock("members_enterprise") == pytest.approx(150.0)


def layoff_lane(*, known: bool) -> Lane:
    """2000 enterprise payers, 500 paused, unemployment up from 5 to 6 %; levels known or not."""
    lane = build_lane(3).path(surveyed_unemployment_rate=0.06)
    lane.constant(layoff_share=0.6)
    lane.state.memory[at.MEMORY_UNEMPLOYMENT_RATE] = 0.05
    for age in range(20, 45):
        lane.people(at.MALE, age, 400.0)
    lane.members("enterprise", 30, 2000.0, 5.0).members("paused", 30, 500.0, 5.0)
    return lane.path(enterprise_payers=2000.0, paused_members=500.0) if known else lane


def test_layoffs__move_heads_from_paying_to_paused() -> None:
    lane = layoff_lane(known=False).step()
    assert lane.heads("enterprise") == pytest.approx(1988.0)
    assert lane.heads("paused") == pytest.approx(512.0)
    assert lane.flow("pauses_enterprise") == lane.flow("layoffs") == pytest.approx(12.0)


def test_layoffs__a_known_level_is_left_alone() -> None:
    lane = layoff_lane(known=True).step()
    assert lane.flow("layoffs") == 0.0
    assert lane.heads("enterprise") == pytest.approx(2000.0)
    assert lane.state.memory[at.MEMORY_UNEMPLOYMENT_RATE] == 0.06


def test_layoffs__end_when_unemployment_returns() -> None:
    lane = layoff_lane(known=False).path(surveyed_unemployment_rate=[0.06, 0.05, 0.05]).step(3)
    assert lane.flow("layoffs", 1) == pytest.approx(-0.6 * 0.01 * 1988.0)
    assert lane.flow("returns_enterprise", 1) == pytest.approx(0.6 * 0.01 * 1988.0)
    assert lane.heads("enterprise") == pytest.approx(2000.0, abs=0.1)
    assert lane.flow("layoffs", 2) == 0.0


def test_admission__only_what_the_status_lacks() -> None:
    lane = build_lane().path(public_payers=100.0, admitted_public_actives=500.0)
    lane.members("public", 40, 70.0, 10.0).people(at.MALE, 40, 1000.0).step()
    assert lane.flow("admitted_actives") == pytest.approx(30.0)
    assert lane.flow("entries_public") == 0.0
    assert lane.heads("public") == pytest.approx(100.0)


def test_migration__insured_arrivals_bring_mean_moments_and_accounts() -> None:
    lane = build_lane().constant(arrive_insured=0.2)
    lane.members("enterprise", 40, 1000.0, 10.0, account=500.0)
    lane.tables.migration[:, at.MALE, 40] = 50.0
    lane.step()
    assert lane.flow("members_in") == pytest.approx(10.0)
    sums = lane.moments("enterprise", 40)
    assert sums[at.SERVICE] / sums[at.HEADS] == pytest.approx(11.0)
    assert lane.flow("account_transferred_in") == pytest.approx(5000.0)
    assert lane.ledger(at.FUND_ENTERPRISE, at.IN_TRANSFERS) == pytest.approx(5000.0)


def test_migration__leavers_take_the_account_or_stay_paused() -> None:
    lane = build_lane().constant(leave_paused=0.6).path(density_enterprise=0.0)
    lane.members("enterprise", 40, 1000.0, 10.0, account=500.0).people(at.MALE, 40, 2000.0)
    lane.tables.migration[:, at.MALE, 40] = -20.0
    lane.step()
    left = 1000.0 - lane.heads("enterprise")
    assert left == pytest.approx(10.0, rel=0.02)
    assert lane.heads("paused") == pytest.approx(0.6 * left)
    assert lane.flow("members_out") == pytest.approx(0.4 * left)
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_TRANSFERS) == pytest.approx(500.0 * 0.4 * left)


def test_migration__insured_arrivals_count_toward_the_target() -> None:
    lane = build_lane().constant(arrive_insured=0.2).path(enterprise_payers=1000.0)
    lane.members("enterprise", 40, 950.0, 10.0).people(at.MALE, 40, 950.0).people(at.MALE, 30, 1000.0)
    lane.tables.migration[:, at.MALE, 40] = 100.0
    assert lane.step().heads("enterprise") == pytest.approx(1000.0)
