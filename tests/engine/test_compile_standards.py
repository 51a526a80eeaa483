"""Unemployment benefit and residents' basic pension beyond their last published year (engine/compile/standards.py)."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from simengine.common.errors import LawError
from simengine.engine.compile import compile_lane
from simengine.engine.compile.standards import benefit_by_rule, carried_on, last_published
from tests.engine.test_compile import YEARS, basis, compiled, law, moved, packaged_scenario, plain, series, with_lever


@pytest.mark.parametrize("name", ["china", "jiangxi", "hubei", "zhejiang", "jiangsu", "haiyan", "jingdezhen"])
def test_unemployment_benefit__known_years_stay_as_published(name: str) -> None:
    of = basis(f"{name}-2015" if name == "jingdezhen" else f"{name}-2020")
    years = np.arange(of.base_year, 2041)
    found = series(compile_lane(of, law(), years, None), "unemployment_benefit")
    last = last_published(of, "unemployment_benefit", None)
    published = of.path("unemployment_benefit", years)
    assert found[years <= last].tolist() == published[years <= last].tolist()
    if name != "jiangsu":  # the rule of the region is the one by which the basis went on
        np.testing.assert_allclose(found, published, rtol=1e-14)


def test_unemployment_benefit__of_jiangxi_is_ninety_per_cent_of_the_minimum_wage() -> None:
    ratio = series(plain(), "unemployment_benefit") / series(plain(), "minimum_wage")
    assert ratio[YEARS >= 2025].tolist() == pytest.approx([0.9] * 16, rel=1e-14)
    assert ratio[0] == pytest.approx(0.75)
    then = plain("jiangxi/as_planned")
    assert (series(then, "unemployment_benefit") / series(then, "minimum_wage")).tolist() == pytest.approx([0.75] * 21)


@pytest.mark.parametrize(("name", "first"), [("jiangxi/baseline", 2028), ("jiangxi/as_planned", 2023)])
def test_unemployment_benefit__the_share_is_a_lever(tmp_path: Path, name: str, first: int) -> None:
    change = f"changes: {{unemployment/benefit_share: {{{first}-01-01: 0.95}}}}"
    inputs = compiled(with_lever(tmp_path, change, extends=name))
    assert moved(plain(name), inputs) == {"unemployment_benefit"}
    ratio = series(inputs, "unemployment_benefit") / series(inputs, "minimum_wage")
    acts = first - int(YEARS[0])
    assert ratio[acts:].tolist() == pytest.approx([0.95] * (YEARS.size - acts), rel=1e-14)
    assert ratio[:acts].max() <= 0.9 + 1e-12


def test_unemployment_benefit__follows_a_lever_on_the_minimum_wage(tmp_path: Path) -> None:
    inputs = compiled(with_lever(tmp_path, "paths: {minimum_wage: {multiply: {2030: 1.2}}}"))
    assert moved(plain(), inputs) == {"minimum_wage", "unemployment_benefit"}
    ratio = series(inputs, "unemployment_benefit") / series(plain(), "unemployment_benefit")
    assert ratio.tolist() == pytest.approx([1.0] * 10 + [1.2] * 11, rel=1e-14)


def own_base_reference(wage: float, minimum: float, relative: float, log_sd: float, year: int, cap: float) -> float:
    """Mean benefit over a fine grid of wages: base clamped, share of it clamped again, classes of paid years alike."""
    day = datetime.date(year, 1, 1)

    def rule(key: str) -> float:
        return float(law()[key].at(day, "jiangsu"))

    grid = (np.arange(400_000) + 0.5) / 400_000
    wages = relative * np.exp(log_sd * ndtri(grid) - 0.5 * log_sd**2)
    base = wage * np.clip(wages, rule("pension/base_floor_share"), rule("pension/base_cap_share"))
    floor = rule("unemployment/own_base_floor") * rule("economy/urban_living_standard")
    shares = law()["unemployment/own_base_share"].at(day, "jiangsu").values()
    return float(np.mean([np.clip(share * base, floor, max(floor, cap * minimum)).mean() for share in shares]))


@pytest.mark.parametrize("cap", [1.0, 1.5, 3.0, 0.2])
def test_benefit_by_rule__own_base_against_a_grid_of_wages(cap: float) -> None:
    """A cap of 0.2 minimum wages lies below the floor, which then rules."""
    years = np.array([2021, 2022, 2023])
    wage, minimum = np.array([7_000.0, 9_000.0, 4_000.0]), np.array([2_000.0, 2_100.0, 2_300.0])
    changed = law().with_changes({"unemployment/own_base_cap": {"2021-01-01": cap}})
    found = benefit_by_rule(
        changed, "jiangsu", years, minimum_wage=minimum, previous_wage=wage, relative_wage=np.array([0.7, 0.8, 0.9]),
        price=np.ones(3), log_sd=0.55,
    )  # fmt: skip
    for position, year in enumerate(years):
        expected = own_base_reference(
            wage[position], minimum[position], (0.7, 0.8, 0.9)[position], 0.55, int(year), cap
        )
        assert found[position] == pytest.approx(expected, rel=2e-5)


def test_benefit_by_rule__a_share_of_the_minimum_wage_elsewhere() -> None:
    years = np.array([2019, 2020, 2030])
    found = benefit_by_rule(
        law(), "zhejiang", years, minimum_wage=np.array([2_000.0, 2_010.0, 3_000.0]), previous_wage=np.ones(3),
        relative_wage=np.ones(3), price=np.ones(3), log_sd=0.5,
    )  # fmt: skip
    assert found.tolist() == pytest.approx([1_600.0, 1_608.0, 2_700.0])


def test_benefit_by_rule__a_year_in_which_wage_and_share_change() -> None:
    """Jiangxi 2024: 98 days at 0.75 of the old wage, 268 at 0.9 of the new one, with the mean wage of the basis.

    The wages are those of class 2, the mean of the year the basis' own: its level is kept, the days are the law's.
    """
    mean = 1_962.5
    found = benefit_by_rule(
        law(), "jiangxi", np.array([2024]), minimum_wage=np.array([mean]), previous_wage=np.ones(1),
        relative_wage=np.ones(1), price=np.ones(1), log_sd=0.5,
    )  # fmt: skip
    of_law = (98 * 0.75 * 1_730 + 268 * 0.9 * 1_870) / 366
    assert found[0] == pytest.approx(of_law * mean / ((91 * 1_730 + 275 * 1_870) / 366), rel=1e-13)
    product_of_means = mean * (98 * 0.75 + 268 * 0.9) / 366
    print(f"product of the yearly means: {100.0 * (product_of_means / found[0] - 1.0):+.2f} %")
    assert product_of_means < found[0]


def test_basic_pension__is_the_basis_until_a_lever_states_the_standard(tmp_path: Path) -> None:
    assert series(plain(), "basic_pension").tolist() == basis().path("basic_pension", YEARS).tolist()
    standard = "changes: {resident/basic_pension_minimum: {2030-01-01: 300, 2035-01-01: 400}}"
    inputs = compiled(with_lever(tmp_path, standard))
    assert moved(plain(), inputs) == {"basic_pension", "resident_supplement"}  # the supplement follows
    found, before = series(inputs, "basic_pension"), series(plain(), "basic_pension")
    assert found[:10].tolist() == before[:10].tolist()
    last = last_published(basis(), "basic_pension", None)
    at_last = law().annual("resident/basic_pension_minimum", [last], "jiangxi")[0]
    level = float(basis().path("basic_pension", np.array([last]))[0]) / at_last
    assert found[10:15].tolist() == pytest.approx([300.0 * level] * 5, rel=1e-12)
    incomes = basis().path("urban_income", np.arange(2035, 2041))
    assert found[15:].tolist() == pytest.approx((400.0 * level * incomes / incomes[0]).tolist(), rel=1e-12)


def test_basic_pension__a_lever_in_known_years_stands_on_the_year_before_it(tmp_path: Path) -> None:
    """Published values of the lever's year and later are replaced; they are no anchor either."""
    inputs = compiled(with_lever(tmp_path, "changes: {resident/basic_pension_minimum: {2024-01-01: 150}}"))
    assert last_published(basis(), "basic_pension", None) > 2024
    before = float(basis().path("basic_pension", np.array([2023]))[0])
    standard = law().annual("resident/basic_pension_minimum", [2023], "jiangxi")[0]
    found = series(inputs, "basic_pension")
    assert found[:4].tolist() == series(plain(), "basic_pension")[:4].tolist()
    assert found[4] == pytest.approx(150.0 * before / standard, rel=1e-12)


@pytest.mark.parametrize("name", ["unemployment_benefit", "basic_pension"])
def test_standards__the_series_itself_is_a_lever_too(tmp_path: Path, name: str) -> None:
    inputs = compiled(with_lever(tmp_path, f"paths: {{{name}: {{multiply: {{2030: 1.5}}}}}}"))
    followers = {"basic_pension": {"resident_supplement"}}.get(name, set())
    assert moved(plain(), inputs) == {name, *followers}
    assert (series(inputs, name) / series(plain(), name)).tolist() == pytest.approx([1.0] * 10 + [1.5] * 11)


def test_basic_pension__xuzhou_raises_it_by_eight_per_cent_a_year() -> None:
    """The packaged lever of the plan: 160 yuan of 2020, the provincial standard and what the city pays."""
    scenario = packaged_scenario("xuzhou/as_planned")
    found = series(compiled(scenario, of=basis("xuzhou_urban-2020")), "basic_pension")
    assert found[:6].tolist() == pytest.approx([160.0 * 1.08**year for year in range(6)], abs=0.01)


def test_levered_from__takes_the_levers_of_the_region_alone() -> None:
    key = "resident/basic_pension_minimum"
    tree = law().with_changes({key: {"2030-01-01": 300, "2028-01-01": 250}}, region="jiangsu")
    assert tree[key].levered_from("jiangsu") == tree[key].levered_from("xuzhou_urban") == 2028
    assert tree[key].levered_from("jiangxi") is tree["pension/rate_employer"].levered_from("jiangsu") is None
    assert tree.with_changes({key: {"2026-01-01": 200}})[key].levered_from("jiangxi") == 2026


@pytest.mark.parametrize(("first", "expected"), [(2021, [7.0, 8.0, 16.0]), (2022, [7.0, 7.0, 16.0])])
def test_carried_on__keeps_the_ratio_of_the_last_year(first: int, expected: list[float]) -> None:
    amount = np.array([50.0, 100.0, 200.0, 400.0])  # 2019 to 2022
    assert carried_on(np.full(3, 7.0), np.array([2020, 2021, 2022]), amount, 2019, 2.0, first).tolist() == expected


def test_carried_on__from_an_amount_of_nothing_is_refused() -> None:
    years = np.array([2024, 2025])
    with pytest.raises(LawError) as caught:
        carried_on(np.full(2, 7.0), years, np.array([0.0, 5.0]), 2024, 7.0, 2025, "basic_pension")
    assert "no basic_pension in 2024" in str(caught.value)
