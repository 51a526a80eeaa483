"""What has been reported so far: every actual with the row of the plan that it is of, and what the run may see of it.

A figure that the run can take enters it (`simengine.engine.actuals`). One of a row that the engine does not model, or
that it has only as a result, is left out of the run and monitored all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from simengine.basis.actuals import Statement
from simengine.basis.bureau.actuals import read_actuals
from simengine.basis.bureau.units import UNITS
from simengine.common.errors import SimengineError, TargetError
from simengine.common.messages import near
from simengine.engine.actuals.items import item_key, plain, reading_of, region_key
from simengine.engine.actuals.names import Outcome, each_statement, last_day, period_end
from simengine.engine.actuals.resolved import Resolved
from simengine.judge.indicators import PLAN_UNITS, registry
from simengine.judge.monitor.pace import moment
from simengine.judge.targets.rows import Figure, Target
from simengine.law.regions import load_regions
from simengine.registry.actuals import MEASURES, READING
from simengine.registry.inputs import SERIES
from simengine.scenario.scenario import Scenario

NOT_ENTERED = frozenset(
    ("actual_row", "actual_result", "actual_month", "actual_of_past", "actual_law", "actual_previous", "actual_lever",
     "actual_births", "actual_index", "actual_pressure", "actual_absent", "actual_unknown")
)  # fmt: skip
"""Reasons why a run does not take a figure that a row of the plan may still be monitored by."""

SLIP, SLIP_OF_SHARE = 1e3, 50.0
"""A figure so many times the base and the target, or so small a part of both, looks like a slip of unit."""

PLAN = "plan"
Key = tuple[str, str, str, bool]
"""Indicator, fund, region, and whether sums since the begin of the plan are meant."""


def key_of(row: Target) -> Key:
    """What a row measures; rows with one key share their actuals."""
    return row.indicator, row.fund or "", row.region, row.cumulative


@dataclass(frozen=True)
class Reported:
    """One actual of a row.

    Attributes
    ----------
    value : in base units
    when : year, or year and month, as it is written
    at : the end of that year or month as a number
    entered : whether the run takes it as known
    origin : name of the table, ``plan`` where the plan itself prints it
    """

    key: Key
    value: float
    when: str
    at: float
    entered: bool
    evidence: str
    source: str
    where: str
    origin: str


@dataclass(frozen=True)
class Reports:
    """All actuals of a plan.

    Attributes
    ----------
    by_key : actuals of each measure, in order of time; the last one of a time counts
    left_out : places of figures that the run is not to see
    unused : items of figures that belong to no row of the plan, with their place
    other_reading : items of figures of another reading of the measure than that of the plan
    later : figures of after the day of the review
    """

    by_key: Mapping[Key, tuple[Reported, ...]]
    left_out: frozenset[str] = frozenset()
    unused: tuple[tuple[str, str], ...] = ()
    other_reading: tuple[str, ...] = ()
    later: int = 0


@dataclass
class _Gathered:
    found: list[Reported] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    unused: list[tuple[str, str]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    errors: list[SimengineError] = field(default_factory=list)
    later: int = 0


def reports_of(
    targets: Sequence[Target], scenario: Scenario | None, tables: Sequence[Path], as_of: date
) -> tuple[Reports, list[SimengineError]]:
    """Actuals of the rows of a plan, and everything that is wrong with any.

    Parameters
    ----------
    scenario : with the tables among its actuals; None for a plan without a run
    tables : own tables, which are read here where there is no scenario
    as_of : day of the review; what is of a later time is left aside
    """
    got = _Gathered()
    if scenario is not None:
        outcomes, faults, _ = each_statement(scenario)
    else:
        outcomes, faults = _without_run(targets, tables)
    got.errors += faults
    for one in outcomes:
        if period_end(one.statement) > as_of:
            got.later += 1
            got.left_out.add(one.statement.where)
        elif not one.foreign or scenario is None:
            _take(one, targets, scenario, got)
    got.left_out |= _earlier_months(outcomes, got.left_out)
    for row in targets:
        if row.actual is not None and date(row.actual.year, 12, 31) <= as_of:
            got.found.append(_printed(row, row.actual))
    by_key: dict[Key, dict[float, Reported]] = {}
    for each in sorted(got.found, key=lambda one: one.origin != PLAN):
        by_key.setdefault(each.key, {})[each.at] = each
    ordered = {key: tuple(found[at] for at in sorted(found)) for key, found in by_key.items()}
    return Reports(ordered, frozenset(got.left_out), tuple(got.unused), tuple(got.other), got.later), got.errors


def _without_run(targets: Sequence[Target], tables: Sequence[Path]) -> tuple[list[Outcome], list[SimengineError]]:
    """Figures of tables for a plan whose regions no basis holds."""
    regions = load_regions()
    own = list(dict.fromkeys(row.region for row in targets))
    by_id = {row.id: row.region for row in targets}
    outcomes: list[Outcome] = []
    errors: list[SimengineError] = []
    for path in tables:
        statements, faults = read_actuals(path, path.stem, own[0])
        errors += faults
        for one in statements:
            region = region_key(one.area, regions, own) if one.area else by_id.get(one.item, own[0])
            if not region:
                known = ", ".join(own)
                errors.append(TargetError("actual_area", where=one.area_where, name=one.area, known=known))
            elif period_end(one) > last_day():
                said = {"name": one.item, "when": one.when, "day": last_day().isoformat()}
                errors.append(TargetError("monitor_ahead", where=one.where, **said))
            elif region in own:
                outcomes.append(Outcome(one, region))
    return outcomes, errors


def _take(one: Outcome, targets: Sequence[Target], scenario: Scenario | None, got: _Gathered) -> None:
    """Put one figure where it belongs."""
    statement = one.statement
    try:
        if one.resolved is not None:
            keys = _keys_of(one.resolved, targets, scenario, got)
            entered = not one.resolved.compared
            value = one.resolved.value
        else:
            if one.error is not None and one.error.code not in NOT_ENTERED:
                raise one.error
            keys, value = _own_rows(one, targets)
            entered = False
            got.left_out.add(statement.where)
    except SimengineError as error:
        got.errors.append(error)
        return
    monitored = {key_of(row) for row in targets if row.target is not None}
    keys = [key for key in keys if key in monitored]
    if not keys and not (got.other and got.other[-1] == statement.item):
        got.unused.append((statement.item, statement.item_where))
    got.found += [
        Reported(
            key, value, statement.when, moment(statement.year, statement.month), entered, statement.evidence,
            statement.source, statement.where, statement.origin,
        )
        for key in keys
    ]  # fmt: skip


def _keys_of(one: Resolved, targets: Sequence[Target], scenario: Scenario | None, got: _Gathered) -> list[Key]:
    """Measures of the plan that a figure of the engine's items is of."""
    indicator, _, reading = one.measure.name.partition(READING)
    if indicator in SERIES:
        names = [name for name, known in MEASURES.items() if known.series == (indicator,) and not known.total]
        indicator = names[0] if names else indicator
    keys = dict.fromkeys(key_of(row) for row in targets if row.indicator == indicator and row.region == one.region)
    if keys and reading:
        definitions = scenario.definitions if scenario is not None else {}
        own = reading_of(one.region, load_regions(), definitions) or _first_reading(indicator)
        if own != reading:
            got.other.append(one.statement.item)
            return []
    return list(keys)


def _first_reading(indicator: str) -> str:
    """Reading of a measure where neither scenario nor plan says one."""
    return next(name for name in MEASURES if name.startswith(indicator + READING)).partition(READING)[2]


def _own_rows(one: Outcome, targets: Sequence[Target]) -> tuple[list[Key], float]:
    """Measure of the plan that a figure is of which the engine does not take, and its value in base units.

    Raises
    ------
    SimengineError where nothing is called so, several measures are, the unit is another one, or the size is a slip
    """
    statement = one.statement
    here = [row for row in targets if row.region == one.region]
    rows = _named(statement.item, here, targets)
    if not rows and one.error is not None and one.error.code != "actual_unknown":
        return [], 0.0
    if not rows:
        if _named(statement.item, targets, targets):
            raise TargetError("monitor_elsewhere", where=statement.area_where, name=statement.item, area=one.region)
        known = [*(row.id for row in here), *(row.indicator for row in here), *(row.name_local for row in here)]
        meant = near(statement.item, known)
        raise TargetError("monitor_item", where=statement.item_where, near=meant, name=statement.item)
    keys = list(dict.fromkeys((*key_of(row)[:2], one.region, row.cumulative) for row in rows))
    if len(keys) > 1:
        told = ", ".join(dict.fromkeys(row.id for row in rows))
        raise TargetError("monitor_ambiguous", where=statement.item_where, name=statement.item, known=told)
    value = statement.value * _unit_factor(statement, rows[0])
    _refuse_slip(statement, value, rows)
    return keys, value


def _named(item: str, here: Sequence[Target], everywhere: Sequence[Target]) -> list[Target]:
    """Rows that an item names: by id, by indicator, or by a printed name in one of the languages."""
    by_id = [row for row in everywhere if row.id == item]
    if by_id:
        return by_id
    key = item_key(item)
    by_indicator = [row for row in here if row.indicator == key]
    if by_indicator:
        return by_indicator
    bare = plain(item)
    return [row for row in here if bare in _names_of(row)]


def _names_of(row: Target) -> set[str]:
    measure = registry().get(row.indicator)
    names = [row.name_local, row.name_en, *((measure.zh, measure.en) if measure else ())]
    return {plain(name) for name in names if name}


BASES = {"persons": "person", "yuan per month": "yuan/month", "yuan per year": "yuan/year"}


def _unit_factor(statement: Statement, row: Target) -> float:
    """Base units in one unit as written; a figure without a unit is in that of the base."""
    base = PLAN_UNITS[row.unit][0]
    if statement.unit is None:
        return 1.0
    written = statement.unit.strip().replace(" / ", "/").replace("／", "/")
    found = PLAN_UNITS.get(written)
    if found is not None and found[0] == base:
        return found[1]
    if base == "person" and written.lower() in UNITS["heads"]:
        return UNITS["heads"][written.lower()]
    known = ", ".join(name for name, (of, _) in PLAN_UNITS.items() if of == base)
    raise TargetError("monitor_unit", where=statement.unit_where, unit=written, name=statement.item, known=known)


def _refuse_slip(statement: Statement, value: float, rows: Iterable[Target]) -> None:
    """Refuse a figure that is far from base and target alike, unless it is vouched for."""
    sizes: list[float] = []
    unit = ""
    for row in rows:
        for figure in (row.base, row.target):
            if figure is not None and figure.exact:
                sizes.append(abs(float(figure.exact)) * PLAN_UNITS[row.unit][1])
                unit = row.unit
    limit = SLIP_OF_SHARE if unit and PLAN_UNITS[unit][0] == "1" else SLIP
    if statement.checked or not value or not sizes:
        return
    if all(abs(value) > limit * size for size in sizes) or all(abs(value) * limit < size for size in sizes):
        factor = PLAN_UNITS[unit][1]
        said = {"value": f"{value / factor:z,.6g} {unit}", "size": f"{sizes[-1] / factor:z,.6g} {unit}"}
        raise TargetError("monitor_slip", where=statement.where, name=statement.item, **said)


def _printed(row: Target, actual: Figure) -> Reported:
    """The actual that a row of the plan prints itself."""
    value = float(actual.exact) * PLAN_UNITS[row.unit][1]
    return Reported(
        key_of(row),
        value,
        str(actual.year),
        moment(actual.year),
        False,
        "published",
        row.source_text(),
        row.where,
        PLAN,
    )


def _earlier_months(outcomes: Iterable[Outcome], left_out: set[str]) -> set[str]:
    """Places of figures of a year of which the same table has a later one: a run takes one figure a year."""
    last: dict[tuple[str, str, str, int], Statement] = {}
    places: set[str] = set()
    for one in outcomes:
        statement = one.statement
        if one.resolved is None or one.resolved.compared or statement.where in left_out:
            continue
        key = (one.resolved.measure.name, one.region, statement.origin, statement.year)
        known = last.get(key)
        if known is None or known.when == statement.when:
            last.setdefault(key, statement)
            continue
        earlier, later = sorted((known, statement), key=lambda each: each.month or 12)
        last[key] = later
        places.add(earlier.where)
    return places


def entered(reports: Reports, places: frozenset[str]) -> Reports:
    """The same actuals, of which only those at these places are known to the run."""
    by_key = {
        key: tuple(replace(one, entered=one.entered and one.where in places) for one in found)
        for key, found in reports.by_key.items()
    }
    return replace(reports, by_key=by_key)
