"""Progress is mentioned where it takes long, live on a terminal."""

from __future__ import annotations

import io
import re
import time

from simengine.common.messages import table
from simengine.common.progress import Reporter


def test_progress__speaks_only_of_what_takes_long() -> None:
    stream = io.StringIO()
    reporter = Reporter("zh", stream=stream, patience=0.05)
    reporter("read")
    reporter("project")
    time.sleep(0.3)
    reporter("write", 1, 2)
    reporter.close()
    lines = stream.getvalue().splitlines()
    assert lines[0] == f"{table()['progress.project']['zh']} …"
    assert re.fullmatch(r"  0\.\d s", lines[1])
    assert len(lines) == 2
    silent = io.StringIO()
    quiet = Reporter("en", quiet=True, stream=silent, patience=0.0)
    quiet("project")
    time.sleep(0.1)
    quiet.close()
    assert silent.getvalue() == ""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal__is_a_live_line() -> None:
    screen = Terminal()
    reporter = Reporter("en", stream=screen, patience=0.05)
    reporter("project")
    time.sleep(0.3)
    reporter("project", 3, 4)
    time.sleep(0.3)
    reporter.close()
    assert "projecting 3/4" in screen.getvalue()
