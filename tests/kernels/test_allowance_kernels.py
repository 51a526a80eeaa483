"""Allowance for lost capacity in three branches; old against new public pensions (notes/pension.md, 4.6 and 4.8)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simengine.engine.compile.tables import mean_gains
from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from simengine.kernels.rules.disability import sickness_months
from tests.helpers.lane_builder import Lane, build_lane
from tests.helpers.note_tables import assert_printed, note_tables, number_of

# --- allowance for lost capacity --------------------------------------------------------------------------------------


def sickness_lane(service: float, deemed: float, age: int, *, years: int = 1, account: float = 0.0) -> Lane:
    lane = build_lane(years).path(benefit_base=7054.0, transition_coefficient=0.013, sickness_near_years=5.0)
    lane.path(invalidity_hazard=[0.1] + [0.0] * (years - 1))
    index = 0.8 * (service - deemed)
    return lane.members(
        "enterprise", age, 1000.0, service, index=index, deemed=deemed, deemed_index=0.8 * deemed, account=account
    )


def allowance(lane: Lane, branch: int) -> tuple[float, float, float]:
    """Heads of a branch, pooled and account part a head [yuan/month]."""
    cell = lane.state.invalidity[:, branch].sum(axis=(1, 2))
    heads = float(cell[at.I_HEADS])
    assert heads > 0.0
    return heads, float(cell[at.I_MASS] - cell[at.I_ACCOUNT_MASS]) / heads, float(cell[at.I_ACCOUNT_MASS]) / heads


def test_note__sickness_allowance() -> None:
    rows = {row["recipient"]: row for row in note_tables("pension", "4.6")[0]}
    cells: dict[str, tuple[Lane, int]] = {}
    for branch, name in enumerate(list(rows)[:3]):
        row = rows[name]
        left, account = number_of(row["years to the statutory month"]), number_of(row["account"])
        lane = sickness_lane(number_of(row["S"]), number_of(row["V"]), int(60.5 - left), account=account).step()
        assert lane.state.invalidity[at.I_HEADS].sum() == lane.state.invalidity[at.I_HEADS, branch].sum()
        cells[name] = lane, branch
    early = rows["minimum reached, earlier"]
    near = sickness_lane(22.0, 0.0, 55, years=2, account=50_000.0).step(2)
    cells["minimum reached, recomputed"] = near, 0
    assert near.state.invalidity[at.I_HEADS, 1].sum() == 0.0
    assert rows["minimum reached, recomputed"]["S"] == early["S"]
    split = sickness_lane(15.0, 0.0, 48, account=50_000.0 * 15.0 / 15.25).step()
    cells |= {"cell at the minimum, upper half": (split, 1), "cell at the minimum, lower half": (split, 2)}
    assert list(cells) == list(rows)
    for name, (lane, branch) in cells.items():
        heads, pooled, from_account = allowance(lane, branch)
        assert_printed(rows[name]["pooled part"], pooled, name)
        assert_printed(rows[name]["account part"], from_account, name)
        assert_printed(rows[name]["amount"], pooled + from_account, name)
        assert_printed(rows[name]["heads"], heads, name)
        service = lane.state.invalidity[at.I_SERVICE, branch].sum() / heads
        assert_printed(rows[name]["S"], float(service), name)


def test_note__account_of_a_recipient() -> None:
    lane = sickness_lane(22.0, 5.0, 56, years=3, account=50_000.0).path(account_interest=0.04)
    before = 50_000.0
    rows = note_tables("pension", "4.6")[1]
    for t, row in enumerate(rows):
        project_lane(lane.paths, lane.constants, lane.tables, lane.state, lane.scratch, lane.out, t, t + 1)
        cell = lane.state.invalidity[:, 0].sum(axis=(1, 2)) / 100.0
        interest = lane.flow("account_interest_credited", t) if t == 0 else lane.flow("pension_account_interest", t)
        others = 900.0 * 2_000.0 if t == 0 else 0.0  # interest of those who stay members
        values = {
            "year": t + 1,
            "opening": before,
            "interest": (interest - others) / 100.0,
            "drawn": lane.flow("pension_account_drawn", t) / 100.0,
            "closing": cell[at.I_ACCOUNT],
            "account part": cell[at.I_ACCOUNT_MASS],
        }
        assert list(row) == list(values)
        for column, value in values.items():
            assert_printed(row[column], float(value), f"year {t + 1}, {column}")
        assert values["opening"] + values["interest"] - values["drawn"] == pytest.approx(values["closing"], rel=1e-12)
        before = values["closing"]


@pytest.mark.parametrize(
    ("contributed", "months"), [(12.0, 12.0), (59.0, 12.0), (60.0, 12.0), (61.0, 15.0), (72.0, 15.0), (88.0, 21.0)]
)
def test_sickness_months__grow_with_each_started_year(contributed: float, months: float) -> None:
    """schemes.md P7: 88 months give 12 + 3·3 = 21."""
    assert sickness_months(contributed, 60.0, 12.0, 12.0, 3.0) == months


def waiting(mass: float, *, left: float = 4.0) -> Lane:
    """100 recipients of the base part with 22 years at index 0.8 and 50,000 yuan; `left` years to old age this year."""
    lane = build_lane().path(benefit_base=7054.0, transition_coefficient=0.013, sickness_near_years=5.0)
    cell = np.array((1.0, mass, 50_000.0, 22.0, 13.6, 4.0, 0.0))
    lane.state.invalidity[:, 1, 0, 55 - at.FIRST_AGE] = 100.0 * cell
    lane.tables.retirement[:, 0, 56, at.RET_YEARS_TO_STATUTORY] = left
    return lane.step()


@pytest.mark.parametrize(("left", "branch"), [(5.0, 0), (5.01, 1), (12.0, 1)])
def test_sickness__full_formula_from_five_years_before_old_age(left: float, branch: int) -> None:
    lane = waiting(1_300.0, left=left)
    assert lane.state.invalidity[at.I_HEADS, :, 0, 56 - at.FIRST_AGE].tolist() == [
        100.0 * (b == branch) for b in range(3)
    ]
    full = 7054.0 / 200.0 * (22.0 + 13.6 + 4.0) + 7054.0 * 0.013 * 4.0 + 50_000.0 / 139.0
    amount = full if branch == 0 else 1_300.0
    assert lane.flow("pension_paid_enterprise") == pytest.approx(12.0 * 100.0 * amount, rel=1e-12)


def test_sickness__recomputed_never_less_than_before() -> None:
    """An allowance that yearly adjustments have carried above the full formula stays; its account is drawn down."""
    lane = waiting(4_000.0)
    cell = lane.state.invalidity[:, 0, 0, 56 - at.FIRST_AGE]
    assert cell[at.I_MASS] == pytest.approx(400_000.0)
    assert cell[at.I_ACCOUNT] == pytest.approx(100.0 * (50_000.0 - 12.0 * 50_000.0 / 139.0))


def test_sickness__the_award_factor_raises_the_pooled_part_alone() -> None:
    plain, raised = (sickness_lane(22.0, 5.0, 56, account=50_000.0).path(award_factor=f).step() for f in (1.0, 1.5))
    _, pooled, from_account = allowance(plain, 0)
    assert allowance(raised, 0) == pytest.approx((100.0, 1.5 * pooled, from_account), rel=1e-12)
    assert from_account > 0.0


def test_sickness__only_the_full_formula_draws_the_account() -> None:
    """Branch by branch over four years: opening + paid in + interest - drawn - inherited = closing."""
    for service, age, branch in ((22.0, 57, 0), (22.0, 45, 1), (8.0, 45, 2)):
        lane = sickness_lane(service, 0.0, age, years=4, account=30_000.0).path(account_interest=0.03)
        lane.path(limited_allowance_exit=0.4).people(at.MALE, age, 1000.0, 0.01)
        for later in range(1, 4):
            lane.tables.death_prob[later, 0, age + later] = 0.02
        before = 0.0
        for t in range(4):
            project_lane(lane.paths, lane.constants, lane.tables, lane.state, lane.scratch, lane.out, t, t + 1)
            closing = float(lane.state.invalidity[at.I_ACCOUNT].sum())
            drawn = lane.flow("pension_account_drawn", t)
            moved = lane.flow("pension_account_in", t) + lane.flow("pension_account_interest", t)
            moved -= drawn + lane.flow("pension_account_inherited", t)
            assert closing == pytest.approx(before + moved, rel=1e-12)
            assert (drawn > 0.0) == (branch == 0)
            before = closing
        assert lane.state.invalidity[at.I_HEADS, branch].sum() == lane.state.invalidity[at.I_HEADS].sum() > 0.0


def test_sickness__limited_allowances_end_at_their_stated_share() -> None:
    """Branch 2 alone: two fifths of those who live through the year."""
    lane = build_lane().path(limited_allowance_exit=0.4).people(at.MALE, 46, 1000.0, 0.01)
    for branch in range(3):
        lane.state.invalidity[at.I_HEADS, branch, 0, 45 - at.FIRST_AGE] = 100.0
    lane.step()
    assert lane.flow("invalid_deaths") == pytest.approx(3.0)
    assert lane.flow("invalid_ended") == pytest.approx(0.4 * 99.0)


def test_sickness__at_old_age_the_full_formula_goes_on_as_it_is() -> None:
    """Branch 0 has its account part already: nothing is added when the recipient becomes a pensioner."""
    lane = build_lane().path(account_interest=0.04)
    lane.state.invalidity[:, 0, 0, 60 - at.FIRST_AGE] = (100.0, 150_000.0, 3_000_000.0, 2_000.0, 0.0, 0.0, 20_000.0)
    lane.step()
    pensioners = lane.state.pensioners[:, 0, 0, 61]
    assert pensioners[[at.P_HEADS, at.P_MASS, at.P_ACCOUNT_MASS]].tolist() == [100.0, 150_000.0, 20_000.0]
    assert pensioners[at.P_ACCOUNT] == pytest.approx(3_000_000.0 * 1.04 - 240_000.0 * 1.02)


def test_sickness__recipients_become_pensioners_with_their_account() -> None:
    lane = build_lane(2).path(account_interest=0.04)
    lane.state.invalidity[:4, 1, 0, 59 - at.FIRST_AGE] = (100.0, 150_000.0, 1_000_000.0, 2000.0)
    lane.path(sickness_near_years=-1.0)  # never near: the base part alone until the statutory month
    lane.tables.retirement[:, 0, 61, at.RET_INVERSE_DIVISOR] = 1.0 / 130.0
    lane.step(2)
    assert lane.stock("invalidity_recipients", 1) == 100.0
    assert lane.stock("invalidity_recipients", 2) == 0.0
    assert lane.flow("invalid_to_pension", 1) == 100.0
    account = 1_000_000.0 * 1.04**2
    assert lane.stock("enterprise_pension_mass", 2) == pytest.approx(150_000.0 + account / 130.0)
    assert lane.stock("pensioner_account_balance", 2) == pytest.approx(account)


# --- comparison of old and new public pensions ------------------------------------------------------------------------


def public_lane(*, gain: float, compared: float = 1.0, log_sd: float = 0.0, saved: float = 0.0) -> Lane:
    """100 public men of 60, awarded in June without an account; the old formula gives 0.8·7000·1 = 5600."""
    lane = build_lane().path(previous_wage=7000.0, benefit_base=7000.0, density_public=0.0)
    lane.path(public_old_share=0.8, public_gain_share=gain, public_compared_share=compared)
    lane.tables.transition_gain[:] = mean_gains(log_sd)
    lane.index("public", 1.0).awards("men", 60, {6: 1.0}, 139.0)
    lane.state.annuity[0, 0, 59 - at.FIRST_AGE] = 100.0 * saved
    return lane


def with_new_pension(lane: Lane, new: float) -> Lane:
    """Thirty years at index one give 35·60 = 2100 by the new formula; a fixed amount makes it `new`."""
    return lane.path(addon_fixed=new - 2_100.0).members("public", 60, 100.0, 30.0, index=30.0)


def paid_public(lane: Lane) -> float:
    """Pension a head that the public fund pays [yuan/month]."""
    lane.step()
    return lane.flow("new_award_mass_public") / lane.flow("awards_public")


def lognormal_gain(ratio: float, log_sd: float) -> float:
    """Mean of max(0, R - 1) for a lognormal R of this mean, by a plain sum over its distribution."""
    if log_sd == 0.0:
        return max(0.0, ratio - 1.0)
    step, total = 1e-3, 0.0
    for k in range(-8000, 8001):
        z = (k + 0.5) * step
        weight = step * math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        total += weight * max(0.0, ratio * math.exp(log_sd * z - 0.5 * log_sd * log_sd) - 1.0)
    return total


def test_note__ten_years_of_comparison() -> None:
    rows = note_tables("pension", "4.8")[0]
    for row in rows:
        new, annuity, gain, compared, sd = (
            number_of(row[name]) for name in ("new formula", "annuity", "x", "share compared", "spread")
        )
        lane = with_new_pension(public_lane(gain=gain, compared=compared, log_sd=sd, saved=139.0 * annuity), new)
        assert_printed(row["paid by the fund"], paid_public(lane), row["case"])
        old = 0.8 * 7000.0
        full = old * (1.0 + gain * lognormal_gain((new + annuity) / old, sd))
        expected = compared * (full - annuity) + (1.0 - compared) * new
        assert number_of(row["paid by the fund"]) == pytest.approx(expected, abs=0.06), row["case"]  # grid of gains
    assert len(rows) >= 7


@pytest.mark.parametrize(
    ("new", "gain", "paid"),
    [(6_200.0, 0.5, 5_900.0), (6_200.0, 1.0, 6_200.0), (5_100.0, 0.7, 5_600.0), (5_600.0, 0.1, 5_600.0)],
)
def test_comparison__keeps_the_old_and_caps_the_gain(new: float, gain: float, paid: float) -> None:
    """schemes.md C1, C3 and the case of C2 with an old pension of 5600; no spread inside the cell."""
    assert paid_public(with_new_pension(public_lane(gain=gain), new)) == pytest.approx(paid, rel=1e-12)


def test_comparison__counts_the_annuity_and_pays_the_rest() -> None:
    """6200 are 5700 and an annuity of 500: 5900 in all, of which the fund pays 5400 and the annuity 500."""
    lane = with_new_pension(public_lane(gain=0.5, saved=139.0 * 500.0), 5_700.0)
    assert paid_public(lane) == pytest.approx(5_400.0, rel=1e-12)
    assert lane.state.pensioners[at.P_ANNUITY_MASS, 0, 1, 60] == pytest.approx(50_000.0, rel=1e-12)


def test_comparison__before_and_after_the_ten_years_the_new_formula_stands() -> None:
    alone = with_new_pension(public_lane(gain=0.0, compared=0.0), 4_000.0)
    assert paid_public(alone) == pytest.approx(4_000.0, rel=1e-12)
    part = with_new_pension(public_lane(gain=1.0, compared=0.75), 4_000.0)  # January to September
    assert paid_public(part) == pytest.approx(0.75 * 5_600.0 + 0.25 * 4_000.0, rel=1e-12)


def test_comparison__a_spread_pays_more_than_the_comparison_of_means() -> None:
    """Where means are equal half of the cell gains: 5600·(1 + x·0.0399) instead of 5600."""
    lane = with_new_pension(public_lane(gain=1.0, log_sd=0.1), 5_600.0)
    gain = math.erf(0.05 / math.sqrt(2.0))  # Φ(σ/2) - Φ(-σ/2)
    assert paid_public(lane) == pytest.approx(5_600.0 * (1.0 + gain), rel=2e-5)
    assert lognormal_gain(1.0, 0.1) == pytest.approx(gain, rel=1e-6)


def test_comparison__enterprise_awards_know_none() -> None:
    lane = public_lane(gain=0.5).path(addon_fixed=3_000.0, density_enterprise=0.0)
    lane.members("enterprise", 60, 100.0, 30.0, index=30.0).step()
    assert lane.flow("new_award_mass_enterprise") == pytest.approx(100.0 * 5_100.0)


def test_hazard__acts_from_the_stated_age_on() -> None:
    """Full incapacity is rare before 45: who reaches 44 has none, who reaches 45 the stated share."""
    for age, new in ((44, 0.0), (45, 10.0)):
        lane = build_lane().path(benefit_base=7_000.0, invalidity_hazard=0.1).constant(invalidity_age=45.0)
        lane.members("enterprise", age, 100.0, 20.0).people(at.MALE, age, 1_000.0).step()
        assert lane.flow("new_invalids") == pytest.approx(new)
