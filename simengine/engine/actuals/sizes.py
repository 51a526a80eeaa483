"""Sizes of entered figures: what no value may be, and slips of unit, scope and digits, told by basis and neighbours.

A figure is held against what the basis holds (`simengine.registry.slips`) and against the other figures of its row and
the opening, as the tables of a bureau are (`simengine.basis.bureau.jumps`). ``checked`` overrules all but bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.bureau.jumps import expected, find_jumps
from simengine.basis.bureau.units import HEADS, MONTHLY, SHARE, STOCK, YEARLY
from simengine.common import elementwise
from simengine.common.errors import ScenarioError, SimengineError
from simengine.common.messages import Words, words
from simengine.engine.actuals.resolved import Resolved, kind_of
from simengine.registry import slips
from simengine.registry.actuals import MEASURES, Measure
from simengine.registry.inputs import LEVER_ROWS, SERIES

SLIP_KINDS = {HEADS: slips.HEADS, STOCK: slips.MONEY, MONTHLY: slips.TIMED, YEARLY: slips.TIMED, SHARE: slips.SHARE}

OTHER_SCOPES: Mapping[str, tuple[str, str]] = {
    "pension_participants.insured_not_yet_drawing": ("pension_participants.all_participants", "actual_scope_with"),
    "pension_participants.all_participants": ("pension_participants.insured_not_yet_drawing", "actual_scope_without"),
    "resident_participants": ("resident_registered", "actual_scope_without"),
    "resident_registered": ("resident_participants", "actual_scope_with"),
    "uebps_payers": ("uebps_participants", "actual_scope_with"),
    "uebps_participants": ("", "actual_scope_working"),
}
"""Measure -> the item of the other scope that a figure may be of (none where none is), and the error that says so."""

NEAR, A_YEAR, FAR = 0.1, 0.02, 0.2
"""Logarithms: how near another scope is at the opening and by how much more a year, and how far the own one is."""

APART, SWAPPED = 0.14, 0.04
"""Logarithms: a figure so far from what is expected, and with two digits changed about so near to it, is a slip."""

TENFOLD, LIKE_TEN = (10.0, 100.0), 1.4
"""Slips of the decimal point in a share, and how near one must lie: shares may move from any value to any."""


def refuse_value(row: Resolved, basis: Basis) -> None:
    """Refuse a value that its kind does not allow, or that looks like a slip of unit and is not checked."""
    one, measure, value = row.statement, row.measure, row.value
    for name in measure.series:
        low, high = SERIES[name].bounds
        positive = name in LEVER_ROWS and LEVER_ROWS[name].positive
        if not low <= value <= high or (positive and value == 0.0):
            bounds = {"low": f"{low:g}", "high": f"{high:g}", "value": f"{one.value:g}", "name": one.item}
            code = "actual_least" if np.isinf(high) else "actual_bounds"
            raise ScenarioError(code, where=one.where, unit=one.unit or "", **bounds)
    kind = SLIP_KINDS.get(kind_of(measure)) or slips.kind_of(SERIES[measure.series[0]].kind, "1")
    if one.checked:
        return
    at_opening = known_at_opening(measure, basis)
    if value == 0.0 and at_opening > 0.0 and SERIES[measure.series[0]].kind in ("heads", "amount"):
        raise ScenarioError("actual_zero", where=one.where, name=one.item, when=one.when, own=row.said(at_opening))
    known = at_opening if measure.total else _known(measure.series[0], one.year, basis)
    doubt = slips.doubt(value, known, kind) if kind else None
    if doubt is not None:
        guess = slips.meaning(str(kind), doubt.off)
        said: dict[str, Any] = {"name": one.item, "value": row.said(value), "guess": guess}
        said |= {"ratio": slips.times(doubt.ratio), "own": row.said(known), "when": one.when}
        raise ScenarioError("actual_slip", where=one.where, **said)


def known_at_opening(measure: Measure, basis: Basis) -> float:
    """What a measure comes to at the opening, with the results that belong to it; nothing where not known."""
    total = math.fsum(_known(name, basis.base_year, basis) for name in measure.series)
    for name in measure.rest:
        sign, bare = (-1.0, name[1:]) if name.startswith("-") else (1.0, name)
        total += sign * (basis.openings[bare].value if bare in basis.openings else 0.0)
    return total


def _known(name: str, year: int, basis: Basis) -> float:
    """Value of a series that a figure is held against: of the year, else the last one known, else nothing."""
    if name not in basis.series_names():
        return 0.0
    years = np.arange(basis.base_year, max(year, basis.base_year) + 1)
    values = basis.path(name, years)
    finite = np.isfinite(values)
    return float(values[finite][-1]) if finite.any() else 0.0


# --- rows -------------------------------------------------------------------------------------------------------------


def doubtful(rows: Sequence[Resolved], bases: Mapping[str, Basis]) -> list[SimengineError]:
    """Figures that look like another scope, or that stand apart from their row and the opening, each at its cell."""
    by_row: dict[tuple[str, str], list[Resolved]] = {}
    for row in rows:
        if row.measure.series and row.value > 0.0:
            by_row.setdefault((row.measure.name, row.region), []).append(row)
    errors: list[SimengineError] = []
    for (_, region), together in by_row.items():
        scoped = list(_other_scopes(together, bases[region]))
        errors += scoped or _apart(together, bases[region])
    return errors


def _other_scopes(rows: Sequence[Resolved], basis: Basis) -> Iterator[SimengineError]:
    """One error for all figures of a row that are near what another reading of it comes to, and far from their own."""
    measure = rows[0].measure
    name, code = OTHER_SCOPES.get(measure.name, ("", ""))
    other = MEASURES.get(name) or Measure(name, "", (name,), (), ()) if name else without_rest(measure)
    own, total = known_at_opening(measure, basis), known_at_opening(other, basis) if code else 0.0
    if not code or own <= 0.0 or total <= 0.0:
        return
    found = [row for row in rows if not row.statement.checked and _is_other(row, own, total, basis)]
    if found:
        first = found[0]
        said: dict[str, Any] = {"name": first.statement.item, "value": first.said(first.value), "own": first.said(own)}
        said |= {"when": ", ".join(row.statement.when for row in found), "other": first.said(total)}
        said |= {"year": basis.base_year} | ({"item": name} if name else {})
        yield ScenarioError(code, where=first.statement.where, **said)


def without_rest(measure: Measure) -> Measure:
    """The series of a total alone, without what the run adds to them."""
    return Measure(measure.name, measure.kind, measure.series, (), measure.stocks)


def _is_other(row: Resolved, own: float, other: float, basis: Basis) -> bool:
    years = max(1, row.statement.year - basis.base_year)
    far, near = abs(float(elementwise.log(row.value / own))), abs(float(elementwise.log(row.value / other)))
    return near < NEAR + A_YEAR * years and far > FAR and far > 2.0 * near


def _apart(rows: Sequence[Resolved], basis: Basis) -> Iterator[SimengineError]:
    """Figures of one row that its other figures and the opening do not lead to expect."""
    measure = rows[0].measure
    kind = kind_of(measure)
    start = known_at_opening(measure, basis)
    values = {row.statement.year: row.value for row in rows if row.statement.year > basis.base_year}
    values |= {basis.base_year: start} if start > 0.0 else {}
    for row in rows:  # what is vouched for and stands apart is no neighbour to be held against
        year = row.statement.year
        pair = {year: row.value, basis.base_year: start}
        if (
            row.statement.checked
            and year in values
            and start > 0.0
            and find_jumps(pair, kind, 0, {}, {basis.base_year})
        ):
            del values[year]
    vouched = {basis.base_year, *(row.statement.year for row in rows if row.statement.checked)}
    if kind == SHARE or SERIES[measure.series[0]].kind in ("share", "rate", "factor", "index"):
        found = _tenfold(values, vouched)
    else:
        found = {year: jump.factor for year, jump in find_jumps(values, kind, 0, {}, vouched).items()}
        for year in set(values) - set(found) - vouched:  # a whole row may be off together
            alone = (
                find_jumps({year: values[year], basis.base_year: start}, kind, 0, {}, vouched) if start > 0.0 else {}
            )
            found |= {at: jump.factor for at, jump in alone.items()}
    right = {year: value for year, value in values.items() if year not in found}
    for row in rows:
        year = row.statement.year
        if row.statement.checked or year not in values:
            continue
        others = {at: value for at, value in right.items() if at != year}
        judged = year not in found and len(others) > 1  # one other figure alone says too little of digits
        meant = _swapped(row, _leads_to(others, year)) if judged else None
        if meant is None and year not in found:
            continue
        wanted = _leads_to(others, year) if others else values[year] / found[year]
        yield _jump(row, values[year] / wanted, wanted, meant or _swapped(row, wanted))


def _tenfold(values: Mapping[int, float], vouched: set[int]) -> dict[int, float]:
    """Shares that a slip of the decimal point explains, held against the others of the row."""
    found = {}
    for year in sorted(set(values) - vouched):
        others = {at: value for at, value in values.items() if at != year and at not in found}
        factor = values[year] / _leads_to(others, year) if others else 1.0
        if slips.nearest(factor, TENFOLD, LIKE_TEN) is not None:
            found[year] = factor
    return found


def _leads_to(others: Mapping[int, float], year: int) -> float:
    """What the other figures of a row lead to expect in a year; not a number where there are none."""
    return expected(others, year) if others else math.nan


def _swapped(row: Resolved, wanted: float) -> float | None:
    """The figure with two neighbouring digits changed about, where that is near what is expected and it is not."""
    if not wanted > 0.0 or abs(float(elementwise.log(row.value / wanted))) < APART:
        return None
    text = f"{row.statement.value:.15g}"
    for at in range(len(text) - 1):
        if text[at : at + 2].isdigit() and text[at] != text[at + 1] and (at > 0 or text[1] != "0"):
            value = float(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
            if value > 0.0 and abs(float(elementwise.log(value * row.factor / wanted))) < SWAPPED:
                return value
    return None


def _jump(row: Resolved, factor: float, wanted: float, swapped: float | None) -> SimengineError:
    """The error of a figure that stands apart, with what seems to have happened."""
    one = row.statement
    kind = SLIP_KINDS.get(kind_of(row.measure), slips.NUMBER)
    off = slips.nearest(factor, TENFOLD if kind == slips.SHARE else slips.SLIPS[kind], slips.SPREAD)
    guess: Words = words("off.apart") if off is None else slips.meaning(kind, off)
    point = off is not None and round(max(off, 1.0 / off)) in (10, 100)
    if swapped is not None and not (point and slips.nearest(factor, TENFOLD, LIKE_TEN)):
        guess = words("off.swapped", value=f"{swapped:g}")
    elif off is not None and point:
        guess = words("off.point", value=f"{one.value / off:.6g}")
    said: dict[str, Any] = {"name": one.item, "when": one.when, "value": row.said(row.value)}
    said |= {"wanted": row.said(float(f"{wanted:.3g}")), "ratio": slips.times(factor), "guess": guess}
    return ScenarioError("actual_jump", where=one.where, **said)
