"""`simengine bench`: how works are timed, what the table says, and the file of earlier figures."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest

import simengine_bench.command as command
from simengine_bench import sizes
from simengine_bench.history import COLUMNS, append, last_value, processor, refusal
from simengine_bench.monitor import monitor_figures
from simengine_bench.quantities import quantity_figures
from simengine_bench.sizes import Measured, timed
from simengine_bench.stresses import stress_figures

FIGURE = Measured(command.RATIO, 0.9876543, "x", "<= 1.5", "0123456789abcdef0123")


def test_timed__works_take_turns_and_the_median_counts() -> None:
    order: list[str] = []
    ticks = iter([0.0, 9.0, 0.0, 9.0, 0.0, 1.0, 0.0, 2.0, 0.0, 5.0, 0.0, 2.0, 0.0, 3.0, 0.0, 2.0])

    def work(name: str) -> list[np.ndarray]:
        order.append(name)
        return [np.arange(3.0)]

    found = timed({"a": lambda: lambda: work("a"), "b": lambda: lambda: work("b")}, 3, lambda: next(ticks))
    assert order == ["a", "b"] * 4
    assert found["a"].seconds == [1.0, 5.0, 3.0]
    assert (found["a"].median, found["b"].median) == (3.0, 2.0)
    assert found["a"].digest == found["b"].digest


def test_command__the_time_of_the_child_counts_and_its_ranges_are_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that works for a while: its processor time is the figure, not the time this process waits."""
    burn = "x = sum(number * number for number in range(3_000_000))"

    def prepared(folder: Path) -> sizes.Call:
        def call() -> list[np.ndarray]:
            subprocess.run([sys.executable, "-c", burn], check=True)
            return [np.arange(3.0)]

        return call

    monkeypatch.setattr(sizes, "prepared_command", prepared)
    (row,) = sizes.command_figures(1, lambda stage, done=0, total=0: None)
    assert row.goal == "<= 4" and row.unit == "s" and sizes.RANGED in row.name
    assert 0.05 < row.value < 60.0 and row.digest == sizes.exact_digest([np.arange(3.0)])


def test_timed__rounds_that_compute_other_bits_are_refused() -> None:
    numbers = count(1.0, 1e-16 * 8)
    with pytest.raises(RuntimeError, match="shaky: two rounds of equal input differ"):
        timed({"shaky": lambda: lambda: [np.array([next(numbers)])]}, 1)


def test_table__has_a_digest_in_every_row() -> None:
    assert command.table([FIGURE]).splitlines()[-1] == f"| {command.RATIO} | 0.988 x | <= 1.5 | 0123456789ab |"


def test_quantities__are_timed_with_a_digest_each() -> None:
    found = quantity_figures(2, 1, lambda *told: None)
    assert [one.unit for one in found] == ["s", "s", "s", "s", "s", "x"] and found[-1].goal == "<= 1.3"
    assert len({one.digest for one in found}) == 5 and all(one.value > 0.0 for one in found)


def test_monitor__is_timed_with_a_digest() -> None:
    (one,) = monitor_figures(2, lambda *told: None)
    assert one.unit == "s" and one.value > 0.0 and one.digest


def test_stresses__are_timed_with_a_digest_each() -> None:
    found = stress_figures(("haiyan/baseline",), 1, lambda *told: None)
    assert [one.unit for one in found] == ["s", "s"] and "1 region" in found[0].name
    assert len({one.digest for one in found}) == 2 and all(one.value > 0.0 for one in found)


def test_history__figures_are_appended_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    append(path, [FIGURE])
    append(path, [Measured(FIGURE.name, 1.25, "x", "", "ab")])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 3
    assert last_value(command.RATIO, path) == 1.25
    assert last_value("another measure", path) is None
    other = path.read_text(encoding="utf-8").replace(processor(), "another processor")
    path.write_text(other, encoding="utf-8")
    assert last_value(command.RATIO, path) is None


def test_history__another_file_is_not_written_to(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a record\n", encoding="utf-8")
    assert "the first line" in str(refusal(notes))
    assert "there is no folder" in str(refusal(tmp_path / "missing" / "figures.csv"))
    assert "is not a file" in str(refusal(tmp_path))
    assert refusal(tmp_path / "new.csv") is None


def test_twin_figures__without_the_repository_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "TWIN", "no_such_package.twin.compare")
    assert command.twin_figures(1, lambda stage, done=0, total=0: None) == []
    assert "only a checkout of the repository has it" in capsys.readouterr().err


def test_twin_figures__are_there_in_a_checkout() -> None:
    assert command.has_twin()
