"""Verdicts of two scenarios of one region side by side: what is known today beside what was known at the opening.

The rows are judged apart; here they are only laid beside each other, in a table that fits into 120 columns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import IO, TYPE_CHECKING, Any, Literal

from simengine.common.messages import Language, say
from simengine.report.tables.verdicts import COMMA, STYLE, _cell, count_lines

if TYPE_CHECKING:
    from simengine.judge.targets.verdicts import Verdict

WIDTH = 120
"""Columns of the table where it is not drawn on a terminal; a Chinese character takes two."""

LABEL = 12
"""Columns a label may take in a heading before it is broken."""

SAID = 16
"""Columns a verdict may take before it is broken."""

REASONED = ("set", "closed", "statement", "not_modelled")
"""Verdicts whose sentence says by what or why."""


@dataclass(frozen=True)
class Side:
    """One scenario of a pair: what it is called in the headings, its title, and its verdicts."""

    label: str
    title: str
    verdicts: Sequence[Verdict]


Pair = tuple[Side, Side]


def rows_of(verdicts: Sequence[Verdict]) -> tuple[tuple[str, ...], ...]:
    """What the verdicts speak of, without what they say: equal for scenarios that were held to the same rows.

    Returns
    -------
    one tuple a row: id, region, indicator, kind, year, sign, printed figure, unit
    """
    return tuple(
        (row.id, row.region, row.indicator, row.record_kind, str(row.year), row.operator, row.printed, row.unit)
        for row in verdicts
    )


def labels(first: str, second: str) -> tuple[str, str]:
    """Short names of two scenarios: without the folder when they share it.

    >>> labels("jiangxi/baseline", "jiangxi/as_planned")
    ('baseline', 'as_planned')
    >>> labels("jiangxi/baseline", "mine")
    ('jiangxi/baseline', 'mine')
    """
    (folder, _, one), (other, _, two) = first.rpartition("/"), second.rpartition("/")
    return (one, two) if folder == other else (first, second)


# --- the table --------------------------------------------------------------------------------------------------------


def show_pair(pair: Pair, lang: Language, stream: IO[str] | None = None) -> None:
    """Print one table of both scenarios: row, figure of the plan, then value, margin and verdict of each side.

    The margin is that of the first side. Long texts are broken, never cut; flags are letters behind the verdict with
    their words below the table.

    Parameters
    ----------
    pair : sides that were held to the same rows, in the same order
    stream : a terminal gets a drawn table of its own width, anything else plain text of 120 columns
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    stream = sys.stdout if stream is None else stream
    drawn = stream.isatty()
    marks = _marks(pair)
    table = Table(
        box=box.SIMPLE_HEAD if drawn else None,
        padding=(0, 2, 0, 0),
        pad_edge=drawn,
        header_style="bold" if drawn else "",
    )
    for heading, justify, widest in _columns(pair, lang):
        table.add_column(
            heading, no_wrap=widest == 0, overflow="fold", justify=justify, max_width=widest if widest > 0 else None
        )
    for lines in _lines(pair, marks, lang, drawn):
        table.add_row(*lines)
    settings: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}
    if drawn:
        Console(file=stream, **settings).print(table)
    else:
        buffer = StringIO()
        Console(file=buffer, width=WIDTH, color_system=None, force_terminal=False, **settings).print(table)
        stream.writelines(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())
    for flag, letter in marks.items():
        print(f"({letter}) {_word('flags', flag, lang)}", file=stream)


def _columns(pair: Pair, lang: Language) -> Iterator[tuple[str, Literal["left", "right"], int]]:
    """Heading in one or two lines, side of the text, widest it may be: 0 as wide as its text, -1 what is left."""
    first, second = (_broken(side.label) for side in pair)
    value = say("pair.value", lang)
    yield _word("columns", "id", lang), "left", 0
    yield _word("columns", "name", lang), "left", -1
    yield _word("columns", "year", lang), "left", 0
    yield say("pair.plan", lang), "left", -1
    yield f"{first}\n{value}", "right", 0
    yield _word("columns", "margin", lang), "right", 0
    yield _word("columns", "verdict", lang), "left", SAID
    yield f"{second}\n{value}", "right", 0
    yield _word("columns", "verdict", lang), "left", SAID


def _lines(pair: Pair, marks: Mapping[str, str], lang: Language, drawn: bool) -> Iterator[list[Any]]:
    """Rows of the table; where the plan speaks of several regions, the name of each stands before its rows."""
    from simengine.common import resources
    from simengine.law.regions import load_regions

    several = len({row.region for row in pair[0].verdicts}) > 1
    known = load_regions(resources.scenarios_root() / "regions.yaml") if several else {}
    region = ""
    for one, two in zip(pair[0].verdicts, pair[1].verdicts, strict=True):
        if several and one.region != region:
            region = one.region
            name = known[region].name if lang == "en" else known[region].local_name
            yield from ([""], [name])
        yield [
            *_plan_cells(one, lang),
            *_cells(one, marks, lang, drawn),
            *_cells(two, marks, lang, drawn, margin=False),
        ]


def _plan_cells(row: Verdict, lang: Language) -> Iterator[str]:
    """What the plan says: id, name, year, figure; the printed actual beside it where there is one."""
    figure = " ".join(part for part in (row.operator, row.printed, row.unit if row.printed else "") if part)
    if row.actual and row.actual != row.printed:
        figure = f"{figure} ({say('pair.actual', lang, actual=row.actual)})".strip()
    yield from (row.id, row.name_en if lang == "en" else row.name_zh, str(row.year), figure)


def _cells(
    row: Verdict, marks: Mapping[str, str], lang: Language, drawn: bool, *, margin: bool = True
) -> Iterator[Any]:
    """What one side says: value, margin, verdict with the letters of its flags; coloured on a terminal."""
    from rich.text import Text

    yield row.projected_text
    if margin:
        yield _cell(row.margin)
    letters = COMMA[lang].join(letter for flag, letter in marks.items() if flag in row.flags)
    said = _word("verdicts", row.verdict, lang) + (f" ({letters})" if letters else "")
    yield Text(said, style=STYLE.get(row.verdict, "")) if drawn else said


def _marks(pair: Pair) -> dict[str, str]:
    """A letter for every flag that occurs, in the order of words.yaml."""
    from simengine.judge.targets.files import words

    raised = {flag for side in pair for row in side.verdicts for flag in row.flags}
    return {
        flag: chr(ord("a") + place) for place, flag in enumerate(flag for flag in words()["flags"] if flag in raised)
    }


def _broken(label: str) -> str:
    """A long label in lines of `LABEL` characters, so that it does not widen its column."""
    return "\n".join(label[start : start + LABEL] for start in range(0, len(label), LABEL))


def _word(table: str, code: str, lang: Language) -> str:
    """One word of words.yaml."""
    from simengine.judge.targets.files import words

    return str(words()[table][code][lang])


# --- sentences --------------------------------------------------------------------------------------------------------


def pair_summary(pair: Pair, lang: Language, *, full: bool = False) -> list[str]:
    """What the verdicts of both sides come to.

    The counts of each side, the rows on which they differ, and the sentence of every missed target; `full` adds the
    sentences of rows that are not judged, with their reasons, and what other readings of a definition would give. A
    sentence that both sides share is said once.
    """
    said = [
        say("pair.of", lang, label=side.label, text=text) for side in pair for text in count_lines(side.verdicts, lang)
    ]
    said.append(_differences(pair, lang))
    spoken = [_sentences(side.verdicts, lang, full) for side in pair]
    for one, two in zip(*spoken, strict=True):
        if one == two:
            said += one
        else:
            both = ((pair[0], one), (pair[1], two))
            said += [say("pair.of", lang, label=side.label, text=text) for side, texts in both for text in texts]
    return said


def _sentences(verdicts: Sequence[Verdict], lang: Language, full: bool) -> list[list[str]]:
    """What is to be said on each row."""
    from simengine.judge.targets.verdicts import to_frame

    readings = to_frame(verdicts, lang)["other_readings"] if full else [""] * len(verdicts)
    result = []
    for row, text in zip(verdicts, readings, strict=True):
        wanted = (row.verdict == "missed" and row.headline) or (full and row.verdict in REASONED)
        other = [say("pair.readings", lang, id=row.id, readings=text)] if text and row.duplicate_of is None else []
        result.append([*([row.text(lang)] if wanted else []), *other])
    return result


def _differences(pair: Pair, lang: Language) -> str:
    """The rows that the two sides judge differently."""
    parts = [
        say(
            "pair.differ_part",
            lang,
            id=one.id,
            one=_word("verdicts", one.verdict, lang),
            two=_word("verdicts", two.verdict, lang),
        )
        for one, two in zip(pair[0].verdicts, pair[1].verdicts, strict=True)
        if one.verdict != two.verdict
    ]
    if not parts:
        return say("pair.same", lang, first=pair[0].label, second=pair[1].label)
    return say("pair.differ", lang, first=pair[0].label, second=pair[1].label, parts=COMMA[lang].join(parts))
