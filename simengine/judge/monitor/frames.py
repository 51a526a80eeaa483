"""The monitor as tables: a line a row of the plan with its rank among areas, and the points of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from simengine.judge.indicators import registry
from simengine.judge.monitor.pace import moment
from simengine.judge.monitor.tracked import Tracked, in_plan_unit, on_the_way, straight_line
from simengine.judge.targets.compare import SIGNIFICANT
from simengine.law.regions import load_regions

if TYPE_CHECKING:
    import pandas as pd

ROWS = (
    *("id", "region", "indicator", "fund", "name_en", "name_zh", "unit", "kind", "document", "attribute"),
    *("base", "base_when", "base_from", "operator", "target", "year"),
    *("actual", "when", "age", "known_to_run", "path", "distance", "elapsed", "covered", "pace", "still_needed"),
    *("time_distance", "beyond", "state", "projected", "projected_from", "straight", "gap", "outlook"),
    *("rank", "ranked", "closed", "superseded_by", "restates", "evidence", "source"),
)
"""Columns of the rows. Figures are in the unit of the plan; `age` is in years up to the day of the review; `elapsed`
and `covered` are parts of the time and of the way from base to target; `pace` is 1 on the path; `still_needed` is the
change a year from the last actual on; `beyond` says that the time distance is one at least; `straight` is the figure of
the target year on the straight line through base and last actual; `gap` is the projection less the target, on the good
side above zero; `rank` is the place among `ranked` areas of one region."""

POINTS = ("id", "region", "name_en", "name_zh", "unit", "series", "at", "value")
"""Columns of the points: `at` is the end of a year or month as a number."""

EQUAL = 9
"""Decimals to which years and parts are told apart when areas are ranked: less is the tail of an arithmetic."""

SERIES = ("path", "actual", "projection", "target")
"""What the points show; the projection begins at the last actual, at the base where there is none."""


def rows_of(tracked: Sequence[Tracked], day: date) -> pd.DataFrame:
    """A line a row of the plan (`ROWS`)."""
    import pandas as pd

    ranks = _ranks(tracked)
    lines = [_line(one, day) | {"rank": rank, "ranked": of} for one, (rank, of) in zip(tracked, ranks, strict=True)]
    frame = pd.DataFrame(lines, columns=list(ROWS))
    whole = dict.fromkeys(("rank", "ranked"), "Int64")
    numbers = ("base", "actual", "age", "path", "distance", "elapsed", "covered", "pace", "still_needed")
    figures = dict.fromkeys((*numbers, "time_distance", "projected", "straight", "gap"), "float64")
    return frame.astype(whole | figures | {"known_to_run": "boolean", "outlook": "boolean"})


def moment_of(day: date) -> float:
    """A day as a number on the scale of `moment`.

    >>> moment_of(date(2022, 12, 31)), round(moment_of(date(2022, 8, 31)), 4)
    (2022.0, 2021.6667)
    """
    last = 31 if day.month in (1, 3, 5, 7, 8, 10, 12) else 30 if day.month != 2 else 29 if day.year % 4 == 0 else 28
    return moment(day.year, day.month) - (1.0 - day.day / last) / 12.0


def is_closed(one: Tracked) -> bool:
    """Whether a row belongs to a plan that has ended: its outcome is printed."""
    return one.row.record_kind == "outcome"


def good_side(one: Tracked) -> float:
    """Sign of what is better for the row: above zero where more is."""
    operator = str(one.goal.operator)
    if operator[0] in "<>":
        return 1.0 if operator[0] == ">" else -1.0
    return -1.0 if one.path is not None and one.path.way < 0.0 else 1.0


def _line(one: Tracked, day: date) -> dict[str, Any]:
    row, last, stands = one.row, one.last, one.standing
    measure = registry().get(row.indicator)
    target = float(one.goal.exact)
    gap = None if one.projected is None else round(good_side(one) * (one.projected - target), 9) + 0.0
    base = one.base
    return {
        "id": row.id,
        "region": row.region,
        "indicator": row.indicator,
        "fund": row.fund or "",
        "name_en": row.name_en or (measure.en if measure else row.indicator),
        "name_zh": row.name_local or (measure.zh if measure else row.indicator),
        "unit": row.unit,
        "kind": one.kind,
        "document": row.document,
        "attribute": row.attribute,
        "base": None if base is None else base.value,
        "base_when": "" if base is None else base.when,
        "base_from": "" if base is None else base.origin,
        "operator": one.goal.operator,
        "target": target,
        "year": one.goal.year,
        "actual": one.actual,
        "when": "" if last is None else last.when,
        "age": None if last is None else round(max(moment_of(day) - last.at, 0.0), 6),
        "known_to_run": None if last is None else last.entered,
        "path": None if stands is None else float(format(stands.path, SIGNIFICANT)),
        "distance": None if stands is None else float(format(stands.distance, SIGNIFICANT)),
        "elapsed": None if one.path is None or last is None else one.path.elapsed(last.at),
        "covered": None if one.path is None or one.actual is None else one.path.covered(one.actual),
        "pace": None if stands is None else stands.pace,
        "still_needed": None if stands is None else stands.still_needed,
        "time_distance": one.time_distance,
        "beyond": stands is not None and stands.beyond,
        "state": one.state,
        "projected": one.projected,
        "projected_from": one.projected_from,
        "straight": straight_line(one),
        "gap": gap,
        "outlook": one.outlook,
        "closed": is_closed(one),
        "superseded_by": "; ".join(row.superseded_by),
        "restates": row.restates or "",
        "evidence": "" if last is None else last.evidence,
        "source": "" if last is None else last.source,
    }


# --- ranks ------------------------------------------------------------------------------------------------------------


def _ranks(tracked: Sequence[Tracked]) -> list[tuple[int | None, int | None]]:
    """Place of each row among the rows of its sisters, areas of one region, with one measure and target year.

    The first is the one that is furthest ahead of its path in time, and of those the one that has covered most of its
    way. Areas without an actual are not ranked; equal ones share a place.
    """
    regions = load_regions()
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, one in enumerate(tracked):
        parent = regions[one.row.region].parent if one.row.region in regions else None
        key = (one.row.indicator, one.row.fund, one.row.cumulative, one.goal.year, one.row.document, parent)
        groups.setdefault(key, []).append(place)
    found: list[tuple[int | None, int | None]] = [(None, None)] * len(tracked)
    for places in groups.values():
        if len({tracked[place].row.region for place in places}) < 2:
            continue
        merits = {place: merit for place in places if (merit := _merit(tracked[place])) is not None}
        for place, merit in merits.items():
            found[place] = 1 + sum(other > merit for other in merits.values()), len(merits)
    return found


def _merit(one: Tracked) -> tuple[float, float] | None:
    """By what areas are ranked: time distance, then the way covered, or the margin where there is no way."""
    if one.actual is None:
        return None
    ahead = round(one.time_distance or 0.0, EQUAL)
    if one.path is not None:
        return ahead, round(one.path.covered(one.actual), EQUAL)
    target = float(one.goal.exact)
    return ahead, round(good_side(one) * (one.actual - target) / (abs(target) or 1.0), EQUAL)


# --- points -----------------------------------------------------------------------------------------------------------


def points_of(tracked: Iterable[Tracked]) -> pd.DataFrame:
    """Path, actuals, projection and target of every row (`POINTS`)."""
    import pandas as pd

    lines = [
        (line["id"], line["region"], line["name_en"], line["name_zh"], line["unit"], series, at, value)
        for one in tracked
        if one.kind not in ("event", "yes_no")
        for line in [_line(one, date(1, 1, 1))]
        for series, at, value in _points(one)
    ]
    return pd.DataFrame(lines, columns=list(POINTS))


def _points(one: Tracked) -> Iterator[tuple[str, float, float]]:
    until = moment(one.goal.year)
    if one.base is not None:
        yield "path", one.base.since, one.base.value
        if one.path is not None:
            yield "path", until, one.path.target
    for each in one.actuals:
        yield "actual", each.at, in_plan_unit(each.value, one.row)
    yield from (("projection", at, value) for at, value in on_the_way(one))
    yield "target", until, float(one.goal.exact)
