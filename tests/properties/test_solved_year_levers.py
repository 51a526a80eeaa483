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
from simengine.engine.what_if import what_if
from simengine.kernels import layout as at
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


def path_of(name: str, status: str) -> np.ndarray:
    """Odds of the path of the nation in the projected years."""
    (lane,) = project(load_scenario(name)).lanes
    return lane.inputs.paths[at.PATH_ENTRY_ODDS_ENTERPRISE + STATUSES.index(status), 1:]


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


# --- what a year with levels leaves to later ones ---------------------------------------------------------------------

CALLED = {"status": "enterprise", "kind": "additional", "years": [FIRST_PLANNED, FIRST_PLANNED], "reason": "A trial."}
UNLOADED: dict[str, dict[str, Any]] = {
    "campaign from the paused": {"campaigns": [{"id": "c", **CALLED, "total": 30_000, "pools": ["paused"]}]},
    "campaign from nobody's": {"campaigns": [{"id": "c", **CALLED, "total": 300_000, "pools": ["none", "resident"]}]},
    "flexible campaign": {
        "campaigns": [{"id": "c", **CALLED, "status": "flexible", "total": 90_000, "pools": ["paused", "none"]}]
    },
    "bought years": {"paths": {"catch_up_entrants": {"add": {FIRST_PLANNED: 90_000}, "shape": "pulse"}}},
    "layoffs": {"paths": {"surveyed_unemployment_rate": {"add": {FIRST_PLANNED: 0.02}, "shape": "pulse"}}},
    "layoffs that end": {"paths": {"surveyed_unemployment_rate": {"add": {FIRST_PLANNED: -0.02}, "shape": "pulse"}}},
}


@pytest.mark.parametrize("change", UNLOADED)
@pytest.mark.parametrize("name", ["jiangxi/as_planned", "hubei/as_planned"])
def test_carried_on_year__leaves_no_memory(name: str, change: str) -> None:
    """Pressures and returns of all later years are those of the run without the lever."""
    plain, data = without(name), under(name, **UNLOADED[change])
    later = plain["year"].values > FIRST_PLANNED
    for status in STATUSES:
        np.testing.assert_allclose(odds(data, status)[later], odds(plain, status)[later], rtol=1e-9)
    rates = [one["return_rate"].values[later] for one in (data, plain)]
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-9)
    assert moved(data, plain)


def test_campaign_from_the_paused__brings_its_heads_once() -> None:
    """30,000 paused members of the carried-on year pay again: no member more, neither then nor in 2030."""
    plain = without("jiangxi/as_planned")
    data = under("jiangxi/as_planned", **UNLOADED["campaign from the paused"])
    assert total(data, FIRST_PLANNED) == pytest.approx(total(plain, FIRST_PLANNED), abs=1.0)
    paying = heads(data, "enterprise", FIRST_PLANNED) - heads(plain, "enterprise", FIRST_PLANNED)
    assert paying == pytest.approx(30_000.0)
    assert abs(total(data, 2030) - total(plain, 2030)) < 1_500.0


@pytest.mark.parametrize("region", ["china", "jiangxi"])
@pytest.mark.parametrize("first", [2021, LAST_KNOWN])
def test_payment_rate__of_known_years_leaves_the_pressures_alone(region: str, first: int) -> None:
    """One of the last known year alone leaves no trace; one of all known years moves who is there to enter."""
    plain, data = without(f"{region}/baseline"), under(f"{region}/baseline", payment_rate={first: 0.84})
    later = plain["year"].values > LAST_KNOWN
    for status in STATUSES:
        close = 1e-9 if first == LAST_KNOWN else 0.005
        np.testing.assert_allclose(odds(data, status)[later], odds(plain, status)[later], rtol=close)


STATED = {
    "enterprise": {"enterprise_payers": {2026: 640.0, 2027: 655.0}},
    "enterprise below its heads": {"enterprise_payers": {2026: 560.0, 2027: 560.0}},
    "flexible": {"flexible_payers": {2026: 165.0, 2027: 168.0}},
    "both": {"enterprise_payers": {2026: 640.0, 2027: 655.0}, "flexible_payers": {2026: 165.0, 2027: 168.0}},
}


@pytest.mark.parametrize("rate", [0.78, 0.85])
@pytest.mark.parametrize("stated", STATED)
def test_payment_rate__is_met_beside_a_stated_level(stated: str, rate: float) -> None:
    levels = STATED[stated]
    paths = {item: {"set": {year: 1e4 * value for year, value in values.items()}} for item, values in levels.items()}
    data = under("jiangxi/baseline", payment_rate={2026: rate}, paths=paths)
    for year in (2026, 2027, 2028):
        assert heads(data, "paused", year) / total(data, year) == pytest.approx(1.0 - rate, rel=1e-9)
        for item, values in levels.items():
            if year in values:
                assert heads(data, item.removesuffix("_payers"), year) == pytest.approx(1e4 * values[year], rel=1e-9)


COUNTED: dict[str, dict[str, Any]] = {
    **UNLOADED,
    "gross campaign": {
        "campaigns": [{"id": "c", **CALLED, "status": "flexible", "kind": "gross", "total": 1_500_000,
                       "years": [2021, 2023], "pools": ["none", "resident"]}]
    },
    "growth": {"coverage_growth": {"enterprise_payers": {2021: 0.05, 2022: 0.05, 2023: 0.0}}},
}  # fmt: skip


@pytest.mark.parametrize("change", COUNTED)
def test_payment_rate__counts_whoever_enters_in_the_year(change: str) -> None:
    data = under("jiangxi/as_planned", payment_rate={FIRST_PLANNED: 0.83}, **COUNTED[change])
    for year in range(FIRST_PLANNED, FIRST_PLANNED + 5):
        assert heads(data, "paused", year) / total(data, year) == pytest.approx(0.17, rel=1e-9)


def test_payment_rate__of_xuzhou_is_met_beside_its_gross_campaign() -> None:
    """88 % at the end of 2023 and 90 % from 2025 on, as the levers state, with 300,000 brought in by 2025."""
    made = what_if("xuzhou/as_planned", levers=["xuzhou_payment_rate_88_90"])  # the campaign is the plan's own
    data = project(made).dataset.isel(scenario=0, draw=0).sel(region="xuzhou")
    assert float(data["campaign_top_up_enterprise"].sel(year=2023)) > 1_000.0
    for year, rate in ((2023, 0.88), (2025, 0.90), (2026, 0.90)):
        assert heads(data, "paused", year) / total(data, year) == pytest.approx(1.0 - rate, rel=1e-9)


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
    if status == "paused":
        return
    # 2025 lacks nobody, so it counts as half the mean m of 2021-2024: the odds of 2025 + j over their path are
    # m·(1/2 + j/10·((4 + 1/2)/5 - 1/2)) = m·(0.5 + 0.04 j), from the tenth year on 0.9 m
    years = data["year"].values
    path = path_of("jiangxi/baseline", status)[: years.size]
    beside = odds(data, status) / path
    mean = float(np.mean((odds(plain, status) / path)[years <= 2024]))
    later = years > 2025
    np.testing.assert_allclose(beside[later], mean * (0.5 + 0.04 * (years[later] - 2025)), rtol=1e-8)


def falling(folder: Path, item: str, year: int, first: float, steps: int) -> list[xr.Dataset]:
    """Runs of Jiangxi whose level of one year is entered ever lower, by 2 % of the first [10,000 persons]."""
    runs = []
    for step in range(steps):
        row = f"{item},,万人,{first * (1.0 - 0.02 * step):.4f},bureau,,,"
        place = folder / str(step)
        place.mkdir()
        text = "years: [2021, 2040]\ntargets: []\nactuals: none\n"
        runs.append(data_of(scenario_with("jiangxi/baseline", place, str(year), row, text=text)))
    return runs


@pytest.mark.parametrize(
    ("item", "year", "first"),
    [
        ("enterprise_payers", 2024, 620.0),
        ("flexible_payers", 2024, 185.0),
        ("enterprise_payers", 2025, 620.0),
        ("flexible_payers", 2025, 170.0),
    ],
)
def test_level__entered_lower_never_leaves_more_payers(item: str, year: int, first: float, tmp_path: Path) -> None:
    """From above the heads to far below them; also of the status of the level, where it is the enterprises'.

    Where the paused members are not known (2025), who is too many pauses; ten years later some more of those who
    paused pay again than would still pay, so the comparison ends in 2030.
    """
    runs = falling(tmp_path, item, year, first, 18)
    for later in (year, year + 1, 2030, *([2040] if year == LAST_KNOWN else [])):
        payers = [total(data, later) - heads(data, "paused", later) for data in runs]
        assert payers[0] > 1.02 * payers[-1]
        assert max(np.diff(payers)) < 1e-9 * payers[0]
        own = [heads(data, "enterprise", later) for data in runs]
        if item == "enterprise_payers":
            assert max(np.diff(own)) < 1e-9 * own[0]


@pytest.mark.parametrize(
    ("status", "other", "first"), [("enterprise", "flexible", 620.0), ("flexible", "enterprise", 170.0)]
)
def test_level__below_the_heads_sends_nobody_to_the_other_status(
    status: str, other: str, first: float, tmp_path: Path
) -> None:
    """2025 knows one level: whatever it is, the other status gets the returners that it would have had."""
    runs = falling(tmp_path, f"{status}_payers", 2025, first, 12)
    heads_of_other = [heads(data, other, 2025) for data in runs]
    np.testing.assert_allclose(heads_of_other, heads_of_other[0], rtol=1e-4)
    returned = [float(data[f"returns_{status}"].sel(year=2025)) for data in runs]
    assert returned[0] > 0.0 and returned[-1] == 0.0
    assert max(np.diff(returned)) < 1e-9 * returned[0]
    assert [float(data[f"returns_{other}"].sel(year=2025)) for data in runs] == pytest.approx(
        [float(runs[0][f"returns_{other}"].sel(year=2025))] * len(runs), rel=1e-9
    )
