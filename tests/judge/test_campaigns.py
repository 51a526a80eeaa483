"""What campaigns asked for and found, on real regions: by pool, in time for a pension, missing (notes/campaigns.md)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import simengine
from simengine.common.errors import SimengineError
from simengine.judge.run import Judged, JudgedRun
from simengine.report.tables.findings import campaign_lines
from tests.helpers.note_tables import assert_printed, note_tables

LEVER = 'name: {en: L, local: 杠杆}\nreason: "a test"\n'
DRIVE = (
    "campaigns: [{{id: drive, status: {status}, kind: {kind}, total: {total}, years: [2026, 2030], {more}reason: x}}]\n"
)
EMPLOYEES = ["enterprise_pensioners", "public_pensioners"]


def judge(folder: Path, lever: str, extends: str = "jiangxi/baseline", years: str = "[2021, 2032]") -> JudgedRun:
    """A scenario with one lever beside the same years without it."""
    (folder / "lever.yaml").write_text(LEVER + lever, encoding="utf-8")
    (folder / "plain.yaml").write_text(f"extends: {extends}\nyears: {years}\n", encoding="utf-8")
    (folder / "own.yaml").write_text("extends: ./plain.yaml\nlevers: [./lever.yaml]\n", encoding="utf-8")
    return simengine.judge_scenarios([folder / "own.yaml", folder / "plain.yaml"])


def drive(status: str, total: int, more: str = "", kind: str = "additional") -> str:
    return DRIVE.format(status=status, total=total, more=f"{more}, " if more else "", kind=kind)


def row_of(judged: Judged) -> dict[str, object]:
    (row,) = judged.campaigns.to_dict("records")
    return row


def of(judged: Judged, region: str = "jiangxi") -> xr.Dataset:
    return judged.projection.sel(region=region).isel(scenario=0, draw=0)


# --- the employees' scheme --------------------------------------------------------------------------------------------


def test_campaign__says_what_it_wanted_found_and_missed_and_from_when(tmp_path: Path) -> None:
    judged = judge(tmp_path, drive("flexible", 20_000_000, "pools: [paused, none]"))["own"]
    row, data = row_of(judged), of(judged)
    assert (row["status"], row["campaigns"], row["first"], row["last"]) == ("flexible", "drive", 2026, 2030)
    assert row["planned"] == row["wanted"] == pytest.approx(20e6) and row["first_missing"] == 2026
    assert row["paused"] + row["none"] == pytest.approx(row["found"]) and row["resident"] == 0.0
    assert row["found"] + row["missing"] == pytest.approx(20e6) and row["missing"] > 10e6
    missing = data["campaign_missing_flexible"].sel(year=slice(2026, 2030))
    assert row["missing"] == pytest.approx(float(missing.sum())) and bool((missing > 0.0).all())
    assert float(data["campaign_missing_enterprise"].max()) == 0.0
    assert 0.0 < row["in_time"] < row["found"], "paused members of every age come back"
    assert judged.identities.set_index("check").loc["campaigns", "ok"], "what is missing is part of the account"
    (english,), (chinese,) = (campaign_lines(judged.campaigns, lang) for lang in ("en", "zh"))
    assert english.startswith("Campaign drive (flexible payers; own): of 20,000,000 persons wanted")
    assert "paused members" in english and "will get no pension unless" in english and "in 2026." in english
    assert chinese.startswith("扩面drive（灵活就业缴费人员；own）：2026至2030年在正常新增之外拟增20,000,000人")
    assert "断缴人员" in chinese and "不能领取养老金" in chinese and "自2026年起不足" in chinese


def test_campaign__that_finds_everybody_lacks_nobody(tmp_path: Path) -> None:
    judged = judge(tmp_path, drive("enterprise", 100_000, "pools: [none, resident, paused]"))["own"]
    row = row_of(judged)
    assert row["wanted"] == row["found"] == pytest.approx(1e5) and row["missing"] == 0.0
    assert row["in_time"] == pytest.approx(1e5), "nobody enters who cannot reach the minimum years"
    assert pd.isna(row["first_missing"])
    (line,) = campaign_lines(judged.campaigns, "en")
    assert "All of them have the minimum years or can still reach them" in line and "missing" not in line


def test_campaigns__of_both_statuses_are_told_apart(tmp_path: Path) -> None:
    pools = "pools: [none, resident]"
    second = drive("flexible", 30_000, f"{pools}, ages: [40, 58]").replace("id: drive", "id: other")
    lever = drive("enterprise", 50_000, pools).replace("}]\n", "}, ") + second.removeprefix("campaigns: [")
    judged = judge(tmp_path, lever)["own"]
    rows = judged.campaigns.set_index("status")
    assert rows.loc["enterprise", "found"] == rows.loc["enterprise", "in_time"] == pytest.approx(50_000.0)
    assert rows.loc["flexible", "found"] == pytest.approx(30_000.0)
    assert rows.loc["flexible", "in_time"] < 15_000.0


@pytest.mark.parametrize("status", ["unemployment", "injury"])
def test_campaign_of_a_branch__stops_at_the_people_who_can_be_insured(tmp_path: Path, status: str) -> None:
    row = row_of(judge(tmp_path, drive(status, 25_000_000))["own"])
    assert row["found"] < 24e6 and row["missing"] == pytest.approx(25e6 - row["found"])
    judged = judge(tmp_path, drive(status, 50_000))["own"]
    assert row_of(judged)["missing"] == 0.0 and campaign_lines(judged.campaigns, "en") == []


def test_campaign_of_a_city__adds_up_its_areas(tmp_path: Path) -> None:
    judged = judge(tmp_path, drive("flexible", 3_000_000, "pools: [paused, none]"), "xuzhou/baseline")["own"]
    row, city = row_of(judged), of(judged, "xuzhou")
    assert row["wanted"] == pytest.approx(float(city["campaign_top_up_flexible"].sum()), rel=1e-12)
    assert row["missing"] == pytest.approx(float(city["campaign_missing_flexible"].sum()))
    assert row["in_time"] == pytest.approx(float(city["campaign_in_time"].sum()))


def test_gross_campaign__a_known_level_contains_it() -> None:
    """Xuzhou's baseline knows its levels of 2021 to 2023: the 210,000 are compared with who entered, none is added."""
    judged = simengine.judge_scenarios([simengine.what_if("xuzhou/baseline", levers=["xuzhou_gross_210k_2023"])])
    (judged,) = (judged[scenario.key] for scenario in judged.scenarios)
    row = row_of(judged)
    assert row["planned"] == 210_000.0 and row["wanted"] == 0.0
    assert row["contained"] == pytest.approx(210_000.0 - row["ordinary"])
    (line,) = campaign_lines(judged.campaigns, "en")
    assert "is known and contains it" in line
    assert float(of(judged, "xuzhou")["campaign_top_up_enterprise"].sum()) == 0.0


def test_gross_campaign__is_reported_inert_where_ordinary_entries_suffice(tmp_path: Path) -> None:
    judged = judge(tmp_path, drive("enterprise", 50_000, "pools: [none]", kind="gross"))["own"]
    row = row_of(judged)
    assert row["wanted"] == 0.0 and row["ordinary"] > row["planned"] == 50_000.0
    (english,), (chinese,) = (campaign_lines(judged.campaigns, lang) for lang in ("en", "zh"))
    assert "so it adds nobody" in english and "扩面不再增加" in chinese


# --- ten millions of the nation ---------------------------------------------------------------------------------------


Nation = tuple[JudgedRun, list[str]]


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Nation:
    """Ten million flexible payers in 2026-2030, of the default ages and of 35 to 55, beside the baseline."""
    folder = tmp_path_factory.mktemp("nation")
    (folder / "plain.yaml").write_text("extends: china/baseline\nyears: [2021, 2060]\n", encoding="utf-8")
    names = ["plain"]
    scenarios: list[object] = [folder / "plain.yaml"]
    for name, ages in (("reaching", ""), ("of_35_to_55", ", ages: [35, 55]")):
        lever = folder / f"{name}.yaml"
        lever.write_text(LEVER + drive("flexible", 10_000_000, f"pools: [none, resident]{ages}"), encoding="utf-8")
        scenarios.append(simengine.what_if(folder / "plain.yaml", levers=[lever]))
        names.append(f"plain+{name}")
    return simengine.judge_scenarios(scenarios), names


def more(nation: Nation, which: int, variables: list[str], year: int, **labels: object) -> float:
    """Heads of a run less those without its campaign, at a year end [millions]."""
    run, names = nation
    data, plain = of(run[names[which]], "china"), of(run[names[0]], "china")
    parts = [(data[name] - plain[name]).sel(year_end=year, **labels).sum() for name in variables]
    return float(sum(parts)) / 1e6


def test_note__ten_millions(nation: Nation) -> None:
    """Every figure of notes/campaigns.md, section 5 [millions]."""
    run, names = nation
    payers = {"status": ["enterprise", "flexible", "public"]}
    found: dict[str, list[float]] = {}
    for which in (1, 2):
        row = row_of(run[names[which]])
        parts = {
            "found among people without a scheme": row["none"],
            "found among the registered residents": row["resident"],
            "in time for the minimum years": row["in_time"],
            "more employees' pensions, in the year in which they are most": row["pensions"],
            "more residents' pensions in that year": row["resident_pensions"],
        }
        for name, heads in parts.items():
            assert isinstance(heads, float)
            found.setdefault(name, []).append(heads / 1e6)
        for year in (2030, 2055, 2060):
            heads = more(nation, which, ["members"], year, **payers)
            found.setdefault(f"more payers at the end of {year}", []).append(heads)
    (rows,) = note_tables("campaigns", "5")
    assert [row["quantity"] for row in rows if row["quantity"] not in found] == [] and len(rows) == len(found)
    for row in rows:
        for column, value in zip(("35 to the last age in time", "35 to 55"), found[row["quantity"]], strict=True):
            assert_printed(row[column], value, f"{row['quantity']}, {column}")


def test_ten_millions__age_and_leave_and_who_draws_a_pension_is_counted(nation: Nation) -> None:
    """Payers beyond those of the run without: 8 of 10 million in 2030, under a tenth in 2055, none in 2060."""
    run, names = nation
    payers = {"status": ["enterprise", "flexible", "public"]}
    heads = {year: more(nation, 1, ["members"], year, **payers) for year in (2030, 2045, 2055, 2060)}
    assert 7.0 < heads[2030] < 9.0 and heads[2045] < heads[2030]
    assert heads[2055] < 1.0 and heads[2060] <= 0.0
    row = row_of(run[names[1]])
    assert row["found"] == row["in_time"] == pytest.approx(10e6)
    drawing = {year: more(nation, 1, EMPLOYEES, year) for year in (2030, 2050, 2060)}
    assert drawing[2060] > 2.0 and abs(drawing[2030]) < 0.05
    year, most = row["pension_year"], row["pensions"]
    assert isinstance(year, int) and isinstance(most, float)
    assert most / 1e6 == pytest.approx(more(nation, 1, EMPLOYEES, year)) and most / 1e6 >= max(drawing.values())
    assert row["resident_pensions"] / 1e6 == pytest.approx(more(nation, 1, ["resident_beneficiaries"], year))


def test_ten_millions__of_35_to_55_are_mostly_too_late(nation: Nation) -> None:
    run, names = nation
    row = row_of(run[names[2]])
    assert row["found"] == pytest.approx(10e6) and row["in_time"] == pytest.approx(1.74e6, rel=0.1)
    (line,) = campaign_lines(run[names[2]].campaigns, "en")
    assert "cannot and will get no pension unless they pay on or pay up" in line
    assert more(nation, 2, EMPLOYEES, 2060) < more(nation, 1, EMPLOYEES, 2060)


# --- the residents' scheme --------------------------------------------------------------------------------------------


def test_residents__are_found_by_pool_and_leave_ordinary_registrations_alone(tmp_path: Path) -> None:
    limits = "pools: [elderly, paused, none], limits: {elderly: 20_000, paused: 30_000}"
    run = judge(tmp_path, drive("resident", 500_000, limits))
    row, data, plain = row_of(run["own"]), of(run["own"]), of(run["plain"])
    assert [row[pool] for pool in ("elderly", "paused", "none")] == pytest.approx([1e5, 1.5e5, 2.5e5])
    assert row["found"] == row["wanted"] == pytest.approx(5e5) and row["missing"] == 0.0
    assert pd.isna(row["in_time"]), "the residents' scheme asks for no minimum"
    assert run.sound
    ordinary = data["resident_entries"] - data["campaign_resident_from_none"]
    first = {"year": slice(2026, 2026)}
    assert float((ordinary - plain["resident_entries"]).sel(first).max()) == pytest.approx(0.0, abs=1e-3)
    end = {"year_end": 2026}
    assert float((data["resident_beneficiaries"] - plain["resident_beneficiaries"]).sel(end)) == pytest.approx(2e4)
    heads = data["resident_contributors"] + data["resident_paused"]
    heads = heads - plain["resident_contributors"] - plain["resident_paused"]
    assert float(heads.sel(end)) == pytest.approx(5e4)
    paying = (data["resident_contributors"] - plain["resident_contributors"]).sel(end)
    share = float(
        (plain["resident_contributors"] / (plain["resident_contributors"] + plain["resident_paused"])).sel(end)
    )
    assert float(paying) == pytest.approx(3e4 + 5e4 * share, rel=0.02)
    (english,), (chinese,) = (campaign_lines(run["own"].campaigns, lang) for lang in ("en", "zh"))
    assert english.startswith("Campaign drive (residents' scheme; own): of 500,000 persons wanted")
    assert "150,000 registered residents who pay again" in english and "到龄无养老金人员100,000人" in chinese
    assert 95_000.0 < row["resident_pensions"] < 250_000.0 and "draw a residents' pension at the end of" in english


def test_residents__pools_by_default_are_the_old_then_who_stopped_paying(tmp_path: Path) -> None:
    run = judge(tmp_path, drive("resident", 2_000_000))
    row, data = row_of(run["own"]), of(run["own"])
    assert row["elderly"] > 0.0 and row["paused"] > 0.0 and row["none"] == 0.0
    first = {"year": 2026}
    assert float(data["campaign_resident_from_paused"].sel(first)) == pytest.approx(
        4e5 - float(data["campaign_resident_from_elderly"].sel(first))
    )


def test_residents__of_a_city_share_heads_and_limits_over_its_areas(tmp_path: Path) -> None:
    lever = drive("resident", 50_000, "pools: [paused, elderly], limits: {paused: 4_000}")
    judged = judge(tmp_path, lever, "xuzhou/baseline")["own"]
    row = row_of(judged)
    assert (row["paused"], row["elderly"]) == (pytest.approx(20_000.0), pytest.approx(30_000.0))
    assert float(of(judged, "xuzhou")["campaign_top_up_resident"].sum()) == pytest.approx(50_000.0)


def test_residents__a_stated_payment_rate_leaves_nobody_to_bring_back(tmp_path: Path) -> None:
    lever = drive("resident", 50_000, "pools: [paused]") + "payment_rate_resident: {2026: 0.7}\n"
    row = row_of(judge(tmp_path, lever)["own"])
    assert row["found"] == 0.0 and row["missing"] == pytest.approx(50_000.0) and pd.isna(row["pension_year"])


@pytest.mark.parametrize("status, pools", [("flexible", "elderly, none"), ("resident", "resident")])
def test_pools__of_another_scheme_are_refused(tmp_path: Path, status: str, pools: str) -> None:
    with pytest.raises(SimengineError) as caught:
        judge(tmp_path, drive(status, 50_000, f"pools: [{pools}]"))
    assert caught.value.code == "pool_of_status" and pools.split(",")[0] in str(caught.value)
