"""Types of the fields that scenario, lever and case files share: shares, years, dates, law values."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Number = Annotated[float, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Growth = Annotated[float, Field(strict=True, ge=-0.5, le=0.5)]
Indexation = Annotated[float, Field(strict=True, ge=-0.1, le=0.3)]
Year = Annotated[int, Field(strict=True, ge=1993, le=2200)]
Persons = Annotated[float, Field(strict=True, gt=0.0, le=2_000_000_000.0)]
Text = Annotated[str, Field(strict=True, min_length=1)]
Name = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*$")]
LawKey = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*(/[a-z0-9_]+)+$")]


class Frozen(BaseModel):
    """Unknown keys, NaN and infinity are refused; nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def as_tuple(value: Any) -> Any:
    """A list as a tuple; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def as_listed(value: Any) -> Any:
    """A list as a tuple, a single item as a tuple of one."""
    return as_tuple(value) if isinstance(value, list | tuple) else (value,)


def _as_date(value: Any) -> Any:
    """A date from a date or from its ISO text; everything else is an error that says how to write it."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("law_date", "not a date", {"value": str(value)})


def _law_value(value: Any) -> Any:
    """A number, null, a text code, or a list or mapping of these; numbers finite, no true/false."""
    if isinstance(value, dict):
        return {key: _law_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_law_value(item) for item in value]
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise PydanticCustomError("law_value", "not a law value", {"value": str(value)})
    if value is None or isinstance(value, int | float | str):
        return value
    raise PydanticCustomError("law_value", "not a law value", {"value": str(value)})


LawDate = Annotated[datetime.date, BeforeValidator(_as_date)]
LawValue = Annotated[Any, BeforeValidator(_law_value)]
