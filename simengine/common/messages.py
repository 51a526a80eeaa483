"""Words of the command line and of input errors, in English and Chinese, from one key table (messages.yaml).

An error made here carries its code and its values beside the English text, so that the command line can say the
same in the language the user asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from simengine.common import strict_yaml
from simengine.common.errors import ErrorList, LeverError, ScenarioError, SimengineError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """The whole key table: ``words`` (one text a key) and ``errors`` (message, allowed and hint a code)."""
    data: Mapping[str, Mapping[str, Any]] = strict_yaml.load(Path(__file__).with_name("messages.yaml")).data
    return data


def say(key: str, lang: Language = "en", /, **values: Any) -> str:
    """One text of the key table with its values filled in.

    >>> say("years", "zh", first=2021, last=2095)
    '2021至2095年'
    """
    text: str = table()["words"][key][lang]
    return text.format(**values)


def has(key: str) -> bool:
    """Whether the key table knows this word."""
    return key in table()["words"]


class CodedError(SimengineError):
    """An error of the catalogue: its text can be said in every language of the key table.

    Parameters
    ----------
    code : key under ``errors`` in messages.yaml
    where : file and line
    near : the known word nearest to a misspelt one, offered before the catalogue's own hint
    values : what the texts of the catalogue name in braces
    """

    def __init__(self, code: str, *, where: str = "", near: str = "", **values: Any) -> None:
        self.code = code
        self.values = values
        self.near = near
        message, allowed, said_hint = self.parts("en")
        super().__init__(message, where=where, allowed=allowed, hint=said_hint)

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """Message, allowed range and hint in one language; the last two are empty where the catalogue has none."""
        entry = table()["errors"][self.code]
        message, allowed, hint = (
            entry.get(part, {}).get(lang, "").format(**self.values) for part in ("message", "allowed", "hint")
        )
        suggestion = say("did_you_mean", lang, word=self.near) if self.near else ""
        return message, allowed, " ".join(part for part in (suggestion, hint) if part)


class ScenarioProblem(CodedError, ScenarioError):
    """A scenario error of the catalogue."""


class LeverProblem(CodedError, LeverError):
    """A lever error of the catalogue."""


def near(word: str, known: Iterable[str]) -> str:
    """The known word nearest to a misspelt one; empty when none is near.

    >>> near("jiangxi/baselin", ["jiangxi/baseline", "hubei/baseline"])
    'jiangxi/baseline'
    """
    matches = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""


def each_error(error: SimengineError) -> list[SimengineError]:
    """The single errors of one pass, lists inside lists opened."""
    if isinstance(error, ErrorList):
        return [single for inner in error.errors for single in each_error(inner)]
    return [error]


def localised(error: SimengineError, lang: Language) -> str:
    """One error as a sentence: where, what, what is allowed, what to do next."""
    message, allowed, hint = error.message, error.allowed, error.hint
    if isinstance(error, CodedError):
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
    parts = [f"{error.where}：{message}" if error.where else message]
    if allowed:
        parts.append(f"允许：{allowed}")
    if hint:
        parts.append(hint)
    said = "；".join(part.rstrip("。.；？") for part in parts)
    return said + ("？" if parts[-1].endswith("？") else "。")


def _stop(text: str) -> str:
    return text if text.endswith(("?", "!", "？")) else text.rstrip(".") + "."
