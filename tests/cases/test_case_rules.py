"""Single rules of the calculator, derived by hand: survivors, resident tiers, printed floors, on: as a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simengine.cases import CaseResult, compute, load_cases
from simengine.common import strict_yaml
from simengine.common.errors import SimengineError, each_error, localised


def one(tmp_path: Path, text: str) -> CaseResult:
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return compute(load_cases(path)[0])


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SimengineError) as caught:
        one(tmp_path, text)
    return [localised(error, "en").replace(f"{tmp_path}/", "") for error in each_error(caught.value)]


# --- survivors --------------------------------------------------------------------------------------------------------

SURVIVOR = "kind: survivor\nregion: jiangsu\ndied: 2023-06\nstatus: in_service\nmonths: {}\n"


@pytest.mark.parametrize(
    ("months", "funeral", "compensation"),
    [
        # 60,178 yuan of 2022 / 12 = 5014.8333...; funeral 2 x that = 10,029.666... -> 10,029.67, rounded once
        (192, 10_029.67, 50_148.33),  # 16 years: 10 x 5014.8333... = 50,148.333...
        (360, 10_029.67, 120_356.00),  # 30 years: 24 x 5014.8333... = 120,356 exactly; 24 x 5014.83 is 120,355.92
        (72, 10_029.67, 30_089.00),  # 6 years: 6 x 5014.8333... = 30,089; 6 x 5014.83 is 30,088.98
    ],
)
def test_survivor__income_is_multiplied_before_it_is_rounded(
    tmp_path: Path, months: int, funeral: float, compensation: float
) -> None:
    result = one(tmp_path, SURVIVOR.format(months))
    assert result.value("income_month") == 5014.83
    assert (result.value("funeral_grant"), result.value("compensation")) == (funeral, compensation)


# --- residents --------------------------------------------------------------------------------------------------------

RESIDENT = "kind: resident\nregion: {}\nborn: {}\ncontributions: [{}]\n"


def test_resident__a_tier_is_held_against_each_year(tmp_path: Path) -> None:
    """Jiangxi: 100 to 2000 yuan from 2014 on, 300 to 3000 from 2020 on; 2500 is no tier of 2018, 100 none of 2021."""
    text = RESIDENT.format(
        "jiangxi", "1964-12", "{from: 2010, to: 2018, tier: 500}, {from: 2019, to: 2024, tier: 2500}"
    )
    (said,) = refused(tmp_path, text)
    assert "tier 2500 in 2019" in said and "100 to 2000" in said
    text = RESIDENT.format("jiangxi", "1964-12", "{from: 2010, to: 2024, tier: 100}")
    (said,) = refused(tmp_path, text)
    assert "tier 100 in 2020" in said and "300 to 3000" in said
    text = RESIDENT.format(
        "jiangxi", "1964-12", "{from: 2010, to: 2019, tier: 100}, {from: 2020, to: 2024, tier: 3000}"
    )
    assert one(tmp_path, text).value("paid_years") == 15


def test_resident__a_list_that_begins_inside_a_year_counts_for_it(tmp_path: Path) -> None:
    """The scheme begins in September 2009 with 100 to 500 yuan; 2000 yuan are a tier of the whole of 2014."""
    text = RESIDENT.format(
        "jiangsu", "1964-12", "{from: 2009, to: 2013, tier: 500}, {from: 2014, to: 2024, tier: 2000}"
    )
    assert one(tmp_path, text).value("paid_years") == 16
    assert "tier 600 in 2009" in refused(tmp_path, text.replace("tier: 500", "tier: 600"))[0]


def test_resident__missing_years_are_paid_at_a_tier_of_the_year(tmp_path: Path) -> None:
    text = "kind: resident\nregion: jiangxi\nborn: 1966-07\nbalance: 9000\npaid_years: 12\nmake_up_tier: {}\n"
    assert "tier 100 in 2026" in refused(tmp_path, text.format(100))[0]
    assert one(tmp_path, text.format(300)).value("make_up_cost") == 900


def test_resident__launch_rule_is_remarked_only_where_it_shortens(tmp_path: Path) -> None:
    text = "kind: resident\nregion: jiangxi\nborn: 1964-12\nbalance: 9000\npaid_years: 15\nscheme_start: {}\n"
    codes = [[remark.code for remark in one(tmp_path, text.format(start)).remarks] for start in ("2000-01", "2012-01")]
    assert ["launch_rule" in found for found in codes] == [False, True]


# --- printed floors ---------------------------------------------------------------------------------------------------

FLEXIBLE = "kind: contribution\nregion: {}\nmonth: 2025-07\nstatus: flexible\n{}\n"


@pytest.mark.parametrize(
    ("region", "floor"), [("zhejiang", 4986), ("jiangsu", 4952), ("hubei", 4498), ("jiangxi", 3915)]
)
def test_contribution__printed_floor_is_that_of_a_flexible_worker_too(tmp_path: Path, region: str, floor: int) -> None:
    """Zhejiang's 4986 is 60 % of the wage of 2023 (8310.17), 59.1265 % of that of 2024: the printed amount counts."""
    assert one(tmp_path, FLEXIBLE.format(region, "at: floor")).value("contribution_base") == floor
    assert one(tmp_path, FLEXIBLE.format(region, f"base: {floor}")).value("contribution_base") == floor
    assert f"{floor}.00 to" in refused(tmp_path, FLEXIBLE.format(region, f"base: {floor - 1}"))[0]


def test_contribution__higher_floor_of_flexible_workers_counts_before_the_printed_one(tmp_path: Path) -> None:
    """80 % as in Zhejiang from 2008 to 2019: 0.8 x 8432.83 = 6746.26."""
    text = FLEXIBLE.format("zhejiang", "at: floor\nlaw: {pension/flexible_floor_share: 0.8}")
    assert one(tmp_path, text).value("contribution_base") == 6746.26


# --- on: --------------------------------------------------------------------------------------------------------------


def test_resident__month_of_the_pension_is_typed_as_on(tmp_path: Path) -> None:
    text = "kind: resident\nregion: jiangxi\nborn: 1958-12\nbalance: 12_600\npaid_years: 15\non: 2025-01\n"
    assert one(tmp_path, text).value("resident_pension") > 0.0
    assert "it begins in 2019-01" in refused(tmp_path, text.replace("2025-01", "2018-01"))[0]


@pytest.mark.parametrize("word", ["on", "On", "off", "yes", "NO", "y", "n"])
@pytest.mark.parametrize("form", ["{}: 1\nb: 2\n", "a: {{{}: 1}}\n", "- {}: 1\n", '"{}": 1\n', "? {}\n: 1\n"])
def test_key_on__is_a_name_in_every_form(word: str, form: str) -> None:
    def names(data: Any) -> set[Any]:
        if isinstance(data, list):
            return set().union(*map(names, data))
        return set(data) | set().union(*(names(each) for each in data.values() if isinstance(each, dict)))

    doc = strict_yaml.load_text(form.format(word))
    assert word in names(doc.data)


def test_key_on__stated_twice_is_refused() -> None:
    with pytest.raises(SimengineError):
        strict_yaml.load_text('on: 1\n"on": 2\n')
