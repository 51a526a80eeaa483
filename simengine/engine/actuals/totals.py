"""Totals that several series make together: payers, paused and pensioners of a plan row (notes/actuals.md, section 4).

A row of members holds people whom the run itself brings about (pensioners, recipients). So the lane is run to the end
of the entered year without its levers, and the series of the row that are not entered themselves are scaled by

    f(t) = (total - rest(t) - entered series(t)) / Σ open series(t)

at which the row is what was entered. Years are solved one after the other, each with those before it in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simengine.basis.actuals import Actual, with_actuals
from simengine.basis.basis import Basis
from simengine.common.errors import ScenarioError
from simengine.common.messages import Words, words
from simengine.engine.actuals.months import Carried, carried, together
from simengine.engine.actuals.resolved import Resolved
from simengine.engine.actuals.settle import Settled, all_entered, remainder
from simengine.registry.actuals import Measure

Stocks = Callable[[Basis, int], Mapping[str, np.ndarray]]
"""Results of a lane without its levers at the year ends up to one year, the opening first [person; year end]."""

EXACT = 0.5
"""Persons within which a total is met."""

ROUNDS, SHRINK = 12, 0.8
"""Rounds at most; a round that leaves more of the gap than this is the last: the people are not there."""


@dataclass
class _Open:
    """A lane whose totals are being solved: its basis, and what is known of it so far."""

    basis: Basis
    actuals: list[Actual]

    @property
    def entered(self) -> Basis:
        """The basis with everything known so far."""
        return with_actuals(self.basis.plain, self.actuals)


def with_totals(bases: Sequence[Basis], settled: Settled, region: str, stocks: Stocks) -> tuple[list[Basis], Settled]:
    """Bases of the lanes with the series that the entered totals ask for, and what the run says of them added.

    Parameters
    ----------
    bases : of the lanes, with the other actuals
    region : key of the scenario's region
    stocks : runs a lane without levers

    Raises
    ------
    ScenarioError where a total leaves nothing for its series, or all of them are entered
    """
    lanes = [_Open(basis, list(settled.actuals.get(basis.name, ()))) for basis in bases]
    remarks: list[Carried] = []
    solved: dict[str, list[_Scaled]] = {}
    at_end: dict[str, float] = {}
    by_cell: dict[tuple[int, str], dict[str, Resolved]] = {}
    for row in settled.totals:
        by_cell.setdefault((row.statement.year, row.measure.name), {})[row.region] = row
    for (_, _), rows in sorted(by_cell.items(), key=lambda item: (item[0][0], _size(item[1]))):
        shared, told = _lane_totals(rows, settled.totals, lanes, region, stocks, at_end)
        remarks += told
        for lane, row in shared:
            solved.setdefault(row.statement.where, []).append(_solve(lane, row, stocks))
    told_all = (*settled.remarks, *together(remarks), *_told(list(solved.values())))
    factors = tuple(part.factor for parts in solved.values() for part in parts)
    entered = replace(settled, remarks=told_all, carried={**settled.carried, **at_end}, factors=factors)
    return [lane.entered for lane in lanes], entered


def _size(rows: Mapping[str, Resolved]) -> int:
    return len(next(iter(rows.values())).measure.series)


def _lane_totals(
    rows: Mapping[str, Resolved],
    known: Sequence[Resolved],
    lanes: Sequence[_Open],
    region: str,
    stocks: Stocks,
    at_end: dict[str, float],
) -> tuple[list[tuple[_Open, Resolved]], list[Carried]]:
    """The total of each lane at year end: its own, or its part of the city's by what the run gives it.

    `known`: all totals, by which a month's is carried. `at_end` takes the value at year end of each, by its place.
    """
    own = {lane.basis.name: rows[lane.basis.region] for lane in lanes if lane.basis.region in rows}
    whole = rows.get(region)
    year, measure = next(iter(rows.values())).statement.year, next(iter(rows.values())).measure
    values = {lane.basis.name: _row(measure, stocks(lane.entered, year)) for lane in lanes}
    grown = {name: float(at[-1] / at[-2]) if at[-2] > 0.0 else 1.0 for name, at in values.items()}
    told: list[Carried] = []
    found: list[tuple[_Open, Resolved]] = []
    lender = words("growth.run")
    for lane in lanes:
        if lane.basis.name in own:
            row, said = carried(own[lane.basis.name], known, grown[lane.basis.name], lender)
            told += said
            at_end[row.statement.where] = row.value
            found.append((lane, row))
    open_lanes = [lane for lane in lanes if lane.basis.name not in own]
    if whole is not None and not all_entered(whole, own, [lane.basis for lane in open_lanes]):
        total = sum(float(at[-1]) for at in values.values())
        row, said = carried(whole, known, total / sum(float(at[-2]) for at in values.values()), lender)
        told += said
        at_end[row.statement.where] = row.value
        left = remainder(row, [one for _, one in found], [lane.basis for lane in open_lanes])
        weight = sum(float(values[lane.basis.name][-1]) for lane in open_lanes)
        found += [(lane, replace(row, value=left * float(values[lane.basis.name][-1]) / weight)) for lane in open_lanes]
    return found, told


@dataclass(frozen=True)
class _Scaled:
    """Open series of a total in one lane: their names, their heads before, and by how much they were scaled."""

    row: Resolved
    series: str
    heads: float
    factor: float


def _told(figures: Sequence[Sequence[_Scaled]]) -> Iterator[Words]:
    """How totals were met, one sentence a row of a table: a factor a year, and its range over the areas it went to."""
    by_row: dict[tuple[str, str, str], list[Sequence[_Scaled]]] = {}
    for parts in figures:
        one = parts[0].row.statement
        by_row.setdefault((one.item, one.area, parts[0].series), []).append(parts)
    for (name, _, series), rows in by_row.items():
        said = [_factor_said(parts) for parts in rows]
        factors = Words(", ".join(each.en for each in said), "、".join(each.zh for each in said))
        where = rows[0][0].row.statement.where
        yield words("remark.actual_solved", where=where, name=name, series=series, factors=factors)


def _factor_said(parts: Sequence[_Scaled]) -> Words:
    """The factor of one figure on all the heads of its series, and its range where areas differ in it."""
    factors = [part.factor for part in parts]
    before = math.fsum(part.heads for part in parts)
    factor = math.fsum(part.heads * part.factor for part in parts) / before if before > 0.0 else 1.0
    said = {"when": parts[0].row.statement.when, "factor": f"{factor:.4f}"}
    low, high = f"{min(factors):.4f}", f"{max(factors):.4f}"
    return words("solved.part", **said) if low == high else words("solved.part_areas", **said, low=low, high=high)


def _solve(lane: _Open, row: Resolved, stocks: Stocks) -> _Scaled:
    """Scale the open series of a row until it is what was entered; returns by how much."""
    one, measure = row.statement, row.measure
    known = {actual.series for actual in lane.actuals if actual.year == one.year}
    open_series = [
        (name, stock) for name, stock in zip(measure.series, measure.stocks, strict=True) if name not in known
    ]
    if not open_series:
        raise ScenarioError("actual_all_entered", where=one.where, name=one.item, year=one.year)
    factor, last, first_heads = 1.0, math.inf, 0.0
    for turn in range(ROUNDS):
        values = stocks(lane.entered, one.year)
        gap = row.value - float(_row(measure, values)[-1])
        if turn > 0 and (abs(gap) < EXACT or abs(gap) > SHRINK * last):
            break
        heads = {name: float(_stock(stock, values)[-1]) for name, stock in open_series}
        total = math.fsum(heads.values())
        first_heads = first_heads or total
        step = 1.0 + gap / total if total > 0.0 else 0.0
        if step <= 0.0:
            said: dict[str, Any] = {"name": one.item, "when": one.when, "value": row.said(row.value)}
            said |= {"rest": row.said(row.value - gap - total), "series": ", ".join(heads)}
            raise ScenarioError("actual_total_small", where=one.where, **said)
        asked = {actual.series: actual.value for actual in lane.actuals if actual.year == one.year}
        others = [actual for actual in lane.actuals if actual.year != one.year or actual.series not in heads]
        source = f"solved from {one.item}: {one.source}"
        lane.actuals = others + [
            Actual(name, one.year, asked.get(name, value) * step, one.evidence, source, one.where)
            for name, value in heads.items()
        ]
        factor, last = factor * step, abs(gap) if turn > 0 else math.inf
    return _Scaled(row, ", ".join(name for name, _ in open_series), first_heads, factor)


def _row(measure: Measure, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """A total by year end: its series and what the run adds to them [person]."""
    parts = [_stock(stock, values) for stock in measure.stocks]
    for name in measure.rest:
        parts.append(-values[name[1:]] if name.startswith("-") else values[name])
    return np.asarray(np.sum(parts, axis=0))


def _stock(stock: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.asarray(np.sum([values[name] for name in stock.split("+")], axis=0))
