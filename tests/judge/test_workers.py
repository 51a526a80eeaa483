"""Stylised workers: the award of the case calculator on the paths of the lane, and money's worth in plain Python."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import simengine
from simengine.cases.compute import compute
from simengine.cases.read import load_cases
from simengine.engine.compile import scenario_law
from simengine.engine.compile.retirement import retirement_rules
from simengine.engine.project import Lane
from simengine.judge.measures.workers import COHORTS, INDEXES, Paths, follow, worker_table
from simengine.judge.run import Judged


@pytest.fixture(scope="module")
def china() -> Judged:
    """The nation as known today."""
    return simengine.judge_scenarios("china/baseline")["china/baseline"]


@pytest.fixture(scope="module")
def lane(china: Judged) -> Lane:
    """Its lane."""
    return china.result.lanes[0]


def rules_of(china: Judged, lane: Lane):  # type: ignore[no-untyped-def]
    own = scenario_law(lane.scenario, china.result.law)
    return retirement_rules(own, lane.basis.region, lane.scenario.settings.retirement, lane.scenario.base_year)


def test_table__holds_every_cohort_career_and_index(china: Judged) -> None:
    table = china.workers
    assert len(table) == len(COHORTS) * 3 * len(INDEXES)
    men = table[(table["career"] == "men") & (table["cohort"] == 1995)].set_index("index")
    assert men.loc[1.0, "begins"] == "2020-07" and men.loc[1.0, "retires"] == "2058-08"  # statutory month: 63 in July
    # the base pension rests half on the average, so a low index gets more for a yuan
    assert men.loc[0.6, "money_worth"] > men.loc[1.0, "money_worth"] > men.loc[2.0, "money_worth"]
    assert (table["own_multiple"] > table["money_worth"]).all()


def test_money_worth__is_that_of_a_plain_loop(china: Judged, lane: Lane) -> None:
    """Men born in July 1995 at the mean index, month by month in Python."""
    paths, rules = Paths(lane), rules_of(china, lane)
    found = follow(paths, rules, "men", 1995, 1.0)
    paid = got = account = 0.0
    alive = discount = 1.0
    first, last = 12 * 2020 + 6, 12 * 2058 + 7  # first month paid, first month drawn
    for year in range(2020, 2096):
        months = [12 * year + month for month in range(12)]
        worked, drawn = sum(first <= one < last for one in months), sum(one >= last for one in months)
        q = paths.death(year, 0, year - 1995)
        middle = discount / math.sqrt(1.0 + paths.at("return_enterprise_pension", year))
        base, interest = worked * paths.at("previous_wage", year), paths.at("account_interest", year)
        paid += (
            alive * (1 - q / 2) * base * (paths.at("employer_rate", year) + paths.at("employee_rate", year)) * middle
        )
        account += account * interest * worked / 12 + base * 0.08 * (1 + interest * worked / 24)
        if year < 2058:
            got += alive * q * account * middle
        elif year == 2058:
            years = (last - first) / 12
            base_part = paths.at("benefit_base", 2058) * years * paths.at("accrual_rate", 2058)
            assert paths.at("addon_fixed", 2058) == 0.0
            from_account = account / 117.0  # divisor of the annex at 63
            pension = base_part + from_account
            assert found.pension == pytest.approx(pension, rel=1e-9)
            left = account
        else:
            rise = 1 + paths.at("adjustment_ratio", year)
            pension, from_account = pension * rise, from_account * rise
        if drawn:
            left = max(0.0, left * (1 + interest * drawn / 12) - drawn * from_account)
            got += (alive * (1 - q / 2) * drawn * pension + alive * q * left) * middle
        alive *= 1 - q
        discount /= 1 + paths.at("return_enterprise_pension", year)
    assert found.money_worth == pytest.approx(got / paid, rel=1e-9)
    assert found.replacement == pytest.approx(found.pension / paths.at("previous_wage", 2059), rel=1e-12)
    net = [a - b for a, b in zip(found.received, found.paid, strict=True)]
    at_rate = sum(x * (1 + found.internal_return) ** -(place + 0.5) for place, x in enumerate(net))
    assert abs(at_rate) <= 1e-6 * sum(map(abs, net))


def test_award__is_that_of_the_case_calculator(china: Judged, lane: Lane, tmp_path: Path) -> None:
    """The worker of 1975 draws from 2038 on; the calculator is given the record and the benefit base of that year."""
    paths, rules = Paths(lane), rules_of(china, lane)
    worker = follow(paths, rules, "men", 1975, 0.6)
    account = _account(paths, worker.begins, worker.retires, 0.6)
    text = f"""
kind: award
region: jiangxi
person: {{sex: man, born: 1975-07}}
record: {{paid_months: {worker.months}, index: 0.6, account: {account!r}}}
law: {{pension/benefit_base: {paths.at("benefit_base", 2038)!r}}}
rounding: false
"""
    file = tmp_path / "worker.yaml"
    file.write_text(text, encoding="utf-8")
    (case,) = load_cases(file)
    values = compute(case).values
    assert values["pension"] == pytest.approx(worker.pension, rel=1e-9)
    assert values["statutory_month"] == "2038-03"  # the pension starts the month after


def _account(paths: Paths, begins: int, retires: int, index: float) -> float:
    account = 0.0
    for year in range(begins // 12, retires // 12 + 1):
        worked = max(0, min(12 * year + 12, retires) - max(12 * year, begins))
        interest = paths.at("account_interest", year)
        base = worked * index * paths.at("previous_wage", year)
        account += account * interest * worked / 12
        account += base * paths.at("account_share", year) * (1 + interest * worked / 24)
    return account


def test_beyond_the_horizon__wages_grow_on_and_rates_stay(lane: Lane) -> None:
    paths = Paths(lane)
    last = paths.last
    growth = paths.at("previous_wage", last) / paths.at("previous_wage", last - 1)
    assert paths.at("previous_wage", last + 2) == pytest.approx(paths.at("previous_wage", last) * growth**2, rel=1e-12)
    assert paths.at("employer_rate", last + 9) == paths.at("employer_rate", last)
    assert [paths.at("previous_wage", year) for year in (2021, 2022)] == pytest.approx(
        [6594.923, 7218.218]
    )  # of 2020, 2021


def test_areas__have_workers_of_their_own(china: Judged, lane: Lane) -> None:
    table = worker_table([lane], china.result.law)
    assert table["region"].unique().tolist() == ["china"]
