"""Compile the lane kernel, in several processes: ``python -m simengine.kernels.compiler.warm``.

The first projection of all does the same. The kernels a year calls (`parts`) do not depend on each other: each process
takes the largest one nobody has taken yet and leaves its compiled form on disk, where the process that compiles
the lane finds it. That process takes its share and makes up for whatever another one failed to do, so the others only
ever save time. Engines that start at the same moment wait for the first of them.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simengine.common.processors import processors
from simengine.kernels import lane
from simengine.kernels import layout as at
from simengine.kernels.compiler.files import sweep_partial
from simengine.kernels.compiler.folder import VARIABLE
from simengine.kernels.compiler.jit import JIT_ENABLED, cache_folder, is_warm

LANE = "lane.project_lane"  # what the compiled lane is called on disk
NUMBERS = ("target", "mean_index", "base_pension")  # parameters of parts that are floating-point numbers
YEARS = ("t", "e")  # those that are positions on the year axis
CLAIMS = "tmp"  # how the names of folders begin in which processes tell each other what they compile
_once = threading.Lock()


def empty_lane(years: int) -> dict[str, Any]:
    """Arguments of an empty lane by name."""
    paths = np.zeros((at.PATHS, years))
    paths[at.PATH_RESIDENT_DIVISOR] = 139.0
    return {
        "paths": paths,
        "constants": np.zeros(at.CONSTANTS),
        "tables": at.LaneTables.empty(),
        "state": at.new_state(),
        "scratch": at.new_scratch(),
        "out": at.new_output(),
    }


def called_by(kernel: Any) -> list[Any]:
    """The kernels a kernel names."""
    known = kernel.py_func.__globals__
    found = (known.get(name) for name in kernel.py_func.__code__.co_names)
    return [one for one in found if hasattr(one, "py_func")]


def amount(kernel: Any) -> int:
    """How much there is to compile: the bytecode of a kernel and of all it calls. Time goes with it."""
    reached, waiting = {kernel}, [kernel]
    while waiting:
        new = set(called_by(waiting.pop())) - reached
        reached |= new
        waiting += new
    return sum(len(one.py_func.__code__.co_code) for one in reached)


def parts() -> list[tuple[Any, tuple[Any, ...]]]:
    """Kernels of the year with the types of their arguments, told by name; the largest first."""
    from numba import typeof, types

    kinds = {name: typeof(value) for name, value in empty_lane(2).items()}
    kinds |= dict.fromkeys(YEARS, types.int64) | dict.fromkeys(NUMBERS, types.float64)
    found = []
    for kernel in called_by(lane.step_year):
        names = inspect.signature(kernel.py_func).parameters
        if kinds.keys() >= names.keys():
            found.append((kernel, tuple(kinds[name] for name in names)))
    return sorted(found, key=lambda part: -amount(part[0]))


def compile_parts(claims: Path) -> None:
    """Compile part after part that no other process has claimed, as long as somebody waits for them."""
    for kernel, kinds in parts():
        try:
            (claims / kernel.__name__).touch(exist_ok=False)
        except FileExistsError:
            continue
        except OSError:  # whoever waited has gone
            return
        getattr(kernel, "linked", kernel).compile(kinds)  # the form that other kernels take in


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Compiling makes millions of objects that live on: looking for garbage among them takes a sixth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Held by one of all engines that compile these kernels, where the system has such locks; ends with its process."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            file = held.enter_context((folder / "compiling").open("a"))
            fcntl.flock(file, fcntl.LOCK_EX)
            sweep(folder)
        yield


def sweep(folder: Path) -> None:
    """Remove what killed compilations have left: claims, which only the holder of the lock makes, and cut-off files."""
    for path in folder.glob(f"{CLAIMS}*"):
        shutil.rmtree(path, ignore_errors=True)
    sweep_partial(folder)


def start_helper(folder: Path, claims: Path) -> subprocess.Popen[bytes]:
    """Another process that compiles parts and keeps them in the same folder."""
    home = str(Path(__file__).parents[3])
    paths = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(  # noqa: S603 (this very module)
        [sys.executable, "-m", "simengine.kernels.compiler.warm", "--parts", str(claims)],
        env={**os.environ, "PYTHONPATH": paths, VARIABLE: str(folder.parents[1])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def compile_apart(processes: int, folder: Path) -> None:
    """Compile the parts of the lane in so many processes, this one among them."""
    with tempfile.TemporaryDirectory(prefix=CLAIMS, dir=folder, ignore_cleanup_errors=True) as place:
        claims = Path(place)
        helpers = []
        with contextlib.suppress(OSError):
            for _ in range(processes - 1):
                helpers.append(start_helper(folder, claims))
        try:
            compile_parts(claims)
            for helper in helpers:
                helper.wait()
        finally:
            for helper in helpers:
                helper.kill()
                helper.wait()


def prepare(processes: int | None = None) -> None:
    """Put the lane kernel on disk if it is not there, with as many processes as this one may use."""
    loaded: Any = lane.project_lane
    if not JIT_ENABLED or loaded.overloads or is_warm(LANE):
        return
    folder = cache_folder()
    with _once, contextlib.ExitStack() as held:
        held.enter_context(without_collector())
        if folder is not None:
            held.enter_context(one_at_a_time(folder))
            if loaded.overloads or is_warm(LANE):
                return
            count = processors() if processes is None else processes
            if count > 1 and sys.executable:
                with contextlib.suppress(OSError):  # nothing can be written: this process compiles it all
                    compile_apart(count, folder)
        run_empty()


def run_empty(years: int = 2) -> None:
    """Run an empty lane, which compiles whatever is not on disk yet."""
    project: Any = lane.project_lane
    project(*empty_lane(years).values(), 0, years)


def warm_up() -> None:
    """Compile what is not on disk yet, and load the lane kernel."""
    prepare()
    run_empty()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--parts"]:
        with without_collector():
            compile_parts(Path(sys.argv[2]))
    else:
        if JIT_ENABLED and not is_warm(LANE):
            print("Compiling the kernels (once for each version of their sources) ...", flush=True)
        warm_up()
        print("Kernels ready.", flush=True)
