"""Remarks on the tables of a bureau: figures of another scope, one column off, members before a scheme existed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from simengine.basis.basis import basis_names
from simengine.basis.bureau.read import read_tables
from simengine.basis.bureau.remarks import find_remarks, spikes
from simengine.basis.bureau.rows import ABOUT, OBSERVATIONS
from simengine.basis.bureau.slips import find_slips
from simengine.basis.bureau.template import template_rows
from simengine.cli import main as cli
from simengine.law import load_law
from tests.helpers.bureau_tables import Tables, filled, put, write_folder

Figures = dict[str, dict[int, float]]

FUJIAN: Figures = {
    "expenditure": {2010: 188.50, 2019: 850.00, 2020: 888.31, 2021: 927.01},
    "revenue": {2010: 230.00, 2019: 960.00, 2020: 893.47, 2021: 1010.00},
    "balance": {2010: 250.00, 2019: 705.00, 2020: 710.16, 2021: 793.15},
    "pensioners": {2010: 105.0, 2019: 190.0, 2020: 197.0, 2021: 205.0},
    "resident_participants": {2010: 450.00, 2012: 1400.00, 2013: 1450.00, 2019: 1560.00, 2020: 1588.16, 2021: 1597.43},
}
"""Figures in 亿元 and 万人 in the manner of a yearbook; the balances are those of 705.00 + 893.47 - 888.31 = 710.16 and
710.16 + 1010.00 - 927.01 = 793.15."""


def tables_of(figures: Figures, checked: str = "") -> Tables:
    tables = template_rows("fujian", (2005, 2021))
    about = {"name_zh": "福建", "name_en": "Fujian", "parent": "china-2020", "base_year": 2020, "population": 4154}
    for key, value in about.items():
        put(tables, ABOUT, key, "value", value)
    for series, row in figures.items():
        for year, value in row.items():
            put(tables, OBSERVATIONS, series, str(year), value)
        put(tables, OBSERVATIONS, series, "source", "yearbook")
        put(tables, OBSERVATIONS, series, "evidence", "published")
        put(tables, OBSERVATIONS, series, "checked", checked)
    return tables


def said(tables: Tables, folder: Path) -> list[str]:
    reading = read_tables(write_folder(tables, folder))
    assert reading.errors == []
    assert find_slips(reading) == []  # remarks, not errors
    found = find_remarks(reading)
    assert all(remark.zh and remark.zh != remark.en for remark in found)
    return [remark.en.replace(f"{folder}/", "") for remark in found]


def changed(series: str, year: int, value: float) -> Figures:
    return {**FUJIAN, series: FUJIAN[series] | {year: value}}


def test_right_table__stays_without_remark(tmp_path: Path) -> None:
    assert said(tables_of(FUJIAN), tmp_path) == []


@pytest.mark.parametrize("name", basis_names())
def test_printed_figures_of_the_bases__part_by_known_transfers_alone(name: str, tmp_path: Path) -> None:
    """2012: the urban scheme joins that of the countryside; 2019: 100 bn yuan leave the unemployment fund."""
    found = said(filled(name, 1992), tmp_path)
    known = ["residents' pension fund 2012", "unemployment fund 2019"] if name == "china-2020" else []
    assert len(found) == len(known), found
    for remark, words in zip(found, known, strict=True):
        assert f"Balance of the {words}" in remark


def test_enterprise_scheme_alone__is_told_by_growth_and_balance(tmp_path: Path) -> None:
    """705.00 + 893.47 - 532.89 = 1065.58, 355.42 above the balance: 40 % of the revenue."""
    growth, balance = said(tables_of(changed("expenditure", 2020, 532.89)), tmp_path)
    assert "column 2020: Expenditure of the employees' pension funds 2020, 532.89 亿元, is only 0.6" in growth
    assert "balance before + revenue - expenditure give 1065.58, -355.42 apart (40% of the larger flow)" in balance


def test_transfers__part_the_balance(tmp_path: Path) -> None:
    """793.15 - 140.80 = 652.35: 14 % of the revenue of 1010."""
    found = said(tables_of(changed("balance", 2021, 652.35)), tmp_path)
    assert len(found) == 1
    assert "2021 is 652.35 亿元" in found[0]
    assert "give 793.15, -140.80 apart (14% of the larger flow)" in found[0]


def test_two_more_figures_of_another_scope(tmp_path: Path) -> None:
    pensioners = said(tables_of(changed("pensioners", 2020, 140.0)), tmp_path / "a")
    assert any("Pensioners of the employees' pensions 2020, 140.0 万人, is only 0.7" in line for line in pensioners)
    # the last column of a row has one neighbour: 2400 over 1588.16 is 1.51
    members = said(tables_of(changed("resident_participants", 2021, 2400.0)), tmp_path / "b")
    assert any("2021, 2400.0 万人, is 1.51 times" in line for line in members)


def test_figure_one_column_off__is_told_where_the_neighbour_has_it_too(tmp_path: Path) -> None:
    (twice,) = said(tables_of(changed("resident_participants", 2020, 1597.43)), tmp_path)
    assert "column 2020: Participants of residents' pensions 2020 and 2021 are both 1597.43 万人" in twice


def test_figure_published_for_the_year_beside__is_told(tmp_path: Path) -> None:
    tables = filled("china-2020", 2005)
    before = said(tables, tmp_path / "b")
    rows = tables[OBSERVATIONS]
    row = next(line for line in rows if line[0] == "expenditure")
    first = next(place for place in range(4, 20) if row[place] is not None and row[place + 1] is not None)
    row[first], row[first + 1] = row[first + 1], None
    found = [line for line in said(tables, tmp_path / "c") if line not in before and "published for" in line]
    assert len(found) == 1
    assert f"is the figure published for {rows[0][first + 1]}" in found[0]


def test_members_before_the_scheme__are_told_by_the_dates_of_the_law(tmp_path: Path) -> None:
    first = min(entry.date for entry in load_law()["resident/scheme_share_in_force"].national if entry.value)
    assert first == datetime.date(2009, 9, 1)
    (before,) = said(tables_of(changed("resident_participants", 2008, 300.0)), tmp_path / "a")
    assert "2008 is 300.0 万人, but the scheme began on 2009-09-01" in before
    assert said(tables_of(changed("resident_participants", 2009, 150.0)), tmp_path / "b") == []
    (pilot,) = said(tables_of(changed("resident_participants", 2010, 1588.16)), tmp_path / "c")
    assert "is as large as in 2012, but the scheme ran in 23% of the counties only" in pilot


def test_checked_rows__are_not_remarked(tmp_path: Path) -> None:
    assert said(tables_of(changed("expenditure", 2020, 532.89), checked="yes"), tmp_path) == []


def test_validate__prints_remarks_and_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tables_of(changed("expenditure", 2020, 532.89)), tmp_path)
    for lang, words in (("en", "Another scope"), ("zh", "口径")):
        assert cli.execute(["validate", str(folder), "--lang", lang]) == cli.DONE
        assert words in capsys.readouterr().err


def test_spikes__blame_the_odd_year_and_not_its_neighbours() -> None:
    assert spikes({2018: 1.0, 2019: 0.5, 2020: 1.0}) == {2019: pytest.approx(0.5)}
    assert spikes({2018: 1.0, 2019: 1.2, 2020: 1.44}) == {}
    assert spikes({2018: 1.0, 2019: 1.0, 2020: 1.6}) == {2020: pytest.approx(1.6)}
    assert spikes({2018: 1.0, 2019: 2.0}) == {}  # two figures alone do not say which is odd
