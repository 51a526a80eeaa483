"""Members of the employees' scheme: deaths, awards by month, thresholds, movers, mortality by status."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.members.exits import sum_deemed_index
from simengine.kernels.members.rows import open_rows
from simengine.kernels.people.mortality import close_mortality
from simengine.kernels.rules.accounts import pay_account
from simengine.kernels.rules.death import compensation_at, compensation_spread, retiree_compensation
from simengine.kernels.rules.pension import base_pension, eligible_share, transition_pension
from tests.helpers.lane_builder import COMPENSATION, Lane, build_lane

TWELFTHS = dict.fromkeys(range(1, 13), 1.0 / 12.0)
# Divisors of twelve birth months whose award comes one month later for every four births (ages 60y1m to 60y3m).
DIVISORS = {month: 138.4 if month <= 4 else 137.8 if month <= 8 else 137.3 for month in range(1, 13)}


def working(lane: Lane, *, interest: float = 0.04, credit_rule: float = 0.5415) -> Lane:
    """Wages, base and rates of a lane whose enterprise payers have index 0.85 and density 0.9."""
    lane.path(
        previous_wage=6000.0,
        benefit_base=7000.0,
        density_enterprise=0.9,
        density_flexible=0.9,
        account_share=0.08,
        flexible_account_share=0.08,
        account_interest=interest,
        transition_coefficient=0.013,
    )
    lane.constant(current_year_interest=credit_rule)
    return lane.index("enterprise", 0.85).index("flexible", 0.6)


# --- one person ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "threshold", "share"),
    [
        (14.5, 15, 0.0),
        (14.75, 15, 0.25),
        (15.0, 15, 0.5),
        (15.5, 15, 1.0),
        (3.0, 15, 0.0),
        (40.0, 15, 1.0),
        (16, 16.5, 0),
    ],
)
def test_eligible_share__counts_a_uniform_bin(mean: float, threshold: float, share: float) -> None:
    people = mean - 0.5 + (np.arange(100_000) + 0.5) / 100_000
    assert eligible_share(mean, threshold) == pytest.approx(share)
    assert eligible_share(mean, threshold) == pytest.approx(float((people >= threshold).mean()), abs=2e-5)


@pytest.mark.parametrize(
    ("service", "index_years", "deemed", "carried", "rule", "expected"),
    [
        (30.0, 20.0, 10.0, 12.5, 0.0, 12.5),  # carried index of the deemed years
        (30.0, 24.0, 10.0, 12.5, 1.0, 12.0),  # average index of twenty paid years: 1.2
        (30.0, 0.0, 30.0, 31.0, 1.0, 31.0),  # nothing paid: the carried value stands
        (30.0, 24.0, 0.0, 0.0, 1.0, 0.0),
    ],
)
def test_deemed_index__goes_by_the_rule_of_the_region(
    service: float, index_years: float, deemed: float, carried: float, rule: float, expected: float
) -> None:
    scratch = at.new_scratch()
    moments = [at.HEADS, at.SERVICE, at.INDEX, at.DEEMED, at.DEEMED_INDEX]
    scratch.movers[moments, at.LEAD + 5] = 1.0, service, index_years, deemed, carried
    assert sum_deemed_index(1.0, 0.0, 0.0, 0.0, 0.0, rule, scratch) == pytest.approx(expected)


def test_award_formula__published_cases() -> None:
    """A new and a middle person of the worked cases: base, transition and account part to the cent."""
    assert round(base_pension(7054.0, 0.01, 27.25, 27.25 * 0.8523, 0.0), 2) == 1780.26
    paid, deemed = 480 / 12 - 122 / 12, 122 / 12
    assert round(base_pension(7054.0, 0.01, 40.0, paid * 1.05, deemed * 1.05), 2) == 2892.14
    assert round(transition_pension(7054.0, deemed * 1.05, 0.013), 2) == 978.92
    assert round(transition_pension(6569.0, 26.25 * 1.15, 0.013), 2) == 2577.92


@pytest.mark.parametrize(
    ("service", "months", "not_counted_up"),
    [
        (0, 3, 3), (4.99, 3, 3), (5, 6, 6), (9.99, 6, 6), (10, 9, 9), (15, 9, 9), (15.01, 10, 9), (15.9, 10, 9),
        (16, 10, 10), (16.5, 11, 10), (20, 14, 14), (29.5, 24, 23), (30, 24, 24), (30.5, 24, 24), (38, 24, 24),
    ],
)  # fmt: skip
def test_compensation_at__part_years_above_fifteen_count(service: float, months: float, not_counted_up: float) -> None:
    table = np.array(COMPENSATION)
    assert compensation_at(float(service), table, 1.0, 15.0) == months
    assert compensation_at(float(service), table, 0.0, 15.0) == not_counted_up


@pytest.mark.parametrize("count_up", [0.0, 1.0])
@pytest.mark.parametrize("mean", [0.5, 4.7, 5.0, 9.9, 14.8, 15.0, 15.3, 16.0, 22.25, 29.6, 30.5, 44.0])
def test_compensation_spread__person_by_person(mean: float, count_up: float) -> None:
    """Ten thousand persons spread over a year of service, each with the law's months."""
    years = mean - 0.5 + (np.arange(10_000) + 0.5) / 10_000
    whole = np.where((years > 15.0) & (count_up > 0.5), np.ceil(years), np.floor(years)).astype(int)
    months = np.select([whole < 5, whole < 10, whole <= 15], [3, 6, 9], np.minimum(whole - 6, 24))
    spread = compensation_spread(mean, np.array(COMPENSATION), count_up, 15.0)
    assert spread == pytest.approx(float(months.mean()), abs=2e-3)


@pytest.mark.parametrize(
    ("months", "years", "expected"), [(22, 5, 17), (22, 0, 22), (22, 20, 9), (3, 0, 9), (24, 3, 21)]
)
def test_retiree_compensation__one_less_a_year_not_below_nine(months: float, years: float, expected: float) -> None:
    """schemes.md P6: 28 years give 22 months, after five years of pension 17."""
    assert retiree_compensation(float(months), float(years), 1.0, 9.0) == expected


# --- accounts in payment ---------------------------------------------------------------------------------------------


def reference_account(balance: float, monthly: float, q: float, rate: float) -> tuple[float, float, float, float]:
    """The two halves of a cell by hand: survivors draw a year, the dying half of one."""
    living, dying = balance * (1 - q), balance * q
    wanted, half = 12 * monthly * (1 - q), 6 * monthly * q
    if wanted * (1 + rate / 2) <= living * (1 + rate):
        drawn, closing = wanted, living * (1 + rate) - wanted * (1 + rate / 2)
    else:
        drawn, closing = living * (1 + rate) / (1 + rate / 2), 0.0
    drawn_dying = min(half, dying)
    inherited = dying * (1 + rate / 2) - drawn_dying
    interest = closing + drawn - living + dying * rate / 2
    return closing, interest, drawn + drawn_dying, inherited


@pytest.mark.parametrize("balance", [0.0, 500.0, 11_000.0, 12_000.0, 13_000.0, 90_000.0])
@pytest.mark.parametrize("q", [0.0, 0.02, 0.4, 1.0])
@pytest.mark.parametrize("rate", [0.0, 0.04])
def test_pay_account(balance: float, q: float, rate: float) -> None:
    found = pay_account(balance, 1000.0, q, rate)
    assert found == pytest.approx(reference_account(balance, 1000.0, q, rate), abs=1e-9)
    closing, interest, drawn, inherited = found
    assert balance + interest - drawn - inherited == pytest.approx(closing, abs=1e-9)
    assert min(found) >= -1e-9


def test_pay_account__runs_out_pro_rata() -> None:
    """Half the balance a year needs: it pays half of the year's money and nothing is left or owed."""
    closing, interest, drawn, inherited = pay_account(6000.0, 1000.0, 0.0, 0.0)
    assert (closing, interest, drawn, inherited) == (0.0, 0.0, 6000.0, 0.0)


# --- awards ----------------------------------------------------------------------------------------------------------


def brute_force_awards(
    service: float, index: float, deemed: float, deemed_index: float, account: float, *, rule: float, credit_rule: float
) -> dict[str, float]:
    """Mean award of twelve birth months, one after the other, threshold passed by all; amounts per head."""
    gain, gain_index, rate = 0.9, 0.9 * 0.85, 0.04
    credit = 12 * 6000.0 * gain_index * 0.08
    total = dict.fromkeys(("mass", "account_mass", "paid", "balance", "service"), 0.0)
    for month in range(1, 13):
        part, divisor = month / 12, DIVISORS[month]
        s, x = service + gain * part, index + gain_index * part
        a = account + (account * rate + credit * (1 + rate * credit_rule)) * part
        j = deemed_index if rule == 0.0 else deemed * x / (s - deemed)
        pension = 7000.0 / 200 * (s + x + j) + 7000.0 * 0.013 * j + a / divisor
        for name, value in (
            ("mass", pension),
            ("account_mass", a / divisor),
            ("paid", (12 - month) * pension),
            ("balance", a),
            ("service", s),
        ):
            total[name] += value / 12
    return total


def award_lane(rule: float, deemed: float, *, status: str = "enterprise") -> Lane:
    lane = working(build_lane())
    lane.constant(deemed_index_actual_average=rule)
    lane.awards("men", 60, TWELFTHS, DIVISORS)
    index = 0.85 * (22.0 - deemed)
    return lane.members(
        status, 60, 1000.0, 22.0, index=index, deemed=deemed, deemed_index=1.1 * deemed, account=50_000.0
    )


@pytest.mark.parametrize(("rule", "deemed"), [(0.0, 0.0), (0.0, 6.0), (1.0, 0.0), (1.0, 6.0)])
def test_awards__twelve_birth_months_one_by_one(rule: float, deemed: float) -> None:
    """Sums over months = month by month, for a carried deemed index and for a common one (index 0.85 throughout)."""
    lane = award_lane(rule, deemed).step()
    expected = brute_force_awards(
        22.0, 0.85 * (22.0 - deemed), deemed, 1.1 * deemed, 50_000.0, rule=rule, credit_rule=0.5415
    )
    heads = lane.flow("awards_enterprise")
    new = lane.scratch.new_pensioners[:, 0, 0, 60]
    assert heads == 1000.0
    assert new[at.P_MASS] / heads == pytest.approx(expected["mass"], rel=1e-12)
    assert new[at.P_ACCOUNT_MASS] / heads == pytest.approx(expected["account_mass"], rel=1e-12)
    assert lane.flow("pension_paid_enterprise") / heads == pytest.approx(expected["paid"], rel=1e-12)
    assert lane.flow("account_to_pension") / heads == pytest.approx(expected["balance"], rel=1e-12)
    assert lane.flow("award_service") / heads == pytest.approx(expected["service"], rel=1e-12)


def test_awards__average_index_is_first_order_when_it_moves() -> None:
    """Under the average-index rule the deemed index is taken at the mean month; the gap stays below 5e-5."""
    lane = award_lane(1.0, 6.0)
    lane.cells[at.INDEX] *= 0.6 / 0.85  # index of the past 0.6, of this year 0.85
    lane.step()
    expected = brute_force_awards(22.0, 0.6 * 16.0, 6.0, 0.0, 50_000.0, rule=1.0, credit_rule=0.5415)
    gap = lane.flow("new_award_mass_enterprise") / 1000.0 / expected["mass"] - 1.0
    assert 1e-9 < abs(gap) < 5e-5


def test_awards__joint_sums_are_not_products_of_means() -> None:
    lane = award_lane(0.0, 0.0).step()
    table = lane.tables.retirement[0, 0, 60]
    product = lane.flow("new_award_mass_enterprise") * 12.0 * table[at.RET_PENSION_SHARE]
    assert lane.flow("pension_paid_enterprise") < product * (1.0 - 1e-4)


def test_awards__december_pays_nothing_in_its_year() -> None:
    lane = working(build_lane()).awards("men", 60, {12: 1.0})
    lane.members("enterprise", 60, 1000.0, 22.0, index=18.7, account=50_000.0).step()
    assert lane.flow("pension_paid_enterprise") == 0.0
    assert lane.flow("pension_account_drawn") == 0.0
    assert lane.flow("exposure_enterprise") == 1000.0
    assert lane.flow("award_service") == pytest.approx(22_900.0)


def test_awards__public_pays_from_its_own_fund() -> None:
    lane = working(build_lane()).awards("men", 60, TWELFTHS, DIVISORS).index("public", 1.0)
    lane.path(public_transition_coefficient=0.013, public_award_factor=1.1)
    lane.members("public", 60, 100.0, 30.0, index=10.0, deemed=20.0, deemed_index=26.0).step()
    assert lane.flow("awards_public") == 100.0
    assert lane.flow("awards_enterprise") == 0.0
    assert lane.ledger(at.FUND_PUBLIC, at.OUT_BENEFITS) == pytest.approx(lane.flow("pension_paid_public"), rel=1e-14)
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS) == 0.0
    mean = 7000.0 / 200 * (30.0 + 10.0 + 26.0) + 7000.0 * 0.013 * 26.0
    year = 7000.0 / 200 * (1.0 + 1.0) * 6.5 / 12
    assert lane.flow("new_award_mass_public") / 100.0 == pytest.approx(1.1 * (mean + year), rel=1e-12)


# --- threshold -------------------------------------------------------------------------------------------------------


def split_lane(service: float, threshold: float, *, hazard: float = 1.0) -> Lane:
    lane = working(build_lane(), interest=0.0)
    lane.awards("men", 60, TWELFTHS, DIVISORS, threshold=threshold, hazard=hazard)
    return lane.members("enterprise", 60, 1000.0, service, index=0.85 * service, account=3000.0 * service)


@pytest.mark.parametrize(("service", "threshold"), [(14.1, 15.0), (14.6, 15.0), (15.9, 16.5), (14.9, 15.0)])
def test_threshold__a_uniform_bin_split_person_by_person(service: float, threshold: float) -> None:
    """A bin of 40,000 persons spread over one year of service; account and index in proportion to the service."""
    month = 6.5 / 12  # the test is made at the mean award month
    spread = (np.arange(40_000) + 0.5) / 40_000 - 0.5
    above = service + 0.9 * month + spread >= threshold
    lane = split_lane(service, threshold).step()
    assert lane.flow("awards_enterprise") / 1000.0 == pytest.approx(above.mean(), abs=1e-4)
    own = service + spread[above]
    expected = 0.0
    for m in range(1, 13):
        account = 3000.0 * own + 12 * 6000.0 * 0.9 * 0.85 * 0.08 * m / 12
        pension = 35.0 * (own * 1.85 + 0.9 * 1.85 * m / 12) + account / DIVISORS[m]
        expected += float(pension.mean()) / 12
    found = lane.flow("new_award_mass_enterprise") / lane.flow("awards_enterprise")
    assert found == pytest.approx(expected, rel=2e-5)


def test_threshold__half_a_year_splits_the_bin() -> None:
    """Minimum 15.5 years: whoever stands at 15.5 on average is half above."""
    lane = split_lane(15.5 - 0.9 * 6.5 / 12, 15.5).step()
    assert lane.flow("awards_enterprise") == pytest.approx(500.0)


def test_threshold__the_two_parts_add_up() -> None:
    """What is awarded and what stays sum to the cell: service with the year's gain, and accounts with credits."""
    lane = split_lane(14.6, 15.0, hazard=0.7).step()
    awarded, stayed = lane.flow("awards_enterprise"), lane.moments("enterprise", 60)
    assert awarded + stayed[at.HEADS] == pytest.approx(1000.0, rel=1e-14)
    gained = 0.9 * (awarded * 6.5 / 12 + stayed[at.HEADS])
    assert lane.flow("award_service") + stayed[at.SERVICE] == pytest.approx(14_600.0 + gained, rel=1e-13)
    credited = lane.flow("account_credits")
    assert lane.flow("account_to_pension") + stayed[at.ACCOUNT] == pytest.approx(43_800_000.0 + credited, rel=1e-13)
    assert stayed[at.SERVICE] / stayed[at.HEADS] < 14.6 + 0.9  # the upper part left


def test_threshold__the_mean_decides_not_the_bin() -> None:
    """The same mean service in a lower bin: the same awards to the last digit."""
    lanes = [
        working(build_lane())
        .awards("men", 60, TWELFTHS, DIVISORS)
        .members("enterprise", 60, 1000.0, 15.3, index=10.0, account=9000.0, bin_=bin_)
        .step()
        for bin_ in (15, 11)
    ]
    first, second = (lane.flow("new_award_mass_enterprise") for lane in lanes)
    assert first == second > 0.0


def test_retirement__paused_and_paying_retire_alike() -> None:
    lane = working(build_lane()).awards("men", 60, TWELFTHS, DIVISORS, hazard=0.4)
    lane.members("enterprise", 60, 1000.0, 22.0).members("paused", 60, 500.0, 22.0).step()
    assert lane.flow("awards_enterprise") == pytest.approx(0.4 * 1500.0)
    assert float(lane.cells[at.HEADS, 0, at.PAUSED].sum()) == pytest.approx(300.0)


# --- one row: nobody twice -------------------------------------------------------------------------------------------


def test_settle_row__a_climbing_group_is_met_once() -> None:
    """Three neighbouring bins with density one: everybody climbs one bin and gains one year, not two."""
    lane = working(build_lane()).path(density_enterprise=1.0)
    for k, heads in ((5, 100.0), (6, 10.0), (7, 1.0)):
        lane.members("enterprise", 40, heads, float(k))
    lane.step()
    heads = lane.cell("enterprise", 40)[at.HEADS]
    assert [heads[k] for k in (5, 6, 7, 8, 9)] == [0.0, 100.0, 10.0, 1.0, 0.0]
    assert lane.moments("enterprise", 40)[at.SERVICE] == 100 * 6.0 + 10 * 7.0 + 8.0
    assert lane.flow("exposure_enterprise") == 111.0


def test_settle_row__rates_never_share_a_head() -> None:
    """Death 0.1, award 0.5, pause 0.6, switch 0.4: each acts on what the one before left."""
    lane = working(build_lane()).awards("men", 60, TWELFTHS, DIVISORS, hazard=0.5)
    lane.path(pause_enterprise=0.6, switch_enterprise_flexible=0.4)
    lane.members("enterprise", 60, 1000.0, 22.0).people(at.MALE, 60, 1000.0, 0.1).step()
    assert lane.flow("member_deaths") == pytest.approx(100.0)
    assert lane.flow("awards_enterprise") == pytest.approx(450.0)
    assert lane.flow("pauses_enterprise") == pytest.approx(270.0)
    assert lane.flow("switches_to_flexible") == pytest.approx(450.0 * 0.35)  # together at most 0.95
    heads = [lane.heads(status) for status in ("enterprise", "flexible", "paused")]
    assert heads == pytest.approx([450.0 * 0.05, 450.0 * 0.35, 270.0])


def test_top_bin__keeps_its_moments() -> None:
    lane = working(build_lane())
    lane.members("enterprise", 50, 100.0, 46.5, index=40.0, deemed=5.0, account=1000.0).step()
    cell = lane.cell("enterprise", 50)
    assert cell[at.HEADS, -1] == pytest.approx(100.0)
    assert cell[at.HEADS, :-1].sum() == 0.0
    assert cell[at.SERVICE, -1] == pytest.approx(100.0 * 47.4)
    assert cell[at.DEEMED, -1] == pytest.approx(500.0)


def test_density__service_is_exact_while_bins_spread() -> None:
    """Density 0.6 over three years: 1.8 years of service for everybody, heads over four bins."""
    lane = working(build_lane(3)).path(density_enterprise=0.6)
    lane.members("enterprise", 40, 100.0, 10.0).step(3)
    cell = lane.cell("enterprise", 42)
    assert cell[at.SERVICE].sum() == pytest.approx(100.0 * 11.8)
    binomial = [0.4**3, 3 * 0.6 * 0.4**2, 3 * 0.6**2 * 0.4, 0.6**3]
    assert cell[at.HEADS, 10:14] == pytest.approx([100.0 * share for share in binomial])


def test_index__record_and_base_agree() -> None:
    """Insurable earnings over 12·W are the index-years the members gained, whoever stays, moves or dies."""
    lane = working(build_lane()).path(pause_enterprise=0.1, switch_enterprise_flexible=0.1)
    lane.members("enterprise", 40, 1000.0, 10.0, index=8.0).people(at.MALE, 40, 1000.0, 0.05).step()
    gained = float(lane.cells[at.INDEX].sum()) - 8.0 * (1000.0 - 50.0)
    dying = 50.0 * 0.5 * 0.9 * 0.85
    earnings = lane.flow("insurable_earnings_enterprise") + lane.flow("insurable_earnings_flexible")
    assert earnings / (12 * 6000.0) == pytest.approx(gained + dying, rel=1e-12)


# --- movers, deaths, returners ---------------------------------------------------------------------------------------


def test_movers__half_a_year_in_each_status() -> None:
    lane = working(build_lane(), interest=0.0).path(switch_enterprise_flexible=1.0, density_flexible=0.5)
    lane.members("enterprise", 40, 1000.0, 10.0).step()
    moved = lane.moments("flexible", 40)
    assert moved[at.HEADS] == pytest.approx(950.0)
    assert moved[at.SERVICE] / moved[at.HEADS] == pytest.approx(10.0 + 0.45 + 0.25)
    assert moved[at.INDEX] / moved[at.HEADS] == pytest.approx(0.45 * 0.85 + 0.25 * 0.6)
    assert lane.flow("exposure_enterprise") == pytest.approx(50.0 + 475.0)
    assert lane.flow("exposure_flexible") == pytest.approx(475.0)
    assert np.count_nonzero(lane.cell("flexible", 40)[at.HEADS]) == 3


def dying(service: float, *, account: float = 20_000.0, limit: float = 5.0) -> Lane:
    """100 men of 40 who all die; 5015 yuan of income a month, as in schemes.md P6."""
    lane = working(build_lane()).path(funeral_months=2.0, compensation_factor=1.0, previous_urban_income=60_180.0)
    lane.path(compensation_count_up=1.0, compensation_limit_years=limit)
    return lane.members("enterprise", 40, 100.0, service, account=account).people(at.MALE, 40, 100.0, 1.0)


def test_deaths__half_a_year_of_credits_and_interest() -> None:
    lane = dying(16.5).step()
    credit = 0.5 * 12 * 6000.0 * 0.9 * 0.85 * 0.08
    assert lane.flow("account_inherited") == pytest.approx(100.0 * (20_000.0 + credit + 400.0))
    assert lane.flow("survivor_benefits") == pytest.approx(100.0 * 13.0 * 5_015.0)  # 16 to 17 years: 2 + 11 months
    assert lane.flow("exposure_enterprise") == 50.0
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS) == pytest.approx(
        lane.flow("account_inherited") + lane.flow("survivor_benefits")
    )


@pytest.mark.parametrize("service", [1.0, 4.5, 4.75, 5.0, 5.4, 5.5, 9.0])
@pytest.mark.parametrize("account", [2_000.0, 40_000.0])
def test_deaths__below_five_years_at_most_what_was_paid_in(service: float, account: float) -> None:
    """A cell spread over a year of service, person by person: below five years the own payments are the most."""
    credit = 0.5 * 12 * 6000.0 * 0.9 * 0.85 * 0.08
    own = account * 1.02 + credit
    years = service - 0.5 + (np.arange(1_000) + 0.5) / 1_000
    due = (2.0 + np.where(years < 5.0, 3.0, np.where(years < 10.0, 6.0, 9.0))) * 5_015.0
    paid = np.where(years < 5.0, np.minimum(due, own), due)
    lane = dying(service, account=account).step()
    assert lane.flow("survivor_benefits") == pytest.approx(100.0 * float(paid.mean()), rel=1e-12)


def test_deaths__without_a_limit_years_alone_decide() -> None:
    lane = dying(4.5, account=0.0, limit=0.0).step()
    assert lane.flow("survivor_benefits") == pytest.approx(100.0 * 5.0 * 5_015.0)


def test_returns__a_year_of_interest_and_half_a_year_of_service() -> None:
    lane = working(build_lane()).path(enterprise_payers=90.0, flexible_payers=0.0, paused_members=10.0)
    lane.members("paused", 40, 100.0, 10.0, index=8.0, account=20_000.0).step()
    back = lane.moments("enterprise", 40) / 90.0
    assert back[at.HEADS] == pytest.approx(1.0)
    assert back[at.SERVICE] == pytest.approx(10.45)
    assert back[at.INDEX] == pytest.approx(8.0 + 0.45 * 0.85)
    credit = 0.45 * 12 * 6000.0 * 0.85 * 0.08
    assert 20_800.0 + credit < back[at.ACCOUNT] < 20_800.0 + credit * 1.04
    paused = lane.moments("paused", 40)
    assert paused[at.ACCOUNT] / paused[at.HEADS] == pytest.approx(20_800.0)


def test_paused__gain_interest_and_nothing_else() -> None:
    lane = working(build_lane()).members("paused", 40, 100.0, 10.0, index=8.0, deemed=2.0, account=1000.0).step()
    expected = {at.HEADS: 100.0, at.SERVICE: 1000.0, at.INDEX: 800.0, at.DEEMED: 200.0, at.DEEMED_INDEX: 200.0}
    moments = lane.moments("paused", 40)
    for moment, value in (expected | {at.ACCOUNT: 104_000.0}).items():
        assert moments[moment] == pytest.approx(value)
    assert lane.flow("account_credits") == 0.0


def test_last_age__accounts_are_refunded_once() -> None:
    lane = working(build_lane(2)).members("paused", 79, 100.0, 10.0, account=1000.0)
    lane.step(2)
    assert lane.flow("final_refunds") == 100.0
    assert lane.flow("account_refunded") == pytest.approx(104_000.0)
    assert lane.flow("final_refunds", 1) == 0.0
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS) == pytest.approx(104_000.0)
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS, 1) == 0.0


# --- choices below the minimum ---------------------------------------------------------------------------------------


def choice_lane(status: str, age: int = 60, career: str = "men", **shares: float) -> Lane:
    lane = working(build_lane(), interest=0.0).awards(career, age, {6: 1.0}, choice=1.0)
    lane.path(unclaimed_share=0.0).path(**shares)
    return lane.members(status, age, 1000.0, 8.0, career=career, index=6.0, account=10_000.0)


def test_choices__every_share_has_a_count_and_a_place() -> None:
    shares = {
        "continue_share": 0.3,
        "pay_up_share": 0.2,
        "resident_share": 0.25,
        "refund_share": 0.15,
        "unclaimed_share": 0.1,
    }
    lane = choice_lane("flexible", catch_up_price_rate=0.2, **shares).step()
    assert lane.flow("below_minimum") == 1000.0
    names = ("choice_continue", "pay_up_awards", "choice_resident", "choice_refund", "choice_unclaimed")
    assert [lane.flow(name) for name in names] == pytest.approx([300.0, 200.0, 250.0, 150.0, 100.0])
    assert lane.heads("flexible") == pytest.approx(300.0)
    assert lane.heads("paused") == pytest.approx(100.0)
    assert lane.stock("enterprise_pensioners") == pytest.approx(200.0)
    assert float(lane.state.beneficiaries[at.B_HEADS].sum()) == pytest.approx(250.0)
    credit = 0.5 * 12 * 6000.0 * 0.9 * 0.6 * 0.08
    assert lane.flow("account_refunded") == pytest.approx(150.0 * (10_000.0 + credit))
    assert lane.flow("resident_account_in") == pytest.approx(250.0 * (10_000.0 + credit))


def test_choices__pay_up_buys_the_missing_years() -> None:
    """The missing 15 - 8 - 0.45 years at 20 % of the flexible base; they enter service, index, account and fund."""
    lane = choice_lane("flexible", pay_up_share=1.0, catch_up_price_rate=0.2, flexible_rate=0.0)
    lane.constant(flexible_buy_index=0.6).step()
    missing = 15.0 - 8.0 - 0.45
    assert lane.flow("pay_up_income") == pytest.approx(1000.0 * missing * 12 * 6000.0 * 0.6 * 0.2)
    assert lane.flow("award_service") == pytest.approx(1000.0 * 15.0)
    assert lane.ledger(at.FUND_ENTERPRISE, at.IN_CONTRIBUTIONS) == pytest.approx(lane.flow("pay_up_income"))
    bought = missing * 12 * 6000.0 * 0.6 * 0.08
    year = 0.45 * 12 * 6000.0 * 0.6 * 0.08
    assert lane.flow("account_to_pension") == pytest.approx(1000.0 * (10_000.0 + bought + year))


def test_choices__nobody_of_sixty_pays_again_in_the_resident_scheme() -> None:
    lane = choice_lane("paused", resident_share=1.0, resident_contribution=300.0, resident_paying_share=1.0).step()
    assert lane.ledger(at.FUND_RESIDENT, at.IN_CONTRIBUTIONS) == 0.0
    assert lane.ledger(at.FUND_RESIDENT, at.IN_TRANSFERS) == pytest.approx(10_000_000.0)
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_TRANSFERS) == pytest.approx(10_000_000.0)
    assert lane.balance(at.FUND_RESIDENT) + lane.balance(at.FUND_ENTERPRISE) == pytest.approx(0.0, abs=1e-6)


def test_choices__a_paused_head_that_goes_on_pays_as_flexible() -> None:
    lane = choice_lane("paused", continue_share=0.4, unclaimed_share=0.6).step()
    assert lane.heads("flexible") == pytest.approx(400.0)
    assert lane.heads("paused") == pytest.approx(600.0)
    assert lane.flow("exposure_flexible") == pytest.approx(200.0)


# --- mortality -------------------------------------------------------------------------------------------------------

MULTIPLIERS = {
    "mortality_payer": 0.85,
    "mortality_public": 0.80,
    "mortality_pensioner": 0.90,
    "mortality_invalid": 3.0,
    "mortality_other_max": 4.0,
}


@pytest.mark.parametrize(("uncovered", "invalid"), [(800.0, 5.0), (10.0, 0.0), (0.0, 0.0), (300.0, 400.0)])
def test_mortality__deaths_of_all_statuses_add_up(uncovered: float, invalid: float) -> None:
    """Σ heads x probability over every main status = the population's deaths, closed exactly or by scaling all."""
    lane = build_lane().constant(**MULTIPLIERS)
    q, age, i = 0.006, 57, 57 - at.FIRST_AGE
    state, scratch = lane.state, lane.scratch
    groups = {at.Q_PAYER: 700.0, at.Q_PUBLIC: 120.0, at.Q_PENSIONER: 90.0, at.Q_INVALID: invalid}
    lane.cells[at.HEADS, 1, at.ENTERPRISE, i, 12] = 500.0
    lane.cells[at.HEADS, 2, at.FLEXIBLE, i, 3] = 200.0
    lane.cells[at.HEADS, 1, at.PUBLIC, i, 30] = 120.0
    lane.cells[at.HEADS, 2, at.PAUSED, i, 8] = 60.0
    state.pensioners[at.P_HEADS, 2, 0, age] = 90.0
    state.invalidity[at.I_HEADS, 1, 2, i] = invalid
    state.resident[at.R_PAYING, at.FEMALE, age] = 40.0
    people = sum(groups.values()) + 60.0 + 40.0 + uncovered
    scratch.population_open[at.FEMALE, age] = people
    lane.tables.death_prob[0, at.FEMALE, age] = q
    open_rows(state, scratch)
    close_mortality(0, lane.constants, lane.tables, state, scratch, lane.out)
    death = scratch.death[:, at.FEMALE, age]
    deaths = sum(heads * death[group] for group, heads in groups.items()) + (people - sum(groups.values())) * death[0]
    assert deaths == pytest.approx(people * q, rel=1e-12)
    assert death[at.Q_PUBLIC] / death[at.Q_PAYER] == pytest.approx(0.80 / 0.85, rel=1e-12)
    if uncovered == 800.0:
        assert death[at.Q_PAYER] == pytest.approx(0.85 * q, rel=1e-12)
        assert death[at.Q_OTHER] > q


def test_mortality__a_dormant_account_counts_its_owner_once() -> None:
    lane = build_lane().constant(**MULTIPLIERS)
    age, i = 40, 40 - at.FIRST_AGE
    lane.cells[at.HEADS, 0, at.PAUSED, i, 3] = 50.0
    lane.state.resident[at.R_PAYING, at.MALE, age] = 80.0
    lane.state.resident[at.R_DUAL, at.MALE, age] = 50.0
    lane.scratch.population_open[at.MALE, age] = 80.0
    lane.tables.death_prob[0, at.MALE, age] = 0.01
    open_rows(lane.state, lane.scratch)
    close_mortality(0, lane.constants, lane.tables, lane.state, lane.scratch, lane.out)
    assert lane.scratch.count[at.MALE, age] == 80.0
    assert lane.scratch.death[at.Q_OTHER, at.MALE, age] == pytest.approx(0.01)


def test_choices__the_year_of_a_move_to_the_resident_scheme_counts_once() -> None:
    """A woman of 50 below the minimum: one year's deaths, half a year of interest, no contribution as a resident."""
    lane = build_lane().path(account_interest=0.04, resident_account_rate=0.03, resident_contribution=300.0)
    lane.path(resident_paying_share=0.5, unclaimed_share=0.0, resident_share=1.0)
    lane.awards("women_50", 50, {6: 1.0}, choice=1.0)
    lane.members("paused", 50, 1000.0, 8.0, career="women_50", account=10_000.0).people(at.FEMALE, 50, 1000.0, 0.01)
    lane.step()
    assert lane.flow("member_deaths") + lane.flow("resident_contributor_deaths") == pytest.approx(10.0)
    assert lane.flow("resident_interest_credited") == 0.0
    assert lane.ledger(at.FUND_RESIDENT, at.IN_CONTRIBUTIONS) == 0.0


def test_choices__public_accounts_leave_the_public_fund() -> None:
    lane = choice_lane("public", refund_share=1.0).step()
    assert lane.ledger(at.FUND_PUBLIC, at.OUT_BENEFITS) == pytest.approx(lane.flow("account_refunded"))
    assert lane.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS) == 0.0
