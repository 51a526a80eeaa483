"""Check scenarios, levers and target files against the law, the basis and the indicators, before anything is run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from simengine.cli.bureau import check_bureau, is_actuals, is_bureau, remarks_of_bureau
from simengine.cli.what_if import NONE, WhatIfs
from simengine.common import resources, strict_yaml
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import Words, near
from simengine.judge.indicators import READINGS
from simengine.judge.targets.files import read_targets
from simengine.law import LawTree, load_law
from simengine.registry.inputs import FIXED, LEVER_SERIES
from simengine.scenario.combine import Lever, read_lever
from simengine.scenario.levers import LeverFile
from simengine.scenario.scenario import Scenario, ScenarioFile, join_levers, load_scenario, packaged

if TYPE_CHECKING:
    from simengine.engine.project import Openings


@cache
def law() -> LawTree:
    """The packaged law, read once."""
    return load_law()


def known_bases() -> list[str]:
    """Names of the packaged bases and of the user's own."""
    return sorted(resources.basis_folders())


def known_series() -> frozenset[str]:
    """Yearly series a scenario or lever may change."""
    return frozenset(LEVER_SERIES)


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


def load_all(names: Sequence[str], what_ifs: WhatIfs = NONE) -> list[Scenario]:
    """Read several scenarios, add what-ifs to each, and check them; every error of all is raised at once."""
    scenarios: list[Scenario] = []
    errors: list[SimengineError] = []
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            errors.append(ScenarioError("scenario_twice", name=name))
        try:
            scenario = what_ifs.on(load_scenario(name))
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
    """What is wrong with a scenario when it is held against the basis, the law, the indicators and its targets.

    The lanes are compiled as a run compiles them, so what passes here is what a run takes.
    """
    errors: list[SimengineError] = []
    bases = known_bases()
    if scenario.basis not in bases:
        where, suggestion = scenario.where("basis"), near(scenario.basis, bases)
        known = ", ".join(bases) or "-"
        errors.append(ScenarioError("basis_unknown", where=where, near=suggestion, name=scenario.basis, known=known))
    else:
        errors += _lane_faults(scenario)
    errors += _definition_faults(scenario)
    try:
        read_targets(scenario.target_files.values())
    except SimengineError as error:
        errors += each_error(error)
    return errors


def _all_faults(scenario: Scenario) -> list[SimengineError]:
    """`faults` and, where there are none, what only a run of the lanes without levers can tell."""
    return faults(scenario) or _total_faults(scenario)


def remarks_of(scenario: Scenario) -> list[Words]:
    """What a scenario says that acts in another way than it may seem, in both languages."""
    from simengine.engine.actuals import settle
    from simengine.engine.compile import compile_scenario
    from simengine.engine.compile.law_keys import date_remarks
    from simengine.engine.compile.slips import checked_remarks
    from simengine.engine.project import lane_bases

    settled = settle(scenario)
    if settled.totals:  # what is said of them is known when they are solved
        settled = _openings(scenario).settled(scenario)
    told = [*scenario.remarks, *settled.told, *date_remarks(scenario.settings.law, law())]
    if scenario.content.checked or any(lever.content.checked for lever in scenario.levers):
        lanes = compile_scenario(scenario, lane_bases(scenario), law())
        told += checked_remarks(scenario, [slip for lane in lanes for slip in lane.slips])
    return told


def _openings(scenario: Scenario) -> Openings:
    """Solves the totals among entered actuals, once for one set of files: remarks name the places in them."""
    return _solver(tuple(str(source.file) for source in scenario.sources))


@cache
def _solver(files: tuple[str, ...]) -> Openings:
    from simengine.engine.project import Openings

    return Openings()


def _total_faults(scenario: Scenario) -> list[SimengineError]:
    """What solving the totals among the actuals of a scenario without other faults refuses."""
    from simengine.engine.actuals import settle

    try:
        if settle(scenario).totals:
            _openings(scenario).bases(scenario)
    except SimengineError as error:
        return list(each_error(error))
    return []


def _lane_faults(scenario: Scenario) -> list[SimengineError]:
    """What compiling the lanes of a scenario refuses."""
    from simengine.engine.compile import compile_scenario
    from simengine.engine.project import lane_bases

    try:
        compile_scenario(scenario, lane_bases(scenario), law())
    except SimengineError as error:
        return list(each_error(error))
    return []


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


def _lever_faults(lever: Lever) -> list[SimengineError]:
    """What is wrong with a lever alone: what every packaged baseline that it may be meant for refuses.

    A lever belongs to no region. It passes when one packaged region takes it; otherwise the errors of the region that
    finds the least are told. A lever that names a region is held against that region and those below it.
    """
    named, regions = lever.content.region, law().regions
    baselines = [name for name in packaged() if name.endswith("/baseline")]
    fitting = [
        name
        for name in baselines
        if named is None
        or named not in regions
        or named in regions.chain(name.partition("/")[0])
        or name.partition("/")[0] in regions.chain(named)
    ]
    found: list[list[SimengineError]] = []
    for name in fitting or baselines:
        try:
            found.append(_lane_faults(join_levers(load_scenario(name), lever.key, [lever])))
        except SimengineError as error:
            found.append(list(each_error(error)))
        if not found[-1]:
            return []
    return min(found, key=len)


def check_file(path: Path, what_ifs: WhatIfs = NONE) -> list[SimengineError]:
    """Every error of one file of the user: a scenario, a lever, or target rows, told apart by what it holds.

    What-ifs are added to a scenario, and refused for another file.
    """
    try:
        doc = strict_yaml.load(path)
        data = doc.data
        kind = _kind(data)
        if what_ifs and kind != "scenario":
            return [ScenarioError("what_if_elsewhere", where=str(path))]
        if kind == "cases":
            from simengine.cases import compute_all, read_cases

            compute_all(read_cases(data, doc.where))
            return []
        if kind == "targets":
            read_targets([path])
            return []
        if kind == "scenario":
            return _all_faults(what_ifs.on(load_scenario(path)))
        if kind == "lever":
            lever, errors = read_lever(path, path.stem)
            if lever is None:
                return errors
            return _lever_faults(lever)
        return [ScenarioError("not_a_targets_file", where=doc.where())]
    except SimengineError as error:
        return _once(each_error(error))


_LEVER_KEYS = (LeverFile.model_fields.keys() - ScenarioFile.model_fields.keys()) | {"paths", "constants"}
"""Keys of which one makes a lever of a file that names no basis and no years, whatever it lacks."""


def _kind(data: object) -> str:
    """What a file holds, by its keys: cases, targets, a scenario, a lever; empty for none of these."""
    if _holds_cases(data):
        return "cases"
    if isinstance(data, list):
        return "targets"
    if not isinstance(data, dict):
        return ""
    if isinstance(data.get("targets"), list) and _rows_in(data):
        return "targets"
    if {"basis", "extends", "years"} & data.keys():
        return "scenario"
    return "lever" if _LEVER_KEYS & data.keys() else ""


def _holds_cases(data: object) -> bool:
    """Whether a file holds cases of persons: one, a list of them, or a list under ``cases:``."""
    first = data[0] if isinstance(data, list) and data else data
    return isinstance(first, dict) and ("cases" in first or "kind" in first)


def _rows_in(data: dict[str, object]) -> bool:
    rows = data["targets"]
    return isinstance(rows, list) and any(isinstance(row, dict) for row in rows)


def check_name(name: str, what_ifs: WhatIfs = NONE) -> list[SimengineError]:
    """Every error behind a name or path given on the command line; what-ifs are added to scenarios."""
    if is_actuals(name):
        return [ScenarioError("actuals_alone", where=name)]
    if is_bureau(name):
        return [ScenarioError("what_if_elsewhere", where=name)] if what_ifs else check_bureau(Path(name))
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if path.is_dir():
            return [ScenarioError("folder_without_tables", name=name)]
        return check_file(path, what_ifs) if path.is_file() else [ScenarioError("file_absent", name=name)]
    if Path(name).is_dir() and name not in packaged():
        return [ScenarioError("folder_without_tables", name=name)]
    for folder in ("levers", "targets"):
        known = packaged(folder)
        short = name.removeprefix(f"{folder}/")
        if short in known and name != short:
            return check_file(known[short], what_ifs)
    try:
        return _all_faults(what_ifs.on(load_scenario(name)))
    except SimengineError as error:
        return _once(each_error(error))


def remarks_of_name(name: str, what_ifs: WhatIfs = NONE) -> list[Words]:
    """Remarks on a scenario or on tables of a bureau that have passed `check_name`; nothing for other files."""
    if is_bureau(name):
        return remarks_of_bureau(Path(name))
    if name.endswith((".yaml", ".yml")):
        found = _kind(strict_yaml.load(Path(name)).data) == "scenario"
    else:
        found = name in packaged()
    return remarks_of(what_ifs.on(load_scenario(name))) if found else []


def _once(errors: Sequence[SimengineError]) -> list[SimengineError]:
    """The same error of a file that several scenarios share is said once."""
    return list({str(error): error for error in errors}.values())
