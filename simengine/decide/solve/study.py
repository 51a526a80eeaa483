"""One call: levers, goals, what each goal needs, what it costs, and its range over the closures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import Words, near
from simengine.common.processors import processors
from simengine.decide.solve.costs import COSTS, Cost, cost_of
from simengine.decide.solve.goals import ACCOUNTS, UNITS, Goal, Reached, half_digit, read_goal, rows_wanted
from simengine.decide.solve.levers import Solved, read_lever, start_year
from simengine.decide.solve.plane import Corner, Plane, cheapest, mending
from simengine.decide.solve.ranges import Needed, Spread, needed_beside, spread_of
from simengine.decide.solve.runs import Point, Runs
from simengine.decide.solve.search import MESH, Answer, search
from simengine.engine.what_if import what_if
from simengine.judge.quantities.select import scheme_words
from simengine.registry.axes import FUND
from simengine.scenario.closures import BASELINE
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.progress import Progress

AS_IS = "as_is"
"""Status of a goal on two levers that is met as the scenario stands."""

LEVERS = 2
"""Most levers of one call."""

FEWEST, MOST = 5, 201
"""Values of a mesh."""

ROWS = (
    *("goal", "start", "status", "side", "value", "exact", "reached", "reached_exact", "wanted", "unit", "as_is"),
    *("met_as_is", "unrounded"),
    *("best", "low", "high", "direction", "spells", "low_value", "low_by", "high_value", "high_by"),
    *(*COSTS, "cost", "cost_from", "cost_to", "impossible"),
)
"""Columns of the answers on one lever."""

LINE = ("goal", "start", "first", "second", "status", "reached", *COSTS, "cost", "cheapest", "tied")
"""Columns of the line of points on two levers."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What levers need to be for goals to be met; money in yuan, values of levers in the units of their keys.

    Attributes
    ----------
    scenario : without the levers that are solved for
    levers, goals : as they were read
    answers : a row a goal and first year (`ROWS`): on one lever the mildest value that meets it; on two `value` and
        `second` of the cheapest point
    line : on two levers every point of the line that just meets a goal (`LINE`); empty on one
    needed : on one lever what the closures at the ends of the range need; the others (`settled` false) lie inside
    stated : closures that a lever states itself; they are not moved
    closures : whether the range over the closures was found; points : values of the mesh
    """

    scenario: Scenario
    levers: tuple[Solved, ...]
    goals: tuple[Goal, ...]
    fund: str
    account: str
    answers: pd.DataFrame = field(repr=False)
    line: pd.DataFrame = field(repr=False)
    needed: pd.DataFrame = field(repr=False)
    stated: tuple[str, ...]
    closures: bool
    points: int
    _runs: Runs = field(repr=False)

    def scenario_at(self, *values: float, start: int | None = None) -> Scenario:
        """The scenario with the levers at some values, to be run, judged or compared."""
        return self._runs.scenario(Point(tuple(values), start))


def solve(
    scenario: Scenario | str | Path,
    *,
    lever: str | Iterable[str],
    goal: str | Iterable[str],
    fund: str = "enterprise_pension",
    account: str = "own",
    start: int | Iterable[int] | None = None,
    levers: Iterable[str | Path] = (),
    set: Mapping[str, Any] | Iterable[str] = (),
    growth: Mapping[str, Any] | Iterable[str] = (),
    step: float | None = None,
    points: int = MESH,
    closures: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Solution:
    """The value of a lever, or the cheapest point on two, that meets each goal: what `simengine solve` prints.

    Parameters
    ----------
    lever : one or two texts such as ``pension/rate_employer=16%..30%`` (`simengine.decide.solve.levers`)
    goal : texts such as ``reserve_months=9@2050``, ``lasts=2060``, ``row=JX-22-02`` or ``targets``
        (`simengine.decide.solve.goals`); each is solved by itself
    fund, account : what conditions on a fund speak of: ``own`` (with aid) or ``unaided``
    start : first years of a lever that is written without a date; each is solved by itself
    levers, set, growth : what-ifs that hold throughout
    step : grid of the answer of a single lever, in the unit of its key
    points : values on which an interval is searched
    closures : whether the range over the closures is found
    threads : threads over lanes; the results do not depend on it
    progress : called with a stage and the runs done

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    runs, goals, starts = prepared(
        scenario, lever, goal, fund, account, start, levers, set, growth, step, points, threads, progress
    )
    return solve_prepared(runs, goals, starts, points, closures)


# --- what is asked ----------------------------------------------------------------------------------------------------


def _listed(given: Any) -> list[Any]:
    return [given] if isinstance(given, str | int | Path) else list(given)


def prepared(
    scenario: Scenario | str | Path,
    lever: str | Iterable[str],
    goal: str | Iterable[str],
    fund: str,
    account: str,
    start: int | Iterable[int] | None,
    fixed: Iterable[str | Path],
    set_to: Mapping[str, Any] | Iterable[str],
    growth: Mapping[str, Any] | Iterable[str],
    step: float | None,
    points: int,
    threads: int | None,
    progress: Progress | None,
    *,
    least: int = 1,
) -> tuple[Runs, list[Goal], list[int | None]]:
    """All that was asked, read and checked; everything that is wrong is raised at once.

    Parameters
    ----------
    least : fewest levers; none where packaged ones are tried by name
    """
    errors: list[SimengineError] = []

    def attempt(make: Any, *given: Any, **named: Any) -> Any:
        try:
            return make(*given, **named)
        except SimengineError as error:
            errors.extend(each_error(error))
            return None

    loaded = scenario if isinstance(scenario, Scenario) else attempt(load_scenario, scenario)
    base = None
    if loaded is not None:
        base = attempt(what_if, loaded, levers=[str(name) for name in fixed], set=set_to, growth=growth)
    texts = _listed(lever)
    found = [one for one in (attempt(read_lever, text, step) for text in texts) if one is not None]
    if not least <= len(texts) <= LEVERS:
        errors.append(ScenarioError("solve_levers_count", where="--lever", count=len(texts), most=LEVERS))
    if step is not None and len(texts) > 1:
        errors.append(ScenarioError("solve_step_two", where="--step"))
    errors += _shared_keys(found)
    wanted = _listed(goal)
    if not wanted:
        errors.append(ScenarioError("solve_no_goal", where="--goal"))
    goals = [one for one in (attempt(read_goal, text, base) for text in wanted if base is not None) if one is not None]
    if not FEWEST <= points <= MOST:
        errors.append(ScenarioError("solve_points", where="--points", value=points, least=FEWEST, most=MOST))
    errors += _fund_words(fund, account)
    starts: list[int | None] = [None] if start is None else _listed(start)
    errors += _start_faults(found, starts, base)
    raise_all(errors)
    assert base is not None  # noqa: S101 - else an error has been raised
    known = scheme_words()[fund.lower()]
    runs = Runs(base, found, known, account, threads or processors(), progress)
    _refuse_ends(runs, starts)
    _refuse_goals(runs, goals)
    return runs, goals, starts


def _shared_keys(levers: Sequence[Solved]) -> list[SimengineError]:
    """Two levers that move the same key."""
    if len(levers) < LEVERS:
        return []
    one, two = ({part.key for part in lever.parts} for lever in levers[:2])
    return [ScenarioError("solve_key_twice", where="--lever", name=name) for name in sorted(one & two)]


def _fund_words(fund: str, account: str) -> list[SimengineError]:
    errors: list[SimengineError] = []
    known = scheme_words()
    if known.get(fund.lower()) not in FUND:
        told = ", ".join(FUND)
        errors.append(ScenarioError("solve_fund", where="--fund", near=near(fund, FUND), name=fund, known=told))
    if account not in ACCOUNTS:
        told = ", ".join(ACCOUNTS)
        errors.append(ScenarioError("solve_account", where="--account", name=account, known=told))
    return errors


def _start_faults(
    levers: Sequence[Solved], starts: Sequence[int | None], base: Scenario | None
) -> list[SimengineError]:
    """First years that no lever waits for, that are not projected, or that stand twice."""
    given = [year for year in starts if year is not None]
    if not given:
        return []
    errors: list[SimengineError] = []
    if levers and not any(lever.takes_start for lever in levers):
        errors.append(ScenarioError("solve_start_idle", where="--from", name="; ".join(one.text for one in levers)))
    for year in dict.fromkeys(given):
        if given.count(year) > 1:
            errors.append(ScenarioError("solve_start_twice", where="--from", year=year))
        if base is not None and not base.content.years[0] <= year <= base.content.years[1]:
            first, last = base.content.years
            errors.append(ScenarioError("solve_start", where="--from", year=year, first=first, last=last))
    return errors


def _refuse_ends(runs: Runs, starts: Sequence[int | None]) -> None:
    """Open the lanes of every end, so that a wrong end is told before anything is run, and all at once."""
    errors: dict[str, SimengineError] = {}
    corners: list[tuple[float, ...]] = [()]
    for lever in runs.levers:
        corners = [(*corner, end) for corner in corners for end in (lever.low, lever.high)]
    for start in starts:
        for corner in corners:
            try:
                runs.openings.lanes(runs.scenario(Point(corner, start)))
            except SimengineError as error:
                errors |= {str(each): each for each in each_error(error)}
    raise_all(list(errors.values()))


def _refuse_goals(runs: Runs, goals: Sequence[Goal]) -> None:
    """Refuse what has no verdict: funds of a region that misses its anchors or holds none, rows that are not judged."""
    errors: list[SimengineError] = []
    on_fund = [goal for goal in goals if goal.of_fund]
    if on_fund:
        where = ", ".join(f"--goal {goal.text}" for goal in on_fund)
        decided = runs.fund_verdict if runs.holds else None
        if decided is None:
            errors.append(ScenarioError("solve_no_fund", where=where, region=runs.region))
        elif not decided.given:
            because = Words(decided.text("en"), decided.text("zh"))
            errors.append(ScenarioError("solve_unjudged", where=where, because=because))
        else:
            errors += _without_meaning(runs, on_fund)
    if any(not goal.of_fund for goal in goals):
        try:
            runs.rows = tuple(rows_wanted(goals, runs.targets, runs.verdicts))
        except SimengineError as error:
            errors += each_error(error)
    raise_all(errors)


def _without_meaning(runs: Runs, goals: Sequence[Goal]) -> list[SimengineError]:
    """Goals that the fund cannot have: ratios to an outgo, or to a base, that is not there."""
    place = FUND.index(runs.fund)
    errors: list[SimengineError] = []
    for goal in goals:
        span = slice(goal.first - runs.base.base_year - 1, goal.last - runs.base.base_year)
        held = runs.own.base if goal.kind == "actuarial_balance" else runs.own.outgo
        ratio = UNITS[goal.kind] in ("1", "month")
        if ratio and not (held[place, span] > 0.0).all():
            errors.append(ScenarioError("solve_no_measure", where=f"--goal {goal.text}", fund=runs.fund))
        if runs.account == "unaided" and runs.fund not in ("enterprise_pension", "public_pension"):
            errors.append(ScenarioError("solve_account_same", where="--account", fund=runs.fund))
    return list({str(error): error for error in errors}.values())


# --- answers ----------------------------------------------------------------------------------------------------------


def solve_prepared(
    runs: Runs, goals: Sequence[Goal], starts: Sequence[int | None], points: int = MESH, closures: bool = True
) -> Solution:
    """The answers to what `prepared` has checked."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    line: list[dict[str, Any]] = []
    needed: list[dict[str, Any]] = []
    untouched: list[SimengineError] = []
    for start in starts:
        for goal in goals:
            asked = _Asked(runs, goal, start, points, closures)
            if len(runs.levers) == 1:
                row, beside = asked.on_one()
                needed += [{"goal": goal.text, "start": start, **vars(one)} for one in beside]
            else:
                row, corners = asked.on_two()
                line += corners
            rows.append(row)
            untouched += asked.untouched
    if untouched and all(row["status"] == "untouched" for row in rows):
        raise_all(list({str(error): error for error in untouched}.values()))
    columns = (
        [*ROWS[:5], "second", *ROWS[5:], "low_second", "high_second"] if len(runs.levers) == LEVERS else list(ROWS)
    )
    answers = pd.DataFrame(rows, columns=columns).astype({"start": "Int64"})
    told = pd.DataFrame(line, columns=list(LINE)).astype({"start": "Int64"})
    beside_table = pd.DataFrame(needed, columns=["goal", "start", "beside", "value", "settled"])
    return Solution(
        runs.base, tuple(runs.levers), tuple(goals), runs.fund, runs.account, answers, told, beside_table,
        tuple(sorted(runs.stated)), closures, points, runs,
    )  # fmt: skip


class _Asked:
    """One goal under one first year."""

    def __init__(self, runs: Runs, goal: Goal, start: int | None, points: int, closures: bool) -> None:
        self.runs, self.goal, self.start = runs, goal, start
        self.points, self.closures = points, closures
        self.since = start_year(runs.levers_in(start), runs.base)
        self.untouched: list[SimengineError] = []
        self.sides = (runs.levers[0], runs.levers[-1])

    def reached(self, points: Sequence[tuple[tuple[float, ...], str]]) -> list[Reached]:
        """How the goal stands at values of the levers, beside closures."""
        made = [Point(values, self.start, beside) for values, beside in points]
        return self.runs.reached(self.goal, made, self.since)

    def on_one(self) -> tuple[dict[str, Any], list[Needed]]:
        """The answer on one lever, and what the closures need."""
        (lever,) = self.runs.levers
        answer = search(lambda values: self.reached([((value,), BASELINE) for value in values]), lever, self.points)
        if answer.status == "untouched":
            self._tell_untouched([lever])
        beside: list[Needed] = []
        if self.closures and answer.met:
            names = self._names((answer.value,))
            beside = needed_beside(
                lambda pairs: self.reached([((value,), name) for name, value in pairs]), names, lever, answer
            )
        spread = spread_of(answer, beside)
        mend = answer.met and not self.as_is.met
        cost = self.cost((answer.value,)) if mend else None
        return self._row(answer, spread, cost, (answer.value,)), beside

    @cached_property
    def as_is(self) -> Reached:
        """How the goal stands in the base."""
        return self.runs.reached_as_is(self.goal, self.since)

    def unrounded(self, answer: Answer) -> float:
        """The value at which a row is met by the unrounded figure, where rounding meets it sooner; else no number."""
        (lever,) = self.runs.levers
        if not self.goal.row or not answer.met or half_digit(self.runs.targets[self.goal.row]) == 0.0:
            return math.nan
        exactly = replace(self.goal, unrounded=True)

        def evaluate(values: Sequence[float]) -> list[Reached]:
            return self.runs.reached(exactly, [Point((value,), self.start) for value in values], self.since)

        return search(evaluate, lever, self.points).value

    def _names(self, values: tuple[float, ...]) -> list[str]:
        """Closures that can be moved beside the levers: at every value the same ones."""
        return list(self.runs.set_of(values, self.start))

    def on_two(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The cheapest point on two levers, and the line of points that just meet the goal."""
        one, two = self.runs.levers
        if self.as_is.met:
            return self._as_it_stands(), []
        one, two = mending(self._alone, self.as_is, (one, two))
        plane = cheapest(
            lambda pairs: self.reached([(pair, BASELINE) for pair in pairs]), self.cost, (one, two), self.points
        )
        self.sides = (one, two)
        still = [lever for lever, moves in zip((one, two), plane.moved, strict=True) if not moves]
        if still:
            self._tell_untouched(still)
        return self._point(plane), [self._corner(part, plane) for part in plane.line]

    def _alone(self, at: int, values: Sequence[float]) -> list[Reached]:
        """How the goal stands with one of two levers alone."""
        points = [
            Point(tuple(value if place == at else None for place in range(LEVERS)), self.start) for value in values
        ]
        return self.runs.reached(self.goal, points, self.since)

    def _as_it_stands(self) -> dict[str, Any]:
        """The row of a goal that is met without any lever: there is no mend, and none is cheapest."""
        blank = dict.fromkeys((*ROWS, "second", "low_second", "high_second"), math.nan)
        told = {"side": "", "direction": "", "spells": (), "low_by": "", "high_by": "", "impossible": ""}
        cells = {**blank, **told, **self._goal_cells(), **self._cost_cells(None)}
        return cells | {"status": AS_IS, "reached": self.as_is.figure}

    def cost(self, values: tuple[float, ...]) -> Cost:
        """What the levers cost at some values, from their first year to the last one of the goal."""
        (seen,) = self.runs.see([Point(values, self.start)])
        return cost_of(seen.figures, self.runs.own, self.since, self.until)

    @property
    def until(self) -> int:
        """Last year of the goal, and of what its mend costs."""
        return until_of(self.runs, self.goal, self.since)

    def _tell_untouched(self, levers: Sequence[Solved]) -> None:
        names = "; ".join(one.text for one in levers)
        self.untouched.append(ScenarioError("solve_untouched", where=f"--goal {self.goal.text}", name=names))

    def _row(self, answer: Answer, spread: Spread, cost: Cost | None, values: tuple[float, ...]) -> dict[str, Any]:
        return {
            **self._goal_cells(),
            "status": answer.status, "side": answer.side if answer.met else "",
            "value": answer.value, "exact": answer.exact,
            "reached": answer.reached, "reached_exact": answer.reached_exact, "unrounded": self.unrounded(answer),
            "best": answer.best, "low": answer.low, "high": answer.high, "direction": answer.direction,
            "spells": answer.spells,
            "low_value": spread.low, "low_by": spread.low_by, "high_value": spread.high, "high_by": spread.high_by,
            **self._cost_cells(cost),
            "impossible": ", ".join(self.runs.unsound(Point(values, self.start))) if answer.met else "",
        }  # fmt: skip

    def _goal_cells(self) -> dict[str, Any]:
        return {"start": self.start, "unrounded": math.nan, **goal_cells(self.runs, self.goal, self.since)}

    def _cost_cells(self, cost: Cost | None) -> dict[str, Any]:
        cells = dict.fromkeys((*COSTS, "cost"), math.nan)
        if cost is not None:
            cells = {name: getattr(cost, name) for name in COSTS} | {"cost": cost.total}
        return cells | {"cost_from": self.since, "cost_to": self.until}

    def _point(self, plane: Plane) -> dict[str, Any]:
        """The row of the cheapest point, or of the best one where none meets the goal."""
        one, two = self.sides
        part = plane.cheapest if all(plane.moved) else None
        told: dict[str, Any] = {"low_second": two.low, "high_second": two.high}
        told |= {"low": one.low, "high": one.high, "direction": "", "side": "", "exact": math.nan}
        told |= {"low_value": math.nan, "high_value": math.nan, "low_by": "", "high_by": ""}
        again = tuple(corner.answer.spells for corner in plane.line if corner.answer.again)
        if part is None:
            status = "none" if all(plane.moved) else "untouched"
            (first, _), there = plane.best
            return {
                **self._goal_cells(), **told, "status": status, "value": math.nan, "second": math.nan,
                "reached": there.figure, "reached_exact": math.nan, "best": first, "spells": again,
                **self._cost_cells(None), "impossible": "",
            }  # fmt: skip
        values = (part.first, part.answer.value)
        return {
            **self._goal_cells(), **told, "status": "found", "value": values[0], "second": values[1],
            "exact": part.answer.exact, "reached": part.answer.reached, "reached_exact": part.answer.reached_exact,
            "best": part.first, "spells": again, "direction": part.answer.direction, **self._cost_cells(part.cost),
            "impossible": ", ".join(self.runs.unsound(Point(values, self.start))),
        }  # fmt: skip

    def _corner(self, part: Corner, plane: Plane) -> dict[str, Any]:
        cost = {key: value for key, value in self._cost_cells(part.cost).items() if not key.startswith("cost_")}
        return {
            "goal": self.goal.text, "start": self.start, "first": part.first, "second": part.answer.value,
            "status": part.answer.status, "reached": part.answer.reached, **cost, "cheapest": part is plane.cheapest,
            "tied": part in plane.tied,
        }  # fmt: skip


def until_of(runs: Runs, goal: Goal, since: int) -> int:
    """Last year of a goal, and of what its mend costs."""
    if goal.of_fund:
        return max(goal.last, since)
    years = [runs.targets[name].year for name in ([goal.row] if goal.row else runs.rows)]
    return max(*years, since)


def goal_cells(runs: Runs, goal: Goal, since: int) -> dict[str, Any]:
    """Cells of a goal: what it wants, in which unit, and how it stands without the levers."""
    as_is = runs.reached_as_is(goal, since)
    unit = runs.targets[goal.row].unit if goal.row else UNITS[goal.kind]
    wanted = goal.wanted
    if goal.row:
        figure = runs.targets[goal.row].target
        wanted = math.nan if figure is None else float(figure.exact)
    elif not goal.of_fund:
        wanted = float(len(runs.rows_of(goal)))
    return {"goal": goal.text, "wanted": wanted, "unit": unit, "as_is": as_is.figure, "met_as_is": as_is.met}
