"""The judged run: scenarios projected, their checks at hand, and a verdict on every row of their target files.

    import simengine

    judged = simengine.judge_scenarios(["jiangxi/baseline", "jiangxi/as_planned"])
    judged["jiangxi/baseline"].verdicts        # what `simengine targets jiangxi/baseline` prints
    judged["jiangxi/baseline"].plausibility    # what `simengine check jiangxi/baseline` prints

Projecting is done at once; every check and every verdict is computed when it is first asked for, and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import load_basis
from simengine.common.errors import ModelError, ScenarioError
from simengine.common.messages import Words, near
from simengine.common.processors import processors
from simengine.engine.compile.law_keys import date_remarks
from simengine.engine.compile.slips import checked_remarks
from simengine.engine.idle import idle_levers
from simengine.engine.project import Progress, Result, project
from simengine.engine.results import part_of
from simengine.judge.checks.actuals import actuals_table, missed_remarks
from simengine.judge.checks.ages import ages_table
from simengine.judge.checks.anchors import FundVerdict, anchor_table, fund_verdicts
from simengine.judge.checks.bounds import bounds_table
from simengine.judge.checks.branches import branch_table
from simengine.judge.checks.campaigns import campaign_table
from simengine.judge.checks.coherence import coherence_table
from simengine.judge.checks.entry import entry_table
from simengine.judge.checks.erosion import Place, erosion_table, places_of
from simengine.judge.checks.exhaustion import exhaustion_table
from simengine.judge.checks.free_run import free_run_checks, gap_table
from simengine.judge.checks.identities import run_checks
from simengine.judge.checks.lanes import bases_of, of_scenario
from simengine.judge.checks.opening import factor_table, opening_table
from simengine.judge.checks.people import people_table
from simengine.judge.checks.plausibility import plausibility_table
from simengine.judge.closures.table import (
    Over,
    nation_fund_verdict,
    nation_over_closures,
    over_closures,
    without_funds,
)
from simengine.judge.closures.years import range_columns, ranged_verdicts
from simengine.judge.indicators import Definitions
from simengine.judge.measures.valuation import valuation_table
from simengine.judge.measures.workers import worker_table
from simengine.judge.targets.check import check_targets
from simengine.judge.targets.compare import Options
from simengine.judge.targets.erosion import flag_eroded
from simengine.judge.targets.files import read_targets
from simengine.judge.targets.rows import Target
from simengine.judge.targets.shared import mark_shared
from simengine.judge.targets.verdicts import Verdict, flag_alignment
from simengine.judge.targets.withheld import on_a_fund, withhold
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.basis.overlay import Values


class IdentityError(ModelError):
    """An identity of the accounts does not hold: the results must not be used."""


class ImpossibleError(ModelError):
    """A result is impossible, such as persons below zero: the results must not be used."""


def judge_scenarios(
    scenarios: Scenario | str | Path | Iterable[Scenario | str | Path],
    threads: int | None = None,
    progress: Progress | None = None,
    values: Mapping[str, Values] | None = None,
) -> JudgedRun:
    """Project scenarios, those with the same years together, and make their checks and verdicts available.

    Parameters
    ----------
    scenarios : one or more; packaged names (``jiangxi/baseline``), files, or scenarios loaded before
    threads : threads over lanes, all processors when left out; the results do not depend on it
    progress : called with a short text before each longer step
    values : values put over bases, by name of the basis (`simengine.engine.project.project`)

    Raises
    ------
    ScenarioError
        where two of the scenarios have the same key.
    SimengineError
        for anything wrong in scenario, law or basis, before a number is computed.
    """
    given = [scenarios] if isinstance(scenarios, Scenario | str | Path) else list(scenarios)
    chosen = tuple(one if isinstance(one, Scenario) else load_scenario(one) for one in given)
    keys = [scenario.key for scenario in chosen]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ScenarioError("scenario_key_twice", name=twice)
    used = processors() if threads is None else threads
    groups: dict[tuple[int, int], list[Scenario]] = {}
    for scenario in chosen:
        groups.setdefault(scenario.content.years, []).append(scenario)
    results: dict[str, Result] = {}
    for group in groups.values():
        result = project(group, threads=used, progress=progress, values=values)
        results |= {scenario.key: result for scenario in group}
    return JudgedRun(chosen, results, used)


@dataclass(frozen=True, eq=False)
class JudgedRun(Mapping[str, "Judged"]):
    """Projections of several scenarios with their checks and verdicts: a mapping from the key of each to a `Judged`.

    Attributes
    ----------
    scenarios : in the order given
    results : what the engine returned, by key of the scenario; scenarios with the same years share one
    threads : threads used
    """

    scenarios: tuple[Scenario, ...]
    results: Mapping[str, Result] = field(repr=False)
    threads: int

    @cached_property
    def _judged(self) -> dict[str, Judged]:
        return {scenario.key: Judged(self, scenario) for scenario in self.scenarios}

    def __getitem__(self, key: str) -> Judged:
        if key not in self._judged:
            known = ", ".join(self._judged)
            raise ScenarioError("scenario_absent", near=near(key, self._judged), name=key, known=known)
        return self._judged[key]

    def __contains__(self, key: object) -> bool:
        return key in self._judged

    def __iter__(self) -> Iterator[str]:
        return iter(self._judged)

    def __len__(self) -> int:
        return len(self.scenarios)

    @cached_property
    def identities(self) -> pd.DataFrame:
        """Every identity of persons and money of every scenario and region.

        Columns check, scenario, region, worst (relative residual [1]), year, limit [1], ok.
        """
        import pandas as pd

        distinct = {id(result): result for result in self.results.values()}
        return pd.concat([run_checks(result) for result in distinct.values()], ignore_index=True)

    @property
    def failed(self) -> pd.DataFrame:
        """Rows of `identities` whose residual exceeds the limit; one that is not a number fails."""
        return self.identities[~self.identities["ok"].astype(bool)]

    @cached_property
    def bounds(self) -> pd.DataFrame:
        """Every value beyond what the registry allows, by scenario, region and measure (`bounds_table`)."""
        import pandas as pd

        found = [judged.bounds for judged in self._judged.values()]
        return pd.concat([frame for frame in found if len(frame)] or found[:1], ignore_index=True)

    @property
    def impossible(self) -> pd.DataFrame:
        """Rows of `bounds` that no reason on file explains."""
        return self.bounds[~self.bounds["ok"].astype(bool)]

    @property
    def sound(self) -> bool:
        """Whether every identity holds and no result is impossible."""
        return bool(self.failed.empty and self.impossible.empty)

    @cached_property
    def coherence(self) -> pd.DataFrame:
        """Regions of the run beside the region they lie in (`coherence_table`); empty where no two are related."""
        return coherence_table({id(result): result for result in self.results.values()}.values())


@dataclass(frozen=True, eq=False)
class Judged:
    """One scenario of a judged run; tables are data frames with columns in base units, as their functions say."""

    run: JudgedRun = field(repr=False)
    scenario: Scenario

    @property
    def result(self) -> Result:
        """What the engine returned, perhaps with other scenarios beside."""
        return self.run.results[self.scenario.key]

    @cached_property
    def _own(self) -> Result:
        return of_scenario(self.result, self.scenario.key)

    @cached_property
    def projection(self) -> xr.Dataset:
        """The projection on the scenario's own regions: every variable of `simengine.registry.variables`."""
        return part_of(self.result.dataset, self.scenario.key)

    @property
    def definitions(self) -> Definitions:
        """How the scenario reads what plans leave open."""
        return Definitions(**self.scenario.definitions)

    @cached_property
    def bounds(self) -> pd.DataFrame:
        """Values beyond what the registry allows (`bounds_table`)."""
        return bounds_table(self.projection, self.scenario.key, self.definitions)

    @cached_property
    def campaigns(self) -> pd.DataFrame:
        """What the campaigns of the scenario wanted and found (`campaign_table`)."""
        return campaign_table(self._own)

    @property
    def identities(self) -> pd.DataFrame:
        """Identities of this scenario (`JudgedRun.identities`)."""
        return self.run.identities[self.run.identities["scenario"] == self.scenario.key]

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Verdict on every row of the scenario's target files; empty when it names none.

        The history is the backcast, definitions are read as the scenario says, and verdicts that rest on a stock with
        a large alignment factor or on an eroded amount are flagged.

        Raises
        ------
        IdentityError
            where an identity of the scenario does not hold.
        ImpossibleError
            where a result of the scenario is impossible.
        """
        if not self.scenario.target_files:
            return []
        self.refuse_unsound()
        judged = flag_alignment(self._judge(self.projection), factor_table(self.result))
        return flag_eroded(judged, self._own, self._places, self._judge)

    def refuse_unsound(self) -> None:
        """End where an identity of the scenario does not hold or a result is impossible (errors as of `verdicts`)."""
        broken = self.identities[~self.identities["ok"].astype(bool)]
        if len(broken):
            names = ", ".join(dict.fromkeys(broken["check"]))
            raise IdentityError("identities_broken", where=self.scenario.key, count=len(broken), names=names)
        wrong = self.bounds[~self.bounds["ok"].astype(bool)]
        if len(wrong):
            names = ", ".join(dict.fromkeys(wrong["measure"]))
            raise ImpossibleError("results_impossible", where=self.scenario.key, count=len(wrong), names=names)

    def _judge(self, projection: xr.Dataset) -> list[Verdict]:
        """Every row of the plan beside a projection, without the flags that need a table."""
        history = self.result.histories.get(self.scenario.basis)
        options = Options(definitions=self.definitions)
        judged = check_targets(projection, self._targets, backcast=history, options=options)
        if any(on_a_fund(row.indicator) for row in judged):
            judged = withhold(judged, self.fund_verdicts)
        known_until = self.scenario.base_year if self.scenario.information == "opening" else None
        judged = mark_shared(judged, {basis.region: basis for _, basis in bases_of(self._own)}, known_until)
        return ranged_verdicts(judged, self._targets, lambda: self.over)

    @cached_property
    def _targets(self) -> list[Target]:
        return read_targets(self.scenario.target_files.values()) if self.scenario.target_files else []

    @cached_property
    def _places(self) -> list[Place]:
        return places_of(self._own)

    @cached_property
    def remarks(self) -> list[Words]:
        """What a reader must know of the scenario's levers, in both languages.

        Changes dated after the horizon, values inside a year that act from the next one, entries of `checked` that
        are not needed, levers that moved no number.
        """
        dated = date_remarks(self.scenario.settings.law, self.result.law)
        dated += checked_remarks(self.scenario, [slip for lane in self._own.lanes for slip in lane.inputs.slips])
        entered = [*self.result.openings.settled(self.scenario).told, *missed_remarks(self.actuals)]
        idle = idle_levers(self.scenario, self._own.lanes, self.result.openings)
        return [*self.scenario.remarks, *entered, *dated, *idle]

    @cached_property
    def actuals(self) -> pd.DataFrame:
        """Entered actuals, and those the run is only held against, beside the run (`actuals_table`)."""
        settled = self.result.openings.settled(self.scenario)
        return actuals_table(settled, self.scenario, self.projection, self._own.lanes, self.definitions)

    @cached_property
    def opening(self) -> pd.DataFrame:
        """Alignment factors (`factor_table`)."""
        return factor_table(self._own)

    @cached_property
    def position(self) -> pd.DataFrame:
        """Every figure of the opening position beside the engine's (`opening_table`)."""
        return opening_table(self._own)

    @cached_property
    def gap(self) -> pd.DataFrame:
        """The free run before alignment against the past, year by year (`gap_table`)."""
        return gap_table(self._own)

    @cached_property
    def free_run(self) -> pd.DataFrame:
        """What the free run must show, measured (`free_run_checks`)."""
        return free_run_checks(self._own, self.gap)

    @cached_property
    def people(self) -> pd.DataFrame:
        """Population, births and deaths beside the official counts of the known years (`people_table`)."""
        return people_table(self._own)

    @cached_property
    def plausibility(self) -> pd.DataFrame:
        """Levels and yearly changes against stated ranges (`plausibility_table`)."""
        return plausibility_table(self._own)

    @cached_property
    def entry(self) -> pd.DataFrame:
        """Pressures of entry and the rule that each region used (`entry_table`)."""
        return entry_table(self._own)

    @cached_property
    def ages(self) -> pd.DataFrame:
        """Cover by age and birth cohort, and new pensions by factor (`ages_table`)."""
        return ages_table(self._own)

    @cached_property
    def fund_verdicts(self) -> dict[str, FundVerdict]:
        """Whether the funds of each region that holds funds are judged, and why (`fund_verdicts`)."""
        return fund_verdicts(self.result, self.scenario, self.run.threads)

    @cached_property
    def _unjudged(self) -> frozenset[str]:
        """Regions whose funds are not judged."""
        return frozenset(region for region, found in self.fund_verdicts.items() if not found.given)

    @cached_property
    def anchors(self) -> pd.DataFrame:
        """Printed figures after the opening beside the run; who misses one has no verdict on funds (`anchor_table`)."""
        return anchor_table(self.fund_verdicts.values())

    @cached_property
    def exhaustion(self) -> pd.DataFrame:
        """When the pension funds are used up, under three subsidy conventions (`exhaustion_table`).

        Behind each year stand its earliest and latest over the closures (`range_columns`). Regions whose funds are not
        judged (`fund_verdicts`) have no row.
        """
        found = exhaustion_table(self._own)
        judged = found[~found["region"].isin(self._unjudged)].reset_index(drop=True)
        return range_columns(judged, self.over.ranges(), self.over.horizon)

    @cached_property
    def over(self) -> Over:
        """Headline results and years of the funds over the closures (notes/closures.md).

        Of regions whose funds are not judged (`fund_verdicts`) nothing on a fund is among them.
        """
        return without_funds(over_closures(self.result, self.scenario, self.run.threads), self._unjudged)

    @cached_property
    def nation(self) -> Over | None:
        """The nation over the closures, beside a region; None for the nation itself."""
        if self.over.nation:
            return None
        found = nation_over_closures(self.result, self.scenario, self.run.threads)
        decided = self.nation_funds
        return found if found is None or decided is None or decided.given else without_funds(found, {decided.region})

    @cached_property
    def nation_funds(self) -> FundVerdict | None:
        """Whether the nation's funds are judged, beside a region; None for the nation itself."""
        return None if self.over.nation else nation_fund_verdict(self.result, self.scenario, self.run.threads)

    @property
    def closures(self) -> pd.DataFrame:
        """Every measure in every scenario of the set, for the scenario's own region (`Over.values`)."""
        values = self.over.values()
        return values[values["region"] == self.over.region].reset_index(drop=True)

    @property
    def ranges(self) -> pd.DataFrame:
        """The range of every measure over the closures, of every region of the scenario (`Over.ranges`)."""
        return self.over.ranges()

    @cached_property
    def erosion(self) -> pd.DataFrame:
        """Amounts fixed in law and what they are worth, 30 % lost flagged (`erosion_table`)."""
        within = [target.year for target in self._targets if target.year <= self.scenario.years[-1]]
        return erosion_table(self._places, {self.scenario.key: max(within, default=None)})

    @cached_property
    def valuation(self) -> pd.DataFrame:
        """Actuarial measures of the pension funds of regions whose funds are judged (`valuation_table`)."""
        return valuation_table(self.projection, self.scenario.key, self.definitions, self._unjudged)

    @cached_property
    def workers(self) -> pd.DataFrame:
        """What stylised workers pay and get by the law of the scenario (`worker_table`)."""
        return worker_table(self._own.lanes, self.result.law)

    @cached_property
    def branches(self) -> pd.DataFrame:
        """Averages of unemployment and work injury beside published national ones (`branch_table`)."""
        return branch_table(self._own)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table beside identities and verdicts, by the name of its file."""
        names = ("opening", "position", "gap", "free_run", "people", "plausibility", "anchors", "exhaustion")
        return {
            name: getattr(self, name)
            for name in (*names, "branches", "erosion", "entry", "ages", "closures", "ranges", "valuation", "workers")
        }

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """Digests of what the numbers rest on beside the scenario: the law, and each basis with those it draws on."""
        bases = {lane.basis.name: lane.basis for lane in self._own.lanes}
        bases.setdefault(self.scenario.basis, load_basis(self.scenario.basis))
        return {"law": self.result.law.digest(), "bases": {name: bases[name].digest() for name in sorted(bases)}}
