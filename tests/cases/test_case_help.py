"""Help on cases, from one table of words, and sheets of every kind in Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from simengine.cases import KINDS, compute, load_cases, read_cases
from simengine.cases.describe import common_fields, field_words, models_of, own_fields
from simengine.cases.fields import CaseFile
from simengine.cases.law import packaged_law
from simengine.cases.references import reference_text
from simengine.cases.templates import template_text, templates
from simengine.cases.text import rows_of, sheet_of
from simengine.cases.words import tables
from simengine.cli import main as cli
from simengine.common.problems import item_type
from tests.cases.test_case_inputs import BASES, case_of
from tests.helpers.chinese import CHINESE, english_in

WORKED = Path(__file__).parents[1] / "worked"


def models_inside(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and every model that its fields hold."""
    found = {model}
    for info in model.model_fields.values():
        inner = item_type(info.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= models_inside(inner)
    return found


MODELS = set().union(*(models_inside(model) for kind in KINDS for model in models_of(kind)))


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_field__has_its_words_and_no_word_lacks_its_field() -> None:
    stated = field_words()["models"]
    shared = set(CaseFile.model_fields)
    assert set(stated) == {model.__name__ for model in MODELS} | {"CaseFile"}
    assert set(stated["CaseFile"]) == shared
    for model in MODELS:
        own = set(model.model_fields) - (shared if issubclass(model, CaseFile) else set())
        assert set(stated[model.__name__]) == own, model.__name__


def test_every_word_of_a_field__stands_in_both_languages() -> None:
    units, entries = field_words()["units"], field_words()["models"]
    for model, fields in entries.items():
        for name, entry in fields.items():
            assert set(entry) - {"bound", "most"} == {"unit", "en", "zh"}, (model, name)
            assert entry["unit"] in units, (model, name)
            assert CHINESE.search(entry["zh"]) and not english_in(entry["zh"]), (model, name)
            assert not CHINESE.search(entry["en"]) and entry["en"], (model, name)
    used = {entry["unit"] for fields in entries.values() for entry in fields.values()}
    assert used == set(units)
    assert set(field_words()["kinds"]) == set(KINDS)


def test_every_bound__names_a_rule_that_exists() -> None:
    law = packaged_law()
    for fields in field_words()["models"].values():
        for entry in fields.values():
            bound = entry.get("bound", {})
            if "law" in bound:
                allowed = law[bound["law"]].allowed
                assert "above" in bound or bound.get("value", bound.get("other_than")) in allowed, bound


def test_models__do_not_repeat_the_words() -> None:
    assert [model.__name__ for model in MODELS if "\n" in (model.__doc__ or "").strip()] == []


# --- the command ------------------------------------------------------------------------------------------------------


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.execute(list(arguments)) == cli.DONE
    return capsys.readouterr().out


def test_help__lists_every_kind(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    said = printed(capsys, "case", "--help")
    listed = said.partition("Kinds:")[2].partition("--kinds")[0]
    assert set(re.findall(r"\w+", listed)) == set(KINDS)
    assert "--fields KIND" in said and "--template KIND" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_kinds_and_fields__are_printed_in_the_readers_language(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    kinds = printed(capsys, "case", "--kinds", "--lang", lang)
    assert all(kind in kinds for kind in KINDS)
    for kind in KINDS:
        said = printed(capsys, "case", "--fields", kind, "--lang", lang)
        for each in [*common_fields(), *(field for model in models_of(kind) for field in own_fields(model))]:
            assert each.path in said and getattr(each.meaning, lang)[:20] in said, (kind, each.path)
        if lang == "zh":
            assert not [line for line in said.splitlines() if english_in(line)]
    assert not english_in(kinds) or lang == "en"


def test_fields_of_an_unknown_kind__are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["case", "--fields", "awrd", "--lang", "en"]) == cli.INPUT
    assert 'Did you mean "award"?' in capsys.readouterr().err


def test_unknown_key__names_the_nearest_and_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("kind: account\nyear: 2023\nbalence: 5\nbalance: 50_000\n", encoding="utf-8")
    assert cli.execute(["case", str(path), "--lang", "en"]) == cli.INPUT
    said = capsys.readouterr().err
    assert 'Did you mean "balance"?' in said and "line 3" in said
    assert all(name in said for name in ("scheme", "year", "credits", "monthly", "until"))


# --- Chinese ----------------------------------------------------------------------------------------------------------

SYMBOLS = {"min", "max", "N_pre", "P_base", "pre", "simengine", "law", "show", "yaml", "checked", "region"}
"""Words of formulas, of the command and of file names that stay as they are in Chinese."""


def keys_known() -> set[str]:
    """Keys that a Chinese reader types: of the law, of fields, of kinds and of their words."""
    known = set(packaged_law()) | set(KINDS)
    for model in MODELS:
        known |= set(model.model_fields)
        known |= {choice for each in own_fields(model) for choice in each.choices}
    return known | {"women_50", "women_55"}


def latin_in(text: str) -> list[str]:
    bare = re.sub(r"[a-z_]+/[a-z_0-9]+", lambda key: "" if key[0] in packaged_law() else key[0], text)
    known = keys_known() | SYMBOLS
    return [word for word in re.findall(r"[A-Za-z][A-Za-z_0-9]*", bare) if len(word) > 1 and word not in known]


def every_case(tmp_path: Path) -> list[Any]:
    """A case of every kind, those of the templates and the worked ones; their own names and remarks left out."""
    cases = [read_cases(case_of(base), lambda *keys: "case.yaml, line 1")[0] for base in BASES]
    for name in templates():
        if name != "award":
            path = tmp_path / "case.yaml"
            path.write_text(template_text(name), encoding="utf-8")
            cases += load_cases(path)
    for path in sorted(WORKED.glob("cases_*.yaml")):
        cases += load_cases(path)
    return cases


def test_sheets_in_chinese__hold_no_latin_but_symbols_and_keys(tmp_path: Path) -> None:
    kinds = set()
    for case in every_case(tmp_path):
        kinds.add(case.kind)
        named = {case.name, case.content.remark, *(line for line in [case.content.example] if line)}
        sheet = sheet_of(compute(case), "zh")
        for _, text in [*sheet.before, *sheet.after]:
            for own in sorted(named, key=len, reverse=True):
                text = text.replace(own, "") if own else text
            text = re.sub(r"\S*\.yaml", "", text)
            assert latin_in(text) == [], text
        assert latin_in(" ".join(sheet.headings)) == []
    assert kinds == set(KINDS)


def test_rows_in_chinese__have_chinese_headings_and_values(tmp_path: Path) -> None:
    for case in every_case(tmp_path):
        for row in rows_of(compute(case), "zh"):
            assert all(CHINESE.search(name) for name in row)
            assert CHINESE.search(str(row["地区"])) and CHINESE.search(str(row["种类"]))
            text = " ".join(str(value) for name, value in row.items() if name not in ("案例", "项目代码"))
            assert latin_in(text) == [], text


def test_references_of_the_whole_law__hold_no_english_in_chinese() -> None:
    law = packaged_law()
    for key in law:
        for dated in law[key].all_values():
            said = reference_text(dated.reference, key, "zh")
            assert said and latin_in(said) == [], (key, said)
            for number in re.findall(r"\d+〔\d{4}〕\d+号", dated.reference):
                assert number in said, (key, said)


def test_ages_codes_and_places__are_said_in_chinese() -> None:
    result = compute(read_cases(case_of("award"), lambda *keys: "case")[0])
    text = "\n".join(text for _, text in [*sheet_of(result, "zh").before, *sheet_of(result, "zh").after])
    for said in (
        "江西省",
        "60岁2个月",
        "四舍五入到分",
        "男职工：720",
        "出生月 + 原年龄 + 延迟月数 = 1965-05 + 60岁0个月 + 2",
    ):
        assert said in text, said


def test_every_code_of_the_law__has_words() -> None:
    law = packaged_law()
    codes = {code for key in law if law[key].unit.symbol == "code" for code in law[key].allowed}
    assert codes == set(tables()["codes"])
