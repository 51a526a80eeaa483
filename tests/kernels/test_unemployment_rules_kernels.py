"""Unemployment insurance: level and campaigns, deaths, refunds and subsidies, each by hand (notes/unemployment.md)."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches import unemployment
from simengine.kernels.members.rows import open_rows
from simengine.kernels.rules.unemployment import partly_cut
from tests.helpers.branch_builder import Branch, neutral, unemployment_year

FUND = at.FUND_UNEMPLOYMENT
UNKNOWN = float("nan")


def target_of(case: Branch, t: int, payers: float, public: float = 1e12, injured: float = 1e12) -> float:
    """Insured at year end by the level's rule, with what the ceilings leave."""
    return float(unemployment.unemployment_target(t, payers, public, injured, case.paths, case.state, case.out))


def insured(case: Branch, heads: float, years: int = 3) -> Branch:
    case.state.unemployment[0, 0, years] = heads
    return case


# --- level and its ceilings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("public", "injured", "expected"),
    [(1_000.0, 5_000.0, 1_600.0), (1_000.0, 1_500.0, 1_500.0), (1_000.0, 0.0, 0.0)],
)
def test_unemployment_target__an_unknown_level_stays_below_the_injury_insured(
    public: float, injured: float, expected: float
) -> None:
    """Known: 800 of 1,000 payers. A year later 2,000 pay, so 1,600, where so many are insured against injury."""
    case = neutral(2).path(unemployment_insured=[800.0, UNKNOWN])
    assert target_of(case, 0, 1_000.0) == 800.0
    assert target_of(case, 1, 2_000.0, public, injured) == pytest.approx(expected)
    assert case.flow("unemployment_over_injury", 1) == 0.0


def test_unemployment_target__an_unknown_level_stays_below_those_who_pay_as_employees() -> None:
    """A ratio of 1.5 on 1,000 enterprise payers is 1,500; only 1,000 and 300 in public institutions pay."""
    case = neutral(1).remember(ratio_unemployment=1.5)
    assert target_of(case, 0, 1_000.0, public=300.0, injured=5_000.0) == 1_300.0


def test_unemployment_target__a_known_level_above_the_injury_insured_is_reported_not_cut() -> None:
    case = neutral(1).path(unemployment_insured=800.0)
    assert target_of(case, 0, 500.0, public=0.0, injured=650.0) == 800.0
    assert case.flow("unemployment_over_injury") == 150.0


# --- campaigns --------------------------------------------------------------------------------------------------------


def test_unemployment_target__a_gross_campaign_tops_up_ordinary_growth() -> None:
    """The level grows by 80 of itself, then by 20, then not at all; planned are 100 and 50.

    First year: 20 are missing. Second year: 30 are missing and come; they stay when the campaign is over.
    """
    case = neutral(3).path(unemployment_index=[1.1, 1.125, 1.125], campaign_gross_unemployment=[100.0, 50.0, 0.0])
    insured(case.remember(ratio_unemployment=0.8), 800.0)
    levels, added = (900.0, 950.0, 950.0), (20.0, 30.0, 0.0)
    for t in range(3):
        unemployment_year(case, t, payers=1_000.0, close=False)
        assert unemployment.total_insured(case.state) == pytest.approx(levels[t])
        assert case.flow("campaign_top_up_unemployment", t) == pytest.approx(added[t])


def test_unemployment_target__a_gross_campaign_is_inert_where_growth_exceeds_it() -> None:
    case = insured(neutral(1).path(unemployment_index=1.2, campaign_gross_unemployment=100.0), 800.0)
    case.remember(ratio_unemployment=0.8)
    assert target_of(case, 0, 1_000.0) == pytest.approx(960.0)
    assert case.flow("campaign_top_up_unemployment") == 0.0


def test_unemployment_target__an_additional_campaign_comes_on_top_and_stays() -> None:
    """Growth of 160 and 100 more; a year later the level is that of the ratio and the same 100."""
    case = neutral(2).path(unemployment_index=1.2, campaign_additional_unemployment=[100.0, 0.0])
    insured(case.remember(ratio_unemployment=0.8), 800.0)
    for t in range(2):
        unemployment_year(case, t, payers=1_000.0, close=False)
        assert unemployment.total_insured(case.state) == pytest.approx(1_060.0)
    assert case.flow("campaign_top_up_unemployment", 0) == 100.0


def test_unemployment_target__no_campaign_lifts_the_level_over_its_ceiling() -> None:
    case = insured(neutral(1).path(campaign_additional_unemployment=500.0), 800.0).remember(ratio_unemployment=0.8)
    assert target_of(case, 0, 1_000.0, public=5_000.0, injured=1_000.0) == 1_000.0


# --- deaths -----------------------------------------------------------------------------------------------------------


def test_claimant_death_prob__is_that_of_others_at_the_ages_of_the_payers() -> None:
    """300 men of 40 at 0.2 % and 100 women of 50 at 0.6 %: (0.6 + 0.6)/400 = 0.3 %."""
    case = neutral(1).payers(300.0).payers(100.0, career=1, age=50)
    case.scratch.death[:] = 0.9
    case.scratch.death[at.Q_OTHER] = 0.002
    case.scratch.death[at.Q_OTHER, at.FEMALE] = 0.006
    open_rows(case.state, case.scratch)
    assert unemployment.claimant_death_prob(case.scratch) == pytest.approx(0.003, rel=1e-14)


def test_settle_unemployment__claimants_add_up_with_their_deaths() -> None:
    case = neutral(3).path(separation_prob=0.12, unemployment_take_up=0.5, reemployment_prob=0.06)
    case.path(unemployment_insured=9_000.0).constant(near_retirement_share=0.12, near_extension_exit=1.0 / 6.0)
    insured(case.death(0.012).payers(5_000.0), 9_000.0, 6)
    opening = 0.0
    for t in range(3):
        unemployment_year(case, t, close=False)
        lost = sum(case.flow(name, t) for name in ("claims_ended", "claims_reemployed", "claimant_deaths"))
        closing = float(case.state.claimants.sum())
        assert opening + case.flow("new_claimants", t) - lost == pytest.approx(closing, rel=1e-12)
        assert case.flow("claimant_deaths", t) == pytest.approx(case.flow("claim_months", t) * 0.001, rel=1e-12)
        opening = closing


def test_settle_unemployment__a_death_is_paid_as_an_employees() -> None:
    """Art. 49: 2 + 3 months of an urban income of 48,000 a year are 20,000 yuan a death; one in a thousand months."""
    case = neutral(1).path(funeral_months=2.0, compensation_factor=1.0, previous_urban_income=48_000.0)
    case.tables.compensation[:, 0] = 3.0
    case.tables.compensation[:, 1:] = 99.0  # no years of contributions are known of a claimant
    case.state.claimants[0, 0, 0] = 1_000.0
    case.death(0.012).payers(10.0)
    unemployment_year(case, 0)
    assert case.flow("claimant_deaths") == pytest.approx(1.0)
    assert case.flow("claimant_death_benefits") == pytest.approx(20_000.0)
    assert case.item(FUND, "benefits") == pytest.approx(20_000.0)


# --- pension contributions near the statutory month -------------------------------------------------------------------


def test_step_claimants__pension_contributions_are_refunded_in_the_last_year_before_the_statutory_month() -> None:
    """783 yuan a month (60 % of 6,525 at 20 %): all ten in extension, half of the ten with twelve months left."""
    case = neutral(1).path(unemployment_pension_refund=783.0).constant(near_last_year_share=0.5)
    case.state.claimants[1, 0, 0] = 10.0
    case.state.claimants[1, 0, 11] = 10.0
    case.state.claimants[0, 0, :] = 100.0  # far from the statutory month: nothing
    unemployment.step_claimants(0, 0.0, case.paths, case.constants, case.state, case.out)
    assert case.flow("pension_refunds") == pytest.approx(783.0 * 15.0)


# --- the phased cut after the last enacted year -----------------------------------------------------------------------


def cutting(full: float = 18.0) -> Branch:
    """Last year's outgo is 1.2 million; marks of 12 and `full` months, a step of a quarter."""
    case = neutral(1).path(cut_none_months=12.0, cut_full_months=full).constant(unemployment_cut_step=0.25)
    return case.remember(spending_unemployment=1_200_000.0)


def withdrawn(case: Branch, months: float) -> float:
    case.fund(FUND, months * 100_000.0)
    return float(unemployment.withdraw_cut(0, case.paths, case.constants, case.state))


def test_withdraw_cut__by_a_step_a_year_outside_the_marks() -> None:
    """Five years below 12 months take the whole cut and no more; 12 to 18 keep it; from 18 on it comes back."""
    case = cutting()
    assert [withdrawn(case, 11.99) for _ in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert [withdrawn(case, months) for months in (12.0, 17.99)] == [1.0, 1.0]
    assert [withdrawn(case, months) for months in (18.0, 40.0, 12.0, -5.0)] == [0.75, 0.5, 0.5, 0.75]


def test_withdraw_cut__an_enacted_cut_asks_for_no_reserve() -> None:
    """Without months nothing is withdrawn, and what was is given back at once."""
    case = cutting(full=0.0).remember(cut_withdrawn=0.75)
    assert withdrawn(case, -5.0) == 0.0
    assert case.memory("cut_withdrawn") == 0.0


def test_withdraw_cut__without_a_year_of_spending_nothing_changes() -> None:
    case = cutting().remember(spending_unemployment=0.0, cut_withdrawn=0.5)
    assert withdrawn(case, -5.0) == 0.5


@pytest.mark.parametrize(("rate", "paid"), [(0.005, 0.0125), (0.02, 0.02), (0.03, 0.03)])
def test_partly_cut__never_below_the_rate_of_the_cut(rate: float, paid: float) -> None:
    """Half of what is missing to 2 %: .5 % -> 1.25 %; a lever at or above the statutory rate stays."""
    assert partly_cut(0.5, rate, 0.02) == pytest.approx(paid)


def test_pay_out__programmes_are_a_share_of_last_years_premium_and_spending_of_the_fund() -> None:
    """A tenth of a million is other outgo, and belongs to the spending by which the months of next year are counted."""
    case = neutral(1).path(unemployment_programme_share=0.1).remember(premium_unemployment=1e6).fund(FUND, 0.0)
    unemployment_year(case, 0)
    assert case.flow("unemployment_programmes") == pytest.approx(1e5)
    assert case.item(FUND, "other_outgo") == pytest.approx(1e5)
    assert case.memory("spending_unemployment") == pytest.approx(1e5)


# --- stabilisation refunds --------------------------------------------------------------------------------------------


def refunding(months: float, needed: float = 12.0) -> Branch:
    """A fund of `months` of last year's 1.2 million; 37 % refunded above the reserve, 24 % below it."""
    case = neutral(1).path(stabilisation_share=0.37, stabilisation_low_share=0.24, refund_reserve_months=needed)
    return case.remember(spending_unemployment=1_200_000.0, premium_unemployment=1e6).fund(FUND, months * 100_000.0)


@pytest.mark.parametrize(
    ("months", "share"),
    [(40.0, 0.37), (12.0, 0.37), (11.999999, 0.24), (6.0, 0.12), (3.0, 0.06), (0.0, 0.0), (-5.0, 0.0)],
)
def test_refund_share__the_higher_rates_need_the_reserve(months: float, share: float) -> None:
    case = refunding(months)
    assert unemployment.refund_share(0, case.paths, case.state) == pytest.approx(share, rel=1e-6)
    unemployment_year(case, 0)
    assert case.flow("stabilisation_refunds") == pytest.approx(share * 1e6, rel=1e-6)


def test_refund_share__years_that_are_known_need_no_reserve() -> None:
    case = refunding(0.0, needed=0.0)
    assert unemployment.refund_share(0, case.paths, case.state) == 0.37


def test_refund_share__without_a_year_of_spending_the_share_stands() -> None:
    case = refunding(0.0).remember(spending_unemployment=0.0)
    assert unemployment.refund_share(0, case.paths, case.state) == 0.37


def test_refund_share__reads_the_own_account() -> None:
    case = refunding(6.0)
    case.state.funds[at.FINANCED, FUND] = 1e9
    assert unemployment.refund_share(0, case.paths, case.state) == pytest.approx(0.12)


# --- subsidies and months ---------------------------------------------------------------------------------------------


def test_settle_unemployment__skill_subsidies_rest_on_the_mean_insured() -> None:
    """Nine in a thousand take 1,500 yuan on average: 13.50 a head and year on (1,000 + 1,400)/2."""
    case = insured(neutral(1).path(unemployment_insured=1_400.0, skill_subsidy_cost=13.5), 1_000.0)
    unemployment_year(case, 0)
    assert case.flow("skill_subsidies") == pytest.approx(16_200.0)
    assert case.item(FUND, "other_outgo") == pytest.approx(16_200.0)


def test_settle_unemployment__spending_of_the_year_decides_about_the_next_refund() -> None:
    """Benefits of 120,000 and subsidies of 13,500: the months of next year are counted on 133,500."""
    case = insured(neutral(1).path(unemployment_insured=1_000.0, skill_subsidy_cost=13.5), 1_000.0)
    case.path(unemployment_benefit=1_200.0).state.claimants[0, 0, 0] = 100.0
    unemployment_year(case, 0)
    assert case.memory("spending_unemployment") == pytest.approx(133_500.0)


def test_settle_unemployment__months_add_up_to_the_year() -> None:
    """Two in a thousand claim every month, nobody finds work: who has claimed so far is paid."""
    case = neutral(1).path(separation_prob=0.24, unemployment_take_up=0.1, unemployment_benefit=1_000.0)
    insured(case.path(unemployment_insured=1_000.0), 1_000.0)
    unemployment_year(case, 0)
    months = case.out.unemployment_months[:, :, 0]
    new = 1_000.0 * 0.002 * 0.998 ** np.arange(12)
    np.testing.assert_allclose(months[2], new, rtol=1e-12)
    np.testing.assert_allclose(months[1], np.cumsum(new), rtol=1e-12)
    np.testing.assert_allclose(months[3], 1_000.0 * np.cumsum(new), rtol=1e-12)
    np.testing.assert_allclose(months[0, :11], np.cumsum(new)[:11], rtol=1e-12)
    assert months[1].sum() == pytest.approx(case.flow("claim_months"))
    assert months[3].sum() == pytest.approx(case.item(FUND, "benefits"))


# --- dear prices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("growth", "paid"), [(0.034, 0.0), (0.036, 10.0 * 0.036 * 800.0), (-0.01, 0.0)])
def test_pay_out__prices_that_reach_the_mark_start_the_subsidy(growth: float, paid: float) -> None:
    """Ten months paid, a living standard of 800 yuan, a mark of 3.5 %: the fund pays the whole growth or nothing."""
    case = neutral(1).path(price_index=1.0 + growth, previous_price_index=1.0)
    case.path(living_standard=800.0, price_trigger=0.035)
    case.out.flows[at.FLOW_CLAIM_MONTHS, 0] = 10.0
    unemployment.pay_out(0, 0.0, 1.0, case.paths, case.constants, case.state, case.scratch, case.out)
    assert case.flow("unemployment_price_subsidies") == pytest.approx(paid)
    assert case.due(FUND, "benefits") == pytest.approx(paid)
