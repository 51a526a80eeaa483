"""Slips of digits, scope and year among entered actuals of Xuzhou: found before the run, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from simengine.common.errors import SimengineError, each_error, localised
from simengine.engine.actuals import settle
from simengine.engine.actuals.items import item_key, meant_item
from simengine.engine.actuals.names import last_day
from simengine.engine.what_if import what_if
from simengine.law import load_law
from tests.helpers.actual_tables import scenario_with, table
from tests.helpers.chinese import english_in

YEARS = "2021,2022,2023,2024"


def told(folder: Path, *rows: str, years: str = YEARS) -> list[SimengineError]:
    """What a table of Xuzhou is refused for; nothing where it is taken."""
    try:
        settle(scenario_with("xuzhou/baseline", folder, years, *rows))
    except SimengineError as error:
        return each_error(error)
    return []


SLIPS = {
    # 84.9 at the opening; 91.5 lies between 88.2 and 94.9
    "two digits": ("unemployment_insured,,万人,88.2,19.5,94.9,97.2,s,,{},", "2022", "91.5"),
    "two digits at the end": ("unemployment_insured,,万人,88.2,91.5,94.9,79.2,s,,{},", "2024", "97.2"),
    "point at the end": ("unemployment_insured,,万人,88.2,91.5,94.9,978,s,,{},", "2024", "97.8"),
    "point in a total": ("pension_participants,,万人,360.1,363.5,366.2,36.9,s,,{},", "2024", "369"),
    "point in an area": ("unemployment_insured,沛县,万人,7.1,,70.6,,s,,{},", "2023", "7.06"),  # 6.9 at the opening
    "point, not digits": ("unemployment_insured,沛县,万人,70,,,,s,,{},", "2021", "7"),  # and not 07
    "point of one alone": ("injury_insured,,万人,,,1102.5,,s,,{},", "2023", "110.25"),  # 102.11 at the opening
    "point in a share": ("registered_unemployment_rate,,%,1.8,1.9,18.5,1.8,s,,{},", "2023", "1.85"),
}
"""What is wrong -> row with a place for `checked`, the year it is wrong in, and the figure that is meant."""


@pytest.mark.parametrize("name", SLIPS)
def test_slip_of_digits__is_told_at_its_cell_with_what_is_meant(name: str, tmp_path: Path) -> None:
    row, year, meant = SLIPS[name]
    (error,) = told(tmp_path, row.format(""))
    assert error.code == "actual_jump" and error.where.endswith(f"own.csv, line 2, column {year}")
    english, chinese = localised(error, "en"), localised(error, "zh")
    assert f": {meant}." in english and f"：{meant}" in chinese
    assert f"第2行{year}列" in chinese and not english_in(chinese.replace(str(tmp_path), ""))
    assert not told(tmp_path, row.format("yes"))


def test_whole_row__ten_times_too_large_is_told_in_every_cell(tmp_path: Path) -> None:
    found = told(tmp_path, "unemployment_insured,,万人,882,915,949,972,s,,,")
    assert [error.where[-4:] for error in found] == YEARS.split(",")


def test_true_figures__of_a_bureau_are_taken(tmp_path: Path) -> None:
    rows = (
        "unemployment_insured,,万人,88.2,91.5,94.9,97.2,s,,,", "injury_insured,,万人,105,107.5,110.25,113,s,,,",
        "pension_participants,,万人,360.1,363.5,366.2,369.0,s,,,", "minimum_wage,,元/月,2280,2280,2280,2490,s,,,",
        "registered_unemployment_rate,,%,1.8,3.5,1.7,2.4,s,,,",
    )  # fmt: skip
    assert not told(tmp_path, *rows)


def test_zero__is_not_taken_for_unknown(tmp_path: Path) -> None:
    (error,) = told(tmp_path, "unemployment_insured,,万人,0,,,,s,,,")
    assert (
        error.code == "actual_zero" and "84.9 万人" in localised(error, "en") and "84.9 万人" in localised(error, "zh")
    )


def test_slip_of_unit__names_both_figures_in_the_unit_that_is_written(tmp_path: Path) -> None:
    (error,) = told(tmp_path, "pension_participants,,万人,3601000,,,,s,,,")
    for lang in ("en", "zh"):
        said = localised(error, lang)  # type: ignore[arg-type]
        assert "3,601,000 万人" in said.replace("3.601e+06", "3,601,000") and "356.95 万人" in said


# --- scope ------------------------------------------------------------------------------------------------------------


def test_scope__of_a_figure_with_pensioners_is_recognised_once_for_a_row(tmp_path: Path) -> None:
    """356.95万 without and 545.10万 with 46.24 + 141.91万 who draw at the opening."""
    (error,) = told(tmp_path, "pension_participants,,万人,545,552,558,564,s,,,")
    assert error.code == "actual_scope_with"
    english, chinese = localised(error, "en"), localised(error, "zh")
    assert "2021, 2022, 2023, 2024" in english and "545.103 万人" in english and "356.95 万人" in english
    assert "with pensioners" in english and "含离退休和领取待遇人员" in chinese
    key = "pension_participants.all_participants"
    assert key in english and key in chinese
    assert not told(tmp_path, f"{key},,万人,545,552,558,564,s,,,")
    assert not told(tmp_path, "pension_participants,,万人,545,552,558,564,s,,yes,")


SCOPES = {
    "pension_participants.all_participants,,万人,360,,,,s,,,": "actual_scope_without",  # 544.65 with, 356.95 without
    "resident_participants,,万人,253,,,,s,,,": "actual_scope_without",  # 394.89 with, 252.20 without
    "resident_registered,,万人,396,,,,s,,,": "actual_scope_with",
    "uebps_participants,,万人,106,,,,s,,,": "actual_scope_working",  # 149.76 with, 104.75 without
}


@pytest.mark.parametrize("row", SCOPES)
def test_scope__of_every_total_is_recognised(row: str, tmp_path: Path) -> None:
    (error,) = told(tmp_path, row)
    assert error.code == SCOPES[row]
    assert not english_in(localised(error, "zh").replace(str(tmp_path), ""))


# --- years ------------------------------------------------------------------------------------------------------------


def test_period__that_has_not_ended_is_refused_with_the_way_to_state_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2027, 1, 1))
    row = "unemployment_insured,,万人,100,101,,s,,,"
    assert not told(tmp_path, row, years="2025,2026,2027")
    (error,) = told(tmp_path, row.replace("101,,s", "101,102,s"), years="2025,2026,2027")
    assert error.code == "actual_ahead" and error.where.endswith("column 2027")
    assert "--set unemployment_insured=" in localised(error, "en") and "杠杆" in localised(error, "zh")


def test_last_day__is_that_of_the_clock_or_of_the_review_of_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed = load_law().information_date
    assert reviewed is not None
    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2000, 1, 1))
    assert last_day() == reviewed
    monkeypatch.setattr("simengine.engine.actuals.names.today", lambda: date(2100, 1, 1))
    assert last_day() == date(2100, 1, 1)


# --- names ------------------------------------------------------------------------------------------------------------


def test_names__that_the_template_prints_are_items() -> None:
    from simengine.engine.actuals.template import basis_of, template_items

    items = list(template_items(basis_of("xuzhou")))
    for key, zh, en, _, _ in items:
        for name in (zh, en):
            measure = item_key(name).partition(".")[0]
            twins = [other for other, *names, _, _ in items if name in names]
            assert measure == key or (len(set(twins)) > 1 and measure in twins), name
    assert item_key("基本养老保险参保人数") == "pension_participants"
    assert meant_item("pension_members", ()) == "pension_participants"


def test_areas__by_short_name_others_passed_over_and_no_far_fetched_suggestion(tmp_path: Path) -> None:
    own = "unemployment_insured,徐州,万人,88.2,,,,s,,,"
    assert not told(tmp_path, own, "unemployment_insured,江西,万人,300,,,,s,,,")
    path = table(tmp_path, YEARS, own, "unemployment_insured,江西,万人,300,,,,s,,,")
    settled = settle(what_if("xuzhou/baseline", actuals=[path]))
    assert [row.region for row in settled.rows] == ["xuzhou"]
    assert any("1 figures of other regions" in each.en and "1个其他地区" in each.zh for each in settled.remarks)
    (error,) = told(tmp_path, own, "unemployment_insured,杭州市,万人,300,,,,s,,,")
    assert error.code == "actual_area" and error.where.endswith("line 3, column area")
    assert error.near == "" and "邳州市" in error.parts("zh")[1]
    (error,) = told(tmp_path, "unemployment_insured,xuzhou_peixan,万人,7,,,,s,,,")
    assert error.near == "xuzhou_peixian"
