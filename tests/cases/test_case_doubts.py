"""What looks impossible in a record, in single cases and in tables by the same rules, and `checked` that overrules it.

Accounts begin in Jiangxi in 1995-10. The man of 1965-05 turned sixteen in 1981-05: 14 years and 5 months before, 173
months. To 2025-07 there are 531 months from then on, both included; from the tenth birthday 72 more, 603.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from simengine.cases import CaseResult, compute_all, load_cases
from simengine.cases.doubts import deemed_room, judged_deemed, judged_service, service_room
from simengine.cases.table import AwardTable, award_table
from simengine.cases.text import remark_text
from simengine.common.errors import SimengineError, each_error, localised

RECORD = {"paid_months": 358, "index": 1.05, "deemed_months": 122, "deemed_index": 1.05, "account": 168_400}
NATIONLESS = """\
kind: switch
city: wuhan
person: {sex: man, born: 1965-05}
retires: 2025-07
record: {paid_months: 358, index: 1.05, deemed_months: 122, deemed_index: 1.05, account: 168_400}
resident: {balance: 1000, paid_years: 1, overlap_months: 0, overlap_paid: 0}
"""
COLUMNS = ("region", "sex", "born", "retires", "paid_months", "index", "deemed_months", "account")
ROW = ("jiangxi", "man", "1965-05", "2025-07", 358, 1.05, 122, 168_400)


def case(folder: Path, checked: tuple[str, ...] = (), **record: Any) -> CaseResult:
    born = record.pop("born", "1965-05")
    region = record.pop("region", "jiangxi")
    data = {"kind": "award", "region": region, "person": {"sex": "man", "born": born}, "retires": "2025-07"}
    data |= {"record": RECORD | record, "checked": list(checked)}
    (folder / "case.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return compute_all(load_cases(folder / "case.yaml"))[0]


def table(folder: Path, *rows: dict[str, Any], **options: Any) -> AwardTable:
    names = list(dict.fromkeys([*COLUMNS, *(name for row in rows for name in row)]))
    filled = [dict(zip(COLUMNS, ROW, strict=True)) | row for row in rows]
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in filled)]
    (folder / "persons.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return award_table(folder / "persons.csv", **options)


def told(call: Any, *arguments: Any, **values: Any) -> str:
    with pytest.raises(SimengineError) as caught:
        call(*arguments, **values)
    errors = each_error(caught.value)
    assert len(errors) == 1, str(caught.value)
    assert localised(errors[0], "zh")
    return localised(errors[0], "en")


def pension(result: CaseResult) -> float:
    return float(result.value("pension"))


def said(result: CaseResult) -> str:
    assert all(remark_text(remark, "zh") for remark in result.remarks)
    return "\n".join(remark_text(remark, "en") for remark in result.remarks)


# --- deemed months --------------------------------------------------------------------------------------------------


def test_rooms__by_hand() -> None:
    born, month = 12 * 1965 + 4, 12 * 2025 + 6
    assert service_room(born, month, 192) == 531
    assert deemed_room(born, month, 192, 12 * 1995 + 9) == 173
    assert list(judged_service(np.array([531, 532, 603, 604]), 531, 192)) == [0, 1, 1, 2]
    deemed, paid = np.array([173, 174, 197, 198, 198, 245, 246, 0]), np.array([0, 100, 100, 100, 200, 200, 200, 100])
    # from 25 months above 173 on the two are swapped where the paid ones fit; else 72 months above is the end
    assert list(judged_deemed(deemed, paid, 173, 192)) == [0, 1, 1, 3, 1, 1, 2, 0]


@pytest.mark.parametrize(
    ("paid", "deemed", "words"),
    [
        (122, 358, "358 deemed and 122 paid months look swapped"),
        (100, 198, "198 deemed and 100 paid months look swapped"),
        (200, 246, "246 deemed months, but between age 16 and the start of accounts in 1995-10 lie 173"),
        (400, 204, "604 months of service, but only 531 have passed since age 16"),
    ],
)
def test_months_that_no_life_holds__in_cases_and_tables(paid: int, deemed: int, words: str, tmp_path: Path) -> None:
    values = {"paid_months": paid, "deemed_months": deemed}
    assert words in told(case, tmp_path, **values)
    place, _, message = told(table, tmp_path, values).partition(": ")
    assert words in message
    assert place.endswith("row 2, column " + ("paid_months" if deemed == 204 else "deemed_months"))
    key = "paid_months" if deemed == 204 else "deemed_months"
    vouched = table(tmp_path, values | {"checked": "yes"})
    assert pension(case(tmp_path, checked=(key,), **values)) == float(vouched.frame["pension"].iloc[0])
    assert pension(case(tmp_path, checked=("record",), **values)) == float(vouched.frame["pension"].iloc[0])


def test_work_begun_before_sixteen__is_computed_with_a_remark(tmp_path: Path) -> None:
    """Two instances: 175 deemed months (two too many), and 532 months in all (one too many).

    By hand, 357 paid and 175 deemed: N = 532/12 -> 44.3333; 7054 x 2.05/2 x 44.3333 % = 3205.45; transition
    7054 x 1.05 x 14.5833 x 1.3 % = 1404.18; account 168400/137.8 = 1222.06.
    """
    values = {"paid_months": 357, "deemed_months": 175}
    result = case(tmp_path, **values)
    assert pension(result) == pytest.approx(3205.45 + 1404.18 + 1222.06, abs=0.005)
    assert "Work began before age 16" in said(result)
    rows = table(tmp_path, {}, values, {"paid_months": 410, "deemed_months": 122})
    assert float(rows.frame["pension"].iloc[1]) == pension(result)
    assert "2 row(s) have service before age 16 (first in row 3)" in "\n".join(rows.remarks("en"))
    assert "Work began" not in said(case(tmp_path))


def test_career_begun_before_sixteen__is_remarked_and_before_ten_refused(tmp_path: Path) -> None:
    text = (
        "kind: award\nregion: jiangxi\nperson: {sex: man, born: 1965-05}\nretires: 2025-07\ncareer:\n"
        "  - {from: FIRST, to: 1995-09, kind: deemed}\n  - {from: 1995-10, kind: enterprise, index: 1.0}\n"
    )
    path = tmp_path / "case.yaml"
    path.write_text(text.replace("FIRST", "1981-05"), encoding="utf-8")
    assert "Work began" not in said(compute_all(load_cases(path))[0])
    path.write_text(text.replace("FIRST", "1981-04"), encoding="utf-8")
    assert "Work began before age 16" in said(compute_all(load_cases(path))[0])
    path.write_text(text.replace("FIRST", "1975-04"), encoding="utf-8")  # a month before the tenth birthday
    assert "604 months of service" in told(lambda: compute_all(load_cases(path)))
    path.write_text(text.replace("FIRST", "1975-04") + "checked: [career]\n", encoding="utf-8")
    assert compute_all(load_cases(path))


def test_months_before_accounts__end_where_these_begin(tmp_path: Path) -> None:
    values = {"months_before_accounts": 246}
    assert "246 months before accounts" in told(case, tmp_path, **values)
    assert "246 months before accounts" in told(table, tmp_path, values)
    assert table(tmp_path, {"months_before_accounts": 173}).refused_rows == 0
    # Zhejiang: accounts begin in 1998-01, 200 months after the sixteenth birthday; 72 more are the end
    zhejiang = {"region": "zhejiang", "months_before_accounts": 273}
    assert "273 months before accounts" in told(case, tmp_path, **zhejiang)
    assert case(tmp_path, **zhejiang | {"months_before_accounts": 200})


# --- amounts and exchanged columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"account": 1_684_000}, "account", "1684000 yuan after 358 paid months is out of scale"),
        ({"paid_months": 30, "deemed_months": 0}, "account", "Years in place of months"),
        ({"account": 16.84}, "account", "Then it is 168400 yuan"),
        ({"local_average_pension": 48_000}, "local_average_pension", "a year for a month"),
        ({"local_average_pension": 0.4}, "local_average_pension", "万元"),
        ({"index": 10.5}, "index", "A slip of the decimal point? 1.05"),
        ({"index": 105}, "index", "A slip of the decimal point? 1.05"),
        ({"index": 168_400, "account": 1.05}, "index", "168400 here and 1.05 in the column account look swapped"),
        ({"paid_months": 1.05, "index": 358}, "paid_months", "1.05 here and 358 in the column index look swapped"),
        ({"paid_months": 168_400, "account": 358}, "paid_months", "168400 here and 358 in the column account"),
        ({"deemed_months": 168_400, "account": 122}, "deemed_months", "168400 here and 122 in the column account"),
        ({"born": "2025-07", "retires": "1965-05"}, "born", "2025-07 here and 1965-05 in the column retires"),
    ],
)
def test_slip_of_a_cell__is_told_once_at_its_cell(
    cells: dict[str, Any], column: str, words: str, tmp_path: Path
) -> None:
    message = told(table, tmp_path, {}, cells)
    assert f"row 3, column {column}: " in message
    assert words in message


@pytest.mark.parametrize(
    "cells", [{"account": 1_684_000}, {"account": 16.84}, {"local_average_pension": 48_000}, {"deemed_months": 250}]
)
def test_checked__overrules_what_is_out_of_scale(cells: dict[str, Any], tmp_path: Path) -> None:
    told(table, tmp_path, cells)
    result = table(tmp_path, cells | {"checked": "是"})
    assert result.refused_rows == 0
    assert not any("Column checked" in line for line in result.remarks("en"))


def test_checked_without_a_doubt__is_remarked(tmp_path: Path) -> None:
    result = table(tmp_path, {"checked": "yes"}, {"checked": "no"})
    assert any("Column checked: 1 row(s) have nothing" in line for line in result.remarks("en"))


def test_checked__does_not_overrule_what_the_law_forbids(tmp_path: Path) -> None:
    assert "index is 30" in told(table, tmp_path, {"index": 30, "checked": "yes"})
    assert "outside the lawful window" in told(table, tmp_path, {"retires": "2020-01", "checked": "yes"})


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"account": 1_684_000}, "out of scale"),
        ({"paid_months": 30, "deemed_months": 150}, "Written in years? Then it is 360 months"),
        ({"account": 16.84}, "Written in 万元?"),
    ],
)
def test_account_out_of_scale__in_a_case(record: dict[str, Any], words: str, tmp_path: Path) -> None:
    assert words in told(case, tmp_path, **record)
    checked = ("account",) if "account" in record else ("paid_months", "account")
    assert pension(case(tmp_path, checked=checked, **record)) > 0.0


# --- region ---------------------------------------------------------------------------------------------------------


def test_case_without_region__is_refused_where_regions_differ(tmp_path: Path) -> None:
    text = (
        "kind: award\nperson: {sex: man, born: 1965-05}\nretires: 2025-07\n"
        "record: {paid_months: 358, index: 1.05, deemed_months: 122, deemed_index: 1.05, account: 168_400}\n"
    )
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    message = told(lambda: compute_all(load_cases(path)))
    assert "the case states no region, and regions set for themselves: " in message
    assert "pension/benefit_base" in message
    path.write_text("region: china\n" + text, encoding="utf-8")
    assert compute_all(load_cases(path))
    path.write_text("kind: retirement\nperson: {sex: man, born: 1965-05}\n", encoding="utf-8")
    assert compute_all(load_cases(path))  # the months are the same everywhere


def test_case_without_region__names_a_value_that_the_nation_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(NATIONLESS, encoding="utf-8")
    message = told(lambda: compute_all(load_cases(path)))
    assert "the case states no region, and regions set for themselves: pension/benefit_base_cities" in message
