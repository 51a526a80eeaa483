"""Compile the lane kernel once, on an empty lane: ``python -m simengine.kernels.warm``.

Useful before several processes start at the same time, which would otherwise each compile the same code.
"""

from __future__ import annotations

import numpy as np

from simengine.kernels import layout as at
from simengine.kernels.jit import JIT_ENABLED, is_warm
from simengine.kernels.lane import project_lane


def warm_up(years: int = 2) -> None:
    """Run an empty lane, which compiles whatever is not on disk yet."""
    paths = np.zeros((at.PATHS, years))
    paths[at.PATH_RESIDENT_DIVISOR] = 139.0
    project_lane(
        paths,
        np.zeros(at.CONSTANTS),
        at.LaneTables.empty(),
        at.new_state(),
        at.new_scratch(),
        at.new_output(),
        0,
        years,
    )


if __name__ == "__main__":
    if JIT_ENABLED and not is_warm():
        print("Compiling the kernels (once for each version of their sources, one to two minutes) ...", flush=True)
    warm_up()
    print("Kernels ready.", flush=True)
