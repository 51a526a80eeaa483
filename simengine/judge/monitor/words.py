"""Words of the monitor in two languages (words.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from simengine.common import strict_yaml
from simengine.common.messages import Words


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The key table of the monitor: group, key, language."""
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = strict_yaml.load(Path(__file__).with_name("words.yaml")).data
    return table


def word(group: str, key: str, lang: str, /, **values: Any) -> str:
    """One text with its values filled in."""
    return words()[group][key][lang].format(**values)


def both(group: str, key: str, /, **values: Any) -> Words:
    """One text in both languages."""
    return Words(word(group, key, "en", **values), word(group, key, "zh", **values))
