"""The command monitor: what it prints and writes, in both languages, and how it refuses."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import simengine
from simengine.cli import main as cli
from simengine.cli import session
from simengine.judge.monitor.words import word

REVIEW = "monitor jiangxi --as-of 2022-09"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COLUMNS", "80")
    session.begin("en")
    yield
    session.begin("en")


def call(words: str, lang: str = "en") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.execute([*shlex.split(words), "--lang", lang])
    return code, out.getvalue(), err.getvalue()


def test_review_of_jiangxi__in_one_command() -> None:
    code, out, _ = call(REVIEW)
    plain = " ".join(out.replace("\N{NO-BREAK SPACE}", " ").split())
    assert code == cli.DONE and "jiangxi/baseline, reviewed on 2022-09-30" in out
    for text in ("JX-22-02", ">= 400 万人", "355.25", "1.3 y", "1.76", "Path: 328.00", "Distance: 27.25"):
        assert text in plain, text
    assert "698.16* meets" in plain  # the straight line, marked
    assert "Enlargement of coverage 2022" in plain and "JX-13-01" not in plain
    assert "JX-13-01" in call(f"{REVIEW} --full")[1]


def test_review__in_chinese_has_the_columns_of_the_offices() -> None:
    code, out, _ = call(REVIEW, "zh")
    assert code == cli.DONE and "超前1.3年" in out
    for text in ("上年末基数", "完成数", "净增", "完成率%", "时序进度%", "速度比"):
        assert text in out, text


def test_json__holds_every_row_unrounded() -> None:
    code, out, _ = call(f"{REVIEW} --json")
    told, found = json.loads(out), simengine.monitor("jiangxi", as_of="2022-09")
    assert code == cli.DONE and told["as_of"] == "2022-09-30" and told["counts"] == found.counts
    assert [row["projected"] for row in told["rows"] if row["projected"] is not None] == (
        found.rows["projected"].dropna().tolist()
    )
    assert len(told["points"]) == len(found.points) and len(told["expansion"]) == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_files__hold_rows_table_of_the_offices_and_pictures_with_their_numbers(tmp_path: Path, lang: str) -> None:
    code, out, err = call(f"{REVIEW} --to csv,xlsx,png --out {tmp_path}/review", lang)
    assert code == cli.DONE, err
    names = ["review.csv", "review_expansion.csv", "review.xlsx"]
    names += [f"review_picture.{ending}" for ending in ("png", "svg", "csv")]
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir()) and len(out.split()) == len(names)
    found = simengine.monitor("jiangxi", as_of="2022-09")
    rows = pd.read_csv(tmp_path / "review.csv", encoding="utf-8-sig")
    id_head, distance = word("columns", "id", lang), word("columns", "time_distance", lang)
    assert rows[id_head].tolist() == found.rows["id"].tolist()
    assert rows[distance].dropna().tolist() == found.rows["time_distance"].dropna().tolist()
    offices = pd.read_csv(tmp_path / "review_expansion.csv", encoding="utf-8-sig")
    completed = offices[word("expansion", "completion", lang)].tolist()
    assert completed == pytest.approx([100 * 355.25 / 335.2, 100 * 568.93 / 566.8])
    book = CalamineWorkbook.from_path(str(tmp_path / "review.xlsx"))
    sheets = [word("sheets", name, lang) for name in ("rows", "expansion", "expansion_wide", "points")]
    assert book.sheet_names[1:] == sheets
    wide = book.get_sheet_by_name(sheets[2]).to_python()
    assert len(wide) == 2 and len(wide[0]) == 1 + 2 * 9
    points = pd.read_csv(tmp_path / "review_picture.csv", encoding="utf-8-sig")
    assert {*points[id_head]} == {"JX-14-07", "JX-14-16", "JX-22-01", "JX-22-02", "JX-22-03"}


def test_files__of_equal_reviews_are_equal(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert call(f"{REVIEW} --to csv,xlsx,png --out {tmp_path}/{name}/r --quiet")[0] == cli.DONE
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("monitor nowhere --as-of x --to pdf", 3),
        ("monitor jiangxi --actuals nofile.csv --as-of 2022-02-30", 2),
        ("monitor jiangxi --growth wages=2% --lever nolever", 2),
    ],
)
def test_everything_wrong__is_told_at_once(words: str, count: int, lang: str) -> None:
    code, out, err = call(words, lang)
    told = [line for line in err.splitlines() if line and not line.endswith((" s", "…"))]
    assert code == cli.INPUT and not out, err
    assert len(told) == count + 1, err  # the last line counts them


def test_plan_without_any_actual__is_shown_with_the_projection_of_the_run() -> None:
    code, out, _ = call("monitor haiyan --as-of 2023")
    assert code == cli.DONE and "no actual" in out and "Enlargement" not in out and "Projection:" in out
