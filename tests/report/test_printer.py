"""The printer: nothing is cut, nothing is wider than the screen, no column is narrower than its longest word."""

from __future__ import annotations

import doctest
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from simengine.report.tables import printer
from simengine.report.tables.printer import TIE, folded, markdown, paragraph, screen_width, show

WORDS = st.text(alphabet="abc12.-参保人数（），", min_size=1, max_size=9)
TEXT = st.lists(WORDS, max_size=8).map(" ".join)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(rows: list[list[object]], headings: list[str], **options: object) -> list[str]:
    stream = io.StringIO()
    show(rows, headings, stream=stream, **options)  # type: ignore[arg-type]
    return stream.getvalue().splitlines()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_examples() -> None:
    done = doctest.testmod(printer)
    assert done.attempted == 3 and not done.failed


def test_width__is_that_of_columns_else_one_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "57")
    assert screen_width() == 57
    monkeypatch.setenv("COLUMNS", "10")
    assert screen_width() == printer.NARROWEST
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr("sys.__stdout__", io.StringIO())
    assert screen_width() == printer.ELSEWHERE == 100


# --- texts ------------------------------------------------------------------------------------------------------------


def test_folded__breaks_where_a_reader_would() -> None:
    assert folded("企业职工基本养老保险", 6) == ["企业职", "工基本", "养老", "保险"]  # none stands alone on a line
    assert folded("账户记账利率，按年公布（二〇二四）", 8) == ["账户记账", "利率，按", "年公布", "（二〇二", "四）"]
    assert folded(f"men:{TIE}36, women:{TIE}60", 12) == ["men: 36,", "women: 60"]
    assert folded("a first\nand a second", 40) == ["a first", "and a second"]
    assert folded("", 10) == [""]


def test_folded__never_breaks_a_word_a_number_or_a_key() -> None:
    text = "pension/benefit_base_factor 31876993511 xuzhou_pizhou"
    assert folded(text, 10) == text.split()


@settings(deadline=None)
@given(TEXT, st.integers(4, 60))
def test_folded__loses_nothing_and_fits_unless_one_word_is_longer(text: str, width: int) -> None:
    lines = folded(text, width)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(cell_len(line) <= width or " " not in line for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_paragraph__hangs(narrow: None) -> None:
    lines = paragraph("word " * 40, margin=2, hang=3).splitlines()
    assert lines[0].startswith("  word") and {line[:6] for line in lines[1:]} == {"     w"}
    assert max(map(len, lines)) <= 80


# --- tables -----------------------------------------------------------------------------------------------------------


def test_table__keeps_its_columns_under_chinese_text() -> None:
    assert shown([["参保人数", 1], ["x", 22]], ["名称", "n"]) == ["名称       n", "参保人数   1", "x         22"]


def test_table__has_no_column_in_which_nothing_stands(narrow: None) -> None:
    assert shown([["a", None, 1.0], ["b", "", -0.0]], ["k", "none", "n"]) == ["k  n", "a  1", "b  0"]


def test_table_that_does_not_fit__says_the_last_columns_below_each_row(narrow: None) -> None:
    names = [f"column_{place}_name" for place in range(8)]
    rows: list[list[object]] = [[f"value_{row}_{place}_abc" for place in range(8)] for row in range(2)]
    lines = shown(rows, names)
    assert lines[0].split() == names[:5]
    assert lines[1].split() == rows[0][:5]
    assert lines[2] == "    column_5_name: value_0_5_abc; column_6_name: value_0_6_abc; column_7_name:"
    assert lines[3] == "    value_0_7_abc"
    assert lines[4].split() == rows[1][:5]


def test_table_without_room_for_two_columns__is_a_block_a_record(narrow: None) -> None:
    long = "a_key_without_a_blank_" * 3
    assert shown([[long, "value " * 20, ""]], ["key", "value", "none"]) == [
        long,
        "    value: " + " ".join(["value"] * 11),
        "      " + " ".join(["value"] * 9),
    ]


def test_panels__repeat_the_first_column_and_leave_out_empty_rows(narrow: None) -> None:
    rows: list[list[object]] = [[year, *([year + 0.5] * 9), "", *([year + 0.25] * 3)] for year in (2020, 2021)]
    rows[1][6:] = [""] * 8
    lines = shown(rows, ["Year", *(f"series_{place:02}" for place in range(13))], keys=1)
    blank = lines.index("")
    assert [line.split()[0] for line in lines[:blank]] == ["Year", "2020", "2021"]
    assert [line.split()[0] for line in lines[blank + 1 :]] == ["Year", "2020"]


def test_groups__are_tables_under_their_names(narrow: None) -> None:
    lines = shown([["long_identifier", 1], ["b", 2], ["c", 3]], ["k", "n"], groups=["One", "Two", "Two"])
    assert lines == ["One", "k                n", "long_identifier  1", "", "Two", "k  n", "b  2", "c  3"]


def test_terminal__gets_bold_headings_a_rule_and_coloured_rows(narrow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Terminal()
    show([["达标", 1.5, None], ["x", -0.0, True]], ["判定", "n", "o"], stream=screen, styles=["green", ""])
    drawn = screen.getvalue()
    assert "\x1b[1m判定" in drawn and "─" in drawn and "\x1b[32m达标" in drawn
    plain = re.sub(r"\x1b\[[0-9;]*m", "", drawn)
    assert [line.split() for line in plain.splitlines()][2:] == [["达标", "1.5"], ["x", "0", "✓"]]


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_terminal__says_what_a_file_says(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    rows: list[list[object]] = [
        [f"row-{at}", "企业职工基本养老保险 " * at, at * 1000.5, "long words " * 4] for at in range(1, 5)
    ]
    screen = Terminal()
    show(rows, ["Row", "名称", "Value", "A longer heading"], stream=screen)
    drawn = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert [line.rstrip() for line in drawn if "─" not in line] == shown(
        rows, ["Row", "名称", "Value", "A longer heading"]
    )
    assert len({cell_len(line) for line in drawn if "─" in line}) == 1
    assert all(cell_len(line) <= columns for line in drawn)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(2, 7).flatmap(
        lambda count: st.lists(st.lists(TEXT, min_size=count, max_size=count), min_size=1, max_size=5)
    ),
    st.booleans(),
)
def test_every_table__fits_and_holds_every_character(rows: list[list[str]], headed: bool) -> None:
    heads = [f"h{place}" for place in range(len(rows[0]))] if headed else []
    lines = shown(rows, heads)  # type: ignore[arg-type]
    assert all(cell_len(line) <= screen_width() for line in lines)
    said = re.sub(r"\s", "", "".join(lines))
    for row in rows:
        for text in row:
            for word in text.split():
                letters = iter(said)
                assert all(letter in letters for letter in word), (word, lines)


def test_markdown__keeps_every_column() -> None:
    assert markdown([["a", ""]], ["k", "v"]) == "| k | v |\n|---|---|\n| a |  |\n"
