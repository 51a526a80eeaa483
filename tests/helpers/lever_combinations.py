"""Random scenarios of one to eight levers of every kind, within the bounds of registry, law and basis."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from simengine.basis.basis import Basis, load_basis
from simengine.law import LawTree, load_law
from simengine.registry.inputs import COVERAGE_INDEX, FIXED, LEVER_KEYS, LEVER_ROWS, LEVER_SERIES, SERIES
from simengine.scenario.levers import OPERATIONS
from simengine.scenario.scenario import Scenario, load_scenario

REGIONS = ("china", "jiangxi", "hubei", "xuzhou", "jingdezhen", "haiyan")


def drawn(seed: int, folder: Path, longest: int = 100) -> Scenario:
    """The scenario of one seed, written into a folder and read back; some are refused, as a user's would be."""
    choose = random.Random(seed)
    base = load_scenario(f"{choose.choice(REGIONS)}/{choose.choice(('baseline', 'baseline', 'as_planned'))}")
    first = base.content.years[0]
    last = first + choose.randint(1, longest) - 1
    basis = load_basis(base.basis)
    levers: dict[str, dict[str, Any]] = {}
    for number in range(choose.randint(1, 8)):
        section, content = _section(choose, basis, load_law(), first, max(last, first + 1))
        levers[f"lever{number}"] = {
            "name": {"en": f"l{number}", "local": f"杠杆{number}"},
            "reason": "drawn",
            section: content,
        }
    for name, content in levers.items():
        (folder / f"{name}.yaml").write_text(
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
    own = {"extends": base.key, "years": [first, last], "levers": [f"./{name}.yaml" for name in levers]}
    file = folder / f"drawn{seed}.yaml"
    file.write_text(yaml.safe_dump(own), encoding="utf-8")
    return load_scenario(file)


def _section(choose: random.Random, basis: Basis, law: LawTree, first: int, last: int) -> tuple[str, Any]:
    year = choose.randint(first, last)
    kind = choose.choice(("paths", "paths", "paths", "constants", "changes", "changes", "rest"))
    if kind == "paths":
        return "paths", dict(_path(choose, basis, year, last) for _ in range(choose.randint(1, 2)))
    if kind == "constants":
        name = choose.choice(sorted(set(basis.constants) - set(FIXED)))
        known = basis.find_constant(name)
        return "constants", {name: round(choose.uniform(known.low, known.high), 6)}
    if kind == "changes":
        return "changes", dict([_law(choose, basis, law, year)])
    return _named(choose, basis, year, last)


def _path(choose: random.Random, basis: Basis, year: int, last: int) -> tuple[str, Any]:
    name = choose.choice(LEVER_SERIES)
    row = SERIES[name]
    operation = choose.choice([one for one in OPERATIONS if name not in LEVER_ROWS or LEVER_ROWS[name].takes(one)])
    own = 0.0
    if name in basis.series_names():
        own = float(np.nan_to_num(basis.path(name, [year])[0]))
    if not own and row.kind == "heads" and name in LEVER_ROWS:
        own = basis.opening(LEVER_ROWS[name].shared_by)
    high = {"share": 1.0, "rate": 0.2}.get(row.kind, 2.0 * own or 1.0)
    value = {
        "set": round(choose.uniform(0.5 * own, min(1.5 * own or high, high)), 6),
        "add": round(choose.uniform(-0.2, 0.2) * (own or 0.1), 6),
        "multiply": round(choose.uniform(0.5, 1.5), 4),
        "growth": round(choose.uniform(-0.05, 0.08), 4),
    }[operation]
    if row.kind in ("flag", "whole"):
        operation, value = "set", float(choose.randint(0, 1) if row.kind == "flag" else choose.randint(1, 4))
    knots = {year: value}
    if choose.random() < 0.3 and year < last:
        knots[choose.randint(year + 1, last)] = value
    change: dict[str, Any] = {operation: knots, "shape": choose.choice(("step", "step", "ramp", "pulse"))}
    if choose.random() < 0.2:
        change["alone"] = True
    return name, change


def _law(choose: random.Random, basis: Basis, law: LawTree, year: int) -> tuple[str, Any]:
    import datetime

    key = choose.choice(sorted(LEVER_KEYS))
    parameter = law[key]
    day = datetime.date(max(year, 2026), choose.choice((1, 7, 12)), 1)
    if choose.random() < 0.1:
        return key, {day: None}
    if parameter.unit.symbol == "code":
        return key, {day: choose.choice(parameter.allowed)}
    region = basis.region if parameter.national or parameter.source_region(basis.region) else None
    if region is None:
        return key, {day: 1.0}
    value = parameter.at(day, region)
    factor = choose.choice((0.8, 0.9, 1.1, 1.25))
    if value is None:
        return key, {day: parameter.limits[0]}
    if isinstance(value, dict):
        return key, {day: {label: round(factor * cell, 6) for label, cell in value.items()}}
    if isinstance(value, list):
        return key, {day: [round(factor * cell, 6) for cell in value]}
    if isinstance(value, str):
        return key, {day: value}
    low, high = parameter.limits
    whole = parameter.unit.symbol in ("month", "calendar month", "year")
    moved = min(max(factor * value, low), high)
    return key, {day: round(moved) if whole else round(moved, 6)}


def _named(choose: random.Random, basis: Basis, year: int, last: int) -> tuple[str, Any]:
    section = choose.choice(("indexation", "payment_rate", "coverage_growth", "campaigns", "retirement", "demography"))
    if section == "indexation":
        return section, {"rate": {year: round(choose.uniform(0.0, 0.06), 4)}}
    if section == "payment_rate":
        return choose.choice((section, f"{section}_employees", f"{section}_resident")), {
            year: round(choose.uniform(0.5, 1), 3)
        }
    if section == "coverage_growth":
        return section, {choose.choice(sorted(COVERAGE_INDEX)): {year: round(choose.uniform(-0.02, 0.02), 4)}}
    if section == "retirement":
        months = {career: choose.randint(2, 6) for career in ("men", "women_55", "women_50")}
        caps = {career: choose.randint(12, 84) for career in months}
        start = f"{choose.randint(2025, 2035)}-01"
        custom = {"reform": "custom", "start": start, "step_months": months, "cap_months": caps}
        return section, choose.choice(({"reform": "none"}, custom))
    if section == "demography":
        cell = {"multiply": {year: round(choose.uniform(0.6, 1.4), 3)}, "shape": "step"}
        return section, {choose.choice(("fertility", "migration")): cell}
    status = choose.choice(("enterprise", "flexible", "resident", "unemployment", "injury"))
    level = LEVER_ROWS[f"campaign_additional_{status}"].shared_by
    campaign: dict[str, Any] = {
        "status": status,
        "kind": choose.choice(("gross", "additional")),
        "total": round(choose.uniform(0.005, 0.2) * basis.opening(level)),
        "years": [year, min(year + choose.randint(0, 4), last)],
        "reason": "drawn",
    }
    if status in ("enterprise", "flexible"):
        campaign["pools"] = choose.sample(["paused", "none", "resident"], choose.randint(1, 3))
    if status == "resident":
        campaign["pools"] = choose.sample(["elderly", "paused", "none"], choose.randint(1, 3))
    return section, [campaign]
