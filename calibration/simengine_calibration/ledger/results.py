"""Headline results the ledger looks at, each with how its change is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import xarray as xr

from simengine.judge.indicators import PENSION_FUND, registry
from simengine.registry.axes import OUTGO_ITEM

Told = Literal["share", "money", "years"]
"""Change over the result [%], in billion yuan, or in years."""
BILLION = 1e9


@dataclass(frozen=True)
class Headline:
    """One headline result.

    Attributes
    ----------
    key : name in tables for machines
    en, zh : name for readers
    told : how its change is told
    of : the result from a projection of one region; persons, yuan, yuan a month, or a calendar year
    """

    key: str
    en: str
    zh: str
    told: Told
    of: Callable[[xr.Dataset], float]

    def change(self, base: float, moved: float) -> float:
        """Change in the unit it is told in: % of the result, billion yuan, years."""
        if self.told == "share":
            return 100.0 * (moved / base - 1.0) if base else math.nan
        return (moved - base) / BILLION if self.told == "money" else moved - base


def _indicator(name: str, year: int) -> Callable[[xr.Dataset], float]:
    def of(data: xr.Dataset) -> float:
        values = registry()[name](data)
        time = "year_end" if "year_end" in values.dims else "year"
        return float(values.sel({time: year}).squeeze())

    return of


def _outgo(funds: tuple[str, ...], year: int) -> Callable[[xr.Dataset], float]:
    return lambda data: float(data.outgo.sel(fund=list(funds), outgo_item=list(OUTGO_ITEM), year=year).sum())


def _balance(fund: str, year: int) -> Callable[[xr.Dataset], float]:
    return lambda data: float(data.fund_balance.sel(fund=fund, year_end=year).squeeze())


def _below_zero(data: xr.Dataset) -> float:
    balance = data.fund_balance.sel(fund="enterprise_pension")
    years = balance.year_end.where(balance.squeeze(drop=True) < 0.0)
    first = float(years.min())
    return first if first == first else math.nan


HEADLINES: tuple[Headline, ...] = (
    Headline("enterprise_balance_2050", "own balance of the enterprise fund 2050", "企业养老基金自有结余2050", "money",
             _balance("enterprise_pension", 2050)),
    Headline("enterprise_balance_2035", "own balance of the enterprise fund 2035", "企业养老基金自有结余2035", "money",
             _balance("enterprise_pension", 2035)),
    Headline("enterprise_below_zero", "first year it ends below zero", "首个结余为负的年份", "years", _below_zero),
    Headline("pensioners_2035", "pensioners 2035", "退休人数2035", "share", _indicator("uebps_pensioners", 2035)),
    Headline("pensioners_2050", "pensioners 2050", "退休人数2050", "share", _indicator("uebps_pensioners", 2050)),
    Headline("payers_2035", "paying members 2035", "缴费人数2035", "share", _indicator("uebps_payers", 2035)),
    Headline("payers_2050", "paying members 2050", "缴费人数2050", "share", _indicator("uebps_payers", 2050)),
    Headline("mean_pension_2035", "mean enterprise pension 2035", "企业月均养老金2035", "share",
             _indicator("avg_enterprise_pension", 2035)),
    Headline("pension_outgo_2035", "pension expenditure 2035", "职工养老基金支出2035", "share",
             _outgo(tuple(PENSION_FUND), 2035)),
    Headline("resident_outgo_2035", "resident expenditure 2035", "居民养老基金支出2035", "share",
             _outgo(("resident",), 2035)),
    Headline("unemployment_balance_2035", "unemployment balance 2035", "失业保险基金结余2035", "money",
             _balance("unemployment", 2035)),
    Headline("injury_balance_2035", "injury balance 2035", "工伤保险基金结余2035", "money",
             _balance("work_injury", 2035)),
)  # fmt: skip
"""Results in the order of the page; tables are sorted by the first."""


def results(data: xr.Dataset, horizon: int) -> dict[str, float]:
    """Every headline within the horizon, in base units; a year is NaN where the fund never falls below zero."""
    return {one.key: one.of(data) for one in HEADLINES if _year(one) <= horizon}


def _year(one: Headline) -> int:
    tail = one.key.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0


def text(one: Headline, value: float) -> str:
    """A result for the eye."""
    if math.isnan(value):
        return "-"
    if one.told == "years":
        return f"{value:z.0f}"
    if one.told == "money" or "outgo" in one.key:
        return f"{value / BILLION:z,.0f}"
    return f"{value / 1e4:z,.0f}" if value > 1e6 else f"{value:z,.0f}"


def change_text(one: Headline, change: float) -> str:
    """A change for the eye: sign, and decimals by its kind; 0 for what does not show."""
    if math.isnan(change):
        return "-"
    shown = f"{change:+z.1f}" if one.told == "share" else f"{change:+z,.0f}"
    return "0" if not any(digit in "123456789" for digit in shown) else shown


def as_plain(values: Mapping[str, float]) -> dict[str, Any]:
    """Results for JSON; what is not a number is null."""
    return {key: None if math.isnan(value) else value for key, value in values.items()}
