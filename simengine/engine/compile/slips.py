"""Slips of unit in what a scenario and its levers state: told before a number is computed, each at its own line.

A stated value is held against the one that it changes, in the year from which it counts: a value may be held for
decades while the series would have grown. Which ratio is doubtful is said once, in `simengine.registry.slips`. What a
file lists under ``checked`` is taken as it stands. Notes: notes/scenarios.md, section 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError
from simengine.common.messages import Words, words
from simengine.registry import slips
from simengine.registry.inputs import LEVER_ROWS, SERIES
from simengine.registry.units import in_words
from simengine.scenario.combine import PAYMENT_RATES, Lever
from simengine.scenario.levers import EVER, PathChange
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simengine.engine.compile.book import PathBook

RUNAWAY = 20.0
"""A growth that makes a series so many times as large as it would be without it is not plausible."""

OF_LEVEL, OF_MASS, OF_WAGE = (1e-5, 3.0), (1e-6, 1.0), (1e-4, 3.0)
"""Bounds of what has no value of its own: persons over the members they join, a sum over the pensions of a year, an
amount over the average wage of the same time."""


@dataclass(frozen=True)
class Slip:
    """A stated figure that looks like a slip of unit.

    Attributes
    ----------
    name : what `checked` calls it
    lever : name of the lever that states it; empty for the scenario file
    error : the refusal
    """

    name: str
    lever: str
    error: SimengineError


def refused(found: Iterable[Slip], scenario: Scenario) -> list[SimengineError]:
    """Refusals of all slips that neither the scenario nor the lever confirms, each said once."""
    errors = [slip.error for slip in found if not scenario.confirms(slip.name, slip.lever)]
    return list({str(error): error for error in errors}.values())


def checked_remarks(scenario: Scenario, found: Iterable[Slip]) -> list[Words]:
    """A remark for every entry of `checked` that nothing calls in question."""
    doubted = {(slip.lever, slip.name) for slip in found}
    names = {name for _, name in doubted}
    places = [(name, scenario.where("checked", at)) for at, name in enumerate(scenario.content.checked)]
    idle = [(name, where) for name, where in places if name not in names]
    for lever in scenario.levers:
        for at, name in enumerate(lever.content.checked):
            if (lever.key, name) not in doubted:
                idle.append((name, lever.where("checked", at)))
    return [words("remark.checked_idle", where=where, name=name) for name, where in idle]


# --- series -----------------------------------------------------------------------------------------------------------

Where = Callable[..., str]


@dataclass(frozen=True)
class Stated:
    """Change of a series as one file states it.

    Attributes
    ----------
    before, after : the series without and with the change [t]; of levers that share a series, with all of them
    lever : name of the lever; empty for the scenario file
    where : file and line of an item of that file
    part : part of a stated number that falls to the lane [1]
    """

    name: str
    change: PathChange
    before: np.ndarray
    after: np.ndarray
    lever: str
    where: Where
    part: float

    def slip(self, code: str, stated: int, **said: Any) -> Slip:
        """The slip of a value that is stated for a year."""
        where = self.where("paths", self.name, self.change.operation, stated)
        return Slip(self.name, self.lever, ScenarioError(code, where=where, name=self.name, key=self.name, **said))


def apply_changes(
    book: PathBook, name: str, values: np.ndarray, alone: bool, part: float
) -> tuple[np.ndarray, list[Slip]]:
    """A series after the change of the scenario and then that of its levers [t], and the slips among their values."""
    scenario, found = book.scenario, list[Slip]()
    if scenario is None:
        return values, found
    owners: list[tuple[Mapping[str, PathChange], Sequence[tuple[str, Any, Where]]]] = [
        (scenario.content.paths, [("", scenario.content, scenario.where)]),
        (scenario.settings.paths, [(lever.key, lever.content, lever.where) for lever in scenario.levers]),
    ]
    before = values
    for changes, files in owners:
        change = changes.get(name)
        if change is None or change.alone != alone:
            continue
        after = np.asarray(change.apply(before, book.years, part))
        for lever, content, where in files:
            if name in content.paths:
                found += series_slips(Stated(name, content.paths[name], before, after, lever, where, part), book)
        before = after
    return before, found


def series_slips(stated: Stated, book: PathBook) -> Iterator[Slip]:
    """Slips among the values that a file states for a series, each judged in the first year in which it counts."""
    row = SERIES[stated.name]
    kind, operation, years = slips.kind_of(row.kind, row.unit), stated.change.operation, book.years
    if kind is None:
        return
    for year, value in stated.change.knots.items():
        at = year - int(years[0])
        if not 0 <= at < years.size or (operation == "growth" and at == 0):
            continue
        own = _own(stated.before, at)
        if operation == "growth":
            yield from _growth_slips(stated, year, value, years)
        elif operation == "multiply":
            doubt = slips.doubt_factor(value, kind)
            if doubt is not None:
                bounds = {"low": f"{slips.least_factor(kind):.2g}", "high": f"{slips.FACTOR:g}"}
                guess = slips.meaning(kind if doubt.off == slips.YEAR else slips.SHARE, doubt.off)
                yield stated.slip("slip_factor", year, value=f"{value:g}", year=year, guess=guess, **bounds)
        elif own == 0.0:
            yield from _alone_slips(stated, year, value, book)
        else:
            plain = _unlevered(stated, year, book)
            found = list(_value_slips(stated, kind, year, value, own))
            yield from found if plain == 0.0 or any(_value_slips(stated, kind, year, value, plain)) else ()


def _own(before: np.ndarray, at: int) -> float:
    """Value of a series that a stated one is held against: of the year, where it is not known the last known one.

    Zero where none is known: what is paid or comes in one year alone says nothing of another one.
    """
    if np.isfinite(before[at]):
        return float(before[at])
    known = np.flatnonzero(np.isfinite(before))
    earlier = known[known <= at]
    return float(before[earlier[-1]]) if earlier.size else 0.0


def _unlevered(stated: Stated, year: int, book: PathBook) -> float:
    """Value of a series of the basis in a year before any lever; zero where the basis does not say it.

    Levers on what a series follows may have moved it far: what is plausible without them is no slip.
    """
    if stated.name not in book.basis.series_names():
        return 0.0
    value = float(book.basis.path(stated.name, [year], book.known_until)[0])
    return value if math.isfinite(value) else 0.0


def _value_slips(stated: Stated, kind: str, year: int, value: float, own: float) -> Iterator[Slip]:
    row, share = SERIES[stated.name], stated.part
    unit = unit_words(row.unit)
    if stated.change.operation == "add":
        doubt = slips.doubt_added(value * share, own, kind)
        if doubt is not None:
            most = slips.ADDED if kind in (slips.TIMED, slips.SPAN, slips.SHARE) else slips.LIMITS[kind]
            said = {"value": figure(value), "own": figure(own / share), "high": f"{most:g}"}
            yield stated.slip("slip_added", year, year=year, unit=unit, guess=slips.meaning(kind, doubt.off), **said)
        return
    doubt = slips.doubt_rate(value, own) if row.kind == "rate" else slips.doubt(value * share, own, kind)
    if doubt is None:
        return
    said = {"value": figure(value), "own": figure(own / share)}
    guess = slips.meaning(kind, doubt.off)
    if row.kind == "rate":
        yield stated.slip("slip_rate", year, year=year, guess=guess, high=f"{slips.RATE:g}", **said)
        return
    yield stated.slip("slip_series", year, year=year, unit=unit, guess=guess, **limits_of(kind), **said)


def _growth_slips(stated: Stated, year: int, rate: float, years: np.ndarray) -> Iterator[Slip]:
    before, after, at = stated.before, stated.after, year - int(years[0])
    own = before[at] / before[at - 1] - 1.0 if before[at - 1] else math.nan
    usual = own if SERIES[stated.name].kind not in ("share", "rate") and abs(own) <= slips.RATE else math.nan
    doubt = slips.doubt_rate(rate, usual)
    if doubt is not None:
        said = {"value": f"{rate:g}", "own": figure(round(own, 4)), "high": f"{slips.RATE:g}"}
        yield stated.slip("slip_rate", year, year=year, guess=slips.meaning(slips.SHARE, doubt.off), **said)
        return
    last = int(max(np.flatnonzero(np.isfinite(before) & (before != 0.0)), default=0))
    times = after[last] / before[last] if before[last] else 1.0
    rates = stated.change.knots
    if times > RUNAWAY and year == max(rates, key=lambda known: rates[known]):
        far = {"times": f"{times:.3g}", "high": f"{RUNAWAY:g}"}
        yield stated.slip("slip_runaway", year, year=int(years[last]), **far)


def _alone_slips(stated: Stated, year: int, value: float, book: PathBook) -> Iterator[Slip]:
    """A value for a series that is zero or unknown without it, held against what it comes on top of."""
    scenario, row = book.scenario, SERIES[stated.name]
    levers = LEVER_ROWS.get(stated.name)
    if scenario is None or value == 0.0 or row.kind not in ("heads", "amount"):
        return
    wage = float(book.basis.path("average_wage", [year], book.known_until)[0])
    months = 12.0 if row.unit == "yuan/year" else 1.0
    yard, known, (low, high) = words("off.wage"), wage * months, OF_WAGE
    if levers is not None and levers.shared_by:
        level = levers.shared_by
        known = load_basis(scenario.basis).opening(level)
        yard, (low, high) = words("off.level", name=level), OF_LEVEL
        if row.kind == "amount":
            yard, known, (low, high) = words("off.mass", name=level), known * wage * 12.0, OF_MASS
    elif row.unit == "yuan":
        high *= 12.0
    if not low * known <= abs(value) <= high * known:
        bounds = {"low": figure(low * known), "high": figure(high * known), "known": figure(known)}
        yield stated.slip(
            "slip_alone", year, value=figure(value), year=year, unit=unit_words(row.unit), yard=yard, **bounds
        )


# --- sections of a lever that are no series ---------------------------------------------------------------------------


def section_slips(book: PathBook) -> Iterator[Slip]:
    """Slips in the indexation, the payment rates and the growth of coverage of the levers of a scenario."""
    scenario = book.scenario
    for lever in scenario.levers if scenario is not None else ():
        content = lever.content
        for year, rate in (content.indexation.rate if content.indexation else {}).items():
            own = _in_year(book, "adjustment_ratio", year)
            yield from _rate_slip(lever, "indexation", ("indexation", "rate", year), year, rate, own)
        for series, rates in content.coverage_growth.items():
            for year, rate in rates.items():
                keys = ("coverage_growth", series) if year == EVER else ("coverage_growth", series, year)
                yield from _rate_slip(lever, series, keys, max(year, int(book.years[0]) + 1), rate, 0.0)
        for key, scheme in (("payment_rate", "employees"), *((key, scheme) for scheme, key in PAYMENT_RATES.items())):
            for year, rate in getattr(content, key).items():
                yield from _payment_slip(lever, key, year, rate, _paying(book, scheme))


def _in_year(book: PathBook, series: str, year: int) -> float:
    at = min(max(year - int(book.years[0]), 0), book.years.size - 1)
    return float(book.values[series][at])


def _paying(book: PathBook, scheme: str) -> float:
    """Payers over members of a scheme at the opening [1]."""
    if scheme == "resident":
        return float(book.basis.opening("resident_paying_share"))
    payers = sum(book.basis.opening(f"{status}_payers") for status in ("enterprise", "flexible", "public"))
    return float(payers / (payers + book.basis.opening("paused_members")))


def _rate_slip(lever: Lever, name: str, keys: Sequence[Any], year: int, rate: float, own: float) -> Iterator[Slip]:
    doubt = slips.doubt_rate(rate, own)
    if doubt is not None:
        said: dict[str, Any] = {
            "year": year,
            "value": f"{rate:g}",
            "own": figure(round(own, 4)),
            "high": f"{slips.RATE:g}",
        }
        said |= {"guess": slips.meaning(slips.SHARE, doubt.off), "key": name}
        yield Slip(name, lever.key, ScenarioError("slip_rate", where=lever.where(*keys), name=name, **said))


def _payment_slip(lever: Lever, key: str, year: int, rate: float, own: float) -> Iterator[Slip]:
    doubt = slips.doubt(rate, own, slips.SHARE)
    if doubt is not None:
        said: dict[str, Any] = {
            "year": year,
            "value": f"{rate:g}",
            "own": f"{own:.4g}",
            "unit": unit_words("1"),
            "key": key,
        }
        said |= {"guess": slips.meaning(slips.SHARE, doubt.off)}
        where = lever.where(key, year)
        error = ScenarioError("slip_series", where=where, name=key, **said, **limits_of(slips.SHARE))
        yield Slip(key, lever.key, error)


# --- words ------------------------------------------------------------------------------------------------------------


def limits_of(kind: str) -> dict[str, str]:
    """Least and largest plausible ratio of a kind, as a refusal says them."""
    most = slips.LIMITS[kind]
    return {"low": f"{1.0 / most:.2g}", "high": f"{most:g}"}


def unit_words(symbol: str) -> Words:
    """A unit of money in both languages; others say themselves."""
    if not symbol.startswith("yuan"):
        return Words("", "")
    return Words(f" {in_words(symbol, 'en')}", in_words(symbol, "zh"))


def figure(value: float) -> str:
    """A number as a refusal says it; a dash for one that is not known."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
