"""What figures of a region are measured against: its residents, its wages, its own other rows, the basis it borrows."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simengine.basis.basis import Basis, load_basis
from simengine.basis.bureau.rows import names
from simengine.common.messages import Words, words
from simengine.registry.axes import SPIN_UP_START

FALLBACK = "china-2020"
"""Basis that lends its wages when the one named cannot be read."""

REACH = 6
"""Years beyond the first and last known figure of a row over which it still serves as a yardstick."""

LAST = 2060


class Scale:
    """Yardsticks of a region.

    Parameters
    ----------
    population : residents [persons], not a number where not known
    parent : basis borrowed from; empty where not known
    """

    def __init__(self, population: float, parent: str) -> None:
        self.population = population
        self.basis: Basis = load_basis(parent or FALLBACK)
        self.known: dict[str, dict[int, float]] = {}
        self._lent: dict[str, dict[int, float]] = {}

    def learn(self, series: str, values: Mapping[int, float]) -> None:
        """Take figures that have been judged; those learnt before stay."""
        own = self.known.setdefault(series, {})
        for year, value in values.items():
            if value > 0.0:
                own.setdefault(year, value)

    def forget(self, series: str, year: int) -> None:
        """Drop a figure that was found wrong after it had been learnt."""
        self.known.get(series, {}).pop(year, None)

    def yard(self, factors: tuple[str, ...], year: int) -> float | None:
        """Product of the factors of a yardstick in a year; None where one is not known."""
        product = 1.0
        for name in factors:
            factor = self._factor(name, year)
            if factor is None or not factor > 0.0:
                return None
            product *= factor
        return product

    def _factor(self, name: str, year: int) -> float | None:
        if name == "population":
            return self.population if self.population == self.population else None
        if name == "wage":
            return self._wage(year)
        if name.startswith("parent:"):
            return self._borrowed(name.removeprefix("parent:"), year)
        if name.startswith("same:"):
            return self.known.get(name.removeprefix("same:"), {}).get(year)
        if name.isdigit():
            return float(name)
        return between(self.known.get(name, {}), year, REACH)

    def _wage(self, year: int) -> float | None:
        """Monthly wage: the region's own, carried to other years by the growth of the basis borrowed from."""
        lent = self._borrowed("average_wage", year)
        own = self.known.get("average_wage")
        if not own or lent is None:
            return lent
        nearest = min(own, key=lambda known: abs(known - year))
        there = self._borrowed("average_wage", nearest)
        return own[nearest] * lent / there if there else lent

    def _borrowed(self, series: str, year: int) -> float | None:
        if series not in self._lent:
            years = range(SPIN_UP_START, LAST)
            values = self.basis.path(series, years)
            self._lent[series] = {at: float(value) for at, value in zip(years, values, strict=True)}
        value = self._lent[series].get(year)
        return value if value is not None and math.isfinite(value) and value > 0.0 else None


def between(known: Mapping[int, float], year: int, reach: int) -> float | None:
    """Positive figure of a year: the known one, else on a straight line of logarithms between the two around it, else
    the nearest within `reach` years; None where there is none.

    >>> round(between({2010: 100.0, 2012: 400.0}, 2011, 3))
    200
    """
    if year in known:
        return known[year]
    earlier = max((at for at in known if at < year), default=None)
    later = min((at for at in known if at > year), default=None)
    if earlier is not None and later is not None:
        share = (year - earlier) / (later - earlier)
        return math.exp((1.0 - share) * math.log(known[earlier]) + share * math.log(known[later]))
    nearest = earlier if earlier is not None else later
    return known[nearest] if nearest is not None and abs(nearest - year) <= reach else None


def yard_words(factors: tuple[str, ...]) -> Words:
    """A yardstick in words, both languages."""
    known = names()
    said: list[Words] = []
    for factor in factors:
        own = factor.removeprefix("parent:").removeprefix("same:")
        if factor in ("population", "wage"):
            said.append(words(f"bureau.{factor}"))
        elif factor.isdigit():
            said.append(Words(factor, factor))
        elif own != factor:
            key = "bureau.same" if factor.startswith("same:") else "bureau.parent"
            said.append(words(key, name=Words(known[own].english, known[own].name)))
        else:
            said.append(Words(known[factor].english, known[factor].name))
    return Words(" x ".join(word.en for word in said), "×".join(word.zh for word in said))
