"""How amounts are rounded when they are paid (schemes.md 0.2). The case calculator alone rounds."""

from __future__ import annotations

import math

from simengine.kernels.compiler.jit import kernel

UNROUNDED, TO_FEN, UP_TO_JIAO = 0, 1, 2
"""Rounding of a pension: not at all; each part half up to 0.01 yuan; the same and the sum up to 0.1 yuan."""

FEN, JIAO = 100.0, 10.0
"""Fen and jiao of one yuan."""

EXACT_YEARS, TENTHS, HUNDREDTHS, TEN_THOUSANDTHS, HALF_YEARS_UP, WHOLE_YEARS_UP = range(6)
"""Rounding of years of service: none, half up to 1, 2 or 4 decimals, half years and whole years begun."""

FOURTH_PLACE = 10_000.0
"""Parts of one that a number with four decimals has."""


@kernel
def half_up(amount, places):
    """An amount in any unit rounded half up to one part in `places` of it, away from zero on both sides.

    A hair (1e-13 of the number) keeps a half that binary arithmetic stores just below itself from going down.

    Examples
    --------
    >>> half_up(2.675, 100.0), half_up(1780.2594, 100.0)
    (2.68, 1780.26)
    """
    parts = abs(amount) * places
    whole = math.floor(parts + 0.5 + 1e-9 + 1e-13 * parts) / places
    if amount < 0.0 and whole > 0.0:
        return -whole
    return whole


@kernel
def up_to_part(number, parts):
    """A number in any unit rounded up to the next of `parts` equal parts of one (schemes.md 0.2).

    Examples
    --------
    >>> up_to_part(15.5, 1.0), up_to_part(15.25, 2.0), up_to_part(15.5, 2.0)
    (16.0, 15.5, 15.5)
    """
    whole = number * parts
    return math.ceil(whole - 1e-9 - 1e-13 * whole) / parts


@kernel
def up_to_jiao(amount):
    """An amount [yuan] rounded up to the next tenth of a yuan (见分进角, schemes.md 0.2).

    Examples
    --------
    >>> up_to_jiao(6176.83), up_to_jiao(6176.80)
    (6176.9, 6176.8)
    """
    return up_to_part(amount, JIAO)


@kernel
def paid_out(amount, rounding):
    """An amount [yuan] as it is paid: half up to 0.01 yuan, or as it is where rounding is switched off.

    Examples
    --------
    >>> paid_out(700.2902, TO_FEN), paid_out(700.2902, UNROUNDED)
    (700.29, 700.2902)
    """
    if rounding == UNROUNDED:
        return amount
    return half_up(amount, FEN)


@kernel
def service_years(months, rounding):
    """Years of service as an award form puts them into a formula [years] (schemes.md 0.2).

    Parameters
    ----------
    months : months of service; rounding : one of the codes above

    Examples
    --------
    >>> service_years(460.0, HUNDREDTHS), service_years(476.0, TEN_THOUSANDTHS), service_years(366.0, EXACT_YEARS)
    (38.33, 39.6667, 30.5)
    >>> service_years(361.0, HALF_YEARS_UP), service_years(361.0, WHOLE_YEARS_UP)
    (30.5, 31.0)
    """
    years = months / 12.0
    if rounding == TENTHS:
        return half_up(years, 10.0)
    if rounding == HUNDREDTHS:
        return half_up(years, 100.0)
    if rounding == TEN_THOUSANDTHS:
        return half_up(years, FOURTH_PLACE)
    if rounding == HALF_YEARS_UP:
        return up_to_part(years, 2.0)
    if rounding == WHOLE_YEARS_UP:
        return up_to_part(years, 1.0)
    return years
