"""Actuals on the command line: the template, the check of a table, what a run says of them, in both languages."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from simengine.basis.bureau.actuals import template_rows
from simengine.basis.bureau.template import workbook_bytes
from simengine.cli import main as cli
from simengine.engine.actuals.template import basis_of, template_items
from simengine.engine.project import lane_bases
from simengine.registry.actuals import ENTERED, MEASURES, READING
from simengine.registry.inputs import LEVEL_SERIES
from simengine.scenario.scenario import load_scenario
from tests.helpers.actual_tables import scenario_with
from tests.helpers.chinese import english_in

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = cli.DONE) -> tuple[str, str]:
    """What a command prints; it must end with the code asked for."""
    capsys.readouterr()
    ended = cli.execute(list(words))
    out, err = capsys.readouterr()
    assert ended == code, err
    return out, err


def test_template__has_a_row_for_all_that_can_be_entered(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "template", "actuals", "--region", "xuzhou")
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    first = next(iter(rows[0]))
    assert next(name for name in rows[0] if name.isdigit()) == "2021"
    assert sum(row["地区 area"] == "沛县" for row in rows) == len(LEVEL_SERIES)
    items = {row[first] for row in rows}
    have = set(basis_of("xuzhou").series_names())
    measures = {name.partition(READING)[0] for name, row in MEASURES.items() if row.total}
    assert items == {name for name in ENTERED if name in have} | measures


@pytest.mark.parametrize("region", REGIONS)
def test_template__rows_are_accepted_with_their_unit_when_they_are_filled(region: str, tmp_path: Path) -> None:
    base = load_scenario(f"{region}/baseline")
    (first, *_) = lane_bases(base)
    year, rows = base.base_year + 1, []
    basis = basis_of(base.basis.rpartition("-")[0])
    for name, _, _, area, unit in template_items(basis):
        if not area and name in first.series_names():
            rows.append(f"{name},,{unit},1,s,,yes,")
    made = scenario_with(f"{region}/baseline", tmp_path, str(year), *rows)
    assert len(rows) > 60 and all(basis.without_actuals is not None for basis in lane_bases(made))


def test_template__writes_a_file_of_either_kind_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("own.csv", "own.xlsx"):
        out, _ = said(
            capsys, "template", "actuals", "--region", "haiyan", "--out", str(tmp_path / name), "--lang", "zh"
        )
        assert "haiyan/baseline --actuals" in out
        said(capsys, "template", "actuals", "--region", "haiyan", "--out", str(tmp_path / name), code=cli.INPUT)
    _, err = said(capsys, "template", "actuals", "--region", "haiyang", "--lang", "en", code=cli.INPUT)
    assert 'Did you mean "haiyan"' in err
    said(capsys, "template", "actuals", "--region", "haiyan", "--years", "2021", code=cli.INPUT)


def test_template__without_a_writer_of_workbooks_is_a_csv(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simengine.basis.bureau.actuals.EXCEL_WRITER", "no_such_module")
    _, err = said(
        capsys, "template", "actuals", "--region", "haiyan", "--out", str(tmp_path / "a.xlsx"), code=cli.INPUT
    )
    assert "XlsxWriter" in err
    said(capsys, "template", "actuals", "--region", "haiyan", "--out", str(tmp_path / "folder"))
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["actuals.csv"]


@pytest.mark.parametrize(("lang", "text"), [("en", "checked beside the scenario"), ("zh", "与所属情景一并检查")])
def test_validate__of_a_table_alone_says_how(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lang: str, text: str
) -> None:
    rows = template_rows([("average_wage", "平均工资", "Average wage", "", "元/月")], (2021, 2023))
    (tmp_path / "own.xlsx").write_bytes(workbook_bytes({"actuals": rows}))
    (tmp_path / "own.csv").write_text("item,unit,2022,source\n", encoding="utf-8")
    for name in ("own.xlsx", "own.csv"):
        _, err = said(capsys, "validate", str(tmp_path / name), "--lang", lang, code=cli.INPUT)
        assert text in err


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("compared only", "not known then")), ("zh", ("仅对照", "当时未知"))]
)
def test_check__prints_figures_beside_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str, words: tuple[str, str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out, err = said(capsys, "check", "jiangxi/as_planned", "--lang", lang)
    assert all(word in out for word in words)
    assert ("3 actuals are not entered" if lang == "en" else "3个实际数未填入") in err
    lines = [line for line in err.splitlines() if "未填入" in line]
    assert not any(english_in(line.partition("：")[2]) for line in lines)


def test_list__names_packaged_tables(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "list", "actuals")
    assert "jiangxi_2022" in out and "china_2025" in out


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("2 solved", "2022 to 2024-08")), ("zh", ("求解2个", "2022至2024-08"))]
)
def test_validate__says_of_months_and_totals_what_a_run_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    rows = "item,unit,2022,2024-08,source\n基本养老保险参保人数,万人,,369,年鉴\nXZ-14-03,万人,363.5,,年鉴\n"
    (tmp_path / "own.csv").write_text(rows, encoding="utf-8")
    command = ("xuzhou/baseline", "--actuals", str(tmp_path / "own.csv"), "--lang", lang)
    _, checked = said(capsys, "validate", *command)
    _, run = said(capsys, "run", *command, "--out", str(tmp_path / "out"))
    notes = {line.strip() for line in checked.splitlines() if line.startswith(("Note: ", "提示："))}
    assert len(notes) >= 3 and all(note in run for note in notes)
    assert all(word in checked for word in words)


def test_check__shows_figures_in_the_unit_they_are_written_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "own.csv"
    path.write_text("item,unit,2022,source\nunemployment_insured,万人,15.2,年鉴\n", encoding="utf-8")
    for lang, line in (("en", "1 figures entered, 0 solved"), ("zh", "填入1个，求解0个")):
        out, err = said(capsys, "check", "haiyan/baseline", "--actuals", str(path), "--lang", lang)
        (row,) = [each for each in out.splitlines() if "unemployment_insured" in each and "15.2" in each]
        assert "万人" in row and "152" not in row.replace("15.2", "") and line in err


def test_template__says_the_scope_of_every_total_and_ends_with_the_last_year_that_has_ended(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2027, 12, 30))
    for region, words in (
        ("xuzhou", ("不含", "without retirees")),
        ("china", ("（含", "retirees and recipients included")),
    ):
        out, _ = said(capsys, "template", "actuals", "--region", region)
        rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
        assert [name for name in rows[0] if name.isdigit()][-1] == "2026"
        (total,) = [row for row in rows if row["项目 item"] == "pension_participants"]
        assert words[0] in total["名称 name"] and words[1] in total["english"]
    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2027, 12, 31))
    out, _ = said(capsys, "template", "actuals", "--region", "xuzhou")
    assert ",2027," in out.splitlines()[0]
