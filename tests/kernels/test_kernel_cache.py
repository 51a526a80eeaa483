"""Compiled kernels on disk: a folder of the user alone, left behind the moment a source changes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import simengine
from simengine.kernels import jit, lane, warm
from simengine.kernels.rules import pension

SCRIPT = """
from simengine.kernels import jit
from simengine.kernels.rules.pension import base_pension
print(jit.cache_folder().name, base_pension(200.0, 0.01, 1.0, 1.0, 1.0))
"""


def run(package: Path, cache: Path) -> tuple[str, float, Path]:
    """Folder name and the answer of one kernel of a copied package, in a process of its own."""
    place = {**os.environ, "PYTHONPATH": str(package), "SIMENGINE_CACHE": str(cache), "SIMENGINE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=place, cwd=package, check=True
    )
    name, answer = done.stdout.split()
    return name, float(answer), cache / "simengine" / name


def test_cache__an_edited_helper_is_seen_at_once(tmp_path: Path) -> None:
    source = Path(simengine.__file__).parent
    package = tmp_path / "copy"
    shutil.copytree(source, package / "simengine", ignore=shutil.ignore_patterns("__pycache__", "notes"))
    first, before, folder = run(package, tmp_path / "cache")
    assert before == 3.0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert any(folder.rglob("*.nbi")), "nothing was kept"
    again, same, _ = run(package, tmp_path / "cache")
    assert (again, same) == (first, before)
    rules = package / "simengine" / "kernels" / "rules" / "pension.py"
    text = rules.read_text(encoding="utf-8")
    assert "benefit_base / (2.0 / accrual)" in text
    rules.write_text(text.replace("(2.0 / accrual)", "(1.0 / accrual)"), encoding="utf-8")
    changed, after, _ = run(package, tmp_path / "cache")
    assert changed != first
    assert after == 6.0


# --- compiled in several processes ------------------------------------------------------------------------------------


def lane_bits(cache: Path, *arguments: str) -> list[str]:
    """What a script says in a process of its own, with compiled kernels in `cache`."""
    place = {**os.environ, "SIMENGINE_CACHE": str(cache), "SIMENGINE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", *arguments], capture_output=True, text=True, env=place, check=True)
    return done.stdout.split()


COMPILE = """
import sys
from simengine.kernels import warm
from simengine.kernels.jit import cache_folder, is_warm
if sys.argv[1] == "failing":
    sys.executable = "/bin/false"
warm.prepare(2)
made = sorted(path.name.split("-")[0] for path in (cache_folder() / "linked").glob("*.nbi"))
twice = {name for name in made if made.count(name) > 1}
unused = [one.__name__ for one, _ in warm.parts() if f"{one.__module__.split('.')[-1]}.{one.__name__}" in twice]
left = [path.name for path in cache_folder().iterdir() if path.name.startswith("tmp")]
print(is_warm("lane.project_lane"), len(unused), len(left), len(warm.lane.step_year.linked.overloads))
"""


@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
@pytest.mark.parametrize("helper", ["working", "failing"])
def test_prepare__compiles_the_lane_whatever_becomes_of_the_helper(tmp_path: Path, helper: str) -> None:
    assert lane_bits(tmp_path, COMPILE, helper) == ["True", "0", "0", "1"]


@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
def test_parts__are_nearly_everything_a_year_calls() -> None:
    known = [kernel for kernel, _ in warm.parts()]
    whole = sum(warm.amount(kernel) for kernel in warm.called_by(lane.step_year))
    assert sum(warm.amount(kernel) for kernel in known) > 0.9 * whole
    assert [warm.amount(kernel) for kernel in known] == sorted(map(warm.amount, known), reverse=True)


@pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
def test_linked__python_enters_the_whole_kernel_only() -> None:
    whole: Any = pension.base_pension
    assert whole(200.0, 0.01, 1.0, 1.0, 1.0) == 3.0
    with pytest.raises(TypeError, match="no entry for Python"):
        whole.linked(200.0, 0.01, 1.0, 1.0, 1.0)
