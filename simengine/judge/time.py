"""From year ends to years: opening, closing and mean stocks, ratios and growth.

Stocks carry the dimension ``year_end`` (n+1 labels, the opening first), flows ``year`` (n labels); a year's opening is
the year end before it. Other dimensions (scenario, draw, region, fund, ...) pass through unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.common.elementwise import root

if TYPE_CHECKING:
    from xarray import DataArray


def time_of(values: DataArray) -> str:
    """The time dimension of a stock (``year_end``) or of a flow (``year``)."""
    return "year_end" if "year_end" in values.dims else "year"


def closing(stock: DataArray) -> DataArray:
    """A stock at the end of each year: (..., year_end: n+1) becomes (..., year: n), in the unit of the stock."""
    return stock.isel(year_end=slice(1, None)).rename(year_end="year")


def opening(stock: DataArray) -> DataArray:
    """A stock at the start of each year: (..., year_end: n+1) becomes (..., year: n), in the unit of the stock."""
    return stock.isel(year_end=slice(None, -1)).rename(year_end="year").assign_coords(year=stock.year_end.values[1:])


def falls(stock: DataArray) -> DataArray:
    """Whether a stock is smaller at the end of a year than at its start, by year."""
    return closing(stock) < opening(stock)


def exposed(stock: DataArray) -> DataArray:
    """Mean of opening and closing stock, by year: persons exposed during the year, where the stock counts persons."""
    return 0.5 * (opening(stock) + closing(stock))


def ratio(numerator: DataArray, denominator: DataArray) -> DataArray:
    """Quotient of two arrays with the same time dimension; not a number where the denominator is not positive."""
    return (numerator / denominator).where(denominator > 0.0)


def share(part: DataArray, whole: DataArray) -> DataArray:
    """A part over its whole, with the same time dimension; not a number where there is neither.

    A part of nothing is infinite, so that the bounds of results find it (`simengine.judge.checks.bounds`).
    """
    return ratio(part, whole).where((whole > 0.0) | ~(part > 0.0), float("inf"))


def growth(series: DataArray, years: int = 1) -> DataArray:
    """Growth over a number of years [1], on the dimensions of the series; not a number in its first `years` labels."""
    return series / series.shift({time_of(series): years}) - 1.0


def annual(growth_over: DataArray, years: int) -> DataArray:
    """Growth over several years as a geometric mean rate a year [1]; the same bits on every processor."""
    return growth_over.copy(data=root(1.0 + growth_over.values, years)) - 1.0


def first_year(condition: DataArray) -> DataArray:
    """First label at which a condition holds: (..., time) becomes (...); not a number where it never does."""
    time = time_of(condition)
    return condition[time].where(condition).min(time).astype(float)


def lasting_year(condition: DataArray) -> DataArray:
    """First label from which a condition holds to the last one: (..., time) becomes (...); not a number without one."""
    time = time_of(condition)
    backwards = {time: slice(None, None, -1)}
    holds = condition.isel(backwards).astype(int).cumprod(time)  # 1 from the end back to the last gap
    return first_year(holds.isel(backwards) > 0)
