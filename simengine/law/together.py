"""Dated values that are multiplied with each other and change inside one year or one month.

The product of two yearly means is not the mean of the product: it puts part of the old value of one beside the new
value of the other. Where the two make up one amount that an office sets anew, such as a benefit of so much per cent of
the minimum wage, what changes inside one calendar month acts together, from the later of the days.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

import numpy as np

from simengine.common.errors import LawError
from simengine.law.parameter import Parameter, value_in_force

Pieces = list[tuple[datetime.date, float]]
"""Numbers of one year, each from a day on; the first from 1 January."""


def coupling(
    parameters: Sequence[Parameter], years: np.ndarray, region: str | None, *, one_amount: bool = False
) -> np.ndarray:
    """Mean over the days of a year of a product, over the product of the yearly means [1; t].

    Exactly 1 in a year in which at most one of the parameters changes: then the product of the means is the mean.

    Parameters
    ----------
    parameters : single numbers that hold or are indexed by whole years after their last value
    one_amount : changes inside one calendar month act together, from the later day
    """
    dated = [{value.date.year for value in parameter.timeline(region)} for parameter in parameters]
    result = np.ones(len(years))
    for t, year in enumerate(years):
        if sum(int(year) in own for own in dated) > 1:
            result[t] = _of_year(parameters, int(year), region, one_amount)
    return result


def _of_year(parameters: Sequence[Parameter], year: int, region: str | None, one_amount: bool) -> float:
    plain = [pieces(parameter, year, region) for parameter in parameters]
    if sum(len(each) > 1 for each in plain) < 2 and not (one_amount and _begin_apart(parameters, year, region)):
        return 1.0
    means = math.prod(_mean(each, year) for each in plain)
    if means == 0.0:
        return 1.0
    own = [_moved(parameters, year, region, position) for position in range(len(plain))] if one_amount else plain
    days = sorted({day for each in own for day, _ in each})
    product = [(day, math.prod(_number_on(each, day) for each in own)) for day in days]
    return _mean(product, year) / means


def pieces(parameter: Parameter, year: int, region: str | None) -> Pieces:
    """Numbers of a parameter over the days of a year; one number unless the parameter is weighted by days."""
    first = datetime.date(year, 1, 1)
    timeline = parameter.timeline(region)
    opening = value_in_force(timeline, first)
    if opening is None:
        raise parameter.too_early(first, timeline, region)
    found = [(first, _number(parameter, opening.value, opening.where))]
    if parameter.within_year == "weighted":
        later = [dated for dated in timeline if dated.date.year == year and dated.date > first]
        found += [(dated.date, _number(parameter, dated.value, dated.where)) for dated in later]
    return [one for place, one in enumerate(found) if place == 0 or one[1] != found[place - 1][1]]


def _number(parameter: Parameter, value: object, where: str) -> float:
    if value is None and parameter.null_value is not None:
        return float(parameter.null_value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise LawError("law_is_table", where=where, key=parameter.key)
    return float(value)


def _number_on(numbers: Pieces, day: datetime.date) -> float:
    return [number for since, number in numbers if since <= day][-1]


def _mean(numbers: Pieces, year: int) -> float:
    """Mean over the days of a year."""
    after = datetime.date(year + 1, 1, 1)
    ends = [*(day for day, _ in numbers[1:]), after]
    days = (after - datetime.date(year, 1, 1)).days
    return math.fsum(
        number * (until - since).days for (since, number), until in zip(numbers, ends, strict=True)
    ) / float(days)


# --- one amount -------------------------------------------------------------------------------------------------------


def _changes(parameter: Parameter, year: int, region: str | None) -> Pieces:
    """Days of a year on which a number changes, 1 January among them, and what it changes to."""
    before = value_in_force(parameter.timeline(region), datetime.date(year - 1, 12, 31))
    found = pieces(parameter, year, region)
    if before is not None and _number(parameter, before.value, before.where) != found[0][1]:
        return found
    return found[1:]


def _begin_apart(parameters: Sequence[Parameter], year: int, region: str | None) -> bool:
    """Whether two of them change inside one month of the year on different days."""
    days = [day for parameter in parameters for day, _ in _changes(parameter, year, region)]
    return any(one.month == other.month and one != other for one in days for other in days)


def _moved(parameters: Sequence[Parameter], year: int, region: str | None, position: int) -> Pieces:
    """Numbers of one parameter, each change put off to the last day of its month on which any of them changes."""
    days = [day for parameter in parameters for day, _ in _changes(parameter, year, region)]
    last = {month: max(day for day in days if day.month == month) for month in {day.month for day in days}}
    own = parameters[position]
    found = pieces(own, year, region)
    changed = dict(_changes(own, year, region))
    first, number = found[0]
    if first in changed and last[1] != first:
        before = value_in_force(own.timeline(region), datetime.date(year - 1, 12, 31))
        number = _number(own, before.value if before is not None else None, own.where)
        found.insert(1, (first, found[0][1]))
    late = {last[day.month]: value for day, value in found[1:]}
    return [(first, number), *sorted(late.items())]
