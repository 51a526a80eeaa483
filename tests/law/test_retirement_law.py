"""Retirement-age law: pitfalls by name, an independent reference, properties."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.common.errors import LawError
from simengine.law import load_law
from simengine.law.divisor import DivisorRule, divisor_at, divisor_by_month
from simengine.law.retirement import (
    AWARD_PARTS,
    AWARD_SUMS,
    FIRST_CHOICE_LIMIT,
    AgePath,
    CareerRules,
    RetirementRules,
    RetirementTables,
    YearTable,
    award_grid,
    award_weights,
    earliest_month,
    latest_month,
    minimum_months,
    month_index,
    retirement_month,
    retirement_tables,
    statutory_delay,
)
from simengine.registry.axes import CAREER
from tests.helpers.retirement_reference import (
    ANNEX,
    DIVISOR,
    MEN,
    MINIMUM,
    WOMEN_50,
    WOMEN_55,
    career,
    make,
    reference_cohort,
    year_weights,
)

PLAIN = {"early": 0.0, "late": 0.0, "arduous": 0.0, "hazard": (0.0,)}
FULL = make()
YEARS = range(1993, 2101)
TABLES = retirement_tables(FULL, YEARS, stay_share=0.6)


def cell(tables: RetirementTables, name: str, year: int, cohort: int, who: str = "men") -> float:
    return float(getattr(tables, name)[year - int(tables.years[0]), CAREER.index(who), year - cohort])


# --- statutory month: pitfalls ---------------------------------------------------------------------------------------


def test_statutory_delay__first_affected_month_waits_one_month() -> None:
    for path, year in ((MEN, 1965), (WOMEN_55, 1970), (WOMEN_50, 1975)):
        assert statutory_delay(month_index(year, 1), path) == 1
        assert statutory_delay(month_index(year - 1, 12), path) == 0
        assert statutory_delay(month_index(year, 1 + path.step), path) == 2
        assert statutory_delay(month_index(year, path.step), path) == 1


def test_statutory_delay__women_50_steps_are_not_used_for_women_55() -> None:
    birth = month_index(1970, 1) + np.arange(240)
    wrong = statutory_delay(birth, replace(WOMEN_55, step=2, cap=60))
    right = statutory_delay(birth, WOMEN_55)
    assert statutory_delay(month_index(1970, 3), WOMEN_55) == 1
    assert statutory_delay(month_index(1975, 3), WOMEN_50) == 2
    assert np.max(right) == 36
    assert np.max(wrong) == 60


def test_retirement_month__nobody_in_january_2025() -> None:
    birth = month_index(1950, 1) + np.arange(600)
    for path in (MEN, WOMEN_55, WOMEN_50):
        assert month_index(2025, 1) not in retirement_month(birth, path)
        assert month_index(2025, 1) in retirement_month(birth, path.without_reform())


@pytest.mark.parametrize("path", [MEN, WOMEN_55, WOMEN_50])
def test_retirement_month__one_empty_month_after_every_step(path: AgePath) -> None:
    birth = month_index(1950, 1) + np.arange(600)
    used = set(retirement_month(birth, path).tolist())
    first_empty = month_index(2025, 1)
    empty = [month for month in range(month_index(2020, 1), month_index(2045, 1)) if month not in used]
    assert empty == [first_empty + (path.step + 1) * i for i in range(path.cap)]
    assert len(used) == 600  # two birth months never share a retirement month


def test_retirement_month__no_empty_month_after_the_cap() -> None:
    for path, last in ((MEN, (2039, 8)), (WOMEN_55, (2039, 8)), (WOMEN_50, (2039, 10))):
        used = set(retirement_month(month_index(1950, 1) + np.arange(720), path).tolist())
        assert month_index(*last) not in used
        assert set(range(month_index(*last) + 1, month_index(2050, 1))) <= used


def test_retirement_month__without_reform_the_ages_are_60_55_50() -> None:
    birth = month_index(1930, 1) + np.arange(1200)
    off = make(**PLAIN).without_reform()
    for name, age in (("men", 60), ("women_55", 55), ("women_50", 50)):
        path = off.career(name).path
        assert np.array_equal(retirement_month(birth, path), birth + 12 * age)
        assert np.array_equal(earliest_month(birth, path, 36), birth + 12 * age)
    tables = retirement_tables(off, YEARS)
    for position, age in enumerate((60, 55, 50)):
        hazard = tables.hazard[:, position]
        assert np.all(hazard[:, :age] == 0.0)
        assert np.all(hazard[:, age:80] == 1.0)
        assert np.all(hazard[:, 80:] == 0.0)
        np.testing.assert_allclose(tables.inverse_divisor[:, position, age], 1.0 / ANNEX[age - 40], rtol=1e-14)
        np.testing.assert_allclose(tables.statutory_age[position], age, rtol=1e-14)


def test_without_reform__choices_of_the_flexible_law_disappear_too() -> None:
    weights = award_weights(1980, "men", FULL.without_reform())
    assert {month // 12 for month in weights} == {2035, 2040}  # arduous work and the old age
    assert sum(w for m, w in weights.items() if m // 12 == 2035) == pytest.approx(0.02, abs=1e-15)


def test_earliest_month__never_below_the_old_age() -> None:
    birth = month_index(1960, 1) + np.arange(480)
    for path in (MEN, WOMEN_55, WOMEN_50):
        earliest, statutory = earliest_month(birth, path, 36), retirement_month(birth, path)
        assert np.all(earliest >= birth + path.old_age_months)
        assert np.all(statutory - earliest <= 36)
        assert np.all(latest_month(birth, path, 36) - statutory == 36)
    assert earliest_month(month_index(1984, 11), WOMEN_50, 36) == month_index(2036, 11)
    assert earliest_month(month_index(1979, 10), WOMEN_50, 36) == month_index(2029, 10)


def test_lever__any_start_pace_and_end() -> None:
    slow = AgePath(720, 6, 24, first_affected_month=month_index(2030, 7))
    assert statutory_delay(month_index(1970, 6), slow) == 0
    assert statutory_delay(month_index(1970, 7), slow) == 1
    assert statutory_delay(month_index(1970, 12), slow) == 1
    assert statutory_delay(month_index(1971, 1), slow) == 2
    assert statutory_delay(month_index(2000, 1), slow) == 24
    fast = AgePath(720, 1, 60, delay_per_step=2)
    assert [statutory_delay(month_index(1965, m), fast) for m in (1, 2, 3)] == [2, 4, 6]


# --- divisor: pitfalls -----------------------------------------------------------------------------------------------


def test_divisor__age_47_is_208() -> None:
    assert divisor_at(12 * 47, DIVISOR) == 208.0


def test_divisor__ages_66_to_70_follow_the_annex() -> None:
    assert [divisor_at(12 * age, DIVISOR) for age in range(65, 72)] == [101.0, 93.0, 84.0, 75.0, 65.0, 56.0, 56.0]


def test_divisor__half_a_tenth_rounds_up() -> None:
    assert round(137.25, 1) == 137.2  # half-even
    assert divisor_at(723, DIVISOR) == 137.3
    for months in range(480, 841):
        whole, rest = divmod(months, 12)
        lower, upper = ANNEX[whole - 40], ANNEX[min(whole - 39, 30)]
        tenths = 10 * (lower + Fraction(upper - lower) * rest / 12)
        assert divisor_at(months, DIVISOR) == int(tenths + Fraction(1, 2)) / 10


def test_divisor__table_by_month_is_the_function() -> None:
    by_month = divisor_by_month(DIVISOR)
    assert len(by_month) == 1212
    assert [divisor_at(m, DIVISOR) for m in (0, 479, 480, 723, 840, 1211)] == by_month[
        [0, 479, 480, 723, 840, 1211]
    ].tolist()
    assert by_month[0] == by_month[479] == 233.0
    assert by_month[840] == by_month[1211] == 56.0
    assert np.all(np.diff(by_month) <= 0)
    with pytest.raises(ValueError, match="read-only"):
        by_month[0] = 1.0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DivisorRule(40, ANNEX, "linear"), 'no divisor method is called "linear"'),
        (lambda: DivisorRule(40, (233, 235)), "divisor at age 41 is 235, above 233"),
        (lambda: DivisorRule(40, (233, 0)), "the divisor at age 41 is 0. Allowed: a positive whole number of months"),
        (lambda: DivisorRule(40, ()), "the divisor table is empty"),
        (lambda: DivisorRule.from_mapping({60: 139, 62: 125}), "lacks age 61"),
        (lambda: DivisorRule.from_mapping({}), "empty"),
    ],
)
def test_divisor__wrong_tables_are_refused(build: object, message: str) -> None:
    with pytest.raises(LawError, match=message):
        build()  # type: ignore[operator]


def test_divisor__from_mapping_is_the_tuple() -> None:
    assert DivisorRule.from_mapping(dict(zip(range(40, 71), ANNEX, strict=True))) == DIVISOR


# --- thresholds and choices: pitfalls --------------------------------------------------------------------------------


def test_threshold__late_keeps_the_statutory_year_early_takes_the_chosen_one() -> None:
    grid = award_grid(np.array([1971]), 0, FULL)  # born 1971-12: statutory 2033-09, earliest 2031-12
    month, need, weight = grid.month[0, 11], grid.threshold_months[0, 11], grid.weight[0, 11]
    assert grid.statutory_month[0, 11] == month_index(2033, 9)
    for year, want in ((2031, 192), (2032, 198), (2034, 204), (2036, 204)):
        chosen = (month // 12 == year) & (weight > 0)
        assert chosen.any()
        assert set(need[chosen]) == {want}
    assert need[month == month_index(2033, 9)] == [204]


def test_threshold__minimum_is_read_at_the_delayed_year() -> None:
    born = month_index(1969, 1)  # 60 in January 2029, retires in February 2030
    assert minimum_months((born + 720) // 12, MINIMUM) == 180
    assert minimum_months(retirement_month(born, MEN) // 12, MINIMUM) == 186
    plain = retirement_tables(make(**PLAIN), range(2025, 2040))
    assert cell(plain, "threshold_years", 2030, 1969) == 15.5
    # 2030 nine months at 15.5, 2031 three at 16: also the value where nobody is awarded
    assert cell(plain, "threshold_years", 2035, 1969) == pytest.approx((9 * 15.5 + 3 * 16) / 12, abs=1e-14)
    assert cell(plain, "threshold_years", 2026, 1969) == pytest.approx((9 * 15.5 + 3 * 16) / 12, abs=1e-14)


def test_award_weights__no_flexible_choice_before_2025() -> None:
    assert set(award_weights(1964, "men", FULL)) == {month_index(2024, m) for m in range(1, 13)}
    assert min(award_weights(1965, "men", FULL)) == month_index(2025, 1)  # born 1965-01, one month early
    later = replace(FULL, flexible_from=month_index(2030, 1))
    assert min(award_weights(1965, "men", later)) == month_index(2025, 2)


def test_award_weights__one_open_month_takes_all_early_choosers() -> None:
    weights = award_weights(1965, "men", make(late=0.0, arduous=0.0))
    assert weights[month_index(2025, 1)] == pytest.approx(0.35 / 12, abs=1e-16)


def test_tables__arduous_row_opens_in_2025() -> None:
    assert cell(TABLES, "hazard", 2025, 1970) == pytest.approx(1.0 - 0.91 * 0.98, abs=1e-15)
    assert cell(TABLES, "hazard", 2024, 1969) == pytest.approx(0.11, abs=1e-15)  # the early hazard, no arduous row
    assert not [month for month in award_weights(1969, "men", FULL) if month < month_index(2029, 1)]
    assert cell(TABLES, "hazard", 2030, 1985, "women_50") == pytest.approx(1.0 - 0.95 * 0.98, abs=1e-15)


def test_tables__early_hazard_fades_and_stays() -> None:
    """Men of 1967 and 1972 at 57 to 59 and 55 to 59: 0.11 to 2024, 0.09, 0.07, and 0.05 for ever after."""
    assert [cell(TABLES, "hazard", year, 1967) for year in (2024, 2025, 2026)] == pytest.approx([0.11, 0.09, 0.07])
    assert cell(TABLES, "hazard", 2027, 1972) == pytest.approx(1.0 - 0.95 * 0.98, abs=1e-15)
    assert [cell(TABLES, "hazard", year, 1972) for year in range(2028, 2032)] == pytest.approx([0.05] * 4)
    assert cell(TABLES, "hazard", 2094, 2036) == pytest.approx(0.05, abs=1e-15)


def test_tables__early_hazard_stops_at_the_old_age_not_at_the_statutory_month() -> None:
    """Men of 1976 have their statutory month near 63; between 60 and the first early choice nothing leaves."""
    late = retirement_tables(make(**PLAIN | {"hazard": (0.11, 0.05)}), YEARS)
    assert [cell(late, "hazard", 1976 + age, 1976) for age in (54, 55, 59, 60, 61)] == pytest.approx(
        [0.0, 0.05, 0.05, 0.0, 0.0], abs=1e-15
    )


def test_tables__early_hazard_acts_at_five_ages_before_the_old_one() -> None:
    for who, first, last in (("men", 55, 59), ("women_55", 50, 54), ("women_50", 45, 49)):
        hazard = TABLES.hazard[2010 - 1993, CAREER.index(who)]
        np.testing.assert_allclose(hazard[first : last + 1], 0.11, rtol=1e-14)
        assert np.all(hazard[:first] == 0.0)
        assert np.all(hazard[last + 1 : 80] == 1.0)
    assert cell(TABLES, "mean_month", 2010, 1953) == 0.5
    june = [1.0 / divisor_at(12 * 57 + 6 - birth, DIVISOR) for birth in range(1, 13)]
    assert cell(TABLES, "inverse_divisor", 2010, 1953) == pytest.approx(np.mean(june), rel=1e-14)


def test_tables__a_mean_delay_is_no_retirement_date() -> None:
    plain = retirement_tables(make(**PLAIN), range(2020, 2040))
    # mean delay 2 months and mean birth in mid-June would put the whole cohort into 2025
    assert (12 * 1965 + 5.5 + 720 + 2) // 12 == 2025
    assert year_weights(plain, 1965, "men")[5:7] == pytest.approx([0.75, 0.25], abs=1e-14)


def test_tables__pension_starts_the_month_after() -> None:
    december = replace(make(**PLAIN), undated_month=12)
    tables = retirement_tables(december, range(2020, 2030))
    assert np.all(tables.pension_year_share[:, 0, 70] == 0.0)
    assert np.all(tables.mean_month[:, 0, 70] == 1.0)
    np.testing.assert_allclose(TABLES.mean_month + TABLES.pension_year_share, 1.0, rtol=1e-14)
    # whole cohort of 1964: months 1..12 once each
    assert cell(retirement_tables(make(**PLAIN), [2024]), "pension_year_share", 2024, 1964) == pytest.approx(66 / 144)


def test_tables__joint_sums_are_not_products_of_means() -> None:
    means = cell(TABLES, "mean_month", 2025, 1965) * cell(TABLES, "inverse_divisor", 2025, 1965)
    joint = cell(TABLES, "month_inverse_divisor", 2025, 1965)
    assert abs(joint / means - 1.0) > 1e-4
    shares = cell(TABLES, "mean_month", 2025, 1965) * cell(TABLES, "pension_year_share", 2025, 1965)
    assert cell(TABLES, "month_pension_share", 2025, 1965) < 0.8 * shares


def test_tables__late_years_carry_the_hazard_of_late_choosers() -> None:
    # statutory months of the men of 1965 end in March 2026; who reaches the minimum in 2027 is not held to this hazard
    assert cell(TABLES, "statutory_hazard", 2027, 1965) == 0.0
    assert 0.0 < cell(TABLES, "hazard", 2027, 1965) < 1.0
    assert cell(TABLES, "hazard", 2030, 1965) == 1.0


def test_tables__after_the_last_month_june_and_half_a_year() -> None:
    for year, cohort in ((2035, 1965), (2000, 1933)):
        age = year - cohort
        inverse = 1.0 / divisor_at(12 * age + 6, DIVISOR)
        assert cell(TABLES, "hazard", year, cohort) == 1.0
        assert cell(TABLES, "inverse_divisor", year, cohort) == pytest.approx(inverse, rel=1e-15)
        assert cell(TABLES, "month_inverse_divisor_pension_share", year, cohort) == pytest.approx(
            inverse / 4, rel=1e-15
        )
    exact = retirement_tables(replace(FULL, after_last_age_offset=0), [2035])
    assert cell(exact, "inverse_divisor", 2035, 1965) == 1.0 / 56.0
    assert cell(exact, "inverse_divisor", 2035, 1966) == 1.0 / 65.0
    assert np.all(TABLES.hazard[:, :, 80:] == 0.0)


# --- parts of the awards ----------------------------------------------------------------------------------------------


def test_parts__add_to_one_where_somebody_is_awarded() -> None:
    whole = np.sum([getattr(TABLES, name) for name in AWARD_PARTS], axis=0)
    awarded = TABLES.hazard > 0.0
    assert np.allclose(whole[awarded], 1.0, rtol=1e-14) and np.all(whole[~awarded] == 0.0)
    assert all(getattr(TABLES, name).min() >= 0.0 for name in AWARD_PARTS)


def test_parts__of_a_cohort_are_its_choices() -> None:
    """Without early leaving: arduous work first, then early, late and the month, over all years of a cohort."""
    rules = make(early=0.35, late=0.03, arduous=0.02, hazard=(0.0,))
    tables = retirement_tables(rules, YEARS)
    for cohort, who, special in ((1985, "men", 0.02), (1984, "women_50", 0.02), (1966, "men", 0.0)):
        left, found = 1.0, dict.fromkeys((*AWARD_PARTS, "deferred_hazard"), 0.0)
        for year in range(2020, cohort + 80):
            hazard = cell(tables, "hazard", year, cohort, who)
            for name in found:
                part = cell(tables, name, year, cohort, who)
                found[name] += left * (part if name == "deferred_hazard" else hazard * part)
            left *= 1.0 - hazard
        rest = 1.0 - special
        expected = (0.0, special, rest * 0.35, rest * 0.62, rest * 0.03, rest * 0.03)
        assert list(found.values()) == pytest.approx(expected, abs=1e-13), (cohort, who)


def test_parts__the_early_hazard_acts_first() -> None:
    """Whatever the row of arduous work takes at 55: the early hazard is a part of all who were there."""
    for year in range(2015, 2040):
        for cohort in range(year - 59, year - 54):
            hazard = cell(TABLES, "hazard", year, cohort)
            early = next((h for h, last in ((0.11, 2024), (0.09, 2025), (0.07, 2026)) if year <= last), 0.05)
            assert hazard * cell(TABLES, "early_part", year, cohort) == pytest.approx(early, abs=1e-15)
            assert cell(TABLES, "month_part", year, cohort) == 0.0  # nobody's month is before 60


def test_parts__after_the_last_month_everybody_is_late() -> None:
    assert cell(TABLES, "later_part", 2030, 1965) == 1.0
    assert cell(TABLES, "deferred_hazard", 2030, 1965) == 0.0


def test_statutory_share__is_that_of_the_birth_months() -> None:
    assert cell(TABLES, "statutory_share", 2025, 1965) == pytest.approx(9.0 / 12.0)
    assert cell(TABLES, "statutory_share", 2026, 1965) == pytest.approx(3.0 / 12.0)
    for position, path in enumerate((MEN, WOMEN_55, WOMEN_50)):
        for cohort in (1960, 1972, 1984):
            whole = sum(cell(TABLES, "statutory_share", year, cohort, CAREER[position]) for year in range(2000, 2060))
            assert whole == pytest.approx(1.0), path


# --- choice below the minimum ----------------------------------------------------------------------------------------


def test_choice_hazard__nobody_chooses_twice() -> None:
    stay = {2025: 0.9, 2026: 0.4, 2027: 0.5}
    by_year = np.array([stay.get(year, 0.7) for year in range(2020, 2040)])
    tables = retirement_tables(FULL, range(2020, 2040), stay_share=by_year)
    for cohort, who in ((1965, "men"), (1966, "men"), (1970, "women_55"), (1976, "women_50")):
        births = month_index(cohort, 1) + np.arange(12)
        year_of = retirement_month(births, FULL.career(who).path) // 12
        fresh, stayed = np.ones(12) / 12, np.zeros(12)  # every birth month followed on its own
        for year in range(2020, 2040):
            choosing = year_of == year
            chosen = fresh[choosing].sum()
            present = fresh.sum() + stayed.sum()
            assert cell(tables, "choice_hazard", year, cohort, who) * present == pytest.approx(chosen, abs=1e-15)
            stayed = stayed + np.where(choosing, fresh * by_year[year - 2020], 0.0)
            fresh = np.where(choosing, 0.0, fresh)
        assert fresh.sum() == 0.0


def test_choice_hazard__extremes_of_the_stay_share() -> None:
    none, all_stay = (retirement_tables(FULL, range(2020, 2040), stay_share=s) for s in (0.0, 1.0))
    np.testing.assert_allclose(none.choice_hazard, none.statutory_hazard, rtol=1e-14)
    assert cell(all_stay, "choice_hazard", 2026, 1965) == pytest.approx(0.25, rel=1e-14)


def test_stay_share__by_year_and_career() -> None:
    per_career = np.zeros((20, 3))
    per_career[:, 1] = 1.0
    tables = retirement_tables(FULL, range(2020, 2040), stay_share=per_career)
    assert cell(tables, "choice_hazard", 2026, 1965, "men") == 1.0
    assert cell(tables, "choice_hazard", 2026, 1970, "women_55") == pytest.approx(0.25, rel=1e-14)


def test_choice_hazard__knows_who_stayed_before_the_years_asked_for() -> None:
    by_year = np.linspace(0.9, 0.4, 20)
    whole = retirement_tables(FULL, range(2020, 2040), stay_share=by_year)
    for first in (2026, 2030):
        part = retirement_tables(FULL, range(first, 2040), by_year, range(2020, 2040))
        np.testing.assert_array_equal(part.choice_hazard, whole.choice_hazard[first - 2020 :])
        alone = retirement_tables(FULL, range(first, 2040), by_year[first - 2020 :])
        assert not np.array_equal(alone.choice_hazard, part.choice_hazard)


# --- independent reference -------------------------------------------------------------------------------------------

REFERENCE_CASES = [
    (0, 1940), (0, 1964), (0, 1965), (0, 1969), (0, 1970), (0, 1976), (0, 1990),
    (1, 1969), (1, 1974), (1, 1985), (2, 1974), (2, 1979), (2, 1984), (2, 1999),
]  # fmt: skip


@pytest.mark.parametrize(("position", "cohort"), REFERENCE_CASES)
def test_tables_against_plain_loops(position: int, cohort: int) -> None:
    expected = reference_cohort(cohort, position, FULL)
    weights = year_weights(TABLES, cohort, CAREER[position])
    seen = 0
    for year in range(max(cohort, 1993), 2101):
        if year - cohort > 79:
            break
        if year not in expected:
            assert cell(TABLES, "hazard", year, cohort, CAREER[position]) == (1.0 if year > max(expected) else 0.0)
            continue
        seen += 1
        for name in (*AWARD_SUMS, "hazard"):
            found = cell(TABLES, name, year, cohort, CAREER[position])
            assert found == pytest.approx(expected[year][name], rel=1e-11), (name, year)
        assert weights[year - 1993] == pytest.approx(expected[year]["weight"], abs=1e-13)
    assert seen == len(expected) >= 6
    assert sum(row["weight"] for row in expected.values()) == pytest.approx(1.0, abs=1e-12)


def test_tables__statutory_columns_from_plain_months() -> None:
    for position, path in enumerate((MEN, WOMEN_55, WOMEN_50)):
        for cohort in (1960, 1965, 1972, 1984, 2000):
            births = range(12 * cohort, 12 * cohort + 12)
            months = [retirement_month(birth, path) for birth in births]
            for year in range(1993, 2101, 3):
                if not 0 <= year - cohort <= 100:
                    continue
                later = [month for month in months if month // 12 >= year]
                share = sum(month // 12 == year for month in later) / len(later) if later else 0.0
                who = CAREER[position]
                assert cell(TABLES, "statutory_hazard", year, cohort, who) == pytest.approx(share, abs=1e-14)
                ahead = np.mean([month - month_index(year, 1) for month in months]) / 12
                assert cell(TABLES, "years_to_statutory", year, cohort, who) == pytest.approx(ahead, abs=1e-11)


# --- shape, speed, errors --------------------------------------------------------------------------------------------


def test_tables__shapes_and_no_undefined_cell() -> None:
    for field in fields(TABLES):
        array = getattr(TABLES, field.name)
        if field.name in ("years", "cohorts"):
            continue
        assert array.shape == ((3, len(TABLES.cohorts)) if field.name == "statutory_age" else (108, 3, 101))
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert np.all(np.isfinite(array))
    assert TABLES.cohorts[[0, -1]].tolist() == [1893, 2100]
    assert np.all(TABLES.inverse_divisor > 0)


def test_tables__do_not_depend_on_the_horizon() -> None:
    short = retirement_tables(FULL, range(2010, 2041), stay_share=0.6)
    for name in (*AWARD_SUMS, "hazard", "statutory_hazard", "choice_hazard", "years_to_statutory"):
        assert np.array_equal(getattr(short, name), getattr(TABLES, name)[17:48]), name


def test_tables__build_in_less_than_three_tenths_of_a_second() -> None:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        retirement_tables(FULL, YEARS)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.3


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AgePath(60.5, 4, 36), "old_age_months"),  # type: ignore[arg-type]
        (lambda: AgePath(720, 0, 36), "step of the retirement age is 0"),
        (lambda: AgePath(720, 4, -1), "cap of the retirement age is -1"),
        (lambda: career(MEN, early=35.0), "share or hazard is 35.0"),
        (lambda: career(MEN, early=0.8, late=0.3), "add up to 1.1"),
        (lambda: make(paths=(MEN, WOMEN_55)), "2 careers given"),
        (lambda: make(paths=(MEN, WOMEN_55, AgePath(600, 2, 400))), "retirement of women_50 would reach"),
        (lambda: replace(FULL, minimum=YearTable.constant(15.5)), "is 15.5 months"),
        (lambda: replace(FULL, undated_month=13), "undated_month of the retirement rules is 13"),
        (lambda: YearTable(2025, ()), "2025 on is empty"),
        (lambda: retirement_tables(FULL, [2025, 2027]), "consecutive years"),
        (lambda: retirement_tables(FULL, [2025, 2026], np.zeros(5)), "stay_share has the shape"),
        (lambda: retirement_tables(FULL, [2025, 2026], 1.5), "stay on reaches from 1.5"),
        (lambda: award_weights(1970, "women_60", FULL), 'no career is called "women_60"'),
    ],
)
def test_wrong_parameters_are_refused(build: object, message: str) -> None:
    with pytest.raises((LawError, ValueError), match=message):
        build()  # type: ignore[operator]


def test_rules__ages_in_years_are_refused() -> None:
    with pytest.raises(LawError, match="ages are in months"):
        make(paths=(AgePath(60, 4, 36), WOMEN_55, WOMEN_50))


# --- properties ------------------------------------------------------------------------------------------------------

starts = st.integers(month_index(1995, 1), month_index(2060, 1))
paths = st.builds(
    AgePath,
    old_age_months=st.integers(540, 740),
    step=st.integers(1, 24),
    cap=st.integers(0, 84),
    first_affected_month=starts,
    delay_per_step=st.integers(1, 4),
)
births = st.integers(month_index(1930, 1), month_index(2060, 12))


@given(births, st.integers(0, 400), paths)
def test_property_later_birth_retires_later(birth: int, later: int, path: AgePath) -> None:
    assert retirement_month(birth + later, path) >= retirement_month(birth, path) + later
    assert 0 <= statutory_delay(birth, path) <= path.cap
    assert birth + path.old_age_months <= earliest_month(birth, path, 36) <= retirement_month(birth, path)


@given(births, paths, st.integers(0, 240), st.integers(0, 12), st.integers(0, 36))
def test_property_later_slower_or_shorter_reform_never_delays_more(
    birth: int, path: AgePath, later: int, slower: int, shorter: int
) -> None:
    delay = statutory_delay(birth, path)
    assert statutory_delay(birth, replace(path, first_affected_month=path.first_affected_month + later)) <= delay
    assert statutory_delay(birth, replace(path, step=path.step + slower)) <= delay
    assert statutory_delay(birth, replace(path, cap=max(0, path.cap - shorter))) <= delay
    assert statutory_delay(birth, path.without_reform()) == 0


share = st.floats(0.0, 0.5)


@st.composite
def rule_sets(draw: st.DrawFn) -> RetirementRules:
    careers = tuple(
        CareerRules(
            path=draw(paths),
            early_share=YearTable.of(2020, draw(st.lists(share, min_size=1, max_size=20))),
            late_share=YearTable.of(2024, draw(st.lists(share, min_size=1, max_size=20))),
            arduous_age_months=draw(st.integers(400, 700)),
            arduous_share=draw(st.floats(0.0, 1.0)),
            early_hazard=YearTable.of(2000, draw(st.lists(share, min_size=1, max_size=40))),
        )
        for _ in CAREER
    )
    return RetirementRules(
        careers,
        MINIMUM,
        DIVISOR,
        earliest_share=draw(st.floats(0.0, 1.0)),
        flexible_from=draw(st.one_of(st.none(), starts)),
        arduous_from=draw(starts),
        early_limit=YearTable.of(2024, draw(st.lists(st.integers(0, 36), min_size=1, max_size=20))),
        late_limit=YearTable.of(2024, draw(st.lists(st.integers(0, 36), min_size=1, max_size=20))),
        early_window=YearTable.of(2000, draw(st.lists(st.integers(0, 10), min_size=1, max_size=20))),
        chosen_minimum=YearTable.of(2024, draw(st.lists(st.integers(0, 1), min_size=1, max_size=20))),
    )


@settings(max_examples=25, deadline=None)
@given(rule_sets(), st.floats(0.0, 1.0), st.integers(1960, 1990))
def test_property_weights_and_hazards(rules: RetirementRules, stay: float, cohort: int) -> None:
    tables = retirement_tables(rules, range(1990, 2075), stay_share=stay)
    for name in ("hazard", "statutory_hazard", "choice_hazard", "mean_month", "pension_year_share"):
        array = getattr(tables, name)
        assert np.all((array >= 0.0) & (array <= 1.0)), name
    for position, who in enumerate(CAREER):
        weights = award_weights(cohort, who, rules)
        assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)
        assert all(weight > 0.0 for weight in weights.values())
        by_year = year_weights(tables, cohort, who)
        assert by_year.sum() == pytest.approx(1.0, abs=1e-12)
        expected = reference_cohort(cohort, position, rules)
        rebuilt = dict(zip(tables.years.tolist(), by_year, strict=True))
        assert rebuilt == pytest.approx({y: expected.get(y, {"weight": 0.0})["weight"] for y in rebuilt}, abs=1e-10)
        for year in (year for year, row in expected.items() if row["weight"] > 1e-9 and year >= 1990):
            for name in AWARD_SUMS:
                assert cell(tables, name, year, cohort, who) == pytest.approx(expected[year][name], rel=1e-6), (
                    name,
                    year,
                )


@settings(max_examples=25, deadline=None)
@given(rule_sets(), st.integers(1960, 1990))
def test_property_without_early_hazard_the_hazards_rebuild_the_weights(rules: RetirementRules, cohort: int) -> None:
    zero = YearTable.constant(0.0)
    rules = replace(rules, careers=tuple(replace(c, early_hazard=zero) for c in rules.careers))
    tables = retirement_tables(rules, range(1990, 2075))
    for who in CAREER:
        by_year = np.zeros(len(tables.years))
        for month, weight in award_weights(cohort, who, rules).items():
            by_year[month // 12 - 1990] += weight
        np.testing.assert_allclose(year_weights(tables, cohort, who), by_year, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0, 0.45), st.floats(0.0, 0.45))
def test_property_more_early_choice_never_lowers_early_retirement(low: float, more: float) -> None:
    shares = [retirement_tables(make(early=e), range(2020, 2060)) for e in (low, low + more)]
    for who, cohort in (("men", 1976), ("women_55", 1981), ("women_50", 1984)):
        first, second = (np.cumsum(year_weights(tables, cohort, who)) for tables in shares)
        assert np.all(second >= first - 1e-12)


def test_first_choice_limit__is_that_of_the_first_law_on_it() -> None:
    law = load_law()
    for key in ("retirement/early_months_max", "retirement/late_months_max"):
        (first, *_) = [dated.value for dated in law[key].national if dated.value]
        assert first == FIRST_CHOICE_LIMIT
