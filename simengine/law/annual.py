"""From dated values to one number a year.

``weighted``: the mean over the days of the year, 1 May 2019 counting for 245 of 365 days; ``start``: the value on
1 January; ``end``: the value on 31 December. Years after that of the last dated value follow the extension rule.

A lever replaces the law from its first date on. Until then the law goes on as without the lever, extension rule
included; the lever then holds until its own next value, also where the law itself would have ended.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np

from simengine.common.errors import LawError
from simengine.law.parameter import DatedValue, Parameter, value_in_force

KEPT = 64
"""Timelines and yearly numbers kept by one parameter."""


def annual_values(
    parameter: Parameter, years: Sequence[int], region: str | None, index: Mapping[str, np.ndarray] | None
) -> np.ndarray:
    """Numbers of one parameter by year.

    Parameters
    ----------
    parameter : a numeric parameter, table or not
    years : calendar years, ascending
    index : yearly index numbers by name, aligned with ``years``; needed only when the extension is ``indexed``

    Returns
    -------
    array (years, cells) in the parameter's unit; cells is 1 for a single number
    """
    name = parameter.extension.index if parameter.extension.rule == "indexed" else None
    path = None if index is None or name is None or name not in index else np.asarray(index[name], dtype=np.float64)
    key = ("annual", region, tuple(years), None if path is None else (path.shape, path.tobytes()))
    found: np.ndarray | None = parameter.made.get(key)
    if found is None:
        found = _annual_values(parameter, years, region, index)
        if len(parameter.made) >= KEPT:
            parameter.made.clear()
        parameter.made[key] = found
    return found.copy()


def _annual_values(
    parameter: Parameter, years: Sequence[int], region: str | None, index: Mapping[str, np.ndarray] | None
) -> np.ndarray:
    timeline = parameter.timeline(region)
    cells = max(len(parameter.labels), 1)
    begun = next((dated.date.year for dated in timeline if dated.lever), None)
    if begun is None:
        return _path(parameter, timeline, years, region, index, cells)
    law = parameter.enacted.timeline(region)
    result = _path(parameter, timeline, years, region, index, cells, first=begun)
    before = [row for row, year in enumerate(years) if year <= begun]
    result[before] = _path(parameter, law, years, region, index, cells, last=begun)[before]
    if before and years[before[-1]] == begun:
        first = before[-1]
        if begun <= law[-1].date.year:
            result[first] = _year_value(parameter, timeline, begun, region, cells)
        else:
            result[first] = _begun_year(parameter, timeline, begun, result[first])
    return result


def _path(
    parameter: Parameter,
    timeline: tuple[DatedValue, ...],
    years: Sequence[int],
    region: str | None,
    index: Mapping[str, np.ndarray] | None,
    cells: int,
    *,
    first: int = 0,
    last: int = 9999,
) -> np.ndarray:
    """Numbers of one timeline in the years first..last, zero in others [years, cells]."""
    result = np.zeros((len(years), cells))
    last_year = timeline[-1].date.year
    for row, year in enumerate(years):
        if first <= year <= min(last, last_year):
            result[row] = _year_value(parameter, timeline, year, region, cells)
    late = [row for row, year in enumerate(years) if last_year < year <= last]
    if late:
        result[late] = _extended(parameter, timeline, years, late, index, cells)
    return result


def _begun_year(parameter: Parameter, timeline: tuple[DatedValue, ...], year: int, law: np.ndarray) -> np.ndarray:
    """The year in which a lever begins after the last value of the law: its extension, then the lever [cells].

    Parameters
    ----------
    law : number of the law in the year, as if there were no lever
    """
    levered = [dated for dated in timeline if dated.lever and dated.date.year == year]
    opening, after = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
    if parameter.within_year == "end":
        return _cells(parameter, levered[-1], law.size)
    if parameter.within_year == "start":
        return _cells(parameter, levered[0], law.size) if levered[0].date == opening else law
    days = (after - opening).days
    total = law * ((levered[0].date - opening).days / days)
    for dated, until in zip(levered, [*(one.date for one in levered[1:]), after], strict=True):
        total += _cells(parameter, dated, law.size) * ((until - dated.date).days / days)
    return total


def _cells(parameter: Parameter, dated: DatedValue, cells: int) -> np.ndarray:
    value = dated.value
    if value is None:
        if parameter.null_value is None:
            raise LawError("law_ended", where=dated.where, key=parameter.key, day=dated.date)
        return np.full(cells, float(parameter.null_value))
    if isinstance(value, dict):
        return np.array([float(leaf) for leaf in value.values()])
    if isinstance(value, list):
        return np.array([float(leaf) for leaf in value])
    if isinstance(value, str):
        raise LawError("law_is_code", where=dated.where, key=parameter.key)
    return np.full(cells, float(value))


def _year_value(
    parameter: Parameter, timeline: tuple[DatedValue, ...], year: int, region: str | None, cells: int
) -> np.ndarray:
    first, after = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
    if parameter.within_year == "end":
        found = value_in_force(timeline, datetime.date(year, 12, 31))
        if found is None:
            raise parameter.too_early(datetime.date(year, 12, 31), timeline, region)
        return _cells(parameter, found, cells)
    found = value_in_force(timeline, first)
    if found is None:
        raise parameter.too_early(first, timeline, region)
    changes = [dated for dated in timeline if first < dated.date < after]
    if parameter.within_year == "start" or not changes:
        return _cells(parameter, found, cells)
    days = (after - first).days
    total = np.zeros(cells)
    for dated, until in zip([found, *changes], [*(c.date for c in changes), after], strict=True):
        since = max(dated.date, first)
        total += _cells(parameter, dated, cells) * ((until - since).days / days)
    return total


def _extended(
    parameter: Parameter,
    timeline: tuple[DatedValue, ...],
    years: Sequence[int],
    late: list[int],
    index: Mapping[str, np.ndarray] | None,
    cells: int,
) -> np.ndarray:
    rule, last = parameter.extension, timeline[-1]
    if last.value is None:
        return np.tile(_cells(parameter, last, cells), (len(late), 1))
    if rule.rule == "held" or (last.lever and rule.rule == "ended"):
        return np.tile(_cells(parameter, last, cells), (len(late), 1))
    if rule.rule == "ended":
        if parameter.null_value is None:
            raise LawError("law_ended", where=last.where, key=parameter.key, day=f"{last.date.year}-12-31")
        return np.full((len(late), cells), float(parameter.null_value))
    if rule.rule == "indexed":
        growth = _growth(parameter, last, years, index)
        extended: np.ndarray = growth[late][:, None] * _cells(parameter, last, cells)[None, :]
        return extended
    raise LawError("law_undriven", where=last.where, key=parameter.key, year=last.date.year, reason=rule.reason)


def _growth(
    parameter: Parameter, last: DatedValue, years: Sequence[int], index: Mapping[str, np.ndarray] | None
) -> np.ndarray:
    """Index of each year over the index of the last dated year, both moved back by the lag."""
    rule = parameter.extension
    name = rule.index or ""
    if index is None or name not in index:
        raise LawError("law_index_missing", where=last.where, key=parameter.key, name=name, year=last.date.year)
    path = np.asarray(index[name], dtype=float)
    if path.shape != (len(years),):
        raise ValueError(f'index "{name}" of {parameter.key} has the shape {path.shape} for {len(years)} years')
    position = {year: row for row, year in enumerate(years)}
    start = last.date.year - rule.lag
    if start not in position:
        raise LawError("law_index_late", where=last.where, key=parameter.key, name=name, year=start)
    growth = np.full(len(years), np.nan)
    for row, year in enumerate(years):
        if year - rule.lag in position:
            growth[row] = path[position[year - rule.lag]] / path[position[start]]
    return growth
