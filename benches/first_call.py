"""The first projection of a fresh process, told apart: imports, reading, first run, second run. Prints one JSON object.

python -m benches.first_call jiangxi/baseline
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def measure(name: str) -> dict[str, Any]:
    """Seconds of each stage, whether kernels were on disk before, and the digests of what both runs computed."""
    start = time.perf_counter()
    from simengine.kernels import jit

    warm = jit.is_warm()
    from simengine.project import project
    from simengine.scenario import load_scenario

    imported = time.perf_counter()
    scenario = load_scenario(name)
    first = project(scenario)
    ran = time.perf_counter()
    second = project(scenario)
    ended = time.perf_counter()
    from benches.digests import dataset_arrays, digests, exact_digest

    arrays = dataset_arrays(first.dataset)
    if exact_digest(arrays) != exact_digest(dataset_arrays(second.dataset)):
        raise SystemExit(f"{name}: the second run differs from the first")
    return {
        "kernels_on_disk_before": warm,
        "import_seconds": imported - start,
        "first_seconds": ran - imported,
        "second_seconds": ended - ran,
        **digests(arrays),
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
