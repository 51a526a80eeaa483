"""Crossings of zero of the funds, judged from the last printed balance (notes/fund.md, section 1)."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.engine.project import Result, project
from simengine.judge.checks.accounts import returns_of
from simengine.judge.checks.crossings import Crossing, crossings, crossings_of
from simengine.judge.checks.exhaustion import (
    BALANCE_SERIES,
    COLUMNS,
    exhaustion_table,
    judged_unaided,
    start_of,
    starts_of,
)
from simengine.judge.checks.free_run import RECALLED, references
from simengine.judge.closures.years import range_columns
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND
from simengine.registry.inputs import PATH_NAMES
from simengine.report.tables.exhaustion import crossing_lines
from simengine.scenario.scenario import load_scenario, with_levers
from tests.helpers.anchors import with_printed

YEARS = [2025, 2026, 2027, 2028]
NEVER = math.nan
BASES = ("china-2020", "jiangxi-2020", "xuzhou-2020", "xuzhou_urban-2020", "haiyan-2020", "jingdezhen-2015")


def result_of(
    funds: dict[str, dict[str, list[float]]],
    regions: tuple[str, ...] = ("jiangxi",),
    information: str = "today",
    printed: float = 110.0,
    years: int = 4,
) -> Result:
    """A run of four years; `funds`: balances of the own and the unaided account and the yearly need, by fund [yuan].

    The balance of Jiangxi and of the nation is printed at the end of 2024: all four years are judged. `printed` is the
    sum of the own accounts of the employees' funds, so that the unaided accounts stay as they are. Nothing is earned.
    """
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
    lanes = []
    for region in regions:
        name = next(name for name in BASES if name.startswith(f"{region}-"))
        scenario = SimpleNamespace(key="one", basis=name, base_year=2020, information=information)
        inputs = SimpleNamespace(paths=np.zeros((len(PATH_NAMES), 1 + years)))
        basis = with_printed(load_basis(name), {"balance": printed})
        lanes.append(SimpleNamespace(scenario=scenario, basis=basis, inputs=inputs))
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
    """First falling balance 2026; used up 2027 unaided, 2028 with the share; 95 yuan fill it up from 2027 on."""
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}))
    assert tuple(table.columns) == COLUMNS
    assert table["fund"].tolist() == list(FUND)
    enterprise, public = table.to_dict("records")[:2]
    assert enterprise == {
        "scenario": "one", "region": "jiangxi", "fund": "enterprise_pension", "judged_from": 2024,
        "judged_on": "printed", "first_deficit": 2026, "no_subsidy": 2027, "constant_share": 2028, "first_need": 2027,
        "exhaustion": 2028, "exhaustion_unaided": 2027, "need_to_horizon": 95.0,
        "own_crossings": "below 2028 lasting", "unaided_crossings": "below 2027 lasting",
        "source": "S18, yearbook 2025 tables 24-26 and 24-27 (schemes.md 1.12)",
    }  # fmt: skip
    years = ("first_deficit", "no_subsidy", "constant_share", "first_need")
    assert [public[name] for name in years] == pytest.approx([NEVER] * 4, nan_ok=True)
    assert public["need_to_horizon"] == 0.0
    assert (public["own_crossings"], public["unaided_crossings"]) == ("", "")


def test_exhaustion_table__a_balance_of_zero_is_not_below_zero() -> None:
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}))
    assert math.isnan(table.loc[1, "no_subsidy"])


def balance(values: list[float], first: int = 2020) -> xr.DataArray:
    return xr.DataArray(values, coords={"year_end": range(first, first + len(values))}, dims="year_end")


@pytest.mark.parametrize(
    ("values", "since", "codes"),
    [
        ([5, 4, 3, 2], 2020, ""),
        ([5, -1, -2, -3], 2020, "below 2021 lasting"),
        ([5, -1, 2, 3], 2020, "below 2021; above 2022"),
        ([5, -1, 0, -3], 2020, "below 2021; above 2022; below 2023 lasting"),  # zero is not below zero
        ([5, -1, 2, -3, 4, -5, -6], 2020, "below 2021; above 2022; below 2023; above 2024; below 2025 lasting"),
        ([5, -1, 2, 3], 2022, ""),  # both crossings are history
        ([5, -1, -2, 3, -4], 2022, "below 2022 at start; above 2023; below 2024 lasting"),
        ([5, -1, -2, -3], 2022, "below 2022 lasting at start"),
        ([5, -1, 2, -3], 2021, "below 2021 at start; above 2022; below 2023 lasting"),
        ([5, 4, 3, -1], 2020, "below 2023 lasting"),  # the horizon alone
    ],
)
def test_crossings__every_one_in_order_and_the_lasting_one_marked(values: list[float], since: int, codes: str) -> None:
    found = crossings(balance(values), since)
    assert "; ".join(one.code for one in found) == codes
    assert crossings_of(codes) == found
    assert sum(one.lasting for one in found) == (values[-1] < 0)


def test_crossings__rebuild_the_sign_of_every_judged_year_of_a_run() -> None:
    """From the crossings alone every year end is again below zero or not: none is lost and none invented."""
    aid = {"paths": {"subsidy_enterprise": {"set": {2026: 0.0, 2035: 0.9, 2045: 0.0}}}}  # gone, plenty, gone again
    lever = {"name": {"en": "aid", "local": "补贴"}, "reason": "Three crossings.", **aid}
    result = project(with_levers(load_scenario("jiangxi/as_planned"), "aid", {"aid": lever}))
    data = result.dataset.isel(scenario=0, draw=0, region=0)
    table = exhaustion_table(result).set_index("fund")
    known_until = result.lanes[0].scenario.base_year
    unaided = judged_unaided(data, returns_of(result.lanes[0]), starts_of(load_basis("jiangxi-2020"), known_until))
    several = 0
    for fund in FUND:
        for account in ("own", "unaided"):
            balances = data["fund_balance"] if account == "own" else unaided
            judged = balances.sel(fund=fund, year_end=slice(int(table.loc[fund, "judged_from"]), None))
            turns = crossings_of(table.loc[fund, f"{account}_crossings"])
            below = [
                next((one.below for one in reversed(turns) if one.year <= year), False)
                for year in judged.year_end.values
            ]
            assert below == (judged < 0.0).values.tolist(), (fund, account)
            several += len(turns) > 2
    assert several > 0, "no fund of the run crosses more than twice: choose another run"


# --- where the judgement starts ---------------------------------------------------------------------------------------


def test_start__is_the_last_printed_balance_of_the_region_itself() -> None:
    """Jiangxi prints its employees' funds and its resident fund for 2024, its unemployment fund last for 2008."""
    basis = load_basis("jiangxi-2020")
    starts = {fund: start_of(basis, fund) for fund in FUND}
    assert {fund: (start.year, start.on) for fund, start in starts.items()} == {
        "enterprise_pension": (2024, "printed"), "public_pension": (2024, "printed"), "resident": (2024, "printed"),
        "occupational_annuity": (2020, "opening"), "unemployment": (2020, "opening"), "work_injury": (2020, "opening"),
    }  # fmt: skip
    assert all(bool(start.source) == (start.on == "printed") for start in starts.values())


def test_start__a_recalled_balance_is_not_printed() -> None:
    """The nation's unemployment balance of 2021 and 2023 is printed; that of its residents is from memory for 2022."""
    basis = load_basis("china-2020")
    assert start_of(basis, "unemployment").year == 2023
    recalled = [one for one in references(basis) if one.series == "resident_balance" and one.evidence in RECALLED]
    assert max(one.year for one in recalled) == 2023
    assert start_of(basis, "resident", 2023).year == 2021


def test_start__who_knows_the_opening_alone_is_judged_from_it() -> None:
    assert start_of(load_basis("jiangxi-2020"), "resident", 2020) == replace(
        start_of(load_basis("jiangxi-2020"), "unemployment"), year=2020
    )
    funds = {"enterprise_pension": {**ENTERPRISE}, "public_pension": PUBLIC}
    table = exhaustion_table(result_of(funds, information="opening"))
    assert set(table["judged_on"]) == {"opening"} and set(table["judged_from"]) == {2020}


def test_start__every_balance_that_references_hold_is_looked_up() -> None:
    """A series of balances that no fund reads would leave its fund judged from the opening."""
    known = {
        item.series for name in ("china-2020", "jiangxi-2020", "hubei-2020") for item in references(load_basis(name))
    }
    known -= {"enterprise_balance"}  # part of `balance`, which is printed for later years
    assert {series for series in known if series.endswith("balance")} == set(BALANCE_SERIES.values())


def test_history__before_the_last_printed_balance_is_no_finding() -> None:
    """Below zero in 2021 and 2022 alone, in need in 2022: the balance of 2024 is printed, so nothing is said.

    Printed are 12 yuan, the two own accounts of 6 at the end of 2024.
    """
    result = result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}, printed=12.0, years=8)
    ends = list(range(2020, 2029))
    values = {
        "fund_balance": [9.0, -1.0, -2.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0],
        "fund_balance_unaided": [9.0, -1.0, -2.0, 5.0, 6.0, 7.0, -8.0, 9.0, 10.0],
        "financing_need": [0.0, 30.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0],
    }
    dims = ("scenario", "draw", "region", "fund")
    arrays = {}
    for name, series in values.items():
        time = "year" if name == "financing_need" else "year_end"
        shape = np.broadcast_to(series, (1, 1, 1, len(FUND), len(series))).copy()
        arrays[name] = ((*dims, time), shape)
    coords: dict[str, Any] = {"scenario": ["one"], "draw": [0], "region": ["jiangxi"], "fund": list(FUND)}
    result.dataset = xr.Dataset(arrays, coords | {"year_end": ends, "year": ends[1:]})
    row = exhaustion_table(result).set_index("fund").loc["enterprise_pension"]
    assert math.isnan(row["constant_share"]) and math.isnan(row["first_deficit"])
    assert (row["no_subsidy"], row["first_need"], row["need_to_horizon"]) == (2026, 2026, 4.0)
    assert (row["own_crossings"], row["unaided_crossings"]) == ("", "below 2026; above 2027")
    unprinted = exhaustion_table(result).set_index("fund").loc["unemployment"]
    assert (unprinted["constant_share"], unprinted["need_to_horizon"]) == (2021, 34.0)


# --- in words ---------------------------------------------------------------------------------------------------------


def with_ends(table: pd.DataFrame, **ends: tuple[float, float]) -> pd.DataFrame:
    """The table with ranges of the enterprise fund of Jiangxi; the horizon of the run is 2028."""
    fixed = {"region": "jiangxi", "fund": "enterprise_pension"}
    rows = [{**fixed, "measure": name, "low": low, "high": high} for name, (low, high) in ends.items()]
    return range_columns(table, pd.DataFrame(rows), 2028)


def test_lines__tell_every_crossing_in_both_languages() -> None:
    """The lasting crossing stands with its range, the others are those of the baseline alone."""
    ups = {**ENTERPRISE, "fund_balance": [-1.0, 2.0, -3.0, 4.0, -5.0]}
    # own accounts of -1 and 10 miss 1,111 of the 1,120 printed; a part of 1/11 of it puts the unaided account at 100
    table = exhaustion_table(result_of({"enterprise_pension": ups, "public_pension": PUBLIC}, printed=1120.0))
    table = with_ends(table, exhaustion=(2026.0, NEVER), exhaustion_unaided=(2026.0, 2028.0))
    unaided, own, calm = crossing_lines(table, "en")
    assert own == (
        "Jiangxi, enterprise pension fund, own account: below zero already at the end of 2024 (baseline alone), "
        "where the judgement starts; at zero or above at the end of 2025 (baseline alone); below zero at the end of "
        "2026 (baseline alone); at zero or above at the end of 2027 (baseline alone); below zero at the end of 2028 "
        "(2026 to after 2028), and in every year after it (lasting). "
        "Judged from the last printed balance, that of 2024."
    )
    assert "unaided account: below zero at the end of 2027 (2026 to 2028)" in unaided
    assert calm.startswith("Jiangxi: no account crosses zero in public-sector pension fund, ")
    unaided, own, calm = crossing_lines(table, "zh")
    assert own == (
        "江西省企业职工基本养老保险基金（自有账户）：2024年（仅基准）末（判定起点）已为负；"
        "2025年（仅基准）末回正；2026年（仅基准）末转负；2027年（仅基准）末回正；"
        "2028（2026至2028后）末转负，自此持续为负。自最近公布结余（2024年末）起判定。"
    )
    assert "2027（2026至2028）末转负" in unaided and "机关事业单位基本养老保险基金" in calm


def test_lines__one_sentence_where_both_accounts_cross_alike() -> None:
    """And where their ranges are alike; where these differ, each account has its own sentence."""
    same = {**ENTERPRISE, "fund_balance": ENTERPRISE["fund_balance_unaided"]}
    table = exhaustion_table(result_of({"enterprise_pension": same, "public_pension": PUBLIC}))
    alike = with_ends(table, exhaustion=(2026.0, NEVER), exhaustion_unaided=(2026.0, NEVER))
    both, calm = crossing_lines(alike, "en")
    assert "own and unaided account: below zero at the end of 2027 (2026 to after 2028)" in both
    assert "no account" in calm
    apart = with_ends(table, exhaustion=(2026.0, NEVER), exhaustion_unaided=(2026.0, 2028.0))
    assert len(crossing_lines(apart, "en")) == 3


def test_crossing__is_written_and_read_back() -> None:
    every = [
        Crossing(2030, below, lasting, start)
        for below, lasting, start in (
            (True, False, False),
            (True, True, False),
            (True, True, True),
            (True, False, True),
        )
    ] + [Crossing(2031, below=False)]
    assert crossings_of("; ".join(one.code for one in every)) == every


# --- who is judged ----------------------------------------------------------------------------------------------------


def test_exhaustion_table__who_holds_no_pension_fund_gets_no_verdict() -> None:
    regions = ("china", "jiangxi", "xuzhou", "haiyan", "jingdezhen", "xuzhou_urban")
    table = exhaustion_table(result_of({"enterprise_pension": ENTERPRISE, "public_pension": PUBLIC}, regions))
    assert table["region"].tolist() == ["china"] * len(FUND) + ["jiangxi"] * len(FUND)


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
    """Without subsidies no later than with them; the months are missing no later than the whole balance.

    A balance below zero at the start of the judgement is needed from the year after it: earlier needs are history.
    """
    table = exhaustion_table(project(load_scenario("china/baseline"))).set_index("fund").loc["enterprise_pension"]
    assert table["judged_from"] < table["first_deficit"]
    assert table["judged_from"] <= table["no_subsidy"] <= table["constant_share"]
    assert table["first_need"] <= max(table["constant_share"], table["judged_from"] + 1)
    assert table["need_to_horizon"] > 0.0
