"""The frozen population tables: digests, landing of the spin-up, partition, published totals, rebuild."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.common.strict_yaml import load
from simengine_calibration.people.cohorts import DeathTable, run_with_births, run_with_fertility
from simengine_calibration.people.mortality import life_expectancy
from simengine_calibration.people.un_comparison import (
    NATION,
    REFERENCES,
    read_annual,
    read_by_year,
    read_death_table,
    read_fertility,
    read_pyramid,
    read_sex_ratio,
)
from simengine_calibration.sources.files import read_rows
from simengine_calibration.sources.regions import basis_plans

REPOSITORY = Path(__file__).parents[2]
BASES = REPOSITORY / "calibration" / "bases"
TABLES = (
    "population",
    "population_1992",
    "births",
    "mortality_factor",
    "fertility_factor",
    "net_migration",
    "net_migration_as_planned",
    "vital_levels",
    "death_prob",
    "fertility",
)
FOLDERS = tuple(basis_plans())
AREAS = basis_plans()["xuzhou-2020"].partition


@pytest.mark.parametrize("folder", FOLDERS)
def test_frozen__digests_match_the_cards(folder: str) -> None:
    found = [name for name in TABLES if (BASES / folder / f"{name}.csv").is_file()]
    assert {"population", "population_1992", "births", "mortality_factor", "fertility_factor", "net_migration"} <= set(
        found
    )
    for name in found:
        card = load(BASES / folder / f"{name}.yaml").data
        assert card["table"] == f"{name}.csv"
        assert hashlib.sha256((BASES / folder / f"{name}.csv").read_bytes()).hexdigest() == card["sha256"], name
        assert card["evidence"] in {"derived", "recalled", "assumption", "published", "secondary", "computed"}
        assert all(card[key] for key in ("unit", "source", "method", "accessed", "fitted_by"))


def test_frozen__references_match_their_cards() -> None:
    tables = sorted(REFERENCES.glob("*.csv"))
    assert len(tables) == 6
    for table in tables:
        card = load(table.with_suffix(".yaml")).data
        assert hashlib.sha256(table.read_bytes()).hexdigest() == card["sha256"], table.name


def test_frozen__tables_stay_small() -> None:
    files = [
        BASES / folder / f"{name}{suffix}" for folder in FOLDERS for name in TABLES for suffix in (".csv", ".yaml")
    ]
    size = sum(file.stat().st_size for file in files if file.is_file())
    assert size + sum(file.stat().st_size for file in REFERENCES.iterdir()) < 2_000_000
    assert (NATION / "death_prob.csv").stat().st_size < 300_000


def region_tables(folder: str) -> tuple[int, DeathTable, np.ndarray]:
    """Base year, death table of the region, and pyramid at the base year."""
    rows = read_rows(BASES / folder / "mortality_factor.csv")
    assert [row["sex"] for row in rows] == ["male", "female"]
    deaths = read_death_table(NATION / "death_prob.csv").scaled([float(row["value"]) for row in rows])
    return int(folder[-4:]), deaths, read_pyramid(BASES / folder / "population.csv")


@pytest.mark.parametrize("folder", FOLDERS)
def test_frozen__spin_up_lands_on_the_opening_pyramid(folder: str) -> None:
    base_year, deaths, people = region_tables(folder)
    births = np.zeros((base_year - 1992, 2))
    for row in read_rows(BASES / folder / "births.csv"):
        births[int(row["year"]) - 1993, ("male", "female").index(row["sex"])] = float(row["value"])
    assert (births > 0.0).all()
    run = run_with_births(read_pyramid(BASES / folder / "population_1992.csv"), births, deaths)
    assert np.abs(run[base_year] - people).max() < 1e-4
    assert people.min() > 0.0


def projected(folder: str) -> dict[int, np.ndarray]:
    """Year-end pyramids of a basis to 2100 by its tables and the levels of its known years."""
    base_year, _, people = region_tables(folder)
    years = range(base_year + 1, 2101)
    basis = load_basis(folder)
    deaths = DeathTable(years[0], basis.death_prob(years))
    fertility = dict(zip(years, basis.fertility(years)[:, 15:50], strict=True))
    migration = dict(zip(years, basis.net_migration(years), strict=True))
    return run_with_fertility(people, base_year, years, deaths, fertility, read_sex_ratio(), migration)[0]


@pytest.mark.parametrize("folder", FOLDERS)
def test_frozen__no_cell_is_emptied_by_migration(folder: str) -> None:
    assert min(table.min() for table in projected(folder).values()) >= 0.0


def test_frozen__areas_add_up_to_xuzhou() -> None:
    for table in ("population", "population_1992"):
        parts = sum(read_pyramid(BASES / key / f"{table}.csv") for key in AREAS)
        city = read_pyramid(BASES / "xuzhou-2020" / f"{table}.csv")
        assert np.abs(parts - city).max() < (1e-9 if table == "population" else 1e-4)
    city_flow = read_by_year(BASES / "xuzhou-2020" / "net_migration.csv")
    for year, flow in city_flow.items():
        parts = sum(read_by_year(BASES / key / "net_migration.csv")[year] for key in AREAS)
        assert np.abs(parts - flow).max() < 1e-9


@pytest.mark.parametrize(
    ("folder", "year", "published"),
    [
        ("china-2020", 2020, 1_411_778_724),
        ("jiangxi-2020", 2022, 45_279_800),
        ("hubei-2020", 2022, 58_440_000),
        ("jiangsu-2020", 2022, 85_150_000),
        ("zhejiang-2020", 2022, 65_770_000),
        ("xuzhou-2020", 2022, 9_018_500),
        ("haiyan-2020", 2021, 465_700),
        ("jingdezhen-2015", 2015, 1_606_438),
        ("jingdezhen-2015", 2023, 1_616_697),
    ],
)
def test_frozen__published_totals_are_met(folder: str, year: int, published: int) -> None:
    """The national census day is two months before the year end, hence 0.03 % there; year ends are met closely."""
    total = projected(folder).get(year) if year > int(folder[-4:]) else region_tables(folder)[2]
    assert total.sum() == pytest.approx(published, rel=3e-4 if folder == "china-2020" else 1e-4)


@pytest.mark.parametrize(
    ("folder", "male", "female"), [("jiangsu-2020", 77.02, 81.83), ("china-2020", 75.245, 80.9992)]
)
def test_frozen__life_expectancy_of_2020(folder: str, male: float, female: float) -> None:
    _, deaths, _ = region_tables(folder)
    assert life_expectancy(deaths.at(2020)) == pytest.approx([male, female], abs=0.005)


def test_frozen__total_fertility_is_exact() -> None:
    rates, annual = read_fertility(NATION / "fertility.csv"), read_annual()
    for year in range(2024, 2101):
        assert rates[year].sum() == pytest.approx(annual[year]["total_fertility"], abs=1e-9)
