"""Small lanes made by hand: everything is neutral (zero, one, or not known) unless a test says otherwise.

Neutral: nobody dies, retires, moves or enters; no money is due; accounts earn nothing; levels are not known, no odds
of entry have been solved and nobody has returned. Statutory ages are 60, 55 and 50, reached in the middle of the
year. A cell is named by the age it reaches in the first year, as in the notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simengine.kernels import layout as at
from simengine.kernels.branches.pensions import set_award_levels
from simengine.kernels.lane import project_lane
from simengine.registry.axes import CAMPAIGN_STATUS

CAREERS = {"men": 0, "women_55": 1, "women_50": 2}
SEX_OF = (at.MALE, at.FEMALE, at.FEMALE)
STATUSES = {"enterprise": 0, "flexible": 1, "public": 2, "paused": 3}
STATUTORY_AGE = (60, 55, 50)
UNKNOWN = (
    "enterprise_payers",
    "flexible_payers",
    "public_payers",
    "paused_members",
    "resident_registered",
    "unemployment_insured",
    "injury_insured",
    "payment_rate",
    "resident_payment_rate",
)
ONE = (
    "price_index", "entry_odds_enterprise", "entry_odds_flexible", "public_index", "resident_index",
    "unemployment_index", "injury_index", "sex_ratio_at_birth", "density_enterprise", "density_flexible",
    "density_public", "employer_share_due", "unemployment_share_due", "injury_share_due", "award_factor",
    "public_award_factor", "unemployment_base_ratio", "unclaimed_share", "oa_cash_share",
    "resident_divisor",
)  # fmt: skip
NO_CEILING = 1e12
EVERY_AGE = (at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES - 1.0, 0.0)
"""Ages of a campaign, and that it does not ask for the minimum years."""
HALF = 0.5
"""Part of the people who can enter that enters at an odds factor of one, at every age."""
LAW = {
    "adjustment_tilt_age": 70.0, "compensation_counted_from": 15.0, "late_payment_years": 5.0,
    "resident_pension_age": 60.0, "unemployment_duration_cap": 24.0, "subsidy_reserve_months": 1_200.0,
}  # fmt: skip
"""Law in force, of which a test seldom says anything: series by name."""
FLOAT_LEVELS = ((1.0, 1.0, 1.0, 1.2, 1.5), (0.5, 0.8, 1.0, 1.2, 1.5))
"""Rate over base rate by floating level, of class 1 and of the others: 人社部发〔2015〕71号."""
COMPENSATION = (*5 * [3.0], *5 * [6.0], *6 * [9.0], *np.arange(10.0, 25.0))  # 人社部发〔2021〕18号
ANY_POOL = ((at.POOL_NONE, np.inf), (at.POOL_RESIDENT, np.inf), (at.POOL_PAUSED, np.inf))
ONE_CONSTANTS = (
    "mortality_payer", "mortality_public", "mortality_pensioner", "mortality_invalid", "deemed_index",
    "public_deemed_index", "hukou_ratio", "hukou_ratio_16_59", "women_55_share_flexible", "women_55_share_public",
    "flexible_buy_index", "injury_annuitant_mortality", "extension_payment_share", "return_without_need",
    "pressing_years",
)  # fmt: skip


def award_sums(shares: Mapping[int, float], divisors: Mapping[int, float]) -> dict[int, float]:
    """Sums over the award months of one cell, by plain loops: {position in the retirement table: value}.

    Parameters
    ----------
    shares : calendar month 1..12 -> share of the year's awards, sum 1
    divisors : calendar month -> account divisor [months]
    """
    assert abs(sum(shares.values()) - 1.0) < 1e-12
    sums = dict.fromkeys(range(at.RET_MONTH, at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE + 1), 0.0)
    for month, share in shares.items():
        paid, drawn, inverse = month / 12.0, (12.0 - month) / 12.0, 1.0 / divisors[month]
        sums[at.RET_MONTH] += share * paid
        sums[at.RET_INVERSE_DIVISOR] += share * inverse
        sums[at.RET_MONTH_INVERSE_DIVISOR] += share * paid * inverse
        sums[at.RET_PENSION_SHARE] += share * drawn
        sums[at.RET_MONTH_PENSION_SHARE] += share * paid * drawn
        sums[at.RET_INVERSE_DIVISOR_PENSION_SHARE] += share * inverse * drawn
        sums[at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE] += share * paid * inverse * drawn
    return sums


@dataclass(repr=False)
class Lane:
    """Inputs, state and results of one lane, with short ways to fill and read them."""

    paths: np.ndarray
    constants: np.ndarray
    tables: at.LaneTables
    state: at.State
    scratch: at.Scratch
    out: at.LaneOutput

    # --- inputs -------------------------------------------------------------------------------------------------------

    def path(self, **series: float | Sequence[float]) -> Lane:
        """Set series of the lane: one number for all years, or one a year."""
        for name, values in series.items():
            self.paths[at.PATH_NAMES.index(name)] = values
        set_award_levels(0, self.paths, self.constants, self.state, self.scratch)  # a year begins with them
        self.state.memory[at.MEMORY_AWARD_EXCESS_YEARS] = 0.0
        return self

    def constant(self, **values: float) -> Lane:
        """Set constants of the lane."""
        for name, value in values.items():
            self.constants[at.CONSTANT_NAMES.index(name)] = value
        return self

    def open_entries(self, **women_55: float) -> Lane:
        """Whom entry is open to by the years left of the table, women by their shares of the old retirement age 55.

        Employees to the statutory month, flexible payers while the years left exceed the minimum, fading over five.
        """
        self.constant(**{f"women_55_share_{status}": share for status, share in women_55.items()})
        ages = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
        left = self.tables.retirement[:, :, ages, at.RET_PLANNED_YEARS]
        least = self.tables.retirement[:, :, ages, at.RET_PLANNED_THRESHOLD]
        for status, number in list(STATUSES.items())[:3]:
            part = np.minimum(
                1.0, np.maximum(0.0, (left - least) / 5.0 if status == "flexible" else left - 11.0 / 24.0)
            )
            share = self.constants[at.CONSTANT_NAMES.index(f"women_55_share_{status}")]
            self.tables.entry_open[:, number] = np.array([1.0, share, 1.0 - share])[:, None] * part
        return self

    def awards(
        self,
        career: str,
        age: int,
        shares: Mapping[int, float],
        divisor: float | Mapping[int, float] = 139.0,
        *,
        hazard: float = 1.0,
        threshold: float = 15.0,
        choice: float = 0.0,
    ) -> Lane:
        """Awards of the cell that reaches `age`, in every year of the lane: months with shares, divisors, hazard."""
        divisors = divisor if isinstance(divisor, Mapping) else dict.fromkeys(shares, divisor)
        cell = self.tables.retirement[:, CAREERS[career], age]
        for item, value in award_sums(shares, divisors).items():
            cell[:, item] = value
        cell[:, at.RET_HAZARD] = hazard
        cell[:, at.RET_MONTH_PART] = 1.0
        cell[:, at.RET_THRESHOLD] = cell[:, at.RET_PLANNED_THRESHOLD] = threshold
        cell[:, at.RET_CHOICE_HAZARD] = choice
        return self

    def index(self, status: str, value: float, age: int | None = None) -> Lane:
        """Contribution base over W(t-1) of a paying status, at one age reached or at all."""
        ages = slice(None) if age is None else age - at.FIRST_AGE
        self.tables.index[:, STATUSES[status], :, ages] = value
        return self

    def people(self, sex: int, age: int, heads: float, death_prob: float | None = None) -> Lane:
        """Residents who reach `age` in the first year, and the population's probability of dying at that age."""
        self.state.population[sex, age - 1] += heads
        if death_prob is not None:
            self.tables.death_prob[:, sex, age] = death_prob
        return self

    # --- state --------------------------------------------------------------------------------------------------------

    def members(
        self,
        status: str,
        age: int,
        heads: float,
        service: float,
        *,
        career: str = "men",
        index: float = 0.0,
        deemed: float = 0.0,
        deemed_index: float | None = None,
        account: float = 0.0,
        bin_: int | None = None,
    ) -> Lane:
        """Members who reach `age` in the first year; moments are per head (index: index-years, account: yuan)."""
        where = (
            CAREERS[career],
            STATUSES[status],
            age - 1 - at.FIRST_AGE,
            min(int(service), at.BINS - 1) if bin_ is None else bin_,
        )
        index_deemed = deemed if deemed_index is None else deemed_index
        per_head = {
            at.HEADS: 1.0,
            at.SERVICE: service,
            at.INDEX: index,
            at.DEEMED: deemed,
            at.DEEMED_INDEX: index_deemed,
            at.ACCOUNT: account,
        }
        for moment, value in per_head.items():
            self.cells[moment, *where] += heads * value
        return self

    def pensioners(
        self,
        age: int,
        heads: float,
        pension: float,
        *,
        career: str = "men",
        public: bool = False,
        account_part: float = 0.0,
        service: float = 0.0,
        years: float = 0.0,
        account: float = 0.0,
        annuity: float = 0.0,
        annuity_part: float = 0.0,
    ) -> Lane:
        """Pensioners who reach `age` in the first year; amounts are per head (yuan/month, years, yuan)."""
        values = (1.0, pension, account_part, service, years, account, annuity, annuity_part)
        for item, value in enumerate(values):
            self.state.pensioners[item, CAREERS[career], int(public), age - 1] += heads * value
        return self

    def residents(
        self, sex: int, age: int, heads: float, *, account: float = 0.0, years: float = 0.0, paying: float = 1.0
    ) -> Lane:
        """Registered resident contributors who reach `age` in the first year; account and years are per head."""
        resident = self.state.resident[:, sex, age - 1]
        resident[at.R_PAYING] += heads * paying
        resident[at.R_NOT_PAYING] += heads * (1.0 - paying)
        resident[at.R_PAID_YEARS] += heads * years
        resident[at.R_ACCOUNT] += heads * account
        return self

    def pools(self, status: str, *sources: tuple[int, float] | int) -> Lane:
        """Sources of a campaign in their order, in every year: pool codes, or pairs of a code and a limit."""
        table = self.tables.campaign[:, CAMPAIGN_STATUS.index(status)]
        table[:] = 0.0
        for order, source in enumerate(sources):
            table[:, order] = source if isinstance(source, tuple) else (source, np.inf)
        return self

    # --- run and read -------------------------------------------------------------------------------------------------

    def step(self, years: int = 1) -> Lane:
        """Run the first `years` years."""
        project_lane(self.paths, self.constants, self.tables, self.state, self.scratch, self.out, 0, years)
        return self

    def flow(self, name: str, t: int = 0) -> float:
        """One flow of year t."""
        return float(self.out.flows[at.FLOW_NAMES.index(name), t])

    def stock(self, name: str, e: int = 1) -> float:
        """One stock at year end e (0 is the opening)."""
        return float(self.out.stocks[at.STOCK_NAMES.index(name), e])

    def ledger(self, fund: int, item: int, t: int = 0) -> float:
        """One item of a fund's own account in year t [yuan]."""
        return float(self.out.ledger[at.OWN, fund, item, t])

    def balance(self, fund: int, e: int = 1) -> float:
        """Balance of a fund's own account at year end e [yuan]."""
        return float(self.out.balance[at.OWN, fund, e])

    @property
    def cells(self) -> np.ndarray:
        """Members with the moments first [moment, career, status, age, bin]; writes go to the state."""
        return at.by_moment(self.state.members)

    def cell(self, status: str, age: int, career: str = "men") -> np.ndarray:
        """Moments by service bin of the members labelled `age` now [moment, bin]."""
        return self.cells[:, CAREERS[career], STATUSES[status], age - at.FIRST_AGE]

    def moments(self, status: str, age: int, career: str = "men") -> np.ndarray:
        """Sums over the bins of the members labelled `age` now [moment]."""
        return self.cell(status, age, career).sum(axis=1)

    def heads(self, status: str) -> float:
        """Members of a status [persons]."""
        return float(self.cells[at.HEADS, :, STATUSES[status]].sum())


def build_lane(years: int = 1) -> Lane:
    """A neutral lane of `years` years with nobody in it."""
    zeros = np.zeros
    paths = zeros((at.PATHS, years))
    paths[at.PATH_ACCRUAL_RATE] = 0.01
    paths[at.PATH_PREVIOUS_PRICE_INDEX] = 1.0
    constants = zeros(at.CONSTANTS)
    tables = at.Tables(
        death_prob=zeros((years, 2, at.AGES)),
        birth_rate=zeros((years, 35)),
        migration=zeros((years, 2, at.AGES)),
        retirement=zeros((years, at.CAREERS, at.AGES, at.RETIREMENT_ITEMS)),
        index=zeros((years, 3, 2, at.WORKING_AGES)),
        entry_hazard=np.ones((3, 2, at.WORKING_AGES)),
        entry_shape=np.full((3, at.CAREERS, at.WORKING_AGES), HALF),
        entry_open=zeros((years, 3, at.CAREERS, at.WORKING_AGES)),
        level_shape=np.full((3, 2, at.WORKING_AGES), 0.5 / at.WORKING_AGES),
        student_share=zeros(at.AGES),
        participation=zeros((2, at.AGES)),
        working_weight=zeros((years, 2, at.AGES)),
        class_mix=zeros(at.RISK_CLASSES),
        class_rate=zeros((years, at.RISK_CLASSES)),
        class_incidence=zeros(at.RISK_CLASSES),
        catch_up_shape=np.ones((2, at.WORKING_AGES)),
        campaign=np.tile(ANY_POOL, (years, at.CAMPAIGN_STATUSES, 1, 1)),
        campaign_ages=np.tile(EVERY_AGE, (years, at.CAMPAIGN_STATUSES, 1)),
        compensation=np.tile(COMPENSATION, (years, 1)),
        cut_marks=np.array([12.0, 18.0, 24.0]),
        cut_factor=np.ones((years, 3)),
        float_levels=np.tile(FLOAT_LEVELS, (years, 1, 1)),
        float_shift=np.zeros((years, at.FLOAT_POINTS)),
        transition_gain=np.maximum(0.0, at.GAIN_FIRST + at.GAIN_STEP * np.arange(at.GAIN_POINTS) - 1.0),
        ladder_months=np.tile([0.0, *4 * [12.0], *5 * [18.0], *3 * [24.0]], (years, 1)),
        ladder_step=np.array([*5 * [0.0], *5 * [1.0], *3 * [2.0]]),
    )
    tables = at.pack(tables)
    lane = Lane(paths, constants, tables, at.new_state(), at.new_scratch(), at.new_output())
    lane.path(**dict.fromkeys(UNKNOWN, np.nan)).path(**dict.fromkeys(ONE, 1.0)).path(**LAW)
    lane.constant(**dict.fromkeys(ONE_CONSTANTS, 1.0), mortality_other_max=10.0, first_year=2020.0)
    lane.constant(opening_year=3000.0, coverage_ceiling=NO_CEILING)
    lane.path(coverage_population_ratio=1.0)
    lane.state.odds[:] = lane.state.returns[:] = -1.0  # no known year yet
    lane.constant(**{f"old_age_{career}": float(STATUTORY_AGE[number]) for career, number in CAREERS.items()})
    ages = np.arange(at.AGES)
    tables.working_weight[:, 0] = (ages >= at.FIRST_AGE) & (ages < STATUTORY_AGE[0])
    tables.working_weight[:, 1] = (ages >= at.FIRST_AGE) & (ages < STATUTORY_AGE[1])
    for career in range(at.CAREERS):
        cells = tables.retirement[:, career]
        cells[..., at.RET_YEARS_TO_STATUTORY] = STATUTORY_AGE[career] + 0.5 - ages
        cells[..., at.RET_THRESHOLD] = 15.0
        cells[..., at.RET_PLANNED_YEARS] = cells[..., at.RET_YEARS_TO_STATUTORY]
        cells[..., at.RET_PLANNED_THRESHOLD] = cells[..., at.RET_THRESHOLD]
        for item, value in award_sums({6: 1.0}, {6: 139.0}).items():
            cells[..., item] = value
    return lane.open_entries()
