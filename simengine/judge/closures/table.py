"""Values over the closures as a table, and the range of every measure with the baseline inside."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from simengine.basis.basis import Basis
from simengine.common import resources
from simengine.engine.beside import run_beside
from simengine.engine.project import Result
from simengine.judge.checks.accounts import Start
from simengine.judge.checks.anchors import Anchor, FundVerdict, held_against, held_run, limit_in_force, run_of
from simengine.judge.checks.exhaustion import starts_of
from simengine.judge.checks.lanes import of_scenario
from simengine.judge.closures.kept import Rows, kept_rows, key_of
from simengine.judge.closures.measures import Measure, as_dataset, measures_of, read_lane, together, values_of
from simengine.law.regions import NATION, load_regions
from simengine.scenario.closures import BASELINE, Beside, Closures, read_closures, scenarios_beside
from simengine.scenario.scenario import Scenario, load_scenario, packaged

if TYPE_CHECKING:
    import pandas as pd

FIXED = ("region", "measure", "fund", "year", "unit")
VALUES = ("scenario", "region", "measure", "fund", "year", "unit", "closure", "variant", "value")
RANGES = (
    *("scenario", *FIXED, "baseline", "low", "low_by", "high", "high_by"),
    *("moved_most_by", "most"),
)
ANCHORS = "anchors"
PRINTED = tuple(one.name for one in fields(Anchor) if one.name != "engine")
"""What is kept of an anchor beside the engine's figure."""

Lanes = list[list[dict[str, np.ndarray]]]


@dataclass(frozen=True, eq=False)
class Over:
    """One scenario over the closures.

    Attributes
    ----------
    rows : every measure in every scenario of the set, the baseline first (`VALUES`)
    stated : closures that the scenario states itself
    """

    scenario: str
    region: str
    horizon: int
    stated: tuple[str, ...]
    closures: Closures = field(repr=False)
    rows: Rows = field(repr=False)

    @property
    def nation(self) -> bool:
        """Whether the region is the nation."""
        return self.region == NATION

    def values(self) -> pd.DataFrame:
        """Every measure in every scenario of the set (`VALUES`)."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=list(VALUES)).assign(scenario=self.scenario).astype({"year": "Int64"})

    def ranges(self) -> pd.DataFrame:
        """The range of every measure (`RANGES`), computed once.

        A year that never comes is not a number; it counts as later than the horizon. `most` is the largest distance
        from the baseline to one closure moved alone; it is not a number where the year comes in one of the two only.
        """
        return self._ranges

    @cached_property
    def _ranges(self) -> pd.DataFrame:
        import pandas as pd

        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in self.rows:
            groups.setdefault(tuple(row[name] for name in FIXED), []).append(row)
        told = [{**dict(zip(FIXED, key, strict=True)), **range_of(rows)} for key, rows in groups.items()]
        return pd.DataFrame(told, columns=list(RANGES)).assign(scenario=self.scenario).astype({"year": "Int64"})


def without_funds(over: Over, regions: Collection[str]) -> Over:
    """The same without what is said of the funds of some regions: those whose funds are not judged."""
    rows = [row for row in over.rows if not row["fund"] or row["region"] not in regions]
    return replace(over, rows=rows)


def range_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Baseline, lowest and highest value with what gives each, and the closure that moves the measure most alone.

    Parameters
    ----------
    rows : one measure in every scenario of the set: `closure`, `variant` and `value`; both are the name of an extreme
    """
    base = next(row["value"] for row in rows if row["closure"] == BASELINE)
    ordered = sorted(rows, key=lambda row: _late(row["value"]))
    low, high = ordered[0], max(rows, key=lambda row: _late(row["value"]))
    alone = [row for row in rows if row["closure"] != row["variant"]]
    most = max(alone, key=lambda row: _distance(row["value"], base), default=None)
    moved = most is not None and _distance(most["value"], base) > 0.0
    return {
        "baseline": base,
        "low": low["value"],
        "low_by": _name(low),
        "high": high["value"],
        "high_by": _name(high),
        "moved_most_by": most["closure"] if most is not None and moved else "",
        "most": abs(most["value"] - base) if most is not None and moved else 0.0,
    }


def _late(value: float) -> float:
    """A value for ordering: a year that never comes is later than any other."""
    return math.inf if value != value else value


def _distance(value: float, base: float) -> float:
    """Distance of two values; between a year and no year it is beyond any other, between two of the latter nothing."""
    if value != value and base != base:
        return 0.0
    return abs(_late(value) - _late(base))


def _name(row: Mapping[str, Any]) -> str:
    """Closure and value, the name of an extreme, or ``baseline``."""
    closure, variant = str(row["closure"]), str(row["variant"])
    return closure if closure == variant else f"{closure}:{variant}"


# --- computing --------------------------------------------------------------------------------------------------------


def over_closures(result: Result, scenario: Scenario, threads: int | None = None) -> Over:
    """A scenario of a run over the closures; the baseline is the run itself.

    The set is opened with what the run shared. That of the nation is computed once and kept (`kept`).
    """
    region = scenario.basis.rpartition("-")[0]
    nation = region == NATION
    closures = read_closures()
    beside, stated = scenarios_beside(scenario, closures, nation)

    def make() -> Rows:
        own = of_scenario(result, scenario.key).lanes
        base = [read_lane(lane, lane.output) for lane in own if lane.output is not None]
        return _rows(scenario, [lane.basis for lane in own], base, beside, result, threads)

    rows = kept_rows(key_of(scenario, beside, closures, result.openings), make) if nation else make()
    return Over(scenario.key, region, scenario.years[-1], tuple(stated), closures, rows)


def nation_beside(scenario: Scenario) -> Scenario | None:
    """The nation as known to the scenario of a region; None without a packaged one of its opening."""
    key = "china/as_planned" if scenario.information == "opening" else "china/baseline"
    if key not in packaged():
        return None
    nation = load_scenario(key)
    if nation.content.years[0] != scenario.content.years[0]:
        return None
    return nation


def nation_fund_verdict(result: Result, scenario: Scenario, threads: int | None = None) -> FundVerdict | None:
    """Whether the nation's funds are judged, for the lines on the nation beside a region.

    Its run is made once, and what is read from it is kept. None where no nation stands beside.
    """
    nation = nation_beside(scenario)
    if nation is None:
        return None
    held = held_run(nation)

    def make() -> Rows:
        data = run_of(result, held, threads).sel(region=NATION, draw=0)
        found = held_against(basis, data)
        return [{name: getattr(one, name) for name in PRINTED} | {"value": one.engine} for one in found]

    (basis,) = result.openings.bases(held)
    rows = kept_rows(f"{key_of(held, [], read_closures(), result.openings)}-{ANCHORS}", make)
    anchors = tuple(Anchor(engine=row["value"], **{name: row[name] for name in PRINTED}) for row in rows)
    return FundVerdict(nation.key, NATION, held.key, basis.base_year, limit_in_force(), anchors)


def nation_over_closures(result: Result, scenario: Scenario, threads: int | None = None) -> Over | None:
    """The nation over the closures, as known to the scenario of a region; None without a packaged one of its opening.

    The nation's own lanes, its baseline too, are run where they are not kept.
    """
    nation = nation_beside(scenario)
    if nation is None:
        return None
    closures = read_closures()
    beside, stated = scenarios_beside(nation, closures, True)

    def make() -> Rows:
        (base,) = run_beside([nation], result.openings, read_lane, threads)
        return _rows(nation, result.openings.bases(nation), base, beside, result, threads)

    rows = kept_rows(key_of(nation, beside, closures, result.openings), make)
    return Over(nation.key, NATION, nation.years[-1], tuple(stated), closures, rows)


def _rows(
    scenario: Scenario,
    bases: Sequence[Basis],
    base: Sequence[dict[str, np.ndarray]],
    beside: Sequence[Beside],
    result: Result,
    threads: int | None,
) -> Rows:
    """Every measure of every region in the baseline and beside it; the city of several areas first."""
    ran = run_beside([one.scenario for one in beside], result.openings, read_lane, threads)
    lanes: Lanes = [list(base), *ran]
    own = scenario.basis.rpartition("-")[0]
    regions = [basis.region for basis in bases]
    parts: list[tuple[str, list[list[dict[str, np.ndarray]]]]] = []
    if list(regions) != [own]:
        parts.append((own, lanes))
    parts += [(region, [[one[place]] for one in lanes]) for place, region in enumerate(regions)]
    names = [(BASELINE, BASELINE), *((one.closure, one.variant) for one in beside)]
    known = load_regions(resources.scenarios_root() / "regions.yaml")
    starts = {basis.region: _starts(basis, scenario) for basis in bases}
    rows: Rows = []
    for region, of_region in parts:
        holds = region not in known or known[region].holds_pension_fund
        since = starts.get(region) if holds else None
        data = as_dataset([together(one) for one in of_region], scenario.base_year, since)
        values = values_of(data, measures_of(scenario.years[-1], holds))
        rows += [row for one, found in values.items() for row in _told(region, one, names, found)]
    return rows


def _starts(basis: Basis, scenario: Scenario) -> dict[str, Start]:
    """Where the judgement of each fund starts, the same as in `exhaustion_table`."""
    return starts_of(basis, scenario.base_year if scenario.information == "opening" else None)


def _told(region: str, one: Measure, names: Sequence[tuple[str, str]], found: np.ndarray) -> Rows:
    fixed = {"region": region, "measure": one.key, "fund": one.fund, "year": one.year, "unit": one.unit}
    return [
        {**fixed, "closure": closure, "variant": variant, "value": value}
        for (closure, variant), value in zip(names, found.tolist(), strict=True)
    ]


__all__ = ["RANGES", "VALUES", "Closures", "Over", "nation_over_closures", "over_closures", "range_of"]
