"""Compile the lane kernel once, on an empty lane: ``python -m simengine.kernels.warm``.

Useful before several processes start at the same time, which would otherwise each compile the same code.
"""

from __future__ import annotations

import numpy as np

from simengine.kernels import layout as at
from simengine.kernels.jit import JIT_ENABLED, is_warm
from simengine.kernels.lane import project_lane


def empty_tables(years: int) -> at.Tables:
    """Tables of zeros for so many years: shapes and types as in a real lane."""
    zeros = np.zeros
    return at.Tables(
        zeros((years, 2, at.AGES)),
        zeros((years, 35)),
        zeros((years, 2, at.AGES)),
        zeros((years, at.CAREERS, at.AGES, at.RETIREMENT_ITEMS)),
        zeros((years, 3, 2, at.WORKING_AGES)),
        zeros((3, 2, at.WORKING_AGES)),
        zeros((3, 2, at.WORKING_AGES)),
        zeros(at.AGES),
        zeros((2, at.AGES)),
        zeros((years, 2, at.AGES)),
        zeros(at.RISK_CLASSES),
        zeros((years, at.RISK_CLASSES)),
        zeros(at.RISK_CLASSES),
        zeros((2, at.WORKING_AGES)),
        zeros((years, 2, 3, 2)),
        zeros((years, 31)),
        zeros(at.GAIN_POINTS),
        zeros(3),
        zeros((years, 3)),
        zeros((years, 5)),
        zeros(at.FLOAT_POINTS),
        zeros((years, at.PAID_YEAR_CLASSES)),
    )


def warm_up(years: int = 2) -> None:
    """Run an empty lane, which compiles whatever is not on disk yet."""
    paths = np.zeros((at.PATHS, years))
    paths[at.PATH_RESIDENT_DIVISOR] = 139.0
    project_lane(
        paths,
        np.zeros(at.CONSTANTS),
        empty_tables(years),
        at.new_state(),
        at.new_scratch(),
        at.new_output(years),
        0,
        years,
    )


if __name__ == "__main__":
    if JIT_ENABLED and not is_warm():
        print("Compiling the kernels (once for each version of their sources, one to two minutes) ...", flush=True)
    warm_up()
    print("Kernels ready.", flush=True)
