"""Levers on series that would say nothing: each moves a result, or is refused with the reason and the way out.

A lever may leave its series as it is (a factor on zero), or move a series that nothing reads in those years (the
pension of people of whom nobody is admitted). Both are found here, lane by lane. What only the run can tell, a bound
that the engine reaches, is told after it (`simengine.engine.idle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.kernels.rules import by_row
from simengine.kernels.rules.unemployment import price_subsidy
from simengine.law.parameter import ADDS_UP
from simengine.registry.inputs import LEVER_ROWS
from simengine.scenario.scenario import Scenario

Idle = Mapping[str, tuple[str, int]]
"""Series that a lever leaves without effect in one lane -> code of the refusal and the year it begins in."""

EXIT_SHARES = ("continue_share", "pay_up_share", "resident_share", "refund_share", "unclaimed_share")
"""What members below the minimum years do at their statutory month; everybody does one of the five."""

ADJUSTMENT_PARTS = ("adjustment_fixed", "adjustment_years", "adjustment_tilt")
"""Parts of the adjustment that are stated; the part by level is what they leave of one."""


def idle_series(
    values: Mapping[str, np.ndarray],
    before: Mapping[str, np.ndarray],
    years: np.ndarray,
    scenario: Scenario,
) -> Idle:
    """Series whose lever has no effect in this lane.

    Parameters
    ----------
    values : every series as the lane reads it [t]
    before : changed series as they were without the lever on them [t]
    """
    found: dict[str, tuple[str, int]] = {}
    for name, unchanged in before.items():
        touched = scenario.touched(name, years)
        if not touched.any():
            continue  # dated after the horizon: a remark of the scenario says so
        first = int(years[int(np.argmax(touched))])
        after = values.get(name)
        if after is not None and np.array_equal(after, unchanged, equal_nan=True):
            if not scenario.stated_as_it_is(name):
                found[name] = ("lever_without_change", first)
            continue
        gates = LEVER_ROWS[name].acts_where if name in LEVER_ROWS else ()
        if gates and not any((_gate(gate, values, before)[touched] != 0.0).any() for gate in gates):
            found[name] = ("lever_without_reader", first)
    return found


def _gate(name: str, values: Mapping[str, np.ndarray], before: Mapping[str, np.ndarray]) -> np.ndarray:
    """A series on which another one rests; ``price_subsidy``: the subsidy with or without the levers on it [t]."""
    if name != "price_subsidy":
        return np.asarray(values[name])
    prices = ("price_index", "previous_price_index", "price_trigger")

    def paid(known: Mapping[str, np.ndarray]) -> np.ndarray:
        index, previous, trigger = (known.get(one, values[one]) for one in prices)
        return np.asarray(by_row(price_subsidy, values["living_standard"], index / previous - 1.0, trigger))

    return np.asarray(paid(values) + paid(before))


def refuse_idle(lanes: Sequence[Idle], scenario: Scenario) -> None:
    """Refuse levers that are without effect in every lane of a scenario.

    Raises
    ------
    ScenarioError, or an ErrorList of them, at the line of the lever
    """
    errors: list[SimengineError] = []
    for name, (code, year) in lanes[0].items():
        if all(name in lane for lane in lanes):
            gates = LEVER_ROWS[name].acts_where if name in LEVER_ROWS else ()
            if code == "lever_without_reader" and gates == ("price_subsidy",):
                code = "lever_without_subsidy"
            said: dict[str, Any] = {"name": name, "year": year, "others": ", ".join(gates)}
            errors.append(ScenarioError(code, where=scenario.where_changed(name, year), **said))
    raise_all(errors)


def refuse_shares(values: Mapping[str, np.ndarray], years: np.ndarray, scenario: Scenario) -> None:
    """Refuse levers after which shares that must add to one do not, or parts leave less than nothing.

    Raises
    ------
    ScenarioError, or an ErrorList of them
    """
    raise_all(list(_share_faults(values, years, scenario)))


def _share_faults(values: Mapping[str, np.ndarray], years: np.ndarray, scenario: Scenario) -> Iterator[SimengineError]:
    for names, code, least in ((EXIT_SHARES, "shares_add_up", 1.0), (ADJUSTMENT_PARTS, "parts_add_up", 0.0)):
        changed = [name for name in names if scenario.changes(name) or scenario.changes(name, alone=True)]
        if not changed:
            continue
        total = np.sum([values[name] for name in names], axis=0)
        wrong = (total > 1.0 + ADDS_UP) | (total < least - ADDS_UP)
        if wrong.any():
            at = int(np.argmax(wrong))
            where = scenario.where_changed(changed[0], int(years[at]))
            value = f"{total[at]:.6g}"
            yield ScenarioError(code, where=where, names=", ".join(names), year=int(years[at]), value=value)
