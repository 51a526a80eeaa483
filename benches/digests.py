"""What a benchmark computed, in two digests: one that sees every bit, one that two processors can share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

SIGNIFICANT = 12
"""Digits kept by the second digest."""


def exact_digest(arrays: Iterable[np.ndarray]) -> str:
    """sha256 over shapes, types and bytes: equal digests mean equal bits."""
    digest = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.dtype.str}{array.shape}\0".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def rounded_digest(arrays: Iterable[np.ndarray]) -> str:
    """sha256 over the numbers written with twelve significant digits; minus zero is zero.

    Another processor or compiler may move the last digits of a sum. This digest then stays, unless a number lies on
    the edge of two roundings; the exact one does not.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape}\0".encode())
        written = np.char.mod(f"%.{SIGNIFICANT - 1}e", np.asarray(array, dtype=np.float64).ravel() + 0.0)
        digest.update("\n".join(written.tolist()).encode())
    return digest.hexdigest()


def digests(arrays: Iterable[np.ndarray]) -> dict[str, str]:
    """Both digests, as they go into the record of a benchmark."""
    kept = list(arrays)
    return {"sha256_exact": exact_digest(kept), f"sha256_{SIGNIFICANT}_digits": rounded_digest(kept)}


def dataset_arrays(dataset: Any) -> list[np.ndarray]:
    """Every variable of a dataset in the order of the names."""
    held: Mapping[Any, Any] = dataset.data_vars
    return [np.asarray(held[name].values) for name in sorted(held)]
