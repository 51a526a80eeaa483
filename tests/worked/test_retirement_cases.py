"""Retirement age against the annexes of the law, published cases and the worked example of notes/retirement.md."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from simengine.law.divisor import DivisorRule, divisor_at
from simengine.law.retirement import (
    AgePath,
    CareerRules,
    RetirementRules,
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
from tests.helpers.retirement_reference import CHOICE, year_weights

HERE = Path(__file__).parent
NOTES = HERE.parents[1] / "simengine" / "notes" / "retirement.md"
CASES: dict[str, Any] = YAML(typ="safe").load((HERE / "retirement.yaml").read_text(encoding="utf-8"))
LAW = CASES["law"]


def rules(*, choices: bool = True, early_hazard: bool = True, method: str = "interpolate") -> RetirementRules:
    """Rules of the worked cases; without `choices` nobody leaves early, late or from arduous work."""
    zero = YearTable.constant(0.0)
    careers = tuple(
        CareerRules(
            path=AgePath(law["old_age_months"], law["step"], law["cap"]),
            early_share=YearTable.constant(LAW["early_share"]) if choices else zero,
            late_share=YearTable.constant(LAW["late_share"]) if choices else zero,
            arduous_age_months=law["arduous_age_months"],
            arduous_share=LAW["arduous_share"][name] if choices else 0.0,
            early_hazard=YearTable.of(LAW["early_hazard_first_year"], LAW["early_hazard"]) if early_hazard else zero,
        )
        for name, law in LAW["careers"].items()
    )
    assert tuple(LAW["careers"]) == CAREER
    return RetirementRules(
        careers=careers,
        minimum=YearTable.of(LAW["minimum_first_year"], LAW["minimum_months"]),
        divisor=DivisorRule(LAW["divisor_first_age"], tuple(LAW["divisor_months"]), method),
        earliest_share=LAW["earliest_share"],
        **CHOICE,
    )


RULES = rules()


def month_of(text: str) -> int:
    return month_index(*map(int, text.split("-")))


def month_text(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def age_text(months: int) -> str:
    return f"{months // 12}y{months % 12}m"


def months_of(age: str) -> int:
    years, rest = re.fullmatch(r"(\d+)y(\d+)m", age).groups()
    return 12 * int(years) + int(rest)


# --- annexes and published cases -------------------------------------------------------------------------------------

ANNEX = [(career, *row) for career, rows in CASES["annex_rows"].items() for row in rows]


@pytest.mark.parametrize(("career", "birth", "delay", "age", "retirement", "minimum", "divisor"), ANNEX)
def test_annex_row(
    career: str, birth: str, delay: int, age: str, retirement: str, minimum: float, divisor: float
) -> None:
    path, born = RULES.career(career).path, month_of(birth)
    found = retirement_month(born, path)
    assert statutory_delay(born, path) == delay
    assert age_text(found - born) == age
    assert month_text(found) == retirement
    assert minimum_months(found // 12, RULES.minimum) == 12 * minimum
    assert divisor_at(found - born, RULES.divisor) == divisor


def test_annex_has_every_row() -> None:
    assert Counter(row[0] for row in ANNEX) == {"men": 15, "women_55": 15, "women_50": 15}


@pytest.mark.parametrize("person", CASES["persons"], ids=lambda person: person["case"])
def test_person(person: dict[str, Any]) -> None:
    path, born = RULES.career(person["career"]).path, month_of(person["birth"])
    statutory = retirement_month(born, path)
    found = {
        "delay": statutory_delay(born, path),
        "age": age_text(statutory - born),
        "retirement": month_text(statutory),
        "minimum": minimum_months(statutory // 12, RULES.minimum) / 12,
        "earliest": month_text(earliest_month(born, path, 36)),
        "latest": month_text(latest_month(born, path, 36)),
    }
    asked = {key: value for key, value in person.items() if key in found}
    assert asked
    assert {key: found[key] for key in asked} == asked


@pytest.mark.parametrize(("year", "years"), CASES["minimum_years"].items())
def test_minimum_years(year: int, years: float) -> None:
    assert minimum_months(year, RULES.minimum) == 12 * years


@pytest.mark.parametrize(("age", "interpolated", "floor"), CASES["divisors"])
def test_divisor(age: str, interpolated: float, floor: float) -> None:
    assert divisor_at(months_of(age), RULES.divisor) == interpolated
    assert divisor_at(months_of(age), rules(method="floor").divisor) == floor


# --- cohorts ---------------------------------------------------------------------------------------------------------

COHORTS = [
    (career, cohort, counts)
    for career, cohorts in CASES["birth_months_by_year"].items()
    for cohort, counts in cohorts.items()
]


@pytest.mark.parametrize(("career", "cohort", "counts"), COHORTS)
def test_birth_months_of_a_cohort_by_year(career: str, cohort: int, counts: dict[int, int]) -> None:
    births = month_index(cohort, 1) + np.arange(12)
    assert Counter((retirement_month(births, RULES.career(career).path) // 12).tolist()) == counts

    plain = retirement_tables(rules(choices=False, early_hazard=False), range(2020, 2051))
    shares = dict(zip(plain.years.tolist(), year_weights(plain, cohort, career), strict=True))
    expected = {year: counts.get(year, 0) / 12 for year in shares}
    assert shares == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("career", CAREER)
def test_birth_months_of_a_year(career: str) -> None:
    births = month_index(1950, 1) + np.arange(12 * 60)
    count = Counter((retirement_month(births, RULES.career(career).path) // 12).tolist())
    assert [count[year] for year in range(2025, 2040)] == CASES["birth_months_of_year"][career]
    assert count[2024] == count[2040] == 12


@pytest.mark.parametrize("career", CAREER)
def test_mean_delay_of_cohorts(career: str) -> None:
    case = CASES["mean_delay"][career]
    births = month_index(case["first_cohort"], 1) + np.arange(12 * len(case["months"]))
    delay = np.asarray(statutory_delay(births, RULES.career(career).path)).reshape(-1, 12)
    assert delay.mean(axis=1).tolist() == case["months"]

    tables = retirement_tables(RULES, range(2020, 2031))
    first = case["first_cohort"] - tables.cohorts[0]
    mean_age = tables.statutory_age[CAREER.index(career), first : first + len(case["months"])]
    expected = RULES.career(career).path.old_age_months / 12 + np.array(case["months"]) / 12
    np.testing.assert_allclose(mean_age, expected, rtol=1e-14)


@pytest.mark.parametrize("career", CAREER)
def test_later_cohorts_retire_at_the_final_age(career: str) -> None:
    age = CASES["final_age"][career]
    for cohort in (2040 - age, 1995, 2010):
        births = month_index(cohort, 1) + np.arange(12)
        assert set((retirement_month(births, RULES.career(career).path) // 12).tolist()) == {cohort + age}


# --- worked example of the notes -------------------------------------------------------------------------------------


def note_table(heading: str) -> list[dict[str, str]]:
    """Rows of the first table below a heading of the notes."""
    section = NOTES.read_text(encoding="utf-8").split(f"### {heading}", 1)[1].split("\n##", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def printed(value: float, like: str) -> str:
    """A value with the decimals of the printed cell."""
    return f"{value:.{len(like.partition('.')[2])}f}"


def test_notes_one_man_cell_by_cell() -> None:
    born = month_index(1967, 5)
    grid = award_grid(np.array([1967]), 0, RULES)
    weight, month, threshold = 12 * grid.weight[0, 4], grid.month[0, 4], grid.threshold_months[0, 4]
    taken = np.flatnonzero(weight)
    statutory = retirement_month(born, RULES.career("men").path)
    earliest = earliest_month(born, RULES.career("men").path, 36)
    groups = {
        "earliest": taken[month[taken] == earliest],
        "between": taken[(month[taken] > earliest) & (month[taken] < statutory)],
        "statutory": taken[month[taken] == statutory],
        "late": taken[month[taken] > statutory],
    }
    assert sum(map(len, groups.values())) == len(taken)
    rows = note_table("4.1")
    assert [row["choice"] for row in rows] == list(groups)
    for row in rows:
        members = groups[row["choice"]]
        first, age = members[0], month[members[0]] - born
        assert np.ptp(weight[members]) < 1e-15
        assert row == {
            "choice": row["choice"],
            "first month": month_text(month[first]),
            "last month": month_text(month[members[-1]]),
            "months": str(len(members)),
            "weight each": printed(weight[first], row["weight each"]),
            "weight": printed(weight[members].sum(), row["weight"]),
            "age at first": age_text(age),
            "divisor at first": printed(divisor_at(int(age), RULES.divisor), "0.0"),
            "minimum months at first": printed(threshold[first], "0"),
        }


def test_notes_birth_months_cell_by_cell() -> None:
    path, rows = RULES.career("men").path, note_table("4.2")
    assert [row["birth"] for row in rows] == [f"1965-{month:02d}" for month in range(1, 13)]
    for row in rows:
        born = month_of(row["birth"])
        found = retirement_month(born, path)
        assert row == {
            "birth": row["birth"],
            "delay": str(statutory_delay(born, path)),
            "retirement": month_text(found),
            "m": str(found % 12 + 1),
            "age": age_text(found - born),
            "divisor": printed(divisor_at(found - born, RULES.divisor), "0.0"),
        }


def test_notes_year_tables_cell_by_cell() -> None:
    tables = retirement_tables(rules(choices=False, early_hazard=False), range(2020, 2031), stay_share=0.6)
    rows = note_table("4.3")
    assert len(rows) == 12
    for row in rows:
        array = getattr(tables, row["quantity"])
        for year in (2025, 2026):
            cell = row[str(year)]
            assert printed(array[year - 2020, 0, year - 1965], cell) == cell, (row["quantity"], year)


@pytest.mark.parametrize(("section", "cohort", "years"), [("4.4", 1965, (2020, 2026)), ("4.5", 1968, (2023, 2029))])
def test_notes_early_hazard_cell_by_cell(section: str, cohort: int, years: tuple[int, int]) -> None:
    tables = retirement_tables(rules(choices=False), range(2015, 2031))
    hazard, weight = note_table(section)
    found = year_weights(tables, cohort, "men")
    assert list(hazard)[1:] == [str(year) for year in range(years[0], years[1] + 1)]
    for year in range(years[0], years[1] + 1):
        assert printed(tables.hazard[year - 2015, 0, year - cohort], hazard[str(year)]) == hazard[str(year)]
        assert printed(found[year - 2015], weight[str(year)]) == weight[str(year)]
    assert found.sum() == pytest.approx(1.0, abs=1e-14)


def test_notes_section_1_table_is_the_law_of_the_cases() -> None:
    lines = NOTES.read_text(encoding="utf-8").split("## 2. Symbols")[0].splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith(("| men", "| wom"))
    ]
    assert [row[0] for row in rows] == list(CAREER)
    for name, age, step, cap, first, last in rows:
        path = RULES.career(name).path
        assert (12 * int(age), int(step), int(cap)) == (path.old_age_months, path.step, path.cap)
        assert statutory_delay(month_of(first), path) == 1
        assert statutory_delay(month_of(first) - 1, path) == 0
        assert statutory_delay(month_of(last), path) == path.cap
        assert statutory_delay(month_of(last) - 1, path) == path.cap - 1


def test_notes_name_only_pitfall_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+__\w+)`", NOTES.read_text(encoding="utf-8")))
    source = (HERE.parent / "law" / "test_retirement_law.py").read_text(encoding="utf-8")
    assert len(named) >= 15
    assert named <= set(re.findall(r"^def (test_\w+)\(", source, flags=re.MULTILINE))


def test_weights_of_a_whole_cohort_with_all_choices() -> None:
    weights = award_weights(1976, "men", RULES)
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-14)
    arduous = {month: weight for month, weight in weights.items() if month // 12 == 2031}
    assert arduous == pytest.approx({month_index(2031, m): 0.02 / 12 for m in range(1, 13)}, abs=1e-16)
    late = sum(weight for month, weight in weights.items() if month > month_index(2039, 12))
    # statutory months 2038-11 (births 1976-01, -02 in 2038) to 2039-12; 36 late months each, those after 2039-12 remain
    statutory = [retirement_month(month_index(1976, m), RULES.career("men").path) for m in range(1, 13)]
    expected = sum(max(0, s + 36 - month_index(2039, 12)) for s in statutory) / 36 * 0.03 * 0.98 / 12
    assert late == pytest.approx(expected, abs=1e-15)
