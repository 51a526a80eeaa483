"""Scenario, law and basis as one value a year per series, in the order the kernels expect."""

from __future__ import annotations

import numpy as np

from simengine.basis.basis import Basis
from simengine.common.errors import SimengineError, each_error, raise_all
from simengine.engine.compile.book import PathBook, neutral
from simengine.engine.compile.coverage import derived_pressures, fill_entry
from simengine.engine.compile.derived import fill_derived
from simengine.engine.compile.shares import city_share
from simengine.engine.compile.slips import refused, section_slips
from simengine.law import LawTree
from simengine.registry.inputs import COVERAGE_GROWTH, COVERAGE_INDEX, LAW_SERIES, LEVER_ROWS, PREVIOUS, SERIES
from simengine.scenario.scenario import Scenario


def information_date(scenario: Scenario | None, basis: Basis, known_until: int | None = None) -> int | None:
    """The last year of which values are known: as stated, or the opening for a scenario as known then."""
    if known_until is not None:
        return known_until
    return basis.base_year if scenario is not None and scenario.information == "opening" else None


def fill_paths(
    basis: Basis,
    law: LawTree,
    years: np.ndarray,
    scenario: Scenario | None,
    known_until: int | None = None,
) -> PathBook:
    """All series of one lane.

    Parameters
    ----------
    law : as the scenario lives under it
    years : calendar years [t]
    scenario : levers and changes of the scenario, or None for the spin-up before the opening
    known_until : information date; by default that of the scenario

    Raises
    ------
    SimengineError, or an ErrorList of everything that is wrong at once
    """
    book = PathBook(basis, law, scenario, np.asarray(years), information_date(scenario, basis, known_until))
    book.derived |= derived_pressures(book)
    errors: list[SimengineError] = []
    try:
        _fill(book)
    except SimengineError as error:
        errors = each_error(error)
    told = [] if scenario is None else refused(book.slips, scenario)
    raise_all([*book.faults, *told, *errors])
    return book


def _fill(book: PathBook) -> None:
    for name, row in SERIES.items():
        if row.source in ("basis", "aside"):
            book.put(name, book.economy.read(name))
    for name, key in LAW_SERIES.items():
        book.state(name, book.law_values(key))
    for name, row in SERIES.items():
        if row.source == "lever":
            book.state(name, neutral(name))
    for name, source in PREVIOUS.items():
        book.put(name, book.economy.read(source, book.years - 1))
    fill_derived(book)
    fill_entry(book)
    book.slips += section_slips(book)
    _fill_levers(book)


def _fill_levers(book: PathBook) -> None:
    """Campaigns, indexation and payment rate: levers that are named, not written as series."""
    scenario = book.scenario
    if scenario is None:
        return
    settings = scenario.settings
    for campaign in settings.campaigns:
        first, last = campaign.years
        span = (book.years >= first) & (book.years <= last)
        name = f"campaign_{campaign.kind}_{campaign.status}"
        level = LEVER_ROWS[name].shared_by
        share = city_share(book.basis, scenario, level)
        if campaign.increments is None:
            yearly = np.where(span, share * campaign.total / (last - first + 1), 0.0)
        else:
            yearly = share * np.array([campaign.increments.get(int(year), 0.0) for year in book.years])
        book.put(name, book.values[name] + yearly)
    for name in settings.coverage_growth:
        factor = scenario.coverage_factor(name, book.years)
        if name in COVERAGE_INDEX:  # the level while it is known, its ratio afterwards
            book.put(name, book.values[name] * factor)
            book.put(COVERAGE_INDEX[name], book.values[COVERAGE_INDEX[name]] * factor)
        else:
            growth = np.concatenate([[0.0], factor[1:] / factor[:-1] - 1.0])
            book.put(COVERAGE_GROWTH[name], np.where(np.isnan(book.values[name]), growth, 0.0))
    stated = (
        ("adjustment_ratio", settings.indexation),
        ("payment_rate", settings.payment_rate.get("employees", {})),
        ("resident_payment_rate", settings.payment_rate.get("resident", {})),
    )
    for name, knots in stated:
        if knots:
            book.put(name, stepped(book.values[name], book.years, dict(knots)))


def stepped(values: np.ndarray, years: np.ndarray, knots: dict[int, float]) -> np.ndarray:
    """A series in which each stated value holds until the next stated year; earlier years keep their own.

    Examples
    --------
    >>> stepped(np.array([1.0, 1.0, 1.0]), np.array([2020, 2021, 2022]), {2021: 0.5}).tolist()
    [1.0, 0.5, 0.5]
    """
    result = values.copy()
    for year in sorted(knots):
        result[years >= year] = knots[year]
    return result
