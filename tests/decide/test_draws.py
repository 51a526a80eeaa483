"""Draws of a calibration: one projection each, the axis says which; threads change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from simengine.basis.overlay import Values
from simengine.common.errors import ScenarioError
from simengine.decide.draws import project_draws
from simengine.engine.project import project
from simengine.scenario.scenario import Scenario, load_scenario

SECOND = {
    "china-2020": Values(constants={"deemed_entry_share": 0.1}),
    "jiangxi-2020": Values(series={"award_factor": {2015: 1.2}}),
}
DRAWS = [{}, SECOND]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path: Path = tmp_path_factory.mktemp("draws") / "short.yaml"
    path.write_text("extends: jiangxi/baseline\nyears: [2021, 2024]\n", encoding="utf-8")
    return load_scenario(path)


@pytest.fixture(scope="module")
def drawn(scenario: Scenario) -> xr.Dataset:
    return project_draws(scenario, DRAWS, threads=2)


def test_draws__the_first_is_the_plain_projection(scenario: Scenario, drawn: xr.Dataset) -> None:
    plain = project(scenario).dataset
    assert drawn["draw"].values.tolist() == [0, 1]
    by_age = {name for name in plain.data_vars if any(str(dim).endswith("age") for dim in plain[name].dims)}
    assert set(drawn.data_vars) == set(plain.data_vars) - by_age and by_age
    for name in drawn.data_vars:
        first = drawn[name].sel(draw=[0]) if "draw" in drawn[name].dims else drawn[name]
        assert first.dims == plain[name].dims
        assert first.values.tobytes() == plain[name].values.tobytes(), name


def test_draws__the_second_differs_from_the_first(drawn: xr.Dataset) -> None:
    mass = drawn.enterprise_pension_mass
    assert (mass.isel(draw=1, year_end=-1) < mass.isel(draw=0, year_end=-1)).all()
    assert drawn.fund_balance.attrs["units"] and drawn.fund_balance.attrs["long_name"]


def test_draws__threads_change_no_bit(scenario: Scenario, drawn: xr.Dataset) -> None:
    alone = project_draws(scenario, DRAWS, threads=1)
    assert set(alone.data_vars) == set(drawn.data_vars)
    for name in drawn.data_vars:
        assert alone[name].values.tobytes() == drawn[name].values.tobytes(), name


def test_draws__progress_counts_them(scenario: Scenario) -> None:
    heard: list[tuple[str, int, int]] = []
    project_draws(scenario, DRAWS[:1], progress=lambda *told: heard.append(told))
    assert heard == [("draws", 1, 1)]


def test_draws__none_is_refused(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="no draw to project"):
        project_draws(scenario, [])
