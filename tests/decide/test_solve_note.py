"""The worked examples of notes/solve.md, cell by cell, and the table of the nation."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from simengine.decide.solve.figures import Figures
from simengine.decide.solve.goals import Reached, actuarial_balance
from simengine.decide.solve.levers import read_lever
from simengine.decide.solve.search import search
from simengine.judge.targets.compare import rounded, satisfies
from simengine.registry.axes import FUND
from tests.helpers import solve_table

TEXT = solve_table.PAGE.read_text(encoding="utf-8")


def cells(heading: str) -> dict[str, str]:
    """First and second cell of the rows of the table that follows a heading."""
    part = TEXT.split(heading, 1)[1].split("\n\n", 2)[1]
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", part, re.MULTILINE)[1:])


def test_example_of_a_rounded_row() -> None:
    """1.6·x is rounded half up to whole numbers and compared with 100, as a row of a plan is."""

    def evaluate(values: Sequence[float]) -> list[Reached]:
        found = [1.6 * value for value in values]
        return [Reached(at, (at - 99.5) / 100.0, satisfies(rounded(at, 0), ">=", rounded(100.0, 0))) for at in found]

    lever = read_lever("pension/benefit_base_factor=2030-01-01:0..100", 0.1)
    answer, printed = search(evaluate, lever), cells("**Worked example.**")
    assert f"{answer.exact:.4f}" == printed["root of the margin"]
    assert f"{answer.value:.1f}" == printed["answer on the grid"]
    assert f"{answer.reached:.2f}" == printed["figure there"]
    assert f"{1.6 * (answer.value - 0.1):.2f}" == printed["figure one step milder, 62.1"]
    assert answer.direction == printed["direction"]


def test_example_of_the_balance() -> None:
    printed = cells("**Worked example of the balance.**")
    weights = 1 / 1.1 + 1 / 1.331
    assert f"{-20 * weights:.3f}" == printed["Σ (I - C)·v"]
    assert f"{30 / 1.4641:.3f}" == printed["C_n·v(n)"]
    assert f"{100 * weights:.3f}" == printed["Σ P·v"]
    even = np.ones((len(FUND), 2))
    zero, balance = 0.0 * even, {"own": np.full((len(FUND), 3), 50.0)}
    income, cost, base = 10.0 * even, 30.0 * even, 100.0 * even
    figures = Figures(2020, balance, cost, zero, zero, zero, income, cost, base, 0.21 * even)
    assert f"{actuarial_balance(figures, 0, 2):.4f}" == printed["balance"]


@pytest.mark.release
def test_table_of_the_nation__is_what_the_engine_gives() -> None:
    assert solve_table.kept() == solve_table.table(solve_table.solution())
