"""What amounts fixed in law are still worth: the table that `simengine check` prints."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.registry.units import in_words
from simengine.report.tables.printer import TIE, paragraph, show

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("region", "amount", "used", "date", "fixed_value", "eroded_year", "plan_worth", "end_worth")
DIGITS = 4
"""Digits of a number on the screen; the file holds six."""


def show_erosion(erosion: pd.DataFrame, lang: Language, stream: IO[str] | None = None) -> None:
    """Print every amount with its last date and value, the year in which 30 % are lost, and what is left."""
    if not len(erosion):
        return
    print(f"\n{paragraph(say('erosion.title', lang))}", file=stream)
    names = [name for name in SHOWN if name != "region" or erosion["region"].nunique() > 1]
    rows = [[_cell(row, name, lang) for name in names] for row in erosion.to_dict("records")]
    heads = [say(f"column.{name}", lang) for name in names]
    show(rows, heads, lang, stream=stream, keys=names.index("amount") + 1)


def _cell(row: Mapping[Hashable, Any], name: str, lang: Language) -> str:
    """One cell; a real value is told with its year and its part of the nominal one."""
    if name == "used":
        return say(f"erosion.{row['used']}", lang)
    if name == "fixed_value":
        return f"{_short(row['value'], lang)} {in_words(row['unit'], lang)}"
    if name == "eroded_year":
        return "-" if row[name] != row[name] else f"{row[name]:z.0f}"
    if name in ("plan_worth", "end_worth"):
        which = name.partition("_")[0]
        year = row[f"{which}_year"]
        if year != year:
            return ""
        part = f"{100.0 * row[f'worth_{which}']:z.0f}{TIE}%"
        return f"{_short(row[f'real_{which}'], lang)}{TIE}({year:z.0f},{TIE}{part})"
    return str(row[name])


def _short(value: str, lang: Language) -> str:
    """The numbers of a value; of a table the first and the last, with their labels."""
    parts = value.split(", ")
    ends = parts if len(parts) == 1 else [parts[0], parts[-1]]
    told = [TIE.join([*label, _number(float(number))]) for *label, number in map(_words, ends)]
    return told[0] if len(told) == 1 else say("erosion.span", lang, first=told[0], last=told[-1])


def _words(part: str) -> list[str]:
    """Label, where there is one, and number."""
    return part.split(" ")


def _number(value: float) -> str:
    """Whole from a thousand on, else with few digits."""
    return f"{value:z.0f}" if abs(value) >= 1000.0 else f"{value:z.{DIGITS}g}"
