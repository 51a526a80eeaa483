"""What is published on the population of each region, and which basis is built from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.cohorts import Margins
from calibration.sources import Published, Sources
from simengine.registry.axes import SEX

CENSUS_YEAR = 2020
DAYS_AFTER_CENSUS = 61 / 366
"""Share of 2020 from the census day, 1 November, to the year end."""

XUZHOU_AREAS = (
    "xuzhou_fengxian",
    "xuzhou_peixian",
    "xuzhou_pizhou",
    "xuzhou_xinyi",
    "xuzhou_suining",
    "xuzhou_tongshan",
    "xuzhou_urban",
)


@dataclass(frozen=True)
class CensusPicture:
    """Census margins of a region with their origin."""

    margins: Margins
    evidence: str
    source: str


@dataclass(frozen=True)
class RegionRule:
    """How one census region is built."""

    name: str
    """Name in the raw files."""
    mortality_from: str
    """Region whose life expectancy stands for it."""
    births_from: str
    """Region whose published births stand for it."""


RULES = {
    "jiangxi": RegionRule("Jiangxi", "Jiangxi", "Jiangxi"),
    "hubei": RegionRule("Hubei", "Hubei", "Hubei"),
    "jiangsu": RegionRule("Jiangsu", "Jiangsu", "Jiangsu"),
    "zhejiang": RegionRule("Zhejiang", "Zhejiang", "Zhejiang"),
    "xuzhou": RegionRule("Xuzhou", "Xuzhou", "Xuzhou"),
    "haiyan": RegionRule("Haiyan", "Zhejiang", "Jiaxing"),
}


def scaled_margins(total: float, groups: list[float], male_per_female: float) -> Margins:
    """Margins from shares or counts of 0-14, 15-59, 60+, 65+ and a sex ratio, brought to one total."""
    parts = np.array([groups[0], groups[1], groups[2] - groups[3], groups[3]])
    male = total * male_per_female / (1.0 + male_per_female)
    return Margins(parts / parts.sum() * total, np.array([male, total - male]))


def _counts(sources: Sources, name: str) -> list[float]:
    """Published counts of the four broad ages; a group without a count takes its published share of the total."""
    found = []
    for group in ("0-14", "15-59", "60+", "65+"):
        count = sources.census(name, CENSUS_YEAR, group)
        if count is None:
            share = sources.must(sources.census(name, CENSUS_YEAR, group, measure="share"), "census", f"{name} {group}")
            total = sources.must(sources.census(name, CENSUS_YEAR), "census", name)
            found.append(share.value / 100.0 * total.value)
        else:
            found.append(count.value)
    return found


def census_picture(sources: Sources, name: str) -> CensusPicture:
    """Margins of one region on 1 November 2020."""
    if name in ("Jiangsu", "Zhejiang"):
        measures = ("share_0-14", "share_15-59", "share_60+", "share_65+")
        groups = [sources.recalled("census", name, CENSUS_YEAR, measure).value for measure in measures]
        total = sources.recalled("census", name, CENSUS_YEAR, "population").value
        ratio = sources.supplement(name, CENSUS_YEAR, "sex_ratio")
        text = f"2020 census total and broad ages of {name} as recalled by a practitioner; sex ratio: {ratio.source}"
        return CensusPicture(scaled_margins(total, groups, ratio.value / 100.0), "recalled", text)
    if name == "Haiyan":
        return _haiyan(sources)
    total = sources.must(sources.census(name, CENSUS_YEAR), "census", f"{name} 2020")
    if name == "China":
        male, female = (sources.supplement(name, CENSUS_YEAR, sex) for sex in SEX)
    else:
        male, female = (
            sources.must(sources.census(name, CENSUS_YEAR, sex=sex), "census", f"{name} {sex}") for sex in SEX
        )
    margins = scaled_margins(total.value, _counts(sources, name), male.value / female.value)
    return CensusPicture(margins, "derived", f"total: {total.source}; sexes: {male.source}")


def _haiyan(sources: Sources) -> CensusPicture:
    """Recalled total; broad ages of Pinghu and Haining together, sexes of Haining."""
    total = sources.recalled("census", "Haiyan", CENSUS_YEAR, "population").value
    groups = [a + b for a, b in zip(_counts(sources, "Pinghu"), _counts(sources, "Haining"), strict=True)]
    male, female = (
        sources.must(sources.census("Haining", CENSUS_YEAR, sex=sex), "census", f"Haining {sex}") for sex in SEX
    )
    text = (
        "total: Haiyan 2020 census population as recalled by a practitioner (low confidence; 465,700 is published for "
        "the end of 2021); broad ages: 2020 census of the neighbours Pinghu and Haining added; sexes: Haining"
    )
    return CensusPicture(scaled_margins(total, groups, male.value / female.value), "recalled", text)


def life_expectancy_target(sources: Sources, name: str) -> tuple[np.ndarray, str, str]:
    """Life expectancy of a region in 2020 by sex, with evidence and source [years; sex].

    Where only one value for both sexes is known, its gap to the wider region's is given to both sexes.
    """
    nation = sources.life_expectancy()[CENSUS_YEAR]
    if name in ("Jiangsu", "Xuzhou"):
        found = [sources.regional_life_expectancy("Jiangsu", CENSUS_YEAR, sex) for sex in ("male", "female", "both")]
        by_sex = np.array([found[0].value, found[1].value])
        if name == "Jiangsu":
            return by_sex, "derived", f"Jiangsu 2020 by sex: {found[0].source}"
        city = sources.regional_life_expectancy(name, CENSUS_YEAR, "both")
        text = f"Jiangsu 2020 by sex plus the gap of {name} to Jiangsu, both sexes: {city.source}"
        return by_sex + (city.value - found[2].value), "derived", text
    both = sources.recalled("life_expectancy", name, CENSUS_YEAR, "e0_both")
    text = f"{both.source}; its gap to the UN value of China ({nation[2]:.2f}) is given to both sexes"
    return nation[:2] + (both.value - nation[2]), "recalled", text


def published_births(sources: Sources, name: str) -> dict[int, Published]:
    """Births of a region by calendar year, where published [persons/year]."""
    found: dict[int, Published] = {}
    for year in (2021, 2022, 2023):
        figure = sources.census(name, year, measure="births")
        if figure is None and sources.has_supplement(name, year, "births"):
            figure = sources.supplement(name, year, "births")
        if figure is not None:
            found[year] = figure
    return found


def published_year_ends(sources: Sources, name: str, base_year: int) -> dict[int, float]:
    """Published population of a region at the year ends after its base year, by year [persons]."""
    found: dict[int, float] = {}
    for year in range(base_year + 1, 2024):
        total = sources.census(name, year)
        sexes = [sources.census(name, year, sex=sex) for sex in SEX]
        if total is not None:
            found[year] = total.value
        elif sexes[0] is not None and sexes[1] is not None:
            found[year] = sexes[0].value + sexes[1].value
        elif sources.has_supplement(name, year, "population"):
            found[year] = sources.supplement(name, year, "population").value
    return found
