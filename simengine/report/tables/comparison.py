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
from simengine.report.tables.yearly import level, number, region_word, withheld_lines, words_of

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.compare import Comparison
    from simengine.judge.quantities.sources import Source

CENTS, FILLED = 1e-6, 1e-6
"""A difference that counts, in the unit of the table, and the part of it below which the own account stays equal."""

LONGEST = 30
"""Characters of a name in a table; longer ones are cut, and the first lines say what they stand for."""

FURTHER, PER_CENT = 1, 2
"""Further decimals of a difference, and decimals of per cent."""


def show_comparison(
    found: Comparison, lang: Language, years: Sequence[int] | None = None, stream: IO[str] | None = None
) -> None:
    """Print a comparison; `years` are shown, all when left out."""
    base = found.sources[0]
    print(paragraph(say("compare.base", lang, key=base.key, title=base.title[lang]), hang=4), file=stream)
    for one in found.sources[1:]:
        short = short_keys(found)[one.key]
        told = say("compare.other", lang, key=one.key, title=one.title[lang])
        told = told if short == one.key else say("compare.short", lang, short=short, text=told)
        print(paragraph(told, hang=4), file=stream)
    print(file=stream)
    _show_rows(found, found.rows, lang, years, stream)
    differences = found.rows["difference"].dropna()
    if len(differences) and (differences == 0.0).all() and len(found.balances):
        print(paragraph(say("compare.no_effect", lang), hang=4), file=stream)
    print(file=stream)
    _show_flips(found, lang, stream)
    print(file=stream)
    _show_balances(found, lang, years, stream)
    for sentence in (*reason_lines(found, lang), *withheld_lines(found.withheld, lang)):
        print(paragraph(sentence, hang=4), file=stream)


def short_keys(found: Comparison) -> dict[str, str]:
    """Names of scenarios as tables print them: a long one is cut, with a number that the legend explains."""
    told = {}
    for place, one in enumerate(found.sources):
        told[one.key] = one.key if len(one.key) <= LONGEST else f"{one.key.partition('+')[0][: LONGEST - 6]}+…({place})"
    return told


def reason_lines(found: Comparison, lang: Language) -> list[str]:
    """What a reader may take for an error: a rule on rates that a poorer fund sets off, and aid that fills a gap."""
    said = []
    base, *others = found.sources
    own, unaided = (found.balances[found.balances["indicator"] == account] for account in ACCOUNTS)
    for other in others:
        for region in dict.fromkeys(map(str, found.rows["region"])):
            values = {"scenario": other.key, "base": base.key, "region": region_word(region, lang)}
            first = _cut_moves(base, other, region)
            if first is not None:
                said.append(say("compare.rate_rule", lang, year=first, **values))
            moved = unaided[(unaided["scenario"] == other.key) & (unaided["region"] == region)]
            beside = own[(own["scenario"] == other.key) & (own["region"] == region)]
            for fund, part in moved.groupby("scheme", sort=False):
                gaps = beside[beside["scheme"] == fund].set_index("year")["difference"]
                years = [
                    int(year)
                    for year, gap in zip(part["year"], part["difference"], strict=True)
                    if abs(gap) > CENTS and abs(float(gaps.get(year, 0.0))) < FILLED * abs(gap)
                ]
                if years:
                    name = label_word("fund", str(fund), lang)
                    said.append(say("compare.aid_fills", lang, fund=name, first=years[0], last=years[-1], **values))
    return said


def _cut_moves(base: Source, other: Source, region: str) -> int | None:
    """First year in which the phased cut of the unemployment rates is withdrawn to another extent."""
    cuts = [one.data["unemployment_cut_withdrawn"].isel(scenario=0, draw=0) for one in (base, other)]
    years = sorted({*map(int, cuts[0].year.values)} & {*map(int, cuts[1].year.values)})
    gaps = [float(cuts[1].sel(region=region, year=year) - cuts[0].sel(region=region, year=year)) for year in years]
    return next((year for year, gap in zip(years, gaps, strict=True) if gap), None)


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
        for told, cells in _lines(found, str(first["indicator"]), part, shown, decimals, lang):
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


def _lines(
    found: Comparison, name: str, part: pd.DataFrame, shown: Sequence[int], decimals: int, lang: Language
) -> Iterator[tuple[str, list[str]]]:
    """Lines of one quantity: what each is, and its cells by year."""
    for place, (key, own) in enumerate(part.groupby("scenario", sort=False)):
        by_year = own.set_index(own["year"].astype(int))

        def cells(column: str, places: int, of: pd.DataFrame = by_year) -> list[str]:
            return [number(float(of[column].get(year, float("nan"))), places) for year in shown]

        def levels(column: str, places: int, of: pd.DataFrame = by_year) -> list[str]:
            return [level(name, float(of[column].get(year, float("nan"))), places, lang) for year in shown]

        if place == 0:
            yield str(own["base"].iloc[0]), levels("base_value", decimals)
        yield short_keys(found)[str(key)], levels("value", decimals)
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
        groups.append(
            say(
                "compare.account",
                lang,
                scenario=short_keys(found)[str(scenario)],
                account=quantities()[str(account)].name(lang),
            )
        )
    heads = [say("column.fund", lang), say("compare.moves_from", lang), *map(str, shown)]
    show(lines, heads, lang, stream=stream, groups=groups, keys=2)
