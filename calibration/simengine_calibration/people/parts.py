"""Population of the regions: census regions, the areas of a city, earlier openings, and regions without a census."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.kernels.people.population import count_births
from simengine.law.regions import NATION
from simengine.registry.axes import SEX
from simengine_calibration.people.ages import smooth_to_census
from simengine_calibration.people.basis import AFTERWARDS, Basis, CardText, Levels, Nation
from simengine_calibration.people.cohorts import DeathTable, reverse_survive, run_with_births
from simengine_calibration.people.fertility import FIRST_AGE
from simengine_calibration.people.levels import KnownYears, regional_levels, values
from simengine_calibration.people.migration import (
    Flow,
    flow_with_actuals,
    level_between_totals,
    migrant_shape,
    planned_flow,
)
from simengine_calibration.people.mortality import AGES, life_expectancy, mortality_factor
from simengine_calibration.people.published import (
    CENSUS_YEAR,
    DAYS_AFTER_CENSUS,
    census_picture,
    life_expectancy_target,
    region_counts,
)
from simengine_calibration.sources.files import Published, Sources
from simengine_calibration.sources.regions import (
    PeopleRow,
    collected_name,
    engine_regions,
    region_row,
)

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
"""Small numbers as the cards spell them."""

DECIMALS = 3
"""Stored decimals of a pyramid; whole persons would make the open cell of a county a lottery."""


def region_deaths(sources: Sources, nation: Nation, region: str) -> tuple[np.ndarray, DeathTable, CardText]:
    """Mortality factors of a region [1; sex], its death table, and the text of the card."""
    target, evidence, source = life_expectancy_target(sources, region)
    prob = nation.deaths.at(CENSUS_YEAR)
    factor = np.round([mortality_factor(prob[s], target[s]) for s in range(2)], 4)
    reached = life_expectancy(-np.expm1(factor[:, None] * np.log1p(-prob)))
    method = (
        f"factor on -ln(1-q) at which the national table of {CENSUS_YEAR} has the region's life expectancy: male "
        f"{reached[0]:.2f}, female {reached[1]:.2f}; held constant over time [assumption]"
    )
    return factor, nation.deaths.scaled(factor), CardText(source, method, evidence)


def implied_fertility(nation: Nation, opening: np.ndarray, births: np.ndarray, deaths: DeathTable) -> float:
    """Births of the last five years before an opening over those of national fertility on the same women [1].

    Parameters
    ----------
    opening, births : of 1992 and since, from which a run without migration lands on the pyramid
    """
    run = run_with_births(opening, births, deaths)
    years = sorted(run)[-5:]
    model = sum(count_births(run[year - 1], run[year], nation.fertility[year], FIRST_AGE) for year in years)
    return float(births[-5:].sum() / model)


def planned_fertility(
    nation: Nation, china: Basis, opening: np.ndarray, births: np.ndarray, deaths: DeathTable
) -> float:
    """Fertility factor of a region from its pyramid alone: its implied fertility over the nation's of those years."""
    first = len(births)
    own = implied_fertility(nation, opening, births, deaths)
    return round(own / implied_fertility(nation, china.opening, china.past_births[:first], nation.deaths), 4)


@dataclass(frozen=True)
class Recent:
    """What the published counts of a region say of the years since its opening, with the texts of the cards."""

    factor: float
    levels: Levels
    flow: Flow
    texts: Mapping[str, CardText]


def fit_recent(
    sources: Sources,
    nation: Nation,
    china: Basis,
    region: str,
    pyramid: np.ndarray,
    base_year: int,
    deaths: DeathTable,
    planned: Flow,
    window: int,
    totals: Mapping[int, float],
) -> Recent:
    """Levels, fertility factor and net migration together, as each year needs what the others leave.

    Parameters
    ----------
    window : years over which the level of the planned migration is a mean
    totals : year-end totals beside those published for the region [persons]
    """
    name = collected_name(region)
    figures = region_counts(sources, name)
    city = region_row(region).births
    share = 1.0
    if city:  # the births of the city, per head, stand for the county
        share = float(pyramid.sum()) / sources.must(sources.census(city, CENSUS_YEAR), "census", city).value
        figures = {**figures, "births": region_counts(sources, city)["births"]}
    counts = values(figures, base_year, share, totals)
    found = regional_levels(nation, pyramid, base_year, deaths, china.levels, counts)
    flow = flow_with_actuals(planned, window, {year: found.migration[year] for year in found.migration})
    texts = _recent_texts(figures, found, city, engine_regions()[region].level, nation_year=max(china.levels.births))
    return Recent(found.fertility_factor, found.levels, flow, texts)


def _recent_texts(
    figures: Mapping[str, Mapping[int, Published]], found: KnownYears, city: str, level: str, nation_year: int
) -> dict[str, CardText]:
    """Cards of the fertility factor and of the levels."""
    how = f"births per head of the city of {city}, for the {level}," if city else "published births"
    sources = {
        measure: "; ".join(dict.fromkeys(figures[measure][year].source for year in years))
        for measure, years in (("births", found.own_births), ("deaths", found.own_deaths))
    }
    births, deaths = (
        ", ".join(map(str, years)) if years else "no year" for years in (found.own_births, found.own_deaths)
    )
    factor = (
        f"{how} of {births} over those of a run with national fertility, at the nation's level of births, and the "
        "region's women; held constant"
    )
    levels = (
        f"births: {how} of {births}, other years to {nation_year} the nation's level; deaths: the nation's two levels "
        f"times one number a year, at which deaths equal the published ones of {deaths}, in other years the mean of "
        f"those numbers, 1 where there is none; {AFTERWARDS}"
    )
    both = "; ".join(text for text in sources.values() if text) or "the nation's levels"
    return {
        "fertility_factor": CardText(sources["births"] or "UN total fertility", factor, "derived"),
        "vital_levels": CardText(both, levels, "derived"),
    }


def build_region(sources: Sources, nation: Nation, china: Basis, key: str, wider: Basis | None) -> Basis:
    """One region with a census picture of 1 November 2020: national cohorts, its mortality, its census margins.

    Parameters
    ----------
    wider : basis of the region whose net migration a head stands for this one's; None: by the census of 2010
    """
    name = collected_name(key)
    picture = census_picture(sources, key)
    mortality, deaths, mortality_text = region_deaths(sources, nation, key)
    shape = run_with_births(china.opening, china.past_births, deaths)[CENSUS_YEAR]
    smooth = smooth_to_census(shape, picture.census(), deaths.at(CENSUS_YEAR), DAYS_AFTER_CENSUS)
    pyramid = np.round(smooth, DECIMALS)
    opening, births, _ = reverse_survive(pyramid, CENSUS_YEAR, deaths, nation.old_shape)
    if wider is not None:
        yearly = wider.planned_level / wider.pyramid.sum() * pyramid.sum()
        level = f"the net migration of {collected_name(wider.key)} per head"
    else:
        in_2010 = sources.census_2010_total(name).value
        china_2010 = sources.census_2010_total(collected_name(NATION)).value
        gap = level_between_totals(china.opening, china.past_births, nation.deaths, 2010, china_2010) / china_2010
        yearly = (level_between_totals(opening, births, deaths, 2010, in_2010) - gap * in_2010) / 10.0
        level = (
            f"2010-2020: population of 2020 carried back to 2010 without migration, less the 2010 census "
            f"({in_2010:,.0f}), less the nation's own gap of {100 * gap:.2f} %"
        )
    planned = planned_flow(level, float(yearly), CENSUS_YEAR)
    recent = fit_recent(sources, nation, china, key, pyramid, CENSUS_YEAR, deaths, planned, 10, {})
    method = (
        "national birth cohorts lived through the region's mortality since 1992, times a ratio by age that is smooth "
        "and meets the census by sex and 0-14, 15-59, 60-64, 65+ on 1 November 2020, carried to 31 December; inside a "
        "broad age the region has the nation's shape"
    )
    texts = {
        "population": CardText(picture.source, method, picture.evidence),
        "mortality_factor": mortality_text,
        "net_migration": recent.flow.text,
        "net_migration_as_planned": planned.text,
        **recent.texts,
    }
    expected = planned_fertility(nation, china, opening, births, deaths)
    return Basis(
        key,
        CENSUS_YEAR,
        pyramid,
        opening,
        births,
        mortality,
        recent.factor,
        recent.flow.knots,
        planned.knots,
        planned.yearly,
        expected,
        recent.levels,
        texts,
    )


# The areas of a city


def largest_remainder(whole: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Split whole numbers by shares into whole numbers that add up exactly [part, ...cells]."""
    exact = shares.reshape(-1, *[1] * whole.ndim) * whole
    parts = np.floor(exact)
    order = np.argsort(-(exact - parts), axis=0, kind="stable")
    rank = np.argsort(order, axis=0, kind="stable")
    return parts + (rank < np.rint(whole - parts.sum(axis=0)))


def split_stored(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Split a table of either sign so that the stored decimals of the parts add up to it [part, ...cells]."""
    unit = 10.0**DECIMALS
    return np.sign(values) * largest_remainder(np.rint(np.abs(values) * unit), shares) / unit


def build_areas(sources: Sources, nation: Nation, city: Basis, keys: Sequence[str]) -> list[Basis]:
    """The areas of a city, by their keys: the city's tables by one stated share each."""
    members = np.array([sources.supplement(key, CENSUS_YEAR, "pension_participants").value for key in keys])
    shares = members / members.sum()
    pyramids = split_stored(city.pyramid, shares)
    knots = {year: split_stored(table, shares) for year, table in city.migration.items()}
    planned = {year: split_stored(table, shares) for year, table in city.planned_migration.items()}
    deaths = nation.deaths.scaled(city.mortality)
    areas = []
    for i, key in enumerate(keys):
        opening, births, _ = reverse_survive(pyramids[i], CENSUS_YEAR, deaths, nation.old_shape)
        split = (
            f"the city's table times {shares[i]:.5f}, the area's share in the pension participants of 2020 (plan annex "
            f"table 6), as no census figure of the areas is at hand; the {WORDS[len(keys)]} areas add up to the city "
            "exactly; city: "
        )
        texts = {
            name: CardText(text.source, ("as the city: " if "factor" in name else split) + text.method, "assumption")
            for name, text in city.texts.items()
            if name != "vital_levels"
        }
        areas.append(
            Basis(
                key,
                CENSUS_YEAR,
                pyramids[i],
                opening,
                births,
                city.mortality,
                city.fertility_factor,
                {year: table[i] for year, table in knots.items()},
                {year: table[i] for year, table in planned.items()},
                float(shares[i] * city.planned_level),
                city.planned_fertility,
                city.levels,
                texts,
            )
        )
    return areas


# Earlier openings, and regions without a census


def leavers_carried_back(deaths: DeathTable, since: int) -> np.ndarray:
    """One leaver a year from `since` to 2020, at the ages they had at the end of `since` [persons; sex, age]."""
    people = np.zeros((2, AGES))
    for year in range(since + 1, CENSUS_YEAR + 1):
        gone = migrant_shape()
        for back in range(year, since, -1):
            gone = np.pad(gone[:, 1:] / (1.0 - deaths.at(back)[:, 1:]), ((0, 0), (0, 1)))
        people += gone
    return people


def build_earlier(sources: Sources, nation: Nation, china: Basis, later: Basis, base_year: int) -> Basis:
    """An opening between the last two censuses: the later basis carried back, those who left since added again."""
    name, lead = collected_name(later.key), CENSUS_YEAR - base_year
    deaths = nation.deaths.scaled(later.mortality)
    stayed = run_with_births(later.opening, later.past_births, deaths)[base_year]
    leavers = leavers_carried_back(deaths, base_year)
    first = sources.census_2010_total(name).value
    second = sources.must(sources.census(name, CENSUS_YEAR), "census", f"{name} 2020").value
    total = first + (second - first) * (base_year - 2010.0 + DAYS_AFTER_CENSUS) / 10.0
    pyramid = np.round(stayed + leavers * (total - stayed.sum()) / leavers.sum(), DECIMALS)
    opening, births, _ = reverse_survive(pyramid, base_year, deaths, nation.old_shape)
    planned = planned_flow(f"as for {name} 2020", later.planned_level, base_year)
    totals = {CENSUS_YEAR: float(later.pyramid.sum())}
    recent = fit_recent(sources, nation, china, later.key, pyramid, base_year, deaths, planned, lead, totals)
    method = (
        f"the basis of 2020 carried back {WORDS[lead]} years; net leavers of {base_year + 1}-2020 at 16-35 added so "
        f"that the total lies on the straight line between the censuses of 2010 and 2020 ({total:,.0f})"
    )
    texts = dict(later.texts) | {
        "population": CardText(later.texts["population"].source, method, "derived"),
        "net_migration": recent.flow.text,
        "net_migration_as_planned": planned.text,
        **recent.texts,
    }
    return Basis(
        later.key,
        base_year,
        pyramid,
        opening,
        births,
        later.mortality,
        recent.factor,
        recent.flow.knots,
        planned.knots,
        planned.yearly,
        planned_fertility(nation, china, opening, births, deaths),
        recent.levels,
        texts,
    )


def build_by_parent(sources: Sources, nation: Nation, china: Basis, parent: Basis, key: str, rule: PeopleRow) -> Basis:
    """A region without a census picture: published total, the parent's ages, the region's sexes of another year."""
    base_year, name, since = parent.base_year, collected_name(key), rule.since
    published = {
        year: sources.must(sources.census(name, year), "census", f"{name} {year}") for year in (since, base_year)
    }
    sexes = [sources.must(sources.census(name, rule.sexes, sex=sex), "census", f"{name} {sex}").value for sex in SEX]
    by_sex = published[base_year].value * np.array(sexes) / sum(sexes)
    shares = parent.pyramid * (by_sex / parent.pyramid.sum(axis=1))[:, None]
    pyramid = split_stored(np.array(published[base_year].value), shares.ravel() / shares.sum()).reshape(2, AGES)
    deaths = nation.deaths.scaled(parent.mortality)
    opening, births, _ = reverse_survive(pyramid, base_year, deaths, nation.old_shape)
    yearly = level_between_totals(opening, births, deaths, since, published[since].value) / (base_year - since)
    level = (
        f"{since}-{base_year}: population of {base_year} carried back without migration, less the published total of "
        f"{since}"
    )
    planned = planned_flow(level, yearly, base_year)
    last = sources.census(name, CENSUS_YEAR)
    totals = {} if last is None or base_year >= CENSUS_YEAR else {CENSUS_YEAR: last.value}
    recent = fit_recent(sources, nation, china, key, pyramid, base_year, deaths, planned, base_year - since, totals)
    method = (
        f"published total {published[base_year].value:,.0f} with the ages of {collected_name(parent.key)} at the end "
        f"of {base_year}; sexes in the published proportion of the {engine_regions()[key].level} at the end of "
        f"{rule.sexes}"
    )
    texts = {
        "population": CardText(published[base_year].source, method, "derived"),
        "mortality_factor": parent.texts["mortality_factor"],
        "net_migration": recent.flow.text,
        "net_migration_as_planned": planned.text,
        **recent.texts,
    }
    return Basis(
        key,
        base_year,
        pyramid,
        opening,
        births,
        parent.mortality,
        recent.factor,
        recent.flow.knots,
        planned.knots,
        planned.yearly,
        planned_fertility(nation, china, opening, births, deaths),
        recent.levels,
        texts,
    )
