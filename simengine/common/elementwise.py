"""Exponentials, logarithms and roots of arrays, from sums, products and quotients alone.

numpy and the C library hold several versions of these functions and take the one for the instructions of the
processor; their last bits differ. Sums, products and quotients are rounded in one way everywhere, so the functions here
give the same bits on every processor. They lie within three units of the last place of the true value.
"""

from __future__ import annotations

import math

import numpy as np

LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
"""The first 33 bits of ln 2: its product with a whole number of ten bits is exact."""
LN2_LOW = 1.9082149292705877e-10
"""What is left of ln 2."""
BITS_PER_E = 1.4426950408889634
"""1/ln 2."""

SERIES_EXP = tuple(1.0 / math.factorial(power) for power in range(13, 1, -1))
"""(eʳ - 1 - r)/r², highest power first; the term left out is below 1e-17 of eʳ for |r| <= ln(2)/2."""
SERIES_LOG = tuple(2.0 / power for power in range(23, 1, -2))
"""(ln((1 + s)/(1 - s)) - 2s)/s³ in powers of s², highest first; the term left out is below 1e-19 for |s| <= 0.1716."""


def exp(values: np.ndarray | float) -> np.ndarray:
    """Exponential eˣ [1], any shape; infinity where it is too large for a number.

        eˣ = 2ⁿ·eʳ,  r = x - n·ln 2,  |r| <= ln(2)/2

    Examples
    --------
    >>> exp(np.array([-np.inf, 0.0, 1000.0])).tolist()
    [0.0, 1.0, inf]
    """
    given = np.clip(np.asarray(values, dtype=np.float64), -800.0, 800.0)  # both ends lie beyond the numbers
    twos = np.rint(given * BITS_PER_E)
    high, low = given - twos * LN2_HIGH, twos * LN2_LOW
    rest = high - low
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        near = 1.0 + (high + (rest * rest * polynomial(rest, SERIES_EXP) - low))
        return np.asarray(np.ldexp(near, np.nan_to_num(twos).astype(np.int32)))


def log(values: np.ndarray | float) -> np.ndarray:
    """Natural logarithm ln x [1], any shape; minus infinity at zero, not a number below it.

        ln x = n·ln 2 + ln(1 + f),  ln(1 + f) = f - s·(f - R(s²)),  s = f/(2 + f),  √½ <= 1 + f < √2

    Examples
    --------
    >>> log(np.array([0.0, 1.0, np.inf, -1.0])).tolist()
    [-inf, 0.0, inf, nan]
    """
    given = np.asarray(values, dtype=np.float64)
    inside = (given > 0.0) & (given < np.inf)
    part, twos = np.frexp(np.where(inside, given, 1.0))
    small = part < math.sqrt(0.5)
    over = np.where(small, 2.0 * part, part) - 1.0
    twos = (twos - small).astype(np.float64)
    ratio = over / (2.0 + over)
    square = ratio * ratio
    fine = ratio * (over - square * polynomial(square, SERIES_LOG))
    found = twos * LN2_HIGH - ((fine - twos * LN2_LOW) - over)
    outside = np.where(given == 0.0, -np.inf, np.where(given > 0.0, given, np.nan))
    return np.asarray(np.where(inside, found, outside))


def expm1(values: np.ndarray | float) -> np.ndarray:
    """Exponential less one, eˣ - 1 [1], any shape, exact where x is small (W. Kahan).

    Examples
    --------
    >>> expm1(np.array([-np.inf, 0.0, 1e-20, 1000.0])).tolist()
    [-1.0, 0.0, 1e-20, inf]
    """
    given = np.asarray(values, dtype=np.float64)
    whole = exp(given)
    curved = (whole != 1.0) & (np.abs(given) < 1.0)
    mended = np.where(curved, given, 1.0) / np.where(curved, log(whole), 1.0)
    return np.asarray(np.where(whole == 1.0, given, (whole - 1.0) * mended))


def log1p(values: np.ndarray | float) -> np.ndarray:
    """Natural logarithm of one and more, ln(1 + x) [1], any shape, exact where x is small (W. Kahan).

    Examples
    --------
    >>> log1p(np.array([-1.0, 0.0, 1e-20, np.inf, -2.0])).tolist()
    [-inf, 0.0, 1e-20, inf, nan]
    """
    given = np.asarray(values, dtype=np.float64)
    whole = 1.0 + given
    curved = (whole != 1.0) & (np.abs(given) < 1.0)
    mended = np.where(curved, given, 1.0) / np.where(curved, whole - 1.0, 1.0)
    return np.asarray(np.where(whole == 1.0, given, log(whole) * mended))


def root(values: np.ndarray | float, degree: int) -> np.ndarray:
    """Root of a degree from 1 [1], any shape; not a number below zero.

    Examples
    --------
    >>> root(np.array([0.0, 1.0, np.inf, -1.0]), 5).tolist()
    [0.0, 1.0, inf, nan]
    """
    return exp(log(values) / degree)


def polynomial(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Value of a polynomial [1], any shape; coefficients of the highest power first."""
    result = np.full(x.shape, coefficients[0])
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result
