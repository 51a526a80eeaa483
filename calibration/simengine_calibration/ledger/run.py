"""Run a scenario once as it is and once for each end of each band; lanes release the interpreter, so threads help."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from simengine.common.errors import BasisError, SimengineError, localised
from simengine.common.messages import Words, near
from simengine.engine.project import lane_bases
from simengine.judge.closures.spans import year_span
from simengine.judge.run import judge_scenarios
from simengine.law import LawTree, load_law
from simengine.scenario.scenario import Scenario
from simengine_calibration.ledger.bands import read_bands
from simengine_calibration.ledger.figures import Figure, law_not_moved, list_figures
from simengine_calibration.ledger.results import HEADLINES, results
from simengine_calibration.ledger.worlds import World, run_world

SHOWS = 0.05
"""A figure shows where some headline moves by this many % of itself, or by as much of the balance in hand."""

SIDES = {"low": Words("low", "低值"), "high": Words("high", "高值")}
"""Ends of a band as an error names them."""


@dataclass(frozen=True)
class Effect:
    """What one figure does.

    Attributes
    ----------
    results : headline results in base units by side
    """

    figure: Figure
    results: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Outcome:
    """Sensitivity of one scenario.

    Attributes
    ----------
    base : headline results of the scenario as it is, base units
    effects : one a figure, the most influential first
    law_not_moved : law parameters with assumed or recalled values that have no band
    """

    scenario: Scenario
    base: Mapping[str, float]
    effects: Sequence[Effect]
    law_not_moved: Sequence[str]
    digests: Mapping[str, str]

    @cached_property
    def span(self) -> str:
        """Earliest and latest year over the closures in which the enterprise fund first ends below zero."""
        over = judge_scenarios(self.scenario)[self.scenario.key].over
        rows = over.ranges().query("measure == 'constant_share' and fund == 'enterprise_pension'")
        found = rows[rows["region"] == over.region].to_dict("records")
        return year_span(found[0]["low"], found[0]["high"], over.horizon) if found else "-"

    def changes(self, effect: Effect, headline: str) -> dict[str, float]:
        """Change of one headline by side, in the unit it is told in."""
        one = next(one for one in HEADLINES if one.key == headline)
        return {side: one.change(self.base[headline], found[headline]) for side, found in effect.results.items()}

    def shows(self, effect: Effect) -> bool:
        """Whether some headline moves enough to be printed."""
        return any(
            _relative(self.base[key], found[key]) * 100.0 >= SHOWS
            for found in effect.results.values()
            for key in self.base
        )


def _relative(base: float, moved: float) -> float:
    if math.isnan(base) and math.isnan(moved):
        return 0.0
    if math.isnan(base) or math.isnan(moved):
        return math.inf
    return abs(moved - base) / abs(base) if base else abs(moved)


def move_each(
    scenario: Scenario,
    only: Sequence[str] = (),
    threads: int = 2,
    say: Callable[[int, int], None] | None = None,
    law: LawTree | None = None,
) -> Outcome:
    """Move every assumed or recalled figure of a scenario to both ends of its band, one at a time.

    Parameters
    ----------
    only : names of figures; all without one
    say : called with the runs done and the runs in all
    law : the packaged one by default

    Raises
    ------
    SimengineError for a figure without a band, an unknown name, or a moved value that the engine refuses
    """
    law = load_law() if law is None else law
    bases, bands = lane_bases(scenario), read_bands()
    figures = list_figures(bases, law, bands, scenario.information == "today")
    chosen = [figure for figure in figures if not only or figure.name in only]
    for name in only:
        if name not in (figure.name for figure in chosen):
            known = [figure.name for figure in figures]
            raise BasisError("figure_not_moved", near=near(name, known), name=name)
    horizon = scenario.years[-1]
    tasks = [(number, side) for number, figure in enumerate(chosen) for side in figure.worlds]
    base = results(run_world(scenario, law, World()), horizon)
    lock, done = threading.Lock(), 1

    def work(task: tuple[int, str]) -> dict[str, float]:
        nonlocal done
        number, side = task
        figure = chosen[number]
        try:
            found = results(run_world(scenario, law, figure.worlds[side]()), horizon)
        except SimengineError as error:
            text = Words(localised(error, "en"), localised(error, "zh"))
            told = {"figure": figure.name, "side": SIDES[side], "text": text}
            raise BasisError("figure_cannot_run", where=figure.where, **told) from error
        with lock:
            done += 1
            if say is not None:
                say(done, len(tasks) + 1)
        return found

    with ThreadPoolExecutor(max_workers=threads) as pool:
        found = dict(zip(tasks, pool.map(work, tasks), strict=True))
    effects = [
        Effect(figure, {side: found[number, side] for side in figure.worlds}) for number, figure in enumerate(chosen)
    ]
    digests = {"law": law.digest(), **{basis.name: basis.digest() for basis in bases}}
    return Outcome(scenario, base, _sorted(effects, base), law_not_moved(law, bands), digests)


def _sorted(effects: Sequence[Effect], base: Mapping[str, float]) -> list[Effect]:
    """The largest influence on the first headline first; then the second, and so on."""

    def influence(effect: Effect) -> tuple[float, ...]:
        return tuple(
            max((_relative(base[key], found[key]) for found in effect.results.values()), default=0.0) for key in base
        )

    return sorted(effects, key=lambda effect: (*(-size for size in influence(effect)), effect.figure.name))
