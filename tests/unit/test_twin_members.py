"""The vectorised NumPy version of the heavy part of the year against the kernels."""

from __future__ import annotations

import numpy as np
import pytest

from benches.twin.lanes import Run, opened_lane
from benches.twin.members import STAGES, Call, calls_of, copied, difference
from benches.twin.members_numpy import settle_members
from simengine.kernels import layout as at

YEARS = 14


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    return calls_of(Run(opened_lane(), YEARS), every=12)


def test_numpy_members__are_those_of_the_kernels(calls: list[Call]) -> None:
    assert [name for name, _ in calls] == [*STAGES, *STAGES]
    for call in calls:
        found = difference(call)
        assert max(found.values()) < 1e-12, sorted(found.items(), key=lambda item: -item[1])[:3]
        assert {"State.members", "Scratch.arrivals", "Scratch.new_pensioners", "LaneOutput.flows"} <= found.keys()


def test_numpy_members__do_what_a_year_does(calls: list[Call]) -> None:
    """The stage that is compared awards pensions, lets members choose, move, die and lose their working capacity."""
    arguments = copied(calls[2][1])
    t, state, out = arguments[0], arguments[4], arguments[6]
    before = state["members"].copy()
    settle_members(*arguments)
    flows = [at.FLOW_AWARDS_ENTERPRISE, at.FLOW_AWARDS_PUBLIC, at.FLOW_BELOW_MINIMUM, at.FLOW_NEW_INVALIDS]
    flows += [at.FLOW_PAUSES_ENTERPRISE, at.FLOW_SWITCHES_TO_FLEXIBLE, at.FLOW_MEMBER_DEATHS, at.FLOW_CHOICE_RESIDENT]
    assert (out["flows"][flows, t] > 0.0).all()
    assert not np.array_equal(state["members"], before)
