"""Compiled kernels: left behind the moment a source changes, made by several processes, plain or linked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import simengine
from simengine.engine.project import project
from simengine.kernels import lane
from simengine.kernels.compiler import jit, notices, warm
from simengine.scenario.scenario import load_scenario

compiled = pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")

SCRIPT = """
from simengine.kernels.compiler import jit
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
    assert any(folder.glob("*.nbc")), "nothing was kept"
    again, same, _ = run(package, tmp_path / "cache")
    assert (again, same) == (first, before)
    rules = package / "simengine" / "kernels" / "rules" / "pension.py"
    text = rules.read_text(encoding="utf-8")
    assert "benefit_base / (2.0 / accrual)" in text
    rules.write_text(text.replace("(2.0 / accrual)", "(1.0 / accrual)"), encoding="utf-8")
    changed, after, _ = run(package, tmp_path / "cache")
    assert changed != first
    assert after == 6.0


# --- who compiles -----------------------------------------------------------------------------------------------------


COMPILE = """
import hashlib, json, sys
from simengine.kernels.compiler import warm
from simengine.kernels.compiler.jit import cache_folder, compiler, is_warm
if sys.argv[1] == "failing":
    sys.executable = "/bin/false"
warm.prepare(2)
names = sorted(path.name for path in cache_folder().iterdir())
left = [name for name in names if name.startswith(warm.CLAIMS) or name.endswith(".part")]
forms = len(getattr(warm.lane.step_year, "linked", warm.lane.step_year).overloads)
import simengine
lane = simengine.project(simengine.load_scenario("haiyan/baseline"), threads=1).lanes[0]
digest = hashlib.sha256()
for block in lane.output:
    digest.update(block.tobytes())
print(json.dumps([compiler(), is_warm("lane.project_lane"), left, forms, digest.hexdigest()]))
"""


def compiled_lane(cache: Path, compiler: str, helper: str) -> list[Any]:
    """What a process says that compiles the lane into an empty folder and projects a region."""
    place = {**os.environ, "SIMENGINE_CACHE": str(cache), "SIMENGINE_JIT": "1", "SIMENGINE_COMPILER": compiler}
    command = [sys.executable, "-c", COMPILE, helper]
    done = subprocess.run(command, capture_output=True, text=True, env=place, check=True)
    said: list[Any] = json.loads(done.stdout)
    return said


def digest_here() -> str:
    """Digest of the same projection with the kernels of this process."""
    lane = project(load_scenario("haiyan/baseline"), threads=1).lanes[0]
    digest = hashlib.sha256()
    assert lane.output is not None
    for block in lane.output:
        digest.update(block.tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@compiled
@pytest.mark.parametrize(("compiler", "helper"), [("plain", "working"), ("linked", "failing")])
def test_prepare__either_compiler_gives_the_same_bits_whatever_becomes_of_the_helper(
    tmp_path: Path, compiler: str, helper: str
) -> None:
    assert compiled_lane(tmp_path, compiler, helper) == [compiler, True, [], 1, digest_here()]


@compiled
def test_parts__are_nearly_everything_a_year_calls() -> None:
    known = [kernel for kernel, _ in warm.parts()]
    whole = sum(warm.amount(kernel) for kernel in warm.called_by(lane.step_year))
    assert sum(warm.amount(kernel) for kernel in known) > 0.9 * whole
    assert [warm.amount(kernel) for kernel in known] == sorted(map(warm.amount, known), reverse=True)


def half(value: float) -> float:
    return 0.5 * value


@compiled
def test_linked__python_enters_the_whole_kernel_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "compiler", lambda: "linked")
    monkeypatch.setattr(jit, "cache_folder", lambda: None)
    whole: Any = jit.kernel(half)
    assert whole(3.0) == 1.5
    with pytest.raises(TypeError, match="no entry for Python"):
        whole.linked(3.0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """Codes told from here on, with their values."""
    heard: dict[str, dict[str, str]] = {}
    monkeypatch.setattr(notices, "_told", set())
    monkeypatch.setattr(notices, "_listeners", [heard.__setitem__])
    return heard


def choose(monkeypatch: pytest.MonkeyPatch, asked: str | None, version: str = "0.68.1") -> str:
    """The compiler that is used with a version of numba when a user asks for one."""
    monkeypatch.setattr(jit.metadata, "version", lambda package: version)
    if asked is None:
        monkeypatch.delenv("SIMENGINE_COMPILER", raising=False)
    else:
        monkeypatch.setenv("SIMENGINE_COMPILER", asked)
    return jit.compiler.__wrapped__()


@pytest.mark.parametrize(("asked", "used"), [(None, "plain"), ("", "plain"), ("plain", "plain"), ("linked", "linked")])
def test_compiler__is_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, dict[str, str]], asked: str | None, used: str
) -> None:
    assert choose(monkeypatch, asked) == used
    assert told == {}


def test_compiler__a_word_that_names_none_is_told(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, dict[str, str]]
) -> None:
    assert choose(monkeypatch, "fast") == "plain"
    assert told == {"compiler_unknown": {"value": "fast", "default": "plain"}}


@pytest.mark.parametrize("version", ["0.69.0", "0.67.2", "1.0"])
def test_compiler__linked_is_plain_with_a_numba_it_is_not_tested_with(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, dict[str, str]], version: str
) -> None:
    assert choose(monkeypatch, "linked", version) == "plain"
    assert told == {"compiler_untested": {"version": version}}


@pytest.mark.parametrize("error", [ImportError, AttributeError])
def test_compiler__linked_is_plain_where_numba_has_other_classes(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, dict[str, str]], error: type[Exception]
) -> None:
    def fail(name: str) -> None:
        raise error(name)

    monkeypatch.setattr(jit, "import_module", fail)
    assert choose(monkeypatch, "linked") == "plain"
    assert list(told) == ["compiler_untested"]
