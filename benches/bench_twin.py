"""The lane by numba beside the same sources translated to C. See README.md and `python -m benches.twin --help`."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from benches.twin.compare import compare

ROUNDS = 5


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not on the PATH: nothing to compile C with")
def test_lane_kernel_beside_c(benchmark: Any) -> None:
    """Processor time in interleaved rounds; the same bits on both sides."""
    report = benchmark.pedantic(lambda: compare(ROUNDS), rounds=1, iterations=1)
    benchmark.extra_info.update(size="one_region_75_years", **report)
    for variant in ("as_is", "full_box"):
        assert report[variant]["bits_equal"], variant
        assert report[variant]["largest_difference"]["gcc_fast"] < 1e-11
