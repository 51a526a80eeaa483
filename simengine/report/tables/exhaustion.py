"""When funds fall below zero: the table that `simengine check` prints, and every crossing in a sentence."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.judge.checks.exhaustion import ACCOUNTS, Crossing, crossings_of
from simengine.law.regions import load_regions
from simengine.registry.axes import WORDS
from simengine.report.tables.printer import TIE, paragraph, show

if TYPE_CHECKING:
    import pandas as pd

YEARS = ("judged_from", "first_deficit", "no_subsidy", "constant_share", "first_need")
SHOWN = ("region", "fund", *YEARS, "need_to_horizon")
ACCOUNT_OF = {"no_subsidy": "unaided", "constant_share": "own"}
"""Year of a convention -> account it is read on."""

THEN = {"en": "; ", "zh": "；"}
HUNDRED_MILLION = 1e8


def show_exhaustion(exhaustion: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the years of every fund, then each crossing of zero; nothing where no region of the run holds a fund."""
    if not len(exhaustion):
        return
    print(f"\n{paragraph(say('exhaustion.title', lang))}", file=stream)
    names = [name for name in SHOWN if name != "region" or exhaustion["region"].nunique() > 1]
    rows = [[_cell(row, name) for name in names] for row in exhaustion.to_dict("records")]
    heads = [say(f"column.{name}", lang) for name in names]
    show(rows, heads, lang, stream=stream, keys=names.index("fund") + 1)
    for line in crossing_lines(exhaustion, lang):
        print(paragraph(line, hang=4), file=stream)


def _cell(row: Mapping[Hashable, Any], name: str) -> str:
    """One cell: a year, none where it never comes, or money in hundred million yuan."""
    if name in ACCOUNT_OF and any(one.at_start for one in crossings_of(row[f"{ACCOUNT_OF[name]}_crossings"])):
        return f"≤{TIE}{row[name]:z.0f}"  # when it fell is history
    if name in YEARS:
        return "-" if row[name] != row[name] else f"{row[name]:z.0f}"
    return f"{row[name] / HUNDRED_MILLION:z,.1f}" if name == "need_to_horizon" else str(row[name])


def crossing_lines(exhaustion: pd.DataFrame, lang: Language) -> list[str]:
    """Every crossing of every fund in order, the lasting one marked; then the funds that cross nothing."""
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
    told = {"both": codes["own"]} if codes["own"] == codes["unaided"] else codes
    start = say(f"exhaustion.on.{row['judged_on']}", lang, year=int(row["judged_from"]))
    for account, code in told.items():
        if code:
            parts = THEN[lang].join(_said(one, lang) for one in crossings_of(code))
            name = say(f"exhaustion.account.{account}", lang)
            said = {"region": region, "fund": fund, "account": name, "crossings": parts, "start": start}
            yield say("exhaustion.line", lang, **said)


def _said(crossing: Crossing, lang: Language) -> str:
    """One crossing in words."""
    key = "above" if not crossing.below else "below_at_start" if crossing.at_start else "below"
    said = say(f"exhaustion.{key}", lang, year=crossing.year)
    return said + say("exhaustion.lasting", lang) if crossing.lasting else said
