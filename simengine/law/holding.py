"""What holds on one day: the value of a parameter, the entry it stands in, and how it is carried on past the last one.

The same rules as the yearly paths of `annual`, told for a single day and for a reader: nothing is recorded as an
extension, and a number that needs an index of the projection is left open.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from simengine.law.parameter import DatedValue, Parameter, Value, as_date, value_in_force
from simengine.law.regions import NATION
from simengine.law.tree import LawTree

Status = Literal["in_force", "standing", "held", "indexed", "expired", "undriven", "ended", "before", "absent"]


@dataclass(frozen=True)
class Holding:
    """A parameter on one day in one region.

    Attributes
    ----------
    status : ``in_force``: the year has not passed that of the last dated value; ``standing``: a rule that is in force
        until it is changed, up to the review of the law; ``held``, ``indexed``: carried on by the extension rule;
        ``expired``: stopped by the extension rule; ``undriven``: no extension rule, the scenario must give the number;
        ``ended``: a dated null; ``before``: earlier than the first value; ``absent``: no values for the region
    value : the value in force, also where it is held; None where no number can be told
    entry : the dated value it comes from, under ``indexed`` the one that the index moves; None for before and absent
    source : region whose entry it is
    scaled : the entry is the parent's, multiplied to meet the region's own first value
    following : the next dated value, None after the last
    """

    parameter: Parameter
    region: str
    day: datetime.date
    status: Status
    value: Value
    entry: DatedValue | None = None
    source: str = ""
    scaled: bool = False
    following: DatedValue | None = None


def holding(law: LawTree, key: str, day: datetime.date | str, region: str | None = None) -> Holding:
    """The value of a parameter on one day, with its origin.

    Years after that of the last dated value follow the extension rule, as in every yearly path; for a standing rule
    they begin after the review of the law folder (notes/law.md, section 3).

    Parameters
    ----------
    region : region key; None means the nation
    """
    parameter = law[key]
    day = as_date(day, where=key)
    place = region or NATION
    if parameter.source_region(region) is None and not parameter.national:
        return Holding(parameter, place, day, "absent", None)
    timeline = parameter.timeline(region)
    following = next((dated for dated in timeline if dated.date > day), None)
    entry = value_in_force(timeline, day)
    if entry is None:
        return Holding(parameter, place, day, "before", None, following=following)
    status, value = _status(parameter, entry, timeline[-1].date.year, day.year, law.information_date)
    source, scaled = source_of(parameter, entry, region)
    return Holding(parameter, place, day, status, value, entry, source, scaled, following)


def _status(
    parameter: Parameter, entry: DatedValue, last: int, year: int, review: datetime.date | None
) -> tuple[Status, Value]:
    """How the entry in force on a day of a year stands, and the value that can be told."""
    rule = parameter.extension
    if entry.value is None:
        return "ended", parameter.null_value
    if year <= last:
        return "in_force", entry.value
    if rule.standing and review is not None and year <= review.year:
        return "standing", entry.value
    if rule.rule == "held":
        return "held", entry.value
    if rule.rule == "indexed":
        return "indexed", None
    return ("expired", parameter.null_value) if rule.rule == "ended" else ("undriven", None)


def source_of(parameter: Parameter, entry: DatedValue, region: str | None) -> tuple[str, bool]:
    """Region in whose values an entry of a timeline stands, and whether it was scaled from there.

    Parameters
    ----------
    entry : one of ``parameter.timeline(region)``
    """
    for place in parameter.regions.chain(region):
        for own in own_values(parameter, place):
            if own.date == entry.date and own.where == entry.where:
                return place, own != entry
    return NATION, False


def own_values(parameter: Parameter, region: str) -> tuple[DatedValue, ...]:
    """Values that stand under the region itself; those without region for the nation."""
    return parameter.national if region == NATION else parameter.regional.get(region, ())
