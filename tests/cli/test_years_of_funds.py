"""No year in which a fund falls or is used up is told without its range: in commands, pictures, pages and tables.

What a command prints is searched for such years. What could tell one (indicators, columns, texts with a year) is
counted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import matplotlib.text
import pandas as pd
import pytest
import yaml

from simengine.cli import main as cli
from simengine.common.messages import LANGUAGES, Language, table
from simengine.judge.closures.measures import FUND_YEARS, INDICATOR_YEARS
from simengine.judge.indicators import registry
from simengine.report.figures import tables as figure_tables
from simengine.report.tables import closures as closure_tables
from simengine.report.tables import exhaustion as exhaustion_tables
from tests.helpers.anchors import ANY, limited

ROOT = Path(__file__).parents[2]
SCENARIO = "hubei/baseline"

ABOUT = re.compile(
    r"exhaust|deficit|below zero|turns? negative|negative in|used up|lasting|for good"
    r"|收不抵支|转负|为负|耗尽|用尽|首次需补足|企业养老基金.*补贴",
    re.IGNORECASE,
)
"""Words that speak of a fund that falls or is used up."""
YEAR = r"(?<![\d.,])(?:after |>)?(?:20[2-9]\d|21\d\d)(?!\d|,\d|\.\d)后?"
RANGED = re.compile(rf"{YEAR}年? ?[(（]{YEAR}(?: to |至|-){YEAR}[)）]")
"""A year with its range behind it."""
ENDS = re.compile(rf"{YEAR} +{YEAR} +{YEAR}")
"""Baseline, lowest and highest in a row of the headline table."""


SAME = re.compile(
    rf"{YEAR}年?[ \u00a0]?(?:[(（](?:all|均同)[)）]|,? over the whole set of closures|（全部闭合假设下?均同）)"
    rf"|not before the end of the run in {YEAR}, over the whole set of closures"
    rf"|在全部闭合假设下至推演期末（{YEAR}年）"
)
"""A year that is said to be the same over the whole set, or to come nowhere in it."""
OF_BASELINE = re.compile(rf"{YEAR}年?[ \u00a0]?[(（](?:baseline alone|仅基准)[)）]")
"""A year that is said to be that of the baseline alone."""
STARTS = re.compile(
    rf"{YEAR}年?[ \u00a0]?[(（](?:printed|opening|公布|期初)[)）]|last printed balance, that of {YEAR}"
    rf"|from the opening, the end of {YEAR}|自最近公布结余（{YEAR}年?末）|自期初（{YEAR}年?末）"
)
"""A year end at which a judgement starts."""


def bare(line: str) -> list[str]:
    """Years of a line about funds that stand without a range.

    The year of a figure (``without aid, 2035``), the horizon (``to 2095``) and the year end at which a judgement starts
    are none. A year that is said to be that of the baseline alone is not told as the result.
    """
    if not ABOUT.search(line):
        return []
    rest = OF_BASELINE.sub("", STARTS.sub("", ENDS.sub("", RANGED.sub("", SAME.sub("", line)))))
    rest = re.sub(rf"(aid, |补贴）|positive to |，至|闭合假设下至){YEAR}年?", "", rest)
    return re.findall(YEAR, rest)


def printed(*arguments: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        assert cli.execute(list(arguments)) == cli.DONE
    return said.getvalue()


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What run and check print in both languages, on a screen wide enough for every row; results stay in a folder."""
    folder = tmp_path_factory.mktemp("years")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "400")
        patch.chdir(folder)
        limited(patch, ANY)  # the region is judged here, whatever it misses: its funds cross zero often
        return {
            (command, lang): printed(command, SCENARIO, "--lang", lang)
            for command in ("run", "check")
            for lang in LANGUAGES
        }


# --- the search itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "The fund turns negative in 2054",
        "enterprise_pension  2021 (2021 to 2022)  2054  2055 (2050 to after 2095) deficit",
        "基金2054年末转负",
        "Below zero for good with aid  2054",
        "Below zero for good with aid  2054  2029",
        "own account: below zero at the end of 2030 (baseline alone); below zero at the end of 2054 (lasting)",
        "自有账户：2030年（仅基准）末转负；2054年末转负",
        "below zero at the end of 2024, over the horizon",
    ],
)
def test_search__sees_a_bare_year(line: str) -> None:
    assert bare(line)


@pytest.mark.parametrize(
    "line",
    [
        "The fund turns negative in 2054 (2029-2070), its first deficit is in 2021 (2021->2095)",
        "Below zero for good with aid  2054  2029  after 2095  Subsidy",
        "含补贴持续为负始于  2054  2029  2095后  财政补贴",
        "企业养老基金结余持续为负的起始年份，无补贴为2050（2034至2065），含补贴为2095后（2049至2095后）",
        "first deficit 2,054 persons, 0.2054",
        "Population of 2035",
        "below zero at the end of 2024, over the whole set of closures, and in every year after it (lasting)",
        "first deficit: not before the end of the run in 2095, over the whole set of closures",
        "2024（全部闭合假设下均同）末转负，在全部闭合假设下至推演期末（2095年）均不出现",
        "unemployment  2020 (opening)  none  2021 (all) deficit",
        "below zero at the end of 2030 (baseline alone). Judged from the last printed balance, that of 2024",
    ],
)
def test_search__passes_a_year_with_its_range_and_what_is_no_year(line: str) -> None:
    assert not bare(line)


# --- commands and pictures --------------------------------------------------------------------------------------------


def flat(text: str) -> Iterator[str]:
    """Lines of a text; a heading over columns makes every row below it speak of what it names."""
    heading = ""
    for line in text.splitlines():
        if not line.strip():
            heading = ""
        elif not re.search(YEAR, line) and ABOUT.search(line):
            heading = line
        yield f"{heading} {line}" if heading else line


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", ["run", "check"])
def test_commands__tell_no_bare_year(said: dict[tuple[str, str], str], command: str, lang: str) -> None:
    text = said[command, lang]
    found = {line: years for line in flat(text) if (years := bare(line))}
    assert not found
    assert len(re.findall(RANGED, text)) + len(re.findall(SAME, text)) >= (2 if command == "run" else 10)
    assert len(re.findall(ENDS, text)) >= 4


def test_pictures__tell_no_bare_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text of every picture of a fund, drawn from results on the disk in both languages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    limited(monkeypatch, ANY)
    printed("run", SCENARIO, "--lang", "en")
    texts: list[str] = []
    keep = matplotlib.text.Text.set_text

    def noted(self: Any, text: Any) -> None:
        texts.append(str(text))
        keep(self, text)

    monkeypatch.setattr(matplotlib.text.Text, "set_text", noted)
    funds = [name for name in _figures() if name.startswith("fund_")]
    for lang in LANGUAGES:
        printed("plot", f"out/{SCENARIO}", "--lang", lang, *(f"--figure={name}" for name in funds))
    whole = {" ".join(text.split("\n")): "".join(text.split("\n")) for text in texts}  # Chinese is broken anywhere
    assert any(RANGED.search(text) for text in whole)
    assert not {text: years for text, closed in whole.items() if (years := bare(text)) and bare(closed)}
    for name in funds:
        drawn = pd.read_csv(tmp_path / "out" / SCENARIO / "figures" / f"{name}.csv").query("unit == 'year'")
        told = set(drawn["series"])
        assert all({f"{one}_low", f"{one}_high"} <= told for one in told if not one.endswith(("_low", "_high"))), name


def _figures() -> list[str]:
    from simengine.report.figures.plot import FIGURES

    return list(FIGURES)


# --- what could tell one ----------------------------------------------------------------------------------------------


def test_indicators__each_year_of_a_fund_has_its_range_in_a_verdict() -> None:
    years = {name for name, one in registry().items() if one.by_fund and one.plan_unit == "年"}
    assert years == set(INDICATOR_YEARS) and years <= set(FUND_YEARS)


def test_pictures__each_year_of_a_fund_has_a_measure_over_the_closures() -> None:
    assert {measure for _, measure in figure_tables.EVENTS.values()} <= set(FUND_YEARS)


def test_tables__print_years_of_funds_only_with_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of exhaustion without its ends is refused rather than printed."""
    monkeypatch.setenv("COLUMNS", "300")
    shown = set(exhaustion_tables.YEARS)
    assert {"region", "fund", "judged_from", *shown, "need_to_horizon"} == set(exhaustion_tables.SHOWN)
    assert shown <= set(FUND_YEARS) and set(closure_tables.SHOWN_YEARS) <= set(FUND_YEARS)
    row = {"region": "hubei", "fund": "public_pension", "horizon": 2095, **dict.fromkeys(shown, 2054.0)}
    row |= {"judged_from": 2024, "judged_on": "printed", "need_to_horizon": 0.0, "source": ""}
    row |= {"own_crossings": "", "unaided_crossings": ""}
    with pytest.raises(KeyError):
        exhaustion_tables.show_exhaustion(pd.DataFrame([row]), "en")
    both = {*shown, "exhaustion", "exhaustion_unaided"}
    ends = {f"{name}_{end}": year for name in both for end, year in (("low", 2029.0), ("high", float("nan")))}
    stream = io.StringIO()
    exhaustion_tables.show_exhaustion(pd.DataFrame([{**row, **ends}]), "en", stream)
    assert stream.getvalue().count("2054 (2029 to after 2095)") == len(shown)
    with pytest.raises(ValueError, match="2054 stands without its range"):
        closure_tables.year_text(2054.0, float("nan"), float("nan"), 2095, "en")


@pytest.mark.parametrize(
    ("lang", "same", "never"),
    [
        ("en", "2054, over the whole set of closures",
         "not before the end of the run in 2095, over the whole set of closures"),
        ("zh", "2054（全部闭合假设下均同）", "在全部闭合假设下至推演期末（2095年）均不出现"),
    ],
)  # fmt: skip
def test_year__that_is_the_same_over_the_set_is_one_plain_phrase(lang: Language, same: str, never: str) -> None:
    """In a narrow column two words stand for it, and the legend below says what they mean."""
    none = float("nan")
    assert closure_tables.year_text(2054.0, 2054.0, 2054.0, 2095, lang) == same
    assert closure_tables.year_text(none, none, none, 2095, lang) == never
    apart = {"en": "after 2095 (2060 to after 2095)", "zh": "2095后（2060至2095后）"}[lang]
    assert closure_tables.year_text(none, 2060.0, none, 2095, lang) == apart
    cells = [closure_tables.year_cell(year, year, year, 2095, lang) for year in (2054.0, none)]
    legend = list(closure_tables.cell_legend(cells, 2095, lang))
    assert len(legend) == 2 and never.split("，")[0] in legend[1]
    assert list(closure_tables.cell_legend([apart, "0.0"], 2095, lang)) == []


TOLD_WITH_RANGE = {
    *("exhaustion.below", "exhaustion.below_at_start"),
    *("closures.nation", "closures.fund_balance", "closures.fund_balance_unaided"),
    *("second_exhausted", "deficit_mark", "exhaustion_mark", "title_exhausted", "title_exhausted_after_deficit"),
    *("title_between", "title_times", "title_negative", "title_positive_deficit", "title_notional_deficit"),
    *("closures.same", "closures.cell_same", "same", "unaided_mark", "title_both"),
}
"""Texts with a place for a year of a fund, filled with the range as the tests above see; balances name the year of a
figure."""
TOLD_WITHOUT = {
    *("title_untold", "title_positive_range", "title_positive", "title_notional", "anchor", "anchor_unreached"),
}
"""Texts that name the horizon, the early end of a range whose baseline lies beyond it, or the year of a print."""
OF_A_SHOCK = {"stress.of_fund", "stress.plot.note"}
"""Texts of `simengine stress` that say for which year, and before which, a fund is looked at: years that are asked."""
OF_OWN_FLOWS = {"fund.exhausted", "fund.grid_ratios_title"}
"""Texts of `simengine fund`: years of flows that a user brings, which hold no closure, as they say."""


def test_texts__with_a_place_for_a_year_of_a_fund_are_known() -> None:
    """A new text that names such a year has to be put into one of the two lists, and so before the tests above."""
    pictures = yaml.safe_load((ROOT / "simengine/report/figures/plot.yaml").read_text(encoding="utf-8"))["fund"]
    texts = {**{key: text for key, text in table().items() if not key.startswith("closures.")}, **pictures}
    texts |= {key: text for key, text in table().items() if key.startswith("closures.") and "{year}" in text["en"]}
    texts["closures.nation"] = table()["closures.nation"]
    place = re.compile(r"\{(year|deficit|until|low|first|since|own|unaided)\}")
    known = TOLD_WITH_RANGE | TOLD_WITHOUT | {"closures.year", "closures.uebps_pensioners", "closures.uebps_payers"}
    known |= {"closures.replacement_ratio_average", "ranged"} | OF_OWN_FLOWS | OF_A_SHOCK
    found = {
        key for key, text in texts.items()
        if key.startswith("closures.") or (place.search(text["en"]) and (ABOUT.search(text["en"]) or key in pictures))
    }  # fmt: skip
    assert found - known == set() and known - found == set()


# --- pages ------------------------------------------------------------------------------------------------------------

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "simengine/notes").rglob("*.md")),
    *sorted((ROOT / "notebooks").glob("*.md")),
]
INVENTED = {"fund.md", "fund_only.md", "first_order.md", "solve.md", "stress.md"}
"""Pages whose years of funds are those of worked examples with invented figures, or years of an input: those
that a goal or a shock is asked for."""
THE_SET = "closures.md"
"""The page whose tables are the set itself: every value of every closure, so that the range stands in the column."""


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pages__tell_no_bare_year(page: Path) -> None:
    left_out = ("#", "| rank", *("|" if page.name == THE_SET else ()))
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if not line.startswith(left_out)]
    found = {line: years for line in lines if (years := bare(line))}
    assert not found or page.name in INVENTED
