"""One place for the compile settings of every kernel.

Arithmetic is exact: no fast-math flags, so results are equal to the last bit for any number of threads
and to plain Python. ``SIMENGINE_JIT=0`` runs the same functions as plain Python. Kernels allocate nothing, so reference
counting is off; a division by zero gives infinity or not-a-number as in numpy, because a check would keep loops from
running as vector instructions, and every run is checked for numbers that are not finite.

Compiled code is kept in a user-only folder whose name is a hash of all kernel sources, the versions of
Python and numba, and the processor. numba itself does not notice an edit in another file; this folder name does.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

JIT_ENABLED = os.environ.get("SIMENGINE_JIT", "1") != "0"


def processor() -> str:
    """What the compiled code depends on of this processor: its model and its instruction sets, as the system tells."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return f"{platform.machine()} {platform.processor()}"
    kept = ("model name", "flags", "Features", "CPU part")
    lines = {line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith(kept)}
    return "\n".join(sorted(lines))


@cache
def source_digest() -> str:
    """Hash of every kernel source, of the versions that decide the compiled code, and of the processor.

    Read once a process, whose kernels stay those it has imported.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(metadata.version(package).encode())
    digest.update(sys.version.encode() + processor().encode())
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
    from llvmlite import binding  # type: ignore[import-untyped]
    from numba.core.caching import Cache

    # Rows are short whole vectors: a loop unrolled over several of them would leave most of a row to its remainder.
    binding.set_option("", "-force-vector-interleave=1")

    # NUMBA_CACHE_DIR is read when numba is imported; set it again for a process that imported numba before us.
    numba.config.CACHE_DIR = str(cache_folder())

    _compiled_or_kept = Cache.load_overload

    def _kept_first(self: Any, signature: Any, context: Any) -> Any:
        """Compiled code of our kernels from disk, if it is there, before numba imports what compiling needs (0.3 s)."""
        if self._py_func.__module__.startswith("simengine."):
            with self._guard_against_spurious_io_errors():
                kept = self._load_overload(signature, context)
            if kept is not None:
                return kept
        return _compiled_or_kept(self, signature, context)

    Cache.load_overload = _kept_first

    OPTIONS: dict[str, Any] = {"fastmath": False, "_nrt": False, "no_cfunc_wrapper": True}

    def kernel(function: Function) -> Function:
        """Compile with exact arithmetic; releases the interpreter lock, kept on disk between runs."""
        return numba.njit(function, cache=True, nogil=True, error_model="numpy", **OPTIONS)

    def inlined(function: Function) -> Function:
        """As `kernel`, written into its callers: for steps done once a cell, where a call costs more than the step."""
        return numba.njit(function, cache=True, nogil=True, error_model="numpy", inline="always", **OPTIONS)

else:

    def kernel(function: Function) -> Function:
        """Plain Python, for tests that compare it with the compiled code."""
        return function

    inlined = kernel
