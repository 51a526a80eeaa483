"""What a fund is asked to reach, and how far it is from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simengine.common.errors import FundError
from simengine.common.messages import near
from simengine.decide.fund.roll import over
from simengine.scenario.what_if import FULL_WIDTH, number

Kind = Literal["ratio", "lasts", "no_deficit", "constant_ratio", "balance"]
LOCAL: dict[str, Kind] = {
    "基金率": "ratio", "不耗尽": "lasts", "无当期缺口": "no_deficit", "基金率稳定": "constant_ratio", "结余": "balance",
}  # fmt: skip
"""Goals as they are written in Chinese."""
KINDS: tuple[Kind, ...] = ("ratio", "lasts", "no_deficit", "constant_ratio", "balance")
WITH_AMOUNT = ("ratio", "constant_ratio", "balance")
LASTING_YEARS = 20
"""Last years over which the ratio of a default goal shall not fall."""


@dataclass(frozen=True)
class Goal:
    """One goal; whatever it is, no year end up to it may lie below zero.

    Attributes
    ----------
    kind : ``ratio``: fund ratio of the goal year at least `amount`; ``lasts``: no year end below zero; ``no_deficit``:
        the fund falls in no year from the first year of the mend on; ``constant_ratio``: the fund ratio of the goal
        year is not below that of `amount` years before; ``balance``: fund at the end of the goal year at least
        `amount` [yuan]
    """

    kind: Kind
    amount: float = 0.0

    @property
    def key(self) -> str:
        """The goal as it is written: ``ratio=1``, ``lasts``.

        >>> Goal("ratio", 1.0).key, Goal("lasts").key
        ('ratio=1', 'lasts')
        """
        return f"{self.kind}={self.amount:z.10g}" if self.kind in WITH_AMOUNT else self.kind

    @property
    def unit(self) -> str:
        """Unit of what `reached` returns: years of outgo or yuan."""
        return "1" if self.kind in ("ratio", "constant_ratio") else "yuan"

    def reached(self, balance: np.ndarray, outgo: np.ndarray, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """What the fund reaches, and by how much it passes the goal; a margin below zero misses it.

        Parameters
        ----------
        balance : V [yuan], year ends first, variants after; outgo : [yuan/year]
        first, last : places of the first year of the mend and of the goal year

        Returns
        -------
        the quantity of the goal in `unit`, and its margin [1]: the smaller one of the goal's own, and of the lowest
        year end over the mean outgo
        """
        size = scale_of(outgo)
        until = last + 1 if self.kind in ("ratio", "constant_ratio") else last + 2  # a ratio is that of the opening
        lowest = balance[1:until].min(axis=0, initial=np.inf)
        if self.kind in ("ratio", "constant_ratio"):
            ratio = over(balance[:-1], outgo)
            value = ratio[last] - (ratio[last - int(self.amount)] if self.kind == "constant_ratio" else 0.0)
            own = value - (self.amount if self.kind == "ratio" else 0.0)
        elif self.kind == "no_deficit":
            value = (balance[first + 1 : last + 2] - balance[first : last + 1]).min(axis=0)
            own = value / size
        else:
            value = lowest if self.kind == "lasts" else balance[last + 1]
            own = (value - self.amount) / size
        return value, np.minimum(own, lowest / size)

    def fault(self, years: np.ndarray, outgo: np.ndarray, first: int, last: int) -> FundError | None:
        """What keeps the goal from having a meaning on these flows; None where it has one."""
        window = [last]
        if self.kind == "constant_ratio":
            if self.amount > last:
                known = f"1-{last}" if last > 0 else "-"
                return FundError("fund_goal_window", name=self.key, known=known, year=int(years[last]))
            window.append(last - int(self.amount))
        if self.kind in ("ratio", "constant_ratio"):
            for place in window:
                if not outgo[place] > 0.0:
                    return FundError("fund_goal_outgo", name=self.key, year=int(years[place]))
        return None


def scale_of(outgo: np.ndarray) -> float:
    """Money by which margins are measured: the mean outgo, or one yuan where nothing is paid out [yuan]."""
    return float(outgo.mean()) or 1.0


def goal_of(text: str, unit_size: float = 1.0) -> Goal:
    """A goal as it is written on the command line, in either language; money in the unit of the table.

    >>> goal_of("ratio=2"), goal_of("不耗尽"), goal_of("结余=500", 1e8).amount
    (Goal(kind='ratio', amount=2.0), Goal(kind='lasts', amount=0.0), 50000000000.0)

    Raises
    ------
    FundError where the goal is unknown, or its number is missing or cannot be.
    """
    name, _, rest = text.translate(FULL_WIDTH).replace(" ", "").partition("=")
    kind = LOCAL.get(name, name)
    if kind not in KINDS:
        known = (*KINDS, *LOCAL)
        raise FundError("fund_goal", where="--goal", near=near(name, known), name=name)
    value = number(rest) if rest else None
    wrong = (kind in WITH_AMOUNT) != (value is not None) or (rest and value is None)
    if wrong or (value is not None and value < 0.0) or (kind == "constant_ratio" and value not in range(1, 201)):
        raise FundError("fund_goal_amount", where="--goal", value=text)
    return Goal(kind, float(value or 0.0) * (unit_size if kind == "balance" else 1.0))


def default_goals(last: int) -> tuple[Goal, ...]:
    """The goals of the Korean valuation, and that the fund lasts; a constant ratio over at most 20 years.

    Parameters
    ----------
    last : place of the goal year; in the first year a ratio cannot be constant
    """
    constant = (Goal("constant_ratio", float(min(LASTING_YEARS, last))),) if last > 0 else ()
    return (Goal("lasts"), Goal("ratio", 1.0), Goal("ratio", 2.0), Goal("ratio", 5.0), Goal("no_deficit"), *constant)
