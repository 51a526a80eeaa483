"""Sizes of a sensitivity analysis (``sensitivity.yaml``): how far drivers and levers are moved, on what authority.

What is moved is a lever of an ordinary kind, so that everything which follows it hears it. Rules and worked example:
notes/sensitivity.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from simengine.common import resources, strict_yaml
from simengine.common.errors import ScenarioError, SimengineError, raise_all
from simengine.common.fields import Frozen, Name, Text, as_tuple
from simengine.common.messages import Words, near, words
from simengine.common.problems import validated
from simengine.registry.inputs import CONSTANTS, GROWN, LEVER_ROWS, LEVER_SERIES, SERIES
from simengine.scenario.closures import Evidence
from simengine.scenario.inherit import packaged
from simengine.scenario.inputs import FIXED_CODES
from simengine.scenario.levers import LeverName

FILE = "sensitivity.yaml"
SIDES = ("low", "high")
DEVIATION, VALUES, POINT, TENTH = "deviation", "values", "point", "tenth"
PEOPLE = ("fertility", "mortality", "migration")

Positive = Annotated[float, Field(strict=True, gt=0.0)]


class RuleEntry(Frozen):
    """A rule as the file states it: a `share` of the standard deviation, one `size`, or neither (packaged levers)."""

    name: LeverName
    share: Positive | None = None
    size: Positive | None = None
    source: Text
    evidence: Evidence


class Sides(Frozen):
    """Packaged levers of the two sides; a side without one stays the baseline."""

    low: Name | None = None
    high: Name | None = None


class DriverEntry(Frozen):
    """One driver or lever as the file states it.

    Attributes
    ----------
    series, demography, coverage_growth, constant, levers : what is moved; one of them
    by : ``add``, ``multiply`` or ``growth``
    unit : of what is added, where it is no rate
    rule : rule of the size; `deviation` is that of the history, in the unit of the size
    down_only : its largest value is the one it has, so that there is no side above
    """

    name: LeverName
    kind: Literal["driver", "lever"]
    series: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = ()
    demography: Literal["fertility", "mortality", "migration"] | None = None
    coverage_growth: Name | None = None
    constant: Name | None = None
    levers: Sides | None = None
    by: Literal["add", "multiply", "growth"] | None = None
    unit: LeverName | None = None
    rule: Name
    deviation: Positive | None = None
    history: LeverName | None = None
    down_only: Annotated[bool, Field(strict=True)] = False

    @property
    def moves(self) -> list[str]:
        """Which of the ways of moving are stated."""
        stated = {
            "series": self.series,
            "demography": self.demography,
            "coverage_growth": self.coverage_growth,
            "constant": self.constant,
            "levers": self.levers,
        }
        return [name for name, value in stated.items() if value]


class SizesFile(Frozen):
    """Rules, and the drivers and levers that are moved."""

    rules: Annotated[dict[Name, RuleEntry], Field(min_length=1)]
    drivers: Annotated[dict[Name, DriverEntry], Field(min_length=1)]


@dataclass(frozen=True)
class Driver:
    """One driver or lever with its size.

    Attributes
    ----------
    size : how far it is moved to either side, in its own unit; zero where levers are its sides
    deviations : the size in standard deviations of its history; not a number without one
    """

    key: str
    entry: DriverEntry
    rule: RuleEntry
    size: float
    deviations: float

    def name(self, lang: str) -> str:
        """What it is called."""
        return self.entry.name.local if lang == "zh" else self.entry.name.en

    def size_text(self, lang: str, times: float = 1.0, *, signed: bool = False) -> str:
        """A multiple of the size with its unit, as a table prints it."""
        if self.entry.levers is not None:
            return _sides_text(self.entry.levers, lang)
        code = "more" if self.entry.unit is not None else "percent" if self.entry.by == "multiply" else "points"
        if self.entry.demography == "migration" and self.entry.by == "add":
            code = "share"  # of all residents, not heads
        if self.entry.by == "growth":
            code = "growth"
        value = self.size * times * (1.0 if code == "more" else 100.0)
        unit = "" if self.entry.unit is None else self.entry.unit.local if lang == "zh" else self.entry.unit.en
        number = f"{value:+z.3g}" if signed else f"±{abs(value):.3g}"
        said = words(f"sensitivity.size.{code}", value=number, unit=unit)
        return said.zh if lang == "zh" else said.en


def _sides_text(sides: Sides, lang: str) -> str:
    """The two values of a switch by the names of their levers."""
    base = words("sensitivity.base")
    named = [base if name is None else _lever_name(name) for name in (sides.low, sides.high)]
    said = [one.zh if lang == "zh" else one.en for one in named]
    return " / ".join(said)


@cache
def _lever_name(key: str) -> Words:
    """What a packaged lever is called."""
    from simengine.scenario.combine import read_lever

    lever, errors = read_lever(packaged("levers")[key], key)
    raise_all(errors)
    return Words(key, key) if lever is None else Words(lever.content.name.en, lever.content.name.local)


@dataclass(frozen=True)
class Sizes:
    """What the file says."""

    path: Path
    rules: Mapping[str, RuleEntry]
    drivers: Mapping[str, Driver]


def read_sizes(path: Path | None = None) -> Sizes:
    """The packaged sizes, or those of a file.

    Raises
    ------
    ScenarioError, InputFileError or an ErrorList of them, with everything that is wrong at once
    """
    path = resources.scenarios_root() / FILE if path is None else path
    doc = strict_yaml.load(path)
    content, errors = validated(SizesFile, doc.data, doc.where, ScenarioError)
    if content is None:
        raise_all(errors)
        raise AssertionError
    drivers: dict[str, Driver] = {}
    for key, entry in content.drivers.items():
        where = doc.where("drivers", key)
        faults = list(_faults(key, entry, content.rules, where))
        errors += faults
        if not faults:
            drivers[key] = sized(key, entry, content.rules[entry.rule])
    raise_all(errors)
    return Sizes(path, content.rules, drivers)


def _faults(key: str, entry: DriverEntry, rules: Mapping[str, RuleEntry], where: str) -> list[SimengineError]:
    """What is wrong with an entry beyond its form."""
    errors: list[SimengineError] = []
    if len(entry.moves) != 1 or (entry.levers is None) != (entry.by is not None):
        errors.append(ScenarioError("sizes_one_move", where=where, name=key, given=", ".join(entry.moves) or "-"))
    if entry.rule not in rules:
        errors.append(
            ScenarioError(
                "sizes_rule", where=where, near=near(entry.rule, rules), name=entry.rule, known=", ".join(rules)
            )
        )
    elif (entry.deviation is None) != (entry.history is None) or (
        rules[entry.rule].share is not None and entry.deviation is None
    ):
        errors.append(ScenarioError("sizes_deviation", where=where, name=key))
    elif (entry.levers is not None) != (rules[entry.rule].share is None and rules[entry.rule].size is None):
        errors.append(ScenarioError("sizes_no_size", where=where, name=key, rule=entry.rule))
    names = [*entry.series, *filter(None, [entry.coverage_growth, entry.constant])]
    known = {*LEVER_SERIES, *GROWN, *CONSTANTS}
    if entry.levers is not None:
        names, known = [name for name in (entry.levers.low, entry.levers.high) if name], {*packaged("levers")}
    errors += [
        ScenarioError("sizes_unknown", where=where, near=near(name, known), name=name)
        for name in names
        if name not in known
    ]
    return errors


def sized(key: str, entry: DriverEntry, rule: RuleEntry, size: float | None = None) -> Driver:
    """A driver with the size of its rule, or with another one.

    >>> sizes = read_sizes()
    >>> round(sizes.drivers["wages"].size, 5), sizes.drivers["separations"].size
    (0.00393, 0.1)
    """
    if size is None:
        size = rule.size or float(format((rule.share or 0.0) * (entry.deviation or 0.0), ".12g"))  # no binary tail
    return Driver(key, entry, rule, size, size / entry.deviation if entry.deviation else float("nan"))


def every_driver(sizes: Sizes, series: Mapping[str, Any], constants: Mapping[str, Any]) -> dict[str, Driver]:
    """The drivers of the file, and every other series and constant of a basis by the rules for rates and for the rest.

    Parameters
    ----------
    series, constants : names that a scenario may move, with anything behind them
    """
    found = dict(sizes.drivers)
    known = {name for one in found.values() for name in (*one.entry.series, one.entry.coverage_growth)}
    for name in series:
        row, taken = SERIES.get(name), LEVER_ROWS.get(name)
        if row is None or name in known or name in GROWN or name not in LEVER_SERIES:
            continue
        if taken is None or taken.takes("add" if row.kind == "rate" else "multiply"):
            found[name] = _plain(sizes, name, LeverName(en=row.en, local=row.zh), row.kind == "rate", series=(name,))
    for name in GROWN:
        if name not in known and name in series:
            row = SERIES[name]
            entry = DriverEntry(
                name=LeverName(en=row.en, local=row.zh), kind="driver", by="growth", rule=POINT, coverage_growth=name
            )
            found[name] = sized(name, entry, sizes.rules[POINT])
    for name in constants:
        row_of = CONSTANTS.get(name)
        if (
            row_of is not None
            and row_of.fixed not in FIXED_CODES
            and row_of.unit != "calendar year"
            and name not in found
        ):
            called = LeverName(en=row_of.en, local=row_of.zh)
            found[name] = _plain(sizes, name, called, False, constant=name)
    return found


def _plain(sizes: Sizes, key: str, name: LeverName, rate: bool, **moved: Any) -> Driver:
    """A driver by the rule for rates (points) or for the rest (ten per cent)."""
    rule = POINT if rate else TENTH
    entry = DriverEntry(name=name, kind="driver", by="add" if rate else "multiply", rule=rule, **moved)
    return sized(key, entry, sizes.rules[rule])
