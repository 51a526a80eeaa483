"""Scenario, law and basis as one value a year per series, in the order the kernels expect."""

from __future__ import annotations

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import ScenarioError
from simengine.engine.compile.book import PathBook, neutral
from simengine.engine.compile.derived import fill_derived
from simengine.engine.compile.standards import basic_pension, unemployment_benefit
from simengine.law import LawTree
from simengine.registry.inputs import COVERAGE_INDEX, LAW_SERIES, PREVIOUS, SERIES
from simengine.scenario.scenario import Scenario

SMALLEST_CAMPAIGN = 1e-4
"""A campaign below this share of the payers is taken for a slip of unit."""

INDEXED_BY = {
    "wage": "average_wage",
    "benefit_base": "benefit_base",
    "price": "price_index",
    "minimum_wage": "minimum_wage",
    "urban_income": "urban_income",
}
"""What a parameter of the law may be carried on by (`indexed` in its file), and the series that says it."""


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
    """
    book = PathBook(basis, law, scenario, np.asarray(years), information_date(scenario, basis, known_until))
    index = {measure: book.economy(series) for measure, series in INDEXED_BY.items()}
    for name, row in SERIES.items():
        if row.source in ("basis", "aside"):
            book.state(name, book.economy(name))
    for name, key in LAW_SERIES.items():
        book.state(name, law.annual(key, book.years, book.region, index=index))
    for name, row in SERIES.items():
        if row.source == "lever":
            book.state(name, neutral(name))
    for name, source in PREVIOUS.items():
        _fill_previous(book, name, source)
    fill_derived(book, index)
    _fill_standards(book)
    _fill_levers(book)
    return book


def _fill_previous(book: PathBook, name: str, source: str) -> None:
    """A series one year earlier; a lever on the series itself moves what follows its first levered year."""
    longer = np.concatenate([book.years[:1] - 1, book.years])
    values = book.economy(source, longer)
    if book.scenario is not None and source in book.scenario.changed_series():
        values[1:] = book.scenario.apply_paths(source, values[1:], book.years)
    book.state(name, values[:-1])


def _fill_standards(book: PathBook) -> None:
    """Amounts that the law carries on beyond their last published value (engine/compile/standards.py)."""
    log_sd = book.constant("wage_log_sd_enterprise")
    benefit = unemployment_benefit(
        book.basis, book.law, book.years, book.known_until, book.economy, dict(book.values), log_sd
    )
    book.state("unemployment_benefit", benefit)
    book.state("basic_pension", basic_pension(book.basis, book.law, book.years, book.known_until, book.economy))


LEVEL_OF_CAMPAIGN = {
    "enterprise": "enterprise_payers",
    "flexible": "flexible_payers",
    "unemployment": "unemployment_insured",
    "injury": "injury_insured",
}
"""Opening figure that a campaign raises, by its status."""


def city_share(basis: Basis, scenario: Scenario | None, level: str = "enterprise_payers") -> float:
    """Part of a scenario's campaign that falls to a basis: an area takes its share of the city's members [1]."""
    if scenario is None:
        return 1.0
    return float(basis.opening(level) / load_basis(scenario.basis).opening(level))


def _fill_levers(book: PathBook) -> None:
    """Campaigns, indexation and payment rate: levers that are named, not written as series."""
    scenario = book.scenario
    if scenario is None:
        return
    settings = scenario.settings
    for campaign in settings.campaigns:
        first, last = campaign.years
        span = (book.years >= first) & (book.years <= last)
        level = LEVEL_OF_CAMPAIGN[campaign.status]
        if campaign.total < SMALLEST_CAMPAIGN * load_basis(scenario.basis).opening(level):
            raise ScenarioError(
                f"campaign {campaign.id} is for {campaign.total:g} persons",
                where=scenario.where("levers"),
                allowed=f"at least {SMALLEST_CAMPAIGN:.2%} of the payers at the opening",
                hint="Check the unit: persons, not 万人",
            )
        share = city_share(book.basis, scenario, level)
        if campaign.increments is None:
            yearly = np.where(span, share * campaign.total / (last - first + 1), 0.0)
        else:
            yearly = share * np.array([campaign.increments.get(int(year), 0.0) for year in book.years])
        name = f"campaign_{campaign.kind}_{campaign.status}"
        book.put(name, book.values[name] + yearly)
    for name in settings.coverage_growth:
        factor = scenario.coverage_factor(name, book.years)
        for series in (name, COVERAGE_INDEX[name]):  # the level while it is known, its ratio afterwards
            book.put(series, book.values[series] * factor)
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
