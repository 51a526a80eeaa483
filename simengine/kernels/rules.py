"""Statutory rules of the pension branches as one small formula each, for the cohort lane and the case calculator.

The lane applies them to cell means, the case calculator to one person; rounding is the case calculator's alone.
"""

from __future__ import annotations

import math

from simengine.kernels.jit import inlined, kernel


@inlined
def account_pension(account, divisor):
    """Account part of the monthly pension [yuan/month]: P_acct = A/D, 国发〔2005〕38号 (schemes.md 1.6).

    Examples
    --------
    >>> round(account_pension(96_500.0, 137.8), 2)  # schemes.md P2
    700.29
    """
    return account / divisor


@inlined
def addon_pension(fixed, per_index_year, index_years):
    """Provincial extras [yuan/month]: fixed amounts and an amount for each index-year, e.g. 480 + 3·Ī·N in Zhejiang.

    Source: 浙人社发〔2018〕102号, 浙人社发〔2011〕146号 (schemes.md 1.6).
    """
    return fixed + per_index_year * index_years


@kernel
def credit_year(balance, rate, credited, timing):
    """Individual account after a year [yuan]: A' = A·(1+r) + S·(1 + r·τ), 劳办发〔1997〕116号 (schemes.md 1.7).

    Parameters
    ----------
    balance : A at the start of the year; credited : S, the year's credits
    timing : τ, part of the year's rate the credits earn (m116: 1.083/2, none: 0, monthly: 1/2)

    Examples
    --------
    >>> round(credit_year(50_000.0, 0.0262, 4_800.0, 1.083 / 2.0), 2)  # schemes.md P5
    56178.1
    """
    return balance * (1.0 + rate) + credited * (1.0 + rate * timing)


@kernel
def compensation_at(years, months, count_up):
    """Months of income paid for a death in service, by years of contributions [months] (schemes.md 1.9).

    Parameters
    ----------
    months : by whole years 0..30, the last for more; count_up : 1 if a started year above fifteen counts as a whole one

    Examples
    --------
    With the table of 人社部发〔2021〕18号: 15 years give 9, 15.1 years 10, 38 years 24.
    """
    whole = math.floor(years)
    if years > 15.0 and count_up > 0.5 and years > whole:
        whole += 1
    return months[min(int(whole), months.size - 1)]


@kernel
def months_within(whole, months, count_up):
    """Months of compensation inside the year that begins at `whole` completed years [months]."""
    position = whole
    if whole >= 15 and count_up > 0.5:
        position = whole + 1
    return months[min(max(position, 0), months.size - 1)]


@kernel
def compensation_spread(mean, months, count_up):
    """Mean months of compensation over a bin spread evenly over one year around its mean service [months].

    The exact mean of `compensation_at` over mean - 1/2 .. mean + 1/2.
    """
    lower = mean - 0.5
    whole = math.floor(lower)
    share = lower - whole
    first = months_within(int(whole), months, count_up)
    return (1.0 - share) * first + share * months_within(int(whole) + 1, months, count_up)


@inlined
def retiree_compensation(months, completed_years, decrement, minimum):
    """Months of income for the death of a pensioner [months]: `decrement` less for each year of pension received.

    Parameters
    ----------
    months : of a death in service with the years at retirement
    """
    return max(minimum, months - completed_years * decrement)


@kernel
def sickness_branch(contributed, minimum, left, near):
    """Branch of the allowance for lost working capacity, 人社部发〔2024〕72号 (schemes.md 1.10).

    0: full formula, minimum reached and at most `near` months to old age; 1: base part, minimum reached, more months;
    2: base part for a limited time, below the minimum. All in months (or all in years).
    """
    if contributed < minimum:
        return 2
    if left <= near:
        return 0
    return 1


@kernel
def sickness_months(contributed, short, base, per_further_year):
    """Months the allowance of branch 2 is paid: `short` below 60 months, else base + per_further_year for each
    started year above 60 months (schemes.md 1.10).

    Examples
    --------
    >>> sickness_months(88.0, 12.0, 12.0, 3.0)  # schemes.md P7
    21.0
    """
    if contributed < 60.0:
        return short
    return base + per_further_year * math.ceil((contributed - 60.0) / 12.0)


@kernel
def pension_increase(pension, years, fixed, tier_years, below, above, level, tilt):
    """Yearly increase of one pension [yuan/month]: ΔP = F + tiers(N) + q·P + tilt (schemes.md 1.11).

    Parameters
    ----------
    fixed : F; below, above : yuan for each year up to and above `tier_years`; level : q; tilt : age or hardship amount

    Examples
    --------
    >>> round(pension_increase(3200.0, 32.0, 30.0, 15.0, 1.0, 1.5, 0.007, 20.0), 2)  # schemes.md P8
    112.9
    """
    return fixed + below * min(years, tier_years) + above * max(0.0, years - tier_years) + level * pension + tilt


@inlined
def compared_pension(old, new, gain_share):
    """Pension of the ten-year transition of the public sector [yuan/month], 国发〔2015〕2号 (schemes.md 3).

    The old amount is kept where it is higher; of a gain the stated share is paid.

    Examples
    --------
    >>> compared_pension(5600.0, 6200.0, 0.5), compared_pension(5400.0, 5100.0, 0.7)  # schemes.md C1, C2
    (5900.0, 5400.0)
    """
    return old + gain_share * max(0.0, new - old)


@kernel
def mean_gain(ratio, table, first, step):
    """Mean of max(0, R - 1) over persons whose new-over-old ratio R has the mean `ratio` [1], by linear interpolation.

    Parameters
    ----------
    table : values at first, first + step, ...: in closed form for a lognormal spread, 0 below and R - 1 above the table
    """
    place = (ratio - first) / step
    if place <= 0.0:
        return 0.0
    if place >= table.size - 1:
        return ratio - 1.0
    below = int(place)
    share = place - below
    return (1.0 - share) * table[below] + share * table[below + 1]


@inlined
def resident_pension(base, account, divisor, supplement):
    """Resident pension [yuan/month]: base + A/139 + supplements, 国发〔2014〕8号 (schemes.md 4.2).

    Examples
    --------
    >>> round(resident_pension(143.0, 12_600.0, 139.0, 0.0), 2)  # schemes.md D1
    233.65
    """
    return base + account / divisor + supplement


@inlined
def credit_resident(balance, contribution, rate):
    """Resident account after a year [yuan]: A' = (A + c)·(1 + r) (schemes.md 4.1)."""
    return (balance + contribution) * (1.0 + rate)


@kernel
def years_to_make_up(mean, required):
    """Mean years missing to `required` in a group spread evenly over one year around its mean paid years [years]."""
    if mean >= required + 0.5:
        return 0.0
    if mean <= required - 0.5:
        return required - mean
    return 0.5 * (required + 0.5 - mean) * (required + 0.5 - mean)


@inlined
def central_payment(wage_year, wage_share, insured, rate):
    """Payment into the central adjustment fund [yuan/year]: share·wage·insured·ρ, 国发〔2018〕18号 (schemes.md 1.12).

    Examples
    --------
    >>> central_payment(78_000.0, 0.9, 8.0e6, 0.045) / 1e8  # schemes.md A4
    252.72
    """
    return wage_share * wage_year * insured * rate
