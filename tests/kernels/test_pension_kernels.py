"""Pensions in payment, accounts, survivors, annuities; every number of notes/pension.md but 4.6 and 4.8."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches.pensions import adjust_pensions
from simengine.kernels.rules.death import compensation_at, compensation_spread, retiree_compensation
from simengine.kernels.rules.pension import base_pension, transition_pension
from tests.helpers.lane_builder import COMPENSATION, Lane, build_lane
from tests.helpers.note_tables import assert_printed, assert_rows, note_tables, number_of, pitfalls_named
from tests.properties import test_brute_force as persons

# 人社部发〔2021〕18号: funeral grant; one month less a year of pension, at least nine; part years above 15 count up.
SURVIVORS = {
    "funeral_months": 2.0,
    "compensation_factor": 1.0,
    "compensation_decrement": 1.0,
    "compensation_minimum": 9.0,
    "compensation_count_up": 1.0,
    "compensation_limit_years": 5.0,
}
TABLE = np.array(COMPENSATION)
SPLIT = {"adjustment_fixed": 0.35, "adjustment_years": 0.30, "adjustment_tilt": 0.05}
LEVEL = 0.30
"""The part by level: what the stated parts leave."""


# --- the note --------------------------------------------------------------------------------------------------------


def test_note__single_persons() -> None:
    for row in note_tables("pension", "4.1")[0]:
        base, s, x, j, k = (number_of(row[name]) for name in ("B", "S", "X", "J", "k"))
        assert_printed(row["base part"], base_pension(base, 0.01, s, x, j), row["person"])
        assert_printed(row["transition part"], transition_pension(base, j, k), row["person"])


def minimum_cell() -> Lane:
    """The cell of section 4.2, before the year."""
    lane = build_lane().path(
        previous_wage=6000.0,
        benefit_base=7000.0,
        density_enterprise=0.9,
        account_share=0.08,
        flexible_account_share=0.08,
        account_interest=0.04,
        catch_up_price_rate=0.2,
    )
    lane.path(continue_share=0.4, pay_up_share=0.2, resident_share=0.1, refund_share=0.1, unclaimed_share=0.2)
    lane.constant(current_year_interest=0.5415, flexible_buy_index=0.6).index("enterprise", 0.85)
    lane.awards("men", 60, {4: 0.5, 10: 0.5}, {4: 138.4, 10: 137.3}, hazard=0.8, choice=1.0)
    return lane.members("enterprise", 60, 1000.0, 14.3, index=12.155, account=45_000.0)


def only_upper(lane: Lane) -> Lane:
    """Nobody below the minimum chooses: the awards are those at or above it."""
    lane.tables.retirement[:, 0, 60, at.RET_CHOICE_HAZARD] = 0.0
    return lane


def test_note__cell_at_the_minimum() -> None:
    quantities, months, awards = note_tables("pension", "4.2")
    lane, upper = minimum_cell().step(), only_upper(minimum_cell()).step()
    heads = upper.flow("awards_enterprise")
    month = upper.tables.retirement[0, 0, 60, at.RET_MONTH]
    chosen = lane.flow("below_minimum")
    # Opening moments of the two parts, from what they hold at the award.
    at_award = upper.flow("award_service") / heads
    account = upper.flow("account_to_pension") / heads
    credit_growth = 4406.4 * 1.02166
    opening = (account - credit_growth * month) / (1.0 + 0.04 * month)
    bought_service = (lane.flow("award_service") - upper.flow("award_service")) / lane.flow("pay_up_awards")
    years_bought = lane.flow("pay_up_income") / lane.flow("pay_up_awards") / (12 * 6000.0 * 0.6 * 0.2)
    stayed = lane.moments("enterprise", 60)
    assert_rows(
        quantities,
        {
            "mean award month": month,
            "mean service at the award": 14.3 + 0.9 * month,
            "entitled share e": heads / 0.8 / 1000.0,
            "opening service, upper part": at_award - 0.9 * month,
            "opening service, lower part": bought_service - years_bought - 0.9 * month,
            "opening account, upper part": opening,
            "growth of that account in a full year": (account - opening) / month,
            "awarded at or above the minimum": heads,
            "choosing": chosen,
            "go on": lane.flow("choice_continue"),
            "buy": lane.flow("pay_up_awards"),
            "resident scheme": lane.flow("choice_resident"),
            "refunded": lane.flow("choice_refund"),
            "do not claim": lane.flow("choice_unclaimed"),
            "years bought": years_bought,
            "paid for them": lane.flow("pay_up_income"),
            "stay in the status": stayed[at.HEADS],
            "their service at year end": stayed[at.SERVICE] / stayed[at.HEADS],
        },
    )
    for row in months:
        # One month alone; the cell's mean month still decides who is entitled.
        one, award = only_upper(minimum_cell()), int(row["award month"])
        one.awards("men", 60, {award: 1.0}, {4: 138.4, 10: 137.3}[award], hazard=0.8)
        one.tables.retirement[:, 0, 60, at.RET_THRESHOLD] = 15.0 + 0.9 * (award / 12.0 - month)
        one.step()
        new, n = one.scratch.new_pensioners[:, 0, 0, 60], one.flow("awards_enterprise")
        values = {
            "award month": award,
            "s": one.flow("award_service") / n,
            "x": 12.155 * 14.6375 / 14.3
            + one.scratch.payer_base[at.ENTERPRISE, 1] / one.scratch.payer_base[at.ENTERPRISE, 0] * award / 12,
            "account": one.flow("account_to_pension") / n,
            "base part": (new[at.P_MASS] - new[at.P_ACCOUNT_MASS]) / n,
            "account part": new[at.P_ACCOUNT_MASS] / n,
            "pension": new[at.P_MASS] / n,
        }
        assert list(row) == list(values)
        for column, value in values.items():
            assert_printed(row[column], value, f"month {award}, {column}")
    bought_mass = lane.flow("new_award_mass_enterprise") - upper.flow("new_award_mass_enterprise")
    found = {
        "at or above the minimum": (heads, upper.flow("new_award_mass_enterprise") / heads),
        "bought": (lane.flow("pay_up_awards"), bought_mass / lane.flow("pay_up_awards")),
    }
    assert [row["award"] for row in awards] == list(found)
    for row in awards:
        assert_printed(row["heads"], found[row["award"]][0], row["award"])
        assert_printed(row["mean pension"], found[row["award"]][1], row["award"])


CELLS = {"men reaching 66": (0, 66, "men"), "women reaching 76": (2, 76, "women_50")}


def payment_lane(only: str | None = None) -> Lane:
    """The pensioners of section 4.3; `only` keeps the amounts of the year but one cell's heads."""
    lane = build_lane().path(adjustment_ratio=0.05, **SPLIT)
    lane.path(account_interest=0.04, previous_urban_income=48_000.0, **SURVIVORS)
    for row in note_tables("pension", "4.3")[0]:
        _, age, career = CELLS[row["cell"]]
        heads, pension, part, service, years, account, q = (
            number_of(row[name])
            for name in ("heads", "pension", "account part", "service", "years paid", "account", "q")
        )
        lane.pensioners(
            age, heads, pension, career=career, account_part=part, service=service, years=years, account=account
        )
        lane.people(at.MALE if career == "men" else at.FEMALE, age, heads, q)
    return lane


def test_note__adjustment() -> None:
    cells, rises = note_tables("pension", "4.3")
    parts = ("fixed", "years", "level", "tilt")
    found: dict[str, dict[str, float]] = {name: {} for name in CELLS}
    for part in (*parts, "all"):
        lane = payment_lane()
        if part != "all":
            lane.path(**{name: float(name == f"adjustment_{part}") for name in SPLIT})
            lane.path(adjustment_ratio=0.05 * SPLIT.get(f"adjustment_{part}", LEVEL))
        adjusted = lane.state.pensioners.copy()
        lane.state.pensioners[:] = np.roll(adjusted, 1, axis=-1)  # the age reached
        adjust_pensions(0, lane.paths, lane.state)
        for row in cells:
            career, age, _ = CELLS[row["cell"]]
            cell = lane.state.pensioners[:, career, 0, age] / number_of(row["heads"])
            rise = cell[at.P_MASS] - number_of(row["pension"])
            found[row["cell"]][part] = rise
            if part == "all":
                found[row["cell"]] |= {"rise": rise, "new": cell[at.P_MASS], "account": cell[at.P_ACCOUNT_MASS]}
    assert [row["cell"] for row in rises] == list(CELLS)
    columns = (*parts, "rise", "new pension", "new account part")
    for row in rises:
        for column, key in zip(columns, (*parts, "rise", "new", "account"), strict=True):
            assert_printed(row[column], found[row["cell"]][key], f"{row['cell']}, {column}")


def test_note__year_in_payment() -> None:
    rows = note_tables("pension", "4.4")[0]
    both = payment_lane().step()
    totals = dict.fromkeys(("paid", "drawn", "interest", "inherited", "survivor"), 0.0)
    for row in rows:
        career, age, _ = CELLS[row["cell"]]
        # The cell alone, its pension already adjusted: the flows of the year are its own.
        lane = payment_lane()
        other = next(cell for name, cell in CELLS.items() if name != row["cell"])
        lane.state.pensioners[:, other[0], 0, other[1] - 1] = 0.0
        lane.path(adjustment_ratio=0.0)
        heads = both.state.pensioners[:, career, 0, age]
        adjusted = heads[at.P_MASS] / heads[at.P_HEADS], heads[at.P_ACCOUNT_MASS] / heads[at.P_HEADS]
        opening = lane.state.pensioners[:, career, 0, age - 1]
        opening[at.P_MASS], opening[at.P_ACCOUNT_MASS] = (opening[at.P_HEADS] * value for value in adjusted)
        lane.step()
        closing = lane.state.pensioners[:, career, 0, age]
        deaths = lane.flow("pensioner_deaths_enterprise")
        values = {
            "deaths": deaths,
            "paid": lane.flow("pension_paid_enterprise"),
            "drawn from accounts": lane.flow("pension_account_drawn"),
            "interest": lane.flow("pension_account_interest"),
            "inherited": lane.flow("pension_account_inherited"),
            "accounts at year end": closing[at.P_ACCOUNT],
            "months per death": lane.flow("survivor_benefits") / deaths / 4000.0,
            "survivor benefits": lane.flow("survivor_benefits"),
            "heads at year end": closing[at.P_HEADS],
        }
        assert ["cell", *values] == list(row)
        for column, value in values.items():
            assert_printed(row[column], value, f"{row['cell']}, {column}")
        for name, column in zip(
            totals, ("paid", "drawn from accounts", "interest", "inherited", "survivor benefits"), strict=True
        ):
            totals[name] += values[column]
        assert closing == pytest.approx(heads, rel=1e-12)
    assert both.flow("pension_paid_enterprise") == pytest.approx(totals["paid"], rel=1e-12)
    assert both.flow("pension_account_drawn") == pytest.approx(totals["drawn"], rel=1e-12)
    spent = totals["paid"] + totals["inherited"] + totals["survivor"]
    assert both.ledger(at.FUND_ENTERPRISE, at.OUT_BENEFITS) == pytest.approx(spent, rel=1e-12)


def test_note__months_of_compensation() -> None:
    rows = note_tables("pension", "4.5")[0]
    for row in rows:
        years = number_of(row["years of contributions"])
        single = compensation_at(years, TABLE, 1.0, 15.0)
        values = {
            "in service": single,
            "pensioner after 5 years": retiree_compensation(single, 5.0, 1.0, 9.0),
            "cell of this mean": compensation_spread(years, TABLE, 1.0, 15.0),
            "cell, part years not counted up": compensation_spread(years, TABLE, 0.0, 15.0),
        }
        assert ["years of contributions", *values] == list(row)
        for column, value in values.items():
            assert_printed(row[column], value, f"{years} years, {column}")
    assert len(rows) >= 8


def dying_lane(service: float, account: float) -> Lane:
    """100 men of 40 who all die; U = 4000."""
    lane = build_lane().path(previous_urban_income=48_000.0, **SURVIVORS)
    return lane.members("enterprise", 40, 100.0, service, account=account).people(at.MALE, 40, 100.0, 1.0)


def test_note__what_was_paid_in_limits_survivors() -> None:
    for row in note_tables("pension", "4.5")[1]:
        service, account = number_of(row["mean years"]), number_of(row["account"])
        lane = dying_lane(service, account).step()
        values = {
            "months": 2.0 + compensation_spread(service, TABLE, 1.0, 15.0),
            "without a limit": (2.0 + compensation_spread(service, TABLE, 1.0, 15.0)) * 4000.0,
            "paid a head": lane.flow("survivor_benefits") / 100.0,
        }
        assert ["mean years", "account", *values] == list(row)
        for column, value in values.items():
            assert_printed(row[column], value, f"{service} years, {column}")


def annuity_lane() -> Lane:
    lane = build_lane().path(previous_wage=7000.0, return_occupational_annuity=0.05, oa_made_real_share=1.0)
    lane.path(annuity_employee_rate=0.04, annuity_employer_rate=0.08, oa_cash_share=0.25)
    lane.path(annuity_recorded_interest=0.05)
    lane.index("public", 1.0).awards("men", 60, {6: 1.0}, 139.0, hazard=0.1)
    lane.members("public", 60, 100.0, 30.0).people(at.MALE, 60, 100.0, 0.01)
    lane.state.annuity[:, 0, 59 - at.FIRST_AGE] = (5e6, 8e6)
    lane.state.funds[:, at.FUND_ANNUITY] = 5e6
    return lane


def test_note__occupational_annuity() -> None:
    lane = annuity_lane().step()
    fund = at.FUND_ANNUITY
    pensioners = lane.state.pensioners[:, 0, 1, 60]
    assert_rows(
        note_tables("pension", "4.7")[0],
        {
            "exposure": lane.flow("exposure_public"),
            "contributions in cash": lane.ledger(fund, at.IN_CONTRIBUTIONS),
            "return on cash": lane.ledger(fund, at.IN_INVESTMENT),
            "paid to heirs": lane.ledger(fund, at.OUT_BENEFITS),
            "recorded part made real": lane.ledger(fund, at.IN_OTHER),
            "balance of the new pensioners": pensioners[at.P_ANNUITY],
            "their annuity a month": pensioners[at.P_ANNUITY_MASS],
            "cash at year end": lane.state.annuity[0, 0, 60 - at.FIRST_AGE],
            "recorded at year end": lane.state.annuity[1, 0, 60 - at.FIRST_AGE],
        },
    )


def test_note__persons_and_cells() -> None:
    """The gaps printed in section 5 are those of the persons one by one."""
    below = [p for p in persons.sample(10_000, mixed=True) if p.service < persons.LIMITED]
    limited = persons.gaps(below, 2)
    deemed = persons.gaps(persons.sample(10_000, mixed=True, deemed=True), 2)
    cut = persons.gaps(persons.sample(1_000, mixed=True, through=True), 24)
    found = {
        ("survivors below five years", "survivor benefits"): limited["survivor_benefits"],
        ("deemed years with mixed indexes", "mass of the awards"): deemed["mass"],
        ("bins cut by the minimum years", "mass of the awards"): cut["mass"],
        ("bins cut by the minimum years", "service of the awards"): cut["service"],
        ("bins cut by the minimum years", "account part of the awards"): cut["account_mass"],
        ("bins cut by the minimum years", "pensions of the first year"): cut["paid"],
    }
    rows = note_tables("pension", "5")[0]
    assert [(row["persons"], row["item"]) for row in rows] == list(found)
    for row, gap in zip(rows, found.values(), strict=True):
        assert_printed(row["gap %"], 100.0 * gap, f"{row['persons']}, {row['item']}")


def test_pitfalls_are_tests() -> None:
    here = Path(__file__).parent
    source = "".join(
        (here / f"test_{name}_kernels.py").read_text(encoding="utf-8") for name in ("pension", "member", "allowance")
    )
    named = pitfalls_named("pension")
    assert named
    assert {name for name in named if f"def {name}(" not in source} == set()


# --- 1 January -------------------------------------------------------------------------------------------------------


def random_pensioners(seed: int) -> Lane:
    rng = np.random.default_rng(seed)
    lane = build_lane()
    heads = rng.uniform(1.0, 500.0, (at.CAREERS, 2, at.AGES)) * (rng.random((at.CAREERS, 2, at.AGES)) < 0.4)
    for item, low, high in ((at.P_HEADS, 1.0, 1.0), (at.P_MASS, 500.0, 6000.0), (at.P_SERVICE, 0.0, 45.0)):
        lane.state.pensioners[item] = heads * rng.uniform(low, high, heads.shape)
    lane.state.pensioners[at.P_ACCOUNT_MASS] = 0.2 * lane.state.pensioners[at.P_MASS]
    lane.state.pensioners[at.P_ACCOUNT] = 20_000.0 * heads
    return lane


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ratio", [0.05, 0.0, -0.02])
def test_adjustment__total_is_the_ratio_times_the_mass(seed: int, ratio: float) -> None:
    lane = random_pensioners(seed)
    split = np.random.default_rng(seed).dirichlet(np.ones(4))[:3]  # the fourth part is the level
    lane.path(adjustment_ratio=ratio, **dict(zip(SPLIT, split, strict=True)))
    before = lane.state.pensioners[at.P_MASS].sum(axis=(0, 2))
    adjust_pensions(0, lane.paths, lane.state)
    after = lane.state.pensioners[at.P_MASS].sum(axis=(0, 2))
    assert after / before - 1.0 == pytest.approx([ratio, ratio], abs=1e-12)


def test_adjustment__level_alone_is_one_rate_for_all() -> None:
    lane = random_pensioners(5).path(adjustment_ratio=0.04)
    before = lane.state.pensioners.copy()
    adjust_pensions(0, lane.paths, lane.state)
    assert lane.state.pensioners[at.P_MASS] == pytest.approx(1.04 * before[at.P_MASS])


def test_adjustment__tilt_without_the_old_goes_to_the_level() -> None:
    lane = build_lane().path(adjustment_ratio=0.05, **SPLIT).pensioners(61, 100.0, 3000.0, service=30.0)
    lane.step()
    assert lane.stock("enterprise_pension_mass") == pytest.approx(1.05 * 300_000.0)


def test_adjustment__seventy_at_the_end_of_last_year_counts_as_old() -> None:
    lane = build_lane().path(adjustment_ratio=0.05, adjustment_tilt=1.0)
    lane.pensioners(70, 100.0, 3000.0).pensioners(71, 100.0, 3000.0).step()
    mass = lane.state.pensioners[at.P_MASS, 0, 0]
    assert (mass[70], mass[71]) == pytest.approx((300_000.0, 330_000.0))


@pytest.mark.parametrize(("tilt_age", "reached"), [(70.0, 1.0), (70.25, 0.75), (71.0, 0.0), (72.0, 0.0)])
def test_adjustment__a_tilt_age_between_two_birthdays_splits_an_age(tilt_age: float, reached: float) -> None:
    """Of those who turned 70 in the year before, three quarters have 70 years and a quarter on 1 January."""
    lane = build_lane().path(adjustment_ratio=0.05, adjustment_tilt=1.0, adjustment_tilt_age=tilt_age)
    lane.pensioners(71, 100.0, 3000.0).pensioners(80, 100.0, 3000.0).step()
    mass = lane.state.pensioners[at.P_MASS, 0, 0]
    rise = 0.05 * 600_000.0
    assert mass[71] == pytest.approx(300_000.0 + rise * reached / (1.0 + reached))
    assert mass[71] + mass[80] == pytest.approx(600_000.0 + rise)


def test_adjustment__account_part_grows_account_does_not() -> None:
    lane = random_pensioners(7).path(adjustment_ratio=0.04, **SPLIT)
    before = lane.state.pensioners.copy()
    adjust_pensions(0, lane.paths, lane.state)
    after = lane.state.pensioners
    assert np.array_equal(after[at.P_ACCOUNT], before[at.P_ACCOUNT])
    filled = before[at.P_MASS] > 0.0
    growth = after[at.P_MASS][filled] / before[at.P_MASS][filled]
    assert after[at.P_ACCOUNT_MASS][filled] == pytest.approx(before[at.P_ACCOUNT_MASS][filled] * growth)


def test_adjustment__awards_of_the_year_wait() -> None:
    lane = build_lane(2).path(adjustment_ratio=0.05, benefit_base=7000.0)
    lane.awards("men", 60, {6: 1.0}).members("enterprise", 60, 100.0, 20.0).step(2)
    mass = [float(lane.out.stocks[at.STOCK_NAMES.index("enterprise_pension_mass"), e]) for e in (1, 2)]
    assert mass[0] == pytest.approx(100.0 * (35.0 * 20.5))
    assert mass[1] == pytest.approx(1.05 * mass[0])


# --- payment ---------------------------------------------------------------------------------------------------------


def test_payment__the_dying_draw_half_a_year() -> None:
    lane = build_lane().pensioners(80, 100.0, 3000.0, account_part=300.0, account=50_000.0)
    lane.people(at.MALE, 80, 100.0, 1.0).step()
    assert lane.flow("pension_paid_enterprise") == pytest.approx(6 * 300_000.0)
    assert lane.flow("pension_account_inherited") == pytest.approx(100.0 * (50_000.0 - 1800.0))
    assert lane.stock("enterprise_pensioners") == 0.0


def test_payment__the_pension_outlives_the_account() -> None:
    lane = build_lane(3).pensioners(70, 100.0, 3000.0, account_part=300.0, account=5000.0).step(3)
    drawn = [lane.flow("pension_account_drawn", t) for t in range(3)]
    assert drawn == pytest.approx([360_000.0, 140_000.0, 0.0])
    assert [lane.flow("pension_paid_enterprise", t) for t in range(3)] == pytest.approx([3_600_000.0] * 3)
    assert lane.stock("pensioner_account_balance", 3) == 0.0


def test_payment__deaths_of_a_fund_are_heads_times_their_probability() -> None:
    lane = build_lane().pensioners(70, 100.0, 3000.0).pensioners(70, 50.0, 5000.0, public=True)
    lane.people(at.MALE, 70, 1000.0, 0.02).step()
    assert lane.flow("pensioner_deaths_enterprise") == pytest.approx(2.0)
    assert lane.flow("pensioner_deaths_public") == pytest.approx(1.0)


def test_payment__awards_do_not_die_twice() -> None:
    """The year's deaths of a cell are the population's, although part of the cell retires."""
    lane = build_lane().awards("men", 60, {1: 1.0}, hazard=0.5)
    lane.members("enterprise", 60, 1000.0, 20.0).people(at.MALE, 60, 1000.0, 0.02).step()
    assert lane.flow("member_deaths") == pytest.approx(20.0)
    assert lane.flow("pensioner_deaths_enterprise") == 0.0
    assert lane.stock("enterprise_pensioners") == pytest.approx(490.0)


def test_payment__years_in_payment_grow_with_the_cell() -> None:
    lane = build_lane(2).pensioners(70, 100.0, 3000.0, years=4.0).people(at.MALE, 70, 100.0, 0.1)
    lane.tables.death_prob[1, 0, 71] = 0.2
    lane.people(at.MALE, 71, 0.0).step(2)
    cell = lane.state.pensioners[:, 0, 0, 71]
    assert cell[at.P_HEADS] == pytest.approx(100.0 * 0.9 * 0.8)
    assert cell[at.P_YEARS] / cell[at.P_HEADS] == pytest.approx(6.0)


def test_open_age__the_oldest_collect_and_lose_nothing() -> None:
    lane = build_lane(2).pensioners(100, 30.0, 1000.0, account=10.0)
    lane.state.pensioners[:, 0, 0, 100] = lane.state.pensioners[:, 0, 0, 99] * 2.0
    lane.step(2)
    assert lane.state.pensioners[at.P_HEADS, 0, 0, 100] == pytest.approx(90.0)
    assert lane.state.pensioners[at.P_MASS, 0, 0, 100] == pytest.approx(90_000.0)


# --- awards ----------------------------------------------------------------------------------------------------------


def two_heads(rule: float, *, apart: bool) -> float:
    """Pooled mass of two heads: ten deemed years with a low index, and none with a high one."""
    lane = build_lane().path(benefit_base=7000.0, transition_coefficient=0.013, density_enterprise=0.0)
    lane.constant(deemed_index_actual_average=rule).awards("men", 60, {6: 1.0})
    if apart:
        lane.members("enterprise", 60, 1.0, 30.0, index=12.0, deemed=10.0, deemed_index=6.0, bin_=30)
        lane.members("enterprise", 60, 1.0, 30.0, index=36.0, bin_=31)
    else:
        lane.members("enterprise", 60, 1.0, 30.0, index=12.0, deemed=10.0, deemed_index=6.0)
        lane.members("enterprise", 60, 1.0, 30.0, index=36.0)
    return lane.step().flow("new_award_mass_enterprise")


def test_awards__covariance_of_index_and_deemed_years_is_the_stated_gap() -> None:
    exact = two_heads(1.0, apart=True)
    assert two_heads(0.0, apart=False) == pytest.approx(exact, rel=1e-12)  # carried index: linear, no gap
    gap = 100.0 * (two_heads(1.0, apart=False) / exact - 1.0)
    row = note_tables("pension", "7")[0][0]
    assert row["rule"] == "average-index rule"
    stated = row["size, or direction"].split(" % too high")[0].removeprefix("pooled part ")
    assert_printed(stated, gap, "gap of the average-index rule in %")


def test_awards__factor_leaves_the_account_alone() -> None:
    def award(factor: float) -> np.ndarray:
        lane = build_lane().path(benefit_base=7000.0, award_factor=factor).awards("men", 60, {6: 1.0})
        lane.members("enterprise", 60, 100.0, 20.0, account=50_000.0).step()
        return lane.scratch.new_pensioners[:, 0, 0, 60].copy()

    plain, raised = award(1.0), award(1.3)
    pooled = plain[at.P_MASS] - plain[at.P_ACCOUNT_MASS]
    assert raised[at.P_ACCOUNT_MASS] == plain[at.P_ACCOUNT_MASS] > 0.0
    assert raised[at.P_MASS] - raised[at.P_ACCOUNT_MASS] == pytest.approx(1.3 * pooled)


def test_awards__extras_by_person_and_by_index_year() -> None:
    lane = build_lane().path(addon_fixed=630.0, addon_index_years=3.0).awards("men", 60, {12: 1.0})
    lane.members("enterprise", 60, 10.0, 38.0, index=34.2 - 11.0 + 1.0, deemed=10.0, deemed_index=10.0)
    lane.path(density_enterprise=0.0).step()
    assert lane.flow("new_award_mass_enterprise") / 10.0 == pytest.approx(630.0 + 3.0 * 34.2)


# --- annuity, admission -----------------------------------------------------------------------------------------------


def test_annuity__fund_is_the_sum_of_its_balances() -> None:
    lane = annuity_lane()
    lane.pensioners(70, 50.0, 5000.0, public=True, annuity=60_000.0, annuity_part=700.0).people(at.MALE, 70, 50.0, 0.05)
    lane.state.funds[:, at.FUND_ANNUITY] += 3_000_000.0
    lane.step()
    assert lane.balance(at.FUND_ANNUITY) == pytest.approx(lane.stock("annuity_fund"), rel=1e-13)
    assert lane.ledger(at.FUND_ANNUITY, at.IN_INTEREST) == 0.0
    assert lane.ledger(at.FUND_PUBLIC, at.OUT_BENEFITS) == pytest.approx(lane.flow("pension_paid_public"), rel=1e-13)


def test_admission__half_a_year_and_no_account() -> None:
    lane = build_lane(2).path(admitted_public_pensioners=[40.0, 0.0], admitted_public_pension=[5000.0, 0.0])
    lane.pensioners(65, 30.0, 3000.0).pensioners(75, 10.0, 3000.0).step(2)
    public = lane.state.pensioners[:, 0, 1]
    assert (public[at.P_HEADS, 66], public[at.P_HEADS, 76]) == pytest.approx((30.0, 10.0))
    assert public[at.P_ACCOUNT].sum() == 0.0
    assert lane.flow("admitted_pensioners") == 40.0
    assert [lane.flow("pension_paid_public", t) for t in (0, 1)] == pytest.approx([1_200_000.0, 2_400_000.0])
    assert lane.flow("shortfall_admitted") == 0.0


def test_admission__without_a_profile_is_a_reported_shortfall() -> None:
    """Nobody draws a pension yet: there is no age to give to those who join, and no mean for those taken over."""
    lane = build_lane(2).path(admitted_public_pensioners=[40.0, 0.0], admitted_public_pension=[5000.0, 0.0])
    lane.path(admitted_enterprise_pensioners=[25.0, 0.0], admitted_pension_ratio=0.8).step(2)
    assert [lane.flow("shortfall_admitted", t) for t in (0, 1)] == [65.0, 0.0]
    assert lane.flow("admitted_pensioners") == lane.flow("pension_paid_public") == 0.0
    assert lane.state.pensioners[at.P_HEADS].sum() == 0.0
