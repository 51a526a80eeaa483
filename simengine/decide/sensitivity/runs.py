"""Runs scenarios beside each other in blocks of lanes; one that is refused or impossible does not end the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simengine.common.errors import SimengineError, each_error
from simengine.common.processors import processors
from simengine.decide.runs import TOGETHER
from simengine.engine.project import Lane, Openings, Result, copy_state, refuse_not_finite, run_lane
from simengine.judge.checks.bounds import beyond_bounds, bounds_table
from simengine.judge.checks.identities import run_checks
from simengine.judge.indicators import Definitions
from simengine.judge.run import IdentityError
from simengine.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

    from simengine.common.progress import Progress


@dataclass(frozen=True, eq=False)
class Ran:
    """What was run.

    Attributes
    ----------
    dataset : the variables asked for, of every scenario that could be opened
    refused : what refused a scenario, by its key
    impossible : scenarios with a result that cannot be, each with the measures that pass their bound
    """

    dataset: xr.Dataset = field(repr=False)
    refused: Mapping[str, SimengineError]
    impossible: Mapping[str, tuple[str, ...]]


def run_all(
    scenarios: Sequence[Scenario],
    names: set[str],
    definitions: Definitions,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Ran:
    """Run scenarios of one region; each equals the same scenario run alone to the last bit.

    Parameters
    ----------
    names : variables that are kept

    Raises
    ------
    IdentityError where an identity does not hold: an error of the engine
    """
    import xarray as xr

    openings = Openings()
    refused: dict[str, SimengineError] = {}
    impossible: dict[str, tuple[str, ...]] = {}
    parts: list[xr.Dataset] = []
    done = 0
    per = max(1, TOGETHER // len(openings.bases(scenarios[0])))
    with ThreadPoolExecutor(threads or processors()) as pool:
        for first in range(0, len(scenarios), per):
            if progress is not None:
                progress("sensitivity", done, len(scenarios))
            lanes: list[Lane] = []
            for scenario in scenarios[first : first + per]:
                try:
                    lanes += openings.lanes(scenario)
                except SimengineError as error:
                    refused[scenario.key] = each_error(error)[0]
            if lanes:
                list(pool.map(_run, lanes))
                data = Result(lanes, openings).dataset
                _refuse_broken(Result(lanes, openings))
                for key in sorted(beyond_bounds(data, definitions)):
                    table = bounds_table(data.sel(scenario=[key]), key, definitions)
                    impossible[key] = tuple(dict.fromkeys(table[~table["ok"].astype(bool)]["measure"]))
                parts.append(data[[name for name in data.data_vars if name in names]])
            done += len(scenarios[first : first + per])
    whole = xr.concat(parts, "scenario", coords="minimal", compat="override", join="exact")
    return Ran(whole, refused, impossible)


def _run(lane: Lane) -> None:
    lane.output = run_lane(lane.inputs, copy_state(lane.opening), 1, lane.inputs.years.size)
    refuse_not_finite(lane.output, f"{lane.scenario.key}, {lane.basis.region}")


def _refuse_broken(result: Result) -> None:
    checks = run_checks(result)
    broken = dict.fromkeys(checks[~checks["ok"].astype(bool)]["scenario"])
    if broken:
        raise IdentityError("sweep_identities", names=", ".join(map(str, broken)))
