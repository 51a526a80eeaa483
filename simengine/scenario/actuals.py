"""Actuals that a scenario names: tables (CSV, xlsx), and figures in the scenario file itself (notes/actuals.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from simengine.common import resources, strict_yaml
from simengine.common.errors import InputFileError, ScenarioError, SimengineError
from simengine.common.fields import Frozen, Number, Text
from simengine.common.messages import near
from simengine.common.problems import validated
from simengine.registry.units import EVIDENCE
from simengine.scenario.inherit import Keys, Merged, Source

NONE, COMPARE = "none", "compare"
"""Words in the place of a table: no actual at all; every actual is only compared with the run."""

ENDINGS = (".csv", ".xlsx")
PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")


class Figures(Frozen):
    """Figures of one series, plan row or measure in the scenario file.

    values : by year, or by month such as "2022-08"
    unit : the base unit of the series where none is stated
    compare : the run is only held against them
    checked : they are meant as they stand though they look like a slip of unit
    """

    item: Text
    source: Text
    values: Annotated[dict[int | str, Number], Field(min_length=1)]
    unit: Annotated[str, Field(strict=True)] = ""
    area: Annotated[str, Field(strict=True)] = ""
    evidence: Annotated[str, Field(strict=True)] = "published"
    compare: Annotated[bool, Field(strict=True)] = False
    checked: Annotated[bool, Field(strict=True)] = False

    @field_validator("evidence")
    @classmethod
    def _known_tag(cls, value: str) -> str:
        if value not in EVIDENCE:
            raise PydanticCustomError("actual_evidence", "tag", {"value": value, "known": ", ".join(EVIDENCE)})
        return value

    @field_validator("values")
    @classmethod
    def _periods(cls, values: dict[int | str, float]) -> dict[int | str, float]:
        for period in values:
            if PERIOD.fullmatch(str(period)) is None:
                raise PydanticCustomError("actual_period", "period", {"value": str(period)})
        return values


@dataclass(frozen=True)
class ActualTable:
    """A table of actuals: what it is called, its file, its bytes; `own` where it was named as a file."""

    name: str
    file: Path
    raw: bytes = field(repr=False)
    own: bool

    @property
    def source(self) -> Source:
        """The table as a file that the scenario was read from."""
        return Source("actuals", self.name, self.file, self.own, self.raw)

    def stated(self) -> str:
        """What is assumed, for the digest: the bytes count, not the path."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class StatedFigures:
    """Figures of a scenario file, and the keys that lead to them."""

    figures: Figures
    keys: Keys

    def stated(self) -> dict[str, Any]:
        """What is assumed, for the digest."""
        return self.figures.model_dump(mode="json", exclude={"checked"})


@dataclass(frozen=True)
class StatedActuals:
    """All actuals of a scenario, in the order in which they are named: a later one replaces an earlier one.

    Attributes
    ----------
    compared : whether all of them are only compared with the run
    left_out : places (cell, or file and line) of figures that the run is not to see
    """

    parts: tuple[ActualTable | StatedFigures, ...] = ()
    compared: bool = False
    left_out: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def stated(self) -> dict[str, Any]:
        """What the actuals assume, for the digest of the scenario; nothing where there are none."""
        if not self.parts:
            return {}
        stated: dict[str, Any] = {"parts": [part.stated() for part in self.parts], "compared": self.compared}
        if self.left_out:
            stated["left_out"] = sorted(Path(place).name for place in self.left_out)
        return {"actuals": stated}


def packaged_actuals() -> dict[str, Path]:
    """Packaged tables of actuals by name."""
    return {path.stem: path for path in sorted((resources.scenarios_root() / "actuals").glob("*.csv"))}


def is_table(name: str) -> bool:
    """Whether a name is that of an own table."""
    return name.lower().endswith(ENDINGS)


def read_table(name: str, beside: Path | None, where: str) -> ActualTable:
    """A table by its packaged name, or by its path.

    Parameters
    ----------
    beside : folder of the file that names it; None for the current one

    Raises
    ------
    ScenarioError where there is no such table; InputFileError where it cannot be read
    """
    if is_table(name):
        path = Path(name) if beside is None else beside / name
        if not path.is_file():
            raise ScenarioError("file_absent", where=where, name=str(path))
        return ActualTable(path.stem, path, strict_yaml.read_bytes(path), True)
    known = packaged_actuals()
    if name not in known:
        listed = ", ".join((*known, NONE, COMPARE))
        raise ScenarioError("actuals_unknown", where=where, near=near(name, known), name=name, known=listed)
    return ActualTable(name, known[name], strict_yaml.read_bytes(known[name]), False)


def read_stated(merged: Merged) -> tuple[StatedActuals, list[SimengineError]]:
    """The actuals of a merged scenario file, and everything that is wrong with how they are named."""
    given = merged.data.get("actuals", ())
    listed = given if isinstance(given, list) else [given] if given else []
    parts: list[ActualTable | StatedFigures] = []
    errors: list[SimengineError] = []
    compared = False
    for position, entry in enumerate(listed):
        keys: Keys = ("actuals", position) if isinstance(given, list) else ("actuals",)
        if isinstance(entry, dict):
            figures, faults = validated(
                Figures, entry, lambda *inner, keys=keys: merged.where(*keys, *inner), ScenarioError
            )
            errors += faults
            parts += [StatedFigures(figures, keys)] if figures is not None else []
        elif entry == COMPARE:
            compared = True
        elif entry == NONE and len(listed) > 1:
            errors.append(ScenarioError("actuals_none_beside", where=merged.where(*keys)))
        elif isinstance(entry, str) and entry != NONE:
            try:
                parts.append(read_table(entry, merged.homes.get(keys), merged.where(*keys)))
            except (ScenarioError, InputFileError) as error:
                errors.append(error)
    return StatedActuals(tuple(parts), compared), errors


def with_named(known: StatedActuals, names: Sequence[str], where: str) -> StatedActuals:
    """Actuals with further tables named beside a scenario; ``none`` drops all, ``compare`` only compares all.

    Raises
    ------
    ScenarioError where a table is absent or named twice
    """
    parts, compared = list(known.parts), known.compared
    for name in names:
        if name == NONE:
            parts = []
        elif name == COMPARE:
            compared = True
        else:
            table = read_table(name, None, f"{where} {name}")
            if any(isinstance(part, ActualTable) and part.name == table.name for part in parts):
                raise ScenarioError("named_twice", where=f"{where} {name}", kind="actuals", name=table.name)
            parts.append(table)
    return StatedActuals(tuple(parts), compared)
