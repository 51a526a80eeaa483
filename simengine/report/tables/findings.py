"""Sentences about what a run holds beside verdicts: impossible values, known rates above one, what campaigns found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simengine.common import resources
from simengine.common.messages import Language, say
from simengine.judge.checks.campaigns import BRANCHES, ONE_HEAD, POOLS
from simengine.judge.indicators import registry
from simengine.law.regions import load_regions
from simengine.registry.axes import WORDS
from simengine.registry.units import in_words
from simengine.registry.variables import VARIABLES

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 12
"""Impossible measures that are told one by one; the file of the failed checks holds them all."""

POOL_WORDS = {
    "paused": "campaign_pool_paused",
    "none": "campaign_pool_none",
    "resident": "campaign_pool_resident",
    "elderly": "campaign_pool_elderly",
}
"""What stands for a pool in a sentence."""


def impossible_lines(bounds: pd.DataFrame, lang: Language) -> list[str]:
    """How many measures are impossible, and each with its worst value, the cell and the year; none where none are."""
    failed = bounds[~bounds["ok"].astype(bool)].to_dict("records")
    if not failed:
        return []
    said = [say("bounds_failed", lang, count=len(failed))]
    for row in failed[:SHOWN]:
        cell = _cell(row["cell"], lang)
        values = {
            "name": measure_name(row["measure"], lang),
            "value": f"{row['value']:z.6g}",
            "unit": "" if row["unit"] == "1" else in_words(row["unit"], lang),
            "cell": say("bounds_cell", lang, cell=cell) if cell else "",
            "fault": say(f"bounds_fault.{row['fault']}", lang, limit=f"{row['limit']:z.4g}"),
        }
        said.append(say("bounds_line", lang, **{**row, **values}).replace("  ", " "))
    if len(failed) > SHOWN:
        said.append(say("bounds_more", lang, count=len(failed) - SHOWN))
    return said


def told_lines(bounds: pd.DataFrame, campaigns: pd.DataFrame, lang: Language) -> list[str]:
    """What is told and fails nothing: rates above one with their reason, and what campaigns asked for and found."""
    known = load_regions(resources.scenarios_root() / "regions.yaml")
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in bounds[bounds["ok"].astype(bool)].to_dict("records"):
        region, reason = known[row["region"]], row["reason" if lang == "en" else "reason_zh"]
        values = {
            "name": measure_name(row["measure"], lang),
            "region": region.name if lang == "en" else region.local_name,
            "value": f"{row['value']:z.3f}",
            "reason": reason,
        }
        together.setdefault((row["measure"], row["scenario"], reason), []).append({**row, **values})
    said = [_told_together(rows, lang) for rows in together.values()]
    return said + campaign_lines(campaigns, lang)


def _told_together(rows: list[dict[str, Any]], lang: Language) -> str:
    """A rate above one of a region, or of a city and its areas in one sentence that lists them."""
    if len(rows) == 1:
        return say("bounds_told", lang, **rows[0])
    parts = ("; " if lang == "en" else "；").join(say("bounds_told_part", lang, **row) for row in rows)
    return say("bounds_told_areas", lang, **{**rows[0], "parts": parts})


def campaign_lines(campaigns: pd.DataFrame, lang: Language) -> list[str]:
    """What every campaign asked for and found, one line a status: heads by pool, in time for a pension, missing.

    A campaign of a branch is told only where its level has met a ceiling.
    """
    rows = campaigns.to_dict("records")
    told = [_branch_line(row, lang) if row["status"] in BRANCHES else _pension_line(row, lang) for row in rows]
    return [line for line in told if line]


def _branch_line(row: dict[Any, Any], lang: Language) -> str:
    """What a branch could not hold; nothing where it could."""
    if row["first_missing"] is None or row["first_missing"] != row["first_missing"]:  # not a number
        return ""
    return say("campaign_capped", lang, **_told(row, lang))


def _pension_line(row: dict[Any, Any], lang: Language) -> str:
    """What a campaign of a pension scheme asked for and found; empty where it asked for nobody and plans nobody."""
    told = _told(row, lang)
    if row["wanted"] < ONE_HEAD:
        return say("campaign_contained" if row["contained"] >= ONE_HEAD else "campaign_inert", lang, **told)
    parts = [say("campaign_asked", lang, **told)]
    if row["in_time"] == row["in_time"] and row["found"] >= ONE_HEAD:  # a number
        late = row["found"] - row["in_time"]
        key = "campaign_late" if late >= ONE_HEAD else "campaign_in_time"
        parts.append(say(key, lang, **told, late=f"{late:z,.0f}"))
    if row["found"] >= ONE_HEAD:
        parts.append(_pensions_said(row, told, lang))
    if row["missing"] >= ONE_HEAD:
        parts.append(say("campaign_short", lang, **told))
    if row["contained"] >= ONE_HEAD:
        parts.append(say("campaign_lacking", lang, **told))
    return (" " if lang == "en" else "").join(parts)


def _pensions_said(row: dict[Any, Any], told: dict[str, Any], lang: Language) -> str:
    """How many more people draw a pension than without the campaign."""
    resident = row["status"] == "resident"
    if row["resident_pensions" if resident else "pensions"] < ONE_HEAD:
        return say("campaign_no_pensions", lang)
    return say("campaign_resident_pensions" if resident else "campaign_pensions", lang, **told)


def _told(row: dict[Any, Any], lang: Language) -> dict[str, Any]:
    """The row in words: status, heads, and the pools that gave somebody."""
    names = ("planned", "ordinary", "wanted", "found", "missing", "in_time", "contained")
    heads = {name: f"{row[name]:z,.0f}" for name in names}
    heads |= {name: f"{row[name]:+z,.0f}" for name in ("pensions", "resident_pensions")}
    given = [(pool, row[pool]) for pool in POOLS if row[pool] >= ONE_HEAD]
    words_of = POOL_WORDS | ({"paused": "campaign_pool_resumed"} if row["status"] == "resident" else {})
    pools = [say(words_of[pool], lang, heads=f"{many:z,.0f}") for pool, many in given]
    joined = (", " if lang == "en" else "、").join(pools)
    return {**row, **heads, "status": _status(row["status"], lang), "pools": joined or say("campaign_nobody", lang)}


def measure_name(name: str, lang: Language) -> str:
    """What a variable or an indicator is called."""
    row: Any = VARIABLES[name] if name in VARIABLES else registry()[name]
    return str(getattr(row, lang))


def _status(status: str, lang: Language) -> str:
    """What a campaign raises: a status of members, or the insured of a branch."""
    if status == "resident":
        return say("campaign_of_residents", lang)
    row: Any = VARIABLES[f"{status}_insured"] if status in BRANCHES else WORDS["status", status]
    return str(getattr(row, lang))


def _cell(cell: str, lang: Language) -> str:
    """The cell of a value in words: sex=female; age=30 becomes women, age 30."""
    said = []
    for part in filter(None, cell.split("; ")):
        axis, _, label = part.partition("=")
        word: Any = WORDS.get((axis, label))
        said.append(str(getattr(word, lang)) if word else say("bounds_age", lang, age=label))
    return (", " if lang == "en" else "，").join(said)
