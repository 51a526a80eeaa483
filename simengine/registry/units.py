"""Units of law values, indicators and targets, with the range a number in that unit may plausibly have.

A range is wide enough for any legal choice and narrow enough to catch a slip of unit: 16 for a contribution rate in
unit ``1`` (meant as 16 %) is outside [0, 1] and refused. A law file may narrow or widen it with ``range: [low, high]``.
"""

from __future__ import annotations

from dataclasses import dataclass

from simengine.common.errors import SimengineError
from simengine.common.messages import near


@dataclass(frozen=True)
class Unit:
    """One unit: its symbol, the plausible range and what it means. ``low``/``high`` are None for text."""

    symbol: str
    low: float | None
    high: float | None
    meaning: str

    @property
    def numeric(self) -> bool:
        """True when values are numbers."""
        return self.low is not None

    def holds(self, value: float) -> bool:
        """True when ``value`` lies in the plausible range (never for text units)."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


_ALL = (
    Unit("1", 0.0, 1.0, "share, probability or rate, 0.16 for 16 %"),
    Unit("ratio", 0.0, 100.0, "result over result; may exceed 1"),
    Unit("multiple", 0.0, 200.0, "number of times a named base"),
    Unit("percent", -100.0, 1_000.0, "per hundred, as printed in plans"),
    Unit("percentage point", -100.0, 100.0, "difference of two percentages"),
    Unit("per mille", 0.0, 1_000.0, "per thousand"),
    Unit("month", 0.0, 1_200.0, "length or age in months"),
    Unit("year", 0.0, 150.0, "length or age in years"),
    Unit("calendar year", 1_900.0, 2_300.0, "year of the calendar"),
    Unit("calendar month", 22_800.0, 27_600.0, 'month, written "1965-01", stored as 12·year + month - 1'),
    Unit("yuan", 0.0, 100_000_000.0, "money, one amount"),
    Unit("yuan/month", 0.0, 1_000_000.0, "money each month"),
    Unit("yuan/year", 0.0, 10_000_000.0, "money each year"),
    Unit("100m yuan", -10_000_000.0, 10_000_000.0, "hundred million yuan, the unit of fund tables"),
    Unit("10k yuan", -1_000_000_000.0, 1_000_000_000.0, "ten thousand yuan"),
    Unit("person", 0.0, 3_000_000_000.0, "head count"),
    Unit("10k persons", 0.0, 300_000.0, "ten thousand persons, the unit of plan tables"),
    Unit("count", 0.0, 1_000_000_000.0, "number of things"),
    Unit("index", 0.0, 1_000.0, "contribution index or index number"),
    Unit("level", 0.0, 100.0, "place on an ordered scale"),
    Unit("code", None, None, "a short word out of a stated list"),
)

UNITS: dict[str, Unit] = {unit.symbol: unit for unit in _ALL}
"""Every unit by its symbol."""

MONEY = ("yuan", "yuan/month", "yuan/year", "100m yuan", "10k yuan")
"""Units of money: an amount in one of them loses real value as prices rise."""

WORDS_ZH = {
    "month": "月",
    "year": "年",
    "calendar year": "年份",
    "calendar month": "年月",
    "yuan": "元",
    "yuan/month": "元/月",
    "yuan/year": "元/年",
    "person": "人",
}
"""Units of series, constants and variables in Chinese; the others are written alike."""


def in_words(symbol: str, lang: str) -> str:
    """A unit as a reader of a language writes it; a share or a ratio is 1 in both.

    >>> in_words("yuan/month", "zh"), in_words("yuan/month", "en")
    ('元/月', 'yuan/month')
    """
    return WORDS_ZH.get(symbol, symbol) if lang == "zh" else symbol


@dataclass(frozen=True)
class Printed:
    """How tables for readers print a quantity: the unit in two languages, its size in base units, and decimals."""

    en: str
    zh: str
    factor: float
    decimals: int

    def word(self, lang: str) -> str:
        """The unit in one language."""
        return self.zh if lang == "zh" else self.en


PRINTED: dict[str, Printed] = {
    "万人": Printed("10k persons", "万人", 1e4, 2),
    "亿元": Printed("100m yuan", "亿元", 1e8, 2),
    "亿元/月": Printed("100m yuan/month", "亿元/月", 1e8, 2),
    "元/月": Printed("yuan/month", "元/月", 1.0, 1),
    "元/年": Printed("yuan/year", "元/年", 1.0, 1),
    "%": Printed("%", "%", 1e-2, 2),
    "%/年": Printed("% a year", "%/年", 1e-2, 2),
    "‰": Printed("per mille", "‰", 1e-3, 2),
    "月": Printed("months", "月", 1.0, 1),
    "年": Printed("year", "年", 1.0, 1),
    "1": Printed("1", "1", 1.0, 4),
}
"""Units of tables, by their Chinese word: the ones in which bureaus and plans print."""

IN_TABLES = {"person": "万人", "yuan": "亿元", "yuan/month": "元/月", "yuan/year": "元/年", "month": "月", "year": "年"}
"""Unit of a table for a base unit; an unnamed one is printed as it is."""


def printed(unit: str, plan_unit: str = "", *, total: bool = False) -> Printed:
    """The unit in which a quantity is printed.

    Parameters
    ----------
    unit : base unit
    plan_unit : unit in which plans print it, where they do
    total : whether it adds up over people: a monthly amount of all pensions is printed in hundred millions

    >>> printed("person").zh, printed("1", "%").factor, printed("yuan/month", total=True).en
    ('万人', 0.01, '100m yuan/month')
    """
    if total and unit == "yuan/month":
        return PRINTED["亿元/月"]
    return PRINTED[plan_unit or IN_TABLES.get(unit, unit)]


def as_it_is(unit: str) -> Printed:
    """The base unit itself, as a unit of a table.

    >>> as_it_is("person")
    Printed(en='person', zh='人', factor=1.0, decimals=0)
    """
    decimals = {"1": 6, "person": 0, "yuan": 0}.get(unit, 1)
    return Printed(in_words(unit, "en"), in_words(unit, "zh"), 1.0, decimals)


EVIDENCE = (
    "verified",
    "secondary",
    "memory",
    "assumption",
    "seed",
    "published",
    "recalled",
    "computed",
    "derived",
)
"""How well a number is known: read in the statute text, found in a second-hand source, recalled without a source,
chosen by the modeller, printed in a plan, published by a statistical office, recalled from a bulletin,
arithmetic on such numbers, or estimated from them."""


def unit(symbol: str, *, where: str = "") -> Unit:
    """The unit with this symbol.

    Raises
    ------
    SimengineError
        when the symbol is not in the table, naming the nearest one.
    """
    if symbol not in UNITS:
        raise SimengineError("unit_unknown", where=where, near=near(symbol, UNITS), name=symbol, known=", ".join(UNITS))
    return UNITS[symbol]


def month_index(text: str) -> int | None:
    """``"1965-01"`` as 12·year + month - 1; None when the text is not a month of the calendar.

    Examples
    --------
    >>> month_index("2025-01")
    24300
    """
    parts = text.split("-")
    if len(parts) != 2 or len(parts[0]) != 4 or len(parts[1]) != 2 or not all(part.isdigit() for part in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return 12 * year + month - 1 if 1 <= month <= 12 else None
