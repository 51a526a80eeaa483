"""Slips of unit over every field of every kind: a year for a month, per cent for parts of one, years for months."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from simengine.cases import KINDS
from simengine.cases.describe import models_of, own_fields
from tests.cases.test_case_inputs import SHORT, Data, case_of, told, with_field

NOTICE: Data = {"fixed": 30, "tier_years": 15, "below": 1, "above": 1.5, "level": 0.007, "tilt": 20}
PUBLIC: Data = {
    "scheme": "public",
    "person": {"career": "women_55", "born": "1967-03"},
    "retires": "2022-03",
    "record": {"paid_months": 90, "index": 1.3, "deemed_months": 300, "account": 60_000},
}

STATED: list[tuple[str, str, float, Data]] = [
    ("award", "local_average_pension", 3400, {"region": "haiyan"}),
    ("award", "purchase_base", 5000, SHORT),
    ("award", "record.former_transition", 800, {"region": "xuzhou"}),
    ("career", "former_transition", 800, {"region": "xuzhou"}),
    ("sickness", "record.former_transition", 800, {"region": "xuzhou"}),
    ("switch", "record.former_transition", 800, {"region": "xuzhou"}),
    ("award", "old_formula", 5200, PUBLIC),
    (
        "career",
        "career.2.base",
        4600,
        {"career": [*case_of("career")["career"][:2], {"from": "2025-01", "kind": "flexible"}]},
    ),
    (
        "career",
        "career.2.wage",
        5200,
        {"career": [*case_of("career")["career"][:2], {"from": "2025-01", "kind": "enterprise"}]},
    ),
    ("contribution", "wage", 5000, {}),
    ("contribution", "base", 5000, {"wage": None, "status": "flexible"}),
    ("account", "monthly", 400, {}),
    ("survivor", "income", 5015, {}),
    ("adjustment", "pension", 3200, {}),
    ("adjustment", "rule.fixed", 30, {"rule": NOTICE}),
    ("adjustment", "rule.below", 1.0, {"rule": NOTICE}),
    ("adjustment", "rule.above", 1.5, {"rule": NOTICE}),
    ("adjustment", "rule.tilt", 20, {"rule": NOTICE}),
    ("comparison", "old", 5600, {"retires": "2019-06", "new": 6200}),
    ("comparison", "new", 6200, {"retires": "2019-06", "old": 5600}),
    ("annuity", "base", 7000, {}),
    ("growth_of_standard", "standard", 160, {}),
    ("average", "target", 180, {}),
    ("unemployment", "average_base", 4900, {"region": "xuzhou", "claims": "2021-08", "paid_months": 96}),
    ("injury", "wage", 6000, {}),
    ("injury_death", "wage", 5000, {}),
]
"""Every amount by the month: case, field, an ordinary amount, what else is stated."""


def plain(path: str) -> str:
    return path.replace(".2.", "[].")


def kind_of(base: str, more: Data | None = None) -> str:
    return str(built(base, more or {})["kind"])


def built(base: str, more: Data) -> Data:
    if base == "comparison":
        return {"kind": base, "region": "jiangxi"} | copy.deepcopy(more)
    return case_of(base, more)


def test_every_amount_by_the_month__is_held_against_something() -> None:
    found = {(kind_of(base), plain(path)) for base, path, *_ in STATED}
    monthly = {
        (kind, each.path)
        for kind in KINDS
        for model in models_of(kind)
        for each in own_fields(model)
        if each.unit.startswith("yuan/month")
    }
    assert monthly == found


@pytest.mark.parametrize(("base", "path", "value", "more"), STATED, ids=[f"{base}-{path}" for base, path, *_ in STATED])
def test_yearly_amount_for_a_monthly_one__is_told(base: str, path: str, value: float, more: Data) -> None:
    """Twelve times an ordinary amount is doubted once, at its place; the amount itself and a checked one are not."""
    data = with_field(built(base, more), path, value)
    assert told(data)[0] == []
    yearly = with_field(copy.deepcopy(data), path, 12.0 * value)
    errors, _ = told(yearly)
    assert [error.where.split(" > ")[: path.count(".") + 1] for error in errors] == [path.split(".")]
    assert path.split(".")[-1] in errors[0].parts("en")[0]
    checked = told(yearly | {"checked": [path.split(".")[-1]]})[0]
    assert {error.code for error in checked} <= {"case_base_chosen"}  # outside the band it stays refused


WAN_FOR_YUAN = [
    row for row in STATED if row[1].rpartition(".")[2] in ("wage", "base", "pension", "old", "new", "average_base")
]


@pytest.mark.parametrize(("base", "path", "value", "more"), WAN_FOR_YUAN, ids=lambda part: str(part)[:30])
def test_wan_for_yuan__is_told(base: str, path: str, value: float, more: Data) -> None:
    errors, _ = told(with_field(built(base, more), path, value / 10_000.0))
    assert errors and "万元" in errors[0].parts("en")[2]


@pytest.mark.parametrize(
    ("scheme", "monthly"),
    [
        ("enterprise", 400),  # cap 19,191 x 8 % = 1535.28 of 2024
        ("public", 400),
        ("annuity", 840),  # 7000 x 12 %; the cap gives 19,191 x 12 % = 2302.92
        ("resident", 50),  # 600 a year; the highest tier of Jiangxi is 3000 a year, 250 a month
    ],
)
def test_yearly_credit_for_a_monthly_one__is_told_in_every_scheme(scheme: str, monthly: int) -> None:
    assert told(case_of("account", {"scheme": scheme, "monthly": {2024: monthly}}))[0] == []
    errors, _ = told(case_of("account", {"scheme": scheme, "monthly": {2024: 12 * monthly}}))
    assert [error.code for error in errors] == ["case_credit_high"]
    assert told(case_of("account", {"scheme": scheme, "credits": {2024: 12 * monthly}, "monthly": None}))[0] == []


# --- shares -----------------------------------------------------------------------------------------------------------

SHARES: list[tuple[str, str, float, Data]] = [
    ("adjustment", "rule.level", 0.007, {"rule": NOTICE}),
    ("entrusted", "return_rate", 0.04, {"principal": 100.0}),
    ("growth_of_standard", "rate", 0.08, {}),
    ("coverage", "rate", 0.9067, {}),
    ("coverage", "target_rate", 0.95, {}),
    ("unemployment", "price_growth", 0.036, {}),
]


def test_every_share__is_listed() -> None:
    shares = {
        (kind, each.path) for kind in KINDS for m in models_of(kind) for each in own_fields(m) if each.unit == "share"
    }
    assert shares == {(kind_of(base), path) for base, path, *_ in SHARES}


@pytest.mark.parametrize(("base", "path", "value", "more"), SHARES, ids=lambda part: str(part)[:30])
def test_share_in_per_cent__is_refused(base: str, path: str, value: float, more: Data) -> None:
    assert told(with_field(built(base, more), path, value))[0] == []
    errors, _ = told(with_field(built(base, more), path, 100.0 * value))
    assert len(errors) == 1 and path.split(".")[-1] in errors[0].parts("zh")[0]


INDICES = [
    ("award", "record.index"),
    ("award", "record.deemed_index"),
    ("career", "career.1.index"),
    ("sickness", "record.index"),
]


@pytest.mark.parametrize(("base", "path"), INDICES)
def test_index_in_per_cent__is_refused(base: str, path: str) -> None:
    errors, _ = told(with_field(case_of(base), path, 85.23))
    assert errors[0].code == "case_index_slip"


# --- months ---------------------------------------------------------------------------------------------------------

YEARS_FOR_MONTHS: list[tuple[str, str, int, Data]] = [
    ("award", "record.paid_months", 30, {}),  # 168,400 yuan were not paid in thirty months
    ("award", "record.months_before_accounts", 10, {"region": "haiyan"}),  # fewer than the 122 deemed ones
    ("switch", "record.paid_months", 8, {}),  # 30,000 yuan
    ("survivor", "months", 28, {}),  # a pensioner
    ("adjustment", "months", 32, {}),
    ("unemployment", "career_months", 20, {"region": "xuzhou", "average_base": 4900}),  # fewer than the 60 since
]

UNTOLD = {
    ("award", "record.deemed_months"): "any number of deemed months is possible",
    ("sickness", "record.paid_months"): "no account has to be stated; a short record is what the kind is for",
    ("sickness", "record.deemed_months"): "as above",
    ("sickness", "record.months_before_accounts"): "held against the deemed months alone, of which there may be none",
    ("switch", "record.deemed_months"): "any number of deemed months is possible",
    ("switch", "record.months_before_accounts"): "held against the deemed months alone, of which there may be none",
    ("switch", "resident.overlap_months"): "a month paid twice is possible",
    **{
        (kind, "record.deemed_after_accounts"): "any part of them is possible"
        for kind in ("award", "sickness", "switch")
    },
    ("unemployment", "worked_months"): "work may last a month or two",
    ("stabilisation", "paid_months"): "below twelve there is no refund, which the sheet says",
    ("contribution", "months"): "any number of months may be paid alike",
    ("annuity", "months"): "any number of months may be paid alike",
    ("unemployment", "paid_months"): "below twelve it gives no benefit, which the sheet says",
    ("unemployment", "unused_months"): "one or two months may be left over",
    ("stabilisation", "payable_months"): "a fund may cover two months",
    ("injury_premium", "payable_months"): "a fund may cover two months",
}
"""Counts of months for which one of years cannot be told from a real one, and why."""


def test_every_count_of_months__is_told_or_has_a_reason() -> None:
    counts = {
        (kind, each.path) for kind in KINDS for m in models_of(kind) for each in own_fields(m) if each.unit == "month"
    }
    assert counts == {(kind_of(base), path) for base, path, *_ in YEARS_FOR_MONTHS} | set(UNTOLD)


@pytest.mark.parametrize(("base", "path", "years", "more"), YEARS_FOR_MONTHS, ids=lambda part: str(part)[:30])
def test_years_for_months__are_told(base: str, path: str, years: int, more: Data) -> None:
    errors, _ = told(with_field(built(base, more), path, years))
    assert [error.where.split(" > ")[-1] for error in errors] == [path.split(".")[-1]]


def test_short_record_with_a_small_account__is_taken() -> None:
    """Thirty months at an index of 1.05 give about 30 x 6525 x 1.05 x 8 % = 16,443 yuan."""
    record: Any = {"paid_months": 30, "index": 1.05, "account": 16_443}
    assert told(case_of("award", {"record": record}))[0] == []
