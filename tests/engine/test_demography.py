"""What levers make of mortality, births and migration: by hand, against the run, on a region and on a city's areas."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.common.errors import LeverError, SimengineError, localised
from simengine.engine.compile import LaneInputs, compile_lane, scenario_law
from simengine.engine.compile.demography import MOST_MIGRANTS, PROFILE_YEARS, net_reproduction, with_factor
from simengine.engine.project import lane_bases, project
from simengine.kernels.people.population import count_births, enter_births, split_births, survive_population
from simengine.law import load_law
from simengine.scenario.scenario import Scenario, load_scenario, with_levers
from tests.helpers.note_tables import assert_printed, note_tables

MEN, WOMEN = 0, 1
LAST = 2031
Said = Mapping[str, Any]


def until(scenario: Scenario, last: int = LAST) -> Scenario:
    years = (scenario.content.years[0], last)
    return dataclasses.replace(scenario, content=scenario.content.model_copy(update={"years": years}))


def under(said: Said, region: str = "jiangxi", last: int = LAST, **more: Any) -> Scenario:
    """The baseline of a region to a year with one lever that says this under `demography`."""
    lever = {"name": {"en": "x", "local": "甲"}, "reason": "A test.", "demography": said, **more}
    return with_levers(until(load_scenario(f"{region}/baseline"), last), "mine", {"mine": lever})


def compiled(scenario: Scenario, area: int = 0) -> LaneInputs:
    """Inputs of one lane of a scenario; its first year is that of the opening."""
    law = load_law()
    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    return compile_lane(lane_bases(scenario)[area], scenario_law(scenario, law), years, scenario)


def base(region: str = "jiangxi", last: int = LAST, area: int = 0) -> LaneInputs:
    return compiled(until(load_scenario(f"{region}/baseline"), last), area)


def run(*scenarios: Scenario) -> list[xr.Dataset]:
    named = [dataclasses.replace(one, key=f"s{place}") for place, one in enumerate(scenarios)]
    data = project(named).dataset.isel(draw=0)
    return [data.sel(scenario=one.key) for one in named]


def same(one: LaneInputs, other: LaneInputs) -> bool:
    pairs = zip(one.tables, other.tables, strict=True)
    return all(np.array_equal(*pair) for pair in pairs) and np.array_equal(one.paths, other.paths, equal_nan=True)


# --- nothing moves that is not named ----------------------------------------------------------------------------------

NEUTRAL = {
    "fertility": {"multiply": {2021: 1.0, 2030: 1.0}, "shape": "ramp"},
    "mortality": [{"multiply": {2021: 1.0}}, {"sex": "men", "ages": [60, 100], "pace": {2021: 0.0}}],
    "migration": {"multiply": {2021: 1.0}, "add": {2021: 0.0}},
}


@pytest.mark.parametrize("region", ["jiangxi", "china"])
def test_neutral_lever__changes_no_bit(region: str) -> None:
    assert same(compiled(under(NEUTRAL, region)), base(region))
    assert same(compiled(under({"fertility": {"add": {2021: 0.0}}}, region)), base(region))


def test_neutral_lever__changes_no_bit_of_a_run() -> None:
    found, known = run(under(NEUTRAL), until(load_scenario("jiangxi/baseline")))
    for name in known.data_vars:
        assert np.array_equal(found[name], known[name], equal_nan=True), name


def test_years_before_the_first_stated_one__keep_every_bit() -> None:
    said = {
        "fertility": {"multiply": {2026: 0.5}},
        "mortality": [{"multiply": {2026: 0.9}}, {"pace": {2026: 0.01}}],
        "migration": {"multiply": {2026: 0.0}, "add": {2026: 50_000.0}},
    }
    found, known = compiled(under(said)).tables, base().tables
    for moved, before in zip(found[:3], known[:3], strict=True):  # probabilities, births, migrants
        assert np.array_equal(moved[:6], before[:6])
        assert not np.array_equal(moved[6], before[6])


# --- fertility --------------------------------------------------------------------------------------------------------


def test_half_the_fertility__halves_the_births_of_the_first_year_exactly() -> None:
    half, known = run(under({"fertility": {"multiply": {2021: 0.5}}}), until(load_scenario("jiangxi/baseline")))
    assert float(half.births.sel(year=2021)[0]) == 0.5 * float(known.births.sel(year=2021)[0])
    assert float(half.births.sel(year=LAST)[0]) == pytest.approx(0.5 * float(known.births.sel(year=LAST)[0]), rel=1e-12)


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({"multiply": {2026: 1.0, 2030: 0.8}, "shape": "ramp"}, lambda own, year: own * (1 - 0.05 * (year - 2026))),
        ({"add": {2026: 0.2, 2028: -0.1}}, lambda own, year: own + (0.2 if year < 2028 else -0.1)),
        ({"set": {2026: 1.4}}, lambda own, year: 1.4),
    ],
)
def test_total_fertility__is_what_the_lever_says_and_ages_keep_their_shares(said: Said, total: Any) -> None:
    rates, known = compiled(under({"fertility": said}, last=2030)).tables.birth_rate, base(last=2030).tables.birth_rate
    for year in range(2026, 2031):
        t = year - 2020
        assert rates[t].sum() == pytest.approx(total(known[t].sum(), year), rel=1e-14)
        assert rates[t] / rates[t].sum() == pytest.approx(known[t] / known[t].sum(), rel=1e-13)


def test_held_fertility_and_mortality__stay_as_in_the_year() -> None:
    said = {"fertility": {"hold": 2023}, "mortality": [{"hold": 2024, "sex": "women"}]}
    found, known = compiled(under(said)).tables, base().tables
    assert np.array_equal(found.birth_rate[:4], known.birth_rate[:4])
    assert all(np.array_equal(found.birth_rate[t], known.birth_rate[3]) for t in range(4, 12))
    assert np.array_equal(found.death_prob[:, MEN], known.death_prob[:, MEN])
    assert all(np.array_equal(found.death_prob[t, WOMEN], known.death_prob[4, WOMEN]) for t in range(5, 12))


def test_held_from_the_opening__and_from_beyond_the_horizon() -> None:
    assert np.array_equal(
        compiled(under({"fertility": {"hold": 2020}})).tables.birth_rate[11], base().tables.birth_rate[0]
    )
    assert same(compiled(under({"fertility": {"hold": 2050}})), base())


def test_replacement__keeps_the_births_of_the_engine_constant() -> None:
    """The population that the levered rates of one year would keep has births that stay, by the engine's own steps."""
    inputs = compiled(under({"fertility": {"replacement": 2026}, "mortality": [{"pace": {2026: 0.02}}]}))
    t = 8
    q, f = inputs.tables.death_prob[t], inputs.tables.birth_rate[t]
    ratio = inputs.paths[sex_ratio_row(), t]
    assert net_reproduction(f[None], q[None], np.array([ratio]))[0] == pytest.approx(1.0, rel=1e-14)
    boys, girls = split_births(1000.0, ratio)
    people = np.cumprod(1.0 - q, axis=1) * np.array([[boys], [girls]])
    people[:, 100] = people[:, 99] * (1.0 - q[:, 100]) / q[:, 100]
    closing, moves = np.empty_like(people), np.zeros_like(people)
    survive_population(people, q, moves, closing)
    births = count_births(people, closing, f)
    enter_births(*split_births(births, ratio), q, moves, closing)
    assert births == pytest.approx(1000.0, rel=1e-13)
    assert closing == pytest.approx(people, rel=1e-12)


def sex_ratio_row() -> int:
    from simengine.kernels import layout as at

    return at.PATH_NAMES.index("sex_ratio_at_birth")


# --- mortality --------------------------------------------------------------------------------------------------------


def test_factor_on_the_force__by_hand_in_plain_python() -> None:
    said = {"mortality": [{"sex": "men", "ages": [60, 100], "multiply": {2026: 0.9}}]}
    found, known = compiled(under(said)).tables.death_prob, base().tables.death_prob
    for year, age in ((2026, 60), (2028, 75), (2031, 100)):
        before = float(known[year - 2020, MEN, age])
        assert found[year - 2020, MEN, age] == pytest.approx(1.0 - (1.0 - before) ** 0.9, rel=1e-13)


def test_sex_and_ages__touch_only_these_cells() -> None:
    said = {"mortality": [{"sex": "women", "ages": [30, 40], "multiply": {2024: 2.0}}]}
    found, known = compiled(under(said)).tables.death_prob, base().tables.death_prob
    moved = found != known
    wanted = np.zeros_like(moved)
    wanted[4:, WOMEN, 30:41] = True
    assert np.array_equal(moved, wanted)


def test_pace__is_cumulative_and_meets_a_factor_in_its_cells() -> None:
    said = {"mortality": [{"pace": {2026: 0.02, 2029: 0.0}}, {"sex": "men", "ages": [80, 80], "multiply": {2027: 1.1}}]}
    found, known = compiled(under(said)).tables.death_prob, base().tables.death_prob
    fall = {2025: 1.0, 2026: 0.98, 2027: 0.98**2, 2028: 0.98**3, 2029: 0.98**3, 2031: 0.98**3}
    for year, factor in fall.items():
        t = year - 2020
        for sex, age, more in ((WOMEN, 80, 1.0), (MEN, 80, 1.1 if year >= 2027 else 1.0)):
            force, own = (-math.log1p(-float(table[t, sex, age])) for table in (found, known))
            assert force == pytest.approx(own * factor * more, rel=1e-12), (year, sex)


def test_shock_of_one_year__ends_with_it_and_a_fall_of_one_year_stays() -> None:
    known = base().tables.death_prob
    shock = compiled(under({"mortality": [{"multiply": {2028: 1.5}, "shape": "pulse"}]})).tables.death_prob
    assert [t for t in range(12) if not np.array_equal(shock[t], known[t])] == [8]
    fall = compiled(under({"mortality": [{"pace": {2028: 0.03}, "shape": "pulse"}]})).tables.death_prob
    ratio = np.log1p(-fall[:, WOMEN, 70]) / np.log1p(-known[:, WOMEN, 70])
    assert ratio == pytest.approx([1.0] * 8 + [0.97] * 4, rel=1e-12)


def test_one_cell_of_the_run__by_hand_in_plain_python() -> None:
    """Women of 30 at the end of 2026: those of 29 before, less deaths under the levered force, plus levered moves."""
    said = {"mortality": [{"multiply": {2026: 1.2}}], "migration": {"multiply": {2026: 0.5}}}
    (data,) = run(under(said))
    people = data.population.sel(region="jiangxi", sex="female")
    basis = load_basis("jiangxi-2020")
    q = 1.0 - (1.0 - float(basis.death_prob([2026])[0, WOMEN, 30])) ** 1.2
    moved = 0.5 * float(basis.net_migration([2026])[0, WOMEN, 30])
    expected = float(people.sel(year_end=2025, age=29)) * (1.0 - q) + moved
    assert float(people.sel(year_end=2026, age=30)) == pytest.approx(expected, rel=1e-12)


def test_deaths_of_members__move_with_those_of_the_population() -> None:
    said = {"mortality": [{"ages": [60, 100], "multiply": {2021: 0.9}}]}
    less, known = run(under(said), until(load_scenario("jiangxi/baseline")))
    assert float(less.enterprise_pensioners.sel(year_end=LAST)[0]) > float(
        known.enterprise_pensioners.sel(year_end=LAST)[0]
    )
    assert float(less.deaths.sel(year=2021)[0]) < float(known.deaths.sel(year=2021)[0])


def test_with_factor__is_the_power_of_the_share_that_survives() -> None:
    q = np.array([1e-6, 0.01, 0.5, 0.9])
    assert with_factor(q, np.full(4, 2.0)) == pytest.approx(1.0 - (1.0 - q) ** 2, rel=1e-9)
    assert np.array_equal(with_factor(q, np.ones(4)), q)


# --- migration --------------------------------------------------------------------------------------------------------


def test_zero_migration__leaves_births_and_deaths_alone() -> None:
    (closed,) = run(under({"migration": {"multiply": {2021: 0.0}}}))
    stock = closed.population.sum([axis for axis in closed.population.dims if axis not in ("region", "year_end")])
    change = stock.diff("year_end").values
    assert (closed.net_migration == 0.0).all()
    assert change == pytest.approx((closed.births - closed.deaths).values, rel=1e-9, abs=1e-6)


def test_added_migrants__have_the_profile_of_the_basis() -> None:
    found, known = (one.tables.migration for one in (compiled(under({"migration": {"add": {2024: 30_000.0}}})), base()))
    added = found - known
    assert np.array_equal(found[:4], known[:4])
    assert added[4:].sum(axis=(1, 2)) == pytest.approx(30_000.0, rel=1e-9)
    own = np.abs(load_basis("jiangxi-2020").net_migration(range(2021, 2021 + PROFILE_YEARS))).sum(axis=0)
    assert added[5] == pytest.approx(30_000.0 * own / own.sum(), rel=1e-9, abs=1e-6)


def test_added_migrants__of_stated_ages_by_residents() -> None:
    said = {"migration": {"add": {2024: -20_000.0}, "sex": "women", "ages": [60, 69], "by": "residents"}}
    added = compiled(under(said)).tables.migration[5] - base().tables.migration[5]
    people = load_basis("jiangxi-2020").population()[WOMEN, 60:70]
    assert added[WOMEN, 60:70] == pytest.approx(-20_000.0 * people / people.sum(), rel=1e-9)
    assert np.count_nonzero(added) == 10


def test_factor_comes_before_added_migrants() -> None:
    said = {"migration": {"multiply": {2024: 0.0}, "add": {2024: 10_000.0}}}
    assert compiled(under(said)).tables.migration[4].sum() == pytest.approx(10_000.0, rel=1e-12)


def test_added_migrants_of_a_city__are_shared_over_its_areas() -> None:
    scenario = under({"migration": {"add": {2024: 5_000.0}}}, "xuzhou", last=2025)
    parts = lane_bases(scenario)
    people = np.array([basis.population().sum() for basis in parts])
    added = [
        (compiled(scenario, area).tables.migration - base("xuzhou", 2025, area).tables.migration)[4].sum()
        for area in range(len(parts))
    ]
    assert len(parts) == 7
    assert sum(added) == pytest.approx(5_000.0, rel=1e-9)
    assert np.array(added) == pytest.approx(5_000.0 * people / people.sum(), rel=1e-9)
    with_lever, known = run(scenario, until(load_scenario("xuzhou/baseline"), 2025))
    moved = (with_lever.net_migration - known.net_migration).sel(region="xuzhou", year=2024)
    assert float(moved) == pytest.approx(5_000.0, rel=1e-9)


# --- tables -----------------------------------------------------------------------------------------------------------


def written(folder: Path, name: str, values: np.ndarray, years: list[int]) -> str:
    """A table in the form of a basis: values [year, sex, age 0..100], or [year, age 15..49] of births."""
    if values.ndim == 2:
        cells = [((str(15 + place),), values[:, place]) for place in range(35)]
    else:
        cells = [((sex, str(age)), values[:, s, age]) for s, sex in enumerate(("male", "female")) for age in range(101)]
    head = ["age"] if values.ndim == 2 else ["sex", "age"]
    lines = [",".join([*head, *map(str, years)])]
    lines += [",".join([*keys, *(repr(float(value)) for value in row)]) for keys, row in cells]
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


YEARS = list(range(2021, LAST + 1))


def test_tables_of_the_basis__come_back_the_same(tmp_path: Path) -> None:
    known = base()
    files = {
        "fertility": written(tmp_path, "fertility", known.tables.birth_rate[1:], YEARS),
        "death_prob": written(tmp_path, "death_prob", known.tables.death_prob[1:], YEARS),
        "net_migration": written(tmp_path, "net_migration", known.tables.migration[1:], YEARS),
    }
    found = compiled(under({"tables": files}))
    assert np.array_equal(found.tables.birth_rate, known.tables.birth_rate)
    assert np.array_equal(found.tables.migration, known.tables.migration)
    assert found.tables.death_prob == pytest.approx(known.tables.death_prob, rel=1e-14)  # through logarithms


def test_table__replaces_from_its_first_year_on_between_columns_and_after_the_last(tmp_path: Path) -> None:
    rates = np.stack([np.full(35, 0.04), np.full(35, 0.02)])
    q = np.stack([np.full((2, 101), 0.04), np.full((2, 101), 0.01)])
    files = {
        "fertility": written(tmp_path, "fertility", rates, [2024, 2028]),
        "death_prob": written(tmp_path, "death_prob", q, [2024, 2028]),
    }
    found, known = compiled(under({"tables": files})).tables, base().tables
    assert np.array_equal(found.birth_rate[:4], known.birth_rate[:4])
    assert found.birth_rate[4:, 0] == pytest.approx([0.04, 0.035, 0.03, 0.025, 0.02, 0.02, 0.02, 0.02], rel=1e-14)
    assert found.death_prob[4:9, MEN, 70] == pytest.approx([0.04 * 0.25 ** (k / 4) for k in range(5)], rel=1e-13)
    assert np.array_equal(found.migration, known.migration)


def test_table_of_migrants_of_a_city__is_shared_over_its_areas(tmp_path: Path) -> None:
    moves = np.zeros((1, 2, 101))
    moves[0, MEN, 20], moves[0, WOMEN, 30] = 8_000.0, -2_000.0
    said = {"tables": {"net_migration": written(tmp_path, "net_migration", moves, [2023])}}
    scenario = under(said, "xuzhou", last=2025)
    total = sum(compiled(scenario, area).tables.migration[3] for area in range(7))
    assert total == pytest.approx(moves[0], rel=1e-12)


# --- refusals ---------------------------------------------------------------------------------------------------------


def refused(said: Said, region: str = "jiangxi", last: int = LAST) -> SimengineError:
    with pytest.raises(SimengineError) as caught:
        compiled(under(said, region, last))
    assert localised(caught.value, "zh") != str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"fertility": {"add": {2026: -1.5}}}, "demography_fertility", "2026"),
        ({"fertility": {"add": {2026: 7.5}}}, "demography_fertility", "0 to 8"),
        ({"mortality": [{"multiply": {2026: 0.3}}, {"multiply": {2028: 0.5}}]}, "demography_mortality", "0.15 in 2028"),
        ({"mortality": [{"multiply": {2026: 5.0}}, {"pace": {2029: -0.01}}]}, "demography_mortality", "2029"),
        ({"migration": {"add": {2026: 30.0}}}, "demography_migrants", "not 万人"),
        ({"migration": {"add": {2026: -9_000_000.0}}}, "demography_migrants", "2026"),
        ({"migration": {"add": {2026: 9_000.0}, "ages": [100, 100]}}, "demography_profile", "by: residents"),
    ],
)
def test_results_out_of_bounds__are_refused(said: Said, code: str, words: str) -> None:
    error = refused(said)
    assert isinstance(error, LeverError) and error.code == code
    assert words in str(error)


def test_levels_without_births_by_age__are_refused(tmp_path: Path) -> None:
    table = written(tmp_path, "fertility", np.zeros((1, 35)), [2024])
    for change in ({"add": {2026: 0.1}}, {"set": {2026: 1.0}}, {"replacement": 2026}):
        error = refused({"tables": {"fertility": table}, "fertility": change})
        assert error.code == "demography_pattern" and "2026" in str(error)


def test_nobody_who_survives__is_refused(tmp_path: Path) -> None:
    q = np.full((1, 2, 101), 0.01)
    q[0, MEN, 90] = 0.9999
    table = written(tmp_path, "death_prob", q, [2024])
    error = refused({"tables": {"death_prob": table}, "mortality": [{"multiply": {2026: 5.0}}]})
    assert error.code == "demography_certain"
    assert "men of age 90" in str(error) and "90岁男性" in localised(error, "zh")


@pytest.mark.parametrize("factor", [1e-3, 1e-4, 1e3])
def test_table_of_migrants_in_another_unit__is_refused(tmp_path: Path, factor: float) -> None:
    table = written(tmp_path, "net_migration", base().tables.migration[1:] * factor, YEARS)
    assert refused({"tables": {"net_migration": table}}).code == "demography_migrants"


def test_table_of_births_for_too_many_children__is_refused(tmp_path: Path) -> None:
    table = written(tmp_path, "fertility", np.full((1, 35), 0.4), [2024])
    assert refused({"tables": {"fertility": table}}).code == "demography_fertility"


def test_refusal__is_found_by_validate_at_the_line_of_the_lever(tmp_path: Path) -> None:
    from simengine.cli.inputs import faults

    (tmp_path / "mine.yaml").write_text(
        "name: {en: x, local: 甲}\nreason: A test.\ndemography:\n  migration:\n    multiply: {2025: 1.0}\n"
        f"    add:\n      2025: 1_000\n      2026: {int(MOST_MIGRANTS * 1e8)}\n",
        encoding="utf-8",
    )
    path = tmp_path / "scenario.yaml"
    path.write_text("extends: jiangxi/baseline\nlevers: [./mine.yaml]\n", encoding="utf-8")
    (error,) = faults(load_scenario(path))
    assert error.code == "demography_migrants"
    assert error.where.endswith("mine.yaml, line 8")


# --- the worked example of the notes ----------------------------------------------------------------------------------


def test_worked_example__of_the_notes(tmp_path: Path) -> None:
    rates = np.zeros((1, 35))
    rates[0, 10], rates[0, 15] = 0.6, 0.4
    q = np.full((1, 2, 101), 0.002)
    q[0, MEN, 70] = 0.02
    files = {
        "fertility": written(tmp_path, "fertility", rates, [2021]),
        "death_prob": written(tmp_path, "death_prob", q, [2021]),
    }
    ratio = {"sex_ratio_at_birth": {"set": {2021: 1.05}}}

    def people(said: Said) -> Any:
        return compiled(under({"tables": files, **said}, paths=ratio)).tables

    forces = people({"mortality": [{"multiply": {2026: 0.9}}, {"pace": {2027: 0.02}}]}).death_prob[5:9, MEN, 70]
    found = [
        [math.log1p(-value) / math.log1p(-0.02) for value in forces.tolist()],
        forces.tolist(),
        people({"fertility": {"multiply": {2026: 0.5, 2028: 1.0}, "shape": "ramp"}}).birth_rate[5:9, 10].tolist(),
        people({"fertility": {"add": {2026: -0.25}}}).birth_rate[5:9, 10].tolist(),
        people({"fertility": {"set": {2026: 1.2}, "shape": "pulse"}}).birth_rate[5:9, 15].tolist(),
        people({"fertility": {"replacement": 2027}}).birth_rate[5:9].sum(axis=1).tolist(),
    ]
    (rows,) = [rows for rows in note_tables("scenarios", "3.") if "cell" in rows[0]]
    assert len(rows) == len(found)
    for row, values in zip(rows, found, strict=True):
        for year, value in zip(range(2025, 2029), values, strict=True):
            assert_printed(row[str(year)], value, f"{row['change']} in {year}")
