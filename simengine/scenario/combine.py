"""Read the levers of a scenario and combine them into one set of changes, independent of their order."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simengine.common import strict_yaml
from simengine.common.errors import InputFileError, LeverError, SimengineError
from simengine.common.messages import Words, words
from simengine.common.problems import validated
from simengine.common.strict_yaml import Doc
from simengine.scenario.demography import DemographyLever, LeverTable, buried, common_cells
from simengine.scenario.levers import EVER, Campaign, LeverFile, PathChange, Retirement

SECTION_LAW = {
    "retirement": (
        "retirement/first_delayed_birth",
        "retirement/births_per_step",
        "retirement/delay_cap",
        "retirement/early_share",
        "retirement/late_share",
    ),
    "indexation": ("pension/adjustment_ratio",),
}
"""Law parameters that a section of a lever file moves as well; both at once would depend on an order."""


@dataclass(frozen=True)
class Lever:
    """One lever as read: its name, its file, what it says, and the tables that it names."""

    key: str
    file: Path
    content: LeverFile
    doc: Doc = field(repr=False, compare=False)
    tables: Mapping[str, LeverTable] = field(default_factory=dict)

    def where(self, *keys: Any) -> str:
        """File and line of one of its entries."""
        return self.doc.where(*keys)


@dataclass(frozen=True)
class LawChange:
    """Dated values a lever gives one law parameter; `region` None is the national value."""

    lever: str
    where: str
    key: str
    region: str | None
    values: Mapping[datetime.date, Any]


PAYMENT_RATES = {"employees": "payment_rate_employees", "resident": "payment_rate_resident"}
"""Section of a lever that states the payment rate of one scheme; ``payment_rate`` states both."""


@dataclass(frozen=True)
class Settings:
    """What all levers of a scenario change together.

    Attributes
    ----------
    law : changes of law parameters, by key
    paths : change of each yearly series
    constants : value of each changed constant
    payment_rate : share of payers by year, of the ``employees`` and of the ``resident`` scheme
    retirement, indexation, coverage_growth, campaigns : as in the lever file; empty when untouched
    demography : the levers that change the people, in order of name; no two change the same cells
    """

    law: tuple[LawChange, ...] = ()
    paths: Mapping[str, PathChange] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    retirement: Retirement | None = None
    indexation: Mapping[int, float] = field(default_factory=dict)
    campaigns: tuple[Campaign, ...] = ()
    demography: tuple[DemographyLever, ...] = ()
    payment_rate: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    coverage_growth: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


def read_lever(path: Path, key: str) -> tuple[Lever | None, list[SimengineError]]:
    """One lever file: the lever, or every error in it."""
    try:
        doc = strict_yaml.load(path)
    except InputFileError as error:
        return None, [error]
    return parse_lever(doc, path, key)


def parse_lever(doc: Doc, path: Path, key: str) -> tuple[Lever | None, list[SimengineError]]:
    """The lever a document states, or every error in it."""
    if isinstance(doc.data, dict) and "reason" not in doc.data and {"extends", "basis", "years"} & doc.data.keys():
        return None, [LeverError("lever_is_scenario", where=doc.where(), name=str(path))]
    content, errors = validated(LeverFile, doc.data, doc.where, LeverError)
    if content is None:
        return None, errors
    tables: dict[str, LeverTable] = {}
    for name, file in content.demography.tables.files().items() if content.demography else ():
        try:
            tables[name] = LeverTable(name, path.parent / file, strict_yaml.read_bytes(path.parent / file))
        except InputFileError as error:
            where = doc.where("demography", "tables", name)
            errors.append(LeverError("lever_table_unread", where=where, name=file, reason=error.words()))
    for keys, year, table in buried(content.demography, tables) if content.demography else ():
        stated: dict[str, Any] = {"held": year, "name": table.name, "first": table.first_year}
        errors.append(LeverError("hold_before_table", where=doc.where(*keys), **stated))
    return (None, errors) if errors else (Lever(key, path, content, doc, tables), [])


def combine(levers: Sequence[Lever], years: tuple[int, int]) -> tuple[Settings, list[SimengineError], list[Words]]:
    """All changes together, the conflicts between levers, and what is said but cannot act.

    Parameters
    ----------
    years : first and last projected year

    Returns
    -------
    settings, errors and remarks (a change dated after the horizon is inert: a remark, not an error)
    """
    ordered = sorted(levers, key=lambda lever: lever.key)
    errors = list(_conflicts(ordered))
    errors += [error for lever in ordered for error in _before_start(lever, years[0])]
    remarks = [remark for lever in ordered for remark in _after_end(lever, years[1])]
    if errors:
        return Settings(), errors, remarks
    settings = Settings(
        law=tuple(
            sorted(
                (
                    LawChange(lever.key, lever.where("changes", key), key, lever.content.region, dict(values))
                    for lever in ordered
                    for key, values in lever.content.changes.items()
                ),
                key=lambda change: (change.key, change.region or ""),
            )
        ),
        paths=_merged_paths(ordered),
        constants=_merged(lever.content.constants for lever in ordered),
        retirement=next((lever.content.retirement for lever in ordered if lever.content.retirement), None),
        indexation=_merged(lever.content.indexation.rate for lever in ordered if lever.content.indexation),
        campaigns=tuple(campaign for lever in ordered for campaign in named_campaigns(lever)),
        demography=tuple(
            DemographyLever(lever.key, lever.content.demography, lever.tables, lever.where)
            for lever in ordered
            if lever.content.demography
        ),
        payment_rate={
            scheme: _merged(getattr(lever.content, key) for lever in ordered for key in ("payment_rate", name))
            for scheme, name in PAYMENT_RATES.items()
        },
        coverage_growth={
            series: dict(sorted(rates.items()))
            for lever in ordered
            for series, rates in sorted(lever.content.coverage_growth.items())
        },
    )
    return settings, [], remarks


def _merged(parts: Iterable[Mapping[Any, float]]) -> dict[Any, float]:
    together = {key: value for part in parts for key, value in part.items()}
    return dict(sorted(together.items()))


def _merged_paths(levers: Sequence[Lever]) -> dict[str, PathChange]:
    """One change a series; levers that state the same operation and shape in different years are joined."""
    merged: dict[str, PathChange] = {}
    for lever in levers:
        for series, change in lever.content.paths.items():
            known = merged.get(series)
            knots = change.knots if known is None else known.knots | change.knots
            merged[series] = PathChange.model_validate(
                {change.operation: knots, "shape": change.shape, "alone": change.alone}
            )
    return dict(sorted(merged.items()))


def named_campaigns(lever: Lever) -> Iterator[Campaign]:
    """Campaigns of a lever in the order of its file, each with a name; one without an id is called after the lever."""
    for position, campaign in enumerate(lever.content.campaigns):
        name = campaign.id or (lever.key if len(lever.content.campaigns) == 1 else f"{lever.key}_{position + 1}")
        yield campaign.model_copy(update={"id": name})


def _claims(lever: Lever) -> Iterator[tuple[tuple[Any, ...], str | Words, tuple[Any, ...]]]:
    """What a lever changes: an identity, the word for it, and where it stands in the file."""
    content = lever.content
    for key in content.changes:
        yield ("law", key, content.region), key, ("changes", key)
    for series, change in content.paths.items():
        for year in change.knots:
            yield (
                ("path", series, year),
                words("dated.in", name=series, day=year),
                ("paths", series, change.operation, year),
            )
    for name in content.constants:
        yield ("constant", name), name, ("constants", name)
    if content.retirement:
        yield ("retirement",), "retirement", ("retirement",)
    if content.indexation:
        yield ("indexation",), "indexation", ("indexation",)
    for scheme, name in PAYMENT_RATES.items():
        for key in ("payment_rate", name):
            if getattr(content, key):
                yield ("payment_rate", scheme), key, (key,)
    for series in content.coverage_growth:
        yield ("coverage_growth", series), words("dated.growth", name=series), ("coverage_growth", series)
    for position, campaign in enumerate(content.campaigns):
        if campaign.id:
            yield ("campaign", campaign.id), words("dated.campaign", name=campaign.id), ("campaigns", position)


def _conflicts(levers: Sequence[Lever]) -> Iterator[SimengineError]:
    owners: dict[tuple[Any, ...], tuple[Lever, tuple[Any, ...]]] = {}
    manners: dict[str, tuple[Lever, PathChange]] = {}
    growing: dict[str, Lever] = {}
    told: set[tuple[str, str, tuple[Any, ...]]] = set()  # `payment_rate` claims both schemes and is told once
    for lever in levers:
        for identity, what, keys in _claims(lever):
            first = owners.setdefault(identity, (lever, keys))
            clash = (first[0].key, lever.key, keys)
            if (first[0] is not lever or first[1] != keys) and clash not in told:
                told.add(clash)
                yield _conflict(what, first, (lever, keys))
        for series, change in lever.content.paths.items():
            known = manners.setdefault(series, (lever, change))
            if known[1].manner != change.manner:
                yield LeverError(
                    "levers_differ",
                    where=lever.where("paths", series),
                    what=series,
                    first=known[0].key,
                    second=lever.key,
                    first_manner=known[1].manner,
                    second_manner=change.manner,
                )
        for series in lever.content.coverage_growth:
            growing[series] = lever
    for series, lever in growing.items():
        if series in manners:
            yield _conflict(series, (manners[series][0], ("paths", series)), (lever, ("coverage_growth", series)))
    for section, keys in SECTION_LAW.items():
        for one in (lever for lever in levers if getattr(lever.content, section)):
            for other in levers:
                for key in other.content.changes.keys() & set(keys):
                    yield _conflict(key, (one, (section,)), (other, ("changes", key)))
    for one, other in itertools.combinations(levers, 2):
        if one.content.demography and other.content.demography:
            for what, place, other_place in common_cells(one.content.demography, other.content.demography):
                yield _conflict(what, (one, place), (other, other_place))


def _conflict(
    what: str | Words, first: tuple[Lever, tuple[Any, ...]], second: tuple[Lever, tuple[Any, ...]]
) -> LeverError:
    return LeverError(
        "levers_conflict",
        where=second[0].where(*second[1]),
        what=what,
        first=first[0].key,
        second=second[0].key,
        first_where=first[0].where(*first[1]),
    )


def _dated(lever: Lever) -> Iterator[tuple[Words, int, tuple[Any, ...]]]:
    """Every year a lever states: the word for it, the year, where it stands."""
    content = lever.content
    for key, values in content.changes.items():
        for date in values:
            yield words("dated.on", name=key, day=date), date.year, ("changes", key, date)
    for series, change in content.paths.items():
        for year in change.knots:
            yield words("dated.in", name=series, day=year), year, ("paths", series, change.operation, year)
    for year in content.indexation.rate if content.indexation else ():
        yield words("dated.in", name="indexation", day=year), year, ("indexation", "rate", year)
    for series, rates in content.coverage_growth.items():
        for year in rates.keys() - {EVER}:
            yield words("dated.growth_in", name=series, day=year), year, ("coverage_growth", series, year)
    for key in ("payment_rate", *PAYMENT_RATES.values()):
        for year in getattr(content, key):
            yield words("dated.in", name=key, day=year), year, (key, year)
    for position, campaign in enumerate(content.campaigns):
        yield words("dated.campaign_from", day=campaign.years[0]), campaign.years[0], ("campaigns", position, "years")
    if content.demography:
        yield from content.demography.dated()
    for name, table in lever.tables.items():
        if table.first_year is not None:
            yield (
                words("dated.table_from", name=name, day=table.first_year),
                table.first_year,
                ("demography", "tables", name),
            )
    if content.retirement and content.retirement.start_month:
        year = content.retirement.start_month[0]
        yield words("dated.reform_from", day=content.retirement.start), year, ("retirement", "start")


def _before_start(lever: Lever, first: int) -> Iterator[SimengineError]:
    for what, year, keys in _dated(lever):
        if year < first:
            yield LeverError(
                "change_before_start", where=lever.where(*keys), lever=lever.key, what=what, first=first, base=first - 1
            )


def _after_end(lever: Lever, last: int) -> Iterator[Words]:
    for what, year, keys in _dated(lever):
        if year > last:
            yield words("remark.after_end", where=lever.where(*keys), lever=lever.key, what=what, last=last)
