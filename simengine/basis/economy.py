"""The economy of one lane: every series resolved in the order in which one follows another, levers inside.

A rule of the basis may carry a series on by another one (`simengine.basis.paths`: ``ratio``, ``converge``); the law and
the engine carry further ones on. What follows a series must hear a lever on it. So a series is resolved in two steps,
and each is taken when it is first asked for:

1. ``stated``: values and rules of the basis; where a rule names another series, that one as it is ``heard``;
2. ``heard``: the stated series (or what the law makes of it, for a series that is derived) after the levers on it.

A lever that says ``alone: true`` acts after both: the lane reads the series with it (``read``), and what follows the
series does not hear it. Without levers all three are the path of the basis, to the last bit. Notes: notes/scenarios.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.errors import BasisError

Change = Callable[[str, np.ndarray, bool], np.ndarray]
"""What the levers make of a series over the lane's years [t]; True asks for the levers that act alone."""

Derived = Callable[["Economy", np.ndarray], np.ndarray]
"""A series that the law carries on, before any lever on it, at years of the lane [t]."""


@dataclass
class Economy:
    """Series of one lane by year.

    Attributes
    ----------
    years : consecutive calendar years of the lane, shape (t,); levers act in these alone
    known_until : information date; None when everything is known
    change : levers of the scenario; None without any
    derived : how a series comes about that other series follow and that is not the basis' alone, by name
    """

    basis: Basis
    years: np.ndarray
    known_until: int | None = None
    change: Change | None = None
    derived: Mapping[str, Derived] = field(default_factory=dict)
    _heard: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    _open: list[str] = field(default_factory=list, repr=False)

    def stated(self, name: str, years: np.ndarray | None = None) -> np.ndarray:
        """A series by the values and rules of the basis, before any lever on the series itself, shape (t,)."""
        wanted = self.years if years is None else years
        return np.asarray(self.basis.path(name, wanted, self.known_until, self.heard))

    def heard(self, name: str, years: np.ndarray | None = None) -> np.ndarray:
        """A series as it is heard by those that follow it, shape (t,); years before the lane's are those of the basis.

        Raises
        ------
        BasisError when series follow each other in a circle
        """
        wanted = self.years if years is None else np.asarray(years)
        early = wanted < self.years[0]
        if early.all():
            return np.asarray(self.basis.path(name, wanted, self.known_until))
        result = np.empty(wanted.size)
        if early.any():
            result[early] = self.basis.path(name, wanted[early], self.known_until)
        result[~early] = self._over_lane(name)[wanted[~early] - int(self.years[0])]
        return result

    def carrying(self, name: str, years: np.ndarray, last: int) -> np.ndarray:
        """A series by which a value of year `last` is carried on: of the basis up to that year, heard afterwards.

        What is known of `last` stands to the basis of that year; a lever that begins before it moves what comes after.
        """
        values = self.heard(name, years)
        known = years <= last
        if known.any():
            values[known] = self.basis.path(name, years[known], self.known_until)
        return values

    def read(self, name: str, years: np.ndarray | None = None) -> np.ndarray:
        """A series as the lane reads it: as it is heard, after the levers that act on it alone, shape (t,)."""
        wanted = self.years if years is None else np.asarray(years)
        result = self.heard(name, wanted)
        if self.change is not None:
            late = wanted >= self.years[0]
            alone = self.change(name, self._over_lane(name), True)
            result[late] = alone[wanted[late] - int(self.years[0])]
        return result

    def _over_lane(self, name: str) -> np.ndarray:
        """`heard` in every year of the lane, made once."""
        if name not in self._heard:
            if name in self._open:
                chain = [*self._open[self._open.index(name) :], name]
                raise BasisError("series_circle", where=f"{self.basis.folder}/paths.yaml", chain=" -> ".join(chain))
            self._open.append(name)
            try:
                derive = self.derived.get(name)
                values = self.stated(name) if derive is None else derive(self, self.years)
                self._heard[name] = values if self.change is None else self.change(name, values, False)
            finally:
                self._open.pop()
        return self._heard[name]
