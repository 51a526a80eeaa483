"""A verdict on every target of a plan.

Each row gets exactly one of eight verdicts; only ``met`` and ``missed`` are judgements on the projection and only they
enter the headline:

=============== ======================================================================================================
met, missed     the projected figure, rounded half up to the printed decimals, satisfies the printed sign or not
set             a lever or an input fixes the measure: which one, and the value needed
closed          finished plan period: printed actual against printed target, the engine's figure beside it
statement       a figure the plan reports without a target: the engine's figure beside it
base_year       the row speaks of a year at or before the opening position
not_modelled    outside the model, or outside the years or regions of this run; the reason is stated
withheld        on a fund of a region that misses its anchors (`simengine.judge.targets.withheld`)
=============== ======================================================================================================

Text repeats of a row carry the verdict of their original. Rules and open readings: notes/targets.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simengine.common.errors import SimengineError, TargetError, raise_all
from simengine.judge.indicators import PLAN_UNITS, READINGS, Indicator, registry
from simengine.judge.targets.compare import Options, margin, printed_outcome, rounded, satisfies, tolerance_of
from simengine.judge.targets.files import words
from simengine.judge.targets.rows import Figure, Target
from simengine.judge.targets.verdicts import Verdict
from simengine.registry.axes import same_labels

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


# --- reading the projection -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Series:
    """One measure of one region: labels of shape (t,), values of shape (draw, t) in the unit of the plan.

    An event is a measure without a time of its own, such as the year in which a fund is exhausted.
    """

    labels: tuple[int, ...]
    values: np.ndarray
    central: int
    is_flow: bool
    is_event: bool = False

    def at(self, year: int) -> np.ndarray | None:
        """Values of every draw at a label, None when the label is not there."""
        return self.values[:, self.labels.index(year)] if year in self.labels else None

    def sums_from(self, start: int) -> _Series | None:
        """Running sums of a flow from a year on, None when the run starts later."""
        if start not in self.labels:
            return None
        first = self.labels.index(start)
        return replace(self, labels=self.labels[first:], values=self.values[:, first:].cumsum(axis=1))


@dataclass(frozen=True)
class _Measured:
    """One measure of a projection: values on scenario, region, perhaps fund, draw and perhaps time, in base units."""

    values: np.ndarray
    funds: tuple[str, ...]
    time: str
    labels: tuple[int, ...]

    @classmethod
    def of(cls, found: xr.DataArray, by_fund: bool) -> _Measured:
        """The same values without labels, which are looked up once a measure and not once a row."""
        time = next((dim for dim in ("year_end", "year") if dim in found.dims), "")
        dims = ["scenario", "region", *(["fund"] if by_fund else []), "draw", *([time] if time else [])]
        funds = tuple(str(name) for name in found.fund.values) if by_fund else ()
        labels = tuple(int(label) for label in found[time].values) if time else ()
        return cls(found.transpose(*dims).values, funds, time, labels)


class _Run:
    """A projection with the measures computed so far."""

    def __init__(self, projection: xr.Dataset, options: Options) -> None:
        self.projection = projection
        self.options = options
        self.scenarios = [str(name) for name in projection.scenario.values]
        self.regions = [str(name) for name in projection.region.values]
        self.year_ends = [int(year) for year in projection.year_end.values]
        draws = [int(draw) for draw in projection.draw.values]
        self.central = draws.index(options.central_draw) if options.central_draw in draws else 0
        self.arrays: dict[tuple[str, str], _Measured] = {}
        self.lanes: dict[tuple[str, str], bool] = {}

    def covers(self, scenario: str, region: str) -> bool:
        """Whether the scenario has a lane for the region; a dataset of several scenarios holds no numbers elsewhere."""
        if region not in self.regions:
            return False
        key = (scenario, region)
        if key not in self.lanes:
            place = {"scenario": self.scenarios.index(scenario), "region": self.regions.index(region)}
            variables = (self.projection.variables[name] for name in self.projection.data_vars)
            stocks = (variable.isel(place) for variable in variables if "year_end" in variable.dims)
            self.lanes[key] = any(bool(variable.notnull().any()) for variable in stocks)
        return self.lanes[key]

    def series(self, target: Target, scenario: str, word: str = "") -> _Series:
        """One measure of the region of a row; `word` puts another reading of an open definition in force."""
        measure = registry()[target.indicator]
        key = (measure.id, word)
        if key not in self.arrays:
            definitions = self.options.definitions
            if word and measure.reading:
                definitions = definitions.with_reading(measure.reading, word)
            self.arrays[key] = _Measured.of(measure(self.projection, definitions), measure.by_fund)
        found = self.arrays[key]
        place: tuple[int, ...] = (self.scenarios.index(scenario), self.regions.index(target.region))
        if measure.by_fund:
            place += (found.funds.index(str(target.fund)),)
        values = found.values[place] / PLAN_UNITS[target.unit][1]
        if not found.time:
            return _Series((target.year,), values.reshape(-1, 1), self.central, is_flow=False, is_event=True)
        return _Series(found.labels, values, self.central, found.time == "year")


def _require_variables(projection: xr.Dataset, targets: Sequence[Target]) -> None:
    """Every variable the rows need, or one error naming all that are missing."""
    errors: list[SimengineError] = []
    for name in dict.fromkeys(target.indicator for target in targets):
        measure = registry().get(name)
        missing = measure.missing_from(projection) if measure else []
        if missing:
            errors.append(
                TargetError(
                    "indicator_variables",
                    where=next(target.where for target in targets if target.indicator == name),
                    name=name,
                    missing=", ".join(missing),
                )
            )
    raise_all(errors)


# --- judging --------------------------------------------------------------------------------------------------------


@same_labels()
def check_targets(
    projection: xr.Dataset,
    targets: Iterable[Target],
    backcast: xr.Dataset | dict[str, xr.Dataset] | None = None,
    options: Options | None = None,
) -> list[Verdict]:
    """One verdict for each row and scenario.

    Parameters
    ----------
    projection : dims scenario, draw, region, [axis], year_end | year; variables of `simengine.registry.variables`
    targets : rows of the target files, originals of repeated rows among them
    backcast : a run over the years before the opening, or several by name (`Result.histories`),
        for the engine's figure beside closed rows and statements; a scenario of the same name is used, else its first
    options : readings and tolerances

    Returns
    -------
    verdicts in the order of the scenarios and, within one, of the rows; as many as rows times scenarios
    """
    options = options or Options()
    rows = list(targets)
    _require_variables(projection, rows)
    if backcast is None:
        pasts: Iterable[xr.Dataset] = ()
    else:
        pasts = backcast.values() if isinstance(backcast, dict) else [backcast]
    judge = _Judge(_Run(projection, options), [_Run(past, options) for past in pasts], options)
    verdicts: list[Verdict] = []
    for scenario in judge.run.scenarios:
        judged = {row.id: judge.verdict(row, scenario) for row in rows if row.duplicate_of is None}
        for row in rows:
            if row.duplicate_of is None:
                verdicts.append(judged[row.id])
                continue
            if row.duplicate_of not in judged:
                raise TargetError("target_original", where=row.where, name=row.id, original=row.duplicate_of)
            verdicts.append(_repeated(row, judged[row.duplicate_of]))
    return verdicts


def _repeated(row: Target, original: Verdict) -> Verdict:
    """The original's verdict under the repeating row's own id, kind and source."""
    flags = sorted({*original.flags, *row.flags, "duplicate"})
    return replace(
        original,
        id=row.id,
        record_kind=row.record_kind,
        attribute=row.attribute or original.attribute,
        flags=tuple(flags),
        duplicate_of=row.duplicate_of,
        document=row.document,
        source=row.source_text(),
    )


class _Judge:
    """Applies the rules to one row after another."""

    def __init__(self, run: _Run, backcasts: Sequence[_Run], options: Options) -> None:
        self.run = run
        self.backcasts = backcasts
        self.options = options

    def verdict(self, row: Target, scenario: str) -> Verdict:
        measure = registry().get(row.indicator)
        blank = self.blank(row, scenario, measure)
        if row.record_kind == "outcome":
            return self.beside_actual(row, scenario, replace(blank, verdict="closed"))
        if row.record_kind == "statement":
            return self.beside_actual(row, scenario, replace(blank, verdict="statement"))
        setting: Mapping[str, str] = words()["set_by"].get(row.indicator, {})
        if setting and setting["rows"] == "lever" and row.record_kind != "lever":
            setting = {}
        if measure is None and not setting:
            return replace(blank, reason="outside")
        if not self.run.covers(scenario, row.region):
            return replace(blank, reason="region_not_in_run", reason_values={"region": row.region})
        if row.record_kind == "base" or row.year <= self.run.year_ends[0]:
            return self.at_opening(row, scenario, replace(blank, verdict="base_year"))
        if measure is None:
            return self.set_by(row, replace(blank, verdict="set"), setting)
        judged = self.judged(row, scenario, blank)
        return self.set_by(row, replace(judged, verdict="set"), setting) if setting else judged

    def blank(self, row: Target, scenario: str, measure: Indicator | None) -> Verdict:
        """What is known of a row before it is judged."""
        figure = row.target or row.actual or row.base
        flags = {*row.flags}
        flags |= {"superseded"} if row.superseded_by else set()
        flags |= {"restates"} if row.restates else set()
        definitions = self.options.definitions
        return Verdict(
            id=row.id,
            scenario=scenario,
            region=row.region,
            indicator=row.indicator,
            name_en=row.name_en or (measure.en if measure else row.indicator),
            name_zh=row.name_local or (measure.zh if measure else row.indicator),
            record_kind=row.record_kind,
            attribute=row.attribute,
            year=row.year,
            operator=(figure.operator or "") if figure else "",
            printed=figure.printed if figure else "",
            unit=row.unit,
            verdict="not_modelled",
            actual=row.actual.printed if row.actual else "",
            flags=tuple(sorted(flags)),
            definition_en=measure.definition("en", definitions, row.region) if measure else "",
            definition_zh=measure.definition("zh", definitions, row.region) if measure else "",
            restates=row.restates,
            superseded_by=row.superseded_by,
            document=row.document,
            source=row.source_text(),
        )

    # --- rows without a judgement ---

    def engine_figure(self, row: Target, scenario: str, year: int, runs: Iterable[_Run]) -> float | None:
        """The engine's figure of a year, from the first of the runs that reaches it."""
        if row.indicator not in registry():
            return None
        for run in runs:
            name = scenario if scenario in run.scenarios else run.scenarios[0]
            if not run.covers(name, row.region):
                continue
            series: _Series | None = run.series(row, name)
            if series is not None and row.cumulative and series.is_flow and row.plan is not None:
                series = series.sums_from(row.plan.start)
            found = None if series is None else series.at(year)
            if found is not None and not math.isnan(found[run.central]):
                return float(found[run.central])
        return None

    def beside_actual(self, row: Target, scenario: str, verdict: Verdict) -> Verdict:
        """Printed actual against printed target; beside it the engine's figure of that year, the free run first."""
        actual = row.actual
        if actual is None:
            raise TargetError("target_needs", where=row.where, name=row.id, kind=row.record_kind, key="actual")
        verdict = replace(verdict, satisfied=printed_outcome(row, self.options))
        value = self.engine_figure(row, scenario, actual.year, (*self.backcasts, self.run))
        if value is None:
            return verdict
        text = rounded(value, actual.decimals)
        return replace(verdict, projected=value, projected_text=str(text), gap_to_actual=float(text - actual.exact))

    def at_opening(self, row: Target, scenario: str, verdict: Verdict) -> Verdict:
        """A row of the opening year or earlier: the opening position beside it, before that the backcast."""
        figure = row.target or row.base
        value = self.engine_figure(row, scenario, row.year, (self.run, *self.backcasts))
        if figure is None or value is None:
            return verdict
        text = rounded(value, figure.decimals)
        met = None
        if figure.operator is not None:
            met = satisfies(text, figure.operator, figure.exact, tolerance_of(row, figure, self.options))
        return replace(verdict, projected=value, projected_text=str(text), satisfied=met)

    def set_by(self, row: Target, verdict: Verdict, setting: Mapping[str, str]) -> Verdict:
        """Name the lever or input and the value it has to take."""
        total = f" ({row.plan.start}-{row.year})" if row.cumulative and row.plan is not None else f" ({row.year})"
        needed = f"{verdict.operator} {verdict.printed} {row.unit}{total}"
        return replace(verdict, set_by=f"{setting['kind']} {setting['name']}", value_needed=needed)

    # --- judged rows ---

    def judged(self, row: Target, scenario: str, blank: Verdict) -> Verdict:
        """Met or missed, or the reason why this run cannot tell."""
        goal = row.target
        if goal is None or goal.operator is None:
            raise TargetError("target_needs", where=row.where, name=row.id, kind=row.record_kind, key="target")
        series, reason, values = self.reaching(row, scenario)
        if series is None:
            return replace(blank, reason=reason, reason_values=values)
        found = series.at(row.year)
        if found is None:
            first, last = series.labels[0], series.labels[-1]
            return replace(
                blank, reason="year_not_in_run", reason_values={"first": first, "last": last, "year": row.year}
            )
        value = float(found[series.central])
        if math.isnan(value):
            return self.without_value(row, blank, goal, series.is_event)
        tolerance = tolerance_of(row, goal, self.options)
        text = rounded(value, goal.decimals)
        met = satisfies(text, goal.operator, goal.exact, tolerance)
        share, error = self.share_of_draws(row, found, series.central, tolerance)
        verdict = replace(
            blank,
            verdict="met" if met else "missed",
            projected=value,
            projected_text=str(text),
            margin=float(margin(text, goal.operator, goal.exact, tolerance)),
            satisfied=met,
            first_year_met=self.first_met(series, goal, tolerance),
            other_readings=self.other_readings(row, scenario, tolerance),
            probability_met=share,
            probability_error=error,
        )
        return replace(verdict, flags=self.flags(row, series, verdict, tolerance))

    def reaching(self, row: Target, scenario: str, word: str = "") -> tuple[_Series | None, str, dict[str, Any]]:
        """The measure, summed for cumulative rows; or why it cannot be had."""
        series = self.run.series(row, scenario, word)
        if not row.cumulative:
            return series, "", {}
        if not series.is_flow:
            raise TargetError("target_stock", where=row.where, name=row.id, indicator=row.indicator)
        if row.plan is None:
            raise TargetError("target_plan_absent", where=row.where, name=row.id)
        sums = series.sums_from(row.plan.start)
        if sums is None:
            return None, "window_not_in_run", {"start": row.plan.start, "first": series.labels[0]}
        return sums, "", {}

    def without_value(self, row: Target, blank: Verdict, goal: Figure, is_event: bool) -> Verdict:
        """An event that never happens satisfies "not before"; any other missing figure is not judged."""
        if not is_event:
            return replace(blank, reason="no_value", reason_values={"year": row.year})
        met = goal.operator in (">=", ">")
        last = self.run.year_ends[-1]
        return replace(
            blank,
            verdict="met" if met else "missed",
            satisfied=met,
            projected_text=f"> {last}",
            reason="never",
            reason_values={"last": last},
        )

    def first_met(self, series: _Series, goal: Figure, tolerance: Decimal) -> int | None:
        for label, value in zip(series.labels, series.values[series.central], strict=True):
            if not math.isnan(value) and satisfies(
                rounded(float(value), goal.decimals), str(goal.operator), goal.exact, tolerance
            ):
                return label
        return None

    def share_of_draws(
        self, row: Target, found: np.ndarray, central: int, tolerance: Decimal
    ) -> tuple[float | None, float | None]:
        """Share of the random draws (all but the central one) that satisfy the target, and its standard error."""
        goal = row.target
        draws = [float(value) for position, value in enumerate(found) if position != central]
        if not draws or goal is None:
            return None, None
        good = sum(
            not math.isnan(value)
            and satisfies(rounded(value, goal.decimals), str(goal.operator), goal.exact, tolerance)
            for value in draws
        )
        share = good / len(draws)
        return share, math.sqrt(share * (1.0 - share) / len(draws))

    def other_readings(self, row: Target, scenario: str, tolerance: Decimal) -> dict[str, tuple[str, bool]]:
        """The figure and its outcome under every other reading of the definition."""
        measure, goal = registry()[row.indicator], row.target
        if measure.reading is None or goal is None:
            return {}
        result: dict[str, tuple[str, bool]] = {}
        for word in READINGS[measure.reading]:
            if word == self.options.definitions.reading(measure.reading, row.region):
                continue
            series, _, _ = self.reaching(row, scenario, word)
            found = None if series is None else series.at(row.year)
            if found is None or math.isnan(found[self.run.central]):
                continue
            text = rounded(float(found[self.run.central]), goal.decimals)
            result[word] = (str(text), satisfies(text, str(goal.operator), goal.exact, tolerance))
        return result

    def flags(self, row: Target, series: _Series, verdict: Verdict, tolerance: Decimal) -> tuple[str, ...]:
        found = {*verdict.flags}
        goal, opening = row.target, self.run.year_ends[0]
        if goal is not None and not row.cumulative:
            if row.base is not None and satisfies(row.base.exact, str(goal.operator), goal.exact, tolerance):
                found.add("met_at_base")
            start = series.at(opening)
            if start is not None and not math.isnan(start[series.central]):
                text = rounded(float(start[series.central]), goal.decimals)
                if satisfies(text, str(goal.operator), goal.exact, tolerance):
                    found.add("met_at_base")
        if any(met != verdict.satisfied for _, met in verdict.other_readings.values()):
            found.add("reading_decides")
        return tuple(sorted(found))
