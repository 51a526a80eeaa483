"""Read case files: one case, or a list under ``cases:``; every error of the file at once, with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simengine.cases.kinds import KINDS, MEASURES, Kind
from simengine.cases.law import Replacements, fault, packaged_law, replacement
from simengine.cases.sheet import Case
from simengine.common import strict_yaml
from simengine.common.errors import CaseError, SimengineError, raise_all
from simengine.common.messages import near
from simengine.common.problems import validated
from simengine.law import LawTree
from simengine.law.regions import NATION

Where = Callable[..., str]

SUFFIXES = ("省", "市", "县", "区")
"""Endings of local names that may be left out."""


def load_cases(path: str | Path, law: LawTree | None = None) -> list[Case]:
    """Read a case file.

    Parameters
    ----------
    path : YAML file with one case, or with a list of cases under ``cases:``
    law : law tree that replaced values and regions are held against; the packaged one by default

    Raises
    ------
    SimengineError
        naming every error of every case, with file and line.
    """
    doc = strict_yaml.load(path)
    return read_cases(doc.data, doc.where, law)


def read_cases(data: Any, where: Where, law: LawTree | None = None) -> list[Case]:
    """Cases from what a file holds.

    Parameters
    ----------
    where : file and line of an item, by its keys
    """
    tree = law if law is not None else packaged_law()
    rows, prefixes = _rows(data, where)
    cases: list[Case] = []
    errors: list[SimengineError] = []
    for position, (row, prefix) in enumerate(zip(rows, prefixes, strict=True)):
        case, found = read_case(row, _below(where, prefix), tree, position)
        errors += found
        if case is not None:
            cases.append(case)
    raise_all(errors)
    return cases


def _below(where: Where, prefix: tuple[Any, ...]) -> Where:
    """Places of the items of one case; a stretch of a career that is open has no line of its own for `to`."""
    return lambda *keys: where(*prefix, *keys)


def _rows(data: Any, where: Where) -> tuple[list[Any], list[tuple[Any, ...]]]:
    """The cases of a file and the keys under which each stands."""
    if isinstance(data, dict) and "cases" in data:
        more = [key for key in data if key != "cases"]
        if more:
            suggestion = near(str(more[0]), ["cases"])
            raise CaseError("unknown_key", where=where(more[0]), near=suggestion, key=more[0], known="cases")
        rows = data["cases"]
        if not isinstance(rows, list) or not rows:
            raise CaseError("case_list", where=where("cases"))
        return rows, [("cases", position) for position in range(len(rows))]
    if isinstance(data, list) and data:
        return data, [(position,) for position in range(len(data))]
    if isinstance(data, dict):
        return [data], [()]
    raise CaseError("case_list", where=where())


def read_case(data: Any, where: Where, tree: LawTree, position: int = 0) -> tuple[Case | None, list[SimengineError]]:
    """One case, or every error in it."""
    kind, errors = _kind(data, where)
    if kind is None:
        return None, errors
    content, errors = validated(kind.model, data, where, CaseError)
    stated = data.get("law") if isinstance(data.get("law"), dict) else {}
    replaced, faults = _replaced(stated, where, tree)
    region, wrong = region_key(tree, data.get("region", NATION), where("region"))
    errors = [*errors, *faults, *wrong]
    if content is None or errors:
        return None, errors
    return Case(content, where, region, replaced, position, data), []


def _kind(data: Any, where: Where) -> tuple[Kind | None, list[SimengineError]]:
    """Kind of a case, by what stands under ``kind`` and, for coverage, under ``measure``."""
    if not isinstance(data, dict):
        return None, [CaseError("case_not_a_mapping", where=where())]
    for key, known in (("kind", KINDS), ("measure", MEASURES)):
        if key == "measure" and data.get("kind") != "coverage":
            continue
        name = data.get(key)
        if not isinstance(name, str) or name not in known:
            said = "" if name is None else str(name)
            code = "case_kind_missing" if name is None else "case_kind"
            values = {"key": key, "value": said, "known": ", ".join(known)}
            return None, [CaseError(code, where=where(key), near=near(said, known) if said else "", **values)]
    kinds: Mapping[str, Kind] = MEASURES if data["kind"] == "coverage" else KINDS
    return kinds[data["measure"] if data["kind"] == "coverage" else data["kind"]], []


def _replaced(stated: Mapping[Any, Any], where: Where, tree: LawTree) -> tuple[Replacements, list[SimengineError]]:
    """Replaced law values of a case, each held against its parameter."""
    replaced: dict[str, Any] = {}
    errors: list[SimengineError] = []
    for key, value in stated.items():
        if key not in tree:
            names = {name.partition("/")[2]: name for name in tree}
            suggestion = near(str(key), list(tree)) or names.get(near(str(key).rpartition("/")[2], names), "")
            errors.append(CaseError("case_law_unknown", where=where("law", key), near=suggestion, key=key))
            continue
        dated = replacement(tree[key], value)
        found = [fault(tree, key, each, where("law", key)) for each in dated.values()]
        errors += [problem for problem in found if problem is not None]
        replaced[key] = dated
    return replaced, errors


def region_names(tree: LawTree) -> dict[str, str]:
    """Every way a region may be written, by key, code and names, and the key it stands for."""
    named: dict[str, str] = {}
    for key, region in tree.regions.items():
        for name in (key, region.code, region.name.lower(), region.local_name):
            named[name] = key
        for ending in SUFFIXES:
            if region.local_name.endswith(ending) and len(region.local_name) > 2:
                named.setdefault(region.local_name.removesuffix(ending), key)
    return named


def region_key(tree: LawTree, stated: Any, where: str) -> tuple[str, list[SimengineError]]:
    """Key of a region given by key, code or name in either language."""
    named = region_names(tree)
    text = str(stated).strip()
    if text.lower() in named:
        return named[text.lower()], []
    suggestion = named.get(near(text, named), "")
    known = ", ".join(tree.regions)
    return NATION, [CaseError("case_region", where=where, near=suggestion, value=text, known=known)]
