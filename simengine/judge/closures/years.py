"""Years of funds with their range: no year in which a fund falls or is used up is told without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simengine.judge.closures.measures import FUND_YEARS, INDICATOR_YEARS
from simengine.judge.closures.spans import year_span
from simengine.judge.targets.rows import Target
from simengine.judge.targets.verdicts import Verdict

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.closures.table import Over

ENDS = ("low", "high")


def range_columns(table: pd.DataFrame, ranges: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """A table with years of funds, with columns ``NAME_low`` and ``NAME_high`` behind every column NAME of such years.

    A last column holds the horizon: what is not a number comes later, if it does.

    Parameters
    ----------
    table : with columns ``region`` and ``fund`` and any of `FUND_YEARS`
    ranges : `Over.ranges`; a row it does not know keeps its year with no ends
    """
    ends = {(row["region"], row["fund"], row["measure"]): row for row in ranges.to_dict("records")}
    keys = list(zip(table["region"], table["fund"], strict=True))
    wide: dict[str, Any] = {}
    for name in table.columns:
        wide[str(name)] = table[name]
        if name in FUND_YEARS:
            for end in ENDS:
                wide[f"{name}_{end}"] = [ends.get((*key, name), {}).get(end, float("nan")) for key in keys]
    return table.assign(**wide, horizon=horizon)[[*wide, "horizon"]]


def ranged_verdicts(verdicts: Iterable[Verdict], targets: Iterable[Target], over: Callable[[], Over]) -> list[Verdict]:
    """Verdicts in which the engine's year of a fund is followed by its range over the closures.

    Parameters
    ----------
    over : gives the scenario over the closures; asked only where a row holds such a year
    """
    funds = {target.id: target.fund for target in targets}
    return [_ranged(row, funds.get(row.id), over) for row in verdicts]


def _ranged(row: Verdict, fund: str | None, over: Callable[[], Over]) -> Verdict:
    if row.indicator not in INDICATOR_YEARS or row.projected is None or not row.projected_text:
        return row
    known = over()
    ranges = known.ranges()
    found = ranges[(ranges["region"] == row.region) & (ranges["measure"] == row.indicator) & (ranges["fund"] == fund)]
    if not len(found):
        return row
    span = year_span(float(found["low"].iloc[0]), float(found["high"].iloc[0]), known.horizon)
    return replace(row, projected_text=f"{row.projected_text} ({span})")
