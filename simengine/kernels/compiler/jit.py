"""One place for the compile settings of every kernel.

Arithmetic is exact: no fast-math flags, so results are equal to the last bit for any number of threads
and to plain Python. ``SIMENGINE_JIT=0`` runs the same functions as plain Python. Kernels allocate nothing, so reference
counting is off; a division by zero gives infinity or not-a-number as in numpy, because a check would keep loops from
running as vector instructions, and every run is checked for numbers that are not finite.

Compiled code is kept in a folder of the user alone (`folder.py`), in files that are checked before they are used
(`files.py`). Its name is a hash of all kernel sources, the versions of Python and numba, and the processor.

``SIMENGINE_COMPILER`` says who compiles: ``plain`` is numba as it comes, ``linked`` is numba with classes of its own
inside (`linked.py`), which takes less time the first time. Both give the same bits.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, TypeVar

from simengine.kernels.compiler.files import ENTRY, read_checked
from simengine.kernels.compiler.folder import find_folder
from simengine.kernels.compiler.notices import tell
from simengine.registry.inputs import CONSTANT_NAMES, PATH_NAMES
from simengine.registry.variables import FLOW_NAMES, STOCK_NAMES

Function = TypeVar("Function", bound=Callable[..., Any])

JIT_ENABLED = os.environ.get("SIMENGINE_JIT", "1") != "0"
DEFAULT = "plain"
COMPILERS = ("plain", "linked")
TESTED = (["0", "68"],)  # versions of numba whose inner classes `linked.py` is known to fit


def processor() -> str:
    """What the compiled code depends on of this processor: its model and its instruction sets, as the system tells."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return f"{platform.machine()} {platform.processor()}"
    kept = ("model name", "flags", "Features", "CPU part")
    lines = {line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith(kept)}
    return "\n".join(sorted(lines))


@cache
def kernel_sources_digest(folder: Path = Path(__file__).parents[1]) -> str:
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


@cache
def compiler() -> str:
    """Who compiles in this process: ``plain`` or ``linked``."""
    asked = os.environ.get("SIMENGINE_COMPILER") or DEFAULT
    if asked not in COMPILERS:
        tell("compiler_unknown", value=asked, default=DEFAULT)
        asked = DEFAULT
    if asked == "plain":
        return asked
    version = metadata.version("numba")
    if version.split(".")[:2] in TESTED:
        with contextlib.suppress(ImportError, AttributeError):
            import_module("simengine.kernels.compiler.linked")
            return asked
    tell("compiler_untested", version=version)
    return "plain"


@cache
def cache_folder() -> Path | None:
    """Folder of the compiled kernels of this process; none where nothing can be written."""
    return find_folder(source_digest() if compiler() == "plain" else f"{source_digest()}-linked")


def is_warm(kernel: str = "") -> bool:
    """Whether compiled kernels of exactly these sources, or one of them (`lane.project_lane`), are already on disk."""
    if not JIT_ENABLED or (folder := cache_folder()) is None:
        return False
    found = folder.glob(f"{kernel}-*{ENTRY}" if kernel else f"*{ENTRY}")
    return any(read_checked(path) is not None for path in found)


if JIT_ENABLED:
    import numba
    from llvmlite import binding  # type: ignore[import-untyped]
    from numba.core.compiler import Compiler

    from simengine.kernels.compiler.kept import CheckedCache

    # Rows are six vectors: loops over them stay loops. Written out, the steps of a row no longer fit where a processor
    # keeps decoded instructions (measured: a quarter slower).
    for option in ("-force-vector-interleave=1", "-unroll-full-max-count=1", "-unroll-runtime=0"):
        binding.set_option("", option)

    class Disjoint(Compiler):
        """Tells LLVM that the arguments do not overlap, which spares loops a test of it each time they start."""

        def define_pipelines(self) -> Any:
            self.state.flags.noalias = True
            return super().define_pipelines()

    OPTIONS: dict[str, Any] = {
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
        if compiler() == "linked":
            from simengine.kernels.compiler.linked import Kernel

            made: Any = Kernel(function, {"nopython": True, **OPTIONS, **options}, pipeline, cache_folder())
        else:
            made = numba.njit(pipeline_class=pipeline, **{**OPTIONS, **options})(function)
        made._cache = CheckedCache(function, cache_folder())
        return made

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
