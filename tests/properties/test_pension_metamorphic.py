"""What must follow when one thing about pensions changes and everything else stays, without knowing any result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simengine.engine.compile.retirement import retirement_table
from simengine.engine.project import Result, project
from simengine.kernels import layout as at
from simengine.kernels.rules.accounts import account_pension
from simengine.kernels.rules.death import compensation_at, compensation_spread
from simengine.kernels.rules.pension import (
    base_pension,
    compared_pension,
    mean_gain,
    pension_increase,
    transition_pension,
)
from simengine.kernels.rules.resident import years_to_make_up
from simengine.law import load_law
from simengine.scenario.levers import Retirement
from simengine.scenario.scenario import load_scenario
from tests.helpers.lane_builder import COMPENSATION, build_lane

YEARS = np.arange(2020, 2061)
TABLE = np.array(COMPENSATION)


def scenario(folder: Path, lever: str, name: str) -> Result:
    """Jiangxi to 2045 with one lever of its own."""
    (folder / f"{name}_lever.yaml").write_text(lever, encoding="utf-8")
    path = folder / f"{name}.yaml"
    text = f"extends: jiangxi/baseline\nyears: [2021, 2045]\nlevers: [./{name}_lever.yaml]\n"
    path.write_text(text, encoding="utf-8")
    return project(load_scenario(path))


def lever(start: str) -> dict[str, object]:
    """The enacted pace from another month on."""
    return {
        "reform": "custom",
        "start": start,
        "step_months": {"men": 4, "women_55": 4, "women_50": 2},
        "cap_months": {"men": 36, "women_55": 36, "women_50": 60},
    }


def reform(start: str) -> str:
    import json

    return f"name: {{en: x, local: x}}\nreason: x\nretirement: {json.dumps(lever(start))}\n"


def test_reform_off__ages_are_60_55_and_50_exactly() -> None:
    table = retirement_table(load_law(), "jiangxi", Retirement(reform="none"), YEARS, np.zeros(YEARS.size))
    for career, age in enumerate((60, 55, 50)):
        hazard = table[:, career, :, at.RET_HAZARD]
        assert (hazard[:, age] == 1.0).all(), "who is left retires in the year of the old age"
        left = table[:, career, age, at.RET_YEARS_TO_STATUTORY]
        assert left == pytest.approx(np.full(YEARS.size, 5.5 / 12.0))  # the mean of twelve birth months
        assert table[:, career, age, at.RET_MONTH] == pytest.approx(np.full(YEARS.size, 6.5 / 12.0))


def test_a_later_start_of_the_reform__moves_no_award_before_the_earlier_one() -> None:
    law, stay = load_law(), np.zeros(YEARS.size)
    starts = [Retirement.model_validate(lever(start)) for start in ("2030-01", "2036-01")]
    early, late = (retirement_table(law, "jiangxi", start, YEARS, stay) for start in starts)
    before = YEARS < 2030
    for item in (at.RET_HAZARD, at.RET_MONTH, at.RET_INVERSE_DIVISOR):
        assert np.array_equal(early[before][..., item], late[before][..., item])
    assert (early[~before][..., at.RET_HAZARD] < late[~before][..., at.RET_HAZARD]).any()


def test_a_later_start_of_the_reform__pays_no_more_before_it_and_more_after(tmp_path: Path) -> None:
    """Before the earlier start only what members do in view of their own age may differ: less than a thousandth."""
    early, late = (scenario(tmp_path, reform(start), f"from_{start[:4]}") for start in ("2030-01", "2036-01"))
    benefits = [
        result.dataset["outgo"].sel(fund="enterprise_pension", outgo_item="benefits").isel(scenario=0, draw=0, region=0)
        for result in (early, late)
    ]
    spans = slice(None, 2029), slice(2031, 2035)
    before, between = ([part.sel(year=years).values for part in benefits] for years in spans)
    assert (np.abs(before[1] / before[0] - 1.0) < 1e-3).all()
    assert (between[0] < between[1]).all(), "pensions start later where the reform has begun"


@settings(max_examples=60, deadline=None)
@given(
    base=st.floats(3_000.0, 12_000.0),
    years=st.floats(1.0, 45.0),
    index=st.floats(0.4, 3.0),
    more=st.floats(0.001, 1.0),
)
def test_more_index_or_more_years__never_lower_an_award(base: float, years: float, index: float, more: float) -> None:
    def pension(s: float, i: float) -> float:
        return base_pension(base, 0.01, s, s * i, 0.0) + account_pension(100.0 * s * i, 139.0)

    assert pension(years, index + more) > pension(years, index)
    assert pension(years + more, index) > pension(years, index)


def test_new_persons__have_no_transition_pension() -> None:
    assert transition_pension(7_054.0, 0.0, 0.013) == 0.0
    lanes = []
    for coefficient in (0.0, 0.014):
        lane = build_lane().path(benefit_base=7_000.0, transition_coefficient=coefficient)
        lane.awards("men", 60, {6: 1.0}).members("enterprise", 60, 100.0, 30.0, index=30.0).step()
        lanes.append(lane.flow("new_award_mass_enterprise"))
    assert lanes[0] == lanes[1] > 0.0


def test_no_adjustment__leaves_the_mass_but_for_deaths() -> None:
    for rate in (0.0, 0.02):
        lane = build_lane().path(adjustment_ratio=0.0, adjustment_fixed=0.35)
        lane.path(adjustment_years=0.3, adjustment_tilt=0.05)
        lane.pensioners(75, 100.0, 3_000.0, service=30.0).people(at.MALE, 75, 1_000.0, rate).step()
        assert lane.stock("enterprise_pension_mass") == pytest.approx(300_000.0 * (1.0 - rate), rel=1e-12)


def test_adjustment__mean_increase_is_the_overall_ratio_whatever_the_split() -> None:
    for split in ((1.0, 0.0, 0.0), (0.35, 0.30, 0.05), (0.0, 0.0, 0.0)):
        lane = build_lane().path(adjustment_ratio=0.03, adjustment_fixed=split[0])
        lane.path(adjustment_years=split[1], adjustment_tilt=split[2])
        lane.pensioners(62, 100.0, 5_000.0, service=40.0).pensioners(78, 50.0, 2_000.0, service=20.0).step()
        assert lane.stock("enterprise_pension_mass") == pytest.approx(1.03 * 600_000.0, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(mean=st.floats(0.5, 44.5))
def test_compensation_spread__is_the_mean_of_single_deaths(mean: float) -> None:
    mean = round(mean * 50.0) / 50.0  # the steps at whole years then fall between two copies
    copies = [mean - 0.5 + (copy + 0.5) / 50.0 for copy in range(50)]
    single = np.mean([compensation_at(max(years, 0.0), TABLE, 1.0, 15.0) for years in copies])
    assert compensation_spread(mean, TABLE, 1.0, 15.0) == pytest.approx(float(single), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(old=st.floats(2_000.0, 9_000.0), new=st.floats(2_000.0, 9_000.0), share=st.floats(0.0, 1.0))
def test_comparison__lies_between_old_and_the_better(old: float, new: float, share: float) -> None:
    paid = compared_pension(old, new, share)
    assert old <= paid <= max(old, new) * (1.0 + 1e-12)
    assert compared_pension(old, new, 1.0) == pytest.approx(max(old, new), rel=1e-12)


def test_mean_gain__meets_a_simulation_and_its_two_ends() -> None:
    from simengine.engine.compile.tables import mean_gains

    table = mean_gains(0.10)
    rng = np.random.default_rng(5)
    spread = np.exp(0.10 * rng.standard_normal(400_000) - 0.005)
    for ratio in (0.8, 0.95, 1.0, 1.1, 1.4):
        simulated = float(np.maximum(0.0, ratio * spread - 1.0).mean())
        assert mean_gain(ratio, table, at.GAIN_FIRST, at.GAIN_STEP) == pytest.approx(simulated, abs=1e-3)
    assert mean_gain(0.1, table, at.GAIN_FIRST, at.GAIN_STEP) == 0.0
    assert mean_gain(4.0, table, at.GAIN_FIRST, at.GAIN_STEP) == 3.0


@pytest.mark.parametrize(("mean", "missing"), [(12.0, 3.0), (15.5, 0.0), (15.0, 0.125), (14.5, 0.5), (20.0, 0.0)])
def test_years_to_make_up__of_a_spread_group(mean: float, missing: float) -> None:
    assert years_to_make_up(mean, 15.0, 1.0) == pytest.approx(missing)
    copies = [mean - 0.5 + (copy + 0.5) / 1000.0 for copy in range(1000)]
    assert np.mean([max(0.0, 15.0 - years) for years in copies]) == pytest.approx(missing, abs=1e-6)


def test_individual_increase__adds_its_four_parts() -> None:
    parts = [
        pension_increase(3_200.0, 32.0, 30.0, 15.0, 0.0, 0.0, 0.0, 0.0),
        pension_increase(3_200.0, 32.0, 0.0, 15.0, 1.0, 1.5, 0.0, 0.0),
        pension_increase(3_200.0, 32.0, 0.0, 15.0, 0.0, 0.0, 0.007, 0.0),
        pension_increase(3_200.0, 32.0, 0.0, 15.0, 0.0, 0.0, 0.0, 20.0),
    ]
    assert parts == pytest.approx([30.0, 40.5, 22.4, 20.0])
    assert sum(parts) == pytest.approx(112.90)  # schemes.md P8
