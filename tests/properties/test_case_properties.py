"""What holds of every award: more index or months never lower it, and a table gives what single cases give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simengine.cases import CaseResult, compute, read_cases
from simengine.cases.table import award_table
from simengine.common.errors import SimengineError
from simengine.common.messages import month_text
from simengine.registry.axes import CAREER

OLD_AGE = {"men": 720, "women_55": 660, "women_50": 600}
REGIONS = ("jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """An award case at the statutory month, of any region, path, scheme and record."""
    career = draw(st.sampled_from(CAREER))
    old = draw(st.integers(12 * 2006, 12 * 2040))
    region = draw(st.sampled_from(REGIONS))
    scheme = draw(st.sampled_from(("enterprise", "public")))
    paid = draw(st.integers(240, 300))
    deemed = draw(st.integers(0, 90))
    record: dict[str, Any] = {
        "paid_months": paid,
        "index": draw(st.integers(3000, 30_000)) / 10_000,
        "deemed_months": deemed,
        "account": draw(st.integers(100 * 400, 200_000_000)) / 100,
    }
    if deemed and draw(st.booleans()):
        record["deemed_index"] = draw(st.integers(3000, 30_000)) / 10_000
    if scheme == "enterprise" and region == "haiyan" and draw(st.booleans()):  # elsewhere they act on nothing
        record["months_before_accounts"] = draw(st.integers(deemed, deemed + paid))
        record["index_before_accounts"] = draw(st.integers(3000, 30_000)) / 10_000
    return {
        "kind": "award",
        "region": region,
        "scheme": scheme,
        "person": {"career": career, "born": month_text(old - OLD_AGE[career])},
        "record": record,
        "floor_variant": True,
        "checked": ["record"],
    }


def awarded(case: dict[str, Any]) -> CaseResult:
    return compute(read_cases(case, lambda *keys: "case")[0])


def with_record(case: dict[str, Any], **values: Any) -> dict[str, Any]:
    return case | {"record": case["record"] | values}


UP_TO_JIAO = ("haiyan", "xuzhou")
"""Regions whose sums are rounded up to a tenth of a yuan."""


@settings(max_examples=60, deadline=None)
@given(records(), st.integers(1, 5000))
def test_a_higher_index_never_lowers_an_award(case: dict[str, Any], step: int) -> None:
    index = min(3.0, round(case["record"]["index"] + step / 10_000, 4))
    assert awarded(with_record(case, index=index)).value("pension") >= awarded(case).value("pension")


@settings(max_examples=60, deadline=None)
@given(records(), st.integers(1, 24))
def test_more_months_never_lower_an_award(case: dict[str, Any], more: int) -> None:
    paid = case["record"]["paid_months"] + more
    assert awarded(with_record(case, paid_months=paid)).value("pension") >= awarded(case).value("pension")


@settings(max_examples=60, deadline=None)
@given(records())
def test_no_transition_pension_without_months_before_the_accounts(case: dict[str, Any]) -> None:
    keep = ("paid_months", "index", "account")
    record = {name: value for name, value in case["record"].items() if name in keep}
    result = awarded(case | {"record": record})
    assert result.value("transition_pension") == 0.0
    assert result.values.get("transition_adjustment", 0.0) == 0.0


@settings(max_examples=60, deadline=None)
@given(records())
def test_the_divisor_of_the_completed_age_never_pays_more(case: dict[str, Any]) -> None:
    result = awarded(case)
    assert result.value("divisor_floor") >= result.value("divisor")
    assert result.value("account_pension_floor") <= result.value("account_pension")


@settings(max_examples=60, deadline=None)
@given(records())
def test_the_pension_is_the_sum_of_its_printed_parts(case: dict[str, Any]) -> None:
    values = awarded(case).values
    parts = ("base_pension", "transition_pension", "account_pension", "transition_adjustment", "fixed_supplement")
    total = round(sum(values.get(part, 0.0) for part in parts), 2)
    assert 0.0 <= round(values["pension"] - total, 2) <= (0.09 if case["region"] in UP_TO_JIAO else 0.0)


COLUMNS = ("paid_months", "index", "deemed_months", "deemed_index", "account")
BEFORE = ("months_before_accounts", "index_before_accounts")
SAME = ("divisor", "benefit_base", "base_pension", "transition_pension", "account_pension", "pension")


def written(folder: Path, cases: list[dict[str, Any]], checked: str) -> Path:
    """The cases as a table of persons."""
    lines = [",".join(("region", "scheme", "career", "born", *COLUMNS, *BEFORE, "checked"))]
    for case in cases:
        record = case["record"]
        person = (case["region"], case["scheme"], case["person"]["career"], case["person"]["born"])
        lines.append(",".join([*person, *(str(record.get(name, "")) for name in (*COLUMNS, *BEFORE)), checked]))
    path = folder / "persons.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records(), min_size=1, max_size=12))
def test_a_table_doubts_what_single_cases_doubt(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    result = award_table(written(tmp_path, cases, ""), skip_bad=True)
    told = set() if result.refused is None else {int(row) - 2 for row in result.refused["row"]}
    for row, case in enumerate(cases):
        try:
            awarded(case | {"checked": []})
        except SimengineError as error:
            assert row in told, (str(error), case)
        else:
            assert row not in told, case


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records(), min_size=1, max_size=12))
def test_a_table_gives_what_single_cases_give(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    frame = award_table(written(tmp_path, cases, "yes")).frame
    for row, case in enumerate(cases):
        single = awarded(case)
        for name in SAME:
            assert frame[name][row] == single.value(name), (name, case)
        for name in ("statutory_month", "recognised_months", "minimum_months"):
            assert frame[name][row] == single.value(name), (name, case)
