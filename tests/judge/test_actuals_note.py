"""Every cell of the worked examples of notes/actuals.md, from real runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import simengine
from simengine.basis.basis import load_basis
from simengine.engine.project import Openings, Result, lane_bases, project
from simengine.engine.what_if import what_if
from simengine.judge.indicators import Definitions, registry
from simengine.scenario.scenario import load_scenario
from tests.helpers.actual_tables import scenario_with
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables, note_text


@cache
def jiangxi(actuals: str = "") -> Result:
    """Jiangxi today, with its packaged actuals or without."""
    return project(what_if("jiangxi/baseline", actuals=[actuals] if actuals else []))


def members(actuals: str, year: int) -> float:
    """Members of both schemes of Jiangxi at a year end."""
    found = registry()["pension_participants"](jiangxi(actuals).dataset, Definitions())
    return float(found.sel(year_end=year).squeeze())


def test_note__a_wage_that_grows_on(tmp_path: Path) -> None:
    (rows,) = note_tables("actuals", "2")[1:]
    years = [int(row["year"]) for row in rows]
    (before,) = lane_bases(load_scenario("haiyan/baseline"))
    (after,) = lane_bases(scenario_with("haiyan/baseline", tmp_path, "2022", "average_wage,,元/月,8000,s,,,"))
    for row, known, own in zip(
        rows, before.path("average_wage", years), after.path("average_wage", years), strict=True
    ):
        assert_printed(row["basis"], known, row["year"])
        assert_printed(row["with the actual"], own, row["year"])


def test_note__a_city_and_its_areas(tmp_path: Path) -> None:
    (rows,) = note_tables("actuals", "3")
    entered = ("unemployment_insured,,万人,88.2,94.9,96.0,s,,,", "unemployment_insured,沛县,万人,,7.0,,s,,,")
    run = project(scenario_with("xuzhou/baseline", tmp_path, "2021,2023,2025", *entered))
    insured = run.dataset["unemployment_insured"].isel(scenario=0, draw=0)
    for row in rows:
        for year in range(2020, 2026):
            value = float(insured.sel(region=row["area"], year_end=year)) / 1e4
            assert_printed(row[str(year)], value, f"{row['area']} {year}")
    assert float(insured.sel(region="xuzhou_urban", year_end=2023)) / 1e4 == pytest.approx(87.9 * 49.8 / 78.0)
    assert float(insured.sel(region="xuzhou_peixian", year_end=2025)) == pytest.approx(960_000 * 7.0 / 94.9)


def test_note__a_total_that_is_solved() -> None:
    rows = note_tables("actuals", "4")[1]
    data = jiangxi().dataset.isel(scenario=0, draw=0, region=0).sel(year_end=2022)
    drawing = float(data["enterprise_pensioners"] + data["public_pensioners"] + data["invalidity_recipients"])
    recipients, both = float(data["resident_beneficiaries"]), float(data["dual_members"])

    def open_series(one: Result) -> float:
        own = one.dataset.isel(scenario=0, draw=0, region=0).sel(year_end=2022)
        return float(own["members"].sum() + own["resident_contributors"] + own["resident_paused"])

    asked, known = open_series(jiangxi()), open_series(jiangxi("none"))
    assert drawing + recipients - both + asked == pytest.approx(members("", 2022), abs=0.01)
    assert_rows(
        rows,
        {
            "pensioners": drawing,
            "residents who draw": recipients,
            "people in both schemes": both,
            "members and registered residents asked for": asked,
            "the same without the actual": known,
            "factor": asked / known,
        },
    )


def test_note__months_at_the_year_end() -> None:
    (rows,) = note_tables("actuals", "5")
    nation = load_basis("china-2020")
    growth = {}
    for name in ("unemployment_insured", "injury_insured"):
        before, after = nation.path(name, [2021, 2022])
        growth[name] = after / before
    growth["pension_participants"] = members("none", 2022) / members("none", 2021)
    data = jiangxi().dataset.isel(scenario=0, draw=0, region=0).sel(year_end=2022)
    for row in rows:
        name = row["figure"]
        end = float(row["August"].replace(",", "")) * growth[name] ** (4 / 12)
        assert_printed(row["growth of the year"].removesuffix(" %"), 100.0 * (growth[name] - 1.0), name)
        assert_printed(row["end of 2022"], end, name)
        run = members("", 2022) if name == "pension_participants" else float(data[name])
        assert run == pytest.approx(end, abs=0.5)


def test_note__a_month_after_an_entered_year(tmp_path: Path) -> None:
    row = "pension_participants,,万人,366.2,369.0,s,,,"
    made = scenario_with("xuzhou/baseline", tmp_path, "2023,2024-08", row)
    (end,) = (value for where, value in Openings().settled(made).carried.items() if where.endswith("2024-08"))
    assert "(4/8) = 370.41万" in note_text("actuals")
    assert_printed("370.41", end / 1e4, "Xuzhou, August 2024")


def test_note__jiangxi_left_to_itself() -> None:
    rows = note_tables("actuals", "7")[1]
    (judged,) = simengine.judge_scenarios([what_if("jiangxi/baseline", actuals=["compare"])]).values()
    table = judged.actuals.set_index("item")
    for row in rows:
        found = table.loc[row["figure"]]
        assert_printed(row["August 2022"], found["value"] / 1e4, row["figure"])
        assert_printed(row["end of 2022 in the run"], found["run"] / 1e4, row["figure"])
        assert_printed(
            row["difference"].removesuffix(" %"), 100.0 * (found["run"] / found["value"] - 1.0), row["figure"]
        )
    assert abs(table.loc["oa_fund_size", "gap"]) < 0.01
    opened = load_basis("jiangxi-2020")
    rises = {
        name: table.loc[name, "value"] / opened.opening(name) for name in ("unemployment_insured", "injury_insured")
    }
    assert np.round(100.0 * (np.array(list(rises.values())) - 1.0), 1).tolist() == [21.7, 2.0]


def test_note__packaged_tables_and_uses() -> None:
    packaged, uses = note_tables("actuals", "7")[0], note_tables("actuals", "6")[0]
    found = {}
    for row in packaged:
        (judged,) = simengine.judge_scenarios([row["scenario"]]).values()
        found[row["table"]] = set(judged.actuals["use"])
    assert found == {"jiangxi_2022": {"entered", "solved", "compared"}, "china_2025": {"compared"}}
    assert [row["use"] for row in uses] == ["entered", "solved", "compared", "unseen"]
