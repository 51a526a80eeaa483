"""Scenario, law and basis as one value a year per series, in the order the kernels expect."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import BasisError, ScenarioError
from simengine.engine.compile.bounds import check_change
from simengine.engine.compile.constants import INJURY_TERMS, employment_series, injury_series
from simengine.engine.compile.standards import (
    Economy,
    basic_pension,
    last_published,
    levered_from,
    unemployment_benefit,
)
from simengine.kernels import layout as at
from simengine.law import LawTree
from simengine.law.regions import NATION
from simengine.registry.axes import PAYER_STATUS
from simengine.scenario.levers import COVERAGE_INDEX
from simengine.scenario.scenario import Scenario

# Series that the law tree gives: engine name -> law key.
LAW_SERIES = {
    "employer_rate": "pension/rate_employer",
    "employee_rate": "pension/rate_employee",
    "flexible_rate": "pension/rate_flexible",
    "account_share": "pension/account_credit_rate",
    "flexible_account_share": "pension/account_credit_rate_flexible",
    "public_employer_rate": "public/rate_employer",
    "public_employee_rate": "public/rate_employee",
    "public_account_share": "public/account_credit_rate",
    "account_interest": "pension/account_interest_rate",
    "employer_share_due": "pension/employer_share_due",
    "transition_coefficient": "pension/transition_coefficient",
    "public_transition_coefficient": "public/transition_coefficient",
    "addon_index_years": "pension/addon_transition_per_index_year",
    "funeral_months": "pension/funeral_months",
    "compensation_decrement": "pension/compensation_decrement",
    "compensation_minimum": "pension/compensation_minimum_retired",
    "compensation_limit_years": "pension/compensation_paid_in_limit_years",
    "catch_up_price_rate": "pension/purchase_price_rate",
    "emergency_months": "pension/minimum_balance_months",
    "central_adjustment_wage_share": "pension/central_adjustment_wage_share",
    "annuity_employer_rate": "public/annuity_rate_employer",
    "annuity_employee_rate": "public/annuity_rate_employee",
    "annuity_recorded_interest": "public/annuity_recorded_interest",
    "resident_divisor": "resident/account_divisor",
    "resident_funeral": "resident/funeral_grant",
    "resident_entrusted_share": "resident/entrusted_share",
    "unemployment_share_due": "unemployment/employer_share_due",
    "injury_share_due": "injury/employer_share_due",
    "prevention_share": "injury/prevention_share_cap",
    "rerating_interval": "injury/rerating_interval",
}

SMALLEST_CAMPAIGN = 1e-4
"""A campaign below this share of the payers is taken for a slip of unit."""

# Series that only levers give, with the value that leaves everything as it is.
NEUTRAL = {
    "campaign_gross_enterprise": 0.0,
    "campaign_gross_flexible": 0.0,
    "campaign_additional_enterprise": 0.0,
    "campaign_additional_flexible": 0.0,
    "campaign_gross_unemployment": 0.0,
    "campaign_gross_injury": 0.0,
    "campaign_additional_unemployment": 0.0,
    "campaign_additional_injury": 0.0,
    "payment_rate": np.nan,
    "resident_payment_rate": np.nan,
}

# Series whose missing values mean "not known": the kernel carries the last ratio on.
LEVELS = (
    "enterprise_payers",
    "flexible_payers",
    "public_payers",
    "paused_members",
    "resident_registered",
    "unemployment_insured",
    "injury_insured",
)

# Yearly series by another name one year earlier: engine name -> series of the basis.
PREVIOUS = {
    "previous_wage": "average_wage",
    "previous_urban_income": "urban_income",
    "previous_national_urban_income": "national_urban_income",
}


@dataclass
class PathBook:
    """Collects the series of one lane; every name of the kernel must be written exactly once.

    Attributes
    ----------
    years : calendar years of the lane, shape (t,)
    values : series of the kernels by name, each of shape (t,)
    aside : series that only the tables need
    known_until : information date; None when everything is known
    """

    years: np.ndarray
    known_until: int | None = None
    values: dict[str, np.ndarray] = field(default_factory=dict)
    aside: dict[str, np.ndarray] = field(default_factory=dict)

    def put(self, name: str, values: np.ndarray | float) -> None:
        """Write one series; a constant fills all years."""
        if name not in at.PATH_NAMES:
            raise BasisError(f'series "{name}" is not an input of the kernels')
        self.values[name] = np.broadcast_to(np.asarray(values, dtype=np.float64), self.years.shape).copy()

    def array(self) -> np.ndarray:
        """All series in the kernels' order [series, t]."""
        missing = [name for name in at.PATH_NAMES if name not in self.values]
        if missing:
            raise BasisError(f"series without a value: {', '.join(missing)}")
        result = np.array([self.values[name] for name in at.PATH_NAMES])
        known = {*LEVELS, "payment_rate", "resident_payment_rate", "births_male", "births_female", "injury_rate_factor"}
        for name, row in zip(at.PATH_NAMES, result, strict=True):
            if name not in known and not np.isfinite(row).all():
                year = int(self.years[~np.isfinite(row)][0])
                raise BasisError(f'series "{name}" has no finite value in {year}')
        return result


def _constant(basis: Basis, scenario: Scenario | None, name: str) -> float:
    """A constant of the basis, or what the scenario makes of it."""
    value = basis.constant(name)
    return value if scenario is None else float(scenario.constants.get(name, value))


def information_date(scenario: Scenario | None, basis: Basis, known_until: int | None = None) -> int | None:
    """The last year of which values are known: as stated, or the opening for a scenario as known then."""
    if known_until is not None:
        return known_until
    return basis.base_year if scenario is not None and scenario.information == "opening" else None


def fill_paths(
    basis: Basis,
    law: LawTree,
    region: str,
    years: np.ndarray,
    scenario: Scenario | None,
    known_until: int | None = None,
) -> PathBook:
    """All series of one lane.

    Parameters
    ----------
    scenario : levers and changes of the scenario, or None for the spin-up before the opening
    known_until : information date; by default that of the scenario
    """
    book = PathBook(np.asarray(years), information_date(scenario, basis, known_until))
    known_until = book.known_until

    def change(name: str, values: np.ndarray) -> np.ndarray:
        if scenario is None:
            return values
        changed = np.asarray(scenario.apply_paths(name, values, book.years))
        check_change(name, values, changed, book.years, scenario)
        return changed

    def economy(name: str, wanted: np.ndarray) -> np.ndarray:
        return np.asarray(basis.path(name, wanted, known_until=known_until))

    index = {
        "wage": economy("average_wage", book.years),
        "benefit_base": economy("benefit_base", book.years),
        "price": economy("price_index", book.years),
        "minimum_wage": economy("minimum_wage", book.years),
        "urban_income": economy("urban_income", book.years),
    }
    derived = (*LAW_SERIES, *NEUTRAL, *PREVIOUS, *_DERIVED)
    for name in at.PATH_NAMES:
        if name not in derived:
            book.put(name, change(name, economy(name, book.years)))
    for name, key in LAW_SERIES.items():
        book.put(name, change(name, law.annual(key, book.years, region, index=index)))
    for name, value in NEUTRAL.items():
        book.put(name, change(name, np.full(book.years.shape, value)))
    for name, source in PREVIOUS.items():
        longer = np.concatenate([book.years[:1] - 1, book.years])
        values = economy(source, longer)
        if scenario is not None and source in scenario.changed_series():
            values[1:] = scenario.apply_paths(source, values[1:], book.years)
        book.put(name, change(name, values[:-1]))
    for name in (f"compliance_{status}" for status in PAYER_STATUS):
        book.aside[name] = change(name, economy(name, book.years))
    _fill_derived(book, basis, law, index, change, scenario)
    _fill_branches(book, basis, law, change, scenario)
    _fill_standards(book, basis, law, economy, change, scenario)
    _fill_levers(book, basis, scenario)
    return book


_DERIVED = (
    "adjustment_ratio",
    "addon_fixed",
    "adjustment_fixed",
    "adjustment_years",
    "adjustment_level",
    "adjustment_tilt",
    "compensation_factor",
    "compensation_count_up",
    "sickness_near_years",
    "invalidity_hazard",
    "pool_transfer",
    "settled_pension_years",
    "settled_contribution_years",
    "public_gain_share",
    "public_compared_share",
    "central_adjustment_rate",
    "central_adjustment_receipt",
    "pool_take_share",
    "pool_give_share",
    "resident_poor_amount",
    "resident_required_years",
    "unemployment_pension_refund",
    "skill_subsidy_cost",
    "stabilisation_share",
    "stabilisation_low_share",
    "refund_reserve_months",
    "injury_project_premium",
    "injury_stop_work_months",
    "injury_employment_months",
    "prevention_base",
    "unemployment_employer_rate",
    "unemployment_employee_rate",
    "unemployment_exit_prob",
    "births_male",
    "births_female",
    "basic_pension",
    "unemployment_benefit",
    *INJURY_TERMS,
)


def _fill_derived(
    book: PathBook,
    basis: Basis,
    law: LawTree,
    index: dict[str, np.ndarray],
    change: Callable[[str, np.ndarray], np.ndarray],
    scenario: Scenario | None,
) -> None:
    """Series made of more than one law parameter or of constants of the basis."""
    years, region = book.years, basis.region

    def law_path(key: str) -> np.ndarray:
        return law.annual(key, years, region, index=index)

    def put(name: str, values: np.ndarray | float) -> None:
        book.put(name, change(name, np.broadcast_to(np.asarray(values, dtype=np.float64), years.shape).copy()))

    put("addon_fixed", law_path("pension/addon_fixed") + law_path("pension/addon_transition_fixed"))
    split = dict(
        zip(
            law.labels("pension/adjustment_split"),
            law.annual("pension/adjustment_split", years, region, table=True).T,
            strict=True,
        )
    )
    for part in ("fixed", "years", "level", "tilt"):
        put(f"adjustment_{part}", split[part])
    wage_share = _constant(basis, scenario, "indexation_wage_share")
    put("adjustment_ratio", adjustment_path(basis, law, years, book.known_until, wage_share))
    put("compensation_factor", 1.0)
    put("invalidity_hazard", _constant(basis, scenario, "invalidity_hazard") * law_path("pension/sickness_in_force"))
    put("pool_transfer", 0.0)
    for name in ("settled_pension_years", "settled_contribution_years"):
        put(name, law_path("public/settlement") * np.asarray(basis.path(name, years, known_until=book.known_until)))
    count_up = [code == "count_up" for code in law.codes("pension/compensation_part_year", years, region)]
    put("compensation_count_up", np.array(count_up, dtype=np.float64))
    put("sickness_near_years", law_path("pension/sickness_near_months") / 12.0)
    gain, compared = public_comparison(law, region, years)
    put("public_gain_share", gain)
    put("public_compared_share", compared)
    below_nation = 0.0 if region == NATION else 1.0
    put("central_adjustment_rate", below_nation * law_path("pension/central_adjustment_rate"))
    put("pool_take_share", below_nation * law_path("pension/pooling_share"))
    for name in ("central_adjustment_receipt", "pool_give_share"):
        put(name, below_nation * np.asarray(basis.path(name, years, known_until=book.known_until)))
    put("resident_poor_amount", law_path("resident/tier_lowest"))
    launched = years - _constant(basis, scenario, "resident_launch_year")
    put("resident_required_years", np.clip(launched, 0.0, law_path("resident/minimum_months") / 12.0))
    cut = law_path("unemployment/phased_cut")
    for payer in ("employer", "employee"):
        reduced = law_path(f"unemployment/rate_{payer}_reduced")
        statutory = law_path(f"unemployment/rate_{payer}_statutory")
        put(f"unemployment_{payer}_rate", cut * reduced + (1.0 - cut) * statutory)
    put("unemployment_exit_prob", _constant(basis, scenario, "unemployment_exit_prob"))
    wages = book.values["previous_wage"]
    terms = injury_series(law, basis, years, wages)
    for name in INJURY_TERMS:
        put(name, terms[name])
    given = np.full((years.size, 2), np.nan)  # NaN: births follow from rates
    past = years <= basis.base_year
    if past.any() and basis.spinup_parent is None:
        given[past] = basis.births(years[past])
    book.put("births_male", given[:, 0])
    book.put("births_female", given[:, 1])


def _fill_branches(
    book: PathBook,
    basis: Basis,
    law: LawTree,
    change: Callable[[str, np.ndarray], np.ndarray],
    scenario: Scenario | None,
) -> None:
    """Series of the unemployment and injury branches made of law and basis together (schemes.md 5.5, 6.1)."""
    years, region, known_until = book.years, basis.region, book.known_until

    def law_path(key: str) -> np.ndarray:
        return law.annual(key, years, region)

    def put(name: str, values: np.ndarray | float) -> None:
        book.put(name, change(name, np.broadcast_to(np.asarray(values, dtype=np.float64), years.shape).copy()))

    wage = book.values["previous_wage"]
    base_share, rate = law_path("unemployment/pension_refund_base_share"), law_path("unemployment/pension_refund_rate")
    put("unemployment_pension_refund", base_share * rate * wage)
    amount = law.annual("unemployment/skill_subsidy", years, region, table=True).mean(axis=1)
    put("skill_subsidy_cost", _constant(basis, scenario, "skill_subsidy_takers") * amount)
    refunds = np.asarray(basis.path("stabilisation_share", years, known_until=known_until)).copy()
    small = _constant(basis, scenario, "refund_small_firms")
    rates = small * law_path("unemployment/refund_rate_small")
    rates += (1.0 - small) * law_path("unemployment/refund_rate_large")
    late = years > last_published(basis, "stabilisation_share", known_until)
    refunds[late] = (_constant(basis, scenario, "refund_eligible") * rates)[late]
    put("stabilisation_share", refunds)
    of_small, of_large = (
        float(law.value(f"unemployment/refund_rate_{size}", ORDINARY_REFUNDS, region)) for size in ("small", "large")
    )
    ordinary_rate = small * of_small + (1.0 - small) * of_large
    lower = _constant(basis, scenario, "refund_eligible") * np.minimum(rates, ordinary_rate)
    put("stabilisation_low_share", np.minimum(lower, refunds))
    put("refund_reserve_months", np.where(late, law_path("unemployment/refund_reserve_months"), 0.0))
    price = np.asarray(basis.path("project_price", years, known_until=known_until))
    put("injury_project_premium", law_path("injury/project_rate") * price)
    longest = law_path("injury/stop_work_months")
    put("injury_stop_work_months", np.minimum(_constant(basis, scenario, "stop_work_months"), longest))
    put("injury_employment_months", employment_series(law, basis, years, wage))
    book.put("prevention_base", law_path("injury/prevention_share_cap"))


def public_comparison(law: LawTree, region: str, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ten-year transition of the public sector by year: share of a gain paid, part of the year's months compared [t].

    From the reform's month on, while the law states a share; afterwards the new formula stands alone (schemes.md 3).
    """
    keys = ("public/reform_month", "public/transition_gain_share")
    what = ("public_comparison", region, years.tobytes())
    gain, compared = law.once(keys, what, lambda part: _public_comparison(part, region, years))
    return gain.copy(), compared.copy()


def _public_comparison(law: LawTree, region: str, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    begun = law.value("public/reform_month", datetime.date(2014, 12, 31), region)
    gain, compared = np.zeros(years.size), np.zeros(years.size)
    for t, year in enumerate(years):
        stated = [
            law.value("public/transition_gain_share", datetime.date(int(year), month, 1), region)
            for month in range(1, 13)
            if 12 * int(year) + month - 1 >= begun
        ]
        known = [float(share) for share in stated if share is not None]
        if known:
            gain[t], compared[t] = float(np.mean(known)), len(known) / 12.0
    return gain, compared


def _fill_standards(
    book: PathBook,
    basis: Basis,
    law: LawTree,
    economy: Economy,
    change: Callable[[str, np.ndarray], np.ndarray],
    scenario: Scenario | None,
) -> None:
    """Amounts that the law carries on beyond their last published value (engine/compile/standards.py)."""
    known_until = book.known_until
    log_sd = _constant(basis, scenario, "wage_log_sd_enterprise")
    lane = book.values | book.aside
    benefit = unemployment_benefit(basis, law, book.years, known_until, economy, lane, log_sd)
    book.put("unemployment_benefit", change("unemployment_benefit", benefit))
    pension = basic_pension(basis, law, book.years, known_until, economy)
    book.put("basic_pension", change("basic_pension", pension))


def adjustment_path(
    basis: Basis, law: LawTree, years: np.ndarray, known_until: int | None, wage_share: float
) -> np.ndarray:
    """Adjustment ratio of pensions in payment: as enacted, then a mix of last year's wage and price growth [t].

        g(t) = s·(W(t-1)/W(t-2) - 1) + (1-s)·(p(t-1)/p(t-2) - 1)      after the last enacted year

    A lever on the law replaces the rule from its first year on; the years between follow the rule.

    Parameters
    ----------
    wage_share : s, the constant `indexation_wage_share`
    """
    key, region = "pension/adjustment_ratio", basis.region
    enacted = law.annual(key, years, region)
    lever = levered_from(law, key, region)
    until = int(years[-1]) if lever is None else min(lever - 1, int(years[-1]))
    last = max(dated.date.year for dated in law[key].timeline(region) if lever is None or dated.date.year < lever)
    open_years = np.arange(max(last + 1, int(years[0])), until + 1)
    if open_years.size == 0:
        return enacted
    before = np.arange(open_years[0] - 2, open_years[-1])

    def growth(series: str) -> np.ndarray:
        values = np.asarray(basis.path(series, before, known_until=known_until))
        return np.asarray(values[1:] / values[:-1] - 1.0)

    result = enacted.copy()
    mixed = wage_share * growth("average_wage") + (1.0 - wage_share) * growth("price_index")
    result[np.isin(years, open_years)] = mixed
    return result


ORDINARY_REFUNDS = datetime.date(2024, 12, 31)
"""Day whose refund rates count for a fund below its reserve: the higher ones of 2025-07 need the reserve."""

LEVEL_OF_CAMPAIGN = {
    "enterprise": "enterprise_payers",
    "flexible": "flexible_payers",
    "unemployment": "unemployment_insured",
    "injury": "injury_insured",
}
"""Opening figure that a campaign raises, by its status."""


def city_share(basis: Basis, scenario: Scenario | None, level: str = "enterprise_payers") -> float:
    """Part of a scenario's campaign that falls to a basis: an area takes its share of the city's members [1]."""
    if scenario is None:
        return 1.0
    return float(basis.opening(level) / load_basis(scenario.basis).opening(level))


def _fill_levers(book: PathBook, basis: Basis, scenario: Scenario | None) -> None:
    """Campaigns, indexation and payment rate: levers that are named, not written as series."""
    if scenario is None:
        return
    settings = scenario.settings
    for campaign in settings.campaigns:
        first, last = campaign.years
        span = (book.years >= first) & (book.years <= last)
        level = LEVEL_OF_CAMPAIGN[campaign.status]
        if campaign.total < SMALLEST_CAMPAIGN * load_basis(scenario.basis).opening(level):
            raise ScenarioError(
                f"campaign {campaign.id} is for {campaign.total:g} persons",
                where=scenario.where("levers"),
                allowed=f"at least {SMALLEST_CAMPAIGN:.2%} of the payers at the opening",
                hint="Check the unit: persons, not 万人",
            )
        share = city_share(basis, scenario, level)
        if campaign.increments is None:
            yearly = np.where(span, share * campaign.total / (last - first + 1), 0.0)
        else:
            yearly = share * np.array([campaign.increments.get(int(year), 0.0) for year in book.years])
        name = f"campaign_{campaign.kind}_{campaign.status}"
        book.put(name, book.values[name] + yearly)
    for name in settings.coverage_growth:
        factor = scenario.coverage_factor(name, book.years)
        for series in (name, COVERAGE_INDEX[name]):  # the level while it is known, its ratio afterwards
            book.put(series, book.values[series] * factor)
    stated = (
        ("adjustment_ratio", settings.indexation),
        ("payment_rate", settings.payment_rate.get("employees", {})),
        ("resident_payment_rate", settings.payment_rate.get("resident", {})),
    )
    for name, knots in stated:
        if knots:
            book.put(name, stepped(book.values[name], book.years, dict(knots)))


def stepped(values: np.ndarray, years: np.ndarray, knots: dict[int, float]) -> np.ndarray:
    """A series in which each stated value holds until the next stated year; earlier years keep their own.

    Examples
    --------
    >>> stepped(np.array([1.0, 1.0, 1.0]), np.array([2020, 2021, 2022]), {2021: 0.5}).tolist()
    [1.0, 0.5, 0.5]
    """
    result = values.copy()
    for year in sorted(knots):
        result[years >= year] = knots[year]
    return result
