"""The first projection of a fresh process, told apart: imports, reading and first run, labels, second run.

Prints one JSON object. `process_seconds` is the processor time from the start of the process to the first answer, the
last balance of the enterprise fund. Labels are xarray's; most of their time is the import of that package.

python -m simengine_bench.first_call jiangxi/baseline
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def measure(name: str) -> dict[str, Any]:
    """Seconds of each stage, whether kernels were on disk before, and the digest of what both runs computed."""
    start = time.perf_counter()
    from simengine.kernels import jit

    warm = jit.is_warm("lane.project_lane")
    from simengine.engine.project import project
    from simengine.scenario.scenario import load_scenario

    imported = time.perf_counter()
    scenario = load_scenario(name)
    first = project(scenario)
    output = first.lanes[0].output
    assert output is not None
    balance = float(output.balance[0, 0, -1])
    ran, used = time.perf_counter(), time.process_time()
    labelled = first.dataset
    named = time.perf_counter()
    second = project(scenario)
    ended = time.perf_counter()
    from simengine_bench.digests import dataset_arrays, exact_digest

    digest = exact_digest(dataset_arrays(labelled))
    if digest != exact_digest(dataset_arrays(second.dataset)):
        raise SystemExit(f"{name}: the second run differs from the first")
    return {
        "kernels_on_disk_before": warm,
        "import_seconds": imported - start,
        "first_seconds": ran - imported,
        "first_answer": balance,
        "process_seconds": used,
        "label_seconds": named - ran,
        "second_seconds": ended - named,
        "digest": digest,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
