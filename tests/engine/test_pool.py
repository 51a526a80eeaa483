"""The national pool over regions and the rest of the nation, and the months of reserve of aid, on the baselines."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.engine.project import project
from simengine.law import load_law
from simengine.scenario.scenario import load_scenario

FUND = "enterprise_pension"
PROVINCES = ("jiangxi", "hubei")
"""Packaged baselines of provinces; the rest of the nation is what remains of it."""


@cache
def run(region: str) -> xr.Dataset:
    return project(load_scenario(f"{region}/baseline")).dataset.squeeze().sel(fund=FUND)


def spending(region: str) -> np.ndarray:
    return np.asarray(run(region).outgo.sum("outgo_item").values)


def pooled(region: str) -> np.ndarray:
    """Received less paid by year, the central adjustment of 2021 left out [yuan]."""
    data = run(region)
    moved = data.income.sel(income_item="from_above") - data.outgo.sel(outgo_item="to_above")
    return np.asarray(moved.where(data.year >= 2022, 0.0).values)


def test_pool__regions_and_the_rest_of_the_nation_add_to_zero_within_what_the_nation_has() -> None:
    """The rest pays what the provinces receive together: never more than the pool moves, than the nation holds, or than
    the rest holds; and nothing once the nation's own account is empty.
    """
    moved = {region: pooled(region) for region in PROVINCES}
    rest = -sum(moved.values())
    assert np.abs(sum(moved.values()) + rest).max() == 0.0
    volume = load_basis("china-2020").constant("pool_volume")
    held = np.maximum(0.0, run("china").fund_balance.values[1:])
    room = np.minimum(volume * spending("china"), held) + 1e-3 * spending(
        "china"
    )  # the frozen ratio has three decimals
    assert (np.abs(rest) <= room).all()
    for values in moved.values():
        assert (values <= room).all()
    of_the_rest = held - sum(np.maximum(0.0, run(region).fund_balance.values[1:]) for region in PROVINCES)
    assert (np.maximum(0.0, -rest) <= np.maximum(0.0, of_the_rest) + 1e-3 * spending("china")).all()
    empty = held == 0.0
    assert empty.any() and not rest[empty].any()
    assert any((values > 0.0).any() for values in moved.values())


@pytest.mark.parametrize("region", PROVINCES)
def test_pool__a_region_has_its_part_by_its_spending(region: str) -> None:
    """At most .051/.6 of its spending comes and .051/.4 goes, in every year from 2022 on and in none before."""
    share = pooled(region) / spending(region)
    assert share.max() <= 0.051 / 0.6 + 1e-12
    assert share.min() >= -0.051 / 0.4 - 1e-12


def test_pool__the_nation_is_the_pool() -> None:
    assert not pooled("china").any()


@pytest.mark.parametrize("region", ["china", *PROVINCES])
def test_aid__stops_at_the_months_of_reserve_and_is_untouched_before(region: str) -> None:
    """Aid is the stated share of spending up to 2024; later it is less only where the fund holds its twenty months."""
    data = run(region)
    share = load_basis(f"{region}-2020").path("subsidy_enterprise", data.year.values)
    whole = share * (spending(region) - np.maximum(0.0, -pooled(region)))  # what goes to the pool is no base of the aid
    paid = data.income.sel(income_item="fiscal_subsidy").values
    known = data.year.values <= 2024
    np.testing.assert_allclose(paid[known], whole[known], rtol=1e-12)
    assert (paid <= whole * (1.0 + 1e-12)).all()
    months = load_law().annual("pension/subsidy_reserve_months", data.year.values, region)
    before_pool = data.fund_balance.values[1:] - pooled(region)
    less = paid < whole * (1.0 - 1e-9)
    outgo = spending(region) - np.maximum(0.0, -pooled(region))
    assert (before_pool[less] >= months[less] / 12.0 * outgo[less] * (1.0 - 1e-9)).all()
    tapered = less & (paid > 1e-9 * whole)
    np.testing.assert_allclose(before_pool[tapered], (months / 12.0 * outgo)[tapered], rtol=1e-9)
    assert less.any() or region != "china"
