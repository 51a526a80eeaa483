"""Levers inside the economy: what follows a series hears a lever on it, as it hears a value put over the basis."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simengine.basis.basis import Basis, load_basis
from simengine.basis.economy import Economy
from simengine.basis.overlay import Values
from simengine.common.errors import BasisError
from simengine.engine.compile import moved_with
from simengine.engine.project import Result, lane_bases, project
from simengine.law import load_law
from simengine.registry.inputs import LEVER_ROWS, LEVER_SERIES, PATH_NAMES, SERIES
from simengine.scenario.scenario import Scenario, load_scenario, with_levers
from tests.helpers.note_tables import note_tables

FIRST, LAST = 2027, 2040
FOLLOWED = {
    "average_wage": 1.1,
    "price_index": 1.05,
    "minimum_wage": 0.9,
    "urban_income": 1.2,
    "rural_income": 1.2,
    "benefit_base": 1.1,
    "basic_pension": 0.95,
}
"""Every series that another one follows, with a factor to try."""


def short(name: str, last: int = LAST) -> Scenario:
    scenario = load_scenario(name)
    content = scenario.content.model_copy(update={"years": (scenario.content.years[0], last)})
    return dataclasses.replace(scenario, content=content)


def levered(scenario: Scenario, **paths: object) -> Scenario:
    lever = {"name": {"en": "trial", "local": "试算"}, "reason": "A test.", "paths": paths}
    return with_levers(scenario, "trial", {"trial": lever})


def paths(result: Result) -> np.ndarray:
    return np.array([lane.inputs.paths for lane in result.lanes])


@pytest.fixture(scope="module")
def plain() -> Result:
    return project(short("jiangxi/baseline"))


def test_followed__are_all_that_a_rule_of_the_packaged_bases_names() -> None:
    """The list above is complete: rules of the bases, rules of the law's extensions, and derived standards."""
    named = {rule.refers_to for basis in load_basis("jiangxi-2020").chain() for rule in basis.own_rules.values()}
    indices = {"wage": "average_wage", "price": "price_index"}
    law = load_law()
    extended = {str(law[key].extension.index) for key in law if law[key].extension.rule == "indexed"}
    assert named - {""} | {indices.get(name, name) for name in extended} == set(FOLLOWED)


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_lever__gives_the_bits_of_the_value_put_over_the_basis(plain: Result, name: str) -> None:
    scenario = short("jiangxi/baseline")
    factor = FOLLOWED[name]
    by_lever = project(levered(scenario, **{name: {"multiply": {FIRST: factor}}}))
    basis = load_basis(scenario.basis)
    known = range(int(basis.owner(name).own_series[name].years[-1]) + 1, LAST + 1)
    own = basis.path(name, known)
    row: dict[int, float | None] = {
        year: float(value) * (factor if year >= FIRST else 1.0) for year, value in zip(known, own, strict=True)
    }
    over = project(scenario, values={scenario.basis: Values({name: row})})
    np.testing.assert_array_equal(paths(by_lever), paths(over))
    for variable in plain.dataset:
        here, there = by_lever.dataset[variable].values, over.dataset[variable].values
        np.testing.assert_array_equal(here, there, err_msg=str(variable))
    assert not np.array_equal(paths(by_lever), paths(plain), equal_nan=True)


def test_note__wages_of_jiangxi() -> None:
    """The worked example of notes/scenarios.md, section 2."""
    scenario = short("jiangxi/baseline", 2045)
    change = {"multiply": {2030: 1.3}}
    runs = [
        project(one)
        for one in (
            scenario,
            levered(scenario, average_wage=change),
            levered(scenario, average_wage={**change, "alone": True}),
        )
    ]
    names = ("average_wage", "benefit_base", "minimum_wage")
    rows = next(table for table in note_tables("scenarios", "2.") if "average_wage" in table[0])
    assert len(rows) == len(runs)
    for row, run in zip(rows, runs, strict=True):
        found = [f"{paths(run)[0, PATH_NAMES.index(name), -1]:.0f}" for name in names]
        assert [row[name] for name in names] == found


def test_followers_of_the_wage__are_those_of_the_basis_the_law_and_the_engine() -> None:
    scenario = levered(short("jiangxi/baseline"), average_wage={"multiply": {FIRST: 1.1}})
    moved = moved_with("average_wage", scenario, lane_bases(scenario), load_law())
    assert {"benefit_base", "minimum_wage", "urban_income", "rural_income", "adjustment_ratio", "previous_wage"} <= {
        *moved
    }
    assert {"unemployment_benefit", "medical_cost", "injury_project_premium", "resident_contribution"} <= {*moved}


def test_a_lever_in_published_years__is_heard_from_the_year_after_them(plain: Result) -> None:
    """Wages x 1.2 from 2022: minimum wage and incomes are published to 2024 or 2025, and follow from then on."""
    ratio = (
        paths(project(levered(short("jiangxi/baseline"), average_wage={"multiply": {2022: 1.2}})))[0] / paths(plain)[0]
    )
    for name in (
        "minimum_wage",
        "urban_income",
        "rural_income",
        "benefit_base",
        "unemployment_benefit",
    ):
        row = ratio[PATH_NAMES.index(name)]
        assert row[2023 - 2020] == 1.0 and row[2035 - 2020] == pytest.approx(1.2), name


def test_followers__of_one_of_five_shares_are_told_although_it_cannot_be_left_out_alone() -> None:
    """`simengine show` compares the series with and without each change; the four others do not add to one."""
    shares = {"refund": 0.1, "continue": 0.3, "pay_up": 0.2, "resident": 0.3, "unclaimed": 0.1}
    stated = {f"{name}_share": {"set": {FIRST: value}} for name, value in shares.items()}
    gated = {"admitted_public_pensioners": {"add": {FIRST: 100}}, "admitted_public_pension": {"set": {FIRST: 6_000}}}
    scenario = levered(short("jiangxi/baseline"), **stated, **gated)
    for series in (*stated, *gated):
        assert moved_with(series, scenario, lane_bases(scenario), load_law()) == ()


def test_alone__moves_the_series_and_its_year_before_and_nothing_else(plain: Result) -> None:
    scenario = levered(short("jiangxi/baseline"), average_wage={"multiply": {FIRST: 1.1}, "alone": True})
    assert moved_with("average_wage", scenario, lane_bases(scenario), load_law()) == ("previous_wage",)
    ratio = paths(project(scenario))[0] / paths(plain)[0]
    at = FIRST - 2020
    assert ratio[PATH_NAMES.index("average_wage"), at] == pytest.approx(1.1)
    assert ratio[PATH_NAMES.index("previous_wage"), at : at + 2].tolist() == pytest.approx([1.0, 1.1])


def test_a_lever_on_a_follower__acts_on_top_of_what_it_hears(plain: Result) -> None:
    both = {"average_wage": {"multiply": {FIRST: 1.1}}, "minimum_wage": {"multiply": {FIRST: 1.2}}}
    ratio = paths(project(levered(short("jiangxi/baseline"), **both)))[0] / paths(plain)[0]
    assert ratio[PATH_NAMES.index("minimum_wage"), FIRST - 2020] == pytest.approx(1.32)


@dataclasses.dataclass(frozen=True)
class Unmoved:
    """Enterprise pensions with and without wages x 1.1 from 2026 [yuan a month of the mean pension, by year end]."""

    mean: np.ndarray
    moved: float
    """The mean pension of the last year over that of the run without the lever."""
    award: float
    """The same of the new awards of the last year."""

    @property
    def flat(self) -> np.ndarray:
        """Part of the mean pension that did not move [yuan]."""
        return self.mean[0] - (self.mean[1] - self.mean[0]) / 0.1


def wages_up(scenario: Scenario) -> Unmoved:
    run = project([scenario, levered(scenario, average_wage={"multiply": {2026: 1.1}})])
    both = [scenario.key, "trial"]
    own = run.dataset.isel(draw=0, region=0).sel(scenario=both)
    mean = (own.enterprise_pension_mass / own.enterprise_pensioners).values
    award = (own.new_award_mass_enterprise / own.awards_enterprise).isel(year=-1).values
    return Unmoved(mean, float(mean[1, -1] / mean[0, -1]), float(award[1] / award[0]))


SUPPLEMENTS = ("addon_fixed", "addon_transition_fixed", "addon_transition_per_index_year")


@pytest.mark.parametrize("region", ["china", "jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan"])
def test_wages__move_the_pension_of_the_long_run_by_as_much(region: str) -> None:
    """Wages x 1.1 from 2026: new awards move by 1.1, and so does the mean pension but for what was earned before.

    What was earned before is a sum of yuan that fades. The flat supplements of Zhejiang's law are struck here.
    """
    found = wages_up(without_supplements(load_scenario(f"{region}/baseline")))
    flat = found.flat[-21:]
    print(f"{region}: mean x {found.moved:.4f}, new awards x {found.award:.4f}; {flat[-1]:.0f} yuan have not moved")
    assert found.award == pytest.approx(1.1, rel=1e-3)
    assert found.moved == pytest.approx(1.1, rel=2e-3)
    assert (flat > 0.0).all()
    assert (np.diff(flat) < 0.0).all()


def test_wages__leave_the_flat_supplements_of_zhejiang_as_they_are() -> None:
    """What does not move in Haiyan is what was earned before 2026 and its supplements, yuan for yuan."""
    enacted = load_scenario("haiyan/baseline")
    found, struck = wages_up(enacted), wages_up(without_supplements(enacted))
    supplements = found.mean[0, -1] - struck.mean[0, -1]
    assert supplements > 0.03 * found.mean[0, -1]
    assert found.flat[-1] == pytest.approx(struck.flat[-1] + supplements, rel=5e-3)


def without_supplements(scenario: Scenario) -> Scenario:
    changes = {f"pension/{name}": {"2026-01-01": 0} for name in SUPPLEMENTS}
    lever = {"name": {"en": "struck", "local": "取消补贴"}, "reason": "A test.", "changes": changes}
    return with_levers(scenario, "struck", {"struck": lever})


# --- cities -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "stock"),
    [
        ("unemployment_insured", lambda run: run.unemployment_insured),
        ("injury_insured", lambda run: run.injury_insured),
    ],
)
def test_a_head_count_of_a_city__is_shared_over_its_areas(series: str, stock: Callable[..., Any]) -> None:
    """Each of Xuzhou's seven areas got the city's figure before: 655万 insured of 908万 people, and the target met."""
    scenario = short("xuzhou/baseline", 2030)
    own = project(scenario).dataset
    stated = 1.02 * float(stock(own).sel(region="xuzhou", year_end=2025).item())
    change = {series: {"set": {2025: stated}, "shape": "pulse"}}
    run = project(levered(scenario, **change))
    found = stock(run.dataset).sel(year_end=2025, draw=0, scenario="trial")
    assert float(found.sel(region="xuzhou")) == pytest.approx(stated, rel=1e-9)
    areas = found.drop_sel(region="xuzhou")
    assert float(areas.sum()) == pytest.approx(stated, rel=1e-9)
    parts = {lane.basis.region: lane.basis.opening(series) for lane in run.lanes}
    for region, opening in parts.items():
        assert float(found.sel(region=region)) == pytest.approx(stated * opening / sum(parts.values()), rel=1e-9)


def test_money_of_a_city__is_shared_and_amounts_a_head_are_not() -> None:
    scenario = short("xuzhou/baseline", 2030)
    run = project(levered(scenario, pool_transfer={"set": {2026: 7.0e8}}, average_wage={"add": {2026: 70.0}}))
    base = project(scenario)
    at = 2026 - 2020
    transfer = [float(lane.inputs.paths[PATH_NAMES.index("pool_transfer"), at]) for lane in run.lanes]
    assert sum(transfer) == pytest.approx(7.0e8) and min(transfer) > 0.0
    rise = paths(run) - paths(base)
    assert rise[:, PATH_NAMES.index("average_wage"), at].tolist() == pytest.approx([70.0] * 7)


def test_every_head_count_and_sum_of_money__says_how_a_city_shares_it() -> None:
    shared = {"heads": "person", "signed": "yuan"}  # a pressure is signed, too, and the same in every area
    heads = {name for name in LEVER_SERIES if shared.get(SERIES[name].kind) == SERIES[name].unit}
    unshared = {name for name in heads if name not in LEVER_ROWS or not LEVER_ROWS[name].shared_by}
    assert unshared == set()
    basis = load_basis("xuzhou-2020")
    for row in LEVER_ROWS.values():
        assert not row.shared_by or basis.opening(row.shared_by) > 0.0, row


# --- the economy itself -----------------------------------------------------------------------------------------------


def with_rule(basis: Basis, series: str, other: str) -> Basis:
    changed = dataclasses.replace(basis)
    rules = dict(basis.own_rules)
    rules[series] = dataclasses.replace(basis.rule(series), after="ratio", ratio=other, converge_series="")
    changed.__dict__["own_rules"] = rules
    return changed


def test_a_circle_of_rules__is_refused_with_its_chain() -> None:
    basis = with_rule(
        with_rule(load_basis("china-2020"), "urban_income", "rural_income"), "rural_income", "urban_income"
    )
    economy = Economy(basis, np.arange(2020, 2041))
    with pytest.raises(BasisError) as caught:
        economy.heard("urban_income")
    assert "urban_income -> rural_income -> urban_income" in str(caught.value)


def test_without_levers__the_economy_is_the_basis() -> None:
    basis = load_basis("haiyan-2020")
    economy = Economy(basis, np.arange(2020, 2061))
    years = np.arange(1995, 2061)
    for name in ("average_wage", "benefit_base", "minimum_wage", "medical_cost"):
        early = years >= (2001 if name == "benefit_base" else 1995)
        for found in (economy.stated, economy.heard, economy.read):
            np.testing.assert_array_equal(found(name, years[early]), basis.path(name, years[early]))


def test_a_lever_file__says_alone_and_another_manner_conflicts(tmp_path: Path) -> None:
    head = "name: {en: a, local: a}\nreason: x\n"
    (tmp_path / "a.yaml").write_text(head + "paths: {average_wage: {multiply: {2030: 1.1}, alone: true}}\n", "utf-8")
    (tmp_path / "b.yaml").write_text(head + "paths: {average_wage: {multiply: {2031: 1.2}}}\n", "utf-8")
    file = tmp_path / "s.yaml"
    file.write_text("extends: jiangxi/baseline\nlevers: [./a.yaml]\n", "utf-8")
    assert load_scenario(file).changes("average_wage", alone=True)
    assert not load_scenario(file).changes("average_wage")
    file.write_text("extends: jiangxi/baseline\nlevers: [./a.yaml, ./b.yaml]\n", "utf-8")
    with pytest.raises(Exception, match="multiply, step, alone"):
        load_scenario(file)


# --- dates ------------------------------------------------------------------------------------------------------------


def test_an_indexation_of_july__acts_from_the_next_january_on(plain: Result) -> None:
    """Field case fc06: the year of the lever fell to the ratio of 2025, the last enacted one, below both neighbours."""
    lever = {
        "name": {"en": "five", "local": "五"},
        "reason": "A test.",
        "changes": {"pension/adjustment_ratio": {"2030-07-01": 0.05}},
    }
    scenario = with_levers(short("jiangxi/baseline"), "july", {"july": lever})
    ratio = paths(project(scenario))[0, PATH_NAMES.index("adjustment_ratio")]
    own = paths(plain)[0, PATH_NAMES.index("adjustment_ratio")]
    at = 2030 - 2020
    assert ratio[: at + 1].tolist() == own[: at + 1].tolist()
    assert ratio[at + 1 :].tolist() == pytest.approx([0.05] * (LAST - 2030))


@pytest.mark.parametrize("region", ["jiangxi", "china", "xuzhou", "haiyan"])
def test_a_base_pension_of_december__never_lowers_its_year(region: str) -> None:
    """The year of the lever is the mean over its days of what the basis says and of the standard."""
    lever = {"name": {"en": "500", "local": "五百"}, "reason": "A test.", "checked": ["resident/basic_pension_minimum"]}
    found: dict[str, np.ndarray] = {}
    for day in ("2030-12-31", "2030-07-02", "2030-01-01"):
        change = {"resident/basic_pension_minimum": {day: 900}}
        scenario = with_levers(short(f"{region}/baseline"), "p", {"p": {**lever, "changes": change}})
        found[day] = paths(project(scenario))[:, PATH_NAMES.index("basic_pension")]
    own = paths(project(short(f"{region}/baseline")))[:, PATH_NAMES.index("basic_pension")]
    at = 2030 - 2020
    late, middle, early = (found[day][:, at] for day in found)
    assert (late >= own[:, at]).all() and (late < middle).all() and (middle < early).all()
    np.testing.assert_allclose(late - own[:, at], (early - own[:, at]) / 365.0, rtol=1e-9)


@pytest.mark.parametrize("part", ["fixed", "years", "tilt"])
def test_a_part_of_the_adjustment__acts_in_its_year_alone_and_leaves_the_sum(plain: Result, part: str) -> None:
    """A pulse in 2030 moves who gets the rise of 2030, and not the rise of all."""
    run = project(levered(short("jiangxi/baseline"), **{f"adjustment_{part}": {"add": {2030: 0.1}, "shape": "pulse"}}))
    moved = run.dataset.enterprise_pension_mass.sel(draw=0, region="jiangxi")
    own = plain.dataset.enterprise_pension_mass.sel(draw=0, region="jiangxi")
    difference = np.abs(moved.values.squeeze() / own.values.squeeze() - 1.0)
    at = 2030 - 2020
    assert (difference[:at] == 0.0).all()
    assert 0.0 < difference[at] < 2e-3  # of those who die in the year, the parts weigh otherwise
    assert (
        paths(run)[0, PATH_NAMES.index("adjustment_ratio")] == paths(plain)[0, PATH_NAMES.index("adjustment_ratio")]
    ).all()
