"""A moved world: figures of bases and law that differ in memory, and the run of a scenario under them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values, overlay
from simengine.basis.paths import Rule
from simengine.engine.label import label_lanes
from simengine.engine.project import Histories, copy_state, lane_bases, open_lane, run_lane
from simengine.law import LawTree, Parameter
from simengine.scenario.scenario import Scenario

KEPT = ("own_series", "own_constants", "own_rules", "openings")
"""What a basis may hold in memory in place of its tables."""


@dataclass(frozen=True)
class World:
    """What differs from the files; nothing on disk changes.

    Attributes
    ----------
    values : series and constants by name of the basis that owns them
    rules : rules by name of the basis that owns them
    openings : factor on opening figures, by name of the basis that opens with them
    law : parameters by key
    """

    values: Mapping[str, Values] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Rule]] = field(default_factory=dict)
    openings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    law: Mapping[str, Parameter] = field(default_factory=dict)


def moved_basis(basis: Basis, world: World) -> Basis:
    """A basis under a moved world, with those it inherits from and its spin-up parent."""
    basis = overlay(basis, world.values)
    if not (world.rules or world.openings):
        return basis
    made: dict[str, Basis] = {}

    def build(one: Basis) -> Basis:
        if one.name not in made:
            inherits = build(one.inherits) if one.inherits is not None else None
            parent = build(one.spinup_parent) if one.spinup_parent is not None else None
            held: dict[str, Any] = {name: one.__dict__[name] for name in KEPT if name in one.__dict__}
            if one.name in world.rules:
                held["own_rules"] = {**one.own_rules, **world.rules[one.name]}
            if one.name in world.openings:
                held["openings"] = _moved_openings(one, world.openings[one.name])
            again = dataclasses.replace(one, inherits=inherits, spinup_parent=parent)
            again.__dict__.update(held)
            made[one.name] = again
        return made[one.name]

    return build(basis)


def _moved_openings(basis: Basis, factors: Mapping[str, float]) -> dict[str, Any]:
    moved = dict(basis.openings)
    for name, factor in factors.items():
        moved[name] = dataclasses.replace(moved[name], value=moved[name].value * factor)
    return moved


def moved_law(law: LawTree, world: World) -> LawTree:
    """The law under a moved world: moved parameters are the law itself and no lever."""
    if not world.law:
        return law
    return LawTree({**dict(law.items()), **world.law}, law.regions, law.changes, law.information_date)


def run_world(scenario: Scenario, law: LawTree, world: World) -> xr.Dataset:
    """History, opening and projection of every lane of a scenario under a moved world; labelled variables."""
    law = moved_law(law, world)
    histories = Histories(law, lambda text: None)
    lanes = []
    for basis in lane_bases(scenario):
        lane = open_lane(scenario, moved_basis(basis, world), law, histories)
        state = copy_state(lane.opening)
        lane.output = run_lane(lane.inputs, state, 1, lane.inputs.years.size)
        lanes.append(lane)
    region = load_basis(scenario.basis).region
    return label_lanes(lanes).sel(region=[region])
