"""The straight path: distance, pace and time distance by hand, and what holds on every path."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simengine.judge.monitor.pace import Path, moment, standing

RISING = Path(80.0, 2020.0, 100.0, 2025.0)
FALLING = Path(5.0, 2020.0, 3.0, 2025.0)


def test_worked_example__the_path_had_88_after_two_years_so_it_is_one_year_behind() -> None:
    # 80 + 20·3/5 = 92 after three years; 80 + 20·s/5 = 88 at s = 2; (88 - 80)/3 over 20/5 is 2/3; (100 - 88)/2 = 6
    found = standing(RISING, 88.0, 2023.0)
    assert (found.path, found.distance, found.time_distance, found.still_needed) == (92.0, -4.0, -1.0, 6.0)
    assert found.pace == pytest.approx(2.0 / 3.0, rel=1e-15) and not found.beyond


def test_month__august_is_eight_twelfths_of_a_year() -> None:
    assert moment(2022, 8) == 2021 + 8 / 12 and moment(2021, 12) == moment(2021) == 2021.0
    # from 0 at the end of 2020 to 300 at the end of 2025 are 60 a year; 20 months make 100
    path = Path(0.0, 2020.0, 300.0, 2025.0)
    found = standing(path, 100.0, moment(2022, 8))
    assert (found.distance, found.time_distance, found.pace) == (0.0, 0.0, 1.0)
    # 110 is there after 110/60 years, that is 22 months: two months ahead
    assert standing(path, 110.0, moment(2022, 8)).time_distance == pytest.approx(2.0 / 12.0, abs=1e-9)


def test_falling_path__less_is_ahead() -> None:
    # 5 - 0.4·t: 4.2 after two years; 4.5 after 1.25 years; 3.8 after three
    assert standing(FALLING, 4.2, 2022.0).time_distance == 0.0
    behind, ahead = standing(FALLING, 4.5, 2022.0), standing(FALLING, 3.8, 2022.0)
    assert (behind.distance, behind.time_distance) == pytest.approx((-0.3, -0.75))
    assert (ahead.distance, ahead.time_distance, ahead.pace) == pytest.approx((0.4, 1.0, 1.5))


def test_figure_that_the_path_never_had__is_so_many_years_ahead_or_behind_at_least() -> None:
    above, below = standing(RISING, 103.0, 2022.0), standing(RISING, 79.0, 2022.0)
    assert (above.time_distance, above.beyond, above.still_needed) == (3.0, True, 0.0)
    assert (below.time_distance, below.beyond, below.pace) == (-2.0, True, -0.125)  # -1/2 a year over 4 a year
    assert standing(RISING, 100.0, 2022.0).beyond is False and standing(RISING, 100.0, 2022.0).time_distance == 3.0


def test_end_of_the_path__nothing_is_needed_any_more() -> None:
    found = standing(RISING, 97.0, 2025.0)
    assert (found.distance, found.time_distance) == pytest.approx((-3.0, -0.75)) and math.isnan(found.still_needed)
    assert RISING.at(2030.0) == 100.0 and RISING.at(2019.0) == 80.0


LEVELS = st.floats(-1e6, 1e6, allow_nan=False)


@given(base=LEVELS, way=st.floats(1e-3, 1e6), sign=st.sampled_from((-1.0, 1.0)), years=st.integers(1, 15),
       months=st.integers(1, 180))  # fmt: skip
def test_every_path__a_figure_on_it_has_time_distance_nought_and_pace_one(
    base: float, way: float, sign: float, years: int, months: int
) -> None:
    path = Path(base, 2020.0, base + sign * way, 2020.0 + years)
    when = 2020.0 + min(months / 12, float(years))
    found = standing(path, path.at(when), when)
    assert (found.distance, found.time_distance, found.pace) == (0.0, 0.0, 1.0)


@given(part=st.floats(-0.5, 1.5), months=st.integers(1, 60))
def test_every_figure__distance_pace_and_time_distance_say_the_same(part: float, months: int) -> None:
    """Ahead on one scale is ahead on all; inside the path the time distance is the distance over the yearly step."""
    when = 2020.0 + months / 12
    for path in (RISING, FALLING):
        found = standing(path, path.base + part * path.way, when)
        signs = {(value > 0.0) - (value < 0.0) for value in (found.distance, found.pace - 1.0)}
        assert len(signs) == 1
        if not found.beyond:
            assert found.time_distance == pytest.approx(found.distance / abs(path.needed), abs=1e-8)
        assert abs(found.time_distance) <= 5.0


def test_straight_continuation__goes_through_base_and_actual() -> None:
    # 80 to 88 in three years: 8/3 a year, 40/3 in five
    assert RISING.carried_on(88.0, 2023.0) == pytest.approx(80.0 + 40.0 / 3.0)
