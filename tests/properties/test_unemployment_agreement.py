"""Calculator and lane, person by person with rounding off: months and amount of the benefit; the size of one rule."""

from __future__ import annotations

import calendar
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from simengine.cases import CaseResult, compute_all, load_cases
from simengine.common.errors import LawError
from simengine.engine.compile.standards import benefit_by_rule
from simengine.engine.compile.tables import ladder_months
from simengine.kernels import layout as at
from simengine.kernels.branches import unemployment
from simengine.kernels.rules.unemployment import claim_months
from simengine.law import LawTree, load_law
from tests.helpers.branch_builder import LADDER, neutral, unemployment_year

YEAR = 2024
OWN_STEPS = {mark: mark // 6 for mark in range(12, 145, 12)}
"""Two months for each whole paid year, at most 24."""


def persons(tmp_path: Path, cases: list[dict[str, Any]], law: LawTree | None = None) -> list[CaseResult]:
    path = tmp_path / "persons.yaml"
    with path.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump({"cases": cases}, out)
    return compute_all(load_cases(path, law), law)


def drawn(count: int, seed: int) -> list[dict[str, Any]]:
    """Persons with whole paid years, as the classes of the lane hold them, and whole unused months."""
    draw = random.Random(seed)
    return [
        {"kind": "unemployment", "name": f"p{n}", "claims": f"{YEAR}-06", "rounding": False, "reason": "dismissed",
         "region": draw.choice(("jiangxi", "hubei", "haiyan")), "worked_months": 500,
         "paid_months": 12 * draw.randrange(at.PAID_YEAR_CLASSES),
         "unused_months": draw.randrange(25)}
        for n in range(count)
    ]  # fmt: skip


# --- months -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [None, OWN_STEPS, {12: 6, 24: 12, 96: 18}], ids=["statutory", "own", "three"])
def test_months__of_six_hundred_persons_agree(tmp_path: Path, steps: dict[int, int] | None) -> None:
    law = load_law()
    if steps is not None:
        law = law.with_changes({"unemployment/duration_months": {f"{YEAR}-01-01": steps}})
    cases = drawn(600, 15)
    for case, result in zip(cases, persons(tmp_path, cases, law), strict=True):
        row = ladder_months(law, np.array([YEAR]), str(case["region"]))[0]
        heads = neutral(1).path(unemployment_duration_cap=24.0, separation_prob=12.0, unemployment_take_up=1.0)
        heads.tables.ladder_months[0] = row
        paid = int(case["paid_months"]) // 12
        heads.state.unemployment[0, 0, paid] = 1.0
        heads.state.unemployment[1, 0, paid] = float(case["unused_months"])
        unemployment.open_claims(0, heads.paths, heads.constants, heads.tables, heads.state, heads.out)
        months = np.flatnonzero(heads.state.claimants.sum(axis=(0, 1))) + 1
        assert result.value("benefit_months") == (months[0] if months.size else 0), case


def test_months__part_years_reach_the_same_step(tmp_path: Path) -> None:
    """The lane knows whole paid years: every paid month of a year stands on the step of that year, in own steps too."""
    law = load_law().with_changes({"unemployment/duration_months": {f"{YEAR}-01-01": OWN_STEPS}})
    row = ladder_months(law, np.array([YEAR]), "jiangxi")[0]
    cases = [
        {"kind": "unemployment", "name": f"m{paid}", "claims": f"{YEAR}-06", "region": "jiangxi", "paid_months": paid}
        for paid in range(160)
    ]
    for case, result in zip(cases, persons(tmp_path, cases, law), strict=True):
        paid = int(str(case["paid_months"]))
        assert result.value("benefit_months") == row[min(paid // 12, at.PAID_YEAR_CLASSES - 1)], paid


@pytest.mark.parametrize("steps", [{12: 6, 18: 9}, {12: 2, 144: 20, 156: 24}])
def test_months__steps_that_whole_paid_years_cannot_tell_apart_are_refused(steps: dict[int, int]) -> None:
    law = load_law().with_changes({"unemployment/duration_months": {"2027-01-01": steps}}, "levers/mine.yaml, line 3")
    assert ladder_months(law, np.array([2026]), "jiangxi")[0].tolist() == list(LADDER)
    with pytest.raises(LawError, match=r"levers/mine.yaml, line 3: .*whole paid years up to 144 months"):
        ladder_months(law, np.array([2026, 2027]), "jiangxi")


def test_months__a_ladder_of_its_own_acts_from_the_year_of_its_day() -> None:
    law = load_law().with_changes({"unemployment/duration_months": {"2027-01-01": OWN_STEPS}})
    found = ladder_months(law, np.array([2026, 2027, 2040]), "jiangxi")
    assert found[0].tolist() == list(LADDER)
    assert found[1].tolist() == found[2].tolist() == [0.0, *(2.0 * paid for paid in range(1, 13))]


# --- amount -----------------------------------------------------------------------------------------------------------


def yearly_amount(tmp_path: Path, region: str, year: int, law: LawTree | None = None) -> float:
    """Mean over the days of a year of what the calculator gives a claimant of each month [yuan/month]."""
    cases = [
        {"kind": "unemployment", "name": f"m{month}", "claims": f"{year}-{month:02d}", "region": region,
         "paid_months": 72, "rounding": False}
        for month in range(1, 13)
    ]  # fmt: skip
    days = [calendar.monthrange(year, month)[1] for month in range(1, 13)]
    amounts = [result.value("unemployment_benefit") for result in persons(tmp_path, cases, law)]
    return math.fsum(day * amount for day, amount in zip(days, amounts, strict=True)) / sum(days)


def lane_amount(region: str, year: int, law: LawTree) -> float:
    """The amount of the lane's rule, with the minimum wage of the law as the year's mean."""
    level = int(law.value("economy/minimum_wage_class", f"{year}-01-01", region))  # type: ignore[arg-type]
    wage = law.annual(f"economy/minimum_wage_class_{level}", [year], region)
    one = np.ones(1)
    return float(
        benefit_by_rule(
            law,
            region,
            np.array([year]),
            minimum_wage=wage,
            previous_wage=one,
            relative_wage=one,
            price=one,
            log_sd=0.5,
        )[0]
    )


@pytest.mark.parametrize("region", ["jiangxi", "hubei", "zhejiang", "jingdezhen", "haiyan"])
@pytest.mark.parametrize("year", [2018, 2019, 2021, 2022, 2023])
def test_amount__of_a_year_is_the_mean_of_its_months(tmp_path: Path, region: str, year: int) -> None:
    """Every change of these years falls on the first of a month."""
    law = load_law()
    assert lane_amount(region, year, law) == pytest.approx(yearly_amount(tmp_path, region, year), rel=1e-12)


@pytest.mark.parametrize(("wage", "share"), [("2023-03-01", "2023-09-01"), ("2023-09-01", "2023-03-01")])
def test_amount__of_a_year_in_which_two_values_change(tmp_path: Path, wage: str, share: str) -> None:
    """Changes in different months: three pieces of the year, whatever comes first."""
    changes = {"economy/minimum_wage_class_2": {wage: 2_000.0}, "unemployment/benefit_share": {share: 0.9}}
    law = load_law().with_changes(changes)
    found = lane_amount("jiangxi", 2023, law)
    assert found == pytest.approx(yearly_amount(tmp_path, "jiangxi", 2023, law), rel=1e-12)
    of_means = np.prod([law.annual(key, [2023], "jiangxi")[0] for key in changes])
    print(f"wage {wage}, share {share}: product of the yearly means {100.0 * (of_means / found - 1.0):+.2f} %")
    assert 1e-3 < abs(of_means / found - 1.0) < 2e-2


def test_amount__of_the_months_in_which_both_change_differs_by_the_days_of_one_month(tmp_path: Path) -> None:
    """April 2024: the lane counts the new amount from the 8th, the calculator from 1 May: 23 of 366 days apart."""
    gap = lane_amount("jiangxi", 2024, load_law()) - yearly_amount(tmp_path, "jiangxi", 2024)
    print(f"Jiangxi 2024: lane above calculator by {gap:.2f} yuan a month in the mean of the year")
    assert gap == pytest.approx(23 * (1683.0 - 1297.5) / 366, rel=1e-9)


@pytest.mark.parametrize("base", [1_500.0, 3_500.0, 4_300.0, 9_000.0])
def test_amount__by_the_own_base_agrees(tmp_path: Path, base: float) -> None:
    """The lane weighs the three classes of paid years alike: the mean of three persons with one base."""
    law = load_law()
    cases = [
        {"kind": "unemployment", "name": f"c{paid}", "claims": "2022-06", "region": "xuzhou", "paid_months": paid,
         "average_base": base, "rounding": False}
        for paid in (96, 180, 300)
    ]  # fmt: skip
    mean = np.mean([result.value("unemployment_benefit") for result in persons(tmp_path, cases)])
    one = np.ones(1)
    found = benefit_by_rule(
        law, "xuzhou", np.array([2022]), minimum_wage=2_070.0 * one, previous_wage=base * one, relative_wage=one,
        price=one, log_sd=1e-9,
    )  # fmt: skip
    assert found[0] == pytest.approx(mean, rel=1e-7)


# --- the reserve ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("covers", [0.0, 6.0, 11.99, 12.0, 40.0])
def test_refund__reserve_decides_alike(tmp_path: Path, covers: float) -> None:
    """From the reserve on one share for both; below it the lane takes the lower rate in proportion [assumption]."""
    case: dict[str, Any] = {"kind": "stabilisation", "name": "firm", "month": "2026-06", "size": "small"}
    case |= {"staff_before": 200, "staff_after": 199, "premiums": 1.0, "payable_months": covers, "rounding": False}
    (result,) = persons(tmp_path, [case])
    lane = neutral(1).path(stabilisation_share=0.9, stabilisation_low_share=0.6, refund_reserve_months=12.0)
    lane.remember(spending_unemployment=12.0)
    lane.state.funds[at.OWN, at.FUND_UNEMPLOYMENT] = covers
    share = unemployment.refund_share(0, lane.paths, lane.state)
    assert result.value("stabilisation_refund") == (0.9 if covers >= 12.0 else 0.6)
    assert share == pytest.approx(0.9 if covers >= 12.0 else 0.6 * covers / 12.0)


# --- work lost again within a year ------------------------------------------------------------------------------------

SEPARATION, TAKE_UP, REEMPLOYED, YEARS, HEADS = 0.12, 0.5, 0.065, 8, 10_000.0


class Law15:
    """Payers followed by months since their return; who lost work again draws what art. 15 and 46 give him."""

    def __init__(self) -> None:
        self.payers: dict[tuple[int, int, bool], float] = {(12, 0, False): HEADS}
        """(months paid since the claim before or the entry, unused months, came back from a claim) -> heads."""
        self.claims: dict[int, float] = {}
        self.paid = self.again = 0.0

    def month(self) -> None:
        left: dict[tuple[int, int, bool], float] = {}
        for (paid, unused, back), heads in self.payers.items():
            own = LADDER[min(paid // 12, at.PAID_YEAR_CLASSES - 1)]
            months = claim_months(own, unused, 24.0) if own or (back and paid < 12) else 0
            opened = heads * SEPARATION / 12.0 * TAKE_UP if months else 0.0
            if opened:
                self.claims[int(months)] = self.claims.get(int(months), 0.0) + opened
            self.again += opened if months and not own else 0.0
            key = (paid + 1, unused, back)
            left[key] = left.get(key, 0.0) + heads - opened
        later: dict[int, float] = {}
        for months, heads in self.claims.items():
            self.paid += heads
            key = (0, months - 1, True)
            left[key] = left.get(key, 0.0) + heads * REEMPLOYED
            if months > 1:
                later[months - 1] = heads * (1.0 - REEMPLOYED)
        self.payers, self.claims = left, later

    def year_end(self) -> None:
        entering = max(0.0, HEADS - sum(self.payers.values()))
        self.payers[0, 0, False] = self.payers.get((0, 0, False), 0.0) + entering


def test_work_lost_again_within_a_year__size_of_the_first_order_rule() -> None:
    """The lane opens no claim in the year of a return and gives a whole paid year at its end: printed and bounded.

    Both run the same persons; they differ by what a return to work gives alone. In its year the lane is too low, as
    it opens no claim. Later it is too high: a return in November is a paid year in January, with twelve months beside
    the unused ones, where art. 15 gives these alone.
    """
    law = Law15()
    lane = neutral(YEARS).path(separation_prob=SEPARATION, unemployment_take_up=TAKE_UP, reemployment_prob=REEMPLOYED)
    lane.path(unemployment_insured=HEADS).payers(1_000.0)
    lane.state.unemployment[0, 0, 1] = HEADS
    gaps, again = [], 0.0
    for t in range(YEARS):
        unemployment_year(lane, t)
        before, opened = law.paid, law.again
        for _ in range(12):
            law.month()
        law.year_end()
        gaps.append(lane.flow("claim_months", t) / (law.paid - before) - 1.0)
        again = (law.again - opened) / lane.flow("new_claimants", t)
    said = ", ".join(f"{100.0 * gap:+.2f}" for gap in gaps)
    print(
        f"months paid, lane over law, by year [%]: {said}; claims by art. 15 alone in the last year {100 * again:.2f} %"
    )
    assert -0.01 < gaps[0] < 0.0 < gaps[-1]
    assert max(map(abs, gaps)) < 0.01
    assert 0.0 < again < 0.05
