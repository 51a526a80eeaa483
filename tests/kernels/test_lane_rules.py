"""Rules of the notes that once were missed by a kernel: each test states one, through a whole year of a lane."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.members.coverage import spread_entries, weigh_entries
from tests.helpers.lane_builder import Lane, build_lane
from tests.kernels.test_allowance_kernels import sickness_lane
from tests.kernels.test_coverage_kernels import STATUS_NAMES, enrolment_lane
from tests.kernels.test_member_kernels import working


def test_movers__credits_of_both_halves_earn_by_the_same_rule() -> None:
    """No interest on credits of the year: a switch between two like statuses leaves the account of a stayer."""
    lane = working(build_lane(), credit_rule=0.0).index("flexible", 0.85).path(switch_enterprise_flexible=0.5)
    lane.members("enterprise", 40, 1000.0, 10.0, account=1000.0).step()
    stayed, moved = lane.moments("enterprise", 40), lane.moments("flexible", 40)
    assert moved[at.ACCOUNT] / moved[at.HEADS] == pytest.approx(stayed[at.ACCOUNT] / stayed[at.HEADS], rel=1e-12)


def test_choices__going_on_ends_five_years_after_the_statutory_month() -> None:
    """Statutory month in the middle of the year of 60: the five years are over in the middle of the year of 65."""
    lane = working(build_lane()).path(density_flexible=0.0).members("flexible", 65, 100.0, 8.0).step()
    assert lane.flow("choice_resident") == pytest.approx(100.0)


def test_sickness__new_recipients_draw_half_a_year_and_do_not_die_twice() -> None:
    lane = sickness_lane(22.0, 0.0, 45).people(at.MALE, 45, 1000.0, 0.01).constant(mortality_invalid=3.0).step()
    new = lane.flow("new_invalids")
    assert lane.flow("invalid_deaths") == 0.0
    assert lane.stock("invalidity_recipients") == pytest.approx(new)
    assert lane.flow("pension_paid_enterprise") == pytest.approx(6.0 * new * 7054.0 / 200 * 22.0 * 1.8)


def test_sickness__average_index_rule_holds() -> None:
    lane = build_lane().path(benefit_base=7000.0, invalidity_hazard=0.1).constant(deemed_index_actual_average=1.0)
    lane.members("enterprise", 45, 1000.0, 20.0, index=10.0, deemed=10.0, deemed_index=0.0).step()
    recipients = lane.state.invalidity.sum(axis=(1, 2, 3))
    assert recipients[at.I_MASS] / recipients[at.I_HEADS] == pytest.approx(35.0 * (20.0 + 10.0 + 10.0))


@pytest.mark.parametrize("rate", [0.70, 0.78])
def test_payment_rate__a_lower_rate_is_reached_by_pauses(rate: float) -> None:
    lane = enrolment_lane()
    plain = enrolment_lane().step()
    lane.path(payment_rate=rate).step()
    level = sum(map(plain.heads, STATUS_NAMES))
    assert sum(map(lane.heads, STATUS_NAMES)) == pytest.approx(level, rel=1e-9)


def test_enrolment__the_refunded_are_no_paused_members() -> None:
    lane = build_lane().path(enterprise_payers=50.0, paused_members=100.0)
    lane.members("paused", 79, 20.0, 10.0).members("paused", 40, 100.0, 10.0).people(at.MALE, 30, 1000.0)
    assert lane.step().heads("paused") == pytest.approx(100.0)


def test_migration__members_leave_in_proportion() -> None:
    lane = build_lane().members("enterprise", 40, 1000.0, 10.0).people(at.MALE, 40, 1000.0)
    lane.tables.migration[:, at.MALE, 40] = -400.0
    assert lane.step().heads("enterprise") == pytest.approx(600.0)


def test_entries__steep_profiles_fill_every_pool() -> None:
    scratch = at.new_scratch()
    scratch.pool[at.MALE] = 1.0
    scratch.weight[0] = 10.0 ** -np.arange(at.WORKING_AGES)
    assert spread_entries(50.0, scratch) == pytest.approx(50.0)


def test_returns__not_in_the_year_of_the_statutory_month() -> None:
    """They choose at the statutory month, here not to claim; whoever has chosen does not pay again."""
    lane = build_lane().path(enterprise_payers=100.0, paused_members=0.0)
    lane.awards("men", 60, {6: 1.0}, choice=1.0).members("paused", 60, 100.0, 5.0).step()
    assert lane.flow("choice_unclaimed") == pytest.approx(100.0)
    assert lane.flow("returns_enterprise") == 0.0


def test_entries__the_gap_is_profile_times_residents() -> None:
    """The same profile at two ages, ten times as many residents at one: ten times the gap there."""
    lane = build_lane().constant(entry_blend=1.0)
    lane.tables.level_shape[:] = 0.0
    lane.tables.level_shape[at.ENTERPRISE, at.MALE, [4, 14]] = 0.4
    lane.scratch.population_survived[at.MALE, [20, 30]] = 1000.0, 100.0
    lane.scratch.pool[at.MALE, [4, 14]] = 900.0, 90.0
    weigh_entries(0, at.ENTERPRISE, 44.0, lane.constants, lane.tables, lane.scratch)
    assert lane.scratch.weight[0, 4] / lane.scratch.weight[0, 14] == pytest.approx(10.0)


def test_extension__holds_for_arrivals_as_for_stayers() -> None:
    """Past the old age half of the time is paid: a member who goes on from paused gains a quarter of a year."""
    lane = build_lane().path(continue_share=1.0, unclaimed_share=0.0).constant(extension_payment_share=0.5)
    lane.awards("men", 62, {6: 1.0}, choice=1.0).members("paused", 62, 100.0, 8.0).step()
    assert lane.moments("flexible", 62)[at.SERVICE] == pytest.approx(100.0 * 8.25)


def public_at_the_last_age() -> Lane:
    lane = build_lane(2)
    lane.members("public", 79, 100.0, 10.0)
    lane.state.annuity[0, 0, 78 - at.FIRST_AGE] = 1e6
    lane.state.funds[:, at.FUND_ANNUITY] = 1e6
    return lane


def test_annuity__nothing_is_lost_at_the_last_age() -> None:
    lane = public_at_the_last_age().step(2)
    assert lane.balance(at.FUND_ANNUITY, 2) == pytest.approx(lane.stock("annuity_fund", 2))


def test_awards__interest_of_the_award_year_by_month() -> None:
    """Awards in March and September: every month's own balance over its own rest of the year."""
    shares = {3: 0.5, 9: 0.5}
    lane = working(build_lane()).awards("men", 60, shares).members("enterprise", 60, 1.0, 20.0, account=10_000.0).step()
    growth = 400.0 + 12 * 6000.0 * 0.9 * 0.85 * 0.08 * (1.0 + 0.04 * 0.5415)
    by_month = sum(0.5 * (10_000.0 + growth * m / 12) * 0.04 * (12 - m) / 12 for m in shares)
    assert lane.flow("pension_account_interest") == pytest.approx(by_month, rel=1e-12)
