"""What a projection gives: stocks, flows and measures, one row each (`results.csv`), and how they balance.

A stock belongs to an account, adds up from others, is part of the main statuses of people, or says why not; a flow
goes into an account or out of one; a measure balances nothing and says why. So the identities of a projection follow
from the rows (`simengine.judge.checks.identities`), and a flow that no identity holds is an error at import.
"""

from __future__ import annotations

from dataclasses import dataclass

from simengine.registry.axes import FUND, INCOME_ITEM, LABELS, OUTGO_ITEM
from simengine.registry.rows import read_rows

KINDS = ("stock", "flow", "measure")
ANY, POSITIVE = "any", "positive"
SUM, LARGEST = "sum", "largest"
EMPLOYEES = "employees"
"""Stands for the two pension funds of the employees' scheme together, in the place of a fund."""

OPEN_ACCOUNTS = ("campaigns",)
"""Accounts that hold nothing: what flows in flows out in the same year."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a projection.

    Attributes
    ----------
    kind : ``stock`` (dimension year_end), ``flow`` (year) or ``measure`` (year)
    hidden : whether the kernel keeps it for others and no result shows it
    axes : axes beside scenario, draw, region and time
    source : ``kernel`` (a row of its flows or stocks), ``label`` (made when lanes are labelled) or the series it shows
    sign : empty where no value is below zero; ``any``; ``positive`` where zero makes no sense either, as others are
        divided by it; or the labels of its own axes whose values may have any sign
    beyond_one : why values of unit 1 may exceed one; empty where they may not
    city : how a city follows from its areas: ``sum``; ``largest``; or the variable whose sum weights the mean, where
        the areas differ at all
    account : account a stock belongs to
    equals : what a stock adds up to: names, or one name, an axis and its first and last label
    main : ``+`` and ``-``: part of the main statuses of people; ``=``: of the people they add up to
    into, out_of : accounts, and items of a fund (``unemployment.benefits``), that a flow raises or lowers
    why : why no identity holds it
    """

    name: str
    kind: str
    hidden: bool
    axes: tuple[str, ...]
    unit: str
    source: tuple[str, ...]
    sign: tuple[str, ...]
    beyond_one: str
    city: str
    account: str
    equals: tuple[str, ...]
    main: str
    into: tuple[str, ...]
    out_of: tuple[str, ...]
    why: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.en or not self.zh:
            raise ValueError(f"{self.name} needs a kind out of {', '.join(KINDS)} and a meaning in both languages")
        held = (self.account, self.equals, self.main) if self.kind == "stock" else (self.into, self.out_of)
        if self.kind == "flow" and self.why:
            raise ValueError(f"{self.name} is a flow: name the account it goes into or comes out of, not a reason")
        if self.kind != "measure" and not any(held) and not self.why:
            raise ValueError(f"no identity holds the {self.kind} {self.name}")
        if self.kind == "flow" and not any(held):
            raise ValueError(f"no identity holds the flow {self.name}")
        if self.kind == "measure" and (any(held) or not self.why):
            raise ValueError(f"{self.name} is a measure: it balances nothing and says why")
        known = {ANY, POSITIVE} | {str(label) for axis in self.axes for label in LABELS[axis]}
        if not {*self.sign} <= known or (len(self.sign) > 1 and {*self.sign} & {ANY, POSITIVE}):
            raise ValueError(f"{self.name}: the sign is empty, {ANY}, {POSITIVE}, or labels of its axes")
        if self.beyond_one and self.unit != "1":
            raise ValueError(f"{self.name}: only what has the unit 1 may need a reason to exceed one")
        if not self.city or (self.city not in (SUM, LARGEST) and self.axes):
            raise ValueError(f"{self.name} needs to say how a city follows from its areas; no mean has own axes")

    @property
    def time(self) -> str:
        """Its dimension of time: ``year_end`` or ``year``."""
        return "year_end" if self.kind == "stock" else "year"

    @property
    def additive(self) -> bool:
        """Whether a city is the sum of its areas; amounts a head, rates and indices are not."""
        return self.city == SUM

    @property
    def signed(self) -> bool:
        """Whether some values may be below zero."""
        return bool(self.sign) and self.sign != (POSITIVE,)


ALL = read_rows("results.csv", Variable)
"""Every row by name, those of the kernels first, in their order."""

VARIABLES = {name: row for name, row in ALL.items() if not row.hidden}
"""Variables of a result, by name."""

FLOW_NAMES = tuple(name for name, row in ALL.items() if row.source == ("kernel",) and row.kind != "stock")
"""Flows and measures of the kernels, in the order of their positions."""

STOCK_NAMES = tuple(name for name, row in ALL.items() if row.source == ("kernel",) and row.kind == "stock")
"""Stocks of the kernels, in the order of their positions."""

SERIES_SHOWN = {name: row.source[1] for name, row in VARIABLES.items() if row.source[0] == "series"}
"""Variables that show a series of the lane, by name."""

ACCOUNTS = tuple(dict.fromkeys(row.account for row in VARIABLES.values() if row.account))
"""Accounts: stocks that flows move."""

ITEMS = tuple(f"{fund}.{item}" for fund in (*FUND, EMPLOYEES) for item in (*INCOME_ITEM, *OUTGO_ITEM))
"""Items of the funds that flows may add up to."""


def rounding(largest: float, unit: str) -> float:
    """How far the last bits of sums may put a value beyond its bound, in the unit of the variable.

    Parameters
    ----------
    largest : largest size of the variable in its region, over all years and cells

    Returns
    -------
    1e-12 of it (a double holds three digits more, which 75 years of additions use up), and at least a millionth of a
    person, yuan or year, or a thousandth of a millionth of a rate
    """
    return max(1e-12 * largest, 1e-9 if unit == "1" else 1e-6)


def _unbalanced() -> list[str]:
    """Accounts named by a flow that no stock holds, and accounts that no flow moves."""
    moved = {target for row in ALL.values() for target in (*row.into, *row.out_of)}
    unknown = moved - {*ACCOUNTS, *ITEMS, *OPEN_ACCOUNTS}
    return sorted(unknown | (set(ACCOUNTS) - moved))


def _unweighted() -> list[str]:
    """Variables whose city is a mean by what is no sum, or is counted by other axes."""
    means = {name: ALL.get(row.city) for name, row in VARIABLES.items() if row.city not in (SUM, LARGEST)}
    return [name for name, by in means.items() if by is None or by.hidden or not by.additive or by.signed or by.axes]


if _unweighted():
    raise ValueError(f"cities are means without a weight that adds up: {', '.join(_unweighted())}")
if _unbalanced():
    raise ValueError(f"accounts without stock or without flow: {', '.join(_unbalanced())}")
