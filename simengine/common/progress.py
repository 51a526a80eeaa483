"""Say what is going on whenever it takes more than two seconds: a live line on a terminal, plain lines elsewhere.

Stages are named by their key in messages.yaml (``compile``, ``read``, ``spin_up``, ``project``, ...); a text that is
no key is shown as it is. Everything goes to standard error, so that standard output stays clean for ``--json``.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol

from simengine.common.messages import Language, has, say

PATIENCE = 2.0
"""Seconds a stage may last before it is mentioned."""


class Progress(Protocol):
    """What the engine calls while it works: a stage, and how much of it is done when that is known."""

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None: ...


class Reporter:
    """Progress on standard error.

    Parameters
    ----------
    lang : language of the stages
    quiet : say nothing
    stream : where to write; standard error by default
    patience : seconds before a stage is mentioned
    """

    def __init__(
        self, lang: Language = "en", *, quiet: bool = False, stream: IO[str] | None = None, patience: float = PATIENCE
    ) -> None:
        self.lang = lang
        self.quiet = quiet
        self.stream = stream if stream is not None else sys.stderr
        self.patience = patience
        self._stage = ""
        self._since = 0.0
        self._said = False
        self._timer: threading.Timer | None = None
        self._live: Any = None
        self._lock = threading.Lock()

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Enter a stage, or report how far it has come."""
        if self.quiet:
            return
        with self._lock:
            if stage != self._stage:
                self._leave()
                self._stage, self._since, self._said = stage, time.monotonic(), False
                self._timer = threading.Timer(self.patience, self._mention, (stage,))
                self._timer.daemon = True
                self._timer.start()
        if self._live is not None:
            self._live.update(self.text(stage, done, total))

    def words(self, stage: str) -> str:
        """What a stage is called in the language of the user."""
        word, _, rest = stage.partition(" ")
        key = f"progress.{word}"
        return f"{say(key, self.lang)} {rest}".rstrip() if has(key) else stage

    def text(self, stage: str, done: int = 0, total: int = 0) -> str:
        """One line about a stage."""
        return f"{self.words(stage)} {done}/{total}" if total else f"{self.words(stage)} …"

    def close(self) -> None:
        """Leave the last stage; nothing is written afterwards."""
        with self._lock:
            self._leave()
            self._stage = ""

    def _mention(self, stage: str) -> None:
        with self._lock:
            if stage != self._stage or self._said:
                return
            self._said = True
            if self.stream.isatty():
                from rich.console import Console
                from rich.status import Status

                self._live = Status(self.text(stage), console=Console(file=self.stream))
                self._live.start()
            else:
                print(self.text(stage), file=self.stream, flush=True)

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._said and not self.stream.isatty():
            print(f"  {time.monotonic() - self._since:z.1f} s", file=self.stream, flush=True)


@contextmanager
def reporting(lang: Language = "en", *, quiet: bool = False) -> Iterator[Reporter]:
    """A reporter that is closed whatever happens."""
    reporter = Reporter(lang, quiet=quiet)
    try:
        yield reporter
    finally:
        reporter.close()
