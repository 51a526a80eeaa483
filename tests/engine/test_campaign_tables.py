"""Campaigns as the kernels receive them: pools with limits, ages, heads by year, and what a city's areas share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.common.errors import LeverError, ScenarioError
from simengine.engine.compile import LaneInputs, compile_scenario
from simengine.engine.compile.shares import city_share
from simengine.engine.project import lane_bases
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.scenario.scenario import Scenario, load_scenario

LEVER = 'name: {en: L, local: 杠杆}\nreason: "a test"\ncampaigns:\n'
ONE = "  - {{id: {id}, status: {status}, kind: {kind}, total: {total}, years: [2026, 2028], {more}reason: x}}\n"


def scenario(folder: Path, *campaigns: str, extends: str = "jiangxi/baseline") -> Scenario:
    (folder / "lever.yaml").write_text(LEVER + "".join(campaigns), encoding="utf-8")
    path = folder / "own.yaml"
    path.write_text(f"extends: {extends}\nyears: [2021, 2030]\nlevers: [./lever.yaml]\n", encoding="utf-8")
    return load_scenario(path)


def compiled(one: Scenario) -> list[LaneInputs]:
    return compile_scenario(one, lane_bases(one), load_law())


def stated(
    id: str = "one", status: str = "resident", kind: str = "additional", total: int = 90_000, more: str = ""
) -> str:
    return ONE.format(id=id, status=status, kind=kind, total=total, more=f"{more}, " if more else "")


def test_residents__pools_stand_in_their_order_with_limits_in_the_years_of_the_campaign(tmp_path: Path) -> None:
    text = stated(more="pools: [none, elderly, paused], limits: {elderly: 7_000}")
    (inputs,) = compiled(scenario(tmp_path, text))
    table = inputs.tables.campaign[:, at.CAMPAIGN_RESIDENT]
    acts = (inputs.years >= 2026) & (inputs.years <= 2028)
    expected = [[at.POOL_NONE, np.inf], [at.POOL_ELDERLY, 7_000.0], [at.POOL_PAUSED, np.inf]]
    assert np.array_equal(table[acts], np.broadcast_to(expected, (3, 3, 2))) and not table[~acts].any()
    yearly = inputs.paths[at.PATH_NAMES.index("campaign_additional_resident")]
    assert yearly[acts] == pytest.approx(30_000.0) and not yearly[~acts].any()
    assert not inputs.tables.campaign[:, : at.CAMPAIGN_RESIDENT].any()


def test_residents__without_pools_the_old_come_first_then_who_stopped_paying(tmp_path: Path) -> None:
    (inputs,) = compiled(scenario(tmp_path, stated()))
    table = inputs.tables.campaign[inputs.years == 2027, at.CAMPAIGN_RESIDENT, :, 0]
    assert table.tolist() == [[at.POOL_ELDERLY, at.POOL_PAUSED, 0.0]]


def test_ages__are_those_stated_or_the_usual_ones_of_the_status(tmp_path: Path) -> None:
    employees = stated("other", "flexible", more="pools: [none], ages: [40, 58]")
    (inputs,) = compiled(scenario(tmp_path, employees, stated(more="ages: [60, 75]")))
    in_year = inputs.tables.campaign_ages[inputs.years == 2026][0]
    assert in_year.tolist() == [[35.0, 79.0, 1.0], [40.0, 58.0, 0.0], [60.0, 75.0, 0.0]]
    assert inputs.tables.campaign_ages[inputs.years == 2029][0].tolist() == [
        [35.0, 79.0, 1.0],
        [35.0, 79.0, 1.0],
        [16.0, 100.0, 0.0],
    ]


def test_areas__take_their_part_of_heads_and_limits_by_their_registered(tmp_path: Path) -> None:
    one = scenario(tmp_path, stated(more="pools: [paused], limits: {paused: 7_000}"), extends="xuzhou/baseline")
    bases = lane_bases(one)
    lanes = compile_scenario(one, bases, load_law())
    place = at.PATH_NAMES.index("campaign_additional_resident")
    for basis, lane in zip(bases, lanes, strict=True):
        part = city_share(basis, one, "resident_registered")
        year = lane.years == 2027
        assert lane.paths[place, year] == pytest.approx(30_000.0 * part)
        assert lane.tables.campaign[year, at.CAMPAIGN_RESIDENT, 0, 1] == pytest.approx(7_000.0 * part)
    assert sum(lane.paths[place].sum() for lane in lanes) == pytest.approx(90_000.0)


@pytest.mark.parametrize(
    ("second", "code"),
    [("pools: [paused]", "campaign_pools"), ("ages: [60, 70]", "campaign_ages")],
)
def test_two_campaigns__of_residents_in_one_year_share_pools_and_ages(tmp_path: Path, second: str, code: str) -> None:
    one = scenario(tmp_path, stated(), stated("other", kind="gross", more=second))
    with pytest.raises(LeverError) as caught:
        compiled(one)
    assert caught.value.code == code and "2026" in str(caught.value) and "lever.yaml, line 5" in str(caught.value)


@pytest.mark.parametrize(("total", "code"), [(20, "campaign_small"), (90_000_000, "campaign_large")])
def test_heads__in_another_unit_are_refused(tmp_path: Path, total: int, code: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        compiled(scenario(tmp_path, stated(total=total)))
    assert caught.value.code == code


@pytest.mark.parametrize("status", ["unemployment", "injury"])
def test_branch__draws_on_no_pool_and_has_no_ages(tmp_path: Path, status: str) -> None:
    with pytest.raises(LeverError) as caught:
        scenario(tmp_path, stated(status=status, more="ages: [35, 50]"))
    assert caught.value.code == "ages_of_branch"
