"""The lane of one tree, run again for every line read: the other half of ``python -m benches.against``.

Started by `__main__` in a process of its own, with the tree of one revision on its path. It names nothing but what the
revisions have in common.
"""

from __future__ import annotations

import hashlib
import sys
import time

import numpy as np

from simengine.engine.project import Openings, copy_state
from simengine.kernels import layout
from simengine.kernels.lane import project_lane
from simengine.scenario.scenario import load_scenario


def main(name: str) -> None:
    """Print processor seconds and a digest of the output for every line read; the first run compiles."""
    lane = Openings().lanes(load_scenario(name))[0]
    inputs = lane.inputs
    tables = (inputs.paths, inputs.constants, inputs.packed)
    for _ in sys.stdin:
        state, scratch, output = copy_state(lane.opening), layout.new_scratch(), layout.new_output()
        begun = time.thread_time()
        project_lane(*tables, state, scratch, output, 1, inputs.years.size)
        taken = time.thread_time() - begun
        digest = hashlib.sha256()
        for array in layout.LaneOutput.SHAPES:
            digest.update(np.ascontiguousarray(output[array]).tobytes())
        print(taken, digest.hexdigest()[:12], flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
