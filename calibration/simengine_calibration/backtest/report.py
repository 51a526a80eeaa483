"""The backtest on paper: tables as CSV and Markdown, in English or Chinese, and a block of the notes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simengine.common.errors import SimengineError
from simengine.common.messages import Language
from simengine.engine.compile.coverage import LEAST_SOLVED
from simengine.report.tables.printer import markdown
from simengine_calibration.backtest.known_line import line_section, read_line
from simengine_calibration.backtest.plans import plan_scores
from simengine_calibration.backtest.score import (
    HEADLINES,
    Backtest,
    Guess,
    better,
    coverage,
    error_table,
    lead_table,
    scores,
)
from simengine_calibration.backtest.words import reason, series_name, word

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("printed", "recalled")
BEGIN, END = "<!-- backtest -->", "<!-- end of backtest -->"


@dataclass(frozen=True)
class Report:
    """Everything a report tells; plan tables are None when they were not asked for."""

    found: Backtest
    relief: pd.DataFrame
    relief_cutoff: int
    thirteenth: pd.DataFrame | None = None
    fourteenth: pd.DataFrame | None = None


# --- cells ------------------------------------------------------------------------------------------------------------


def percent(value: float, sign: bool = False) -> str:
    """A share as a percentage with one decimal, nothing for what is not a number."""
    if not math.isfinite(value):
        return ""
    return f"{100.0 * value:+z.1f}" if sign else f"{100.0 * value:z.1f}"


def figure(value: float) -> str:
    """A figure in a plan's unit."""
    return "" if not math.isfinite(value) else f"{value:z,.2f}" if abs(value) < 100.0 else f"{value:z,.0f}"


# --- tables -----------------------------------------------------------------------------------------------------------


def score_section(found: Backtest, lang: Language) -> str:
    """Errors by series: printed and recalled figures in columns of their own, headline series first."""
    table = scores(found.guesses).set_index(["series", "kind"])
    named = {series for series, _ in table.index}
    order = [series for series in HEADLINES if series in named]
    order += [series for series in dict.fromkeys(series for series, _ in table.index) if series not in HEADLINES]
    rows = []
    for series in order:
        row = [f"**{series_name(series, lang)}**" if series in HEADLINES else series_name(series, lang)]
        for kind in KINDS:
            if (series, kind) in table.index:
                one = table.loc[(series, kind)]
                row += [str(one["count"]), percent(one["mape"]), percent(one["drift_mape"]),
                        percent(one["shares_mape"]), percent(one["bias"], True)]  # fmt: skip
            else:
                row += ["", "", "", "", ""]
        own = [g for g in found.guesses if g.series == series]
        row += [_share(g.inside() for g in own), _share(g.inside("draw_low", "draw_high") for g in own)]
        rows.append(row)
    heads = [word("series", lang)]
    for kind in KINDS:
        name = word(kind, lang)
        heads += [f"{name} {word(key, lang)}" for key in ("count", "engine", "drift", "shares", "bias")]
    return markdown(rows, [*heads, word("covered", lang), word("draws", lang)])


def _share(inside: Iterable[bool | None]) -> str:
    return percent(coverage(inside)).removesuffix(".0")


def wins(guesses: Sequence[Guess], kind: str, rival: str) -> tuple[int, int, int, int]:
    """Headline series won and judged, all series won and judged, on figures of one kind against one rival."""
    found = {}
    for series in dict.fromkeys(g.series for g in guesses):
        verdict = better([g for g in guesses if g.series == series and g.kind == kind], rival)
        if verdict is not None:
            found[series] = verdict
    main = {series: verdict for series, verdict in found.items() if series in HEADLINES}
    return sum(main.values()), len(main), sum(found.values()), len(found)


def verdict_lines(found: Backtest, lang: Language) -> list[str]:
    """Who had the smaller error, and how often the intervals held the figure."""
    lines = []
    for kind in KINDS:
        a, b, c, d = wins(found.guesses, kind, "drift")
        e, f, g, h = wins(found.guesses, kind, "shares")
        lines.append(word("won", lang, kind=word(kind, lang), a=a, b=b, c=c, d=d, e=e, f=f, g=g, h=h))
    lines[-1] += ". " + word("gates", lang) if lang == "en" else "。" + word("gates", lang)
    held = [each.inside() for each in found.guesses]
    main = [each.inside() for each in found.guesses if each.series in HEADLINES]
    count = sum(each is not None for each in held)
    lines.append(word("held", lang, share=coverage(held), count=count, main=coverage(main)))
    drawn = coverage(each.inside("draw_low", "draw_high") for each in found.guesses)
    most = max(found.draws.values(), default=0)
    lines.append(word("drawn", lang, share=drawn, draws=most) if math.isfinite(drawn) else word("undrawn", lang))
    return lines


def lead_section(found: Backtest, lang: Language) -> str:
    """Bias and error by span of leads, headline series alone; the CSV has all of them."""
    table = lead_table(found.guesses)
    rows = [
        [series_name(row["series"], lang), f"{row['first']}-{row['last']}", str(row["count"]),
         percent(row["bias"], True), percent(row["mape"]), percent(row["drift_mape"]), percent(row["shares_mape"]),
         percent(row["covered"]).removesuffix(".0")]
        for row in table.to_dict("records") if row["series"] in HEADLINES
    ]  # fmt: skip
    keys = ("series", "lead", "count", "bias", "engine", "drift", "shares", "covered")
    return markdown(rows, [word(key, lang) for key in keys])


def reason_section(found: Backtest, lang: Language) -> str:
    """Series on which a rival had the smaller error, with the kind of figure it was told by, and what is missing."""
    rows = []
    for series in dict.fromkeys(g.series for g in found.guesses):
        own = {kind: [g for g in found.guesses if g.series == series and g.kind == kind] for kind in KINDS}
        lost = [
            f"{word(rival, lang)} ({word(kind, lang)})"
            for rival in ("drift", "shares") for kind in KINDS if better(own[kind], rival) is False
        ]  # fmt: skip
        if lost:
            rows.append([series_name(series, lang), ", ".join(lost), reason(series, lang)])
    return markdown(rows, [word(key, lang) for key in ("series", "smaller", "missing")])


def relief_section(table: pd.DataFrame, lang: Language) -> str:
    """What the law enacted after the cut-off explains."""
    heads = [word(key, lang) for key in ("series", "year", "known_law", "later_law")]
    rows = [
        [series_name(series, lang), str(year), percent(before, True), percent(after, True)]
        for series, year, before, after in zip(
            table["series"], table["year"], table["error_known"], table["error_later"], strict=True
        )
    ]
    return markdown(rows, heads)


def growth_section(found: Backtest, lang: Language) -> str:
    """Growth of the coverage ratios that was known at each cut-off, and the rule by which people enter after it."""
    names = list(next(iter(found.growth.values()), {}))
    rows = [
        [str(cutoff), *(percent(rates[name], True) for name in names), entry_rule(found.solved[cutoff], lang)]
        for cutoff, rates in found.growth.items()
    ]
    return markdown(rows, [word("cutoff", lang), *names, word("entry", lang)])


def entry_rule(solved: Sequence[int], lang: Language) -> str:
    """Rule of entry after a cut-off: the solved years its pressure settles by, or that it stays at the last value."""
    if not solved:
        return word("entry_pattern", lang)
    told = {"first": solved[0], "last": solved[-1], "count": len(solved), "least": LEAST_SOLVED}
    return word("entry_settles" if len(solved) >= LEAST_SOLVED else "entry_stays", lang, **told)


def plan13_section(table: pd.DataFrame, lang: Language) -> str:
    """Rows of the 13th plan: engine and target as forecasts of 2020."""
    keys = ("region", "row", "indicator", "unit", "how", "base", "actual", "engine", "target")
    heads = [word(key, lang) for key in keys]
    errors = [f"{word(key, lang)} {word('error', lang)}" for key in ("engine", "target", "drift", "shares")]
    rows = [
        [row["region"], row["row"], row["indicator"], row["unit"], word(row["how"], lang),
         *(figure(row[key]) for key in ("base", "actual", "engine", "target")),
         *(percent(row[f"{key}_error"], True) for key in ("engine", "target", "drift", "shares"))]
        for row in table.to_dict("records")
    ]  # fmt: skip
    return markdown(rows, [*heads, *errors]) + _plan_lines(plan_scores(table), lang)


def plan14_section(table: pd.DataFrame, lang: Language) -> str:
    """The anchors of 2024."""
    heads = [word(key, lang) for key in ("region", "series", "engine", "drift", "shares")]
    rows = [
        [row["region"], series_name(row["series"], lang),
         *(percent(row[f"{key}_error"], True) for key in ("engine", "drift", "shares"))]
        for row in table.to_dict("records")
    ]  # fmt: skip
    return markdown(rows, heads) + _plan_lines(plan_scores(table), lang)


def _plan_lines(found: Mapping[str, tuple[int, float, float, float, float]], lang: Language) -> str:
    lines = []
    for said, (count, size, median, mean, engine) in found.items():
        if count:
            told = {"count": count, "size": 100 * size, "median": 100 * median, "bias": 100 * mean}
            line = word("planscore", lang, said=word(said, lang), **told)
            lines.append(line if said == "engine" else line + word("samerows", lang, engine=100 * engine))
    return "\n" + "\n".join(f"- {line}" for line in lines) + "\n"


# --- the whole --------------------------------------------------------------------------------------------------------


def sections(report: Report, lang: Language) -> dict[str, str]:
    """Every part of the report by the key of its heading."""
    found = report.found
    lines = "\n".join(f"- {line}" for line in verdict_lines(found, lang)) + "\n"
    parts = {
        "scores": score_section(found, lang) + "\n" + lines,
        "leads": lead_section(found, lang),
        "reasons": reason_section(found, lang),
        "line": line_section(found, lang),
    }
    if len(report.relief):
        parts["relief"] = relief_section(report.relief, lang)
    parts["growth"] = growth_section(found, lang)
    if report.thirteenth is not None:
        parts["plan13"] = plan13_section(report.thirteenth, lang)
    if report.fourteenth is not None:
        parts["plan14"] = plan14_section(report.fourteenth, lang)
    return parts


def text(report: Report, lang: Language, depth: int = 2) -> str:
    """The report as Markdown, headings from a depth on."""
    cutoffs = " ".join(str(cutoff) for cutoff in report.found.predictions)
    title = word("title", lang, region=report.found.region, cutoffs=cutoffs)
    mark = "#" * depth
    parts = [f"{mark} {title}\n"]
    name = read_line().name
    told = {"cutoff": report.relief_cutoff, "name": name.local if lang == "zh" else name.en}
    for key, body in sections(report, lang).items():
        parts.append(f"{mark}# {word(key, lang, **told)}\n\n{body}")
    return "\n".join(parts)


def factor_table(found: Backtest) -> pd.DataFrame:
    """Alignment factors of every cut-off: columns cutoff, item, engine, published, factor, large."""
    import pandas as pd

    rows = [
        (cutoff, one.item, one.before, one.opening, one.factor, one.large)
        for cutoff, run in found.predictions.items() for one in run.factors
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["cutoff", "item", "engine", "published", "factor", "large"])


def tables(report: Report) -> dict[str, pd.DataFrame]:
    """Every table of the report by the name of its file."""
    found = {
        "errors": error_table(report.found.guesses),
        "scores": scores(report.found.guesses),
        "leads": lead_table(report.found.guesses),
        "factors": factor_table(report.found),
        "relief": report.relief,
        "plan13": report.thirteenth,
        "plan14": report.fourteenth,
    }
    return {name: table for name, table in found.items() if table is not None}


def write_block(path: Path, body: str) -> None:
    """Put the report between its two marks in a page; everything else stays.

    Raises
    ------
    SimengineError when the page has no markers
    """
    page = path.read_text(encoding="utf-8")
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        raise SimengineError("report_marks_missing", where=str(path), begin=BEGIN, end=END)
    path.write_text(f"{page[: begin + len(BEGIN)]}\n{body}{page[end:]}", encoding="utf-8")
