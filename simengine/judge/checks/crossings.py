"""Crossings of zero of a balance, and how a file holds them; drawing imports nothing heavier for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Crossing:
    """One change of sign of a balance.

    Attributes
    ----------
    year : year end at which the balance is first on the other side of zero
    below : whether it is below zero from then on
    lasting : whether it stays below zero up to the horizon
    at_start : it lies below zero where the judgement starts: when it fell is history
    """

    year: int
    below: bool
    lasting: bool = False
    at_start: bool = False

    @property
    def code(self) -> str:
        """The crossing as a file holds it: ``below 2049 lasting``."""
        words = ["below" if self.below else "above", str(self.year)]
        return " ".join([*words, *(["lasting"] if self.lasting else []), *(["at start"] if self.at_start else [])])


def crossings(balance: xr.DataArray, since: int) -> list[Crossing]:
    """Every crossing of zero of a balance after a year end, in order; a balance of zero is not below zero.

    Parameters
    ----------
    balance : year ends of one fund [yuan; year_end]
    since : year end at which the judgement starts; a crossing up to it is history. A balance that lies below zero
        there is told as such
    """
    judged = balance.sel(year_end=slice(since, None))
    found: list[Crossing] = []
    above = True
    for year, below in zip(judged.year_end.values.tolist(), (judged < 0.0).values.tolist(), strict=True):
        if below == above:
            found.append(Crossing(int(year), below, at_start=below and int(year) == since))
            above = not below
    if found and found[-1].below:
        last = found[-1]
        found[-1] = Crossing(last.year, below=True, lasting=True, at_start=last.at_start)
    return found


def crossings_of(codes: str) -> list[Crossing]:
    """The crossings that a cell of the table holds.

    Examples
    --------
    >>> [(one.year, one.below, one.lasting) for one in crossings_of("below 2026; above 2038")]
    [(2026, True, False), (2038, False, False)]
    """
    parts = [code.split(" ") for code in codes.split("; ") if code]
    return [Crossing(int(part[1]), part[0] == "below", "lasting" in part, "start" in part) for part in parts]
