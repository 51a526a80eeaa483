"""The plan monitor: rows that no engine models, kinds of rows, bases, ranks, the table of the offices, and refusals."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import simengine
from simengine.common.errors import SimengineError, each_error
from simengine.common.messages import LANGUAGES
from simengine.engine.actuals import names
from simengine.judge.monitor import Monitor, expansion, frames, tracked
from simengine.judge.monitor.review import DAY
from simengine.judge.monitor.words import words
from tests.helpers.chinese import CHINESE, english_in

HEAD = """\
common:
  region: zhejiang
  unit: 万人
  record_kind: target
  document: P
  plan: {period: "2021-2025", start: 2021, end: 2025}
  source: {text: invented}
targets:
"""
CARDS = 'base: {year: 2020, printed: "80"}, target: {year: 2025, operator: ">=", printed: "100"}'
ROWS = f"""\
- {{id: CARDS, indicator: card_holders, name: {{en: Cards, local: 社会保障卡持卡人数}}, {CARDS}}}
- {{id: AGAIN, indicator: card_holders, duplicate_of: CARDS, {CARDS}}}
- {{id: FALL, indicator: registered_unemp_rate, unit: "%", base: {{year: 2020, printed: "5.0"}},
   target: {{year: 2025, operator: "<=", printed: "3.0"}}}}
- {{id: SHARE, indicator: ecard_coverage, unit: "%", base: {{year: 2020, printed: "40"}},
   target: {{year: 2025, operator: ">=", printed: "90"}}}}
- {{id: HOLD, indicator: surveyed_unemp_rate, unit: "%", base: {{year: 2020, printed: "3.2"}},
   target: {{year: 2025, operator: "<", printed: "4.5"}}}}
- {{id: YEAR, indicator: benefit_normalisation, unit: year, target: {{year: 2023, operator: "<=", printed: "2023"}}}}
- {{id: DONE, indicator: prevention_publicity, unit: "1", target: {{year: 2025, operator: "=", printed: "1"}}}}
- {{id: SUM, indicator: new_urban_jobs, cumulative: true, base: {{year: 2020, printed: "30"}},
   target: {{year: 2025, operator: ">=", printed: "50"}}}}
- {{id: SILENT, indicator: card3_issued, unit: 万张, base: {{year: 2020, printed: "10"}},
   target: {{year: 2025, operator: ">=", printed: "20"}}}}
- {{id: NOBASE, indicator: prevention_notices, unit: 份, target: {{year: 2025, operator: ">=", printed: "1000"}}}}
- {{id: BASED, indicator: prevention_bases, unit: 家, record_kind: statement, actual: {{year: 2020, printed: "4"}}}}
- {{id: OTHER, indicator: prevention_bases, unit: 家, target: {{year: 2024, operator: ">=", printed: "20"}}}}
- {{id: OLD, indicator: medical_participants, base: {{year: 2020, printed: "100"}},
   target: {{year: 2025, operator: ">=", printed: "110"}}}}
- {{id: NEW, indicator: medical_participants, supersedes: [OLD],
   target: {{year: 2025, operator: ">=", printed: "120"}}}}
"""
ACTUALS = """\
item,area,unit,2021,2022-08,2023,source
CARDS,,万人,,,88,a
registered_unemp_rate,,%,,4.5,,b
申领电子社保卡人口覆盖率,,%,,,,b
SHARE,,%,82,,,c
HOLD,,%,4.0,,4.6,d
YEAR,,year,2022,,,e
DONE,,1,,,1,f
SUM,,万人,11,,33,g
NOBASE,,份,100,,400,h
OTHER,,家,,,13,i
OLD,,人,,,1060000,j
"""


def write(folder: Path, rows: str = ROWS, actuals: str = ACTUALS, head: str = HEAD) -> tuple[Path, Path]:
    plan, table = folder / "plan.yaml", folder / "own.csv"
    plan.write_text(head + rows, encoding="utf-8")
    table.write_text(actuals.replace("申领电子社保卡人口覆盖率,,%,,,,b\n", ""), encoding="utf-8")
    return plan, table


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Monitor:
    """An invented plan of a province that no basis holds: nothing is run."""
    plan, table = write(tmp_path_factory.mktemp("plan"))
    return simengine.monitor(plan, table, "2024-03-31")


def row(found: Monitor, name: str) -> dict[str, Any]:
    return dict(found.rows.set_index("id").loc[name])


def test_unmodelled_row__stands_where_the_worked_example_says(found: Monitor) -> None:
    cards = row(found, "CARDS")
    assert (cards["base"], cards["target"], cards["actual"], cards["path"]) == (80.0, 100.0, 88.0, 92.0)
    assert (cards["distance"], cards["time_distance"], cards["still_needed"]) == (-4.0, -1.0, 6.0)
    assert (cards["state"], cards["elapsed"], cards["covered"]) == ("behind", 0.6, 0.4)
    assert cards["pace"] == pytest.approx(2 / 3)
    assert cards["projected"] == pytest.approx(80 + 40 / 3) and cards["projected_from"] == "straight"
    assert not cards["outlook"] and cards["gap"] == pytest.approx(-20 / 3)
    assert cards["age"] == pytest.approx(0.25) and not cards["known_to_run"] and cards["source"] == "a"


def test_falling_target__of_a_month(found: Monitor) -> None:
    # 5 - 0.4·(20/12) = 4.3333; the path had 4.5 after 1.25 years, 5 months before; 5 - 0.5/(20/12)·5 = 3.5 at the end
    fall = row(found, "FALL")
    assert fall["path"] == pytest.approx(5 - 0.4 * 20 / 12) and fall["when"] == "2022-08"
    assert fall["time_distance"] == pytest.approx(-5 / 12) and fall["distance"] == pytest.approx(-1 / 6)
    assert fall["projected"] == pytest.approx(3.5) and not fall["outlook"] and fall["state"] == "behind"
    assert fall["age"] == pytest.approx(19 / 12)  # August 2022 to March 2024


def test_share__a_straight_line_ends_at_a_hundred_per_cent(found: Monitor) -> None:
    share = row(found, "SHARE")  # 42 points a year would come to 250 %
    assert share["projected"] == 100.0 and share["straight"] == 100.0 and share["outlook"]
    assert share["pace"] == pytest.approx(4.2) and share["time_distance"] == pytest.approx(4.2 - 1.0)


def test_bound_that_the_base_keeps__has_no_path_and_is_kept_or_not(found: Monitor, tmp_path: Path) -> None:
    hold = row(found, "HOLD")
    assert (hold["kind"], hold["state"]) == ("hold", "slipped") and not hold["outlook"]
    assert hold["pace"] != hold["pace"] and hold["time_distance"] != hold["time_distance"]
    assert hold["projected"] == pytest.approx(3.2 + (4.6 - 3.2) / 3 * 5)
    plan, table = write(tmp_path)
    earlier = row(simengine.monitor(plan, table, 2022), "HOLD")
    assert (earlier["actual"], earlier["state"]) == (4.0, "holds")


def test_yes_no_rows__are_done_or_not(found: Monitor) -> None:
    year, done = row(found, "YEAR"), row(found, "DONE")
    assert (year["kind"], year["state"], year["time_distance"]) == ("event", "met", 1.0)  # done in 2022, wanted by 2023
    assert (done["kind"], done["state"], done["outlook"]) == ("yes_no", "met", True)
    assert year["projected"] != year["projected"] and done["pace"] != done["pace"]


def test_yes_no_rows__late_and_not_done(tmp_path: Path) -> None:
    plan, table = write(tmp_path, actuals="item,unit,2023,2025,source\nYEAR,year,2024,,e\nDONE,1,,0,f\n")
    late = simengine.monitor(plan, table, 2025)
    assert row(late, "YEAR")["state"] == "missed" and row(late, "YEAR")["time_distance"] == -1.0
    assert row(late, "DONE")["state"] == "not_done" and not row(late, "DONE")["outlook"]


def test_sum__begins_at_nothing_whatever_the_plan_prints_as_base(found: Monitor) -> None:
    total = row(found, "SUM")  # 10 a year are asked for: 30 by 2023
    assert (total["base"], total["base_from"], total["base_when"]) == (0.0, "zero", "2020")
    assert (total["path"], total["time_distance"]) == pytest.approx((30.0, 0.3))
    assert total["projected"] == pytest.approx(55.0) and total["state"] == "ahead"


def test_no_actual_after_the_base__is_said_and_nothing_is_invented(found: Monitor) -> None:
    silent = row(found, "SILENT")
    assert silent["state"] == "no_actual" and silent["base"] == 10.0 and silent["projected_from"] == ""
    for name in ("actual", "path", "pace", "time_distance", "projected", "age", "distance"):
        assert silent[name] != silent[name], name


def test_bases__of_another_row_of_the_superseded_one_and_of_the_first_actual(found: Monitor) -> None:
    first, other, new = row(found, "NOBASE"), row(found, "OTHER"), row(found, "NEW")
    assert (first["base"], first["base_from"], first["base_when"]) == (100.0, "actual", "2021")
    assert first["projected"] == pytest.approx(100 + 150 * 4)  # 150 a year from 2021 to 2025
    assert (other["base"], other["base_from"], other["year"]) == (4.0, "row", 2024)
    assert other["time_distance"] == pytest.approx(9 / 4 - 3)  # 4 a year: 13 after 2.25 years, and three have passed
    assert (new["base"], new["base_from"], new["actual"]) == (100.0, "superseded", 106.0)  # 1,060,000 persons
    assert row(found, "OLD")["superseded_by"] == "NEW" and new["time_distance"] == pytest.approx(1.5 - 3)


def test_target_met_early__is_so_many_years_ahead_at_least(tmp_path: Path) -> None:
    plan, table = write(tmp_path, actuals="item,unit,2022,source\nCARDS,万人,104,a\n")
    cards = row(simengine.monitor(plan, table, 2023), "CARDS")
    assert (cards["state"], cards["time_distance"], cards["beyond"]) == ("met_early", 3.0, True)
    assert cards["still_needed"] == 0.0 and cards["pace"] == pytest.approx(3.0)  # 12 a year over 4 a year


@pytest.mark.parametrize(("value", "state"), [("100", "met"), ("99.9", "missed")])
def test_target_year_itself__decides_on_the_figure_as_reported(tmp_path: Path, value: str, state: str) -> None:
    plan, table = write(tmp_path, actuals=f"item,unit,2025,source\nCARDS,万人,{value},a\n")
    cards = row(simengine.monitor(plan, table, 2025), "CARDS")
    assert (cards["state"], cards["projected"], cards["projected_from"]) == (state, float(value), "actual")


def test_exactly_on_its_path__at_a_year_and_at_a_month(tmp_path: Path) -> None:
    rows = '- {id: A, indicator: card_holders, base: {year: 2020, printed: "0"},\n'
    rows += '   target: {year: 2025, operator: ">=", printed: "300"}}\n'
    for when, value in (("2022", "120"), ("2022-08", "100"), ("2023年8月", "160")):
        plan, table = write(tmp_path, rows, f"item,unit,{when},source\nA,万人,{value},a\n")
        one = row(simengine.monitor(plan, table, 2023), "A")
        assert (one["time_distance"], one["pace"], one["distance"], one["state"]) == (0.0, 1.0, 0.0, "on_path")
        assert one["projected"] == 300.0 and one["outlook"]


def test_day_of_the_review__leaves_later_figures_aside(tmp_path: Path) -> None:
    plan, table = write(tmp_path)
    found = simengine.monitor(plan, table, date(2022, 12, 30))
    assert row(found, "SUM")["when"] == "2021" and row(found, "CARDS")["state"] == "no_actual"
    assert any("left aside" in remark.en for remark in found.remarks)
    assert "2023" not in {*found.rows["when"]}


def test_repeated_rows__are_counted_and_statements_left_out(found: Monitor) -> None:
    assert found.repeated == 1 and not {"AGAIN", "BASED"} & {*found.rows["id"]}
    assert sum(found.counts.values()) == len(found.rows) - 1  # the superseded one


def test_plan_without_a_basis__says_that_nothing_is_run(found: Monitor) -> None:
    assert found.judged is None and "no basis" in found.remarks[0].en
    assert {*found.rows["projected_from"]} <= {"straight", "actual", ""}


def test_points__go_from_base_through_actuals_to_target(found: Monitor) -> None:
    own = found.points[found.points["id"] == "SUM"]
    points = {name: list(zip(part["at"], part["value"], strict=True)) for name, part in own.groupby("series")}
    assert points == {
        "path": [(2020.0, 0.0), (2025.0, 50.0)],
        "actual": [(2021.0, 11.0), (2023.0, 33.0)],
        "projection": [(2023.0, 33.0), (2025.0, 55.0)],
        "target": [(2025.0, 50.0)],
    }
    assert {"YEAR", "DONE"}.isdisjoint(found.points["id"]) and {*found.points["series"]} == {*frames.SERIES}


# --- areas ------------------------------------------------------------------------------------------------------------

AREAS = """\
common:
  indicator: ui_participants
  unit: 万人
  record_kind: target
  document: P
  plan: {period: "2021-2025", start: 2021, end: 2025}
  source: {text: invented}
targets:
"""
AREA_ROW = """\
- {{id: {key}-{year}, region: xuzhou_{key}, {base}target: {{year: {year}, operator: ">=", printed: "{target}"}}}}
"""
FIGURES = {
    "fengxian": (4.0, 5.0, 6.0),
    "peixian": (6.0, 7.0, 8.0),
    "pizhou": (7.0, 7.5, 9.0),
    "suining": (5.0, 5.5, 6.0),
}
DONE = {"丰县": 4.8, "沛县": 6.2, "邳州市": 7.9}


@pytest.fixture(scope="module")
def areas(tmp_path_factory: pytest.TempPathFactory) -> Monitor:
    """Four areas with tasks of 2022 and 2025, three of which report August 2022; the run of the city is beside them."""
    rows = ""
    for key, (base, task, target) in FIGURES.items():
        stated = f'base: {{year: 2020, printed: "{base}"}}, '
        rows += AREA_ROW.format(key=key, year=2022, base=stated, target=task)
        rows += AREA_ROW.format(key=key, year=2025, base=stated, target=target)
    rows += AREA_ROW.format(key="fengxian", year=2022, base="", target=5.2).replace("fengxian-2022", "STRIVE")
    table = "item,area,unit,2021,2022-08,source\n"
    table += "".join(
        f"ui_participants,{area},万人,{4.4 if area == '丰县' else ''},{done},s\n" for area, done in DONE.items()
    )
    folder = tmp_path_factory.mktemp("areas")
    plan, own = write(folder, rows, table, AREAS)
    return simengine.monitor(plan, own, "2022-09")


def test_areas__are_ranked_by_time_distance(areas: Monitor) -> None:
    ranks = areas.rows[areas.rows["year"] == 2025].set_index("region")[["rank", "ranked", "time_distance"]]
    # steps a year 0.4 each for Feng and Pei and Pizhou: (4.8 - 4)/0.4, (6.2 - 6)/0.4, (7.9 - 7)/0.4 less 20/12 years
    assert ranks["time_distance"].dropna().tolist() == pytest.approx([2 - 5 / 3, 0.5 - 5 / 3, 2.25 - 5 / 3])
    assert ranks["rank"].dropna().tolist() == [2, 3, 1] and {*ranks["ranked"].dropna()} == {3}
    assert ranks["rank"].isna().sum() == 1  # Suining reports nothing


def test_areas__that_stand_alike_share_a_place(tmp_path: Path) -> None:
    """0.3 of 0.9 and 0.6 of 1.8 in the first of three years: both on the path, whatever the tail of the division."""
    rows = AREA_ROW.format(key="fengxian", year=2023, base='base: {year: 2020, printed: "4.2"}, ', target=5.1)
    rows += AREA_ROW.format(key="peixian", year=2023, base='base: {year: 2020, printed: "6.1"}, ', target=7.9)
    rows += AREA_ROW.format(key="suining", year=2023, base='base: {year: 2020, printed: "5.0"}, ', target=5.6)
    done = "ui_participants,丰县,万人,4.5,s\nui_participants,沛县,万人,6.7,s\nui_participants,睢宁县,万人,5.1,s\n"
    plan, own = write(tmp_path, rows, f"item,area,unit,2021,source\n{done}", AREAS)
    found = simengine.monitor(plan, own, 2021).rows
    assert found["rank"].tolist() == [1, 1, 3] and {*found["ranked"]} == {3}


def test_table_of_the_offices__by_hand(areas: Monitor) -> None:
    table = areas.expansion.set_index("region")
    feng, pei, silent = (table.loc[f"xuzhou_{key}"] for key in ("fengxian", "peixian", "suining"))
    # Feng: 4.4 reported for 2021, must 5.0, strive 5.2, done 4.8 in August
    assert (feng["base"], feng["base_from"], feng["must"], feng["strive"]) == (4.4, "actual", 5.0, 5.2)
    assert (feng["done"], feng["when"], feng["calendar"]) == (4.8, "2022-08", pytest.approx(8 / 12))
    assert (feng["net_gain"], feng["completion"]) == pytest.approx((0.4, 0.96))
    assert feng["net_completion"] == pytest.approx(0.4 / 0.6)
    # Pei: nothing for 2021; on the line from 6.0 to 6.2 in 20 months 12 have passed
    assert (pei["base"], pei["base_from"]) == (pytest.approx(6.12), "between")
    assert pei["completion"] == pytest.approx(6.2 / 7.0) and pei["net_completion"] == pytest.approx(0.08 / 0.88)
    assert silent["done"] != silent["done"] and silent["calendar"] == pytest.approx(9 / 12)  # the day of the review
    assert table["rank"].dropna().to_dict() == {"xuzhou_fengxian": 2, "xuzhou_peixian": 3, "xuzhou_pizhou": 1}


def test_table_of_the_offices__without_a_task_of_the_year_takes_the_path_and_says_so(tmp_path: Path) -> None:
    rows = AREA_ROW.format(key="fengxian", year=2025, base='base: {year: 2020, printed: "4.0"}, ', target=6.0)
    rows += AREA_ROW.format(key="peixian", year=2025, base='base: {year: 2020, printed: "6.0"}, ', target=8.0)
    plan, own = write(tmp_path, rows, "item,area,unit,2021,2022,source\nui_participants,丰县,万人,4.4,4.6,s\n", AREAS)
    table = simengine.monitor(plan, own, 2022).expansion.set_index("region")
    assert table.loc["xuzhou_fengxian", ["must", "task_from"]].tolist() == [pytest.approx(4.8), "path"]
    assert table.loc["xuzhou_peixian", "base_from"] == "engine" and table.loc["xuzhou_peixian", "year"] == 2022


# --- refusals ---------------------------------------------------------------------------------------------------------


def errors_of(*given: Any, **options: Any) -> dict[str, SimengineError]:
    with pytest.raises(SimengineError) as caught:
        simengine.monitor(*given, **options)
    return {error.code: error for error in each_error(caught.value)}


def test_everything_wrong__is_told_at_once(tmp_path: Path) -> None:
    bad = "item,area,unit,2021,2030,source\n"
    bad += (
        "card_holder,,万人,3,,a\nCARDS,,%,3,,a\nCARDS,,人,90,,a\nCARDS,蓬莱,万人,3,,a\nSUM,,万人,,4,a\nSUM,,万人,3,,\n"
    )
    plan, table = write(tmp_path, actuals=bad)
    found = errors_of(plan, table, "2024-13")
    assert set(found) == {
        "monitor_item", "monitor_unit", "monitor_slip", "actual_area", "monitor_ahead", "actual_source", "monitor_day"
    }  # fmt: skip
    assert "line 2" in found["monitor_item"].where and found["monitor_item"].near == "card_holders"
    assert found["monitor_slip"].where.endswith("line 4, column 2021")


def test_slip__that_is_vouched_for_is_taken(tmp_path: Path) -> None:
    plan, table = write(tmp_path, actuals="item,unit,2021,checked,source\nCARDS,人,90,yes,a\n")
    assert row(simengine.monitor(plan, table, 2022), "CARDS")["actual"] == pytest.approx(0.009)


def test_item__that_means_a_sum_and_a_year_is_refused(tmp_path: Path) -> None:
    more = '- {id: ONE, indicator: new_urban_jobs, target: {year: 2022, operator: ">=", printed: "10"}}\n'
    plan, table = write(tmp_path, ROWS + more, "item,unit,2021,source\nnew_urban_jobs,万人,11,a\n")
    found = errors_of(plan, table, 2022)
    assert "SUM, ONE" in found["monitor_ambiguous"].hint


def test_plan__that_is_none_is_refused_with_what_is_near(tmp_path: Path) -> None:
    found = errors_of("jiangxy")
    assert found["monitor_plan"].near == "jiangxi" and "xuzhou" in found["monitor_plan"].allowed
    (tmp_path / "bare.yaml").write_text("extends: haiyan/baseline\ntargets: []\n", encoding="utf-8")
    assert set(errors_of(tmp_path / "bare.yaml")) == {"monitor_no_targets"}
    assert set(errors_of(tmp_path / "absent.yaml")) == {"file_absent"}
    assert set(errors_of(*write(tmp_path)[:1], tmp_path / "absent.csv")) == {"file_absent"}


def test_row_of_another_area__is_told(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("item,area,unit,2022,source\necard_coverage,沛县,%,52,a\n", encoding="utf-8")
    assert set(errors_of("xuzhou", table)) == {"monitor_elsewhere"}


def test_future__is_no_actual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "today", lambda: date(2026, 12, 1))
    plan, table = write(tmp_path, actuals="item,unit,2026,source\nSUM,万人,3,a\n")
    assert set(errors_of(plan, table)) == {"monitor_ahead"}


# --- words ------------------------------------------------------------------------------------------------------------


def test_words__stand_in_both_languages_and_chinese_is_chinese() -> None:
    for group, entries in words().items():
        for key, said in entries.items():
            assert set(said) == set(LANGUAGES), (group, key)
            assert not english_in(said["zh"]), (group, key)
            told = group == "marks" or "{" in said["zh"] or CHINESE.search(said["zh"])
            assert told, (group, key)


def test_words__name_every_code_and_no_other() -> None:
    groups: dict[str, tuple[str, ...]] = {
        "states": tracked.STATES, "kinds": tracked.KINDS, "bases": tracked.BASES, "sources": tracked.SOURCES,
        "marks": tracked.SOURCES, "origins": expansion.ORIGINS, "expansion": expansion.COLUMNS,
    }  # fmt: skip
    for group, codes in groups.items():
        assert sorted(words()[group]) == sorted(codes), group
    names_of = {name.removesuffix("_en").removesuffix("_zh") for name in (*frames.ROWS, *frames.POINTS)}
    assert sorted(words()["columns"]) == sorted(names_of)


def test_words__are_all_used() -> None:
    root = Path(simengine.__file__).parent
    files = [*(root / "judge" / "monitor").glob("*.py"), root / "report" / "tables" / "monitor.py"]
    files += [root / "report" / "figures" / "monitor.py", root / "cli" / "monitor.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for group in ("screen", "picture", "remarks", "sheets", "series", "outlook", "answers"):
        assert f'"{group}"' in source
        composed = {"known_discarded", "known_hindsight", "known_opening", "known_today"}  # f"known_{kind}"
        assert [key for key in words()[group] if f'"{key}"' not in source and key not in composed] == [], group


def test_day__is_a_year_a_month_or_a_day() -> None:
    assert DAY.fullmatch("2022-02-28") and not DAY.fullmatch("2022-2") and not DAY.fullmatch("22")
    assert "monitor_day" in errors_of("haiyan", as_of="2023-02-29")
