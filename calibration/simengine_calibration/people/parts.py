"""Population of the regions: census regions, the areas of a city, earlier openings, and regions without a census."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simengine.law.regions import NATION
from simengine.registry.axes import SEX
from simengine_calibration.people.basis import Basis, CardText, Nation
from simengine_calibration.people.cohorts import (
    DeathTable,
    rake_to_census,
    reverse_survive,
    run_with_births,
    run_with_fertility,
)
from simengine_calibration.people.migration import (
    Flow,
    between_knots,
    flow_with_actuals,
    flows_to_totals,
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
    published_births,
    published_year_ends,
)
from simengine_calibration.sources.files import Sources
from simengine_calibration.sources.regions import PeopleRow, collected_name, engine_regions, region_row

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


def model_births(
    nation: Nation, pyramid: np.ndarray, base_year: int, deaths: DeathTable, knots: Mapping[int, np.ndarray]
) -> dict[int, float]:
    """Births to 2023 of a projection with national fertility [persons/year]."""
    years = range(base_year + 1, 2024)
    migration = {year: between_knots(knots, year) for year in years}
    return run_with_fertility(pyramid, base_year, years, deaths, nation.fertility, nation.sex_ratio, migration)[1]


def fit_fertility(
    sources: Sources,
    nation: Nation,
    region: str,
    pyramid: np.ndarray,
    base_year: int,
    deaths: DeathTable,
    knots: Mapping[int, np.ndarray],
) -> tuple[float, CardText]:
    """Published births over the model's births with national fertility, over the years both have."""
    name = region_row(region).births
    model = model_births(nation, pyramid, base_year, deaths, knots)
    seen = published_births(sources, name or collected_name(region))
    share, how = 1.0, "published births"
    if name:  # the births of the city, per head, stand for the county
        city = sources.must(sources.census(name, CENSUS_YEAR), "census", name).value
        share = float(pyramid.sum()) / city
        how = f"births per head of the city of {name}, for the {engine_regions()[region].level},"
    factor = round(share * sum(figure.value for figure in seen.values()) / sum(model[year] for year in seen), 4)
    years = " and ".join(str(year) for year in sorted(seen))
    source = "; ".join(dict.fromkeys(figure.source for figure in seen.values()))
    method = f"{how} of {years} over those of a run with national fertility and the region's women; held constant"
    return factor, CardText(source, method, "derived")


def fit_movement(
    sources: Sources,
    nation: Nation,
    region: str,
    pyramid: np.ndarray,
    base_year: int,
    deaths: DeathTable,
    planned: Flow,
    window: int,
    totals: Mapping[int, float],
) -> tuple[float, CardText, Flow]:
    """Fertility factor and net migration together: births need the women who came, totals need the births."""
    flow = planned
    for _ in range(4):
        factor, text = fit_fertility(sources, nation, region, pyramid, base_year, deaths, flow.knots)
        flows = flows_to_totals(nation, pyramid, base_year, deaths, factor, totals)
        flow = flow_with_actuals(planned, window, flows, None)
    return factor, text, flow


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
    raked = rake_to_census(shape, picture.margins, deaths.at(CENSUS_YEAR), DAYS_AFTER_CENSUS)
    pyramid = np.round(raked, DECIMALS)
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
    totals = published_year_ends(sources, name, CENSUS_YEAR)
    factor, fertility_text, flow = fit_movement(sources, nation, key, pyramid, CENSUS_YEAR, deaths, planned, 10, totals)
    method = (
        "national birth cohorts lived through the region's mortality since 1992, raked to the census by sex and 0-14, "
        "15-59, 60-64, 65+ on 1 November 2020, carried to 31 December; inside a broad age the region has the nation's "
        "shape"
    )
    texts = {
        "population": CardText(picture.source, method, picture.evidence),
        "mortality_factor": mortality_text,
        "fertility_factor": fertility_text,
        "net_migration": flow.text,
        "net_migration_as_planned": planned.text,
    }
    return Basis(
        key, CENSUS_YEAR, pyramid, opening, births, mortality, factor, flow.knots, planned.knots, planned.yearly, texts
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


def build_earlier(sources: Sources, nation: Nation, later: Basis, base_year: int) -> Basis:
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
    totals = {CENSUS_YEAR: float(later.pyramid.sum())} | published_year_ends(sources, name, CENSUS_YEAR)
    factor, fertility_text, flow = fit_movement(
        sources, nation, later.key, pyramid, base_year, deaths, planned, lead, totals
    )
    method = (
        f"the basis of 2020 carried back {WORDS[lead]} years; net leavers of {base_year + 1}-2020 at 16-35 added so "
        f"that the total lies on the straight line between the censuses of 2010 and 2020 ({total:,.0f})"
    )
    texts = dict(later.texts) | {
        "population": CardText(later.texts["population"].source, method, "derived"),
        "fertility_factor": fertility_text,
        "net_migration": flow.text,
        "net_migration_as_planned": planned.text,
    }
    return Basis(
        later.key,
        base_year,
        pyramid,
        opening,
        births,
        later.mortality,
        factor,
        flow.knots,
        planned.knots,
        planned.yearly,
        texts,
    )


def build_by_parent(sources: Sources, nation: Nation, parent: Basis, key: str, rule: PeopleRow) -> Basis:
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
    totals = published_year_ends(sources, name, base_year)
    factor, fertility_text, flow = fit_movement(
        sources, nation, key, pyramid, base_year, deaths, planned, base_year - since, totals
    )
    method = (
        f"published total {published[base_year].value:,.0f} with the ages of {collected_name(parent.key)} at the end "
        f"of {base_year}; sexes in the published proportion of the {engine_regions()[key].level} at the end of "
        f"{rule.sexes}"
    )
    texts = {
        "population": CardText(published[base_year].source, method, "derived"),
        "mortality_factor": parent.texts["mortality_factor"],
        "fertility_factor": fertility_text,
        "net_migration": flow.text,
        "net_migration_as_planned": planned.text,
    }
    return Basis(
        key,
        base_year,
        pyramid,
        opening,
        births,
        parent.mortality,
        factor,
        flow.knots,
        planned.knots,
        planned.yearly,
        texts,
    )
