"""Scenario and lever files: reading, merging, conflicts, errors with file and line."""

from __future__ import annotations

import dataclasses
import itertools
import random
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simengine
from simengine.common import resources
from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error, localised
from simengine.common.messages import near
from simengine.common.problems import field_names
from simengine.scenario.levers import Campaign, LeverFile, PathChange
from simengine.scenario.scenario import ScenarioFile, load_scenario, packaged

BASELINE = """\
name: {en: Base, local: 基准}
description: A base to extend.
basis: jiangxi-2020
years: [2021, 2060]
levers: [first]
definitions:
  pension_scope: all_participants
constants: {layoff_share: 0.6}
paths:
  average_wage: {growth: {2026: 0.05, 2031: 0.04}}
"""
FIRST = """\
name: {en: First, local: 一}
reason: A test.
changes:
  pension/rate_employer: {2028-01-01: 0.20}
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into a small scenario tree that stands for the packaged one."""
    root = tmp_path / "scenarios"
    monkeypatch.setattr(resources, "scenarios_root", lambda: root)

    def put(name: str, text: str) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    put("toy/base.yaml", BASELINE)
    put("levers/first.yaml", FIRST)
    put("targets/plan.yaml", "- {id: A}\n")
    return put


def lever(name: str, body: str) -> str:
    return f"name: {{en: {name}, local: {name}}}\nreason: A test.\n{body}"


def errors_of(name: str | Path) -> list[SimengineError]:
    with pytest.raises(SimengineError) as caught:
        load_scenario(name)
    return each_error(caught.value)


def codes(name: str | Path) -> list[str]:
    return [error.code if isinstance(error, SimengineError) else type(error).__name__ for error in errors_of(name)]


# --- merging and origins ----------------------------------------------------------------------------------------------


def test_extends__merges_mappings_replaces_lists_and_keeps_origins(write: Write) -> None:
    child = write(
        "toy/child.yaml",
        "extends: toy/base\nyears: [2021, 2050]\nlevers: []\n"
        "paths:\n  average_wage:\n    growth: {2031: 0.03}\n  price_index: {multiply: {2030: 1.1}}\n",
    )
    loaded = load_scenario("toy/child")
    base = write("toy/base.yaml", BASELINE)
    assert loaded.content.years == (2021, 2050)
    assert loaded.levers == ()
    assert loaded.content.paths["average_wage"].growth == {2026: 0.05, 2031: 0.03}
    assert loaded.definitions == {"pension_scope": "all_participants"}
    assert loaded.where("years") == f"{child}, line 2"
    assert loaded.where("paths", "average_wage", "growth", 2031) == f"{child}, line 6"
    assert loaded.where("paths", "average_wage", "growth", 2026) == f"{base}, line 10"
    assert loaded.where("constants", "layoff_share") == f"{base}, line 8"
    assert loaded.chain == (child, base)
    assert (loaded.base_year, loaded.years.stop - 1, loaded.title("zh")) == (2020, 2050, "基准")


def test_null__removes_what_the_parent_states(write: Write) -> None:
    write("toy/child.yaml", "extends: toy/base\npaths: {average_wage: null}\nconstants: null\n")
    loaded = load_scenario("toy/child")
    assert loaded.content.paths == {}
    assert loaded.content.constants == {}
    assert ("paths", "average_wage") not in loaded.origins


def test_grandchild__sees_the_nearest_value(write: Write) -> None:
    write("toy/child.yaml", "extends: toy/base\nseed: 11\ninformation: opening\n")
    path = write("mine.yaml", "extends: toy/child\nseed: 12\n")
    loaded = load_scenario(path)
    assert (loaded.seed, loaded.information, loaded.basis, loaded.key) == (12, "opening", "jiangxi-2020", "mine")


def test_circle_of_extends__is_an_error_that_shows_it(write: Write) -> None:
    write("toy/a.yaml", "extends: toy/b\n")
    write("toy/b.yaml", "extends: toy/a\n")
    (error,) = errors_of("toy/a")
    assert isinstance(error, ScenarioError)
    assert "a -> b -> a" in str(error)
    assert "b.yaml, line 1" in str(error)


def test_own_lever_file__is_found_beside_the_scenario(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.yaml").write_text(lever("Mine", "constants: {layoff_share: 0.5}\n"), encoding="utf-8")
    (folder / "option.yaml").write_text("extends: toy/base\nlevers: [first, ./mine.yaml]\n", encoding="utf-8")
    loaded = load_scenario(folder / "option.yaml")
    assert loaded.lever_names == ("first", "mine")
    assert loaded.constants == {"layoff_share": 0.5}


# --- errors -----------------------------------------------------------------------------------------------------------


def test_every_error_of_scenario_and_levers__is_reported_at_once_with_file_and_line(write: Write) -> None:
    write("levers/second.yaml", lever("Second", "payment_rate:\n  2023: 88\ncampaigns: 3\n"))
    path = write(
        "toy/bad.yaml",
        "name: {en: Bad}\ndescription: x\nbasis: Jiangxi\nyears: [2021, 2060]\ninformaton: opening\n"
        "draws: 0\nlevers: [second, thrid]\nseed: seven\npaths:\n  average_wage: {growth: {2026: 5.0}, shape: rampp}\n",
    )
    said = {str(error) for error in errors_of("toy/bad")}
    expected = {
        ("bad.yaml, line 1", '"name > local" is missing'),
        ("bad.yaml, line 3", "right form"),
        ("bad.yaml, line 5", 'Did you mean "information"?'),
        ("bad.yaml, line 6", "from 1 up"),
        ("bad.yaml, line 7", 'no lever is called "thrid"'),
        ("bad.yaml, line 8", "seed is seven"),
        ("bad.yaml, line 10", "0.05 for 5 %"),
        ("bad.yaml, line 10", 'Did you mean "ramp"?'),
        ("second.yaml, line 4", "0.88 for 88 %"),
        ("second.yaml, line 5", "not a list"),
    }
    for where, what in expected:
        assert [text for text in said if where in text and what in text], (where, what, said)
    assert len(said) == len(expected)
    assert path.name == "bad.yaml"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("years: [2020, 2060]", "horizon_start"),
        ("years: [2015, 2060]", "horizon_start"),
        ("years: [2021, 2020]", "years_reversed"),
        ("years: [2021]", "missing_key"),
        ("years: [2021, 20600]", "too_large"),
        ('years: ["2021", 2060]', "not_a_whole_number"),
        ("levers: [first, first]", "named_twice"),
        ("levers: first", "not_a_list"),
        ("targets: [plan, plan]", "named_twice"),
        ("levers: [./absent.yaml]", "file_absent"),
        ("targets: [plans]", "targets_unknown"),
        ("constants: {layoff_share: true}", "not_a_number"),
        ("paths: {price_index: {set: {2020: 1.0}}}", "path_before_start"),
        ("paths: {average_wage: {add: {2026: 1.0}}}", "one_operation"),
        ("paths: {price_index: {}}", "one_operation"),
        ("paths: {price_index: {multiply: {2026: -1.0}}}", "too_small"),
        ("paths: {price_index: {set: {2026.5: 1.0}}}", "yaml_key"),
        ("draws: 1.5", "not_a_whole_number"),
        ("extends: toy/bas", "scenario_unknown"),
        ("extends: [toy/base]", "not_text"),
    ],
)
def test_wrong_scenario__is_refused(write: Write, text: str, code: str) -> None:
    head = "" if text.startswith("extends") else "extends: toy/base\n"
    write("toy/child.yaml", f"{head}{text}\n")
    assert codes("toy/child") == [code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "lever_empty"),
        ("region: hubei\nconstants: {layoff_share: 0.5}\n", "region_without_changes"),
        ("changes: {pension: {2028-01-01: 0.2}}\n", "wrong_form"),
        ("changes: {pension/rate_employer: {}}\n", "too_few"),
        ("changes: {pension/rate_employer: {2028: 0.2}}\n", "law_date"),
        ('changes: {pension/rate_employer: {"2028": 0.2}}\n', "law_date"),
        ("changes: {pension/rate_employer: {2028-01-01: true}}\n", "law_value"),
        ("changes: {pension/rate_employer: {2028-01-01: {men: [1, false]}}}\n", "law_value"),
        ("changes: {pension/rate_employer: {2019-05-01: 0.2}}\n", "change_before_start"),
        ("paths: {medical_cost: {add: {2019: 1.0}}}\n", "change_before_start"),
        ("indexation: {rate: {2019: 0.02}}\n", "change_before_start"),
        ("indexation: {rate: {2027: 2.0}}\n", "looks_like_percent"),
        ("indexation: {rate: {2027: -0.5}}\n", "too_small"),
        ("indexation: {rate: {}}\n", "too_few"),
        ("payment_rate: {2023: -0.1}\n", "too_small"),
        ("payment_rate: {1900: 0.5}\n", "year_too_small"),
        ("payment_rate: {20230: 0.5}\n", "year_too_large"),
        ("coverage_growth: {enterprise_payers: 5}\n", "looks_like_percent"),
        ("retirement: {reform: custom, start: 2028-01}\n", "custom_incomplete"),
        ("retirement: {reform: none, start: 2028-01}\n", "custom_only"),
        ("retirement: {reform: nothing}\n", "not_one_of"),
        (
            "retirement: {reform: custom, start: 2028-13, step_months: {men: 4, women_55: 4, women_50: 2},"
            " cap_months: {men: 36, women_55: 36, women_50: 60}}\n",
            "wrong_form",
        ),
        (
            "retirement: {reform: custom, start: 2028-01, step_months: {men: 0, women_55: 4, women_50: 2},"
            " cap_months: {men: 36, women_55: 36, women_50: 60}}\n",
            "step_zero",
        ),
        ("retirement: {flexible: {early_share: 0.7, late_share: 0.4}}\n", "shares_above_one"),
        ("constants: {layoff_share: many}\n", "not_a_number"),
    ],
)
def test_wrong_lever__is_refused(write: Write, body: str, code: str) -> None:
    write("levers/first.yaml", lever("First", body))
    assert codes("toy/base") == [code]


CAMPAIGN = "campaigns: [{{status: enterprise, kind: gross, total: {}, years: {}, pools: {}, reason: x{}}}]\n"


@pytest.mark.parametrize(
    ("total", "years", "pools", "more", "code"),
    [
        ("0", "[2021, 2023]", "[paused]", "", "not_above"),
        ("210_000", "[2023, 2021]", "[paused]", "", "years_reversed"),
        ("210_000", "[2021, 2023]", "[]", "", "pools_of_branch"),
        ("210_000", "[2021, 2023]", "[paused, paused]", "", "pools_repeated"),
        ("210_000", "[2021, 2023]", "[pensioners]", "", "not_one_of"),
        ("210_000", "[2021, 2023]", "[paused, elderly]", "", "pool_of_status"),
        ("210_000", "[2021, 2023]", "[paused]", ", increments: {2024: 210_000}", "increment_outside"),
        ("210_000", "[2021, 2023]", "[paused]", ", increments: {2021: 200_000}", "increments_total"),
        ("210_000", "[2021, 2023]", "[paused, none]", ", limits: {resident: 5_000}", "limit_without_pool"),
        ("210_000", "[2021, 2023]", "[paused, none]", ", limits: {students: 5_000}", "not_one_of"),
        ("210_000", "[2021, 2023]", "[paused, none]", ", limits: {none: 0}", "not_above"),
        ("210_000", "[2019, 2023]", "[paused]", "", "change_before_start"),
    ],
)
def test_wrong_campaign__is_refused(write: Write, total: str, years: str, pools: str, more: str, code: str) -> None:
    write("levers/first.yaml", lever("First", CAMPAIGN.format(total, years, pools, more)))
    assert codes("toy/base") == [code]


def test_limit_of_a_pool_not_drawn_on__names_it_on_its_line(write: Write) -> None:
    text = """campaigns:
  - status: enterprise
    kind: gross
    total: 210_000
    years: [2021, 2023]
    pools: [paused, none]
    limits: {resident: 5_000}
    reason: x
"""
    write("levers/first.yaml", lever("First", text))
    (error,) = errors_of("toy/base")
    assert "first.yaml, line 9" in str(error)
    assert "resident" in str(error)
    assert "paused, none" in str(error)
    assert "resident" in localised(error, "zh")


def test_lever_after_the_horizon__is_a_remark_not_an_error(write: Write) -> None:
    write("levers/first.yaml", lever("First", "paths: {price_index: {multiply: {2030: 1.0, 2061: 2.0}}}\n"))
    loaded = load_scenario("toy/base")
    (remark,) = loaded.remarks
    assert "first.yaml, line 3" in remark.en
    assert "price_index in 2061" in remark.en
    assert "不起作用" in remark.zh


def test_unknown_scenario__names_the_nearest(write: Write) -> None:
    (error,) = errors_of("toy/bsae")
    assert 'Did you mean "toy/base"?' in str(error)
    assert localised(error, "zh").startswith("没有名为“toy/bsae”的情景")


def test_one_edit_typos_of_keys__get_the_right_suggestion() -> None:
    rng = random.Random(7)
    keys = {*ScenarioFile.model_fields, *LeverFile.model_fields, *Campaign.model_fields, *packaged("levers")}
    long = sorted(key for key in keys if len(key) >= 4)
    right = trials = 0
    while trials < 500:
        key = rng.choice(long)
        position = rng.randrange(len(key))
        letter = rng.choice(string.ascii_lowercase)
        typo = rng.choice(
            [
                key[:position] + letter + key[position:],
                key[:position] + key[position + 1 :],
                key[:position] + letter + key[position + 1 :],
            ]
        )
        if typo in keys:
            continue
        trials += 1
        right += near(typo, keys) == key
    assert right >= 0.95 * trials


def test_field_names__follow_mappings_lists_and_optional_parts() -> None:
    assert "start" in field_names(LeverFile, ("retirement",))
    assert field_names(LeverFile, ("retirement", "cap_months")) == ["men", "women_55", "women_50"]
    assert "pools" in field_names(LeverFile, ("campaigns", 0))
    assert "multiply" in field_names(LeverFile, ("paths", "anything"))
    assert field_names(LeverFile, ("constants", "anything")) == []


# --- levers together --------------------------------------------------------------------------------------------------

CONFLICTS = [
    ("changes: {a/b: {2030-01-01: 0.1}}\n", "changes: {a/b: {2040-01-01: 0.2}}\n", "a/b"),
    (
        "paths: {medical_cost: {set: {2030: 1.0}}}\n",
        "paths: {medical_cost: {set: {2030: 2.0}}}\n",
        "medical_cost in 2030",
    ),
    ("paths: {medical_cost: {set: {2030: 1.0}}}\n", "paths: {medical_cost: {add: {2031: 2.0}}}\n", "medical_cost"),
    (
        "paths: {medical_cost: {set: {2030: 1.0}}}\n",
        "paths: {medical_cost: {set: {2031: 2.0}, shape: ramp}}\n",
        "medical_cost",
    ),
    ("paths: {flexible_payers: {set: {2030: 1.0}}}\n", "coverage_growth: {flexible_payers: 0.01}\n", "flexible_payers"),
    ("constants: {c: 1.0}\n", "constants: {c: 1.0}\n", "c"),
    ("retirement: {reform: none}\n", "retirement: {reform: enacted}\n", "retirement"),
    ("retirement: {reform: none}\n", "changes: {retirement/delay_cap: {2030-01-01: {men: 24}}}\n", "delay_cap"),
    ("indexation: {rate: {2027: 0.02}}\n", "indexation: {rate: {2040: 0.01}}\n", "indexation"),
    ("indexation: {rate: {2027: 0.02}}\n", "changes: {pension/adjustment_ratio: {2030-01-01: 0.1}}\n", "adjustment"),
    ("payment_rate: {2023: 0.9}\n", "payment_rate: {2025: 0.9}\n", "payment_rate"),
    ("payment_rate: {2023: 0.9}\n", "payment_rate_resident: {2025: 0.9}\n", "payment_rate"),
    ("payment_rate_employees: {2023: 0.9}\n", "payment_rate_employees: {2025: 0.9}\n", "payment_rate_employees"),
    (
        "coverage_growth: {flexible_payers: 0.01}\n",
        "coverage_growth: {flexible_payers: {2030: 0.01}}\n",
        "coverage_growth of flexible_payers",
    ),
    (
        CAMPAIGN.format("9", "[2021, 2023]", "[none]", ", id: same"),
        CAMPAIGN.format("8", "[2030, 2031]", "[none]", ", id: same"),
        "campaign same",
    ),
]


@pytest.mark.parametrize(("one", "two", "what"), CONFLICTS)
def test_two_levers_on_one_thing__are_an_error_that_names_both(write: Write, one: str, two: str, what: str) -> None:
    write("levers/alpha.yaml", lever("Alpha", one))
    write("levers/beta.yaml", lever("Beta", two))
    said = []
    for names in ("[alpha, beta]", "[beta, alpha]"):
        write("toy/child.yaml", f"extends: toy/base\nlevers: {names}\n")
        found = errors_of("toy/child")
        assert all(isinstance(error, LeverError) for error in found)
        said.append([str(error) for error in found])
    assert said[0] == said[1]
    assert len(said[0]) == 1
    assert '"alpha"' in said[0][0]
    assert '"beta"' in said[0][0]
    assert what in said[0][0]


def test_payment_rates_of_the_two_schemes__stand_beside_each_other(write: Write) -> None:
    write("levers/alpha.yaml", lever("Alpha", "payment_rate_employees: {2023: 0.9}\n"))
    write("levers/beta.yaml", lever("Beta", "payment_rate_resident: {2025: 0.7, 2024: 0.6}\n"))
    write("toy/child.yaml", "extends: toy/base\nlevers: [alpha, beta]\n")
    assert load_scenario("toy/child").settings.payment_rate == {
        "employees": {2023: 0.9},
        "resident": {2024: 0.6, 2025: 0.7},
    }
    write("levers/beta.yaml", lever("Beta", "payment_rate: {2024: 0.6}\n"))
    write("toy/child.yaml", "extends: toy/base\nlevers: [beta]\n")
    assert load_scenario("toy/child").settings.payment_rate == {"employees": {2024: 0.6}, "resident": {2024: 0.6}}


def test_both_payment_rates_in_one_lever__are_a_conflict(write: Write) -> None:
    write("levers/alpha.yaml", lever("Alpha", "payment_rate: {2023: 0.9}\npayment_rate_resident: {2025: 0.7}\n"))
    write("toy/child.yaml", "extends: toy/base\nlevers: [alpha]\n")
    (error,) = errors_of("toy/child")
    assert "payment_rate_resident" in str(error)


def test_order_of_levers__never_matters(write: Write) -> None:
    bodies = {
        "aa": "changes: {a/b: {2030-01-01: 0.1}, a/c: {2031-01-01: null}}\n",
        "bb": "paths: {medical_cost: {multiply: {2030: 1.1}}}\nconstants: {c: 1.0}\n",
        "cc": "paths: {medical_cost: {multiply: {2025: 0.9}}}\n" + CAMPAIGN.format("9", "[2021, 2023]", "[none]", ""),
        "dd": "region: jiangxi\nchanges: {a/b: {2030-01-01: 0.3}}\n",
    }
    for name, body in bodies.items():
        write(f"levers/{name}.yaml", lever(name, body))
    seen = set()
    for order in itertools.permutations(bodies):
        write("toy/child.yaml", f"extends: toy/base\nlevers: [{', '.join(order)}]\n")
        loaded = load_scenario("toy/child")
        assert loaded.settings.paths["medical_cost"].knots == {2025: 0.9, 2030: 1.1}
        seen.add((repr(loaded.settings), loaded.lever_names, loaded.digest))
    assert len(seen) == 1
    (change, *_) = loaded.settings.law
    assert (change.key, change.region, change.lever) == ("a/b", None, "aa")
    assert [campaign.id for campaign in loaded.settings.campaigns] == ["cc"]


def test_digest__follows_numbers_and_not_words(write: Write) -> None:
    before = load_scenario("toy/base").digest
    write("toy/base.yaml", BASELINE.replace("A base to extend", "Other words").replace("en: Base", "en: Other"))
    write("levers/first.yaml", FIRST.replace("A test", "Another reason"))
    assert load_scenario("toy/base").digest == before
    write("levers/first.yaml", FIRST.replace("0.20", "0.21"))
    assert load_scenario("toy/base").digest != before
    write("levers/first.yaml", FIRST)
    write("toy/base.yaml", BASELINE.replace("2026: 0.05", "2026: 0.051"))
    assert load_scenario("toy/base").digest != before


# --- changes of series ------------------------------------------------------------------------------------------------

YEARS = np.arange(2021, 2031)
LINE = np.arange(10.0) + 1.0


def change(**stated: object) -> PathChange:
    return PathChange.model_validate(stated)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"set": {2024: 9.0, 2028: 0.0}}, [1, 2, 3, 9, 9, 9, 9, 0, 0, 0]),
        ({"set": {2024: 9.0, 2028: 5.0}, "shape": "ramp"}, [1, 2, 3, 9, 8, 7, 6, 5, 5, 5]),
        ({"set": {2024: 9.0, 2028: 0.0}, "shape": "pulse"}, [1, 2, 3, 9, 5, 6, 7, 0, 9, 10]),
        ({"add": {2024: 10.0}}, [1, 2, 3, 14, 15, 16, 17, 18, 19, 20]),
        ({"add": {2024: 0.0, 2026: 2.0}, "shape": "ramp"}, [1, 2, 3, 4, 6, 8, 9, 10, 11, 12]),
        ({"multiply": {2029: 2.0}}, [1, 2, 3, 4, 5, 6, 7, 8, 18, 20]),
        ({"growth": {2025: 0.5, 2027: 0.0}}, [1, 2, 3, 4, 6, 9, 9, 9, 9, 9]),
        ({"growth": {2025: 0.5}, "shape": "pulse"}, [1, 2, 3, 4, 6, 7.2, 8.4, 9.6, 10.8, 12.0]),
        ({"growth": {2025: 0.0, 2027: 0.5}, "shape": "ramp"}, [1, 2, 3, 4, 4, 5, 7.5, 11.25, 16.875, 25.3125]),
    ],
)
def test_path_change__does_what_its_shape_says(stated: dict[str, object], expected: list[float]) -> None:
    before = LINE.copy()
    np.testing.assert_allclose(change(**stated).apply(LINE, YEARS), expected, rtol=1e-14)
    np.testing.assert_array_equal(before, LINE)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=False, width=64), min_size=1, max_size=40),
    first=st.integers(1993, 2200),
    knots=st.lists(st.integers(1993, 2200), min_size=1, max_size=4),
    shape=st.sampled_from(["step", "ramp", "pulse"]),
)
def test_neutral_change__leaves_every_bit(values: list[float], first: int, knots: list[int], shape: str) -> None:
    series = np.array(values) + 0.0
    years = np.arange(first, first + series.size)
    for neutral in ({"multiply": dict.fromkeys(knots, 1.0)}, {"add": dict.fromkeys(knots, 0.0)}):
        assert change(**neutral, shape=shape).apply(series, years).tobytes() == series.tobytes()


def test_growth_without_the_year_before__is_refused() -> None:
    with pytest.raises(ValueError, match="year before"):
        change(growth={2021: 0.1}).apply(LINE, YEARS)


def test_scenario_changes_a_series_before_its_levers(write: Write) -> None:
    write("levers/first.yaml", lever("First", "paths: {medical_cost: {multiply: {2025: 2.0}}}\n"))
    write("toy/base.yaml", BASELINE + "  medical_cost: {set: {2023: 5.0}}\n")
    loaded = load_scenario("toy/base")
    np.testing.assert_array_equal(loaded.apply_paths("medical_cost", LINE, YEARS), [1, 2, 5, 5, 10, 10, 10, 10, 10, 10])
    np.testing.assert_array_equal(loaded.apply_paths("other", LINE, YEARS), LINE)
    assert loaded.changed_series() == ("average_wage", "medical_cost")


def test_coverage_factor__compounds_from_the_first_projected_year(write: Write) -> None:
    write(
        "levers/first.yaml",
        lever("First", "coverage_growth: {flexible_payers: 0.1, public_payers: {2023: 0.5, 2025: 0.0}}\n"),
    )
    loaded = load_scenario("toy/base")
    years = np.arange(2018, 2027)
    np.testing.assert_allclose(
        loaded.coverage_factor("flexible_payers", years), [1, 1, 1, *(1.1 ** np.arange(1, 7))], rtol=1e-14
    )
    np.testing.assert_array_equal(
        loaded.coverage_factor("public_payers", years), [1, 1, 1, 1, 1, 1.5, 2.25, 2.25, 2.25]
    )
    np.testing.assert_array_equal(loaded.coverage_factor("paused_members", years), np.ones(9))
    np.testing.assert_array_equal(loaded.coverage_factor("public_payers", years[:2]), [1, 1])


def test_campaign__years_add_up_to_the_total() -> None:
    stated = {"status": "enterprise", "kind": "gross", "years": [2021, 2023], "pools": ["none"], "reason": "x"}
    equal = Campaign.model_validate({**stated, "total": 210_000})
    assert equal.by_year() == {2021: 70_000, 2022: 70_000, 2023: 70_000}
    uneven = Campaign.model_validate({**stated, "total": 210_000, "increments": {2023: 10_000, 2021: 200_000}})
    assert uneven.by_year() == {2021: 200_000, 2022: 0.0, 2023: 10_000}
    assert equal.limits == {}
    limited = Campaign.model_validate({**stated, "total": 9, "pools": ["paused", "none"], "limits": {"none": 2.5}})
    assert limited.limits == {"none": 2.5}


# --- what ships -------------------------------------------------------------------------------------------------------

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")


def test_every_region_ships_both_scenarios() -> None:
    assert {f"{region}/{kind}" for region in REGIONS for kind in ("baseline", "as_planned")} <= set(packaged())


@pytest.mark.parametrize("name", sorted(packaged()))
def test_packaged_scenario__loads_with_the_horizon_of_its_basis(name: str) -> None:
    loaded = load_scenario(name)
    assert loaded.key == name
    assert loaded.remarks == ()
    assert len(loaded.years) == 75
    assert loaded.information == ("opening" if name.endswith("as_planned") else "today")
    assert loaded.basis.startswith(name.split("/")[0])


@pytest.mark.parametrize("name", sorted(packaged("levers")))
def test_packaged_lever__loads_on_a_packaged_scenario(name: str, tmp_path: Path) -> None:
    regions = {key.split("/")[0] for key in packaged()}
    own = name.split("_")[0] if name.split("_")[0] in regions else "xuzhou"
    path = tmp_path / "with.yaml"
    path.write_text(f"extends: {own}/baseline\nlevers: [{name}]\n", encoding="utf-8")
    loaded = load_scenario(path)
    assert loaded.lever_names == (name,)
    assert loaded.digest != load_scenario(f"{own}/baseline").digest


def test_xuzhou_campaigns__the_smaller_lies_inside_the_larger(tmp_path: Path) -> None:
    path = tmp_path / "with.yaml"
    totals = []
    for name in ("xuzhou_gross_210k_2023", "xuzhou_gross_300k_2025"):
        path.write_text(f"extends: xuzhou/baseline\nlevers: [{name}]\n", encoding="utf-8")
        (campaign,) = load_scenario(path).settings.campaigns
        assert campaign.pools == ("resident", "none", "paused")  # gross enlargement: new participants first
        totals.append(sum(persons for year, persons in campaign.by_year().items() if year <= 2023))
    assert totals == [210_000, 210_000]
    path.write_text("extends: xuzhou/baseline\nlevers: [xuzhou_gross_210k_2023, xuzhou_gross_300k_2025]\n")
    with pytest.raises(LeverError, match=r"xuzhou_gross_210k_2023.*xuzhou_gross_300k_2025"):
        load_scenario(path)


def test_public_name__loads_the_same_scenario() -> None:
    assert simengine.load_scenario("jiangxi/baseline") == load_scenario("jiangxi/baseline")
    assert {"project", "indicators", "judge_scenarios"} <= set(dir(simengine))
    with pytest.raises(AttributeError, match="nothing_like_it"):
        simengine.nothing_like_it  # noqa: B018


# --- rough handling ---------------------------------------------------------------------------------------------------


def mangled(text: str, rng: random.Random) -> str:
    """One file after a few careless edits."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 4)):
        position = rng.randrange(len(lines))
        line = lines[position]
        lines[position : position + 1] = rng.choice(
            [
                [],
                [line, line],
                [line.replace(":", "", 1)],
                [line.replace("{", "[").replace("}", "]")],
                [line[: rng.randrange(len(line) + 1)]],
                ["  " + line],
                [line.replace("0.", rng.choice(["16", "-0.", "x", "1e9", ".nan ", "9" * 30]))],
                [line.replace("2026", rng.choice(["26", "20260", "null", "2026-13-01", "[]"]))],
                [line + rng.choice([" &a", " *a", " !!python/name:os", " # note", "\t", ": :", "'"])],
                [line.replace(rng.choice(string.ascii_lowercase), rng.choice(string.ascii_letters))],
                [line.replace("en:", "").replace(",", rng.choice([";", "", ", ,"]))],
            ]
        )
        lines = lines or [""]
    return "\n".join(lines) + "\n"


def test_mangled_files__end_in_a_clear_error_or_load(write: Write) -> None:
    rng = random.Random(20)
    lever_text = FIRST + "paths: {medical_cost: {growth: {2026: 0.01}}}\npayment_rate: {2026: 0.5}\n"
    refused = 0
    for _ in range(600):
        write("toy/base.yaml", mangled(BASELINE, rng))
        write("levers/first.yaml", mangled(lever_text, rng))
        try:
            loaded = load_scenario("toy/base")
            assert dataclasses.is_dataclass(loaded)
        except SimengineError as error:
            refused += 1
            for each in each_error(error):
                assert each.where or each.hint or each.allowed, str(each)
                assert localised(each, "zh")
    assert refused > 300
