"""Which combinations of levers a sweep runs: a grid, a list, or points of a quasi-random sequence.

What varies is written as a what-if is (`simengine.scenario.what_if`), with more than one value:

    average_wage=2%/3%/4%            three growth rates (``growth``)
    unemployment_insured=2026:400万/420万
    layoff_share=0.2..0.8            every value between two ends
    none,layoff_wave                 without a lever, and with it (``lever``)

A text with one value is a change of every combination.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import near, words
from simengine.scenario.what_if import FULL_WIDTH, number, plain

OPTIONS = ("lever", "set", "growth")
DESIGNS = ("grid", "sobol", "halton", "latin")
NONE = "none"
BETWEEN, OR = "..", "/"
OF_AXES = ("sweep_nothing", "sweep_points", "sweep_points_idle")
"""Faults of a design that hang on what varies."""

MOST = 100_000
"""Combinations of one sweep."""


@dataclass(frozen=True)
class Axis:
    """One thing that varies.

    Attributes
    ----------
    name : heading in tables: the option and what it changes
    option : ``lever``, ``set`` or ``growth``
    values : what is written for each alternative; empty for no change
    labels : what tables call each of them
    at : of a range: what is written at a point between its ends, 0 to 1, and what it is called
    """

    name: str
    option: str
    values: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    at: Callable[[float], tuple[str, str]] | None = field(default=None, compare=False)

    def pick(self, place: float) -> tuple[str, str]:
        """What is written, and its label, at a point from 0 up to 1."""
        if self.at is not None:
            return self.at(place)
        chosen = min(int(place * len(self.values)), len(self.values) - 1)
        return self.values[chosen], self.labels[chosen]

    def steps(self, points: int) -> list[tuple[str, str]]:
        """Every alternative, or so many evenly spaced points of a range, both ends among them."""
        if self.at is None:
            return list(zip(self.values, self.labels, strict=True))
        return [self.at(float(place)) for place in np.linspace(0.0, 1.0, points)]


@dataclass(frozen=True)
class Combination:
    """One combination: what is stated by option, and its label on every axis."""

    stated: Mapping[str, tuple[str, ...]]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """The combinations of a sweep.

    Attributes
    ----------
    axes : headings of what varies
    combinations : in the order in which they are numbered, from 1
    regular : whether every alternative stands beside every other (a grid)
    """

    axes: tuple[str, ...]
    combinations: tuple[Combination, ...]
    regular: bool


def designed(
    lever: Iterable[str] = (),
    set: Iterable[str] = (),
    growth: Iterable[str] = (),
    *,
    design: str = "grid",
    points: int | None = None,
    seed: int = 0,
) -> Design:
    """A grid, or points of a quasi-random sequence.

    Parameters
    ----------
    lever, set, growth : texts with alternatives, as above
    design : ``grid``; ``sobol``, ``halton`` or ``latin`` (`scipy.stats.qmc`, scrambled)
    points : of a grid, values that each range takes; else combinations (for ``sobol`` a power of two)
    seed : of the scrambling; the same seed gives the same points

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    axes: list[Axis] = []
    errors: list[SimengineError] = []
    for option, texts in zip(OPTIONS, (lever, set, growth), strict=True):
        for text in texts:
            try:
                axes.append(_lever_axis(text) if option == "lever" else _value_axis(option, text))
            except SimengineError as error:
                errors += each_error(error)
    varying = [axis for axis in axes if axis.at is not None or len(axis.values) > 1]
    unread = bool(errors)  # what cannot be read might have varied, or been a range
    faults = _design_faults(design, points, varying, {axis.name for axis in axes if axis.at is not None})
    errors += [one for one in faults if not (unread and one.code in OF_AXES)]
    names = [axis.name for axis in varying]
    errors += [ScenarioError("sweep_axis_twice", name=name) for name in dict.fromkeys(names) if names.count(name) > 1]
    stated = {option: {axis.name.partition(" ")[2] for axis in axes if axis.option == option} for option in OPTIONS}
    both = sorted(stated["set"] & stated["growth"])
    errors += [ScenarioError("sweep_set_and_growth", where="--set, --growth", name=name) for name in both]
    raise_all(errors)
    picked: Iterable[tuple[tuple[str, str], ...]]
    if design == "grid":
        picked = product(*(axis.steps(points or 0) for axis in varying))
    else:
        places = _points(design, len(varying), int(points or 0), seed)
        picked = (tuple(axis.pick(float(u)) for axis, u in zip(varying, row, strict=True)) for row in places)
    always = [(axis, axis.values[0]) for axis in axes if axis not in varying]
    return Design(tuple(names), tuple(_combined(varying, one, always) for one in picked), design == "grid")


def _combined(
    varying: Sequence[Axis], picked: Sequence[tuple[str, str]], always: Sequence[tuple[Axis, str]]
) -> Combination:
    stated: dict[str, list[str]] = {option: [] for option in OPTIONS}
    for axis, text in [*always, *((axis, text) for axis, (text, _) in zip(varying, picked, strict=True))]:
        if text:
            stated[axis.option].append(text)
    return Combination({option: tuple(texts) for option, texts in stated.items()}, tuple(label for _, label in picked))


def _design_faults(design: str, points: int | None, varying: Sequence[Axis], ranges: set[str]) -> list[SimengineError]:
    """What is wrong with the kind of a design and its size."""
    if design not in DESIGNS:
        known = ", ".join(DESIGNS)
        where = "--design"
        return [ScenarioError("sweep_design", where=where, near=near(design, DESIGNS), name=design, known=known)]
    if not varying:
        return [ScenarioError("sweep_nothing")]
    needs = bool(ranges) if design == "grid" else True
    if points is None:
        return (
            [ScenarioError("sweep_points", where="--points", name=", ".join(sorted(ranges)) or design)] if needs else []
        )
    if not needs:
        return [ScenarioError("sweep_points_idle", where="--points")]
    if points < 2 or (design == "sobol" and points & (points - 1)):
        return [ScenarioError("sweep_points_wrong", where="--points", value=points)]
    count = points
    if design == "grid":
        count = int(np.prod([float(points if axis.at is not None else len(axis.values)) for axis in varying]))
    return [ScenarioError("sweep_many", count=count, limit=MOST)] if count > MOST else []


def _points(design: str, axes: int, points: int, seed: int) -> np.ndarray:
    """Points of a quasi-random sequence in the unit cube [point, axis]."""
    from scipy.stats import qmc

    kinds: dict[str, Any] = {"sobol": qmc.Sobol, "halton": qmc.Halton, "latin": qmc.LatinHypercube}
    return np.asarray(kinds[design](d=axes, rng=np.random.default_rng(seed)).random(points))


# --- what is written --------------------------------------------------------------------------------------------------


def _lever_axis(text: str) -> Axis:
    """Alternatives of a lever, parted by commas; ``none`` is to leave all of them out."""
    names = [name.strip() for name in text.translate(FULL_WIDTH).split(",") if name.strip()]
    if not names:
        raise LeverError("sweep_form", where=f"--lever {text}", part=text, form=words("sweep.form_lever"))
    if len(set(names)) < len(names):
        raise LeverError("what_if_twice", where=f"--lever {text}", what=text)
    heading = "lever" if len(names) == 1 else "lever " + OR.join(name for name in names if name != NONE)
    return Axis(heading, "lever", tuple("" if name == NONE else name for name in names), tuple(names))


def _value_axis(option: str, text: str) -> Axis:
    """Alternatives of a value, or a range of it."""
    where = f"--{option} {text}"
    plainly = text.strip().translate(FULL_WIDTH).replace("／", OR)
    meant = "!" if plainly.endswith("!") else ""
    name, sign, rest = (part.strip() for part in plainly.removesuffix("!").partition("="))
    parts = [_split(part.strip()) for part in rest.split(",")]
    heading = f"{option} {name}"
    if not (name and sign and rest) or not all(values for _, values in parts):
        raise LeverError("sweep_form", where=where, part=text, form=words("sweep.form_value"))
    if any(BETWEEN in value for _, values in parts for value in values):
        return _range_axis(option, heading, name, parts, meant, where)
    counts = {len(values) for _, values in parts} - {1}
    if len(counts) > 1:
        raise LeverError("sweep_counts", where=where, counts=", ".join(map(str, sorted(counts))))
    count = counts.pop() if counts else 1
    written, labels = [], []
    for place in range(count):
        chosen = [(at, values[place] if len(values) > 1 else values[0]) for at, values in parts]
        written.append(f"{name}={_joined(chosen)}{meant}")
        labels.append(
            _joined(
                [one for one, (_, values) in zip(chosen, parts, strict=True) if len(values) > 1 or count == 1],
                len(parts) > 1,
            )
        )
    if len(set(written)) < count:
        raise LeverError("what_if_twice", where=where, what=rest)
    return Axis(heading, option, tuple(written), tuple(labels))


def _range_axis(
    option: str, heading: str, name: str, parts: Sequence[tuple[str, list[str]]], meant: str, where: str
) -> Axis:
    """A range: every value between two ends; several parts of one text move together."""
    ends: list[tuple[str, float, float]] = []
    for at, values in parts:
        low, between, high = values[0].partition(BETWEEN)
        first, last = number(low.strip()), number(high.strip() if between else low.strip())
        if between and first is not None and last is not None and not first < last:
            code = "solve_bounds_equal" if first == last else "solve_bounds"
            raise LeverError(code, where=where, low=low.strip(), high=high.strip())
        if len(values) > 1 or first is None or last is None:
            raise LeverError("sweep_form", where=where, part=OR.join(values), form=words("sweep.form_range"))
        ends.append((at, float(first), float(last)))

    def at_point(place: float) -> tuple[str, str]:
        chosen = [(at, plain(_rounded(low + place * (high - low)))) for at, low, high in ends]
        moving = [one for one, (_, low, high) in zip(chosen, ends, strict=True) if low < high]
        return f"{name}={_joined(chosen)}{meant}", _joined(moving, len(ends) > 1)

    return Axis(heading, option, at=at_point)


def _rounded(value: float) -> float:
    """A value of a range with as many digits as a what-if needs to name it."""
    return float(f"{value:.10g}")


def _split(part: str) -> tuple[str, list[str]]:
    """Year or day of a part, with its colon, and the alternatives behind it."""
    at, colon, value = part.rpartition(":")
    return at + colon, [one.strip() for one in value.split(OR) if one.strip()]


def _joined(chosen: Sequence[tuple[str, str]], dated: bool = True) -> str:
    return ",".join(f"{at if dated else ''}{value}" for at, value in chosen)


# --- a list -----------------------------------------------------------------------------------------------------------


def read_list(path: Path) -> Design:
    """The combinations of a table: a column each for levers, ``set KEY`` and ``growth SERIES``, a row a combination.

    A cell holds what stands behind the equals sign of the option, several levers parted by semicolons; an empty one
    changes nothing.

    Raises
    ------
    ScenarioError or an ErrorList of them, with line and column
    """
    if not path.is_file():
        raise ScenarioError("file_absent", name=str(path))
    with path.open(encoding="utf-8-sig", newline="") as handle:
        try:
            rows = [(line, row) for line, row in enumerate(csv.reader(handle), 1) if any(cell.strip() for cell in row)]
        except UnicodeDecodeError as error:
            raise ScenarioError("sweep_list_encoding", where=str(path)) from error
    if len(rows) < 2:
        raise ScenarioError("sweep_list_empty", where=str(path))
    heads = [cell.strip() for cell in rows[0][1]]
    errors: list[SimengineError] = []
    for head in heads:
        option, _, name = head.partition(" ")
        if option not in OPTIONS or (option != "lever") != bool(name.strip()):
            errors.append(ScenarioError("sweep_list_head", where=f"{path}, line {rows[0][0]}", name=head))
    errors += [
        ScenarioError("sweep_list_cells", where=f"{path}, line {line}", count=len(row), wanted=len(heads))
        for line, row in rows[1:]
        if len(row) != len(heads)
    ]
    raise_all(errors)
    found = []
    for _, row in rows[1:]:
        stated: dict[str, list[str]] = {option: [] for option in OPTIONS}
        for head, cell in zip(heads, map(str.strip, row), strict=True):
            option, _, name = head.partition(" ")
            if option == "lever":
                stated[option] += [one.strip() for one in cell.split(";") if one.strip() not in ("", NONE)]
            elif cell:
                stated[option].append(f"{name.strip()}={cell}")
        labels = tuple(cell.strip() for cell in row)
        found.append(Combination({option: tuple(texts) for option, texts in stated.items()}, labels))
    return Design(tuple(heads), tuple(found), regular=False)


def from_values(given: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """What varies, as texts: a mapping gives a list of alternatives, or a pair (low, high) for a range, by name.

    >>> from_values({"average_wage": [0.02, 0.03], "layoff_share": (0.2, 0.8), "x": {2026: [1, 2]}})
    ['average_wage=0.02/0.03', 'layoff_share=0.2..0.8', 'x=2026:1/2']
    """
    if not isinstance(given, Mapping):
        return [given] if isinstance(given, str) else list(given)

    def written(values: Any) -> str:
        if isinstance(values, Mapping):
            return ",".join(f"{at}:{written(value)}" for at, value in values.items())
        if isinstance(values, tuple):
            return BETWEEN.join(plain(float(value)) for value in values)
        listed = values if isinstance(values, list) else [values]
        return OR.join(plain(float(value)) for value in listed)

    return [f"{name}={written(values)}" for name, values in given.items()]
