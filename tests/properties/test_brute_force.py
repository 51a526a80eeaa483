"""Persons one by one against the cohort lane: ten thousand careers through the statutory rules in plain Python.

A person stands for copies in every birth month that is still at work and, inside the service bin, for copies spread
evenly over its year. Each copy dies, retires, chooses or stays by the letter of the law, without rounding; the sums
are compared with the lane started from the same cells. Where every rule used is linear in the carried sums they agree
to 1e-9; where the minimum years cut a bin, or deemed years meet mixed indexes, the gap is measured and bounded
(notes/pension.md).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.kernels import layout as at
from simengine.law.retirement import retirement_tables
from tests.helpers.lane_builder import CAREERS, STATUSES, Lane, build_lane
from tests.helpers.retirement_reference import ANNEX, make

YEAR = 2032  # minimum of 16 years and a half; birth months of two years retire
BASE, WAGE, RATE, TIMING, ACCOUNT_SHARE = 7_000.0, 6_500.0, 0.025, 1.083 / 2.0, 0.08
COEFFICIENT, INCOME = 0.013, 48_000.0
DEATH = 0.004
RULES = make(early=0.0, late=0.0, arduous=0.0, hazard=(0.0,))
OLD_AGE = {"men": (720, 4, 36, (1965, 1)), "women_55": (660, 4, 36, (1970, 1)), "women_50": (600, 2, 60, (1975, 1))}
FIRST_AGE = {"men": 56, "women_55": 52, "women_50": 48}
# 人社部发〔2021〕18号 by whole years; part years above fifteen count as whole ones
TABLE = [*5 * [3], *5 * [6], *6 * [9], *range(10, 25)]
EXACT = 1e-9


@dataclass(frozen=True)
class Person:
    """One career: where it stands at the start of the year, per year of recognised service."""

    career: str
    status: str
    age: int  # reached in the year
    service: int  # bin: whole recognised years
    index: float  # mean index of the paid years
    account: float  # yuan for each recognised year
    deemed: float  # share of the recognised years
    year_index: float  # index of the year's own contributions, common to a status and age


# --- the law, one person at a time ------------------------------------------------------------------------------------


def statutory_month(birth: int, career: str) -> int:
    """Months since year 0 of the statutory month of a birth month (schemes.md 2.2)."""
    old_age, step, cap, first = OLD_AGE[career]
    n = birth + old_age - (2025 * 12)
    assert birth >= 12 * first[0] + first[1] - 1 or n < 0
    delay = 0 if n < 0 else min(cap, n // step + 1)
    return birth + old_age + delay


def minimum_years(year: int) -> float:
    """Annex 4 of the decision of 2024-09-13."""
    return min(20.0, 15.0 + 0.5 * max(0, year - 2029))


def divisor(months: int) -> float:
    """Linear between whole ages, one decimal (schemes.md 1.7)."""
    years, rest = divmod(months, 12)
    low, high = ANNEX[years - 40], ANNEX[years - 39]
    return math.floor((low + (high - low) * rest / 12) * 10 + 0.5) / 10


def compensation(years: float) -> float:
    """Months of income for a death in service (schemes.md 1.9)."""
    whole = math.ceil(years) if years > 15 else math.floor(years)
    return float(TABLE[min(whole, 30)])


def present_months(person: Person) -> list[int]:
    """Birth months of the cohort whose statutory month is in the year or later: who is still at work."""
    cohort = 12 * (YEAR - person.age)
    return [birth for birth in range(cohort, cohort + 12) if statutory_month(birth, person.career) >= 12 * YEAR]


def one_by_one(persons: Iterable[Person], copies: int) -> dict[str, float]:
    """Sums over all copies of all persons; a person weighs one head."""
    total: dict[str, float] = {}

    def add(name: str, value: float) -> None:
        total[name] = total.get(name, 0.0) + value

    for person in persons:
        births = present_months(person)
        weight = 1.0 / (len(births) * copies)
        paying = person.status != "paused"
        gain = 1.0 if paying else 0.0
        credit = 12.0 * WAGE * person.year_index * ACCOUNT_SHARE * gain
        for birth in births:
            month = statutory_month(birth, person.career)
            for copy in range(copies):
                s = person.service + (copy + 0.5) / copies
                v = person.deemed * s
                x = person.index * (s - v)
                a = person.account * s
                # death after half a year
                w = weight * DEATH
                add("deaths", w)
                own = a * (1.0 + 0.5 * RATE) + 0.5 * credit
                benefit = (2.0 + compensation(s)) * INCOME / 12.0
                add("survivor_benefits", w * (min(benefit, own) if s < 5.0 else benefit))
                # award, choice or another year
                w = weight * (1.0 - DEATH)
                growth = a * RATE + credit * (1.0 + RATE * TIMING)
                if month // 12 == YEAR:
                    m = month % 12 + 1
                    if s + gain * m / 12.0 >= minimum_years(YEAR):
                        years = s + gain * m / 12.0
                        index_years = x + gain * m / 12.0 * person.year_index
                        j = v * index_years / (years - v) if v else 0.0
                        account = (a + growth * m / 12.0) / divisor(month - birth)
                        pension = BASE / 200.0 * (years + index_years + j) + BASE * COEFFICIENT * j + account
                        add("awards", w)
                        add("mass", w * pension)
                        add("account_mass", w * account)
                        add("service", w * years)
                        add("paid", w * pension * (12.0 - m))
                        continue
                    exposure, full = 0.5 * gain, 0.5 * credit * (1.0 + RATE * TIMING)
                    if not paying:
                        exposure, full = 0.0, 0.0
                else:
                    exposure, full = gain, credit * (1.0 + RATE * TIMING)
                add("S", w * (s + exposure))
                add("I", w * (x + exposure * person.year_index))
                add("V", w * v)
                add("A", w * (a * (1.0 + RATE) + full))
    return total


# --- the same cells through the lane ----------------------------------------------------------------------------------


def cohort_lane(persons: Iterable[Person]) -> Lane:
    """A lane of one year whose cells hold the persons' sums."""
    lane = build_lane(1)
    tables = retirement_tables(RULES, list(range(YEAR - 1, YEAR + 2)), 0.0)
    names = (
        "hazard", "mean_month", "inverse_divisor", "month_inverse_divisor", "pension_year_share", "month_pension_share",
        "inverse_divisor_pension_share", "month_inverse_divisor_pension_share", "threshold_years", "choice_hazard",
        "years_to_statutory",
    )  # fmt: skip
    for item, name in enumerate(names):
        lane.tables.retirement[0, :, :, item] = getattr(tables, name)[1]
    lane.path(benefit_base=BASE, previous_wage=WAGE, account_interest=RATE, account_share=ACCOUNT_SHARE)
    lane.path(flexible_account_share=ACCOUNT_SHARE, transition_coefficient=COEFFICIENT, funeral_months=2.0)
    lane.path(previous_urban_income=INCOME, compensation_factor=1.0, compensation_count_up=1.0)
    lane.path(compensation_limit_years=5.0, density_enterprise=1.0, density_flexible=1.0)
    lane.constant(current_year_interest=TIMING, deemed_index_actual_average=1.0)
    lane.tables.compensation[:] = TABLE
    for sex in (at.MALE, at.FEMALE):
        for age in range(40, 70):
            lane.people(sex, age, 1e7, DEATH)
    for person in persons:
        s = person.service + 0.5
        paid = s * (1.0 - person.deemed)
        lane.members(
            person.status, person.age, 1.0, s, career=person.career, index=person.index * paid,
            deemed=person.deemed * s, account=person.account * s,
        )  # fmt: skip
        if person.status != "paused":
            sex = at.MALE if person.career == "men" else at.FEMALE
            lane.tables.index[:, STATUSES[person.status], sex, person.age - at.FIRST_AGE] = person.year_index
    return lane.step()


def cohort_sums(lane: Lane) -> dict[str, float]:
    new = lane.state.pensioners[:, :, 0].sum(axis=(1, 2))
    members = lane.cells.sum(axis=(1, 2, 3, 4))
    return {
        "deaths": lane.flow("member_deaths"),
        "survivor_benefits": lane.flow("survivor_benefits"),
        "awards": lane.flow("awards_enterprise"),
        "mass": float(new[at.P_MASS]),
        "account_mass": float(new[at.P_ACCOUNT_MASS]),
        "service": lane.flow("award_service"),
        "paid": lane.flow("pension_paid_enterprise"),
        "S": float(members[at.SERVICE]),
        "I": float(members[at.INDEX]),
        "V": float(members[at.DEEMED]),
        "A": float(members[at.ACCOUNT]),
    }


def gaps(persons: list[Person], copies: int) -> dict[str, float]:
    """Relative difference lane over persons, by quantity."""
    persons = list(persons)
    singles, cohort = one_by_one(persons, copies), cohort_sums(cohort_lane(persons))
    return {name: cohort[name] / singles[name] - 1.0 for name in singles if singles[name] > 0.0}


# --- random persons ---------------------------------------------------------------------------------------------------


def year_index(status: str, age: int) -> float:
    """The year's own index, common to a status and age (the lane's table)."""
    return 0.0 if status == "paused" else 0.6 + 0.02 * (age % 30) + (0.1 if status == "flexible" else 0.0)


def cut(person: Person) -> bool:
    """Whether the minimum years, met at the award month, run through the bin, or the five-year limit of survivors."""
    statutory = (statutory_month(birth, person.career) for birth in present_months(person))
    months = [month % 12 + 1 for month in statutory if month // 12 == YEAR]
    gain = 0.0 if person.status == "paused" else 1.0
    need = minimum_years(YEAR)
    reach = [person.service + gain * m / 12.0 for m in months]
    return bool(reach) and min(reach) < need < max(reach) + 1.0


def person(draw: random.Random, *, mixed: bool, deemed: bool) -> Person:
    career = draw.choice(list(CAREERS))
    status = draw.choice(("enterprise", "flexible", "paused"))
    age = FIRST_AGE[career] + draw.randrange(7)
    share = draw.choice((0.0, 0.1, 0.3)) if deemed else 0.0
    return Person(
        career, status, age, draw.randrange(1, 44), draw.uniform(0.6, 3.0) if mixed else 0.9,
        draw.uniform(500.0, 6_000.0) if mixed else 2_000.0, share, year_index(status, age),
    )  # fmt: skip


def sample(size: int, *, mixed: bool, deemed: bool = False, through: bool = False) -> list[Person]:
    """Persons still at work in the year; `through`: those in bins the minimum cuts, or none of them."""
    draw, found = random.Random(20241227), []
    while len(found) < size:
        candidate = person(draw, mixed=mixed, deemed=deemed)
        if present_months(candidate) and cut(candidate) == through:
            found.append(candidate)
    return found


# --- tests ------------------------------------------------------------------------------------------------------------


LIMITED = 5
"""Below these years survivors get at most what was paid in: a minimum of two amounts, not linear in a mixed cell."""


@pytest.mark.parametrize("mixed", [False, True], ids=["common index", "mixed indexes"])
def test_ten_thousand_persons__equal_the_lane_where_no_bin_is_cut(mixed: bool) -> None:
    persons = sample(10_000, mixed=mixed)
    if mixed:
        persons = [p for p in persons if p.service >= LIMITED]
    found = gaps(persons, 2)
    print({name: f"{gap:.1e}" for name, gap in found.items()})
    assert {"awards", "mass", "paid", "survivor_benefits", "A", "I", "S"} <= set(found)
    assert len({(p.career, p.status, p.age, p.service) for p in persons}) > 500
    assert max(abs(gap) for gap in found.values()) < EXACT, found


def test_deemed_years_at_one_index__equal_the_lane() -> None:
    persons = [replace(p, deemed=0.1, year_index=0.9) for p in sample(2_000, mixed=False) if p.status != "paused"]
    found = gaps(persons, 2)
    assert found["V"] == pytest.approx(0.0, abs=EXACT)
    assert max(abs(gap) for gap in found.values()) < EXACT, found


def test_survivors_below_five_years__gap_is_bounded() -> None:
    """The limit to what was paid in is met by the cell's mean account, persons by their own."""
    found = gaps([p for p in sample(10_000, mixed=True) if p.service < LIMITED], 2)
    print(f"survivor benefits below five years: {found['survivor_benefits']:+.2e}")
    assert 0.0 <= found["survivor_benefits"] < 0.05


def test_mixed_deemed_years_and_indexes__gap_is_bounded() -> None:
    """The index of the deemed years is the cell's mean: exact unless it goes with V inside the cell."""
    found = gaps(sample(10_000, mixed=True, deemed=True), 2)
    print(f"mixed deemed years: mass {found['mass']:+.2e}")
    assert found["awards"] == pytest.approx(0.0, abs=EXACT)
    assert abs(found["mass"]) < 5e-3


def test_cut_bins__gap_is_bounded() -> None:
    """The lane tests the minimum at the mean award month of the cell; persons at their own."""
    persons = sample(1_000, mixed=True, through=True)
    found = gaps(persons, 24)
    print({name: f"{gap:+.1e}" for name, gap in found.items()})
    assert abs(found["awards"]) < EXACT
    assert max(abs(found[name]) for name in ("mass", "service", "account_mass", "S", "I", "A")) < 0.005
    assert abs(found["paid"]) < 0.05  # who passes in a late month draws for fewer months of the first year


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 40))
def test_any_few_persons__equal_the_lane_where_no_bin_is_cut(seed: int, size: int) -> None:
    draw = random.Random(seed)
    persons = [person(draw, mixed=True, deemed=False) for _ in range(size)]
    persons = [p for p in persons if present_months(p) and not cut(p) and p.service >= LIMITED]
    if persons:
        found = gaps(persons, 2)
        assert max(abs(gap) for gap in found.values()) < EXACT, found


def test_reference__gives_the_law_by_hand() -> None:
    """The plain rules themselves: annex rows and a survivor benefit (schemes.md 2.5, P6)."""
    assert statutory_month(12 * 1967 + 4, "men") == 12 * 2028
    assert statutory_month(12 * 1979 + 9, "women_50") == 12 * 2032 + 2
    assert minimum_years(2032) == 16.5
    assert divisor(12 * 60 + 3) == 137.3
    assert (compensation(16.0), compensation(15.2), compensation(4.9), compensation(38.0)) == (10.0, 10.0, 3.0, 24.0)
    assert np.isclose(INCOME / 12.0 * (2.0 + compensation(16.0)), 48_000.0)
