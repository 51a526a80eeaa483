"""No dead lever: every listed series x operation moves a result in every region, or is refused with reason and way out.

The suite tries a tenth that changes with the seed below; `pytest -m release` tries all of it.
"""

from __future__ import annotations

import random

import pytest

from simengine.common.messages import refusals
from simengine.engine.idle import idle_levers
from simengine.engine.project import copy_state, run_lane
from simengine.scenario.scenario import with_levers
from tests.helpers.lever_matrix import FIRST, IDLE, REFUSED, REGIONS, openings, pairs, shortened, tried

SEED = 20261201
"""Change it before a release to try another tenth."""

BOUND_REACHED = {
    "pool_take_share": "a surplus, or a deficit above the limit of the pool",
    "pool_give_share": "a deficit, or a surplus above the limit of the pool",
    "pool_receipt_limit": "a surplus, or a deficit within the limit",
    "pool_payment_limit": "a deficit, or a surplus within the limit",
    "pool_reserve": "the nation holds more than the pool moves",
    "subsidy_reserve_months": "the fund stays below its months",
    "cut_none_months": "the months of the fund cross no mark that is moved so little",
    "cut_full_months": "the months of the fund cross no mark that is moved so little",
    "unemployment_employer_uncut_rate": "nothing of the cut is withdrawn",
    "unemployment_employee_uncut_rate": "nothing of the cut is withdrawn",
    "injury_adjustment_fund_share": "without months a fund above zero gets nothing",
    "unemployment_adjustment_fund_share": "without months a fund above zero gets nothing",
    "entrusted_share_enterprise": "Hubei's own account has no money to entrust after 2026",
}
"""Levers that are heard and still move nothing in some region: a run says so of them (`simengine.engine.idle`)."""

ANSWERED = {
    "series_level", "series_rate", "series_source", "series_births", "series_campaign", "series_index",
    "series_paused", "series_pressure",
    "series_reference", "series_rest", "lever_without_change", "lever_without_reader", "lever_without_subsidy",
    "shares_add_up", "parts_add_up", "path_flag", "path_whole", "path_share", "path_rate", "path_sign",
    "path_nothing_above",
}  # fmt: skip
"""Refusals that tell why a lever cannot act so."""


def judge(region: str, some: list[tuple[str, str]]) -> None:
    """Every trial moves something, is refused with a way out, or is one that a run tells to be idle."""
    for series, operation in some:
        trial = tried(region, series, operation)
        if trial.outcome == REFUSED:
            assert set(trial.codes) <= ANSWERED, trial
            assert all("hint" in refusals()[code] for code in trial.codes), trial
        elif trial.outcome == IDLE:
            assert series in BOUND_REACHED, f"{trial}: a dead lever"


@pytest.mark.parametrize("region", REGIONS)
def test_a_tenth_of_all_levers__moves_a_result_or_is_refused(region: str) -> None:
    everything = pairs()
    judge(region, random.Random(f"{SEED} {region}").sample(everything, len(everything) // 10))


@pytest.mark.release
@pytest.mark.parametrize("region", REGIONS)
def test_every_lever__moves_a_result_or_is_refused(region: str) -> None:
    judge(region, pairs())


def test_a_lever_that_meets_a_bound__is_told_after_the_run() -> None:
    """Jiangxi holds less than a year: budgets that stop at fifteen months pay as before; the medical cost acts."""
    lever = {"name": {"en": "trial", "local": "试算"}, "reason": "A trial."}
    levers = {
        "months": {**lever, "changes": {"pension/subsidy_reserve_months": {f"{FIRST}-01-01": 15}}},
        "medical": {**lever, "paths": {"medical_cost": {"multiply": {FIRST: 1.1}}}},
    }
    scenario = with_levers(shortened("jiangxi"), "trial", levers)
    lanes = openings().lanes(scenario)
    for lane in lanes:
        lane.output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
    (remark,) = idle_levers(scenario, lanes, openings())
    assert "the lever months changes no number" in remark.en
    assert "months没有改变" in remark.zh
