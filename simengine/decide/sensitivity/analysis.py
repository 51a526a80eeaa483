"""The tornado of a result over drivers and levers, and the two-way map with the line on which a goal is just met.

import simengine

found = simengine.sensitivity("china/baseline", "actuarial_balance_75", years=2020, schemes="enterprise_pension")
found.rows        # one driver a row: size, result below and above, differences, what it is called
found = simengine.sensitivity("xuzhou/baseline", target="XZ-22-02", map=("wages", "unemployment"))
found.two_way.rows, found.two_way.contour
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.common.messages import Words
from simengine.common.processors import processors
from simengine.decide.sensitivity.asked import Goal, form_faults, goal_of, outputs
from simengine.decide.sensitivity.moves import HIGH, IDLE, LOW, Moved, chosen_drivers, first_moved_year, moved
from simengine.decide.sensitivity.runs import MovedRuns
from simengine.judge.checks.anchors import FundVerdict
from simengine.judge.indicators import Definitions, registry
from simengine.judge.measures.told import GIVES_VERDICT
from simengine.judge.quantities.catalogue import BUDGET_TABLE, Quantity
from simengine.judge.quantities.select import Selection
from simengine.judge.quantities.tidy import CELLS, Reading, may_be_withheld, selection_faults, tidy
from simengine.judge.run import judge_scenarios
from simengine.judge.targets.withheld import kept_back, reason
from simengine.law.regions import load_regions
from simengine.registry.axes import CLOSING
from simengine.registry.variables import VARIABLES
from simengine.scenario.scenario import Scenario, load_scenario
from simengine.scenario.sizes import Driver, Sizes, read_sizes

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.common.progress import Progress

POINTS, REACH = 5, 4.0
"""Points of a map to each axis, and how many sizes it reaches to either side, where nothing is stated."""
SHOWN_YEAR = 2050
NOISE = 1e-9
"""Part of a level below which a difference is rounding: sums in another order, not a movement."""
"""Year that is shown where none is named and the result has one."""

KEYS = ("region", "indicator", "name", *CELLS, "year", "unit")
"""What tells results apart."""
COLUMNS = (
    *("scenario", *KEYS, "driver", "driver_name", "kind", "size", "deviations", "rule", "since", "status"),
    *("low_status", "high_status", "cap"),
    *("base", "low", "high", "low_difference", "high_difference", "swing"),
)
STATUSES = ("moved", "nothing", "stated", "impossible", "refused")
"""What became of a driver: it moves the result; it moves nothing; the scenario states the matter itself; what it makes
of the scenario is impossible; it is refused. `low_status` and `high_status` say it of each side, which may also be
``one_sided`` (the driver has no such side); `cap` names the measures whose bound a side would pass."""


@dataclass(frozen=True, eq=False)
class TwoWay:
    """Two drivers moved together.

    Attributes
    ----------
    rows : `KEYS`, multiples of both sizes (``x``, ``y``), value, whether the goal is met
    contour : points between two values on which the goal is just met: multiples of both sizes, by straight lines
    """

    drivers: tuple[Driver, Driver]
    goal: Goal | None
    rows: pd.DataFrame = field(repr=False)
    contour: pd.DataFrame = field(repr=False)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What moves a result.

    Attributes
    ----------
    rows : a driver a row and result, the widest first, those that move nothing last (`COLUMNS`)
    two_way : the map, where one was asked for
    reasons : why a driver was refused, by its key
    """

    scenario: Scenario
    quantities: Sequence[Quantity]
    drivers: Mapping[str, Driver] = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    two_way: TwoWay | None
    reasons: Mapping[str, SimengineError]
    reading: Reading


def sensitivity(
    scenario: Scenario | str | Path,
    output: str | Iterable[str] = (),
    *,
    years: str | int | Iterable[int] | None = None,
    regions: str | Iterable[str] | None = None,
    schemes: str | Iterable[str] | None = None,
    target: str | None = None,
    goal: float | None = None,
    drivers: Iterable[str] = (),
    sizes: Mapping[str, float] | Iterable[str] = (),
    everything: bool = False,
    since: int | None = None,
    map: tuple[str, str] | None = None,
    points: int | None = None,
    reach: float | None = None,
    base_units: bool = False,
    lang: str = "en",
    threads: int | None = None,
    progress: Progress | None = None,
    wrong: Sequence[SimengineError] = (),
) -> Sensitivity:
    """What every driver and lever, moved alone by its size, does to a result: what `simengine sensitivity` prints.

    Parameters
    ----------
    output : results as `simengine.tabulate` takes them; of a target row, where `target` names one
    years, regions, schemes, base_units, lang : as `simengine.tabulate` takes them; where no year is named, 2050, or the
        last year in which the result is a number
    target : id of a row of the plan: its result, region and year, and its value as the goal of the map
    goal : another goal of the map, in the unit of the result
    drivers : keys or names; all of ``sensitivity.yaml`` when left out; any series or constant may be named
    sizes : other sizes by driver, parts of one (0.01 is one point or one per cent)
    everything : every series and constant that a lever may move
    since : first year in which drivers are moved; for each the year after its last known value when left out
    map : two drivers to be moved together, by so many points and so many sizes to either side
    wrong : what the caller has found wrong, to be told with the rest

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    errors = [*wrong]
    loaded, sizes_known = scenario if isinstance(scenario, Scenario) else load_scenario(scenario), read_sizes()
    quantities, chosen = outputs(loaded, output, (years, regions, schemes), target, errors)
    asked_drivers, axes = {}, None
    try:
        asked_drivers = chosen_drivers(loaded, sizes_known, drivers, sizes, everything=everything)
        axes = _axes(loaded, sizes_known, map, sizes)
    except SimengineError as error:
        errors += each_error(error)
    errors += form_faults(loaded, since, map, points, reach, target, goal)
    raise_all(errors)
    reading, every = Reading(base_units, lang), {**asked_drivers, **{one.key: one for one in axes or ()}}
    first = {key: first_moved_year(loaded, one) if since is None else since for key, one in every.items()}
    work = _Work(loaded, quantities, chosen, reading, first, threads, progress)
    work.refuse_unjudged()
    return work.done(
        asked_drivers, axes, points or POINTS, reach or REACH, goal_of(loaded, target, goal, quantities, reading)
    )


def _axes(
    scenario: Scenario, known: Sizes, names: tuple[str, str] | None, sizes: Mapping[str, float] | Iterable[str]
) -> tuple[Driver, Driver] | None:
    if names is None or len(names) != 2 or names[0] == names[1]:
        return None
    pair = list(chosen_drivers(scenario, known, names, sizes, everything=True).values())
    if len(pair) < 2:
        return None
    errors = [ScenarioError("sensitivity_map_levers", where="--map", name=one.key) for one in pair if one.entry.levers]
    raise_all(list(errors))
    return pair[0], pair[1]


class _Work:
    """One analysis: what is run, and what is read from it."""

    def __init__(
        self,
        scenario: Scenario,
        quantities: Sequence[Quantity],
        chosen: Selection,
        reading: Reading,
        since: Mapping[str, int],
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        self.scenario, self.quantities, self.chosen, self.reading = scenario, quantities, chosen, reading
        self.since, self.threads, self.progress = since, threads, progress
        self.definitions = Definitions(**scenario.definitions)

    def refuse_unjudged(self) -> None:
        """End where a result would be a verdict on a fund of a region whose funds are not judged."""
        wanted = [one for one in self.quantities if may_be_withheld([one])]
        if not wanted:
            return
        region = load_basis(self.scenario.basis).region
        places = load_regions()
        errors: list[SimengineError] = []
        decided = None
        for key in self.chosen.regions or (region,):
            place = Words(places[key].name, places[key].local_name) if key in places else Words(key, key)
            if key in places and not places[key].holds_pension_fund:
                names = ", ".join(one.key for one in wanted if one.key in GIVES_VERDICT)
                errors += [ScenarioError("sensitivity_no_fund", names=names, region=place)] if names else []
                continue
            decided = self._decided() if decided is None else decided
            found = decided.get(key)
            names = ", ".join(one.key for one in wanted if self._kept(one, found))
            if found is not None and names:
                errors.append(ScenarioError("sensitivity_no_verdict", names=names, region=place, text=reason(found)))
        raise_all(errors)

    def _kept(self, quantity: Quantity, decided: FundVerdict | None) -> bool:
        """Whether a result of some year that is shown is withheld."""
        item = CLOSING if quantity.kind == BUDGET_TABLE else ""
        return any(kept_back(decided, quantity.key, year, item) for year in self.chosen.years or (SHOWN_YEAR,))

    def _decided(self) -> dict[str, FundVerdict]:
        """Whether the funds of each region are judged."""
        return judge_scenarios(self.scenario, self.threads)[self.scenario.key].fund_verdicts

    def done(
        self,
        drivers: Mapping[str, Driver],
        axes: tuple[Driver, Driver] | None,
        points: int,
        reach: float,
        goal: Goal | None,
    ) -> Sensitivity:
        """Run everything in one batch and lay it out."""
        bars = [
            moved(self.scenario, {key: side}, {key: one}, self.since)
            for key, one in drivers.items()
            for side in (LOW, HIGH)
        ]
        grid = [] if axes is None else self._grid(axes, points, reach)
        beside = {one.scenario.key: one.scenario for one in (*bars, *grid) if one.scenario is not None}
        ran = MovedRuns(self.quantities, self.threads or processors(), self.progress, 1 + len(beside))
        data, _ = ran.of([self.scenario, *beside.values()], set(), self.definitions)
        values = self._values(data)
        rows = self._tornado(drivers, bars, values, ran)
        reasons = {
            one.times[0][0]: ran.refused[one.scenario.key]
            for one in bars
            if one.scenario is not None
            and one.scenario.key in ran.refused
            and ran.refused[one.scenario.key].code not in IDLE
        }
        two_way = None if axes is None else self._map(axes, grid, values, ran, goal)
        return Sensitivity(self.scenario, self.quantities, drivers, rows, two_way, reasons, self.reading)

    def _grid(self, axes: tuple[Driver, Driver], points: int, reach: float) -> list[Moved]:
        drivers = {one.key: one for one in axes}
        steps = np.linspace(-reach, reach, points).tolist()
        found = []
        for y in steps:
            for x in steps:
                one = moved(self.scenario, {axes[0].key: x, axes[1].key: y}, drivers, self.since)
                if one.why == "stated":
                    names = ", ".join(axis.key for axis in axes)
                    raise ScenarioError(
                        "sensitivity_map_stated", where="--map", names=names, scenario=self.scenario.key
                    )
                found.append(one)
        return found

    def _values(self, data: xr.Dataset) -> pd.DataFrame:
        """A row a scenario and result, of the years that are shown."""
        held = [str(name) for name in data.region.values]
        own = load_basis(self.scenario.basis).region
        wanted = [own if own in held else held[0]] if self.chosen.regions is None else list(self.chosen.regions) or held
        wrong = [name for name in wanted if name not in held]
        if wrong:
            said = {"name": ", ".join(wrong), "scenario": self.scenario.key, "known": ", ".join(held)}
            raise ScenarioError("quantity_region", where="--region", **said)
        raise_all(selection_faults(data, self.quantities, self.chosen))
        rows = tidy(data, self.quantities, self.chosen, wanted, self.definitions, self.reading)
        rows = rows[rows["value"].notna() | (self.chosen.years is not None)]
        if self.chosen.years is None:
            base = rows[rows["scenario"] == self.scenario.key]
            last = base.groupby("indicator")["year"].max()
            dated = base[base["year"] == SHOWN_YEAR].groupby("indicator").size()
            year = {name: SHOWN_YEAR if name in dated.index else int(last[name]) for name in last.index}
            rows = rows[rows["year"] == rows["indicator"].map(year)]
        if not rows[rows["scenario"] == self.scenario.key]["value"].notna().any():
            names = ", ".join(one.key for one in self.quantities)
            raise ScenarioError("sensitivity_no_number", names=names, scenario=self.scenario.key)
        return rows.reset_index(drop=True)

    def _tornado(
        self, drivers: Mapping[str, Driver], bars: Sequence[Moved], values: pd.DataFrame, ran: MovedRuns
    ) -> pd.DataFrame:
        """Every driver beside the baseline, the widest first."""
        import pandas as pd

        base = values[values["scenario"] == self.scenario.key]
        by_scenario = {str(key): part for key, part in values.groupby("scenario", sort=False)}
        sides = {(one.times[0][0], one.times[0][1]): one for one in bars}
        found: list[dict[str, Any]] = []
        for place, (_, own) in enumerate(base.groupby(list(KEYS), sort=False, dropna=False)):
            first = own.iloc[0]
            told = {name: first[name] for name in KEYS}
            block = []
            for order, (key, driver) in enumerate(drivers.items()):
                ends = [self._side(sides[key, side], first, by_scenario, ran) for side in (LOW, HIGH)]
                (low, low_status), (high, high_status) = ends
                differences = [end - first["value"] for end in (low, high)]
                status = _status(low_status, high_status, differences)
                block.append(
                    told
                    | {
                        "scenario": self.scenario.key,
                        "driver": key,
                        "driver_name": driver.name(self.reading.lang),
                        "kind": driver.entry.kind,
                        "size": driver.size_text(self.reading.lang),
                        "deviations": driver.deviations,
                        "rule": driver.entry.rule,
                        "since": self.since[key],
                        "status": status,
                        "low_status": low_status,
                        "high_status": high_status,
                        "cap": self._cap(key, sides, ran),
                        "base": first["value"],
                        "low": low,
                        "high": high,
                        "low_difference": differences[0],
                        "high_difference": differences[1],
                        "swing": max(0.0, *differences) - min(0.0, *differences),
                        "order": (place, order),
                    }
                )
            found += sorted(block, key=lambda row: (-row["swing"], row["order"]))
        return pd.DataFrame(found)[list(COLUMNS)]

    def _cap(self, key: str, sides: Mapping[tuple[str, float], Moved], ran: MovedRuns) -> str:
        """Names of the measures whose bound keeps a side of a driver where the baseline is."""
        scenarios = [sides[key, side].scenario for side in (LOW, HIGH)]
        names = [name for one in scenarios if one is not None for name in ran.impossible.get(one.key, ())]
        return COMMA[self.reading.lang].join(_called(name, self.reading.lang) for name in dict.fromkeys(names))

    def _side(
        self, one: Moved, first: pd.Series, by_scenario: Mapping[str, pd.DataFrame], ran: MovedRuns
    ) -> tuple[float, str]:
        """Value of a result on one side of a bar, and what became of the driver there."""
        base = float(first["value"])
        if one.scenario is None:
            return base, one.why or "nothing"
        if one.scenario.key in ran.refused:
            code = ran.refused[one.scenario.key].code
            return base, "nothing" if code in IDLE else "refused"
        if one.scenario.key in ran.impossible:
            return base, "impossible"
        part = by_scenario[one.scenario.key]
        same = np.ones(len(part), dtype=bool)
        for name in KEYS:
            if name != "unit":
                same &= (part[name] == first[name]).fillna(value=False).to_numpy(dtype=bool)
        value = float(part[same]["value"].iloc[0])
        return (base, "nothing") if is_noise(value, base) else (value, "moved")

    def _map(
        self,
        axes: tuple[Driver, Driver],
        grid: Sequence[Moved],
        values: pd.DataFrame,
        ran: MovedRuns,
        goal: Goal | None,
    ) -> TwoWay:
        """Values of the first result over both drivers, and where the goal is just met."""
        import pandas as pd

        by_scenario = {str(key): part for key, part in values.groupby("scenario", sort=False)}
        first = by_scenario[self.scenario.key].iloc[0]
        rows = []
        for one in grid:
            value, status = self._side(one, first, by_scenario, ran)
            (_, x), (_, y) = one.times
            if status in ("impossible", "refused"):
                value = float("nan")
            rows.append({**{name: first[name] for name in KEYS}, "x": x, "y": y, "value": value, "status": status})
        frame = pd.DataFrame(rows)
        line = contour(frame, goal.value) if goal is not None else []
        return TwoWay(axes, goal, frame, pd.DataFrame(line, columns=["x", "y"]))


COMMA = {"en": ", ", "zh": "、"}


def _called(name: str, lang: str) -> str:
    """What a measure of the bounds is called."""
    measure, variable = registry().get(name), VARIABLES.get(name)
    if measure is not None:
        return measure.zh if lang == "zh" else measure.en
    return name if variable is None else variable.zh if lang == "zh" else variable.en


def is_noise(value: float, base: float) -> bool:
    """Whether two values differ by no more than the rounding of their arithmetic.

    >>> is_noise(359.576 + 1e-13, 359.576), is_noise(359.577, 359.576), is_noise(0.0, 0.0)
    (True, False, True)
    """
    return abs(value - base) <= NOISE * max(abs(value), abs(base))


def _status(low: str, high: str, differences: Sequence[float]) -> str:
    """What became of a driver, from what became of its sides."""
    for status in ("refused", "impossible", "stated"):
        if status in (low, high):
            return status
    return "moved" if any(differences) else "nothing"


def contour(rows: pd.DataFrame, goal: float) -> list[tuple[float, float]]:
    """Points between two neighbours of a grid at which the value is just the goal, by straight lines.

    Parameters
    ----------
    rows : ``x``, ``y`` and ``value`` of every point

    Examples
    --------
    >>> import pandas as pd
    >>> contour(pd.DataFrame({"x": [0, 1, 0, 1], "y": [0, 0, 1, 1], "value": [0.0, 2.0, 4.0, 6.0]}), 3.0)
    [(0.0, 0.75), (1.0, 0.25)]
    """
    table = rows.pivot(index="y", columns="x", values="value")
    xs, ys, values = table.columns.to_numpy(float), table.index.to_numpy(float), table.to_numpy(float)
    found: set[tuple[float, float]] = set()
    for row in range(len(ys)):
        for at in range(len(xs) - 1):
            part = _between(values[row, at], values[row, at + 1], goal)
            if part is not None:
                found.add((float(xs[at] + part * (xs[at + 1] - xs[at])), float(ys[row])))
    for at in range(len(xs)):
        for row in range(len(ys) - 1):
            part = _between(values[row, at], values[row + 1, at], goal)
            if part is not None:
                found.add((float(xs[at]), float(ys[row] + part * (ys[row + 1] - ys[row]))))
    return sorted(found)


def _between(one: float, other: float, goal: float) -> float | None:
    """Where between two values the goal lies; None where it does not."""
    if not (np.isfinite(one) and np.isfinite(other)) or one == other or (one - goal) * (other - goal) > 0.0:
        return None
    return (goal - one) / (other - one)
