"""Levels of births and deaths of known years: what they do to the rates, what comes after, and who may know them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simengine.basis.basis import load_basis
from simengine.basis.files import Table
from simengine.basis.vital import RULE, force_by_age, levels_at
from simengine.common.errors import BasisError


def table(*rows: tuple[str, str, str, str, str]) -> Table:
    names = ("year", "births", "deaths_young", "deaths_old", "un_above_path")
    return Table(
        "vital_levels",
        Path("vital_levels.csv"),
        dict(zip(names, zip(*rows, strict=True), strict=True)),
        {RULE: 2030},
        "",
    )


KNOWN = table(("2021", "1.2", "1.3", "0.7", "1"), ("2022", "1.1", "1.1", "0.9", "1.1"))


def test_levels__known_years_then_the_mean_of_deaths_and_a_line_to_one_of_births() -> None:
    found = levels_at(KNOWN, np.array([2020, 2021, 2022, 2026, 2030, 2050]), None)
    assert found.births == pytest.approx([1.0, 1.2, 1.1, 1.05, 1.0, 1.0])
    assert found.young == pytest.approx([1.0, 1.3, 1.1, 1.255, 1.255, 1.255])  # (1.3 + 1.1 x 1.1)/2
    assert found.old == pytest.approx([1.0, 0.7, 0.9, 0.845, 0.845, 0.845])


def test_levels__rest_on_what_is_known_at_the_information_date() -> None:
    years = np.array([2021, 2022, 2025])
    first = levels_at(KNOWN, years, 2021)
    assert first.old == pytest.approx([0.7, 0.7, 0.7])
    assert first.births == pytest.approx([1.2, 1.0 + 0.2 * 8 / 9, 1.0 + 0.2 * 5 / 9])
    for value in (levels_at(KNOWN, years, 2020).births, levels_at(KNOWN, years, 2020).old):
        assert (value == 1.0).all()


def test_levels__a_year_left_out_is_refused() -> None:
    with pytest.raises(BasisError) as caught:
        levels_at(table(("2021", "1", "1", "1", "1"), ("2023", "1", "1", "1", "1")), np.array([2024]), None)
    assert caught.value.code == "table_year_gap"


def test_force__young_to_55_old_from_65_and_a_line_between() -> None:
    force = force_by_age(np.array([1.2, 1.0]), np.array([0.8, 1.0]))
    assert force.shape == (2, 101)
    assert force[0, [0, 30, 55, 56, 60, 64, 65, 100]] == pytest.approx([1.2, 1.2, 1.2, 1.16, 1.0, 0.84, 0.8, 0.8])
    assert (force[1] == 1.0).all()


@pytest.mark.parametrize("name", ["china-2020", "jiangxi-2020", "haiyan-2020", "xuzhou_urban-2020", "jingdezhen-2015"])
def test_basis__rates_carry_the_levels_unless_nothing_after_the_opening_is_known(name: str) -> None:
    basis = load_basis(name)
    years = np.array([2020, 2021, 2025, 2060])
    level = basis.vital_levels(years)
    assert level.births[0] == level.old[0] == 1.0
    today, planned = basis.death_prob(years), basis.death_prob(years, known_until=basis.base_year)
    force = np.log1p(-today) / np.log1p(-planned)
    np.testing.assert_allclose(
        force, np.broadcast_to(force_by_age(level.young, level.old)[:, None], force.shape), rtol=1e-9
    )
    births = basis.fertility(years)[:, 20:45] / basis.fertility(years, known_until=basis.base_year)[:, 20:45]
    np.testing.assert_allclose(births / births[0], np.broadcast_to(level.births[:, None], births.shape))
    blind = basis.vital_levels(years, known_until=2020)
    assert (blind.births == 1.0).all() and (blind.young == 1.0).all() and (blind.old == 1.0).all()
