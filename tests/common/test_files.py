"""Files: what a spreadsheet reads from a table, and who may write into a folder."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simengine.common import files
from simengine.common.files import file_set, locked, write_table


def cells(path: Path) -> list[list[str]]:
    """Rows of a CSV file as a strict reader that knows every kind of line end finds them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, strict=True))


# --- tables -----------------------------------------------------------------------------------------------------------


def test_table__guards_every_text_that_runs_as_a_formula(tmp_path: Path) -> None:
    texts = [f"{first}{rest}" for first in "=+-@＝＋－＠\t\r\n" for rest in ("1+1", "HYPERLINK(1)", "x", " 参保", ",1")]
    write_table(pd.DataFrame({"text": texts}), tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv") == [["text"], *([f"'{text}"] for text in texts)]


@pytest.mark.parametrize("text", ["=", "＝", ">=", "<=", "<", "-", "-5", "-5.25", "+3", "-1e-3", "plain", "a=b", ""])
def test_table__leaves_signs_numbers_and_words_as_they_are(tmp_path: Path, text: str) -> None:
    write_table(pd.DataFrame({"text": [text], "other": ["x"]}), tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv")[1] == [text, "x"]


def test_table__guards_headings_categories_and_lists_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=h": pd.Categorical(["=c", None]), "many": [("=a", "b"), []], "map": [{}, {"k": "参保"}]})
    write_table(frame, tmp_path / "t.csv")
    rows = cells(tmp_path / "t.csv")
    assert rows == [["'=h", "many", "map"], ["'=c", "'=a; b", ""], ["", "", '{"k": "参保"}']]


@pytest.mark.parametrize("text", ["x\r=HYPERLINK(1)", "x\n=1", 'say "x"', "a,b", "x\r", "x\r\ny", '"'])
def test_table__keeps_a_cell_in_its_row(tmp_path: Path, text: str) -> None:
    write_table(pd.DataFrame({"a": [text, "z"], text: pd.Categorical([text, "z"])}), tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv") == [["a", text], [text, text], ["z", "z"]]


def test_table__writes_numbers_that_read_back_as_themselves(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "wide": rng.lognormal(0.0, 20.0, 12_000) * rng.choice([-1.0, 1.0], 12_000),
            "cents": np.round(rng.uniform(0, 9000, 12_000), 2),
            "few": rng.choice([-0.0, 1e-9, 1e16, np.nan], 12_000),
            "count": rng.integers(-5, 5, 12_000),
            "truth": rng.choice([True, False], 12_000),
            "mixed": [None, -1.5, 2, "x"] * 3_000,
        }
    )
    write_table(frame, tmp_path / "t.csv")
    columns = dict(zip(frame.columns, zip(*cells(tmp_path / "t.csv")[1:], strict=True), strict=True))
    for name in ("wide", "cents", "few", "count"):
        np.testing.assert_array_equal([float(text or "nan") for text in columns[name]], frame[name])
    assert "-0.0" not in columns["few"]
    assert columns["truth"] == tuple(map(str, frame["truth"]))
    assert columns["mixed"][:4] == ("", "-1.5", "2", "x")


def test_table_of_one_column__keeps_empty_rows(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"a": ["x", None, "y"]}), tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv") == [["a"], ["x"], [""], ["y"]]


def test_table__starts_with_a_byte_order_mark_and_ends_lines_alike(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"参保": [1, 2]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbf" + "参保\n1\n2\n".encode()


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_lock__does_not_write_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / f"{files.LOCK}.json").symlink_to(victim)
    with locked(folder):
        note = (folder / f"{files.LOCK}.json").lstat()
        assert stat.S_ISREG(note.st_mode)
        assert f'"pid": {os.getpid()}' in (folder / f"{files.LOCK}.json").read_text(encoding="utf-8")
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not (folder / f"{files.LOCK}.json").exists()


def test_lock__sweeps_unfinished_files_and_leaves_folders(tmp_path: Path) -> None:
    orphan = tmp_path / "a" / f"{files.TEMPORARY}x.nc"
    folder = tmp_path / f"{files.TEMPORARY}dir"
    folder.mkdir()
    orphan.parent.mkdir()
    orphan.write_bytes(b"half")
    with locked(tmp_path):
        assert not orphan.exists()
    assert folder.is_dir()


def test_file_set__changes_nothing_until_all_are_complete(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise ValueError("no")

    (tmp_path / "a").write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="no"), file_set() as together:
        together.text(tmp_path / "a", "new")
        together.add(tmp_path / "b", fail)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"a": "old"}
    with file_set() as together:
        together.text(tmp_path / "a", "new")
        together.content(tmp_path / "b", b"other")
        assert (tmp_path / "a").read_text(encoding="utf-8") == "old"
        assert together.commit() == [tmp_path / "a", tmp_path / "b"]
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"a": "new", "b": "other"}
