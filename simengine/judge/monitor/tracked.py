"""One row of a plan under review: its base, its last actual, where that stands, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.elementwise import exp, log
from simengine.judge.indicators import PLAN_UNITS, Definitions, registry
from simengine.judge.monitor.pace import Path, Standing, moment, standing
from simengine.judge.monitor.reported import Reported, key_of
from simengine.judge.targets.compare import SIGNIFICANT, Options, rounded, satisfies, tolerance_of
from simengine.judge.targets.rows import Figure, Target
from simengine.judge.targets.verdicts import SET, Verdict

if TYPE_CHECKING:
    from xarray import Dataset

KINDS = ("path", "hold", "level", "event", "yes_no")
"""A way from base to target; a bound that the base satisfies; no base; done by a year; done or not."""

BASES = ("plan", "superseded", "row", "actual", "engine", "zero")
"""Where a base comes from: the row, the row that it supersedes, another row of the plan, an actual at the begin of the
plan or the first one, the opening of the engine, nothing for a sum."""

SOURCES = ("actual", "engine", "set", "engine_growth", "straight")
"""Where a projection comes from: the actual of the target year itself; the run that knows the last actual, or has
none; the same where the scenario states the figure itself; the last actual carried on by the growth of a run that does
not know it; the straight line through base and last actual."""

OF_THE_RUN = ("engine", "set", "engine_growth")
STATES = (
    *("met", "missed", "met_early", "ahead", "on_path", "behind", "holds", "slipped"),
    *("no_base", "not_done", "no_actual"),
)
FIRST_CALENDAR_YEAR = 1900


@dataclass(frozen=True)
class Base:
    """Where a row started, in the unit of the plan; `since` is the end of a year, or of a month, which `when` names."""

    value: float
    since: float
    origin: str
    when: str


@dataclass(frozen=True)
class Tracked:
    """A row of a plan with all that is known of it; figures in the unit of the plan.

    Attributes
    ----------
    actuals : actuals after the base up to the target year, in order of time
    series : the engine's figures by year, where it models the row
    projected : figure of the target year; None where nothing leads there
    """

    row: Target
    kind: str
    goal: Figure
    base: Base | None
    actuals: tuple[Reported, ...]
    series: Mapping[int, float]
    path: Path | None
    standing: Standing | None
    state: str
    projected: float | None
    projected_from: str
    outlook: bool | None

    @property
    def factor(self) -> float:
        """Base units in one unit of the plan."""
        return PLAN_UNITS[self.row.unit][1]

    @property
    def last(self) -> Reported | None:
        """The last actual."""
        return self.actuals[-1] if self.actuals else None

    @property
    def actual(self) -> float | None:
        """Value of the last actual."""
        return None if self.last is None else in_plan_unit(self.last.value, self.row)

    @property
    def time_distance(self) -> float | None:
        """Years ahead of the path or behind it; of an event the years by which it was early or late."""
        if self.kind == "event" and self.actual is not None:
            return float(self.goal.exact) - self.actual
        return None if self.standing is None else self.standing.time_distance


def in_plan_unit(value: float, row: Target) -> float:
    """A value in base units in the unit of a row, without the tail of the division."""
    return float(format(value / PLAN_UNITS[row.unit][1], SIGNIFICANT))


def track(
    row: Target,
    goal: Figure,
    rows: Sequence[Target],
    reports: Sequence[Reported],
    series: Mapping[int, float],
    verdict: Verdict | None,
    options: Options,
) -> Tracked:
    """A row of a plan with a target, under review.

    Parameters
    ----------
    goal : its target
    rows : all rows of the plan, among which a base is looked for
    reports : actuals of the row's measure
    series : the engine's figures by year in the unit of the plan; empty where it has none that may be shown
    verdict : of the run on the row
    """
    until = moment(goal.year)
    base = None if _is_done_or_not(row, goal) else base_of(row, rows, reports, series)
    since = base.since if base is not None else (row.plan.start - 1.0 if row.plan is not None else -math.inf)
    actuals = tuple(one for one in reports if since < one.at <= until)
    tolerance = tolerance_of(row, goal, options)
    kind = _kind(row, goal, base, tolerance)
    path = None
    if kind == "path" and base is not None:
        path = Path(base.value, base.since, float(goal.exact), until)
    last = in_plan_unit(actuals[-1].value, row) if actuals else None
    stands = standing(path, last, actuals[-1].at) if path is not None and last is not None else None
    met = None if last is None else satisfies(_exact(last), str(goal.operator), goal.exact, tolerance)
    state = _state(kind, met, stands, bool(actuals) and actuals[-1].at >= until)
    projected, origin = _projected(row, goal, kind, base, actuals, series, verdict)
    outlook = None
    if kind in ("event", "yes_no"):
        outlook = met
    elif projected is not None and origin != "set":  # what the scenario states itself is met by nobody
        figure = _exact(projected) if origin == "actual" else rounded(projected, goal.decimals)
        outlook = satisfies(figure, str(goal.operator), goal.exact, tolerance)
    return Tracked(row, kind, goal, base, actuals, series, path, stands, state, projected, origin, outlook)


def _exact(value: float) -> Decimal:
    return Decimal(format(value, SIGNIFICANT))


# --- base -------------------------------------------------------------------------------------------------------------


def base_of(
    row: Target, rows: Sequence[Target], reports: Sequence[Reported], series: Mapping[int, float]
) -> Base | None:
    """Where a row starts from; None where nothing says so."""
    if row.cumulative:
        return None if row.plan is None else Base(0.0, row.plan.start - 1.0, "zero", str(row.plan.start - 1))
    year = row.target.year if row.target is not None else row.year
    start = row.plan.start - 1 if row.plan is not None else year - 1
    own = _stated([row], row, year)
    replaced = _stated([one for one in rows if one.id in row.supersedes], row, year)
    others = _stated([one for one in rows if key_of(one) == key_of(row) and one.id != row.id], row, start + 1)
    for found, origin in ((own, "plan"), (replaced, "superseded"), (others, "row")):
        if found is not None:
            value, stated = found
            return Base(value, moment(stated), origin, str(stated))
    at_start = [one for one in reports if one.at == start]
    if at_start:
        return Base(in_plan_unit(at_start[-1].value, row), float(start), "actual", str(start))
    if start in series:
        return Base(series[start], float(start), "engine", str(start))
    inside = [one for one in reports if start < one.at <= year]
    if len(inside) > 1:
        return Base(in_plan_unit(inside[0].value, row), inside[0].at, "actual", inside[0].when)
    return None


def _stated(rows: Iterable[Target], of: Target, before: int) -> tuple[float, int] | None:
    """The latest figure before a year that rows state as a base or as an actual, in the unit of a row, and its year."""
    found: dict[int, float] = {}
    for row in rows:
        for figure in (row.actual, row.base):
            if figure is not None and figure.year < before and PLAN_UNITS[row.unit][0] == PLAN_UNITS[of.unit][0]:
                value = float(figure.exact) * PLAN_UNITS[row.unit][1]
                found[figure.year] = float(figure.exact) if row.unit == of.unit else in_plan_unit(value, of)
    return (found[max(found)], max(found)) if found else None


# --- what kind of row, and how it stands ------------------------------------------------------------------------------


def _is_done_or_not(row: Target, goal: Figure) -> bool:
    """Whether a row has no way between base and target: done by a calendar year, or done or not."""
    unit, value = PLAN_UNITS[row.unit][0], float(goal.exact)
    calendar = unit == "year" and value >= FIRST_CALENDAR_YEAR
    yes = row.unit == "1" and value == 1.0 and row.indicator not in registry()
    return calendar or (yes and (row.base is None or not row.base.exact))


def _kind(row: Target, goal: Figure, base: Base | None, tolerance: Decimal) -> str:
    if _is_done_or_not(row, goal):
        return "yes_no" if row.unit == "1" else "event"
    if base is None or base.since >= goal.year:
        return "level"
    held = satisfies(_exact(base.value), str(goal.operator), goal.exact, tolerance)
    return "hold" if held or base.value == float(goal.exact) else "path"


def _state(kind: str, met: bool | None, stands: Standing | None, at_end: bool) -> str:
    if met is None:
        return "no_actual"
    if kind in ("event", "yes_no"):
        return "met" if met else "missed" if kind == "event" else "not_done"
    if at_end:
        return "met" if met else "missed"
    if kind == "hold":
        return "holds" if met else "slipped"
    if met:
        return "met_early"
    if stands is None:
        return "no_base"
    return "on_path" if stands.distance == 0.0 else "ahead" if stands.distance > 0.0 else "behind"


# --- projection -------------------------------------------------------------------------------------------------------


def _projected(
    row: Target,
    goal: Figure,
    kind: str,
    base: Base | None,
    actuals: Sequence[Reported],
    series: Mapping[int, float],
    verdict: Verdict | None,
) -> tuple[float | None, str]:
    """Figure of the target year, and where it comes from (`SOURCES`)."""
    if kind in ("event", "yes_no"):
        return None, ""
    last = actuals[-1] if actuals else None
    value = 0.0 if last is None else in_plan_unit(last.value, row)
    if last is not None and last.at >= goal.year:
        return value, "actual"
    if verdict is not None and verdict.projected is not None and goal.year in series:
        if last is None or last.entered:
            return verdict.projected, "set" if verdict.verdict == SET else "engine"
        before = engine_at(series, last.at, share=PLAN_UNITS[row.unit][0] == "1")
        after = series[goal.year]
        if PLAN_UNITS[row.unit][0] == "1" and before is not None:
            return value + after - before, "engine_growth"
        if before is not None and before > 0.0:
            return value * after / before, "engine_growth"
    if last is None or base is None:
        return None, ""
    return _carried_on(row, goal, base, last), "straight"


def straight_line(one: Tracked) -> float | None:
    """Figure of the target year on the line through base and last actual; None where one of them is missing."""
    if one.base is None or one.last is None or one.last.at >= one.goal.year:
        return None
    return _carried_on(one.row, one.goal, one.base, one.last)


def _carried_on(row: Target, goal: Figure, base: Base, last: Reported) -> float:
    line = Path(base.value, base.since, base.value + 1.0, moment(goal.year))
    carried = float(format(line.carried_on(in_plan_unit(last.value, row), last.at), SIGNIFICANT))
    return _possible(carried, row, goal, base)


def on_the_way(one: Tracked) -> list[tuple[float, float]]:
    """Time and figure from the last actual (the base where there is none) to the projection: what a picture draws."""
    if one.projected is None or one.projected_from == "actual":
        return []
    until = moment(one.goal.year)
    if one.actual is None or one.last is None:
        since = one.base.since if one.base is not None else min(one.series, default=until)
        return [(float(year), value) for year, value in sorted(one.series.items()) if since <= year <= until]
    points = [(one.last.at, one.actual)]
    share = PLAN_UNITS[one.row.unit][0] == "1"
    before = engine_at(one.series, one.last.at, share=share) if one.projected_from == "engine_growth" else None
    for year, value in sorted(one.series.items()) if one.projected_from in OF_THE_RUN else ():
        if one.last.at < year < until:
            moved = value if before is None else one.actual + value - before if share else one.actual * value / before
            points.append((float(year), moved))
    return [*points, (until, one.projected)]


def _possible(value: float, row: Target, goal: Figure, base: Base) -> float:
    """A straight line ends where its measure does: at zero, and at 100 % of a share."""
    measure = registry().get(row.indicator)
    least = 0.0 if min(base.value, float(goal.exact)) >= 0.0 and not (measure and measure.signed) else -math.inf
    whole = 1.0 / PLAN_UNITS[row.unit][1]
    share = PLAN_UNITS[row.unit][0] == "1" and max(base.value, float(goal.exact)) <= whole
    return min(max(value, least), whole if share else math.inf)


def engine_at(series: Mapping[int, float], at: float, *, share: bool) -> float | None:
    """The engine's figure between two year ends: on a straight line for a share, else at constant growth."""
    first, last = math.floor(at), math.ceil(at)
    if first not in series or last not in series:
        return None
    low, high, part = series[first], series[last], at - first
    if share or low <= 0.0 or high <= 0.0:
        return low + (high - low) * part
    return float(low * exp(part * log(high / low)))


def engine_series(row: Target, data: Dataset, definitions: Definitions) -> dict[int, float]:
    """The engine's figures of a row by year in the unit of the plan; empty where it has no such measure or region."""
    measure = registry().get(row.indicator)
    if measure is None or row.region not in data.region.values:
        return {}
    found = measure(data, definitions).sel(region=row.region).isel(scenario=0, draw=0)
    if measure.by_fund:
        found = found.sel(fund=row.fund)
    time = next((dim for dim in ("year_end", "year") if dim in found.dims), "")
    if not time:
        return {}  # a year in which something happens has no path
    values = found.values / PLAN_UNITS[row.unit][1]
    years = [int(label) for label in found[time].values]
    if row.cumulative:
        if row.plan is None or row.plan.start not in years or time != "year":
            return {}
        first = years.index(row.plan.start)
        years, values = years[first:], np.cumsum(values[first:])
    return {year: float(value) for year, value in zip(years, values, strict=True) if np.isfinite(value)}
