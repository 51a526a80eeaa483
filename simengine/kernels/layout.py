"""Positions inside the arrays of one lane, and the groups of arrays a kernel receives.

A kernel knows numbers only. ``compile.py`` turns names into these positions, ``project.py`` turns positions
back into names; both read the prefixes below (``PATH_``, ``CONSTANT_``, ``FLOW_``, ``STOCK_``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:

    def __getattr__(name: str) -> int: ...


# --- axes -----------------------------------------------------------------------------------------------------
AGES = 101
FIRST_AGE = 16  # first age that can be a member of the employees' scheme
WORKING_AGES = 64  # 16..79
CAREERS = 3
STATUSES = 4
BINS = 46
LEAST_SERVICE = 1e-6  # years; a ratio to less service means nothing
ENTERPRISE, FLEXIBLE, PUBLIC, PAUSED = 0, 1, 2, 3
MALE, FEMALE = 0, 1
ENTRY_ORDINARY, ENTRY_CATCH_UP, ENTRY_ADMISSION = 0, 1, 2
POOL_PAUSED, POOL_NONE, POOL_RESIDENT = 1, 2, 3  # sources of a campaign; 0: no further source
LADDER = 3
MONTHS = 24
PAID_YEAR_CLASSES = 11
RISK_CLASSES = 8

# --- moments of a member cell ---------------------------------------------------------------------------------
HEADS, SERVICE, INDEX, DEEMED, DEEMED_INDEX, ACCOUNT = 0, 1, 2, 3, 4, 5
MOMENTS = 6

# --- pensioner cells: heads, monthly mass, of it account part, service, years in payment, remaining account,
#     annuity balance and annuity mass -------------------------------------------------------------------------
P_HEADS, P_MASS, P_ACCOUNT_MASS, P_SERVICE, P_YEARS, P_ACCOUNT, P_ANNUITY, P_ANNUITY_MASS = 0, 1, 2, 3, 4, 5, 6, 7
PENSIONER_ITEMS = 8

# --- invalidity recipients (three branches of the 2024 rule) ----------------------------------------------------
I_HEADS, I_MASS, I_ACCOUNT, I_SERVICE, I_INDEX, I_DEEMED_INDEX, I_ACCOUNT_MASS = 0, 1, 2, 3, 4, 5, 6
INVALID_ITEMS = 7

# --- resident scheme ------------------------------------------------------------------------------------------
R_PAYING, R_NOT_PAYING, R_DUAL, R_PAID_YEARS, R_FIFTEEN, R_ACCOUNT = 0, 1, 2, 3, 4, 5
B_HEADS, B_BASE_MASS, B_ACCOUNT_MASS, B_ACCOUNT = 0, 1, 2, 3

# --- work injury ----------------------------------------------------------------------------------------------
A_HEADS, A_ALLOWANCE, A_NURSING, A_TOPPED_UP = 0, 1, 2, 3
C_LEVEL, C_CLAIMS, C_PREMIUMS = 0, 1, 2

# --- mortality groups -----------------------------------------------------------------------------------------
Q_OTHER, Q_PAYER, Q_PUBLIC, Q_PENSIONER, Q_INVALID = 0, 1, 2, 3, 4

# --- funds and their ledgers ----------------------------------------------------------------------------------
FUND_ENTERPRISE, FUND_PUBLIC, FUND_ANNUITY, FUND_RESIDENT, FUND_UNEMPLOYMENT, FUND_INJURY = 0, 1, 2, 3, 4, 5
FUNDS = 6
OWN, FINANCED, UNAIDED = 0, 1, 2  # subsidy: constant share of spending, fill to minimum months, none
ACCOUNTS = 3
(
    IN_CONTRIBUTIONS,
    IN_INTEREST,
    IN_INVESTMENT,
    IN_FISCAL,
    IN_COLLECTIVE,
    IN_TRANSFERS,
    IN_FROM_ABOVE,
    IN_FROM_BELOW,
    IN_OTHER,
    OUT_BENEFITS,
    OUT_TRANSFERS,
    OUT_TO_BELOW,
    OUT_TO_ABOVE,
    OUT_OTHER,
) = range(14)
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
) = range(11)
RETIREMENT_ITEMS = 11

# --- new over old public pensions: grid of `Tables.transition_gain` ---------------------------------------------------
FLOAT_STEP, FLOAT_POINTS, FLOAT_BASE = 0.02, 301, 2.0  # grid of `Tables.float_shift`; level of the base rate
GAIN_FIRST, GAIN_STEP, GAIN_POINTS = 0.4, 0.005, 421

# --- what one row (career, status, age) of members shares in a year ----------------------------------------------
(
    ROW_DEATH,
    ROW_HAZARD,
    ROW_MONTH,
    ROW_THRESHOLD,
    ROW_CHOICE,
    ROW_YEARS_LEFT,
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
) = range(20)
ROW_ITEMS = 20

# --- one value a year -----------------------------------------------------------------------------------------
PATH_NAMES = (
    # economy
    "average_wage", "previous_wage", "benefit_base", "price_index", "minimum_wage", "urban_income",
    "previous_urban_income", "previous_national_urban_income", "rural_income",
    "surveyed_unemployment_rate", "registered_unemployment_rate",
    "return_enterprise_pension", "return_public_pension", "return_occupational_annuity", "return_resident",
    "return_unemployment", "return_work_injury", "return_entrusted",
    # population
    "births_male", "births_female", "sex_ratio_at_birth",
    # coverage: level (NaN once unknown) and index of the coverage ratio after the last known level
    "enterprise_payers", "flexible_payers", "public_payers", "paused_members", "resident_registered",
    "unemployment_insured", "injury_insured", "platform_insured",
    "enterprise_index", "flexible_index", "public_index", "paused_index", "resident_index",
    "unemployment_index", "injury_index",
    "campaign_gross_enterprise", "campaign_gross_flexible",
    "campaign_additional_enterprise", "campaign_additional_flexible", "campaign_gross_unemployment",
    "campaign_gross_injury", "campaign_additional_unemployment", "campaign_additional_injury",
    "payment_rate", "resident_payment_rate",
    "resident_paying_share", "resident_takeup", "resident_rollout", "coverage_population_ratio", "ui_obliged_ratio",
    # turnover and choices
    "pause_enterprise", "pause_flexible", "switch_enterprise_flexible", "switch_flexible_enterprise",
    "stop_at_minimum_enterprise", "stop_at_minimum_flexible",
    "catch_up_entrants", "admitted_public_actives", "admitted_public_pensioners", "admitted_public_pension",
    "admitted_enterprise_pensioners", "admitted_pension_ratio", "settled_pension_years", "settled_contribution_years",
    "continue_share", "pay_up_share", "resident_share", "refund_share", "unclaimed_share", "invalidity_hazard",
    # employees' pension
    "density_enterprise", "density_flexible", "density_public",
    "employer_rate", "employee_rate", "flexible_rate", "account_share", "flexible_account_share",
    "public_employer_rate", "public_employee_rate", "public_account_share", "account_interest",
    "employer_share_due", "arrears_share", "award_factor", "public_award_factor",
    "transition_coefficient", "public_transition_coefficient", "addon_fixed", "addon_index_years",
    "adjustment_ratio", "adjustment_fixed", "adjustment_years", "adjustment_level", "adjustment_tilt",
    "funeral_months", "compensation_factor", "compensation_decrement", "compensation_minimum",
    "compensation_count_up", "compensation_limit_years", "sickness_near_years", "catch_up_price_rate",
    "public_gain_share", "public_compared_share", "public_old_share",
    "central_adjustment_rate", "central_adjustment_wage_share", "central_adjustment_receipt", "pool_take_share",
    "pool_give_share",
    "subsidy_enterprise", "subsidy_public", "pool_transfer", "emergency_months", "entrusted_share_enterprise",
    "published_other",
    # occupational annuity
    "annuity_employer_rate", "annuity_employee_rate", "annuity_recorded_interest",
    "oa_cash_share", "oa_made_real_share",
    # resident scheme
    "basic_pension", "resident_contribution", "resident_subsidy", "resident_supplement", "resident_account_rate",
    "resident_divisor", "resident_funeral", "collective_share", "resident_entrusted_share",
    "resident_poor_share", "resident_poor_amount", "resident_required_years", "resident_make_up_share",
    # unemployment insurance
    "unemployment_employer_rate", "unemployment_employee_rate", "unemployment_base_ratio", "separation_prob",
    "unemployment_take_up",
    "reemployment_prob", "unemployment_benefit", "unemployment_medical", "stabilisation_share",
    "other_unemployment_share", "unemployment_exit_prob", "unemployment_share_due", "injury_share_due",
    "unemployment_pension_refund", "skill_subsidy_cost", "stabilisation_low_share", "refund_reserve_months",
    # work injury
    "injury_rate_factor", "incidence_factor", "medical_cost", "injury_wage_ratio", "prevention_share",
    "injury_death_share", "injury_annuity_share", "injury_lump_months", "injury_subsidy_months",
    "injury_allowance_share", "injury_funeral_months", "injury_death_multiple", "injury_employment_months",
    "injury_stop_work_months", "injury_project_share", "injury_project_premium", "prevention_base",
    "rerating_interval",
)  # fmt: skip
PATHS = len(PATH_NAMES)

CONSTANT_NAMES = (
    "deemed_index_actual_average", "deemed_index", "entry_blend", "arrive_insured", "leave_paused",
    "mortality_payer", "mortality_public", "mortality_pensioner", "mortality_invalid", "mortality_other_max",
    "women_55_share_enterprise", "women_55_share_flexible", "women_55_share_public",
    "current_year_interest", "hukou_ratio", "hukou_ratio_16_59", "public_deemed_index",
    "extension_payment_share", "old_age_men", "old_age_women_55", "old_age_women_50",
    "catch_up_minimum_years", "deemed_entry_share", "deemed_entry_before", "admission_entry_age",
    "unemployment_public_share", "near_retirement_share",
    "injury_nursing_share", "limited_allowance_exit", "near_reemployment_factor", "near_extension_exit",
    "injury_survivor_share", "injury_survivor_exit", "injury_annuitant_mortality",
    "flexible_buy_index", "first_year", "layoff_share", "return_urgency", "return_without_need", "member_ceiling",
    "pressing_years", "coverage_ceiling", "dual_share", "injury_rate_step", "injury_months_low", "injury_months_high",
    "injury_factor_low", "injury_factor_high", "opening_year", "pool_known_until",
    "near_last_year_share", "prevention_effect", "invalidity_age",
)  # fmt: skip
CONSTANTS = len(CONSTANT_NAMES)

FLOW_NAMES = (
    "births", "deaths", "net_migration",
    # employees' scheme: heads
    "entries_enterprise", "entries_flexible", "entries_public", "admitted_actives", "catch_up_entries",
    "entries_from_resident", "returns_enterprise", "returns_flexible", "pauses_enterprise", "pauses_flexible",
    "switches_to_flexible", "switches_to_enterprise", "campaign_top_up_enterprise",
    "campaign_top_up_flexible", "campaign_from_paused", "campaign_from_none", "campaign_from_resident",
    "member_deaths", "awards_enterprise", "awards_public", "pay_up_awards",
    "choice_continue", "choice_resident", "choice_refund", "choice_unclaimed", "below_minimum",
    "final_refunds", "members_in", "members_out", "new_invalids",
    "shortfall_enterprise", "shortfall_flexible", "shortfall_public", "shortfall_paused", "shortfall_resident",
    "shortfall_admitted",
    # employees' scheme: money and moments
    "insurable_earnings_enterprise", "insurable_earnings_flexible", "insurable_earnings_public",
    "exposure_enterprise", "exposure_flexible", "exposure_public",
    "account_credits", "account_interest_credited", "account_inherited", "account_refunded", "account_to_pension",
    "account_transferred_in", "account_transferred_out",
    "new_award_mass_enterprise", "new_award_mass_public", "award_service",
    "arrears", "pension_paid_enterprise", "pension_paid_public", "survivor_benefits",
    "catch_up_income", "pay_up_income", "settled_pensions", "settled_contributions",
    # pensioners
    "pensioner_deaths_enterprise", "pensioner_deaths_public", "admitted_pensioners", "invalid_to_pension",
    "invalid_deaths", "invalid_ended", "pension_account_interest", "pension_account_drawn",
    "pension_account_inherited", "pension_account_in",
    # resident scheme
    "resident_entries", "resident_to_employees", "resident_contributor_deaths", "resident_new_beneficiaries",
    "resident_admitted", "resident_beneficiary_deaths", "resident_dual_entries", "resident_dual_ended",
    "resident_from_employees",
    "resident_credits", "resident_interest_credited", "resident_inherited", "resident_drawn", "resident_account_out",
    "resident_account_in", "resident_base_paid", "resident_account_paid", "resident_new_surplus",
    "resident_newly_entrusted", "resident_poor_paid", "resident_made_up",
    # unemployment and injury
    "new_claimants", "claim_months", "claims_ended", "claims_reemployed", "unemployment_benefits",
    "unemployment_medical_paid", "stabilisation_refunds", "unemployment_entries", "unemployment_exits",
    "campaign_top_up_unemployment", "campaign_top_up_injury", "unemployment_over_injury", "injury_over_employed",
    "claimant_deaths", "claimant_death_benefits", "pension_refunds", "skill_subsidies",
    "injury_cases", "fatal_cases", "new_annuitants", "annuitant_deaths", "injury_medical", "injury_lump_sums",
    "injury_allowances", "injury_death_benefits", "injury_survivor_pensions", "new_injury_survivors",
    "injury_survivor_exits", "injury_wage_bill", "injury_project_premiums", "injury_employer_paid",
    # people
    "employed", "layoffs", "mortality_factor_max",
)  # fmt: skip
FLOWS = len(FLOW_NAMES)

STOCK_NAMES = (
    "population_total", "population_16_59", "population_60", "population_16", "working_age_population",
    "members_enterprise", "members_flexible", "members_public", "members_paused", "member_service",
    "account_balance", "enterprise_pensioners", "public_pensioners", "enterprise_pension_mass",
    "public_pension_mass", "pensioner_account_balance", "invalidity_recipients", "legacy_survivors",
    "resident_paying", "resident_not_paying", "dual_members", "resident_account_balance", "resident_beneficiaries",
    "resident_base_mass", "resident_pension_mass", "resident_pensioner_account",
    "unemployment_insured", "unemployment_claimants", "injury_insured", "platform_insured", "injury_annuitants",
    "injury_survivors", "non_resident_members", "uncovered", "students", "annuity_recorded", "annuity_fund",
    "pensioners_60", "entrusted_enterprise", "entrusted_resident", "coverable_population", "registered_60",
)  # fmt: skip
STOCKS = len(STOCK_NAMES)

MEMORY_NAMES = (
    "ratio_enterprise", "ratio_flexible", "ratio_public", "ratio_paused", "ratio_resident", "ratio_unemployment",
    "ratio_injury", "extra_enterprise", "extra_flexible", "extra_paused", "backlog_enterprise", "backlog_flexible",
    "premium_unemployment", "spending_unemployment", "premium_injury", "injury_insured",
    "platform_insured", "unemployment_rate", "injury_rate_factor", "spending_injury", "injury_reserve_factor",
    "rerating_years", "extra_unemployment", "extra_injury", "backlog_unemployment", "backlog_injury",
)  # fmt: skip
MEMORY = len(MEMORY_NAMES)

# Positions by name: PATH_AVERAGE_WAGE and so on. numba reads them as constants.
globals().update({f"PATH_{name.upper()}": position for position, name in enumerate(PATH_NAMES)})
globals().update({f"CONSTANT_{name.upper()}": position for position, name in enumerate(CONSTANT_NAMES)})
globals().update({f"FLOW_{name.upper()}": position for position, name in enumerate(FLOW_NAMES)})
globals().update({f"STOCK_{name.upper()}": position for position, name in enumerate(STOCK_NAMES)})
globals().update({f"MEMORY_{name.upper()}": position for position, name in enumerate(MEMORY_NAMES)})


class Tables(NamedTuple):
    """Read-only tables of one lane. Axes: T years, 2 sexes, 101 ages, 64 working ages, 3 careers, 3 payer statuses."""

    death_prob: np.ndarray  # [T, 2, 101] probability of dying in the year, by age reached
    birth_rate: np.ndarray  # [T, 35] births per woman-year at 15..49
    migration: np.ndarray  # [T, 2, 101] net migrants of the year, persons
    retirement: np.ndarray  # [T, 3, 101, RETIREMENT_ITEMS]
    index: np.ndarray  # [T, 3, 2, 64] contribution base over W(t-1)
    entry_hazard: np.ndarray  # [3, 2, 64]
    level_shape: np.ndarray  # [3, 2, 64] members of the status per resident, relative
    student_share: np.ndarray  # [101]
    participation: np.ndarray  # [2, 101]
    working_weight: np.ndarray  # [T, 2, 101] share of the year's age that is below the statutory month
    class_mix: np.ndarray  # [8]
    class_rate: np.ndarray  # [T, 8]
    class_incidence: np.ndarray  # [8] per insured and year
    catch_up_shape: np.ndarray  # [2, 64] how catch-up entrants spread over the years before old age
    campaign: np.ndarray  # [T, 2 (enterprise, flexible), 3 in order, 2 (POOL_ code, most persons a year)]
    compensation: np.ndarray  # [T, 31] months of income for a death, by whole years of contributions
    transition_gain: np.ndarray  # mean of max(0, R-1) by the mean ratio GAIN_FIRST + GAIN_STEP·position
    cut_marks: np.ndarray  # [3] payable months between which the phased cut moves
    cut_factor: np.ndarray  # [T, 3] mean rate factor of the phased cut at the marks
    float_levels: np.ndarray  # [T, 5] rate over base rate by floating level
    float_shift: np.ndarray  # [FLOAT_POINTS] mean change of level by claims ratio FLOAT_STEP·position
    ladder_months: np.ndarray  # [T, 11] months of unemployment benefit by paid-year class


class State(NamedTuple):
    """Everything carried from year end to year end (model.md, section 4)."""

    population: np.ndarray  # [2, 101] persons
    members: np.ndarray  # [6, 3, 4, 64, 46]
    pensioners: np.ndarray  # [8, 3, 2, 101]
    invalidity: np.ndarray  # [INVALID_ITEMS, 3 branches, 3, 64]
    survivors: np.ndarray  # [2, 3, 101] heads, yuan/month
    annuity: np.ndarray  # [2, 3, 64] cash and recorded balance, yuan
    resident: np.ndarray  # [6, 2, 101]
    beneficiaries: np.ndarray  # [4, 2, 101]
    unemployment: np.ndarray  # [2 (heads, unused months), 2 (enterprise, public), 11]
    claimants: np.ndarray  # [2 (regular, near statutory age), 3, 24]
    annuitants: np.ndarray  # [4, 3, 101]
    injury_survivors: np.ndarray  # [2, 3, 101]
    injury_classes: np.ndarray  # [3, 8] floating level 0..4, claims and premiums since the last re-rating
    funds: np.ndarray  # [ACCOUNTS, 6] yuan
    entrusted: np.ndarray  # [2 (enterprise, resident)] yuan
    memory: np.ndarray  # [MEMORY]


class Scratch(NamedTuple):
    """Working arrays of one lane, allocated once."""

    arrivals: np.ndarray  # [6, 3, 4, 64, 46] movers, entrants and returners of the year
    population_open: np.ndarray  # [2, 101] opening population by the age reached in the year
    population_survived: np.ndarray  # [2, 101] closing population (births enter last)
    death: np.ndarray  # [5, 2, 101] probability of dying by mortality group
    count: np.ndarray  # [2, 101] general counter by sex and age
    pool: np.ndarray  # [2, 64] who can enter
    pool_resident: np.ndarray  # [2, 64] of them, registered in the resident scheme
    pool_aside: np.ndarray  # [2, 64] of them, out of reach of the pool a campaign draws on
    entry: np.ndarray  # [3, 64]
    weight: np.ndarray  # [3, 64]
    public_share: np.ndarray  # [3 (dead, retired, moved), 3, 64] of public payers, for the annuity
    new_pensioners: np.ndarray  # [8, 3, 2, 101] awards of the year
    base: np.ndarray  # [3, 2] exposure (persons) and insurable base (W x years) by status
    ledger: np.ndarray  # [6, 14]
    row: np.ndarray  # [ROW_ITEMS]
    targets: np.ndarray  # [4] level targets by status, persons
    needs: np.ndarray  # [4] what they lack
    resident_in: np.ndarray  # [3 (heads, account, years), 2, 101] from the employees' scheme
    annuity_month: np.ndarray  # [3, 64] monthly occupational annuity a public payer would draw, yuan
    death_months: np.ndarray  # [1] months of compensation for a death without years of contributions


class Output(NamedTuple):
    """Results of one lane, written by year."""

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


def new_state() -> State:
    """An empty state of one lane."""
    zeros = np.zeros
    return State(
        zeros((2, AGES)),
        zeros((MOMENTS, CAREERS, STATUSES, WORKING_AGES, BINS)),
        zeros((PENSIONER_ITEMS, CAREERS, 2, AGES)),
        zeros((INVALID_ITEMS, 3, CAREERS, WORKING_AGES)),
        zeros((2, CAREERS, AGES)),
        zeros((2, CAREERS, WORKING_AGES)),
        zeros((6, 2, AGES)),
        zeros((4, 2, AGES)),
        zeros((2, 2, PAID_YEAR_CLASSES)),
        zeros((2, LADDER, MONTHS)),
        zeros((4, CAREERS, AGES)),
        zeros((2, CAREERS, AGES)),
        zeros((3, RISK_CLASSES)),
        zeros((ACCOUNTS, FUNDS)),
        zeros(2),
        zeros(MEMORY),
    )


def new_scratch() -> Scratch:
    """Working arrays of one lane; a lane that has run leaves nothing in them that the next one reads."""
    zeros = np.zeros
    return Scratch(
        zeros((MOMENTS, CAREERS, STATUSES, WORKING_AGES, BINS)),
        zeros((2, AGES)),
        zeros((2, AGES)),
        zeros((5, 2, AGES)),
        zeros((2, AGES)),
        zeros((2, WORKING_AGES)),
        zeros((2, WORKING_AGES)),
        zeros((2, WORKING_AGES)),
        zeros((CAREERS, WORKING_AGES)),
        zeros((CAREERS, WORKING_AGES)),
        zeros((3, CAREERS, WORKING_AGES)),
        zeros((PENSIONER_ITEMS, CAREERS, 2, AGES)),
        zeros((3, 2)),
        zeros((FUNDS, LEDGER_ITEMS)),
        zeros(ROW_ITEMS),
        zeros(STATUSES),
        zeros(STATUSES),
        zeros((3, 2, AGES)),
        zeros((CAREERS, WORKING_AGES)),
        zeros(1),
    )


def new_output(years: int) -> Output:
    """Result arrays of one lane."""
    zeros = np.zeros
    return Output(
        zeros((FLOWS, years)),
        zeros((STOCKS, years + 1)),
        zeros((ACCOUNTS, FUNDS, LEDGER_ITEMS, years)),
        zeros((ACCOUNTS, FUNDS, years + 1)),
        zeros((years + 1, 2, AGES)),
        zeros((years + 1, STATUSES, 2, WORKING_AGES)),
        zeros((years + 1, 2, 2, AGES)),
        zeros((years + 1, 2, AGES)),
        zeros((years + 1, 2, AGES)),
        zeros((4, 12, years)),
    )
