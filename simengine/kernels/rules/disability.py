"""Allowance for total incapacity before the statutory age, 人社部发〔2024〕72号 (schemes.md 1.10)."""

from __future__ import annotations

import math

from simengine.kernels.jit import kernel

FULL, BASE, LIMITED = 0, 1, 2
"""Branches of the allowance: the full formula of an award; the base part; the base part for a limited time."""


@kernel
def sickness_branch(reached, left, near):
    """Branch of the allowance by what the recipient has paid and how near old age is (schemes.md 1.10).

    FULL with the minimum and at most `near` to the statutory month, BASE with the minimum and more than that, LIMITED
    below the minimum. Source: 人社部发〔2024〕72号.

    Parameters
    ----------
    reached : whether the minimum years are reached; left, near : time to the statutory month, both in one unit

    Examples
    --------
    >>> sickness_branch(True, 143.0, 60.0), sickness_branch(True, 60.0, 60.0), sickness_branch(False, 143.0, 60.0)
    (1, 0, 2)
    """
    if not reached:
        return LIMITED
    if left <= near:
        return FULL
    return BASE


@kernel
def sickness_months(contributed, full_from, short, base, per_further_year):
    """Months the allowance is paid below the minimum years [months], 人社部发〔2024〕72号 (schemes.md 1.10).

    `short` below `full_from` months of contributions, else base + per_further_year for each started year above them.

    Examples
    --------
    >>> sickness_months(88.0, 60.0, 12.0, 12.0, 3.0)  # schemes.md P7
    21.0
    """
    if contributed < full_from:
        return short
    return base + per_further_year * math.ceil((contributed - full_from) / 12.0)
