"""The population part of a basis, and how it is written to tables and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simengine.basis.vital import COLUMNS, RULE
from simengine.registry.axes import SEX
from simengine_calibration.people.cohorts import FIRST_YEAR_END, DeathTable
from simengine_calibration.people.fertility import FIRST_AGE
from simengine_calibration.people.mortality import life_expectancy
from simengine_calibration.people.tables import UN, Card, TableWriter, plain
from simengine_calibration.sources.files import GROUP_START, Sources

PERSONS = "persons"
BIRTHS_LEVEL_ONE_IN = 2035
"""Year in which the level of births has come to one, the rates of the UN [assumption]."""
AFTERWARDS = (
    "after the last known year: level of births in a straight line to 1 (the rates of the UN) in "
    f"{BIRTHS_LEVEL_ONE_IN}, levels of deaths held at the mean of the known years, each times un_above_path (deaths at "
    "the rates of the UN over those on its path from 2021 to 2026, which has no epidemic), so that mortality improves "
    "as the UN expects from the level that was counted [assumption]"
)
PLANNED_FERTILITY = (
    "what the pyramid of the opening shows: births of the five years before it over those that national fertility "
    "would have given, relative to the nation's own ratio; no later count"
)


@dataclass(frozen=True)
class Nation:
    """National tables every region rests on."""

    deaths: DeathTable
    fertility: Mapping[int, np.ndarray]
    """Births per woman-year by completed age 15..49 [1/year]."""
    sex_ratio: Mapping[int, float]
    migration: Mapping[int, np.ndarray]
    births: Mapping[int, np.ndarray]
    """Births since 1950 [persons; sex]."""
    old_shape: np.ndarray
    """UN pyramid of 31 December 1992 [persons; sex, age]."""


@dataclass(frozen=True)
class Levels:
    """Factors on the national rates by year, for the years with published counts.

    Attributes
    ----------
    births : on fertility, over the fertility factor of the region
    young, old : on the force of mortality up to 55 and from 65 on, over the mortality factors of the region
    above : deaths at the rates of the UN over those on its path without the epidemic
    """

    births: Mapping[int, float]
    young: Mapping[int, float]
    old: Mapping[int, float]
    above: Mapping[int, float]


@dataclass(frozen=True)
class CardText:
    """The part of a card that differs between bases."""

    source: str
    method: str
    evidence: str


@dataclass(frozen=True)
class Basis:
    """Population tables of one basis, as they are stored."""

    key: str
    base_year: int
    pyramid: np.ndarray
    """31 December of the base year [persons; sex, age]."""
    opening: np.ndarray
    """31 December 1992 [persons; sex, age]."""
    past_births: np.ndarray
    """1993 to the base year [persons/year; year, sex]."""
    mortality: np.ndarray
    """Factor on the force of mortality [1; sex]."""
    fertility_factor: float
    migration: Mapping[int, np.ndarray]
    """Knot years to net migrants [persons/year; sex, age]."""
    planned_migration: Mapping[int, np.ndarray]
    """The same as it could be stated at the base year; empty where there is one path only."""
    planned_level: float
    """Net migrants a year from which the planned path fades [persons/year]."""
    planned_fertility: float
    """The fertility factor as it could be stated at the base year [1]."""
    levels: Levels
    """Levels of births and deaths of the years with counts."""
    texts: Mapping[str, CardText]
    """Table name to the text of its card."""

    @property
    def folder(self) -> str:
        return f"{self.key}-{self.base_year}"


def write_nation(writer: TableWriter, nation: Nation, folder: str) -> None:
    """Death probabilities and fertility, which only the nation has."""
    years = range(FIRST_YEAR_END + 1, nation.deaths.first_year + len(nation.deaths.prob))
    at_2020 = life_expectancy(nation.deaths.at(2020))
    card = Card(
        "1",
        f"{UN}: death rates by abridged age, periods and calendar years; life expectancy by year and sex",
        "log rates between their dates and between ages by monotone cubics, every abridged rate met; one factor a year "
        "and sex so that the published life expectancy is met; q = 1 - L(a)/L(a-1): probability that one who would "
        "reach age a by the end of the year dies in it (0: births of the year; 100: open group); check: life "
        f"expectancy 2020 male {at_2020[0]:.3f}, female {at_2020[1]:.3f}",
        "derived",
    )
    writer.write_by_year(folder, "death_prob.csv", {year: nation.deaths.at(year) for year in years}, None, card)
    columns = sorted(nation.fertility)
    rows = [
        (str(FIRST_AGE + i), *(plain(nation.fertility[year][i], 7) for year in columns))
        for i in range(len(nation.fertility[columns[0]]))
    ]
    card = Card(
        "births per woman-year",
        f"{UN}: total fertility and shares of five-year age groups by year",
        "monotone cubic on the cumulative shares; births below 15 at 15, from 50 at 49; sums to the total fertility of "
        "the year; by completed age at birth, exposure is the mean of the two year ends",
        "derived",
    )
    writer.write(folder, "fertility.csv", ("age", *map(str, columns)), rows, card)


def write_basis(writer: TableWriter, basis: Basis) -> None:
    """The tables every basis has."""
    folder, texts = basis.folder, basis.texts
    text = texts["population"]
    card = Card(PERSONS, text.source, f"31 December {basis.base_year}; {text.method}", text.evidence)
    writer.write_pyramid(folder, "population.csv", basis.pyramid, 3, card)

    first_open = 100 - (basis.base_year - FIRST_YEAR_END)
    method = (
        f"31 December 1992; population.csv carried back with the basis's death probabilities and no migration, so that "
        f"the forward run lands on it; ages {first_open} and over, the open group of {basis.base_year}: national UN "
        "shape of 1992, one factor a sex"
    )
    card = Card(PERSONS, f"population.csv and death_prob.csv; {UN}", method, "derived")
    writer.write_pyramid(folder, "population_1992.csv", basis.opening, 6, card)

    rows = [
        (sex, str(FIRST_YEAR_END + 1 + i), plain(basis.past_births[i, s], 6))
        for s, sex in enumerate(SEX)
        for i in range(len(basis.past_births))
    ]
    method = "births by sex whose survivors without migration are the children and adults of population.csv"
    card = Card("persons/year", "population.csv and death_prob.csv", method, "derived")
    writer.write(folder, "births.csv", ("sex", "year", "value"), rows, card)

    _write_factors(writer, basis)
    if "vital_levels" in texts:  # an area of a city takes those of the city
        _write_levels(writer, folder, basis.levels, texts["vital_levels"])

    text = texts["net_migration"]
    card = Card("persons/year", text.source, f"by the age reached in the year; {text.method}", text.evidence)
    writer.write_by_year(folder, "net_migration.csv", basis.migration, 3, card)
    if basis.planned_migration:
        text = texts["net_migration_as_planned"]
        card = Card("persons/year", text.source, f"by the age reached in the year; {text.method}", text.evidence)
        writer.write_by_year(folder, "net_migration_as_planned.csv", basis.planned_migration, 3, card)


def _write_factors(writer: TableWriter, basis: Basis) -> None:
    """Factors on the national rates that hold in all years."""
    folder, texts = basis.folder, basis.texts
    text = texts["mortality_factor"]
    rows = [(sex, plain(basis.mortality[s], 4)) for s, sex in enumerate(SEX)]
    card = Card("1", text.source, text.method, text.evidence)
    writer.write(folder, "mortality_factor.csv", ("sex", "value"), rows, card)

    text = texts["fertility_factor"]
    rows = [("fertility_factor", plain(basis.fertility_factor, 4))]
    rows += [("as_planned", plain(basis.planned_fertility, 4))]
    card = Card(
        "1",
        text.source,
        f"multiplies fertility.csv at all ages; {text.method}; as_planned: {PLANNED_FERTILITY}",
        text.evidence,
    )
    writer.write(folder, "fertility_factor.csv", ("name", "value"), rows, card)


def _write_levels(writer: TableWriter, folder: str, levels: Levels, text: CardText) -> None:
    """Levels of births and deaths of the known years, with the year in which that of births is one again."""
    rows = [
        (str(year), *(plain(known[year], 6) for known in (levels.births, levels.young, levels.old, levels.above)))
        for year in sorted(levels.births)
    ]
    card = Card("1", text.source, text.method, text.evidence, further={RULE: BIRTHS_LEVEL_ONE_IN})
    writer.write(folder, "vital_levels.csv", ("year", *COLUMNS), rows, card)


def _write_columns(writer: TableWriter, table: str, columns: Mapping[str, Sequence[str]], card: Card) -> None:
    writer.write(".", table, tuple(columns), zip(*columns.values(), strict=True), card)


def _write_un_pyramids(writer: TableWriter, scaled: np.ndarray, census_year_end: np.ndarray) -> None:
    """UN cohorts of 31 December 2020 and, scaled to the published total, of 31 December 2025."""
    card = Card(
        PERSONS,
        f"{UN}: five-year groups on 1 July 2010-2025",
        "31 December 2020; birth cohorts fitted to the mid-year groups (mean of two year ends); the shape that the "
        "pyramid of the nation takes to the census",
        "derived",
    )
    writer.write_pyramid(".", "un_opening_2020.csv", census_year_end, 0, card)
    card = Card(
        PERSONS,
        f"{UN}: five-year groups on 1 July 2015-2025, total of 31 December 2025 by sex",
        "31 December 2025; birth cohorts fitted to the mid-year groups (mean of two year ends), scaled to the year-end "
        "total of each sex",
        "derived",
    )
    writer.write_pyramid(".", "un_opening_2025.csv", scaled, 0, card)


def write_references(folder: Path, sources: Sources, opening: np.ndarray, census_year_end: np.ndarray) -> list[str]:
    """Published figures the projection is compared with, so that the comparison needs no raw data.

    Parameters
    ----------
    opening : UN cohorts of 31 December 2025 before scaling [persons; sex, age]
    census_year_end : UN cohorts of 31 December 2020 [persons; sex, age]
    """
    writer = TableWriter(folder)
    totals, vital = sources.year_end_totals(), sources.births_and_deaths()
    _write_un_pyramids(writer, opening * (totals[2025] / opening.sum(axis=1))[:, None], census_year_end)

    fertility, expectancy = sources.total_fertility(), sources.life_expectancy()
    years = sorted(totals)
    columns = {
        "year": [str(year) for year in years],
        "male": [plain(totals[year][0], 0) for year in years],
        "female": [plain(totals[year][1], 0) for year in years],
        "births": [plain(vital[year][0], 0) for year in years],
        "deaths": [plain(vital[year][1], 0) for year in years],
        "total_fertility": [plain(fertility[year], 6) for year in years],
        "life_expectancy_male": [plain(expectancy[year][0], 4) for year in years],
        "life_expectancy_female": [plain(expectancy[year][1], 4) for year in years],
    }
    unit = "persons, births per woman, years"
    card = Card(unit, UN, "population: 31 December, medium variant", "published")
    _write_columns(writer, "un_annual.csv", columns, card)

    ratio = sources.sex_ratio_at_birth()
    columns = {"year": [str(year) for year in ratio], "value": [plain(ratio[year], 6) for year in ratio]}
    _write_columns(writer, "un_sex_ratio.csv", columns, Card("boys per girl", UN, "medium variant", "published"))

    counts = sources.five_year_counts()
    rows = [
        (str(year), sex, str(start), plain(counts[year][s, g], 0))
        for year in range(2030, 2101, 10)
        for s, sex in enumerate(SEX)
        for g, start in enumerate(GROUP_START)
    ]
    card = Card(PERSONS, UN, "1 July, medium variant; age: first age of the five-year group, 100 = 100+", "published")
    writer.write(".", "un_groups.csv", ("year", "sex", "age", "value"), rows, card)

    textbook = sources.textbook()
    columns = {name: [plain(value, 4) for value in values] for name, values in textbook.items()}
    source = "Preston, Heuveline and Guillot (2001), Demography, Box 6.2 (Sweden, females, 1993-1998)"
    _write_columns(writer, "sweden_females_1993.csv", columns, Card(PERSONS, source, "as printed", "published"))
    return writer.written
