"""The command line: commands, and how each ends.

Exit codes: 0 done; 1 an error of the engine (a report file is written); 2 bad command or input; 3 a target is missed
(only with ``--fail-on-miss``); 4 an identity or integrity check failed; 5 the environment (disk, permission, lock);
130 interrupted; 141 nobody reads the output any more (the reader of a pipe has ended), and nothing else was wrong.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import metadata
from io import TextIOWrapper
from types import FrameType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from simengine.cli import (
    case,
    compare,
    fund,
    law,
    look,
    monitor,
    replay,
    run,
    sensitivity,
    solve,
    stress,
    sweep,
    table,
    what_if,
)
from simengine.cli.session import CURRENT, language_in
from simengine.kernels.compiler.notices import listen

DONE, BUG, INPUT, MISSED, INTEGRITY, ENVIRONMENT, INTERRUPTED, UNREAD = 0, 1, 2, run.MISSED, 4, 5, 130, 141
PLUGINS = "simengine.commands"
SWEEPS = (10_000, 10, 10)
"""New objects between two searches for dead ones (`gc`): a command keeps nearly all it makes, and 700 are too few."""

GRACE = 1.5
"""Seconds after an interruption within which the process ends, even while compiled code is running."""


class _Commands(TyperGroup):
    """Own commands and those other packages name in the entry-point group; the latter are imported when called."""

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return own + sorted(entry.name for entry in metadata.entry_points(group=PLUGINS) if entry.name not in own)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        entry = next((entry for entry in metadata.entry_points(group=PLUGINS) if entry.name == cmd_name), None)
        return None if entry is None else _plugin(entry)


def _plugin(entry: metadata.EntryPoint) -> TyperCommand:
    """A command that imports its package only when it is called."""

    def call(ctx: typer.Context) -> None:
        loaded = entry.load()
        command = typer.main.get_command(loaded) if isinstance(loaded, typer.Typer) else loaded
        if not hasattr(command, "main"):
            single = typer.Typer(add_completion=False)
            single.command()(loaded)
            command = typer.main.get_command(single)
        code = command.main(args=ctx.args, prog_name=f"simengine {entry.name}", standalone_mode=False)
        if isinstance(code, int) and code:
            raise typer.Exit(code)

    holder = typer.Typer(add_completion=False)
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    line = _first_line(entry)
    holder.command(entry.name, context_settings=settings, help=line, short_help=line)(call)
    return typer.main.get_command(holder)  # type: ignore[return-value]


def _first_line(entry: metadata.EntryPoint) -> str:
    """First line of the docstring of a command of another package, read from its source and not imported."""
    import ast
    import importlib.util

    name, _, attribute = entry.value.partition(":")
    with contextlib.suppress(ImportError, ValueError, OSError, SyntaxError):
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            with open(found.origin, encoding="utf-8") as source:
                tree = ast.parse(source.read())
            functions = (each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == attribute)
            text = ast.get_docstring(next(functions, tree))
            if text:
                return text.splitlines()[0]
    return f"From {entry.dist.name if entry.dist is not None else name}."


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Project social insurance of a region and judge the targets of its plan.",
    epilog="Exit codes: 0 done, 1 error of the engine, 2 bad input, 3 target missed (--fail-on-miss), "
    "4 identity or integrity check failed, 5 disk, permission or lock, 130 interrupted, "
    "141 nobody reads the output.",
)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and stop.")
) -> None:
    """Project social insurance of a region and judge the targets of its plan."""
    if version:
        from simengine.common.version import __version__

        print(f"simengine {__version__}")
        raise typer.Exit(DONE)


for _name, _command in (
    ("run", run.run),
    ("check", run.check),
    ("targets", run.targets),
    ("table", table.table),
    ("compare", compare.compare),
    ("validate", look.validate),
    ("show", look.show),
):
    app.command(_name, cls=what_if.Grouped, epilog=what_if.epilog(_name))(_command)
app.command("sweep", cls=what_if.Grouped, epilog=sweep.EPILOG)(sweep.sweep)
app.command("monitor", cls=what_if.Grouped, epilog=monitor.EPILOG)(monitor.monitor)
app.command("solve", cls=what_if.Grouped, epilog=solve.EPILOG)(solve.solve)
app.command("stress", cls=what_if.Grouped, epilog=stress.EPILOG)(stress.stress)
app.command("sensitivity", cls=what_if.Grouped, epilog=sensitivity.EPILOG)(sensitivity.sensitivity)
app.command("replay")(replay.replay)
app.command("list")(look.list_all)
app.command("plot")(look.plot)
app.command("template")(look.template)
app.command("case", epilog=case.EPILOG)(case.case)
app.command("fund", epilog=fund.EPILOG)(fund.fund)
app.add_typer(law.app, name="law")


def execute(arguments: Sequence[str]) -> int:
    """Run one command; every way it can end is turned into its exit code and, where needed, a message.

    An error keeps its code where nobody reads its message.
    """
    listen(_note)
    code = _executed(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        unread = _unread()
        return code or unread
    return code


def _executed(arguments: Sequence[str]) -> int:
    try:
        code = typer.main.get_command(app).main(args=list(arguments), prog_name="simengine", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:  # what Typer makes of a keyboard interruption
            return _interrupted()
        return code if isinstance(code, int) else DONE
    except (KeyboardInterrupt, typer.Abort) as error:
        if isinstance(error.__cause__, EOFError):  # Typer takes the end of any file for a user who goes away
            return _ended(error.__cause__, arguments)
        return _interrupted()
    except BrokenPipeError:
        return _unread()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # what Typer makes of it
            return _unread()
        raise
    except Exception as error:
        return _ended(error, arguments)


def _ended(error: Exception, arguments: Sequence[str]) -> int:
    """Message and exit code of an error."""
    from simengine.cli.usage import as_typed, is_usage

    if is_usage(error):
        from simengine.common.errors import localised

        _complain(localised(as_typed(error), language_in(arguments) or CURRENT.lang))
        return INPUT
    from simengine.common.errors import ModelError, SimengineError, each_error, localised
    from simengine.common.files import OutputError
    from simengine.common.messages import say
    from simengine.engine.results import ResultError

    if isinstance(error, OutputError | OSError | MemoryError):
        told = error.parts(CURRENT.lang)[0] if isinstance(error, SimengineError) else str(error)
        what = told or type(error).__name__
        _complain(say("environment", CURRENT.lang, what=what.rstrip(".")))
        return ENVIRONMENT
    if isinstance(error, SimengineError):
        single = each_error(error)
        for each in single:
            _complain(localised(each, CURRENT.lang))
        if len(single) > 1:
            _complain(say("errors_found", CURRENT.lang, count=len(single)))
        return INTEGRITY if isinstance(error, ModelError | ResultError) else INPUT
    _complain(say("bug", CURRENT.lang, path=_report(error, arguments)))
    return BUG


def _note(code: str, values: dict[str, str]) -> None:
    """Say a notice of the compiler on standard error."""
    from simengine.common.messages import say

    CURRENT.note(say(f"kernels.{code}", CURRENT.lang, **values))


def _complain(text: str) -> None:
    """Say why the command ends; where nobody reads it, the exit code alone says it."""
    try:
        print(text, file=sys.stderr)
    except BrokenPipeError:
        _unread()


def _interrupted() -> int:
    from simengine.common.files import discard_temporaries
    from simengine.common.messages import say

    discard_temporaries()
    _complain(say("interrupted", CURRENT.lang))
    return INTERRUPTED


def _unread() -> int:
    """Nobody reads the output any more: what is still to be printed goes nowhere, without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # a stream in memory has no file
            os.dup2(nowhere, stream.fileno())
    return UNREAD


def _report(error: Exception, arguments: Sequence[str]) -> str:
    """Write what a developer needs to find an error of the engine; returns the path of the file."""
    import tempfile
    import traceback

    from simengine.common.processors import processors
    from simengine.common.version import __version__
    from simengine.engine.results import environment

    lines = [
        f"simengine {__version__}",
        *(f"{name} {value}" for name, value in environment(processors()).items()),
        f"arguments: {list(arguments)}",
        "",
        *traceback.format_exception(error),
    ]
    with tempfile.NamedTemporaryFile(
        "w", prefix="simengine-report-", suffix=".txt", delete=False, encoding="utf-8"
    ) as handle:
        handle.write("\n".join(lines))
    return handle.name


def _on_signal(number: int, frame: FrameType | None) -> None:
    """End soon whatever runs: compiled code on other threads cannot be interrupted, so the process is ended then."""

    def end() -> None:
        os._exit(_interrupted())

    timer = threading.Timer(GRACE, end)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt


def _speak_any_encoding() -> None:
    """Print a character that the terminal's encoding lacks as its number (\\u4e07), where Python would stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main() -> None:
    """Entry point of the `simengine` command."""
    _speak_any_encoding()
    gc.set_threshold(*SWEEPS)
    signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)
    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
