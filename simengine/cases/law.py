"""The dated law as one case sees it: values on a day in its region, those the file replaces, those carried on.

Every value taken is kept with its origin, so that the case can print what it rests on.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from simengine.basis.basis import Basis, load_basis
from simengine.cases.words import word
from simengine.common import resources
from simengine.common.errors import CaseError
from simengine.common.messages import Words
from simengine.kernels.rules.rounding import FEN, half_up
from simengine.law import LawTree, load_law
from simengine.law.holding import Holding, holding
from simengine.law.parameter import Parameter
from simengine.law.reader import months_as_numbers
from simengine.law.regions import NATION

SERIES = {"price": "price_index", "wage": "average_wage"}
"""Series of a basis behind an index of the law, where the names differ."""

FOREVER = datetime.date(1, 1, 1)
"""Date of a replacement that is stated without one."""

UNIT_SLIP = 50.0
"""A replaced amount so many times above or below the law's own is taken for a slip of unit."""

Replacements = Mapping[str, Mapping[datetime.date, Any]]


@cache
def packaged_law() -> LawTree:
    """The packaged law, read once."""
    return load_law()


def known_regions(tree: LawTree) -> Words:
    """Regions below the nation, by key and by their own names."""
    keys = [key for key in tree.regions if key != NATION]
    return Words(", ".join(keys), "、".join(tree.regions[key].local_name for key in keys))


def first_day(month: int) -> datetime.date:
    """First day of a month index."""
    return datetime.date(month // 12, month % 12 + 1, 1)


def new_year(year: int) -> datetime.date:
    """1 January."""
    return datetime.date(year, 1, 1)


@dataclass(frozen=True)
class LawUse:
    """One value of the law used in a case, and where it comes from.

    Attributes
    ----------
    value : number, code, table, or None where the rule has ended
    day : day on which it was asked for; since : first day on which the entry holds
    evidence : tag of the value; "given" for one the file replaces
    carried : "" while enacted, else how it was carried on: held, indexed, outdated (the last enacted amount of a value
        that moves every year)
    factor : what an index multiplied the last value by; source : basis or growth the index came from
    label : entry of a table the value is, where one was picked; evidence_of : tags of entries that have their own
    """

    parameter: Parameter
    value: Any
    day: datetime.date
    since: datetime.date | None
    reference: str
    evidence: str
    where: str
    carried: str = ""
    factor: float = 1.0
    source: Words | str = ""
    label: str = ""
    evidence_of: Mapping[str | int, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Key of the parameter."""
        return self.parameter.key

    @property
    def number(self) -> float:
        """The value as a number."""
        return float(self.value)

    def pick(self, label: Any) -> LawUse:
        """One entry of a table, with its own evidence where it has one."""
        evidence = self.evidence_of.get(label, self.evidence)
        return replace(self, value=self.value[label], label=str(label), evidence=evidence)


@dataclass
class CaseLaw:
    """The law of one case.

    Parameters
    ----------
    region : region key
    replaced : values of the file by key and first day
    growth : yearly growth of an index, by its name; the basis of the region gives what is not stated
    where : file and line of the replaced values
    reads : days on which a key was asked for; grown : names of the indexes of `growth` that moved a value
    """

    tree: LawTree
    region: str
    replaced: Replacements = field(default_factory=dict)
    growth: Mapping[str, float] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    reads: dict[str, set[datetime.date]] = field(default_factory=dict, repr=False)
    grown: set[str] = field(default_factory=set, repr=False)
    _bases: dict[str, Basis] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, datetime.date, str], LawUse | None] = field(default_factory=dict, repr=False)

    @property
    def taken(self) -> list[LawUse]:
        """Every value that has been asked for and found."""
        return [use for use in self._known.values() if use is not None]

    def find(self, key: str, when: int | datetime.date, region: str | None = None) -> LawUse | None:
        """The value on a day, or on the first day of a month index; None before the first value of the law.

        Raises
        ------
        CaseError
            where the region has no value at all, or nothing carries it on.
        """
        day = when if isinstance(when, datetime.date) else first_day(when)
        place = region or self.region
        self.reads.setdefault(key, set()).add(day)
        if (key, day, place) not in self._known:
            self._known[key, day, place] = self._found(key, day, place)
        return self._known[key, day, place]

    def get(self, key: str, when: int | datetime.date, region: str | None = None) -> LawUse:
        """As `find`; a day before the first value is an error."""
        found = self.find(key, when, region)
        if found is None:
            day = when if isinstance(when, datetime.date) else first_day(when)
            first = self.tree[key].timeline(region or self.region)[0].date
            place = place_words(self.tree, region or self.region)
            raise CaseError("case_law_early", key=key, day=day, first=first, region=place)
        return found

    def day_of_amount(self, keys: Sequence[str], month: int) -> datetime.date:
        """Day whose values make up the amount of a month: its first, or the day before where two of them change in it.

        What changes on two days of one month acts together, from the later of them, so that the old value of one is
        never put beside the new value of the other; the month before the later day is over keeps the old amount.
        """
        first, last = first_day(month), first_day(month + 1) - datetime.timedelta(days=1)
        before = first - datetime.timedelta(days=1)
        found = [[self.find(key, day) for day in (before, first, last)] for key in keys]
        old, opening, closing = zip(*([use and use.value for use in row] for row in found), strict=True)
        changed = sum(one is not None and one != other for one, other in zip(old, closing, strict=True))
        return before if changed > 1 and opening != closing else first

    def _found(self, key: str, day: datetime.date, region: str) -> LawUse | None:
        parameter = self.tree[key]
        given = {since: value for since, value in self.replaced.get(key, {}).items() if since <= day}
        if given:
            since = max(given)
            value = self._whole(parameter, given[since], day, region)
            where = self.where.get(key, "")
            return LawUse(parameter, value, day, None if since == FOREVER else since, where, "given", where)
        held = holding(self.tree, key, day, region)
        if held.status == "absent":
            known = listed_words([place_words(self.tree, place) for place in parameter.regional])
            raise CaseError("case_law_absent", key=key, region=place_words(self.tree, region), known=known)
        if held.status == "before" or held.entry is None:
            return None
        entry = held.entry
        value = _times(parameter, held.value, 1.0) if held.scaled else held.value
        plain = LawUse(
            parameter,
            value,
            day,
            entry.date,
            entry.reference,
            entry.evidence,
            entry.where,
            evidence_of=entry.evidence_of,
        )
        if held.status == "undriven":
            raise CaseError("case_law_undriven", key=key, day=day, last=entry.date)
        if held.status == "held":
            return _carried(plain, "held", held.value)
        if held.status == "indexed":
            return self._indexed(plain, held, region)
        return plain

    def _indexed(self, use: LawUse, held: Holding, region: str) -> LawUse:
        """The last enacted value, which may be outdated; moved by its index where the case states a growth of it."""
        if (held.parameter.extension.index or "") in self.growth:
            return self._moved(use, held, region)
        entry = held.entry
        value = entry.value if entry is not None else None
        return _carried(use, "outdated", _times(held.parameter, value, 1.0) if held.scaled else value)

    def estimated(self, use: LawUse) -> LawUse | None:
        """What an outdated value would be if it went on as in a projection; None for any other."""
        if use.carried != "outdated":
            return None
        moved = self._moved(use, holding(self.tree, use.key, use.day, self.region), self.region)
        return moved.pick(use.label) if use.label else moved

    def _moved(self, use: LawUse, held: Holding, region: str) -> LawUse:
        """The last value moved by its index from the year of its entry."""
        rule, entry = held.parameter.extension, held.entry
        name = rule.index or ""
        last = held.parameter.timeline(region)[-1].date.year
        years = use.day.year - last
        if name in self.growth:
            self.grown.add(name)
            factor = math.prod([1.0 + self.growth[name]] * years)
            source = Words(f"growth {self.growth[name]:g}", f"增速{self.growth[name]:g}")
        else:
            if region not in self._bases:
                self._bases[region] = basis_of(self.tree, region)
            basis = self._bases[region]
            series = SERIES.get(name, name)
            before, after = basis.path(series, [last - rule.lag, use.day.year - rule.lag])
            factor = float(after / before)
            local = f"{_place(self.tree, basis.name)}基准，{word('indexes', name, 'zh')}"
            source = Words(f"{basis.name}, {series}", local)
        value = entry.value if entry is not None else None
        return _carried(use, "indexed", _times(held.parameter, value, factor), factor, source)

    def _whole(self, parameter: Parameter, value: Any, day: datetime.date, region: str) -> Any:
        """A replaced value; a table given in part keeps its other labels."""
        if not (isinstance(value, dict) and parameter.table is not None):
            return value
        held = holding(self.tree, parameter.key, day, region)
        return parameter.completed(held.entry.value if held.entry is not None else None, value)


def _carried(use: LawUse, how: str, value: Any, factor: float = 1.0, source: Words | str = "") -> LawUse:
    return replace(use, value=value, carried=how, factor=factor, source=source)


def _times(parameter: Parameter, value: Any, factor: float) -> Any:
    """A value moved by an index; an amount of money to the cent, as it would be published."""
    if isinstance(value, dict):
        return {label: _times(parameter, leaf, factor) for label, leaf in value.items()}
    if isinstance(value, list):
        return [_times(parameter, leaf, factor) for leaf in value]
    moved = float(value) * factor
    return float(half_up(moved, FEN)) if parameter.unit.symbol.startswith("yuan") else moved


def place_words(tree: LawTree, region: str) -> Words:
    """A region as a file states it, by its key, and by its Chinese name."""
    return Words(region, tree.regions[region].local_name if region in tree.regions else region)


def listed_words(items: list[Words]) -> Words:
    """Several texts as one in both languages."""
    return Words(", ".join(item.en for item in items), "、".join(item.zh for item in items))


def _place(tree: LawTree, basis: str) -> str:
    """Chinese name of the place and year of a basis."""
    place, _, year = basis.rpartition("-")
    return f"{tree.regions[place].local_name}{year}年"


@cache
def _basis(name: str) -> Basis:
    return load_basis(name)


def basis_of(tree: LawTree, region: str) -> Basis:
    """The basis that carries the indexes of a region on: the latest, the nearest where several open in that year."""
    names = list(resources.basis_folders())
    chain = tree.regions.chain(region)
    found = [(name.rpartition("-")[0], int(name.rpartition("-")[2]), name) for name in names]
    known = [(year, -chain.index(place), name) for place, year, name in found if place in chain]
    return _basis(max(known)[2])


# --- replaced values ------------------------------------------------------------------------------------------------


def replacement(parameter: Parameter, stated: Any) -> dict[datetime.date, Any]:
    """Replaced values by first day: what a file states under a key is one value, or values by date."""
    if isinstance(stated, dict) and stated and all(isinstance(day, datetime.date) for day in stated):
        dated = dict(stated)
    else:
        dated = {FOREVER: stated}
    if parameter.unit.symbol == "calendar month":
        return {day: months_as_numbers(value) for day, value in dated.items()}
    return dated


def fault(tree: LawTree, key: str, value: Any, where: str) -> CaseError | None:
    """What is wrong with one replaced value, or None."""
    parameter = tree[key]
    found = None if value is None else parameter.fault(value, where)
    if found is not None and parameter.maxima is not None and isinstance(value, dict):
        return found.as_kind(CaseError)
    if found is None:
        return _label_fault(parameter, value, where) or _slip(parameter, value, where)
    if parameter.unit.symbol == "code":
        return CaseError("case_law_code", where=where, key=key, value=value, known=", ".join(parameter.allowed))
    if parameter.table is not None and not isinstance(value, dict | list):
        return CaseError("case_law_table", where=where, key=key, value=value, table=parameter.table)
    low, high = parameter.limits
    unit = parameter.unit.symbol
    return CaseError("case_law_number", where=where, key=key, value=value, low=f"{low:g}", high=f"{high:g}", unit=unit)


def _label_fault(parameter: Parameter, value: Any, where: str) -> CaseError | None:
    """A label the table does not have."""
    if not isinstance(value, dict) or parameter.table is None or parameter.ragged:
        return None
    labels = parameter.labels
    wrong = [label for label in value if label not in labels]
    if not wrong:
        return None
    known = ", ".join(map(str, labels))
    return CaseError("case_law_label", where=where, key=parameter.key, label=wrong[0], known=known)


def _slip(parameter: Parameter, value: Any, where: str) -> CaseError | None:
    """An amount of money far from every value the law has had since 2000: written in another unit."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    if not number or not parameter.unit.symbol.startswith("yuan"):
        return None
    known = [v.value for v in parameter.all_values() if isinstance(v.value, int | float) and v.date.year >= 2000]
    known = [number for number in known if number > 0]
    if not known or min(known) / UNIT_SLIP <= value <= max(known) * UNIT_SLIP:
        return None
    low, high = min(known), max(known)
    unit = parameter.unit.symbol
    return CaseError(
        "case_law_slip", where=where, key=parameter.key, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}", unit=unit
    )
