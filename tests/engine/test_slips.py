"""Slips of unit in levers, laws, constants and campaigns: told at their own line, overruled by `checked` alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simengine.cli.inputs import check_file, faults, load_all, remarks_of
from simengine.common.errors import SimengineError, each_error, localised
from simengine.engine.compile import compile_scenario
from simengine.engine.project import lane_bases
from simengine.judge.run import judge_scenarios
from simengine.law import load_law
from simengine.scenario.scenario import Scenario, load_scenario, packaged
from tests.helpers.slip_injection import inject

HEAD = "name: {en: Try, local: 试}\nreason: a test\n"
PAYERS = "{status: enterprise, kind: gross, years: [2026, 2028], pools: [none, resident], reason: x"


def errors_of(folder: Path, lever: str, region: str = "jiangxi", extra: str = "") -> list[SimengineError]:
    """What a lever gives on a region, and nothing beside it."""
    (folder / "mine.yaml").write_text(HEAD + lever + "\n", encoding="utf-8")
    own = folder / "own.yaml"
    own.write_text(f"extends: {region}/baseline\nlevers: [./mine.yaml]\n{extra}", encoding="utf-8")
    try:
        load_all([str(own)])
    except SimengineError as error:
        return each_error(error)
    return []


TOLD = {
    "wage of a year": ("paths: {average_wage: {set: {2026: 84306}}}", "slip_series", "a year for a month"),
    "wage of a month by twelve": ("paths: {average_wage: {set: {2026: 600}}}", "slip_series", "a month for a year"),
    "万人 for persons": ("paths: {enterprise_payers: {set: {2027: 454}}}", "slip_series", "万人 for persons"),
    "亿元 for yuan": ("paths: {medical_cost: {set: {2027: 0.0003}}}", "slip_series", "亿元 for yuan"),
    "a share by hundred": ("paths: {separation_prob: {set: {2027: 0.0004}}}", "slip_series", "divided by 100 twice"),
    "a year added to a month": ("paths: {basic_pension: {add: {2027: 1200}}}", "slip_added", "a year for a month"),
    "a factor of twelve": ("paths: {average_wage: {multiply: {2027: 12}}}", "slip_factor", "a year for a month"),
    "a factor in per cent": ("paths: {award_factor: {multiply: {2027: 97}}}", "slip_factor", "per cent for parts"),
    "a growth in per cent": ("paths: {average_wage: {growth: {2027: 0.45}}}", "slip_rate", "per cent for parts of one"),
    "a growth divided twice": ("paths: {average_wage: {growth: {2027: 0.0004}}}", "slip_rate", "divided by 100 twice"),
    "a growth for ever": ("paths: {price_index: {growth: {2027: 0.15}}}", "slip_runaway", "makes it"),
    "heads from nothing": ("paths: {catch_up_entrants: {set: {2027: 3}}}", "slip_alone", "persons, not 万人"),
    "money from nothing": ("paths: {pool_transfer: {set: {2027: 50}}}", "slip_alone", "yuan, not 亿元"),
    "an amount from nothing": ("paths: {addon_fixed: {set: {2027: 700_000}}}", "slip_alone", "the average wage"),
    "a rate of one": ("changes: {unemployment/rate_employee_statutory: {2027-01-01: 1.0}}", "slip_law", "16 for 0.16"),
    "a law carried on": ("changes: {resident/basic_pension_minimum: {2040-01-01: 7000}}", "slip_law", "year for a"),
    "months of a law": ("changes: {pension/funeral_months: {2027-01-01: 24}}", "slip_law", "months for years"),
    "years in a table": ("changes: {unemployment/duration_months: {2027-01-01: {12: 1}}}", "slip_law", "years for mon"),
    "a constant": ("constants: {prevention_effect: 0.001}", "slip_constant", "divided by 100 twice"),
    "an indexation": ("indexation: {rate: {2027: 0.0003}}", "slip_rate", "divided by 100 twice"),
    "a growth of coverage": ("coverage_growth: {enterprise_payers: {2027: 0.5}}", "slip_rate", "per cent for parts"),
    "a payment rate": ("payment_rate_resident: {2027: 0.008}", "slip_series", "divided by 100 twice"),
    "a campaign in 万": (f"campaigns: [{PAYERS}, total: 30}}]", "campaign_small", "persons, not 万人"),
    "a limit in 万": (f"campaigns: [{PAYERS}, total: 90_000, limits: {{resident: 2}}}}]", "campaign_limit", "not 万人"),
}  # fmt: skip
"""A lever in its third line, the error it gives, and what the error says."""


@pytest.mark.parametrize("name", TOLD)
def test_slip__is_told_at_the_line_of_the_lever_and_overruled_there(tmp_path: Path, name: str) -> None:
    lever, code, said = TOLD[name]
    (error,) = errors_of(tmp_path, lever)
    assert error.code == code
    assert said in str(error)
    assert error.where.endswith("mine.yaml, line 3")
    assert "checked" in localised(error, "zh")
    key = next(iter(re.findall(r"list (\S+) under checked", str(error))))
    assert not errors_of(tmp_path, f"{lever}\nchecked: [{key}]")
    assert not errors_of(tmp_path, lever, extra=f"checked: [{key}]")


def test_every_slip__is_told_at_once(tmp_path: Path) -> None:
    lever = (
        "paths:\n  average_wage: {set: {2026: 84306}}\n  minimum_wage: {set: {2026: 24_000}}\n"
        "  urban_income: {set: {2027: 55_000}}\nchanges: {pension/funeral_months: {2027-01-01: 24}}\n"
        f"campaigns: [{PAYERS}, total: 30}}]"
    )
    errors = errors_of(tmp_path, lever)
    assert sorted(error.where.rpartition(" ")[2] for error in errors) == ["4", "5", "7", "8"]


def test_campaign__for_more_people_than_there_are_is_not_to_be_overruled(tmp_path: Path) -> None:
    lever = f"campaigns: [{PAYERS}, total: 300_000_000}}]\nchecked: [mine]"
    (error,) = errors_of(tmp_path, lever)
    assert error.code == "campaign_large"
    assert "27,101,110" in str(error)
    assert error.where.endswith("line 3")


def test_checked__leaves_the_bounds(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, "paths: {separation_prob: {set: {2027: 2.0}}}\nchecked: [separation_prob]")
    assert error.code == "path_share"


def test_checked__of_another_lever_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        HEAD + "paths: {award_factor: {multiply: {2027: 0.9}}}\nchecked: [average_wage]\n", encoding="utf-8"
    )
    wage = "paths: {average_wage: {set: {2026: 84306}}}"
    assert errors_of(tmp_path, wage, extra="checked: []\n")
    own = tmp_path / "own.yaml"
    own.write_text("extends: jiangxi/baseline\nlevers: [./mine.yaml, ./other.yaml]\n", encoding="utf-8")
    with pytest.raises(SimengineError, match="84306"):
        load_all([str(own)])


def checked(folder: Path, names: str) -> Scenario:
    own = folder / "own.yaml"
    wage = "paths: {average_wage: {set: {2026: 84306}}}"
    own.write_text(f"extends: haiyan/baseline\nyears: [2021, 2027]\n{wage}\nchecked: {names}\n", encoding="utf-8")
    return load_scenario(own)


def test_checked__without_need_is_remarked_by_show_and_by_a_run(tmp_path: Path) -> None:
    scenario = checked(tmp_path, "[average_wage, basic_pension]")
    told = [remark.en for remark in remarks_of(scenario)]
    assert [("basic_pension" in text, "line 4" in text) for text in told] == [(True, True)]
    (judged,) = judge_scenarios([scenario]).values()
    assert [remark for remark in judged.remarks if "basic_pension" in remark.en]
    assert not remarks_of(checked(tmp_path, "[average_wage]"))


def test_checked__is_no_assumption(tmp_path: Path) -> None:
    assert checked(tmp_path, "[average_wage]").digest == checked(tmp_path, "[average_wage, x]").digest


def test_a_value_held_for_decades__is_sound(tmp_path: Path) -> None:
    assert not errors_of(tmp_path, "paths: {basic_pension: {set: {2026: 230}}, average_wage: {set: {2026: 7025}}}")


def test_a_value_beside_a_levered_leader__is_sound(tmp_path: Path) -> None:
    """Wages that grow by 9 % carry the minimum wage of 2076 far beyond 4,000, which is a fifth of it without them."""
    lever = "paths:\n  average_wage: {growth: {2022: 0.09}}\n  minimum_wage: {set: {2076: 4_000}}\n"
    sure = "checked: [average_wage]\n"
    assert not errors_of(tmp_path, lever + sure)
    (error,) = errors_of(tmp_path, lever.replace("4_000", "400") + sure)
    assert error.code == "slip_series"


def test_a_slip_downwards__is_told_however_short_the_horizon(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, "paths: {average_wage: {set: {2026: 600}}}", extra="years: [2021, 2026]\n")
    assert error.code == "slip_series"


def test_a_city__is_held_against_its_own_figures(tmp_path: Path) -> None:
    slipped = "paths: {unemployment_insured: {set: {2026: 100}}}"
    (error,) = errors_of(tmp_path, slipped, "xuzhou")
    assert "万人 for persons" in str(error)
    assert not errors_of(tmp_path, slipped.replace("100", "1_000_000"), "xuzhou")


def test_lever_file_alone__is_checked(tmp_path: Path) -> None:
    path = tmp_path / "alone.yaml"
    path.write_text(HEAD + "paths: {average_wage: {set: {2026: 84306}}}\n", encoding="utf-8")
    assert {error.code for error in check_file(path)} == {"slip_series"}
    path.write_text(path.read_text(encoding="utf-8") + "checked: [average_wage]\n", encoding="utf-8")
    assert not check_file(path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_draws__are_refused_on_reading(tmp_path: Path, lang: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("extends: jiangxi/baseline\ndraws: 100\n", encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        load_scenario(own)
    (error,) = each_error(caught.value)
    assert error.code == "draws_above_one"
    assert error.where.endswith("line 2")
    place = error.where if lang == "en" else error.where.replace(", line 2", "第2行")
    assert localised(error, "en" if lang == "en" else "zh").startswith(place)
    own.write_text("extends: jiangxi/baseline\ndraws: 1\n", encoding="utf-8")
    assert load_scenario(own).draws == 1


def test_a_tenth_of_the_slips__is_told_and_no_sound_lever_is() -> None:
    outcome = inject(20, seed=14)
    print("", *outcome.lines(), *outcome.passed, sep="\n")
    assert outcome.told.total() >= 19
    assert not outcome.alarms


@pytest.mark.parametrize("name", packaged())
def test_packaged_scenario__gives_no_alarm(name: str) -> None:
    scenario = load_scenario(name)
    assert not faults(scenario)
    lanes = compile_scenario(scenario, lane_bases(scenario), load_law())
    assert not [slip for lane in lanes for slip in lane.slips]


@pytest.mark.parametrize("name", packaged("levers"))
def test_packaged_lever__gives_no_alarm(name: str) -> None:
    assert not check_file(packaged("levers")[name])


@pytest.mark.parametrize("kind", ["scenario", "lever", "targets", "case"])
def test_template__gives_no_alarm_and_shows_no_draws(kind: str) -> None:
    import simengine

    path = Path(simengine.__file__).parent / "templates" / f"{kind}.yaml"
    assert not check_file(path)
    text = path.read_text(encoding="utf-8")
    assert "draws" not in text and "seed" not in text
