"""Turn what pydantic finds wrong in a file into errors of the catalogue, each with its file and line."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from simengine.common.errors import SimengineError
from simengine.common.messages import near, refusals, shown

Content = TypeVar("Content", bound=BaseModel)
Location = tuple[Any, ...]

# pydantic's type of error -> code of the catalogue; the rest carries the name it has in the catalogue, else `not_valid`
CODES = {
    "extra_forbidden": "unknown_key",
    "missing": "missing_key",
    "float_type": "not_a_number",
    "finite_number": "not_finite",
    "int_type": "not_a_whole_number",
    "invalid_key": "key_not_text",
    "string_type": "not_text",
    "string_unicode": "wrong_characters",
    "string_too_short": "empty_text",
    "string_pattern_mismatch": "wrong_form",
    "bool_type": "not_true_or_false",
    "dict_type": "not_a_mapping",
    "model_type": "not_a_mapping",
    "model_attributes_type": "not_a_mapping",
    "list_type": "not_a_list",
    "tuple_type": "not_a_list",
    "literal_error": "not_one_of",
    "greater_than_equal": "too_small",
    "greater_than": "not_above",
    "less_than_equal": "too_large",
    "less_than": "not_below",
    "too_short": "too_few",
    "too_long": "too_many",
}

LIMITS = ("too_small", "not_above", "too_large", "not_below")
"""Errors of a number beyond a limit: of the second and the fourth the limit itself is not allowed."""

ABOUT = {
    "years_reversed": "years",
    "horizon_start": "years",
    "increment_outside": "increments",
    "increments_total": "increments",
    "pools_repeated": "pools",
    "pools_of_branch": "pools",
    "limit_without_pool": "limits",
    "step_zero": "step_months",
    "ages_reversed": "ages",
    "ages_of_branch": "ages",
    "shape_without_years": "shape",
}
"""Errors found on a whole mapping that are about one key of it: code -> the key whose line is named."""


def validated(
    model: type[Content],
    data: Any,
    where: Callable[..., str],
    kind: type[SimengineError],
    elsewhere: Mapping[str, str] | None = None,
) -> tuple[Content | None, list[SimengineError]]:
    """Read `data` as `model`: the content, or every error in it at once.

    Parameters
    ----------
    where : file and line of the item reached by the given keys
    kind : class of the errors
    elsewhere : keys of the top level that belong into a file of another kind -> code of the error that says so
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        items = error.errors(include_url=False)
        return None, [_translate(model, item, data, where, kind, elsewhere or {}) for item in items]


def _translate(
    model: type[BaseModel],
    item: Any,
    data: Any,
    where: Callable[..., str],
    kind: type[SimengineError],
    elsewhere: Mapping[str, str],
) -> SimengineError:
    location = tuple(part for part in item["loc"] if part != "[key]")
    of_key = "[key]" in item["loc"]
    code = CODES.get(item["type"], item["type"])
    if code not in refusals():
        code = "not_valid"
    if code in ABOUT:
        location = (*location, ABOUT[code])
    keys = _in_data(location, data)
    values = {name: shown(value) for name, value in item.get("ctx", {}).items() if name != "error"}
    values["key"] = " > ".join(str(part) for part in keys) or "the file"
    values["value"] = str(location[-1]) if of_key and location else shown(item.get("input"))
    suggestion = ""
    if code == "unknown_key" and len(location) == 1 and location[0] in elsewhere:
        code = elsewhere[location[0]]
    elif code == "unknown_key":
        known = field_names(model, location[:-1])
        suggestion = near(str(location[-1]), known)
        values["known"] = ", ".join(known)
    elif code == "not_one_of":
        listed = str(item["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")  # whole, however long it is
        known = [word for word in listed.split(", ") if word]
        values["expected"] = ", ".join(known)
        suggestion = near(values["value"], known)
    elif code in LIMITS:
        code, values = _limit(code, item, values, of_key)
    return kind(code, where=where(*keys), near=suggestion, **values)


def _limit(code: str, item: Any, values: dict[str, Any], of_key: bool) -> tuple[str, dict[str, Any]]:
    """The limit that was broken, and a hint when a share looks like a percentage."""
    limit = next(item["ctx"][name] for name in ("ge", "gt", "le", "lt") if name in item["ctx"])
    values["limit"] = shown(limit)
    given = item.get("input")
    if of_key:
        values["limit"] = str(limit + {"not_above": 1, "not_below": -1}.get(code, 0))  # a year is a whole number
        return ("year_too_small" if code in ("too_small", "not_above") else "year_too_large"), values
    above = code in ("too_large", "not_below")
    if above and limit <= 1.0 and isinstance(given, int | float) and 1.0 < abs(given) <= 100.0:
        return "looks_like_percent", values | {"share": f"{given / 100:g}"}
    return code, values


def _in_data(location: Location, data: Any) -> Location:
    """The part of a location that stands in the file: keys that reading has added are left out."""
    keys: list[Any] = []
    for part in location:
        if isinstance(data, Mapping):
            keys.append(part)
            data = data.get(part, data.get(str(part)))
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            keys.append(part)
            data = data[part]
    return tuple(keys)


def field_names(model: Any, location: Location) -> list[str]:
    """Keys that may stand at a location of a file described by `model`; empty where any name may stand."""
    here = model
    for part in location:
        here = _inner(here, part)
        if here is None:
            return []
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _inner(annotation: Any, part: Any) -> Any:
    """Type found under one key or position of an annotated type, looking through optional and annotated types."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found = annotation.model_fields.get(part)
        return None if found is None else _bare(found.annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        return _bare(arguments[1])
    if origin is tuple:
        return _bare(arguments[0])
    return None


def item_type(annotation: Any) -> Any:
    """Type of the single items of a field, looking through optional and annotated types, lists and mappings."""
    bare = _bare(annotation)
    arguments = typing.get_args(bare)
    if typing.get_origin(bare) is dict:
        return item_type(arguments[1])
    return item_type(arguments[0]) if typing.get_origin(bare) is tuple else bare


def _bare(annotation: Any) -> Any:
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
        else:
            return annotation
