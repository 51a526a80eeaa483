"""Read target files strictly: every printed figure with its source, every mistake reported at once.

A file holds a list of rows, or a mapping with ``targets:`` (the list), ``common:`` (keys every row takes over unless it
states them) and ``groups:`` (the same for the rows that name a group). The keys of a row are listed in `ROW_KEYS`;
notes/targets.md, section 1, explains each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from simengine.common import resources, strict_yaml
from simengine.common.errors import SimengineError, TargetError, raise_all
from simengine.common.messages import near, shown
from simengine.common.messages import words as both
from simengine.common.strict_yaml import Doc
from simengine.judge.indicators import PLAN_UNITS, Indicator, registry
from simengine.judge.targets.rows import Figure, Plan, Target
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND

ROW_KEYS = (
    *("id", "group", "region", "record_kind", "scheme", "indicator", "fund", "name", "unit"),
    *("base", "previous", "target", "actual", "cumulative", "attribute", "source"),
    *("duplicate_of", "restates", "supersedes", "conflict", "remarks", "flags"),
    *("plan", "document", "area", "table", "value_kind"),
)
FILE_KEYS = ("common", "groups", "targets")
FIGURE_KEYS = ("year", "operator", "operator_printed", "printed", "value", "decimals")
SOURCE_KEYS = ("part", "file", "line", "quote", "text", "evidence", "published", "address")
RECORD_KINDS = {"target": ("target",), "lever": ("target",), "outcome": ("target", "actual"), "statement": ("actual",)}
RECORD_KINDS |= {"base": ("base",)}
"""Kinds of row, each with the figures it must state."""

OPERATORS = {">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "≈": "≈", "≥": ">=", "≤": "<=", "约": "≈"}
PRINTED_FLAGS = ("contradicts_itself", "definition_unclear", "text_damaged", "below_legal_minimum")
"""Flags a file may state; the others follow from the run."""

SLIPS = {
    1e4: "larger_10000",
    1e-4: "smaller_10000",
    1e8: "larger_100_million",
    1e-8: "smaller_100_million",
    1e2: "larger_100",
    1e-2: "smaller_100",
    12.0: "larger_12",
    1.0 / 12.0: "smaller_12",
}
"""Factor by which a figure may have gone wrong -> word for what that would mean, ``slip.*`` of the key table."""


@cache
def words() -> Mapping[str, Mapping[str, Any]]:
    """Words of verdicts, flags and columns in two languages."""
    table: Mapping[str, Mapping[str, Any]] = strict_yaml.load(Path(__file__).with_name("words.yaml")).data
    return table


@cache
def known_indicators() -> frozenset[str]:
    """Indicators a row may name: computed, fixed by a lever or input, or outside the model."""
    return frozenset(registry()) | frozenset(words()["not_modelled"]) | frozenset(words()["set_by"])


@cache
def region_scale() -> Mapping[str, float]:
    """Population of each packaged region, for the check of units alone [persons]."""
    entries = strict_yaml.load(Path(__file__).with_name("region_scale.yaml")).data["regions"]
    return {key: float(entry["population"]) for key, entry in entries.items()}


def packaged_target_files() -> dict[str, Path]:
    """The packaged target files by name."""
    return {path.stem: path for path in sorted((resources.scenarios_root() / "targets").glob("*.yaml"))}


def read_targets(
    paths: Iterable[str | Path],
    *,
    regions: Iterable[str] | None = None,
    populations: Mapping[str, float] | None = None,
) -> list[Target]:
    """Rows of several target files, in order.

    Parameters
    ----------
    paths : target files
    regions : region keys a row may name; those of ``scenarios/regions.yaml`` when left out
    populations : persons by region, for the check of units; added to those of the packaged regions

    Raises
    ------
    TargetError or ErrorList
        with every mistake of every file: unknown keys, indicators, regions and units, wrong figures, repeated ids.
    """
    known = frozenset(regions) if regions is not None else _packaged_regions()
    scale = dict(region_scale()) | dict(populations or {})
    errors: list[SimengineError] = []
    rows: list[Target] = []
    for path in paths:
        try:
            reader = _File(strict_yaml.load(path), known, scale)
        except SimengineError as error:
            errors.append(error)
            continue
        rows += reader.rows
        errors += reader.errors
    errors += _reference_errors(rows)
    raise_all(errors)
    return _linked(rows)


def _packaged_regions() -> frozenset[str]:
    return frozenset(load_regions())


def _reference_errors(rows: list[Target]) -> Iterator[TargetError]:
    first: dict[str, Target] = {}
    for row in rows:
        if row.id in first:
            yield TargetError("target_twice", where=row.where, name=row.id, first=first[row.id].where)
        first.setdefault(row.id, row)
    for row in rows:
        if row.duplicate_of is None:
            continue
        original = first.get(row.duplicate_of)
        if original is None or original.id == row.id:
            suggestion = near(row.duplicate_of, [name for name in first if name != row.id])
            stated = {"name": row.id, "original": row.duplicate_of}
            yield TargetError("target_original", where=row.where, near=suggestion, **stated)
        elif original.duplicate_of is not None:
            chain = {"original": original.id, "first": original.duplicate_of}
            yield TargetError("target_repeats_repetition", where=row.where, name=row.id, **chain)


def _linked(rows: list[Target]) -> list[Target]:
    """Rows with `superseded_by` filled in from the rows that supersede them."""
    later: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for replaced in row.supersedes:
            later[replaced] = (*later.get(replaced, ()), row.id)
    return [replace(row, superseded_by=later[row.id]) if row.id in later else row for row in rows]


def _merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Layers laid over each other, the last one on top; mappings are merged key by key, one level deep."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            result[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return result


class _File:
    """One file: its rows, and the errors found on the way."""

    def __init__(self, doc: Doc, regions: frozenset[str], scale: Mapping[str, float]) -> None:
        self.doc = doc
        self.regions = regions
        self.scale = scale
        self.errors: list[SimengineError] = []
        self.rows: list[Target] = []
        data = doc.data
        self.base: tuple[str | int, ...] = ()
        self.common: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}
        if isinstance(data, dict):
            self.check_keys(data, FILE_KEYS, ())
            self.common = self.layer(data.get("common"), ("common",))
            groups = self.mapping(data, "groups", ())
            self.groups = {name: self.layer(entry, ("groups", name)) for name, entry in groups.items()}
            self.base = ("targets",)
            data = data.get("targets")
        if not isinstance(data, list) or not data:
            self.fail("target_list", ())
            return
        for position, entry in enumerate(data):
            self.row(entry, (*self.base, position))

    # --- helpers ---

    def fail(self, code: str, path: tuple[str | int, ...], near: str = "", **values: Any) -> None:
        """Note an error at the item under these keys."""
        self.errors.append(TargetError(code, where=self.doc.where(*path), near=near, **values))

    def among(self, code: str, name: str, known: Iterable[str], path: tuple[str | int, ...]) -> None:
        """Note an unknown word, unless it is one of those known."""
        known = list(known)
        if name not in known:
            self.fail(code, path, near(name, known), name=name, known=", ".join(known))

    def check_keys(self, entry: Mapping[str, Any], allowed: Iterable[str], path: tuple[str | int, ...]) -> None:
        allowed = list(allowed)
        for key in entry:
            if key not in allowed:
                self.fail("unknown_key", (*path, key), near(str(key), allowed), key=key, known=", ".join(allowed))

    def layer(self, entry: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
        if entry is None:
            return {}
        if not isinstance(entry, dict):
            self.fail("not_a_mapping", path, key=path[-1], value=shown(entry))
            return {}
        self.check_keys(entry, ROW_KEYS, path)
        return entry

    def text(self, row: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> str:
        value = row.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fail("not_text", (*path, key), key=key, value=shown(value))
            return ""
        return value

    def mapping(self, row: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> dict[str, Any]:
        value = row.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail("not_a_mapping", (*path, key), key=key, value=shown(value))
            return {}
        return value

    def names(self, row: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> tuple[str, ...]:
        value = row.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail("not_a_list", (*path, key), key=key, value=shown(value))
            return ()
        return tuple(value)

    # --- one row ---

    def row(self, entry: Any, path: tuple[str | int, ...]) -> None:
        if not isinstance(entry, dict):
            self.fail("target_row", path, value=shown(entry))
            return
        before = len(self.errors)
        self.check_keys(entry, ROW_KEYS, path)
        group = self.text(entry, "group", path)
        if group and group not in self.groups:
            known = [str(name) for name in self.groups]
            self.fail("target_group", (*path, "group"), near(group, known), name=group, known=", ".join(known) or "-")
        row = _merged(self.common, self.groups.get(group, {}), entry)
        for key in ("id", "region", "indicator", "unit"):
            if not row.get(key):
                self.fail("missing_key", path, key=key)
        row.setdefault("record_kind", "target")
        kind = self.text(row, "record_kind", path)
        self.among("target_kind", kind, RECORD_KINDS, (*path, "record_kind"))
        target = self.build(row, path)
        for key in RECORD_KINDS.get(kind, ()):
            if row.get(key) is None:
                self.fail("target_needs", path, name=target.id, kind=kind, key=key)
        if target.target is not None and target.target.operator is None:
            self.fail("target_no_operator", (*path, "target"), known=" ".join(OPERATORS))
        if target.cumulative and target.plan is None:
            self.fail("target_plan_absent", path, name=target.id)
        self.check_words(target, path)
        if len(self.errors) == before:
            self.check_magnitude(target, path)
        if len(self.errors) == before:
            self.rows.append(target)

    def build(self, row: Mapping[str, Any], path: tuple[str | int, ...]) -> Target:
        name = self.mapping(row, "name", path)
        self.check_keys(name, ("en", "local"), (*path, "name"))
        attribute = row.get("attribute")
        attribute = {"kind": attribute} if isinstance(attribute, str) else self.mapping(row, "attribute", path)
        if attribute and str(attribute.get("kind")) not in words()["attributes"]:
            known = ", ".join(words()["attributes"])
            self.fail("target_attribute", (*path, "attribute"), name=attribute.get("kind"), known=known)
        source = row.get("source")
        source = {"text": source} if isinstance(source, str) else self.mapping(row, "source", path)
        self.check_keys(source, SOURCE_KEYS, (*path, "source"))
        cumulative = row.get("cumulative", False)
        if not isinstance(cumulative, bool):
            self.fail("not_true_or_false", (*path, "cumulative"), key="cumulative", value=shown(cumulative))
        return Target(
            id=self.text(row, "id", path),
            region=self.text(row, "region", path),
            record_kind=self.text(row, "record_kind", path),
            indicator=self.text(row, "indicator", path),
            unit=self.text(row, "unit", path),
            where=self.doc.where(*path),
            scheme=self.text(row, "scheme", path),
            fund=self.text(row, "fund", path) or None,
            name_en=str(name.get("en", "")),
            name_local=str(name.get("local", "")),
            base=self.figure(row, "base", path),
            previous=self.figure(row, "previous", path),
            target=self.figure(row, "target", path),
            actual=self.figure(row, "actual", path),
            cumulative=cumulative is True,
            attribute=str(attribute.get("kind", "")),
            attribute_printed=str(attribute.get("printed", "")),
            source=source,
            duplicate_of=self.text(row, "duplicate_of", path) or None,
            restates=self.text(row, "restates", path) or None,
            supersedes=self.names(row, "supersedes", path),
            conflict=self.text(row, "conflict", path),
            remarks=self.text(row, "remarks", path),
            flags=self.names(row, "flags", path),
            plan=self.plan(row, path),
            document=self.text(row, "document", path),
            area=self.mapping(row, "area", path),
            table=self.mapping(row, "table", path),
            value_kind=self.text(row, "value_kind", path),
        )

    def plan(self, row: Mapping[str, Any], path: tuple[str | int, ...]) -> Plan | None:
        entry = self.mapping(row, "plan", path)
        if not entry:
            return None
        self.check_keys(entry, ("period", "start", "end"), (*path, "plan"))
        start, end = entry.get("start"), entry.get("end")
        if type(start) is not int or type(end) is not int or start > end:
            self.fail("target_plan", (*path, "plan"), start=start, end=end)
            return None
        return Plan(str(entry.get("period", f"{start}-{end}")), start, end)

    def figure(self, row: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> Figure | None:
        entry = self.mapping(row, key, path)
        here = (*path, key)
        if not entry:
            return None
        self.check_keys(entry, FIGURE_KEYS, here)
        year, operator = entry.get("year"), entry.get("operator")
        if type(year) is not int or not 1949 <= year <= 2200:
            self.fail("target_year", here, key=key, value=shown(year))
            return None
        if operator is not None and str(operator) not in OPERATORS:
            self.fail("target_operator", here, name=operator, known=" ".join(OPERATORS))
            return None
        printed = self.printed(entry, key, here)
        if printed is None:
            return None
        decimals = len(printed.partition(".")[2])
        if entry.get("decimals", decimals) != decimals:
            self.fail("target_decimals", here, value=printed, count=decimals, stated=entry["decimals"])
            return None
        operator = None if operator is None else OPERATORS[operator]
        return Figure(printed, decimals, year, operator, str(entry.get("operator_printed", "")))

    def printed(self, entry: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> str | None:
        """The figure as text, from ``printed`` (quoted text) or ``value`` (a number)."""
        if ("printed" in entry) == ("value" in entry):
            self.fail("target_printed_or_value", path, key=key)
            return None
        if "value" in entry:
            value = entry["value"]
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.fail("not_a_number", (*path, "value"), key=key, value=shown(value))
                return None
            return format(Decimal(repr(value)), "f")
        text = entry["printed"]
        if not isinstance(text, str) or not re.fullmatch(r"-?\d+(\.\d+)?", text):
            self.fail("target_printed", (*path, "printed"), value=shown(text))
            return None
        return text

    # --- meaning ---

    def check_words(self, target: Target, path: tuple[str | int, ...]) -> None:
        if target.region:
            self.among("target_region", target.region, sorted(self.regions), (*path, "region"))
        if target.indicator and target.indicator not in known_indicators():
            suggestion = near(target.indicator, known_indicators())
            self.fail("indicator_unknown", (*path, "indicator"), suggestion, name=target.indicator)
        if target.unit:
            self.among("unit_unknown", target.unit, PLAN_UNITS, (*path, "unit"))
        for flag in target.flags:
            self.among("target_flag", flag, PRINTED_FLAGS, (*path, "flags"))
        measure = registry().get(target.indicator)
        if measure is None:
            return
        if target.unit in PLAN_UNITS and PLAN_UNITS[target.unit][0] != measure.unit:
            fitting = [name for name, (base, _) in PLAN_UNITS.items() if base == measure.unit]
            stated = {"unit": target.unit, "name": measure.id, "known": ", ".join(fitting)}
            self.fail("target_unit", (*path, "unit"), **stated)
        if measure.by_fund and target.fund not in FUND:
            self.fail("target_fund", path, name=measure.id, value=target.fund or "-", known=", ".join(FUND))
        if not measure.by_fund and target.fund is not None:
            self.fail("target_no_fund", (*path, "fund"), name=measure.id)

    def check_magnitude(self, target: Target, path: tuple[str | int, ...]) -> None:
        """Refuse a figure that cannot be meant in its unit, and say which slip would explain it."""
        measure = registry().get(target.indicator)
        if measure is None:
            return
        head = self.scale.get(target.region) if measure.per_head else 1.0
        if head is None:  # a region of the user's own without a population: nothing to compare with
            return
        for key in ("base", "previous", "target", "actual"):
            figure: Figure | None = getattr(target, key)
            if figure is not None and (limits := implausible(measure, figure, target.unit, head)):
                stated = {"name": measure.id, "value": figure.printed, "unit": target.unit}
                self.fail("target_size_slip" if "slip" in limits else "target_size", (*path, key), **stated, **limits)


def implausible(measure: Indicator, figure: Figure, unit: str, head: float) -> dict[str, Any]:
    """What the size of a figure should be and which slip would explain it; empty when nothing is wrong.

    Parameters
    ----------
    head : population of the region for measures judged per head [persons], else 1
    """
    low, high = measure.plausible
    factor = PLAN_UNITS[unit][1]
    size = float(figure.exact) * factor / head
    if low <= size <= high:
        return {}
    limits: dict[str, Any] = {"low": f"{low * head / factor:z,.6g}", "high": f"{high * head / factor:z,.6g}"}
    slip = next((code for size_of, code in SLIPS.items() if low <= size / size_of <= high), None)
    return limits if slip is None else limits | {"slip": both(f"slip.{slip}")}
