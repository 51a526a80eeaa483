"""Positions inside the arrays of one lane, and the groups of arrays a kernel receives.

A kernel knows numbers only. `simengine.engine.compile` turns names into these positions, `simengine.engine.label` turns
positions back into names; both read the prefixes below (``PATH_``, ``CONSTANT_``, ``FLOW_``, ``STOCK_``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from simengine.registry.inputs import CONSTANT_NAMES as CONSTANT_NAMES
from simengine.registry.inputs import PATH_NAMES as PATH_NAMES
from simengine.registry.variables import FLOW_NAMES as FLOW_NAMES
from simengine.registry.variables import STOCK_NAMES as STOCK_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    def __getattr__(name: str) -> int: ...


# --- axes -----------------------------------------------------------------------------------------------------
AGES, FIRST_AGE = 101, 16  # the second: first age that can be a member of the employees' scheme
WORKING_AGES = 64  # 16..79
CAREERS, STATUSES = 3, 4
BINS, ROW = 46, 48  # the second: bins as stored: whole vectors; the last two are always empty
LEAST_SERVICE = 1e-6  # years; a ratio to less service means nothing
LEAST_SUM = 1e-200  # persons or their years; the inverse of less is too large to be multiplied with
ENTERPRISE, FLEXIBLE, PUBLIC, PAUSED = 0, 1, 2, 3
MALE, FEMALE = SCHEME_ENTERPRISE, SCHEME_PUBLIC = 0, 1  # sexes; schemes of pensioners
ENTRY_ORDINARY, ENTRY_CATCH_UP, ENTRY_ADMISSION = 0, 1, 2
POOL_PAUSED, POOL_NONE, POOL_RESIDENT, POOL_ELDERLY = 1, 2, 3, 4  # sources of a campaign; 0: no further source
CAMPAIGN_ENTERPRISE, CAMPAIGN_FLEXIBLE, CAMPAIGN_RESIDENT = 0, 1, 2  # columns of the tables of campaigns
LADDER, MONTHS = 3, 24  # the second: of a claim, the most there is room for
PAID_YEAR_CLASSES = 13  # whole paid years since the last claim; the last class collects twelve and over
RISK_CLASSES, INVALID_BRANCHES = 8, 3
CAMPAIGN_STATUSES, CAMPAIGN_SOURCES = 3, 3
NEAR_MINIMUM = 10.0  # years, of statistics: who is below the minimum with so many, or with fewer (model.md 6)
SENIOR_AGE = 60  # of statistics: yearbooks and the ratios of the basis count people of 16 to 59, and of 60 and over
FIRST_BIRTH_AGE, BIRTH_AGES = 15, 35  # ages of mothers

# --- how a cell is handled: arithmetic and assumptions on groups, no law ----------------------------------------
HALF_YEAR = 6.0  # months; what happens all over a year lasts half of it in its first year
MOST_OF_CELL = 0.9  # largest part of a cell that moves in one year by a target or a migration: no cell is emptied
MOST_OF_POOL = 0.95  # the same of people without any scheme, and of a bin that pauses and switches
MOST_GROWTH = 0.2  # of a cell by insured in-migrants in one year
NO_HEADS = 1e-9  # persons, or part of a number: less is rounding
NO_PART = 1e-12  # the same where single members are weighed
MOST_ROUNDS = 64  # steps in which a factor on returns or entries is found
LEAST_ODDS, MOST_ODDS = 0.049787068367863944, 20.085536923187668  # of entries: pressures of -3 and 3
RETURNS_BELOW, RETURNS_ABOVE = 1.0, 2.0  # who may return: below the old retirement ages, or above
KEPT_YEARS, LEAST_OF_MEAN = 5, 0.5  # known years that later ones follow; least part of their mean that a year is
SETTLING_YEARS = 10.0  # in which the last odds of a lane give way to the mean of its kept ones
ENTRY_FADE = 5.0  # years before the last useful one over which entry fades
CAREER_START, DEEMED_ENTRY_AGE = 20.0, 35.0  # history: deemed years of late entrants count from one, of whom the other
ADMITTED_SERVICE = 30.0  # years of service that stand for the unknown record of pensioners admitted as a group
LIKE_OWN = 0.05  # admitted over present pensioners: more of them are spread like the present ones
LEAST_OTHER_MORTALITY = 0.5  # of the people outside every scheme, over that of all

# --- moments of a member cell ---------------------------------------------------------------------------------
HEADS, SERVICE, INDEX, ACCOUNT, DEEMED, DEEMED_INDEX = 0, 1, 2, 3, 4, 5
MOMENTS, PAID_MOMENTS = 6, 4  # the second: the first ones; the others are zero throughout a row without deemed years
MOST_YEARS = 121  # years a lane can hold; odd, so that the years of a column do not share a cache set

# --- pensioner cells: heads, monthly mass, of it account part, service, years in payment, remaining account,
#     annuity balance and annuity mass -------------------------------------------------------------------------
P_HEADS, P_MASS, P_ACCOUNT_MASS, P_SERVICE, P_YEARS, P_ACCOUNT, P_ANNUITY, P_ANNUITY_MASS = 0, 1, 2, 3, 4, 5, 6, 7
PENSIONER_ITEMS = 8

# --- invalidity recipients (three branches of the 2024 rule) ----------------------------------------------------
I_HEADS, I_MASS, I_ACCOUNT, I_SERVICE, I_INDEX, I_DEEMED_INDEX, I_ACCOUNT_MASS = 0, 1, 2, 3, 4, 5, 6
INVALID_ITEMS = 7

# --- resident scheme ------------------------------------------------------------------------------------------
# the last two: registered by campaigns beyond the level; brought back to paying by them
R_PAYING, R_NOT_PAYING, R_DUAL, R_PAID_YEARS, R_ACCOUNT, R_BEYOND, R_RESUMED = 0, 1, 2, 3, 4, 5, 6
RESIDENT_ITEMS = 7
B_HEADS, B_BASE_MASS, B_ACCOUNT_MASS, B_ACCOUNT, B_BEYOND = 0, 1, 2, 3, 4  # the last: by campaigns beyond take-up
BENEFICIARY_ITEMS = 5

# --- work injury ----------------------------------------------------------------------------------------------
A_HEADS, A_ALLOWANCE, A_NURSING = 0, 1, 2
ANNUITANT_ITEMS = 3
C_LEVEL, C_CLAIMS, C_PREMIUMS = 0, 1, 2

# --- mortality groups -----------------------------------------------------------------------------------------
Q_OTHER, Q_PAYER, Q_PUBLIC, Q_PENSIONER, Q_INVALID = 0, 1, 2, 3, 4

# --- funds and their ledgers ----------------------------------------------------------------------------------
FUND_ENTERPRISE, FUND_PUBLIC, FUND_ANNUITY, FUND_RESIDENT, FUND_UNEMPLOYMENT, FUND_INJURY = 0, 1, 2, 3, 4, 5
FUNDS = 6
OWN, FINANCED, UNAIDED = 0, 1, 2  # subsidy: constant share of spending, fill to minimum months, none
ACCOUNTS = 3
(
    IN_CONTRIBUTIONS, IN_INTEREST, IN_INVESTMENT, IN_FISCAL, IN_COLLECTIVE, IN_TRANSFERS, IN_FROM_ABOVE, IN_FROM_BELOW,
    IN_OTHER, OUT_BENEFITS, OUT_TRANSFERS, OUT_TO_BELOW, OUT_TO_ABOVE, OUT_OTHER,
) = range(14)  # fmt: skip
LEDGER_ITEMS = 14

# --- retirement table: sums over the award months of one year (simengine/law/retirement.py) ---------------------
(
    RET_HAZARD,
    RET_MONTH,
    RET_INVERSE_DIVISOR,
    RET_MONTH_INVERSE_DIVISOR,
    RET_PENSION_SHARE,
    RET_MONTH_PENSION_SHARE,
    RET_INVERSE_DIVISOR_PENSION_SHARE,
    RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE,
    RET_THRESHOLD,
    RET_CHOICE_HAZARD,
    RET_YEARS_TO_STATUTORY,
    RET_PLANNED_YEARS,  # years left and minimum that people plan by: of the law before the reform below its ages
    RET_PLANNED_THRESHOLD,
    # parts of the awards of the cell by the way they come about, then who reaches the month and goes later
    RET_EARLY_PART,
    RET_SPECIAL_PART,
    RET_AHEAD_PART,
    RET_MONTH_PART,
    RET_LATER_PART,
    RET_DEFERRED,
    RET_REACHING,  # share of the people of the age whose statutory month falls in the year
) = range(20)
RETIREMENT_ITEMS = 20

# --- who retires in a year, by career (out.retirements): awards by the way they come about, as parts of the retirement
#     table; with the minimum at the month, but later; below the minimum at it, and of all those, left without a pension
WAYS = 5
(
    WENT_EARLY, WENT_SPECIAL, WENT_AHEAD, WENT_AT_MONTH, WENT_LATER,
    PAID_UP, DEFERRED, BELOW_NEAR, BELOW_FAR, LEFT_NEAR, LEFT_FAR,
) = range(11)  # fmt: skip
RETIREMENT_COUNTS = 11

# --- new over old public pensions: grid of `Tables.transition_gain` ---------------------------------------------------
FLOAT_STEP, FLOAT_POINTS = 0.02, 301  # grid of `Tables.float_shift`
FLOAT_LEVELS, FLOAT_BASE = 5, 2.0  # levels of a risk class; the one of the base rate
GAIN_FIRST, GAIN_STEP, GAIN_POINTS = 0.4, 0.005, 421

# --- what one row (career, status, age) of members shares in a year ----------------------------------------------
(
    ROW_DEATH,
    ROW_HAZARD,
    ROW_MONTH,
    ROW_THRESHOLD,
    ROW_CHOICE,
    ROW_YEARS_LEFT,
    ROW_PLANNED_YEARS,
    ROW_PLANNED_THRESHOLD,
    ROW_GAIN,
    ROW_INDEX,
    ROW_CREDIT,
    ROW_CREDIT_FACTOR,
    ROW_INTEREST,
    ROW_PAUSE,
    ROW_STOP,
    ROW_SWITCH,
    ROW_LEAVE,
    ROW_INVALID,
    ROW_INCOME_MONTH,
    ROW_BUY_PRICE,
    ROW_BUY_CREDIT,
    ROW_BUY_INDEX,
    # as by status alone, before the age is looked at
    ROW_DENSITY,
    ROW_ACCOUNT_SHARE,
    ROW_PAUSING,
    ROW_STOPPING,
    ROW_SWITCHING,
    ROW_YEARLY_WAGE,
    ROW_OLD_AGE,
    ROW_PER_PRESSING,
) = range(30)
ROW_ITEMS = 30

FULL, HALF = 0, 1  # years in a status, of `scratch.climb`

# --- vectors over service bins that one row needs while it is settled (scratch.bins) ---------------------------------
(
    V_SERVICE, V_ACCOUNT, V_SHARE, V_UPPER, V_LOWER, V_KEEP_HEADS, V_KEEP_MOMENTS, V_PAUSE, V_SWITCH, V_LEAVE,
    V_STAY, V_WEIGHT, V_DEEMED_INDEX, V_TERM,
) = range(14)  # fmt: skip
BIN_ITEMS = 14
BENDS, BENDS_MOST = 3, 51  # changes of slope of a table by years of service: those read at a time, room for all
WIDTH = 8  # bins of one vector, and the number of partial sums
CACHE_LINE = 64  # bytes; groups start on one, and so do the rows of their first arrays
LEAD = 8  # empty bins before the first one of `scratch.movers`, so that a group can climb by reading one bin lower

# --- memory: what a lane carries from year to year beside its stocks ----------------------------------------------
MEMORY_NAMES = (
    "odds_enterprise", "odds_flexible", "unsolved_enterprise", "unsolved_flexible", "ratio_public", "ratio_resident",
    "ratio_unemployment", "ratio_injury", "backlog_enterprise", "backlog_flexible", "premium_unemployment",
    "spending_unemployment", "premium_injury", "injury_insured", "platform_insured", "unemployment_rate",
    "injury_rate_factor", "spending_injury", "injury_reserve_factor", "rerating_years", "extra_unemployment",
    "extra_injury", "backlog_unemployment", "backlog_injury", "backlog_resident", "reached_coverage", "cut_withdrawn",
    "award_excess_enterprise", "award_excess_public", "award_excess_years",
)  # fmt: skip

# --- names and positions ----------------------------------------------------------------------------------------------
PATHS = len(PATH_NAMES)
CONSTANTS = len(CONSTANT_NAMES)
FLOWS = len(FLOW_NAMES)
STOCKS = len(STOCK_NAMES)
MEMORY = len(MEMORY_NAMES)

# Positions by name: PATH_AVERAGE_WAGE and so on. numba reads them as constants.
globals().update({f"PATH_{name.upper()}": position for position, name in enumerate(PATH_NAMES)})
globals().update({f"CONSTANT_{name.upper()}": position for position, name in enumerate(CONSTANT_NAMES)})
globals().update({f"FLOW_{name.upper()}": position for position, name in enumerate(FLOW_NAMES)})
globals().update({f"STOCK_{name.upper()}": position for position, name in enumerate(STOCK_NAMES)})
globals().update({f"MEMORY_{name.upper()}": position for position, name in enumerate(MEMORY_NAMES)})


class Tables(NamedTuple):
    """Tables of one lane as they are compiled.

    Axes: T years, 2 sexes, 101 ages, 64 working ages, 3 careers, 3 payer statuses.
    """

    death_prob: np.ndarray  # [T, 2, 101] probability of dying in the year, by age reached
    birth_rate: np.ndarray  # [T, BIRTH_AGES] births per woman-year at 15..49
    migration: np.ndarray  # [T, 2, 101] net migrants of the year, persons
    retirement: np.ndarray  # [T, 3, 101, RETIREMENT_ITEMS]
    index: np.ndarray  # [T, 3, 2, 64] contribution base over W(t-1)
    entry_hazard: np.ndarray  # [3, 2, 64]
    entry_shape: np.ndarray  # [3, 3 careers, 64] share of the pool that enters at an odds factor of one
    entry_open: np.ndarray  # [T, 3, 3 careers, 64] part of the pool of a career that entry is open to
    level_shape: np.ndarray  # [3, 2, 64] members of the status per resident, relative
    student_share: np.ndarray  # [101]
    participation: np.ndarray  # [2, 101]
    working_weight: np.ndarray  # [T, 2, 101] share of the year's age that is below the statutory month
    class_mix: np.ndarray  # [8]
    class_rate: np.ndarray  # [T, 8]
    class_incidence: np.ndarray  # [8] per insured and year
    catch_up_shape: np.ndarray  # [2, 64] how catch-up entrants spread over the years before old age
    campaign: np.ndarray  # [T, 3 (enterprise, flexible, resident), 3 in order, 2 (POOL_ code, most persons a year)]
    campaign_ages: np.ndarray  # [T, 3, 3] first age, last age, 1 if only who can still reach the minimum years
    compensation: np.ndarray  # [T, 31] months of income for a death, by whole years of contributions
    transition_gain: np.ndarray  # mean of max(0, R-1) by the mean ratio GAIN_FIRST + GAIN_STEP·position
    cut_marks: np.ndarray  # [3] payable months between which the phased cut moves
    cut_factor: np.ndarray  # [T, 3] mean rate factor of the phased cut at the marks
    float_levels: np.ndarray  # [T, 2, FLOAT_LEVELS] rate over base rate by floating level: class 1, the others
    float_shift: np.ndarray  # [T, FLOAT_POINTS] mean change of level by claims ratio FLOAT_STEP·position
    ladder_months: np.ndarray  # [T, 13] months of unemployment benefit by paid-year class
    ladder_step: np.ndarray  # [13] step of that ladder


class Output(NamedTuple):
    """Results of one lane over its own years T."""

    flows: np.ndarray  # [FLOWS, T]
    stocks: np.ndarray  # [STOCKS, T+1]
    ledger: np.ndarray  # [ACCOUNTS, 6, 14, T]
    balance: np.ndarray  # [ACCOUNTS, 6, T+1]
    population: np.ndarray  # [T+1, 2, 101]
    members: np.ndarray  # [T+1, 4, 2, 64]
    pensioners: np.ndarray  # [T+1, 2, 2, 101]
    resident: np.ndarray  # [T+1, 2, 101] registered
    beneficiaries: np.ndarray  # [T+1, 2, 101]
    unemployment_months: np.ndarray  # [4 (claimants at the end, months paid, new claims, benefits), 12, T]
    retirements: np.ndarray  # [T, RETIREMENT_COUNTS, 3] persons of a year by career
    departures: np.ndarray  # [T, 2, 101] members and pensioners who died or left, by age reached
    pension_mass: np.ndarray  # [T+1, 2, 2, 101] pensions in payment by scheme, yuan a month
    service: np.ndarray  # [T+1, 2, 101] recognised years of members and pensioners


if TYPE_CHECKING:

    class _Record:
        """What a numpy record offers here."""

        dtype: np.dtype[np.void]

        def __getattr__(self, name: str) -> np.ndarray: ...
        def __iter__(self) -> Iterator[np.ndarray]: ...
        def copy(self) -> Self: ...
        def tobytes(self) -> bytes: ...

else:
    _Record = np.record

Kind = TypeVar("Kind", bound="Group")


class Group(_Record):
    """Arrays of fixed shape in one block of memory: a kernel receives it as one pointer."""

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {}

    @classmethod
    def empty(cls: type[Kind]) -> Kind:
        """All arrays zero."""
        dtype = np.dtype((cls, [(name, np.float64, shape) for name, shape in cls.SHAPES.items()]))
        room = np.zeros(dtype.itemsize + CACHE_LINE, dtype=np.uint8)
        start = -room.ctypes.data % CACHE_LINE
        group: Kind = room[start : start + dtype.itemsize].view(dtype)[0]
        return group

    def fill(self, other: Self) -> None:
        """Take over every array of another group of the kind."""
        for name in self.SHAPES:
            getattr(self, name)[...] = getattr(other, name)


class State(Group):
    """Everything carried from year end to year end (model.md, section 4)."""

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        "members": (CAREERS, STATUSES, WORKING_AGES, MOMENTS, ROW),  # by_moment() puts the moments first
        "population": (2, AGES),  # persons
        "pensioners": (PENSIONER_ITEMS, CAREERS, 2, AGES),
        "invalidity": (INVALID_ITEMS, INVALID_BRANCHES, CAREERS, WORKING_AGES),  # by branch
        "annuity": (2, CAREERS, WORKING_AGES),  # cash and recorded balance, yuan
        "resident": (RESIDENT_ITEMS, 2, AGES),
        "beneficiaries": (BENEFICIARY_ITEMS, 2, AGES),
        "unemployment": (2, 2, PAID_YEAR_CLASSES),  # heads, unused months; enterprise, public
        "claimants": (2, LADDER, MONTHS),  # regular, near statutory age
        "annuitants": (ANNUITANT_ITEMS, CAREERS, AGES),
        "injury_survivors": (2, CAREERS, AGES),
        "injury_classes": (3, RISK_CLASSES),  # floating level 0..4, claims and premiums since the last re-rating
        "funds": (ACCOUNTS, FUNDS),  # yuan
        "entrusted": (2,),  # enterprise, resident; yuan
        "odds": (2, KEPT_YEARS),  # of the last solved years, by status: odds over their path; -1: none yet
        "returns": (2, KEPT_YEARS),  # of the last known years: share returning, of it to enterprises; -1: none yet
        "memory": (MEMORY,),
    }


class Scratch(Group):
    """Working arrays of one lane, allocated once; the sums by row describe the members of `State` as they stand."""

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        "arrivals": (CAREERS, STATUSES, WORKING_AGES, MOMENTS, ROW),  # movers, entrants and returners of the year
        "movers": (MOMENTS, LEAD + ROW + LEAD),  # moments of a group on its way, with room on both sides
        "bins": (BIN_ITEMS, ROW),
        "climb": (2, 2, ROW),  # of a group of a full and of half a year: parts of a bin that stay and that rise into it
        "climbing": (2,),  # the shares `climb` is made for
        "partial": (WIDTH,),  # partial sums of a reduction over bins
        "survivor_sums": (2, ROW),  # survivor benefits of the two pension funds by service bin, yuan
        "may_return": (CAREERS, WORKING_AGES),  # RETURNS_BELOW or _ABOVE where paused members can return
        "return_weights": (CAREERS, WORKING_AGES, ROW),
        "heads": (CAREERS, STATUSES, WORKING_AGES),  # members by row
        "accounts": (CAREERS, STATUSES, WORKING_AGES),  # their accounts, yuan
        "service": (CAREERS, STATUSES, WORKING_AGES),  # their recognised years
        "held": (CAREERS, STATUSES, WORKING_AGES),  # 1 where the row of members is not zero in memory
        "arrived": (CAREERS, STATUSES, WORKING_AGES),  # heads of the arrivals by row
        "waiting": (CAREERS, STATUSES, WORKING_AGES),  # 1 where the row of arrivals is not zero in memory
        "deemed": (CAREERS, STATUSES, WORKING_AGES),  # 1 where a row has deemed years; without, two moments are zero
        "arrived_deemed": (CAREERS, STATUSES, WORKING_AGES),
        "months": (ROW + 2,),  # months of compensation inside each year of service, from -1 on
        "bends": (2, BENDS_MOST),  # mean service at which their slope changes, by how much; empty ones change nothing
        "bends_from": (1,),
        "bend_blocks": (1,),  # blocks of `BENDS` in use
        "population_open": (2, AGES),  # opening population by the age reached in the year
        "population_survived": (2, AGES),  # closing population (births enter last)
        "death": (5, 2, AGES),  # probability of dying by mortality group
        "count": (2, AGES),  # general counter by sex and age
        "reach": (2, AGES),  # people in a pool of the residents' campaign
        "unpaid": (2, AGES),  # the registered who have not paid, before the registrations of the year
        "pool": (2, WORKING_AGES),  # who can enter
        "pool_resident": (2, WORKING_AGES),  # of them, registered in the resident scheme
        "pool_aside": (2, WORKING_AGES),  # of them, out of reach of the pool a campaign draws on
        "entry": (CAREERS, WORKING_AGES),
        "asked": (3, CAREERS, WORKING_AGES),  # ordinary entrants of the year by status, before they are admitted
        "weight": (CAREERS, WORKING_AGES),
        "public_share": (3, CAREERS, WORKING_AGES),  # dead, retired, moved; of public payers, for the annuity
        "new_pensioners": (PENSIONER_ITEMS, CAREERS, 2, AGES),  # awards of the year
        "payer_base": (3, 2),  # exposure (persons) and insurable base (W x years) by status
        "ledger": (FUNDS, LEDGER_ITEMS),
        "row": (ROW_ITEMS,),
        "targets": (STATUSES,),  # level targets by status, persons
        "needs": (STATUSES,),  # what they lack
        "resident_in": (3, 2, AGES),  # heads, account, years from the employees' scheme
        "annuity_month": (CAREERS, WORKING_AGES),  # monthly occupational annuity a public payer would draw, yuan
        "death_months": (1,),  # months of compensation for a death without years of contributions
        "award_level": (2,),  # of the year over the formula
    }


T = MOST_YEARS


class LaneTables(Group):
    """`Tables` as a kernel receives them: room for `MOST_YEARS` years."""

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        "death_prob": (T, 2, AGES),
        "birth_rate": (T, BIRTH_AGES),
        "migration": (T, 2, AGES),
        "retirement": (T, CAREERS, AGES, RETIREMENT_ITEMS),
        "index": (T, 3, 2, WORKING_AGES),
        "entry_hazard": (3, 2, WORKING_AGES),
        "entry_shape": (3, CAREERS, WORKING_AGES),
        "entry_open": (T, 3, CAREERS, WORKING_AGES),
        "level_shape": (3, 2, WORKING_AGES),
        "student_share": (AGES,),
        "participation": (2, AGES),
        "working_weight": (T, 2, AGES),
        "class_mix": (RISK_CLASSES,),
        "class_rate": (T, RISK_CLASSES),
        "class_incidence": (RISK_CLASSES,),
        "catch_up_shape": (2, WORKING_AGES),
        "campaign": (T, CAMPAIGN_STATUSES, CAMPAIGN_SOURCES, 2),
        "campaign_ages": (T, CAMPAIGN_STATUSES, 3),
        "compensation": (T, 31),
        "transition_gain": (GAIN_POINTS,),
        "cut_marks": (3,),
        "cut_factor": (T, 3),
        "float_levels": (T, 2, FLOAT_LEVELS),
        "float_shift": (T, FLOAT_POINTS),
        "ladder_months": (T, PAID_YEAR_CLASSES),
        "ladder_step": (PAID_YEAR_CLASSES,),
    }


class LaneOutput(Group):
    """`Output` as a kernel writes it: room for `MOST_YEARS` years."""

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        "flows": (FLOWS, T),
        "stocks": (STOCKS, T + 1),
        "ledger": (ACCOUNTS, FUNDS, LEDGER_ITEMS, T),
        "balance": (ACCOUNTS, FUNDS, T + 1),
        "population": (T + 1, 2, AGES),
        "members": (T + 1, STATUSES, 2, WORKING_AGES),
        "pensioners": (T + 1, 2, 2, AGES),
        "resident": (T + 1, 2, AGES),
        "beneficiaries": (T + 1, 2, AGES),
        "unemployment_months": (4, 12, T),
        "retirements": (T, RETIREMENT_COUNTS, CAREERS),
        "departures": (T, 2, AGES),
        "pension_mass": (T + 1, 2, 2, AGES),
        "service": (T + 1, 2, AGES),
    }


_YEAR_AXIS = {"flows": 1, "stocks": 1, "ledger": 3, "balance": 2, "unemployment_months": 2}
_ENDS = {"stocks", "balance", "population", "members", "pensioners", "resident", "beneficiaries"}
_ENDS |= {"pension_mass", "service"}


def by_moment(members: np.ndarray) -> np.ndarray:
    """Members with the moments first, without padding: a view [moment, career, status, age, bin]."""
    return np.moveaxis(members, -2, 0)[..., :BINS]


def pack(tables: Tables) -> LaneTables:
    """Tables of at most `MOST_YEARS` years in one block of memory; what lies beyond their years stays zero."""
    packed = LaneTables.empty()
    for name, array in zip(Tables._fields, tables, strict=True):
        block = getattr(packed, name)
        block[: array.shape[0]] = array
    return packed


def _cut(name: str, array: np.ndarray, first: int, last: int) -> np.ndarray:
    """Years first..last-1 of one array of results, of a stock the year ends around them."""
    place = [slice(None)] * array.ndim
    place[_YEAR_AXIS.get(name, 0)] = slice(first, last + (name in _ENDS))
    return array[tuple(place)]


def unpack(output: LaneOutput, years: int) -> Output:
    """The results of the first `years` years, as views."""
    return Output(**{name: _cut(name, getattr(output, name), 0, years) for name in Output._fields})


def copy_years(source: Output, target: Output, first: int, last: int) -> None:
    """Copy the years first..last-1, and the year ends around them, from one set of results to another."""
    for name in Output._fields:
        _cut(name, getattr(target, name), first, last)[...] = _cut(name, getattr(source, name), first, last)


def new_state() -> State:
    """An empty state of one lane."""
    return State.empty()


def new_scratch() -> Scratch:
    """Working arrays of one lane; a lane that has run leaves nothing in them that the next one reads."""
    return Scratch.empty()


def new_output() -> LaneOutput:
    """Room for the results of one lane."""
    return LaneOutput.empty()
