"""Levers on coverage in years whose level is known, entered or carried on (notes/coverage.md)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simengine.engine.idle import idle_levers
from simengine.engine.project import copy_state, project, run_lane
from simengine.scenario.scenario import Scenario, load_scenario, with_levers
from tests.helpers.actual_tables import scenario_with
from tests.helpers.lever_matrix import openings, shortened

LAST_KNOWN = 2024
FIRST_PLANNED = 2021
"""First year of a scenario as planned: its levels are carried on from the growth before."""
PRESSED = ("entry_pressure_enterprise", "entry_pressure_flexible")
GROWN = ("enterprise_payers", "flexible_payers")
STATUSES = ("enterprise", "flexible")


@cache
def without(name: str) -> xr.Dataset:
    return data_of(load_scenario(name))


def under(name: str, **change: Any) -> xr.Dataset:
    lever = {"name": {"en": "trial", "local": "试算"}, "reason": "A test.", **change}
    return data_of(with_levers(load_scenario(name), "trial", {"trial": lever}))


def data_of(scenario: Scenario) -> xr.Dataset:
    return project(scenario).dataset.isel(scenario=0, draw=0, region=0)


def heads(data: xr.Dataset, status: str, year: int) -> float:
    return float(data["members"].sel(status=status, year_end=year))


def total(data: xr.Dataset, year: int) -> float:
    return float(data["members"].sel(year_end=year).sum())


def odds(data: xr.Dataset, status: str) -> np.ndarray:
    return np.asarray(data[f"entry_odds_{status}"].values)


def moved(one: xr.Dataset, two: xr.Dataset) -> set[str]:
    """Variables that differ in some bit."""
    return {str(name) for name in one.data_vars if not np.array_equal(one[name], two[name], equal_nan=True)}


# --- pressure ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "year"), [("jiangxi/baseline", 2023), ("jiangxi/as_planned", FIRST_PLANNED)])
@pytest.mark.parametrize("series", PRESSED)
def test_pressure__of_a_solved_year_alone_moves_nothing(name: str, year: int, series: str) -> None:
    assert moved(under(name, paths={series: {"add": {year: 0.3}, "shape": "pulse"}}), without(name)) == set()


@pytest.mark.parametrize(("name", "solved"), [("jiangxi/baseline", LAST_KNOWN), ("jiangxi/as_planned", FIRST_PLANNED)])
@pytest.mark.parametrize("status", STATUSES)
def test_pressure__from_a_solved_year_on_acts_in_the_years_after_the_solved_ones(
    name: str, solved: int, status: str
) -> None:
    plain = without(name)
    data = under(name, paths={f"entry_pressure_{status}": {"add": {FIRST_PLANNED: 0.3}, "shape": "step"}})
    ratio = odds(data, status) / odds(plain, status)
    later = plain["year"].values > solved
    assert (ratio[~later] == 1.0).all()
    np.testing.assert_allclose(ratio[later], np.exp(0.3), rtol=1e-9)
    assert heads(data, status, solved) == heads(plain, status, solved)
    assert heads(data, status, solved + 1) > heads(plain, status, solved + 1)


# --- growth -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("series", GROWN)
def test_growth__of_the_last_known_year_moves_nothing(series: str) -> None:
    growth = {series: {LAST_KNOWN: 0.02, LAST_KNOWN + 1: 0.0}}
    assert moved(under("jiangxi/baseline", coverage_growth=growth), without("jiangxi/baseline")) == set()


@pytest.mark.parametrize("status", STATUSES)
def test_growth__of_the_first_planned_year_comes_once_and_leaves_no_pressure(status: str) -> None:
    plain = without("jiangxi/as_planned")
    growth = {f"{status}_payers": {FIRST_PLANNED: 0.02, FIRST_PLANNED + 1: 0.0}}
    data = under("jiangxi/as_planned", coverage_growth=growth)
    more = heads(data, status, FIRST_PLANNED) - heads(plain, status, FIRST_PLANNED)
    brought = float(plain[f"campaign_top_up_{status}"].sel(year=FIRST_PLANNED))
    carried = heads(plain, status, FIRST_PLANNED) - brought
    assert more == pytest.approx(0.02 * carried, rel=1e-3)
    later = plain["year"].values > FIRST_PLANNED
    np.testing.assert_allclose(odds(data, status)[later], odds(plain, status)[later], rtol=1e-12)
    assert heads(data, status, 2035) - heads(plain, status, 2035) < more


def test_levers_of_solved_years__are_told_to_move_nothing() -> None:
    lever = {"name": {"en": "trial", "local": "试算"}, "reason": "A trial."}
    levers = {
        "pressed": {**lever, "paths": {PRESSED[0]: {"add": {2023: 0.3}, "shape": "pulse"}}},
        "grown": {**lever, "coverage_growth": {GROWN[0]: {LAST_KNOWN: 0.02, LAST_KNOWN + 1: 0.0}}},
        "acting": {**lever, "coverage_growth": {GROWN[1]: {LAST_KNOWN: 0.02, LAST_KNOWN + 2: 0.0}}},
    }
    scenario = with_levers(shortened("jiangxi"), "trial", levers)
    lanes = openings().lanes(scenario)
    for lane in lanes:
        lane.output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
    told = idle_levers(scenario, lanes, openings())
    named = {remark.en.partition(" changes no number")[0].split()[-1] for remark in told}
    assert named == {"pressed", "grown"}


# --- payment rate and layoffs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.75, 0.9])
def test_payment_rate__of_the_first_planned_year_is_met_and_moves_no_member(rate: float) -> None:
    plain, data = without("jiangxi/as_planned"), under("jiangxi/as_planned", payment_rate={FIRST_PLANNED: rate})
    whole = total(data, FIRST_PLANNED)
    assert whole == pytest.approx(total(plain, FIRST_PLANNED), rel=1e-9)
    assert heads(data, "paused", FIRST_PLANNED) / whole == pytest.approx(1.0 - rate, rel=1e-6)
    assert heads(plain, "paused", FIRST_PLANNED) / whole != pytest.approx(1.0 - rate, rel=1e-2)


def test_layoffs__of_the_first_planned_year_reach_payers() -> None:
    """Three points more unemployment; the levels carried on know nothing of it."""
    plain = without("jiangxi/as_planned")
    data = under("jiangxi/as_planned", paths={"surveyed_unemployment_rate": {"add": {FIRST_PLANNED: 0.03}}})
    laid_off = [float(one["layoffs"].sel(year=FIRST_PLANNED)) for one in (data, plain)]
    more = laid_off[0] - laid_off[1]
    assert more > 0.01 * heads(plain, "enterprise", FIRST_PLANNED)
    fewer = heads(plain, "enterprise", FIRST_PLANNED) - heads(data, "enterprise", FIRST_PLANNED)
    paused = heads(data, "paused", FIRST_PLANNED) - heads(plain, "paused", FIRST_PLANNED)
    assert fewer == pytest.approx(more, rel=1e-6)
    assert paused == pytest.approx(more, rel=1e-6)


# --- entered levels ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_level__entered_below_the_heads_is_met_by_pauses(status: str, tmp_path: Path) -> None:
    text = "years: [2021, 2030]\ntargets: []\nactuals: none\n"
    path = tmp_path / "plain.yaml"
    path.write_text(f"extends: jiangxi/baseline\n{text}", encoding="utf-8")
    plain = data_of(load_scenario(path))
    asked = round(0.85 * heads(plain, status, 2025))
    row = f"{status}_payers,,人,{asked},bureau,,,"
    data = data_of(scenario_with("jiangxi/baseline", tmp_path, "2025", row, text=text))
    assert heads(data, status, 2025) == pytest.approx(asked, rel=1e-9)
    assert float(data[f"shortfall_{status}"].sel(year=2025)) == pytest.approx(0.0, abs=1e-3)
    paused = [float(one[f"pauses_{status}"].sel(year=2025)) for one in (data, plain)]
    assert paused[0] > paused[1]
    assert float(data[f"entries_{status}"].sel(year=2025)) < 1e-6 * asked
    later = data["year"].values > 2025
    ratio = (odds(data, status) / odds(plain, status))[later]
    # the odds before it stay, and settle from a year later: (10 - (j - 1)·d)/(10 - j·d) with one d in every year
    j = data["year"].values[later] - 2024
    d = 10.0 * (ratio - 1.0) / (j * ratio - (j - 1))
    np.testing.assert_allclose(d, d[0], rtol=1e-8)
    assert 0.0 < d[0] < 0.5
