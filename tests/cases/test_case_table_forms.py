"""Tables as offices keep them: titles, totals, names of columns, encodings, numbers, dates, places, careers.

The person of most tests is the worked example of notes/cases.md: 5093.12 yuan. The second one is derived here with base
7054 (Jiangxi 2025) and divisor 137.8 (60 years 2 months): 7054 x 1.8523/2 x 27.25 % = 1780.26, 96500/137.8 = 700.29,
together 2480.55.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from simengine.cases.table import AwardTable, award_table
from simengine.cases.table_cells import month_word, number_of
from simengine.cases.table_columns import COLUMNS, IDLE, TOTAL_NAMES, UNCLEAR_TOTALS
from simengine.cases.templates import template_text
from simengine.cli import main as cli
from simengine.common.errors import SimengineError, each_error, localised

FC13 = """\
2025年7月退休人员待遇测算表,,,,,,,,,,
编号,姓名,参保地,性别,退休类别,出生年月,退休年月,实际缴费月数,视同缴费月数,平均缴费指数,个人账户储存额（元）
1,甲,江西省,男,男职工,1965-05,2025-07,358,122,1.05,168400
合计,,,,,,,,,,168400
"""
PERSON = {
    "region": "jiangxi",
    "sex": "man",
    "born": "1965-05",
    "retires": "2025-07",
    "paid_months": "358",
    "index": "1.05",
    "deemed_months": "122",
    "account": "168400",
}


def table(folder: Path, rows: list[list[str]], encoding: str = "utf-8") -> AwardTable:
    path = folder / "persons.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return award_table(path)


def of(folder: Path, **cells: str) -> AwardTable:
    """The worked example with other headers or cells; an empty value takes the column out."""
    person = {name: value for name, value in (PERSON | cells).items() if value != "-"}
    return table(folder, [list(person), list(person.values())])


def pensions(result: AwardTable) -> list[float]:
    return [float(value) for value in result.frame["pension"]]


def remarks(result: AwardTable) -> str:
    assert result.remarks("zh")
    return "\n".join(result.remarks("en"))


def refused(folder: Path, rows: list[list[str]]) -> list[str]:
    with pytest.raises(SimengineError) as caught:
        table(folder, rows)
    assert all(localised(error, "zh") for error in each_error(caught.value))
    said = [localised(error, "en").replace(f"{folder}/", "") for error in each_error(caught.value)]
    return "\n".join(said).splitlines()


# --- title and totals -----------------------------------------------------------------------------------------------


def test_title_above_and_total_below__are_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(FC13, encoding="utf-8")
    result = award_table(tmp_path / "persons.csv")
    assert pensions(result) == [5093.12]
    assert list(result.frame["row"]) == [3]
    assert "The header stands in row 2; above it stands: 2025年7月退休人员待遇测算表" in remarks(result)
    assert '1 row(s) of totals are left out (row 4, "合计")' in remarks(result)


def test_title_merged_in_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(tmp_path / "persons.xlsx"))
    sheet = book.add_worksheet()
    sheet.merge_range("A1:K1", "2025年7月退休人员待遇测算表")
    for row, cells in enumerate(csv.reader(FC13.splitlines()[1:]), 1):
        sheet.write_row(row, 0, [float(cell) if cell in ("358", "122", "1.05", "168400") else cell for cell in cells])
    book.close()
    result = award_table(tmp_path / "persons.xlsx")
    assert pensions(result) == [5093.12]
    assert "totals" in remarks(result)


def test_two_more_tables_of_offices__by_hand(tmp_path: Path) -> None:
    """A page total, blank rows, a signature, a unit in the title; then a header in two rows that repeats.

    The first: Yichang 2025 has base 7424; 300 months with index 1: 7424 x 25 % = 1856.00, 90000/137.8 = 653.12.
    """
    rows = [
        ["待遇测算表", "单位：万元", "", "", "", "", ""],
        [],
        ["姓名", "参保地市", "性别", "出生日期", "累计缴费年限", "平均\n缴费指数", "个人帐户储存额"],
        ["乙", "湖北省宜昌市", "男", "1965年5月3日", "25年", "１", "9"],
        ["", "", "", "", "", "", ""],
        ["本页小计", "", "", "", "", "", "9"],
        ["合 计：", "", "", "", "", "", "9"],
        ["制表人：张三", "", "", "审核：", "", "", ""],
    ]
    result = table(tmp_path, rows, "gb18030")
    assert pensions(result) == [2509.12]
    assert "2 row(s) of totals are left out (row 6, 7" in remarks(result)
    assert "1 row(s) of notes" in remarks(result)
    assert "Column 个人帐户储存额 is read in 万元" in remarks(result)
    header = ["", "", "", "", "实际缴费月数", "平均缴费指数", "个人账户储存额"]
    rows = [
        ["序号", "地区", "性别", "出生年月", "缴费情况", "", ""],
        header,
        ["1", "江西", "男", "1965.05", "327", "0.8523", "96,500"],
        ["序号", "地区", "性别", "出生年月", "实际缴费月数", "平均缴费指数", "个人账户储存额"],
        ["2", "江西", "男", "196505", "327", "0.8523", "96500.00"],
    ]
    result = table(tmp_path, rows)
    assert pensions(result) == [2480.55, 2480.55]
    assert "1 repeated header(s) are left out (row 4" in remarks(result)


def test_person_without_birth_is_no_total(tmp_path: Path) -> None:
    said = refused(tmp_path, [list(PERSON), list((PERSON | {"born": ""}).values())])
    assert said == ["persons.csv, row 2, column born: the cell is empty. Allowed: born [yyyy-mm]."]


def test_rows_keep_their_numbers_over_blank_rows(tmp_path: Path) -> None:
    rows = [list(PERSON), [], list(PERSON.values()), [""] * 8, list((PERSON | {"index": "x"}).values())]
    assert refused(tmp_path, rows)[0].startswith('persons.csv, row 5, column index: "x" is not a number')


# --- names of columns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [column for column in COLUMNS if column.name in PERSON], ids=lambda one: one.name)
def test_every_name_of_a_column__reads_the_same(column: Any, tmp_path: Path) -> None:
    for name in (column.name, *column.names, column.name.replace("_", " ").upper()):
        value = PERSON[column.name]
        if name.endswith(("年限", "years")):
            value = {"358": "29年10个月", "122": "10.17"}[value]  # 29 x 12 + 10; 122/12 = 10.1667
        cells = {(name if key == column.name else key): cell for key, cell in PERSON.items()}
        cells[name] = value
        assert pensions(table(tmp_path, [list(cells), list(cells.values())])) == [5093.12], name


@pytest.mark.parametrize(
    "column", [column for column in COLUMNS if column.name not in PERSON], ids=lambda one: one.name
)
def test_every_name_of_a_further_column__is_known(column: Any, tmp_path: Path) -> None:
    fitting = {"city": "", "total_months": "480", "deemed_index": "1.05", "career": "men", "checked": ""}
    for name in (column.name, *column.names):
        value = fitting.get(column.name, "")
        value = "40" if value and name.endswith("年限") else value
        assert pensions(of(tmp_path, **{name: value})) == [5093.12], name


def test_columns_of_no_use__are_left_out_with_a_word(tmp_path: Path) -> None:
    result = of(tmp_path, **dict.fromkeys(IDLE, "x"))
    assert pensions(result) == [5093.12]
    assert f"they are left out: {', '.join(IDLE)}" in remarks(result)


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        ({"account": "account（万元）"}, {"account": "16.84"}),
        ({"account": "个人账户储存额(单位:万元)"}, {"account": "16.84"}),
        ({"account": "个人账户储存额/元"}, {}),
        ({"account": "account [10k yuan]"}, {"account": "16.84"}),
        ({"paid_months": "实际缴费年限（月）", "deemed_months": "视同缴费年限（月）"}, {}),
        ({"paid_months": "实际缴费月数（年）"}, {"paid_months": "29.83"}),
        ({"paid_months": "实际缴费年限"}, {"paid_months": "29.8333"}),
        ({"index": "平均缴费指数（%）"}, {"index": "105"}),
        ({"born": "出生日期（年月日）"}, {"born": "1965年5月3日"}),
    ],
)
def test_unit_of_a_header(headers: dict[str, str], cells: dict[str, str], tmp_path: Path) -> None:
    person = {headers.get(name, name): value for name, value in (PERSON | cells).items()}
    assert pensions(table(tmp_path, [list(person), list(person.values())])) == [5093.12]


def test_months_under_years__are_told(tmp_path: Path) -> None:
    rows = [["实际缴费年限" if name == "paid_months" else name for name in PERSON], list(PERSON.values())]
    said = refused(tmp_path, rows)
    assert "358 years are more than a life has" in said[0]
    assert "Write 月 behind the heading" in said[0]


# --- all months -----------------------------------------------------------------------------------------------------


def test_all_months__leave_the_paid_ones(tmp_path: Path) -> None:
    for name in TOTAL_NAMES:
        value = "480" if name.endswith("月数") else "40"
        assert pensions(of(tmp_path, paid_months="-", **{name: value})) == [5093.12], name
    for name in UNCLEAR_TOTALS:  # nothing is deemed: all months are the paid ones
        value = {"缴费月数": "327", "缴费年限": "27.25"}[name]
        cells = {"paid_months": "-", "deemed_months": "-", "index": "0.8523", "account": "96500"}
        assert pensions(of(tmp_path, **cells, **{name: value})) == [2480.55], name


def test_all_months_beside_deemed_ones_under_an_unclear_name__are_refused(tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match="it may mean all months or the paid ones"):
        of(tmp_path, paid_months="-", 缴费年限="40")


def test_all_months_that_are_no_sum__are_told(tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match="358 paid and 122 deemed ones do not add up"):
        of(tmp_path, 缴费年限="41")
    with pytest.raises(SimengineError, match="fewer than the 122 deemed"):
        of(tmp_path, paid_months="-", 累计缴费月数="100")


# --- cells ----------------------------------------------------------------------------------------------------------

NUMBERS = ("168400", "168,400", "168，400", "１６８４００", "¥168,400.00", "16.84万元", "168400元")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_and_numbers_on_the_command(
    encoding: str, lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "persons.csv", tmp_path / "awards.csv"
    for number in NUMBERS:
        if "¥" in number and encoding == "gbk":
            continue  # GBK has no sign of the yuan
        text = FC13.replace("122,1.05,168400", f'122,1.05,"{number}"')
        path.write_bytes(text.encode(encoding))
        assert cli.execute(["case", str(path), "--out", str(out), "--lang", lang]) == cli.DONE, number
        with out.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["月养老金" if lang == "zh" else "pension"] for row in rows] == ["5093.12"]
    said = capsys.readouterr().err
    assert ("合计类的1行不计入" if lang == "zh" else "1 row(s) of totals") in said


@pytest.mark.parametrize(
    ("text", "value"), [("65,000", 65e3), ("65，000", 65e3), ("６５０００．５", 65000.5), ("1 000", 1e3)]
)
def test_number_of__reads_what_offices_write(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["65,00", "6,5000", "1,05", "", "abc", "1_000", "nan", "12-3", "--1"])
def test_number_of__refuses_the_rest(text: str) -> None:
    assert number_of(text) != number_of(text)


@pytest.mark.parametrize(
    "text",
    [
        *("1965-05", "1965-5", "1965/05", "1965/5/31", "196505", "19650531", "1965年5月", "1965年05月31日", "1965.05"),
        *(
            "1965.5",
            "1965.5.3",
            "1965年5月3号",
            "1965 年 5 月",
            "１９６５－０５",
            "1965-05-01 00:00:00",
            "1965/5/1 0:00",
            "23864",
        ),
    ],
)
def test_month_word__reads_what_offices_write(text: str) -> None:
    # serial day 23864 is 2 May 1965: 1 January 1900 is day 1, and 1900 is taken for a leap year
    assert month_word(text) == 12 * 1965 + 4


@pytest.mark.parametrize(
    "text", ["", "1965", "1965-13", "1965-00", "65-05", "1965.1", "May 1965", "1965-05-32", "99999", "2386", "1965.13"]
)
def test_month_word__refuses_the_rest(text: str) -> None:
    assert month_word(text) < 0


def test_serial_days__are_read_with_a_word(tmp_path: Path) -> None:
    result = of(tmp_path, born="23864")
    assert pensions(result) == [5093.12]
    assert "1 date(s) stand as serial days" in remarks(result)


def test_failed_formula_in_a_workbook__is_no_empty_cell(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(tmp_path / "persons.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(PERSON))
    sheet.write_row(1, 0, [float(cell) if cell in ("358", "168400") else cell for cell in PERSON.values()])
    sheet.write_formula("G2", "=1/0", None, "#DIV/0!")
    book.close()
    with pytest.raises(SimengineError, match="row 2, column deemed_months: the formula of the cell has failed"):
        award_table(tmp_path / "persons.xlsx")


# --- places and careers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "base"),
    [
        ({"region": "湖北省", "city": "武汉市"}, 9112),
        ({"region": "湖北", "city": "宜昌"}, 7424),
        ({"region": "湖北省武汉市"}, 9112),
        ({"region": "武汉"}, 9112),
        ({"region": "-", "参保地市": "恩施州"}, 7309),
        ({"region": "hubei", "city": "恩施土家族苗族自治州"}, 7309),
        ({"region": "-", "city": "神农架林区"}, 7215),
        ({"region": "420000", "city": "Jingzhou"}, 7210),
    ],
)
def test_places_as_offices_write_them(cells: dict[str, str], base: float, tmp_path: Path) -> None:
    result = of(tmp_path, **cells)
    assert list(result.frame["benefit_base"]) == [base]
    assert list(result.frame["region"]) == ["hubei"]


def test_city_that_is_a_region__is_that_region(tmp_path: Path) -> None:
    for cells in ({"region": "江苏省", "city": "徐州市"}, {"region": "江苏省徐州市"}, {"region": "-", "地市": "徐州"}):
        assert list(of(tmp_path, **cells).frame["region"]) == ["xuzhou"]


def test_city_without_a_base_of_its_own__changes_nothing_and_is_remarked(tmp_path: Path) -> None:
    result = of(tmp_path, region="江西省", 参保地市="南昌市")
    assert pensions(result) == [5093.12]
    assert "prints no benefit base by city: the city of 1 row(s) changes nothing (first in row 2)" in remarks(result)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"region": "湖北省", "city": "南昌市"}, 'no benefit base of a city "南昌市"'),
        ({"region": "江西省", "city": "武汉市"}, "prints no benefit base by city"),
        ({"region": "-", "city": "南昌市"}, 'no region is called "南昌市"'),
        ({"region": ""}, "column region: the cell is empty"),
        ({"region": "-"}, 'the column "region" is missing'),
    ],
)
def test_places_nobody_knows__are_refused(cells: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match=words):
        of(tmp_path, **cells)


@pytest.mark.parametrize(
    ("sex", "career", "month"),
    [
        # statutory months: man of 1965-05 as in the example; a woman of 1970-05 at 55: (65 months after 1965-01: no,
        # women at 55 are delayed from 1970-01 on, one month for each four: 5th birth month, 2 months) 2025-07;
        # a woman of 1975-05 at 50: delayed from 1975-01 on, one month for each two: 5th birth month, 3 months
        ("男", "工人", "2025-07"),
        ("男", "干部", "2025-07"),
        ("女", "干部", "2025-07"),
        ("女", "管理岗", "2025-07"),
        ("女", "工人", "2025-08"),
        ("女性", "生产操作岗", "2025-08"),
    ],
)
def test_rank_and_sex_give_the_career(sex: str, career: str, month: str, tmp_path: Path) -> None:
    born = "1965-05" if sex == "男" else "1970-05" if month == "2025-07" else "1975-05"
    cells = {"sex": sex, "身份": career, "born": born, "retires": "", "paid_months": "240", "deemed_months": "0"}
    result = of(tmp_path, **cells, account="90000")
    assert list(result.frame["statutory_month"]) == [month]
    assert not any("without career" in line for line in result.remarks("en"))


def test_rank_without_sex__is_refused(tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match="column sex: the cell is empty"):
        of(tmp_path, sex="", career="干部")


def test_women_without_career__are_counted(tmp_path: Path) -> None:
    woman = PERSON | {"sex": "女", "born": "1975-05", "retires": "", "paid_months": "240", "deemed_months": "0"}
    woman |= {"account": "90000"}
    public = woman | {"born": "1970-05"}
    rows = [
        [*PERSON, "scheme"],
        *([*one.values(), scheme] for one, scheme in ((woman, ""), (woman, ""), (public, "机关"))),
    ]
    result = table(tmp_path, rows)
    assert list(result.frame["statutory_month"]) == ["2025-08", "2025-08", "2025-07"]
    assert "2 woman or women without career take the path of workers (old age 50; first in row 2)" in remarks(result)
    assert "1 woman or women of the public sector" in remarks(result)


# --- errors in one pass, Chinese tables -----------------------------------------------------------------------------


def test_header_and_cells__are_told_in_one_pass(tmp_path: Path) -> None:
    rows = [["储蓄额" if name == "account" else name for name in PERSON]]
    rows += [list((PERSON | {"born": "1965-13"}).values()), list((PERSON | {"index": "30"}).values())]
    said = refused(tmp_path, rows)
    assert [line.partition(": ")[0] for line in said[:4]] == [
        "persons.csv, row 1",
        "persons.csv, row 1",
        "persons.csv, row 2, column born",
        "persons.csv, row 3, column index",
    ]
    assert 'no column is called "储蓄额"' in said[0]
    assert 'the column "account" is missing' in said[1]


def test_skip_bad__does_not_skip_a_wrong_header(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text("region,sex,born\njiangxi,man,1965-13\n", encoding="utf-8")
    with pytest.raises(SimengineError, match="is missing"):
        award_table(tmp_path / "persons.csv", skip_bad=True)


def test_chinese_tables__have_chinese_headings_and_codes(tmp_path: Path) -> None:
    path, out = tmp_path / "persons.csv", tmp_path / "awards.csv"
    path.write_text(
        FC13.replace("合计", "2,乙,江西省,男,男职工,1965-13,2025-07,358,122,1.05,168400\n合计"), encoding="utf-8"
    )
    assert cli.execute(["case", str(path), "--out", str(out), "--skip-bad", "--lang", "zh"]) == cli.DONE
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["地区"], rows[0]["符合条件"], rows[0]["基础养老金"]) == ("江西省", "是", "2892.14")
    assert all(not name.isascii() for name in rows[0])
    with (tmp_path / "awards.refused.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["行"], rows[0]["列"], rows[0]["原值"]) == ("4", "出生年月", "1965-13")
    assert all(not name.isascii() for name in rows[0])


def test_chinese_template__can_be_computed(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(template_text("award", "zh"), encoding="utf-8")
    assert pensions(award_table(tmp_path / "persons.csv")) == [2480.55]


def test_written_workbook__is_read_again(tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    path, out = tmp_path / "persons.csv", tmp_path / "awards.xlsx"
    path.write_text(FC13.replace("甲", "=甲&<乙>"), encoding="utf-8")
    assert cli.execute(["case", str(path), "--out", str(out), "--lang", "en"]) == cli.DONE
    first = out.read_bytes()
    assert cli.execute(["case", str(path), "--out", str(out), "--lang", "en"]) == cli.DONE
    assert out.read_bytes() == first
    header, row = calamine.CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python()
    found = dict(zip(header, row, strict=True))
    assert (found["name"], found["pension"], found["recognised_months"]) == ("=甲&<乙>", 5093.12, 480.0)
