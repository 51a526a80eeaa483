"""The resident pension: account, pension, years to make up, 国发〔2014〕8号 (schemes.md 4)."""

from __future__ import annotations

from simengine.kernels.jit import inlined, kernel
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.bounds import held_between


@inlined
def basic_pension(own, national):
    """Basic pension [yuan/month]: the standard of the region, but never below the nation's.

    Source: 国发〔2014〕8号 (schemes.md 4.3).

    Examples
    --------
    >>> basic_pension(110.0, 93.0), basic_pension(110.0, 123.0)
    (110.0, 123.0)
    """
    return max(own, national)


@inlined
def resident_pension(base, account, divisor, supplement):
    """Resident pension of a person, or of a group by its sums [yuan/month]: base + A/D + supplements.

    Source: 国发〔2014〕8号, D = 139 (schemes.md 4.2).

    Parameters
    ----------
    base, supplement : [yuan/month]; account : A [yuan]; divisor : D [month]

    Examples
    --------
    >>> round(resident_pension(143.0, 12_600.0, 139.0, 0.0), 2)  # schemes.md D1
    233.65
    """
    return base + account_pension(account, divisor) + supplement


@inlined
def credit_resident(balance, contribution, rate, part):
    """Resident account after a year, or after a part of one, and its interest [yuan] (schemes.md 4.1).

        A' = (A + c) + (A + c)·r·p

    Parameters
    ----------
    balance, contribution : A at the start, c of the year with its subsidies [yuan]
    rate : r [1/year]; part : p of the year [1]

    Returns
    -------
    closing balance, interest [yuan]

    Examples
    --------
    >>> credit_resident(10_000.0, 560.0, 0.03, 1.0)
    (10876.8, 316.8)
    """
    paid_in = balance + contribution
    interest = paid_in * rate * part
    return paid_in + interest, interest


@inlined
def required_years(possible, longest):
    """Years a resident must have paid for a pension [years], 国发〔2014〕8号 (schemes.md 4.2).

    `longest` (15), or the years that were possible between the launch of the scheme and old age where they are fewer;
    none for who was old at the launch.

    Examples
    --------
    >>> required_years(22.0, 15.0), required_years(7.0, 15.0), required_years(-3.0, 15.0)
    (15.0, 7.0, 0.0)
    """
    return held_between(possible, 0.0, longest)


@kernel
def years_to_make_up(mean, required, spread):
    """Mean years missing to `required` [years]: of one person, or of a group spread evenly around its mean paid years.

    Source: 国发〔2014〕8号 (schemes.md 4.2).

    Parameters
    ----------
    spread : width of the spread [years]; 0 for one person

    Examples
    --------
    >>> years_to_make_up(11.0, 15.0, 0.0), years_to_make_up(15.0, 15.0, 0.0), years_to_make_up(15.0, 15.0, 1.0)
    (4.0, 0.0, 0.125)
    """
    half = 0.5 * spread
    if mean >= required + half:
        return 0.0
    if mean <= required - half:
        return required - mean
    return 0.5 * (required + half - mean) * (required + half - mean) / spread
