"""Random levers together: the check and the run agree, every identity holds, and nothing impossible comes out.

The suite draws 24 scenarios of at most 15 years; `pytest -m release` draws 320 of up to 100 years.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import simengine
from simengine.cli.inputs import faults
from simengine.common.errors import SimengineError, each_error
from tests.helpers.lever_combinations import drawn

SEED = 20261201


def tried(seed: int, folder: Path, longest: int) -> str:
    """What came of one drawn scenario: refused on reading, refused by both, or run."""
    try:
        scenario = drawn(seed, folder, longest)
    except SimengineError as error:
        assert each_error(error)
        return "unread"
    told = sorted(error.code for error in faults(scenario))
    try:
        judged = simengine.judge_scenarios([scenario])
    except SimengineError as error:
        assert sorted(one.code for one in each_error(error)) == told, f"seed {seed}"
        return "refused"
    assert told == [], f"seed {seed}: the run takes what the check refuses"
    assert judged.failed.empty, f"seed {seed}:\n{judged.failed}"
    return "run"


@pytest.mark.parametrize("seed", range(SEED, SEED + 24))
def test_a_drawn_scenario__is_refused_by_check_and_run_or_by_neither(tmp_path: Path, seed: int) -> None:
    assert tried(seed, tmp_path, 15) in ("unread", "refused", "run")


@pytest.mark.release
def test_320_drawn_scenarios(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(320):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found[tried(seed, folder, 100)] += 1
    print(dict(found))
    assert found["run"] >= 120
