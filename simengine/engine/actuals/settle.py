"""From figures to known years of the lanes: months to the year end, a city to its areas, totals left to be solved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simengine.basis.actuals import Actual, with_actuals
from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.common.messages import Words, words
from simengine.engine.actuals.months import Carried, borrowed_growth, carried, together
from simengine.engine.actuals.names import resolve
from simengine.engine.actuals.resolved import Resolved
from simengine.registry.inputs import LEVER_ROWS
from simengine.scenario.scenario import Scenario

ROUNDED = 2e-3
"""Gap between a city and all its areas, entered both, that printed figures may leave [1]."""


@dataclass(frozen=True)
class Settled:
    """What the actuals of a scenario come to.

    Attributes
    ----------
    rows : every figure of the region, in order; of several of one year the last one counts
    actuals : values of series at year end, by name of the lane's basis
    totals : figures that several series make together, by region: solved in a run (`simengine.engine.actuals.totals`)
    carried : value at year end of a month's figure, by place of the figure
    remarks : what the run says of them
    factors : by what the series of each total were scaled, by area; empty until totals are solved
    seen : whether the scenario knows them
    """

    rows: tuple[Resolved, ...] = ()
    actuals: Mapping[str, tuple[Actual, ...]] = field(default_factory=dict)
    totals: tuple[Resolved, ...] = ()
    carried: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[Words, ...] = ()
    factors: tuple[float, ...] = ()
    seen: bool = False

    @property
    def told(self) -> tuple[Words, ...]:
        """What the run did with the figures, in one line, and then the remarks."""
        if not self.seen or not self.rows:
            return self.remarks
        compared = sum(row.compared for row in self.rows)
        said: dict[str, Any] = {"solved": len(self.totals), "compared": compared}
        said["entered"] = len(self.rows) - len(self.totals) - compared
        said["tables"] = ", ".join(dict.fromkeys(row.statement.origin for row in self.rows))
        factors: Words | str = ""
        if self.factors:
            span = {"low": f"{min(self.factors):.4f}", "high": f"{max(self.factors):.4f}"}
            factors = words("remark.actuals_factors", **span)
        return (words("remark.actuals", **said, factors=factors), *self.remarks)


def settle(scenario: Scenario) -> Settled:
    """The actuals of a scenario, in the places they take.

    A scenario that knows what its opening knew sees none of them; what it would have seen is kept for comparison.

    Raises
    ------
    SimengineError or an ErrorList of everything that is wrong at once, each with its file and line or cell
    """
    if not scenario.actuals:
        return Settled()
    found, errors, foreign = resolve(scenario)
    rows, remarks, twice = _last_of_each(found)
    raise_all([*errors, *twice])
    entered = [row for row in rows if not row.compared]
    if foreign:
        remarks.append(words("remark.actuals_foreign", count=foreign, region=load_basis(scenario.basis).region))
    if scenario.information == "opening":
        unseen = [words("remark.actuals_unseen", count=len(entered), base=scenario.base_year)]
        return Settled(tuple(rows), remarks=(*remarks, *(unseen if entered else [])))
    basis = load_basis(scenario.basis)
    parts = [load_basis(name) for name in basis.partition] or [basis]
    at_end: dict[str, float] = {}
    months: list[Carried] = []
    direct: list[Resolved] = []
    for row in entered:
        if row.statement.year > scenario.years[-1]:
            said: dict[str, Any] = {"name": row.statement.item, "when": row.statement.when, "last": scenario.years[-1]}
            remarks.append(words("remark.actual_late", where=row.statement.where, **said))
        if row.statement.month is not None and not row.measure.total:
            row, told = carried(row, entered, *borrowed_growth(row.series, row.statement.year, basis))
            at_end[row.statement.where] = row.value
            months += told
        if not row.measure.total:
            direct.append(row)
    placed, faults = _placed(direct, basis, parts)
    raise_all(faults)
    totals = tuple(row for row in entered if row.measure.total)
    return Settled(tuple(rows), placed, totals, at_end, (*remarks, *together(months)), seen=True)


def enter(bases: Sequence[Basis], settled: Settled) -> list[Basis]:
    """The bases of the lanes with the actuals that are values of a series; totals are not among them."""
    return [with_actuals(basis, settled.actuals.get(basis.name, ())) for basis in bases]


def _last_of_each(rows: Sequence[Resolved]) -> tuple[list[Resolved], list[Words], list[SimengineError]]:
    """One figure a measure, region and year: a later table replaces an earlier one; twice in one table is an error."""
    kept: dict[tuple[str, str, str, bool], Resolved] = {}
    remarks: list[Words] = []
    errors: list[SimengineError] = []
    for row in rows:
        one = row.statement
        measured = " ".join((*row.measure.series, *row.measure.rest)) or row.measure.name
        key = (measured, row.region, one.when if row.compared else str(one.year), row.compared)
        known = kept.get(key)
        if known is not None and known.statement.origin == one.origin and not row.compared:
            said: dict[str, Any] = {"name": one.item, "year": one.year, "first": known.statement.where}
            errors.append(ScenarioError("actual_twice", where=one.where, **said))
        elif known is not None and not row.compared:
            other = {"name": one.item, "year": one.year, "first": known.statement.where}
            remarks.append(words("remark.actual_replaced", where=one.where, **other))
        kept[key] = row
    return list(kept.values()), remarks, errors


# --- areas ------------------------------------------------------------------------------------------------------------


def _placed(
    rows: Sequence[Resolved], basis: Basis, parts: Sequence[Basis]
) -> tuple[dict[str, tuple[Actual, ...]], list[SimengineError]]:
    """Actuals by name of the lane's basis: what is said of a city goes to its areas, persons and money in parts."""
    found: dict[str, list[Actual]] = {part.name: [] for part in parts}
    errors: list[SimengineError] = []
    cells: dict[tuple[str, int], dict[str, Resolved]] = {}
    for row in rows:
        cells.setdefault((row.series, row.statement.year), {})[row.region] = row
    for (series, _), by_region in sorted(cells.items()):
        before = {part.name: [one for one in found[part.name] if one.series == series] for part in parts}
        try:
            for part, value, row in _shares(series, by_region, basis, parts, before):
                one = row.statement
                found[part.name].append(Actual(series, one.year, value, one.evidence, one.source, one.where))
        except SimengineError as error:
            errors.append(error)
    return {name: tuple(actuals) for name, actuals in found.items() if actuals}, errors


def _shares(
    series: str,
    rows: Mapping[str, Resolved],
    basis: Basis,
    parts: Sequence[Basis],
    before: Mapping[str, Sequence[Actual]],
) -> Iterator[tuple[Basis, float, Resolved]]:
    """Value of each lane in one year; the areas that are not entered share what the entered ones leave.

    `before`: figures of the series in earlier years, by name of the lane's basis, in order.
    """
    whole = rows.get(basis.region)
    own = {part.name: rows[part.region] for part in parts if part.region in rows}
    for part in parts:
        if part.name in own:
            yield part, own[part.name].value, own[part.name]
    open_parts = [part for part in parts if part.name not in own]
    if whole is None or all_entered(whole, own, open_parts):
        return
    shared = LEVER_ROWS[series].shared_by if series in LEVER_ROWS else ""
    if not shared:
        for part in open_parts:
            yield part, whole.value, whole
        return
    left = remainder(whole, own.values(), open_parts)
    weights = [part.opening(shared) for part in open_parts]
    if any(before[part.name] for part in open_parts):
        weights = _carried(series, whole.statement.year, open_parts, weights, before)
    for part, weight in zip(open_parts, weights, strict=True):
        yield part, left * weight / sum(weights), whole


def _carried(
    series: str, year: int, parts: Sequence[Basis], openings: Sequence[float], before: Mapping[str, Sequence[Actual]]
) -> list[float]:
    """What each area would have in a year without the city's figure: its last one, or the opening, grown on.

    An area keeps the part that it had last, a(k)·v(t)/v(k), with v as for months (`borrowed_growth`).
    """
    weights = []
    for part, opening in zip(parts, openings, strict=True):
        known = before[part.name]
        since, value = (known[-1].year, known[-1].value) if known else (part.base_year, opening)
        growth = (borrowed_growth(series, one, part)[0] for one in range(since + 1, year + 1))
        weights.append(value * math.prod(growth))
    return weights if sum(weights) > 0.0 else list(openings)


def all_entered(whole: Resolved, own: Mapping[str, Resolved], open_parts: Sequence[Basis]) -> bool:
    """Whether a city's figure has no area left to go to; where every area is entered, their sum must be the city's."""
    if open_parts or whole.region in {row.region for row in own.values()}:
        return not open_parts
    total = sum(row.value for row in own.values())
    heads = whole.measure.total or (whole.series in LEVER_ROWS and LEVER_ROWS[whole.series].shared_by)
    if heads and abs(total - whole.value) > ROUNDED * abs(whole.value):
        said: dict[str, Any] = {"name": whole.statement.item, "year": whole.statement.year}
        said |= {"value": whole.said(whole.value), "total": whole.said(total)}
        raise ScenarioError("actual_areas_sum", where=whole.statement.where, **said)
    return True


def remainder(whole: Resolved, own: Iterable[Resolved], open_parts: Sequence[Basis]) -> float:
    """What entered areas leave of a city's figure for the others."""
    entered = math.fsum(row.value for row in own)
    left = whole.value - entered
    if open_parts and left < 0.0:
        said: dict[str, Any] = {"name": whole.statement.item, "year": whole.statement.year}
        said |= {"value": whole.said(whole.value), "total": whole.said(entered)}
        raise ScenarioError("actual_areas_more", where=whole.statement.where, **said)
    return left
