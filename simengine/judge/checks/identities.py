"""Identities of every lane and year (model.md, section 13), rebuilt from the results, never from the recursion.

Accounts, items of the funds, sums by age and the main statuses follow from the rows of the registry
(`simengine.registry.variables`): a new stock or flow is checked once it has its row. A check returns a residual
relative to the size of what it adds up; notes/checks.md, section 1, says which size. It reports; it repairs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.judge.checks.lanes import partitioned
from simengine.registry.axes import FUND, INCOME_ITEM, OUTGO_ITEM, WORKING_AGE
from simengine.registry.variables import ACCOUNTS, EMPLOYEES, ITEMS, LARGEST, OPEN_ACCOUNTS, VARIABLES, Variable

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LIMIT = 1e-9

SMALLEST = 1e-290
"""Size below which doubles lose digits on the way to zero; nothing is measured against less [unit of the variable]."""

OUTER = 3
"""Axes that every variable begins with: scenario, draw, region. Its last axis is time."""


WAYS = ("early_leaving", "special_jobs", "ahead", "at_month", "later", "paid_up")
BY_CAREER = {
    ("awards_enterprise", "awards_public"): [f"awards_{way}" for way in WAYS],
    ("pay_up_awards",): ["awards_paid_up"],
    ("below_minimum",): ["below_minimum_ten_years", "below_minimum_fewer_years"],
    ("choice_resident", "choice_refund", "choice_unclaimed"): ["left_ten_years", "left_fewer_years"],
}
"""What is counted by career as parts of flows and measures."""


def total(data: xr.Dataset, name: str, keep: str = "") -> np.ndarray:
    """A variable summed over its own axes but one [scenario, draw, region, (keep), year or year_end]."""
    axes = VARIABLES[name].axes
    summed = tuple(OUTER + place for place, axis in enumerate(axes) if axis != keep)
    return np.asarray(data[name].values.sum(axis=summed))


def flow_residual(stock: np.ndarray | None, gains: list[np.ndarray], losses: list[np.ndarray]) -> np.ndarray:
    """(opening + gains - losses - closing) over the sum of the sizes of all of them [..., year].

    Parameters
    ----------
    stock : values at year ends [..., year_end]; None for an account that holds nothing
    gains, losses : flows of the years between [..., year]
    """
    flows = [*gains, *losses]
    residual = np.sum(gains, axis=0) - np.sum(losses, axis=0)
    scale = np.sum(np.abs(flows), axis=0)
    if stock is not None:
        residual = stock[..., :-1] + residual - stock[..., 1:]
        scale = scale + np.abs(stock[..., :-1]) + np.abs(stock[..., 1:])
    return over(residual, scale)


def over(residual: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """A residual relative to a size that is not negative; where that is zero, the residual itself [1]."""
    return np.asarray(residual / np.where(scale > 0.0, np.maximum(scale, SMALLEST), 1.0))


def _named(choice: Callable[[Variable], bool]) -> list[str]:
    return [name for name, row in VARIABLES.items() if choice(row)]


def account_residual(name: str, data: xr.Dataset) -> np.ndarray:
    """Opening + what goes in - what comes out = closing, of one account; the funds one by one [..., year].

    Parameters
    ----------
    name : account of the registry
    data : variables on scenario, draw, region and time
    """
    keep = "fund" if name == "funds" else ""
    held, gains, losses = (
        [total(data, one, keep) for one in _named(choice)]
        for choice in (lambda row: row.account == name, lambda row: name in row.into, lambda row: name in row.out_of)
    )
    return flow_residual(np.sum(held, axis=0) if held else None, gains, losses)


def item_residual(item: str, data: xr.Dataset) -> np.ndarray:
    """An item of a fund is the sum of the flows that are booked on it [scenario, draw, region, year].

    Parameters
    ----------
    item : ``fund.item``, as in the registry
    """
    fund, _, entry = item.partition(".")
    ledger, items = (data.income, INCOME_ITEM) if entry in INCOME_ITEM else (data.outgo, OUTGO_ITEM)
    funds = ("enterprise_pension", "public_pension") if fund == EMPLOYEES else (fund,)
    booked = sum(ledger.values[:, :, :, FUND.index(one), items.index(entry)] for one in funds)
    flows = []
    for name in _named(lambda row: item in (*row.into, *row.out_of)):
        flow = total(data, name)
        if VARIABLES[name].signed:  # what is above zero is income, the rest is outgo
            flow = np.maximum(flow if item in VARIABLES[name].into else -flow, 0.0)
        flows.append(flow)
    return over(np.sum(flows, axis=0) - booked, np.sum(np.abs(flows), axis=0) + np.abs(booked))


def sums_residual(data: xr.Dataset) -> np.ndarray:
    """Stocks by age, and counts of an age span, add up to what they are parts of: the largest gap [..., year_end]."""
    gaps = []
    for name in _named(lambda row: bool(row.equals)):
        source, *rest = VARIABLES[name].equals
        if rest and rest[0] in VARIABLES[source].axes:
            axis, first, last = rest
            labels = data[axis].values
            place = OUTER + VARIABLES[source].axes.index(axis)
            span = np.flatnonzero((labels >= int(first)) & (labels <= int(last)))
            part = np.take(data[source].values, span, axis=place)
            target = part.sum(axis=tuple(range(OUTER, part.ndim - 1)))
        else:
            target = np.sum([total(data, one) for one in (source, *rest)], axis=0)
        found = total(data, name)
        gaps.append(np.abs(over(found - target, np.abs(found) + np.abs(target))))
    return np.asarray(np.max(gaps, axis=0))


def main_statuses(data: xr.Dataset) -> np.ndarray:
    """Main statuses add up to the residents plus the non-resident members; who is in two schemes counts once."""
    plus, minus, people = (
        np.sum([total(data, name) for name in _named(lambda row, sign=sign: row.main == sign)], axis=0)  # type: ignore[misc]
        for sign in "+-="
    )
    return np.asarray((plus - minus - people) / people)


def carried_residual(balance: np.ndarray, accounts: np.ndarray, turnover: np.ndarray) -> np.ndarray:
    """Two stocks carried side by side from year end to year end that must stay equal [..., year].

    The last bits of all earlier years stay in both, so the gap is measured against the largest sum of balance, accounts
    and turnover of any year so far: a fund that has paid out all it held leaves them behind. What the year itself adds
    to the gap is measured against this year's sum alone, however large earlier ones were. The larger counts.

    Parameters
    ----------
    balance, accounts : stocks at year ends [..., year_end], the opening without the checks of a year
    turnover : size of all flows of the years after the first of these year ends [..., year]
    """
    gap = balance - accounts
    held = np.abs(balance) + np.abs(accounts)
    moved = held[..., :-1] + held[..., 1:] + turnover
    level = over(np.abs(gap[..., 1:]), np.maximum.accumulate(moved, axis=-1))
    return np.asarray(np.maximum(level, over(np.abs(np.diff(gap, axis=-1)), moved)))


def annuity_accounts(data: xr.Dataset) -> np.ndarray:
    """The annuity fund is the sum of its accounts [..., year]; the opening is aligned fund by fund."""
    fund = FUND.index("occupational_annuity")
    turnover = sum(np.abs(data[name].values[:, :, :, fund]).sum(axis=OUTER) for name in ("income", "outgo"))
    balance = data.fund_balance.values[:, :, :, fund]
    return carried_residual(balance, data.annuity_fund.values, np.asarray(turnover))


def retirements(data: xr.Dataset) -> np.ndarray:
    """New pensions are the sum of the ways they come about, who is below the minimum of those by years [year].

    The largest of four gaps: awards, paid-up ones, below the minimum at the month, left without a pension [..., year].
    """
    gaps = []
    for whole, parts in BY_CAREER.items():
        found = np.sum([total(data, name) for name in whole], axis=0)
        counted = np.sum([total(data, name) for name in parts], axis=0)
        gaps.append(np.abs(over(found - counted, np.abs(found) + np.abs(counted))))
    return np.asarray(np.max(gaps, axis=0))


def cohorts(data: xr.Dataset) -> np.ndarray:
    """No cohort loses more members and pensioners than die or leave: what is missing, over the largest one [..., year].

    By sex and single age up to 98; who enters or comes back is no flow by age, so a gain is not judged.
    """

    def summed(name: str, age: str, time: str) -> np.ndarray:
        values = data[name].transpose("scenario", "draw", "region", "sex", age, time, ...).values
        return np.asarray(values.sum(axis=tuple(range(6, values.ndim))))

    covered = summed("pensioners_by_age", "age", "year_end")
    covered[..., WORKING_AGE[0] : WORKING_AGE[-1] + 1, :] += summed("members_by_age", "working_age", "year_end")
    gone = summed("departures_by_age", "age", "year")[..., 1:-1, :]
    before, after = covered[..., :-2, :-1], covered[..., 1:-1, 1:]
    missing = np.maximum(before - gone - after, 0.0)
    return over(missing.max(axis=(3, 4)), (before + after + gone).max(axis=(3, 4)))


def cost_rate(data: xr.Dataset) -> np.ndarray:
    """Pay-as-you-go cost rate = dependency ratio x benefit ratio, enterprise fund [..., year].

    Where nobody pays or draws, or the base or the spending is zero, there is no rate to take apart.
    """
    fund = FUND.index("enterprise_pension")
    spending = total(data, "outgo", "fund")[:, :, :, fund]
    base = data.insurable_earnings.values[:, :, :, fund]
    heads = data.exposure_enterprise.values + data.exposure_flexible.values
    drawing = data.enterprise_pensioners.values[..., 1:]
    rebuilt = (drawing / heads) * ((spending / drawing) / (base / heads)) / (spending / base) - 1.0
    none = (spending == 0.0) | (base == 0.0) | (heads == 0.0) | (drawing == 0.0)
    return np.where(none, 0.0, rebuilt)


def partition_gap(data: xr.Dataset, city: str, areas: list[str]) -> np.ndarray:
    """A city beside its areas: sums, the largest, and means within what the areas hold; the largest gap [year_end].

    Parameters
    ----------
    data : one scenario and draw, on region, the own axes of each variable, and time
    """
    inside = data.sel(region=areas)
    gaps = [np.zeros(data.sizes["year_end"])]
    for name, row in VARIABLES.items():
        whole, parts = data[name].sel(region=city).values, inside[name].values
        if row.additive:
            gap = over(np.abs(whole - parts.sum(axis=0)), np.abs(whole) + np.abs(parts).sum(axis=0))
        elif row.city == LARGEST:
            gap = np.abs(whole - parts.max(axis=0))
        else:
            low, high = parts.min(axis=0), parts.max(axis=0)
            gap = over(np.maximum(low - whole, 0.0) + np.maximum(whole - high, 0.0), np.abs(low) + np.abs(high))
        by_time = gap.max(axis=tuple(range(gap.ndim - 1)))
        gaps.append(np.pad(by_time, (gaps[0].size - by_time.size, 0)))
    return np.asarray(np.max(gaps, axis=0))


def _booked() -> Iterable[str]:
    named = {target for row in VARIABLES.values() for target in (*row.into, *row.out_of)}
    return (item for item in ITEMS if item in named)


CHECKS: dict[str, Callable[[Any], np.ndarray]] = {
    **{name: partial(account_residual, name) for name in (*ACCOUNTS, *OPEN_ACCOUNTS)},
    **{item: partial(item_residual, item) for item in _booked()},
    "sums": sums_residual,
    "main_statuses": main_statuses,
    "annuity_accounts": annuity_accounts,
    "cost_rate": cost_rate,
    "retirements": retirements,
    "cohorts": cohorts,
}
"""Every identity by name: accounts, items of the funds, and the six that are written out above."""

PARTITION = "partition"
"""Name of the identity of a city that is the sum of its areas, beside those of every lane."""


def run_checks(result: Any) -> pd.DataFrame:
    """All identities of a result: worst residual of each by scenario and region, with the limit.

    Returns
    -------
    columns check, scenario, region, worst, year, limit, ok
    """
    import pandas as pd

    data = result.dataset
    years = data.year_end.values
    scenarios, regions = ([str(name) for name in data[axis].values] for axis in ("scenario", "region"))
    rows = []
    for name, check in CHECKS.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            residual = np.abs(check(data))
        inner = tuple(axis for axis in range(residual.ndim - 1) if axis not in (0, 2))
        worst = residual.max(axis=inner)  # scenario, region, time
        for s, r in np.ndindex(*worst.shape[:2]):
            values = worst[s, r]
            if np.isnan(values).all():
                continue  # a region that this scenario does not run
            position = int(np.nanargmax(values)) if np.isfinite(values).any() else 0
            value = float(np.nan if np.isnan(values).any() else values[position])
            year = int(years[years.size - values.size + position])
            rows.append((name, scenarios[s], regions[r], value, year, LIMIT, value <= LIMIT))
    for scenario, city, areas in partitioned(result):
        gap = partition_gap(data.sel(scenario=scenario, draw=0), city.region, areas)
        position = int(np.isnan(gap).argmax() if np.isnan(gap).any() else gap.argmax())
        value = float(gap[position])
        rows.append((PARTITION, scenario, city.region, value, int(years[position]), LIMIT, value <= LIMIT))
    return pd.DataFrame(rows, columns=["check", "scenario", "region", "worst", "year", "limit", "ok"])
