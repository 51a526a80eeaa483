"""Quantities by year, laid out for readers: words for labels, years across, rounded on the screen and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.judge.closures.measures import INDICATOR_YEARS
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.quantities.catalogue import BUDGET_TABLE, Quantity, budget_word, quantities
from simengine.judge.quantities.select import AGE_AXES, COLUMN_OF, label_word
from simengine.judge.quantities.table import KEYS, Table, Withheld, wide
from simengine.judge.quantities.tidy import CELLS, judged_funds, values_of
from simengine.judge.targets.withheld import AFTER, ALWAYS, last_printed, reason, rule_of
from simengine.law.regions import load_regions
from simengine.registry.axes import OPENING
from simengine.report.tables.closures import year_text
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.quantities.sources import Source

EVERY = 5
"""On the screen, where no years are named, the opening and years that are multiples of this are shown."""

FEW = 2
"""Where regions have no more rows each, all regions of a scenario stand in one table."""


def screen_years(rows: pd.DataFrame) -> list[int]:
    """Years that a screen shows where none are named: the first, the last, and every fifth of the calendar."""
    years = sorted({int(year) for year in rows["year"].dropna()})
    return [year for year in years if year % EVERY == 0 or year in (years[0], years[-1])]


def region_word(key: str, lang: Language) -> str:
    """A region by its name; a key without one stays."""
    places = load_regions()
    return (places[key].name if lang == "en" else places[key].local_name) if key in places else key


def words_of(row: Mapping[Any, Any], axes: Sequence[str], lang: Language) -> dict[str, str]:
    """Labels of a row in words, by column."""
    found = {}
    for name in CELLS:
        label = str(row[name])
        axis = next((one for one in axes if COLUMN_OF[one] == name), "")
        if not label:
            continue
        if axis in AGE_AXES:
            found[name] = say("table.age", lang, age=label)
        elif axis == "budget_line":
            found[name] = budget_word(label, lang)
        else:
            found[name] = label_word(axis, label, lang)
    return found


def decimals_of(table: Table) -> dict[str, int]:
    """Decimals of a screen by the key of the quantity."""
    return {one.key: one.printed(table.reading.base).decimals for one in table.quantities}


def number(value: float, decimals: int) -> str:
    """A number of a screen: grouped by thousands, no -0.0, a dash where there is none.

    >>> number(-0.001, 2), number(12345.678, 1), number(float("nan"), 0)
    ('0.00', '12,345.7', '-')
    """
    return "-" if value != value else f"{value:z,.{decimals}f}"


LASTS = ("payable_months", "unaided_payable_months", "reserve_ratio")
"""Measures of how long a fund lasts: below zero it is used up, and how far is no length of time."""


def level(key: str, value: float, decimals: int, lang: Language) -> str:
    """A figure of a screen; a word where a fund that is used up would last for less than nothing."""
    return say("table.used_up", lang) if key in LASTS and value < 0.0 else number(value, decimals)


def show_table(table: Table, lang: Language, years: Sequence[int] | None = None, stream: IO[str] | None = None) -> None:
    """Print a table with years across; a part for each scenario and region, and for each fund account.

    Parameters
    ----------
    years : years to show; all when left out
    """
    rows = table.rows if years is None else table.rows[table.rows["year"].isna() | table.rows["year"].isin(list(years))]
    found = wide(rows)
    titles = {one.key: one.title[lang] for one in table.sources}
    axes = {one.key: one.axes for one in table.quantities}
    decimals = decimals_of(table)
    columns = [name for name in found.columns if name not in KEYS]
    lines, groups = [], []
    several = len(found) <= FEW * len(found[["scenario", "region"]].drop_duplicates()) and found["region"].nunique() > 1
    for row in found.to_dict("records"):
        told = words_of(row, axes[str(row["indicator"])], lang)
        region = region_word(str(row["region"]), lang)
        place = say("table.place", lang, scenario=row["scenario"], region=region)
        if row["indicator"] == BUDGET_TABLE:
            place = say("table.place", lang, scenario=place, region=told.pop("scheme"))
            label = told["item"]
        else:
            label = say("table.between", lang).join([*([region] if several else []), str(row["name"]), *told.values()])
        groups.append(str(row["scenario"]) if several and row["indicator"] != BUDGET_TABLE else place)
        key = str(row["indicator"])
        lines.append([label, row["unit"], *(level(key, row[year], decimals[key], lang) for year in columns)])
    for key, title in titles.items():
        print(paragraph(say("table.title", lang, key=key, title=title), hang=4), file=stream)
    if lines:
        heads = [say("column.quantity", lang), say("unit", lang), *map(str, columns)]
        show(lines, heads, lang, stream=stream, groups=groups, keys=2)
    sentences = (*event_lines(table, lang), *unjudged_lines(table, lang), *withheld_lines(table.withheld, lang))
    for sentence in (*sentences, *absent_lines(table, lang)):
        print(paragraph(sentence, hang=4), file=stream)


def event_lines(table: Table, lang: Language) -> list[str]:
    """Years of funds in words, each with its range over the closures."""
    said: list[str] = []
    events = table.events().to_dict("records")
    horizons = {one.key: int(one.data.year_end.values[-1]) for one in table.sources}
    held: set[tuple[str, str, str]] = set()
    for one in table.sources if events else ():
        found = one.ranges()
        held |= {*zip(found["scenario"], found["region"], found["fund"], strict=True)}
    for row in events:
        horizon = horizons[str(row["scenario"])]
        fund = label_word("fund", str(row["scheme"]), lang)
        known = (row["scenario"], row["region"], row["scheme"]) in held
        year = year_text(row["value"], row["low"], row["high"], horizon, lang) if known else say("table.no_fund", lang)
        region = region_word(str(row["region"]), lang)
        values = {"scenario": row["scenario"], "region": region, "fund": fund, "name": row["name"], "year": year}
        said.append(say("table.event", lang, **values))
    return said


def absent_lines(table: Table, lang: Language) -> list[str]:
    """Quantities without a number in the years asked for, with the years in which they have one."""
    kept = {(one.scenario, key) for one in table.withheld for key in one.keys}
    said: dict[str, None] = {}
    for one in table.sources:
        for quantity in table.quantities:
            rows = table.rows[(table.rows["scenario"] == one.key) & (table.rows["indicator"] == quantity.key)]
            of_year = quantity.key not in INDICATOR_YEARS
            if not of_year or (one.key, quantity.key) in kept or rows["value"].notna().any():
                continue
            years = years_with_values(quantity, one)
            values = {"name": quantity.name(lang), "scenario": one.key, "years": years_text(years, lang)}
            said[say("table.no_values" if years else "table.never_values", lang, **values)] = None
    return list(said)


def years_with_values(quantity: Quantity, source: Source) -> list[int]:
    """Years of a projection in which some number of a quantity is there."""
    import numpy as np

    values = values_of(quantity, source.data, source.definitions)
    time = next((str(dim) for dim in values.dims if dim in ("year", "year_end")), "")
    if not time:
        return []
    known = np.isfinite(values.values).reshape(-1, values.sizes[time]).any(axis=0)
    return [int(year) for year, there in zip(values[time].values, known, strict=True) if there]


def years_text(years: Sequence[int], lang: Language) -> str:
    """Years as one reads them: a span, or a list of few."""
    if len(years) > 1 and years[-1] - years[0] + 1 == len(years):
        return say("years", lang, first=years[0], last=years[-1])
    return COMMA[lang].join(map(str, years))


def withheld_lines(found: Sequence[Withheld], lang: Language) -> list[str]:
    """What is not told of a region in any of the scenarios, and why, in a sentence."""
    groups: dict[str, list[Withheld]] = {}
    for one in found:
        groups.setdefault(one.region, []).append(one)
    said = []
    for region, some in groups.items():
        why, year = reason(some[0].decided), last_printed(some[0].decided)
        keys = dict.fromkeys(key for one in some for key in one.keys)
        told = []
        for rule in (ALWAYS, AFTER):
            names = COMMA[lang].join(quantities()[key].name(lang) for key in keys if rule_of(key, OPENING) == rule)
            told += [say(f"table.withheld_{rule}", lang, names=names, year=year)] if names else []
        scenarios = COMMA[lang].join(dict.fromkeys(one.scenario for one in some))
        values = {
            "scenario": scenarios,
            "region": region_word(region, lang),
            "reason": why.zh if lang == "zh" else why.en,
        }
        said.append(say("table.withheld", lang, parts=COMMA[lang].join(told), **values))
    return said


def unjudged_lines(table: Table, lang: Language) -> list[str]:
    """Regions of which a measure that would be a verdict on a fund is not told."""
    wanted = [one for one in table.quantities if one.key in GIVES_VERDICT]
    said: dict[str, None] = {}
    for one in table.sources if wanted else ():
        rows = table.rows[(table.rows["scenario"] == one.key) & table.rows["indicator"].isin([of.key for of in wanted])]
        held = {region for _, region, _ in judged_funds(one.ranges())}
        told = {own.region for own in table.withheld if own.scenario == one.key}
        for region in dict.fromkeys(map(str, rows["region"])):
            if region not in held and region not in told:
                names = say("table.between", lang).join(of.name(lang) for of in wanted)
                place = region_word(region, lang)
                said[say("table.no_verdict", lang, scenario=one.key, region=place, names=names)] = None
    return list(said)


def for_readers(table: Table, lang: Language) -> pd.DataFrame:
    """The wide table with labels and heads in words, unrounded; the key of the quantity stays in front."""
    axes = {one.key: one.axes for one in table.quantities}
    found = table.wide()
    empty = [name for name in found.columns if name not in KEYS and found[name].isna().all()]
    return in_words(found.drop(columns=empty), axes, lang)


def in_words(frame: pd.DataFrame, axes: Mapping[str, Sequence[str]], lang: Language) -> pd.DataFrame:
    """A table with the keys `KEYS` in words; columns in which nothing stands are left out."""
    told = [words_of(row, axes[str(row["indicator"])], lang) for row in frame.to_dict("records")]
    frame = frame.assign(**{name: [one.get(name, "") for one in told] for name in CELLS})
    frame = frame.assign(region=[region_word(str(key), lang) for key in frame["region"]])
    empty = [name for name in CELLS if not frame[name].astype(bool).any()]
    front = ["indicator", *(name for name in KEYS if name not in ("indicator", *empty))]
    rest = [name for name in frame.columns if name not in KEYS]
    heads = {name: say(f"column.{name}", lang) for name in front if name != "unit"} | {"unit": say("unit", lang)}
    return frame[[*front, *rest]].rename(columns=heads)
