"""The guard sees what moves; the results of today are those of the record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.regression import guard


@pytest.mark.slow
@pytest.mark.parametrize("region", ["haiyan", "hubei"])
def test_results__are_those_of_the_record(region: str) -> None:
    only = [f"scenario/{region}/*", f"lever/{region}_*"]
    found = guard.compute(only)
    known = {key: value for key, value in guard.read(guard.RECORD).items() if guard.belongs(key, only, found)}
    assert len(known) > 400
    hint = f"results have moved since {guard.head(guard.RECORD)}; here {guard.environment()}"
    assert guard.differences(known, found) == [], hint


def test_worked_cases__are_those_of_the_record() -> None:
    found = guard.compute(["case/*"])
    known = {key: value for key, value in guard.read(guard.RECORD).items() if key[0] == "case"}
    assert guard.differences(known, found) == []


def test_record__covers_every_part() -> None:
    known = guard.read(guard.RECORD)
    rows = {(kind, name) for kind, name, _ in known}
    for kind, name, _ in guard.parts():
        assert kind == "case" or (kind, name) in rows
    assert {name for kind, name in rows if kind == "targets"} == {name for kind, name in rows if kind == "scenario"}
    assert len([name for kind, name in rows if kind == "case"]) > 60


def test_array_digest__sees_one_bit_the_sign_of_zero_type_shape_and_axes() -> None:
    values = np.array([[0.0, 1.0], [np.nan, 2.0]])
    bit = values.copy()
    bit[0, 1] = np.nextafter(1.0, 2.0)
    sign = values.copy()
    sign[0, 0] = -0.0
    others = [(("year", "sex"), bit), (("year", "sex"), sign), (("year", "sex"), values.astype(np.float32))]
    others += [(("year", "sex"), values.reshape(1, 4)), (("year", "age"), values)]
    known = guard.array_digest(("year", "sex"), values)
    assert known == guard.array_digest(("year", "sex"), values.copy(order="F"))
    assert len({known, *(guard.array_digest(*other) for other in others)}) == 6


def test_differences__tells_what_moved_is_missing_or_new() -> None:
    known = {("scenario", "a/b", name): name for name in ("same", "moved", "gone", "deleted")}
    found = {("scenario", "a/b", name): name for name in ("same", "new")} | {("scenario", "a/b", "moved"): "other"}
    assert guard.differences(known, found, ["deleted"]) == [
        "differs  scenario / a/b / moved",
        "missing  scenario / a/b / gone",
        "new      scenario / a/b / new",
    ]
    assert guard.differences(known, known) == []


def test_command__ends_with_one_when_a_row_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "record.csv"
    part = ["--only", "case/cases_accounting"]
    assert guard.main(["--write", str(record), *part]) == 0
    assert guard.main(["--compare", str(record), *part]) == 0
    rows = guard.read(record)
    moved = next(iter(rows))
    guard.write(record, rows | {moved: "0"})
    capsys.readouterr()
    assert guard.main(["--compare", str(record), *part]) == 1
    assert f"differs  {' / '.join(moved)}\n" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        guard.main(["--write", "--only", "case/*"])
