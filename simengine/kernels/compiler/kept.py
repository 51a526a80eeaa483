"""Compiled forms of a kernel on disk; nothing is unpickled or handed to LLVM before its file is found to be right."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from numba.core import sigutils
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps, loads

from simengine.kernels.compiler.files import ENTRY, read_checked, write_checked


class KeptForms:
    """Compiled forms of one function on disk, a file for each signature: processes may write them at the same time."""

    def __init__(self, function: Any, folder: Path | None, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self._names = (function.__module__, function.__qualname__)

    def _path(self, folder: Path, args: Any, codegen: Any) -> Path:
        digest = hashlib.sha256(repr((*self._names, args, codegen.magic_tuple())).encode()).hexdigest()[:20]
        module, name = self._names
        return folder / f"{module.rpartition('.')[2]}.{name}-{digest}{self._suffix}"

    def load(self, args: Any, codegen: Any) -> Any:
        """The parts that `save` was given for these types of arguments; none if they are not on disk."""
        content = None if self._folder is None else read_checked(self._path(self._folder, args, codegen))
        return None if content is None else loads(content)

    def save(self, args: Any, codegen: Any, parts: Any) -> None:
        """Keep the parts of a form."""
        if self._folder is not None:
            write_checked(self._path(self._folder, args, codegen), dumps(parts))


class CheckedCache:
    """Stands where numba looks for the compiled forms of a function that Python calls."""

    def __init__(self, function: Any, folder: Path | None) -> None:
        self.cache_path = str(folder)
        self._forms = KeptForms(function, folder, ENTRY)

    def load_overload(self, sig: Any, context: Any) -> Any:
        """The form for a signature; none if it is not on disk. numba then loads what compiling needs, not earlier."""
        parts = self._forms.load(_types(sig), context.codegen())
        result: Any = CompileResult
        return None if parts is None else result._rebuild(context, *parts)

    def save_overload(self, sig: Any, result: Any) -> None:
        """Keep a form, unless it holds addresses of this process."""
        if not result.library.has_dynamic_globals:
            self._forms.save(_types(sig), result.library.codegen, result._reduce())

    def flush(self) -> None:
        """Nothing: what is compiled again takes the place of what was there."""


def _types(sig: Any) -> tuple[Any, ...]:
    args, _ = sigutils.normalize_signature(sig)
    return tuple(args)
