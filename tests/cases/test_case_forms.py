"""Award forms: rounding and what a province varies are law data, in single cases and in tables alike."""

from __future__ import annotations

import shutil
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from simengine.cases import CaseResult, compute, load_cases
from simengine.cases.pension import SERVICE_ROUNDING
from simengine.cases.table import award_table
from simengine.common import resources
from simengine.common.errors import SimengineError, each_error, localised
from simengine.kernels.rules.rounding import service_years
from simengine.law import LawTree, load_law
from tests.helpers.note_tables import note_tables

WORKED = Path(__file__).parents[1] / "worked" / "cases_award_forms.yaml"

# --- rounding of years ------------------------------------------------------------------------------------------------


def by_hand(months: int, code: str) -> Decimal:
    """Years of service, with decimal arithmetic."""
    years = Decimal(months) / 12
    if code.startswith("decimals"):
        return years.quantize(Decimal(1).scaleb(-int(code[-1])), ROUND_HALF_UP)
    if code == "none":
        return years
    parts = 2 if code == "half_years_up" else 1
    return (years * parts).quantize(Decimal(1), ROUND_CEILING) / parts


@pytest.mark.parametrize("code", SERVICE_ROUNDING)
def test_service_years__every_month_of_a_life(code: str) -> None:
    for months in range(0, 721):
        assert service_years(float(months), SERVICE_ROUNDING[code]) == pytest.approx(
            float(by_hand(months, code)), abs=1e-9
        )


# --- a province that none of the packaged ones resembles --------------------------------------------------------------

REGION = 'yunling: {code: "990000", name: {en: Yunling, local: 云岭省}, level: province, parent: china}\n'

VARIED = {
    "pension/benefit_base": "7424",
    "pension/account_start": '"1995-10"',
    "pension/transition_coefficient": "0.01",
    "pension/transition_counts": '"all_years_to_1997"',
    "pension/transition_base_rule": '"mean_of_base_and_index_wage"',
    "pension/addon_index_wage_share": "0.001",
    "pension/addon_fixed": "30",
    "pension/addon_transition_fixed": "20",
    "pension/addon_transition_per_index_year": "2",
    "pension/base_index_rule": '"one_printed"',
    "pension/service_rounding": '"half_years_up"',
    "pension/index_wage_rounding": '"half_up_to_fen"',
    "pension/rounding_unit": '"up_to_jiao"',
    "pension/transition_gain_share": "0.5",
    "pension/transition_former_over_new": "0.4",
}
"""Law of an invented province: every rule that a province may vary, each with a value of its own."""


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> LawTree:
    """The packaged law with one more province: nothing but data is added."""
    root = tmp_path_factory.mktemp("law")
    shutil.copytree(resources.scenarios_root() / "law", root / "law")
    regions = (resources.scenarios_root() / "regions.yaml").read_text(encoding="utf-8")
    (root / "regions.yaml").write_text(regions + REGION, encoding="utf-8")
    for key, value in VARIED.items():
        path = root / "law" / f"{key}.yaml"
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
        entry = f'  yunling:\n    1992-12-31: {{value: {value}, reference: "invented", evidence: assumption}}\n'
        path.write_text(text + ("" if "\nregions:" in text else "regions:\n") + entry, encoding="utf-8")
    return load_law(root)


CASE = """\
kind: award
region: yunling
person: {sex: man, born: 1965-05}
retires: 2025-07
record: {paid_months: 361, index: 0.7007, deemed_months: 12, deemed_index: 0.9, deemed_after_accounts: 12,
  months_before_accounts: 100, index_before_accounts: 1.1111, account: 100_000}
"""


def yunling(law: LawTree, tmp_path: Path, text: str = CASE) -> CaseResult:
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    (case,) = load_cases(path, law)
    return compute(case, law)


def test_invented_province__uses_every_variation(invented: LawTree, tmp_path: Path) -> None:
    """By hand, with decimal arithmetic: N = 373/12 -> 31.5, index wage 7424*0.7007 = 5201.9968 -> 5202.00.

    Base (7424 + 5202)/2*31.5 % = 1988.60. Transition, new: years to 1997 100/12 -> 8.5, wage 7424*1.1111 -> 8248.81,
    mean 7836.405; deemed later 12/12 = 1, wage 6681.60, mean 7052.80; (7836.405*8.5 + 7052.80)*1 % = 736.62; former
    0.4*736.62 = 294.65; paid 294.648 + 0.5*441.972 = 515.63. Account 100000/137.8 = 725.69. Adjustment
    20 + 2*0.7007*31.5 = 64.14. Of the index wage 0.1 %*5202*31.5 = 163.86. Fixed 30. Sum 3487.92 -> 3488.00.
    """
    found = yunling(invented, tmp_path)
    expected = {
        "base_pension": 1988.60,
        "transition_new": 736.62,
        "transition_former": 294.65,
        "transition_pension": 515.63,
        "account_pension": 725.69,
        "transition_adjustment": 64.14,
        "index_wage_supplement": 163.86,
        "fixed_supplement": 30.0,
        "pension": 3488.0,
    }
    assert {name: found.value(name) for name in expected} == expected


@pytest.mark.parametrize("key", VARIED)
def test_invented_province__every_variation_moves_an_amount(invented: LawTree, tmp_path: Path, key: str) -> None:
    """With the nation's value of one key in place, another amount comes out: no key is read in vain."""
    national = load_law()[key].timeline("china")
    value = next(dated.value for dated in reversed(national) if dated.date.year <= 2025)
    if key == "pension/account_start":  # a month: written as one; the career reads it, the summary has its own counts
        career = CASE[: CASE.index("record:")] + (
            "career:\n  - {from: 1990-01, to: 1995-09, kind: deemed}\n"
            "  - {from: 1995-10, to: 2025-07, kind: enterprise, index: 1.0}\n"
        )
        with pytest.raises(SimengineError):
            yunling(invented, tmp_path, career + "law: {pension/account_start: 1995-08}\n")
        assert yunling(invented, tmp_path, career).value("paid_months") == 358
        return
    own = yunling(invented, tmp_path).values
    text = CASE + f"law: {{{key}: {value}}}\n"
    if key == "pension/transition_counts":  # where deemed months count alone, those before the accounts are no input
        text = text.replace("months_before_accounts: 100, index_before_accounts: 1.1111, ", "")
    other = yunling(invented, tmp_path, text).values
    assert own != other


# --- the page of forms ------------------------------------------------------------------------------------------------

PROVINCES = {"Jiangxi": "jiangxi", "Hubei": "hubei", "Zhejiang": "zhejiang", "Jiangsu": "jiangsu"}
PAYING_ON = "paying on"


def test_forms__page_says_what_is_computed() -> None:
    """Cases and largest difference of each province, and its codes, are those that the page prints."""
    (table,) = note_tables("cases", "4.2")
    law = load_law()
    gaps: dict[str, list[float]] = {name: [] for name in PROVINCES}
    for case in load_cases(WORKED):
        if PAYING_ON in case.name:
            continue
        place = next(name for name, key in PROVINCES.items() if key in law.regions.chain(case.region))
        found, expected = compute(case).values, case.content.expected
        gaps[place].append(max(abs(found[name] - expected[name]) for name in expected))
    for row in table:
        own = gaps[row["province"]]
        assert (len(own), f"{max(own):.2f}") == (int(row["cases"]), row["largest difference, yuan"]), row["province"]
        for key in ("service_rounding", "base_index_rule", "transition_counts"):
            held = law[f"pension/{key}"].timeline(PROVINCES[row["province"]])
            code = str([dated.value for dated in held if dated.date.year <= 2025][-1])
            assert key not in row["law data"] or code in row["law data"], (row["province"], key)


# --- tables -----------------------------------------------------------------------------------------------------------

TABLE = ("paid_months", "index", "deemed_months", "deemed_index", "account", "months_before_accounts")
TABLE += ("index_before_accounts", "deemed_after_accounts", "former_transition")


def test_table__gives_every_worked_form_to_the_cent(tmp_path: Path) -> None:
    """Single case and table are the same law: every form that states no law of its own."""
    cases = [case for case in load_cases(WORKED) if not case.replaced]
    rows = []
    for case in cases:
        content = case.content
        person, record = content.person, content.record
        row = {"region": content.region, "city": content.city or "", "scheme": content.scheme, "sex": person.sex}
        row |= {"career": person.career or "", "born": month(person.born), "retires": month(content.retires)}
        rows.append(row | {name: getattr(record, name) for name in TABLE})
    path = tmp_path / "persons.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    frame = award_table(path).frame
    assert len(cases) >= 12
    for place, case in enumerate(cases):
        found = compute(case)
        for name in ("base_pension", "transition_pension", "account_pension", "pension"):
            assert frame[name][place] == pytest.approx(found.value(name), abs=1e-9), (case.name, name)
        estimate = frame["pension_estimate"][place]
        assert (
            estimate == found.values["pension_estimate"] if "pension_estimate" in found.values else estimate != estimate
        )


def month(index: int) -> str:
    return f"{index // 12}-{index % 12 + 1:02d}"


PLACES = [(key, "") for key in load_law().regions if key != "china"]
PLACES += [("hubei", str(city)) for city in load_law()["pension/benefit_base_cities"].labels]


def test_provisional_award__in_every_region_and_city(tmp_path: Path) -> None:
    """In 2026 no base is published: paid on the last one, estimated on a higher one, in cases and tables alike."""
    path, rows = tmp_path / "case.yaml", []
    for region, city in PLACES:
        place = f"region: {region}\n" + (f"city: {city}\n" if city else "")
        path.write_text(f"kind: award\n{place}person: {{sex: man, born: 1966-01}}\n{PLAIN}", encoding="utf-8")
        found = compute(load_cases(path)[0])
        assert found.value("pension_estimate") > found.value("pension"), (region, city)
        rows.append(f"{region},{city},man,1966-01,360,0.8,90000")
    table = tmp_path / "persons.csv"
    table.write_text("region,city,sex,born,paid_months,index,account\n" + "\n".join(rows) + "\n", encoding="utf-8")
    frame = award_table(table).frame
    assert (frame["pension_estimate"] > frame["pension"]).all() and len(frame) == len(PLACES)


PLAIN = "record: {paid_months: 360, index: 0.8, account: 90_000}\n"


@pytest.mark.parametrize(("former", "before", "noted"), [("", 100, True), ("700", 100, False), ("", 0, False)])
def test_table__former_amount_is_remarked_where_it_is_assumed(
    former: str, before: int, noted: bool, tmp_path: Path
) -> None:
    path = tmp_path / "persons.csv"
    head = "region,sex,born,paid_months,index,account,months_before_accounts,index_before_accounts,former_transition"
    row = f"jiangsu,man,1965-04,456,0.9,120000,{before},1.05,{former}"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    assert any("former method" in line for line in award_table(path).remarks("en")) == noted


# --- what is refused --------------------------------------------------------------------------------------------------

PAID_ON = """\
kind: award
region: jiangxi
person: {sex: woman, career: women_50, born: 1975-03}
retires: %s
record: {paid_months: %d, index: 0.62, account: 41_000}
"""


@pytest.mark.parametrize(
    ("retires", "months", "said"),
    [
        ("2030-05", 181, "2030-04: the pension is awarded in the month in which the minimum is reached"),
        ("2030-04", 179, "2025-03 to 2028-05"),  # not reached yet
        ("2030-04", 300, "2025-03 to 2028-05"),  # reached before the statutory month: nothing to pay on for
    ],
)
def test_paying_on__is_awarded_in_its_month_alone(tmp_path: Path, retires: str, months: int, said: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(PAID_ON % (retires, months), encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        compute(load_cases(path)[0])
    assert any(said in localised(error, "en") for error in each_error(caught.value))
    assert all(localised(error, "zh") for error in each_error(caught.value))
    table = tmp_path / "persons.csv"
    row = f"jiangxi,women_50,1975-03,{retires},{months},0.62,41000"
    table.write_text(f"region,career,born,retires,paid_months,index,account\n{row}\n", encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        award_table(table)
    assert any(said in localised(error, "en") for error in each_error(caught.value))


FORMER = """\
kind: award
region: %s
person: {sex: man, born: 1965-05}
retires: 2025-07
record: {paid_months: 327, index: 0.8523, account: 96_500, former_transition: 500}
"""


@pytest.mark.parametrize("region", ["jiangxi", "hubei", "haiyan"])
def test_former_transition__is_refused_where_nothing_is_phased_in(tmp_path: Path, region: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(FORMER % region, encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        compute(load_cases(path)[0])
    assert any("jiangsu" in localised(error, lang) for error in each_error(caught.value) for lang in ("en", "zh"))
