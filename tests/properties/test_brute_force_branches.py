"""Spells of unemployment and work injuries one by one against the stocks and flows of their branches."""

from __future__ import annotations

import datetime
import random

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.compile.constants import employment_months, injury_terms
from simengine.kernels import layout as at
from simengine.law import load_law
from tests.helpers.branch_builder import LADDER, Branch, injury_year, neutral, unemployment_year
from tests.helpers.first_order import assert_size

EXACT = 1e-9
SEPARATION, TAKE_UP, REEMPLOYED, DEATH = 0.06, 0.33, 0.065, 0.003
NEAR, NEAR_FACTOR, NEAR_EXIT, LAST_YEAR = 0.12, 0.2, 1.0 / 6.0, 0.5
BENEFIT, REFUND = 1_800.0, 783.0


# --- unemployment -----------------------------------------------------------------------------------------------------


def spells(persons: list[tuple[int, int]]) -> dict[str, float]:
    """A year of insured persons, month by month: (paid years since the last claim, unused months); expectations.

    Each starts a spell in a month with the chance of separation and take-up, entitled to the ladder's months and the
    unused ones, 24 at most (Social Insurance Law art. 46); a spell is followed month by month to the year's end.
    """
    total = dict.fromkeys(("new", "months", "reemployed", "ended", "deaths", "refunds", "claimants"), 0.0)
    chance = SEPARATION / 12.0 * TAKE_UP
    for paid, unused in persons:
        months = int(min(24, LADDER[paid] + unused)) if LADDER[paid] else 0
        insured = 1.0
        for start in range(12):
            if not months:
                break
            opened = insured * chance
            insured -= opened
            total["new"] += opened
            for near, share in ((False, 1.0 - NEAR), (True, NEAR)):
                heads, left = opened * share, months
                for _ in range(start, 12):
                    if heads <= 0.0:
                        break
                    total["months"] += heads
                    if near:
                        total["refunds"] += heads * (1.0 if left == 1 else LAST_YEAR) * REFUND
                    total["deaths"] += heads * DEATH / 12.0
                    heads *= 1.0 - DEATH / 12.0
                    working = heads * REEMPLOYED * (NEAR_FACTOR if near else 1.0)
                    total["reemployed"] += working
                    heads -= working
                    if left > 1:
                        left -= 1
                    elif near:  # goes on to the statutory month
                        total["ended"] += heads * NEAR_EXIT
                        heads *= 1.0 - NEAR_EXIT
                    else:
                        total["ended"] += heads
                        heads = 0.0
                total["claimants"] += heads
    return total


def branch_of(persons: list[tuple[int, int]]) -> Branch:
    """The same persons as cells of the branch."""
    case = neutral(1).path(separation_prob=SEPARATION, unemployment_take_up=TAKE_UP, reemployment_prob=REEMPLOYED)
    case.path(unemployment_benefit=BENEFIT, unemployment_pension_refund=REFUND, unemployment_insured=len(persons))
    case.constant(near_retirement_share=NEAR, near_reemployment_factor=NEAR_FACTOR, near_extension_exit=NEAR_EXIT)
    case.constant(near_last_year_share=LAST_YEAR).death(DEATH).payers(1_000.0)
    for paid, unused in persons:
        case.state.unemployment[0, 0, paid] += 1.0
        case.state.unemployment[1, 0, paid] += unused
    unemployment_year(case, 0)
    return case


def found_in(case: Branch) -> dict[str, float]:
    return {
        "new": case.flow("new_claimants"),
        "months": case.flow("claim_months"),
        "reemployed": case.flow("claims_reemployed"),
        "ended": case.flow("claims_ended"),
        "deaths": case.flow("claimant_deaths"),
        "refunds": case.flow("pension_refunds"),
        "claimants": float(case.state.claimants.sum()),
    }


def test_ten_thousand_spells__equal_the_branch_where_a_class_has_one_record() -> None:
    draw = random.Random(46)
    unused = {paid: draw.randrange(13) if paid else 0 for paid in range(at.PAID_YEAR_CLASSES)}
    persons = [(paid, unused[paid]) for paid in (draw.randrange(at.PAID_YEAR_CLASSES) for _ in range(10_000))]
    single, branch = spells(persons), found_in(branch_of(persons))
    print({name: f"{branch[name] / single[name] - 1.0:.1e}" for name in single})
    assert single["ended"] > 0.0 and single["refunds"] > 0.0
    for name, value in single.items():
        assert branch[name] == pytest.approx(value, rel=EXACT), name


def test_ten_thousand_spells__mixed_unused_months_leave_a_bounded_gap() -> None:
    """The cap of 24 months meets the mean of a class, persons their own unused months."""
    draw = random.Random(47)
    persons = [(draw.randrange(1, at.PAID_YEAR_CLASSES), draw.randrange(13)) for _ in range(10_000)]
    single, branch = spells(persons), found_in(branch_of(persons))
    gaps = {name: branch[name] / single[name] - 1.0 for name in single}
    print({name: f"{gap:+.1e}" for name, gap in gaps.items()})
    assert abs(gaps["new"]) < EXACT
    assert max(abs(gaps[name]) for name in ("months", "reemployed", "deaths", "claimants")) < 2e-3
    for rule in ("Cap on a mean", "Comparison with ten thousand spells, one by one"):
        assert_size(f"unemployment: {rule}", 1_000.0 * gaps["claimants"])


@pytest.mark.parametrize(("paid_months", "months"), [(11, 0), (12, 12), (59, 12), (60, 18), (119, 18), (120, 24)])
def test_ladder__edges(paid_months: int, months: int) -> None:
    """U1: whole paid years decide; below twelve months there is no claim."""
    assert LADDER[paid_months // 12] == months


def test_months__add_up_to_the_year() -> None:
    draw = random.Random(48)
    case = branch_of([(draw.randrange(at.PAID_YEAR_CLASSES), 0) for _ in range(1_000)])
    monthly = case.out.unemployment_months[:, :, 0]
    assert monthly[1].sum() == pytest.approx(case.flow("claim_months"), rel=EXACT)
    assert monthly[2].sum() == pytest.approx(case.flow("new_claimants"), rel=EXACT)
    assert monthly[3].sum() == pytest.approx(case.flow("unemployment_benefits"), rel=EXACT)
    assert monthly[0, -1] == pytest.approx(float(case.state.claimants.sum()), rel=EXACT)
    assert (np.diff(monthly[0]) > 0.0).all()


# --- work injury ------------------------------------------------------------------------------------------------------

GRADES = {
    "grade_1_4": (1, 2, 3, 4),
    "grade_5_6": (5, 6),
    "grade_7": (7,),
    "grade_8": (8,),
    "grade_9": (9,),
    "grade_10": (10,),
}
DAY = datetime.date(2025, 12, 31)
WAGE, OWN, INCOME, MEDICAL, CASES = 6_525.0, 4_500.0, 54_188.0, 18_000.0, 10_000


def injuries(region: str) -> list[tuple[str, int]]:
    """Ten thousand cases in the law's shares: (outcome, grade, 0 for none), the grades of an outcome alike."""
    shares = load_law()["injury/outcome_share"].at(DAY, region)
    found: list[tuple[str, int]] = []
    for outcome, share in shares.items():
        heads = round(share * CASES)
        grades = GRADES.get(outcome, (0,))
        found += [(outcome, grades[position % len(grades)]) for position in range(heads)]
    return found


@pytest.mark.parametrize("region", ["jiangxi", "haiyan", "hubei", "xuzhou"])
def test_ten_thousand_injuries__equal_the_branch(region: str) -> None:
    law, basis = load_law(), load_basis(f"{region}-2020")
    leaving, nursing = basis.constant("injury_leaver_share"), 0.12
    by_months = law["injury/subsidy_rule"].at(DAY, region) == "months"
    kind = "months" if by_months else "amount"
    medical_subsidy, employment_subsidy = (
        law[f"injury/{name}_subsidy_{kind}"].at(DAY, region) for name in ("medical", "employment")
    )
    lump, allowance = (
        law["injury/disability_lump_months"].at(DAY, region),
        law["injury/disability_allowance_share"].at(DAY, region),
    )
    total = dict.fromkeys(("lump", "death", "medical", "allowances", "employer", "annuitants"), 0.0)
    for outcome, grade in injuries(region):
        total["medical"] += MEDICAL
        if outcome == "death":
            total["death"] += 6.0 * WAGE + 20.0 * INCOME
        if grade:
            total["lump"] += lump[grade] * OWN
        if grade in (1, 2, 3, 4):
            total["annuitants"] += 1.0
            total["allowances"] += 6.0 * (allowance[grade] * OWN + nursing * WAGE)  # half a year
        if grade >= 5:
            unit = WAGE if by_months else 1.0
            total["lump"] += leaving * medical_subsidy[grade] * unit
            total["employer"] += leaving * employment_subsidy[grade] * unit
    leaving = basis.constant("injury_leaver_share")
    terms = injury_terms(law, basis.region, leaving, DAY.year, WAGE)
    case = neutral(1).path(previous_wage=WAGE, injury_wage_ratio=OWN / WAGE, medical_cost=MEDICAL, **terms)
    case.path(previous_national_urban_income=INCOME, injury_insured=1e6, incidence_factor=1.0)
    case.path(injury_employment_months=employment_months(law, basis.region, leaving, 2025, WAGE))
    case.path(injury_nursing_share=nursing).remember(injury_insured=1e6).payers(1e6)
    case.tables.class_mix[:] = [0.1, 0.2, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1]
    case.tables.class_incidence[:] = 0.01
    injury_year(case, 0)
    found = {
        "lump": case.flow("injury_lump_sums"),
        "death": case.flow("injury_death_benefits"),
        "medical": case.flow("injury_medical"),
        "allowances": case.flow("injury_allowances"),
        "employer": case.flow("injury_employer_paid"),
        "annuitants": case.flow("new_annuitants"),
    }
    assert case.flow("injury_cases") == pytest.approx(CASES, rel=EXACT)
    for name, value in total.items():
        assert found[name] == pytest.approx(value, rel=EXACT), name


def test_classes__incidence_counts_each_class() -> None:
    draw = random.Random(8)
    incidence = [0.8, 1.6, 3.2, 4.5, 6.0, 7.5, 10.0, 14.0]
    persons = [draw.randrange(at.RISK_CLASSES) for _ in range(10_000)]
    case = neutral(1).path(injury_insured=10_000.0).remember(injury_insured=10_000.0).payers(10_000.0)
    case.tables.class_mix[:] = np.bincount(persons, minlength=8) / 10_000.0
    case.tables.class_incidence[:] = np.array(incidence) / 1000.0
    injury_year(case, 0)
    assert case.flow("injury_cases") == pytest.approx(sum(incidence[risk] for risk in persons) / 1000.0, rel=EXACT)
