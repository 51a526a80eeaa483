"""The commands table, compare and sweep: files that spreadsheets read, tables that fit, errors all at once."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import simengine
from simengine.cli import main as cli
from simengine.cli import session

TABLE = "table haiyan/baseline --indicator ui_participants --indicator budget --scheme unemployment --years 2025-2027"


def call(words: str, lang: str = "en") -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        session.begin("en")
        code = cli.execute([*words.split(), "--lang", lang])
        session.begin("en")
    return code, out.getvalue(), err.getvalue()


def test_table__writes_a_tidy_csv_and_a_workbook_with_the_same_numbers(tmp_path: Path) -> None:
    code, out, _ = call(f"{TABLE} --to csv,xlsx --out {tmp_path}/fund", "zh")
    assert code == cli.DONE and out.split() == [f"{tmp_path}/fund.csv", f"{tmp_path}/fund.xlsx"]
    frame = pd.read_csv(tmp_path / "fund.csv", encoding="utf-8-sig")
    rows = simengine.tabulate(
        "haiyan/baseline", ["ui_participants", "budget"], "2025-2027", schemes="unemployment", lang="zh"
    ).rows
    assert frame["value"].tolist() == rows["value"].tolist() and {*frame["unit"]} == {"万人", "亿元"}
    assert (tmp_path / "fund.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    book = CalamineWorkbook.from_path(str(tmp_path / "fund.xlsx"))
    assert book.sheet_names == ["说明", "分年表", "明细"]
    about = "\n".join(str(cell) for row in book.get_sheet_by_name("说明").to_python() for cell in row)
    manifest = simengine.judge_scenarios("haiyan/baseline")["haiyan/baseline"]
    run_id = simengine.engine.results.stamp(manifest.scenario, manifest.inputs)["run_id"]
    for text in ("不是预测", simengine.__version__, run_id, "haiyan-2020", "亿元", "万人"):
        assert text in about, text
    above, heads, *wide = book.get_sheet_by_name("分年表").to_python()
    assert run_id in above[0] and heads[-3:] == [2025.0, 2026.0, 2027.0]
    assert len(wide) == 1 + 19 and all(isinstance(cell, float) for row in wide for cell in row[-3:])
    values = [value for row in wide for value in row[-3:]]
    assert sorted(values) == pytest.approx(sorted(rows["value"]), rel=1e-15)  # a workbook holds sixteen digits
    tidy = book.get_sheet_by_name("明细").to_python()
    assert [row[tidy[0].index("value")] for row in tidy[1:]] == pytest.approx(rows["value"].tolist(), rel=1e-15)
    first = (tmp_path / "fund.xlsx").read_bytes()
    assert call(f"{TABLE} --to xlsx --out {tmp_path}/fund", "zh")[0] == cli.DONE
    assert (tmp_path / "fund.xlsx").read_bytes() == first


def test_table__writes_years_across_where_that_is_asked_for(tmp_path: Path) -> None:
    assert call(f"{TABLE} --to csv --layout wide --out {tmp_path}/wide")[0] == cli.DONE
    frame = pd.read_csv(tmp_path / "wide.csv", encoding="utf-8-sig")
    assert frame.columns.tolist()[-3:] == ["2025", "2026", "2027"] and len(frame) == 20
    assert frame["Figure"].dropna().tolist()[0] == "opening balance"


def test_table__prints_thinned_years_and_says_so() -> None:
    code, out, _ = call("table haiyan/baseline --indicator ui_participants")
    assert code == cli.DONE and "Every fifth year" in out
    assert " 2020 " in out and " 2025 " in out and " 2026 " not in out and "2095" in out
    assert "Every fifth year" not in call("table haiyan/baseline --indicator ui_participants --years 2026")[1]


def test_table__gives_json_with_unrounded_numbers() -> None:
    code, out, _ = call(f"{TABLE} --json")
    found = json.loads(out)
    rows = simengine.tabulate(
        "haiyan/baseline", ["ui_participants", "budget"], "2025-2027", schemes="unemployment"
    ).rows
    assert code == cli.DONE and [row["value"] for row in found["rows"]] == rows["value"].tolist()
    assert found["sources"][0]["scenario"] == "haiyan/baseline"


def test_json__has_null_where_there_is_no_year() -> None:
    code, out, _ = call("table haiyan/baseline --indicator exhaustion_year --scheme work_injury --json")
    (row,) = json.loads(out)["rows"]
    assert code == cli.DONE and row["year"] is None and row["low"] <= row["value"] <= row["high"]
    code, out, _ = call("sweep haiyan/baseline --growth average_wage=2%/3% --years 2030 --json")
    met = {row["first_year_met"] for row in json.loads(out)["verdicts"]}
    assert code == cli.DONE and None in met and all(year is None or 2020 < year < 2100 for year in met)


def test_compare__writes_three_tables_and_a_workbook(tmp_path: Path) -> None:
    words = f"compare haiyan/baseline haiyan/as_planned --years 2025 --to csv,xlsx --out {tmp_path}/two"
    assert call(words)[0] == cli.DONE
    found = simengine.compare(["haiyan/baseline", "haiyan/as_planned"], years=2025)
    book = CalamineWorkbook.from_path(str(tmp_path / "two.xlsx"))
    assert book.sheet_names == ["ReadMe", "Figures", "Verdicts", "Balances", "Bridge"]
    frames = (
        ("", "Figures", found.rows),
        ("_flips", "Verdicts", found.flips),
        ("_balances", "Balances", found.balances),
    )
    for name, sheet, frame in frames:
        written = pd.read_csv(tmp_path / f"two{name}.csv", encoding="utf-8-sig")
        assert written.columns.tolist() == frame.columns.tolist() and len(written) == len(frame) > 0
        assert len(book.get_sheet_by_name(sheet).to_python()) == 1 + len(frame)
    written = pd.read_csv(tmp_path / "two.csv", encoding="utf-8-sig")
    assert written["difference"].tolist() == found.rows["difference"].tolist()


def test_sweep__writes_figures_verdicts_and_combinations(tmp_path: Path) -> None:
    words = f"sweep haiyan/baseline --growth average_wage=2%/3% --years 2030 --to csv,xlsx --out {tmp_path}/grid"
    assert call(words)[0] == cli.DONE
    found = simengine.sweep("haiyan/baseline", growth=["average_wage=2%/3%"], years=2030)
    for name, frame in (("", found.rows), ("_verdicts", found.verdicts), ("_combinations", found.combinations)):
        written = pd.read_csv(tmp_path / f"grid{name}.csv", encoding="utf-8-sig")
        assert written.columns.tolist() == frame.columns.tolist() and len(written) == len(frame) > 0
        assert "growth average_wage" in written.columns
    written = pd.read_csv(tmp_path / "grid.csv", encoding="utf-8-sig")
    assert written["value"].tolist() == found.rows["value"].tolist()
    book = CalamineWorkbook.from_path(str(tmp_path / "grid.xlsx"))
    assert book.sheet_names == ["ReadMe", "Figures", "Verdicts", "Combinations"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("table nowhere haiyan/baselin --indicator nothing --years x --to pdf --layout long --sex both", 7),
        ("table haiyan/baseline", 1),
        ("table haiyan/baseline --indicator ui_participants --sex men --age 60 --years 1900 --region xuzhou", 4),
        ("compare haiyan/baseline", 1),
        ("compare haiyan/baseline jiangxi/baseline xuzhou/baseline --indicator ui_participants", 2),
        ("compare nowhere haiyan/baseline --indicator nothing,exhaustion_year --to doc", 3),
        ("sweep nowhere --growth average_wage=2% --design sobl --indicator nothing --to doc", 4),
        ("sweep haiyan/baseline --list nowhere.csv --design sobol --points 8", 2),
        ("sweep haiyan/baseline --set wages=1/2 --growth average_wage=2%/300%", 3),
    ],
)
def test_everything_wrong__is_told_at_once(words: str, count: int, lang: str) -> None:
    code, out, err = call(words, lang)
    told = [line for line in err.splitlines() if line and not line.endswith((" s", "…"))]
    assert code == cli.INPUT and not out, err
    assert len(told) == (count + 1 if count > 1 else 1), err  # the last line counts them


def test_what_ifs__act_on_scenarios_and_not_on_results(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("extends: haiyan/baseline\nyears: [2021, 2026]\n", encoding="utf-8")
    assert call(f"run {tmp_path}/own.yaml --out {tmp_path}/out --quiet")[0] == cli.DONE
    code, _, err = call(f"table {tmp_path}/out/own --indicator ui_participants --lever layoff_wave")
    assert code == cli.INPUT and "own" in err
    code, out, _ = call(f"table {tmp_path}/out/own {tmp_path}/own.yaml --indicator ui_participants --years 2026 --json")
    first, second = json.loads(out)["rows"]
    assert code == cli.DONE and first["value"] == second["value"] and second["scenario"] == "own (2)"
    code, _, err = call(f"table {tmp_path} --indicator ui_participants --years 2026")
    assert code == cli.DONE, err
    (tmp_path / "empty").mkdir()
    assert call(f"table {tmp_path}/empty --indicator ui_participants")[0] == cli.INPUT
