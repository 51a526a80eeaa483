"""A made-up projection with every variable the indicators read: right shapes, sizes of the right order, no model."""

from __future__ import annotations

import numpy as np
import xarray as xr

from simengine.judge.targets.files import region_scale
from simengine.registry.axes import FUND, INCOME_ITEM, OUTGO_ITEM, SEX, STATUS

REGIONS = (
    *("jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan"),
    *(f"xuzhou_{area}" for area in ("fengxian", "peixian", "pizhou", "xinyi", "suining", "tongshan", "urban")),
)
SCENARIOS = ("baseline", "as_planned")

# share of the population, growth a year
STOCKS = {
    "enterprise_pensioners": (0.075, 0.03),
    "public_pensioners": (0.015, 0.02),
    "invalidity_recipients": (0.0005, 0.01),
    "resident_contributors": (0.30, -0.01),
    "resident_paused": (0.05, 0.0),
    "resident_beneficiaries": (0.12, 0.02),
    "dual_members": (0.01, 0.01),
    "unemployment_insured": (0.08, 0.02),
    "unemployment_claimants": (0.002, 0.01),
    "injury_insured": (0.13, 0.015),
    "coverage_population": (0.75, 0.0),
    "ui_obliged_population": (0.085, 0.015),
}
MONEY_STOCKS = {
    "enterprise_pension_mass": (180.0, 0.06),
    "public_pension_mass": (75.0, 0.05),
    "resident_pension_mass": (20.0, 0.07),
    "resident_base_mass": (15.0, 0.08),
}
HEAD_FLOWS = {
    "enterprise_gross_enlargement": (0.008, 0.01),
    "entries_enterprise": (0.007, 0.01),
    "entries_flexible": (0.003, 0.01),
    "entries_public": (0.0005, 0.01),
    "catch_up_entries": (0.0001, 0.01),
    "admitted_actives": (0.0001, 0.01),
    "awards": (0.006, 0.01),
    "injury_cases": (0.0008, -0.01),
}
MONEY_FLOWS = {
    "new_award_mass": (18.0, 0.04),
    "resident_new_surplus": (100.0, 0.02),
    "resident_newly_entrusted": (82.0, 0.02),
}
RATES = {
    "wage": (6500.0, 0.05),
    "minimum_wage": (1800.0, 0.04),
    "unemployment_benefit": (1500.0, 0.05),
    "basic_pension_standard": (110.0, 0.09),
    "rural_income": (18_000.0, 0.06),
    "urban_income": (40_000.0, 0.05),
    "surveyed_unemployment_rate": (0.053, -0.01),
    "registered_unemployment_rate": (0.032, -0.01),
}
MEMBERS = (0.16, 0.05, 0.02, 0.04)
OPENING_BALANCE = (1500.0, 200.0, 600.0, 1000.0, 150.0, 90.0)


def synthetic(
    start: int = 2020, end: int = 2030, *, regions: tuple[str, ...] = REGIONS, draws: int = 3, seed: int = 7
) -> xr.Dataset:
    """Year ends `start` to `end`; shapes (scenario 2, draw, region, [axis], time)."""
    rng = np.random.default_rng(seed)
    heads = np.array([region_scale()[region] for region in regions])
    year_ends, years = np.arange(start, end + 1), np.arange(start + 1, end + 1)
    lanes = (len(SCENARIOS), draws, len(regions))
    dims = ("scenario", "draw", "region")

    def path(level: float, growth: float, labels: np.ndarray, per_head: bool, axis: int | None = None) -> np.ndarray:
        shape = lanes if axis is None else (*lanes, axis)
        own = level * np.exp(rng.normal(0.0, 0.05, shape))
        if per_head:
            own = own * heads.reshape((1, 1, -1) if axis is None else (1, 1, -1, 1))
        steps = (growth + rng.normal(0.0, 0.01, (*shape, 1))) * (labels - start)
        return own[..., None] * np.exp(steps + rng.normal(0.0, 0.003, (*shape, labels.size)))

    data: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name, (level, growth) in (STOCKS | MONEY_STOCKS).items():
        data[name] = ((*dims, "year_end"), path(level, growth, year_ends, True))
    for name, (level, growth) in (HEAD_FLOWS | MONEY_FLOWS).items():
        data[name] = ((*dims, "year"), path(level, growth, years, True))
    for name, (level, growth) in RATES.items():
        data[name] = ((*dims, "year"), path(level, growth, years, False))
    data["population"] = ((*dims, "sex", "year_end"), path(0.5, -0.002, year_ends, True, len(SEX)))
    members = path(1.0, 0.01, year_ends, True, len(STATUS)) * np.array(MEMBERS)[:, None]
    data["members"] = ((*dims, "status", "year_end"), members)
    income = path(1.0, 0.05, years, True, len(FUND) * len(INCOME_ITEM)).reshape(
        *lanes, len(FUND), len(INCOME_ITEM), len(years)
    )
    outgo = path(1.1, 0.06, years, True, len(FUND) * len(OUTGO_ITEM)).reshape(
        *lanes, len(FUND), len(OUTGO_ITEM), len(years)
    )
    scale = np.array(OPENING_BALANCE)
    income = income * 0.12 * scale[:, None, None]
    outgo = outgo * 0.18 * scale[:, None, None]
    data["income"] = ((*dims, "fund", "income_item", "year"), income)
    data["outgo"] = ((*dims, "fund", "outgo_item", "year"), outgo)
    net = income.sum(-2) - outgo.sum(-2)
    opening = scale * heads[:, None] * np.ones((*lanes, 1))
    balance = np.concatenate([opening[..., None], opening[..., None] + net.cumsum(-1)], axis=-1)
    data["fund_balance"] = ((*dims, "fund", "year_end"), balance)
    data["entrusted_principal"] = (
        (*dims, "fund", "year_end"),
        0.6 * balance * path(1.0, 0.0, year_ends, False, len(FUND)),
    )
    earnings = path(6000.0, 0.05, years, True, len(FUND))
    data["insurable_earnings"] = ((*dims, "fund", "year"), earnings)
    coords = {
        "scenario": list(SCENARIOS),
        "draw": np.arange(draws),
        "region": list(regions),
        "year_end": year_ends,
        "year": years,
        "fund": list(FUND),
        "status": list(STATUS),
        "sex": list(SEX),
        "income_item": list(INCOME_ITEM),
        "outgo_item": list(OUTGO_ITEM),
    }
    return xr.Dataset(data, coords=coords)
