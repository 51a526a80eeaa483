"""From one balance to another: what every item of income and outgo adds to the difference of two scenarios by a year.

    V'(y) = V(y) + (V'(0) - V(0)) + Σ items ± Σ years (X'(t) - X(t)),   t = first common year .. y

Income counts upward and outgo downward, in budget order, on the own account with aid. Example by hand: notes/tables.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simengine.judge.quantities.catalogue import find_quantities
from simengine.judge.quantities.select import Selection
from simengine.judge.quantities.table import table_of
from simengine.judge.targets.withheld import BUDGET, kept_back
from simengine.registry.axes import CLOSING, INCOME_ITEM, OPENING, OUTGO_ITEM

if TYPE_CHECKING:
    import pandas as pd

    from simengine.judge.quantities.sources import Source
    from simengine.judge.quantities.tidy import Reading

BASE = "base"
STEPS = (BASE, OPENING, *INCOME_ITEM, *OUTGO_ITEM, CLOSING)
"""Balance of the base, difference of the openings, differences of items up to the year, balance of the other."""

PLACE = ("region", "scheme")
BRIDGE = ("scenario", "base", *PLACE, "first_year", "year", "item", "unit", "value", "running")
"""Columns: `value` of a step, and the balance reached behind it. Where balances are withheld, both ends have no value,
and `running` is the difference reached."""


def bridges(
    sources: Sequence[Source], chosen: Selection, reading: Reading, years: tuple[int, int], year: int
) -> pd.DataFrame:
    """Steps from the balance of the first scenario to that of every other (`BRIDGE`), of the funds that move.

    Parameters
    ----------
    chosen : regions and schemes
    years : first and last year that all have
    year : at whose end the balances stand
    """
    import pandas as pd

    budget = find_quantities(["budget"])
    picked = Selection(years=tuple(range(years[0] + 1, year + 1)), regions=chosen.regions, schemes=chosen.schemes)
    rows = table_of(sources, budget, picked, reading, withholding=False).rows
    decided = {one.key: one.decided() for one in sources}
    keys = ["scenario", *PLACE, "item"]
    sums = rows.groupby(keys, sort=False)["value"].sum()
    first, last = (rows[rows["year"] == at].set_index(keys)["value"] for at in (years[0] + 1, year))
    unit = str(rows["unit"].iloc[0])
    base, *others = sources
    found = []
    for other in others:
        for region, scheme in rows[list(PLACE)].drop_duplicates().itertuples(index=False):
            one, two = (base.key, region, scheme), (other.key, region, scheme)
            moves = {item: float(sums[*two, item] - sums[*one, item]) for item in (*INCOME_ITEM, *OUTGO_ITEM)}
            opened = float(first[*two, OPENING] - first[*one, OPENING])
            ends = [float(last[*place, CLOSING]) for place in (one, two)]
            if opened == 0.0 and not any(moves.values()):
                continue
            signed = [moves[item] if item in INCOME_ITEM else 0.0 - moves[item] for item in moves]
            values = [ends[0], opened, *signed, ends[1]]
            running = [*np.cumsum(values[:-1]), ends[1]]
            if any(kept_back(decided[one.key].get(region), BUDGET, year, CLOSING) for one in (base, other)):
                gaps = np.cumsum(values[1:-1])
                values, running = [math.nan, *values[1:-1], math.nan], [0.0, *gaps, float(gaps[-1])]
            place = [other.key, base.key, region, scheme, years[0] + 1, year]
            found += [
                [*place, step, unit, value, float(reached)]
                for step, value, reached in zip(STEPS, values, running, strict=True)
            ]
    return pd.DataFrame(found, columns=list(BRIDGE))
