"""The table of actuals: as a bureau saves it, in every form, with every mistake of form at its cell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from simengine.basis.bureau.actuals import read_actuals, template_files, template_rows
from simengine.basis.bureau.template import workbook_bytes
from simengine.common.errors import BasisError, localised
from simengine.common.messages import LANGUAGES, Language
from tests.helpers.chinese import english_in

ITEMS = [("unemployment_insured", "失业保险参保人数", "People insured", "", "万人")]
PLAIN = "item,unit,2021,2022,source\nunemployment_insured,万人,88.2,,某局\nXZ-14-05,万人,105,107.5,某局\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A CSV with a text."""
    path = folder / "own.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_table__is_read_as_a_spreadsheet_saves_it(encoding: str, tmp_path: Path) -> None:
    found, errors = read_actuals(written(tmp_path, PLAIN, encoding), "own")
    assert not errors
    assert [(one.item, one.when, one.value, one.unit, one.source) for one in found] == [
        ("unemployment_insured", "2021", 88.2, "万人", "某局"),
        ("XZ-14-05", "2021", 105.0, "万人", "某局"),
        ("XZ-14-05", "2022", 107.5, "万人", "某局"),
    ]
    assert found[0].where.endswith("own.csv, line 2, column 2021") and found[0].evidence == "published"


def test_headings__are_known_in_chinese_and_months_are_months(tmp_path: Path) -> None:
    text = "项目,地区,单位,2021年,2022年8月,来源,用途,已核对\nx,沛县,人,1,2,s,比较,是\n"
    found, errors = read_actuals(written(tmp_path, text), "own")
    assert not errors
    assert [(one.year, one.month, one.area, one.compared, one.checked) for one in found] == [
        (2021, None, "沛县", True, True),
        (2022, 8, "沛县", True, True),
    ]


def test_workbook__is_read_by_its_sheet(tmp_path: Path) -> None:
    rows = template_rows(ITEMS, (2021, 2022))
    rows[1][5], rows[1][7] = 88.2, "某局"
    path = tmp_path / "own.xlsx"
    path.write_bytes(workbook_bytes({"actuals": rows}, (), fixed=4))
    (one,), errors = read_actuals(path, "own")
    assert not errors and one.value == 88.2 and one.where.endswith("own.xlsx, sheet actuals, cell F2")


def test_template__is_empty_and_says_so_when_it_is_read(tmp_path: Path) -> None:
    files = template_files(ITEMS, (2021, 2024))
    assert set(files) == {"actuals.csv", "actuals.xlsx"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        found, (error,) = read_actuals(tmp_path / name, "own")
        assert not found and error.code == "actuals_empty"


FORMS = {
    "actual_unnamed": "item,unit,2022,source\n,万人,1,s\n",
    "actual_source": "item,unit,2022,source\nx,万人,1,\n",
    "actual_use": "item,unit,2022,source,use\nx,万人,1,s,maybe\n",
    "actuals_empty": "item,unit,2022,source\nx,万人,,s\n",
    "bureau_evidence": "item,unit,2022,source,evidence\nx,万人,1,s,sure\n",
    "bureau_checked": "item,unit,2022,source,checked\nx,万人,1,s,maybe\n",
    "bureau_number": 'item,unit,2022,source\nx,万人,"1,000",s\n',
    "bureau_column_missing": "item,unit,2022\nx,万人,1\n",
    "bureau_column_unknown": "item,unit,2022,source,2022-13\nx,万人,1,s,2\n",
    "bureau_years_order": "item,unit,2022,2021,source\nx,万人,1,2,s\n",
    "bureau_no_year": "item,unit,source\nx,万人,s\n",
    "file_empty": "",
}


@pytest.mark.parametrize("code", FORMS)
def test_mistake_of_form__is_told_at_its_place_in_both_languages(code: str, tmp_path: Path) -> None:
    _, errors = read_actuals(written(tmp_path, FORMS[code]), "own")
    assert code in [error.code for error in errors]
    for error in errors:
        assert "own.csv" in error.where and not english_in(localised(error, "zh").replace(str(tmp_path), ""))


def test_file__of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("x", encoding="utf-8")
    assert read_actuals(path, "own")[1][0].code == "actuals_path"
    assert read_actuals(tmp_path / "none.csv", "own")[1][0].code == "file_absent"


PERIODS = (
    "Aug-24",
    "August 2024",
    "202408",
    "2024-08-01",
    "2024/8/1",
    "2024-08-01 00:00:00",
    "2024年8月31日",
    "２０２４年８月",
)


@pytest.mark.parametrize("heading", PERIODS)
def test_month__in_every_form_that_a_spreadsheet_makes_of_it(heading: str, tmp_path: Path) -> None:
    (one,), errors = read_actuals(written(tmp_path, f"item,unit,{heading},source\nx,万人,１２．５,s\n"), "own")
    assert not errors and (one.year, one.month, one.value) == (2024, 8, 12.5)
    assert one.where.endswith("column 2024-08")


def test_month__as_a_date_of_a_workbook(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "own.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, month = book.add_worksheet("actuals"), book.add_format({"num_format": "mmm-yy"})
        for place, text in enumerate(("item", "unit", "", "source")):
            sheet.write(0, place, text)
            sheet.write(1, place, ("x", "万人", 12.5, "s")[place])
        sheet.write_datetime(0, 2, datetime(2024, 8, 1), month)
    (one,), errors = read_actuals(path, "own")
    assert not errors and (one.year, one.month, one.value) == (2024, 8, 12.5)


def test_headings__in_other_words_are_taken_and_near_ones_suggested(tmp_path: Path) -> None:
    text = "指标,区县,计量单位,2022,数据来源\nx,沛县,万人,1,s\n"
    (one,), errors = read_actuals(written(tmp_path, text), "own")
    assert not errors and (one.item, one.area, one.unit, one.source) == ("x", "沛县", "万人", "s")
    _, errors = read_actuals(written(tmp_path, "item,unit,2022,source,已核对过,aera\nx,万人,1,s,,\n"), "own")
    assert [error.near for error in errors] == ["已核对", "area"]
    assert "2022-08" in errors[0].allowed


@pytest.mark.parametrize(("lang", "place"), [("en", "own.csv, line 2, column unit"), ("zh", "own.csv第2行unit列")])
def test_place__is_said_in_the_language_of_the_message(lang: Language, place: str) -> None:
    assert place in localised(BasisError("actual_source", where="own.csv, line 2, column unit", name="x"), lang)


def test_column_missing__names_the_template_of_the_region(tmp_path: Path) -> None:
    _, (error,) = read_actuals(written(tmp_path, FORMS["bureau_column_missing"]), "own", "xuzhou")
    for lang in LANGUAGES:
        assert "simengine template actuals --region xuzhou" in localised(error, lang)


def test_file__that_is_empty_or_no_workbook_is_told_in_words(tmp_path: Path) -> None:
    for name, content, code in (
        ("a.csv", "", "file_empty"),
        ("a.xlsx", "", "file_empty"),
        ("a.xlsx", PLAIN, "workbook_other"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (error,) = read_actuals(tmp_path / name, "own")[1]
        assert (
            error.code == code
            and "zip" not in localised(error, "en")
            and not english_in(localised(error, "zh").replace(str(tmp_path), ""))
        )
