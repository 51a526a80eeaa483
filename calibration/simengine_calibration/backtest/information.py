"""What was known at a cut-off: values, rules of growth, law, mortality and births, cut off without exception.

A cut-off year c stands for 31 December of c with the figures of c in hand. Kept are the values dated up to c of every
series, those the basis calls undated included. Members enter at the pressure of the years solved by c; growth of other
coverage is the growth seen before c. What is hindsight all the same stands in notes/backtest.md: constants and age
profiles without a date, the rates that the rules of wages and prices were typed with, and the population up to c, which
is today's estimate of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.basis.overlay import Values, overlay
from simengine.basis.paths import Rule, Series
from simengine.common import elementwise
from simengine.engine.compile import LaneInputs, compile_lane
from simengine.engine.opening import stationary_state
from simengine.engine.project import run_lane
from simengine.kernels import layout as at
from simengine.law import LawTree
from simengine.registry.axes import SPIN_UP_START
from simengine.registry.inputs import PRESSURES

CARRIERS = ("public", "resident", "unemployment", "injury")
"""Coverage levels that an index carries on. Members enter at a pressure: that of the years solved by the cut-off."""

WINDOW = 5
"""Years before the cut-off whose mean growth is taken as known."""

TREND = 10
"""Years before the cut-off whose mean decline of mortality goes on."""

FADE_FROM = 2025
"""First year in which today's rules carry every coverage level: their fading is counted from there."""

REFORM = "public/reform_month"
"""The one parameter of the law that the engine needs and that did not exist at every cut-off."""

SETTLED_LATER = ("unemployment_take_up",)
"""Series whose rule states a mean of years after every cut-off; the last value known is held instead."""

HORIZON = 40
"""Years after the cut-off for which growth of an index is written down."""


def known_at(basis: Basis, cutoff: int) -> Basis:
    """A basis of which nothing dated after a year is left, for itself and all it inherits from.

    A series none of whose values is that old is left with its first one, as a level without a date (`without_date`).
    Births after the year follow from rates, because the base year moves to it.
    """
    made: dict[str, Basis] = {}

    def build(one: Basis) -> Basis:
        if one.name not in made:
            inherits = build(one.inherits) if one.inherits is not None else None
            parent = build(one.spinup_parent) if one.spinup_parent is not None else None
            identity = dataclasses.replace(one.identity, base_year=min(cutoff, one.base_year))
            cut = dataclasses.replace(one, identity=identity, inherits=inherits, spinup_parent=parent)
            cut.__dict__["own_series"] = {name: _cut(series, cutoff) for name, series in one.own_series.items()}
            cut.__dict__["own_constants"] = one.own_constants
            cut.__dict__["own_rules"] = {**one.own_rules, **_held(one, cutoff)}
            made[one.name] = cut
        return made[one.name]

    return build(basis)


def _cut(series: Series, cutoff: int) -> Series:
    kept = series.known_by(cutoff)
    if kept.years.size:
        return kept
    first = series.known_by(int(series.years[0]))
    return dataclasses.replace(first, years=np.array([cutoff], dtype=first.years.dtype))


def _held(basis: Basis, cutoff: int) -> dict[str, Rule]:
    """Rules of series that are held instead: those of `SETTLED_LATER`, and levels with no share to carry.

    The latter begin after the cut-off, or were last seen in 1992.
    """
    held = {}
    for name, series in basis.own_series.items():
        seen = series.known_by(cutoff).years
        rule = basis.rule(name)
        unseen = rule.after == "none" and (seen.size == 0 or int(seen[-1]) <= SPIN_UP_START)
        if unseen or name in SETTLED_LATER:
            held[name] = dataclasses.replace(rule, after="held")
    return held


def without_date(basis: Basis, cutoff: int) -> tuple[str, ...]:
    """Series whose first value is younger than the cut-off and stands in for a level that nobody collected."""
    names = [name for name in basis.series_names() if not name.endswith("_index")]
    return tuple(name for name in names if int(basis.owner(name).own_series[name].years[0]) > cutoff)


def enacted_by(law: LawTree, cutoff: int) -> LawTree:
    """The law as enacted by the end of a year; a reform nobody had decided yet begins in the last month there is."""
    known = law.known_on(f"{cutoff}-12-31")
    if known[REFORM].national:
        return known
    first = law[REFORM].national[0]
    never = dataclasses.replace(first, value=law[REFORM].limits[1], reference="not enacted at the cut-off")
    reform = dataclasses.replace(known[REFORM], national=(never,))
    return LawTree({key: known[key] for key in known} | {REFORM: reform}, known.regions, known.changes,
                   known.information_date)  # fmt: skip


# --- growth of coverage -----------------------------------------------------------------------------------------------


def shares_seen(basis: Basis, law: LawTree, cutoff: int) -> tuple[np.ndarray, np.ndarray]:
    """Coverage ratios of every year end up to the cut-off, as the kernel forms them.

    Returns
    -------
    years, shape (t,), and ratios [carrier, t]: level over its denominator (notes/coverage.md)
    """
    years = np.arange(SPIN_UP_START + 1, cutoff + 1)
    inputs = compile_lane(basis, law, years, None, cutoff)
    state = stationary_state(basis, inputs)
    output = None
    found = np.zeros((len(CARRIERS), years.size))
    places = [getattr(at, f"MEMORY_RATIO_{name.upper()}") for name in CARRIERS]
    for t in range(years.size):
        output = run_lane(inputs, state, t, t + 1, output)
        found[:, t] = state.memory[places]
    return years, found


def growth_seen(basis: Basis, law: LawTree, cutoff: int) -> dict[str, float]:
    """Mean log growth of each coverage ratio over the last years before the cut-off [1/year].

    Years in which a scheme was being rolled out or a group was admitted say nothing about growth and are left out;
    fewer than two years left give no growth. A ratio still zero gives none either.
    """
    years, ratios = shares_seen(basis, law, cutoff)
    rollout = basis.path("resident_rollout", years)
    admitted = basis.path("admitted_public_actives", years)
    usual = {name: np.ones(years.size, dtype=bool) for name in CARRIERS}
    usual["resident"] = np.concatenate([[False], (rollout[1:] >= 1.0) & (rollout[:-1] >= 1.0)])
    usual["public"] = admitted <= 0.0
    result = {}
    for row, name in zip(ratios, CARRIERS, strict=True):
        with np.errstate(invalid="ignore"):
            steps = np.diff(elementwise.log(row))
        late = (years[1:] > cutoff - WINDOW) & usual[name][1:] & np.isfinite(steps)
        result[name] = float(steps[late].mean()) if late.sum() >= 2 else 0.0
    return result


def fading(rule: Rule, leads: np.ndarray) -> np.ndarray:
    """Part of the growth seen that is left after so many years [1]: as today's rule fades from its first free year.

    What is tested is today's practice moved back to the cut-off. The calendar of the rule would be hindsight; its pace,
    counted from the year after the last known one, is the assumption about saturation. A rule that begins at zero says
    that nothing is left to grow.

    Examples
    --------
    >>> halves = Rule("step", "held", "growth", "dated", "", growth=((2025.0, 0.02), (2035.0, 0.01)))
    >>> fading(halves, np.array([1, 6, 11, 30])).tolist()
    [1.0, 0.75, 0.5, 0.5]
    """
    if rule.after != "growth" or not rule.growth:
        return np.zeros(leads.size)
    known, rates = zip(*rule.growth, strict=True)
    first = float(np.interp(FADE_FROM, known, rates))
    later = np.interp(FADE_FROM - 1 + leads, known, rates)
    return np.asarray(later / first) if first > 0.0 else np.zeros(leads.size)


def with_growth(basis: Basis, growth: Mapping[str, float], cutoff: int) -> Basis:
    """The basis with indices of 1 at the cut-off that grow by what was seen, fading at the pace of their rules."""
    changed = dataclasses.replace(basis, changes=f"{basis.changes}growth seen at {cutoff}")
    own: dict[str, Any] = {"own_series": dict(basis.own_series), "own_rules": dict(basis.own_rules)}
    own["own_constants"] = basis.own_constants
    leads = np.arange(1, HORIZON + 1)
    for name, rate in growth.items():
        series, rule = f"{name}_index", basis.rule(f"{name}_index")
        rates = elementwise.expm1(rate * fading(rule, leads))
        steps = tuple((float(cutoff + lead), float(step)) for lead, step in zip(leads, rates, strict=True))
        own["own_rules"][series] = dataclasses.replace(rule, after="growth", growth=steps, reason="growth seen before")
        known = basis.owner(series).own_series[series].known_by(None)
        own["own_series"][series] = dataclasses.replace(
            known, years=np.array([cutoff]), values=np.ones(1), evidence=known.evidence[:1], source=known.source[:1],
            lines=known.lines[:1],
        )  # fmt: skip
    changed.__dict__.update(own)
    return changed


# --- the whole of it --------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Information:
    """A basis and a law as they stood at a cut-off.

    Attributes
    ----------
    growth : mean log growth of the coverage ratios seen before the cut-off [1/year]
    undated : series whose level nobody had collected by then
    solved : years up to the cut-off whose pressure of entry was solved by the rule (notes/coverage.md)
    """

    cutoff: int
    basis: Basis
    law: LawTree
    growth: Mapping[str, float]
    undated: tuple[str, ...]
    solved: tuple[int, ...] = ()


def solved_years(basis: Basis, cutoff: int) -> tuple[int, ...]:
    """Years up to a cut-off whose pressure of entry stands in a basis."""
    years = basis.owner(PRESSURES[0]).own_series[PRESSURES[0]].years
    return tuple(int(year) for year in years if year <= cutoff)


def information(basis: Basis, law: LawTree, cutoff: int, estimate: Mapping[str, Values] | None = None) -> Information:
    """What was known of a region on 31 December of a year, the estimates made with it included.

    Parameters
    ----------
    law : the whole law tree; only what was enacted by then is kept
    estimate : values fitted to what was known at the cut-off, by name of the basis
    """
    enacted = enacted_by(law, cutoff)
    known = known_at(overlay(basis, estimate or {}), cutoff)
    start = with_growth(known, dict.fromkeys(CARRIERS, 0.0), cutoff)
    growth = growth_seen(start, enacted, cutoff)
    undated, solved = without_date(basis, cutoff), solved_years(basis, cutoff)
    return Information(cutoff, with_growth(known, growth, cutoff), enacted, growth, undated, solved)


def inputs_at(known: Information, last: int, law: LawTree | None = None, first: int = SPIN_UP_START + 1) -> LaneInputs:
    """Inputs of the years first..last: mortality goes on declining as seen, births and migration as last known.

    Parameters
    ----------
    law : another law than the one enacted by the cut-off, to tell what later enactments explain
    """
    years, basis = np.arange(first, last + 1), known.basis
    inputs = compile_lane(basis, law or known.law, years, None, known.cutoff)
    ahead = years > known.cutoff
    begin = max(known.cutoff - TREND, SPIN_UP_START + 1)
    then, now = basis.death_prob([begin, known.cutoff])
    with np.errstate(invalid="ignore"):
        moved = elementwise.log(now) - elementwise.log(then)
    decline = np.nan_to_num(moved / (known.cutoff - begin), posinf=0.0, neginf=0.0)
    leads = (years - known.cutoff)[ahead][:, None, None]
    death, births, migration = (
        np.array(table) for table in (inputs.tables.death_prob, inputs.tables.birth_rate, inputs.tables.migration)
    )
    death[ahead] = np.minimum(1.0, now * elementwise.exp(leads * decline))
    births[ahead] = basis.fertility([known.cutoff])[0, 15:50]
    if not basis.has_table("net_migration_as_planned"):
        migration[ahead] = 0.0
    tables = inputs.tables._replace(death_prob=death, birth_rate=births, migration=migration)
    return dataclasses.replace(inputs, tables=tables)
