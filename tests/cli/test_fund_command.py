"""`simengine fund` as a user meets it: both languages, 80 columns, files, JSON, templates, and what is refused."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from simengine import study_fund
from simengine.cli import fund as command
from simengine.cli import main as cli
from simengine.common.errors import FundError
from simengine.common.workbook import read_sheets
from simengine.decide.fund import read_flows
from simengine.report.tables.fund import COLUMNS, SETTINGS, SHEETS, frames_of, settings_of, sheet_name
from tests.helpers.chinese import english_in

EXCEL = importlib.util.find_spec("xlsxwriter") is not None
LANGUAGES = ("en", "zh")
SOUND = "年份,年初结余（万元）,缴费收入（万元）,待遇支出（万元）\n2026,300,120,100\n2040,,200,190\n"


@pytest.fixture
def flows(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """The invented example, written by its template, on a screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.execute(["template", "fund_example", "--out", "flows.csv"]) == cli.DONE
    capsys.readouterr()
    return here / "flows.csv"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = cli.DONE) -> str:
    """What a command prints; it must end with the code asked for."""
    capsys.readouterr()
    ended = cli.execute(list(words))
    out, err = capsys.readouterr()
    assert ended == code, err
    return out if code == cli.DONE else err


# --- the screen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screen__fits_80_columns_and_tells_what_the_study_found(
    lang: str, flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "fund", "flows.csv", "--volatility", "8%", "--draws", "500", "--lang", lang)
    assert max(map(cell_len, out.splitlines())) <= 80
    study = study_fund(flows, volatility=0.08, draws=500)
    flat = re.sub(r"\s+", "" if lang == "zh" else " ", out)
    assert f"{study.exhaustion_year}" in flat and f"{study.first_deficit_year}" in flat
    closing = study.years.set_index("year").loc[2060, "closing"] / 1e8
    assert f"{closing:,.1f}" in out
    needed = study.needs.set_index(["goal", "lever"]).loc[("ratio=1", "return_level"), "value"]
    assert f"{100.0 * needed:.2f}" in out
    ratio = study.ratio_grid.set_index(["further_rate", "return"]).loc[(0.07, 0.05), "fund_ratio"]
    assert f"{ratio:.2f}" in out
    assert study.quantiles is not None
    assert f"{100.0 * study.quantiles['probability_exhausted'].iloc[-1]:.1f}" in out
    assert ("亿元" in out) == (lang == "zh") and ("100m yuan" in out) == (lang == "en")
    if lang == "zh":
        assert not english_in(out)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screen__of_a_sound_fund_has_no_year_of_exhaustion(
    lang: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "sound.csv").write_text(SOUND, encoding="utf-8")
    out = said(capsys, "fund", "sound.csv", "--return", "2%", "--goal", "lasts", "--goal", "不耗尽", "--lang", lang)
    assert {"en": "no year end to 2040 is below zero", "zh": "至2040年各年末结余均不为负"}[lang] in out
    assert {"en": "The balance falls in no year", "zh": "各年结余均不下降"}[lang] in out
    assert "≤0.00" in out and re.search(r"-\d+\.\d\d", out)  # contributions that could be left out
    assert {"en": "10k yuan", "zh": "万元"}[lang] in out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screen__says_what_cannot_be_reached_and_how_near_the_best_comes(
    lang: str, flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "fund", "flows.csv", "--goal", "ratio=40", "--within", "2%,4%", "--lang", lang)
    row = study_fund(flows, within=(0.02, 0.04)).return_grid.iloc[0]
    assert {"en": "none", "zh": "无"}[lang] in out
    text = {"en": r"no value from 2\.00% to 4\.00% meets it", "zh": r"2\.00%至4\.00%之间均不能达到"}[lang]
    assert re.search(text, re.sub(r"\s+", " " if lang == "en" else "", out))
    assert row["further_rate"] == 0.0


def test_screen__leaves_years_out_of_a_long_table_only(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.findall(r"^(20\d\d) ", said(capsys, "fund", "flows.csv", "--goal", "lasts"), re.MULTILINE)
    assert {"2026", "2030", "2035", "2060"} <= set(shown) and "2033" not in shown
    rows = "\n".join(f"{year},,1,1" for year in range(2027, 2040))
    (flows.parent / "short.csv").write_text(SOUND.splitlines()[0] + f"\n2026,3,1,1\n{rows}\n", encoding="utf-8")
    out = said(capsys, "fund", "short.csv", "--return", "1%")
    assert re.findall(r"^(20\d\d) ", out, re.MULTILINE) == [str(year) for year in range(2026, 2040)]


# --- JSON and files ---------------------------------------------------------------------------------------------------


def test_json__holds_every_table_and_nothing_else_is_printed(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "fund", "flows.csv", "--json", "--volatility", "5%", "--draws", "200"))
    study = study_fund(flows, volatility=0.05, draws=200)
    assert told["exhaustion_year"] == study.exhaustion_year and told["settings"]["seed"] == 1
    assert [row["closing"] for row in told["years"]] == study.years["closing"].tolist()
    assert len(told["needs"]) == len(study.needs) and len(told["draws"]) == len(study.years)
    blank = [row["fund_ratio"] is None for row in told["fund_ratio"]]
    assert blank == study.ratio_grid["fund_ratio"].isna().tolist() and any(blank)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_folder__holds_csv_files_in_base_units(lang: str, flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "fund", "flows.csv", "--volatility", "5%", "--draws", "200", "--out", "told", "--lang", lang)
    study = study_fund(flows, volatility=0.05, draws=200)
    folder = flows.parent / "told"
    assert {path.stem for path in folder.iterdir()} == set(SHEETS)
    rows = list(csv.reader((folder / "years.csv").open(encoding="utf-8-sig", newline="")))
    assert float(rows[-1][rows[0].index({"en": "closing", "zh": "年末结余"}[lang])]) == study.years["closing"].iloc[-1]
    wide = list(csv.reader((folder / "fund_ratio_wide.csv").open(encoding="utf-8-sig", newline="")))
    cells = study.ratio_grid["fund_ratio"].tolist()
    told = [cell for row in wide[1:] for cell in row[1:]]
    assert [float(cell) if cell else None for cell in told] == [None if value != value else value for value in cells]
    if lang == "zh":
        heads = [
            cell
            for path in folder.iterdir()
            for cell in path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        ]
        assert not [head for head in heads if re.fullmatch(r"[a-z_]+", head)]


@pytest.mark.skipif(not EXCEL, reason="writes a workbook")
def test_workbook__holds_the_same_tables(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "fund", "flows.csv", "--out", "told.xlsx", "--lang", "zh")
    sheets = read_sheets(flows.parent / "told.xlsx", FundError)
    study = study_fund(flows)
    frames = frames_of(study, "zh")
    assert list(sheets) == [sheet_name(name, "zh") for name in frames]
    for name, frame in frames.items():
        cells = sheets[sheet_name(name, "zh")]
        assert cells.shape == (len(frame) + 1, len(frame.columns)) and cells.iloc[0].tolist() == list(frame.columns)
    closing = sheets["各年"].iloc[1:, list(frames["years"].columns).index("年末结余")].tolist()
    assert closing == pytest.approx(study.years["closing"].tolist(), rel=1e-14)


def test_columns_and_settings__are_all_among_those_that_have_words(flows: Path) -> None:
    study = study_fund(flows, volatility=0.05, draws=200)
    assert set(frames_of(study, "en")) == set(SHEETS)
    names = {
        name for frame in (study.years, study.needs, study.return_grid, study.ratio_grid) for name in frame.columns
    }
    assert study.quantiles is not None
    assert names | set(study.quantiles.columns) | {"item", "stated", "base"} == set(COLUMNS)
    assert len(settings_of(study, "en")) == len(SETTINGS)


# --- options ----------------------------------------------------------------------------------------------------------


def test_options__reach_the_study(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--return", "2026：3%，2060：2%", "--timing", "年末", "--goal", "balance=500", "--from", "2030"]
    words += ["--goal-year", "2050", "--rates", "0%,2%", "--returns", "1%,2%", "--within", "-1%,30%"]
    told = json.loads(said(capsys, "fund", "flows.csv", "--json", *words))
    from simengine.decide.fund import Goal

    study = study_fund(
        flows, returns={2026: 0.03, 2060: 0.02}, timing="end", goals=[Goal("balance", 500e8)], mend_from=2030,
        goal_year=2050, rates=[0.0, 0.02], levels=[0.01, 0.02], within=(-0.01, 0.3),
    )  # fmt: skip
    assert [row["value"] for row in told["needs"]] == study.needs["value"].tolist()
    assert [row["closing"] for row in told["years"]] == study.years["closing"].tolist()
    assert len(told["fund_ratio"]) == 6 and len(told["needed_return"]) == 2


REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "goals": (["--goal", "basls", "--goal", "ratio"], ["lasts", "ratio and balance with a number"]),
    "rates": (["--volatility", "x", "--rates", "1,200", "--within", "5%", "--seed", "-1"],
              ["--volatility", "--rates", "--within", "seed"]),
    "returns": (["--return", "2026:3%,2026:2%"], ["2026:3%,2026:2%"]),
    "per_cent": (["--return", "3", "--timing", "noon", "--from", "2070"], ["300%", "noon", "2070"]),
    "out": (["--out", "told.txt"], ["told.txt"]),
    "option": (["--retrun", "3%"], ["--return"]),
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", REFUSED)
def test_refusal__says_everything_that_is_wrong(
    name: str, lang: str, flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, told = REFUSED[name]
    err = said(capsys, "fund", "flows.csv", *words, "--lang", lang, code=cli.INPUT)
    if lang == "en":
        assert not [text for text in told if text not in err], err
    else:
        assert not english_in(err), err
        assert len(err.splitlines()) == len(
            said(capsys, "fund", "flows.csv", *words, "--lang", "en", code=cli.INPUT).splitlines()
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_refusal__of_a_table_names_the_cells(lang: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bad.csv").write_text(SOUND.replace("2040,,200,190", "2040,,,x"), encoding="utf-8")
    err = said(capsys, "fund", "bad.csv", "--return", "3%", "--lang", lang, code=cli.INPUT)
    places = {
        "en": ["line 3, column contributions", "line 3, column benefits"],
        "zh": ["第3行contributions列", "第3行benefits列"],
    }
    assert [place for place in places[lang] if place not in err] == []


def test_refusal__without_a_return_says_how_to_state_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "sound.csv").write_text(SOUND, encoding="utf-8")
    assert "--return 3%" in said(capsys, "fund", "sound.csv", code=cli.INPUT)


def test_workbook__without_a_writer_is_refused_before_any_work(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simengine.cli.case_files.EXCEL_WRITER", "no_such_module")
    assert "XlsxWriter" in said(capsys, "fund", "flows.csv", "--out", "told.xlsx", code=cli.INPUT)
    assert "XlsxWriter" in said(capsys, "template", "fund", "--out", "empty.xlsx", code=cli.INPUT)


# --- templates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_template__is_written_once_and_runs_when_it_is_filled(
    lang: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ["own.csv", *(["own.xlsx"] if EXCEL else [])]:
        words = ["template", "fund", "--years", "2026-2030", "--out", name, "--lang", lang]
        assert f"simengine fund {name}" in said(capsys, *words)
        said(capsys, *words, code=cli.INPUT)
        assert {"en": "no year is filled in", "zh": "没有填写任何年份"}[lang] in said(
            capsys, "fund", name, "--return", "3%", "--lang", lang, code=cli.INPUT
        )
    text = (here / "own.csv").read_text(encoding="utf-8-sig")
    filled = re.sub(r"^(\d{4}),,,,,", r"\1,,9,,8,", text, flags=re.MULTILINE).replace("2026,,", "2026,5,")
    (here / "own.csv").write_text(filled, encoding="utf-8")
    assert said(capsys, "fund", "own.csv", "--return", "3%", "--lang", lang)
    assert read_flows(here / "own.csv").years.tolist() == list(range(2026, 2031))


def test_template__on_standard_output_is_the_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("fund", "fund_example"):
        out = said(capsys, "template", kind)
        said(capsys, "template", kind, "--out", f"{kind}.csv")
        assert (
            out.encode() == (here / f"{kind}.csv").read_bytes().replace(b"\r\n", b"\n")
            or out.encode() == (here / f"{kind}.csv").read_bytes()
        )


@pytest.mark.parametrize("words", [["--out", "x.txt"], ["--years", "2030-2020"], ["--years", "2026"]])
def test_template__refuses_other_files_and_years(
    words: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "template", "fund", *words, code=cli.INPUT)


def test_help__names_the_columns_in_both_languages() -> None:
    for word in ("opening", "contributions", "年初结余", "缴费收入"):
        assert word in command.EPILOG
