"""The command stress: files, the heat map with its table, and everything that is wrong at once."""

from __future__ import annotations

import json
import shlex
import warnings
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread
from python_calamine import CalamineWorkbook

import simengine
from simengine.cli import main as cli
from simengine.cli import session
from simengine.decide.stress.library import stresses
from simengine.decide.stress.run import BASELINE, CELLS, LIBRARY, NO_FUND

TWO = "--stress layoff_wave --stress deflation"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    """Calls the command line in English: exit code, output and messages."""

    def run(words: str) -> tuple[int, str, str]:
        session.begin("en")
        code = cli.execute(shlex.split(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_files__hold_the_cells_of_the_call(call, tmp_path: Path) -> None:
    code, out, err = call(f"stress haiyan/baseline {TWO} --to csv,xlsx --out {tmp_path}/heat")
    assert code == cli.DONE, err
    names = ["heat.csv", "heat_library.csv", "heat_left_out.csv", "heat.xlsx"]
    assert [Path(line).name for line in out.split()] == names
    found = simengine.stress("haiyan/baseline", ["layoff_wave", "deflation"])
    cells = pd.read_csv(tmp_path / "heat.csv", encoding="utf-8-sig")
    assert tuple(cells.columns) == CELLS and len(cells) == len(found.cells)
    assert cells["value"].dropna().tolist() == found.cells["value"].dropna().tolist()
    assert {*cells[cells["kind"] == "fund"]["verdict"]} == {NO_FUND}
    library = pd.read_csv(tmp_path / "heat_library.csv", encoding="utf-8-sig")
    assert tuple(library.columns) == LIBRARY and library["size"].tolist() == found.library["size"].tolist()
    book = CalamineWorkbook.from_path(str(tmp_path / "heat.xlsx"))
    assert book.sheet_names == ["ReadMe", "heat", "cells", "library"]
    head, *rows = book.get_sheet_by_name("heat").to_python()
    assert head[-3:] == [BASELINE, "layoff_wave", "deflation"]
    assert len(rows) == found.cells["id"].nunique()


def test_heat_map__is_drawn_in_both_languages_with_its_table(call, tmp_path: Path) -> None:
    for lang in ("en", "zh"):
        path = tmp_path / f"{lang}.png"
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # a character without a glyph warns
            code, _, err = call(f"stress xuzhou/baseline --stress layoff_wave --lang {lang} --plot {path}")
        assert code == cli.DONE, err
        height, width, _ = imread(path).shape
        assert width > 1200 and height > 500
        table = pd.read_csv(path.with_suffix(".csv"), encoding="utf-8-sig")
        assert {*table["stress"]} == {"layoff_wave"} and (table["year"] >= 2025).all()
        flips = table[table["flips"]]
        assert flips["id"].tolist() == ["XZ-T7-320300-2025"]  # insured at work, the row with the least room
        assert (flips["distance"] < 0.0).all() and (flips["base"] >= 0.0).all()


def test_reverse__tells_the_shock_the_record_and_what_was_tried(call) -> None:
    code, out, err = call("stress jiangxi/baseline --break JX-22-03 --stress layoff_wave --json")
    assert code == cli.DONE, err
    (row,) = json.loads(out)["reverse"]
    assert row["status"] == "found" and row["nearest_year"] == 1997 and row["as_bad"] == 0
    assert row["shock"] > stresses()["layoff_wave"].content.size
    assert row["tried"]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("stress china/baseline --start 1990 --before 3000 --year 1990 --stress wages --to doc --plot a.jpg", 6),
        ("stress hubei/baseline haiyan/baseline --break nothing --mend foo --stress wages --before 2040", 5),
        ("stress hubei/baseline --mend neutral", 1),
        ("stress hubei/baseline --list", 1),
        ("stress", 1),
        ("stress nowhere --break XZ-14-05", 1),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_input__is_told_at_once_in_the_language_of_the_reader(call, words: str, count: int, lang: str) -> None:
    code, out, err = call(f"{words} --lang {lang}")
    assert code == cli.INPUT and out == ""
    lines = [line for line in err.splitlines() if line and not line.startswith((" ", "reading", "正在"))]
    assert len(lines) == count + (count > 1), err
    chinese = [any("一" <= sign <= "鿿" for sign in line) for line in lines]
    assert all(chinese) if lang == "zh" else not any(chinese)


def test_list__shows_every_stress_with_its_record(call) -> None:
    code, out, _ = call("stress --list --lang zh")
    assert code == cli.DONE
    for one in stresses().values():
        assert one.title("zh") in out
    assert "1998-2002" in out
