"""What is zero in the shipped scenarios balances as well once a lever raises it.

A shipped scenario cannot show an amount that is booked on an item of a fund without a flow, where the amount is zero in
it. So the levers here raise every series and every parameter of the law that is zero in a region, with a campaign of
each kind, and all identities are judged over ten years.
"""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

import simengine
from simengine.basis.basis import load_basis
from simengine.judge.checks.identities import CHECKS, LIMIT
from simengine.judge.run import JudgedRun
from simengine.law import load_law
from simengine.registry.inputs import LEVER_KEYS
from simengine.registry.variables import ITEMS, VARIABLES
from simengine.scenario.scenario import Scenario, with_levers
from tests.helpers.law_values import has_values, other_value
from tests.helpers.lever_matrix import FIRST, dormant, shortened

REGIONS = ("jiangxi", "haiyan", "xuzhou")
DAY = datetime.date(FIRST, 1, 1)
MONEY = 1_000.0
"""Amount of money that a parameter of the law is raised to [its unit]."""

BOOKED = [(item, name) for item in ITEMS for name, row in VARIABLES.items() if item in row.into or item in row.out_of]
"""Items of the funds with each of the flows they add up to."""


def lever(**content: Any) -> dict[str, Any]:
    return {"name": {"en": "trial", "local": "试算"}, "reason": "A trial.", **content}


def campaigns() -> list[dict[str, Any]]:
    """A thousand persons (of residents five) for each level that campaigns may raise, of both kinds."""
    found = []
    for status in ("enterprise", "flexible", "resident", "unemployment", "injury"):
        pools = {"pools": ["resident", "none", "paused"]} if status in ("enterprise", "flexible") else {}
        for kind in ("gross", "additional"):
            years = [FIRST, FIRST + 3]
            total = 5_000 if status == "resident" else 1_000
            one = {"id": f"{status}_{kind}", "status": status, "kind": kind, "total": total, "years": years}
            found.append({**one, **pools, "reason": "A trial."})
    return found


def changes(scenario: Scenario) -> dict[str, Any]:
    """Parameters of the law that are zero in a region, whole or in a cell, with what they are raised to."""
    law, region, found = load_law(), load_basis(scenario.basis).region, {}
    for key in sorted(LEVER_KEYS):
        if not has_values(law, key, region):
            continue
        value = law[key].at(DAY, region)
        cells = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        if 0 in cells:
            money = value == 0 and law[key].unit.symbol.startswith("yuan")
            found[key] = {DAY: MONEY if money else other_value(law, key, DAY, region)}
    return found


@cache
def raised(region: str) -> JudgedRun:
    """Two scenarios of a region: by series, and by the law, with the other sign of what has two and dear prices."""
    scenario, series = shortened(region), dormant(region)
    assert all(value > 0.0 for value in series.values())
    by_series = {name: {"set": {FIRST: value}} for name, value in series.items()}
    beside = {
        "published_other": {"set": {FIRST: -series["published_other"]}},
        "price_trigger": {"set": {FIRST: 0.0}},
    }
    scenarios: list[Scenario | str] = [
        with_levers(
            scenario, f"{region}_series", {"series": lever(paths=by_series), "people": lever(campaigns=campaigns())}
        ),
        with_levers(
            scenario,
            f"{region}_law",
            {"law": lever(changes=changes(scenario)), "beside": lever(paths=beside)},
        ),
    ]
    return simengine.judge_scenarios(scenarios)


@pytest.mark.parametrize("region", REGIONS)
def test_amounts_that_are_zero_in_the_shipped_scenarios__balance_once_raised(region: str) -> None:
    assert "resident_funeral" in dormant(region) and "resident/funeral_grant" in changes(shortened(region))
    judged = raised(region)
    assert len(judged) == 2
    assert judged.failed.empty, f"\n{judged.failed}"
    assert judged.impossible.empty, f"\n{judged.impossible}"


@pytest.mark.parametrize(("item", "flow"), BOOKED)
def test_item_of_a_fund__misses_each_of_its_flows(item: str, flow: str) -> None:
    """None is idle in these scenarios: an item that lacks one of them no longer adds up."""
    largest = 0.0
    for region in REGIONS:
        for judged in (raised(region)[key] for key in raised(region)):
            data = judged.result.dataset
            lacking = data.assign({flow: data[flow] * 0.0})
            largest = max(largest, float(np.nanmax(np.abs(CHECKS[item](lacking)))))
    assert largest > LIMIT, f"{flow} is zero in every scenario here: raise what it is made of"
