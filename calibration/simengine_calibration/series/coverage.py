"""How many are insured, by status and branch: national history, provinces, and what cities take from their parent.

Rules (``simengine/notes/basis.md``, section 3): the public sector follows the population, the enterprise scheme is the
rest; enterprise payers are the national share of it, or what the unemployment insurance implies if that is more; the
rest is flexible payers and paused members in the national proportion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simengine.common.errors import BasisError
from simengine.law.regions import NATION
from simengine_calibration.series.economy import Paths, follow
from simengine_calibration.series.splits import Nation, Split, split_province
from simengine_calibration.sources.files import Sources
from simengine_calibration.sources.histories import Figure, History, Statistics, anchor, history, typed_history
from simengine_calibration.sources.plans import Plans
from simengine_calibration.sources.regions import collected_name, region_row

FIRST, LAST = 1992, 2024
BRIEFED = (2024, 2025)
"""Years whose national insured the ministry told a press conference."""

LARGEST_ENTERPRISE_SHARE = 0.95
"""No province keeps more of its enterprise scheme as enterprise payers."""

INDICES = ("public_index", "resident_index", "unemployment_index", "injury_index")
LEVEL_OF_INDEX = {
    "public_index": "public_payers", "resident_index": "resident_registered",
    "unemployment_index": "unemployment_insured", "injury_index": "injury_insured",
}  # fmt: skip
MEMBER_LEVELS = ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")


def insured_history(stats: Statistics, plans: Plans, branch: str, region: str) -> History:
    """Unemployment or injury insured of a region at the years with a figure [persons]."""
    name = collected_name(region)
    known = stats.get(branch, name, "participants_total", "persons")
    typed = {"unemployment": "unemployment_insured_other", "work_injury": "injury_insured_other"}[branch]
    if region == NATION:
        rounded = known.only(lambda year: known[year] % 5e6 != 0 or year < 2019)  # press figures such as 240 million
        later = {"unemployment": "unemployment_insured", "work_injury": "injury_insured"}[branch]
        known = rounded.over(typed_history("national", typed))
        for year in BRIEFED:
            known = known.over(typed_history("national", f"{later}_{year}"))
        return known
    indicator = {"unemployment": "ui_participants", "work_injury": "wi_participants"}[branch]
    figures = dict(known.figures)
    for year in (2015, 2020):
        plan = plans.get(region, year, indicator)
        if plan is not None:
            figures[year] = Figure(plan.value, "seed", f"plan figure {plan.ids}")
    return History(figures, "persons")


# --- nation ---------------------------------------------------------------------------------------------------------


def national_levels(stats: Statistics, plans: Plans, country: Nation) -> Paths:
    """Levels of the nation, every year-end 1992-2024."""
    levels: dict[str, dict[int, Figure]] = {
        name: {} for name in ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
    }
    for year in range(FIRST, LAST + 1):
        active, public = country.active.at(year), country.public_active.at(year)
        if year < country.public_active.years[0]:
            public = 0.0
        share, flexible = country.payer_share.at(year), country.flexible_share.at(year)
        scheme = active - public
        tag = country.active.figures[year].evidence
        parts = {
            "enterprise_payers": (
                scheme * share * (1.0 - flexible),
                f"payer share {share:.3f}, flexible {flexible:.3f}",
            ),
            "flexible_payers": (scheme * share * flexible, f"payer share {share:.3f}, flexible {flexible:.3f}"),
            "public_payers": (public, "public-sector members, all paying"),
            "paused_members": (scheme * (1.0 - share), f"payer share {share:.3f}"),
        }
        for name, (value, text) in parts.items():
            levels[name][year] = Figure(value, "computed", f"active members ({tag}); {text}")
    paths = {name: History(figures, "persons") for name, figures in levels.items()}
    paths["resident_registered"] = country.registered
    paths["unemployment_insured"] = insured_history(stats, plans, "unemployment", NATION)
    paths["injury_insured"] = insured_history(stats, plans, "work_injury", NATION)
    paths["platform_insured"] = with_zero(typed_history("national", "platform_insured"))
    return paths


def with_zero(known: History) -> History:
    """The series with a zero in 1992, for what began later."""
    return History({FIRST: Figure(0.0, "assumption", "before the start"), **known.figures}, known.unit)


# --- provinces ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Members:
    """Members of the employees' scheme by status at one year end [persons]."""

    enterprise: float
    flexible: float
    public: float
    paused: float


def members_by_status(
    active: float, public: float, shares: tuple[float, float], unemployment: float, public_insured: float
) -> Members:
    """Split active members: national shares, enterprise payers at least what unemployment insurance implies.

    Parameters
    ----------
    shares : national (payer share, flexible share of payers) of the enterprise scheme
    unemployment : insured against unemployment [persons]; `public_insured` of the public members are among them
    """
    payers, flexible = shares
    scheme = active - public
    if scheme <= 0.0:
        raise BasisError("public_exceeds_active")
    enterprise = max(payers * (1.0 - flexible), (unemployment - public_insured * public) / scheme)
    enterprise = min(enterprise, LARGEST_ENTERPRISE_SHARE)
    rest = 1.0 - enterprise
    part = payers * flexible / (payers * flexible + 1.0 - payers)
    return Members(scheme * enterprise, scheme * rest * part, public, scheme * rest * (1.0 - part))


def national_shares(country: Nation, year: int) -> tuple[float, float]:
    return country.payer_share.at(year), country.flexible_share.at(year)


def provincial_active(stats: Statistics, country: Nation, region: str, splits: Mapping[int, Split]) -> History:
    """Active members of a province 1992-2024 [persons]; own points 2005, 2008, 2010, splits, 2024."""
    own = dict(stats.get("uebps", collected_name(region), "participants_active", "persons").figures)
    for year, split in splits.items():
        own[year] = Figure(split.active, split.evidence, split.source)
    own[LAST] = anchor(region, "active")
    return follow(country.active, History(own, "persons"), "active members")


def provincial_levels(
    stats: Statistics, plans: Plans, country: Nation, national: Mapping[str, History], region: str,
    splits: Mapping[int, Split], population_share: float, public_insured: float,
) -> Paths:  # fmt: skip
    """Levels of a province, every year-end 1992-2024.

    The share of enterprise payers relative to the nation's is that of 2020; it comes in linearly from 1997 to 2015.
    """
    unemployment = provincial_insured(stats, plans, "unemployment", region, national)
    active = provincial_active(stats, country, region, splits)
    public = country.public_active.mapped(
        lambda _, value: value * population_share, "computed", f"national x {population_share:.4f}, share of population"
    )
    base = members_by_status(
        active.at(2020), public.at(2020), national_shares(country, 2020), unemployment.at(2020), public_insured
    )
    scheme = active.at(2020) - base.public
    payers, flexible = national_shares(country, 2020)
    relative = base.enterprise / scheme / (payers * (1.0 - flexible))
    levels: dict[str, dict[int, Figure]] = {
        name: {} for name in ("enterprise_payers", "flexible_payers", "public_payers", "paused_members")
    }
    for year in range(FIRST, LAST + 1):
        shares = national_shares(country, year)
        factor = 1.0 + (relative - 1.0) * float(np.interp(year, (1997, 2015), (0.0, 1.0)))
        implied = min(factor * shares[0] * (1.0 - shares[1]), LARGEST_ENTERPRISE_SHARE)
        public_now = public.at(year) if year >= public.years[0] else 0.0
        scheme = active.at(year) - public_now
        split = members_by_status(active.at(year), public_now, shares, implied * scheme, 0.0)
        text = f"active members ({active.figures[year].evidence}) less public; enterprise share x {factor:.3f}"
        for name, value in zip(levels, (split.enterprise, split.flexible, split.public, split.paused), strict=True):
            source = public.figures[public.years[0]].source if name == "public_payers" else text
            levels[name][year] = Figure(value, "computed", source)
    paths = {name: History(figures, "persons") for name, figures in levels.items()}
    paths["resident_registered"] = provincial_registered(country, region, splits)
    paths["unemployment_insured"] = unemployment
    paths["injury_insured"] = provincial_insured(stats, plans, "work_injury", region, national)
    return paths


def provincial_insured(
    stats: Statistics, plans: Plans, branch: str, region: str, national: Mapping[str, History]
) -> History:
    """Insured of a branch to 2020 [persons]: own points; before the first the nation's shape.

    A province whose plan is not at hand keeps its ratio to the nation of the last own point until 2020.
    """
    series = {"unemployment": "unemployment_insured", "work_injury": "injury_insured"}[branch]
    whole = national[series]
    years = {year: figure for year, figure in whole.figures.items() if FIRST <= year <= 2020}
    return follow(History(years, "persons"), insured_history(stats, plans, branch, region), "insured")


def provincial_registered(country: Nation, region: str, splits: Mapping[int, Split]) -> History:
    """Registered below 60 in the resident scheme of a province, 2008-2024 [persons]."""
    own = {year: Figure(split.registered, split.evidence, split.source) for year, split in splits.items()}
    last = anchor(region, "resident_total").value - anchor(region, "beneficiaries").value
    own[LAST] = Figure(last, "secondary", f"participants less recipients, {anchor(region, 'beneficiaries').source}")
    positive = country.registered.only(lambda year: country.registered[year] > 0.0)
    known = follow(positive, History(own, "persons"), "registered")
    return History({2008: Figure(0.0, "computed", "before the scheme"), **known.figures}, "persons")


# --- indices --------------------------------------------------------------------------------------------------------


def flat_index(last: int) -> History:
    """1 in every year to the last known level; the rule's growth follows."""
    return history("1", "computed", "1 while the level is known", dict.fromkeys(range(2010, last + 1), 1.0))


def working_age_growth(sources: Sources, from_year: int, year: int) -> float:
    """Growth of the national population of 16-59 (women to 54) between two mid-years, UN five-year groups [1]."""
    counts = sources.five_year_counts()

    def size(when: int) -> float:
        male, female = counts[when]
        # groups start at 15: one fifth of 15-19 is below 16
        return float(male[3:12].sum() - 0.2 * male[3] + female[3:11].sum() - 0.2 * female[3])

    return size(year) / size(from_year)


def insured_index(
    levels: Mapping[str, History], series: str, base_year: int, denominators: Mapping[int, float]
) -> History:
    """Index of a region's insured ratio after its last figure, from the nation's published growth of the insured.

    index(t) = [insured(t) / insured(base)] of the nation / [denominator(t) / denominator(base)] of the region
    """
    known = levels[series]
    figures = dict(flat_index(base_year).figures)
    for year in sorted(denominators):
        growth = known.at(year, log=True) / known.at(base_year, log=True)
        ratio = denominators[year] / denominators[base_year]
        if year > base_year and year <= known.last:
            text = f"national insured x {growth:.4f}, region's denominator x {ratio:.4f} since {base_year}"
            figures[year] = Figure(growth / ratio, "computed", text)
    return History(figures, "1")


def employed_growth(base_year: int) -> dict[int, float]:
    """National employed persons after the base year [persons]; regions are taken to move alike."""
    employed = typed_history("national", "employed")
    return {year: employed.at(year) for year in range(base_year, 2025)}


def provincial_indices(levels: Mapping[str, History], national: Mapping[str, History]) -> Paths:
    """Indices of a province: statuses known to 2024; unemployment and injury insured known to 2020."""
    payers = levels["enterprise_payers"]
    paths = {index: flat_index(LAST) for index in INDICES}
    paths["unemployment_index"] = insured_index(
        national, "unemployment_insured", 2020, {year: payers.at(year) for year in range(2020, LAST + 1)}
    )
    paths["injury_index"] = insured_index(national, "injury_insured", 2020, employed_growth(2020))
    return paths


def carried_levels(opening: Mapping[str, float], parent: Mapping[str, History], base_year: int) -> Paths:
    """Members by status of a city, county or area [persons]: the opening, later years as the parent's level moves."""
    paths: Paths = {}
    for name in MEMBER_LEVELS:
        level = parent[name]
        figures = {base_year: Figure(opening[name], "assumption", "openings.csv")}
        for year in range(base_year + 1, LAST + 1):
            growth = level.at(year) / level.at(base_year)
            text = f"opening x {growth:.4f}, the parent's level over that of {base_year}"
            figures[year] = Figure(opening[name] * growth, "computed", text)
        paths[name] = History(figures, "persons")
    return paths


def local_indices(
    sources: Sources, parent: Mapping[str, History], national: Mapping[str, History], base_year: int
) -> Paths:
    """Indices of a city or county: residents' share, and the insured of both branches, follow the parent's to 2024."""
    level = parent["resident_registered"]
    figures = dict(flat_index(base_year).figures)
    for year in range(base_year + 1, LAST + 1):
        ages = working_age_growth(sources, base_year, year)
        growth = level.at(year) / level.at(base_year) / ages
        text = f"parent's level since {base_year} over the population of working age (x {ages:.4f})"
        figures[year] = Figure(growth, "computed", text)
    payers = parent["enterprise_payers"]
    carried = {year: payers.at(year) / payers.at(base_year) for year in range(base_year, LAST + 1)}
    return {
        "public_index": flat_index(LAST),
        "resident_index": History(figures, "1"),
        "unemployment_index": insured_index(national, "unemployment_insured", base_year, carried),
        "injury_index": insured_index(national, "injury_insured", base_year, employed_growth(base_year)),
    }


def province_splits(stats: Statistics, plans: Plans, country: Nation, region: str) -> dict[int, Split]:
    """Splits of a province at its openings, the earliest first."""
    years = sorted(region_row(region).bases)
    return {year: split_province(stats, plans, country, region, year) for year in years}
