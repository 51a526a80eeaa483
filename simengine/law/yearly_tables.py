"""The retirement law by calendar year, career and age: what `simengine.law.retirement` reduces the months to."""

from __future__ import annotations

from dataclasses import dataclass

from simengine.law.retirement_rules import FloatArray, IntArray

AWARD_SUMS = (
    "mean_month",
    "inverse_divisor",
    "month_inverse_divisor",
    "pension_year_share",
    "month_pension_share",
    "inverse_divisor_pension_share",
    "month_inverse_divisor_pension_share",
    "threshold_years",
)

AWARD_PARTS = ("early_part", *(f"{way}_part" for way in ("special", "ahead", "month", "later")))
"""Parts of the awards of a cell by the way they come about; they add to one where there are any."""


@dataclass(frozen=True)
class RetirementTables:
    """Retirement law by calendar year; arrays are [year, career, age], age reached during the year, float64.

    With w the weight of an award month, m its calendar month 1..12 and D its divisor, the award sums are means over the
    awards of the cell's year. A cell without an award carries the values of an award in the undated month, so that no
    cell is undefined; its hazard is 0 (or 1 after the last scheduled month).

    Attributes
    ----------
    hazard : probability that a member at or above the minimum, not yet retired, is awarded in the year [1/year]
    early_part, special_part, ahead_part, month_part, later_part : of these awards, the parts that leave early by the
        hazard of the years before old age, by the row of arduous work, in a month chosen ahead of the statutory one, in
        the statutory month, and after it; zero without an award in the cell [1]
    deferred_hazard : probability that such a member reaches the statutory month in the year and has chosen a later one
        [1/year]
    statutory_share : share of the birth months of the age whose statutory month falls in the year [1]
    mean_month : m/12, the part of the year contributed [1]
    inverse_divisor : 1/D [1/month]
    month_inverse_divisor : (m/12)/D [1/month]
    pension_year_share : (12-m)/12, the part of the year in payment [1]
    month_pension_share : (m/12)·(12-m)/12 [1]
    inverse_divisor_pension_share : (1/D)·(12-m)/12 [1/month]
    month_inverse_divisor_pension_share : (m/12)/D·(12-m)/12 [1/month]
    threshold_years : minimum years required; without an award in the cell, the cohort's statutory mean [years]
    statutory_hazard : birth months with the statutory month in the year over those not yet past it [1/year]
    choice_hazard : probability that a member below the minimum, fresh or not, chooses in the year [1/year]
    years_to_statutory : from 1 January to the first day of the statutory month, cohort mean, negative after [years]
    planned_years, planned_threshold : years left and minimum years that members and entrants plan by: of the law before
        the reform below its ages, of the statutory month elsewhere [years]
    statutory_age : mean statutory age, [career, cohort] [years]
    years, cohorts : labels of the year axis and of the cohort axis
    """

    years: IntArray
    cohorts: IntArray
    hazard: FloatArray
    early_part: FloatArray
    special_part: FloatArray
    ahead_part: FloatArray
    month_part: FloatArray
    later_part: FloatArray
    deferred_hazard: FloatArray
    statutory_share: FloatArray
    mean_month: FloatArray
    inverse_divisor: FloatArray
    month_inverse_divisor: FloatArray
    pension_year_share: FloatArray
    month_pension_share: FloatArray
    inverse_divisor_pension_share: FloatArray
    month_inverse_divisor_pension_share: FloatArray
    threshold_years: FloatArray
    statutory_hazard: FloatArray
    choice_hazard: FloatArray
    years_to_statutory: FloatArray
    planned_years: FloatArray
    planned_threshold: FloatArray
    statutory_age: FloatArray
