"""From sparse dated values to one number a year: what happens between, before and after the values of a series.

Rules of ``paths.yaml``, one a series:

- ``between``: ``linear``, ``log`` (linear in the logarithm) or ``step`` (a value stays until the next year given);
- ``before``: ``held`` or ``error``;
- ``after``: ``held``; ``level`` (a stated value at once); ``growth`` (a number, or a list of [year, rate] with the rate
  linear between the years and held outside); ``ratio`` (keeps the last ratio to another series); ``converge`` (the
  ratio to another series, lagged or not, moves linearly to a value by a year); ``none`` (not a number);
- ``information``: ``dated`` (the default: values after the information date are not known) or ``none``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simengine.common import elementwise
from simengine.common.errors import BasisError
from simengine.common.messages import near

BETWEEN = ("linear", "log", "step")
BEFORE = ("held", "error")
AFTER = ("held", "level", "growth", "ratio", "converge", "none")
INFORMATION = ("dated", "none")
RUNS = 32
"""Spans of years kept by one series."""
RULE_KEYS = ("between", "before", "after", "level", "growth", "ratio", "converge", "information", "reason")

Other = Callable[[str, np.ndarray], np.ndarray]
"""A function that gives another series of the same basis at years."""


@dataclass(frozen=True)
class Rule:
    """How one series runs; see the module."""

    between: str
    before: str
    after: str
    information: str
    reason: str
    level: float = 0.0
    growth: tuple[tuple[float, float], ...] = ()
    ratio: str = ""
    converge_series: str = ""
    converge_lag: int = 0
    converge_ratio: float = 1.0
    converge_year: int = 0

    @property
    def refers_to(self) -> str:
        """Name of the series this one leans on after its last value, or nothing."""
        return self.ratio or self.converge_series

    def text(self) -> str:
        """The rule after the last value in words."""
        detail = {
            "level": f" {self.level:g}",
            "growth": " " + ", ".join(f"{rate:.2%} in {year:.0f}" for year, rate in self.growth),
            "ratio": f" to {self.ratio}",
            "converge": f" to {self.converge_ratio:g} x {self.converge_series} by {self.converge_year}",
        }.get(self.after, "")
        return f"{self.after}{detail}: {self.reason}"


def read_rules(series: Any, where: str) -> dict[str, Rule]:
    """Rules of the ``series`` mapping of a card."""
    if not isinstance(series, Mapping):
        raise BasisError("not_a_mapping", where=where, key="series", value=str(series)[:40])
    return {str(name): _rule(str(name), entry, where) for name, entry in series.items()}


def _rule(name: str, entry: Any, where: str) -> Rule:
    if not isinstance(entry, Mapping):
        raise BasisError("not_a_mapping", where=where, key=name, value=str(entry)[:40])
    for key in entry:
        if key not in RULE_KEYS:
            suggestion = near(str(key), RULE_KEYS)
            raise BasisError("rule_key", where=where, near=suggestion, name=name, key=key, known=", ".join(RULE_KEYS))
    words = {
        "between": (entry.get("between"), BETWEEN),
        "before": (entry.get("before"), BEFORE),
        "after": (entry.get("after"), AFTER),
        "information": (entry.get("information", "dated"), INFORMATION),
    }
    for key, (word, allowed) in words.items():
        if word not in allowed:
            raise BasisError("rule_word", where=where, name=name, key=key, value=word, known=", ".join(allowed))
    after = entry["after"]
    if after in ("level", "growth", "ratio", "converge") and after not in entry:
        raise BasisError("rule_after", where=where, name=name, after=after)
    if not str(entry.get("reason", "")).strip():
        raise BasisError("rule_reason", where=where, name=name)
    converge = entry.get("converge", {})
    try:
        return Rule(
            between=entry["between"], before=entry["before"], after=after,
            information=entry.get("information", "dated"), reason=str(entry["reason"]),
            level=float(entry.get("level", 0.0)), growth=_growth(entry.get("growth", ())), ratio=entry.get("ratio", ""),
            converge_series=converge.get("series", ""), converge_lag=int(converge.get("lag", 0)),
            converge_ratio=float(converge.get("ratio", 1.0)), converge_year=int(converge.get("year", 0)),
        )  # fmt: skip
    except (TypeError, ValueError, AttributeError) as error:
        raise BasisError("rule_form", where=where, name=name, reason=error) from error


def _growth(given: Any) -> tuple[tuple[float, float], ...]:
    if isinstance(given, (int, float)):
        return ((0.0, float(given)),)
    rates = tuple((float(year), float(rate)) for year, rate in given)
    if [year for year, _ in rates] != sorted({year for year, _ in rates}):
        raise ValueError("growth years are not ascending")
    return rates


@dataclass(frozen=True)
class Series:
    """Dated values of one series of one basis, ascending.

    Attributes
    ----------
    years, values : shapes (n,)
    evidence, source, lines : one each value
    entered : place at which a value was entered as an actual, or from which it follows, by year; empty as loaded
    unknown : years between values that are not known: not a number, whatever the rule says
    made : what follows from the values alone and costs time; a changed copy begins empty
    """

    name: str
    unit: str
    years: np.ndarray
    values: np.ndarray
    evidence: tuple[str, ...]
    source: tuple[str, ...]
    lines: tuple[int, ...]
    file: str
    entered: Mapping[int, str] = field(default_factory=dict, compare=False)
    unknown: tuple[int, ...] = ()
    made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def known_by(self, year: int | None) -> Series:
        """The values dated up to a year; all of them for None. The same year gives the same object."""
        if year is None:
            return self
        known: Series | None = self.made.get(year)
        if known is None:
            count = int(np.searchsorted(self.years, year, side="right"))
            known = self.made[year] = Series(
                self.name, self.unit, self.years[:count], self.values[:count], self.evidence[:count],
                self.source[:count], self.lines[:count], self.file, self.entered, self.unknown,
            )  # fmt: skip
        return known

    def place(self, position: int) -> str:
        """Where a value stands: file and line, or where it was entered as an actual."""
        return self.entered.get(int(self.years[position]), f"{self.file}, line {self.lines[position]}")


def run(series: Series, rule: Rule, years: np.ndarray, other: Other, known: Other | None = None) -> np.ndarray:
    """The series at every year asked for.

    Parameters
    ----------
    series : at least one value
    years : calendar years, any order, shape (t,)
    other : values of another series of the same basis, for ``ratio`` and ``converge``
    known : the same in the last known year, to which the ratio is taken; `other` by default

    Returns
    -------
    values, shape (t,), in the unit of the series; not a number after the last value where the rule is ``none``
    """
    if rule.refers_to:
        return _run(series, rule, years, other, known or other)
    key = (rule, years.tobytes())
    found: np.ndarray | None = series.made.get(key)
    if found is None:  # follows from series and rule alone: made once, every caller gets a copy
        found = _run(series, rule, years, other, other)
        if len(series.made) >= RUNS:
            series.made.clear()
        series.made[key] = found
    return found.copy()


def _run(series: Series, rule: Rule, years: np.ndarray, other: Other, known: Other) -> np.ndarray:
    if series.years.size == 0:
        raise BasisError("series_unknown_yet", where=series.file, name=series.name)
    first, last = int(series.years[0]), int(series.years[-1])
    if rule.before == "error" and years.size and int(years.min()) < first:
        raise BasisError("series_early", where=series.file, name=series.name, year=int(years.min()), first=first)
    result = _between(series, rule, years)
    if series.unknown:
        result[np.isin(years, series.unknown)] = np.nan
    late = years > last
    if late.any():
        result[late] = _after(series, rule, years[late], other, known)
    return result


def _between(series: Series, rule: Rule, years: np.ndarray) -> np.ndarray:
    known = series.years.astype(float)
    if rule.between == "step":
        position = np.searchsorted(series.years, years, side="right") - 1
        return series.values[np.maximum(position, 0)].astype(float)
    result = np.asarray(np.interp(years, known, series.values))
    if rule.between == "log" and (series.values > 0.0).all():
        gap = ~np.isin(years, series.years)  # a stated value stays what it is, to the last bit
        result[gap] = elementwise.exp(np.interp(years[gap], known, elementwise.log(series.values)))
    return result


def _after(series: Series, rule: Rule, years: np.ndarray, other: Other, at_last: Other) -> np.ndarray:
    last, value = int(series.years[-1]), float(series.values[-1])
    if rule.after == "none":
        return np.full(years.size, np.nan)
    if rule.after == "held":
        return np.full(years.size, value)
    if rule.after == "level":
        return np.full(years.size, rule.level)
    if rule.after == "growth":
        known, rates = zip(*rule.growth, strict=True)
        span = np.arange(last + 1, int(years.max()) + 1)
        level = value * np.cumprod(1.0 + np.interp(span, known, rates))
        return np.asarray(level[years - last - 1])
    if rule.after == "ratio":
        return value * other(rule.ratio, years) / _positive(at_last(rule.ratio, np.array([last])), rule.ratio, series)
    lagged = last - rule.converge_lag
    start = value / _positive(at_last(rule.converge_series, np.array([lagged])), rule.converge_series, series)
    span_years = max(1, rule.converge_year - last)
    weight = np.minimum(1.0, (years - last) / span_years) if rule.converge_year > last else np.ones(years.size)
    ratio = start + (rule.converge_ratio - start) * weight
    return ratio * other(rule.converge_series, years - rule.converge_lag)


def _positive(found: np.ndarray, name: str, series: Series) -> float:
    value = float(found[0])
    if not value > 0.0:
        raise BasisError("series_follows", where=series.file, name=series.name, other=name, value=f"{value:g}")
    return value
