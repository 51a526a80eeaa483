"""What counts as a failure of a scenario, and how far a run is from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from simengine.decide.stress.batch import Judged
from simengine.judge.quantities.select import label_word
from simengine.judge.targets.rows import Target

JUDGED = ("met", "missed")
"""Verdicts that a projection decides."""


@dataclass(frozen=True, eq=False)
class Failure:
    """What counts as a failure: a missed row of the plan, or a fund below zero at a year end before a year.

    Attributes
    ----------
    text : as it was asked for
    """

    text: str
    row: Target | None = None
    fund: str = ""
    before: int = 0

    def name(self, lang: str) -> str:
        """What it is called."""
        if self.row is not None:
            return self.row.name_local if lang == "zh" else self.row.name_en
        return label_word("fund", self.fund, lang)

    @property
    def until(self) -> int:
        """Last year that decides it."""
        return self.before - 1 if self.row is None else self.row.year

    @property
    def goal(self) -> str:
        """What must hold for it not to come about: the goal of the row with its unit; a balance in yuan."""
        if self.row is None or self.row.target is None:
            return ">= 0 yuan" if self.row is None else ""
        return f"{self.row.target.operator} {self.row.target.printed} {self.row.unit}".strip()

    def figure(self, found: Judged, place: int) -> float:
        """What is held against the goal [unit of the row, or yuan: the lowest balance]."""
        if self.row is None:
            return found.lowest(place, self.fund, self.before)
        projected = found.verdicts[place][self.row.id].projected
        return math.nan if projected is None else projected

    def margin(self, found: Judged, place: int) -> float:
        """How far a scenario is from failing: below zero it fails [unit of the row, or yuan]."""
        if not found.possible[place]:
            return math.nan
        if self.row is None:
            return found.lowest(place, self.fund, self.before)
        verdict = found.verdicts[place][self.row.id]
        if verdict.verdict not in JUDGED:
            return math.nan
        return _from_edge(self.row, verdict.verdict == "met", verdict.projected)


def _from_edge(row: Target, met: bool, projected: float | None) -> float:
    """Distance of an unrounded figure from where its rounding meets the goal; the verdict alone where there is no edge.

    A figure is rounded half up to the decimals of the goal before it is compared, so that the edge of ``>=`` lies half
    a unit of the last digit below it.
    """
    goal = row.target
    if goal is not None and projected is not None and goal.operator in (">=", "<="):
        half = float(Decimal(5).scaleb(-goal.decimals - 1))
        edge = float(goal.exact) + (-half if goal.operator == ">=" else half)
        away = projected - edge if goal.operator == ">=" else edge - projected
        if (away > 0.0) == met:
            return away
    return 1.0 if met else -1.0
