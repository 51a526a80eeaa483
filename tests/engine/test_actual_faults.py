"""What entered actuals are refused for: each with its file and line or cell, in both languages, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.common.errors import SimengineError, each_error, localised
from simengine.engine.actuals import settle
from simengine.engine.project import Openings, lane_bases
from simengine.engine.what_if import what_if
from simengine.scenario.scenario import load_scenario
from tests.helpers.actual_tables import scenario_with, table
from tests.helpers.chinese import english_in

ROWS = {
    "actual_unknown": ("2022", "unemployment_insurd,,万人,15,s,,,"),
    "actual_row": ("2022", "HY-14-01,,万人,15,s,,,"),
    "actual_area": ("2022", "unemployment_insured,丰镇,万人,15,s,,,"),
    "actuals_elsewhere": ("2022", "unemployment_insured,jiangxi,万人,300,s,,,"),
    "actual_result": ("2022", "oa_fund_size,,亿元,15,s,,,"),
    "actual_law": ("2022", "employer_rate,,%,16,s,,,"),
    "actual_previous": ("2022", "previous_wage,,元/月,8000,s,,,"),
    "actual_lever": ("2022", "payment_rate,,%,90,s,,,"),
    "actual_births": ("2022", "births_male,,人,1500,s,,,"),
    "actual_index": ("2022", "unemployment_index,,1,1,s,,,"),
    "actual_absent": ("2022", "compensation_factor,,1,1,s,,,"),
    "actual_unit": ("2022", "unemployment_insured,,亿元,15,s,,,"),
    "actual_month": ("2022-08", "average_wage,,元/月,8000,s,,,"),
    "actual_of_past": ("2020", "unemployment_insured,,万人,13,s,,,"),
    "actual_least": ("2022", "unemployment_insured,,人,-5,s,,,"),
    "actual_bounds": ("2022", "surveyed_unemployment_rate,,%,150,s,,,"),
    "actual_slip": ("2022", "unemployment_insured,,人,15.2,s,,,"),
    "actual_zero": ("2022", "unemployment_insured,,万人,0,s,,,"),
    "actual_jump": ("2022", "unemployment_insured,,万人,150.2,s,,,"),
    "actual_ahead": ("2030", "unemployment_insured,,万人,16,s,,,"),
    "actual_scope_with": ("2022", "resident_registered,,万人,7.5,s,,,"),
}
"""Code of a refusal -> years and row of a table of Haiyan that it is raised by."""


@pytest.mark.parametrize("code", ROWS)
def test_row__is_refused_at_its_cell_in_both_languages(code: str, tmp_path: Path) -> None:
    years, row = ROWS[code]
    with pytest.raises(SimengineError) as caught:
        lane_bases(scenario_with("haiyan/baseline", tmp_path, years, row))
    (error,) = each_error(caught.value)
    assert error.code == code
    assert "own.csv, line 2, column" in error.where
    assert not english_in(localised(error, "zh").replace(str(tmp_path), ""))


def test_errors__of_tables_and_of_the_file_are_told_at_once(tmp_path: Path) -> None:
    entry = "{item: minimum_wage, source: s, unit: 万人, values: {2022: 2280}}"
    (tmp_path / "mine.yaml").write_text(f"extends: haiyan/baseline\nactuals: [{entry}]\n", encoding="utf-8")
    rows = [ROWS[code][1] for code in ("actual_unknown", "actual_law", "actual_unit")]
    made = what_if(tmp_path / "mine.yaml", actuals=[table(tmp_path, "2022", *rows)])
    with pytest.raises(SimengineError) as caught:
        settle(made)
    found = each_error(caught.value)
    assert [error.code for error in found] == ["actual_unit", "actual_unknown", "actual_law", "actual_unit"]
    assert found[0].where.endswith("mine.yaml, line 2") and "line 3" in found[2].where


def test_row__without_a_source_has_its_figures_judged_too(tmp_path: Path) -> None:
    with pytest.raises(SimengineError) as caught:
        lane_bases(scenario_with("haiyan/baseline", tmp_path, "2022", "unemployment_insured,,人,-5,,,,"))
    assert [error.code for error in each_error(caught.value)] == ["actual_source", "actual_least"]


def test_unit_slip__names_the_unit_that_is_meant(tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match=r"10,000|万") as caught:
        settle(scenario_with("haiyan/baseline", tmp_path, "2022", "unemployment_insured,,万人,152000,s,,,"))
    assert each_error(caught.value)[0].code == "actual_slip"
    vouched = scenario_with("haiyan/baseline", tmp_path, "2022", "unemployment_insured,,万人,152000,s,,yes,")
    assert settle(vouched).actuals["haiyan-2020"][0].value == 1.52e9


def test_figure__twice_in_one_table_is_refused_and_in_a_later_one_replaces(tmp_path: Path) -> None:
    first, second = "unemployment_insured,,万人,15,s,,,", "ui_participants,,万人,16,t,,,"
    with pytest.raises(SimengineError) as caught:
        settle(scenario_with("haiyan/baseline", tmp_path, "2022", first, second))
    assert [error.code for error in each_error(caught.value)] == ["actual_twice"]
    one, two = table(tmp_path, "2022", first, name="one"), table(tmp_path, "2022", second, name="two")
    settled = settle(what_if("haiyan/baseline", actuals=[one, two]))
    (actual,) = settled.actuals["haiyan-2020"]
    assert (actual.value, actual.source) == (160_000.0, "t")
    assert "replaces" in settled.remarks[0].en


def test_areas__must_come_to_what_the_city_has(tmp_path: Path) -> None:
    areas = ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")
    rows = [f"unemployment_insured,xuzhou_{area},万人,10,s,,yes," for area in areas]
    for value, code in (("90", "actual_areas_sum"), ("70", "")):
        made = scenario_with("xuzhou/baseline", tmp_path, "2022", f"unemployment_insured,,万人,{value},s,,,", *rows)
        if not code:
            assert len(settle(made).actuals) == 7
            continue
        with pytest.raises(SimengineError) as caught:
            settle(made)
        assert caught.value.code == code
    with pytest.raises(SimengineError) as caught:
        settle(scenario_with("xuzhou/baseline", tmp_path, "2022", "ui_participants,,万人,50,s,,,", *rows[:6]))
    assert caught.value.code == "actual_areas_more"


TOTALS = {
    "actual_total_small": ["uebps_participants,,万人,4.2,s,,yes,"],
    "actual_all_entered": ["resident_participants,,万人,16,s,,,", "resident_registered,,万人,6,s,,yes,"],
}


@pytest.mark.parametrize("code", TOTALS)
def test_total__that_leaves_nothing_to_solve_is_refused(code: str, tmp_path: Path) -> None:
    made = scenario_with("haiyan/baseline", tmp_path, "2022", *TOTALS[code])
    with pytest.raises(SimengineError) as caught:
        Openings().bases(made)
    assert caught.value.code == code and "own.csv, line 2" in caught.value.where


FILES = {
    "actuals_unknown": "actuals: [jiangxi_202]",
    "file_absent": "actuals: nowhere.csv",
    "actuals_none_beside": "actuals: [none, jiangxi_2022]",
    "actual_evidence": "actuals: [{item: x, source: s, evidence: sure, values: {2022: 1}}]",
    "actual_period": "actuals: [{item: x, source: s, values: {2022-13: 1}}]",
    "missing_key": "actuals: [{item: x, values: {2022: 1}}]",
    "unknown_key": "actuals: [{item: x, source: s, value: 1, values: {2022: 1}}]",
}


@pytest.mark.parametrize("code", FILES)
def test_scenario_file__is_refused_at_its_line(code: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(f"extends: haiyan/baseline\n{FILES[code]}\n", encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        load_scenario(tmp_path / "mine.yaml")
    (error,) = each_error(caught.value)
    assert error.code == code and error.where.endswith("mine.yaml, line 2")


def test_table__named_twice_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "2022", "unemployment_insured,,万人,15,s,,,")
    with pytest.raises(SimengineError) as caught:
        what_if("haiyan/baseline", actuals=[path, path])
    assert caught.value.code == "named_twice"


def test_figure__after_the_horizon_is_told(tmp_path: Path) -> None:
    made = scenario_with(
        "haiyan/baseline", tmp_path, "2024", "unemployment_insured,,万人,18,s,,,", text="years: [2021, 2023]\n"
    )
    assert "2023" in settle(made).remarks[0].en
