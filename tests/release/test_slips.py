"""Two hundred slips of unit put into sound levers: at least 95 in a hundred are told, and no sound lever is."""

from __future__ import annotations

import pytest

from tests.helpers.slip_injection import inject

COUNT, TOLD = 200, 0.95


@pytest.mark.release
@pytest.mark.parametrize("seed", [20261201, 1, 2])
def test_slips__are_told_and_sound_levers_are_not(seed: int) -> None:
    outcome = inject(COUNT, seed)
    print("", *outcome.lines(), *outcome.passed, sep="\n")
    assert outcome.told.total() >= TOLD * COUNT, outcome.passed
    assert not outcome.alarms
