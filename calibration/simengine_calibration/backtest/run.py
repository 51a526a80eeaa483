"""One region continued from a cut-off: history as known then, a light alignment to its figures, the years after it.

The alignment is light on purpose: a full opening table exists for a few dates only. One factor on the pensioners, one
on their pension mass, one on the residents who draw, and the balances that were published. Every other series keeps the
engine's growth from its published level: that ratio is a factor like the others and is reported with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from simengine.basis.basis import Basis
from simengine.engine.compile import LaneInputs
from simengine.engine.label import label_dataset, lane_variables
from simengine.engine.opening import Factor, align, stationary_state
from simengine.engine.project import run_lane
from simengine.judge.checks.free_run import RECALLED, SERIES, by_year, references
from simengine.kernels import layout as at
from simengine.kernels.layout import Output, State
from simengine.law import LawTree
from simengine.registry.axes import FUND, SPIN_UP_START
from simengine_calibration.backtest.information import Information, inputs_at

if TYPE_CHECKING:
    import xarray as xr

LEFT_OUT = ("mean_enterprise_pension_growth",)
"""Series without a level: a rate of change has no percentage error."""

BALANCES = {"balance": "enterprise_pension", "resident_balance": "resident", "unemployment_balance": "unemployment",
            "injury_balance": "work_injury"}  # fmt: skip
"""Published balances and the fund that takes the difference; that of the public scheme is not published apart."""

MOVED_BY = {
    "pensioners": ("pensioners",), "expenditure": ("expenditure",), "mean_enterprise_pension": ("mean pension",),
    "resident_recipients": ("recipients",), "resident_expenditure": ("recipients",),
}  # fmt: skip
"""Factors of the state that move a series from the cut-off on."""

PEOPLE = ("population_16_59", "population_60", "population_16")
"""Stocks of people that the rival of constant shares takes from the same run."""

Levels = Mapping[int, float]


@dataclass(frozen=True)
class Figure:
    """What happened, in base units: the printed and the recalled figure of one year, each None where there is none."""

    printed: float | None = None
    recalled: float | None = None

    @property
    def value(self) -> float:
        """The printed figure, else the recalled one."""
        return (self.recalled or math.nan) if self.printed is None else self.printed

    @property
    def kind(self) -> str:
        """Which of the two `value` is."""
        return "printed" if self.printed is not None else "recalled"


Actuals = Mapping[str, Mapping[int, Figure]]
"""What happened by series and year."""


def actual_figures(basis: Basis) -> Actuals:
    """Collected figures of a region by series and year; printed and recalled ones kept apart."""
    found: dict[str, dict[int, Figure]] = {}
    for item in references(basis):
        if item.series in LEFT_OUT:
            continue
        known = found.setdefault(item.series, {}).get(item.year, Figure())
        late = item.evidence in RECALLED
        printed, recalled = (known.printed, item.value) if late else (item.value, known.recalled)
        found[item.series][item.year] = Figure(printed, recalled)
    return found


@dataclass(frozen=True)
class Prediction:
    """What one region would have been told at a cut-off.

    Attributes
    ----------
    values : predicted level by series and year after the cut-off, in base units
    drivers : population and wage of the run by year, from the cut-off on
    factors : alignment factors of the state, and the ratio by which a series was linked to its published level
    """

    cutoff: int
    values: Mapping[str, Levels]
    drivers: Mapping[str, Levels]
    factors: tuple[Factor, ...] = field(default=())


@dataclass
class Run:
    """A region stepped through the years of its inputs; the state is that of the last year reached."""

    known: Information
    inputs: LaneInputs
    state: State
    output: Output
    first: int = 0

    @property
    def data(self) -> xr.Dataset:
        """The labelled run, from its first position on."""
        years, region = self.inputs.years[self.first :], self.known.basis.region
        values = lane_variables(self.inputs, self.output, self.first)
        return label_dataset({("run", region): values}, years, ["run"], [region]).isel(scenario=0, draw=0, region=0)

    @property
    def drivers(self) -> dict[str, dict[int, float]]:
        """People (persons) and the monthly wage (yuan) by year from the cut-off on, for the constant shares."""
        data, cutoff = self.data, self.known.cutoff
        found = {name: by_year(data, lambda each, name=name: each[name]) for name in PEOPLE}  # type: ignore[misc]
        wages = self.inputs.paths[at.PATH_AVERAGE_WAGE]
        found["wage"] = {int(year): float(wage) for year, wage in zip(self.inputs.years, wages, strict=True)}
        return {name: {year: value for year, value in path.items() if year >= cutoff} for name, path in found.items()}


def history(known: Information, last: int, law: LawTree | None = None) -> Run:
    """A region from 31 December 1992 to the cut-off, before any alignment; its inputs reach to a last year."""
    inputs = inputs_at(known, last, law)
    state = stationary_state(known.basis, inputs)
    return Run(known, inputs, state, run_lane(inputs, state, 0, known.cutoff - SPIN_UP_START))


def go_on(run: Run) -> None:
    """The years after the cut-off, in place."""
    run_lane(run.inputs, run.state, run.known.cutoff - SPIN_UP_START, run.inputs.years.size, run.output)


def from_opening(known: Information, last: int) -> tuple[Run, list[Factor]]:
    """A region whose basis opens at the cut-off, aligned in full to its opening table and run to a last year."""
    state = history(known, known.cutoff).state
    inputs = inputs_at(known, last, first=known.cutoff)
    factors = align(state, known.basis, inputs)
    return Run(known, inputs, state, run_lane(inputs, state, 1, inputs.years.size), first=1), factors


def predict(known: Information, published: Mapping[str, float], last: int, law: LawTree | None = None) -> Prediction:
    """Run a region to the cut-off, align it to what was published there, and go on to a last year.

    Parameters
    ----------
    published : figures of the cut-off year by series, in base units
    law : the law lived under after the cut-off, where it is not the one enacted by then
    """
    run = history(known, last, law)
    data = run.data
    before = {name: by_year(data, SERIES[name]).get(known.cutoff, 0.0) for name in SERIES if name not in LEFT_OUT}
    factors = align_lightly(run.state, run.inputs, known.cutoff, before, published)
    moved = {factor.item: factor.factor for factor in factors}
    go_on(run)
    data = run.data
    values: dict[str, dict[int, float]] = {}
    for name, level in published.items():
        path = {year: value for year, value in by_year(data, SERIES[name]).items() if year > known.cutoff}
        start = before[name] * float(np.prod([moved.get(item, 1.0) for item in MOVED_BY.get(name, ())]))
        if name in BALANCES:
            values[name] = path
        elif start > 0.0:
            if name not in MOVED_BY or abs(start / level - 1.0) > 1e-9:
                factors.append(Factor(f"linked {name}", start, level))
            values[name] = {year: value * level / start for year, value in path.items()}
    return Prediction(known.cutoff, values, run.drivers, tuple(factors))


def align_lightly(
    state: State, inputs: LaneInputs, cutoff: int, before: Mapping[str, float], published: Mapping[str, float]
) -> list[Factor]:
    """Move a state of a cut-off year end to the figures published for it, in place; returns the factors used.

    Parameters
    ----------
    before : the engine's own figures of the year by series, before any alignment
    published : figures of the year; what is missing is not aligned
    """
    factors: list[Factor] = []

    def factor(item: str, series: str, divided_by: float = 1.0) -> float:
        start = before[series] * divided_by
        if series not in published or start <= 0.0:
            return 1.0
        factors.append(Factor(item, start, published[series]))
        return factors[-1].factor

    heads = factor("pensioners", "pensioners")
    state.pensioners[:] *= heads
    mean = factor("mean pension", "expenditure", heads)
    state.pensioners[at.P_MASS] *= mean
    if "expenditure" in published:
        factors.append(Factor("expenditure", before["expenditure"], before["expenditure"] * heads * mean))
    state.beneficiaries[:] *= factor("recipients", "resident_recipients")
    position = int(np.searchsorted(inputs.years, cutoff))
    for series, fund in BALANCES.items():
        if series in published and before[series] > 0.0:
            factors.append(Factor(series, before[series], published[series]))
            state.funds[:, FUND.index(fund)] += published[series] - before[series]
    share = inputs.paths[at.PATH_ENTRUSTED_SHARE_ENTERPRISE, position]
    state.entrusted[0] = share * state.funds[0, at.FUND_ENTERPRISE]
    return factors


# --- every cut-off ----------------------------------------------------------------------------------------------------


def published_at(actuals: Actuals, cutoff: int) -> dict[str, float]:
    """Figures of the cut-off year by series: what the run is aligned to and what the rivals start from."""
    return {name: years[cutoff].value for name, years in actuals.items() if cutoff in years}
