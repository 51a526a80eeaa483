"""Reverse stress: failure is defined first, then the smallest shock of each stress that brings it about is found.

import simengine

found = simengine.reverse_stress("xuzhou/baseline", ["XZ-14-05", "work_injury:2040"])
found.rows         # one row a failure and stress

A shock is doubled from a small one up to the largest that its file allows; between the last that passes and the first
that fails, the smallest is found by `scipy.optimize.brentq` on the margin. It is told only where 99 % of it passes and
101 % fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ErrorList, LeverError, ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import LANGUAGES, Words, near
from simengine.common.processors import processors
from simengine.decide.stress.batch import Base, Judged, ShockRuns, base_of, judged
from simengine.decide.stress.forms import REASONS, STATED, Place, place_of, shocked, why_not
from simengine.decide.stress.library import Stress, find_stresses
from simengine.decide.stress.record import nearest
from simengine.engine.what_if import what_if
from simengine.judge.checks.anchors import FundVerdict
from simengine.judge.indicators import registry
from simengine.judge.quantities.select import label_word
from simengine.judge.run import ImpossibleError
from simengine.judge.targets.rows import Target
from simengine.registry.axes import FUND
from simengine.scenario.combine import read_lever
from simengine.scenario.inherit import is_file, packaged
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.progress import Progress

DOUBLINGS = 7
"""Shocks of the mesh below the largest one, each half of the next."""

CLOSE = 1e-4
"""Relative width within which the smallest shock is found; far below the one per cent that is checked."""

BELOW, ABOVE = 0.99, 1.01

FOUND, NONE, ALREADY, UNSURE = "found", "none", "already", "unsure"
"""What is found: a shock; none up to the largest; the baseline fails already; no shock that passes at 99 % and fails at
101 % (the verdict is not monotone there)."""

STATUSES = (NONE, ALREADY, UNSURE, *REASONS)
"""What is found where there is no smallest shock."""

ROWS = (
    *("scenario", "failure", "name", "stress", "title", "status", "shock", "printed", "unit", "in_sd", "of_library"),
    *("nearest_year", "nearest_region", "nearest_shock", "as_bad", "figures", "undone_by", "tried", "most"),
)
"""Columns of the rows; notes/stress.md, section 5."""


@dataclass(frozen=True)
class Failure:
    """What counts as a failure: a missed row of the plan, or a fund below zero at a year end before a year.

    Attributes
    ----------
    text : as it was asked for
    """

    text: str
    row: Target | None = None
    fund: str = ""
    before: int = 0

    def name(self, lang: str) -> str:
        """What it is called."""
        if self.row is not None:
            return self.row.name_local if lang == "zh" else self.row.name_en
        return label_word("fund", self.fund, lang)

    def margin(self, found: Judged, place: int) -> float:
        """How far a scenario is from failing: below zero it fails [unit of the row, or yuan]."""
        if not found.possible[place]:
            return math.nan
        if self.row is None:
            return found.lowest(place, self.fund, self.before)
        verdict = found.verdicts[place][self.row.id]
        return _from_edge(self.row, verdict.verdict == "met", verdict.projected)


def _from_edge(row: Target, met: bool, projected: float | None) -> float:
    """Distance of an unrounded figure from where its rounding meets the goal; the verdict alone where there is no edge.

    A figure is rounded half up to the decimals of the goal before it is compared, so that the edge of ``>=`` lies half
    a unit of the last digit below it.
    """
    goal = row.target
    if goal is not None and projected is not None and goal.operator in (">=", "<="):
        half = float(Decimal(5).scaleb(-goal.decimals - 1))
        edge = float(goal.exact) + (-half if goal.operator == ">=" else half)
        away = projected - edge if goal.operator == ">=" else edge - projected
        if (away > 0.0) == met:
            return away
    return 1.0 if met else -1.0


@dataclass(frozen=True, eq=False)
class Reversed:
    """Smallest shocks.

    Attributes
    ----------
    rows : one a failure and stress (`ROWS`)
    start : first year of the shocks
    """

    scenario: Scenario
    failures: Sequence[Failure]
    stresses: Sequence[Stress]
    rows: pd.DataFrame = field(repr=False)
    start: int


def reverse_stress(
    scenario: Scenario | str | Path,
    failures: str | Iterable[str],
    stresses: str | Iterable[str] | None = None,
    *,
    mends: str | Iterable[str] = (),
    start: int | None = None,
    lang: str = "en",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Reversed:
    """The smallest shock of each stress that makes a scenario fail: what `simengine stress --break` prints.

    Parameters
    ----------
    failures : id of a row of the plan (missed), or FUND:YEAR (the fund is below zero at a year end before the year)
    stresses : names of the library, combinations among them; all when left out
    mends : levers that are tried against the shock beside those of its file: packaged names, or own files
    start : first year of the shocks, as `stress` takes it

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    place, chosen, levers = prepared_reverse(scenario, stresses, mends, start)
    runs = ShockRuns(threads or processors(), None, 1)
    base = base_of(place.scenario, runs)
    asked = read_failures(base, [failures] if isinstance(failures, str) else list(failures))
    return reverse_prepared(base, place, asked, chosen, levers, lang, progress)


def prepared_reverse(
    scenario: Scenario | str | Path, stresses: str | Iterable[str] | None, mends: str | Iterable[str], start: int | None
) -> tuple[Place, list[Stress], list[str]]:
    """Scenario, stresses and levers, checked; everything that is wrong is raised at once."""
    errors: list[SimengineError] = []
    chosen: list[Stress] = []
    place: Place | None = None
    try:
        chosen = find_stresses(stresses)
    except SimengineError as error:
        errors += each_error(error)
    try:
        loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        place = place_of(loaded, start)
    except SimengineError as error:
        errors += each_error(error)
    levers = [mends] if isinstance(mends, str) else [str(one) for one in mends]
    known = packaged("levers")
    for name in levers:
        if is_file(name):
            path = Path(name)
            if not path.is_file():
                errors.append(ScenarioError("file_absent", where="--mend", name=name))
            else:
                errors += read_lever(path, path.stem)[1]
        elif name not in known:
            told = ", ".join(known)
            errors.append(LeverError("lever_unknown", where="--mend", near=near(name, known), name=name, known=told))
    raise_all(errors)
    if place is None:
        raise ErrorList(errors)
    return place, chosen, levers


def read_failures(base: Base, texts: Sequence[str]) -> list[Failure]:
    """What was asked for, as failures.

    Raises
    ------
    ScenarioError or an ErrorList of them: an unknown row or fund, a row that no projection decides, a fund without a
    verdict, a year outside the projection
    """
    rows = {row.id: row for row in base.targets if row.duplicate_of is None}
    words = {fund: (fund, *(label_word("fund", fund, lang) for lang in LANGUAGES)) for fund in FUND}
    funds = {text.lower(): fund for fund, texts_of in words.items() for text in texts_of}
    found: list[Failure] = []
    errors: list[SimengineError] = []
    for text in texts:
        name, colon, year = (part.strip() for part in text.replace("：", ":").partition(":"))
        try:
            if colon:
                found.append(_fund_failure(base, text, name, year, funds))
            else:
                found.append(_row_failure(base, text, name, rows, funds))
        except SimengineError as error:
            errors.append(error)
    raise_all(errors)
    return found


def _row_failure(base: Base, text: str, name: str, rows: Mapping[str, Target], funds: Mapping[str, str]) -> Failure:
    where = f"--break {text}"
    if name not in rows:
        if name.lower() in funds:
            raise ScenarioError("break_fund_year", where=where, name=name)
        known = ", ".join(rows) or "-"
        raise ScenarioError("break_unknown", where=where, near=near(name, rows), name=name, known=known)
    row = rows[name]
    if row.indicator not in registry():
        raise ScenarioError("break_not_modelled", where=where, name=name)
    return Failure(text, row)


def _fund_failure(base: Base, text: str, name: str, year: str, funds: Mapping[str, str]) -> Failure:
    where = f"--break {text}"
    fund = funds.get(name.lower())
    if fund is None:
        known = ", ".join(FUND)
        raise ScenarioError("break_unknown", where=where, near=near(name, funds), name=name, known=known)
    if not base.holds_funds:
        raise ScenarioError("break_no_fund", where=where, scenario=base.scenario.key)
    if not base.funds_judged:
        decided = next(one for one in base.decided.values() if not one.given)
        raise ScenarioError("break_withheld", where=where, scenario=base.scenario.key, reason=_both(decided))
    first, last = base.scenario.content.years
    if not year.isdigit() or not first < int(year) <= last + 1:
        raise ScenarioError("break_year", where=where, year=year or "-", first=first + 1, last=last + 1)
    return Failure(text, None, fund, int(year))


def _both(decided: FundVerdict) -> Words:
    """Why funds have no verdict, in both languages."""
    return Words(decided.text("en").rstrip("."), decided.text("zh").rstrip("。"))


def reverse_prepared(
    base: Base,
    place: Place,
    failures: Sequence[Failure],
    chosen: Sequence[Stress],
    mends: Sequence[str],
    lang: str = "en",
    progress: Progress | None = None,
) -> Reversed:
    """The search that was checked."""
    import pandas as pd

    rows: list[list[Any]] = []
    total = len(failures) * len(chosen)
    for one in chosen:
        search = _Search(base, place, one, failures)
        for failure in failures:
            if progress is not None:
                progress("reverse", len(rows), total)
            rows.append(_row(search, failure, mends, lang))
    if progress is not None:
        progress("reverse", len(rows), total)
    whole = ("nearest_year", "as_bad", "figures")
    frame = pd.DataFrame(rows, columns=list(ROWS)).astype(dict.fromkeys(whole, "Int64"))
    order = {failure.text: number for number, failure in enumerate(failures)}
    frame = frame.sort_values("failure", key=lambda texts: texts.map(order), kind="stable", ignore_index=True)
    return Reversed(base.scenario, failures, chosen, frame, place.start)


def _row(search: _Search, failure: Failure, mends: Sequence[str], lang: str) -> list[Any]:
    """What was found of one failure under one stress."""
    one = search.stress
    status, shock = search.smallest(failure)
    head = [search.base.scenario.key, failure.text, failure.name(lang), one.key, one.title(lang), status]
    most = search.most
    if status != FOUND:
        return [*head, math.nan, "", one.unit(lang), math.nan, math.nan, None, "", math.nan, None, None, "", "", most]
    undone, tried = search.undone(failure, ABOVE * shock, mends)
    close = nearest(one, shock)
    figures = None if one.content.stated is None else one.content.stated.count
    year, region, away, as_bad = (None, "", math.nan, None) if close is None else close
    in_units = [shock, one.printed(shock), one.unit(lang), one.in_sd(shock), shock / one.content.size]
    beside = [year, region.rpartition("-")[0], away, as_bad, figures]
    return [*head, *in_units, *beside, "; ".join(undone), "; ".join(tried), most]


class _Search:
    """Runs one stress at any size, and keeps what each size gives to every failure."""

    def __init__(self, base: Base, place: Place, stress: Stress, failures: Sequence[Failure]) -> None:
        self.base, self.place, self.stress = base, place, stress
        self.failures = failures
        self.rows = list({one.row.id: one.row for one in failures if one.row is not None}.values())
        self.margins: dict[float, dict[str, float]] = {}
        self.mesh: list[float] = []
        self.count = 0
        self.reason = why_not(stress, place.scenario)

    @property
    def most(self) -> float:
        """The largest shock that was looked at."""
        return max(self.mesh, default=math.nan)

    def smallest(self, failure: Failure) -> tuple[str, float]:
        """Status, and the smallest shock that makes the scenario fail."""
        if not self.mesh and not self.reason:
            self._lay_mesh()
        if self.reason:
            return self.reason, math.nan
        margins = [self.at(shock)[failure.text] for shock in self.mesh]
        if margins[0] < 0.0:
            return ALREADY, math.nan
        after = next((place for place, margin in enumerate(margins) if margin < 0.0), None)
        if after is None:
            return NONE, math.nan
        for method in (self._by_margin, self._by_verdict):
            shock = method(failure, self.mesh[after - 1], self.mesh[after])
            if self.at(BELOW * shock)[failure.text] >= 0.0 > self.at(ABOVE * shock)[failure.text]:
                return FOUND, shock
        return UNSURE, math.nan

    def _lay_mesh(self) -> None:
        """Run the shocks that are looked at first, together; it ends below the first that the engine refuses.

        A shock that is too large to be stated, such as fewer than no children, or with an impossible result, is no
        failure: the mesh ends before it.
        """
        mesh = [0.0, *(math.ldexp(self.stress.content.most, -halved) for halved in range(DOUBLINGS, -1, -1))]
        while len(mesh) > 1 and not self.reason:
            try:
                self._run(mesh)
                break
            except SimengineError as error:
                if not all(isinstance(one, LeverError) for one in each_error(error)):
                    raise
                mesh.pop()
        if self.reason:
            return
        wrong = next((place for place, shock in enumerate(mesh) if not _finite(self.margins[shock])), len(mesh))
        self.mesh = mesh[:wrong]

    def at(self, shock: float) -> dict[str, float]:
        """Margin of every failure under a shock; not a number where its result is impossible."""
        if shock not in self.margins:
            try:
                self._run([shock])
            except (ImpossibleError, LeverError):
                self.margins[shock] = {one.text: math.nan for one in self.failures}
        return self.margins[shock]

    def _run(self, shocks: Sequence[float]) -> None:
        """Run some shocks; the reason is set where the scenario states what the stress moves."""
        made: list[Scenario] = []
        for shock in shocks:
            self.count += 1
            under = shocked(self.stress, shock, self.place, f"{self.base.scenario.key}~{self.stress.key}~{self.count}")
            if under is None:
                self.reason = STATED
                return
            made.append(under)
        found = judged(self.base, made, self.rows)
        _refuse_unjudged(self.failures, found)
        for place, shock in enumerate(shocks):
            self.margins[shock] = {one.text: one.margin(found, place) for one in self.failures}

    def _by_margin(self, failure: Failure, low: float, high: float) -> float:
        """Root of the margin between a shock that passes and one that fails."""
        from scipy.optimize import brentq

        width = CLOSE * high
        return float(brentq(lambda shock: self.at(float(shock))[failure.text], low, high, xtol=width, rtol=CLOSE))

    def _by_verdict(self, failure: Failure, low: float, high: float) -> float:
        """Where the verdict flips between the two, by halves."""
        from scipy.optimize import bisect

        def sign(shock: float) -> float:
            return 1.0 if self.at(float(shock))[failure.text] >= 0.0 else -1.0

        return float(bisect(sign, low, high, xtol=CLOSE * high, rtol=CLOSE))

    def undone(self, failure: Failure, shock: float, mends: Sequence[str]) -> tuple[list[str], list[str]]:
        """Levers that undo a failure under a shock, and those that were tried."""
        under = shocked(self.stress, shock, self.place, f"{self.base.scenario.key}~{self.stress.key}~mended")
        own = self.base.region
        names = [one for one in (*self.stress.content.undone_by, *mends) if _for_region(one, own)]
        undone: list[str] = []
        tried: list[str] = []
        for name in dict.fromkeys(names):
            try:
                mended = what_if(under, levers=[name])  # type: ignore[arg-type]
                found = judged(self.base, [mended], self.rows)
            except SimengineError as error:
                if all(isinstance(one, LeverError | ScenarioError | ImpossibleError) for one in each_error(error)):
                    continue  # it meets what the scenario states, acts on nothing here, or is dated before the start
                raise
            tried.append(name)
            undone += [name] if failure.margin(found, 0) >= 0.0 else []
        return undone, tried


def _finite(margins: Mapping[str, float]) -> bool:
    return not any(math.isnan(margin) for margin in margins.values())


def _refuse_unjudged(failures: Sequence[Failure], found: Judged) -> None:
    """A row that gets no verdict cannot be missed."""
    errors: list[SimengineError] = []
    for one in failures:
        code = "met" if one.row is None else found.verdicts[0][one.row.id].verdict
        if code not in ("met", "missed"):
            errors.append(ScenarioError("break_no_verdict", where=f"--break {one.text}", name=one.text))
    raise_all(errors)


def _for_region(lever: str, region: str) -> bool:
    """Whether a lever is not one of another region: packaged levers of a region begin with its name."""
    owner = lever.partition("_")[0]
    others = {name.partition("/")[0] for name in packaged()} - {region}
    return is_file(lever) or owner not in others
