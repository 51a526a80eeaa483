"""What a lane reads: yearly series, constants and tables, one row each (`series.csv`, `constants.csv`, `tables.csv`).

Who reads each parameter of the law stands in `law.csv`.

The order of the rows gives the positions inside the kernels. Where a quantity comes from, what it may be, which law
parameters it rests on and whether a lever may move it is said here and nowhere else.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from simengine.registry.rows import read_rows

BOUNDS: dict[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "rate": (-0.5, 0.5),
    "signed": (-math.inf, math.inf),
    "flag": (0.0, 1.0),
    **dict.fromkeys(("amount", "heads", "factor", "index", "age", "whole"), (0.0, math.inf)),
}
"""Kind of an input -> the least and the largest value it may take.

``share``: share, rate or probability; ``rate``: yearly rate that may be negative; ``signed``: an amount of either sign;
``amount``: money; ``heads``: persons or person-years; ``factor``: ratio, multiple, months or years; ``index``: level
that is carried on by growth; ``age``: age or calendar year; ``whole``: whole number of years; ``flag``: one or zero.
"""

SERIES_SOURCES = ("basis", "law", "previous", "lever", "derived", "region", "feeds", "aside")
LAW_USES = ("lane", "case", "both", "none")
CONSTANT_SOURCES = ("basis", "law", "given", "aside", "retired")


@dataclass(frozen=True, slots=True)
class Series:
    """One yearly series.

    Attributes
    ----------
    kind : key of `BOUNDS`
    unknown : whether not-a-number is a value and means "not known"
    source : ``basis`` (values and rules of the basis), ``law`` (one parameter of the law), ``previous`` (another series
        one year earlier), ``lever`` (neutral until a lever sets it), ``derived`` (made of several of these),
        ``region`` (derived, of regions below the nation alone: zero for the nation, which has nothing above it); no
        kernel reads ``aside`` (a table does) and ``feeds`` (other series follow from it)
    law : parameters of the law it is made of
    follows : series it follows by rule of the engine; a rule of the basis stands in the basis
    instead_of : parameters of the law that no code reads because this series stands for them
    """

    name: str
    kind: str
    unknown: bool
    unit: str
    source: str
    law: tuple[str, ...]
    follows: tuple[str, ...]
    instead_of: tuple[str, ...]
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.kind not in BOUNDS or self.source not in SERIES_SOURCES:
            raise ValueError(f"{self.name}: kind {self.kind} or source {self.source} is unknown")
        if not self.en or not self.zh:
            raise ValueError(f"{self.name} has no meaning in one of the two languages")
        if (self.source == "law") != (len(self.law) == 1 and self.source not in ("derived", "region")):
            raise ValueError(f"{self.name}: source {self.source} with the law parameters {self.law}")

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and largest value."""
        return BOUNDS[self.kind]

    @property
    def signed(self) -> bool:
        """Whether values below zero are allowed."""
        return self.bounds[0] < 0.0


@dataclass(frozen=True, slots=True)
class Constant:
    """One constant of a lane or of its basis.

    Attributes
    ----------
    source : ``basis``, ``law`` (parameters in `law`), ``given`` (by the horizon); ``aside`` is read by a table, a
        series or the opening, and by no kernel; ``retired`` stands in kept bases, and nothing reads it any more
    fixed : why no lever may change it, empty if one may. ``history``: it acts before any opening alone; ``basis``: the
        basis has turned it into a table or series; ``given``: it follows from law or horizon; ``law``: retired, the
        parameters in `law` say it
    """

    name: str
    kind: str
    unit: str
    source: str
    law: tuple[str, ...]
    fixed: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.kind not in BOUNDS or self.source not in CONSTANT_SOURCES:
            raise ValueError(f"{self.name}: kind {self.kind} or source {self.source} is unknown")
        if self.fixed not in ("", "history", "basis", "given", "law"):
            raise ValueError(f"{self.name}: reason {self.fixed} is unknown")
        if (self.source == "retired") != (self.fixed == "law") or (self.fixed == "law" and not self.law):
            raise ValueError(f"{self.name}: a retired constant names the law that says it now")
        if not self.en or not self.zh:
            raise ValueError(f"{self.name} has no meaning in one of the two languages")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a lane, its axes and the law parameters it is made of."""

    name: str
    axes: tuple[str, ...]
    unit: str
    law: tuple[str, ...]
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class LawKey:
    """Who reads a parameter of the law.

    Attributes
    ----------
    use : ``lane`` (the projection), ``case`` (the calculation for one person), ``both``, or ``none``
    read_on : a projection reads it on one day alone: ``opening`` or a date; ``reform``: once for the whole rise of the
        retirement age; ``statutory``: by the year of a person's statutory month; else empty
    en, zh : why no projection reads it, empty where one does
    """

    key: str
    use: str
    read_on: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.use not in LAW_USES:
            raise ValueError(f"{self.key}: use {self.use} is unknown")
        if self.projected == bool(self.en) or bool(self.en) != bool(self.zh):
            raise ValueError(
                f"{self.key}: a reason in both languages stands where no projection reads it, and only there"
            )
        if self.read_on and not self.projected:
            raise ValueError(f"{self.key}: read on {self.read_on} by no projection")

    @property
    def projected(self) -> bool:
        """Whether a projection reads it."""
        return self.use in ("lane", "both")


SET_ALONE = ("level", "paused", "rate")
"""Reasons for which a lever may only set a series."""

NO_OPERATION = ("source", "births", "campaign", "index", "growth", "pressure", "reference", "rest")
"""Reasons for which no lever may move a series at all."""


@dataclass(frozen=True, slots=True)
class LeverRow:
    """What a lever on a series cannot do, or does in a way of its own; a series without a row takes every operation.

    Attributes
    ----------
    refused : why some operation is refused; empty: nothing is. ``level``: the series is not known in later years, only
        ``set`` has a meaning, growth is stated under ``coverage_growth``; ``paused``: the same, and what moves it
        is the payment rate; ``rate``: the same, and a growth has no
        meaning. The others take no operation: ``source`` is another series a year earlier, the lever belongs on that
        one; ``births`` follow from fertility; ``campaign`` is more than its number and is stated under ``campaigns``;
        ``index`` carries a level on and ``growth`` adds to it, whose growth is stated; ``pressure``: the lever belongs
        on the pressure it is made of; ``reference`` keeps the unchanged law, from which a lever
        is measured; ``rest`` is what other parts leave of one
    shared_by : opening figure by which a number of a city is shared over its areas, for persons and sums of money
    positive : whether zero is no value either: other quantities are divided by the series
    acts_where : series, or ``price_subsidy`` (the years in which it is paid), without which this one has no effect
    """

    name: str
    refused: str
    shared_by: str
    acts_where: tuple[str, ...]
    positive: bool

    def __post_init__(self) -> None:
        if self.refused not in ("", *SET_ALONE, *NO_OPERATION):
            raise ValueError(f"{self.name}: reason {self.refused} is unknown")

    def takes(self, operation: str) -> bool:
        """Whether a lever may use an operation on the series."""
        return not self.refused or (self.refused in SET_ALONE and operation == "set")


SERIES = read_rows("series.csv", Series)
"""Every series by name, those of the kernels first, in their order."""

CONSTANTS = read_rows("constants.csv", Constant)
"""Every constant by name, those of the kernels first, in their order."""

LEVER_ROWS = read_rows("levers.csv", LeverRow)
"""What levers on single series cannot do, by name of the series."""

TABLES = read_rows("tables.csv", Table)
"""Every table of a lane by name."""

PATH_NAMES = tuple(name for name, row in SERIES.items() if row.source not in ("feeds", "aside"))
"""Series of the kernels, in the order of their positions."""

LEVER_SERIES = tuple(name for name in SERIES if name not in LEVER_ROWS or LEVER_ROWS[name].takes("set"))
"""Series that a lever may move, by one operation at least."""

ASIDE_SERIES = tuple(name for name, row in SERIES.items() if row.source == "aside")
"""Series that the tables of a lane read."""

CONSTANT_NAMES = tuple(name for name, row in CONSTANTS.items() if row.source not in ("aside", "retired"))
"""Constants of the kernels, in the order of their positions."""

LAW_SERIES = {name: row.law[0] for name, row in SERIES.items() if row.source == "law"}
"""Series that are one parameter of the law, by name."""

PREVIOUS = {name: row.follows[0] for name, row in SERIES.items() if row.source == "previous"}
"""Series that are another one a year earlier, by name."""

REGION_SERIES = frozenset(name for name, row in SERIES.items() if row.source == "region")
"""Series that only regions below the nation have: payments between a region and what stands above it."""

REGION_KEYS = frozenset(key for name in REGION_SERIES for key in SERIES[name].law)
"""Law parameters of these series: a lever on them moves nothing of the nation."""

COVERAGE_INDEX = {row.follows[0]: name for name, row in SERIES.items() if row.kind == "index" and row.follows}
"""Coverage levels that an index carries on after their last known value.

A growth multiplies both by the same factor: the kernel takes the ratio of the two at the last known level.
"""

COVERAGE_GROWTH = {row.follows[0]: name for name, row in SERIES.items() if row.source == "lever" and row.follows}
"""Coverage levels that entries carry on, each with the series of growth that a lever adds to them."""

PRESSURES = tuple(SERIES[f"entry_odds_{level.removesuffix('_payers')}"].follows[0] for level in COVERAGE_GROWTH)
"""Series of the pressure at which people enter: solved for a known level, never observed."""

GROWN = (*COVERAGE_GROWTH, *COVERAGE_INDEX)
"""Coverage levels a growth may be stated for."""

LEVEL_SERIES = tuple(name for name, row in LEVER_ROWS.items() if row.refused in ("level", "paused"))
"""Coverage levels: unknown after their last known year, from which the kernels go on."""

FIXED = {name: row.fixed for name, row in CONSTANTS.items() if row.fixed}
"""Constants that no scenario or lever can change, with the reason; every other constant acts on the projection."""

READ_KEYS = frozenset(key for table in (SERIES, CONSTANTS, TABLES) for row in table.values() for key in row.law)
"""Every law parameter that the compilation of a lane reads, in some region."""

LAW_KEYS = read_rows("law.csv", LawKey)
"""Every parameter of the law by key: who reads it, or why no projection does."""

_UNLIKE = READ_KEYS ^ {key for key, row in LAW_KEYS.items() if row.projected}
if _UNLIKE:
    raise ValueError(f"law.csv and the rows of series, constants and tables differ on {', '.join(sorted(_UNLIKE))}")

READ_ON = {
    key: None if row.read_on == "opening" else datetime.date.fromisoformat(row.read_on)
    for key, row in LAW_KEYS.items()
    if row.read_on not in ("", "reform", "statutory")
}
"""Law parameters read on one day: a lever that begins later cannot act. None: read once, as of the opening."""

REFORM_DAY = datetime.date(2025, 1, 1)
"""First day of the gradual rise of the retirement age (Standing Committee decision of 2024-09-13, art. 1)."""

REFORM_KEYS = frozenset(key for key, row in LAW_KEYS.items() if row.read_on == "reform")
"""Law parameters that shape the path of the statutory age as a whole: a later date would move earlier years."""

STATUTORY_KEYS = frozenset(key for key, row in LAW_KEYS.items() if row.read_on == "statutory")
"""Law parameters that count by the year of a person's statutory month; members plan by a lever from its first year."""

DAY_KEYS = frozenset(key for key in LAW_KEYS if key.startswith("economy/minimum_wage_class"))
"""Law parameters of which a lane reads the days of change alone; their level is a series of the basis."""

LEVER_KEYS = READ_KEYS - {key for key, day in READ_ON.items() if day is None}
"""Law parameters that a lever may change."""

SERIES_INSTEAD = {key: name for name, row in SERIES.items() for key in row.instead_of}
"""Yearly series that stand for a parameter no code reads: what `paths:` of a lever can move in its place."""
