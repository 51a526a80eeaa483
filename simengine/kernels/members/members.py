"""What the members of one row (career, status, age) share in a year, and amounts for groups of them.

Every group keeps its sums of recognised years S, index-years I, deemed years V, deemed index-years J and
account A; a group that leaves a bin takes the mean moments of that bin (notes/order.md).
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.compiler.jit import inlined, kernel
from simengine.kernels.rules.accounts import credit_factor
from simengine.kernels.rules.pension import addon_pension, base_pension, mean_gain, transition_pension


@kernel
def fill_status(t, career, status, paths, constants, scratch):
    """What all rows of a career and status share in year t: contributions per full year, moves, prices."""
    row = scratch.row
    row[at.ROW_INTEREST] = paths[at.PATH_ACCOUNT_INTEREST, t]
    row[at.ROW_CREDIT_FACTOR] = credit_factor(row[at.ROW_INTEREST], constants[at.CONSTANT_CURRENT_YEAR_INTEREST])
    yearly_wage = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    row[at.ROW_YEARLY_WAGE] = yearly_wage
    row[at.ROW_DENSITY] = 0.0
    row[at.ROW_ACCOUNT_SHARE] = 0.0
    row[at.ROW_PAUSING] = 0.0
    row[at.ROW_STOPPING] = 0.0
    row[at.ROW_SWITCHING] = 0.0
    if status == at.ENTERPRISE:
        row[at.ROW_DENSITY] = paths[at.PATH_DENSITY_ENTERPRISE, t]
        row[at.ROW_ACCOUNT_SHARE] = paths[at.PATH_ACCOUNT_SHARE, t]
        row[at.ROW_PAUSING] = paths[at.PATH_PAUSE_ENTERPRISE, t]
        row[at.ROW_STOPPING] = paths[at.PATH_STOP_AT_MINIMUM_ENTERPRISE, t]
        row[at.ROW_SWITCHING] = paths[at.PATH_SWITCH_ENTERPRISE_FLEXIBLE, t]
    elif status == at.FLEXIBLE:
        row[at.ROW_DENSITY] = paths[at.PATH_DENSITY_FLEXIBLE, t]
        row[at.ROW_ACCOUNT_SHARE] = paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]
        row[at.ROW_PAUSING] = paths[at.PATH_PAUSE_FLEXIBLE, t]
        row[at.ROW_STOPPING] = paths[at.PATH_STOP_AT_MINIMUM_FLEXIBLE, t]
        row[at.ROW_SWITCHING] = paths[at.PATH_SWITCH_FLEXIBLE_ENTERPRISE, t]
    elif status == at.PUBLIC:
        row[at.ROW_DENSITY] = paths[at.PATH_DENSITY_PUBLIC, t]
        row[at.ROW_ACCOUNT_SHARE] = paths[at.PATH_PUBLIC_ACCOUNT_SHARE, t]
    row[at.ROW_PER_PRESSING] = 1.0 / constants[at.CONSTANT_PRESSING_YEARS]
    row[at.ROW_OLD_AGE] = constants[at.CONSTANT_OLD_AGE_MEN + career]
    row[at.ROW_INCOME_MONTH] = paths[at.PATH_PREVIOUS_URBAN_INCOME, t] / 12.0
    index = constants[at.CONSTANT_FLEXIBLE_BUY_INDEX]
    row[at.ROW_BUY_INDEX] = index
    row[at.ROW_BUY_PRICE] = yearly_wage * index * paths[at.PATH_CATCH_UP_PRICE_RATE, t]
    row[at.ROW_BUY_CREDIT] = yearly_wage * index * paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]


@inlined
def continued_out(left, longest):
    """Whether the years of paying on after the statutory month end in this year (人社部令第13号, schemes.md 1.8).

    Parameters
    ----------
    left : years from 1 January to the statutory month, negative after it; longest : years of paying on [years]

    Examples
    --------
    >>> continued_out(-4.5, 5.0), continued_out(-4.0, 5.0), continued_out(1.0, 5.0)
    (True, False, False)
    """
    return left < 1.0 - longest


@kernel
def fill_row(t, career, status, i, paths, constants, tables, scratch):
    """What all bins of one row share in year t beside `fill_status`: probabilities, thresholds, contributions."""
    row = scratch.row
    sex = at.MALE if career == 0 else at.FEMALE
    age = at.FIRST_AGE + i
    group = at.Q_PAYER
    if status == at.PUBLIC:
        group = at.Q_PUBLIC
    elif status == at.PAUSED:
        group = at.Q_OTHER
    retirement = tables.retirement[t, career, age]
    row[at.ROW_DEATH] = scratch.death[group, sex, age]
    row[at.ROW_HAZARD] = retirement[at.RET_HAZARD]
    row[at.ROW_MONTH] = retirement[at.RET_MONTH]
    row[at.ROW_THRESHOLD] = retirement[at.RET_THRESHOLD]
    row[at.ROW_CHOICE] = retirement[at.RET_CHOICE_HAZARD]
    row[at.ROW_YEARS_LEFT] = retirement[at.RET_YEARS_TO_STATUTORY]
    row[at.ROW_PLANNED_YEARS] = retirement[at.RET_PLANNED_YEARS]
    row[at.ROW_PLANNED_THRESHOLD] = retirement[at.RET_PLANNED_THRESHOLD]
    if continued_out(row[at.ROW_YEARS_LEFT], paths[at.PATH_LATE_PAYMENT_YEARS, t]) and status != at.PAUSED:
        row[at.ROW_CHOICE] = 1.0
    row[at.ROW_GAIN] = row[at.ROW_DENSITY]
    if age > row[at.ROW_OLD_AGE] and status != at.PUBLIC:  # of the years added by a later age, part is not paid
        row[at.ROW_GAIN] *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
    row[at.ROW_INDEX] = tables.index[t, status, sex, i] if status != at.PAUSED else 0.0
    row[at.ROW_CREDIT] = row[at.ROW_YEARLY_WAGE] * row[at.ROW_GAIN] * row[at.ROW_INDEX] * row[at.ROW_ACCOUNT_SHARE]
    before_old_age = row[at.ROW_YEARS_LEFT] > 0.0
    row[at.ROW_PAUSE] = row[at.ROW_PAUSING] if before_old_age else 0.0
    row[at.ROW_STOP] = row[at.ROW_STOPPING] if before_old_age else 0.0
    row[at.ROW_SWITCH] = row[at.ROW_SWITCHING] if before_old_age else 0.0
    leaving = -tables.migration[t, sex, age]
    row[at.ROW_LEAVE] = 0.0
    if leaving > 0.0 and scratch.population_survived[sex, age] > 0.0:
        row[at.ROW_LEAVE] = min(at.MOST_OF_CELL, leaving / (scratch.population_survived[sex, age] + leaving))
    row[at.ROW_INVALID] = 0.0
    exposed = age >= constants[at.CONSTANT_INVALIDITY_AGE]
    if before_old_age and exposed and status != at.PUBLIC:  # the 2024 allowance is one of the enterprise scheme
        row[at.ROW_INVALID] = paths[at.PATH_INVALIDITY_HAZARD, t]


@kernel
def sickness_amounts(t, career, i, full, heads, s, x, j, account, paths, tables, scratch):
    """Pooled and account part of the allowance for lost capacity of a group (sums) [yuan/month] (schemes.md 1.10).

    The full formula of branch 0 at the age reached, or the base part alone; levels as for an award of the year.
    """
    base = paths[at.PATH_BENEFIT_BASE, t]
    factor = scratch.award_level[at.SCHEME_ENTERPRISE]
    pooled = factor * base_pension(base, paths[at.PATH_ACCRUAL_RATE, t], s, x, j)
    if not full:
        return pooled, 0.0
    pooled += factor * (
        transition_pension(base, j, paths[at.PATH_TRANSITION_COEFFICIENT, t])
        + addon_pension(paths[at.PATH_ADDON_FIXED, t] * heads, paths[at.PATH_ADDON_INDEX_YEARS, t], x + j)
    )
    return pooled, account * tables.retirement[t, career, at.FIRST_AGE + i, at.RET_INVERSE_DIVISOR]


@kernel
def transition_difference(t, new, annuity, index, paths, tables):
    """What the comparison with the old formula adds to a new public pension, mean per head [yuan/month].

        old = o·W(t-1)·index;  new' = new + annuity;  paid = old·(1 + x·E[max(0, new'/old - 1)])

    For the part of the year's awards that falls into the ten years of comparison (国发〔2015〕2号, schemes.md 3).
    """
    compared = paths[at.PATH_PUBLIC_COMPARED_SHARE, t]
    old = paths[at.PATH_PUBLIC_OLD_SHARE, t] * paths[at.PATH_PREVIOUS_WAGE, t] * index
    if compared <= 0.0 or old <= 0.0:
        return 0.0
    gain = mean_gain((new + annuity) / old, tables.transition_gain, at.GAIN_FIRST, at.GAIN_STEP)
    paid = old * (1.0 + paths[at.PATH_PUBLIC_GAIN_SHARE, t] * gain)
    return compared * (paid - new - annuity)
