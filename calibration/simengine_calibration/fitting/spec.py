"""Calibration files (``calibration/<region>.yaml``): what is free, what it must meet, and why.

Notes: simengine/notes/calibration.md.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from simengine.common import strict_yaml
from simengine.common.errors import BasisError, ScenarioError, SimengineError, raise_all
from simengine.common.fields import Frozen, Name, Number, Text
from simengine.common.messages import Words, near
from simengine.common.problems import validated
from simengine.judge.checks.free_run import RATIOS, SERIES
from simengine.registry.axes import SPIN_UP_START
from simengine.registry.units import EVIDENCE

Year = Annotated[int, Field(strict=True, ge=SPIN_UP_START, le=2200)]
Years = tuple[Year, Year]
Limits = tuple[Number, Number]
BasisName = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*-\d{4}$")]
Spread = Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
Positive = Annotated[float, Field(strict=True, gt=0.0)]


class PriorFile(Frozen):
    """What is believed of a parameter before the data: normal with a mean and a standard deviation."""

    mean: Number
    sd: Positive


class ParameterFile(Frozen):
    """One free parameter and what it sets.

    Attributes
    ----------
    value : series to years: the parameter times the number beside the year becomes the value of that year
    scale : series to first and last year: the known values of these years are multiplied by the parameter
    constant : a constant of the basis the parameter replaces
    on : basis it is put over; the one that carries the history by default
    """

    label: dict[Literal["en", "local"], Text]
    value: dict[Name, dict[Year, Number]] = Field(default_factory=dict)
    scale: dict[Name, Years] = Field(default_factory=dict)
    constant: Name | None = None
    on: BasisName | None = None
    prior: PriorFile
    bounds: Limits
    evidence: Text
    source: Text


class ObservationFile(Frozen):
    """One published series the free run must meet.

    Attributes
    ----------
    spread : standard deviation of the logarithm of engine over reference [1]; its inverse is the weight
    value : a stated value in place of the published ones (for ratios that a check bounds)
    """

    series: Name
    years: Years
    spread: Spread
    value: Positive | None = None
    why: Text


class FitFile(Frozen):
    """What a calibration file says."""

    name: dict[Literal["en", "local"], Text]
    basis: BasisName
    description: Text
    borrowed: Text
    parameters: dict[Name, ParameterFile] = Field(default_factory=dict)
    observations: tuple[ObservationFile, ...] = ()


@dataclass(frozen=True)
class FitSpec:
    """A calibration file, read and checked.

    Attributes
    ----------
    until : last year whose figures may be used
    """

    file: Path
    content: FitFile
    until: int

    @property
    def key(self) -> str:
        """Name of the file without its ending."""
        return self.file.stem

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters in the order of the file."""
        return tuple(self.content.parameters)

    def known_by(self, year: int) -> FitSpec:
        """The same fit with the information of an earlier year: later observations and parameters are left out."""
        kept = {name: one for name, one in self.content.parameters.items() if _first_year(one) <= year or one.constant}
        seen = tuple(
            one.model_copy(update={"years": (one.years[0], min(one.years[1], year))})
            for one in self.content.observations
            if one.years[0] <= year
        )
        content = self.content.model_copy(update={"parameters": kept, "observations": seen})
        return FitSpec(self.file, content, min(year, self.until))

    def digest(self) -> str:
        """sha256 of what the file says."""
        text = json.dumps([self.content.model_dump(mode="json"), self.until], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _first_year(one: ParameterFile) -> int:
    years = [min(row) for row in one.value.values()] + [first for first, _ in one.scale.values()]
    return min(years, default=0)


def read_fit(path: Path, until: int | None = None) -> FitSpec:
    """Read a calibration file; everything that is wrong in it is reported at once.

    Parameters
    ----------
    until : leave out figures after this year
    """
    doc = strict_yaml.load(path)
    content, errors = validated(FitFile, doc.data, doc.where, ScenarioError)
    if content is None:
        raise_all(errors)
        raise AssertionError
    raise_all([*_parameter_faults(content, doc), *_observation_faults(content, doc)])
    spec = FitSpec(Path(path), content, max((one.years[1] for one in content.observations), default=SPIN_UP_START))
    return spec if until is None else spec.known_by(until)


def _parameter_faults(content: FitFile, doc: strict_yaml.Doc) -> list[SimengineError]:
    faults: list[SimengineError] = []
    taken: dict[tuple[str, int], str] = {}
    for name, one in content.parameters.items():
        where = doc.where("parameters", name)
        low, high = one.bounds
        if not low < one.prior.mean < high:
            faults.append(
                BasisError(
                    "fit_prior_outside",
                    where=where,
                    parameter=name,
                    mean=f"{one.prior.mean:g}",
                    low=f"{low:g}",
                    high=f"{high:g}",
                )
            )
        if one.evidence not in EVIDENCE:
            faults.append(BasisError("evidence_unknown", where=where, evidence=one.evidence, known=", ".join(EVIDENCE)))
        if bool(one.constant) == bool(one.value or one.scale):
            faults.append(BasisError("fit_sets_what", where=where, parameter=name))
        for series, year in _cells(one):
            if (series, year) in taken:
                cell = Words(f"{series} of {year}", f"{year}年的{series}") if year else Words(series, series)
                faults.append(
                    BasisError("fit_set_twice", where=where, cell=cell, first=taken[series, year], second=name)
                )
            taken[series, year] = name
        for series, (first, last) in one.scale.items():
            if last < first:
                faults.append(
                    BasisError("fit_years_backwards", where=where, name=name, series=series, first=first, last=last)
                )
    return faults


def _cells(one: ParameterFile) -> list[tuple[str, int]]:
    values = [(series, year) for series, row in one.value.items() for year in row]
    scaled = [(series, year) for series, (first, last) in one.scale.items() for year in range(first, last + 1)]
    return values + scaled + ([(one.constant, 0)] if one.constant else [])


def _observation_faults(content: FitFile, doc: strict_yaml.Doc) -> list[SimengineError]:
    faults: list[SimengineError] = []
    known = [*SERIES, *RATIOS]
    for place, one in enumerate(content.observations):
        where = doc.where("observations", place)
        if one.series not in known:
            faults.append(
                BasisError(
                    "fit_no_measure", where=where, near=near(one.series, known), name=one.series, known=", ".join(known)
                )
            )
        if one.years[1] < one.years[0]:
            faults.append(
                BasisError(
                    "fit_observed_backwards", where=where, series=one.series, first=one.years[0], last=one.years[1]
                )
            )
        if (one.value is None) == (one.series in RATIOS):
            faults.append(BasisError("fit_value_of_ratio", where=where, series=one.series))
        if not math.isfinite(one.spread):
            faults.append(BasisError("fit_spread_infinite", where=where, series=one.series, spread=one.spread))
    return faults
