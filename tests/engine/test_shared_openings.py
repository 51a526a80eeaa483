"""Lanes opened together share what their levers leave alone: the bits of lanes opened alone, and nothing stale."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.basis.overlay import Values
from simengine.basis.paths import Rule, Series, run
from simengine.common import resources
from simengine.common.errors import ErrorList, LawError, ScenarioError
from simengine.engine.batch import Base, make_batch, run_batch, run_opened
from simengine.engine.project import Lane, Openings, open_lanes
from simengine.law import LawTree, load_law
from simengine.scenario.scenario import Scenario, load_scenario, with_levers

OUTPUTS = ("members_enterprise", "pension_paid_enterprise", "fund_balance:enterprise_pension")
CAP = {"men": 36, "women_55": 36, "women_50": 60}
LEVERS: dict[str, Mapping[str, Any]] = {
    "pace": {
        "retirement": {
            "reform": "custom",
            "start": "2025-01",
            "step_months": {"men": 6, "women_55": 6, "women_50": 3},
            "cap_months": CAP,
        }
    },
    "choice": {"changes": {"retirement/early_share": {"2030-01-01": {"men": 0.1, "women_55": 0.1, "women_50": 0.1}}}},
    "rise": {"indexation": {"rate": {2028: 0.02}}},
    "cover": {"coverage_growth": {"enterprise_payers": {2027: 0.005, 2036: 0.0}}},
    "rate": {"changes": {"pension/rate_employer": {"2028-01-01": 0.20}}},
    "injury": {"changes": {"injury/funeral_months": {"2028-01-01": 8}}},
    "wages": {"paths": {"average_wage": {"growth": {2030: 0.07}}}},
    "constant": {"constants": {"wage_log_sd_enterprise": 0.5}},
}


def stated(name: str, base: str = "jiangxi/baseline") -> Scenario:
    lever = {"name": {"en": name, "local": name}, "reason": "A test.", **LEVERS[name]}
    return with_levers(load_scenario(base), name, {name: lever})


def same(one: Lane, other: Lane) -> bool:
    """Whether two lanes have the same inputs, opening and factors, bit by bit."""
    pairs = [*zip(one.inputs.tables, other.inputs.tables, strict=True)]
    pairs += [(one.inputs.paths, other.inputs.paths), (one.inputs.constants, other.inputs.constants)]
    equal = all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)
    return equal and one.opening.tobytes() == other.opening.tobytes() and one.factors == other.factors


DIGEST = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.engine.test_shared_openings import stated
from simengine.engine.project import Openings
(lane,) = Openings().lanes(stated(sys.argv[2], sys.argv[3]))
parts = [lane.inputs.paths, lane.inputs.constants, *lane.inputs.tables, lane.opening]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def digest(lane: Lane) -> str:
    import hashlib

    parts = [lane.inputs.paths, lane.inputs.constants, *lane.inputs.tables, lane.opening]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


@pytest.mark.parametrize("base", ["jiangxi/baseline", "jiangxi/as_planned"])
def test_open_lanes__a_lane_opened_after_others_is_the_one_opened_alone(base: str) -> None:
    names = ("pace", "rate", "wages") if base.endswith("baseline") else ("rise",)
    lanes = list(open_lanes(stated(name, base) for name in (*LEVERS, *reversed(LEVERS)) if usable(name, base)))
    of_name = {lane.scenario.key: lane for lane in lanes}
    for lane in lanes:
        assert same(lane, of_name[lane.scenario.key]), lane.scenario.key
    for name in names:
        root = str(Path(__file__).parents[2])
        command = [sys.executable, "-c", DIGEST, root, name, base]
        alone = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True)
        assert alone.stdout.split()[-1] == digest(of_name[name]), name


def usable(name: str, base: str) -> bool:
    """Whether a lever acts in a scenario: the plan of 2020 ends before the later values."""
    return base.endswith("baseline") or name in ("rise", "rate")


def test_open_lanes__every_lever_gives_another_lane() -> None:
    lanes = list(open_lanes([load_scenario("jiangxi/baseline"), *map(stated, LEVERS)]))
    for place, lane in enumerate(lanes):
        assert not any(same(lane, other) for other in lanes[place + 1 :]), lane.scenario.key


def test_open_lanes__another_value_of_the_same_lever_gives_another_lane() -> None:
    lower, higher = stated("rate"), stated("rate")
    lever = {"name": {"en": "x", "local": "x"}, "reason": "A test.", "changes": {"pension/rate_employer": {}}}
    lever["changes"] = {"pension/rate_employer": {"2028-01-01": 0.19}}
    lower = with_levers(load_scenario("jiangxi/baseline"), "lower", {"rate": lever})
    one, other = open_lanes([lower, higher])
    assert not same(one, other)
    assert lower.digest != higher.digest


def test_openings__values_over_a_basis_reach_history_and_lane() -> None:
    scenario = load_scenario("jiangxi/baseline")
    (plain,) = Openings().lanes(scenario)
    year = scenario.base_year
    for values in ({2005: 2.0e4, year: 9.9e4}, {2005: 2.1e4, year: 9.8e4}):
        moved = {"jiangxi-2020": Values(series={"average_wage": values})}
        (lane,) = Openings(values=moved).lanes(scenario)
        assert lane.basis.path("average_wage", [2005, year]).tolist() == list(values.values())
        assert not same(lane, plain)
    (again,) = Openings().lanes(scenario)
    assert same(again, plain)


# --- the law ----------------------------------------------------------------------------------------------------------


def copied_law(folder: Path) -> Path:
    import shutil

    shutil.copytree(resources.scenarios_root() / "law", folder / "law")
    shutil.copy(resources.scenarios_root() / "regions.yaml", folder / "regions.yaml")
    return folder


def test_load_law__an_edited_file_is_read_again_though_time_and_size_are_kept(tmp_path: Path) -> None:
    import os

    root = copied_law(tmp_path)
    file = root / "law" / "pension" / "rate_employee.yaml"
    before = load_law(root)
    state, text = file.stat(), file.read_text(encoding="utf-8")
    assert "0.08" in text
    file.write_text(text.replace("0.08", "0.07"), encoding="utf-8")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert file.stat().st_size == state.st_size
    after = load_law(root)
    assert before.annual("pension/rate_employee", [2024])[0] == 0.08
    assert after.annual("pension/rate_employee", [2024])[0] == 0.07


def test_load_law__trees_share_parameters_and_not_their_notes() -> None:
    one, other = load_law(), load_law()
    assert one["pension/rate_employer"] is other["pension/rate_employer"]
    one.annual("pension/rate_employer", [2099])
    assert one.extensions
    assert other.extensions == ()


def test_annual__a_lever_and_another_index_are_seen() -> None:
    law, years = load_law(), [2024, 2060]
    plain = law.annual("pension/rate_employer", years)
    changed = law.with_changes({"pension/rate_employer": {"2030-01-01": 0.2}})
    assert changed.annual("pension/rate_employer", years).tolist() == [plain[0], 0.2]
    assert law.annual("pension/rate_employer", years).tolist() == plain.tolist()
    key = next(key for key in law if law[key].extension.rule == "indexed" and law[key].national and not law[key].table)
    last = law[key].timeline()[-1].date.year
    span = list(range(last - 2, last + 3))
    name = str(law[key].extension.index)
    flat, rising = np.ones(5), np.linspace(1.0, 2.0, 5)
    assert law.annual(key, span, index={name: flat})[-1] < law.annual(key, span, index={name: rising})[-1]


def test_annual__what_a_caller_does_to_the_result_stays_with_the_caller() -> None:
    law = load_law()
    first = law.annual("pension/rate_employer", [2024])
    first[:] = 9.0
    assert law.annual("pension/rate_employer", [2024])[0] != 9.0


def test_once__is_made_again_when_a_parameter_differs() -> None:
    law = load_law()
    key, made = "pension/rate_employer", []

    def make(part: LawTree) -> float:
        made.append(part)
        return float(part.annual(key, [2040])[0])

    changed = law.with_changes({key: {"2030-01-01": 0.2}})
    elsewhere = law.with_changes({"pension/rate_flexible": {"2030-01-01": 0.2}})
    what = "test_once"
    values = [tree.once([key], what, make) for tree in (law, changed, elsewhere, law)]
    assert values == [values[0], 0.2, values[0], values[0]]
    assert len(made) == 2


def test_once__a_parameter_that_is_not_named_cannot_be_read() -> None:
    with pytest.raises(LawError, match="no law parameter is called"):
        load_law().once(["pension/rate_employer"], "test", lambda part: part["pension/rate_flexible"])


# --- tables and series ------------------------------------------------------------------------------------------------


def test_death_prob__a_changed_table_gives_other_numbers() -> None:
    basis = load_basis("china-2020")
    table = basis.tables["death_prob"]
    columns = {
        name: tuple(str(0.5 * float(cell)) for cell in cells) if name.isdigit() else cells
        for name, cells in table.columns.items()
    }
    before = basis.death_prob([2030])
    halved = dataclasses.replace(table, columns=columns, _parsed={})
    moved = dataclasses.replace(basis, tables={**basis.tables, "death_prob": halved})
    assert (moved.death_prob([2030]) < before).any()
    assert np.array_equal(basis.death_prob([2030]), before)


def test_run__another_rule_or_series_is_run_again() -> None:
    years = np.array([2020, 2021, 2022])
    series = Series("x", "1", years[:1], np.array([2.0]), ("seed",), ("s",), (2,), "f")
    held = Rule("step", "held", "held", "none", "r")
    growth = dataclasses.replace(held, after="growth", growth=((0.0, 0.5),))
    other = lambda name, at: at * 0.0  # noqa: E731
    assert run(series, held, years, other).tolist() == [2.0, 2.0, 2.0]
    assert run(series, growth, years, other).tolist() == [2.0, 3.0, 4.5]
    assert run(dataclasses.replace(series, values=np.array([4.0])), growth, years, other).tolist() == [4.0, 6.0, 9.0]


# --- in one call ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_run_opened__gives_the_bits_of_a_batch(threads: int) -> None:
    scenarios = [stated(name) for name in ("rise", "rate", "cover")]
    bases = [Base(lane.inputs, lane.opening) for lane in open_lanes(scenarios)]
    together = run_opened(open_lanes(scenarios), OUTPUTS, threads)
    assert together.tobytes() == run_batch(make_batch(bases, OUTPUTS), threads=1).tobytes()


def test_run_opened__refuses_lanes_of_different_years_and_none() -> None:
    lane, *_ = open_lanes([load_scenario("jiangxi/baseline")])
    shorter = Base(dataclasses.replace(lane.inputs, years=lane.inputs.years[:-1]), lane.opening)
    with pytest.raises(ScenarioError, match="different years"):
        run_opened([Base(lane.inputs, lane.opening), shorter], OUTPUTS)
    with pytest.raises(ScenarioError, match="no scenario is named"):
        run_opened([], OUTPUTS)


def test_with_levers__is_the_scenario_whose_file_names_the_lever(tmp_path: Path) -> None:
    text = "name: {en: rise, local: rise}\nreason: A test.\nindexation: {rate: {2028: 0.02}}\n"
    (tmp_path / "rise.yaml").write_text(text, encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text("extends: jiangxi/baseline\nlevers: [rise.yaml]\n", encoding="utf-8")
    read, made = load_scenario(own), stated("rise")
    assert read.settings == made.settings
    assert read.digest == made.digest
    with pytest.raises(ErrorList, match='"rise" is named twice'):
        with_levers(made, "again", {"rise": {"name": {"en": "a", "local": "a"}, "reason": "A test.", **LEVERS["rise"]}})
