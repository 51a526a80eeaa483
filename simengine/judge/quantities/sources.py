"""Where the numbers of a table come from: scenarios that are run for it, and results that an earlier run wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import load_basis
from simengine.common.errors import ScenarioError, SimengineError, each_error, raise_all
from simengine.engine import results as io
from simengine.engine.provenance import read_manifest, restore
from simengine.judge.checks.anchors import FundVerdict, verdicts_of
from simengine.judge.indicators import Definitions
from simengine.judge.run import Judged, JudgedRun, judge_scenarios
from simengine.judge.targets.verdicts import to_frame
from simengine.scenario.scenario import Scenario, load_scenario, packaged

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Named = Scenario | Judged | str | Path
Run = Callable[[Sequence[Scenario]], JudgedRun]


@dataclass(frozen=True, eq=False)
class Source:
    """One projection behind a table.

    Attributes
    ----------
    key : name in the tables; the second of equal ones ends in `` (2)``
    title : name of the scenario by language
    region : the scenario's own region
    data : projection on the scenario's own regions, under `key`
    marks : what decides its numbers (`engine.results.stamp`)
    verdicts : gives the table of verdicts, as targets.csv holds it
    ranges : gives the ranges over the closures, as ranges.csv holds them
    decided : gives whether the funds of each region are judged, as anchors.csv holds it
    """

    key: str
    title: Mapping[str, str]
    region: str
    data: xr.Dataset = field(repr=False)
    definitions: Definitions = field(repr=False)
    marks: Mapping[str, Any] = field(repr=False)
    verdicts: Callable[[], pd.DataFrame] = field(repr=False)
    ranges: Callable[[], pd.DataFrame] = field(repr=False)
    decided: Callable[[], Mapping[str, FundVerdict]] = field(repr=False)

    def regions(self, asked: Sequence[str] | None) -> list[str]:
        """Regions of a table: the own one, all where an empty list is asked for, else those named.

        Raises
        ------
        ScenarioError for a region that the projection does not hold
        """
        held = [str(name) for name in self.data.region.values]
        if asked is None:
            return [self.region] if self.region in held else held
        wrong = [name for name in asked if name not in held]
        if wrong:
            known = ", ".join(held)
            raise ScenarioError(
                "quantity_region", where="--region", name=", ".join(wrong), scenario=self.key, known=known
            )
        return list(asked) or held


def is_run(name: str | Path) -> bool:
    """Whether a name is that of results: a folder or a projection.nc that no packaged scenario is called after."""
    path = Path(name)
    return str(name) not in packaged() and (path.is_dir() or (path.is_file() and path.suffix == ".nc"))


def read_sources(given: Sequence[Named], run: Run | None = None) -> list[Source]:
    """The projections behind some names: scenarios are run together, results of earlier runs are read.

    Parameters
    ----------
    given : scenarios, judged scenarios, names of scenarios, files ending in .yaml, folders of results
    run : runs scenarios; `judge_scenarios` when left out

    Raises
    ------
    SimengineError or an ErrorList of them, with everything that is wrong at once
    """
    if not given:
        raise ScenarioError("no_scenario")
    errors: list[SimengineError] = []
    places: list[Scenario | Judged | Path] = []
    for one in given:
        try:
            places += _places(one)
        except SimengineError as error:
            errors += each_error(error)
    raise_all(errors)
    scenarios = list({one.key: one for one in places if isinstance(one, Scenario)}.values())
    runs = (run or judge_scenarios)(scenarios) if scenarios else {}
    found = []
    for one in places:
        if isinstance(one, Path):
            found.append(_read(one))
        else:
            judged = one if isinstance(one, Judged) else runs[one.key]
            judged.refuse_unsound()  # no number of such a run gets into a table
            found.append(_of_judged(judged))
    return _told_apart(found)


def _places(one: Named) -> list[Scenario | Judged | Path]:
    """What a name stands for; a folder above several results stands for all of them."""
    if isinstance(one, Scenario | Judged):
        return [one]
    if not is_run(one):
        return [load_scenario(one)]
    path = Path(one)
    if path.is_file() or (path / io.PROJECTION).is_file():
        return [path if path.is_file() else path / io.PROJECTION]
    below: list[Scenario | Judged | Path] = []
    below += sorted(path.rglob(io.PROJECTION))
    if not below:
        raise ScenarioError("results_absent", path=path)
    return below


def _of_judged(judged: Judged) -> Source:
    scenario = judged.scenario
    return Source(
        key=scenario.key,
        title={"en": scenario.title("en"), "zh": scenario.title("zh")},
        region=load_basis(scenario.basis).region,
        data=judged.projection,
        definitions=judged.definitions,
        marks=io.stamp(scenario, judged.inputs),
        verdicts=lambda: _verdicts(judged),
        ranges=lambda: judged.ranges,
        decided=lambda: judged.fund_verdicts,
    )


def _verdicts(judged: Judged) -> pd.DataFrame:
    """Verdicts with the Chinese names beside, as targets.csv holds them."""
    local = to_frame(judged.verdicts, "zh")
    return to_frame(judged.verdicts).assign(name_zh=local["name"])


def _read(path: Path) -> Source:
    """Results of an earlier run; readings and names come from the scenario that its manifest keeps."""
    manifest = read_manifest(path.parent)
    data = io.read_projection(path)
    with TemporaryDirectory(prefix="simengine-table-") as held:
        scenario = restore(manifest, Path(held), str(path.parent / io.MANIFEST))

    def table(name: str, *texts: str) -> Callable[[], pd.DataFrame]:
        def read() -> pd.DataFrame:
            found = io.read_table(path, name, texts)
            if found is None:
                raise io.ResultError("quantity_absent", where=str(path.parent), name=name)
            return found

        return read

    anchors = table("anchors.csv")
    key = str(data.scenario.values[0])
    return Source(
        key=key,
        title={"en": scenario.title("en"), "zh": scenario.title("zh")},
        region=load_basis(scenario.basis).region,
        data=data,
        definitions=Definitions(**scenario.definitions),
        marks={
            name: manifest[name] for name in ("run_id", "engine_version", "basis", "information") if name in manifest
        },
        verdicts=table("targets.csv", "printed", "projected_text"),
        ranges=table("ranges.csv"),
        decided=lambda: verdicts_of(anchors(), scenario.base_year),
    )


def _told_apart(found: Sequence[Source]) -> list[Source]:
    """Sources with names of their own: the second of equal ones ends in `` (2)``."""
    seen: dict[str, int] = {}
    told = []
    for one in found:
        seen[one.key] = seen.get(one.key, 0) + 1
        told.append(_renamed(one, f"{one.key} ({seen[one.key]})") if seen[one.key] > 1 else one)
    return told


def _renamed(one: Source, key: str) -> Source:
    """A source under another name, in its projection and its ranges too."""
    data = one.data.assign_coords(scenario=[key])
    return replace(one, key=key, data=data, ranges=lambda: one.ranges().assign(scenario=key))
