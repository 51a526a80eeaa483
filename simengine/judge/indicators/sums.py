"""Sums that several indicators and checks take: over axes, statuses and funds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

PENSION_FUND = ("enterprise_pension", "public_pension")
"""The two funds of the employees' scheme."""

KEPT = ("scenario", "draw", "region", "fund", "year_end", "year")
"""Dimensions an indicator may keep; every other axis is summed."""


def total(values: DataArray) -> DataArray:
    """Sum over every axis but scenario, draw, region, fund and time, in the unit of the values."""
    return values.sum([dim for dim in values.dims if dim not in KEPT])


def members_of(data: Dataset, *statuses: str) -> DataArray:
    """Members of the employees' scheme with one of the statuses, by year end [persons]."""
    return total(data["members"].sel(status=list(statuses)))


def registered(data: Dataset) -> DataArray:
    """Residents registered in the resident scheme who do not draw, paying or not, by year end [persons]."""
    return data["resident_contributors"] + data["resident_paused"]


def of_funds(money: DataArray, *funds: str) -> DataArray:
    """Money of several funds together; the dimension ``fund`` goes."""
    return money.sel(fund=list(funds)).sum("fund")
