"""Where regions stand in 2024, and how new pensions compare with old ones (notes/calibration.md, sections 5.2 to 5.4).

`python -m tests.helpers.rebase_tables` writes the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import xarray as xr

from simengine.basis.basis import load_basis
from simengine.engine.compile import compile_lane
from simengine.engine.label import label_history
from simengine.engine.opening import align
from simengine.engine.project import SpinUp, copy_state, project, run_lane, spin_up
from simengine.judge.checks.free_run import SERIES, by_year, references
from simengine.judge.checks.plausibility import MEASURES
from simengine.kernels import layout as at
from simengine.law import load_law
from simengine.report.tables.printer import markdown
from simengine.scenario.scenario import load_scenario, with_levers
from tests.helpers.pages import write_block

PAGE = "calibration"
AWARDS, ANCHORS, DRIFT = "award and service", "anchors of 2024", "new over old pensions"
PROVINCES = ("china", "jiangxi", "hubei", "jiangsu", "zhejiang")
REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "haiyan", "jingdezhen")
ITEMS = ("pensioners", "revenue", "expenditure", "balance")
YEAR = 2024
PUBLISHED_SERVICE = (2013, 30.0)
"""Mean contribution years of the enterprise pensioners of a municipality, read as Chongqing [press]."""
SHOWN = (2005, 2010, 2013, 2018, 2024, 2030, 2040, 2050, 2060)
SPAN = slice(2021, 2028)
LATER = (2040, 2050, 2060, 2075)
BASE = 2028


def last_year() -> int:
    """Last year of the table of awards."""
    return max(SHOWN)


# --- awards and service ----------------------------------------------------------------------------------------------


@cache
def stock_service(year: int) -> float:
    """Mean recognised years of the enterprise pensioners of the nation at a year end, unaligned [years]."""
    found = spin_up(load_basis("china-2020"), load_law(), year).state.pensioners
    return float(found[at.P_SERVICE, :, 0].sum() / found[at.P_HEADS, :, 0].sum())


@cache
def national_history() -> xr.Dataset:
    """The unaligned run of the nation over all the years of the table."""
    run = spin_up(load_basis("china-2020"), load_law(), last_year())
    return label_history(run, by_age=False).isel(scenario=0, draw=0, region=0)


def award_rows() -> list[list[str]]:
    """Service of awards, award factor, and its two parts, by year."""
    data, basis = national_history(), load_basis("china-2020")
    factor = basis.path("award_factor", SHOWN)
    last = basis.own_series["award_factor"]
    formula = float(last.values[-1] / last.values[list(last.years).index(YEAR)])
    rows = []
    for year, value in zip(SHOWN, factor.tolist(), strict=True):
        at_year = data.sel(year=year)
        years = float(at_year["award_service"] / (at_year["awards_enterprise"] + at_year["awards_public"]))
        faded = np.interp(year, [2030, 2050], [1.0 / formula, 1.0])
        rows.append([str(year), f"{years:.1f}", f"{value:.2f}", f"{faded:.2f}", f"{value / faded:.2f}"])
    return rows


# --- anchors ---------------------------------------------------------------------------------------------------------


@cache
def aligned(name: str) -> xr.Dataset:
    """A province from its aligned opening to the year of the anchors, by what is known today."""
    basis, law = load_basis(f"{name}-2020"), load_law()
    history = spin_up(basis, law)
    years = np.arange(basis.base_year, YEAR + 1)
    inputs = compile_lane(basis, law, years, None)
    state = copy_state(history.state)
    align(state, basis, inputs)
    output = run_lane(inputs, state, 1, years.size)
    return label_history(SpinUp(basis, inputs, output, state), by_age=False).isel(scenario=0, draw=0, region=0)


def anchor_gaps(name: str) -> dict[str, tuple[float, float]]:
    """Engine and printed figure of every anchor."""
    printed = {one.series: one.value for one in references(load_basis(f"{name}-2020")) if one.year == YEAR}
    return {item: (by_year(aligned(name), SERIES[item])[YEAR], printed[item]) for item in ITEMS}


def anchor_rows() -> list[list[str]]:
    """Gaps of the aligned run at the year of the anchors, by province [%]."""
    return [
        [name, *(f"{100.0 * (engine / printed - 1.0):+z.1f}" for engine, printed in anchor_gaps(name).values())]
        for name in PROVINCES
    ]


# --- new over old ----------------------------------------------------------------------------------------------------


@cache
def new_over_old(region: str) -> tuple[xr.DataArray, xr.DataArray]:
    """New over old pension of a baseline by year, and the same where pensions rise with wages from 2026 on."""
    scenario = load_scenario(f"{region}/baseline")
    wages = {"name": {"en": "wages", "local": "工资"}, "reason": "split", "constants": {"indexation_wage_share": 1.0}}
    found = []
    for one in (scenario, with_levers(scenario, "wages", {"wages": wages})):
        data = project(one).dataset.isel(scenario=0, draw=0).sel(region=region)
        found.append(MEASURES["new_over_old_pension"](data).dropna("year"))
    return found[0], found[1]


def drift_rows() -> list[list[str]]:
    """Ratio in the near years, then its drift since 2028 and the part that indexation leaves, by region."""
    rows = []
    for region in REGIONS:
        ratio, indexed = new_over_old(region)
        near = ratio.sel(year=SPAN)
        row = [region, f"{float(near.min()):.2f} to {float(near.max()):.2f}", f"{float(ratio.sel(year=BASE)):.2f}"]
        for year in LATER:
            whole = float(ratio.sel(year=year) / ratio.sel(year=BASE)) - 1.0
            rest = float(indexed.sel(year=year) / indexed.sel(year=BASE)) - 1.0
            row.append(f"{whole:+z.2f} = {whole - rest:+z.2f} {rest:+z.2f}")
        rows.append(row)
    return rows


def blocks() -> Mapping[str, str]:
    """Text of every table by its mark."""
    return {
        AWARDS: markdown(
            award_rows(), ["year", "years of new pensions", "award factor", "for years", "for the formula"]
        ),
        ANCHORS: markdown(anchor_rows(), ["region", *(f"{item}, %" for item in ITEMS)]),
        DRIFT: markdown(drift_rows(), ["region", "2021-2028", str(BASE), *(f"to {year}" for year in LATER)]),
    }


def main() -> None:
    """Write the tables into the page."""
    for name, text in blocks().items():
        write_block(PAGE, name, text)


if __name__ == "__main__":
    main()
