"""Constants a scenario may change act on the projection; the others are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.cli import inputs, session
from simengine.cli import main as cli
from simengine.common import resources
from simengine.common.errors import LeverError, SimengineError, each_error, localised
from simengine.engine.compile import LaneInputs, compile_lane, scenario_law
from simengine.engine.project import Histories, Lane, copy_state, open_lane, run_lane
from simengine.kernels.layout import CONSTANT_NAMES
from simengine.law import LawTree, load_law
from simengine.registry.inputs import FIXED
from simengine.scenario.scenario import load_scenario

STIRRED = """\
extends: china/baseline
years: [2021, {last}]
paths:
  catch_up_entrants: {{set: {{2026: 1_000_000.0}}, shape: pulse}}
  admitted_public_actives: {{set: {{2026: 500_000.0}}, shape: pulse}}
  surveyed_unemployment_rate: {{set: {{2030: 0.06, 2031: 0.09}}}}
  incidence_factor: {{multiply: {{2026: 0.05, 2036: 4.0, 2046: 1.0}}}}
  prevention_share: {{set: {{2026: 0.05}}}}
"""
"""The nation with everything stirred that some constant waits for.

Catch-up entrants and an admitted group; a rise of the unemployment rate; few injuries, then many, then as before, so
that the rate factor runs against both its bounds and the reserve crosses its marks upwards and downwards; more
prevention than the law provides.
"""

PROVINCE = "extends: jiangxi/baseline\nyears: [2021, {last}]\n"
BELOW_THE_NATION = {"pool_volume", "pool_receiving_share"}
"""Constants of what lies between the nation and its provinces: they act in a province alone."""

CHANGEABLE = sorted(inputs.constants("china-2020"))
LAST = (2045, 2095)
"""Last projected years: what does not act in the first run may act in the second."""


@dataclass(frozen=True)
class Stirred:
    """One lane with its results before any change."""

    lane: Lane
    law: LawTree
    before: list[np.ndarray]

    def moved_by(self, name: str, value: float) -> bool:
        """Whether a constant, put behind the checks of the scenario's file, moves any number."""
        lane = self.lane
        changed = replace(lane.scenario, settings=replace(lane.scenario.settings, constants={name: value}))
        given = compile_lane(lane.basis, scenario_law(changed, self.law), lane.inputs.years, changed)
        parts = zip((given.paths, given.constants, *given.tables), arrays(lane.inputs), strict=True)
        if all(np.array_equal(one, other, equal_nan=True) for one, other in parts):
            return False
        after = zip(results(lane, given), self.before, strict=True)
        return not all(np.array_equal(one, other, equal_nan=True) for one, other in after)


def arrays(given: LaneInputs) -> tuple[np.ndarray, ...]:
    return given.paths, given.constants, *given.tables


def results(lane: Lane, given: LaneInputs) -> list[np.ndarray]:
    """Everything the lane gives and ends in."""
    state = copy_state(lane.opening)
    return [*run_lane(given, state, 1, given.years.size), *state]


@pytest.fixture(scope="module")
def stirred(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stirred]:
    """The stirred nation, or a province, up to a last year, each computed once."""
    path, law = tmp_path_factory.mktemp("scenario") / "stirred.yaml", load_law()
    histories = Histories(law, lambda text: None)

    @cache
    def until(last: int, text: str = STIRRED) -> Stirred:
        path.write_text(text.format(last=last), encoding="utf-8")
        scenario = load_scenario(path)
        of = load_basis(scenario.basis)
        lane = open_lane(scenario, of, law, histories)
        return Stirred(lane, law, results(lane, lane.inputs))

    return until


# --- what may be changed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANGEABLE)
def test_constant_that_may_be_changed__moves_the_projection(stirred: Callable[..., Stirred], name: str) -> None:
    text = PROVINCE if name in BELOW_THE_NATION else STIRRED
    own = stirred(LAST[0], text).lane.basis.constant(name)
    ends = [value for value in inputs.constants("china-2020")[name] if value != own]
    assert ends, f"{name} has no range to move in"
    moved = (stirred(last, text).moved_by(name, value) for last in LAST for value in ends)
    assert any(moved), f"{name} changes no number: read it, or name it in constants.csv"


@pytest.mark.parametrize("name", sorted(BELOW_THE_NATION))
def test_constant_below_the_nation__moves_nothing_in_it(stirred: Callable[..., Stirred], name: str) -> None:
    """The national lane is the pool itself: it neither gives nor takes."""
    assert not any(stirred(LAST[0]).moved_by(name, value) for value in inputs.constants("china-2020")[name])


@pytest.mark.parametrize("name", sorted(name for name, code in FIXED.items() if code != "given"))
def test_constant_that_is_refused__would_move_nothing(stirred: Callable[..., Stirred], name: str) -> None:
    run = stirred(LAST[0])
    constant = run.lane.basis.find_constant(name)
    for value in (constant.low, constant.high):
        assert not run.moved_by(name, value), name


def test_refused_constants__are_those_of_some_basis_or_of_the_kernels() -> None:
    bases = [load_basis(name) for name in inputs.known_bases()]
    known = {name for basis in bases for name in basis.constants}
    for name, code in FIXED.items():
        assert (name in known) == (code != "given"), name
    given = {name for name, code in FIXED.items() if code == "given"}
    assert given == set(CONSTANT_NAMES) - known, "name constants of the kernels that no basis holds as given"
    for basis in bases:
        assert set(inputs.constants(basis.name)) == set(basis.constants) - set(FIXED)


def test_years_of_deemed_entry__end_before_every_opening() -> None:
    """The reason why they are refused: after `deemed_entry_before` nobody brings deemed years any more."""
    for name in inputs.known_bases():
        basis = load_basis(name)
        assert basis.find_constant("deemed_entry_before").high <= basis.base_year + 1


# --- how it is said ---------------------------------------------------------------------------------------------------

SAID = {
    "initial_members": ("constant_of_history", "acts on the history before the opening alone"),
    "deemed_entry_share": ("constant_of_history", "acts on the history before the opening alone"),
    "injury_leaver_share": ("constant_of_basis", "is taken from the basis alone"),
    "fertility_factor": ("constant_of_basis", "is taken from the basis alone"),
    "old_age_men": ("constant_given", "is made from the law and the horizon"),
    "injury_factor_low": ("constant_of_law", "has been replaced by the law: injury/float_levels"),
}


@pytest.mark.parametrize("name", SAID)
def test_refused_constant__is_told_with_its_line_in_scenario_and_lever(tmp_path: Path, name: str) -> None:
    (tmp_path / "lever.yaml").write_text(
        f"name: {{en: L, local: 杠杆}}\nreason: x\nconstants:\n  layoff_share: 0.5\n  {name}: 1.0\n", encoding="utf-8"
    )
    (tmp_path / "one.yaml").write_text(f"extends: jiangxi/baseline\nconstants: {{{name}: 1.0}}\n", encoding="utf-8")
    (tmp_path / "two.yaml").write_text("extends: jiangxi/baseline\nlevers: [./lever.yaml]\n", encoding="utf-8")
    for file, place in (("one.yaml", "one.yaml, line 2"), ("two.yaml", "lever.yaml, line 5")):
        (error,) = inputs.faults(load_scenario(tmp_path / file))
        assert isinstance(error, LeverError) and error.code == SAID[name][0]
        assert place in str(error) and f"{name} {SAID[name][1]}" in str(error)
        assert name in localised(error, "zh")
    (alone,) = inputs.check_file(tmp_path / "lever.yaml")
    assert "lever.yaml, line 5" in str(alone) and SAID[name][1] in str(alone)


def test_list__offers_only_constants_that_can_be_changed(capsys: pytest.CaptureFixture[str]) -> None:
    session.begin("en")
    assert cli.execute(["list"]) == cli.DONE
    listed = capsys.readouterr().out.split("Constants a lever can change\n")[1].split()
    assert {"layoff_share", "catch_up_minimum_years"} <= set(listed)
    assert not set(listed) & set(FIXED)


# --- keys of a lever, and the line of the horizon ---------------------------------------------------------------------

SECTIONS = {
    "campaigns": "[]",
    "retirement": "{reform: none}",
    "indexation": "{rate: {2027: 0.02}}",
    "payment_rate": "{2026: 0.9}",
    "payment_rate_employees": "{2026: 0.9}",
    "payment_rate_resident": "{2026: 0.9}",
    "coverage_growth": "{enterprise_payers: 0.01}",
    "changes": "{pension/rate_employer: {2028-01-01: 0.18}}",
}


def errors_of(path: Path) -> list[SimengineError]:
    with pytest.raises(SimengineError) as caught:
        load_scenario(path)
    return each_error(caught.value)


@pytest.mark.parametrize("section", SECTIONS)
def test_section_of_a_lever_in_a_scenario__is_sent_to_a_lever_file(tmp_path: Path, section: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: jiangxi/baseline\n{section}: {SECTIONS[section]}\n", encoding="utf-8")
    (error,) = errors_of(path)
    said = localised(error, "en")
    assert said.startswith(f"{path}, line 2: ")
    assert f'"{section}" is a section of a lever file' in said and "levers: [./my_lever.yaml]" in said
    assert f"“{section}”属于杠杆文件" in localised(error, "zh") and "levers: [./my_lever.yaml]" in localised(
        error, "zh"
    )


def test_other_unknown_keys__keep_their_own_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: jiangxi/baseline\nreason: because\nregion: hubei\ninformaton: opening\n", encoding="utf-8"
    )
    found = errors_of(path)
    assert [error.code for error in found if isinstance(error, SimengineError)] == ["unknown_key"] * 3


@pytest.mark.parametrize("years", ["[2020, 2060]", "[2021, 2020]", "[2022, 2060]"])
def test_wrong_years__are_told_with_their_own_line(tmp_path: Path, years: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: jiangxi/baseline\nseed: 7\ndraws: 1\nyears: {years}\n", encoding="utf-8")
    (error,) = errors_of(path)
    assert error.where == f"{path}, line 4"


def test_wrong_years_of_a_parent__are_told_with_the_line_of_the_parent(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text("extends: ./parent.yaml\nbasis: jiangxi-2015\n", encoding="utf-8")
    (tmp_path / "parent.yaml").write_text("extends: jiangxi/baseline\nyears: [2021, 2060]\n", encoding="utf-8")
    (error,) = errors_of(tmp_path / "child.yaml")
    assert error.where == f"{tmp_path / 'parent.yaml'}, line 2"


def test_wrong_years_of_a_campaign__are_told_with_their_own_line(tmp_path: Path) -> None:
    lever = (resources.scenarios_root() / "levers" / "xuzhou_gross_300k_2025.yaml").read_text(encoding="utf-8")
    line = next(number for number, text in enumerate(lever.splitlines(), 1) if "years:" in text)
    (tmp_path / "lever.yaml").write_text(lever.replace("years: [2021, 2025]", "years: [2025, 2021]"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: xuzhou/baseline\nlevers: [./lever.yaml]\n", encoding="utf-8")
    (error,) = errors_of(tmp_path / "mine.yaml")
    assert error.where.endswith(f"lever.yaml, line {line}")
