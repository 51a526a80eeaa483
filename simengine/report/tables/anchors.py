"""Anchors printed: figures of years after the opening beside the run, and whether the funds are judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from simengine.common.messages import Language, say
from simengine.judge.checks.anchors import Anchor, FundVerdict, amount, region_name
from simengine.report.tables.printer import paragraph, show

COLUMNS = ("anchor", "year", "anchor_engine", "anchor_printed", "gap_percent", "verdict")


def show_anchors(verdicts: Iterable[FundVerdict], lang: Language, stream: IO[str] | None = None) -> None:
    """Print every anchor of the regions that hold funds beside the run, then what follows for their funds.

    Nothing where no region holds a fund.
    """
    told = list(verdicts)
    held = [one for one in told if one.anchors]
    if held:
        limit = held[0].limit
        values = {"limit": f"{100.0 * limit.limit:z.4g}", "since": limit.since}
        print(f"\n{paragraph(say('anchors.title', lang, **values))}", file=stream)
        rows = [_cells(one, verdict, lang) for verdict in held for one in verdict.anchors]
        names = [region_name(verdict.region, lang) for verdict in held for _ in verdict.anchors]
        groups = names if len(held) > 1 else ()
        heads = [say(f"column.{name}", lang) for name in COLUMNS]
        show(rows, heads, lang, stream=stream, groups=groups, essential=len(COLUMNS))
    elif told:
        print(file=stream)
    for verdict in told:
        print(paragraph(verdict.text(lang), hang=4), file=stream)


def _cells(one: Anchor, verdict: FundVerdict, lang: Language) -> list[str]:
    near = one.within(verdict.limit.limit)
    reached = one.engine == one.engine
    return [
        verdict.limit.names[one.series][lang],
        str(one.year),
        amount(one.engine, one.unit) if reached else "",
        amount(one.printed, one.unit),
        f"{100.0 * one.gap:+z.1f}" if reached else "",
        say("anchors.ok" if near else "anchors.beyond", lang) if reached else "",
    ]
