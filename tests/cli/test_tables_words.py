"""Words of the commands on tables: names as offices say them, years that are not there, rules that surprise."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import simengine
from simengine.cli import main as cli
from simengine.judge.quantities.catalogue import find_quantities
from simengine.judge.quantities.select import read_selection
from tests.cli.test_tables_command import call

KEY = "haiyan/baseline"


def told(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("reserve_months", "payable_months"),
        ("收入:失业保险:保险费收入", "income:unemployment:contributions"),
        ("支出：工伤保险：待遇支出", "outgo:work_injury:benefits"),
        ("可支付月数", "payable_months"),
    ],
)
def test_names__as_offices_say_them(name: str, key: str) -> None:
    assert [one.key for one in find_quantities([name])] == [key]


@pytest.mark.parametrize(
    ("name", "key"), [("企业", "enterprise_pension"), ("失业保险", "unemployment"), ("机关养老", "public_pension")]
)
def test_short_names_of_funds(name: str, key: str) -> None:
    chosen, errors = read_selection(schemes=name)
    assert not errors and chosen.schemes == (key,)


def test_series__may_be_named_in_chinese() -> None:
    """The level of the insured against unemployment by its Chinese name is the same lever."""
    one = simengine.what_if(KEY, set=["失业保险参保人数=2027:170000"])
    other = simengine.what_if(KEY, set=["unemployment_insured=2027:170000"])
    assert one.key == other.key and one.content.paths == other.content.paths


def test_reversed_years__are_told_the_right_way_round() -> None:
    for lang, word in (("en", "ends before it begins"), ("zh", "早于起始年")):
        code, _, err = call(f"table {KEY} -i ui_participants --years 2030-2025", lang)
        assert code != cli.DONE and word in err and "2025-2030" in err


def test_no_number_in_these_years__says_in_which_there_is_one() -> None:
    code, out, _ = call("table china/baseline -i actuarial_balance_75 --scheme enterprise_pension --years 2030")
    assert code == cli.DONE and "has it in 2020" in told(out)


@pytest.mark.parametrize("ending", ["", ".xlsx", ".csv"])
def test_ending_of_out__is_no_part_of_the_name(ending: str, tmp_path: Path) -> None:
    code, out, err = call(f"table {KEY} -i ui_participants --years 2025 --to csv --out {tmp_path}/own{ending}")
    assert code == cli.DONE, err
    assert out.split() == [f"{tmp_path}/own.csv"] and len(pd.read_csv(tmp_path / "own.csv", encoding="utf-8-sig")) == 1


def test_layoff_wave__raises_the_rates_by_the_rule() -> None:
    """Fewer months withdraw another tenth of the cut: the fund earns more, and is richer at the end of 2032."""
    found = simengine.compare(
        [KEY, simengine.what_if(KEY, levers=["layoff_wave"])], "ui_participants", years="2028-2032"
    )
    base, other = (one.data.isel(scenario=0, draw=0).sel(region="haiyan") for one in found.sources)
    for year in range(2028, 2033):
        cut = [float(one.unemployment_cut_withdrawn.sel(year=year)) for one in (base, other)]
        assert cut[1] - cut[0] == pytest.approx(0.1, abs=1e-9)
    fund = found.balances[
        (found.balances["scheme"] == "unemployment") & (found.balances["indicator"] == "fund_balance")
    ]
    assert (fund["difference"] > 0.0).all()
    code, out, _ = call(f"compare {KEY} --lever layoff_wave --years 2028-2032")
    assert code == cli.DONE and "cut of the unemployment rates is withdrawn" in told(out)


def test_no_effect__is_said_where_what_differs_moves_other_figures() -> None:
    code, out, _ = call(f"compare {KEY} --set medical_cost=2030:20_000 -i ui_participants --years 2031")
    assert code == cli.DONE and "no effect on the figures shown" in told(out)


def test_used_up__no_months_are_told_below_zero() -> None:
    from simengine.report.tables.yearly import level

    assert level("payable_months", -3.2, 1, "en") == "used up" and level("payable_months", 3.2, 1, "zh") == "3.2"
    assert level("reserve_ratio", -0.1, 2, "zh") == "已用尽" and level("fund_balance", -3.2, 1, "en") == "-3.2"


def test_check__shows_one_section_and_the_discount_rate() -> None:
    code, out, _ = call("check china/baseline --only valuation")
    assert code == cli.DONE and "discount rate" in told(out) and "Plausibility" not in out
    judged = simengine.judge_scenarios("china/baseline")["china/baseline"]
    data = judged.projection.isel(scenario=0, draw=0).sel(region="china")
    for fund in ("enterprise_pension", "public_pension"):
        rates = [float(data[f"return_{fund}"].sel(year=year)) for year in range(2021, 2096)]
        rows = judged.valuation[(judged.valuation["fund"] == fund) & (judged.valuation["measure"] == "discount_rate")]
        assert float(rows["value"].iloc[0]) == pytest.approx(sum(rates) / len(rates), rel=1e-12)
    assert call("check china/baseline --only values")[0] != cli.DONE
