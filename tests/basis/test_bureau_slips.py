"""Slips of unit and of the decimal point in the tables of a bureau: each kind, how many are caught, no false alarm."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from simengine.basis.basis import basis_names
from simengine.basis.bureau import read_bureau
from simengine.basis.bureau.jumps import find_jumps
from simengine.basis.bureau.read import read_tables
from simengine.basis.bureau.rows import ABOUT, LEVELS, OBSERVATIONS, OPENING
from simengine.basis.bureau.scale import Scale, between
from simengine.basis.bureau.slips import find_slips
from simengine.common.errors import localised
from tests.helpers.bureau_slips import Slip, inject, told
from tests.helpers.bureau_tables import Tables, copied, filled, put, take, write_folder
from tests.helpers.note_tables import assert_printed, note_tables

REGIONS = ("china-2020", "jiangxi-2020")
SLIPS = 200
CAUGHT = 0.95


@pytest.fixture(scope="module")
def clean() -> dict[str, Tables]:
    return {name: filled(name) for name in REGIONS}


def slips(tables: Tables, folder: Path) -> list[str]:
    """What is told of tables, the folder taken out of the places."""
    reading = read_tables(write_folder(tables, folder))
    assert reading.errors == []
    found = find_slips(reading)
    assert all(localised(error, "zh") for error in found)
    return [localised(error, "en").replace(f"{folder}/", "") for error in found]


# --- how many are caught ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [1992, 2005, 2015])
@pytest.mark.parametrize("name", basis_names())
def test_clean_tables__raise_no_alarm(name: str, first: int, tmp_path: Path) -> None:
    assert slips(filled(name, first), tmp_path) == []
    read_bureau(tmp_path)


@pytest.mark.parametrize("seed", [20261122, 7])
def test_injected_slips__are_told_with_their_cell(seed: int, clean: dict[str, Tables], tmp_path: Path) -> None:
    chance = random.Random(seed)
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    named: Counter[str] = Counter()
    missed: list[tuple[str, Slip]] = []
    for number in range(SLIPS):
        region = REGIONS[number % len(REGIONS)]
        tables, slip = inject(clean[region], chance)
        any_told, cell_named = told(tables, slip, tmp_path / "tables")
        tried[slip.kind] += 1
        caught[slip.kind] += any_told
        named[slip.kind] += cell_named
        if not any_told:
            missed.append((region, slip))
    print(f"\n{caught.total()} of {SLIPS} slips told, {named.total()} with their cell")
    for kind in sorted(tried):
        print(f"  {kind}: {caught[kind]} of {tried[kind]}, {named[kind]} with their cell")
    for region, slip in missed:
        print(f"  missed: {region}, {slip.table}, {slip.row}, {slip.column}, {slip.what}")
    assert named.total() >= CAUGHT * SLIPS


# --- each kind --------------------------------------------------------------------------------------------------------


def test_persons_under_10k_persons__name_the_cell_and_the_unit(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    put(tables, OBSERVATIONS, "pensioners", "2010", 1_455_000)
    assert slips(tables, tmp_path) == [
        "observations.csv, line 3, column 2010: Pensioners of the employees' pensions, 2010: 1455000 万人 is 322 times "
        "residents. Allowed: 0.001 to 0.4 times; write yes into checked if it is right. It looks like a figure in 人 "
        "under the unit 万人; correct the number or the unit."
    ]


def test_slip__is_told_in_chinese(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    put(tables, OBSERVATIONS, "pensioners", "2010", 1_455_000)
    (found,) = find_slips(read_tables(write_folder(tables, tmp_path)))
    assert localised(found, "zh").replace(f"{tmp_path}/", "") == (
        "observations.csv第3行2010列：企业和机关事业单位离退休人员（2010年）：1455000万人，"
        "为常住人口的322倍；允许：0.001至0.4倍；确实无误请在已核对栏写yes；像是以人计的数填在了单位万人之下；请更正数值或单位。"
    )


def test_whole_row_in_another_unit__is_one_error_at_its_unit(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["china-2020"])
    put(tables, OBSERVATIONS, "expenditure", "unit", "万元")
    (said,) = slips(tables, tmp_path)
    assert said.startswith("observations.csv, line 14, column unit: Expenditure of the employees' pension funds: every")
    assert said.endswith("It looks like a figure in 亿元 under the unit 万元; correct the number or the unit.")


@pytest.mark.parametrize(
    ("table", "series", "year", "factor", "said"),
    [
        (LEVELS, "average_wage", "2015", 12.0, "It looks like a figure in 元/年 under the unit 元/月"),
        (LEVELS, "resident_contribution", "2020", 1.0 / 12.0, "It looks like a figure in 元/月 under the unit 元/年"),
        (OBSERVATIONS, "mean_enterprise_pension", "2015", 12.0, "in 元/年 under the unit 元/月"),
        (OBSERVATIONS, "balance", "2010", 1e8, "in 元 under the unit 亿元"),
        (OBSERVATIONS, "contributions", "2012", 1e4, "in 万元 under the unit 亿元"),
        (OBSERVATIONS, "members", "2011", 10.0, "It looks about 10 times too large"),
        (OBSERVATIONS, "unemployment_expenditure", "2018", 0.1, "It looks about 10 times too small"),
        (OPENING, "fund_balance_resident", "value", 1e4, "in 万元 under the unit 亿元"),
        (OPENING, "resident_paying_share", "value", 0.01, "in 1 under the unit %"),
    ],
)
def test_cell__off_by_a_unit_or_a_decimal_point(
    table: str, series: str, year: str, factor: float, said: str, clean: dict[str, Tables], tmp_path: Path
) -> None:
    tables = copied(clean["china-2020"])
    put(tables, table, series, year, take(tables, table, series, year) * factor)
    (found,) = slips(tables, tmp_path)
    assert f"column {year}:" in found
    assert said in found


def test_part_that_does_not_add_up__is_the_one_a_slip_explains(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    for year in ("2005", "2008", "2010", "2024"):
        put(tables, OBSERVATIONS, "pensioners", year, take(tables, OBSERVATIONS, "pensioners", year) / 10.0)
    said = slips(tables, tmp_path)
    assert said
    assert all(text.startswith("observations.csv, line 3,") for text in said)


def test_population_in_the_wrong_unit__is_told_at_its_own_cell(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    put(tables, ABOUT, "population", "unit", "人")
    (said,) = slips(tables, tmp_path)
    assert said.startswith("about.csv, line 7, column value: the population is")
    assert said.endswith("It looks about 10000 times too small; check the decimal point and the unit.")


def test_population_ten_times_too_large__is_told(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    put(tables, ABOUT, "population", "value", take(tables, ABOUT, "population", "value") * 10.0)
    (said,) = slips(tables, tmp_path)
    assert said.startswith("about.csv, line 7, column value: the population is 452_")
    assert "It looks about 10 times too large" in said


def test_row_vouched_for__is_not_judged(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["jiangxi-2020"])
    put(tables, OBSERVATIONS, "mean_enterprise_pension", "2020", 24_050)
    put(tables, OPENING, "average_enterprise_pension", "value", None)
    assert len(slips(tables, tmp_path)) == 1
    put(tables, OBSERVATIONS, "mean_enterprise_pension", "checked", "是")
    assert slips(tables, tmp_path) == []


def test_several_slips__are_told_together(clean: dict[str, Tables], tmp_path: Path) -> None:
    tables = copied(clean["china-2020"])
    put(tables, OBSERVATIONS, "members", "2012", 229_810_000)
    put(tables, LEVELS, "average_wage", "2018", 88_000)
    put(tables, OPENING, "occupational_annuity", "value", 1_290_000_000_000)
    assert sorted(text.split(": ")[0] for text in slips(tables, tmp_path)) == [
        "levels.csv, line 2, column 2018",
        "observations.csv, line 2, column 2012",
        "opening.csv, line 29, column value",
    ]


def test_worked_example__of_the_note(clean: dict[str, Tables], tmp_path: Path) -> None:
    (rows,) = note_tables("bureau", "5.")
    where = {
        "pensioners 2010": (OBSERVATIONS, "pensioners", "2010"),
        "mean pension 2020": (OBSERVATIONS, "mean_enterprise_pension", "2020"),
    }
    for row in rows:
        table, series, year = where[row["cell"]]
        entered, unit = row["entered"].split()
        tables = copied(clean["jiangxi-2020"])
        put(tables, OPENING, "average_enterprise_pension", "value", None)
        put(tables, table, series, year, float(entered))
        reading = read_tables(write_folder(tables, tmp_path))
        line = next(line for line in reading.lines if (line.table, line.row.key) == (table, series))
        value = line.figures[int(year)][0]
        assert_printed(row["base units"], value, row["cell"])
        scale = Scale(reading.about.population, "china-2020")
        scale.learn("average_wage", next(x for x in reading.lines if x.row.key == "average_wage").plain)
        rule = line.row.rules[0]
        assert rule.yard == ({"residents": "population", "wage": "wage"}[row["held against"]],)
        assert_printed(row["ratio"], value / (scale.yard(rule.yard, int(year)) or 0.0), row["cell"])
        assert row["bounds"] == f"{rule.low:g} to {rule.high:g}"
        said = [localised(error, "en") for error in find_slips(reading)]
        if row["told"] == "nothing":
            assert said == []
        else:
            meant, under = row["told"].split(" under ")
            assert under == unit
            assert f"It looks like a figure in {meant} under the unit {under}" in "".join(said)


# --- parts ------------------------------------------------------------------------------------------------------------


def test_jump__takes_out_the_odd_one_and_not_its_neighbours() -> None:
    row = {2015: 100.0, 2016: 108.0, 2017: 1170.0, 2018: 126.0, 2019: 136.0}
    assert list(find_jumps(row, "flow", 0, {})) == [2017]
    assert list(find_jumps({**row, 2017: 117.0}, "flow", 0, {})) == []
    assert list(find_jumps({2015: 1000.0, 2016: 108.0, 2017: 117.0}, "flow", 0, {})) == [2015]


def test_jump__between_two_figures_alone_takes_the_one_farther_from_its_range() -> None:
    assert list(find_jumps({2015: 100.0, 2016: 1000.0}, "flow", 0, {2015: 2.0, 2016: 0.1})) == [2015]
    assert list(find_jumps({2015: 100.0, 2016: 1000.0}, "flow", 0, {2015: 0.1, 2016: 2.0})) == [2016]


def test_jump__growth_over_many_years_is_none() -> None:
    assert find_jumps({2005: 68.6, 2024: 1557.2}, "flow", 0, {}) == {}
    assert find_jumps({2009: 1100.0, 2010: 7414.0, 2011: 24_422.0}, "heads", 2012, {}) == {}


def test_between__is_a_straight_line_of_logarithms_and_reaches_only_so_far() -> None:
    assert between({2010: 100.0, 2014: 1600.0}, 2012, 3) == pytest.approx(400.0)
    assert between({2010: 100.0}, 2013, 3) == 100.0
    assert between({2010: 100.0}, 2014, 3) is None
    assert between({}, 2014, 3) is None


def test_scale__carries_a_known_wage_by_the_growth_of_the_basis_borrowed_from() -> None:
    scale = Scale(45e6, "china-2020")
    lent = {year: scale.yard(("wage",), year) for year in (2015, 2020)}
    scale.learn("average_wage", {2020: 0.8 * (lent[2020] or 0.0)})
    assert scale.yard(("wage",), 2015) == pytest.approx(0.8 * (lent[2015] or 0.0))
    assert scale.yard(("population", "12"), 2015) == 540e6
    assert scale.yard(("pensioners",), 2015) is None
