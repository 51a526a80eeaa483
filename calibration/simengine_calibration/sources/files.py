"""Read the collected raw files of population, mortality and census; nothing is changed on the way.

Every reader returns plain arrays or numbers. A missing file, column or row is an error that names the file and
what was looked for, because a silently empty table would end as a wrong pyramid.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simengine.common.errors import BasisError, InputFileError
from simengine.registry.axes import SEX
from simengine_calibration.resources import data_root

GROUP_START = tuple(range(0, 101, 5))
"""First ages of the published five-year groups, 100 = 100 and over."""
ABRIDGED_START = (0, 1, *range(5, 101, 5))
"""First ages of the published abridged death rates: 0, 1-4, 5-9 ... 95-99, 100 and over."""
FERTILE_GROUP_START = tuple(range(10, 55, 5))

FIVE_YEAR_COUNTS = "wpp2024/population_age5_sex.csv.gz"
TOTALS = "wpp2024/population_total_proj_2024_2100.csv"
PERIOD_RATES = "wpp2024/mx_age5_period5.csv.gz"
CALENDAR_YEAR_RATES = "wpp2024/mx_age5_sex_decadal.csv.gz"
LIFE_EXPECTANCY = "wpp2024/e0_annual.csv"
FERTILITY_SHARES = "wpp2024/asfr_age5_annual.csv.gz"
TOTAL_FERTILITY = "wpp2024/tfr_annual.csv"
SEX_RATIO = "wpp2024/srb_annual.csv"
MIGRATION = "wpp2024/net_migration_age1_sex_2023_2100.csv.gz"
VITAL = "wpp2024/vital_annual_1950_2100.csv"
CENSUS = "census/census_summary.csv"
CENSUS_2010_AGES = "census/population_age1_2010_mobslab.csv"
REGIONAL_LIFE_EXPECTANCY = "mortality/life_expectancy_province.csv"
RECALLED = "social_insurance/recalled.csv"
MACRO = "macro/macro_statistics.csv"
POPULATION_COUNTS = "social_insurance/population_counts.csv"
TEXTBOOK = "validation/sweden_females_1993.csv"

OFFICIAL_MEASURES = ("population", "births", "deaths", "population_60_plus", "population_65_plus")
"""Measures of the published counts that are used, in the order of reports."""

SUPPLEMENT = data_root() / "population_supplement.csv"
"""Published figures that are needed beside the collected files; each row names its source."""


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of one CSV file, plain or gzipped, as text by column name."""
    if not path.is_file():
        raise InputFileError("source_file_absent", where=str(path))
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows:
        raise InputFileError("source_without_rows", where=str(path))
    return rows


def number(row: Mapping[str, str], column: str, path: str) -> float:
    """One cell as a number; the error names file, column and text."""
    try:
        return float(row[column])
    except KeyError:
        raise InputFileError("source_column_absent", where=path, column=column, known=", ".join(row)) from None
    except ValueError:
        raise InputFileError("source_no_number", where=path, text=row[column], column=column) from None


@dataclass(frozen=True)
class Published:
    """One figure as published, with its origin."""

    value: float
    source: str
    evidence: str


@dataclass
class Sources:
    """The collected raw data under one folder; every table is read once."""

    root: Path
    _rows: dict[str, list[dict[str, str]]] = field(default_factory=dict, repr=False)

    def rows(self, name: str) -> list[dict[str, str]]:
        if name not in self._rows:
            self._rows[name] = read_rows(self.root / name)
        return self._rows[name]

    def _table(self, name: str, columns: Iterable[str]) -> dict[int, np.ndarray]:
        """Year to the values of `columns`."""
        wanted = tuple(columns)
        return {
            int(number(row, "year", name)): np.array([number(row, column, name) for column in wanted])
            for row in self.rows(name)
        }

    # United Nations, World Population Prospects 2024

    def five_year_counts(self) -> dict[int, np.ndarray]:
        """Population on 1 July by year [persons; sex, 5-year group]."""
        counts: dict[int, np.ndarray] = {}
        for row in self.rows(FIVE_YEAR_COUNTS):
            year, start = int(row["year"]), int(row["age_start"])
            table = counts.setdefault(year, np.full((2, len(GROUP_START)), np.nan))
            table[SEX.index(row["sex"]), GROUP_START.index(start)] = number(row, "value", FIVE_YEAR_COUNTS)
        for year, table in counts.items():
            if np.isnan(table).any():
                raise InputFileError("source_age_group_absent", where=str(self.root / FIVE_YEAR_COUNTS), year=year)
        return counts

    def year_end_totals(self) -> dict[int, np.ndarray]:
        """Projected population on 31 December by year [persons; sex]."""
        return {year: 1000.0 * value for year, value in self._table(TOTALS, ("popM", "popF")).items()}

    def life_expectancy(self) -> dict[int, np.ndarray]:
        """Life expectancy at birth by calendar year [years; male, female, both]."""
        return self._table(LIFE_EXPECTANCY, ("e0M", "e0F", "e0B"))

    def abridged_rates(self, sex: str) -> tuple[np.ndarray, np.ndarray]:
        """Dates and the abridged death rates at them, of calendar years and of five-year periods in one order.

        A rate of calendar year t stands at t + 1/2. A period runs from one mid-year to another, so it stands at the
        start of its middle year: life expectancies of the period tables equal the mean of the annual ones only so.

        Returns
        -------
        dates [years], increasing, and death rates [1/year; date, abridged age group]
        """
        found: dict[float, np.ndarray] = {}
        for name, date_column, shift, column in (
            (CALENDAR_YEAR_RATES, "year", 0.5, "mx"),
            (PERIOD_RATES, "mid_year", 0.0, "mxM" if sex == "male" else "mxF"),
        ):
            for row in self.rows(name):
                if row.get("sex", sex) != sex:
                    continue
                date = number(row, date_column, name) + shift
                rates = found.setdefault(date, np.full(len(ABRIDGED_START), np.nan))
                rates[ABRIDGED_START.index(int(row["age_start"]))] = number(row, column, name)
        dates = np.array(sorted(found))
        rates = np.array([found[date] for date in dates])
        if np.isnan(rates).any() or (rates <= 0.0).any():
            raise InputFileError("source_rate_wrong", where=str(self.root / PERIOD_RATES))
        return dates, rates

    def births_and_deaths(self) -> dict[int, np.ndarray]:
        """Births and deaths by calendar year [persons/year; births, deaths]."""
        return {year: 1000.0 * value for year, value in self._table(VITAL, ("births", "deaths")).items()}

    def sex_ratio_at_birth(self) -> dict[int, float]:
        """Boys per girl by calendar year [1]."""
        return {year: float(value[0]) for year, value in self._table(SEX_RATIO, ("srb",)).items()}

    def total_fertility(self) -> dict[int, float]:
        """Births per woman by calendar year."""
        return {year: float(value[0]) for year, value in self._table(TOTAL_FERTILITY, ("tfr",)).items()}

    def fertility_variants(self) -> dict[int, tuple[float, float, float]]:
        """Births per woman of the medium, low and high variant by projected calendar year."""
        columns = ("tfr", "tfr_low", "tfr_high")
        found: dict[int, tuple[float, float, float]] = {}
        for row in self.rows(TOTAL_FERTILITY):
            if row["variant"] == "medium":
                medium, low, high = (number(row, column, TOTAL_FERTILITY) for column in columns)
                found[int(row["year"])] = (medium, low, high)
        return found

    def fertility_shares(self) -> dict[int, np.ndarray]:
        """Share of total fertility in each five-year age group 10-14 ... 50-54 [1]; sums to one."""
        shares: dict[int, np.ndarray] = {}
        for row in self.rows(FERTILITY_SHARES):
            start = int(row["age_group"].split("-")[0])
            table = shares.setdefault(int(row["year"]), np.zeros(len(FERTILE_GROUP_START)))
            table[FERTILE_GROUP_START.index(start)] = number(row, "pasfr_percent", FERTILITY_SHARES)
        return {year: table / table.sum() for year, table in shares.items()}

    def international_migration(self) -> dict[int, np.ndarray]:
        """Net international migrants by calendar year [persons/year; sex, age]."""
        migrants: dict[int, np.ndarray] = {}
        for row in self.rows(MIGRATION):
            table = migrants.setdefault(int(row["year"]), np.zeros((2, 101)))
            for sex, column in enumerate(("migM", "migF")):
                table[sex, int(row["age"])] = 1000.0 * number(row, column, MIGRATION)
        return migrants

    # census, life expectancy of regions, other published figures

    def census(
        self, region: str, year: int, age_group: str = "all", sex: str = "both", measure: str = "population"
    ) -> Published | None:
        """One census or year-end figure; None if it was not published."""
        for row in self.rows(CENSUS):
            key = (row["region"], row["year"], row["age_group"], row["sex"], row["measure"])
            if key == (region, str(year), age_group, sex, measure):
                return Published(number(row, "value", CENSUS), row["source"], "secondary")
        return None

    def census_2010_total(self, region: str) -> Published:
        """Census population of 1 November 2010; for provinces the total to which the single ages were scaled."""
        ages = [row for row in self.rows(CENSUS_2010_AGES) if row["region"] == region]
        if ages:
            total = sum(number(row, "value", CENSUS_2010_AGES) for row in ages)
            return Published(total, f"2010 census total, sum of single ages in {CENSUS_2010_AGES}", "secondary")
        return self.must(self.census(region, 2010), CENSUS, f"{region} population 2010")

    def recalled(self, topic: str, region: str, year: int, measure: str) -> Published:
        """One figure recalled by a practitioner (to be replaced by the printed bulletin)."""
        for row in self.rows(RECALLED):
            if (row["topic"], row["region"], row["year"], row["measure"]) == (topic, region, str(year), measure):
                text = f"{region} {measure} {year} as recalled by a practitioner ({row['confidence']} confidence)"
                return Published(number(row, "value", RECALLED), text, "recalled")
        return self.must(None, RECALLED, f"{topic} {region} {year} {measure}")

    def regional_life_expectancy(self, region: str, year: int, sex: str) -> Published:
        """Census-based life expectancy of a region."""
        for row in self.rows(REGIONAL_LIFE_EXPECTANCY):
            census_based = row["note"].startswith(("census-based", "computed"))
            if (row["region"], row["year"], row["sex"]) == (region, str(year), sex) and census_based:
                return Published(number(row, "value", REGIONAL_LIFE_EXPECTANCY), row["source"], "secondary")
        return self.must(None, REGIONAL_LIFE_EXPECTANCY, f"{region} {year} {sex}, census-based")

    def crude_birth_rate(self, year: int) -> Published:
        """National births per person [1/year]."""
        for row in self.rows(MACRO):
            if (row["region"], row["year"], row["measure"]) == ("China", str(year), "crude_birth_rate"):
                return Published(number(row, "value", MACRO) / 1000.0, row["source"], "secondary")
        return self.must(None, MACRO, f"crude birth rate {year}")

    def has_supplement(self, region: str, year: int, measure: str) -> bool:
        """Whether the supplement holds the figure."""
        rows = read_rows(SUPPLEMENT)
        return any((row["region"], row["year"], row["measure"]) == (region, str(year), measure) for row in rows)

    def supplement(self, region: str, year: int, measure: str) -> Published:
        """One figure of the supplement kept with the data of the calibration."""
        for row in read_rows(SUPPLEMENT):
            if (row["region"], row["year"], row["measure"]) == (region, str(year), measure):
                return Published(number(row, "value", SUPPLEMENT.name), row["source"], row["evidence"])
        return self.must(None, SUPPLEMENT.name, f"{region} {year} {measure}")

    def census_groups(self, region: str, year: int) -> dict[tuple[int, int], float]:
        """Census population of a region by five-year age group, both sexes; empty where none is at hand [persons]."""
        found: dict[tuple[int, int], float] = {}
        for row in read_rows(SUPPLEMENT):
            if (row["region"], row["year"]) == (region, str(year)) and row["measure"].startswith("census_"):
                first, last = row["measure"].removeprefix("census_").split("-")
                found[int(first), int(last)] = number(row, "value", SUPPLEMENT.name)
        return found

    def official_counts(self, region: str) -> dict[str, dict[int, Published]]:
        """Published population, births, deaths, people of 60+ and of 65+ of a region by measure and year [persons].

        Evidence is ``computed`` where a count follows from published rates or changes, else ``published``, or
        ``secondary`` where only a copy or the press was seen.
        """
        found: dict[str, dict[int, Published]] = {measure: {} for measure in OFFICIAL_MEASURES}
        for row in self.rows(POPULATION_COUNTS):
            if row["topic"] != "population" or row["region"] != region or row["measure"] not in found:
                continue
            note = row["note"].lower()
            if "[computed]" in note:
                evidence = "computed"
            else:
                evidence = "secondary" if any(word in note for word in ("copy", "press", "secondary")) else "published"
            value = 10_000.0 * number(row, "value", POPULATION_COUNTS)
            found[row["measure"]][int(row["year"])] = Published(round(value, 3), row["source"], evidence)
        return found

    def textbook(self) -> dict[str, np.ndarray]:
        """Columns of the textbook cohort-component case (five-year groups, females)."""
        rows = self.rows(TEXTBOOK)
        return {column: np.array([number(row, column, TEXTBOOK) for row in rows]) for column in rows[0]}

    def must(self, found: Published | None, name: str, wanted: str) -> Published:
        if found is None:
            raise BasisError("source_row_absent", where=str(self.root / name), wanted=wanted)
        return found
