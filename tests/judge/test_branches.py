"""Averages of the two smaller branches beside published national ones: every ratio on made-up figures, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import xarray as xr

from simengine.engine.project import Result
from simengine.judge.checks.branches import COLUMNS, MEASURES, branch_table, published
from simengine.registry.axes import FUND, INCOME_ITEM, OUTGO_ITEM

ENDS, YEARS = [2020, 2021, 2022, 2023], [2021, 2022, 2023]


def result_of(scenarios: tuple[str, ...] = ("one",), own: tuple[str, ...] = ("one",)) -> Result:
    """Three years: 1,000 insured of either branch at the opening, 1,200 from 2021 on; amounts in the table below."""
    dims = ("scenario", "draw", "region")
    stocks = {"unemployment_insured": (1_000.0, 1_200.0), "injury_insured": (1_000.0, 1_200.0)}
    stocks |= {"unemployment_claimants": (10.0, 18.0)}
    flows = {"new_claimants": 23.0, "unemployment_benefit": 1_500.0, "injury_wage_bill": 50e6, "injury_cases": 5.0}
    data: dict[str, Any] = {}
    for name, (opening, later) in stocks.items():
        values = np.full((len(scenarios), 1, 1, len(ENDS)), later)
        values[..., 0] = opening
        data[name] = ((*dims, "year_end"), values)
    for name, value in flows.items():
        data[name] = ((*dims, "year"), np.full((len(scenarios), 1, 1, len(YEARS)), value))
    shape = (len(scenarios), 1, 1, len(FUND))
    income, outgo = (np.zeros((*shape, len(items), len(YEARS))) for items in (INCOME_ITEM, OUTGO_ITEM))
    balance = np.zeros((*shape, len(ENDS)))
    for fund, premium, benefits, other, closing in (
        ("unemployment", 770_000.0, 500_000.0, 100_000.0, 1_200_000.0),
        ("work_injury", 330_000.0, 350_000.0, 10_000.0, 540_000.0),
    ):
        position = FUND.index(fund)
        received = {"contributions": premium, "interest": 1e9, "from_below": 3e6}  # interest is no contribution
        paid = {"benefits": benefits, "other_outgo": other, "to_above": 3e6, "to_below": 2e6}
        for name, amount in received.items():
            income[..., position, INCOME_ITEM.index(name), :] = amount
        for name, amount in paid.items():  # what a province passes on inside its own fund is no cost
            outgo[..., position, OUTGO_ITEM.index(name), :] = amount
        balance[..., position, :] = closing
    data["income"] = ((*dims, "fund", "income_item", "year"), income)
    data["outgo"] = ((*dims, "fund", "outgo_item", "year"), outgo)
    data["fund_balance"] = ((*dims, "fund", "year_end"), balance)
    coords: dict[str, Any] = {"scenario": list(scenarios), "draw": [0], "region": ["jiangxi"], "fund": list(FUND)}
    coords |= {"income_item": list(INCOME_ITEM), "outgo_item": list(OUTGO_ITEM)}
    dataset = xr.Dataset(data, coords | {"year_end": ENDS, "year": YEARS})
    basis = SimpleNamespace(name="b", region="jiangxi")
    lanes = [SimpleNamespace(scenario=SimpleNamespace(key=name, basis="b"), basis=basis) for name in own]
    result = Result(lanes=cast(Any, lanes), openings=cast(Any, None))
    result.dataset = dataset  # as labelled
    return result


def test_branch_table__every_measure_by_hand() -> None:
    """2021: mean insured 1,100."""
    expected = {
        "recipients_per_insured": 18.0 / 1_200.0,
        "claims_per_insured": (10.0 + 23.0) / 1_100.0,
        "benefit_per_month": 1_500.0,
        "unemployment_premium": 700.0,
        "unemployment_months": 24.0,
        "injury_premium": 300.0,
        "injury_cost": 360_000.0 / 1_100.0,
        "injury_rate": 0.0066,
        "injury_months": 18.0,
        "cost_per_case": 72_000.0,
    }
    table = branch_table(result_of())
    assert tuple(table.columns) == COLUMNS
    assert set(table["measure"]) == set(expected) == set(MEASURES)
    first = table[table["year"] == 2021].set_index("measure")
    assert first["engine"].to_dict() == pytest.approx(expected)
    assert (table["ratio"] == table["engine"] / table["published"]).all()


def test_branch_table__a_year_outside_the_run_is_told_as_the_nearest() -> None:
    table = branch_table(result_of()).set_index("measure")
    assert {entry.year for entry in published()} == {2020, 2021, 2023}
    assert table.loc["cost_per_case", "year"] == 2021
    assert table.loc["recipients_per_insured", "year"].tolist() == [2021, 2023]


def test_branch_table__of_one_scenario_leaves_the_others_out() -> None:
    result = result_of(("one", "two"), own=("two",))
    assert set(branch_table(result)["scenario"]) == {"two"}
    assert len(branch_table(result)) == len(published())


def test_published__figures_carry_source_evidence_and_a_reason_in_both_languages() -> None:
    for entry in published():
        assert entry.value > 0.0 and entry.source and entry.evidence and entry.unit, entry.measure
        assert set(entry.why) == {"en", "zh"} and all(entry.why.values()), entry.measure
        assert entry.en and entry.zh, entry.measure
