"""Unemployment insurance: pitfalls by name, a claimants' queue followed by hand, money (notes/unemployment.md)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simengine.engine.compile.tables import ladder_steps
from simengine.kernels import layout as at
from simengine.kernels.branches import unemployment
from simengine.kernels.rules.unemployment import claim_months
from simengine.law import load_law
from tests.helpers.branch_builder import LADDER, LADDER_STEP, Branch, neutral, unemployment_year

FUND = at.FUND_UNEMPLOYMENT
UNKNOWN = float("nan")


def claims_case(years: int = 1, **series: float) -> Branch:
    """Twelve per cent separated a year, half of them claim: half a per cent of the payers a month.

    Near the statutory month a fifth of the chance of work; a sixth of the extensions ends every month.
    """
    case = neutral(years).constant(near_reemployment_factor=0.2, near_extension_exit=1.0 / 6.0)
    return case.path(**({"separation_prob": 0.12, "unemployment_take_up": 0.5} | series))


def insure(case: Branch, heads: float, years: int, unused: float = 0.0, group: int = 0) -> Branch:
    """Payers with `years` paid years since the last claim and `unused` months a head."""
    case.state.unemployment[0, group, years] += heads
    case.state.unemployment[1, group, years] += heads * unused
    return case


def open_month(case: Branch, t: int = 0) -> None:
    unemployment.open_claims(t, case.paths, case.constants, case.tables, case.state, case.out)


def step_month(case: Branch, t: int = 0, death: float = 0.0) -> None:
    """One month of the claimants; `death` is a year's probability."""
    unemployment.step_claimants(t, death, case.paths, case.constants, case.state, case.out)


# --- ladder ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_months", "months"), [(11, 0.0), (12, 12.0), (59, 12.0), (60, 18.0), (119, 18.0), (120, 24.0), (400, 24.0)]
)
def test_ladder__edges_of_paid_months(paid_months: int, months: float) -> None:
    assert LADDER[min(paid_months // 12, at.PAID_YEAR_CLASSES - 1)] == months


def test_ladder__of_these_tests_is_the_enacted_one() -> None:
    table = load_law()["unemployment/duration_months"].at("2020-12-31")
    for years in range(at.PAID_YEAR_CLASSES):
        reached = [months for paid, months in table.items() if 12 * years >= int(paid)]
        assert LADDER[years] == max(reached, default=0)


def test_ladder_steps__of_these_tests_are_the_enacted_ones() -> None:
    assert np.maximum(ladder_steps(load_law()), 0).tolist() == list(LADDER_STEP)


@pytest.mark.parametrize(("cap", "months"), [(24.0, 24), (20.0, 20), (18.0, 18), (0.0, 0)])
def test_open_claims__no_claim_is_longer_than_the_cap_of_the_law(cap: float, months: int) -> None:
    case = neutral().path(unemployment_duration_cap=cap, separation_prob=1.0, unemployment_take_up=1.0)
    case.state.unemployment[0, 0, 10] = 1_200.0
    unemployment.open_claims(0, case.paths, case.constants, case.tables, case.state, case.out)
    left = np.flatnonzero(case.state.claimants.sum(axis=(0, 1))) + 1
    assert left.tolist() == ([months] if months else [])
    assert case.state.claimants.sum() == pytest.approx(100.0 if months else 0.0)


def test_claim_months__unused_months_are_added_up_to_24() -> None:
    assert claim_months(12.0, 13.0, 24.0) == 24.0  # 25 are capped
    assert claim_months(12.0, 5.0, 24.0) == 17.0
    assert claim_months(24.0, 1.0, 24.0) == 24.0


def test_open_claims__first_paid_year_opens_no_claim() -> None:
    case = insure(claims_case(), 1_000.0, 0)
    open_month(case)
    assert case.flow("new_claimants") == 0.0
    assert case.state.claimants.sum() == 0.0


@pytest.mark.parametrize(("years", "step", "months"), [(1, 0, 12), (4, 0, 12), (5, 1, 18), (9, 1, 18), (10, 2, 24)])
def test_open_claims__cell_of_the_ladder(years: int, step: int, months: int) -> None:
    case = insure(claims_case().constant(near_retirement_share=0.12), 1_000.0, years)
    open_month(case)
    assert case.state.claimants[:, step, months - 1] == pytest.approx([5.0 * 0.88, 5.0 * 0.12])
    assert case.state.claimants.sum() == pytest.approx(5.0)
    assert case.state.unemployment[0, 0, years] == pytest.approx(995.0)


@pytest.mark.parametrize(("years", "unused"), [(1, 2.25), (5, 5.5), (5, 6.0), (10, 3.7), (1, 11.999)])
def test_open_claims__part_months_keep_their_mean(years: int, unused: float) -> None:
    case = insure(claims_case(), 1_000.0, years, unused)
    open_month(case)
    months = np.arange(1, at.MONTHS + 1)
    mean = (case.state.claimants.sum(axis=(0, 1)) * months).sum() / case.state.claimants.sum()
    assert mean == pytest.approx(min(24.0, LADDER[years] + unused), rel=1e-12)
    assert case.state.unemployment[1, 0, years] == pytest.approx(995.0 * unused, rel=1e-12)


def test_open_claims__cap_acts_on_the_mean_of_a_class() -> None:
    """First-order: twelve months for one half of a class and 24 + 12 for the other count as 18 more, not 12 + 24."""
    case = insure(insure(claims_case(), 500.0, 1, 0.0), 500.0, 1, 20.0)
    open_month(case)
    months = np.arange(1, at.MONTHS + 1)
    mean = (case.state.claimants.sum(axis=(0, 1)) * months).sum() / case.state.claimants.sum()
    exact = 0.5 * 12.0 + 0.5 * 24.0
    print(f"cap on the mean of a class: {mean:.2f} months, person by person {exact:.2f}, gap {mean - exact:.2f}")
    assert mean == pytest.approx(22.0)
    assert 0.0 < mean - exact <= 4.0


@pytest.mark.parametrize(("months", "paid"), [(0.0, 0), (0.5, 1), (1.0, 1)])
def test_open_claims__less_than_a_month_counts_as_one(months: float, paid: int) -> None:
    """A ladder that gives nothing opens no claim; nobody falls into the cell of 24 months."""
    case = insure(claims_case(), 1_000.0, 1)
    case.tables.ladder_months[0, 1] = months
    open_month(case)
    assert case.flow("new_claimants") == pytest.approx(5.0 * paid)
    assert case.state.claimants[:, :, 0].sum() == pytest.approx(5.0 * paid)
    assert case.state.claimants[:, :, 1:].sum() == 0.0
    assert case.state.unemployment[0, 0, 1] == pytest.approx(1_000.0 - 5.0 * paid)


def test_open_claims__the_ladder_is_that_of_the_year() -> None:
    case = insure(claims_case(years=2), 1_000.0, 1)
    case.tables.ladder_months[1, 1] = 6.0
    open_month(case, 0)
    assert case.state.claimants[0, 0, 11] == pytest.approx(5.0)
    open_month(case, 1)
    assert case.state.claimants[0, 0, 5] == pytest.approx(995.0 * 0.005)


def test_open_claims__layoffs_come_on_top_of_the_usual_separations() -> None:
    """1,200 laid off among 10,000 insured: 12 % more separations; half of the twelfth of a month claims."""
    case = insure(insure(claims_case(), 6_000.0, 3), 4_000.0, 0)
    case.out.flows[at.FLOW_LAYOFFS, 0] = 1_200.0
    open_month(case)
    assert case.flow("new_claimants") == pytest.approx(6_000.0 * (0.12 + 0.12) / 12.0 * 0.5)


def test_settle_unemployment__everyone_laid_off_counts_once_in_the_year() -> None:
    """Whatever share of the insured has a paid year: the year's layoffs are spread over twelve months, not repeated."""
    case = insure(insure(claims_case(separation_prob=0.0), 900.0, 3), 300.0, 10, group=1)
    unemployment_year(case, 0, layoffs=120.0, close=False)
    assert case.flow("new_claimants") == pytest.approx(60.0, rel=1e-12)


def test_open_claims__a_falling_unemployment_rate_spares_no_separation() -> None:
    case = insure(claims_case(), 1_000.0, 3)
    case.out.flows[at.FLOW_LAYOFFS, 0] = -500.0
    open_month(case)
    assert case.flow("new_claimants") == pytest.approx(5.0)


def test_open_claims__nobody_claims_twice_in_a_month() -> None:
    case = insure(claims_case(unemployment_take_up=1.0), 1_000.0, 3)
    case.out.flows[at.FLOW_LAYOFFS, 0] = 50_000.0
    open_month(case)
    assert case.flow("new_claimants") == pytest.approx(1_000.0)
    assert case.state.unemployment.min() >= 0.0


# --- queue -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("months", [1, 12, 18, 24])
def test_step_claimants__a_claim_is_paid_for_its_months(months: int) -> None:
    case = claims_case()
    case.state.claimants[0, 0, months - 1] = 1.0
    for paid in range(1, months + 1):
        step_month(case)
        assert case.flow("claim_months") == paid
        assert case.state.claimants.sum() == (1.0 if paid < months else 0.0)
    assert case.flow("claims_ended") == 1.0
    step_month(case)
    assert case.flow("claim_months") == months


@pytest.mark.parametrize(("months", "chance"), [(12, 0.05), (18, 0.065), (24, 0.3)])
def test_step_claimants__one_cohort_month_by_month(months: int, chance: float) -> None:
    case = claims_case(reemployment_prob=chance)
    case.state.claimants[0, 1, months - 1] = 1_000.0
    stay = 1.0 - chance
    paid = working = unused = 0.0
    for month in range(1, months + 1):
        present = 1_000.0 * stay ** (month - 1)
        paid += present
        working += present * chance
        unused += present * chance * (months - month)
        step_month(case)
        assert case.flow("claim_months") == pytest.approx(paid, rel=1e-12)
        assert case.flow("claims_reemployed") == pytest.approx(working, rel=1e-12)
        assert case.state.unemployment[0, 0, 0] == pytest.approx(working, rel=1e-12)
        assert case.state.unemployment[1, 0, 0] == pytest.approx(unused, rel=1e-12, abs=1e-12)
        left = case.state.claimants[0, 1]
        if month < months:
            assert left[months - month - 1] == pytest.approx(1_000.0 * stay**month, rel=1e-12)
        assert left.sum() == pytest.approx(1_000.0 * stay**month if month < months else 0.0, rel=1e-12)
    assert case.flow("claims_ended") == pytest.approx(1_000.0 * stay**months, rel=1e-12)


def test_step_claimants__the_month_of_the_loss_is_paid() -> None:
    case = insure(claims_case(reemployment_prob=0.0), 1_000.0, 1)
    open_month(case)
    step_month(case)
    assert case.flow("claim_months") == pytest.approx(5.0)
    assert case.state.claimants[0, 0, 10] == pytest.approx(5.0)


@pytest.mark.parametrize("ending", [1.0, 1.0 / 6.0, 0.25])
def test_step_claimants__near_retirement_adds_months_to_the_last(ending: float) -> None:
    """First-order: of the last month `near_extension_exit` ends, so it is paid 1/exit times, without a limit."""
    plain, near = claims_case(), claims_case().constant(near_extension_exit=ending)
    plain.state.claimants[0, 0, 11] = near.state.claimants[1, 0, 11] = 600.0
    for _ in range(400):
        step_month(plain)
        step_month(near)
    assert plain.flow("claim_months") == pytest.approx(600.0 * 12)
    assert near.flow("claim_months") == pytest.approx(600.0 * (11 + 1.0 / ending))
    assert near.flow("claims_ended") == pytest.approx(600.0)


@pytest.mark.parametrize("factor", [0.0, 0.2, 1.0])
def test_step_claimants__near_retirement_work_is_found_less_often(factor: float) -> None:
    case = claims_case(reemployment_prob=0.1).constant(near_reemployment_factor=factor)
    case.state.claimants[:, 0, 11] = 100.0
    step_month(case)
    assert case.flow("claims_reemployed") == pytest.approx(10.0 + 10.0 * factor)


def test_step_claimants__work_brings_back_the_unused_months() -> None:
    """First spell of 18 months, 5 used: 13 are left and added to the next claim, 24 at most."""
    case = claims_case(years=3, reemployment_prob=0.0)
    case.state.claimants[0, 1, 17] = 1.0
    for _ in range(4):
        step_month(case)
    case.path(reemployment_prob=1.0)
    step_month(case)
    assert case.flow("claim_months") == pytest.approx(5.0)
    assert case.state.unemployment[:, 0, 0].tolist() == [1.0, 13.0]
    for t in range(2):
        unemployment.turn_payers(t, 1.0, case.paths, case.constants, case.state, case.out)
    assert case.state.unemployment[:, 0, 2].tolist() == [1.0, 13.0]  # two years later: 12 + 13 are capped
    open_month(case)
    assert case.state.claimants[0, 0, 23] == pytest.approx(0.005)


def test_step_claimants__the_dead_are_paid_for_their_month_and_bring_nothing_back() -> None:
    """1,200 claimants, 2.4 % a year: 2.4 die in the month; 5 % of the other 1,197.6 find work, 1,137.72 go on."""
    case = claims_case(reemployment_prob=0.05)
    case.state.claimants[0, 0, 11] = 1_200.0
    step_month(case, death=0.024)
    assert case.flow("claim_months") == 1_200.0
    assert case.flow("claimant_deaths") == pytest.approx(2.4, rel=1e-14)
    assert case.flow("claims_reemployed") == pytest.approx(59.88, rel=1e-14)
    assert case.state.unemployment[:, 0, 0] == pytest.approx([59.88, 59.88 * 11.0], rel=1e-14)
    assert case.state.claimants.sum() == case.state.claimants[0, 0, 10] == pytest.approx(1_137.72, rel=1e-14)


# --- payers ----------------------------------------------------------------------------------------------------------


def test_turn_payers__everybody_gains_a_year_and_the_top_class_collects() -> None:
    case = neutral(1)
    case.state.unemployment[0, 0] = np.arange(1.0, 14.0)  # 91 heads in the classes 0 to 12
    case.state.unemployment[1, 0] = np.arange(13.0) * 2.0
    unemployment.turn_payers(0, 91.0, case.paths, case.constants, case.state, case.out)
    assert case.state.unemployment[0, 0].tolist() == [0.0, *map(float, range(1, 12)), 12.0 + 13.0]
    assert case.state.unemployment[1, 0].tolist() == [0.0, *(2.0 * k for k in range(11)), 22.0 + 24.0]


@pytest.mark.parametrize("target", [0.0, 400.0, 899.0, 901.0, 2_500.0])
def test_turn_payers__the_level_is_always_met(target: float) -> None:
    case = neutral(1).path(unemployment_exit_prob=0.1).constant(unemployment_public_share=0.3)
    insure(insure(case, 600.0, 3, 2.0), 400.0, 10, 1.0, group=1)
    unemployment.turn_payers(0, target, case.paths, case.constants, case.state, case.out)
    assert unemployment.total_insured(case.state) == pytest.approx(target, abs=1e-9)
    exits, entries = case.flow("unemployment_exits"), case.flow("unemployment_entries")
    assert 1_000.0 + entries - exits == pytest.approx(target, abs=1e-9)
    assert exits == pytest.approx(max(100.0, 1_000.0 - target))
    assert case.state.unemployment[0, :, 0] == pytest.approx([entries * 0.7, entries * 0.3], abs=1e-9)
    assert case.state.unemployment[1].sum() == pytest.approx(1_600.0 * (1_000.0 - exits) / 1_000.0)


def test_settle_unemployment__known_level_then_its_ratio_times_the_index() -> None:
    case = neutral(3).path(unemployment_insured=[800.0, UNKNOWN, UNKNOWN], unemployment_index=[1.0, 1.1, 1.2])
    for t, payers in enumerate((1_000.0, 1_000.0, 2_000.0)):
        unemployment_year(case, t, payers, close=False)
    assert case.memory("ratio_unemployment") == 0.8
    assert unemployment.total_insured(case.state) == pytest.approx(0.8 * 1.2 * 2_000.0)
    assert case.flow("unemployment_entries", 1) == pytest.approx(0.8 * 1.1 * 1_000.0 - 800.0)


class Follower:
    """Payers and claimants followed as lists of small groups: an independent road to the same year ends."""

    def __init__(self, sep: float, work: float, leave: float, near: float, public: float) -> None:
        self.sep, self.work, self.leave, self.near, self.public = sep, work, leave, near, public
        self.payers: dict[tuple[int, int], list[float]] = {}
        self.claims: list[list[float]] = []  # heads, months left, near (0 or 1)
        self.count = dict.fromkeys(("months", "new", "work", "ended", "exits", "entries"), 0.0)

    def month(self) -> None:
        for (_, years), cell in self.payers.items():
            if years == 0 or cell[0] <= 0.0:
                continue
            heads, unused = cell[0] * self.sep / 12.0, cell[1] / cell[0]
            cell[0], cell[1] = cell[0] - heads, cell[1] - heads * unused
            length = min(24.0, LADDER[years] + unused)
            upper = length - math.floor(length)
            self.count["new"] += heads
            for near, share in ((0.0, 1.0 - self.near), (1.0, self.near)):
                self.claims.append([heads * share * (1.0 - upper), math.floor(length), near])
                self.claims.append([heads * share * upper, math.ceil(length), near])
        back = self.payers.setdefault((0, 0), [0.0, 0.0])
        for claim in self.claims:
            heads, left, near = claim
            self.count["months"] += heads
            working = heads * self.work * (0.2 if near else 1.0)
            back[0], back[1] = back[0] + working, back[1] + working * (left - 1)
            self.count["work"] += working
            claim[0], claim[1] = heads - working, left - 1
            if claim[1] == 0 and near:
                self.count["ended"] += claim[0] / 6.0
                claim[0], claim[1] = claim[0] * 5.0 / 6.0, 1
            elif claim[1] == 0:
                self.count["ended"] += claim[0]
                claim[0] = 0.0
        self.claims = [claim for claim in self.claims if claim[0] > 0.0]

    def year_end(self, target: float) -> None:
        present = sum(cell[0] for cell in self.payers.values())
        gone = max(self.leave, 1.0 - target / present)
        older: dict[tuple[int, int], list[float]] = {}
        for (group, years), cell in self.payers.items():
            into = older.setdefault((group, min(years + 1, at.PAID_YEAR_CLASSES - 1)), [0.0, 0.0])
            into[0] += cell[0] * (1.0 - gone)
            into[1] += cell[1] * (1.0 - gone)
        entering = target - present * (1.0 - gone)
        older[0, 0], older[1, 0] = [entering * (1.0 - self.public), 0.0], [entering * self.public, 0.0]
        self.payers = older
        self.count["exits"] += present * gone
        self.count["entries"] += entering


def test_settle_unemployment__four_years_against_groups_followed_one_by_one() -> None:
    case = claims_case(years=4, reemployment_prob=0.07, unemployment_exit_prob=0.06)
    case.path(unemployment_insured=[10_200.0, 10_400.0, 9_000.0, 9_500.0])
    case.constant(near_retirement_share=0.12, unemployment_public_share=0.25)
    reference = Follower(sep=0.06, work=0.07, leave=0.06, near=0.12, public=0.25)
    for group in range(2):
        for years in range(at.PAID_YEAR_CLASSES):
            heads, unused = 500.0 + 20.0 * years + 50.0 * group, 0.5 * years
            insure(case, heads, years, unused, group)
            reference.payers[group, years] = [heads, heads * unused]
    for t in range(4):
        opening, claimants = unemployment.total_insured(case.state), case.state.claimants.sum()
        reference.count = dict.fromkeys(reference.count, 0.0)
        unemployment_year(case, t, close=False)
        for _ in range(12):
            reference.month()
        reference.year_end(case.value("unemployment_insured", t))
        flows = ("claim_months", "new_claimants", "claims_reemployed", "claims_ended", "unemployment_exits")
        assert [case.flow(name, t) for name in (*flows, "unemployment_entries")] == pytest.approx(
            list(reference.count.values()), rel=1e-11
        )
        expected = np.zeros((2, 2, at.PAID_YEAR_CLASSES))
        for (group, years), cell in reference.payers.items():
            expected[:, group, years] = cell
        np.testing.assert_allclose(case.state.unemployment, expected, rtol=1e-11, atol=1e-9)
        queue = np.zeros((2, at.MONTHS))
        for heads, left, near in reference.claims:
            queue[int(near), int(left) - 1] += heads
        np.testing.assert_allclose(case.state.claimants.sum(axis=1), queue, rtol=1e-11, atol=1e-11)
        moved = case.flow("unemployment_entries", t) + case.flow("claims_reemployed", t)
        moved -= case.flow("unemployment_exits", t) + case.flow("new_claimants", t)
        assert opening + moved == pytest.approx(unemployment.total_insured(case.state), rel=1e-12)
        moved = case.flow("new_claimants", t) - case.flow("claims_ended", t) - case.flow("claims_reemployed", t)
        assert claimants + moved == pytest.approx(case.state.claimants.sum(), rel=1e-12)
        assert case.state.claimants.min() >= 0.0


# --- money -----------------------------------------------------------------------------------------------------------


def test_settle_unemployment__premium_rests_on_the_mean_of_opening_and_closing() -> None:
    case = neutral(1).path(
        unemployment_insured=1_200.0, previous_wage=6_525.0, unemployment_employer_rate=0.005,
        unemployment_employee_rate=0.005, unemployment_share_due=0.4,
    )  # fmt: skip
    insure(case, 1_000.0, 3)
    unemployment_year(case, 0, mean_index=0.8)
    base = 1_100.0 * 12 * 6_525.0 * 0.8
    assert case.item(FUND, "contributions") == pytest.approx(base * (0.005 * 0.4 + 0.005), rel=1e-14)
    assert case.memory("premium_unemployment") == case.item(FUND, "contributions")


def test_settle_unemployment__refunds_rest_on_last_years_premium() -> None:
    """A small firm with premiums of 100,000 yuan last year gets 60 % back, 90 % under the rule of 2025."""
    case = neutral(2).path(stabilisation_share=[0.6, 0.9], other_unemployment_share=0.15)
    case.path(unemployment_insured=100.0, previous_wage=5_000.0, unemployment_employer_rate=0.01)
    case.remember(premium_unemployment=100_000.0)
    unemployment_year(case, 0)
    assert case.flow("stabilisation_refunds") == 60_000.0
    assert case.item(FUND, "other_outgo") == 75_000.0
    unemployment_year(case, 1)
    assert case.flow("stabilisation_refunds", 1) == pytest.approx(0.9 * case.item(FUND, "contributions", 0))


def test_settle_unemployment__benefits_are_claim_months_times_the_amount() -> None:
    """Ninety per cent of a minimum wage of 1,870 yuan is 1,683."""
    case = claims_case(unemployment_benefit=0.9 * 1_870.0, unemployment_medical=0.08 * 0.6 * 6_525.0)
    insure(case.path(unemployment_insured=1_000.0), 1_000.0, 1)
    unemployment_year(case, 0)
    months = sum(1_000.0 * 0.995**opened * 0.005 * (12 - opened) for opened in range(12))
    assert case.flow("claim_months") == pytest.approx(months, rel=1e-12)
    assert case.flow("unemployment_benefits") == pytest.approx(months * 1_683.0, rel=1e-12)
    assert case.flow("unemployment_medical_paid") == pytest.approx(months * 313.2, rel=1e-12)
    assert case.item(FUND, "benefits") == pytest.approx(months * (1_683.0 + 313.2), rel=1e-12)


def test_settle_unemployment__a_claim_is_no_exit_and_work_is_no_entry() -> None:
    case = insure(claims_case(reemployment_prob=0.1), 1_000.0, 2).path(unemployment_insured=950.0)
    unemployment_year(case, 0, close=False)
    claimants = case.state.claimants.sum()
    assert claimants > 0.0
    assert case.flow("unemployment_exits") == pytest.approx(
        max(0.0, 1_000.0 - claimants - 950.0 - case.flow("claims_ended"))
    )
    assert case.flow("new_claimants") == pytest.approx(1_000.0 * (1.0 - 0.995**12))
