"""Distribution function of the standard normal, by the rational functions of Cephes (S. L. Moshier, ndtr.c).

``scipy.special.ndtr`` takes the same functions: a test compares the two. That package takes a quarter
of a second to import, more than the opening of a lane.
"""

from __future__ import annotations

import math

import numpy as np

from simengine.common.elementwise import exp, polynomial

SQRT_HALF = math.sqrt(0.5)

# erf(x) = x·T(x²)/U(x²), |x| <= 1;  erfc(x) = exp(-x²)·P(x)/Q(x), 1 < x < 8, with R and S beyond. Highest power first.
T = (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
     5.55923013010394962768e4)  # fmt: skip
U = (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
     4.92673942608635921086e4)  # fmt: skip
P = (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
     1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
     5.57535335369399327526e2)  # fmt: skip
Q = (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
     1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3,
     5.57535340817727675546e2)  # fmt: skip
R = (5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0, 6.16021097993053585195e0,
     7.40974269950448939160e0, 2.97886665372100240670e0)  # fmt: skip
S = (1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1, 1.70814450747565897222e1,
     9.60896809063285878198e0, 3.36907645100081516050e0)  # fmt: skip

LARGEST = 7.09782712893383996843e2
"""Logarithm of the largest number: beyond it the tail is zero."""


def ndtr(value: np.ndarray) -> np.ndarray:
    """Share of a standard normal variable below a value [1], any shape.

        Φ(a) = (1 + erf(a/√2))/2

    Examples
    --------
    >>> ndtr(np.array([-np.inf, 0.0, 1.0, np.inf])).round(6).tolist()
    [0.0, 0.5, 0.841345, 1.0]
    """
    x = np.asarray(value, dtype=np.float64).ravel() * SQRT_HALF
    size = np.abs(x)
    result = np.full(x.shape, np.nan)
    near, far = size < 1.0, size >= 1.0
    result[near] = 0.5 + 0.5 * _erf(x[near])
    tail = 0.5 * _erfc(size[far])
    result[far] = np.where(x[far] > 0.0, 1.0 - tail, tail)
    return result.reshape(np.shape(value))


def _erf(x: np.ndarray) -> np.ndarray:
    """erf(x) for |x| <= 1."""
    square = x * x
    return np.asarray(x * polynomial(square, T) / polynomial(square, U))


def _erfc(x: np.ndarray) -> np.ndarray:
    """1 - erf(x) for x >= 1."""
    square = -x * x
    result = np.zeros(x.shape)
    for rows, upper, lower in (((x < 8.0), P, Q), ((x >= 8.0) & (square >= -LARGEST), R, S)):
        at = x[rows]
        result[rows] = exp(square[rows]) * polynomial(at, upper) / polynomial(at, lower)
    return result
