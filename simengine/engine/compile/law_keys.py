"""The guard that refuses levers on parameters of the law that no projection reads.

The law folder holds more rules than the kernels follow: a lever on a rule that nothing reads would be reported as
applied and change no number. What is read, and why the rest is not, stands in the registry (`registry/law.csv`).
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection, Iterable
from typing import Any

from simengine.common.errors import LeverError, SimengineError, raise_all
from simengine.common.messages import Words, words
from simengine.law import LawTree
from simengine.law.regions import NATION
from simengine.registry.inputs import (
    LAW_KEYS,
    LEVER_KEYS,
    READ_ON,
    REFORM_DAY,
    REFORM_KEYS,
    REGION_KEYS,
    SERIES_INSTEAD,
    STATUTORY_KEYS,
)
from simengine.scenario.combine import LawChange


def nearest_keys(key: str, known: Collection[str], count: int = 3) -> list[str]:
    """The known keys nearest to one: those of its branch first, by the likeness of the names."""
    branch, _, name = key.partition("/")
    own = sorted(other for other in known if other.startswith(f"{branch}/"))
    names = {other.partition("/")[2]: other for other in own}
    found = [names[match] for match in difflib.get_close_matches(name, list(names), n=count, cutoff=0.0)]
    if len(found) < count:
        rest = sorted(set(known) - set(own))
        found += difflib.get_close_matches(key, rest, n=count - len(found), cutoff=0.0)
    return found


def unread(change: LawChange, region: str | None = None) -> LeverError | None:
    """What is wrong with a change of a parameter of the law that cannot act, or None.

    `region`: that of the scenario; None for a lever that is looked at alone.
    """
    if region == NATION and change.key in REGION_KEYS:
        return LeverError("law_nothing_above", where=change.where, lever=change.lever, key=change.key)
    if change.key in REFORM_KEYS and max(change.values) > REFORM_DAY:
        dated: dict[str, Any] = {"day": max(change.values), "first": REFORM_DAY}
        return LeverError("law_whole_reform", where=change.where, lever=change.lever, key=change.key, **dated)
    day = READ_ON.get(change.key, datetime.date.max)
    if change.key in LEVER_KEYS and day is not None and max(change.values) <= day:
        return None
    series = SERIES_INSTEAD.get(change.key)
    advice = words("unread.series", name=series) if series else words("unread.drop")
    stated: dict[str, Any] = {"lever": change.lever, "key": change.key, "advice": advice}
    stated["known"] = ", ".join(nearest_keys(change.key, LEVER_KEYS - {change.key}))
    if day is None:
        return LeverError("law_read_once", where=change.where, **stated)
    if change.key in LEVER_KEYS:
        return LeverError("law_read_on", where=change.where, day=day, **stated)
    row = LAW_KEYS[change.key]
    return LeverError("law_unread", where=change.where, reason=Words(row.en, row.zh), **stated)


def date_remarks(changes: Iterable[LawChange], law: LawTree) -> list[Words]:
    """What must be known of dated values inside a year: one that is not weighted acts in whole years."""
    found: list[Words] = []
    for change in changes:
        within = law[change.key].within_year if change.key in law else "weighted"
        for day in sorted(change.values):
            said: dict[str, Any] = {"where": change.where, "key": change.key, "day": day}
            if change.key in STATUTORY_KEYS:
                inside = (day.month, day.day) != (1, 1)
                first = min(change.values).year  # from then on the whole lever is seen (`Parameter.seen_in`)
                found.append(words("remark.by_statutory_month", year=day.year + inside, seen=first, **said))
                continue
            if (day.month, day.day) != (1, 1) and within == "start":
                found.append(words("remark.read_in_january", year=day.year + 1, **said))
            elif (day.month, day.day) != (1, 1) and within == "end":
                found.append(words("remark.read_in_december", year=day.year, **said))
    return found


def refuse_unread(changes: Iterable[LawChange], region: str | None = None) -> None:
    """Refuse every change of a law parameter that no code of the projection reads.

    Parameters
    ----------
    changes : changes of parameters that exist; a misspelt key is the law tree's own error
    region : that of the scenario; None where no scenario is known

    Raises
    ------
    LeverError, or an ErrorList of them, each naming the key, the lever file and the nearest keys that are read
    """
    errors: list[SimengineError] = [error for change in changes if (error := unread(change, region)) is not None]
    raise_all(errors)
