"""Every stress moves what it names, in the right direction and years, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from simengine.decide.stress.forms import Place, place_of, profile, shocked, why_not
from simengine.decide.stress.library import Stress, stresses
from simengine.engine.compile import LaneInputs
from simengine.engine.project import Openings
from simengine.registry.inputs import PATH_NAMES
from simengine.scenario.scenario import Scenario, load_scenario

WAGE = {
    *("average_wage", "previous_wage", "benefit_base", "minimum_wage", "urban_income", "previous_urban_income"),
    *("previous_national_urban_income", "rural_income", "adjustment_ratio", "resident_contribution"),
    *("resident_subsidy", "unemployment_benefit", "unemployment_medical", "unemployment_pension_refund"),
    *("medical_cost", "injury_project_premium"),
}
PRICES = {"price_index", "previous_price_index", "adjustment_ratio", "living_standard"}
RETURNS = {
    *("return_enterprise_pension", "return_public_pension", "return_occupational_annuity", "return_resident"),
    *("return_unemployment", "return_work_injury", "return_entrusted", "account_interest", "annuity_recorded_interest"),
}
MOVED: dict[str, set[str]] = {
    "low_fertility": {"birth_rate"},
    "longevity": {"death_prob"},
    "emigration_young": {"migration"},
    "wage_stagnation": WAGE,
    "deflation": PRICES,
    "return_shortfall": RETURNS,
    "layoff_wave": {"surveyed_unemployment_rate"},
    "campaign_half": {"campaign_gross_enterprise"},
    "payment_slipping": {"pause_enterprise", "pause_flexible"},
    "early_retirement_rush": {"retirement"},
    "accident_year": {"incidence_factor"},
}
"""What a stress names, and what follows it by the rules of basis and law (basis.md, section 2): no more may move."""
PARTS = ("low_fertility", "wage_stagnation", "return_shortfall", "layoff_wave", "payment_slipping")
MOVED["combined_adverse"] = set().union(*(MOVED[part] for part in PARTS))

LAST = {"emigration_young": 10, "layoff_wave": 2, "payment_slipping": 5, "early_retirement_rush": 3, "accident_year": 1}
"""Years that a shock acts which ends; the others act to the horizon, or as long as the campaign."""


@pytest.fixture(scope="module")
def openings() -> Openings:
    return Openings()


@pytest.fixture(scope="module")
def today() -> Place:
    return place_of(load_scenario("jiangxi/baseline"))


@pytest.fixture(scope="module")
def planned() -> Place:
    return place_of(load_scenario("xuzhou/as_planned"))


def differences(before: LaneInputs, after: LaneInputs) -> Iterator[tuple[str, list[int], float]]:
    """Inputs that differ: name, years, and the sum of the differences."""
    pairs = [(name, before.paths[place], after.paths[place]) for place, name in enumerate(PATH_NAMES)]
    pairs += [(name, getattr(before.tables, name), getattr(after.tables, name)) for name in before.tables._fields]
    assert np.array_equal(before.constants, after.constants, equal_nan=True)
    for name, old, new in pairs:
        assert old.shape == new.shape, name
        apart = ~((old == new) | (np.isnan(old) & np.isnan(new)))
        if apart.any():
            assert old.shape[0] == before.years.size, f"{name} has no years"
            rows = apart.reshape(before.years.size, -1).any(axis=1)
            yield name, before.years[rows].tolist(), float(np.nansum(new - old))


def made(one: Stress, place: Place) -> Scenario:
    under = shocked(one, one.content.size, place, f"{place.scenario.key}~{one.key}")
    assert under is not None
    return under


@pytest.mark.parametrize("one", stresses().values(), ids=lambda one: one.key)
def test_inputs__only_what_is_named_moves_in_the_right_direction_and_years(
    one: Stress, openings: Openings, today: Place, planned: Place
) -> None:
    place = planned if one.content.form == "campaigns" else today
    lane, *_ = openings.lanes(place.scenario)
    under, *_ = openings.lanes(made(one, place))
    found = {name: (years, moved) for name, years, moved in differences(lane.inputs, under.inputs)}
    assert set(found) == MOVED[one.key]
    named = one.content.moves if one.content.form != "campaigns" else {"campaign_gross_enterprise": "down"}
    assert set(named) <= set(found)
    last = int(lane.inputs.years[-1])
    for name, direction in named.items():
        years, moved = found[name]
        assert (moved < 0.0) == (direction == "down"), name
        assert years[0] == place.start
        part = next((part for part in PARTS if name in MOVED[part]), one.key) if one.content.parts else one.key
        end = 2025 if part == "campaign_half" else place.start + LAST[part] - 1 if part in LAST else last
        assert years == list(range(place.start, end + 1)), name
    assert all(years[0] >= place.start for years, _ in found.values())


def test_nothing__is_the_baseline(openings: Openings, today: Place) -> None:
    lane, *_ = openings.lanes(today.scenario)
    for one in stresses().values():
        if not why_not(one, today.scenario):
            under = shocked(one, 0.0, today, "nothing")
            assert under is not None
            assert not list(differences(lane.inputs, openings.lanes(under)[0].inputs)), one.key


def test_wage_stagnation__growth_is_lower_by_the_size_for_five_years_and_its_own_afterwards(
    openings: Openings, today: Place
) -> None:
    # (1 + g')/(1 + g) = 1 - x in each of the five years, 1 in every other
    one, at = stresses()["wage_stagnation"], PATH_NAMES.index("average_wage")
    lanes = [openings.lanes(scenario)[0].inputs for scenario in (today.scenario, made(one, today))]
    own, under = (lane.paths[at, 1:] / lane.paths[at, :-1] for lane in lanes)
    years = lanes[0].years[1:]
    wanted = np.where((years >= 2025) & (years < 2030), 1.0 - one.content.size, 1.0)
    np.testing.assert_allclose(under / own, wanted, rtol=1e-12)


def test_low_fertility__children_fall_over_five_years_and_stay(openings: Openings, today: Place) -> None:
    one = stresses()["low_fertility"]
    lanes = [openings.lanes(scenario)[0].inputs for scenario in (today.scenario, made(one, today))]
    children = [lane.tables.birth_rate.sum(axis=1) for lane in lanes]
    fewer = dict(zip(lanes[0].years.tolist(), (children[0] - children[1]).tolist(), strict=True))
    for passed in range(5):
        assert fewer[2025 + passed] == pytest.approx(one.content.size * (passed + 1) / 5, rel=1e-9)
    assert fewer[2024] == 0.0 and fewer[2095] == pytest.approx(one.content.size, rel=1e-9)


def test_emigration__takes_the_stated_share_of_all_residents_from_the_ages_alone(
    openings: Openings, today: Place
) -> None:
    one = stresses()["emigration_young"]
    lanes = [openings.lanes(scenario)[0].inputs for scenario in (today.scenario, made(one, today))]
    gone = lanes[0].tables.migration - lanes[1].tables.migration
    year = int(np.flatnonzero(lanes[0].years == 2030)[0])
    assert gone[year].sum() == pytest.approx(one.content.size * today.residents, rel=1e-9)
    assert (gone[year][:, 20:35] > 0.0).all() and gone[year][:, :20].sum() == 0.0 == gone[year][:, 35:].sum()


def test_longevity__force_falls_faster_for_twenty_five_years_from_sixty_on(openings: Openings, today: Place) -> None:
    # after n years the force is (1 - x)^n of its own, from 25 years on (1 - x)^25
    one = stresses()["longevity"]
    lanes = [openings.lanes(scenario)[0].inputs for scenario in (today.scenario, made(one, today))]
    force = [-np.log1p(-lane.tables.death_prob) for lane in lanes]
    ratio = force[1] / force[0]
    for year, count in ((2025, 1), (2049, 25), (2090, 25)):
        at = int(np.flatnonzero(lanes[0].years == year)[0])
        np.testing.assert_allclose(ratio[at][:, 60:], (1.0 - one.content.size) ** count, rtol=1e-9)
        np.testing.assert_allclose(ratio[at][:, :60], 1.0, rtol=1e-12)


def test_campaign__half_of_its_persons_are_missing_and_what_is_stated_is_not_moved(planned: Place) -> None:
    under = made(stresses()["campaign_half"], planned)
    before, after = (one.settings.campaigns for one in (planned.scenario, under))
    assert [one.total for one in after] == [0.5 * one.total for one in before]
    # wages are stated by the plan itself
    assert shocked(stresses()["wage_stagnation"], 0.05, planned, "x") is None
    assert shocked(stresses()["combined_adverse"], 1.0, planned, "x") is None


def test_combined__is_its_parts_at_one_scale(openings: Openings, today: Place) -> None:
    one = stresses()["combined_adverse"]
    under = shocked(one, 0.5, today, "half")
    part = shocked(stresses()["layoff_wave"], 0.5 * stresses()["layoff_wave"].content.size, today, "wave")
    assert under is not None and part is not None
    at = PATH_NAMES.index("surveyed_unemployment_rate")
    both = [openings.lanes(scenario)[0].inputs.paths[at] for scenario in (under, part)]
    assert np.array_equal(*both)


def test_profile__of_every_shape() -> None:
    ramp, pulse, level = (stresses()[name] for name in ("low_fertility", "layoff_wave", "return_shortfall"))
    assert list(profile(ramp, 1.0, 2030).values()) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert profile(pulse, 1.0, 2030) == {2030: 1.0, 2032: 0.0}
    assert profile(level, 1.0, 2030) == {2030: 1.0}
