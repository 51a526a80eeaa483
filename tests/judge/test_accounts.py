"""The unaided account as it is judged: from the printed balance on, with its own flows and returns."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simengine.engine.project import Result, project
from simengine.judge.checks.accounts import AIDED, Start, returns_of, unaided_from_print
from simengine.judge.checks.exhaustion import judged_unaided, starts_of
from simengine.registry.axes import FUND
from simengine.scenario.scenario import load_scenario

ENTERPRISE, PUBLIC, RESIDENT = (FUND.index(name) for name in ("enterprise_pension", "public_pension", "resident"))


def accounts(**values: list[float]) -> np.ndarray:
    """Balances of three year ends, by fund; zero for the others."""
    found = np.zeros((len(FUND), 3))
    for fund, path in values.items():
        found[FUND.index(fund)] = path
    return found


def starts(printed: float, year: int = 2024) -> dict[str, Start]:
    start = Start(year, "printed", "a yearbook", printed)
    return {"enterprise_pension": start, "public_pension": start, "resident": Start(2024, "printed", "", 70.0)}


def test_from_print__both_above_zero_are_parted_as_they_stand() -> None:
    """200 printed for own accounts of 60 and 40: 120 and 80. At 10 % the 70 that the first lacks are 77 and 84.7."""
    own = accounts(enterprise_pension=[60, 0, 0], public_pension=[40, 0, 0])
    unaided = accounts(enterprise_pension=[50, 45, 30], public_pension=[40, 20, -5], resident=[9, 8, 7])
    judged = unaided_from_print(unaided, own, np.full((len(FUND), 2), 0.1), 2024, starts(200.0))
    assert judged[ENTERPRISE] == pytest.approx([120.0, 45 + 77.0, 30 + 84.7])
    assert judged[PUBLIC] == pytest.approx([80.0, 20 + 44.0, -5 + 48.4])
    assert judged[RESIDENT].tolist() == [9, 8, 7]  # nothing is left out of it: printed or not, it is the own account


def test_from_print__a_fund_below_zero_does_not_turn_the_split_over() -> None:
    """Own accounts of 90 and -10, printed 100: of the 20 they miss nine tenths and one tenth, so 108 and -8."""
    own = accounts(enterprise_pension=[90, 0, 0], public_pension=[-10, 0, 0])
    judged = unaided_from_print(accounts(), own, np.zeros((len(FUND), 2)), 2024, starts(100.0))
    assert judged[ENTERPRISE] == pytest.approx([108.0] * 3) and judged[PUBLIC] == pytest.approx([-8.0] * 3)
    nothing = unaided_from_print(accounts(), accounts(), np.zeros((len(FUND), 2)), 2024, starts(100.0))
    assert nothing[ENTERPRISE] == pytest.approx([50.0] * 3)


def test_from_print__years_before_stay_and_so_does_what_is_not_printed() -> None:
    """Printed for the end of 2025: that of 2024 is history. From the opening nothing is moved."""
    own = accounts(enterprise_pension=[10, 20, 0], public_pension=[10, 20, 0])
    unaided = accounts(enterprise_pension=[10, 15, 12], public_pension=[10, 15, 12])
    judged = unaided_from_print(unaided, own, np.full((len(FUND), 2), 1.0), 2024, starts(50.0, 2025))
    assert judged[ENTERPRISE].tolist() == [10, 25, 12 + 2 * 10]
    opening = {fund: Start(2024, "opening") for fund in FUND}
    assert math.isnan(opening["resident"].balance)
    assert unaided_from_print(unaided, own, np.full((len(FUND), 2), 1.0), 2024, opening).tolist() == unaided.tolist()


@pytest.fixture(scope="module")
def ran() -> Result:
    return project(load_scenario("china/baseline"))


def test_from_print__on_a_run_the_account_goes_on_with_its_flows_from_the_print(ran: Result) -> None:
    """Recursion in plain Python: U*(t) = U*(t-1)·(1+i) + flows(t), the flows being U(t) - U(t-1)·(1+i) of the run."""
    (lane,) = ran.lanes
    data = ran.dataset.isel(scenario=0, draw=0, region=0)
    known = starts_of(lane.basis)
    judged = judged_unaided(data, returns_of(lane), known)
    last, printed = known["enterprise_pension"].year, known["enterprise_pension"].balance
    at_print = judged.sel(year_end=last).isel(fund=list(AIDED))
    assert float(at_print.sum()) == pytest.approx(printed, rel=1e-12)
    raw, rates = data.fund_balance_unaided, returns_of(lane)
    first = int(raw.year_end[0])
    for position in AIDED:
        fund = FUND[position]
        balance = float(at_print.sel(fund=fund))
        assert balance != pytest.approx(float(raw.sel(fund=fund, year_end=last)), rel=1e-3)  # aid since the opening
        for year in range(last + 1, last + 30):
            rate = float(rates[position, year - first - 1])
            before, after = (float(raw.sel(fund=fund, year_end=end)) for end in (year - 1, year))
            balance = balance * (1.0 + rate) + after - before * (1.0 + rate)
            assert float(judged.sel(fund=fund, year_end=year)) == pytest.approx(balance, rel=1e-9, abs=1.0)
