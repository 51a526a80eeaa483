"""Values put over a basis in memory: own, inherited and parent series, constants; nothing loaded is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import Basis, load_basis
from simengine.basis.overlay import SOURCE, Values, overlay, with_values
from simengine.common.errors import BasisError
from simengine.engine.project import project
from simengine.scenario.scenario import Scenario, load_scenario

Short = Callable[[str], Scenario]


@pytest.fixture(scope="module")
def jiangxi() -> Basis:
    return load_basis("jiangxi-2020")


def over(basis: Basis, series: str, row: dict[int, float | None], name: str | None = None) -> Basis:
    return overlay(basis, {name or basis.name: Values(series={series: row})})


# --- series -----------------------------------------------------------------------------------------------------------


def test_own_series__the_year_moves_and_the_others_stay(jiangxi: Basis) -> None:
    years = np.arange(1993, 2025)
    before = jiangxi.path("paused_members", years)
    known = jiangxi.own_series["paused_members"]
    year = int(known.years[-1])
    moved = over(jiangxi, "paused_members", {year: 1.5 * float(known.values[-1])})
    after = moved.path("paused_members", years)
    last = int(known.years[-2])
    assert after[years <= last].tolist() == before[years <= last].tolist()
    assert moved.path("paused_members", [year])[0] == pytest.approx(1.5 * float(known.values[-1]))
    origin = moved.origin("paused_members", year)
    assert (origin.evidence, origin.source) == ("assumption", SOURCE)
    assert moved.origin("paused_members", last) == jiangxi.origin("paused_members", last)


def test_inherited_series__is_copied_before_it_moves(jiangxi: Basis) -> None:
    name = "price_index"
    assert name not in jiangxi.own_series
    known = jiangxi.owner(name).own_series[name]
    moved = over(jiangxi, name, {2015: 0.5})
    own = moved.own_series[name]
    assert own.years.tolist() == known.years.tolist()
    others = known.years != 2015
    assert own.values[others].tolist() == known.values[others].tolist() and own.values[~others] == [0.5]
    assert moved.inherits is jiangxi.inherits
    assert load_basis("china-2020").path(name, [2015])[0] != 0.5


def test_values_of_the_nation__reach_whoever_inherits(jiangxi: Basis) -> None:
    moved = over(jiangxi, "price_index", {2015: 0.5}, "china-2020")
    assert moved.inherits is not None and moved.inherits is not jiangxi.inherits
    assert moved.path("price_index", [2015])[0] == moved.inherits.path("price_index", [2015])[0] == 0.5
    assert moved.own_series.keys() == jiangxi.own_series.keys()


def test_values_of_the_spin_up_parent__reach_its_child() -> None:
    haiyan = load_basis("haiyan-2020")
    moved = over(haiyan, "average_wage", {2015: 9_999.0}, "zhejiang-2020")
    assert moved.spin_up.path("average_wage", [2015])[0] == 9_999.0
    assert moved.path("average_wage", [2015])[0] == 9_999.0, "years before the opening are the parent's"
    assert moved.path("average_wage", [2021]).tolist() == haiyan.path("average_wage", [2021]).tolist()


def test_one_basis_under_two_others__is_the_same_object() -> None:
    haiyan = load_basis("haiyan-2020")
    moved = over(haiyan, "price_index", {2015: 0.5}, "china-2020")
    found = {part.name: part for part in moved.sources()}
    assert moved.spinup_parent is not None
    assert found["china-2020"] is list(moved.spinup_parent.chain())[-1] is list(moved.chain())[-1]


def test_none__takes_a_year_away(jiangxi: Basis) -> None:
    known = jiangxi.own_series["paused_members"]
    year = int(known.years[1])
    moved = over(jiangxi, "paused_members", {year: None, 1901: None})
    assert moved.own_series["paused_members"].years.tolist() == [one for one in known.years.tolist() if one != year]
    with pytest.raises(BasisError, match="paused_members has no value left"):
        over(jiangxi, "paused_members", dict.fromkeys(known.years.tolist()))


def test_none_for_a_series__gives_it_back_to_the_basis_above(jiangxi: Basis) -> None:
    own = over(jiangxi, "price_index", {2015: 0.5})
    back = overlay(own, {"jiangxi-2020": Values(series={"price_index": None})})
    assert "price_index" not in back.own_series
    years = np.arange(1993, 2040)
    assert back.path("price_index", years).tolist() == jiangxi.path("price_index", years).tolist()


def test_none_for_a_series__of_heads_is_refused_when_nobody_may_lend_them(jiangxi: Basis) -> None:
    back = overlay(jiangxi, {"jiangxi-2020": Values(series={"paused_members": None})})
    with pytest.raises(BasisError, match="counts the persons of another region"):
        back.path("paused_members", [2015])


def test_added_year__stands_between_the_others(jiangxi: Basis) -> None:
    known = jiangxi.owner("catch_up_entrants").own_series["catch_up_entrants"]
    moved = over(jiangxi, "catch_up_entrants", {1996: 7.0})
    assert 1996 not in known.years and moved.path("catch_up_entrants", [1996])[0] == 7.0
    years = moved.own_series["catch_up_entrants"].years.tolist()
    assert years == sorted({*known.years.tolist(), 1996})


# --- constants --------------------------------------------------------------------------------------------------------


def test_constant__moves_with_its_band(jiangxi: Basis) -> None:
    known = jiangxi.find_constant("deemed_entry_share")
    value = known.high + 0.05
    moved = overlay(jiangxi, {"jiangxi-2020": Values(constants={"deemed_entry_share": value}, evidence="computed")})
    one = moved.find_constant("deemed_entry_share")
    assert (one.value, one.low, one.high, one.evidence) == (value, known.low, value, "computed")
    assert moved.constants["deemed_entry_share"] == value
    assert jiangxi.constant("deemed_entry_share") == known.value


@pytest.mark.parametrize(
    ("values", "says", "hint"),
    [
        (Values(series={"price_indx": {2015: 1.0}}), 'no series "price_indx"', "price_index"),
        (Values(series={"price_indx": None}), 'no series "price_indx"', "price_index"),
        (Values(constants={"deemed_entry_shar": 1.0}), 'no constant "deemed_entry_shar"', "deemed_entry_share"),
    ],
)
def test_unknown_name__is_refused_with_a_hint(jiangxi: Basis, values: Values, says: str, hint: str) -> None:
    with pytest.raises(BasisError) as caught:
        with_values(jiangxi, values)
    assert says in str(caught.value) and f'"{hint}"' in str(caught.value)


# --- what is left as it was -------------------------------------------------------------------------------------------


def test_loaded_basis__is_not_touched() -> None:
    """Loading gives one object to everybody."""
    before = {name: load_basis(name).digest() for name in ("china-2020", "jiangxi-2020")}
    basis = load_basis("jiangxi-2020")
    constants, wage = dict(basis.constants), basis.path("average_wage", np.arange(1993, 2050)).tobytes()
    values = Values({"average_wage": {2015: 1.0}, "award_factor": {2015: 9.0}}, {"deemed_entry_share": 0.0})
    overlay(basis, {"jiangxi-2020": values, "china-2020": values})
    assert load_basis("jiangxi-2020") is basis and basis.constants == constants
    assert basis.path("average_wage", np.arange(1993, 2050)).tobytes() == wage
    assert {name: load_basis(name).digest() for name in before} == before and basis.changes == ""


def test_nothing_named__gives_the_same_object(jiangxi: Basis) -> None:
    assert overlay(jiangxi, {}) is jiangxi
    assert overlay(jiangxi, {"hubei-2020": Values(series={"award_factor": {2015: 1.0}})}) is jiangxi


def test_digest__tells_values_apart(jiangxi: Basis) -> None:
    def digest(value: float, name: str = "jiangxi-2020") -> str:
        return over(jiangxi, "price_index", {2015: value}, name).digest()

    assert digest(0.5) == digest(0.5) != digest(0.6)
    assert len({jiangxi.digest(), digest(0.5), digest(0.5, "china-2020")}) == 3
    order = {"price_index": {2016: 0.6, 2015: 0.5}, "average_wage": {2015: 5_000.0}}
    turned = {"average_wage": {2015: 5_000.0}, "price_index": {2015: 0.5, 2016: 0.6}}
    one, other = (overlay(jiangxi, {"jiangxi-2020": Values(series=series)}) for series in (order, turned))
    assert one.digest() == other.digest()
    again = overlay(overlay(jiangxi, {"jiangxi-2020": Values(series=order)}), {"china-2020": Values()})
    assert again.own_series["price_index"].values[again.own_series["price_index"].years == 2015] == [0.5]


# --- projection -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Short:
    folder: Path = tmp_path_factory.mktemp("short")

    def scenario(name: str) -> Scenario:
        path = folder / f"{name.replace('/', '_')}.yaml"
        path.write_text(f"extends: {name}\nyears: [2021, 2023]\n", encoding="utf-8")
        return load_scenario(path)

    return scenario


def test_project__no_values_change_no_bit(short: Short) -> None:
    scenario = short("haiyan/baseline")
    plain = project(scenario).dataset
    for values in ({}, {"zhejiang-2020": Values(), "haiyan-2020": Values()}):
        data = project(scenario, values=values).dataset
        assert set(data.data_vars) == set(plain.data_vars)
        for name in plain.data_vars:
            assert data[name].values.tobytes() == plain[name].values.tobytes(), name


def test_project__values_move_history_and_projection(short: Short) -> None:
    scenario = short("haiyan/baseline")
    plain = project(scenario)
    moved = project(scenario, values={"zhejiang-2020": Values(series={"award_factor": {2004: 3.0}})})
    before, after = (run.history(run.lanes[0].basis).enterprise_pension_mass.values for run in (plain, moved))
    assert (after[..., -1] > before[..., -1]).all()
    wage = Values(series={"average_wage": {2022: 20_000.0}})
    higher = project(scenario, values={"haiyan-2020": wage}).dataset
    assert float(higher.wage.sel(year=2022).squeeze()) == 20_000.0
    assert float(higher.wage.sel(year=2021).squeeze()) == float(plain.dataset.wage.sel(year=2021).squeeze())
