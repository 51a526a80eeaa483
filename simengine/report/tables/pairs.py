"""Verdicts of two scenarios of one region side by side: what is known today beside what was known at the opening.

The rows are judged apart; here they are only laid beside each other, in one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from simengine.common.messages import Language, say
from simengine.report.tables.printer import fits, show
from simengine.report.tables.verdicts import (
    COMMA,
    STYLE,
    count_lines,
    legend,
    marks,
    plan_figure,
    region_names,
    verdict_text,
    word,
)

if TYPE_CHECKING:
    from simengine.judge.targets.verdicts import Verdict

LABEL = 12
"""Columns a label may take in a heading before it is broken."""

REASONED = ("set", "closed", "statement", "not_modelled", "withheld")
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

    The margin is that of the first side. Where the screen is too narrow for this, value and verdict of a side share a
    column. Flags are letters behind the verdict with their words below the table.

    Parameters
    ----------
    pair : sides that were held to the same rows, in the same order
    stream : standard output when left out
    """
    letters = marks([row for side in pair for row in side.verdicts])
    both = list(zip(pair[0].verdicts, pair[1].verdicts, strict=True))
    plan = [[row.id, row.name_en if lang == "en" else row.name_zh, row.year, plan_figure(row, lang)] for row, _ in both]
    said = [[(row.projected_text, verdict_text(row, letters, lang)) for row in rows] for rows in both]
    labels = [_broken(side.label) for side in pair]
    value, verdict, margin = say("pair.value", lang), word("columns", "verdict", lang), word("columns", "margin", lang)
    heads = [word("columns", "id", lang), word("columns", "name", lang), word("columns", "year", lang)]
    heads.append(say("pair.plan", lang))
    wide = [*heads, f"{labels[0]}\n{value}", margin, verdict, f"{labels[1]}\n{value}", verdict]
    rows: list[list[Any]] = [
        [*cells, one[0], row.margin, one[1], *two] for cells, (one, two), (row, _) in zip(plan, said, both, strict=True)
    ]
    if not fits(rows, wide):
        wide = [*heads, *labels, margin]
        rows = [
            [*cells, *(" ".join(filter(None, side)) for side in sides), row.margin]
            for cells, sides, (row, _) in zip(plan, said, both, strict=True)
        ]
    styles = [STYLE["missed"] if "missed" in (a.verdict, b.verdict) else STYLE.get(a.verdict, "") for a, b in both]
    regions = region_names(pair[0].verdicts, lang)
    show(rows, wide, lang, stream=stream, styles=styles, groups=regions, essential=6)
    for line in legend(letters, lang):
        print(line, file=stream)


def _broken(label: str) -> str:
    """A long label in lines of `LABEL` characters, so that it does not widen its column."""
    return "\n".join(label[start : start + LABEL] for start in range(0, len(label), LABEL))


# --- sentences --------------------------------------------------------------------------------------------------------


def pair_summary(pair: Pair, lang: Language, *, full: bool = False) -> list[str]:
    """What the verdicts of both sides come to.

    The counts of each side, the rows on which they differ, and the sentence of every target missed or withheld; `full`
    adds the sentences of rows that are not judged, with their reasons, and what other readings of a definition would
    give. A sentence that both sides share is said once.
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
        wanted = (row.verdict == "missed" and row.headline) or row.withheld or (full and row.verdict in REASONED)
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
            one=word("verdicts", one.verdict, lang),
            two=word("verdicts", two.verdict, lang),
        )
        for one, two in zip(pair[0].verdicts, pair[1].verdicts, strict=True)
        if one.verdict != two.verdict
    ]
    if not parts:
        return say("pair.same", lang, first=pair[0].label, second=pair[1].label)
    return say("pair.differ", lang, first=pair[0].label, second=pair[1].label, parts=COMMA[lang].join(parts))
