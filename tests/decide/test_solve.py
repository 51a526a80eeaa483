"""Solving: the answer put back into a full run meets its goal, the milder step does not, and no value is a result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.decide.solve import Solution
from simengine.decide.solve.costs import cost_of
from simengine.decide.solve.figures import Figures, read_figures
from simengine.decide.solve.goals import Reached, actuarial_balance
from simengine.decide.solve.levers import STATUSES, read_lever
from simengine.decide.solve.search import search
from simengine.judge.checks.accounts import returns_of, unaided_from_print
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.indicators import Definitions, registry
from simengine.judge.indicators.actuarial import SPANS
from simengine.judge.indicators.sums import PENSION_FUND
from simengine.registry.axes import FUND
from simengine.registry.inputs import PATH_NAMES
from simengine.report.tables.solved import called
from simengine.scenario.closures import read_closures, scenarios_beside

RATE = "pension/rate_employer=16%..70%!"
PLACE = FUND.index("enterprise_pension")
EVERY = ("reserve_months=9@2050", "fund_ratio=1@2060", "balance=5000亿@2055", "lasts=2060", "no_deficit=2060")
EVERY += ("constant_ratio=20@2060", "actuarial_balance=75")

OF_VALUATION = (
    ["contributions", "collective_subsidy", "transfers_in", "other_income"],
    ["benefits", "transfers_out", "other_outgo"],
)
"""What a valuation counts: no return, no aid, no payment of another fund."""


@pytest.fixture(scope="module")
def rate() -> Solution:
    """Every condition on a fund, by the employer rate from 2030 on."""
    return simengine.solve("china/baseline", lever=RATE, goal=EVERY, start=2030, closures=False)


def full(scenario: Any) -> dict[str, np.ndarray]:
    """Balance, outgo, contribution base and flows of the enterprise fund of a full run, off its labelled results."""
    data = simengine.judge_scenarios(scenario)[scenario.key].projection
    fund = data.isel(scenario=0, draw=0, region=0).sel(fund="enterprise_pension")
    incomes, costs = OF_VALUATION
    path = simengine.judge_scenarios(scenario).results[scenario.key].lanes[0].inputs
    return {
        "balance": fund.fund_balance.values,
        "outgo": fund.outgo.sum("outgo_item").values,
        "income": fund.income.sel(income_item=incomes).sum("income_item").values,
        "cost": fund.outgo.sel(outgo_item=costs).sum("outgo_item").values,
        "base": fund.insurable_earnings.values,
        "return": path.paths[PATH_NAMES.index("return_enterprise_pension"), 1:],
    }


def figure(goal: str, run: dict[str, np.ndarray], first: int = 2021, since: int = 2030) -> float:
    """What a goal is measured by less what it asks for, in plain Python from its words."""
    kind, _, rest = goal.partition("=")
    amount, _, year = rest.partition("@")
    at = int(year or 2095) - first
    balance, outgo = run["balance"], run["outgo"]
    if kind == "reserve_months":
        return float(12.0 * balance[at + 1] / outgo[at] - float(amount))
    if kind == "fund_ratio":
        return float(balance[at] / outgo[at] - float(amount))
    if kind == "balance":
        return float(balance[at + 1] - float(amount.removesuffix("亿")) * 1e8) / float(outgo.mean())
    if kind == "lasts":  # year ends of 2030 to 2060
        return min(float(balance[year - first + 1]) for year in range(since, int(amount) + 1)) / float(outgo.mean())
    if kind == "no_deficit":  # years 2030 to 2059
        steps = [float(balance[y - first + 1] - balance[y - first]) for y in range(since, int(amount))]
        return min(steps) / float(outgo.mean())
    if kind == "constant_ratio":
        before = at - int(amount)
        change = float(balance[at] / outgo[at] - balance[before] / outgo[before])
        return min(change, float(balance[before] / outgo[before]))
    worth, base, growth = float(balance[0]), 0.0, 1.0
    years = zip(run["income"] - run["cost"], run["base"], run["return"], strict=True)
    for net, held, rate in years:
        half = growth * math.sqrt(1.0 + float(rate))
        worth, base, growth = worth + float(net) / half, base + float(held) / half, growth * (1.0 + float(rate))
    return (worth - float(run["cost"][-1]) / growth) / base


def rows_of(found: Solution) -> dict[str, dict[str, Any]]:
    return {row["goal"]: row for row in found.answers.to_dict("records")}


@pytest.mark.parametrize("goal", EVERY)
def test_answer_put_back_into_a_full_run__meets_the_goal(rate: Solution, goal: str) -> None:
    row = rows_of(rate)[goal]
    assert row["status"] == "found" and row["side"] == "up" and 0.16 < row["exact"] < 0.7
    exact, value, milder = (
        figure(goal, full(rate.scenario_at(at, start=2030)))
        for at in (row["exact"], row["value"], row["value"] - 0.0001)
    )
    assert abs(exact) < 1e-6  # in months, years of outgo, or parts of a year's outgo
    assert value >= 0.0 > milder
    assert (
        row["value"] == pytest.approx(round(row["value"], 4), abs=1e-15) and 0.0 <= row["value"] - row["exact"] < 1e-4
    )


def test_answer__is_what_an_indicator_of_the_full_run_shows(rate: Solution) -> None:
    row = rows_of(rate)["reserve_months=9@2050"]
    made = rate.scenario_at(row["value"], start=2030)
    table = simengine.tabulate(made, "payable_months", years=2050, schemes="enterprise_pension")
    assert table.rows["value"].item() == pytest.approx(row["reached"], rel=1e-12) and row["reached"] >= 9.0


def test_cost__is_the_sum_of_what_moves_in_the_full_runs(rate: Solution) -> None:
    row = rows_of(rate)["reserve_months=9@2050"]
    made = rate.scenario_at(row["value"], start=2030)
    judged = simengine.judge_scenarios(["china/baseline", made])
    lane = judged.results["china/baseline"].lanes[0].inputs
    told = dict.fromkeys(("contributions", "subsidy", "benefits_forgone"), 0.0)
    one, two = (judged[key].projection.isel(scenario=0, draw=0, region=0) for key in ("china/baseline", made.key))
    for fund in FUND:
        returns = lane.paths[PATH_NAMES.index(f"return_{fund}"), 1:]
        growth = 1.0
        for year in range(2030, 2051):
            rate_of_year = float(returns[year - 2021])
            worth = 1.0 / (growth * math.sqrt(1.0 + rate_of_year))
            more = two.sel(fund=fund, year=year) - one.sel(fund=fund, year=year)
            told["contributions"] += worth * float(more.income.sel(income_item="contributions"))
            told["subsidy"] += worth * float(more.income.sel(income_item="fiscal_subsidy"))
            told["benefits_forgone"] -= worth * float(more.outgo.sel(outgo_item="benefits"))
            growth *= 1.0 + rate_of_year
    assert (row["cost_from"], row["cost_to"]) == (2030, 2050)
    assert [row[name] for name in told] == pytest.approx(list(told.values()), rel=1e-9, abs=1.0)
    assert row["cost"] == pytest.approx(sum(told.values()), rel=1e-9)
    assert told["contributions"] > 0.0 > told["subsidy"] and told["benefits_forgone"] == 0.0


@pytest.mark.parametrize(("fixed", "factor"), [(["arrears_share=2021:0"], 1.0), ([], 1.02)])
def test_pooled_rate_of_all_payers_moved__moves_the_balance_of_75_years_by_as_much(
    fixed: list[str], factor: float
) -> None:
    """No cut is in force: employers owe the whole of their rate from 2021 on. Arrears are 2 % of what is collected."""
    found = []
    for more in (0.0, 0.03, 0.11):
        rates = {"pension/rate_employer": 0.16 + more, "pension/rate_flexible": 0.20 + more}
        made = simengine.what_if(
            "china/baseline", set=[*fixed, *(f"{key}=2021-01-01:{value:.4f}!" for key, value in rates.items())]
        )
        lane = simengine.judge_scenarios(made).results[made.key].lanes[0]
        assert lane.output is not None
        assert (lane.inputs.paths[PATH_NAMES.index("employer_share_due"), 1:] == 1.0).all()
        found.append(actuarial_balance(read_figures(lane, lane.output), PLACE, 75))
    assert found[1] - found[0] == pytest.approx(factor * 0.03, abs=1e-10)
    assert found[2] - found[0] == pytest.approx(factor * 0.11, abs=1e-10)


def test_actuarial_balance__is_the_indicator_of_the_same_run() -> None:
    """One definition: what solve reaches is what `simengine table -i actuarial_balance_75` shows."""
    made = simengine.what_if("china/baseline", set=["pension/rate_employer=2028-01-01:24%!"])
    judged = simengine.judge_scenarios(made)
    lane, data = judged.results[made.key].lanes[0], judged[made.key].projection
    assert lane.output is not None
    for span in SPANS:
        shown = registry()[f"actuarial_balance_{span}"](data, Definitions()).isel(scenario=0, draw=0, region=0)
        for fund in PENSION_FUND:
            own = actuarial_balance(read_figures(lane, lane.output), FUND.index(fund), span)
            assert own == pytest.approx(float(shown.sel(fund=fund).isel(year_end=0)), rel=1e-13)


def test_lever_of_two_keys__closes_the_balance_with_the_rate_that_is_missing() -> None:
    """The balance is closed by moving the rates of all payers by what it lacks over 1.02, arrears being 2 %."""
    lever = "pension/rate_employer=2021-01-01:16%..66%! & pension/rate_flexible=2021-01-01:20%..70%!"
    found = simengine.solve(
        "china/baseline", lever=lever, goal="actuarial_balance=75", account="unaided", closures=False
    )
    (row,) = found.answers.to_dict("records")
    assert row["status"] == "found" and row["direction"] == "rising"
    assert row["exact"] - 0.16 == pytest.approx(-row["as_is"] / 1.02, abs=1e-9)


# --- rounded verdicts -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Solution:
    """A row of the plan of Jiangxi, and all rows at once, by the insured of 2025."""
    lever = "unemployment_insured=2025:380万..410万"
    return simengine.solve("jiangxi/baseline", lever=lever, goal=["row=JX-22-02", "targets"], step=100)


def verdict_at(found: Solution, value: float, name: str) -> Any:
    made = found.scenario_at(value)
    return next(row for row in simengine.judge_scenarios(made)[made.key].verdicts if row.id == name)


def test_row_of_the_plan__is_met_as_it_is_rounded_and_not_one_step_before(plan: Solution) -> None:
    """The plan prints 400 万人: it is met from 399.5 万人 on."""
    row = rows_of(plan)["row=JX-22-02"]
    assert row["exact"] == pytest.approx(3_995_000.0, abs=1.0) and row["reached_exact"] == pytest.approx(
        399.5, abs=1e-6
    )
    met, missed = (verdict_at(plan, value, "JX-22-02") for value in (row["value"], row["value"] - 100.0))
    assert (met.verdict, missed.verdict) == ("met", "missed")
    assert met.projected == pytest.approx(row["reached"], rel=1e-12) and met.projected_text == "400"
    assert row["as_is"] < 399.5 and row["wanted"] == 400.0 and row["unit"] == "万人"


def test_all_rows_at_once__need_what_the_hardest_needs(plan: Solution) -> None:
    one, every = rows_of(plan)["row=JX-22-02"], rows_of(plan)["targets"]
    made = plan.scenario_at(every["value"])
    headline = [row.verdict for row in simengine.judge_scenarios(made)[made.key].verdicts if row.headline]
    assert every["value"] == one["value"] and {*headline} == {"met"}
    assert every["reached"] == every["wanted"] == len(headline) and every["as_is"] == len(headline) - 1


def test_campaign__of_nobody_is_none_and_meets_the_city_s_target_as_its_areas_share_it() -> None:
    """Persons are shared over the areas of Xuzhou; the plan prints 100 万人, so it is met from 99.5 on."""
    found = simengine.solve(
        "xuzhou/baseline", lever="campaign_unemployment=2025:0..3万", goal="row=XZ-14-04", closures=False
    )
    (row,) = found.answers.to_dict("records")
    assert found.scenario_at(0.0).key == "xuzhou/baseline"
    assert row["as_is"] < 99.5 and row["status"] == "found" and row["value"] % 10.0 == 0.0
    assert verdict_at(found, row["value"], "XZ-14-04").verdict == "met"
    assert verdict_at(found, row["value"] - 10.0, "XZ-14-04").verdict == "missed"


# --- closures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ranged() -> Solution:
    return simengine.solve("china/baseline", lever="pension/rate_employer=2%..70%!", goal="lasts=2060", start=2030)


def test_range__holds_the_answer_of_every_closure_and_its_ends_are_answers(ranged: Solution) -> None:
    """Every closure is run at both ends of the range: at the upper all last, one step below the lower none does."""
    (row,) = ranged.answers.to_dict("records")
    low, high, step = row["low_value"], row["high_value"], 0.0001
    assert 0.02 < low < row["value"] < high < 0.7

    def lasting(value: float) -> dict[str, float]:
        made = ranged.scenario_at(value, start=2030)
        beside, stated = scenarios_beside(made, read_closures(), True)
        assert stated == []
        named = {(f"{one.closure}:{one.variant}", one.closure)[one.closure == one.variant]: one for one in beside}
        runs = simengine.judge_scenarios([one.scenario for one in named.values()])
        found = {}
        for name, one in named.items():
            data = runs[one.scenario.key].projection.isel(scenario=0, draw=0, region=0).sel(fund="enterprise_pension")
            found[name] = float(data.fund_balance.sel(year_end=slice(2030, 2060)).min())
        return found

    at_high, below_high = lasting(high), lasting(high - step)
    at_low, below_low = lasting(low), lasting(low - step)
    assert min(at_high.values()) >= 0.0 > below_high[row["high_by"]]
    assert at_low[row["low_by"]] >= 0.0 and max(below_low.values()) < 0.0
    needed = ranged.needed.set_index("beside")
    assert {*needed.index} == {*at_high} and needed.loc[[row["low_by"], row["high_by"]], "settled"].all()
    assert needed["value"].dropna().between(low, high).all() and needed["value"].notna().equals(needed["settled"])


def test_closure_that_no_value_meets__is_beyond_the_interval() -> None:
    found = simengine.solve("china/baseline", lever="pension/rate_employer=2030-01-01:16%..26%", goal="lasts=2055")
    (row,) = found.answers.to_dict("records")
    assert row["status"] == "found" and row["high_value"] == math.inf and row["high_by"] == "tight"


def test_lever_that_states_a_closure__leaves_it_unmoved() -> None:
    found = simengine.solve("china/baseline", lever="indexation=2028:0%..6%!", goal="lasts=2055")
    (row,) = found.answers.to_dict("records")
    assert found.stated == ("indexation_mix",) and not found.needed["beside"].str.startswith("indexation").any()
    assert (row["side"], row["direction"]) == ("down", "falling") and row["low_value"] < row["value"]
    met, missed = (
        float(full(found.scenario_at(value))["balance"][8:36].min()) for value in (row["value"], row["value"] + 0.0001)
    )  # year ends of 2028 to 2055
    assert met >= 0.0 > missed


# --- no value, several spells, whole numbers --------------------------------------------------------------------------


def test_no_value_meets_it__is_a_result_with_the_best() -> None:
    found = simengine.solve(
        "china/baseline", lever="pension/rate_employer=2030-01-01:16%..20%", goal="fund_ratio=5@2060"
    )
    (row,) = found.answers.to_dict("records")
    assert row["status"] == "none" and row["value"] != row["value"] and row["best"] == 0.2
    run = full(found.scenario_at(0.2))
    assert row["reached"] == pytest.approx(run["balance"][39] / run["outgo"][39], rel=1e-12) and row["reached"] < 5.0


def test_whole_numbers__are_all_run_and_told_as_the_full_runs_are() -> None:
    found = simengine.solve(
        "china/baseline", lever="retirement_step=2..6", goal="reserve_months=7.3@2050", closures=False
    )
    (row,) = found.answers.to_dict("records")
    months = {}
    for step in range(2, 7):
        run = full(found.scenario_at(float(step)))
        months[step] = 12.0 * run["balance"][30] / run["outgo"][29]
    met = [step for step, value in months.items() if value >= 7.3]
    assert met, months
    if row["side"] == "up":
        assert row["value"] == met[0] > 2
    else:
        assert met[0] == 2 and row["value"] == next(step for step in range(2, 7) if step + 1 not in met)
    assert row["reached"] == pytest.approx(months[int(row["value"])], rel=1e-12)


def test_enacted_pace__is_the_law_to_the_last_bit() -> None:
    found = simengine.solve("china/baseline", lever="retirement_step=3..5", goal="lasts=2050", closures=False)
    enacted = full(simengine.load_scenario("china/baseline"))
    assert np.array_equal(full(found.scenario_at(4.0))["balance"], enacted["balance"])
    assert not np.array_equal(full(found.scenario_at(5.0))["balance"], enacted["balance"])


def curve(margin: Any) -> Any:
    """A goal whose margin is a formula, to see the search alone; the real engine is searched above."""

    def evaluate(values: Sequence[float]) -> list[Reached]:
        return [Reached(margin(value), margin(value), margin(value) >= 0.0) for value in values]

    return evaluate


LEVER = read_lever("layoff_share=0..1", 0.001)


def test_goal_met_missed_and_met_again__is_said() -> None:
    """sin(3πx) - .25 is not below zero from asin(.25)/3π to 1/3 less that, and again from 2/3 on to 1 less that."""
    answer = search(curve(lambda x: math.sin(3.0 * math.pi * x) - 0.25), LEVER)
    edge = math.asin(0.25) / (3.0 * math.pi)
    assert answer.again and answer.direction == "mixed" and answer.side == "up"
    assert np.ravel(answer.spells) == pytest.approx([edge, 1 / 3 - edge, 2 / 3 + edge, 1 - edge], abs=1e-9)
    assert answer.exact == pytest.approx(edge, abs=1e-9) and answer.value == pytest.approx(
        math.ceil(edge * 1000) / 1000
    )


def test_goal_met_at_the_lower_end_and_not_above__is_answered_by_the_largest_value() -> None:
    answer = search(curve(lambda x: 0.4567 - x), LEVER)
    assert (answer.side, answer.value, answer.direction) == ("down", 0.456, "falling") and not answer.again


def test_goal_met_between_two_values_of_the_mesh_alone__is_found_by_the_best_one() -> None:
    """A peak of width .04 around .55, between the values .5 and .6 of the mesh."""
    answer = search(curve(lambda x: 0.02 - abs(x - 0.5505)), LEVER)
    assert answer.status == "found" and answer.value == 0.531 and answer.exact == pytest.approx(0.5305)


def test_every_value_meets_it__is_told_with_the_mildest() -> None:
    up, down = search(curve(lambda x: 1.0 + x), LEVER), search(curve(lambda x: 2.0 - x), LEVER)
    assert (up.status, up.value, down.status, down.value) == ("everywhere", 0.0, "everywhere", 1.0)


def test_best_value_inside_the_interval__is_found() -> None:
    answer = search(curve(lambda x: -1.0 - (x - 0.321) ** 2), LEVER)
    assert (
        answer.status == "none"
        and answer.best == pytest.approx(0.321, abs=0.002)
        and answer.reached == pytest.approx(-1.0, abs=1e-5)
    )


# --- formulas ---------------------------------------------------------------------------------------------------------


def flat(years: int, balance: float, income: float, cost: float, base: float, rate: float) -> Figures:
    """A fund whose flows are the same in every year."""
    even = np.ones((len(FUND), years))
    ends = {name: np.full((len(FUND), years + 1), balance) for name in ("own", "unaided")}
    none = [0.0 * even for _ in range(3)]
    return Figures(2020, ends, cost * even, *none, income * even, cost * even, base * even, rate * even)


def test_actuarial_balance__is_the_closed_form_of_even_flows() -> None:
    """With q = 1.03^½ and a = Σ v^(t-½) = q·(1 - 1.03^-75)/.03: (50 - 4·a - 30·1.03^-75) / (100·a)."""
    factor = math.sqrt(1.03) * (1.0 - 1.03**-75) / 0.03
    wanted = (50.0 - 4.0 * factor - 30.0 * 1.03**-75) / (100.0 * factor)
    assert actuarial_balance(flat(75, 50.0, 26.0, 30.0, 100.0, 0.03), PLACE, 75) == pytest.approx(wanted, rel=1e-12)


def test_cost__is_worth_at_the_beginning_of_its_first_year() -> None:
    """10 more in 2023 and in 2024 at 21 %: 10/1.1 + 10/(1.21·1.1), in each of the funds."""
    base = flat(5, 0.0, 0.0, 1.0, 1.0, 0.21)
    more = flat(5, 0.0, 0.0, 1.0, 1.0, 0.21)
    more.contributions[:, 2:] = 10.0
    more.benefits[:, 3] = 4.0
    cost = cost_of(more, base, 2023, 2024)
    assert cost.contributions == pytest.approx(len(FUND) * (10.0 / 1.1 + 10.0 / (1.21 * 1.1)), rel=1e-12)
    assert cost.benefits_forgone == pytest.approx(-len(FUND) * 4.0 / (1.21 * 1.1), rel=1e-12)
    assert cost.subsidy == 0.0 and cost.total == cost.contributions + cost.benefits_forgone


def test_account_without_aid__is_the_one_that_is_judged() -> None:
    found = simengine.solve(
        "china/baseline", lever="pension/rate_employer=2030-01-01:16%..40%!", goal="reserve_months=9@2045",
        account="unaided", closures=False,
    )  # fmt: skip
    (row,) = found.answers.to_dict("records")
    made = found.scenario_at(row["exact"])
    judged = simengine.judge_scenarios(["china/baseline", made])
    base, moved = (judged.results[key].dataset.sel(scenario=key).isel(draw=0, region=0) for key in judged)
    lane = judged.results[made.key].lanes[-1]
    unaided = unaided_from_print(
        moved.fund_balance_unaided.transpose("fund", "year_end").values,
        base.fund_balance.transpose("fund", "year_end").values, returns_of(lane), 2020, starts_of(lane.basis),
    )  # fmt: skip
    outgo = float(moved.outgo.sel(fund="enterprise_pension", year=2045).sum())
    assert 12.0 * unaided[PLACE, 25] / outgo == pytest.approx(9.0, abs=1e-6)


# --- two levers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two() -> Solution:
    levers = ["pension/rate_employer=2030-01-01:16%..24%", "indexation=2030:1%..4%"]
    return simengine.solve("china/baseline", lever=levers, goal="lasts=2055", closures=False, points=7)


def test_cheapest_point__meets_the_goal_and_no_point_of_the_line_is_cheaper(two: Solution) -> None:
    (row,) = two.answers.to_dict("records")
    line = two.line[two.line["cost"].notna()]
    assert row["status"] == "found" and row["cost"] == line["cost"].min() and line["cheapest"].sum() == 1
    met = full(two.scenario_at(row["value"], row["second"]))["balance"][10:36].min()
    milder = full(two.scenario_at(row["value"], row["second"] + 0.0001))["balance"][10:36].min()
    assert met >= 0.0 > milder  # pensions raised by a hundredth of a point more are too much
    for point in line.to_dict("records")[::3]:
        assert full(two.scenario_at(point["first"], point["second"]))["balance"][10:36].min() >= 0.0


def test_cheapest_point__is_cheaper_than_its_neighbours_on_the_line(two: Solution) -> None:
    """A tenth of a point of the rate to either side, with the mildest index there, costs as much or more.

    An index above that of the baseline gives something away: it is no mend, and not looked at.
    """
    (row,) = two.answers.to_dict("records")
    assert 0.01 < row["second"] <= row["high_second"] < 0.04
    for rate_beside in (row["value"] - 0.001, row["value"] + 0.001):
        if not 0.16 <= rate_beside <= 0.24:
            continue
        beside = simengine.solve(
            simengine.what_if("china/baseline", set=[f"pension/rate_employer=2030-01-01:{rate_beside:.4f}"]),
            lever=f"indexation=2030:1%..{100 * row['high_second']:.10g}%", goal="lasts=2055", closures=False,
        )  # fmt: skip
        (other,) = beside.answers.to_dict("records")
        made = beside.scenario_at(other["value"])
        there = total_cost(made, simengine.load_scenario("china/baseline"))
        assert there >= row["cost"] - 1e-6 * abs(row["cost"])


def total_cost(made: Any, base: Any) -> float:
    """Cost of a scenario over another one in 2030-2055."""
    judged = simengine.judge_scenarios([base, made])
    lanes = judged.results[made.key].lanes
    figures = [read_figures(lane, lane.output) for lane in lanes if lane.output is not None]
    return cost_of(figures[1], figures[0], 2030, 2055).total


# --- refusals ---------------------------------------------------------------------------------------------------------


def codes(**asked: Any) -> list[str]:
    with pytest.raises(SimengineError) as caught:
        simengine.solve(**asked)
    return sorted(error.code for error in each_error(caught.value))


def test_everything_wrong__is_told_at_once() -> None:
    found = codes(
        scenario="china/baseline",
        lever=["pension/rate_employer=30%..16%", "pension/rate_employr=16%..30%"],
        goal=["reserve_months=9", "lasts=2200", "ratio=1"],
        fund="enterprise", account="mine", points=2,
    )  # fmt: skip
    assert found == sorted([
        "solve_bounds", "solve_lever_unknown", "solve_goal_form", "solve_goal_years", "solve_goal", "solve_fund",
        "solve_account", "solve_points",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("lever", "goal", "code"),
    [
        ("pension/rate_employer=2061-01-01:16%..20%", "lasts=2060", "solve_untouched"),
        ("unemployment/rate_employer_statutory=2030-01-01:0.5%..2%", "lasts=2060", "solve_untouched"),
        (["indexation=2028:0%..4%", "indexation=2029:0%..4%"], "lasts=2060", "solve_key_twice"),
        (["indexation=2028:0%..4%", "pension/adjustment_ratio=2029-01-01:0%..4%"], "lasts=2060", "levers_conflict"),
        ("pension/rate_employer=16%..20%", "targets", "solve_no_rows"),
        ("pension/rate_employer=16%..20%", "row=JX-22-02", "solve_row_unknown"),
        ("pension/rate_employer=16%", "lasts=2060", "solve_no_range"),
        ("pension/rate_employer=16%..16%", "lasts=2060", "solve_bounds_equal"),
        ("retirement_step=2030:2..8", "lasts=2060", "solve_section"),
        ("growth layoff_share=1%..2%", "lasts=2060", "solve_lever_growth"),
        ("pension/rate_employer=1990-01-01:16%..20%", "lasts=2060", "change_before_start"),
        ([], "lasts=2060", "solve_levers_count"),
        ("pension/rate_employer=16%..20%", [], "solve_no_goal"),
    ],
)
def test_impossible_ask__is_refused(lever: Any, goal: Any, code: str) -> None:
    assert code in codes(scenario="china/baseline", lever=lever, goal=goal)


def test_first_year_beside_a_date__is_refused() -> None:
    dated = "pension/rate_employer=2030-01-01:16%..20%"
    assert codes(scenario="china/baseline", lever=dated, goal="lasts=2060", start=2032) == ["solve_start_idle"]


@pytest.mark.parametrize(("place", "code"), [("jiangxi", "solve_unjudged"), ("xuzhou", "solve_no_fund")])
def test_fund_without_a_verdict__is_refused_with_the_reason(place: str, code: str) -> None:
    asked = {"lever": "pension/rate_employer=16%..20%", "goal": "lasts=2060"}
    with pytest.raises(SimengineError) as caught:
        simengine.solve(f"{place}/baseline", **asked)  # type: ignore[arg-type]
    (error,) = each_error(caught.value)
    assert error.code == code
    english, chinese = (" ".join(error.parts(lang)) for lang in ("en", "zh"))
    if place == "jiangxi":
        decided = simengine.judge_scenarios("jiangxi/baseline")["jiangxi/baseline"].fund_verdicts["jiangxi"]
        assert decided.text("en") in english and decided.text("zh") in chinese


def test_row_that_is_not_modelled__is_refused_with_the_reason() -> None:
    with pytest.raises(SimengineError) as caught:
        simengine.solve("jiangxi/baseline", lever="growth average_wage=2%..4%", goal="row=JX-14-01")
    (error,) = each_error(caught.value)
    assert error.code == "solve_row_not_judged" and "hirings" in error.parts("en")[0]


@pytest.mark.parametrize(
    "text",
    [
        *("retirement_step=1..8", "retirement_cap=36..84", "indexation=2028:0%..4%", "pension/rate_employer=16%..30%"),
        *(f"campaign_{status}=2027:0..5万" for status in STATUSES),
        *("layoff_share=0.4..0.8", "growth average_wage=2%..5%", "unemployment_insured=2026:390万..410万"),
    ],
)
def test_lever__is_called_by_its_name_in_chinese(text: str) -> None:
    """Every kind of lever stands with a Chinese name before its key; in English the key alone."""
    lever = read_lever(text, None)
    name, _, key = called(lever, "zh").partition("（")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in name) and key == f"{lever.name}）"
    assert called(lever, "en") == lever.name
