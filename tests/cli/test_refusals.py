"""No refusal speaks English to a Chinese user: wrong files and commands of every room, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.cli import main
from simengine.cli.inputs import check_file
from simengine.cli.session import CURRENT
from simengine.scenario.levers import LeverFile
from simengine.scenario.scenario import ScenarioFile
from tests.helpers.chinese import CHINESE, english_in


def test_english__is_seen_where_it_stands() -> None:
    assert english_in("文件：the file is not a mapping；请改")
    assert not english_in("允许：scenario, lever, targets, case；没有“a b c d e”；simengine run --help shows；x/y.yaml")


SCENARIO = "extends: haiyan/baseline\n"
LEVER = "name: {en: x, local: 甲}\nreason: x\n"
TARGET = (
    "- {id: A-1, region: haiyan, indicator: ui_participants, unit: 万人, name: {en: x, local: 甲},"
    " target: {year: 2030, operator: '>=', printed: '20'}, source: {text: t}}\n"
)
CASE = "kind: award\n"

FILES: dict[str, str | bytes] = {
    "empty": "",
    "tab": "extends: haiyan/baseline\nyears:\n\t- 2021\n",
    "chinese_quotes": "extends: haiyan/baseline\ntitle: {en: “x”，zh: y}\nlevers: [a，b\n",
    "gbk": "title: {en: x, zh: 甲}\n".encode("gbk"),
    "utf_16": "extends: haiyan/baseline\n".encode("utf-16"),
    "nul_byte": b"extends: haiyan/baseline\n\0",
    "anchor": "extends: &a haiyan/baseline\n",
    "alias": "extends: *a\n",
    "tag": "extends: !!str haiyan/baseline\n",
    "twice": "extends: haiyan/baseline\nextends: haiyan/baseline\n",
    "date": SCENARIO + "title: 2028-02-30\n",
    "thousands": SCENARIO + "years: [2021, 2,095]\ndraws: 1,000\n",
    "yes": SCENARIO + "draws: yes\n",
    "merge": SCENARIO + "<<: {a: 1}\n",
    "directive": "%YAML 1.1\n---\nextends: x\n",
    "second": SCENARIO + "---\na: 1\n",
    "deep": "extends: " + "[" * 50 + "]" * 50 + "\n",
    "nonsense": "extends: [haiyan\n",
    "digits": SCENARIO + f"draws: {'9' * 5000}\n",
    "surrogate": 'extends: haiyan/baseline\ntitle: {en: "\\ud800", zh: 甲}\n',
    "nul_character": 'extends: "haiyan\\0baseline"\n',
    "number_key": SCENARIO + "2030: 5\n",
    "number_key_in_lever": LEVER + "payment_rate:\n2027: 0.86\n",
    "unknown_key": SCENARIO + "yeers: [2021, 2030]\n",
    "not_a_number": SCENARIO + "paths: {average_wage: {growth: {2030: fast}}}\n",
    "people": LEVER + "demography: {fertility: {hold: 2023, shape: ramp}, mortality: [{}], migration: {}}\n",
    "percent": LEVER + "payment_rate: {2027: 86}\n",
    "years_reversed": SCENARIO + "years: [2030, 2021]\n",
    "series": SCENARIO + "paths: {average_wag: {growth: {2030: 0.02}}}\n",
    "sign": SCENARIO + "paths: {average_wage: {set: {2030: -5}}}\n",
    "slip": SCENARIO + "paths: {average_wage: {set: {2030: 8.5}}}\n",
    "constant": SCENARIO + "constants: {layoff_shar: 0.5}\n",
    "basis": SCENARIO + "basis: hayan-2020\n",
    "definition": SCENARIO + "definitions: {pension_scop: all}\n",
    "law_share": LEVER + "changes: {pension/rate_employer: {2028-01-01: 16}}\n",
    "law_text": LEVER + "changes: {pension/rate_employer: {2028-01-01: low}}\n",
    "law_code": LEVER + "changes: {pension/divisor_method: {2028-01-01: linear}}\n",
    "law_null": LEVER + "changes: {retirement/delay_cap: {2028-01-01: null}}\n",
    "law_table_null": LEVER + "changes: {injury/outcome_share: {2028-01-01: null}}\n",
    "law_label": LEVER + "changes: {retirement/delay_cap: {2028-01-01: {man: 3}}}\n",
    "law_key": LEVER + "changes: {pension/rate_employr: {2028-01-01: 0.16}}\n",
    "law_date": LEVER + "changes: {pension/rate_employer: {2028: 0.16}}\n",
    "law_region": LEVER + "region: haiyang\nchanges: {pension/rate_employer: {2028-01-01: 0.16}}\n",
    "target_persons": TARGET.replace("万人", "人"),
    "target_indicator": TARGET.replace("ui_participants", "ui_participant"),
    "target_unit": TARGET.replace("万人", "万"),
    "target_thousands": TARGET.replace("'20'", "'3,110'"),
    "target_operator": TARGET.replace(">=", "不低于"),
    "target_region": TARGET.replace("haiyan", "haiyang"),
    "target_year": TARGET.replace("2030", "30"),
    "target_key": TARGET.replace("unit:", "units:"),
    "target_figure": TARGET.replace("printed: '20'", "value: many"),
    "target_cumulative": TARGET.replace("source:", "cumulative: true, source:"),
    "target_twice": TARGET + TARGET,
    "target_repeats": TARGET.replace("source:", "duplicate_of: B-1, source:"),
    "case_kind": "kind: awart\n",
    "case_keys": CASE,
    "case_law": CASE + "law: {pension/rate_employr: 0.2}\n",
    "law_minimum": LEVER + "changes: {retirement/minimum_months: {2030-01-01: 600}}\n",
    "law_divisor": LEVER + "changes: {pension/account_divisor: {2030-01-01: {60: 138.5}}}\n",
    "law_marks": LEVER + "changes: {injury/float_thresholds: {2030-01-01: {one_down_below: 1.5}}}\n",
    "campaign_zero": LEVER
    + "campaigns: [{status: flexible, kind: gross, total: 0, years: [2026, 2028], pools: [paused], reason: x}]\n",
    "table_empty": LEVER + "demography: {tables: {fertility: empty.csv}}\n",
    "table_semicolons": LEVER + "demography: {tables: {death_prob: semicolons.csv}}\n",
    "table_utf_16": LEVER + "demography: {tables: {net_migration: utf_16.csv}}\n",
    "lever_without_reason": "paths: {average_wage: {multiply: {2030: 1.1}}}\n",
    "lever_empty": LEVER,
    "nothing": "a: 1\n",
}
"""Wrong files, one of each kind that a user is likely to write."""

TABLES = {
    "empty.csv": b"",
    "semicolons.csv": b"sex;age;2025\nmale;0;0,005\n",
    "utf_16.csv": "sex,age,2025\nmale,0,-120\n".encode("utf-16"),
}
"""Wrong tables that some of them name."""

COMMANDS: dict[str, list[str]] = {
    "no_scenario": ["run", "haiyan/basline"],
    "no_file": ["run", "no_such.yaml"],
    "folder": ["validate", "folder.yaml"],
    "empty_folder": ["validate", "folder"],
    "option": ["run", "--nope", "haiyan/baseline"],
    "argument": ["run"],
    "command": ["runn"],
    "sub_command": ["law", "shwo"],
    "too_many": ["list", "a", "b", "c"],
    "threads": ["check", "haiyan/baseline", "--threads", "many"],
    "threads_zero": ["check", "haiyan/baseline", "--threads", "0"],
    "template": ["template", "levr"],
    "template_case": ["case", "--template", "awart"],
    "template_years": ["template", "basis", "--years", "2015", "--out", "tables"],
    "no_case": ["case"],
    "case_file": ["case", "case.txt"],
    "both": ["targets", "haiyan/baseline", "--json", "--markdown"],
    "law_key": ["law", "show", "pension/rate_employr"],
    "law_day": ["law", "at", "pension/rate_employer", "2025-13-01"],
    "law_region": ["law", "show", "pension/rate_employer", "--region", "haiyang"],
    "no_results": ["plot", "folder"],
    "figure": ["plot", "folder", "--figure", "popul"],
    "what_if_form": ["show", "haiyan/baseline", "--set", "average_wage=2030:abc"],
    "what_if_twice": ["show", "haiyan/baseline", "--growth", "average_wage=2030:3%,2030:2%"],
    "what_if_no_value": ["show", "haiyan/baseline", "--growth"],
    "replay": ["replay", "folder"],
}
"""Commands typed wrongly, or about what is not there."""


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command that is refused says in Chinese; a refusal is no error of the engine."""
    before = CURRENT.lang
    try:
        code = main.execute([*arguments, "--lang", "zh"])
    finally:
        CURRENT.lang = before
    said = "".join(capsys.readouterr())
    assert code not in (main.DONE, main.BUG), (code, said)
    return said


def assert_chinese(said: str) -> None:
    lines = [line for line in said.splitlines() if line.strip()]
    assert any(CHINESE.search(line) for line in lines), said
    for line in lines:
        assert not english_in(line), line


LEVER_ONLY = sorted(LeverFile.model_fields.keys() - ScenarioFile.model_fields.keys() - {"reason"})


@pytest.mark.parametrize("key", [*LEVER_ONLY, "paths", "constants"])
def test_lever_without_a_reason__is_told_so(tmp_path: Path, key: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: {{en: a, local: 甲}}\n{key}: {{}}\n", encoding="utf-8")
    told = {(error.code, error.values.get("key")): error for error in check_file(path)}
    assert ("missing_key", "reason") in told, told
    assert '"reason" is missing' in str(told["missing_key", "reason"])


def test_file_of_no_kind__is_told_so_still(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: {en: a, local: 甲}\ndraws: 1\n", encoding="utf-8")
    assert [error.code for error in check_file(path)] == ["not_a_targets_file"]


@pytest.mark.parametrize("name", FILES)
def test_wrong_file__is_refused_in_chinese(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    content = FILES[name]
    Path("wrong.yaml").write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    for table, raw in TABLES.items():
        Path(table).write_bytes(raw)
    said = refusal(["validate", "wrong.yaml"], capsys)
    assert_chinese(said)
    assert any(place in said for place in ("wrong.yaml", *TABLES))


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_command__is_refused_in_chinese(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("folder.yaml").mkdir()
    assert_chinese(refusal(COMMANDS[name], capsys))


def test_unknown_language__is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.execute(["list", "--lang", "fr"]) == main.INPUT
    assert "en, zh" in "".join(capsys.readouterr())
