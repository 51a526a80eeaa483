"""Flip bits in compiled kernels on disk, one a process, and see what a projection makes of them.

Three of four flips hit the compiled lane, the others any other file, with the lane and its year removed so that they
are made again from the others. Each process projects some years of Haiyan on a copy of a warm folder and hashes every
number. `--forged` gives each damaged file a right digest: it shows what happens to those who do not check.

python tests/release/cache_flips.py --flips 300
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANE, YEAR = "lane.project_lane-*.nbc", "lane.step_year-*.nbc"
UNCHANGED, REBUILT, WRONG, CRASHED = OUTCOMES = ("unchanged", "rebuilt", "wrong numbers", "crashed")
PROJECT = """
import hashlib, json, sys
from simengine.kernels.compiler.notices import listen
import simengine
told = []
listen(lambda code, values: told.append(code))
lane = simengine.project(simengine.load_scenario(sys.argv[1]), threads=1).lanes[0]
digest = hashlib.sha256()
for block in lane.output:
    digest.update(block.tobytes())
print(json.dumps([digest.hexdigest(), told]))
"""
SCENARIO = "extends: haiyan/baseline\nyears: [2021, 2035]\n"


def answer(cache: Path, scenario: Path) -> tuple[str, list[str]] | None:
    """Digest of a projection with the kernels in `cache`, and what was told; none if the process failed."""
    place = {**os.environ, "PYTHONPATH": str(ROOT), "SIMENGINE_CACHE": str(cache), "SIMENGINE_JIT": "1"}
    command = [sys.executable, "-c", PROJECT, str(scenario)]
    done = subprocess.run(command, capture_output=True, text=True, env=place, cwd=cache, check=False)
    if done.returncode != 0:
        return None
    digest, told = json.loads(done.stdout.splitlines()[-1])
    return digest, told


def flip(path: Path, chance: random.Random, forged: bool) -> None:
    """Flip one bit anywhere in a file; `forged` gives it the digest that fits."""
    from simengine.kernels.compiler.files import digest_of

    content = bytearray(path.read_bytes())
    start = len(digest_of(path, b"")) if forged else 0
    content[chance.randrange(start, len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(digest_of(path, bytes(content[start:])) + content[start:] if forged else content)


def outcome(number: int, warm: Path, scenario: Path, expected: str, forged: bool) -> str:
    """What one flip does."""
    chance = random.Random(number)
    with tempfile.TemporaryDirectory() as place:
        cache = Path(place)
        shutil.copytree(warm, cache / "simengine" / warm.name)
        (cache / "simengine").chmod(0o700)
        folder = cache / "simengine" / warm.name
        (target,) = folder.glob(LANE)
        if number % 4 == 3:
            for path in (target, *folder.glob(YEAR)):
                path.unlink()
            target = chance.choice(sorted(folder.glob("*.nbc")))
        flip(target, chance, forged)
        found = answer(cache, scenario)
    if found is None:
        return CRASHED
    digest, told = found
    if digest != expected:
        return WRONG
    return REBUILT if told == ["file_damaged"] else UNCHANGED


def count(flips: int, processes: int = 2, forged: bool = False) -> Counter[str]:
    """Outcomes of so many flips; needs compiled kernels on disk, which `warm_up` makes."""
    from simengine.kernels.compiler.jit import cache_folder
    from simengine.kernels.compiler.warm import warm_up

    warm_up()
    warm = cache_folder()
    assert warm is not None, "compiled kernels cannot be kept on this machine"
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(processes) as pool:
        scenario = Path(place) / "some_years.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        undamaged = answer(warm.parents[1], scenario)
        assert undamaged is not None and undamaged[1] == [], "the undamaged kernels do not work"
        expected = undamaged[0]
        found = pool.map(lambda number: outcome(number, warm, scenario, expected, forged), range(flips))
        return Counter(found)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--flips", type=int, default=300)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--forged", action="store_true", help="give each damaged file a right digest")
    chosen = options.parse_args()
    outcomes = count(chosen.flips, chosen.processes, chosen.forged)
    for name in OUTCOMES:
        print(f"{name:14} {outcomes[name]:5}")
    sys.exit(outcomes[WRONG] + outcomes[CRASHED] > 0)
