"""Funds: closed forms, three accounts, pool, ledgers that add up; a small region through the lane (notes/fund.md)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.kernels import layout as at
from simengine.kernels.branches import funds
from simengine.registry.axes import FUND
from tests.helpers.branch_builder import ITEMS, Branch, mini_lane, neutral, open_year, run

ENTERPRISE, PUBLIC, ANNUITY, RESIDENT = at.FUND_ENTERPRISE, at.FUND_PUBLIC, at.FUND_ANNUITY, at.FUND_RESIDENT
FUNDS = range(at.FUNDS)
RETURNS = tuple(f"return_{name}" for name in FUND)


def close(case: Branch, t: int, fund: int, **items: float) -> None:
    """A year of one fund with the given items in its ledger."""
    open_year(case, t)
    for name, value in items.items():
        case.scratch.ledger[fund, ITEMS.index(name)] = value
    funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)


def at_rate(rate: float, years: int = 3) -> Branch:
    return neutral(years).path(**dict.fromkeys(RETURNS, rate))


# --- roll-forward ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [-0.02, 0.0, 0.03, 0.2])
def test_earned_on__flows_earn_half_a_year(rate: float) -> None:
    assert funds.earned_on(100.0, 0.0, rate) == pytest.approx(100.0 * rate)
    assert 40.0 + funds.earned_on(0.0, 40.0, rate) == pytest.approx(40.0 * math.exp(0.5 * math.log1p(rate)), rel=1e-14)


@pytest.mark.parametrize("fund", [fund for fund in FUNDS if fund != ANNUITY])
@pytest.mark.parametrize(("opening", "net"), [(1_000.0, 80.0), (1_000.0, -400.0), (-500.0, 30.0)])
def test_close_funds__closed_form_of_ten_years(fund: int, opening: float, net: float) -> None:
    rate, years = 0.035, 10
    case = at_rate(rate, years).fund(fund, opening)
    for t in range(years):
        close(case, t, fund, contributions=1_000.0 + net, benefits=1_000.0)
    growth = (1.0 + rate) ** years
    expected = opening * growth + net * (1.0 + rate) ** 0.5 * (growth - 1.0) / rate
    assert case.balance(fund, years) == pytest.approx(expected, rel=1e-12)
    assert case.state.funds[at.OWN, fund] == case.balance(fund, years)


def test_close_funds__each_fund_has_its_own_rate() -> None:
    rates = {name: 0.01 * (position + 1) for position, name in enumerate(RETURNS)}
    case = neutral(1).path(**rates)
    for fund in FUNDS:
        case.fund(fund, 1_000.0)
    close(case, 0, ENTERPRISE)
    expected = [1_010.0, 1_020.0, 1_000.0, 1_040.0, 1_050.0, 1_060.0]  # the annuity books its return in its accounts
    assert [case.balance(fund, 1) for fund in FUNDS] == pytest.approx(expected)


@pytest.mark.parametrize("item", ITEMS)
def test_close_funds__every_item_lands_in_its_fund_with_its_sign(item: str) -> None:
    sign = 1.0 if ITEMS.index(item) < ITEMS.index("benefits") else -1.0
    for fund in FUNDS:
        case = neutral(1).fund(fund, 500.0)
        close(case, 0, fund, **{item: 70.0})
        for account in range(at.ACCOUNTS):
            paid = 0.0 if account == at.UNAIDED and fund in (ENTERPRISE, PUBLIC) and item == "fiscal_subsidy" else 70.0
            assert case.item(fund, item, 0, account) == paid
            assert case.balance(fund, 1, account) == 500.0 + sign * paid
            others = [case.balance(other, 1, account) for other in FUNDS if other != fund]
            assert others == [0.0] * 5


def test_close_funds__debt_is_carried_at_the_funds_rate() -> None:
    case = at_rate(0.04).fund(ENTERPRISE, -1_000.0)
    case.state.entrusted[0] = 300.0
    case.path(return_entrusted=0.5)
    close(case, 0, ENTERPRISE)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(-1_040.0)
    assert case.item(ENTERPRISE, "interest") == pytest.approx(-40.0)
    assert case.item(ENTERPRISE, "investment") == 0.0


# --- three accounts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fund", [ENTERPRISE, PUBLIC])
def test_close_funds__the_unaided_account_has_no_subsidy_and_no_return_on_it(fund: int) -> None:
    """Closed form of three years without the 150 a year of budgets; the own account has them."""
    rate = 0.03
    case = at_rate(rate).fund(fund, 500.0)
    for t in range(3):
        close(case, t, fund, contributions=1_000.0, fiscal_subsidy=150.0, benefits=1_200.0)
        assert case.item(fund, "fiscal_subsidy", t, at.UNAIDED) == 0.0
        assert case.item(fund, "contributions", t, at.UNAIDED) == 1_000.0
    annuity = (1.0 + rate) ** 0.5 * ((1.0 + rate) ** 3 - 1.0) / rate
    assert case.balance(fund, 3, at.UNAIDED) == pytest.approx(500.0 * 1.03**3 - 200.0 * annuity, rel=1e-12)
    assert case.balance(fund, 3) == pytest.approx(500.0 * 1.03**3 - 50.0 * annuity, rel=1e-12)
    gap = case.balance(fund, 3) - case.balance(fund, 3, at.UNAIDED)
    assert gap == pytest.approx(150.0 * annuity, rel=1e-12)  # the subsidies and what they earned


@pytest.mark.parametrize("fund", [fund for fund in FUNDS if fund not in (ENTERPRISE, PUBLIC)])
def test_close_funds__budgets_pay_residents_in_the_unaided_account_too(fund: int) -> None:
    """Base pensions are budget money by law, no subsidy to be assumed away; other funds have none."""
    case = at_rate(0.03).fund(fund, 500.0)
    close(case, 0, fund, contributions=100.0, fiscal_subsidy=150.0, benefits=300.0)
    assert case.out.ledger[at.UNAIDED].tolist() == case.out.ledger[at.OWN].tolist()
    assert case.balance(fund, 1, at.UNAIDED) == case.balance(fund, 1)


def test_close_funds__the_unaided_account_is_never_filled() -> None:
    case = neutral(1).path(emergency_months=2.0).fund(ENTERPRISE, 100.0)
    close(case, 0, ENTERPRISE, fiscal_subsidy=300.0, benefits=600.0)
    assert case.balance(ENTERPRISE, 1, at.UNAIDED) == pytest.approx(-500.0)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(-200.0)
    assert case.balance(ENTERPRISE, 1, at.FINANCED) == pytest.approx(100.0)


def test_close_funds__the_pool_is_no_subsidy() -> None:
    """Transfers that are stated (the central adjustment fund, a lever) stay in the unaided account."""
    case = neutral(1).fund(ENTERPRISE, 100.0)
    close(case, 0, ENTERPRISE, from_above=40.0, fiscal_subsidy=30.0)
    assert case.balance(ENTERPRISE, 1, at.UNAIDED) == pytest.approx(140.0)


# --- central adjustment fund and national pool ------------------------------------------------------------------------

A4 = {
    "previous_wage": 6_500.0,
    "central_adjustment_rate": 0.045,
    "central_adjustment_wage_share": 0.9,
    "central_adjustment_receipt": 6_000.0,
}
"""schemes.md A4: wage of 78,000 a year, 8.0 million insured, 4.5 %; 4.2 million pensioners get 6,000 yuan each."""


def adjusted(**changes: float) -> Branch:
    case = neutral(1).path(**(A4 | changes))
    open_year(case, 0)
    case.scratch.payer_base[:] = np.array(
        [[6.0e6, 5.0e6], [2.0e6, 1.2e6], [0.9e6, 1.0e6]]
    )  # public payers take no part
    case.state.pensioners[at.P_HEADS, 0, 0, 65] = 3.0e6
    case.state.pensioners[at.P_HEADS, 2, 0, 60] = 1.2e6
    case.state.pensioners[at.P_HEADS, 0, 1, 65] = 0.5e6
    funds.adjust_centrally(0, case.paths, case.state, case.scratch)
    return case


def test_adjust_centrally__payers_pay_and_pensioners_receive() -> None:
    case = adjusted()
    up, down = case.due(ENTERPRISE, "to_above"), case.due(ENTERPRISE, "from_above")
    assert (up / 1e8, down / 1e8) == pytest.approx((252.72, 252.00), rel=1e-12)
    assert (down - up) / 1e8 == pytest.approx(-0.72)
    assert np.count_nonzero(case.scratch.ledger) == 2


def test_adjust_centrally__nothing_before_and_after() -> None:
    case = adjusted(central_adjustment_rate=0.0, central_adjustment_receipt=0.0)
    assert not case.scratch.ledger.any()


def pooled_case(opening: float, net: float, **more: float) -> Branch:
    """Two years: the pool meets .8 of a deficit up to .09, and takes .25 of a surplus up to .01, of 1000."""
    case = neutral(2).path(pool_take_share=0.8, pool_give_share=0.25, pool_receipt_limit=0.09, pool_payment_limit=0.01)
    case.path(**more).fund(ENTERPRISE, opening)
    for t in range(2):
        close(case, t, ENTERPRISE, contributions=1_000.0 + net, benefits=1_000.0)
    return case


@pytest.mark.parametrize(
    ("net", "transfer"), [(-100.0, 80.0), (-150.0, 90.0), (-112.5, 90.0), (20.0, -5.0), (60.0, -10.0), (0.0, 0.0)]
)
def test_pooled__meets_a_deficit_and_takes_a_surplus_within_the_regions_limits(net: float, transfer: float) -> None:
    """In every year and account but the unaided one: no last year of the pool by convention."""
    case = pooled_case(500.0, net)
    for account, moved in {at.OWN: transfer, at.FINANCED: transfer, at.UNAIDED: 0.0}.items():
        for t in range(2):
            assert case.item(ENTERPRISE, "from_above", t, account) == pytest.approx(max(0.0, moved))
            assert case.item(ENTERPRISE, "to_above", t, account) == pytest.approx(max(0.0, -moved))
            assert case.balance(ENTERPRISE, t + 1, account) == pytest.approx(500.0 + (t + 1) * (net + moved))


@pytest.mark.parametrize("net", [-100.0, 60.0])
def test_pooled__a_nation_that_has_nothing_moves_nothing(net: float) -> None:
    case = pooled_case(500.0, net, pool_receipt_limit=0.0, pool_payment_limit=0.0)
    assert case.balance(ENTERPRISE, 2) == case.balance(ENTERPRISE, 2, at.UNAIDED) == 500.0 + 2.0 * net


def test_pooled__the_return_of_the_year_counts_as_surplus() -> None:
    """1000 at 4 % less a net outgo of 30, of which half a year's return is lost: 40 - 30·1.04^½ are the surplus."""
    case = pooled_case(1_000.0, -30.0, return_enterprise_pension=0.04)
    surplus = 40.0 - 30.0 * math.sqrt(1.04)
    assert case.item(ENTERPRISE, "to_above") == pytest.approx(0.25 * surplus)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(1_000.0 + 0.75 * surplus)


def test_pooled__budgets_fill_what_the_pool_leaves() -> None:
    """A deficit of 600: the pool would meet 480 and has 300; two months of 1000 are kept: 166.67 - (100 - 300)."""
    case = neutral(1).path(pool_take_share=0.8, pool_receipt_limit=0.3, emergency_months=2.0).fund(ENTERPRISE, 100.0)
    close(case, 0, ENTERPRISE, contributions=400.0, benefits=1_000.0)
    assert case.item(ENTERPRISE, "from_above", 0, at.FINANCED) == pytest.approx(300.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy", 0, at.FINANCED) == pytest.approx(2_000.0 / 12.0 + 200.0)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(-200.0)


@pytest.mark.parametrize("fund", [fund for fund in FUNDS if fund != ENTERPRISE])
def test_pooled__enterprise_pensions_alone(fund: int) -> None:
    case = neutral(1).path(pool_take_share=1.0, pool_give_share=1.0, pool_receipt_limit=9.0, pool_payment_limit=9.0)
    case.fund(fund, 100.0)
    close(case, 0, fund, benefits=60.0)
    for account in range(at.ACCOUNTS):
        assert case.item(fund, "from_above", 0, account) == 0.0
        assert case.balance(fund, 1, account) == pytest.approx(40.0)


# --- aid up to the months of reserve ----------------------------------------------------------------------------------


def aided(opening: float, contributions: float, months: float = 20.0, rate: float = 0.04) -> Branch:
    """A year that spends 1200, with 160 of subsidy claimed; twenty months are 2000."""
    case = at_rate(rate, 1).path(subsidy_reserve_months=months).fund(ENTERPRISE, opening)
    close(case, 0, ENTERPRISE, contributions=contributions, fiscal_subsidy=160.0, benefits=1_200.0)
    return case


@pytest.mark.parametrize("rate", [0.0, 0.04])
def test_aid__tapers_to_the_months_within_the_year(rate: float) -> None:
    """Opening 1900 and 1240 collected: without aid 1900·(1+i) + 40·(1+i)^½; the aid is what is missing to 2000, and it
    earns half a year's return, so the fund closes at twenty months exactly: by hand 60 at 0 %, nothing at 4 % (2016.8).
    """
    case = aided(1_900.0, 1_240.0, rate=rate)
    without = 1_900.0 * (1.0 + rate) + 40.0 * math.sqrt(1.0 + rate)
    paid = max(0.0, 2_000.0 - without) / math.sqrt(1.0 + rate)
    assert case.item(ENTERPRISE, "fiscal_subsidy") == pytest.approx(paid, abs=1e-9)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(max(2_000.0, without))


def test_aid__part_of_it_with_its_return() -> None:
    """1860 at 4 % are 1934.4, 40·1.0198039 more are 1975.192156; 24.807844/1.0198039 = 24.326092 are paid of 160."""
    case = aided(1_860.0, 1_240.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy") == pytest.approx(24.326092, abs=1e-6)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(2_000.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy", 0, at.UNAIDED) == 0.0
    assert case.balance(ENTERPRISE, 1, at.UNAIDED) == pytest.approx(1_975.192156, abs=1e-6)


def test_aid__whole_below_the_months_and_to_the_bit_without_a_limit() -> None:
    whole, free = aided(500.0, 1_000.0), aided(500.0, 1_000.0, months=1_200.0)
    assert whole.item(ENTERPRISE, "fiscal_subsidy") == 160.0
    assert whole.out.balance.tolist() == free.out.balance.tolist()


def test_aid__by_the_own_account_in_the_financed_one_too() -> None:
    """The financed account gets the same aid and is filled beside it; the public fund knows no months."""
    case = neutral(1).path(subsidy_reserve_months=20.0, emergency_months=22.0).fund(ENTERPRISE, 1_950.0)
    close(case, 0, ENTERPRISE, contributions=1_200.0, fiscal_subsidy=160.0, benefits=1_200.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy") == pytest.approx(50.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy", 0, at.FINANCED) == pytest.approx(50.0 + 200.0)
    public = neutral(1).path(subsidy_reserve_months=0.0).fund(PUBLIC, 5_000.0)
    close(public, 0, PUBLIC, fiscal_subsidy=160.0, benefits=1_200.0)
    assert public.item(PUBLIC, "fiscal_subsidy") == 160.0


def test_aid__before_the_pool() -> None:
    """1950 less 100 without aid: aid of 150 brings 2000, 50 above the opening, of which the pool takes half."""
    case = neutral(1).path(subsidy_reserve_months=20.0, pool_give_share=0.5, pool_payment_limit=1.0)
    case.fund(ENTERPRISE, 1_950.0)
    close(case, 0, ENTERPRISE, contributions=1_100.0, fiscal_subsidy=160.0, benefits=1_200.0)
    assert case.item(ENTERPRISE, "fiscal_subsidy") == pytest.approx(150.0)
    assert case.item(ENTERPRISE, "to_above") == pytest.approx(25.0)
    assert case.balance(ENTERPRISE, 1) == pytest.approx(1_975.0)


# --- provincial adjustment funds --------------------------------------------------------------------------------------

ADJUSTED = {PUBLIC: "public", at.FUND_UNEMPLOYMENT: "unemployment", at.FUND_INJURY: "injury"}
adjusted_fund = pytest.mark.parametrize("fund", ADJUSTED)


def terms(fund: int, rate: float = 0.0, months: float = 0.0, share: float = 0.0) -> dict[str, float]:
    """Series of the adjustment fund of one fund."""
    return {
        f"{ADJUSTED[fund]}_adjustment_fund_{name}": value
        for name, value in (("rate", rate), ("months", months), ("share", share))
    }


@adjusted_fund
def test_adjustment_fund__takes_a_rate_of_the_premiums_through_the_year(fund: int) -> None:
    """A tenth of 600 leaves evenly, so half a year's return on it is lost; other income is no premium."""
    case = at_rate(0.04, 1).path(**terms(fund, rate=0.1)).fund(fund, 1_000.0)
    close(case, 0, fund, contributions=600.0, other_income=100.0, benefits=500.0)
    assert case.item(fund, "to_above") == pytest.approx(60.0)
    assert case.item(fund, "from_above") == case.item(fund, "from_below") == case.item(fund, "to_below") == 0.0
    assert case.balance(fund, 1) == pytest.approx(1_000.0 * 1.04 + 140.0 * 1.04**0.5)


@adjusted_fund
@pytest.mark.parametrize(
    ("opening", "net", "down"),
    [(200.0, -100.0, 50.0), (420.0, -100.0, 50.0), (570.0, -100.0, 30.0), (700.0, -100.0, 0.0), (100.0, 50.0, 0.0),
     (-300.0, -100.0, 50.0), (-300.0, 0.0, 0.0)],
)  # fmt: skip
def test_adjustment_fund__meets_part_of_a_deficit_up_to_the_months(
    fund: int, opening: float, net: float, down: float
) -> None:
    """Six months of 1000 are 500: half of a deficit of 100, at most what lacks to 500, nothing in a year of surplus."""
    case = neutral(1).path(**terms(fund, months=6.0, share=0.5)).fund(fund, opening)
    close(case, 0, fund, contributions=1_000.0 + net, benefits=1_000.0)
    assert case.item(fund, "from_above") == pytest.approx(down)
    assert case.balance(fund, 1) == pytest.approx(opening + net + down)


@adjusted_fund
def test_adjustment_fund__the_payment_up_is_part_of_the_deficit_and_no_spending(fund: int) -> None:
    """Premiums of 1000 and spending of 1000, of which 100 go up: a deficit of 100, and three months are 250."""
    case = neutral(1).path(**terms(fund, rate=0.1, months=3.0, share=0.5), emergency_months=6.0).fund(fund, 300.0)
    close(case, 0, fund, contributions=1_000.0, benefits=1_000.0)
    assert case.item(fund, "from_above") == pytest.approx(50.0)
    assert case.balance(fund, 1) == pytest.approx(250.0)
    assert case.item(fund, "fiscal_subsidy", 0, at.FINANCED) == pytest.approx(250.0)  # six months are 500


@adjusted_fund
def test_adjustment_fund__the_unaided_account_stands_alone(fund: int) -> None:
    case = neutral(1).path(**terms(fund, rate=0.1, months=6.0, share=0.5)).fund(fund, 300.0)
    close(case, 0, fund, contributions=900.0, benefits=1_000.0)
    assert case.item(fund, "to_above", 0, at.UNAIDED) == case.item(fund, "from_above", 0, at.UNAIDED) == 0.0
    assert case.balance(fund, 1, at.UNAIDED) == pytest.approx(200.0)
    assert case.balance(fund, 1) == case.balance(fund, 1, at.FINANCED) == pytest.approx(300.0 - 190.0 + 95.0)


@adjusted_fund
def test_adjustment_fund__of_a_province_moves_items_and_no_balance(fund: int) -> None:
    """Both ends of each payment are in the province's own fund; its deficit has no payment up in it."""
    case, alone = (at_rate(0.03, 1).fund(fund, 300.0) for _ in range(2))
    case.path(**terms(fund, rate=0.1, months=6.0, share=0.5)).constant(runs_adjustment_fund=1.0)
    for one in (case, alone):
        close(one, 0, fund, contributions=900.0, benefits=1_000.0)
    assert np.array_equal(case.out.balance, alone.out.balance)
    deficit = 100.0 * 1.03**0.5 - 300.0 * 0.03
    for account in (at.OWN, at.FINANCED):
        assert case.item(fund, "to_above", 0, account) == case.item(fund, "from_below", 0, account) == 90.0
        assert case.item(fund, "from_above", 0, account) == case.item(fund, "to_below", 0, account)
        assert case.item(fund, "from_above", 0, account) == pytest.approx(0.5 * deficit)
    assert np.array_equal(case.out.ledger[at.UNAIDED], alone.out.ledger[at.UNAIDED])


@pytest.mark.parametrize("fund", [fund for fund in FUNDS if fund not in ADJUSTED])
def test_adjustment_fund__is_of_three_funds_alone(fund: int) -> None:
    case, alone = (neutral(1).fund(fund, 100.0) for _ in range(2))
    for other in ADJUSTED:
        case.path(**terms(other, rate=0.5, months=12.0, share=1.0))
    for one in (case, alone):
        close(one, 0, fund, contributions=500.0, benefits=1_000.0)
    assert np.array_equal(case.out.ledger, alone.out.ledger)


@adjusted_fund
def test_adjustment_fund__terms_of_zero_change_no_bit(fund: int) -> None:
    """Months alone pay nothing: without a share of the deficit there is no payment down."""
    case, alone = mini_lane(), mini_lane()
    case.path(**terms(fund, months=12.0))
    for one in (case, alone):
        run(one)
    for name in at.LaneOutput.SHAPES:
        assert np.array_equal(getattr(case.out, name), getattr(alone.out, name), equal_nan=True), name
    moved = run(mini_lane().path(**terms(fund, rate=1e-6)))
    assert not np.array_equal(moved.out.ledger, alone.out.ledger)


MONEY = st.floats(0.0, 1e9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    opening=st.floats(-1e9, 1e9), contributions=MONEY, benefits=MONEY, rate=st.floats(0.0, 1.0),
    months=st.floats(0.0, 60.0), share=st.floats(0.0, 1.0), interest=st.floats(-0.05, 0.1),
)  # fmt: skip
def test_adjustment_fund__never_pays_more_than_the_deficit_nor_above_the_months(
    opening: float, contributions: float, benefits: float, rate: float, months: float, share: float, interest: float
) -> None:
    fund = at.FUND_UNEMPLOYMENT
    case = at_rate(interest, 1).path(**terms(fund, rate, months, share)).fund(fund, opening)
    close(case, 0, fund, contributions=contributions, benefits=benefits)
    down, closing = case.item(fund, "from_above"), case.balance(fund, 1)
    gross = abs(opening) + contributions + benefits
    deficit = opening - (closing - down)
    assert 0.0 <= down <= max(0.0, share * deficit) + 1e-9 * gross
    assert down == 0.0 or closing <= months / 12.0 * benefits + 1e-9 * gross
    assert closing <= max(opening, closing - down) + 1e-9 * gross


# --- the fill, and what no account has --------------------------------------------------------------------------------


def test_close_funds__financed_account_is_filled_to_its_months() -> None:
    case = at_rate(0.03).path(emergency_months=2.0).fund(ENTERPRISE, 100.0)
    needs = []
    for t in range(3):
        close(case, t, ENTERPRISE, contributions=1_000.0, benefits=1_200.0)
        needs.append(case.item(ENTERPRISE, "fiscal_subsidy", t, at.FINANCED))
        assert case.balance(ENTERPRISE, t + 1, at.FINANCED) == pytest.approx(200.0)
        assert case.item(ENTERPRISE, "fiscal_subsidy", t) == 0.0
    half = -200.0 * (1.03**0.5)
    assert needs[0] == pytest.approx(200.0 - (100.0 * 1.03 + half))
    assert needs[1:] == pytest.approx([200.0 - (200.0 * 1.03 + half)] * 2)
    own = 100.0
    for t in range(3):
        own = own * 1.03 + half
        assert case.balance(ENTERPRISE, t + 1) == pytest.approx(own)
    assert own < 0.0


def test_close_funds__no_emergency_money_for_the_annuity() -> None:
    """An annuity pays out what its accounts hold; no budget fills them."""
    case = neutral(1).path(emergency_months=2.0).fund(ANNUITY, 100.0)
    close(case, 0, ANNUITY, benefits=100.0)
    assert case.item(ANNUITY, "fiscal_subsidy", 0, at.FINANCED) == 0.0
    assert case.balance(ANNUITY, 1, at.FINANCED) == 0.0


@pytest.mark.parametrize("fund", [fund for fund in FUNDS if fund != ANNUITY])
def test_close_funds__every_other_fund_is_filled(fund: int) -> None:
    case = neutral(1).path(emergency_months=2.0).fund(fund, 100.0)
    close(case, 0, fund, benefits=600.0)
    assert case.item(fund, "fiscal_subsidy", 0, at.FINANCED) == pytest.approx(600.0)
    assert case.balance(fund, 1, at.FINANCED) == pytest.approx(100.0)


def test_close_funds__no_need_while_the_reserve_lasts() -> None:
    case = at_rate(0.03).path(emergency_months=2.0).fund(ENTERPRISE, 10_000.0)
    close(case, 0, ENTERPRISE, contributions=1_000.0, benefits=1_200.0)
    assert case.out.ledger[at.FINANCED].tolist() == case.out.ledger[at.OWN].tolist()
    assert case.balance(ENTERPRISE, 1, at.FINANCED) == case.balance(ENTERPRISE, 1)


# --- income and subsidies --------------------------------------------------------------------------------------------


def test_collect_contributions__base_times_rates() -> None:
    case = neutral(1).path(
        previous_wage=6_525.0, employer_rate=0.16, employee_rate=0.08, flexible_rate=0.20, public_employer_rate=0.16,
        public_employee_rate=0.08, employer_share_due=0.4, arrears_share=0.02,
    )  # fmt: skip
    case.scratch.payer_base[:] = np.array([[1_000.0, 850.0], [300.0, 170.0], [100.0, 120.0]])
    open_year(case, 0)
    funds.collect_contributions(0, case.paths, case.scratch, case.out)
    year = 12 * 6_525.0
    collected = 850.0 * year * (0.16 * 0.4 + 0.08) + 170.0 * year * 0.20
    assert case.due(ENTERPRISE, "contributions") == pytest.approx(collected, rel=1e-14)
    assert case.due(ENTERPRISE, "other_income") == case.flow("arrears") == pytest.approx(0.02 * collected, rel=1e-14)
    assert case.due(PUBLIC, "contributions") == pytest.approx(120.0 * year * 0.24, rel=1e-14)
    assert case.flow("insurable_earnings_flexible") == pytest.approx(170.0 * year)
    assert case.flow("exposure_public") == 100.0


def test_collect_contributions__relief_spares_the_employee_and_the_public_sector() -> None:
    due, relieved = (neutral(1).path(previous_wage=1.0, employer_rate=0.16, employee_rate=0.08) for _ in range(2))
    relieved.path(employer_share_due=0.0)
    for case in (due, relieved):
        case.path(public_employer_rate=0.16, public_employee_rate=0.08)
        case.scratch.payer_base[:] = 10.0
        open_year(case, 0)
        funds.collect_contributions(0, case.paths, case.scratch, case.out)
    ratio = relieved.due(ENTERPRISE, "contributions") / due.due(ENTERPRISE, "contributions")
    assert ratio == pytest.approx(1.0 / 3.0)
    assert relieved.due(PUBLIC, "contributions") == due.due(PUBLIC, "contributions")


def test_subsidise__a_share_of_spending_of_each_pension_fund() -> None:
    case = neutral(1).path(subsidy_enterprise=0.16, subsidy_public=0.36)
    open_year(case, 0)
    case.scratch.ledger[:, at.OUT_BENEFITS] = 1_000.0
    case.scratch.ledger[:, at.OUT_TRANSFERS] = 50.0
    funds.subsidise(0, case.paths, case.scratch, case.out)
    found = [case.due(fund, "fiscal_subsidy") for fund in FUNDS]
    assert found == pytest.approx([168.0, 378.0, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(("transfer", "above", "up"), [(30.0, 30.0, 0.0), (-20.0, 0.0, 20.0), (0.0, 0.0, 0.0)])
def test_subsidise__the_pool_gives_or_takes(transfer: float, above: float, up: float) -> None:
    case = neutral(1).path(pool_transfer=transfer)
    open_year(case, 0)
    funds.subsidise(0, case.paths, case.scratch, case.out)
    assert [case.due(ENTERPRISE, "from_above"), case.due(ENTERPRISE, "to_above")] == [above, up]


# --- entrusted money -------------------------------------------------------------------------------------------------


def test_entrust__eighty_per_cent_of_the_new_surplus() -> None:
    """Jiangxi 2024: income 214.0, spending 156.5, so 57.5 of new surplus; at least 46.0 are entrusted."""
    case = neutral(1).path(resident_entrusted_share=0.8).fund(RESIDENT, 448.2)
    close(case, 0, RESIDENT, contributions=214.0, benefits=156.5)
    assert case.flow("resident_new_surplus") == pytest.approx(57.5)
    assert case.flow("resident_newly_entrusted") == pytest.approx(46.0)
    assert case.state.entrusted[1] == pytest.approx(46.0)


def test_entrust__principal_earns_its_own_return() -> None:
    case = at_rate(0.02).path(return_entrusted=[0.05, 0.03, 0.1]).fund(RESIDENT, 1_000.0)
    case.state.entrusted[1] = 400.0
    principal, balance = 400.0, 1_000.0
    for t, rate in enumerate((0.05, 0.03, 0.1)):
        close(case, t, RESIDENT)
        assert case.item(RESIDENT, "investment", t) == pytest.approx(principal * rate)
        assert case.item(RESIDENT, "interest", t) == pytest.approx((balance - principal) * 0.02)
        balance += principal * rate + (balance - principal) * 0.02
        principal *= 1.0 + rate
        assert case.state.entrusted[1] == pytest.approx(principal)
        assert case.balance(RESIDENT, t + 1) == pytest.approx(balance)


@pytest.mark.parametrize(("surplus_without_return", "added"), [(57.5, 0.8 * 77.5), (2.0, 20.0), (-30.0, 20.0)])
def test_entrust__the_kept_return_counts_toward_the_share(surplus_without_return: float, added: float) -> None:
    """A return of 20 stays entrusted; new money joins it as far as 80 % of the surplus, return included, exceed it."""
    case = neutral(1).path(resident_entrusted_share=0.8, return_entrusted=0.05).fund(RESIDENT, 1_000.0)
    case.state.entrusted[1] = 400.0
    close(case, 0, RESIDENT, contributions=200.0, benefits=200.0 - surplus_without_return)
    surplus = surplus_without_return + 20.0
    assert case.flow("resident_new_surplus") == pytest.approx(surplus)
    assert case.flow("resident_newly_entrusted") == pytest.approx(max(0.0, 0.8 * surplus))
    assert case.state.entrusted[1] == pytest.approx(400.0 + added)


def test_entrust__a_year_of_deficit_adds_nothing_and_takes_nothing() -> None:
    case = neutral(1).path(resident_entrusted_share=0.8).fund(RESIDENT, 1_000.0)
    case.state.entrusted[1] = 400.0
    close(case, 0, RESIDENT, benefits=100.0)
    assert case.flow("resident_newly_entrusted") == 0.0
    assert case.state.entrusted[1] == 400.0


def test_entrust__never_more_than_the_fund_holds() -> None:
    case = neutral(2).fund(RESIDENT, 500.0)
    case.state.entrusted[1] = 400.0
    close(case, 0, RESIDENT, benefits=350.0)
    assert case.state.entrusted[1] == pytest.approx(150.0)
    close(case, 1, RESIDENT, benefits=350.0)
    assert case.state.entrusted[1] == 0.0


def test_entrust__the_enterprise_fund_holds_a_share_of_its_balance() -> None:
    case = neutral(2).path(entrusted_share_enterprise=0.2, return_entrusted=0.1).fund(ENTERPRISE, 1_000.0)
    close(case, 0, ENTERPRISE)
    assert case.item(ENTERPRISE, "investment", 0) == 0.0  # nothing was entrusted at the opening
    assert case.state.entrusted[0] == pytest.approx(200.0)
    close(case, 1, ENTERPRISE, benefits=2_000.0)
    assert case.item(ENTERPRISE, "investment", 1) == pytest.approx(20.0)
    assert case.state.entrusted[0] == 0.0  # nothing is left to entrust


# --- the whole lane --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def region() -> Branch:
    return run(mini_lane())


@pytest.mark.parametrize("account", [at.OWN, at.FINANCED, at.UNAIDED])
@pytest.mark.parametrize("fund", FUNDS)
def test_lane__opening_and_fourteen_items_give_the_closing(region: Branch, fund: int, account: int) -> None:
    for t in range(region.years):
        items = region.out.ledger[account, fund, :, t]
        income, outgo = math.fsum(items[: at.OUT_BENEFITS]), math.fsum(items[at.OUT_BENEFITS :])
        opening, closing = region.balance(fund, t, account), region.balance(fund, t + 1, account)
        assert abs(opening + income - outgo - closing) <= 1e-10 * (abs(opening) + income + outgo)


def test_lane__accounts_differ_by_what_budgets_pay(region: Branch) -> None:
    """Unaided below own by the subsidies so far, or more once they earned; all other items are the same."""
    subsidy = [ITEMS.index("fiscal_subsidy"), ITEMS.index("interest"), ITEMS.index("investment")]
    for fund in FUNDS:
        own, unaided = (
            np.delete(region.out.ledger[account, fund], subsidy, axis=0) for account in (at.OWN, at.UNAIDED)
        )
        assert np.array_equal(own, unaided)
    for fund in (ENTERPRISE, PUBLIC):
        paid = np.cumsum([region.item(fund, "fiscal_subsidy", t) for t in range(region.years)])
        gap = [region.balance(fund, t + 1) - region.balance(fund, t + 1, at.UNAIDED) for t in range(region.years)]
        assert np.all(paid > 0.0)
        assert np.all(gap > paid)
        assert np.all(gap < 1.2 * paid)


def test_lane__items_each_fund_really_moves(region: Branch) -> None:
    moved = {
        "enterprise_pension": "contributions interest investment fiscal_subsidy transfers_in from_above other_income "
        "benefits transfers_out to_above",
        "public_pension": "contributions interest fiscal_subsidy transfers_in benefits transfers_out",
        "occupational_annuity": "contributions investment other_income benefits",
        "resident": "contributions interest investment fiscal_subsidy collective_subsidy transfers_in benefits "
        "transfers_out",
        "unemployment": "contributions interest benefits other_outgo",
        "work_injury": "contributions interest benefits other_outgo",
    }
    for fund, name in enumerate(FUND):
        found = {item for item in ITEMS if any(region.item(fund, item, t) != 0.0 for t in range(region.years))}
        assert found == set(moved[name].split()), name


IDENTITIES = {
    "residents": (
        "resident_contributors resident_paused resident_beneficiaries",
        "resident_entries resident_from_employees resident_admitted",
        "resident_to_employees resident_contributor_deaths resident_beneficiary_deaths resident_dual_ended",
    ),
    "resident accounts": (
        "resident_account_balance resident_pensioner_account",
        "resident_credits resident_interest_credited resident_account_in",
        "resident_inherited resident_drawn resident_account_out",
    ),
    "claimants": ("unemployment_claimants", "new_claimants", "claims_ended claims_reemployed claimant_deaths"),
    "insured against unemployment": (
        "unemployment_insured", "unemployment_entries claims_reemployed", "unemployment_exits new_claimants",
    ),
    "annuitants": ("injury_annuitants", "new_annuitants", "annuitant_deaths"),
    "survivors": ("injury_survivors", "new_injury_survivors", "injury_survivor_exits"),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_lane__stocks_follow_from_their_flows(region: Branch, name: str) -> None:
    stocks, gains, losses = (names.split() for names in IDENTITIES[name])
    for t in range(region.years):
        opening, closing = (sum(region.stock(stock, e) for stock in stocks) for e in (t, t + 1))
        moved = sum(region.flow(flow, t) for flow in gains) - sum(region.flow(flow, t) for flow in losses)
        assert closing > 0.0
        assert abs(opening + moved - closing) <= 1e-10 * (opening + closing)
    assert any(region.flow(flow, region.years - 1) > 0.0 for flow in gains)
    assert any(region.flow(flow, region.years - 1) > 0.0 for flow in losses)


def test_lane__transfers_between_schemes_leave_one_fund_and_reach_another(region: Branch) -> None:
    for t in range(region.years):
        assert region.item(RESIDENT, "transfers_out", t) == region.flow("resident_account_out", t) > 0.0
        assert region.item(RESIDENT, "transfers_in", t) == region.flow("resident_account_in", t) > 0.0
        for item, flow in (("transfers_in", "account_transferred_in"), ("transfers_out", "account_transferred_out")):
            moved = [region.item(fund, item, t) for fund in (ENTERPRISE, PUBLIC)]
            assert min(moved) > 0.0
            assert math.fsum(moved) == pytest.approx(region.flow(flow, t), rel=1e-12)


def test_lane__a_run_resumed_from_its_state_equals_the_unbroken_one() -> None:
    whole, parts = mini_lane(), mini_lane()
    run(whole)
    run(parts, 0, 1)
    resumed = Branch(parts.paths, parts.constants, parts.tables, parts.state, at.new_scratch(), at.new_output())
    run(resumed, 1)
    for one, other in zip(whole.state, resumed.state, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(whole.out.ledger[..., 1:], resumed.out.ledger[..., 1:])
    assert np.array_equal(whole.out.flows[:, 1:], resumed.out.flows[:, 1:])
    assert np.array_equal(whole.out.stocks[:, 1:], resumed.out.stocks[:, 1:])


def test_lane__nothing_moves_where_nothing_is_put_in() -> None:
    case = run(neutral(2).path(births_male=0.0, births_female=0.0), 0, 2)
    assert not np.any(case.out.ledger)
    assert not np.any(case.out.balance)
    flows = {name: case.out.flows[position] for position, name in enumerate(at.FLOW_NAMES)}
    factors = {"mortality_factor_max", "entry_odds_public"}  # posts nobody lacks are filled at the lowest odds
    assert {name for name, values in flows.items() if np.any(values != 0.0)} <= factors


# --- known departures: the rule is stated, the kernel does not follow it yet -----------------------------------------


def test_entrust__a_loss_is_taken_from_the_principal() -> None:
    case = neutral(1).path(return_entrusted=-0.03).fund(RESIDENT, 1_000.0)
    case.state.entrusted[1] = 400.0
    close(case, 0, RESIDENT)
    assert case.balance(RESIDENT, 1) == pytest.approx(988.0)
    assert case.state.entrusted[1] == pytest.approx(388.0)
