"""The folder of compiled kernels: one that only the user can have filled, or none.

Compiled code is run without a further question, so a folder that another user of the machine can write to is not
used. The folder is ``simengine/kernels-KEY`` inside the folder that SIMENGINE_CACHE names, else inside the user's
folder for such files. Both levels must belong to the user, be no links, and be closed to others for writing; what
others may only read is closed to them as well. If that fails, or nothing can be written there, the kernels of
this process are kept in a new private folder that ends with it, or in memory alone.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from simengine.kernels.compiler.notices import tell

VARIABLE = "SIMENGINE_CACHE"
PASSING = "simengine-kernels-"  # how the names of private folders for one process begin
A_DAY = 86_400.0  # seconds


class UntrustedError(Exception):
    """A folder that another user of the machine may have filled, with the code of the reason."""

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(code, path)
        self.code, self.path = code, path


def named_home() -> Path:
    """The folder that SIMENGINE_CACHE names, else the user's folder for files that can be made again."""
    named = os.environ.get(VARIABLE) or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named).expanduser().absolute()


def is_own(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to the user; true on systems that have no such owners."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def others_may_write(status: os.stat_result) -> bool:
    """Whether users other than the owner may write; false on systems that have no such modes."""
    return hasattr(os, "geteuid") and bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def refuse_untrusted(folder: Path) -> None:
    """Raise `UntrustedError` for a folder that others may have filled; close one that they may only read."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise UntrustedError("folder_is_a_link", folder)
    if not is_own(status):
        raise UntrustedError("folder_of_another", folder)
    if others_may_write(status):
        raise UntrustedError("folder_is_open", folder)
    if stat.S_IMODE(status.st_mode) & 0o077:
        with contextlib.suppress(OSError):  # a folder on a medium that is read only stays readable, which harms nobody
            folder.chmod(stat.S_IMODE(status.st_mode) & 0o700)


def own_folder(home: Path, key: str) -> Path:
    """The folder of kernels for `key` inside `home`; raises as `private_folder` does."""
    return private_folder(home, f"kernels-{key}")


def private_folder(home: Path, name: str) -> Path:
    """The folder ``simengine/NAME`` in `home`, made if need be; `UntrustedError` or OSError if it cannot be used."""
    home.mkdir(parents=True, exist_ok=True)
    folder = home
    for part in ("simengine", name):
        folder = folder / part
        folder.mkdir(mode=0o700, exist_ok=True)
        refuse_untrusted(folder)
    return folder


def passing_folder(key: str) -> Path | None:
    """A private folder that is removed when this process ends; none where no such folder can be made."""
    try:
        sweep_passing()
        home = Path(tempfile.mkdtemp(prefix=PASSING))
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        return own_folder(home, key)
    except (OSError, UntrustedError):
        return None


def sweep_passing() -> None:
    """Remove the user's private folders of more than a day ago, which killed processes have left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PASSING}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and is_own(status) and time.time() - status.st_mtime > A_DAY:
                shutil.rmtree(folder, ignore_errors=True)


def find_folder(key: str) -> Path | None:
    """Folder of the compiled kernels of `key`; a private one, or none, with one message where the usual one fails."""
    try:
        return own_folder(named_home(), key)
    except UntrustedError as error:
        tell(error.code, path=str(error.path))
    except (OSError, RuntimeError) as error:  # a RuntimeError: the user has no home
        tell_unwritable(error)
    return passing_folder(key)


def tell_unwritable(error: OSError | RuntimeError) -> None:
    """Say once that compiled kernels cannot be kept, where and why."""
    path = getattr(error, "filename", None) or os.environ.get(VARIABLE) or "~/.cache"
    tell("folder_unwritable", path=str(path), reason=getattr(error, "strerror", None) or str(error))
