"""A fit becomes a frozen basis: a folder of its own, or the kept fits that the next build puts into the bases."""

from __future__ import annotations

import csv
import datetime
import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simengine.basis.basis import Basis
from simengine.basis.overlay import SOURCE
from simengine.common.errors import BasisError
from simengine_calibration.fitting.fit import Fit
from simengine_calibration.fitting.kept import FITS, Row, fitted_rows, remove_fitted, write_fit, write_fitted
from simengine_calibration.series.tables import CONSTANT_COLUMNS, PATH_COLUMNS, number_text, write_table


def named(file: Path) -> str:
    """A calibration file as it is named on cards: below the folder in hand by its path, elsewhere by its name."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.name


def fit_card(fit: Fit) -> dict[str, Any]:
    """Card of a fit: file, years and series it was fitted to, evidence of the figures."""
    model, file = fit.model, named(fit.model.spec.file)
    series: dict[str, list[int]] = {}
    tags: dict[str, int] = {}
    for one in model.observations:
        series.setdefault(one.series, []).append(one.year)
        tags[one.evidence] = tags.get(one.evidence, 0) + 1
    met = "; ".join(f"{name} {min(years)}-{max(years)} ({len(years)})" for name, years in series.items())
    told = ", ".join(f"{count} {tag}" for tag, count in sorted(tags.items()))
    return {
        "unit": "by row", "source": f"{file}: {met}; figures by evidence: {told}",
        "method": f"bounded least squares over the history from 1992, figures up to {model.spec.until}; no plan target",
        "evidence": "computed", "accessed": datetime.date.today().isoformat(), "fitted_by": file, "calibration": file,
    }  # fmt: skip


def keep_fit(fit: Fit, folder: Path = FITS) -> list[Path]:
    """Keep a fit for the next build of the bases; returns the files."""
    card = fit_card(fit)
    written = []
    for basis, rows in fitted_rows(fit.model, fit.solution, fit.known).items():
        write_fit(folder, basis, rows, card)
        written.append(folder / f"{basis}.csv")
    return written


def freeze_basis(fit: Fit, folder: Path) -> Path:
    """Write the bases of a fit into a folder of bases, fitted values in place; what exists there is not overwritten.

    The folder holds every basis the fitted one draws on, so that it can be used as it is (SIMENGINE_BASES).
    """
    rows = fitted_rows(fit.model, fit.solution, fit.known)
    card = fit_card(fit)
    for basis in fit.model.basis.sources():
        target = folder / basis.name
        if target.exists():
            raise BasisError("basis_there_already", where=str(folder), basis=basis.name)
    for basis in fit.model.basis.sources():
        target = folder / basis.name
        shutil.copytree(basis.folder, target)
        if basis.changes:
            write_begun(target, basis)
        if basis.name in rows:
            write_over(target, basis, rows[basis.name], card)
    return folder


def write_begun(folder: Path, basis: Basis) -> None:
    """Values set in memory before the fit (an earlier fit taken back, levels of a bureau) into the copied tables."""
    stood = "value the fit began with: an earlier fit taken back, or a level of a bureau"
    known = {(cells[0], int(cells[1])): cells for cells in read_cells(folder / "paths.csv")}
    rows = []
    for name, one in basis.own_series.items():
        for place, year in enumerate(one.years.tolist()):
            value = number_text(float(one.values[place]), one.unit)
            cells = [name, str(year), value, one.unit, one.evidence[place], stood]
            rows.append(cells if one.source[place] == SOURCE else known[name, year])
    rewrite_table(folder, "paths", PATH_COLUMNS, rows, basis)
    if "constants" in basis.tables:
        cells = read_cells(folder / "constants.csv")
        for row in cells:
            one_constant = basis.own_constants[row[0]]
            if one_constant.value != float(row[1]):
                row[1], row[3:5] = number_text(one_constant.value, row[2]), [one_constant.evidence, stood]
        rewrite_table(folder, "constants", CONSTANT_COLUMNS, cells, basis)
    remove_fitted(folder)


def write_over(folder: Path, basis: Basis, rows: list[Row], card: Mapping[str, Any]) -> None:
    """Fitted values into the copied tables, and the table that keeps what stood there."""
    series = [row for row in rows if row.kind == "series"]
    if series:
        table = basis.tables.get("paths")
        old = read_cells(folder / "paths.csv") if table is not None else []
        kept = {(cells[0], cells[1]): cells for cells in old}
        for row in series:
            if not any(cells[0] == row.name for cells in old):  # inherited: the whole series becomes its own
                known = basis.owner(row.name).own_series[row.name]
                for place, year in enumerate(known.years.tolist()):
                    cells = [row.name, str(year), number_text(float(known.values[place]), known.unit), known.unit,
                             known.evidence[place], known.source[place]]  # fmt: skip
                    kept.setdefault((row.name, str(year)), cells)
            value = number_text(row.value, row.unit)
            kept[row.name, row.year] = [
                row.name, row.year, value, row.unit, "computed", row.source(card["calibration"])
            ]  # fmt: skip
        names = list(dict.fromkeys(name for name, _ in kept))
        ordered = sorted(kept.values(), key=lambda cells: (names.index(cells[0]), int(cells[1])))
        rewrite_table(folder, "paths", PATH_COLUMNS, ordered, basis)
    constants = {row.name: row for row in rows if row.kind == "constant"}
    if constants:
        _write_constants(folder, basis, constants, card)
    write_fitted(folder, rows, card)


def _write_constants(folder: Path, basis: Basis, constants: Mapping[str, Row], card: Mapping[str, Any]) -> None:
    old = {cells[0]: cells for cells in read_cells(folder / "constants.csv")} if "constants" in basis.tables else {}
    for name, row in constants.items():
        known = basis.find_constant(name)
        low, high = min(known.low, row.value), max(known.high, row.value)
        old[name] = [
            name, number_text(row.value, row.unit), row.unit, "computed", row.source(card["calibration"]),
            number_text(low, row.unit), number_text(high, row.unit),
        ]  # fmt: skip
    rewrite_table(folder, "constants", CONSTANT_COLUMNS, list(old.values()), basis)


def read_cells(path: Path) -> list[list[str]]:
    """Cells of a table of a basis as text, without its header."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))[1:]


def rewrite_table(folder: Path, table: str, columns: tuple[str, ...], rows: list[list[str]], basis: Basis) -> None:
    """A table anew under its old card; the checksum follows."""
    known = basis.tables.get(table)
    card = dict(known.card) if known is not None else {
        "unit": "by row", "source": "fit", "method": "fitted values", "evidence": "by row",
        "accessed": datetime.date.today().isoformat(), "fitted_by": "simengine calibrate",
    }  # fmt: skip
    head = {key: value for key, value in card.items() if key not in ("table", "sha256")}
    write_table(folder, table, columns, rows, head)
