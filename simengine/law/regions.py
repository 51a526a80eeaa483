"""Regions and their parents: the order in which a law value is looked for (area, city, province, nation)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from simengine.common import resources, strict_yaml
from simengine.common.errors import LawError, SimengineError, raise_all
from simengine.common.messages import near

LEVELS = ("nation", "province", "city", "county", "area")
NATION = "china"
OWN_FUND_LEVELS = ("nation", "province")
"""Who holds a pension fund in law: provinces collect, the nation pools since 2022 (model.md section 10)."""

Files = tuple[tuple[str, bytes], ...]
"""Name and bytes of files."""


@dataclass(frozen=True)
class Region:
    """One region: its key, statistical code, names, administrative level and parent key (None for the nation).

    `readings`: how the plan of the region and of its parts reads an open definition, where it is not the default.
    """

    key: str
    code: str
    name: str
    local_name: str
    level: str
    parent: str | None
    readings: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def holds_pension_fund(self) -> bool:
        """Whether the region holds a pension fund of its own in law."""
        return self.level in OWN_FUND_LEVELS


class Regions(Mapping[str, Region]):
    """All regions by key."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self._regions = dict(regions)

    def __getitem__(self, key: str) -> Region:
        if key not in self._regions:
            known = ", ".join(self._regions)
            raise LawError("law_region_unknown", near=near(key, self._regions), name=key, known=known)
        return self._regions[key]

    def __contains__(self, key: object) -> bool:
        return key in self._regions

    def __iter__(self) -> Iterator[str]:
        return iter(self._regions)

    def __len__(self) -> int:
        return len(self._regions)

    def chain(self, key: str | None) -> tuple[str, ...]:
        """The region and its parents, nearest first; ``None`` stands for the nation.

        Examples
        --------
        ``chain("haiyan") == ("haiyan", "zhejiang", "china")``
        """
        found: list[str] = []
        here = self[NATION if key is None else key]
        while True:
            found.append(here.key)
            if here.parent is None:
                return tuple(found)
            here = self[here.parent]

    def children(self, key: str) -> tuple[str, ...]:
        """Keys of the regions whose parent is ``key``, in file order."""
        return tuple(region.key for region in self._regions.values() if region.parent == key)


def load_regions(path: Path | None = None) -> Regions:
    """Read ``regions.yaml``, the packaged one by default; every parent must exist and be of a higher level.

    The packaged regions are followed by those of the user's own bases, where there are any (`resources.own_regions`).
    """
    return regions_of(region_files(path or resources.scenarios_root() / "regions.yaml"))


def region_files(path: Path) -> Files:
    """Name and bytes of ``regions.yaml`` and, for the packaged one, of the user's own beside it."""
    paths = [path]
    own = resources.own_regions()
    if own is not None and path == resources.scenarios_root() / path.name:
        paths.append(own)
    return tuple((str(each), strict_yaml.read_bytes(each)) for each in paths)


@lru_cache(maxsize=8)
def regions_of(files: Files) -> Regions:
    """Regions as these files say, told apart by every byte of them: what has not changed is not read again."""
    docs = [strict_yaml.load_bytes(raw, name) for name, raw in files]
    errors: list[SimengineError] = []
    regions: dict[str, Region] = {}
    places: dict[str, str] = {}
    for doc in docs:
        if not isinstance(doc.data, dict):
            raise LawError("regions_form", where=doc.where())
        for key, entry in doc.data.items():
            try:
                if str(key) in regions:
                    raise LawError("regions_twice", where=doc.where(key), name=key)
                regions[str(key)] = _region(str(key), entry, doc.where(key))
                places[str(key)] = doc.where(key)
            except SimengineError as error:
                errors.append(error)
    errors += [error for key in regions for error in _family_errors(key, regions, places[key])]
    if NATION not in regions:
        errors.append(LawError("regions_nation", where=docs[0].where(), name=NATION))
    raise_all(errors)
    return Regions(regions)


def _region(key: str, entry: object, where: str) -> Region:
    wanted = {"code", "name", "level", "parent"}
    if not isinstance(entry, dict) or set(entry) - {"readings"} != wanted:
        raise LawError("regions_keys", where=where, name=key, known=", ".join(sorted(wanted)))
    name = entry["name"]
    if not isinstance(name, dict) or set(name) != {"en", "local"}:
        raise LawError("regions_names", where=where, name=key)
    if entry["level"] not in LEVELS:
        raise LawError("regions_level", where=where, name=key, value=entry["level"], known=", ".join(LEVELS))
    if not isinstance(entry["code"], str):
        raise LawError("regions_code", where=where, name=key, value=entry["code"])
    readings = entry.get("readings", {})
    if not isinstance(readings, dict) or not all(isinstance(word, str) for word in (*readings, *readings.values())):
        raise LawError("regions_readings", where=where, name=key)
    return Region(key, entry["code"], name["en"], name["local"], entry["level"], entry["parent"], readings)


def _family_errors(key: str, regions: dict[str, Region], where: str) -> list[SimengineError]:
    region = regions[key]
    if region.parent is None:
        if region.level == "nation":
            return []
        return [LawError("regions_orphan", where=where, name=key)]
    if region.parent not in regions:
        suggestion = near(str(region.parent), regions)
        return [LawError("regions_parent", where=where, near=suggestion, name=key, parent=region.parent)]
    if LEVELS.index(regions[region.parent].level) >= LEVELS.index(region.level):
        return [LawError("regions_height", where=where, name=key, parent=region.parent)]
    return []
