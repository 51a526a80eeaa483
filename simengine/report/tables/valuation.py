"""The actuarial valuation and the stylised workers, laid out for readers."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from simengine.common.messages import Language, say
from simengine.judge.measures.valuation import DISCOUNT, OBLIGATIONS, RATES, SUMMARISED
from simengine.registry.axes import WORDS
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.yearly import number, region_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

HUNDRED_MILLION = 1e8
NAMES = dict(zip(OBLIGATIONS, ("open", "closed", "new", "accrued", "debt"), strict=True))


def _funds(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for (region, fund), part in table.groupby(["region", "fund"], sort=False):
        yield str(region), str(fund), part


def _named(region: str, fund: str, lang: Language) -> dict[str, str]:
    return {"region": region_word(region, lang), "fund": str(getattr(WORDS["fund", fund], lang))}


def valuation_lines(table: pd.DataFrame, lang: Language) -> list[str]:
    """The actuarial balance of every judged fund in a line: what `simengine run` prints."""
    said = []
    for region, fund, part in _funds(table):
        balances = part[part["measure"] == SUMMARISED[-1]]
        if len(balances):
            texts = [number(100.0 * float(value), 1) for value in balances["value"]]
            rates = part[part["measure"] == DISCOUNT]["value"]
            rate = number(100.0 * float(rates.iloc[0]), 2) if len(rates) else "-"
            values = {"balances": ", ".join(texts), "rate": rate, **_named(region, fund, lang)}
            said.append(say("valuation.line", lang, **values))
    return said


def show_valuation(table: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print summarised rates and balances, then obligations and what own income pays; a sentence where none is told."""
    summarised = table[table["measure"].isin(SUMMARISED)]
    if not len(summarised):
        print(f"\n{paragraph(say('valuation.none', lang))}", file=stream)
        return
    year = int(summarised["year"].iloc[0])
    print(f"\n{paragraph(say('valuation.title', lang, year=year))}", file=stream)
    heads = [say(f"valuation.column.{name}", lang) for name in ("fund", "span")]
    heads += [say(f"valuation.{name}", lang) for name in SUMMARISED]
    lines = []
    for region, fund, part in _funds(summarised):
        named = _named(region, fund, lang)
        several = summarised["region"].nunique() > 1
        label = say("table.place", lang, scenario=named["region"], region=named["fund"]) if several else named["fund"]
        for span, own in part.groupby("span", sort=True):
            values = dict(zip(own["measure"], own["value"], strict=True))
            lines.append([label, str(span), *(number(100.0 * float(values[name]), 2) for name in SUMMARISED)])
    show(lines, heads, lang, stream=stream)
    print(paragraph(say("valuation.basis", lang), hang=4), file=stream)
    for region, fund, part in _funds(table):
        for sentence in _sentences(part, _named(region, fund, lang), lang):
            print(paragraph(sentence, hang=4), file=stream)


def _sentences(part: pd.DataFrame, named: dict[str, str], lang: Language) -> Iterator[str]:
    """Obligations, and the per cent payable, of one fund."""
    values = dict(zip(part["measure"], part["value"], strict=True))
    if DISCOUNT in values:
        yield say("valuation.discount", lang, rate=number(100.0 * float(values[DISCOUNT]), 2), **named)
    if all(name in values for name in NAMES):
        money = {key: number(float(values[name]) / HUNDRED_MILLION, 0) for name, key in NAMES.items()}
        yield say("valuation.obligations", lang, **named, **money)
    shares = part[part["measure"] == RATES[-1]]
    told = [
        say("valuation.share", lang, share=number(100.0 * float(value), 0), year=int(year))
        for value, year in zip(shares["value"], shares["year"], strict=True)
    ]
    if told:
        yield say("valuation.payable", lang, shares=say("table.between", lang).join(told), **named)


def show_workers(table: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print money's worth and replacement of stylised workers, of the first region alone: law and wages are shared."""
    if not len(table):
        return
    own = table[table["region"] == table["region"].iloc[0]]
    indexes = list(dict.fromkeys(own["index"]))
    title = say("workers.title", lang, indexes=", ".join(f"{index:g}" for index in indexes))
    print(f"\n{paragraph(title)}", file=stream)
    heads = [say(f"workers.column.{name}", lang) for name in ("career", "cohort", "retires")]
    heads += [say("workers.column.index", lang, index=f"{index:g}") for index in indexes]
    lines = []
    for (career, cohort), part in own.groupby(["career", "cohort"], sort=False):
        word = str(getattr(WORDS["career", str(career)], lang))
        cells = [
            say("workers.cell", lang, worth=number(float(worth), 2), share=number(100.0 * float(share), 0))
            for worth, share in zip(part["money_worth"], part["replacement"], strict=True)
        ]
        lines.append([word, str(cohort), str(part["retires"].iloc[0]), *cells])
    show(lines, heads, lang, stream=stream, essential=len(heads))
