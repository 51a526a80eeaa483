"""Population of the regions: census regions, the areas of Xuzhou, and the two bases of 2015."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.cohorts import (
    DeathTable,
    rake_to_census,
    reverse_survive,
    run_with_births,
    run_with_fertility,
)
from calibration.mortality import AGES, life_expectancy, mortality_factor
from calibration.population_basis import Basis, CardText, Nation
from calibration.population_migration import (
    Flow,
    between_knots,
    flow_with_actuals,
    flows_to_totals,
    level_between_totals,
    migrant_shape,
    planned_flow,
)
from calibration.population_regions import (
    CENSUS_YEAR,
    DAYS_AFTER_CENSUS,
    RULES,
    XUZHOU_AREAS,
    census_picture,
    life_expectancy_target,
    published_births,
    published_year_ends,
)
from calibration.sources import Sources
from simengine.registry.axes import SEX

DECIMALS = 3
"""Stored decimals of a pyramid; whole persons would make the open cell of a county a lottery."""


def region_deaths(sources: Sources, nation: Nation, name: str) -> tuple[np.ndarray, DeathTable, CardText]:
    """Mortality factors of a region [1; sex], its death table, and the text of the card."""
    target, evidence, source = life_expectancy_target(sources, name)
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
    name: str,
    pyramid: np.ndarray,
    base_year: int,
    deaths: DeathTable,
    knots: Mapping[int, np.ndarray],
) -> tuple[float, CardText]:
    """Published births over the model's births with national fertility, over the years both have."""
    model = model_births(nation, pyramid, base_year, deaths, knots)
    seen = published_births(sources, name)
    share, how = 1.0, "published births"
    if name == "Jiaxing":  # the births of the city, per head, stand for the county
        city = sources.must(sources.census(name, CENSUS_YEAR), "census", name).value
        share, how = float(pyramid.sum()) / city, "births per head of the city of Jiaxing, for the county,"
    factor = round(share * sum(figure.value for figure in seen.values()) / sum(model[year] for year in seen), 4)
    years = " and ".join(str(year) for year in sorted(seen))
    source = "; ".join(dict.fromkeys(figure.source for figure in seen.values()))
    method = f"{how} of {years} over those of a run with national fertility and the region's women; held constant"
    return factor, CardText(source, method, "derived")


def fit_movement(
    sources: Sources,
    nation: Nation,
    births_from: str,
    pyramid: np.ndarray,
    base_year: int,
    deaths: DeathTable,
    planned: Flow,
    window: int,
    totals: Mapping[int, float],
    level: float | None = None,
) -> tuple[float, CardText, Flow]:
    """Fertility factor and net migration together: births need the women who came, totals need the births."""
    flow = planned
    for _ in range(4):
        factor, text = fit_fertility(sources, nation, births_from, pyramid, base_year, deaths, flow.knots)
        flows = flows_to_totals(nation, pyramid, base_year, deaths, factor, totals)
        flow = flow_with_actuals(planned, window, flows, level)
    return factor, text, flow


def build_region(sources: Sources, nation: Nation, china: Basis, key: str, zhejiang: Basis | None) -> Basis:
    """One region with a census picture of 1 November 2020: national cohorts, its mortality, its census margins."""
    rule = RULES[key]
    picture = census_picture(sources, rule.name)
    mortality, deaths, mortality_text = region_deaths(sources, nation, rule.mortality_from)
    shape = run_with_births(china.opening, china.past_births, deaths)[CENSUS_YEAR]
    raked = rake_to_census(shape, picture.margins, deaths.at(CENSUS_YEAR), DAYS_AFTER_CENSUS)
    pyramid = np.round(raked, DECIMALS)
    opening, births, _ = reverse_survive(pyramid, CENSUS_YEAR, deaths, nation.old_shape)
    if zhejiang is not None:
        yearly = zhejiang.planned_level / zhejiang.pyramid.sum() * pyramid.sum()
        level = "the net migration of Zhejiang per head"
    else:
        in_2010 = sources.census_2010_total(rule.name).value
        china_2010 = sources.census_2010_total("China").value
        gap = level_between_totals(china.opening, china.past_births, nation.deaths, 2010, china_2010) / china_2010
        yearly = (level_between_totals(opening, births, deaths, 2010, in_2010) - gap * in_2010) / 10.0
        level = (
            f"2010-2020: population of 2020 carried back to 2010 without migration, less the 2010 census "
            f"({in_2010:,.0f}), less the nation's own gap of {100 * gap:.2f} %"
        )
    planned = planned_flow(level, float(yearly), CENSUS_YEAR)
    totals = published_year_ends(sources, rule.name, CENSUS_YEAR)
    factor, fertility_text, flow = fit_movement(
        sources, nation, rule.births_from, pyramid, CENSUS_YEAR, deaths, planned, 10, totals
    )
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


# The areas of Xuzhou


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


def build_xuzhou_areas(sources: Sources, nation: Nation, city: Basis) -> list[Basis]:
    """The seven areas: the city's tables by one stated share each."""
    members = np.array([sources.supplement(key, CENSUS_YEAR, "pension_participants").value for key in XUZHOU_AREAS])
    shares = members / members.sum()
    pyramids = split_stored(city.pyramid, shares)
    knots = {year: split_stored(table, shares) for year, table in city.migration.items()}
    planned = {year: split_stored(table, shares) for year, table in city.planned_migration.items()}
    deaths = nation.deaths.scaled(city.mortality)
    areas = []
    for i, key in enumerate(XUZHOU_AREAS):
        opening, births, _ = reverse_survive(pyramids[i], CENSUS_YEAR, deaths, nation.old_shape)
        split = (
            f"the city's table times {shares[i]:.5f}, the area's share in the pension participants of 2020 (plan annex "
            "table 6), as no census figure of the areas is at hand; the seven areas add up to the city exactly; city: "
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


# The two bases of 2015


def leavers_carried_back(deaths: DeathTable, since: int) -> np.ndarray:
    """One leaver a year from `since` to 2020, at the ages they had at the end of `since` [persons; sex, age]."""
    people = np.zeros((2, AGES))
    for year in range(since + 1, CENSUS_YEAR + 1):
        gone = migrant_shape()
        for back in range(year, since, -1):
            gone = np.pad(gone[:, 1:] / (1.0 - deaths.at(back)[:, 1:]), ((0, 0), (0, 1)))
        people += gone
    return people


def build_jiangxi_2015(sources: Sources, nation: Nation, later: Basis) -> Basis:
    """Jiangxi at the end of 2015: the 2020 basis carried back, those who left since added again."""
    base_year = 2015
    deaths = nation.deaths.scaled(later.mortality)
    stayed = run_with_births(later.opening, later.past_births, deaths)[base_year]
    leavers = leavers_carried_back(deaths, base_year)
    first = sources.census_2010_total("Jiangxi").value
    second = sources.must(sources.census("Jiangxi", CENSUS_YEAR), "census", "Jiangxi 2020").value
    total = first + (second - first) * (5.0 + DAYS_AFTER_CENSUS) / 10.0
    pyramid = np.round(stayed + leavers * (total - stayed.sum()) / leavers.sum(), DECIMALS)
    opening, births, _ = reverse_survive(pyramid, base_year, deaths, nation.old_shape)
    planned = planned_flow("as for Jiangxi 2020", later.planned_level, base_year)
    totals = {CENSUS_YEAR: float(later.pyramid.sum())} | published_year_ends(sources, "Jiangxi", CENSUS_YEAR)
    factor, fertility_text, flow = fit_movement(
        sources, nation, "Jiangxi", pyramid, base_year, deaths, planned, 5, totals
    )
    method = (
        "the basis of 2020 carried back five years; net leavers of 2016-2020 at 16-35 added so that the total lies on "
        f"the straight line between the censuses of 2010 and 2020 ({total:,.0f})"
    )
    texts = dict(later.texts) | {
        "population": CardText(later.texts["population"].source, method, "derived"),
        "fertility_factor": fertility_text,
        "net_migration": flow.text,
        "net_migration_as_planned": planned.text,
    }
    return Basis(
        "jiangxi",
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


def build_jingdezhen(sources: Sources, nation: Nation, parent: Basis) -> Basis:
    """Jingdezhen at the end of 2015: published total, Jiangxi's ages, the city's sexes of 2021."""
    base_year, name = parent.base_year, "Jingdezhen"
    published = {
        year: sources.must(sources.census(name, year), "census", f"{name} {year}") for year in (2011, base_year)
    }
    sexes = [sources.must(sources.census(name, 2021, sex=sex), "census", f"{name} {sex}").value for sex in SEX]
    by_sex = published[base_year].value * np.array(sexes) / sum(sexes)
    shares = parent.pyramid * (by_sex / parent.pyramid.sum(axis=1))[:, None]
    pyramid = split_stored(np.array(published[base_year].value), shares.ravel() / shares.sum()).reshape(2, AGES)
    deaths = nation.deaths.scaled(parent.mortality)
    opening, births, _ = reverse_survive(pyramid, base_year, deaths, nation.old_shape)
    yearly = level_between_totals(opening, births, deaths, 2011, published[2011].value) / (base_year - 2011)
    level = "2011-2015: population of 2015 carried back without migration, less the published total of 2011"
    planned = planned_flow(level, yearly, base_year)
    totals = published_year_ends(sources, name, base_year)
    factor, fertility_text, flow = fit_movement(
        sources, nation, name, pyramid, base_year, deaths, planned, base_year - 2011, totals
    )
    method = (
        f"published total {published[base_year].value:,.0f} with the ages of Jiangxi at the end of 2015; sexes in the "
        "published proportion of the city at the end of 2021"
    )
    texts = {
        "population": CardText(published[base_year].source, method, "derived"),
        "mortality_factor": parent.texts["mortality_factor"],
        "fertility_factor": fertility_text,
        "net_migration": flow.text,
        "net_migration_as_planned": planned.text,
    }
    return Basis(
        "jingdezhen",
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
