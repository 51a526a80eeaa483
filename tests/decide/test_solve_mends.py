"""Goals that are met as they stand, values that rounding hides, ties, and packaged levers tried by name."""

from __future__ import annotations

import io

import numpy as np
import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.decide.solve.trying import Tried, try_levers
from simengine.judge.targets.verdicts import Verdict
from simengine.report.tables.solved import show_solution, show_tried
from simengine.scenario.scenario import Scenario

EMPLOYER = "pension/rate_employer=2030-01-01:4%..24%!"


def told(show: object, found: object, lang: str) -> str:
    text = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")  # no cell is broken
        show(found, lang, text)  # type: ignore[operator]
    return "".join(text.getvalue().split())


def balance(scenario: Scenario) -> np.ndarray:
    data = simengine.judge_scenarios(scenario)[scenario.key].projection.isel(scenario=0, draw=0, region=0)
    return np.asarray(data.fund_balance.sel(fund="enterprise_pension").values)


def test_goal_met_as_it_stands__needs_no_mend_and_tells_how_far_the_lever_can_go() -> None:
    found = simengine.solve("china/baseline", lever=EMPLOYER, goal="lasts=2050", closures=False)
    (row,) = found.answers.to_dict("records")
    assert row["met_as_is"] and row["cost"] != row["cost"]
    assert row["status"] == "found" and row["value"] < 0.16  # below the rate in law
    assert balance(found.scenario_at(row["value"]))[10:31].min() >= 0.0  # year ends of 2030 to 2050
    assert balance(found.scenario_at(row["value"] - 0.0001))[10:31].min() < 0.0
    fall = f"canfallto{100 * row['value']:.10g}%"
    assert "metasitstands,nomendneeded" in told(show_solution, found, "en") and fall in told(show_solution, found, "en")
    assert "现状已达到，无需调整" in told(show_solution, found, "zh")
    assert "lowestyearendfrom2030on" in told(show_solution, found, "en")


def test_two_levers_on_a_goal_met_as_it_stands__have_no_cheapest_mend() -> None:
    found = simengine.solve(
        "china/baseline", lever=[EMPLOYER, "pension/rate_flexible=2030-01-01:14%..26%"], goal="lasts=2035"
    )
    (row,) = found.answers.to_dict("records")
    assert row["status"] == "as_is" and row["value"] != row["value"] and found.line.empty
    assert (
        "metasitstands" in told(show_solution, found, "en") and "cheapest" not in told(show_solution, found, "en")[200:]
    )


@pytest.fixture(scope="module")
def two() -> simengine.decide.solve.Solution:
    """A goal that is missed: a cut of one rate paid for by the other would be a give-away."""
    return simengine.solve(
        "china/baseline",
        lever=["pension/rate_employer=2030-01-01:12%..30%!", "pension/rate_flexible=2030-01-01:16%..40%!"],
        goal="lasts=2055", points=5,
    )  # fmt: skip


def test_two_levers__are_searched_on_the_side_that_mends(two: simengine.decide.solve.Solution) -> None:
    (row,) = two.answers.to_dict("records")
    assert row["status"] == "found" and not row["met_as_is"]
    assert (row["low"], row["low_second"]) == pytest.approx((0.16, 0.20))  # the rates in law: no less is a mend
    line = two.line[two.line["status"] != "none"]
    assert (line["first"] >= 0.16 - 1e-12).all() and (line["second"] >= 0.20 - 1e-12).all()
    assert two.line["first"].is_unique
    assert balance(two.scenario_at(row["value"], row["second"]))[10:36].min() >= 0.0


def test_row_that_rounding_meets__tells_the_value_that_reaches_the_figure_itself() -> None:
    """The plan prints 400 万人: 399.5 is rounded to it."""
    found = simengine.solve(
        "jiangxi/baseline", lever="unemployment_insured=2025:380万..410万", goal="row=JX-22-02", step=100,
        closures=False,
    )  # fmt: skip
    (row,) = found.answers.to_dict("records")
    assert row["value"] == pytest.approx(3_995_000.0, abs=100.0) and row["unrounded"] == pytest.approx(4e6, abs=100.0)
    made = found.scenario_at(row["unrounded"])
    verdict: Verdict = next(one for one in simengine.judge_scenarios(made)[made.key].verdicts if one.id == "JX-22-02")
    assert verdict.projected is not None and 400.0 <= verdict.projected < 400.02
    assert "Unrounded" in told(show_solution, found, "en") and "不舍入" in told(show_solution, found, "zh")


@pytest.fixture(scope="module")
def tried() -> Tried:
    return try_levers("xuzhou/baseline", goal="row=XZ-14-04", names="xuzhou_small_firms,neutral,xuzhou_gross_300k_2025")


def test_packaged_levers__are_ranked_by_cost_where_they_meet_the_goal(tried: Tried) -> None:
    rows = {row["lever"]: row for row in tried.rows.to_dict("records")}
    assert {*rows} == {"xuzhou_small_firms", "neutral", "xuzhou_gross_300k_2025"}
    small = rows["xuzhou_small_firms"]
    made = simengine.what_if("xuzhou/baseline", levers=["xuzhou_small_firms"])
    verdict = next(one for one in simengine.judge_scenarios(made)[made.key].verdicts if one.id == "XZ-14-04")
    assert small["status"] == "meets" and verdict.verdict == "met"
    assert small["reached"] == pytest.approx(verdict.projected, rel=1e-12)
    meet = tried.rows[tried.rows["status"] == "meets"]
    assert meet["cost"].is_monotonic_increasing and meet["rank"].tolist() == list(range(1, len(meet) + 1))
    assert rows["neutral"]["status"] == "still" and rows["neutral"]["cost"] == 0.0
    assert "不起作用：neutral" in told(show_tried, tried, "zh") and "Actonnothing" in told(show_tried, tried, "en")


def test_packaged_lever__that_is_not_there_is_told_with_all_that_is_wrong() -> None:
    with pytest.raises(SimengineError) as caught:
        try_levers("xuzhou/baseline", goal="row=XZ-99", names="small_firms,gross")
    assert sorted(one.code for one in each_error(caught.value)) == [
        "lever_unknown",
        "lever_unknown",
        "solve_row_unknown",
    ]
