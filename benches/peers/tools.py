"""The tools by name: which package, which module here, how closely it must meet the reference."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib import metadata
from typing import NamedTuple

import numpy as np

from benches.peers.task import Task, plain_totals, relative_gap, sample_task, single_points

Run = Callable[[], np.ndarray]
Prepare = Callable[[Task], Run]

DOUBLE, SINGLE = 1e-9, 1e-4
"""Largest relative gap to the reference: float64, float32."""

FOLDER = "benches/peers"
CHECKED = 12
"""Points that are compared with the reference one by one."""


class Tool(NamedTuple):
    """One way to do the task: `prepare` in `module` takes a task and returns the run that is timed."""

    name: str
    package: str
    module: str
    prepare: str = "prepare"
    tolerance: float = DOUBLE

    def version(self) -> str | None:
        """Installed version of the package, none without it."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None

    def load(self) -> Prepare:
        """The function that prepares a run; imports the package."""
        prepare: Prepare = getattr(importlib.import_module(f"benches.peers.{self.module}"), self.prepare)
        return prepare


BASELINE = "numba"
"""The tool that the others are compared with; it always runs."""

TOOLS = (
    Tool(BASELINE, "numba", "numba_loop"),
    Tool("numpy", "numpy", "numpy_arrays"),
    Tool("heavylight", "heavylight", "heavylight_model"),
    Tool("heavylight-light", "heavylight", "heavylight_model", "prepare_light"),
    Tool("openfisca", "openfisca-core", "openfisca_system", tolerance=SINGLE),
)


class PeerError(Exception):
    """A tool does not compute the task."""


def check(tool: Tool, prepare: Prepare) -> float:
    """Largest gap to the plain reference, cell by cell for single points and in sum for all of them.

    Raises
    ------
    PeerError : the gap is larger than the tolerance of the tool
    """
    task = sample_task(CHECKED)
    gap = max(relative_gap(prepare(part)(), plain_totals(part)) for part in (*single_points(task), task))
    require(tool, gap)
    return gap


def require(tool: Tool, gap: float) -> None:
    """Refuse a result that is not that of the task."""
    if not gap <= tool.tolerance:
        raise PeerError(
            f"{tool.name} differs from the reference by {gap:.1e}, allowed are {tool.tolerance:.0e}. Its time would "
            f"say nothing: compare {FOLDER}/{tool.module}.py with the formulas of {FOLDER}/task.py."
        )
