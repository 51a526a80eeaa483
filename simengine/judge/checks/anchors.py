"""Anchors: whether a region is near enough to what was printed after its opening for its funds to be judged.

A region whose run misses one of them by more than the limit of ``ranges.yaml`` gets no verdict on its funds, and says
so in its place. The rule and its reasons: notes/fund.md, section 1.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simengine.basis.basis import Basis
from simengine.common import strict_yaml
from simengine.common.errors import InputFileError
from simengine.common.messages import Language, near, say
from simengine.engine.beside import run_beside
from simengine.engine.label import label_lanes
from simengine.engine.project import Lane, Result
from simengine.judge.checks.free_run import RECALLED, SERIES, Reference, by_year, references
from simengine.judge.checks.lanes import bases_of
from simengine.judge.checks.plausibility import RANGES
from simengine.kernels.layout import Output
from simengine.law.regions import load_regions
from simengine.registry.units import EVIDENCE
from simengine.scenario.scenario import Scenario, load_scenario, packaged

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SECTION = "anchors"
KEYS = ("series", "limit", "since", "evidence", "source")
WITHIN, MISSED, UNREACHED, NONE = "within", "missed", "unreached", "none"
"""Why funds are judged or not: all anchors are near; one is missed; the run ends before one; there is none."""

COLUMNS = (
    *("scenario", "region", "run", "series", "year", "unit", "engine", "printed", "gap", "limit", "ok", "source"),
)
UNITS = {"yuan": 1e-8, "persons": 1e-4}
"""Units of printed figures and the factor to those in which they are told."""


# --- the limit --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """What ``ranges.yaml`` says of anchors.

    Attributes
    ----------
    names : series of references.csv that are anchors, with their names by language
    limit : largest distance of the engine from a printed figure, over that figure [1]
    since : day from which the limit has been in force
    """

    names: Mapping[str, Mapping[str, str]]
    limit: float
    since: datetime.date
    evidence: str
    source: str


@cache
def limit_in_force() -> Limit:
    """The limit of ``ranges.yaml``."""
    return read_limit(RANGES)


def read_limit(path: Path) -> Limit:
    """The section ``anchors`` of a file of ranges; anything wrong in it is refused with its line."""
    doc = strict_yaml.load(path)
    stated = doc.data.get(SECTION)
    if not isinstance(stated, Mapping) or set(stated) != set(KEYS):
        odd = sorted(set(KEYS) ^ set(stated if isinstance(stated, Mapping) else ()))
        where = doc.where(SECTION) if SECTION in doc.data else str(path)
        raise InputFileError("range_keys", where=where, name=SECTION, odd=", ".join(odd), known=", ".join(KEYS))
    where = doc.where(SECTION)
    for name in stated["series"]:
        if name not in SERIES:
            raise InputFileError("anchor_series", where=where, near=near(name, SERIES), name=name)
    limit, since = stated["limit"], stated["since"]
    if not isinstance(limit, float) or not 0.0 < limit < 1.0 or not isinstance(since, datetime.date):
        raise InputFileError("anchor_limit", where=where, limit=limit, since=since)
    if stated["evidence"] not in EVIDENCE or not str(stated["source"]).strip():
        raise InputFileError("range_source", where=where, name=SECTION, known=", ".join(EVIDENCE))
    return Limit(dict(stated["series"]), limit, since, str(stated["evidence"]), str(stated["source"]))


# --- anchors and what they decide -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Anchor:
    """One printed figure beside the engine's.

    Attributes
    ----------
    engine : not a number where the run does not reach the year
    """

    series: str
    year: int
    unit: str
    engine: float
    printed: float
    source: str

    @property
    def gap(self) -> float:
        """Distance of the engine's figure from the printed one, over the latter [1]."""
        return (self.engine - self.printed) / abs(self.printed) if self.printed else math.inf * self.engine

    def within(self, limit: float) -> bool:
        """Whether the distance is at most the limit."""
        return abs(self.gap) <= limit


@dataclass(frozen=True)
class FundVerdict:
    """Whether the funds of a region are judged in a scenario, and why.

    Attributes
    ----------
    run : scenario whose run is held against the anchors
    opened : base year of the region
    """

    scenario: str
    region: str
    run: str
    opened: int
    limit: Limit
    anchors: tuple[Anchor, ...]

    @property
    def missed(self) -> tuple[Anchor, ...]:
        """Anchors beyond the limit, the farthest first."""
        found = [one for one in self.anchors if math.isfinite(one.engine) and not one.within(self.limit.limit)]
        return tuple(sorted(found, key=lambda one: -abs(one.gap)))

    @property
    def why(self) -> str:
        """``within``, ``missed``, ``unreached`` or ``none``."""
        if not self.anchors:
            return NONE
        if self.missed:
            return MISSED
        return UNREACHED if any(math.isnan(one.engine) for one in self.anchors) else WITHIN

    @property
    def given(self) -> bool:
        """Whether the funds are judged."""
        return self.why in (WITHIN, NONE)

    def text(self, lang: Language) -> str:
        """What was decided and why, in one sentence with every figure it rests on."""
        shown = self.missed or self.anchors
        told = {
            "region": region_name(self.region, lang),
            "limit": f"{100.0 * self.limit.limit:z.4g}",
            "parts": say("anchors.between", lang).join(self.part(one, lang) for one in shown),
            "count": len(self.anchors),
            "opened": self.opened,
            "run": self.run,
        }
        sentence = say(f"anchors.{self.why}", lang, **told)
        return sentence + (say("anchors.run", lang, **told) if self.run != self.scenario and self.anchors else "")

    def part(self, one: Anchor, lang: Language) -> str:
        """One anchor in words: item, year, engine's figure, printed figure, distance."""
        told = {
            "name": self.limit.names[one.series][lang],
            "year": one.year,
            "engine": amount(one.engine, one.unit),
            "printed": amount(one.printed, one.unit),
            "unit": say(f"anchors.unit.{one.unit}", lang),
            "gap": f"{100.0 * one.gap:+z.1f}",
        }
        return say("anchors.part_unreached" if math.isnan(one.engine) else "anchors.part", lang, **told)


def amount(value: float, unit: str) -> str:
    """A figure of an anchor in the unit in which it is told."""
    return f"{value * UNITS[unit]:z,.0f}"


def region_name(region: str, lang: Language) -> str:
    """What a region is called."""
    known = load_regions()[region]
    return known.name if lang == "en" else known.local_name


def anchors_of(basis: Basis, limit: Limit | None = None) -> list[Reference]:
    """Of every series of anchors the figures printed for the last year after the opening of a basis."""
    names = (limit_in_force() if limit is None else limit).names
    printed = [one for one in references(basis) if one.evidence not in RECALLED and one.year > basis.base_year]
    found = []
    for series in names:
        own = [one for one in printed if one.series == series]
        found += [one for one in own if one.year == max(other.year for other in own)]
    return found


def held_against(basis: Basis, data: xr.Dataset, limit: Limit | None = None) -> tuple[Anchor, ...]:
    """The anchors of a region beside one run of it (a dataset of one scenario, draw and region)."""
    known = anchors_of(basis, limit)
    measured = {name: by_year(data, SERIES[name]) for name in dict.fromkeys(one.series for one in known)}
    return tuple(
        Anchor(
            one.series, one.year, one.unit, measured[one.series].get(one.year, math.nan), one.value, one.source
        )
        for one in known
    )  # fmt: skip


# --- of a run ---------------------------------------------------------------------------------------------------------


def held_run(scenario: Scenario) -> Scenario:
    """The scenario whose run is held against the anchors: the scenario itself, where it knows today.

    One that knows the opening alone misses later figures by what nobody foresaw, which says nothing of the engine. The
    packaged baseline of the same basis stands for it; without one it is held against them itself.
    """
    key = f"{scenario.basis.rpartition('-')[0]}/baseline"
    if scenario.information != "opening" or key not in packaged():
        return scenario
    known = load_scenario(key)
    return known if known.basis == scenario.basis else scenario


def fund_verdicts(result: Result, scenario: Scenario, threads: int | None = None) -> dict[str, FundVerdict]:
    """Whether the funds of each region of a scenario of a run are judged; regions that hold no fund have none.

    Parameters
    ----------
    threads : where the run that is held against the anchors has to be made
    """
    known, limit = load_regions(), limit_in_force()
    own = [basis for key, basis in bases_of(result) if key == scenario.key]
    holders = [basis for basis in own if basis.region not in known or known[basis.region].holds_pension_fund]
    if not holders:
        return {}
    held = held_run(scenario)
    data = None if not any(anchors_of(basis, limit) for basis in holders) else run_of(result, held, threads)
    found = {}
    for basis in holders:
        beside = () if data is None else held_against(basis, data.sel(region=basis.region, draw=0), limit)
        found[basis.region] = FundVerdict(scenario.key, basis.region, held.key, basis.base_year, limit, beside)
    return found


def run_of(result: Result, scenario: Scenario, threads: int | None) -> xr.Dataset:
    """The labelled run of a scenario: that of the result where it is there unchanged, else made beside it."""
    if any(lane.scenario.key == scenario.key and lane.scenario.digest == scenario.digest for lane in result.lanes):
        return result.dataset.sel(scenario=scenario.key)

    def whole(lane: Lane, output: Output) -> Lane:
        lane.output = output
        return lane

    (lanes,) = run_beside([scenario], result.openings, whole, threads)
    return label_lanes(lanes).sel(scenario=scenario.key)


def verdicts_of(table: pd.DataFrame, opened: int) -> dict[str, FundVerdict]:
    """What was decided, from the table that a run keeps; a region without an anchor has no row, and is judged.

    Parameters
    ----------
    table : `anchor_table`
    opened : base year of the scenario
    """
    found: dict[str, FundVerdict] = {}
    for region, rows in table.groupby("region", sort=False):
        first = rows.iloc[0]
        limit = replace(limit_in_force(), limit=float(first["limit"]))
        anchors = tuple(
            Anchor(str(row["series"]), int(row["year"]), str(row["unit"]), float(row["engine"]), float(row["printed"]),
                   str(row["source"]))
            for row in rows.to_dict("records")
        )  # fmt: skip
        found[str(region)] = FundVerdict(str(first["scenario"]), str(region), str(first["run"]), opened, limit, anchors)
    return found


def anchor_table(verdicts: Iterable[FundVerdict]) -> pd.DataFrame:
    """Every anchor beside the engine's figure.

    Returns
    -------
    `COLUMNS`: `run` is the scenario whose run is held against them, `gap` the distance over the printed figure [1],
    `limit` how large it may be, `ok` whether it is within
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = [
        (verdict.scenario, verdict.region, verdict.run, one.series, one.year, one.unit, one.engine, one.printed,
         one.gap, verdict.limit.limit, one.within(verdict.limit.limit), one.source)
        for verdict in verdicts
        for one in verdict.anchors
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
