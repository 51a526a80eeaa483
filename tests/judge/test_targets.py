"""Verdicts: one for every row, the right one, and said in two languages."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.common.errors import SimengineError, TargetError
from simengine.judge.indicators import Definitions
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.compare import Options, margin, rounded, satisfies
from simengine.judge.targets.files import packaged_target_files, read_targets, words
from simengine.judge.targets.rows import Figure, Plan, Target
from simengine.judge.targets.verdicts import VERDICTS, WITHHELD, Verdict, counts, headline, to_frame
from tests.helpers.registry_projection import REGIONS, synthetic

PLANS = ("haiyan", "hubei", "jiangxi", "jingdezhen", "xuzhou", "xuzhou_counties")

SET = {
    *("JX-14-02", "JX-14-03", "JX-14-08", "JX-14-15", "JX-14-17", "JX-14-19", "HB-14-02", "HB-14-03", "HB-14-11"),
    *("HB-14-12", "HY-14-02", "HY-14-13", "HY-14-14", "XZ-14-02", "XZ-14-13", "XZ-14-14", "XZ-14-16"),
    *("XZ-14-17", "XZ-14-18", "XZ-14-22"),
}
JUDGED = {
    *("JX-14-04", "JX-14-05", "JX-14-06", "JX-14-07", "JX-14-11", "JX-14-12", "JX-14-13", "JX-14-16", "JX-14-18"),
    *("HB-14-04", "HB-14-05", "HB-14-06", "HB-14-07", "HB-14-13"),
    *("HY-14-03", "HY-14-04", "HY-14-05", "HY-14-06", "HY-14-09", "HY-14-10", "HY-14-11"),
    *("XZ-14-03", "XZ-14-04", "XZ-14-05", "XZ-14-06", "XZ-14-08", "XZ-14-09", "XZ-14-10", "XZ-14-11", "XZ-14-15"),
}
BASE_YEAR = {f"JDZ-13-{row:02d}" for row in (2, 3, 4, 6, 7, 10, 11, 13, 14, 17, 18, 20)}


@cache
def plan_rows(*names: str) -> tuple[Target, ...]:
    files = packaged_target_files()
    return tuple(read_targets([files[name] for name in names or (*PLANS, "superseding")]))


@pytest.fixture(scope="module")
def projection() -> xr.Dataset:
    return synthetic()


@pytest.fixture(scope="module")
def verdicts(projection: xr.Dataset) -> list[Verdict]:
    return [verdict for verdict in check_targets(projection, plan_rows()) if verdict.scenario == "baseline"]


def by_id(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in verdicts}


def lane(persons: list[float], variable: str = "unemployment_insured", start: int = 2020) -> xr.Dataset:
    """One region, one draw, one stock given year end by year end [persons]."""
    figures = np.array(persons, dtype=float)
    return xr.Dataset(
        {variable: (("scenario", "draw", "region", "year_end"), figures.reshape(1, 1, 1, -1))},
        coords={
            "scenario": ["s"],
            "draw": [0],
            "region": ["haiyan"],
            "year_end": np.arange(start, start + figures.size),
            "year": np.arange(start + 1, start + figures.size),
        },
    )


def row(operator: str = ">=", printed: str = "15.3", year: int = 2025, **more: object) -> Target:
    decimals = len(printed.partition(".")[2])
    fields: dict[str, object] = {
        "id": "T-1",
        "region": "haiyan",
        "record_kind": "target",
        "indicator": "ui_participants",
        "unit": "万人",
        "where": "plan.yaml, line 3",
        "target": Figure(printed, decimals, year, operator),
    }
    return Target(**(fields | more))  # type: ignore[arg-type]


def judge(persons: list[float], target: Target, **options: object) -> Verdict:
    return check_targets(lane(persons), [target], options=Options(**options))[0]  # type: ignore[arg-type]


# --- every row, one verdict -----------------------------------------------------------------------------------------


def test_every_row_has_exactly_one_verdict_in_every_scenario(projection: xr.Dataset) -> None:
    rows = plan_rows()
    everything = check_targets(projection, rows)
    assert len(rows) == 155 + 144 + 3
    assert Counter((item.scenario, item.id) for item in everything) == {
        (scenario, target.id): 1 for scenario in ("baseline", "as_planned") for target in rows
    }
    assert {item.verdict for item in everything} == set(VERDICTS) - {WITHHELD}  # that one needs anchors: test_anchors


def test_counts_add_up_to_the_rows(verdicts: list[Verdict]) -> None:
    assert tuple(counts(verdicts)) == VERDICTS
    assert sum(counts(verdicts).values()) == len(plan_rows())


def test_verdicts_of_the_plans_by_kind(verdicts: list[Verdict]) -> None:
    plans = [item for item in verdicts if item.id[:4] != "XZ-T" and not item.id.startswith("JX-22")]
    assert len(plans) == 155
    kinds = {target.id: target.record_kind for target in plan_rows()}
    repeats = {target.id: target.duplicate_of for target in plan_rows()}
    found: dict[str, set[str]] = {name: set() for name in VERDICTS}
    for item in plans:
        found[item.verdict].add(item.id)
    assert found["set"] == SET
    assert found["met"] | found["missed"] == JUDGED
    assert found["base_year"] == BASE_YEAR
    outcomes = {name for name, kind in kinds.items() if kind == "outcome"}
    assert found["closed"] == outcomes | {name for name, original in repeats.items() if original in outcomes}
    assert len(found["closed"]) == 36 + 3
    assert len(found["statement"]) == 19 - 3
    assert len(found["not_modelled"]) == 155 - sum(len(found[name]) for name in VERDICTS if name != "not_modelled")


def test_annex_cells_are_judged_and_their_base_figures_are_not(verdicts: list[Verdict]) -> None:
    cells = [item for item in verdicts if item.id.startswith("XZ-T")]
    assert Counter(item.verdict in ("met", "missed") for item in cells) == {True: 120, False: 24}
    assert {item.verdict for item in cells if item.id.endswith("-2020")} == {"base_year"}


def test_what_is_not_modelled_gives_its_reason(verdicts: list[Verdict]) -> None:
    for item in verdicts:
        if item.verdict == "not_modelled":
            assert item.reason == "outside"
            assert item.reason_text("en") and item.reason_text("zh")
            assert item.reason_text("en") in item.text("en")


def test_what_is_set_names_the_lever_and_the_value_needed(verdicts: list[Verdict]) -> None:
    found = by_id(verdicts)
    assert found["JX-14-17"].value_needed == "= 90 % (2025)"
    assert found["JX-14-17"].set_by.startswith("law ")
    assert found["XZ-14-16"].value_needed == ">= 21 万人 (2021-2023)"
    assert found["XZ-14-16"].set_by == "lever campaigns"
    assert found["HY-14-02"].set_by == "path surveyed_unemployment_rate"
    for item in verdicts:
        if item.verdict == "set":
            assert item.set_by and item.value_needed, item.id
            assert item.set_by_text("en") in item.text("en")


# --- rounding, signs, margins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (374.5, 0, "375"),
        (374.4999, 0, "374"),
        (23.725, 2, "23.73"),
        (23.7249999, 2, "23.72"),
        (237_250.0 / 1e4, 2, "23.73"),
        (0.955 / 0.01, 1, "95.5"),
        (0.1 + 0.2, 1, "0.3"),
        (-0.04, 1, "0.0"),
        (-0.05, 1, "-0.1"),
        (1e15, 0, "1000000000000000"),
        (0.0, 2, "0.00"),
    ],
)
def test_rounding_is_half_up_at_the_printed_decimals(value: float, decimals: int, expected: str) -> None:
    assert str(rounded(value, decimals)) == expected


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        (">=", False, True, True),
        ("<=", True, True, False),
        (">", False, False, True),
        ("<", True, False, False),
        ("=", False, True, False),
    ],
)
def test_signs(operator: str, below: bool, at: bool, above: bool) -> None:
    goal = Decimal("15.3")
    results = [satisfies(value, operator, goal) for value in (Decimal("15.2"), goal, Decimal("15.4"))]
    assert results == [below, at, above]


@pytest.mark.parametrize(("value", "met"), [("5.2", True), ("5.8", True), ("5.1", False), ("5.9", False)])
def test_about_allows_three_tenths_of_a_point_for_per_cent(value: str, met: bool) -> None:
    assert satisfies(Decimal(value), "≈", Decimal("5.5"), Decimal("0.3")) is met


def test_an_unknown_sign_is_an_error() -> None:
    with pytest.raises(ValueError):
        satisfies(Decimal(1), "~", Decimal(1))


@pytest.mark.parametrize(
    ("persons", "operator", "printed", "met"),
    [
        (152_500.0, ">=", "15.3", True),
        (152_499.0, ">=", "15.3", False),
        (152_500.0, ">", "15.3", False),
        (154_999.0, "<=", "15", True),
        (155_000.0, "<=", "15", False),
        (154_999.0, "<=", "15.5", True),
        (149_999.0, "=", "15", True),
        (144_999.0, "=", "15", False),
    ],
)
def test_comparison_after_rounding(persons: float, operator: str, printed: str, met: bool) -> None:
    verdict = judge([100_000.0] * 5 + [persons], row(operator, printed))
    assert verdict.verdict == ("met" if met else "missed")
    assert verdict.satisfied is met


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [(">=", "15.2", "-0.1"), ("<=", "15.2", "0.1"), ("≈", "15.2", "0.2"), ("=", "15.2", "-0.1"), ("<", "15.3", "0.0")],
)
def test_margin_is_positive_on_the_good_side(operator: str, value: str, expected: str) -> None:
    assert margin(Decimal(value), operator, Decimal("15.3"), Decimal("0.3")) == Decimal(expected)


@settings(deadline=None)
@given(
    value=st.floats(0.0, 1e9, allow_nan=False),
    more=st.floats(0.0, 1e9, allow_nan=False),
    goal=st.integers(0, 10**6),
    decimals=st.integers(0, 3),
    operator=st.sampled_from([">=", ">"]),
)
def test_raising_the_figure_never_turns_met_into_missed(
    value: float, more: float, goal: int, decimals: int, operator: str
) -> None:
    printed = Decimal(goal).scaleb(-decimals)
    low, high = rounded(value, decimals), rounded(value + more, decimals)
    assert high >= low
    assert not satisfies(low, operator, printed) or satisfies(high, operator, printed)
    assert margin(high, operator, printed) >= margin(low, operator, printed)


@settings(deadline=None)
@given(factor=st.floats(1.0, 3.0), index=st.integers(0, 200))
def test_more_insured_persons_never_lose_a_floor(factor: float, index: int) -> None:
    floors = [item for item in plan_rows("xuzhou_counties") if item.target and item.indicator == "ui_participants"]
    target = floors[index % len(floors)]
    data = _COUNTIES
    raised = data.assign(unemployment_insured=data.unemployment_insured * factor)
    before, after = check_targets(data, [target])[0], check_targets(raised, [target])[0]
    assert not (before.verdict == "met" and after.verdict == "missed")
    assert (after.first_year_met or 9999) <= (before.first_year_met or 9999)


_COUNTIES = synthetic(draws=1)


# --- years, flags, readings -----------------------------------------------------------------------------------------


def test_first_year_met_may_lie_after_the_target_year() -> None:
    persons = [140_000.0, 142_000.0, 144_000.0, 146_000.0, 148_000.0, 150_000.0, 153_000.0, 160_000.0]
    verdict = judge(persons, row())
    assert (verdict.verdict, verdict.first_year_met, verdict.margin) == ("missed", 2026, pytest.approx(-0.3))
    assert verdict.projected == 15.0
    assert "2026" in verdict.text("en") and "0.3" in verdict.text("en")


def test_met_at_the_base_by_the_plan_or_by_the_engine() -> None:
    assert "met_at_base" in judge([160_000.0] * 6, row()).flags
    assert "met_at_base" in judge([100_000.0] * 6, row(base=Figure("15.4", 1, 2020))).flags
    assert "met_at_base" not in judge([100_000.0] * 6, row(base=Figure("15.2", 1, 2020))).flags


def test_a_floor_below_the_base_is_flagged_twice(verdicts: list[Verdict]) -> None:
    assert {"met_at_base", "contradicts_itself"} <= set(by_id(verdicts)["HB-14-06"].flags)


def test_repeated_rows_carry_the_verdict_of_their_original(verdicts: list[Verdict]) -> None:
    found = by_id(verdicts)
    repeats = [target for target in plan_rows() if target.duplicate_of]
    assert len(repeats) == 33
    for target in repeats:
        copy, original = found[target.id], found[str(target.duplicate_of)]
        assert (copy.verdict, copy.projected, copy.margin) == (original.verdict, original.projected, original.margin)
        assert "duplicate" in copy.flags and copy.duplicate_of == original.id
        assert set(original.flags) <= set(copy.flags)
        assert copy.record_kind == target.record_kind and not copy.headline


def test_a_repeated_row_without_its_original_is_an_error() -> None:
    with pytest.raises(TargetError, match="JX-14-04"):
        check_targets(lane([1.0] * 6), [replace(row(), id="JX-14-11", duplicate_of="JX-14-04")])


def test_superseded_rows_are_flagged_and_the_later_ones_judged(verdicts: list[Verdict]) -> None:
    found = by_id(verdicts)
    assert {item.id for item in verdicts if "superseded" in item.flags and not item.duplicate_of} == {
        *("JX-14-04", "JX-14-05", "JX-14-06"),
    }
    assert found["JX-14-05"].superseded_by == ("JX-22-02",)
    assert (found["JX-14-05"].printed, found["JX-22-02"].printed) == ("311", "400")
    assert found["JX-22-02"].verdict in ("met", "missed")
    assert found["JX-22-02"].projected == found["JX-14-05"].projected


def test_headline_counts_met_and_missed_once(verdicts: list[Verdict]) -> None:
    judged = [item for item in verdicts if item.verdict in ("met", "missed")]
    restating = [item for item in judged if item.restates]
    repeated = [item for item in judged if item.duplicate_of]
    assert len(restating) == 3
    assert sum(headline(verdicts).values()) == len(judged) - len(restating) - len(repeated)


def test_another_reading_is_shown_and_flagged_when_it_decides() -> None:
    data = _COUNTIES
    target = next(item for item in plan_rows("xuzhou") if item.id == "XZ-14-03")
    base = check_targets(data, [target])[0]
    both = {word: float(text) for word, (text, _) in base.other_readings.items()}
    assert set(both) == {"all_participants"}
    assert base.projected is not None and both["all_participants"] > base.projected
    between = format((both["all_participants"] + base.projected) / 2.0, ".0f")
    harder = replace(target, target=Figure(between, 0, 2025, ">="))
    verdict = check_targets(data, [harder])[0]
    assert verdict.verdict == "missed" and verdict.other_readings["all_participants"][1]
    assert "reading_decides" in verdict.flags
    assert "reading_decides" not in base.flags or base.verdict == "missed"
    swapped = check_targets(data, [harder], options=Options(definitions=Definitions(pension_scope="all_participants")))[
        0
    ]
    assert swapped.verdict == "met" and "all_participants" in swapped.definition_en


def test_definition_and_parameter_are_stated(verdicts: list[Verdict]) -> None:
    found = by_id(verdicts)
    assert "payment_rate_def = payers_over_insured" in found["XZ-14-06"].definition_en
    assert "protection_level_def = average_to_rural_income" in found["HY-14-04"].definition_zh
    assert "pension_scope = insured_not_yet_drawing" in found["XZ-14-03"].definition_en
    assert "pension_scope = all_participants" in found["HY-14-03"].definition_en


# --- closed periods, statements, base years -------------------------------------------------------------------------


def test_closed_rows_compare_the_printed_figures(verdicts: list[Verdict]) -> None:
    found = by_id(verdicts)
    missed = {item.id for item in verdicts if item.verdict == "closed" and item.satisfied is False}
    assert missed == {"JDZ-12-04", "JDZ-12-05", "JDZ-12-07", "HY-13-04"}
    assert found["JDZ-12-02"].satisfied is True, "<3.5 against <3.5"
    assert found["HY-13-04"].flags == ("definition_unclear",)
    assert "not reached" in found["JDZ-12-04"].text("en")


def test_a_backcast_gives_the_engine_figure_beside_closed_rows() -> None:
    rows = plan_rows()
    back, run = synthetic(2010, 2020, seed=1), synthetic(2020, 2030)
    with_it = by_id([item for item in check_targets(run, rows, backcast=back) if item.scenario == "baseline"])
    without = by_id([item for item in check_targets(run, rows) if item.scenario == "baseline"])
    expected = float(back.unemployment_insured.sel(region="jiangxi", year_end=2020, scenario="baseline", draw=0)) / 1e4
    assert with_it["JX-13-05"].projected == pytest.approx(expected, rel=1e-12)
    assert with_it["JX-13-05"].gap_to_actual == float(with_it["JX-13-05"].projected_text) - 292.0
    opening = float(run.unemployment_insured.sel(region="jiangxi", year_end=2020, scenario="baseline", draw=0)) / 1e4
    assert without["JX-13-05"].projected == pytest.approx(opening, rel=1e-12)
    assert with_it["JDZ-12-06"].projected is not None and without["JDZ-12-06"].projected is None
    assert with_it["HB-13-10"].projected is not None, "growth over five years needs the backcast"
    assert counts(with_it.values()) == counts(without.values())
    base = float(run.unemployment_insured.sel(region="xuzhou", year_end=2020, scenario="baseline", draw=0)) / 1e4
    assert with_it["XZ-T8-320300-2020"].projected == pytest.approx(base, rel=1e-12), "base figures: aligned opening"
    parts = {region: back.sel(region=[region]) for region in REGIONS}
    split = check_targets(run, rows, backcast=parts)
    assert [item.projected for item in split if item.scenario == "baseline"] == [
        item.projected for item in with_it.values()
    ]


def test_the_opening_year_decides_what_is_a_base_year() -> None:
    rows = plan_rows("jingdezhen")
    early = by_id(check_targets(synthetic(2015, 2025, draws=1), rows)[: len(rows)])
    judged = {name for name, item in early.items() if item.verdict in ("met", "missed")}
    assert judged == {f"JDZ-13-{number:02d}" for number in (3, 4, 6, 7, 10, 11, 13, 14, 18)}
    assert {name for name, item in early.items() if item.verdict == "set"} == {"JDZ-13-02", "JDZ-13-17", "JDZ-13-20"}
    assert {"contradicts_itself", "met_at_base"} <= set(early["JDZ-13-03"].flags)


# --- what a run does not cover --------------------------------------------------------------------------------------


def test_a_region_or_year_outside_the_run_is_said_so() -> None:
    short = synthetic(2020, 2023, regions=("jiangxi", "xuzhou"), draws=1)
    found = by_id(check_targets(short, plan_rows())[: len(plan_rows())])
    assert (found["HB-14-04"].verdict, found["HB-14-04"].reason) == ("not_modelled", "region_not_in_run")
    assert (found["JX-14-05"].verdict, found["JX-14-05"].reason) == ("not_modelled", "year_not_in_run")
    assert found["JX-14-05"].reason_text("en") == "the run covers 2020 to 2023, not 2025"
    assert found["XZ-T8-320300-2023"].verdict in ("met", "missed")
    assert sum(counts(found.values()).values()) == len(plan_rows())


def test_a_lane_without_numbers_is_a_region_the_scenario_does_not_cover() -> None:
    """A dataset of several scenarios holds no numbers where a scenario has no lane."""
    rows = plan_rows("jiangxi", "hubei")
    data = _COUNTIES.sel(region=["jiangxi", "hubei"])
    data = data.where((data.scenario == "baseline") | (data.region == "jiangxi"))
    found = {(item.scenario, item.id): item for item in check_targets(data, rows)}
    assert found["baseline", "HB-14-05"].verdict in ("met", "missed")
    assert found["as_planned", "HB-14-05"].reason == "region_not_in_run"
    assert found["as_planned", "JX-14-05"].verdict in ("met", "missed")
    assert found["as_planned", "HB-13-04"].verdict == "closed"


def test_a_sum_runs_from_the_start_of_the_plan() -> None:
    target = next(item for item in plan_rows("xuzhou") if item.id == "XZ-14-16")
    data = _COUNTIES
    flows = data.enterprise_gross_enlargement.sel(scenario="baseline", draw=0, region="xuzhou")
    verdict = check_targets(data, [target])[0]
    assert verdict.projected == pytest.approx(float(flows.sel(year=[2021, 2022, 2023]).sum()) / 1e4, rel=1e-12)
    late = synthetic(2021, 2030, draws=1)
    assert check_targets(late, [target])[0].reason == "window_not_in_run"


def test_a_cumulative_stock_is_an_error() -> None:
    with pytest.raises(TargetError, match="stock"):
        judge([1.0] * 6, row(cumulative=True, plan=Plan("p", 2021, 2025)))


def test_a_measure_without_a_value_is_not_judged() -> None:
    data = _COUNTIES.assign(resident_new_surplus=_COUNTIES.resident_new_surplus * 0.0)
    target = next(item for item in plan_rows("jiangxi") if item.id == "JX-14-08")
    verdict = check_targets(data, [target])[0]
    assert (verdict.verdict, verdict.reason, verdict.projected) == ("set", "no_value", None)
    lost = _COUNTIES.assign(injury_insured=_COUNTIES.injury_insured * np.nan)
    target = next(item for item in plan_rows("jiangxi") if item.id == "JX-14-06")
    verdict = check_targets(lost, [target])[0]
    assert (verdict.verdict, verdict.reason) == ("not_modelled", "no_value")


def test_years_of_service_are_a_length_and_no_event() -> None:
    """29 recognised years meet a target of 28.5; without a new pensioner nothing is judged."""
    target = row(">=", "28.5", 2025, indicator="award_years", unit="年")
    flows = {"awards": _COUNTIES.awards, "award_service": 29.0 * _COUNTIES.awards}
    verdict = check_targets(_COUNTIES.assign(flows), [target])[0]
    assert (verdict.verdict, verdict.projected_text, verdict.margin) == ("met", "29.0", 0.5)
    none = {name: 0.0 * values for name, values in flows.items()}
    verdict = check_targets(_COUNTIES.assign(none), [target])[0]
    assert (verdict.verdict, verdict.reason) == ("not_modelled", "no_value")


@pytest.mark.parametrize(("operator", "expected"), [(">=", "met"), ("<=", "missed")])
def test_a_fund_that_never_runs_dry_satisfies_not_before(operator: str, expected: str) -> None:
    data = _COUNTIES.assign(fund_balance=abs(_COUNTIES.fund_balance))
    target = row(operator, "2028", 2028, indicator="exhaustion_year", unit="年", fund="resident")
    verdict = check_targets(data, [target])[0]
    assert (verdict.verdict, verdict.projected_text, verdict.reason) == (expected, "> 2030", "never")


def test_missing_variables_are_named_all_at_once() -> None:
    with pytest.raises(SimengineError) as caught:
        check_targets(_COUNTIES.drop_vars(["injury_insured", "minimum_wage"]), plan_rows())
    assert "injury_insured" in str(caught.value) and "minimum_wage" in str(caught.value)


# --- draws ----------------------------------------------------------------------------------------------------------


def test_share_of_draws_leaves_the_central_one_out() -> None:
    persons = np.full((1, 5, 1, 6), 100_000.0)
    persons[0, [1, 2, 3], 0, 5] = 200_000.0
    data = lane([0.0] * 6).assign_coords(draw=[0]).isel(draw=[0] * 5).assign_coords(draw=np.arange(5))
    data = data.assign(unemployment_insured=(("scenario", "draw", "region", "year_end"), persons))
    verdict = check_targets(data, [row()])[0]
    assert verdict.verdict == "missed"
    assert verdict.probability_met == 0.75
    assert verdict.probability_error == pytest.approx((0.75 * 0.25 / 4.0) ** 0.5, rel=1e-15)
    other = check_targets(data, [row()], options=Options(central_draw=2))[0]
    assert (other.verdict, other.probability_met) == ("met", 0.5)


def test_one_draw_gives_no_share() -> None:
    assert judge([160_000.0] * 6, row()).probability_met is None


# --- tables and sentences -------------------------------------------------------------------------------------------


def test_table_has_a_row_for_every_verdict_and_all_columns(verdicts: list[Verdict]) -> None:
    frame = to_frame(verdicts)
    assert list(frame.columns) == list(words()["columns"])
    assert list(frame["id"]) == [item.id for item in verdicts]
    assert Counter(frame["verdict"]) == {name: number for name, number in counts(verdicts).items() if number}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_table_for_readers_is_translated(lang: str, verdicts: list[Verdict]) -> None:
    key = words()
    frame = to_frame(verdicts, lang, for_readers=True)
    assert list(frame.columns) == [entry[lang] for entry in key["columns"].values()]
    head = key["columns"]["verdict"][lang]
    assert set(frame[head]) == {entry[lang] for name, entry in key["verdicts"].items() if name != WITHHELD}
    said = {word for cell in frame[key["columns"]["flags"][lang]] for word in cell.split("; ") if word}
    assert said <= {entry[lang] for entry in key["flags"].values()}


def test_an_empty_list_gives_an_empty_table() -> None:
    assert list(to_frame([]).columns) == list(words()["columns"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_carry_the_figures(lang: str, verdicts: list[Verdict]) -> None:
    for item in verdicts:
        sentence = item.text(lang)
        assert item.id in sentence and "{" not in sentence
        if item.projected_text and item.verdict != "not_modelled":
            assert item.projected_text in sentence
        if item.verdict in ("met", "missed", "closed", "base_year"):
            assert item.printed in sentence


def test_a_changed_figure_changes_the_sentence() -> None:
    before, after = judge([100_000.0] * 6, row()), judge([110_000.0] * 6, row())
    assert before.text("en") != after.text("en") and before.text("zh") != after.text("zh")


def test_every_word_exists_in_both_languages() -> None:
    for section, entries in words().items():
        for name, entry in entries.items():
            assert entry["en"] and entry["zh"], f"{section}.{name}"
    assert set(words()["verdicts"]) == set(VERDICTS)
