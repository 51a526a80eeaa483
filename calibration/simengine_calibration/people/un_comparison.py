"""Project the UN opening pyramid with the frozen national rates and compare with the UN's own projection.

    python -m simengine_calibration.people.un_comparison

Totals are compared at 31 December. Age groups are published for 1 July, so the mean of two year ends is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simengine.common import resources
from simengine.kernels.people.population import count_deaths, split_births
from simengine.registry.axes import SEX
from simengine_calibration.people.cohorts import DeathTable, run_with_fertility
from simengine_calibration.people.mortality import AGES
from simengine_calibration.resources import data_root
from simengine_calibration.sources.files import GROUP_START, read_rows
from simengine_calibration.sources.regions import nation_basis

NATION = resources.bases_root() / nation_basis()
REFERENCES = data_root() / "references"
OPENING_YEAR, LAST_YEAR = 2025, 2100


def read_by_year(path: Path) -> dict[int, np.ndarray]:
    """A frozen table with knot years across [year -> sex, age]."""
    rows = read_rows(path)
    years = [name for name in rows[0] if name.isdigit()]
    tables = {int(year): np.empty((2, AGES)) for year in years}
    for row in rows:
        for year in years:
            tables[int(year)][SEX.index(row["sex"]), int(row["age"])] = float(row[year])
    return tables


def read_pyramid(path: Path) -> np.ndarray:
    """A frozen table of sex, age, value [persons; sex, age]."""
    table = np.full((2, AGES), np.nan)
    for row in read_rows(path):
        table[SEX.index(row["sex"]), int(row["age"])] = float(row["value"])
    return table


def read_fertility(path: Path) -> dict[int, np.ndarray]:
    """Births per woman-year by age 15..49 and calendar year."""
    rows = read_rows(path)
    years = [name for name in rows[0] if name.isdigit()]
    return {int(year): np.array([float(row[year]) for row in rows]) for year in years}


def read_death_table(path: Path) -> DeathTable:
    """Frozen death probabilities; the knots are every year."""
    tables = read_by_year(path)
    return DeathTable(min(tables), np.array([tables[year] for year in sorted(tables)]))


def read_annual() -> dict[int, dict[str, float]]:
    """UN totals and vital events by year."""
    return {int(row["year"]): {k: float(v) for k, v in row.items()} for row in read_rows(REFERENCES / "un_annual.csv")}


def read_sex_ratio() -> dict[int, float]:
    """Boys per girl at birth by year."""
    return {int(row["year"]): float(row["value"]) for row in read_rows(REFERENCES / "un_sex_ratio.csv")}


@dataclass(frozen=True)
class Comparison:
    """Relative errors, model over UN less one [1]."""

    total: dict[int, float]
    by_sex: dict[int, np.ndarray]
    births: dict[int, float]
    deaths: dict[int, float]
    groups: dict[int, np.ndarray]
    """Decade years to [sex, five-year group]."""


def compare() -> Comparison:
    """Run the UN opening pyramid of 31 December 2025 to 2100 and set it against the published figures."""
    annual, sex_ratio = read_annual(), read_sex_ratio()
    migration = read_by_year(NATION / "net_migration.csv")
    death_table = read_death_table(NATION / "death_prob.csv")
    pyramids, births = run_with_fertility(
        read_pyramid(REFERENCES / "un_opening_2025.csv"),
        OPENING_YEAR,
        range(OPENING_YEAR + 1, LAST_YEAR + 1),
        death_table,
        read_fertility(NATION / "fertility.csv"),
        sex_ratio,
        migration,
    )
    published: dict[int, np.ndarray] = {}
    for row in read_rows(REFERENCES / "un_groups.csv"):
        table = published.setdefault(int(row["year"]), np.zeros((2, len(GROUP_START))))
        table[SEX.index(row["sex"]), GROUP_START.index(int(row["age"]))] = float(row["value"])
    groups = {}
    for year, table in published.items():
        mid_year = 0.5 * (pyramids[year - 1] + pyramids[year])
        groups[year] = np.add.reduceat(mid_year, GROUP_START, axis=1) / table - 1.0
    years = range(OPENING_YEAR, LAST_YEAR + 1)
    sexes = {year: np.array([annual[year]["male"], annual[year]["female"]]) for year in years}
    later = range(OPENING_YEAR + 1, LAST_YEAR + 1)
    deaths = {}
    for year in later:
        boys, girls = split_births(births[year], sex_ratio[year])
        by_age = np.empty((2, AGES))
        count_deaths(pyramids[year - 1], boys, girls, death_table.at(year), by_age)
        deaths[year] = by_age.sum()
    return Comparison(
        {year: float(pyramids[year].sum() / sexes[year].sum() - 1.0) for year in years},
        {year: pyramids[year].sum(axis=1) / sexes[year] - 1.0 for year in years},
        {year: births[year] / annual[year]["births"] - 1.0 for year in later},
        {year: float(deaths[year] / annual[year]["deaths"] - 1.0) for year in later},
        groups,
    )


def report(result: Comparison) -> str:
    """The comparison as text, errors in percent."""
    lines = ["year   total    male  female  births  deaths   (31 December; error, %)"]
    for year in (2025, 2026, *range(2030, LAST_YEAR + 1, 5)):
        errors = [result.total[year], *result.by_sex[year], result.births.get(year, 0.0), result.deaths.get(year, 0.0)]
        lines.append(f"{year} " + " ".join(f"{100 * error:7.3f}" for error in errors))
    lines.append("largest error by age group over 2030, 2040 ... 2100 (1 July, %)")
    stacked = np.abs(np.stack(list(result.groups.values())))
    for g, start in enumerate(GROUP_START):
        name = "100+ " if start == 100 else f"{start}-{start + 4}"
        worst = 100 * stacked[:, :, g].max(axis=0)
        lines.append(f"{name:>6}  male {worst[0]:6.2f}  female {worst[1]:6.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(compare()))
