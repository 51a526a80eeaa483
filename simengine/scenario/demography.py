"""The section `demography` of a lever file: fertility, mortality, migration, and tables that replace the basis' own.

Everything here is form: what may be written, which cells it touches, and which two levers touch the same ones. What it
does to the tables of a lane stands in `simengine.engine.compile.demography`; rules and examples: notes/scenarios.md.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simengine.common.fields import Frozen, Text, Year, as_tuple
from simengine.common.messages import Words, words

Multiple = Annotated[float, Field(strict=True, ge=0.0, le=3.0)]
TotalFertility = Annotated[float, Field(strict=True, ge=0.0, le=8.0)]
Children = Annotated[float, Field(strict=True, ge=-8.0, le=8.0)]
Force = Annotated[float, Field(strict=True, ge=0.2, le=5.0)]
Pace = Annotated[float, Field(strict=True, ge=-0.05, le=0.05)]
MigrantMultiple = Annotated[float, Field(strict=True, ge=0.0, le=10.0)]
Migrants = Annotated[float, Field(strict=True, ge=-100_000_000.0, le=100_000_000.0)]
Age = Annotated[int, Field(strict=True, ge=0, le=100)]
Shape = Literal["step", "ramp", "pulse"]
Quantity = Literal["fertility", "mortality", "migration"]

SEXES = ("men", "women")
"""Words for the two sexes in the order of the axis."""

TABLES: dict[str, Quantity] = {"fertility": "fertility", "death_prob": "mortality", "net_migration": "migration"}
"""Tables of a basis that a lever may replace, and the quantity each is."""

Keys = tuple[str | int, ...]


class Cells(Frozen):
    """Which sex and which ages a change touches; both sexes and all ages when left out.

    ages : first and last age, both included, by the age reached in the year; 100 is 100 and over
    """

    sex: Literal["men", "women"] | None = None
    ages: Annotated[tuple[Age, Age], BeforeValidator(as_tuple)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Cells:
        if self.ages is not None and self.ages[1] < self.ages[0]:
            raise PydanticCustomError("ages_reversed", "ages reversed", {"first": self.ages[0], "last": self.ages[1]})
        return self

    def touched(self) -> tuple[slice, slice]:
        """The part of an array [sex, age] that is touched."""
        sexes = slice(None) if self.sex is None else slice(SEXES.index(self.sex), SEXES.index(self.sex) + 1)
        return sexes, slice(None) if self.ages is None else slice(self.ages[0], self.ages[1] + 1)

    def meets(self, other: Cells) -> bool:
        """Whether a cell is touched by both."""
        apart = self.sex is not None and other.sex is not None and self.sex != other.sex
        first, last = self.ages or (0, 100)
        other_first, other_last = other.ages or (0, 100)
        return not apart and first <= other_last and other_first <= last


def _refuse_unless_one(content: Frozen, names: tuple[str, ...], code: str) -> None:
    """Exactly one of the named keys; `shape` only beside one that states years."""
    stated = [name for name in names if getattr(content, name) is not None]
    if len(stated) != 1:
        raise PydanticCustomError(code, "one operation", {"given": ", ".join(stated) or "-"})
    if stated[0] in ("hold", "replacement") and "shape" in content.model_fields_set:
        raise PydanticCustomError("shape_without_years", "shape", {"given": stated[0]})


class Fertility(Frozen):
    """One change of fertility, the same for all ages of the mothers.

    Exactly one of: `multiply`, factor on the rates; `add`, children per woman, and `set`, the total fertility rate,
    both spread over the ages as the region's own rates of the year are; `hold`, a year whose rates all later years
    keep; `replacement`, a year from which on the net reproduction rate is one. Shapes are those of `PathChange`.
    """

    multiply: Annotated[dict[Year, Multiple], Field(min_length=1)] | None = None
    add: Annotated[dict[Year, Children], Field(min_length=1)] | None = None
    set: Annotated[dict[Year, TotalFertility], Field(min_length=1)] | None = None
    hold: Year | None = None
    replacement: Year | None = None
    shape: Shape = "step"

    @model_validator(mode="after")
    def _one_operation(self) -> Fertility:
        _refuse_unless_one(self, ("multiply", "add", "set", "hold", "replacement"), "fertility_operation")
        return self


class Mortality(Cells):
    """One change of mortality on some cells.

    Exactly one of: `multiply`, factor on the force of mortality; `pace`, extra yearly fall of the force from a year
    on, cumulative; `hold`, a year whose probabilities all later years keep. Factors of one lever multiply.
    """

    multiply: Annotated[dict[Year, Force], Field(min_length=1)] | None = None
    pace: Annotated[dict[Year, Pace], Field(min_length=1)] | None = None
    hold: Year | None = None
    shape: Shape = "step"

    @model_validator(mode="after")
    def _one_operation(self) -> Mortality:
        _refuse_unless_one(self, ("multiply", "pace", "hold"), "mortality_operation")
        return self


class Migration(Cells):
    """Change of net migration on some cells: first `multiply`, factor on the net migrants, then `add`.

    add : persons a year; a city's are shared over its areas
    by : profile by which `add` is spread over the cells: the basis' own migrants, or the residents at the opening
    """

    multiply: Annotated[dict[Year, MigrantMultiple], Field(min_length=1)] | None = None
    add: Annotated[dict[Year, Migrants], Field(min_length=1)] | None = None
    by: Literal["migrants", "residents"] = "migrants"
    shape: Shape = "step"

    @model_validator(mode="after")
    def _some_operation(self) -> Migration:
        if self.multiply is None and self.add is None:
            raise PydanticCustomError("migration_operation", "no operation", {})
        return self


class Tables(Frozen):
    """Files that take the place of tables of the basis from their first year on; paths are relative to the lever."""

    fertility: Text | None = None
    death_prob: Text | None = None
    net_migration: Text | None = None

    def files(self) -> dict[str, str]:
        """Path of each table that is stated."""
        return {name: path for name in TABLES if (path := getattr(self, name)) is not None}


class Demography(Frozen):
    """What a lever does to the people. Order: tables, held years, factors on the force, fertility, migration.

    published_counts : ``ignored`` leaves out the births, deaths and moves that were counted after the opening: rates of
        the UN and migration as they could be stated at the opening
    """

    fertility: Fertility | None = None
    mortality: Annotated[tuple[Mortality, ...], BeforeValidator(as_tuple)] = ()
    migration: Migration | None = None
    tables: Tables = Tables()
    published_counts: Literal["ignored"] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Demography:
        stated = (self.fertility, self.mortality, self.migration, self.tables.files(), self.published_counts)
        if not any(stated):
            raise PydanticCustomError("demography_empty", "demography empty", {})
        held = [one for one in self.mortality if one.hold is not None]
        for one, other in itertools.combinations(held, 2):
            if one.meets(other):
                raise PydanticCustomError("holds_overlap", "holds overlap", {"first": one.hold, "second": other.hold})
        return self

    def claims(self, quantity: Quantity) -> Iterator[tuple[Keys, Cells]]:
        """Where a quantity is changed, and on which cells; keys as they stand in the lever file."""
        for name in self.tables.files():
            if TABLES[name] == quantity:
                yield ("demography", "tables", name), Cells()
        if quantity == "fertility" and self.fertility is not None:
            yield ("demography", "fertility"), Cells()
        if quantity == "mortality":
            for position, one in enumerate(self.mortality):
                yield ("demography", "mortality", position), one
        if quantity == "migration" and self.migration is not None:
            yield ("demography", "migration"), self.migration

    def dated(self) -> Iterator[tuple[Words, int, Keys]]:
        """Every year that is stated: the word for it, the first year that it moves, where it stands."""
        parts: list[tuple[str, Keys, Frozen | None]] = [
            ("fertility", ("demography", "fertility"), self.fertility),
            ("migration", ("demography", "migration"), self.migration),
        ]
        parts += [("mortality", ("demography", "mortality", place), one) for place, one in enumerate(self.mortality)]
        for what, keys, content in parts:
            for operation in ("multiply", "add", "set", "pace"):
                for year in getattr(content, operation, None) or ():
                    yield words("dated.in", name=what, day=year), year, (*keys, operation, year)
            hold, replacement = getattr(content, "hold", None), getattr(content, "replacement", None)
            if hold is not None:
                yield words("dated.held", name=what, day=hold), hold + 1, (*keys, "hold")
            if replacement is not None:
                yield words("dated.replacement", name=what, day=replacement), replacement, (*keys, "replacement")


def common_cells(one: Demography, other: Demography) -> Iterator[tuple[Quantity, Keys, Keys]]:
    """Quantities that two levers change on the same cells, and where each does so first."""
    quantities: tuple[Quantity, ...] = ("fertility", "mortality", "migration")
    for quantity in quantities:
        both = itertools.product(one.claims(quantity), other.claims(quantity))
        met = ((keys, others) for (keys, cells), (others, touched) in both if cells.meets(touched))
        yield from ((quantity, *pair) for pair in itertools.islice(met, 1))


@dataclass(frozen=True)
class LeverTable:
    """A table that a lever brings, as read from its file.

    Attributes
    ----------
    name : table of the basis whose place it takes
    """

    name: str
    path: Path
    raw: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of its bytes."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def first_year(self) -> int | None:
        """First year that heads a column; None where no column is headed by one (told when the table is read)."""
        head = self.raw.split(b"\n", 1)[0].decode("utf-8", errors="replace")
        return min((int(cell) for cell in head.strip().split(",") if cell.isdecimal()), default=None)


def buried(content: Demography, tables: Mapping[str, LeverTable]) -> Iterator[tuple[Keys, int, LeverTable]]:
    """Held years before the first year of the table that the same lever brings: its rates would never be read."""
    holds: list[tuple[str, Keys, int | None]] = [
        ("death_prob", ("demography", "mortality", place, "hold"), one.hold)
        for place, one in enumerate(content.mortality)
    ]
    if content.fertility is not None:
        holds.append(("fertility", ("demography", "fertility", "hold"), content.fertility.hold))
    for name, keys, year in holds:
        first = tables[name].first_year if name in tables else None
        if year is not None and first is not None and year < first:
            yield keys, year, tables[name]


@dataclass(frozen=True)
class DemographyLever:
    """The demography of one lever of a scenario: its name, what it says, its tables, and where an entry stands."""

    lever: str
    content: Demography
    tables: Mapping[str, LeverTable]
    where: Callable[..., str] = field(repr=False, compare=False)
