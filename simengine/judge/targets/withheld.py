"""What is withheld where the funds of a region are not judged: one rule for every command (notes/fund.md, section 1).

A region that misses its anchors has no verdict on its funds. A row of its plan on a fund gets none; and no figure that
would be one is told: measures of a fund in every year, and its balances after the last year of the anchors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from simengine.common.messages import Words
from simengine.judge.checks.anchors import FundVerdict
from simengine.judge.indicators import registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.targets.verdicts import WITHHELD, Verdict
from simengine.registry.axes import CLOSING, OPENING
from simengine.registry.variables import VARIABLES

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataArray

JUDGED = ("met", "missed", "set")
DECIDED = ("met_at_base", "reading_decides")
"""Flags that tell how a figure compares with a target."""

NO_YEAR = 0
"""Stands for the year of a figure that belongs to none."""

ALWAYS, AFTER = "always", "after"
"""When a figure is withheld: in every year; after the last year of the anchors."""

BUDGET, OTHER_OF_NAME = "budget", "variable:"
"""Key of the account of a fund, and what stands before the key of a variable that shares its name."""


@cache
def holdings() -> frozenset[str]:
    """Variables that hold the money of funds, or what they lack: stocks by fund, and the need."""
    stocks = {name for name, one in VARIABLES.items() if one.axes == ("fund",) and one.kind == "stock"}
    return frozenset(stocks | {"financing_need"})


def on_a_fund(indicator: str) -> bool:
    """Whether a measure reads the money of a fund: its size, how long it lasts, when it falls or is used up."""
    measure = registry().get(indicator)
    return indicator in GIVES_VERDICT or (measure is not None and not holdings().isdisjoint(measure.reads))


@cache
def rule_of(key: str, item: str = "") -> str:
    """When a figure is withheld: `ALWAYS`, `AFTER`, or never.

    A balance is a level that is printed up to the anchors. What is made of it (months, ratios, years, valuations), and
    what a fund lacks, judges the fund. Flows and heads are never withheld.

    Parameters
    ----------
    key : quantity of a table
    item : line of the account of a fund

    Examples
    --------
    >>> rule_of("payable_months"), rule_of("fund_balance"), rule_of("budget", "closing"), rule_of("income")
    ('always', 'after', 'after', '')
    """
    if key == BUDGET:
        return AFTER if item in (OPENING, CLOSING) else ""
    measure = registry().get(key)
    if measure is not None:
        level = measure.unit == "yuan" and holdings().issuperset(measure.reads)
        return "" if not on_a_fund(key) else AFTER if level else ALWAYS
    name = key.removeprefix(OTHER_OF_NAME)
    if name not in holdings():
        return ""
    return AFTER if VARIABLES[name].kind == "stock" else ALWAYS


def last_printed(decided: FundVerdict) -> int:
    """Last year of the anchors of a region: balances are told up to its end."""
    return max((one.year for one in decided.anchors), default=decided.opened)


def kept_back(decided: FundVerdict | None, key: str, year: int | None, item: str = "") -> bool:
    """Whether a figure of a region is withheld; `year` is None for one that belongs to no year."""
    if decided is None or decided.given:
        return False
    rule = rule_of(key, item)
    if rule != AFTER:
        return rule == ALWAYS
    return year is None or year - (item == OPENING) > last_printed(
        decided
    )  # an opening is the close of the year before


def withheld_cells(rows: pd.DataFrame, found: Mapping[str, FundVerdict]) -> np.ndarray:
    """Which rows of a tidy table (``region``, ``indicator``, ``item``, ``year``) are withheld.

    Parameters
    ----------
    found : regions that hold funds, with what was decided of them (`fund_verdicts`)
    """
    import pandas as pd

    years = rows["year"].astype("Int64").fillna(NO_YEAR).astype(int)
    columns = rows[["region", "indicator", "item"]].assign(year=years)
    places, cells = pd.MultiIndex.from_frame(columns).factorize()  # a cell is decided once, not once a scenario
    kept = [
        kept_back(found.get(str(region)), str(key), None if year == NO_YEAR else int(year), str(item))
        for region, key, item, year in cells
    ]
    return np.asarray(np.array(kept, dtype=bool)[places])


def blanked(values: DataArray, key: str, found: Mapping[str, FundVerdict]) -> DataArray:
    """Values of a quantity on region, its axes and time, not a number where they are withheld."""
    import xarray as xr

    time = next((dim for dim in ("year_end", "year") if dim in values.dims), "")
    lines = [str(one) for one in values["budget_line"].values] if "budget_line" in values.dims else [""]
    years = [int(one) for one in values[time].values] if time else [None]
    regions = [str(name) for name in values["region"].values]
    told = [
        [[not kept_back(found.get(region), key, year, line) for year in years] for line in lines] for region in regions
    ]
    mask = xr.DataArray(np.array(told), {"region": regions, "budget_line": lines, "time": years}).rename(
        time=time or "time"
    )
    chosen = {dim: 0 for dim in mask.dims if dim not in values.dims}
    return values.where(mask.isel(chosen, drop=True))


def reason(decided: FundVerdict) -> Words:
    """Why figures are withheld, in both languages."""
    return Words(decided.text("en"), decided.text("zh"))


def withhold(verdicts: Iterable[Verdict], found: Mapping[str, FundVerdict]) -> list[Verdict]:
    """Verdicts in which a judged row on a fund is `withheld` where the funds of its region are not judged.

    Parameters
    ----------
    found : regions that hold funds, with what was decided of them (`fund_verdicts`)
    """
    return [_withheld(row, found.get(row.region)) for row in verdicts]


def _withheld(row: Verdict, decided: FundVerdict | None) -> Verdict:
    if decided is None or decided.given or row.verdict not in JUDGED or not on_a_fund(row.indicator):
        return row
    bare = replace(
        row,
        projected=None,
        projected_text="",
        margin=None,
        satisfied=None,
        first_year_met=None,
        other_readings={},
        probability_met=None,
        probability_error=None,
        flags=tuple(flag for flag in row.flags if flag not in DECIDED),
    )
    if row.verdict == "set":
        return bare
    said = {"en": decided.text("en"), "zh": decided.text("zh")}
    return replace(bare, verdict=WITHHELD, reason="anchors", reason_values=said)
