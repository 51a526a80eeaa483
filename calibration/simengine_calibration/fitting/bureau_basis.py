"""A fit to a bureau's tables becomes a basis of its region, in a folder that SIMENGINE_BASES can name.

A region with a history of its own gets a copy of its basis with levels, opening and fit in it. Any other region gets
two bases: ``<region>-<year>``, its opening and its series from then on, and ``<region>_history-<year>``, the history it
runs on: a copy of the basis it borrows from, at that basis' size, with the region's levels and the fit. A basis above
that is not as it was when the fit ran (an earlier fit in it is taken out first) gets a name of the region too. So every
packaged basis keeps its name and its content for everybody else.
"""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from simengine.basis.basis import HEADS, Basis, load_basis
from simengine.basis.files import IDENTITY
from simengine.common import resources
from simengine.common.errors import raise_all
from simengine.judge.checks.free_run import Reference, references
from simengine.law.regions import load_regions
from simengine.registry.axes import SEX
from simengine_calibration.fitting.bureau import (
    ADDITIVE,
    Cell,
    FittedTables,
    TablesProblem,
    carried,
    series_of,
    source_of,
)
from simengine_calibration.fitting.bureau_opening import HEAD_LEVELS, RATES, STANDARDS, OwnOpening, opening_of
from simengine_calibration.fitting.bureau_people import pyramid
from simengine_calibration.fitting.fit import Fit
from simengine_calibration.fitting.freeze import fit_card, read_cells, rewrite_table, write_begun, write_over
from simengine_calibration.fitting.kept import fitted_rows
from simengine_calibration.series.openings import COLUMNS as OPENING_COLUMNS
from simengine_calibration.series.references import COLUMNS as REFERENCE_COLUMNS
from simengine_calibration.series.tables import PATH_COLUMNS, number_text, write_table, yaml_text

HISTORY = "history"
"""What is added to the key of a region in the name of the history it runs on."""

Paths = dict[str, dict[int, Cell]]
"""Series to year to value, evidence and source."""


def check_tables(tables: FittedTables) -> tuple[OwnOpening, np.ndarray]:
    """Opening and residents [persons; sex, age] of a bureau's region, before anything is fitted or written.

    Raises
    ------
    BasisError
        every figure of the opening that cannot agree with another, and what is wrong with the file of residents.
    """
    opening = opening_of(tables, tables.carrier)
    people, faults = pyramid(tables)
    raise_all([*opening.faults, *faults])
    return opening, people


def freeze_bureau(fit: Fit, folder: Path) -> Basis:
    """Write the bases of a fit to a bureau's tables; returns the one of its region, as loaded.

    The folder holds every basis it draws on. What exists there is not overwritten.
    """
    tables = _tables(fit)
    opening, people = check_tables(tables)
    own, rows, card = tables.basis_name, fitted_rows(fit.model, fit.solution, fit.known), fit_card(fit)
    names = {one.name: _name(one, tables, one.name in rows) for one in fit.model.basis.sources()}
    history = names[tables.carrier.name]
    raise_all([
        TablesProblem("exists", where=str(folder), basis=name)
        for name in dict.fromkeys((own, *names.values()))
        if (folder / name).exists()
    ])  # fmt: skip
    for one in fit.model.basis.sources():
        target = folder / names[one.name]
        shutil.copytree(one.folder, target)
        if one.changes:
            write_begun(target, one)
        links = (one.name, one.identity.inherits, one.identity.spinup_parent)
        if any(link and names[link] != link for link in links):
            _rename(target, one, names, tables)
        if one.name == tables.carrier.name:
            _write_history(fit, target, one, opening)
        if one.name in rows:
            write_over(target, one, rows[one.name], card)
    if not tables.own:
        _write_child(folder / own, history, load_basis(history, folder), tables, opening, people)
        _write_region(folder, tables)
    return load_basis(own, folder)


def _name(one: Basis, tables: FittedTables, moved: bool) -> str:
    """Name under which a basis is written: its own where it stays what it was."""
    region = tables.bureau.about.region
    if one.name == tables.carrier.name:
        return tables.basis_name if tables.own else f"{region}_{HISTORY}-{one.base_year}"
    return f"{region}_{one.name}" if moved or one.changes else one.name


def _rename(folder: Path, one: Basis, names: Mapping[str, str], tables: FittedTables) -> None:
    """The identity of a copied basis under its new name, on the new names of those it draws on."""
    about = tables.bureau.about
    links = (one.identity.inherits, one.identity.spinup_parent)
    inherits, spinup = (names[link] if link else None for link in links)
    titles = one.title["en"], one.title["local"]
    if folder.name != one.name:
        titles = f"{about.name_en}: {titles[0]}", f"{about.name_zh}：{titles[1]}"
    _write_identity(folder, one.region, one.base_year, inherits, spinup, titles)


def opened(fit: Fit) -> Basis:
    """The basis a fit makes of its tables, under the law of the basis borrowed from: the law knows no new region."""
    with tempfile.TemporaryDirectory() as folder:
        made = freeze_bureau(fit, Path(folder))
        region = _tables(fit).carrier.region
        return replace(made, identity=replace(made.identity, region=region))


def _tables(fit: Fit) -> FittedTables:
    if fit.model.tables is None:
        raise ValueError("the fit knows no tables of a bureau")
    return fit.model.tables


def _card(method: str, source: str, unit: str = "by row", evidence: str = "by row") -> dict[str, Any]:
    return {
        "unit": unit, "source": source, "method": method, "evidence": evidence,
        "accessed": datetime.date.today().isoformat(), "fitted_by": "simengine calibrate --tables",
    }  # fmt: skip


# --- history ----------------------------------------------------------------------------------------------------------


def _write_history(fit: Fit, folder: Path, carrier: Basis, opening: OwnOpening) -> None:
    """Levels and observations in the copy of the carrier; the opening where it is the region's own."""
    tables = _tables(fit)
    paths = tables.levels()
    if tables.own:
        for name, row in _at_opening(opening).items():
            paths.setdefault(name, {}).setdefault(carrier.base_year, row)
        rows = [one.row() for one in opening.rows.values()]
        text = f"31 December {carrier.base_year}; the bureau's figures over those of {carrier.name}"
        write_table(folder, "openings", OPENING_COLUMNS, rows, _card(text, str(tables.bureau.path.name)))
        _write_references(folder, tables.references(references(carrier)), tables)
    else:
        scaled = [
            Reference(one.series, one.year, value, one.unit, one.evidence, f"{one.source}{text}")
            for one in tables.references([])
            for value, text in [_at_size(one, tables)]
        ]
        _write_references(folder, scaled, tables)
    if paths:
        _put_paths(folder, carrier, paths)


def _at_size(one: Reference, tables: FittedTables) -> tuple[float, str]:
    """An observation at the size of the history, and how it came there."""
    if one.unit not in ADDITIVE:
        return one.value, ""
    return one.value * tables.size, f" x {tables.size:z.6g}, population of {tables.carrier.name} over the region's"


def _put_paths(folder: Path, basis: Basis, paths: Paths) -> None:
    """Years of series put into the paths of a copied basis; a series it inherits becomes its own as a whole."""
    cells = read_cells(folder / "paths.csv") if "paths" in basis.tables else []
    kept = {(row[0], int(row[1])): row for row in cells}
    for name, row in paths.items():
        known = basis.owner(name).own_series[name]
        if not any(name == other for other, _ in kept):
            for place, year in enumerate(known.years.tolist()):
                text = number_text(float(known.values[place]), known.unit)
                kept[name, year] = [name, str(year), text, known.unit, known.evidence[place], known.source[place]]
        for year, (value, tag, source) in row.items():
            kept[name, year] = [name, str(year), number_text(value, known.unit), known.unit, tag, source]
    names = list(dict.fromkeys(name for name, _ in kept))
    ordered = [kept[key] for key in sorted(kept, key=lambda key: (names.index(key[0]), key[1]))]
    rewrite_table(folder, "paths", PATH_COLUMNS, ordered, basis)


def _write_references(folder: Path, rows: Iterable[Reference], tables: FittedTables) -> None:
    """Observations as the figures a free run is held against; without any the table is not there."""
    found = [
        (one.series, one.year, number_text(one.value, one.unit), one.unit, one.evidence, one.source) for one in rows
    ]
    if found:
        text = "observations of the bureau; no run reads them; see simengine/notes/bureau.md"
        write_table(folder, "references", REFERENCE_COLUMNS, found, _card(text, str(tables.bureau.path.name)))
        return
    for name in ("references.csv", "references.yaml"):
        (folder / name).unlink(missing_ok=True)


# --- region -----------------------------------------------------------------------------------------------------------


def _write_child(
    folder: Path, history: str, parent: Basis, tables: FittedTables, opening: OwnOpening, people: np.ndarray
) -> None:
    """Basis of a region that runs on a history at another size."""
    about = tables.bureau.about
    year = about.base_year
    _write_identity(folder, about.region, year, history, history, (f"{about.name_en} {year}", f"{about.name_zh}{year}"))
    _write_population(folder, parent, tables, people)
    paths = child_paths(parent, tables, opening, people)
    for name in (*STANDARDS, *RATES):
        _agree(opening, name, paths, parent)
    rows = [
        (name, year, number_text(value, unit), unit, tag, source)
        for name, row in paths.items()
        for unit in [parent.owner(name).own_series[name].unit]
        for year, (value, tag, source) in row.items()
    ]
    source = str(tables.bureau.path.name)
    method = f"own series only; rules and every other series, and all years before {about.base_year}, from {history}"
    write_table(folder, "paths", PATH_COLUMNS, rows, {**_card(method, source), "series": {}})
    method = (
        f"31 December {about.base_year}; the bureau's figures, else {tables.carrier.name} at the share of population"
    )
    write_table(
        folder, "openings", OPENING_COLUMNS, [one.row() for one in opening.rows.values()], _card(method, source)
    )
    _write_references(folder, tables.references([]), tables)


def _write_identity(
    folder: Path, region: str, year: int, inherits: str | None, spinup: str | None, names: tuple[str, str]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "basis": folder.name, "region": region, "base_year": year, "inherits": inherits, "spinup_parent": spinup,
        "partition": None, "name": {"en": names[0], "local": names[1]},
    }  # fmt: skip
    (folder / IDENTITY).write_text(yaml_text(data), encoding="utf-8")


def _write_region(folder: Path, tables: FittedTables) -> None:
    """The region beside those of the engine, one level below the one it borrows from, unless the engine knows it."""
    about = tables.bureau.about
    known = load_regions(resources.scenarios_root() / "regions.yaml")
    if about.region in known:
        return
    level = "city" if known[tables.carrier.region].level in ("nation", "province") else "county"
    entry = {
        "code": "", "name": {"en": about.name_en, "local": about.name_zh}, "level": level,
        "parent": tables.carrier.region,
    }  # fmt: skip
    (folder / "regions.yaml").write_text(yaml_text({about.region: entry}), encoding="utf-8")


def _write_population(folder: Path, parent: Basis, tables: FittedTables, people: np.ndarray) -> None:
    """Tables of persons that belong to one region alone: residents, the parent's others at the share of residents."""
    share = 1.0 / tables.size
    about = tables.bureau.about
    file = about.population_file
    source = f"{file.name}" if file is not None else f"{tables.bureau.path.name}; {tables.carrier.name}"
    how = "residents by sex and age as given" if file is not None else f"ages and sexes of {tables.carrier.name}"
    rows = [(sex, age, f"{people[i, age]:z.3f}") for i, sex in enumerate(SEX) for age in range(people.shape[1])]
    text = f"31 December {about.base_year}; total {about.population:z_.0f}; {how}"
    write_table(folder, "population", ("sex", "age", "value"), rows, _card(text, source, "persons", "derived"))
    for name, unit in (("population_1992", "persons"), ("births", "persons/year"), ("net_migration", "persons/year"),
                       ("net_migration_as_planned", "persons/year")):  # fmt: skip
        if name in parent.tables:
            table = parent.tables[name]
            keys = [column for column in table.columns if column in ("sex", "age", "year")]
            others = [column for column in table.columns if column not in keys]
            parts = [table.text(column) for column in keys]
            parts += [tuple(f"{value * share:z.4f}" for value in table.numbers(column, True)) for column in others]
            text = f"{tables.carrier.name} x {share:z.6g}, share of population"
            cells = list(zip(*parts, strict=True))
            write_table(folder, name, (*keys, *others), cells, _card(text, source, unit, "assumption"))


def _at_opening(opening: OwnOpening) -> dict[str, Cell]:
    """Opening figures that rest on the bureau and are values of a series at the base year."""
    rows = {name: opening.rows[name] for name in (*HEAD_LEVELS, *STANDARDS, *RATES) if name in opening.given}
    return {name: (row.value, row.evidence, row.source) for name, row in rows.items()}


def child_paths(parent: Basis, tables: FittedTables, opening: OwnOpening, people: np.ndarray) -> Paths:
    """Own series of the region from its base year on: its levels, else the parent's in their ratio; shared counts."""
    year = tables.bureau.about.base_year
    given: Paths = {}
    for figure in tables.bureau.levels:
        given.setdefault(figure.series, {})[figure.year] = (figure.value, figure.evidence, source_of(figure))
    for name, cell in _at_opening(opening).items():
        given.setdefault(name, {}).setdefault(year, cell)
    for name in HEAD_LEVELS:
        row = opening.rows[name]
        given.setdefault(name, {})[year] = (row.value, row.evidence, f"openings.csv: {row.source}")
    if {"entrusted_enterprise", "fund_balance_enterprise_pension"} & opening.given:
        share = opening.value("entrusted_enterprise") / max(1.0, opening.value("fund_balance_enterprise_pension"))
        given["entrusted_share_enterprise"] = {year: (share, "computed", "entrusted part over balance, openings.csv")}
    found = {name: carried(series_of(parent, name), _with_year(parent, name, row, year)) for name, row in given.items()}
    found = {name: {at: _bounded(name, cell) for at, cell in row.items() if at >= year} for name, row in found.items()}
    return found | _shared(parent, tables, year, found) | _ratios(parent, opening, people, year)


def _with_year(parent: Basis, name: str, row: Mapping[int, Cell], year: int) -> dict[int, Cell]:
    """Given years with the base year among them, in the ratio of the nearest one."""
    if year in row:
        return dict(row)
    nearest = min(row, key=lambda at: abs(at - year))
    here, there = (float(parent.path(name, [at])[0]) for at in (year, nearest))
    factor = row[nearest][0] / there if there > 0.0 else 1.0
    return {**row, year: (here * factor, "computed", f"series borrowed from x {factor:z.4g}, ratio of {nearest}")}


def _bounded(name: str, cell: Cell) -> Cell:
    """Shares stay below one."""
    return (min(1.0, cell[0]), *cell[1:]) if name in (*RATES, "entrusted_share_enterprise") else cell


def _shared(parent: Basis, tables: FittedTables, year: int, found: Mapping[str, Any]) -> Paths:
    """Head counts of the parent that have no level of the region: its share of population; no closing item of money."""
    made: Paths = {"published_other": {year: (0.0, "assumption", "no closing item of published balances")}}
    names = {name for one in parent.chain() for name, known in one.own_series.items() if known.unit == HEADS}
    share = 1.0 / tables.size
    for name in sorted(names - set(found)):
        known = parent.owner(name).own_series[name]
        later = [int(at) for at in known.years if at > year]
        values = parent.path(name, [year, *later])
        text = f"{tables.carrier.name} x {share:z.6g}, share of population"
        made[name] = {
            at: (float(value) * share, "computed", text)
            for at, value in zip([year, *later], values, strict=True)
            if np.isfinite(value)
        }
    return made


def _ratios(parent: Basis, opening: OwnOpening, people: np.ndarray, year: int) -> Paths:
    """Denominators of the coverage rates: what the opening counts by what the engine counts."""
    coverable = opening.value("coverage_population") / coverable_people(parent, people)
    obliged = opening.value("ui_obliged_population") / opening.value("enterprise_payers")
    return {
        "coverage_population_ratio": {
            year: (coverable, "computed", "coverage_population over residents of 16 and over")
        },
        "ui_obliged_ratio": {year: (obliged, "computed", "ui_obliged_population over enterprise payers")},
    }


def coverable_people(basis: Basis, people: np.ndarray) -> float:
    """People the law wants covered as the engine counts them: residents or registered of 16 and over, no students."""
    ratio = np.full(people.shape[1], max(1.0, basis.constant("hukou_ratio_16_59")))
    ratio[60:] = max(1.0, basis.constant("hukou_ratio"))
    ratio[:16] = 0.0
    return float((people * ratio * (1.0 - basis.shape("student").max(axis=0))).sum())


def _agree(opening: OwnOpening, name: str, paths: Paths, parent: Basis) -> None:
    """An opening figure that is a value of a series: that value where it is not given, inside its band where it is."""
    year = opening.tables.bureau.about.base_year
    value = paths[name][year][0] if name in paths else float(parent.path(name, [year])[0])
    if name not in opening.given:
        opening.put(name, value, opening.rows[name].unit, "computed", "value of paths.csv in the opening year", False)
        return
    row = opening.rows[name]
    opening.rows[name] = replace(row, band=(min(row.band[0], value), max(row.band[1], value)))
