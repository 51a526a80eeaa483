"""Work-injury insurance: pitfalls by name, people followed one by one, money (notes/injury.md)."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches import injury
from tests.helpers.branch_builder import Branch, injury_year, neutral, retirement_ages

FUND = at.FUND_INJURY
UNKNOWN = float("nan")
RATES = np.array([0.2, 0.4, 0.7, 0.9, 1.1, 1.3, 1.6, 1.9]) / 100.0
PER_INSURED = np.array([0.8, 1.6, 3.2, 4.5, 6.0, 7.5, 10.0, 14.0]) / 1000.0


def insured_case(heads: float = 200.0, risk: int = 4, years: int = 1, **series: float) -> Branch:
    """`heads` insured all year in one risk class (1..8), own wage 5,000 of an average wage of 6,250 yuan."""
    case = neutral(years)
    case.path(**({"injury_insured": heads, "previous_wage": 6_250.0, "injury_wage_ratio": 0.8} | series))
    case.remember(injury_insured=heads)
    case.tables.class_mix[risk - 1] = 1.0
    case.tables.class_rate[:] = RATES
    case.tables.class_incidence[:] = PER_INSURED
    return case.payers(heads)


def annuitant(
    case: Branch, age: int, career: int = 0, heads: float = 1.0, allowance: float = 3_825.0, nursing: float = 2_610.0
) -> Branch:
    """Annuitants who reach `age + 1` in the first year; amounts are a head."""
    case.state.annuitants[:, career, age] = heads, heads * allowance, heads * nursing
    return case


def pensioner(case: Branch, mean: float, heads: float = 100.0) -> Branch:
    """Enterprise pensioners of one age with a mean pension."""
    case.state.pensioners[at.P_HEADS, 0, 0, 80] = heads
    case.state.pensioners[at.P_MASS, 0, 0, 80] = heads * mean
    return case


# --- premiums --------------------------------------------------------------------------------------------------------


def test_class_sum__weights_every_class() -> None:
    mix = np.array([0.1, 0.2, 0.05, 0.25, 0.1, 0.15, 0.1, 0.05])
    assert injury.class_sum(mix, RATES) == pytest.approx(float(mix @ RATES), rel=1e-14)


def test_settle_injury__premium_of_a_floating_class() -> None:
    """Class 4, payroll 12.0 million, float 120 %: 1.08 % are 129,600 yuan."""
    case = insured_case(injury_rate_factor=1.2)
    injury_year(case, 0)
    assert case.flow("injury_wage_bill") == pytest.approx(12_000_000.0)
    assert case.item(FUND, "contributions") == pytest.approx(129_600.0)
    assert case.memory("premium_injury") == case.item(FUND, "contributions")


def test_settle_injury__relief_lowers_the_premium_not_the_payroll() -> None:
    case = insured_case(injury_share_due=0.4, employer_share_due=0.0)
    injury_year(case, 0)
    assert case.item(FUND, "contributions") == pytest.approx(0.4 * 108_000.0)
    assert case.flow("injury_wage_bill") == pytest.approx(12_000_000.0)


def reserve(months: float, before: float, **more: float) -> Branch:
    """A fund with `months` of last year's 1.2 million, and last year's factor; no factor is known for this year."""
    case = neutral(1).path(**({"injury_rate_factor": UNKNOWN} | more)).fund(FUND, months * 100_000.0)
    case.constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)
    return case.remember(injury_rate_factor=before, spending_injury=1_200_000.0)


def factor_of(case: Branch) -> float:
    return float(injury.injury_rate_factor(0, case.paths, case.constants, case.tables, case.state))


@pytest.mark.parametrize(
    ("months", "expected"),
    [(-3.0, 0.968), (0.0, 0.968), (11.99, 0.968), (12.0, 0.88), (17.99, 0.88), (18.0, 0.8), (60.0, 0.8)],
)
def test_injury_rate_factor__rises_below_the_lower_mark_and_falls_from_the_upper(
    months: float, expected: float
) -> None:
    """0.8 with a reserve factor of 1.1 from the year before: 1.21, 1.1 or 1.0 this year."""
    case = reserve(months, 0.8).remember(injury_reserve_factor=1.1)
    assert factor_of(case) == pytest.approx(expected, rel=1e-14)
    assert case.memory("injury_rate_factor") == 0.8


@pytest.mark.parametrize("months", [18.0, 30.0, 1_000.0])
def test_injury_rate_factor__the_reserve_never_lowers_it_below_its_base(months: float) -> None:
    """Above the upper mark the phased cut lowers rates, not the reserve factor."""
    case = reserve(months, 0.8)
    for _ in range(5):
        assert factor_of(case) == 0.8
    assert case.memory("injury_reserve_factor") == 1.0


@pytest.mark.parametrize(
    ("months", "before", "expected"),
    [(3.0, 1.45, 1.5), (3.0, 1.5, 1.5), (30.0, 0.4, 0.5), (30.0, 0.5, 0.5), (15.0, 0.4, 0.5), (15.0, 1.7, 1.5)],
)
def test_injury_rate_factor__stays_between_the_floating_levels(months: float, before: float, expected: float) -> None:
    assert factor_of(reserve(months, before)) == expected


@pytest.mark.parametrize("months", [0.0, 15.0, 60.0])
def test_injury_rate_factor__a_known_one_wins(months: float) -> None:
    """Even outside the floating levels: history and levers are taken as they are."""
    for known in (0.3, 0.9, 2.0):
        assert factor_of(reserve(months, 1.2, injury_rate_factor=known)) == known


def test_injury_rate_factor__the_first_year_without_spending_keeps_it() -> None:
    case = reserve(0.0, 0.7).remember(spending_injury=0.0)
    assert factor_of(case) == 0.7


def test_injury_rate_factor__reads_the_own_account() -> None:
    """What budgets would fill in (financed account) does not lower a rate."""
    case = reserve(0.0, 0.8)
    case.state.funds[at.FINANCED, FUND] = 1e9
    assert factor_of(case) == pytest.approx(0.88)


@pytest.mark.parametrize(("opening", "factor"), [(83_999.0, 1.1), (84_001.0, 1.0), (200_000.0, 1.0)])
def test_settle_injury__next_years_premium_follows_the_months_of_this_year(opening: float, factor: float) -> None:
    """Premium 108,000; treatment 90,000 and prevention 6,000 are spent: 8,000 yuan are a month, next year reacts."""
    case = insured_case(years=2, injury_rate_factor=[1.0, UNKNOWN], medical_cost=100_000.0, prevention_share=0.03)
    case.constant(injury_rate_step=0.1, injury_months_low=12.0, injury_months_high=18.0)
    case.remember(premium_injury=200_000.0).fund(FUND, opening)
    for t in range(2):
        injury_year(case, t)
    assert case.balance(FUND, 1) == pytest.approx(opening + 12_000.0)
    assert case.item(FUND, "contributions", 0) == pytest.approx(108_000.0)
    assert case.item(FUND, "contributions", 1) == pytest.approx(108_000.0 * factor)
    assert case.memory("injury_reserve_factor") == pytest.approx(factor)


def test_settle_injury__exposure_is_the_mean_of_opening_and_closing() -> None:
    case = insured_case(injury_insured=300.0)
    case.remember(injury_insured=100.0)
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(200.0 * 4.5 / 1000.0)
    assert case.flow("injury_wage_bill") == pytest.approx(200.0 * 12 * 5_000.0)
    assert case.stock("injury_insured", 1) == 300.0


def test_settle_injury__known_level_then_its_ratio_times_the_index() -> None:
    case = insured_case(years=3, injury_insured=[800.0, UNKNOWN, UNKNOWN], injury_index=[1.0, 1.1, 1.2])
    for t, employed in enumerate((1_000.0, 1_000.0, 2_000.0)):
        injury_year(case, t, employed)
    assert case.memory("ratio_injury") == 0.8
    assert [case.stock("injury_insured", e) for e in (1, 2, 3)] == pytest.approx([800.0, 880.0, 1_920.0])


def test_settle_injury__prevention_rests_on_last_years_premium() -> None:
    """Three per cent of a premium income of 200 million are 6 million."""
    case = insured_case(years=2, prevention_share=0.03)
    case.remember(premium_injury=2e8)
    injury_year(case, 0)
    injury_year(case, 1)
    assert case.item(FUND, "other_outgo", 0) == 6e6
    assert case.item(FUND, "other_outgo", 1) == pytest.approx(0.03 * case.item(FUND, "contributions", 0))


def test_settle_injury__platform_workers_stay_apart() -> None:
    alone, beside = insured_case(), insured_case(platform_insured=1e6)
    for case in (alone, beside):
        injury_year(case, 0)
    assert beside.stock("platform_insured", 1) == 1e6
    assert beside.stock("injury_insured", 1) == 200.0
    assert beside.out.ledger.tolist() == alone.out.ledger.tolist()


# --- cases and lump sums ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("risk", "cases"), [(1, 0.8), (4, 4.5), (6, 7.5), (8, 14.0)])
def test_settle_injury__incidence_counts_insured_not_thousands(risk: int, cases: float) -> None:
    case = insured_case(1_000.0, risk)
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(cases)


def test_settle_injury__incidence_factor_is_the_prevention_lever() -> None:
    case = insured_case(1_000.0, incidence_factor=0.5)
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(2.25)


def one_case(**terms: float) -> Branch:
    """Exactly one recognised case: 1,000 insured of class 4 at 1 per mille; own wage 4,500, W 6,525 yuan."""
    case = insured_case(1_000.0, previous_wage=6_525.0, injury_wage_ratio=4_500.0 / 6_525.0)
    case.tables.class_incidence[:] = 0.001
    return case.assume(**terms)


def test_settle_injury__a_grade_two_case() -> None:
    """Own wage 4,500, W 6,525: lump sum 112,500, allowance 3,825, nursing 2,610 yuan a month."""
    case = one_case(
        injury_annuity_share=1.0, injury_lump_months=25.0, injury_allowance_share=0.85, injury_nursing_share=0.40
    )
    injury_year(case, 0)
    assert case.flow("injury_lump_sums") == pytest.approx(112_500.0)
    assert case.state.annuitants[at.A_ALLOWANCE].sum() == pytest.approx(3_825.0)
    assert case.state.annuitants[at.A_NURSING].sum() == pytest.approx(2_610.0)
    assert case.flow("injury_allowances") == pytest.approx(6.0 * (3_825.0 + 2_610.0))


def test_settle_injury__a_fatal_case() -> None:
    """20 times the national urban income of 54,188 yuan and six months of W; survivors' pensions on the own wage."""
    case = one_case(
        injury_death_share=1.0, injury_funeral_months=6.0, injury_death_multiple=20.0, injury_survivor_share=0.4
    ).path(previous_national_urban_income=54_188.0, previous_urban_income=1.0)
    injury_year(case, 0)
    assert case.flow("injury_death_benefits") == pytest.approx(1_083_760.0 + 39_150.0)
    assert case.state.injury_survivors.sum(axis=(1, 2)) == pytest.approx([1.0, 1_800.0])
    assert case.flow("injury_survivor_pensions") == pytest.approx(6.0 * 1_800.0)


def test_settle_injury__medical_subsidy_rests_on_the_average_wage() -> None:
    """Zhejiang, grade 7: 13 months of the own wage of 6,000 and 10 months of W = 8,433 yuan, both from the fund."""
    case = insured_case(1_000.0, previous_wage=8_433.0, injury_wage_ratio=6_000.0 / 8_433.0)
    case.tables.class_incidence[:] = 0.001
    case.path(injury_lump_months=13.0, injury_subsidy_months=10.0)
    injury_year(case, 0)
    assert case.flow("injury_lump_sums") == pytest.approx(78_000.0 + 84_330.0)


def test_settle_injury__medical_cost_of_every_case() -> None:
    case = one_case().path(medical_cost=18_000.0)
    injury_year(case, 0)
    assert case.flow("injury_medical") == pytest.approx(18_000.0)


# --- annuitants and survivors ----------------------------------------------------------------------------------------


def test_pay_annuitants__three_years_of_one_cell() -> None:
    case = annuitant(neutral(3), 45, heads=10.0).path(adjustment_ratio=[0.05, 0.03, 0.02])
    case.death(0.02).constant(injury_annuitant_mortality=1.5)
    heads, monthly = 10.0, 3_825.0 + 2_610.0
    for t, ratio in enumerate((0.05, 0.03, 0.02)):
        injury_year(case, t)
        monthly *= 1.0 + ratio
        paid = heads * monthly * (0.97 * 12 + 0.03 * 6)
        assert case.flow("injury_allowances", t) == pytest.approx(paid, rel=1e-12)
        assert case.flow("annuitant_deaths", t) == pytest.approx(heads * 0.03, rel=1e-12)
        heads *= 0.97
        cell = case.state.annuitants[:, 0, 46 + t]
        assert cell[at.A_HEADS] == pytest.approx(heads, rel=1e-12)
        assert cell[at.A_ALLOWANCE] + cell[at.A_NURSING] == pytest.approx(heads * monthly, rel=1e-12)
        assert case.stock("injury_annuitants", t + 1) == pytest.approx(heads, rel=1e-12)


def test_pay_annuitants__new_cases_are_first_adjusted_in_the_next_year() -> None:
    case = one_case(injury_annuity_share=1.0, injury_allowance_share=0.85).path(adjustment_ratio=0.5)
    injury_year(case, 0)
    assert case.state.annuitants[at.A_ALLOWANCE].sum() == pytest.approx(3_825.0)


@pytest.mark.parametrize(("pension", "top_up"), [(3_000.0, 825.0), (3_825.0, 0.0), (5_000.0, 0.0)])
def test_pay_annuitants__past_the_statutory_month_the_fund_tops_up(pension: float, top_up: float) -> None:
    case = pensioner(annuitant(neutral(1), 60), pension)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(12.0 * (top_up + 2_610.0))


def test_pay_annuitants__the_allowance_goes_on_below_the_statutory_month() -> None:
    case = pensioner(annuitant(neutral(1), 57), 5_000.0)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(12.0 * (3_825.0 + 2_610.0))


def test_pay_annuitants__the_statutory_month_is_that_of_the_career() -> None:
    case = neutral(1)
    retirement_ages(case.tables, (63, 58, 55))
    for career in range(at.CAREERS):
        annuitant(case, 59, career, nursing=0.0)
    pensioner(case, 1e6)
    injury_year(case, 0)
    assert case.flow("injury_allowances") == pytest.approx(12.0 * 3_825.0)


def test_pay_annuitants__top_up_is_by_the_mean_not_person_by_person() -> None:
    """First-order: one mean pension for all; half with 1,825 and half with 5,825 yuan would cost 1,000 a head."""
    case = pensioner(annuitant(neutral(1), 65, heads=2.0, nursing=0.0), 3_825.0)
    injury_year(case, 0)
    exact = 12.0 * (max(0.0, 3_825.0 - 1_825.0) + max(0.0, 3_825.0 - 5_825.0))
    print(f"top-up by the mean: {case.flow('injury_allowances'):.0f}, person by person {exact:.0f} yuan")
    assert case.flow("injury_allowances") == 0.0 < exact


def test_pay_annuitants__survivors_are_a_unit_a_case_and_end() -> None:
    """First-order: one unit with one pension a fatal case, ending by death or by a stated yearly share."""
    case = neutral(2).death(0.01).constant(injury_survivor_exit=0.06).path(adjustment_ratio=0.04)
    case.state.injury_survivors[:, 1, 35] = 10.0, 18_000.0
    for t in range(2):
        heads, mass = 10.0 * 0.93**t, 18_000.0 * 0.93**t * 1.04 ** (t + 1)
        injury_year(case, t)
        assert case.flow("injury_survivor_pensions", t) == pytest.approx(mass * (0.93 * 12 + 0.07 * 6), rel=1e-12)
        assert case.flow("injury_survivor_exits", t) == pytest.approx(0.07 * heads, rel=1e-12)
    assert case.stock("injury_survivors", 2) == pytest.approx(10.0 * 0.93**2)


def test_pay_annuitants__nobody_dies_more_than_once() -> None:
    case = annuitant(neutral(1), 90, heads=4.0).death(0.8).constant(injury_annuitant_mortality=1.5)
    injury_year(case, 0)
    assert case.flow("annuitant_deaths") == 4.0
    assert case.state.annuitants.sum() == 0.0


def test_add_annuitants__spread_like_the_enterprise_payers() -> None:
    case = one_case(injury_annuity_share=1.0, injury_allowance_share=0.85, injury_death_share=1.0)
    case.payers(3_000.0, career=2, age=30)
    injury_year(case, 0)
    assert case.state.annuitants[at.A_HEADS, 0, 40] == pytest.approx(0.25)
    assert case.state.annuitants[at.A_HEADS, 2, 30] == pytest.approx(0.75)
    assert case.state.annuitants[at.A_ALLOWANCE, 2, 30] == pytest.approx(0.75 * 3_825.0)
    assert case.state.injury_survivors[0].sum() == pytest.approx(1.0)


def test_add_annuitants__nobody_is_lost_without_payers() -> None:
    """Nobody to spread them over: no annuitant is counted, paid or kept."""
    case = one_case(injury_annuity_share=1.0, injury_death_share=1.0, injury_allowance_share=0.85).payers(0.0)
    injury_year(case, 0)
    for name in ("new_annuitants", "new_injury_survivors", "injury_allowances", "injury_survivor_pensions"):
        assert case.flow(name) == 0.0
    assert case.state.annuitants.sum() == case.state.injury_survivors.sum() == 0.0


def test_settle_injury__terms_are_those_of_the_year() -> None:
    """A dated change of law: outcomes, months and multiples may differ from year to year."""
    terms = {
        "injury_death_share": [0.0, 1.0], "injury_annuity_share": [1.0, 0.5], "injury_lump_months": [10.0, 20.0],
        "injury_subsidy_months": [0.0, 2.0], "injury_allowance_share": [0.8, 0.4], "injury_funeral_months": [0.0, 6.0],
        "injury_death_multiple": [0.0, 20.0],
    }  # fmt: skip
    found = []
    for t in range(2):
        case = insured_case(1_000.0, years=2, previous_wage=6_525.0, injury_wage_ratio=4_500.0 / 6_525.0)
        case.tables.class_incidence[:] = 0.001
        case.assume(**terms).path(previous_national_urban_income=54_188.0)
        injury_year(case, t)
        names = ("fatal_cases", "new_annuitants", "injury_lump_sums", "injury_death_benefits", "injury_allowances")
        found.append([case.flow(name, t) for name in names] + [case.state.annuitants[at.A_ALLOWANCE].sum()])
    assert found[0] == pytest.approx([0.0, 1.0, 45_000.0, 0.0, 6 * 3_600.0, 3_600.0])
    assert found[1] == pytest.approx([1.0, 0.5, 103_050.0, 1_122_910.0, 3 * 1_800.0, 900.0])


# --- everything ------------------------------------------------------------------------------------------------------


def test_settle_injury__heads_and_money_add_up() -> None:
    case = insured_case(50_000.0, 6, years=4, medical_cost=18_000.0, prevention_share=0.03, adjustment_ratio=0.03)
    case.path(previous_national_urban_income=54_188.0, return_work_injury=0.02).fund(FUND, 1e8).death(0.01)
    case.assume(
        injury_death_share=0.02, injury_annuity_share=0.01, injury_lump_months=5.7, injury_subsidy_months=1.7,
        injury_allowance_share=0.825, injury_nursing_share=0.12, injury_funeral_months=6.0, injury_death_multiple=20.0,
        injury_survivor_share=0.45, injury_survivor_exit=0.06, injury_annuitant_mortality=1.5,
    )  # fmt: skip
    annuitant(pensioner(case, 3_000.0), 59, heads=20.0)
    case.remember(premium_injury=4e7)
    for t in range(4):
        heads, survivors = case.state.annuitants[at.A_HEADS].sum(), case.state.injury_survivors[0].sum()
        injury_year(case, t)
        heads += case.flow("new_annuitants", t) - case.flow("annuitant_deaths", t)
        survivors += case.flow("new_injury_survivors", t) - case.flow("injury_survivor_exits", t)
        assert case.state.annuitants[at.A_HEADS].sum() == pytest.approx(heads, rel=1e-12)
        assert case.state.injury_survivors[0].sum() == pytest.approx(survivors, rel=1e-12)
        parts = ("medical", "lump_sums", "allowances", "death_benefits", "survivor_pensions")
        assert case.item(FUND, "benefits", t) == pytest.approx(
            sum(case.flow(f"injury_{part}", t) for part in parts), rel=1e-14
        )
        assert min(case.flow(f"injury_{part}", t) for part in parts) > 0.0


# --- everybody counted ------------------------------------------------------------------------------------------------


def test_settle_injury__fatal_cases_are_counted_without_payers() -> None:
    case = one_case(injury_death_share=1.0, injury_funeral_months=6.0).payers(0.0)
    injury_year(case, 0)
    assert case.flow("injury_death_benefits") == pytest.approx(39_150.0)
    assert case.flow("fatal_cases") == pytest.approx(1.0)
