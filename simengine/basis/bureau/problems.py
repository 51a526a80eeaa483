"""Errors of a bureau's tables, in the catalogue of messages.yaml; words that differ by language are told in each."""

from __future__ import annotations

from dataclasses import dataclass

from simengine.common.errors import BasisError
from simengine.common.messages import CodedError, Language, say


@dataclass(frozen=True)
class Words:
    """A text in both languages, filled into a message of either."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


def words(key: str, **values: object) -> Words:
    """A text of the key table in both languages."""
    return Words(*(say(key, lang, **_said(values, lang)) for lang in ("en", "zh")))


def _said(values: dict[str, object], lang: Language) -> dict[str, object]:
    return {name: getattr(value, lang) if isinstance(value, Words) else value for name, value in values.items()}


class BureauProblem(CodedError, BasisError):
    """What is wrong with a table of a bureau: which cell, what, what is allowed, what to do next."""

    def parts(self, lang: Language) -> tuple[str, str, str]:
        """Message, allowed range and hint; `Words` among the values are said in the language asked for."""
        stated = self.values
        self.values = _said(stated, lang)
        try:
            return super().parts(lang)
        finally:
            self.values = stated
