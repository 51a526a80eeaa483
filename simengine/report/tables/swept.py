"""A sweep, laid out for readers: verdicts by combination, rows of the plan that flip, figures by year."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import IO, TYPE_CHECKING

from simengine.common.messages import Language, say
from simengine.decide.sweep import IMPOSSIBLE, counts, flips
from simengine.judge.quantities.catalogue import quantities
from simengine.judge.quantities.tidy import CELLS
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA, word
from simengine.report.tables.yearly import number, region_word, words_of

if TYPE_CHECKING:
    import pandas as pd

    from simengine.decide.sweep import Swept

JUDGED = ("met", "missed")

MOST = 60
"""Combinations that a screen shows; files hold all."""


def show_sweep(
    found: Swept, lang: Language, years: Sequence[int] | None, *, figures: bool, stream: IO[str] | None = None
) -> None:
    """Print a sweep.

    Parameters
    ----------
    years : years of the figures; all when left out
    figures : whether the figures are printed behind the verdicts
    """
    total = len(found.combinations)
    print(paragraph(say("sweep.done", lang, count=total, scenarios=len(found.scenarios))), file=stream)
    if total > MOST:
        print(paragraph(say("sweep.first", lang, count=MOST)), file=stream)
    _show_counts(found, lang, stream)
    _show_flips(found, lang, stream)
    if figures:
        _show_figures(found, lang, years, stream)
    for scenario, part in found.impossible.groupby("scenario", sort=False):
        numbers = spans([int(number) for number in part["combination"]])
        print(paragraph(say("sweep.impossible", lang, scenario=scenario, numbers=numbers), hang=4), file=stream)
    if found.idle:
        print(paragraph(say("sweep.idle", lang, names=COMMA[lang].join(found.idle)), hang=4), file=stream)


def _show_counts(found: Swept, lang: Language, stream: IO[str] | None) -> None:
    """Verdicts on the plan by combination: every kind that occurs, the areas of a city apart."""
    keys = {one.key: f"{one.title(lang)} ({one.key})" for one in found.scenarios}
    for areas in (False, True):
        tally = counts(found, areas=areas)
        tally = tally[tally["combination"] <= MOST]
        if not len(tally):
            continue
        fixed = ["combination", *found.axes, "scenario"]
        kinds = [name for name in tally.columns if name not in fixed and (name in JUDGED or tally[name].any())]
        heads = [say("sweep.number", lang), *found.axes, *(_verdict(name, lang) for name in kinds)]
        rows = tally[["combination", *found.axes, *kinds]].values.tolist()
        groups = [say("sweep.areas", lang, name=keys[key]) if areas else keys[key] for key in tally["scenario"]]
        print(file=stream)
        show(rows, heads, lang, stream=stream, groups=groups, essential=len(heads))
    for one in found.scenarios:
        if not one.target_files:
            print(paragraph(say("sweep.no_plan", lang, name=keys[one.key])), file=stream)


def _show_flips(found: Swept, lang: Language, stream: IO[str] | None) -> None:
    everywhere = flips(found)
    moved = everywhere[everywhere["region"].isin({*found.rows["region"]})]
    print(file=stream)
    if not len(everywhere):
        print(paragraph(say("sweep.no_flips", lang)), file=stream)
        return
    print(paragraph(say("sweep.flips", lang)), file=stream)
    lines = []
    for (scenario, name), part in moved.groupby(["scenario", "id"], sort=False):
        first = part.iloc[0]
        which = {
            code: spans([int(at) for at in own["combination"]]) for code, own in part.groupby("verdict", sort=False)
        }
        told = [say("sweep.in", lang, verdict=_verdict(str(code), lang), numbers=at) for code, at in which.items()]
        goal = f"{first['goal']} {first['unit']}"
        lines.append([name, first["name"], first["year"], goal, say("table.between", lang).join(told), scenario])
    several = len(found.scenarios) > 1
    heads = [word("columns", one, lang) for one in ("id", "name", "year")]
    heads += [say("compare.goal", lang), say("sweep.verdicts", lang), say("column.scenario", lang)]
    show([line if several else line[:-1] for line in lines], heads if several else heads[:-1], lang, stream=stream)
    elsewhere = everywhere.groupby(["scenario", "id"]).ngroups - len(lines)
    if elsewhere:
        print(paragraph(say("compare.elsewhere", lang, count=elsewhere)), file=stream)


def _verdict(code: str, lang: Language) -> str:
    """A verdict in words; that on an impossible combination has a word of its own."""
    return say("sweep.not_possible", lang) if code == IMPOSSIBLE else word("verdicts", code, lang)


def spans(numbers: Sequence[int]) -> str:
    """Numbers with those that follow each other drawn together.

    >>> spans([1, 2, 3, 5, 8, 9])
    '1-3, 5, 8-9'
    """
    runs = [[at for _, at in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _show_figures(found: Swept, lang: Language, years: Sequence[int] | None, stream: IO[str] | None) -> None:
    rows = found.rows[found.rows["combination"] <= MOST]
    if years is not None:
        rows = rows[rows["year"].isin(list(years))]
    shown = sorted({int(year) for year in rows["year"]})
    lines, groups = [], []
    keys = ["scenario", "region", "indicator", "name", *CELLS, "unit"]
    for place, part in rows.groupby(keys, sort=False):
        first = dict(zip(keys, place, strict=True))
        quantity = quantities()[str(first["indicator"])]
        decimals = quantity.printed(found.reading.base).decimals
        labels = [str(first["name"]), *words_of(first, quantity.axes, lang).values()]
        where = say("table.place", lang, scenario=first["scenario"], region=region_word(str(first["region"]), lang))
        name = say("table.between", lang).join([where, *labels])
        for line in _lines(part, found.axes, shown, decimals):
            lines.append(line)
            groups.append(say("compare.quantity", lang, name=name, unit=first["unit"]))
    print(file=stream)
    heads = [say("sweep.number", lang), *found.axes, *map(str, shown)]
    show(lines, heads, lang, stream=stream, groups=groups, keys=1 + len(found.axes))


def _lines(part: pd.DataFrame, axes: Sequence[str], shown: Sequence[int], decimals: int) -> list[list[str]]:
    """A line a combination: its number, the value of each axis, and the figure of each year."""
    lines = []
    for combination, own in part.groupby("combination", sort=False):
        values = dict(zip(own["year"].astype(int), own["value"], strict=True))
        labels = [str(own[axis].iloc[0]) for axis in axes]
        cells = [number(float(values.get(year, float("nan"))), decimals) for year in shown]
        lines.append([str(combination), *labels, *cells])
    return lines
