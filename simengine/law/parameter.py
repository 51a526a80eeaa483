"""One law parameter: dated values, where each comes from, and what holds before the first and after the last."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simengine.common.errors import LawError
from simengine.common.messages import Words, near
from simengine.law.regions import NATION, Regions
from simengine.registry.units import MONEY, Unit

Scalar = float | int | str | None
Value = Scalar | list[float] | dict[str | int, float]

WITHIN_YEAR = ("weighted", "start", "end")
EXTENSION_RULES = ("held", "indexed", "ended", None)
INDICES = ("wage", "benefit_base", "price", "minimum_wage", "urban_income")
BEFORE_RULES = ("parent", "parent_scaled")
ADDS_UP = 1e-9
"""Distance that the sum of shares may have from what it must be, for rounding."""


@dataclass(frozen=True)
class DatedValue:
    """One value and its origin.

    Attributes
    ----------
    date : first day on which the value holds
    value : number, None (the rule ends), text code, list or mapping of numbers
    reference, evidence : where the number comes from and how well it is known
    known : first day on which the value could be known (enactment or publication)
    where : file and line, or the lever
    lever : whether a lever put the value in; it replaces the law from its date on
    evidence_of : evidence of single labels of a table, where it differs from `evidence`
    """

    date: datetime.date
    value: Value
    reference: str
    evidence: str
    known: datetime.date
    where: str
    lever: bool = False
    evidence_of: Mapping[str | int, str] = field(default_factory=dict, hash=False)

    def tag(self, label: str | int) -> str:
        """Evidence of one label of a table."""
        return self.evidence_of.get(label, self.evidence)

    @property
    def tags(self) -> tuple[str, ...]:
        """Every evidence tag of the value, that of the whole first."""
        return tuple(dict.fromkeys((self.evidence, *self.evidence_of.values())))

    def first_year(self, within_year: str) -> int:
        """The first calendar year whose number this value moves.

        Examples
        --------
        >>> day = datetime.date(2030, 7, 1)
        >>> value = DatedValue(day, 0.05, "", "assumption", day, "lever")
        >>> value.first_year("start"), value.first_year("weighted")
        (2031, 2030)
        """
        late = within_year == "start" and (self.date.month, self.date.day) != (1, 1)
        return self.date.year + late


@dataclass(frozen=True)
class Extension:
    """What a parameter does after the year of its last dated value.

    ``held`` keeps the value, ``indexed`` moves it with a named index, ``ended`` stops the rule, None forbids any use.
    ``lag`` is the number of years by which the index runs behind. ``standing`` marks a rule that is in force until it
    is changed, unlike a number announced every year: its use counts as an extension only after the review of the law.
    """

    rule: str | None
    index: str | None
    lag: int
    evidence: str
    reason: str
    standing: bool = False


@dataclass(frozen=True)
class Before:
    """What a region does before its own first value: its parent's values, as they are or scaled to meet its own."""

    rule: str
    evidence: str
    reason: str


@dataclass(frozen=True)
class Parameter:
    """All dated values of one key.

    ``national`` holds the values without region, ``regional`` those of single regions; both are sorted by date.
    """

    key: str
    name: str
    local_name: str
    unit: Unit
    within_year: str
    extension: Extension
    national: tuple[DatedValue, ...]
    regional: Mapping[str, tuple[DatedValue, ...]]
    regions: Regions = field(repr=False)
    where: str = ""
    before: Before | None = None
    base: str | None = None
    note: str = ""
    table: str | None = None
    ragged: bool = False
    allowed: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    null_value: float | None = None
    total: float | None = None
    """What the cells of the table add up to; None where they need not."""
    maxima: Words | None = None
    """Article by which the national steps are the most that a region or a lever may state; None where none does."""
    known_lag_months: int = 0
    unlevered: Parameter | None = field(default=None, repr=False, compare=False)
    made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What follows from the values alone and costs time; a parameter never changes, a changed copy begins empty."""

    @property
    def labels(self) -> tuple[str | int, ...]:
        """Labels of a table, in stored order: keys of a mapping, positions of a list; empty for other kinds."""
        if self.table is None:
            return ()
        for dated in self.all_values():
            if isinstance(dated.value, dict):
                return tuple(dated.value)
            if isinstance(dated.value, list):
                return tuple(range(len(dated.value)))
        return ()

    @property
    def is_nominal(self) -> bool:
        """Whether it is an amount of money held past its last dated value: its real value falls as prices rise."""
        return self.unit.symbol in MONEY and self.extension.rule == "held"

    def all_values(self) -> Iterator[DatedValue]:
        """Every stored value, national first."""
        yield from self.national
        for values in self.regional.values():
            yield from values

    def source_region(self, region: str | None) -> str | None:
        """The nearest region, going up from ``region``, that has values of its own; None for the national values."""
        for key in self.regions.chain(region):
            if key != NATION and key in self.regional:
                return key
        return None

    def stated_in(self, region: str | None) -> bool:
        """Whether the parameter has values in a region: some are stated for single regions alone."""
        return bool(self.national) or self.source_region(region) is not None

    def timeline(self, region: str | None = None) -> tuple[DatedValue, ...]:
        """Values that hold for a region, sorted by date: its own, completed before their first date by the parent's."""
        key = ("timeline", region)
        found: tuple[DatedValue, ...] | None = self.made.get(key)
        if found is None:
            found = self.made[key] = self._timeline(region)
        return found

    def _timeline(self, region: str | None) -> tuple[DatedValue, ...]:
        source = self.source_region(region)
        if source is None:
            if not self.national:
                stated: dict[str, Any] = {"region": region or NATION, "known": ", ".join(self.regional) or "-"}
                raise LawError("law_region_without", where=self.where, key=self.key, **stated)
            return self.national
        own = self.regional[source]
        if self.before is None:
            return own
        earlier = [v for v in self.timeline(self.regions[source].parent) if v.date < own[0].date]
        return (*self._scaled(earlier, own[0], source), *own)

    def _scaled(self, earlier: list[DatedValue], first: DatedValue, source: str) -> list[DatedValue]:
        """The parent's earlier values; under ``parent_scaled`` multiplied to meet the region's first value."""
        if self.before is None or self.before.rule == "parent" or not earlier:
            return earlier
        parent_at_first = value_in_force(self.timeline(self.regions[source].parent), first.date)
        if parent_at_first is None or not isinstance(first.value, (int, float)):
            raise LawError("law_unscaled", where=first.where, key=self.key, day=first.date)
        if not isinstance(parent_at_first.value, (int, float)) or parent_at_first.value == 0:
            value = parent_at_first.value
            raise LawError("law_unscaled_parent", where=first.where, key=self.key, day=first.date, value=value)
        factor = first.value / parent_at_first.value
        return [
            replace(
                dated,
                value=dated.value * factor if isinstance(dated.value, (int, float)) else dated.value,
                reference=f"{dated.reference} x {factor:.6g} ({source} / parent on {first.date})",
                evidence="derived",
            )
            for dated in earlier
        ]

    @property
    def enacted(self) -> Parameter:
        """The parameter without levers."""
        return self.unlevered or self

    def levered_from(self, region: str | None = None) -> int | None:
        """First calendar year that a lever moves in a region; None where no lever does."""
        first = next((dated for dated in self.timeline(region) if dated.lever), None)
        return None if first is None else first.first_year(self.within_year)

    def restates(self, region: str | None) -> bool:
        """Whether levers leave the value of every day as enacted; one that moves with an index never does."""
        if self.extension.rule == "indexed":
            return False
        found: bool | None = self.made.get(("restates", region))
        if found is None:
            both = (self.timeline(region), self.enacted.timeline(region))
            days = sorted({dated.date for timeline in both for dated in timeline})
            own, enacted = ([value_in_force(timeline, day) for day in days] for timeline in both)
            found = all(a and b and a.value == b.value for a, b in zip(own, enacted, strict=True))
            self.made[("restates", region)] = found
        return found

    def dated_at(self, date: datetime.date | str, region: str | None = None) -> DatedValue:
        """The value in force on a day, with its origin.

        Raises
        ------
        LawError
            before the first date, naming it with file and line.
        """
        day = as_date(date, where=self.key)
        timeline = self.timeline(region)
        found = value_in_force(timeline, day)
        if found is None:
            raise self.too_early(day, timeline, region)
        return found

    def at(self, date: datetime.date | str, region: str | None = None) -> Value:
        """The value in force on a day (None when the rule has ended). Tables come as a fresh list or dict."""
        value = self.dated_at(date, region).value
        if isinstance(value, list):
            return list(value)
        return dict(value) if isinstance(value, dict) else value

    def too_early(self, day: datetime.date, timeline: tuple[DatedValue, ...], region: str | None) -> LawError:
        """The error for a day before the first value."""
        first = timeline[0]
        stated: dict[str, Any] = {"day": day, "region": region or NATION, "first": first.date}
        return LawError("law_early", where=first.where, key=self.key, **stated)

    def known_on(self, day: datetime.date) -> Parameter:
        """The parameter as it could be known on a day: values enacted or published later are left out.

        Earlier values taken from the parent are filled in first, so that a region whose own first value was published
        later keeps its level instead of falling back to the nation's. The same day gives the same object.
        """
        known: Parameter | None = self.made.get(("known_on", day))
        if known is None:
            known = self.made[("known_on", day)] = self._known_on(day)
        return known

    def _known_on(self, day: datetime.date) -> Parameter:
        regional = {key: tuple(v for v in self.timeline(key) if v.known <= day) for key in self.regional}
        return replace(
            self,
            national=tuple(v for v in self.national if v.known <= day),
            regional={key: values for key, values in regional.items() if values},
            before=None,
            unlevered=None if self.unlevered is None else self.unlevered.known_on(day),
        )

    def seen_in(self, year: int, region: str | None) -> Parameter:
        """The parameter as people of a year could see it: nobody foresees a law.

        A value is seen that is in force by the end of the year or was enacted before the year began. A lever is seen
        from the year of its first date on, and then all of it; one that only restates the law is seen as the law is.
        The same object where nothing is hidden.
        """
        begun = self.levered_from(region)
        if begun is not None:
            foreseen = year >= begun and not self.restates(region)
            return self if foreseen else self.enacted.seen_in(year, region)
        found: Parameter | None = self.made.get(("seen_in", year))
        if found is None:
            found = self.made[("seen_in", year)] = self._seen_in(year)
        return found

    def _seen_in(self, year: int) -> Parameter:
        begin, end = datetime.date(year, 1, 1), datetime.date(year, 12, 31)

        def seen(value: DatedValue) -> bool:
            return value.date <= end or value.known <= begin

        if all(seen(value) for value in self.all_values()):
            return self
        regional = {key: tuple(filter(seen, self.timeline(key))) for key in self.regional}
        return replace(
            self,
            national=tuple(filter(seen, self.national)),
            regional={key: values for key, values in regional.items() if values},
            before=None,
        )

    def fault(self, value: object, where: str = "") -> LawError | None:
        """What is wrong with a value that stands at a place; None when nothing is."""
        if value is None:
            return None
        if self.unit.symbol == "code":
            if value in self.allowed:
                return None
            known = ", ".join(self.allowed)
            suggestion = near(str(value), self.allowed)
            return LawError("law_code", where=where, near=suggestion, key=self.key, value=value, known=known)
        if self.table is None:
            return self._number_fault(value, self.key, where)
        if isinstance(value, dict):
            leaves = list(value.items())
        elif isinstance(value, list):
            leaves = list(enumerate(value))
        else:
            return LawError("law_not_a_table", where=where, key=self.key, value=value, table=self.table)
        if not leaves:
            return LawError("law_table_empty", where=where, key=self.key, table=self.table)
        faults = (self._number_fault(leaf, f"{self.key}[{label}]", where) for label, leaf in leaves)
        fault = next((fault for fault in faults if fault is not None), None)
        if fault is None and self.maxima is not None:
            fault = self._step_fault(dict(leaves), where)
        if fault is None and self.total is not None:
            found = math.fsum(leaf for _, leaf in leaves)
            if abs(found - self.total) > ADDS_UP:
                stated = {"value": f"{found:.6g}", "total": f"{self.total:g}"}
                return LawError("law_total", where=where, key=self.key, **stated)
        return fault

    def _number_fault(self, value: object, name: str, where: str) -> LawError | None:
        low, high = self.limits
        stated: dict[str, Any] = {
            "key": name,
            "value": value,
            "low": f"{low:g}",
            "high": f"{high:g}",
            "unit": self.unit.symbol,
        }
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return LawError("law_not_a_number", where=where, **stated)
        if not low <= value <= high:
            percent = self.unit.symbol == "1" and value > 1
            return LawError("law_share_range" if percent else "law_number_range", where=where, **stated)
        return None

    def _step_fault(self, steps: Mapping[Any, Any], where: str) -> LawError | None:
        """A mark that is no number, or a step above the national one at its mark."""
        for mark, value in steps.items():
            if isinstance(mark, bool) or not isinstance(mark, (int, float)) or mark < 0:
                return LawError("law_mark", where=where, key=self.key, label=mark, table=self.table)
            most = self._most(mark)
            if value > most:
                stated: dict[str, Any] = {"label": mark, "value": f"{value:g}", "most": f"{most:g}"}
                return LawError("law_above_maxima", where=where, key=self.key, article=self.maxima, **stated)
        return None

    def _most(self, mark: float) -> float:
        """The highest step that the nation has ever enacted at a mark; no limit while the file is being read."""
        steps = [dated.value for dated in self.enacted.national if isinstance(dated.value, dict)]
        return max((step_at(each, mark) for each in steps), default=math.inf)

    def completed(self, present: Value, stated: Mapping[Any, Any]) -> dict[Any, Any]:
        """A table that is stated in part: labels left out keep their present values.

        A ragged table has labels of its own in every entry: one label that it has not now, and what is stated
        replaces the whole of it.
        """
        before = present if isinstance(present, dict) else {}
        if self.ragged and not set(stated) <= set(before):
            return dict(sorted(stated.items(), key=lambda one: float(one[0])))
        return {**before, **stated}

    @property
    def may_end(self) -> bool:
        """Whether a lever may end the rule by null: its file says which number stands for an ended rule."""
        return self.null_value is not None

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest plausible number."""
        if self.range is not None:
            return self.range
        low, high = self.unit.low, self.unit.high
        if low is None or high is None:
            raise ValueError(f"{self.key} is a code and has no limits")
        return low, high


def step_at(steps: Mapping[Any, float], amount: float) -> float:
    """Value of the last step that an amount has reached in a table "from so much on"; 0 below the first.

    Examples
    --------
    >>> step_at({12: 12, 60: 18, 120: 24}, 59), step_at({12: 12, 60: 18}, 11)
    (12.0, 0.0)
    """
    reached = [mark for mark in steps if float(mark) <= amount]
    return float(steps[max(reached, key=float)]) if reached else 0.0


def value_in_force(timeline: tuple[DatedValue, ...], day: datetime.date) -> DatedValue | None:
    """The last value dated on or before a day; None before the first."""
    found = None
    for dated in timeline:
        if dated.date > day:
            break
        found = dated
    return found


def as_date(date: object, *, where: str) -> datetime.date:
    """A date given as date or ISO text."""
    if isinstance(date, datetime.datetime):
        return date.date()
    if isinstance(date, datetime.date):
        return date
    try:
        return datetime.date.fromisoformat(str(date))
    except ValueError as error:
        raise LawError("not_a_date", where=where, value=date) from error


def shifted(date: datetime.date, months: int) -> datetime.date:
    """The date some months later; a day that month does not have becomes its last one (28 at the least)."""
    index = 12 * date.year + date.month - 1 + months
    year, month = divmod(index, 12)
    day = date.day
    while True:
        try:
            return datetime.date(year, month + 1, day)
        except ValueError:
            day -= 1
