"""What items and areas of a table of actuals are called: keys, names of both languages, and what a slip may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from simengine.common.messages import near
from simengine.law.regions import Region, Regions
from simengine.registry.actuals import ENTERED, MEASURES, READING
from simengine.registry.inputs import SERIES

SCOPE = "pension_scope"
"""Definition that says whether the total of both schemes counts those who draw."""

TOTALS = {
    "uebps_payers": ("城镇职工基本养老保险缴费人数", "Payers in the employees' pension scheme"),
    "uebps_participants": (
        "城镇职工基本养老保险参保人数（含离退休人员）",
        "Members of the employees' pension scheme (retirees included)",
    ),
    "resident_participants": (
        "城乡居民基本养老保险参保人数（含领取待遇人员）",
        "Members of the resident pension scheme (recipients included)",
    ),
    "pension_participants.all_participants": (
        "基本养老保险参保人数（含离退休和领取待遇人员）",
        "Members of basic pension insurance, both schemes (retirees and recipients included)",
    ),
    "pension_participants.insured_not_yet_drawing": (
        "基本养老保险参保人数（不含离退休和领取待遇人员）",
        "Members of basic pension insurance, both schemes (without retirees and recipients)",
    ),
}
"""Totals that are offered, in Chinese and in English, each with its scope."""

SCOPED = {
    "resident_registered": (
        "居民养老保险参保人数（不含领取待遇人员）",
        "People registered in the resident scheme below 60 (without recipients)",
    ),
}
"""Series whose name in a table says the scope as well."""

OTHER_WORDS = {"members": "participants", "member": "participants", "retirees": "pensioners", "workers": "payers"}
"""Words of keys that are often written for others."""

ENDINGS = ("特别行政区", "自治区", "自治州", "地区", "省", "市", "县", "区")


def reading_of(region: str, regions: Regions, definitions: Mapping[str, str]) -> str:
    """How a region reads the total of both schemes: by the scenario, its own plan or that of a region above it."""
    if definitions.get(SCOPE):
        return str(definitions[SCOPE])
    stated = (regions[above].readings.get(SCOPE) for above in regions.chain(region) if above in regions)
    return next((word for word in stated if word), "")


def plain(name: str) -> str:
    """A name without its scope in brackets, blanks and letter case.

    >>> plain("参保人数（含离退休人员）"), plain("Members of X (retirees included)")
    ('参保人数', 'membersofx')
    """
    return "".join(name.partition("（")[0].partition("(")[0].split()).lower()


@cache
def _names() -> dict[str, str]:
    """Every name of an item in both languages -> its key; a name with its scope goes before one without."""
    found: dict[str, str] = {}
    for key, said in TOTALS.items():
        for name in said:
            found["".join(name.split()).lower().replace("(", "（").replace(")", "）")] = key
    for key in ENTERED:
        for name in (SERIES[key].zh, SERIES[key].en, *SCOPED.get(key, ())):
            found.setdefault("".join(name.split()).lower().replace("(", "（").replace(")", "）"), key)
    for key, said in TOTALS.items():
        for name in said:
            found.setdefault(plain(name), key.partition(READING)[0])
    return found


def item_key(text: str) -> str:
    """Key of an item that is written by its name in one of the languages; the text itself where it is no name.

    >>> item_key("失业保险参保人数"), item_key("基本养老保险参保人数"), item_key("ui_participants")
    ('unemployment_insured', 'pension_participants', 'ui_participants')
    """
    if text in SERIES or text in MEASURES:
        return text
    written = "".join(text.split()).lower().replace("(", "（").replace(")", "）")
    return _names().get(written, text)


def meant_item(text: str, rows: Iterable[str]) -> str:
    """Key of the item that a misspelt one is nearest to; empty where none is near."""
    spoken = {name.partition(READING)[0] for name in MEASURES}
    keys = [*ENTERED, *MEASURES, *sorted(spoken), *rows]
    lowered = text.lower()
    for word, usual in OTHER_WORDS.items():
        changed = "_".join(usual if part == word else part for part in lowered.replace(" ", "_").split("_"))
        if changed in keys or changed in spoken:
            return changed
    local = {row.zh: series for series, row in SERIES.items()}
    found = local.get(text) or near(text, keys)
    return found or _names().get(near("".join(text.split()).lower(), _names()), "")


# --- areas ------------------------------------------------------------------------------------------------------------


def region_key(text: str, regions: Regions, own: Iterable[str]) -> str:
    """Key of the region that a cell names by key, code or name, with or without 省, 市, 县; empty where none is known.

    `own`: keys of the region of the scenario and of its areas, which go before others of a like name.
    """
    if text in regions:
        return text
    order = [*own, *regions]
    exact = (key for key in order if key in regions and text in _called(regions[key]))
    short = (key for key in order if key in regions and _bare(text) in map(_bare, _called(regions[key])))
    return next(exact, "") or next(short, "")


def _called(region: Region) -> tuple[str, str, str]:
    return region.local_name, region.name, region.code


def _bare(name: str) -> str:
    """A name without what kind of region it is; a name of two signs stays whole."""
    lowered = name.strip().lower()
    for ending in ENDINGS:
        if lowered.endswith(ending) and len(lowered) - len(ending) >= 2:
            return lowered.removesuffix(ending)
    return lowered


def meant_region(text: str, regions: Regions, own: Iterable[str]) -> str:
    """Name of the own region or area that a misspelt one is nearest to; one sign of three is no likeness."""
    names = [name for key in own for name in _spoken(key, regions)]
    meant = near(text, names)
    same = sum(one == other for one, other in zip(text, meant, strict=False))
    return meant if meant and (meant.isascii() or same > 2 * max(len(text), len(meant)) / 3) else ""


def _spoken(key: str, regions: Regions) -> Iterator[str]:
    yield key
    if key in regions:
        yield from _called(regions[key])[:2]
