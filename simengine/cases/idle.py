"""Inputs that act on nothing: found by what was read, and by leaving each one out and changing it.

An input acts when leaving it out, or another value in its place, changes any line, year or remark of the sheet, or is
refused. What the law and growth state in vain is refused, and so is a field of another scheme or rule; a field that
merely was not needed this time, and a key under checked that nothing calls in question, is remarked.
"""

from __future__ import annotations

import copy
import datetime
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simengine.cases.describe import stated_fields
from simengine.cases.fields import month_of
from simengine.cases.kinds import kind_of
from simengine.cases.law import FOREVER, LawUse, place_words
from simengine.cases.read import read_case
from simengine.cases.sheet import Case, CaseResult, Sheet
from simengine.cases.text import formula_of
from simengine.cases.words import word
from simengine.common.errors import SimengineError
from simengine.common.messages import Words, month_text, near
from simengine.common.problems import item_type
from simengine.law.parameter import Parameter

LABELS = ("kind", "name", "example", "remark", "region", "expected", "law", "growth", "checked", "measure", "reference")
"""Keys that name something, and those that are judged by what was read."""

SMALL, LARGE = 1.05, 3.0
"""A number is changed a little, where an error counts as an effect, and then much, where an error says nothing."""

Run = Callable[[Case], CaseResult]


def judge_inputs(sheet: Sheet, result: CaseResult, run: Run) -> None:
    """Note an error for every input that can act on nothing, and a remark for every other that does not act here.

    Parameters
    ----------
    run : computes a changed case
    """
    _unread_law(sheet)
    for index in sheet.case.content.growth:
        if index not in sheet.law.grown:
            sheet.fail("case_growth_idle", "growth", index, key=index)
    for name in sheet.case.content.checked:
        if name not in sheet.doubted:
            sheet.note("checked_idle", key=name)
    if isinstance(sheet.case.data, Mapping):
        trials = _Trials(sheet, result, run)
        trials.fields()
        trials.law()


def _unread_law(sheet: Sheet) -> None:
    """Errors for keys that the case never reads and dated values of no day on which it reads the key."""
    for key, dated in sheet.case.replaced.items():
        days = sorted(sheet.law.reads.get(key, ()))
        if not days:
            sheet.fail(
                "case_law_unread",
                "law",
                key,
                near=near(key, sheet.law.reads),
                key=key,
                kind=kind_words(sheet.case.kind),
            )
            continue
        picked = {max((since for since in dated if since <= day), default=FOREVER) for day in days}
        for since in sorted(set(dated) - picked):
            sheet.fail("case_law_day_idle", "law", key, since, key=key, since=since, days=_span(days))


def kind_words(kind: str) -> Words:
    """A kind as a file states it, and its Chinese name."""
    return Words(kind, word("kinds", kind, "zh"))


def _span(days: list[datetime.date]) -> Words:
    """The days on which a key was read."""
    first, last = days[0], days[-1]
    return Words(f"on {first}", str(first)) if first == last else Words(f"from {first} to {last}", f"{first}至{last}")


def signature(result: CaseResult) -> Any:
    """Whatever a reader of a sheet can see, apart from where a value of the law comes from.

    The numbers behind an amount of zero decide nothing: an index of no months is printed, too.
    """
    lines = [
        (
            line.id,
            line.value,
            line.variant,
            "" if _is_zero(line.value) else formula_of(line, "en"),
            [(use.key, use.label, use.value) for use in line.law],
        )
        for line in result.components
    ]
    notes = [
        (remark.code, [value for value in remark.values.values() if not isinstance(value, LawUse | tuple)])
        for remark in result.remarks
    ]
    return lines, result.steps, notes


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


class _Trials:
    """The case computed again with one input left out or changed."""

    def __init__(self, sheet: Sheet, result: CaseResult, run: Run) -> None:
        self.sheet, self.run, self.data = sheet, run, sheet.case.data
        self.seen = signature(result)

    def changed(self, data: Any) -> bool | None:
        """Whether a changed case gives another sheet; None where it is refused."""
        case = self.sheet.case
        trial, errors = read_case(data, case.where, self.sheet.law.tree, case.position)
        if trial is None or errors:
            return None
        try:
            return bool(signature(self.run(trial)) != self.seen)
        except SimengineError:
            return None

    def acts(self, path: tuple[Any, ...], small: list[Any], large: list[Any]) -> bool:
        """Whether the input at a path acts: left out, changed a little, changed much."""
        if self.changed(_with(self.data, path)) is not False:
            return True
        if any(self.changed(_with(self.data, path, value)) is not False for value in small):
            return True
        return any(self.changed(_with(self.data, path, value)) for value in large)

    def fields(self) -> None:
        """Judge every field that the case states and need not state."""
        idle: list[tuple[Any, ...]] = []
        for path, info, entry, value in stated_fields(kind_of(self.sheet.case.content).model, self.data):
            plain = info.is_required() or value == info.default or path[-1] in LABELS
            if plain or any(path[: len(other)] == other for other in idle):
                continue
            years = [(*path, year) for year in value] if isinstance(value, dict) and _by_year(value) else []
            for each in years if len(years) > 1 else [path]:
                here = _at(self.data, each)
                if not self.acts(each, *_others(item_type(info.annotation), here)):
                    idle.append(each)
                    self._tell(each, entry)

    def _tell(self, path: tuple[Any, ...], entry: Mapping[str, Any]) -> None:
        key = ".".join(str(part + 1) if isinstance(part, int) and part < 1000 else str(part) for part in path)
        if "bound" in entry and not self.in_force(entry["bound"]):
            meaning = Words(entry["en"], entry["zh"])
            case = self.sheet.case
            place = place_words(self.sheet.law.tree, case.region)
            said: dict[str, Any] = {"kind": kind_words(case.kind), "name": case.kind, "region": place}
            self.sheet.fail("case_field_idle", *path, key=key, meaning=meaning, **said)
        else:
            self.sheet.note("field_idle", key=key)

    def in_force(self, bound: Mapping[str, Any]) -> bool:
        """Whether the scheme or the rule under which alone a field acts holds in this case."""
        if "field" in bound:
            return bool(getattr(self.sheet.case.content, bound["field"]) == bound["value"])
        reads = self.sheet.law.reads
        days = reads.get(bound["law"]) or {day for each in reads.values() for day in each}
        try:
            found = self.sheet.law.find(bound["law"], max(days))
        except SimengineError:
            return False
        if found is None:
            return False
        if "other_than" in bound:
            return bool(found.value != bound["other_than"])
        return bool(found.number > bound["above"] if "above" in bound else found.value == bound["value"])

    def law(self) -> None:
        """Remark values of the law that were read but decide nothing here."""
        told = {error.values.get("key") for error in self.sheet.errors}
        for key, stated in (self.data.get("law") or {}).items():
            parameter = self.sheet.law.tree[key]
            if key in told:
                continue
            for path, value in _leaves(parameter, ("law", key), stated):
                if not self.acts(path, [], _other_law(parameter, value)):
                    label = f" {path[-1]}" if len(path) > 2 else ""
                    self.sheet.note("law_idle", key=f"{key}{label}")


def _by_year(value: dict[Any, Any]) -> bool:
    return all(isinstance(year, int) for year in value)


def _leaves(parameter: Parameter, path: tuple[Any, ...], stated: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Values of a replaced key, by date and by label."""
    several = isinstance(stated, dict) and len(stated) > 1
    if several and (parameter.table is None or all(isinstance(day, datetime.date) for day in stated)):
        for day, value in stated.items():
            yield (*path, day), value
    elif several:
        for label, value in stated.items():
            yield (*path, label), value
    else:
        yield path, stated


def _other_law(parameter: Parameter, value: Any) -> list[Any]:
    """Other values of a parameter."""
    if isinstance(value, dict):
        others = [_other_law(parameter, leaf) for leaf in value.values()]
        return [dict(zip(value, each, strict=True)) for each in zip(*others, strict=False)]
    if isinstance(value, list):
        return [list(each) for each in zip(*(_other_law(parameter, leaf) for leaf in value), strict=False)]
    if isinstance(value, str) and parameter.unit.symbol == "code":
        return [code for code in parameter.allowed if code != value]
    month = month_of(value) if not isinstance(value, int | float) else None
    if month is not None:
        return [month_text(month + step) for step in (1, -120, 120)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [value * SMALL, value / SMALL, value / LARGE, value * LARGE, value + 1, value - 1]
    return []


def _others(kind: Any, value: Any) -> tuple[list[Any], list[Any]]:
    """Values near a stated one, and values far from it."""
    if isinstance(value, bool) or value in ("on", "off"):
        return [value in (False, "off")], []
    if isinstance(value, int | float):
        if kind is int:
            return [value + 1], [LARGE_STEP + int(value), 0]
        return [value * SMALL], [value * LARGE, value / LARGE, 0.0]
    if typing.get_origin(kind) is typing.Literal:
        return [word for word in typing.get_args(kind) if word != value], []
    month = month_of(value)
    if month is not None and not isinstance(value, int):
        return [month_text(month + 1)], [month_text(month + step) for step in (-120, -12, 12, 120)]
    return [], []


LARGE_STEP = 120
"""Months by which a count of months or years is changed much."""


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


_GONE = object()


def _with(data: Any, path: tuple[Any, ...], value: Any = _GONE) -> Any:
    """A copy of what a file says with one item changed or left out."""
    changed = copy.deepcopy(data)
    parent = _at(changed, path[:-1])
    if value is _GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed
