"""Sensitivity: the centre is the baseline, a side is the same lever run alone, zeros stay, the map meets its goal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.decide.sensitivity import Sensitivity, sensitivity
from simengine.decide.sensitivity.analysis import contour
from simengine.engine.project import project
from simengine.scenario.scenario import Scenario, load_scenario
from simengine.scenario.sizes import read_sizes

KEY, OUTPUT, YEAR = "haiyan/baseline", "ui_participants", 2030
SOME = ("wages", "fertility", "entry", "enterprise_payers", "density", "injuries", "employer_rate", "retirement")


ABOVE = 0.1
"""How far the goal lies above the baseline [10k persons]."""


@pytest.fixture(scope="module")
def found(base: float) -> Sensitivity:
    """Some drivers of each kind, and a map with a goal, on a region of one lane."""
    pair, goal = ("enterprise_payers", "wages"), round(base + ABOVE, 4)
    return sensitivity(KEY, OUTPUT, years=YEAR, drivers=SOME, map=pair, points=3, reach=2.0, goal=goal)


@pytest.fixture(scope="module")
def base() -> float:
    """The result of the scenario run alone [10k persons]."""
    return of(load_scenario(KEY))


def of(scenario: Scenario) -> float:
    data = project(scenario, threads=1).dataset
    return float(data["unemployment_insured"].squeeze(drop=True).sel(year_end=YEAR)) / 1e4


def by_driver(found: Sensitivity) -> pd.DataFrame:
    return found.rows.set_index("driver")


def test_centre__is_the_baseline_bit_for_bit(found: Sensitivity, base: float) -> None:
    assert (found.rows["base"] == base).all()
    assert found.two_way is not None
    middle = found.two_way.rows[(found.two_way.rows["x"] == 0.0) & (found.two_way.rows["y"] == 0.0)]
    assert middle["value"].tolist() == [base]
    differences = found.rows["low"] - found.rows["base"]
    assert (found.rows["low_difference"] == differences).all()


def test_rows__are_every_driver_the_widest_first_and_zeros_stay(found: Sensitivity, base: float) -> None:
    assert sorted(found.rows["driver"]) == sorted(SOME)
    assert found.rows["swing"].is_monotonic_decreasing and found.rows["swing"].iloc[0] > 0.0
    idle = found.rows[found.rows["status"] == "nothing"]
    assert {"injuries", "employer_rate"} <= set(idle["driver"])
    assert (idle[["low", "high"]] == base).all(axis=None) and (idle["swing"] == 0.0).all()
    assert not found.rows.drop(columns="deviations").isna().any(axis=None)  # no empty cell


def lever(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text("name: {en: own, local: own}\nreason: test\n" + text, encoding="utf-8")
    return path


SIDES = {
    "fertility": ("high", "demography: {fertility: {add: {2027: SIZE}}}"),
    "enterprise_payers": ("low", "coverage_growth: {enterprise_payers: {2025: -SIZE}}"),
    "density": (
        "low",
        "paths: {density_enterprise: {multiply: {2021: 0.9}}, density_flexible: {multiply: {2021: 0.9}}}",
    ),
}


@pytest.mark.parametrize("driver", SIDES)
def test_side__is_the_same_lever_run_alone(found: Sensitivity, base: float, driver: str, tmp_path: Path) -> None:
    side, text = SIDES[driver]
    row, size = by_driver(found).loc[driver], found.drivers[driver].size
    assert str(row["since"]) in text
    text = text.replace("-SIZE", repr(-size)).replace("SIZE", repr(size))
    made = simengine.what_if(KEY, levers=[lever(tmp_path, text)])
    assert row[side] == of(made) != base


def test_levers_as_sides__are_the_packaged_ones(found: Sensitivity, base: float) -> None:
    row = by_driver(found).loc["entry"]
    assert row["low"] == of(simengine.what_if(KEY, levers=["coverage_low"])) < base
    assert row["high"] == of(simengine.what_if(KEY, levers=["coverage_high"])) > base
    dense = by_driver(found).loc["density"]
    assert dense["high"] == base  # a year has no more than twelve months: that side does not exist


def test_growth__is_more_in_every_year() -> None:
    """Prices grow by the size more from the first open year on: (1 + size)^k times the index."""
    made = sensitivity(KEY, "price_index", years="2025-2035", drivers=["prices"], sizes={"prices": 0.01})
    rows = made.rows.set_index("year")
    since = int(rows["since"].iloc[0])
    for year in (since - 1, since, since + 4):
        row = rows.loc[year]
        assert row["high"] / row["base"] == pytest.approx(1.01 ** max(0, year - since + 1), rel=1e-12)
        assert row["low"] / row["base"] == pytest.approx(0.99 ** max(0, year - since + 1), rel=1e-12)


def test_sizes__are_a_share_of_the_history(found: Sensitivity) -> None:
    rows = by_driver(found)
    assert rows.loc["wages", "deviations"] == pytest.approx(0.15)
    assert rows.loc["wages", "size"] == "±0.393 pp a year" and rows.loc["employer_rate", "size"] == "±1 pp"
    assert np.isnan(rows.loc["employer_rate", "deviations"])


def test_map__meets_its_goal_on_the_contour(found: Sensitivity) -> None:
    two_way = found.two_way
    assert two_way is not None and two_way.goal is not None and two_way.goal.text.endswith(" 10k persons")
    assert len(two_way.rows) == 9 and sorted(set(two_way.rows["x"])) == [-2.0, 0.0, 2.0]
    table = two_way.rows.pivot(index="y", columns="x", values="value")
    assert (table.iloc[0] == table.iloc[1]).all()  # wages bring nobody in
    assert len(two_way.contour)
    at = two_way.contour[two_way.contour["y"] == 0.0]["x"]
    assert len(at) == 1
    size = found.drivers["enterprise_payers"].size * float(at.iloc[0])
    again = sensitivity(
        KEY, OUTPUT, years=YEAR, drivers=["enterprise_payers"], sizes={"enterprise_payers": abs(size)}
    ).rows.iloc[0]
    reached = again["high"] if size > 0.0 else again["low"]
    assert reached == pytest.approx(two_way.goal.value, abs=0.05 * ABOVE)  # straight lines between points of a curve


def test_contour__of_a_plane_is_a_straight_line() -> None:
    xs = np.linspace(-2.0, 2.0, 5)
    rows = pd.DataFrame([{"x": x, "y": y, "value": 10.0 + 2.0 * x + 4.0 * y} for x in xs for y in xs])
    points = contour(rows, 11.0)
    assert len(points) > 4
    for x, y in points:
        assert 2.0 * x + 4.0 * y == pytest.approx(1.0, abs=1e-12)
    assert contour(rows, 100.0) == []
    rows.loc[rows["x"] == 0.0, "value"] = np.nan  # impossible points carry no line
    assert all(x != 0.0 for x, _ in contour(rows, 11.0))


def test_target__gives_result_year_and_goal() -> None:
    made = sensitivity("jiangxi/baseline", target="JX-22-02", drivers=["enterprise_payers"],
                       map=("enterprise_payers", "wages"), points=2, reach=1.0)  # fmt: skip
    assert made.two_way is not None and made.two_way.goal is not None
    assert made.two_way.goal.value == 400.0 and made.two_way.goal.target == "JX-22-02"
    assert set(made.rows["year"]) == {2025} and set(made.rows["indicator"]) == {"ui_participants"}


def test_stated__what_the_scenario_says_itself_is_not_moved(tmp_path: Path) -> None:
    own = simengine.what_if(
        KEY, levers=[lever(tmp_path, "paths: {average_wage: {multiply: {2030: 1.1}}}"), "coverage_low"]
    )
    made = sensitivity(own, OUTPUT, years=YEAR, drivers=["wages", "entry", "enterprise_payers"])
    rows = by_driver(made)
    assert rows.loc[["wages", "entry"], "status"].tolist() == ["stated", "stated"]
    assert (rows.loc[["wages", "entry"], "swing"] == 0.0).all() and rows.loc["enterprise_payers", "swing"] > 0.0


def test_everything__moves_series_and_constants_and_names_what_is_refused() -> None:
    names = ["resident_share", "layoff_share", "refund_share", "medical_cost"]
    made = sensitivity(KEY, OUTPUT, years=YEAR, drivers=names)
    rows = by_driver(made)
    assert rows.loc["resident_share", "status"] == "refused"  # five shares that add up to one
    assert set(made.reasons) == {"resident_share", "refund_share"}
    assert rows.loc["medical_cost", "rule"] == "tenth" and rows.loc["layoff_share", "status"] in ("nothing", "moved")


WRONG: dict[str, dict[str, Any]] = {
    "sensitivity_no_output": {},
    "sensitivity_driver": {"output": OUTPUT, "drivers": ["wagess"]},
    "sensitivity_size": {"output": OUTPUT, "sizes": ["wages=-1%"]},
    "sensitivity_no_size": {"output": OUTPUT, "sizes": ["entry=1%"]},
    "sensitivity_map_two": {"output": OUTPUT, "map": ("wages", "wages")},
    "sensitivity_map_levers": {"output": OUTPUT, "map": ("wages", "entry")},
    "sensitivity_without_map": {"output": OUTPUT, "goal": 1.0},
    "sensitivity_points": {"output": OUTPUT, "map": ("wages", "prices"), "points": 1},
    "sensitivity_reach": {"output": OUTPUT, "map": ("wages", "prices"), "reach": 0.0},
    "sensitivity_since": {"output": OUTPUT, "since": 2300},
    "sensitivity_target_unknown": {"target": "HY-99-99"},
    "compare_event": {"output": "exhaustion_year"},
    "quantity_unknown": {"output": "insured_people"},
    "sensitivity_no_fund": {"output": "actuarial_balance_75"},
}


@pytest.mark.parametrize("code", WRONG)
def test_impossible_asks__are_refused(code: str) -> None:
    with pytest.raises(SimengineError) as raised:
        sensitivity(KEY, **WRONG[code])
    assert code in {error.code for error in each_error(raised.value)}


def test_impossible_asks__are_told_all_at_once() -> None:
    with pytest.raises(SimengineError) as raised:
        sensitivity(KEY, "insured_people", drivers=["wagess"], since=2300, points=1)
    codes = {error.code for error in each_error(raised.value)}
    assert {"quantity_unknown", "sensitivity_driver", "sensitivity_since", "sensitivity_points"} <= codes


def test_valuation__without_years_behind_it_is_refused() -> None:
    with pytest.raises(SimengineError) as raised:
        sensitivity("china/baseline", "actuarial_balance_75", years=2030, drivers=["wages"])
    assert each_error(raised.value)[0].code == "sensitivity_no_number"


def test_verdict__of_a_region_that_misses_its_anchors_is_refused_and_flows_are_told() -> None:
    with pytest.raises(SimengineError) as raised:
        sensitivity("jiangxi/baseline", "implicit_debt", drivers=["wages"])
    assert each_error(raised.value)[0].code == "sensitivity_no_verdict"
    told = sensitivity("jiangxi/baseline", "cost_rate", schemes="enterprise_pension", years=2040, drivers=["wages"])
    assert told.rows["swing"].iloc[0] > 0.0


def test_sizes_file__restates_the_history_of_the_basis() -> None:
    """Standard deviations of the file, computed anew from the nation's basis."""
    from simengine.basis.basis import load_basis

    basis = load_basis("china-2020")

    def series(name: str) -> dict[int, float]:
        own = basis.owner(name).own_series[name]
        return dict(zip(map(int, own.years), map(float, own.values), strict=True))

    def growth(values: dict[int, float], first: int, last: int) -> np.ndarray:
        return np.array([values[year] / values[year - 1] - 1.0 for year in range(first, last + 1)])

    wages, prices = growth(series("average_wage"), 2001, 2018), growth(series("price_index"), 2001, 2018)
    unemployed = {year: value for year, value in series("surveyed_unemployment_rate").items() if year >= 2001}
    returns = {year: value for year, value in series("return_entrusted").items() if 2016 <= year <= 2024}
    known = {
        "wages": (1.0 + wages) / (1.0 + prices) - 1.0,
        "prices": growth(series("price_index"), 2002, 2024),
        "enterprise_payers": growth(series("enterprise_payers"), 2006, 2024),
        "flexible_payers": growth(series("flexible_payers"), 2006, 2024),
        "unemployment": np.array(list(unemployed.values())),
        "entrusted_return": np.array(list(returns.values())),
    }
    drivers = read_sizes().drivers
    for name, history in known.items():
        assert drivers[name].entry.deviation == pytest.approx(float(np.std(history, ddof=1)), rel=5e-3), name
        assert drivers[name].size == pytest.approx(0.15 * float(np.std(history, ddof=1)), rel=5e-3)


def test_noise__is_no_movement() -> None:
    """What differs in the 16th digit, as sums in another order do, is nothing: neither status nor order hears of it."""
    from simengine.decide.sensitivity.analysis import NOISE

    made = sensitivity(KEY, OUTPUT, years=2035)
    size = made.rows["base"].abs()
    for side in ("low_difference", "high_difference"):
        moves = made.rows[side].abs()
        assert ((moves == 0.0) | (moves > NOISE * size)).all()
    still = made.rows[made.rows["status"] == "nothing"]
    assert (still["swing"] == 0.0).all() and (still["low"] == still["base"]).all()
    order = made.rows["swing"].tolist()
    assert order == sorted(order, reverse=True) and len(still) > 10


def test_sizes__are_those_of_the_records_of_stress() -> None:
    """Where the library of stress has a record of a driver, the size is 15 % of its standard deviation."""
    from simengine.common import resources, strict_yaml

    folder, drivers = resources.scenarios_root() / "stress", read_sizes().drivers
    records = {
        "fund_return": "return_shortfall",
        "mortality": "longevity",
        "migration": "emigration_young",
        "pauses": "payment_slipping",
        "injuries": "accident_year",
    }
    for key, name in records.items():
        stated = strict_yaml.load(folder / f"{name}.yaml").data["stated"]["sd"]
        assert drivers[key].entry.deviation == pytest.approx(stated, rel=1e-9), key
        assert drivers[key].size == pytest.approx(0.15 * stated, rel=1e-9) and drivers[key].entry.rule == "deviation"


def test_switch__names_its_two_values() -> None:
    """The names of the two levers, as their files state them."""
    from simengine.common import strict_yaml
    from simengine.scenario.inherit import packaged

    names = [strict_yaml.load(packaged("levers")[key]).data["name"] for key in ("coverage_low", "coverage_high")]
    driver = read_sizes().drivers["entry"]
    assert driver.size_text("en") == " / ".join(name["en"] for name in names)
    assert driver.size_text("zh") == " / ".join(name["local"] for name in names)
