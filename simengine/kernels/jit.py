"""One place for the compile settings of every kernel.

Arithmetic is exact: no fast-math flags, so results are equal to the last bit for any number of threads
and to plain Python. ``SIMENGINE_JIT=0`` runs the same functions as plain Python.

Compiled code is kept in a user-only folder whose name is a hash of all kernel sources, the Python version
and the numba version. numba itself does not notice an edit in another file; this folder name does.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

JIT_ENABLED = os.environ.get("SIMENGINE_JIT", "1") != "0"


def source_digest() -> str:
    """Hash of every kernel source and of the versions that decide the compiled code."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(metadata.version(package).encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of the compiled kernels (created with access for the user alone)."""
    home = Path(os.environ.get("SIMENGINE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser())
    folder = home / "simengine" / f"kernels-{source_digest()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def is_warm() -> bool:
    """Whether compiled kernels of exactly these sources are already on disk."""
    return JIT_ENABLED and any(cache_folder().rglob("*.nbi"))


if JIT_ENABLED:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    import numba

    # NUMBA_CACHE_DIR is read when numba is imported; set it again for a process that imported numba before us.
    numba.config.CACHE_DIR = str(cache_folder())

    def kernel(function: Function) -> Function:
        """Compile with exact arithmetic; releases the interpreter lock, kept on disk between runs."""
        return numba.njit(function, cache=True, nogil=True, fastmath=False, error_model="python")

    def inlined(function: Function) -> Function:
        """As `kernel`, written into its callers: for steps done once a cell, where a call costs more than the step."""
        return numba.njit(function, cache=True, nogil=True, fastmath=False, error_model="python", inline="always")

else:

    def kernel(function: Function) -> Function:
        """Plain Python, for tests that compare it with the compiled code."""
        return function

    inlined = kernel
