"""Sizes of a sensitivity: every entry is sound, has a source, and a wrong file is refused with everything at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.basis.basis import load_basis
from simengine.common.errors import SimengineError, each_error
from simengine.registry.inputs import SERIES
from simengine.scenario.closures import read_closures
from simengine.scenario.sizes import DEVIATION, FILE, every_driver, read_sizes


def test_file__states_size_source_and_history_of_every_driver() -> None:
    sizes = read_sizes()
    assert {one.entry.kind for one in sizes.drivers.values()} == {"driver", "lever"}
    for one in sizes.drivers.values():
        assert (one.size > 0.0) != (one.entry.levers is not None)
        assert (one.entry.rule == DEVIATION) == (one.deviations == pytest.approx(0.15))
        assert one.size_text("en") and one.size_text("zh")
    assert all(rule.source and rule.evidence for rule in sizes.rules.values())


def test_fertility__is_the_deviation_of_the_rates_of_the_basis() -> None:
    basis = load_basis("china-2020")
    rates = basis.fertility(range(2001, 2025))
    known = [float(total) for total in rates.reshape(rates.shape[0], -1).sum(axis=1)]
    mean = sum(known) / len(known)
    deviation = (sum((value - mean) ** 2 for value in known) / (len(known) - 1)) ** 0.5
    assert read_sizes().drivers["fertility"].entry.deviation == pytest.approx(deviation, rel=5e-3)


def test_levers_as_sides__are_values_of_closures_or_packaged() -> None:
    values = {name for entry in read_closures().content.closures.values() for name in entry.variants.values()}
    sides = [one.entry.levers for one in read_sizes().drivers.values() if one.entry.levers is not None]
    named = {name for one in sides for name in (one.low, one.high) if name}
    assert {"early_leaving_low", "coverage_high"} <= named & values


def test_everything__takes_points_for_rates_and_ten_per_cent_for_the_rest() -> None:
    basis = load_basis("jiangxi-2020")
    sizes = read_sizes()
    found = every_driver(sizes, dict.fromkeys(basis.series_names()), basis.constants)
    assert len(found) > 2 * len(sizes.drivers)
    plain = {key: one for key, one in found.items() if key not in sizes.drivers and one.entry.series}
    assert {one.entry.rule for one in plain.values()} == {"point", "tenth"}
    for key, one in plain.items():
        assert (one.entry.rule == "point") == (SERIES[key].kind == "rate"), key
    assert "paused_members" not in found and "resident_launch_year" not in found


def test_wrong_file__is_refused_with_every_fault(tmp_path: Path) -> None:
    text = """
rules:
  share: {name: {en: s, local: s}, share: 0.15, source: t, evidence: assumption}
  size: {name: {en: s, local: s}, size: 0.1, source: t, evidence: assumption}
drivers:
  none: {name: {en: a, local: a}, kind: driver, by: add, rule: size}
  both: {name: {en: a, local: a}, kind: driver, series: [average_wage], constant: layoff_share, by: add, rule: size}
  rule: {name: {en: a, local: a}, kind: driver, series: [average_wage], by: add, rule: sizes}
  history: {name: {en: a, local: a}, kind: driver, series: [average_wage], by: add, rule: share}
  series: {name: {en: a, local: a}, kind: driver, series: [average_wagee], by: add, rule: size}
  lever: {name: {en: a, local: a}, kind: lever, levers: {low: nothing_here}, rule: size}
"""
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SimengineError) as raised:
        read_sizes(path)
    codes = [error.code for error in each_error(raised.value)]
    assert codes == [
        "sizes_one_move", "sizes_one_move", "sizes_rule", "sizes_deviation", "sizes_unknown", "sizes_no_size",
        "sizes_unknown",
    ]  # fmt: skip
    assert all("line" in str(error) for error in each_error(raised.value))
