"""Work injury: floating by class, phased cut, reserve, project premiums, ceilings, each by hand (notes/injury.md)."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.compile.tables import float_shifts
from simengine.kernels import layout as at
from simengine.kernels.branches import injury
from simengine.law import load_law
from tests.helpers.branch_builder import Branch, injury_year, neutral
from tests.kernels.test_injury_kernels import RATES, UNKNOWN, annuitant, insured_case, one_case, pensioner

FUND = at.FUND_INJURY
SPREAD = 1.0


def floating(ratio: float, level: float = 2.0, risk: int = 4, log_sd: float = 1e-6, interval: float = 1.0) -> Branch:
    """One class whose claims were `ratio` times its premiums; employers' ratios spread by `log_sd` around it."""
    case = neutral(1).path(rerating_interval=interval)
    case.tables.float_shift[:] = float_shifts(load_law(), np.array([2021]), "jiangxi", log_sd)
    case.state.injury_classes[:, risk - 1] = level, ratio * 1e6, 1e6
    return case


def rerated(case: Branch, risk: int = 4) -> float:
    injury.rerate_classes(0, case.paths, case.tables, case.state)
    return float(case.state.injury_classes[at.C_LEVEL, risk - 1])


# --- floating ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "level"),
    [(0.0, 1.0), (0.2, 1.0), (0.28, 1.0), (0.32, 2.0), (0.8, 2.0), (1.18, 2.0), (1.22, 3.0), (1.9, 3.0), (2.02, 4.0)],
)
def test_rerate_classes__alike_employers_move_by_whole_levels(ratio: float, level: float) -> None:
    """Schemes.md 6.1: below 0.3 one down, 0.3 to 1.2 stays, above 1.2 one up, above 2 two up."""
    assert rerated(floating(ratio)) == pytest.approx(level)


@pytest.mark.parametrize("ratio", [0.1, 0.31, 0.6, 1.0, 1.5, 2.4])
def test_rerate_classes__spread_employers_move_by_the_mean_of_their_levels(ratio: float) -> None:
    """Ratios of employers are lognormal around the class's: their mean step against normal probabilities."""
    centre = NormalDist(math.log(ratio) - 0.5 * SPREAD**2, SPREAD)
    down, up, two = centre.cdf(math.log(0.3)), 1.0 - centre.cdf(math.log(1.2)), 1.0 - centre.cdf(math.log(2.0))
    assert rerated(floating(ratio, log_sd=SPREAD)) == pytest.approx(2.0 + up + two - down, abs=3e-4)


@pytest.mark.parametrize(("ratio", "level", "expected"), [(0.1, 0.4, 0.0), (3.0, 3.0, 4.0), (3.0, 1.0, 3.0)])
def test_rerate_classes__levels_end_at_the_lowest_and_the_highest(ratio: float, level: float, expected: float) -> None:
    assert rerated(floating(ratio, level)) == pytest.approx(expected)


def test_rerate_classes__class_one_never_falls_below_its_base() -> None:
    """人社部发〔2015〕71号: three levels for class 1 (100, 120, 150 %), five for the others."""
    assert rerated(floating(0.1, risk=1), risk=1) == at.FLOAT_BASE
    assert rerated(floating(0.1, level=3.0, risk=1), risk=1) == pytest.approx(at.FLOAT_BASE)
    assert rerated(floating(1.5, risk=1), risk=1) == pytest.approx(3.0)
    assert rerated(floating(0.1, risk=2), risk=2) == pytest.approx(1.0)


def test_rerate_classes__every_other_year_on_what_came_in_since() -> None:
    case = floating(1.5, interval=2.0)
    assert rerated(case) == 2.0
    assert case.state.injury_classes[at.C_CLAIMS, 3] == 1.5e6
    assert rerated(case) == pytest.approx(3.0)
    assert case.state.injury_classes[at.C_CLAIMS :].sum() == 0.0
    assert case.memory("rerating_years") == 0.0


def test_rerate_classes__a_class_without_premiums_stays() -> None:
    case = floating(0.0)
    case.state.injury_classes[at.C_PREMIUMS] = 0.0
    assert rerated(case) == 2.0


def test_settle_injury__two_years_of_claims_move_the_third_years_premium() -> None:
    """Class 4, rate 0.9 %, payroll 12 million: 108,000 a year. 0.9 cases of 180,000 are 162,000, 1.5 times as much.

    Re-rated at the start of every second year on what came in since: in year 2 on year 1, so the rate is 1.08 %.
    In year 4 on years 2 and 3: 162,000 over 129,600 are 1.25, one level more: 1.35 %.
    """
    case = insured_case(years=5, medical_cost=180_000.0, injury_rate_factor=UNKNOWN, rerating_interval=2.0)
    case.tables.float_shift[:] = float_shifts(load_law(), np.array([2021]), "jiangxi", 1e-6)
    case.remember(injury_rate_factor=1.0).fund(FUND, 1e9)
    case.constant(injury_months_high=18.0, injury_rate_step=0.1)
    expected = (108_000.0, 129_600.0, 129_600.0, 162_000.0, 162_000.0)
    for t in range(5):
        injury_year(case, t)
        assert case.flow("injury_medical", t) == pytest.approx(162_000.0)
        assert case.item(FUND, "contributions", t) == pytest.approx(expected[t])


def test_settle_injury__a_known_factor_holds_the_floating_already() -> None:
    case = insured_case(injury_rate_factor=0.8)
    case.state.injury_classes[at.C_LEVEL, 3] = 4.0
    injury_year(case, 0)
    assert case.item(FUND, "contributions") == pytest.approx(0.8 * 108_000.0)


@pytest.mark.parametrize("months", [9.0, 15.0, 21.0, 40.0])
@pytest.mark.parametrize("level", [0.0, 1.4, 2.0, 3.7])
def test_injury_rate_factor__goes_on_from_the_last_known_one_without_a_jump(months: float, level: float) -> None:
    """0.7645 is known with its floating and cut; a year later, with the same level and months, the rate is the same."""
    case = insured_case(years=2, injury_rate_factor=[0.7645, UNKNOWN])
    case.tables.cut_factor[:] = 1.0, 0.8, 0.5
    case.state.injury_classes[at.C_LEVEL, 3] = level
    case.constant(injury_months_low=0.0, injury_months_high=1e9)
    for t in range(2):
        case.fund(FUND, months * 100_000.0).remember(spending_injury=1_200_000.0)
        injury_year(case, t)
        assert case.item(FUND, "contributions", t) == pytest.approx(0.7645 * 108_000.0, rel=1e-12)


def test_mean_level__weighs_classes_by_their_base_premiums() -> None:
    """Half of the wages in class 1 (0.2 %) at the base, half in class 8 (1.9 %) at 150 %: (0.2 + 2.85)/2.1."""
    case = insured_case()
    case.tables.class_mix[:] = 0.0
    case.tables.class_mix[[0, 7]] = 0.5
    case.state.injury_classes[at.C_LEVEL, 7] = 4.0
    assert injury.mean_level(0, case.tables, case.state) == pytest.approx(3.05 / 2.1)


# --- phased cut and reserve -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "factor"),
    [(-4.0, 1.0), (0.0, 1.0), (12.0, 1.0), (15.0, 0.9), (18.0, 0.8), (21.0, 0.65), (24.0, 0.5), (80.0, 0.5)],
)
def test_phased_cut__is_linear_between_its_marks(months: float, factor: float) -> None:
    """Law: 20 % off from 18 payable months, 50 % off from 24; the mean of areas on both sides moves in between."""
    case = neutral(1)
    case.tables.cut_factor[:] = 1.0, 0.8, 0.5
    assert injury.phased_cut(0, months, case.tables) == pytest.approx(factor)


def test_phased_cut__counts_while_it_is_in_force() -> None:
    case = neutral(2)
    case.tables.cut_factor[0] = 1.0, 0.8, 0.5
    assert [injury.phased_cut(t, 30.0, case.tables) for t in range(2)] == [0.5, 1.0]


def test_injury_rate_factor__cut_and_reserve_multiply_the_base_of_the_last_known_one() -> None:
    """Known 0.72 at 21 months is a base of 0.72/0.65; at 9 months it is 1.1 of that base, at 18 months 0.8 of it."""
    case = neutral(1).path(injury_rate_factor=0.72).remember(spending_injury=1_200_000.0)
    case.constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)
    case.tables.cut_factor[:] = 1.0, 0.8, 0.5

    def factor(months: float) -> float:
        case.fund(FUND, months * 100_000.0)
        return float(injury.injury_rate_factor(0, case.paths, case.constants, case.tables, case.state))

    assert factor(21.0) == 0.72
    case.path(injury_rate_factor=UNKNOWN)
    assert factor(9.0) == pytest.approx(1.1 * 0.72 / 0.65)
    assert factor(18.0) == pytest.approx(0.8 * 0.72 / 0.65)
    assert factor(24.0) == pytest.approx(0.5 * 0.72 / 0.65)


# --- project workers, ceilings, campaigns -----------------------------------------------------------------------------


def test_settle_injury__project_workers_pay_by_the_price_not_by_wages() -> None:
    """200 insured, 14 % by project at 0.15 % of 200,000 yuan: 28 x 300 = 8,400; 172 pay 0.9 % of 60,000 a year."""
    case = insured_case(injury_project_share=0.14, injury_project_premium=0.0015 * 200_000.0)
    injury_year(case, 0)
    assert case.flow("injury_project_premiums") == pytest.approx(8_400.0)
    assert case.flow("injury_wage_bill") == pytest.approx(172.0 * 60_000.0)
    assert case.item(FUND, "contributions") == pytest.approx(8_400.0 + 172.0 * 540.0)
    assert case.flow("injury_cases") == pytest.approx(200.0 * 4.5 / 1000.0)  # they are insured like the others


def test_settle_injury__relief_lowers_project_premiums_too() -> None:
    case = insured_case(injury_project_share=1.0, injury_project_premium=300.0, injury_share_due=0.5)
    injury_year(case, 0)
    assert case.item(FUND, "contributions") == pytest.approx(30_000.0)


def target_of(case: Branch, t: int, employed: float) -> float:
    return float(injury.injury_target(t, employed, case.paths, case.state, case.out))


@pytest.mark.parametrize(("project", "expected"), [(0.0, 900.0), (0.1, 1_000.0), (0.14, 900.0 / 0.86)])
def test_injury_target__an_unknown_level_is_at_most_the_employed_and_those_insured_by_project(
    project: float, expected: float
) -> None:
    case = neutral(1).path(injury_project_share=project).remember(ratio_injury=2.0)
    target = target_of(case, 0, 900.0)
    assert target == pytest.approx(expected)
    assert target * (1.0 - project) <= 900.0 * (1.0 + 1e-12)
    assert case.flow("injury_over_employed") == pytest.approx(0.0, abs=1e-9)


def test_injury_target__a_known_level_above_the_employed_is_reported_not_cut() -> None:
    case = neutral(1).path(injury_insured=1_200.0, injury_project_share=0.1)
    assert target_of(case, 0, 900.0) == 1_200.0
    assert case.flow("injury_over_employed") == pytest.approx(180.0)


def test_injury_target__campaigns_gross_and_additional() -> None:
    """Ordinary growth of 50: a gross 80 adds 30, an additional 20 adds 20; both stay when the campaigns are over."""
    case = neutral(3).path(injury_index=1.0, campaign_gross_injury=[80.0, 0.0, 0.0])
    case.path(campaign_additional_injury=[20.0, 0.0, 0.0]).remember(ratio_injury=0.5, injury_insured=450.0)
    for t, level in enumerate((550.0, 550.0, 650.0)):
        injury_year(case, t, employed=1_000.0 + (200.0 if t == 2 else 0.0))
        assert case.stock("injury_insured", t + 1) == pytest.approx(level)
        assert case.flow("campaign_top_up_injury", t) == pytest.approx(50.0 if t == 0 else 0.0)


# --- allowances, prevention, employers --------------------------------------------------------------------------------


@pytest.mark.parametrize(("minimum", "paid"), [(0.0, 1_500.0), (1_500.0, 1_500.0), (1_740.0, 1_740.0)])
def test_pay_annuitants__an_allowance_is_topped_up_to_the_minimum_wage(minimum: float, paid: float) -> None:
    """Nursing is paid beside it, untouched."""
    case = annuitant(neutral(1).path(minimum_wage=minimum), 40, allowance=1_500.0, nursing=600.0, heads=2.0)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(2.0 * 12.0 * (paid + 600.0))
    assert case.state.annuitants[at.A_ALLOWANCE].sum() == pytest.approx(3_000.0)  # the own amount goes on


def test_pay_annuitants__past_the_statutory_month_the_pension_is_topped_up_to_the_minimum_wage_too() -> None:
    case = pensioner(annuitant(neutral(1).path(minimum_wage=1_740.0), 65, allowance=1_500.0, nursing=0.0), 1_600.0)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(12.0 * 140.0)


def test_add_annuitants__the_first_half_year_knows_no_minimum_wage() -> None:
    """First-order: 85 % of 4,500 are 3,825 yuan even below a minimum wage of 5,000; a year later it is topped up."""
    case = one_case(injury_annuity_share=1.0, injury_allowance_share=0.85).path(minimum_wage=5_000.0)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(6.0 * 3_825.0)


@pytest.mark.parametrize(
    ("share", "law", "factor"),
    [
        (0.03, 0.03, 1.0),
        (0.06, 0.03, 0.9),
        (0.045, 0.03, 0.95),
        (0.015, 0.03, 1.05),
        (0.5, 0.03, 0.0),
        (0.03, 0.0, 1.0),
    ],
)
def test_incidence_factor__falls_by_a_stated_part_when_prevention_doubles(
    share: float, law: float, factor: float
) -> None:
    """A tenth less for a doubling; where the law provides no prevention there is nothing to compare with."""
    case = insured_case(1_000.0, prevention_share=share, prevention_base=law).constant(prevention_effect=0.1)
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(4.5 * factor, abs=1e-12)


def test_incidence_factor__six_per_mille_in_haiyan_needs_ten_elevenths() -> None:
    """The plan wants about 6 cases per 1,000 insured in 2025, from 6.6: 0.909 of those, 1.492 of what classes give."""
    basis = load_basis("haiyan-2020")
    mix, incidence = basis.injury_classes()
    known = float(basis.path("incidence_factor", np.array([2020]))[0])
    per_mille = 1000.0 * float(mix @ incidence)
    assert per_mille * known == pytest.approx(6.6, abs=5e-4)
    needed = 6.0 / per_mille
    print(f"Haiyan: {per_mille:.4f} per mille by class, factor {known:.4f} in 2020, {needed:.4f} for 6 per mille")
    assert (needed, needed / known) == pytest.approx((1.492, 10.0 / 11.0), abs=5e-4)
    case = insured_case(1_000.0, incidence_factor=needed)
    case.tables.class_mix[:] = mix
    case.tables.class_incidence[:] = incidence
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(6.0)


def test_settle_injury__employers_pay_their_own_part_beside_the_fund() -> None:
    """A case: 2.5 months of 4,500 while off work, 1.9 months of 6,525 as employment subsidy; the fund sees nothing."""
    case = one_case().path(injury_stop_work_months=2.5, injury_employment_months=1.9)
    injury_year(case, 0)
    assert case.flow("injury_employer_paid") == pytest.approx(2.5 * 4_500.0 + 1.9 * 6_525.0)
    assert case.item(FUND, "benefits") == 0.0


def test_settle_injury__classes_of_these_tests_are_the_enacted_ones() -> None:
    assert load_law()["injury/class_rate"].at("2020-12-31") == pytest.approx(dict(enumerate(RATES, start=1)))


# --- known departures: the rule is stated, the kernel does not follow it yet -----------------------------------------


def test_collect_premiums__claims_and_premiums_of_a_class_are_of_the_same_workers() -> None:
    """Half by project: 0.45 cases of 120,000 yuan among those who pay 54,000 on wages: a claims ratio of one."""
    case = insured_case(medical_cost=120_000.0, injury_project_share=0.5, injury_project_premium=300.0)
    injury_year(case, 0)
    classes = case.state.injury_classes
    assert classes[at.C_CLAIMS, 3] / classes[at.C_PREMIUMS, 3] == pytest.approx(1.0)


def test_injury_rate_factor__falls_at_once_when_the_reserve_is_back() -> None:
    """Ten years below the lower mark end at the bound of 1.5; a year above the upper mark takes a step off it."""
    case = neutral(1).path(injury_rate_factor=UNKNOWN).remember(injury_rate_factor=1.0, spending_injury=1_200_000.0)
    case.constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)

    def factor(months: float) -> float:
        case.fund(FUND, months * 100_000.0)
        return float(injury.injury_rate_factor(0, case.paths, case.constants, case.tables, case.state))

    assert [factor(3.0) for _ in range(10)][-1] == 1.5
    assert factor(30.0) < 1.5
