"""Exhaustion of the funds: every crossing of zero, judged from the last printed balance on (model.md section 10)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from simengine.basis.basis import Basis
from simengine.engine.project import Result
from simengine.judge.checks.accounts import Start, returns_of, unaided_from_print
from simengine.judge.checks.crossings import crossings
from simengine.judge.checks.free_run import RECALLED, references
from simengine.judge.checks.lanes import bases_of, datasets_in_order, key_of
from simengine.judge.time import first_year, lasting_year
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

COLUMNS = (
    *("scenario", "region", "fund", "judged_from", "judged_on", "first_deficit", "no_subsidy", "constant_share"),
    *("first_need", "exhaustion", "exhaustion_unaided", "need_to_horizon", "own_crossings", "unaided_crossings"),
    "source",
)
ACCOUNTS = {"unaided": "fund_balance_unaided", "own": "fund_balance"}
"""Accounts whose crossings are told, the headline first, and the variable of each."""

BALANCE_SERIES = {
    "enterprise_pension": "balance",
    "public_pension": "balance",
    "resident": "resident_balance",
    "unemployment": "unemployment_balance",
    "work_injury": "injury_balance",
}
"""Fund -> series of references.csv with its printed balance; that of the employees' scheme is printed for both funds
together."""

PRINTED, OPENING = "printed", "opening"
"""What the judgement starts at: a printed balance, or the opening position where none is printed after it."""


def start_of(basis: Basis, fund: str, known_until: int | None = None) -> Start:
    """Where the judgement of a fund of a region starts.

    Parameters
    ----------
    known_until : last year of information; None when everything is known
    """
    last = math.inf if known_until is None else known_until
    series = BALANCE_SERIES.get(fund)
    printed = [
        item
        for item in references(basis)
        if item.series == series and item.evidence not in RECALLED and basis.base_year <= item.year <= last
    ]
    if not printed:
        return Start(basis.base_year, OPENING)
    latest = max(printed, key=lambda item: item.year)
    return Start(latest.year, PRINTED, latest.source, latest.value)


def exhaustion_table(result: Result) -> pd.DataFrame:
    """When the balances of funds cross zero, and in which years budgets are needed.

    Regions without a pension fund of their own in law (cities, counties, areas) get no verdict and no row.

    Returns
    -------
    `COLUMNS`: year end at which the judgement starts and on what; first year after it whose balance falls (own
    account); first year end from then on below zero without any aid (the unaided account begins with the printed
    balance, `unaided_from_print`), and with aid up to its months and the pool
    within its limits (own account); first later year in which the minimum months need money beyond these; year end
    from which the own and the unaided account stay below zero to the horizon; sum of the money needed [yuan]; every
    crossing of zero of both accounts; source of the printed balance. A year is missing where it never comes
    """
    import pandas as pd

    known = load_regions()
    bases = {(scenario, basis.region): basis for scenario, basis in bases_of(result)}
    seen_until = {
        lane.scenario.key: lane.scenario.base_year if lane.scenario.information == "opening" else None
        for lane in result.lanes
    }
    lanes = {key_of(lane): lane for lane in result.lanes}
    rows = []
    for scenario, region, data in datasets_in_order(result):
        if known[region].holds_pension_fund:
            starts = starts_of(bases[scenario, region], seen_until[scenario])
            unaided = judged_unaided(data, returns_of(lanes[scenario, region]), starts)
            rows += [(scenario, region, *cells) for cells in _funds(data, unaided, starts)]
    return pd.DataFrame(rows, columns=COLUMNS)


def starts_of(basis: Basis, known_until: int | None = None) -> dict[str, Start]:
    """`start_of` of every fund."""
    return {fund: start_of(basis, fund, known_until) for fund in FUND}


def judged_unaided(data: xr.Dataset, returns: np.ndarray, starts: Mapping[str, Start]) -> xr.DataArray:
    """The unaided account of every fund as it is judged [yuan; fund, year_end]."""
    own, unaided = (data[name].transpose("fund", "year_end") for name in ("fund_balance", "fund_balance_unaided"))
    first = int(unaided.year_end[0])
    return unaided.copy(data=unaided_from_print(unaided.values, own.values, returns, first, starts))


def _funds(data: xr.Dataset, judged: xr.DataArray, starts: Mapping[str, Start]) -> Iterator[tuple[object, ...]]:
    """Cells of every fund after scenario and region, in the order of `COLUMNS`; `judged`: unaided accounts."""
    for fund, start in starts.items():
        own, unaided = data[ACCOUNTS["own"]].sel(fund=fund), judged.sel(fund=fund)
        need = data["financing_need"].sel(fund=fund)
        later = need.sel(year=slice(start.year + 1, None))
        falls = own.sel(year_end=slice(start.year, None)).diff("year_end") < 0.0
        yield (
            fund,
            start.year,
            start.on,
            float(first_year(falls)),
            *(float(first_year(one.sel(year_end=slice(start.year, None)) < 0.0)) for one in (unaided, own)),
            float(first_year(later > 0.0)),
            *(float(lasting_year(one.sel(year_end=slice(start.year, None)) < 0.0)) for one in (own, unaided)),
            float(later.sum()),
            *("; ".join(one.code for one in crossings(account, start.year)) for account in (own, unaided)),
            start.source,
        )
