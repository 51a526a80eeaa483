"""The common task of `benches/peers`: its plain reference, and the two implementations that need no other tool."""

from __future__ import annotations

import numpy as np
import pytest

from benches.peers import numba_loop, numpy_arrays
from benches.peers.task import AGES, VARIABLES, YEARS, Points, Task, plain_totals, relative_gap, sample_task
from benches.peers.tools import TOOLS, PeerError, check, require

OURS = {tool.name: tool for tool in TOOLS if tool.name in ("numba", "numpy")}
ROW = {name: place for place, name in enumerate(VARIABLES)}


def one_point(age: int = 58) -> Task:
    """A single point of one person, two years before retirement unless told otherwise."""
    columns = ([age], [1.0], [10_000.0], [20.0], [1.0])
    return sample_task(1)._replace(points=Points(*(np.array(column) for column in columns)))


def test_plain_totals__first_years_by_hand() -> None:
    """Two years at work, then a pensioner: the formulas with a calculator."""
    task = one_point()
    assumptions, found = task.assumptions, plain_totals(task)
    assert found.shape == (len(VARIABLES), YEARS)
    assert found[ROW["retired"], :4].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert found[ROW["service"], :4].tolist() == [20.0, 21.0, 22.0, 22.0]
    assert found[ROW["wage"], :3] == pytest.approx([60_000.0, 61_800.0, 63_654.0], rel=1e-12)
    assert found[ROW["account"], 1] == pytest.approx((10_000.0 + 0.08 * 60_000.0) * 1.025, rel=1e-12)
    assert found[ROW["heads"], 1] == pytest.approx(1.0 - assumptions.death_prob[58], rel=1e-12)
    assert found[ROW["contribution"], 0] == pytest.approx(0.24 * 60_000.0, rel=1e-12)
    assert found[ROW["fund"], 0] == pytest.approx(10_000.0 * 1.025 + 0.24 * 60_000.0, rel=1e-12)
    account, heads = found[ROW["account"], 2], found[ROW["heads"], 2]
    pension = heads * (0.01 * 22.0 * 63_654.0 + account * 12.0 / 139.0)
    assert found[ROW["pension"], :3] == pytest.approx([0.0, 0.0, pension], rel=1e-12)
    assert found[ROW["account"], 3] == pytest.approx(account * (1.0 - 12.0 / 139.0) * 1.025, rel=1e-12)


@pytest.mark.parametrize("name", OURS)
def test_check__own_implementations_meet_the_reference(name: str) -> None:
    """Cell by cell for single points and in sum, as before every timing."""
    assert check(OURS[name], OURS[name].load()) <= 1e-13


def test_prepare__a_second_run_starts_from_the_opening_again() -> None:
    """No run may move the points on: the second one would compute another task."""
    task = sample_task(500)
    for module in (numba_loop, numpy_arrays):
        run = module.prepare(task)
        first = run().copy()
        assert np.array_equal(first, run())
        assert relative_gap(first, plain_totals(task)) < 1e-12


def test_sample_task__tables_reach_the_last_year_of_the_oldest_point() -> None:
    """A compiled kernel does not notice an index beyond the table."""
    task = sample_task(2_000)
    assert task.points.age.max() + YEARS - 1 < AGES == len(task.assumptions.death_prob)
    assert len(task.assumptions.retirement_prob) == AGES


def test_require__refuses_another_result() -> None:
    """A tool that misses the reference, or returns no number, is not timed."""
    tool = OURS["numpy"]
    expected = plain_totals(one_point())
    broken = expected.copy()
    broken[ROW["fund"]] *= 1.0 + 1e-7
    assert relative_gap(broken, expected) > tool.tolerance
    with pytest.raises(PeerError, match=r"numpy differs from the reference"):
        require(tool, relative_gap(broken, expected))
    broken[0, 0] = np.nan
    with pytest.raises(PeerError):
        require(tool, relative_gap(broken, expected))
