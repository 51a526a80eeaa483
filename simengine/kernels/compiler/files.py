"""Files of compiled code, each with the digest of what it must be.

A file begins with the sha256 of its place and of everything behind it. Nothing is handed on before this digest is
found right, so a file that was damaged, emptied, cut off or put there from elsewhere costs a compilation and no more.
Files are written under another name, forced to disk, and then renamed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
import uuid
from pathlib import Path

from simengine.kernels.compiler.folder import is_own, others_may_write, tell_unwritable
from simengine.kernels.compiler.notices import tell

ENTRY, LINKED = ".nbc", ".linked"  # machine code that Python calls; code that other kernels take in
PARTIAL = ".part"  # files that are being written
TEN_MINUTES = 600.0  # seconds; a file is written in less than one
MARK = b"simengine compiled kernel\n"


def digest_of(path: Path, content: bytes) -> bytes:
    """What stands before `content` in a file of this folder and name."""
    place = f"{path.parent.name}/{path.name}\n".encode()
    return MARK + hashlib.sha256(place + content).hexdigest().encode() + b"\n"


def _open(path: str, flags: int) -> int:
    """Open for reading without following a link or waiting for a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _create(path: str, flags: int) -> int:
    """Create for the user alone; a file that is there already is an error."""
    return os.open(path, flags | os.O_EXCL, 0o600)


def read_checked(path: Path) -> bytes | None:
    """What `write_checked` put into a file; none if there is no such file, or another, which is then removed."""
    try:
        with open(path, "rb", opener=_open) as file:
            status = os.fstat(file.fileno())
            trusted = stat.S_ISREG(status.st_mode) and is_own(status) and not others_may_write(status)
            whole = file.read() if trusted else b""
    except FileNotFoundError:
        return None
    except OSError:  # a link, a folder, or a medium that fails
        whole = b""
    start = len(digest_of(path, b""))
    content = whole[start:]
    if whole[:start] == digest_of(path, content):
        return content
    tell("file_damaged", path=str(path))
    with contextlib.suppress(OSError):  # a new one takes its place in any case
        path.unlink()
    return None


def write_checked(path: Path, content: bytes) -> None:
    """Keep `content`; where that fails it is only said, because the code is in memory."""
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}{PARTIAL}")
    try:
        try:
            with open(partial, "wb", opener=_create) as file:
                file.write(digest_of(path, content) + content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        error.filename = error.filename or str(path.parent)
        tell_unwritable(error)


def sweep_partial(folder: Path) -> None:
    """Remove files that a killed process has not written to their end."""
    for path in folder.glob(f"*{PARTIAL}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > TEN_MINUTES:
                path.unlink()
