"""Erosion: amounts fixed in yuan that stay flat while prices rise, and what they are still worth (model.md section 11).

An amount is a parameter of the law in yuan that is held past its last dated value, or a yearly series in yuan that
stands still to the horizon. Its real value in a year is measured in prices of the year of its last dated value:

    worth(t) = P(date) / P(t)

with the price index P of the run, levers heard. Rules and a worked example: notes/checks.md, section 5.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simengine.engine.compile import scenario_law
from simengine.engine.compile.book import PathBook
from simengine.engine.compile.paths import information_date
from simengine.judge.checks.lanes import bases_of
from simengine.registry.axes import SPIN_UP_START
from simengine.registry.inputs import LAW_KEYS, LEVER_ROWS, PATH_NAMES, SERIES
from simengine.registry.units import MONEY

if TYPE_CHECKING:
    import pandas as pd

    from simengine.basis.basis import Basis
    from simengine.engine.project import Lane, Result
    from simengine.law import LawTree
    from simengine.law.parameter import DatedValue, Value
    from simengine.scenario.scenario import Scenario

LOST = 0.30
"""Part of the real value whose loss is flagged [1]."""

ROUNDING = 1e-12
FLAT_YEARS = 10
"""Years to the horizon over which a series must stand still to count as held flat; a shorter run counts whole."""

USED = {"both": "projection", "lane": "projection", "case": "cases", "none": "nothing"}
"""Who reads a parameter of the law (registry/law.csv) -> the word of the table."""

MADE_BY_THE_ENGINE = ("previous", "feeds", "aside")
"""Sources of series that repeat another one or that no kernel reads."""


@dataclass(frozen=True)
class Amount:
    """One dated value of an amount and the years in which it is in force.

    Attributes
    ----------
    key : parameter of the law, or series
    kind : ``law`` or ``series``
    used : ``projection``, ``cases`` or ``nothing``
    value : number, or numbers by label [yuan, yuan/month or yuan/year]
    date : first day of the value; of a series 1 January of the first year in which it stands still
    until : last year in force
    """

    key: str
    kind: str
    used: str
    unit: str
    value: Value
    date: datetime.date
    until: int
    reference: str

    def in_force(self, year: int) -> bool:
        """Whether it is the value of a year."""
        return self.date.year <= year <= self.until


@dataclass(frozen=True)
class Prices:
    """The price index of a lane by calendar year, from the start of the history to the horizon."""

    first: int
    index: np.ndarray = field(repr=False)

    @property
    def last(self) -> int:
        """Last year of the run."""
        return self.first + self.index.size - 1

    def worth(self, date: datetime.date, year: int) -> float:
        """What one yuan of a day is worth in a year, in prices of the year of that day [1]."""
        since = max(date.year, self.first)
        return float(self.index[since - self.first] / self.index[year - self.first])

    def eroded_year(self, amount: Amount) -> int | None:
        """First year in which an amount has lost `LOST` of its real value; None where it never does."""
        years = range(max(amount.date.year, self.first), min(amount.until, self.last) + 1)
        return next((year for year in years if self.worth(amount.date, year) <= 1.0 - LOST + ROUNDING), None)


def prices_of(basis: Basis, law: LawTree, scenario: Scenario, years: np.ndarray) -> Prices:
    """Prices of one lane, levers heard.

    Parameters
    ----------
    law : as the scenario lives under it
    years : calendar years of the lane
    """
    book = PathBook(basis, law, scenario, years, information_date(scenario, basis))
    first = SPIN_UP_START
    return Prices(first, book.economy.read("price_index", np.arange(first, int(years[-1]) + 1)))


# --- amounts ----------------------------------------------------------------------------------------------------------


def law_amounts(law: LawTree, region: str, years: np.ndarray) -> Iterator[Amount]:
    """Amounts of the law that are in force for a region in some year of a run; nothing is lost of an amount of zero."""
    first, horizon = int(years[0]), int(years[-1])
    for key, parameter in law.items():
        if not parameter.is_nominal or not parameter.stated_in(region):
            continue
        timeline = parameter.timeline(region)
        for dated, after in zip(timeline, [*timeline[1:], None], strict=True):
            until = horizon if after is None else min(horizon, after.date.year - 1)
            if until > first and dated.date.year <= horizon and _positive(dated.value):
                used = USED[LAW_KEYS[key].use] if key in LAW_KEYS else USED["both"]
                yield Amount(key, "law", used, parameter.unit.symbol, dated.value, dated.date, until, _reference(dated))


def _reference(dated: DatedValue) -> str:
    return f"{dated.where}: {dated.reference}" if dated.lever else dated.reference


def _positive(value: Value) -> bool:
    return any(number > 0.0 for number in numbers_of(value))


def numbers_of(value: Value) -> list[float]:
    """The numbers of a value: its leaves where it is a table."""
    if isinstance(value, dict):
        return [float(leaf) for leaf in value.values()]
    if isinstance(value, list):
        return [float(leaf) for leaf in value]
    return [float(value)] if isinstance(value, int | float) else []


def series_amounts(lane: Lane, keys: Sequence[str]) -> Iterator[Amount]:
    """Series in yuan of a lane that stand still to the horizon and are made of none of the amounts of the law.

    Parameters
    ----------
    keys : parameters of the law that are amounts of the region
    """
    years = lane.inputs.years
    rows = dict(zip(PATH_NAMES, lane.inputs.paths, strict=True))
    for name, values in rows.items():
        row = SERIES[name]
        if row.unit not in MONEY or row.source in MADE_BY_THE_ENGINE or set(row.law) & set(keys):
            continue
        since = flat_since(values)
        gates = LEVER_ROWS[name].acts_where if name in LEVER_ROWS else ()
        acts = not gates or any(rows[gate][-1] != 0.0 for gate in gates if gate in rows)
        if since is not None and acts:
            day = datetime.date(int(years[since]), 1, 1)
            yield Amount(name, "series", "projection", row.unit, float(values[-1]), day, int(years[-1]), row.source)


def flat_since(values: np.ndarray) -> int | None:
    """Position from which a series stands still above zero to its end, long enough to count; None where it does not.

    Examples
    --------
    >>> flat_since(np.array([1.0, 2.0, *[3.0] * 11])), flat_since(np.array([*[1.0] * 11, 2.0]))
    (2, None)
    """
    if not values[-1] > 0.0:
        return None
    other = np.flatnonzero(values != values[-1])
    since = int(other[-1]) + 1 if other.size else 0
    return since if values.size - since > min(FLAT_YEARS, values.size - 1) else None


@dataclass(frozen=True)
class Place:
    """The amounts of one region of one scenario and the prices that erode them."""

    scenario: str
    region: str
    amounts: tuple[Amount, ...]
    prices: Prices


def places_of(result: Result) -> list[Place]:
    """Amounts and prices of every region of a run, those of a partitioned city after its areas."""
    lanes = {(lane.scenario.key, lane.basis.region): lane for lane in result.lanes}
    laws: dict[str, LawTree] = {}
    found = []
    for key, basis in bases_of(result):
        own = next(lane for lane in result.lanes if lane.scenario.key == key)
        if key not in laws:
            laws[key] = scenario_law(own.scenario, result.law)
        law, years = laws[key], own.inputs.years
        amounts = list(law_amounts(law, basis.region, years))
        if (key, basis.region) in lanes:
            amounts += series_amounts(lanes[key, basis.region], [amount.key for amount in amounts])
        found.append(Place(key, basis.region, tuple(amounts), prices_of(basis, law, own.scenario, years)))
    return found


# --- the table --------------------------------------------------------------------------------------------------------

COLUMNS = (
    *("scenario", "region", "amount", "kind", "used", "unit", "date", "until", "value", "eroded_year", "plan_year"),
    *("worth_plan", "real_plan", "end_year", "worth_end", "real_end", "reference"),
)


def erosion_table(places: Sequence[Place], plan_years: Mapping[str, int | None]) -> pd.DataFrame:
    """Every amount of every region, when it has lost `LOST` of its real value, and what it is worth.

    Parameters
    ----------
    plan_years : last year of the rows of the plan of each scenario; None where it has none

    Returns
    -------
    `COLUMNS`: `date` and `value` are the last dated ones, `until` the last year in which they are in force; `worth_...`
    is the real value over the nominal one [1] and `real_...` the amount in prices of the year of `date`, in the plan's
    year and at the end (`until`); a year is missing where it never comes or lies outside
    """
    import pandas as pd

    rows = []
    for place in places:
        for amount in place.amounts:
            plan = plan_years.get(place.scenario)
            plan = plan if plan is not None and amount.in_force(plan) and plan <= place.prices.last else None
            worths = [math.nan if at is None else place.prices.worth(amount.date, at) for at in (plan, amount.until)]
            eroded = place.prices.eroded_year(amount)
            rows.append((
                place.scenario, place.region, amount.key, amount.kind, amount.used, amount.unit,
                amount.date.isoformat(), amount.until, said(amount.value),
                math.nan if eroded is None else eroded, math.nan if plan is None else plan,
                worths[0], "" if plan is None else said(amount.value, worths[0]),
                amount.until, worths[1], said(amount.value, worths[1]), amount.reference,
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def said(value: Value, factor: float = 1.0) -> str:
    """A value as text, times a factor: labels and numbers of a table, six digits.

    Examples
    --------
    >>> said({"junior": 1000, "senior": 2000}, 0.7), said([100, 200]), said(150)
    ('junior 700, senior 1400', '100, 200', '150')
    """
    if isinstance(value, dict):
        return ", ".join(f"{label} {float(leaf) * factor:z.6g}" for label, leaf in value.items())
    return ", ".join(f"{number * factor:z.6g}" for number in numbers_of(value))


def eroded_at(places: Sequence[Place], scenario: str, region: str, year: int) -> list[Amount]:
    """Amounts of a region that the projection reads and that have lost `LOST` of their real value by a year."""
    found: list[Amount] = []
    for place in places:
        if (place.scenario, place.region) == (scenario, region) and year <= place.prices.last:
            found += [
                amount
                for amount in place.amounts
                if amount.used == USED["both"]
                and amount.in_force(year)
                and place.prices.worth(amount.date, year) <= 1.0 - LOST + ROUNDING
            ]
    return found
