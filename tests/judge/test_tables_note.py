"""Every number of the page on tables is what its command gives."""

from __future__ import annotations

import pytest

import simengine
from tests.helpers.note_tables import note_tables, number_of


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def same(text: str, value: float) -> bool:
    """Whether a printed number is the value at its printed precision."""
    return text == f"{value:z.{decimals(text)}f}"


def test_note__budget_of_the_unemployment_fund() -> None:
    rows = simengine.tabulate("jiangxi/baseline", "budget", "2023-2024", schemes="unemployment").rows
    found = {(row["item"], str(row["year"])): row["value"] for row in rows.to_dict("records")}
    (table,) = note_tables("tables", "2")
    listed = {row["line"] for row in table}
    for row in table:
        for year in ("2023", "2024"):
            assert same(row[year], found[row["line"], year]), (row["line"], year, found[row["line"], year])
    assert all(value == 0.0 for (item, _), value in found.items() if item not in listed)
    assert number_of(table[0]["2024"]) == number_of(table[-1]["2023"])


def test_note__layoff_wave_beside_the_baseline() -> None:
    made = simengine.what_if("hubei/baseline", levers=["layoff_wave"])
    found = simengine.compare(["hubei/baseline", made], "ui_participants", "2027-2029", schemes="unemployment")
    table, steps = note_tables("tables", "3")
    by_year = {str(row["year"]): row for row in found.rows.to_dict("records")}
    for row in table:
        for year in ("2027", "2028", "2029"):
            assert same(row[year], by_year[year][row["row"]]), (row["row"], year)
    assert found.flips.empty
    assert {*found.balances["scheme"]} == {"unemployment"} and {*found.balances["moves_from"]} == {2027}
    everywhere = simengine.compare(["hubei/baseline", made], "ui_participants", "2027-2029").balances
    assert {"enterprise_pension", "work_injury"} <= {*everywhere["scheme"]}
    own = found.balances[found.balances["indicator"] == "fund_balance"]["difference"]
    assert [f"{value:.2f}" for value in own] == ["-4.19", "-8.62", "-9.17"]
    bridge = {row["item"]: row for row in found.bridge().to_dict("records")}
    for row in steps:
        for name in ("value", "running"):
            assert same(row[name], bridge[row["step"]][name]), (row["step"], name)
    left_out = set(bridge) - {row["step"] for row in steps}
    assert all(bridge[name]["value"] == 0.0 for name in left_out)


def test_note__sweep_of_the_insured() -> None:
    found = simengine.sweep("jiangxi/baseline", set=["unemployment_insured=2025:390万/400万/405万"], years=2025)
    _, table = note_tables("tables", "4")
    verdicts = found.verdicts
    for row in table:
        own = verdicts[verdicts["combination"] == int(row["combination"])]
        assert own["set unemployment_insured"].iloc[0] == row["set unemployment_insured"]
        for name in ("met", "missed"):
            assert int(row[name]) == (own["verdict"] == name).sum()
        assert own[own["id"] == "JX-22-02"]["verdict"].tolist() == [row["JX-22-02"]]
    assert len(table) == len(found.combinations) == 3


@pytest.mark.parametrize("name", ["tabulate", "compare", "sweep"])
def test_call_of_python__is_public_and_documented(name: str) -> None:
    call = getattr(simengine, name)
    assert name in simengine.__all__ and "Parameters" in (call.__doc__ or "")
