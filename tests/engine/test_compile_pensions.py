"""Pension rules compiled by year: ten-year comparison, central adjustment and pool, years made up, survivors."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.engine.compile.derived import public_comparison
from simengine.engine.compile.paths import fill_paths
from simengine.engine.compile.tables import mean_gains
from simengine.engine.project import project
from simengine.kernels import layout as at
from simengine.scenario.scenario import load_scenario, with_levers
from tests.engine.test_compile import YEARS, basis, law, plain

# 国发〔2015〕2号 (schemes.md 3): share of a gain by year of the award; October 2014 to September 2024.
GAIN_SHARE = {2014: 0.1, 2015: 0.1} | {year: round(0.1 * (year - 2014), 1) for year in range(2016, 2025)}
PART_YEARS = {2014: 3.0 / 12.0, 2024: 9.0 / 12.0}


@pytest.mark.parametrize("region", ["jiangxi", "china"])
def test_public_comparison__ten_years_with_two_part_years(region: str) -> None:
    years = np.arange(2012, 2030)
    gain, compared = public_comparison(law(), region, years)
    inside = [2014 <= year <= 2024 for year in years]
    assert gain.tolist() == pytest.approx(
        [GAIN_SHARE[year] if ok else 0.0 for year, ok in zip(years, inside, strict=True)]
    )
    expected = [PART_YEARS.get(int(year), 1.0) if ok else 0.0 for year, ok in zip(years, inside, strict=True)]
    assert compared.tolist() == pytest.approx(expected)


def test_central_adjustment_and_pool__are_the_provinces_own_not_the_nations() -> None:
    """国发〔2018〕18号: 3.0 % from July 2018, 3.5, 4.0 and 4.5 %; the pool follows in 2022 (schemes.md 1.12)."""
    years = np.arange(2016, 2031)
    found = {region: fill_paths(basis(f"{region}-2020"), law(), years, None).values for region in ("jiangxi", "china")}
    rates = dict(zip(years.tolist(), found["jiangxi"]["central_adjustment_rate"].tolist(), strict=True))
    assert [rates[year] for year in (2016, 2017, 2019, 2020, 2021, 2022, 2030)] == pytest.approx(
        [0.0, 0.0, 0.035, 0.04, 0.045, 0.0, 0.0]
    )
    assert rates[2018] == pytest.approx(0.03 * 184.0 / 365.0)  # from 1 July
    receipt = found["jiangxi"]["central_adjustment_receipt"]
    assert ((receipt > 0.0) == ((years >= 2018) & (years <= 2021))).all()
    take, give = found["jiangxi"]["pool_take_share"], found["jiangxi"]["pool_give_share"]
    assert not take[years < 2022].any() and (take[years >= 2022] == 1.0).all()
    assert not give[years < 2022].any() and give[years == 2022] == 0.25 and (give[years > 2022] == 0.31).all()
    limits = ("pool_receipt_limit", "pool_payment_limit")
    for name, share in zip(limits, (0.6, 0.4), strict=True):  # .051 of the nation's spending, over receivers or payers
        assert not found["jiangxi"][name][years < 2022].any()
        assert found["jiangxi"][name][years >= 2022].tolist() == pytest.approx([0.051 / share] * 9)
    of_provinces = ("central_adjustment_rate", "central_adjustment_receipt", "pool_take_share", "pool_give_share")
    for name in (*of_provinces, *limits):
        assert not found["china"][name].any(), name


def test_central_receipt__is_what_the_nation_paid_for_each_pensioner() -> None:
    """0.9·12·W(t-1)·payers·ρ over pensioners of the enterprise scheme, from the national statistics of the basis."""
    nation, years = basis("china-2020"), np.arange(2017, 2023)
    receipt = nation.path("central_adjustment_receipt", years)
    wage = nation.path("average_wage", years - 1)
    payers = sum(
        0.5 * (nation.path(name, years) + nation.path(name, years - 1))
        for name in ("enterprise_payers", "flexible_payers")
    )
    implied = [
        0.9 * 12.0 * wage[t] * payers[t] * rate / receipt[t] for t, rate in ((2, 0.035), (3, 0.04), (4, 0.045))
    ]  # pensioners of the enterprise scheme: about 105 to 112 million
    assert all(1.0e8 < heads < 1.15e8 for heads in implied)
    assert implied[0] < implied[1] < implied[2]


@pytest.mark.parametrize("name", ["account_interest", "annuity_recorded_interest"])
def test_account_interest__announced_then_in_ten_years_to_the_return_of_the_fund(name: str) -> None:
    """1.5 % in 2025, the fund earns 2.5 %: a tenth of a point more every year, 2.0 % in 2030, 2.5 % from 2035 on."""
    years = np.arange(2021, 2051)
    found = dict(zip(years.tolist(), fill_paths(basis(), law(), years, None).values[name].tolist(), strict=True))
    assert [found[year] for year in (2021, 2024, 2025)] == [0.0669, 0.0262, 0.015]
    assert [found[year] for year in (2026, 2030, 2035, 2050)] == pytest.approx([0.016, 0.02, 0.025, 0.025])


def test_account_interest__a_lever_on_the_law_replaces_the_rule_from_its_year() -> None:
    years = np.arange(2021, 2041)
    changed = law().with_changes({"pension/account_interest_rate": {"2030-01-01": 0.042}}, origin="test")
    found = fill_paths(basis(), changed, years, None).values["account_interest"]
    assert found[years == 2029] == pytest.approx(0.019)
    assert (found[years >= 2030] == 0.042).all()


def test_resident_required_years__grow_from_the_launch_to_fifteen() -> None:
    years = np.arange(2009, 2031)
    values = fill_paths(basis(), law(), years, None).values
    assert values["resident_required_years"].tolist() == [min(15.0, max(0.0, year - 2011.0)) for year in years]
    assert (values["resident_poor_amount"][years >= 2014] >= 100.0).all()


def test_sickness_and_survivors__parameters_of_law_in_years() -> None:
    values = fill_paths(basis(), law(), YEARS, None).values
    assert (values["sickness_near_years"][YEARS >= 2025] == 5.0).all()  # T <= 60 months
    assert (
        not values["invalidity_hazard"][YEARS < 2025].any() and (values["invalidity_hazard"][YEARS >= 2025] > 0.0).all()
    )
    for name, value in (
        ("compensation_decrement", 1.0), ("compensation_minimum", 9.0), ("compensation_count_up", 1.0),
        ("compensation_limit_years", 5.0), ("funeral_months", 2.0),
    ):  # fmt: skip
        assert (values[name][YEARS >= 2022] == value).all(), name


def test_compensation_table__by_whole_years() -> None:
    """人社部发〔2021〕18号 (schemes.md 1.9): 3 below five years, 6 below ten, 9 to fifteen, then one more a year."""
    table = plain().tables.compensation[YEARS == 2025][0]
    assert table.tolist() == [3.0] * 5 + [6.0] * 5 + [9.0] * 6 + [float(months) for months in range(10, 25)]


def test_mean_gains__meet_the_plain_integral() -> None:
    """Table of E[max(0, R-1)] for a lognormal R: midpoint sums over the normal distribution."""
    table, log_sd = mean_gains(0.1), 0.1
    z = (np.arange(-80_000, 80_000) + 0.5) * 1e-4
    weight = np.exp(-0.5 * z * z) * 1e-4 / np.sqrt(2.0 * np.pi)
    for ratio in (0.4, 0.85, 1.0, 1.1, 1.6, 2.5):
        spread = ratio * np.exp(log_sd * z - 0.5 * log_sd**2)
        expected = float((weight * np.maximum(0.0, spread - 1.0)).sum())
        point = round((ratio - at.GAIN_FIRST) / at.GAIN_STEP)
        assert table[point] == pytest.approx(expected, abs=1e-7)
    assert mean_gains(0.0).tolist() == pytest.approx(
        np.maximum(0.0, 0.4 + 0.005 * np.arange(421) - 1.0).tolist(), abs=1e-12
    )


# --- the transition pension of Jiangsu --------------------------------------------------------------------------------


def test_phase__coefficient_of_each_award_year() -> None:
    """苏人社发〔2024〕4号 as quoted: f = .42 before 2024, then f + x·(1 - f) with x = .4, .7, 1; 1.2 % when whole."""
    years = np.arange(2021, 2028)
    found = {region: fill_paths(basis(f"{region}-2020"), law(), years, None).values for region in ("xuzhou", "jiangxi")}
    parts = [0.42, 0.42, 0.42, 0.42 + 0.4 * 0.58, 0.42 + 0.7 * 0.58, 1.0, 1.0]
    assert found["xuzhou"]["transition_coefficient"].tolist() == pytest.approx([0.012 * part for part in parts])
    assert (found["jiangxi"]["transition_coefficient"] == 0.013).all()


def test_phase__january_rises_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """What the lane leaves out in 2026, as printed in pension.md: awards of 2024 and 2025 have by then the whole gain.

    A run that pays the whole gain from 2024 on has in 2026 the pensions that two rises would have brought.
    """
    lever = {"name": {"en": "a", "local": "a"}, "reason": "The whole gain at once."}
    changes = {"changes": {"pension/transition_gain_share": {"2024-01-01": 1.0}}}
    plain_run = project(load_scenario("xuzhou/baseline")).dataset
    whole_run = project(with_levers(load_scenario("xuzhou/baseline"), "a", {"a": lever | changes})).dataset
    paid = [float(run["pension_paid_enterprise"].sel(year=2026).sum()) for run in (plain_run, whole_run)]
    missing = paid[1] / paid[0] - 1.0
    with capsys.disabled():
        print(f"\nXuzhou 2026, rises of awards in phase left out: {missing:.2%} of pensions in payment")
    assert f"{missing:.2%}" == "0.36%"


@pytest.mark.parametrize("known_until", [2019, 2020, None])
def test_programmes__of_dated_years_are_not_carried_on_from_an_earlier_cut_off(known_until: int | None) -> None:
    """A cut-off of 2020 knows .313 of that year and nothing of 2021; the programme was dated, so nothing goes on."""
    years = np.arange(2019, 2031)
    found = fill_paths(basis("china-2020"), law(), years, None, known_until).values["unemployment_programme_share"]
    stated = {2019: 0.116, 2020: 0.313, 2021: 0.043}
    last = 2030 if known_until is None else known_until
    assert found.tolist() == [stated.get(year, 0.0) if year <= last else 0.0 for year in years.tolist()]
