"""Persons and money are conserved, whatever the state and the rates: two years of small random lanes.

Every identity is rebuilt from opening, flows and closing; residuals are measured against the gross flow of the year.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from tests.helpers.lane_builder import Lane, build_lane

YEARS = 2
LIMIT = 1e-10
CHOICES = ("continue_share", "pay_up_share", "resident_share", "refund_share", "unclaimed_share")
UNIT = st.floats(0.0, 1.0, allow_nan=False)
FUND_OF = {"public": at.FUND_PUBLIC, "unemployment": at.FUND_UNEMPLOYMENT, "injury": at.FUND_INJURY}
"""Branches with a provincial adjustment fund."""
RATES = {
    "account_interest": st.floats(-0.01, 0.12),
    "pause_enterprise": st.floats(0.0, 0.6),
    "pause_flexible": st.floats(0.0, 0.6),
    "switch_enterprise_flexible": st.floats(0.0, 0.6),
    "switch_flexible_enterprise": st.floats(0.0, 0.6),
    "stop_at_minimum_enterprise": UNIT,
    "stop_at_minimum_flexible": UNIT,
    "density_enterprise": UNIT,
    "density_flexible": UNIT,
    "density_public": UNIT,
    "employer_share_due": UNIT,
    "adjustment_ratio": st.floats(-0.05, 0.25),
    "adjustment_fixed": st.floats(0.0, 0.4),
    "adjustment_years": st.floats(0.0, 0.4),
    "adjustment_tilt": st.floats(0.0, 0.2),
    "invalidity_hazard": st.floats(0.0, 0.1),
    "return_enterprise_pension": st.floats(-0.05, 0.12),
    "return_occupational_annuity": st.floats(-0.05, 0.12),
    "resident_account_rate": st.floats(0.0, 0.08),
    "resident_paying_share": UNIT,
    "resident_takeup": UNIT,
    "resident_rollout": UNIT,
    "oa_cash_share": UNIT,
    "oa_made_real_share": UNIT,
    "subsidy_enterprise": st.floats(0.0, 0.5),
    "resident_entrusted_share": UNIT,
    "entrusted_share_enterprise": UNIT,
    "return_entrusted": st.floats(-0.1, 0.12),
    "pool_transfer": st.floats(-1e6, 1e6),
    "arrears_share": st.floats(0.0, 0.1),
    "emergency_months": st.floats(0.0, 6.0),
    "sickness_near_years": st.floats(0.0, 10.0),
    "compensation_limit_years": st.floats(0.0, 40.0),
    "public_old_share": st.one_of(st.just(0.0), st.floats(0.05, 1.0)),
    "public_gain_share": UNIT,
    "public_compared_share": UNIT,
    "central_adjustment_rate": st.floats(0.0, 0.05),
    "central_adjustment_receipt": st.floats(0.0, 8_000.0),
    "pool_take_share": UNIT,
    "pool_give_share": UNIT,
    "pool_receipt_limit": st.floats(0.0, 0.3),
    "pool_payment_limit": st.floats(0.0, 0.3),
    "subsidy_reserve_months": st.floats(0.0, 1200.0),
    **{f"{branch}_adjustment_fund_{part}": UNIT for branch in FUND_OF for part in ("rate", "share")},
    **{f"{branch}_adjustment_fund_months": st.floats(0.0, 24.0) for branch in FUND_OF},
    "resident_poor_share": UNIT,
    "resident_make_up_share": UNIT,
    "resident_required_years": st.floats(0.0, 15.0),
}
MONEY = {
    "previous_wage": 6000.0,
    "central_adjustment_wage_share": 0.9,
    "benefit_base": 7000.0,
    "accrual_rate": 0.01,
    "previous_urban_income": 48_000.0,
    "account_share": 0.08,
    "flexible_account_share": 0.08,
    "public_account_share": 0.08,
    "employer_rate": 0.16,
    "employee_rate": 0.08,
    "flexible_rate": 0.20,
    "public_employer_rate": 0.16,
    "public_employee_rate": 0.08,
    "transition_coefficient": 0.013,
    "public_transition_coefficient": 0.013,
    "addon_fixed": 150.0,
    "addon_index_years": 3.0,
    "catch_up_price_rate": 0.20,
    "funeral_months": 2.0,
    "compensation_factor": 1.0,
    "compensation_decrement": 1.0,
    "compensation_minimum": 9.0,
    "compensation_count_up": 1.0,
    "resident_poor_amount": 100.0,
    "annuity_employer_rate": 0.08,
    "annuity_employee_rate": 0.04,
    "basic_pension": 150.0,
    "resident_contribution": 300.0,
    "resident_subsidy": 60.0,
    "resident_supplement": 5.0,
    "resident_divisor": 139.0,
    "resident_funeral": 1000.0,
    "collective_share": 0.1,
    "settled_pension_years": 40.0,
    "settled_contribution_years": 90.0,
    "unemployment_base_ratio": 0.9,
}


def fill(lane: Lane, rng: np.random.Generator) -> None:
    """A few cells of every stock, a population around them, awards at the ages near retirement."""
    for career, old in (("men", 60), ("women_55", 55), ("women_50", 50)):
        for age in range(old - 4, old + 4):
            months = rng.choice(np.arange(1, 13), size=3, replace=False)
            shares = dict(zip(months.tolist(), rng.dirichlet(np.ones(3)).tolist(), strict=True))
            choice = rng.random() if age == old else 0.0
            lane.awards(career, age, shares, float(rng.uniform(56, 233)), hazard=rng.random(), choice=choice)
        for status in ("enterprise", "flexible", "public", "paused"):
            for _ in range(4):
                age = int(rng.integers(18, 69 if status == "public" else 79))
                service = rng.uniform(1.0, min(46.0, age - 15.0))
                deemed = service * rng.random() * (rng.random() < 0.5)
                index = (service - deemed) * rng.uniform(0.4, 2.0)
                account = rng.uniform(0.0, 200_000.0) * (rng.random() < 0.9)
                lane.members(status, age, rng.uniform(0.0, 500.0), service, career=career, index=index, deemed=deemed,
                             deemed_index=deemed * 1.2, account=account)  # fmt: skip
        for age in (old + 1, 71, 85, 100):
            lane.pensioners(age, rng.uniform(1, 300), rng.uniform(800, 9000), career=career, public=bool(age % 2),
                            account_part=rng.uniform(0, 500), service=rng.uniform(5, 45), years=rng.uniform(0, 30),
                            account=rng.uniform(0, 90_000), annuity=rng.uniform(0, 90_000) * (age % 2),
                            annuity_part=rng.uniform(0, 900) * (age % 2))  # fmt: skip
    for sex in (at.MALE, at.FEMALE):
        for age in range(16, 60, 5):
            lane.residents(sex, age, rng.uniform(0, 400), account=rng.uniform(0, 9000), years=rng.uniform(0, 20))
        lane.state.resident[at.R_DUAL, sex] = 0.1 * lane.state.resident[at.R_PAYING, sex]
        lane.state.resident[at.R_BEYOND, sex] = 0.2 * lane.state.resident[at.R_PAYING, sex]
        lane.state.resident[at.R_RESUMED, sex] = 0.3 * lane.state.resident[at.R_PAYING, sex]
        for age in range(60, 90, 6):
            lane.state.beneficiaries[:, sex, age] = rng.uniform(1, 300) * np.array([1.0, 150.0, 20.0, 2000.0, 0.2])
        for age in range(1, at.AGES):
            lane.people(sex, age, rng.uniform(0, 1500), float(rng.uniform(0, 0.02) + (age / 100.0) ** 6 * 0.4))
    lane.state.invalidity[:, :, :, 30:44] = rng.uniform(0, 20, (3, 3, 14)) * np.array(
        [1.0, 1200.0, 30_000.0, 20.0, 16.0, 4.0, 200.0]
    ).reshape(at.INVALID_ITEMS, 1, 1, 1)
    lane.state.invalidity[at.I_ACCOUNT_MASS, 1:] = 0.0
    working = lane.cells[at.HEADS, :, at.PUBLIC].sum(axis=-1)
    lane.state.annuity[:] = working * np.array([60_000.0, 40_000.0]).reshape(2, 1, 1)
    # Net migration at some ages; at most a quarter of those present leave, so that no population turns negative.
    people = np.roll(lane.state.population, 1, axis=1)
    lane.tables.migration[:YEARS] = rng.uniform(-0.25, 0.25, (YEARS, 2, at.AGES)) * (rng.random(at.AGES) < 0.3)
    lane.tables.migration[:YEARS] *= np.minimum(people, np.roll(people, 1, axis=1) * 0.4)
    lane.tables.index[:YEARS] = rng.uniform(0.3, 3.0, (YEARS, *lane.tables.index.shape[1:]))
    lane.tables.entry_hazard[:] = rng.uniform(0.0, 1.0, lane.tables.entry_hazard.shape)
    lane.tables.entry_shape[:] = rng.uniform(0.0, 0.6, lane.tables.entry_shape.shape)
    lane.tables.student_share[16:24] = rng.uniform(0.0, 1.0, 8)
    lane.tables.birth_rate[:] = rng.uniform(0.0, 0.1, 35)
    annuities = lane.state.annuity[0].sum() + lane.state.pensioners[at.P_ANNUITY].sum()
    lane.state.funds[:] = rng.uniform(-1e9, 1e9, (at.ACCOUNTS, at.FUNDS))
    lane.state.funds[:, at.FUND_ANNUITY] = annuities


# What a case draws beside its rates: factors of the opening levels, campaigns with pools and limits, constants.
DRAWN = {
    "enterprise_level": st.floats(0.5, 1.5),
    "flexible_level": st.floats(0.5, 1.5),
    "public_level": st.floats(0.5, 1.5),
    "paused_level": st.floats(0.5, 1.5),
    "resident_level": st.floats(0.5, 1.5),
    "catch_up": st.floats(0.0, 300.0),
    "campaign": st.floats(0.0, 500.0),
    "additional": st.one_of(st.just(0.0), st.floats(1e-3, 500.0)),
    "limit": st.floats(1.0, 300.0),
    "pools": st.permutations((at.POOL_PAUSED, at.POOL_NONE, at.POOL_RESIDENT)),
    "payment_rate": st.one_of(st.just(np.nan), st.floats(0.5, 1.0)),
    "resident_payment_rate": st.one_of(st.just(np.nan), st.floats(0.0, 1.0)),
    "average_index": st.booleans(),
    "return_urgency": st.floats(0.0, 6.0),
    "pressing_years": st.floats(1.0, 15.0),
    "never_enters": st.one_of(st.just(0.0), st.floats(0.0, 0.2)),
    "entry_rule_year": st.sampled_from([2000.0, 2030.0]),
    "known": st.sampled_from([1, 2]),
    "crowd": st.sampled_from([1.0, 40.0]),
    "growth": st.one_of(st.just(0.0), st.floats(-0.1, 0.2)),
    "least_age": st.sampled_from([16.0, 30.0, 45.0]),
    "in_time": st.sampled_from([0.0, 1.0]),
    "coverage_ceiling": st.floats(0.5, 1.0),
    "first_year": st.sampled_from([2010.0, 2021.0]),
}
RESIDENT_POOLS = {
    at.POOL_PAUSED: (at.POOL_PAUSED, (at.POOL_ELDERLY, 20.0), at.POOL_NONE),
    at.POOL_NONE: (at.POOL_NONE, at.POOL_PAUSED),
    at.POOL_RESIDENT: (at.POOL_ELDERLY, at.POOL_PAUSED, at.POOL_NONE),
}
"""Pools of the residents' campaign, chosen by the second pool of the employees' ones."""

CONSTANTS = (
    "current_year_interest", "leave_paused", "arrive_insured", "entry_blend", "women_55_share_enterprise",
    "return_without_need", "dual_share",
)  # fmt: skip
FLAGS = ("runs_adjustment_fund",)
GROWTH = 1.02
CASES = st.fixed_dictionaries(
    {"seed": st.integers(0, 2**32 - 1)}
    | RATES
    | DRAWN
    | dict.fromkeys((*CHOICES, *CONSTANTS), UNIT)
    | dict.fromkeys(FLAGS, st.sampled_from([0.0, 1.0]))
)


def lane_of(case: dict[str, float]) -> Lane:
    """The lane of one drawn case."""
    rng = np.random.default_rng(int(case["seed"]))
    lane = build_lane(YEARS).path(**MONEY)
    fill(lane, rng)
    lane.path(**{name: case[name] for name in RATES})
    shares = np.array([case[name] for name in CHOICES]) + 1e-3
    lane.path(**dict(zip(CHOICES, shares / shares.sum(), strict=True)))
    births = rng.uniform(0, 900)
    lane.path(births_male=[births, np.nan], births_female=[births * 0.9, np.nan])
    for status, name in enumerate(("enterprise_payers", "flexible_payers", "public_payers", "paused_members")):
        heads = float(lane.cells[at.HEADS, :, status].sum())
        level = heads * case[f"{name.split('_')[0]}_level"]
        lane.path(**{name: [level, level * GROWTH if case["known"] == 2 else np.nan]})
    lane.path(resident_registered=[lane.state.resident[:2].sum() * case["resident_level"], np.nan])
    lane.path(catch_up_entrants=[case["catch_up"], 0.0], admitted_public_actives=[0.0, 200.0])
    lane.path(admitted_public_pensioners=[0.0, 100.0], admitted_public_pension=4000.0)
    lane.path(admitted_enterprise_pensioners=[50.0, 0.0], admitted_pension_ratio=0.8)
    lane.path(campaign_gross_enterprise=case["campaign"], surveyed_unemployment_rate=[0.05, 0.06])
    lane.path(campaign_additional_flexible=case["additional"], published_other=[2e5, -3e5])
    first, second, third = case["pools"]
    lane.pools("enterprise", (first, case["limit"]), second).pools("flexible", second, (third, case["limit"]), first)
    lane.path(campaign_gross_resident=case["additional"], campaign_additional_resident=case["campaign"])
    lane.pools("resident", *RESIDENT_POOLS[second])
    lane.path(payment_rate=case["payment_rate"], resident_payment_rate=case["resident_payment_rate"])
    lane.path(limited_allowance_exit=0.6)
    lane.path(entry_odds_enterprise=[0.8, case["crowd"]], entry_odds_flexible=[1.0, case["crowd"]])
    lane.path(injury_rate_factor=[0.8, np.nan])
    lane.path(enterprise_growth=case["growth"], flexible_growth=-case["growth"], public_index=[1.0, GROWTH])
    lane.constant(
        opening_year=2020.0,
        hukou_ratio=0.95,
        hukou_ratio_16_59=1.1,
        injury_rate_step=0.1,
        injury_months_low=12.0,
        injury_months_high=18.0,
        **{name: case[name] for name in ("return_urgency", "pressing_years", "never_enters", "coverage_ceiling")},
        entry_rule_year=case["entry_rule_year"],
        first_year=case["first_year"],
        deemed_index_actual_average=float(case["average_index"]),
        layoff_share=0.6,
        extension_payment_share=0.85,
        mortality_payer=0.85,
        mortality_public=0.8,
        mortality_pensioner=0.9,
        mortality_invalid=3.0,
        mortality_other_max=4.0,
        catch_up_minimum_years=15.0,
        deemed_entry_share=0.5,
        deemed_entry_before=2021.0,
        admission_entry_age=22.0,
        flexible_buy_index=0.6,
        **{name: case[name] for name in (*CONSTANTS, *FLAGS)},
    )
    lane.open_entries()
    lane.tables.campaign_ages[:] = case["least_age"], 70.0, case["in_time"]
    # Below the old ages people plan by an older law than the one that awards them.
    lane.tables.retirement[..., :50, at.RET_PLANNED_YEARS] -= 1.5
    lane.tables.retirement[..., :50, at.RET_PLANNED_THRESHOLD] -= 4.0
    lane.state.returns[:] = [[-1.0, -1.0, 0.2, 0.1, 0.3], [-1.0, -1.0, 0.9, 0.5, 0.4]]
    lane.state.memory[[at.MEMORY_ODDS_ENTERPRISE, at.MEMORY_ODDS_FLEXIBLE]] = 0.7, 1.3
    lane.state.memory[at.MEMORY_UNEMPLOYMENT_RATE] = 0.05
    return lane


def totals(lane: Lane) -> dict[str, float]:
    """Sums of the state that the identities carry from year end to year end."""
    state = lane.state
    return {
        "population": float(state.population.sum()),
        "members": float(lane.cells[at.HEADS].sum()),
        "accounts": float(lane.cells[at.ACCOUNT].sum()),
        "pensioners": float(state.pensioners[at.P_HEADS].sum()),
        "pension accounts": float(state.pensioners[at.P_ACCOUNT].sum() + state.invalidity[at.I_ACCOUNT].sum()),
        "invalids": float(state.invalidity[at.I_HEADS].sum()),
        "residents": float(
            state.resident[[at.R_PAYING, at.R_NOT_PAYING]].sum() + state.beneficiaries[at.B_HEADS].sum()
        ),
        "resident accounts": float(state.resident[at.R_ACCOUNT].sum() + state.beneficiaries[at.B_ACCOUNT].sum()),
        "annuity balances": float(state.annuity[0].sum() + state.pensioners[at.P_ANNUITY].sum()),
    }


STOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "population": (("births", "net_migration"), ("deaths",)),
    "members": (
        ("entries_enterprise", "entries_flexible", "entries_public", "admitted_actives", "catch_up_entries",
         "members_in"),
        ("member_deaths", "awards_enterprise", "awards_public", "choice_resident", "choice_refund", "final_refunds",
         "members_out", "new_invalids"),
    ),
    "accounts": (
        ("account_credits", "account_interest_credited", "account_transferred_in"),
        ("account_inherited", "account_refunded", "account_to_pension", "account_transferred_out"),
    ),
    "pensioners": (
        ("awards_enterprise", "awards_public", "admitted_pensioners", "invalid_to_pension"),
        ("pensioner_deaths_enterprise", "pensioner_deaths_public"),
    ),
    "pension accounts": (
        ("pension_account_in", "pension_account_interest"),
        ("pension_account_drawn", "pension_account_inherited"),
    ),
    "invalids": (("new_invalids",), ("invalid_deaths", "invalid_ended", "invalid_to_pension")),
    "residents": (
        ("resident_entries", "resident_from_employees", "resident_admitted"),
        ("resident_to_employees", "resident_contributor_deaths", "resident_beneficiary_deaths", "resident_dual_ended"),
    ),
    "resident accounts": (
        ("resident_credits", "resident_interest_credited", "resident_account_in"),
        ("resident_inherited", "resident_drawn", "resident_account_out"),
    ),
}  # fmt: skip


def assert_closes(what: str, t: int, opening: float, income: list[float], outgo: list[float], closing: float) -> None:
    residual = opening + sum(income) - sum(outgo) - closing
    gross = sum(map(abs, income)) + sum(map(abs, outgo)) + abs(closing - opening)
    assert abs(residual) <= LIMIT * max(gross, 1.0), (
        f"{what} in year {t}: residual {residual!r} of gross flow {gross!r}"
    )


def check_stocks(lane: Lane, t: int, before: dict[str, float], after: dict[str, float]) -> None:
    for what, (gains, losses) in STOCKS.items():
        income, outgo = [lane.flow(name, t) for name in gains], [lane.flow(name, t) for name in losses]
        assert_closes(what, t, before[what], income, outgo, after[what])


def check_funds(lane: Lane, t: int, opening: np.ndarray, after: dict[str, float]) -> None:
    """The three accounts of every fund; the annuity fund is the sum of its balances."""
    for account in range(at.ACCOUNTS):
        for fund in range(at.FUNDS):
            items = lane.out.ledger[account, fund, :, t].tolist()
            income, outgo = items[: at.OUT_BENEFITS], items[at.OUT_BENEFITS :]
            closing = float(lane.state.funds[account, fund])
            assert_closes(f"fund {fund} account {account}", t, float(opening[account, fund]), income, outgo, closing)
            assert closing == lane.out.balance[account, fund, t + 1]
    balance = float(lane.state.funds[at.OWN, at.FUND_ANNUITY])
    gross = float(np.abs(lane.out.ledger[at.OWN, at.FUND_ANNUITY, :, t]).sum())
    assert abs(balance - after["annuity balances"]) <= LIMIT * max(gross, after["annuity balances"])


def check_ledger(lane: Lane, t: int) -> None:
    """Every flow of the two pension funds and the resident fund lands in exactly one fund, under its own item."""
    pension = lane.out.ledger[at.OWN, at.FUND_ENTERPRISE, :, t] + lane.out.ledger[at.OWN, at.FUND_PUBLIC, :, t]
    resident = lane.out.ledger[at.OWN, at.FUND_RESIDENT, :, t]

    def flows(*names: str) -> float:
        return sum(lane.flow(name, t) for name in names)

    paths = dict(zip(at.PATH_NAMES, lane.paths[:, t], strict=True))
    due = paths["employer_rate"] * paths["employer_share_due"] + paths["employee_rate"]
    collected = flows("insurable_earnings_enterprise") * due
    collected += flows("insurable_earnings_flexible") * paths["flexible_rate"]
    public = flows("insurable_earnings_public") * (paths["public_employer_rate"] + paths["public_employee_rate"])
    to_sick = flows("pension_account_in") - flows("account_to_pension")
    yearly = paths["resident_contribution"] * (1.0 + paths["collective_share"]) + paths["resident_subsidy"]
    funeral = flows("resident_beneficiary_deaths") * paths["resident_funeral"]
    benefits = flows(
        "pension_paid_enterprise", "pension_paid_public", "survivor_benefits", "account_inherited", "account_refunded",
        "pension_account_inherited", "settled_pensions",
    )  # fmt: skip
    expected = {
        "contributions": (pension[at.IN_CONTRIBUTIONS], collected + public + flows("catch_up_income", "pay_up_income")),
        "arrears": (
            pension[at.IN_OTHER] - max(0.0, paths["published_other"]),
            flows("arrears", "settled_contributions"),
        ),
        "other outgo": (pension[at.OUT_OTHER], max(0.0, -paths["published_other"])),
        "benefits": (pension[at.OUT_BENEFITS], benefits),
        "transfers in": (pension[at.IN_TRANSFERS], flows("account_transferred_in")),
        "transfers out": (pension[at.OUT_TRANSFERS], flows("account_transferred_out") - to_sick),
        "resident contributions": (
            (resident[at.IN_CONTRIBUTIONS] + flows("resident_poor_paid") - flows("resident_made_up"))
            * (yearly / paths["resident_contribution"]),
            flows("resident_credits") - flows("resident_made_up"),
        ),
        "resident benefits": (
            resident[at.OUT_BENEFITS],
            flows("resident_base_paid", "resident_account_paid", "resident_inherited") + funeral,
        ),
        "resident funeral grants": (flows("resident_funeral_paid"), funeral),
        "resident transfers in": (resident[at.IN_TRANSFERS], flows("resident_account_in")),
        "resident transfers out": (resident[at.OUT_TRANSFERS], flows("resident_account_out")),
    }
    unaided = lane.out.ledger[at.UNAIDED, at.FUND_ENTERPRISE, :, t]
    insured = flows("exposure_enterprise", "exposure_flexible")
    taxed = paths["central_adjustment_wage_share"] * 12.0 * paths["previous_wage"]
    central = taxed * insured * paths["central_adjustment_rate"]
    expected["to above without a pool"] = unaided[at.OUT_TO_ABOVE], central + max(0.0, -paths["pool_transfer"])
    for what, (booked, rebuilt) in expected.items():
        assert booked == pytest.approx(rebuilt, rel=LIMIT, abs=1e-6), f"{what} in year {t}"


def check_pool(lane: Lane, t: int) -> None:
    """Pool transfers over the unaided account: never both ways, never beyond the region's share of what moves."""
    paths = dict(zip(at.PATH_NAMES, lane.paths[:, t], strict=True))
    none = lane.out.ledger[at.UNAIDED, at.FUND_ENTERPRISE, :, t]
    spending = none[at.OUT_BENEFITS :].sum()
    for account in (at.OWN, at.FINANCED):
        items = lane.out.ledger[account, at.FUND_ENTERPRISE, :, t]
        taken, given_up = (items[item] - none[item] for item in (at.IN_FROM_ABOVE, at.OUT_TO_ABOVE))
        room = LIMIT * np.abs(items).sum()
        assert min(taken, given_up) <= room
        assert -room <= taken <= paths["pool_receipt_limit"] * spending + room
        assert -room <= given_up <= paths["pool_payment_limit"] * spending + room


def check_aid(lane: Lane, t: int) -> None:
    """Subsidy of the enterprise fund: the share of spending, or less where the own account is full before the pool."""
    paths = dict(zip(at.PATH_NAMES, lane.paths[:, t], strict=True))
    items = lane.out.ledger[at.OWN, at.FUND_ENTERPRISE, :, t]
    none = lane.out.ledger[at.UNAIDED, at.FUND_ENTERPRISE, :, t]
    spending, room = none[at.OUT_BENEFITS :].sum(), LIMIT * np.abs(items).sum() + 1e-6
    later = max(0.0, -paths["pool_transfer"]) + max(0.0, -paths["published_other"])  # booked after the subsidy
    whole = paths["subsidy_enterprise"] * (spending - later)
    paid = items[at.IN_FISCAL]
    assert -room <= paid <= whole + room
    taken, given_up = (items[item] - none[item] for item in (at.IN_FROM_ABOVE, at.OUT_TO_ABOVE))
    before_pool = lane.out.balance[at.OWN, at.FUND_ENTERPRISE, t + 1] - taken + given_up
    full = paths["subsidy_reserve_months"] / 12.0 * spending
    if paid < whole - room:
        assert before_pool >= full - room
        assert paid <= room or before_pool <= full + room


def check_adjustment_funds(lane: Lane, t: int, opening: np.ndarray) -> None:
    """Payments up are a rate of the contributions, payments down at most the deficit; a province pays itself."""
    paths = dict(zip(at.PATH_NAMES, lane.paths[:, t], strict=True))
    inside = lane.constants[at.CONSTANT_RUNS_ADJUSTMENT_FUND]
    for branch, fund in FUND_OF.items():
        for account in range(at.ACCOUNTS):
            items = lane.out.ledger[account, fund, :, t]
            up, down = items[at.OUT_TO_ABOVE], items[at.IN_FROM_ABOVE]
            assert [items[at.IN_FROM_BELOW], items[at.OUT_TO_BELOW]] == [inside * up, inside * down]
            if account == at.UNAIDED:
                assert up == down == 0.0
                continue
            rate, share = (paths[f"{branch}_adjustment_fund_{part}"] for part in ("rate", "share"))
            assert up == pytest.approx(rate * items[at.IN_CONTRIBUTIONS], rel=LIMIT)
            before = lane.out.balance[account, fund, t + 1] - (1.0 - inside) * down
            if account == at.FINANCED:
                before -= items[at.IN_FISCAL] - lane.out.ledger[at.OWN, fund, at.IN_FISCAL, t]
            deficit = max(0.0, opening[account, fund] - before)
            assert 0.0 <= down <= share * deficit + LIMIT * np.abs(items).sum()


def check_bounds(lane: Lane) -> None:
    """No cell below zero, none undefined, deemed years within the recognised ones, no entry above its pool."""
    state = lane.state
    for name in ("population", "members", "pensioners", "invalidity", "resident", "beneficiaries", "annuity"):
        values = getattr(state, name)
        assert np.isfinite(values).all(), name
        assert values.min() >= -1e-9 * max(1.0, np.abs(values).max()), name
    members = lane.cells
    assert np.all(members[at.DEEMED] <= members[at.SERVICE] * (1.0 + 1e-12) + 1e-9)
    assert members[at.HEADS, 2, at.PUBLIC, :, 0].sum() == 0.0  # no entrant to public has the old age 50
    heads = state.resident[at.R_PAYING] + state.resident[at.R_NOT_PAYING]
    for item in (at.R_DUAL, at.R_BEYOND, at.R_RESUMED):
        assert np.all(state.resident[item] <= heads * (1.0 + 1e-9) + 1e-9), item
    assert np.all(state.beneficiaries[at.B_BEYOND] <= state.beneficiaries[at.B_HEADS] * (1.0 + 1e-9) + 1e-9)


def check_rows(lane: Lane) -> None:
    """Sums by row are those of the members as they stand; what is not marked as held or deemed is zero."""
    rows, scratch = lane.state.members, lane.scratch
    for name, moment in (("heads", at.HEADS), ("accounts", at.ACCOUNT), ("service", at.SERVICE)):
        np.testing.assert_allclose(getattr(scratch, name), rows[..., moment, :].sum(axis=-1), rtol=1e-12, err_msg=name)
    assert not np.any(rows[scratch.held == 0.0])
    assert not np.any(rows[scratch.deemed == 0.0][:, [at.DEEMED, at.DEEMED_INDEX]])
    assert not np.any(rows[..., at.BINS :])
    assert not np.any(scratch.arrivals)


def check_campaigns(lane: Lane, t: int, case: dict[str, float]) -> None:
    """Heads of a campaign are those of its pools and what is missing; nobody beyond a limit."""
    asked = lane.flow("campaign_top_up_enterprise", t) + lane.flow("campaign_top_up_flexible", t)
    drawn = [lane.flow(f"campaign_from_{pool}", t) for pool in ("paused", "none", "resident")]
    assert min(drawn) >= 0.0
    assert sum(drawn) <= asked * (1.0 + 1e-9) + 1e-9
    known = t < case["known"]  # a known level contains its campaigns
    assert lane.flow("campaign_top_up_flexible", t) == pytest.approx(0.0 if known else case["additional"])
    assert drawn[case["pools"][2] - at.POOL_PAUSED] <= case["limit"] * (1.0 + 1e-9)  # one campaign, with a limit
    assert sum(lane.flow(f"returns_{status}", t) for status in ("enterprise", "flexible")) >= drawn[0] * (1.0 - 1e-9)
    asked = lane.flow("campaign_top_up_resident", t)
    drawn = [lane.flow(f"campaign_resident_from_{pool}", t) for pool in ("elderly", "paused", "none")]
    assert min(drawn) >= 0.0 and lane.flow("campaign_missing_resident", t) >= 0.0
    assert sum(drawn) + lane.flow("campaign_missing_resident", t) == pytest.approx(asked, rel=1e-9, abs=1e-9)
    assert asked >= case["campaign"] * (1.0 - 1e-12)


def check_entries(lane: Lane, t: int) -> None:
    """A known level is met, or what it lacks is told; what is cut is never below zero."""
    assert lane.flow("entries_cut", t) >= 0.0
    for status, name in enumerate(("enterprise", "flexible", "public", "paused")):
        level = lane.paths[at.PATH_ENTERPRISE_PAYERS + status, t]
        if not np.isnan(level) and np.isnan(lane.paths[at.PATH_PAYMENT_RATE, t]):
            found = lane.heads(name) + lane.flow(f"shortfall_{name}", t)
            assert found == pytest.approx(level, rel=1e-9, abs=1e-6), name


def check_doubles(lane: Lane, t: int) -> None:
    """Nobody is registered twice who is not a paused member of the sex and age (those who pause now not counted)."""
    paused = lane.cells[at.HEADS, :, at.PAUSED].sum(axis=-1)
    for sex, people in ((at.MALE, paused[0]), (at.FEMALE, paused[1] + paused[2])):
        twice = lane.state.resident[at.R_DUAL, sex, at.FIRST_AGE : 60]
        assert np.all(twice <= people[: twice.size] * (1.0 + 1e-9) + 1e-9), t


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_identities__hold_for_any_state_and_rates(case: dict[str, float]) -> None:
    lane = lane_of(case)
    lane.out.balance[:, :, 0] = lane.state.funds
    for t in range(YEARS):
        before, opening = totals(lane), lane.state.funds.copy()
        project_lane(lane.paths, lane.constants, lane.tables, lane.state, lane.scratch, lane.out, t, t + 1)
        after = totals(lane)
        check_stocks(lane, t, before, after)
        check_funds(lane, t, opening, after)
        check_ledger(lane, t)
        check_pool(lane, t)
        check_aid(lane, t)
        check_adjustment_funds(lane, t, opening)
        check_bounds(lane)
        check_rows(lane)
        check_campaigns(lane, t, case)
        check_entries(lane, t)
        check_doubles(lane, t)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=CASES, factor=st.sampled_from([0.5, 4.0]))
def test_scale__a_population_times_a_power_of_two_gives_results_times_it(case: dict[str, float], factor: float) -> None:
    """Heads and yuan of every stock times a factor: closing stocks times the factor."""
    lane = lane_of(case)
    twin = build_lane(YEARS)
    twin.paths[:], twin.constants[:] = lane.paths, lane.constants
    for name in at.LaneTables.SHAPES:
        getattr(twin.tables, name)[:] = getattr(lane.tables, name)
    for name in at.State.SHAPES:
        getattr(twin.state, name)[:] = getattr(lane.state, name) * (1.0 if name == "memory" else factor)
    twin.tables.migration[:] *= factor
    levels = (
        "births_male", "births_female", "enterprise_payers", "flexible_payers", "public_payers", "paused_members",
        "resident_registered", "catch_up_entrants", "admitted_public_actives", "admitted_public_pensioners",
        "admitted_enterprise_pensioners", "campaign_gross_enterprise", "campaign_additional_flexible", "pool_transfer",
        "campaign_gross_resident", "campaign_additional_resident",
        "settled_pension_years", "settled_contribution_years", "published_other",
    )  # fmt: skip
    twin.tables.campaign[..., 1] *= factor
    for name in levels:
        twin.paths[at.PATH_NAMES.index(name)] *= factor
    for one in (lane, twin):
        project_lane(one.paths, one.constants, one.tables, one.state, one.scratch, one.out, 0, 1)
    for what, total in totals(lane).items():
        assert totals(twin)[what] == pytest.approx(factor * total, rel=1e-9), what
    assert twin.state.funds == pytest.approx(factor * lane.state.funds, rel=1e-9)
