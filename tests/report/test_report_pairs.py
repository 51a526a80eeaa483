"""Verdicts side by side and as Markdown: every figure in its place, nothing cut, both languages."""

from __future__ import annotations

import doctest
import io
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from rich.cells import cell_len

from simengine.common.messages import LANGUAGES
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.files import packaged_target_files, read_targets, words
from simengine.judge.targets.verdicts import Verdict, headline
from simengine.report.tables import pairs as report_pairs
from simengine.report.tables.markdown import in_force, markdown_pair, markdown_table
from simengine.report.tables.pairs import Pair, Side, labels, pair_summary, rows_of, show_pair
from simengine.report.tables.verdicts import count_lines, summary
from tests.helpers.registry_projection import synthetic

WIDTH = 120

PLANS = (("jiangxi", "superseding"), ("hubei",), ("haiyan",), ("jingdezhen",), ("xuzhou", "xuzhou_counties"))

PLAIN = Verdict(
    id="A-1",
    scenario="base",
    region="jiangxi",
    indicator="ui_participants",
    name_en="Insured",
    name_zh="参保人数",
    record_kind="target",
    attribute="expected",
    year=2025,
    operator=">=",
    printed="400",
    unit="万人",
    verdict="met",
    projected=412.4,
    projected_text="412",
    margin=12.0,
    satisfied=True,
    first_year_met=2024,
)
SET = replace(
    PLAIN,
    id="A-2",
    indicator="min_wage",
    verdict="set",
    margin=-1.5,
    set_by="law economy/minimum_wage",
    first_year_met=None,
)
CLOSED = replace(
    PLAIN,
    id="A-3",
    year=2020,
    verdict="closed",
    actual="398",
    margin=None,
    projected_text="",
    flags=("definition_unclear",),
)


@pytest.fixture(autouse=True)
def _screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


def missed(row: Verdict, text: str, margin: float, **more: Any) -> Verdict:
    return replace(row, verdict="missed", projected_text=text, margin=margin, satisfied=False, **more)


PAIR = (
    Side("baseline", "Today", [PLAIN, SET, CLOSED]),
    Side("as_planned", "Then", [missed(PLAIN, "389", -11.0, flags=("large_alignment",)), SET, CLOSED]),
)


@cache
def real(*plans: str) -> Pair:
    """Two synthetic scenarios on the rows of packaged plans."""
    files = packaged_target_files()
    verdicts = check_targets(synthetic(), read_targets([files[name] for name in plans]))
    one, two = ([row for row in verdicts if row.scenario == name] for name in ("baseline", "as_planned"))
    return Side("baseline", "Today", one), Side("as_planned", "Then", two)


def shown(pair: Pair, lang: Any) -> list[str]:
    stream = io.StringIO()
    show_pair(pair, lang, stream)
    return stream.getvalue().splitlines()


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- the table --------------------------------------------------------------------------------------------------------


def test_table__in_english_is_as_drawn_here() -> None:
    assert shown(PAIR, "en") == [
        "                                          baseline                                   as_planned",
        "Row  Name     Year  Plan                    Engine  Margin  Verdict                      Engine  Verdict",
        "A-1  Insured  2025  >= 400 万人                412      12  met                             389  missed (b)",
        "A-2  Insured  2025  >= 400 万人                412    -1.5  set by a lever or input         412  "
        "set by a lever or input",
        "A-3  Insured  2020  >= 400 万人                             closed (a)                           closed (a)",
        "                    (actual 398)",
        "(a) definition unclear",
        "(b) rests on a stock that alignment moved far",
    ]


def test_table__in_chinese_is_as_drawn_here() -> None:
    lines = shown(PAIR, "zh")
    assert lines[2].split() == [
        "A-1",
        "参保人数",
        "2025",
        ">=",
        "400",
        "万人",
        "412",
        "12",
        "达标",
        "389",
        "未达标",
        "(b)",
    ]
    assert [without_blanks(line) for line in lines[:2]] == [
        "baselineas_planned",
        "编号名称年份规划值推演值余量判定推演值判定",
    ]
    assert lines[-2:] == ["(a) 定义不明", "(b) 所依存量期初校准幅度大"]
    starts = {cell_len(line[: line.index(word)]) for line, word in zip(lines[2:4], ("达标", "由政策"), strict=True)}
    assert len(starts) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("plans", PLANS, ids=" ".join)
def test_table__of_every_packaged_plan_fits_and_loses_nothing(plans: tuple[str, ...], lang: Any) -> None:
    pair = real(*plans)
    lines = shown(pair, lang)
    assert max(map(cell_len, lines)) <= WIDTH
    blocks = blocks_by_row(lines, [row.id for row in pair[0].verdicts])
    verdicts = {code: entry[lang] for code, entry in words()["verdicts"].items()}
    for one, two in zip(pair[0].verdicts, pair[1].verdicts, strict=True):
        block = blocks[one.id]
        first = block[0].removeprefix(one.id)
        figures = [text for text in (one.projected_text, two.projected_text) if text]
        found = [re.search(rf"(?<!\S){re.escape(text)}(?!\S)", first[cell_start(first, one) :]) for text in figures]
        assert all(found), (figures, block)
        said = without_blanks("".join(block))
        name = one.name_en if lang == "en" else one.name_zh
        for part in (str(one.year), one.printed, *name.replace("+", " ").split()):
            assert letters_in_order(part, said), (part, block)
        for row in (one, two):
            assert letters_in_order(verdicts[row.verdict], said), (verdicts[row.verdict], block)


def blocks_by_row(lines: list[str], ids: list[str]) -> dict[str, list[str]]:
    """Lines of each row: the one that begins with its id and those that carry it on."""
    blocks: dict[str, list[str]] = {}
    current = ""
    for line in lines:
        start = line.split(" ", 1)[0]
        if start in ids:
            current = start
            blocks[current] = []
        elif line and not line.startswith(" "):
            current = ""
        if current:
            blocks[current].append(line)
    assert list(blocks) == ids
    return blocks


def cell_start(line: str, row: Verdict) -> int:
    """Position after the year, where figures begin."""
    return line.index(f" {row.year} ") + len(f" {row.year} ")


def letters_in_order(part: str, text: str) -> bool:
    """Whether the letters of a word that may be broken over lines stand in a text in their order."""
    letters = iter(text)
    return all(letter in letters for letter in without_blanks(part))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_table__of_a_city_names_each_area_before_its_rows(lang: Any) -> None:
    pair = real("xuzhou", "xuzhou_counties")
    lines = shown(pair, lang)
    name = {"en": "Pizhou", "zh": "邳州市"}[lang]
    place = lines.index(name)
    assert lines[place - 1] == ""
    ids = [row.id for row in pair[0].verdicts if row.region == "xuzhou_pizhou"]
    assert next(line for line in lines[place:] if line.startswith("XZ-")).split()[0] == ids[0]
    assert lines.count(name) == 3  # one for each of the annex tables
    assert name not in shown(real("jiangxi", "superseding"), lang)


def test_table__with_long_names_of_scenarios_still_fits() -> None:
    first, second = real("xuzhou", "xuzhou_counties")
    names = ("an_option_with_a_very_long_name_indeed", "another_option_with_a_long_name")
    pair = (replace(first, label=names[0]), replace(second, label=names[1]))
    lines = shown(pair, "en")
    assert max(map(cell_len, lines)) <= WIDTH
    head = without_blanks("".join(lines[:6]))
    assert all(letters_in_order(name, head) for name in names)


def test_table__on_a_terminal_is_drawn_to_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Terminal()
    show_pair(real("xuzhou", "xuzhou_counties"), "zh", screen)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert max(map(cell_len, lines)) <= 120
    assert "─" in screen.getvalue()
    assert screen.getvalue().count("\x1b[") > 100  # verdicts are coloured


def test_flags__have_one_letter_each_in_the_order_of_the_words() -> None:
    pair = real("jiangxi", "superseding")
    lines = shown(pair, "en")
    legend = dict(re.fullmatch(r"\((\w)\) (.*)", line).groups() for line in lines if re.match(r"\(\w\) ", line))  # type: ignore[union-attr]
    assert list(legend) == list("abcdef")[: len(legend)]
    raised = {flag for side in pair for row in side.verdicts for flag in row.flags}
    assert list(legend.values()) == [entry["en"] for flag, entry in words()["flags"].items() if flag in raised]
    row = next(row for row in pair[0].verdicts if row.id == "JX-14-05")
    marks = [letter for letter, text in legend.items() if text in {words()["flags"][flag]["en"] for flag in row.flags}]
    (line,) = [line for line in lines if line.startswith("JX-14-05 ")]
    assert f"met ({','.join(marks)})" in line


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("plans", PLANS, ids=" ".join)
def test_summary__counts_both_sides_and_names_the_rows_that_differ(plans: tuple[str, ...], lang: Any) -> None:
    pair = real(*plans)
    said = pair_summary(pair, lang)
    colon = {"en": ": ", "zh": "："}[lang]
    for side in pair:
        judged = headline(side.verdicts)
        counted = count_lines(side.verdicts, lang)
        assert f"{side.label}{colon}{counted[0]}" in said
        if sum(judged.values()):
            assert str(judged["met"]) in counted[0] and str(judged["missed"]) in counted[0]
    both = list(zip(pair[0].verdicts, pair[1].verdicts, strict=True))
    differing = [one.id for one, two in both if one.verdict != two.verdict]
    line = said[sum(len(count_lines(side.verdicts, lang)) for side in pair)]
    assert re.findall(r"[A-Z]+-[\w-]+", line) == differing
    told = " ".join(said)
    for one, two in both:
        sentences = {row.text(lang) for row in (one, two) if row.verdict == "missed" and row.headline}
        for sentence in sentences:
            assert told.count(sentence) == 1


def test_summary__says_a_shared_sentence_once_and_the_others_with_their_side() -> None:
    said = pair_summary(PAIR, "en", full=True)
    assert said[:2] == [
        "baseline: 1 of 1 judged targets are met, 0 missed.",
        "baseline: Besides: 1 set by a lever or input, 1 closed.",
    ]
    assert "as_planned: 0 of 1 judged targets are met, 1 missed." in said
    assert "Verdicts that differ (baseline, as_planned): A-1 (met; missed)." in said
    assert "as_planned: A-1: missed. Insured 2025: 389 万人 against >= 400, short by 11; first met: 2024." in said
    assert said.count(CLOSED.text("en")) == 1
    assert sum("A-2" in line for line in said) == 1
    assert not any("A-3" in line or "A-2" in line for line in pair_summary(PAIR, "en"))


def test_summary__of_equal_sides_says_so() -> None:
    pair = (PAIR[0], replace(PAIR[0], label="twin"))
    assert "baseline and twin give the same verdict on every row." in pair_summary(pair, "en")
    assert "baseline与twin各行判定相同。" in pair_summary(pair, "zh")


def test_summary__gives_other_readings_where_everything_is_said() -> None:
    read = replace(PLAIN, other_readings={"all_participants": ("380", False)})
    pair = (Side("a", "A", [read]), Side("b", "B", [PLAIN]))
    assert "a: A-1: under other readings all_participants: 380 (missed)." in pair_summary(pair, "en", full=True)
    assert not any("readings" in line for line in pair_summary(pair, "en"))


def test_summary_of_one_scenario__is_the_counts_and_the_missed() -> None:
    verdicts = list(PAIR[1].verdicts)
    assert summary(verdicts, "en") == [*count_lines(verdicts, "en"), verdicts[0].text("en")]


def test_labels__and_rows() -> None:
    done = doctest.testmod(report_pairs)
    assert done.attempted == 2 and not done.failed
    assert labels("a/b", "c/b") == ("a/b", "c/b")
    assert rows_of(PAIR[0].verdicts) == rows_of(PAIR[1].verdicts)
    assert rows_of([replace(PLAIN, printed="401")]) != rows_of([PLAIN])


# --- Markdown ---------------------------------------------------------------------------------------------------------


def test_markdown__holds_judged_rows_in_force_and_no_other() -> None:
    rows = [
        PLAIN,
        replace(PLAIN, id="A-4", duplicate_of="A-1"),
        replace(PLAIN, id="A-5", restates="A-1"),
        replace(PLAIN, id="A-6", flags=("superseded",)),
        SET,
        CLOSED,
        missed(PLAIN, "389", -11.0, id="A-7", first_year_met=None, name_en="Rate | of all"),
    ]
    assert [row.id for row in rows if in_force(row)] == ["A-1", "A-7"]
    assert markdown_table(rows, "en") == (
        "| row | target | year | plan | projected | verdict | first met |\n"
        "|---|---|---|---|---|---|---|\n"
        "| A-1 | Insured | 2025 | >= 400 万人 | 412 | met | 2024 |\n"
        "| A-7 | Rate \\| of all | 2025 | >= 400 万人 | 389 | missed | - |\n"
    )
    assert "| A-1 | 参保人数 | 2025 | >= 400 万人 | 412 | 达标 | 2024 |\n" in markdown_table(rows, "zh")


def test_markdown_of_a_pair__has_the_results_of_both_sides() -> None:
    assert markdown_pair(PAIR, "en").splitlines() == [
        "| row | target | year | plan | baseline: projected | baseline: verdict | baseline: first met "
        "| as_planned: projected | as_planned: verdict | as_planned: first met |",
        "|" + "---|" * 10,
        "| A-1 | Insured | 2025 | >= 400 万人 | 412 | met | 2024 | 389 | missed | 2024 |",
    ]
