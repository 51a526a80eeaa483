"""Names of the series, constants, flows, stocks and memories of a lane, in the order of their positions."""

from __future__ import annotations

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

MEMORY_NAMES = (
    "ratio_enterprise", "ratio_flexible", "ratio_public", "ratio_paused", "ratio_resident", "ratio_unemployment",
    "ratio_injury", "extra_enterprise", "extra_flexible", "extra_paused", "backlog_enterprise", "backlog_flexible",
    "premium_unemployment", "spending_unemployment", "premium_injury", "injury_insured",
    "platform_insured", "unemployment_rate", "injury_rate_factor", "spending_injury", "injury_reserve_factor",
    "rerating_years", "extra_unemployment", "extra_injury", "backlog_unemployment", "backlog_injury",
)  # fmt: skip
