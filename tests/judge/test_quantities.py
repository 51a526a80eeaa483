"""Tables of quantities: every one of them in every region, equal to the projection they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simengine
from simengine.cli import main as cli
from simengine.common.errors import ErrorList, ScenarioError, each_error, localised
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.indicators import registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.quantities import tidy as module
from simengine.judge.quantities.catalogue import INDICATOR, VARIABLE, find_quantities, quantities
from simengine.judge.quantities.select import read_selection
from simengine.judge.quantities.table import KEYS, Table, tabulate
from simengine.judge.run import JudgedRun
from simengine.judge.targets.withheld import rule_of
from simengine.registry.units import PRINTED, as_it_is
from simengine.registry.variables import VARIABLES

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
FUNDS = ["enterprise_pension", "public_pension", "occupational_annuity", "resident", "unemployment", "work_injury"]
BUDGET = [
    *("opening", "total_income", "contributions", "interest", "investment", "fiscal_subsidy", "collective_subsidy"),
    *("transfers_in", "from_above", "from_below", "other_income", "total_outgo", "benefits", "transfers_out"),
    *("to_below", "to_above", "other_outgo", "net", "closing"),
]
"""The budget of a fund as the rules of the budget law list it: balance, nine items, five items, balance."""


@pytest.fixture(scope="module")
def run() -> JudgedRun:
    return simengine.judge_scenarios([f"{region}/baseline" for region in REGIONS])


@pytest.fixture(scope="module")
def whole(run: JudgedRun) -> Table:
    """Every quantity of every region and area, in base units, but the years of funds."""
    names = [name for name in quantities() if name not in INDICATOR_YEARS]
    return tabulate([run[f"{region}/baseline"] for region in REGIONS], names, regions="all", base_units=True)


def one(rows: pd.DataFrame, **cells: object) -> float:
    """The value of the one row with these cells."""
    for name, value in cells.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, (cells, len(rows))
    return float(rows["value"].iloc[0])


def told_of(found: np.ndarray, whole: np.ndarray, region: str, name: str) -> np.ndarray:
    """Which figures are told; some are left blank of measures on a fund, where the funds are not judged (Jiangxi)."""
    blank = np.isnan(found) & ~np.isnan(whole)
    assert blank.any() == (region == "jiangxi" and rule_of(name) != ""), (region, name)
    return ~blank


def test_every_quantity__is_tabulable_in_every_region(run: JudgedRun, whole: Table) -> None:
    """Sums over sex and age, and single labels of every other axis, are those of the dataset."""
    groups = dict(iter(whole.rows.groupby(["scenario", "indicator"], sort=False)))
    areas = [str(name) for name in run["xuzhou/baseline"].projection.region.values]
    assert len(areas) == 8 and "xuzhou" in areas
    for region in REGIONS:
        key = f"{region}/baseline"
        data = run[key].projection.isel(scenario=0, draw=0)
        for name, quantity in quantities().items():
            if name in INDICATOR_YEARS:
                continue
            rows = groups[key, name]
            assert {*rows["region"]} == {*map(str, data.region.values)}, (key, name)
            if quantity.kind != VARIABLE or ":" in name.removeprefix("variable:"):
                continue
            values = data[quantity.source]
            summed = [axis for axis in values.dims if axis in ("sex", "career", "age", "working_age")]
            others = [axis for axis in values.dims if axis not in ("region", "year", "year_end", *summed)]
            expected = values.transpose("region", *others, *summed, ...).values
            for _ in summed:
                expected = expected.sum(axis=1 + len(others))
            found = rows["value"].to_numpy()
            assert found.size == expected.size, name
            kept = told_of(found, expected.ravel(), region, name)
            np.testing.assert_allclose(found[kept], expected.ravel()[kept], rtol=1e-14, atol=0.0, err_msg=name)


def test_every_indicator__is_the_one_that_plans_are_judged_by(run: JudgedRun, whole: Table) -> None:
    rows = whole.rows
    for region in REGIONS:
        judged = run[f"{region}/baseline"]
        own = rows[(rows["scenario"] == judged.scenario.key) & (rows["region"] == region)]
        decided = judged.fund_verdicts.get(region)  # none for who holds no pension fund in law
        told = decided is not None and decided.given
        for name, indicator in registry().items():
            if name in INDICATOR_YEARS:
                continue
            values = indicator(judged.projection, judged.definitions).sel(region=region).isel(scenario=0, draw=0)
            values = values.transpose(*(["fund"] if "fund" in values.dims else []), ...)
            mine = own[own["indicator"] == name]["value"].to_numpy()
            if name in GIVES_VERDICT and not told:
                assert mine.size and np.isnan(mine).all(), (region, name)
                continue
            kept = told_of(mine, values.values.ravel(), region, name)
            np.testing.assert_array_equal(mine[kept], values.values.ravel()[kept], err_msg=name)


def test_variable_and_indicator_of_one_name__are_one_quantity(run: JudgedRun) -> None:
    shared = sorted({*registry()} & {*VARIABLES})
    assert shared == ["fund_balance", "pensioners_60_64", "population", "resident_beneficiaries"]
    assert quantities()["pensioners_60_64"].unit == "1" and quantities()["variable:pensioners_60_64"].unit == "person"
    for name in set(shared) - {"pensioners_60_64"}:
        data = run["hubei/baseline"].projection
        inner = [axis for axis in data[name].dims if axis in ("sex", "age")]
        np.testing.assert_array_equal(data[name].sum(inner).values, registry()[name](data).values)
        assert VARIABLES[name].unit == registry()[name].unit


def test_budget__is_in_budget_order_and_adds_up(whole: Table) -> None:
    """Nine items less five are the change of the balance, in every fund, region and year (bound 1e-9 of turnover)."""
    assert len(BUDGET) == 19
    budget = whole.rows[whole.rows["indicator"] == "budget"]
    assert list(dict.fromkeys(budget["item"])) == BUDGET and list(dict.fromkeys(budget["scheme"])) == FUNDS
    lines = budget.pivot_table(index=["region", "scheme", "year"], columns="item", values="value", sort=False)
    assert len(lines) == 13 * 6 * 75  # six regions and the seven areas of Xuzhou
    income, outgo = lines[BUDGET[2:11]].sum(axis=1), lines[BUDGET[12:17]].sum(axis=1)
    size = lines[BUDGET].abs().sum(axis=1) + 1.0
    for found, expected in (
        (lines["total_income"], income),
        (lines["total_outgo"], outgo),
        (lines["net"], income - outgo),
        (lines["closing"], lines["opening"] + income - outgo),
    ):
        assert ((found - expected).abs() / size).max() < 1e-9
    assert income.abs().max() > 1e12 and (outgo > 0.0).any()
    items = whole.rows[whole.rows["indicator"] == "outgo:unemployment:benefits"]
    benefits = budget[(budget["scheme"] == "unemployment") & (budget["item"] == "benefits")]
    assert items["value"].tolist() == benefits["value"].tolist()


def test_city__is_the_sum_of_its_areas_in_a_table(whole: Table) -> None:
    rows = whole.rows[(whole.rows["scenario"] == "xuzhou/baseline") & (whole.rows["indicator"] == "ui_participants")]
    city = rows[rows["region"] == "xuzhou"]["value"].to_numpy()
    areas = rows[rows["region"] != "xuzhou"].groupby("year")["value"].sum().to_numpy()
    np.testing.assert_allclose(city, areas, rtol=1e-13)


def test_sexes_and_ages__add_up_to_the_whole(run: JudgedRun) -> None:
    judged = run["jingdezhen/baseline"]
    ages = ("0-15", "16-59", "60-100")
    parts = tabulate(judged, ["population", "pensioners_by_age"], "2025,2040", sexes="all", ages=",".join(ages)).rows
    none = tabulate(judged, ["population", "pensioners_by_age"], [2025, 2040]).rows
    keys = ["indicator", "scheme", "year"]
    whole = none.set_index(keys)["value"]
    assert {*parts["sex"]} == {"male", "female"} and {*parts["age"]} == {"0-15", "16-59", "60+"}
    np.testing.assert_allclose(parts.groupby(keys)["value"].sum()[whole.index], whole, rtol=1e-13)
    women = tabulate(judged, "population", 2025, sexes="女", ages="60").rows
    data = judged.projection.population.sel(year_end=2025, sex="female", age=60, region="jingdezhen")
    assert women["value"].tolist() == [float(data.item()) / 1e4] and women["age"].tolist() == ["60"]
    single = tabulate(judged, "members_by_age", 2030, ages="all", schemes="flexible").rows
    assert single["age"].tolist() == [str(age) for age in range(16, 80)]
    careers = tabulate(judged, "awards_at_month", 2030, sexes="women").rows
    assert careers["sex"].tolist() == ["women_55", "women_50"]


def test_units__are_those_of_plans_or_base_units(run: JudgedRun) -> None:
    judged = run["haiyan/baseline"]
    names = ["ui_participants", "fund_balance", "ui_coverage_rate", "enterprise_pension_mass", "min_wage"]
    table = tabulate(judged, names, 2030, schemes="unemployment", lang="zh").rows
    base = tabulate(judged, names, 2030, schemes="unemployment", base_units=True).rows
    assert table["unit"].tolist() == ["万人", "亿元", "%", "亿元/月", "元/月"]
    assert base["unit"].tolist() == ["person", "yuan", "1", "yuan/month", "yuan/month"]
    factors = np.array([1e4, 1e8, 1e-2, 1e8, 1.0])
    np.testing.assert_array_equal(table["value"], base["value"].to_numpy() / factors)
    assert all(entry.shown in PRINTED.values() for entry in quantities().values())
    assert all(as_it_is(entry.unit).factor == 1.0 for entry in quantities().values())


def test_wide__holds_the_numbers_of_tidy(run: JudgedRun) -> None:
    table = tabulate(run["hubei/baseline"], ["budget", "ui_participants"], "2024-2027", schemes="work_injury")
    found = table.wide()
    years = [name for name in found.columns if name not in KEYS]
    assert years == [2024, 2025, 2026, 2027] and len(found) == 19 + 1
    for row in found.to_dict("records"):
        for year in years:
            value = one(table.rows, indicator=row["indicator"], item=row["item"], year=year)
            assert row[year] == value


def test_name__finds_its_quantity_or_is_refused_with_those_that_bear_it() -> None:
    for quantity in quantities().values():
        assert find_quantities([quantity.key]) == [quantity]
        for name in (quantity.en, quantity.zh, quantity.en.upper()):
            try:
                (found,) = find_quantities([name])
            except ScenarioError as error:
                assert error.code == "quantity_twice" and quantity.key in str(error)
                continue
            assert name.lower() in (found.en.lower(), found.zh.lower())
            assert found is quantity or found.kind == INDICATOR or found.key == name.lower()
    listed = find_quantities(["ui_participants,wi_participants", "失业保险参保人数、budget"])
    assert [each.key for each in listed] == ["ui_participants", "wi_participants", "budget"]


def test_name__that_is_misspelt_is_told_with_near_ones() -> None:
    with pytest.raises(ErrorList) as raised:
        find_quantities(["ui_participant", "失业保险参保人"])
    first, second = each_error(raised.value)
    assert 'Did you mean "ui_participants"' in str(first)
    assert "失业保险参保人数" in localised(second, "zh")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2025", (2025,)),
        (2025, (2025,)),
        ("2025-2027", (2025, 2026, 2027)),
        ("2030,2025", (2025, 2030)),
        ("2025年，2030—2031", (2025, 2030, 2031)),
        ([2040, 2025], (2025, 2040)),
        ("all", None),
        (None, None),
    ],
)
def test_years__are_read_in_every_form(text: object, years: object) -> None:
    chosen, errors = read_selection(years=text)  # type: ignore[arg-type]
    assert chosen.years == years and not errors


@pytest.mark.parametrize("text", ["20x5", "", "25", "2025-", "2025,99999"])
def test_years__that_cannot_be_read_are_refused(text: str) -> None:
    _, errors = read_selection(years=text)
    assert [each.code for each in errors] == ["quantity_years"]  # type: ignore[attr-defined]


def test_everything_wrong__is_told_at_once_in_both_languages(run: JudgedRun) -> None:
    with pytest.raises(ErrorList) as raised:
        tabulate(run["haiyan/baseline"], ["nothing"], "x", "atlantis", "both", "101", "pension")
    codes = [each.code for each in each_error(raised.value)]  # type: ignore[attr-defined]
    assert codes == ["quantity_unknown", "quantity_years", *["quantity_label"] * 2, "quantity_ages", "quantity_label"]
    with pytest.raises(ErrorList) as raised:
        tabulate(run["haiyan/baseline"], ["ui_participants"], "2101", "xuzhou", "men", "60", "unemployment")
    told = each_error(raised.value)
    assert [each.code for each in told] == ["quantity_region", "years_absent", *["quantity_axis"] * 3]  # type: ignore[attr-defined]
    for each in told:
        assert localised(each, "zh") != localised(each, "en")
    with pytest.raises(ScenarioError, match="fund_dependency_ratio has no unemployment"):
        tabulate(run["haiyan/baseline"], ["fund_dependency_ratio", "fund_balance"], schemes="unemployment")


def test_year_of_a_fund__stands_with_its_range_and_none_without() -> None:
    judged = simengine.judge_scenarios("haiyan/baseline")["haiyan/baseline"]
    found = tabulate(judged, INDICATOR_YEARS).events()
    ranges = judged.ranges[judged.ranges["region"] == "haiyan"].set_index(["measure", "fund"])
    assert len(found) == len(INDICATOR_YEARS) * 6
    held = 0
    for row in found.to_dict("records"):
        place = (row["indicator"], row["scheme"])
        if place not in ranges.index:
            assert row["scheme"] in ("enterprise_pension", "public_pension")  # funds of the province
            assert np.isnan([row["value"], row["low"], row["high"]]).all()
            continue
        held += 1
        told = ranges.loc[place]
        for name, wanted in (("value", "baseline"), ("low", "low"), ("high", "high")):
            np.testing.assert_equal(row[name], float(told[wanted]))
    assert held == len(INDICATOR_YEARS) * 4 and found["value"].notna().any()


def test_results_of_a_run__give_the_table_of_the_scenario(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("extends: haiyan/baseline\nyears: [2021, 2030]\n", encoding="utf-8")
    assert cli.execute(["run", str(own), "--out", str(tmp_path / "out"), "--quiet"]) == cli.DONE
    names = ["ui_participants", "budget", "exhaustion_year", "pension_payment_rate"]
    fresh, stored, above = (
        tabulate(given, names, schemes="unemployment").rows
        for given in (own, tmp_path / "out" / "own", tmp_path / "out")
    )
    pd.testing.assert_frame_equal(fresh, stored)
    pd.testing.assert_frame_equal(fresh, above)
    (tmp_path / "out" / "own" / "projection.nc").write_bytes(b"changed")
    with pytest.raises(simengine.engine.results.ResultError, match="changed"):  # type: ignore[attr-defined]
        tabulate(tmp_path / "out" / "own", names)


def test_needs__names_what_the_values_read(run: JudgedRun) -> None:
    """A dataset of nothing but these variables gives the same values, quantity by quantity."""
    judged = run["haiyan/baseline"]
    for quantity in quantities().values():
        part = judged.projection[sorted(module.needs([quantity]))]
        found = module.values_of(quantity, part, judged.definitions)
        np.testing.assert_array_equal(found, module.values_of(quantity, judged.projection, judged.definitions))
