"""Resident scheme: pitfalls by name, plain-Python references, heads and money that add up (notes/resident.md)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches import resident
from simengine.kernels.members.exits import receive_resident
from tests.helpers.branch_builder import Branch, neutral, open_year, resident_year

MEN, WOMEN = at.MALE, at.FEMALE
FUND = at.FUND_RESIDENT


def savers(years: int = 3, **series: float) -> Branch:
    """500 yuan a year, 60 yuan of subsidy, 3 %, everybody pays, base pension 143 yuan."""
    given = {
        "resident_contribution": 500.0,
        "resident_subsidy": 60.0,
        "resident_account_rate": 0.03,
        "resident_paying_share": 1.0,
        "basic_pension": 143.0,
    }
    return neutral(years).path(**(given | series))


def pay(case: Branch, t: int) -> None:
    """Contributors alone: relabelled, then a year of payments."""
    open_year(case, t)
    resident.relabel_resident(case.state)
    resident.pay_contributors(t, case.paths, case.state, case.scratch, case.out)


def registered(case: Branch, age: int | slice = slice(None)) -> float:
    return float(case.state.resident[: at.R_DUAL, :, age].sum())


# --- contributions and accounts --------------------------------------------------------------------------------------


def test_pay_contributors__fifteen_years_give_the_published_account() -> None:
    case = savers(15).register(MEN, 44, 1.0)
    rounded = Decimal(0)
    for t in range(15):
        pay(case, t)
        rounded = ((rounded + 560) * Decimal("1.03")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert case.state.resident[at.R_ACCOUNT, MEN, 45 + t] == pytest.approx(float(rounded), abs=0.01 * (t + 1))
    account = float(case.state.resident[at.R_ACCOUNT, MEN, 59])
    assert rounded == Decimal("10727.84")
    assert account == pytest.approx(560.0 * 1.03 * (1.03**15 - 1.0) / 0.03, rel=1e-13)
    assert case.state.resident[at.R_PAID_YEARS, MEN, 59] == 15.0
    assert round(account / 139.0, 2) == 77.18
    assert round(account / 139.0 + 143.0, 2) == 220.18


def test_pay_contributors__interest_also_on_the_years_contribution() -> None:
    case = savers(1).register(MEN, 30, 1.0, account=1_000.0)
    pay(case, 0)
    assert case.state.resident[at.R_ACCOUNT, MEN, 31] == pytest.approx((1_000.0 + 560.0) * 1.03)
    assert case.flow("resident_interest_credited") == pytest.approx(46.8)


@pytest.mark.parametrize(("q", "share"), [(0.0, 1.0), (0.01, 0.75), (0.3, 0.4)])
def test_pay_contributors__reference_of_living_and_dying(q: float, share: float) -> None:
    case = savers(3, resident_paying_share=share, collective_share=0.02).death(q)
    case.register(WOMEN, 40, 1_000.0, account=2e6)
    heads, account, paid_years = 1_000.0, 2e6, 0.0
    for t in range(3):
        pay(case, t)
        yearly = 500.0 + 60.0 + 500.0 * 0.02
        own = account / heads
        credits = interest = heirs = closing = payments = 0.0
        for weight, part in ((1.0 - q, 1.0), (q, 0.5)):  # the living pay and earn a whole year, the dying half of it
            credit = share * part * yearly
            earned = own * 0.03 * part + (credit * 0.03 if part == 1.0 else 0.0)
            end = own + credit + earned
            credits += heads * weight * credit
            interest += heads * weight * earned
            payments += heads * weight * share * part
            closing += heads * weight * end if part == 1.0 else 0.0
            heirs += heads * weight * end if part < 1.0 else 0.0
        paid_years = paid_years * (1.0 - q) + heads * (1.0 - q) * share
        cell = case.state.resident[:, WOMEN, 41 + t]
        assert case.flow("resident_credits", t) == pytest.approx(credits, rel=1e-12)
        assert case.flow("resident_interest_credited", t) == pytest.approx(interest, rel=1e-12)
        assert case.flow("resident_inherited", t) == pytest.approx(heirs, rel=1e-12)
        assert cell[at.R_ACCOUNT] == pytest.approx(closing, rel=1e-12)
        assert cell[at.R_PAID_YEARS] == pytest.approx(paid_years, rel=1e-12)
        assert case.due(FUND, "contributions") == pytest.approx(payments * 500.0, rel=1e-12)
        assert case.due(FUND, "fiscal_subsidy") == pytest.approx(payments * 60.0, rel=1e-12)
        assert case.due(FUND, "collective_subsidy") == pytest.approx(payments * 10.0, rel=1e-12)
        assert case.due(FUND, "benefits") == pytest.approx(heirs, rel=1e-12)
        assert credits + interest + account - heirs == pytest.approx(closing, rel=1e-12)
        heads, account = heads * (1.0 - q), closing
        assert cell[at.R_PAYING] == pytest.approx(heads * share, rel=1e-12)
        assert cell[at.R_NOT_PAYING] == pytest.approx(heads * (1.0 - share), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(("q", "payments"), [(0.0, 1_000.0), (0.5, 750.0)])
def test_pay_contributors__budgets_pay_the_lowest_tier_for_the_poor(q: float, payments: float) -> None:
    """A tenth of the payers is poor and the lowest tier 100 yuan: of 500 yuan a payer budgets pay ten."""
    plain = savers(1).death(q).register(MEN, 30, 1_000.0)
    case = savers(1, resident_poor_share=0.1, resident_poor_amount=100.0).death(q).register(MEN, 30, 1_000.0)
    pay(plain, 0)
    pay(case, 0)
    assert case.flow("resident_poor_paid") == pytest.approx(10.0 * payments)
    assert case.due(FUND, "contributions") == pytest.approx(490.0 * payments)
    assert case.due(FUND, "fiscal_subsidy") == pytest.approx(70.0 * payments)
    assert case.state.resident.tolist() == plain.state.resident.tolist()  # accounts do not know who paid
    assert case.flow("resident_credits") == plain.flow("resident_credits")


def test_pay_contributors__budgets_pay_no_more_than_the_contribution() -> None:
    case = savers(1, resident_poor_share=1.0, resident_poor_amount=800.0).register(MEN, 30, 10.0)
    pay(case, 0)
    assert case.due(FUND, "contributions") == 0.0
    assert case.flow("resident_poor_paid") == pytest.approx(10.0 * 500.0)


def test_resident_paying_share__the_payment_rate_lever_overrides() -> None:
    case = savers(2, resident_paying_share=0.7, resident_payment_rate=[float("nan"), 0.9]).register(MEN, 30, 100.0)
    case.path(payment_rate=0.5)  # that of the employees' scheme
    pay(case, 0)
    assert case.due(FUND, "contributions") == pytest.approx(70.0 * 500.0)
    pay(case, 1)
    assert case.due(FUND, "contributions") == pytest.approx(90.0 * 500.0)
    assert registered(case) == pytest.approx(100.0)  # the level is another lever


def test_pay_contributors__nobody_below_sixteen_pays() -> None:
    case = savers(1).register(MEN, 14, 100.0).register(WOMEN, 15, 10.0)
    pay(case, 0)
    assert case.due(FUND, "contributions") == pytest.approx(10.0 * 500.0)


# --- turning 60 ------------------------------------------------------------------------------------------------------


def test_turn_sixty__five_and_a_half_months() -> None:
    mean = sum(12 - month for month in range(1, 13)) / 12  # from the month after the sixtieth birthday
    case = savers(
        1, resident_supplement=7.0, resident_contribution=0.0, resident_subsidy=0.0, resident_account_rate=0.0
    )
    case.register(MEN, 59, 100.0, account=139_000.0)
    pay(case, 0)
    assert mean == 5.5
    assert case.flow("resident_base_paid") == pytest.approx(100.0 * 150.0 * mean)
    assert case.flow("resident_account_paid") == pytest.approx(1_000.0 * mean)
    assert case.flow("resident_drawn") == pytest.approx(1_000.0 * mean)
    assert case.state.beneficiaries[at.B_ACCOUNT, MEN, 60] == pytest.approx(139_000.0 - 5_500.0)
    assert case.state.beneficiaries[at.B_ACCOUNT_MASS, MEN, 60] == pytest.approx(1_000.0)


@pytest.mark.parametrize("months", [720, 723, 726, 731, 744])
def test_pension_age__person_by_person(months: int) -> None:
    """Persons of 59 to 62 with birthdays in the middle of each month: when the pension age of the law is reached.

    They pay until then; pensions are paid from the month after, each month once. Who had the age on 1 January draws
    already and is registered no more.
    """
    case = savers(1, resident_account_rate=0.0, resident_pension_age=months / 12.0, resident_subsidy=0.0)
    drawn, paid, old, everybody = 0.0, 0.0, 0, 0
    for age in (59, 60, 61, 62):
        heads = 0
        for birthday in range(12):  # month of the year, from 0; reaches `age` then
            month = birthday + months - 12 * age  # month of the year in which the pension age is reached
            if month >= 0:
                heads += 100
                paid += 100.0 * min(month + 0.5, 12.0) / 12.0
            if 0 <= month < 12:
                old += 100
                drawn += 100.0 * (11 - month)
        case.register(MEN, age - 1, float(heads))
        everybody += heads
    pay(case, 0)
    assert case.flow("resident_new_beneficiaries") == pytest.approx(old)
    assert registered(case) == pytest.approx(everybody - old, abs=1e-9)
    assert case.due(FUND, "contributions") == pytest.approx(500.0 * paid)
    assert case.flow("resident_base_paid") == pytest.approx(143.0 * drawn)


def test_pension_age__lowered_below_the_registered_lets_them_draw_from_the_start_of_the_year() -> None:
    case = savers(1, resident_account_rate=0.0, resident_pension_age=55.0).register(MEN, 56, 100.0)
    pay(case, 0)
    assert registered(case) == 0.0 and case.due(FUND, "contributions") == 0.0
    assert case.flow("resident_base_paid") == pytest.approx(100.0 * 143.0 * 11.5)


def test_turn_sixty__half_a_year_is_still_paid_in() -> None:
    case = savers(1).register(WOMEN, 59, 100.0, account=1e6)
    pay(case, 0)
    assert case.due(FUND, "contributions") == pytest.approx(50.0 * 500.0)
    assert case.flow("resident_interest_credited") == pytest.approx((1e6 + 50.0 * 560.0) * 0.015)


def test_turn_sixty__nobody_stays_registered() -> None:
    case = savers(4).death(0.004)
    for age in (56, 57, 58, 59):
        case.register(MEN, age, 100.0, account=5e5, dual=10.0)
    for t in range(4):
        resident_year(case, t)
        assert registered(case, slice(60, None)) == 0.0
        assert case.state.resident[:, :, 60:].sum() == 0.0
    assert registered(case) == 0.0
    assert sum(case.flow("resident_dual_ended", t) for t in range(4)) > 35.0


def test_turn_sixty__a_dormant_employees_account_draws_no_second_pension() -> None:
    case = savers(1, resident_contribution=0.0, resident_subsidy=0.0, resident_account_rate=0.0)
    case.register(MEN, 59, 100.0, account=2_000_000.0, dual=25.0)
    pay(case, 0)
    assert case.state.beneficiaries[at.B_HEADS, MEN, 60] == 75.0
    assert case.flow("resident_dual_ended") == 25.0
    assert case.flow("resident_inherited") == 500_000.0  # refunded
    started = 75.0 * 143.0 * 5.5 + 1_500_000.0 / 139.0 * 5.5
    assert case.due(FUND, "benefits") == pytest.approx(500_000.0 + started)


def reaching_sixty(years: float, *, heads: float = 100.0, dual: float = 0.0, **series: float) -> Branch:
    """Men who reach 60 with this mean of paid years (half of one is of this year) and 5000 yuan each."""
    quiet = {"resident_subsidy": 0.0, "resident_account_rate": 0.0, "resident_make_up_share": 1.0}
    case = savers(1, **(quiet | {"resident_required_years": 10.0} | series))
    case.register(MEN, 59, heads, account=5_000.0 * heads, dual=dual)
    case.state.resident[at.R_PAID_YEARS, MEN, 59] = heads * (years - 0.5)
    pay(case, 0)
    return case


def test_turn_sixty__too_few_years_are_no_gate() -> None:
    """Whoever does not make the missing years up draws all the same, from the account there is."""
    few, many = (reaching_sixty(years, resident_make_up_share=0.0) for years in (3.0, 30.0))
    assert few.state.beneficiaries.tolist() == many.state.beneficiaries.tolist()
    assert few.scratch.ledger.tolist() == many.scratch.ledger.tolist()


@pytest.mark.parametrize("mean", [3.0, 8.0, 9.6, 10.0, 10.3, 11.0, 30.0])
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_turn_sixty__missing_years_are_made_up_one_by_one(mean: float, share: float) -> None:
    """Men spread over one year of paid years: who has fewer than ten pays 500 yuan for each that is missing."""
    case = reaching_sixty(mean, resident_make_up_share=share)
    missing = [max(0.0, 10.0 - (mean - 0.5 + (man + 0.5) / 2_000)) for man in range(2_000)]
    paid = 100.0 * share * 500.0 * sum(missing) / 2_000
    assert case.flow("resident_made_up") == pytest.approx(paid, rel=1e-5, abs=1e-9)
    assert case.due(FUND, "contributions") == pytest.approx(50.0 * 500.0 + paid, rel=1e-5)
    monthly = (500_000.0 + 25_000.0 + paid) / 139.0
    assert case.state.beneficiaries[at.B_ACCOUNT_MASS, MEN, 60] == pytest.approx(monthly, rel=1e-5)
    assert case.flow("resident_credits") == pytest.approx(25_000.0 + paid, rel=1e-5)
    assert case.state.beneficiaries[at.B_HEADS, MEN, 60] == 100.0


def test_turn_sixty__no_subsidy_for_years_made_up_and_none_by_those_who_leave() -> None:
    """Two years of 75 men, 25 take their money out; the budget adds to the half year of contributions alone."""
    case = reaching_sixty(8.0, dual=25.0, resident_subsidy=60.0)
    assert case.flow("resident_made_up") == pytest.approx(75.0 * 2.0 * 500.0)
    assert case.due(FUND, "fiscal_subsidy") == pytest.approx(50.0 * 60.0)


def test_turn_sixty__years_before_the_scheme_cannot_be_missing() -> None:
    """Two years after the launch two are required: whoever has paid three makes nothing up."""
    assert reaching_sixty(3.0, resident_required_years=2.0).flow("resident_made_up") == 0.0


# --- pensions in payment ---------------------------------------------------------------------------------------------


def test_pay_beneficiaries__three_years_against_living_and_dying() -> None:
    base, q, rate = [143.0, 163.0, 183.0], 0.05, 0.03
    case = savers(3, basic_pension=base, resident_supplement=4.0, resident_funeral=900.0).death(q)
    case.state.beneficiaries[: at.B_BEYOND, MEN, 70] = 1_000.0, 0.0, 80_000.0, 5e6
    heads, monthly, left = 1_000.0, 80.0, 5_000.0  # monthly and left are a head
    for t in range(3):
        resident_year(case, t)
        base_paid = heads * (base[t] + 4.0) * ((1.0 - q) * 12 + q * 6)
        account_paid = heads * monthly * ((1.0 - q) * 12 + q * 6)
        living = left * (1.0 + rate) - 12 * monthly * (1.0 + rate / 2)
        dying = left * (1.0 + rate / 2) - 6 * monthly
        inherited = heads * q * dying
        assert case.flow("resident_base_paid", t) == pytest.approx(base_paid, rel=1e-12)
        assert case.flow("resident_account_paid", t) == pytest.approx(account_paid, rel=1e-12)
        assert case.flow("resident_inherited", t) == pytest.approx(inherited, rel=1e-12)
        assert case.flow("resident_drawn", t) == pytest.approx(account_paid, rel=1e-12)
        assert case.flow("resident_funeral_paid", t) == pytest.approx(heads * q * 900.0, rel=1e-12)
        paid_out = base_paid + account_paid + inherited + heads * q * 900.0
        assert case.item(FUND, "benefits", t) == pytest.approx(paid_out, rel=1e-12)
        heads, left = heads * (1.0 - q), living
        assert case.state.beneficiaries[at.B_HEADS, MEN, 71 + t] == pytest.approx(heads, rel=1e-12)
        assert case.state.beneficiaries[at.B_ACCOUNT, MEN, 71 + t] == pytest.approx(heads * left, rel=1e-12)
        assert case.stock("resident_pension_mass", t + 1) == pytest.approx(heads * (base[t] + 4.0 + monthly), rel=1e-12)


def test_pay_beneficiaries__base_follows_the_standard_account_part_does_not() -> None:
    case = savers(2, basic_pension=[100.0, 200.0])
    case.state.beneficiaries[: at.B_BEYOND, WOMEN, 65] = 10.0, 0.0, 900.0, 1e6
    resident_year(case, 0)
    resident_year(case, 1)
    assert case.flow("resident_base_paid", 1) == 2.0 * case.flow("resident_base_paid", 0)
    assert case.flow("resident_account_paid", 1) == case.flow("resident_account_paid", 0)


def test_pay_beneficiaries__an_exhausted_account_goes_on_being_paid() -> None:
    """139 months without interest: eleven years and seven months come from the account, the rest from budgets."""
    case = savers(14, resident_account_rate=0.0)
    case.state.beneficiaries[: at.B_BEYOND, MEN, 60] = 1.0, 0.0, 100.0, 13_900.0
    drawn = []
    for t in range(14):
        open_year(case, t)
        resident.relabel_resident(case.state)
        resident.pay_beneficiaries(t, case.paths, case.state, case.scratch, case.out)
        assert case.flow("resident_account_paid", t) == pytest.approx(1_200.0)
        assert case.due(FUND, "benefits") == pytest.approx(1_200.0 + 12 * 143.0)
        drawn.append(case.flow("resident_drawn", t))
        assert case.due(FUND, "fiscal_subsidy") == pytest.approx(1_200.0 - drawn[-1], abs=1e-9)
    assert drawn == pytest.approx([1_200.0] * 11 + [700.0, 0.0, 0.0], abs=1e-9)


def test_pay_beneficiaries__grants_and_used_up_accounts_are_budget_money() -> None:
    """The fund itself pays what the accounts hold: pensions drawn from them and what goes to heirs."""
    q = 0.1
    case = savers(1, resident_funeral=900.0, resident_account_rate=0.0).death(q).fund(FUND, 1e6)
    case.state.beneficiaries[: at.B_BEYOND, MEN, 60] = 20.0, 0.0, 1_600.0, 10_000.0
    resident_year(case, 0)
    account_paid = 1_600.0 * ((1.0 - q) * 12 + q * 6)
    drawn = 9_000.0 + 960.0  # the living use their accounts up, the dying draw six months of 160 yuan out of 1,000
    budget = case.flow("resident_base_paid") + account_paid - drawn + 20.0 * q * 900.0
    assert case.item(FUND, "fiscal_subsidy") == pytest.approx(budget, rel=1e-12)
    assert case.flow("resident_inherited") == pytest.approx(40.0)
    assert case.balance(FUND, 1) == pytest.approx(1e6 - 10_000.0, rel=1e-12)


def test_pay_beneficiaries__the_open_age_keeps_its_heads() -> None:
    case = savers(2).death(0.25)
    case.state.beneficiaries[at.B_HEADS, MEN, 99:101] = 8.0, 4.0
    resident_year(case, 0)
    assert case.state.beneficiaries[at.B_HEADS, MEN, 100] == 9.0
    assert case.state.beneficiaries[at.B_HEADS, MEN].sum() == 9.0


# --- taking up at 60 and over ----------------------------------------------------------------------------------------


def elderly(heads: float = 1_000.0, pensioners: float = 300.0, drawing: float = 500.0) -> Branch:
    """Men of 65 at the end of the year, of them employees' pensioners and resident beneficiaries."""
    case = savers(2, resident_takeup=0.93, resident_rollout=1.0).people(MEN, 65, heads)
    case.state.pensioners[at.P_HEADS, 0, 0, 65] = pensioners
    case.state.beneficiaries[at.B_HEADS, MEN, 64] = drawing
    return case


def test_admit_elderly__recipients_reach_the_take_up_share() -> None:
    case = elderly()
    resident_year(case, 0)
    assert case.flow("resident_admitted") == pytest.approx(0.93 * 700.0 - 500.0)
    ratio = case.state.beneficiaries[at.B_HEADS, MEN, 65] / (1_000.0 - 300.0)
    assert ratio == pytest.approx(0.93)
    paid = 500.0 * 143.0 * 12 + 151.0 * 143.0 * 5.5
    assert case.flow("resident_base_paid") == pytest.approx(paid)


def test_admit_elderly__employees_pensioners_are_no_target() -> None:
    case = elderly(pensioners=1_000.0, drawing=0.0)
    resident_year(case, 0)
    assert case.flow("resident_admitted") == 0.0


def test_admit_elderly__new_employees_pensioners_count_too() -> None:
    case = elderly(pensioners=0.0, drawing=0.0)
    case.scratch.new_pensioners[at.P_HEADS, 0, 0, 65] = 400.0
    resident_year(case, 0)
    assert case.flow("resident_admitted") == pytest.approx(0.93 * 600.0)


def test_admit_elderly__unclaimed_members_are_not_free() -> None:
    case = elderly(pensioners=0.0, drawing=0.0)
    case.cells[at.HEADS, 0, at.PAUSED, 65 - at.FIRST_AGE, 9] = 200.0
    resident_year(case, 0)
    assert case.flow("resident_admitted") == pytest.approx(0.93 * 800.0)


def test_admit_elderly__nobody_is_sent_away() -> None:
    case = elderly(drawing=690.0)
    resident_year(case, 0)
    assert case.flow("resident_admitted") == 0.0
    assert case.state.beneficiaries[at.B_HEADS, MEN, 65] == 690.0


@pytest.mark.parametrize(("rollout", "admitted"), [(0.0, 0.0), (0.5, 325.5), (1.0, 651.0)])
def test_admit_elderly__only_where_the_scheme_runs(rollout: float, admitted: float) -> None:
    case = elderly(drawing=0.0).path(resident_rollout=rollout)
    resident_year(case, 0)
    assert case.flow("resident_admitted") == pytest.approx(admitted)


def test_admit_elderly__hukou_population_of_sixty_and_over_is_the_base() -> None:
    case = elderly(pensioners=0.0, drawing=0.0).constant(hukou_ratio=1.2, hukou_ratio_16_59=5.0)
    resident_year(case, 0)
    assert case.flow("resident_admitted") == pytest.approx(0.93 * 1_200.0)


def run_with_arrivals(
    case: Branch, heads: float, account: float, age: int = 65, sex: int = MEN, fund: int = at.FUND_ENTERPRISE
) -> None:
    """The year in which members below the minimum, `account` a head and eight years, chose the resident scheme."""
    open_year(case, 0)
    resident.relabel_resident(case.state)
    career = 0 if sex == MEN else 2
    receive_resident(0, career, age, fund, heads, heads * account, heads * 8.0, case.scratch, case.out)
    resident.pay_beneficiaries(0, case.paths, case.state, case.scratch, case.out)
    resident.pay_contributors(0, case.paths, case.state, case.scratch, case.out)
    resident.admit_elderly(0, case.paths, case.constants, case.state, case.scratch, case.out)
    resident.register_residents(0, case.paths, case.constants, case.tables, case.state, case.scratch, case.out)
    resident.join_from_employees(0, case.paths, case.state, case.scratch, case.out)


def test_admit_elderly__arrivals_from_the_employees_scheme_count_first() -> None:
    case = elderly(drawing=0.0)
    run_with_arrivals(case, 51.0, 0.0)
    assert case.flow("resident_admitted") == pytest.approx(651.0 - 51.0)
    assert case.state.beneficiaries[at.B_HEADS, MEN, 65] == pytest.approx(651.0)


@pytest.mark.parametrize("fund", [at.FUND_ENTERPRISE, at.FUND_PUBLIC])
def test_join_from_employees__draws_from_the_next_year(fund: int) -> None:
    case = savers(2)
    run_with_arrivals(case, 10.0, 27_800.0, fund=fund)
    assert case.flow("resident_base_paid") == case.flow("resident_account_paid") == 0.0
    assert case.state.beneficiaries[: at.B_BEYOND, MEN, 65].tolist() == [10.0, 0.0, 2_000.0, 278_000.0]
    assert case.due(FUND, "transfers_in") == case.due(fund, "transfers_out") == 278_000.0
    assert case.scratch.ledger[:, at.OUT_TRANSFERS].sum() == 278_000.0
    assert case.flow("resident_account_in") == case.flow("account_transferred_out") == 278_000.0
    resident_year(case, 1)
    assert case.flow("resident_base_paid", 1) == pytest.approx(10.0 * 143.0 * 12)
    assert case.flow("resident_account_paid", 1) == pytest.approx(2_000.0 * 12)


def test_join_from_employees__arrivals_are_new_beneficiaries() -> None:
    case = elderly(drawing=0.0)
    run_with_arrivals(case, 10.0, 27_800.0)
    assert case.flow("resident_from_employees") == 10.0
    assert case.flow("resident_new_beneficiaries") == pytest.approx(case.flow("resident_admitted") + 10.0)


@pytest.mark.parametrize("age", [50, 59])
def test_join_from_employees__below_sixty_they_register_and_wait(age: int) -> None:
    """Neither deaths nor contributions of the year a second time; they keep their account and their paid years."""
    case = savers(2).death(0.1)
    run_with_arrivals(case, 100.0, 10_000.0, age=age, sex=WOMEN)
    cell = case.state.resident[:, WOMEN, age]
    assert cell[[at.R_PAYING, at.R_NOT_PAYING, at.R_DUAL]].tolist() == [0.0, 100.0, 0.0]
    assert cell[[at.R_PAID_YEARS, at.R_ACCOUNT]].tolist() == [800.0, 1_000_000.0]
    assert case.flow("resident_credits") == case.flow("resident_new_beneficiaries") == 0.0
    case.death(0.0)
    resident_year(case, 1)
    assert case.flow("resident_credits", 1) == pytest.approx(100.0 * 560.0 * (0.5 if age == 59 else 1.0))


def test_join_from_employees__at_sixty_they_draw_and_do_not_register() -> None:
    case = savers(1)
    run_with_arrivals(case, 10.0, 13_900.0, age=60)
    assert registered(case) == 0.0
    assert case.state.beneficiaries[: at.B_BEYOND, MEN, 60].tolist() == [10.0, 0.0, 1_000.0, 139_000.0]


# --- registration ----------------------------------------------------------------------------------------------------


def adults(years: int = 2, **series: float) -> Branch:
    """1,000 women of 30 and 1,000 of 20, half of the latter in school; the level of the registered is 800."""
    case = savers(years, **({"resident_registered": 800.0, "resident_paying_share": 0.75} | series))
    case.people(WOMEN, 30, 1_000.0).people(WOMEN, 20, 1_000.0)
    case.tables.student_share[20] = 0.5
    return case


def test_register_residents__the_level_is_met_from_people_without_a_scheme() -> None:
    case = adults()
    case.cells[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 400.0
    resident_year(case, 0)
    assert registered(case) == pytest.approx(800.0)
    assert case.flow("resident_entries") == pytest.approx(800.0)
    free = {30: 600.0, 20: 500.0}
    for age, heads in free.items():
        cell = case.state.resident[:, WOMEN, age]
        assert cell[at.R_PAYING] == pytest.approx(0.75 * 800.0 * heads / 1_100.0)
        assert cell[at.R_NOT_PAYING] == pytest.approx(0.25 * 800.0 * heads / 1_100.0)


def test_register_residents__students_are_no_pool() -> None:
    case = adults(resident_registered=1_500.0)
    case.tables.student_share[20] = 1.0
    resident_year(case, 0)
    assert registered(case, 20) == 0.0
    assert registered(case, 30) == pytest.approx(0.95 * 1_000.0)
    assert case.flow("shortfall_resident") == pytest.approx(1_500.0 - 950.0)


def test_register_residents__children_and_the_old_are_no_pool() -> None:
    case = savers(1, resident_registered=100.0).people(MEN, 15, 1e6).people(MEN, 60, 1e6).people(MEN, 16, 1e3)
    resident_year(case, 0)
    assert registered(case, 16) == pytest.approx(100.0)
    assert registered(case) == pytest.approx(100.0)


def test_register_residents__level_above_target_is_reported_not_forced() -> None:
    case = adults(resident_registered=300.0).register(WOMEN, 29, 800.0)
    resident_year(case, 0)
    assert registered(case) == pytest.approx(800.0)
    assert case.flow("resident_entries") == 0.0
    assert case.flow("shortfall_resident") == pytest.approx(-500.0)


def test_register_residents__index_carries_the_last_share() -> None:
    unknown = float("nan")
    case = adults(resident_registered=[600.0, unknown], resident_index=[1.0, 1.2])
    resident_year(case, 0)
    assert case.memory("ratio_resident") == pytest.approx(600.0 / 1_500.0)
    case.people(WOMEN, 31, 1_000.0).people(WOMEN, 21, 500.0).people(WOMEN, 30, 0.0).people(WOMEN, 20, 0.0)
    resident_year(case, 1)
    assert registered(case) == pytest.approx(600.0 / 1_500.0 * 1.2 * 1_500.0)


def test_register_residents__hukou_population_of_working_age_is_the_base() -> None:
    case = adults(resident_registered=[1_000.0, float("nan")]).constant(hukou_ratio=9.0, hukou_ratio_16_59=2.0)
    resident_year(case, 0)
    assert case.memory("ratio_resident") == pytest.approx(1_000.0 / 3_000.0)


def test_register_residents__entrants_obey_the_payment_rate_lever() -> None:
    case = adults(resident_payment_rate=0.9, payment_rate=0.5)
    resident_year(case, 0)
    assert case.state.resident[at.R_PAYING].sum() == pytest.approx(0.9 * 800.0)


def test_register_residents__arrivals_are_no_pool() -> None:
    """Who comes from the employees' scheme this year is registered already: nobody registers twice."""
    case = savers(1, resident_registered=1e6).people(WOMEN, 55, 100.0)
    run_with_arrivals(case, 60.0, 0.0, age=55, sex=WOMEN)
    assert case.flow("resident_entries") == pytest.approx(0.95 * 40.0)


# --- money -----------------------------------------------------------------------------------------------------------


def test_subsidise__base_pensions_leave_the_fund_unchanged() -> None:
    case = elderly(drawing=500.0).path(return_resident=0.0).fund(FUND, 1e6)
    resident_year(case, 0)
    assert case.item(FUND, "fiscal_subsidy") == case.flow("resident_base_paid") > 0.0
    assert case.balance(FUND, 1) == pytest.approx(1e6, rel=1e-14)


def busy() -> Branch:
    """Everything at once: savers of all ages, duals, old and new, beneficiaries, admissions, deaths, registrations."""
    case = savers(
        4, collective_share=0.02, resident_paying_share=0.7, resident_takeup=0.93, resident_rollout=1.0,
        resident_registered=5_000.0, resident_funeral=800.0, resident_supplement=5.0, return_resident=0.025,
        return_entrusted=0.05, resident_entrusted_share=0.8, resident_poor_share=0.1, resident_poor_amount=200.0,
        resident_required_years=12.0, resident_make_up_share=0.6,
    ).fund(FUND, 5e7)  # fmt: skip
    case.death(0.01).constant(dual_share=0.02)
    case.scratch.population_survived[:] = 150.0
    for sex in range(2):
        for age in range(20, 60):
            case.register(sex, age, 50.0 + sex, account=50.0 * 500.0 * (age - 19), dual=4.0)
            case.paused(sex, age, 6.0)
        for age in range(60, 100):
            heads = 60.0 - 0.5 * (age - 60)
            case.state.beneficiaries[: at.B_BEYOND, sex, age] = (
                heads,
                0.0,
                heads * 70.0,
                heads * 70.0 * max(0, 139 - 12 * (age - 60)),
            )
    return case


def test_resident_year__heads_and_accounts_add_up() -> None:
    case = busy()
    gains = ("resident_entries", "resident_from_employees", "resident_admitted")
    losses = (
        "resident_to_employees",
        "resident_contributor_deaths",
        "resident_beneficiary_deaths",
        "resident_dual_ended",
    )
    paid_in = ("resident_credits", "resident_interest_credited", "resident_account_in")
    paid_out = ("resident_inherited", "resident_drawn", "resident_account_out")
    for t in range(4):
        heads = registered(case) + case.state.beneficiaries[at.B_HEADS].sum()
        money = case.state.resident[at.R_ACCOUNT].sum() + case.state.beneficiaries[at.B_ACCOUNT].sum()
        resident_year(case, t)
        heads += sum(case.flow(name, t) for name in gains) - sum(case.flow(name, t) for name in losses)
        money += sum(case.flow(name, t) for name in paid_in) - sum(case.flow(name, t) for name in paid_out)
        assert registered(case) + case.state.beneficiaries[at.B_HEADS].sum() == pytest.approx(heads, rel=1e-12)
        closing = case.state.resident[at.R_ACCOUNT].sum() + case.state.beneficiaries[at.B_ACCOUNT].sum()
        assert closing == pytest.approx(money, rel=1e-12)
        assert 0.0 < case.stock("dual_members", t + 1) <= 2 * 40 * 6.0
        assert case.flow("resident_dual_entries", t) > 0.0
        assert case.flow("resident_dual_ended", t) >= 2 * 4.0 * 0.99 ** (t + 1) * (1.0 - 1e-12)  # who turned 60
        assert case.state.resident.min() >= 0.0
        assert case.state.beneficiaries.min() >= 0.0


def test_resident_year__credits_are_contributions_subsidies_and_collective_money() -> None:
    case = busy()
    for t in range(4):
        resident_year(case, t)
        fiscal = case.item(FUND, "fiscal_subsidy", t) - case.flow("resident_base_paid", t)
        fiscal -= case.flow("resident_account_paid", t) - case.flow("resident_drawn", t)  # accounts used up
        grants = case.flow("resident_funeral_paid", t)
        assert grants == pytest.approx(case.flow("resident_beneficiary_deaths", t) * 800.0, rel=1e-12)
        fiscal -= grants
        received = case.item(FUND, "contributions", t) + case.item(FUND, "collective_subsidy", t) + fiscal
        assert received == pytest.approx(case.flow("resident_credits", t), rel=1e-12)


# --- known departures: the rule is stated, the kernel does not follow it yet -----------------------------------------


def test_register_residents__arrivals_below_sixty_count_towards_the_level() -> None:
    case = adults().people(WOMEN, 55, 100.0)
    run_with_arrivals(case, 100.0, 0.0, age=55, sex=WOMEN)
    assert registered(case) == pytest.approx(800.0)
