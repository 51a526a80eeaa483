"""How a shock acts: the lever that a stress of some size is, from its first year on.

A shock of nothing is no lever. Each form is continuous in the shock, so that the smallest one that breaks a target can
be found; notes/stress.md, section 2, has the formula of each.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import mul
from typing import Any

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error
from simengine.decide.stress.library import Stress, stresses
from simengine.engine.compile import known_law
from simengine.engine.what_if import first_open_year
from simengine.law import LawTree, load_law
from simengine.law.regions import NATION
from simengine.scenario.closures import CONFLICTS
from simengine.scenario.combine import Lever
from simengine.scenario.levers import Campaign
from simengine.scenario.scenario import Scenario, join_levers, with_levers, without_lever

FIRST_BY = "enterprise_payers"
"""Series whose first unknown year is the first year of a stress where none is stated."""

NATION_ONLY, NO_CAMPAIGN, STATED = "nation", "no_campaign", "stated"
REASONS = (NATION_ONLY, NO_CAMPAIGN, STATED)
"""Why a stress does not apply: it is for regions, there is no campaign, the scenario states what the stress moves."""

Content = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a stress acts.

    Attributes
    ----------
    start : first year
    residents : of the region at the opening [persons]
    law : what the scenario knows of it
    """

    scenario: Scenario
    start: int
    residents: float
    law: LawTree


def place_of(scenario: Scenario, start: int | None = None) -> Place:
    """The place of a scenario; from the first year of which no payers are known, where no year is stated.

    Raises
    ------
    ScenarioError for a year outside the projection
    """
    first, last = scenario.content.years
    year = first_open_year(scenario, FIRST_BY) if start is None else start
    if not first <= year <= last:
        raise ScenarioError("stress_start", where="--start", year=year, first=first, last=last, scenario=scenario.key)
    basis = load_basis(scenario.basis)
    return Place(scenario, year, float(basis.population().sum()), known_law(scenario, load_law()))


def why_not(stress: Stress, scenario: Scenario) -> str:
    """Why a stress does not apply: `NATION_ONLY`, `NO_CAMPAIGN` or nothing."""
    if stress.content.where == "below_nation" and load_basis(scenario.basis).region == NATION:
        return NATION_ONLY
    return NO_CAMPAIGN if stress.content.form == "campaigns" and not scenario.settings.campaigns else ""


def shocked(stress: Stress, shock: float, place: Place, key: str) -> Scenario | None:
    """A scenario under a shock; None where the scenario itself states what the stress moves.

    Parameters
    ----------
    shock : in the unit of the stress; of a combination times the sizes of its parts
    key : name of the scenario that is made
    """
    scenario = place.scenario
    if shock == 0.0:
        return replace(scenario, key=key)
    if stress.content.form == "campaigns":
        return _fewer(scenario, shock, place.start, key)
    content = content_of(stress, shock, place)
    if content.get("paths", {}).keys() & scenario.content.paths.keys():
        return None
    named = {"name": stress.content.name.model_dump(), "reason": stress.content.reason}
    try:
        return with_levers(scenario, key, {f"stress_{stress.key}": {**named, **content}})
    except SimengineError as error:
        if all(one.code in CONFLICTS for one in each_error(error)):
            return None
        raise


def content_of(stress: Stress, shock: float, place: Place) -> Content:
    """What the lever of a shock says, beside its name and reason."""
    if stress.content.form == "combined":
        parts = [
            content_of(stresses()[name], shock * part * stresses()[name].content.size, place)
            for name, part in stress.content.parts.items()
        ]
        return _together(parts)
    return FORMS[stress.content.form](stress, shock, place)


def _together(parts: list[Content]) -> Content:
    """The sections of some levers in one; no two parts of a combination name the same entry."""
    merged: Content = {}
    for part in parts:
        for section, entries in part.items():
            known = merged.setdefault(section, {})
            twice = known.keys() & entries.keys()
            if twice:
                raise ScenarioError("stress_parts", names=", ".join(sorted(map(str, twice))))
            known.update(entries)
    return merged


# --- forms ------------------------------------------------------------------------------------------------------------


def profile(stress: Stress, shock: float, start: int) -> dict[int, float]:
    """Stated years of a shock as a step, by the shape: what it is from each of them on.

    >>> ramp, pulse, level = (stresses()[name] for name in ("low_fertility", "layoff_wave", "return_shortfall"))
    >>> {year: round(value, 2) for year, value in profile(ramp, 0.5, 2026).items()}
    {2026: 0.1, 2027: 0.2, 2028: 0.3, 2029: 0.4, 2030: 0.5}
    >>> profile(pulse, 0.5, 2026), profile(level, 0.5, 2026)
    ({2026: 0.5, 2028: 0.0}, {2026: 0.5})
    """
    years = stress.content.years
    if stress.content.shape == "ramp":
        steps = years or 1
        return {start + place: shock * (place + 1) / steps for place in range(steps)}
    return {start: shock} if years is None else {start: shock, start + years: 0.0}


def _growth(stress: Stress, shock: float, place: Place) -> Content:
    """Growth below or above its own: the level is multiplied by (1 + s·x) to the years that have passed, then held."""
    factor = 1.0 + stress.content.sign * shock
    risen = accumulate([factor] * (stress.content.years or 1), mul)
    steps = {place.start + passed: level for passed, level in enumerate(risen)}
    return {"paths": {name: {"multiply": steps} for name in stress.content.series}}


def _shift(stress: Stress, shock: float, place: Place) -> Content:
    """A level moved by s·x."""
    added = {year: stress.content.sign * value + 0.0 for year, value in profile(stress, shock, place.start).items()}
    return {"paths": {name: {"add": added} for name in stress.content.series}}


def _factor(stress: Stress, shock: float, place: Place) -> Content:
    """A level multiplied by 1 + s·x."""
    times = {year: 1.0 + stress.content.sign * value for year, value in profile(stress, shock, place.start).items()}
    return {"paths": {name: {"multiply": times} for name in stress.content.series}}


def _fertility(stress: Stress, shock: float, place: Place) -> Content:
    """Children per woman less by x."""
    fewer = {year: -value for year, value in profile(stress, shock, place.start).items()}
    return {"demography": {"fertility": {"add": fewer}}}


def _mortality(stress: Stress, shock: float, place: Place) -> Content:
    """An extra yearly fall x of the force of mortality; the gain stays."""
    pace = profile(stress, shock, place.start)
    return {"demography": {"mortality": [{"ages": _ages(stress), "pace": pace}]}}


def _migration(stress: Stress, shock: float, place: Place) -> Content:
    """Net migrants less by x of all residents a year, spread as the residents of the ages are."""
    fewer = {year: -value * place.residents + 0.0 for year, value in profile(stress, shock, place.start).items()}
    return {"demography": {"migration": {"add": fewer, "ages": _ages(stress), "by": "residents"}}}


def _ages(stress: Stress) -> list[int]:
    return list(stress.content.ages or ())


def _law(stress: Stress, shock: float, place: Place) -> Content:
    """A parameter of the law moved by s·x on the first 1 January, and back to what the law says then at the end."""
    key = str(stress.content.key)
    end = place.start + (stress.content.years or 1)
    first, after = (place.law.value(key, _day(year)) for year in (place.start, end))
    return {"changes": {key: {_day(place.start): first + stress.content.sign * shock, _day(end): after}}}


def _day(year: int) -> datetime.date:
    return datetime.date(year, 1, 1)


FORMS: Mapping[str, Callable[[Stress, float, Place], Content]] = {
    "growth": _growth,
    "shift": _shift,
    "factor": _factor,
    "fertility": _fertility,
    "mortality": _mortality,
    "migration": _migration,
    "law": _law,
}


# --- campaigns --------------------------------------------------------------------------------------------------------


def _fewer(scenario: Scenario, shock: float, start: int, key: str) -> Scenario | None:
    """The scenario with the part x of every campaign missing from a year on."""
    made = scenario
    changed: list[Lever] = []
    for lever in scenario.levers:
        if any(campaign.years[1] >= start for campaign in lever.content.campaigns):
            less = tuple(_missing(campaign, shock, start) for campaign in lever.content.campaigns)
            changed.append(replace(lever, content=lever.content.model_copy(update={"campaigns": less})))
            made = without_lever(made, lever.key)
    return join_levers(made, key, changed) if changed else replace(scenario, key=key)


def _missing(campaign: Campaign, shock: float, start: int) -> Campaign:
    """A campaign with the part x of its persons missing in every year from a year on."""
    by_year = {year: heads * (1.0 - shock if year >= start else 1.0) for year, heads in campaign.by_year().items()}
    return campaign.model_copy(update={"total": sum(by_year.values()), "increments": by_year})
