"""A sweep: every lane labelled, and equal to the same scenario run alone."""

from __future__ import annotations

import pytest

from simengine.common.errors import ScenarioError
from simengine.decide.sweep import sweep
from simengine.engine.project import project
from simengine.scenario.scenario import load_scenario, with_levers

OUTPUTS = ("unemployment_insured", "awards_enterprise", "fund_balance:enterprise_pension")


def test_sweep__each_lane_is_the_scenario_run_alone() -> None:
    base = load_scenario("haiyan/baseline")
    levers = [
        {
            "wage": {
                "name": {"en": "w", "local": "w"},
                "reason": "test",
                "paths": {"average_wage": {"multiply": {2026: k}}},
            }
        }
        for k in (0.9, 1.0, 1.1)
    ]
    scenarios = [with_levers(base, f"wage {k}", one) for k, one in zip((0.9, 1.0, 1.1), levers, strict=True)]
    found = sweep(scenarios, OUTPUTS)
    assert found.dims == ("output", "year", "lane")
    assert found.unit.values.tolist() == ["person", "person", "yuan"]
    for lane, scenario in enumerate(scenarios):
        data = project(scenario).dataset.isel(scenario=0, draw=0, region=0)
        assert str(found.scenario.values[lane]) == scenario.key and str(found.region.values[lane]) == "haiyan"
        assert found.year.values.tolist() == data.year.values.tolist()
        alone = (
            data.unemployment_insured[1:],
            data.awards_enterprise,
            data.fund_balance.sel(fund="enterprise_pension")[1:],
        )
        for output, values in enumerate(alone):
            assert found.values[output, :, lane].tobytes() == values.values.tobytes()
    assert found.values[2, -1, 0] != found.values[2, -1, 2]


def test_sweep__areas_of_a_city_are_lanes_of_their_own() -> None:
    found = sweep([load_scenario("xuzhou/baseline")], OUTPUTS[:1])
    assert len(set(found.region.values.tolist())) == found.sizes["lane"] == 7


def test_sweep__refuses_what_it_cannot_run() -> None:
    with pytest.raises(ScenarioError, match="no outputs of these names"):
        sweep([load_scenario("haiyan/baseline")], ["unemployed_insured"])
    with pytest.raises(ScenarioError, match="no scenario is named"):
        sweep([], OUTPUTS)
