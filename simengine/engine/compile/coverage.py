"""Entry into the employees' scheme as tables and series: shape, who it is open to, pressure, levels of a first year.

The rule itself is in `simengine.kernels.members.entry`, its reasons and figures in notes/coverage.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.economy import Derived, Economy
from simengine.common import elementwise
from simengine.engine.compile.book import PathBook
from simengine.kernels import layout as at
from simengine.registry.axes import CAREER, PAYER_STATUS
from simengine.registry.inputs import COVERAGE_GROWTH, PRESSURES

RECENT, EARLY, LEAST_SOLVED = 5, 4, 4
"""Solved years behind the high and the low end of the pressure, and how many there must be at least."""

TREND_YEARS = 5
"""Known years whose mean growth carries a level into the first year after an opening that knows no later one."""

TILT_AGE = 25
"""Age at which the tilt of the entry profile is one."""

TRENDS = {
    "trend_enterprise": "enterprise_payers",
    "trend_flexible": "flexible_payers",
    "trend_paused": "paused_members",
}
"""Constants of a first year without a known level, each with the level it moves."""


# --- shape and openness -----------------------------------------------------------------------------------------------


def entry_shape(basis: Basis, constants: Mapping[str, float]) -> np.ndarray:
    """Share of the people who can enter that enters in a year at a pressure of zero [status, career, working age].

    The age profile of entry, tilted by a stated part for a year of age, times what stands at its peak. From the old
    retirement age of a career on it is the mean of the last three ages before: what people do there is not known.
    """
    first = at.FIRST_AGE
    result = np.zeros((len(PAYER_STATUS), at.CAREERS, at.WORKING_AGES))
    for position, status in enumerate(PAYER_STATUS):
        profile = basis.shape("entry", status)[:, first : first + at.WORKING_AGES]
        for career, name in enumerate(CAREER):
            away = first + np.arange(at.WORKING_AGES) - TILT_AGE
            tilt = elementwise.exp(away * float(elementwise.log(1.0 - constants["entry_tilt"])))
            shape = constants[f"entry_scale_{status}"] * profile[min(career, 1)] * tilt
            old = int(constants[f"old_age_{name}"]) - first
            shape[old:] = shape[old - 3 : old].mean()
            result[position, career] = shape
    return result


def entry_open(retirement: np.ndarray, constants: Mapping[str, float]) -> np.ndarray:
    """Part of the people of a sex and age that entry into a status and career is open to [t, status, career, age].

    Employees and the public sector up to the statutory month, as insurance is compulsory: the part of the year's age
    that stands before it at year end, clip(u - ½ + 1/24, 0, 1) with u years left on 1 January. Flexible payers while
    the years left exceed the minimum, fading over the last five: clip((u - minimum)/5, 0, 1). Below the old retirement
    ages years and minimum are those of the law before the reform. Women are parted over their two careers.
    """
    ages = slice(at.FIRST_AGE, at.FIRST_AGE + at.WORKING_AGES)
    planned = retirement[:, :, ages, at.RET_PLANNED_YEARS]
    compulsory = np.clip(planned - 0.5 + 1.0 / 24.0, 0.0, 1.0)
    chosen = np.clip((planned - retirement[:, :, ages, at.RET_PLANNED_THRESHOLD]) / at.ENTRY_FADE, 0.0, 1.0)
    result = np.empty((retirement.shape[0], len(PAYER_STATUS), at.CAREERS, at.WORKING_AGES))
    for position, status in enumerate(PAYER_STATUS):
        women = constants[f"women_55_share_{status}"]
        share = np.array([1.0, women, 1.0 - women])[:, None]
        result[:, position] = share * (chosen if status == "flexible" else compulsory)
    return result


# --- pressure ---------------------------------------------------------------------------------------------------------


def settling(years: np.ndarray, known_years: np.ndarray, solved: np.ndarray, closure: float) -> np.ndarray:
    """Pressure by year: as solved, then over ten years to where it settles [t].

        z(t) = z(L) + (z_end - z(L))·min(1, (t - L)/10)

    Parameters
    ----------
    known_years, solved : solved years and their pressure, ascending; L is the last one
    closure : 0 for the mean of all solved years, 1 for the mean of the last five, -1 for that of the first four; in
        between the straight line. With fewer than four solved years the last value stays.
    """
    values = np.interp(years, known_years, solved)
    if solved.size >= LEAST_SOLVED:
        middle, high, low = solved.mean(), solved[-RECENT:].mean(), solved[:EARLY].mean()
        end = middle + closure * (high - middle) if closure >= 0.0 else middle - closure * (low - middle)
        part = np.clip((years - known_years[-1]) / at.SETTLING_YEARS, 0.0, 1.0)
        values = np.where(years > known_years[-1], solved[-1] + (end - solved[-1]) * part, values)
    return np.asarray(values)


def pressure(basis: Basis, known_until: int | None, name: str, years: np.ndarray, closure: float) -> np.ndarray:
    """`settling` of a pressure of the basis that was known at the information date [t]."""
    series = basis.owner(name).own_series[name].known_by(known_until)
    if series.years.size == 0:
        return np.zeros(years.size)
    return settling(years, series.years, series.values, closure)


def derived_pressures(book: PathBook) -> dict[str, Derived]:
    """How the pressures come about, for the economy of a lane: by the solved years of the basis and the closure."""

    def derive(name: str) -> Derived:
        def made(economy: Economy, years: np.ndarray) -> np.ndarray:
            return pressure(book.basis, book.known_until, name, years, book.constant("coverage_closure"))

        return made

    return {name: derive(name) for name in PRESSURES}


def fill_entry(book: PathBook) -> None:
    """Odds factors of entry from their pressures.

    A year whose level is known, or carried on, is solved, whatever a lever says of its pressure: the lever acts in the
    other years.
    """
    for name, level in zip(PRESSURES, COVERAGE_GROWTH, strict=True):
        solved = ~np.isnan(book.values[level])
        if book.scenario is not None and solved.size > 1 and int(book.years[0]) == book.basis.base_year:
            solved[1] = True
        stated = book.derived[name](book.economy, book.years)
        z = np.where(solved, stated, book.economy.heard(name))
        book.state(name.replace("entry_pressure", "entry_odds"), elementwise.exp(z))


def first_trends(basis: Basis, known_until: int | None) -> dict[str, float]:
    """Growth of members by status in the year after an opening, where no later level is known [1].

        (level(b) / level(b - 5))^(1/5),   b the base year

    An aligned lane must not take over the odds of the history it opens from, so it needs one year of its own to solve
    them in. The growth is that of the region whose history it opens from.

    Returns
    -------
    the constants `trend_enterprise`, `trend_flexible` and `trend_paused`
    """
    years = np.array([basis.base_year - TREND_YEARS, basis.base_year])
    found = {}
    for name, level in TRENDS.items():
        before, last = (basis.spinup_parent or basis).path(level, years, known_until)
        growth = elementwise.log(last / before) / TREND_YEARS if before > 0.0 and last > 0.0 else 0.0
        found[name] = float(elementwise.exp(growth))
    return found
