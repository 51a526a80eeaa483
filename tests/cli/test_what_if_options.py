"""What-ifs and replay on the command line: every command, every option, both languages, on a short run of Haiyan."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from simengine.basis.bureau.actuals import template_rows
from simengine.basis.bureau.template import workbook_bytes
from simengine.cli import main as cli
from simengine.cli import session
from simengine.engine.what_if import what_if
from simengine.report.figures.style import FigureWarning
from tests.cli.conftest import write_option
from tests.helpers.chinese import english_in

OPTIONS = {
    "lever": (["--lever", "no_retirement_reform"], "option+no_retirement_reform"),
    "own_lever": (["--lever", "./mine.yaml"], "option+mine"),
    "set": (["--set", "average_wage=2026:9_500"], "option+average_wage_2026_9500"),
    "set_law": (["--set", "pension/rate_employer=2025-01-01:20%"], "option+pension_rate_employer_2025-01-01_0.2"),
    "set_constant": (["--set", "never_enters=0.05"], "option+never_enters_0.05"),
    "actuals": (["--actuals", "./bureau.csv"], "option+bureau"),
    "growth": (["--growth", "average_wage=2024:3%,2025:0"], "option+average_wage_growth_2024_0.03_2025_0"),
    "growth_coverage": (["--growth", "enterprise_payers=1%"], "option+enterprise_payers_growth_2025_0.01"),
    "several": (
        ["--growth", "average_wage=2024:3%", "--growth", "urban_income=2024:2%", "--lever", "no_retirement_reform"],
        "option+average_wage_growth_2024_0.03+no_retirement_reform+",
    ),
}
"""An option and the name, or its beginning, of what it makes of option.yaml."""

BUREAU = "item,unit,2021,2022,source\nui_participants,万人,14.1,14.6,年报\n"
MINE = "name: {en: x, local: 甲}\nreason: x\npayment_rate: {2024: 0.80}\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the short scenario, its rows and an own lever."""
    folder = tmp_path_factory.mktemp("what_if")
    write_option(folder)
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    (folder / "bureau.csv").write_text(BUREAU, encoding="gb18030")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "120")
        yield folder
    session.begin("en")


Say = Callable[..., str]


@pytest.fixture
def say(place: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """What a command prints on standard output; it must end with the code asked for."""

    def call(*words: str, code: int = cli.DONE) -> str:
        capsys.readouterr()
        ended = cli.execute(list(words))
        out, err = capsys.readouterr()
        assert ended == code, err
        return out if code == cli.DONE else err

    return call


# --- every command, every option, both languages ----------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("option", ["lever", "set", "growth", "actuals"])
@pytest.mark.parametrize("command", ["run", "targets", "check", "show", "validate"])
def test_option__acts_in_every_command(say: Say, command: str, option: str, lang: str) -> None:
    words, name = OPTIONS[option]
    said = say(command, "option.yaml", *words, "--lang", lang)
    if command in ("run", "targets", "check"):
        assert name in "".join(said.split())
    elif command == "show":
        assert words[1].removeprefix("./") in "".join(said.split())  # the option is where the value is from
    else:
        assert "1" in said


@pytest.fixture(scope="module")
def plain(place: Path) -> Path:
    """Results of the scenario without options."""
    assert cli.execute(["run", "option.yaml", "--out", "beside", "-q"]) == cli.DONE
    return place / "beside" / "option"


@pytest.mark.parametrize("option", OPTIONS)
def test_run__writes_beside_the_scenario_without_options(say: Say, plain: Path, option: str) -> None:
    words, name = OPTIONS[option]
    before = (plain / "projection.nc").read_bytes()
    (made,) = json.loads(say("run", "option.yaml", *words, "--out", "beside", "--json"))["scenarios"]
    assert made["scenario"].startswith(name)
    assert (plain / "projection.nc").read_bytes() == before
    with (
        h5py.File(plain / "projection.nc") as base,
        h5py.File(plain.parent / made["scenario"] / "projection.nc") as after,
    ):
        assert after["scenario"][0].decode() == made["scenario"]
        numbers = [name for name in base if base[name].dtype.kind == "f"]
        assert any(not np.array_equal(base[name][()], after[name][()], equal_nan=True) for name in numbers)


def test_options__act_on_every_scenario_named(say: Say, place: Path) -> None:
    (place / "second.yaml").write_text("extends: ./option.yaml\nseed: 8\n", encoding="utf-8")
    found = json.loads(say("targets", "option.yaml", "second.yaml", "--growth", "average_wage=2024:3%", "--json"))
    assert list(found) == [f"{name}+average_wage_growth_2024_0.03" for name in ("option", "second")]


def test_targets__are_judged_with_the_what_if(say: Say) -> None:
    def participants(*words: str) -> list[float]:
        rows = json.loads(say("targets", "option.yaml", *words, "--json"))
        return [row["projected"] for row in next(iter(rows.values()))]

    assert participants("--set", "unemployment_insured=2024:15万")[0] == pytest.approx(15.4, rel=1e-2)  # 万人: goes on
    assert participants()[0] < 25.0


def test_show__names_the_option_as_origin(say: Say) -> None:
    rows = json.loads(
        say("show", "option.yaml", "--set", "average_wage=2024:9500", "--growth", "public_payers=1%", "--json")
    )
    origins = {row["key"]: (row["value"], row["from"]) for row in rows}
    assert origins["levers.average_wage_2024_9500.paths.average_wage.set.2024"] == (
        "9500",
        "--set average_wage=2024:9500",
    )
    key = next(key for key in origins if "coverage_growth.public_payers" in key)
    assert origins[key] == ("0.01", "--growth public_payers=1%")


def test_help__groups_the_options_and_gives_two_examples(say: Say) -> None:
    for command in ("run", "targets", "check", "show", "validate"):
        said = say(command, "--help")
        heading = said.index("What if:")
        assert said.index("Options:") < heading < said.index("--lever NAME") < said.index("--growth SERIES=RATE")
        assert said.count(f"simengine {command} jiangxi/baseline --") == 2
        assert "885万 (8,850,000)" in said and "885万即8,850,000" in said and "coverage_growth" in said


def test_examples_of_the_help__are_valid(say: Say) -> None:
    examples = re.findall(r"^ +simengine (validate .*)$", say("validate", "--help"), re.MULTILINE)
    assert len(examples) == 2
    for words in examples:
        assert say(*words.split())


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSED = {
    "form": (["--set", "average_wage=2030:abc"], "cannot be read", "无法识别"),
    "twice": (["--set", "average_wage=2030:9000,2030:9100"], "stated twice", "写了两次"),
    "series": (["--growth", "averag_wage=3%"], 'Did you mean "average_wage"', "是否想写“average_wage”"),
    "lever": (["--lever", "layoff_wav"], 'Did you mean "layoff_wave"', "是否想写“layoff_wave”"),
    "law_key": (["--set", "pension/rate_employr=2028-01-01:0.2"], 'Did you mean "pension/rate_employer"', "是否想写"),
    "law_share": (["--set", "pension/rate_employer=2025-01-01:16"], "0.16, not 16", "0.16"),
    "slip": (["--set", "average_wage=2024:9"], "under checked", "列入checked"),
    "constant": (["--set", "layoff_share=7"], "layoff_share", "layoff_share"),
    "percent": (["--growth", "average_wage=3"], "0.03 for 3 %", "0.03"),
    "conflict": (["--set", "average_wage=2024:9000", "--set", "average_wage=2024:9100"], "both change", "都改变"),
    "actuals": (["--actuals", "nowhere.csv"], "no file", "nowhere.csv"),
    "differ": (["--set", "average_wage=2024:9000", "--growth", "average_wage=2025:3%"], "two ways", "两种方式"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", REFUSED)
def test_wrong_option__is_told_at_the_option(say: Say, name: str, lang: str) -> None:
    words, english, chinese = REFUSED[name]
    for command in ("run", "validate"):
        said = say(command, "option.yaml", *words, "--lang", lang, code=cli.INPUT)
        assert (english if lang == "en" else chinese) in said
        assert any(said.startswith(f"{words[at]} {words[at + 1]}") for at in range(0, len(words), 2))
        assert lang == "en" or not english_in(said.split("：", 1)[1])


@pytest.mark.parametrize(("lang", "text"), [("en", "act on scenarios"), ("zh", "只作用于情景")])
def test_what_if_on_another_file__is_refused(say: Say, place: Path, lang: str, text: str) -> None:
    say("template", "basis", "--out", f"tables_{lang}")
    for name in ("mine.yaml", "rows.yaml", "levers/layoff_wave", f"tables_{lang}"):
        said = say("validate", name, "--growth", "average_wage=3%", "--lang", lang, code=cli.INPUT)
        assert text in said


def test_same_error_of_two_scenarios__is_told_once(say: Say, place: Path) -> None:
    (place / "other.yaml").write_text("extends: ./option.yaml\n", encoding="utf-8")
    for command in ("run", "validate"):
        said = say(command, "option.yaml", "other.yaml", "--growth", "averag_wage=3%", code=cli.INPUT)
        assert said.count("averag_wage=3%") == 1


# --- the manifest and the way back ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(place: Path) -> Path:
    """Results of the short scenario with what-ifs, whose own files are gone afterwards."""
    home = place / "gone"
    home.mkdir()
    write_option(home)
    (home / "mine.yaml").write_text(MINE, encoding="utf-8")
    words = ["--growth", "average_wage=2024:3%", "--lever", f"{home}/mine.yaml", "--set", "layoff_share=0.5"]
    assert cli.execute(["run", f"{home}/option.yaml", *words, "--out", "kept", "-q"]) == cli.DONE
    for path in home.iterdir():
        path.unlink()
    return next(path for path in (place / "kept").iterdir() if path.is_dir())


def test_manifest__holds_what_ifs_and_own_files_and_no_path(kept: Path, place: Path) -> None:
    text = (kept / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["what_if"] == {
        "lever": ["mine.yaml"],
        "set": ["layoff_share=0.5"],
        "growth": ["average_wage=2024:3%"],
        "options": "--lever mine.yaml --set layoff_share=0.5 --growth average_wage=2024:3%",
    }
    assert {entry["file"]: entry["kind"] for entry in manifest["sources"] if "text" in entry} == {
        "option.yaml": "scenario",
        "rows.yaml": "targets",
        "mine.yaml": "lever",
    }
    assert str(place) not in text


@pytest.mark.parametrize(("lang", "text"), [("en", "equal to the last byte"), ("zh", "逐字节一致")])
def test_replay__gives_every_byte_again(say: Say, kept: Path, lang: str, text: str) -> None:
    results = kept if lang == "en" else kept / "manifest.json"
    assert "".join(text.split()) in "".join(say("replay", str(results), "--lang", lang).split())
    answer = json.loads(say("replay", str(kept), "--json", "--out", f"again_{lang}"))
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    assert (answer["same"], answer["changed"], answer["run_id"]) == (True, [], manifest["run_id"])
    again = Path(f"again_{lang}") / answer["scenario"]
    assert (again / "projection.nc").read_bytes() == (kept / "projection.nc").read_bytes()


def test_replay_of_tables__gives_every_byte_again(say: Say, place: Path) -> None:
    """A workbook and a table of a Chinese spreadsheet, both gone afterwards; no path of the machine is kept."""
    home = place / "tables"
    home.mkdir()
    write_option(home)
    (home / "bureau.csv").write_text(BUREAU, encoding="gb18030")
    rows = template_rows([("average_wage", "平均工资", "Average wage", "", "元/月")], (2021, 2023))
    rows[1][rows[0].index("2022")], rows[1][rows[0].index("来源 source")] = 8000, "年报"
    (home / "own.xlsx").write_bytes(workbook_bytes({"actuals": rows}))
    words = ["--actuals", f"{home}/bureau.csv", "--actuals", f"{home}/own.xlsx"]
    assert cli.execute(["run", f"{home}/option.yaml", *words, "--out", "entered", "-q"]) == cli.DONE
    for path in home.iterdir():
        path.unlink()
    results = next(path for path in (place / "entered").iterdir() if path.is_dir())
    told = (results / "manifest.json").read_text(encoding="utf-8") + (results / "actuals.csv").read_text("utf-8-sig")
    assert str(place) not in told and '"actuals": [' in told and "own.xlsx, sheet actuals, cell" in told
    answer = json.loads(say("replay", str(results), "--json"))
    assert (answer["same"], answer["changed"]) == (True, [])


@pytest.mark.parametrize(("lang", "text"), [("en", "Changed since: kernels"), ("zh", "此后有变化的是：kernels")])
def test_replay_of_other_kernels__says_what_has_changed(
    say: Say, kept: Path, tmp_path: Path, lang: str, text: str
) -> None:
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    manifest["kernels"] = "0" * 64
    manifest["files"]["projection.nc"]["sha256"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = say("replay", str(tmp_path), "--lang", lang, code=cli.INTEGRITY)
    assert text in said and "projection.nc" in said


@pytest.mark.parametrize(("lang", "text"), [("en", "were edited"), ("zh", "被改动")])
def test_replay_of_an_edited_manifest__says_so(say: Say, kept: Path, tmp_path: Path, lang: str, text: str) -> None:
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["targets.csv"]["sha256"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = say("replay", str(tmp_path / "manifest.json"), "--lang", lang, code=cli.INTEGRITY)
    assert text in said and "targets.csv" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_replay_without_a_manifest__is_refused(say: Say, tmp_path: Path, lang: str) -> None:
    texts = {"en": ("no manifest.json here", "earlier version"), "zh": ("此处没有manifest.json", "较早版本")}[lang]
    assert texts[0] in say("replay", str(tmp_path), "--lang", lang, code=cli.INPUT)
    (tmp_path / "manifest.json").write_text('{"files": {}, "run_id": "x"}', encoding="utf-8")
    assert texts[1] in say("replay", str(tmp_path), "--lang", lang, code=cli.INTEGRITY)


@pytest.mark.filterwarnings("error")
def test_plot__draws_the_plan_of_an_own_scenario_whose_files_are_gone(say: Say, kept: Path, place: Path) -> None:
    say("plot", str(kept), "--figure", "coverage_unemployment", "--out", "figures")
    with (place / "figures" / "coverage_unemployment.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["row"] for row in csv.DictReader(file)} >= {"R1", "R2"}


def test_plot__without_texts_says_what_it_lacks(say: Say, kept: Path, tmp_path: Path) -> None:
    manifest: dict[str, Any] = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    del manifest["sources"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "projection.nc").write_bytes((kept / "projection.nc").read_bytes())
    told = say("plot", str(tmp_path), "--figure", "coverage_unemployment", "--lang", "en", code=cli.INTEGRITY)
    assert "ranges.csv: the file that the run wrote is missing" in told
    for name in ("ranges.csv", "anchors.csv"):
        (tmp_path / name).write_bytes((kept / name).read_bytes())
    with pytest.warns(FigureWarning):
        say("plot", str(tmp_path), "--figure", "coverage_unemployment")


def test_python__gives_the_name_and_the_run_of_the_command(kept: Path, place: Path) -> None:
    write_option(place)
    options: dict[str, Any] = {"set": {"layoff_share": 0.5}, "growth": {"average_wage": {2024: 0.03}}}
    made = what_if("option.yaml", levers=["mine.yaml"], **options)
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    assert (made.key, made.digest) == (manifest["scenario"], manifest["scenario_sha256"])
