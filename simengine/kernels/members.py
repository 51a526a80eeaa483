"""Members of the employees' scheme through one year: deaths, awards, choices, turnover.

Every group keeps its sums of recognised years S, index-years I, deemed years V, deemed index-years J and
account A; a group that leaves a bin takes the mean moments of that bin (notes/order.md).
"""

from __future__ import annotations

from simengine.kernels import layout as at
from simengine.kernels.awards import base_pension, deemed_index_years, transition_pension
from simengine.kernels.jit import inlined, kernel
from simengine.kernels.rules import addon_pension, mean_gain


@kernel
def relabel_members(members):
    """Ageing: cells are labelled by the age reached in the year; nobody is left at 79 (refunded a year before)."""
    for moment in range(at.MOMENTS):
        for career in range(at.CAREERS):
            for status in range(at.STATUSES):
                for i in range(at.WORKING_AGES - 1, 0, -1):
                    for k in range(at.BINS):
                        members[moment, career, status, i, k] = members[moment, career, status, i - 1, k]
                for k in range(at.BINS):
                    members[moment, career, status, 0, k] = 0.0


@inlined
def add_to_bin(array, career, status, i, k, heads, share, service, index, deemed, deemed_index, account):
    """Add `share` of a group (sums) to one bin; the top bin takes what lies above it."""
    k = min(k, at.BINS - 1)
    array[at.HEADS, career, status, i, k] += heads * share
    array[at.SERVICE, career, status, i, k] += service * share
    array[at.INDEX, career, status, i, k] += index * share
    array[at.DEEMED, career, status, i, k] += deemed * share
    array[at.DEEMED_INDEX, career, status, i, k] += deemed_index * share
    array[at.ACCOUNT, career, status, i, k] += account * share


@inlined
def add_member(array, career, status, i, k, climb, heads, service, index, deemed, deemed_index, account):
    """Add a group of members (sums) to bin k, the share `climb` of it one bin higher."""
    add_to_bin(array, career, status, i, k, heads, 1.0 - climb, service, index, deemed, deemed_index, account)
    if climb > 0.0:
        add_to_bin(array, career, status, i, k + 1, heads, climb, service, index, deemed, deemed_index, account)


@kernel
def fill_row(t, career, status, i, paths, constants, tables, scratch):
    """What all bins of one row share in year t: probabilities, thresholds, contributions per full year."""
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
    if row[at.ROW_YEARS_LEFT] < -4.0 and status != at.PAUSED:
        row[at.ROW_CHOICE] = 1.0  # five years of continuing are over
    row[at.ROW_INTEREST] = paths[at.PATH_ACCOUNT_INTEREST, t]
    row[at.ROW_CREDIT_FACTOR] = 1.0 + row[at.ROW_INTEREST] * constants[at.CONSTANT_CURRENT_YEAR_INTEREST]
    yearly_wage = 12.0 * paths[at.PATH_PREVIOUS_WAGE, t]
    row[at.ROW_GAIN] = 0.0
    row[at.ROW_INDEX] = 0.0
    account_share = 0.0
    if status == at.ENTERPRISE:
        row[at.ROW_GAIN] = paths[at.PATH_DENSITY_ENTERPRISE, t]
        account_share = paths[at.PATH_ACCOUNT_SHARE, t]
    elif status == at.FLEXIBLE:
        row[at.ROW_GAIN] = paths[at.PATH_DENSITY_FLEXIBLE, t]
        account_share = paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]
    elif status == at.PUBLIC:
        row[at.ROW_GAIN] = paths[at.PATH_DENSITY_PUBLIC, t]
        account_share = paths[at.PATH_PUBLIC_ACCOUNT_SHARE, t]
    old_age = constants[at.CONSTANT_OLD_AGE_MEN + career]
    if age > old_age and status != at.PUBLIC:  # of the years added by a later age, part is not paid
        row[at.ROW_GAIN] *= constants[at.CONSTANT_EXTENSION_PAYMENT_SHARE]
    if status != at.PAUSED:
        row[at.ROW_INDEX] = tables.index[t, status, sex, i]
    row[at.ROW_CREDIT] = yearly_wage * row[at.ROW_GAIN] * row[at.ROW_INDEX] * account_share
    before_old_age = row[at.ROW_YEARS_LEFT] > 0.0
    row[at.ROW_PAUSE] = 0.0
    row[at.ROW_STOP] = 0.0
    row[at.ROW_SWITCH] = 0.0
    if before_old_age and status == at.ENTERPRISE:
        row[at.ROW_PAUSE] = paths[at.PATH_PAUSE_ENTERPRISE, t]
        row[at.ROW_STOP] = paths[at.PATH_STOP_AT_MINIMUM_ENTERPRISE, t]
        row[at.ROW_SWITCH] = paths[at.PATH_SWITCH_ENTERPRISE_FLEXIBLE, t]
    elif before_old_age and status == at.FLEXIBLE:
        row[at.ROW_PAUSE] = paths[at.PATH_PAUSE_FLEXIBLE, t]
        row[at.ROW_STOP] = paths[at.PATH_STOP_AT_MINIMUM_FLEXIBLE, t]
        row[at.ROW_SWITCH] = paths[at.PATH_SWITCH_FLEXIBLE_ENTERPRISE, t]
    leaving = -tables.migration[t, sex, age]
    row[at.ROW_LEAVE] = 0.0
    if leaving > 0.0 and scratch.population_survived[sex, age] > 0.0:
        row[at.ROW_LEAVE] = min(0.9, leaving / (scratch.population_survived[sex, age] + leaving))
    row[at.ROW_INVALID] = 0.0
    exposed = age >= constants[at.CONSTANT_INVALIDITY_AGE]
    if before_old_age and exposed and status != at.PUBLIC:  # the 2024 allowance is one of the enterprise scheme
        row[at.ROW_INVALID] = paths[at.PATH_INVALIDITY_HAZARD, t]
    row[at.ROW_INCOME_MONTH] = paths[at.PATH_PREVIOUS_URBAN_INCOME, t] / 12.0
    index = constants[at.CONSTANT_FLEXIBLE_BUY_INDEX]
    row[at.ROW_BUY_INDEX] = index
    row[at.ROW_BUY_PRICE] = yearly_wage * index * paths[at.PATH_CATCH_UP_PRICE_RATE, t]
    row[at.ROW_BUY_CREDIT] = yearly_wage * index * paths[at.PATH_FLEXIBLE_ACCOUNT_SHARE, t]


@kernel
def sickness_amounts(t, career, i, full, s, x, j, account, paths, tables):
    """Pooled and account part of the allowance for lost capacity, per head [yuan/month] (schemes.md 1.10).

    The full formula of branch 0 at the age reached, or the base part alone; levels as for an award of the year.
    """
    base = paths[at.PATH_BENEFIT_BASE, t]
    factor = paths[at.PATH_AWARD_FACTOR, t]
    pooled = factor * base_pension(base, s, x, j)
    if not full:
        return pooled, 0.0
    pooled += factor * (
        transition_pension(base, j, paths[at.PATH_TRANSITION_COEFFICIENT, t])
        + addon_pension(paths[at.PATH_ADDON_FIXED, t], paths[at.PATH_ADDON_INDEX_YEARS, t], x + j)
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


@kernel
def award_group(t, career, status, i, heads, s, x, v, j, a, paths, constants, tables, scratch, out):
    """Award `heads` members of mean moments s, x, v, j, a (per head, at the opening) their pensions.

    Award month m has weight w_m; service, index and account grow linearly to m, so the sums over m of the
    retirement table give the award exactly:

        mass = pool(opening) + pool(year)·Σw·m/12 + A·Σw/D + (A·i + credit·f)·Σw·(m/12)/D
    """
    row = scratch.row
    scheme = 1 if status == at.PUBLIC else 0
    table = tables.retirement[t, career, at.FIRST_AGE + i]
    base = paths[at.PATH_BENEFIT_BASE, t]
    month = row[at.ROW_MONTH]
    gain = row[at.ROW_GAIN]
    gain_index = gain * row[at.ROW_INDEX]
    coefficient = paths[at.PATH_TRANSITION_COEFFICIENT, t]
    factor = paths[at.PATH_AWARD_FACTOR, t]
    if scheme == 1:
        coefficient = paths[at.PATH_PUBLIC_TRANSITION_COEFFICIENT, t]
        factor = paths[at.PATH_PUBLIC_AWARD_FACTOR, t]
    average = constants[at.CONSTANT_DEEMED_INDEX_ACTUAL_AVERAGE] if scheme == 0 else 0.0  # public: by rank and post
    deemed = deemed_index_years(s + gain * month, x + gain_index * month, v, j, average)
    addon = paths[at.PATH_ADDON_INDEX_YEARS, t]
    pool = factor * (
        base_pension(base, s, x, deemed)
        + transition_pension(base, deemed, coefficient)
        + addon_pension(paths[at.PATH_ADDON_FIXED, t], addon, x + deemed)
    )
    pool_year = factor * (base_pension(base, gain, gain_index, 0.0) + addon * gain_index)
    interest = row[at.ROW_INTEREST]
    credit = row[at.ROW_CREDIT]
    growth = a * interest + credit * row[at.ROW_CREDIT_FACTOR]
    if scheme == 1:
        formula = pool + pool_year * month
        formula += a * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR]
        pool += transition_difference(t, formula, scratch.annuity_month[career, i], row[at.ROW_INDEX], paths, tables)
    account_mass = heads * (a * table[at.RET_INVERSE_DIVISOR] + growth * table[at.RET_MONTH_INVERSE_DIVISOR])
    mass = heads * (pool + pool_year * month) + account_mass
    account_paid = (
        12.0
        * heads
        * (a * table[at.RET_INVERSE_DIVISOR_PENSION_SHARE] + growth * table[at.RET_MONTH_INVERSE_DIVISOR_PENSION_SHARE])
    )
    paid = account_paid + 12.0 * heads * (
        pool * table[at.RET_PENSION_SHARE] + pool_year * table[at.RET_MONTH_PENSION_SHARE]
    )
    balance = heads * (a + growth * month)
    later = heads * interest * (a * table[at.RET_PENSION_SHARE] + growth * table[at.RET_MONTH_PENSION_SHARE])
    drawn = min(account_paid, balance + later)
    new = scratch.new_pensioners
    age = at.FIRST_AGE + i
    new[at.P_HEADS, career, scheme, age] += heads
    new[at.P_MASS, career, scheme, age] += mass
    new[at.P_ACCOUNT_MASS, career, scheme, age] += account_mass
    new[at.P_SERVICE, career, scheme, age] += heads * (s + gain * month)
    new[at.P_ACCOUNT, career, scheme, age] += balance + later - drawn
    scratch.base[min(status, 2), 0] += heads * month if status != at.PAUSED else 0.0
    scratch.base[min(status, 2), 1] += heads * month * gain_index
    flows = out.flows
    flows[at.FLOW_ACCOUNT_CREDITS, t] += heads * credit * month
    flows[at.FLOW_ACCOUNT_INTEREST_CREDITED, t] += heads * (growth - credit) * month
    flows[at.FLOW_ACCOUNT_TO_PENSION, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_IN, t] += balance
    flows[at.FLOW_PENSION_ACCOUNT_INTEREST, t] += later
    flows[at.FLOW_PENSION_ACCOUNT_DRAWN, t] += drawn
    flows[at.FLOW_AWARD_SERVICE, t] += heads * (s + gain * month)
    if scheme == 1:
        flows[at.FLOW_AWARDS_PUBLIC, t] += heads
        flows[at.FLOW_NEW_AWARD_MASS_PUBLIC, t] += mass
        flows[at.FLOW_PENSION_PAID_PUBLIC, t] += paid
    else:
        flows[at.FLOW_AWARDS_ENTERPRISE, t] += heads
        flows[at.FLOW_NEW_AWARD_MASS_ENTERPRISE, t] += mass
        flows[at.FLOW_PENSION_PAID_ENTERPRISE, t] += paid
