"""Plain data out of YAML text: what is ambiguous is refused, by a code of the catalogue and the line.

The syntax is parsed by ruamel.yaml (imported on first use); the meaning of every plain scalar is decided here, so that
it does not change with the version of the parser: on, off, yes and no are names as keys and refused as values. Where
PyYAML brings libyaml, which is ten times faster, that parses plain texts first; what it or the rules here refuse, and
texts with characters on which the two may differ, go to ruamel.yaml, whose verdict and words hold.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 40
MAX_DIGITS = 300
"""Length of the longest whole number; decimal numbers end at 308 digits."""
FULL_WIDTH = "，：“”‘’；、｛｝［］＃（）"
"""Chinese signs that are easily typed for those of YAML."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:_\d{3})+)")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:_\d{3})+)\.\d+")
_SMALL_EXPONENT = re.compile(r"[-+]?\d(?:\.\d+)?[eE]-\d{1,3}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LIKE_A_NUMBER = re.compile(
    r"[-+]?(?:\d[\d_,]*\.?[\d_,]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?|[-+]?0[xXoObB][0-9a-fA-F_]+|[-+]?\.(?:inf|nan)",
    re.IGNORECASE,
)
_LIKE_A_TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?|\d{1,2}:\d{2}(?::\d{2})?")
_LEFT_TO_PYTHON = re.compile(
    r"[^\n -~\u00a1-\u2027\u2030-\ud7ff\uf900-\ufefe\uff00-\ufffd]|\\(?![\"\\nt])|^%|^\s*\?|[\[{,]\s*\?|:\s*[,\]]"
    r"|[|>]([-+0-9]*#|\S*\s*\n *\n)",
    re.MULTILINE,
)
"""Tabs and other control characters, line breaks beside the plain one, rare escapes, directives, keys marked by ``?``
or without a value in a list, block texts that begin with an empty line or a remark."""
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|\s#.*")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER_BEGINS = frozenset("+-.0123456789")
"""What every number, date and time begins with."""
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_OLD_BOOLEAN = frozenset({"yes", "no", "on", "off", "y", "n"})

Key = str | int | datetime.date


class Refused(ValueError):
    """A text that is no plain data: code of the catalogue, line (from 1) where it is known, values of the texts."""

    def __init__(self, code: str, line: int | None = None, /, **values: Any) -> None:
        self.code = code
        self.line = line
        self.values = values
        super().__init__(code, line, values)


def parse(text: str) -> tuple[Any, dict[tuple[Key, ...], int]]:
    """Data of a text, and the line on which the item under each path of keys begins.

    Raises
    ------
    Refused where the text is not plain data
    """
    if not _LEFT_TO_PYTHON.search(text):
        try:
            return _built(_fast_events(text))
        except (ImportError, Refused):
            pass  # whatever is wrong is told below, always in the same words
    return _built(_events(text))


def _built(events: Iterator[Any]) -> tuple[Any, dict[tuple[Key, ...], int]]:
    builder = _Builder()
    return builder.document(events), builder.lines


def _fast_events(text: str) -> Iterator[Any]:
    """Syntax events of libyaml, by PyYAML.

    Raises
    ------
    ImportError where PyYAML is absent or without libyaml; Refused for whatever libyaml refuses
    """
    from yaml import CLoader, YAMLError, parse

    try:
        yield from parse(text, Loader=CLoader)
    except YAMLError as error:
        raise Refused("yaml_form", reason="") from error


def _events(text: str) -> Iterator[Any]:
    """Syntax events of ruamel.yaml, its errors turned into ours."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        yield from reader.parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.problem, error.context) if part)
        raise _invalid(text, mark.line + 1 if mark is not None else None, what) from error
    except YAMLError as error:
        raise _invalid(text, None, str(error).splitlines()[0]) from error


def _invalid(text: str, line: int | None, reason: str) -> Refused:
    """What most likely makes a text no YAML, by the line on which reading stopped; else the words of the parser."""
    stopped = "" if line is None else "\n".join(text.splitlines()[max(line - 2, 0) : line])
    bare = _QUOTED.sub("", stopped)
    if "\t" in bare:
        return Refused("yaml_tab", line)
    sign = next((sign for sign in FULL_WIDTH if sign in bare), None)
    return Refused("yaml_form", line, reason=reason) if sign is None else Refused("yaml_chinese", line, sign=sign)


class _Builder:
    """Build plain data from syntax events, refusing whatever is not plain data."""

    def __init__(self) -> None:
        self.lines: dict[tuple[Key, ...], int] = {}

    def refuse(self, event: Any, code: str, **values: Any) -> Refused:
        """An error at the line of an event."""
        return Refused(code, event.start_mark.line + 1, **values)

    def document(self, events: Iterator[Any]) -> Any:
        data: Any = None
        seen = 0
        for event in events:
            kind = type(event).__name__
            if kind in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                continue
            if kind == "DocumentStartEvent":
                seen += 1
                if seen > 1:
                    raise self.refuse(event, "yaml_second")
                if event.version or event.tags:
                    raise self.refuse(event, "yaml_directive")
                continue
            self.lines[()] = event.start_mark.line + 1
            data = self.value(event, events, (), 0)
        if data is None:
            raise Refused("yaml_empty")
        return data

    def value(self, event: Any, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> Any:
        kind = type(event).__name__
        if kind == "AliasEvent":
            raise self.refuse(event, "yaml_alias")
        if event.anchor is not None:
            raise self.refuse(event, "yaml_anchor", name=event.anchor)
        if event.tag is not None:
            raise self.refuse(event, "yaml_tag", name=event.tag)
        if depth > MAX_DEPTH:
            raise self.refuse(event, "yaml_deep", limit=MAX_DEPTH)
        if kind == "ScalarEvent":
            return self.scalar(event)
        if kind == "SequenceStartEvent":
            return self.sequence(events, path, depth)
        return self.mapping(events, path, depth)

    def sequence(self, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            here = (*path, len(items))
            self.lines[here] = event.start_mark.line + 1
            items.append(self.value(event, events, here, depth + 1))
        return items

    def mapping(self, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> dict[Key, Any]:
        items: dict[Key, Any] = {}
        first_line: dict[str, int] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self.key(event, events, path, depth)
            line = event.start_mark.line + 1
            if str(key) in first_line:
                raise self.refuse(event, "yaml_repeated", key=key, first=first_line[str(key)])
            first_line[str(key)] = line
            here = (*path, key)
            self.lines[here] = line
            items[key] = self.value(next(events), events, here, depth + 1)
        return items

    def key(self, event: Any, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> Key:
        if type(event).__name__ not in ("ScalarEvent", "AliasEvent"):
            raise self.refuse(event, "yaml_key_form")
        if getattr(event, "value", "").lower() in _OLD_BOOLEAN and event.anchor is None and event.tag is None:
            return str(event.value)  # no file has a key that is true or false: on, no and y are names there
        key = self.value(event, events, path, depth)
        if key == "<<" and not event.style:
            raise self.refuse(event, "yaml_merge")
        if isinstance(key, bool) or not isinstance(key, (str, int, datetime.date)):
            raise self.refuse(event, "yaml_key", value=event.value)
        return key

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style:
            return self.plain(event, text)
        if text in _NULL:
            return None
        if text[0] not in _NUMBER_BEGINS:
            return self.word(event, text)
        if _INTEGER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                raise self.refuse(event, "yaml_digits", count=len(text), limit=MAX_DIGITS)
            return int(text)
        if _DECIMAL.fullmatch(text) or _SMALL_EXPONENT.fullmatch(text):
            return float(text)
        if DATE.fullmatch(text):
            return self.date(event, text)
        if _LIKE_A_NUMBER.fullmatch(text) or _LIKE_A_TIME.fullmatch(text):
            raise self.refuse(event, "yaml_number", value=text)
        return self.plain(event, text)

    def plain(self, event: Any, text: str) -> str:
        """A text without characters that no file, terminal or name can hold: NUL and halves of a character."""
        broken = _UNWRITABLE.search(text)
        if broken is not None:
            raise self.refuse(event, "yaml_character", sign=f"U+{ord(broken[0]):04X}")
        return text

    def word(self, event: Any, text: str) -> Any:
        """A plain text that begins like no number: true, false or itself."""
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if text.lower() in _OLD_BOOLEAN:
            raise self.refuse(event, "yaml_yes_no", value=text)
        return self.plain(event, text)

    def date(self, event: Any, text: str) -> datetime.date:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise self.refuse(event, "yaml_date", value=text) from error
