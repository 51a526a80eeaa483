"""What is wrong with a command as it was typed, in the words of the catalogue instead of those of Typer."""

from __future__ import annotations

from typing import Any

from simengine.common.errors import SimengineError
from simengine.common.messages import near

UNKNOWN_COMMAND, EXTRA, WHOLE_NUMBER = "No such command", "Got unexpected extra argument", "Input should be a valid int"
"""Beginnings of the texts of Typer that no class of its errors tells apart."""


def is_usage(error: Exception) -> bool:
    """Whether an error is one of a command typed wrongly, as Typer reports it."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def as_typed(error: Any) -> SimengineError:
    """The error of the catalogue for one that Typer reports; its own text where the kind is not known here."""
    kind, context = type(error).__name__, getattr(error, "ctx", None)
    command = context.command_path if context is not None else "simengine"
    text = str(error.format_message()).rstrip(".")
    if kind == "NoSuchOption":
        known = [name for parameter in context.command.params for name in parameter.opts] if context else []
        suggestion = near(error.option_name, known)
        return SimengineError("usage_option", where=command, near=suggestion, name=error.option_name, command=command)
    if kind == "MissingParameter":
        return SimengineError("usage_missing", where=command, name=_name(error), command=command)
    if kind == "BadOptionUsage":
        return SimengineError("usage_no_value", where=command, name=error.option_name, command=command)
    if kind == "BadParameter" and text.partition(": ")[2].startswith(WHOLE_NUMBER):
        return SimengineError("usage_whole_number", where=command, name=_name(error), command=command)
    if text.startswith(UNKNOWN_COMMAND):
        quoted = text.partition("'")[2].partition("'")[0]
        known = context.command.list_commands(context) if context else []
        return SimengineError("usage_command", where=command, near=near(quoted, known), name=quoted, command=command)
    if text.startswith(EXTRA):
        given = text.partition("(s) (")[2].removesuffix(")")
        return SimengineError("usage_extra", where=command, given=given, command=command)
    return SimengineError("usage_other", where=command, text=text, command=command)


def _name(error: Any) -> str:
    """Name of the option or argument that an error is about, as help prints it."""
    hint = error.param_hint or (error.param.get_error_hint() if error.param is not None else "")
    return (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")
