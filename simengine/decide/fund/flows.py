"""Cash flows of a fund by year: figures of some years, straight lines between them, and everything wrong with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.errors import FundError, SimengineError, raise_all
from simengine.common.messages import Words, shown

if TYPE_CHECKING:
    import pandas as pd

YEARS = 200
"""Most years of a fund."""

LARGEST_RATE = 0.5
"""A yearly return or a volatility beyond it is taken for a slip of unit."""

SMALLEST_PERCENT = 0.002
"""Rates in per cent that are all below it are taken for parts of one."""

REQUIRED = ("contributions", "benefits")
AMOUNTS = ("contributions", "other", "benefits", "other_outgo", "base")
RATES = ("return", "volatility")
COLUMNS = (*AMOUNTS, *RATES)
"""Columns with one figure a year; `opening` beside them has one figure, in the row of the first year."""

SIGNED = ("other", "return")
"""Columns that may be below zero."""

UNIT_SIZES = (1.0, 1e4, 1e8)
"""Yuan of the units in which a table may state money."""

Knots = Mapping[str, Mapping[int, float]]
"""Column -> year -> figure in base units [yuan/year, 1/year, 1]."""

Place = Callable[[str, int], str]
"""Place of a figure, by column and year, for messages."""


@dataclass(frozen=True)
class Flows:
    """Flows of one fund in every year from the first to the last.

    Attributes
    ----------
    years : calendar years, each one more than the one before
    given : the years that were stated; the others lie on straight lines
    opening : fund at the start of the first year [yuan]
    contributions : paid by or for members [yuan/year]
    other_income : subsidies and other income [yuan/year]
    benefits : paid to members [yuan/year]
    other_outgo : everything else that is paid [yuan/year]; other income below zero is part of it
    base : contribution base, on which points of the rate are reckoned [yuan/year]; None where not stated
    returns : yearly return of the fund [1/year]; None where not stated
    volatility : standard deviation of the logarithm of 1 + return [1]; None where not stated
    unit, unit_size : unit in which money is shown, and its yuan
    remarks : what was read in its own way
    """

    years: np.ndarray
    given: tuple[int, ...]
    opening: float
    contributions: np.ndarray
    other_income: np.ndarray
    benefits: np.ndarray
    other_outgo: np.ndarray
    base: np.ndarray | None = None
    returns: np.ndarray | None = None
    volatility: np.ndarray | None = None
    unit: str = "yuan"
    unit_size: float = 1.0
    name: str = ""
    remarks: tuple[Words, ...] = field(default=())

    @property
    def outgo(self) -> np.ndarray:
        """Everything paid in a year [yuan/year]."""
        return np.asarray(self.benefits + self.other_outgo)

    @property
    def net(self) -> np.ndarray:
        """Income without return less outgo [yuan/year]."""
        return np.asarray(self.contributions + self.other_income - self.outgo)


def straight(knots: Mapping[int, float], years: np.ndarray) -> np.ndarray:
    """Figures of every year: those stated, and between two of them the straight line; flat beyond the ends.

    >>> straight({2025: 100.0, 2028: 130.0}, np.arange(2025, 2029)).tolist()
    [100.0, 110.0, 120.0, 130.0]
    """
    stated = sorted(knots)
    found = []
    for year in years.tolist():
        before = max((at for at in stated if at <= year), default=stated[0])
        after = min((at for at in stated if at >= year), default=stated[-1])
        if after <= before:
            found.append(knots[before] if year >= before else knots[after])
        else:
            found.append(knots[before] + (knots[after] - knots[before]) * (year - before) / (after - before))
    return np.array(found, dtype=float)


def build(
    knots: Knots,
    opening: float,
    place: Place,
    *,
    unit: str = "yuan",
    unit_size: float = 1.0,
    name: str = "",
    remarks: tuple[Words, ...] = (),
) -> Flows:
    """Flows of every year from the figures of some.

    Raises
    ------
    FundError
        every figure that cannot be, at once, each with its place.
    """
    raise_all(faults_of(knots, place))
    given = tuple(sorted(knots["contributions"]))
    years = np.arange(given[0], given[-1] + 1)
    lines = {column: straight(values, years) for column, values in knots.items() if values}
    nothing = np.zeros(len(years))
    other = lines.get("other", nothing)
    return Flows(
        years, given, opening,
        contributions=lines["contributions"],
        other_income=np.maximum(other, 0.0) + 0.0,
        benefits=lines["benefits"],
        other_outgo=lines.get("other_outgo", nothing) + np.maximum(-other, 0.0),
        base=lines.get("base"),
        returns=lines.get("return"),
        volatility=lines.get("volatility"),
        unit=unit, unit_size=unit_size, name=name, remarks=remarks,
    )  # fmt: skip


def faults_of(knots: Knots, place: Place) -> list[SimengineError]:
    """Figures that cannot be: below zero, rates out of scale, too many years."""
    errors: list[SimengineError] = []
    for column, values in knots.items():
        for year, value in values.items():
            where = place(column, year)
            if not math.isfinite(value):
                errors.append(FundError("fund_blank", where=where, name=column, year=year))
            elif column not in SIGNED and value < 0.0:
                errors.append(FundError("fund_negative", where=where, name=column, value=shown(value)))
            elif column in RATES and abs(value) > LARGEST_RATE:
                said = f"{100.0 * value:z.6g}"
                errors.append(FundError("fund_rate", where=where, name=column, value=said))
            elif column == "base" and value == 0.0:
                errors.append(FundError("fund_base", where=where, year=year))
    given = sorted(knots.get("contributions", ()))
    if given and given[-1] - given[0] >= YEARS:
        count = given[-1] - given[0] + 1
        errors.append(FundError("fund_years", where=place("year", given[-1]), count=count, limit=YEARS))
    return errors


def flows_of(frame: pd.DataFrame, opening: float, *, name: str = "flows") -> Flows:
    """Flows from a table in Python.

    Parameters
    ----------
    frame : a column ``year`` and the columns ``contributions`` and ``benefits``; where wanted ``other``,
        ``other_outgo``, ``base`` [yuan/year], ``return`` and ``volatility`` [parts of one]; years may be left out
    opening : fund at the start of the first year [yuan]

    Raises
    ------
    FundError
        all that is wrong, at once, each with its line (the first row is line 2) and column.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"year": [2025, 2027], "contributions": [100.0, 120.0], "benefits": [90.0, 130.0]})
    >>> flows_of(frame, 50.0).net.tolist()
    [10.0, 0.0, -10.0]
    """
    from simengine.common.messages import near

    columns = [str(column) for column in frame.columns]
    known = ("year", *COLUMNS)
    errors: list[SimengineError] = [
        FundError("fund_heading", where=f"{name}, line 1", near=near(column, known), name=column)
        for column in columns
        if column not in known
    ]
    for column in ("year", *REQUIRED):
        if column not in columns:
            errors.append(FundError("fund_column_missing", where=f"{name}, line 1", name=column))
    raise_all(errors)
    lines: dict[int, int] = {}
    for line, year in enumerate(frame["year"].tolist(), 2):
        where = f"{name}, line {line}, column year"
        whole = isinstance(year, int | float) and year == year and float(year).is_integer()
        if not whole or not 1900 <= year <= 2300:
            errors.append(FundError("fund_year", where=where, value=str(year)))
        elif lines and int(year) <= max(lines):
            errors.append(FundError("fund_year_order", where=where, year=int(year), before=max(lines)))
        else:
            lines[int(year)] = line
    if not frame.shape[0]:
        errors.append(FundError("fund_no_rows", where=name))
    if not (isinstance(opening, int | float) and math.isfinite(opening)):
        errors.append(FundError("fund_opening_missing", where=name))
    raise_all(errors)
    knots: dict[str, dict[int, float]] = {column: {} for column in COLUMNS if column in columns}
    for column, figures in knots.items():
        for (year, line), value in zip(lines.items(), frame[column].tolist(), strict=True):
            if isinstance(value, bool) or not isinstance(value, int | float):
                errors.append(FundError("fund_number", where=f"{name}, line {line}, column {column}", value=str(value)))
            else:
                figures[year] = float(value)
    raise_all(errors)
    return build(knots, float(opening), lambda column, year: f"{name}, line {lines[year]}, column {column}", name=name)
