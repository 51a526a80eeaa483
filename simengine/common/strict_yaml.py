"""Strict reading of YAML: what is ambiguous is refused, with file and line.

The reader accepts plain data only (mappings, lists, text, whole and decimal numbers, true/false, null, dates).
It refuses tags, anchors, aliases, merge keys, repeated keys, several documents, NUL bytes, files over 1 MB, nesting
deeper than 40, and every number that other readers take for text or round silently: ``2.6e8``, ``1,000``, ``007``,
``0x10``, ``.5``, ``.inf``. Large whole numbers are written ``260_000_000``.

The syntax is parsed by ruamel.yaml (imported on first use); the meaning of every plain scalar is decided here, so that
it does not change with the version of the parser. Where PyYAML brings libyaml, which is ten times faster, that parses
plain texts first; what it or the rules here refuse, and texts with characters on which the two may differ, go to
ruamel.yaml, whose verdict and words hold.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simengine.common.errors import InputFileError

MAX_BYTES = 1_048_576
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:_\d{3})+)")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9]\d*|[1-9]\d{0,2}(?:_\d{3})+)\.\d+")
_SMALL_EXPONENT = re.compile(r"[-+]?\d(?:\.\d+)?[eE]-\d{1,3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
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
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER_BEGINS = frozenset("+-.0123456789")
"""What every number, date and time begins with."""
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_OLD_BOOLEAN = frozenset({"yes", "no", "on", "off", "y", "n"})

Key = str | int | datetime.date


@dataclass(frozen=True)
class Doc:
    """One file read strictly.

    Attributes
    ----------
    data : plain dict, list, str, int, float, bool, None or datetime.date
    path : the name shown in errors
    """

    data: Any
    path: str
    _lines: dict[tuple[Key, ...], int] = field(default_factory=dict, repr=False)

    def line(self, *keys: Key) -> int:
        """Line (from 1) on which the item reached by ``keys`` begins; of the nearest known parent when it is absent.

        A date key may be given as a date or as its ISO text; a list item by its position.
        """
        path = tuple(keys)
        while path:
            for variant in (path, tuple(_as_date(key) for key in path)):
                if variant in self._lines:
                    return self._lines[variant]
            path = path[:-1]
        return self._lines.get((), 1)

    def where(self, *keys: Key) -> str:
        """``file, line n`` of the item reached by ``keys``, for the `where` of an error."""
        return f"{self.path}, line {self.line(*keys)}"


def load(path: str | Path) -> Doc:
    """Read one YAML file strictly.

    Raises
    ------
    InputFileError
        naming the file, the line and what to write instead.
    """
    return load_bytes(read_bytes(path), str(path))


def read_bytes(path: str | Path) -> bytes:
    """Bytes of a file; an InputFileError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputFileError(f"cannot read the file ({error.strerror})", where=str(path)) from error


def load_bytes(raw: bytes, name: str) -> Doc:
    """Read YAML from bytes; ``name`` stands for the file in errors."""
    if len(raw) > MAX_BYTES:
        raise InputFileError(
            f"file has {len(raw):_} bytes", where=name, allowed=f"up to {MAX_BYTES:_}", hint="Put large tables in CSV"
        )
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise InputFileError("NUL byte in a text file", where=f"{name}, line {line}", hint="Save the file as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputFileError("not UTF-8", where=f"{name}, line {line}", hint="Save the file as UTF-8") from error
    return load_text(text, name)


def load_text(text: str, name: str = "<text>") -> Doc:
    """Read YAML from text; ``name`` stands for the file in errors."""
    if not _LEFT_TO_PYTHON.search(text):
        try:
            return _built(_fast_events(text), name)
        except (ImportError, InputFileError):
            pass  # whatever is wrong is told below, always in the same words
    return _built(_events(text, name), name)


def _built(events: Iterator[Any], name: str) -> Doc:
    builder = _Builder(name)
    data = builder.document(events)
    return Doc(data=data, path=name, _lines=builder.lines)


def _as_date(key: Key) -> Key:
    if isinstance(key, str) and _DATE.fullmatch(key):
        try:
            return datetime.date.fromisoformat(key)
        except ValueError:
            return key
    return key


def _fast_events(text: str) -> Iterator[Any]:
    """Syntax events of libyaml, by PyYAML.

    Raises
    ------
    ImportError where PyYAML is absent or without libyaml; InputFileError for whatever libyaml refuses
    """
    from yaml import CLoader, YAMLError, parse

    try:
        yield from parse(text, Loader=CLoader)
    except YAMLError as error:
        raise InputFileError("not valid YAML") from error


def _events(text: str, name: str) -> Iterator[Any]:
    """Syntax events of ruamel.yaml, its errors turned into ours."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        yield from reader.parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}, line {mark.line + 1}" if mark is not None else name
        what = " ".join(str(part) for part in (error.problem, error.context) if part)
        raise InputFileError(f"not valid YAML: {what}", where=where) from error
    except YAMLError as error:
        raise InputFileError(f"not valid YAML: {str(error).splitlines()[0]}", where=name) from error


class _Builder:
    """Build plain data from syntax events, refusing whatever is not plain data."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[Key, ...], int] = {}

    def refuse(self, event: Any, message: str, **more: str) -> InputFileError:
        return InputFileError(message, where=f"{self.name}, line {event.start_mark.line + 1}", **more)

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
                    raise self.refuse(event, "second document in one file", hint="Split the file")
                if event.version or event.tags:
                    raise self.refuse(event, "directive line (%YAML or %TAG)", hint="Remove it")
                continue
            self.lines[()] = event.start_mark.line + 1
            data = self.value(event, events, (), 0)
        if data is None:
            raise InputFileError("file is empty", where=self.name)
        return data

    def value(self, event: Any, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> Any:
        kind = type(event).__name__
        if kind == "AliasEvent":
            raise self.refuse(event, "alias (*name)", hint="Write the value out")
        if event.anchor is not None:
            raise self.refuse(event, "anchor (&name)", hint="Write the value out where it is needed")
        if event.tag is not None:
            raise self.refuse(event, f"tag {event.tag}", hint="Write plain data without tags")
        if depth > MAX_DEPTH:
            raise self.refuse(event, "nesting too deep", allowed=f"{MAX_DEPTH} levels")
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
                raise self.refuse(
                    event, f'key "{key}" is repeated; it first stands on line {first_line[str(key)]}', hint="Keep one"
                )
            first_line[str(key)] = line
            here = (*path, key)
            self.lines[here] = line
            items[key] = self.value(next(events), events, here, depth + 1)
        return items

    def key(self, event: Any, events: Iterator[Any], path: tuple[Key, ...], depth: int) -> Key:
        if type(event).__name__ not in ("ScalarEvent", "AliasEvent"):
            raise self.refuse(event, "a mapping key is not a single word", allowed="text, whole number or date")
        key = self.value(event, events, path, depth)
        if key == "<<" and not event.style:
            raise self.refuse(event, "merge key (<<)", hint="Write the entries out")
        if isinstance(key, bool) or not isinstance(key, (str, int, datetime.date)):
            raise self.refuse(
                event, f"mapping key {event.value!r}", allowed="text, whole number or date", hint="Quote the key"
            )
        return key

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style:
            return text
        if text in _NULL:
            return None
        if text[0] not in _NUMBER_BEGINS:
            return self.word(event, text)
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text) or _SMALL_EXPONENT.fullmatch(text):
            return float(text)
        if _DATE.fullmatch(text):
            return self.date(event, text)
        if _LIKE_A_NUMBER.fullmatch(text) or _LIKE_A_TIME.fullmatch(text):
            raise self.refuse(
                event,
                f"{text} is not a number or date that every reader takes alike",
                allowed="1234, 260_000_000, 0.16, 2019-05-01",
                hint='Write it in one of these forms, or quote it ("...") if it is a code',
            )
        return text

    def word(self, event: Any, text: str) -> Any:
        """A plain text that begins like no number: true, false or itself."""
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if text.lower() in _OLD_BOOLEAN:
            raise self.refuse(
                event, f'"{text}" is read as yes/no by some readers', hint="Write true or false, or quote it"
            )
        return text

    def date(self, event: Any, text: str) -> datetime.date:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise self.refuse(event, f"{text} is not a date of the calendar") from error
