"""The valuation of the pension funds that `simengine check` prints: summarised rates, balances, obligations, years."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from simengine.judge.indicators import Definitions, registry
from simengine.judge.indicators.actuarial import SPANS
from simengine.judge.indicators.sums import PENSION_FUND
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.law.regions import load_regions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = ("scenario", "region", "fund", "measure", "span", "year", "unit", "value")
RATES = ("income_rate", "cost_rate", "annual_balance_rate", "payable_share")
"""Measures of single years, told for the first, some later and the last year."""
SHOWN_YEARS = (2025, 2035, 2050, 2075)
SUMMARISED = ("summarised_income_rate", "summarised_cost_rate", "actuarial_balance")
DISCOUNT = "discount_rate"
"""Mean of the returns of a fund, by which its flows are discounted year by year."""
OBLIGATIONS = tuple(name for name in GIVES_VERDICT if registry()[name].unit == "yuan")


def valuation_table(
    projection: xr.Dataset, scenario: str, definitions: Definitions, unjudged: Collection[str]
) -> pd.DataFrame:
    """Actuarial measures of both pension funds of every region whose funds are judged.

    Parameters
    ----------
    projection : of one scenario on its own regions
    unjudged : regions whose funds are not judged: they have no row, as in the table of exhaustion

    Returns
    -------
    `COLUMNS` in base units: rates of single years with their year; valuations at the opening, with their span in years
    (25, 50, 75; obligations and the mean discount rate 75); nothing where the run is too short
    """
    import pandas as pd

    places = load_regions()
    told = [str(name) for name in projection.region.values if str(name) not in unjudged]
    told = [name for name in told if name not in places or places[name].holds_pension_fund]
    rows = [row for region in told for row in _rows(projection.sel(region=[region]), scenario, region, definitions)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"span": "Int64", "year": "Int64"})


def _rows(
    data: xr.Dataset, scenario: str, region: str, definitions: Definitions
) -> Iterator[tuple[str, str, str, str, int | None, int, str, float]]:
    opening = int(data.year_end.values[0])
    years = [int(year) for year in data.year.values]
    chosen = [year for year in dict.fromkeys((*SHOWN_YEARS, years[-1])) if year in years]
    for name in RATES:
        values = registry()[name](data, definitions).squeeze(drop=True)
        for fund in PENSION_FUND:
            for year in chosen:
                value = float(values.sel(fund=fund, year=year))
                yield scenario, region, fund, name, None, year, registry()[name].unit, value
    for fund in PENSION_FUND:  # discounted with the return of the fund: its mean over the years of the longest span
        rates = data[f"return_{fund}"].sel(year=slice(opening + 1, opening + SPANS[-1]))
        yield scenario, region, fund, DISCOUNT, SPANS[-1], opening, "1", float(rates.mean())
    spans = [(f"{name}_{span}", name, span) for name in SUMMARISED for span in SPANS]
    spans += [(name, name, SPANS[-1]) for name in OBLIGATIONS]
    for key, name, span in spans:
        values = registry()[key](data, definitions).squeeze(drop=True)
        for fund in PENSION_FUND:
            value = float(values.sel(fund=fund, year_end=opening))
            if value == value:
                yield scenario, region, fund, name, span, opening, registry()[key].unit, value
