"""Closures: strict reading with every error at once, the set around a scenario, levers dated from a later opening."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from simengine.common.errors import SimengineError, each_error, localised
from simengine.common.messages import LANGUAGES
from simengine.common.strict_yaml import Doc
from simengine.registry.units import EVIDENCE
from simengine.scenario.closures import BASELINE, chosen, dated_from, read_closures, scenarios_beside
from simengine.scenario.combine import parse_lever
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

ENTRY = """\
    name: {{en: One, local: 一}}
    baseline: {{en: as it is, local: 原样}}
    reason: {{en: Nobody knows., local: 无从得知。}}
    source: a test
    evidence: assumption
    variants: {{{variants}}}
"""
EXTREME = """\
    name: {{en: {name}, local: 端}}
    reason: {{en: A test., local: 测试。}}
    values: {{{values}}}
"""


def text_of(closures: dict[str, str], extremes: dict[str, str]) -> str:
    parts = ["closures:\n"]
    parts += [f"  {name}:\n{ENTRY.format(variants=variants)}" for name, variants in closures.items()]
    parts += ["extremes:\n"]
    return "".join(parts + [f"  {name}:\n{EXTREME.format(name=name, values=said)}" for name, said in extremes.items()])


GOOD = {"coverage": "low: coverage_low, high: coverage_high", "award": "high: award_factor_high"}
ENDS = {"tight": "coverage: low, award: high", "ample": "coverage: high, award: baseline"}


def refusals(tmp_path: Path, text: str) -> list[SimengineError]:
    path = tmp_path / "closures.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        read_closures(path)
    return each_error(caught.value)


# --- the packaged file ------------------------------------------------------------------------------------------------


def test_packaged__names_what_the_model_sheet_asks_for_with_reason_source_and_evidence() -> None:
    closures = read_closures().content.closures
    asked = {"coverage_pressure", "award_factor", "indexation_mix", "early_leaving", "account_interest"}
    assert asked | {"subsidy", "pool"} <= set(closures)
    for entry in closures.values():
        assert entry.evidence in EVIDENCE and len(entry.reason.en) > 40 and entry.reason.local and entry.source


def test_packaged__every_lever_says_why_and_moves_open_years_alone() -> None:
    closures = read_closures()
    for name, lever in closures.levers.items():
        assert len(lever.content.reason) > 60, name
        assert lever.content.name.en and any("一" <= letter <= "鿿" for letter in lever.content.name.local), name


def test_packaged__the_two_extremes_choose_every_closure() -> None:
    closures = read_closures()
    assert list(closures.content.extremes) == ["tight", "ample"]
    for extreme in closures.content.extremes.values():
        assert set(extreme.values) == set(closures.content.closures)
    tight, ample = (closures.content.extremes[name].values for name in ("tight", "ample"))
    both = {name for name in tight if tight[name] == ample[name]}
    assert both == {"subsidy", "subsidy_months"} and {tight[name] for name in both} == {BASELINE}


# --- strict reading ---------------------------------------------------------------------------------------------------


def test_reading__a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "closures.yaml"
    path.write_text(text_of(GOOD, ENDS), encoding="utf-8")
    closures = read_closures(path)
    assert [closure for closure, _ in chosen(closures, "ample")] == ["coverage"]


def test_reading__tells_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    """A misspelt lever, a lever named twice, the reserved name, and four faults of the extremes."""
    closures = {"coverage": "low: coverage_lo, baseline: coverage_high", "award": "high: coverage_high"}
    ends = {"tight": "coverage: middle, awards: high", "coverage": "coverage: low, award: high"}
    found = refusals(tmp_path, text_of(closures, ends))
    assert sorted(error.code for error in found) == [
        *("closure_baseline", "closure_lever_twice", "closure_name_twice", "closure_not_chosen", "closure_unknown"),
        *("closure_value_unknown", "lever_unknown"),
    ]
    for error in found:
        assert "closures.yaml, line " in error.where
        assert all(localised(error, lang) for lang in LANGUAGES)
    by_code = {error.code: error for error in found}
    assert by_code["lever_unknown"].near == "coverage_low" and by_code["closure_unknown"].near == "award"
    assert by_code["lever_unknown"].where.endswith("line 8") and by_code["closure_unknown"].where.endswith("line 20")


def test_reading__unknown_keys_missing_reasons_and_a_third_extreme_are_refused(tmp_path: Path) -> None:
    text = text_of(GOOD, {**ENDS, "third": "coverage: low, award: high"}).replace(
        "    source: a test\n", "    sauce: x\n"
    )
    assert {"unknown_key", "missing_key", "too_many"} <= {error.code for error in refusals(tmp_path, text)}


def test_reading__values_of_an_extreme_that_contradict_are_refused(tmp_path: Path) -> None:
    closures = {"one": "low: award_factor_low", "two": "high: award_factor_high"}
    (error,) = refusals(tmp_path, text_of(closures, dict.fromkeys(("tight", "ample"), "one: low, two: high")))[:1]
    assert error.code == "closure_conflict" and "award_factor" in error.message


def test_reading__a_lever_that_cannot_begin_later_is_refused(tmp_path: Path) -> None:
    closures = {"one": "a: no_retirement_reform", "two": "b: layoff_wave"}
    found = refusals(tmp_path, text_of(closures, dict.fromkeys(("tight", "ample"), "one: a, two: b")))
    assert {error.code for error in found} == {"closure_section", "closure_shape"}


# --- the set around a scenario ----------------------------------------------------------------------------------------


def keys(scenario: Scenario, nation: bool = False) -> tuple[list[str], list[str]]:
    beside, stated = scenarios_beside(scenario, read_closures(), nation)
    return [f"{one.closure}:{one.variant}" for one in beside], stated


def test_set__one_at_a_time_and_then_the_extremes() -> None:
    names, stated = keys(load_scenario("jiangxi/baseline"))
    closures = read_closures().content.closures
    assert names[:-2] == [f"{name}:{variant}" for name, entry in closures.items() for variant in entry.variants]
    assert names[-2:] == ["tight:tight", "ample:ample"] and stated == []


def test_set__of_the_nation_leaves_out_what_only_regions_have() -> None:
    names, _ = keys(load_scenario("china/baseline"), nation=True)
    assert not any(name.startswith("pool:") for name in names) and len(names) == 18


@pytest.mark.parametrize(
    ("content", "closure"),
    [
        ({"constants": {"coverage_closure": 0.5}}, "coverage_pressure"),
        ({"indexation": {"rate": {2030: 0.03}}}, ""),
        ({"paths": {"award_factor": {"multiply": {2021: 1.1}}}}, "award_factor"),
        ({"changes": {"retirement/early_hazard": {datetime.date(2026, 1, 1): 0.1}}}, "early_leaving"),
        ({"constants": {"indexation_wage_share": 0.7}}, "indexation_mix"),
    ],
)
def test_set__what_the_scenario_states_is_not_moved(content: dict[str, object], closure: str) -> None:
    """A lever of the user on the same thing; a stated rate of increase meets the low value of the mix."""
    own = {"own": {"name": {"en": "Own", "local": "自"}, "reason": "A test.", **content}}
    names, stated = keys(with_levers(load_scenario("jiangxi/baseline"), "own", own))
    assert stated == [closure or "indexation_mix"]
    assert not any(name.startswith(f"{stated[0]}:") for name in names)
    assert names[-2:] == ["tight:tight", "ample:ample"]  # the extremes move what is left


# --- a later opening --------------------------------------------------------------------------------------------------


def lever_of(**content: object):  # type: ignore[no-untyped-def]
    data = {"name": {"en": "x", "local": "x"}, "reason": "A test.", **content}
    lever, errors = parse_lever(Doc(data, "<x>"), Path("<x>"), "x")
    assert lever is not None and not errors
    return lever


def test_dated_from__the_last_value_before_the_opening_begins_with_it() -> None:
    """Of 2026: 1, 2028: 2, 2030: 3 an opening of 2029 keeps 2 from its first year and 3 from 2030."""
    moved = dated_from(lever_of(paths={"award_factor": {"multiply": {2026: 1.0, 2028: 2.0, 2030: 3.0}}}), 2029)
    assert moved.content.paths["award_factor"].multiply == {2029: 2.0, 2030: 3.0}


def test_dated_from__a_value_of_the_first_year_stands() -> None:
    """Of 2026: .06, 2027: .045 an opening of 2027 keeps the value of 2027 alone; the law and a rate alike."""
    law = {datetime.date(2026, 1, 1): 0.06, datetime.date(2027, 1, 1): 0.045}
    moved = dated_from(
        lever_of(changes={"retirement/early_hazard": law}, indexation={"rate": {2026: 0.01, 2027: 0.02}}), 2027
    )
    assert moved.content.changes["retirement/early_hazard"] == {datetime.date(2027, 1, 1): 0.045}
    assert moved.content.indexation.rate == {2027: 0.02}


def test_dated_from__an_earlier_opening_changes_nothing() -> None:
    lever = lever_of(paths={"award_factor": {"multiply": {2026: 2.0}}}, constants={"layoff_share": 0.5})
    assert dated_from(lever, 2021).content == lever.content
