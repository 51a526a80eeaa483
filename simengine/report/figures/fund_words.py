"""What a picture of a fund says: what becomes of it without aid and with it, or why no verdict is given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from simengine.judge.closures.spans import year_span
from simengine.judge.indicators import PENSION_FUND
from simengine.registry.axes import WORDS
from simengine.report.figures.background import region_name
from simengine.report.figures.style import Look

if TYPE_CHECKING:
    import pandas as pd

UNAIDED = "unaided"
"""Series of the year in which the unaided account falls below zero, judged from the last printed balance."""
RANGED = "ranged"
"""Series that marks a fund whose years are known with their ranges."""
ENGINE, PRINTED = "anchor:", "printed:"
"""Beginnings of the series that hold the anchors a region misses: the engine's figure and the printed one."""
PRINTED_UNIT = "printed "
"""Beginning of their unit, so that they are no part of what is drawn."""

MOST = 2
"""Anchors that a title names, the farthest first; the table of the picture holds all."""

Events = Mapping[str, float]


def events_of(table: pd.DataFrame, mark: str = "") -> dict[str, float]:
    """Years of the table with their ends, and what marks the fund; of the second scenario with its mark."""
    kept = table[table.unit.isin(["year", "1"])]
    named = {str(name): float(value) for name, value in zip(kept.series, kept.value, strict=True)}
    return {name.removeprefix(mark): value for name, value in named.items() if name.startswith(mark) and (
        mark or ":" not in name
    )}  # fmt: skip


def is_year(value: float | None) -> bool:
    """Whether a year is known and comes."""
    return value is not None and value == value


def told(events: Events, name: str, horizon: int, look: Look) -> str:
    """A year with its range; empty where one of them is not known."""
    if not is_year(events.get(name)) or f"{name}_low" not in events:
        return ""
    low, high = events[f"{name}_low"], events[f"{name}_high"]
    if low == high:
        return look.say("fund", "same", year=f"{events[name]:z.0f}")
    return look.say("fund", "ranged", year=f"{events[name]:z.0f}", span=year_span(low, high, horizon))


def second(table: pd.DataFrame, horizon: int, notional: bool, look: Look) -> str:
    """What the dashed lines are and, where its range is known, when the fund runs out there."""
    other = table[table.series.str.startswith("against:")]
    if not len(other):
        return ""
    events = events_of(table, "against:")
    if notional or RANGED not in events:
        key = "second_bare"
    else:
        key = "second_exhausted" if is_year(events.get("exhaustion")) else "second_positive"
    return look.say("fund", key, scenario=str(other.scenario.iloc[0]), year=told(events, "exhaustion", horizon, look))


def fund_title(table: pd.DataFrame, fund: str, region: str, known: list[int], notional: bool, look: Look) -> str:
    """What becomes of the fund over the whole run, whatever years are drawn; each year stands with its range.

    The unaided account comes first. Where no range is at hand, or the region misses its anchors, no verdict is told.
    """
    events = events_of(table)
    said = {"fund": getattr(WORDS["fund", fund], look.lang), "region": region_name(region, look)}
    missed = missed_parts(table, look)
    if missed:
        return look.say("fund", "title_withheld", parts=missed, **said)
    if RANGED not in events:
        return look.say("fund", "title_bare" if notional else "title_untold", first=known[0], year=known[-1], **said)
    if notional:
        deficit = told(events, "first_deficit", known[-1], look)
        key = "title_notional_deficit" if deficit else "title_notional"
        return look.say("fund", key, deficit=deficit, year=known[-1], **said)
    own = _own_title(events, known, said, look)
    if fund not in PENSION_FUND or f"{UNAIDED}_low" not in events:
        return own
    subject = look.say("fund", "subject", **said)
    unaided = _account_title(events, UNAIDED, known, said, look)
    parts = {"unaided": unaided.removeprefix(subject), "own": own.removeprefix(subject)}
    return look.say("fund", "title_both", **parts, **said)


def missed_parts(table: pd.DataFrame, look: Look) -> str:
    """The anchors that a region misses most: item, year, both figures and their distance; empty without any."""
    from simengine.common.messages import say
    from simengine.judge.checks.anchors import Anchor, amount, limit_in_force

    names = limit_in_force().names
    printed = table[table.series.str.startswith(PRINTED)].set_index("series").value
    parts = []
    for row in table[table.series.str.startswith(ENGINE)].to_dict("records"):
        series, unit = str(row["series"]).removeprefix(ENGINE), str(row["unit"]).removeprefix(PRINTED_UNIT)
        engine = math.nan if row["value"] is None else float(row["value"])
        one = Anchor(series, int(row["year"]), unit, engine, float(printed[PRINTED + series]), "")
        values = {
            "name": names[series][look.lang],
            "year": one.year,
            "engine": amount(one.engine, unit),
            "printed": amount(one.printed, unit),
            "unit": say(f"anchors.unit.{unit}", look.lang),
            "gap": f"{100.0 * one.gap:+z.1f}",
        }
        parts.append(look.say("fund", "anchor" if engine == engine else "anchor_unreached", **values))
    shown = say("anchors.between", look.lang).join(parts[:MOST])
    more = len(parts) - MOST
    return shown if more <= 0 else look.say("fund", "anchors_more", parts=shown, count=more)


def _own_title(events: Events, known: list[int], said: Mapping[str, str], look: Look) -> str:
    """What becomes of the own account."""
    gone, deficit = (told(events, name, known[-1], look) for name in ("exhaustion", "first_deficit"))
    if not gone:
        early = events.get("exhaustion_low", math.nan)
        if deficit and not is_year(early):
            return look.say("fund", "title_positive_deficit", deficit=deficit, year=known[-1], **said)
        return _account_title(events, "exhaustion", known, said, look)
    if events.get("times", 0.0) > 1.0:
        return look.say("fund", "title_times", year=gone, times=f"{events['times']:z.0f}", **said)
    if "recovers" in events:
        return look.say("fund", "title_between", year=gone, **said)
    if events["exhaustion"] == known[0]:
        return look.say("fund", "title_negative", year=gone, **said)
    if not deficit or events["first_deficit"] >= events["exhaustion"]:
        return look.say("fund", "title_exhausted", year=gone, **said)
    return look.say("fund", "title_exhausted_after_deficit", year=gone, deficit=deficit, **said)


def _account_title(events: Events, name: str, known: list[int], said: Mapping[str, str], look: Look) -> str:
    """Whether an account falls below zero, and when."""
    gone, early = told(events, name, known[-1], look), events.get(f"{name}_low", math.nan)
    if gone:
        return look.say("fund", "title_exhausted", year=gone, **said)
    if is_year(early):
        return look.say("fund", "title_positive_range", year=known[-1], low=f"{early:z.0f}", **said)
    return look.say("fund", "title_positive", year=known[-1], **said)
