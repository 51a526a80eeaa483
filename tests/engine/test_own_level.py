"""The history of a city, county or area at its own level, and what the opening carries into awards."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.basis.own_level import LEVELS, MEMBERS, OF_MEMBERS, OF_PUBLIC, STOCKS_1992, densities, history_inputs
from simengine.engine.project import Histories, Lane, Openings, run_lane, spin_up
from simengine.kernels import layout as at
from simengine.kernels.branches.pensions import set_award_levels
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario
from tests.helpers.lane_builder import build_lane

CHILDREN = tuple(name for name in basis_names() if load_basis(name).spinup_parent is not None)
SCENARIOS = ("china", "jiangxi", "hubei", "haiyan", "xuzhou", "jingdezhen")


@cache
def lanes() -> list[Lane]:
    openings = Openings()
    return [lane for region in SCENARIOS for lane in openings.lanes(load_scenario(f"{region}/baseline"))]


def parent_of(basis: Basis) -> Basis:
    assert basis.spinup_parent is not None
    return basis.spinup_parent


def test_densities__haiyan_by_hand() -> None:
    """Enterprise payers: the county's opening over Zhejiang's times the county's part of the people of 16-59."""
    county, province = load_basis("haiyan-2020"), load_basis("zhejiang-2020")
    people = county.population()[:, 16:60].sum() / province.population()[:, 16:60].sum()
    payers = county.opening("enterprise_payers") / (province.path("enterprise_payers", [2020])[0] * people)
    assert densities(county, province)["enterprise_payers"] == pytest.approx(payers, rel=1e-12)
    assert payers > 1.2  # a county of factories


@pytest.mark.parametrize("name", CHILDREN)
def test_history_inputs__multiply_the_parents_head_counts_and_nothing_else(name: str) -> None:
    basis = load_basis(name)
    parent, factors = parent_of(basis), densities(basis, parent_of(basis))
    scaled = history_inputs(basis)
    years = np.arange(1992, parent.base_year + 1)
    size = {key: float(parent.path(key, [parent.base_year])[0]) for key in MEMBERS}
    part = [key for key in MEMBERS if key != "public_payers"]
    members = sum(factors[key] * size[key] for key in part) / sum(size[key] for key in part)
    expected = {**factors, **dict.fromkeys(OF_PUBLIC, factors["public_payers"]), **dict.fromkeys(OF_MEMBERS, members)}
    for series, factor in expected.items():
        np.testing.assert_allclose(scaled.path(series, years), factor * parent.path(series, years), rtol=1e-12)
    for series in ("average_wage", "award_factor", "compliance_enterprise", "resident_takeup"):
        np.testing.assert_array_equal(scaled.path(series, years), parent.path(series, years))
    for constant in STOCKS_1992:
        assert scaled.constant(constant) == pytest.approx(members * parent.constant(constant), rel=1e-12)
    assert scaled.name == parent.name and scaled.population().sum() == parent.population().sum()


def test_history_inputs__a_region_with_its_own_history_is_itself() -> None:
    basis = load_basis("hubei-2020")
    assert history_inputs(basis) is basis


@pytest.mark.parametrize("name", [name for name in CHILDREN if not load_basis(name).partition])
def test_spin_up__of_a_place_ends_at_its_own_level(name: str) -> None:
    """What is left to the alignment of heads is what ages do to a level, not the difference of two places."""
    (lane,) = [lane for lane in lanes() if lane.basis.name == name]
    for factor in lane.factors:
        if factor.item in MEMBERS or factor.item in LEVELS:
            assert factor.factor == pytest.approx(1.0, abs=0.09), factor.item


def test_histories__a_place_does_not_take_the_place_of_its_parent() -> None:
    histories = Histories(load_law(), lambda text: None)
    county, province = load_basis("haiyan-2020"), load_basis("zhejiang-2020")
    own, whole = histories.of(county), histories.of(province)
    assert set(histories.known) == {"zhejiang-2020"} and set(histories.borrowed) == {"haiyan-2020"}
    alone = spin_up(province, load_law())
    assert whole.state.tobytes() == alone.state.tobytes() and own.state.tobytes() != alone.state.tobytes()


# --- the factor on the mean pension, carried into awards -----------------------------------------------------------


@pytest.mark.parametrize(("year", "enterprise"), [(1, 1.2 * 1.18), (5, 1.2 * 1.10), (10, 1.2), (11, 1.2)])
def test_award_levels__fade_over_the_stated_years(year: int, enterprise: float) -> None:
    """Factor 1.2, opening 1.2 times the mean: 1 + .2·(1 - 1/10) = 1.18 in the first year, 1.10 in the fifth, then none.

    The public mean was halved: 1 - .5·(1 - year/10).
    """
    lane = build_lane().path(award_factor=1.2, public_award_factor=1.0).constant(award_alignment_years=10.0)
    lane.state.memory[at.MEMORY_AWARD_EXCESS_ENTERPRISE] = 0.2
    lane.state.memory[at.MEMORY_AWARD_EXCESS_PUBLIC] = -0.5
    for _ in range(year):
        set_award_levels(0, lane.paths, lane.constants, lane.state, lane.scratch)
    found = lane.scratch.award_level
    assert found[at.SCHEME_ENTERPRISE] == pytest.approx(enterprise, rel=1e-12)
    assert found[at.SCHEME_PUBLIC] == pytest.approx(1.0 - 0.5 * max(0.0, 1.0 - year / 10.0), rel=1e-12)


def test_align__leaves_the_factor_on_the_mean_in_the_state() -> None:
    for lane in lanes():
        factors = {factor.item: factor.factor for factor in lane.factors}
        memory = lane.opening.memory
        for scheme in ("enterprise", "public"):
            kept = memory[getattr(at, f"MEMORY_AWARD_EXCESS_{scheme.upper()}")]
            assert kept == pytest.approx(factors[f"average_{scheme}_pension"] - 1.0, abs=1e-15), lane.basis.name
        assert memory[at.MEMORY_AWARD_EXCESS_YEARS] == 0.0


def test_awards__of_the_first_year_move_with_the_factor_and_those_after_ten_years_do_not() -> None:
    """Hubei with a factor of 1 and of 1.1 on the mean: pooled awards of 2021 differ by 1.09, those of 2031 do not."""
    (lane,) = [lane for lane in lanes() if lane.basis.name == "hubei-2020"]

    def awards(excess: float) -> tuple[float, float]:
        opening = at.new_state()
        opening.fill(lane.opening)
        opening.memory[at.MEMORY_AWARD_EXCESS_ENTERPRISE] = excess
        output = run_lane(lane.inputs, opening, 1, 13)
        mass = output.flows[at.FLOW_NEW_AWARD_MASS_ENTERPRISE]
        return float(mass[1]), float(mass[11])

    plain, raised = awards(0.0), awards(0.1)
    assert 1.05 < raised[0] / plain[0] < 1.09  # all but the account part moves by 9 %
    assert raised[1] == pytest.approx(plain[1], rel=1e-9)
