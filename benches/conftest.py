"""Collect the files that start with ``bench_`` when the folder is named: ``pytest benches``."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A benchmark file, unless it was named itself or the patterns of the project already cover it."""
    patterns = parent.config.getini("python_files")
    named = file_path in {Path(name.partition("::")[0]).resolve() for name in parent.config.args}
    if named or not file_path.match("bench_*.py") or any(file_path.match(pattern) for pattern in patterns):
        return None
    return pytest.Module.from_parent(parent, path=file_path)
