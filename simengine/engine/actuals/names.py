"""What a statement is about: its series or measure, its region, its value in base units, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simengine.basis.actuals import Statement
from simengine.basis.basis import Basis, load_basis
from simengine.basis.bureau.actuals import read_actuals
from simengine.basis.bureau.units import HEADS, MONTHLY, SHARE, STOCK, UNITS, YEARLY, factor_of
from simengine.common import strict_yaml
from simengine.common.errors import ScenarioError, SimengineError
from simengine.common.messages import near
from simengine.law.regions import load_regions
from simengine.registry import slips
from simengine.registry.actuals import ENTERED, MEASURES, READING, Measure, by_month, refusal
from simengine.registry.inputs import LEVER_ROWS, SERIES
from simengine.scenario.actuals import ActualTable, StatedFigures
from simengine.scenario.scenario import Scenario

KIND_OF_UNIT = {"yuan/month": MONTHLY, "yuan/year": YEARLY, "yuan": STOCK, "person": HEADS}
"""Unit of a series -> kind of figure, by which units as written are read."""

SLIP_KINDS = {HEADS: slips.HEADS, STOCK: slips.MONEY, MONTHLY: slips.TIMED, YEARLY: slips.TIMED, SHARE: slips.SHARE}


@dataclass(frozen=True)
class Resolved:
    """One figure, known by what it says.

    Attributes
    ----------
    measure : what it measures; of a series without a measure one of that name
    region : key of the region it is of
    value : in base units, as of its year or month
    compared : the run is only held against it
    """

    statement: Statement
    measure: Measure
    region: str
    value: float
    compared: bool

    @property
    def series(self) -> str:
        """The series that it is; empty for a total and for what is only compared."""
        return self.measure.series[0] if self.measure.series and not self.measure.total else ""


def read_statements(scenario: Scenario) -> tuple[list[Statement], list[SimengineError]]:
    """Figures of all tables and of the scenario file, in order, and what is wrong with the tables."""
    found: list[Statement] = []
    errors: list[SimengineError] = []
    for part in scenario.actuals.parts:
        if isinstance(part, ActualTable):
            rows, faults = read_actuals(part.file, part.name)
            found += rows
            errors += faults
        else:
            found += _of_file(part, scenario)
    return found, errors


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
            place("item"), scenario.key,
        )  # fmt: skip


def resolve(scenario: Scenario) -> tuple[list[Resolved], list[SimengineError]]:
    """Every figure of a scenario that belongs to its region, and everything that is wrong with any."""
    statements, errors = read_statements(scenario)
    rows = plan_rows(scenario)
    basis = load_basis(scenario.basis)
    parts = {name: load_basis(name) for name in basis.partition}
    bases = {basis.region: basis, **{part.region: part for part in parts.values()}}
    found: list[Resolved] = []
    foreign = 0
    for one in statements:
        try:
            region = _region(one, rows, basis)
            if region not in bases:
                foreign += 1
                continue
            found.append(_resolved(one, region, rows, scenario, bases[region]))
        except SimengineError as error:
            errors.append(error)
    if statements and foreign == len(statements):
        known = ", ".join(bases)
        errors.append(ScenarioError("actuals_elsewhere", where=statements[0].where, name=basis.region, known=known))
    return found, errors


def _region(one: Statement, rows: Mapping[str, tuple[str, str]], basis: Basis) -> str:
    """Key of the region a figure is of: as stated, by key or name; of a row of the plan; else that of the scenario."""
    regions = load_regions()
    if one.area:
        if one.area in regions:
            return one.area
        found = next((key for key, row in regions.items() if one.area in (row.local_name, row.name, row.code)), "")
        if not found and one.area != basis.region:
            names = [*regions, *(row.local_name for row in regions.values())]
            raise ScenarioError("actual_area", where=one.item_where, near=near(one.area, names), name=one.area)
        return found or basis.region
    return rows[one.item][1] or basis.region if one.item in rows else basis.region


def _resolved(
    one: Statement, region: str, rows: Mapping[str, tuple[str, str]], scenario: Scenario, basis: Basis
) -> Resolved:
    """A figure with its measure, in base units; refused where it cannot stand."""
    compared = one.compared or scenario.actuals.compared
    measure = _measure(one, rows, scenario, region)
    if not measure.series and not compared:
        raise ScenarioError("actual_result", where=one.item_where, name=one.item)
    if not compared:
        _refuse_series(one, measure, basis)
    value = float(f"{one.value * _factor(one, measure):.15g}")  # 568.93 万人 is 5,689,300
    if one.month is not None and not compared and not by_month(measure.series):
        raise ScenarioError("actual_month", where=one.where, name=one.item, when=one.when)
    if one.year <= scenario.base_year and not compared:
        stated: dict[str, Any] = {"name": one.item, "year": one.year, "base": scenario.base_year}
        raise ScenarioError("actual_of_past", where=one.where, **stated)
    if measure.series:
        _refuse_value(one, measure, value, basis)
    return Resolved(one, measure, region, value, compared)


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
        regions = load_regions()
        stated = (regions[above].readings.get("pension_scope") for above in regions.chain(region))
        reading = scenario.definitions.get("pension_scope") or next((word for word in stated if word), "")
        return MEASURES.get(f"{name}{READING}{reading}", MEASURES[readings[0]])
    if one.item in rows:
        raise ScenarioError("actual_row", where=one.item_where, name=one.item, measure=name)
    local = {row.zh: series for series, row in SERIES.items()}
    known = (*ENTERED, *MEASURES, *rows)
    meant = local.get(one.item) or near(one.item, known)
    raise ScenarioError("actual_unknown", where=one.item_where, near=meant, name=one.item)


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


def kind_of(measure: Measure) -> str:
    """Kind of figure, by which units are read; empty where the figure has no unit of a bureau."""
    if measure.kind:
        return measure.kind
    row = SERIES[measure.series[0]]
    return SHARE if row.kind in ("share", "rate") else KIND_OF_UNIT.get(row.unit, "")


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


def _refuse_value(one: Statement, measure: Measure, value: float, basis: Basis) -> None:
    """Refuse a value that its kind does not allow, or that looks like a slip of unit and is not checked."""
    for name in measure.series:
        low, high = SERIES[name].bounds
        positive = name in LEVER_ROWS and LEVER_ROWS[name].positive
        if not low <= value <= high or (positive and value == 0.0):
            bounds = {"low": f"{low:g}", "high": f"{high:g}", "value": f"{one.value:g}", "name": one.item}
            code = "actual_least" if np.isinf(high) else "actual_bounds"
            raise ScenarioError(code, where=one.where, unit=one.unit or "", **bounds)
    kind = SLIP_KINDS.get(kind_of(measure)) or slips.kind_of(SERIES[measure.series[0]].kind, "1")
    known = sum(_known(name, one.year, basis) for name in measure.series)
    doubt = slips.doubt(value, known, kind) if kind else None
    if doubt is not None and not one.checked:
        guess = slips.meaning(str(kind), doubt.off)
        said: dict[str, Any] = {"name": one.item, "value": f"{one.value:g}", "unit": one.unit or "", "guess": guess}
        said |= {"ratio": slips.times(doubt.ratio), "own": f"{known:,.6g}", "when": one.when}
        raise ScenarioError("actual_slip", where=one.where, **said)


def _known(name: str, year: int, basis: Basis) -> float:
    """Value of a series that a figure is held against: of the year, else the last one known, else nothing."""
    if name not in basis.series_names():
        return 0.0
    years = np.arange(basis.base_year, max(year, basis.base_year) + 1)
    values = basis.path(name, years)
    finite = np.isfinite(values)
    return float(values[finite][-1]) if finite.any() else 0.0
