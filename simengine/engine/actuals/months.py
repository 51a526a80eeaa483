"""A month's figure of heads at the end of its year: along the bureau's own figures, else along the growth of the run.

a·(a/b)^((12 - m)/n)            b: figure of the bureau n months before, at least half a year
a·g^((12 - m)/12)               g: growth between two earlier year ends of the bureau, else of the basis or run
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from simengine.basis.actuals import Statement, at_year_end
from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.common import elementwise
from simengine.common.errors import BasisError
from simengine.common.messages import Words, words
from simengine.engine.actuals.resolved import Resolved
from simengine.law.regions import NATION, load_regions

LEAST = 6
"""Months between two figures at least: the growth of fewer is too much of the season."""


@dataclass(frozen=True)
class Growth:
    """Yearly growth that carries a month's figure, as a factor, and the figures of the bureau that it lies between."""

    factor: float
    first: str
    last: str


def own_growth(row: Resolved, rows: Iterable[Resolved]) -> Growth | None:
    """Growth by the figures that are entered of the same item before a month; None where there are none.

    From the last of them to the month where half a year lies between, else between the last two of them.
    """
    here = _months(row.statement)
    before = sorted(
        (_months(other.statement), other.value, other.statement.when)
        for other in rows
        if other.measure.name == row.measure.name and other.region == row.region and other.value > 0.0
        and not other.compared and _months(other.statement) < here
    )  # fmt: skip
    points = [*before, (here, row.value, row.statement.when)] if row.value > 0.0 else before
    for (first, low, since), (last, high, until) in reversed(list(pairwise(points))):
        if last - first >= LEAST:
            yearly = elementwise.log(high / low) * 12.0 / (last - first)
            return Growth(float(elementwise.exp(yearly)), since, until)
    return None


def _months(one: Statement) -> int:
    return 12 * one.year + (one.month or 12)


@dataclass(frozen=True)
class Carried:
    """What is to be said of a month's figure: text, its values, and the area it is of."""

    key: str
    row: Resolved
    said: Mapping[str, Any]


def carried(
    row: Resolved, rows: Sequence[Resolved], growth: float, lender: Words | None
) -> tuple[Resolved, list[Carried]]:
    """A figure at the end of its year, and what the run says of it where it is one of a month.

    Parameters
    ----------
    rows : all figures of the scenario, among which earlier ones of the item are looked for
    growth, lender : what carries it where there are none, and what that is the growth of; None where nothing is known
    """
    one = row.statement
    if one.month is None:
        return row, []
    own = own_growth(row, rows)
    factor = own.factor if own is not None else growth
    value = at_year_end(row.value, factor, one.month)
    said: dict[str, Any] = {"name": one.item, "when": one.when, "value": row.said(row.value), "end": row.said(value)}
    said |= {"growth": f"{factor - 1.0:.2%}", "year": one.year, "where": one.where}
    if own is not None:
        told = Carried("remark.actual_month_own", row, said | {"first": own.first, "last": own.last})
        return replace(row, value=value), [told]
    if lender is None:
        return row, [Carried("remark.actual_month_held", row, said)]
    return replace(row, value=value), [Carried("remark.actual_month", row, said | {"lender": lender})]


def together(told: Sequence[Carried]) -> list[Words]:
    """Sentences about months; those of several areas that say the same of one item and month become one."""
    groups: dict[tuple[str, str, str], list[Carried]] = {}
    for one in told:
        groups.setdefault((one.key, one.row.statement.item, one.row.statement.when), []).append(one)
    found: list[Words] = []
    for (key, _, _), many in groups.items():
        if len(many) == 1 or key == "remark.actual_month_held":
            found += [words(key, **one.said) for one in many]
            continue
        parts = [words("month.part", **one.said, area=area_said(one.row.region)) for one in many]
        listed = Words("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
        found.append(words("remark.actual_month_areas", **many[0].said, count=len(many), parts=listed))
    return found


def area_said(key: str) -> Words:
    """Name of a region in both languages; its key where it has none."""
    regions = load_regions()
    return Words(regions[key].name, regions[key].local_name) if key in regions else Words(key, key)


def borrowed_growth(series: str, year: int, basis: Basis) -> tuple[float, Words | None]:
    """Growth of a series in a year and the basis that lends it: own, one it draws on, the nation's; one where none."""
    nation = [name for name in basis_names() if name.rpartition("-")[0] == NATION]
    for lender in [*basis.sources(), *map(load_basis, nation)]:
        try:
            before, after = lender.path(series, [year - 1, year])
        except BasisError:
            continue  # head counts that it does not have
        if before > 0.0 and np.isfinite(after):
            return float(after / before), words("growth.basis", basis=lender.name)
    return 1.0, None
