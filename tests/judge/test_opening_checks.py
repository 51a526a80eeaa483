"""Opening position: every figure of every basis, alignment factors, and the free run against the past."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len

from simengine.basis.basis import load_basis
from simengine.common import resources
from simengine.common.errors import BasisError
from simengine.common.messages import say
from simengine.engine.compile.coverage import LEAST_SOLVED
from simengine.engine.project import Result, project
from simengine.judge.checks import free_run
from simengine.judge.checks.ages import ages_table
from simengine.judge.checks.branches import branch_table
from simengine.judge.checks.entry import entry_table
from simengine.judge.checks.erosion import erosion_table, places_of
from simengine.judge.checks.exhaustion import exhaustion_table
from simengine.judge.checks.free_run import FREE_RUN, SERIES, free_run_checks, gap_table, references
from simengine.judge.checks.lanes import of_scenario
from simengine.judge.checks.opening import factor_table, measure_of, opening_table, opening_view
from simengine.judge.checks.people import people_table
from simengine.judge.checks.plausibility import plausibility_table
from simengine.judge.targets.verdicts import LARGE_ALIGNMENT, RESTS_ON, RESTS_ON_ALONE, Verdict, flag_alignment
from simengine.kernels import layout as at
from simengine.registry.variables import VARIABLES
from simengine.report.tables.opening import show_tables, summary_lines
from simengine.scenario.scenario import load_scenario
from simengine_calibration.series.openings import OF_THE_YEARS_BEFORE, Opening, Position
from simengine_calibration.series.references import SERIES as COLLECTED
from simengine_calibration.series.references import collected, registered_residents
from simengine_calibration.sources import histories
from simengine_calibration.sources.plans import PlanFigure

REGIONS = {"china": 2021, "jiangxi": 2021, "hubei": 2021, "xuzhou": 2021, "haiyan": 2021, "jingdezhen": 2016}
"""Region of a scenario -> its first projected year."""

Short = Callable[[str], Result]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Short:
    """Both packaged scenarios of a region over its first four years, run once."""
    folder = tmp_path_factory.mktemp("short")

    @cache
    def run(region: str) -> Result:
        first = REGIONS[region]
        scenarios = []
        for name in ("baseline", "as_planned"):
            path = folder / f"{region}_{name}.yaml"
            path.write_text(f"extends: {region}/{name}\nyears: [{first}, {first + 3}]\n", encoding="utf-8")
            scenarios.append(load_scenario(path))
        return project(scenarios)

    return run


# --- opening figures --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_opening__every_figure_is_equal_or_inside_its_band_and_there_is_no_third_kind(
    short: Short, region: str
) -> None:
    result = short(region)
    table = opening_table(result)
    bases = {lane.basis.name for lane in result.lanes} | {lane.scenario.basis for lane in result.lanes}
    stated = 0
    for name in bases:
        with (resources.bases_root() / name / "openings.csv").open(encoding="utf-8", newline="") as stream:
            stated += sum(1 for _ in csv.DictReader(stream))
    assert len(table) == 2 * stated
    assert set(table["list"]) <= {"equal", "band"}
    equal, band = table[table["list"] == "equal"], table[table["list"] == "band"]
    print(f"{region}: {len(equal) // 2} printed figures equal, {len(band) // 2} others inside their band")
    assert ((equal["kind"] == "plan") & (equal["targets"] != "")).all()
    assert (band["kind"] != "plan").all()
    # a second look at the same: half a unit of the last printed digit, without the rounding of the table
    half = (equal["high"] - equal["low"]) / 2.0
    assert ((equal["engine"] - equal["opening"]).abs() <= half * (1.0 + 1e-9)).all()
    assert ((band["engine"] >= band["low"] - 1e-6 * band["high"]) & (band["engine"] <= band["high"] * (1 + 1e-6))).all()
    shown = ["region", "item", "unit", "opening", "engine", "low", "high", "source"]
    assert table["ok"].all(), "\n" + table.loc[~table["ok"], shown].to_string()


@pytest.mark.slow
def test_opening__of_xuzhou_covers_the_city_and_its_seven_areas(short: Short) -> None:
    table = opening_table(short("xuzhou"))
    assert table["region"].nunique() == 8
    for item in ("unemployment_insured", "resident_registered", "fund_balance_resident", "coverage_population"):
        rows = table[(table["item"] == item) & (table["scenario"] == "xuzhou_baseline")].set_index("region")
        scale = 1e4 if rows.loc["xuzhou", "unit"] == "万人" else 1.0
        parts = [row.engine * (1e4 if row.unit == "万人" else 1.0) for name, row in rows.iterrows() if name != "xuzhou"]
        assert sum(parts) == pytest.approx(rows.loc["xuzhou", "engine"] * scale, rel=1e-9), item


@pytest.mark.slow
def test_opening__a_stock_that_is_off_is_found_and_nothing_else(short: Short) -> None:
    result: Result = of_scenario(short("jiangxi"), "jiangxi_baseline")
    lane = result.lanes[0]
    stocks = lane.output.stocks.copy()
    stocks[at.STOCK_UNEMPLOYMENT_INSURED, 1] += 6_000.0  # 292 becomes 292.6, printed 293
    stocks[at.STOCK_MEMBERS_PAUSED, 1] *= 1.5
    changed = replace(lane, output=lane.output._replace(stocks=stocks))
    table = opening_table(replace(result, lanes=[changed]))
    wrong = set(table.loc[~table["ok"], "item"])
    assert {"ui_participants", "unemployment_insured", "paused_members", "uebps_participants"} <= wrong
    assert not wrong & {"wi_participants", "enterprise_payers", "basic_pension", "fund_balance_3schemes"}


@pytest.mark.slow
def test_opening_view__holds_the_inputs_of_the_opening_year_and_no_computed_flow(short: Short) -> None:
    result = short("jiangxi")
    view = opening_view(result)
    basis = load_basis("jiangxi-2020")
    own = view.sel(scenario="jiangxi_baseline", region="jiangxi").isel(draw=0)
    assert own.year.values.tolist() == [2020] and own.year_end.values.tolist() == [2019, 2020]
    for variable, series in (
        ("wage", "average_wage"),
        ("registered_unemployment_rate", "registered_unemployment_rate"),
    ):
        assert float(own[variable].sel(year=2020)) == pytest.approx(basis.path(series, [2020])[0])
    assert float(own.resident_entrusted_share.sel(year=2020)) == 0.8
    for name in ("income", "outgo", "births", "awards", "resident_new_surplus", "new_award_mass"):
        assert own[name].isnull().all(), name
    assert own.insurable_earnings.sel(fund="enterprise_pension").isnull().all()
    stocks = [name for name, variable in VARIABLES.items() if variable.kind == "stock"]
    assert all(own[name].sel(year_end=2019).isnull().all() for name in stocks)
    assert all(own[name].sel(year_end=2020).notnull().all() for name in stocks)
    np.testing.assert_array_equal(
        own.population.sel(year_end=2020).values,
        result.dataset.population.sel(scenario="jiangxi_baseline", region="jiangxi", year_end=2020).values[0],
    )


def test_opening__an_item_without_a_measure_is_named() -> None:
    with pytest.raises(BasisError, match=r'"paused_member".*paused_members'):
        measure_of("paused_member")


@pytest.mark.slow
def test_opening__a_lane_that_was_not_run_is_refused(short: Short) -> None:
    result = short("jiangxi")
    with pytest.raises(ValueError, match="has not been projected"):
        opening_view(replace(result, lanes=[replace(result.lanes[0], output=None)]))


# --- alignment --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_alignment__residents_pay_by_the_share_of_the_opening(short: Short) -> None:
    for lane in short("xuzhou").lanes:
        paying, waiting = lane.opening.resident[at.R_PAYING].sum(), lane.opening.resident[at.R_NOT_PAYING].sum()
        assert paying / (paying + waiting) == pytest.approx(lane.basis.opening("resident_paying_share"), rel=1e-12)
        assert paying + waiting == pytest.approx(lane.basis.opening("resident_registered"), rel=1e-9)


@pytest.mark.slow
def test_factors__of_a_city_are_those_of_its_sums(short: Short) -> None:
    table = factor_table(short("xuzhou"))
    own = table[table["scenario"] == "xuzhou_baseline"].set_index(["item", "region"])
    for item, rows in own.groupby(level="item", sort=False):
        city = rows.loc[(item, "xuzhou")]
        areas = rows.drop(index=(item, "xuzhou"))
        if item in ("enterprise_payers", "resident_registered", "unemployment_claimants"):
            assert city.spun_up == pytest.approx(areas.spun_up.sum(), rel=1e-12)
            assert city.opening == pytest.approx(areas.opening.sum(), rel=1e-12)
        assert areas.factor.min() * (1 - 1e-9) <= city.factor <= areas.factor.max() * (1 + 1e-9), item
        assert city.factor == pytest.approx(city.opening / city.spun_up)
    heads = own.xs("enterprise_pensioners")["opening"].drop("xuzhou")
    means = own.xs("average_enterprise_pension").drop("xuzhou")
    weighted = (means["spun_up"] * heads).sum() / heads.sum()
    assert own.loc[("average_enterprise_pension", "xuzhou"), "spun_up"] == pytest.approx(weighted)


@pytest.mark.slow
def test_factors__every_item_says_which_stock_it_moves(short: Short) -> None:
    items = set(factor_table(short("jiangxi"))["item"])
    assert items == set(RESTS_ON)
    assert {name for names in RESTS_ON.values() for name in names} <= set(VARIABLES)
    assert all(RESTS_ON[item] or RESTS_ON_ALONE[item] for item in items)


def verdict(indicator: str, **changes: object) -> Verdict:
    return replace(
        Verdict(
            id=indicator, scenario="s", region="r", indicator=indicator, name_en="", name_zh="", record_kind="target",
            attribute="", year=2025, operator=">=", printed="1", unit="1", verdict="met", projected=1.0,
        ),
        **changes,
    )  # fmt: skip


def test_flag__stands_beside_verdicts_that_read_a_stock_moved_far() -> None:
    factors = pd.DataFrame(
        [
            ("s", "r", "enterprise_pensioners", True), ("s", "r", "unemployment_insured", False),
            ("s", "r", "fund_balance_occupational_annuity", True), ("s", "other", "unemployment_insured", True),
        ],
        columns=["scenario", "region", "item", "large"],
    )  # fmt: skip
    rows = [
        verdict("pension_participants", flags=("duplicate",)), verdict("ui_participants"), verdict("oa_fund_size"),
        verdict("fund_balance_3schemes"), verdict("pension_participants", projected=None), verdict("card_holders"),
        verdict("ui_participants", region="other"), verdict("ui_participants", scenario="t", region="other"),
    ]  # fmt: skip
    found = flag_alignment(rows, factors)
    assert [LARGE_ALIGNMENT in row.flags for row in found] == [True, False, True, False, False, False, True, False]
    assert found[0].flags == ("duplicate", LARGE_ALIGNMENT)
    assert [replace(row, flags=()) for row in found] == [replace(row, flags=()) for row in rows]


# --- references -------------------------------------------------------------------------------------------------------


def test_references__stand_in_the_nation_and_the_provinces_and_are_not_lent_to_others() -> None:
    folders = {path.parent.name for path in resources.bases_root().glob("*/references.csv")}
    assert folders == {"china-2020", "jiangxi-2020", "hubei-2020", "jiangsu-2020", "zhejiang-2020"}
    for name in sorted(folders):
        known = references(load_basis(name))
        keys = [(item.series, item.year, item.evidence) for item in known]
        assert len(set(keys)) == len(keys) > 30
        assert all(1993 <= item.year <= 2024 and item.value > 0.0 and len(item.source) > 8 for item in known)
    assert references(load_basis("xuzhou-2020")) == [] == references(load_basis("haiyan-2020"))
    assert references(load_basis("jiangxi-2015")) == references(load_basis("jiangxi-2020"))


def test_references__of_the_nation_cover_every_year_of_heads_and_spending() -> None:
    known = references(load_basis("china-2020"))
    for series in ("members", "pensioners", "expenditure"):
        years = {item.year for item in known if item.series == series}
        assert years == set(range(1993, 2025)), series
    both = {
        item.evidence: item.value for item in known if item.series == "pensioners" and item.year == 2010
    }  # printed and recalled stand beside each other
    assert both == {"published": 63_050_000.0, "recalled": 63_050_000.0}
    assert {item.series for item in known} >= set(SERIES) - {"mean_enterprise_pension_growth"}
    assert set(COLLECTED) | {"resident_registered"} == set(SERIES)


def test_references__an_unknown_series_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_run, "SERIES", {name: measure for name, measure in SERIES.items() if name != "members"})
    with pytest.raises(BasisError, match='no measure for the series "members"'):
        references(load_basis("china-2020"))


def test_collected__printed_and_recalled_rows_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "social_insurance").mkdir()
    head = "region,year,measure,value,unit,source,note\n"
    (tmp_path / histories.STATISTICS).write_text(
        f'scheme,{head}uebps,China,2010,retirees,2,"10k persons, year-end","Yearbook, http://x",\n'
        'uebps,Jiangxi,2014,retirees,1,10k persons,a page,"secondary source, garbled"\n'
    )
    (tmp_path / histories.RECALLED).write_text(
        f'topic,{head}uebps,China,2010,retirees,3,"10k persons, year-end",recalled,\n'
        "uebps,China,2021-04,retirees,9,persons,recalled,\n"
    )
    rows = [(key[1], year, item.value, item.evidence, item.source) for key, year, item in collected(tmp_path)]
    assert rows == [
        ("China", 2010, 20_000.0, "published", "uebps retirees: Yearbook"),
        ("Jiangxi", 2014, 10_000.0, "secondary", "uebps retirees: a page"),
        ("China", 2010, 30_000.0, "recalled", "uebps retirees: recalled"),
    ]


def test_registered_residents__take_the_weaker_tag() -> None:
    figure = histories.Figure
    rows = {
        ("resident_participants", 2012, "recalled"): figure(50.0, "recalled", "bulletin"),
        ("resident_recipients", 2012, "memory"): figure(13.0, "memory", "bulletin"),
        ("resident_participants", 2014, "seed"): figure(60.0, "seed", "plan"),
        ("resident_recipients", 2014, "memory"): figure(20.0, "memory", "bulletin"),
    }
    found = registered_residents(rows)
    assert {key: item.value for key, item in found.items()} == {("resident_registered", 2012, "memory"): 37.0}


# --- the free run -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_gap__compares_the_free_run_to_the_opening_and_the_projection_after_it(short: Short) -> None:
    result = short("china")
    gap = gap_table(result)
    np.testing.assert_allclose(gap["ratio"], gap["engine"] / gap["reference"], rtol=1e-15)
    assert set(gap["run"]) == {FREE_RUN, "china_baseline", "china_as_planned"}
    assert gap.loc[gap["run"] == FREE_RUN, "year"].max() == 2020
    assert gap.loc[gap["run"] != FREE_RUN, "year"].min() == 2021
    past = result.histories["china-2020"].isel(scenario=0, draw=0, region=0)
    late = result.dataset.sel(scenario="china_baseline", region="china").isel(draw=0)

    def engine(series: str, year: int, run: str) -> float:
        found = gap[(gap["series"] == series) & (gap["year"] == year) & (gap["run"] == run)]
        assert len(set(found["engine"])) == 1
        return float(found["engine"].iloc[0])

    heads = past.enterprise_pensioners + past.public_pensioners
    assert engine("pensioners", 2010, FREE_RUN) == float(heads.sel(year_end=2010))
    assert engine("members", 2005, FREE_RUN) == pytest.approx(float(past.members.sum("status").sel(year_end=2005)))
    spent = past.outgo.sel(fund=["enterprise_pension", "public_pension"], year=2015).sum()
    assert engine("expenditure", 2015, FREE_RUN) == pytest.approx(float(spent))  # nothing goes to other levels here
    late_heads = late.enterprise_pensioners + late.public_pensioners
    assert engine("pensioners", 2024, "china_baseline") == float(late_heads.sel(year_end=2024))
    collected_2015 = past.income.sel(fund=["enterprise_pension", "public_pension"], income_item="contributions")
    expected = float((collected_2015.sum("fund") + past.arrears + past.settled_contributions).sel(year=2015))
    assert engine("contributions", 2015, FREE_RUN) == pytest.approx(expected)
    kinds = gap[(gap["series"] == "pensioners") & (gap["year"] == 2010)].set_index("kind")["evidence"]
    assert kinds.to_dict() == {"printed": "published", "recalled": "recalled"}


@pytest.mark.slow
def test_gap__levels_given_to_the_history_are_reached(short: Short) -> None:
    gap = gap_table(short("china"))
    given = gap[gap["series"].isin(free_run.GIVEN) & (gap["run"] == FREE_RUN) & (gap["kind"] == "recalled")]
    assert set(given["series"]) == set(free_run.GIVEN)
    assert given["ratio"].between(0.97, 1.03).all(), given.loc[~given["ratio"].between(0.97, 1.03), ["series", "year"]]


@pytest.mark.slow
def test_gap__of_a_city_is_that_of_the_parent_it_was_spun_up_on(short: Short) -> None:
    assert set(gap_table(short("xuzhou"))["region"]) == {"jiangsu"}
    assert set(gap_table(short("jingdezhen"))["region"]) == {"jiangxi"}
    assert gap_table(short("jingdezhen"))["year"].max() == 2015


@pytest.mark.slow
def test_free_run_checks__are_all_listed_with_value_and_verdict(short: Short) -> None:
    result: Result = of_scenario(short("china"), "china_baseline")
    table = free_run_checks(result).set_index("check")
    assert list(table.index) == [
        "pensioners", "pensioners, last years", "expenditure", "recorded accounts", "resident ratio",
    ]  # fmt: skip
    inside = (table["measured"] >= table["low"]) & (table["measured"] <= table["high"])
    assert (table["verdict"] == np.where(inside, "inside", "outside")).all()
    gap = gap_table(result)
    ratios = gap[(gap["series"] == "pensioners") & (gap["year"] >= 2018)]["ratio"]
    worst = ratios.iloc[(ratios - 1.0).abs().argmax()]
    assert table.loc["pensioners, last years", "measured"] == worst
    past = result.histories["china-2020"].isel(scenario=0, draw=0, region=0).sel(year_end=2015)
    share = float(past.resident_beneficiaries / (past.population_60 - past.pensioners_60))
    assert math.isclose(free_run.by_year(past.expand_dims("year_end"), free_run.resident_ratio)[2015], share)
    print(table[["first", "last", "measured", "year", "low", "high", "verdict"]].round(3).to_string())


@pytest.mark.slow
def test_free_run_checks__judge_the_value_farthest_from_the_middle(short: Short) -> None:
    result: Result = of_scenario(short("china"), "china_baseline")
    gap = gap_table(result)
    for ratio, verdict_of in ((1.09, "inside"), (1.11, "outside"), (0.89, "outside")):
        changed = gap.assign(ratio=np.where(gap["series"] == "pensioners", 1.0, gap["ratio"]))
        changed.loc[(changed["series"] == "pensioners") & (changed["year"] == 2009), "ratio"] = ratio
        table = free_run_checks(result, changed).set_index("check")
        assert table.loc["pensioners", ["measured", "year", "verdict"]].tolist() == [ratio, 2009, verdict_of]
        assert table.loc["pensioners, last years", "verdict"] == "inside"
        changed.loc[(changed["series"] == "pensioners") & (changed["year"] < 2005), "ratio"] = 5.0
        assert free_run_checks(result, changed).set_index("check").loc["pensioners", "measured"] == ratio


# --- openings in the making -------------------------------------------------------------------------------------------


def printed(indicator: str, value: float, text: str, alternative: bool = False) -> PlanFigure:
    return PlanFigure(indicator, 2015, value, "persons", text, "万人", f"X-{text}", alternative)


def test_position__a_second_printed_value_is_listed_and_both_span_its_band() -> None:
    position = Position("toy")
    position.put_plan([
        printed("uebps_participants", 423_200.0, "42.32"), printed("uebps_participants", 457_300.0, "45.73", True),
        printed(OF_THE_YEARS_BEFORE[0], 0.286, "28.6"),
    ])  # fmt: skip
    assert set(position.rows) == {"uebps_participants", "uebps_participants_alternative"}
    second: Opening = position.rows["uebps_participants_alternative"]
    assert (second.kind, second.target_id, second.band) == ("published", "", (423_150.0, 457_350.0))
    assert "(X-45.73)" in second.source and "X-42.32" in second.source


# --- on the screen ----------------------------------------------------------------------------------------------------


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


def assert_entry(entry: pd.DataFrame, printed: str, lang: Any) -> None:
    """Entry is solved area by area, so a city has no line of its own: a line of every area and status, and the rule."""
    title = say("entry.title", lang)[:12]
    after = printed[printed.index(title) :].splitlines()
    lines = [line.split() for line in after if line.startswith("xuzhou_")][: len(entry)]
    assert entry["region"].nunique() == 7 and len(lines) == len(entry) == 14
    for line, (_, row) in zip(lines, entry.iterrows(), strict=True):
        assert line[:3] == [row["region"], say(f"entry.{row['status']}", lang), f"{row['first']}-{row['last']}"]
        assert row["first"] <= row["last"] < 2030 and row["solved"] > 0 and np.isfinite(row["pressure"])
    (rule,) = set(entry["rule"])
    told = say(rule, lang, regions="", count=int(entry["solved"].iloc[0]), least=LEAST_SOLVED)
    assert without_blanks(told).strip("：:") in without_blanks(printed)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report__says_how_many_figures_agree_and_leaves_areas_out(
    short: Short, lang: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    result = of_scenario(short("xuzhou"), "xuzhou_baseline")
    gap = gap_table(result)
    tables = {
        "opening": factor_table(result), "position": opening_table(result), "gap": gap,
        "free_run": free_run_checks(result, gap), "people": people_table(result),
        "plausibility": plausibility_table(result),
        "exhaustion": exhaustion_table(result), "branches": branch_table(result),
        "erosion": erosion_table(places_of(result), {}),
        "entry": entry_table(result), "ages": ages_table(result),
    }  # fmt: skip
    position, outside = tables["position"], tables["plausibility"].query("verdict != 'inside'")
    said = summary_lines(tables, lang)
    for line, name in zip(said, ("equal", "band"), strict=False):
        rows = position[position["list"] == name]
        assert {str(int(rows["ok"].sum())), str(len(rows))} <= set(re.findall(r"\d+", line))
    assert str(outside["measure"].nunique()) in said[-1] and set(outside["measure"]) <= set(
        re.findall(r"\w+", said[-1])
    )
    quiet = {**tables, "opening": tables["opening"].assign(large=False)}
    quiet["plausibility"] = tables["plausibility"].assign(verdict="inside")
    ends = {"en": ["No alignment factor is large.", "All measures stay within their stated ranges."],
            "zh": ["没有幅度大的校准系数。", "各项指标均在所述范围内。"]}  # fmt: skip
    assert summary_lines(quiet, lang)[2:] == ends[lang]
    stream = io.StringIO()
    show_tables(tables, lang, stream)
    printed = stream.getvalue()
    factors = tables["opening"].query("region == 'xuzhou'")
    shown = printed[printed.index(say("opening.factors", lang)) :].splitlines()
    assert [line.split()[0] for line in shown[2 : 2 + len(factors)]] == list(factors["item"])
    for _, row in tables["branches"].query("region == 'xuzhou'").drop_duplicates("measure").iterrows():
        assert row[f"name_{lang}"] in printed and without_blanks(row[f"why_{lang}"]) in without_blanks(printed)
    assert_entry(tables["entry"], printed, lang)
    wide = [line for line in printed.splitlines() if cell_len(line) > 120]
    assert wide == [] and "…" not in printed
    assert say("exhaustion.title", lang)[:20] not in printed  # a city holds no pension fund: nothing to say about it
