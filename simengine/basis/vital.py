"""Levels of births and deaths over the national rates: those of the years with published counts, and how they go on.

``vital_levels.csv`` of a basis holds a factor on births and two on the force of mortality for each year with counts,
and how far the rates of the year lie above their path; its card says what comes after the last year that is known
(notes/population.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simengine.basis.files import Table
from simengine.common.errors import BasisError
from simengine.registry.axes import AGE

YOUNG, OLD = 55, 65
"""Ages up to and from which the levels of the young and of the old act whole; between them a straight line."""
COLUMNS = ("births", "deaths_young", "deaths_old", "un_above_path")
RULE = "births_level_one_in"
"""Key of the card: the year in which the level of births has returned to one."""


@dataclass(frozen=True)
class Vital:
    """Levels at calendar years [1; t]."""

    births: np.ndarray
    young: np.ndarray
    old: np.ndarray

    @classmethod
    def neutral(cls, size: int) -> Vital:
        """Levels of one in so many years."""
        return cls(np.ones(size), np.ones(size), np.ones(size))


def force_by_age(young: np.ndarray | float, old: np.ndarray | float) -> np.ndarray:
    """Factor on the force of mortality by age, for levels of any shape [1; ..., age].

    Examples
    --------
    >>> force_by_age(1.2, 0.8)[[0, 55, 60, 65, 100]].round(6).tolist()
    [1.2, 1.2, 1.0, 0.8, 0.8]
    """
    weight = np.clip((OLD - np.array(AGE, dtype=np.float64)) / (OLD - YOUNG), 0.0, 1.0)
    return np.asarray(np.multiply.outer(young, weight) + np.multiply.outer(old, 1.0 - weight))


def levels_at(table: Table, years: np.ndarray, known_until: int | None) -> Vital:
    """Levels at years, by what is known at the information date.

    One before the first year of the table, and everywhere where no year is known. After the last known year the levels
    of deaths are the mean of the known ones, each times what the rates of its year lie above their path without the
    epidemic, and that of births goes in a straight line to one in the year of the card.
    """
    stated = table.integers("year")
    if (np.diff(stated) != 1).any():
        raise BasisError("table_year_gap", where=str(table.path), name=table.name)
    known = stated if known_until is None else stated[stated <= known_until]
    level = Vital.neutral(years.size)
    if not known.size:
        return level
    rows = {name: table.numbers(name)[: known.size] for name in COLUMNS}
    first, last, end = int(known[0]), int(known[-1]), int(table.card[RULE])
    inside = (years >= first) & (years <= last)
    after = years > last
    place = years[inside] - first
    for values, name in zip((level.births, level.young, level.old), COLUMNS, strict=False):
        values[inside] = rows[name][place]
    for values, name in ((level.young, "deaths_young"), (level.old, "deaths_old")):
        values[after] = (rows[name] * rows["un_above_path"]).mean()
    left = np.clip((end - years[after]) / max(end - last, 1), 0.0, 1.0)
    level.births[after] = 1.0 + left * (rows["births"][-1] - 1.0)
    return level
