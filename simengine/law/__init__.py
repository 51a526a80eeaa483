"""What held, holds and was known when: one YAML file a parameter, read into a tree."""

from __future__ import annotations

from simengine.law.parameter import DatedValue, Extension, Parameter
from simengine.law.regions import Region, Regions, load_regions
from simengine.law.tree import Change, ExtensionUse, LawTree, last_review, load_law

__all__ = [
    "Change",
    "DatedValue",
    "Extension",
    "ExtensionUse",
    "LawTree",
    "Parameter",
    "Region",
    "Regions",
    "last_review",
    "load_law",
    "load_regions",
]
