"""What part of a quantity a table shows: years, regions, sexes, ages and schemes, read from what a user writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simengine.common.errors import ScenarioError, SimengineError
from simengine.common.messages import near
from simengine.common.workbook import half_width
from simengine.law.regions import load_regions
from simengine.registry.axes import AGE, LABELS, SEX_OF_CAREER, WORDS

ALL = "all"
ALL_WORDS = (ALL, "全部", "所有", "每个")
"""Words that ask for every label, one row each."""

SCHEME_AXES = ("fund", "scheme", "status")
"""Axes whose labels stand in the column of the scheme."""

SEX_AXES, AGE_AXES = ("sex", "career"), ("age", "working_age")
SHORT_SCHEMES = {
    **dict.fromkeys(("企业", "企业养老", "企业职工", "enterprise"), "enterprise_pension"),
    **dict.fromkeys(("机关", "机关养老", "机关事业", "public"), "public_pension"),
    **dict.fromkeys(("居民", "居民养老", "城乡居民"), "resident"),
    **dict.fromkeys(("失业", "失业保险"), "unemployment"),
    **dict.fromkeys(("工伤", "工伤保险"), "work_injury"),
    **dict.fromkeys(("年金", "职业年金"), "occupational_annuity"),
}
"""Names by which offices call the funds; a label of that name comes first."""

ITEM_AXES = ("income_item", "outgo_item", "budget_line")
COLUMN_OF = {
    **dict.fromkeys(SCHEME_AXES, "scheme"),
    **dict.fromkeys(ITEM_AXES, "item"),
    **dict.fromkeys(SEX_AXES, "sex"),
    **dict.fromkeys(AGE_AXES, "age"),
}
"""Column of a table in which the labels of an axis stand."""

SEX_WORDS = {"male": "male", "men": "male", "男": "male", "男性": "male"}
SEX_WORDS |= {"female": "female", "women": "female", "女": "female", "女性": "female"}
SPAN = re.compile(r"(\d{1,4})(?:(?:-|~|至|到|—|–)(\d{1,4}))?", re.ASCII)

FIRST_YEAR, LAST_YEAR = 1900, 2300

Band = tuple[int, int]


@dataclass(frozen=True)
class Selection:
    """What a table shows.

    Attributes
    ----------
    years : years asked for; None for all
    regions : keys; None for the scenario's own region; empty for all
    sexes : ``male``, ``female``; None where both are added up
    ages : bands, both ends included; None where all are added up; empty for each single age
    schemes : labels of funds, schemes and statuses; None for each of them
    """

    years: tuple[int, ...] | None = None
    regions: tuple[str, ...] | None = None
    sexes: tuple[str, ...] | None = None
    ages: tuple[Band, ...] | None = None
    schemes: tuple[str, ...] | None = None


def read_selection(
    years: str | int | Iterable[int] | None = None,
    regions: str | Iterable[str] | None = None,
    sexes: str | Iterable[str] | None = None,
    ages: str | Iterable[str] | None = None,
    schemes: str | Iterable[str] | None = None,
) -> tuple[Selection, list[SimengineError]]:
    """A selection from what a user wrote, and everything that is wrong with it.

    Parameters
    ----------
    years : ``2025``, ``2025-2035``, ``2025,2030``, or numbers
    regions : keys or names, ``all`` for every one of the projection
    sexes : ``men``, ``women``, ``all`` for a row each
    ages : ``60``, ``60-64``, ``0-15,16-59``, ``all`` for every single age
    schemes : funds, schemes of employees or statuses of members, by key or name
    """
    errors: list[SimengineError] = []
    chosen = Selection(
        years=_years(years, errors),
        regions=_regions(_listed(regions), errors),
        sexes=_sexes(_listed(sexes), errors),
        ages=_ages(_listed(ages), errors),
        schemes=_schemes(_listed(schemes), errors),
    )
    return chosen, errors


def _listed(given: str | Iterable[Any] | None) -> list[str] | None:
    if given is None:
        return None
    texts = [given] if isinstance(given, str) else [str(one) for one in given]
    for sign in "，、；;":
        texts = [text.replace(sign, ",") for text in texts]
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _spans(parts: Sequence[str]) -> tuple[list[Band], list[str]]:
    """Numbers and spans of them, and the parts that cannot be read."""
    found, wrong = [], []
    for part in parts:
        read = SPAN.fullmatch(half_width(part).replace(" ", "").removesuffix("年").removesuffix("岁"))
        first, last = (int(read[1]), int(read[2] or read[1])) if read else (1, 0)
        if first > last:
            wrong.append(part)
        else:
            found.append((first, last))
    return found, wrong


def _reversed(part: str) -> str:
    """A span whose end stands before its begin, the right way round; nothing for anything else."""
    read = SPAN.fullmatch(half_width(part).replace(" ", "").removesuffix("年"))
    return f"{read[2]}-{read[1]}" if read and read[2] and int(read[1]) > int(read[2]) else ""


def _years(given: str | int | Iterable[int] | None, errors: list[SimengineError]) -> tuple[int, ...] | None:
    parts = _listed([str(given)] if isinstance(given, int) else given)
    if parts is None or (len(parts) == 1 and parts[0] in ALL_WORDS):
        return None
    spans, wrong = _spans(parts)
    wrong += [f"{first}-{last}" for first, last in spans if first < FIRST_YEAR or last > LAST_YEAR]
    wrong += [] if parts else [""]
    for name in wrong:
        code = "quantity_years_reversed" if _reversed(name) else "quantity_years"
        errors.append(ScenarioError(code, where="--years", name=name, turned=_reversed(name)))
    return () if wrong else tuple(sorted({year for first, last in spans for year in range(first, last + 1)}))


def _ages(parts: list[str] | None, errors: list[SimengineError]) -> tuple[Band, ...] | None:
    if parts is None:
        return None
    if len(parts) == 1 and parts[0] in ALL_WORDS:
        return ()
    bands, wrong = _spans(parts)
    wrong += [f"{first}-{last}" for first, last in bands if last > AGE[-1]]
    wrong += [] if parts else [""]
    errors += [ScenarioError("quantity_ages", where="--age", name=name) for name in wrong]
    return tuple(dict.fromkeys(bands))


def _sexes(parts: list[str] | None, errors: list[SimengineError]) -> tuple[str, ...] | None:
    if parts is None:
        return None
    if len(parts) == 1 and parts[0] in ALL_WORDS:
        return ("male", "female")
    for part in parts:
        if part.lower() not in SEX_WORDS:
            known = "men, women, all"
            errors.append(
                ScenarioError("quantity_label", where="--sex", near=near(part, SEX_WORDS), name=part, known=known)
            )
    return tuple(dict.fromkeys(SEX_WORDS[part.lower()] for part in parts if part.lower() in SEX_WORDS))


def scheme_words() -> Mapping[str, str]:
    """Every label of a fund, scheme or status by all its names, in small letters; keys come first."""
    found: dict[str, str] = {}
    rows = [row for (axis, _), row in WORDS.items() if axis in SCHEME_AXES]
    for row in rows:
        found.setdefault(row.name.lower(), row.name)
    for row in rows:
        for name in (row.en, row.zh, row.zh.removesuffix("基金")):
            found.setdefault(name.lower(), row.name)
    for name, key in SHORT_SCHEMES.items():
        found.setdefault(name, key)
    return found


def _schemes(parts: list[str] | None, errors: list[SimengineError]) -> tuple[str, ...] | None:
    if parts is None or (len(parts) == 1 and parts[0] in ALL_WORDS):
        return None
    known = scheme_words()
    for part in parts:
        if part.lower() not in known:
            told = ", ".join(dict.fromkeys(known.values()))
            errors.append(
                ScenarioError("quantity_label", where="--scheme", near=near(part, known), name=part, known=told)
            )
    return tuple(dict.fromkeys(known[part.lower()] for part in parts if part.lower() in known))


def _regions(parts: list[str] | None, errors: list[SimengineError]) -> tuple[str, ...] | None:
    if parts is None:
        return None
    if len(parts) == 1 and parts[0] in ALL_WORDS:
        return ()
    places = load_regions()
    names = {key: key for key in places}
    for key, place in places.items():
        names.setdefault(place.name.lower(), key)
        names.setdefault(place.local_name, key)
    for part in parts:
        if part.lower() not in names:
            known = ", ".join(key for key in places)
            errors.append(
                ScenarioError("quantity_label", where="--region", near=near(part, names), name=part, known=known)
            )
    return tuple(dict.fromkeys(names[part.lower()] for part in parts if part.lower() in names))


# --- what falls on the labels of one axis -----------------------------------------------------------------------------


def groups(axis: str, labels: Sequence[Any], chosen: Selection) -> list[tuple[str, list[Any]]] | None:
    """Rows of one axis: the name of each and the labels that are added up in it; None where all are one row.

    Sexes and ages are added up unless they are asked for; every scheme and every item has a row.
    """
    if axis in AGE_AXES:
        if chosen.ages is None:
            return None
        bands = chosen.ages or tuple((int(age), int(age)) for age in labels)
        rows = [(_band(*band), [age for age in labels if band[0] <= int(age) <= band[1]]) for band in bands]
        return [(name, ages) for name, ages in rows if ages]
    if axis in SEX_AXES:
        if chosen.sexes is None:
            return None
        sex_of = dict(zip(LABELS_OF_CAREER, SEX_OF_CAREER, strict=True))
        return [(str(one), [one]) for one in labels if sex_of.get(str(one), str(one)) in chosen.sexes]
    wanted = chosen.schemes if axis in SCHEME_AXES else None
    return [(str(one), [one]) for one in labels if wanted is None or str(one) in wanted]


LABELS_OF_CAREER = tuple(name for axis, name in WORDS if axis == "career")


def _band(first: int, last: int) -> str:
    last_age = int(LABELS["age"][-1])
    return str(first) if first == last else f"{first}-{last}" if last < last_age else f"{first}+"


def label_word(axis: str, name: str, lang: str) -> str:
    """What a label is called; ages are numbers in both languages."""
    row = WORDS.get((axis, name))
    return str(getattr(row, lang)) if row is not None else name
