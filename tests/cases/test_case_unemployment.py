"""Cases of unemployment and stabilisation: what is refused, what is remarked, and what a case takes from the law."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simengine.cases import CaseResult, compute, load_cases
from simengine.cases.text import sheet_of
from simengine.common import resources
from simengine.common.errors import LawError, SimengineError, each_error, localised
from simengine.law import LawTree, load_law
from tests.cases.test_cases import one, refused, remarks

CASE = "kind: unemployment\nregion: jiangxi\nclaims: 2024-06\npaid_months: 72\n"
STEPS = "{12: 2, 24: 4, 36: 6, 48: 8, 60: 10, 72: 12, 84: 14, 96: 16, 108: 18, 120: 20, 132: 22, 144: 24}"
FIRM = "kind: stabilisation\nmonth: 2025-09\nsize: small\nstaff_before: 200\nstaff_after: 191\npremiums: 100_000\n"


def law_with(folder: Path, added: str) -> LawTree:
    """The packaged law with values of Jiangxi's own added to the ladder."""
    root = resources.scenarios_root()
    shutil.copytree(root / "law", folder / "law")
    shutil.copy(root / "regions.yaml", folder / "regions.yaml")
    path = folder / "law" / "unemployment" / "duration_months.yaml"
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    return load_law(folder)


def said(result: CaseResult, lang: str = "en") -> str:
    sheet = sheet_of(result, lang)  # type: ignore[arg-type]
    return "\n".join(text for _, text in (*sheet.before, *sheet.after))


# --- steps of a province ----------------------------------------------------------------------------------------------


def test_steps__of_a_case_replace_the_whole_ladder(tmp_path: Path) -> None:
    """A label that the law has not makes a ladder of its own: the statutory step from 60 on is gone."""
    own = one(tmp_path, CASE + "law: {unemployment/duration_months: {12: 3, 36: 6}}\n")
    assert own.value("benefit_months") == 6


def test_steps__with_labels_of_the_law_change_these_alone(tmp_path: Path) -> None:
    part = CASE.replace("72", "130") + "law: {unemployment/duration_months: {60: 16}}\n"
    assert one(tmp_path, part).value("benefit_months") == 24
    assert one(tmp_path, part.replace("130", "72")).value("benefit_months") == 16


def test_steps__dated_in_a_case_act_from_their_day(tmp_path: Path) -> None:
    dated = CASE + f"law: {{unemployment/duration_months: {{2024-06-01: {STEPS}}}}}\n"
    assert one(tmp_path, dated).value("benefit_months") == 12
    early = refused(tmp_path, dated.replace("claims: 2024-06", "claims: 2024-05"))
    assert "never holds in this case" in early[0]
    assert one(tmp_path, CASE.replace("2024-06", "2024-05")).value("benefit_months") == 18


@pytest.mark.parametrize(("paid", "months"), [(11, 0), (72, 12), (130, 20), (143, 22), (144, 24), (400, 24)])
def test_steps__of_a_province_stand_in_its_law_file(tmp_path: Path, paid: int, months: int) -> None:
    reference = 'reference: "rules of the province", evidence: secondary'
    tree = law_with(tmp_path, f"regions:\n  jiangxi:\n    2024-01-01: {{value: {STEPS}, {reference}}}\n")
    path = tmp_path / "case.yaml"
    path.write_text(CASE.replace("72", str(paid)), encoding="utf-8")
    (case,) = load_cases(path, tree)
    assert compute(case, tree).value("benefit_months") == months
    (elsewhere,) = load_cases(_written(tmp_path, CASE.replace("jiangxi", "hubei")), tree)
    assert compute(elsewhere, tree).value("benefit_months") == 18


def _written(folder: Path, text: str) -> Path:
    path = folder / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_steps__above_the_maxima_are_refused_with_the_article(tmp_path: Path) -> None:
    text = CASE + "law: {unemployment/duration_months: {12: 14, 60: 18, 120: 24}}\n"
    (error,) = refused(tmp_path, text)
    assert error.startswith("cases.yaml, line 5: unemployment/duration_months: 14 from 12 on is above 12")
    assert "Social Insurance Law art. 46" in error
    with pytest.raises(SimengineError) as caught:
        one(tmp_path, text)
    assert "社会保险法第四十六条" in localised(each_error(caught.value)[0], "zh")


@pytest.mark.parametrize("step", ["11: 1", "24: 13", "59: 18", "119: 24", "144: 25"])
def test_steps__the_maximum_is_that_of_the_paid_months(tmp_path: Path, step: str) -> None:
    (error,) = refused(tmp_path, CASE + f"law: {{unemployment/duration_months: {{{step}}}}}\n")
    assert "art. 46" in error or "out of range" in error


def test_steps__of_a_law_file_above_the_maxima_are_refused_with_its_line(tmp_path: Path) -> None:
    reference = 'reference: "rules of the province", evidence: secondary'
    wrong = f"regions:\n  jiangxi:\n    2024-01-01: {{value: {{12: 12, 36: 15}}, {reference}}}\n"
    with pytest.raises(LawError, match=r"duration_months.yaml, line \d+: .*15 from 36 on is above 12"):
        law_with(tmp_path, wrong)


def test_steps__a_label_that_is_no_number_is_refused(tmp_path: Path) -> None:
    (error,) = refused(tmp_path, CASE + "law: {unemployment/duration_months: {five: 2}}\n")
    assert '"five" is not a number' in error


# --- who may draw -----------------------------------------------------------------------------------------------------


def test_reason__left_out_is_involuntary_and_said(tmp_path: Path) -> None:
    result = one(tmp_path, CASE)
    assert result.value("loss_of_work") == "involuntary"
    assert "reason_unstated" in remarks(result)
    assert "reason_unstated" not in remarks(one(tmp_path, CASE + "reason: agreed\n"))


def test_reason__quit_gives_nothing_and_names_the_article(tmp_path: Path) -> None:
    result = one(tmp_path, CASE + "reason: quit\n")
    assert result.value("benefit_months") == 0
    assert {component.entry for component in result.components} == {"loss_of_work", "benefit_months"}
    assert "Social Insurance Law art. 45" in said(result)
    assert "社会保险法第四十五条" in said(result, "zh")


def test_reason__an_unknown_one_is_refused_with_the_list(tmp_path: Path) -> None:
    (error,) = refused(tmp_path, CASE + "reason: tired\n")
    assert "line 5" in error
    assert "forced_to_leave" in error


def test_months_left__unstated_months_in_work_are_the_paid_ones(tmp_path: Path) -> None:
    result = one(tmp_path, CASE.replace("72", "7") + "unused_months: 9\n")
    assert result.value("benefit_months") == 9
    assert "worked_unstated" in remarks(result)


def test_months_left__in_work_for_a_year_need_a_paid_year(tmp_path: Path) -> None:
    text = CASE.replace("72", "11") + "unused_months: 9\nworked_months: 12\n"
    assert one(tmp_path, text).value("benefit_months") == 0
    assert one(tmp_path, text.replace("12\n", "11\n")).value("benefit_months") == 9


def test_months_left__fewer_months_in_work_than_paid_are_told(tmp_path: Path) -> None:
    text = CASE.replace("72", "9") + "unused_months: 9\nworked_months: 3\n"
    (error,) = refused(tmp_path, text)
    assert "9 months were paid since the claim before, but only 3 worked" in error
    assert one(tmp_path, text + "checked: [worked_months]\n").value("benefit_months") == 9


def test_months_left__months_in_work_without_them_are_remarked(tmp_path: Path) -> None:
    assert "worked_idle" in remarks(one(tmp_path, CASE + "worked_months: 80\n"))


# --- the amount of a month --------------------------------------------------------------------------------------------


def test_amount__both_values_of_april_2024_are_the_old_ones(tmp_path: Path) -> None:
    """The wage changes on the 1st, the share on the 8th: 0.75 x 1730, not 0.75 x 1870 and not 0.9 x 1730."""
    result = one(tmp_path, CASE.replace("2024-06", "2024-04"))
    assert result.value("unemployment_benefit") == 1297.50
    assert "changed_together" in remarks(result)
    assert "changed_together" not in remarks(one(tmp_path, CASE.replace("2024-06", "2024-05")))


def test_amount__one_day_for_both_acts_in_its_month(tmp_path: Path) -> None:
    """Both on the 1st: 0.8 x 2000 in that month."""
    law = "law: {economy/minimum_wage_class_2: {2024-07-01: 2000}, unemployment/benefit_share: {2024-07-01: 0.8}}\n"
    assert one(tmp_path, CASE.replace("2024-06", "2024-07") + law).value("unemployment_benefit") == 1600.0


@pytest.mark.parametrize(("month", "floor"), [("2024-06", 1500.0), ("2024-07", 1500.0), ("2024-08", 1200.0)])
def test_amount__the_floor_of_an_own_base_never_mixes(tmp_path: Path, month: str, floor: float) -> None:
    """1.5 x 1000 before; standard 1200 from 1 July, multiple 1 from 10 July: not 1.5 x 1200 = 1800 in July."""
    text = CASE.replace("jiangxi", "xuzhou").replace("2024-06", month) + "average_base: 100\nlaw:\n"
    before, after = month < "2024-08", month > "2024-06"  # a value of no day that is read would be refused
    standards = ["2024-01-01: 1000"] * before + ["2024-07-01: 1200"] * after
    floors = ["2024-01-01: 1.5"] * before + ["2024-07-10: 1"] * after
    text += f"  economy/urban_living_standard: {{{', '.join(standards)}}}\n"
    text += f"  unemployment/own_base_floor: {{{', '.join(floors)}}}\n"
    assert one(tmp_path, text).value("unemployment_benefit") == floor


@pytest.mark.parametrize(("month", "amount"), [("2024-07", 35_000.0), ("2024-08", 48_000.0)])
def test_amount__of_a_subsidy_on_leaving_never_mixes(tmp_path: Path, month: str, amount: float) -> None:
    """35 000 x 1 before; 40 000 from 1 July and a city factor of 1.2 from 20 July: 48 000, never 40 000 or 42 000."""
    text = f"kind: injury\nregion: xuzhou\nmonth: {month}\ngrade: 8\nwage: 6000\nleaves: true\nlaw:\n"
    text += "  injury/employment_subsidy_amount: {2024-07-01: {8: 40_000}}\n"
    text += "  injury/subsidy_city_factor: {2024-07-20: 1.2}\n"
    assert one(tmp_path, text).value("employment_subsidy") == amount


# --- the reserve of the fund ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("covers", "refund"), [(0, 60_000), (8, 60_000), (11.99, 60_000), (12, 90_000), (30, 90_000)])
def test_stabilisation__the_reserve_decides(tmp_path: Path, covers: float, refund: float) -> None:
    result = one(tmp_path, FIRM + f"payable_months: {covers}\n")
    assert result.value("stabilisation_refund") == refund
    assert "refund_reserve" not in remarks(result)


def test_stabilisation__an_unstated_reserve_is_remarked(tmp_path: Path) -> None:
    result = one(tmp_path, FIRM)
    assert result.value("stabilisation_refund") == 90_000
    assert {"refund_reserve", "refund_paid_unstated"} <= remarks(result)


def test_stabilisation__below_the_reserve_nothing_was_due_in_2024(tmp_path: Path) -> None:
    text = FIRM.replace("2025-09", "2024-06") + "payable_months: 6\n"
    assert one(tmp_path, text).value("stabilisation_refund") == 0.0


def test_stabilisation__the_firm_needs_twelve_paid_months(tmp_path: Path) -> None:
    for paid, refund in ((11, 0.0), (12, 90_000.0)):
        text = FIRM + f"payable_months: 20\npaid_months: {paid}\n"
        assert one(tmp_path, text).value("stabilisation_refund") == refund


# --- the law files ----------------------------------------------------------------------------------------------------


def test_law__ninety_per_cent_is_guidance_and_nowhere_verified() -> None:
    """The national texts say "step by step to 90 %"; that a region pays it is reported, recalled or assumed."""
    for dated in load_law()["unemployment/benefit_share"].all_values():
        assert dated.evidence != "verified", dated.where


def test_law__the_taper_of_the_employment_subsidy_is_that_of_its_reference() -> None:
    """1 - 0.2 x (5 - full years), in every region but Hubei, which pays 10 % below one year."""
    taper = load_law()["injury/employment_subsidy_taper"]
    for region in load_law().regions:
        steps = taper.at("2025-06-01", region)
        expected = {years: 1.0 - 0.2 * (5 - years) for years in range(6)}
        if "hubei" in taper.regions.chain(region):
            expected[0] = 0.1
        assert steps == pytest.approx(expected), region
