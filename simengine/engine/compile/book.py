"""The series of one lane while they are collected: what basis, law and scenario say of each, and what is written."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.economy import Derived, Economy
from simengine.common.errors import BasisError, ScenarioError, SimengineError
from simengine.engine.compile.bounds import check_change
from simengine.engine.compile.shares import area_part
from simengine.engine.compile.slips import Slip, apply_changes, refused
from simengine.engine.compile.standards import basic_pension
from simengine.law import LawTree
from simengine.law.regions import NATION
from simengine.registry.inputs import ASIDE_SERIES, PATH_NAMES, REGION_SERIES, SERIES
from simengine.scenario.scenario import Scenario

INDEXED_BY = {
    "wage": "average_wage",
    "benefit_base": "benefit_base",
    "price": "price_index",
    "minimum_wage": "minimum_wage",
    "urban_income": "urban_income",
}
"""What a parameter of the law may be carried on by (`indexed` in its file), and the series that says it."""


@dataclass
class PathBook:
    """Collects the series of one lane; every series of the kernels must be written.

    Attributes
    ----------
    basis, law : of the lane; `law` has the information date and the levers of the scenario already
    scenario : changes of series and constants; None for the spin-up before the opening
    years : calendar years of the lane [t]
    known_until : information date; None when everything is known
    values : series by name [t]
    before : series that a lever changes, as they were without it [t]
    faults : what is wrong with the levers, said together at the end
    slips : what looks like a slip of unit; refused at the end where it is not checked
    derived : how series come about that others follow and that are not the basis' alone, by name
    """

    basis: Basis
    law: LawTree
    scenario: Scenario | None
    years: np.ndarray
    known_until: int | None = None
    values: dict[str, np.ndarray] = field(default_factory=dict)
    before: dict[str, np.ndarray] = field(default_factory=dict)
    faults: list[SimengineError] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    derived: dict[str, Derived] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Region of the basis."""
        return self.basis.region

    @cached_property
    def economy(self) -> Economy:
        """The series of the basis, each with the levers on it and on what it follows."""
        derived = {"basic_pension": lambda economy, years: basic_pension(self.law, economy, years), **self.derived}
        change = None if self.scenario is None else self.levered
        return Economy(self.basis, self.years, self.known_until, change, derived)

    def law_values(self, key: str) -> np.ndarray:
        """A parameter of the law by year, carried on by the series that its file names [t].

        Years are read back to the last dated value, from which a parameter is carried on.
        """
        parameter, years, index = self.law[key], self.years, None
        rule = parameter.extension
        if rule.rule == "indexed" and rule.index:
            last = parameter.timeline(self.region)[-1].date.year
            years = np.arange(min(int(years[0]), last - rule.lag), int(years[-1]) + 1)
            published = parameter.enacted.timeline(self.region)[-1].date.year - rule.lag
            index = {rule.index: self.economy.carrying(INDEXED_BY[rule.index], years, published)}
        return self.law.annual(key, years, self.region, index=index)[-self.years.size :]

    def constant(self, name: str) -> float:
        """A constant of the basis, or what the scenario makes of it."""
        value = self.basis.constant(name)
        return value if self.scenario is None else float(self.scenario.constants.get(name, value))

    def levered(self, name: str, values: np.ndarray, alone: bool) -> np.ndarray:
        """A series after the levers that others hear or, with `alone`, after those that act on it alone [t].

        A result that leaves the bounds of the series is one of the `faults`. A change that is refused is left out, so
        that what follows the series is not told as well.
        """
        if self.scenario is None or not self.scenario.changes(name, alone):
            return values
        part = area_part(name, self.basis, self.scenario)
        changed, slips = apply_changes(self, name, values, alone, part)
        self.before.setdefault(name, values)
        try:
            check_change(name, values, changed, self.years, self.scenario)
        except SimengineError as error:
            self.faults.append(error)
            return values
        self.slips += slips
        return values if refused(slips, self.scenario) else changed

    def put(self, name: str, values: np.ndarray | float) -> None:
        """Write one series as it is; a constant fills all years."""
        if name not in PATH_NAMES and name not in ASIDE_SERIES:
            raise ValueError(f'series "{name}" is not an input of a lane')
        self.values[name] = np.broadcast_to(np.asarray(values, dtype=np.float64), self.years.shape).copy()

    def state(self, name: str, values: np.ndarray | float) -> None:
        """Write one series that the engine makes, with the levers applied to it.

        What only regions have is zero for the nation, whatever is given: nothing stands above it. A change of it there
        is one of the `faults`.
        """
        if name in REGION_SERIES and self.region == NATION:
            if self.scenario is not None and name in self.scenario.changed_series():
                where = self.scenario.where_changed(name, int(self.years[-1]))
                self.faults.append(ScenarioError("path_nothing_above", where=where, name=name))
            self.put(name, 0.0)
            return
        made = np.broadcast_to(np.asarray(values, dtype=np.float64), self.years.shape).copy()
        for alone in (False, True):
            made = self.levered(name, made, alone)
        self.put(name, made)

    def array(self) -> np.ndarray:
        """All series in the kernels' order [series, t].

        Raises
        ------
        BasisError for a series that is not finite where not-a-number has no meaning
        """
        missing = [name for name in PATH_NAMES if name not in self.values]
        if missing:
            raise ValueError(f"series without a value: {', '.join(missing)}")
        for name in PATH_NAMES:
            finite = np.isfinite(self.values[name])
            if not SERIES[name].unknown and not finite.all():
                raise BasisError("series_not_finite", name=name, year=int(self.years[~finite][0]))
        return np.array([self.values[name] for name in PATH_NAMES])


def neutral(name: str) -> float:
    """Value that leaves everything as it is, of a series that only levers give: not known, or zero."""
    return math.nan if SERIES[name].unknown else 0.0
