"""Slips of unit in law parameters, constants and campaigns that levers state (`simengine.engine.compile.slips`)."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from simengine.basis.basis import Basis, load_basis
from simengine.common.errors import ScenarioError, SimengineError
from simengine.engine.compile.book import PathBook
from simengine.engine.compile.slips import Slip, Where, figure, limits_of, unit_words
from simengine.law import LawTree
from simengine.law.parameter import Parameter, value_in_force
from simengine.registry import slips
from simengine.registry.inputs import CONSTANTS, FIXED, LEVER_KEYS, LEVER_ROWS
from simengine.scenario.combine import Lever, named_campaigns
from simengine.scenario.levers import Campaign
from simengine.scenario.scenario import Scenario

SMALLEST_CAMPAIGN = 1e-4
"""A campaign below this share of the payers is a slip of unit; a limit, below ten times this share of the campaign."""

WORKING_AGES = slice(16, 60)


def stated_slips(scenario: Scenario, basis: Basis, law: LawTree) -> Iterator[Slip]:
    """Slips in law parameters, constants and campaigns of a scenario.

    Parameters
    ----------
    basis : of the first lane
    law : as the scenario knows it, without its levers
    """
    yield from law_slips(scenario, basis, law)
    yield from constant_slips(scenario, basis)
    yield from campaign_slips(scenario)


# --- law --------------------------------------------------------------------------------------------------------------


def law_slips(scenario: Scenario, basis: Basis, law: LawTree) -> Iterator[Slip]:
    """Slips among the dated values of levers, each against the law that would be in force on its day."""
    last = scenario.years[-1]
    for lever in scenario.levers:
        for key, dated in lever.content.changes.items():
            kind = slips.kind_of_law(law[key].unit.symbol) if key in LEVER_KEYS else None
            region = lever.content.region or basis.region
            if kind is None or region not in law.regions or not law[key].stated_in(region):
                continue  # cannot slip, or is refused as such
            for day, value in dated.items():
                if day.year > last or value is None or law[key].fault(value) is not None:
                    continue  # beyond the horizon, ends the rule, or is refused as out of range
                own = _in_force(law[key], day, region, scenario, basis, law)
                yield from _law_slip(lever, law[key], kind, day, value, own)


def _law_slip(
    lever: Lever, parameter: Parameter, kind: str, day: datetime.date, value: Any, own: Any
) -> Iterator[Slip]:
    """The slip of the first number of a dated value that is one; the others of a table are likely of the same hand."""
    known, stated = _numbers(own), _numbers(value)
    if parameter.ragged and known and not set(stated) <= set(known):  # steps of its own: the highest ones are alike
        top = max(stated, key=lambda label: stated[label])
        known, stated = {top: max(known.values())}, {top: stated[top]}
    for label, number in stated.items():
        doubt = slips.doubt(number, known.get(label, 0.0), kind)
        if doubt is None:
            continue
        key = parameter.key
        name = key if label is None else f"{key}[{label}]"
        said: dict[str, Any] = {"value": figure(number), "own": figure(known[label]), "day": day, "key": key}
        said |= {"unit": unit_words(parameter.unit.symbol), "guess": slips.meaning(kind, doubt.off)}
        where = lever.where("changes", key, day)
        yield Slip(key, lever.key, ScenarioError("slip_law", where=where, name=name, **said, **limits_of(kind)))
        return


def _numbers(value: Any) -> dict[Any, float]:
    """Numbers of a law value by label; under None for a single one."""
    if isinstance(value, Mapping):
        items = dict(value)
    elif isinstance(value, list):
        items = dict(enumerate(value))
    else:
        items = {None: value}
    return {label: float(item) for label, item in items.items() if isinstance(item, int | float)}


def _in_force(
    parameter: Parameter, day: datetime.date, region: str, scenario: Scenario, basis: Basis, law: LawTree
) -> Any:
    """Value of the law on a day, carried on by its index; the last one above zero where that is zero or none."""
    timeline = parameter.timeline(region)
    last = timeline[-1]
    if parameter.extension.rule == "indexed" and parameter.table is None and day.year > last.date.year:
        years = np.arange(scenario.base_year, day.year + 1)
        known_until = basis.base_year if scenario.information == "opening" else None
        return float(PathBook(basis, law, None, years, known_until).law_values(parameter.key)[-1])
    found = value_in_force(timeline, day)
    value = None if found is None else found.value
    if value:
        return value
    return next((dated.value for dated in reversed(timeline) if dated.value), value)


# --- constants and campaigns ------------------------------------------------------------------------------------------


def constant_slips(scenario: Scenario, basis: Basis) -> Iterator[Slip]:
    """Slips among the constants of a scenario and its levers; those out of range are refused as such."""
    files: list[tuple[str, Any, Where]] = [("", scenario.content, scenario.where)]
    files += [(lever.key, lever.content, lever.where) for lever in scenario.levers]
    for lever, content, where in files:
        for name, value in content.constants.items():
            if name in FIXED or name not in basis.constants:
                continue  # refused as such
            known = basis.find_constant(name)
            if not known.low <= value <= known.high:
                continue
            kind = slips.kind_of(CONSTANTS[name].kind, CONSTANTS[name].unit) if name in CONSTANTS else None
            doubt = None if kind is None else slips.doubt(value, known.value, kind)
            if kind is None or doubt is None:
                continue
            said: dict[str, Any] = {"value": figure(value), "own": figure(known.value), "key": name}
            said |= {"unit": unit_words(CONSTANTS[name].unit), "guess": slips.meaning(kind, doubt.off)}
            place = where("constants", name)
            yield Slip(name, lever, ScenarioError("slip_constant", where=place, name=name, **said, **limits_of(kind)))


def campaign_slips(scenario: Scenario) -> Iterator[Slip]:
    """Campaigns that are too small to be meant, or whose limits are."""
    basis = load_basis(scenario.basis)
    for lever, at, campaign in _campaigns(scenario):
        name, people = str(campaign.id), _working(basis)
        payers = basis.opening(_level(campaign))
        if campaign.total < SMALLEST_CAMPAIGN * payers:
            said: dict[str, Any] = {"value": f"{campaign.total:g}", "limit": f"{SMALLEST_CAMPAIGN * payers:,.0f}"}
            where = lever.where("campaigns", at, "total")
            yield Slip(name, lever.key, ScenarioError("campaign_small", where=where, name=name, **said))
        yearly = campaign.total / (campaign.years[1] - campaign.years[0] + 1)
        for pool, limit in campaign.limits.items():
            low = 10.0 * SMALLEST_CAMPAIGN * yearly
            if not low <= limit <= people:
                asked: dict[str, Any] = {"value": figure(limit), "pool": pool, "total": f"{yearly:,.0f}"}
                asked |= {"low": figure(math.ceil(low)), "high": f"{people:,.0f}"}
                where = lever.where("campaigns", at, "limits", pool)
                yield Slip(name, lever.key, ScenarioError("campaign_limit", where=where, name=name, **asked))


def campaign_faults(scenario: Scenario) -> Iterator[SimengineError]:
    """Campaigns for more people than there are; nothing overrules that."""
    for lever, at, campaign in _campaigns(scenario):
        people = _working(load_basis(scenario.basis))
        if campaign.total > people:
            said = {"name": str(campaign.id), "value": f"{campaign.total:,.0f}", "limit": f"{people:,.0f}"}
            yield ScenarioError("campaign_large", where=lever.where("campaigns", at, "total"), **said)


def _campaigns(scenario: Scenario) -> Iterator[tuple[Lever, int, Campaign]]:
    for lever in scenario.levers:
        for at, campaign in enumerate(named_campaigns(lever)):
            yield lever, at, campaign


def _level(campaign: Campaign) -> str:
    """Opening figure of those whom a campaign joins."""
    return LEVER_ROWS[f"campaign_{campaign.kind}_{campaign.status}"].shared_by


def _working(basis: Basis) -> float:
    """Residents of 16 to 59 at the opening [persons]."""
    return float(basis.population()[:, WORKING_AGES].sum())
