"""Provincial adjustment funds in real regions, and payments to what stands above, which the nation has not."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.cli.inputs import check_file, load_all
from simengine.common.errors import ErrorList, LeverError, ScenarioError, SimengineError, each_error
from simengine.engine.compile import compile_lane, scenario_law
from simengine.engine.compile.paths import fill_paths
from simengine.engine.project import project
from simengine.judge.checks.identities import run_checks
from simengine.judge.indicators import find_indicator
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.registry.inputs import PATH_NAMES, REGION_KEYS, REGION_SERIES, SERIES
from simengine.report.figures.tables import fund_table
from simengine.scenario.scenario import Scenario, load_scenario, packaged

LEVER = "provincial_adjustment_funds"
FIRST = 2026
FUND_OF = {"public": "public_pension", "unemployment": "unemployment", "injury": "work_injury"}
TERMS = [f"{branch}_adjustment_fund_{part}" for branch in FUND_OF for part in ("rate", "months", "share")]
LOCAL = ("xuzhou", "haiyan", "jingdezhen")
OPERATIONS = {"set": 0.1, "add": 0.1, "multiply": 1.0, "growth": 0.0}


def scenario_file(folder: Path, region: str, text: str = "", name: str = "trial") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f"extends: {region}/baseline\ntargets: []\n{text}", encoding="utf-8")
    return path


def lever_file(folder: Path, body: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"name: {{en: Mine, local: 我的}}\nreason: A test.\n{body}", encoding="utf-8")
    return path


def lane_years(scenario: Scenario, last: int = 2035) -> np.ndarray:
    return np.arange(scenario.base_year, last + 1)


# --- the terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["china", "jiangxi", "hubei", "xuzhou_urban", "jingdezhen", "haiyan"])
def test_terms__are_zero_until_a_lever_states_them(region: str) -> None:
    name = "jingdezhen-2015" if region == "jingdezhen" else f"{region}-2020"
    inputs = compile_lane(load_basis(name), load_law(), np.arange(1993, 2096), None)
    for term in TERMS:
        assert not inputs.paths[PATH_NAMES.index(term)].any(), term
    province = region in ("jiangxi", "hubei")
    assert inputs.constants[at.CONSTANT_RUNS_ADJUSTMENT_FUND] == float(province)


def test_terms__act_by_date(tmp_path: Path) -> None:
    """From 1 July 2027: rate and share count for 184 of 365 days of the year, months are those of 1 January."""
    values = {"rate": 0.1, "months": 6, "share": 0.5}
    stated = "".join(f"  unemployment/adjustment_fund_{name}: {{2027-07-01: {values[name]}}}\n" for name in values)
    lever_file(tmp_path, f"changes:\n{stated}")
    scenario = load_scenario(scenario_file(tmp_path, "haiyan", "levers: [./mine.yaml]\n"))
    years = lane_years(scenario)
    book = fill_paths(load_basis(scenario.basis), scenario_law(scenario, load_law()), years, scenario)
    part = 184.0 / 365.0
    expected = {"rate": 0.1 * part, "months": 0.0, "share": 0.5 * part}
    for name, value in values.items():
        found = book.values[f"unemployment_adjustment_fund_{name}"]
        assert not found[years < 2027].any()
        assert found[years == 2027].tolist() == pytest.approx([expected[name]])
        assert (found[years > 2027] == value).all()


@pytest.mark.parametrize("branch", FUND_OF)
def test_months__without_a_share_are_refused(tmp_path: Path, branch: str) -> None:
    months = f"{branch}_adjustment_fund_months"
    path = scenario_file(tmp_path, "haiyan", f"paths: {{{months}: {{set: {{2030: 3}}}}}}\n")
    for refuse in (lambda: project(load_scenario(path)), lambda: load_all([str(path)])):
        with pytest.raises(ScenarioError, match=months) as caught:
            refuse()
        assert "trial.yaml, line 3" in caught.value.where
        assert f"{branch}_adjustment_fund_share" in str(caught.value)


# --- the nation -------------------------------------------------------------------------------------------------------


def test_region_series__are_payments_to_and_from_above() -> None:
    pool = {"pool_take_share", "pool_give_share", "pool_transfer", "pool_receipt_limit", "pool_payment_limit"}
    central = {"central_adjustment_rate", "central_adjustment_wage_share", "central_adjustment_receipt"}
    assert pool | central | set(TERMS) == REGION_SERIES
    readers = {key: {name for name, row in SERIES.items() if key in row.law} for key in REGION_KEYS}
    assert all(names <= REGION_SERIES for names in readers.values())


def test_nation__has_nothing_above_it() -> None:
    inputs = compile_lane(load_basis("china-2020"), load_law(), np.arange(1993, 2096), None)
    for name in REGION_SERIES:
        assert not inputs.paths[PATH_NAMES.index(name)].any(), name


@pytest.mark.parametrize(("name", "operation"), list(itertools.product(sorted(REGION_SERIES), OPERATIONS)))
def test_nation__refuses_a_changed_series_that_only_regions_have(tmp_path: Path, name: str, operation: str) -> None:
    text = f"paths: {{{name}: {{{operation}: {{2030: {OPERATIONS[operation]}}}}}}}\n"
    path = scenario_file(tmp_path, "china", text)
    for refuse in (lambda: project(load_scenario(path)), lambda: load_all([str(path)])):
        with pytest.raises(
            ScenarioError, match=f"{name} is about payments .* nothing stands above the nation"
        ) as caught:
            refuse()
        assert "trial.yaml, line 3" in caught.value.where


def test_nation__names_the_lever_that_changes_the_series(tmp_path: Path) -> None:
    lever_file(tmp_path, "paths: {central_adjustment_rate: {set: {2030: 0.5}}}\n")
    scenario = load_scenario(scenario_file(tmp_path, "china", "levers: [./mine.yaml]\n"))
    with pytest.raises(ScenarioError, match=r"mine\.yaml, line 3: central_adjustment_rate is about payments"):
        project(scenario)


@pytest.mark.parametrize("key", sorted(REGION_KEYS))
def test_nation__refuses_a_changed_law_that_only_regions_have(tmp_path: Path, key: str) -> None:
    lever = lever_file(tmp_path, f"changes: {{{key}: {{2027-01-01: 0.1}}}}\n")
    path = scenario_file(tmp_path, "china", "levers: [./mine.yaml]\n")
    for refuse in (lambda: project(load_scenario(path)), lambda: load_all([str(path)])):
        with pytest.raises(LeverError, match=f"changes {key}, .* nothing stands above the nation") as caught:
            refuse()
        assert "mine.yaml, line 3" in caught.value.where
    assert check_file(lever) == []


def test_nation__refuses_the_packaged_lever(tmp_path: Path) -> None:
    scenario = load_scenario(scenario_file(tmp_path, "china", f"levers: [{LEVER}]\n"))
    with pytest.raises(ErrorList) as caught:
        project(scenario)
    errors: list[SimengineError] = list(each_error(caught.value))
    assert len(errors) == len(TERMS)
    assert all("nothing stands above the nation" in str(error) for error in errors)


def test_region__takes_a_changed_series(tmp_path: Path) -> None:
    """The same change acts on a province: the refusal is of the nation alone."""
    text = "paths: {pool_transfer: {set: {2030: 1_000_000}, shape: pulse}}\n"
    scenario = load_scenario(scenario_file(tmp_path, "jiangxi", text))
    years = lane_years(scenario)
    values = fill_paths(load_basis(scenario.basis), load_law(), years, scenario).values["pool_transfer"]
    assert values[years == 2030].tolist() == [1e6] and values.sum() == 1e6


# --- the lever on real regions ----------------------------------------------------------------------------------------


@cache
def pair(region: str) -> tuple[xr.Dataset, xr.Dataset]:
    """The baseline of a region without and with the lever, after every identity was found to hold."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        scenarios = [
            load_scenario(scenario_file(Path(folder), region, text, name))
            for name, text in (("without", ""), ("with", f"levers: [{LEVER}]\n"))
        ]
        result = project(scenarios)
    found = run_checks(result)
    assert found.ok.all(), found[~found.ok]
    data = result.dataset.isel(draw=0)
    return data.isel(scenario=0), data.isel(scenario=1)


def item(data: xr.Dataset, fund: str, name: str) -> xr.DataArray:
    side, axis = (data.income, "income_item") if name.startswith("from") else (data.outgo, "outgo_item")
    return side.sel({"fund": fund, axis: name}, drop=True)


@pytest.mark.parametrize("fund", FUND_OF.values())
@pytest.mark.parametrize("region", LOCAL)
def test_lever__localities_pay_up_and_are_helped(region: str, fund: str) -> None:
    without, changed = pair(region)
    up, down = item(changed, fund, "to_above"), item(changed, fund, "from_above")
    since = up.year >= FIRST
    assert not up.where(~since, 0.0).any() and not down.where(~since, 0.0).any()
    assert (up.where(since, 1.0) > 0.0).all()
    premiums = changed.income.sel(fund=fund, income_item="contributions", drop=True)
    rate = 0.03 if fund == "public_pension" else 0.05
    np.testing.assert_allclose(up.where(since, drop=True), (rate * premiums).where(since, drop=True), rtol=1e-12)
    assert not item(changed, fund, "from_below").any() and not item(changed, fund, "to_below").any()
    lanes = [name for name in map(str, changed.region.values) if name != "xuzhou"]  # of the city surpluses count too
    balance = changed.fund_balance.sel(fund=fund, region=lanes)
    opened, closed, helped = balance.values[..., :-1], balance.values[..., 1:], down.sel(region=lanes).values
    deficit = np.maximum(0.0, opened - (closed - helped))
    assert (helped <= 0.5 * deficit + 1e-9 * np.abs(opened)).all()
    assert not (item(without, fund, "to_above").any() or item(without, fund, "from_above").any())


def test_lever__helps_funds_in_deficit() -> None:
    for region, fund in itertools.product(LOCAL, ("public_pension",)):  # unemployment rates follow the months now
        _, changed = pair(region)
        assert (item(changed, fund, "from_above").sum("year") > 0.0).all(), (region, fund)


def test_lever__moves_nothing_before_its_date() -> None:
    without, changed = pair("haiyan")
    for name in without.data_vars:
        time = next((axis for axis in ("year", "year_end") if axis in without[name].dims), None)
        if time is not None:
            before = [data[name].sel({time: data[time] < FIRST}) for data in (without, changed)]
            assert np.array_equal(*before, equal_nan=True), name


def test_lever__a_city_pays_what_its_areas_pay() -> None:
    _, changed = pair("xuzhou")
    areas = [str(region) for region in changed.region.values if str(region) != "xuzhou"]
    assert len(areas) == 7
    for fund, name in itertools.product(FUND_OF.values(), ("to_above", "from_above")):
        paid = item(changed, fund, name)
        np.testing.assert_allclose(paid.sel(region=areas).sum("region"), paid.sel(region="xuzhou"), rtol=1e-12)


def test_lever__a_province_pays_itself() -> None:
    """Each pair of items is equal, no balance and no measure of the funds moves, only the two tables of items."""
    without, changed = pair("jiangxi")
    for fund in FUND_OF.values():
        assert (item(changed, fund, "to_above").sel(year=slice(FIRST, None)) > 0.0).all()
        assert np.array_equal(item(changed, fund, "to_above"), item(changed, fund, "from_below"))
        assert np.array_equal(item(changed, fund, "from_above"), item(changed, fund, "to_below"))
    moved = {
        str(name)
        for name in without.data_vars
        if not np.array_equal(without[name].values, changed[name].values, equal_nan=True)
    }
    assert moved == {"income", "outgo"}


@pytest.mark.parametrize("measure", ["reserve_ratio", "payable_months"])
def test_lever__measures_of_a_province_leave_out_what_it_pays_itself(measure: str) -> None:
    without, changed = (data.expand_dims("scenario") for data in pair("jiangxi"))
    known, found = (find_indicator(measure)(data) for data in (without, changed))
    assert (changed.outgo.sum() > without.outgo.sum()).all()
    np.testing.assert_allclose(found.values, known.values, rtol=1e-9)


def test_lever__the_picture_of_a_fund_leaves_it_out_too() -> None:
    without, changed = (data.expand_dims(["scenario", "draw"]) for data in pair("jiangxi"))
    tables = [
        fund_table(data, str(data.scenario.values[0]), "jiangxi", "unemployment", last=2060)
        for data in (without, changed)
    ]
    for one, other in zip(*(table.value for table in tables), strict=True):
        assert one == pytest.approx(other, rel=1e-9, nan_ok=True)  # a year of a fund has no value without its range


def test_lever__is_packaged_and_off_by_default() -> None:
    assert LEVER in packaged("levers")
    for name in packaged():
        assert LEVER not in load_scenario(name).lever_names, name
