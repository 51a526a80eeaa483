"""The library of stresses: one file each in ``scenarios/stress/``, with the record that its size is drawn from.

A file says in which way a shock acts (`Form`), its course (`Shape`), its size in the unit of the shock, and the record:
yearly figures of a frozen basis, and what they come to (`Stated`). Nothing here knows a region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simengine.common import resources, strict_yaml
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.fields import Frozen, LawKey, Name, Share, Text, Year, as_tuple
from simengine.common.messages import Language, near, say
from simengine.common.problems import validated
from simengine.common.strict_yaml import Doc
from simengine.scenario.closures import Evidence
from simengine.scenario.inherit import packaged
from simengine.scenario.levers import LeverName

FOLDER = "stress"
SENSITIVITY = 0.15
"""Standard deviations of the record that are the unit of sensitivity, after the Korean valuation."""

Form = Literal["growth", "shift", "factor", "fertility", "mortality", "migration", "law", "campaigns", "combined"]
Shape = Literal["level", "ramp", "pulse"]
Measure = Literal[
    "growth", "rise", "level", "total_fertility", "mortality_fall", "net_migration", "stops", "outgo_a_head"
]

LASTING: tuple[Form, ...] = ("campaigns", "combined")
"""Forms that take no number of years: a campaign has its own, and so has each part of a combination."""

Value = Annotated[float, Field(strict=True)]
Positive = Annotated[float, Field(strict=True, gt=0.0)]
Span = Annotated[tuple[Year, Year], BeforeValidator(as_tuple)]


class Record(Frozen):
    """Yearly figures that a size is drawn from.

    basis : frozen basis whose data they are; of `net_migration` the regions of which official counts are held
    measure : what is made of the data in each year; ``series`` is the series, where it is one
    together : years whose figures are added up to one of the record (a slide over several years)
    without : years that do not count, such as the first of another calibre
    worse : which side is adverse
    """

    basis: Annotated[tuple[Text, ...], BeforeValidator(as_tuple)]
    measure: Measure
    series: Name | None = None
    years: Span
    together: Annotated[int, Field(strict=True, ge=1, le=10)] = 1
    without: Annotated[tuple[Year, ...], BeforeValidator(as_tuple)] = ()
    worse: Literal["lower", "higher"]
    evidence: Evidence
    source: Text


class Stated(Frozen):
    """What the record comes to, in its own unit: mean, standard deviation, the worst year, the worst five years.

    worst_five is the worst mean of five years that follow each other; it is left out where the record has no five.
    """

    count: Annotated[int, Field(strict=True, ge=2)]
    mean: Value
    sd: Positive
    worst_year: Annotated[tuple[Year, Value], BeforeValidator(as_tuple)]
    worst_five: Annotated[tuple[Year, Year, Value], BeforeValidator(as_tuple)] | None = None


class Unit(Frozen):
    """How a shock is told: its unit in words, the factor to print it by, decimals, and words around {size}, if any."""

    en: Text
    local: Text
    factor: Positive = 1.0
    decimals: Annotated[int, Field(strict=True, ge=0, le=4)] = 2
    told: LeverName | None = None


class StressFile(Frozen):
    """One stress as its file states it.

    order : place in tables
    series : series that a `growth`, `shift` or `factor` moves; `key`: the parameter that a `law` moves
    sign : -1 for a shock that lowers what it moves, 1 for one that raises it
    years : how long the shock lasts (pulse, level) or takes to its full size (ramp); for good when left out of a level
    ages : first and last age that mortality or migration moves
    size : of the shock, in its unit; `from_record` says which figure of the record it is
    most : largest shock that reverse stress looks at
    parts : of a combination: other stresses, each with the part of its own size
    moves : what the stress names, and the direction in which it moves it
    undone_by : levers that are tried against it
    """

    order: Annotated[int, Field(strict=True, ge=1)]
    name: LeverName
    reason: Text
    form: Form
    shape: Shape
    series: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = ()
    key: LawKey | None = None
    sign: Literal[-1, 1] = 1
    years: Annotated[int, Field(strict=True, ge=1, le=80)] | None = None
    ages: Annotated[tuple[int, int], BeforeValidator(as_tuple)] | None = None
    unit: Unit
    size: Positive
    from_record: Literal["worst_five", "worst_year", "worst_year_itself", "rule"]
    most: Positive
    record: Record | None = None
    stated: Stated | None = None
    no_record: LeverName | None = None
    where: Literal["everywhere", "below_nation"] = "everywhere"
    parts: dict[Name, Share] = Field(default_factory=dict)
    moves: Annotated[dict[Name, Literal["down", "up"]], Field(min_length=1)]
    undone_by: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> StressFile:
        wanted: dict[str, bool] = {
            "series": self.form in ("growth", "shift", "factor"),
            "key": self.form == "law",
            "ages": self.form in ("mortality", "migration"),
            "parts": self.form == "combined",
        }
        wrong = [name for name, needed in wanted.items() if bool(getattr(self, name)) != needed]
        if (self.shape != "level" or self.form in ("growth", "law")) and self.form not in LASTING and not self.years:
            wrong.append("years")
        if (self.record is None) != (self.stated is None) or (self.record is None) != (self.no_record is not None):
            wrong.append("record")
        if (self.from_record == "rule") != (self.record is None):
            wrong.append("from_record")
        if self.most < self.size:
            wrong.append("most")
        if wrong:
            raise PydanticCustomError("stress_keys", "keys", {"names": ", ".join(wrong), "form": self.form})
        return self


@dataclass(frozen=True)
class Stress:
    """One stress as read."""

    key: str
    file: Path
    content: StressFile
    doc: Doc = field(repr=False, compare=False)

    def title(self, lang: str) -> str:
        """Its name in a language."""
        return self.content.name.en if lang == "en" else self.content.name.local

    def unit(self, lang: str) -> str:
        """The unit of its shock."""
        return self.content.unit.en if lang == "en" else self.content.unit.local

    def printed(self, shock: float) -> str:
        """A shock in its unit."""
        return f"{shock * self.content.unit.factor:z,.{self.content.unit.decimals}f}"

    def sized(self, shock: float, lang: Language) -> str:
        """A shock with its unit, in words."""
        size, told = self.printed(shock), self.content.unit.told
        if told is None:
            return say("stress.size", lang, size=size, unit=self.unit(lang))
        return (told.en if lang == "en" else told.local).replace("{size}", size)

    @property
    def sensitivity(self) -> float | None:
        """The unit of sensitivity, in the unit of the shock; None without a record."""
        return None if self.content.stated is None else SENSITIVITY * self.content.stated.sd

    def in_sd(self, shock: float) -> float:
        """A shock in standard deviations of the record; not a number without one."""
        return float("nan") if self.content.stated is None else shock / self.content.stated.sd


def departure(stated: Stated, worse: str, value: float) -> float:
    """How far a figure of the record lies from its mean on the adverse side; below zero on the other.

    >>> stated = Stated(count=3, mean=0.10, sd=0.04, worst_year=(2024, 0.02))
    >>> round(departure(stated, "lower", 0.02), 12), round(departure(stated, "higher", 0.02), 12)
    (0.08, -0.08)
    """
    return (stated.mean - value) if worse == "lower" else (value - stated.mean)


@cache
def stresses() -> Mapping[str, Stress]:
    """Every packaged stress by name, in the order of tables; all that is wrong with any file is raised at once.

    Raises
    ------
    SimengineError or an ErrorList of them
    """
    return read_stresses(resources.scenarios_root() / FOLDER)


def read_stresses(folder: Path) -> dict[str, Stress]:
    """The stresses of a folder, one a file."""
    found: dict[str, Stress] = {}
    errors: list[SimengineError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            doc = strict_yaml.load(path)
        except SimengineError as error:
            errors += each_error(error)
            continue
        content, faults = validated(StressFile, doc.data, doc.where, ScenarioError)
        errors += faults
        if content is not None:
            found[path.stem] = Stress(path.stem, path, content, doc)
    errors += [fault for one in found.values() for fault in _faults(one, found)]
    raise_all(errors)
    return {one.key: one for one in sorted(found.values(), key=lambda one: (one.content.order, one.key))}


def _faults(one: Stress, found: Mapping[str, Stress]) -> Iterable[SimengineError]:
    """Parts that are no stress of their own, and levers that are not packaged."""
    plain = [key for key, other in found.items() if other.content.form != "combined"]
    for name in one.content.parts:
        if name not in plain:
            told: dict[str, Any] = {"name": name, "known": ", ".join(plain)}
            yield ScenarioError("stress_unknown", where=one.doc.where("parts", name), near=near(name, plain), **told)
    known = packaged("levers")
    for place, name in enumerate(one.content.undone_by):
        if name not in known:
            told = {"name": name, "known": ", ".join(known)}
            yield ScenarioError(
                "lever_unknown", where=one.doc.where("undone_by", place), near=near(name, known), **told
            )


def find_stresses(names: Iterable[str] | None) -> list[Stress]:
    """Stresses by key or name in either language, in the order asked for; all of them when none is named.

    Raises
    ------
    ScenarioError or an ErrorList of them, one a name that is not known or named twice
    """
    known = stresses()
    if names is None:
        return list(known.values())
    by_name = {text: one for one in known.values() for text in (one.key, one.title("en").lower(), one.title("zh"))}
    found: list[Stress] = []
    errors: list[SimengineError] = []
    for name in [names] if isinstance(names, str) else names:
        one = by_name.get(name.strip(), by_name.get(name.strip().lower()))
        if one is None:
            told = ", ".join(known)
            errors.append(
                ScenarioError("stress_unknown", where="--stress", near=near(name, by_name), name=name, known=told)
            )
        elif one in found:
            errors.append(ScenarioError("stress_twice", where="--stress", name=name))
        else:
            found.append(one)
    raise_all(errors)
    return found
