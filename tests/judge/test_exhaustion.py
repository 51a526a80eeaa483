"""Years in which a pension fund is used up, under three subsidy conventions (notes/fund.md, section 1)."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import xarray as xr

from simengine.engine.project import Result, project
from simengine.judge.checks.exhaustion import COLUMNS, exhaustion_table
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND
from simengine.scenario.scenario import load_scenario

YEARS = [2021, 2022, 2023, 2024]
NEVER = math.nan


def result_of(funds: dict[str, dict[str, list[float]]], regions: tuple[str, ...] = ("jiangxi",)) -> Result:
    """A run of four years; `funds`: balances of the own and the unaided account and the yearly need, by fund [yuan]."""
    ends = [YEARS[0] - 1, *YEARS]
    names = {"fund_balance": ends, "fund_balance_unaided": ends, "financing_need": YEARS}
    arrays = {}
    for name, labels in names.items():
        values = np.zeros((1, 1, len(regions), len(FUND), len(labels)))
        for fund, of_fund in funds.items():
            values[..., FUND.index(fund), :] = of_fund[name]
        dims = ("scenario", "draw", "region", "fund", "year_end" if len(labels) == len(ends) else "year")
        arrays[name] = (dims, values)
    coords: dict[str, Any] = {"scenario": ["one"], "draw": [0], "region": list(regions), "fund": list(FUND)}
    dataset = xr.Dataset(arrays, coords | {"year_end": ends, "year": YEARS})
    scenario = SimpleNamespace(key="one", basis="b")
    lanes = [SimpleNamespace(scenario=scenario, basis=SimpleNamespace(name="b", region=region)) for region in regions]
    result = Result(lanes=cast(Any, lanes), openings=cast(Any, None))
    result.dataset = dataset  # as labelled
    return result


ENTERPRISE = {
    "fund_balance": [100.0, 120.0, 90.0, 40.0, -20.0],
    "fund_balance_unaided": [100.0, 80.0, 10.0, -80.0, -200.0],
    "financing_need": [0.0, 0.0, 25.0, 70.0],
}
PUBLIC = {
    "fund_balance": [10.0, 11.0, 12.0, 13.0, 14.0],
    "fund_balance_unaided": [10.0, 9.0, 8.0, 7.0, 0.0],
    "financing_need": [0.0, 0.0, 0.0, 0.0],
}


def test_exhaustion_table__three_conventions_and_the_first_deficit() -> None:
    """First falling balance 2022; used up 2023 unaided, 2024 with the share; 95 yuan fill it up from 2023 on."""
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}))
    assert tuple(table.columns) == COLUMNS
    enterprise, public = table.to_dict("records")
    assert enterprise == {
        "scenario": "one", "region": "jiangxi", "fund": "enterprise_pension", "first_deficit": 2022, "no_subsidy": 2023,
        "constant_share": 2024, "first_need": 2023, "need_to_horizon": 95.0,
    }  # fmt: skip
    assert public["fund"] == "public_pension"
    assert [public[name] for name in COLUMNS[3:7]] == pytest.approx([NEVER] * 4, nan_ok=True)
    assert public["need_to_horizon"] == 0.0


def test_exhaustion_table__a_balance_of_zero_is_not_below_zero() -> None:
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}))
    assert math.isnan(table.loc[1, "no_subsidy"])


def test_exhaustion_table__who_holds_no_pension_fund_gets_no_verdict() -> None:
    regions = ("china", "jiangxi", "xuzhou", "haiyan", "jingdezhen", "xuzhou_urban")
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}, regions))
    assert table["region"].tolist() == ["china", "china", "jiangxi", "jiangxi"]


def test_exhaustion_table__a_region_a_scenario_does_not_project_has_no_row() -> None:
    result = result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}, ("china", "jiangxi"))
    del result.lanes[1]
    assert set(exhaustion_table(result)["region"]) == {"china"}


def test_regions__provinces_and_the_nation_hold_a_pension_fund() -> None:
    known = load_regions()
    holders = {region.level for region in known.values() if region.holds_pension_fund}
    others = {region.level for region in known.values() if not region.holds_pension_fund}
    assert holders == {"nation", "province"}
    assert others == {"city", "county", "area"}


def test_exhaustion_table__of_a_run_puts_the_conventions_in_their_order() -> None:
    """Without subsidies no later than with them; the months are missing no later than the whole balance."""
    table = exhaustion_table(project(load_scenario("hubei/baseline"))).set_index("fund").loc["enterprise_pension"]
    assert table["first_deficit"] <= table["no_subsidy"] <= table["constant_share"]
    assert table["first_need"] <= table["constant_share"]
    assert table["need_to_horizon"] > 0.0
