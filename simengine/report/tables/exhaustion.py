"""When funds fall below zero: the table that `simengine check` prints, and every crossing in a sentence."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.judge.checks.crossings import Crossing, crossings_of
from simengine.judge.checks.exhaustion import ACCOUNTS
from simengine.law.regions import load_regions
from simengine.registry.axes import WORDS
from simengine.report.tables.closures import cell_legend, year_cell, year_text
from simengine.report.tables.printer import TIE, paragraph, show

if TYPE_CHECKING:
    import pandas as pd

YEARS = ("no_subsidy", "constant_share", "first_deficit", "first_need")
SHOWN = ("region", "fund", "judged_from", *YEARS, "need_to_horizon")
ACCOUNT_OF = {"no_subsidy": "unaided", "constant_share": "own"}
"""Year of a convention -> account it is read on."""
LASTING = {"unaided": "exhaustion_unaided", "own": "exhaustion", "both": "exhaustion_unaided"}
"""Account -> column of the year end from which it stays below zero, which has its ends over the closures."""

THEN = {"en": "; ", "zh": "；"}
HUNDRED_MILLION = 1e8


def show_exhaustion(exhaustion: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the years of every fund with their ranges, then each crossing of zero; nothing where there is none.

    Parameters
    ----------
    exhaustion : `exhaustion_table` with its ends (`range_columns`); without them it is refused
    """
    if not len(exhaustion):
        return
    print(f"\n{paragraph(say('exhaustion.title', lang))}", file=stream)
    names = [name for name in SHOWN if name != "region" or exhaustion["region"].nunique() > 1]
    rows = [[_cell(row, name, lang) for name in names] for row in exhaustion.to_dict("records")]
    heads = [say(f"column.{name}", lang) for name in names]
    show(rows, heads, lang, stream=stream, keys=names.index("fund") + 1)
    for line in cell_legend((cell for row in rows for cell in row), int(exhaustion["horizon"].iloc[0]), lang):
        print(paragraph(line, hang=4), file=stream)
    for line in crossing_lines(exhaustion, lang):
        print(paragraph(line, hang=4), file=stream)


def _cell(row: Mapping[Hashable, Any], name: str, lang: Language) -> str:
    """One cell: the start, a year with its range, or money in hundred million yuan."""
    if name == "judged_from":
        return say(f"exhaustion.start.{row['judged_on']}", lang, year=int(row[name]))
    if name in YEARS:
        crossed = crossings_of(row[f"{ACCOUNT_OF[name]}_crossings"]) if name in ACCOUNT_OF else []
        before = f"≤{TIE}" if any(one.at_start for one in crossed) else ""  # when it fell is history
        return before + year_cell(row[name], *_row_ends(row, name), row["horizon"], lang)
    return f"{row[name] / HUNDRED_MILLION:z,.1f}" if name == "need_to_horizon" else str(row[name])


def _ranged(row: Mapping[Hashable, Any], name: str, lang: Language) -> str:
    """A year of the table with its range over the closures."""
    return year_text(row[name], *_row_ends(row, name), row["horizon"], lang)


def _row_ends(row: Mapping[Hashable, Any], name: str) -> tuple[float, float]:
    """Earliest and latest of a year of the table."""
    return row[f"{name}_low"], row[f"{name}_high"]


def crossing_lines(exhaustion: pd.DataFrame, lang: Language) -> list[str]:
    """Every crossing of every fund in order; then the funds that cross nothing.

    The lasting one stands with its range over the closures, the others are said to be those of the baseline alone.
    """
    regions = load_regions(resources.scenarios_root() / "regions.yaml")
    said: list[str] = []
    for region, rows in exhaustion.groupby("region", sort=False):
        place = regions[str(region)]
        named = {"region": place.name if lang == "en" else place.local_name}
        calm = []
        for row in rows.to_dict("records"):
            fund = str(getattr(WORDS["fund", str(row["fund"])], lang))
            lines = list(_of_fund(row, fund, named["region"], lang))
            said += lines
            calm += [] if lines else [fund]
        if calm:
            said.append(say("exhaustion.none", lang, funds=("、" if lang == "zh" else ", ").join(calm), **named))
    return said


def _of_fund(row: Mapping[Hashable, Any], fund: str, region: str, lang: Language) -> Iterator[str]:
    """A sentence for each account of a fund that crosses zero; one for both where they cross alike."""
    codes = {account: str(row[f"{account}_crossings"]) for account in ACCOUNTS}
    alike = codes["own"] == codes["unaided"] and _ends(row, "own") == _ends(row, "unaided")
    told = {"both": codes["own"]} if alike else codes
    start = say(f"exhaustion.on.{row['judged_on']}", lang, year=int(row["judged_from"]))
    for account, code in told.items():
        if code:
            parts = THEN[lang].join(_said(one, row, account, lang) for one in crossings_of(code))
            name = say(f"exhaustion.account.{account}", lang)
            said = {"region": region, "fund": fund, "account": name, "crossings": parts, "start": start}
            yield say("exhaustion.line", lang, **said)


def _ends(row: Mapping[Hashable, Any], account: str) -> str:
    """Earliest and latest year end from which an account stays below zero, as text that compares."""
    return " ".join(str(row[f"{LASTING[account]}_{end}"]) for end in ("low", "high"))


def _said(crossing: Crossing, row: Mapping[Hashable, Any], account: str, lang: Language) -> str:
    """One crossing in words."""
    key = "above" if not crossing.below else "below_at_start" if crossing.at_start else "below"
    ranged = _ranged(row, LASTING[account], lang) if crossing.lasting else ""
    year = ranged or say("exhaustion.of_baseline", lang, year=crossing.year)
    said = say(f"exhaustion.{key}", lang, year=year)
    return said + say("exhaustion.lasting", lang) if crossing.lasting else said
