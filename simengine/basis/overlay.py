"""Values put over a basis in memory: what a fit tries, a draw holds or the ledger moves. Nothing on disk changes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.paths import Series
from simengine.common.errors import BasisError

SOURCE = "set in memory"


@dataclass(frozen=True)
class Values:
    """What is put over one basis.

    Attributes
    ----------
    series : values by series and year, in the unit of the series; other years stay, years may be added; None for a
        year takes it away, None for a series gives it back to the basis it is inherited from
    constants : values by constant
    evidence : tag of the values
    """

    series: Mapping[str, Mapping[int, float | None] | None] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    evidence: str = "assumption"

    def text(self) -> str:
        """One line that tells equal values from others."""
        series = {
            name: {str(year): value if value is None else float(value) for year, value in sorted(row.items())}
            if row is not None
            else None
            for name, row in sorted(self.series.items())
        }
        return json.dumps([series, dict(sorted(self.constants.items()))], sort_keys=True)


def with_values(basis: Basis, values: Values) -> Basis:
    """A basis whose own series and constants have the given values.

    A series the basis inherits is first copied from its owner, so that only the years given move.

    Raises
    ------
    BasisError for an unknown series or constant
    """
    for name in values.constants:
        if name not in basis.constants:
            basis.find_constant(name)  # refuses it
    changed = dataclasses.replace(basis, changes=basis.changes + values.text())
    own = dict(basis.own_series)
    for name, row in values.series.items():
        if row is not None:
            own[name] = _merged(basis.owner(name).own_series[name], row, values.evidence)
        elif basis.inherits is not None and basis.inherits.owner(name):
            own.pop(name, None)
    constants = dict(basis.own_constants)
    for name, value in values.constants.items():
        known = basis.find_constant(name)
        low, high = min(known.low, value), max(known.high, value)
        constants[name] = dataclasses.replace(known, value=float(value), low=low, high=high, evidence=values.evidence)
    changed.__dict__["own_series"] = own
    changed.__dict__["own_constants"] = constants
    return changed


def _merged(known: Series, row: Mapping[int, float | None], evidence: str) -> Series:
    """A series with the years of `row` set, added or taken away."""
    parts = {
        int(year): (float(known.values[place]), known.evidence[place], known.source[place], known.lines[place])
        for place, year in enumerate(known.years)
    }
    for year, value in row.items():
        if value is None:
            parts.pop(year, None)
        else:
            parts[year] = (float(value), evidence, SOURCE, 0)
    if not parts:
        raise BasisError("series_empty", where=known.file, name=known.name)
    years = np.array(sorted(parts), dtype=known.years.dtype)
    values, tags, sources, lines = zip(*(parts[int(year)] for year in years), strict=True)
    return dataclasses.replace(known, years=years, values=np.array(values), evidence=tags, source=sources, lines=lines)


def overlay(basis: Basis, values: Mapping[str, Values]) -> Basis:
    """A basis with values over it, over the bases it inherits from and over its spin-up parent, by name of the basis.

    The same object comes back where nothing under it is named.
    """
    made: dict[str, Basis] = {}

    def build(one: Basis) -> Basis:
        if one.name not in made:
            inherits = build(one.inherits) if one.inherits is not None else None
            parent = build(one.spinup_parent) if one.spinup_parent is not None else None
            if inherits is not one.inherits or parent is not one.spinup_parent:
                kept: dict[str, Any] = {
                    name: one.__dict__[name] for name in ("own_series", "own_constants") if name in one.__dict__
                }
                one = dataclasses.replace(one, inherits=inherits, spinup_parent=parent)
                one.__dict__.update(kept)
            made[one.name] = with_values(one, values[one.name]) if one.name in values else one
        return made[one.name]

    return build(basis)
