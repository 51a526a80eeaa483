"""Levers on the law: what may end ends, what cannot is refused where it stands, and what acts moves a result."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simengine.cli.inputs import check_file, faults
from simengine.common.errors import LeverError, SimengineError, localised
from simengine.common.messages import Words, refusals
from simengine.engine.project import project
from simengine.judge.checks.identities import run_checks
from simengine.law import LawTree, load_law
from simengine.registry.inputs import LEVER_KEYS
from simengine.scenario.scenario import load_scenario, with_levers

FIRST = 2024
"""First year of a lever here, three years before the horizon ends; one parameter is read in 2025 alone."""


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


def write(folder: Path, changes: str, region: str = "jiangxi", last: int = FIRST + 2) -> Path:
    """A scenario of a region with one lever of these changes."""
    lever = f"name: {{en: Mine, local: 我的}}\nreason: A test.\nchanges:\n  {changes}\n"
    (folder / "mine.yaml").write_text(lever, encoding="utf-8")
    path = folder / "trial.yaml"
    text = f"extends: {region}/baseline\nyears: [2021, {last}]\ntargets: []\nlevers: [./mine.yaml]\n"
    path.write_text(text, encoding="utf-8")
    return path


def told(errors: list[SimengineError]) -> None:
    """Every error is of the catalogue and stands at the lever's own line."""
    for error in errors:
        assert error.code in refusals() and "mine.yaml, line 4" in error.where, str(error)


# --- null -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(LEVER_KEYS))
def test_null__ends_a_rule_or_is_refused_before_the_run(law: LawTree, key: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"{key}: {{{FIRST}-01-01: null}}")
    chosen = load_scenario(path)
    errors = faults(chosen)
    told(errors)
    assert [str(error) for error in check_file(tmp_path / "mine.yaml")] == [str(error) for error in errors]
    assert bool(errors) == (law[key].null_value is None)
    if errors:
        assert "Write what is to hold from that day" in str(errors[0])
        with pytest.raises(LeverError, match="cannot end"):
            project(chosen)
    else:
        data = project(chosen).dataset
        assert data.sizes["year"] >= 3 and np.isfinite(data["fund_balance"].values).all()


@pytest.mark.parametrize("key", sorted(key for key in LEVER_KEYS if load_law()[key].table is not None))
def test_null__for_a_label_of_a_table_is_refused(law: LawTree, key: str, tmp_path: Path) -> None:
    label = law[key].labels[0]
    listed = isinstance(next(law[key].all_values()).value, list)
    count = len(law[key].labels)
    stated = f"[{', '.join(['null'] * count)}]" if listed else f"{{{label}: null}}"
    errors = faults(load_scenario(write(tmp_path, f"{key}: {{{FIRST}-01-01: {stated}}}")))
    assert errors
    told(errors)


def test_null__says_what_to_state_instead(tmp_path: Path) -> None:
    said = {}
    for key in ("unemployment/benefit_rule", "retirement/delay_cap", "unemployment/price_trigger"):
        (error,) = faults(load_scenario(write(tmp_path, f"{key}: {{{FIRST}-01-01: null}}")))
        said[key] = Words(str(error), localised(error, "zh"))
    assert "one of minimum_wage" in said["unemployment/benefit_rule"].en
    assert "men, women_55, women_50" in said["retirement/delay_cap"].en
    assert "a number from 0 to 1" in said["unemployment/price_trigger"].en
    assert "0至1的数字" in said["unemployment/price_trigger"].zh


# --- what the engine cannot hold is told by validate ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("retirement/early_months_max: {2024-01-01: 24.5}", "whole numbers from 0 to 240"),
        ("unemployment/duration_cap: {2024-01-01: 36}", "0 to 24"),
        ("resident/pension_age: {2024-01-01: 60}", "540 to 900"),
    ],
)
def test_validate__refuses_what_a_lane_cannot_hold(changes: str, said: str, tmp_path: Path) -> None:
    (error,) = faults(load_scenario(write(tmp_path, changes)))
    assert error.code in refusals() and said in str(error)


def test_claim_months__a_series_beyond_their_room_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(
        "extends: jiangxi/baseline\nyears: [2021, 2030]\ntargets: []\nlevers: []\n"
        "paths: {unemployment_duration_cap: {set: {2026: 30}}}\n",
        encoding="utf-8",
    )
    (error,) = faults(load_scenario(path))
    assert error.code == "claim_months_room" and "trial.yaml, line 5" in error.where


# --- levers on what has been a number of the kernels ------------------------------------------------------------------


SAME_YEAR = datetime.date(2030, 1, 1)
MOVES: dict[str, tuple[Any, str, str, datetime.date]] = {
    "pension/accrual_rate": (0.009, "new_award_mass", "<", SAME_YEAR),
    "pension/adjustment_tilt_age": (80.0, "enterprise_pension_mass", "<", SAME_YEAR),
    "pension/compensation_part_year_from": (0.0, "survivor_benefits", ">", SAME_YEAR),
    "pension/late_payment_months_max": (120.0, "resident_beneficiaries", "<", SAME_YEAR),
    "pension/sickness_short_months": ({"base": 24.0}, "invalid_ended", "<", SAME_YEAR),
    "pension/account_divisor": ({60: 136, 61: 130, 62: 124, 63: 116}, "new_award_mass", ">", SAME_YEAR),
    "pension/divisor_method": ("floor", "new_award_mass", "<", SAME_YEAR),
    "resident/pension_age": (756.0, "resident_beneficiaries", "<", SAME_YEAR),
    "unemployment/duration_cap": (12.0, "claim_months", "<", SAME_YEAR),
    "injury/nursing_share": ({"full": 0.6}, "injury_allowances", ">", SAME_YEAR),
    "injury/survivor_share": ({"spouse": 0.5}, "injury_survivor_pensions", ">", SAME_YEAR),
    "injury/survivor_cap": (0.3, "injury_survivor_pensions", "<", SAME_YEAR),
    "injury/float_levels_class_1": ([1.1, 1.3, 1.6], "income", ">", SAME_YEAR),
    "retirement/early_months_max": (12.0, "awards", "<", SAME_YEAR),
    "retirement/late_months_max": (12.0, "awards", ">", SAME_YEAR),
    "retirement/early_minimum_test": ("statutory_month", "awards", "<", SAME_YEAR),
    "retirement/early_window": (3.0, "awards", "<", datetime.date(2022, 1, 1)),
}
"""Parameter -> what a lever makes of it, a result it moves in the second year, in which direction, from which day."""


def totals(data: xr.Dataset, variable: str) -> dict[int, float]:
    """One variable by year, over all its other axes."""
    values = data[variable]
    (axis,) = [str(name) for name in values.dims if name in ("year", "year_end")]
    summed = values.sum([name for name in values.dims if name != axis])
    return dict(zip(map(int, summed[axis].values), map(float, summed.values), strict=True))


@cache
def unchanged() -> xr.Dataset:
    return project(load_scenario("jiangxi/baseline")).dataset


def levered(key: str, value: Any, day: datetime.date) -> xr.Dataset:
    lever = {"name": {"en": "Mine", "local": "我的"}, "reason": "A test.", "changes": {key: {day: value}}}
    return project(with_levers(load_scenario("jiangxi/baseline"), "mine", {"mine": lever})).dataset


@pytest.mark.parametrize("key", sorted(MOVES))
def test_lever__on_what_stood_in_the_kernels_moves_a_result(key: str) -> None:
    value, variable, way, day = MOVES[key]
    before, after = totals(unchanged(), variable), totals(levered(key, value, day), variable)
    year = day.year + 1
    assert after[year] < before[year] if way == "<" else after[year] > before[year]
    earlier = [known for known in before if known < day.year - 3]
    assert [after[known] for known in earlier] == [before[known] for known in earlier]


def test_accrual__of_nine_tenths_lowers_the_pooled_part_of_new_awards_by_a_tenth_of_it() -> None:
    """Pooled pensions are proportional to the rate; accounts and add-ons are not, so the whole falls by less."""
    before, after = (
        totals(unchanged(), "new_award_mass"),
        totals(levered("pension/accrual_rate", 0.009, SAME_YEAR), "new_award_mass"),
    )
    assert all(after[year] == before[year] for year in before if year < 2030)
    assert all(-0.1 < after[year] / before[year] - 1.0 < -0.05 for year in before if year >= 2030)


@pytest.mark.parametrize("months", [660.0, 723.0, 756.0])
def test_pension_age__of_residents_conserves_people_and_money(months: float) -> None:
    """A whole age below and above that of today, and one that splits an age."""
    lever = {
        "name": {"en": "Mine", "local": "我的"},
        "reason": "A test.",
        "changes": {"resident/pension_age": {SAME_YEAR: months}},
    }
    found = run_checks(project(with_levers(load_scenario("jiangxi/baseline"), "mine", {"mine": lever})))
    assert bool(found.ok.all()), found[~found.ok].to_string()


def test_neutral_lever__on_every_number_that_stood_in_the_kernels_changes_no_bit(law: LawTree) -> None:
    under = {key: {SAME_YEAR: law[key].at(SAME_YEAR, "jiangxi")} for key in MOVES}
    lever = {"name": {"en": "Mine", "local": "我的"}, "reason": "A test.", "changes": under}
    same = project(with_levers(load_scenario("jiangxi/baseline"), "mine", {"mine": lever})).dataset
    for name in unchanged().data_vars:
        assert np.array_equal(same[name].values, unchanged()[name].values, equal_nan=True), name
