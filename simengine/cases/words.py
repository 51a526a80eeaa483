"""Words of the cases in two languages, and how numbers are printed. One key table: words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from simengine.common import strict_yaml
from simengine.common.messages import Language, Words

Table = Mapping[str, Mapping[str, Any]]


@cache
def tables() -> Mapping[str, Table]:
    """Every table of words.yaml by its name."""
    data: Mapping[str, Table] = strict_yaml.load(Path(__file__).with_name("words.yaml")).data
    return data


def word(table: str, key: str, lang: Language, /, **values: Any) -> str:
    """One word or sentence."""
    text: str = tables()[table][key][lang]
    return text.format(**values) if values else text


def code_words(code: str) -> Words:
    """A code of the law, or an entry of one of its tables, in both languages; itself where there are no words."""
    found = tables()["codes"].get(code) or tables()["entries"].get(code, {"en": code, "zh": code})
    return Words(found["en"], found["zh"])


def component_entry(entry: str) -> Mapping[str, Any]:
    """Names, unit, formula and document of a component."""
    found: Mapping[str, Any] = tables()["components"][entry]
    return found


def shown(value: Any) -> str:
    """A number or text as it is put into a formula: a share of the law in percent, no trailing zeros.

    >>> shown(0.8523), shown(7054.0), shown(1780.2571)
    ('0.8523', '7054', '1780.2571')
    """
    parameter = getattr(value, "parameter", None)
    if parameter is not None:
        number = value.value
        if parameter.unit.symbol == "1" and isinstance(number, int | float):
            return f"{_number(100.0 * number)}%"
        return shown(number)
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    text = f"{value:z.4f}" if abs(value) >= 1000.0 else f"{value:z.10g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
