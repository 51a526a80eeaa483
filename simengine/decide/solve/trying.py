"""Packaged levers by name, each put on the scenario alone: which of them meet a goal, the cheapest first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import Language, near
from simengine.decide.packaged import measures
from simengine.decide.solve.costs import COSTS, Cost, cost_of
from simengine.decide.solve.goals import Goal
from simengine.decide.solve.runs import Point, Runs, Seen
from simengine.decide.solve.study import goal_cells, prepared, until_of
from simengine.scenario.combine import read_lever
from simengine.scenario.inherit import find_file, is_file, packaged
from simengine.scenario.levers import LeverName
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.progress import Progress

EVERY = "all"
MEETS, MISSES, STILL, REFUSED, UNSOUND = "meets", "misses", "still", "refused", "impossible"
"""What becomes of a lever: it meets the goal, or not; it moves nothing; it cannot be put on; its result is
impossible."""

COLUMNS = (
    *("goal", "rank", "lever", "name", "status", "reached", "as_is", "met_as_is", "wanted", "unit"),
    *(*COSTS, "cost", "cost_from", "cost_to", "why"),
)
"""Columns of the levers that were tried."""


@dataclass(frozen=True, eq=False)
class Tried:
    """Levers that were tried, a row a goal and lever (`COLUMNS`), those that meet the goal first by cost.

    Attributes
    ----------
    left_out : number of packaged levers that are values of closures; they are tried by name alone
    """

    scenario: Scenario
    goals: tuple[Goal, ...]
    fund: str
    account: str
    rows: pd.DataFrame = field(repr=False)
    left_out: int


def try_levers(
    scenario: Scenario | str | Path,
    *,
    goal: str | Iterable[str],
    names: str | Iterable[str] = EVERY,
    fund: str = "enterprise_pension",
    account: str = "own",
    levers: Iterable[str | Path] = (),
    set: Mapping[str, Any] | Iterable[str] = (),
    growth: Mapping[str, Any] | Iterable[str] = (),
    lang: Language = "en",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Tried:
    """Put packaged levers on a scenario one by one and rank those that meet a goal: `simengine solve --try`.

    Parameters
    ----------
    goal, fund, account : as `solve` takes them
    names : ``all`` packaged levers of the region that are measures, or names, own files among them
    levers, set, growth : what-ifs that hold throughout

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    asked = prepared_try(scenario, goal, names, fund, account, levers, set, growth, threads, progress)
    return try_prepared(*asked, lang)


def prepared_try(
    scenario: Scenario | str | Path,
    goal: str | Iterable[str],
    names: str | Iterable[str],
    fund: str,
    account: str,
    fixed: Iterable[str | Path],
    set_to: Mapping[str, Any] | Iterable[str],
    growth: Mapping[str, Any] | Iterable[str],
    threads: int | None,
    progress: Progress | None,
) -> tuple[Runs, list[Goal], list[str], int]:
    """All that was asked, read and checked; everything that is wrong is raised at once."""
    errors: list[SimengineError] = []
    wanted = [part.strip() for text in ([names] if isinstance(names, str) else names) for part in text.split(",")]
    wanted = [name for name in dict.fromkeys(wanted) if name]
    errors += _name_faults([name for name in wanted if name != EVERY])
    try:
        runs, goals, _ = prepared(
            scenario, (), goal, fund, account, None, fixed, set_to, growth, None, 11, threads, progress, least=0
        )
    except SimengineError as error:
        raise_all([*errors, *each_error(error)])
        raise
    raise_all(errors)
    if EVERY not in wanted:
        return runs, goals, wanted, 0
    mine = {lever.key for lever in runs.base.levers}
    found = [name for name in measures(runs.region) if name not in mine]
    held = [name for name in packaged("levers") if name not in mine]
    others = sum(1 for name in held if name not in found)
    return runs, goals, list(dict.fromkeys([*found, *(name for name in wanted if name != EVERY)])), others


def _name_faults(names: Sequence[str]) -> list[SimengineError]:
    known = packaged("levers")
    errors: list[SimengineError] = []
    for name in names:
        if is_file(name):
            path = Path(name)
            if path.is_file():
                errors += read_lever(path, path.stem)[1]
            else:
                errors.append(ScenarioError("file_absent", where="--try", name=name))
        elif name not in known:
            told = ", ".join(known)
            errors.append(ScenarioError("lever_unknown", where="--try", near=near(name, known), name=name, known=told))
    return errors


def try_prepared(runs: Runs, goals: Sequence[Goal], names: Sequence[str], others: int, lang: Language = "en") -> Tried:
    """Every lever run once, in one batch."""
    import pandas as pd

    refused: dict[Point, SimengineError] = {}
    points = {name: Point((), None, named=name) for name in names}
    runs.see(list(points.values()), refused)
    rows: list[dict[str, Any]] = []
    since = runs.base.content.years[0]
    for goal in goals:
        head = goal_cells(runs, goal, since)
        mine = [_row(runs, goal, name, points[name], refused, head, since, lang) for name in names]
        order = (MEETS, MISSES, STILL, UNSOUND, REFUSED)
        mine.sort(key=lambda row: (order.index(row["status"]), row["cost"] if row["status"] == MEETS else 0.0))
        ranks = iter(range(1, len(mine) + 1))
        rows += [row | {"rank": next(ranks) if row["status"] == MEETS else None} for row in mine]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"rank": "Int64"})
    return Tried(runs.base, tuple(goals), runs.fund, runs.account, frame, others)


def _row(
    runs: Runs,
    goal: Goal,
    name: str,
    point: Point,
    refused: Mapping[Point, SimengineError],
    head: Mapping[str, Any],
    since: int,
    lang: Language,
) -> dict[str, Any]:
    title = _title(name)
    told: dict[str, Any] = {**head, "lever": name, "name": title.en if lang == "en" else title.local, "why": ""}
    told |= dict.fromkeys((*COSTS, "cost", "reached"), math.nan)
    last = until_of(runs, goal, since)
    told |= {"cost_from": since, "cost_to": last}
    if point in refused:
        because = each_error(refused[point])[0].parts(lang)[0]
        return told | {"status": REFUSED, "why": str(because)}
    seen: Seen = runs.known[point]
    reached = runs.of_seen(goal, seen, since)
    cost: Cost = cost_of(seen.figures, runs.own, since, last)
    told |= {"reached": reached.figure, **{part: getattr(cost, part) for part in COSTS}, "cost": cost.total}
    if reached.met:
        wrong = runs.unsound(point)
        return told | {"status": UNSOUND if wrong else MEETS, "why": ", ".join(wrong)}
    still = reached.figure == head["as_is"] and cost.total == 0.0
    return told | {"status": STILL if still else MISSES}


def _title(name: str) -> LeverName:
    """What a lever is called."""
    path = Path(name) if is_file(name) else find_file(name, "levers", None, "")
    lever, errors = read_lever(path, path.stem)
    raise_all(errors)
    assert lever is not None  # noqa: S101 - else an error has been raised
    return lever.content.name
