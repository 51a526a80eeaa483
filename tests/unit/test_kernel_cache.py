"""Compiled kernels on disk: a folder of the user alone, left behind the moment a source changes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import simengine

SCRIPT = """
from simengine.kernels import jit
from simengine.kernels.awards import base_pension
print(jit.cache_folder().name, base_pension(200.0, 1.0, 1.0, 1.0))
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
    awards = package / "simengine" / "kernels" / "awards.py"
    text = awards.read_text(encoding="utf-8")
    assert "benefit_base / 200.0" in text
    awards.write_text(text.replace("benefit_base / 200.0", "benefit_base / 100.0"), encoding="utf-8")
    changed, after, _ = run(package, tmp_path / "cache")
    assert changed != first
    assert after == 6.0
