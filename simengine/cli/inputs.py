"""Check scenarios, levers and target files against the law, the basis and the indicators, before anything is run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from simengine.cli.bureau import check_bureau, is_bureau
from simengine.common import resources, strict_yaml
from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import near
from simengine.judge.indicators import READINGS
from simengine.judge.targets.files import read_targets
from simengine.law import LawTree, load_law
from simengine.registry.inputs import COVERAGE_INDEX, FIXED, PATH_NAMES
from simengine.scenario.combine import LawChange, fixed_constants, read_lever
from simengine.scenario.scenario import Scenario, load_scenario, packaged


@cache
def law() -> LawTree:
    """The packaged law, read once."""
    return load_law()


def known_bases() -> list[str]:
    """Names of the packaged bases and of the user's own."""
    return sorted(resources.basis_folders())


def known_series() -> frozenset[str]:
    """Yearly series a scenario or lever may change."""
    return frozenset(PATH_NAMES)


@cache
def constants(basis: str) -> dict[str, tuple[float, float]]:
    """Constants that a scenario may change, of a basis and of those it inherits from, with their plausible range."""
    found: dict[str, tuple[float, float]] = {}
    seen: set[str] = set()
    current: str | None = basis
    folders = resources.basis_folders()
    while current is not None and current not in seen:
        seen.add(current)
        folder = folders.get(current, resources.bases_root() / current)
        for row in _rows(folder / "constants.csv"):
            if row["name"] not in FIXED:
                found.setdefault(row["name"], (_limit(row["low"], -1), _limit(row["high"], 1)))
        inherits = strict_yaml.load(folder / "basis.yaml").data.get("inherits")
        current = inherits if isinstance(inherits, str) else None
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from csv.DictReader(handle)


def _limit(text: str, sign: int) -> float:
    return float(text) if text else sign * float("inf")


def load_all(names: Sequence[str]) -> list[Scenario]:
    """Read and check several scenarios; every error of all of them is raised at once."""
    scenarios: list[Scenario] = []
    errors: list[SimengineError] = []
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            errors.append(ScenarioError("scenario_twice", name=name))
        try:
            scenario = load_scenario(name)
        except SimengineError as error:
            errors += each_error(error)
            continue
        twin = next((other for other in scenarios if other.key == scenario.key), None)
        if twin is not None:
            errors.append(ScenarioError("same_folder", first=str(twin.file), second=str(scenario.file)))
            continue
        scenarios.append(scenario)
        errors += faults(scenario)
    raise_all(_once(errors))
    return scenarios


def faults(scenario: Scenario) -> list[SimengineError]:
    """What is wrong with a scenario when it is held against the basis, the law, the indicators and its targets."""
    errors: list[SimengineError] = []
    bases = known_bases()
    if scenario.basis not in bases:
        errors.append(
            ScenarioError(
                "basis_unknown",
                where=scenario.where("basis"),
                near=near(scenario.basis, bases),
                name=scenario.basis,
                known=", ".join(bases) or "-",
            )
        )
    else:
        errors += _constant_faults(scenario)
    errors += _series_faults(scenario)
    errors += _definition_faults(scenario)
    errors += _law_faults(scenario.settings.law)
    if not errors:
        errors += _value_faults(scenario)
    try:
        read_targets(scenario.target_files.values())
    except SimengineError as error:
        errors += each_error(error)
    return errors


def _value_faults(scenario: Scenario) -> list[SimengineError]:
    """Slips of unit in changed series and campaigns, and what the law changed cannot be: by compiling every lane."""
    settings = scenario.settings
    ruled = bool(settings.law or settings.retirement)
    if not ruled and not scenario.changed_series() and not settings.campaigns:
        return []
    import numpy as np

    from simengine.engine.compile import compile_lane
    from simengine.engine.compile.paths import fill_paths
    from simengine.engine.project import lane_bases, scenario_law

    years = np.arange(scenario.base_year, scenario.years[-1] + 1)
    try:
        for basis in lane_bases(scenario):
            under = scenario_law(scenario, law())
            if ruled:
                compile_lane(basis, under, years, scenario)
            else:
                fill_paths(basis, under, years, scenario)
    except SimengineError as error:
        return list(each_error(error))
    return []


def _series_faults(scenario: Scenario) -> Iterator[SimengineError]:
    stated = [(series, scenario.where("paths", series)) for series in scenario.content.paths]
    for lever in scenario.levers:
        stated += [(series, lever.where("paths", series)) for series in lever.content.paths]
    known = known_series()
    for series, where in stated:
        if series not in known:
            yield LeverError("series_unknown", where=where, near=near(series, known), name=series)
    for lever in scenario.levers:
        for series in lever.content.coverage_growth:
            if series not in COVERAGE_INDEX:
                yield LeverError(
                    "coverage_unknown",
                    where=lever.where("coverage_growth", series),
                    near=near(series, COVERAGE_INDEX),
                    name=series,
                    known=", ".join(COVERAGE_INDEX),
                )


def _constant_faults(scenario: Scenario) -> Iterator[SimengineError]:
    known = constants(scenario.basis)
    stated = [(name, value, scenario.where("constants", name)) for name, value in scenario.content.constants.items()]
    for lever in scenario.levers:
        stated += [(name, value, lever.where("constants", name)) for name, value in lever.content.constants.items()]
    for name, value, where in stated:
        if name not in known:
            suggestion = near(name, known)
            yield LeverError("constant_unknown", where=where, near=suggestion, name=name, basis=scenario.basis)
            continue
        low, high = known[name]
        if not low <= value <= high:
            yield LeverError("constant_range", where=where, name=name, value=value, low=low, high=high)


def _definition_faults(scenario: Scenario) -> Iterator[SimengineError]:
    for name, reading in scenario.definitions.items():
        where = scenario.where("definitions", name)
        if name not in READINGS:
            yield ScenarioError(
                "definition_unknown", where=where, near=near(name, READINGS), name=name, known=", ".join(READINGS)
            )
        elif reading not in READINGS[name]:
            yield ScenarioError(
                "definition_reading",
                where=where,
                near=near(reading, READINGS[name]),
                name=name,
                reading=reading,
                known=", ".join(READINGS[name]),
            )


def _law_faults(changes: Sequence[LawChange]) -> Iterator[SimengineError]:
    if not changes:
        return
    from simengine.engine.compile.law_keys import unread  # the compiler is loaded only when a lever changes the law

    for change in changes:
        try:
            law().with_changes({change.key: change.values}, origin=change.where, region=change.region)
        except SimengineError as error:
            yield from each_error(error)
            continue
        fault = unread(change)
        if fault is not None:
            yield fault


def check_file(path: Path) -> list[SimengineError]:
    """Every error of one file of the user: a scenario, a lever, or target rows, told apart by what it holds."""
    try:
        doc = strict_yaml.load(path)
        data = doc.data
        if _holds_cases(data):
            from simengine.cases import compute_all, read_cases

            compute_all(read_cases(data, doc.where))
            return []
        if isinstance(data, list) or (
            isinstance(data, dict) and isinstance(data.get("targets"), list) and _rows_in(data)
        ):
            read_targets([path])
            return []
        if isinstance(data, dict) and ({"basis", "extends", "years"} & data.keys()):
            return faults(load_scenario(path))
        if isinstance(data, dict) and ("reason" in data or "changes" in data):
            lever, errors = read_lever(path, path.stem)
            if lever is None:
                return errors
            changes = [
                LawChange(lever.key, lever.where("changes", key), key, lever.content.region, values)
                for key, values in lever.content.changes.items()
            ]
            return [*_law_faults(changes), *fixed_constants(lever.content.constants, lever.where)]
        return [ScenarioError("not_a_targets_file", where=doc.where())]
    except SimengineError as error:
        return _once(each_error(error))


def _holds_cases(data: object) -> bool:
    """Whether a file holds cases of persons: one, a list of them, or a list under ``cases:``."""
    first = data[0] if isinstance(data, list) and data else data
    return isinstance(first, dict) and ("cases" in first or "kind" in first)


def _rows_in(data: dict[str, object]) -> bool:
    rows = data["targets"]
    return isinstance(rows, list) and any(isinstance(row, dict) for row in rows)


def check_name(name: str) -> list[SimengineError]:
    """Every error behind a name or path given on the command line."""
    if is_bureau(name):
        return check_bureau(Path(name))
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if path.is_dir():
            return [ScenarioError("folder_without_tables", name=name)]
        return check_file(path) if path.is_file() else [ScenarioError("file_absent", name=name)]
    if Path(name).is_dir() and name not in packaged():
        return [ScenarioError("folder_without_tables", name=name)]
    for folder in ("levers", "targets"):
        known = packaged(folder)
        short = name.removeprefix(f"{folder}/")
        if short in known and name != short:
            return check_file(known[short])
    try:
        return faults(load_scenario(name))
    except SimengineError as error:
        return _once(each_error(error))


def _once(errors: Sequence[SimengineError]) -> list[SimengineError]:
    """The same error of a file that several scenarios share is said once."""
    return list({str(error): error for error in errors}.values())
