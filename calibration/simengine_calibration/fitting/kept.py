"""Fits that are kept: the rows a fit sets, their file under ``calibration/fits``, and how they enter a basis.

A frozen basis holds the fitted values in its own tables and, in ``fitted.csv``, what stood there before, so that a
later fit starts from the same place.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common import strict_yaml
from simengine.common.errors import BasisError
from simengine_calibration.fitting.model import FITTED, Model
from simengine_calibration.fitting.solve import Solution, Uncertainty
from simengine_calibration.resources import data_root
from simengine_calibration.series.tables import number_text, write_table
from simengine_calibration.sources.histories import Figure, History

FITS = data_root() / "fits"
COLUMNS = (
    "parameter", "kind", "name", "year", "before", "value", "unit", "prior_mean", "prior_sd", "estimate", "error",
    "decided_by",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One cell a fit sets: a year of a series, or a constant.

    Attributes
    ----------
    before : value that stood there; empty where the year is added or the series was inherited
    decided_by : ``data``, ``both`` or ``prior``
    """

    parameter: str
    kind: str
    name: str
    year: str
    before: str
    value: float
    unit: str
    prior_mean: float
    prior_sd: float
    estimate: float
    error: float
    decided_by: str

    def source(self, file: str) -> str:
        """Source of the fitted value, in words."""
        told = f"fit {file}, parameter {self.parameter} = {self.estimate:z.4g} (standard error {self.error:z.2g})"
        stood = f"; before the fit {self.before}" if self.before else "; no own value of this year before the fit"
        return f"{told}, decided by {self.decided_by}{stood}"

    def cells(self) -> tuple[object, ...]:
        """The row as it is written."""
        return (
            self.parameter, self.kind, self.name, self.year, self.before, number_text(self.value, self.unit),
            self.unit, f"{self.prior_mean:g}", f"{self.prior_sd:g}", f"{self.estimate:z.6g}", f"{self.error:z.3g}",
            self.decided_by,
        )  # fmt: skip


def fitted_rows(model: Model, solution: Solution, known: Uncertainty) -> dict[str, list[Row]]:
    """What a fit sets, by name of the basis."""
    found: dict[str, list[Row]] = {}
    parts = {part.name: part for part in model.basis.sources()}
    values = model.values(solution.x)
    for place, (name, one) in enumerate(model.parameters.items()):
        on = one.on or model.basis.name
        basis = parts[on]
        tail = (
            float(model.mean[place]), float(model.sd[place]), float(solution.x[place]), float(known.errors[place]),
            known.decided_by(place),
        )  # fmt: skip
        rows = found.setdefault(on, [])
        if one.constant:
            was = basis.find_constant(one.constant)
            cell = (f"{was.value:z.7g}", float(solution.x[place]), was.unit)
            rows.append(Row(name, "constant", one.constant, "", *cell, *tail))
        for series in dict.fromkeys((*one.value, *model.before[name])):
            for year in sorted({*one.value.get(series, {}), *model.before[name].get(series, {})}):
                value = (values[on].series[series] or {}).get(year)
                if value is None:
                    raise BasisError(
                        "fit_sets_no_value", where=str(model.spec.file), parameter=name, series=series, year=year
                    )
                rows.append(_series_row(basis, name, series, int(year), float(value), tail))
    return found


def _series_row(basis: Basis, name: str, series: str, year: int, value: float, tail: tuple[Any, ...]) -> Row:
    known = basis.owner(series).own_series[series]
    at = np.flatnonzero(known.years == year)
    own = at.size and series in basis.own_series
    before = number_text(float(known.values[at[0]]), known.unit) if own else ""
    return Row(name, "series", series, str(year), before, value, known.unit, *tail)


def write_fit(folder: Path, basis: str, rows: list[Row], card: Mapping[str, Any]) -> None:
    """Write ``<basis>.csv`` and its card into a folder of fits."""
    write_table(folder, basis, COLUMNS, [row.cells() for row in rows], card)


def read_kept(basis: str, folder: Path = FITS) -> tuple[list[Row], dict[str, Any]]:
    """Rows and card of a kept fit; nothing where a basis has none."""
    path = folder / f"{basis}.csv"
    if not path.is_file():
        return [], {}
    with path.open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    card: dict[str, Any] = strict_yaml.load(path.with_suffix(".yaml")).data
    return [_row(cells, path, line) for line, cells in enumerate(table, start=2)], card


def _row(cells: Mapping[str, str], path: Path, line: int) -> Row:
    try:
        return Row(
            cells["parameter"], cells["kind"], cells["name"], cells["year"], cells["before"], float(cells["value"]),
            cells["unit"], float(cells["prior_mean"]), float(cells["prior_sd"]), float(cells["estimate"]),
            float(cells["error"]), cells["decided_by"],
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise BasisError("fit_row_form", where=f"{path}, line {line}", reason=error) from error


def over_paths(
    paths: Mapping[str, History], rows: list[Row], file: str, inherited: Mapping[str, History] | None = None
) -> dict[str, History]:
    """Series with the fitted years in place; one that is not among them is first copied from the inherited ones."""
    made = dict(paths)
    for row in rows:
        if row.kind == "series":
            known = made[row.name] if row.name in made else (inherited or {})[row.name]
            figure = Figure(row.value, "computed", row.source(file))
            made[row.name] = History({**known.figures, int(row.year): figure}, known.unit)
    return made


def over_constants(constants: Mapping[str, tuple[Any, ...]], rows: list[Row], file: str) -> dict[str, tuple[Any, ...]]:
    """Constants with the fitted ones in place; bands are widened where they must be."""
    made = dict(constants)
    for row in rows:
        if row.kind == "constant":
            _, unit, _, _, low, high = made[row.name]
            made[row.name] = (
                row.value, unit, "computed", row.source(file), min(low, row.value), max(high, row.value)
            )  # fmt: skip
    return made


def write_fitted(folder: Path, rows: list[Row], card: Mapping[str, Any]) -> None:
    """The table ``fitted`` of a frozen basis, with the card of the fit."""
    head = {key: value for key, value in card.items() if key not in ("table", "sha256")}
    write_table(folder, FITTED, COLUMNS, [row.cells() for row in rows], head)


def remove_fitted(folder: Path) -> None:
    """A basis whose fit is kept no longer has no such table."""
    for name in (f"{FITTED}.csv", f"{FITTED}.yaml"):
        (folder / name).unlink(missing_ok=True)
