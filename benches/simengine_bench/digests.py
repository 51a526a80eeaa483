"""What a benchmark computed, as a digest that sees every bit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import xarray as xr


def exact_digest(arrays: Iterable[np.ndarray]) -> str:
    """sha256 over the types, the shapes and the bytes of arrays, in their order: equal digests mean equal bits."""
    digest = hashlib.sha256()
    for array in arrays:
        whole = np.ascontiguousarray(array)
        digest.update(f"{whole.dtype.str}{whole.shape}\0".encode())
        digest.update(whole.tobytes())
    return digest.hexdigest()


def dataset_arrays(dataset: xr.Dataset) -> list[np.ndarray]:
    """The values of every variable of a dataset, in the order of the names."""
    return [np.asarray(dataset[name].values) for name in sorted(dataset.data_vars, key=str)]
