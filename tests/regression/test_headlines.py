"""The headline figures of the baselines are those that were written down."""

from __future__ import annotations

import pandas as pd
import pytest

from simengine.judge.checks.headlines import MEASURES, YEARS, baseline_regions, headlines
from tests.regression.headlines import TABLE

AGREE = 1e-6
"""Another processor may move the last bits; a change of a rule moves more."""


@pytest.mark.parametrize("region", baseline_regions())
def test_headlines__are_those_written_down(region: str) -> None:
    known = pd.read_csv(TABLE).set_index(["region", "measure", "year"])["value"]
    moved = []
    for place, measure, year, value in headlines(region):
        before = float(known[place, measure, year])
        if abs(value - before) > AGREE * max(abs(before), 1e-9):
            moved.append(f"{place} {measure} {year}: {before:.6g} -> {value:.6g} ({value / before - 1.0:+.2%})")
    hint = "say so in CHANGELOG.md and run python -m tests.regression.headlines"
    assert not moved, "\n".join(["figures have moved; " + hint, *moved])


def test_headlines__are_complete() -> None:
    known = pd.read_csv(TABLE)
    assert len(known) == len(baseline_regions()) * len(YEARS) * len(MEASURES)
    assert not known.duplicated(["region", "measure", "year"]).any()
    assert known["value"].notna().all()
