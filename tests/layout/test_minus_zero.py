"""No number is printed as -0: rounding a number to its printed decimals never leaves a sign on zero."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simengine.cases import words
from simengine.cli.session import records
from simengine.common.files import write_table
from simengine.common.messages import shown
from simengine.judge.targets.compare import rounded
from simengine.report.figures.style import number
from simengine.report.tables import opening, printer, verdicts

ROOT = Path(__file__).parents[2]
PRINTING = [
    *(ROOT / "simengine" / room for room in ("cases", "cli", "common", "judge", "report")),
    *(ROOT / "calibration" / "simengine_calibration" / part for part in ("backtest", "commands", "fitting", "ledger")),
]
"""Rooms whose texts a reader sees."""

ROUNDED = re.compile(r"\.(\d+|\{\})[feg%]$")
"""A format of Python that rounds; ``z`` in it takes the sign from zero."""


def unsafe(path: Path) -> list[str]:
    """Formats of a file that round and may leave -0."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = node.format_spec.values
            spec = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)
            if ROUNDED.search(spec) and "z" not in spec:
                found.append(f"{path.relative_to(ROOT)}, line {node.lineno}: {spec}; write z behind the sign")
    return found


def test_formats__that_round_take_the_sign_from_zero() -> None:
    assert not [line for room in PRINTING for path in sorted(room.rglob("*.py")) for line in unsafe(path)]


def test_search__sees_a_format_that_may_leave_minus_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.py").write_text('a = f"{x:+.1%} {y:.{n}f} {z:z.2f} {n:g}"\n', encoding="utf-8")
    monkeypatch.setattr("tests.layout.test_minus_zero.ROOT", tmp_path)
    assert [line.partition(": ")[2] for line in unsafe(tmp_path / "one.py")] == [
        "+.1%; write z behind the sign", ".{}f; write z behind the sign",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [-0.0, -1e-300, -4e-15])
def test_printers__show_zero_without_a_sign(value: float) -> None:
    tiny = re.compile(r"[-−]0(\.0*)?$")
    for text in (
        printer.cell(value), opening._number(value), verdicts._small(value), number(value), words._number(value),
        str(rounded(value, 2)), shown(-0.0),
    ):  # fmt: skip
        assert not tiny.match(text), text


def test_tables__of_every_kind_hold_no_minus_zero(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "number": [-0.0, 1.5],
            "mixed": pd.Series([-0.0, "text"], dtype=object),
            "several": pd.Series([[-0.0, 1.0], (2.0, -0.0)], dtype=object),
            "mapping": pd.Series([{"a": -0.0}, {}], dtype=object),
        }
    )
    write_table(frame, tmp_path / "table.csv")
    assert "-0" not in (tmp_path / "table.csv").read_text(encoding="utf-8-sig")
    many = pd.DataFrame({"number": np.concatenate([[-0.0], np.arange(20_000) / 100.0])})
    write_table(many, tmp_path / "many.csv")
    assert "-0" not in (tmp_path / "many.csv").read_text(encoding="utf-8-sig")
    assert "-0.0" not in json.dumps(records(frame))
