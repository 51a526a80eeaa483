"""A comparison: nothing differs from itself, differences are those of the datasets, flips those of the verdicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simengine
from simengine.cli import main as cli
from simengine.common.errors import ErrorList, ScenarioError, each_error, localised
from simengine.decide.bridge import STEPS
from simengine.decide.compare import HEADLINES, compare
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.run import JudgedRun

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
FIRST, SECOND = "jiangxi/baseline", "jiangxi/as_planned"


@pytest.fixture(scope="module")
def run() -> JudgedRun:
    return simengine.judge_scenarios([FIRST, SECOND])


@pytest.mark.parametrize("region", REGIONS)
def test_scenario_beside_itself__differs_in_nothing(region: str) -> None:
    judged = simengine.judge_scenarios(f"{region}/baseline")[f"{region}/baseline"]
    found = compare([judged, judged, judged], [*HEADLINES, "budget", "payable_months"], regions="all")
    assert [one.key for one in found.sources] == [f"{region}/baseline{end}" for end in ("", " (2)", " (3)")]
    assert len(found.rows) > 2 * 19 * 6 * 75
    known = found.rows["base_value"].notna()
    assert (found.rows["difference"][known] == 0.0).all()
    assert (found.rows["difference"][~known].fillna(0.0) == 0.0).all()  # of a withheld balance the difference is told
    parts = found.rows["per_cent"]
    assert (parts[found.rows["base_value"].abs() > 0.0] == 0.0).all()
    assert parts[found.rows["base_value"] == 0.0].isna().all()
    assert found.flips.empty and found.balances.empty
    assert len(found.compared) == 2
    assert all((count > 0) is (region != "china") for count in found.compared.values())  # the nation has no plan


def test_differences__are_those_of_the_datasets(run: JudgedRun) -> None:
    found = compare([run[FIRST], run[SECOND]], ["ui_participants", "members"], years="2025,2050", base_units=True)
    first, second = (run[key].projection.isel(scenario=0, draw=0).sel(region="jiangxi") for key in (FIRST, SECOND))
    assert len(found.rows) == 2 + 4 * 2
    for row in found.rows.to_dict("records"):
        before, after = (
            float(
                (data.members.sel(status=row["scheme"]) if row["scheme"] else data.unemployment_insured).sel(
                    year_end=row["year"]
                )
            )
            for data in (first, second)
        )
        assert (row["base_value"], row["value"], row["difference"]) == (before, after, after - before)
        assert row["per_cent"] == 100.0 * (after - before) / before
    assert (found.rows["difference"] != 0.0).all()


def test_comparison_the_other_way__has_the_other_sign(run: JudgedRun) -> None:
    one = compare([run[FIRST], run[SECOND]], "budget", years="2021-2060")
    other = compare([run[SECOND], run[FIRST]], "budget", years="2021-2060")
    np.testing.assert_array_equal(one.rows["difference"], -other.rows["difference"])
    assert one.flips["id"].tolist() == other.flips["id"].tolist()
    assert one.flips["verdict"].tolist() == other.flips["base_verdict"].tolist()
    np.testing.assert_array_equal(one.balances["difference"], -other.balances["difference"])


def test_flips__are_the_rows_whose_verdict_is_another(run: JudgedRun) -> None:
    found = compare([run[FIRST], run[SECOND]], "ui_participants", years=2025)
    first = {row.id: row for row in run[FIRST].verdicts if row.duplicate_of is None}
    second = {row.id: row for row in run[SECOND].verdicts if row.duplicate_of is None}
    moved = [name for name in first if first[name].verdict != second[name].verdict]
    assert moved and found.flips["id"].tolist() == moved and found.compared == {SECOND: len(first)}
    for row in found.flips.to_dict("records"):
        before, after = first[row["id"]], second[row["id"]]
        assert (row["base_verdict"], row["verdict"]) == (before.verdict, after.verdict)
        assert row["goal"] == f"{before.operator} {before.printed}" and row["name"] == before.name_en
        np.testing.assert_equal([row["base_projected"], row["projected"]], [before.projected, after.projected])


def test_balances__are_those_that_move_since_they_do(run: JudgedRun) -> None:
    found = compare([run[FIRST], run[SECOND]], "ui_participants", years="2030,2060", base_units=True)
    first, second = (run[key].projection.isel(scenario=0, draw=0).sel(region="jiangxi") for key in (FIRST, SECOND))
    seen = 0
    for account in ("fund_balance", "fund_balance_unaided"):
        for fund in map(str, first.fund.values):
            gap = (second[account] - first[account]).sel(fund=fund)
            rows = found.balances[(found.balances["indicator"] == account) & (found.balances["scheme"] == fund)]
            moving = gap.year_end.values[gap.values != 0.0]
            assert len(rows) == (2 if moving.size else 0)
            if moving.size:
                seen += 1
                assert {*rows["moves_from"]} == {int(moving[0])}
                assert rows["difference"].tolist() == gap.sel(year_end=[2030, 2060]).values.tolist()
    assert seen > 6


@pytest.mark.parametrize("region", ["jiangxi", "xuzhou", "china"])
def test_bridge__leads_from_one_balance_to_the_other(region: str) -> None:
    """Every step is the sum over the years of an item's difference, in plain Python; together they are the gap."""
    named = [f"{region}/{name}" for name in (("baseline", "as_planned") if region != "china" else ("baseline",))]
    made = [simengine.load_scenario(name) for name in named]
    made += [simengine.what_if(made[0], set=["pension/rate_employer=2028-01-01:19%"])]
    judged = simengine.judge_scenarios(made)
    found = compare([judged[one.key] for one in made], "ui_participants", base_units=True)
    steps = found.bridge(2040)
    first = judged[made[0].key].projection.isel(scenario=0, draw=0).sel(region=region)
    for (key, fund), rows in steps.groupby(["scenario", "scheme"], sort=False):
        other = judged[str(key)].projection.isel(scenario=0, draw=0).sel(region=region)
        by_item = dict(zip(rows["item"], rows["value"], strict=True))
        one, two = (data.sel(fund=fund) for data in (first, other))
        assert tuple(rows["item"]) == STEPS and {*rows["first_year"]} == {2021}
        scale = float(abs(one.fund_balance).max())
        for kind, sign in (("income", 1.0), ("outgo", -1.0)):
            for item in map(str, one[f"{kind}_item"].values):
                both = [data[kind].sel({f"{kind}_item": item}) for data in (one, two)]
                gaps = [float(both[1].sel(year=at) - both[0].sel(year=at)) for at in range(2021, 2041)]
                assert by_item[item] == pytest.approx(sign * sum(gaps), abs=1e-9 * scale)
        ends = [float(data.fund_balance.sel(year_end=2040)) for data in (one, two)]
        if region == "jiangxi":  # its funds are not judged: the difference is told, neither balance is
            assert np.isnan([by_item["base"], by_item["closing"]]).all()
            gap = pytest.approx(ends[1] - ends[0], abs=1e-9 * scale)
            assert sum(rows["value"].iloc[1:-1]) == gap and rows["running"].iloc[-1] == gap
            continue
        assert (by_item["base"], by_item["closing"]) == (ends[0], ends[1])
        assert sum(by_item.values()) - ends[1] == pytest.approx(ends[1], abs=1e-9 * scale)
        assert rows["running"].iloc[-2] == pytest.approx(ends[1], abs=1e-9 * scale)
    assert {*steps["scheme"]} == {*found.balances[found.balances["indicator"] == "fund_balance"]["scheme"]}


def test_bridge__of_a_year_that_is_not_there_is_refused(run: JudgedRun) -> None:
    found = compare([run[FIRST], run[SECOND]], "ui_participants", years="2030,2035")
    assert found.bridge().equals(found.bridge(2035))
    for year in (2020, 2096):
        with pytest.raises(ScenarioError, match="2021 to 2095"):
            found.bridge(year)


def test_lever_on_one_fund__leaves_the_others_out_of_the_balances() -> None:
    """A higher rate of work-injury insurance moves its own fund from its first year on and no other."""
    base = simengine.load_scenario("haiyan/baseline")
    lever = simengine.what_if(base, set=["medical_cost=2030:20_000"])
    found = compare([base, lever], "wi_participants", years="2029-2031")
    assert {*found.balances["scheme"]} == {"work_injury"} and {*found.balances["moves_from"]} == {2030}
    assert (found.rows["difference"] == 0.0).all()


def test_any_number_of_scenarios__stand_beside_the_first(run: JudgedRun) -> None:
    levers = [simengine.what_if(FIRST, levers=[name]) for name in ("layoff_wave", "early_leaving_low")]
    found = compare([run[FIRST], *levers, run[SECOND]], "uebps_payers", years=2030)
    assert found.rows["scenario"].tolist() == [*(one.key for one in levers), SECOND]
    assert {*found.rows["base"]} == {FIRST} and found.rows["base_value"].nunique() == 1
    assert found.rows["value"].nunique() == 3


def test_comparison_of_results__is_that_of_the_scenarios(tmp_path: Path) -> None:
    texts = {
        "one": "extends: haiyan/baseline\nyears: [2021, 2030]\n",
        "two": "extends: haiyan/as_planned\nyears: [2021, 2030]\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    files = [str(tmp_path / f"{name}.yaml") for name in texts]
    assert cli.execute(["run", *files, "--out", str(tmp_path / "out"), "--quiet"]) == cli.DONE
    fresh = compare(files, lang="zh")
    stored = compare([tmp_path / "out" / name for name in texts], lang="zh")
    for name in ("rows", "flips", "balances"):
        assert getattr(fresh, name).equals(getattr(stored, name)), name
    assert not fresh.flips.empty and fresh.compared == stored.compared


def test_comparison__that_makes_no_sense_is_refused_in_both_languages(run: JudgedRun) -> None:
    with pytest.raises(ScenarioError, match="only jiangxi/baseline is named") as alone:
        compare([run[FIRST]])
    with pytest.raises(ErrorList) as regions:
        compare([run[FIRST], "haiyan/baseline", "xuzhou/baseline"])
    with pytest.raises(ScenarioError, match="told with its range") as event:
        compare([run[FIRST], run[SECOND]], "exhaustion_year")
    told = [alone.value, *each_error(regions.value), event.value]
    assert [one.code for one in told] == ["compare_one", "compare_regions", "compare_regions", "compare_event"]  # type: ignore[attr-defined]
    assert all(localised(one, "en") != localised(one, "zh") for one in told)


def test_headlines__are_quantities() -> None:
    assert {*HEADLINES} <= {*quantities()}
