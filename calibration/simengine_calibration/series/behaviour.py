"""Behavioural paths derived from national money and counts: compliance, subsidies, admissions, resident contributions.

Typed assumptions come from ``figures/behaviour.yaml``; what is derived here says from which figures. The path of
``compliance_enterprise`` is solved so that contributions by status add up to the recalled contribution income.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.common.errors import BasisError
from simengine.kernels.rules.funds import central_payment
from simengine.law import LawTree, load_law
from simengine.law.contribution_base import clamped_mean
from simengine.law.regions import NATION
from simengine_calibration.series.economy import Paths
from simengine_calibration.series.settlement import no_other, published_other, settlement_paths
from simengine_calibration.series.splits import Nation
from simengine_calibration.sources.histories import Figure, History, Statistics, anchor, history, typed, typed_history

YEARS = range(1993, 2025)
HELPERS = (
    "catch_up_years", "basic_pension_share", "subsidy_enterprise_share", "subsidy_public_share", "medical_cost_2020",
    "unemployment_benefit", "catch_up_price_rate", "subsidy_resident_share",
    "project_price_2020", "settled_share",
)  # fmt: skip
"""Typed inputs of this module that are no series of the model, or are written by it in another form."""


def behaviour(name: str) -> History:
    """One typed behavioural series."""
    return typed_history("behaviour", name)


@dataclass(frozen=True)
class Rules:
    """Contribution rules of the nation, read from the law tree, by calendar year.

    Reliefs of 2020 are left out: they belong to the law and to no compliance. Before October 2014 only pilots of the
    public sector are members; they are taken to pay as enterprises did.
    """

    employer: Mapping[int, float]
    employee: Mapping[int, float]
    flexible: Mapping[int, float]
    public: Mapping[int, float]
    floor: Mapping[int, float]
    cap: Mapping[int, float]
    flexible_floor: Mapping[int, float]
    injury_rates: Mapping[int, np.ndarray]
    injury_due: Mapping[int, float]


def read_rules(law: LawTree) -> Rules:
    """National rules 1993-2024."""

    def by_year(key: str) -> dict[int, float]:
        return dict(zip(YEARS, map(float, law.annual(key, YEARS, NATION)), strict=True))

    employer, employee = by_year("pension/rate_employer"), by_year("pension/rate_employee")
    public_rates = by_year("public/rate_employer"), by_year("public/rate_employee")
    public = {
        year: public_rates[0][year] + public_rates[1][year] if year > 2014 else employer[year] + employee[year]
        for year in YEARS
    }
    classes = law.annual("injury/class_rate", YEARS, NATION, table=True)
    return Rules(
        employer, employee, by_year("pension/rate_flexible"), public, by_year("pension/base_floor_share"),
        by_year("pension/base_cap_share"), by_year("pension/flexible_floor_share"),
        dict(zip(YEARS, classes, strict=True)), by_year("injury/employer_share_due"),
    )  # fmt: skip


@dataclass(frozen=True)
class Wages:
    """Relative wages of payers of one status with their weights, and the spread of the logarithm within a cell."""

    relative: np.ndarray
    weights: np.ndarray
    spread: float

    def mean_base(self, compliance: float, floor: float, cap: float) -> float:
        """Mean contribution base over W(t-1) [1]: the clamp in closed form in every cell."""
        clamped = clamped_mean(compliance * self.relative, self.spread, np.array(floor), np.array(cap))
        return float((clamped * self.weights).sum() / self.weights.sum())

    def compliance(self, base: float, floor: float, cap: float) -> float:
        """The compliance at which the mean base is `base`, by bisection."""
        low, high = 0.02, 6.0
        if not self.mean_base(low, floor, cap) < base < self.mean_base(high, floor, cap):
            raise BasisError("compliance_absent", base=f"{base:.3f}", floor=floor, cap=cap)
        for _ in range(60):
            middle = 0.5 * (low + high)
            if self.mean_base(middle, floor, cap) < base:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)


# --- contributions --------------------------------------------------------------------------------------------------


def money(stats: Statistics, measure: str) -> History:
    """Yearly flows or balance of the employees' scheme with the years typed by hand [yuan]."""
    later = typed_history("national", f"fund_{measure.removesuffix('_end')}_later")
    column = "balance" if measure == "balance_end" else measure
    last = History({2024: anchor(NATION, column)}, "yuan")
    return stats.get("uebps", "China", measure, "yuan").over(later).over(last)


def subsidy_shares(stats: Statistics) -> tuple[History, History]:
    """Fiscal subsidy over spending of the enterprise and the public scheme [1].

    To 2013 one total is recalled and both schemes have its share (the public one is set by hand); from 2014 on both
    are typed so that together they give the recalled total.
    """
    subsidy = stats.get("uebps", "China", "fiscal_subsidy", "yuan")
    spending = money(stats, "expenditure")
    figures = {
        year: Figure(subsidy[year] / spending[year], "computed", "recalled fiscal subsidy over expenditure")
        for year in subsidy.years
        if year <= 2013
    }
    enterprise = History(figures, "1").over(
        history("1", "assumption", "no subsidy before 1998", {1992: 0.0, 1997: 0.0})
    )
    return (
        enterprise.over(behaviour("subsidy_enterprise_share")),
        behaviour("subsidy_public_share").over(history("1", "assumption", "before the pilots", {1992: 0.0})),
    )


def contribution_income(stats: Statistics, country: Nation, pension: Callable[[int], float]) -> History:
    """Contribution income of the employees' scheme [yuan/year].

    Recalled 2000-2017; before, a share of revenue; after, revenue less subsidies by the typed shares and less interest
    on the opening balance.
    """
    known = stats.get("uebps", "China", "contribution_income", "yuan")
    revenue, spending, balance = (money(stats, name) for name in ("revenue", "expenditure", "balance_end"))
    figures = dict(known.figures)
    for year, share in ((1992, 0.96), (1995, 0.93)):
        figures[year] = Figure(revenue[year] * share, "computed", f"recalled revenue x {share:g}")
    enterprise, public = subsidy_shares(stats)
    returns = behaviour("return_enterprise_pension")
    for year in range(2018, 2025):
        outgo = public_outgo(country, pension, year)
        paid = enterprise.at(year) * (spending[year] - outgo) + public.at(year) * outgo
        interest = (returns.at(year) + 0.005) * balance.at(year - 1)
        text = "revenue less subsidies by share of spending less interest and entrusted returns on the opening balance"
        figures[year] = Figure(revenue[year] - paid - interest, "computed", text)
    return History(figures, "yuan")


def public_outgo(country: Nation, pension: Callable[[int], float], year: int) -> float:
    """Pensions of the public sector in a year [yuan]."""
    heads = 0.5 * (country.public_retirees.at(year) + country.public_retirees.at(year - 1))
    return 12.0 * heads * pension(year)


def compliance_enterprise(
    income: History, levels: Mapping[str, History], wage: History, rules: Rules, wages: Mapping[str, Wages]
) -> History:
    """Compliance of enterprise payers by year [1]: the residual of the recalled contribution income.

    income = public, back settlement counted, + (1 + arrears) x (enterprise + flexible) + purchases, each status with
    mean payers x 12 W(t-1) x rate x mean base x density; the clamp of the base is inverted, so that the engine's
    clamped base gives the income back. 2020 takes no part: its base in yuan is the geometric mean of 2019 and 2021.
    """
    bases = {
        year: _enterprise_base(income[year], year, levels, wage, rules, wages)
        for year in income.years
        if year > 1992 and year != 2020
    }
    if 2019 in bases and 2021 in bases:
        bases[2020] = math.sqrt(bases[2019] * wage[2018] * bases[2021] * wage[2020]) / wage[2019]
    figures = {}
    for year, base in sorted(bases.items()):
        value = wages["enterprise"].compliance(base, rules.floor[year], rules.cap[year])
        text = f"mean enterprise base {base:.3f} W(t-1) from contribution income, clamp inverted"
        figures[year] = Figure(value, "computed", text)
    return History(figures, "1")


def _enterprise_base(
    income: float, year: int, levels: Mapping[str, History], wage: History, rules: Rules, wages: Mapping[str, Wages]
) -> float:
    """Mean base of enterprise payers over W(t-1) that explains a year's contribution income."""
    base_wage = 12.0 * wage[year - 1]

    def mean_heads(name: str) -> float:
        return 0.5 * (levels[name].at(year) + levels[name].at(year - 1))

    def base_of(status: str, floor: float) -> float:
        return wages[status].mean_base(behaviour(f"compliance_{status}").at(year), floor, rules.cap[year])

    bought = behaviour("catch_up_entrants").at(year) * behaviour("catch_up_years").at(year)
    purchases = bought * behaviour("catch_up_price_rate").at(year) * rules.floor[year] * base_wage
    public = mean_heads("public_payers") * base_of("public", rules.floor[year]) * rules.public[year] * base_wage
    at_floor = float(typed("constants")["flexible_at_floor_share"]["value"])
    low = rules.flexible_floor[year]
    flexible_base = at_floor * low + (1.0 - at_floor) * base_of("flexible", low)
    flexible = mean_heads("flexible_payers") * flexible_base * rules.flexible[year]
    flexible *= behaviour("density_flexible").at(year)
    settled = levels["settled_contribution_years"].at(year) * base_of("public", rules.floor[year])
    public += settled * rules.public[year] * base_wage
    regular = (income - purchases - public) / (1.0 + behaviour("arrears_share").at(year)) / base_wage
    rate = (rules.employer[year] + rules.employee[year]) * behaviour("density_enterprise").at(year)
    return (regular - flexible) / (mean_heads("enterprise_payers") * rate)


# --- public sector --------------------------------------------------------------------------------------------------


def enterprise_pension(stats: Statistics) -> History:
    """Mean monthly enterprise pension [yuan/month], recalled; to 1999 spending over pensioners."""
    known = stats.get("enterprise_uebps", "China", "benefit_monthly_average", "yuan per month")
    spending = stats.get("uebps", "China", "expenditure", "yuan")
    retirees = stats.get("uebps", "China", "retirees", "persons")
    figures = dict(known.figures)
    for year in range(1993, 2000):
        heads = 0.5 * (retirees[year] + retirees[year - 1])
        figures[year] = Figure(spending[year] / heads / 12.0, "computed", "recalled expenditure over mean pensioners")
    return History(figures, "yuan per month")


def public_pension(stats: Statistics) -> Callable[[int], float]:
    """Mean monthly public pension by year [yuan/month]."""
    enterprise = enterprise_pension(stats)
    ratio = typed_history("national", "public_pension_ratio")
    growth = 1.045  # mean adjustment and renewal after 2020, only used for spending of 2021-2024

    def pension(year: int) -> float:
        base = enterprise.at(min(year, 2020), log=True) * ratio.at(year)
        return base * growth ** max(0, year - 2020)

    return pension


def admissions(stats: Statistics, country: Nation) -> Paths:
    """Public-sector members and pensioners admitted with full deemed service, and their pension.

    Actives: rise of the public members. Pensioners: rise of the stock less a natural rise of 2 % of last year's
    actives (2018-2021: 2.0 %). The pension is the public mean of the year.
    """
    actives: dict[int, Figure] = {1992: Figure(0.0, "assumption", "no pilots yet")}
    pensioners = dict(actives)
    text = "rise of public members (pilots from 1998, nationwide 2014-2018)"
    for year in range(1998, 2019):
        now, before = country.public_active.at(year), country.public_active.at(year - 1)
        retired, earlier = country.public_retirees.at(year), country.public_retirees.at(year - 1)
        actives[year] = Figure(max(0.0, now - before), "computed", text)
        natural = 0.02 * before
        pensioners[year] = Figure(
            max(0.0, retired - earlier - natural), "computed", "rise of public pensioners less 2 % of actives"
        )
    for table in (actives, pensioners):
        table[2019] = Figure(0.0, "assumption", "admission complete")
    pension = public_pension(stats)
    amounts = {
        year: Figure(pension(year), "computed", "enterprise mean x ratio of the public sector")
        for year in (1993, 1996, 1999, *range(2000, 2019))
    }
    return {
        "admitted_public_actives": History(actives, "persons"),
        "admitted_public_pensioners": History(pensioners, "persons"),
        "admitted_public_pension": History(amounts, "yuan per month"),
    }


# --- resident scheme ------------------------------------------------------------------------------------------------


def resident_money(stats: Statistics, measure: str) -> History:
    """Resident fund by year [yuan]."""
    typed_name = {"expenditure": "resident_finance_other", "revenue": "resident_revenue_other"}
    column = {"expenditure": "resident_expenditure", "revenue": "resident_revenue", "balance_end": "resident_balance"}
    recalled = stats.get("resident", "China", measure, "yuan").only(lambda year: year < 2024)
    other = typed_history("national", typed_name.get(measure, "resident_balance_other"))
    return recalled.over(other).over(History({2024: anchor(NATION, column[measure])}, "yuan"))


def contribution_per_payer(
    revenue: float, spending: float, opening: float, registered: float, year: int, tag: str
) -> Figure:
    """Residents' own contribution a payer and year [yuan]: revenue less subsidies and interest, over payers."""
    subsidy = behaviour("subsidy_resident_share").at(year) * spending
    interest = behaviour("return_resident").at(year) * opening
    payers = registered * behaviour("resident_paying_share").at(year)
    value = (revenue - subsidy - interest) / payers
    return Figure(value, "computed", f"{tag} revenue less subsidies and interest over payers")


def resident_paths(stats: Statistics, country: Nation) -> Paths:
    """Base pension and contribution of the resident scheme, nation."""
    revenue, spending, balance = (resident_money(stats, name) for name in ("revenue", "expenditure", "balance_end"))
    contributions, pensions = {}, {}
    for year in [known for known in spending.years if known >= 2012]:
        heads = 0.5 * (country.beneficiaries.at(year) + country.beneficiaries.at(year - 1))
        share = behaviour("basic_pension_share").at(year)
        pensions[year] = Figure(
            share * spending[year] / heads / 12.0, "computed", f"spending over mean recipients x {share:.2f}"
        )
        if year in revenue and year >= 2012:
            contributions[year] = contribution_per_payer(
                revenue[year], spending[year], balance.at(year - 1), country.registered.at(year), year, "national"
            )
    for year in (2009, 2011):
        pensions[year] = Figure(80.0, "assumption", "minimum of 55 yuan and local top-ups of the first counties")
    for year in (2025, 2026):
        pensions[year] = Figure(pensions[year - 1].value + 20.0, "secondary", "national minimum raised by 20 yuan")
    return {
        "basic_pension": History(pensions, "yuan per month"),
        "resident_contribution": History(contributions, "yuan per year"),
    }


def provincial_contribution(national: History, region: str, opening_balance: float) -> History:
    """Contribution a payer in a province: own 2024 figure, earlier the nation's shape [yuan/year]."""
    registered = anchor(region, "resident_total").value - anchor(region, "beneficiaries").value
    own = contribution_per_payer(
        anchor(region, "resident_revenue").value, anchor(region, "resident_expenditure").value, opening_balance,
        registered, 2024, "2024",
    )  # fmt: skip
    ratio = own.value / national[2024]
    known = national.mapped(lambda _, value: value * ratio, "computed", f"national x {ratio:.4g}, ratio of 2024")
    return History({**known.figures, 2024: own}, "yuan per year")


# --- unemployment and work injury -----------------------------------------------------------------------------------


def take_up(stats: Statistics) -> History:
    """Share of eligible separated who claim [1], from published claimants of the year less the opening stock."""
    insured = stats.get("unemployment", "China", "participants_total", "persons").over(
        typed_history("national", "unemployment_insured_other")
    )
    stock = stats.get("unemployment", "China", "beneficiaries", "persons").over(typed_history("national", "claimants"))
    in_year = stats.get("unemployment", "China", "beneficiaries_in_year", "persons")
    eligible = typed("constants")["unemployment_eligible_share"]["value"]
    figures = {}
    for year in in_year.years:
        inflow = in_year[year] - stock.at(year - 1)
        separated = insured.at(year - 1) * behaviour("separation_prob").at(year) * eligible
        text = "claimants in the year less opening stock, over eligible separations"
        figures[year] = Figure(inflow / separated, "computed", text)
    early = history(
        "1", "assumption", "set so that claimants over insured are met: 4.0 % in 2003, 2.1 % in 2008, 1.3 % in 2015",
        {1992: 0.05, 1997: 0.20, 2000: 0.30, 2003: 0.52, 2008: 0.40, 2012: 0.27, 2015: 0.265, 2018: 0.24},
    )  # fmt: skip
    return History(figures, "1").over(early)


def injury_rate_factor(
    stats: Statistics, insured: History, wage: History, rules: Rules, mix: Sequence[float]
) -> History:
    """Premiums over base-rate premiums of work injury [1]; the reliefs of 2020 are the law's.

    Parameters
    ----------
    mix : share of insured wages in each of the eight classes
    """
    later = typed_history("national", "injury_revenue_later")
    revenue = stats.get("work_injury", "China", "revenue", "yuan").over(later)
    balance = stats.get("work_injury", "China", "balance_end", "yuan")
    ratio = behaviour("injury_wage_ratio").at(2020)
    prices = project_price(stats, wage)
    known = list(revenue.years)
    annual = load_law().annual("injury/project_rate", known_span(known), NATION)
    project_rates = dict(zip(known_span(known), annual, strict=True))
    figures = {}
    for year in revenue.years:
        if year == 2020:  # relief and late payment cannot be told apart; the years around stand for it
            continue
        interest = behaviour("return_work_injury").at(year) * balance.at(year - 1)
        bill = 0.5 * (insured.at(year) + insured.at(year - 1)) * 12.0 * wage[year - 1] * ratio
        rate = float(np.dot(rules.injury_rates[year], mix)) * rules.injury_due[year]
        share = behaviour("injury_project_share").at(year)
        heads = 0.5 * (insured.at(year) + insured.at(year - 1)) * share
        by_project = heads * project_rates[year] * prices.at(year) * rules.injury_due[year]
        figures[year] = Figure(
            (revenue[year] - interest - by_project) / (bill * (1.0 - share) * rate), "computed",
            "revenue less interest and premiums by project over wage bill at base rates",
        )  # fmt: skip
    return History(figures, "1").over(history("1", "assumption", "as in 2008", {1992: figures[2008].value}))


def central_receipt(country: Nation, levels: Mapping[str, History], wage: History) -> History:
    """What the central adjustment fund paid for each pensioner of the enterprise scheme, 2018-2021 [yuan/year].

    All payments of the nation, 0.9·wage·payers·ρ, over its pensioners: 国发〔2018〕18号 (schemes.md 1.12).
    """
    law, years = load_law(), range(2018, 2022)
    rates = law.annual("pension/central_adjustment_rate", years, NATION)
    shares = law.annual("pension/central_adjustment_wage_share", years, NATION)
    figures = {year: Figure(0.0, "verified", "the fund began in July 2018") for year in (1992, 2017)}
    for year, rate, share in zip(years, rates, shares, strict=True):
        payers = sum(
            0.5 * (levels[name].at(year - 1) + levels[name].at(year))
            for name in ("enterprise_payers", "flexible_payers")
        )
        retirees = country.retirees.at(year) - country.public_retirees.at(year)
        amount = central_payment(12.0 * wage[year - 1], float(share), payers, float(rate)) / retirees
        figures[year] = Figure(amount, "computed", f"0.9 x last year's wage x payers x {rate:.4f} over pensioners")
    return History(figures, "yuan per year")


def known_span(years: Sequence[int]) -> range:
    """All calendar years from the first to the last."""
    return range(years[0], years[-1] + 1)


def medical_cost(stats: Statistics, wage: History) -> History:
    """Mean medical cost a case [yuan]: the 2020 figure, other years with the wage."""
    return with_wage(stats, wage, behaviour("medical_cost_2020")[2020], "18,000 yuan of 2020 with the wage")


def project_price(stats: Statistics, wage: History) -> History:
    """Contract price a project-insured worker and year [yuan]: the 2020 figure, other years with the wage."""
    return with_wage(stats, wage, behaviour("project_price_2020")[2020], "price of 2020 with the wage")


def with_wage(stats: Statistics, wage: History, cost: float, text: str) -> History:
    """An amount of 2020 in other years [yuan], moved by the wage; both calibres of 2019 link it."""
    link = 12.0 * wage[2019] / stats.get("wage", "China", "wage_nonprivate", "yuan per year")[2019]
    figures = {}
    for year in (1992, 1995, 2000, 2005, 2010, 2015, 2018, 2020):
        level = wage[year] * (link if year <= 2018 else 1.0)
        figures[year] = Figure(cost * level / wage[2020], "computed", text)
    return History(figures, "yuan")


# --- all ------------------------------------------------------------------------------------------------------------


def national_behaviour(
    stats: Statistics, country: Nation, levels: Mapping[str, History], wage: History, rules: Rules,
    wages: Mapping[str, Wages], mix: Sequence[float],
) -> Paths:  # fmt: skip
    """Behavioural and administrative series of the nation."""
    paths: Paths = {name: behaviour(name) for name in typed("behaviour") if name not in HELPERS}
    published = stats.get("unemployment", "China", "benefit_monthly_average", "yuan per month")
    paths["unemployment_benefit"] = published.over(behaviour("unemployment_benefit"))
    paths |= admissions(stats, country) | resident_paths(stats, country)
    paths |= settlement_paths(paths)
    income = contribution_income(stats, country, public_pension(stats))
    levels = {**levels, "settled_contribution_years": paths["settled_contribution_years"]}
    paths["compliance_enterprise"] = compliance_enterprise(income, levels, wage, rules, wages)
    paths["subsidy_enterprise"], paths["subsidy_public"] = subsidy_shares(stats)
    paths |= admissions(stats, country) | resident_paths(stats, country)
    paths |= settlement_paths(paths)
    paths["published_other"] = published_other(
        *(money(stats, name) for name in ("revenue", "expenditure", "balance_end"))
    )
    paths["unemployment_take_up"] = take_up(stats)
    paths["central_adjustment_receipt"] = central_receipt(country, levels, wage)
    paths["injury_rate_factor"] = injury_rate_factor(stats, levels["injury_insured"], wage, rules, mix)
    paths["medical_cost"] = medical_cost(stats, wage)
    paths["project_price"] = project_price(stats, wage)
    return paths


def provincial_behaviour(
    national: Mapping[str, History], region: str, population_share: float, active_share: float, balance_2023: float
) -> Paths:
    """Series of a province that are head counts or have own figures; all else is inherited from the nation."""
    paths: Paths = {
        "basic_pension": with_start(typed_history("provinces", region, "basic_pension")),
        "unemployment_benefit": typed_history("provinces", region, "unemployment_benefit"),
        "resident_contribution": provincial_contribution(national["resident_contribution"], region, balance_2023),
    }
    first = paths["unemployment_benefit"].years[0]
    ratio = paths["unemployment_benefit"][first] / national["unemployment_benefit"].at(first)
    earlier = national["unemployment_benefit"].only(lambda year: year < first)
    text = f"national x {ratio:.3f}, ratio of {first}"
    paths["unemployment_benefit"] = paths["unemployment_benefit"].over(
        earlier.mapped(lambda _, value: value * ratio, "computed", text)
    )
    paths["published_other"] = no_other()
    of_public = ("admitted_public_actives", "admitted_public_pensioners")
    for series in (*of_public, "settled_pension_years", "settled_contribution_years"):
        text = f"national x {population_share:.4f}, share of population"
        paths[series] = national[series].mapped(lambda _, value: value * population_share, "computed", text)
    text = f"national x {active_share:.4f}, share of active members 2010"
    for series in ("catch_up_entrants", "admitted_enterprise_pensioners"):
        paths[series] = national[series].mapped(lambda _, value: value * active_share, "computed", text)
    return paths


def with_start(known: History) -> History:
    """The series from its first year; nothing is needed before the resident scheme began in 2009."""
    return known.only(lambda year: year >= 2009)
