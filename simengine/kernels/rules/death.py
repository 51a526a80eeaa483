"""Compensation after a death not caused by work, 人社部发〔2021〕18号 (schemes.md 1.9)."""

from __future__ import annotations

import math

from simengine.kernels.jit import inlined, kernel


@kernel
def months_within(whole, months, count_up, counted_from):
    """Months of income for a death inside the year that begins at `whole` completed years of contributions [months].

    Source: 人社部发〔2021〕18号 (schemes.md 1.9).

    Parameters
    ----------
    months : by whole years 0, 1, ..., the last for more
    count_up : 1 if a started year counts as a whole one from `counted_from` completed years on, else 0

    Examples
    --------
    By 人社部发〔2021〕18号, counted from 15 years on: the year that begins at 14 gives 9, the next one 10.
    """
    position = whole
    if whole >= counted_from and count_up > 0.5:
        position = whole + 1
    return months[min(max(position, 0), months.size - 1)]


@kernel
def compensation_at(years, months, count_up, counted_from):
    """Months of income paid for a death in service of one person, by years of contributions [months].

    Source: 人社部发〔2021〕18号 (schemes.md 1.9).

    Parameters
    ----------
    months, count_up, counted_from : as in `months_within`

    Examples
    --------
    By 人社部发〔2021〕18号: 15 years give 9, 15.1 years 10, 38 years 24.
    """
    whole = math.floor(years)
    if years > whole:
        return months_within(whole, months, count_up, counted_from)
    return months[min(whole, months.size - 1)]


@kernel
def compensation_spread(mean, months, count_up, counted_from):
    """Mean months of compensation over a bin spread evenly over one year around its mean service [months].

    The exact mean of `compensation_at` over mean - 1/2 .. mean + 1/2.

    Parameters
    ----------
    mean : mean years of contributions [years]; the others as in `months_within`

    Examples
    --------
    By 人社部发〔2021〕18号 a mean of 15.5 years gives 10: whoever has between 15 and 16 years counts as 16.
    """
    lower = mean - 0.5
    whole = math.floor(lower)
    share = lower - whole
    first = months_within(int(whole), months, count_up, counted_from)
    return (1.0 - share) * first + share * months_within(int(whole) + 1, months, count_up, counted_from)


@inlined
def retiree_compensation(months, completed_years, decrement, minimum):
    """Months of income for the death of a pensioner [months]: `decrement` less for each year of pension received.

    Source: 人社部发〔2021〕18号 (schemes.md 1.9).

    Parameters
    ----------
    months : of a death in service with the years at retirement; minimum : at least so many

    Examples
    --------
    >>> retiree_compensation(22.0, 5.0, 1.0, 9.0), retiree_compensation(22.0, 20.0, 1.0, 9.0)  # schemes.md P6
    (17.0, 9.0)
    """
    return max(minimum, months - completed_years * decrement)
