"""Sizes of first-order rules on the real engine: a baseline beside two settings between which the rule chooses.

Every size is computed here and held against its row in notes/first_order.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

import simengine
from simengine.scenario.scenario import Scenario, load_scenario
from tests.helpers.first_order import assert_size, stated_sizes

HEAD = "name: {en: a setting, local: 设定}\nreason: the size of a first-order rule\n"
ENTERPRISE, PUBLIC, ANNUITY = "enterprise_pension", "public_pension", "occupational_annuity"
RESIDENT, UNEMPLOYMENT, INJURY = "resident", "unemployment", "work_injury"
FULL_YEAR, FROM_JULY = 365.0, 184.0
"""Days of 2030, and those from 1 July on."""

SETTINGS = {
    "settled_half": "paths: {settled_pension_years: {multiply: {2021: 0.5}}}",
    "settled_more": "paths: {settled_pension_years: {multiply: {2021: 1.5}}}",
    "nothing_entrusted": "paths: {entrusted_share_enterprise: {set: {2021: 0}}}",
    "subsidy_low": "paths: {subsidy_enterprise: {multiply: {2021: 0.85}}}",
    "subsidy_high": "paths: {subsidy_enterprise: {multiply: {2021: 1.15}}}",
    "no_pool": "paths: {pool_take_share: {set: {2021: 0}}}",
    "arrears_none": "paths: {arrears_share: {multiply: {2021: 0}}}",
    "arrears_twice": "paths: {arrears_share: {multiply: {2021: 2}}}",
    "cut_late": "changes: {unemployment/cut_none_months: {2026-01-01: 10}}",
    "cut_early": "changes: {unemployment/cut_none_months: {2026-01-01: 14}}",
    "adjustment_fund": (
        "changes: {unemployment/adjustment_fund_rate: {2026-01-01: 0.1}, "
        "unemployment/adjustment_fund_months: {2026-01-01: 12}, unemployment/adjustment_fund_share: {2026-01-01: 0.5}}"
    ),
    "rerating_rare": "paths: {rerating_interval: {set: {2021: 10}}}",
    "step_none": "constants: {injury_rate_step: 0}",
    "step_twice": "constants: {injury_rate_step: 0.2}",
    "prevention_idle": "constants: {prevention_effect: 0}\npaths: {prevention_share: {multiply: {2026: 2}}}",
    "prevention_strong": "constants: {prevention_effect: 0.2}\npaths: {prevention_share: {multiply: {2026: 2}}}",
    "funeral_january": "changes: {injury/funeral_months: {2030-01-01: 9}}",
    "funeral_july": "changes: {injury/funeral_months: {2030-07-01: 9}}",
    "old_formula_low": "paths: {public_old_share: {set: {2021: 0.65}}}",
    "old_formula_high": "paths: {public_old_share: {set: {2021: 0.80}}}",
    "no_annuity": "paths: {annuity_employer_rate: {set: {2021: 0}}, annuity_employee_rate: {set: {2021: 0}}}",
    "no_paid_in_limit": "paths: {compensation_limit_years: {set: {2021: 0}}}",
    "invalidity_low": "paths: {invalidity_hazard: {multiply: {2025: 0.33}}}",
    "invalidity_high": "paths: {invalidity_hazard: {multiply: {2025: 2.5}}}",
    "poor_none": "paths: {resident_poor_share: {multiply: {2021: 0}}}",
    "poor_twice": "paths: {resident_poor_share: {multiply: {2021: 2}}}",
    "launched_long_ago": "paths: {resident_required_years: {set: {2021: 15}}}",
    "takeup_low": "paths: {resident_takeup: {set: {2021: 0.88}}}",
    "takeup_high": "paths: {resident_takeup: {set: {2021: 0.95}}}",
    "supplement_none": "paths: {resident_supplement: {set: {2021: 0}}}",
    "supplement_twice": "paths: {resident_supplement: {multiply: {2021: 2}}}",
    "dual_none": "constants: {dual_share: 0}",
    "dual_many": "constants: {dual_share: 0.05}",
    "ceiling_low": "constants: {coverage_ceiling: 0.97}",
    "ceiling_high": "constants: {coverage_ceiling: 1.0}",
    "extension_long": "constants: {near_extension_exit: 0.1}",
    "extension_short": "constants: {near_extension_exit: 0.3}",
    "laid_off": "paths: {surveyed_unemployment_rate: {add: {2026: 0.01}}}",
    "small_firms_few": "constants: {refund_small_firms: 0.4}",
    "small_firms_many": "constants: {refund_small_firms: 0.7}",
    "skill_few": "constants: {skill_subsidy_takers: 0.003}",
    "skill_many": "constants: {skill_subsidy_takers: 0.02}",
    "public_few": "constants: {unemployment_public_share: 0.1}",
    "public_many": "constants: {unemployment_public_share: 0.18}",
    "claims_low": "paths: {unemployment_take_up: {multiply: {2026: 0.9}}}",
    "claims_high": "paths: {unemployment_take_up: {multiply: {2026: 1.1}}}",
}
"""Levers on Jiangxi's baseline, by name."""

Runs = dict[str, xr.Dataset]


def setting(folder: Path, base: str, name: str, body: str) -> Scenario:
    """A baseline with one lever."""
    (folder / f"{name}_lever.yaml").write_text(HEAD + body + "\n", encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_text(f"extends: {base}\ntargets: []\nlevers: [./{name}_lever.yaml]\n", encoding="utf-8")
    return load_scenario(file)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Every setting of Jiangxi, projected in one run."""
    folder = tmp_path_factory.mktemp("settings")
    chosen = {"base": load_scenario("jiangxi/baseline")}
    chosen |= {name: setting(folder, "jiangxi/baseline", name, body) for name, body in SETTINGS.items()}
    dataset = simengine.project(list(chosen.values())).dataset.squeeze(["draw", "region"])
    return {name: dataset.isel(scenario=place) for place, name in enumerate(chosen)}


# --- what is read off a run -------------------------------------------------------------------------------------------


def benefits(run: xr.Dataset, fund: str, year: int) -> float:
    return float(run.outgo.sel(fund=fund, year=year, outgo_item="benefits"))


def contributions(run: xr.Dataset, fund: str, year: int) -> float:
    return float(run.income.sel(fund=fund, year=year, income_item="contributions"))


def spread(runs: Runs, low: str, high: str, read: Callable[[xr.Dataset], float]) -> float:
    """Half the distance between two settings, over the baseline [%]."""
    return 50.0 * abs(read(runs[high]) - read(runs[low])) / abs(read(runs["base"]))


def distance(runs: Runs, other: str, read: Callable[[xr.Dataset], float]) -> float:
    """Distance of a setting from the baseline [%]."""
    return 100.0 * abs(read(runs[other]) / read(runs["base"]) - 1.0)


def months(runs: Runs, low: str, high: str, fund: str, year: int, name: str = "fund_balance") -> float:
    """Distance between two closing balances [months of the baseline's spending of the year]."""
    moved = float((runs[high][name] - runs[low][name]).sel(fund=fund, year_end=year))
    return 12.0 * abs(moved) / float(runs["base"].outgo.sel(fund=fund, year=year).sum())


def at(run: xr.Dataset, name: str, year: int) -> float:
    """A flow or a level of one year, or the sum of a stock at its end."""
    stock = "year_end" in run[name].dims
    return float((run[name].sel(year_end=year) if stock else run[name].sel(year=year)).sum())


def extra_debt(runs: Runs) -> float:
    """What two points more on debt would add to the unaided debt by 2035, over that debt [%]."""
    balance = runs["base"].fund_balance_unaided.sel(fund=ENTERPRISE)
    extra = 0.0
    for year in range(2021, 2035):
        extra = 1.025 * extra + 0.02 * max(0.0, -float(balance.sel(year_end=year)))
    return 100.0 * extra / -float(balance.sel(year_end=2035))


def paid_down_beyond(runs: Runs) -> float:
    """What the adjustment fund pays down over what it is paid up, 2026 to 2035, less one [%]."""
    run, years = runs["adjustment_fund"], slice(2026, 2035)
    up = float(run.outgo.sel(fund=UNEMPLOYMENT, year=years, outgo_item="to_above").sum())
    down = float(run.income.sel(fund=UNEMPLOYMENT, year=years, income_item="from_above").sum())
    return 100.0 * abs(down / up - 1.0)


def change_inside_a_year(runs: Runs) -> float:
    """Part of a year's change that a change on 1 July counts too little [%]: it counts from the next year on."""
    january, july, base = (
        at(runs[name], "injury_death_benefits", 2030) for name in ("funeral_january", "funeral_july", "base")
    )
    assert january > base
    return 100.0 * abs((july - base) / (january - base) - FROM_JULY / FULL_YEAR)


def behind_wages(runs: Runs) -> float:
    """Monthly amounts of work injury against wages, 2025 to 2035 [%]."""
    run, grown = runs["base"], 1.0
    for year in range(2026, 2036):
        grown *= 1.0 + at(run, "adjustment_ratio", year)
    return 100.0 * (1.0 - grown / (at(run, "wage", 2035) / at(run, "wage", 2025)))


def waiting_for_the_annuity(runs: Runs) -> float:
    """Awards wait for their first payment until 1 January, on average 5.5 months [% of a year's payments]."""
    run = runs["base"]
    return 100.0 * 5.5 / 12.0 * at(run, "awards_public", 2030) / at(run, "public_pensioners", 2030)


def arrivals_wait(runs: Runs) -> float:
    """Base pensions of the rest of the year for those who come from the employees' scheme past 60 [% of benefits]."""
    run = runs["base"]
    late = at(run, "resident_from_employees", 2035) * 5.5 * at(run, "basic_pension_standard", 2035)
    return 100.0 * late / benefits(run, RESIDENT, 2035)


def uninsured_laid_off(runs: Runs) -> float:
    """Claims of laid-off payers who are not insured, for a point of unemployment [% of benefits]."""
    run = runs["base"]
    insured = at(run, "unemployment_insured", 2026) / float(run.members.sel(year_end=2026, status="enterprise").sum())
    return (1.0 - insured) * distance(runs, "laid_off", lambda one: benefits(one, UNEMPLOYMENT, 2026))


def death_of_a_claimant(runs: Runs) -> float:
    """Eleven months of income, as after ten years, instead of five [% of benefits]."""
    run = runs["base"]
    return 100.0 * (11.0 / 5.0 - 1.0) * at(run, "claimant_death_benefits", 2030) / benefits(run, UNEMPLOYMENT, 2030)


def beside_prices(runs: Runs) -> float:
    """Urban incomes against prices from 2027 to 2035 [%]: what a standard frozen in real terms would lack."""
    income, price = (
        at(runs["base"], name, 2035) / at(runs["base"], name, 2027) for name in ("urban_income", "price_index")
    )
    return 100.0 * (income / price - 1.0)


MEASURES: dict[str, Callable[[Runs], float]] = {
    "fund: Settlement": lambda r: spread(r, "settled_half", "settled_more", lambda one: benefits(one, PUBLIC, 2021)),
    "fund: Entrusted principal": lambda r: months(
        r, "nothing_entrusted", "base", ENTERPRISE, 2035, "fund_balance_unaided"
    ),
    "fund: The occupational annuity": lambda r: max(0.0, -float(r["base"].fund_balance.sel(fund=ANNUITY).min())),
    "fund: Subsidies": lambda r: 0.5 * months(r, "subsidy_low", "subsidy_high", ENTERPRISE, 2035),
    "fund: One rate for credit and debt": extra_debt,
    "fund: The pool": lambda r: months(r, "no_pool", "base", ENTERPRISE, 2025),
    "fund: Central adjustment": lambda r: (
        10.0
        * float(r["base"].outgo.sel(fund=ENTERPRISE, year=2021, outgo_item="to_above"))
        / benefits(r["base"], ENTERPRISE, 2021)
    ),
    "fund: Arrears": lambda r: 0.5 * months(r, "arrears_none", "arrears_twice", ENTERPRISE, 2035),
    "fund: The adjustment fund": paid_down_beyond,
    "fund: Premiums": lambda r: 100.0 * at(r["base"], "arrears", 2030) / contributions(r["base"], ENTERPRISE, 2030),
    "injury: A class floats by its mean": lambda r: distance(
        r, "rerating_rare", lambda one: contributions(one, INJURY, 2030)
    ),
    "injury: The reserve": lambda r: spread(r, "step_none", "step_twice", lambda one: contributions(one, INJURY, 2035)),
    "injury: Claims of a class": lambda r: (
        100.0
        * (at(r["base"], "injury_allowances", 2025) + at(r["base"], "injury_survivor_pensions", 2025))
        / benefits(r["base"], INJURY, 2025)
    ),
    "injury: Terms of the year": change_inside_a_year,
    "injury: Prevention": lambda r: spread(
        r, "prevention_idle", "prevention_strong", lambda one: at(one, "injury_cases", 2035)
    ),
    "injury: Monthly amounts": behind_wages,
    "pension: old against new public pensions": lambda r: spread(
        r, "old_formula_low", "old_formula_high", lambda one: benefits(one, PUBLIC, 2030)
    ),
    "pension: the annuity in it": lambda r: distance(r, "no_annuity", lambda one: benefits(one, PUBLIC, 2022)),
    "pension: paid-in limit": lambda r: distance(r, "no_paid_in_limit", lambda one: benefits(one, ENTERPRISE, 2030)),
    "pension: allowance for lost capacity": lambda r: spread(
        r, "invalidity_low", "invalidity_high", lambda one: benefits(one, ENTERPRISE, 2035)
    ),
    "pension: occupational annuity": waiting_for_the_annuity,
    "resident: The poor": lambda r: spread(
        r, "poor_none", "poor_twice", lambda one: contributions(one, RESIDENT, 2035)
    ),
    "resident: Launch": lambda r: distance(r, "launched_long_ago", lambda one: benefits(one, RESIDENT, 2030)),
    "resident: Take-up": lambda r: spread(r, "takeup_low", "takeup_high", lambda one: benefits(one, RESIDENT, 2030)),
    "resident: One tier": lambda r: spread(
        r, "supplement_none", "supplement_twice", lambda one: benefits(one, RESIDENT, 2030)
    ),
    "resident: Arrivals from the employees' scheme": arrivals_wait,
    "resident: Double registrations": lambda r: spread(
        r, "dual_none", "dual_many", lambda one: contributions(one, RESIDENT, 2035)
    ),
    "resident: The ceiling": lambda r: spread(
        r, "ceiling_low", "ceiling_high", lambda one: contributions(one, RESIDENT, 2035)
    ),
    "resident: Standard": beside_prices,
    "resident: Level": lambda r: (
        100.0 * max(0.0, -float(r["base"].shortfall_resident.min()) / at(r["base"], "resident_contributors", 2035))
    ),
    "unemployment: Near the statutory month": lambda r: spread(
        r, "extension_short", "extension_long", lambda one: benefits(one, UNEMPLOYMENT, 2030)
    ),
    "unemployment: Layoffs": uninsured_laid_off,
    "unemployment: The death of a claimant": death_of_a_claimant,
    "unemployment: Firms that get refunds": lambda r: (
        0.5 * months(r, "small_firms_few", "small_firms_many", UNEMPLOYMENT, 2030)
    ),
    "unemployment: The cut of a region": lambda r: 0.5 * months(r, "cut_early", "cut_late", UNEMPLOYMENT, 2035),
    "unemployment: Skill subsidies": lambda r: 0.5 * months(r, "skill_few", "skill_many", UNEMPLOYMENT, 2030),
    "unemployment: Public institutions": lambda r: spread(
        r, "public_few", "public_many", lambda one: benefits(one, UNEMPLOYMENT, 2030)
    ),
    "unemployment: Take-up": lambda r: spread(
        r, "claims_low", "claims_high", lambda one: benefits(one, UNEMPLOYMENT, 2030)
    ),
}
"""Rule -> its size on the engine, in the unit of the page."""


@pytest.mark.parametrize("rule", MEASURES)
def test_size__on_the_engine(runs: Runs, rule: str) -> None:
    assert_size(rule, MEASURES[rule](runs))


def test_measures__are_those_of_the_page() -> None:
    assert set(MEASURES) == {rule for rule, size in stated_sizes().items() if size.test == "test_size__on_the_engine"}


def test_settings__each_moves_something(runs: Runs) -> None:
    """A setting that moved nothing would give a size of zero without a comparison."""
    base = runs["base"]
    still = {name for name, run in runs.items() if all(run[key].equals(base[key]) for key in base.data_vars)}
    assert still == {"base"}


# --- campaigns above a ceiling ----------------------------------------------------------------------------------------

PLANS = ("jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")


@pytest.mark.parametrize("branch", ["injury", "unemployment"])
def test_size__of_campaigns_above_a_ceiling(branch: str) -> None:
    """Heads of the packaged plans that the ceiling removes: those reported, less the growth of the insured."""
    above = 0.0
    for plan in PLANS:
        run = simengine.project([load_scenario(f"{plan}/as_planned")]).dataset.squeeze(["scenario", "draw"])
        for area in range(run.sizes["region"]):
            heads = run[f"campaign_top_up_{branch}"].isel(region=area)
            grown = run[f"{branch}_insured"].isel(region=area).diff("year_end").values
            above += float(sum(max(0.0, top - max(0.0, more)) for top, more in zip(heads.values, grown, strict=True)))
    name = "A campaign above the ceiling" if branch == "injury" else "A campaign above a ceiling"
    assert_size(f"{branch}: {name}", above)
