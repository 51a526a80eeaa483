"""The guard against levers that would do nothing: which law parameters are read, and what happens to the others."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.basis.basis import Basis, basis_names, load_basis
from simengine.cases import compute, load_cases
from simengine.cli.inputs import check_file, load_all
from simengine.common.errors import ErrorList, LawError, LeverError
from simengine.engine.compile import LaneInputs, compile_lane, scenario_law
from simengine.engine.compile.law_keys import nearest_keys, refuse_unread
from simengine.engine.project import project
from simengine.law import LawTree, Parameter, load_law
from simengine.registry.inputs import (
    DAY_KEYS,
    LAW_KEYS,
    LAW_SERIES,
    LEVER_KEYS,
    PATH_NAMES,
    READ_KEYS,
    READ_ON,
    SERIES_INSTEAD,
    LawKey,
)
from simengine.scenario.combine import LawChange
from simengine.scenario.scenario import Scenario, load_scenario, packaged

LAST = 2035
SETTLED = sorted(key for key, day in READ_ON.items() if day is None)
TESTS = Path(__file__).parents[1]
LATER = "2027-01-01"
"""Day on which a lever begins that looks ahead of what is enacted."""
PROBES = ("china-2020", "jiangsu-2020", "jingdezhen-2015")
"""Bases on which a change is tried: rules by minimum wage and by own base, a region below a province."""

ACTS: dict[str, Any] = {
    "economy/urban_living_standard": 3_000.0,
    "unemployment/own_base_floor": 4.0,
    "injury/stop_work_months": 1.0,
    "injury/survivor_cap": 0.3,
    "retirement/early_window": 4,
    "retirement/early_months_max": 24,
    "retirement/late_months_max": 24,
    "pension/central_adjustment_rate": 0.05,
    "pension/account_divisor": {60: 136},
    "pension/adjustment_split": {"fixed": 0.4, "years": 0.3, "level": 0.25, "tilt": 0.05},
    "injury/outcome_share": {"death": 0.03, "no_grade": 0.485},
    "retirement/early_share": {"men": 0.1, "women_55": 0.1, "women_50": 0.1},
    "retirement/late_share": {"men": 0.01, "women_55": 0.01, "women_50": 0.01},
}
"""Values that bind where a tenth more or less would not, or would not be allowed."""

TOGETHER = {
    "unemployment/rate_employer_statutory": {"unemployment/phased_cut": 0.0},
    "unemployment/rate_employee_statutory": {"unemployment/phased_cut": 0.0},
}
"""Rules that another one suspends: they act once that has ended."""


class RecordingLaw(LawTree):
    """A law tree that notes every key looked up in it, by `annual`, `codes`, `labels`, or directly."""

    def __init__(self, law: LawTree, read: set[str]) -> None:
        super().__init__({key: law[key] for key in law}, law.regions, law.changes, law.information_date)
        self.read = read

    def __getitem__(self, key: str) -> Parameter:
        self.read.add(key)
        return super().__getitem__(key)


@pytest.fixture(scope="module")
def law() -> LawTree:
    return load_law()


@cache
def basis(name: str) -> Basis:
    return load_basis(name)


@cache
def scenario(name: str) -> Scenario:
    return load_scenario(name)


def lane_years(of: Basis) -> np.ndarray:
    return np.arange(of.base_year, LAST + 1)


def change(key: str, values: dict[str, Any], lever: str = "mine", region: str | None = None) -> LawChange:
    dated = {datetime.date.fromisoformat(day): value for day, value in values.items()}
    return LawChange(lever, f"levers/{lever}.yaml, line 7", key, region, dated)


def same(one: LaneInputs, other: LaneInputs) -> bool:
    pairs = zip((one.paths, one.constants, *one.tables), (other.paths, other.constants, *other.tables), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


# --- what is read -----------------------------------------------------------------------------------------------------


def test_read_keys__are_what_the_compilation_of_all_lanes_reads(law: LawTree) -> None:
    """Spin-up and projection of every basis, and the packaged scenarios with their levers and information dates."""
    read: set[str] = set()
    for name in basis_names():
        of = basis(name)
        if of.spinup_parent is None:
            compile_lane(of, RecordingLaw(law, read), np.arange(1993, of.base_year + 1), None)
        compile_lane(of, RecordingLaw(law, read), lane_years(of), None)
    for key in packaged():
        chosen = scenario(key)
        under = RecordingLaw(scenario_law(chosen, law), read)
        for name in basis(chosen.basis).partition or (chosen.basis,):
            compile_lane(basis(name), under, lane_years(basis(name)), chosen)
    assert read - DAY_KEYS == READ_KEYS
    assert read & DAY_KEYS


def test_read_keys__exist_and_hold_every_law_series(law: LawTree) -> None:
    assert set(law) > READ_KEYS
    assert set(LAW_SERIES.values()) < READ_KEYS
    assert set(READ_ON) < READ_KEYS


def test_law_keys__say_of_every_parameter_who_reads_it(law: LawTree) -> None:
    assert list(LAW_KEYS) == sorted(law)
    assert {key for key, row in LAW_KEYS.items() if row.use in ("lane", "both")} == READ_KEYS


def test_law_keys__cases_read_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worked cases, and beside them cases for the parameters that none of these needs."""
    read: set[str] = set()
    look_up = LawTree.__getitem__

    def noted(tree: LawTree, key: str) -> Parameter:
        read.add(key)
        return look_up(tree, key)

    files = [*sorted((TESTS / "worked").glob("cases_*.yaml")), TESTS / "registry" / "case_reads.yaml"]
    cases = [case for file in files for case in load_cases(file)]
    monkeypatch.setattr(LawTree, "__getitem__", noted)
    for case in cases:
        compute(case)
    assert read == {key for key, row in LAW_KEYS.items() if row.use in ("case", "both")}


@pytest.mark.parametrize("key", SETTLED)
def test_law_keys__a_settled_key_is_read_as_the_law_stands_at_the_opening(law: LawTree, key: str) -> None:
    assert any(acts(law, key, name, "1993-01-01") for name in PROBES)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("pension/x", "lane", "", "A reason.", "理由"), "only there"),
        (("pension/x", "case", "", "", ""), "only there"),
        (("pension/x", "none", "", "A reason.", ""), "only there"),
        (("pension/x", "nobody", "", "A reason.", "理由"), "unknown"),
        (("pension/x", "case", "opening", "A reason.", "理由"), "by no projection"),
    ],
)
def test_law_key__a_row_that_does_not_say_why_is_refused(row: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LawKey(*row)


def test_series_instead__name_unread_parameters_and_series_of_the_kernels(law: LawTree) -> None:
    assert set(SERIES_INSTEAD) <= set(law) - READ_KEYS
    assert set(SERIES_INSTEAD.values()) <= set(PATH_NAMES)


# --- what a lever on it does ------------------------------------------------------------------------------------------


def others(parameter: Parameter, value: Any) -> Iterator[Any]:
    """Allowed values that differ from the present one: a tenth less or more, a step, another code."""
    if parameter.unit.symbol == "code":
        yield from (code for code in parameter.allowed if code != value)
        return
    for move in (lambda x: 0.9 * x, lambda x: 1.1 * x, lambda x: x + 1, lambda x: x - 1, lambda x: x + 12):
        if isinstance(value, dict):
            moved: Any = {label: move(leaf) for label, leaf in value.items()}
        else:
            moved = [move(leaf) for leaf in value] if isinstance(value, list) else move(value or 0.0)
        if moved != value and parameter.fault(moved) is None:
            yield moved


@cache
def unchanged(name: str, first: tuple[tuple[str, float], ...] = ()) -> LaneInputs:
    return compile_lane(basis(name), beside(load_law(), name, first), lane_years(basis(name)), None)


def beside(law: LawTree, name: str, first: tuple[tuple[str, float], ...]) -> LawTree:
    return law.with_changes({key: {opening_day(name): value} for key, value in first}) if first else law


def opening_day(name: str) -> str:
    """First day on which a lever of a scenario of this basis may begin."""
    return f"{basis(name).base_year + 1}-01-01"


def acts(law: LawTree, key: str, name: str, day: str) -> bool:
    """Whether a lever on a parameter from a day on moves any input of a lane of this basis."""
    try:
        present = law[key].at(day, basis(name).region)
    except LawError:  # a rule of other regions alone
        return False
    first = tuple(TOGETHER.get(key, {}).items())
    under = beside(law, name, first)
    value = ACTS[key] if key in ACTS else next(others(law[key], present))
    moved = compile_lane(basis(name), under.with_changes({key: {day: value}}), lane_years(basis(name)), None)
    return not same(unchanged(name, first), moved)


@pytest.mark.parametrize("key", sorted(LEVER_KEYS))
def test_lever__on_every_key_that_is_not_refused_moves_an_input(law: LawTree, key: str) -> None:
    alone = ("injury/medical_subsidy_amount", "injury/subsidy_rule", "pension/transition_former_over_new")
    probes = ("jiangsu-2020",) if key in alone else PROBES
    assert any(acts(law, key, name, opening_day(name)) for name in probes)
    paid_whole = key == "pension/transition_former_over_new"  # later the whole gain is paid and nothing is compared
    assert key in READ_ON or any(acts(law, key, name, LATER) for name in probes) != paid_whole


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize("key", SETTLED)
def test_lever__on_a_settled_key_would_move_nothing(law: LawTree, key: str, name: str) -> None:
    assert not acts(law, key, name, opening_day(name))


@pytest.mark.parametrize(("key", "day"), sorted((key, day) for key, day in READ_ON.items() if day is not None))
def test_lever__on_a_key_read_on_one_day_acts_until_that_day(law: LawTree, key: str, day: datetime.date) -> None:
    assert acts(law, key, "china-2020", str(day))
    assert not acts(law, key, "china-2020", str(day + datetime.timedelta(days=1)))


@pytest.mark.parametrize("key", sorted(key for key in LEVER_KEYS if key.startswith("retirement/")))
def test_lever__that_restates_the_law_is_foreseen_no_more_than_the_law(law: LawTree, key: str) -> None:
    """All values of the law from the opening on, those enacted years later among them."""
    name = "jiangxi-2020"
    region, first = basis(name).region, datetime.date.fromisoformat(opening_day(name))
    stated = {first: law[key].at(first, region)}
    stated |= {dated.date: dated.value for dated in law[key].timeline(region) if dated.date > first}
    under = law.with_changes({key: stated})
    assert under[key].restates(region)
    assert same(unchanged(name), compile_lane(basis(name), under, lane_years(basis(name)), None))
    value = ACTS[key] if key in ACTS else next(others(law[key], stated[max(stated)]))
    assert not law.with_changes({key: stated | {datetime.date(2030, 1, 1): value}})[key].restates(region)


# --- the guard --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(LEVER_KEYS))
def test_refuse_unread__lets_through_what_is_read(key: str) -> None:
    refuse_unread([change(key, {str(READ_ON.get(key, "2025-01-01")): 0.5})])


def test_refuse_unread__names_key_file_and_nearest_keys() -> None:
    with pytest.raises(LeverError) as caught:
        refuse_unread([change("unemployment/medical_rate", {"2026-01-01": 0.09})])
    text = str(caught.value)
    assert text.startswith("levers/mine.yaml, line 7: mine changes unemployment/medical_rate")
    assert "no projection reads this parameter" in text
    assert "series unemployment_medical" in text
    near = caught.value.allowed.rpartition("nearest are ")[2].split(", ")
    assert len(near) == 3
    assert set(near) <= LEVER_KEYS
    assert all(other.startswith("unemployment/") for other in near)


def test_refuse_unread__a_settled_key_says_why() -> None:
    with pytest.raises(LeverError, match=r"pension/deemed_index_rule.*as the law stands at the opening"):
        refuse_unread([change("pension/deemed_index_rule", {"2026-01-01": "fixed"})])


def test_refuse_unread__a_key_read_on_one_day_is_refused_after_it() -> None:
    refuse_unread([change("retirement/early_share_at_earliest", {"2025-01-01": 0.5})])
    with pytest.raises(LeverError, match="as it stands on 2025-12-31"):
        refuse_unread([change("retirement/early_share_at_earliest", {"2025-01-01": 0.5, "2030-01-01": 0.6})])
    with pytest.raises(LeverError, match=r"early_share_at_earliest.*as it stands on 2025-12-31"):
        refuse_unread([change("retirement/early_share_at_earliest", {"2026-01-01": 0.5})])


def test_refuse_unread__reports_every_lever_at_once() -> None:
    wrong = [
        change("resident/tiers", {"2026-01-01": [1]}),
        change("injury/medical_cost", {"2026-01-01": 20_000}, "other"),
    ]
    with pytest.raises(ErrorList) as caught:
        refuse_unread([change("pension/rate_employer", {"2026-01-01": 0.2}), *wrong])
    assert [error.where for error in caught.value.errors] == ["levers/mine.yaml, line 7", "levers/other.yaml, line 7"]


def test_refuse_unread__nothing_to_refuse() -> None:
    refuse_unread([])


@pytest.mark.parametrize("count", [1, 3, 5])
def test_nearest_keys__own_branch_first(count: int) -> None:
    known = {"pension/rate_employer", "pension/rate_employee", "public/rate_employer", "injury/class_rate"}
    found = nearest_keys("pension/rate_employers", known, count)
    assert found[:2] == ["pension/rate_employer", "pension/rate_employee"][:count]
    assert len(found) == len(set(found)) == min(count, 4)


# --- where it stands --------------------------------------------------------------------------------------------------


def write(folder: Path, body: str) -> Path:
    """A scenario with one lever of the given changes; returns the scenario's file."""
    text = f"name: {{en: Mine, local: 我的}}\nreason: A test.\nchanges:\n{body}"
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    path = folder / "trial.yaml"
    path.write_text(
        "extends: jiangxi/baseline\nyears: [2021, 2030]\ntargets: []\nlevers: [./mine.yaml]\n", encoding="utf-8"
    )
    return path


UNREAD = "  unemployment/medical_rate: {2026-01-01: 0.09}\n"


def test_project__refuses_a_lever_that_would_do_nothing(tmp_path: Path) -> None:
    chosen = load_scenario(write(tmp_path, UNREAD))
    with pytest.raises(LeverError, match=r"mine\.yaml, line 4: mine changes unemployment/medical_rate"):
        scenario_law(chosen, load_law())
    with pytest.raises(LeverError, match="no projection reads this parameter"):
        project(chosen)


def test_validate__refuses_a_lever_that_would_do_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, UNREAD)
    for wrong in (path, tmp_path / "mine.yaml"):
        (error,) = check_file(wrong)
        assert isinstance(error, LeverError)
        assert "no projection reads this parameter" in str(error)
    with pytest.raises(LeverError, match="no projection reads this parameter"):
        load_all([str(path)])


def test_misspelt_key__is_unknown_not_unused(tmp_path: Path) -> None:
    path = write(tmp_path, "  unemployment/benefit_shares: {2026-01-01: 0.9}\n")
    (error,) = check_file(path)
    assert "no law parameter is called" in str(error)
    assert "unemployment/benefit_share" in error.hint
    with pytest.raises(LeverError, match="no law parameter is called"):
        scenario_law(load_scenario(path), load_law())


@pytest.mark.parametrize("key", sorted(packaged()))
def test_packaged_scenarios__change_only_what_is_read(key: str, law: LawTree) -> None:
    under = scenario_law(scenario(key), law)
    assert {change.key for change in under.changes} <= LEVER_KEYS


@pytest.mark.parametrize("name", sorted(packaged("levers")))
def test_packaged_levers__change_only_what_is_read(name: str) -> None:
    assert check_file(packaged("levers")[name]) == []
