"""How far the nation stands from the official counts and from the UN: three projections of one region beside both.

    python -m simengine_calibration.people.un_gap
    python -m simengine_calibration.people.un_gap --write FOLDER

The first is the baseline: census pyramid, births and deaths of known years as published. The second has the rates of
the UN from the opening on (lever ``rates_of_the_un``), the third the UN's pyramid as well. With ``--write`` the third
becomes a basis and a scenario in a folder of bases, so that the engine runs it:

    SIMENGINE_BASES=FOLDER simengine check FOLDER/china_un.yaml
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.basis.vital import COLUMNS, RULE
from simengine.kernels.people.population import count_deaths, split_births
from simengine.registry.axes import SEX
from simengine_calibration.people.basis import BIRTHS_LEVEL_ONE_IN
from simengine_calibration.people.cohorts import DeathTable, reverse_survive, run_with_fertility
from simengine_calibration.people.mortality import AGES
from simengine_calibration.people.tables import UN, Card, TableWriter, plain
from simengine_calibration.people.un_comparison import REFERENCES, read_annual, read_death_table, read_pyramid
from simengine_calibration.sources.files import GROUP_START, OFFICIAL_MEASURES, read_rows
from simengine_calibration.sources.regions import nation_basis

UN_BASIS = "china_un-2020"
LAST_YEAR = 2100
SHOWN = (2026, 2030, 2040, 2050, 2070, 2095)
KNOWN = range(2021, 2026)
SEX_RATIO = "sex_ratio_at_birth"


@dataclass(frozen=True)
class People:
    """One projection [persons]: measures by year, those of ages also on 1 July (the mean of two year ends)."""

    name: str
    at: Mapping[str, Mapping[int, float]]
    mid_year: Mapping[str, Mapping[int, float]]


def project_people(name: str, basis: Basis, pyramid: np.ndarray, known_until: int | None) -> People:
    """A projection of the nation by the tables of its basis, as the engine reads them."""
    years = np.arange(basis.base_year + 1, LAST_YEAR + 1)
    deaths = DeathTable(int(years[0]), basis.death_prob(years, known_until))
    ratio = dict(zip(years.tolist(), basis.path(SEX_RATIO, years), strict=True))
    pyramids, births = run_with_fertility(
        pyramid,
        basis.base_year,
        range(int(years[0]), LAST_YEAR + 1),
        deaths,
        dict(zip(years.tolist(), basis.fertility(years, known_until)[:, 15:50], strict=True)),
        ratio,
        dict(zip(years.tolist(), basis.net_migration(years, known_until), strict=True)),
    )
    at: dict[str, dict[int, float]] = {measure: {} for measure in OFFICIAL_MEASURES}
    mid: dict[str, dict[int, float]] = {"population_60_plus": {}, "population_65_plus": {}}
    by_age = np.empty((2, AGES))
    for year in years.tolist():
        count_deaths(pyramids[year - 1], *split_births(births[year], ratio[year]), deaths.at(year), by_age)
        people, mean = pyramids[year], 0.5 * (pyramids[year - 1] + pyramids[year])
        found = (people.sum(), births[year], by_age.sum(), people[:, 60:].sum(), people[:, 65:].sum())
        for measure, value in zip(OFFICIAL_MEASURES, found, strict=True):
            at[measure][year] = float(value)
        for measure, first in (("population_60_plus", 60), ("population_65_plus", 65)):
            mid[measure][year] = float(mean[:, first:].sum())
    return People(name, at, mid)


def projections() -> tuple[People, ...]:
    """Baseline, UN rates on the census, UN rates on the UN pyramid."""
    basis = load_basis(nation_basis())
    opening = basis.base_year
    return (
        project_people("baseline", basis, basis.population(), None),
        project_people("UN rates", basis, basis.population(), opening),
        project_people("UN pyramid", basis, read_pyramid(REFERENCES / "un_opening_2020.csv"), opening),
    )


def official() -> dict[str, dict[int, float]]:
    """Official counts of the nation by measure and year [persons]."""
    table = load_basis(nation_basis()).find_table("official_people")
    found: dict[str, dict[int, float]] = {measure: {} for measure in OFFICIAL_MEASURES}
    for measure, year, value in zip(table.text("measure"), table.integers("year"), table.numbers("value"), strict=True):
        found[measure][int(year)] = float(value)
    return found


def united_nations() -> dict[str, dict[int, float]]:
    """UN medium variant: year-end totals, births, deaths, and people of 60+ and 65+ on 1 July of decades [persons]."""
    annual = read_annual()
    found = {
        "population": {year: row["male"] + row["female"] for year, row in annual.items()},
        "births": {year: row["births"] for year, row in annual.items()},
        "deaths": {year: row["deaths"] for year, row in annual.items()},
        "population_60_plus": {},
        "population_65_plus": {},
    }
    for row in read_rows(REFERENCES / "un_groups.csv"):
        start, year = GROUP_START[GROUP_START.index(int(row["age"]))], int(row["year"])
        for measure, first in (("population_60_plus", 60), ("population_65_plus", 65)):
            if start >= first:
                found[measure][year] = found[measure].get(year, 0.0) + float(row["value"])
    return found


def report() -> str:
    """Two tables: known years against the official counts, later years against the UN; gaps in percent."""
    return "\n".join(_lines(projections()))


def _lines(found: tuple[People, ...]) -> Iterator[str]:
    head = "".join(f"{one.name:>12}" for one in found)
    yield f"measure              year   official{head}   (million; gap to the official count, %)"
    for measure, years in official().items():
        for year in KNOWN:
            gaps = "".join(f"{100 * (one.at[measure][year] / years[year] - 1):z12.2f}" for one in found)
            yield f"{measure:<19}  {year}  {years[year] / 1e6:9.2f}{gaps}"
    yield f"measure              year  UN medium{head}   (million; gap to the UN, %; 60+ and 65+ on 1 July)"
    for measure, known in united_nations().items():
        for year in SHOWN:
            if year in known:
                own = [one.mid_year.get(measure, one.at[measure])[year] for one in found]
                gaps = "".join(f"{100 * (value / known[year] - 1):z12.2f}" for value in own)
                yield f"{measure:<19}  {year}  {known[year] / 1e6:9.2f}{gaps}"


# --- the UN's people as a basis ---------------------------------------------------------------------------------------


def write_un_basis(folder: Path) -> Path:
    """The nation with the pyramid and the rates of the UN as a basis, and a scenario on it; returns the scenario file.

    Everything but the people is that of the nation's basis: series, constants, and the figures of the opening.
    """
    nation = load_basis(nation_basis())
    year, place = nation.base_year, folder / UN_BASIS
    pyramid = read_pyramid(REFERENCES / "un_opening_2020.csv")
    deaths = read_death_table(nation.folder / "death_prob.csv")
    opening, births, _ = reverse_survive(pyramid, year, deaths, nation.population_1992())
    writer = TableWriter(folder)
    card = Card("persons", UN, f"cohorts of the UN at the end of {year}, not brought to the census", "derived")
    writer.write_pyramid(UN_BASIS, "population.csv", pyramid, 3, card)
    writer.write_pyramid(UN_BASIS, "population_1992.csv", opening, 6, card)
    rows = [
        (sex, str(year - len(births) + 1 + i), plain(births[i, s], 6))
        for s, sex in enumerate(SEX)
        for i in range(len(births))
    ]
    writer.write(UN_BASIS, "births.csv", ("sex", "year", "value"), rows, card)
    levels = Card(
        "1", UN, "rates of the UN: no level of births or deaths", "derived", further={RULE: BIRTHS_LEVEL_ONE_IN}
    )
    writer.write(UN_BASIS, "vital_levels.csv", ("year", *COLUMNS), [(str(year + 1), "1", "1", "1", "1")], levels)
    for table, stem in (("net_migration_as_planned", "net_migration"), ("openings", "openings")):
        shutil.copy(nation.folder / f"{table}.csv", place / f"{stem}.csv")
        text = (nation.folder / f"{table}.yaml").read_text(encoding="utf-8")
        (place / f"{stem}.yaml").write_text(text.replace(f"{table}.csv", f"{stem}.csv"), encoding="utf-8")
    (place / "basis.yaml").write_text(
        f"basis: {UN_BASIS}\nregion: {nation.region}\nbase_year: {year}\ninherits: {nation.name}\nspinup_parent: null\n"
        "partition: null\nname: {en: China 2020 with the people of the UN, local: 全国2020（联合国人口）}\n",
        encoding="utf-8",
    )
    scenario = folder / "china_un.yaml"
    scenario.write_text(
        "extends: china/baseline\nname: {en: China with the people of the UN, local: 全国（联合国人口）}\n"
        "description: The pyramid and the rates of the UN, not brought to the census or to later counts.\n"
        f"basis: {UN_BASIS}\n",
        encoding="utf-8",
    )
    return scenario


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The nation beside the official counts and beside the UN.")
    parser.add_argument(
        "--write", type=Path, help="folder of bases for the nation with the pyramid and rates of the UN"
    )
    folder = parser.parse_args().write
    print(report() if folder is None else write_un_basis(folder))
