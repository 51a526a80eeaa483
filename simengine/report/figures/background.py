"""What a picture shows beside the projection: the rows of the plan, the statutory ages, the history, the source line.

A projection read from a file knows the names and digests of what it rests on; they are looked up again among the
packaged files and used only where the digests agree.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from simengine.common import resources
from simengine.common.errors import ModelError, ScenarioError
from simengine.common.messages import near
from simengine.common.version import __version__
from simengine.judge.indicators import Definitions
from simengine.judge.targets.files import read_targets
from simengine.judge.targets.rows import Target
from simengine.law import LawTree, load_law
from simengine.law.regions import Region, load_regions
from simengine.law.retirement import RetirementRules, retirement_month
from simengine.registry.axes import CAREER
from simengine.report.figures.style import FigureWarning, Look
from simengine.scenario.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from simengine.engine.project import Result

Ages = Mapping[int, Mapping[str, float]]
"""Year end -> career -> age [years]."""

CENTRAL_DRAW = 0
"""Draw that is shown: the deterministic run."""


# --- one lane of a projection -----------------------------------------------------------------------------------------


def dataset_of(source: Result | xr.Dataset) -> xr.Dataset:
    """The projection itself, whether a result of a run or a dataset is given."""
    import xarray as xr

    return source if isinstance(source, xr.Dataset) else source.dataset


def lane(projection: xr.Dataset, scenario: str, region: str) -> xr.Dataset:
    """One scenario and region of a projection without its shocks; both keep their dimension, of length one."""
    for dim, name, code in (("scenario", scenario, "scenario_absent"), ("region", region, "region_absent")):
        known = [str(label) for label in projection[dim].values]
        if name not in known:
            raise ScenarioError(code, near=near(name, known), name=name, known=", ".join(known))
    draws = [int(draw) for draw in projection.draw.values]
    draw = CENTRAL_DRAW if CENTRAL_DRAW in draws else draws[0]
    return projection.sel(scenario=[scenario], region=[region], draw=draw)


def finite(values: np.ndarray, what: str, region: str) -> np.ndarray:
    """The values when each is a number; a `ModelError` otherwise."""
    if not values.size or not np.isfinite(values).all():
        raise ModelError("figure_not_finite", name=what, region=region)
    return values


@cache
def _regions() -> Mapping[str, Region]:
    return load_regions(resources.scenarios_root() / "regions.yaml")


def region_name(region: str, look: Look) -> str:
    """Name of a region in the language of the picture; its key where it has none."""
    known = _regions()
    if region not in known:
        return region
    return known[region].name if look.lang == "en" else known[region].local_name


def holds_pension_fund(region: str) -> bool:
    """Whether the region holds pension funds of its own in law; a region that is not listed is taken to."""
    known = _regions()
    return region not in known or known[region].holds_pension_fund


# --- what stands beside it --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Background:
    """What the pictures of one scenario show beside its projection.

    Attributes
    ----------
    targets : rows of its target files
    definitions : readings of open definitions it chose
    rules : retirement law by region, levers included
    histories : runs over the years before the opening, by basis
    source : parts of the source line that do not depend on the picture, as (key, values)
    ranges, anchors : ranges over the closures, and what was printed beside the run, where they are known
    """

    scenario: str
    targets: tuple[Target, ...] = ()
    definitions: Definitions = field(default_factory=Definitions)
    rules: Mapping[str, RetirementRules] = field(default_factory=dict)
    histories: Mapping[str, xr.Dataset] = field(default_factory=dict)
    source: tuple[tuple[str, Mapping[str, str]], ...] = ()
    ranges: pd.DataFrame | None = None
    anchors: pd.DataFrame | None = None

    def ages(self, region: str, years: Iterable[int]) -> Ages:
        """Statutory ages of a region at some year ends; empty where the law behind the run is not known."""
        if region not in self.rules:
            return {}
        return {year: statutory_ages(self.rules[region], year) for year in years}

    def history(self, region: str) -> xr.Dataset | None:
        """The history run of a region, where there is one."""
        runs = (run for run in self.histories.values() if region in run.region.values)
        return next(runs, None)

    def footer(self, look: Look, extra: str = "") -> str:
        """Source, scenario, data and run, and what a projection is."""
        parts = [look.say("footer", key, **values) for key, values in self.source]
        sentence = look.say("footer", "projection")
        joined = " · ".join([*parts, extra] if extra else parts)
        return f"{joined}\n{sentence}"


def background(
    source: Result | xr.Dataset, scenario: str, look: Look | None = None, made_from: Scenario | None = None
) -> Background:
    """Everything a run, or the projection it wrote, says about what stands beside it.

    `made_from` is the scenario of a projection that was read, restored from its manifest; left out it is loaded by its
    name, which finds packaged ones alone. A projection without a stamp, or one that rests on files that have changed
    since, is given no plan and no law; the latter with a `FigureWarning` in the language of `look`.
    """
    dataset = dataset_of(source)
    look = look or Look("en", ())
    regions = [str(region) for region in dataset.region.values]
    if source is not dataset:
        known = next((each.scenario for each in source.lanes if each.scenario.key == scenario), None)
        if known is None:
            known = ", ".join(dict.fromkeys(each.scenario.key for each in source.lanes))
            raise ScenarioError("scenario_absent", name=scenario, known=known)
        return _filled(dataset, known, source.law, regions, source.histories)
    if "scenario_sha256" not in dataset.attrs:
        return Background(scenario, source=_source_line(dataset, scenario, None, None))
    try:
        known = made_from or load_scenario(scenario)
    except ScenarioError:
        return _bare(dataset, scenario, look, "scenario_gone")
    law = load_law()
    written = json.loads(dataset.attrs.get("inputs", "{}")).get("law")
    if known.digest != dataset.attrs["scenario_sha256"] or law.digest() != written or not _same_targets(dataset, known):
        return _bare(dataset, scenario, look, "scenario_changed")
    return _filled(dataset, known, law, regions, {})


def _bare(dataset: xr.Dataset, scenario: str, look: Look, remark: str) -> Background:
    warnings.warn(look.say("remarks", remark, scenario=scenario), FigureWarning, 3)
    return Background(scenario, source=_source_line(dataset, scenario, None, None))


def _same_targets(dataset: xr.Dataset, scenario: Scenario) -> bool:
    """Whether the scenario's target files are byte for byte those of the run."""
    written = json.loads(dataset.attrs.get("targets", "{}"))
    now = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in scenario.target_files.items()}
    return bool(written == now)


def _filled(
    dataset: xr.Dataset, scenario: Scenario, law: LawTree, regions: list[str], histories: Mapping[str, xr.Dataset]
) -> Background:
    from simengine.engine.compile import scenario_law
    from simengine.engine.compile.retirement import retirement_rules

    own_law = scenario_law(scenario, law)
    year = scenario.base_year
    return Background(
        scenario=scenario.key,
        targets=tuple(read_targets(scenario.target_files.values())) if scenario.target_files else (),
        definitions=Definitions(**scenario.definitions),
        rules={
            region: retirement_rules(own_law, region, scenario.settings.retirement, year)
            for region in regions
            if region in _regions()
        },
        histories=histories,
        source=_source_line(dataset, scenario.key, scenario, law),
    )


def _source_line(
    dataset: xr.Dataset, key: str, scenario: Scenario | None, law: LawTree | None
) -> tuple[tuple[str, Mapping[str, str]], ...]:
    marks = dataset.attrs
    basis = scenario.basis if scenario is not None else str(marks.get("basis", ""))
    information = scenario.information if scenario is not None else str(marks.get("information", ""))
    parts: list[tuple[str, Mapping[str, str]]] = [
        ("engine", {"version": str(marks.get("engine_version", __version__))}),
        ("scenario", {"scenario": key}),
    ]
    parts += [("basis", {"basis": basis})] if basis else []
    if information == "opening":
        parts.append(("opening", {}))
    elif law is not None and law.information_date is not None:
        parts.append(("law", {"day": law.information_date.isoformat()}))
    run = marks.get("run_id")
    parts.append(("run", {"run": str(run)}) if run else ("data", {"digest": dataset_digest(dataset)[:16]}))
    return tuple(parts)


def dataset_digest(dataset: xr.Dataset) -> str:
    """sha256 over every variable of a dataset: names, shapes and the bytes of the values."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        values = np.ascontiguousarray(dataset[name].values)
        digest.update(f"{name}\0{values.shape}\0".encode())
        digest.update(values.tobytes() if values.dtype.kind != "O" else repr(values.tolist()).encode())
    return digest.hexdigest()


# --- statutory ages ---------------------------------------------------------------------------------------------------


def statutory_ages(rules: RetirementRules, year_end: int) -> dict[str, float]:
    """Age at a year end of the youngest persons who have passed their statutory month, by career [years].

    Births are by month; the step is found among all birth months that can be meant, so a reform that raises the age
    while a cohort approaches it is followed exactly.
    """
    last_month = 12 * year_end + 11
    births = np.arange(last_month - 12 * 80, last_month - 12 * 30)
    ages = {}
    for career, law in zip(CAREER, rules.careers, strict=True):
        passed = np.asarray(retirement_month(births, law.path)) <= last_month
        ages[career] = float(last_month - births[passed].max()) / 12.0
    return ages
