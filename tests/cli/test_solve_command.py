"""The command solve: what it prints in both languages, the files it writes, and errors all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from simengine.cli import main as cli
from tests.cli.test_tables_command import call

RATE = "--lever pension/rate_employer=2030-01-01:16%..30% --goal lasts=2055 --goal fund_ratio=9@2060 --no-closures"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_solve__tells_answer_and_that_none_is_there(lang: str) -> None:
    code, out, err = call(f"solve china/baseline {RATE}", lang)
    assert code == cli.DONE, err
    said = {
        "en": "no value in [16%, 30%] meets it; the best, 30%, reaches",
        "zh": "[16%, 30%]内没有取值能达到；最好为30%，达到",
    }
    assert "≥" in out and "".join(said[lang].split()) in "".join(out.split())


def test_solve__gives_json_and_files_with_the_same_numbers(tmp_path: Path) -> None:
    code, out, _ = call(f"solve china/baseline {RATE} --json")
    told = json.loads(out)
    met, none = told["answers"]
    assert code == cli.DONE and met["status"] == "found" and none["status"] == "none" and none["value"] is None
    assert call(f"solve china/baseline {RATE} --to csv,xlsx --out {tmp_path}/rate", "zh")[0] == cli.DONE
    frame = pd.read_csv(tmp_path / "rate.csv", encoding="utf-8-sig")
    assert frame["value"].tolist()[0] == met["value"] and frame["status"].tolist() == ["found", "none"]
    book = CalamineWorkbook.from_path(str(tmp_path / "rate.xlsx"))
    assert book.sheet_names == ["说明", "结果"]


@pytest.mark.parametrize(("lang", "words"), [("en", "bounds stand the wrong way"), ("zh", "端点顺序颠倒")])
def test_solve__tells_everything_wrong_at_once(lang: str, words: str) -> None:
    code, _, err = call(
        "solve china/baseline --lever indexation=2028:4%..0% --goal reserve_months=9 --from 20x --step many", lang
    )
    assert code == cli.INPUT and words in err
    assert all(text in err for text in ("--from", "--step", "reserve_months=9"))


def test_solve__refuses_a_fund_without_a_verdict_and_says_why() -> None:
    code, _, err = call("solve jiangxi/baseline --lever indexation=2028:0%..4% --goal lasts=2050")
    assert code == cli.INPUT and "No verdict on the pension fund of Jiangxi" in err
