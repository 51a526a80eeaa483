"""Where a person of a table is insured: region and city from what offices write, 湖北省武汉市, 宜昌, 徐州市."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simengine.cases.law import known_regions
from simengine.cases.read import region_names
from simengine.cases.table_cells import plain_text
from simengine.cases.table_read import ABSENT, BAD, IntArray, Table
from simengine.cases.words import tables
from simengine.common.messages import near
from simengine.law import LawTree

CITY_BASES = "pension/benefit_base_cities"
CITY_ENDINGS = ("土家族苗族自治州", "自治州", "林区", "地区", "市", "州")


@dataclass(frozen=True)
class Places:
    """Every place that can be written.

    Attributes
    ----------
    regions : name -> key of a region; cities : name -> region and key of a city with a base of its own
    """

    tree: LawTree
    regions: Mapping[str, str]
    cities: Mapping[str, tuple[str, str]]

    def find(self, text: str, within: str = "") -> tuple[str, str] | None:
        """Region and city (empty where none is meant) of a place; None where no place is called so.

        Parameters
        ----------
        within : key of the region it has to lie in; any where empty
        """
        name = plain_text(text).lower().replace(" ", "") if not text.isascii() else text.strip().lower()
        found = self._one(name)
        if found is None:
            starts = sorted((known for known in self.regions if name.startswith(known)), key=len, reverse=True)
            for known in starts:
                found = self.find(name.removeprefix(known).strip(" -/"), self.regions[known])
                if found is not None:
                    break
        if found is not None and within and within not in self.tree.regions.chain(found[0]):
            return None
        return found

    def _one(self, name: str) -> tuple[str, str] | None:
        if name in self.regions:
            return self.regions[name], ""
        return self.cities.get(name) or next(
            (self.cities[short] for end in CITY_ENDINGS if (short := name.removesuffix(end)) in self.cities and short),
            None,
        )

    def nearest(self, text: str) -> str:
        """Key of the region or city whose name is nearest to a misspelt one."""
        known = {**{name: city for name, (_, city) in self.cities.items()}, **self.regions}
        return known.get(near(text, known), "")


def places_of(tree: LawTree) -> Places:
    """Places of a law tree."""
    parameter = tree[CITY_BASES]
    local = tables()["cities"]
    cities: dict[str, tuple[str, str]] = {}
    for region, values in parameter.regional.items():
        for city in {str(label) for entry in values if isinstance(entry.value, dict) for label in entry.value}:
            for name in (city, *(str(name).lower() for name in local.get(city, {}).values())):
                cities.setdefault(name, (region, city))
    return Places(tree, region_names(tree), cities)


def read_places(table: Table, tree: LawTree) -> tuple[IntArray, list[str], IntArray, list[str]]:
    """Position of every row's region among those that occur, and of its city; unknown regions are noted.

    A city that is a region of its own is taken as that region; a city in the column of the region gives both.
    """
    places = places_of(tree)
    texts, codes = table.labels["region"], table.words["region"]
    city_texts, city_codes = table.labels["city"], table.words["city"]
    pairs, group = np.unique(np.stack([codes, city_codes]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    found: list[tuple[str, str]] = []
    for code, city_code in pairs.T:
        stated = texts[code] if code >= 0 else ""
        found.append(_pair(places, stated, city_texts[city_code] if city_code >= 0 else ""))
    regions = sorted({region for region, _ in found if region and region != "?"})
    cities = sorted({city for _, city in found if city})
    position = [regions.index(key) if key in regions else (BAD if key == "?" else ABSENT) for key, _ in found]
    region = np.array(position or [ABSENT], dtype=np.int64)[group]
    city = np.array([cities.index(name) if name else ABSENT for _, name in found], dtype=np.int64)[group]
    _note(table, places, region)
    return region, regions, city, cities


def _pair(places: Places, stated: str, city: str) -> tuple[str, str]:
    """Region and city of a row: "" for a region left out, "?" for one nobody knows; an unknown city as it is."""
    if not stated:
        found = places.find(city) if city else None
        return found if found is not None else ("", "")
    own = places.find(stated)
    if own is None:
        return "?", ""
    if not city:
        return own
    inner = places.find(city, own[0])
    return inner if inner is not None else (own[0], plain_text(city))


def _note(table: Table, places: Places, region: IntArray) -> None:
    """A region that nobody knows, and one that is left out."""
    texts, codes, known = table.labels["region"], table.words["region"], known_regions(places.tree)
    unknown: npt.NDArray[np.bool_] = region == BAD
    said = lambda row: {"value": texts[codes[row]], "near": places.nearest(texts[codes[row]])}  # noqa: E731
    table.faults.note("case_region", "region", unknown, said, known=known)
    if "region" in table.headers:
        table.faults.note("case_cell_missing", "region", region == ABSENT, allowed=known)
    elif "city" in table.headers:
        cities, place = table.labels["city"], table.words["city"]
        lost = region == ABSENT
        stated = lambda row: {"value": cities[place[row]], "near": places.nearest(cities[place[row]])}  # noqa: E731
        table.faults.note("case_region", "city", lost & (place >= 0), stated, known=known)
        table.faults.note("case_cell_missing", "city", lost & (place < 0), allowed=known)
