"""Identities find a break of a millionth of a flow, and take no rounding for one; a city is the sum of its areas."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import simengine
from simengine.engine.label import common_or_mean, without_dust
from simengine.engine.project import Result
from simengine.judge.checks.identities import (
    CHECKS,
    LIMIT,
    PARTITION,
    account_residual,
    annuity_accounts,
    carried_residual,
    cost_rate,
    flow_residual,
    over,
    partition_gap,
    run_checks,
)
from simengine.registry.axes import FUND
from simengine.registry.variables import LARGEST, VARIABLES
from tests.helpers.note_tables import note_tables

AREAS = [f"xuzhou_{area}" for area in ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")]
OF_ENTRY = {
    "entry_odds_enterprise",
    "entry_odds_flexible",
    "entry_odds_public",
    "return_rate",
    "unemployment_cut_withdrawn",
}
FADING = """\
name: {en: L, local: 杠杆}
reason: a test
coverage_growth: {public_payers: {2027: 0.5, 2033: -0.5}}
checked: [public_payers]
"""
MILLIONTH = 1e-6


@cache
def fading(folder: Path) -> Result:
    """Haiyan to 2120 with public payers that double and vanish: the annuity fund pays out all it holds by 2096."""
    (folder / "lever.yaml").write_text(FADING, encoding="utf-8")
    path = folder / "fading.yaml"
    path.write_text("extends: haiyan/baseline\nyears: [2021, 2120]\nlevers: [./lever.yaml]\n", encoding="utf-8")
    return simengine.project(simengine.load_scenario(path))


@pytest.fixture(scope="module")
def faded(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return fading(tmp_path_factory.mktemp("fading"))


@cache
def city() -> Result:
    return simengine.project(simengine.load_scenario("xuzhou/baseline"))


def turnover(data: xr.Dataset, year: int) -> float:
    """Size of all flows of the annuity fund in a year [yuan]."""
    flows = [data[name].sel(fund="occupational_annuity", year=year) for name in ("income", "outgo")]
    return float(sum(np.abs(flow.values).sum() for flow in flows))


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_annuity__a_fund_that_has_paid_out_all_leaves_no_false_alarm(faded: Result) -> None:
    data = faded.dataset.isel(scenario=0, draw=0, region=0)
    balance = data["fund_balance"].sel(fund="occupational_annuity")
    left = float(balance.sel(year_end=2100))
    assert abs(left) < 1e-12 * float(balance.max()) and float(balance.max()) > 1e10
    gap = abs(left - float(data["annuity_fund"].sel(year_end=2100)))
    assert gap > LIMIT * turnover(faded.dataset, 2100), (
        "last bits are left: beside the flows of the year they look like a loss"
    )
    table = run_checks(faded)
    assert table["ok"].all(), table[~table["ok"]].to_string()


@pytest.mark.parametrize("year", [2030, 2068, 2084, 2090])
def test_annuity__a_break_of_a_millionth_of_the_flows_is_found_in_any_year(faded: Result, year: int) -> None:
    data = faded.dataset.copy(deep=True)
    data["annuity_fund"].loc[{"year_end": slice(year, None)}] += MILLIONTH * turnover(data, year)
    residual = annuity_accounts(data)[0, 0, 0]
    assert residual[list(data.year.values).index(year)] > LIMIT
    assert np.nanargmax(residual > LIMIT) == list(data.year.values).index(year), "not before the break"


def test_carried__a_gap_stays_found_while_it_matters_beside_what_went_through() -> None:
    balance = np.array([100.0, 100.0, 50.0, 0.0, 0.0])
    flows = np.array([0.0, 50.0, 50.0, 0.0])
    assert carried_residual(balance, balance, flows).tolist() == [0.0] * 4
    off = carried_residual(balance, balance + np.array([0.0, 0.0, 1e-5, 1e-5, 1e-5]), flows)
    assert off[0] == 0.0 and (off[1:] > LIMIT).all()
    dust = carried_residual(balance, balance + np.array([0.0, 0.0, 0.0, 1e-13, 1e-13]), flows)
    assert (dust < 1e-14).all()


@pytest.mark.parametrize(
    ("account", "flow", "region"),
    [
        ("members", "member_deaths", "haiyan"),
        ("pensioners", "awards_public", "haiyan"),
        ("residents", "resident_entries", "haiyan"),
    ],
)
def test_account__a_break_of_a_millionth_of_its_flows_is_found(
    faded: Result, account: str, flow: str, region: str
) -> None:
    data = faded.dataset.copy(deep=True)
    of_account = [name for name, row in VARIABLES.items() if account in (*row.into, *row.out_of)]
    size = sum(float(np.abs(data[name].sel(year=2040, region=region)).sum()) for name in of_account)
    data[flow].loc[{"year": 2040}] += MILLIONTH * size
    residual = np.abs(account_residual(account, data))[0, 0, 0]
    assert residual[list(data.year.values).index(2040)] > LIMIT
    assert (residual > LIMIT).sum() == 1


def test_over__sizes_that_have_lost_their_digits_raise_no_alarm() -> None:
    """Denormal numbers: 5e-324 of a person less 1e-323 are a rounding, not a loss of everything."""
    assert flow_residual(np.array([1e-323, 0.0]), [np.array([0.0])], [np.array([5e-324])])[0] < 1e-30
    assert over(np.array([1e-280]), np.array([1e-270]))[0] == pytest.approx(1e-10)
    assert over(np.array([3.0]), np.array([0.0]))[0] == 3.0


def test_cost_rate__where_nobody_pays_there_is_none_and_no_number_stays_a_failure(faded: Result) -> None:
    data = faded.dataset.copy(deep=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        data["insurable_earnings"].loc[{"year": 2040}] = 0.0
        assert cost_rate(data)[0, 0, 0][19] == 0.0
        data["insurable_earnings"].loc[{"year": 2040}] = np.nan
        assert np.isnan(cost_rate(data)[0, 0, 0][19])


# --- a city and its areas ---------------------------------------------------------------------------------------------


def test_city__is_the_sum_of_its_areas_for_every_variable_that_adds_up() -> None:
    data = city().dataset.isel(scenario=0, draw=0)
    for name, row in VARIABLES.items():
        if row.additive:
            summed = data[name].sel(region=AREAS).sum("region").values
            np.testing.assert_allclose(
                data[name].sel(region="xuzhou").values, summed, rtol=1e-12, atol=1e-9, err_msg=name
            )
    award = data["new_award_mass_enterprise"].sel(year=2030)
    assert float(award.sel(region="xuzhou")) > 5.0 * float(award.sel(region=AREAS).isel(region=0))


@pytest.mark.parametrize("name", ["xuzhou/baseline", "xuzhou/as_planned"])
def test_city__shares_with_its_areas_what_does_not_add_up(name: str) -> None:
    """Wages, standards, rates and indices are the city's in every area by law and basis.

    How people enter and return is solved area by area, and the cut follows the months of each area's fund: the city's
    is their mean, by the enterprise payers of each area.
    """
    data = (city() if name == "xuzhou/baseline" else simengine.project(simengine.load_scenario(name))).dataset
    apart = set()
    for variable, row in VARIABLES.items():
        if row.additive or row.city == LARGEST:
            continue
        whole, parts = data[variable].sel(region="xuzhou"), data[variable].sel(region=AREAS)
        if variable not in OF_ENTRY:
            assert bool((parts == whole).all()), variable
            continue
        weights = data[row.city].sel(region=AREAS)
        mean = (parts * weights).sum("region") / weights.sum("region")
        np.testing.assert_allclose(whole.values, mean.values, rtol=1e-12, err_msg=variable)
        spread = float((parts.max("region") - parts.min("region")).max())
        assert spread > 1e-4 or variable == "unemployment_cut_withdrawn", variable  # the cut may be whole everywhere
        apart.add(variable)
    assert apart == OF_ENTRY


def test_mean__of_areas_that_differ_is_weighted_and_of_areas_that_agree_is_what_they_share() -> None:
    parts = np.array([[0.1, 2.0, 2.0, np.nan], [0.1, 5.0, 4.0, np.nan]])
    weights = np.array([[1.0, 2.0, 0.0, 1.0], [7.0, 1.0, 0.0, 1.0]])
    assert common_or_mean(parts, weights) == pytest.approx([0.1, 3.0, 3.0, np.nan], nan_ok=True)
    assert common_or_mean(parts, weights)[0] == 0.1


def test_partition__finds_a_city_that_holds_the_first_area_or_a_mean_outside() -> None:
    result = city()
    (row,) = run_checks(result)[lambda table: table["check"] == PARTITION].to_dict("records")
    assert (row["region"], row["ok"]) == ("xuzhou", True) and row["worst"] < 1e-14
    data = result.dataset.isel(scenario=0, draw=0)
    for name in ("new_award_mass_enterprise", "wage", "mortality_factor_max", "income"):
        off = data.copy(deep=True)
        first = off[name].sel(region=AREAS[0])
        off[name].loc[{"region": "xuzhou"}] = first if VARIABLES[name].additive else first * (1.0 + 1e-6)
        if name == "mortality_factor_max":
            off[name].loc[{"region": "xuzhou"}] = 0.5
        assert partition_gap(off, "xuzhou", AREAS).max() > LIMIT, name
    assert PARTITION not in CHECKS


def test_partition__a_millionth_of_one_area_is_found() -> None:
    data = city().dataset.isel(scenario=0, draw=0).copy(deep=True)
    data["unemployment_insured"].loc[{"region": AREAS[0], "year_end": 2040}] *= 1.0 + MILLIONTH
    gap = partition_gap(data, "xuzhou", AREAS)
    assert data.year_end.values[gap > LIMIT].tolist() == [2040]


# --- rounding ---------------------------------------------------------------------------------------------------------


def test_label__leaves_no_minus_zero_and_no_rounding_below_zero() -> None:
    values = np.array([-0.0, -1e-9, -1e-3, 1e6])
    settled = without_dust(values, VARIABLES["deaths"])
    assert settled.tolist() == [0.0, 0.0, -1e-3, 1e6] and not np.signbit(settled[:2]).any()
    signed = without_dust(values, VARIABLES["net_migration"])
    assert signed.tolist() == values.tolist() and not np.signbit(signed[0])
    assert np.signbit(values[0]), "the arrays of the lane are left alone"


def test_label__a_lane_with_rounding_below_zero_is_shown_without(faded: Result) -> None:
    from dataclasses import replace

    from simengine.engine.label import label_lanes
    from simengine.registry.variables import FLOW_NAMES

    lane = faded.lanes[0]
    flows = lane.output.flows.copy()
    flows[FLOW_NAMES.index("deaths"), 5] = -1e-12
    flows[FLOW_NAMES.index("net_migration"), 5] = -0.0
    data = label_lanes([replace(lane, output=lane.output._replace(flows=flows))])
    shown = data[["deaths", "net_migration"]].isel(scenario=0, draw=0, region=0, year=4)
    assert [float(shown[name]) for name in ("deaths", "net_migration")] == [0.0, 0.0]
    assert not any(np.signbit(shown[name]) for name in ("deaths", "net_migration"))
    assert FUND[2] == "occupational_annuity"


def test_note__gap_of_two_stocks_carried_side_by_side() -> None:
    rows = note_tables("checks", "4")[0]
    balance = np.array([100.0, *(float(row["balance"]) for row in rows)])
    flows = np.array([float(row["flows"]) for row in rows])
    gap = np.array([0.0, *(float(row["gap"]) for row in rows)])
    size = balance[:-1] * 2.0 + balance[1:] * 2.0 + flows
    assert [float(row["size of the year"]) for row in rows] == pytest.approx(size.tolist(), rel=1e-6)
    stated = [max(float(row["gap over largest"]), float(row["new gap over size"])) for row in rows]
    assert carried_residual(balance, balance + gap, flows).tolist() == pytest.approx(stated, rel=0.02)
