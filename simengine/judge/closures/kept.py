"""Values over the closures that are computed once and kept in the user's folder of files that can be made again.

The nation's lanes do not depend on the region at hand, so every run of a region finds them here. A file is named by
the digest of all that decides its numbers: the scenarios of the set, the law, the bases, the text of the closures, the
code of the package, and what it was compiled with. Nothing is ever read under another name, and a file that is not
whole counts as absent: kept values are those that would be computed, or there are none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import stat
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from simengine.common.resources import PACKAGE, own_regions, scenarios_root
from simengine.engine.project import Openings
from simengine.kernels.compiler import jit
from simengine.kernels.compiler.folder import UntrustedError, is_own, named_home, others_may_write, private_folder
from simengine.scenario.closures import Beside, Closures
from simengine.scenario.scenario import Scenario

FOLDER = "closures"
MOST = 40
"""Files that are kept; of more, those that were written first go."""

SOURCES = (".py", ".csv", ".yaml")
Rows = list[dict[str, Any]]


@cache
def code_digest() -> str:
    """sha256 over every source and table of the package but its data, and over what the kernels were compiled with."""
    total = hashlib.sha256(jit.source_digest().encode())
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in SOURCES):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("data/"):
            content = path.read_bytes()
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def key_of(scenario: Scenario, beside: Iterable[Beside], closures: Closures, openings: Openings) -> str:
    """Names the values over the closures of one scenario: equal keys mean equal values."""
    bases = openings.bases(scenario)
    regions = [scenarios_root() / "regions.yaml", *filter(None, [own_regions()])]
    parts = [
        code_digest(),
        openings.law.digest(),
        scenario.digest,
        *(f"{one.closure} {one.variant} {one.scenario.digest}" for one in beside),
        *(basis.digest() for basis in bases),
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in (closures.path, *regions)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def kept_rows(key: str, make: Callable[[], Rows]) -> Rows:
    """The rows kept under a key; made, and kept, where they are not there. Where nothing can be kept they are made."""
    try:
        folder = private_folder(named_home(), FOLDER)
    except (OSError, RuntimeError, UntrustedError):
        return make()
    path = folder / f"{key}.json"
    rows = _read(path)
    if rows is None:
        rows = make()
        with contextlib.suppress(OSError):
            _write(path, rows)
            _sweep(folder)
    return rows


def _read(path: Path) -> Rows | None:
    """Rows of a file of the user's own; None where there is none, or one that is not whole."""
    try:
        with open(path, "rb", opener=_open) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or not is_own(status) or others_may_write(status):
                return None
            mark, _, content = file.read().partition(b"\n")
    except OSError:
        return None
    if mark != _mark(path, content):
        return None
    rows: Rows = [{**row, "value": math.nan if row["value"] is None else row["value"]} for row in json.loads(content)]
    return rows


def _open(path: str, flags: int) -> int:
    """Open for reading without following a link or waiting for a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _mark(path: Path, content: bytes) -> bytes:
    """What stands in the first line of a file of this name and content."""
    return hashlib.sha256(path.name.encode() + content).hexdigest().encode()


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows under another name and rename them, so that no reader finds half a file; floats keep every bit."""
    plain = [{**row, "value": None if math.isnan(row["value"]) else row["value"]} for row in rows]
    content = json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}.part")
    try:
        with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(_mark(path, content) + b"\n" + content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove the files written first where there are more than `MOST`, and what killed processes have left."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MOST:]:
        with contextlib.suppress(OSError):
            path.unlink()
