"""Build the population tables of every basis from the collected raw data.

    python -m simengine_calibration.people.build --sources ../shared/data --out calibration/bases

The nation first: death probabilities, fertility, the pyramid of the 2020 census. Then the regions: the national
cohorts, lived through the region's mortality and raked to its census. Notes: simengine/notes/population.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simengine.law.regions import NATION
from simengine_calibration.people.ages import smooth_to_census
from simengine_calibration.people.basis import (
    AFTERWARDS,
    Basis,
    CardText,
    Nation,
    write_basis,
    write_nation,
    write_references,
)
from simengine_calibration.people.cohorts import (
    FIRST_YEAR_END,
    DeathTable,
    reverse_survive,
    year_end_pyramid,
)
from simengine_calibration.people.fertility import national_fertility
from simengine_calibration.people.levels import KnownYears, national_levels, values
from simengine_calibration.people.mortality import AGES, national_death_prob
from simengine_calibration.people.parts import (
    DECIMALS,
    build_areas,
    build_by_parent,
    build_earlier,
    build_region,
)
from simengine_calibration.people.published import CENSUS_YEAR, DAYS_AFTER_CENSUS, census_picture, region_counts
from simengine_calibration.people.tables import TableWriter
from simengine_calibration.sources.files import Published, Sources
from simengine_calibration.sources.regions import basis_plans, collected_name, nation_basis, region_row

LAST_YEAR = 2100
RATES = range(1990, LAST_YEAR + 1)
DEFAULT_SEX_RATIO = 1.07
"""Boys per girl for births before 1990; it only shapes the first guess of cohort sizes."""


def read_nation(sources: Sources) -> Nation:
    """Rates of the nation, rounded as stored, so that everything built on them meets the stored tables."""
    deaths = DeathTable(RATES[0], national_death_prob(sources, RATES))
    ratio = sources.sex_ratio_at_birth()
    births = {}
    for year, (number, _) in sources.births_and_deaths().items():
        boys = ratio.get(year, DEFAULT_SEX_RATIO)
        births[year] = number * np.array([boys, 1.0]) / (1.0 + boys)
    migration = {year: np.zeros((2, AGES)) for year in range(CENSUS_YEAR + 1, min(sources.international_migration()))}
    migration |= {year: np.round(value) for year, value in sources.international_migration().items()}
    counts = sources.five_year_counts()
    old_shape = year_end_pyramid(counts, births, deaths, FIRST_YEAR_END, range(1990, 2003))
    fertility = national_fertility(sources, range(FIRST_YEAR_END + 1, LAST_YEAR + 1))
    return Nation(deaths, fertility, ratio, migration, births, old_shape)


def un_shape(sources: Sources, nation: Nation) -> np.ndarray:
    """UN cohorts of 31 December 2020 [persons; sex, age]."""
    counts = sources.five_year_counts()
    return year_end_pyramid(counts, nation.births, nation.deaths, CENSUS_YEAR, range(2010, 2026))


def build_china(sources: Sources, nation: Nation) -> Basis:
    """UN cohorts of 31 December 2020 with the counts of the 2020 census, and levels of the years since."""
    united_nations = un_shape(sources, nation)
    picture = census_picture(sources, NATION)
    prob = nation.deaths.at(CENSUS_YEAR)
    smooth = smooth_to_census(united_nations, picture.census(), prob, DAYS_AFTER_CENSUS)
    pyramid = np.round(smooth, DECIMALS)
    opening, births, _ = reverse_survive(pyramid, CENSUS_YEAR, nation.deaths, nation.old_shape)
    method = (
        "birth cohorts fitted to UN mid-year five-year groups 2010-2025 (births x survival as first guess, groups as "
        "sliding windows), times a ratio by age that is smooth and meets the census by sex and 0-14, 15-59, 60-64, 65+ "
        f"and by five-year age from 10 to 84 on 1 November {CENSUS_YEAR}, carried to 31 December; serving soldiers at "
        "15-34 [assumption]; no count after the census; UN for shape, census for level"
    )
    figures = region_counts(sources, collected_name(NATION))
    recent = national_levels(nation, pyramid, CENSUS_YEAR, values(figures, CENSUS_YEAR))
    population = CardText(f"UN WPP 2024 and 2020 census; {picture.source}", method, picture.evidence)
    texts = {"population": population, **_recent_texts(recent, figures["births"])}
    migration = {
        year: np.zeros((2, AGES)) if year in recent.migration else value for year, value in nation.migration.items()
    }
    return Basis(
        NATION,
        CENSUS_YEAR,
        pyramid,
        opening,
        births,
        np.ones(2),
        1.0,
        migration,
        nation.migration,
        0.0,
        1.0,
        recent.levels,
        texts,
    )


def _recent_texts(recent: KnownYears, births: Mapping[int, Published]) -> dict[str, CardText]:
    """Cards of the nation's factors, levels and migration."""
    young_over_old = recent.levels.young[CENSUS_YEAR + 1] / recent.levels.old[CENSUS_YEAR + 1]
    counted = "; ".join(dict.fromkeys(births[year].source for year in recent.own_births))
    years = f"{recent.own_births[0]}-{recent.own_births[-1]}"
    levels = (
        f"births and deaths of {years} equal the published ones; the level of deaths up to 55 is {young_over_old:.4f} "
        f"times that from 65 on in all years, so that people of 65 and over at the end of {recent.own_births[-1]} "
        f"equal the published count; {AFTERWARDS}"
    )
    return {
        "mortality_factor": CardText("national table", "1 by definition", "derived"),
        "fertility_factor": CardText("UN total fertility", "1 by definition", "derived"),
        "vital_levels": CardText(counted, levels, "derived"),
        "net_migration": CardText(
            "published population, births and deaths; UN WPP 2024, net international migration by single age and sex",
            f"zero to {max(recent.migration)}, as the published population changes by births less deaths; then annual; "
            "after 2100 the last year is held",
            "derived",
        ),
        "net_migration_as_planned": CardText(
            "UN WPP 2024, net international migration by single age and sex, 2023-2100",
            "zero before 2023; annual; after 2100 the last year is held",
            "derived",
        ),
    }


def build_bases(sources: Sources, nation: Nation) -> list[Basis]:
    """Population of every basis, each after those it draws on."""
    plans = basis_plans()
    built: dict[str, Basis] = {nation_basis(): build_china(sources, nation)}
    for name, plan in plans.items():
        if plan.people.kind == "census":
            level = region_row(plan.region).migration
            wider = built[f"{level}-{plan.base_year}"] if level else None
            built[name] = build_region(sources, nation, built[nation_basis()], plan.region, wider)
        elif plan.people.kind == "earlier":
            built[name] = build_earlier(
                sources, nation, built[nation_basis()], built[str(plan.inherits)], plan.base_year
            )
        elif plan.people.kind == "parent":
            built[name] = build_by_parent(
                sources, nation, built[nation_basis()], built[str(plan.spinup_parent)], plan.region, plan.people
            )
        if plan.partition:
            areas = build_areas(sources, nation, built[name], [plans[area].region for area in plan.partition])
            built |= dict(zip(plan.partition, areas, strict=True))
    return list(built.values())


def build_population(sources: Path, out: Path) -> list[str]:
    """Write the population tables and cards of every basis under `out`, references beside it; return their names."""
    raw = Sources(Path(sources))
    nation = read_nation(raw)
    writer = TableWriter(Path(out))
    write_nation(writer, nation, nation_basis())
    for basis in build_bases(raw, nation):
        write_basis(writer, basis)
    opening = year_end_pyramid(raw.five_year_counts(), nation.births, nation.deaths, 2025, range(2015, 2026))
    return writer.written + write_references(Path(out).parent / "references", raw, opening, un_shape(raw, nation))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder of the collected raw data")
    parser.add_argument("--out", type=Path, default=Path("calibration/bases"), help="folder of the bases")
    arguments = parser.parse_args()
    for name in build_population(arguments.sources, arguments.out):
        print(name)


if __name__ == "__main__":
    main()
