"""Write and read results, so that they can be read alone years later.

All files of a run appear together (`FileSet`); the manifest, with the sha256 of each, comes last.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common.errors import SimengineError
from simengine.common.files import FileSet, file_digest, write_table
from simengine.common.version import __version__

if TYPE_CHECKING:
    import h5py
    import pandas as pd
    import xarray as xr

    from simengine.scenario.scenario import Scenario

PROJECTION = "projection.nc"
MANIFEST = "manifest.json"
VERSIONED = ("numpy", "numba", "llvmlite", "scipy", "xarray", "pandas", "h5netcdf", "h5py")


class ResultError(SimengineError):
    """Results are absent or have been changed since they were written."""


# --- the projection ---------------------------------------------------------------------------------------------------


def write_projection(dataset: xr.Dataset, path: Path) -> None:
    """Write a projection as NetCDF-4 with gzip and a checksum on every block; equal data give equal bytes.

    Numbers keep their type, and a number that is absent stays not a number; texts become netCDF strings. What makes
    HDF5 a NetCDF-4 file is written here once: scales of the axes, attached to the variables, and the order in which
    all was made (NetCDF-4 file format, appendix C of the netCDF users' guide). The file is built in memory: the HDF5
    library may end the process when the disk refuses a write.

    Parameters
    ----------
    dataset : variables on labelled axes; every axis has its labels, and nothing else is a coordinate

    Raises
    ------
    ValueError when an axis has no labels, or a coordinate is no axis
    TypeError when a variable holds something other than numbers and texts
    """
    import h5py

    if set(dataset.coords) != set(dataset.dims):
        raise ValueError(f"axes {sorted(map(str, dataset.dims))}, labels {sorted(map(str, dataset.coords))}")
    with h5py.File(path.name, "w", driver="core", backing_store=False, track_order=True) as file:
        scales = {}
        for place, name in enumerate(dataset.dims):
            scales[name] = _write_variable(file, name, dataset.variables[name])
            h5py.h5ds.set_scale(scales[name].id, str(name).encode())
            scales[name].attrs["_Netcdf4Dimid"] = np.int32(place)
        for name in dataset.data_vars:
            written = _write_variable(file, name, dataset.variables[name])
            for place, axis in enumerate(dataset.variables[name].dims):
                h5py.h5ds.attach_scale(written.id, scales[axis].id, place)
        _write_attributes(file, dataset.attrs)
        made_by = f"version=2,simengine={__version__},hdf5={h5py.version.hdf5_version},h5py={h5py.__version__}"
        file.attrs["_NCProperties"] = np.array(made_by, h5py.string_dtype("ascii", len(made_by)))
        file.flush()
        path.write_bytes(file.id.get_file_image())


def _write_variable(file: h5py.File, name: Hashable, variable: xr.Variable) -> h5py.Dataset:
    """Values and attributes of one variable, not yet tied to its axes."""
    import h5py

    options: dict[str, Any] = {"track_order": True}
    if variable.dtype.kind in "fiu":
        options |= {"data": variable.values}
        if variable.ndim:
            options |= {"compression": "gzip", "compression_opts": 4, "shuffle": True, "fletcher32": True}
    elif variable.dtype.kind in "UT" or all(isinstance(value, str) for value in variable.values.flat):
        options |= {"data": variable.values.astype(object), "dtype": h5py.string_dtype()}
    else:
        raise TypeError(f"{name} holds {variable.dtype}; a projection holds numbers and texts")
    written = file.create_dataset(str(name), **options)
    _write_attributes(written, variable.attrs)
    return written


def _write_attributes(item: h5py.Group | h5py.Dataset, attributes: Mapping[Any, Any]) -> None:
    """Attributes as netCDF has them: a text, or a list of numbers."""
    for name, value in attributes.items():
        item.attrs[name] = value if isinstance(value, str) else np.atleast_1d(value)


def read_projection(path: Path | str) -> xr.Dataset:
    """Read a projection after checking it against its manifest.

    Names of scenarios and regions may be joined with those of other projections and saved again: xarray keeps the
    width of the texts it has read and would cut longer ones to it, so that width is forgotten here.

    Parameters
    ----------
    path : projection.nc, or the folder that holds it

    Raises
    ------
    ResultError when the file or its manifest is absent, damaged or changed since it was written
    """
    import xarray as xr

    path = Path(path)
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
        dataset.load()
    for variable in dataset.variables.values():
        if variable.dtype.kind not in "fiu":
            variable.encoding.pop("dtype", None)
    return dataset


def read_table(projection: Path, name: str, texts: Sequence[str] = ()) -> pd.DataFrame | None:
    """A table that the same run wrote beside its projection, checked against the manifest; None where it wrote none.

    Parameters
    ----------
    texts : columns that are read as they are printed, also where they look like numbers

    Raises
    ------
    ResultError when the table has changed since it was written, or is not there any more
    """
    import pandas as pd

    path = projection.with_name(name)
    known = json.loads(projection.with_name(MANIFEST).read_text(encoding="utf-8"))["files"].get(name)
    if known is None:
        return None
    if not path.is_file():
        raise ResultError("result_part_missing", where=str(path))
    if file_digest(path) != known["sha256"]:
        raise ResultError("result_changed", where=str(path))
    return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=True, dtype=dict.fromkeys(texts, str))


# --- what a result says about itself ----------------------------------------------------------------------------------


def stamp(scenario: Scenario, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What decides the numbers of a run: equal stamps mean equal numbers.

    Parameters
    ----------
    parts : digests of law, basis and tables, as the projection reports them
    """
    from simengine.kernels.compiler import jit

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
        **{package: version_of(package) for package in VERSIONED},
    }


def version_of(package: str) -> str:
    """Installed version of a package, or ``absent``."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def _cpu_level() -> str:
    """Highest x86-64 level that numpy has found, or the machine's name elsewhere."""
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
    place = dataset.get_index("scenario").get_loc(key)
    axes = {"scenario", "region"}
    numbers = [one for one in dataset.variables.values() if axes <= set(one.dims) and one.dtype.kind == "f"]
    held = np.full(dataset.sizes["region"], not numbers)
    for variable in numbers:
        if held.all():
            break
        known = ~np.isnan(variable.isel(scenario=place).transpose("region", ...).values)
        held |= known.reshape(held.size, -1).any(axis=1)
    if dataset.sizes["scenario"] == 1 and held.all():
        return dataset
    return dataset.isel(scenario=[place], region=held.nonzero()[0])


def stamped(projection: xr.Dataset, title: str, marks: Mapping[str, Any]) -> xr.Dataset:
    """A projection that says itself what it is: its stamp as attributes."""
    attributes = {
        key: value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        for key, value in marks.items()
    }
    return projection.assign_attrs({**projection.attrs, "Conventions": "CF-1.11", "title": title, **attributes})


def add_results(
    files: FileSet,
    folder: Path,
    dataset: xr.Dataset,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
) -> None:
    """Add the results of one scenario: projection.nc, one CSV a table, and the manifest over them, last."""
    own = FileSet()
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
