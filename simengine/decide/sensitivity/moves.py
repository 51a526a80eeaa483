"""A driver moved by a multiple of its size becomes a lever, and the lever makes a scenario beside the one at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from pathlib import Path
from typing import Any

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import near
from simengine.common.strict_yaml import Doc
from simengine.engine.project import lane_bases
from simengine.engine.what_if import first_open_year
from simengine.law import last_review
from simengine.scenario.closures import CONFLICTS, dated_from
from simengine.scenario.combine import Lever, parse_lever, read_lever
from simengine.scenario.inherit import packaged
from simengine.scenario.inputs import fixed_constants, series_faults
from simengine.scenario.scenario import Scenario, join_levers
from simengine.scenario.sizes import Driver, Sizes, every_driver, sized
from simengine.scenario.what_if import FULL_WIDTH, number

LOW, HIGH = -1.0, 1.0
"""Multiples of the size that are the two sides of a bar."""

IDLE = ("lever_without_change", "lever_without_reader", "lever_without_subsidy")
"""Refusals of a lever that would move nothing: in a table of what moves what this is a result, zero."""


@dataclass(frozen=True)
class Moved:
    """One scenario beside the one at hand.

    Attributes
    ----------
    times : multiple of the size by driver
    scenario : None where it is the scenario at hand
    why : why it is: ``stated`` (the scenario states the matter itself), ``one_sided`` (the driver has no such side)
    """

    times: tuple[tuple[str, float], ...]
    scenario: Scenario | None
    why: str = ""


def first_moved_year(scenario: Scenario, driver: Driver) -> int:
    """First projected year in which a driver is moved: the one after its last known value.

    Of what no series states (people, constants) the year after the review of the law, or after the opening where only
    that is known.
    """
    names = [*driver.entry.series, *filter(None, [driver.entry.coverage_growth])]
    if names:
        return min(first_open_year(scenario, name) for name in names)
    reviewed = last_review()
    if scenario.information == "opening" or reviewed is None:
        return scenario.base_year + 1
    return max(scenario.base_year, reviewed.year) + 1


def chosen_drivers(
    scenario: Scenario,
    sizes: Sizes,
    names: Iterable[str],
    other_sizes: Mapping[str, float] | Iterable[str],
    *,
    everything: bool,
) -> dict[str, Driver]:
    """Drivers by key, those named or all of the file, with the sizes stated for some of them.

    Parameters
    ----------
    everything : every series and constant that a lever may move, beside those of the file
    other_sizes : texts ``wages=0.5%`` or sizes by driver

    Raises
    ------
    ScenarioError or an ErrorList of them
    """
    first, *others = lane_bases(scenario)
    constants = {
        name: value
        for name, value in first.constants.items()
        if all(one.constants.get(name) == value for one in others)
    }
    whole = every_driver(sizes, dict.fromkeys(first.series_names()), constants)
    errors: list[SimengineError] = []
    asked = [part.strip() for name in names for part in name.replace("，", ",").split(",") if part.strip()]
    stated, faults = _stated(other_sizes)
    errors += faults
    for option, given in (("--driver", asked), ("--size", list(stated))):
        errors += [
            ScenarioError("sensitivity_driver", where=option, near=near(name, whole), name=name, known=_known(sizes))
            for name in given
            if _key(name, whole) is None
        ]
    keys = {key: value for name, value in stated.items() if (key := _key(name, whole)) is not None}
    errors += [
        ScenarioError("sensitivity_no_size", where="--size", name=key) for key in keys if whole[key].entry.levers
    ]
    raise_all(errors)
    drivers = whole if everything else dict(sizes.drivers)
    if asked:
        drivers = {key: whole[key] for name in asked if (key := _key(name, whole)) is not None}
    resized = {key: sized(key, one.entry, one.rule, keys[key]) for key, one in whole.items() if key in keys}
    return {key: resized.get(key, one) for key, one in drivers.items()}


def _known(sizes: Sizes) -> str:
    return ", ".join(sizes.drivers)


def _key(name: str, drivers: Mapping[str, Driver]) -> str | None:
    """The key of a driver that is named by it or by its name in either language."""
    if name in drivers:
        return name
    return next((key for key, one in drivers.items() if name in (one.name("en"), one.name("zh"))), None)


def _stated(given: Mapping[str, float] | Iterable[str]) -> tuple[dict[str, float], list[SimengineError]]:
    """Sizes by driver, and what cannot be read as such."""
    errors: list[SimengineError] = []
    found: dict[str, float] = {}
    items = given.items() if isinstance(given, Mapping) else [_split(text) for text in given]
    for name, value in items:
        size = number(value) if isinstance(value, str) else float(value)
        if size is None or not size > 0.0 or name in found:
            errors.append(ScenarioError("sensitivity_size", where="--size", name=f"{name}={value}"))
        else:
            found[name] = float(size)
    return found, errors


def _split(text: str) -> tuple[str, str]:
    name, _, value = text.strip().translate(FULL_WIDTH).partition("=")
    return name.strip(), value.strip()


# --- levers -----------------------------------------------------------------------------------------------------------


def moved(
    scenario: Scenario, times: Mapping[str, float], drivers: Mapping[str, Driver], since: Mapping[str, int]
) -> Moved:
    """A scenario in which some drivers are moved by multiples of their sizes.

    Parameters
    ----------
    since : first year in which each driver is moved

    Raises
    ------
    SimengineError where a lever is refused for anything but what the scenario states itself
    """
    place = tuple(times.items())
    levers: list[Lever] = []
    for key, multiple in times.items():
        lever = _lever(scenario, drivers[key], multiple, since[key]) if multiple else None
        if multiple and lever is None:
            return Moved(place, None, "one_sided")
        if lever is not None:
            levers.append(lever)
    if not levers:
        return Moved(place, None)
    series = {name for lever in levers for name in lever.content.paths}
    constants = {name for lever in levers for name in lever.content.constants}
    if series & scenario.content.paths.keys() or constants & scenario.content.constants.keys():
        return Moved(place, None, "stated")
    said = "~".join(f"{key}{multiple:+z.6g}" for key, multiple in place if multiple)
    try:
        return Moved(place, join_levers(scenario, f"{scenario.key}~{said}", levers))
    except SimengineError as error:
        if all(one.code in CONFLICTS for one in each_error(error)):
            return Moved(place, None, "stated")
        raise


def _lever(scenario: Scenario, driver: Driver, multiple: float, since: int) -> Lever | None:
    """The lever of one driver; None on a side that it does not have."""
    entry = driver.entry
    if entry.levers is not None:
        name = entry.levers.low if multiple < 0.0 else entry.levers.high
        if name is None or abs(multiple) != 1.0:
            return None
        lever, errors = read_lever(packaged("levers")[name], name)
        raise_all(errors)
        return None if lever is None else dated_from(lever, scenario.content.years[0])
    if entry.down_only and multiple > 0.0:
        return None
    where = f"{driver.key} {multiple:+z.6g}"
    content = {
        "name": {"en": driver.name("en"), "local": driver.name("zh")},
        "reason": "moved alone by a stated size",
        **_change(scenario, driver, multiple, since),
    }
    lever, errors = parse_lever(Doc(content, where), Path(where), f"sensitivity_{driver.key}")
    if lever is not None:
        errors += [*series_faults(lever.content, lever.where), *fixed_constants(lever.content.constants, lever.where)]
    raise_all(errors)
    return lever


def _change(scenario: Scenario, driver: Driver, multiple: float, since: int) -> dict[str, Any]:
    """The section of the lever file that moves a driver."""
    entry, size = driver.entry, driver.size * multiple
    if entry.coverage_growth is not None:
        return {"coverage_growth": {entry.coverage_growth: {since: size}}}
    if entry.constant is not None:
        value = lane_bases(scenario)[0].constants[entry.constant]
        return {
            "constants": {entry.constant: value * (1.0 + size) if entry.by == "multiply" else value + size},
            "checked": [entry.constant],
        }
    if entry.demography is not None:
        change: dict[str, Any] = {"add": {since: size}} if entry.by == "add" else {"multiply": {since: 1.0 + size}}
        if entry.demography == "migration" and entry.by == "add":  # a part of all residents, in persons
            change = {"add": {since: size * float(load_basis(scenario.basis).population().sum())}, "by": "residents"}
        if entry.by == "growth":  # mortality moved up falls so much less every year
            change = {"pace": {since: 0.0 - size}}
        return {"demography": {entry.demography: [change] if entry.demography == "mortality" else change}}
    if entry.by == "growth":  # level after k years: (1 + size)^k times that of the series
        years = range(since, scenario.content.years[1] + 1)
        levels = accumulate([1.0 + size] * len(years), mul)
        operation: dict[str, Any] = {"multiply": dict(zip(years, levels, strict=True))}
    else:
        operation = {"multiply": {since: 1.0 + size}} if entry.by == "multiply" else {"add": {since: size}}
    return {"paths": dict.fromkeys(entry.series, operation), "checked": list(entry.series)}
