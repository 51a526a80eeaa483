"""Openings and own series of cities, counties and the areas of a partition.

They spin up on their parent and take over its history; printed totals are split in the parent's proportions, and after
the opening coverage follows the parent's. Their funds are notional shares of the parent's.
"""

from __future__ import annotations

from dataclasses import replace

from simengine.basis.own_level import ADMITTED_PUBLIC, OF_MEMBERS, SETTLED_PUBLIC
from simengine.judge.indicators import Definitions
from simengine_calibration.places.regions import (
    STANDARDS,
    STATUS_SERIES,
    Constants,
    public_ratio,
    put_common,
    put_totals,
    ratio_paths,
    regional_constants,
    resident_average,
)
from simengine_calibration.places.workshop import Workshop
from simengine_calibration.series.coverage import carried_levels, local_indices, members_by_status
from simengine_calibration.series.economy import Paths, local_economy
from simengine_calibration.series.openings import (
    Balances,
    Heads,
    Position,
    plan_position,
    put_benefits,
    put_branches,
    put_funds,
    put_heads,
    split_position,
)
from simengine_calibration.series.shapes import class_mixes, mean_incidence
from simengine_calibration.sources.histories import Figure, History, has_typed, history, typed, typed_history
from simengine_calibration.sources.regions import BasisPlan, nation_basis

BY_ADULTS = ("dual_members", "platform_insured")
"""Figures that areas share by their adults; members and pensioners follow the unemployment-insured."""
BY_PARTICIPANTS = ("coverage_population", "pension_coverage_rate")
"""The coverable population is shared by participants: every area has the city's printed rate."""
OWN_SUMS = ("uebps_participants", "resident_participants", "pension_payment_rate")
"""Figures that an area's own parts give."""
PENSIONERS = ("enterprise_pensioners", "public_pensioners", "resident_registered", "resident_beneficiaries")
SHARED_COUNTS = (*ADMITTED_PUBLIC, *OF_MEMBERS, "platform_insured", *SETTLED_PUBLIC)
"""Head-count series of which a city or area takes its share of population."""


# --- cities and counties --------------------------------------------------------------------------------------------


def counts_not_drawing(region: str) -> bool:
    """Whether the participants that the plan of a region prints are the insured who do not draw yet."""
    return Definitions().reading("pension_scope", region) == "insured_not_yet_drawing"


def local_heads(shop: Workshop, plan: BasisPlan, position: Position, parent: Position) -> tuple[Heads, str]:
    """Heads of a city or county from its printed totals and the parent's proportions, with the rule in words."""
    share = shop.population_share(plan.name)
    public = shop.country.public_active.at(plan.base_year) * share
    public_retired = shop.country.public_retirees.at(plan.base_year) * share
    active_parent = sum(parent[name] for name in STATUS_SERIES)
    retired_parent = parent["enterprise_pensioners"] + parent["public_pensioners"]
    unemployment = position["unemployment_insured"]
    if "uebps_participants" in position:
        total, resident = position["uebps_participants"], position["resident_participants"]
        retirees = total * retired_parent / (active_parent + retired_parent)
        drawing = resident * parent["resident_beneficiaries"] / parent["resident_participants"]
        active, registered = total - retirees, resident - drawing
        rule = "printed totals of both schemes split in the parent's proportions"
    elif not counts_not_drawing(plan.region):
        total = position["pension_participants"]
        parts = (active_parent, retired_parent, parent["resident_registered"], parent["resident_beneficiaries"])
        active, retirees, registered, drawing = (total * part / sum(parts) for part in parts)
        rule = "printed total of all participants split in the parent's proportions"
    else:
        active = unemployment * active_parent / parent["unemployment_insured"]
        retirees = active * retired_parent / active_parent
        registered = position["pension_participants"] - active
        hukou = shop.hukou_ratios(plan.name, plan.region)["hukou_ratio"]
        takeup = typed_history("behaviour", "resident_takeup").at(2020)
        drawing = takeup * (shop.people(plan.name, 60) * hukou - pensioners_of_60(shop, takeup) * retirees)
        rule = (
            "printed total read as insured not yet drawing: actives = unemployment-insured x parent's ratio, the rest "
            "registered residents; pensioners by parent's ratio; recipients = take-up x (60+ less pensioners)"
        )
    payers = parent["enterprise_payers"] + parent["flexible_payers"]
    shares = payers / (payers + parent["paused_members"]), parent["flexible_payers"] / payers
    insured = typed("constants")["public_unemployment_share"]["value"]
    split = members_by_status(active, public, shares, unemployment, insured)
    return Heads(
        split.enterprise, split.flexible, split.public, split.paused, retirees, public_retired, registered, drawing
    ), rule


def pensioners_of_60(shop: Workshop, takeup: float) -> float:
    """Share of employees' pensioners who are 60 and over, nation 2020, implied by residents' take-up [1]."""
    old = shop.people(nation_basis(), 60) - shop.country.beneficiaries.at(2020) / takeup
    return old / shop.country.retirees.at(2020)


def local_paths(shop: Workshop, plan: BasisPlan, position: Position, heads: Heads) -> Paths:
    """Own series of a city or county: levels at the opening, indices after the parent, local standards."""
    spinup = plan.spinup_parent or ""
    parent = {**shop.national_paths(), **shop.paths[spinup]}
    year, share = plan.base_year, shop.people(plan.name, 0) / shop.people(spinup, 0)
    paths = local_economy(shop.plans, parent, plan.region, year)
    levels = {
        **dict(zip(STATUS_SERIES, (heads.enterprise, heads.flexible, heads.public, heads.paused), strict=True)),
        "resident_registered": heads.registered,
        "unemployment_insured": position["unemployment_insured"],
        "injury_insured": position["injury_insured"],
    }
    for name, value in levels.items():
        paths[name] = history("persons", "assumption", "openings.csv", {year: value})
    paths |= carried_levels(levels, parent, year)
    paths |= local_indices(shop.united_nations, parent, shop.national_paths(), year)
    text = f"parent x {share:.4f}, share of population"
    for name in SHARED_COUNTS:
        known = parent[name].mapped(lambda _, value: value * share, "computed", text)
        rows = {year: Figure(parent[name].at(year) * share, "computed", text)}
        paths[name] = History({**rows, **{y: f for y, f in known.figures.items() if y > year}}, "persons")
    if has_typed("provinces", plan.region, "incidence"):
        cases = typed_history("provinces", plan.region, "incidence").figures[year]
        factor = cases.value / mean_incidence(class_mixes()[plan.name])
        paths["incidence_factor"] = history("1", cases.evidence, cases.source, {year: factor})
    return paths


def printed_shares(shop: Workshop, plan: BasisPlan, position: Position, heads: Heads, paths: Paths) -> None:
    """Series that a printed base-year figure determines: residents' paying share, base pension."""
    year = plan.base_year
    rate = shop.plans.get(plan.region, year, "pension_payment_rate")
    if rate is not None:
        insured = heads.active + heads.registered
        paying = (rate.value * insured - heads.enterprise - heads.flexible - heads.public) / heads.registered
        text = (
            f"printed payment rate {rate.printed} % ({rate.ids}) of the insured not yet drawing, less employees' payers"
        )
        paths["resident_paying_share"] = history("1", "computed", text, {year: paying})
    level = shop.plans.get(plan.region, year, "resident_protection_level")
    if level is not None:
        parent = {**shop.national_paths(), **shop.paths[plan.spinup_parent or ""]}
        mean = level.value * paths["rural_income"].at(year) / 12.0
        text = f"printed protection level {level.printed} % ({level.ids}) x rural income"
        position.put("resident_average_benefit", mean, "yuan per month", "estimated", "computed", text, width=0.10)
        base = parent["basic_pension"]
        ratio = mean / resident_average(shop, parent, year, base.at(year))
        text = f"parent x {ratio:.4f}, so that base, supplement and account give the mean of the opening"
        paths["basic_pension"] = base.only(lambda known: known >= year).mapped(
            lambda _, value: value * ratio, "computed", text
        )


def build_local(shop: Workshop, plan: BasisPlan, parent: Position) -> tuple[Paths, Constants, Position]:
    """A city or county; its funds are notional shares of the parent's."""
    year = plan.base_year
    position = plan_position(plan.name, shop.plans, plan.region, year)
    heads, rule = local_heads(shop, plan, position, parent)
    paths = local_paths(shop, plan, position, heads)
    printed_shares(shop, plan, position, heads, paths)
    shop.paths[plan.name] = {**shop.paths[plan.spinup_parent or ""], **paths}
    full = {**shop.national_paths(), **shop.paths[plan.name]}
    widths = {"flexible_payers": 0.35, "paused_members": 0.35, "public_payers": 0.25, "public_pensioners": 0.25}
    rounded = whole_heads(heads, position, counts_not_drawing(plan.region))
    put_heads(position, rounded, rule, {name: widths.get(name, 0.20) for name in (*STATUS_SERIES, *PENSIONERS)}, None)
    claims = parent["unemployment_claimants"] / parent["unemployment_insured"] * position["unemployment_insured"]
    put_branches(position, {}, (claims, "parent's claimants over insured"))
    mean = (parent["average_enterprise_pension"], "estimated", "assumption", "the parent's mean")
    base = full["basic_pension"].at(year)
    put_benefits(
        position, mean, public_ratio(year),
        (resident_average(shop, full, year, base), full["resident_supplement"].at(year)),
        {name: full[name].at(year) for name in STANDARDS},
    )  # fmt: skip
    put_funds(position, *local_funds(position, parent), "notional share of the parent: no fund of its own in law", 0.50)
    hukou = shop.hukou_ratios(plan.name, plan.region)["hukou_ratio_16_59"]
    put_common(shop, position, full, year, shop.people(plan.name, 16), hukou)
    own = ratio_paths(position, shop.coverable(plan.name, shop.hukou_ratios(plan.name, plan.region)), year)
    paths |= own
    return paths, regional_constants(shop, plan, False), position


def whole_heads(heads: Heads, position: Position, not_drawing: bool) -> Heads:
    """Heads in whole persons; with a printed total of insured not drawing, registered residents close it exactly."""
    whole = Heads(*(float(round(value)) for value in heads.__dict__.values()))
    if not_drawing:
        registered = position["pension_participants"] - whole.active
        return replace(whole, registered=registered)
    return whole


def local_funds(position: Position, parent: Position) -> tuple[Balances, float, tuple[float, float]]:
    """Notional balances: the parent's by pensioners, recipients, insured and public payers; entrusted likewise."""

    def part(fund: str, *heads: str) -> float:
        return parent[fund] * sum(position[name] for name in heads) / sum(parent[name] for name in heads)

    enterprise = part("fund_balance_enterprise_pension", "enterprise_pensioners")
    public = part("fund_balance_public_pension", "public_pensioners")
    balances = Balances(
        enterprise + public,
        part("fund_balance_resident", "resident_beneficiaries"),
        part("fund_balance_unemployment", "unemployment_insured"),
        part("fund_balance_work_injury", "injury_insured"),
        part("occupational_annuity", "public_payers"),
    )
    entrusted = (
        part("entrusted_resident", "resident_beneficiaries"),
        part("entrusted_enterprise", "enterprise_pensioners"),
    )
    return balances, public / (enterprise + public), entrusted


# --- areas ----------------------------------------------------------------------------------------------------------


def build_areas(shop: Workshop, plan: BasisPlan, city: Position, areas: dict[str, BasisPlan]) -> dict[str, Position]:
    """Openings of the areas of a partition: printed figures, the rest the city's split; sums are exact.

    Members and pensioners by unemployment-insured (they count where the employer is); registered residents close each
    area's printed total; recipients by the city's rule on the area's people of 60 and over; coverable people by
    participants. The payment rate of an area is that of its own payers.
    """
    positions = {name: plan_position(name, shop.plans, area.region, area.base_year) for name, area in areas.items()}
    insured = [position["unemployment_insured"] for position in positions.values()]
    hukou = shop.hukou_ratios(plan.name, plan.region)["hukou_ratio"]
    takeup = typed_history("behaviour", "resident_takeup").at(2020)
    retirees = city["enterprise_pensioners"] + city["public_pensioners"]
    of_60 = pensioners_of_60(shop, takeup)
    drawing = [
        shop.people(name, 60) * hukou - of_60 * retirees * weight / sum(insured)
        for name, weight in zip(positions, insured, strict=True)
    ]
    adults = [shop.people(name, 16) for name in positions]
    injured = [position["injury_insured"] for position in positions.values()]
    members = Position(plan.name)
    members.rows = {name: row for name, row in city.rows.items() if name in STATUS_SERIES}
    split_position(members, positions, {"*": insured})
    for position in positions.values():
        registered = position["pension_participants"] - sum(position[name] for name in STATUS_SERIES)
        position.put("resident_registered", registered, "persons", "estimated", "assumption",
                     "printed total less members of the employees' scheme", width=0.10)  # fmt: skip
    weights = {
        "*": insured,
        **dict.fromkeys(("resident_beneficiaries", "fund_balance_resident", "entrusted_resident"), drawing),
        **dict.fromkeys(("injury_annuitants", "fund_balance_work_injury"), injured),
        **dict.fromkeys(BY_ADULTS, adults),
    }
    parts = Position(plan.name)
    parts.rows = {name: row for name, row in city.rows.items() if name not in (*OWN_SUMS, *BY_PARTICIPANTS)}
    split_position(parts, positions, weights)
    participants = [sum(put_totals(position)) for position in positions.values()]
    parts.rows = {name: city.rows[name] for name in BY_PARTICIPANTS}
    split_position(parts, positions, {"*": participants})
    for position in positions.values():
        put_payment_rate(position)
    return positions


def put_payment_rate(position: Position) -> None:
    """Payers over insured not yet drawing, both schemes [1]."""
    members = sum(position[name] for name in STATUS_SERIES)
    registered = position["resident_registered"]
    paying = members - position["paused_members"] + position["resident_paying_share"] * registered
    rate = paying / (members + registered)
    text = "payers of both schemes over the insured who do not draw yet"
    position.put("pension_payment_rate", rate, "1", "estimated", "computed", text, width=0.05)


def area_paths(shop: Workshop, plan: BasisPlan, city: BasisPlan, position: Position) -> Paths:
    """Own series of an area: levels at the opening and its share of the city's head counts; all else the city's."""
    year, share = plan.base_year, shop.people(plan.name, 0) / shop.people(city.name, 0)
    names = (*STATUS_SERIES, "resident_registered", "unemployment_insured", "injury_insured")
    paths = {name: history("persons", "assumption", "openings.csv", {year: position[name]}) for name in names}
    paths |= carried_levels({name: position[name] for name in STATUS_SERIES}, shop.paths[city.name], year)
    text = f"city x {share:.4f}, share of population"
    for name in SHARED_COUNTS:
        known = shop.paths[city.name][name]
        paths[name] = known.only(lambda known_year: known_year >= year).mapped(
            lambda _, value: value * share, "computed", text
        )
    coverable = shop.coverable(plan.name, shop.hukou_ratios(city.name, city.region))
    return paths | ratio_paths(position, coverable, year)
