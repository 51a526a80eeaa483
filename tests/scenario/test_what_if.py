"""What-ifs as text: numbers, names, what a text becomes, and how a wrong one is refused in both languages."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simengine.common.errors import ErrorList, SimengineError, each_error, localised
from simengine.scenario.scenario import Scenario, load_scenario
from simengine.scenario.what_if import LONGEST_NAME, added, number, plain
from tests.helpers.chinese import english_in


def first(scenario: Scenario, series: str) -> int:
    return 2025


def made(**options: Any) -> Scenario:
    return added(load_scenario("haiyan/baseline"), first, **options)


def refused(**options: Any) -> list[SimengineError]:
    with pytest.raises(SimengineError) as caught:
        made(**options)
    return each_error(caught.value)


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("9500", 9500), ("100_000", 100_000), ("0.03", 0.03), ("3%", 0.03), ("-1%", -0.01), ("+2.5%", 0.025)),
        *(
            ("885万", 8_850_000),
            ("88.55万", 885_500),
            ("1.2亿", 120_000_000),
            ("0.1万", 1000),
            ("29.29%", 0.2929),
            ("0", 0),
        ),
    ],
)
def test_number__is_read_to_the_last_bit(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1,000", "1e6", "007", "10_00", ".5", "5.", "万", "3 %", "885万人", "nan", "inf", "٣", "0x10"]
)
def test_number__of_another_form_is_none(text: str) -> None:
    assert number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_number__written_plain_is_read_again(value: float) -> None:
    assert number(plain(value)) == value


# --- what a text becomes ----------------------------------------------------------------------------------------------


def test_no_what_if__is_the_scenario_itself() -> None:
    scenario = load_scenario("haiyan/baseline")
    assert added(scenario, first) is scenario


def test_each_text__becomes_the_section_it_belongs_to() -> None:
    scenario = made(
        set=["average_wage=2026:9500,2027:9_800", "pension/rate_employer=2028-01-01:20%", "layoff_share=0.5"],
        growth=["urban_income=3%", "enterprise_payers=2026:1%,2030:0"],
        lever=["layoff_wave"],
    )
    settings = scenario.settings
    assert settings.paths["average_wage"].set == {2026: 9500.0, 2027: 9800.0}
    assert settings.paths["urban_income"].growth == {2025: 0.03}
    assert settings.coverage_growth == {"enterprise_payers": {2026: 0.01, 2030: 0.0}}
    assert [(change.key, dict(change.values)) for change in settings.law if change.lever != "layoff_wave"] == [
        ("pension/rate_employer", {datetime.date(2028, 1, 1): 0.2})
    ]
    assert settings.constants["layoff_share"] == 0.5
    assert "layoff_wave" in scenario.lever_names


def test_name__says_the_what_ifs_and_does_not_depend_on_their_order_or_spelling() -> None:
    options = ["average_wage=3%", "urban_income=2026:0.02"]
    names, digests = set(), set()
    for texts in itertools.permutations(options):
        scenario = made(growth=texts, lever=["layoff_wave"])
        names.add(scenario.key)
        digests.add(scenario.digest)
    scenario = made(growth=["urban_income ＝ 2026：2％", "average_wage=2025:0.03"], lever=["layoff_wave"])
    assert names == {scenario.key} and digests == {scenario.digest}
    assert made(growth=["average_wage=3%"]).key == "haiyan/baseline+average_wage_growth_2025_0.03"
    assert made(set=["pension/rate_employer=2028-01-01:0.20"]).key == (
        "haiyan/baseline+pension_rate_employer_2028-01-01_0.2"
    )


def test_name__of_many_what_ifs_ends_in_a_digest_and_stays_apart_from_others() -> None:
    years = [",".join(f"{year}:{9000 + year + last}" for year in range(2026, 2040)) for last in (0, 1)]
    one, two = (made(set=[f"average_wage={text}"], growth=["urban_income=2%"], lever=["layoff_wave"]) for text in years)
    assert one.key != two.key and one.digest != two.digest
    for scenario in (one, two):
        assert len(scenario.key) <= len("haiyan/baseline") + LONGEST_NAME
        assert not set(scenario.key.removeprefix("haiyan/")) & set('/\\:*?"<>| ')


def test_title__names_the_series_in_each_language() -> None:
    scenario = made(growth=["average_wage=3%"], lever=["layoff_wave"])
    assert scenario.title("en").endswith("; A layoff wave in 2027 and 2028, average_wage growth 2025: 3%")
    assert scenario.title("zh").endswith("；裁员冲击：2027至2028年，平均工资增速 2025: 3%")


def test_same_series_in_different_years__is_joined() -> None:
    scenario = made(set=["average_wage=2026:9500", "average_wage=2027:9800"])
    assert scenario.settings.paths["average_wage"].set == {2026: 9500.0, 2027: 9800.0}


# --- refusals ---------------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, str, str, str]] = [
    ("set", "average_wage", "what_if_form", '"average_wage" cannot be read'),
    ("set", "=2030:9000", "what_if_form", "SERIES=YEAR:VALUE"),
    ("set", "average_wage=2030:abc", "what_if_form", '"2030:abc" cannot be read'),
    ("set", "average_wage=9000", "what_if_form", "average_wage=2026:9500"),
    ("set", "average_wage=2030:1,000", "what_if_form", '"000" cannot be read'),
    ("set", "average_wage=30:9000", "what_if_form", '"30:9000" cannot be read'),
    ("set", "average_wage=2030-01-01:9000", "what_if_form", "cannot be read"),
    ("set", "average_wage=2030:9000,", "what_if_form", "cannot be read"),
    ("set", "average_wage=2030:9000,2030:9100", "what_if_twice", "2030 is stated twice"),
    ("set", "pension/rate_employer=0.2", "what_if_form", "KEY=DAY:VALUE"),
    ("set", "pension/rate_employer=2028:0.2", "what_if_form", "KEY=DAY:VALUE"),
    ("set", "pension/rate_employer=2028-02-30:0.2", "what_if_form", "KEY=DAY:VALUE"),
    ("set", "pension/rate_employer=2028-01-01:0.2,2028-01-01:0.1", "what_if_twice", "2028-01-01 is stated twice"),
    ("set", "layoff_share=2026:0.5", "what_if_form", "CONSTANT=VALUE"),
    ("set", "averag_wage=2030:9000", "series_unknown", 'Did you mean "average_wage"'),
    ("set", "average_wage=2020:9000", "change_before_start", "before the first projected year 2021"),
    ("set", "average_wage=2300:9000", "year_too_large", "2300"),
    ("set", "first_year=3", "constant_given", "first_year"),
    ("growth", "average_wage=", "what_if_form", "SERIES=RATE"),
    ("growth", "average_wage=fast", "what_if_form", "SERIES=YEAR:RATE"),
    ("growth", "average_wage=3", "looks_like_percent", "0.03 for 3 %"),
    ("growth", "enterprise_payrs=1%", "series_unknown", 'Did you mean "enterprise_payers"'),
    ("growth", "layoff_share=1%", "series_unknown", 'no series is called "layoff_share"'),
    ("growth", "pension/rate_employer=1%", "series_unknown", "no series is called"),
    ("growth", "enterprise_payers=2020:1%", "change_before_start", "before the first projected year 2021"),
    ("lever", "layoff_wav", "lever_unknown", 'Did you mean "layoff_wave"'),
    ("lever", "./nothing.yaml", "file_absent", "nothing.yaml"),
]


@pytest.mark.parametrize(("option", "text", "code", "said"), WRONG)
def test_wrong_what_if__is_refused_at_its_option(option: str, text: str, code: str, said: str) -> None:
    (error,) = refused(**{option: [text]})
    assert error.code == code
    assert error.where == f"--{option} {text}"
    assert said in localised(error, "en")
    chinese = localised(error, "zh")
    assert chinese.startswith(f"--{option} {text}：") and not english_in(chinese.removeprefix(error.where))


def test_all_wrong_what_ifs__are_told_together() -> None:
    errors = refused(set=["average_wage=x", "nothing=2030:1"], growth=["average_wage=y"], lever=["nothing"])
    assert [error.where for error in errors] == [
        *("--lever nothing", "--set average_wage=x", "--set nothing=2030:1", "--growth average_wage=y"),
    ]
    with pytest.raises(ErrorList):
        made(set=["average_wage=x", "nothing=2030:1"])


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        ({"set": ["average_wage=2030:9000", "average_wage=2030:9100"]}, "levers_conflict", 2),
        ({"set": ["average_wage=2030:9000"], "growth": ["average_wage=2031:3%"]}, "levers_differ", 1),
        ({"set": ["average_wage=2030:9000", "average_wage=2030:9_000"]}, "named_twice", 1),
        ({"lever": ["layoff_wave", "layoff_wave"]}, "named_twice", 1),
        ({"set": ["layoff_share=0.5", "layoff_share=0.4"]}, "levers_conflict", 2),
        ({"growth": ["enterprise_payers=1%", "enterprise_payers=2030:2%"]}, "levers_conflict", 2),
        ({"set": ["pension/adjustment_ratio=2030-01-01:2%"], "lever": ["indexation_2pct"]}, "levers_conflict", 1),
    ],
)
def test_conflict__names_the_options(options: dict[str, list[str]], code: str, named: int) -> None:
    (error,) = refused(**options)
    assert error.code == code
    said = localised(error, "en")
    stated = [f"--{option} {text}" for option, texts in options.items() for text in texts]
    assert sum(where in said for where in stated) >= named


def test_chained_what_ifs__keep_what_was_typed_before() -> None:
    one = made(growth=["average_wage=3%"])
    two = added(one, first, set=["layoff_share=0.5"])
    assert two.what_if == {"lever": (), "set": ("layoff_share=0.5",), "growth": ("average_wage=3%",)}
    assert two.lever_names == ("average_wage_growth_2025_0.03", "layoff_share_0.5")
