"""Strict reading of YAML: what is ambiguous is refused, with file and line.

The reader accepts plain data only (mappings, lists, text, whole and decimal numbers, true/false, null, dates).
It refuses tags, anchors, aliases, merge keys, repeated keys, several documents, NUL bytes, files over 1 MB, nesting
deeper than 40, and every number that other readers take for text or round silently: ``2.6e8``, ``1,000``, ``007``,
``0x10``, ``.5``, ``.inf``. Large whole numbers are written ``260_000_000``.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simengine.common import plain_yaml
from simengine.common.errors import InputFileError
from simengine.common.plain_yaml import DATE, Key

MAX_BYTES = 1_048_576


@dataclass(frozen=True)
class Doc:
    """One file read strictly.

    Attributes
    ----------
    data : plain dict, list, str, int, float, bool, None or datetime.date
    path : the name shown in errors
    raw : the bytes it was read from; empty where it was stated in memory
    """

    data: Any
    path: str
    _lines: dict[tuple[Key, ...], int] = field(default_factory=dict, repr=False)
    raw: bytes = field(default=b"", repr=False, compare=False)

    def line(self, *keys: Key) -> int:
        """Line (from 1) on which the item reached by ``keys`` begins; of the nearest known parent when it is absent.

        A date key may be given as a date or as its ISO text; a list item by its position.
        """
        path = tuple(keys)
        while path:
            for variant in (path, tuple(_as_date(key) for key in path)):
                if variant in self._lines:
                    return self._lines[variant]
            path = path[:-1]
        return self._lines.get((), 1)

    def where(self, *keys: Key) -> str:
        """``file, line n`` of the item reached by ``keys``, for the `where` of an error; the name alone in memory."""
        return f"{self.path}, line {self.line(*keys)}" if self._lines else self.path


def load(path: str | Path) -> Doc:
    """Read one YAML file strictly.

    Raises
    ------
    InputFileError
        naming the file, the line and what to write instead.
    """
    return load_bytes(read_bytes(path), str(path))


def read_bytes(path: str | Path) -> bytes:
    """Bytes of a file; an InputFileError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise unreadable(error, path) from error


def unreadable(error: OSError, path: str | Path) -> InputFileError:
    """The error of a file that the operating system does not let be read."""
    kinds = {FileNotFoundError: "file_absent", IsADirectoryError: "file_is_folder", PermissionError: "file_forbidden"}
    code = kinds.get(type(error), "file_unreadable")
    return InputFileError(code, where=str(path), name=Path(path).name, reason=error.strerror)


def load_bytes(raw: bytes, name: str) -> Doc:
    """Read YAML from bytes; ``name`` stands for the file in errors."""
    if len(raw) > MAX_BYTES:
        raise InputFileError("yaml_large", where=name, count=f"{len(raw):_}", limit=f"{MAX_BYTES:_}")
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise InputFileError("yaml_nul", where=f"{name}, line {line}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputFileError("yaml_encoding", where=f"{name}, line {line}") from error
    return replace(load_text(text, name), raw=raw)


def load_text(text: str, name: str = "<text>") -> Doc:
    """Read YAML from text; ``name`` stands for the file in errors."""
    try:
        data, lines = plain_yaml.parse(text)
    except plain_yaml.Refused as error:
        where = name if error.line is None else f"{name}, line {error.line}"
        raise InputFileError(error.code, where=where, **error.values) from error
    return Doc(data=data, path=name, _lines=lines)


def _as_date(key: Key) -> Key:
    if isinstance(key, str) and DATE.fullmatch(key):
        try:
            return datetime.date.fromisoformat(key)
        except ValueError:
            return key
    return key
