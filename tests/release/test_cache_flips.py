"""A bit that flips among the compiled kernels costs a compilation, never a number and never the process."""

from __future__ import annotations

import pytest

from simengine.kernels.compiler import jit
from tests.release import cache_flips


@pytest.mark.release
@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
def test_flips__give_no_wrong_number_and_no_crash() -> None:
    outcomes = cache_flips.count(300)
    assert outcomes[cache_flips.WRONG] == outcomes[cache_flips.CRASHED] == 0
    assert outcomes[cache_flips.REBUILT] > 200


@pytest.mark.release
@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
def test_flips__without_the_check_are_seen() -> None:
    outcomes = cache_flips.count(40, forged=True)
    assert outcomes[cache_flips.WRONG] + outcomes[cache_flips.CRASHED] > 0
