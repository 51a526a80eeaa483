"""Reverse stress: failure is defined first, then the smallest shock of each stress that brings it about is found.

import simengine

found = simengine.reverse_stress("xuzhou/baseline", ["XZ-14-05", "work_injury:2040"])
found.rows         # one row a failure and stress

One run of the baseline tells what fails without a shock. For everything else the shocks of a mesh are run, together by
stress; between the last that passes and the first that fails, the smallest is found (`simengine.decide.stress.search`).
It is told only where 99 % of it passes and 101 % fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.common.errors import ErrorList, LeverError, ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import LANGUAGES, Words, near
from simengine.common.processors import processors
from simengine.decide.stress.batch import Base, Judged, SearchRuns, base_of, judged, until
from simengine.decide.stress.failure import JUDGED, Failure
from simengine.decide.stress.forms import Place, place_of
from simengine.decide.stress.library import Stress, find_stresses
from simengine.decide.stress.record import nearest
from simengine.decide.stress.search import ALREADY, FOUND, Search, smallest_of, undone_of
from simengine.judge.checks.anchors import FundVerdict
from simengine.judge.indicators import registry
from simengine.judge.quantities.select import label_word
from simengine.judge.targets.rows import Target
from simengine.registry.axes import FUND
from simengine.scenario.combine import read_lever
from simengine.scenario.inherit import is_file, packaged
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.progress import Progress

ROWS = (
    *("scenario", "failure", "name", "stress", "title", "status", "shock", "printed", "unit", "in_sd", "of_library"),
    *("nearest_year", "nearest_region", "nearest_shock", "as_bad", "figures", "undone_by", "tried", "most", "limit"),
    *("goal", "as_is"),
)
"""Columns of the rows; notes/stress.md, section 5."""


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
    base = base_of(place.scenario, SearchRuns(threads or processors()))
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

    short = until(base, _horizon(place, failures))
    here = replace(place, scenario=short.scenario)
    own = judged(short, [short.scenario], _rows_of(failures))
    _refuse_unjudged(failures, own)
    safe = [one for one in failures if one.margin(own, 0) >= 0.0]
    searches = [Search(short, here, one, safe, {one.text: one.margin(own, 0) for one in safe}) for one in chosen]
    if safe:
        for done, search in enumerate(searches):
            if progress is not None:
                progress(f"reverse {search.stress.title(lang)}, {_share(done, len(searches))}")
            search.lay_mesh()
        if progress is not None:
            progress("reverse_edges")
        smallest = smallest_of(searches, safe)
        if progress is not None:
            progress("reverse_mends")
        undone = undone_of(smallest, mends)
    rows: list[list[Any]] = []
    for failure in failures:
        for search in searches:
            found = (search.reason or ALREADY, math.nan) if failure not in safe else smallest[search, failure]
            levers = undone.get((search, failure), ([], [])) if failure in safe else ([], [])
            rows.append([*_row(search, failure, found, levers, lang), failure.goal, failure.figure(own, 0)])
    whole = ("nearest_year", "as_bad", "figures")
    frame = pd.DataFrame(rows, columns=list(ROWS)).astype(dict.fromkeys(whole, "Int64"))
    return Reversed(base.scenario, failures, chosen, frame, place.start)


def _share(done: int, total: int) -> str:
    return f"{100 * done // total} %"


def _horizon(place: Place, failures: Sequence[Failure]) -> int:
    """Last year that the search runs; all of them where actuals are held, which speak of years of their own."""
    last = place.scenario.content.years[1]
    if place.scenario.actuals:
        return last
    return min(max(place.start, *(one.until for one in failures)), last)


def _rows_of(failures: Sequence[Failure]) -> list[Target]:
    return list({one.row.id: one.row for one in failures if one.row is not None}.values())


def _row(
    search: Search, failure: Failure, found: tuple[str, float], levers: tuple[list[str], list[str]], lang: str
) -> list[Any]:
    """What was found of one failure under one stress."""
    one = search.stress
    status, shock = found
    head = [search.base.scenario.key, failure.text, failure.name(lang), one.key, one.title(lang), status]
    most = [search.most, search.limit]
    if status != FOUND:
        return [*head, math.nan, "", one.unit(lang), math.nan, math.nan, None, "", math.nan, None, None, "", "", *most]
    undone, tried = levers
    close = nearest(one, shock)
    figures = None if one.content.stated is None else one.content.stated.count
    year, region, away, as_bad = (None, "", math.nan, None) if close is None else close
    in_units = [shock, one.printed(shock), one.unit(lang), one.in_sd(shock), shock / one.content.size]
    beside = [year, region.rpartition("-")[0], away, as_bad, figures]
    return [*head, *in_units, *beside, "; ".join(undone), "; ".join(tried), *most]


def _refuse_unjudged(failures: Sequence[Failure], found: Judged) -> None:
    """A row that gets no verdict cannot be missed."""
    errors: list[SimengineError] = []
    for one in failures:
        code = "met" if one.row is None else found.verdicts[0][one.row.id].verdict
        if code not in JUDGED:
            errors.append(ScenarioError("break_no_verdict", where=f"--break {one.text}", name=one.text))
    raise_all(errors)
