"""Entry as tables and series: shape, who it is open to, where the pressure settles, ages of campaigns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.common.errors import LeverError, SimengineError
from simengine.engine.compile.coverage import PRESSURES, entry_open, entry_shape, pressure, settling
from simengine.kernels import layout as at
from tests.engine.test_compile import YEARS, compiled, law, moved, plain, series, with_lever
from tests.helpers.note_tables import assert_printed, note_tables, number_of

NOTED = np.array([-1.0, -0.9, -0.8, -0.7, -0.5, -0.1, 0.2, 0.2, 0.1, -0.2])
"""Solved pressures of section 4.8, 2015 to 2024."""


# --- where the pressure settles ---------------------------------------------------------------------------------------


def test_note__where_the_pressure_settles() -> None:
    solved = np.arange(2015, 2025)
    for row in note_tables("coverage", "4.8")[0]:
        closure = number_of(row["closure"])
        assert_printed(row["settles at"], float(settling(np.array([2100]), solved, NOTED, closure)[0]), "settles at")
        for year in (name for name in row if name.isdigit()):
            found = settling(np.array([int(year)]), solved, NOTED, closure)
            assert_printed(row[year], float(found[0]), f"closure {closure:g} in {year}")


@pytest.mark.parametrize("closure", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_settling__with_fewer_than_four_solved_years_the_last_value_stays(count: int, closure: float) -> None:
    known = np.arange(2015, 2015 + count)
    found = settling(np.array([2014 + count, 2060]), known, NOTED[:count], closure)
    assert found[0] == NOTED[count - 1]
    assert (found[1] == found[0]) == (count < 4)


def test_settling__known_years_are_what_was_solved() -> None:
    known = np.arange(2015, 2025)
    for closure in (-1.0, 0.3, 1.0):
        assert settling(known, known, NOTED, closure).tolist() == NOTED.tolist()


def test_settling__is_a_straight_line_between_closures() -> None:
    known, years = np.arange(2015, 2025), np.arange(2024, 2050)
    low, middle, high = (settling(years, known, NOTED, closure) for closure in (-1.0, 0.0, 1.0))
    np.testing.assert_allclose(settling(years, known, NOTED, 0.25), 0.75 * middle + 0.25 * high, rtol=1e-12)
    np.testing.assert_allclose(settling(years, known, NOTED, -0.5), 0.5 * middle + 0.5 * low, rtol=1e-12)


@pytest.mark.parametrize("name", PRESSURES)
def test_pressure__rests_on_years_known_at_the_information_date(name: str) -> None:
    """Seen from 2017 three years are solved: the pressure stays; from 2020 six are, from now ten."""
    basis, years = load_basis("jiangxi-2020"), np.arange(2015, 2060)
    owner = load_basis("china-2020").own_series[name]
    for until, count in ((2014, 0), (2017, 3), (2020, 6), (None, owner.years.size)):
        found = pressure(basis, until, name, years, 0.0)
        solved = owner.values[:count]
        assert found[:count].tolist() == solved.tolist()
        if count == 0:
            assert not found.any()
        elif count < 4:
            assert (found[count:] == solved[-1]).all()
        else:
            assert found[-1] == pytest.approx(solved.mean(), rel=1e-12)


def test_closure__moves_the_odds_of_later_years_alone(tmp_path: Path) -> None:
    changed = compiled(with_lever(tmp_path, scenario="constants: {coverage_closure: -1.0}"))
    assert moved(plain(), changed) == {"entry_odds_enterprise", "entry_odds_flexible"}
    for status in ("enterprise", "flexible"):
        ratio = series(changed, f"entry_odds_{status}") / series(plain(), f"entry_odds_{status}")
        assert (ratio[YEARS <= 2024] == 1.0).all()
        assert (ratio[YEARS > 2024] < 1.0).all()


def test_pressure_lever__moves_the_odds_by_its_exponential(tmp_path: Path) -> None:
    changed = compiled(with_lever(tmp_path, "paths: {entry_pressure_flexible: {add: {2030: -0.5}, shape: step}}"))
    assert moved(plain(), changed) == {"entry_odds_flexible"}
    ratio = series(changed, "entry_odds_flexible") / series(plain(), "entry_odds_flexible")
    np.testing.assert_allclose(ratio, np.where(YEARS < 2030, 1.0, np.exp(-0.5)), rtol=1e-12)


# --- shape and openness -----------------------------------------------------------------------------------------------


def test_shape__falls_with_age_by_the_tilt_and_is_even_past_the_old_age() -> None:
    basis = load_basis("jiangxi-2020")
    constants = {**basis.constants, "old_age_men": 60.0, "old_age_women_55": 55.0, "old_age_women_50": 50.0}
    shape = entry_shape(basis, constants)
    assert shape.shape == (3, at.CAREERS, at.WORKING_AGES)
    assert shape.min() >= 0.0 and shape.max() < 1.0
    flat = entry_shape(basis, constants | {"entry_tilt": 0.0})
    ages = np.arange(at.FIRST_AGE, 60)
    tilt = (1.0 - constants["entry_tilt"]) ** (ages - 25.0)
    np.testing.assert_allclose(shape[:, 0, : ages.size], flat[:, 0, : ages.size] * tilt, rtol=1e-12)
    for career, old in enumerate((60, 55, 50)):
        rest = shape[:, career, old - at.FIRST_AGE :]
        np.testing.assert_allclose(
            rest, shape[:, career, old - 3 - at.FIRST_AGE : old - at.FIRST_AGE].mean(axis=1)[:, None] + 0.0 * rest
        )


def test_open__by_the_months_before_the_statutory_one() -> None:
    """Men of 59, 60 and 61 in 2025 to 2027, by their years left; flexible payers lack the minimum by then."""
    retirement = plain().tables.retirement
    found = plain().tables.entry_open
    for year in (2020, 2025, 2030):
        t = int(np.flatnonzero(year == YEARS)[0])
        for age in (30, 44, 46, 59, 60, 61, 64):
            left, least = retirement[t, 0, age, [at.RET_PLANNED_YEARS, at.RET_PLANNED_THRESHOLD]]
            i = age - at.FIRST_AGE
            assert found[t, at.ENTERPRISE, 0, i] == found[t, at.PUBLIC, 0, i]
            assert found[t, at.ENTERPRISE, 0, i] == pytest.approx(min(1.0, max(0.0, left - 0.5 + 1.0 / 24.0)))
            assert found[t, at.FLEXIBLE, 0, i] == pytest.approx(min(1.0, max(0.0, (left - least) / 5.0)))
    assert found[0, at.ENTERPRISE, 0, 59 - at.FIRST_AGE] == pytest.approx(1.0)
    assert found[0, at.ENTERPRISE, 0, 60 - at.FIRST_AGE] == pytest.approx(1.0 / 24.0, abs=0.05)
    assert found[0, at.FLEXIBLE, 0, 46 - at.FIRST_AGE] == 0.0


def test_open__women_are_parted_over_their_careers() -> None:
    constants = {f"women_55_share_{status}": share for status, share in zip(STATUS, (0.35, 1.0, 0.9), strict=True)}
    retirement = plain().tables.retirement[:1].copy()
    retirement[:, 2] = retirement[:, 1]  # both careers retire alike
    found = entry_open(retirement, constants)
    for position, share in enumerate((0.35, 1.0, 0.9)):
        np.testing.assert_allclose(found[:, position, 1] * (1.0 - share), found[:, position, 2] * share, atol=1e-15)


STATUS = ("enterprise", "flexible", "public")


@pytest.mark.parametrize("career", range(at.CAREERS))
def test_planned__below_the_old_age_people_plan_by_the_law_before_the_reform(career: int) -> None:
    """Years left and minimum of the old ages below them, of the statutory month above."""
    old = (60, 55, 50)[career]
    table = plain().tables.retirement[YEARS == 2035][0, career]
    ages = np.arange(at.AGES)
    below = (ages >= 20) & (ages < old)
    np.testing.assert_allclose(table[below, at.RET_PLANNED_YEARS], old + 11.0 / 24.0 - ages[below], rtol=1e-9)
    assert (table[below, at.RET_YEARS_TO_STATUTORY] > table[below, at.RET_PLANNED_YEARS]).all()
    reached = 2035 - ages[below] + old  # the year of the old age, whose minimum counts
    minimum = law().annual("retirement/minimum_months", reached[::-1], "jiangxi")[::-1] / 12.0
    np.testing.assert_allclose(table[below, at.RET_PLANNED_THRESHOLD], minimum, rtol=1e-9)
    above = ages >= old
    assert table[above, at.RET_PLANNED_YEARS].tolist() == table[above, at.RET_YEARS_TO_STATUTORY].tolist()


# --- campaigns --------------------------------------------------------------------------------------------------------

CAMPAIGN = (
    "  - {{id: {id}, status: {status}, kind: gross, total: 1_000, years: [{years}], pools: [none], reason: x{more}}}\n"
)


def campaigns(*rows: dict[str, str]) -> str:
    blank = {"id": "one", "status": "flexible", "years": "2024, 2025", "more": ""}
    return "campaigns:\n" + "".join(CAMPAIGN.format(**{**blank, **row}) for row in rows)


def test_campaign_ages__default_and_stated(tmp_path: Path) -> None:
    """From 35 to the last age that can reach the minimum, unless ages are stated: then those, whoever can reach it."""
    default = compiled(with_lever(tmp_path, campaigns({}))).tables.campaign_ages
    assert (default[:, :2] == [35.0, 79.0, 1.0]).all()
    table = compiled(with_lever(tmp_path, campaigns({"more": ", ages: [30, 50]"}))).tables.campaign_ages
    stated = (YEARS >= 2024) & (YEARS <= 2025)
    assert (table[stated, at.FLEXIBLE] == [30.0, 50.0, 0.0]).all()
    assert (table[~stated, at.FLEXIBLE] == [35.0, 79.0, 1.0]).all()
    assert (table[:, at.ENTERPRISE] == [35.0, 79.0, 1.0]).all()


def test_campaign_ages__two_of_one_status_and_year_are_alike(tmp_path: Path) -> None:
    first, other = {"more": ", ages: [30, 50]"}, {"id": "two", "years": "2025, 2026"}
    with pytest.raises(LeverError, match=r"another one for flexible draw on different ages in 2025") as caught:
        compiled(with_lever(tmp_path, campaigns(first, other)))
    assert caught.value.code == "campaign_ages" and "mine.yaml, line 5" in str(caught.value)
    compiled(with_lever(tmp_path, campaigns(first, {**other, "more": ", ages: [30, 50]"})))
    compiled(with_lever(tmp_path, campaigns(first, {**other, "status": "enterprise"})))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (campaigns({"more": ", ages: [50, 30]"}), "ages_reversed"),
        (campaigns({"status": "injury", "more": ", ages: [30, 50]"}).replace(", pools: [none]", ""), "ages_of_branch"),
    ],
)
def test_campaign_ages__that_make_no_sense_are_refused_at_their_line(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(SimengineError) as caught:
        with_lever(tmp_path, text)
    assert caught.value.code == code
    assert "mine.yaml, line 4" in str(caught.value)
