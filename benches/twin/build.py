"""Compile translated kernels with gcc and call them with the kernels' own arguments."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benches.twin.kinds import FLOAT, INT, Array, Kind, Record
from benches.twin.sources import Sources
from benches.twin.translate import translate
from simengine.kernels import layout

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


def compile_text(text: str, flags: Iterable[str] = EXACT) -> ctypes.CDLL:
    """A C text as a loaded library. Nothing is kept on disk: the text is compiled anew in every process.

    The flags go to the compiler, not to the linker: linked with -ffast-math a library sets flush-to-zero for the whole
    process.

    Raises
    ------
    RuntimeError : gcc is not there (`NoCompiler`) or refuses the text
    """
    with tempfile.TemporaryDirectory() as folder:
        source, middle, library = (str(Path(folder) / f"twin{end}") for end in (".c", ".o", ".so"))
        Path(source).write_text(text, encoding="utf-8")
        for command in (
            ["-std=c99", "-fPIC", *flags, "-c", source, "-o", middle],
            ["-shared", middle, "-lm", "-o", library],
        ):
            done = subprocess.run([find_gcc(), *command], capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"gcc refuses the translated kernels:\n{done.stderr[:4000]}")
        return ctypes.CDLL(library)


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
        sources: Sources | None = None,
    ) -> None:
        entries = tuple(entries)
        sources = sources or Sources()
        self.text = translate(entries, kinds, sources)
        self.library = compile_text(self.text, flags)
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
        return function(*given)


@functools.cache
def lane_twin(flags: tuple[str, ...] = EXACT) -> Twin:
    """The lane kernel as a C library, translated from the sources as they stand."""
    return Twin([("simengine.kernels.lane", "project_lane")], lane_kinds(), flags)
