"""Wages, benefit bases, prices, incomes, minimum wages and unemployment rates by year, of the nation and of regions.

Regional history is the national shape times the region's ratio of the first common year; published points of the
region replace it, and between them the ratio to the nation is interpolated log-linearly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simengine.law.regions import NATION
from simengine_calibration.sources.files import Sources
from simengine_calibration.sources.histories import Figure, History, Statistics, has_typed, history, typed_history
from simengine_calibration.sources.plans import Plans
from simengine_calibration.sources.regions import collected_name, region_row

FIRST_YEAR = 1991
"""W(t-1) of 1992 is needed by the first year of the spin-up."""
LAST_OLD_CALIBRE = 2018

Paths = dict[str, History]


def follow(national: History, own: History, ratio_name: str, log: bool = True, whole: str = "national") -> History:
    """A regional series for every national year: own points, elsewhere the nation times the interpolated ratio."""
    known = [year for year in own.years if national.years[0] <= year]
    ratios = [own[year] / national.at(year, log) for year in known]
    figures = dict(own.figures)
    for year in national.years:
        if year in own:
            continue
        ratio = math.exp(float(np.interp(year, known, np.log(ratios))))
        if len(known) == 1 or year <= known[0]:
            text = f"{whole} x {ratio:.4g}, ratio of {known[0]} ({ratio_name})"
        else:
            text = f"{whole} x {ratio:.4g}, ratio log-linear between own points ({ratio_name})"
        figures[year] = Figure(national[year] * ratio, "computed", text)
    return History(figures, own.unit)


# --- nation ---------------------------------------------------------------------------------------------------------


def national_wage(stats: Statistics) -> History:
    """W [yuan/month]: non-private units to 2018, all urban units from 2019 (weighted non-private and private)."""
    published = stats.get("macro", "China", "wage_nonprivate", "yuan per year")
    recalled = stats.get("wage", "China", "wage_nonprivate", "yuan per year")
    nonprivate = published.over(recalled).over(typed_history("national", "wage_nonprivate_2024"))
    old = History(
        {
            year: Figure(figure.value / 12.0, figure.evidence, f"{figure.source}; a twelfth, non-private units")
            for year, figure in nonprivate.figures.items()
            if year <= LAST_OLD_CALIBRE
        },
        "yuan per month",
    )
    private = stats.get("macro", "China", "wage_private", "yuan per year").over(
        typed_history("national", "wage_private")
    )
    weight = typed_history("national", "full_calibre_weight")[2019]
    figures = dict(old.figures)
    for year in range(LAST_OLD_CALIBRE + 1, 2025):
        value = (weight * nonprivate[year] + (1.0 - weight) * private[year]) / 12.0
        figures[year] = Figure(value, "computed", f"full calibre: {weight:g} non-private + {1 - weight:g} private")
    growth = typed_history("national", "wage_growth_2025").figures[2025]
    figures[2025] = Figure(figures[2024].value * (1.0 + growth.value), "assumption", growth.source)
    return History(figures, "yuan per month")


def benefit_base(wage: History, own: History) -> History:
    """B [yuan/month]: last year's W to 2019, then the published transition values."""
    figures = {
        year: Figure(wage[year - 1], "computed", "average wage of the year before")
        for year in range(FIRST_YEAR + 1, 2020)
        if year - 1 in wage
    }
    return History({**figures, **own.figures}, "yuan per month")


def national_benefit_base(wage: History) -> History:
    """No national B is published: W(2018) raised by 5 %, then the mean growth of the provinces named in the row."""
    regions = region_row(NATION).benefit_base_of
    bases = [typed_history("provinces", region, "benefit_base") for region in regions]
    named = " and ".join(map(collected_name, regions))
    value = 1.05 * wage[LAST_OLD_CALIBRE]
    figures = {2020: Figure(value, "computed", f"W of 2018 x 1.05, as {named} (1.05 each)")}
    for year in range(2021, 2026):
        value *= math.sqrt(math.prod(base[year] / base[year - 1] for base in bases))
        figures[year] = Figure(value, "computed", f"mean growth of the bases of {named}")
    return benefit_base(wage, History(figures, "yuan per month"))


def price_index(stats: Statistics) -> History:
    """Consumer prices, 1992 = 1."""
    change = stats.get("macro", "China", "cpi_change", "1")
    level = 1.0 / (1.0 + change[1992] / 100.0)
    figures = {1991: Figure(level, "computed", "chained consumer price changes")}
    for year in range(1992, change.last + 1):
        level *= 1.0 + change[year] / 100.0
        figures[year] = Figure(level, "computed", f"chained: {change.figures[year].source}")
    figures[2025] = Figure(level, "memory", "prices of 2025 about as in 2024")
    return History(figures, "1")


def sex_ratio(sources: Sources) -> History:
    """Boys per girl at birth, UN medium variant, every fifth year after 2025."""
    ratios = sources.sex_ratio_at_birth()
    keep = [year for year in ratios if 1992 <= year <= 2025 or (2025 < year <= 2100 and year % 5 == 0)]
    return History({year: Figure(ratios[year], "published", "UN WPP 2024") for year in keep}, "1")


def national_economy(sources_root: Path, stats: Statistics) -> Paths:
    """Economic series of the nation."""
    wage = national_wage(stats)
    urban = typed_history("national", "urban_income").over(typed_history("national", "urban_income_other"))
    return {
        "average_wage": wage,
        "benefit_base": national_benefit_base(wage),
        "price_index": price_index(stats),
        "minimum_wage": typed_history("national", "minimum_wage"),
        "urban_income": urban,
        "national_urban_income": urban,
        "rural_income": typed_history("national", "rural_income"),
        "surveyed_unemployment_rate": typed_history("national", "surveyed_unemployment_rate"),
        "registered_unemployment_rate": typed_history("national", "registered_unemployment_rate"),
        "sex_ratio_at_birth": sex_ratio(Sources(sources_root)),
    }


# --- provinces ------------------------------------------------------------------------------------------------------


def provincial_wage(stats: Statistics, national: Mapping[str, History], region: str) -> History:
    """W of a province [yuan/month]; old and full calibre each follow the nation by their own first common ratio."""
    nation = national["average_wage"]
    own = typed_history("provinces", region, "contribution_wage")
    name = collected_name(region)
    if stats.has("macro", name, "wage_nonprivate"):
        old_point = stats.get("macro", name, "wage_nonprivate", "yuan per year").figures[LAST_OLD_CALIBRE]
        old_ratio = old_point.value / 12.0 / nation[LAST_OLD_CALIBRE]
        old_from = f"{LAST_OLD_CALIBRE}, non-private units"
    elif LAST_OLD_CALIBRE in own:
        old_ratio = own[LAST_OLD_CALIBRE] / nation[LAST_OLD_CALIBRE]
        old_from = f"{LAST_OLD_CALIBRE}, old calibre"
    else:
        first = own.years[0]
        old_ratio = own[first] / nation[first]
        old_from = f"{first}, full calibre, for want of an older one"
    figures = {
        year: Figure(nation[year] * old_ratio, "computed", f"national x {old_ratio:.4g}, ratio of {old_from}")
        for year in range(FIRST_YEAR, LAST_OLD_CALIBRE + 1)
    }
    full = follow(nation.only(lambda year: year > LAST_OLD_CALIBRE), own.only(lambda year: year > 2018), "full calibre")
    return History({**figures, **own.figures, **full.figures}, "yuan per month")


def provincial_economy(stats: Statistics, plans: Plans, national: Mapping[str, History], region: str) -> Paths:
    """Economic series of a province."""
    wage = provincial_wage(stats, national, region)
    paths: Paths = {
        "average_wage": wage,
        "benefit_base": benefit_base(wage, typed_history("provinces", region, "benefit_base")),
        "minimum_wage": follow(
            national["minimum_wage"], typed_history("provinces", region, "minimum_wage"), "minimum wage"
        ),
    }
    for kind in ("urban", "rural"):
        own = typed_history("provinces", region, f"{kind}_income")
        measure = f"{kind}_disposable_income"
        if stats.has("macro", collected_name(region), measure):
            own = stats.get("macro", collected_name(region), measure, own.unit).over(own)
        paths[f"{kind}_income"] = follow(national[f"{kind}_income"], own, f"{kind} income")
    registered = registered_rate(plans, region)
    if registered is not None:
        paths["registered_unemployment_rate"] = follow(
            national["registered_unemployment_rate"].only(lambda year: year <= registered.last), registered, "rate"
        )
    return paths


def registered_rate(plans: Plans, region: str) -> History | None:
    """Registered unemployment rates printed in the plan of a region."""
    found = {year: plans.get(region, year, "registered_unemp_rate") for year in (2015, 2020)}
    figures = {
        year: Figure(figure.value, "seed", f"plan figure {figure.ids}") for year, figure in found.items() if figure
    }
    return History(figures, "1") if figures else None


# --- cities and counties --------------------------------------------------------------------------------------------


def local_economy(plans: Plans, parent: Mapping[str, History], region: str, base_year: int) -> Paths:
    """Economic series of a city or county from its opening on; wages and benefit bases are the parent's."""
    paths: Paths = {}
    for series in ("minimum_wage", "urban_income", "rural_income", "unemployment_benefit", "basic_pension"):
        if has_typed("provinces", region, series):
            own = typed_history("provinces", region, series)
            known = follow(parent[series], own, series, whole="parent") if len(own.years) == 1 else own
            paths[series] = known.only(lambda year: year >= base_year)
    for series, indicator in (
        ("registered_unemployment_rate", "registered_unemp_rate"),
        ("surveyed_unemployment_rate", "surveyed_unemp_rate"),
    ):
        figure = plans.get(region, base_year, indicator)
        if figure is not None:
            paths[series] = history("1", "seed", f"plan figure {figure.ids}", {base_year: figure.value})
    return paths
