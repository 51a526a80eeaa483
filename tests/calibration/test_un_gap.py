"""The nation beside the official counts and the UN, and the UN's people as a basis that the engine runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.judge.checks.identities import run_checks
from simengine.judge.checks.people import people_table
from simengine.scenario.scenario import load_scenario
from simengine_calibration.people.un_gap import UN_BASIS, official, projections, report, united_nations, write_un_basis


def test_un_pyramid_and_rates__are_the_un_s_own_projection() -> None:
    """Total, births, deaths and the old of the third projection stay near what the UN publishes."""
    (_, _, third), known = projections(), united_nations()
    for measure, near in (("population", 1e-3), ("births", 4e-3), ("deaths", 3e-3)):
        for year in range(2026, 2101):
            assert third.at[measure][year] == pytest.approx(known[measure][year], rel=near), (measure, year)
    for measure in ("population_60_plus", "population_65_plus"):
        assert set(known[measure]) == set(range(2030, 2101, 10))
        for year, value in known[measure].items():
            assert third.mid_year[measure][year] == pytest.approx(value, rel=2e-3), (measure, year)


def test_baseline__meets_the_counts_and_the_un_does_not() -> None:
    baseline, rates, pyramid = projections()
    for measure, years in official().items():
        limit = {"population": 0.002, "births": 0.02, "deaths": 0.02}.get(measure, 0.005)
        for year, value in years.items():
            assert baseline.at[measure][year] == pytest.approx(value, rel=limit), (measure, year)
    deaths = official()["deaths"]
    assert all(rates.at["deaths"][year] > 1.07 * value for year, value in deaths.items())
    assert all(pyramid.at["deaths"][year] > 1.04 * value for year, value in deaths.items())


def test_notes__hold_the_table_that_the_command_prints() -> None:
    notes = (Path(__file__).parents[2] / "simengine" / "notes" / "population.md").read_text(encoding="utf-8")
    assert report() in notes, "replace the table of notes/population.md by what people.un_gap prints"


def test_engine__runs_the_people_of_the_un(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMENGINE_BASES", str(tmp_path))
    scenario = write_un_basis(tmp_path)
    scenario.write_text(scenario.read_text(encoding="utf-8") + "years: [2021, 2030]\n", encoding="utf-8")
    result = project(load_scenario(scenario))
    data = result.dataset.isel(scenario=0, draw=0, region=0)
    third = projections()[2]
    people = data.population.sum(("sex", "age"))
    for year in (2021, 2025, 2030):
        assert float(people.sel(year_end=year)) == pytest.approx(third.at["population"][year], rel=1e-9)
        assert float(data.deaths.sel(year=year)) == pytest.approx(third.at["deaths"][year], rel=1e-9)
    assert run_checks(result)["ok"].all()
    basis = load_basis(UN_BASIS)
    np.testing.assert_allclose(basis.death_prob([2025]), basis.knots("death_prob", [2025], log=True), rtol=1e-12)
    table = people_table(result)
    assert len(table) == 25 and (table[table["verdict"] == "outside"]["why_en"] != "").all()
