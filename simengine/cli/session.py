"""What every command shares: language, how much is said, and where it is printed."""

from __future__ import annotations

import codecs
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from simengine.common.processors import processors

if TYPE_CHECKING:
    from simengine.common.messages import Language

Lang = Annotated[
    str | None,
    typer.Option("--lang", help="Language of tables and errors, en or zh [SIMENGINE_LANG, else locale]."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads to use; all processors when left out.")]
Names = Annotated[
    list[str], typer.Argument(metavar="SCENARIO", help="Names (jiangxi/baseline) or files ending in .yaml.")
]


@dataclass
class Session:
    """How the command in hand talks to the user."""

    lang: Language = "en"
    quiet: bool = False
    json: bool = False

    def say(self, key: str, /, **values: Any) -> None:
        """Print a text of the key table on standard output, unless JSON or silence was asked for."""
        from simengine.common.messages import say

        self.tell(say(key, self.lang, **values))

    def tell(self, text: str, margin: int = 0, hang: int = 0) -> None:
        """Print a paragraph, folded at the width of the screen, unless JSON or silence was asked for."""
        from simengine.report.tables.printer import paragraph

        self.line(paragraph(text, margin, hang))

    def entries(self, pairs: Mapping[str, str]) -> None:
        """Print labels with their texts beside them, unless JSON or silence was asked for."""
        from simengine.report.tables.printer import entries

        self.line(entries(pairs))

    def table(self, rows: Sequence[Sequence[Any]], headings: Sequence[str] = (), **options: Any) -> None:
        """Print a table (`simengine.report.tables.printer.show`), unless JSON or silence was asked for."""
        from simengine.report.tables.printer import show

        if rows and not (self.quiet or self.json):
            show(rows, headings, self.lang, **options)

    def line(self, text: str) -> None:
        """Print one line of results on standard output, unless JSON or silence was asked for."""
        if not (self.quiet or self.json):
            print(text)

    def note(self, text: str) -> None:
        """Print a remark on standard error, unless silence was asked for."""
        if not self.quiet:
            print(text, file=sys.stderr)

    def result(self, content: Any) -> None:
        """Print the JSON object of the command, when JSON was asked for; in ASCII where the output is not UTF-8."""
        if self.json:
            foreign = codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"
            print(json.dumps(content, ensure_ascii=foreign, indent=2, default=_plain, allow_nan=False))

    def file(self, text: str) -> None:
        """Print the text of a file on standard output: in UTF-8, as files are, unless a terminal shows it."""
        if sys.stdout.isatty():
            text = text.removeprefix("\ufeff")
        elif isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        print(text, end="")


def language_of(text: str) -> Language | None:
    """The language that a word names, in any form of a locale (zh, ZH, zh_CN.UTF-8); None for another one."""
    start = text.replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return cast("Language", start) if start in ("en", "zh") else None


def language_in(arguments: Sequence[str]) -> Language | None:
    """The language asked for by ``--lang`` among arguments that could not be read; None where none is."""
    for place, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            return language_of(value or next(iter(arguments[place + 1 :]), ""))
    return None


def _language_here() -> Language:
    """Language of the environment: SIMENGINE_LANG, else the locale, else English."""
    named = (os.environ.get(name, "") for name in ("SIMENGINE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return language_of(next(filter(None, named), "")) or "en"


CURRENT = Session(lang=_language_here())
"""The session of this process; the command line reads it when a command ends in an error."""


def begin(lang: str | None = None, *, quiet: bool = False, as_json: bool = False) -> Session:
    """Set up the session from the options of a command."""
    if lang is not None:
        found = language_of(lang)
        if found is None:
            from simengine.common.errors import SimengineError

            raise SimengineError("language_unknown", where="--lang", name=lang, known="en, zh")
        CURRENT.lang = found
    CURRENT.quiet = quiet
    CURRENT.json = as_json
    return CURRENT


def threads_to_use(threads: int | None) -> int:
    """Checked number of threads; every processor this process may use when none is named."""
    available = processors()
    if threads is None:
        return available
    limit = 4 * available
    if not 1 <= threads <= limit:
        from simengine.common.errors import ScenarioError

        raise ScenarioError("threads_wrong", value=threads, limit=limit)
    return threads


def records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a table for JSON; what is no finite number is null."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if type(value).__name__ == "NAType":  # what pandas holds for an absent whole number
        return None
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
