"""The history of a city, county or area: the inputs of its parent, brought to its own level (model.md, section 11).

The parent's head counts are multiplied by what the place has at its opening over its share of the parent's people, and
everything that follows from head counts (service, accounts, pensioners, money) is run anew on them.
"""

from __future__ import annotations

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values, overlay
from simengine.registry.axes import LEVEL_OF_STATUS, SPIN_UP_START

MEMBERS = tuple(LEVEL_OF_STATUS.values())
LEVELS = (*MEMBERS, "resident_registered", "unemployment_insured", "injury_insured")
"""Series of head counts that an opening states."""
ADMITTED_PUBLIC = ("admitted_public_actives", "admitted_public_pensioners")
SETTLED_PUBLIC = ("settled_pension_years", "settled_contribution_years")
OF_PUBLIC = (*ADMITTED_PUBLIC, *SETTLED_PUBLIC)
"""Series of head counts that go with the public payers."""
OF_MEMBERS = ("admitted_enterprise_pensioners", "catch_up_entrants")
"""Series of head counts that go with the members of the enterprise scheme."""
STOCKS_1992 = ("initial_members", "initial_pensioners", "initial_fund")
WORKING = slice(16, 60)


def densities(basis: Basis, parent: Basis) -> dict[str, float]:
    """What a place has for each head of its parent, people for people, by series of `LEVELS` [1].

        density = (opening / people of 16-59) / (the parent's / the parent's people of 16-59)

    One where the parent has none.
    """
    year = np.array([parent.base_year])
    people = basis.population()[:, WORKING].sum() / parent.population()[:, WORKING].sum()
    found = {}
    for name in LEVELS:
        level = float(parent.path(name, year)[0])
        found[name] = basis.opening(name) / (level * people) if level > 0.0 else 1.0
    return found


def history_inputs(basis: Basis) -> Basis:
    """The basis that the history of a place runs on: itself, or its parent's inputs at its own level.

    The people stay the parent's: the state at the opening goes to the place by sex and age afterwards
    (`simengine.engine.opening.scale_to_child`).
    """
    parent = basis.spinup_parent
    if parent is None:
        return basis
    parent = parent.plain
    factors = densities(basis, parent)
    year = np.array([parent.base_year])
    of = {name: float(parent.path(name, year)[0]) for name in MEMBERS if name != "public_payers"}
    members = sum(factors[name] * level for name, level in of.items()) / sum(of.values())
    factors |= dict.fromkeys(OF_PUBLIC, factors["public_payers"]) | dict.fromkeys(OF_MEMBERS, members)
    series = {}
    for name, factor in factors.items():
        known = parent.owner(name).own_series[name]
        cells = zip(known.years.tolist(), known.values.tolist(), strict=True)
        series[name] = {int(at): factor * value for at, value in cells if SPIN_UP_START <= at <= parent.base_year}
    constants = {name: members * parent.constant(name) for name in STOCKS_1992}
    return overlay(parent, {parent.name: Values(series, constants, "computed")})
