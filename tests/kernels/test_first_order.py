"""Sizes of first-order rules by person: the kernel's rule on a group beside plain arithmetic on its members.

Every size is computed here and held against its row in notes/first_order.md.
"""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.kernels import layout as at
from simengine.kernels.branches.funds import earned_on
from simengine.kernels.branches.injury import interpolate, phased_cut
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.death import retiree_compensation
from simengine.kernels.rules.injury import topped_up
from simengine.kernels.rules.resident import years_to_make_up
from simengine.kernels.rules.rounding import FEN, half_up
from simengine.kernels.rules.unemployment import claim_months, own_base_benefit, own_base_bounds, price_subsidy
from simengine.law import load_law
from tests.helpers.branch_builder import LADDER, Branch, injury_year, neutral
from tests.helpers.first_order import assert_size, stated_sizes
from tests.helpers.lane_builder import FLOAT_LEVELS

PERSONS = 2_000
POINTS = (np.arange(PERSONS) + 0.5) / PERSONS
NORMAL = np.array([NormalDist().inv_cdf(point) for point in POINTS])
"""Persons at equal steps of probability; no draw, so the sizes do not depend on a seed."""


def lognormal(mean: float, log_sd: float) -> np.ndarray:
    """Amounts of persons with this mean and spread."""
    amounts = np.exp(log_sd * NORMAL)
    return np.asarray(mean * amounts / amounts.mean())


# --- funds and pensions -----------------------------------------------------------------------------------------------


def test_size__of_half_a_year_for_all_flows() -> None:
    """100 a year come in at month ends and go out at month starts: at 2.5 % the engine's net of zero earns nothing."""
    rate = 0.025
    by_month = sum(
        100.0 / 12.0 * ((1.0 + rate) ** ((11 - m) / 12.0) - (1.0 + rate) ** ((12 - m) / 12.0)) for m in range(12)
    )
    assert_size("fund: Half a year for all flows", earned_on(0.0, 0.0, rate) - by_month)


@pytest.mark.parametrize("rule", ["pension: interest in the award year", "order: Interest after the award"])
def test_size__of_interest_after_the_award(rule: str) -> None:
    """Awards in every month m: 12 - m pensions of A/139 are drawn, and still earn 4 % a year to its end."""
    given = [
        sum(account_pension(1.0, 139.0) * 0.04 * (12 - paid) / 12.0 for paid in range(month + 1, 13))
        for month in range(1, 13)
    ]
    assert_size(rule, 100.0 * sum(given) / 12.0)


def test_size__of_mean_years_in_payment() -> None:
    """Pensioners who have drawn for 5.0 to 6.0 years: 24 months less the mean years, and less completed ones."""
    years = 5.0 + POINTS
    group = retiree_compensation(24.0, float(years.mean()), 1.0, 9.0)
    one_by_one = sum(retiree_compensation(24.0, math.floor(year), 1.0, 9.0) for year in years.tolist()) / PERSONS
    assert_size("pension: compensation of pensioners", one_by_one - group)


def test_size__of_amounts_without_rounding() -> None:
    """A part of a pension rounded half up to 0.01 yuan: the most by which it moves."""
    parts = np.arange(1_000.0, 1_001.0, 0.000_5)
    moved = max(abs(float(half_up(part, FEN)) - part) for part in parts.tolist())
    assert_size("pension: rounding", moved)


# --- residents --------------------------------------------------------------------------------------------------------


def test_size__of_fifteen_years_by_chance() -> None:
    """Who turns 60 in 2030 had 19 years since 2011 and pays in each with a chance of 0.72: missing years a head.

    The rule spreads persons over one year around the mean of 13.68; by persons the paid years are binomial.
    """
    possible, chance = 19, 0.72
    weight = [math.comb(possible, k) * chance**k * (1.0 - chance) ** (possible - k) for k in range(possible + 1)]
    one_by_one = sum(w * years_to_make_up(float(k), 15.0, 0.0) for k, w in enumerate(weight))
    group = years_to_make_up(possible * chance, 15.0, 1.0)
    assert sum(weight) == pytest.approx(1.0)
    short = 100.0 * sum(w for k, w in enumerate(weight) if k < 15)  # who would draw without fifteen years made up
    assert f" {short:.0f} % of the cohort" in stated_sizes()["resident: Fifteen years are not a condition"].text
    assert_size("resident: Fifteen years are not a condition", 100.0 * (1.0 - group / one_by_one))


def test_size__of_birthdays_spread_evenly() -> None:
    """Births a tenth above the mean in the tenth month and below it in the fourth: months of the first pension."""
    births = [1.0 + 0.1 * math.cos(2.0 * math.pi * (month - 10) / 12.0) for month in range(1, 13)]
    paid = sum(b * (12 - month) for month, b in enumerate(births, start=1)) / sum(births)
    assert_size("resident: Turning 60", 100.0 * abs(paid / 5.5 - 1.0))


# --- work injury ------------------------------------------------------------------------------------------------------


def test_size__of_the_top_up_by_a_mean() -> None:
    """Allowances of 3,000 beside pensions with a mean of 2,900 and a spread of 0.3; gap of an allowance."""
    pensions = lognormal(2_900.0, 0.3)
    case = neutral(1)
    case.tables.retirement[:, :, :, at.RET_YEARS_TO_STATUTORY] = -0.5
    case.state.annuitants[[at.A_HEADS, at.A_ALLOWANCE], 0, 64] = PERSONS, 3_000.0 * PERSONS
    case.state.pensioners[[at.P_HEADS, at.P_MASS], 0, 0, 64] = PERSONS, pensions.sum()
    injury_year(case, 0)
    one_by_one = 12.0 * np.maximum(0.0, 3_000.0 - pensions).sum()
    assert case.flow("injury_allowances") < one_by_one
    gap = (one_by_one - case.flow("injury_allowances")) / (12.0 * 3_000.0 * PERSONS)
    assert_size("injury: Top-up by a mean", 100.0 * gap)


def test_size__of_dependants_as_one_unit() -> None:
    """A spouse (0.4) in 8 of 10 cases, 0 to 3 others (0.3 each) in 3, 4, 2, 1 of ten: the cap meets cases."""
    shares = [
        ((0.8 if spouse else 0.2) * chance, 0.4 * spouse + 0.3 * others)
        for spouse, (others, chance) in itertools.product((1, 0), enumerate((0.3, 0.4, 0.2, 0.1)))
    ]
    unit = min(1.0, sum(chance * share for chance, share in shares))
    one_by_one = sum(chance * min(1.0, share) for chance, share in shares)
    assert_size("injury: Dependants", 100.0 * (unit / one_by_one - 1.0))


def test_size__of_nursing_by_the_mean_degree() -> None:
    """Full degree raised from 0.5 to 0.6: the mean rises by a twelfth; where all need full nursing, by a fifth."""
    before = load_law()["injury/nursing_share"].national[-1].value
    assert isinstance(before, dict)
    after = {**before, "full": before["full"] + 0.1}
    mean = sum(after.values()) / sum(before.values()) - 1.0
    assert_size("injury: Nursing", 100.0 * (after["full"] / before["full"] - 1.0 - mean))


def test_size__of_levels_between_two_steps() -> None:
    """A class half way between two levels has the mean of their rates; every employer has one of the two."""
    levels = np.array(FLOAT_LEVELS[1])
    gaps = [abs(interpolate(k + 0.5, levels) - levels[k]) for k in range(4)]
    assert_size("injury: Levels between two steps", 100.0 * max(gaps))


def test_size__of_the_cut_between_its_marks() -> None:
    """At a hair below 24 months the rule gives the cut of 24, an area alone that of 18 (factors 0.8 and 0.5)."""
    case = neutral(1)
    case.tables.cut_factor[0] = 1.0, 0.8, 0.5
    months = np.linspace(12.0, 24.0, 1_201)[:-1]
    alone = np.where(months < 18.0, 1.0, 0.8)
    gap = max(abs(phased_cut(0, month, case.tables) - one) for month, one in zip(months, alone, strict=True))
    assert_size("injury: The cut between its marks", 100.0 * gap)


def test_size__of_the_spending_of_the_opening_year() -> None:
    """20 payable months by a spending that is a tenth too high or too low: the factor of the phased cut."""
    case = neutral(1)
    case.tables.cut_factor[0] = 1.0, 0.8, 0.5
    low, high = (phased_cut(0, 20.0 / error, case.tables) for error in (1.1, 0.9))
    assert_size("injury: The opening year's spending", 50.0 * abs(high - low))


def known_factor(known: float) -> Branch:
    """Insured in one class on its lowest level, under a known factor of one or under none."""
    case = neutral(1).path(
        previous_wage=5_000.0, injury_wage_ratio=1.0, injury_insured=1_000.0, injury_rate_factor=known
    )
    case.remember(injury_insured=1_000.0, injury_rate_factor=1.0)
    case.tables.class_mix[3], case.tables.class_rate[0, 3] = 1.0, 0.009
    case.state.injury_classes[at.C_LEVEL] = 0.0
    injury_year(case, 0)
    return case


def test_size__of_the_known_factor() -> None:
    """Premiums remembered for the claims ratio of a class on its lowest level: at the class rate, not at half of it."""
    known, unknown = (float(known_factor(value).state.injury_classes[at.C_PREMIUMS, 3]) for value in (1.0, math.nan))
    assert_size("injury: The known factor includes everything", 100.0 * (1.0 - unknown / known))


def test_size__of_grades_as_means() -> None:
    """Own wages, mean 5,000, spread 0.55, beside W 6,525: held to 60-300 % of W, 80 % of them, topped up."""
    wages, share, lowest = lognormal(5_000.0, 0.55), 0.8, 1_740.0
    mean = topped_up(share * 5_000.0, lowest)
    persons = [topped_up(share * min(max(wage, 0.6 * 6_525.0), 3.0 * 6_525.0), lowest) for wage in wages.tolist()]
    assert_size("injury: Grades", 100.0 * (1.0 - mean / (sum(persons) / PERSONS)))


def test_size__of_the_risk_mix_of_project_workers() -> None:
    """Cases, if all insured by project had the incidence of class 6, construction, not the mean of 4.2."""
    incidence = load_law()["injury/incidence"].national[-1].value
    assert isinstance(incidence, dict)
    share = float(load_basis("jiangxi-2020").path("injury_project_share", [2030])[0])
    assert_size("injury: Project workers", 100.0 * share * (incidence[6] / 4.2 - 1.0))


# --- unemployment -----------------------------------------------------------------------------------------------------


def test_size__of_less_than_a_month() -> None:
    """No claim of the enacted ladder is below a month: claims that the rule moves."""
    moved = [paid for paid, entitled in enumerate(LADDER) if 0.0 < claim_months(entitled, 0.0, 24.0) < 1.0]
    assert_size("unemployment: Less than a month counts as one", float(len(moved)))


def test_size__of_whole_paid_years() -> None:
    """Who finds work in month m has paid 12 - m months by the year's end and stands in the class of one year."""
    paid = [(12 - month + 0.5) / 12.0 for month in range(1, 13)]
    assert_size("unemployment: Paid years are whole years at year end", 1.0 - sum(paid) / 12.0)


def test_size__of_one_amount() -> None:
    """Claims of 24 months that 6.5 % leave each month; a province that pays 80 % after the twelfth month."""
    alive = [0.935**month for month in range(24)]
    assert_size("unemployment: One amount", 20.0 * sum(alive[12:]) / sum(alive))


def test_size__of_equal_weights_for_paid_years() -> None:
    """Jiangsu: bases around 5,000 (spread 0.55), floor 1.5 x 800, cap 2,490 and a fifth more; all in one class.

    The rule moves the published amount by its ratio R after over R before, with equal weights for the three classes.
    """
    bases = lognormal(5_000.0, 0.55)
    shares = load_law()["unemployment/own_base_share"].national[-1].value
    assert isinstance(shares, dict)

    def mean(share: float, minimum_wage: float) -> float:
        floor, cap = own_base_bounds(1.5, 800.0, 1.0, minimum_wage)
        return sum(own_base_benefit(share, base, floor, cap) for base in bases.tolist()) / PERSONS

    before, after = ([mean(share, wage) for share in shares.values()] for wage in (2_490.0, 1.2 * 2_490.0))
    equal = sum(after) / sum(before)
    alone = [late / early for early, late in zip(before, after, strict=True)]
    gap = max(abs(equal / one - 1.0) for one in alone)
    assert_size("unemployment: The amount after the last published year T", 100.0 * gap)


def test_size__of_prices_of_a_year() -> None:
    """2019: 2.9 % in the year, 3.8, 3.8, 4.5 and 4.5 % in its last months; benefit 1,260, living standard 800."""
    months = sum(price_subsidy(800.0, growth, 0.035) for growth in (0.038, 0.038, 0.045, 0.045))
    assert price_subsidy(800.0, 0.029, 0.035) == 0.0
    assert_size("unemployment: Prices of a year", 100.0 * months / (12.0 * 1_260.0))


def test_sizes__another_one_fails() -> None:
    with pytest.raises(AssertionError):
        assert_size("pension: compensation of pensioners", 0.6)


def test_sizes__by_person_are_those_of_the_page() -> None:
    """Every test of this file named on the page exists here, and every size here is on the page."""
    here = {name for name in globals() if name.startswith("test_size__")}
    assert here <= {size.test for size in stated_sizes().values()}
