"""One basis after another: own series, constants and openings of the nation, provinces, cities and areas."""

from __future__ import annotations

from dataclasses import replace

from simengine.law.regions import NATION
from simengine.registry.axes import LEVEL_OF_STATUS
from simengine_calibration.places.workshop import Workshop
from simengine_calibration.series.behaviour import provincial_behaviour
from simengine_calibration.series.coverage import (
    Members,
    province_splits,
    provincial_indices,
    provincial_levels,
)
from simengine_calibration.series.economy import Paths, provincial_economy
from simengine_calibration.series.openings import (
    Balances,
    Heads,
    Position,
    national_entrusted_share,
    plan_position,
    put_benefits,
    put_branches,
    put_coverage,
    put_funds,
    put_heads,
    put_obliged,
    put_rates,
)
from simengine_calibration.series.splits import Split, split_province
from simengine_calibration.sources.histories import Figure, History, has_typed, typed, typed_history
from simengine_calibration.sources.regions import BasisPlan, collected_name, nation_basis, region_row

Constants = dict[str, tuple[float, str, str, str, float, float]]
"""Name to value, unit, evidence, source, low, high."""

STATUS_SERIES = tuple(LEVEL_OF_STATUS.values())
STANDARDS = ("basic_pension", "minimum_wage", "unemployment_benefit")
RATES = ("registered_unemployment_rate", "surveyed_unemployment_rate", "resident_paying_share")
ACCOUNT_PART = 0.08
"""Account pensions in resident spending of 2020, nation [1] (about 13 of 174 yuan)."""


# --- constants ------------------------------------------------------------------------------------------------------


def national_constants(shop: Workshop) -> Constants:
    """Typed constants and the start of the spin-up."""
    found: Constants = {
        name: (float(c["value"]), c["unit"], c["evidence"], c["source"], float(c["low"]), float(c["high"]))
        for name, c in typed("constants").items()
        if c.get("use") != "calibration"
    }
    for name, (value, unit, source) in shop.initial_constants(nation_basis(), NATION).items():
        low, high = (found[name][4], found[name][5]) if name in found else (0.9 * value, 1.1 * value)
        found[name] = (value, unit, "computed" if "average" in name else "recalled", source, low, high)
    return found


def regional_constants(shop: Workshop, plan: BasisPlan, province: bool) -> Constants:
    """Constants of a region that differ from the nation's."""
    found: Constants = {}
    if province:
        for name, (value, unit, source) in shop.initial_constants(plan.name, plan.region).items():
            found[name] = (value, unit, "computed", source, 0.85 * value, 1.15 * value)
    for name, value in shop.hukou_ratios(plan.name, plan.region).items():
        text = "registered less resident population [memory]: 80 % of the gap at 16-59, 8 % at 60 and over"
        found[name] = (value, "1", "assumption", text, value - 0.05, value + 0.05)
    return found


# --- funds and benefits ---------------------------------------------------------------------------------------------


def province_balances(shop: Workshop, region: str, year: int, position: Position) -> Balances:
    """Fund balances of a province: national balances by the region's share of 2024 or of insured persons [yuan]."""
    national = shop.national_paths()
    annuity = typed_history("national", "annuity_fund").at(year) * position["public_payers"]
    return Balances(
        employees=shop.balance("employees", year) * shop.relative_balance(region, "balance", year),
        resident=shop.balance("resident", year) * shop.relative_balance(region, "resident_balance", year),
        unemployment=shop.balance("unemployment", year)
        * position["unemployment_insured"] / national["unemployment_insured"].at(year),
        injury=shop.balance("work_injury", year) * position["injury_insured"] / national["injury_insured"].at(year),
        annuity=annuity / shop.country.public_active.at(year),
    )  # fmt: skip


def resident_average(shop: Workshop, paths: Paths, year: int, base: float) -> float:
    """Mean resident pension: base, supplement and an account part after own contributions [yuan/month]."""
    national = shop.national_paths()
    supplement = national["resident_supplement"].at(year)
    spending = national["basic_pension"].at(year) / typed_history("behaviour", "basic_pension_share").at(year)
    relative = paths["resident_contribution"].at(year) / national["resident_contribution"].at(year)
    account = ACCOUNT_PART * spending * relative * min(1.0, (year - 2010) / 10.0)
    return base + supplement + account


def put_totals(position: Position) -> tuple[float, float]:
    """Participants of both schemes as sums of their parts; returns them [persons]."""
    employees = sum(position[name] for name in (*STATUS_SERIES, "enterprise_pensioners", "public_pensioners"))
    residents = position["resident_registered"] + position["resident_beneficiaries"]
    text = "members and pensioners by status"
    position.put("uebps_participants", employees, "persons", "estimated", "computed", text)
    position.put("resident_participants", residents, "persons", "estimated", "computed", "registered and recipients")
    position.put("pension_participants", employees + residents, "persons", "estimated", "computed", "both schemes")
    return employees, residents


def put_common(shop: Workshop, position: Position, paths: Paths, year: int, adults: float, hukou: float) -> None:
    """Rates, coverage denominators and totals that every opening has."""
    put_rates(position, {name: paths[name].at(year) for name in RATES if name in paths})
    employees, residents = put_totals(position)
    rate = typed_history("national", "coverage_rate")[2020]
    national = shop.country.participants(2020) + shop.country.resident(2020)
    ratio = national / rate / shop.people(nation_basis(), 16)
    put_coverage(position, employees + residents, adults, ratio, hukou)
    put_obliged(position)
    spread = typed_history("national", "platform_insured").at(year) if year > 2021 else 0.0
    position.put("platform_insured", spread, "persons", "published", "memory", "pilot began in July 2022")


def ratio_paths(position: Position, coverable: float, year: int) -> Paths:
    """Denominators of the coverage rates: what a plan counts by what the engine counts, obliged employees by payers."""
    found = {}
    for series, indicator, base, text in (
        ("coverage_population_ratio", "coverage_population", coverable, "residents or registered of 16 and over"),
        ("ui_obliged_ratio", "ui_obliged_population", position["enterprise_payers"], "enterprise payers"),
    ):
        figure = Figure(position[indicator] / base, "computed", f"{indicator} of openings.csv over {text}")
        found[series] = History({year: figure}, "1")
    return found


# --- nation ---------------------------------------------------------------------------------------------------------


def build_china(shop: Workshop, plan: BasisPlan) -> tuple[Paths, Constants, Position]:
    """The nation at the end of 2020: mostly recalled bulletins."""
    paths, year, country = shop.national_paths(), plan.base_year, shop.country
    position = Position(plan.name)
    heads = Heads(
        enterprise=paths["enterprise_payers"].at(year),
        flexible=paths["flexible_payers"].at(year),
        public=paths["public_payers"].at(year),
        paused=paths["paused_members"].at(year),
        retirees=country.retirees.at(year),
        public_retirees=country.public_retirees.at(year),
        registered=country.registered.at(year),
        beneficiaries=country.beneficiaries.at(year),
    )
    rule = "bulletins of 2020 [recalled]; payers by status by the assumed payer and flexible shares"
    counted = ("enterprise_pensioners", "public_pensioners", "resident_registered", "resident_beneficiaries")
    widths = dict.fromkeys((*counted, "public_payers"), 0.01)
    widths |= {"enterprise_payers": 0.06, "flexible_payers": 0.25, "paused_members": 0.15}
    put_heads(position, heads, rule, widths, None, "published", "recalled")
    insured = {name: (paths[name].at(year), "bulletin 2020") for name in ("unemployment_insured", "injury_insured")}
    put_branches(position, insured, (shop.claimants(year), "drawing at the end of 2020, bulletin 2021"), "published")
    put_benefits(
        position, (shop.mean_pension(year), "published", "recalled", "mean enterprise pension 2020, rounded"),
        public_ratio(year),
        (resident_average(shop, paths, year, paths["basic_pension"].at(year)), paths["resident_supplement"].at(year)),
        {name: paths[name].at(year) for name in STANDARDS},
    )  # fmt: skip
    annuity = typed_history("national", "annuity_fund").at(year)
    balances = Balances(
        employees=shop.balance("employees", year),
        resident=shop.balance("resident", year),
        unemployment=shop.balance("unemployment", year),
        injury=shop.balance("work_injury", year),
        annuity=annuity,
    )
    put_funds(
        position, balances, typed_history("national", "public_share_of_balance").at(year),
        (0.8 * (shop.balance("resident", year) - shop.balance("resident", 2018)),
         balances.employees * 0.935 * national_entrusted_share(year)),
        "bulletins of 2020 [recalled]; public part by the share of 2018", 0.03,
    )  # fmt: skip
    put_common(shop, position, paths, year, shop.people(plan.name, 16), 1.0)
    coverable = shop.coverable(plan.name, shop.hukou_ratios(plan.name, plan.region))
    return {**paths, **ratio_paths(position, coverable, year)}, national_constants(shop), position


# --- provinces ------------------------------------------------------------------------------------------------------


def platform_path(shop: Workshop, region: str, share: float) -> History:
    """Platform workers insured in a province: from 2022 where the pilot was, elsewhere from 2025 [persons]."""
    pilot = region_row(region).platform_pilot
    national = shop.national_paths()["platform_insured"]
    relative = typed_history("national", "platform_share")
    figures = {year: Figure(0.0, "assumption", "before the pilot") for year in (1992, 2021)}
    for year in (2022, 2023, 2024, 2025, 2026):
        if pilot is not None:
            factor = relative[2024] if year <= pilot.last else pilot.after
        else:
            factor = relative.at(year) if year >= 2025 else 0.0
        text = f"national x {share:.4f} of population x {factor:g}"
        figures[year] = Figure(national.at(year) * share * factor, "assumption", text)
    return History(figures, "persons")


def province_paths(shop: Workshop, plan: BasisPlan, splits: dict[int, Split]) -> Paths:
    """Own series of a province."""
    region, national, share = plan.region, shop.national_paths(), shop.population_share(plan.name)
    paths = provincial_economy(shop.stats, shop.plans, national, region)
    insured = typed("constants")["public_unemployment_share"]["value"]
    paths |= provincial_levels(shop.stats, shop.plans, shop.country, national, region, splits, share, insured)
    paths |= provincial_indices(paths, national)
    active = sum(paths[name].at(2010) for name in STATUS_SERIES) / shop.country.active.at(2010)
    balance = shop.balance("resident", 2023) * shop.relative_balance(region, "resident_balance", 2023)
    unfitted = {**national, "resident_contribution": shop.unfitted["resident_contribution"]}
    paths |= provincial_behaviour(unfitted, region, share, active, balance)
    paths["resident_contribution"] = paths["resident_contribution"].mapped(
        lambda year, value: value * shop.fitted_over_unfitted("resident_contribution", year), "computed",
        "own or national figure, with the national fit of contributions a payer",
    )  # fmt: skip
    paths["platform_insured"] = platform_path(shop, region, share)
    return paths


def province_heads(shop: Workshop, split: Split, members: Members, year: int, share: float) -> Heads:
    """Heads of a province from its split and its members by status."""
    public_retired = shop.country.public_retirees.at(year) * share
    return Heads(
        members.enterprise, members.flexible, members.public, members.paused, split.retirees, public_retired,
        split.registered, split.beneficiaries,
    )  # fmt: skip


def public_ratio(year: int) -> tuple[float, str]:
    """Mean public over mean enterprise pension of the nation [1], and what says so."""
    return typed_history("national", "public_pension_ratio").at(year), "of the nation: after the spending of 2020"


def public_ratio_of(shop: Workshop, region: str, heads: Heads, year: int, enterprise: float) -> tuple[float, str]:
    """Mean public over enterprise pension of a province whose plan prints the enterprise mean [1], and what says so.

    Both means together are to be the nation's, times spending per pensioner relative to the nation in 2024.
    """
    country = shop.country
    public, total = country.public_retirees.at(year), country.retirees.at(year)
    nation = shop.mean_pension(year) * (1.0 + (public_ratio(year)[0] - 1.0) * public / total)
    both = nation * shop.relative_pension(region)
    mass = both * heads.retirees - enterprise * (heads.retirees - heads.public_retirees)
    ratio = mass / heads.public_retirees / enterprise
    return ratio, f"printed enterprise mean; all pensioners {both:.0f} after spending per pensioner of 2024"


def mean_pension_of(shop: Workshop, region: str, heads: Heads, year: int) -> float:
    """Mean enterprise pension of a province whose plan prints none [yuan/month].

    Spending per pensioner relative to the nation in 2024, corrected for the share of public pensioners.
    """
    ratio = typed_history("national", "public_pension_ratio").at(year)

    def mix(public: float, total: float) -> float:
        return 1.0 + (ratio - 1.0) * public / total

    country = shop.country
    national = mix(country.public_retirees.at(year), country.retirees.at(year))
    own = mix(heads.public_retirees, heads.retirees)
    return shop.mean_pension(year) * shop.relative_pension(region) * national / own


def province_position(shop: Workshop, plan: BasisPlan, paths: Paths, split: Split) -> Position:
    """Opening of a province."""
    region, year, share = plan.region, plan.base_year, shop.population_share(plan.name)
    position = plan_position(plan.name, shop.plans, region, year)
    members = Members(*(paths[name].at(year) for name in STATUS_SERIES))
    heads = province_heads(shop, split, members, year, share)
    widths = {"flexible_payers": 0.30, "paused_members": 0.30, "public_payers": 0.20, "public_pensioners": 0.20}
    put_heads(position, heads, split.source, widths, split.retirees_band)
    national = shop.national_paths()
    insured = {
        name: (paths[name].at(year), paths[name].figures[year].source)
        for name in ("unemployment_insured", "injury_insured")
    }
    claim_ratio = shop.claimants(year) / national["unemployment_insured"].at(year)
    claims = paths["unemployment_insured"].at(year) * claim_ratio
    put_branches(position, insured, (claims, "national claimants over insured"))
    mean = mean_pension_of(shop, region, heads, year)
    source = "nation x spending per pensioner relative to the nation in 2024, less the share of public pensioners"
    printed = shop.plans.get(region, 2020, "avg_enterprise_pension")
    if printed is not None and year != 2020:
        mean = shop.mean_pension(year) * printed.value / shop.mean_pension(2020)
        source = f"nation x {collected_name(region)} over nation in 2020"
    ratio = public_ratio(year)
    if printed is not None and year == 2020:
        ratio = public_ratio_of(shop, region, heads, year, printed.value)
    base = paths["basic_pension"].at(year)
    put_benefits(
        position, (mean, "estimated", "assumption", source), ratio,
        (resident_average(shop, paths, year, base), national["resident_supplement"].at(year)),
        {name: paths[name].at(year) for name in STANDARDS},
    )  # fmt: skip
    rule = "national balances by the region's share of 2024 (pensions) or of the insured"
    balances = province_balances(shop, region, year, position)
    if has_typed("provinces", region, f"balance_{year}"):
        kept = typed_history("provinces", region, f"balance_{year}").figures[year]
        balances = replace(balances, employees=kept.value)
        rule += f"; {kept.source}"
    total = position.rows.get("fund_balance_3schemes")
    if total is not None:
        balances = balances.scaled(total.value)
        rule += "; scaled to the printed total of the three schemes"
    entrusted = 0.0
    if year >= 2020:
        grown = shop.balance("resident", year) - shop.balance("resident", 2018)
        entrusted = 0.8 * grown * shop.relative_balance(region, "resident_balance", year)
    put_funds(
        position, balances, typed_history("national", "public_share_of_balance").at(year),
        (entrusted, balances.employees * 0.935 * national_entrusted_share(year)), rule, 0.20,
    )  # fmt: skip
    hukou = shop.hukou_ratios(plan.name, region)["hukou_ratio_16_59"]
    full = {**national, **paths}
    put_common(shop, position, full, year, shop.people(plan.name, 16), max(hukou, 1.0))
    return position


def build_province(shop: Workshop, plan: BasisPlan) -> tuple[Paths, Constants, Position]:
    """A province at the end of 2020."""
    splits = province_splits(shop.stats, shop.plans, shop.country, plan.region)
    paths = province_paths(shop, plan, splits)
    shop.paths[plan.name] = paths
    position = province_position(shop, plan, paths, splits[plan.base_year])
    paths |= ratio_paths(position, shop.coverable(plan.name, shop.hukou_ratios(plan.name, plan.region)), plan.base_year)
    return paths, regional_constants(shop, plan, True), position


def build_earlier(shop: Workshop, plan: BasisPlan) -> tuple[Paths, Constants, Position]:
    """An earlier opening of a province: the series of the later basis, its own position."""
    paths = dict(shop.before[plan.inherits or ""])
    shop.paths[plan.name] = paths
    split = split_province(shop.stats, shop.plans, shop.country, plan.region, plan.base_year)
    position = province_position(shop, plan, paths, split)
    own = ratio_paths(position, shop.coverable(plan.name, shop.hukou_ratios(plan.name, plan.region)), plan.base_year)
    shop.paths[plan.name] = {**paths, **own}
    return own, regional_constants(shop, plan, False), position
