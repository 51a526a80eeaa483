"""Every assumed or recalled figure of a scenario, each with the worlds in which it stands at the ends of its band."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values, overlay
from simengine.basis.paths import Rule, Series
from simengine.common.errors import BasisError, SimengineError, raise_all
from simengine.law import LawTree, Parameter
from simengine.law.parameter import DatedValue
from simengine.registry.inputs import READ_KEYS, SERIES
from simengine_calibration.ledger.bands import Band, Bands, Step
from simengine_calibration.ledger.worlds import World

ASSUMED, RECALLED = "assumption", ("memory", "recalled")
LOOSE = (ASSUMED, *RECALLED)
"""Evidence tags of figures that no document at hand prints."""
MOVED_RULES = ("growth", "level", "converge")
"""Rules after the last value that hold a number of their own."""
KINDS = ("constant", "series", "rule", "opening", "law", "law after")


@dataclass(frozen=True)
class Figure:
    """One figure of the ledger.

    Attributes
    ----------
    kind : one of `KINDS`
    name : constant, series, opening figure or law parameter
    tags : evidence of the rows that move
    value, moved : as printed; `moved` by side
    source, spread : where the figure comes from, and why its band is what it is
    where : file and line, or file
    worlds : the moved world by side, made when it is asked for
    """

    kind: str
    name: str
    tags: tuple[str, ...]
    value: str
    moved: Mapping[str, str]
    source: str
    spread: str
    where: str
    worlds: Mapping[str, Callable[[], World]] = field(repr=False)

    @property
    def tag(self) -> str:
        """The tag to search for: ``[assumed]``, ``[recalled]`` or both; ``[computed]`` for what rests on them."""
        return tag_text(self.tags)


def tag_text(tags: Sequence[str]) -> str:
    """Evidence tags as they are printed.

    >>> tag_text(["memory", "assumption"])
    '[assumed] [recalled]'
    """
    found = []
    if ASSUMED in tags:
        found.append("[assumed]")
    if any(tag in RECALLED for tag in tags):
        found.append("[recalled]")
    return " ".join(found or [f"[{tag}]" for tag in sorted(set(tags))])


def list_figures(bases: Sequence[Basis], law: LawTree, bands: Bands, today: bool = True) -> list[Figure]:
    """Every assumed or recalled figure behind the lanes of a scenario.

    Parameters
    ----------
    bases : of the lanes
    today : whether the scenario knows today's law; one that knows the law of its opening has other last values, and
        what comes after them is not moved

    Raises
    ------
    BasisError, or an ErrorList of them: a series or rule without a band, a band of a law parameter nobody reads
    """
    errors: list[SimengineError] = []
    found = [*_constants(bases), *_series(bases, bands, errors), *_rules(bases, bands, errors), *_openings(bases)]
    found += _law_values(law, bands, bases[0].region, errors)
    found += _law_after(law, bands, bases[0].region, errors) if today else ()
    raise_all(errors)
    return found


# --- constants --------------------------------------------------------------------------------------------------------


def _roots(bases: Sequence[Basis]) -> list[Basis]:
    """Bases a lane reads from directly: its own and that of its history."""
    return list({basis.name: basis for basis in [*bases, *(basis.spin_up for basis in bases)]}.values())


def _constants(bases: Sequence[Basis]) -> Iterator[Figure]:
    for name in sorted({name for root in _roots(bases) for name in root.constants}):
        owners = {root.find_constant(name).basis: root.find_constant(name) for root in _roots(bases)}
        loose = {basis: one for basis, one in owners.items() if one.evidence in LOOSE}
        if not loose:
            continue
        first = next(iter(loose.values()))
        sides = {"low": first.low, "high": first.high}

        def world(side: str, name: str = name, loose: Mapping[str, Any] = loose) -> World:
            ends = {basis: getattr(one, side) for basis, one in loose.items()}
            return World(values={basis: Values(constants={name: end}) for basis, end in ends.items()})

        moving = {side: end for side, end in sides.items() if end != first.value}
        yield Figure(
            "constant", name, tuple(one.evidence for one in loose.values()), f"{first.value:z.6g}",
            {side: f"{end:z.6g}" for side, end in moving.items()}, first.source, first.source, first.where,
            {side: _later(world, side) for side in moving},
        )  # fmt: skip


def _later(make: Callable[[str], World], side: str) -> Callable[[], World]:
    return lambda: make(side)


# --- series -----------------------------------------------------------------------------------------------------------


def _owners(bases: Sequence[Basis], name: str) -> dict[str, Basis]:
    """Bases whose own rows of a series are read."""
    found: dict[str, Basis] = {}
    for root in _roots(bases):
        try:
            owner = root.owner(name)
        except BasisError:  # not inherited by this one, or nobody has it
            continue
        found[owner.name] = owner
    return found


def loose_rows(series: Series) -> np.ndarray:
    """Which rows of a series are assumed or recalled [row]."""
    return np.array([tag in LOOSE for tag in series.evidence], dtype=bool)


def _series(bases: Sequence[Basis], bands: Bands, errors: list[SimengineError]) -> Iterator[Figure]:
    for name in sorted({name for root in _roots(bases) for name in root.series_names()}):
        owners = _owners(bases, name)
        loose = any(loose_rows(owner.own_series[name]).any() for owner in owners.values())
        if not loose and name not in bands.sections["series"]:
            continue
        try:
            band = bands.of("series", name, next(iter(owners.values())).own_series[name].file)
        except BasisError as error:
            errors.append(error)
            continue
        chosen = {basis: _chosen(owner.own_series[name], band) for basis, owner in owners.items()}
        moving = {basis: owners[basis] for basis, rows in chosen.items() if rows.any()}
        if band.still or not moving:
            continue
        series = next(iter(moving.values())).own_series[name]
        rows = chosen[next(iter(moving))]
        shown = rows & (series.values != 0.0)
        last = int(np.flatnonzero(shown if shown.any() else rows)[-1])

        def world(step: Step, name: str = name, band: Band = band, moving: Mapping[str, Basis] = moving) -> World:
            return series_world(bases, name, band, step, moving)

        yield Figure(
            "series", name,
            tuple(tag for basis, one in moving.items() for tag, on in
                  zip(one.own_series[name].evidence, chosen[basis], strict=True) if on),
            f"{series.values[last]:z.6g} in {series.years[last]}", {side: step.text() for side, step in
                                                                   band.sides().items()},
            series.source[last], band.source, f"{series.file}, line {series.lines[last]}",
            {side: _step_later(world, step) for side, step in band.sides().items()},
        )  # fmt: skip


def _step_later(make: Callable[[Step], World], step: Step) -> Callable[[], World]:
    return lambda: make(step)


def _chosen(series: Series, band: Band) -> np.ndarray:
    rows = np.ones(series.years.size, dtype=bool) if band.all_rows else loose_rows(series)
    return np.asarray(rows & (series.years >= band.since))


def _bounded(name: str, value: float) -> float:
    low, high = SERIES[name].bounds
    return min(high, max(low, value))


def series_world(bases: Sequence[Basis], name: str, band: Band, step: Step, owners: Mapping[str, Basis]) -> World:
    """The world in which the chosen rows of a series are moved, with what balances it and its opening figure.

    An opening figure of the same name moves by the same factor, so that the opening fits its series; a figure printed
    by a plan stays.
    """
    values: dict[str, Values] = {}
    for basis, owner in owners.items():
        series = owner.own_series[name]
        rows = _chosen(series, band)
        moved = {
            int(year): _bounded(name, step.of(float(value))) if on else float(value)
            for year, value, on in zip(series.years, series.values, rows, strict=True)
        }
        values[basis] = Values(series=_balanced(owner, name, band, moved))
    openings = {}
    for lane in bases:
        after = overlay(lane, values)
        factors = {}
        for one in (name, *band.balance):
            if one in lane.openings and lane.openings[one].kind != "plan":
                before, then = (float(at.path(one, [lane.base_year])[0]) for at in (lane, after))
                if before > 0.0 and then != before and np.isfinite(then):
                    factors[one] = then / before
        if factors:
            openings[lane.name] = factors
    return World(values=values, openings=openings)


def _balanced(owner: Basis, name: str, band: Band, moved: dict[int, float]) -> dict[str, dict[int, float]]:
    """The moved series and, where it is part of a sum, the others scaled so that the sum of every year stays."""
    others = [one for one in band.balance if one in owner.own_series]
    if not others:
        return {name: moved}
    years = sorted({int(year) for one in (name, *others) for year in owner.own_series[one].years})
    years = [year for year in years if year >= max(band.since, min(moved))]
    own = np.interp(years, sorted(moved), [moved[year] for year in sorted(moved)])
    before = owner.path(name, years)
    rest = {one: owner.path(one, years) for one in others}
    total = np.sum(list(rest.values()), axis=0)
    own = np.minimum(own, before + total)  # a part is never more than the sum
    factor = np.where(total > 0.0, (before + total - own) / np.where(total > 0.0, total, 1.0), 1.0)
    own = np.where(total > 0.0, own, before)
    result = {name: {**moved, **dict(zip(years, own.tolist(), strict=True))}}
    for one, path in rest.items():
        result[one] = dict(zip(years, (path * factor).tolist(), strict=True))
    return result


# --- rules after the last value ---------------------------------------------------------------------------------------


def _rules(bases: Sequence[Basis], bands: Bands, errors: list[SimengineError]) -> Iterator[Figure]:
    for name in sorted({name for root in _roots(bases) for name in root.series_names()}):
        owners = {one.name: one for root in _roots(bases) for one in [_rule_owner(root, name)]}
        first = next(iter(owners.values()))
        rule = first.own_rules[name]
        if rule.after not in MOVED_RULES:
            continue
        file = f"{first.folder.name}/paths.yaml"
        try:
            band = bands.of("rules", name, file)
        except BasisError as error:
            errors.append(error)
            continue
        if band.still:
            continue

        def world(step: Step, name: str = name, owners: Mapping[str, Basis] = owners) -> World:
            return World(rules={key: {name: moved_rule(one.own_rules[name], step)} for key, one in owners.items()})

        yield Figure(
            "rule", name, (ASSUMED,), rule.text().partition(":")[0].removesuffix(" in 0"),
            {side: step.text() for side, step in band.sides().items()}, rule.reason, band.source, file,
            {side: _step_later(world, step) for side, step in band.sides().items()},
        )  # fmt: skip


def _rule_owner(root: Basis, name: str) -> Basis:
    return next(one for one in root.chain() if name in one.own_rules)


def moved_rule(rule: Rule, step: Step) -> Rule:
    """A rule after the last value with its own number moved: every growth rate, the level, or the ratio at the end."""
    if rule.after == "growth":
        return dataclasses.replace(rule, growth=tuple((year, step.of(rate)) for year, rate in rule.growth))
    if rule.after == "level":
        return dataclasses.replace(rule, level=step.of(rule.level))
    return dataclasses.replace(rule, converge_ratio=step.of(rule.converge_ratio))


# --- opening figures --------------------------------------------------------------------------------------------------


def _openings(bases: Sequence[Basis]) -> Iterator[Figure]:
    """Opening figures that are no series; those that are move with their series."""
    for name in sorted({name for basis in bases for name in basis.openings}):
        holding = [basis for basis in bases if name in basis.openings and name not in basis.series_names()]
        loose = [basis for basis in holding if basis.openings[name].evidence in LOOSE]
        if not loose or not loose[0].openings[name].value:
            continue
        first = loose[0].openings[name]
        ends = {"low": first.band[0], "high": first.band[1]}
        moving = {side: end for side, end in ends.items() if end != first.value}

        def world(side: str, name: str = name, loose: Sequence[Basis] = loose) -> World:
            factors = {}
            for basis in loose:
                known = basis.openings[name]
                factors[basis.name] = {name: known.band[side == "high"] / known.value if known.value else 1.0}
            return World(openings=factors)

        yield Figure(
            "opening", name, tuple(basis.openings[name].evidence for basis in loose), f"{first.value:z.6g}",
            {side: f"{end:z.6g}" for side, end in moving.items()}, first.source, first.source, first.where,
            {side: _later(world, side) for side in moving},
        )  # fmt: skip


# --- law --------------------------------------------------------------------------------------------------------------


def _law_values(law: LawTree, bands: Bands, region: str, errors: list[SimengineError]) -> Iterator[Figure]:
    for key, band in bands.sections["law_values"].items():
        if not _read(law, key, bands, errors):
            continue
        parameter = law[key]
        loose = [one for one in parameter.timeline(region) if _law_chosen(one, band)]
        if not any(_law_chosen(one, band) for one in parameter.all_values()):
            errors.append(BasisError("band_law_printed", where=f"{bands.file}, law_values", key=key))
        if not loose:
            continue

        def world(step: Step, parameter: Parameter = parameter, band: Band = band) -> World:
            return World(law={parameter.key: moved_parameter(parameter, band, step)})

        last = loose[-1]
        yield Figure(
            "law", key, tuple(one.evidence for one in loose), f"{_short(last.value)} from {last.date}",
            {side: step.text() for side, step in band.sides().items()}, last.reference, band.source, last.where,
            {side: _step_later(world, step) for side, step in band.sides().items()},
        )  # fmt: skip


def _law_after(law: LawTree, bands: Bands, region: str, errors: list[SimengineError]) -> Iterator[Figure]:
    for key, band in bands.sections["law_after"].items():
        if not _read(law, key, bands, errors):
            continue
        parameter = law[key]
        last = parameter.timeline(region)[-1]

        def world(step: Step, parameter: Parameter = parameter, band: Band = band) -> World:
            return World(law={parameter.key: extended_parameter(parameter, band, step)})

        yield Figure(
            "law after", key, (parameter.extension.evidence,), f"{_short(last.value)} {parameter.extension.rule}",
            {side: step.text() for side, step in band.sides().items()}, parameter.extension.reason, band.source,
            parameter.where, {side: _step_later(world, step) for side, step in band.sides().items()},
        )  # fmt: skip


def _read(law: LawTree, key: str, bands: Bands, errors: list[SimengineError]) -> bool:
    if key in law and key in READ_KEYS:
        return True
    errors.append(BasisError("band_law_unread", where=bands.file, key=key))
    return False


def _short(value: Any) -> str:
    return ", ".join(f"{key} {leaf:g}" for key, leaf in list(value.items())[:3]) if isinstance(value, dict) else (
        f"{len(value)} numbers" if isinstance(value, list) else f"{value:g}"
    )  # fmt: skip


def _law_chosen(dated: DatedValue, band: Band) -> bool:
    number = not isinstance(dated.value, str | type(None))
    return number and dated.date.year >= band.since and (band.all_rows or dated.evidence in LOOSE)


def moved_parameter(parameter: Parameter, band: Band, step: Step) -> Parameter:
    """A law parameter with its assumed and recalled values moved, history included; dates and tags stay."""

    def moved(values: Sequence[DatedValue]) -> tuple[DatedValue, ...]:
        return tuple(
            dataclasses.replace(one, value=_moved_value(one.value, parameter, band, step))
            if _law_chosen(one, band) else one
            for one in values
        )  # fmt: skip

    regional = {region: moved(values) for region, values in parameter.regional.items()}
    return dataclasses.replace(parameter, national=moved(parameter.national), regional=regional)


def extended_parameter(parameter: Parameter, band: Band, step: Step) -> Parameter:
    """A law parameter with a moved value from the year after its last dated one."""

    def longer(values: tuple[DatedValue, ...]) -> tuple[DatedValue, ...]:
        if not values or values[-1].value is None:
            return values
        last = values[-1]
        value = _moved_value(last.value, parameter, band, step)
        return (*values, dataclasses.replace(last, date=datetime.date(last.date.year + 1, 1, 1), value=value))

    regional = {region: longer(values) for region, values in parameter.regional.items()}
    return dataclasses.replace(parameter, national=longer(parameter.national), regional=regional)


def _moved_value(value: Any, parameter: Parameter, band: Band, step: Step) -> Any:
    low, high = parameter.range or (-np.inf, np.inf)

    def one(leaf: float) -> float:
        return float(min(high, max(low, step.of(float(leaf)))))

    if isinstance(value, list):
        return [one(leaf) for leaf in value]
    if not isinstance(value, dict):
        return one(value)
    moved = {label: one(leaf) for label, leaf in value.items() if label != band.rest}
    return {label: moved.get(label, 1.0 - sum(moved.values())) for label in value}


def law_not_moved(law: LawTree, bands: Bands) -> list[str]:
    """Law parameters a projection reads that hold assumed or recalled values and have no band."""
    known = {*bands.sections["law_values"], *bands.sections["law_after"]}
    return sorted(
        key for key in READ_KEYS - known if key in law and any(one.evidence in LOOSE for one in law[key].all_values())
    )
