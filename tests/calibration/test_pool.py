"""What the nation's lane holds is frozen in its basis as the run gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine_calibration.fitting.pool import FIRST, found_reserves, keep, kept_reserves


def test_kept_reserves__are_those_of_the_run() -> None:
    found, kept = found_reserves(), kept_reserves()
    assert sorted(found) == sorted(kept) and min(found) == FIRST
    assert kept == pytest.approx(found, abs=1.5e-3), (
        "run python -m simengine_calibration.fitting.pool --keep, then build"
    )


def test_keep__writes_one_line_and_leaves_the_others(tmp_path: Path) -> None:
    file = tmp_path / "behaviour.yaml"
    lines = ["a: {values: {2000: 1}}", 'pool_reserve: {unit: "1", values: {1992: 0, 2022: 9}}', "b: 2"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    keep({2022: 1.25, 2023: 0.0}, file)
    expected = 'pool_reserve: {unit: "1", values: {1992: 0, 2021: 0, 2022: 1.25, 2023: 0}}'
    assert file.read_text(encoding="utf-8").splitlines() == ["a: {values: {2000: 1}}", expected, "b: 2"]
    file.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="does not stand there once"):
        keep({2022: 1.0}, file)
