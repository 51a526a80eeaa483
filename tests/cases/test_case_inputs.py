"""Inputs that act on nothing, over every kind and every field that may be left out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from simengine.cases import KINDS, compute, compute_all, load_cases, read_cases
from simengine.cases.describe import models_of, own_fields
from simengine.common.errors import SimengineError, each_error, localised
from tests.helpers.chinese import english_in

Data = dict[str, Any]

MAN: Data = {"sex": "man", "born": "1965-05"}
RECORD: Data = {"paid_months": 358, "index": 1.05, "deemed_months": 122, "deemed_index": 1.1, "account": 168_400}

SICK: Data = {"paid_months": 264, "index": 0.8}
JOINED: Data = {"paid_months": 100, "index": 0.7, "account": 30_000}

BASES: dict[str, Data] = {
    "award": {"region": "jiangxi", "person": MAN, "retires": "2025-07", "record": RECORD},
    "career": {
        "kind": "award",
        "region": "jiangxi",
        "person": MAN,
        "career": [
            {"from": "1985-08", "to": "1995-09", "kind": "deemed"},
            {"from": "1995-10", "to": "2024-12", "kind": "enterprise", "index": 1},
            {"from": "2025-01", "kind": "flexible", "index": 0.7},
        ],
    },
    "retirement": {"person": {"career": "women_55", "born": "1971-04"}},
    "contribution": {"region": "jiangxi", "month": "2025-07", "wage": 5000},
    "account": {"region": "jiangxi", "year": 2023, "balance": 50_000, "monthly": {2024: 400, 2025: 420}},
    "survivor": {"region": "jiangsu", "died": "2023-06", "status": "retired", "months": 336, "pension_years": 5},
    "sickness": {
        "region": "jiangxi",
        "person": {"sex": "man", "born": "1975-06"},
        "since": "2026-03",
        "record": SICK,
    },
    "adjustment": {
        "region": "jiangxi",
        "year": 2025,
        "pension": 3200,
        "months": 384,
        "rule": {"fixed": 30, "tier_years": 15, "below": 1, "above": 1.5, "level": 0.007},
    },
    "annuity": {"month": "2025-01", "base": 7000},
    "resident": {"region": "jiangxi", "born": "1964-12", "balance": 12_600, "paid_years": 15},
    "years": {
        "kind": "resident",
        "region": "jiangxi",
        "born": "1964-12",
        "contributions": [{"from": 2010, "to": 2024, "tier": 500}],
    },
    "switch": {
        "region": "jiangxi",
        "person": MAN,
        "record": JOINED,
        "resident": {"paid_years": 6, "balance": 4000},
    },
    "entrusted": {"region": "jiangxi", "year": 2024, "income": 214.0, "expenditure": 156.5},
    "growth_of_standard": {"region": "xuzhou", "start": 2020, "end": 2025, "rate": 0.08},
    "coverage": {"measure": "coverable", "participants": 4115, "rate": 0.9067},
    "average": {"kind": "coverage", "measure": "average_benefit", "expenditure": 156.5, "recipients": 577.5},
    "unemployment": {"region": "jiangxi", "claims": "2026-01", "paid_months": 60},
    "stabilisation": {"month": "2025-09", "size": "small", "staff_before": 200, "staff_after": 191, "premiums": 1e5},
    "injury_premium": {"month": "2025-06", "payroll": 12_000_000, "risk_class": 4},
    "injury": {"region": "zhejiang", "month": "2025-06", "grade": 7, "wage": 6000},
    "injury_death": {"region": "jiangxi", "month": "2025-06", "wage": 5000},
}
"""Cases with nothing that could be left out, by kind; a second one of a kind under a name of its own."""

NEAR: Data = {"person": {"sex": "man", "born": "1967-05"}, "retires": None}
SHORT: Data = {"record": {"paid_months": 100, "index": 0.7, "account": 30_000}}

REFUSED: list[tuple[str, str, Any, Data]] = [
    ("award", "record.months_before_accounts", 122, {}),  # Jiangxi counts deemed months alone
    ("award", "record.index_before_accounts", 1.2, {}),
    ("award", "local_average_pension", 4000, {}),  # no floor in Jiangxi
    ("award", "rank", "section", {}),
    ("award", "old_formula", 6000, {}),
    ("award", "annuity_balance", 90_000, {}),
    ("sickness", "record.months_before_accounts", 120, {}),
    ("sickness", "record.index_before_accounts", 1.1, {}),
    ("switch", "record.months_before_accounts", 60, {}),
    ("switch", "record.index_before_accounts", 1.1, {}),
    ("survivor", "pension_from", "2018-01", {}),  # pension_years stands beside it and counts
    ("unemployment", "average_base", 4900, {}),  # a share of the minimum wage in Jiangxi
    ("unemployment", "career_months", 120, {}),
    ("award", "city", "wuhan", {}),
    ("contribution", "city", "wuhan", {}),
    ("sickness", "city", "wuhan", {}),
    ("switch", "city", "wuhan", {}),
]
"""Fields of another scheme or rule: case, field, value, what else is stated."""

REMARKED: list[tuple[str, str, Any, Data]] = [
    ("award", "person.special_job", True, {}),  # the statutory month is lawful without it
    ("award", "record.first_insured", "1996-03", {}),  # nothing is missing
    ("award", "record.deemed_after_accounts", 12, {}),  # the deemed months fit before the accounts without it
    ("sickness", "record.deemed_after_accounts", 6, {"record": {**SICK, "deemed_months": 12}}),
    ("switch", "record.deemed_after_accounts", 6, {"record": {**JOINED, "deemed_months": 12}}),
    ("award", "record.deemed_index", 1.1, {"record": {**RECORD, "deemed_months": 0}}),
    ("award", "purchase_base", 5000, {}),
    ("award", "floor_variant", True, SHORT),  # not entitled
    ("award", "local_average_pension", 4000, SHORT | {"region": "zhejiang"}),
    ("sickness", "person.special_job", True, {}),
    ("sickness", "record.deemed_index", 1.1, {}),
    ("sickness", "record.account", 90_000, {}),  # the base part alone is paid
    ("sickness", "record.first_insured", "1996-03", {}),
    ("switch", "person.special_job", True, {}),
    ("switch", "record.deemed_index", 1.1, {}),
    ("switch", "record.first_insured", "1996-03", {}),
    ("survivor", "paid_in", 80_000, {}),  # 28 years of contributions
    ("adjustment", "born", "1950-01", {}),  # no tilt
    ("annuity", "born", "1965-01", {}),  # no balance
    ("annuity", "months", 3, {"base": None, "balance": 180_000, "born": "1965-01"}),
    ("resident", "make_up_tier", 500, {}),  # fifteen years are paid
    (
        "years",
        "contributions.0.made_up",
        True,
        {"contributions": [{"from": 2010, "to": 2024, "tier": 500, "subsidy": 60}]},
    ),
    ("entrusted", "return_rate", 0.04, {}),
    ("unemployment", "person", MAN, {"paid_months": 11}),  # no benefit
    ("unemployment", "price_growth", 0.04, {"paid_months": 11}),
    ("unemployment", "average_base", 4900, {"paid_months": 11, "region": "xuzhou"}),
    ("injury", "years_left", 3.5, {}),  # the worker stays
    ("injury_premium", "payable_months", 24, {"month": "2017-01"}),  # before the phased cut
]
"""Fields that were not needed this time."""

ACTS = {
    "award": {"scheme", "person.sex", "person.career", "retires", "record", "record.deemed_months", "record.account"}
    | {"former_transition", "record.former_transition"}
    | {"career", "career[].to", "career[].index", "career[].base", "career[].wage", "known_account"},
    "retirement": {"person.sex", "person.career", "person.special_job"},
    "contribution": {"status", "wage", "base", "at", "months"},
    "account": {"scheme", "credits", "monthly", "until"},
    "survivor": {"pension_years", "income", "account", "funeral_elsewhere"},
    "sickness": {"record.former_transition", "person.sex", "person.career", "record.deemed_months"},
    "adjustment": {"rule", "rule.tilt", "rule.reference"},
    "annuity": {"base", "balance"},
    "resident": {"claims", "balance", "paid_years", "contributions", "scheme_start", "on", "died"}
    | {"contributions[].subsidy", "contributions[].collective"},
    "switch": {
        "record.former_transition",
        "person.sex",
        "person.career",
        "retires",
        "record.deemed_months",
        "record.account",
    }
    | {"resident.overlap_months", "resident.overlap_paid"},
    "entrusted": {"principal"},
    "growth_of_standard": {"key", "standard"},
    "coverage": {"target_rate", "target"},
    "unemployment": {"reason", "worked_months", "unused_months", "person.sex", "person.career", "person.special_job"},
    "stabilisation": {"payable_months", "paid_months"},
    "injury_premium": {"level"},
    "injury": {"leaves", "nursing"},
    "injury_death": {"spouse", "others", "lonely", "after_stop_work"},
}
"""Fields that always show: in an amount, in a printed formula, in a window, or as a name."""


def case_of(base: str, more: Data | None = None) -> Data:
    """A base case with other items; None leaves one out."""
    data = {"kind": base} | copy.deepcopy(BASES[base]) | copy.deepcopy(more or {})
    return {key: value for key, value in data.items() if value is not None}


def with_field(data: Data, path: str, value: Any) -> Data:
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    here: Any = data
    for part in parents:
        here = here[part]
    here[last] = value
    return data


def told(data: Data) -> tuple[list[SimengineError], list[Any]]:
    """Errors of a case, and its remarks where it has none."""
    try:
        result = compute(read_cases(data, lambda *keys: " > ".join(map(str, keys)) or "case")[0])
    except SimengineError as error:
        return each_error(error), []
    return [], list(result.remarks)


def idle(data: Data) -> list[str]:
    errors, remarks = told(data)
    assert errors == [], [localised(error, "en") for error in errors]
    return [remark.values["key"] for remark in remarks if remark.code == "field_idle"]


@pytest.mark.parametrize("base", BASES)
def test_base_case__states_nothing_in_vain(base: str) -> None:
    assert idle(case_of(base)) == []


@pytest.mark.parametrize(("base", "path", "value", "more"), REFUSED, ids=lambda part: str(part)[:30])
def test_field_of_another_rule__is_refused(base: str, path: str, value: Any, more: Data) -> None:
    errors, _ = told(with_field(case_of(base, more), path, value))
    assert len(errors) == 1, [localised(error, "en") for error in errors]
    assert errors[0].code in ("case_field_idle", "case_city_none", "case_rank_scheme", "case_tier_none")
    assert errors[0].where == path.replace(".", " > ")
    assert path.split(".")[-1] in localised(errors[0], "zh")


@pytest.mark.parametrize(("base", "path", "value", "more"), REMARKED, ids=lambda part: str(part)[:30])
def test_field_not_needed__is_remarked(base: str, path: str, value: Any, more: Data) -> None:
    assert idle(with_field(case_of(base, more), path, value)) == [path.replace(".0.", ".1.")]


def test_every_optional_field__is_judged() -> None:
    """No field of any kind is missing from the three tables above."""
    judged = {kind: set(paths) for kind, paths in ACTS.items()}
    for base, path, *_ in [*REFUSED, *REMARKED]:
        judged.setdefault(case_of(base)["kind"], set()).add(path.replace(".0.", "[]."))
    for kind in KINDS:
        optional = {each.path for model in models_of(kind) for each in own_fields(model) if not each.needed}
        assert optional - judged.get(kind, set()) == set(), kind


IN_FORCE: list[tuple[str, str, Any, Data]] = [
    ("award", "record.months_before_accounts", 122, {"region": "haiyan"}),
    ("award", "local_average_pension", 4000, {"region": "haiyan"}),
    ("award", "city", "yichang", {"region": "hubei"}),
    (
        "award",
        "old_formula",
        5000,
        {
            "scheme": "public",
            "person": {"career": "women_55", "born": "1967-03"},
            "retires": "2022-03",
            "record": {**RECORD, "paid_months": 90, "deemed_months": 300, "account": 90_000},
        },
    ),
    ("award", "purchase_base", 5000, SHORT),
    ("award", "record.first_insured", "2005-01", SHORT),
    ("award", "person.special_job", True, {"person": {"sex": "man", "born": "1970-05"}, "retires": "2025-06"} | SHORT),
    ("survivor", "paid_in", 8000, {"status": "in_service", "months": 40, "pension_years": None}),
    ("resident", "scheme_start", "2012-01", {}),
    ("resident", "make_up_tier", 500, {"paid_years": 12}),
    ("unemployment", "average_base", 4900, {"region": "xuzhou"}),
    ("unemployment", "price_growth", 0.02, {}),  # below the trigger: the sheet says so
    ("injury", "years_left", 6, {"leaves": True}),  # paid in full, and no remark that it is not stated
    (
        "adjustment",
        "born",
        "1940-01",
        {"rule": {"fixed": 30, "tier_years": 15, "below": 1, "above": 1.5, "level": 0.007, "tilt": 20}},
    ),
    ("annuity", "months", 3, {}),
    (
        "sickness",
        "record.account",
        60_000,
        {"person": {"sex": "man", "born": "1966-06"}},
    ),  # near the age: the full formula
    ("entrusted", "return_rate", 0.04, {"principal": 100}),
]
"""The same fields where they act."""


@pytest.mark.parametrize(("base", "path", "value", "more"), IN_FORCE, ids=lambda part: str(part)[:30])
def test_field_that_acts__is_left_alone(base: str, path: str, value: Any, more: Data) -> None:
    assert path not in idle(with_field(case_of(base, more), path, value))


def test_value_equal_to_the_rule__is_no_idle_input() -> None:
    """1.05 is what the law's rule gives for the deemed index, and 2025-07 is the statutory month: both are meant."""
    record = {**RECORD, "deemed_index": 1.05}
    assert idle(case_of("award", {"record": record, "scheme": "enterprise", "floor_variant": False})) == []


def test_year_outside_the_stretch__is_remarked() -> None:
    career = copy.deepcopy(BASES["career"]["career"])
    career[2]["index"] = {2024: 0.9, 2025: 0.7}
    assert idle(case_of("career", {"career": career})) == ["career.3.index.2024"]


# --- law, growth, checked -------------------------------------------------------------------------------------------

LAW: list[tuple[str, Data, str, str]] = [
    ("award", {"law": {"injury/funeral_months": 99}}, "case_law_unread", "law > injury/funeral_months"),
    ("award", {"law": {"pension/benefit_base": {"2030": 9}}}, "", ""),
    ("contribution", {"growth": {"wage": 0.04}}, "case_growth_idle", "growth > wage"),
    ("award", {"growth": {"minimum_wage": 0.5}}, "case_growth_idle", "growth > minimum_wage"),
    ("injury", {"law": {"injury/employment_subsidy_taper": {5: 1.0}}}, "case_law_unread", ""),
    ("unemployment", {"law": {"unemployment/own_base_cap": 3.0}}, "case_law_unread", ""),
]


@pytest.mark.parametrize(
    ("base", "more", "code", "where"), [row for row in LAW if row[2]], ids=lambda part: str(part)[:40]
)
def test_law_growth_and_checked_in_vain__are_refused(base: str, more: Data, code: str, where: str) -> None:
    errors, _ = told(case_of(base, more))
    assert code in [error.code for error in errors]
    if where:
        assert [error.where for error in errors if error.code == code] == [where]


def test_checked_in_vain__is_remarked() -> None:
    errors, remarks = told(case_of("award", {"checked": ["index"]}))
    assert errors == [] and [remark.values for remark in remarks if remark.code == "checked_idle"] == [{"key": "index"}]


def test_law_of_a_day_that_is_never_read__is_refused() -> None:
    import datetime

    early, late, after = (datetime.date(year, 1, 1) for year in (2024, 2025, 2030))
    errors, _ = told(case_of("award", {"law": {"pension/benefit_base": {early: 7000, late: 7100, after: 9999}}}))
    assert [(error.code, error.values["since"]) for error in errors] == [
        ("case_law_day_idle", early),  # 2025 replaces it before the award month
        ("case_law_day_idle", after),
    ]
    assert told(case_of("award", {"law": {"pension/benefit_base": {late: 7100}}}))[0] == []


def test_law_that_is_read_and_decides_nothing__is_remarked() -> None:
    _, remarks = told(case_of("award", {"law": {"pension/account_divisor": {45: 215, 60: 140}}}))
    assert [remark.values["key"] for remark in remarks if remark.code == "law_idle"] == ["pension/account_divisor 45"]
    _, remarks = told(case_of("award", {"law": {"pension/transition_coefficient": 0.013}}))  # the law's own, restated
    assert [remark.code for remark in remarks if remark.code == "law_idle"] == []


def test_growth_that_carries_something__is_taken() -> None:
    errors, _ = told(case_of("award", NEAR | {"growth": {"benefit_base": 0.03}, "record": RECORD}))
    assert errors == []


IN_VAIN = """\
kind: award
region: jiangxi
person: {sex: man, born: 1965-05}
retires: 2025-07
old_formula: 9999
annuity_balance: 900_000
growth: {minimum_wage: 0.5}
law: {injury/funeral_months: 99, pension/benefit_base: {2030-01-01: 9999}}
record: {paid_months: 358, index: 1.05, deemed_months: 122, deemed_index: 1.05, account: 168_400}
"""


def test_everything_in_vain__is_told_at_once(tmp_path: Path) -> None:
    """Five inputs that act on nothing, five messages, each with its line, in both languages."""
    path = tmp_path / "case.yaml"
    path.write_text(IN_VAIN, encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        compute_all(load_cases(path))
    errors = each_error(caught.value)
    lines = {(error.code, int(error.where.rpartition(" ")[2])) for error in errors}
    assert lines == {
        ("case_field_idle", 5),
        ("case_field_idle", 6),
        ("case_growth_idle", 7),
        ("case_law_unread", 8),
        ("case_law_day_idle", 8),
    }
    assert len(errors) == 5
    for error in errors:
        assert not english_in(localised(error, "zh")) and "jiangxi" not in localised(error, "zh")


def test_errors_of_all_cases__are_told_together(tmp_path: Path) -> None:
    indented = "".join(f"  - {line}\n" if not n else f"    {line}\n" for n, line in enumerate(IN_VAIN.splitlines()))
    path = tmp_path / "cases.yaml"
    path.write_text(f"cases:\n{indented}{indented}", encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        compute_all(load_cases(path))
    assert len(each_error(caught.value)) == 10


def test_unpriced_days_and_places__are_said_in_chinese() -> None:
    errors, _ = told(case_of("award", {"person": {"sex": "man", "born": "1925-05"}, "retires": "1985-05"}))
    said = localised(errors[0], "zh")
    assert "江西省" in said and "jiangxi" not in said
