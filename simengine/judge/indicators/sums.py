"""Sums that several indicators and checks take: over axes, statuses and funds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simengine.registry.axes import OUTGO_ITEM

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


def passed_inside(data: Dataset) -> DataArray:
    """Payments between the localities of a province and the adjustment fund it runs, by fund and year [yuan].

    Both ends of each stand in the ledger of the province's own fund, so they are no income and no outgo of the whole.
    """
    up = data["income"].sel(income_item="from_below", drop=True)
    return up + data["outgo"].sel(outgo_item="to_below", drop=True)


def outgo_of(data: Dataset) -> DataArray:
    """Outgo of the year by fund, all items but what is passed inside the fund [yuan]."""
    return data["outgo"].sel(outgo_item=list(OUTGO_ITEM)).sum("outgo_item") - passed_inside(data)


def of_funds(money: DataArray, *funds: str) -> DataArray:
    """Money of several funds together; the dimension ``fund`` goes."""
    return money.sel(fund=list(funds)).sum("fund")
