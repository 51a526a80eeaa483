"""The judged rows of a plan as a Markdown table, for a README or a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simengine.common.messages import Language, say
from simengine.report.tables.pairs import Pair
from simengine.report.tables.printer import markdown

if TYPE_CHECKING:
    from simengine.judge.targets.verdicts import Verdict

ROW = ("row", "target", "year", "plan")
RESULT = ("projected", "verdict", "first_met")
NEVER = "-"


def in_force(verdict: Verdict) -> bool:
    """Whether a row stands in the table.

    It is judged, or withheld; repeats or restates no other row; and has not been replaced by a later official one.
    """
    return (verdict.headline or verdict.withheld) and "superseded" not in verdict.flags


def markdown_table(verdicts: Sequence[Verdict], lang: Language) -> str:
    """The rows in force: row, target, year, figure of the plan, projected figure, verdict and first year met."""
    rows = [[*_row(verdict, lang), *_result(verdict, lang)] for verdict in verdicts if in_force(verdict)]
    return markdown(rows, [say(f"judged.{name}", lang) for name in (*ROW, *RESULT)])


def markdown_pair(pair: Pair, lang: Language) -> str:
    """The same with the results of two scenarios beside each other; a row in force on either side is shown."""
    heads = [say(f"judged.{name}", lang) for name in ROW]
    heads += [f"{side.label}: {say(f'judged.{name}', lang)}" for side in pair for name in RESULT]
    both = zip(pair[0].verdicts, pair[1].verdicts, strict=True)
    rows = [
        [*_row(one, lang), *_result(one, lang), *_result(two, lang)]
        for one, two in both
        if in_force(one) or in_force(two)
    ]
    return markdown(rows, heads)


def _row(verdict: Verdict, lang: Language) -> list[str]:
    name = verdict.name_en if lang == "en" else verdict.name_zh
    return [verdict.id, name, str(verdict.year), f"{verdict.operator} {verdict.printed} {verdict.unit}"]


def _result(verdict: Verdict, lang: Language) -> list[str]:
    from simengine.judge.targets.files import words

    said = str(words()["verdicts"][verdict.verdict][lang])
    return [verdict.projected_text or NEVER, said, str(verdict.first_year_met or NEVER)]
