"""How amounts are rounded when they are paid (schemes.md 0.2). The case calculator alone rounds."""

from __future__ import annotations

import math

from simengine.kernels.jit import kernel

UNROUNDED, TO_FEN, UP_TO_JIAO = 0, 1, 2
"""Rounding of a pension: not at all; each part half up to 0.01 yuan; the same and the sum up to 0.1 yuan."""

FEN, JIAO = 100.0, 10.0
"""Fen and jiao of one yuan."""


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
def up_to_jiao(amount):
    """An amount [yuan] rounded up to the next tenth of a yuan (见分进角, schemes.md 0.2).

    Examples
    --------
    >>> up_to_jiao(6176.83), up_to_jiao(6176.80)
    (6176.9, 6176.8)
    """
    parts = amount * JIAO
    return math.ceil(parts - 1e-9 - 1e-13 * parts) / JIAO


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
