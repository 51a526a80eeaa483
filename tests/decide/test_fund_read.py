"""Tables of cash flows as offices keep them: headings, units, titles, totals, encodings; every fault with its cell."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.common.errors import SimengineError, each_error, localised
from simengine.decide.fund import Flows, read_flows
from simengine.decide.fund.flows import COLUMNS, REQUIRED
from simengine.decide.fund.read import HEADINGS, SPELLINGS, heading_key
from simengine.decide.fund.template import example_text, template_csv, template_rows, template_workbook
from tests.helpers.chinese import english_in

xlsxwriter = pytest.importorskip("xlsxwriter")

HEAD = "年份,年初结余（亿元）,缴费收入（亿元）,待遇支出（亿元）\n"
PLAIN = HEAD + "2026,3,10,12\n2028,,14,13\n"


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "flows.csv"
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, rows: list[list[Any]], sheet: str = "基金") -> Path:
    path = folder / "flows.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    return path


def codes_of(path: Path) -> list[tuple[str, str]]:
    """Code and place of everything that is wrong with a table."""
    with pytest.raises(SimengineError) as caught:
        read_flows(path)
    return [(error.code, error.where.removeprefix(str(path)).removeprefix(", ")) for error in each_error(caught.value)]


def same(one: Flows, other: Flows) -> bool:
    """Whether two tables state the same money."""
    pairs = ((one.contributions, other.contributions), (one.benefits, other.benefits))
    return one.opening == other.opening and all(np.array_equal(first, second) for first, second in pairs)


# --- what is accepted -------------------------------------------------------------------------------------------------

ACCEPTED = {
    "units_in_the_header": PLAIN,
    "english": "year,opening (100m yuan),contributions (100m yuan),benefits (100m yuan)\n2026,3,10,12\n2028,,14,13\n",
    "both_languages": "年份 year,年初结余 opening (亿元),缴费收入 contributions (亿元),待遇支出 benefits (亿元)\n"
    "2026,3,10,12\n2028,,14,13\n",
    "a_row_of_units": "年度,期初余额,保险费收入,社会保险待遇支出\n单位,亿元,亿元,亿元\n2026年,3,10,12\n2028年,,14,13\n",
    "each_its_own_unit": "年份,上年结余(万元),缴费收入(元),待遇支出(10k yuan)\n2026,30000,1000000000,120000\n"
    "2028,,1400000000,130000\n",
    "full_width": "年份,年初结余（亿元）,缴费收入（亿元）,待遇支出（亿元）\n２０２６,３,１０,１２\n2028,,14,13\n",
    "title_total_and_blank_rows": "某市基金收支预测表,,,\n,,,\n" + PLAIN + ",,,\n合计,,24,25\n",
    "other_order_and_notes": "备注,待遇支出（亿元）,缴费收入（亿元）,年初结余（亿元）,年份\n"
    "甲,12,10,3,2026\n,13,14,,2028\n",
    "years_side_by_side": "某市,,,\n项目,单位,2026年,2028年\n期初余额,亿元,3,\n"
    "缴费收入,亿元,10,14\n待遇支出,亿元,12,13\n",
    "side_by_side_with_a_total_and_numbers": "序号,项目,2026,2028,合计\n1,年初结余（亿元）,3,,\n"
    "2,待遇支出（亿元）,12,13,25\n"
    "3,缴费收入（亿元）,10,14,24\n",
    "side_by_side_without_a_corner": ",2026,2028\n年初结余（亿元）,3,\n"
    "缴费收入（亿元）,10,14\n待遇支出（亿元）,12,13\n",
    "columns_without_a_figure": HEAD.strip() + ",收益率,其他收入\n2026,3,10,12,,\n2028,,14,13,,\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_table__in_every_form_states_the_same_money(name: str, tmp_path: Path) -> None:
    """Opening 3, contributions 10 to 14, benefits 12 to 13, all in 100 million yuan; 2027 on the line."""
    flows = read_flows(csv_file(tmp_path, ACCEPTED[name]))
    assert flows.years.tolist() == [2026, 2027, 2028] and {2026, 2028} <= set(flows.given)
    assert flows.opening == 3e8
    assert flows.contributions.tolist() == [10e8, 12e8, 14e8] and flows.benefits.tolist() == [12e8, 12.5e8, 13e8]
    assert flows.returns is None and not flows.other_income.any()


def test_table__amounts_of_four_digits_are_no_years(tmp_path: Path) -> None:
    text = HEAD.replace("亿", "万") + "2026,2025,2026,2027\n2028,,2028,2029\n"
    flows = read_flows(csv_file(tmp_path, text))
    assert (flows.opening, flows.contributions.tolist()) == (2025e4, [2026e4, 2027e4, 2028e4])


def test_table__is_read_in_the_encoding_of_chinese_spreadsheets(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert same(read_flows(csv_file(tmp_path, PLAIN)), read_flows(csv_file(other, PLAIN, "gb18030")))


def test_workbook__equals_the_csv(tmp_path: Path) -> None:
    heads = HEAD.strip().split(",")
    rows = [["基金收支预测"], [], heads, [2026, 3, 10, 12], [2028, None, 14, 13], ["合计", None, 24, 25]]
    book = read_flows(workbook(tmp_path, rows))
    assert same(book, read_flows(csv_file(tmp_path, PLAIN)))
    places = [remark.zh.partition("的")[2].partition("：")[0] for remark in book.remarks]
    assert places == ["基金工作表A3单元格", "基金工作表A6单元格"]


def test_rates__are_per_cent_or_parts_and_a_sign_settles_it(tmp_path: Path) -> None:
    head = HEAD.strip()
    for unit, first, second in (("%", "3", "2.5"), ("1", "0.03", "0.025"), ("%", "3%", "2.5％"), ("1", "3%", "0.025")):
        text = f"{head},收益率（{unit}）\n2026,3,1,1,{first}\n2027,,1,1,{second}\n"
        flows = read_flows(csv_file(tmp_path, text))
        assert flows.returns is not None and flows.returns.tolist() == [0.03, 0.025]
    small = "年份,年初结余（元）,缴费收入（元）,待遇支出（元）,收益率（%）\n2026,3,1,1,0.05"
    assert codes_of(csv_file(tmp_path, small)) == [("fund_parts", "line 1, column return")]
    meant = read_flows(csv_file(tmp_path, small + "%"))
    assert meant.returns is not None and meant.returns.tolist() == [0.0005]


def test_money__is_shown_in_the_unit_of_the_contributions(tmp_path: Path) -> None:
    flows = read_flows(csv_file(tmp_path, ACCEPTED["each_its_own_unit"]))
    assert (flows.unit, flows.unit_size) == ("元", 1.0)


@pytest.mark.parametrize("word", [*HEADINGS, *HEADINGS.values(), *SPELLINGS])
def test_heading__is_known_in_every_spelling(word: str) -> None:
    assert heading_key(word) in HEADINGS
    assert heading_key(word.upper()) == heading_key(word) == heading_key(f" {word} ")


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "no_header": ("a,b\n1,2\n", [("fund_header", "line 1, column 1")]),
    "misspelt_and_missing": (
        "年份,年初结余（亿元）,缴费收人（亿元）,待遇支出（亿元）\n2026,3,10,12\n",
        [("fund_heading", "line 1, column 3"), ("fund_column_missing", "line 1, column year")],
    ),
    "unnamed_and_twice": (
        "年份,年初结余（元）,缴费收入（元）,contributions (yuan),待遇支出（元）,\n2026,3,1,1,1,7\n",
        [("bureau_column_twice", "line 1, column 4"), ("bureau_column_unnamed", "line 1, column 6")],
    ),
    "no_unit": (
        "年份,年初结余（元）,缴费收入,待遇支出（元）\n2026,3,1,1\n",
        [("fund_unit_missing", "line 1, column contributions")],
    ),
    "wrong_unit": (
        "年份,年初结余,缴费收入,待遇支出,收益率\n单位,元,亿,万人,百分之\n2026,3,1,1,3\n",
        [("fund_unit", f"line 2, column {column}") for column in ("contributions", "benefits", "return")],
    ),
    "years": (
        HEAD + "2026,3,1,1\n2026,,1,1\n2025,,1,1\n下年,,1,1\n2027-01,,1,1\n3026,,1,1\n",
        [("fund_year_order", "line 3, column year"), ("fund_year_order", "line 4, column year")]
        + [("fund_year", f"line {line}, column year") for line in (5, 6, 7)],
    ),
    "blank_cells": (
        HEAD + "2026,3,,1\n2027,,1,\n2028,,,\n",
        [("fund_row_blank", "line 4, column year"), ("fund_blank", "line 2, column contributions"),
         ("fund_blank", "line 3, column benefits")],
    ),
    "half_filled_column": (
        "年份,年初结余（元）,缴费收入（元）,待遇支出（元）,其他收入（元）\n2026,3,1,1,\n2027,,1,1,5\n",
        [("fund_blank", "line 2, column other")],
    ),
    "numbers": (
        HEAD + '2026,x,"1,000",1万\n2027,,1e30,nan\n',
        [("fund_number", "line 2, column contributions"), ("fund_number", "line 3, column contributions"),
         ("fund_number", "line 2, column benefits"), ("fund_number", "line 3, column benefits"),
         ("fund_number", "line 2, column opening")],
    ),
    "negative": (
        HEAD + "2026,-3,-1,1\n2027,,1,-1\n",
        [("fund_negative", "line 2, column contributions"), ("fund_negative", "line 3, column benefits")],
    ),
    "opening": (
        HEAD + "2026,,1,1\n2027,4,1,1\n",
        [("fund_opening_missing", "line 2, column opening"), ("fund_opening_later", "line 3, column opening")],
    ),
    "rates": (
        "年份,年初结余（元）,缴费收入（元）,待遇支出（元）,收益率（1）,波动率（%）,缴费基数（元）\n2026,3,1,1,3,60,0\n",
        [("fund_base", "line 2, column base")]
        + [("fund_rate", f"line 2, column {column}") for column in ("return", "volatility")],
    ),
    "parts_as_per_cent": (
        "年份,年初结余（元）,缴费收入（元）,待遇支出（元）,收益率（%）\n2026,3,1,1,0.03\n2027,,1,1,0.025\n",
        [("fund_parts", "line 1, column return")],
    ),
    "side_by_side": (
        "预测,,,\n项目,单位,2026,2028\n年初结余,亿元,,1\n缴费收入,亿元,,14\n待遇支出,亿,x,13\n",
        [("fund_unit", "line 5, column 2"), ("fund_blank", "line 4, column 3"), ("fund_number", "line 5, column 3"),
         ("fund_opening_missing", "line 3, column 3"), ("fund_opening_later", "line 3, column 4")],
    ),
    "nothing": (HEAD, [("fund_no_rows", "")]),
    "too_long": (HEAD + "1950,3,1,1\n2150,,1,1\n", [("fund_years", "line 3, column year")]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_fault__is_told_with_its_cell_and_all_at_once(name: str, tmp_path: Path) -> None:
    text, expected = REFUSED[name]
    assert codes_of(csv_file(tmp_path, text)) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_fault__is_told_in_chinese(name: str, tmp_path: Path) -> None:
    with pytest.raises(SimengineError) as caught:
        read_flows(csv_file(tmp_path, REFUSED[name][0]))
    said = localised(caught.value, "zh").replace(str(tmp_path), "")
    assert not english_in(said), said


def test_fault__in_a_workbook_names_sheet_and_cell(tmp_path: Path) -> None:
    rows = [["预测"], HEAD.strip().split(","), [2026, 3, 10, None], [2027, None, "一", 13]]
    assert codes_of(workbook(tmp_path, rows)) == [
        ("fund_number", "sheet 基金, cell C4"),
        ("fund_blank", "sheet 基金, cell D3"),
    ]


def test_fault__in_a_workbook_that_is_read_sideways_names_its_own_cell(tmp_path: Path) -> None:
    rows = [
        ["预测"],
        ["项目", 2026, 2028],
        ["年初结余（元）", 3],
        ["缴费收入（元）", 1, None],
        ["待遇支出（元）", 1, -1],
    ]
    assert codes_of(workbook(tmp_path, rows)) == [
        ("fund_blank", "sheet 基金, cell C4"),
        ("fund_negative", "sheet 基金, cell C5"),
    ]


def test_fault__of_a_formula_that_failed_is_no_blank(tmp_path: Path) -> None:
    path = tmp_path / "flows.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("fund")
        for place, row in enumerate([HEAD.strip().split(","), [2026, 3, 10, None]]):
            page.write_row(place, 0, row)
        page.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    assert codes_of(path) == [("bureau_formula", "sheet fund, cell D2")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("flows.txt", b"x", "fund_file_kind"),
        ("flows.csv", b"", "file_empty"),
        ("flows.csv", b"\xff\xfe\x00\x00", "bureau_encoding"),
        ("flows.xlsx", b"x", "workbook_other"),
    ],
)
def test_file__that_is_no_table_is_refused(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert [found for found, _ in codes_of(tmp_path / name)] == [code]
    assert [found for found, _ in codes_of(tmp_path / "absent.csv")] == ["file_absent"]


# --- templates --------------------------------------------------------------------------------------------------------


def test_template__has_every_column_and_is_read_when_it_is_filled(tmp_path: Path) -> None:
    rows = template_rows((2026, 2028))
    assert [heading_key(str(cell)) for cell in rows[0]] == list(HEADINGS)
    assert set(COLUMNS) | {"year", "opening", "note"} == set(HEADINGS) and set(REQUIRED) < set(COLUMNS)
    keys = [heading_key(str(cell)) for cell in rows[0]]
    for row in rows[2:]:
        for place, key in enumerate(keys):
            if key in COLUMNS or (key == "opening" and row[0] == 2026):
                row[place] = 3
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    flows = read_flows(csv_file(tmp_path, text))
    assert flows.opening == 3e8 and flows.contributions.tolist() == [3e8] * 3
    assert flows.returns is not None and flows.returns.tolist() == [0.03] * 3
    assert flows.base is not None and flows.volatility is not None


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_template__left_empty_says_so_once(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"flows.{suffix}"
    path.write_bytes(template_csv((2026, 2030)) if suffix == "csv" else template_workbook((2026, 2030)))
    assert [code for code, _ in codes_of(path)] == ["fund_no_rows"]


def test_template__offers_the_units_of_each_column() -> None:
    """The lists of the row of units, read from the sheet itself."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(template_workbook((2026, 2027)))) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert sheet.count("亿元,万元,元") == 6 and sheet.count("&quot;%,1&quot;") + sheet.count('"%,1"') == 2


def test_example__runs_as_it_stands(tmp_path: Path) -> None:
    flows = read_flows(csv_file(tmp_path, example_text()))
    assert flows.base is not None and flows.returns is not None and len(flows.given) >= 3
