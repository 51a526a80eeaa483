"""How people enter: pressures solved in the known years of every region, and where they go afterwards.

A reviewer sees which rule each region used (notes/coverage.md): years solved in its own lane, whether the pressure of
the nation settles or stays, and what could not be met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.common import elementwise
from simengine.engine.compile.coverage import LEAST_SOLVED
from simengine.engine.compile.paths import information_date
from simengine.kernels import layout as at
from simengine.registry.inputs import PRESSURES

if TYPE_CHECKING:
    import pandas as pd

    from simengine.engine.project import Lane, Result

STATUSES = ("enterprise", "flexible")
RULES = ("entry.settles", "entry.stays")
COLUMNS = (
    *("scenario", "region", "status", "first", "last", "own_trend", "pressure", "settled", "return_rate", "rule"),
    *("solved", "shortfall", "cut"),
)


def entry_table(result: Result) -> pd.DataFrame:
    """Pressures of entry by scenario, region and status, one row each.

    Returns
    -------
    `COLUMNS`: first and last year whose level was known in the lane; whether the first of them is one more year of
    the growth before the opening; pressure of the last known and of the last projected year [1]; share of paused
    members who return in the last year [1]; the rule of later years (a word of messages.yaml) and the solved years of
    the nation behind it; largest level not met, and entrants cut in all years [persons]
    """
    import pandas as pd

    rows = [row for lane in result.lanes for row in _of_lane(lane)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_lane(lane: Lane) -> list[tuple[Any, ...]]:
    output, years = lane.output, lane.inputs.years
    if output is None:
        return []
    until = information_date(lane.scenario, lane.basis)
    rows = []
    for position, status in enumerate(STATUSES):
        level = lane.inputs.paths[at.PATH_ENTERPRISE_PAYERS + position, 1:]
        odds = output.flows[at.FLOW_ENTRY_ODDS_ENTERPRISE + position, 1:]
        known = np.flatnonzero(~np.isnan(level))
        trend = known.size == 0 or known[0] > 0
        if trend:
            known = np.concatenate([[0], known])
        first, last = int(known[0]), int(known[-1])
        solved = lane.basis.owner(PRESSURES[position]).own_series[PRESSURES[position]].known_by(until).years
        short = output.flows[at.FLOW_SHORTFALL_ENTERPRISE + position, 1:][known]
        pressure = elementwise.log(odds)
        rows.append(
            (
                *(lane.scenario.key, lane.basis.region, status, int(years[1:][first]), int(years[1:][last])),
                *(trend, float(pressure[last]), float(pressure[-1])),
                float(output.flows[at.FLOW_RETURN_RATE, -1]),
                RULES[0] if solved.size >= LEAST_SOLVED else RULES[1],
                *(int(solved.size), float(short[np.abs(short).argmax()])),
                float(output.flows[at.FLOW_ENTRIES_CUT, 1:].sum()),
            )
        )
    return rows
