"""Limits that a number of a file must keep are told as they are: with the limit itself or without it."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from simengine.common.errors import LeverError, localised
from simengine.common.fields import Frozen
from simengine.common.messages import LANGUAGES
from simengine.common.problems import validated


class Content(Frozen):
    """One number for each kind of limit."""

    from_two: Annotated[float, Field(strict=True, ge=2.0)] = 3.0
    above_two: Annotated[float, Field(strict=True, gt=2.0)] = 3.0
    to_five: Annotated[float, Field(strict=True, le=5.0)] = 3.0
    below_five: Annotated[float, Field(strict=True, lt=5.0)] = 3.0
    below_one: Annotated[float, Field(strict=True, lt=1.0)] = 0.5
    above_year: dict[Annotated[int, Field(gt=1993)], float] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("key", "value", "code", "english", "chinese"),
    [
        ("from_two", 1.9, "too_small", "from_two is 1.9. Allowed: from 2", "允许：不小于2"),
        ("above_two", 2.0, "not_above", "above_two is 2. Allowed: above 2", "允许：大于2"),
        ("to_five", 5.1, "too_large", "to_five is 5.1. Allowed: up to 5", "允许：不大于5"),
        ("below_five", 5.0, "not_below", "below_five is 5. Allowed: below 5", "允许：小于5"),
        ("below_one", 45.0, "looks_like_percent", "0.45 for 45", "45"),
        ("above_year", {1993: 1.0}, "year_too_small", "Allowed: from 1994 on", "允许：1994年起"),
    ],
)
def test_limit__is_told_with_or_without_itself(key: str, value: object, code: str, english: str, chinese: str) -> None:
    found, (error,) = validated(Content, {key: value}, lambda *_: "file, line 1", LeverError)
    assert (found, error.code) == (None, code)
    assert english in str(error) and chinese in localised(error, "zh")
    content, none = validated(Content, {"from_two": 2.0, "to_five": 5.0}, lambda *_: "", LeverError)
    assert content is not None and not none


class Choice(Frozen):
    """One of several words; nothing stands for a key that is left out."""

    status: Literal["enterprise", "flexible", "resident", "unemployment", "injury", ""] = ""


def test_list_of_words__is_whole_however_long_and_has_no_empty_item() -> None:
    """The list is longer than a message shows of a value: it ended in a cut word that was printed as nothing."""
    _, (error,) = validated(Choice, {"status": "residents"}, lambda *_: "file, line 1", LeverError)
    for lang in LANGUAGES:
        assert error.parts(lang)[1] == "enterprise, flexible, resident, unemployment, injury"
    assert error.near == "resident"
