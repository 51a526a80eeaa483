"""Scenarios under shocks, run in blocks: every row of the plan and every fund of each, judged as a run judges them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simengine.basis.basis import load_basis
from simengine.common.errors import LeverError, ScenarioError, SimengineError, each_error
from simengine.decide.runs import TOGETHER, Runs, own_run
from simengine.engine.project import Lane, Result
from simengine.judge.checks.accounts import returns_of, unaided_from_print
from simengine.judge.checks.anchors import FundVerdict, fund_verdicts
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.indicators import Definitions, registry
from simengine.judge.indicators.sums import outgo_of
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.compare import Options
from simengine.judge.targets.files import read_targets
from simengine.judge.targets.rows import Target
from simengine.judge.targets.withheld import on_a_fund, withhold
from simengine.kernels import layout as at
from simengine.law.regions import load_regions
from simengine.registry.axes import FUND
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

    from simengine.common.progress import Progress
    from simengine.judge.targets.verdicts import Verdict

FUND_VARIABLES = {"fund_balance", "fund_balance_unaided", "income", "outgo"}
MONTHS = 12.0
FULL_YEARS = 75
"""Years of a whole projection, by which blocks of shorter ones are larger."""


class ShockRuns(Runs):
    """Runs of scenarios under shocks; the returns of each lane are kept beside its labelled results."""

    stage = "stress"

    def __init__(self, threads: int, progress: Progress | None, total: int) -> None:
        self.returns: dict[tuple[str, str], np.ndarray] = {}
        super().__init__([], threads, progress, total)

    def _refuse_first(self, scenarios: Sequence[Scenario]) -> None:
        """Nothing: packaged stresses have no ends of an axis that could be wrong."""

    def note(self, lane: Lane) -> None:
        """Keep the returns of the funds of a lane."""
        self.returns[lane.scenario.key, lane.basis.region] = returns_of(lane)


class SearchRuns(ShockRuns):
    """Runs of a search: a shock that the engine refuses, or whose result is impossible, is an answer and no error.

    Attributes
    ----------
    refused : why a scenario was refused, by its name
    """

    takes_impossible = True

    def __init__(self, threads: int) -> None:
        self.refused: dict[str, SimengineError] = {}
        super().__init__(threads, None, 1)

    def together(self, scenario: Scenario) -> int:
        """As many lanes as have the years of a sweep's block: those of a search end with the failure."""
        first, last = scenario.content.years
        return TOGETHER * max(1, FULL_YEARS // (last - first + 1))

    def passes_over(self, scenario: Scenario, error: SimengineError) -> bool:
        """Keep why a scenario was refused, where it is the fault of what was put on it."""
        mine = all(isinstance(one, LeverError | ScenarioError) for one in each_error(error))
        if mine:
            self.refused[scenario.key] = error
        return mine


@dataclass(frozen=True, eq=False)
class Base:
    """What the scenarios under shocks of one baseline share.

    Attributes
    ----------
    targets : rows of its plan
    decided : whether the funds of each region that holds funds are judged
    accounts : its own balances, as which a printed balance is parted [yuan; fund, year_end]; none without funds
    """

    scenario: Scenario
    runs: ShockRuns = field(repr=False)
    targets: Sequence[Target] = field(repr=False)
    decided: Mapping[str, FundVerdict] = field(repr=False)
    accounts: np.ndarray | None = field(default=None, repr=False)

    @property
    def region(self) -> str:
        """The scenario's own region."""
        return load_basis(self.scenario.basis).region

    @property
    def holds_funds(self) -> bool:
        """Whether the region holds funds in law."""
        known = load_regions()
        return self.region not in known or known[self.region].holds_pension_fund

    @property
    def funds_judged(self) -> bool:
        """Whether its funds have a verdict."""
        return self.holds_funds and all(one.given for one in self.decided.values())

    @cached_property
    def definitions(self) -> Definitions:
        """How the scenario reads what plans leave open."""
        return Definitions(**self.scenario.definitions)

    @cached_property
    def needed(self) -> set[str]:
        """Variables that rows and funds read."""
        rows = (registry()[row.indicator].reads for row in self.targets if row.indicator in registry())
        return {name for row in rows for name in row} | FUND_VARIABLES


def until(base: Base, last: int) -> Base:
    """The same baseline with projections that end earlier: what a year holds does not depend on later ones."""
    first = base.scenario.content.years[0]
    content = base.scenario.content.model_copy(update={"years": (first, last)})
    accounts = None if base.accounts is None else base.accounts[:, : last - base.scenario.base_year + 1]
    return replace(base, scenario=replace(base.scenario, content=content), accounts=accounts)


def base_of(scenario: Scenario, runs: ShockRuns) -> Base:
    """A baseline made ready: its plan is read, and whether its funds are judged is decided on its own run."""
    targets = read_targets(scenario.target_files.values()) if scenario.target_files else []
    base = Base(scenario, runs, targets, {})
    if not base.holds_funds:
        return base
    lanes = own_run(scenario, runs.openings)
    (own,) = (lane.output for lane in lanes)  # who holds funds is no city of several areas
    decided = fund_verdicts(Result(lanes, runs.openings), scenario, runs.threads)
    accounts = None if own is None else own.balance[at.OWN, :, 1:].copy()
    return replace(base, decided=decided, accounts=accounts)


@dataclass(frozen=True, eq=False)
class Judged:
    """Scenarios of one baseline, judged.

    Attributes
    ----------
    possible : which of them have no impossible result
    verdicts : of every row of the plan, by scenario
    balances : unaided balances as they are judged [yuan; scenario, fund, year_end]
    months : the same over the outgo of the year [months; scenario, fund, year]
    first : first year end of the balances
    since : fund -> year end at which its judgement starts
    """

    scenarios: Sequence[Scenario]
    possible: Sequence[bool]
    verdicts: Sequence[Mapping[str, Verdict]] = field(repr=False)
    balances: np.ndarray = field(repr=False)
    months: np.ndarray = field(repr=False)
    first: int
    since: Mapping[str, int]

    def lowest(self, place: int, fund: str, before: int) -> float:
        """Lowest judged balance of a fund at the year ends before a year [yuan]."""
        last = before - self.first
        return float(self.balances[place, FUND.index(fund), self.since[fund] - self.first : last].min())


def judged(base: Base, scenarios: Sequence[Scenario], targets: Sequence[Target] | None = None) -> Judged:
    """Run scenarios beside a baseline and judge them.

    Parameters
    ----------
    scenarios : the baseline or others of its region and years
    targets : rows of the plan that are judged; all when left out
    """
    data, possible = base.runs.of(scenarios, base.needed, base.definitions)
    if isinstance(base.runs, SearchRuns):
        scenarios = [one for one in scenarios if one.key not in base.runs.refused]
    rows = base.targets if targets is None else targets
    found = check_targets(data, rows, options=Options(definitions=base.definitions)) if rows else []
    if any(on_a_fund(row.indicator) for row in found):
        found = withhold(found, base.decided)
    by_scenario: list[dict[str, Verdict]] = [{} for _ in scenarios]
    places = {one.key: place for place, one in enumerate(scenarios)}
    for row in found:
        by_scenario[places[row.scenario]][row.id] = row
    balances, months, since = _funds(base, scenarios, data)
    return Judged(scenarios, possible, by_scenario, balances, months, int(data.year_end.values[0]), since)


def _funds(
    base: Base, scenarios: Sequence[Scenario], data: xr.Dataset
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Judged balances, months of outgo in hand, and the year ends at which the judgement of each fund starts."""
    own = data.sel(region=base.region).isel(draw=0)
    first = int(own.year_end.values[0])
    axes = ("scenario", "fund", "year_end")
    balances = own.fund_balance_unaided.transpose(*axes).values.copy()
    since = dict.fromkeys(FUND, first)
    if base.accounts is not None:
        (basis,) = base.runs.openings.bases(base.scenario)
        known_until = base.scenario.base_year if base.scenario.information == "opening" else None
        starts = starts_of(basis, known_until)
        since = {fund: start.year for fund, start in starts.items()}
        for place, scenario in enumerate(scenarios):
            returns = base.runs.returns[scenario.key, basis.region]
            balances[place] = unaided_from_print(balances[place], base.accounts, returns, first, starts)
    outgo = outgo_of(own).transpose("scenario", "fund", "year").values
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.where(outgo > 0.0, MONTHS * balances[:, :, 1:] / outgo, math.nan)
    return balances, months, since
