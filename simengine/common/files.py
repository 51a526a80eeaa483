"""Write files so that they are whole, old or new: locks, files that appear together, tables as CSV.

Every file is written beside its final name, flushed to the disk, and renamed when all files of the set are complete.
An error or an interruption leaves earlier files as they were.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import SimengineError
from simengine.common.messages import Words, words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LOCK = ".simengine.lock"
TEMPORARY = ".simengine-part-"

_temporaries: set[Path] = set()


class OutputError(SimengineError):
    """The environment does not let files be written: disk, permission, lock."""


# --- locks and atomic files -------------------------------------------------------------------------------------------


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a results folder for one run; a second run is told who holds it.

    Raises
    ------
    OutputError
        when another run holds the folder, or it cannot be written to.
    """
    from filelock import FileLock, Timeout

    with reported(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
    try:
        with reported(folder):
            lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError("locked", path=folder, holder=_holder(folder)) from error
    try:
        with reported(folder):
            for orphan in folder.rglob(f"{TEMPORARY}*"):
                if not orphan.is_dir():
                    orphan.unlink(missing_ok=True)
            _note_holder(folder)
        yield
    finally:
        (folder / f"{LOCK}.json").unlink(missing_ok=True)
        lock.release()


def _note_holder(folder: Path) -> None:
    """Note beside the lock who holds it; in a new file, as one that lies there may be a link to something else."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    note = folder / f"{LOCK}.json"
    note.unlink(missing_ok=True)
    with note.open("x", encoding="utf-8") as file:
        json.dump(holder, file)


def _holder(folder: Path) -> Words:
    try:
        return words("holder", **json.loads((folder / f"{LOCK}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError):  # the other run has not noted itself yet, or has just ended
        return words("unknown_holder")


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that names the path and the cause."""
    try:
        yield
    except (OutputError, TimeoutError):
        raise
    except (OSError, RuntimeError) as error:  # the netCDF library reports a failed write as either
        code = _errno(error)
        key = {
            errno.ENOSPC: "disk_full",
            errno.EDQUOT: "disk_full",
            errno.EFBIG: "disk_full",
            errno.EACCES: "no_permission",
            errno.EPERM: "no_permission",
            errno.EROFS: "read_only",
        }.get(code, "other_io")
        if code == 0 and not isinstance(error, OSError):
            raise
        reason = {"reason": str(error).splitlines()[0]} if key == "other_io" else {}
        raise OutputError(key, path=path, **reason) from error


def _errno(error: BaseException) -> int:
    """Number of the system error, also where a library has put it into its text."""
    found = re.search(r"errno = (\d+)", str(error))
    return getattr(error, "errno", None) or (int(found.group(1)) if found else 0)


class FileSet:
    """Files that appear together: all are complete on the disk before the first takes its final name."""

    def __init__(self) -> None:
        self._pending: list[tuple[Path, Path]] = []

    def add(self, path: Path, write: Callable[[Path], None]) -> None:
        """Write one file under a temporary name beside its final one and flush it to the disk."""
        with reported(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=TEMPORARY, suffix=path.suffix, dir=path.parent)
            os.close(handle)
            temporary = Path(name)
            _temporaries.add(temporary)
            self._pending.append((temporary, path))
            write(temporary)
            temporary.chmod(0o644)
            _flush(temporary)

    def content(self, path: Path, content: bytes) -> None:
        """Add a file of known content."""

        def write(temporary: Path) -> None:
            temporary.write_bytes(content)

        self.add(path, write)

    def text(self, path: Path, text: str) -> None:
        """Add a UTF-8 text file."""
        self.content(path, text.encode())

    def digests(self) -> dict[str, dict[str, Any]]:
        """sha256 and size of every file added so far, by final name."""
        return {
            path.name: {"sha256": file_digest(temporary), "bytes": temporary.stat().st_size}
            for temporary, path in self._pending
        }

    def commit(self) -> list[Path]:
        """Give every file its final name, in the order of adding."""
        done: list[Path] = []
        for temporary, path in self._pending:
            with reported(path):
                os.replace(temporary, path)
            _temporaries.discard(temporary)
            done.append(path)
        for folder in {path.parent for path in done}:
            _flush_folder(folder)
        self._pending.clear()
        return done

    def absorb(self, other: FileSet) -> None:
        """Take over the files of another set."""
        self._pending += other._pending
        other._pending = []

    def discard(self) -> None:
        """Remove whatever has not been given its final name."""
        for temporary, _ in self._pending:
            temporary.unlink(missing_ok=True)
            _temporaries.discard(temporary)
        self._pending.clear()


@contextmanager
def file_set() -> Iterator[FileSet]:
    """A set of files that is discarded unless it was committed."""
    files = FileSet()
    try:
        yield files
    finally:
        files.discard()


def discard_temporaries() -> None:
    """Remove unfinished files; for an end without clean-up."""
    for temporary in list(_temporaries):
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# --- tables -----------------------------------------------------------------------------------------------------------

GUARDED = tuple("=+-@＝＋－＠\t\r\n")
"""First characters by which a spreadsheet may take a text for a formula; the full-width ones count as well."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
QUOTED = re.compile('[,"\r\n]')

MANY = 10_000
"""Different numbers of a column above which they are not looked up one by one."""


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that every spreadsheet opens as it is meant.

    The file is UTF-8 with a byte order mark, which spreadsheets need for Chinese. A text that would run as a formula
    gets a leading apostrophe; a text that is a plain number or a lone sign does not. Equal tables give equal bytes, and
    no number is -0.0.
    """
    columns = [_texts(frame.iloc[:, place]) for place in range(frame.shape[1])]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_line([_field(name) for name in frame.columns]))
        file.writelines(_line(fields) for fields in zip(*columns, strict=True))


def _line(fields: Sequence[str]) -> str:
    return (",".join(fields) or '""') + "\n"  # readers skip an empty line


def _texts(series: pd.Series) -> list[str]:
    """A column as fields; each different number is put into words once, as tables of persons are long."""
    import numpy as np

    if series.dtype == "category":
        words = np.array([*map(_field, series.cat.categories), ""], dtype=object)
        return list(words[series.cat.codes.to_numpy()])
    if series.dtype.kind not in "iuf" or not isinstance(series.dtype, np.dtype):
        return ["" if absent else _field(value) for value, absent in zip(series, series.isna(), strict=True)]
    values = series.to_numpy()
    unique, place = np.unique(values, return_inverse=True)
    if series.dtype.kind == "f" and unique.size > MANY:
        return _cents(values)
    words = np.array(["" if value != value else repr(value) for value in (unique + 0).tolist()], dtype=object)
    return list(words[place])


def _cents(values: np.ndarray) -> list[str]:
    """Numbers of at most two decimals, whole part and cents looked up apart; others as they are."""
    import numpy as np

    filled = np.where(np.isnan(values), 0.0, values)
    cents = np.rint(filled * 100.0)
    if (filled < 0.0).any() or (np.abs(cents) > 1e15).any() or (cents / 100.0 != filled).any():
        return ["" if value != value else repr(value) for value in (values + 0.0).tolist()]
    whole, rest = np.divmod(cents.astype(np.int64), 100)
    unique, place = np.unique(whole, return_inverse=True)
    heads = np.array([str(number) for number in unique.tolist()], dtype=object)
    tails = np.array([f".{number:02d}" for number in range(100)], dtype=object)
    texts = heads[place] + tails[rest]
    texts[np.isnan(values)] = ""
    return list(texts)


def _plus_zero(value: Any) -> Any:
    """A number without the sign of -0.0; anything else as it is."""
    return value + 0.0 if isinstance(value, float) else value


def _field(value: Any) -> str:
    """One value as a field of a CSV line: lists and mappings as text, guarded, quoted where a reader needs it."""
    if isinstance(value, Mapping):
        plain = {key: _plus_zero(item) for key, item in value.items()}
        value = json.dumps(plain, ensure_ascii=False) if plain else ""
    elif isinstance(value, list | tuple):
        value = "; ".join(str(_plus_zero(item)) for item in value)
    value = _plus_zero(value)
    text = "" if value is None else str(value)
    if len(text) > 1 and text.startswith(GUARDED) and not NUMBER.fullmatch(text):  # a lone sign is no formula
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
