"""How far two runs of one lane are apart: every array of state and results, item by item, on a scale of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simengine.kernels import layout as at
from tests.oracle.cells import MOMENTS

SOLVED = (
    "shortfall_", "campaign_", "returns_", "entries_", "catch_up_entries", "admitted_", "resident_entries",
    "resident_admitted", "resident_dual_", "extra_", "backlog_", "layoffs",
)  # fmt: skip
"""Heads that are what large numbers differ by; they are seen on the scale of the population."""
SCALES = {
    **dict.fromkeys(SOLVED, at.STOCK_POPULATION_TOTAL),
    "account_interest_credited": at.STOCK_ACCOUNT_BALANCE,  # a rate may be all but zero
    "resident_made_up": at.STOCK_RESIDENT_ACCOUNT_BALANCE,  # the square of what is missing may be
}
"""Stocks on whose scale a flow is seen that may be small beside what it is computed from, by first letters."""
BY_YEAR = (
    "population", "members", "pensioners", "resident", "beneficiaries", "retirements", "departures", "pension_mass",
    "service",
)  # fmt: skip
"""Results whose first axis is the year."""
WORK = (
    "heads", "accounts", "service", "new_pensioners", "payer_base", "public_share", "resident_in", "annuity_month",
    "ledger",
)  # fmt: skip
LEAST = 1e-200
"""Numbers below hold fewer and fewer digits (the smallest is 5e-324) and cannot be compared in proportion."""
Item = tuple[str, np.ndarray, np.ndarray]


@dataclass
class Run:
    """The groups of arrays a run of a lane leaves behind."""

    state: at.State
    scratch: at.Scratch
    out: at.LaneOutput


def items(one: Run, other: Run) -> Iterator[Item]:
    """Arrays of two runs by name, cut where another thing begins: moments of members, funds, flows, stocks."""
    names = {
        "flows": at.FLOW_NAMES,
        "stocks": at.STOCK_NAMES,
        "memory": at.MEMORY_NAMES,
        "members": sorted(MOMENTS, key=MOMENTS.__getitem__),
        "resident": ("paying", "not_paying", "dual", "paid_years", "account", "extra_beyond", "resumed"),
    }
    for group in ("state", "out"):
        first, second = getattr(one, group), getattr(other, group)
        for name in first.SHAPES:
            a, b = getattr(first, name), getattr(second, name)
            if group == "out" and name in BY_YEAR:
                yield f"out {name}", a, b
                continue
            if name == "members":
                a, b = (np.moveaxis(array, 3, 0) for array in (a, b))
            elif name in ("funds", "balance", "ledger"):
                a, b = (np.moveaxis(array, 1, 0) for array in (a, b))
            for position in range(a.shape[0]):
                yield f"{group} {name} {names.get(name, range(99))[position]}", a[position], b[position]
    for name in WORK:
        a, b = getattr(one.scratch, name), getattr(other.scratch, name)
        for position in range(a.shape[0]):
            yield f"scratch {name} {position}", a[position], b[position]


def differences(one: Run, other: Run) -> dict[str, float]:
    """Largest difference of every item over its largest value, or over the stock it is seen beside (`SCALES`)."""
    stocks = np.abs(one.out.stocks).max(axis=1)
    found = {}
    for name, a, b in items(one, other):
        assert np.array_equal(np.isfinite(a), np.isfinite(b)), name
        beside = [stocks[stock] for start, stock in SCALES.items() if name.split()[-1].startswith(start)]
        scale = float(max([np.abs(a).max(), LEAST, *beside]))
        found[name] = float(np.abs(a - b).max()) / scale
    return found
