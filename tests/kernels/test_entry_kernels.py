"""The rule of entry: pools, pressures, cuts, posts and what later years carry on (notes/coverage.md, section 4.1)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simengine.kernels import layout as at
from simengine.kernels.members.entry import (
    ask_entries,
    ask_wanted,
    cut_entries,
    entry_intensity,
    fill_pools,
    mean_returns,
    note_odds,
    note_returns,
    solve_odds,
    sum_entries,
)
from tests.helpers.lane_builder import Lane, build_lane
from tests.helpers.note_tables import assert_rows, note_tables

LEVELS = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
UNKNOWN = float("nan")
MOST_PRESSURE = 3.0
STATUSES = (at.ENTERPRISE, at.FLEXIBLE, at.PUBLIC)


def drawn_lane(seed: int, largest: float = 0.7) -> Lane:
    """Random pools, shapes and openness; about a fifth of the ages is empty."""
    rng = np.random.default_rng(seed)
    lane = build_lane()
    lane.tables.entry_shape[:] = rng.uniform(0.0, largest, lane.tables.entry_shape.shape)
    lane.tables.entry_open[0] *= rng.uniform(0.0, 1.0, lane.tables.entry_open[0].shape)
    lane.scratch.pool[:] = rng.uniform(0.0, 1000.0, lane.scratch.pool.shape) * (rng.random((2, 64)) < 0.8)
    return lane


def entries(lane: Lane, status: int, odds: float) -> float:
    """Entrants by the formula, cell by cell [persons]."""
    total = 0.0
    for career in range(at.CAREERS):
        for i in range(at.WORKING_AGES):
            q = lane.tables.entry_shape[status, career, i]
            reached = lane.tables.entry_open[0, status, career, i] * lane.scratch.pool[min(career, 1), i]
            total += reached * odds * q / (1.0 - q + odds * q)
    return float(total)


# --- the note ---------------------------------------------------------------------------------------------------------


def test_note__entries_of_one_year() -> None:
    lane = build_lane().constant(never_enters=0.1)
    age, i = 30, 30 - at.FIRST_AGE
    lane.scratch.population_survived[at.MALE, age] = 1000.0
    lane.tables.student_share[age] = 0.1
    lane.state.resident[at.R_PAYING, at.MALE, age] = 200.0
    lane.scratch.count[at.MALE, age] = 300.0 + 200.0
    fill_pools(lane.constants, lane.tables, lane.state, lane.scratch)
    free = 1000.0 * (1.0 - 0.1) - lane.scratch.count[at.MALE, age]
    lane.tables.entry_shape[at.ENTERPRISE], lane.tables.entry_shape[at.FLEXIBLE] = 0.2, 0.1
    odds = float(solve_odds(0, at.ENTERPRISE, 125.0, lane.tables, lane.scratch))
    assert_rows(
        note_tables("coverage", "4.1")[0],
        {
            "free": free,
            "pool": float(lane.scratch.pool[at.MALE, i]),
            "of it registered residents": float(lane.scratch.pool_resident[at.MALE, i]),
            "enterprise entrants at a pressure of 0": sum_of(lane, at.ENTERPRISE, 1.0),
            "enterprise level lacks": sum_of(lane, at.ENTERPRISE, odds),
            "odds factor that brings them": odds,
            "pressure": math.log(odds),
            "flexible entrants at the odds factor 2": sum_of(lane, at.FLEXIBLE, 2.0),
        },
    )


def sum_of(lane: Lane, status: int, odds: float) -> float:
    """Entrants the kernel asks for [persons]."""
    return float(ask_entries(0, status, odds, lane.tables, lane.scratch))


# --- pools ------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), never=st.sampled_from([0.0, 0.1, 0.3]))
def test_pool__is_never_below_zero_and_its_residents_never_above_it(seed: int, never: float) -> None:
    rng = np.random.default_rng(seed)
    lane = build_lane().constant(never_enters=never)
    lane.tables.student_share[16:30] = rng.random(14)
    lane.scratch.population_survived[:] = rng.uniform(0.0, 500.0, (2, at.AGES))
    lane.state.resident[: at.R_DUAL + 1] = rng.uniform(0.0, 200.0, (at.R_DUAL + 1, 2, at.AGES))
    lane.scratch.count[:] = rng.uniform(0.0, 600.0, (2, at.AGES))
    fill_pools(lane.constants, lane.tables, lane.state, lane.scratch)
    pool, listed = lane.scratch.pool, lane.scratch.pool_resident
    assert np.all(pool >= 0.0)
    assert np.all(listed >= 0.0)
    assert np.all(listed <= pool * (1.0 + 1e-12))
    resident = lane.state.resident[:, :, at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES]
    people = lane.scratch.population_survived[:, at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES]
    registered = np.maximum(0.0, resident[at.R_PAYING] + resident[at.R_NOT_PAYING] - resident[at.R_DUAL])
    study = 1.0 - lane.tables.student_share[at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES]
    counted = lane.scratch.count[:, at.FIRST_AGE : at.FIRST_AGE + at.WORKING_AGES]
    outside = np.maximum(0.0, people * study - counted + registered)
    np.testing.assert_allclose(pool, np.maximum(0.0, outside - never * people), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize(("registered", "pool", "listed"), [(200.0, 500.0, 166.666667), (800.0, 500.0, 500.0)])
def test_pool__who_is_registered_and_lives_elsewhere_cannot_enter(
    registered: float, pool: float, listed: float
) -> None:
    """1000 people, 100 students, 300 members: 600 live here outside the scheme, however many are registered.

    A tenth of all people never enters: 600 - 100. Of 200 registered 200·500/600 can; of 800 at most all 500.
    """
    lane = build_lane().constant(never_enters=0.1)
    age, i = 30, 30 - at.FIRST_AGE
    lane.scratch.population_survived[at.MALE, age] = 1000.0
    lane.tables.student_share[age] = 0.1
    lane.state.resident[at.R_PAYING, at.MALE, age] = registered
    lane.scratch.count[at.MALE, age] = 300.0 + registered
    fill_pools(lane.constants, lane.tables, lane.state, lane.scratch)
    assert float(lane.scratch.pool[at.MALE, i]) == pytest.approx(pool)
    assert float(lane.scratch.pool_resident[at.MALE, i]) == pytest.approx(listed)


# --- pressures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("q", "odds"), [(0.0, 5.0), (0.1, 1.0), (0.1, 3.0), (0.9, 0.05), (1.0, 0.5)])
def test_intensity__odds_of_entering_are_multiplied(q: float, odds: float) -> None:
    found = float(entry_intensity(q, odds))
    if q < 1.0:
        assert found / (1.0 - found) == pytest.approx(odds * q / (1.0 - q))
    assert 0.0 <= found <= 1.0


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32 - 1), pressure=st.floats(-2.999, 2.999), largest=st.sampled_from([0.05, 0.5, 0.99]),
    status=st.sampled_from(STATUSES),
)  # fmt: skip
def test_solve_odds__meets_what_is_wanted(seed: int, pressure: float, largest: float, status: int) -> None:
    """To a trillionth of it, from the entries of a drawn pressure, which is found again where entries can tell."""
    lane = drawn_lane(seed, largest)
    wanted = entries(lane, status, math.exp(pressure))
    odds = float(solve_odds(0, status, wanted, lane.tables, lane.scratch))
    assert entries(lane, status, odds) == pytest.approx(wanted, rel=1e-12)
    assert math.log(odds) == pytest.approx(pressure, abs=1e-8)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), first=st.floats(0.0, 1.5), second=st.floats(0.0, 1.5))
def test_solve_odds__is_monotone_and_stays_between_its_bounds(seed: int, first: float, second: float) -> None:
    """Of all the people who can enter; more than all of them may be wanted."""
    lane = drawn_lane(seed)
    everybody = float((lane.tables.entry_open[0, 0] * lane.scratch.pool[[0, 1, 1]]).sum())
    low, high = (
        float(solve_odds(0, at.ENTERPRISE, part * everybody, lane.tables, lane.scratch))
        for part in sorted((first, second))
    )
    assert math.exp(-MOST_PRESSURE) * (1.0 - 1e-15) <= low <= high <= math.exp(MOST_PRESSURE) * (1.0 + 1e-15)


@pytest.mark.parametrize("status", STATUSES)
def test_solve_odds__beyond_the_bounds_it_is_the_bound(status: int) -> None:
    lane = drawn_lane(7)
    for pressure, part in ((MOST_PRESSURE, 1.001), (-MOST_PRESSURE, 0.999)):
        wanted = part * entries(lane, status, math.exp(pressure))
        assert float(solve_odds(0, status, wanted, lane.tables, lane.scratch)) == pytest.approx(math.exp(pressure))
    lane.scratch.pool[:] = 0.0
    assert float(solve_odds(0, status, 50.0, lane.tables, lane.scratch)) == pytest.approx(math.exp(-MOST_PRESSURE))


def test_sum_entries__tells_how_fast_they_grow() -> None:
    lane = drawn_lane(3)
    for odds in (0.1, 1.0, 6.0):
        found, growing = sum_entries(0, at.ENTERPRISE, odds, lane.tables, lane.scratch)
        step = 1e-5 * odds
        slope = (entries(lane, 0, odds + step) - entries(lane, 0, odds - step)) / (2.0 * step)
        assert (found, growing) == pytest.approx((entries(lane, 0, odds), slope), rel=1e-7)


@pytest.mark.parametrize("wanted", [-5.0, 0.0, 1e-12, 1.0, 50.0])
def test_ask_wanted__few_are_a_part_of_those_at_the_lower_bound(wanted: float) -> None:
    """At a pressure of -3 hundreds would enter; who is wanted has their ages, and nobody is asked for beyond."""
    lane = drawn_lane(11)
    sum_of(lane, at.ENTERPRISE, math.exp(-MOST_PRESSURE))
    lowest = lane.scratch.asked[at.ENTERPRISE].copy()
    assert lowest.sum() > 100.0
    odds, asked = ask_wanted(0, at.ENTERPRISE, wanted, lane.tables, lane.scratch)
    assert odds == pytest.approx(math.exp(-MOST_PRESSURE))
    assert asked == max(0.0, wanted)
    expected = lowest * max(0.0, wanted) / lowest.sum()
    np.testing.assert_allclose(lane.scratch.asked[at.ENTERPRISE], expected, rtol=1e-12)


def test_level__a_small_need_is_met_however_small() -> None:
    """1000 men who can enter and a level that lacks a thousandth of a head: that much enters, not 50."""
    lane = build_lane().path(enterprise_payers=100.001).people(at.MALE, 30, 1000.0).people(at.MALE, 40, 100.0)
    lane.members("enterprise", 40, 100.0, 10.0).step()
    assert lane.flow("entries_enterprise") == pytest.approx(0.001, rel=1e-6)
    assert lane.flow("shortfall_enterprise") == pytest.approx(0.0, abs=1e-9)


# --- the three statuses on one pool -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), pressures=st.tuples(*[st.floats(-3.0, 3.0)] * 3))
def test_cut__the_three_never_take_more_than_nine_tenths_of_a_cell(
    seed: int, pressures: tuple[float, float, float]
) -> None:
    lane = drawn_lane(seed)
    asked = sum(sum_of(lane, status, math.exp(pressure)) for status, pressure in zip(STATUSES, pressures, strict=True))
    before = lane.scratch.asked.copy()
    cut = float(cut_entries(lane.scratch))
    after = lane.scratch.asked
    by_sex = np.stack([after[:, 0].sum(axis=0), after[:, 1:].sum(axis=(0, 1))])
    assert np.all(by_sex <= 0.9 * lane.scratch.pool * (1.0 + 1e-12))
    assert after.sum() + cut == pytest.approx(asked, rel=1e-12)
    for sex, careers in ((0, [0]), (1, [1, 2])):
        wanted = before[:, careers].sum(axis=(0, 1))
        part = np.minimum(1.0, 0.9 * lane.scratch.pool[sex] / np.where(wanted > 0.0, wanted, 1.0))
        np.testing.assert_allclose(after[:, careers], before[:, careers] * part, rtol=1e-12, atol=1e-12)


def test_cut__is_reported_and_missing_in_the_levels() -> None:
    """100 men; two levels lack 80 each: both are cut to 45."""
    lane = build_lane().path(enterprise_payers=80.0, flexible_payers=80.0).people(at.MALE, 30, 100.0).step()
    assert lane.flow("entries_cut") == pytest.approx(70.0)
    for status in ("enterprise", "flexible"):
        assert lane.flow(f"entries_{status}") == pytest.approx(45.0)
        assert lane.flow(f"shortfall_{status}") == pytest.approx(35.0)


# --- later years ------------------------------------------------------------------------------------------------------


def town(years: int = 3, **series: float | list[float]) -> Lane:
    """Men of 30: 1000 of no scheme. Men of 40: 100 payers of enterprises, 40 of the public sector, 60 paused."""
    lane = build_lane(years).people(at.MALE, 30, 1000.0).people(at.MALE, 40, 200.0)
    lane.members("enterprise", 40, 100.0, 10.0).members("public", 40, 40.0, 10.0).members("paused", 40, 60.0, 10.0)
    lane.tables.entry_shape[:] = 0.1
    return lane.path(**series)


def test_path__later_odds_move_as_their_path_does() -> None:
    """Solved in the first year at a path of 0.5, then the path doubles and stays: odds do the same."""
    path = [0.5, 1.0, 1.0]
    lane = town(enterprise_payers=[250.0, UNKNOWN, UNKNOWN], entry_odds_enterprise=path).step(3)
    odds = [lane.flow("entry_odds_enterprise", t) for t in range(3)]
    assert odds[0] == pytest.approx((150.0 / 850.0) / (0.1 / 0.9))
    assert odds[1:] == pytest.approx([2.0 * odds[0]] * 2)
    pool = 850.0
    for t in (1, 2):
        wanted = pool * float(entry_intensity(0.1, odds[t]))
        assert lane.flow("entries_enterprise", t) == pytest.approx(wanted)
        pool -= wanted


@pytest.mark.parametrize("growth", [-0.01, 0.05, 0.2])
def test_growth__adds_its_part_of_the_heads_to_entries_at_the_path(growth: float) -> None:
    known = {"enterprise_payers": [250.0, UNKNOWN], "paused_members": [60.0, UNKNOWN]}
    plain = town(2, **known).step(2)
    lane = town(2, enterprise_growth=[0.3, growth], **known).step(2)
    assert lane.flow("entries_enterprise", 0) == pytest.approx(plain.flow("entries_enterprise", 0))  # a known level
    wanted = (1.0 + growth) * plain.heads("enterprise")
    assert lane.heads("enterprise") == pytest.approx(wanted)
    assert lane.flow("shortfall_enterprise", 1) == pytest.approx(0.0, abs=1e-9)
    assert (lane.flow("entry_odds_enterprise", 1) > plain.flow("entry_odds_enterprise", 1)) == (growth > 0.0)


def test_growth__leaves_no_memory_in_the_odds() -> None:
    plain = town(3, enterprise_payers=[250.0, UNKNOWN, UNKNOWN]).step(3)
    lane = town(3, enterprise_payers=[250.0, UNKNOWN, UNKNOWN], enterprise_growth=[0.0, 0.1, 0.0]).step(3)
    assert lane.flow("entry_odds_enterprise", 2) == plain.flow("entry_odds_enterprise", 2)
    assert lane.flow("entries_enterprise", 2) < plain.flow("entries_enterprise", 2)  # from a smaller pool


def test_odds__of_the_pattern_are_those_that_would_bring_as_many() -> None:
    levels = dict.fromkeys(("flexible_payers",), 0.0) | {"public_payers": 40.0, "paused_members": 60.0}
    lane = town(1, enterprise_payers=250.0, **levels).constant(entry_rule_year=3000.0).step()
    assert lane.flow("entries_enterprise") == pytest.approx(150.0)
    assert lane.flow("entry_odds_enterprise") == pytest.approx((150.0 / 850.0) / (0.1 / 0.9))
    assert lane.state.memory[at.MEMORY_ODDS_ENTERPRISE] == lane.flow("entry_odds_enterprise")


# --- posts of the public sector ---------------------------------------------------------------------------------------


def test_posts__follow_residents_and_their_index() -> None:
    """40 posts for 1200 residents; a fifth of them dies in the second year, the index grows by a half."""
    lane = town(3, public_payers=[40.0, UNKNOWN, UNKNOWN], public_index=[1.0, 1.5, 1.5])
    lane.tables.death_prob[1] = 0.2
    lane.step(2)
    people = float(lane.state.population.sum())
    assert people < 1200.0
    assert lane.heads("public") == pytest.approx(40.0 / 1200.0 * 1.5 * people)
    assert lane.flow("shortfall_public", 1) == pytest.approx(0.0, abs=1e-9)


def test_posts__who_stays_on_after_the_old_age_holds_none() -> None:
    """40 of 59 reach the old age of 60 and stay: all their posts are filled again below it."""
    lane = build_lane(2).people(at.MALE, 30, 1000.0).people(at.MALE, 59, 40.0).members("public", 59, 40.0, 10.0)
    lane.path(public_payers=[40.0, UNKNOWN]).step(2)
    assert lane.flow("entries_public", 1) == pytest.approx(40.0)
    assert lane.heads("public") == pytest.approx(80.0)


# --- returns ----------------------------------------------------------------------------------------------------------


def test_returns__the_last_five_known_years_count() -> None:
    state = at.new_state()
    state.returns[:] = -1.0
    assert float(mean_returns(0, state)) == 0.0
    for year in range(7):
        note_returns(0.1 * year, 0.05 * year, state)
        years = range(max(0, year - 4), year + 1)
        assert float(mean_returns(0, state)) == pytest.approx(0.1 * sum(years) / len(years))
        assert float(mean_returns(1, state)) == pytest.approx(0.05 * sum(years) / len(years))


@pytest.mark.parametrize(
    ("rate", "part", "kept"), [(0.3, 0.6, (0.3, 0.6)), (0.0, 0.0, (0.1, 0.35)), (0.05, 1.0, (0.1, 0.85))]
)
def test_returns__a_year_counts_at_least_half_of_the_mean_before(
    rate: float, part: float, kept: tuple[float, float]
) -> None:
    """Means .2 and .7 are kept: at least .1, and from .35 to 1 - .3/2 to enterprises."""
    state = at.new_state()
    state.returns[:] = -1.0
    note_returns(0.2, 0.7, state)
    note_returns(rate, part, state)
    assert tuple(state.returns[:, -1]) == pytest.approx(kept)


@pytest.mark.parametrize(("odds", "kept"), [(3.0, 1.5), (1.0, 0.5), (0.05, 0.4)])
def test_odds__a_level_counts_at_least_half_of_the_mean_before(odds: float, kept: float) -> None:
    """Over a path of 2; .8 is kept before. The pattern of the history keeps what it finds."""
    lane = build_lane().path(entry_odds_flexible=2.0)
    lane.state.odds[:] = -1.0
    for least, wanted in ((at.LEAST_OF_MEAN, kept), (0.0, odds / 2.0)):
        lane.state.odds[at.FLEXIBLE, -1] = 0.8
        note_odds(0, at.FLEXIBLE, odds, least, lane.paths, lane.state)
        assert lane.state.odds[at.FLEXIBLE, -1] == pytest.approx(wanted)
        assert lane.state.memory[at.MEMORY_ODDS_FLEXIBLE] == pytest.approx(wanted)
        lane.state.odds[:] = -1.0


def test_returns__later_years_bring_back_the_share_of_the_known_ones() -> None:
    """15 of 60 return in the known year, a third of them to flexible work; then a quarter of the rest, by thirds."""
    levels = {"enterprise_payers": [110.0, UNKNOWN], "flexible_payers": [5.0, UNKNOWN]}
    lane = town(2, paused_members=[45.0, UNKNOWN], **levels).step(2)
    assert [lane.flow("return_rate", t) for t in range(2)] == pytest.approx([0.25, 0.25])
    assert lane.flow("returns_enterprise", 1) == pytest.approx(0.25 * 45.0 * 2.0 / 3.0)
    assert lane.flow("returns_flexible", 1) == pytest.approx(0.25 * 45.0 / 3.0)


def test_returns__a_law_that_changes_the_weights_changes_who_returns_not_how_many() -> None:
    """Half of 80 paused are pressed by a longer minimum in the second year: the share that returns stays."""
    found = {}
    for minimum in (15.0, 20.0):
        lane = build_lane(2).constant(return_urgency=3.0, return_without_need=0.5, pressing_years=10.0)
        lane.people(at.MALE, 50, 80.0).members("paused", 50, 40.0, 12.0).members("paused", 50, 40.0, 30.0)
        lane.path(enterprise_payers=[8.0, UNKNOWN], flexible_payers=[0.0, UNKNOWN], paused_members=[72.0, UNKNOWN])
        lane.tables.retirement[1, 0, :, at.RET_PLANNED_THRESHOLD] = minimum
        lane.step(2)
        found[minimum] = lane.flow("returns_enterprise", 1), float(lane.cell("paused", 51)[at.HEADS, 12])
    assert found[20.0][0] == pytest.approx(found[15.0][0]) == pytest.approx(7.2)
    assert found[20.0][1] < found[15.0][1]


@pytest.mark.parametrize("rate", [0.60, 0.75, 0.85, 0.95])
def test_payment_rate__of_later_years_acts_on_returns_and_pauses_alone(rate: float) -> None:
    """Members and entries are those without it; so many pay as it states."""
    known = {
        "enterprise_payers": [250.0, UNKNOWN],
        "flexible_payers": [50.0, UNKNOWN],
        "paused_members": [55.0, UNKNOWN],
    }
    plain = town(2, public_payers=40.0, **known).step(2)
    lane = town(2, public_payers=40.0, payment_rate=[UNKNOWN, rate], **known).step(2)
    members = float(lane.cells[at.HEADS].sum())
    assert members == pytest.approx(float(plain.cells[at.HEADS].sum()), rel=1e-12)
    assert 1.0 - lane.heads("paused") / members == pytest.approx(rate, rel=1e-9)
    for status in ("enterprise", "flexible", "public"):
        assert lane.flow(f"entries_{status}", 1) == pytest.approx(plain.flow(f"entries_{status}", 1))
