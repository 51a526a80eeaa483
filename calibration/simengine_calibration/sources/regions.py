"""Regions of the calibration: rows of ``figures/regions.yaml``; the head of that file explains the keys.

The file stands beside ``scenarios/regions.yaml`` of the engine and has the same keys. The engine's file refuses what it
does not know and is shared by everybody's own bases; how a packaged basis is built is no concern of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from simengine.common import resources, strict_yaml
from simengine.common.errors import BasisError, ScenarioError, SimengineError, raise_all
from simengine.common.messages import near
from simengine.common.problems import validated
from simengine.law.regions import NATION, Regions, load_regions
from simengine.scenario.levers import Frozen, Name, Number, Text
from simengine_calibration.sources.histories import FIGURES

FILE = FIGURES / "regions.yaml"

Year = Annotated[int, Field(strict=True, ge=1990, le=2200)]
BasisName = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*-\d{4}$")]


class CensusRow(Frozen):
    """Where total, broad ages and sexes of the census of 2020 come from.

    Attributes
    ----------
    supplement : the sexes are those of the supplement
    neighbours : places whose broad ages stand for the region's, with the sexes of `sexes_of`
    note : what is said of a recalled total
    """

    counts: Literal["published", "recalled", "neighbours"] = "published"
    supplement: bool = False
    neighbours: tuple[Text, ...] = ()
    sexes_of: str = ""
    note: str = ""


class ExpectancyRow(Frozen):
    """Life expectancy: recalled for both sexes, published by sex, or published for both beside those of `of` by sex."""

    how: Literal["recalled", "by_sex", "gap"] = "recalled"
    of: str = ""


class PilotRow(Frozen):
    """The nation's relative number of insured platform workers until `last`, `after` times it from then on."""

    last: Year
    after: Number


class CaseRow(Frozen):
    """Rows of the 13th plan in the backtest: basis whose run gives the growth, and how 2020 is predicted."""

    how: Literal["opening", "own history", "parent", "check", "no actual"]
    basis: BasisName | None = None
    rows: tuple[Text, ...]


class PeopleRow(Frozen):
    """How the population of an opening is built; `since` and `sexes` are years of published totals (kind parent)."""

    kind: Literal["nation", "census", "earlier", "parent", "area"] = "census"
    since: Year = 2020
    sexes: Year = 2020


class BasisRow(Frozen):
    """One opening of a region."""

    name: dict[Literal["en", "local"], Text]
    inherits: BasisName | None = None
    spinup_parent: BasisName | None = None
    partition: tuple[BasisName, ...] = ()
    people: PeopleRow = PeopleRow()


class RegionRow(Frozen):
    """One row of the file; see its head."""

    collected: str = ""
    plan: str = ""
    census: CensusRow = CensusRow()
    life_expectancy: ExpectancyRow = ExpectancyRow()
    births: str = ""
    migration: Name | None = None
    benefit_base_of: tuple[Name, ...] = ()
    platform_pilot: PilotRow | None = None
    plan_13: CaseRow | None = None
    bases: dict[Year, BasisRow]


@dataclass(frozen=True)
class BasisPlan:
    """One basis to build: an opening of a region and what it draws on."""

    name: str
    region: str
    base_year: int
    inherits: str | None
    spinup_parent: str | None
    partition: tuple[str, ...]
    title: Mapping[Literal["en", "local"], str]
    people: PeopleRow


@cache
def regions() -> Mapping[str, RegionRow]:
    """Rows by region, in the order of the file; everything that is wrong in it is reported at once."""
    doc = strict_yaml.load(FILE)
    known = engine_regions()
    rows: dict[str, RegionRow] = {}
    errors: list[SimengineError] = []
    for key, entry in doc.data.items():
        row, faults = validated(RegionRow, entry, lambda *path, key=key: doc.where(key, *path), ScenarioError)
        errors += faults
        if row is not None:
            rows[key] = row
        if key not in known:
            errors.append(BasisError("region_not_listed", where=doc.where(key), near=near(key, known), name=key))
    raise_all(errors)
    return rows


@cache
def engine_regions() -> Regions:
    """Keys, codes, names, levels and parents (``scenarios/regions.yaml``)."""
    return load_regions(resources.scenarios_root() / "regions.yaml")


def region_row(region: str) -> RegionRow:
    """The row of a region."""
    if region not in regions():
        raise BasisError(
            "region_without_row", where=str(FILE), near=near(region, regions()), name=region, known=", ".join(regions())
        )
    return regions()[region]


def collected_name(region: str) -> str:
    """What a region is called in the collected files."""
    name = region_row(region).collected
    if not name:
        raise BasisError("region_not_collected", where=str(FILE), region=region)
    return name


def region_of_plan(prefix: str) -> str:
    """Region whose plan has rows with this beginning of their ids."""
    found = {row.plan: key for key, row in regions().items() if row.plan}
    if prefix not in found:
        raise BasisError(
            "region_of_plan_absent", where=str(FILE), near=near(prefix, found), name=prefix, known=", ".join(found)
        )
    return found[prefix]


def region_of_code(code: str) -> str:
    """Region with a statistical code."""
    found = {one.code: key for key, one in engine_regions().items()}
    if code not in found:
        raise BasisError("region_of_code_absent", where="scenarios/regions.yaml", near=near(code, found), code=code)
    return found[code]


@cache
def basis_plans() -> Mapping[str, BasisPlan]:
    """All bases by name, each after those it draws on, otherwise in the order of the file."""
    waiting = {
        f"{region}-{year}": BasisPlan(
            f"{region}-{year}", region, year, one.inherits, one.spinup_parent, one.partition, one.name, one.people
        )
        for region, row in regions().items()
        for year, one in row.bases.items()
    }
    plans: dict[str, BasisPlan] = {}
    while waiting:
        ready = next((one for one in waiting.values() if _needs(one) <= set(plans)), None)
        if ready is None:
            told = "; ".join(f"{one.name} on {', '.join(sorted(_needs(one)))}" for one in waiting.values())
            raise BasisError("bases_not_built", where=str(FILE), told=told)
        plans[ready.name] = waiting.pop(ready.name)
    return plans


def _needs(plan: BasisPlan) -> set[str]:
    """Bases that are built before one."""
    level = regions()[plan.region].migration if plan.people.kind == "census" else None
    found = {plan.inherits, plan.spinup_parent, f"{level}-{plan.base_year}" if level else None}
    return {name for name in found if name is not None}


@cache
def nation_basis() -> str:
    """Name of the basis on which all others rest."""
    return next(plan.name for plan in basis_plans().values() if plan.region == NATION)
