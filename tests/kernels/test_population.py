"""The population step, the graduation of its rates, cohorts and splitting."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.basis.grids import interpolate
from simengine.common.errors import InputFileError
from simengine.kernels.people import population as kernels
from simengine_calibration.people.cohorts import (
    DeathTable,
    fit_cohorts,
    reverse_survive,
    run_with_births,
)
from simengine_calibration.people.fertility import single_age_shares
from simengine_calibration.people.migration import fading_knots, migrant_shape
from simengine_calibration.people.mortality import (
    CLOSED_GROUPS,
    graduate,
    label_death_prob,
    life_expectancy,
    mortality_factor,
    person_years,
)
from simengine_calibration.people.parts import largest_remainder, split_stored
from simengine_calibration.people.un_comparison import (
    NATION,
    REFERENCES,
    read_death_table,
    read_fertility,
    read_pyramid,
)
from simengine_calibration.sources.files import Sources, read_rows

REPOSITORY = Path(__file__).parents[2]
NOTES = REPOSITORY / "simengine" / "notes" / "population.md"


def step(pop, q, mig, asfr, sex_ratio, first_age):
    """One whole year: closing pyramid, births by sex, deaths."""
    close, deaths = np.full_like(pop, np.nan), np.full_like(pop, np.nan)
    kernels.survive_population(pop, q, mig, close)
    survivors = close.copy()
    births = kernels.count_births(pop, close, asfr, first_age)
    boys, girls = kernels.split_births(births, sex_ratio)
    kernels.enter_births(boys, girls, q, mig, close)
    kernels.count_deaths(pop, boys, girls, q, deaths)
    return close, survivors, births, boys, girls, deaths


# The worked example of the notes


def worked_cells() -> dict[str, np.ndarray]:
    """The eight rows of the example table in the notes, by column [sex, age]."""
    rows = [
        [cell.strip() for cell in line.strip("|\n ").split("|")]
        for line in NOTES.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| (male|female) \| \d", line)
    ]
    assert len(rows) == 8
    names = ("open", "q", "mig", "survivors", "deaths", "close")
    return {name: np.array([row[i + 2] for row in rows]).reshape(2, 4) for i, name in enumerate(names)}


def test_notes__every_cell_of_the_worked_example() -> None:
    cells = worked_cells()
    pop, q, mig = (cells[name].astype(float) for name in ("open", "q", "mig"))
    close, survivors, births, boys, girls, deaths = step(pop, q, mig, np.array([0.5, 0.3]), 1.1, 1)
    for name, values in (("survivors", survivors), ("deaths", deaths), ("close", close)):
        for printed, value in zip(cells[name].ravel(), values.ravel(), strict=True):
            decimals = len(printed.partition(".")[2])
            assert round(float(value), decimals) == float(printed), (name, printed, value)
    assert (round(births, 4), round(girls, 4), round(boys, 4)) == (70.7805, 33.7050, 37.0755)
    text = NOTES.read_text(encoding="utf-8")
    for printed in ("46.0125", "24.7680", "70.7805", "33.7050", "37.0755", "142.30856", "605.47194"):
        assert printed in text
    assert round(float(deaths.sum()), 5) == 142.30856
    assert round(float(close.sum()), 5) == 605.47194


# The kernels


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), ages=st.integers(4, 101))
def test_step__opening_plus_births_less_deaths_plus_migrants_is_closing(seed: int, ages: int) -> None:
    random = np.random.default_rng(seed)
    pop = random.uniform(0.0, 1e6, (2, ages))
    q = random.uniform(0.0, 1.0, (2, ages))
    mig = random.normal(0.0, 1e3, (2, ages))
    asfr = random.uniform(0.0, 0.3, 2)
    close, _, births, boys, girls, deaths = step(pop, q, mig, asfr, random.uniform(1.0, 1.2), 1)
    gap = pop.sum() + births - deaths.sum() + mig.sum() - close.sum()
    assert abs(gap) <= 1e-10 * (pop.sum() + births)
    assert boys + girls == pytest.approx(births, rel=1e-14)


def test_survive__open_age_takes_both_streams() -> None:
    pop = np.zeros((2, 101))
    pop[0, 99], pop[0, 100] = 10.0, 4.0
    q = np.zeros((2, 101))
    q[0, 100] = 0.25
    close = np.empty((2, 101))
    kernels.survive_population(pop, q, np.zeros((2, 101)), close)
    assert close[0, 100] == 10.5
    assert close.sum() == 10.5


def test_survive__last_years_infants_never_linger() -> None:
    close = np.full((2, 101), 7.0)
    kernels.survive_population(np.zeros((2, 101)), np.zeros((2, 101)), np.zeros((2, 101)), close)
    assert not close.any()


def test_births__exposure_is_the_mean_of_two_year_ends() -> None:
    opening, closing = np.zeros((2, 101)), np.zeros((2, 101))
    opening[1, 30], closing[1, 30] = 100.0, 300.0
    asfr = np.zeros(35)
    asfr[15] = 0.1
    assert kernels.count_births(opening, closing, asfr) == pytest.approx(20.0, rel=1e-15)
    opening[0, :], closing[0, :] = 1e6, 1e6  # men bear no children
    assert kernels.count_births(opening, closing, asfr) == pytest.approx(20.0, rel=1e-15)


def test_step__stationary_population_stands_still() -> None:
    """Person-years of a life table with as many births a year as deaths: no cell moves."""
    ages = np.arange(101)
    rates = 2e-4 + 1e-5 * np.exp(0.11 * ages)
    years = np.stack([person_years(rates, sex) for sex in ("male", "female")])
    q = np.stack([label_death_prob(row) for row in years])
    pop = years * np.array([[110.0], [100.0]])
    asfr = np.array([210.0 / pop[1, 30]])
    close, *_ = step(pop, q, np.zeros((2, 101)), asfr, 1.1, 30)
    assert np.abs(close / pop - 1.0).max() < 1e-12


def test_kernels__compiled_equals_plain_python_to_the_last_bit() -> None:
    if not hasattr(kernels.survive_population, "py_func"):
        pytest.skip("SIMENGINE_JIT=0: there is no compiled form to compare with")
    death, people = read_death_table(NATION / "death_prob.csv").at(2030), read_pyramid(NATION / "population.csv")
    none, asfr = np.zeros((2, 101)), read_fertility(NATION / "fertility.csv")[2030]
    compiled, plain = np.empty((2, 101)), np.empty((2, 101))
    kernels.survive_population(people, death, none, compiled)
    kernels.survive_population.py_func(people, death, none, plain)
    assert compiled.tobytes() == plain.tobytes()
    assert kernels.count_births(people, compiled, asfr) == kernels.count_births.py_func(people, plain, asfr, 15)


def project_grouped(pop_open, person_years, fertility, migrants, width, radix, sex_ratio, births, pop_close):
    """Textbook female projection by one step of `width` years in age groups of `width` years.

    Half of the migrants of the step are there from its start, half arrive at its end. The last group is open:

        P'(i)   = (P(i-1) + M(i-1)/2)·L(i)/L(i-1) + M(i)/2
        P'(n)   = (P(n-1) + M(n-1)/2 + P(n) + M(n)/2)·L(n)/(L(n-1) + L(n)) + M(n)/2
        B(i)    = width·F(i)·(P(i) + M(i)/2 + P'(i))/2
        P'(1)   = ΣB/(1 + sex_ratio)·L(1)/(width·radix) + M(1)/2

    Source: Preston, Heuveline and Guillot (2001), Demography, section 6.3 (cohort component method).

    Parameters
    ----------
    pop_open : women by group at the start [persons; group]
    person_years : life-table person-years L of the group, the last one T of the open group [person-years; group]
    fertility : births of both sexes per woman-year [1/year; group]
    migrants : net female migrants during the step [persons; group]
    width : years of a step and of a closed group [years]
    radix : births of the life table [persons]
    sex_ratio : boys per girl at birth [1]
    births : written: births of both sexes during the step by the mother's group [persons; group]
    pop_close : written: women by group at the end [persons; group]
    """
    last = pop_open.shape[0] - 1
    for i in range(1, last):
        start = pop_open[i - 1] + 0.5 * migrants[i - 1]
        pop_close[i] = start * person_years[i] / person_years[i - 1] + 0.5 * migrants[i]
    start = pop_open[last - 1] + pop_open[last] + 0.5 * (migrants[last - 1] + migrants[last])
    survival = person_years[last] / (person_years[last - 1] + person_years[last])
    pop_close[last] = start * survival + 0.5 * migrants[last]
    pop_close[0] = 0.0
    total = 0.0
    for i in range(last + 1):
        women = 0.5 * (pop_open[i] + 0.5 * migrants[i] + pop_close[i])
        births[i] = width * fertility[i] * women
        total += births[i]
    pop_close[0] = total / (1.0 + sex_ratio) * person_years[0] / (width * radix) + 0.5 * migrants[0]


def test_grouped__textbook_sweden_within_half_a_person() -> None:
    rows = read_rows(REFERENCES / "sweden_females_1993.csv")
    table = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    births, close = np.empty(len(rows)), np.empty(len(rows))
    project_grouped(
        table["population_1993"],
        table["person_years_L"],
        table["fertility_rate"],
        table["net_migrants"],
        5.0,
        100_000.0,
        1.05,
        births,
        close,
    )
    assert np.abs(close - table["expected_population_1998"]).max() <= 0.5
    assert np.abs(births - table["expected_births"]).max() <= 0.5


def test_grouped__agrees_with_the_single_year_step() -> None:
    """Width one, no migrants and equal rules: the textbook step and the engine's step are the same arithmetic."""
    years = np.array([0.97, 0.95, 0.9, 1.8])
    women = np.array([50.0, 48.0, 40.0, 60.0])
    fertility = np.array([0.0, 0.4, 0.3, 0.0])
    births, close = np.empty(4), np.empty(4)
    project_grouped(women, years, fertility, np.zeros(4), 1.0, 1.0, 1.05, births, close)
    q = np.array([1 - years[0], 1 - years[1] / years[0], 1 - years[2] / years[1], 1 - years[3] / (years[2] + years[3])])
    pop = np.stack((women, women))
    engine, *_ = step(pop, np.stack((q, q)), np.zeros((2, 4)), fertility, 1.05, 0)
    assert np.abs(engine[1] - close).max() < 1e-12


# Rates


def abridged_example() -> np.ndarray:
    ages = np.array([0.1, 2.5, *np.arange(7.5, 100.0, 5.0), 102.0])
    return 3e-3 * np.exp(-1.2 * ages) + 2e-4 + 2e-5 * np.exp(0.1 * ages)


def test_graduate__group_rates_come_back() -> None:
    target = abridged_example()
    rates = graduate(target, "female")
    years = person_years(rates, "female")
    back = [rates[a:b] @ years[a:b] / years[a:b].sum() for a, b in CLOSED_GROUPS]
    assert np.abs(np.array(back) / target[1:-1] - 1.0).max() < 1e-10
    assert rates[0] == pytest.approx(target[0], rel=1e-12)
    assert rates[-1] == pytest.approx(target[-1], rel=1e-12)
    assert (np.diff(rates[1:5]) < 0.0).all()
    assert (np.diff(rates[30:]) > 0.0).all()


def test_label_death_prob__life_expectancy_comes_back() -> None:
    years = person_years(graduate(abridged_example(), "male"), "male")
    assert life_expectancy(label_death_prob(years)) == pytest.approx(years.sum(), rel=1e-13)


def test_label_death_prob__label_one_still_holds_infancy() -> None:
    """Half of the year before the first birthday's anniversary belongs to label 1: its q exceeds the rate of age 1."""
    rates = graduate(abridged_example(), "male")
    prob = label_death_prob(person_years(rates, "male"))
    assert prob[1] > 1.2 * rates[1]
    assert prob[60] == pytest.approx(0.5 * (rates[59] + rates[60]), rel=0.02)


def test_mortality_factor__reaches_its_target_and_one_is_neutral() -> None:
    prob = label_death_prob(person_years(graduate(abridged_example(), "male"), "male"))
    here = float(life_expectancy(prob))
    assert mortality_factor(prob, here) == pytest.approx(1.0, abs=1e-10)
    factor = mortality_factor(prob, here + 2.0)
    assert factor < 1.0
    assert life_expectancy(1.0 - (1.0 - prob) ** factor) == pytest.approx(here + 2.0, abs=1e-9)


def test_fertility__groups_keep_their_shares() -> None:
    groups = np.array([0.001, 0.05, 0.3, 0.35, 0.2, 0.07, 0.02, 0.008, 0.001])
    shares = single_age_shares(groups)
    assert shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert (shares > 0.0).all()
    assert shares[5:10].sum() == pytest.approx(0.3, rel=1e-12)
    assert shares[:5].sum() == pytest.approx(0.051, rel=1e-12)
    assert shares[30:].sum() == pytest.approx(0.009, rel=1e-12)


# Cohorts


def closed_world(first: int, last: int) -> tuple[dict[int, np.ndarray], DeathTable, dict[int, float]]:
    """Year-end pyramids of an invented country whose cohort of 1961 is small, its deaths, its births."""
    rates = 2e-4 + 1e-5 * np.exp(0.1 * np.arange(101))
    prob = np.stack([label_death_prob(person_years(rates, sex)) for sex in ("male", "female")])
    deaths = DeathTable(1800, np.repeat(prob[None], 250, axis=0))
    births = {year: 10_000.0 + 3_000.0 * np.sin(year / 9.0) for year in range(1850, last + 1)}
    births[1961] = 4_000.0
    ages = np.arange(101)
    start = np.array([[births[first - a] if a < 100 else 0.0 for a in ages]] * 2)
    start *= np.cumprod(1.0 - prob, axis=1)
    pyramids = {first: start}
    for year in range(first + 1, last + 1):
        closing = np.empty((2, 101))
        kernels.survive_population(pyramids[year - 1], prob, np.zeros((2, 101)), closing)
        kernels.enter_births(births[year], births[year], prob, np.zeros((2, 101)), closing)
        pyramids[year] = closing
    return pyramids, deaths, births


def mid_year_groups(pyramids: dict[int, np.ndarray], years: range) -> dict[int, np.ndarray]:
    starts = list(range(0, 101, 5))
    return {y: np.add.reduceat(0.5 * (pyramids[y - 1] + pyramids[y]), starts, axis=1) for y in years}


def test_cohorts__a_small_cohort_is_found_again_from_mid_year_groups() -> None:
    pyramids, deaths, births = closed_world(2004, 2022)
    years = range(2010, 2023)
    counts = mid_year_groups(pyramids, years)
    known = {year: 0.9 * value for year, value in births.items() if year >= 1950}  # births are 10 % off, shape right
    found, reaching = fit_cohorts(counts, known, deaths, 0, 2020, years)
    truth = pyramids[2020][0]
    assert np.abs(found[:70] / truth[:70] - 1.0).max() < 0.003
    assert found[2020 - 1961] == pytest.approx(truth[2020 - 1961], rel=0.003)
    assert reaching == pytest.approx(pyramids[2019][0, 99], rel=0.05)
    mid = 0.5 * (pyramids[2019][0, 59] + pyramids[2020][0, 59])
    assert mid / truth[59] > 1.3  # what averaging single ages of mid-year would have made of it


def test_reverse_survive__the_forward_run_lands() -> None:
    pyramids, deaths, _ = closed_world(1992, 2020)
    opening, births, _ = reverse_survive(pyramids[2020], 2020, deaths, pyramids[1992] * 3.0)
    run = run_with_births(opening, births, deaths)
    assert np.abs(run[2020] / pyramids[2020] - 1.0).max() < 1e-12
    alive = slice(1, 100)
    assert np.abs(opening[:, alive] / pyramids[1992][:, alive] - 1.0).max() < 1e-9  # the wrong level is undone


# Splitting and migration


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), parts=st.integers(1, 9))
def test_split__parts_add_up_exactly(seed: int, parts: int) -> None:
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.ones(parts))
    whole = random.integers(0, 10**6, (2, 5)).astype(float)
    split = largest_remainder(whole, shares)
    assert (split.sum(axis=0) == whole).all()
    assert np.abs(split - shares[:, None, None] * whole).max() < 1.0
    signed = np.round(random.normal(0.0, 100.0, (2, 5)), 3)
    assert np.abs(split_stored(signed, shares).sum(axis=0) - signed).max() < 1e-9


def test_migration__fades_in_a_straight_line_to_zero() -> None:
    knots = fading_knots(3000.0, 2020)
    assert migrant_shape().sum() == pytest.approx(1.0, rel=1e-14)
    assert not migrant_shape()[:, :16].any()
    assert not migrant_shape()[:, 36:].any()
    known, values = sorted(knots), np.stack([knots[year].ravel() for year in sorted(knots)])
    for year, expected in ((2021, 2900.0), (2035, 1500.0), (2050, 0.0), (2060, 0.0)):
        found = interpolate(np.array(known), values, np.array([year]))
        assert found.sum() == pytest.approx(expected, abs=0.1)


# Raw files


def test_sources__a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"e0_annual\.csv: the file does not exist.*--sources"):
        Sources(tmp_path).life_expectancy()


def test_sources__a_wrong_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "wpp2024").mkdir()
    (tmp_path / "wpp2024" / "e0_annual.csv").write_text("year,e0M,e0F\n2020,75,81\n", encoding="utf-8")
    with pytest.raises(InputFileError, match='column "e0B" is missing'):
        Sources(tmp_path).life_expectancy()


def test_sources__a_missing_age_group_is_named(tmp_path: Path) -> None:
    (tmp_path / "wpp2024").mkdir()
    with gzip.open(tmp_path / "wpp2024" / "population_age5_sex.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write("year,sex,age_start,value\n2020,male,0,100\n")
    with pytest.raises(InputFileError, match="2020 lacks an age group"):
        Sources(tmp_path).five_year_counts()
