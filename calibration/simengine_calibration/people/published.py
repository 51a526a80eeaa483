"""What is published on the population of each region, and which basis is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simengine.registry.axes import SEX
from simengine_calibration.people.ages import Census, with_soldiers
from simengine_calibration.people.cohorts import Margins
from simengine_calibration.sources.files import Published, Sources
from simengine_calibration.sources.regions import CensusRow, collected_name, region_row

CENSUS_YEAR = 2020
LAST_COUNT = 2025
"""Last year whose counts are published."""
DAYS_AFTER_CENSUS = 61 / 366
"""Share of 2020 from the census day, 1 November, to the year end."""


@dataclass(frozen=True)
class CensusPicture:
    """Census margins of a region with their origin."""

    margins: Margins
    evidence: str
    source: str
    groups: Mapping[tuple[int, int], float] = field(default_factory=dict)
    """Finer age groups, serving soldiers in them; empty where none are known."""

    def census(self) -> Census:
        """What the pyramid must meet."""
        return Census(self.margins, self.groups)


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


def census_picture(sources: Sources, region: str) -> CensusPicture:
    """Margins of one region on 1 November 2020, from the places its row names."""
    row, name = region_row(region).census, collected_name(region)
    if row.counts == "recalled":
        measures = ("share_0-14", "share_15-59", "share_60+", "share_65+")
        groups = [sources.recalled("census", name, CENSUS_YEAR, measure).value for measure in measures]
        total = sources.recalled("census", name, CENSUS_YEAR, "population").value
        ratio = sources.supplement(name, CENSUS_YEAR, "sex_ratio")
        text = f"2020 census total and broad ages of {name} as recalled by a practitioner; sex ratio: {ratio.source}"
        return CensusPicture(scaled_margins(total, groups, ratio.value / 100.0), "recalled", text)
    if row.counts == "neighbours":
        return _by_neighbours(sources, name, row)
    published = sources.must(sources.census(name, CENSUS_YEAR), "census", f"{name} 2020")
    if row.supplement:
        male, female = (sources.supplement(name, CENSUS_YEAR, sex) for sex in SEX)
    else:
        male, female = _sexes(sources, name)
    margins = scaled_margins(published.value, _counts(sources, name), male.value / female.value)
    groups = sources.census_groups(name, CENSUS_YEAR)
    text = f"total: {published.source}; sexes: {male.source}"
    if groups:
        text += "; five-year groups: census as copied (calibration/population_supplement.csv)"
        groups = with_soldiers(groups, margins)
    return CensusPicture(margins, "derived", text, groups)


def _sexes(sources: Sources, name: str) -> tuple[Published, Published]:
    """Published males and females of a place."""
    male, female = (sources.must(sources.census(name, CENSUS_YEAR, sex=sex), "census", f"{name} {sex}") for sex in SEX)
    return male, female


def _by_neighbours(sources: Sources, name: str, row: CensusRow) -> CensusPicture:
    """Recalled total; broad ages of the neighbours together, sexes of one of them."""
    total = sources.recalled("census", name, CENSUS_YEAR, "population").value
    groups = [sum(parts) for parts in zip(*(_counts(sources, place) for place in row.neighbours), strict=True)]
    male, female = _sexes(sources, row.sexes_of)
    text = (
        f"total: {name} 2020 census population as recalled by a practitioner ({row.note}); broad ages: 2020 census of "
        f"the neighbours {' and '.join(row.neighbours)} added; sexes: {row.sexes_of}"
    )
    return CensusPicture(scaled_margins(total, groups, male.value / female.value), "recalled", text)


def life_expectancy_target(sources: Sources, region: str) -> tuple[np.ndarray, str, str]:
    """Life expectancy of a region in 2020 by sex, with evidence and source [years; sex].

    Where only one value for both sexes is known, its gap to the wider region's is given to both sexes.
    """
    row, name = region_row(region).life_expectancy, collected_name(region)
    nation = sources.life_expectancy()[CENSUS_YEAR]
    place = row.of or name
    if row.how == "recalled":
        both = sources.recalled("life_expectancy", place, CENSUS_YEAR, "e0_both")
        text = f"{both.source}; its gap to the UN value of China ({nation[2]:.2f}) is given to both sexes"
        return nation[:2] + (both.value - nation[2]), "recalled", text
    found = [sources.regional_life_expectancy(place, CENSUS_YEAR, sex) for sex in ("male", "female", "both")]
    by_sex = np.array([found[0].value, found[1].value])
    if row.how == "by_sex":
        return by_sex, "derived", f"{place} 2020 by sex: {found[0].source}"
    own = sources.regional_life_expectancy(name, CENSUS_YEAR, "both")
    text = f"{place} 2020 by sex plus the gap of {name} to {place}, both sexes: {own.source}"
    return by_sex + (own.value - found[2].value), "derived", text


def region_counts(sources: Sources, name: str) -> dict[str, dict[int, Published]]:
    """Published population, births, deaths, 60+ and 65+ of a region by measure and year [persons].

    The table of counts comes first; what it lacks is taken from the census file and the supplement.
    """
    found = sources.official_counts(name)
    for year in range(CENSUS_YEAR - 5, LAST_COUNT + 1):
        for measure in ("population", "births", "deaths"):
            if year in found[measure]:
                continue
            figure = sources.census(name, year, measure=measure) if year != CENSUS_YEAR else None
            if figure is None and measure == "population":
                figure = _both_sexes(sources, name, year)
            if figure is None and year != CENSUS_YEAR and sources.has_supplement(name, year, measure):
                figure = sources.supplement(name, year, measure)
            if figure is not None:
                found[measure][year] = figure
    return {measure: dict(sorted(figures.items())) for measure, figures in found.items()}


def _both_sexes(sources: Sources, name: str, year: int) -> Published | None:
    """Published males and females of a year end together."""
    sexes = [sources.census(name, year, sex=sex) for sex in SEX]
    if year == CENSUS_YEAR or sexes[0] is None or sexes[1] is None:
        return None
    return Published(sexes[0].value + sexes[1].value, sexes[0].source, sexes[0].evidence)
