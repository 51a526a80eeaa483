"""Every number of the page on the plan monitor."""

from __future__ import annotations

import pytest

import simengine
from simengine.judge.monitor.pace import Path, standing
from simengine.judge.monitor.tracked import KINDS, SOURCES
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables


def test_note__worked_example_of_the_path() -> None:
    path = Path(80.0, 2020.0, 100.0, 2025.0)
    found = standing(path, 88.0, 2023.0)
    values = {name: getattr(found, name) for name in ("path", "distance", "pace", "time_distance", "still_needed")}
    example, kinds = note_tables("monitor", "2")
    assert_rows(example, values | {"straight": path.carried_on(88.0, 2023.0)})
    assert [row["kind of row"] for row in kinds] == list(KINDS)


def test_note__review_of_jiangxi() -> None:
    found = simengine.monitor("jiangxi", as_of="2022-09").rows.set_index("id")
    sources, table = note_tables("monitor", "3")
    assert [row["told as"].split("`")[0] for row in sources] == list(SOURCES)
    for row in table:
        for name, text in row.items():
            if name != "row":
                assert_printed(text, float(found.loc[row["row"], name]), f"{row['row']} {name}")
    superseded = found.loc[["JX-14-05", "JX-14-06"]]
    assert {*superseded["state"]} == {"met_early"} and superseded["target"].tolist() == [311.0, 565.0]
    assert superseded["time_distance"].tolist() == pytest.approx([3.3, 3.3], abs=0.05) and superseded["beyond"].all()
    assert not found.loc["JX-22-02", "outlook"] and found.loc["JX-22-02", "time_distance"] > 1.0


def test_note__table_of_the_offices() -> None:
    _, example = note_tables("monitor", "4")
    gain = 4.8 - 4.4
    values = {"net_gain": gain, "completion": 96.0, "net_completion": 100 * gain / 0.6, "calendar": 100 * 8 / 12}
    assert_rows(example, values)
