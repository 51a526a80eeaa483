"""The projection on the disk: a NetCDF-4 file as other programs write and read it, and names that outlive joining."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

import simengine
from simengine.common.files import file_set
from simengine.engine import results as io
from simengine.scenario.scenario import load_scenario

NAMES = ("jiangxi/baseline", "jiangxi/as_planned", "hubei/baseline")
ENGINES = ["h5netcdf", "netcdf4"]


@pytest.fixture(scope="module")
def joined() -> xr.Dataset:
    """Three scenarios of two regions in one projection; no region holds a number under another's scenario."""
    result = simengine.project([load_scenario(name) for name in NAMES])
    return io.stamped(result.dataset, "Three scenarios", {"run_id": "0" * 16, "seed": 7, "levers": [], "x": 0.5})


@pytest.fixture(scope="module")
def single(joined: xr.Dataset) -> xr.Dataset:
    return io.part_of(joined, "jiangxi/baseline")


@pytest.fixture(scope="module")
def written(joined: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "joined.nc"
    io.write_projection(joined, path)
    return path


@pytest.fixture(scope="module")
def by_xarray(joined: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same projection as xarray writes it through h5netcdf."""
    path = tmp_path_factory.mktemp("reference") / "joined.nc"
    options = {"zlib": True, "complevel": 4, "shuffle": True, "fletcher32": True, "_FillValue": None}
    numbers = [name for name, variable in joined.variables.items() if variable.dtype.kind in "fiu"]
    joined.to_netcdf(path, engine="h5netcdf", encoding=dict.fromkeys(numbers, options))
    return path


@pytest.fixture(scope="module")
def folders(joined: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each scenario in a results folder of its own, as a run leaves them."""
    out = tmp_path_factory.mktemp("out")
    with file_set() as files:
        for name in NAMES:
            io.add_results(files, out / name, io.part_of(joined, name), {}, {})
        files.commit()
    return {name: out / name for name in NAMES}


def assert_equal_to_the_bit(one: xr.Dataset, other: xr.Dataset) -> None:
    """Same dimensions, labels, attributes, types and bits, in one order of variables."""
    assert one.identical(other)
    assert list(one.data_vars) == list(other.data_vars)
    assert dict(one.sizes) == dict(other.sizes)
    for name in one.variables:
        assert one[name].dtype.kind == other[name].dtype.kind, name
        if one[name].dtype.kind != "U":
            assert one[name].dtype == other[name].dtype, name
            assert one[name].values.tobytes() == other[name].values.tobytes(), name


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_projection_of_several_scenarios__comes_back_to_the_bit(joined: xr.Dataset, written: Path, engine: Any) -> None:
    assert joined["fund_balance"].isnull().any()
    with xr.open_dataset(written, engine=engine) as back:
        assert_equal_to_the_bit(joined, back.load())


@pytest.mark.parametrize("engine", ENGINES)
def test_projection_of_one_scenario__comes_back_to_the_bit(single: xr.Dataset, tmp_path: Path, engine: Any) -> None:
    io.write_projection(single, tmp_path / "p.nc")
    with xr.open_dataset(tmp_path / "p.nc", engine=engine) as back:
        assert_equal_to_the_bit(single, back.load())


@pytest.mark.parametrize("engine", ENGINES)
def test_file__reads_as_one_that_xarray_wrote(written: Path, by_xarray: Path, engine: Any) -> None:
    with xr.open_dataset(written, engine=engine) as own, xr.open_dataset(by_xarray, engine=engine) as other:
        assert own.load().identical(other.load())
        for name in other.variables:
            ours, theirs = ({k: v for k, v in of[name].encoding.items() if k != "source"} for of in (own, other))
            assert ours == theirs, name


def described(path: Path) -> dict[str, Any]:
    """What makes an HDF5 file a NetCDF-4 file, variable by variable."""
    with h5py.File(path) as file:
        found: dict[str, Any] = {"": {name: np.asarray(file.attrs[name]).tolist() for name in file.attrs}}
        assert found[""].pop("_NCProperties").startswith(b"version=2,")
        assert list(file) != sorted(file)  # variables are kept in the order in which they were made
        for name, item in file.items():
            assert item.id.get_create_plist().get_attr_creation_order() & h5py.h5p.CRT_ORDER_TRACKED, name
            attributes = {key: item.attrs[key] for key in item.attrs if key not in _LISTS}
            if not item.is_scale:  # xarray gives every variable the number of its first axis; netCDF asks it of axes
                attributes.pop("_Netcdf4Dimid", None)
            found[name] = {
                "type": h5py.check_string_dtype(item.dtype) or item.dtype.str,
                "shape": (item.shape, item.maxshape, item.chunks),
                "filters": (item.compression, item.compression_opts, item.shuffle, item.fletcher32),
                "axes": [] if item.is_scale else [[scale.name for scale in axis.values()] for axis in item.dims],
                "used": sorted((file[one].name, place) for one, place in item.attrs.get("REFERENCE_LIST", ())),
                "attributes": {key: (np.asarray(value).dtype.kind, value) for key, value in attributes.items()},
            }
    return found


_LISTS = ("DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Coordinates")


def test_file__has_the_scales_filters_and_attributes_of_netcdf(written: Path, by_xarray: Path) -> None:
    own, other = described(written), described(by_xarray)
    assert own.keys() == other.keys()
    for name in other:
        assert own[name] == other[name], name
    numbers = [about for about in own.values() if about.get("type") in ("<f8", "<i8")]
    assert len(numbers) > 150
    assert all(about["filters"] == ("gzip", 4, True, True) for about in numbers)


def test_file__has_the_same_bytes_wherever_it_is_written(joined: xr.Dataset, written: Path, tmp_path: Path) -> None:
    io.write_projection(joined.copy(deep=True), tmp_path / "another_name.nc")
    assert (tmp_path / "another_name.nc").read_bytes() == written.read_bytes()


def test_part_of_one_scenario__holds_its_own_regions(joined: xr.Dataset) -> None:
    for name in NAMES:
        part = io.part_of(joined, name)
        assert (list(part.scenario.values), list(part.region.values)) == ([name], [name.split("/")[0]])
        assert part.identical(io.part_of(part, name))
        assert part["fund_balance"].identical(joined["fund_balance"].sel(scenario=[name], region=part.region))
    with pytest.raises(KeyError):
        io.part_of(joined, "hubei/baselin")


def test_damaged_block__is_noticed_by_its_checksum(single: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "p.nc"
    io.write_projection(single, path)
    with h5py.File(path) as file:
        place = file["fund_balance"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[place + 20] ^= 1
    path.write_bytes(content)
    with h5py.File(path) as file, pytest.raises(OSError, match=r"filter|checksum|Fletcher"):
        file["fund_balance"][...]


def test_axis_without_labels_and_stray_label__are_refused(single: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="region"):
        io.write_projection(single.drop_vars("region"), tmp_path / "p.nc")
    with pytest.raises(ValueError, match="note"):
        io.write_projection(single.assign_coords(note=1), tmp_path / "p.nc")
    with pytest.raises(TypeError, match="truth holds bool"):
        io.write_projection(single.assign(truth=single["wage"] > 0), tmp_path / "p.nc")
    assert list(tmp_path.iterdir()) == []


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", ["scenario", "region"])
def test_names__survive_joining_and_saving(folders: dict[str, Path], tmp_path: Path, axis: str) -> None:
    short, long = ("jiangxi/baseline", "jiangxi/as_planned") if axis == "scenario" else ("hubei/baseline", NAMES[0])
    parts = [simengine.read_projection(folders[name])[["fund_balance"]] for name in (short, long)]
    names = [str(label) for part in parts for label in part[axis].values]
    assert len(names[0]) < len(names[1])
    if axis == "region":
        parts = [part.isel(scenario=0, drop=True) for part in parts]
    both = xr.concat(parts, axis)
    for engine in ("h5netcdf", None):
        both.to_netcdf(tmp_path / "both.nc", engine=engine)
        with xr.open_dataset(tmp_path / "both.nc", engine="h5netcdf") as back:
            assert [str(label) for label in back[axis].values] == names
    both[axis] = [f"{name}/as_it_was_called_later" for name in names]
    both.to_netcdf(tmp_path / "renamed.nc")
    with xr.open_dataset(tmp_path / "renamed.nc") as back:
        assert [str(label) for label in back[axis].values] == [f"{name}/as_it_was_called_later" for name in names]


def test_joined_and_saved__is_still_compressed(joined: xr.Dataset, folders: dict[str, Path], tmp_path: Path) -> None:
    back = simengine.read_projection(str(folders["hubei/baseline"]))
    assert_equal_to_the_bit(back, io.part_of(joined, "hubei/baseline"))
    back[["fund_balance"]].to_netcdf(tmp_path / "again.nc", engine="h5netcdf")
    with h5py.File(tmp_path / "again.nc") as file:
        assert (file["fund_balance"].compression, file["fund_balance"].fletcher32) == ("gzip", True)
