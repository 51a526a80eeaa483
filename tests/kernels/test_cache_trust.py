"""Compiled code from disk is used only if the user alone can have put it there and every bit of it is right."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import stat
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from simengine.cli import main as cli
from simengine.common.messages import say, table
from simengine.kernels.compiler import files, folder, jit, notices, warm

ROOT = Path(__file__).parents[2]
STRANGER = 12345  # a user that nobody is
Told = dict[str, dict[str, str]]

compiled = pytest.mark.skipif(not jit.JIT_ENABLED, reason="plain Python compiles nothing")
owners = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no owners and modes")
as_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give a file away")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Codes told from here on, with their values."""
    heard: Told = {}
    monkeypatch.setattr(notices, "_told", set())
    monkeypatch.setattr(notices, "_listeners", [heard.__setitem__])
    return heard


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that SIMENGINE_CACHE names; private folders for one process lie beside it."""
    (tmp_path / "passing").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    monkeypatch.setenv("SIMENGINE_CACHE", str(tmp_path / "home"))
    return tmp_path / "home"


def levels(home: Path) -> tuple[Path, Path]:
    """The two folders that must be trusted for the key "k"."""
    return home / "simengine", home / "simengine" / "kernels-k"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- the folder -------------------------------------------------------------------------------------------------------


@owners
def test_folder__is_made_for_the_user_alone(home: Path, told: Told) -> None:
    assert folder.find_folder("k") == levels(home)[1]
    assert [mode(path) for path in levels(home)] == [0o700, 0o700]
    assert told == {}


def give_away(path: Path) -> None:
    os.chown(path, STRANGER, -1)


def open_to_all(path: Path) -> None:
    path.chmod(0o777)


def open_to_group(path: Path) -> None:
    path.chmod(0o770)


def move_behind_link(path: Path) -> None:
    kept = path.with_name("elsewhere")
    path.rename(kept)
    path.symlink_to(kept)


ATTACKS = [
    pytest.param(give_away, "folder_of_another", marks=as_root),
    (open_to_all, "folder_is_open"),
    (open_to_group, "folder_is_open"),
    (move_behind_link, "folder_is_a_link"),
]


@owners
@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("attack", "code"), ATTACKS)
def test_folder__that_others_may_have_filled_is_left_alone(
    home: Path, told: Told, attack: Callable[[Path], None], code: str, level: int
) -> None:
    folder.find_folder("k")
    attacked = levels(home)[level]
    attack(attacked)
    used = folder.find_folder("k")
    assert told == {code: {"path": str(attacked)}}
    assert used is not None and used.is_relative_to(home.parent / "passing")
    assert [mode(path) for path in (used, *used.parents[:2])] == [0o700] * 3


@owners
def test_folder__that_others_may_only_read_is_closed_to_them(home: Path, told: Told) -> None:
    folder.find_folder("k")
    for path in levels(home):
        path.chmod(0o755)
    assert folder.find_folder("k") == levels(home)[1]
    assert [mode(path) for path in levels(home)] == [0o700, 0o700]
    assert told == {}


def raiser(number: int) -> Callable[..., Any]:
    """A system call that always fails."""

    def fail(path: Any = None, *rest: Any, **named: Any) -> None:
        raise OSError(number, os.strerror(number), path if isinstance(path, str | Path) else None)

    return fail


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_folder__that_cannot_be_made_is_named_once_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, home: Path, told: Told, number: int
) -> None:
    monkeypatch.setattr(os, "mkdir", raiser(number))
    assert folder.find_folder("k") is None, "no folder can be made, not even a passing one"
    assert told == {"folder_unwritable": {"path": str(home), "reason": os.strerror(number)}}


def test_folder__a_file_in_its_place_is_told(home: Path, told: Told) -> None:
    home.write_text("a file")
    used = folder.find_folder("k")
    assert list(told) == ["folder_unwritable"]
    assert used is not None and used.is_relative_to(home.parent / "passing")


def test_folder__without_any_home_is_told(monkeypatch: pytest.MonkeyPatch, home: Path, told: Told) -> None:
    def fail(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", fail)
    assert folder.find_folder("k") is not None
    assert list(told) == ["folder_unwritable"]


@owners
def test_folder__on_a_medium_that_is_read_only_goes_on_serving(
    monkeypatch: pytest.MonkeyPatch, home: Path, told: Told
) -> None:
    folder.find_folder("k")
    for path in levels(home):
        path.chmod(0o755)
    monkeypatch.setattr(os, "chmod", raiser(errno.EROFS))
    assert folder.find_folder("k") == levels(home)[1]
    assert told == {}


def test_passing_folders__of_killed_processes_are_swept(home: Path, told: Told) -> None:
    old, new = (home.parent / "passing" / f"{folder.PASSING}{name}" for name in ("old", "new"))
    for path in (old, new):
        path.mkdir()
    os.utime(old, (time.time() - 2 * folder.A_DAY,) * 2)
    folder.passing_folder("k")
    assert (old.exists(), new.exists()) == (False, True)


def test_notices__every_code_has_its_text_in_both_languages(told: Told) -> None:
    known = {name.removeprefix("kernels.") for name in table() if name.startswith("kernels.")}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "simengine/kernels/compiler").glob("*.py"))
    assert known and all(f'"{code}"' in sources for code in known)
    for code in known:
        texts = table()[f"kernels.{code}"]
        named = [{part[1] for part in string.Formatter().parse(texts[lang])} for lang in ("en", "zh")]
        assert named[0] == named[1]
    assert "SIMENGINE_CACHE" in say("kernels.folder_unwritable", "zh", path="/a", reason="b")


# --- the files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A checked file that holds "content"."""
    path = tmp_path / "kernels-k" / "a.b-1.nbc"
    path.parent.mkdir(mode=0o700)
    files.write_checked(path, b"content")
    assert files.read_checked(path) == b"content"
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return path


def refuse(path: Path, told: Told) -> None:
    """The file is not used, told, and gone."""
    assert files.read_checked(path) is None
    assert told.pop("file_damaged") == {"path": str(path)}
    assert not os.path.lexists(path)
    notices._told.clear()


def test_file__every_single_bit_is_checked(kept: Path, told: Told) -> None:
    whole = kept.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            refuse(kept, told)


def test_file__emptied_cut_or_lengthened_is_refused(kept: Path, told: Told) -> None:
    whole = kept.read_bytes()
    for wrong in [*(whole[:length] for length in range(len(whole))), whole + b"\0"]:
        kept.write_bytes(wrong)
        refuse(kept, told)


def test_file__from_another_place_is_refused(kept: Path, told: Told) -> None:
    renamed = kept.with_name("a.c-1.nbc")
    shutil.copy(kept, renamed)
    refuse(renamed, told)
    moved = kept.parents[1] / "kernels-l" / kept.name
    moved.parent.mkdir()
    shutil.copy(kept, moved)
    refuse(moved, told)


@owners
def test_file__behind_a_link_is_refused(kept: Path, told: Told) -> None:
    kept.rename(kept.parents[1] / "moved")
    kept.symlink_to(kept.parents[1] / "moved")
    refuse(kept, told)


@owners
def test_file__that_is_a_pipe_is_refused(kept: Path, told: Told) -> None:
    kept.unlink()
    os.mkfifo(kept)
    refuse(kept, told)


@owners
def test_file__that_others_may_write_is_refused(kept: Path, told: Told) -> None:
    kept.chmod(0o666)
    refuse(kept, told)


@as_root
def test_file__of_another_user_is_refused(kept: Path, told: Told) -> None:
    os.chown(kept, STRANGER, -1)
    refuse(kept, told)


def test_file__that_is_not_there_is_no_matter(kept: Path, told: Told) -> None:
    kept.unlink()
    assert files.read_checked(kept) is None
    assert told == {}


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_file__on_a_full_disk_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, kept: Path, told: Told, call: str
) -> None:
    monkeypatch.setattr(os, call, raiser(errno.ENOSPC))
    files.write_checked(kept, b"other")
    monkeypatch.undo()
    assert files.read_checked(kept) == b"content"
    assert [each.name for each in kept.parent.iterdir()] == [kept.name]


# --- a kernel ---------------------------------------------------------------------------------------------------------


def twice(value: float) -> float:
    return 2.0 * value


class Kernel:
    """A kernel as a new process would find it: from disk if it is there and right."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Path | None) -> None:
        self.place = place
        monkeypatch.setattr(jit, "cache_folder", lambda: place)

    def hits(self) -> int:
        """How often a new kernel is found on disk; its answer is right in any case."""
        kernel: Any = jit.kernel(twice)
        assert kernel(21.0) == 42.0
        return sum(kernel.stats.cache_hits.values())

    @property
    def file(self) -> Path:
        """The one file of the kernel."""
        assert self.place is not None
        (found,) = self.place.iterdir()
        return found


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Told) -> Kernel:
    """A kernel on disk."""
    place = tmp_path / "kernels-k"
    place.mkdir(mode=0o700)
    made = Kernel(monkeypatch, place)
    assert (made.hits(), made.hits()) == (0, 1)
    assert jit.is_warm() and jit.is_warm(made.file.name.split("-")[0]) and not jit.is_warm("test_cache_trust.other")
    return made


class Planted:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> Any:
        return Path.touch, (self.victim,)


@compiled
def test_kernel__a_planted_pickle_is_never_loaded(kernel: Kernel, tmp_path: Path, told: Told) -> None:
    victim = tmp_path / "victim"
    planted = pickle.dumps(Planted(victim))
    pickle.loads(planted)
    assert victim.exists(), "the pickle harms whoever loads it"
    victim.unlink()
    head = kernel.file.read_bytes()[: len(files.digest_of(kernel.file, b""))]
    for content in (planted, head + planted):
        kernel.file.write_bytes(content)
        assert (kernel.hits(), kernel.hits()) == (0, 1)
        assert not victim.exists()
    assert list(told) == ["file_damaged"]


@compiled
@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:4000], lambda whole: whole[:-1] + b"\0\0"])
def test_kernel__that_is_damaged_is_compiled_again(
    kernel: Kernel, told: Told, damage: Callable[[bytes], bytes]
) -> None:
    whole = kernel.file.read_bytes()
    kernel.file.write_bytes(damage(whole))
    assert not jit.is_warm()
    assert (kernel.hits(), kernel.hits()) == (0, 1)
    assert told == {"file_damaged": {"path": str(kernel.file)}}


@compiled
def test_kernel__is_compiled_in_memory_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Told
) -> None:
    memory = Kernel(monkeypatch, None)
    assert memory.hits() == 0
    assert not jit.is_warm()
    full = Kernel(monkeypatch, tmp_path)
    monkeypatch.setattr(os, "fsync", raiser(errno.ENOSPC))
    assert (full.hits(), full.hits()) == (0, 0)
    assert told == {"folder_unwritable": {"path": str(tmp_path), "reason": os.strerror(errno.ENOSPC)}}
    assert list(tmp_path.iterdir()) == []


@compiled
@owners
def test_kernel__on_a_medium_that_is_read_only_is_used(
    monkeypatch: pytest.MonkeyPatch, kernel: Kernel, told: Told
) -> None:
    kernel.file.chmod(0o400)
    kernel.file.parent.chmod(0o500)
    for call in ("mkdir", "replace", "unlink"):
        monkeypatch.setattr(os, call, raiser(errno.EROFS))
    assert kernel.hits() == 1
    assert told == {}


@owners
def test_sweep__removes_what_killed_compilations_left(tmp_path: Path) -> None:
    claims, old, new = tmp_path / f"{warm.CLAIMS}abc", tmp_path / f"a{files.PARTIAL}", tmp_path / f"b{files.PARTIAL}"
    claims.mkdir()
    for path in (claims / "settle_members", old, new, tmp_path / "a.b-1.nbc"):
        path.touch()
    os.utime(old, (time.time() - 2 * files.TEN_MINUTES,) * 2)
    with warm.one_at_a_time(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {new.name, "a.b-1.nbc", "compiling"}


# --- what a user sees -------------------------------------------------------------------------------------------------


@compiled
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_command__without_a_home_to_write_in_works_and_says_so_once(tmp_path: Path, lang: str) -> None:
    place = {**os.environ, "HOME": os.devnull, "TMPDIR": str(tmp_path), "SIMENGINE_JIT": "1"}
    place = {name: value for name, value in place.items() if name not in ("SIMENGINE_CACHE", "XDG_CACHE_HOME")}
    command = [sys.executable, "-m", "simengine", "case", "tests/worked/cases_unemployment.yaml", "--lang", lang]
    done = subprocess.run(command, capture_output=True, text=True, env=place, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("SIMENGINE_CACHE") == 1
    assert done.stderr.count(f"{os.devnull}/.cache") == 1
    assert done.stderr.startswith("Note:" if lang == "en" else "注意：")
    assert list(tmp_path.iterdir()) == [], "the passing folder ends with its process"


def test_package__tells_notices_as_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import simengine\nfrom simengine.kernels.compiler.notices import tell\n"
        "for path in ('/a', '/b'):\n    tell('file_damaged', path=path)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "UserWarning: Note: /a is damaged" in done.stderr
    assert "/b" not in done.stderr


def test_command__the_end_of_a_file_is_no_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def read() -> None:
        raise EOFError("Ran out of input")

    monkeypatch.setattr(cli, "app", app)
    assert cli.execute([]) == cli.BUG
    assert "nterrupted" not in capsys.readouterr().err
