"""Who returns and who pauses first (notes/coverage.md, sections 4.6 and 4.7)."""

from __future__ import annotations

import numpy as np
import pytest

from simengine.kernels import layout as at
from simengine.kernels.members.coverage import pause_weight
from simengine.kernels.members.returns import return_weight, solve_returns, weigh_returns
from simengine.kernels.members.rows import open_rows
from tests.helpers.lane_builder import Lane, build_lane
from tests.helpers.note_tables import assert_printed, note_tables, number_of

MINIMUM = 15.0


def weighed(lane: Lane) -> Lane:
    """Pressed members return at up to four times the weight of the others, those without a need at half of it."""
    return lane.constant(return_urgency=3.0, return_without_need=0.5, pressing_years=10.0)


def with_paused(*groups: tuple[int, float, float]) -> Lane:
    """Paused men: age reached, heads, recognised years."""
    lane = weighed(build_lane()).path(flexible_payers=0.0)
    for age, heads, service in groups:
        lane.members("paused", age, heads, service)
    return lane


def solved(lane: Lane, wanted: float) -> float:
    """Factor on the weights at which `wanted` paused members return [1]."""
    open_rows(lane.state, lane.scratch)
    return float(solve_returns(0, wanted, lane.constants, lane.tables, lane.state, lane.scratch))


def returned(lane: Lane, age: int, heads: float) -> float:
    """Heads of one age that left the paused [persons]."""
    return heads - float(lane.moments("paused", age)[at.HEADS])


def returning(years: float, left: float, constants: np.ndarray) -> float:
    """Weight of a paused member in the returns [1]."""
    weight: float = return_weight(
        years,
        MINIMUM,
        left,
        constants[at.CONSTANT_RETURN_WITHOUT_NEED],
        constants[at.CONSTANT_RETURN_URGENCY],
        1.0 / constants[at.CONSTANT_PRESSING_YEARS],
    )
    return weight


def pausing(years: float, left: float, constants: np.ndarray) -> float:
    """Share of the pause probability that holds for a payer [1]."""
    weight: float = pause_weight(years, MINIMUM, left, 1.0 / constants[at.CONSTANT_PRESSING_YEARS])
    return weight


# --- the note --------------------------------------------------------------------------------------------------------


def test_note__weights_of_returning_and_pausing() -> None:
    lane = weighed(build_lane())
    rows = note_tables("coverage", "4.6")[0]
    assert len(rows) == 7
    for row in rows:
        years, left = number_of(row["years"]), number_of(row["years left"])
        missing = MINIMUM - years
        assert_printed(row["missing"], missing, row["paused member"])
        assert_printed(row["slack"], left - missing, row["paused member"])
        assert_printed(row["return weight"], returning(years, left, lane.constants), row["paused member"])
        assert_printed(
            row["pause weight"],
            pausing(years, left, lane.constants),
            row["paused member"],
        )


PAUSED = {"no time to lose": (52, 20.0, 6.5), "at ease": (30, 100.0, 10.0), "at the minimum": (45, 100.0, 20.0)}


@pytest.mark.parametrize("table", [0, 1])
def test_note__returns_by_weight(table: int) -> None:
    """46 and 100 of 220 paused men return; in the second case nine tenths of the pressed are not enough."""
    rows = note_tables("coverage", "4.7")[table]
    wanted = sum(number_of(row["return"]) for row in rows)
    lane = with_paused(*PAUSED.values()).path(enterprise_payers=wanted, paused_members=220.0 - wanted).step()
    assert [row["paused men"] for row in rows] == list(PAUSED)
    for row in rows:
        age, heads, service = PAUSED[row["paused men"]]
        left = float(lane.tables.retirement[0, 0, age, at.RET_YEARS_TO_STATUTORY])
        assert_printed(row["heads"], heads, row["paused men"])
        assert_printed(row["weight"], returning(service, left, lane.constants), row["paused men"])
        assert_printed(row["return"], returned(lane, age, heads), row["paused men"])
    assert lane.flow("returns_enterprise") == pytest.approx(wanted, rel=1e-6)


# --- returns ---------------------------------------------------------------------------------------------------------


def test_returns__members_pressed_for_time_come_first() -> None:
    """Ten of forty: who needs all the years left is four times as likely to return as who has ample time."""
    lane = with_paused((52, 20.0, 6.5), (30, 20.0, 10.0)).path(enterprise_payers=10.0, paused_members=30.0).step()
    assert returned(lane, 52, 20.0) == pytest.approx(8.0)
    assert returned(lane, 30, 20.0) == pytest.approx(2.0)


def test_returns__who_cannot_reach_the_minimum_has_no_reason_to_hurry() -> None:
    """Three years at 52 do not suffice any more: the same weight as who has 20 years already."""
    lane = with_paused((52, 20.0, 3.0), (52, 20.0, 20.0)).path(enterprise_payers=4.0, paused_members=36.0).step()
    assert lane.cell("paused", 52)[at.HEADS, 3] == pytest.approx(18.0)
    assert lane.cell("paused", 52)[at.HEADS, 20] == pytest.approx(18.0)


def test_returns__at_most_nine_tenths_of_a_cell() -> None:
    lane = with_paused((52, 20.0, 6.5), (30, 20.0, 10.0)).path(enterprise_payers=100.0, paused_members=0.0).step()
    assert returned(lane, 52, 20.0) == pytest.approx(18.0)
    assert returned(lane, 30, 20.0) == pytest.approx(18.0)
    assert lane.flow("shortfall_paused") == pytest.approx(-4.0)
    assert lane.flow("shortfall_enterprise") == pytest.approx(64.0)


def test_returns__what_one_cell_cannot_give_others_do() -> None:
    """Nine tenths of two pressed men are 1.8; the rest of ten comes from the hundred at ease."""
    lane = with_paused((52, 2.0, 6.5), (30, 20.0, 10.0)).path(enterprise_payers=13.8, paused_members=8.2).step()
    assert returned(lane, 52, 2.0) == pytest.approx(1.8, rel=1e-6)
    assert returned(lane, 30, 20.0) == pytest.approx(12.0, rel=1e-6)


@pytest.mark.parametrize("wanted", [0.5, 5.0, 25.0, 60.0])
def test_returns__equal_weights_are_equal_shares(wanted: float) -> None:
    """Without urgency the same share of every cell returns, whatever the years."""
    lane = with_paused((52, 20.0, 6.5), (30, 40.0, 10.0), (45, 40.0, 20.0))
    lane.constant(return_urgency=0.0, return_without_need=1.0)
    lane.path(enterprise_payers=wanted, paused_members=100.0 - wanted).step()
    for age, heads in ((52, 20.0), (30, 40.0), (45, 40.0)):
        assert returned(lane, age, heads) == pytest.approx(heads * wanted / 100.0, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_returns__against_plain_loops(seed: int) -> None:
    """Random paused members of three careers; the reference bisects the factor and adds person by person."""
    rng = np.random.default_rng(seed)
    lane = weighed(build_lane())
    groups = []
    for _ in range(25):
        career, old = (("men", 60), ("women_55", 55), ("women_50", 50))[rng.integers(3)]
        age, service, heads = int(rng.integers(22, old + 2)), float(rng.uniform(0.0, 30.0)), float(rng.uniform(1, 50))
        if any((career, age, int(service)) == (c, a, int(s)) for c, a, s, _, _ in groups):
            continue
        groups.append((career, age, service, heads, old + 0.5 - age))
        lane.members("paused", age, heads, service, career=career)

    def share(factor: float, service: float, left: float) -> float:
        if left < 1.0:
            return 0.0
        slack = left - (15.0 - service)
        weight = 0.5 if service >= 15.0 or slack < 0.0 else 1.0 + 3.0 * max(0.0, 1.0 - slack / 10.0)
        return min(0.9, factor * weight)

    present = sum(heads for *_, heads, _ in groups)
    wanted = 0.12 * present
    low, high = 0.0, 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        found = sum(heads * share(middle, service, left) for _, _, service, heads, left in groups)
        low, high = (middle, high) if found < wanted else (low, middle)
    lane.path(enterprise_payers=wanted, paused_members=present - wanted, unclaimed_share=1.0).step()
    for career, age, service, heads, left in groups:
        cell = float(lane.cell("paused", age, career)[at.HEADS, int(service)])
        assert heads - cell == pytest.approx(heads * share(low, service, left), rel=1e-7, abs=1e-9)


# --- pauses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "share"), [(6.5, 0.0), (9.5, 0.3), (14.0, 0.75), (15.0, 1.0), (20.0, 1.0), (3.0, 1.0)]
)
def test_pauses__nobody_who_needs_all_the_years_left_stops_paying(service: float, share: float) -> None:
    """Payers of 52, 8.5 years to go: pause probability 0.2 times the slack over ten years."""
    lane = weighed(build_lane()).path(pause_enterprise=0.2, unclaimed_share=1.0)
    lane.members("enterprise", 52, 1000.0, service).step()
    assert lane.flow("pauses_enterprise") == pytest.approx(200.0 * share)


def test_pauses__flexible_payers_too() -> None:
    lane = weighed(build_lane()).path(pause_flexible=0.2, unclaimed_share=1.0)
    lane.members("flexible", 52, 1000.0, 6.5).members("flexible", 30, 1000.0, 10.0).step()
    assert lane.flow("pauses_flexible") == pytest.approx(200.0)


def test_pauses__stopping_at_the_minimum_is_not_weighed() -> None:
    lane = weighed(build_lane()).path(stop_at_minimum_enterprise=0.25, unclaimed_share=1.0)
    lane.members("enterprise", 52, 1000.0, 20.0).step()
    assert lane.flow("pauses_enterprise") == pytest.approx(250.0)


@pytest.mark.parametrize("bit", [-1e-12, 1e-12])
@pytest.mark.parametrize(("service", "left"), [(15.0, 8.5), (6.5, 8.5)])
def test_weights__the_last_bit_of_a_mean_decides_nothing(service: float, left: float, bit: float) -> None:
    """At the minimum, and where exactly the years left are missing, a mean a hair off weighs as the whole one."""
    constants = weighed(build_lane()).constants
    for weight in (returning, pausing):
        whole = weight(service, left, constants)
        assert weight(service + bit, left, constants) == pytest.approx(whole, abs=1e-11)


@pytest.mark.parametrize("wanted", [20.0, 100.0, 140.0, 179.0])
def test_solve_returns__meets_what_is_wanted_where_a_cap_binds(wanted: float) -> None:
    """Two cells of 100: one pressed with weight 4, one at ease with weight 1; at most 180 can return."""
    lane = with_paused((53, 100.0, 6.5), (31, 100.0, 10.0))
    factor = solved(lane, wanted)
    found, _ = weigh_returns(factor, at.RETURNS_ABOVE, lane.state, lane.scratch)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_solve_returns__beyond_the_caps_gives_nine_tenths_of_each() -> None:
    lane = with_paused((53, 100.0, 6.5), (31, 100.0, 10.0))
    factor = solved(lane, 500.0)
    assert weigh_returns(factor, at.RETURNS_ABOVE, lane.state, lane.scratch)[0] == pytest.approx(180.0, rel=1e-12)
