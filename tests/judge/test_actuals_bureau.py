"""A bureau enters its own years in one file: the years are exact, the opening and every row of the plan stand."""

from __future__ import annotations

from pathlib import Path

import pytest

import simengine
from simengine.engine.what_if import what_if
from simengine.judge.indicators import registry
from simengine.judge.run import Judged
from simengine.scenario.scenario import load_scenario
from tests.helpers.actual_tables import table

YEARS = "2021,2022,2023,2024"
BUREAUS = {
    "xuzhou": ("XZ-14-04,,万人,88.2,91.5,94.9,97.2,年报,,,", "XZ-14-05,,万人,105,107.5,110.25,113,年报,,,"),
    "haiyan": ("ui_participants,,万人,14.3,14.9,15.2,15.6,年报,,,", "wi_participants,,万人,25,26.1,27.2,28,年报,,,"),
    "jingdezhen": (
        "ui_participants,,万人,17.5,18.1,18.6,18.9,年报,,,", "wi_participants,,万人,36.1,37.2,38.6,39.9,年报,,,",
    ),
}  # fmt: skip


AREAS = [f"xuzhou_{name}" for name in ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")]
JUDGED = ("met", "missed")


def run_of(region: str, folder: Path) -> tuple[Judged, Judged]:
    """The judged baseline of a region, and with the four years of its bureau."""
    base = load_scenario(f"{region}/baseline")
    with_own = what_if(base, actuals=[table(folder, YEARS, *BUREAUS[region], name="bureau")])
    judged = simengine.judge_scenarios([base, with_own])
    return judged[base.key], judged[with_own.key]


@pytest.mark.parametrize("region", BUREAUS)
def test_bureau__enters_four_years_of_two_branches(region: str, tmp_path: Path) -> None:
    base, own = run_of(region, tmp_path)
    entered = own.actuals
    assert len(entered) == 8 and set(entered["use"]) == {"entered"}
    assert entered["gap"].abs().max() < 1e-12
    assert entered["run"].tolist() == pytest.approx(entered["value"].tolist(), rel=1e-12)
    opening = [frame.drop(columns="scenario", errors="ignore") for frame in (base.position, own.position)]
    assert opening[0].equals(opening[1])
    before, after = ({row.id: row for row in one.verdicts} for one in (base, own))
    assert before.keys() == after.keys()
    judged = {key for key, row in before.items() if row.verdict in JUDGED}
    assert judged == {key for key, row in after.items() if row.verdict in JUDGED} and judged
    assert all(own.identities["ok"])


def test_xuzhou__keeps_its_144_county_rows_and_judges_them(tmp_path: Path) -> None:
    base, own = run_of("xuzhou", tmp_path)
    rows = {row.id: row for row in own.verdicts if row.id.startswith("XZ-T")}
    before = {row.id: row for row in base.verdicts if row.id in rows}
    assert len(rows) == 144
    changed = [key for key, row in rows.items() if (row.verdict in JUDGED) != (before[key].verdict in JUDGED)]
    assert not changed and sum(row.verdict in JUDGED for row in rows.values()) >= 120
    areas = [
        row for row in rows.values() if row.region != "xuzhou" and row.year in (2021, 2024) and row.id[:5] == "XZ-T8"
    ]
    assert len(areas) == 14
    for year, value in ((2021, 88.2), (2024, 97.2)):
        assert sum(row.projected for row in areas if row.year == year) == pytest.approx(value, rel=1e-12)
    projected = {row.id: row.projected for row in own.verdicts}
    assert projected["XZ-T8-320300-2024"] == pytest.approx(97.2, abs=1e-9)
    assert projected["XZ-T7-320300-2022"] == pytest.approx(107.5, abs=1e-9)


def test_bureau__of_xuzhou_may_write_a_total_that_the_plan_prints(tmp_path: Path) -> None:
    base = load_scenario("xuzhou/baseline")
    path = table(tmp_path, "2022", "XZ-14-03,,万人,360,年报,,,")
    (own,) = simengine.judge_scenarios([what_if(base, actuals=[path])]).values()
    assert own.actuals["run"].tolist() == pytest.approx([3_600_000], abs=7 * 0.5)
    assert own.actuals["use"].tolist() == ["solved"]


def test_missed_figure__is_told_after_the_run(tmp_path: Path) -> None:
    path = table(tmp_path, "2023", "resident_registered,,万人,39000,年报,,,")
    (own,) = simengine.judge_scenarios([what_if("china/baseline", actuals=["none", path])]).values()
    assert own.actuals["gap"].iloc[0] < -1e-4
    assert any("not enough people" in remark.en and "可参保的人不足" in remark.zh for remark in own.remarks)


def test_jiangxi__against_august_2022_with_the_actuals_left_out() -> None:
    """Pension members and the annuity fund are met; the two branches miss, which the notes explain."""
    (left_out,) = simengine.judge_scenarios([what_if("jiangxi/baseline", actuals=["compare"])]).values()
    gaps = dict(zip(left_out.actuals["item"], left_out.actuals["run"] / left_out.actuals["value"] - 1.0, strict=True))
    assert set(left_out.actuals["use"]) == {"compared"}
    assert abs(gaps["pension_participants"]) < 0.05
    assert gaps["unemployment_insured"] == pytest.approx(-0.098, abs=0.005)
    assert gaps["injury_insured"] == pytest.approx(0.089, abs=0.005)
    fund = left_out.actuals.set_index("item").loc["oa_fund_size"]
    assert abs(fund["gap"]) < 0.05


def test_jiangxi__as_planned_is_held_against_them_and_knows_none() -> None:
    (planned,) = simengine.judge_scenarios(["jiangxi/as_planned"]).values()
    assert planned.actuals["use"].tolist() == ["unseen", "unseen", "unseen", "compared"]
    (without,) = simengine.judge_scenarios([what_if("jiangxi/as_planned", actuals=["none"])]).values()
    assert (
        planned.projection["unemployment_insured"].values == without.projection["unemployment_insured"].values
    ).all()


def test_nation__all_pension_members_of_2025_within_one_per_cent() -> None:
    (nation,) = simengine.judge_scenarios(["china/baseline"]).values()
    assert nation.actuals["use"].tolist() == ["compared", "compared"]
    assert nation.actuals["gap"].abs().max() < 0.01


def test_impossible_result__names_what_was_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simengine.cli import main as cli

    # 206 thousand employees are obliged to be insured in 2021: 215 thousand insured are more than there can be
    path = table(tmp_path, "2021", "ui_participants,,万人,21.5,年报,,,")
    monkeypatch.setenv("COLUMNS", "200")
    command = ["check", "jingdezhen/baseline", "--actuals", str(path), "--lang", "en", "--quiet"]
    assert cli.execute(command) == cli.INTEGRITY
    told = capsys.readouterr().err
    assert "ui_coverage_rate" in told and "entered as actuals (ui_participants)" in told


def test_xuzhou__goes_on_from_the_entered_coverage_and_falls_no_more(tmp_path: Path) -> None:
    """369.0万 at the end of 2024 stand above 98.5 % of the plan's denominator: registrations go on, the rate stays."""
    path = table(tmp_path, YEARS, "pension_participants,,万人,360.1,363.5,366.2,369.0,年鉴,,,", name="own")
    made = what_if("xuzhou/baseline", actuals=[path])
    base, own = simengine.judge_scenarios([load_scenario("xuzhou/baseline"), made]).values()
    assert own.actuals["run"].tolist() == pytest.approx([3_601_000, 3_635_000, 3_662_000, 3_690_000], abs=7 * 0.5)
    data = own.projection.isel(scenario=0, draw=0)
    rates = registry()["pension_coverage_rate"](own.projection, own.definitions).isel(scenario=0, draw=0)
    before, heads = (
        registry()["pension_participants"](one.projection, one.definitions).sel(region="xuzhou").squeeze()
        for one in (base, own)
    )
    for year in (2025, 2026, 2027):
        entries = data["resident_entries"].sel(year=year, region=AREAS)
        assert (
            float(entries.sum()) > 0.0 and int((entries > 0.0).sum()) >= len(AREAS) - 1
        )  # the urban area has reached it
        growth = [float(one.sel(year_end=year) / one.sel(year_end=year - 1)) for one in (before, heads)]
        assert growth[1] > growth[0] - 0.004  # 2025: -1.2 %, -2.2 % without the figures, -2.6 % with the ceiling alone
    first, later = rates.sel(year_end=2024), rates.sel(year_end=2027)
    assert (first > 0.985).all() and (abs(later - first) < 0.001).all()
    (line, *others) = own.remarks
    assert "4 solved" in line.en and "求解4个" in line.zh and "from 1.01" in line.en
    assert "1.0110 (2021" in others[0].en and "1.0110（2021" in others[0].zh


def test_areas__that_miss_their_figures_share_one_paragraph(tmp_path: Path) -> None:
    rows = [f"resident_registered,{area},万人,300,年鉴,,yes," for area in ("沛县", "丰县")]
    path = table(tmp_path, "2022", *rows)
    (own,) = simengine.judge_scenarios([what_if("xuzhou/baseline", actuals=[path])]).values()
    missed = [remark for remark in own.remarks if "fewer in 2 areas" in remark.en]
    assert len(missed) == 1
    assert "Pei County 300 万人" in missed[0].en and "沛县300 万人" in missed[0].zh and "2个地区" in missed[0].zh
