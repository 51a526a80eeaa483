"""What may be moved in a fund: the return, and further contributions as a share, an amount or points of the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from simengine.decide.fund.flows import Flows
from simengine.decide.fund.goals import Goal, scale_of
from simengine.decide.fund.roll import Timing, roll
from simengine.decide.fund.solve import Reached

LEVERS = ("return_level", "return_points", "share_of_contributions", "amount", "points_of_base")
"""Every lever: the return, and further contributions."""

HIGHEST = 5.0
"""Further contributions are sought up to so many times the contributions, or the outgo where that is more."""

Balances = Callable[[np.ndarray], np.ndarray]
"""Values of a lever -> balances, year ends first, one column a value."""


@dataclass(frozen=True)
class Lever:
    """One lever: what balances are at each of its values, and the interval in which it is sought."""

    name: str
    unit: str
    low: float
    high: float
    balance: Balances


@dataclass(frozen=True)
class Case:
    """Flows with their timing, and the places of the first year of the mend and of the goal year."""

    flows: Flows
    timing: Timing
    first: int
    last: int

    @property
    def returns(self) -> np.ndarray:
        """Return by year [1/year]; a case is made with one."""
        assert self.flows.returns is not None  # noqa: S101
        return self.flows.returns

    @property
    def net(self) -> np.ndarray:
        """Income without return less outgo [yuan/year]."""
        return self.flows.net

    @property
    def mended(self) -> np.ndarray:
        """1 in every year of the mend, 0 before."""
        return (np.arange(len(self.flows.years)) >= self.first).astype(float)

    @property
    def rate_of(self) -> str:
        """What a further rate is a part of."""
        return "contributions" if self.flows.base is None else "base"

    def balance(self) -> np.ndarray:
        """Balances of the flows as they stand [yuan]."""
        return roll(self.flows.opening, self.net, self.returns, self.timing)

    def with_rate(self, rate: float) -> Case:
        """The same case with a further rate on contributions or base, from the first year of the mend on."""
        per_rate = self.flows.contributions if self.flows.base is None else self.flows.base
        more = self.flows.contributions + rate * per_rate * self.mended
        return replace(self, flows=replace(self.flows, contributions=more))

    def with_level(self, levels: np.ndarray) -> np.ndarray:
        """Returns by year and level: the level from the first year of the mend on, the stated path before."""
        return np.where(self.mended[:, None] > 0.0, levels[None, :], self.returns[:, None])

    def reached(self, goal: Goal, balance: Balances) -> Reached:
        """Quantity and margin of a goal by the value of a lever."""
        return lambda values: goal.reached(balance(values), self.flows.outgo, self.first, self.last)

    def levers(self, within: tuple[float, float]) -> Iterator[Lever]:
        """Every lever that has a meaning on these flows."""
        yield return_lever(self, within)
        points = points_lever(self, within)
        if np.ptp(self.returns[self.first :]) > 0.0 and points.low < points.high:
            yield points
        yield from further_levers(self)


def return_lever(case: Case, within: tuple[float, float]) -> Lever:
    """A level return from the first year of the mend on [1/year]."""

    def balance(values: np.ndarray) -> np.ndarray:
        return roll(case.flows.opening, case.net[:, None], case.with_level(values), case.timing)

    return Lever("return_level", "1/year", *within, balance)


def points_lever(case: Case, within: tuple[float, float]) -> Lever:
    """Points on the return of every year from the first of the mend on [1/year]; the path itself stays in `within`."""

    def balance(values: np.ndarray) -> np.ndarray:
        returns = case.returns[:, None] + case.mended[:, None] * values[None, :]
        return roll(case.flows.opening, case.net[:, None], returns, case.timing)

    path = case.returns[case.first :]
    low, high = within[0] - float(path.min()), within[1] - float(path.max())
    return Lever("return_points", "1/year", min(low, 0.0), max(high, 0.0), balance)


def further_levers(case: Case) -> Iterator[Lever]:
    """Further contributions from the first year of the mend on: a share of contributions, an amount, points of base.

    A value below zero takes contributions away, at most all of the year that has least.
    """
    flows, part = case.flows, slice(case.first, None)
    most = HIGHEST * max(float(flows.contributions[part].mean()), scale_of(flows.outgo[part]))

    def lever(name: str, unit: str, per_unit: np.ndarray) -> Lever:
        def balance(values: np.ndarray) -> np.ndarray:
            more = (per_unit * case.mended)[:, None] * values[None, :]
            return roll(flows.opening, case.net[:, None] + more, case.returns[:, None], case.timing)

        size = float(per_unit[part].mean())
        paid = per_unit[part] > 0.0
        least = float((flows.contributions[part][paid] / per_unit[part][paid]).min()) if paid.any() else 1.0
        return Lever(name, unit, -least + 0.0, most / size if size > 0.0 else HIGHEST, balance)

    yield lever("share_of_contributions", "1", flows.contributions)
    yield lever("amount", "yuan/year", np.ones(len(flows.years)))
    if flows.base is not None:
        yield lever("points_of_base", "1", flows.base)
