"""What only the compiled lane can refuse is told with file and line of the lever that it comes from."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from simengine.common.errors import SimengineError, each_error, localised
from simengine.engine.compile import compile_scenario
from simengine.engine.project import lane_bases
from simengine.law import LawTree, load_law
from simengine.law.parameter import Parameter
from simengine.registry.inputs import LEVER_KEYS, TABLES
from simengine.scenario.combine import read_lever
from simengine.scenario.scenario import join_levers
from tests.helpers.chinese import english_in
from tests.helpers.law_values import has_values
from tests.helpers.lever_matrix import shortened

HEAD = "name: {en: a, local: 甲}\nreason: A trial.\n"
DAY = "2024-01-01"

MINIMUM = "changes:\n  retirement/minimum_months: {2030-01-01: 600}\n"
CUSTOM = (
    "retirement: {reform: custom, start: 2030-01, step_months: {men: 1, women_55: 1, women_50: 1},"
    " cap_months: {men: 240, women_55: 240, women_50: 240}}\n"
)
POOLS = """campaigns:
  - {status: enterprise, kind: gross, total: 90_000, years: [2026, 2028], pools: [paused], reason: x}
  - {status: enterprise, kind: additional, total: 90_000, years: [2027, 2029], pools: [none], reason: x}
"""


@cache
def law() -> LawTree:
    return load_law()


def refusals(folder: Path, **bodies: str) -> list[SimengineError]:
    """What compiling one region with levers of these files refuses."""
    levers = []
    for name, body in bodies.items():
        path = folder / f"{name}.yaml"
        path.write_text(HEAD + body, encoding="utf-8")
        lever, errors = read_lever(path, name)
        assert lever is not None, errors
        levers.append(lever)
    scenario = join_levers(shortened("jiangxi"), "trial", levers)
    try:
        compile_scenario(scenario, lane_bases(scenario), law())
    except SimengineError as error:
        return each_error(error)
    return []


@pytest.mark.parametrize(
    ("body", "code", "line", "said"),
    [
        (MINIMUM, "retirement_minimum", 4, "of 2030 is 600 months"),
        ("checked: [pension/account_divisor]\nchanges: {pension/account_divisor: {2030-01-01: {60: 1}}}\n",
         "divisor_rises", 4, "at age 61 is 132"),
        ("changes: {pension/account_divisor: {2030-01-01: {60: 138.5}}}\n", "divisor_months", 3, "at age 60 is 138.5"),
        ("changes: {retirement/early_share: {2030-01-01: {men: 1.0}}}\n", "retirement_sum", 3, "in 2030"),
        ("checked: [retirement/late_months_max]\nchanges: {retirement/late_months_max: {2030-01-01: 240}}\n",
         "retirement_reach", 4, "men"),
        (CUSTOM, "retirement_reach", 3, "men"),
        ("changes: {retirement/early_months_max: {2030-01-01: 12.5}}\n", "retirement_whole", 3, "12.5"),
        ("changes: {injury/float_thresholds: {2030-01-01: {one_down_below: 1.5}}}\n",
         "float_marks_fall", 3, "in 2030 one_up_above is 1.2"),
        (POOLS, "campaign_pools", 5, "in 2027"),
        ("changes: {injury/subsidy_rule: {2024-01-01: amounts}}\n", "law_region_without", 3, "medical_subsidy_amount"),
    ],
)  # fmt: skip
def test_refusal_of_a_lane__names_file_and_line_of_the_lever(
    tmp_path: Path, body: str, code: str, line: int, said: str
) -> None:
    (error,) = refusals(tmp_path, trial=body)
    assert (error.code, error.where) == (code, f"{tmp_path / 'trial.yaml'}, line {line}")
    assert said in error.message
    assert len(localised(error, "en")) < 400
    assert not english_in("；".join(error.parts("zh")))


def test_refusal_among_several_levers__names_the_one_without_which_it_is_gone(tmp_path: Path) -> None:
    other = "changes:\n  pension/rate_employer: {2030-01-01: 0.15}\n  retirement/early_months_max: {2030-01-01: 24}\n"
    (error,) = refusals(tmp_path, first=other, second=MINIMUM, third="retirement: {flexible: {late_share: 0.1}}\n")
    assert (error.code, error.where) == ("retirement_minimum", f"{tmp_path / 'second.yaml'}, line 4")


def test_shares_of_two_levers__name_one_of_the_two(tmp_path: Path) -> None:
    bodies = {
        share: f"changes:\n  retirement/{share}_share: {{2030-01-01: {{men: 0.6}}}}\n" for share in ("early", "late")
    }
    (error,) = refusals(tmp_path, **bodies)
    assert error.code == "retirement_sum"
    assert error.where in [f"{tmp_path / share}.yaml, line 4" for share in bodies]


def test_marks_that_meet__are_no_refusal(tmp_path: Path) -> None:
    body = "changes: {injury/float_thresholds: {2030-01-01: {one_up_above: 2.0, one_down_below: 2.0}}}\n"
    assert refusals(tmp_path, trial=body) == []


REFUSED = {
    "injury/float_thresholds", "injury/outcome_share", "injury/subsidy_rule", "pension/account_divisor",
    "pension/adjustment_split", "public/settlement", "retirement/delay_cap",
    "retirement/early_months_max", "retirement/early_share", "retirement/early_window", "retirement/late_months_max",
    "retirement/late_share", "retirement/minimum_months", "retirement/old_age", "retirement/special_jobs_age",
    "unemployment/duration_months",
}  # fmt: skip
"""Parameters of which an extreme value is refused."""

KEYS = sorted(key for key in LEVER_KEYS if has_values(law(), key, "jiangxi"))


def extremes(parameter: Parameter) -> list[Any]:
    """Values at the ends of what a file of the law allows, and between two whole numbers; of a table in parts too."""
    if parameter.unit.symbol == "code":
        return list(parameter.allowed)
    low, high = parameter.limits
    single = [low, high, min(high, low + 1.5)]
    if parameter.table is None:
        return single
    present = parameter.at(DAY, "jiangxi")
    labels = list(present) if isinstance(present, dict) else list(range(len(present)))  # type: ignore[arg-type]
    parts = [dict.fromkeys(chosen, value) for chosen in (labels, labels[:1], labels[-1:]) for value in single]
    if isinstance(present, list):
        return [[part.get(label, present[label]) for label in labels] for part in parts]
    return parts


def test_parameters__are_those_of_every_table() -> None:
    lacking = {key for row in TABLES.values() for key in row.law} & LEVER_KEYS - set(KEYS)
    assert not lacking


@pytest.mark.parametrize("key", KEYS)
def test_extreme_of_the_law__is_taken_without_a_warning_or_refused_at_its_line(tmp_path: Path, key: str) -> None:
    codes = set()
    for value in extremes(law()[key]):
        stated = yaml.safe_dump({"changes": {key: {"DAY": value}}}).replace("DAY", DAY)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = refusals(tmp_path, trial=f"checked: [{key}]\n{stated}")
        for error in found:
            assert error.where.startswith(f"{tmp_path / 'trial.yaml'}, line "), (value, error)
        codes |= {error.code for error in found}
    assert bool(codes) == (key in REFUSED), codes
