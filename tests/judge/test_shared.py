"""Rows that rest on one growth path are marked and count as one fact (notes/targets.md, section 2)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import simengine
from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import Values, with_values
from simengine.common.messages import LANGUAGES, Language
from simengine.judge.run import Judged
from simengine.judge.targets.shared import LEVELS, SHARED, facts, follows, levels_behind, mark_shared, shared_rows
from simengine.judge.targets.verdicts import Verdict, headline, to_frame
from simengine.registry.inputs import COVERAGE_GROWTH
from simengine.registry.variables import VARIABLES
from simengine.report.tables.verdicts import fact_lines
from simengine.scenario.scenario import load_scenario

CITY = "xuzhou/baseline"
AREAS = [name.rpartition("-")[0] for name in load_basis("xuzhou-2020").partition]
SERIES = sorted({series for levels in LEVELS.values() for series in levels})
CELLS = {"wi_participants", "ui_participants", "pension_participants"}


@pytest.fixture(scope="module")
def city() -> Judged:
    return simengine.judge_scenarios(CITY)[CITY]


# --- which path a level follows ---------------------------------------------------------------------------------------


def test_levels__name_every_level_that_can_be_entered() -> None:
    assert {name for levels in LEVELS.values() for name in levels} >= {*COVERAGE_GROWTH}
    assert set(LEVELS) <= set(VARIABLES)
    assert levels_behind("wi_participants") == ("injury_insured",)
    assert set(levels_behind("uebps_participants")) == set(LEVELS["members"])
    assert levels_behind("avg_enterprise_pension") == levels_behind("no_such_measure") == ()


@pytest.mark.parametrize(
    ("basis", "region"),
    [("xuzhou_fengxian-2020", "jiangsu"), ("xuzhou-2020", "jiangsu"), ("haiyan-2020", "zhejiang"),
     ("jingdezhen-2015", "jiangxi"), ("jiangxi-2020", "jiangxi"), ("china-2020", "china")],
)  # fmt: skip
def test_follows__the_region_whose_history_it_opens_from(basis: str, region: str) -> None:
    """In plain Python: every later level is the opening level times the other's growth, rounded to whole persons."""
    known = load_basis(basis)
    assert {follows(known, series, None) for series in SERIES} == {region}
    parent = known.spinup_parent
    for series in SERIES if parent is not None else ():
        own = known.own_series[series]
        pairs = {int(year): value for year, value in zip(own.years, own.values, strict=True) if year >= known.base_year}
        start = pairs[known.base_year]
        for year, value in pairs.items():
            ends = parent.path(series, [known.base_year, year], None)
            growth = float(ends[1] / ends[0])
            assert abs(value - start * growth) <= 0.5 * (1 + growth) * (1 + start / float(ends[0])), (series, year)


def one_year(basis: Basis, series: str, year: int, value: float) -> Basis:
    return with_values(basis, Values({series: {year: value}}))


def test_follows__a_figure_of_its_own_ends_it_and_the_same_figure_does_not() -> None:
    """2021 is stated as the opening times 1.0612, 38,537 persons: two persons more are a figure of its own."""
    basis = load_basis("xuzhou_fengxian-2020")
    assert follows(one_year(basis, "enterprise_payers", 2021, 38_537.0), "enterprise_payers", None) == "jiangsu"
    assert follows(one_year(basis, "enterprise_payers", 2021, 38_540.0), "enterprise_payers", None) == basis.region
    assert follows(one_year(basis, "injury_insured", 2022, 60_000.0), "injury_insured", None) == basis.region
    assert follows(one_year(basis, "injury_insured", 2022, 60_000.0), "injury_insured", 2020) == "jiangsu"  # not known


def test_follows__parts_that_share_a_path_of_their_own_follow_their_city() -> None:
    """A figure of the city, entered for each area as its part: one fact still. A third area has another path."""
    areas = [load_basis(f"xuzhou_{name}-2020") for name in ("fengxian", "peixian", "pizhou")]
    grown = [one_year(one, "injury_insured", 2022, 1.3 * one.path("injury_insured", [2020])[0]) for one in areas]
    other = one_year(areas[2], "injury_insured", 2022, 1.4 * areas[2].path("injury_insured", [2020])[0])
    assert follows(grown[0], "injury_insured", None, [grown[1], other]) == "xuzhou"
    assert follows(grown[0], "injury_insured", None, [other]) == areas[0].region
    assert follows(other, "injury_insured", None, grown[:2]) == other.region


# --- rows and counts --------------------------------------------------------------------------------------------------


def test_rows__of_the_seven_areas_and_their_city_are_one_fact_a_measure(city: Judged) -> None:
    """35 cells a table, and the city's own five: by the plan, not by the mark."""
    rows = [row for row in city.verdicts if row.headline and row.indicator in CELLS]
    assert {row.region for row in rows} >= set(AREAS)
    found = shared_rows(city.verdicts)
    assert set(found) == {f"{name}@jiangsu" for name in CELLS}
    for name in CELLS:
        own = [row.id for row in rows if row.indicator == name]
        assert len([row for row in rows if row.indicator == name and row.region in AREAS]) == 35
        assert [row.id for row in found[f"{name}@jiangsu"]] == own
        assert all(SHARED in row.flags for row in found[f"{name}@jiangsu"])


def test_counts__rows_and_facts_stand_beside_each_other(city: Judged) -> None:
    """A fact is one measure on one path, or a row by itself; it is missed where a row of it is missed."""
    rows = [row for row in city.verdicts if row.headline]
    kept = {row.fact or row.id for row in rows}
    missed = {row.fact or row.id for row in rows if row.verdict == "missed"}
    assert facts(city.verdicts) == {"facts": len(kept), "met": len(kept) - len(missed), "missed": len(missed)}
    assert len(kept) < 10 < len(rows) == sum(headline(city.verdicts).values())


def test_counts__by_hand() -> None:
    """Two rows of one path, one missed; two of another, both met; one alone, met; a repetition: 3 facts, 2 met."""
    fixed = {"scenario": "s", "region": "r", "name_en": "", "name_zh": "", "record_kind": "target", "attribute": ""}
    more = {"indicator": "i", "year": 2025, "operator": ">=", "printed": "1", "unit": "万人"}
    told = [("a", "met", "x@y"), ("b", "missed", "x@y"), ("c", "met", "z@y"), ("d", "met", "z@y"), ("e", "met", "")]
    rows = [Verdict(id=name, verdict=verdict, fact=fact, **fixed, **more) for name, verdict, fact in told]  # type: ignore[arg-type]
    rows.append(replace(rows[4], id="f", duplicate_of="e"))
    assert facts(rows) == {"facts": 3, "met": 2, "missed": 1}
    assert {fact: [row.id for row in of] for fact, of in shared_rows(rows).items()} == {
        "x@y": ["a", "b"], "z@y": ["c", "d"],
    }  # fmt: skip
    assert facts([]) == {"facts": 0, "met": 0, "missed": 0} and fact_lines(rows[4:], "en") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences__say_which_rows_are_one_fact_and_count_both_ways(city: Judged, lang: Language) -> None:
    lines = fact_lines(city.verdicts, lang)
    counted, judged = facts(city.verdicts), sum(headline(city.verdicts).values())
    assert str(judged) in lines[0] and str(counted["facts"]) in lines[0]
    assert len(lines) == 1 + len(shared_rows(city.verdicts))
    for line, rows in zip(lines[1:], shared_rows(city.verdicts).values(), strict=True):
        tally = Counter(row.verdict for row in rows)
        assert {"en": "Jiangsu", "zh": "江苏省"}[lang] in line and str(len(rows)) in line
        assert {"en": f"({tally['met']} met, {tally['missed']} missed)", "zh": f"未达到{tally['missed']}行"}[
            lang
        ] in line


def test_table__and_json_hold_the_fact(city: Judged) -> None:
    frame = to_frame(city.verdicts)
    assert list(frame["fact"]) == [row.fact for row in city.verdicts]
    assert json.loads(json.dumps(frame["fact"].tolist())).count("wi_participants@jiangsu") >= 35


def test_rows__an_area_with_an_actual_of_its_own_is_a_fact_of_its_own() -> None:
    """Work injury of one area entered for 2022: its five cells leave the fact, the other six areas stay."""
    values = {"xuzhou_fengxian-2020": Values({"injury_insured": {2022: 60_000.0}})}
    judged = simengine.judge_scenarios(CITY, values=values)[CITY]
    alone = [row for row in judged.verdicts if row.headline and row.region == "xuzhou_fengxian"]
    injury = [row for row in alone if row.indicator == "wi_participants"]
    assert len(injury) == 5 and all(row.fact == "" and SHARED not in row.flags for row in injury)
    assert all(row.fact for row in alone if row.indicator == "ui_participants")
    shared = shared_rows(judged.verdicts)["wi_participants@jiangsu"]
    assert {row.region for row in shared} >= set(AREAS) - {"xuzhou_fengxian"}


def test_rows__without_a_figure_of_the_engine_are_not_marked(city: Judged) -> None:
    bases = {"xuzhou": load_basis("xuzhou-2020")}
    bare = [replace(row, projected=None, fact="", flags=()) for row in city.verdicts]
    assert mark_shared(bare, bases, None) == bare
    assert np.isfinite([row.projected for row in city.verdicts if row.fact]).all()


def test_rows__of_a_county_name_the_region_they_follow() -> None:
    judged = simengine.judge_scenarios("jingdezhen/baseline")["jingdezhen/baseline"]
    marked = {row.fact.partition("@")[2] for row in judged.verdicts if row.fact}
    assert marked == {"jiangxi"} and load_scenario("jingdezhen/baseline").basis == "jingdezhen-2015"
