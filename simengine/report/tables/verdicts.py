"""Tables and sentences a person reads: verdicts, checks and merged scenarios.

Every number in a sentence or a table comes from a verdict or a check; nothing is typed in here. On a terminal tables
are drawn by rich; elsewhere they are plain columns that keep their width under Chinese text and are never cut.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.targets.verdicts import Verdict

SHORT = (
    "id",
    "name",
    "year",
    "operator",
    "printed",
    "projected_text",
    "unit",
    "margin",
    "verdict",
    "first_year_met",
    "flags",
)
FULL = ("region", "attribute", "actual", "set_by", "value_needed", "other_readings", "probability_met", "reason")
STYLE = {"met": "green", "missed": "bold yellow"}
COMMA = {"en": ", ", "zh": "、"}


# --- tables -----------------------------------------------------------------------------------------------------------


def show_rows(
    rows: Sequence[Sequence[Any]],
    headings: Sequence[str],
    stream: IO[str] | None = None,
    styles: Sequence[str] | None = None,
) -> None:
    """Print rows under headings: a drawn table on a terminal, with a style a row, plain columns elsewhere."""
    stream = sys.stdout if stream is None else stream
    texts = [[_cell(value) for value in row] for row in rows]
    if stream.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*headings, header_style="bold")
        for position, row in enumerate(texts):
            table.add_row(*row, style=styles[position] if styles else None)
        Console(file=stream, markup=False, highlight=False).print(table)
        return
    stream.write(plain(texts, headings))


def plain(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """Rows as plain text columns; a Chinese character counts as two.

    >>> print(plain([["a", "参保"], ["bb", "x"]], ["k", "v"]), end="")
    k   v
    a   参保
    bb  x
    """
    from rich.cells import cell_len

    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(cell_len(line[position]) for line in lines) for position in range(len(headings))]
    said = (
        "  ".join(text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "".join(f"{line}\n" for line in said)


def show_frame(frame: pd.DataFrame, headings: Mapping[str, str], stream: IO[str] | None = None) -> None:
    """Print the named columns of a table."""
    names = [name for name in headings if name in frame.columns]
    rows = frame[names].itertuples(index=False, name=None)
    show_rows([list(row) for row in rows], [headings[name] for name in names], stream)


def show_verdicts(
    verdicts: Sequence[Verdict], lang: Language, *, full: bool = False, stream: IO[str] | None = None
) -> None:
    """Print verdicts, one row each; `full` adds definitions, reasons and what would be needed."""
    from simengine.judge.targets.files import words
    from simengine.judge.targets.verdicts import to_frame

    heads = {name: entry[lang] for name, entry in words()["columns"].items()}
    chosen = [heads[name] for name in ((*SHORT, *FULL) if full else SHORT)]
    frame = to_frame(verdicts, lang, for_readers=True)
    filled = [head for head in chosen if any(_cell(value) for value in frame[head])]
    styles = [STYLE.get(verdict.verdict, "") for verdict in verdicts]
    show_rows(frame[filled].values.tolist(), filled, stream, styles)


def verdict_csv(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Verdicts as a table for files: codes and English texts, names and sentences in Chinese beside them."""
    from simengine.judge.targets.verdicts import to_frame

    frame, local = to_frame(verdicts, "en"), to_frame(verdicts, "zh")
    frame.insert(frame.columns.get_loc("name") + 1, "name_zh", local["name"])
    return frame.assign(sentence_zh=local["sentence"])


def _cell(value: Any) -> str:
    """One value as text: nothing for what is absent, no -0.0, whole floats without a point."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, float):
        text = f"{value + 0.0:.10g}"
        return text if text != "-0" else "0"
    if isinstance(value, tuple | list):
        return "; ".join(_cell(item) for item in value)
    return str(value.item() if hasattr(value, "item") else value)


# --- sentences --------------------------------------------------------------------------------------------------------


def summary(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """What the verdicts come to: the headline, the other verdicts by count, and a sentence for every missed target."""
    missed = (verdict for verdict in verdicts if verdict.verdict == "missed" and verdict.headline)
    return [*count_lines(verdicts, lang), *(verdict.text(lang) for verdict in missed)]


def count_lines(verdicts: Sequence[Verdict], lang: Language) -> list[str]:
    """How many targets are met and missed, and how many rows have other verdicts."""
    from simengine.judge.targets.files import words
    from simengine.judge.targets.verdicts import counts, headline

    judged = headline(verdicts)
    total = judged["met"] + judged["missed"]
    said = [say("summary.counts", lang, judged=total, **judged) if total else say("summary.none_judged", lang)]
    others = {name: count for name, count in counts(verdicts).items() if count and name not in ("met", "missed")}
    if others:
        parts = [
            say("summary.other_part", lang, count=count, verdict=words()["verdicts"][name][lang])
            for name, count in others.items()
        ]
        said.append(say("summary.others", lang, parts=COMMA[lang].join(parts)))
    return said


def checks_line(checks: pd.DataFrame, lang: Language) -> str:
    """Whether every identity holds; which ones do not, with residual and limit."""
    failed = checks[~checks["ok"].astype(bool)]
    if not len(failed):
        return say(
            "checks_ok",
            lang,
            count=len(checks),
            worst=_small(checks["worst"].max()),
            limit=_small(checks["limit"].max()),
        )
    said = [say("checks_failed", lang, count=len(failed))]
    for row in failed.to_dict("records"):
        values = {**row, "worst": _small(row["worst"]), "limit": _small(row["limit"])}
        said.append(say("check_failed_line", lang, **{str(key): value for key, value in values.items()}))
    return "\n".join(said)


def _small(value: float) -> str:
    return f"{value + 0.0:.3g}"
