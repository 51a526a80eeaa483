"""A plan under review: every row with base, target, last actual, straight path, pace, time distance and projection.

import simengine

found = simengine.monitor("jiangxi", as_of="2022-09")
found.rows         # one row of the plan a line
found.expansion    # the table of the offices on enlarging coverage
found.points       # path, actuals, projection and target of every row, for a picture
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import basis_names
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import Language, Words, place_text
from simengine.engine.actuals.names import last_day
from simengine.engine.what_if import Values, what_if
from simengine.judge.indicators import Definitions
from simengine.judge.monitor.expansion import expansion_table
from simengine.judge.monitor.frames import points_of, rows_of
from simengine.judge.monitor.plans import Plan, known_as_of, plan_of
from simengine.judge.monitor.reported import Reports, entered, key_of, reports_of
from simengine.judge.monitor.tracked import Tracked, engine_series, track
from simengine.judge.monitor.words import both, word
from simengine.judge.run import ImpossibleError, Judged, JudgedRun, judge_scenarios
from simengine.judge.targets.compare import Options
from simengine.judge.targets.verdicts import SET, Verdict
from simengine.judge.targets.withheld import reason
from simengine.scenario.actuals import is_table
from simengine.scenario.scenario import Scenario
from simengine.scenario.what_if import entered as with_tables

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("met", "missed", SET)
"""Verdicts beside which a figure of the run is told: nothing withholds it. One that is set is marked as such."""

LANGUAGES: tuple[Language, Language] = ("en", "zh")
BETWEEN = {"en": "; ", "zh": "；"}
DAY = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, eq=False)
class Monitor:
    """A plan under review.

    Attributes
    ----------
    plan : key of the scenario, or the name that the plan was asked for by
    as_of : day of the review: ages are counted up to it, and later actuals are left aside
    rows : every row of the plan that has a target and repeats no other (`ROWS` of `simengine.judge.monitor.frames`)
    points : path, actuals, engine, projection and target of every row (`POINTS`)
    expansion : insurances by area in the columns of the offices (`simengine.judge.monitor.expansion.COLUMNS`)
    remarks : what a reader must know, in both languages
    repeated : rows of the plan that repeat another one
    tracked : the rows as objects
    judged : the run beside it; None where no basis holds the regions of the plan
    discarded : whether its actuals make the run impossible, so that no figure of it is used
    """

    plan: str
    as_of: date
    rows: pd.DataFrame = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    expansion: pd.DataFrame = field(repr=False)
    remarks: tuple[Words, ...]
    repeated: int
    tracked: tuple[Tracked, ...] = field(repr=False)
    judged: Judged | None = field(repr=False)
    discarded: bool = False

    @property
    def knows(self) -> str:
        """What the run knows: ``today`` or ``opening``; nothing without a run."""
        return "" if self.judged is None else self.judged.scenario.information

    @property
    def hindsight(self) -> bool:
        """Whether the run knows law of after the day of the review."""
        return self.knows == "today" and self.as_of < last_day()

    @property
    def counts(self) -> dict[str, int]:
        """Rows of plans that are not closed by state."""
        current = self.rows[~self.rows["closed"] & (self.rows["superseded_by"] == "")]
        return {str(state): int(count) for state, count in current["state"].value_counts(sort=False).items()}


Run = Callable[[Sequence[Scenario]], JudgedRun]


def monitor(
    plan: Scenario | str | Path,
    actuals: str | Path | Iterable[str | Path] = (),
    as_of: date | str | int | None = None,
    *,
    levers: Iterable[str | Path] = (),
    set: Mapping[str, Values] | Iterable[str] = (),
    growth: Mapping[str, Values] | Iterable[str] = (),
    known: str | None = None,
    run: Run | None = None,
) -> Monitor:
    """Where every row of a plan stands: what `simengine monitor` prints.

    Parameters
    ----------
    plan : scenario, region with a baseline, or file of targets (`simengine.judge.monitor.plans.plan_of`)
    actuals : own tables of actuals, beside those of the scenario (simengine/notes/actuals.md)
    as_of : day of the review, or a year or month whose end it is (``2022-09``); today when left out
    known : ``today`` or ``opening``: what the run knows of law and figures; that of the plan's scenario when left out
    levers, set, growth : what-ifs of the run, as `simengine.what_if` takes them
    run : runs scenarios; `judge_scenarios` when left out

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once

    Examples
    --------
    >>> found = monitor("haiyan", as_of=2023)
    >>> found.rows[["id", "state"]].values.tolist()[-1][1] in ("no_actual", "no_base")
    True
    """
    named = [str(name) for name in ([actuals] if isinstance(actuals, str | Path) else actuals)]
    errors: list[SimengineError] = []
    day = last_day()
    found: Plan | None = None
    try:
        day = _day(as_of)
    except SimengineError as error:
        errors.append(error)
    try:
        meant = plan_of(plan)
        found = _with_actuals(meant if known is None else known_as_of(meant, known), named)
    except SimengineError as error:
        errors += each_error(error)
    if found is None:
        raise_all(errors)
        raise AssertionError
    tables = [Path(name) for name in named if is_table(name)]
    reports, faults = reports_of(found.targets, found.scenario, tables, day)
    raise_all([*errors, *faults])
    judged, refused = None, None
    if found.scenario is not None:
        hidden = replace(found.scenario.actuals, left_out=reports.left_out)
        scenario = replace(found.scenario, actuals=hidden)
        scenario = what_if(scenario, levers=levers, set=set, growth=growth)
        judged = (run or judge_scenarios)([scenario])[scenario.key]
        reports = entered(reports, _known_to(judged))
        refused = _impossible(judged)
    return _reviewed(found, reports, judged, day, refused)


def _day(text: date | str | int | None) -> date:
    """The day of a review: a day, or the last one of a month or year.

    >>> _day("2022-09"), _day(2024)
    (datetime.date(2022, 9, 30), datetime.date(2024, 12, 31))
    """
    if text is None:
        return last_day()
    if isinstance(text, date):
        return text
    match = DAY.fullmatch(str(text).strip())
    if match is not None:
        year, month = int(match[1]), int(match[2] or 12)
        last = monthrange(year, month)[1]
        if int(match[3] or last) <= last:
            return date(year, month, int(match[3] or last))
    raise ScenarioError("monitor_day", where="--as-of", value=text)


def _with_actuals(plan: Plan, names: Sequence[str]) -> Plan:
    """A plan with own tables among the actuals of its run."""
    if plan.scenario is None:
        absent = [name for name in names if not Path(name).is_file()]
        raise_all([ScenarioError("file_absent", name=name) for name in absent])
        return plan
    scenario = with_tables(plan.scenario, names)
    return replace(plan, scenario=scenario, key=scenario.key if names else plan.key)


def _known_to(judged: Judged) -> frozenset[str]:
    """Places of the figures that the run was given."""
    settled = judged.result.openings.settled(judged.scenario)
    return frozenset(row.statement.where for row in settled.rows if settled.seen and not row.compared)


def _impossible(judged: Judged) -> Words | None:
    """Why no figure of a run may be used that its actuals make impossible; None where it is sound."""
    try:
        judged.refuse_unsound()
    except ImpossibleError:
        wrong = judged.bounds[~judged.bounds["ok"].astype(bool)]
        places = [f"{row['measure']} {row['region']}" for row in wrong.to_dict("records")]
        return both("remarks", "impossible", names=", ".join(dict.fromkeys(places)))
    return None


def _reviewed(plan: Plan, reports: Reports, judged: Judged | None, day: date, refused: Words | None) -> Monitor:
    """Every row with a target that repeats no other, under review."""
    usable = judged is not None and refused is None
    verdicts: Mapping[str, Verdict] = {row.id: row for row in judged.verdicts} if judged is not None and usable else {}
    definitions = judged.definitions if judged is not None else Definitions()
    options = Options(definitions=definitions)
    known: dict[Any, dict[int, float]] = {}
    tracked: list[Tracked] = []
    for row in plan.targets:
        if row.target is None or row.duplicate_of is not None or row.target.operator is None:
            continue
        verdict = verdicts.get(row.id)
        shown = verdict if verdict is not None and verdict.verdict in SHOWN and verdict.projected is not None else None
        series: Mapping[int, float] = {}
        if shown is not None and judged is not None:
            key = (key_of(row), row.unit)
            known.setdefault(key, {})
            if not known[key]:
                known[key] = engine_series(row, judged.projection, definitions)
            series = known[key]
        tracked.append(
            track(row, row.target, plan.targets, reports.by_key.get(key_of(row), ()), series, shown, options)
        )
    repeated = sum(row.duplicate_of is not None for row in plan.targets)
    rows = rows_of(tracked, day)
    return Monitor(
        plan=plan.key,
        as_of=day,
        rows=rows,
        points=points_of(tracked),
        expansion=expansion_table(tracked, reports, day),
        remarks=(*([refused] if refused is not None else []), *_remarks(plan, reports, judged, usable=usable)),
        repeated=repeated,
        tracked=tuple(tracked),
        judged=judged,
        discarded=refused is not None,
    )


def _withheld(judged: Judged) -> list[Words]:
    """Rows on a fund that have no figure of the run, as the funds of their region are not judged, and why."""
    rows = [row for row in judged.verdicts if row.withheld and row.duplicate_of is None]
    found = judged.fund_verdicts if rows else {}
    told = []
    for region in dict.fromkeys(row.region for row in rows):
        names, why = ", ".join(row.id for row in rows if row.region == region), reason(found[region])
        en, zh = (word("remarks", "withheld", lang, names=names, reason=getattr(why, lang)) for lang in LANGUAGES)
        told.append(Words(en, zh))
    return told


def _remarks(plan: Plan, reports: Reports, judged: Judged | None, *, usable: bool) -> list[Words]:
    """What a reader must know of figures and run; `usable` where a figure of the run may be told."""
    told: list[Words] = []
    if judged is None:
        bases = ", ".join(dict.fromkeys(name.rpartition("-")[0] for name in sorted(basis_names())))
        told.append(both("remarks", "no_basis", regions=", ".join(plan.regions), known=bases))
    if reports.unused:
        en, zh = (
            BETWEEN[lang].join(dict.fromkeys(f"{item} ({place_text(place, lang)})" for item, place in reports.unused))
            for lang in LANGUAGES
        )
        told.append(Words(word("remarks", "unused", "en", names=en), word("remarks", "unused", "zh", names=zh)))
    if reports.other_reading:
        told.append(both("remarks", "other_reading", names=", ".join(dict.fromkeys(reports.other_reading))))
    if reports.later:
        told.append(both("remarks", "later", count=reports.later))
        if judged is not None:
            told.append(both("remarks", "knows_more"))
    if judged is not None:
        told += _withheld(judged) if usable else []
        told += judged.remarks
    return told
