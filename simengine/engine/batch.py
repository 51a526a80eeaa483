"""Many lanes in one call: region x scenario x draw, blocks of lanes in parallel, chosen outputs in one array.

A lane is an opened lane of `project` (`Base`) and, where wanted, series of its own (a draw of wages, prices, returns).
Results are written by the index of the lane, so threads, blocks, order and restarts cannot change a bit. Memory beyond
the results is that of one lane a thread, whatever their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Protocol

import numpy as np

from simengine.common.errors import ModelError, ScenarioError, closest
from simengine.common.processors import processors
from simengine.engine.compile import LaneInputs
from simengine.engine.compile.outputs import Picked, pick_outputs
from simengine.kernels import jit
from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from simengine.kernels.layout import State, new_output, new_scratch, new_state, unpack

if TYPE_CHECKING:
    import xarray as xr

SUM_BLOCK = 64
"""Lanes added up together when a batch is reduced: fixed, so that a sum does not depend on threads or blocks."""

Progress = Callable[[str, int, int], None]


class Opened(Protocol):
    """A lane ready to run: a `Base`, or a lane of `simengine.engine.project`."""

    @property
    def inputs(self) -> LaneInputs:
        """Inputs whose first year is that of the opening."""

    @property
    def opening(self) -> State:
        """The opening state."""


@dataclass(frozen=True)
class Base:
    """What lanes share: inputs whose first year is that of the opening, and the opening state."""

    inputs: LaneInputs
    opening: State


@dataclass(frozen=True)
class Batch:
    """Lanes to run.

    Attributes
    ----------
    bases : opened lanes
    of : base of every lane [lane]
    series : series of the lanes' own, by name of the path: values [lane, year], the first year that of the opening
    outputs : names of the results to keep (`compile.outputs`)
    """

    bases: Sequence[Base]
    of: np.ndarray
    series: Mapping[str, np.ndarray]
    outputs: tuple[str, ...]

    @property
    def years(self) -> np.ndarray:
        """Projected years [year]."""
        years: np.ndarray = self.bases[0].inputs.years[1:]
        return years

    def digest(self) -> str:
        """Names a batch: kernels, inputs, openings, own series and outputs."""
        total = hashlib.sha256(jit.kernel_sources_digest().encode())
        for base in self.bases:
            parts = (base.inputs.paths, base.inputs.constants, base.inputs.packed, base.opening)
            for part in parts:
                total.update(part.tobytes())
        total.update(np.ascontiguousarray(self.of).tobytes())
        for name in sorted(self.series):
            total.update(name.encode() + np.ascontiguousarray(self.series[name]).tobytes())
        total.update("\n".join(self.outputs).encode())
        return total.hexdigest()


def make_batch(
    bases: Sequence[Base],
    outputs: Sequence[str],
    of: np.ndarray | None = None,
    series: Mapping[str, np.ndarray] | None = None,
) -> Batch:
    """A checked batch; without `of` one lane a base.

    Raises
    ------
    ScenarioError for unknown outputs or series, for shapes that do not fit, and for bases of different years
    """
    pick_outputs(outputs)
    series = dict(series or {})
    lanes = np.arange(len(bases)) if of is None else np.asarray(of, dtype=np.int64)
    if not len(bases) or not lanes.size or lanes.min() < 0 or lanes.max() >= len(bases):
        raise ScenarioError("a batch needs lanes", allowed=f"of: positions 0..{len(bases) - 1} of the bases")
    years = bases[0].inputs.years
    if any(not np.array_equal(base.inputs.years, years) for base in bases):
        raise ScenarioError("the bases have different years", allowed="bases of one batch share their years")
    for name, values in series.items():
        if name not in at.PATH_NAMES:
            raise ScenarioError(f"unknown series {name}", hint=closest(name, at.PATH_NAMES))
        if np.shape(values) != (lanes.size, years.size):
            allowed = f"[lane, year] = ({lanes.size}, {years.size})"
            raise ScenarioError(f"series {name} has the shape {np.shape(values)}", allowed=allowed)
    return Batch(list(bases), lanes, series, tuple(outputs))


class _Worker:
    """Room for one lane, used by one thread at a time."""

    def __init__(self, picked: Picked) -> None:
        self.picked = picked
        self.state = new_state()
        self.scratch = new_scratch()
        self.output = new_output()

    def run(self, base: Opened, paths: np.ndarray) -> np.ndarray:
        """Run one opened lane with these series; its kept results [output, year]."""
        inputs = base.inputs
        self.state.fill(base.opening)
        years = inputs.years.size
        arguments = paths, inputs.constants, inputs.packed, self.state, self.scratch, self.output
        project_lane(*arguments, 1, years)
        return self.picked.read(unpack(self.output, years), 1)

    def lane(self, batch: Batch, lane: int) -> np.ndarray:
        """Run one lane of a batch; its kept results [output, year]."""
        base = batch.bases[int(batch.of[lane])]
        paths = base.inputs.paths.copy() if batch.series else base.inputs.paths
        for name, values in batch.series.items():
            paths[at.PATH_NAMES.index(name)] = values[lane]
        return self.run(base, paths)


class _Room:
    """Workers by thread: as many as threads, made when first needed."""

    def __init__(self, picked: Picked) -> None:
        self.picked = picked
        self.free: list[_Worker] = []

    def take(self) -> _Worker:
        try:
            return self.free.pop()
        except IndexError:
            return _Worker(self.picked)


def run_batch(
    batch: Batch,
    threads: int | None = None,
    block: int = 16,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Run every lane and keep its outputs.

    Parameters
    ----------
    threads : threads in work; all processors by default
    block : lanes of one task
    keep : folder in which results are kept as they come; a run that was stopped goes on there

    Returns
    -------
    results [output, year, lane], in the units of the outputs

    Raises
    ------
    ModelError when a result is not a finite number; ScenarioError when `keep` holds another batch
    """
    room = _Room(pick_outputs(batch.outputs))
    shape = (len(batch.outputs), batch.years.size, batch.of.size)
    results, done = _open_results(keep, shape, batch.digest() if keep is not None else "")

    def work(first: int) -> None:
        worker = room.take()
        for lane in range(first, min(first + block, batch.of.size)):
            if not done[lane]:
                results[:, :, lane] = worker.lane(batch, lane)
                done[lane] = True
        room.free.append(worker)
        if progress is not None:
            progress("project", int(done.sum()), int(done.size))

    _in_threads(work, range(0, batch.of.size, max(1, block)), threads)
    _refuse_not_finite(results, batch.outputs, batch.years)
    return results


def mean_batch(
    batch: Batch, threads: int | None = None, progress: Progress | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over the lanes [output, year], added up on the way: no lane is kept.

    Lanes are added in blocks of `SUM_BLOCK` and the blocks in their order, so that threads do not change a bit.
    """
    room = _Room(pick_outputs(batch.outputs))
    starts = range(0, batch.of.size, SUM_BLOCK)
    sums = np.zeros((len(starts), 2, len(batch.outputs), batch.years.size))
    finished = [0]

    def work(first: int) -> None:
        worker = room.take()
        values = [worker.lane(batch, lane) for lane in range(first, min(first + SUM_BLOCK, batch.of.size))]
        for value in values:
            sums[first // SUM_BLOCK, 0] += value
        centre = sums[first // SUM_BLOCK, 0] / len(values)
        for value in values:
            sums[first // SUM_BLOCK, 1] += (value - centre) ** 2
        room.free.append(worker)
        finished[0] += len(values)
        if progress is not None:
            progress("project", finished[0], int(batch.of.size))

    _in_threads(work, starts, threads)
    counts = np.array([min(SUM_BLOCK, batch.of.size - first) for first in starts], dtype=np.float64)
    mean = np.add.reduce(sums[:, 0], axis=0) / batch.of.size
    between = (sums[:, 0] / counts[:, None, None] - mean) ** 2 * counts[:, None, None]
    spread = np.add.reduce(sums[:, 1] + between, axis=0)
    _refuse_not_finite(mean[:, :, None], batch.outputs, batch.years)
    return mean, np.sqrt(spread / max(1, batch.of.size - 1))


def run_opened(lanes: Iterable[Opened], outputs: Sequence[str], threads: int | None = None) -> np.ndarray:
    """Run lanes as they are opened (`open_lanes`), each once: thousands of scenarios in one call.

    A lane is opened in the calling thread while earlier ones run, and forgotten when it has run: memory beyond the
    results is that of a few lanes, whatever their number.

    Returns
    -------
    results [output, year, lane], in the units of the outputs; lanes in their order

    Raises
    ------
    ScenarioError for unknown outputs, lanes of different years, or none; ModelError when a result is not a finite
    number
    """
    room = _Room(pick_outputs(outputs))
    used = threads or processors()
    ahead = BoundedSemaphore(used + 1)
    years: np.ndarray | None = None

    def work(lane: Opened) -> np.ndarray:
        try:
            worker = room.take()
            values = worker.run(lane, lane.inputs.paths)
            room.free.append(worker)
            return values
        finally:
            ahead.release()

    running: list[Future[np.ndarray]] = []
    with ThreadPoolExecutor(max_workers=used) as pool:
        for lane in lanes:
            years = lane.inputs.years if years is None else years
            if not np.array_equal(lane.inputs.years, years):
                raise ScenarioError("the lanes have different years", allowed="lanes of one call share their years")
            ahead.acquire()
            running.append(pool.submit(work, lane))
    if years is None:
        raise ScenarioError("no lane to run", hint="Name a scenario")
    results = np.stack([values.result() for values in running], axis=-1)
    _refuse_not_finite(results, outputs, years[1:])
    return results


def label_batch(batch: Batch, results: np.ndarray, lanes: Sequence[str] | None = None) -> xr.DataArray:
    """Results on the axes output, year and lane; a stock stands at the year whose end it is of."""
    import xarray as xr

    names = list(lanes) if lanes is not None else list(range(batch.of.size))
    coords = {"output": list(batch.outputs), "year": batch.years, "lane": names}
    return xr.DataArray(results, coords=coords, dims=("output", "year", "lane"))


def _in_threads(work: Callable[[int], None], starts: range, threads: int | None) -> None:
    with ThreadPoolExecutor(max_workers=threads or processors()) as pool:
        futures = [pool.submit(work, first) for first in starts]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _open_results(keep: Path | None, shape: tuple[int, ...], digest: str) -> tuple[np.ndarray, np.ndarray]:
    """Results and which lanes are done: in memory, or in a folder that may hold an earlier part of the same batch."""
    if keep is None:
        return np.empty(shape), np.zeros(shape[-1], dtype=bool)
    keep.mkdir(parents=True, exist_ok=True)
    name = keep / "batch.txt"
    if name.exists() and name.read_text(encoding="utf-8").strip() != digest:
        hint = "Name another folder, or remove this one"
        raise ScenarioError("the folder holds results of another batch", where=str(keep), hint=hint)
    mode = "r+" if name.exists() else "w+"
    open_file = np.lib.format.open_memmap
    if mode == "r+":
        return open_file(keep / "results.npy", mode="r+"), open_file(keep / "done.npy", mode="r+")
    results = open_file(keep / "results.npy", mode="w+", dtype=np.float64, shape=shape)
    done = open_file(keep / "done.npy", mode="w+", dtype=bool, shape=shape[-1:])
    name.write_text(digest + "\n", encoding="utf-8")
    return results, done


def _refuse_not_finite(results: np.ndarray, outputs: Sequence[str], years: np.ndarray) -> None:
    bad = np.argwhere(~np.isfinite(results))
    if bad.size:
        output, year, lane = bad[0]
        raise ModelError(
            f"{len(bad)} results are not finite numbers",
            where=f"{outputs[output]} in {years[year]}, lane {lane}",
            hint="Check the series of this lane",
        )
