"""Runs for a search: scenarios opened and run in batches, read, and remembered by what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from simengine.basis.basis import load_basis
from simengine.common.errors import SimengineError, each_error, raise_all
from simengine.common.progress import Progress
from simengine.decide.runs import run_through
from simengine.decide.solve.figures import Figures, as_judged, read_figures, together
from simengine.decide.solve.goals import Goal, Reached, reached_by_fund, reached_by_plan
from simengine.decide.solve.levers import Solved, at_values, in_time
from simengine.engine.project import Lane, Openings, Result
from simengine.engine.what_if import what_if
from simengine.judge.checks.accounts import Start
from simengine.judge.checks.anchors import FundVerdict, fund_verdicts
from simengine.judge.checks.bounds import bounds_table
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.checks.identities import run_checks
from simengine.judge.indicators import Definitions
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.compare import Options
from simengine.judge.targets.files import read_targets
from simengine.judge.targets.rows import Target
from simengine.judge.targets.verdicts import Verdict
from simengine.judge.targets.withheld import withhold
from simengine.law.regions import NATION, load_regions
from simengine.registry.axes import FUND
from simengine.scenario.closures import BASELINE, Closures, read_closures, scenarios_beside
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Point:
    """One run of a search.

    Attributes
    ----------
    values : of the levers, None for one that is left out
    start : year the levers begin in
    beside : closure beside the baseline
    named : packaged lever, or file of one, that is put on the base in place of the levers
    """

    values: tuple[float | None, ...]
    start: int | None
    beside: str = BASELINE
    named: str = ""


@dataclass(frozen=True)
class Seen:
    """What is kept of a run: the figures of the funds, and the verdicts on the rows that were asked for."""

    figures: Figures
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass
class Runs:
    """All runs of one call.

    Attributes
    ----------
    base : the scenario without the levers that are solved for
    fund, account : what conditions on a fund speak of
    """

    base: Scenario
    levers: Sequence[Solved]
    fund: str
    account: str
    threads: int
    progress: Progress | None
    openings: Openings = field(default_factory=Openings)
    rows: tuple[str, ...] = ()
    known: dict[Point, Seen] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    _dated: dict[int | None, list[Solved]] = field(default_factory=dict)
    _sets: dict[tuple[tuple[float | None, ...], int | None], Mapping[str, Scenario]] = field(default_factory=dict)

    # --- the scenario as it stands ---

    @cached_property
    def result(self) -> Result:
        """The base, run and labelled."""
        lanes = self.openings.lanes(self.base)
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run_through, lanes))
        return Result(lanes, self.openings)

    @cached_property
    def own(self) -> Figures:
        """The figures of the base as it stands."""
        parts = [read_figures(lane, lane.output) for lane in self.result.lanes if lane.output is not None]
        found = together(parts)
        return as_judged(found, found.balance["own"], self.starts)

    @cached_property
    def starts(self) -> Mapping[str, Start]:
        """Where the judgement of each fund starts; nothing where the region holds no pension fund."""
        if not self.holds:
            return {}
        (basis,) = self.openings.bases(self.base)
        return starts_of(basis, self.base.base_year if self.base.information == "opening" else None)

    @cached_property
    def region(self) -> str:
        """The region of the scenario."""
        return load_basis(self.base.basis).region

    @property
    def holds(self) -> bool:
        """Whether the region holds a pension fund in law."""
        known = load_regions()
        return self.region not in known or known[self.region].holds_pension_fund

    @cached_property
    def fund_verdict(self) -> FundVerdict | None:
        """Whether the funds of the region are judged; None where it holds none."""
        return fund_verdicts(self.result, self.base, self.threads).get(self.region)

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Rows of the plan by name."""
        files = self.base.target_files.values()
        return {row.id: row for row in (read_targets(files) if files else [])}

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Verdicts on the plan as the base stands, those on funds withheld where these are not judged."""
        found = self._judge(self.result, tuple(self.targets))
        return {row.id: row for row in withhold(found, fund_verdicts(self.result, self.base, self.threads))}

    def _judge(self, result: Result, rows: Sequence[str]) -> list[Verdict]:
        chosen = [self.targets[name] for name in rows]
        chosen += [
            self.targets[row.duplicate_of]
            for row in chosen
            if row.duplicate_of is not None and row.duplicate_of not in rows
        ]
        if not chosen:
            return []
        options = Options(definitions=Definitions(**self.base.definitions))
        found = check_targets(result.dataset, chosen, backcast=self._past, options=options)
        return [one for one in found if one.id in rows]

    @cached_property
    def _past(self) -> dict[str, xr.Dataset]:
        return self.result.histories

    # --- runs beside it ---

    def scenario(self, point: Point) -> Scenario:
        """The scenario of a point; one of a closure that meets a lever is not there (`has`)."""
        if point.named:
            return what_if(self.base, levers=[point.named])
        if point.beside != BASELINE:
            return self.set_of(point.values, point.start)[point.beside]
        return at_values(self.base, self.levers_in(point.start), point.values, self.openings.law)

    def levers_in(self, start: int | None) -> list[Solved]:
        """The levers with their dates, those of a first year where they wait for one."""
        if start not in self._dated:
            self._dated[start] = [in_time(one, start, self.base, self.openings.law) for one in self.levers]
        return self._dated[start]

    def set_of(self, values: tuple[float | None, ...], start: int | None) -> Mapping[str, Scenario]:
        """Scenarios of the closures beside the levers at some values, by closure and value, or by extreme."""
        key = (values, start)
        if key not in self._sets:
            made = self.scenario(Point(values, start))
            found, stated = scenarios_beside(made, self.closures, self.region == NATION)
            self.stated |= set(stated)
            self._sets[key] = {
                one.closure if one.closure == one.variant else f"{one.closure}:{one.variant}": one.scenario
                for one in found
            }
        return self._sets[key]

    @cached_property
    def closures(self) -> Closures:
        return read_closures()

    def see(self, points: Sequence[Point], refused: dict[Point, SimengineError] | None = None) -> list[Seen]:
        """The runs of some points, in one batch; those that are known are not run again.

        Parameters
        ----------
        refused : takes the errors of points that cannot be opened, which are then left out
        """
        wanted = list(dict.fromkeys(point for point in points if point not in self.known))
        errors: dict[str, SimengineError] = {}
        if wanted:
            with ThreadPoolExecutor(self.threads) as pool:
                running = [(point, self._start(pool, point, errors, refused)) for point in wanted]
                for point, lanes in running:
                    found = [(lane, done.result()) for lane, done in lanes]
                    if found:
                        self.known[point] = self._read([lane for lane, _ in found])
                    if self.progress is not None:
                        self.progress("solve", len(self.known))
        raise_all(list(errors.values()))
        return [self.known[point] for point in points if refused is None or point not in refused]

    def _start(
        self,
        pool: ThreadPoolExecutor,
        point: Point,
        errors: dict[str, SimengineError],
        refused: dict[Point, SimengineError] | None,
    ) -> list[tuple[Lane, Future[None]]]:
        """Open the lanes of a point here while those already opened run; what is wrong is kept."""
        try:
            lanes = self.openings.lanes(self.scenario(point))
        except SimengineError as error:
            if refused is None:
                errors |= {str(each): each for each in each_error(error)}
            else:
                refused[point] = error
            return []
        return [(lane, pool.submit(run_through, lane)) for lane in lanes]

    def _read(self, lanes: list[Lane]) -> Seen:
        parts = [read_figures(lane, lane.output) for lane in lanes if lane.output is not None]
        figures = as_judged(together(parts), self.own.balance["own"], self.starts)
        verdicts: Mapping[str, Verdict] = {}
        if self.rows:
            verdicts = {row.id: row for row in self._judge(Result(lanes, self.openings), self.rows)}
        return Seen(figures, verdicts)

    def reached(self, goal: Goal, points: Sequence[Point], since: int) -> list[Reached]:
        """How a goal stands at some points."""
        return [self.of_seen(goal, seen, since) for seen in self.see(points)]

    def reached_as_is(self, goal: Goal, since: int) -> Reached:
        """How a goal stands in the base."""
        verdicts = {} if goal.of_fund else self.verdicts
        return self.of_seen(goal, Seen(self.own, verdicts), since)

    def of_seen(self, goal: Goal, seen: Seen, since: int) -> Reached:
        """How a goal stands in a run."""
        if goal.of_fund:
            return reached_by_fund(goal, seen.figures, FUND.index(self.fund), self.account, since)
        return reached_by_plan(goal, {name: seen.verdicts[name] for name in self.rows_of(goal)}, self.targets)

    def rows_of(self, goal: Goal) -> Sequence[str]:
        """Rows of a goal: the one, or all that are judged as the base stands."""
        return [goal.row] if goal.row else [name for name in self.rows if self.verdicts[name].headline]

    def unsound(self, point: Point) -> list[str]:
        """Identities that a full run of a point breaks, and measures with an impossible value."""
        lanes = self.openings.lanes(self.scenario(point))
        for lane in lanes:
            run_through(lane)
        result = Result(lanes, self.openings)
        checks = run_checks(result)
        broken = list(dict.fromkeys(checks[~checks["ok"].astype(bool)]["check"]))
        bounds = bounds_table(result.dataset, lanes[0].scenario.key, Definitions(**self.base.definitions))
        return broken + list(dict.fromkeys(bounds[~bounds["ok"].astype(bool)]["measure"]))
