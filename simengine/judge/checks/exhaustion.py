"""Exhaustion of the employees' pension funds under three subsidy conventions (model.md section 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simengine.engine.project import Result
from simengine.judge.checks.lanes import datasets_in_order
from simengine.judge.indicators import PENSION_FUND
from simengine.judge.time import first_year
from simengine.law.regions import load_regions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = (
    *("scenario", "region", "fund", "first_deficit", "no_subsidy", "constant_share"),
    *("first_need", "need_to_horizon"),
)


def exhaustion_table(result: Result) -> pd.DataFrame:
    """Years in which the balance of a pension fund falls below zero, by what budgets are assumed to pay.

    Regions without a pension fund of their own in law (cities, counties, areas) get no verdict and no row.

    Returns
    -------
    `COLUMNS`: first year whose balance falls (own account); first year end below zero without any subsidy, and with
    aid up to its months and the pool within its limits (own account); first year in which the minimum months need money
    beyond these, and the sum of that money to the horizon [yuan]; a year is missing where it never comes
    """
    import pandas as pd

    known = load_regions()
    rows = []
    for scenario, region, data in datasets_in_order(result):
        if known[region].holds_pension_fund:
            rows += [(scenario, region, fund, *years) for fund, years in _years(data)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _years(data: xr.Dataset) -> Iterator[tuple[str, tuple[float, ...]]]:
    for fund in PENSION_FUND:
        own = data["fund_balance"].sel(fund=fund)
        need = data["financing_need"].sel(fund=fund)
        yield (
            fund,
            (
                float(first_year(own.diff("year_end") < 0.0)),
                float(first_year(data["fund_balance_unaided"].sel(fund=fund) < 0.0)),
                float(first_year(own < 0.0)),
                float(first_year(need > 0.0)),
                float(need.sum()),
            ),
        )
