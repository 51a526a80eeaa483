"""Closures: what no published figure identifies, each with the values that can be defended (``closures.yaml``).

A value of a closure is a lever. Moved alone, it is a scenario beside the one at hand; an extreme takes one value of
every closure at once. What a scenario states itself is no longer open there: the closure is named as stated, and not
moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from simengine.common import resources, strict_yaml
from simengine.common.errors import ErrorList, ScenarioError, SimengineError, raise_all
from simengine.common.fields import Frozen, Name, Text
from simengine.common.messages import near
from simengine.common.problems import validated
from simengine.common.strict_yaml import Doc
from simengine.scenario.combine import Lever, combine, read_lever
from simengine.scenario.inherit import packaged
from simengine.scenario.levers import EVER, LeverName
from simengine.scenario.scenario import Scenario, join_levers

FILE = "closures.yaml"
BASELINE = "baseline"
"""Value under which an extreme leaves a closure as the scenario has it."""

LAST = 2200
CONFLICTS = ("levers_conflict", "levers_differ", "named_twice")
"""Errors of a lever that meets one of the scenario: the scenario states the matter itself."""

Evidence = Literal["verified", "published", "secondary", "memory", "recalled", "computed", "derived", "assumption"]


class ClosureEntry(Frozen):
    """One closure as its file states it: `variants` are levers by the name of the value."""

    name: LeverName
    baseline: LeverName
    reason: LeverName
    source: Text
    evidence: Evidence
    where: Literal["everywhere", "below_nation"] = "everywhere"
    variants: Annotated[dict[Name, Name], Field(min_length=1)]


class ExtremeEntry(Frozen):
    """One extreme as its file states it: `values` are variants by closure."""

    name: LeverName
    reason: LeverName
    values: dict[Name, Name]


class ClosureFile(Frozen):
    """All closures, and the two extremes that hold one value of each."""

    closures: Annotated[dict[Name, ClosureEntry], Field(min_length=1)]
    extremes: Annotated[dict[Name, ExtremeEntry], Field(min_length=2, max_length=2)]


@dataclass(frozen=True)
class Closures:
    """What the file says, with the levers it names."""

    path: Path
    content: ClosureFile
    levers: Mapping[str, Lever] = field(repr=False)

    def lever(self, closure: str, variant: str) -> Lever:
        """The lever of one value."""
        return self.levers[self.content.closures[closure].variants[variant]]

    def names(self) -> dict[str, LeverName]:
        """What closures and extremes are called, by key."""
        parts: tuple[Mapping[str, ClosureEntry | ExtremeEntry], ...] = self.content.closures, self.content.extremes
        return {key: entry.name for part in parts for key, entry in part.items()}


@dataclass(frozen=True)
class Beside:
    """One scenario of the set: a closure moved alone to a `variant`, or an extreme (its own name under both)."""

    closure: str
    variant: str
    scenario: Scenario


# --- reading ----------------------------------------------------------------------------------------------------------


def read_closures(path: Path | None = None) -> Closures:
    """The packaged closures, or those of a file beside the same levers.

    Raises
    ------
    ScenarioError, LeverError, InputFileError or an ErrorList of them, with everything that is wrong at once
    """
    path = resources.scenarios_root() / FILE if path is None else path
    doc = strict_yaml.load(path)
    content, errors = validated(ClosureFile, doc.data, doc.where, ScenarioError)
    if content is None:
        raise ErrorList(errors) if len(errors) > 1 else errors[0]
    levers, faults = _levers(content, doc)
    errors = [*faults, *_extreme_faults(content, doc)]
    raise_all(errors)
    closures = Closures(path, content, levers)
    raise_all(list(_together(closures, doc)))
    return closures


def _levers(content: ClosureFile, doc: Doc) -> tuple[dict[str, Lever], list[SimengineError]]:
    """The levers named, and what is wrong with a name or a lever."""
    known = packaged("levers")
    found: dict[str, Lever] = {}
    errors: list[SimengineError] = []
    for closure, entry in content.closures.items():
        if BASELINE in entry.variants:
            where = doc.where("closures", closure, "variants", BASELINE)
            errors.append(ScenarioError("closure_baseline", where=where, key=BASELINE))
        for variant, name in entry.variants.items():
            where = doc.where("closures", closure, "variants", variant)
            if name in found:
                errors.append(ScenarioError("closure_lever_twice", where=where, name=name))
            elif name not in known:
                told = {"name": name, "known": ", ".join(known)}
                errors.append(ScenarioError("lever_unknown", where=where, near=near(name, known), **told))
            else:
                lever, faults = read_lever(known[name], name)
                errors += faults
                if lever is not None:
                    found[name] = lever
                    errors += _not_moved(lever, where)
    return found, errors


def _not_moved(lever: Lever, where: str) -> Iterator[SimengineError]:
    """What cannot be dated from a later opening: a ramp or a pulse, and what a closure does not move."""
    content = lever.content
    for series, change in content.paths.items():
        if change.shape != "step":
            yield ScenarioError("closure_shape", where=where, name=lever.key, series=series, shape=change.shape)
    sections = ("retirement", "campaigns", "demography", "payment_rate", "payment_rate_employees")
    for section in (*sections, "payment_rate_resident", "coverage_growth", "region"):
        if getattr(content, section):
            yield ScenarioError("closure_section", where=where, name=lever.key, section=section)


def _extreme_faults(content: ClosureFile, doc: Doc) -> Iterator[SimengineError]:
    """Extremes that leave a closure out, or name a closure or a value that is not there."""
    closures = content.closures
    for extreme, entry in content.extremes.items():
        if extreme in closures:
            yield ScenarioError("closure_name_twice", where=doc.where("extremes", extreme), name=extreme)
        for closure in closures.keys() - entry.values.keys():
            where = doc.where("extremes", extreme, "values")
            yield ScenarioError("closure_not_chosen", where=where, name=closure, extreme=extreme)
        for closure, value in entry.values.items():
            where = doc.where("extremes", extreme, "values", closure)
            if closure not in closures:
                listed = ", ".join(closures)
                yield ScenarioError(
                    "closure_unknown", where=where, near=near(closure, closures), name=closure, known=listed
                )
            elif value not in (allowed := (BASELINE, *closures[closure].variants)):
                told = {"name": closure, "value": value, "known": ", ".join(allowed)}
                yield ScenarioError("closure_value_unknown", where=where, near=near(value, allowed), **told)


def _together(closures: Closures, doc: Doc) -> Iterator[SimengineError]:
    """Values of an extreme that change the same thing."""
    for extreme in closures.content.extremes:
        _, conflicts, _ = combine([lever for _, lever in chosen(closures, extreme)], (EVER, LAST))
        for conflict in conflicts:
            where = doc.where("extremes", extreme, "values")
            yield ScenarioError("closure_conflict", where=where, extreme=extreme, reason=conflict.words())


# --- scenarios of the set ---------------------------------------------------------------------------------------------


def chosen(closures: Closures, extreme: str) -> list[tuple[str, Lever]]:
    """Closures that an extreme moves, each with its lever."""
    values = closures.content.extremes[extreme].values
    return [(closure, closures.lever(closure, value)) for closure, value in values.items() if value != BASELINE]


def scenarios_beside(scenario: Scenario, closures: Closures, nation: bool) -> tuple[list[Beside], list[str]]:
    """The set around a scenario: every value of every closure alone, then the extremes.

    A lever dated before the first projected year acts from that year on.

    Parameters
    ----------
    nation : whether the scenario is of the nation, to which closures of regions do not apply

    Returns
    -------
    the scenarios, and the closures that the scenario states itself
    """
    first = scenario.content.years[0]
    found: list[Beside] = []
    stated: list[str] = []
    entries = closures.content.closures
    for closure, entry in entries.items():
        if nation and entry.where == "below_nation":
            continue
        own: list[Beside] = []
        for variant in entry.variants:
            moved = _joined(scenario, f"{closure}:{variant}", [dated_from(closures.lever(closure, variant), first)])
            own += [] if moved is None else [Beside(closure, variant, moved)]
        if len(own) < len(entry.variants):
            stated.append(closure)
        else:
            found += own
    open_ones = {beside.closure for beside in found}
    for extreme in closures.content.extremes:
        levers = [dated_from(lever, first) for closure, lever in chosen(closures, extreme) if closure in open_ones]
        moved = _joined(scenario, extreme, levers)
        found += [] if moved is None else [Beside(extreme, extreme, moved)]
    return found, stated


def _joined(scenario: Scenario, key: str, levers: list[Lever]) -> Scenario | None:
    """The scenario with further levers; None where one of them meets what the scenario states."""
    if any(_stated(lever.content) & stated for lever in levers for stated in _stated_by(scenario)):
        return None
    try:
        return join_levers(scenario, f"{scenario.key}~{key}", levers)
    except SimengineError as error:
        found = error.errors if isinstance(error, ErrorList) else [error]
        if all(one.code in CONFLICTS for one in found):
            return None
        raise


def _stated(content: Any) -> set[tuple[str, str]]:
    """Series, constants and parameters of the law that a scenario or lever moves, whatever the years."""
    law = getattr(content, "changes", None) or {}
    return {
        *(("path", name) for name in content.paths), *(("constant", name) for name in content.constants),
        *(("law", key) for key in law),
    }  # fmt: skip


def _stated_by(scenario: Scenario) -> Iterator[set[tuple[str, str]]]:
    """What the scenario file and each of its levers state."""
    yield _stated(scenario.content)
    for lever in scenario.levers:
        yield _stated(lever.content)


def dated_from(lever: Lever, first: int) -> Lever:
    """A lever whose values dated before a year act from that year on: of each of them the last one.

    >>> from simengine.scenario.closures import read_closures
    >>> moved = dated_from(read_closures().lever("award_factor", "low"), 2026)
    >>> moved.content.paths["award_factor"].multiply
    {2026: 0.877}
    """
    content = lever.content
    changed: dict[str, Any] = {}
    if content.paths:
        changed["paths"] = {
            name: change.model_copy(update={change.operation: _from_year(change.knots, first)})
            for name, change in content.paths.items()
        }
    if content.indexation:
        rate = _from_year(content.indexation.rate, first)
        changed["indexation"] = content.indexation.model_copy(update={"rate": rate})
    if content.changes:
        changed["changes"] = {key: _from_day(values, first) for key, values in content.changes.items()}
    return replace(lever, content=content.model_copy(update=changed))


def _from_year(values: Mapping[int, float], first: int) -> dict[int, float]:
    early = [year for year in values if year < first]
    kept = {year: value for year, value in values.items() if year >= first}
    return {**({first: values[max(early)]} if early and first not in kept else {}), **kept}


def _from_day(values: Mapping[date, Any], first: int) -> dict[date, Any]:
    start = date(first, 1, 1)
    early = [day for day in values if day < start]
    kept = {day: value for day, value in values.items() if day >= start}
    return {**({start: values[max(early)]} if early and start not in kept else {}), **kept}
