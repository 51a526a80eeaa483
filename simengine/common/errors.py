"""Errors a user can act on: what is wrong, where, what is allowed, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn


class SimengineError(Exception):
    """Bad input, told in one message.

    Parameters
    ----------
    message : what is wrong, with the offending value
    where : file and line, table cell, or command-line argument
    allowed : what would be accepted
    hint : the next step
    """

    def __init__(self, message: str, *, where: str = "", allowed: str = "", hint: str = "") -> None:
        self.message = message
        self.where = where
        self.allowed = allowed
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.message.rstrip(".") + "."]
        if self.where:
            parts[0] = f"{self.where}: {parts[0]}"
        if self.allowed:
            parts.append(f"Allowed: {self.allowed.rstrip('.')}.")
        if self.hint:
            parts.append(self.hint.rstrip(".") + ".")
        return " ".join(parts)


class InputFileError(SimengineError):
    """A file cannot be read as what it should be."""


class LawError(SimengineError):
    """A law parameter is missing, undated or out of range."""


class BasisError(SimengineError):
    """An assumption table is missing, changed or implausible."""


class ScenarioError(SimengineError):
    """A scenario is unknown or contradicts itself."""


class LeverError(SimengineError):
    """A lever names something that does not exist, or two levers change the same thing."""


class TargetError(SimengineError):
    """A target names an unknown indicator, region, unit or year."""


class ModelError(SimengineError):
    """The model cannot continue: a closure or a bound of the equations fails."""


class ErrorList(SimengineError):
    """Several errors of one pass, reported together."""

    def __init__(self, errors: Sequence[SimengineError]) -> None:
        self.errors = list(errors)
        Exception.__init__(self, "\n".join(str(error) for error in self.errors))
        self.message = str(self)
        self.where = self.allowed = self.hint = ""

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def raise_all(errors: Sequence[SimengineError]) -> None:
    """Raise nothing for none, the error itself for one, an `ErrorList` for more."""
    if not errors:
        return
    if len(errors) == 1:
        raise errors[0]
    raise ErrorList(errors)


def closest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to a misspelt one, as a hint; empty when nothing is near."""
    import difflib

    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'Did you mean "{matches[0]}"?' if matches else ""


def fail(error: SimengineError) -> NoReturn:
    """Raise, for use in expressions."""
    raise error
