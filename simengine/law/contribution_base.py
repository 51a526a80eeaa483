"""Contribution base between floor and cap, in closed form (Social Insurance Law; schemes.md 1.3).

Wages inside a cell are lognormal. The base is the mean of the clamped wage, not the clamp of the mean wage, which
would miss it by several percent.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simengine.common import elementwise
from simengine.law.normal import ndtr


def clamped_mean(mean: np.ndarray, log_sd: float, floor: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """Mean of a lognormal variable clamped to a band.

        E[min(max(X, f), c)] = f·Φ(z_f) + c·(1 - Φ(z_c)) + μ·(Φ(z_c - σ) - Φ(z_f - σ)),
        z_y = (ln y - ln μ + σ²/2) / σ

    Parameters
    ----------
    mean : mean μ of the unclamped variable, over W [1], any shape
    log_sd : standard deviation σ of its logarithm [1], above zero
    floor, cap : bounds of the band, over W [1], shapes that broadcast with `mean`

    Examples
    --------
    >>> float(clamped_mean(np.array(1.0), 1e-6, np.array(0.6), np.array(3.0)).round(9))
    1.0
    >>> float(clamped_mean(np.array(0.2), 1e-6, np.array(0.6), np.array(3.0)).round(9))
    0.6
    """
    given = [np.asarray(part, dtype=np.float64) for part in (mean, floor, cap)]
    return _clamped_mean(float(log_sd), *(part.tobytes() for part in given), *(part.shape for part in given)).copy()


@lru_cache(maxsize=64)
def _clamped_mean(log_sd: float, means: bytes, floors: bytes, caps: bytes, *shapes: tuple[int, ...]) -> np.ndarray:
    """`clamped_mean` of arrays told apart by their bytes: levers hardly ever move wages, floors or caps."""
    parts = (np.frombuffer(part).reshape(shape) for part, shape in zip((means, floors, caps), shapes, strict=True))
    mean, floor, cap = parts
    centre = elementwise.log(mean) - 0.5 * log_sd * log_sd
    low = (elementwise.log(floor) - centre) / log_sd
    high = (elementwise.log(cap) - centre) / log_sd
    clamped = floor * ndtr(low) + cap * (1.0 - ndtr(high)) + mean * (ndtr(high - log_sd) - ndtr(low - log_sd))
    return np.asarray(clamped)
