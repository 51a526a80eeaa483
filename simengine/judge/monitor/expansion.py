"""The table of the offices on enlarging coverage (参保扩面): insurances by area, against the task of one year.

    net gain = done - base          base: figure of the end of the year before
    completion = done / task        as the offices state it
    net completion = net gain / (task - base)     what the calendar is to be compared with
    calendar = months that have passed / 12       时序进度

The task is what the plan prints for the year: the lesser figure must be reached (确保), the larger one is striven for
(力争); where the plan prints none it is the point of the straight path at the end of the year, and marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from simengine.judge.monitor.pace import moment
from simengine.judge.monitor.reported import Key, Reported, Reports, key_of
from simengine.judge.monitor.tracked import Tracked, in_plan_unit
from simengine.judge.targets.compare import SIGNIFICANT
from simengine.law.regions import load_regions

if TYPE_CHECKING:
    import pandas as pd

INSURANCES = (
    *("pension_participants", "uebps_participants", "resident_participants"),
    *("ui_participants", "wi_participants", "uebps_payers", "medical_participants", "maternity_participants"),
)
"""Measures of the table, in order: heads of an insurance."""

COLUMNS = (
    *("indicator", "region", "unit", "year", "base", "base_from", "must", "strive", "task_from", "done", "when"),
    *("net_gain", "completion", "net_completion", "calendar", "rank", "ranked"),
)
"""Columns; figures in the unit of the plan, parts as numbers (1 for 100 %)."""

ORIGINS = ("actual", "plan", "between", "path", "engine")
"""Where base and task come from: an actual, the plan's print, the straight line between two known figures, the straight
path, the run."""


def expansion_table(tracked: Sequence[Tracked], reports: Reports, day: date) -> pd.DataFrame:
    """Insurances by area against the task of the year of the last actual (`COLUMNS`).

    The year is that of the last actual of the insurance, else that of the review, at most the last one of the plan.
    """
    import pandas as pd

    lines: list[dict[str, Any]] = []
    for indicator in INSURANCES:
        groups: dict[Key, list[Tracked]] = {}
        for one in tracked:
            if one.row.indicator == indicator and not one.row.superseded_by and one.row.record_kind != "outcome":
                groups.setdefault(key_of(one.row), []).append(one)
        if not groups:
            continue
        known = [each for key in groups for each in reports.by_key.get(key, ()) if each.origin != "plan"]
        last = max(one.goal.year for rows in groups.values() for one in rows)
        latest = max(known, key=lambda each: each.at, default=None)
        year = min(last, int(latest.when[:4]) if latest is not None else day.year)
        lines += _ranked([_line(rows, reports.by_key.get(key, ()), year, day) for key, rows in groups.items()])
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    numbers = ("base", "must", "strive", "done", "net_gain", "completion", "net_completion", "calendar")
    return frame.astype(dict.fromkeys(numbers, "float64") | {"rank": "Int64", "ranked": "Int64", "year": "int64"})


def _line(rows: Sequence[Tracked], reports: Sequence[Reported], year: int, day: date) -> dict[str, Any]:
    """One insurance of one area."""
    first = rows[0].row
    base, base_from = _base(rows, reports, year)
    tasks = sorted({float(one.goal.exact) for one in rows if one.goal.year == year})
    task_from = "plan" if tasks else ""
    if not tasks:
        ahead = [one for one in rows if one.path is not None and one.path.since < year < one.path.until]
        nearest = min(ahead, key=lambda one: one.goal.year, default=None)
        if nearest is not None and nearest.path is not None:
            tasks, task_from = [nearest.path.at(moment(year))], "path"
    done = next((each for each in reversed(reports) if each.when.startswith(str(year)) and each.origin != "plan"), None)
    value = None if done is None else in_plan_unit(done.value, first)
    must = tasks[0] if tasks else None
    gain = None if value is None or base is None else value - base
    month = 12 if done is None else int(done.when[5:] or 12)
    reviewed = min(max((day.year - year) * 12 + day.month, 0), 12)
    way = None if must is None or base is None or must <= base else must - base
    return {
        "indicator": first.indicator,
        "region": first.region,
        "unit": first.unit,
        "year": year,
        "base": base,
        "base_from": base_from,
        "must": must,
        "strive": tasks[-1] if len(tasks) > 1 else None,
        "task_from": task_from,
        "done": value,
        "when": "" if done is None else done.when,
        "net_gain": None if gain is None else round(gain, 9) + 0.0,
        "completion": None if value is None or not must else value / must,
        "net_completion": None if gain is None or way is None else gain / way,
        "calendar": (month if done is not None else reviewed) / 12,
    }


def _base(rows: Sequence[Tracked], reports: Sequence[Reported], year: int) -> tuple[float | None, str]:
    """Figure of the end of the year before: an actual, the base of the plan, a point between two known figures.

    Where nothing later is known it is that of the run, and without a run the point of the straight path.
    """
    before = moment(year - 1)
    first = rows[0].row
    for each in reversed(reports):
        if each.at == before:
            return in_plan_unit(each.value, first), "plan" if each.origin == "plan" else "actual"
    for one in rows:
        if one.base is not None and one.base.since == before:
            return one.base.value, "engine" if one.base.origin == "engine" else "plan"
    known = {one.base.since: one.base.value for one in rows if one.base is not None}
    known |= {each.at: in_plan_unit(each.value, first) for each in reports}
    earlier, later = [at for at in known if at < before], [at for at in known if at > before]
    if earlier and later:
        start, end = max(earlier), min(later)
        part = (before - start) / (end - start)
        return float(format(known[start] + part * (known[end] - known[start]), SIGNIFICANT)), "between"
    for one in rows:
        if int(before) in one.series:
            return one.series[int(before)], "engine"
    for one in rows:
        if one.path is not None and one.path.since < before <= one.path.until:
            return one.path.at(before), "path"
    return None, ""


def _ranked(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines with the place of each area among its sisters by completion; equal ones share a place."""
    regions = load_regions()
    parents: Mapping[str, str | None] = {line["region"]: regions[line["region"]].parent for line in lines}
    found = []
    for line in lines:
        sisters = [other for other in lines if parents[other["region"]] == parents[line["region"]]]
        known = [other["completion"] for other in sisters if other["completion"] is not None]
        ranked = len(sisters) > 1 and line["completion"] is not None
        rank = 1 + sum(other > line["completion"] for other in known) if ranked else None
        found.append(line | {"rank": rank, "ranked": len(known) if ranked else None})
    return found
