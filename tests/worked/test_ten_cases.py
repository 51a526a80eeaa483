"""The script of ten cases typed from the help alone, run as it stands on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from simengine.cases import KINDS
from simengine.cli import main as cli
from tests.helpers.chinese import english_in
from tests.helpers.ten_cases import LANGUAGES, PAGE, Typed, page_of, run, typed


def test_page__holds_ten_kinds_once_each() -> None:
    kinds = [case.kind for case in typed()]
    assert len(kinds) == len(set(kinds)) == 10
    assert set(kinds) <= set(KINDS)
    assert PAGE.read_text(encoding="utf-8").count("\n## ") == 10


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", typed(), ids=lambda case: case.kind)
def test_typed_case__gives_what_was_printed(case: Typed, lang: str, tmp_path: Path) -> None:
    code, said = run(case, lang, tmp_path)
    assert code == cli.DONE
    assert said == case.printed[lang]
    assert "expected:" in case.case
    if lang == "zh":
        named = case.case.partition("name: ")[2].partition("\n")[0]
        assert not [line for line in said.replace(named, "").splitlines() if english_in(line)]


def test_page__is_what_its_own_writer_writes() -> None:
    assert page_of(typed()) == PAGE.read_text(encoding="utf-8")
