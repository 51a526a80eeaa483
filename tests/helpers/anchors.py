"""Bases with other printed figures, and runs judged under another limit of the anchors."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from simengine.basis.basis import Basis
from simengine.engine.project import Result
from simengine.judge.checks import anchors
from simengine.judge.closures import table

SERIES = ("pensioners", "revenue", "expenditure", "balance")
ANY = 1e9
"""A limit within which every region is: its funds are judged whatever the fits have reached."""
NONE = 1e-12
"""A limit beyond which every region is that has anchors."""


def limited(patch: pytest.MonkeyPatch, limit: float) -> None:
    """Put another limit in force."""
    known = dataclasses.replace(anchors.limit_in_force(), limit=limit)
    for module in (anchors, table):
        patch.setattr(module, "limit_in_force", lambda: known)


def with_printed(basis: Basis, values: Mapping[str, float], year: int = 2024) -> Basis:
    """A basis whose references hold other figures of a year; one without references of its own as it is."""
    known = basis.tables.get("references")
    if known is None:
        return basis
    rows = zip(known.columns["series"], known.columns["year"], known.columns["value"], strict=True)
    cells = tuple(repr(values[series]) if series in values and int(of) == year else value for series, of, value in rows)
    changed = dataclasses.replace(known, columns={**known.columns, "value": cells}, _parsed={})
    return dataclasses.replace(basis, tables={**basis.tables, "references": changed})


def without_printed(basis: Basis) -> Basis:
    """A basis without any references."""
    return dataclasses.replace(basis, tables={name: one for name, one in basis.tables.items() if name != "references"})


def judged_on(result: Result, basis: Basis) -> Result:
    """A result of one lane, on a basis with other references: nothing of the run changes."""
    (lane,) = result.lanes
    return dataclasses.replace(result, lanes=[dataclasses.replace(lane, basis=basis)])
