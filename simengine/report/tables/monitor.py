"""The plan monitor for readers: rows by region, areas by rank, the table of the offices, and their files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.judge.indicators import registry
from simengine.judge.monitor.frames import POINTS, ROWS, moment_of
from simengine.judge.monitor.tracked import STATES
from simengine.judge.monitor.words import word
from simengine.law.regions import load_regions
from simengine.report.tables.printer import TIE, paragraph, show

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.monitor import Monitor

SHOWN = ("id", "target", "actual", "state", "pace", "projected", "base", "path", "distance", "still_needed", "age")
"""Columns of the screen, the most wanted ones first; the name below the id, the outlook beside the projection."""

RANKED = ("rank", "region", "target", "actual", "state", "pace", "projected")
BETWEEN = {"en": ", ", "zh": "，"}
STYLE = {"behind": "bold yellow", "missed": "bold yellow", "slipped": "bold yellow", "not_done": "bold yellow"}
CODES = {
    "kind": "kinds",
    "base_from": "bases",
    "projected_from": "sources",
    "state": "states",
    "series": "series",
}
"""Columns of codes -> their words."""

FINAL = ("met", "missed")
PARTS = ("elapsed", "covered")
PARTS_OF_TASK = ("completion", "net_completion", "calendar")
"""Columns that hold parts of one and are told in per cent."""


def show_monitor(found: Monitor, lang: Language, *, full: bool = False, stream: IO[str] | None = None) -> None:
    """Print the monitor: rows of the plan in force, areas by rank, the table of the offices where figures are reported.

    `full` adds the rows of plans that have ended, superseded ones, and those of every area and year.
    """
    print(paragraph(word("screen", "title", lang, plan=found.plan, day=found.as_of.isoformat()), hang=4), file=stream)
    for line in _known(found, lang):
        print(paragraph(line, hang=4), file=stream)
    if found.rows.empty:
        print(paragraph(word("screen", "no_rows", lang)), file=stream)
        return
    listed, left = listed_rows(found, full=full)
    for line in _summary(listed, found, lang):
        print(paragraph(line, hang=4), file=stream)
    print(file=stream)
    lines = [[_cell(row, name, lang) for name in SHOWN] for row in listed]
    heads = [word("columns", name, lang) for name in SHOWN]
    groups = [region_word(str(row["region"]), lang) for row in listed]
    styles = [STYLE.get(str(row["state"]), "") for row in listed]
    show(lines, heads, lang, stream=stream, groups=groups, styles=styles, essential=5)
    print(file=stream)
    for name in ("signs", "projection"):
        print(paragraph(word("screen", name, lang), hang=4), file=stream)
    if left:
        parts = BETWEEN[lang].join(word("screen", name, lang, count=count) for name, count in left.items())
        print(paragraph(word("screen", "elsewhere", lang, parts=parts), hang=4), file=stream)
    if found.repeated:
        print(paragraph(word("screen", "repeated", lang, count=found.repeated), hang=4), file=stream)
    _show_ranking(found, lang, stream)
    _show_expansion(found, lang, stream)


def _known(found: Monitor, lang: Language) -> Iterator[str]:
    """What the projection knows, and how actuals are given."""
    if found.judged is not None:
        kind = "discarded" if found.discarded else "hindsight" if found.hindsight else found.knows
        yield word("screen", f"known_{kind}", lang, scenario=found.judged.scenario.key)
    yield word("screen", "give_actuals", lang)


def region_word(key: str, lang: Language) -> str:
    """Name of a region."""
    regions = load_regions()
    if key not in regions:
        return key
    return regions[key].name if lang == "en" else regions[key].local_name


def measure_word(indicator: str, lang: Language) -> str:
    """Name of a measure; its key where the engine has none."""
    measure = registry().get(indicator)
    return indicator if measure is None else measure.zh if lang == "zh" else measure.en


def _summary(rows: Sequence[Mapping[Any, Any]], found: Monitor, lang: Language) -> Iterator[str]:
    """How some rows stand, what they are projected to, and of how many the target year has ended without its actual."""
    counts = Counter(str(row["state"]) for row in rows)
    parts = [
        word("screen", "part", lang, count=counts[state], state=word("states", state, lang))
        for state in STATES
        if counts[state]
    ]
    if parts:
        yield word("screen", "summary", lang, parts=BETWEEN[lang].join(parts))
    told = [bool(row["outlook"]) for row in rows if not _absent(row["outlook"])]
    if told:
        yield word("screen", "outlook", lang, yes=sum(told), no=len(told) - sum(told))
    day = moment_of(found.as_of)
    ended = sum(row["year"] <= day and row["state"] not in FINAL for row in rows)
    if ended:
        yield word("screen", "ended", lang, count=ended)


def listed_rows(found: Monitor, *, full: bool = False) -> tuple[list[dict[Any, Any]], dict[str, int]]:
    """Rows for the screen, and how many of which kind are left to the files."""
    rows = found.rows.to_dict("records")
    if full:
        return rows, {}
    regions = load_regions()
    held = {*found.rows["region"]}
    whole = {key for key in held if key not in regions or regions[key].parent not in held}
    kept: list[dict[Any, Any]] = []
    left = {"closed": 0, "superseded": 0, "areas": 0, "yearly": 0}
    for row, one in zip(rows, found.tracked, strict=True):
        reasons = {
            "closed": row["closed"],
            "superseded": bool(row["superseded_by"]),
            "areas": row["region"] not in whole,
            "yearly": bool(row["restates"] or (one.row.table and one.row.value_kind == "annual_task")),
        }
        kind = next((name for name, holds in reasons.items() if holds), "")
        if kind:
            left[kind] += 1
        else:
            kept.append(row)
    return kept, {kind: count for kind, count in left.items() if count}


# --- cells ------------------------------------------------------------------------------------------------------------


def figure(value: Any, decimals: int = 2) -> str:
    """A figure with its decimals; nothing where there is none."""
    return "" if _absent(value) else f"{float(value):z,.{decimals}f}"


def as_printed(value: Any) -> str:
    """A figure with the decimals that it has."""
    return "" if _absent(value) else f"{float(value):z,.12g}"


def _year_or_figure(row: Mapping[Any, Any], name: str) -> str:
    """A figure as it is printed; the year of something that is to be done by a year."""
    return f"{row[name]:z.0f}" if row["kind"] == "event" else as_printed(row[name])


def _absent(value: Any) -> bool:
    return value is None or str(value) in ("<NA>", "nan")


def years_text(row: Mapping[Any, Any]) -> str:
    """Size of the time distance; a bound where the path never had the figure, nothing where there is none.

    >>> years_text({"time_distance": -1.0, "beyond": False}), years_text({"time_distance": 3.333, "beyond": True})
    ('1.0', '≥3.3')
    """
    value = row["time_distance"]
    if _absent(value) or abs(float(value)) < NEAR:
        return ""
    return ("≥" if row["beyond"] else "") + f"{abs(float(value)):z.1f}"


NEAR = 0.05
"""Years that are printed as none."""


def state_text(row: Mapping[Any, Any], lang: Language) -> str:
    """How a row stands, with its time distance.

    >>> state_text({"state": "behind", "time_distance": -1.0, "beyond": False}, "en")
    'behind 1.0\xa0y'
    """
    state, years = word("states", str(row["state"]), lang), years_text(row)
    return word("screen", "years", lang, state=state, years=years).replace(" y", f"{TIE}y") if years else state


def _cell(row: Mapping[Any, Any], name: str, lang: Language) -> str:
    """One cell of the screen."""
    if name == "id":
        return f"{row['id']}\n{row[f'name_{lang}']}"
    if name == "region":
        return region_word(str(row["region"]), lang)
    if name == "target":
        value = _year_or_figure(row, "target")
        return TIE.join((str(row["operator"]), value, str(row["unit"]))) + f" ({row['year']})"
    if name == "base":
        year = f" ({row['base_when']})" if row["base_when"] else ""
        mark = "" if row["base_from"] in ("plan", "") else BETWEEN[lang] + word("bases", row["base_from"], lang)
        told = figure(row["base"]) if row["base_from"] == "engine" else as_printed(row["base"])
        return f"{told}{year}{mark}"
    if name == "actual":
        return "" if _absent(row["actual"]) else f"{_year_or_figure(row, 'actual')} ({row['when']})"
    if name == "projected":
        mark = word("marks", str(row["projected_from"]), lang) if row["projected_from"] else ""
        told = "" if _absent(row["outlook"]) else word("outlook", "yes" if row["outlook"] else "no", lang)
        return f"{figure(row['projected'])}{mark} {told}" if not _absent(row["projected"]) else ""
    if name == "state":
        return state_text(row, lang)
    if name == "age":
        return figure(row["age"], 1)
    if name == "rank":
        return "" if _absent(row["rank"]) else str(row["rank"])
    return figure(row[name])


# --- areas ------------------------------------------------------------------------------------------------------------


def ranking(found: Monitor) -> list[list[dict[Any, Any]]]:
    """Areas of one region by measure, in the order of their rank, against the last target of the plan."""
    rows = found.rows[found.rows["ranked"].notna() & ~found.rows["closed"]]
    groups = []
    for _, group in rows.groupby(["document", "indicator", "fund"], sort=False):
        last = group[group["year"] == group["year"].max()]
        groups.append(last.sort_values("rank", kind="stable").to_dict("records"))
    return groups


def _show_ranking(found: Monitor, lang: Language, stream: IO[str] | None) -> None:
    for rows in ranking(found):
        first = rows[0]
        told = {"unit": first["unit"], "year": first["year"]}
        print(file=stream)
        name = measure_word(str(first["indicator"]), lang)
        print(paragraph(word("screen", "ranking", lang, name=name, **told), hang=4), file=stream)
        lines = [[_cell(row, each, lang) for each in RANKED] for row in rows]
        show(lines, [word("columns", each, lang) for each in RANKED], lang, stream=stream, essential=4)


def _show_expansion(found: Monitor, lang: Language, stream: IO[str] | None) -> None:
    """The table of the offices, one block an insurance of which anything is reported."""
    told = False
    columns = (
        *("region", "base", "must", "strive", "done", "net_gain"),
        *("completion", "net_completion", "calendar", "rank"),
    )
    for indicator, rows in found.expansion.groupby("indicator", sort=False):
        if rows["done"].isna().all():
            continue
        told = True
        ordered = rows.sort_values("rank", kind="stable", na_position="first").to_dict("records")
        values = {"year": ordered[0]["year"], "unit": ordered[0]["unit"]}
        print(file=stream)
        title = word("screen", "expansion", lang, name=measure_word(str(indicator), lang), **values)
        print(paragraph(title, hang=4), file=stream)
        lines = [[_task_cell(row, name, lang) for name in columns] for row in ordered]
        show(lines, [word("expansion", name, lang) for name in columns], lang, stream=stream, essential=6)
    if told:
        print(file=stream)
        print(paragraph(word("screen", "expansion_note", lang), hang=4), file=stream)


MARKS = {"between": "*", "path": "*", "engine": "r"}


def _part_mark(row: Mapping[Any, Any], name: str) -> str:
    """Mark of a per cent: that of the task, or of the base, which it rests on."""
    rests = {"completion": ("task_from",), "net_completion": ("task_from", "base_from")}.get(name, ())
    return next((MARKS[str(row[one])] for one in rests if str(row[one]) in MARKS), "")


def _task_cell(row: Mapping[Any, Any], name: str, lang: Language) -> str:
    if name == "region":
        return region_word(str(row["region"]), lang)
    if name in PARTS_OF_TASK:
        return "" if _absent(row[name]) else figure(100.0 * row[name], 1) + _part_mark(row, name)
    if name == "rank":
        return "" if _absent(row["rank"]) else str(row["rank"])
    mark = {"base": MARKS.get(row["base_from"], ""), "must": MARKS.get(row["task_from"], "")}.get(name, "")
    if name == "done" and not _absent(row["done"]) and len(str(row["when"])) > 4:
        return f"{figure(row['done'])} ({row['when']})"
    return figure(row[name]) + (mark if not _absent(row[name]) else "")


# --- files ------------------------------------------------------------------------------------------------------------


def frames_of(found: Monitor, lang: Language) -> dict[str, pd.DataFrame]:
    """The tables of the monitor for files, heads and codes in one language: rows, enlargement, the same by area."""
    return {
        "rows": in_words(found.rows, ROWS, lang),
        "expansion": expansion_words(found.expansion, lang),
        "expansion_wide": expansion_wide(found.expansion, lang),
    }


def in_words(frame: pd.DataFrame, columns: Sequence[str], lang: Language) -> pd.DataFrame:
    """Rows or points with heads, names and codes in one language; parts of one in per cent."""
    table = frame.copy()
    for name, group in CODES.items():
        if name in table:
            table[name] = [word(group, str(code), lang) if code else "" for code in table[name]]
    table["region"] = [region_word(str(key), lang) for key in table["region"]]
    if "indicator" in table:
        pairs = zip(table["indicator"], table[f"name_{lang}"], strict=True)
        table["indicator"] = [measure_word(key, lang) if key in registry() else name for key, name in pairs]
        table["evidence"] = [say(f"law.evidence.{code}", lang) if code else "" for code in table["evidence"]]
    for name in ("closed", "beyond", "known_to_run"):
        if name in table:
            table[name] = ["" if _absent(one) else word("answers", "yes" if one else "no", lang) for one in table[name]]
    for name in PARTS:
        if name in table:
            table[name] = 100.0 * table[name]
    if "outlook" in table:
        table["outlook"] = [
            "" if _absent(one) else word("outlook", "yes" if one else "no", lang) for one in table["outlook"]
        ]
    kept = [name for name in columns if name not in ("name_en", "name_zh")]
    place = list(columns).index("name_en")
    kept.insert(place, f"name_{lang}")
    heads = {name: word("columns", name.removesuffix(f"_{lang}"), lang) for name in kept}
    return table[kept].rename(columns=heads)


def points_words(found: Monitor, lang: Language) -> pd.DataFrame:
    """The points of the picture, heads and codes in one language."""
    return in_words(found.points, POINTS, lang)


def expansion_words(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """The table of the offices, one line an insurance and area."""
    order = dict(zip(dict.fromkeys(frame["indicator"]), range(len(frame)), strict=False))
    table = frame.assign(of=frame["indicator"].map(order)).sort_values(
        ["of", "rank"], kind="stable", na_position="first"
    )
    table = table.drop(columns="of").reset_index(drop=True)
    table["indicator"] = [measure_word(str(key), lang) for key in table["indicator"]]
    table["region"] = [region_word(str(key), lang) for key in table["region"]]
    for name in ("base_from", "task_from"):
        table[name] = [word("origins", str(code), lang) if code else "" for code in table[name]]
    for name in PARTS_OF_TASK:
        table[name] = 100.0 * table[name]
    return table.rename(columns={name: word("expansion", name, lang) for name in table.columns})


WIDE = ("base", "must", "strive", "done", "net_gain", "completion", "net_completion", "calendar", "rank")


def expansion_wide(frame: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """The same with a line an area and the columns of each insurance beside each other, as the offices print it."""
    import pandas as pd

    areas = list(dict.fromkeys(frame["region"]))
    columns: dict[str, list[Any]] = {word("expansion", "region", lang): [region_word(key, lang) for key in areas]}
    for indicator, rows in frame.groupby("indicator", sort=False):
        by_area = {row["region"]: row for row in rows.to_dict("records")}
        unit = rows["unit"].iloc[0]
        for name in WIDE:
            factor = 100.0 if name in PARTS_OF_TASK else 1
            head = word("expansion", name, lang)
            if name not in (*PARTS_OF_TASK, "rank"):
                head = f"{head} [{unit}]"
            cells = [by_area[key][name] if key in by_area else math.nan for key in areas]
            columns[f"{measure_word(str(indicator), lang)}: {head}"] = [
                None if _absent(value) else value * factor for value in cells
            ]
    return pd.DataFrame(columns)


def about(found: Monitor, lang: Language) -> list[list[str]]:
    """Lines of the first sheet: what the numbers are, how they are read, and what is remarked."""
    from simengine.common.version import __version__

    title = word("screen", "title", lang, plan=found.plan, day=found.as_of.isoformat())
    lines = [[title], [say("workbook.source", lang, version=__version__)], [""]]
    lines += [[line] for line in _known(found, lang)]
    lines += [[line] for line in _summary(found.rows.to_dict("records"), found, lang)]
    lines += [[word("screen", name, lang)] for name in ("signs", "projection", "expansion_note")]
    return [*lines, [""], *([getattr(remark, lang)] for remark in found.remarks)]
