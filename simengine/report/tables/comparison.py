"""A comparison, laid out for readers: figures by year, verdicts that flip, balances that move."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.decide.compare import ACCOUNTS, PLACE
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.quantities.select import label_word
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import word
from simengine.report.tables.yearly import number, region_word, withheld_lines, words_of

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.compare import Comparison

FURTHER, PER_CENT = 1, 2
"""Further decimals of a difference, and decimals of per cent."""


def show_comparison(
    found: Comparison, lang: Language, years: Sequence[int] | None = None, stream: IO[str] | None = None
) -> None:
    """Print a comparison; `years` are shown, all when left out."""
    base = found.sources[0]
    print(paragraph(say("compare.base", lang, key=base.key, title=base.title[lang]), hang=4), file=stream)
    for one in found.sources[1:]:
        print(paragraph(say("compare.other", lang, key=one.key, title=one.title[lang]), hang=4), file=stream)
    print(file=stream)
    _show_rows(found, found.rows, lang, years, stream)
    differences = found.rows["difference"].dropna()
    if len(differences) and (differences == 0.0).all() and len(found.balances):
        print(paragraph(say("compare.no_effect", lang), hang=4), file=stream)
    print(file=stream)
    _show_flips(found, lang, stream)
    print(file=stream)
    _show_balances(found, lang, years, stream)
    for sentence in withheld_lines(found.withheld, lang):
        print(paragraph(sentence, hang=4), file=stream)


def _show_rows(
    found: Comparison, rows: pd.DataFrame, lang: Language, years: Sequence[int] | None, stream: IO[str] | None
) -> None:
    """Per quantity: the base, and of every other scenario its figure, the difference and per cent."""
    if years is not None:
        rows = rows[rows["year"].isin(list(years))]
    shown = sorted({int(year) for year in rows["year"]})
    several = rows["region"].nunique() > 1
    lines, groups = [], []
    for place, part in rows.groupby([*PLACE, "unit"], sort=False):
        first = dict(zip([*PLACE, "unit"], place, strict=True))
        title = _title(first, several, lang)
        decimals = quantities()[str(first["indicator"])].printed(found.reading.base).decimals
        for told, cells in _lines(part, shown, decimals, lang):
            lines.append([told, *cells])
            groups.append(title)
    if lines:
        show(lines, [say("column.scenario", lang), *map(str, shown)], lang, stream=stream, groups=groups, keys=1)


def _title(first: Mapping[str, Any], several: bool, lang: Language) -> str:
    quantity = quantities()[str(first["indicator"])]
    region = [region_word(str(first["region"]), lang)] if several else []
    name = say("table.between", lang).join(
        [*region, str(first["name"]), *words_of(first, quantity.axes, lang).values()]
    )
    return say("compare.quantity", lang, name=name, unit=first["unit"])


def _lines(part: pd.DataFrame, shown: Sequence[int], decimals: int, lang: Language) -> Iterator[tuple[str, list[str]]]:
    """Lines of one quantity: what each is, and its cells by year."""
    for place, (key, own) in enumerate(part.groupby("scenario", sort=False)):
        by_year = own.set_index(own["year"].astype(int))

        def cells(column: str, places: int, of: pd.DataFrame = by_year) -> list[str]:
            return [number(float(of[column].get(year, float("nan"))), places) for year in shown]

        if place == 0:
            yield str(own["base"].iloc[0]), cells("base_value", decimals)
        yield str(key), cells("value", decimals)
        yield say("compare.difference", lang), cells("difference", decimals + FURTHER)
        yield say("compare.per_cent", lang), cells("per_cent", PER_CENT)


def _show_flips(found: Comparison, lang: Language, stream: IO[str] | None) -> None:
    places = {*found.rows["region"]}
    for key, count in found.compared.items():
        own = found.flips[found.flips["scenario"] == key]
        values = {"scenario": key, "base": found.sources[0].key, "count": len(own), "rows": count}
        told = "compare.flips" if len(own) else "compare.no_flips" if count else "compare.no_plan"
        print(paragraph(say(told, lang, **values), hang=4), file=stream)
        lines = [
            [
                row["id"],
                row["name"],
                row["year"],
                f"{row['goal']} {row['unit']}",
                _verdict(row, "base_", lang),
                _verdict(row, "", lang),
            ]
            for row in own.to_dict("records")
            if row["region"] in places
        ]
        heads = [word("columns", name, lang) for name in ("id", "name", "year")]
        heads += [say(f"compare.{name}", lang) for name in ("goal", "before", "after")]
        show(lines, heads, lang, stream=stream)
        if len(lines) < len(own):
            print(paragraph(say("compare.elsewhere", lang, count=len(own) - len(lines))), file=stream)


def _verdict(row: Mapping[Hashable, Any], before: str, lang: Language) -> str:
    """A verdict with the figure it rests on."""
    figure = row[f"{before}projected"]
    said = word("verdicts", str(row[f"{before}verdict"]), lang)
    return said if figure != figure else f"{said} ({number(float(figure), 2)})"


def _show_balances(found: Comparison, lang: Language, years: Sequence[int] | None, stream: IO[str] | None) -> None:
    rows = found.balances
    if years is not None:
        rows = rows[rows["year"].isin(list(years))]
    if not len(rows):
        print(say("compare.no_balances", lang), file=stream)
        return
    print(paragraph(say("compare.balances", lang, unit=rows["unit"].iloc[0]), hang=4), file=stream)
    shown = sorted({int(year) for year in rows["year"]})
    several = rows["region"].nunique() > 1
    lines, groups = [], []
    keys = ["scenario", "region", "indicator", "scheme", "moves_from"]
    decimals = quantities()[ACCOUNTS[0]].printed(found.reading.base).decimals
    for place, part in rows.groupby(keys, sort=False):
        scenario, region, account, fund, since = place
        by_year = part.set_index(part["year"].astype(int))["difference"]
        label = say("table.between", lang).join(
            [*([region_word(str(region), lang)] if several else []), label_word("fund", str(fund), lang)]
        )
        cells = [number(float(by_year.get(year, float("nan"))), decimals) for year in shown]
        lines.append([label, since, *cells])
        groups.append(say("compare.account", lang, scenario=scenario, account=quantities()[str(account)].name(lang)))
    heads = [say("column.fund", lang), say("compare.moves_from", lang), *map(str, shown)]
    show(lines, heads, lang, stream=stream, groups=groups, keys=2)
