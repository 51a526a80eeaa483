"""Errors a user can act on: where, what, what is allowed, what to do next, in every language of the catalogue.

An error carries a code and values; its texts stand under that code in ``refusals/*.yaml``, one file a room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from simengine.common.messages import Language, Words, filled, place_text, refusals, say

Kind = TypeVar("Kind", bound="SimengineError")


class SimengineError(Exception):
    """Bad input, told in one message.

    Parameters
    ----------
    code : key of the texts in ``refusals/*.yaml``; the text itself where another package has no entry there, which may
        then give `allowed` and `hint` among the values
    where : file and line, table cell, or command-line argument
    near : the known word nearest to a misspelt one, offered before the hint of the catalogue
    values : what the texts name in braces; `Words` are said in the language asked for
    """

    def __init__(self, code: str, /, *, where: str = "", near: str = "", **values: Any) -> None:
        self.code = code
        self.where = where
        self.near = near
        self.values = values
        super().__init__(code)

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """Message, allowed range and hint in one language; the last two are empty where there are none."""
        entry = refusals().get(self.code)
        if entry is None:
            said = [self.code, str(self.values.get("allowed", "")), str(self.values.get("hint", ""))]
        else:
            said = [filled(entry[part][lang], lang, self.values) if part in entry else "" for part in PARTS]
        suggestion = say("did_you_mean", lang, word=self.near) if self.near else ""
        return said[0], said[1], ("" if lang == "zh" else " ").join(part for part in (suggestion, said[2]) if part)

    def words(self) -> Words:
        """The message alone, to be named inside another error."""
        return Words(self.parts("en")[0], self.parts("zh")[0])

    def as_kind(self, kind: type[Kind]) -> Kind:
        """The same error as one of another class."""
        return kind(self.code, where=self.where, near=self.near, **self.values)

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.parts("en")[0]

    @property
    def allowed(self) -> str:
        """What would be accepted, in English."""
        return self.parts("en")[1]

    @property
    def hint(self) -> str:
        """The next step, in English."""
        return self.parts("en")[2]

    def __str__(self) -> str:
        return localised(self, "en")


PARTS = ("message", "allowed", "hint")
"""Parts of an entry of the catalogue."""


class InputFileError(SimengineError):
    """A file cannot be read as what it should be."""


class CaseError(InputFileError):
    """A case of a person, or a table of them, cannot be computed as it is stated."""


class FundError(InputFileError):
    """Cash flows of a fund, or what is asked of them, cannot be taken as they are stated."""


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
        super().__init__("several_errors")
        self.errors = list(errors)

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """The errors, one a line; nothing allowed or advised beyond them."""
        return "\n".join(localised(error, lang) for error in self.errors), "", ""

    def __str__(self) -> str:
        return self.message


def raise_all(errors: Sequence[SimengineError]) -> None:
    """Raise nothing for none, the error itself for one, an `ErrorList` for more."""
    if not errors:
        return
    if len(errors) == 1:
        raise errors[0]
    raise ErrorList(errors)


def each_error(error: SimengineError) -> list[SimengineError]:
    """The single errors of one pass, lists inside lists opened."""
    if isinstance(error, ErrorList):
        return [single for inner in error.errors for single in each_error(inner)]
    return [error]


def localised(error: SimengineError, lang: Language) -> str:
    """One error as a sentence: where, what, what is allowed, what to do next."""
    message, allowed, hint = error.parts(lang)
    if lang == "en":
        return " ".join(
            part
            for part in (
                f"{error.where}: {_stop(message)}" if error.where else _stop(message),
                f"Allowed: {_stop(allowed)}" if allowed else "",
                _stop(hint) if hint else "",
            )
            if part
        )
    parts = [f"{place_text(error.where, lang)}：{message}" if error.where else message]
    if allowed:
        parts.append(f"允许：{allowed}")
    if hint:
        parts.append(hint)
    said = "；".join(part.rstrip("。.；？") for part in parts)
    return said + ("？" if parts[-1].endswith("？") else "。")


def _stop(text: str) -> str:
    return text if text.endswith(("?", "!", "？")) else text.rstrip(".") + "."
