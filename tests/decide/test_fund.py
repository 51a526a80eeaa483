"""The recursion of a fund of own cash flows, its goals and what they need, against closed forms and other solvers."""

from __future__ import annotations

import math
import re
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.common.errors import FundError, SimengineError, each_error
from simengine.decide.fund import Flows, Goal, flows_of, study_fund
from simengine.decide.fund.goals import KINDS, default_goals, goal_of
from simengine.decide.fund.levers import HIGHEST
from simengine.decide.fund.roll import TIMINGS, Timing, roll
from simengine.decide.fund.solve import smallest
from simengine.judge.indicators import registry
from simengine.registry.axes import INCOME_ITEM, OUTGO_ITEM

HALF = {"start": 1.0, "middle": 0.5, "end": 0.0}
"""Years that the flows of a year earn in it."""


def fund(opening: float, years: int = 10, first: int = 2026, **columns: float | list[float]) -> Flows:
    """A fund whose flows are constant where one number is given."""
    rows = {name: value if isinstance(value, list) else [value] * years for name, value in columns.items()}
    return flows_of(pd.DataFrame({"year": range(first, first + years), **rows}), opening)


def needs_of(study: Any, goal: str, lever: str) -> dict[str, Any]:
    """The row of one goal and lever."""
    rows = study.needs[(study.needs["goal"] == goal) & (study.needs["lever"] == lever)]
    return dict(rows.iloc[0])


# --- the recursion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("rate", [-0.02, 0.0, 0.025, 0.06])
def test_roll__constant_flows_follow_the_geometric_sum(timing: Timing, rate: float) -> None:
    """V(n) = V(0)·(1+i)^n + N·(1+i)^h·((1+i)^n - 1)/i, in decimals of fifty digits."""
    years = 75
    found = roll(1000.0, np.full(years, -12.5), np.full(years, rate), timing)
    with localcontext() as context:
        context.prec = 50
        whole = 1 + Decimal(rate)
        for year in (1, 2, 10, years):
            ends = Decimal(year) if rate == 0.0 else (whole**year - 1) / Decimal(rate)
            closed = 1000 * whole**year + Decimal("-12.5") * whole ** Decimal(HALF[timing]) * ends
            assert found[year] == pytest.approx(float(closed), rel=1e-12)


def test_roll__one_year_by_hand() -> None:
    """100 at 21 %, net flow 10: start (100+10)·1.21 = 133.1; middle 121 + 10·1.1 = 132; end 121 + 10 = 131."""
    closing = [roll(100.0, np.array([10.0]), np.array([0.21]), timing)[1] for timing in TIMINGS]
    assert closing == pytest.approx([133.1, 132.0, 131.0], rel=1e-15)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    st.floats(-0.3, 0.4),
)
def test_roll__timings_differ_by_half_a_year_of_interest(flows: list[float], rate: float) -> None:
    """With nothing at the opening: start is middle times (1+i)^½, and middle is end times (1+i)^½."""
    net, returns = np.array(flows), np.full(len(flows), rate)
    start, middle, end = (roll(0.0, net, returns, timing) for timing in TIMINGS)
    size = np.abs(start).max() + 1.0
    assert np.abs(start - middle * math.sqrt(1.0 + rate)).max() <= 1e-12 * size * len(flows)
    assert np.abs(middle - end * math.sqrt(1.0 + rate)).max() <= 1e-12 * size * len(flows)


def test_roll__variants_are_the_same_as_alone() -> None:
    net = np.linspace(-5.0, 8.0, 12)
    levels = np.array([0.0, 0.01, 0.07])
    together = roll(10.0, net[:, None], np.broadcast_to(levels, (12, 3)), "middle")
    for place, level in enumerate(levels):
        assert np.array_equal(together[:, place], roll(10.0, net, np.full(12, level), "middle"))


def test_years__of_a_study_close_from_one_to_the_next_and_divide_as_named() -> None:
    flows = fund(80.0, contributions=20.0, other=-3.0, benefits=25.0, other_outgo=2.0)
    years = study_fund(flows, returns={2026: 0.02, 2035: 0.04}, goals=[]).years
    assert years["outgo"].tolist() == [30.0] * 10 and years["other_income"].tolist() == [0.0] * 10
    assert years["opening"].tolist()[1:] == years["closing"].tolist()[:-1]
    moved = years["contributions"] + years["other_income"] - years["outgo"] + years["investment_income"]
    assert (years["opening"] + moved - years["closing"]).abs().max() < 1e-12
    assert years["fund_ratio"].tolist() == (years["opening"] / 30.0).tolist()
    assert years["reserve_ratio"].tolist() == (years["closing"] / 30.0).tolist()
    assert years["return"].tolist() == pytest.approx([0.02 + 0.02 * place / 9 for place in range(10)], rel=1e-14)


def test_reserve_ratio__keeps_the_meaning_of_the_indicator() -> None:
    """The indicator of a run and the column of a study: closing balance over the outgo of the year."""
    flows = fund(80.0, years=3, contributions=20.0, benefits=25.0)
    years = study_fund(flows, returns=0.03, goals=[]).years
    labels = {"year_end": [2025, 2026, 2027, 2028], "fund": ["own"]}
    balance = np.append(years["opening"].iloc[0], years["closing"])[:, None]
    data = pd.DataFrame(balance, index=labels["year_end"], columns=["own"])
    outgo, items = np.zeros((3, 1, len(OUTGO_ITEM))), {"outgo_item": list(OUTGO_ITEM), "income_item": list(INCOME_ITEM)}
    outgo[:, 0, 0] = years["outgo"]
    made = xr.Dataset({
        "fund_balance": (("year_end", "fund"), data.to_numpy()),
        "outgo": (("year", "fund", "outgo_item"), outgo),
        "income": (("year", "fund", "income_item"), np.zeros((3, 1, len(INCOME_ITEM)))),
    }, coords={**labels, "year": [2026, 2027, 2028], **items})  # fmt: skip
    told = registry()["reserve_ratio"].compute(made).sel(fund="own").values
    assert told == pytest.approx(years["reserve_ratio"].to_numpy(), rel=1e-15)


# --- exhaustion -------------------------------------------------------------------------------------------------------


def test_exhaustion__a_balance_of_zero_is_not_below_zero() -> None:
    """100 at the opening, 10 less a year, no return: zero at the end of the tenth year; one bit less is below it."""
    exact = study_fund(fund(100.0, contributions=10.0, benefits=20.0), returns=0.0, timing="end", goals=[])
    assert exact.years["closing"].iloc[-1] == 0.0 and exact.exhaustion_year is None
    less = fund(math.nextafter(100.0, 0.0), contributions=10.0, benefits=20.0)
    assert study_fund(less, returns=0.0, timing="end", goals=[]).exhaustion_year == 2035


def test_exhaustion__is_the_first_year_end_also_where_the_fund_comes_back() -> None:
    """10, then -15, -15, +40 a year: -5, -20, 20."""
    flows = fund(10.0, years=3, contributions=[0.0, 0.0, 40.0], benefits=[15.0, 15.0, 0.0])
    study = study_fund(flows, returns=0.0, timing="end", goals=[])
    assert study.years["closing"].tolist() == [-5.0, -20.0, 20.0]
    assert (study.exhaustion_year, study.first_deficit_year) == (2026, 2026)


def test_exhaustion__of_an_opening_below_zero_is_the_year_before() -> None:
    study = study_fund(fund(-1.0, contributions=10.0, benefits=5.0), returns=0.02, goals=[])
    assert study.exhaustion_year == 2025
    assert study.ratio_grid["fund_ratio"].isna().all()


# --- needed contributions and returns against other solvers -----------------------------------------------------------

DYING = {"contributions": 50.0, "benefits": 70.0, "base": 300.0}


@pytest.mark.parametrize("timing", TIMINGS)
def test_further_contributions__are_the_closed_form_of_a_geometric_fund(timing: Timing) -> None:
    """A balance K after n years asks for a = (K - V(0)·w^n - N·w^h·S)/(w^h·S) a year, S = (w^n - 1)/(w - 1)."""
    study = study_fund(fund(100.0, **DYING), returns=0.03, timing=timing, goals=[Goal("balance", 150.0)])
    w, n = 1.03, 10
    worth = w ** HALF[timing] * (w**n - 1.0) / (w - 1.0)
    amount = (150.0 - 100.0 * w**n + 20.0 * worth) / worth
    for lever, unit in (("amount", 1.0), ("share_of_contributions", 50.0), ("points_of_base", 300.0)):
        row = needs_of(study, "balance=150", lever)
        assert row["status"] == "found" and row["value"] == pytest.approx(amount / unit, rel=1e-10)


@pytest.mark.parametrize("timing", TIMINGS)
def test_needed_return__is_the_root_of_the_polynomial(timing: Timing) -> None:
    """K = V(0)·w^n + Σ N(t)·w^(n-t+h): a polynomial in u = w^½, whose roots numpy finds without the recursion."""
    net = [-20.0 + 1.5 * year for year in range(10)]
    flows = fund(200.0, contributions=[60.0 + each for each in net], benefits=60.0)
    study = study_fund(flows, returns=0.0, timing=timing, goals=[Goal("balance", 120.0)])
    powers = {0: -120.0, 20: 200.0}
    for year, each in enumerate(net, 1):
        power = round(2 * (10 - year + HALF[timing]))
        powers[power] = powers.get(power, 0.0) + each
    roots = np.roots([powers.get(power, 0.0) for power in range(20, -1, -1)])
    real = sorted(root.real**2 - 1.0 for root in roots if abs(root.imag) < 1e-12 and root.real > 0.0)
    inside = [rate for rate in real if 0.0 <= rate <= 0.15]
    assert len(inside) == 1
    assert needs_of(study, "balance=120", "return_level")["value"] == pytest.approx(inside[0], abs=1e-10)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("goal", [*default_goals(9), Goal("balance", 30.0)], ids=lambda goal: goal.key)
def test_needs__put_back_meet_the_goal_and_a_little_less_does_not(timing: Timing, goal: Goal) -> None:
    """Every lever and goal: the goal's quantity at the value that was found, from new flows and a run of their own."""
    columns: dict[str, Any] = {
        "contributions": [50.0 + year for year in range(10)],
        "benefits": [66.0 + 3.0 * year for year in range(10)],
        "base": [300.0 + 5.0 * year for year in range(10)],
    }
    path = [0.03 - 0.001 * year for year in range(10)]
    flows = fund(150.0, **columns, **{"return": path})
    study = study_fund(flows, timing=timing, goals=[goal], mend_from=2027, within=(-0.02, 0.6))
    levers = ["return_level", "return_points", "share_of_contributions", "amount", "points_of_base"]
    assert study.needs["lever"].tolist() == levers
    for lever in levers:
        row = needs_of(study, goal.key, lever)
        assert row["status"] == "found", row

        def lowest(value: float, lever: str = lever) -> float:
            """Margin of the goal, from Python floats alone."""
            mended = [place >= 1 for place in range(10)]
            more = {
                "amount": [value] * 10,
                "share_of_contributions": [value * each for each in columns["contributions"]],
                "points_of_base": [value * each for each in columns["base"]],
            }.get(lever, [0.0] * 10)
            balance = [150.0]
            for place in range(10):
                rate = path[place]
                if mended[place] and lever.startswith("return"):
                    rate = value if lever == "return_level" else rate + value
                net = columns["contributions"][place] - columns["benefits"][place] + mended[place] * more[place]
                balance.append(balance[-1] * (1.0 + rate) + net * (1.0 + rate) ** HALF[timing])
            return margin_of(goal, balance, columns["benefits"], first=1)

        assert lowest(row["value"]) >= -1e-10
        assert lowest(row["value"]) <= 1e-7  # the value is the smallest one
        assert lowest(row["value"] - 1e-6 * (row["high"] - row["low"])) < 0.0


def margin_of(goal: Goal, balance: list[float], outgo: list[float], first: int) -> float:
    """By how much a goal is passed, over a year's mean outgo or in years of outgo: written anew from its definition."""
    mean = sum(outgo) / len(outgo)
    ratio = [start / out for start, out in zip(balance, outgo, strict=False)]
    until = len(outgo) - 1 if goal.kind in ("ratio", "constant_ratio") else len(outgo)
    lasts = min(balance[1 : until + 1]) / mean
    if goal.kind == "ratio":
        return min(ratio[-1] - goal.amount, lasts)
    if goal.kind == "constant_ratio":
        return min(ratio[-1] - ratio[-1 - int(goal.amount)], lasts)
    if goal.kind == "balance":
        return min((balance[-1] - goal.amount) / mean, lasts)
    if goal.kind == "no_deficit":
        return min([(balance[at + 1] - balance[at]) / mean for at in range(first, len(outgo))] + [lasts])
    return lasts


def test_goal_kinds__are_all_put_back_above() -> None:
    assert {goal.kind for goal in (*default_goals(9), Goal("balance"))} == set(KINDS)


# --- the grids against a spreadsheet ----------------------------------------------------------------------------------

CELL = re.compile(r"\b([A-Z])(\d+)\b")


def spreadsheet(formulas: dict[str, str], cell: str, known: dict[str, float] | None = None) -> float:
    """Value of a cell: formulas of a spreadsheet with + - * / ^, SQRT and MIN, references followed."""
    known = {} if known is None else known
    if cell not in known:
        text = formulas[cell].removeprefix("=").replace("^", "**")
        names = {f"{column}{row}" for column, row in CELL.findall(text)}
        values = {name: spreadsheet(formulas, name, known) for name in names}
        known[cell] = float(eval(text, {"SQRT": math.sqrt, "MIN": min}, values))
    return known[cell]


SHEET_FLOWS = {"contributions": [50.0, 52.0, 54.0, 56.0, 58.0, 60.0], "benefits": [70.0, 75.0, 80.0, 85.0, 90.0, 95.0]}
SHEET_BASE = [300.0, 310.0, 320.0, 330.0, 340.0, 350.0]


def sheet_of(rate: float, level: float) -> dict[str, str]:
    """A sheet of six years: A contributions, B benefits, C base, D opening, E closing, F ratio; H1 rate, H2 return."""
    cells = {"H1": f"={rate!r}", "H2": f"={level!r}", "D1": "=110"}
    for row in range(1, 7):
        cells |= {
            f"A{row}": f"={SHEET_FLOWS['contributions'][row - 1]}",
            f"B{row}": f"={SHEET_FLOWS['benefits'][row - 1]}",
            f"C{row}": f"={SHEET_BASE[row - 1]}",
            f"E{row}": f"=D{row}*(1+H2)+(A{row}+H1*C{row}-B{row})*SQRT(1+H2)",
            f"F{row}": f"=D{row}/B{row}",
        }
        if row > 1:
            cells[f"D{row}"] = f"=E{row - 1}"
    return cells


RATES, LEVELS_OF_GRID = (0.0, 0.02, 0.04, 0.06), (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)


def test_grids__of_four_by_six_equal_the_formulas_of_a_spreadsheet() -> None:
    flows = fund(110.0, years=6, **SHEET_FLOWS, base=SHEET_BASE)
    study = study_fund(flows, returns=0.03, rates=RATES, levels=LEVELS_OF_GRID, within=(-0.3, 0.9))
    ratio = study.ratio_grid.dropna(subset="return").set_index(["further_rate", "return"])["fund_ratio"]
    needed = study.return_grid.set_index(["further_rate", "goal"])
    assert ratio.shape == (24,) and len(needed) == 24
    goals = {
        "lasts": "=MIN(E1,E2,E3,E4,E5,E6)",
        "ratio=1": "=MIN(F6-1,E1,E2,E3,E4,E5)",
        "ratio=2": "=MIN(F6-2,E1,E2,E3,E4,E5)",
        "ratio=5": "=MIN(F6-5,E1,E2,E3,E4,E5)",
        "no_deficit": "=MIN(E1-D1,E2-D2,E3-D3,E4-D4,E5-D5,E6-D6,E1)",
        "constant_ratio=5": "=MIN(F6-F1,E1,E2,E3,E4,E5)",
    }
    blank = 0
    for rate in RATES:
        for level in LEVELS_OF_GRID:
            sheet = sheet_of(rate, level)
            gone = min(spreadsheet(sheet, f"E{row}") for row in range(1, 6)) < 0.0
            found = ratio[rate, level]
            blank += gone
            assert math.isnan(found) if gone else found == pytest.approx(spreadsheet(sheet, "F6"), rel=1e-13)
        for goal, formula in goals.items():

            def passed(level: float, rate: float = rate, formula: str = formula) -> float:
                return spreadsheet(sheet_of(rate, level) | {"G1": formula}, "G1")

            low, high = -0.3, 0.9
            for _ in range(80):  # halving, on formulas of the sheet alone
                middle = 0.5 * (low + high)
                low, high = (low, middle) if passed(middle) >= 0.0 else (middle, high)
            assert needed.loc[(rate, goal), "value"] == pytest.approx(high, abs=1e-10), (rate, goal)
    assert 0 < blank < 24


# --- what a search can find -------------------------------------------------------------------------------------------


def of(function: Any) -> Any:
    return lambda values: (function(values), function(values))


def test_search__no_value_is_a_result_with_the_best_one() -> None:
    """3 - (x - 0.4)² is highest at 0.4; less 5 it meets nothing."""
    answer = smallest(of(lambda x: -2.0 - (x - 0.4123) ** 2), 0.0, 1.0)
    assert (answer.status, answer.direction, answer.met) == ("none", "mixed", False)
    assert answer.best == pytest.approx(0.4123, abs=1e-4) and answer.reached == pytest.approx(-2.0, abs=1e-8)


def test_search__a_window_narrower_than_the_mesh_is_found() -> None:
    """1e-6 - (x - 0.50137)² is not below zero within 0.001 around 0.50137, where no value of the mesh lies."""
    answer = smallest(of(lambda x: 1e-6 - (x - 0.50137) ** 2), 0.0, 1.0)
    assert answer.value == pytest.approx(0.50037, abs=1e-12)
    assert answer.fails_again == pytest.approx(0.50237, abs=1e-9)


def test_search__tells_where_the_goal_fails_again() -> None:
    answer = smallest(of(lambda x: 0.04 - (x - 0.5) ** 2), 0.0, 1.0)
    assert (answer.value, answer.fails_again) == pytest.approx((0.3, 0.7), abs=1e-12)
    assert answer.direction == "mixed"


@settings(deadline=None, max_examples=200)
@given(st.floats(0.01, 3.0), st.floats(0.01, 0.99))
def test_search__what_is_found_meets_the_goal_to_the_last_bit(slope: float, root: float) -> None:
    """The margin x³ + slope·x - (root³ + slope·root) at the value found is not below zero; the value is the root."""
    function = of(lambda x: x * x * x + slope * x - (root * root * root + slope * root))
    answer = smallest(function, 0.0, 1.0)
    assert function(np.array([answer.value]))[1][0] >= 0.0
    assert answer.value == pytest.approx(root, abs=1e-12)


def test_search__a_lever_without_effect_and_a_bound_that_meets() -> None:
    assert smallest(of(lambda x: 0.0 * x - 1.0), 0.0, 1.0).status == "untouched"
    bound = smallest(of(lambda x: x + 0.5), 0.0, 1.0)
    assert (bound.status, bound.value, bound.direction) == ("at_bound", 0.0, "rising")
    assert smallest(of(lambda x: 0.5 - x), 0.0, 1.0).fails_again == pytest.approx(0.5)


def test_needs__of_the_first_year_or_of_years_before_the_mend_cannot_be_moved() -> None:
    """The ratio of the first year is that of the opening; a fund that is used up before the mend stays so."""
    flows = fund(30.0, **DYING)
    first = study_fund(flows, returns=0.03, goals=[Goal("ratio", 1.0)], goal_year=2026)
    assert set(first.needs["status"]) == {"untouched"}
    late = study_fund(flows, returns=0.03, goals=[Goal("lasts")], mend_from=2030)
    assert late.exhaustion_year == 2027 and set(late.needs["status"]) == {"none"}


def test_goals__are_not_met_by_a_fund_that_comes_back_from_debt() -> None:
    """10, then -15, -15, +200, +1 a year without return: -5, -20, 180. The ratio of the last year is 180, but the fund
    lasts only with 10 more a year (10 - 2·15 + 2·10 = 0), and no return up to 15 % keeps it above zero."""
    flows = fund(10.0, 4, contributions=[0.0, 0.0, 200.0, 2.0], benefits=[15.0, 15.0, 0.0, 1.0])
    goals = [Goal("ratio", 1.0), Goal("balance", 100.0), Goal("constant_ratio", 3.0), Goal("lasts")]
    study = study_fund(flows, returns=0.0, timing="end", goals=goals)
    assert study.years["fund_ratio"].iloc[-1] == 180.0 and study.exhaustion_year == 2026
    for goal in goals:
        assert needs_of(study, goal.key, "amount")["value"] == pytest.approx(10.0, abs=1e-12)
        assert needs_of(study, goal.key, "return_level")["status"] == "none"
    assert study.ratio_grid["fund_ratio"].isna().all()  # a share of nothing in the first two years is nothing


def test_needs__a_deep_hole_is_told_with_the_nearest_miss() -> None:
    study = study_fund(fund(10.0, contributions=1.0, benefits=200.0), returns=0.03, goals=[Goal("ratio", 1.0)])
    row = needs_of(study, "ratio=1", "return_level")
    assert row["status"] == "none" and math.isnan(row["value"]) and row["low"] <= row["best"] <= row["high"]


# --- properties -------------------------------------------------------------------------------------------------------

amounts = st.floats(1.0, 200.0)
FUNDS = st.builds(
    lambda opening, first, last, benefits, years: fund(
        opening, years,
        contributions=np.linspace(first, last, years).tolist(), benefits=np.linspace(last, benefits, years).tolist(),
    ),
    st.floats(0.0, 500.0), amounts, amounts, amounts, st.integers(2, 25),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(FUNDS, st.floats(-0.02, 0.08), st.sampled_from(TIMINGS))
def test_property__more_paid_in_never_leaves_less(flows: Flows, rate: float, timing: Timing) -> None:
    study = study_fund(flows, returns=rate, timing=timing, goals=[Goal("lasts"), Goal("ratio", 1.0)], rates=(0.0, 0.1))
    grid = study.ratio_grid["fund_ratio"].to_numpy().reshape(2, -1)
    both = ~np.isnan(grid).any(axis=0)
    assert (grid[1, both] >= grid[0, both]).all()
    assert not (np.isnan(grid[1]) & ~np.isnan(grid[0])).any()  # what lasts with less lasts with more
    needed = study.return_grid["value"].to_numpy().reshape(2, -1)
    met = ~np.isnan(needed[0])
    assert (needed[1, met] <= needed[0, met] + 1e-12).all()


@settings(deadline=None, max_examples=40)
@given(FUNDS, st.sampled_from(TIMINGS))
def test_property__a_fund_that_lasts_grows_with_its_return(flows: Flows, timing: Timing) -> None:
    levels = (0.0, 0.02, 0.04)
    study = study_fund(flows, returns=0.0, timing=timing, goals=[], rates=(0.0,), levels=levels)
    ratio = study.ratio_grid["fund_ratio"].to_numpy()[1:]
    lasting = ratio[~np.isnan(ratio)]
    assert (np.diff(lasting) >= -1e-12 * (1.0 + np.abs(lasting[:-1]))).all()


@settings(deadline=None, max_examples=30)
@given(FUNDS, st.floats(0.0, 0.06), st.sampled_from(TIMINGS))
def test_property__a_further_contribution_found_meets_its_goal(flows: Flows, rate: float, timing: Timing) -> None:
    for row in study_fund(flows, returns=rate, timing=timing, goals=[Goal("lasts")]).needs.to_dict("records"):
        if row["status"] != "found" or row["lever"] != "amount":
            continue
        more = flows_of(
            pd.DataFrame({
                "year": flows.years, "contributions": flows.contributions + row["value"], "benefits": flows.benefits,
            }),
            flows.opening,
        )  # fmt: skip
        lowest = study_fund(more, returns=rate, timing=timing, goals=[]).years["closing"].min()
        assert abs(lowest) <= 1e-9 * (flows.opening + flows.outgo.sum())


# --- flows ------------------------------------------------------------------------------------------------------------


def test_gap_years__lie_on_straight_lines_in_every_column() -> None:
    frame = pd.DataFrame({
        "year": [2026, 2029, 2031], "contributions": [30.0, 60.0, 50.0], "benefits": [9.0, 9.0, 19.0],
        "other": [3.0, -6.0, 0.0], "base": [90.0, 120.0, 100.0], "return": [0.03, 0.03, 0.05],
    })  # fmt: skip
    flows = flows_of(frame, 1.0)
    assert flows.years.tolist() == [2026, 2027, 2028, 2029, 2030, 2031] and flows.given == (2026, 2029, 2031)
    assert flows.contributions.tolist() == [30.0, 40.0, 50.0, 60.0, 55.0, 50.0]
    assert flows.benefits.tolist() == [9.0, 9.0, 9.0, 9.0, 14.0, 19.0]
    assert flows.other_income.tolist() == [3.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert flows.other_outgo.tolist() == [0.0, 0.0, 3.0, 6.0, 3.0, 0.0]
    assert flows.base is not None and flows.base.tolist() == [90.0, 100.0, 110.0, 120.0, 110.0, 100.0]
    assert flows.returns is not None and flows.returns.tolist() == [0.03, 0.03, 0.03, 0.03, 0.04, 0.05]


def test_one_year__is_a_fund_too() -> None:
    study = study_fund(fund(100.0, 1, contributions=50.0, benefits=60.0), returns=0.0, timing="end")
    assert [goal.key for goal in study.goals] == ["lasts", "ratio=1", "ratio=2", "ratio=5", "no_deficit"]
    assert study.years["closing"].tolist() == [90.0]
    assert needs_of(study, "no_deficit", "amount")["value"] == pytest.approx(10.0, abs=1e-12)


def test_levers__reach_beyond_the_outgo_of_a_fund_that_collects_nothing() -> None:
    study = study_fund(fund(0.0, contributions=0.0, benefits=70.0), returns=0.0, timing="end", goals=[Goal("lasts")])
    assert needs_of(study, "lasts", "share_of_contributions")["status"] == "untouched"
    row = needs_of(study, "lasts", "amount")
    assert row["value"] == pytest.approx(70.0) and row["high"] == HIGHEST * 70.0 and row["low"] == 0.0


BAD_FRAMES: dict[str, tuple[dict[str, list[Any]], set[str]]] = {
    "columns": ({"year": [2026], "contribution": [1.0], "benefits": [1.0]}, {"fund_heading", "fund_column_missing"}),
    "years": (
        {"year": [2026, 2026, 2027.5, 30], "contributions": [1.0] * 4, "benefits": [1.0] * 4},
        {"fund_year_order", "fund_year"},
    ),
    "none": ({"year": [], "contributions": [], "benefits": []}, {"fund_no_rows"}),
    "figures": (
        {"year": [2026, 2027], "contributions": [1.0, "x"], "benefits": [None, 1.0]},
        {"fund_number"},
    ),
    "values": (
        {"year": [2026, 2027], "contributions": [-1.0, 1.0], "benefits": [1.0, math.nan], "base": [0.0, 1.0],
         "return": [3.0, 0.1]},
        {"fund_negative", "fund_blank", "fund_base", "fund_rate"},
    ),
    "long": ({"year": [2026, 2226], "contributions": [1.0, 1.0], "benefits": [1.0, 1.0]}, {"fund_years"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_flows_of__tells_every_fault_at_once(name: str) -> None:
    columns, codes = BAD_FRAMES[name]
    with pytest.raises(SimengineError) as caught:
        flows_of(pd.DataFrame(columns, dtype=object), 1.0)
    assert {error.code for error in each_error(caught.value)} == codes


def test_flows_of__names_line_and_column() -> None:
    frame = pd.DataFrame({"year": [2026, 2027], "contributions": [1.0, 1.0], "benefits": [1.0, -2.0]})
    with pytest.raises(FundError) as caught:
        flows_of(frame, 1.0)
    assert caught.value.where == "flows, line 3, column benefits"
    with pytest.raises(FundError, match="opening balance"):
        flows_of(frame, math.nan)


# --- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"returns": None}, {"fund_no_return"}),
        ({"returns": 3.0, "timing": "noon", "mend_from": 1999}, {"fund_level", "fund_timing", "fund_year_outside"}),
        ({"mend_from": 2030, "goal_year": 2027}, {"fund_years_crossed"}),
        ({"volatility": 0.9}, {"fund_volatility"}),
        ({"within": (0.05, 0.01), "volatility": 0.1, "draws": 5}, {"fund_within", "fund_draws"}),
        ({"goals": [Goal("constant_ratio", 10.0)], "levels": [3.0]}, {"fund_goal_window", "fund_level"}),
    ],
)
def test_study__refuses_what_cannot_be_asked(asked: dict[str, Any], codes: set[str]) -> None:
    with pytest.raises(SimengineError) as caught:
        study_fund(fund(10.0, **DYING), **{"returns": 0.03, **asked})
    assert {error.code for error in each_error(caught.value)} == codes


def test_goal__of_a_year_without_outgo_has_no_meaning() -> None:
    flows = fund(10.0, years=3, contributions=5.0, benefits=[1.0, 1.0, 0.0])
    with pytest.raises(FundError) as caught:
        study_fund(flows, returns=0.03, goals=[Goal("ratio", 1.0)])
    assert caught.value.code == "fund_goal_outgo" and caught.value.values["year"] == 2028
    assert math.isnan(study_fund(flows, returns=0.03, goals=[]).years["fund_ratio"].iloc[-1])


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("ratio=1.5", Goal("ratio", 1.5)),
        ("基金率＝2", Goal("ratio", 2.0)),
        ("constant_ratio=20", Goal("constant_ratio", 20.0)),
        ("结余=0.5", Goal("balance", 5e7)),
        ("无当期缺口", Goal("no_deficit")),
    ],
)
def test_goal__is_read_in_both_languages(text: str, goal: Goal) -> None:
    assert goal_of(text, 1e8) == goal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ratios=1", "fund_goal"),
        ("ratio", "fund_goal_amount"),
        ("ratio=-1", "fund_goal_amount"),
        ("ratio=x", "fund_goal_amount"),
        ("lasts=1", "fund_goal_amount"),
        ("constant_ratio=2.5", "fund_goal_amount"),
    ],
)
def test_goal__that_cannot_be_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(FundError) as caught:
        goal_of(text)
    assert caught.value.code == code
