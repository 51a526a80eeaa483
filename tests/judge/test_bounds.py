"""Nothing impossible is published: bounds of variables and rates, known rates above one."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import simengine
from simengine.basis.basis import load_basis
from simengine.common.errors import ModelError
from simengine.judge.checks.bounds import (
    bounds_table,
    explanation,
    known,
    of_indicator,
    of_variable,
    read_known,
)
from simengine.judge.checks.headlines import baseline_regions
from simengine.judge.indicators import Definitions, registry
from simengine.judge.run import ImpossibleError, Judged, JudgedRun
from simengine.judge.time import share
from simengine.registry.variables import VARIABLES
from simengine.report.tables.findings import impossible_lines, told_lines

SHIPPED = [f"{region}/{view}" for region in baseline_regions() for view in ("baseline", "as_planned")]
LEVER = 'name: {en: L, local: 杠杆}\nreason: "a test"\n'


@cache
def shipped(name: str) -> Judged:
    return simengine.judge_scenarios([name])[name]


def with_lever(folder: Path, lever: str, extends: str = "jiangxi/baseline", years: str = "[2021, 2040]") -> JudgedRun:
    """A scenario with one lever, in process."""
    (folder / "lever.yaml").write_text(LEVER + lever, encoding="utf-8")
    text = f"extends: {extends}\nyears: {years}\nlevers: [./lever.yaml]\n"
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return simengine.judge_scenarios([folder / "own.yaml"])


def found(data: xr.Dataset, name: str = "haiyan/baseline") -> pd.DataFrame:
    """Faults of a projection that fail."""
    table = bounds_table(data, name, Definitions())
    return table[~table["ok"].astype(bool)].reset_index(drop=True)


def changed(name: str, **cells: dict[str, object]) -> xr.Dataset:
    """A real projection with one cell of some variables replaced: labels and ``value``."""
    data = shipped(name).projection.copy(deep=True)
    for variable, cell in cells.items():
        value = cell.pop("value")
        data[variable].loc[cell] = value
    return data


# --- what is impossible -----------------------------------------------------------------------------------------------


def test_bounds__tell_variable_region_year_cell_value_and_count() -> None:
    cell = {"region": "haiyan", "sex": "female", "age": 30, "year_end": [2040, 2041], "value": [-7.0, -2.0]}
    (row,) = found(changed("haiyan/baseline", population=cell)).to_dict("records")
    assert (row["measure"], row["region"], row["fault"], row["year"]) == ("population", "haiyan", "below_zero", 2040)
    assert (row["cell"], row["value"], row["cells"], row["since"]) == ("sex=female; age=30", -7.0, 2, 2040)


def test_bounds__look_at_every_area_of_a_city() -> None:
    cell = {"region": "xuzhou_pizhou", "year": 2030, "value": -1.0}
    (row,) = found(changed("xuzhou/baseline", deaths=cell), "xuzhou/baseline").to_dict("records")
    assert (row["region"], row["measure"], row["year"]) == ("xuzhou_pizhou", "deaths", 2030)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_bounds__what_is_no_number_is_found_in_variables_of_any_sign_too(value: float) -> None:
    cell = {"fund": "resident", "year_end": 2033, "value": value}
    rows = found(changed("haiyan/baseline", fund_balance=cell))
    (row,) = rows[rows["measure"] == "fund_balance"][:1].to_dict("records")
    assert (row["fault"], row["year"], row["cell"], row["cells"]) == ("not_finite", 2033, "fund=resident", 1)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("wage", 0.0, "not_positive"),
        ("wage", -1.0, "below_zero"),
        ("surveyed_unemployment_rate", 1.01, "above_one"),
        ("price_index", 12.0, None),
        ("shortfall_flexible", -5.0, None),
        ("adjustment_ratio", -0.01, None),
        ("adjustment_ratio", 1.5, "above_one"),
    ],
)
def test_bounds__follow_the_rows_of_the_registry(variable: str, value: float, fault: str | None) -> None:
    rows = found(changed("haiyan/baseline", **{variable: {"year": 2050, "value": value}}))
    own = rows[rows["measure"] == variable]
    assert list(own["fault"]) == ([] if fault is None else [fault])


@pytest.mark.parametrize(("item", "fails"), [("investment", False), ("contributions", True), ("transfers_in", True)])
def test_bounds__of_income_are_those_of_its_items(item: str, fails: bool) -> None:
    """Interest on debt is below zero; a contribution is not."""
    cell = {"fund": "unemployment", "income_item": item, "year": 2050, "value": -1e6}
    rows = found(changed("haiyan/baseline", income=cell))
    assert list(rows[rows["measure"] == "income"]["cell"]) == [f"fund=unemployment; income_item={item}"] * fails


def test_bounds__rounding_below_zero_is_not_impossible_and_a_tenth_of_a_person_is() -> None:
    for value, fails in ((-1e-7, 0), (-0.1, 1)):
        cell = {"sex": "male", "age": 0, "year_end": 2050, "value": value}
        assert len(found(changed("haiyan/baseline", population=cell))) == fails


def test_bounds__a_share_of_nothing_is_infinite_and_none_of_nothing_has_no_value() -> None:
    part, whole = (xr.DataArray(values, dims="year") for values in ([1.0, 0.0, 1.0], [0.0, 0.0, 2.0]))
    assert share(part, whole).values == pytest.approx([np.inf, np.nan, 0.5], nan_ok=True)
    rows = found(changed("haiyan/baseline", coverage_population={"year_end": 2050, "value": 0.0}))
    (row,) = rows.to_dict("records")
    assert (row["measure"], row["fault"], row["year"]) == ("pension_coverage_rate", "not_finite", 2050)


def test_bounds__every_rate_may_exceed_one_only_for_a_reason() -> None:
    """What plans and notes call a share, a rate of cover or of unemployment is bounded."""
    bounded = {name for name in registry() if of_indicator(name).share}
    assert bounded >= {"pension_coverage_rate", "pension_payment_rate", "ui_coverage_rate", "surveyed_unemp_rate"}
    assert {name for name in VARIABLES if of_variable(name).share} == {
        *("surveyed_unemployment_rate", "registered_unemployment_rate", "adjustment_ratio", "account_interest"),
        *("return_rate", "unemployment_cut_withdrawn", "return_enterprise_pension", "return_public_pension"),
    }
    for name, entry in registry().items():
        assert not (entry.beyond_one and of_indicator(name).share), name


def test_bounds__take_less_than_a_third_of_a_second_for_75_years() -> None:
    judged = shipped("haiyan/baseline")
    spent = []
    for _ in range(3):
        start = time.process_time()
        bounds_table(judged.projection, "haiyan/baseline", Definitions())
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3


# --- what shipped scenarios hold all the same -------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenario__holds_nothing_impossible(name: str) -> None:
    table = shipped(name).bounds
    assert table["ok"].astype(bool).all(), table.to_string()


def test_list_of_known_rates__holds_no_entry_that_is_mended() -> None:
    needed = set()
    for name in SHIPPED:
        for row in shipped(name).bounds.to_dict("records"):
            entry = explanation(row["region"], row["measure"])
            needed.add((entry.region, entry.measure) if entry else (row["region"], row["measure"]))
    assert needed == set(known()), "remove what no shipped scenario needs any more"


def test_known_rate__of_a_city_speaks_for_its_areas_and_no_other_region() -> None:
    entry = explanation("xuzhou", "pension_coverage_rate")
    assert entry is not None and explanation("xuzhou_pizhou", "pension_coverage_rate") is entry
    assert explanation("xuzhou", "ui_coverage_rate") is None
    assert explanation("jiangxi", "pension_coverage_rate") is explanation("china", "pension_coverage_rate") is None


def test_known_rate__fails_beyond_what_its_reason_explains_and_in_another_region() -> None:
    assert len(found(shipped("haiyan/baseline").projection)) == 0
    data = shipped("haiyan/baseline").projection
    fewer = 0.9 * data["coverage_population"]  # 1.084 becomes 1.204: the reason explains that too
    assert len(found(data.assign(coverage_population=fewer))) == 0
    (row,) = found(data.assign(coverage_population=0.8 * data["coverage_population"])).to_dict("records")
    assert (row["measure"], row["fault"], row["limit"]) == ("pension_coverage_rate", "above_one", 1.21)
    assert row["value"] > row["limit"]
    data = shipped("jiangxi/baseline").projection
    (row,) = found(data.assign(coverage_population=0.9 * data["coverage_population"])).to_dict("records")
    assert (row["region"], row["limit"], row["reason"]) == ("jiangxi", 1.0, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"region": "atlantis"}, "no region"),
        ({"measure": "support_ratio"}, "no share"),
        ({"measure": "population"}, "no share"),
        ({"high": "1.0"}, "no share"),
        ({"en": '" "'}, "has no reason"),
        ({"why": "x"}, "needs the keys"),
    ],
)
def test_list_of_known_rates__is_read_strictly(tmp_path: Path, change: dict[str, str], said: str) -> None:
    entry = {"region": "haiyan", "measure": "pension_coverage_rate", "high": "1.2", "en": "a", "zh": "一"} | change
    text = "rates:\n  - {" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}\n"
    (tmp_path / "beyond.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_known(tmp_path / "beyond.yaml")


@pytest.mark.parametrize(
    ("region", "measure", "low", "high"),
    [("haiyan", "pension_coverage_rate", "0.81", "0.81"), ("xuzhou", "pension_coverage_rate", "0.73", "0.76")],
)
def test_known_rate__its_reason_names_the_ratio_of_the_basis(region: str, measure: str, low: str, high: str) -> None:
    """The plan's denominator over the coverable people, in the region and in its areas."""
    basis = load_basis(f"{region}-2020")
    places = [basis, *(load_basis(part) for part in basis.partition or ())]
    ratios = [float(place.path("coverage_population_ratio", [2095])[0]) for place in places]
    assert (f"{min(ratios):.2f}", f"{max(ratios):.2f}") == (low, high)
    entry = explanation(region, measure)
    assert entry is not None
    for said in (entry.en, entry.zh):
        assert low in said and high in said
    assert entry.high < 1.0 / min(ratios), "covered are at most all the coverable"


def test_known_rate__is_told_with_its_reason_in_both_languages() -> None:
    judged = shipped("haiyan/baseline")
    english, injury = told_lines(judged.bounds, judged.campaigns, "en")
    chinese, _ = told_lines(judged.bounds, judged.campaigns, "zh")
    assert injury.startswith("Work injury insurance coverage of the employed, Haiyan") and "live elsewhere" in injury
    assert english.startswith(
        "Basic pension coverage rate, Haiyan (haiyan/baseline): above one from 2030, 1.084 in 2095, because "
    )
    assert "registered elsewhere" in english
    assert (
        chinese.startswith("海盐县基本养老保险参保率（haiyan/baseline）自2030年起超过1，2095年为1.084，原因：")
        and "户籍在外地" in chinese
    )


# --- a run that holds something impossible ----------------------------------------------------------------------------


def test_births_of_one_sex_alone__give_persons_below_zero_and_no_verdict(tmp_path: Path) -> None:
    done = with_lever(
        tmp_path, "paths: {sex_ratio_at_birth: {multiply: {2022: 0.0}}}\n", "jiangxi/baseline", "[2021, 2060]"
    )
    (row,) = done.impossible.to_dict("records")
    assert (row["measure"], row["region"], row["fault"]) == ("population", "jiangxi", "below_zero")
    assert row["value"] < -100.0 and row["cell"].startswith("sex=male; age=")
    assert done.failed.empty, "persons are conserved all the same"
    with pytest.raises(ImpossibleError, match=r"own: impossible results in 1 measure\(s\): population"):
        done["own"].verdicts  # noqa: B018
    assert issubclass(ImpossibleError, ModelError)
    english, chinese = ("\n".join(impossible_lines(done.bounds, lang)) for lang in ("en", "zh"))
    assert "Residents by sex and age last birthday (population), jiangxi" in english and "(men, age " in english
    assert "常住人口（population）" in chinese and "不可能低于零" in chinese and "男，" in chinese
