"""Names become positions: one lane's scenario, law and basis as the arrays that the kernels read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.engine.compile.constants import constant_faults, fill_constants
from simengine.engine.compile.coverage import first_trends
from simengine.engine.compile.effects import Idle, idle_series, refuse_idle, refuse_shares
from simengine.engine.compile.law_keys import refuse_unread
from simengine.engine.compile.paths import fill_paths, information_date
from simengine.engine.compile.places import placed
from simengine.engine.compile.slips import Slip, refused
from simengine.engine.compile.stated_slips import campaign_faults, stated_slips
from simengine.engine.compile.tables import fill_tables
from simengine.kernels.layout import MOST_YEARS, LaneTables, Tables, pack
from simengine.law import LawTree
from simengine.registry.inputs import PATH_NAMES
from simengine.scenario.inputs import input_faults
from simengine.scenario.scenario import Scenario


@dataclass(frozen=True)
class LaneInputs:
    """All inputs of one lane.

    Attributes
    ----------
    years : calendar years, shape (t,)
    paths : one value a year and series [series, t]
    constants : one value a name
    tables : tables by year, sex, age, career or class
    idle : series that a lever of the scenario leaves without effect in this lane
    slips : what looks like a slip of unit and is checked
    """

    years: np.ndarray
    paths: np.ndarray
    constants: np.ndarray
    tables: Tables
    idle: Idle = field(default_factory=dict)
    slips: tuple[Slip, ...] = ()

    @cached_property
    def packed(self) -> LaneTables:
        """The tables as the kernel receives them.

        Raises
        ------
        ScenarioError when they hold more years than a lane has room for
        """
        if self.years.size > MOST_YEARS:
            span = {"first": self.years[0], "last": self.years[-1], "limit": MOST_YEARS}
            raise ScenarioError("lane_years", count=self.years.size, **span)
        return pack(self.tables)


def compile_lane(
    basis: Basis, law: LawTree, years: np.ndarray, scenario: Scenario | None, known_until: int | None = None
) -> LaneInputs:
    """Inputs of one lane over consecutive years.

    Parameters
    ----------
    law : law of the scenario; information date and levers are already applied
    scenario : changes of series and constants; None for the spin-up, which uses no lever
    known_until : last year of information. Values dated later are ignored; extension rules start after this year. The
        default is the year of the scenario
    """
    years = np.asarray(years, dtype=np.int64)
    book = fill_paths(basis, law, years, scenario, known_until)
    changed = dict(scenario.constants) if scenario is not None else {}
    if known_until is not None:
        changed["opening_year"] = float(known_until)
    changed |= first_trends(basis, information_date(scenario, basis, known_until))
    constants = fill_constants(basis, law, years, changed)
    lever = scenario.settings.retirement if scenario is not None else None
    tables = fill_tables(basis, law, book, lever, changed, scenario)
    idle: Idle = {}
    if scenario is not None:
        refuse_shares(book.values, years, scenario)
        idle = idle_series(book.values, book.before, years, scenario)
    return LaneInputs(years, np.ascontiguousarray(book.array()), constants, tables, idle, tuple(book.slips))


def known_law(scenario: Scenario, law: LawTree) -> LawTree:
    """The law that a scenario knows, without its levers."""
    return law.known_on(f"{scenario.base_year}-12-31") if scenario.information == "opening" else law


def scenario_law(scenario: Scenario, law: LawTree) -> LawTree:
    """The law a scenario lives under: as known at its opening where it says so, then its levers.

    Raises
    ------
    LeverError or LawError, or an ErrorList of them: an unknown key, a value out of range, a parameter no lane reads,
    or that only regions have in a scenario of the nation
    """
    law = known_law(scenario, law)
    errors: list[SimengineError] = []
    region = load_basis(scenario.basis).region
    for change in scenario.settings.law:
        try:
            law = law.with_changes({change.key: change.values}, origin=change.where, region=change.region)
            refuse_unread([change], region)
        except SimengineError as error:
            errors += each_error(error)
    raise_all(errors)
    return law


def compile_scenario(scenario: Scenario, bases: Sequence[Basis], law: LawTree) -> list[LaneInputs]:
    """Inputs of every lane of a scenario, the opening year first: all that can be wrong before a number is computed.

    Parameters
    ----------
    bases : of the lanes: the areas of a city that is parted, else the region itself
    law : as enacted; what was known and the levers are applied here

    Raises
    ------
    SimengineError for anything wrong in scenario, levers, law or basis
    """
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    lanes: list[LaneInputs] = []
    plain = own = known_law(scenario, law)
    slips = tuple(stated_slips(scenario, bases[0], plain))
    errors = [*horizon_faults(scenario), *input_faults(scenario), *constant_faults(scenario, bases[0])]
    fatal = bool(errors)
    errors += [*campaign_faults(scenario), *refused(slips, scenario)]
    try:
        own = scenario_law(scenario, law)
    except SimengineError as error:
        errors += each_error(error)
    sound = not errors  # a law that is refused says nothing of what follows from it

    def compiled(other: Scenario) -> list[LaneInputs]:
        known = plain if not sound else own if other is scenario else scenario_law(other, law)
        return [compile_lane(basis, known, years, other) for basis in bases]

    try:
        lanes = [] if fatal else compiled(scenario)
        if sound:
            refuse_idle([lane.idle for lane in lanes], scenario)
    except SimengineError as error:
        errors += placed(error, scenario, compiled)
    raise_all(errors)
    return [replace(lane, slips=(*slips, *lane.slips)) for lane in lanes]


def horizon_faults(scenario: Scenario) -> Iterator[SimengineError]:
    """An error where a scenario asks for more years than a lane has room for, its opening year counted."""
    count = len(scenario.years) + 1
    if count > MOST_YEARS:
        said: dict[str, Any] = {"first": scenario.base_year, "last": scenario.years[-1], "limit": MOST_YEARS}
        yield ScenarioError("lane_years", where=scenario.where("years"), count=count, **said)


def moved_with(series: str, scenario: Scenario, bases: Sequence[Basis], law: LawTree) -> tuple[str, ...]:
    """Series that move because the scenario or a lever changes one of them, that one left out; in the kernels' order.

    Found by filling the series of the lanes with and without the change. Without it the rest may be no scenario (one of
    five shares that add to one), so only the series are looked at.
    """
    years, own = np.arange(scenario.base_year, scenario.years[-1] + 1), scenario_law(scenario, law)
    plain = scenario.without_change(series)
    pairs = [tuple(fill_paths(basis, own, years, one).array() for one in (scenario, plain)) for basis in bases]
    moved = np.any([(one != other) & ~np.isnan(one) for one, other in pairs], axis=(0, 2))
    return tuple(name for name, yes in zip(PATH_NAMES, moved, strict=True) if yes and name != series)
