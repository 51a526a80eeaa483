"""Cases of single persons: rules that decide an amount, what is refused and how it is told, what is printed."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest

from simengine.cases import KINDS, CaseResult, compute, compute_all, load_cases
from simengine.cases.compute import MEASURES
from simengine.cases.templates import template_text, templates
from simengine.cases.text import plain, rows_of, sheet_of
from simengine.cases.words import tables
from simengine.cli import main as cli
from simengine.common.errors import SimengineError, each_error, localised
from simengine.kernels.rules.rounding import half_up, up_to_jiao
from tests.helpers.note_tables import pitfalls_named

HERE = Path(__file__)
WORKED = HERE.parents[1] / "worked"

AWARD = """\
kind: award
region: jiangxi
person: {sex: man, born: 1965-05}
retires: 2025-07
record: {paid_months: 327, index: 0.8523, account: 96_500}
"""


def results(tmp_path: Path, text: str) -> list[CaseResult]:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return compute_all(load_cases(path))


def one(tmp_path: Path, text: str) -> CaseResult:
    return results(tmp_path, text)[0]


def refused(tmp_path: Path, text: str) -> list[str]:
    """Errors of a file as they are said, the folder left out."""
    with pytest.raises(SimengineError) as caught:
        results(tmp_path, text)
    said = [localised(error, "en").replace(f"{tmp_path}/", "") for error in each_error(caught.value)]
    for error in each_error(caught.value):
        assert localised(error, "zh")
    return said


def remarks(result: CaseResult) -> set[str]:
    return {remark.code for remark in result.remarks}


def changed(text: str, **parts: str) -> str:
    """The award case with lines replaced or added."""
    lines = {line.partition(":")[0]: line for line in text.splitlines()}
    return "\n".join((lines | {key: f"{key}: {value}" for key, value in parts.items()}).values()) + "\n"


# --- rounding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(1.005, 1.01), (2.675, 2.68), (1.115, 1.12), (0.285, 0.29), (1780.2571, 1780.26), (0.0, 0.0), (-0.725, -0.73)],
)
def test_rounding__half_a_cent_goes_up(amount: float, expected: float) -> None:
    assert half_up(amount, 100.0) == expected


def test_rounding__up_to_a_tenth_leaves_a_tenth_alone() -> None:
    assert [up_to_jiao(x) for x in (6176.83, 6176.80, 0.01, 0.0)] == [6176.9, 6176.8, 0.1, 0.0]


def test_rounding__off_keeps_every_digit(tmp_path: Path) -> None:
    rounded, plain_sum = (one(tmp_path, changed(AWARD, rounding=switch)) for switch in ("true", "false"))
    assert rounded.value("base_pension") == 1780.26
    assert plain_sum.value("base_pension") == pytest.approx(7054 * 1.8523 / 2 * 0.2725, abs=1e-9)
    exact = 7054 * 1.8523 / 2 * 0.2725 + 96_500 / 137.8
    assert plain_sum.value("pension") == pytest.approx(exact, abs=1e-9)


# --- award ----------------------------------------------------------------------------------------------------------


def test_award__statutory_month_is_the_default(tmp_path: Path) -> None:
    text = AWARD.replace("retires: 2025-07\n", "")
    assert one(tmp_path, text).values == one(tmp_path, AWARD).values


def test_award__zhejiang_counts_paid_months_before_accounts(tmp_path: Path) -> None:
    text = changed(AWARD, region="haiyan", record="{paid_months: 400, index: 1, account: 100_000}")
    silent = one(tmp_path, text)
    assert silent.value("transition_pension") == 0.0
    assert "months_before_unstated" in remarks(silent)
    record = "{paid_months: 400, index: 1, account: 100_000, months_before_accounts: 60, index_before_accounts: 1.2}"
    stated = one(tmp_path, changed(AWARD, region="haiyan", record=record))
    assert stated.value("transition_pension") == pytest.approx(8433 * 1.2 * 5 * 0.014, abs=0.005)
    assert "months_before_unstated" not in remarks(stated)


def test_award__zhejiang_floor_is_sixty_percent_of_the_local_average(tmp_path: Path) -> None:
    text = changed(AWARD, region="haiyan", record="{paid_months: 200, index: 0.6, account: 20_000}")
    assert "floor_untested" in remarks(one(tmp_path, text))
    lifted = one(tmp_path, text + "local_average_pension: 4200\n")
    assert lifted.value("pension") == pytest.approx(0.6 * 4200)
    assert lifted.value("floor_top_up") > 0.0


def test_award__woman_without_career_is_remarked(tmp_path: Path) -> None:
    text = changed(AWARD, person="{sex: woman, born: 1975-03}", retires="2025-05")
    result = one(tmp_path, text)
    assert "woman_career" in remarks(result)
    assert result.value("statutory_month") == "2025-05"
    public = one(tmp_path, changed(AWARD, person="{sex: 女, born: 1970-05}", scheme="public"))
    assert public.value("statutory_month") == "2025-07"


def test_award__late_keeps_the_minimum_of_the_statutory_year(tmp_path: Path) -> None:
    text = changed(AWARD, person="{sex: man, born: 1968-12}", record="{paid_months: 183, index: 1, account: 50_000}")
    late = one(tmp_path, changed(text, retires="2031-12"))
    assert (late.value("minimum_months"), late.value("entitled")) == (180, True)
    early_text = changed(text, person="{sex: man, born: 1970-01}")
    early = one(tmp_path, changed(early_text, retires="2030-01"))
    assert (early.value("minimum_months"), early.value("entitled")) == (186, False)


def test_award__below_the_minimum_gives_choices_and_no_pension(tmp_path: Path) -> None:
    record = "{paid_months: 100, index: 0.7, account: 30_000, first_insured: 2005-01}"
    result = one(tmp_path, changed(AWARD, record=record))
    assert "pension" not in result.values
    assert result.value("missing_months") == 80
    assert result.value("choice_continue_until") == "2032-03"
    assert result.value("choice_purchase_months") == 20
    assert result.value("choice_purchase_price_floor") == pytest.approx(20 * 3915 * 0.2)
    assert result.value("choice_lump_sum") == 30_000
    assert "choice_conditions" in remarks(result)
    assert result.value("choice_resident_pension") == pytest.approx(143 + 30_000 / 139, abs=0.005)
    closed = one(tmp_path, changed(AWARD, record=record.replace("2005-01", "2012-01")))
    assert "choice_purchase_months" not in closed.values
    assert "purchase_closed" in remarks(closed)


def test_award__on_a_base_not_published_yet_is_provisional(tmp_path: Path) -> None:
    """The base of the last notice pays; what the basis makes of it stands apart as an estimate."""
    text = changed(AWARD, person="{sex: man, born: 1967-05}", retires="2028-01")
    province = one(tmp_path, text)
    city = one(tmp_path, changed(text, region="jingdezhen"))
    for result in (province, city):
        assert result.value("benefit_base") == 7054
        assert result.value("pension_estimate") > result.value("pension")
        assert "base_provisional" in remarks(result)
    assert province.value("pension_estimate") == city.value("pension_estimate")
    known = one(tmp_path, AWARD)
    assert "pension_estimate" not in known.values
    stated = one(tmp_path, text + "growth: {benefit_base: 0.03}\n")
    assert stated.value("benefit_base") == round(7054 * 1.03**3, 2)
    assert "pension_estimate" not in stated.values
    assert remarks(stated) == {"law_indexed", "law_standing"} and remarks(one(tmp_path, AWARD)) == set()


def test_award__hubei_city_has_a_base_of_its_own(tmp_path: Path) -> None:
    text = changed(AWARD, region="hubei")
    whole = one(tmp_path, text)
    assert whole.value("benefit_base") == 9112
    assert "city_bases" in remarks(whole)
    city = one(tmp_path, text + "city: yichang\n")
    assert city.value("benefit_base") == 7424
    assert "city_bases" not in remarks(city)


def test_award__values_of_the_file_replace_the_law(tmp_path: Path) -> None:
    text = AWARD + "law: {pension/divisor_method: floor, pension/benefit_base: {2025-01-01: 8000}}\n"
    result = one(tmp_path, text)
    assert (result.value("divisor"), result.value("benefit_base")) == (139, 8000)
    used = {use.key: use.evidence for use in result.law}
    assert used["pension/benefit_base"] == "given"
    part = one(tmp_path, AWARD + "law: {pension/account_divisor: {60: 140}}\n")
    assert part.value("divisor") == pytest.approx(140 + 2 / 12 * (132 - 140), abs=0.05)


def test_award__arduous_work_opens_an_earlier_month(tmp_path: Path) -> None:
    text = changed(AWARD, person="{sex: man, born: 1970-05, special_job: true}", retires="2025-06")
    assert one(tmp_path, text).value("award_age") == "55y1m"
    assert len(refused(tmp_path, text.replace(", special_job: true", ""))) == 1


def test_award__public_sector_is_compared_in_the_transition(tmp_path: Path) -> None:
    record = "{paid_months: 90, index: 1.3, deemed_months: 300, account: 60_000}"
    text = changed(AWARD, scheme="public", person="{career: women_55, born: 1967-03}", retires="2022-03", record=record)
    assert "old_formula_unstated" in remarks(one(tmp_path, text))
    result = one(tmp_path, text + "old_formula: 5000\nannuity_balance: 90_000\n")
    new = result.value("pension") + round(90_000 / 170, 2)
    assert result.value("new_pension") == pytest.approx(new)
    assert result.value("compared_pension") == pytest.approx(5000 + 0.8 * (new - 5000), abs=0.005)


def test_comparison__ends_with_september_2024(tmp_path: Path) -> None:
    text = "kind: comparison\nretires: {}\nold: 5000\nnew: 4000\n"
    kept, ended, before = (
        one(tmp_path, text.format(month)).value("compared_pension") for month in ("2024-09", "2024-10", "2014-09")
    )
    assert (kept, ended, before) == (5000, 4000, 5000)


# --- career ---------------------------------------------------------------------------------------------------------

CAREER = """\
kind: award
region: jiangxi
person: {sex: man, born: 1965-05}
career:
  - {from: 1985-08, to: 1995-09, kind: deemed}
  - {from: 1995-10, to: 2024-12, kind: enterprise, index: 1}
  - {from: 2025-01, kind: flexible, index: 0.5}
"""


def test_career__months_index_and_floor(tmp_path: Path) -> None:
    result = one(tmp_path, CAREER)
    assert (result.value("paid_months"), result.value("deemed_months")) == (358, 122)
    assert result.value("paid_index") == pytest.approx((351 * 1.0 + 7 * 0.6) / 358, abs=5e-5)
    assert "clamped" in remarks(result)
    years = {step["year"]: step for step in result.steps}
    assert (years[2025]["months"], years[2025]["base"]) == (7, 3915)
    assert years[2025]["credits"] == pytest.approx(7 * 3915 * 0.08)


def test_career__award_year_earns_its_part_of_the_rate(tmp_path: Path) -> None:
    text = CAREER + "known_account: {year: 2024, balance: 100_000}\n"
    result = one(tmp_path, text)
    rate = 0.015 * 7 / 12
    credits = 7 * 3915 * 0.08
    expected = 100_000 * (1 + rate) + credits * (1 + rate * 1.083 / 2)
    assert result.value("account") == pytest.approx(expected, abs=0.005)
    assert "credited_from_start" not in remarks(result)


def test_career__account_is_the_one_of_the_account_case(tmp_path: Path) -> None:
    known = CAREER.replace("index: 0.5", "base: 5000") + "known_account: {year: 2023, balance: 50_000}\n"
    career = one(tmp_path, known.replace("to: 2024-12, kind: enterprise, index: 1", "to: 2024-12, kind: none"))
    account = "kind: account\nregion: jiangxi\nyear: 2023\nbalance: 50_000\nmonthly: {2025: 400}\nuntil: 2025-07\n"
    assert career.value("account") == one(tmp_path, account).value("account")


def test_career__gap_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, CAREER.replace("to: 2024-12", "to: 2020-12"))
    assert len(said) == 1
    assert said[0].startswith("cases.yaml, line 7: between 2020-12 and 2025-01 the career says nothing.")
    assert "kind: none" in said[0]
    filled = CAREER.replace("to: 2024-12", "to: 2020-12").replace(
        "  - {from: 2025-01", "  - {from: 2021-01, to: 2024-12, kind: none}\n  - {from: 2025-01"
    )
    assert one(tmp_path, filled).value("paid_months") == 358 - 48


def test_career__overlap_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, CAREER.replace("to: 2024-12", "to: 2025-03"))
    assert said == [
        "cases.yaml, line 7: this stretch begins in 2025-01, before the one before it ends (2025-03). "
        "Allowed: stretches that do not overlap: a month counts once."
    ]


def test_career__deemed_months_after_the_account_start_are_refused(tmp_path: Path) -> None:
    text = CAREER.replace("to: 1995-09", "to: 1995-12").replace("from: 1995-10", "from: 1996-01")
    assert "accounts begin in 1995-10" in refused(tmp_path, text)[0]


def test_career__end_before_or_after_the_award_is_refused(tmp_path: Path) -> None:
    assert (
        "the award month is 2025-07"
        in refused(tmp_path, CAREER.replace("2025-01, kind", "2025-01, to: 2025-06, kind"))[0]
    )
    assert (
        "after the award month" in refused(tmp_path, CAREER.replace("2025-01, kind", "2025-01, to: 2025-08, kind"))[0]
    )


def test_career__year_without_a_number_is_told_once(tmp_path: Path) -> None:
    said = refused(tmp_path, CAREER.replace("index: 1}", "wage: {1995: 300}}"))
    assert [line for line in said if "says nothing about 1996" in line] == said


def test_career__of_deemed_months_alone_needs_an_index(tmp_path: Path) -> None:
    text = CAREER.replace("kind: enterprise, index: 1", "kind: none").replace(
        "kind: flexible, index: 0.5", "kind: none"
    )
    assert "no paid month" in refused(tmp_path, text)[0]
    stated = text.replace("kind: deemed", "kind: deemed, index: 1.1")
    assert one(tmp_path, stated).value("deemed_months") == 122


def test_career__known_account_of_the_award_year_is_refused(tmp_path: Path) -> None:
    text = CAREER + "known_account: {year: 2025, balance: 100_000}\n"
    assert "a year before that of the award" in refused(tmp_path, text)[0]


def test_career__enterprise_years_of_a_public_servant_have_an_account(tmp_path: Path) -> None:
    text = CAREER.replace("kind: award", "kind: award\nscheme: public").replace(
        "  - {from: 1985-08, to: 1995-09", "  - {from: 1985-08, to: 2003-12"
    )
    text = text.replace("from: 1995-10", "from: 2004-01").replace(
        "kind: flexible, index: 0.5", "kind: public, index: 1"
    )
    steps = {step["year"]: step for step in one(tmp_path, text).steps}
    assert steps[2005]["credits"] > 0.0


# --- contributions --------------------------------------------------------------------------------------------------


def test_contribution__printed_floor_counts_before_the_share(tmp_path: Path) -> None:
    text = "kind: contribution\nregion: zhejiang\nmonth: {}\nat: floor\n"
    assert one(tmp_path, text.format("2025-07")).value("contribution_base") == 4986
    assert one(tmp_path, text.format("2024-07")).value("contribution_base") == pytest.approx(0.6 * 8310.17, abs=0.005)


def test_contribution__chosen_base_must_lie_in_the_band(tmp_path: Path) -> None:
    text = "kind: contribution\nregion: jiangxi\nmonth: 2025-07\nstatus: flexible\nbase: 30_000\n"
    assert "3915.00 to 19575.00" in refused(tmp_path, text)[0]


def test_account__interest_of_a_part_year(tmp_path: Path) -> None:
    text = "kind: account\nregion: jiangxi\nyear: 2024\nbalance: 10_000\nuntil: 2025-06\n"
    assert one(tmp_path, text).value("account") == pytest.approx(10_000 * (1 + 0.015 / 2), abs=0.005)


# --- survivors, residents, switch -----------------------------------------------------------------------------------


def test_survivor__below_five_years_no_more_than_was_paid(tmp_path: Path) -> None:
    text = "kind: survivor\nregion: jiangsu\ndied: 2023-06\nstatus: in_service\nmonths: 40\nincome: 5000\n"
    assert "paid_in is missing" in refused(tmp_path, text)[0]
    assert one(tmp_path, text + "paid_in: 8000\n").value("grants_within_limit") == 8000
    assert one(tmp_path, text + "paid_in: 80_000\n").value("grants_within_limit") == 5 * 5000


def test_survivor__income_is_that_of_the_year_before(tmp_path: Path) -> None:
    text = "kind: survivor\nregion: jiangsu\ndied: 2023-06\nstatus: in_service\nmonths: 192\n"
    assert one(tmp_path, text).value("income_month") == pytest.approx(60_178 / 12, abs=0.005)
    other = one(tmp_path, text + "funeral_elsewhere: true\n")
    assert other.value("funeral_grant") == 0
    assert other.value("compensation_months") == 10


def test_survivor__pension_years_are_completed_ones(tmp_path: Path) -> None:
    text = "kind: survivor\nregion: jiangsu\ndied: 2023-06\nstatus: retired\nmonths: 336\nincome: 5000\n"
    assert one(tmp_path, text + "pension_from: 2018-07\n").value("compensation_months") == 22 - 4
    assert one(tmp_path, text + "pension_from: 2018-06\n").value("compensation_months") == 22 - 5


def test_resident__missing_years_are_made_up_without_subsidy(tmp_path: Path) -> None:
    text = "kind: resident\nregion: jiangxi\nborn: 1966-07\ncontributions: [{from: 2014, to: 2025, tier: 500}]\n"
    short = one(tmp_path, text)
    assert (short.value("missing_years"), short.value("entitled")) == (3, False)
    assert "resident_pension" not in short.values
    whole = one(tmp_path, text + "make_up_tier: 500\n")
    assert whole.value("make_up_cost") == 1500
    assert whole.value("account_after_make_up") == pytest.approx(short.value("resident_account") + 1500)
    assert whole.value("entitled") is True


def test_resident__near_the_age_at_launch_fewer_years_are_required(tmp_path: Path) -> None:
    text = (
        "kind: resident\nregion: jiangxi\nborn: 1960-01\nscheme_start: 2010-01\n"
        "contributions: [{from: 2010, to: 2019, tier: 300}]\n"
    )
    assert one(tmp_path, text).value("missing_years") == 0


def test_resident__what_is_left_goes_to_the_heirs(tmp_path: Path) -> None:
    text = "kind: resident\nregion: jiangxi\nborn: 1964-12\nbalance: 13_900\npaid_years: 15\n"
    late = one(tmp_path, text + "died: 2050-01\n")
    assert late.value("account_to_heirs") == 0
    at_once = one(tmp_path, text + "died: 2024-12\n")
    assert at_once.value("account_to_heirs") == 13_900
    before = one(tmp_path, text + "died: 2020-03\n")
    assert before.value("account_to_heirs") == 13_900
    assert "resident_pension" not in before.values
    year = one(tmp_path, text + "died: 2025-12\n")
    assert year.value("account_to_heirs") == pytest.approx(13_900 * 1.03 - 1200 * 1.015, abs=0.005)


def test_switch__resident_years_are_not_counted_but_the_account_is(tmp_path: Path) -> None:
    text = (
        "kind: switch\nregion: jiangxi\nperson: {sex: man, born: 1965-05}\n"
        "record: {paid_months: %d, index: 0.8523, account: 90_000}\nresident: {paid_years: 6, balance: 6500}\n"
    )
    employees = one(tmp_path, text % 327)
    assert employees.value("paying_scheme") == "employees"
    assert employees.value("pension") == 2480.55
    residents = one(tmp_path, text % 120)
    assert residents.value("paying_scheme") == "residents"
    assert (residents.value("paid_years"), residents.value("missing_years")) == (16.0, 0)


# --- what is refused ------------------------------------------------------------------------------------------------

BAD = {
    "region: jiangxii": 'no region is called "jiangxii"',
    "person: {sex: man, born: 1965-13}": '"1965-13" is not a month',
    "person: {sex: man, borm: 1965-05}": 'Did you mean "born"?',
    "person: {sex: man, career: women_55, born: 1965-05}": "contradicts career women_55",
    "person: {sex: man, born: 2030-05}": "is not before 2025-07",
    "retires: 2020-01": "2025-05 to 2028-07; the statutory month is 2025-07",
    "record: {paid_months: 327, index: 30, account: 96_500}": "A slip of the decimal point? 3 / 0.3",
    "record: {paid_months: 327, index: 0.1, account: 96_500}": "an index from 0.3 to 3",
    "record: {paid_months: 327, index: 1, account: 9.65}": "Written in 万元? Then it is 96500 yuan",
    "record: {paid_months: 327, index: 1, account: -5}": "from 0 up",
    "record: {paid_months: 27.25, index: 1, account: 96_500}": "not a whole number",
    "record: {paid_months: 700, index: 1, account: 96_500}": "only 531 have passed since age 16",
    "record: {paid_months: 327, index: 1}": "the record states no account",
    "rounding: perhaps": "true or false",
    "law: {pension/transition_coeficient: 0.012}": 'Did you mean "pension/transition_coefficient"?',
    "law: {pension/transition_coefficient: 1.2}": "0 to 0.03",
    "law: {pension/benefit_base: 0.7054}": "Written in 万元, or by the year?",
    "law: {pension/divisor_method: round}": "interpolate, floor",
    "law: {pension/account_divisor: {39: 200}}": 'no entry "39"',
    "city: wuhan": "prints no benefit base by city",
    "kind: awrd": 'Did you mean "award"?',
    "expected: {pension: 2480.55, Pension: 1}": "does not have the right form",
    "known_acount: 5": 'Did you mean "known_account"?',
}


@pytest.mark.parametrize("line", BAD)
def test_bad_case__is_told_in_one_message(tmp_path: Path, line: str) -> None:
    key, _, value = line.partition(": ")
    said = refused(tmp_path, changed(AWARD, **{key: value}))
    expected = 2 if "borm" in line else 1
    assert len(said) == expected, said
    assert any(BAD[line] in text for text in said), said
    number = list((changed(AWARD, **{key: value})).splitlines()).index(line) + 1
    if "2030-05" not in line:
        assert said[0].startswith(f"cases.yaml, line {number}")


def test_bad_cases__of_a_file_are_told_together(tmp_path: Path) -> None:
    text = (
        "cases:\n"
        "  - {kind: contribution, region: jiangxi, month: 2025-07, wage: 0.5}\n"
        "  - {kind: contribution, region: jiangxi, month: 2025-07, wage: 7_800_000}\n"
        "  - {kind: survivor, region: jiangsu, died: 2023-06, status: retired, months: 300}\n"
        "  - {kind: resident, region: jiangxi, born: 1964-12, claims: 2020-01, balance: 5, paid_years: 15}\n"
    )
    said = refused(tmp_path, text)
    assert [line.split(":")[0] for line in said] == [f"cases.yaml, line {number}" for number in (2, 3, 4, 5)]
    assert "Written in 万元? Then it is 5000" in said[0]
    assert "A yearly amount? Divide it by 12" in said[1]


@pytest.mark.parametrize("text", ["5\n", "cases: []\n", "cases: 5\n", "[5]\n", "cases: [5]\nother: 1\n"])
def test_file_without_cases__is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text)


def test_law_before_its_first_entry__is_told(tmp_path: Path) -> None:
    text = changed(AWARD, person="{sex: man, born: 1925-05}", retires="1985-05")
    assert "the first is 1992-12-31" in refused(tmp_path, text)[0]


# --- words ----------------------------------------------------------------------------------------------------------


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_words__stand_in_both_languages() -> None:
    for table, entries in tables().items():
        for key, entry in entries.items():
            if table == "components":
                known = {"en", "zh", "unit", "formula", "says", "numbers", "rests", "variants"}
                assert set(entry) <= known, key
                assert ("formula" in entry) != ("says" in entry), key
                assert entry["unit"] in tables()["units"], key
                for rests in [entry["rests"], *(v.get("rests", []) for v in entry.get("variants", {}).values())]:
                    assert set(rests) <= set(tables()["documents"]), key
            else:
                assert set(entry) == {"en", "zh"}, (table, key)
                assert braces(entry["en"]) == braces(entry["zh"]) or key == "law_held" or key == "law_indexed", key


def test_words__hold_no_component_that_no_case_writes() -> None:
    folder = HERE.parents[2] / "simengine" / "cases"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    made = {f"{which}_subsidy" for which in ("medical", "employment")}
    made |= {f"annuity_{payer}" for payer in ("employer", "employee")}
    assert {key for key in tables()["components"] if f'"{key}"' not in code} == made
    for table in ("remarks", "labels"):
        assert {key for key in tables()[table] if f'"{key}"' not in code} == set(), table


def test_kinds__have_words_and_a_template() -> None:
    assert set(KINDS) == set(tables()["kinds"])
    assert set(templates()) == {*KINDS, "award_case"}
    assert {"coverable", "enlargement", "payable_months", "average_benefit"} == set(MEASURES)


@pytest.mark.parametrize("name", [name for name in templates() if name != "award"])
def test_template__is_a_case_that_can_be_computed(tmp_path: Path, name: str) -> None:
    assert one(tmp_path, template_text(name)).components


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_worked_case__is_printed_in_full(lang: Any) -> None:
    for path in sorted(WORKED.glob("cases_*.yaml")):
        for case in load_cases(path):
            result = compute(case)
            text = str(sheet_of(result, lang))
            assert "{" not in text, text
            assert len(rows_of(result, lang)) == len(result.components)
            json.dumps(plain(result, lang), allow_nan=False)
            assert result.law or case.kind in ("coverage", "adjustment")


def test_note__prints_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    note = (HERE.parents[2] / "simengine" / "notes" / "cases.md").read_text(encoding="utf-8")
    block = note.partition("<!-- case -->")[2].partition("<!-- end -->")[0]
    (tmp_path / "case.yaml").write_text(block.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.execute(["case", str(tmp_path / "case.yaml"), "--lang", "en"]) == cli.DONE
    assert capsys.readouterr().out == block.partition("```text\n")[2].partition("```")[0]


def test_note__names_tests_that_exist() -> None:
    folder = HERE.parents[1]
    defined = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    assert pitfalls_named("cases")
    assert {name for name in pitfalls_named("cases") if f"def {name}(" not in defined} == set()


# --- slips of unit ----------------------------------------------------------------------------------------------------

SURVIVOR = """\
kind: survivor
region: jiangsu
died: 2023-06
status: retired
months: 336
pension_years: 5
income: 60178
"""
ACCOUNT = """\
kind: account
region: jiangxi
year: 2023
balance: 50_000
monthly: {2024: 4800}
"""


def test_survivor__yearly_income_is_told(tmp_path: Path) -> None:
    """60,178 is the yearbook's income of a year; 5,014.83 a month gives 2 and 17 months of it."""
    (said,) = refused(tmp_path, SURVIVOR)
    assert "cases.yaml, line 7" in said and "a year for a month" in said and "checked: [income]" in said
    monthly = one(tmp_path, SURVIVOR.replace("60178", "5014.83"))
    assert monthly.value("funeral_grant") == pytest.approx(10_029.66)
    checked = one(tmp_path, SURVIVOR + "checked: [income]\n")
    assert checked.value("funeral_grant") == 120_356.0
    assert not remarks(checked) & {"field_idle", "law_idle"}


def test_account__yearly_credit_is_told(tmp_path: Path) -> None:
    """8 % of three times 6,397 is 1,535.28 yuan: nobody's account is credited 4,800 in a month."""
    (said,) = refused(tmp_path, ACCOUNT)
    assert "cases.yaml, line 5" in said and "1535.28" in said and "checked: [monthly]" in said
    assert one(tmp_path, ACCOUNT.replace("4800", "400")).components
    assert one(tmp_path, ACCOUNT + "checked: [monthly]\n").components
    assert one(tmp_path, ACCOUNT.replace("monthly", "credits")).components
    (said,) = refused(tmp_path, ACCOUNT.replace("monthly", "credits").replace("4800", "48_000"))
    assert "12 month(s)" in said
