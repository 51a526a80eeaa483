"""The compiled lane against an independent one in plain Python, cell by cell (`tests/oracle`): random lanes.

Every array of the state, every flow, stock, fund item and balance after two years. The largest difference of 1000 drawn
lanes was 6.2e-12 of the scale of its item (`compare.differences`), of 990 of them 1.3e-13, of half of them 2.4e-15.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from simengine.kernels import layout as at
from simengine.kernels.lane import project_lane
from tests.oracle import awards, cells, coverage, entries, funds, lane, members, rates, rule, settle, turnover, year
from tests.oracle.compare import Run, differences
from tests.properties.test_lane_identities import CASES, YEARS, lane_of

LIMIT = 1e-10
SEEN = 1e-6  # what a broken rule moves at least
Case = dict[str, Any]


def run_of(case: Case, project: Callable[..., None]) -> Run:
    """A drawn lane through its years.

    Nobody pays for less than an hour a year: where all other years are deemed, the paid years S - V, by which the
    average index divides, would be rounding alone.
    """
    densities = {f"density_{status}" for status in ("enterprise", "flexible", "public")}
    drawn = lane_of({name: 0.0 if name in densities and value < 1e-4 else value for name, value in case.items()})
    project(drawn.paths, drawn.constants, drawn.tables, drawn.state, drawn.scratch, drawn.out, 0, YEARS)
    return Run(drawn.state, drawn.scratch, drawn.out)


def largest(case: Case) -> tuple[float, str]:
    """Largest difference between kernel and oracle of one lane, and the item it belongs to."""
    found = differences(run_of(case, project_lane), run_of(case, lane.project_lane))
    return max((gap, name) for name, gap in found.items())


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_oracle__gives_what_the_kernels_give(case: Case) -> None:
    gap, name = largest(case)
    assert gap < LIMIT, f"{name}: {gap:.1e}"


def test_oracle__uses_no_step_it_judges() -> None:
    """Of the kernels that move members it takes tables of people only: weights of entrants, who is counted where."""
    judged = {
        "turnover",
        "exits",
        "returns",
        "arrivals",
        "rows",
        "members",
        "awards",
        "accounts",
        "rules",
        "entry",
        "settle",
    }
    closing = {"close_funds", "pooled", "earned_on", "adjustment_terms", "entrusted_part", "fund_return"}
    tables = {
        "spread_entries",
        "weigh_campaign",
        "weigh_catch_up",
        "weigh_entries",
        "count_everyone",
        "spread_admission",
    }
    for path in Path(lane.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simengine.kernels"):
                names = {alias.name for alias in node.names}
                assert not names & closing, path.name
                kernels = {(node.module or "").rpartition(".")[2]}
                assert not (names if kernels == {"kernels"} else kernels) & judged, path.name
                assert not kernels & {"campaigns", "coverage", "enrolment", "groups"} or names <= tables, path.name


# --- the comparison can fail ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known() -> list[tuple[Case, Run]]:
    """A few drawn lanes with what the kernels make of them."""
    drawn: list[Case] = []

    @settings(max_examples=28, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=CASES)
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    return [(case, run_of(case, project_lane)) for case in drawn]


def leave_alone(*_: object) -> None:
    """A step that does nothing."""


def flat_bin(self: cells.Members, row: cells.Row, bin_: int, climbing: float, heads: float, mean: cells.Mean) -> None:
    """Nobody climbs a service bin."""
    self.rows.setdefault(row, {}).setdefault(bin_, cells.Cell()).add(heads, mean)


BROKEN: dict[str, tuple[object, str, object]] = {
    "everybody may pause": (turnover, "pause_weight", lambda service, rates, pressing: 1.0),
    "every paused member is as likely to return": (coverage, "return_weight", lambda year, row, service: 1.0),
    "more than nine tenths of a cell return": (coverage, "MOST", 0.95),
    "a split cell keeps its mean": (members, "split_factors", lambda service, share, *least: (1.0, 1.0)),
    "the minimum is met by whole cells": (members, "eligible_share", lambda s, least: float(s >= least)),
    "survivors get nine months": (turnover, "compensation_months", lambda year, service: 9.0),
    "deemed years keep their index": (awards, "deemed_index_years", lambda s, x, v, j, average: j),
    "no comparison with the old public formula": (awards, "compared", lambda year, rates, new: 0.0),
    "pay up is free": (awards, "pay_up", leave_alone),
    "nobody leaves the region": (rates, "leaving_share", lambda year, row: 0.0),
    "nobody arrives insured": (lane, "receive_migrants", leave_alone),
    "accounts stay at 79": (lane, "refund_oldest", leave_alone),
    "more than nine tenths of an age enter": (rule, "MOST_OF_CELL", 1.0),
    "pressure has a higher end": (rule, "MOST_PRESSURE", 3.1),
    "those who stay on hold posts": (rule, "count_below_old_age", rule.count),
    "all paused members are the base of the rate": (settle, "return_heads", lambda year: rule.count(year, at.PAUSED)),
    "payers beyond a level do not pause": (settle, "pause", leave_alone),
    "a payment rate forgets who entered": (settle, "hold_rate", leave_alone),
    "a year keeps what levers did": (settle, "is_moved", lambda year, targets: False),
    "odds are not kept": (rule, "keep_odds", leave_alone),
    "nobody is laid off": (entries, "lay_off", lambda _: 0.0),
    "entrants bring no resident account": (entries, "take_from_pool", lambda *_: 0.0),
    "nobody climbs a bin": (cells.Members, "add", flat_bin),
    "nothing is paid to the adjustment fund": (funds, "pay_up", leave_alone),
    "the adjustment fund pays nothing": (funds, "receive", leave_alone),
    "moves are not exposed": (year.Year, "expose", leave_alone),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_broken_rule__is_seen(rule: str, known: list[tuple[Case, Run]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[rule])
    gaps = (max(differences(run, run_of(case, lane.project_lane)).values()) for case, run in known)
    assert any(gap > SEEN for gap in gaps)
