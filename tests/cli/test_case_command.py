"""The command `simengine case`: what it prints and writes, and how each way of ending looks from outside."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simengine.cli import main as cli
from simengine.cli.case_files import write_frames

AWARD = """\
kind: award
name: mine
region: jiangxi
person: {sex: man, born: 1965-05}
retires: 2025-07
record: {paid_months: 327, index: 0.8523, account: 96_500}
"""
PERSONS = "id,region,sex,born,retires,paid_months,index,account\n1,jiangxi,man,1965-05,2025-07,327,0.8523,96500\n"
BAD_ROW = "2,jiangxi,man,1965-13,2025-07,327,0.8523,96500\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    Path("award.yaml").write_text(AWARD, encoding="utf-8")
    Path("persons.csv").write_text(PERSONS, encoding="utf-8")
    return tmp_path


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_case__prints_formula_numbers_document_and_evidence(capsys: Captured) -> None:
    assert cli.execute(["case", "award.yaml", "--lang", "en"]) == cli.DONE
    out = capsys.readouterr().out
    assert "Base pension                 1780.26 yuan/month" in out
    assert "(B + B·Ī)/2 · N · a = (7054 + 7054 × 0.8523)/2 × 27.25 × 1%" in out
    assert "国发〔2005〕38号" in out
    assert "pension/benefit_base 7054 [secondary]" in out
    assert cli.execute(["case", "award.yaml", "--lang", "zh"]) == cli.DONE
    out = capsys.readouterr().out
    assert "基础养老金              1780.26 元/月" in out
    assert "二手来源" in out


def test_case__json(capsys: Captured) -> None:
    assert cli.execute(["case", "award.yaml", "--json"]) == cli.DONE
    content = json.loads(capsys.readouterr().out)
    parts = {part["id"]: part for part in content["cases"][0]["components"]}
    assert parts["pension"]["value"] == 2480.55
    assert parts["base_pension"]["law"][0]["key"] == "pension/benefit_base"
    assert cli.execute(["case", "persons.csv", "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out)["persons"][0]["pension"] == 2480.55


def test_case__quiet_prints_nothing(capsys: Captured) -> None:
    assert cli.execute(["case", "award.yaml", "--quiet"]) == cli.DONE
    assert cli.execute(["case", "persons.csv", "--quiet", "--out", "awards.csv"]) == cli.DONE
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_case__writes_sheets_as_rows() -> None:
    assert cli.execute(["case", "award.yaml", "--out", "award.csv", "--lang", "en"]) == cli.DONE
    amounts = {row["id"]: row["amount"] for row in rows("award.csv")}
    assert amounts["pension"] == "2480.55"
    assert amounts["statutory_month"] == "2025-07"
    assert cli.execute(["case", "award.yaml", "--out", "award.csv", "--lang", "zh"]) == cli.DONE
    chinese = {row["项目代码"]: row for row in rows("award.csv")}
    assert {name: row["数额"] for name, row in chinese.items()} == amounts | {
        "award_age": "60岁2个月",
        "entitled": "是",
    }
    assert {row["地区"] for row in chinese.values()} == {"江西省"}


def test_case__expected_value_that_differs_ends_with_four(capsys: Captured) -> None:
    Path("wrong.yaml").write_text(AWARD + "expected: {pension: 2480.56, pensio: 1}\n", encoding="utf-8")
    assert cli.execute(["case", "wrong.yaml", "--lang", "en"]) == cli.INTEGRITY
    captured = capsys.readouterr()
    assert "differs: expected 2480.56, got 2480.55" in captured.out
    assert "no such component" in captured.out
    assert "2 expected value(s) of 1 case(s)" in captured.err
    Path("right.yaml").write_text(AWARD + "expected: {pension: 2480.55}\n", encoding="utf-8")
    assert cli.execute(["case", "right.yaml"]) == cli.DONE


@pytest.mark.parametrize(
    "arguments",
    [
        ["award.yaml", "--out", "award.pdf"],
        ["persons.csv", "--skip-bad"],
        ["absent.yaml"],
        ["absent.csv"],
        ["award.txt"],
        [],
        ["--template", "awrd"],
        ["award.yaml", "--lang", "fr"],
    ],
)
def test_case__bad_input_ends_with_two_and_no_traceback(arguments: list[str], capsys: Captured) -> None:
    assert cli.execute(["case", *arguments]) == cli.INPUT
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.err.strip()


def test_case__bad_table_writes_nothing(capsys: Captured) -> None:
    Path("persons.csv").write_text(PERSONS + BAD_ROW, encoding="utf-8")
    assert cli.execute(["case", "persons.csv", "--out", "awards.csv", "--lang", "en"]) == cli.INPUT
    assert "persons.csv, row 3, column born" in capsys.readouterr().err
    assert not Path("awards.csv").exists()


def test_case__skip_bad_writes_good_rows_and_refusals(capsys: Captured) -> None:
    Path("persons.csv").write_text(PERSONS + BAD_ROW, encoding="utf-8")
    assert cli.execute(["case", "persons.csv", "--out", "awards.csv", "--skip-bad", "--lang", "en"]) == cli.DONE
    assert [row["pension"] for row in rows("awards.csv")] == ["2480.55"]
    assert [(row["row"], row["column"], row["value"]) for row in rows("awards.refused.csv")] == [
        ("3", "born", "1965-13")
    ]
    assert "1 of 2 rows refused: awards.refused.csv" in capsys.readouterr().out


def test_case__templates(capsys: Captured) -> None:
    assert cli.execute(["case", "--template", "award"]) == cli.DONE
    Path("filled.csv").write_text(capsys.readouterr().out, encoding="utf-8")
    assert cli.execute(["case", "filled.csv", "--lang", "en"]) == cli.DONE
    assert "mean pension 2480.55" in capsys.readouterr().out
    assert cli.execute(["template", "case", "--out", "all.yaml"]) == cli.DONE
    assert cli.execute(["validate", "all.yaml"]) == cli.DONE
    assert cli.execute(["case", "all.yaml", "--quiet"]) == cli.DONE


def test_validate__tells_what_is_wrong_with_a_case(capsys: Captured) -> None:
    Path("award.yaml").write_text(AWARD.replace("0.8523", "30"), encoding="utf-8")
    assert cli.execute(["validate", "award.yaml", "--lang", "en"]) == cli.INPUT
    assert "A slip of the decimal point?" in capsys.readouterr().err


def test_help__teaches_with_an_example(capsys: Captured) -> None:
    assert cli.execute(["case", "--help"]) == cli.DONE
    out = " ".join(capsys.readouterr().out.split())
    assert "simengine case --template award > persons.csv" in out
    assert "kind: award" in out


def test_written_table__holds_every_number_and_no_formula(folder: Path) -> None:
    rng = np.random.default_rng(7)
    amounts = np.round(rng.uniform(0, 9000, 20_000), 2)
    amounts[3] = np.nan
    frame = pd.DataFrame(
        {
            "amount": amounts,
            "share": rng.uniform(0, 1, 20_000),
            "count": rng.integers(0, 5, 20_000),
            "text": ["=SUM(A1)", "-5", "@x", *["plain"] * 19_997],
            "month": pd.Categorical(["2025-07"] * 20_000),
        }
    )
    write_frames({folder / "out.csv": frame})
    back = pd.read_csv(folder / "out.csv", encoding="utf-8-sig")
    assert (back["amount"].isna() == frame["amount"].isna()).all()
    assert (back["amount"].dropna() == frame["amount"].dropna()).all()
    assert (back["share"] == frame["share"]).all()
    assert list(back["text"][:4]) == ["'=SUM(A1)", "-5", "'@x", "plain"]
    assert (back["count"] == frame["count"]).all()
