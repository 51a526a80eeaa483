"""Compile translated kernels with gcc and call them with the kernels' own arguments.

Libraries are kept in a user folder named by a hash of the C text, the flags and the compiler.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benches.twin.kinds import FLOAT, INT, Array, Kind, Record, Work
from benches.twin.sources import Sources
from benches.twin.translate import translate
from simengine.kernels import layout

KERNELS = "simengine.kernels"

EXACT = ("-O3", "-march=native", "-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno")
"""IEEE arithmetic in the order of the source. The last two flags change no result: nobody reads the exception flags
and errno, and LLVM, which compiles the kernels, assumes the same."""

FAST = ("-O3", "-march=native", "-ffast-math", "-fno-finite-math-only")
"""Sums in any order and fused products: what exactness costs, not what the engine computes. NaN keeps its meaning
(a level that is not known); without it whole branches of the lane are not computed."""

GROUPS = {"State": "state", "Scratch": "scratch", "LaneTables": "tables", "LaneOutput": "out"}


class NoCompiler(RuntimeError):
    """gcc is not there."""


def find_gcc() -> str:
    """Path of gcc."""
    found = shutil.which("gcc")
    if found is None:
        raise NoCompiler("The C twin needs gcc, which is not on the PATH; on Debian and Ubuntu: apt-get install gcc.")
    return found


@functools.cache
def gcc_version() -> str:
    """Version of the compiler, as it tells it."""
    return subprocess.run([find_gcc(), "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def cache_folder() -> Path:
    """Folder of the compiled twins (created with access for the user alone)."""
    home = Path(os.environ.get("SIMENGINE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser())
    folder = home / "simengine" / "twin"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def compile_text(text: str, flags: Iterable[str] = EXACT) -> Path:
    """A shared library of a C text.

    The flags go to the compiler, not to the linker: linked with -ffast-math a library sets flush-to-zero for the whole
    process.
    """
    flags = ("-std=c99", "-fPIC", *flags)
    native = "" if "-march=native" not in flags else processor()
    digest = hashlib.sha256("\0".join([text, *flags, gcc_version(), native]).encode()).hexdigest()[:16]
    library = cache_folder() / f"{digest}.so"
    if not library.exists():
        source, middle, fresh = (library.with_suffix(f".{os.getpid()}{end}") for end in (".c", ".o", ".so"))
        source.write_text(text, encoding="utf-8")
        for command in (
            ["-c", *flags, str(source), "-o", str(middle)],
            ["-shared", str(middle), "-lm", "-o", str(fresh)],
        ):
            done = subprocess.run([find_gcc(), *command], capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"gcc refuses the translated kernels:\n{done.stderr[:4000]}")
        os.replace(fresh, library)
        os.replace(source, library.with_suffix(".c"))
        middle.unlink()
    return library


def processor() -> str:
    """What `-march=native` stands for on this machine."""
    command = [find_gcc(), "-march=native", "-Q", "--help=target"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# --- arguments --------------------------------------------------------------------------------------------------------


def lane_kinds() -> dict[str, Kind]:
    """Kinds of the arguments of the lane's stages, by name."""
    kinds: dict[str, Kind] = dict.fromkeys(("t", "e", "first", "last", "status"), INT)
    kinds["base_pension"] = FLOAT
    kinds["paths"] = Array((layout.PATHS, "*"), "paths")
    kinds["constants"] = Array((layout.CONSTANTS,), "constants")
    for group, name in GROUPS.items():
        shapes: Mapping[str, tuple[int, ...]] = getattr(layout, group).SHAPES
        kinds[name] = Record(group, tuple(shapes.items()))
    return kinds


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Address of numbers in C order."""
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        raise TypeError("the twin takes arrays of double numbers in C order")
    return ctypes.c_void_p(array.ctypes.data)


class Twin:
    """Compiled functions of the kernels, each called by its name with the kernel's own arguments."""

    def __init__(
        self,
        entries: Iterable[tuple[str, str]],
        kinds: Mapping[str, Kind],
        flags: Iterable[str] = EXACT,
        counted: bool = False,
        sources: Sources | None = None,
    ) -> None:
        entries = tuple(entries)
        sources = sources or Sources()
        find_gcc()
        self.text = translate(entries, kinds, counted, sources)
        self.library = ctypes.CDLL(str(compile_text(self.text, flags)))
        self._kinds: dict[str, list[Kind]] = {}
        for module, name in entries:
            function = sources.module(module).functions[name]
            self._kinds[name] = [kinds[part.arg] for part in function.args.args]
        self._check_sizes(kinds)

    def _check_sizes(self, kinds: Mapping[str, Kind]) -> None:
        """The structures of C are as large as the records of numpy."""
        for kind in kinds.values():
            if isinstance(kind, Record) and f"struct {kind.name} {{" in self.text:
                size = ctypes.c_long.in_dll(self.library, f"size_of_{kind.name}").value
                assert size == 8 * sum(int(np.prod(shape)) for _, shape in kind.fields), kind.name

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function; whole numbers, numbers, arrays and groups as the kernel takes them."""
        return self.bound(name, *arguments)()

    def bound(self, name: str, *arguments: Any) -> Any:
        """A function with its arguments converted: a call without arguments."""
        function = getattr(self.library, f"enter_{name}")
        results = {"double": ctypes.c_double, "long": ctypes.c_long, "int": ctypes.c_int}
        function.restype = next(
            (kind for word, kind in results.items() if f"\n{word} enter_{name}(" in self.text), None
        )
        given: list[Any] = []
        for kind, value in zip(self._kinds[name], arguments, strict=True):
            if isinstance(kind, Array):
                given += [ctypes.c_long(n) for n, known in zip(value.shape, kind.shape, strict=True) if known == "*"]
                given.append(pointer(value))
            elif isinstance(kind, Record):
                given.append(pointer(value[kind.fields[0][0]]))
            else:
                given.append(ctypes.c_long(value) if kind == INT else ctypes.c_double(value))
        return functools.partial(function, *given)

    def work(self) -> Work:
        """Operations since the last call of this (of a twin with counters)."""
        counters = (ctypes.c_long * len(Work._fields)).in_dll(self.library, "work_done")
        done = Work(*counters)
        ctypes.memset(counters, 0, ctypes.sizeof(counters))
        return done


@functools.cache
def lane_twin(flags: tuple[str, ...] = EXACT, counted: bool = False, package: str = KERNELS) -> Twin:
    """The lane kernel as a C library, translated from the sources as they stand."""
    return Twin([(f"{package}.lane", "project_lane")], lane_kinds(), flags, counted)


def twin_lane(
    paths: np.ndarray, constants: np.ndarray, tables: Any, state: Any, scratch: Any, out: Any, first: int, last: int
) -> None:
    """`simengine.kernels.lane.project_lane` in C."""
    lane_twin().call("project_lane", paths, constants, tables, state, scratch, out, first, last)
