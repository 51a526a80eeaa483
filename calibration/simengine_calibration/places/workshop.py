"""What every basis is built from: sources, national counts and paths, pyramids of the population tables."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simengine.common.errors import BasisError
from simengine.law import load_law
from simengine.law.regions import NATION
from simengine.registry.axes import PAYER_STATUS, SEX, WORKING_AGE
from simengine_calibration.fitting.kept import over_paths, read_kept
from simengine_calibration.series.behaviour import (
    Wages,
    enterprise_pension,
    money,
    national_behaviour,
    read_rules,
    resident_money,
)
from simengine_calibration.series.coverage import INDICES, LEVEL_OF_INDEX, flat_index, national_levels
from simengine_calibration.series.economy import Paths, national_economy
from simengine_calibration.series.shapes import AGES_OF_KIND, class_mixes, profile
from simengine_calibration.series.splits import Nation, nation
from simengine_calibration.sources.files import Sources
from simengine_calibration.sources.histories import History, Statistics, anchor, has_typed, typed, typed_history
from simengine_calibration.sources.plans import Plans
from simengine_calibration.sources.regions import collected_name, nation_basis


@dataclass
class Workshop:
    """Inputs of a build and the results that later bases lean on.

    Attributes
    ----------
    paths : own series by basis with kept fits in place, filled while building; spin-up parents before their children
    before : the same without the fit of the basis itself
    """

    sources: Path
    spec: Path
    out: Path
    paths: dict[str, Paths] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stats = Statistics(self.sources)
        self.plans = Plans(self.spec)
        self.united_nations = Sources(self.sources)
        self.country: Nation = nation(self.stats)
        self.law = load_law()
        self.unfitted: Paths = {}
        self.before: dict[str, Paths] = {}
        self._pyramids: dict[str, dict[str, np.ndarray]] = {}

    # population tables

    def pyramid(self, basis: str) -> dict[str, np.ndarray]:
        """Persons by sex and age at the opening, from the population table of the basis."""
        if basis not in self._pyramids:
            path = self.out / basis / "population.csv"
            if not path.is_file():
                raise BasisError("population_table_absent", where=str(path))
            table = {sex: np.zeros(101) for sex in SEX}
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    table[row["sex"]][int(row["age"])] = float(row["value"])
            self._pyramids[basis] = table
        return self._pyramids[basis]

    def people(self, basis: str, first: int, last: int = 100) -> float:
        """Residents of an age band at the opening [persons]."""
        return float(sum(ages[first : last + 1].sum() for ages in self.pyramid(basis).values()))

    def coverable(self, basis: str, ratios: Mapping[str, float]) -> float:
        """People the law wants covered, as the engine does: residents or registered of 16 and over [persons].

        Parameters
        ----------
        ratios : of `hukou_ratios`; an area has those of its city
        """
        student = dict.fromkeys(range(101), 0.0)
        ages = AGES_OF_KIND["student"]
        shares = [profile("student", "all", sex, ages) for sex in typed("shapes")["student"]["profiles"]["all"]]
        student.update(zip(ages, np.max(shares, axis=0).tolist(), strict=True))
        ratio = {age: max(1.0, ratios["hukou_ratio" if age >= 60 else "hukou_ratio_16_59"]) for age in range(16, 101)}
        return float(
            sum(
                table[age] * ratio[age] * (1.0 - student[age])
                for table in self.pyramid(basis).values()
                for age in range(16, 101)
            )
        )

    def population_share(self, basis: str) -> float:
        """Population of a basis over the nation's of 2020 [1]."""
        return self.people(basis, 0) / self.people(nation_basis(), 0)

    def hukou_ratios(self, basis: str, region: str) -> dict[str, float]:
        """Registered over resident population by broad age [1].

        Eight tenths of the difference of the totals are taken to be 16-59, eight hundredths 60 and over.
        """
        if not has_typed("provinces", region, "hukou_population"):
            return {"hukou_ratio": 1.0, "hukou_ratio_16_59": 1.0}
        gap = typed_history("provinces", region, "hukou_population").at(2020) - self.people(basis, 0)
        return {
            "hukou_ratio": 1.0 + 0.08 * gap / self.people(basis, 60),
            "hukou_ratio_16_59": 1.0 + 0.80 * gap / self.people(basis, 16, 59),
        }

    # nation

    def wages(self) -> dict[str, Wages]:
        """Relative wages by payer status, weighted by the level profile and the population of the opening."""
        pyramid, ages = self.pyramid(nation_basis()), list(WORKING_AGE)
        found = {}
        for status in PAYER_STATUS:
            relative = np.concatenate([profile("wage", status, sex, WORKING_AGE) for sex in SEX])
            weights = np.concatenate([profile("level", status, sex, WORKING_AGE) * pyramid[sex][ages] for sex in SEX])
            mean = (relative * weights).sum() / weights.sum()
            found[status] = Wages(relative / mean, weights, typed("constants")[f"wage_log_sd_{status}"]["value"])
        return found

    def national_paths(self) -> Paths:
        """All series of the national basis, built once."""
        if nation_basis() not in self.paths:
            paths = national_economy(self.sources, self.stats)
            paths |= national_levels(self.stats, self.plans, self.country)
            paths |= {index: flat_index(paths[LEVEL_OF_INDEX[index]].last) for index in INDICES}
            mix = class_mixes()[nation_basis()]
            paths |= national_behaviour(
                self.stats, self.country, paths, paths["average_wage"], read_rules(self.law), self.wages(), mix
            )
            self.unfitted = paths
            rows, card = read_kept(nation_basis())
            self.paths[nation_basis()] = over_paths(paths, rows, card["calibration"]) if rows else paths
        return self.paths[nation_basis()]

    def fitted_over_unfitted(self, series: str, year: int) -> float:
        """What the national fit has made of a series [1]; provinces derived from unfitted figures follow by it."""
        fitted = self.national_paths()[series]
        return fitted.at(year) / self.unfitted[series].at(year)

    def balance(self, fund: str, year: int) -> float:
        """A national fund balance [yuan]: employees, resident, unemployment or work_injury."""
        if fund == "employees":
            return money(self.stats, "balance_end").at(year)
        if fund == "resident":
            return resident_money(self.stats, "balance_end").at(year)
        return self.stats.get(fund, "China", "balance_end", "yuan").at(year)

    def claimants(self, year: int) -> float:
        """Persons drawing unemployment benefit at a year end, nation [persons]."""
        published = self.stats.get("unemployment", "China", "beneficiaries", "persons")
        return published.over(typed_history("national", "claimants")).at(year)

    def mean_pension(self, year: int) -> float:
        """Mean enterprise pension of the nation [yuan/month]."""
        return enterprise_pension(self.stats).at(year, log=True)

    def initial_constants(self, basis: str, region: str) -> dict[str, tuple[float, str, str]]:
        """Start of the spin-up at the end of 1992: value, unit, source.

        Provinces: the nation times the region's ratio of 2005 (members, pensioners, balance) or of 1992 (wage).
        """
        spending = self.stats.get("uebps", "China", "expenditure", "yuan")
        retirees = self.stats.get("uebps", "China", "retirees", "persons")
        before = retirees[1992] - 0.5 * (retirees[1993] - retirees[1992])
        mean_1992 = spending[1992] / before / 12.0
        mean_1993 = spending[1993] / (0.5 * (retirees[1992] + retirees[1993])) / 12.0
        average = math.sqrt(mean_1992 * mean_1993)
        fund = self.stats.get("uebps", "China", "balance_end", "yuan")[1992]
        values = {
            "initial_members": (self.country.active[1992], "persons", "active members at the end of 1992 [recalled]"),
            "initial_pensioners": (retirees[1992], "persons", "pensioners at the end of 1992 [recalled]"),
            "initial_average_pension": (
                average, "yuan per month", "geometric mean of spending a head and month in 1992 and 1993",
            ),
            "initial_fund": (fund, "yuan", "balance at the end of 1992 [recalled]"),
        }  # fmt: skip
        if region == NATION:
            return values
        ratios = {
            "initial_members": self._ratio_2005(region, "participants_active"),
            "initial_pensioners": self._ratio_2005(region, "retirees"),
            "initial_fund": self._ratio_2005(region, "balance_end"),
            "initial_average_pension": self.paths[basis]["average_wage"][1992]
            / self.national_paths()["average_wage"][1992],
        }
        return {
            name: (value * ratios[name], unit, f"national x {ratios[name]:.4g}")
            for name, (value, unit, _) in values.items()
        }

    def _ratio_2005(self, region: str, measure: str) -> float:
        unit = "yuan" if measure == "balance_end" else "persons"
        own = self.stats.get("uebps", collected_name(region), measure, unit)[2005]
        return own / self.stats.get("uebps", "China", measure, unit)[2005]

    # regional money of 2024

    def relative_pension(self, region: str) -> float:
        """Spending per pensioner of a province over the nation's, 2024 [1]."""
        own = anchor(region, "expenditure").value / anchor(region, "retirees").value
        return own / (anchor(NATION, "expenditure").value / anchor(NATION, "retirees").value)

    def relative_balance(self, region: str, measure: str, year: int) -> float:
        """A province's share of a national balance: own 2010 and 2024 shares, log-linear (employees); 2024 else [1]."""
        late = anchor(region, measure).value / anchor(NATION, measure).value
        if measure != "balance" or year >= 2020:
            return late
        own = self.stats.get("uebps", collected_name(region), "balance_end", "yuan")
        early = own[2010] / self.stats.get("uebps", "China", "balance_end", "yuan")[2010]
        weight = (year - 2010) / 14.0
        return float(early ** (1.0 - weight) * late**weight)


def at_opening(paths: Paths, year: int, *names: str) -> dict[str, float]:
    """Values of several series in one year."""
    return {name: paths[name].at(year) for name in names if name in paths}


def single(history: History, year: int) -> History:
    """One year of a series."""
    return History({year: history.figures[year]}, history.unit)
