"""Arithmetic behind the economic and coverage tables: histories, splits, indices, partitions, typed figures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.basis.files import read_table
from simengine.common import strict_yaml
from simengine.common.errors import BasisError
from simengine.engine.compile import compile_lane
from simengine.kernels.branches.resident import coverable_people
from simengine.law import load_law
from simengine.registry.units import EVIDENCE
from simengine_calibration.series.behaviour import Wages, read_rules
from simengine_calibration.series.coverage import insured_index, members_by_status
from simengine_calibration.series.economy import follow
from simengine_calibration.series.openings import Opening, Position, largest_remainder, split_position
from simengine_calibration.series.shapes import age_shape_rows, class_mixes, injury_class_rows, mean_incidence
from simengine_calibration.series.tables import number_text, write_table, yaml_text
from simengine_calibration.sources import histories
from simengine_calibration.sources.histories import FIGURES, Figure, History, Statistics, history, typed
from simengine_calibration.sources.plans import Plans


def values(known: History) -> dict[int, float]:
    return {year: known[year] for year in known.years}


# --- typed figures --------------------------------------------------------------------------------------------------


def entries(node: object, path: str = "") -> list[tuple[str, dict[str, object]]]:
    """Every mapping of a file that carries an evidence tag."""
    if not isinstance(node, dict):
        return []
    found = [(path, node)] if "evidence" in node else []
    for key, item in node.items():
        found += entries(item, f"{path}.{key}")
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in FIGURES.glob("*.yaml")))
def test_figures__every_typed_figure_has_evidence_and_source(name: str) -> None:
    for path, entry in entries(typed(name)):
        assert entry["evidence"] in EVIDENCE, path
        assert len(str(entry["source"])) > 10 or entry["source"] == "schemes.md 6.2", path


def test_figures__unit_and_evidence_are_checked() -> None:
    with pytest.raises(BasisError, match='unit "furlong"'):
        history("furlong", "memory", "somewhere in a book", {2020: 1})
    with pytest.raises(BasisError, match='evidence "hearsay"'):
        history("persons", "hearsay", "somewhere in a book", {2020: 1})
    with pytest.raises(BasisError, match="no source"):
        history("persons", "memory", " ", {2020: 1})
    assert history("10k persons", "memory", "a book", {2020: 2})[2020] == 20_000.0


def test_figures__a_constant_of_the_builder_alone_is_not_written_into_a_basis() -> None:
    """Helpers of the calibration stay out; every other typed constant is in the national basis."""
    figures = typed("constants")
    helpers = {name for name, constant in figures.items() if constant.get("use") == "calibration"}
    written = set(load_basis("china-2020").constants)
    assert helpers == {"unemployment_eligible_share", "public_unemployment_share"}
    assert not helpers & written
    assert set(figures) - helpers <= written


def test_workshop__coverable_people_are_those_of_the_kernel() -> None:
    """The builder counts the denominator of the coverage rate, the kernel too: same pyramid, same number."""
    for name in ("china-2020", "jiangxi-2020", "xuzhou-2020", "xuzhou_pizhou-2020", "jingdezhen-2015"):
        basis = load_basis(name)
        year = basis.base_year
        lane = compile_lane(basis, load_law(), np.array([year]), None)
        people = coverable_people(0, lane.constants, lane.tables, basis.population())
        counted = basis.opening("coverage_population")
        assert basis.path("coverage_population_ratio", [year])[0] * people == pytest.approx(counted, rel=1e-5), name


def test_figures__constants_lie_in_their_own_band() -> None:
    for name, constant in typed("constants").items():
        assert constant["low"] <= constant["value"] <= constant["high"], name


# --- histories ------------------------------------------------------------------------------------------------------


def test_statistics__published_goes_before_recalled_and_units_are_brought_to_base(tmp_path: Path) -> None:
    for folder in ("social_insurance", "macro"):
        (tmp_path / folder).mkdir()
    head = "region,year,measure,value,unit,source\n"
    (tmp_path / histories.STATISTICS).write_text(
        f'scheme,{head}uebps,China,2010,heads,2,"10k persons, year-end",Yearbook\n'
    )
    (tmp_path / histories.RECALLED).write_text(
        f'topic,{head}uebps,China,2010,heads,3,"10k persons, year-end",r\n'
        "uebps,China,2011,heads,4,10k persons in year,r\n"
        "uebps,China,2021-04,heads,9,persons,r\n"
    )
    (tmp_path / histories.MACRO).write_text(f"{head}China,2010,fund,5,100m yuan,Bureau\n")
    stats = Statistics(tmp_path)
    heads = stats.get("uebps", "China", "heads", "persons")
    assert values(heads) == {2010: 20_000.0, 2011: 40_000.0}
    assert [heads.figures[year].evidence for year in heads.years] == ["published", "recalled"]
    assert stats.get("macro", "China", "fund", "yuan")[2010] == 5e8
    with pytest.raises(BasisError, match="no row for uebps, China, tails"):
        stats.get("uebps", "China", "tails", "persons")


def test_follow__ratio_is_held_outside_and_log_linear_between() -> None:
    nation = history("1", "memory", "a book", {2000: 10, 2001: 20, 2002: 40, 2003: 40, 2004: 50})
    own = history("1", "memory", "a book", {2001: 2, 2003: 16})
    found = follow(nation, own, "toy")
    assert found[2001] == 2.0 and found[2003] == 16.0
    assert found[2000] == pytest.approx(10 * 0.1) and found[2004] == pytest.approx(50 * 0.4)
    assert found[2002] == pytest.approx(40 * math.sqrt(0.1 * 0.4))
    assert found.figures[2000].evidence == "computed" and "ratio of 2001" in found.figures[2000].source


# --- coverage -------------------------------------------------------------------------------------------------------


def test_members__unemployment_insurance_sets_the_least_number_of_enterprise_payers() -> None:
    few = members_by_status(1000.0, 100.0, (0.80, 0.20), 300.0, 0.8)
    assert few.enterprise == pytest.approx(900 * 0.64)
    many = members_by_status(1000.0, 100.0, (0.80, 0.20), 800.0, 0.8)
    assert many.enterprise == pytest.approx(720.0)
    for split in (few, many):
        assert split.enterprise + split.flexible + split.public + split.paused == pytest.approx(1000.0)
        assert split.flexible / split.paused == pytest.approx(0.16 / 0.20)
    with pytest.raises(BasisError, match="public sector exceeds"):
        members_by_status(100.0, 100.0, (0.8, 0.2), 0.0, 0.8)


def test_index__brings_the_region_to_the_nations_growth() -> None:
    nation = {"insured": history("persons", "memory", "a book", {2020: 100.0, 2021: 110.0, 2022: 121.0})}
    payers = {2020: 50.0, 2021: 60.0, 2022: 55.0, 2023: 70.0}
    index = insured_index(nation, "insured", 2020, payers)
    assert index[2020] == 1.0 and 2023 not in index
    for year, growth in ((2021, 1.10), (2022, 1.21)):
        assert index[year] * payers[year] / payers[2020] == pytest.approx(growth)


# --- compliance -----------------------------------------------------------------------------------------------------


def test_compliance__inverts_the_clamped_base() -> None:
    wages = Wages(np.array([0.7, 1.0, 1.3]), np.array([1.0, 2.0, 1.0]), 0.55)
    for compliance in (0.4, 0.75, 1.2):
        base = wages.mean_base(compliance, 0.6, 3.0)
        assert base > 0.6
        assert wages.compliance(base, 0.6, 3.0) == pytest.approx(compliance, rel=1e-9)
    with pytest.raises(BasisError, match=r"no compliance gives a mean base of 0\.500"):
        wages.compliance(0.5, 0.6, 3.0)


def test_compliance__clamp_agrees_with_simulation() -> None:
    wages = Wages(np.array([1.0]), np.array([1.0]), 0.55)
    draws = np.exp(np.random.default_rng(7).normal(math.log(0.8) - 0.5 * 0.55**2, 0.55, 400_000))
    assert wages.mean_base(0.8, 0.6, 3.0) == pytest.approx(np.clip(draws, 0.6, 3.0).mean(), abs=2e-3)


def test_rules__pilots_of_the_public_sector_paid_as_enterprises() -> None:
    rules = read_rules(load_law())
    assert rules.public[2010] == pytest.approx(rules.employer[2010] + rules.employee[2010])
    assert rules.public[2018] == pytest.approx(0.28) and rules.employer[2020] == pytest.approx(0.16)


# --- openings and tables ----------------------------------------------------------------------------------------------


def test_largest_remainder__parts_are_whole_and_add_up() -> None:
    parts = largest_remainder(100.0, [1.0, 1.0, 1.0])
    assert sum(parts) == 100.0 and sorted(parts) == [33.0, 33.0, 34.0]
    assert largest_remainder(7.0, [0.0, 2.0]) == [0.0, 7.0]
    with pytest.raises(BasisError, match="all zero"):
        largest_remainder(5.0, [0.0, 0.0])


def test_split_position__rates_are_shared_and_counts_divided() -> None:
    city = Position("city")
    city.put("heads", 11.0, "persons", "estimated", "assumption", "rule", width=0.2)
    city.put("rate", 0.4, "1", "estimated", "assumption", "rule")
    areas = {"a": Position("a"), "b": Position("b")}
    split_position(city, areas, {"*": [3.0, 1.0]})
    assert [area["heads"] for area in areas.values()] == [8.0, 3.0]
    assert [area["rate"] for area in areas.values()] == [0.4, 0.4]
    low, high = areas["a"].rows["heads"].band
    assert low == pytest.approx(6.4) and high == pytest.approx(9.6)


def test_position__printed_figure_wins_over_an_estimate() -> None:
    position = Position("toy")
    position.rows["heads"] = Opening("heads", 5.0, "persons", "plan", "seed", "printed", (4.5, 5.5), 0, "X-1", "万人")
    position.put("heads", 9.0, "persons", "estimated", "assumption", "rule")
    assert position["heads"] == 5.0
    with pytest.raises(ValueError, match='kind "guess"'):
        position.put("other", 1.0, "1", "guess", "assumption", "rule")


def test_plans__same_figure_in_two_rows_is_kept_once_with_both_ids(tmp_path: Path) -> None:
    head = "id,actual_year,actual_value,base_year,base_value,indicator_id,duplicate_of,unit_zh\n"
    (tmp_path / "plan_targets.csv").write_text(
        f"{head}JX-1,2020,27.33,,,wi_participants,,万人\nJX-2,,,2020,27.3,wi_participants,,万人\n"
        "JX-3,,,2020,31.0,wi_participants,,万人\nJX-4,2020,99,,,card_holders,,万人\nJX-5,2020,1,,,ui_participants,JX-1,万人\n"
    )
    (tmp_path / "plan_targets_xuzhou_counties.csv").write_text(
        "table_no,indicator_id,unit_zh,area_code,row_type,year,value,value_kind\n"
        "6,pension_participants,万人,320321,county,2020,37.22,base\n6,pension_participants,万人,320321,county,2021,38,target\n"
    )
    plans = Plans(tmp_path)
    first, second = plans.figures("jiangxi", 2020)
    assert (first.ids, first.value, first.decimals, first.alternative) == ("JX-1|JX-2", 273_300.0, 2, False)
    assert second.ids == "JX-3" and second.alternative
    assert [figure.ids for figure in plans.figures("xuzhou_fengxian", 2020)] == ["XZ-T6-320321-2020"]
    assert plans.get("xuzhou_fengxian", 2021, "pension_participants") is None


def test_write_table__is_read_back_by_the_engine(tmp_path: Path) -> None:
    card = {"unit": "1", "source": 'a "quoted" book', "method": "m: n", "evidence": "memory", "accessed": "2026-01-02",
            "fitted_by": "x.py"}  # fmt: skip
    write_table(tmp_path, "toy", ("sex", "value"), [("male", number_text(0.1)), ("female", number_text(2.0))], card)
    table = read_table(tmp_path / "toy.csv")
    assert table.numbers("value").tolist() == [0.1, 2.0]
    assert table.card["source"] == 'a "quoted" book' and table.card["method"] == "m: n"
    with pytest.raises(ValueError, match='no "source"'):
        write_table(tmp_path, "toy", ("a",), [(1,)], {"unit": "1"})


def test_yaml_text__survives_the_strict_reader() -> None:
    data = {"a": None, "b": [1, 2.5, "no"], "c": {"x": {"between": "linear", "growth": [[2020, 0.1]]}}, "d": True}
    assert strict_yaml.load_text(yaml_text(data)).data == data


def test_shapes__mixes_and_profiles() -> None:
    rows = age_shape_rows()
    assert {row[0] for row in rows} == {"entry", "level", "catch_up", "student", "participation", "initial_pensioner"}
    assert all(float(row[4]) > 0.0 for row in rows)
    for mix in class_mixes().values():
        assert len(injury_class_rows(mix)) == 8
    assert mean_incidence(class_mixes()["china-2020"]) == pytest.approx(4.2, abs=0.02)
    with pytest.raises(BasisError, match="adds up to"):
        injury_class_rows([0.5] * 8)


def test_number_text__persons_are_whole_and_rates_keep_seven_digits() -> None:
    assert number_text(1234.6, "persons") == "1235"
    assert number_text(0.123456789) == "0.1234568"
    assert number_text(-0.0) == "0"


def test_history__only_and_over() -> None:
    known = History({2000: Figure(1.0, "memory", "a"), 2001: Figure(2.0, "memory", "a")}, "1")
    other = History({2001: Figure(9.0, "memory", "b"), 2002: Figure(3.0, "memory", "b")}, "1")
    assert values(known.over(other)) == {2000: 1.0, 2001: 2.0, 2002: 3.0}
    assert values(known.only(lambda year: year > 2000)) == {2001: 2.0}
    assert known.at(2000.5) == 1.5 and known.at(2000.5, log=True) == pytest.approx(math.sqrt(2.0))
