"""Small hand-made inputs for the resident, unemployment, injury and fund kernels.

`neutral` gives a lane in which nothing happens: no deaths, rates and amounts of zero, factors and indices of one,
coverage levels unknown. A test says what it changes. The `..._year` functions run one branch through one year in the
order of `simengine/kernels/lane.py`; `mini_lane` fills every branch at once, for runs through the whole lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simengine.kernels import layout as at
from simengine.kernels import record
from simengine.kernels.branches import funds, injury, resident, resident_campaign, unemployment
from simengine.kernels.branches.pensions import relabel_pensioners
from simengine.kernels.lane import project_lane
from simengine.kernels.members.rows import open_rows
from tests.helpers.lane_builder import FLOAT_LEVELS, LAW

ITEMS = (
    "contributions", "interest", "investment", "fiscal_subsidy", "collective_subsidy", "transfers_in", "from_above",
    "from_below", "other_income", "benefits", "transfers_out", "to_below", "to_above", "other_outgo",
)  # fmt: skip
LADDER = (0.0, 12.0, 12.0, 12.0, 12.0, 18.0, 18.0, 18.0, 18.0, 18.0, 24.0, 24.0, 24.0)
"""Months by paid years 0..12+: Social Insurance Law art. 46."""
LADDER_STEP = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0)
"""Step of the ladder by paid years 0..12+."""

_ONE = {"entry_odds_enterprise", "entry_odds_flexible", "public_index", "resident_index", "unemployment_index"}
_ONE |= {"injury_index", "employer_share_due", "unemployment_share_due", "injury_share_due", "incidence_factor"}
_ONE |= {"injury_rate_factor", "price_index", "award_factor", "public_award_factor", "sex_ratio_at_birth"}
_ONE |= {"unemployment_base_ratio"}
_UNKNOWN = {"enterprise_payers", "flexible_payers", "public_payers", "paused_members", "resident_registered"}
_UNKNOWN |= {"unemployment_insured", "injury_insured", "payment_rate", "resident_payment_rate", "births_male"}
_UNKNOWN |= {"births_female"}
_ONE_CONSTANT = ("mortality_payer", "mortality_public", "mortality_pensioner", "mortality_invalid")
_ONE_CONSTANT += ("mortality_other_max", "injury_annuitant_mortality", "hukou_ratio", "hukou_ratio_16_59")
_ONE_CONSTANT += ("extension_payment_share", "near_reemployment_factor", "near_extension_exit", "pressing_years")
_ONE_CONSTANT += ("return_without_need",)
OLD_AGES = {"old_age_men": 60.0, "old_age_women_55": 55.0, "old_age_women_50": 50.0}


@dataclass
class Branch:
    """Inputs, state and results of one lane, with values addressed by name."""

    paths: np.ndarray
    constants: np.ndarray
    tables: at.LaneTables
    state: at.State
    scratch: at.Scratch
    out: at.LaneOutput

    @property
    def years(self) -> int:
        return int(self.paths.shape[1])

    def path(self, **values: float | Sequence[float]) -> Branch:
        """Set series: one value for all years, or one a year."""
        for name, value in values.items():
            self.paths[at.PATH_NAMES.index(name)] = value
        return self

    def constant(self, **values: float) -> Branch:
        for name, value in values.items():
            self.constants[at.CONSTANT_NAMES.index(name)] = value
        return self

    def assume(self, **values: float | Sequence[float]) -> Branch:
        """Set series and constants alike; every name must be one or the other."""
        for name, value in values.items():
            if name in at.PATH_NAMES:
                self.path(**{name: value})
            else:
                self.constant(**{name: float(np.asarray(value))})
        return self

    def value(self, name: str, t: int = 0) -> float:
        """Value of a series in year t."""
        return float(self.paths[at.PATH_NAMES.index(name), t])

    def death(self, q: float | np.ndarray) -> Branch:
        """Probability of dying, all mortality groups alike; an array is [sex, age]."""
        self.scratch.death[:] = q
        return self

    def people(self, sex: int, age: int, heads: float) -> Branch:
        """Closing population of one cell [persons]."""
        self.scratch.population_survived[sex, age] = heads
        return self

    def register(self, sex: int, age: int, heads: float, account: float = 0.0, dual: float = 0.0) -> Branch:
        """Registered residents who will reach `age + 1` in the first year; `account` is the sum [yuan]."""
        self.state.resident[at.R_PAYING, sex, age] = heads
        self.state.resident[at.R_ACCOUNT, sex, age] = account
        self.state.resident[at.R_DUAL, sex, age] = dual
        return self

    @property
    def cells(self) -> np.ndarray:
        """Members with the moments first [moment, career, status, age, bin]; writes go to the state."""
        return at.by_moment(self.state.members)

    def paused(self, sex: int, age: int, heads: float) -> Branch:
        """Paused members of the employees' scheme at the age they reach in the year."""
        self.cells[at.HEADS, sex, at.PAUSED, age - at.FIRST_AGE, 5] = heads
        return self

    def fund(self, fund: int, balance: float) -> Branch:
        """Opening balance of every account of a fund [yuan]."""
        self.state.funds[:, fund] = balance
        self.out.balance[:, fund, 0] = balance
        return self

    def payers(self, heads: float, career: int = 0, age: int = 40, service: int = 10) -> Branch:
        """Enterprise payers of the employees' scheme, all in one cell."""
        cell = (career, at.ENTERPRISE, age - at.FIRST_AGE, service)
        self.cells[at.HEADS][cell] = heads
        self.cells[at.SERVICE][cell] = heads * (service + 0.5)
        return self

    def flow(self, name: str, t: int = 0) -> float:
        return float(self.out.flows[at.FLOW_NAMES.index(name), t])

    def stock(self, name: str, e: int) -> float:
        return float(self.out.stocks[at.STOCK_NAMES.index(name), e])

    def memory(self, name: str) -> float:
        return float(self.state.memory[at.MEMORY_NAMES.index(name)])

    def remember(self, **values: float) -> Branch:
        for name, value in values.items():
            self.state.memory[at.MEMORY_NAMES.index(name)] = value
        return self

    def due(self, fund: int, item: str) -> float:
        """Item of the year still in hand, before the funds close [yuan]."""
        return float(self.scratch.ledger[fund, ITEMS.index(item)])

    def item(self, fund: int, item: str, t: int = 0, account: int = at.OWN) -> float:
        return float(self.out.ledger[account, fund, ITEMS.index(item), t])

    def balance(self, fund: int, e: int, account: int = at.OWN) -> float:
        return float(self.out.balance[account, fund, e])


def neutral(years: int = 3) -> Branch:
    """A lane of `years` years in which nothing happens."""
    paths = np.zeros((at.PATHS, years))
    paths[at.PATH_ACCRUAL_RATE] = 0.01
    paths[at.PATH_PREVIOUS_PRICE_INDEX] = 1.0
    for name in _ONE:
        paths[at.PATH_NAMES.index(name)] = 1.0
    for name in _UNKNOWN:
        paths[at.PATH_NAMES.index(name)] = np.nan
    paths[at.PATH_NAMES.index("resident_divisor")] = 139.0
    constants = np.zeros(at.CONSTANTS)
    for name in _ONE_CONSTANT:
        constants[at.CONSTANT_NAMES.index(name)] = 1.0
    constants[at.CONSTANT_NAMES.index("opening_year")] = 3000.0
    constants[at.CONSTANT_NAMES.index("coverage_ceiling")] = 1e12
    paths[at.PATH_NAMES.index("coverage_population_ratio")] = 1.0
    for name, age in OLD_AGES.items():
        constants[at.CONSTANT_NAMES.index(name)] = age
    branch = Branch(paths, constants, _tables(years), at.new_state(), at.new_scratch(), at.new_output())
    branch.state.injury_classes[at.C_LEVEL] = at.FLOAT_BASE
    return branch.remember(injury_reserve_factor=1.0).path(rerating_interval=np.inf).path(**LAW)


def _tables(years: int) -> at.LaneTables:
    tables = at.Tables(
        death_prob=np.zeros((years, 2, at.AGES)),
        birth_rate=np.zeros((years, 35)),
        migration=np.zeros((years, 2, at.AGES)),
        retirement=np.zeros((years, at.CAREERS, at.AGES, at.RETIREMENT_ITEMS)),
        index=np.ones((years, 3, 2, at.WORKING_AGES)),
        entry_hazard=np.zeros((3, 2, at.WORKING_AGES)),
        entry_shape=np.zeros((3, at.CAREERS, at.WORKING_AGES)),
        entry_open=np.zeros((years, 3, at.CAREERS, at.WORKING_AGES)),
        level_shape=np.zeros((3, 2, at.WORKING_AGES)),
        student_share=np.zeros(at.AGES),
        participation=np.zeros((2, at.AGES)),
        working_weight=np.zeros((years, 2, at.AGES)),
        class_mix=np.zeros(at.RISK_CLASSES),
        class_rate=np.zeros((years, at.RISK_CLASSES)),
        class_incidence=np.zeros(at.RISK_CLASSES),
        catch_up_shape=np.zeros((2, at.WORKING_AGES)),
        campaign=np.zeros((years, at.CAMPAIGN_STATUSES, at.CAMPAIGN_SOURCES, 2)),
        campaign_ages=np.tile((at.FIRST_AGE, at.AGES - 1.0, 0.0), (years, at.CAMPAIGN_STATUSES, 1)),
        compensation=np.zeros((years, 31)),
        cut_marks=np.array([12.0, 18.0, 24.0]),
        cut_factor=np.ones((years, 3)),
        float_levels=np.tile(FLOAT_LEVELS, (years, 1, 1)),
        float_shift=np.zeros((years, at.FLOAT_POINTS)),
        transition_gain=np.zeros(at.GAIN_POINTS),
        ladder_months=np.tile(LADDER, (years, 1)),
        ladder_step=np.array(LADDER_STEP),
    )
    packed = at.pack(tables)
    retirement_ages(packed, (60, 55, 50))
    return packed


def retirement_ages(tables: at.LaneTables, ages: tuple[int, int, int]) -> None:
    """Whole retirement ages, births spread evenly: award months 1..12 of the year in which the age is reached."""
    months = np.arange(1, 13) / 12.0
    for career, old_age in enumerate(ages):
        for age in range(at.AGES):
            cell = tables.retirement[:, career, age]
            reached = age >= old_age
            m = months if age == old_age else np.array([0.5])
            left = 1.0 - m
            cell[:, at.RET_HAZARD] = float(reached)
            cell[:, at.RET_MONTH_PART] = float(age == old_age)
            cell[:, at.RET_LATER_PART] = float(age > old_age)
            cell[:, at.RET_REACHING] = float(age == old_age)
            cell[:, at.RET_CHOICE_HAZARD] = float(age == old_age)
            cell[:, at.RET_THRESHOLD] = 15.0
            cell[:, at.RET_YEARS_TO_STATUTORY] = old_age - age + (0.5 if not reached else -0.5)
            cell[:, at.RET_PLANNED_THRESHOLD] = cell[:, at.RET_THRESHOLD]
            cell[:, at.RET_PLANNED_YEARS] = cell[:, at.RET_YEARS_TO_STATUTORY]
            cell[:, at.RET_MONTH] = m.mean()
            cell[:, at.RET_INVERSE_DIVISOR] = 1.0 / 139.0
            cell[:, at.RET_MONTH_INVERSE_DIVISOR] = m.mean() / 139.0
            cell[:, at.RET_PENSION_SHARE] = left.mean()
            cell[:, at.RET_MONTH_PENSION_SHARE] = (m * left).mean()
            cell[:, at.RET_INVERSE_DIVISOR_PENSION_SHARE] = left.mean() / 139.0
            cell[:, at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE] = (m * left).mean() / 139.0


# --- one branch through one year, in the order of lane.py ------------------------------------------------------------


def open_year(case: Branch, t: int) -> None:
    """Nothing has flown yet; the sums by row are those of the members as they stand."""
    open_rows(case.state, case.scratch)
    case.out.flows[:, t] = 0.0
    case.scratch.ledger[:] = 0.0
    case.scratch.resident_in[:] = 0.0


def close_year(case: Branch, t: int) -> None:
    """Subsidies, closing balances and the stocks of the year end."""
    funds.subsidise(t, case.paths, case.scratch, case.out)
    funds.close_funds(t, case.paths, case.constants, case.state, case.scratch, case.out)
    base = case.value("basic_pension", t) + case.value("resident_supplement", t)
    record.record_stocks(t + 1, t, base, case.constants, case.tables, case.state, case.scratch, case.out)


def resident_year(case: Branch, t: int, close: bool = True) -> None:
    """The resident scheme through year t: relabel, pay, collect, admit, campaigns and registrations, join."""
    paths, state, scratch, out = case.paths, case.state, case.scratch, case.out
    open_year(case, t)
    resident.relabel_resident(state)
    resident.pay_beneficiaries(t, paths, state, scratch, out)
    resident.pay_contributors(t, paths, state, scratch, out)
    resident.admit_elderly(t, paths, case.constants, state, scratch, out)
    resident_campaign.enlarge_residents(t, paths, case.constants, case.tables, state, scratch, out)
    resident.register_residents(t, paths, case.constants, case.tables, state, scratch, out)
    resident_campaign.top_up_residents(t, paths, case.constants, case.tables, state, scratch, out)
    resident.join_from_employees(t, paths, state, scratch, out)
    if close:
        close_year(case, t)


def unemployment_year(
    case: Branch, t: int, payers: float = 0.0, mean_index: float = 1.0, close: bool = True, layoffs: float = 0.0,
    ceiling: float = 1e12,
) -> None:  # fmt: skip
    """Unemployment insurance through year t; `payers` are the enterprise payers the level hangs on, `ceiling` the
    public payers and the injury-insured it may not exceed."""
    open_year(case, t)
    case.out.flows[at.FLOW_LAYOFFS, t] = layoffs
    target = unemployment.unemployment_target(t, payers, ceiling, ceiling, case.paths, case.state, case.out)
    unemployment.settle_unemployment(
        t, target, mean_index, case.paths, case.constants, case.tables, case.state, case.scratch, case.out
    )
    if close:
        close_year(case, t)


def injury_year(case: Branch, t: int, employed: float = 0.0, close: bool = True) -> None:
    """Work-injury insurance through year t; `employed` residents are what the level hangs on."""
    open_year(case, t)
    relabel_pensioners(case.state)
    target = injury.injury_target(t, employed, case.paths, case.state, case.out)
    injury.settle_injury(t, target, case.paths, case.constants, case.tables, case.state, case.scratch, case.out)
    if close:
        close_year(case, t)


# --- every branch at once --------------------------------------------------------------------------------------------


def mini_lane(years: int = 3) -> Branch:
    """A small region in which every branch has members, benefits, money and deaths."""
    case = neutral(years)
    ages = np.arange(at.AGES)
    case.state.population[:] = np.where(ages < 60, 1_000.0, 1_000.0 * (1.0 - (ages - 60) / 41.0))
    case.tables.death_prob[:] = 0.0005 * np.exp(0.085 * np.maximum(ages - 30, 0))
    case.tables.birth_rate[:, 5:20] = 0.08
    case.tables.migration[:, :, 25:35] = 5.0
    case.tables.migration[:, :, 45:50] = -4.0
    case.tables.participation[:, 20:60] = 0.7
    case.tables.student_share[16:22] = np.linspace(0.9, 0.1, 6)
    working = np.where((ages >= 16) & (ages < 60), 1.0, 0.0)
    case.tables.working_weight[:] = working
    case.tables.entry_hazard[:, :, 4:30] = 0.05
    case.tables.entry_shape[:, :, 4:30] = 0.05
    for career, left in enumerate((44, 39, 34)):  # careers of women share what is open to them
        case.tables.entry_open[:, :, career, :left] = (1.0, 0.5, 0.5)[career]
    case.tables.level_shape[:, :, 4:34] = 1.0 / 60.0
    case.tables.class_mix[[0, 3, 5]] = 0.3, 0.5, 0.2
    case.tables.class_rate[:] = np.array([0.2, 0.4, 0.7, 0.9, 1.1, 1.3, 1.6, 1.9]) / 100.0
    case.tables.class_incidence[:] = np.array([0.8, 1.6, 3.2, 4.5, 6.0, 7.5, 10.0, 14.0]) / 1000.0
    _mini_series(case)
    _mini_state(case)
    return case


def _mini_series(case: Branch) -> None:
    case.path(
        average_wage=6_600.0, previous_wage=6_525.0, benefit_base=7_054.0, previous_urban_income=46_000.0,
        previous_national_urban_income=54_188.0, surveyed_unemployment_rate=0.05, account_interest=0.026,
        density_enterprise=0.95, density_flexible=0.85, density_public=1.0, employer_rate=0.16, employee_rate=0.08,
        flexible_rate=0.20, account_share=0.08, flexible_account_share=0.08, public_employer_rate=0.16,
        public_employee_rate=0.08, public_account_share=0.08, arrears_share=0.02, adjustment_ratio=0.02,
        funeral_months=2.0, compensation_factor=1.0, catch_up_price_rate=0.20,
        subsidy_enterprise=0.16, subsidy_public=0.3, emergency_months=2.0, entrusted_share_enterprise=0.19,
        annuity_employer_rate=0.08, annuity_employee_rate=0.04, oa_cash_share=0.4, oa_made_real_share=1.0,
        pause_enterprise=0.06, pause_flexible=0.15, switch_enterprise_flexible=0.01, switch_flexible_enterprise=0.01,
        continue_share=0.4, pay_up_share=0.1, resident_share=0.3, refund_share=0.1, unclaimed_share=0.1,
        return_enterprise_pension=0.03, return_public_pension=0.03, return_occupational_annuity=0.04,
        return_resident=0.025, return_unemployment=0.02, return_work_injury=0.02, return_entrusted=0.05,
        pool_transfer=[2e6, -1e6, 3e6][: case.years] + [0.0] * max(0, case.years - 3),
        basic_pension=143.0, resident_supplement=5.0, resident_contribution=500.0, resident_subsidy=60.0,
        collective_share=0.01, resident_account_rate=0.03, resident_paying_share=0.75, resident_takeup=0.93,
        resident_rollout=1.0, resident_funeral=800.0, resident_entrusted_share=0.8,
        unemployment_employer_rate=0.005, unemployment_employee_rate=0.005, separation_prob=0.06,
        unemployment_take_up=0.33, reemployment_prob=0.065, unemployment_benefit=1_800.0, unemployment_medical=313.2,
        stabilisation_share=0.3, other_unemployment_share=0.15, unemployment_exit_prob=0.05,
        medical_cost=18_000.0, injury_wage_ratio=0.75, prevention_share=0.03, platform_insured=50.0,
        injury_death_share=0.02, injury_annuity_share=0.01, injury_lump_months=5.7, injury_subsidy_months=1.7,
        injury_allowance_share=0.825, injury_funeral_months=6.0, injury_death_multiple=20.0,
        injury_nursing_share=0.12, injury_survivor_share=0.45, limited_allowance_exit=0.6,
    )  # fmt: skip
    case.constant(
        near_retirement_share=0.12, near_reemployment_factor=0.2, near_extension_exit=1.0 / 6.0,
        unemployment_public_share=0.2,
        injury_survivor_exit=0.06, injury_annuitant_mortality=1.5,
        extension_payment_share=0.85, entry_blend=0.5, arrive_insured=0.2, leave_paused=0.6,
        women_55_share_enterprise=0.35, women_55_share_flexible=1.0, women_55_share_public=1.0,
        mortality_payer=0.85, mortality_public=0.8, mortality_pensioner=0.9, mortality_invalid=3.0,
        flexible_buy_index=0.6, current_year_interest=0.5, layoff_share=0.6, first_year=2021.0,
    )  # fmt: skip
    case.path(
        enterprise_payers=30_000.0, flexible_payers=9_000.0, public_payers=5_000.0, paused_members=7_000.0,
        resident_registered=22_000.0, unemployment_insured=24_000.0, injury_insured=28_000.0,
    )  # fmt: skip


def _mini_state(case: Branch) -> None:
    state = case.state
    sizes = {at.ENTERPRISE: 400.0, at.FLEXIBLE: 120.0, at.PUBLIC: 70.0, at.PAUSED: 90.0}
    for status, heads in sizes.items():
        for career in range(at.CAREERS):
            share = (1.0, 0.5, 0.5)[career]
            for age in range(22, (60, 55, 50)[career]):
                for service in range(2, min(age - 18, 40), 8):
                    cell = (career, status, age - at.FIRST_AGE, service)
                    number = heads * share / 5.0
                    case.cells[at.HEADS][cell] = number
                    case.cells[at.SERVICE][cell] = number * (service + 0.5)
                    case.cells[at.INDEX][cell] = number * (service + 0.5) * 0.9
                    case.cells[at.ACCOUNT][cell] = number * (service + 0.5) * 4_500.0
    for career in range(at.CAREERS):
        for scheme in range(2):
            for age in range((60, 55, 50)[career], 96):
                heads = (60.0 if scheme == 0 else 15.0) * (1.0 - (age - 50) / 50.0)
                state.pensioners[at.P_HEADS, career, scheme, age] = heads
                state.pensioners[at.P_MASS, career, scheme, age] = heads * (3_000.0 + 2_900.0 * scheme)
                state.pensioners[at.P_ACCOUNT_MASS, career, scheme, age] = heads * 400.0
                state.pensioners[at.P_SERVICE, career, scheme, age] = heads * 28.0
                state.pensioners[at.P_YEARS, career, scheme, age] = heads * max(0, age - 58)
                state.pensioners[at.P_ACCOUNT, career, scheme, age] = heads * 30_000.0
        state.annuity[0, career, 10:30] = 200_000.0
        state.annuity[1, career, 10:30] = 100_000.0
        state.annuitants[:, career, 45:70] = np.array([[0.4], [1_500.0], [300.0]])
        state.injury_survivors[:, career, 30:60] = np.array([[0.5], [900.0]])
    for sex in range(2):
        for age in range(20, 60):
            saved = 200.0, 60.0, 20.0, 200.0 * (age - 16), 260.0 * 400.0 * (age - 18)
            state.resident[: at.R_ACCOUNT + 1, sex, age] = saved
        for age in range(60, 100):
            heads = 500.0 * (1.0 - (age - 60) / 40.0)
            mass = heads, 0.0, heads * 60.0, heads * 60.0 * max(0, 139 - 12 * (age - 60))
            state.beneficiaries[: at.B_ACCOUNT + 1, sex, age] = mass
    state.unemployment[0] = 1_200.0
    state.unemployment[1, :, 1] = 800.0
    state.claimants[0, 0, :12] = 8.0
    state.claimants[1, 2, :] = 2.0
    balances = 4e8, 9e7, 2e7, 6e7, 5e7, 3e7
    for fund, balance in enumerate(balances):
        case.fund(fund, balance)
    case.fund(at.FUND_ANNUITY, float(state.annuity[0].sum()))
    state.entrusted[:] = 0.19 * 4e8, 2e7
    case.remember(
        premium_unemployment=9e6, premium_injury=1e7, injury_insured=27_000.0, unemployment_rate=0.05,
    )  # fmt: skip


def run(case: Branch, first: int = 0, last: int | None = None) -> Branch:
    """Step the whole lane through the years first..last-1."""
    last = case.years if last is None else last
    project_lane(case.paths, case.constants, case.tables, case.state, case.scratch, case.out, first, last)
    return case
