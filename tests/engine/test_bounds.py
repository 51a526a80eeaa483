"""Slips of unit in changed series and campaigns end in one clear message, before anything is computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.cli.inputs import load_all
from simengine.common.errors import SimengineError
from simengine.engine.compile.bounds import check_change
from simengine.engine.compile.paths import fill_paths
from simengine.law import load_law
from simengine.registry.inputs import SERIES
from simengine.scenario.scenario import Scenario, load_scenario


def scenario_file(folder: Path, extends: str, rest: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"extends: {extends}\n{rest}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("employer_rate: {set: {2026: 16}}", "employer_rate is 16 in 2026"),
        ("employer_rate: {set: {2026: -0.1}}", "employer_rate is -0.1 in 2026"),
        ("return_resident: {set: {2026: 3}}", "Write 2 percent as 0.02"),
        ("enterprise_payers: {set: {2026: 12.3}}", "persons, not 万人"),
        ("basic_pension: {set: {2030: 60_000}}", "Check the unit"),
        ("average_wage: {add: {2030: -1_000_000}}", "zero or more"),
    ],
)
def test_a_slip_is_refused_with_series_year_and_line(tmp_path: Path, change: str, words: str) -> None:
    path = scenario_file(tmp_path, "haiyan/baseline", f"paths:\n  {change}")
    with pytest.raises(SimengineError) as caught:
        load_all([str(path)])
    assert words in str(caught.value)
    assert "line 3" in str(caught.value)


def test_sound_changes_pass(tmp_path: Path) -> None:
    rest = "paths:\n  unemployment_insured: {set: {2026: 150_000}}\n  employer_rate: {set: {2026: 0.2}}"
    assert load_all([str(scenario_file(tmp_path, "haiyan/baseline", rest))])


def test_a_campaign_in_ten_thousands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(
        "name: {en: x, local: x}\nreason: test\n"
        "campaigns: [{status: enterprise, kind: gross, total: 21, years: [2021, 2023], pools: [none], reason: x}]\n",
        encoding="utf-8",
    )
    path = scenario_file(tmp_path, "xuzhou/baseline", "levers: [./small.yaml]")
    with pytest.raises(SimengineError, match="persons, not 万人"):
        load_all([str(path)])


def campaign_heads(scenario: Scenario, name: str) -> float:
    """Heads of a gross campaign in one lane, all years."""
    basis = load_basis(name)
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    book = fill_paths(basis, load_law(), years, scenario)
    return float(book.values["campaign_gross_enterprise"].sum())


def test_the_areas_of_a_city_share_its_campaign(tmp_path: Path) -> None:
    scenario = load_scenario(scenario_file(tmp_path, "xuzhou/baseline", "levers: [xuzhou_gross_210k_2023]"))
    parts = [campaign_heads(scenario, name) for name in load_basis("xuzhou-2020").partition]
    assert sum(parts) == pytest.approx(210_000.0, rel=1e-9)
    assert min(parts) > 0.0


def test_kinds_of_series() -> None:
    assert {SERIES[name].kind for name in ("employer_rate", "density_public", "payment_rate")} == {"share"}
    assert SERIES["average_wage"].kind == "amount" and SERIES["award_factor"].kind == "factor"


def test_an_unchanged_series_is_never_judged() -> None:
    odd = np.array([5.0, -3.0, np.nan])
    check_change("employer_rate", odd, odd.copy(), np.array([2021, 2022, 2023]), scenario=None)  # type: ignore[arg-type]
