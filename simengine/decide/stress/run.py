"""Every stress beside a baseline: each row of the plan and each fund, with its verdict and how near it comes.

import simengine

found = simengine.stress("jiangxi/baseline")
found.cells        # one row a target or fund and stress: verdict before and after, figures, distance
found.library      # the stresses with their sizes, in units and in standard deviations
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.processors import processors
from simengine.decide.stress.batch import Base, Judged, ShockRuns, base_of, judged
from simengine.decide.stress.forms import STATED, Place, place_of, shocked, why_not
from simengine.decide.stress.library import Stress, find_stresses
from simengine.decide.stress.record import nearest
from simengine.judge.quantities.select import label_word
from simengine.judge.targets.verdicts import WITHHELD, Verdict
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from simengine.common.progress import Progress
    from simengine.judge.targets.rows import Target

BEFORE, YEAR = 2050, 2035
"""Year before which a fund must not be below zero, and year of its months, where none are stated."""

BASELINE = "baseline"
HOLDS, BELOW, NO_FUND, IMPOSSIBLE = "holds", "below_zero", "no_fund", "impossible"
"""Verdicts of a fund beside `withheld`, and the verdict of a scenario with an impossible result."""

VERDICTS = (HOLDS, BELOW, NO_FUND, IMPOSSIBLE)

JUDGED = ("met", "missed", WITHHELD)
CELLS = (
    *("scenario", "region", "kind", "id", "name", "goal", "unit", "year", "stress", "shock", "base_verdict", "verdict"),
    *("flips", "base_value", "value", "change", "distance", "reason"),
)
"""Columns of the cells; notes/stress.md, section 4."""

LIBRARY = (
    *("stress", "name", "form", "shape", "years", "size", "printed", "unit", "sd", "in_sd", "sensitivity"),
    *("worst_year", "worst_value", "five_from", "five_to", "five_value", "mean", "figures", "as_bad", "evidence"),
    *("source", "reason"),
)


@dataclass(frozen=True, eq=False)
class Stressed:
    """What the stresses do.

    Attributes
    ----------
    cells : one row a target or fund and stress (`CELLS`)
    library : the stresses with their records (`LIBRARY`)
    left_out : stresses that do not apply to a scenario, with the reason: scenario, stress, reason
    starts : first year of the stresses, by scenario
    rows_left_out : rows of the plan that no projection decides, by scenario
    why : what is said of the funds of each region that have no verdict, by scenario and language
    shown : regions whose rows the tables and the picture show, by scenario; the cells hold all
    """

    scenarios: Sequence[Scenario]
    stresses: Sequence[Stress]
    cells: pd.DataFrame = field(repr=False)
    library: pd.DataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    starts: dict[str, int]
    rows_left_out: dict[str, int]
    why: dict[str, dict[str, str]]
    before: int
    year: int
    shown: dict[str, tuple[str, ...]]


def stress(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    stresses: str | Iterable[str] | None = None,
    *,
    start: int | None = None,
    before: int = BEFORE,
    year: int = YEAR,
    regions: Sequence[str] = (),
    lang: str = "en",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Stressed:
    """Put stresses on scenarios: what `simengine stress` prints.

    Each stress is one scenario beside the baseline, run and checked as `simengine check` does.

    Parameters
    ----------
    scenarios : one or more; packaged names, files, or scenarios loaded before
    stresses : names of the library; all of them when left out
    start : first year of the stresses; the first year of which no payers are known when left out
    before : a fund fails when it is below zero at a year end before this year
    year : of the months that a fund has in hand
    regions : regions whose rows the tables show: areas of a city by key or name; the scenario's own when left out
    lang : language of names

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    places, chosen = prepared(scenarios, stresses, start, before, year, regions)
    return run_prepared(places, chosen, before, year, lang, threads, progress, regions)


def prepared(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    stresses: str | Iterable[str] | None,
    start: int | None,
    before: int,
    year: int,
    regions: Sequence[str] = (),
) -> tuple[list[Place], list[Stress]]:
    """Scenarios with the first year of their shocks, and the stresses, checked; all that is wrong is raised at once."""
    errors: list[SimengineError] = []
    chosen: list[Stress] = []
    try:
        chosen = find_stresses(stresses)
    except SimengineError as error:
        errors += each_error(error)
    bases: list[Scenario] = []
    given = [scenarios] if isinstance(scenarios, Scenario | str | Path) else list(scenarios)
    for one in given:
        try:
            bases.append(one if isinstance(one, Scenario) else load_scenario(one))
        except SimengineError as error:
            errors += each_error(error)
    if not given:
        errors.append(ScenarioError("no_scenario"))
    keys = [one.key for one in bases]
    errors += [ScenarioError("scenario_twice", name=key) for key in dict.fromkeys(keys) if keys.count(key) > 1]
    places: list[Place] = []
    for scenario in bases:
        errors += _years_faults(scenario, before, year)
        try:
            places.append(place_of(scenario, start))
        except SimengineError as error:
            errors += each_error(error)
    errors += _region_faults(bases, regions)
    raise_all(errors)
    return places, chosen


def _region_faults(bases: Sequence[Scenario], regions: Sequence[str]) -> Iterator[SimengineError]:
    """Regions that no scenario asked for has."""
    held = list(dict.fromkeys(region for one in bases for region in regions_of(one)))
    for name in regions:
        if bases and region_key(name, held) is None:
            told: dict[str, Any] = {"name": name, "known": ", ".join(held), "scenario": ", ".join(b.key for b in bases)}
            yield ScenarioError("quantity_region", where="--region", **told)


def regions_of(scenario: Scenario) -> list[str]:
    """The scenario's own region and the areas it is parted into."""
    basis = load_basis(scenario.basis)
    return [basis.region, *(load_basis(name).region for name in basis.partition or ())]


def region_key(name: str, held: Sequence[str]) -> str | None:
    """A region of some by its key or its name in either language."""
    places = load_regions()
    known = {key: key for key in held}
    known |= {text.lower(): key for key in held if key in places for text in (places[key].name, places[key].local_name)}
    return known.get(name.strip().lower())


def _years_faults(scenario: Scenario, before: int, year: int) -> Iterator[SimengineError]:
    """Years outside the projection."""
    first, last = scenario.content.years
    for option, asked, most in (("--before", before, last + 1), ("--year", year, last)):
        if not first <= asked <= most:
            told: dict[str, Any] = {"year": asked, "first": first, "last": most, "scenario": scenario.key}
            yield ScenarioError("stress_year", where=option, **told)


def run_prepared(
    places: Sequence[Place],
    chosen: Sequence[Stress],
    before: int,
    year: int,
    lang: str,
    threads: int | None = None,
    progress: Progress | None = None,
    regions: Sequence[str] = (),
) -> Stressed:
    """The stresses that `prepared` has checked."""
    import pandas as pd

    bases = [place.scenario for place in places]
    runs = ShockRuns(threads or processors(), progress, len(bases) * (len(chosen) + 1))
    cells: list[list[Any]] = []
    left_out: list[tuple[str, str, str]] = []
    rows_left_out: dict[str, int] = {}
    why: dict[str, dict[str, str]] = {}
    starts: dict[str, int] = {}
    for place in places:
        scenario = place.scenario
        starts[scenario.key] = place.start
        made: list[tuple[Stress, Scenario]] = []
        for one in chosen:
            reason = why_not(one, scenario)
            under = None if reason else shocked(one, one.content.size, place, f"{scenario.key}~{one.key}")
            if under is None:
                left_out.append((scenario.key, one.key, reason or STATED))
            else:
                made.append((one, under))
        runs.total -= len(chosen) - len(made)
        base = base_of(scenario, runs)
        found = judged(base, [scenario, *(under for _, under in made)])
        asked = _Asked(base, found, [one for one, _ in made], before, year, lang)
        mine = list(_target_cells(asked)) + list(_fund_cells(asked))
        cells += mine
        rows_left_out[scenario.key] = sum(1 for row in base.targets if row.duplicate_of is None) - len(
            {row[3] for row in mine if row[2] == "target"}
        )
        why |= {scenario.key: _why(base)} if not base.funds_judged else {}
    columns = {"left_out": ["scenario", "stress", "reason"]}
    frame = pd.DataFrame(cells, columns=list(CELLS))
    out = pd.DataFrame(left_out, columns=columns["left_out"])
    shown = {one.key: _shown(one, regions) for one in bases}
    library = library_table(chosen, lang)
    return Stressed(bases, chosen, frame, library, out, starts, rows_left_out, why, before, year, shown)


def _shown(scenario: Scenario, regions: Sequence[str]) -> tuple[str, ...]:
    """Regions of a scenario whose rows are shown; its own where none is asked for."""
    held = regions_of(scenario)
    return tuple(key for name in regions if (key := region_key(name, held))) if regions else (held[0],)


def _why(base: Base) -> dict[str, str]:
    """Why the funds of a region have no verdict; nothing for a region that holds none in law."""
    if not base.holds_funds:
        return {}
    told = [one for one in base.decided.values() if not one.given]
    return {"en": " ".join(one.text("en") for one in told), "zh": "".join(one.text("zh") for one in told)}


# --- cells ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    """One baseline with its stresses, run."""

    base: Base
    found: Judged
    stresses: Sequence[Stress]
    before: int
    year: int
    lang: str

    def columns(self) -> Iterator[tuple[int, str, float]]:
        """Place of each scenario, its stress and the size of it: the baseline first."""
        yield 0, BASELINE, 0.0
        for place, one in enumerate(self.stresses, 1):
            yield place, one.key, one.content.size


def _target_cells(asked: _Asked) -> Iterator[list[Any]]:
    """Rows of the plan that a projection decides, under every stress."""
    rows = {row.id: row for row in asked.base.targets if row.duplicate_of is None}
    first = asked.found.verdicts[0] if asked.found.verdicts else {}
    for name, before in first.items():
        if name not in rows or before.verdict not in JUDGED:
            continue
        goal = f"{before.operator} {before.printed}".strip()
        title = before.name_zh if asked.lang == "zh" else before.name_en
        head = [asked.base.scenario.key, before.region, "target", name, title, goal, before.unit, before.year]
        for place, key, size in asked.columns():
            after = asked.found.verdicts[place][name]
            code = after.verdict if asked.found.possible[place] else IMPOSSIBLE
            figures = _figures(before.projected, after.projected if code != IMPOSSIBLE else None)
            distance = math.nan if code in (IMPOSSIBLE, WITHHELD) else _distance(rows[name], after)
            reason = before.reason_text(asked.lang) if code == WITHHELD else ""
            flips = code not in (before.verdict, IMPOSSIBLE)
            yield [*head, key, size, before.verdict, code, flips, *figures, distance, reason]


def _figures(before: float | None, after: float | None) -> tuple[float, float, float]:
    old, new = (math.nan if one is None else one for one in (before, after))
    return old, new, new - old


def _distance(row: Target, verdict: Verdict) -> float:
    """Distance on the good side of the goal, over the size of the goal [%]; of a goal of zero in its own unit."""
    if verdict.margin is None or row.target is None:
        return math.nan
    size = abs(float(row.target.exact))
    return 100.0 * verdict.margin / size if size else float(verdict.margin)


def _fund_cells(asked: _Asked) -> Iterator[list[Any]]:
    """Every fund of the region under every stress: whether it is below zero before a year, and its months in hand."""
    base, found = asked.base, asked.found
    at = asked.year - found.first - 1
    for fund in FUND:
        names = (label_word("fund", fund, asked.lang), f">= 0 < {asked.before}", "month", asked.year)
        head = [base.scenario.key, base.region, "fund", fund, *names]
        if not base.funds_judged:
            code = WITHHELD if base.holds_funds else NO_FUND
            for _, key, size in asked.columns():
                yield [*head, key, size, code, code, False, *[math.nan] * 4, ""]
            continue
        before = BELOW if found.lowest(0, fund, asked.before) < 0.0 else HOLDS
        for place, key, size in asked.columns():
            code = IMPOSSIBLE
            if found.possible[place]:
                code = BELOW if found.lowest(place, fund, asked.before) < 0.0 else HOLDS
            months = [float(found.months[each, FUND.index(fund), at]) for each in (0, place)]
            figures = _figures(months[0], None if code == IMPOSSIBLE else months[1])
            yield [*head, key, size, before, code, code not in (before, IMPOSSIBLE), *figures, figures[1], ""]


# --- the library ------------------------------------------------------------------------------------------------------


def library_table(chosen: Sequence[Stress], lang: str = "en") -> pd.DataFrame:
    """The stresses with their sizes and their records (`LIBRARY`); sizes, means and values in the unit of the shock."""
    import pandas as pd

    rows = []
    for one in chosen:
        content, stated, record = one.content, one.content.stated, one.content.record
        close = nearest(one, content.size)
        figures: list[Any] = [None] * 7
        if stated is not None:
            five = stated.worst_five or (None, None, math.nan)
            figures = [*stated.worst_year, *five, stated.mean, stated.count]
        no_record = "" if content.no_record is None else getattr(content.no_record, "en" if lang == "en" else "local")
        sd = math.nan if stated is None else stated.sd
        rows.append(
            [one.key, one.title(lang), content.form, content.shape, content.years, content.size,
             one.printed(content.size), one.unit(lang), sd, one.in_sd(content.size), one.sensitivity,
             *figures, None if close is None else close[3], "" if record is None else record.evidence,
             no_record if record is None else record.source, content.reason]
        )  # fmt: skip
    whole = ("years", "worst_year", "five_from", "five_to", "figures", "as_bad")
    return pd.DataFrame(rows, columns=list(LIBRARY)).astype(dict.fromkeys(whole, "Int64"))
