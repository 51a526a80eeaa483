"""The kernels with structural zeros kept: a copy of their package that goes through every row and every moment.

Only the two functions that say what is passed over are other ones; both sides of the comparison, numba and C, then
work on the whole box. The numbers are the same, to the bit: what is added are zeros.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benches.twin.build import KERNELS, cache_folder

WHOLE = {"is_empty": "return False", "moments_of": "return at.MOMENTS"}
"""Functions of `rows.py` and what stands in their place."""


def whole_rows(text: str) -> str:
    """The source of `rows.py` with other bodies of the functions named above."""
    lines = text.splitlines()
    tree = ast.parse(text)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in WHOLE]
    if len(found) != len(WHOLE):
        raise LookupError(f"rows.py does not hold {sorted(WHOLE)}: say anew what makes a row whole")
    for node in reversed(found):
        last = node.end_lineno
        lines[node.body[0].lineno - 1 : last] = [f"    {WHOLE[node.name]}"]
    return "\n".join(lines) + "\n"


@functools.cache
def box_package() -> str:
    """Name of an importable copy of the kernels that works on whole rows; kept by the hash of its sources.

    `layout` stays that of the engine: both kernels receive the same records.
    """
    source = Path(str(importlib.import_module(KERNELS).__file__)).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(source.glob("*.py"))}
    texts["rows.py"] = whole_rows(texts["rows.py"])
    digest = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in texts.items()).encode()).hexdigest()[:16]
    package = f"kernels_box_{digest}"
    folder = cache_folder() / package
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(dir=cache_folder()))
        for name in texts.keys() - {"layout.py", "warm.py"}:
            own = texts[name].replace(f"from {KERNELS}.", f"from {package}.")
            (fresh / name).write_text(own, encoding="utf-8")
        with contextlib.suppress(FileExistsError, OSError):  # another process was faster
            fresh.rename(folder)
    if str(folder.parent) not in sys.path:
        sys.path.insert(0, str(folder.parent))
    import_apart(f"{package}.lane")
    return package


def import_apart(module: str) -> None:
    """Import a copy of the kernels; numba goes on keeping the engine's where it did before."""
    config: Any = importlib.import_module("numba").config
    name = "NUMBA_CACHE_DIR"
    before, folder = os.environ.get(name), config.CACHE_DIR
    importlib.import_module(module)
    config.CACHE_DIR = folder
    if before is not None:
        os.environ[name] = before
