"""Tables of a bureau: what the template asks for, that it reads back as filled, and what a bad cell is told as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simengine.basis.basis import load_basis
from simengine.basis.bureau import Bureau, read_bureau, template_files
from simengine.basis.bureau.grid import heading_key
from simengine.basis.bureau.rows import COVERED, LEVELS, NOT_ASKED, OBSERVATIONS, OBSERVED, OPENED, OPENING, ROWS, names
from simengine.basis.bureau.template import csv_bytes, template_rows
from simengine.basis.bureau.units import BASE, KINDS, UNITS, factor_of, meant_unit, template_unit
from simengine.common.errors import SimengineError, each_error, localised
from simengine.judge.checks.free_run import SERIES
from tests.helpers.bureau_tables import (
    Tables,
    column,
    copied,
    filled,
    place,
    put,
    rows_of,
    write_folder,
    write_workbook,
)

ANNOUNCED = {
    *("revenue", "resident_revenue", "resident_balance"),
    *("unemployment_balance", "unemployment_claimants", "injury_balance"),
}
"""Series a bureau may be asked for before the engine measures them."""


@pytest.fixture(scope="module")
def clean() -> Tables:
    return filled("jiangxi-2020")


def messages(tables: Tables, folder: Path, lang: Any = "en") -> list[str]:
    """Errors of tables, the folder taken out of their places."""
    with pytest.raises(SimengineError) as caught:
        read_bureau(write_folder(tables, folder))
    errors = each_error(caught.value)
    assert all(localised(error, "zh") for error in errors)
    return [localised(error, lang).replace(f"{folder}/", "") for error in errors]


def only(tables: Tables, folder: Path) -> str:
    """The only error of tables."""
    (found,) = messages(tables, folder)
    return found


# --- rows -------------------------------------------------------------------------------------------------------------


def test_observations__have_a_row_for_every_series_the_free_run_measures() -> None:
    asked = {row.key for row in OBSERVED}
    missing = set(SERIES) - asked - set(NOT_ASKED)
    assert not missing, (
        f"give these series a row in simengine/basis/bureau/rows.py or name them in NOT_ASKED: {missing}"
    )
    assert asked - set(SERIES) <= ANNOUNCED, "the engine measures none of these: remove the row"


def test_levels_and_opening__are_rows_of_the_packaged_bases() -> None:
    nation = load_basis("china-2020")
    assert {row.key for row in COVERED} <= set(nation.series_names())
    assert {row.key for row in OPENED} <= set(nation.openings)


def test_rows__carry_both_names_and_the_units_of_the_bases() -> None:
    nation = load_basis("china-2020")
    units = {(OBSERVATIONS, row["series"]): row["unit"] for row in rows_of(nation, "references")}
    units |= {(LEVELS, row["series"]): row["unit"] for row in rows_of(nation, "paths")}
    units |= {(OPENING, row["indicator"]): row["unit"] for row in rows_of(nation, "openings")}
    for table, rows in ROWS.items():
        assert len({row.key for row in rows}) == len(rows)
        for row in rows:
            assert row.name and row.english and row.kind in KINDS and row.rules, row.key
            assert units.get((table, row.key), BASE[row.kind]) == BASE[row.kind], row.key
            for rule in row.rules:
                assert 0.0 < rule.low < rule.high
                for factor in rule.yard:
                    own = factor.removeprefix("parent:").removeprefix("same:")
                    assert own in ("population", "wage") or own.isdigit() or own in names(), (row.key, factor)


# --- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "unit", "factor"),
    [
        ("heads", "万人", 1e4), ("heads", "人", 1.0), ("heads", "10k persons", 1e4), ("heads", "Persons", 1.0),
        ("flow", "亿元", 1e8), ("flow", "万元", 1e4), ("stock", "元", 1.0), ("stock", "100m yuan", 1e8),
        ("flow", "10k yuan", 1e4), ("stock", "yuan", 1.0),
        ("monthly", "元/月", 1.0), ("monthly", "元／月", 1.0), ("monthly", "yuan/month", 1.0),
        ("monthly", "元/年", 1.0 / 12.0), ("yearly", "元/年", 1.0), ("yearly", "元/月", 12.0),
        ("share", "%", 0.01), ("share", "1", 1.0),
    ],
)  # fmt: skip
def test_unit__has_its_factor_to_the_base_unit(kind: str, unit: str, factor: float) -> None:
    assert factor_of(kind, unit) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(("kind", "unit"), [("heads", "亿元"), ("flow", "万人"), ("monthly", "元"), ("heads", "")])
def test_unit__of_another_kind_is_none(kind: str, unit: str) -> None:
    assert factor_of(kind, unit) is None


def test_unit__of_the_template_is_the_one_of_yearbooks() -> None:
    assert [template_unit(kind) for kind in KINDS] == ["万人", "亿元", "亿元", "元/月", "元/年", "%"]
    assert meant_unit("flow", "亿元", 1e8) == "元"
    assert meant_unit("flow", "元", 1e-8) == "亿元"
    assert meant_unit("monthly", "yuan/month", 12.0) == "yuan/year"


# --- template and reading ---------------------------------------------------------------------------------------------


def test_template__is_one_csv_a_table_with_a_byte_order_mark_and_no_formula() -> None:
    files = template_files("mycity", (2015, 2024))
    assert {"about.csv", "observations.csv", "levels.csv", "opening.csv"} <= set(files)
    for name, content in files.items():
        if name.endswith(".csv"):
            assert content.startswith(b"\xef\xbb\xbf")
    for rows in template_rows("mycity", (2015, 2024)).values():
        cells = [str(cell) for row in rows for cell in row if cell is not None]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    header = [heading_key(str(cell)) for cell in template_rows("mycity", (2015, 2024))[OBSERVATIONS][0]]
    assert header[:4] == ["series", "name", "english", "unit"]
    assert header[4:14] == [str(year) for year in range(2015, 2025)]
    assert header[14:] == ["source", "evidence", "checked"]


def test_template__asks_only_for_what_is_measured() -> None:
    rows = template_rows("mycity", (2015, 2024), measured=["pensioners"])[OBSERVATIONS]
    assert [row[0] for row in rows[1:]] == ["pensioners"]


def expected(tables: Tables, table: str) -> dict[tuple[str, str], float]:
    """Figures of filled tables in base units, by row and column."""
    found = {}
    rows = tables[table]
    kinds = {row.key: row.kind for row in ROWS[table]}
    for row in rows[1:]:
        factor = UNITS[kinds[str(row[0])]][str(row[column(rows, "unit")])]
        for at, cell in enumerate(rows[0]):
            if (str(cell).isdigit() or heading_key(str(cell)) == "value") and row[at] is not None:
                found[str(row[0]), heading_key(str(cell))] = float(str(row[at])) * factor
    return found


def assert_as_filled(bureau: Bureau, tables: Tables) -> None:
    for table, figures in ((OBSERVATIONS, bureau.observations), (LEVELS, bureau.levels)):
        assert {(item.series, str(item.year)): item.value for item in figures} == pytest.approx(expected(tables, table))
    assert {(item.indicator, "value"): item.value for item in bureau.opening} == pytest.approx(
        expected(tables, OPENING)
    )
    assert bureau.about.region == "jiangxi"
    assert bureau.about.parent == "china-2020"
    assert bureau.about.base_year == 2020
    assert bureau.about.population == pytest.approx(45_188_635, rel=0.01)


def test_csv__reads_back_as_it_was_filled(clean: Tables, tmp_path: Path) -> None:
    bureau = read_bureau(write_folder(clean, tmp_path))
    assert_as_filled(bureau, clean)
    figure = next(item for item in bureau.observations if (item.series, item.year) == ("pensioners", 2024))
    assert figure.value == 4_203_000
    assert (figure.unit, figure.evidence) == ("persons", "secondary")
    assert figure.source
    assert figure.where == f"{tmp_path / 'observations.csv'}, line 3, column 2024"
    pension = next(item for item in bureau.opening if item.indicator == "average_enterprise_pension")
    assert (pension.value, pension.unit) == (2405.0, "yuan per month")


def test_workbook__reads_back_as_it_was_filled(clean: Tables, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    path = write_workbook(clean, tmp_path / "basis.xlsx")
    assert path.read_bytes() == write_workbook(clean, tmp_path / "again.xlsx").read_bytes()
    bureau = read_bureau(path)
    assert_as_filled(bureau, clean)
    figure = next(item for item in bureau.observations if (item.series, item.year) == ("members", 2010))
    assert figure.where == f"{path}, sheet observations, cell J2"


def test_workbook__names_sheet_and_cell_of_a_slip(clean: Tables, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "2010", 1_455_000)
    put(tables, LEVELS, "average_wage", "2012", "abc")
    path = write_workbook(tables, tmp_path / "basis.xlsx")
    with pytest.raises(SimengineError) as caught:
        read_bureau(path)
    places = [error.where.removeprefix(f"{path}, ") for error in each_error(caught.value)]
    assert sorted(places) == ["sheet levels, cell L2", "sheet observations, cell J3"]


def test_workbook__a_failed_formula_is_no_empty_cell(clean: Tables, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "basis.xlsx")
    for name, rows in clean.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name == OBSERVATIONS:
            sheet.write_formula(2, 9, "=1/0", None, "#DIV/0!")
    book.close()
    with pytest.raises(SimengineError, match="sheet observations, cell J3: the formula of the cell gives an error"):
        read_bureau(tmp_path / "basis.xlsx")


def test_workbook__that_is_none_is_told(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    (tmp_path / "basis.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(SimengineError, match="no workbook of that form"):
        read_bureau(tmp_path / "basis.xlsx")


def test_folder_and_workbook__both_filled_are_refused(clean: Tables, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    write_workbook(clean, tmp_path / "basis.xlsx")
    assert "both the CSV files and basis.xlsx are filled" in only(clean, tmp_path)


def test_workbook_filled_and_folder_named__is_told_to_name_the_workbook(clean: Tables, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    write_workbook(clean, tmp_path / "basis.xlsx")
    said = only(template_rows("jiangxi", (2005, 2024)), tmp_path)
    assert "no figure is filled in. If the workbook was filled, name it instead of the folder" in said


def test_gb18030__as_spreadsheets_save_it_is_read(clean: Tables, tmp_path: Path) -> None:
    for name, rows in clean.items():
        text = csv_bytes(rows).decode("utf-8-sig")
        (tmp_path / f"{name}.csv").write_bytes(text.encode("gb18030"))
    assert_as_filled(read_bureau(tmp_path), clean)


def test_file__in_another_encoding_is_told(clean: Tables, tmp_path: Path) -> None:
    write_folder(clean, tmp_path)
    text = csv_bytes(clean[LEVELS]).decode("utf-8-sig")
    (tmp_path / "levels.csv").write_bytes(text.encode("utf-16"))
    with pytest.raises(SimengineError, match=r"levels\.csv: the file is neither UTF-8 nor GB 18030"):
        read_bureau(tmp_path)


# --- cells ------------------------------------------------------------------------------------------------------------


def test_empty_cell__is_not_known_and_never_zero(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "2010", None)
    bureau = read_bureau(write_folder(tables, tmp_path))
    assert ("pensioners", 2010) not in {(item.series, item.year) for item in bureau.observations}
    assert all(item.value != 0.0 for item in bureau.observations)
    put(tables, OBSERVATIONS, "pensioners", "2010", 0)
    assert only(tables, tmp_path) == (
        "observations.csv, line 3, column 2010: pensioners is 0. An empty cell means not known; write 0 only where the "
        "figure is nought, and here it cannot be."
    )


@pytest.mark.parametrize("text", ["1,455", "约145", "145.5万", "—", "n/a", "nan", "1e308", "TRUE"])
def test_text_in_a_number_cell__is_told(clean: Tables, tmp_path: Path, text: str) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "2010", text)
    said = only(tables, tmp_path)
    assert said.startswith(f'observations.csv, line 3, column 2010: "{text}" is not a number that can stand here.')


def test_full_width_digits__are_digits(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    plain = {(item.series, item.year): item.value for item in read_bureau(write_folder(tables, tmp_path)).observations}
    known = plain["pensioners", 2010] / 1e4
    put(
        tables,
        OBSERVATIONS,
        "pensioners",
        "2010",
        f"{known:.10g}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
    )
    again = {(item.series, item.year): item.value for item in read_bureau(write_folder(tables, tmp_path)).observations}
    assert again["pensioners", 2010] == pytest.approx(plain["pensioners", 2010], rel=1e-9)


def test_negative_heads__are_told_and_negative_balances_are_not(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "balance", "2024", -902.3)
    read_bureau(write_folder(tables, tmp_path))
    put(tables, OBSERVATIONS, "pensioners", "2010", -145.5)
    assert "pensioners is -145.5, less than nought" in only(tables, tmp_path)


def test_unit__of_another_kind_is_told_with_what_is_allowed(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "unit", "亿元")
    said = only(tables, tmp_path)
    assert said.startswith('observations.csv, line 3, column unit: pensioners has the unit "亿元". Allowed: 万人, 人,')


def test_unknown_row__is_told_with_the_nearest(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    rows = tables[OBSERVATIONS]
    rows[place(rows, "pensioners")][0] = "pensionners"
    assert 'no row is called "pensionners". Did you mean "pensioners"?' in only(tables, tmp_path)
    rows[2][0] = "企业和机关事业单位离退休人员"
    assert 'Did you mean "pensioners"?' in only(tables, tmp_path)


def test_row_that_stands_twice__is_told_with_the_first(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    tables[OBSERVATIONS].append(list(tables[OBSERVATIONS][2]))
    line = len(tables[OBSERVATIONS])
    said = only(tables, tmp_path)
    assert said.startswith(
        f'observations.csv, line {line}, column series: "pensioners" stands twice; the first is row 3'
    )


def test_years__out_of_order_and_twice_are_told(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    header = tables[OBSERVATIONS][0]
    header[4], header[5] = header[5], header[4]
    assert "the column 2005 stands after 2006" in messages(tables, tmp_path)[0]
    header[4] = "2005"
    assert 'the column "2005" stands twice' in messages(tables, tmp_path)[0]


def test_column__unknown_missing_or_unnamed_is_told(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    at = column(tables[LEVELS], "source")
    tables[LEVELS][0][at] = "sorce"
    said = messages(tables, tmp_path)
    assert 'no column is called "sorce". Allowed' in said[0] and 'Did you mean "source"?' in said[0]
    assert 'the column "source" (来源) is missing' in said[1]
    tables[LEVELS][0][at] = None
    assert "a column with cells has no heading" in messages(tables, tmp_path)[0]


def test_source_and_evidence__are_demanded_of_filled_rows_alone(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    put(tables, OBSERVATIONS, "pensioners", "source", None)
    put(tables, OBSERVATIONS, "members", "evidence", "publishd")
    said = messages(tables, tmp_path)
    assert 'line 2, column evidence: the evidence of the row is "publishd"' in said[0]
    assert 'Did you mean "published"?' in said[0]
    assert "line 3, column source: pensioners has figures and no source" in said[1]


def test_about__tells_everything_that_lacks(clean: Tables, tmp_path: Path) -> None:
    tables = copied(clean)
    for key, value in {"region": "Jiang Xi", "parent": "chine-2020", "base_year": "2020年", "population": None}.items():
        put(tables, "about", key, "value", value)
    said = "\n".join(messages(tables, tmp_path))
    assert 'the key of a region is "Jiang Xi"' in said
    assert 'no basis is called "chine-2020"' in said and 'Did you mean "china-2020"?' in said
    assert '"2020年" is not a base year' in said
    assert '"population" is not filled in' in said
    (tmp_path / "about.csv").unlink()
    with pytest.raises(SimengineError, match='the table "about" is missing'):
        read_bureau(tmp_path)


def test_files__that_hold_no_table_are_told(clean: Tables, tmp_path: Path) -> None:
    with pytest.raises(SimengineError, match="there is no file"):
        read_bureau(tmp_path / "absent")
    (tmp_path / "text.txt").write_text("x", encoding="utf-8")
    with pytest.raises(SimengineError, match="not tables of a bureau"):
        read_bureau(tmp_path / "text.txt")
    folder = write_folder(clean, tmp_path / "tables")
    (folder / "observations.csv").rename(folder / "observation.csv")
    with pytest.raises(SimengineError, match=r'no table is called "observation".*Did you mean "observations"'):
        read_bureau(folder)


def test_row_split_by_a_comma__is_told(clean: Tables, tmp_path: Path) -> None:
    folder = write_folder(clean, tmp_path)
    lines = (folder / "levels.csv").read_text(encoding="utf-8-sig").splitlines()
    lines[1] += ",1,2"
    (folder / "levels.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SimengineError, match=r"levels\.csv, line 2: the row has more cells than the header"):
        read_bureau(folder)


def test_empty_template__says_that_nothing_is_filled_in(tmp_path: Path) -> None:
    tables = template_rows("mycity", (2015, 2024))
    for key, value in {"name_zh": "某市", "name_en": "City", "population": 300}.items():
        put(tables, "about", key, "value", value)
    assert "no figure is filled in" in only(tables, tmp_path)
