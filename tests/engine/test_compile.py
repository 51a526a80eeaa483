"""From names to arrays: levers, information dates, rules beyond the last enacted value (simengine/compile)."""

from __future__ import annotations

import copy
import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import Basis, load_basis
from simengine.basis.economy import Economy
from simengine.common.errors import BasisError, LeverError, ScenarioError, SimengineError
from simengine.engine.compile import LaneInputs, compile_lane, scenario_law
from simengine.engine.compile.book import PathBook, neutral
from simengine.engine.compile.constants import fill_constants
from simengine.engine.compile.derived import adjustment_path
from simengine.engine.compile.paths import fill_paths, stepped
from simengine.engine.compile.retirement import retirement_rules
from simengine.engine.compile.stated_slips import law_slips
from simengine.kernels import layout as at
from simengine.law import LawTree, load_law
from simengine.registry.inputs import (
    COVERAGE_GROWTH,
    COVERAGE_INDEX,
    GROWN,
    LEVEL_SERIES,
    LEVER_ROWS,
    LEVER_SERIES,
    SERIES,
)
from simengine.scenario.scenario import Scenario, load_scenario

YEARS = np.arange(2020, 2041)
UNKNOWN = float("nan")


@cache
def law() -> LawTree:
    return load_law()


@cache
def basis(name: str = "jiangxi-2020") -> Basis:
    return load_basis(name)


@cache
def packaged_scenario(name: str) -> Scenario:
    return load_scenario(name)


def compiled(scenario: Scenario, years: np.ndarray = YEARS, of: Basis | None = None) -> LaneInputs:
    """Inputs of one lane of a scenario, its opening year first."""
    return compile_lane(of or basis(scenario.basis), scenario_law(scenario, law()), years, scenario)


@cache
def plain(name: str = "jiangxi/baseline") -> LaneInputs:
    return compiled(packaged_scenario(name))


def with_lever(folder: Path, lever: str = "", scenario: str = "", extends: str = "jiangxi/baseline") -> Scenario:
    """A scenario of one lever; `lever` and `scenario` are what the two files say beside their names."""
    text = f"extends: {extends}\nyears: [2021, 2040]\ntargets: []\n{scenario}\n"
    if lever:
        (folder / "mine.yaml").write_text(f"name: {{en: M, local: 我}}\nreason: A test.\n{lever}\n", encoding="utf-8")
        text += "levers: [./mine.yaml]\n"
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def series(inputs: LaneInputs, name: str) -> np.ndarray:
    return inputs.paths[at.PATH_NAMES.index(name)]


def moved(one: LaneInputs, other: LaneInputs) -> set[str]:
    """Names of the series, constants and tables that are not bit for bit the same."""
    found = {
        name
        for name, a, b in zip(at.PATH_NAMES, one.paths, other.paths, strict=True)
        if not np.array_equal(a, b, equal_nan=True)
    }
    found |= {name for name, a, b in zip(at.CONSTANT_NAMES, one.constants, other.constants, strict=True) if a != b}
    tables = zip(at.Tables._fields, one.tables, other.tables, strict=True)
    return found | {name for name, a, b in tables if not np.array_equal(a, b, equal_nan=True)}


# --- stepped values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knots", "expected"),
    [
        ({2022: 9.0}, [1, 2, 9, 9, 9]),
        ({2023: 7.0, 2021: 5.0}, [1, 5, 5, 7, 7]),
        ({2018: 4.0}, [4, 4, 4, 4, 4]),
        ({2018: 4.0, 2024: 6.0}, [4, 4, 4, 4, 6]),
        ({2030: 4.0}, [1, 2, 3, 4, 5]),
        ({}, [1, 2, 3, 4, 5]),
    ],
)
def test_stepped__a_value_holds_until_the_next(knots: dict[int, float], expected: list[float]) -> None:
    given = np.arange(1.0, 6.0)
    assert stepped(given, np.arange(2020, 2025), knots).tolist() == expected
    assert given.tolist() == [1, 2, 3, 4, 5]


# --- levers -----------------------------------------------------------------------------------------------------------

CAMPAIGN = """campaigns:
  - {{id: one, status: {status}, kind: {kind}, total: 300_000, years: [2022, 2024], pools: [none], reason: x{more}}}"""
INCREMENTS = ", increments: {2022: 200_000, 2024: 100_000}"


@pytest.mark.parametrize("status", ["enterprise", "flexible"])
@pytest.mark.parametrize(("more", "yearly"), [("", [1e5, 1e5, 1e5]), (INCREMENTS, [2e5, 0.0, 1e5])])
def test_campaign__gross_is_written_year_by_year(tmp_path: Path, status: str, more: str, yearly: list[float]) -> None:
    inputs = compiled(with_lever(tmp_path, CAMPAIGN.format(status=status, kind="gross", more=more)))
    found = series(inputs, f"campaign_gross_{status}")
    assert found.tolist() == pytest.approx([0.0, 0.0, *yearly] + [0.0] * 16)
    assert moved(plain(), inputs) == {f"campaign_gross_{status}", "campaign"}


@pytest.mark.parametrize("status", ["enterprise", "flexible"])
@pytest.mark.parametrize(("more", "yearly"), [("", [1e5, 1e5, 1e5]), (INCREMENTS, [2e5, 0.0, 1e5])])
def test_campaign__additional_is_written_year_by_year(
    tmp_path: Path, status: str, more: str, yearly: list[float]
) -> None:
    """Heads of each year alone: what earlier years brought stays in the members, not in the series."""
    inputs = compiled(with_lever(tmp_path, CAMPAIGN.format(status=status, kind="additional", more=more)))
    found = series(inputs, f"campaign_additional_{status}")
    assert found.tolist() == pytest.approx([0.0, 0.0, *yearly] + [0.0] * 16)
    assert moved(plain(), inputs) == {f"campaign_additional_{status}", "campaign"}


@pytest.mark.parametrize(("status", "column"), [("enterprise", 0), ("flexible", 1)])
def test_campaign__pools_stand_in_their_order_with_their_limits(tmp_path: Path, status: str, column: int) -> None:
    """2022 to 2024: residents first, 20,000 a year at most, then paused members as many as there are."""
    text = CAMPAIGN.format(status=status, kind="additional", more=", limits: {resident: 20_000}")
    inputs = compiled(with_lever(tmp_path, text.replace("pools: [none]", "pools: [resident, paused]")))
    table = inputs.tables.campaign
    for t in (2, 3, 4):
        assert table[t, column].tolist() == [[at.POOL_RESIDENT, 20_000.0], [at.POOL_PAUSED, np.inf], [0.0, 0.0]]
    assert not table[[0, 1, 5, 20]].any()
    assert not table[:, 1 - column].any()


OTHER = "\n  - {{id: two, status: {}, kind: gross, total: 6_000, years: [{}], pools: [paused], reason: x}}"


def test_campaigns__of_one_status_and_year_draw_on_one_order_of_pools(tmp_path: Path) -> None:
    first = CAMPAIGN.format(status="flexible", kind="gross", more="")
    with pytest.raises(LeverError, match=r"another one for flexible draw on different pools in 2024"):
        compiled(with_lever(tmp_path, first + OTHER.format("flexible", "2024, 2025")))
    for status, years in (("flexible", "2025, 2026"), ("enterprise", "2024, 2025")):
        compiled(with_lever(tmp_path, first + OTHER.format(status, years)))


def test_campaign__an_area_takes_its_part_of_heads_and_of_limits(tmp_path: Path) -> None:
    """Limits are persons of the city: the seven areas together draw the city's limit."""
    text = CAMPAIGN.format(status="flexible", kind="gross", more=", limits: {none: 7_000}")
    scenario = with_lever(tmp_path, text, extends="xuzhou/baseline")
    areas = [load_basis(name) for name in load_basis("xuzhou-2020").partition]
    lanes = [compiled(scenario, of=area) for area in areas]
    assert sum(lane.tables.campaign[2, 1, 0, 1] for lane in lanes) == pytest.approx(7_000.0)
    assert sum(series(lane, "campaign_gross_flexible")[2] for lane in lanes) == pytest.approx(1e5)
    for area, lane in zip(areas, lanes, strict=True):
        part = area.opening("flexible_payers") / load_basis("xuzhou-2020").opening("flexible_payers")
        assert lane.tables.campaign[2, 1, 0, 1] == pytest.approx(7_000.0 * part)


def test_campaigns__of_one_kind_add_up(tmp_path: Path) -> None:
    two = CAMPAIGN.format(status="flexible", kind="gross", more="")
    two += "\n  - {id: two, status: flexible, kind: gross, total: 6_000, years: [2024, 2025], pools: [none], reason: x}"
    found = series(compiled(with_lever(tmp_path, two)), "campaign_gross_flexible")
    assert found[:7].tolist() == pytest.approx([0.0, 0.0, 1e5, 1e5, 1.03e5, 3e3, 0.0])


def test_payment_rate__holds_until_the_next_and_is_silent_before(tmp_path: Path) -> None:
    inputs = compiled(with_lever(tmp_path, "payment_rate: {2023: 0.88, 2025: 0.9}"))
    found = series(inputs, "payment_rate")
    assert np.isnan(found[:3]).all()
    assert found[3:].tolist() == [0.88] * 2 + [0.9] * 16
    assert moved(plain(), inputs) == {"payment_rate", "resident_payment_rate"}
    assert np.array_equal(series(inputs, "resident_payment_rate"), found, equal_nan=True)
    for name in ("payment_rate", "resident_payment_rate"):
        assert np.isnan(series(plain(), name)).all()


RATE_OF = [("payment_rate_employees", "payment_rate"), ("payment_rate_resident", "resident_payment_rate")]


@pytest.mark.parametrize(("section", "name"), RATE_OF)
def test_payment_rate__of_one_scheme_leaves_the_other_alone(tmp_path: Path, section: str, name: str) -> None:
    inputs = compiled(with_lever(tmp_path, f"{section}: {{2023: 0.88}}"))
    assert moved(plain(), inputs) == {name}
    assert series(inputs, name)[3:].tolist() == [0.88] * 18


def test_indexation__replaces_the_ratio_from_its_year_on(tmp_path: Path) -> None:
    inputs = compiled(with_lever(tmp_path, "indexation: {rate: {2024: 0.02, 2030: 0.015}}"))
    found = series(inputs, "adjustment_ratio")
    assert found[:4].tolist() == series(plain(), "adjustment_ratio")[:4].tolist()
    assert found[4:].tolist() == [0.02] * 6 + [0.015] * 11
    assert moved(plain(), inputs) == {"adjustment_ratio"}


@pytest.mark.parametrize("level", sorted(COVERAGE_INDEX))
def test_coverage_growth__moves_level_and_index_alike(tmp_path: Path, level: str) -> None:
    inputs = compiled(with_lever(tmp_path, f"coverage_growth: {{{level}: {{2023: 0.01, 2026: 0.0}}}}"))
    factor = np.array([1.0] * 3 + [1.01, 1.01**2] + [1.01**3] * 16)
    known = ~np.isnan(series(plain(), level))
    assert moved(plain(), inputs) == {COVERAGE_INDEX[level]} | ({level} if known[YEARS >= 2023].any() else set())
    for name in (level, COVERAGE_INDEX[level]):
        np.testing.assert_allclose(series(inputs, name), series(plain(), name) * factor, rtol=1e-14)
    ratio = series(inputs, level) / series(inputs, COVERAGE_INDEX[level])
    before = series(plain(), level) / series(plain(), COVERAGE_INDEX[level])
    np.testing.assert_allclose(ratio[known], before[known], rtol=1e-14)


@pytest.mark.parametrize("level", sorted(COVERAGE_GROWTH))
def test_coverage_growth__of_members_is_added_where_their_level_is_not_known(tmp_path: Path, level: str) -> None:
    """A known level stands; afterwards the rates of the lever add to what entries bring, year by year."""
    rates = np.array([0.0] * 3 + [0.01, 0.01, 0.02] + [0.0] * 15)
    inputs = compiled(with_lever(tmp_path, f"coverage_growth: {{{level}: {{2023: 0.01, 2025: 0.02, 2026: 0.0}}}}"))
    known = ~np.isnan(series(plain(), level))
    assert known[YEARS == 2023].all() and not known[YEARS >= 2025].any()
    assert moved(plain(), inputs) == {COVERAGE_GROWTH[level]}
    found = series(inputs, COVERAGE_GROWTH[level])
    np.testing.assert_allclose(found, np.where(known, 0.0, rates), rtol=1e-12, atol=1e-15)


def test_early_hazard__is_flat_before_the_reform_and_a_third_less_after_it() -> None:
    """0.12 to 2024, 0.08 from 2025, with and without the reform."""
    years = np.array([1993, 2007, 2008, 2024, 2025, 2030, 2110])
    rules = retirement_rules(law(), "jiangxi", None, 2025)
    for career in (*rules.careers, *rules.without_reform().careers):
        assert career.early_hazard.at(years).tolist() == [0.12] * 4 + [0.08] * 3


def test_neutral_lever__leaves_every_input_bit_for_bit(tmp_path: Path) -> None:
    names = [name for name in LEVER_SERIES if name not in LEVER_ROWS or LEVER_ROWS[name].takes("multiply")]
    paths = "\n".join(f"  {name}: {{multiply: {{2021: 1.0}}}}" for name in names)
    growth = "\n".join(f"  {name}: 0.0" for name in GROWN)
    inputs = compiled(with_lever(tmp_path, f"retirement: {{reform: enacted}}\npaths:\n{paths}", ""))
    assert moved(plain(), inputs) == set()
    inputs = compiled(with_lever(tmp_path, f"coverage_growth:\n{growth}"))
    assert moved(plain(), inputs) == set()
    assert moved(plain(), compiled(with_lever(tmp_path, scenario="levers: [neutral]"))) == set()


def test_series_lever__reaches_the_kernels_and_the_year_after(tmp_path: Path) -> None:
    inputs = compiled(with_lever(tmp_path, "paths: {average_wage: {multiply: {2025: 1.1}, shape: pulse}}"))
    ratio = series(inputs, "average_wage") / series(plain(), "average_wage")
    assert ratio.tolist() == pytest.approx([1.0] * 5 + [1.1] + [1.0] * 15)
    ratio = series(inputs, "previous_wage") / series(plain(), "previous_wage")
    assert ratio.tolist() == pytest.approx([1.0] * 6 + [1.1] + [1.0] * 14)


def test_law_lever__begins_on_its_day(tmp_path: Path) -> None:
    change = "changes: {pension/rate_employer: {2028-07-01: 0.20}}"
    inputs = compiled(with_lever(tmp_path, change))
    assert moved(plain(), inputs) == {"employer_rate"}
    found = series(inputs, "employer_rate")
    assert found[:8].tolist() == series(plain(), "employer_rate")[:8].tolist()
    assert found[8] == pytest.approx((182 * 0.16 + 184 * 0.20) / 366)
    assert found[9:].tolist() == [0.20] * 12


def test_dated_tables__follow_the_law_of_the_year(tmp_path: Path) -> None:
    """Ladder, class rates and injury terms are those of each year, not those of one day."""
    changes = """changes:
  unemployment/duration_months: {2030-01-01: {12: 9}}
  injury/class_rate: {2031-01-01: {1: 0.003}}
  injury/outcome_share: {2032-01-01: {death: 0.01, no_grade: 0.505}}
  injury/funeral_months: {2033-01-01: 8}"""
    inputs = compiled(with_lever(tmp_path, changes))
    assert moved(plain(), inputs) == {"ladder_months", "class_rate", "injury_death_share", "injury_funeral_months"}
    assert inputs.tables.ladder_months[:, 1].tolist() == [12.0] * 10 + [9.0] * 11
    assert inputs.tables.ladder_months[:, [0, 5, 10]].tolist() == [[0.0, 18.0, 24.0]] * 21
    assert inputs.tables.class_rate[:, 0].tolist() == [0.002] * 11 + [0.003] * 10
    assert series(inputs, "injury_death_share").tolist() == [0.02] * 12 + [0.01] * 9
    assert series(inputs, "injury_funeral_months").tolist() == [6.0] * 13 + [8.0] * 8


def test_dated_tables__a_lever_states_unemployment_steps_of_its_own(tmp_path: Path) -> None:
    """Two months for each paid year from 2030 on, as a province may: other labels than those of the law."""
    steps = ", ".join(f"{12 * paid}: {2 * paid}" for paid in range(1, 13))
    inputs = compiled(with_lever(tmp_path, f"changes: {{unemployment/duration_months: {{2030-01-01: {{{steps}}}}}}}"))
    assert moved(plain(), inputs) == {"ladder_months"}
    assert inputs.tables.ladder_months[9].tolist() == plain().tables.ladder_months[9].tolist()
    assert inputs.tables.ladder_months[10:].tolist() == [[2.0 * paid for paid in range(13)]] * 11


def test_dated_tables__unemployment_steps_in_years_are_told(tmp_path: Path) -> None:
    """Steps of its own are held against the law by the highest one: 2 for 24 months is a slip, 2 from 12 on is not."""
    scenario = with_lever(tmp_path, "changes: {unemployment/duration_months: {2030-01-01: {12: 1, 24: 1.5, 48: 2}}}")
    (slip,) = law_slips(scenario, basis(), law())
    assert "duration_months[48] is 2" in str(slip.error)
    steps = ", ".join(f"{12 * paid}: {2 * paid}" for paid in range(1, 13))
    meant = with_lever(tmp_path, f"changes: {{unemployment/duration_months: {{2030-01-01: {{{steps}}}}}}}")
    assert not list(law_slips(meant, basis(), law()))


def test_dated_tables__unemployment_steps_above_the_maxima_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SimengineError) as caught:
        compiled(with_lever(tmp_path, "changes: {unemployment/duration_months: {2030-01-01: {12: 18}}}"))
    assert "18 from 12 on is above 12, the most that Social Insurance Law art. 46 allows" in str(caught.value)


def test_phased_rate__a_cut_and_a_rate_that_change_in_one_year(tmp_path: Path) -> None:
    """2028 has 366 days: 91 at 0.5 %, 91 at 0.8 %, 184 at 2 %, 1.33 % in all; the product of the means gave 1.37 %."""
    changes = """changes:
  unemployment/phased_cut: {2028-07-01: 0}
  unemployment/rate_employer_reduced: {2028-04-01: 0.008}"""
    inputs = compiled(with_lever(tmp_path, changes))
    assert moved(plain(), inputs) == {"unemployment_employer_rate", "unemployment_employee_rate"}
    found = series(inputs, "unemployment_employer_rate")
    assert found[8] == pytest.approx((91 * 0.005 + 91 * 0.008 + 184 * 0.02) / 366, rel=1e-13)
    assert found[[7, 9]].tolist() == [0.005, 0.02]


# --- pensions in payment after the last enacted year ------------------------------------------------------------------


def mixed_growth(year: int, share: float, known_until: int | None = None) -> float:
    def growth(name: str) -> float:
        before, last = basis().path(name, np.array([year - 2, year - 1]), known_until)
        return float(last / before - 1.0)

    return share * growth("average_wage") + (1.0 - share) * growth("price_index")


def test_adjustment_path__enacted_then_wages_and_prices_of_last_year() -> None:
    last = law()["pension/adjustment_ratio"].timeline("jiangxi")[-1].date.year
    share = basis().constant("indexation_wage_share")
    found = series(plain(), "adjustment_ratio")
    for position, year in enumerate(YEARS):
        if year <= last:
            assert found[position] == law()["pension/adjustment_ratio"].at(f"{year}-01-01")
        else:
            assert found[position] == pytest.approx(mixed_growth(int(year), share), rel=1e-12)
    assert 2020 < last < 2039
    assert 0.0 < found[-1] < 0.06


def test_adjustment_path__as_planned_follows_the_rule_from_the_opening_on() -> None:
    found = series(plain("jiangxi/as_planned"), "adjustment_ratio")
    share = basis().constant("indexation_wage_share")
    assert found[0] == 0.05
    assert found[1:].tolist() == pytest.approx([mixed_growth(int(year), share, 2020) for year in YEARS[1:]], rel=1e-12)


def test_adjustment_path__the_mix_share_is_a_constant_of_the_scenario(tmp_path: Path) -> None:
    inputs = compiled(with_lever(tmp_path, scenario="constants: {indexation_wage_share: 0.9}"))
    assert moved(plain(), inputs) == {"adjustment_ratio"}
    assert series(inputs, "adjustment_ratio")[-1] == pytest.approx(mixed_growth(2040, 0.9), rel=1e-12)


def test_adjustment_path__a_law_lever_acts_from_its_own_year(tmp_path: Path) -> None:
    """The years between the last enacted ratio and the lever follow the rule, as without it."""
    inputs = compiled(with_lever(tmp_path, "changes: {pension/adjustment_ratio: {2035-01-01: 0.01}}"))
    found = series(inputs, "adjustment_ratio")
    assert found[:15].tolist() == series(plain(), "adjustment_ratio")[:15].tolist()
    assert found[15:].tolist() == [0.01] * 6


def test_adjustment_path__a_lever_of_another_region_is_not_this_ones() -> None:
    other = law().with_changes({"pension/adjustment_ratio": {"2030-01-01": 0.01}}, region="hubei")
    share = basis().constant("indexation_wage_share")
    there, here = (adjustment_path(tree, Economy(basis(), YEARS), share) for tree in (other, law()))
    assert there.tolist() == here.tolist()


# --- what was known at the opening ------------------------------------------------------------------------------------


def test_opening_information__levels_after_the_opening_are_unknown() -> None:
    then, now = plain("jiangxi/as_planned"), plain()
    for name in LEVEL_SERIES:
        assert series(then, name)[0] == series(now, name)[0]
        assert np.isnan(series(then, name)[1:]).all() or name in ("unemployment_insured", "injury_insured")
        assert not np.isnan(series(now, name)[1]) or np.isnan(series(now, name)[1:]).all()


@pytest.mark.parametrize("name", ["enterprise", "flexible", "paused"])
def test_opening_information__the_growth_before_stands_for_the_first_year(name: str) -> None:
    level = {"paused": "paused_members"}.get(name, f"{name}_payers")
    before, last = basis().path(level, np.array([2015, 2020]), 2020)
    trend = plain("jiangxi/as_planned").constants[at.CONSTANT_NAMES.index(f"trend_{name}")]
    assert trend == pytest.approx((last / before) ** 0.2, rel=1e-12)


def test_opening_information__later_actuals_are_dropped() -> None:
    then, now = plain("jiangxi/as_planned"), plain()
    for name in ("average_wage", "price_index", "minimum_wage", "urban_income", "return_entrusted", "basic_pension"):
        assert series(then, name)[0] == series(now, name)[0]
        assert (series(then, name)[1:] != series(now, name)[1:]).any(), name
        assert series(then, name)[0] == basis().path(name, np.array([2020]))[0]
    assert not np.array_equal(then.tables.migration[1:], now.tables.migration[1:])


def test_opening_information__later_law_is_dropped() -> None:
    then, now = plain("jiangxi/as_planned").tables, plain().tables
    men_of_60 = (slice(None), 0, 60)
    assert then.retirement[men_of_60][:, at.RET_THRESHOLD].tolist() == pytest.approx([15.0] * YEARS.size)
    assert now.retirement[men_of_60][-1, at.RET_THRESHOLD] > 19.0
    left = then.retirement[men_of_60][:, at.RET_YEARS_TO_STATUTORY]
    assert (left == left[0]).all()
    assert now.retirement[men_of_60][-1, at.RET_YEARS_TO_STATUTORY] > left[0] + 2.0
    sickness = [series(plain(f"jiangxi/{name}"), "invalidity_hazard")[-1] for name in ("as_planned", "baseline")]
    assert sickness == [0.0, basis().constant("invalidity_hazard")]


def doubled_later(name: str) -> Basis:
    """A basis whose dated numbers of 2021 and later are twice what they are."""
    strange = copy.deepcopy(load_basis(name))  # an unchanged folder is read once and shared
    for part in strange.chain():
        part.__dict__["own_series"] = {
            series_name: dataclasses.replace(known, values=known.values * np.where(known.years > 2020, 2.0, 1.0))
            if strange.rule(series_name).information == "dated"
            else known
            for series_name, known in part.own_series.items()
        }
    return strange


def halved_later(region: str) -> LawTree:
    """A law that halves in 2021 whatever may be halved: no lever, but as if enacted on that day.

    A parameter whose change of 2021 or later was enacted by the opening is left alone: that much was known.
    """
    raised = {}
    for key in law():
        if any(value.date.year > 2020 >= value.known.year for value in law()[key].all_values()):
            continue
        value = law()[key].at("2020-12-31", region) if law()[key].national else None
        if isinstance(value, float) and law()[key].fault(0.5 * value) is None:
            raised[key] = {"2021-01-01": 0.5 * value}
    assert len(raised) > 30
    enacted = law().with_changes(raised)
    return LawTree({key: enacted[key] for key in enacted}, enacted.regions, (), enacted.information_date)


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("jiangxi", "jiangxi-2020"),
        ("china", "china-2020"),
        ("hubei", "hubei-2020"),
        ("haiyan", "haiyan-2020"),
        ("xuzhou", "xuzhou_urban-2020"),
    ],
)
def test_opening_information__nothing_later_can_be_seen(region: str, name: str) -> None:
    """Every later number of the basis doubled, rules of the law changed in 2021: not a bit of as_planned moves."""
    strange, changed = doubled_later(name), halved_later(region)
    scenario, today = packaged_scenario(f"{region}/as_planned"), packaged_scenario(f"{region}/baseline")
    as_it_is = compiled(scenario, of=basis(name))
    other = compile_lane(strange, scenario_law(scenario, changed), YEARS, scenario)
    now = compile_lane(strange, scenario_law(today, changed), YEARS, today)
    assert len(moved(compiled(today, of=basis(name)), now)) > 50
    assert moved(as_it_is, other) == set()


@pytest.mark.parametrize("name", ["employer_share_due", "unemployment_share_due", "injury_share_due"])
def test_opening_information__the_relief_of_2020_ends_with_the_year(name: str) -> None:
    assert series(plain("jiangxi/as_planned"), name)[1] == 1.0


# --- constants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("layoff_share", {"layoff_share"}),
        ("near_extension_exit", {"near_extension_exit"}),
        ("unemployment_public_share", {"unemployment_public_share"}),
        ("unemployment_exit_prob", {"unemployment_exit_prob"}),
        ("invalidity_hazard", {"invalidity_hazard"}),
        ("wage_log_sd_flexible", {"index"}),
        ("flexible_at_floor_share", {"index"}),
        ("women_55_share_enterprise", {"women_55_share_enterprise", "working_weight", "entry_open"}),
    ],
)
def test_constants__a_scenario_changes_one(tmp_path: Path, name: str, inputs: set[str]) -> None:
    value = 0.9 * basis().constant(name)
    changed = compiled(with_lever(tmp_path, scenario=f"constants: {{{name}: {value:.6f}}}"))
    assert moved(plain(), changed) == inputs
    if name in at.CONSTANT_NAMES:
        assert changed.constants[at.CONSTANT_NAMES.index(name)] == float(f"{value:.6f}")


def test_constants__an_unknown_one_is_refused() -> None:
    with pytest.raises(BasisError, match=r'no constant "layof_share".*layoff_share'):
        fill_constants(basis(), law(), YEARS, {"layof_share": 0.5})


def test_constants__one_without_a_finite_value_is_refused() -> None:
    with pytest.raises(BasisError, match=r"jiangxi-2020: constants have no finite value: layoff_share"):
        fill_constants(basis(), law(), YEARS, {"layoff_share": UNKNOWN})


def test_constants__every_name_of_the_kernels_has_a_value() -> None:
    values = dict(zip(at.CONSTANT_NAMES, fill_constants(basis(), law(), YEARS, {}), strict=True))
    assert values["first_year"] == 2020.0
    assert [values[f"old_age_{career}"] for career in ("men", "women_55", "women_50")] == [60.0, 55.0, 50.0]
    for name in set(at.CONSTANT_NAMES) & set(basis().constants) - {"deemed_index"}:
        assert values[name] == basis().constant(name)


# --- series -----------------------------------------------------------------------------------------------------------


def full_book() -> PathBook:
    book = PathBook(basis(), law(), None, YEARS)
    for name in at.PATH_NAMES:
        book.put(name, 1.0)
    return book


def test_path_book__order_is_that_of_the_kernels() -> None:
    book = full_book()
    for position, name in enumerate(at.PATH_NAMES):
        book.put(name, float(position))
    assert book.array().tolist() == [[float(position)] * YEARS.size for position in range(at.PATHS)]


@pytest.mark.parametrize("value", [UNKNOWN, float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["average_wage", "campaign_gross_flexible", "injury_death_share"])
def test_path_book__a_series_that_is_not_finite_is_refused(name: str, value: float) -> None:
    book = full_book()
    book.put(name, np.where(YEARS == 2033, value, 1.0))
    with pytest.raises(BasisError, match=f'series "{name}" has no finite value in 2033'):
        book.array()


@pytest.mark.parametrize("name", [*LEVEL_SERIES, "payment_rate", "births_male", "births_female"])
def test_path_book__unknown_levels_rates_and_births_are_allowed(name: str) -> None:
    book = full_book()
    book.put(name, UNKNOWN)
    assert np.isnan(book.array()[at.PATH_NAMES.index(name)]).all()


def test_path_book__missing_and_unknown_series_are_refused() -> None:
    book = full_book()
    del book.values["average_wage"]
    with pytest.raises(ValueError, match="series without a value: average_wage"):
        book.array()
    with pytest.raises(ValueError, match='series "average_wages" is not an input'):
        book.put("average_wages", 1.0)


def test_fill_paths__without_a_lever_the_named_levers_are_silent() -> None:
    book = fill_paths(basis(), law(), YEARS, None)
    for name in (name for name, row in SERIES.items() if row.source == "lever"):
        np.testing.assert_array_equal(book.values[name], np.full(YEARS.size, neutral(name)))


def test_packed__more_years_than_a_lane_holds_are_refused() -> None:
    basis = load_basis("jiangxi-2020")
    inputs = compile_lane(basis, load_law(), np.arange(2015, 2021), None)
    assert inputs.packed.death_prob.shape[0] == at.MOST_YEARS
    assert np.array_equal(inputs.packed.death_prob[:6], inputs.tables.death_prob)
    long = dataclasses.replace(inputs, years=np.arange(2000, 2000 + at.MOST_YEARS + 1))
    with pytest.raises(ScenarioError, match=r"the projection has 122 years .2000 to 2121.. Allowed: at most 121 years"):
        _ = long.packed
