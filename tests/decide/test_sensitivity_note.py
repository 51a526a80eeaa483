"""Worked examples of notes/sensitivity.md: every printed cell."""

from __future__ import annotations

import pandas as pd
import pytest

from simengine.decide.sensitivity.analysis import contour
from simengine.scenario.levers import PathChange
from simengine.scenario.sizes import read_sizes
from tests.helpers.note_tables import assert_printed, note_tables, pitfalls_named

NOTE = "sensitivity"


def test_note__sizes() -> None:
    drivers, ((*rows,),) = read_sizes().drivers, note_tables(NOTE, "2.1")
    assert len(rows) == 5
    for row in rows:
        one = drivers[row["driver"]]
        assert one.entry.deviation == float(row["deviation"]) and one.rule.share == float(row["share"])
        assert one.size == pytest.approx(float(row["size"]), rel=1e-12)
        assert float(row["deviation"]) * float(row["share"]) == pytest.approx(float(row["size"]), rel=1e-12)


def test_note__growth() -> None:
    ((*rows,),) = note_tables(NOTE, "2.2")
    years = [int(row["year"]) for row in rows]
    index = [100.0 * 1.02 ** (year - 2025) for year in years]
    change = PathChange(multiply={year: 1.01 ** (year - 2026) for year in range(2027, 2030)})
    for row, own, moved in zip(rows, index, change.apply(index, years).tolist(), strict=True):
        assert_printed(row["baseline"], own, row["year"])
        assert_printed(row["moved"], moved, row["year"])


def test_note__plane() -> None:
    ((*rows,),) = note_tables(NOTE, "3.1")
    steps = (-1.0, 0.0, 1.0)
    plane = pd.DataFrame([{"x": x, "y": y, "value": 10.0 + 2.0 * x + 4.0 * y} for x in steps for y in steps])
    found = {x: y for x, y in contour(plane, 11.0) if x in steps}
    assert found == {float(row["x"]): float(row["y"]) for row in rows}


def test_note__names_tests_that_exist() -> None:
    from tests.decide import test_sensitivity

    assert pitfalls_named(NOTE) <= {name for name in dir(test_sensitivity) if name.startswith("test_")}
