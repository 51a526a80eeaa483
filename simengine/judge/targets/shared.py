"""Rows that rest on one growth path are one fact.

A region below the province often states its own level at the opening and nothing after it: it grows as the region whose
history it opens from, because nobody has published its own figures. Verdicts on its heads then tell how that one path
compares with many targets. Which rows these are is found in the bases (notes/targets.md, section 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from simengine.basis.basis import Basis
from simengine.judge.indicators import registry
from simengine.judge.targets.verdicts import Verdict

SHARED = "shared_path"
"""Flag of a verdict that rests on the growth path of another region."""

LEVELS: Mapping[str, tuple[str, ...]] = {
    "members": ("enterprise_payers", "flexible_payers", "public_payers", "paused_members"),
    "resident_contributors": ("resident_registered",),
    "resident_paused": ("resident_registered",),
    "unemployment_insured": ("unemployment_insured",),
    "injury_insured": ("injury_insured",),
}
"""Variable of the projection -> series of the basis that state its level by year."""

EXACT = 1e-9
"""Part of a level by which a multiple of another path may miss it: the last bits of a product [1]."""

WHOLE = 0.5
"""What rounding a level to whole persons, as bases state heads, may add [persons]."""


def follows(basis: Basis, series: str, known_until: int | None, beside: Sequence[Basis] = ()) -> str:
    """Region whose growth a level of a region follows after the opening; its own where it states figures of its own.

    A region that opens from its own history grows by itself. One that opens from another's follows that region as long
    as every later level it states is its opening level times the other's growth. Parts of a city whose levels are
    one multiple of each other, but of no other region, follow their city.

    Parameters
    ----------
    known_until : information date; None when everything is known
    beside : bases of the other parts of the same city
    """
    parent = basis.spinup_parent
    if parent is None:
        return basis.region
    years, levels = stated(basis, series, known_until)
    if _is_multiple(levels, parent.path(series, years, known_until)):
        return parent.region
    for other in beside:
        same_years, others = stated(other, series, known_until)
        if np.array_equal(same_years, years) and _is_multiple(levels, others):
            return basis.inherits.region if basis.inherits is not None else basis.region
    return basis.region


def stated(basis: Basis, series: str, known_until: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Years from the opening on for which a basis states a level, and the levels [persons]."""
    known = basis.owner(series).own_series[series].known_by(known_until)
    late = known.years >= basis.base_year
    return known.years[late], known.values[late]


def _is_multiple(levels: np.ndarray, path: np.ndarray) -> bool:
    """Whether levels are the first of them times the growth of a path, but for last bits and whole persons.

    With growth g, and both levels and both ends of the path rounded, they lie within ½·(1 + g)·(1 + ratio) persons.
    """
    if levels.size < 2:
        return True
    if not path[0] > 0.0 or not np.isfinite(path).all():
        return False
    ratio, growth = levels[0] / path[0], path / path[0]
    return bool((np.abs(levels - ratio * path) <= WHOLE * (1.0 + growth) * (1.0 + ratio) + EXACT * levels).all())


def levels_behind(indicator: str) -> tuple[str, ...]:
    """Series that state the levels behind a measure of heads; none for a measure that reads no such level."""
    measure = registry().get(indicator)
    reads = () if measure is None else measure.reads
    return tuple(dict.fromkeys(series for name in reads for series in LEVELS.get(name, ())))


def mark_shared(verdicts: Iterable[Verdict], bases: Mapping[str, Basis], known_until: int | None) -> list[Verdict]:
    """Verdicts with the path they rest on (`Verdict.fact`) and a flag, where it is that of another region.

    A row rests on another's path where every level behind its measure follows that region. Rows with one path and one
    measure are one fact.

    Parameters
    ----------
    bases : of the regions of the run, actuals included, by region
    known_until : information date of the scenario
    """
    known: dict[tuple[str, str], str] = {}

    def path_of(region: str, series: str) -> str:
        if (region, series) not in known:
            basis = bases[region]
            parts = [one for one in bases.values() if one is not basis and one.inherits == basis.inherits]
            known[region, series] = follows(basis, series, known_until, parts)
        return known[region, series]

    marked = []
    for row in verdicts:
        levels = levels_behind(row.indicator) if row.region in bases and row.projected is not None else ()
        paths = {path_of(row.region, series) for series in levels}
        if len(paths) == 1 and paths != {row.region}:
            flags = tuple(sorted({*row.flags, SHARED}))
            row = replace(row, fact=f"{row.indicator}@{paths.pop()}", flags=flags)
        marked.append(row)
    return marked


def shared_rows(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Headline rows of every path on which more than one of them rests, by fact."""
    found: dict[str, list[Verdict]] = {}
    for row in verdicts:
        if row.headline and row.fact:
            found.setdefault(row.fact, []).append(row)
    return {fact: rows for fact, rows in found.items() if len(rows) > 1}


def facts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Facts among the headline rows: rows on one path count once, and count as missed where one of them is missed.

    Returns
    -------
    ``facts``, and of them ``met`` and ``missed``
    """
    rows = [row for row in verdicts if row.headline]
    outcomes: dict[str, bool] = {}
    for place, row in enumerate(rows):
        fact = row.fact or f"row {place}"
        outcomes[fact] = outcomes.get(fact, True) and row.verdict == "met"
    met = sum(outcomes.values())
    return {"facts": len(outcomes), "met": met, "missed": len(outcomes) - met}
