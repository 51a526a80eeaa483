"""Tables of persons: what a row gives, what a bad cell is told as, and that good rows are not lost."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simengine.cases.table import AwardTable, award_table
from simengine.cases.table_cells import month_word
from simengine.cases.table_columns import COLUMNS
from simengine.cases.table_faults import CAP
from simengine.cases.templates import template_text
from simengine.common.errors import SimengineError, each_error, localised

HEADER = "id,region,sex,born,retires,paid_months,index,deemed_months,account\n"
GOOD = "1,jiangxi,man,1965-05,2025-07,327,0.8523,,96500\n"
SECOND = "2,江西,男,1965/5,202507,358,1.05,122,168400\n"


def table(tmp_path: Path, text: str, **options: Any) -> AwardTable:
    path = tmp_path / "persons.csv"
    path.write_text(text, encoding="utf-8")
    return award_table(path, **options)


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SimengineError) as caught:
        table(tmp_path, text)
    said = [localised(error, "en").replace(f"{tmp_path}/", "") for error in each_error(caught.value)]
    assert all(localised(error, "zh") for error in each_error(caught.value))
    return "\n".join(said).splitlines()


def pensions(result: AwardTable) -> list[float]:
    return [float(value) for value in result.frame["pension"]]


# --- rows -----------------------------------------------------------------------------------------------------------


def test_table__gives_the_worked_examples(tmp_path: Path) -> None:
    result = table(tmp_path, HEADER + GOOD + SECOND)
    assert pensions(result) == [2480.55, 5093.12]
    assert list(result.frame["transition_pension"]) == [0.0, 978.92]
    assert list(result.frame["row"]) == [2, 3]
    assert list(result.frame["award_month"]) == ["2025-07", "2025-07"]
    assert result.summary() == {"persons": 2, "entitled": 2, "mean_pension": 3786.84, "refused": 0, "rows": 2}


def test_table__without_rounding(tmp_path: Path) -> None:
    exact = 7054 * 1.8523 / 2 * 0.2725 + 96_500 / 137.8
    assert pensions(table(tmp_path, HEADER + GOOD, rounded=False)) == [pytest.approx(exact, abs=1e-9)]


def test_table__chinese_header_with_units(tmp_path: Path) -> None:
    text = "编号,参保地,性别,出生年月,退休年月,实际缴费月数（月）,平均缴费指数,个人账户储存额（万元）\n"
    result = table(tmp_path, text + "1,江西省,男,1965年5月,2025年7月,327,0.8523,9.65\n")
    assert pensions(result) == [2480.55]
    assert any("万元" in line for line in result.remarks("zh"))


def test_table__units_row_and_years(tmp_path: Path) -> None:
    text = "region,sex,born,retires,paid_months,index,account\n,,yyyy-mm,-,年,1,10k yuan\n"
    result = table(tmp_path, text + "jiangxi,man,1965-05,2025-07,27.25,0.8523,9.65\n")
    assert pensions(result) == [2480.55]
    assert list(result.frame["row"]) == [3]


def test_table__gb18030_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes((HEADER + SECOND).encode("gb18030"))
    result = award_table(path)
    assert pensions(result) == [5093.12]
    assert any("GB 18030" in line for line in result.remarks("en"))


def test_table__below_the_minimum_has_no_amounts(tmp_path: Path) -> None:
    result = table(tmp_path, HEADER + "1,jiangxi,man,1965-05,,100,1,,20000\n" + GOOD)
    assert list(result.frame["entitled"]) == [0, 1]
    assert list(result.frame["missing_months"]) == [80, 0]
    assert np.isnan(pensions(result)[0])


def test_table__deemed_index_by_the_rule_of_the_scheme(tmp_path: Path) -> None:
    text = "region,sex,scheme,born,paid_months,index,deemed_months,deemed_index,account\n"
    rows = "jiangxi,man,public,1965-05,120,1.3,240,{},50000\njiangxi,man,,1965-05,120,1.3,170,{},50000\n"
    silent, stated = table(tmp_path, text + rows.format("", "")), table(tmp_path, text + rows.format(1.15, 1.3))
    assert pensions(silent) == pensions(stated)


def test_table__special_job_and_city(tmp_path: Path) -> None:
    text = "region,city,career,special_job,born,retires,paid_months,index,account\n"
    result = table(tmp_path, text + "hubei,yichang,men,是,1970-05,2025-06,300,1,90000\n")
    assert list(result.frame["benefit_base"]) == [7424]


def test_table__template_can_be_computed(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(template_text("award"), encoding="utf-8")
    assert pensions(award_table(path)) == [2480.55]
    assert template_text("award").splitlines()[0].removeprefix("\ufeff").split(",") == [c.name for c in COLUMNS]


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("1,jiangxii,man,1965-05,2025-07,327,1,0,96500", "region", 'Did you mean "jiangxi"?'),
        ("1,jiangxi,man,1965-13,2025-07,327,1,0,96500", "born", '"1965-13" is not a month'),
        ("1,jiangxi,man,,2025-07,327,1,0,96500", "born", "the cell is empty"),
        ("1,jiangxi,x,1965-05,2025-07,327,1,0,96500", "sex", "none of the known words"),
        ("1,jiangxi,,1965-05,2025-07,327,1,0,96500", "sex", "the cell is empty"),
        ("1,jiangxi,man,1965-05,2020-07,327,1,0,96500", "retires", "2025-05 to 2028-07"),
        ("1,jiangxi,man,2030-05,2025-07,327,1,0,96500", "born", "is not before 2025-07"),
        ("1,jiangxi,man,1965-05,2025-07,327.5,1,0,96500", "paid_months", "not a whole number of months"),
        ("1,jiangxi,man,1965-05,2025-07,700,1,0,96500", "paid_months", "only 531 have passed since age 16"),
        ("1,jiangxi,man,1965-05,2025-07,327,30,0,96500", "index", "A slip of the decimal point? 3 / 0.3"),
        ("1,jiangxi,man,1965-05,2025-07,327,abc,0,96500", "index", '"abc" is not a number'),
        ("1,jiangxi,man,1965-05,2025-07,327,1,0,-5", "account", "-5 is out of range"),
        ('1,jiangxi,man,1965-05,2025-07,327,1,0,"96,50"', "account", '"96,50" is not a number'),
        ("1,jiangxi,man,1925-05,,327,1,0,96500", "born", "the first is 1992-12-31"),
    ],
)
def test_table__bad_cell_is_told_with_row_and_column(tmp_path: Path, row: str, column: str, words: str) -> None:
    said = refused(tmp_path, HEADER + GOOD + row + "\n")
    assert len(said) == 1
    assert said[0].startswith(f"persons.csv, row 3, column {column}: ")
    assert words in said[0]


def test_table__account_in_10k_yuan_without_a_unit_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, HEADER + GOOD.replace("96500", "9.65"))
    assert "Written in 万元? Then it is 96500 yuan" in said[0]


def test_table__errors_are_capped_and_counted(tmp_path: Path) -> None:
    said = refused(tmp_path, HEADER + GOOD + 100 * "1,jiangxi,man,1965-13,2025-07,327,30,0,96500\n")
    assert len(said) == CAP + 1
    assert said[0].startswith("persons.csv, row 3, column born")
    assert said[-1].startswith("200 error(s) in 100 of 101 rows; the first 20 stand above.")


def test_table__skip_bad_keeps_the_good_rows(tmp_path: Path) -> None:
    text = HEADER + GOOD + "1,jiangxii,man,1965-13,2025-07,327,1,0,96500\n" + SECOND
    result = table(tmp_path, text, skip_bad=True)
    assert pensions(result) == [2480.55, 5093.12]
    assert result.refused is not None
    assert result.refused[["row", "column", "value"]].to_numpy().tolist() == [
        [3, "born", "1965-13"],
        [3, "region", "jiangxii"],
    ]
    assert (result.refused_rows, result.total) == (1, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No columns"),
        (HEADER, "no row of a person"),
        (HEADER + ",,,,,,,,\n", "no row of a person"),
        (HEADER.replace("region", "regon") + GOOD, 'Did you mean "region"?'),
        (HEADER.replace("account", "account (tons)") + GOOD, 'unit "tons"'),
        (HEADER.replace("id", "账户,id").replace("账户", "个人账户储存额") + "1," + GOOD, "stands twice"),
        ("id,name\n1,2\n", 'the column "region" is missing'),
        (HEADER + GOOD.replace("\n", ",9\n"), "more cells than the header"),
        (HEADER + GOOD + GOOD.replace("\n", ",9\n"), "row 3: the row has more cells"),
        ("a;b\n1;2\n", "no column is called"),
    ],
)
def test_table__that_cannot_be_read_is_refused(tmp_path: Path, text: str, words: str) -> None:
    said = refused(tmp_path, text)
    assert any(words in line for line in said), said


def test_table__absent_file_and_workbook(tmp_path: Path) -> None:
    for name in ("absent.csv", "absent.xlsx"):
        with pytest.raises(SimengineError, match="there is no file"):
            award_table(tmp_path / name)
    (tmp_path / "broken.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(SimengineError, match=r"no workbook of that form|not installed"):
        award_table(tmp_path / "broken.xlsx")


def test_table__workbook_gives_the_same(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "region": ["jiangxi", "江西"],
            "sex": ["man", "男"],
            "born": [pd.Timestamp(1965, 5, 1), "196505"],
            "retires": ["2025-07", 202507],
            "paid_months": [327.0, 358],
            "index": [0.8523, "1.05"],
            "deemed_months": [None, 122],
            "account": [96_500, 168_400.0],
        }
    )
    frame.to_excel(tmp_path / "persons.xlsx", index=False, engine="xlsxwriter")
    assert zipfile.is_zipfile(tmp_path / "persons.xlsx")
    assert pensions(award_table(tmp_path / "persons.xlsx")) == [2480.55, 5093.12]


@pytest.mark.parametrize(
    "text",
    [
        "1965-05",
        "1965-5",
        "1965/05",
        "1965/5/31",
        "196505",
        "19650531",
        "1965年5月",
        "1965年05月31日",
        "1965-05-01 00:00:00",
    ],
)
def test_month_word__reads_what_offices_write(text: str) -> None:
    assert month_word(text) == 12 * 1965 + 4


@pytest.mark.parametrize("text", ["", "1965", "1965-13", "1965-00", "65-05", "1965.1", "May 1965", "1965-05-32"])
def test_month_word__refuses_the_rest(text: str) -> None:
    assert month_word(text) < 0
