"""Who may register with the residents, up to which ceiling, and who is registered twice (notes/resident.md)."""

from __future__ import annotations

import pytest

from simengine.kernels import layout as at
from simengine.kernels.branches import resident
from tests.helpers.branch_builder import Branch, open_year, resident_year
from tests.helpers.lane_builder import build_lane
from tests.kernels.test_resident_kernels import FUND, MEN, WOMEN, elderly, registered, savers

# --- registered and coverable people ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "age", "ratio"),
    [
        *((2020, 60, 1.05), (2021, 59, 1.2), (2021, 60, 1.2), (2021, 61, 1.05), (2030, 69, 1.2), (2030, 70, 1.05)),
        *((2020, 16, 1.2), (2010, 75, 1.05), (2060, 99, 1.2), (2060, 100, 1.05)),
    ],
)
def test_registered_ratio__who_turns_sixty_after_the_opening_keeps_the_younger_one(
    year: int, age: int, ratio: float
) -> None:
    for first_year in (1993, 2021):  # the same in the history and in the projection
        case = savers(1).constant(hukou_ratio=1.05, hukou_ratio_16_59=1.2, first_year=first_year, opening_year=2020)
        assert resident.registered_ratio(year - first_year, age, case.constants) == ratio


def test_admit_elderly__takes_the_ratio_of_the_cohort() -> None:
    """900 men of 65: in 2025 they turned 60 before the opening of 2020 (ratio 1), in 2026 after it (ratio 1.2)."""
    for first_year, ratio in ((2025, 1.0), (2026, 1.2)):
        case = elderly(heads=900.0, drawing=0.0)
        case.constant(hukou_ratio=1.0, hukou_ratio_16_59=1.2, first_year=first_year, opening_year=2020)
        resident_year(case, 0)
        assert case.flow("resident_admitted") == pytest.approx(0.93 * (900.0 * ratio - 300.0))


def test_coverable_people__residents_or_the_registered_if_more_and_no_students() -> None:
    """Men of 15, 20 (half in school), 40 and 65; where fewer are registered than live here, residents count."""
    case = savers(1)
    people = case.state.population
    people[MEN, [15, 20, 40, 65]] = 500.0, 100.0, 200.0, 300.0
    case.tables.student_share[20] = 0.5
    for young, old, expected in ((1.0, 1.0, 550.0), (1.2, 1.0, 600.0), (0.8, 1.1, 580.0), (0.8, 0.9, 550.0)):
        case.constant(hukou_ratio=old, hukou_ratio_16_59=young)
        assert resident.coverable_people(0, case.constants, case.tables, people) == pytest.approx(expected)
        resident_year(case, 0)
        assert case.stock("coverable_population", 1) == pytest.approx(expected)
        assert case.stock("registered_60", 1) == pytest.approx(300.0 * old)


# --- ceiling of the coverage rate ------------------------------------------------------------------------------------


def nearly_covered(**series: float) -> Branch:
    """1,000 women of 30, 400 of them in the employees' scheme; nine tenths of the others should be registered."""
    case = savers(1, **({"resident_registered": float("nan")} | series)).people(WOMEN, 30, 1_000.0)
    case.cells[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 400.0
    return case.remember(ratio_resident=0.9)


@pytest.mark.parametrize(
    ("ceiling", "ratio", "target"), [(1.0, 1.0, 540.0), (0.85, 1.0, 450.0), (0.85, 0.8, 280.0), (0.5, 0.5, 0.0)]
)
def test_room_to_register__the_ceiling_of_the_coverage_rate(ceiling: float, ratio: float, target: float) -> None:
    """Participants, 400 of them employees, stay at or below ceiling x ratio x 1,000; nobody is sent away."""
    case = nearly_covered(coverage_population_ratio=ratio).constant(coverage_ceiling=ceiling)
    resident_year(case, 0)
    assert registered(case) == pytest.approx(target)
    assert case.flow("shortfall_resident") == pytest.approx(0.0, abs=1e-9)
    assert case.memory("ratio_resident") == 0.9


def test_room_to_register__nobody_is_struck_off() -> None:
    case = nearly_covered().constant(coverage_ceiling=0.6).register(WOMEN, 29, 500.0)
    resident_year(case, 0)
    assert registered(case) == pytest.approx(500.0)
    assert case.flow("shortfall_resident") == pytest.approx(200.0 - 500.0)


def test_room_to_register__a_known_level_is_taken_as_it_is() -> None:
    case = nearly_covered(resident_registered=560.0).constant(coverage_ceiling=0.85)
    resident_year(case, 0)
    assert registered(case) == pytest.approx(560.0)


def test_room_to_register__the_ceiling_is_never_below_the_last_known_rate() -> None:
    """560 known beside 400 employees of 1,000 women: a rate of 0.96 above the ceiling of 0.85.

    A year later the level is not known. Of the same 1,000 women 0.96 x 1,000 - 400 = 560 are registered again; with the
    ceiling alone it would be 0.85 x 1,000 - 400 = 450.
    """
    known = nearly_covered(resident_registered=560.0).constant(coverage_ceiling=0.85)
    resident_year(known, 0)
    assert known.memory("reached_coverage") == pytest.approx(0.96)
    for kept, later in ((0.96, 560.0), (0.0, 450.0)):
        after = nearly_covered().constant(coverage_ceiling=0.85).remember(ratio_resident=1.0, reached_coverage=kept)
        resident_year(after, 0)
        assert registered(after) == pytest.approx(later)
        assert after.memory("reached_coverage") == kept  # an unknown level leaves it


def test_room_to_register__everybody_drawing_or_arriving_counts_and_double_members_once() -> None:
    """0.85 of 1,200 coverable less 400 employees, 90 who draw and 20 who arrive at 65, and 30 counted in both."""
    case = nearly_covered().constant(coverage_ceiling=0.85).people(WOMEN, 65, 200.0)
    case.cells[at.HEADS, 1, at.PAUSED, 30 - at.FIRST_AGE, 5] = 30.0
    case.cells[at.HEADS, 1, at.ENTERPRISE, 30 - at.FIRST_AGE, 5] = 370.0
    case.state.beneficiaries[at.B_HEADS, WOMEN, 64] = 90.0
    case.register(WOMEN, 29, 30.0, dual=30.0)
    open_year(case, 0)
    resident.relabel_resident(case.state)
    case.scratch.resident_in[0, WOMEN, 65] = 20.0
    resident.register_residents(0, case.paths, case.constants, case.tables, case.state, case.scratch, case.out)
    assert registered(case) == pytest.approx(0.85 * 1_200.0 - 400.0 - 90.0 - 20.0 + 30.0)


# --- double registrations --------------------------------------------------------------------------------------------


def test_register_paused__a_share_of_the_registrations_has_a_dormant_account() -> None:
    """A hundredth of 500 registrations; the other 495 come from the 600 women outside every scheme."""
    case = savers(1, resident_registered=500.0).constant(dual_share=0.01).people(WOMEN, 30, 1_000.0)
    case.paused(WOMEN, 30, 400.0)
    resident_year(case, 0)
    assert case.flow("resident_dual_entries") == pytest.approx(5.0)
    assert case.flow("resident_entries") == pytest.approx(500.0)
    assert case.stock("dual_members", 1) == pytest.approx(5.0)
    assert case.flow("shortfall_resident") == pytest.approx(0.0, abs=1e-9)


def test_register_paused__by_where_they_are() -> None:
    """Paused members of 30 and 50, 300 and 60, of whom 20 are registered already: 300 to 40."""
    case = savers(1, resident_registered=360.0).constant(dual_share=0.1)
    case.people(WOMEN, 30, 1_000.0).people(MEN, 50, 1_000.0).paused(WOMEN, 30, 300.0).paused(MEN, 50, 60.0)
    case.register(MEN, 49, 20.0, dual=20.0)
    resident_year(case, 0)
    assert case.flow("resident_dual_entries") == pytest.approx(34.0)
    assert case.state.resident[at.R_DUAL, WOMEN, 30] == pytest.approx(34.0 * 300.0 / 340.0)
    assert case.state.resident[at.R_DUAL, MEN, 50] == pytest.approx(20.0 + 34.0 * 40.0 / 340.0)


def test_register_paused__at_most_nine_tenths_of_them() -> None:
    case = savers(1, resident_registered=500.0).constant(dual_share=0.5).people(WOMEN, 30, 1_000.0)
    case.paused(WOMEN, 30, 10.0)
    resident_year(case, 0)
    assert case.flow("resident_dual_entries") == pytest.approx(9.0)
    assert case.flow("resident_entries") == pytest.approx(500.0)


def test_register_paused__no_registration_wanted_no_double_one() -> None:
    case = savers(1, resident_registered=100.0).constant(dual_share=0.5).people(WOMEN, 30, 1_000.0)
    case.paused(WOMEN, 30, 10.0).register(WOMEN, 29, 300.0)
    resident_year(case, 0)
    assert case.flow("resident_dual_entries") == case.flow("resident_entries") == 0.0


def test_register_paused__counted_once_among_the_participants() -> None:
    """400 paused members and 500 registered of whom 5 are both: 895 covered, 105 not, of 1,000 women."""
    case = savers(1, resident_registered=500.0).constant(dual_share=0.01).people(WOMEN, 30, 1_000.0)
    case.state.population[WOMEN, 30] = 1_000.0
    case.paused(WOMEN, 30, 400.0)
    resident_year(case, 0)
    assert case.stock("uncovered", 1) == pytest.approx(105.0)
    assert case.stock("non_resident_members", 1) == 0.0


def test_end_double_registrations__ended_when_the_account_is_dormant_no_more() -> None:
    """20 of 100 are registered twice, 5 of them still paused: 15 take their part of 50,000 yuan and leave."""
    case = savers(1).people(WOMEN, 30, 1_000.0).register(WOMEN, 29, 100.0, account=50_000.0, dual=20.0)
    case.state.resident[at.R_PAID_YEARS, WOMEN, 29] = 400.0
    case.paused(WOMEN, 30, 5.0)
    open_year(case, 0)
    resident.relabel_resident(case.state)
    resident.register_residents(0, case.paths, case.constants, case.tables, case.state, case.scratch, case.out)
    cell = case.state.resident[:, WOMEN, 30]
    assert registered(case) == pytest.approx(85.0)
    assert cell[[at.R_DUAL, at.R_ACCOUNT, at.R_PAID_YEARS]].tolist() == pytest.approx([5.0, 42_500.0, 340.0])
    assert case.flow("resident_dual_ended") == pytest.approx(15.0)
    assert case.flow("resident_inherited") == pytest.approx(7_500.0)
    assert case.due(FUND, "benefits") == pytest.approx(7_500.0)


def test_end_double_registrations__a_member_who_pays_again_leaves_the_residents() -> None:
    """Men of 30: 100 paused, 50 of them registered too; 80 pay again, and of the 20 left nobody is counted twice."""
    lane = build_lane().path(
        enterprise_payers=80.0, flexible_payers=0.0, paused_members=20.0, resident_registered=100.0
    )
    lane.people(MEN, 30, 200.0).members("paused", 30, 100.0, 5.0).residents(MEN, 30, 100.0, account=300.0)
    lane.state.resident[at.R_DUAL, MEN, 29] = 50.0
    lane.step()
    assert lane.heads("enterprise") == pytest.approx(80.0)
    assert lane.flow("resident_dual_ended") == pytest.approx(30.0)
    assert lane.flow("resident_inherited") == pytest.approx(30.0 * 300.0)
    assert lane.stock("dual_members") == pytest.approx(20.0)
    # 30 people without a scheme take the places of those who left: 100 members and 100 registered, 20 of them both
    assert lane.flow("resident_entries") == pytest.approx(30.0)
    assert lane.stock("uncovered") == pytest.approx(200.0 - (100.0 + 100.0 - 20.0))


def test_end_double_registrations__the_paused_of_the_same_sex_and_age_alone_count() -> None:
    case = savers(1).register(WOMEN, 29, 100.0, dual=20.0).paused(MEN, 30, 50.0).paused(WOMEN, 31, 50.0)
    resident_year(case, 0)
    assert case.stock("dual_members", 1) == 0.0
    assert case.flow("resident_dual_ended") == pytest.approx(20.0)
