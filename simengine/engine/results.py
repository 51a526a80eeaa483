"""Write and read results so that they are whole, old or new, and can be read alone years later.

Every file is written beside its final name, flushed to the disk, and renamed when all files of the run are complete;
the manifest, with the sha256 of each, comes last. An error or an interruption leaves earlier results as they were.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import InputFileError, SimengineError
from simengine.common.messages import CodedError, say
from simengine.common.version import __version__

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.scenario.scenario import Scenario

PROJECTION = "projection.nc"
MANIFEST = "manifest.json"
LOCK = ".simengine.lock"
TEMPORARY = ".simengine-part-"
VERSIONED = ("numpy", "numba", "llvmlite", "scipy", "xarray", "pandas", "h5netcdf", "h5py")

_temporaries: set[Path] = set()


class OutputError(SimengineError):
    """The environment does not let results be written: disk, permission, lock."""


class ResultError(CodedError, SimengineError):
    """Results are absent or have been changed since they were written."""


# --- locks and atomic files -------------------------------------------------------------------------------------------


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a results folder for one run; a second run is told who holds it.

    Raises
    ------
    OutputError
        when another run holds the folder, or it cannot be written to.
    """
    from filelock import FileLock, Timeout

    with reported(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
    try:
        with reported(folder):
            lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(say("locked", path=folder, holder=_holder(folder))) from error
    try:
        with reported(folder):
            for orphan in folder.rglob(f"{TEMPORARY}*"):
                orphan.unlink(missing_ok=True)
            _note_holder(folder)
        yield
    finally:
        (folder / f"{LOCK}.json").unlink(missing_ok=True)
        lock.release()


def _note_holder(folder: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    (folder / f"{LOCK}.json").write_text(json.dumps(holder), encoding="utf-8")


def _holder(folder: Path) -> str:
    try:
        return say("holder", **json.loads((folder / f"{LOCK}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError):  # the other run has not noted itself yet, or has just ended
        return say("unknown_holder")


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that names the path and the cause."""
    try:
        yield
    except (OutputError, TimeoutError):
        raise
    except (OSError, RuntimeError) as error:  # the netCDF library reports a failed write as either
        code = _errno(error)
        key = {
            errno.ENOSPC: "disk_full",
            errno.EDQUOT: "disk_full",
            errno.EFBIG: "disk_full",
            errno.EACCES: "no_permission",
            errno.EPERM: "no_permission",
            errno.EROFS: "read_only",
        }.get(code, "other_io")
        if code == 0 and not isinstance(error, OSError):
            raise
        text = say(key, path=path, reason=str(error).splitlines()[0]) if key == "other_io" else say(key, path=path)
        raise OutputError(text) from error


def _errno(error: BaseException) -> int:
    """Number of the system error, also where a library has put it into its text."""
    found = re.search(r"errno = (\d+)", str(error))
    return getattr(error, "errno", None) or (int(found.group(1)) if found else 0)


class Batch:
    """Files that appear together: all are complete on the disk before the first takes its final name."""

    def __init__(self) -> None:
        self._pending: list[tuple[Path, Path]] = []

    def add(self, path: Path, write: Callable[[Path], None]) -> None:
        """Write one file under a temporary name beside its final one and flush it to the disk."""
        with reported(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=TEMPORARY, suffix=path.suffix, dir=path.parent)
            os.close(handle)
            temporary = Path(name)
            _temporaries.add(temporary)
            self._pending.append((temporary, path))
            write(temporary)
            temporary.chmod(0o644)
            _flush(temporary)

    def text(self, path: Path, text: str) -> None:
        """Add a UTF-8 text file."""
        self.add(path, lambda temporary: _write_bytes(temporary, text.encode()))

    def digests(self) -> dict[str, dict[str, Any]]:
        """sha256 and size of every file added so far, by final name."""
        return {
            path.name: {"sha256": file_digest(temporary), "bytes": temporary.stat().st_size}
            for temporary, path in self._pending
        }

    def commit(self) -> list[Path]:
        """Give every file its final name, in the order of adding."""
        done: list[Path] = []
        for temporary, path in self._pending:
            with reported(path):
                os.replace(temporary, path)
            _temporaries.discard(temporary)
            done.append(path)
        for folder in {path.parent for path in done}:
            _flush_folder(folder)
        self._pending.clear()
        return done

    def absorb(self, other: Batch) -> None:
        """Take over the files of another batch."""
        self._pending += other._pending
        other._pending = []

    def discard(self) -> None:
        """Remove whatever has not been given its final name."""
        for temporary, _ in self._pending:
            temporary.unlink(missing_ok=True)
            _temporaries.discard(temporary)
        self._pending.clear()


@contextmanager
def batch() -> Iterator[Batch]:
    """A batch that is discarded unless it was committed."""
    files = Batch()
    try:
        yield files
    finally:
        files.discard()


def discard_temporaries() -> None:
    """Remove unfinished files; for an end without clean-up."""
    for temporary in list(_temporaries):
        temporary.unlink(missing_ok=True)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _flush(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# --- formats ----------------------------------------------------------------------------------------------------------


def write_projection(dataset: xr.Dataset, path: Path) -> None:
    """NetCDF-4 with gzip and a checksum on every block; equal data give equal bytes.

    The file is built in memory: the HDF5 library may end the process when the disk refuses a write.
    """
    encoding = {
        name: {"zlib": True, "complevel": 4, "shuffle": True, "fletcher32": True, "_FillValue": None}
        for name, variable in dataset.variables.items()
        if variable.ndim and variable.dtype.kind in "fiub"
    }
    path.write_bytes(dataset.to_netcdf(None, engine="h5netcdf", encoding=encoding))


def read_projection(path: Path) -> xr.Dataset:
    """Read a projection after checking it against its manifest.

    Parameters
    ----------
    path : projection.nc, or the folder that holds it
    """
    import xarray as xr

    path = path / PROJECTION if path.is_dir() else path
    if not path.is_file():
        raise ResultError("no_results", path=path)
    manifest = path.with_name(MANIFEST)
    if not manifest.is_file():
        raise ResultError("no_manifest", where=str(path))
    try:
        known = json.loads(manifest.read_text(encoding="utf-8"))["files"][path.name]["sha256"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ResultError("manifest_damaged", where=str(manifest)) from error
    if file_digest(path) != known:
        raise ResultError("result_changed", where=str(path))
    with xr.open_dataset(path, engine="h5netcdf") as dataset:
        return dataset.load()


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """CSV as UTF-8 with a byte order mark (spreadsheets need it for Chinese), no text that runs as a formula."""
    safe = frame.copy()
    for position, kind in enumerate(safe.dtypes):
        column = safe.iloc[:, position]
        if kind.kind == "f":
            safe.isetitem(position, column + 0.0)  # never -0.0
        elif kind.kind not in "iubM":
            safe.isetitem(position, column.map(_plain_text, na_action="ignore"))
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _plain_text(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe; lists and mappings become text."""
    if isinstance(value, Mapping):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, list | tuple):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


# --- what a result says about itself ----------------------------------------------------------------------------------


def stamp(scenario: Scenario, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What decides the numbers of a run: equal stamps mean equal numbers.

    Parameters
    ----------
    parts : digests of law, basis and tables, as the projection reports them
    """
    from simengine.kernels import jit

    decides = {
        "engine": "simengine",
        "engine_version": __version__,
        "scenario": scenario.key,
        "scenario_sha256": scenario.digest,
        "basis": scenario.basis,
        "information": scenario.information,
        "years": [scenario.years.start, scenario.years.stop - 1],
        "levers": list(scenario.lever_names),
        "targets": {name: file_digest(path) for name, path in sorted(scenario.target_files.items())},
        "draws": scenario.draws,
        "seed": scenario.seed,
        "arithmetic": "exact",
        "kernels": jit.kernel_sources_digest(),
        "inputs": _jsonable(parts),
    }
    run = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]
    return {"run_id": run, **decides}


def environment(threads: int) -> dict[str, Any]:
    """Where a run took place: versions, processor, threads."""
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "cpu_level": _cpu_level(),
        "threads": threads,
        **{package: _version(package) for package in VERSIONED},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def _cpu_level() -> str:
    """Highest x86-64 level that numpy has found, or the machine's name elsewhere."""
    import numpy as np

    found: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    features = found.get("SIMD Extensions", {})
    named = [*features.get("baseline", []), *features.get("found", [])]
    levels = sorted(name for name in named if re.fullmatch(r"X86_V\d", name))
    return levels[-1] if levels else platform.machine()


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def part_of(dataset: xr.Dataset, key: str) -> xr.Dataset:
    """The part of a projection that belongs to one scenario, on its own regions.

    Regions of other scenarios of the same run hold no number there and are left out.
    """
    part = dataset.sel(scenario=[key])
    held = [
        variable.notnull().any([dim for dim in variable.dims if dim != "region"])
        for variable in part.data_vars.values()
        if "region" in variable.dims and variable.dtype.kind == "f"
    ]
    return part.isel(region=sum(held[1:], held[0]).values.nonzero()[0]) if held else part


def stamped(projection: xr.Dataset, title: str, marks: Mapping[str, Any]) -> xr.Dataset:
    """A projection that says itself what it is: its stamp as attributes."""
    attributes = {
        key: value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        for key, value in marks.items()
    }
    return projection.assign_attrs({**projection.attrs, "Conventions": "CF-1.11", "title": title, **attributes})


def add_results(
    files: Batch,
    folder: Path,
    dataset: xr.Dataset,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
) -> None:
    """Add one scenario's results to a batch: projection.nc, one CSV a table, and the manifest over them, last."""
    own = Batch()
    try:
        own.add(folder / PROJECTION, lambda path: write_projection(dataset, path))
        for name, table in tables.items():
            own.add(folder / f"{name}.csv", lambda path, table=table: write_table(table, path))  # type: ignore[misc]
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        content = {**manifest, "finished": finished, "files": own.digests()}
        own.text(folder / MANIFEST, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    except BaseException:
        own.discard()
        raise
    files.absorb(own)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder."""
    path = folder / MANIFEST
    if not path.is_file():
        raise ResultError("no_results", path=folder)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputFileError("not a manifest", where=str(path), hint="Run the scenario again") from error
    if not isinstance(content, dict):
        raise InputFileError("not a manifest", where=str(path), hint="Run the scenario again")
    return content
