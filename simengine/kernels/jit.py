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

from simengine.registry.inputs import CONSTANT_NAMES, PATH_NAMES
from simengine.registry.variables import FLOW_NAMES, STOCK_NAMES

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
def kernel_sources_digest(folder: Path = Path(__file__).parent) -> str:
    """sha256 over the sources of all kernels below a folder, and over the order of their inputs and results.

    It goes into the name of a run and of everything kept between runs. Read once a process, whose kernels stay those it
    has imported.
    """
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")):
        content = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    for names in (PATH_NAMES, CONSTANT_NAMES, FLOW_NAMES, STOCK_NAMES):
        digest.update(" ".join(names).encode())
    return digest.hexdigest()


@cache
def source_digest() -> str:
    """Names compiled code: the kernel sources, the versions that decide what they compile to, and the processor."""
    digest = hashlib.sha256(kernel_sources_digest().encode())
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


def is_warm(kernel: str = "") -> bool:
    """Whether compiled kernels of exactly these sources, or one of them (`lane.project_lane`), are already on disk."""
    return JIT_ENABLED and any(path.parent.name != "linked" for path in cache_folder().rglob(f"{kernel}*.nbi"))


if JIT_ENABLED:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    import numba
    from llvmlite import binding  # type: ignore[import-untyped]
    from numba.core.compiler import Compiler

    # Rows are six vectors: loops over them stay loops. Written out, the steps of a row no longer fit where a processor
    # keeps decoded instructions (measured: a quarter slower).
    for option in ("-force-vector-interleave=1", "-unroll-full-max-count=1", "-unroll-runtime=0"):
        binding.set_option("", option)

    # NUMBA_CACHE_DIR is read when numba is imported; set it again for a process that imported numba before us.
    numba.config.CACHE_DIR = str(cache_folder())

    class Disjoint(Compiler):
        """Tells LLVM that the arguments do not overlap, which spares loops a test of it each time they start."""

        def define_pipelines(self) -> Any:
            self.state.flags.noalias = True
            return super().define_pipelines()

    from simengine.kernels.linked import Kernel

    OPTIONS: dict[str, Any] = {
        "nopython": True,
        "boundscheck": None,
        "nogil": True,
        "error_model": "numpy",
        "fastmath": False,
        "_nrt": False,
        "no_cfunc_wrapper": True,
    }

    def _compiled(function: Any, pipeline: type[Compiler] = Compiler, **options: Any) -> Any:
        if numba.config.DISABLE_JIT:
            return function
        return Kernel(function, {**OPTIONS, **options}, pipeline, cache_folder())

    def kernel(function: Function) -> Function:
        """Compile with exact arithmetic; releases the interpreter lock, kept on disk between runs."""
        return _compiled(function)

    def inlined(function: Function) -> Function:
        """As `kernel`, written into its callers by LLVM: where a call costs more than the step."""
        return _compiled(function, forceinline=True)

    def over_bins(function: Function) -> Function:
        """As `inlined`, for loops over the bins of a row whose arguments share no memory that one of them writes."""
        return _compiled(function, Disjoint, forceinline=True)

else:

    def kernel(function: Function) -> Function:
        """Plain Python, for tests that compare it with the compiled code."""
        return function

    inlined = over_bins = kernel
