"""Plan periods as cases: 2020 from 2015 against the actual values the plans print, 2024 from 2020 against the anchors.

The targets of a plan are scored as if they were forecasts. Levels are the printed ones of the first year; growth is the
engine's with the information of that year, of the region itself or, where it has no history, of its parent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simengine.basis.basis import load_basis
from simengine.judge.checks.free_run import SERIES, by_year, references
from simengine.judge.indicators import PLAN_UNITS, registry
from simengine.judge.targets.files import packaged_target_files, read_targets
from simengine.judge.targets.rows import Target
from simengine.law import LawTree
from simengine_calibration.backtest.information import Information, information
from simengine_calibration.backtest.rivals import constant_shares, drift
from simengine_calibration.backtest.run import Run, actual_figures, from_opening, go_on, history
from simengine_calibration.backtest.score import FitAt, Progress, no_fit, silent
from simengine_calibration.sources.histories import typed
from simengine_calibration.sources.regions import regions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

OPENING, PARENT, CHECK = "opening", "parent", "check"


@dataclass(frozen=True)
class Case:
    """Rows of one plan and how 2020 is predicted for them (``plan_13`` of figures/regions.yaml).

    Attributes
    ----------
    basis : basis whose run gives the growth; empty where nothing is run
    how : ``opening`` aligned in full at 2015 (levels are the engine's); ``own history`` and ``parent`` growth of that
        run on the printed level of 2015; ``check`` no level of 2015 is printed: the parent's level of 2020 by people
        stands beside it and is not scored; ``no actual`` nothing of 2020 is printed
    rows : ids of the plan's rows
    """

    region: str
    basis: str
    how: str
    rows: tuple[str, ...]


def cases() -> tuple[Case, ...]:
    """Cases of the 13th plan, 2016 to 2020."""
    rows = {region: row.plan_13 for region, row in regions().items()}
    return tuple(Case(key, one.basis or "", one.how, one.rows) for key, one in rows.items() if one is not None)


def anchored_regions() -> tuple[str, ...]:
    """Regions with an anchor of 2024, in the period of the 14th plan."""
    return tuple(typed("anchors")["regions"])


ANCHORED = (
    "members", "pensioners", "participants", "expenditure", "revenue", "balance", "resident_registered",
    "resident_recipients", "resident_participants", "resident_revenue", "resident_expenditure", "resident_balance",
)  # fmt: skip
"""Series of the anchors of 2024."""

FIRST, MIDDLE, LAST = 2015, 2020, 2024

SERIES_OF = {
    "uebps_participants": "participants", "resident_participants": "resident_participants",
    "ui_participants": "unemployment_insured", "wi_participants": "injury_insured",
}  # fmt: skip
"""Series that hold the earlier figures of a plan's indicator, for the drift."""


def plan_rows(region: str) -> dict[str, Target]:
    """Rows of a region's target file by id."""
    return {row.id: row for row in read_targets([packaged_target_files()[region]])}


def measured(data: xr.Dataset, indicator: str) -> dict[int, float]:
    """An indicator of the registry by year in base units, of a run of one region."""
    return by_year(data.expand_dims("region"), lambda found: registry()[indicator](found))


def thirteenth(law: LawTree, fit_at: FitAt = no_fit, progress: Progress = silent) -> pd.DataFrame:
    """2020 predicted from 2015 with the information of 2015, and the plans' targets, against the printed actuals.

    Returns
    -------
    columns region, row, indicator, unit, how, base, target, actual, engine, drift, shares (all in the plan's unit),
    engine_error, target_error, drift_error, shares_error (relative to the actual), note
    """
    import pandas as pd

    estimate, _ = fit_at(FIRST)
    rows = []
    given = cases()
    for number, case in enumerate(given):
        progress("plan13", number, len(given))
        targets = plan_rows(case.region)
        known = information(load_basis(case.basis), law, FIRST, estimate) if case.basis else None
        run = _run(known, case.how) if known is not None else None
        for name in case.rows:
            rows.append((case.region, name, *_row(targets[name], case, run)))
    columns = ["region", "row", "indicator", "unit", "how", "base", "target", "actual", "engine", "drift", "shares"]
    table = pd.DataFrame(rows, columns=columns)
    for said in ("engine", "target", "drift", "shares"):
        table[f"{said}_error"] = table[said] / table["actual"] - 1.0
    return table


def _run(known: Information, how: str) -> Run:
    """The run of a case to 2020: from its own opening aligned in full, or the history unaligned."""
    if how == OPENING:
        return from_opening(known, MIDDLE)[0]
    run = history(known, MIDDLE)
    go_on(run)
    return run


def _row(target: Target, case: Case, run: Run | None) -> tuple[object, ...]:
    """Indicator, unit, how, base, target, actual, engine, drift and shares of one row, in the plan's unit."""
    unit = PLAN_UNITS[target.unit][1]
    base = float(target.base.exact) if target.base else math.nan
    wanted = float(target.target.exact) if target.target else math.nan
    actual = float(target.actual.exact) if target.actual else math.nan
    engine = walk = same = math.nan
    if run is not None:
        path, rate = measured(run.data, target.indicator), target.unit == "%"
        if case.how == CHECK:
            part = load_basis(f"{case.region}-2020").population().sum() / run.known.basis.population().sum()
            engine = path[MIDDLE] / unit * (1.0 if rate else float(part))
        else:
            engine = path[MIDDLE] / unit if case.how == OPENING else base * path[MIDDLE] / path[FIRST]
            series = SERIES_OF.get(target.indicator, "participants")
            same = base if rate else constant_shares(series, base, FIRST, run.drivers, [MIDDLE])[MIDDLE]
            past = {} if case.how == PARENT or rate else actual_figures(run.known.basis).get(series, {})
            walk = drift(past, FIRST, [MIDDLE]).get(MIDDLE, math.nan) / unit
    return target.indicator, target.unit, case.how, base, wanted, actual, engine, walk, same


def fourteenth(law: LawTree, fit_at: FitAt = no_fit, progress: Progress = silent) -> pd.DataFrame:
    """2024 predicted from the openings of 2020 with the information of 2020, against the anchors of 2024.

    The run starts from the opening table of the region; rivals start from a published figure of 2020 and say nothing
    where there is none (a table's own estimates rest on shares of 2024).

    Returns
    -------
    columns region, series, unit, start (of the run, stocks alone), actual, evidence, engine, drift, shares and the
    relative errors of the three
    """
    import pandas as pd

    estimate, _ = fit_at(MIDDLE)
    rows = []
    anchored = anchored_regions()
    for number, region in enumerate(anchored):
        progress("plan14", number, len(anchored))
        known = information(load_basis(f"{region}-2020"), law, MIDDLE, estimate)
        run, _ = from_opening(known, LAST)
        data, drivers, actuals = run.data, run.drivers, actual_figures(known.basis)
        units = {item.series: item.unit for item in references(known.basis)}
        for series in ANCHORED:
            figure = actuals.get(series, {}).get(LAST)
            if figure is None:
                continue
            path = by_year(data, SERIES[series])
            start = path.get(MIDDLE, math.nan)
            level = actuals[series][MIDDLE].value if MIDDLE in actuals[series] else math.nan
            same = constant_shares(series, level, MIDDLE, drivers, [LAST])[LAST]
            walk = drift(actuals[series], MIDDLE, [LAST]).get(LAST, math.nan)
            rows.append((region, series, units[series], start, figure.value, figure.kind, path[LAST], walk, same))
    columns = ["region", "series", "unit", "start", "actual", "evidence", "engine", "drift", "shares"]
    table = pd.DataFrame(rows, columns=columns)
    for said in ("engine", "drift", "shares"):
        table[f"{said}_error"] = table[said] / table["actual"] - 1.0
    return table


def plan_scores(table: pd.DataFrame) -> Mapping[str, tuple[int, float, float, float, float]]:
    """Count, mean absolute, median absolute and mean signed error of engine, target and rivals, and the engine's mean
    absolute error on the same rows [1].

    Only rows with a printed actual and an engine value count, and for each the cases it speaks of; checks do not.
    """
    counted = table["engine_error"].notna()
    if "how" in table:
        counted &= table["how"] != CHECK
    found = {}
    for said in ("engine", "target", "drift", "shares"):
        if f"{said}_error" in table:
            errors = table.loc[counted, f"{said}_error"].dropna()
            size, same = errors.abs(), table.loc[errors.index, "engine_error"].abs()
            found[said] = (
                len(errors), float(size.mean()), float(size.median()), float(errors.mean()), float(same.mean())
            )  # fmt: skip
    return found
