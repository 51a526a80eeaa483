"""No command tells a figure that would be a verdict on a fund of Jiangxi, whose run misses its anchors.

Jiangxi's balance of 2024 is a fifth from the printed one (notes/fund.md, section 1), so that its funds are not judged.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import simengine
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.run import Judged
from simengine.judge.targets.withheld import AFTER, ALWAYS, last_printed, on_a_fund, rule_of
from tests.cli.test_tables_command import call

SCENARIO = "jiangxi/baseline"
MEASURES = [key for key in quantities() if rule_of(key) == ALWAYS]
LEVELS = [key for key in quantities() if rule_of(key) == AFTER]
WHY = "No verdict on the pension fund of Jiangxi"


@pytest.fixture(scope="module")
def judged() -> Judged:
    return simengine.judge_scenarios(SCENARIO)[SCENARIO]


def test_rule__takes_every_measure_of_a_fund_and_no_flow() -> None:
    """Whatever reads a balance is a measure or a level; named by hand are those that a planner asks for most."""
    asked = {"payable_months", "unaided_payable_months", "reserve_ratio", "exhaustion_year", "implicit_debt"}
    assert asked | {"financing_need", "actuarial_balance_75", "lasting_deficit_year"} <= {*MEASURES}
    assert {"fund_balance", "fund_balance_unaided", "unaided_fund_balance", "fund_balance_3schemes"} <= {*LEVELS}
    assert {key for key in quantities() if on_a_fund(key)} <= {*MEASURES, *LEVELS}
    for key in ("income", "outgo", "income:enterprise_pension:contributions", "members", "cost_rate"):
        assert rule_of(key) == "", key


def test_table__has_no_measure_and_no_balance_after_the_anchors(judged: Judged) -> None:
    table = simengine.tabulate(judged, [*MEASURES, *LEVELS, "budget"])
    last = last_printed(judged.fund_verdicts["jiangxi"])
    assert last == 2024
    rows = table.rows
    assert rows[rows["indicator"].isin(MEASURES)]["value"].isna().all()
    late = rows["indicator"].isin(LEVELS) & (rows["year"] > last)
    assert late.any() and rows[late]["value"].isna().all()
    early = rows["indicator"].isin(["fund_balance", "unaided_fund_balance"]) & (rows["year"] <= last)
    assert early.any() and rows[early]["value"].notna().all()
    budget = rows[rows["indicator"] == "budget"]
    told = budget[budget["value"].notna()].groupby("item")["year"].max()
    assert told["closing"] == last and told["opening"] == last + 1 and told["contributions"] == 2095
    (kept,) = table.withheld
    assert {*kept.keys} == {*MEASURES, *LEVELS, "budget"} and WHY in kept.told["reason_en"]


def test_table_of_results__withholds_the_same(tmp_path: Path) -> None:
    assert call(f"run {SCENARIO} --out {tmp_path} --quiet")[0] == 0
    table = simengine.tabulate(tmp_path / "jiangxi" / "baseline", ["payable_months", "fund_balance"])
    rows = table.rows
    assert rows[rows["indicator"] == "payable_months"]["value"].isna().all()
    assert int(rows[rows["value"].notna()]["year"].max()) == 2024
    assert WHY in table.withheld[0].told["reason_en"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screen_and_json__say_why(lang: str) -> None:
    why = WHY if lang == "en" else "对江西省养老保险基金及其他基金不作判定"
    for words in (
        f"table {SCENARIO} -i payable_months --years 2030",
        f"compare {SCENARIO} -i payable_months --set pension/rate_employer=2028-01-01:19% --years 2030",
    ):
        code, out, _ = call(words, lang)
        assert code == 0 and "".join(why.split()) in "".join(out.split())
        told = json.loads(call(f"{words} --json", lang)[1])
        assert told["withheld"] and all(row["value"] is None for row in told["rows"])


def test_compare__tells_differences_of_balances_and_no_level(judged: Judged, tmp_path: Path) -> None:
    other = simengine.what_if(SCENARIO, set=["pension/rate_employer=2028-01-01:19%"])
    found = simengine.compare([judged, other], ["payable_months", "fund_balance", "actuarial_balance_75"])
    late = found.rows["year"] > 2024
    assert found.rows[late | (found.rows["indicator"] != "fund_balance")][["base_value", "value"]].isna().all(axis=None)
    assert found.rows[found.rows["indicator"] != "fund_balance"]["difference"].isna().all()
    assert found.balances[found.balances["year"] > 2024][["base_value", "value", "per_cent"]].isna().all(axis=None)
    assert found.balances["difference"].notna().all() and (found.balances["moves_from"] == 2028).all()
    steps = found.bridge(2030)
    assert steps[steps["item"].isin(["base", "closing"])]["value"].isna().all()
    stem = tmp_path / "c"
    words = f"compare {SCENARIO} --set pension/rate_employer=2028-01-01:19% --years 2030 --to csv,png --out {stem}"
    code, out, err = call(words)
    assert code == 0 and WHY in " ".join(err.split()) and "end of 2030" in out
    assert pd.read_csv(f"{stem}_balances.csv", encoding="utf-8-sig")["value"].isna().all()


@pytest.mark.parametrize("asked", ["-o payable_months", "-o fund_balance", "-o financing_need", "-o implicit_debt"])
def test_sensitivity__refuses_a_measure_of_a_fund(asked: str) -> None:
    code, _, err = call(f"sensitivity {SCENARIO} {asked} --driver wages")
    assert code != 0 and WHY in " ".join(err.replace("│", " ").split()), err


def test_sensitivity__refuses_a_row_of_the_plan_on_a_fund(judged: Judged) -> None:
    rows = [row.id for row in judged.verdicts if row.verdict == "withheld"]
    assert rows
    code, _, err = call(f"sensitivity {SCENARIO} --target {rows[0]} --driver wages")
    assert code != 0 and WHY in " ".join(err.split()), err


def test_sensitivity__looks_at_flows_and_at_funds_that_are_judged() -> None:
    assert call(f"sensitivity {SCENARIO} -o cost_rate --scheme enterprise_pension --driver wages")[0] == 0
    assert call("sensitivity china/baseline -o payable_months --scheme enterprise_pension --driver wages")[0] == 0


def test_monitor__says_which_rows_are_withheld_and_shows_no_figure_of_the_run(judged: Judged) -> None:
    rows = [row.id for row in judged.verdicts if row.verdict == "withheld" and row.duplicate_of is None]
    found = simengine.monitor("jiangxi", as_of=2022)
    own = found.rows[found.rows["id"].isin(rows)]
    assert len(own) and own["projected_from"].isin(["", "straight", "actual"]).all()
    told = " ".join(remark.en for remark in found.remarks)
    assert WHY in told and all(name in told for name in own["id"])
