"""Campaigns of the residents' scheme: who comes from which pool, and what becomes of them (notes/campaigns.md)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from simengine.kernels import layout as at
from tests.helpers.branch_builder import Branch, neutral, resident_year

ELDERLY, PAUSED, NONE = at.POOL_ELDERLY, at.POOL_PAUSED, at.POOL_NONE
FLOW_OF = {
    pool: f"campaign_resident_from_{name}" for pool, name in ((ELDERLY, "elderly"), (PAUSED, "paused"), (NONE, "none"))
}
MEN, WOMEN = at.MALE, at.FEMALE
ANY = float("inf")


def village(years: int = 1, **series: float | Sequence[float]) -> Branch:
    """Nobody dies. Men of 40: 1,000, of them 600 registered, half of them paying. Women of 70: 500, of them 300 draw.

    Take-up is .6, so that nobody else would draw; nobody registers unless a level or a campaign asks for it.
    """
    given: dict[str, float | Sequence[float]] = {"resident_paying_share": 0.5, "resident_rollout": 1.0}
    given |= {
        "resident_takeup": 0.6,
        "resident_pension_age": 60.0,
        "basic_pension": 100.0,
        "resident_contribution": 200.0,
    }
    case = neutral(years).path(**(given | series))
    case.scratch.population_survived[MEN, 40] = 1_000.0
    case.scratch.population_survived[WOMEN, 70] = 500.0
    case.state.resident[[at.R_PAYING, at.R_NOT_PAYING], MEN, 39] = 300.0
    case.state.beneficiaries[at.B_HEADS, WOMEN, 69] = 300.0
    return case


def ask(case: Branch, *pools: tuple[int, float] | int, ages: tuple[float, float] = (16.0, 100.0)) -> Branch:
    """Pools of the residents' campaign in their order, with limits; its ages."""
    table = case.tables.campaign[:, at.CAMPAIGN_RESIDENT]
    table[:] = 0.0
    for order, pool in enumerate(pools):
        table[:, order] = pool if isinstance(pool, tuple) else (pool, ANY)
    case.tables.campaign_ages[:, at.CAMPAIGN_RESIDENT] = (*ages, 0.0)
    return case


def age_on(case: Branch) -> None:
    """The survivors a year older; those who have no cell of their own are not looked at."""
    people = case.scratch.population_survived
    people[:, 1:] = people[:, :-1].copy()


def run(case: Branch, years: int = 1) -> Branch:
    for t in range(years):
        if t:
            age_on(case)
        resident_year(case, t)
    return case


def drawn(case: Branch, t: int = 0) -> dict[int, float]:
    return {pool: case.flow(name, t) for pool, name in FLOW_OF.items()}


def registered(case: Branch) -> float:
    return float(case.state.resident[[at.R_PAYING, at.R_NOT_PAYING]].sum())


# --- pools ------------------------------------------------------------------------------------------------------------

HELD = {ELDERLY: 200.0, PAUSED: 300.0, NONE: 400.0}
"""People in the three pools of the village."""


@pytest.mark.parametrize("order", list(itertools.permutations(HELD)))
def test_pools__are_drawn_in_their_order_up_to_nine_tenths(order: tuple[int, ...]) -> None:
    case = run(ask(village(campaign_additional_resident=600.0), *order))
    left, expected = 600.0, {}
    for pool in order:
        expected[pool] = min(left, 0.9 * HELD[pool])
        left -= expected[pool]
    assert drawn(case) == pytest.approx(expected)
    assert case.flow("campaign_top_up_resident") == 600.0
    assert case.flow("campaign_missing_resident") == pytest.approx(left, abs=1e-9)


def test_pools__a_limit_is_the_most_a_year_and_the_rest_is_missing() -> None:
    case = run(ask(village(campaign_additional_resident=100.0), (ELDERLY, 30.0), (PAUSED, 20.0)))
    assert drawn(case) == {ELDERLY: pytest.approx(30.0), PAUSED: pytest.approx(20.0), NONE: 0.0}
    assert case.flow("campaign_missing_resident") == pytest.approx(50.0)


def test_pools__a_limit_holds_for_both_kinds_of_one_year_together() -> None:
    case = village(campaign_additional_resident=50.0, campaign_gross_resident=50.0)
    run(ask(case, (PAUSED, 60.0)))
    assert drawn(case)[PAUSED] == pytest.approx(60.0)
    assert case.flow("campaign_missing_resident") == pytest.approx(40.0)


@pytest.mark.parametrize("ages, found", [((16.0, 39.0), 0.0), ((40.0, 40.0), 360.0), ((41.0, 100.0), 180.0)])
def test_pools__only_people_of_the_ages(ages: tuple[float, float], found: float) -> None:
    case = run(ask(village(campaign_additional_resident=1_000.0), NONE, ELDERLY, ages=ages))
    assert sum(drawn(case).values()) == pytest.approx(found)


def test_pools__who_registers_in_the_year_is_not_brought_back_in_it() -> None:
    """The 100 who register first, half of them not paying, are none of the 300 who have not paid."""
    case = run(ask(village(campaign_additional_resident=400.0), (NONE, 100.0), PAUSED))
    assert drawn(case)[PAUSED] == pytest.approx(0.9 * 300.0)


def test_pools__without_heads_they_change_nothing() -> None:
    plain, named = run(village(2), 2), run(ask(village(2), ELDERLY, (PAUSED, 5.0), NONE), 2)
    for name in ("resident", "beneficiaries", "funds", "memory"):
        assert np.array_equal(getattr(plain.state, name), getattr(named.state, name)), name
    assert np.array_equal(plain.out.flows, named.out.flows)


# --- the old without a pension ----------------------------------------------------------------------------------------


def test_elderly__draw_the_base_pension_from_the_month_after_on_budgets_account() -> None:
    plain, case = run(village(2), 2), run(ask(village(2, campaign_additional_resident=[100.0, 0.0]), ELDERLY), 2)
    assert case.flow("resident_admitted") - plain.flow("resident_admitted") == pytest.approx(100.0)
    assert case.flow("resident_base_paid") - plain.flow("resident_base_paid") == pytest.approx(100.0 * 5.5 * 100.0)
    assert case.flow("resident_base_paid", 1) - plain.flow("resident_base_paid", 1) == pytest.approx(100.0 * 12 * 100.0)
    assert case.stock("resident_beneficiaries", 2) - plain.stock("resident_beneficiaries", 2) == pytest.approx(100.0)
    assert case.balance(at.FUND_RESIDENT, 2) == pytest.approx(plain.balance(at.FUND_RESIDENT, 2)), "budgets pay it"


def test_elderly__take_up_of_later_years_is_what_it_would_have_been() -> None:
    """50 more women come to live here in the second year: .6 of them draw with and without a campaign before."""
    found = []
    for heads in (0.0, 100.0):
        case = ask(village(2, campaign_additional_resident=[heads, 0.0]), ELDERLY)
        resident_year(case, 0)
        age_on(case)
        case.scratch.population_survived[WOMEN, 71] += 50.0
        resident_year(case, 1)
        found.append(case.flow("resident_admitted", 1))
        assert case.state.beneficiaries[at.B_BEYOND, WOMEN, 71] == pytest.approx(heads)
    assert found == pytest.approx([30.0, 30.0])


def test_elderly__take_up_ends_where_nobody_is_left_without_a_pension() -> None:
    """180 of 200 were found; take-up rises to one, but only 20 have no pension yet."""
    case = ask(village(2, campaign_additional_resident=[200.0, 0.0], resident_takeup=[0.6, 1.0]), ELDERLY)
    run(case, 2)
    assert case.flow("resident_admitted", 1) == pytest.approx(20.0)
    assert case.stock("resident_beneficiaries", 2) == pytest.approx(500.0)


# --- who pays again ---------------------------------------------------------------------------------------------------


def test_paused__pay_from_the_next_year_on_and_stay() -> None:
    plain, case = run(village(4), 4), run(ask(village(4, campaign_additional_resident=[60.0, 0, 0, 0]), PAUSED), 4)
    assert case.flow("resident_credits", 0) == plain.flow("resident_credits", 0)
    for t in (1, 2, 3):
        assert case.flow("resident_credits", t) - plain.flow("resident_credits", t) == pytest.approx(60.0 * 200.0)
        assert case.stock("resident_contributors", t + 1) == pytest.approx(360.0)
        assert case.stock("resident_paused", t + 1) == pytest.approx(240.0)


def test_paused__die_and_draw_like_the_others_of_their_age() -> None:
    case = ask(village(2, campaign_additional_resident=[60.0, 0.0]), PAUSED).death(0.1)
    case.tables.campaign_ages[:, at.CAMPAIGN_RESIDENT] = (16.0, 100.0, 0.0)
    run(case, 2)
    assert case.state.resident[at.R_RESUMED, MEN, 41] == pytest.approx(54.0)
    assert case.state.resident[at.R_PAYING, MEN, 41] == pytest.approx(0.5 * 486.0 + 54.0)
    old = village(2)
    old.state.resident[:, MEN, 58] = old.state.resident[:, MEN, 39]
    old.scratch.population_survived[MEN, 59] = 1_000.0
    run(ask(old.path(campaign_additional_resident=[60.0, 0.0]), PAUSED, ages=(59.0, 59.0)), 2)
    assert not old.state.resident[:, MEN, 60].any(), "at the pension age they draw"
    assert old.state.beneficiaries[at.B_HEADS, MEN, 60] == pytest.approx(600.0)


def test_paused__a_stated_payment_rate_contains_them() -> None:
    """Nobody is drawn while the rate is stated; who was drawn before makes it no higher."""
    stated = run(ask(village(campaign_additional_resident=60.0, resident_payment_rate=0.5), PAUSED, NONE))
    assert drawn(stated) == {ELDERLY: 0.0, PAUSED: 0.0, NONE: pytest.approx(60.0)}
    later = village(2, campaign_additional_resident=[60.0, 0.0], resident_payment_rate=[np.nan, 0.5])
    run(ask(later, PAUSED), 2)
    assert later.stock("resident_contributors", 2) == pytest.approx(300.0)


# --- who registers ----------------------------------------------------------------------------------------------------


def test_none__stay_beyond_the_level_that_ordinary_registrations_reach() -> None:
    """The level grows by 20 a year with its index; 100 of a campaign are beyond it and leave it as it is."""
    index = [1.0, 620.0 / 600.0, 640.0 / 600.0]
    level = [600.0, np.nan, np.nan]
    series = {"resident_registered": level, "resident_index": index}
    plain = run(village(3, **series), 3)
    case = run(ask(village(3, campaign_additional_resident=[0.0, 100.0, 0.0], **series), NONE), 3)
    for t in (1, 2):
        assert plain.flow("resident_entries", t) == pytest.approx(20.0)
        ordinary = case.flow("resident_entries", t) - drawn(case, t)[NONE]
        assert ordinary == pytest.approx(20.0)
        assert case.flow("shortfall_resident", t) == pytest.approx(0.0, abs=1e-9)
    assert registered(case) == pytest.approx(registered(plain) + 100.0) == pytest.approx(740.0)


def test_none__a_known_level_contains_them() -> None:
    """The level of the second year is 650: the campaign brings 40 of the 50, and they are not beyond it afterwards."""
    level = [600.0, 650.0, np.nan]
    case = village(3, campaign_additional_resident=[0.0, 40.0, 0.0], resident_registered=level)
    run(ask(case, NONE), 3)
    assert case.flow("resident_entries", 1) == pytest.approx(50.0)
    assert case.state.resident[at.R_BEYOND].sum() == 0.0
    assert registered(case) == pytest.approx(650.0)
    assert case.flow("resident_entries", 2) == pytest.approx(0.0, abs=1e-9)


def test_none__end_where_everybody_coverable_is_covered() -> None:
    """1,500 are coverable, 900 of them covered; the old found first leave room for 1,500 - 900 - 180."""
    case = ask(village(campaign_additional_resident=1_000.0, coverage_population_ratio=0.8), ELDERLY, NONE)
    run(case)
    assert drawn(case)[ELDERLY] == pytest.approx(180.0)
    assert drawn(case)[NONE] == pytest.approx(0.8 * 1_500.0 - 900.0 - 180.0)


def test_none__ordinary_registrations_keep_their_ceiling_and_nobody_passes_everybody() -> None:
    """The ceiling of .7 leaves 150 of the 1,500 to ordinary registrations; 400 of a campaign do not use them up."""
    series = {"resident_registered": [600.0, np.nan], "resident_index": [1.0, 2.0]}
    for heads in (0.0, 300.0):
        case = village(2, campaign_additional_resident=[0.0, heads], **series).constant(coverage_ceiling=0.7)
        run(ask(case, NONE), 2)
        ordinary = case.flow("resident_entries", 1) - drawn(case, 1)[NONE]
        room = 1_500.0 - 900.0 - drawn(case, 1)[NONE]
        assert ordinary == pytest.approx(min(150.0, room, 0.95 * (400.0 - drawn(case, 1)[NONE])))


def test_none__who_enters_the_employees_scheme_leaves_both_counts() -> None:
    from simengine.kernels.members.coverage import take_from_pool

    case = ask(village(campaign_additional_resident=100.0), NONE)
    run(case)
    case.scratch.pool[MEN, 24] = case.scratch.pool_resident[MEN, 24] = 700.0
    take_from_pool(0, at.FLEXIBLE, MEN, 24, 350.0, case.state, case.scratch, case.out)
    assert registered(case) == pytest.approx(350.0)
    assert case.state.resident[at.R_BEYOND, MEN, 40] == pytest.approx(50.0)


# --- gross ------------------------------------------------------------------------------------------------------------


def test_gross__counts_ordinary_registrations_and_take_up() -> None:
    """20 register and 50 take up a pension: of 100 promised, 30 are added."""
    series = {"resident_registered": [600.0, np.nan], "resident_index": [1.0, 620.0 / 600.0]}
    case = village(2, resident_takeup=[0.6, 0.7], campaign_gross_resident=[0.0, 100.0], **series)
    run(ask(case, NONE), 2)
    assert case.flow("resident_admitted", 1) == pytest.approx(50.0)
    assert case.flow("campaign_top_up_resident", 1) == pytest.approx(30.0)
    assert case.flow("resident_entries", 1) == pytest.approx(50.0)


def test_gross__what_one_year_brings_beyond_the_plan_counts_in_the_next() -> None:
    series = {"resident_registered": [600.0, np.nan, np.nan], "resident_index": [1.0, 1.2, 1.2]}
    case = village(3, campaign_gross_resident=[0.0, 70.0, 70.0], **series)
    run(ask(case, NONE), 3)
    assert case.flow("resident_entries", 1) == pytest.approx(120.0)
    assert [case.flow("campaign_top_up_resident", t) for t in (1, 2)] == pytest.approx([0.0, 20.0])


def test_gross__an_additional_one_is_none_of_it() -> None:
    case = village(campaign_gross_resident=50.0, campaign_additional_resident=30.0)
    run(ask(case, NONE))
    assert case.flow("campaign_top_up_resident") == pytest.approx(80.0)


def test_gross__in_a_known_year_it_only_counts_and_asks_later() -> None:
    case = village(3, campaign_gross_resident=[0.0, 50.0, 50.0], resident_registered=[600.0, 610.0, np.nan])
    run(ask(case, NONE), 3)
    assert [case.flow("campaign_top_up_resident", t) for t in (1, 2)] == pytest.approx([0.0, 90.0])
    assert case.flow("resident_entries", 1) == pytest.approx(10.0)


# --- a plain reference ------------------------------------------------------------------------------------------------


def plain_year(
    case: Branch, heads: float, pools: list[tuple[int, float]], takeup: float, paying: float
) -> dict[int, float]:
    """What a campaign of a year brings by pool, written out over sex and age: nobody dies, nobody else registers."""
    people, resident = case.scratch.population_survived, np.roll(case.state.resident, 1, axis=-1)
    draws = np.roll(case.state.beneficiaries[at.B_HEADS], 1, axis=-1)
    found: dict[int, float] = {}
    registered_by_age = resident[at.R_PAYING] + resident[at.R_NOT_PAYING]
    old = np.arange(at.AGES) >= 60
    draws = draws + np.where(old, np.maximum(0.0, takeup * people - draws), 0.0)
    not_paying = registered_by_age * (1.0 - paying)
    held = {
        ELDERLY: np.where(old, people - draws, 0.0),
        PAUSED: not_paying,
        NONE: np.where(old, 0.0, np.maximum(0.0, people - registered_by_age)),
    }
    left = heads
    for pool, limit in pools:
        many = float(held[pool][:, at.FIRST_AGE :].sum())
        found[pool] = min(left, limit, 0.9 * many)
        left -= found[pool]
    return found


@pytest.mark.parametrize("seed", range(12))
def test_campaign__equals_the_plain_sums_over_sex_and_age(seed: int) -> None:
    rng = np.random.default_rng(seed)
    takeup, paying = rng.uniform(0.3, 0.9), rng.uniform(0.2, 0.8)
    case = neutral(1).path(
        resident_paying_share=paying, resident_rollout=1.0, resident_takeup=takeup, resident_pension_age=60.0
    )
    case.scratch.population_survived[:] = rng.uniform(100.0, 900.0, (2, at.AGES))
    for age in range(16, 59):
        heads = rng.uniform(0.0, 100.0, 2)
        case.state.resident[[at.R_PAYING, at.R_NOT_PAYING], :, age] = 0.5 * heads
    case.state.beneficiaries[at.B_HEADS, :, 59:99] = rng.uniform(0.0, 90.0, (2, 40))
    pools = [(pool, float(rng.uniform(10.0, 30_000.0))) for pool in rng.permutation([ELDERLY, PAUSED, NONE]).tolist()]
    heads = float(rng.uniform(0.0, 40_000.0))
    case.path(campaign_additional_resident=heads)
    expected = plain_year(case, heads, pools, takeup, paying)
    before = case.state.resident.sum(axis=(1, 2))
    run(ask(case, *pools))
    assert drawn(case) == pytest.approx(expected)
    resident = case.state.resident.sum(axis=(1, 2))
    assert resident[at.R_BEYOND] == pytest.approx(expected[NONE])
    assert resident[at.R_RESUMED] == pytest.approx(expected[PAUSED])
    assert case.state.beneficiaries[at.B_BEYOND].sum() == pytest.approx(expected[ELDERLY])
    total = before[at.R_PAYING] + before[at.R_NOT_PAYING] + expected[NONE]
    assert resident[at.R_PAYING] + resident[at.R_NOT_PAYING] == pytest.approx(total)
    assert case.flow("campaign_missing_resident") == pytest.approx(heads - sum(expected.values()), abs=1e-6)
