"""The library of stresses: every size recomputed from data of the repository, every file sound, every fault told."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import pytest

from simengine.common.errors import ErrorList, SimengineError, each_error
from simengine.decide.stress.library import SENSITIVITY, Stress, departure, find_stresses, read_stresses, stresses
from simengine.decide.stress.record import nearest, record_of, stated_of
from simengine.law import load_law
from simengine.scenario.closures import read_closures
from simengine.scenario.inherit import packaged

ROOT = Path(__file__).parents[2]
CHINA = ROOT / "calibration" / "bases" / "china-2020"
WITH_RECORD = [one for one in stresses().values() if one.content.record is not None]


def close(found: float, stated: float) -> bool:
    """Equal at the four digits that a file states."""
    return abs(found - stated) <= 0.51e-3 * max(abs(found), abs(stated))


def column(file: str, name: str) -> dict[int, float]:
    """A series of a table of the national basis by year, read without the engine."""
    with (CHINA / file).open(encoding="utf-8", newline="") as handle:
        return {int(row["year"]): float(row["value"]) for row in csv.DictReader(handle) if row["series"] == name}


def worst_fives(figures: dict[int, float], worst: str) -> tuple[int, float]:
    """Last year and mean of the worst five years that follow each other."""
    means = {
        year: statistics.fmean(figures[year - back] for back in range(5))
        for year in figures
        if all(year - back in figures for back in range(5))
    }
    pick = min if worst == "lower" else max
    return pick(means.items(), key=lambda pair: pair[1])


@pytest.mark.parametrize("one", WITH_RECORD, ids=lambda one: one.key)
def test_stated_figures__are_what_the_record_comes_to(one: Stress) -> None:
    record, stated = one.content.record, one.content.stated
    assert record is not None and stated is not None and record.source and record.evidence
    found = stated_of(record)
    assert found.count == stated.count
    assert close(found.mean, stated.mean) and close(found.sd, stated.sd)
    assert found.worst_year[0] == stated.worst_year[0] and close(found.worst_year[1], stated.worst_year[1])
    assert (found.worst_five is None) == (stated.worst_five is None)
    if found.worst_five is not None and stated.worst_five is not None:
        assert found.worst_five[:2] == stated.worst_five[:2] and close(found.worst_five[2], stated.worst_five[2])


@pytest.mark.parametrize("one", WITH_RECORD, ids=lambda one: one.key)
def test_size__is_the_figure_of_the_record_that_the_file_names(one: Stress) -> None:
    record = one.content.record
    assert record is not None
    found = stated_of(record)
    wanted = {
        "worst_year": lambda: departure(found, record.worse, found.worst_year[1]),
        "worst_five": lambda: departure(found, record.worse, found.worst_five[2] if found.worst_five else 0.0),
        "worst_year_itself": lambda: abs(found.worst_year[1]),
    }[one.content.from_record]()
    assert close(one.content.size, wanted) and one.content.size > 0.0
    assert one.sensitivity == SENSITIVITY * one.content.stated.sd  # type: ignore[union-attr]
    # a pulse of a year is a worst year; what lasts or slides is five years, where the record has five of one place
    lasting = one.content.shape != "pulse" or (one.content.years or 1) > 2
    assert (one.content.from_record == "worst_five") == (lasting and found.worst_five is not None)


def test_wages__by_hand_from_the_table_of_the_basis() -> None:
    # growth w(t)/w(t-1) - 1 of 1997 to 2024 without 2019, in which the calibre changes
    wage = column("paths.csv", "average_wage")
    growth = {year: wage[year] / wage[year - 1] - 1.0 for year in range(1997, 2025) if year != 2019}
    last, five = worst_fives(growth, "lower")
    stated = stresses()["wage_stagnation"].content.stated
    assert stated is not None and stated.worst_five is not None
    assert last == 2024 == stated.worst_five[1] and close(five, stated.worst_five[2])
    assert min(growth, key=lambda year: growth[year]) == 2024 == stated.worst_year[0]
    assert close(statistics.stdev(growth.values()), stated.sd)
    assert close(statistics.fmean(growth.values()) - five, stresses()["wage_stagnation"].content.size)


def test_prices__by_hand_from_the_table_of_the_basis() -> None:
    index = column("paths.csv", "price_index")
    rise = {year: index[year] / index[year - 1] - 1.0 for year in range(1997, 2025)}
    last, five = worst_fives(rise, "lower")
    assert last == 2002 and close(statistics.fmean(rise.values()) - five, stresses()["deflation"].content.size)


def test_fertility__by_hand_from_the_table_of_the_basis() -> None:
    with (CHINA / "fertility.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    total = {year: sum(float(row[str(year)]) for row in rows) for year in range(1993, 2025)}
    last, five = worst_fives(total, "lower")
    assert last == 2024 and close(statistics.fmean(total.values()) - five, stresses()["low_fertility"].content.size)


def test_emigration__by_hand_from_the_counts_of_jiangxi() -> None:
    # 2024: 45,020,100 - 45,150,100 - 300,000 + 326,000 = -104,000, over 45,150,100 residents at the end of 2023
    assert close(
        (45_020_100 - 45_150_100 - 300_000 + 326_000) / 45_150_100, -stresses()["emigration_young"].content.size
    )


def test_early_retirement__is_the_step_of_the_law_file() -> None:
    law = load_law()
    before, after = (law.value("retirement/early_hazard", f"{year}-06-30") for year in (2024, 2025))
    assert close(before - after, stresses()["early_retirement_rush"].content.size)


def test_every_stress_of_the_plan_is_there_in_order_with_levers_that_are_no_closures() -> None:
    wanted = (
        *("low_fertility", "longevity", "emigration_young", "wage_stagnation", "deflation", "return_shortfall"),
        *("layoff_wave", "campaign_half", "payment_slipping", "early_retirement_rush", "accident_year"),
        "combined_adverse",
    )
    assert tuple(stresses()) == wanted
    closures = {name for entry in read_closures().content.closures.values() for name in entry.variants.values()}
    for one in stresses().values():
        policy = {"indexation_2pct"}  # an assumption of the long run that is also decided every spring
        assert not ({*one.content.undone_by} & closures) - policy, one.key
        assert {*one.content.parts} <= {*wanted}


def test_stresses__are_no_scenarios() -> None:
    assert not [name for name in packaged() if name.startswith("stress/")]


def test_nearest__finds_the_year_of_that_departure_and_counts_those_as_bad() -> None:
    one = stresses()["deflation"]
    figures, stated = record_of(one.content.record), one.content.stated  # type: ignore[arg-type]
    assert stated is not None
    away = stated.mean - figures[2002, "china-2020"]
    assert nearest(one, away) == (
        2002,
        "china-2020",
        away,
        sum(stated.mean - each >= away for each in figures.values()),
    )
    assert nearest(one, 1.0)[::3] == (1999, 0)  # type: ignore[index]
    assert nearest(stresses()["campaign_half"], 0.5) is None


def test_find__by_key_and_name_in_both_languages_and_tells_every_fault() -> None:
    assert [one.key for one in find_stresses(["裁员潮", "Low fertility", "deflation"])] == [
        "layoff_wave",
        "low_fertility",
        "deflation",
    ]
    with pytest.raises(ErrorList) as caught:
        find_stresses(["wages", "deflation", "物价下跌（工资不变）"])
    assert [one.code for one in each_error(caught.value)] == ["stress_unknown", "stress_twice"]


def test_file__that_is_wrong_is_refused_with_line_and_cause(tmp_path: Path) -> None:
    good = (ROOT / "scenarios" / "stress" / "deflation.yaml").read_text(encoding="utf-8")
    (tmp_path / "one.yaml").write_text(good.replace("series: [price_index]", "ages: [1, 2]"), encoding="utf-8")
    (tmp_path / "two.yaml").write_text(good.replace("phased_rates_end]", "no_such_lever]"), encoding="utf-8")
    (tmp_path / "three.yaml").write_text(good.replace("shape: level", "shape: wave"), encoding="utf-8")
    with pytest.raises(SimengineError) as caught:
        read_stresses(tmp_path)
    told = {str(each).partition(": ")[0]: each for each in each_error(caught.value)}
    assert {"stress_keys", "lever_unknown"} <= {each.code for each in told.values()} and len(told) >= 3
    assert all("line" in where for where in told if "two" in where or "three" in where)
