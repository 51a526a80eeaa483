"""What a statement is about: its series or measure, its region, its value in base units, or why it is refused."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from simengine.basis.actuals import Statement
from simengine.basis.basis import Basis, load_basis
from simengine.basis.bureau.actuals import read_actuals
from simengine.basis.bureau.units import UNITS, factor_of
from simengine.common import strict_yaml
from simengine.common.errors import ScenarioError, SimengineError
from simengine.engine.actuals.items import item_key, meant_item, meant_region, reading_of, region_key
from simengine.engine.actuals.resolved import Resolved, kind_of
from simengine.engine.actuals.sizes import doubtful, refuse_value
from simengine.law import last_review
from simengine.law.regions import load_regions
from simengine.registry.actuals import MEASURES, READING, Measure, by_month, refusal
from simengine.registry.inputs import SERIES
from simengine.scenario.actuals import ActualTable, StatedFigures
from simengine.scenario.scenario import Scenario


def read_statements(scenario: Scenario) -> tuple[list[Statement], list[SimengineError]]:
    """Figures of all tables and of the scenario file, in order, and what is wrong with the tables."""
    found: list[Statement] = []
    errors: list[SimengineError] = []
    for part in scenario.actuals.parts:
        if isinstance(part, ActualTable):
            rows, faults = read_actuals(part.file, part.name, region_of(scenario))
            found += rows
            errors += faults
        else:
            found += _of_file(part, scenario)
    return found, errors


def region_of(scenario: Scenario) -> str:
    """Key of the region of a scenario: a basis is called REGION-YEAR."""
    return scenario.basis.rpartition("-")[0]


def _of_file(part: StatedFigures, scenario: Scenario) -> Iterator[Statement]:
    """Figures of one entry of the scenario file."""
    said = part.figures

    def place(*keys: Any) -> str:
        return scenario.where(*part.keys, *keys)

    for period, value in said.values.items():
        year, _, month = str(period).partition("-")
        yield Statement(
            said.item, said.area, int(year), int(month) if month else None, value, said.unit or None,
            said.evidence, said.source, said.compare, said.checked, place("values", period), place("unit"),
            place("item"), place("area"), scenario.key,
        )  # fmt: skip


def resolve(scenario: Scenario) -> tuple[list[Resolved], list[SimengineError], int]:
    """Every figure of a scenario that belongs to its region, everything that is wrong with any, and how many others."""
    outcomes, errors, bases = each_statement(scenario)
    left_out = scenario.actuals.left_out
    seen = [one for one in outcomes if one.statement.where not in left_out]
    found = [one.resolved for one in seen if one.resolved is not None]
    errors = [*errors, *(one.error for one in seen if one.error is not None)]
    foreign = sum(one.foreign for one in seen)
    if seen and foreign == len(seen):
        said = {"name": region_of(scenario), "known": own_names(bases)}
        errors.append(ScenarioError("actuals_elsewhere", where=seen[0].statement.area_where, **said))
    return found, [*errors, *doubtful(found, bases)], foreign


@dataclass(frozen=True)
class Outcome:
    """What became of one figure: known by what it says, refused for a reason, or of another region."""

    statement: Statement
    region: str = ""
    resolved: Resolved | None = None
    error: SimengineError | None = None

    @property
    def foreign(self) -> bool:
        """Whether it is of a known region that the scenario does not hold."""
        return self.resolved is None and self.error is None


def each_statement(scenario: Scenario) -> tuple[list[Outcome], list[SimengineError], dict[str, Basis]]:
    """Every figure of all tables and of the scenario file, what is wrong with the tables, and the bases by region.

    The region of an outcome is empty where it could not be told.
    """
    statements, errors = read_statements(scenario)
    rows = plan_rows(scenario)
    basis = load_basis(scenario.basis)
    parts = {name: load_basis(name) for name in basis.partition}
    bases = {basis.region: basis, **{part.region: part for part in parts.values()}}
    found: list[Outcome] = []
    for one in statements:
        region = ""
        try:
            region = _region(one, rows, bases)
            known = region in bases
            resolved = _resolved(one, region, rows, scenario, bases[region]) if known else None
            found.append(Outcome(one, region, resolved))
        except SimengineError as error:
            found.append(Outcome(one, region, error=error))
    return found, errors, bases


def _region(one: Statement, rows: Mapping[str, tuple[str, str]], bases: Mapping[str, Basis]) -> str:
    """Key of the region a figure is of: as stated, by key or name; of a row of the plan; else that of the scenario."""
    regions, first = load_regions(), next(iter(bases))
    if one.area and one.area not in bases:
        found = region_key(one.area, regions, bases)
        if not found:
            said = {"name": one.area, "known": own_names(bases)}
            meant = meant_region(one.area, regions, bases)
            raise ScenarioError("actual_area", where=one.area_where, near=meant, **said)
        return found
    return one.area or (rows[one.item][1] if one.item in rows else "") or first


def own_names(own: Iterable[str]) -> str:
    """The region of a scenario and its areas as a message lists them: by key, and by local name."""
    regions = load_regions()
    return ", ".join(f"{key} ({regions[key].local_name})" if key in regions else key for key in own)


def _resolved(
    one: Statement, region: str, rows: Mapping[str, tuple[str, str]], scenario: Scenario, basis: Basis
) -> Resolved:
    """A figure with its measure, in base units; refused where it cannot stand."""
    compared = one.compared or scenario.actuals.compared
    one = replace(one, item=one.item if one.item in rows else item_key(one.item))
    measure = _measure(one, rows, scenario, region)
    ended = last_day()
    if period_end(one) > ended:
        said = {"name": one.item, "when": one.when, "day": ended.isoformat(), "series": _lever_series(measure)}
        raise ScenarioError("actual_ahead", where=one.where, **said)
    if not measure.series and not compared:
        raise ScenarioError("actual_result", where=one.item_where, name=one.item)
    if not compared:
        _refuse_series(one, measure, basis)
    factor = _factor(one, measure)
    value = float(f"{one.value * factor:.15g}")  # 568.93 万人 is 5,689,300
    if one.month is not None and not compared and not by_month(measure.series):
        raise ScenarioError("actual_month", where=one.where, name=one.item, when=one.when)
    if one.year <= scenario.base_year and not compared:
        stated: dict[str, Any] = {"name": one.item, "year": one.year, "base": scenario.base_year}
        raise ScenarioError("actual_of_past", where=one.where, **stated)
    row = Resolved(one, measure, region, value, compared, factor)
    if measure.series:
        refuse_value(row, basis)
    return row


def last_day() -> date:
    """The day up to which figures can be known: today, or the day on which the law was last reviewed if it is later."""
    return max(today(), last_review() or date.min)


def today() -> date:
    """The day of the clock. Actuals of periods that have not ended are refused; nothing else asks for it."""
    return date.today()


def period_end(one: Statement) -> date:
    """Last day of the year or month that a figure is of."""
    month = one.month or 12
    return date(one.year, month, monthrange(one.year, month)[1])


def _lever_series(measure: Measure) -> str:
    """Series that a lever may move in place of a figure of the future; a word for it where there is not one alone."""
    return measure.series[0] if len(measure.series) == 1 else "SERIES"


# --- names ------------------------------------------------------------------------------------------------------------


def plan_rows(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Indicator and region of every row of the scenario's target files, by the id of the row."""
    found: dict[str, tuple[str, str]] = {}
    for path in scenario.target_files.values():
        found |= _rows_of(path, path.stat().st_mtime_ns)
    return found


@lru_cache(maxsize=32)
def _rows_of(path: Path, stamp: int) -> dict[str, tuple[str, str]]:
    try:
        data = strict_yaml.load(path).data
    except SimengineError:
        return {}  # told by whoever reads the targets
    file = data if isinstance(data, dict) else {"targets": data}
    common, groups = file.get("common") or {}, file.get("groups") or {}
    found: dict[str, tuple[str, str]] = {}
    for row in file.get("targets") or ():
        if isinstance(row, dict) and "id" in row:
            merged = {**common, **(groups.get(row.get("group")) or {}), **row}
            found[str(row["id"])] = str(merged.get("indicator", "")), str(merged.get("region", ""))
    return found


def _measure(one: Statement, rows: Mapping[str, tuple[str, str]], scenario: Scenario, region: str) -> Measure:
    """What a figure measures; by series, by measure, by row of the plan."""
    name = rows[one.item][0] if one.item in rows else one.item
    if name in SERIES:
        return Measure(name, "", (name,), (), ())
    if name in MEASURES:
        return MEASURES[name]
    readings = [known for known in MEASURES if known.startswith(name + READING)]
    if readings:
        reading = reading_of(region, load_regions(), scenario.definitions)
        return MEASURES.get(f"{name}{READING}{reading}", MEASURES[readings[0]])
    if one.item in rows:
        raise ScenarioError("actual_row", where=one.item_where, name=one.item, measure=name)
    said = {"name": one.item, "region": region_of(scenario)}
    raise ScenarioError("actual_unknown", where=one.item_where, near=meant_item(one.item, rows), **said)


def _refuse_series(one: Statement, measure: Measure, basis: Basis) -> None:
    """Refuse a series that nobody can enter, or that the basis of the region does not have."""
    codes = {
        "law": "actual_law", "previous": "actual_previous", "lever": "actual_lever", "births": "actual_births",
        "campaign": "actual_lever", "index": "actual_index", "reference": "actual_law",
        "pressure": "actual_pressure",
    }  # fmt: skip
    for name in measure.series:
        why = refusal(name)
        if why:
            source = " ".join(SERIES[name].follows or SERIES[name].law) or "-"
            raise ScenarioError(codes[why], where=one.item_where, name=name, source=source)
        if name not in basis.series_names():
            raise ScenarioError("actual_absent", where=one.item_where, name=name, basis=basis.name)


# --- units and sizes --------------------------------------------------------------------------------------------------


def _factor(one: Statement, measure: Measure) -> float:
    """Factor of the unit as written to the base unit; none written in a scenario file means the base unit."""
    if one.unit is None:
        return 1.0
    kind = kind_of(measure)
    known = tuple(UNITS[kind]) if kind else (SERIES[measure.series[0]].unit,)
    factor = factor_of(kind, one.unit) if kind else (1.0 if one.unit.strip() in known else None)
    if factor is None:
        said = {"unit": one.unit, "name": one.item, "known": ", ".join(known)}
        raise ScenarioError("actual_unit", where=one.unit_where, **said)
    return factor
