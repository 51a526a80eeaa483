"""Words of the calibration in English and Chinese (words.yaml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from simengine.common import strict_yaml
from simengine.common.messages import Language


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = strict_yaml.load(Path(__file__).with_name("words.yaml")).data
    return table


def say(key: str, lang: Language = "en", /, **values: Any) -> str:
    """One text with its values filled in.

    >>> say("by_data", "zh")
    '数据'
    """
    return _table()[key][lang].format(**values)
