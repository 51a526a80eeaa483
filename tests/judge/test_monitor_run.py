"""The plan monitor beside a run: Jiangxi in September 2022, Xuzhou with own figures, figures that no run takes."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.judge.indicators import registry
from simengine.judge.monitor import Monitor
from simengine.judge.monitor.plans import plan_of
from simengine.judge.monitor.tracked import engine_at

ROWS = {"JX-14-07": "oa_fund_size", "JX-22-02": "ui_participants", "JX-22-03": "wi_participants"}


def row(found: Monitor, name: str) -> dict[str, Any]:
    return dict(found.rows.set_index("id").loc[name])


@pytest.fixture(scope="module")
def jiangxi() -> Monitor:
    """The mid-term review in one call."""
    return simengine.monitor("jiangxi", as_of="2022-09")


@pytest.mark.parametrize(
    ("name", "base", "actual", "target"),
    [
        ("JX-22-02", 292.0, 355.25, 400.0),
        ("JX-22-03", 558.0, 568.93, 580.0),
        ("JX-14-07", 261.0, 406.72, 580.0),
        ("JX-14-05", 292.0, 355.25, 311.0),
    ],
)
def test_jiangxi__of_august_2022_by_hand(
    jiangxi: Monitor, name: str, base: float, actual: float, target: float
) -> None:
    """Printed base of 2020, the press figure of 31 August 2022, the target of 2025; 20 of 60 months have passed."""
    found = row(jiangxi, name)
    passed = 20 / 12
    path = base + (target - base) * passed / 5
    assert (found["base"], found["actual"], found["target"], found["when"]) == (base, actual, target, "2022-08")
    assert found["path"] == pytest.approx(path, abs=1e-6)
    assert found["distance"] == pytest.approx(actual - path, abs=1e-6)
    assert found["pace"] == pytest.approx((actual - base) / passed / ((target - base) / 5))
    had = min((actual - base) / (target - base), 1.0) * 5
    assert found["time_distance"] == pytest.approx(had - passed, abs=1e-6)
    assert found["age"] == pytest.approx(1 / 12, abs=1e-6)
    assert found["straight"] == pytest.approx(base + (actual - base) * 5 / passed, abs=1e-6)


def test_jiangxi__is_projected_by_the_run_that_knows_the_figure(jiangxi: Monitor) -> None:
    judged = simengine.judge_scenarios("jiangxi/baseline")["jiangxi/baseline"]
    verdicts = {one.id: one for one in judged.verdicts}
    for name in ("JX-22-02", "JX-22-03"):
        found = row(jiangxi, name)
        assert found["projected_from"] == "engine" and found["known_to_run"]
        assert found["projected"] == verdicts[name].projected  # to the last bit
        assert found["outlook"] == (verdicts[name].verdict == "met")
    plain = simengine.judge_scenarios(simengine.what_if("jiangxi/baseline", actuals=["none"]))
    (other,) = plain.values()
    without = {one.id: one.projected for one in other.verdicts}
    assert row(jiangxi, "JX-22-02")["projected"] > 1.05 * without["JX-22-02"]  # the run knows the campaign


def test_fund_without_a_verdict__is_carried_on_in_a_straight_line(jiangxi: Monitor) -> None:
    """Jiangxi misses its anchors, so no figure of the run on a fund is shown; the annuity is only compared besides."""
    found = row(jiangxi, "JX-14-07")
    assert {one.id: one.verdict for one in jiangxi.judged.verdicts}["JX-14-07"] == "withheld"  # type: ignore[union-attr]
    assert (found["projected_from"], found["known_to_run"], found["outlook"]) == ("straight", False, True)


def test_points_of_a_run__begin_at_the_actual_and_end_at_the_projection(jiangxi: Monitor) -> None:
    own = jiangxi.points[(jiangxi.points["id"] == "JX-22-02") & (jiangxi.points["series"] == "projection")]
    assert own["at"].tolist() == [2021 + 8 / 12, 2022.0, 2023.0, 2024.0, 2025.0]
    assert own["value"].iloc[0] == 355.25 and own["value"].iloc[-1] == row(jiangxi, "JX-22-02")["projected"]
    run = simengine.tabulate("jiangxi/baseline", "ui_participants", years="2022-2024").rows["value"]
    assert own["value"].iloc[1:4].tolist() == pytest.approx(run.tolist())


def test_lever__acts_on_the_projection_alone(jiangxi: Monitor) -> None:
    wave = simengine.monitor("jiangxi", as_of="2022-09", set=["unemployment_insured=2025:400万"])
    assert row(wave, "JX-22-02")["projected"] == pytest.approx(400.0, abs=1e-3)
    same = ["actual", "path", "distance", "pace", "time_distance", "state"]
    pd.testing.assert_frame_equal(wave.rows[same], jiangxi.rows[same])


# --- figures that the run does not take -------------------------------------------------------------------------------

OWN = """\
item,area,unit,2019,2022,2022-06,2023,2023-06,2024-06,source,use
XZ-14-04,,万人,,88.4,87.2,90.1,,,invented,
失业保险参保人数,沛县,万人,,,,,6.2,6.4,invented,
XZ-14-07,,%,,30,,45,,,invented,
min_wage,,元/月,,,2280,,,,invented,
wi_participants,,万人,,,,108.0,,,invented,compare
ui_coverage_rate,,%,97,98.5,,,,,invented,
average_wage,,元/月,,7600,,,,,invented,
"""


@pytest.fixture(scope="module")
def xuzhou(tmp_path_factory: pytest.TempPathFactory) -> Monitor:
    table = tmp_path_factory.mktemp("xuzhou") / "own.csv"
    table.write_text(OWN, encoding="utf-8")
    return simengine.monitor("徐州", table, date(2024, 7, 31))


def test_row_that_no_engine_models__is_monitored_all_the_same(xuzhou: Monitor) -> None:
    cards = row(xuzhou, "XZ-14-07")  # nothing printed for 2020: the first figure is the base
    assert (cards["base"], cards["base_from"], cards["base_when"]) == (30.0, "actual", "2022")
    assert (cards["projected"], cards["projected_from"]) == (pytest.approx(75.0), "straight") and cards["outlook"]
    assert not cards["known_to_run"]


def test_run__is_the_one_that_only_knows_what_it_takes(xuzhou: Monitor, tmp_path: Path) -> None:
    """Of two months and a year of one figure the run takes the last; of rows that it has not it sees nothing."""
    table = tmp_path / "taken.csv"
    taken = "item,area,unit,2022,2023,2024-06,source\nui_participants,,万人,88.4,90.1,,s\n"
    taken += "ui_participants,xuzhou_peixian,万人,,,6.4,s\naverage_wage,,元/月,7600,,,s\n"
    # June 2023 of Pei County is another year than June 2024, so the run takes it too
    taken = taken.replace("2023,2024-06", "2023,2023-06,2024-06").replace("88.4,90.1,,s", "88.4,90.1,,,s")
    taken = taken.replace(",,,6.4,s", ",,,6.2,6.4,s").replace("7600,,,s", "7600,,,,s")
    table.write_text(taken, encoding="utf-8")
    alone = simengine.judge_scenarios(simengine.what_if("xuzhou/baseline", actuals=[table]))
    (judged,) = alone.values()
    wanted = {one.id: one.projected for one in judged.verdicts}
    for name in ("XZ-14-04", "XZ-14-03", "XZ-T8-320322-2025"):
        assert row(xuzhou, name)["projected"] == wanted[name], name
    assert row(xuzhou, "XZ-14-04")["projected_from"] == "engine" and row(xuzhou, "XZ-14-04")["actual"] == 90.1


def test_figure_that_is_only_compared__is_carried_on_by_the_growth_of_the_run(xuzhou: Monitor) -> None:
    found = row(xuzhou, "XZ-14-05")
    assert xuzhou.judged is not None
    data, definitions = xuzhou.judged.projection, xuzhou.judged.definitions
    run = registry()["wi_participants"](data, definitions).sel(region="xuzhou").isel(scenario=0, draw=0)
    growth = float(run.sel(year_end=2025) / run.sel(year_end=2023))
    assert found["projected_from"] == "engine_growth" and not found["known_to_run"]
    assert found["projected"] == pytest.approx(108.0 * growth, rel=1e-12)


def test_remarks__name_what_belongs_to_no_row(xuzhou: Monitor) -> None:
    told = [remark.en for remark in xuzhou.remarks]
    assert any("average_wage" in text and "no row" in text for text in told)
    assert any("min_wage" in text and "no row" in text for text in told)


def test_engine_between_year_ends__grows_evenly_and_shares_in_a_straight_line() -> None:
    series = {2022: 100.0, 2023: 121.0}
    assert engine_at(series, 2022.5, share=False) == pytest.approx(math.sqrt(100.0 * 121.0))  # 110
    assert engine_at(series, 2022.5, share=True) == pytest.approx(110.5)
    assert engine_at(series, 2023.0, share=False) == 121.0 and engine_at(series, 2023.5, share=False) is None


def test_run_that_the_actuals_make_impossible__gives_no_figure_and_the_rows_are_monitored(tmp_path: Path) -> None:
    """Xinyi has 4.7万 insured at the opening; 6.1万 are more than are obliged to be."""
    table = tmp_path / "own.csv"
    table.write_text("item,area,unit,2023,source\nui_participants,新沂市,万人,6.1,s\n", encoding="utf-8")
    found = simengine.monitor("xuzhou", table, 2023)
    assert "xuzhou_xinyi" in found.remarks[0].en and "impossible" in found.remarks[0].en
    assert row(found, "XZ-T8-320381-2023")["actual"] == 6.1
    assert "engine" not in {*found.rows["projected_from"]}


# --- what a plan may be called ----------------------------------------------------------------------------------------


def test_plan__is_a_region_a_scenario_or_a_file_of_targets(tmp_path: Path) -> None:
    for name in ("jiangxi", "江西省", "江西", "Jiangxi", "jiangxi/baseline"):
        assert plan_of(name).key == "jiangxi/baseline"
    own = plan_of("targets/xuzhou_counties")
    assert own.scenario is not None and own.scenario.basis == "xuzhou-2020" and len(own.regions) == 8
    file = tmp_path / "county.yaml"
    file.write_text(
        "- {id: A, region: xuzhou_peixian, record_kind: target, indicator: ui_participants, unit: 万人,\n"
        '   target: {year: 2025, operator: ">=", printed: "8"}, source: {text: t}}\n',
        encoding="utf-8",
    )
    county = plan_of(file)
    assert county.scenario is not None and county.scenario.key == "xuzhou/baseline"
    found = simengine.monitor(file, as_of=2024)
    assert found.rows["id"].tolist() == ["A"] and found.rows["projected_from"].tolist() == ["engine"]
    assert found.rows["base_from"].tolist() == [""] or found.rows["base_from"].tolist() == ["engine"]


def test_scenario_of_the_opening__does_not_know_the_actual_and_lends_its_growth() -> None:
    found = row(simengine.monitor("jiangxi/as_planned", as_of="2022-09"), "JX-14-05")
    assert found["actual"] == 355.25 and not found["known_to_run"] and found["projected_from"] == "engine_growth"


def test_known__takes_law_and_figures_of_today_or_of_the_opening(tmp_path: Path) -> None:
    """Today's run of a review in the past is hindsight, and says so; that of the opening is the as-planned scenario."""
    import io
    from contextlib import redirect_stderr, redirect_stdout

    from simengine.cli import main as cli
    from simengine.cli import session

    def screen(words: str) -> str:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            session.begin("en")
            assert cli.execute(words.split()) == cli.DONE
        return " ".join(out.getvalue().split())

    today = screen("monitor jiangxi --as-of 2022-09")
    assert "hindsight" in today and "jiangxi/baseline" in today and "simengine template actuals" in today
    opening = screen("monitor jiangxi --as-of 2022-09 --known opening")
    assert "known at the opening (jiangxi/as_planned)" in opening and "hindsight" not in opening
    with pytest.raises(SimengineError) as raised:
        simengine.monitor("jiangxi", known="yesterday")
    assert each_error(raised.value)[0].code == "monitor_known"


def test_figure_of_no_row__is_named_with_file_and_line() -> None:
    found = simengine.monitor("jiangxi", as_of="2022-09")
    (told,) = [one for one in found.remarks if "belong to no row" in one.en]
    assert "pension_participants (" in told.en and "jiangxi_2022.csv, line 2" in told.en
    assert "jiangxi_2022.csv第2行" in told.zh


def test_set__figure_of_the_scenario_is_shown_and_meets_nothing() -> None:
    """What an input of the scenario fixes is told with a mark and without a verdict."""
    found = simengine.monitor("jiangxi", as_of="2022-09")
    assert found.judged is not None
    fixed = {row.id: row for row in found.judged.verdicts if row.verdict == "set" and row.projected is not None}
    own = found.rows[found.rows["id"].isin(fixed) & (found.rows["projected_from"] == "set")]
    assert len(own) and own["outlook"].isna().all()
    for row in own.to_dict("records"):
        assert row["projected"] == fixed[row["id"]].projected


def test_per_cent_of_marked_figures__is_marked() -> None:
    """Base and task of Jiangxi for 2022 are points between printed figures: neither per cent is a printed one's."""
    from simengine.report.tables.monitor import _task_cell

    found = simengine.monitor("jiangxi", as_of="2022-09")
    rows = found.expansion[found.expansion["done"].notna()].to_dict("records")
    assert rows
    for row in rows:
        assert row["base_from"] == "between" and _task_cell(row, "net_completion", "en").endswith("*")
        assert _task_cell(row, "completion", "en").endswith("*") and not _task_cell(row, "calendar", "en").endswith("*")
