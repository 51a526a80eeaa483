"""The worked example of notes/fund_only.md: every printed cell is what a study of its table gives."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simengine.decide.fund import Flows, FundStudy, read_flows, study_fund
from simengine.decide.fund.roll import TIMINGS
from tests.helpers.note_tables import assert_printed, note_tables, number_of

NOTE = "fund_only"


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Flows:
    """The table of the note, written as a user would."""
    ((*rows,),) = note_tables(NOTE, "4.1")
    units = ["unit", *["亿元"] * 5, "%"]
    lines = [",".join(rows[0]), ",".join(units), *(",".join(row.values()) for row in rows)]
    path = tmp_path_factory.mktemp("note") / "flows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_flows(path)


@pytest.fixture(scope="module")
def study(flows: Flows) -> FundStudy:
    """The study of the note."""
    return study_fund(flows, rates=(0.0, 0.02, 0.04, 0.06), volatility=0.1)


def test_note__years(study: FundStudy) -> None:
    found = study.years.set_index("year")
    rows, timings = note_tables(NOTE, "4.2")
    assert [int(row["year"]) for row in rows] == found.index.tolist()
    for row in rows:
        for name in [each for each in row if each != "year"]:
            value = found.loc[int(row["year"]), name]
            assert_printed(row[name], value if name.endswith("_ratio") else value / 1e8, f"{row['year']} {name}")
    closing = {timing: study_fund(study.flows, timing=timing, goals=[]).years["closing"] for timing in TIMINGS}
    for place, row in enumerate(timings):
        for timing in TIMINGS:
            assert_printed(row[timing], closing[timing].iloc[place] / 1e8, f"{row['year']} {timing}")
    assert (study.exhaustion_year, study.first_deficit_year) == (2030, 2026)


def assert_answer(text: str, row: Any, per_unit: float, what: str) -> None:
    """A cell of an answer: none, the lowest value tried, or the value."""
    if text == "none":
        assert row["status"] == "none" and math.isnan(row["value"]), what
    else:
        assert row["status"] == ("at_bound" if text.startswith("≤") else "found"), what
        assert_printed(text.removeprefix("≤"), row["value"] * per_unit, what)


def test_note__needs(study: FundStudy) -> None:
    (rows,) = note_tables(NOTE, "4.3")
    found = study.needs.set_index(["goal", "lever"])
    assert {row["goal"] for row in rows} == {goal.key for goal in study.goals}
    assert len(found) == sum(len(row) - 1 for row in rows)
    for row in rows:
        for lever in [name for name in row if name != "goal"]:
            answer = found.loc[(row["goal"], lever)]
            assert_answer(row[lever], answer, 1e-8 if lever == "amount" else 100.0, f"{row['goal']} {lever}")


def test_note__needed_return(study: FundStudy) -> None:
    (rows,) = note_tables(NOTE, "4.4")
    found = study.return_grid.set_index(["further_rate", "goal"])
    assert len(found) == sum(len(row) - 1 for row in rows) == 24
    for row in rows:
        rate = number_of(row["further rate"]) / 100.0
        for goal in [name for name in row if name != "further rate"]:
            assert_answer(row[goal], found.loc[(rate, goal)], 100.0, f"{rate} {goal}")
    assert_printed("1.4363", found.loc[(0.04, "ratio=2"), "reached"], "the best of a ratio of 2")
    assert found.loc[(0.04, "ratio=2"), "best"] == 0.15


def test_note__fund_ratio(study: FundStudy) -> None:
    (rows,) = note_tables(NOTE, "4.5")
    cells = study.ratio_grid["fund_ratio"].tolist()
    printed = [text for row in rows for name, text in row.items() if name != "further rate"]
    assert len(printed) == len(cells)
    for text, value in zip(printed, cells, strict=True):
        if text:
            assert_printed(text, value, "fund ratio")
        else:
            assert math.isnan(value)


def test_note__draws(study: FundStudy) -> None:
    (rows,) = note_tables(NOTE, "4.6")
    assert study.quantiles is not None
    found = study.quantiles.set_index("year")
    for row in rows:
        for name in [each for each in row if each != "year"]:
            value = found.loc[int(row["year"]), name]
            if row[name]:
                assert_printed(row[name], value, f"{row['year']} {name}")
            else:
                assert math.isnan(value)


def test_note__words_are_worked_out_by_hand() -> None:
    """The three sums in the text, from plain numbers."""
    root = math.sqrt(1.03)
    assert_printed("16.2382", 16.0 * root, "net flow of 2026")
    worth = root * (1.03**6 - 1.0) / 0.03
    assert_printed("6.5647", worth, "one unit a year")
    assert_printed("5.9988", 39.3807 / worth, "amount")
    assert_printed("1.0249", 1.03 * math.exp(-0.005), "median of 1 + return")
