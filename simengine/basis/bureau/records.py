"""Records of a bureau's tables: figures in base units, rows as they are read, and what is wrong with their form."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from simengine.basis.bureau.rows import Row
from simengine.common.errors import BasisError, SimengineError


@dataclass(frozen=True)
class Figure:
    """One figure of a year, in base units: persons, yuan, yuan per month, yuan per year.

    Attributes
    ----------
    unit : the base unit; where : the cell it stands in
    """

    series: str
    year: int
    value: float
    unit: str
    evidence: str
    source: str
    where: str


@dataclass(frozen=True)
class OpeningFigure:
    """One figure of the opening position, in base units."""

    indicator: str
    value: float
    unit: str
    evidence: str
    source: str
    where: str


@dataclass(frozen=True)
class About:
    """What a bureau says of its region.

    Attributes
    ----------
    parent : basis that lends everything not given
    population : residents at the end of the base year [persons]; not a number while it cannot be read
    population_file : residents by sex and age; None where none is given
    """

    region: str
    name_zh: str
    name_en: str
    parent: str
    base_year: int
    population: float
    population_file: Path | None
    population_where: str = ""


@dataclass(frozen=True)
class Bureau:
    """Tables of a bureau, read and checked."""

    path: Path
    about: About
    observations: tuple[Figure, ...]
    levels: tuple[Figure, ...]
    opening: tuple[OpeningFigure, ...]


@dataclass(frozen=True)
class Line:
    """A row that holds figures, with what slips are told by.

    Attributes
    ----------
    unit : as written; unit_where : its cell; checked : the bureau vouches for its size
    figures : values in base units by year, with the text and place of the cell
    """

    table: str
    row: Row
    unit: str
    unit_where: str
    checked: bool
    figures: dict[int, tuple[float, str, str]]
    source: str = ""
    evidence: str = ""

    @property
    def plain(self) -> dict[int, float]:
        """Values by year."""
        return {year: cell[0] for year, cell in self.figures.items()}


@dataclass
class Reading:
    """Everything read from the tables, and what is wrong with their form."""

    path: Path
    about: About
    lines: list[Line] = field(default_factory=list)
    errors: list[SimengineError] = field(default_factory=list)

    def fail(self, code: str, where: str, near: str = "", **values: object) -> None:
        """Note an error at a cell."""
        self.errors.append(BasisError(code, where=where, near=near, **values))
