"""The sheet of one case: every amount with its formula, the numbers put in, the document and the law it rests on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simengine.cases.fields import CaseFile
from simengine.cases.law import CaseLaw, LawUse, Replacements, first_day, known_regions
from simengine.cases.words import code_words, component_entry, shown
from simengine.common.errors import CaseError, SimengineError, raise_all
from simengine.common.messages import Words, age_text, month_text
from simengine.kernels.rules.rounding import FEN, half_up
from simengine.law import LawTree
from simengine.registry import slips

MONEY = ("yuan", "yuan/month", "yuan/year", "100m yuan", "10k persons", "months of spending")
"""Units of amounts that are rounded half up to the second decimal."""


@dataclass(frozen=True)
class Case:
    """One case of a file, read and checked.

    Attributes
    ----------
    content : what the file says
    where : file and line of an item, by its keys inside the case
    region : key of the region
    replaced : law values of the file, by key and first day
    data : what the file says as it was read, before it was checked; None for a case that no file states
    """

    content: CaseFile
    where: Callable[..., str]
    region: str
    replaced: Replacements
    position: int = 0
    data: Any = None

    @property
    def kind(self) -> str:
        """Kind of the case."""
        return self.content.kind

    @property
    def name(self) -> str:
        """What the case is called; its place in the file where it has no name."""
        return self.content.name or self.content.example or f"#{self.position + 1}"


@dataclass(frozen=True)
class Component:
    """One line of a sheet.

    Attributes
    ----------
    entry : its key in words.yaml, with the formula, the document and the unit
    part : what tells it from others of the same entry, such as a year
    value : number, text, true or false, or None where nothing is due; months and ages as numbers of months
    variant : which of several formulas was used
    numbers : what was put into the formula, as printed
    law : law values used
    """

    entry: str
    part: str
    value: Any
    unit: str
    variant: str
    numbers: Mapping[str, str | Words]
    law: tuple[LawUse, ...]

    @property
    def id(self) -> str:
        """Name by which an expected value or a column of a table refers to it."""
        return f"{self.entry}_{self.part}" if self.part else self.entry

    @property
    def plain(self) -> Any:
        """The value as it is written in a file: months of the calendar and ages as text."""
        if self.value is None:
            return None
        if self.unit == "calendar month":
            return month_text(int(self.value))
        if self.unit == "age":
            return age_text(int(self.value))
        return self.value


@dataclass(frozen=True)
class Remark:
    """Something the reader has to know, by its code in words.yaml."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class CaseResult:
    """What a case gives.

    Attributes
    ----------
    components : lines in the order of the computation
    steps : the years behind a balance or an index, one mapping a year
    remarks : extensions of the law, conventions, what is left open
    """

    case: Case
    components: list[Component] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def value(self, name: str) -> Any:
        """Value of a component as it is written in a file.

        Raises
        ------
        KeyError
            where the case has no such component.
        """
        for component in self.components:
            if component.id == name:
                return component.plain
        raise KeyError(name)

    @property
    def values(self) -> dict[str, Any]:
        """Every component by its name, as written in a file."""
        return {component.id: component.plain for component in self.components}

    @property
    def law(self) -> list[LawUse]:
        """Law values used, each once, in the order of use."""
        found: dict[tuple[Any, ...], LawUse] = {}
        for component in self.components:
            for use in component.law:
                found.setdefault((use.key, use.label, use.since, use.carried, use.day.year if use.carried else 0), use)
        return list(found.values())


class Sheet:
    """Collects what a case gives while it is computed."""

    def __init__(self, case: Case, tree: LawTree) -> None:
        self.case = case
        self.result = CaseResult(case)
        self.errors: list[SimengineError] = []
        self.rounding = case.content.rounding
        stated = {key: case.where("law", key) for key in case.replaced}
        growth: dict[str, float] = {str(name): rate for name, rate in case.content.growth.items()}
        self.law = CaseLaw(tree, case.region, case.replaced, growth, stated)
        self._carried: dict[str, tuple[LawUse, LawUse]] = {}
        self.doubted: set[str] = set()
        self._told: set[tuple[Any, ...]] = set()
        self._said: set[str] = set()

    # --- law --------------------------------------------------------------------------------------------------------

    def use(self, key: str, when: int | datetime.date, region: str | None = None) -> LawUse:
        """A value of the law on a day or on the first day of a month; one carried on is remarked."""
        use = self.law.get(key, when, region)
        self._mention(use)
        return use

    def find(self, key: str, when: int | datetime.date, region: str | None = None) -> LawUse | None:
        """As `use`; None before the first value of the law."""
        use = self.law.find(key, when, region)
        if use is not None:
            self._mention(use)
        return use

    def together(self, month: int, *keys: str) -> list[LawUse]:
        """Values that make up one amount of a month, all old or all new where two of them change inside it."""
        day = self.law.day_of_amount(keys, month)
        uses = [self.use(key, day) for key in keys]
        if day != first_day(month):
            self.note("changed_together", month=month_text(month), uses=tuple(uses))
        return uses

    def _mention(self, use: LawUse) -> None:
        """Remember a value carried on past its last entry; `finish` says so once for all years."""
        if not use.carried:
            return
        first, last = self._carried.get(use.key, (use, use))
        self._carried[use.key] = (first if first.day <= use.day else use, last if last.day >= use.day else use)

    def told(self, use: LawUse) -> None:
        """A value carried on of which a remark of its own has been written."""
        self._said.add(use.key)

    def finish(self) -> CaseResult:
        """The result, with a remark on every value that is carried on; rules in force until changed share one."""
        standing = [last for _, last in self._carried.values() if last.parameter.extension.standing]
        for first, last in self._carried.values():
            if last.parameter.extension.standing or last.key in self._said:
                continue
            years = str(first.day.year) if first.day.year == last.day.year else f"{first.day.year}-{last.day.year}"
            entry = last.parameter.timeline(self.case.region)[-1].date.year
            value = "..." if isinstance(last.value, dict | list) else shown(last)
            values = {"use": last, "years": years, "entry": entry, "value": value, "reason": last}
            if last.carried == "indexed":
                self.note("law_indexed", **values, factor=shown(round(last.factor, 4)), source=last.source)
            elif last.carried == "outdated":
                self.note("law_outdated", **values)
            else:
                self.note("law_held", **values)
        if standing:
            self.note("law_standing", day=self.law.tree.information_date, uses=tuple(standing))
        return self.result

    # --- lines ------------------------------------------------------------------------------------------------------

    def put(self, entry: str, value: Any, *law: LawUse, part: Any = "", variant: str = "", **numbers: Any) -> Any:
        """Write one line; an amount of money is rounded half up to 0.01 unless rounding is off.

        Parameters
        ----------
        entry : key under ``components`` in words.yaml
        law : values of the law it rests on
        numbers : what the printed numbers of the entry name in braces

        Returns
        -------
        the value as written, for the lines that follow
        """
        unit = component_entry(entry)["unit"]
        if unit in MONEY and isinstance(value, int | float) and self.rounding:
            value = half_up(float(value), FEN)
        printed = {name: _printed(number) for name, number in numbers.items()}
        self.result.components.append(Component(entry, str(part), value, unit, variant, printed, law))
        return value

    def note(self, code: str, **values: Any) -> None:
        """Add a remark, once."""
        remark = Remark(code, values)
        if remark not in self.result.remarks:
            self.result.remarks.append(remark)

    # --- errors -----------------------------------------------------------------------------------------------------

    def fail(self, code: str, *keys: Any, near: str = "", **values: Any) -> None:
        """Note an error of the case at the item under these keys; computing goes on until `stop`."""
        self.errors.append(CaseError(code, where=self.case.where(*keys), near=near, **values))

    def check_slip(self, value: float, known: float, *keys: Any) -> None:
        """Refuse an amount by the month that looks like a slip of unit against one that is known, unless checked."""
        doubt = slips.doubt(value, known, slips.TIMED)
        if doubt is not None:
            guess = slips.meaning(slips.TIMED, doubt.off)
            self.doubt("case_slip", *keys, key=keys[-1], value=shown(value), known=shown(round(known, 2)), guess=guess)

    def doubt(self, code: str, *keys: Any, **values: Any) -> None:
        """Note an error at the item under these keys, once, unless the case lists one of their names as checked."""
        names = {str(key) for key in keys if isinstance(key, str)}
        self.doubted |= names
        if not names & set(self.case.content.checked) and keys not in self._told:
            self._told.add(keys)
            self.fail(code, *keys, **values)

    def check_region(self) -> None:
        """Refuse a case that states no region though regions set a value it has used for themselves."""
        if "region" in self.case.content.model_fields_set:
            return
        differing = {use.key: use.parameter.local_name for use in self.law.taken if use.parameter.regional}
        if differing:
            names = Words(", ".join(differing), "、".join(differing.values()))
            known = known_regions(self.law.tree)
            self.errors.append(CaseError("case_region_missing", where=self.case.where(), uses=names, known=known))

    def stop(self) -> None:
        """Raise the errors noted so far, all together."""
        raise_all(self.errors)


def _printed(number: Any) -> str | Words:
    """A number as it is put into a formula; ages, paths and codes of the law in both languages."""
    if isinstance(number, Words):
        return number
    if isinstance(number, LawUse) and number.parameter.unit.symbol == "code":
        return code_words(str(number.value))
    return shown(number)


def with_place(error: CaseError, where: str) -> CaseError:
    """An error that names a place: its own, or the given one."""
    if not error.where:
        error.where = where
    return error
