"""Words of the command line and of errors, in English and Chinese.

``messages.yaml`` holds the words; ``refusals/*.yaml`` hold the texts of the errors, one file a room, and are read only
when an error is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from simengine.common import plain_yaml

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """A text in both languages, filled into a message of either."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


@cache
def table() -> Mapping[str, Mapping[Language, str]]:
    """Every word by its key."""
    return _read(Path(__file__).with_name("messages.yaml"))["words"]  # type: ignore[no-any-return]


@cache
def refusals() -> Mapping[str, Mapping[str, Mapping[Language, str]]]:
    """Texts of every error by its code: message, and where it helps what is allowed and a hint."""
    found: dict[str, Any] = {}
    for path in sorted(Path(__file__).with_name("refusals").glob("*.yaml")):
        found |= _read(path)
    return found


def _read(path: Path) -> Any:
    return plain_yaml.parse(path.read_text(encoding="utf-8"))[0]


def say(key: str, lang: Language = "en", /, **values: Any) -> str:
    """One text of the key table with its values filled in.

    >>> say("years", "zh", first=2021, last=2095)
    '2021至2095年'
    """
    return filled(table()[key][lang], lang, values)


def filled(text: str, lang: Language, values: Mapping[str, Any]) -> str:
    """A text with its values filled in; `Words` and places among them are said in the language of the text."""

    def said(value: Any) -> Any:
        if isinstance(value, Words):
            return getattr(value, lang)
        if isinstance(value, str):
            return place_text(value, lang)
        return "null" if value is None else value

    return text.format(**{name: said(value) for name, value in values.items()})


_LINE = re.compile(r", line (\d+)(?:, column ([^,\n]+))?$")
_CELL = re.compile(r", sheet ([^,\n]+)(?:, cell ([A-Z]+\d+))?$")


def place_text(place: str, lang: Language) -> str:
    """A place in a file as it is said: line and column of a text, sheet and cell of a workbook.

    >>> place_text("own.csv, line 2, column unit", "zh"), place_text("own.xlsx, sheet actuals, cell F2", "zh")
    ('own.csv第2行unit列', 'own.xlsx的actuals工作表F2单元格')
    """
    if lang == "en":
        return place

    def line(at: re.Match[str]) -> str:
        counted = "第" if at[2] and at[2].isdigit() and len(at[2]) < 4 else ""  # a column without a heading
        return f"第{at[1]}行" + (f"{counted}{at[2]}列" if at[2] else "")

    return _CELL.sub(lambda at: f"的{at[1]}工作表" + (f"{at[2]}单元格" if at[2] else ""), _LINE.sub(line, place))


def shown(value: Any) -> str:
    """A value as it would be written in the file, shortened."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:z_.0f}" if abs(value) >= 10_000 else f"{value:z.0f}"
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 10_000 else str(value)
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def words(key: str, /, **values: Any) -> Words:
    """A text of the key table in both languages."""
    return Words(*(say(key, lang, **values) for lang in LANGUAGES))


def has(key: str) -> bool:
    """Whether the key table knows this word."""
    return key in table()


def near(word: str, known: Iterable[str]) -> str:
    """The known word nearest to a misspelt one; empty when none is near.

    >>> near("jiangxi/baselin", ["jiangxi/baseline", "hubei/baseline"])
    'jiangxi/baseline'
    """
    import difflib

    matches = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def month_text(month: int) -> str:
    """A month index as text.

    >>> month_text(24300)
    '2025-01'
    """
    return f"{month // 12}-{month % 12 + 1:02d}"


def age_text(months: int, lang: Language = "en") -> str:
    """An age in months as text.

    >>> age_text(723), age_text(723, "zh")
    ('60y3m', '60岁3个月')
    """
    return f"{months // 12}y{months % 12}m" if lang == "en" else f"{months // 12}岁{months % 12}个月"


def age_words(months: int) -> Words:
    """An age in months as text in both languages."""
    return Words(age_text(months), age_text(months, "zh"))
