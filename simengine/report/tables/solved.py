"""Solved levers, laid out for readers: what each goal needs, its range, its cost, and what a cell cannot say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from simengine.common.messages import Language, say
from simengine.common.version import __version__
from simengine.decide.solve.costs import COSTS
from simengine.decide.solve.goals import ALL, BALANCE, CONSTANT, LASTS, MONTHS, NO_DEFICIT, RATIO, ROW, Goal
from simengine.decide.solve.levers import GROWTH, SECTIONS, TOGETHER, Part, Solved
from simengine.decide.solve.study import Solution
from simengine.decide.solve.trying import Tried
from simengine.judge.quantities.select import label_word
from simengine.judge.targets.files import read_targets
from simengine.law import load_law
from simengine.registry.inputs import CONSTANTS, SERIES
from simengine.report.tables.printer import paragraph, show
from simengine.report.tables.verdicts import COMMA
from simengine.scenario.closures import BASELINE, Closures, read_closures

HUNDRED_MILLION = 1e8
BLANK = "-"
MARK = "*"


def show_solution(found: Solution, lang: Language, stream: IO[str] | None = None) -> None:
    """Print a solution: a cell a goal and first year, ranges, costs, and what the cells cannot say."""
    print(paragraph(title_of(found, lang)), file=stream)
    _show_fund(found, lang, stream)
    print(file=stream)
    _show_answers(found, lang, stream)
    for text in _asides(found, lang):
        print(paragraph(text, hang=4), file=stream)
    _show_ranges(found, lang, stream)
    _show_costs(found, lang, stream)
    _show_lines(found, lang, stream)


def _show_fund(found: Solution | Tried, lang: Language, stream: IO[str] | None) -> None:
    """Of which fund and account conditions on a fund speak."""
    if any(goal.of_fund for goal in found.goals):
        fund, account = label_word("fund", found.fund, lang), say(f"solve.account.{found.account}", lang)
        print(paragraph(say("solve.of_fund", lang, fund=fund, account=account)), file=stream)


def called(lever: Solved, lang: Language, *, short: bool = False) -> str:
    """What readers call a lever: its keys, in Chinese each behind its name; `short` the names alone."""
    return f" {TOGETHER} ".join(_part_called(part, lang, short) for part in lever.parts)


def _part_called(part: Part, lang: Language, short: bool) -> str:
    """One key with its name: that of the law, of the registry, or of a section."""
    if lang == "en":
        return part.key
    if part.option in SECTIONS:
        name = say(f"solve.key.{part.option}", lang)
    elif "/" in part.name:
        name = load_law()[part.name].local_name
    else:
        row = SERIES.get(part.name) or CONSTANTS[part.name]
        name = say("solve.growth_of", lang, name=row.zh) if part.option == GROWTH else row.zh
    return name if short else say("solve.called", lang, key=part.key, name=name)


def title_of(found: Solution, lang: Language) -> str:
    """What was asked, in one sentence."""
    scenario = f"{found.scenario.title(lang)} ({found.scenario.key})"
    one = found.levers[0]
    told = {"scenario": scenario, "low": one.shown(one.low), "high": one.shown(one.high)}
    if len(found.levers) == 1:
        return say("solve.title_one", lang, lever=called(one, lang), step=one.shown(float(one.step)), **told)
    two = found.levers[1]
    ends = {"low_second": two.shown(two.low), "high_second": two.shown(two.high)}
    return say("solve.title_two", lang, first=called(one, lang), second=called(two, lang), **told, **ends)


# --- answers ----------------------------------------------------------------------------------------------------------


def _show_answers(found: Solution, lang: Language, stream: IO[str] | None) -> None:
    starts = list(dict.fromkeys(_starts(found)))
    rows = []
    for goal in found.goals:
        own = [row for row in _rows(found) if row["goal"] == goal.text]
        cells = [_cell(found, goal, row, lang) for row in own]
        exact = [_unrounded(found, row) for row in own]
        rows.append([goal_text(found, goal, lang), as_is_text(goal, own[0], lang), *cells, *exact])
    heads = [say("solve.head.goal", lang), say("solve.head.as_is", lang)]
    heads += [
        say("solve.head.answer", lang) if start is None else say("solve.head.from", lang, year=start)
        for start in starts
    ]
    heads += [
        say("solve.head.unrounded" if start is None else "solve.head.unrounded_from", lang, year=start)
        for start in starts
    ]
    kept = [place for place, head in enumerate(heads) if place < 2 + len(starts) or any(row[place] for row in rows)]
    show(
        [[row[place] for place in kept] for row in rows], [heads[place] for place in kept], lang, stream=stream, keys=1
    )
    print(paragraph(say("solve.keys" if len(found.levers) == 1 else "solve.keys_two", lang)), file=stream)


def as_is_text(goal: Goal, row: Mapping[str, Any], lang: Language) -> str:
    """How a goal stands without a lever; of a lowest balance, since when."""
    text = figure_text(goal, row, row["as_is"], lang)
    if goal.kind not in (LASTS, NO_DEFICIT):
        return text
    return say(f"solve.as_is_{goal.kind}", lang, value=text, first=row["cost_from"])


def _unrounded(found: Solution, row: Mapping[str, Any]) -> str:
    """The value that reaches the printed figure unrounded; nothing where rounding makes no difference."""
    value = row["unrounded"]
    return "" if value != value else found.levers[0].shown(value)


def _rows(found: Solution) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in found.answers.to_dict("records")]


def _starts(found: Solution) -> list[int | None]:
    return [_year(row["start"]) for row in _rows(found)]


def _year(value: Any) -> int | None:
    return int(value) if value == value and value is not None and str(value) != "<NA>" else None


def _cell(found: Solution, goal: Goal, row: Mapping[str, Any], lang: Language) -> str:
    reached = figure_text(goal, row, row["reached"], lang, unit=False)
    if row["status"] in ("none", "untouched", "as_is"):
        return say(f"solve.cell_{row['status']}", lang, reached=reached)
    one = found.levers[0]
    if len(found.levers) > 1:
        two = found.levers[1]
        told = {"first": one.shown(row["value"]), "second": two.shown(row["second"])}
        return say("solve.cell_two", lang, reached=reached, **told)
    mark = say(f"solve.mark.{row['side']}", lang)
    return say("solve.cell", lang, mark=mark, value=one.shown(row["value"]), reached=reached)


def figure_text(goal: Goal, row: Mapping[str, Any], value: float, lang: Language, *, unit: bool = True) -> str:
    """A figure of a goal as it is read: months, ratios, hundred millions of yuan, or the unit of the plan."""
    if value != value:
        return BLANK
    if goal.kind == ROW:
        return f"{value:z,.6g}{row['unit']}" if unit else f"{value:z,.6g}"
    if goal.kind == ALL:
        text = f"{value:z.0f}/{row['wanted']:z.0f}"
    elif row["unit"] == "yuan":
        text = f"{value / HUNDRED_MILLION:z,.1f}"
    elif goal.kind in (MONTHS, RATIO, CONSTANT):
        text = f"{value:z.2f}"
    else:
        text = f"{100.0 * value:z.2f}%"
    return say(f"solve.figure.{row['unit']}", lang, value=text) if unit else text


def goal_text(found: Solution | Tried, goal: Goal, lang: Language) -> str:
    """A goal in words."""
    years = str(goal.last) if goal.first == goal.last else f"{goal.first}-{goal.last}"
    amount = f"{goal.amount:z.10g}"
    if goal.kind == BALANCE:
        amount = say("solve.figure.yuan", lang, value=f"{goal.amount / HUNDRED_MILLION:z,.10g}")
    if goal.kind == ROW:
        target = next(row for row in read_targets(found.scenario.target_files.values()) if row.id == goal.row)
        name = (target.name_en if lang == "en" else target.name_local) or target.indicator
        printed = target.target
        amount = f"{printed.operator} {printed.printed} {target.unit}" if printed is not None else ""
        return say("solve.goal.row", lang, name=f"{goal.row} {name}", amount=amount, years=target.year)
    if goal.kind == ALL:
        table = found.answers if isinstance(found, Solution) else found.rows
        amount = f"{float(table[table['goal'] == goal.text]['wanted'].iloc[0]):z.0f}"
        return say("solve.goal.targets", lang, amount=amount)
    key = f"solve.goal.{goal.kind}"
    takes = {"years": years, "amount": amount} if goal.kind in (MONTHS, RATIO, BALANCE) else {"years": years}
    return say(key, lang, **takes)


def _asides(found: Solution, lang: Language) -> Iterator[str]:
    """What a cell cannot say: the best value where there is none, spells, impossible results."""
    goals = {goal.text: goal for goal in found.goals}
    one = found.levers[0]
    several = len(set(_starts(found))) > 1
    for row in _rows(found):
        goal = goals[row["goal"]]
        name = goal_text(found, goal, lang)
        start = _year(row["start"])
        if several and start is not None:
            name = f"{name} ({start})"
        told = {"goal": name, "reached": figure_text(goal, row, row["reached"], lang)}
        if row["met_as_is"]:
            yield _as_it_stands(found, name, row, lang)
        if row["unrounded"] == row["unrounded"]:
            both = {"value": one.shown(row["exact"]), "reached": figure_text(goal, row, row["reached_exact"], lang)}
            yield say("solve.rounded", lang, goal=name, unrounded=one.shown(row["unrounded"]), **both)
        if row["status"] == "as_is":
            continue
        ends = {"low": one.shown(row["low"]), "high": one.shown(row["high"])}
        if row["status"] == "none" and len(found.levers) == 1:
            yield say("solve.none", lang, best=one.shown(_short(one, row["best"])), **told, **ends)
        elif row["status"] == "none":
            yield say("solve.none_two", lang, **told)
        elif row["status"] == "everywhere":
            yield say("solve.everywhere", lang, goal=name, **ends)
        elif row["status"] == "untouched":
            yield say("solve.untouched", lang, goal=name)
        if len(found.levers) > 1 and row["spells"]:
            yield say("solve.spells_two", lang, goal=name)
        elif len(found.levers) == 1 and len(row["spells"]) > 1:
            yield say("solve.spells", lang, goal=name, spells=_spells(one, row["spells"], lang))
        elif row["direction"] == "mixed":
            yield say("solve.bent", lang, goal=name)
        if row["impossible"]:
            yield say("solve.impossible", lang, goal=name, names=row["impossible"])
    if len(found.levers) == 1 and not one.whole:
        yield say("solve.mesh", lang, points=found.points)
    if found.stated:
        yield say(
            "solve.stated", lang, names=COMMA[lang].join(_named(name, read_closures(), lang) for name in found.stated)
        )


def _as_it_stands(found: Solution, name: str, row: Mapping[str, Any], lang: Language) -> str:
    """That a goal is met without a mend, and how far a single lever can go before it is missed."""
    one = found.levers[0]
    if len(found.levers) == 1 and row["status"] == "found":
        return say(
            f"solve.as_it_stands_{row['side']}", lang, goal=name, lever=called(one, lang), value=one.shown(row["value"])
        )
    return say("solve.as_it_stands", lang, goal=name)


def _short(lever: Solved, value: float) -> float:
    """A value between two steps, rounded for reading."""
    return float(f"{value:z.6g}") if lever.low < value < lever.high else value


def _spells(lever: Solved, spells: Sequence[tuple[float, float]], lang: Language) -> str:
    return COMMA[lang].join(f"[{lever.shown(_short(lever, a))}, {lever.shown(_short(lever, b))}]" for a, b in spells)


# --- ranges, costs, lines ---------------------------------------------------------------------------------------------


def _show_ranges(found: Solution, lang: Language, stream: IO[str] | None) -> None:
    rows = []
    one, closures = found.levers[0], read_closures()
    goals = {goal.text: goal for goal in found.goals}
    for row in _rows(found):
        if row["low_value"] != row["low_value"]:
            continue
        mild = one.low if row["side"] == "up" else one.high
        ends = [_end(one, row[f"{end}_value"], mild, row[f"{end}_by"], closures, lang) for end in ("low", "high")]
        start = _year(row["start"])
        cells = [goal_text(found, goals[row["goal"]], lang), BLANK if start is None else str(start)]
        rows.append([*cells, one.shown(row["value"]), *ends])
    if rows:
        print(f"\n{paragraph(say('solve.ranges_title', lang))}", file=stream)
        heads = [say(f"solve.head.{name}", lang) for name in ("goal", "start", "baseline", "lowest", "highest")]
        if all(row[1] == BLANK for row in rows):
            rows, heads = [[row[0], *row[2:]] for row in rows], [heads[0], *heads[2:]]
        show(rows, heads, lang, stream=stream, keys=1)


def _end(lever: Solved, value: float, mild: float, by: str, closures: Closures, lang: Language) -> str:
    """One end of a range with the closure that gives it; beyond the interval where no value meets the goal.

    The mildest value of the interval has a mark: a milder one, outside, may do as well.
    """
    if math.isinf(value):
        text = say("solve.beyond", lang, end=lever.shown(lever.high if value > 0 else lever.low))
    else:
        mark = say("solve.mark.down" if mild == lever.low else "solve.mark.up", lang) if value == mild else ""
        text = mark + lever.shown(value)
    return say("solve.by", lang, value=text, by=_named(by, closures, lang))


def _named(key: str, closures: Closures, lang: Language) -> str:
    """A closure and its value, or an extreme, in words."""
    if key == BASELINE:
        return say("solve.head.baseline", lang)
    closure, _, variant = key.partition(":")
    name = closures.names()[closure]
    said = name.en if lang == "en" else name.local
    if not variant:
        return said
    lever = closures.lever(closure, variant).content.name
    return lever.en if lang == "en" else lever.local


def _money(value: float, largest: float) -> str:
    """An amount in hundred millions of yuan; more decimals where the largest beside it is small."""
    digits = 1 if largest >= 100.0 * HUNDRED_MILLION else 2 if largest >= HUNDRED_MILLION else 4
    return BLANK if value != value else f"{value / HUNDRED_MILLION:z,.{digits}f}"


def _largest(rows: Sequence[Mapping[Any, Any]]) -> float:
    return max((abs(row[name]) for row in rows for name in (*COSTS, "cost") if row[name] == row[name]), default=0.0)


def _show_costs(found: Solution, lang: Language, stream: IO[str] | None) -> None:
    rows, size = [], _largest(_rows(found))
    goals = {goal.text: goal for goal in found.goals}
    for row in _rows(found):
        if row["cost"] == row["cost"]:
            first, last = row["cost_from"], row["cost_to"]
            years = str(first) if first == last else f"{first}-{last}"
            money = [_money(row[name], size) for name in (*COSTS, "cost")]
            rows.append([goal_text(found, goals[row["goal"]], lang), years, *money])
    if rows:
        print(f"\n{paragraph(say('solve.costs_title', lang))}", file=stream)
        heads = [say(f"solve.head.{name}", lang) for name in ("goal", "years", *COSTS, "cost")]
        show(rows, heads, lang, stream=stream, keys=1)


def _show_lines(found: Solution, lang: Language, stream: IO[str] | None) -> None:
    """On two levers: the points that just meet each goal, the cheapest one marked."""
    if len(found.levers) < 2:
        return
    one, two = found.levers
    goals = {goal.text: goal for goal in found.goals}
    points: dict[tuple[str, int | None], list[dict[Any, Any]]] = {}
    for row in found.line.to_dict("records"):
        points.setdefault((str(row["goal"]), _year(row["start"])), []).append(row)
    for (text, year), part in points.items():
        rows = []
        for row in part:
            there = row["second"] == row["second"]
            mark = MARK if row["cheapest"] or row["tied"] else ""
            cells = [one.shown(row["first"]) + mark, two.shown(row["second"]) if there else BLANK]
            rows.append([*cells, *(_money(row[name], _largest(part)) for name in (*COSTS, "cost"))])
        name = goal_text(found, goals[text], lang)
        name = name if year is None else f"{name} ({year})"
        print(f"\n{paragraph(say('solve.line_title', lang, goal=name))}", file=stream)
        heads = [called(lever, lang, short=True) for lever in (one, two)]
        heads += [say(f"solve.head.{key}", lang) for key in (*COSTS, "cost")]
        show(rows, heads, lang, stream=stream, keys=2)
        tied = sum(1 for row in part if row["tied"])
        if tied > 1:
            told = {"count": tied, "first": called(one, lang), "second": called(two, lang)}
            print(paragraph(say("solve.tied", lang, **told), hang=4), file=stream)
    if points:
        print(paragraph(say("solve.cheapest", lang)), file=stream)


# --- levers by name ---------------------------------------------------------------------------------------------------


def show_tried(found: Tried, lang: Language, stream: IO[str] | None = None) -> None:
    """Print the levers that were tried: those that meet each goal by cost, the others, and what cannot be put on."""
    scenario = f"{found.scenario.title(lang)} ({found.scenario.key})"
    print(paragraph(say("solve.try_title", lang, scenario=scenario)), file=stream)
    _show_fund(found, lang, stream)
    for goal in found.goals:
        rows = [
            {str(k): v for k, v in row.items()}
            for row in found.rows[found.rows["goal"] == goal.text].to_dict("records")
        ]
        print(file=stream)
        standing = as_is_text(goal, rows[0], lang) if rows else BLANK
        print(paragraph(say("solve.try_goal", lang, goal=goal_text(found, goal, lang), as_is=standing)), file=stream)
        if rows and rows[0]["met_as_is"]:
            print(paragraph(say("solve.as_it_stands", lang, goal=goal_text(found, goal, lang)), hang=4), file=stream)
        size = _largest(rows)
        shown = [row for row in rows if row["status"] in ("meets", "misses")]
        lines = [
            [
                str(row["rank"]) if row["status"] == "meets" else BLANK,
                say("stress.named", lang, name=row["name"], key=row["lever"]),
                figure_text(goal, row, row["reached"], lang, unit=False),
                _money(row["cost"], size),
            ]
            for row in shown
        ]
        heads = [say(f"solve.head.{name}", lang) for name in ("rank", "lever", "reached", "cost")]
        if lines:
            show(lines, heads, lang, stream=stream, keys=2)
        if not any(row["status"] == "meets" for row in rows):
            print(paragraph(say("solve.try_none", lang, count=len(shown)), hang=4), file=stream)
        for status in ("still", "impossible", "refused"):
            names = COMMA[lang].join(row["lever"] for row in rows if row["status"] == status)
            if names:
                print(paragraph(say(f"solve.try_{status}", lang, names=names), hang=4), file=stream)
    print(paragraph(say("solve.try_cost", lang)), file=stream)
    if found.left_out:
        print(paragraph(say("solve.try_left_out", lang, count=found.left_out), hang=4), file=stream)


# --- files ------------------------------------------------------------------------------------------------------------


def file_tables(found: Solution) -> dict[str, Any]:
    """The tables of the files; spells as text."""

    def spell(parts: Sequence[Any]) -> str:
        return "; ".join(str(list(part)) for part in parts)

    answers = found.answers.assign(spells=[spell(parts) for parts in found.answers["spells"]])
    tables = {"": answers, "line": found.line, "needed": found.needed}
    return {name: frame for name, frame in tables.items() if not name or len(frame)}


def about_solution(found: Solution, lang: Language) -> list[list[str]]:
    """Lines of the first sheet: what the numbers are, the scenario, levers and goals."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    lines += [[title_of(found, lang)], [say("solve.costs_title", lang)], [""]]
    lines += [[lever.text, lever.shown(lever.low), lever.shown(lever.high)] for lever in found.levers]
    return lines + [[goal.text, goal_text(found, goal, lang)] for goal in found.goals]


def about_tried(found: Tried, lang: Language) -> list[list[str]]:
    """Lines of the first sheet: what the numbers are, the scenario and the goals."""
    lines = [[say("workbook.title", lang)], [say("workbook.source", lang, version=__version__)], [""]]
    lines += [[say("solve.try_title", lang, scenario=found.scenario.key)], [say("solve.try_cost", lang)], [""]]
    return lines + [[goal.text, goal_text(found, goal, lang)] for goal in found.goals]
