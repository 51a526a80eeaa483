"""Packaged levers that a scenario can take: which are of its region, and which are assumptions and no measures."""

from __future__ import annotations

from simengine.common import strict_yaml
from simengine.scenario.closures import read_closures
from simengine.scenario.inherit import find_file, is_file, packaged


def for_region(lever: str, region: str) -> bool:
    """Whether a lever is not one of another region: packaged levers of a region begin with its name."""
    owner = lever.partition("_")[0]
    others = {name.partition("/")[0] for name in packaged()} - {region}
    return is_file(lever) or owner not in others


def measures(region: str) -> list[str]:
    """Packaged levers that somebody can pull in a region.

    Left out are those of other regions, values of the closures, and what moves births, deaths and moves: assumptions.
    """
    assumed = {key for entry in read_closures().content.closures.values() for key in entry.variants.values()}
    mine = [name for name in packaged("levers") if for_region(name, region) and name not in assumed]
    return [name for name in mine if "demography" not in _sections(name)]


def _sections(name: str) -> set[str]:
    return {str(key) for key in strict_yaml.load(find_file(name, "levers", None, "")).data}
