"""An edited kernel gives another run id, and nothing kept of the old one is taken up again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simengine.engine import results as io
from simengine.engine.batch import Batch
from simengine.kernels.compiler import jit
from simengine.scenario.scenario import load_scenario
from simengine_calibration.fitting.solve import run_key

SOURCES = Path(jit.__file__).parents[1]


def edited(folder: Path) -> str:
    """Digest of the kernel sources with one number changed, in a folder of their own."""
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "rules/pension.py"
    text = path.read_text(encoding="utf-8")
    assert "(2.0 / accrual)" in text
    path.write_text(text.replace("(2.0 / accrual)", "(3.0 / accrual)"), encoding="utf-8")
    return jit.kernel_sources_digest(folder)


def test_kernel_sources_digest__sees_every_source_below_the_folder(tmp_path: Path) -> None:
    found = []
    for place, name in enumerate(("a.py", "b.py", "rules/a.py")):
        folder = tmp_path / str(place)
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("x = 1\n", encoding="utf-8")
        found.append(jit.kernel_sources_digest(folder))
    (tmp_path / "0" / "__pycache__").mkdir()
    (tmp_path / "0" / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert len(set(found)) == 3
    jit.kernel_sources_digest.cache_clear()
    assert jit.kernel_sources_digest(tmp_path / "0") == found[0], "compiled files are no sources"


def run_id() -> str:
    return str(io.stamp(load_scenario("haiyan/baseline"), {})["run_id"])


def kept_batch() -> str:
    return Batch((), np.zeros(0, dtype=np.int64), {}, ()).digest()


def checkpoint() -> str:
    same = SimpleNamespace(digest=lambda: "same")
    return run_key(SimpleNamespace(observations=(), spec=same, basis=same, law=same))


@pytest.mark.parametrize("key", [run_id, kept_batch, checkpoint])
def test_key__follows_the_kernel_sources(
    key: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key()
    assert key() == before
    other = edited(tmp_path / "kernels")
    monkeypatch.setattr(jit, "kernel_sources_digest", lambda: other)
    assert key() != before
