"""The tables of a bureau on the command line: template basis, and validate of what was filled in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simengine.basis.bureau.rows import OBSERVATIONS
from simengine.cli import main as cli
from simengine.cli.bureau import is_bureau
from tests.helpers.bureau_tables import Tables, copied, filled, put, write_folder


@pytest.fixture(scope="module")
def clean() -> Tables:
    return filled("jiangxi-2020")


@pytest.mark.parametrize("words", [["--basis"], ["basis"]])
def test_template__writes_the_tables_once(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "tables"
    command = ["template", *words, "--region", "mycity", "--years", "2016-2018", "--out", str(out), "--lang", "en"]
    assert cli.execute(command) == cli.DONE
    assert f"simengine validate {out}" in " ".join(capsys.readouterr().out.split())
    assert {path.name for path in out.iterdir()} >= {"about.csv", "observations.csv", "levels.csv", "opening.csv"}
    header = (out / "observations.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert ",2016,2017,2018," in header
    assert "mycity" in (out / "about.csv").read_text(encoding="utf-8-sig")
    assert cli.execute(command) == cli.INPUT
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "need a folder"),
        (["--out", "x", "--years", "2018-2016"], '--years is "2018-2016"'),
        (["--out", "x", "--years", "2016"], '--years is "2016"'),
        (["--out", "x", "--region", "../x"], 'the key of a region is "../x"'),
    ],
)
def test_template__tells_wrong_options(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["template", "basis", *words, "--lang", "en"]) == cli.INPUT
    assert said in capsys.readouterr().err
    assert not Path("x").exists()


def test_validate__passes_clean_tables(clean: Tables, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(clean, tmp_path / "tables")
    assert cli.execute(["validate", str(folder), "--lang", "en"]) == cli.DONE
    assert "no error" in capsys.readouterr().out


def test_validate__prints_every_error(clean: Tables, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "2010", 1_455_000)
    put(tables, OBSERVATIONS, "members", "2010", "x")
    folder = write_folder(tables, tmp_path / "tables")
    assert cli.execute(["validate", str(folder), "--lang", "zh"]) == cli.INPUT
    said = capsys.readouterr().err
    assert "第2行2010列：“x”不是此处可填的数字" in said
    assert "像是以人计的数填在了单位万人之下" in said
    assert "共2处错误" in said
    assert cli.execute(["validate", str(folder), "--json", "--lang", "en"]) == cli.INPUT
    assert len(json.loads(capsys.readouterr().out)[str(folder)]) == 2


def test_results_of_a_run__are_no_tables_of_a_bureau(tmp_path: Path) -> None:
    (tmp_path / "opening.csv").write_text("region\n", encoding="utf-8")
    assert not is_bureau(str(tmp_path))
    assert not is_bureau("jiangxi/baseline")
