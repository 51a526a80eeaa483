"""Series made of several parameters of the law, or of law and basis together."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from simengine.basis.economy import Economy
from simengine.common.errors import ScenarioError
from simengine.engine.compile.book import PathBook
from simengine.engine.compile.constants import INJURY_TERMS, employment_series, injury_series
from simengine.engine.compile.standards import last_published, unemployment_benefit
from simengine.kernels import layout as at
from simengine.kernels.rules import by_row
from simengine.kernels.rules.pension import compared_pension
from simengine.kernels.rules.resident import required_years
from simengine.kernels.rules.unemployment import pension_refund, phased_rate
from simengine.law import LawTree
from simengine.law.together import coupling

ADJUSTMENT_FUNDS = ("public", "unemployment", "injury")
"""Branches of which the law may found a provincial adjustment fund."""


def fill_derived(book: PathBook) -> None:
    """Write every derived series."""
    _fill_pensions(book)
    _fill_public(book)
    _fill_resident(book)
    _fill_unemployment(book)
    _fill_injury(book)
    _fill_adjustment_funds(book)
    _fill_births(book)


def _fill_pensions(book: PathBook) -> None:
    """Add-ons, adjustment, survivors and the sickness allowance of the employees' scheme."""
    law, years, region = book.law, book.years, book.region
    addon = book.law_values("pension/addon_fixed") + book.law_values("pension/addon_transition_fixed")
    book.state("addon_fixed", addon)
    book.state("transition_coefficient", paid_coefficient(book))
    parts = law.annual("pension/adjustment_split", years, region, table=True).T
    split = dict(zip(law.labels("pension/adjustment_split"), parts, strict=True))
    for part in ("fixed", "years", "tilt"):  # the level part is what the others leave
        book.state(f"adjustment_{part}", split[part])
    wage_share = book.constant("indexation_wage_share")
    book.state("adjustment_ratio", adjustment_path(law, book.economy, wage_share))
    book.state("account_interest", interest_path(book, "pension/account_interest_rate"))
    book.state("compensation_factor", 1.0)
    sickness = book.constant("invalidity_hazard") * book.law_values("pension/sickness_in_force")
    book.state("invalidity_hazard", sickness)
    count_up = [code == "count_up" for code in law.codes("pension/compensation_part_year", years, region)]
    book.state("compensation_count_up", np.array(count_up, dtype=np.float64))
    book.state("sickness_near_years", book.law_values("pension/sickness_near_months") / 12.0)
    book.state("limited_allowance_exit", limited_allowance_exit(book))
    book.state("late_payment_years", book.law_values("pension/late_payment_months_max") / 12.0)
    book.state("pool_transfer", 0.0)
    for name in ("central_adjustment_rate", "central_adjustment_wage_share"):
        book.state(name, book.law_values(f"pension/{name}"))
    book.state("pool_take_share", book.law_values("pension/pooling_share"))
    for name in ("central_adjustment_receipt", "pool_give_share"):
        book.state(name, book.economy.stated(name))
    moved = np.minimum(book.constant("pool_volume"), book.economy.read("pool_reserve"))
    receiving = book.constant("pool_receiving_share")
    book.state("pool_receipt_limit", moved / receiving)
    book.state("pool_payment_limit", moved / (1.0 - receiving))


def _fill_public(book: PathBook) -> None:
    """Settlement of the public sector's entry, and its ten-year transition."""
    book.state("annuity_recorded_interest", interest_path(book, "public/annuity_recorded_interest"))
    settled = book.law_values("public/settlement")
    for name in ("settled_pension_years", "settled_contribution_years"):
        book.state(name, settled * book.economy.stated(name))
    gain, compared = public_comparison(book.law, book.region, book.years)
    book.state("public_gain_share", gain)
    book.state("public_compared_share", compared)


def _fill_resident(book: PathBook) -> None:
    """Base pension and its age, contributions of the poor, and years a resident must have paid."""
    book.put("basic_pension", book.economy.read("basic_pension"))
    book.state("resident_poor_amount", book.law_values("resident/tier_lowest"))
    launched = book.years - book.constant("resident_launch_year")
    minimum = book.law_values("resident/minimum_months") / 12.0
    book.state("resident_required_years", by_row(required_years, launched, minimum))
    book.state("resident_pension_age", book.law_values("resident/pension_age") / 12.0)


def _fill_unemployment(book: PathBook) -> None:
    """Rates, refunds and subsidies of unemployment insurance (schemes.md 5)."""
    law, years, region = book.law, book.years, book.region
    cut = book.law_values("unemployment/phased_cut")
    for payer in ("employer", "employee"):
        reduced = book.law_values(f"unemployment/rate_{payer}_reduced")
        statutory = book.law_values(f"unemployment/rate_{payer}_statutory")
        rate = by_row(phased_rate, cut, reduced, statutory)
        for name, sign, full in (("reduced", 1.0, reduced), ("statutory", -1.0, statutory)):
            both = [law[key] for key in ("unemployment/phased_cut", f"unemployment/rate_{payer}_{name}")]
            rate += sign * (coupling(both, years, region) - 1.0) * cut * full
        book.state(f"unemployment_{payer}_rate", rate)
        book.state(f"unemployment_{payer}_uncut_rate", statutory)
    book.state("unemployment_exit_prob", book.constant("unemployment_exit_prob"))
    base_share, rate = (book.law_values(f"unemployment/pension_refund_{part}") for part in ("base_share", "rate"))
    refund = by_row(pension_refund, base_share, rate, book.economy.heard("average_wage", years - 1))
    book.state("unemployment_pension_refund", refund)
    amount = law.annual("unemployment/skill_subsidy", years, region, table=True).mean(axis=1)
    book.state("skill_subsidy_cost", book.constant("skill_subsidy_takers") * amount)
    benefit = unemployment_benefit(law, book.economy, book.constant("wage_log_sd_enterprise"))
    book.state("unemployment_benefit", benefit)
    _fill_refunds(book)
    book.state("unemployment_duration_cap", book.law_values("unemployment/duration_cap"))
    _check_claim_months(book)


def _check_claim_months(book: PathBook) -> None:
    """A fault where a lever makes claims longer than the kernels have room for."""
    name = "unemployment_duration_cap"
    longest = float(book.values[name].max())
    if longest > at.MONTHS and book.scenario is not None:
        year = int(book.years[int(book.values[name].argmax())])
        where = book.scenario.where_changed(name, year)
        book.faults.append(ScenarioError("claim_months_room", where=where, value=f"{longest:g}", limit=at.MONTHS))


def _fill_refunds(book: PathBook) -> None:
    """Stabilisation refunds: as published, then by the law's rates; the lower ones for a fund below its reserve."""
    years = book.years
    refunds = book.economy.stated("stabilisation_share")
    small = book.constant("refund_small_firms")
    rates, low_rates = (
        small * book.law_values(f"unemployment/{name}_small")
        + (1.0 - small) * book.law_values(f"unemployment/{name}_large")
        for name in ("refund_rate", "refund_low_rate")
    )
    late = years > last_published(book.basis, "stabilisation_share", book.known_until)
    refunds[late] = (book.constant("refund_eligible") * rates)[late]
    book.state("stabilisation_share", refunds)
    lower = book.constant("refund_eligible") * np.minimum(rates, low_rates)
    moved = book.values["stabilisation_share"]  # the lower refunds keep their place below those that a lever moves
    known = refunds > 0.0
    low = np.minimum(lower, np.where(known, refunds, moved))
    low[known] *= moved[known] / refunds[known]
    book.state("stabilisation_low_share", low)
    months = book.law_values("unemployment/refund_reserve_months")
    book.state("refund_reserve_months", np.where(late, months, 0.0))


def _fill_injury(book: PathBook) -> None:
    """Means over the outcomes of an injury, premiums by project, what employers pay (schemes.md 6)."""
    basis, law, years = book.basis, book.law, book.years
    wages = book.economy.heard("average_wage", years - 1)
    terms = injury_series(law, basis, years, wages)
    for name in INJURY_TERMS:
        book.state(name, terms[name])
    book.state("injury_project_premium", book.law_values("injury/project_rate") * book.economy.heard("project_price"))
    longest = book.law_values("injury/stop_work_months")
    book.state("injury_stop_work_months", np.minimum(book.constant("stop_work_months"), longest))
    book.state("injury_employment_months", employment_series(law, basis, years, wages))
    book.put("prevention_base", book.law_values("injury/prevention_share_cap"))
    book.state("injury_nursing_share", nursing_share(book))
    book.state("injury_survivor_share", survivor_share(book))


def paid_coefficient(book: PathBook) -> np.ndarray:
    """Coefficient of the transition pension that awards of a year are paid by [year].

    Where a part of the gain over a former method is not paid, the former amount is a stated share of the new one: the
    mean award by the share of its own year. What later first of Januaries add to it is left out (notes/pension.md).
    """
    whole = book.law_values("pension/transition_coefficient")
    former = book.law_values("pension/transition_former_over_new") * whole
    gain = book.law_values("pension/transition_gain_share")
    return np.where(gain < 1.0, by_row(compared_pension, former, whole, gain), whole)


def opening_law(book: PathBook, key: str) -> Any:
    """A parameter as it stood at the opening of the basis, before any lever: what its constants were stated under."""
    return book.law.value(key, datetime.date(book.basis.base_year, 12, 31), book.region)


def limited_allowance_exit(book: PathBook) -> np.ndarray:
    """Yearly exits from sickness allowances paid for a limited time [1/year; t].

    The constant e stands for a mean of m₀ = 12/e months by the law of the opening, base b₀ and p₀ for each further
    year: n = (m₀ - b₀)/p₀ further years. By the law of the year m = b + n·p, and the exit is e·m₀/m, at most all.
    """
    key, exits = "pension/sickness_short_months", book.constant("limited_allowance_exit")
    known = opening_law(book, key)
    values = book.law.annual(key, book.years, book.region, table=True).T
    now = dict(zip(book.law.labels(key), values, strict=True))
    if exits <= 0.0:
        return np.zeros(book.years.size)
    mean = 12.0 / exits
    further = max(0.0, mean - known["base"]) / known["per_further_year"] if known["per_further_year"] > 0.0 else 0.0
    more = (now["base"] - known["base"]) + further * (now["per_further_year"] - known["per_further_year"])
    months = np.maximum(mean + more, 1.0)
    return np.asarray(np.minimum(exits * (mean / months), 1.0))


def nursing_share(book: PathBook) -> np.ndarray:
    """Nursing payment over W, mean of all annuitants [1; t]: the constant, moved as the law's mean share has moved.

    The three degrees of dependence count alike; the constant holds how many annuitants need nursing.
    """
    key = "injury/nursing_share"
    known = np.mean(list(opening_law(book, key).values()))
    now = book.law.annual(key, book.years, book.region, table=True).mean(axis=1)
    if known <= 0.0:
        return np.full(book.years.size, book.constant("injury_nursing_share"))
    return np.asarray(np.minimum(book.constant("injury_nursing_share") * (now / known), 1.0))


def survivor_share(book: PathBook) -> np.ndarray:
    """Pensions of the dependants of a fatal injury over the own wage, mean of all cases [1; t].

    The constant c holds w = min(1, c/s₀) spouses and n = max(0, c - s₀)/o₀ others a case, by the shares s₀ and o₀ of
    the law of the opening. By the law of the year the sum is c + w·(s - s₀) + n·(o - o₀), at most the cap.
    """
    key, mean = "injury/survivor_share", book.constant("injury_survivor_share")
    known = opening_law(book, key)
    now = dict(zip(book.law.labels(key), book.law.annual(key, book.years, book.region, table=True).T, strict=True))
    spouses = min(1.0, mean / known["spouse"]) if known["spouse"] > 0.0 else 1.0
    others = max(0.0, mean - known["spouse"]) / known["other"] if known["other"] > 0.0 else 0.0
    moved = mean + spouses * (now["spouse"] - known["spouse"]) + others * (now["other"] - known["other"])
    return np.asarray(np.clip(moved, 0.0, book.law_values("injury/survivor_cap")))


def _fill_adjustment_funds(book: PathBook) -> None:
    """What the provincial adjustment funds take and give (notes/fund.md, section 1); nothing unless a lever says so."""
    for branch in ADJUSTMENT_FUNDS:
        for part in ("rate", "months", "share"):
            book.state(f"{branch}_adjustment_fund_{part}", book.law_values(f"{branch}/adjustment_fund_{part}"))


def _fill_births(book: PathBook) -> None:
    """Births of known years; not-a-number where births follow from fertility."""
    given = np.full((book.years.size, 2), np.nan)
    past = book.years <= book.basis.base_year
    if past.any() and book.basis.spinup_parent is None:
        given[past] = book.basis.births(book.years[past])
    book.put("births_male", given[:, 0])
    book.put("births_female", given[:, 1])


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


def interest_path(book: PathBook, key: str) -> np.ndarray:
    """Crediting rate of accounts: as announced, then over n years to what the fund earns on its own money [t].

        i(t) = i(L) + (f(t) - i(L))·min(1, (t - L)/n)      after the last announced year L

    A lever on the law replaces the rule from the first 1 January on which it holds.

    Parameters
    ----------
    key : parameter of the law; f is the series `return_enterprise_pension`, n the constant `account_interest_years`
    """
    law, years, region = book.law, book.years, book.region
    announced = law.annual(key, years, region)
    last = max(dated.date.year for dated in law[key].enacted.timeline(region))
    lever = law[key].levered_from(region)
    open_years = (years > last) & (years < (years[-1] + 1 if lever is None else lever))
    part = np.clip((years - last) / book.constant("account_interest_years"), 0.0, 1.0)
    earned = book.economy.heard("return_enterprise_pension")
    return np.where(open_years, announced + (earned - announced) * part, announced)


def adjustment_path(law: LawTree, economy: Economy, wage_share: float) -> np.ndarray:
    """Adjustment ratio of pensions in payment: as enacted, then a mix of last year's wage and price growth [t].

        g(t) = s·(W(t-1)/W(t-2) - 1) + (1-s)·(p(t-1)/p(t-2) - 1)      after the last enacted year

    A lever on the law replaces the rule from the first 1 January on which it holds; the years between follow the rule.

    Parameters
    ----------
    wage_share : s, the constant `indexation_wage_share`
    """
    key, region, years = "pension/adjustment_ratio", economy.basis.region, economy.years
    enacted = law.annual(key, years, region)
    lever = law[key].levered_from(region)
    until = int(years[-1]) if lever is None else min(lever - 1, int(years[-1]))
    last = max(dated.date.year for dated in law[key].enacted.timeline(region))
    open_years = np.arange(max(last + 1, int(years[0])), until + 1)
    if open_years.size == 0:
        return enacted
    before = np.arange(open_years[0] - 2, open_years[-1])

    def growth(series: str) -> np.ndarray:
        values = economy.heard(series, before)
        return np.asarray(values[1:] / values[:-1] - 1.0)

    result = enacted.copy()
    mixed = wage_share * growth("average_wage") + (1.0 - wage_share) * growth("price_index")
    result[np.isin(years, open_years)] = mixed
    return result
