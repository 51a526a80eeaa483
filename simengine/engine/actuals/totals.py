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

from simengine.basis.actuals import Actual, at_year_end, with_actuals
from simengine.basis.basis import Basis
from simengine.common.errors import ScenarioError
from simengine.common.messages import Words, words
from simengine.engine.actuals.names import Resolved
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
    remarks: list[Words] = []
    carried: dict[str, float] = {}
    by_cell: dict[tuple[int, str], dict[str, Resolved]] = {}
    for row in settled.totals:
        by_cell.setdefault((row.statement.year, row.measure.name), {})[row.region] = row
    for (_, _), rows in sorted(by_cell.items(), key=lambda item: (item[0][0], _size(item[1]))):
        shared, told = _lane_totals(rows, lanes, region, stocks, carried)
        remarks += told
        for lane, row in shared:
            remarks += _solve(lane, row, stocks, quiet=len(lanes) > 1)
    told_all = (*settled.remarks, *remarks)
    return [lane.entered for lane in lanes], replace(settled, remarks=told_all, carried={**settled.carried, **carried})


def _size(rows: Mapping[str, Resolved]) -> int:
    return len(next(iter(rows.values())).measure.series)


def _lane_totals(
    rows: Mapping[str, Resolved], lanes: Sequence[_Open], region: str, stocks: Stocks, carried: dict[str, float]
) -> tuple[list[tuple[_Open, Resolved]], list[Words]]:
    """The total of each lane at year end: its own, or its part of the city's by what the run gives it.

    `carried` takes the value at year end of each figure, by its place.
    """
    own = {lane.basis.name: rows[lane.basis.region] for lane in lanes if lane.basis.region in rows}
    whole = rows.get(region)
    year, measure = next(iter(rows.values())).statement.year, next(iter(rows.values())).measure
    values = {lane.basis.name: _row(measure, stocks(lane.entered, year)) for lane in lanes}
    grown = {name: float(at[-1] / at[-2]) if at[-2] > 0.0 else 1.0 for name, at in values.items()}
    told: list[Words] = []
    found: list[tuple[_Open, Resolved]] = []
    for lane in lanes:
        if lane.basis.name in own:
            row, said = _to_year_end(own[lane.basis.name], grown[lane.basis.name])
            told += said
            carried[row.statement.where] = row.value
            found.append((lane, row))
    open_lanes = [lane for lane in lanes if lane.basis.name not in own]
    if whole is not None and not all_entered(whole, own, [lane.basis for lane in open_lanes]):
        total = sum(float(at[-1]) for at in values.values())
        row, said = _to_year_end(whole, total / sum(float(at[-2]) for at in values.values()))
        told += said
        carried[row.statement.where] = row.value
        left = remainder(row, [one for _, one in found], [lane.basis for lane in open_lanes])
        weight = sum(float(values[lane.basis.name][-1]) for lane in open_lanes)
        found += [(lane, replace(row, value=left * float(values[lane.basis.name][-1]) / weight)) for lane in open_lanes]
    return found, told


def _to_year_end(row: Resolved, growth: float) -> tuple[Resolved, list[Words]]:
    """A month's total at the end of its year, along the growth of the run without it."""
    one = row.statement
    if one.month is None:
        return row, []
    value = at_year_end(row.value, growth, one.month)
    said: dict[str, Any] = {"name": one.item, "when": one.when, "value": f"{row.value:,.0f}", "end": f"{value:,.0f}"}
    said |= {"growth": f"{growth - 1.0:.2%}", "year": one.year}
    return replace(row, value=value), [words("remark.actual_month_run", where=one.where, **said)]


def _solve(lane: _Open, row: Resolved, stocks: Stocks, *, quiet: bool) -> Iterator[Words]:
    """Scale the open series of a row until it is what was entered; the remark says by how much."""
    one, measure = row.statement, row.measure
    known = {actual.series for actual in lane.actuals if actual.year == one.year}
    open_series = [
        (name, stock) for name, stock in zip(measure.series, measure.stocks, strict=True) if name not in known
    ]
    if not open_series:
        raise ScenarioError("actual_all_entered", where=one.where, name=one.item, year=one.year)
    factor, last = 1.0, math.inf
    for turn in range(ROUNDS):
        values = stocks(lane.entered, one.year)
        gap = row.value - float(_row(measure, values)[-1])
        if turn > 0 and (abs(gap) < EXACT or abs(gap) > SHRINK * last):
            break
        heads = {name: float(_stock(stock, values)[-1]) for name, stock in open_series}
        total = math.fsum(heads.values())
        step = 1.0 + gap / total if total > 0.0 else 0.0
        if step <= 0.0:
            said: dict[str, Any] = {"name": one.item, "when": one.when, "value": f"{row.value:,.0f}"}
            said |= {"rest": f"{row.value - gap - total:,.0f}", "series": ", ".join(heads)}
            raise ScenarioError("actual_total_small", where=one.where, **said)
        asked = {actual.series: actual.value for actual in lane.actuals if actual.year == one.year}
        others = [actual for actual in lane.actuals if actual.year != one.year or actual.series not in heads]
        source = f"solved from {one.item}: {one.source}"
        lane.actuals = others + [
            Actual(name, one.year, asked.get(name, value) * step, one.evidence, source, one.where)
            for name, value in heads.items()
        ]
        factor, last = factor * step, abs(gap) if turn > 0 else math.inf
    if not quiet:
        stated = {"name": one.item, "when": one.when, "series": ", ".join(name for name, _ in open_series)}
        yield words("remark.actual_solved", where=one.where, factor=f"{factor:.4f}", **stated)


def _row(measure: Measure, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """A total by year end: its series and what the run adds to them [person]."""
    parts = [_stock(stock, values) for stock in measure.stocks]
    for name in measure.rest:
        parts.append(-values[name[1:]] if name.startswith("-") else values[name])
    return np.asarray(np.sum(parts, axis=0))


def _stock(stock: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.asarray(np.sum([values[name] for name in stock.split("+")], axis=0))
