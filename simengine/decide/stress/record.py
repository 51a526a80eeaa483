"""The record behind a stress: yearly figures of frozen bases, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.elementwise import log, log1p
from simengine.decide.stress.library import Record, Stated, Stress, departure
from simengine.judge.checks.free_run import RECALLED, references
from simengine.judge.checks.people import official_counts

OLD = slice(60, 90)
"""Ages whose mortality is the record of longevity."""

FIVE = 5

Figures = dict[tuple[int, str], float]
"""Figures by year and region."""


def record_of(record: Record) -> Figures:
    """Every figure of a record by year and basis, in order; a slide of several years under its last one."""
    found: Figures = {}
    for name in record.basis:
        yearly = MEASURES[record.measure](load_basis(name), record)
        for year in range(record.years[0], record.years[1] + 1):
            span = range(year - record.together + 1, year + 1)
            if all(each in yearly for each in span) and not set(span) & set(record.without):
                found[year, name] = math.fsum(yearly[each] for each in span)
    return dict(sorted(found.items()))


def stated_of(record: Record) -> Stated:
    """What a record comes to: the figures that its file states, computed from the data."""
    figures = record_of(record)
    values = np.array(list(figures.values()))
    worst = min if record.worse == "lower" else max
    year, value = worst(((year, value) for (year, _), value in figures.items()), key=lambda pair: pair[1])
    fives = list(_fives(record, figures))
    five = worst(fives, key=lambda row: row[2]) if fives else None
    return Stated(
        count=values.size,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)),
        worst_year=(year, float(value)),
        worst_five=five,
    )


def _fives(record: Record, figures: Figures) -> Iterable[tuple[int, int, float]]:
    """Means of five years that follow each other in one basis; slides of several years have none."""
    if record.together > 1:
        return
    for year, name in figures:
        span = [(each, name) for each in range(year - FIVE + 1, year + 1)]
        if all(each in figures for each in span):
            yield span[0][0], year, math.fsum(figures[each] for each in span) / FIVE


@cache
def _figures(stress: str) -> Figures:
    from simengine.decide.stress.library import stresses

    record = stresses()[stress].content.record
    return {} if record is None else record_of(record)


def nearest(stress: Stress, shock: float) -> tuple[int, str, float, int] | None:
    """The year of the record whose departure from the mean is nearest to a shock; None without a record.

    Returns
    -------
    year, basis, departure, and how many figures of the record lie at least as far from the mean
    """
    record, stated = stress.content.record, stress.content.stated
    if record is None or stated is None:
        return None
    away = {place: departure(stated, record.worse, value) for place, value in _figures(stress.key).items()}
    (year, basis), distance = min(away.items(), key=lambda pair: (abs(pair[1] - shock), pair[0]))
    return year, basis, distance, sum(1 for each in away.values() if each >= shock)


# --- measures ---------------------------------------------------------------------------------------------------------


def _values(basis: Basis, name: str, years: Iterable[int]) -> dict[int, float]:
    """A series at every year from its first known one to its last, linear between known years."""
    series = basis.owner(name).own_series[name]
    known = [year for year in years if series.years[0] <= year <= series.years[-1]]
    return dict(zip(known, np.interp(known, series.years, series.values).tolist(), strict=True))


def _span(record: Record) -> range:
    return range(record.years[0] - record.together, record.years[1] + 1)


def _changes(values: Mapping[int, float], change: Callable[[float, float], float]) -> dict[int, float]:
    return {year: change(values[year - 1], value) for year, value in values.items() if year - 1 in values}


def _growth(basis: Basis, record: Record) -> dict[int, float]:
    return _changes(_values(basis, str(record.series), _span(record)), lambda old, new: new / old - 1.0)


def _rise(basis: Basis, record: Record) -> dict[int, float]:
    return _changes(_values(basis, str(record.series), _span(record)), lambda old, new: new - old)


def _level(basis: Basis, record: Record) -> dict[int, float]:
    return _values(basis, str(record.series), _span(record))


def _total_fertility(basis: Basis, record: Record) -> dict[int, float]:
    """Children a woman: the sum of the published rates of all ages."""
    years = list(range(record.years[0], record.years[1] + 1))
    table = basis.find_table("fertility")
    return {year: math.fsum(table.numbers(str(year))) for year in years}


def _mortality_fall(basis: Basis, record: Record) -> dict[int, float]:
    """Fall of the force of mortality from 60 to 89: of the mean logarithm over ages and both sexes."""
    years = list(range(record.years[0] - 1, record.years[1] + 1))
    prob = basis.knots("death_prob", years, log=True)[:, :, OLD]
    force = {year: float(log(-log1p(-one)).mean()) for year, one in zip(years, prob, strict=True)}
    return _changes(force, lambda old, new: old - new)


def _net_migration(basis: Basis, record: Record) -> dict[int, float]:
    """Net migrants over the residents of the year before: change of the official population less births plus deaths."""
    counts = {(measure, year): persons for measure, year, persons, _, _ in official_counts(basis)}
    found = {}
    for year in _span(record):
        wanted = (("population", year - 1), ("population", year), ("births", year), ("deaths", year))
        if all(one in counts for one in wanted):
            before, after, births, deaths = (counts[one] for one in wanted)
            found[year] = (after - before - births + deaths) / before
    return found


def _stops(basis: Basis, record: Record) -> dict[int, float]:
    """Payers who stop, net of those who come back, over all payers: fall of the share of payers over that share."""
    names = ("enterprise_payers", "flexible_payers", "paused_members")
    enterprise, flexible, paused = (_values(basis, name, _span(record)) for name in names)
    paying = {year: enterprise[year] + flexible[year] for year in enterprise}
    share = {year: payers / (payers + paused[year]) for year, payers in paying.items()}
    return _changes(share, lambda old, new: (old - new) / old)


def _outgo_a_head(basis: Basis, record: Record) -> dict[int, float]:
    """Growth of the outgo of work injury for an insured person."""
    printed: dict[str, dict[int, float]] = {"injury_expenditure": {}, "injury_insured": {}}
    for one in references(basis):  # a published figure goes before a recalled one of the same year
        if one.series in printed and (one.evidence not in RECALLED or one.year not in printed[one.series]):
            printed[one.series][one.year] = one.value
    outgo, insured = printed["injury_expenditure"], printed["injury_insured"]
    a_head = {year: outgo[year] / insured[year] for year in outgo if year in insured and year in _span(record)}
    return _changes(a_head, lambda old, new: new / old - 1.0)


MEASURES: Mapping[str, Callable[[Basis, Record], dict[int, float]]] = {
    "growth": _growth,
    "rise": _rise,
    "level": _level,
    "total_fertility": _total_fertility,
    "mortality_fall": _mortality_fall,
    "net_migration": _net_migration,
    "stops": _stops,
    "outgo_a_head": _outgo_a_head,
}
"""What is made of the data of a basis, by year."""
