"""The known line beside the backtest: figures of the file, errors by hand, both languages, and the kept report."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simengine.common.errors import SimengineError
from simengine.common.messages import LANGUAGES
from simengine_calibration.backtest import known_line
from simengine_calibration.backtest.known_line import beside, growth_of_what_came, line_section, read_line
from simengine_calibration.backtest.score import Backtest, Guess
from simengine_calibration.backtest.words import WORDS

REPORT = Path(__file__).parents[2] / "simengine" / "notes" / "reports" / "backtest.md"


def guess(series: str, cutoff: int, lead: int, engine: float, came: float) -> Guess:
    return Guess(cutoff, series, cutoff + lead, came, None, engine)


GUESSES = (
    guess("expenditure", 2014, 1, 90.0, 100.0),
    guess("expenditure", 2014, 3, 128.0, 160.0),
    guess("expenditure", 2010, 11, 130.0, 100.0),
    guess("expenditure", 2010, 12, 500.0, 100.0),
    guess("pensioners", 2014, 1, 1.0, 2.0),
)
"""Errors -10 and -20 % at the cut-off of the line, +30 % at another, and one that looks further ahead than the line."""


def found(guesses: tuple[Guess, ...] = GUESSES) -> Backtest:
    nothing: dict[int, Any] = {}
    return Backtest("china", guesses, nothing, nothing, nothing, nothing)


def test_file__says_what_the_review_says() -> None:
    """7.3 % of cost, 4.8 % of income and 1.7 % of reserves over 2014-2025, second hand."""
    line = read_line()
    assert line.misses == {"expenditure": 0.073, "revenue": 0.048, "balance": 0.017}
    assert (line.years, line.evidence) == ((2014, 2025), "secondary")
    assert "review" in line.source


def test_known_line__takes_errors_no_further_ahead_than_it_looked() -> None:
    """2025 - 2014 = 11 years: the guess of twelve years is left out, that of eleven is not."""
    (spending, revenue, balance) = beside(read_line(), GUESSES)
    assert [g.lead for g in spending.own] == [1, 3]
    assert [(g.cutoff, g.lead) for g in spending.every] == [(2014, 1), (2014, 3), (2010, 11)]
    assert not revenue.own and not balance.every


def test_section__mean_errors_by_hand() -> None:
    """Cut-off: mean size (10 + 20)/2 = 15, bias -15. All: (10 + 20 + 30)/3 = 20, bias (-10 - 20 + 30)/3 = 0.

    What came went from 100 in 2015 to 160 in 2017: ln(1.6)/2 = 23.5 % a year.
    """
    row = next(line for line in line_section(found(), "en").splitlines() if line.startswith("| expenditure"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
    assert cells == ["7.3", "2", "15.0", "-15.0", "3", "20.0", "+0.0", "+23.5"]
    empty = next(line for line in line_section(found(), "en").splitlines() if line.startswith("| revenue"))
    assert [cell.strip() for cell in empty.strip("|").split("|")][1:] == ["4.8", *[""] * 7]


def test_growth__needs_two_years() -> None:
    assert math.isnan(growth_of_what_came(GUESSES[:1]))
    assert growth_of_what_came(GUESSES[:2]) == pytest.approx(math.log(1.6) / 2.0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_section__says_what_differs_and_where_it_is_from(lang: Any) -> None:
    said = line_section(found(), lang)
    place = lang == "zh"
    for key in ("line_source", "line_reserve"):
        assert WORDS[key][place] in said
    assert WORDS["line_differs"][place].format(last=2025) in said
    assert ("secondary, quoted from a review" in said) != place
    assert ("二手" in said) == place
    assert "{" not in said


def test_file__a_wrong_figure_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lines.yaml"
    file.write_text(known_line.FILE.read_text(encoding="utf-8").replace("0.073", "7.3"), encoding="utf-8")
    monkeypatch.setattr(known_line, "FILE", file)
    with pytest.raises(SimengineError, match=r"lines\.yaml.*line 6"):
        read_line()
    with pytest.raises(SimengineError, match="trustees_2015"):
        read_line("trustees_2015")


def test_report__holds_the_figures_of_the_file() -> None:
    """The kept report has the section, with their figures; ours are compared with a run before a release."""
    text = REPORT.read_text(encoding="utf-8").split("#### Beside a known line")[1].split("####")[0]
    for series, theirs in (("expenditure", "7.3"), ("revenue", "4.8"), ("balance", "1.7")):
        row = next(line for line in text.splitlines() if line.startswith(f"| {series}, "))
        assert row.split("|")[2].strip() == theirs
    for line in line_section(found(), "en").splitlines():
        if line.startswith("- "):
            assert line in text


@pytest.mark.release
def test_report__is_what_the_command_prints_for_the_cut_off_of_the_line() -> None:
    """Their column and the three of the cut-off need that cut-off alone; no draw moves them."""
    line = [sys.executable, "-m", "simengine", "backtest", "--cutoffs", "2014", "--no-plans", "--draws", "0"]
    done = subprocess.run([*line, "--lang", "en"], capture_output=True, text=True, check=True)
    kept, fresh = (
        [row.split("|")[1:6] for row in text.split("Beside a known line")[1].splitlines() if row.startswith("| ")]
        for text in (REPORT.read_text(encoding="utf-8"), done.stdout)
    )
    assert len(fresh) >= 4 and kept[1:4] == fresh[1:4]
